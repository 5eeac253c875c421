//! What the machine grants the process: open files, memory, cores.

use super::disk_space::bytes_in_words;
use super::process::files_max;
use super::{Check, Look, Subject};
use rustix::process::{Resource, getrlimit};
use sysinfo::{MemoryRefreshKind, RefreshKind, System};

pub const FILES: Check = Check {
    name: "limits.files",
    why: "stores, peers and clients each need files; without, the node fails",
    look: files,
};

pub const MEMORY: Check = Check {
    name: "memory",
    why: "a process that the system kills for memory takes its department's vote with it",
    look: memory,
};

pub const CORES: Check = Check { name: "cores", why: "threads that wait for a core make votes late", look: cores };

/// A store opens some hundred files, and a busy API as many connections.
const FILES_MIN: u64 = 1_024;
/// What the unit in `deploy/` asks for is far more; this is enough for a full API.
const FILES_GOOD: u64 = 4_096;

/// A node at rest needs about half of it.
const MEMORY_BYTES_MIN: u64 = 256 << 20;
/// With full queues and large blocks.
const MEMORY_BYTES_GOOD: u64 = 1 << 30;

/// The limit of the node where one runs and the system tells of it; else the doctor's own, which a unit or another shell need not share.
fn files(subject: &Subject) -> Look {
    let running = subject.process.and_then(|process| Some((process, files_max(process)?)));
    let (whose, limit) = match running {
        Some((process, limit)) => (format!("for the running node, process {process}"), limit),
        None => {
            let whose = "for the doctor; the node has what its unit or its shell grants it".to_owned();
            (whose, getrlimit(Resource::Nofile).current)
        }
    };
    let advice = "set LimitNOFILE=65536 in the unit, or `ulimit -n 4096` before the start".to_owned();
    match limit {
        Some(limit) => judge_files(limit, &whose, advice),
        None => Look::Well(format!("no limit {whose}")),
    }
}

fn judge_files(current: u64, whose: &str, advice: String) -> Look {
    let what = format!("at most {current} open files {whose}");
    match current {
        ..FILES_MIN => Look::Failure(what, advice),
        FILES_MIN..FILES_GOOD => Look::Warning(what, advice),
        FILES_GOOD.. => Look::Well(what),
    }
}

fn memory(_: &Subject) -> Look {
    let system =
        System::new_with_specifics(RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram()));
    let mut available = system.available_memory();
    if let Some(limits) = system.cgroup_limits() {
        available = available.min(limits.free_memory); // a container's or a unit's limit
    }
    let what = format!("{} available", bytes_in_words(available));
    let advice = "give the machine or the unit more memory, or move other programs away".to_owned();
    match available {
        0 => Look::Skipped("the system does not tell".to_owned()),
        1..MEMORY_BYTES_MIN => Look::Failure(what, advice),
        MEMORY_BYTES_MIN..MEMORY_BYTES_GOOD => Look::Warning(what, advice),
        MEMORY_BYTES_GOOD.. => Look::Well(what),
    }
}

fn cores(subject: &Subject) -> Look {
    let Ok(config) = &subject.config else { return Look::Skipped("no configuration".to_owned()) };
    let Ok(cores) = std::thread::available_parallelism() else {
        return Look::Skipped("the system does not tell".to_owned());
    };
    let what = format!("{cores} cores, worker_threads {}", config.worker_threads);
    if config.worker_threads > cores {
        return Look::Warning(what, format!("set worker_threads to {cores}, or give the node more cores"));
    }
    Look::Well(what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn low_limits_are_named() {
        assert!(matches!(judge_files(256, "", String::new()), Look::Failure(..)));
        assert!(matches!(judge_files(1_024, "", String::new()), Look::Warning(..)));
        assert!(matches!(judge_files(65_536, "", String::new()), Look::Well(_)));
    }
}
