//! What is to happen in a simulation: a seed determines all of it.

mod generate;
mod words;

use crate::disk::Operation;
use clap::ValueEnum;
use serde::Serialize;
use std::collections::BTreeSet;
use tongban_types::Suite;

/// How one node of the network misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Misconduct {
    /// It hears everything and says nothing, from some time on.
    Silent {
        /// From when.
        from_millis: u64,
    },
    /// As a leader it proposes blocks that are wrong: other roots, miscounted, repeated or forged transactions.
    Liar,
    /// Besides its work it sends random, maimed and repeated bytes on every channel.
    Garbage,
    /// It is two nodes with one key, which are in touch with changing parts of the network.
    Twins,
    /// It is two nodes with one key, which both speak to everybody and so contradict each other in the open.
    Equivocator,
}

/// At which point a node is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Point {
    /// Between two steps of its tasks.
    Anywhere,
    /// In the middle of what it does to its disk, so many operations later.
    AtDiskOperation(u32),
    /// Between two steps, and once more in the middle of what it does to its disk when it starts again.
    InRecovery(u32),
}

/// Something that goes wrong at some time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// A node is stopped dead and started again.
    Crash {
        /// Which.
        node: usize,
        /// Where.
        point: Point,
        /// For how long.
        down_millis: u64,
        /// Whether parts of what was not durable stay on the disk; otherwise all of it is lost.
        is_torn: bool,
    },
    /// All correct nodes are stopped dead at once.
    Blackout {
        /// For how long.
        down_millis: u64,
        /// As for a crash.
        is_torn: bool,
    },
    /// An operation of a node's disk fails, of which the node dies.
    DiskFailure {
        /// Which node's.
        node: usize,
        /// Which kind of operation.
        operation: Operation,
        /// How many of them go well before.
        after: u32,
        /// For how long the node is down then.
        down_millis: u64,
    },
    /// The nodes of one side cannot reach those of the other.
    Partition {
        /// One side.
        side: BTreeSet<usize>,
        /// Whether the other side cannot reach this one either.
        is_mutual: bool,
        /// For how long.
        for_millis: u64,
    },
    /// A third of all messages are held back and overtaken.
    Delay {
        /// For up to so long each.
        millis_max: u64,
        /// For how long.
        for_millis: u64,
    },
}

/// A fault and its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Timed {
    /// When, after the begin.
    pub at_millis: u64,
    /// What.
    pub fault: Fault,
}

/// The public services that are played in a simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Civic {
    /// How many applications there are, but for that of a citizen who loses his key.
    pub applications: u32,
    /// With which course they begin; the others follow in their order.
    pub first_course: u32,
    /// How many affairs there are besides.
    pub affairs: u32,
    /// With which affair they begin.
    pub first_affair: u32,
    /// For how many days everybody is off when all has healed.
    pub rest_days: u32,
}

/// Something wrong that is slipped under the auditors of a run, to see them find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Doctored {
    /// Cases that are decided lose their acceptance.
    Acceptance,
    /// Holders of licences hold nothing.
    Licence,
    /// One node has another receipt than the others.
    Receipt,
    /// A client was given a receipt that there is not.
    Acknowledgement,
}

/// The whole plan of one simulation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// Where it comes from.
    pub seed: u64,
    /// The network's suite.
    pub suite: Suite,
    /// How many validators there are.
    pub nodes: usize,
    /// How long a message takes, about.
    pub latency_millis: u64,
    /// The deviation of that.
    pub jitter_millis: u64,
    /// How many of a thousand messages are lost.
    pub loss_per_mille: u32,
    /// How far each node's clock is ahead.
    pub clock_offsets_millis: Vec<i64>,
    /// The network's window for requests.
    pub window_millis: u64,
    /// The network's heartbeat.
    pub heartbeat_millis: u64,
    /// Who misbehaves, and how.
    pub misconduct: Option<(usize, Misconduct)>,
    /// Whether a node that blocks a peer is cut off from it, as in the product; otherwise the peer can go on.
    pub are_blocked_cut_off: bool,
    /// What goes wrong, by time.
    pub faults: Vec<Timed>,
    /// When everything that went wrong is over; misconduct is not.
    pub heal_at_millis: u64,
    /// The city besides the other clients, if there is one.
    pub civic: Option<Civic>,
    /// What is wrong on purpose, and must be found. No seed has it by itself.
    pub doctored: Option<Doctored>,
}

impl Plan {
    /// The plan of a seed; a suite that is asked for replaces the seed's.
    pub fn of_seed(seed: u64, suite: Option<Suite>) -> Self {
        generate::plan(seed, suite)
    }

    /// How a node misbehaves.
    pub fn misconduct_of(&self, node: usize) -> Option<Misconduct> {
        self.misconduct.filter(|(who, _)| *who == node).map(|(_, misconduct)| misconduct)
    }

    /// Whether a node does what it should.
    pub fn is_correct(&self, node: usize) -> bool {
        self.misconduct_of(node).is_none()
    }

    /// The nodes that do what they should.
    pub fn correct(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.nodes).filter(|node| self.is_correct(*node))
    }

    /// The command that repeats it.
    pub fn command(&self) -> String {
        let command = "cargo run --release --package tongban-simulator --";
        let doctored = self.doctored.and_then(|doctored| doctored.to_possible_value());
        let doctored = doctored.map_or_else(String::new, |value| format!(" --doctored {}", value.get_name()));
        format!("{command} --seed {} --suite {}{doctored}", self.seed, self.suite)
    }
}
