//! The kernel: how one transaction and one block are executed over the state.
//!
//! Entry points: [`Executor`] runs a block; [`Module`] is what a domain module implements; [`Table`] is how a module
//! reads and writes; [`Rules`] is the set of modules of a program, as the ledger sees it.
//!
//! ```text
//! Executor ── authenticate, permit ──▶ Authority (roles of the acting account, on the network or in a department)
//!     │
//!     └────── execute a call ───────▶ Rules ──▶ Module ──▶ Table ──▶ State ─┬─▶ writes of this transaction
//!                                                                           ├─▶ writes of this block
//!                                                                           └─▶ loaded from the parent, or Missing
//! ```
//!
//! **Architecture invariant:** the kernel is pure. State that is not in memory stops a call with [`Stop::Missing`]; the
//! ledger loads it and runs the call again. There is no clock, no randomness, no I/O and no scan over tables here.
//!
//! **Architecture invariant:** a refused transaction leaves the state as it was, byte for byte.

mod access;
mod context;
pub mod due;
mod error;
mod executor;
mod module;
mod rules;
mod spec;
mod state;
mod table;
pub mod testing;

pub use access::{Access, Role, Scope};
pub use context::{BlockContext, Ctx};
pub use error::{Broken, ErrorKind, ModuleError, Stop, TxError};
pub use executor::{Changes, Executed, Executor};
pub use module::Module;
pub use rules::Rules;
pub use spec::{CallSpec, ErrorSpec, MessageSpec, ModuleSpec, errors_of};
pub use state::{Missing, State, Write};
pub use table::Table;
