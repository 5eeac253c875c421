//! Whole networks of real processes: the main job, failures, bad input, attacks.

mod bad_input;
mod bench;
mod border;
mod demo;
mod deployment;
mod doctor;
mod hostile;
mod index;
mod keys;
mod licences;
mod metrics_text;
mod operations;
mod past_cases;
#[path = "../../../index/src/tests/postgres.rs"]
mod postgres;
mod prefill;
mod processes;
mod siblings;
mod slips;
mod support;
mod surface;
