//! Whole networks of real processes: the main job, failures, bad input.

mod bad_input;
mod bench;
mod demo;
mod deployment;
mod doctor;
mod metrics_text;
mod operations;
mod processes;
mod support;
