//! Working days, clocks and cards against a walk from day to day.

mod cards;
mod clocks;
mod limits;
mod walk;
mod working_days;
