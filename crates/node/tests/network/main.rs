//! Whole networks of real processes: the main job, failures, bad input.

mod bad_input;
mod demo;
mod index;
#[path = "../../../index/src/tests/postgres.rs"]
mod postgres;
mod processes;
mod support;
