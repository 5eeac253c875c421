//! Whole networks of real processes: the main job, failures, bad input.

mod bad_input;
mod border;
mod demo;
mod processes;
mod support;
mod surface;
