//! `tongban identity`: what those who establish identities need beside the ledger, where no number and no paper stands (实名核验).
//!
//! ```text
//! kind, number, state of a document ── pseudonym + the authority's key ──▶ the pseudonym that bind-person takes
//! a paper ── commitment + a salt, which goes to an opening file ─────▶ the commitment that every such call takes (`--papers`)
//! ```
//!
//! The number of a document comes from standard input and never from the command line, which others on the machine can read and which
//! shells remember.

pub mod commands;
pub mod commitment;
pub mod pseudonym;
