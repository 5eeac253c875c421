//! `tongban report`: figures computed from the ledger's own records.
//!
//! `process` reads all final receipts, page by page, and reckons with the events of the module `history` on them. Each receipt can be
//! proven (`tongban prove receipt`), so each figure can be traced to what proves it; nothing is asked of the file that the cases
//! came from, nor of an index.

pub mod command;
pub mod process;
#[cfg(test)]
mod tests;
