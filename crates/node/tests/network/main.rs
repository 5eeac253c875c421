//! Whole networks of real processes: the main job, failures, bad input, attacks.

mod bad_input;
mod demo;
mod hostile;
mod processes;
mod support;
