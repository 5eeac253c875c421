//! `tongban catalogue` and `tongban import catalogue`: service items as files that an analyst writes, checks, plays and publishes.
//!
//! ```text
//! file.yaml ── item_file ──▶ item ─┬─ check ──▶ findings: place, code, why, how to mend
//!      organisation.yaml ──────────┼─ staffing ──▶ departments, posts and officers that are lacking
//!                                  ├─ simulation (answers) ──▶ timeline, skipped steps, what each rejection does
//!                                  └─ publish, propose ──▶ a call, signed, until it is final
//! old catalogue.csv|json ── rows ──▶ historic items ── import ──▶ 100 calls for each transaction, every anomaly with its row
//! ```
//!
//! # The file format
//!
//! YAML 1.2 or JSON, at most 256 KiB, with the fields of [`Item`](tongban_modules::catalogue::Item) and three of its own:
//!
//! - `code`: the item's code.
//! - `effective_from`: when the version comes into force, such as `2026-07-01T00:00:00+08:00`; at once where it is absent.
//! - `form`: the JSON Schema itself, in place of its text.
//!
//! Fields that may be absent can be left out, unknown ones are refused by name, keys may not stand twice, and `yes` is a text. A number
//! where a text belongs (a telephone number) needs quotation marks. `examples/items` has two complete files.

pub mod advice;
pub mod check;
pub mod commands;
pub mod import;
pub mod item_file;
pub mod old_catalogue;
pub mod proposals;
pub mod simulation;
pub mod staffing;
#[cfg(test)]
mod tests;
