//! The licences of an older system: one's own, else the real register where `TONGBAN_REALDATA` names its folder, else an invented one.

use super::city::{City, MARKET};
use super::own_files::{MAPPING, OwnLicences};
use super::progress::Progress;
use crate::import::licences::{LicenceImport, Mapping, import};
use crate::import::rows::Limits;
use crate::import_command::load_or_make_secret;
use crate::licence_import_command::{LicenceNode, file_time};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use tongban_types::codes::UnifiedSocialCreditCode;

/// Invented companies.
const INVENTED: u32 = 240;

/// What became of the rows.
#[derive(Clone, Copy, Debug)]
pub struct Imported {
    /// Where they come from: `own`, `real` or `invented`.
    pub data: &'static str,
    /// Licences that the ledger has from them.
    pub licences: u64,
    /// Rows that were not taken over.
    pub errors: u64,
    /// How long it took.
    pub seconds: f64,
}

/// Takes the licences over, as far as they are not known yet.
pub async fn take_over(city: &City<'_>, own: Option<OwnLicences>, progress: &Progress) -> anyhow::Result<Imported> {
    let dir = &city.cluster.dir;
    let begin = std::time::Instant::now();
    let register = Register::find(dir, own)?;
    let mut imported = Imported { data: register.data, licences: 0, errors: 0, seconds: 0.0 };
    let now = city.cluster.client(1).status().await?.time.unwrap_or(city.cluster.genesis.time);
    for (index, file) in register.files.into_iter().enumerate() {
        let bar = progress.steps(0, "接收历史证照", "Taking over historical licences");
        let options = LicenceImport {
            as_of: file_time(&file).min(now),
            file,
            mapping: register.mapping.clone(),
            by: MARKET.parse()?,
            calls_per_transaction: 100,
            dry_run: false,
            error_file: Some(dir.join(format!("licence-errors-{}.csv", index + 1))),
            faces: dir.join("faces"),
            secret: load_or_make_secret(&dir.join("licences.secret"))?,
            primitives: city.cluster.primitives(),
            limits: Limits::default(),
        };
        let target = LicenceNode::new(city.cluster.client(1), city.signer("market-issuer")?);
        let summary = import(&target, options, &bar).await?;
        bar.finish_and_clear();
        imported.licences += summary.imported + summary.already_imported;
        imported.errors += summary.errors + summary.broken_files;
    }
    imported.seconds = begin.elapsed().as_secs_f64();
    tell(&imported, dir, progress);
    Ok(imported)
}

fn tell(imported: &Imported, dir: &Path, progress: &Progress) {
    let Imported { licences, errors, seconds, .. } = imported;
    progress.chapter(
        &format!(
            "接收旧系统的历史证照 {licences} 份，用时 {seconds:.1} 秒。证面内容加密存放在各部门，账上只有它的指纹，掺了随机数，从中猜不出内容。"
        ),
        &format!(
            "{licences} historical licences of an older system are taken over, in {seconds:.1} s. What they say stays encrypted with the \
             department; the ledger has a fingerprint of it, mixed with random numbers, from which nobody guesses it."
        ),
    );
    if *errors > 0 {
        let dir = dir.display();
        progress.say(
            &format!("{errors} 行不能接收，原因见 {dir} 下的 licence-errors-*.csv"),
            &format!("{errors} rows were not taken over, for reasons that stand in licence-errors-*.csv in {dir}"),
        );
    }
}

/// Where licences come from.
struct Register {
    files: Vec<PathBuf>,
    mapping: Mapping,
    data: &'static str,
}

impl Register {
    fn find(dir: &Path, own: Option<OwnLicences>) -> anyhow::Result<Self> {
        if let Some(OwnLicences { file, mapping }) = own {
            return Ok(Self { files: vec![file], mapping, data: "own" });
        }
        let mapping = Mapping::parse(MAPPING)?;
        if let Some(real) = std::env::var_os("TONGBAN_REALDATA") {
            let entries = std::fs::read_dir(PathBuf::from(real).join("enterprises"))?;
            let mut files = entries.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<Vec<_>>>()?;
            files.retain(|path| path.to_string_lossy().ends_with(".csv.gz"));
            files.sort();
            return Ok(Self { files, mapping, data: "real" });
        }
        let path = dir.join("companies.csv");
        if !path.exists() {
            std::fs::write(&path, invented())?;
        }
        Ok(Self { files: vec![path], mapping, data: "invented" })
    }
}

/// Companies of an invented city, the same each time.
fn invented() -> String {
    const TRADES: [&str; 6] = ["餐饮", "水产", "物流", "建材", "软件", "园艺"];
    let mut text = String::from("企业名称,统一社会信用代码,注册日期,企业类型,法人代表,注册资金,经营范围,注册地址\n");
    for number in 0..INVENTED {
        let Some(code) = credit_code(number) else { continue };
        let trade = TRADES[number as usize % TRADES.len()];
        let (year, month, day) = (2008 + number % 17, 1 + number % 12, 1 + number % 28);
        // Writing to a text never fails.
        let _ = writeln!(
            text,
            "云港市{trade}{number:03}号有限公司,{code},{year}-{month:02}-{day:02},有限责任公司,某**,{}(万),{trade}经营,云港市港口街道{number}号",
            10 + number
        );
    }
    text
}

/// A code with a check character that fits.
fn credit_code(number: u32) -> Option<UnifiedSocialCreditCode> {
    let body = format!("91519900MA{number:06}7");
    "0123456789ABCDEFGHJKLMNPQRTUWXY".chars().find_map(|check| format!("{body}{check}").parse().ok())
}
