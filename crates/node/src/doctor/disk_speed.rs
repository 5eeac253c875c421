//! How fast the disk is: a node waits for it before each vote and each block.

use super::disk_space::bytes_in_words;
use super::folder::{Probe, existing_ancestor};
use super::{Check, Look, Subject};
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

pub const SYNC: Check = Check {
    name: "disk.speed",
    why: "a vote counts only once it is safe on the disk, so each block takes as long as several syncs",
    look: speed,
};

/// Small appends that are synced one by one, as the consensus' journal does.
const SYNCS: usize = 50;
const APPEND_BYTES: usize = 4096;
/// Measured as one write and one sync, as a block's commit is.
const WRITE_BYTES: usize = 16 * 1024 * 1024;
/// No more than this is spent on a slow disk.
const TIME_MAX: Duration = Duration::from_secs(10);

/// A good disk syncs within a few milliseconds; with 20 ms the syncs alone of one block cost what a block should take.
const MEDIAN_GOOD: Duration = Duration::from_millis(20);
/// A leader is given up after seconds; at a quarter of a second for each of several syncs, votes come too late.
const MEDIAN_MAX: Duration = Duration::from_millis(250);
/// A stall of a second makes the node miss its turn.
const WORST_GOOD: Duration = Duration::from_secs(1);
/// Full blocks of a busy network amount to some megabytes a second, written more than once.
const BYTES_PER_SECOND_GOOD: f64 = 20.0 * 1024.0 * 1024.0;

/// What was measured.
#[derive(Debug)]
pub struct Speed {
    median: Duration,
    worst: Duration,
    bytes_per_second: f64,
}

fn speed(subject: &Subject) -> Look {
    let Ok(config) = &subject.config else { return Look::Skipped("no configuration".to_owned()) };
    match measure(&existing_ancestor(&config.data)) {
        Ok(speed) => judge(&speed),
        Err(error) => Look::Skipped(format!("it cannot be measured: {error}")),
    }
}

fn measure(folder: &Path) -> std::io::Result<Speed> {
    let mut probe = Probe::new(folder)?;
    let began = Instant::now();
    let mut times = Vec::with_capacity(SYNCS);
    while times.len() < SYNCS && (times.is_empty() || began.elapsed() < TIME_MAX) {
        let append = Instant::now();
        probe.file.write_all(&[0x5a; APPEND_BYTES])?;
        probe.file.sync_data()?;
        times.push(append.elapsed());
    }
    let block = vec![0x5a; WRITE_BYTES];
    let write = Instant::now();
    probe.file.write_all(&block)?;
    probe.file.sync_all()?;
    let bytes_per_second = WRITE_BYTES as f64 / write.elapsed().as_secs_f64().max(1e-9);
    times.sort();
    let worst = times.last().copied().unwrap_or_default();
    Ok(Speed { median: times[times.len() / 2], worst, bytes_per_second })
}

fn judge(speed: &Speed) -> Look {
    let millis = |time: Duration| time.as_secs_f64() * 1000.0;
    let words = format!(
        "a sync takes {:.1} ms, at worst {:.1} ms; writes {}/s",
        millis(speed.median),
        millis(speed.worst),
        bytes_in_words(speed.bytes_per_second as u64)
    );
    let advice = || "put the data folder on a local SSD, and nothing else that writes much beside it".to_owned();
    if speed.median > MEDIAN_MAX {
        Look::Failure(words, advice())
    } else if speed.median > MEDIAN_GOOD || speed.worst > WORST_GOOD || speed.bytes_per_second < BYTES_PER_SECOND_GOOD {
        Look::Warning(words, advice())
    } else {
        Look::Well(words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    fn verdict(median_millis: u64, worst_millis: u64, megabytes_per_second: f64) -> Verdict {
        let speed = Speed {
            median: Duration::from_millis(median_millis),
            worst: Duration::from_millis(worst_millis),
            bytes_per_second: megabytes_per_second * 1024.0 * 1024.0,
        };
        match judge(&speed) {
            Look::Well(_) => Verdict::Well,
            Look::Note(..) => Verdict::Note,
            Look::Warning(..) => Verdict::Warning,
            Look::Failure(..) => Verdict::Failure,
            Look::Skipped(_) => Verdict::Skipped,
        }
    }

    #[test]
    fn slow_disks_are_named() {
        assert_eq!(verdict(2, 40, 300.0), Verdict::Well);
        assert_eq!(verdict(21, 40, 300.0), Verdict::Warning);
        assert_eq!(verdict(2, 1_001, 300.0), Verdict::Warning);
        assert_eq!(verdict(2, 40, 19.0), Verdict::Warning);
        assert_eq!(verdict(251, 300, 300.0), Verdict::Failure);
    }

    #[test]
    fn a_measurement_leaves_nothing_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let speed = measure(folder.path()).expect("a measurement");
        assert!(speed.median <= speed.worst && speed.bytes_per_second > 0.0, "{speed:?}");
        assert!(folder.path().read_dir().expect("a folder").next().is_none());
    }
}
