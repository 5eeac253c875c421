//! `tongban verify`: what a proof shows, offline. That a proof holds is one thing, that the licence in it is valid another.
//!
//! ```text
//! bundle ─┐                 ┌─▶ bundle: receipt, record or absence, in words
//! slip ───┴─▶ examination ──┼─▶ licence: what each licence was then, and what this machine's clock adds
//! genesis ─┘                └─▶ disclosed: fields of its face that the holder shows, against the root that was proven
//! ```
//!
//! **A licence is never plainly valid here.** It was valid as of the proof's block and is unconfirmed now; what has happened since is for the
//! network to say. Nothing here but [`command`] looks at a clock or at files.

pub mod bundle;
pub mod command;
pub mod disclosed;
pub mod examination;
pub mod licence;
pub mod licence_words;
#[cfg(test)]
pub mod paper;
pub mod slip;
#[cfg(test)]
mod tests;

pub use bundle::events_of;
