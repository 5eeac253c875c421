//! Room on the disk: the reserve, and how long it lasts at the growth so far.

use super::folder::existing_ancestor;
use super::{Check, Look, Subject};
use std::path::Path;
use std::time::{Duration, SystemTime};

pub const ROOM: Check =
    Check { name: "disk.space", why: "below the reserve the node accepts nothing new, and does not start", look: room };

/// Growth over a shorter time says nothing about a day.
const OBSERVED_MIN: Duration = Duration::from_secs(3600);
/// Whoever has to buy disks needs weeks.
const DAYS_GOOD: f64 = 30.0;
/// Files that are counted; a node keeps far fewer.
const FILES_MAX: usize = 200_000;

fn room(subject: &Subject) -> Look {
    let Ok(config) = &subject.config else { return Look::Skipped("no configuration".to_owned()) };
    let folder = existing_ancestor(&config.data);
    let free = match rustix::fs::statvfs(&folder) {
        Ok(room) => room.f_bavail.saturating_mul(room.f_frsize),
        Err(error) => return Look::Skipped(format!("{}: {error}", folder.display())),
    };
    let reserve = config.disk_reserve_bytes;
    let words = format!("{} free, reserve {}", bytes_in_words(free), bytes_in_words(reserve));
    let advice =
        || "make room on this disk or move the data folder to a larger one (stop, copy, set `data`)".to_owned();
    if free < reserve {
        return Look::Failure(words, advice());
    }
    let spare = free - reserve;
    if spare < reserve {
        return Look::Warning(format!("{words}: less than twice the reserve"), advice());
    }
    match growth_bytes_per_day(&config.data, SystemTime::now()) {
        Some(growth) if growth >= 1.0 => {
            let days = spare as f64 / growth;
            let words = format!("{words}, grows by {} a day, lasts {days:.0} days", bytes_in_words(growth as u64));
            if days < DAYS_GOOD { Look::Warning(words, advice()) } else { Look::Well(words) }
        }
        _ => Look::Well(format!("{words}; growth unknown before the node has run for an hour")),
    }
}

/// Bytes by which the data folder has grown for each day since it was made; none where that is too short ago.
fn growth_bytes_per_day(data: &Path, now: SystemTime) -> Option<f64> {
    let made = std::fs::metadata(data.join("network")).ok()?.modified().ok()?;
    let observed = now.duration_since(made).ok().filter(|observed| *observed >= OBSERVED_MIN)?;
    let bytes = size_bytes(data);
    Some(bytes as f64 / (observed.as_secs_f64() / 86_400.0))
}

/// Bytes of all files below a folder.
pub fn size_bytes(folder: &Path) -> u64 {
    let (mut bytes, mut files, mut folders) = (0u64, 0usize, vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(metadata) = entry.metadata() else { continue }; // the node may just have removed it
            files += 1;
            if files > FILES_MAX {
                return bytes;
            }
            if metadata.is_dir() {
                folders.push(entry.path());
            } else {
                bytes = bytes.saturating_add(metadata.len());
            }
        }
    }
    bytes
}

/// Such as `1.5 GiB`.
pub fn bytes_in_words(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_what_was_kept_since_the_folder_was_made() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("network"), "").expect("a file");
        std::fs::create_dir(folder.path().join("store")).expect("a folder");
        std::fs::write(folder.path().join("store").join("a"), vec![0; 10_000]).expect("a file");
        let now = SystemTime::now();
        assert_eq!(growth_bytes_per_day(folder.path(), now), None, "too short");
        let tomorrow = now + Duration::from_secs(86_400);
        let growth = growth_bytes_per_day(folder.path(), tomorrow).expect("a day has passed");
        assert!((growth - 10_000.0).abs() < 5.0, "{growth}");
    }

    #[test]
    fn bytes_read_well() {
        let expect =
            [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (512 << 20, "512.0 MiB"), (u64::MAX, "16777216.0 TiB")];
        for (bytes, words) in expect {
            assert_eq!(bytes_in_words(bytes), words);
        }
    }
}
