//! A plan as people read it, when a seed has failed.

use super::{Civic, Fault, Misconduct, Plan, Point};
use std::fmt;

struct Seconds(u64);

impl fmt::Display for Seconds {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{:03} s", self.0 / 1000, self.0 % 1000)
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "seed {}: {}, {} nodes, ", self.seed, self.suite, self.nodes)?;
        write!(formatter, "messages take {} ± {} ms, ", self.latency_millis, self.jitter_millis)?;
        write!(formatter, "{} of 1000 are lost, ", self.loss_per_mille)?;
        if self.clock_offsets_millis.iter().any(|offset| *offset != 0) {
            write!(formatter, "clocks differ by {:?} ms, ", self.clock_offsets_millis)?;
        }
        write!(formatter, "window {}, heartbeat {}; ", Seconds(self.window_millis), Seconds(self.heartbeat_millis))?;
        if let Some((node, misconduct)) = self.misconduct {
            write!(formatter, "node {node} {misconduct}")?;
            write!(formatter, " (blocked peers are{} cut off); ", if self.are_blocked_cut_off { "" } else { " not" })?;
        }
        if let Some(Civic { applications, first_course, affairs, first_affair, rest_days }) = &self.civic {
            write!(formatter, "a city with {applications} applications from course {first_course} on ")?;
            write!(formatter, "and {affairs} affairs from {first_affair} on, ")?;
            write!(formatter, "which is off for {rest_days} days in the end; ")?;
        }
        for timed in &self.faults {
            write!(formatter, "{} {}; ", Seconds(timed.at_millis), timed.fault)?;
        }
        write!(formatter, "healed at {}", Seconds(self.heal_at_millis))?;
        match self.doctored {
            Some(doctored) => write!(formatter, "; doctored: {doctored:?}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Misconduct {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silent { from_millis } => write!(formatter, "is silent from {}", Seconds(*from_millis)),
            Self::Liar => formatter.write_str("proposes wrong blocks"),
            Self::Garbage => formatter.write_str("sends garbage"),
            Self::Twins => formatter.write_str("is twins"),
            Self::Equivocator => formatter.write_str("equivocates"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let disk = |is_torn: &bool| if *is_torn { "torn" } else { "lost" };
        match self {
            Self::Crash { node, point, down_millis, is_torn } => {
                write!(formatter, "crash of node {node}")?;
                match point {
                    Point::Anywhere => {}
                    Point::AtDiskOperation(after) => write!(formatter, " at disk operation +{after}")?,
                    Point::InRecovery(after) => {
                        write!(formatter, " and again at disk operation +{after} of its start")?
                    }
                }
                write!(formatter, " for {}, unsynced writes {}", Seconds(*down_millis), disk(is_torn))
            }
            Self::Blackout { down_millis, is_torn } => {
                write!(formatter, "blackout for {}, unsynced writes {}", Seconds(*down_millis), disk(is_torn))
            }
            Self::DiskFailure { node, operation, after, down_millis } => {
                write!(formatter, "disk of node {node} fails at {operation:?} +{after}, down {}", Seconds(*down_millis))
            }
            Self::Partition { side, is_mutual, for_millis } => {
                let arrow = if *is_mutual { "| the others" } else { "-> nobody" };
                write!(formatter, "partition {side:?} {arrow} for {}", Seconds(*for_millis))
            }
            Self::Delay { millis_max, for_millis } => {
                write!(formatter, "delays up to {} for {}", Seconds(*millis_max), Seconds(*for_millis))
            }
        }
    }
}
