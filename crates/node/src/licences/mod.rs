//! `tongban licences`: issuing licences from face files, publishing their types, showing single fields, and annotated copies.
//!
//! ```text
//! face file ── face_file ──▶ face with salts ─┬─▶ vault, sealed
//! type on the ledger ─────────────────────────┤
//! number ── outside ── number with its salt ──┤
//! term, ground ── terms ──────────────────────┴─▶ issue or supersede: root, commitment to the number, term, ground; no word of the face
//! vault ── show ──▶ some fields with their ways to the root: a file, or inside a slip
//! note, vault ── copy ──▶ a slip of its own, with purpose, end and some fields
//! ```
//!
//! The face is in the vault before anything is submitted: what is on the ledger always has its face.

pub mod commands;
pub mod copy;
pub mod face_file;
pub mod issue;
pub mod outside;
pub mod show;
pub mod terms;
#[cfg(test)]
mod tests;
pub mod types;
