//! `tongban vault`: a department's vault from the command line, over `tongban_vault`.
//!
//! ```text
//! faces/*.jsonl of an import ──┐
//! a form that was committed to ┴─ keep ─▶ the vault: sealed objects ─┬─ list, show, erase
//! the ledger's commitments ──────────────────────────────────────────┴─ check
//! ```
//!
//! The key that opens it lies in a key file beside it, `FOLDER.key.json` where nothing else is said, encrypted where `TONGBAN_PASSPHRASE` is set.
//!
//! **What a licence says is shown only under an access that is final on the ledger** (`show --access`), and only the fields that it names.
//! A form is the department's own file of a case; who handles that stands on the ledger already.

pub mod check;
pub mod commands;
pub mod inventory;
pub mod keep;
pub mod keys;
#[cfg(test)]
mod tests;
