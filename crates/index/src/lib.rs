//! The read model: final receipts projected into SQL, so that they can be listed and searched. The ledger itself has no
//! scans over tables; whoever wants a list asks here.
//!
//! Two databases, one [`Index`]: SQLite in a file of the node's folder, or PostgreSQL. What stands in them is made by the pure
//! function [`project`] from receipts alone, so an index can be thrown away and projected again at any time.
//!
//! - **Idempotent.** [`Index::apply`] takes stretches of whole blocks. What the index has already is passed over, a gap is
//!   refused, and a stretch is one database transaction: after a crash the index stands between two blocks.
//! - **Bounded.** Lists page by keys, never by offset, so pages stay right while rows arrive. No question reads more than
//!   [`lists::EXAMINED_MAX`] or [`search::POSTINGS_MAX`] rows of an index at once; where that is less than all, the page says so.
//! - **Honest.** Each page says at which [`Position`] of the ledger it is true.
//!
//! **Architecture invariant:** nothing here is needed to execute, agree or prove. A lost or wrong index costs lists, never records.
//!
//! **Architecture invariant:** the crate knows no module. Events come in as JSON and are taken apart by their shape.

mod cursor;
mod database;
mod error;
mod index;
pub mod lists;
pub mod projection;
mod schema;
pub mod search;
#[cfg(test)]
mod tests;

pub use database::DatabaseUrl;
pub use error::IndexError;
pub use index::{Applied, Index, Position, Stretch};
pub use lists::{EventEntry, EventFilter, Order, Page, ReceiptEntry, ReceiptFilter, Selection};
pub use projection::{Rows, project};
pub use schema::SCHEMA_VERSION;
pub use search::{Found, SearchPage};
