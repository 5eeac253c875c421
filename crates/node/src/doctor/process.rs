//! The process that works in the data folder, as the kernel knows it by its lock.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// The process that holds a lock on a file; none where the kernel does not tell, as from inside a container.
pub fn holder(lock: &Path) -> Option<u32> {
    let metadata = std::fs::metadata(lock).ok()?;
    listed(&std::fs::read_to_string("/proc/locks").ok()?, metadata.dev(), metadata.ino())
}

/// The holder of the lock in a list of the kernel's: `1: FLOCK  ADVISORY  WRITE 1234 08:01:131 0 EOF`. Some file systems have another number
/// for the device than their files say; then the file's own number must be nobody else's.
fn listed(locks: &str, device: u64, inode: u64) -> Option<u32> {
    let found: Vec<(u32, bool)> = locks
        .lines()
        .filter_map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let ["FLOCK", "ADVISORY", "WRITE", process, file, ..] = words.get(1..)? else { return None };
            let mut numbers = file.split(':');
            let (major, minor) = (number(numbers.next()?)?, number(numbers.next()?)?);
            let is_same = numbers.next()?.parse() == Ok(inode);
            let is_here = (major, minor) == (rustix::fs::major(device).into(), rustix::fs::minor(device).into());
            let process = process.parse().ok().filter(|process| *process > 0)?;
            is_same.then_some((process, is_here))
        })
        .collect();
    match (found.iter().find(|(_, is_here)| *is_here), &found[..]) {
        (Some((process, _)), _) | (None, [(process, _)]) => Some(*process),
        (None, _) => None,
    }
}

/// A number in hexadecimal digits.
fn number(digits: &str) -> Option<u64> {
    u64::from_str_radix(digits, 16).ok()
}

/// How many files a process may have open at once: `Some(None)` is no limit, none that the system does not tell.
pub fn files_max(process: u32) -> Option<Option<u64>> {
    files_in(&std::fs::read_to_string(format!("/proc/{process}/limits")).ok()?)
}

fn files_in(limits: &str) -> Option<Option<u64>> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    match line.split_whitespace().next()? {
        "unlimited" => Some(None),
        number => number.parse().ok().map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCKS: &str = "1: POSIX  ADVISORY  WRITE 100 08:01:131 0 EOF\n\
                         2: FLOCK  ADVISORY  READ  101 08:01:131 0 EOF\n\
                         3: FLOCK  ADVISORY  WRITE 102 08:02:131 0 EOF\n\
                         4: FLOCK  ADVISORY  WRITE 103 08:01:131 0 EOF\n\
                         4: -> FLOCK  ADVISORY  WRITE 104 08:01:131 0 EOF\n\
                         5: FLOCK  ADVISORY  WRITE 105 00:2f:77 0 EOF\n\
                         6: FLOCK  ADVISORY  WRITE -1 08:01:900 0 EOF\n";

    #[test]
    fn the_holder_of_a_lock_is_found_in_the_kernels_list() {
        let device = |major: u32, minor: u32| rustix::fs::makedev(major, minor);
        for (device, inode, expected) in [
            (device(8, 1), 131, Some(103)),
            (device(8, 2), 131, Some(102)),
            (device(8, 3), 131, None),
            (device(8, 3), 77, Some(105)),
            (device(0, 0x2f), 77, Some(105)),
            (device(8, 1), 900, None),
            (device(8, 1), 5, None),
        ] {
            assert_eq!(listed(LOCKS, device, inode), expected, "{device:x} {inode}");
        }
        for garbage in ["", "1:", "1: FLOCK ADVISORY WRITE x y", "1: FLOCK ADVISORY WRITE 7 zz:1:131", "\n\n"] {
            assert_eq!(listed(garbage, device(8, 1), 131), None, "{garbage}");
        }
    }

    #[test]
    fn ones_own_lock_is_ones_own() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lock");
        let file = std::fs::File::create(&path).expect("a file");
        assert_eq!(holder(&path), None, "nobody holds it");
        file.lock().expect("nobody else holds it");
        // Layered file systems number their files otherwise than the kernel's list does.
        assert!(holder(&path).is_none_or(|process| process == std::process::id()));
    }

    #[test]
    fn the_limit_of_files_is_read_from_the_systems_table() {
        let table = |soft: &str| {
            format!(
                "Limit                     Soft Limit           Hard Limit           Units\n\
                 Max cpu time              unlimited            unlimited            seconds\n\
                 Max open files            {soft:<20} 524288               files\n"
            )
        };
        assert_eq!(files_in(&table("1024")), Some(Some(1024)));
        assert_eq!(files_in(&table("unlimited")), Some(None));
        assert_eq!(files_in("Limit Soft Limit\n"), None);
        assert!(files_max(std::process::id()).is_some(), "the system tells of this process");
    }
}
