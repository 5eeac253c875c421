//! How a running node is seen from outside: logs, traces, and what it measures of itself.

mod collector;
mod logs;

pub use collector::{NodeCollector, disk_free_bytes};
pub use logs::{Telemetry, init};
