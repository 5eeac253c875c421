//! `tongban organisation`: the departments and officers of a city as a file, brought to the ledger as far as they are not there yet.
//!
//! ```text
//! organisation.yaml ── file ──▶ Organisation ─┐             ┌─ problems: what would be refused; with one of them nothing is done
//! keys/NAME.key.json ── keys ──▶ accounts ────┼─▶ known ────┼─ differences: what is otherwise, and stays so
//! what the ledger has ── known ───────────────┘             └─ plan: who signs, which calls ── commands ──▶ a node
//! ```
//!
//! A file can be applied again at any time: what stands already is left alone, what is new is added. Nothing is taken away and nothing is
//! changed; dismissals, transfers and withdrawals are calls of their own, and what differs is said by name.
//!
//! A department can ask for safeguards ([`safeguards`]): four eyes are switched on as soon as there are two administrators, and what the file gives
//! in that department beside is given under them. Where a safeguard cannot be on, nothing of the file is done.
//!
//! Where a department wants four eyes, a right that decides is proposed, and another administrator approves it: at once where the command
//! has his key, later where it has not. A proposal that waits is not made again.

pub mod commands;
pub mod differences;
pub mod file;
pub mod keys;
pub mod known;
pub mod plan;
pub mod problems;
pub mod safeguards;
pub mod target;
#[cfg(test)]
mod tests;
