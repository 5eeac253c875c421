//! `tongban organisation`: the departments and officers of a city as a file, brought to the ledger as far as they are not there yet.
//!
//! ```text
//! organisation.yaml ── file ──▶ Organisation ─┐
//! keys/NAME.key.json ── keys ──▶ accounts ────┼─ plan ──▶ batches: who signs, which calls ── commands ──▶ a node
//! what the ledger knows ── commands ──────────┘
//! ```
//!
//! A file can be applied again at any time: what stands already is left alone, what is new is added. Nothing is taken away; dismissals and
//! withdrawals are calls of their own.

pub mod commands;
pub mod file;
pub mod keys;
pub mod plan;
#[cfg(test)]
mod tests;
