//! The replicated ledger: validators agree on blocks of transactions, execute them over an authenticated state, and prove
//! what is final. The only crate that knows the engine (commonware), which stays behind the concrete types of this page.
//!
//! Entry points: [`Ledger::start`] runs a node, [`Handle`] is how the rest of the program uses it.
//!
//! ```text
//! Handle::submit ─▶ admission ─▶ mempool ◀─ gossip ◀─▶ peers
//!                                   │
//!                    pacing ─▶ execution (propose) ─▶ consensus ─▶ execution (process) ─▶ final
//!                                                                                           │
//! Ticket::wait ◀──────────────────────────── live (waiters, window, head) ◀─────────────────┘
//! Handle::get, prove_… ─▶ library, proofs ─▶ stores
//! ```
//!
//! **Architecture invariant:** nothing generic leaves this crate, except for the simulator of networks. For the product the
//! engine is compiled here, twice (for each suite), and nowhere else.
//!
//! **Architecture invariant:** a block is judged by what it and its ancestors hold, never by this node's clock or load;
//! those only make it wait.
//!
//! **Architecture invariant:** nothing is reported before it is final.

mod admission;
mod assembly;
mod block;
mod checked;
mod config;
mod consensus;
mod error;
mod execution;
mod folder;
mod gossip;
mod handle;
mod library;
mod live;
mod mempool;
mod meter;
mod node;
mod pacing;
mod proofs;
mod signature;
#[doc(hidden)]
pub mod simulation;
mod stores;
mod suite;
mod transaction;
mod window;

pub use config::EngineConfig;
pub use error::{EngineFailure, ReadError, StartError, SubmitError};
pub use handle::{EngineThread, Handle, Status, Ticket};
pub use library::{KEYS_MAX, RECEIPTS_MAX};
pub use live::FinalBlock;
pub use mempool::MempoolLimits;
pub use meter::stage_cpu;
pub use node::Ledger;
pub use proofs::RecordName;
