//! A simulator of whole networks: validators with all their logic except sockets, SQL and HTTP, in one thread, on a runtime
//! whose clock, order of tasks, network and disks are determined by a seed.
//!
//! ```text
//! seed ─▶ plan ─▶ network ─▶ nodes (the ledger's own parts) ◀── clients
//!                    │          machine: clock, disk that fails     │
//!                    │          wire: roads that are cut, garbage    │
//!                    └─▶ auditor ◀── histories, reports ── answers ◀─┘
//! ```
//!
//! A [`Plan`] says who misbehaves and what goes wrong when. After it, everything heals but the misconduct, and then
//! transactions must become final again in time, and the [`audit`] must find nothing. In most seeds there is a city besides
//! ([`town`]), whose people handle cases all the while; then everybody is off for weeks, and the [`civic_audit`], which looks at
//! each block, must find nothing either. In the end of every run all correct nodes lose their power in one instant and start
//! together. The same seed gives the same run, to the last event of the runtime ([`Summary::trace`]).
//!
//! The engine is instantiated here once more, for the simulated runtime, once for each suite (`intl`, `sm`).

mod application;
pub mod audit;
mod civic;
pub mod civic_audit;
mod clients;
mod disk;
mod doctoring;
mod intl;
mod machine;
mod network;
pub mod plan;
mod record;
mod run;
mod sm;
pub mod town;
mod wire;

pub use disk::Operation;
pub use plan::{Doctored, Plan};
pub use record::{Acknowledgement, Happened, Report};
pub use run::{Outcome, Summary, simulate, simulate_all};
