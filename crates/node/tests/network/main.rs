//! Whole networks of real processes: the main job, failures, bad input.

mod bad_input;
mod demo;
mod doctor;
mod processes;
mod support;
