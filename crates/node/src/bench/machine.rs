//! The machine that a measurement was made on, from what Linux says about it.

use serde::Serialize;
use std::fs;
use std::path::Path;

/// What figures depend on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Machine {
    /// Cores that the program may use.
    pub cores: usize,
    /// Their model.
    pub cpu_model: String,
    /// The kernel's release.
    pub kernel: String,
    /// The file system that holds the nodes' data.
    pub filesystem: String,
    /// The load average over one minute before the measurement: others' work makes figures smaller.
    pub load_before: String,
}

/// Stands where the system does not tell.
const UNKNOWN: &str = "unknown";

/// Cores that the program may use.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

impl Machine {
    /// This machine, with the folder of the nodes' data.
    pub fn here(folder: &Path) -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        Self {
            cores: cores(),
            cpu_model: cpu_model(&read("/proc/cpuinfo")),
            kernel: first_word(&read("/proc/sys/kernel/osrelease")),
            filesystem: filesystem(&read("/proc/self/mountinfo"), folder),
            load_before: first_word(&read("/proc/loadavg")),
        }
    }
}

fn first_word(text: &str) -> String {
    text.split_whitespace().next().unwrap_or(UNKNOWN).to_owned()
}

fn cpu_model(text: &str) -> String {
    let model = text.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split_once(": "));
    model.map_or(UNKNOWN, |(_, model)| model.trim()).to_owned()
}

/// The type of the file system with the longest mount point above the folder; of two at one place the later one counts.
fn filesystem(mounts: &str, folder: &Path) -> String {
    let mut found = (0, UNKNOWN);
    for line in mounts.lines() {
        let Some((left, right)) = line.split_once(" - ") else { continue };
        let (Some(point), Some(kind)) = (left.split(' ').nth(4), right.split(' ').next()) else { continue };
        if folder.starts_with(point) && point.len() >= found.0 {
            found = (point.len(), kind);
        }
    }
    found.1.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_system_is_the_one_nearest_above_the_folder() {
        let mounts = "1 0 8:1 / / rw - ext4 /dev/a rw\n2 1 0:2 / /tmp rw shared:1 - tmpfs tmpfs rw\n";
        assert_eq!(filesystem(mounts, Path::new("/tmp/a")), "tmpfs");
        assert_eq!(filesystem(mounts, Path::new("/tmpfile")), "ext4");
        assert_eq!(filesystem("", Path::new("/tmp")), "unknown");
    }

    #[test]
    fn the_model_is_read_from_the_first_core() {
        assert_eq!(cpu_model("processor\t: 0\nmodel name\t: A CPU @ 2 GHz\n"), "A CPU @ 2 GHz");
        assert_eq!(cpu_model(""), "unknown");
    }
}
