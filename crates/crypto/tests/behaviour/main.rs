//! What this crate promises, on values of our own making.

mod key_files;
mod pseudonyms;
mod sealing;
mod signatures;
#[path = "../test_rng/mod.rs"]
mod test_rng;
