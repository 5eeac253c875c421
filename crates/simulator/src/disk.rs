//! One machine's disk: it can fail at a chosen operation, stop the machine there, and lose or tear at a crash what was
//! written and not yet synced.
//!
//! The runtime's memory keeps for each open file what is durable and what is not; whoever opens a file again sees what is
//! durable. So a crash loses everything unsynced by itself. What was written since the last sync is noted here as well, in
//! order, so that a crash can also leave any part of it behind, as real disks do.

use crate::record::{Happened, Record};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// Names a file: partition and name.
pub(crate) type FileName = (String, Vec<u8>);

/// What a program can ask of a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Opening or making a file.
    Open,
    /// Reading.
    Read,
    /// Writing.
    Write,
    /// Making durable.
    Sync,
    /// Changing a file's length.
    Resize,
}

/// What is to happen at an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trap {
    /// The operation of this kind fails.
    Fail(Operation),
    /// The machine stops dead at an operation that changes something.
    Halt,
}

/// Whether an operation may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Go,
    Fail,
    Halt,
}

/// A change that was not made durable.
#[derive(Clone, Debug)]
pub(crate) enum Unsynced {
    Write {
        offset: u64,
        bytes: Vec<u8>,
    },
    /// This one was, by itself; it stands here so that no earlier change comes to lie over it.
    Durable {
        offset: u64,
        bytes: Vec<u8>,
    },
    Resize {
        length: u64,
    },
}

#[derive(Default)]
struct Inside {
    trap: Option<(Trap, u32)>,
    unsynced: BTreeMap<FileName, Vec<Unsynced>>,
    /// Whether an operation has failed since the machine started.
    has_failed: bool,
    is_halted: bool,
}

/// One machine's disk.
pub(crate) struct Disk {
    inside: Mutex<Inside>,
    record: Arc<Record>,
}

impl Disk {
    /// A disk in order.
    pub fn new(record: Arc<Record>) -> Self {
        Self { inside: Mutex::default(), record }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().expect("nothing panics under the lock")
    }

    /// Sets a trap, to be sprung by the operation that comes after so many others.
    pub fn set(&self, trap: Trap, after: u32) {
        self.inside().trap = Some((trap, after));
    }

    /// Takes the trap away.
    pub fn disarm(&self) {
        self.inside().trap = None;
    }

    /// The machine starts: what failed before is over.
    pub fn start(&self) {
        let mut inside = self.inside();
        inside.has_failed = false;
        inside.is_halted = false;
    }

    /// Whether the disk has failed since the machine started.
    pub fn has_failed(&self) -> bool {
        self.inside().has_failed
    }

    /// Asks whether an operation may go on.
    pub fn pass(&self, operation: Operation) -> Verdict {
        let mut inside = self.inside();
        if inside.is_halted {
            return Verdict::Halt;
        }
        let Some((trap, after)) = inside.trap else { return Verdict::Go };
        let concerns = match trap {
            Trap::Fail(failing) => failing == operation,
            Trap::Halt => matches!(operation, Operation::Write | Operation::Sync | Operation::Resize),
        };
        if !concerns {
            return Verdict::Go;
        }
        if after > 0 {
            inside.trap = Some((trap, after - 1));
            return Verdict::Go;
        }
        inside.trap = None;
        match trap {
            Trap::Fail(operation) => {
                inside.has_failed = true;
                self.record.count(Happened::DiskFailure(operation));
                Verdict::Fail
            }
            Trap::Halt => {
                inside.is_halted = true;
                self.record.count(Happened::HaltAtDiskOperation);
                Verdict::Halt
            }
        }
    }

    /// Notes a change.
    pub fn note(&self, file: &FileName, change: Unsynced) {
        self.inside().unsynced.entry(file.clone()).or_default().push(change);
    }

    /// All changes of the file so far are durable, or gone with the file.
    pub fn settle(&self, file: &FileName) {
        self.inside().unsynced.remove(file);
    }

    /// All changes of a partition's files are gone with it.
    pub fn settle_partition(&self, partition: &str) {
        self.inside().unsynced.retain(|(candidate, _), _| candidate != partition);
    }

    /// What a crash leaves behind of what was not durable: by file, some of the changes, some of them half done.
    pub fn tear(&self, seed: u64) -> Vec<(FileName, Vec<Unsynced>)> {
        let mut random = StdRng::seed_from_u64(seed);
        let unsynced = std::mem::take(&mut self.inside().unsynced);
        let mut left = Vec::new();
        for (file, changes) in unsynced {
            let mut kept = Vec::new();
            for change in changes {
                match (random.random_range(0..3u8), change) {
                    (_, change @ Unsynced::Durable { .. }) => kept.push(change),
                    (0, _) => {}
                    (1, Unsynced::Write { offset, mut bytes }) => {
                        bytes.truncate(random.random_range(0..=bytes.len()));
                        kept.push(Unsynced::Write { offset, bytes });
                    }
                    (_, change) => kept.push(change),
                }
            }
            if !kept.is_empty() {
                left.push((file, kept));
            }
        }
        left
    }

    /// A crash loses all that was not durable.
    pub fn lose(&self) -> usize {
        std::mem::take(&mut self.inside().unsynced).len()
    }
}
