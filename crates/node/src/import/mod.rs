//! `tongban import evidence`: registers each record of a file as electronic evidence, one call for each. Licences are imported by [`licences`],
//! from the same rows.
//!
//! ```text
//! file ── source ──▶ rows (list_rows + headings, xes_rows) ──▶ evidence ──▶ run ──▶ ImportTarget (a node)
//!         gz, size,   Row | Skipped | Bad | Broken             id, salts,   up to 100 calls for each transaction,
//!         encoding                                             commitments  several transactions in flight
//! ```
//!
//! What is a record:
//!
//! - **XES** (IEEE 1849): each `event`. Its attributes are the fields; the name of its trace comes first, as `case`.
//! - **CSV**, and the first sheet of an **XLSX** workbook: each line below the headings that is no title, total, note, repeated heading or blank line; see
//!   [`headings`] for the rules. Published lists mark a donor once for several lines: a blank donor is the donor above.
//!
//! A number is derived from a secret and the record's content, so that a second run over the same file registers
//! nothing twice, whatever interrupted the first. Values stay off the ledger: it holds salted commitments, the names of
//! columns, and the time of each record.
//!
//! Reading is bounded in every direction ([`rows::Limits`]), and a bad row costs that row alone: it is counted and
//! written to the error file, with a stable code ([`error::ImportError`] or the network's own).

pub mod cases;
pub mod cases_command;
pub mod cases_file;
#[cfg(test)]
mod cases_tests;
pub mod csv_lines;
pub mod dates;
pub mod error;
pub mod error_file;
pub mod evidence;
pub mod headings;
pub mod licences;
pub mod list_rows;
pub mod preparation;
pub mod rows;
pub mod run;
pub mod secret;
pub mod sheet_lines;
pub mod source;
#[cfg(test)]
mod tests;
pub mod xes_rows;

pub use run::{ImportOptions, ImportSummary, ImportTarget, import, progress_bar};
pub use secret::ImportSecret;
