//! The records that the demonstration registers: public real ones where they are at hand, else invented ones.

use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Files of records.
pub struct Records {
    /// The files.
    pub files: Vec<PathBuf>,
    /// Where they come from: `real` or `invented`.
    pub data: &'static str,
}

/// The variable that names the folder with real data.
const REAL_DATA: &str = "TONGBAN_REALDATA";
/// Invented records.
const INVENTED: usize = 360;

/// The real permit log and donation lists where `TONGBAN_REALDATA` names their folder, else an invented list, which is
/// written into the demonstration's folder.
pub fn find(dir: &Path) -> anyhow::Result<Records> {
    if let Some(real) = std::env::var_os(REAL_DATA) {
        let real = PathBuf::from(real);
        let mut files = vec![real.join("permits").join("coselog_wabo_receipt.xes.gz")];
        let mut lists = Vec::new();
        for entry in std::fs::read_dir(real.join("donations"))? {
            lists.push(entry?.path());
        }
        lists.retain(|path| path.extension().is_some_and(|extension| extension == "csv"));
        lists.sort();
        files.append(&mut lists);
        return Ok(Records { files, data: "real" });
    }
    let path = dir.join("records.csv");
    if !path.exists() {
        std::fs::write(&path, invented())?;
    }
    Ok(Records { files: vec![path], data: "invented" })
}

/// Permit steps of an invented city, the same each time.
fn invented() -> String {
    const STEPS: [&str; 6] = ["收件", "受理", "现场核查", "审查", "决定", "送达"];
    const MATTERS: [&str; 5] = ["餐饮店开办", "排污许可延续", "临时占道", "取水许可", "公共场所卫生许可"];
    let mut text = String::from("办件编号,事项,环节,窗口,时间\n");
    for number in 0..INVENTED {
        let (case, step) = (number / STEPS.len(), number % STEPS.len());
        let matter = MATTERS[case % MATTERS.len()];
        let (month, day) = (1 + case % 12, 1 + (case * 3 + step) % 28);
        let window = 1 + (case * 7 + step) % 9;
        let step = STEPS[step];
        // Writing to a text never fails.
        let _ = writeln!(text, "YG2025{case:05},{matter},{step},{window}号窗口,2025-{month:02}-{day:02}T09:00:00Z");
    }
    text
}
