//! The clock of a case or a step (时限计时): a term that begins, is stopped by special procedures, goes on, is extended, and ends.
//!
//! Days are those of [`working_days`]: the day of the beginning does not count, and the term ends with its last day. A special
//! procedure (特别程序: hearing, test, expert review; 行政许可法 第四十五条) is a term in itself, so the same holds for it: the day on which the clock is
//! stopped still counts as used, the day on which it goes on does not. So nobody gains a day by stopping and going on within one, and
//! the deadline moves by exactly the working days between the two.
//!
//! ```text
//! start ──▶ running ──stop──▶ stopped        extend: in both, before the deadline
//!             ▲  │ ◀──resume────┘ │
//!             │  └────finish──▶ done ◀─finish
//! ```
//!
//! A deadline that has passed stays passed: a stop behind it moves nothing, and there is nothing left to extend. What a clock has
//! counted before a stop, and the deadline it had when it was finished, are kept as they were then; a new edition of a calendar changes
//! only days to come.

use crate::items::{DayUnit, Term};
use crate::working_days::{BeijingDay, Deadline, after, working_days_between};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_kernel::{Missing, State};
use tongban_types::Time;

/// A clock. Some 50 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Clock {
    /// The term.
    term: Term,
    /// Days that were granted on top.
    extension_days: u16,
    /// When it began, or last went on.
    running_since: Time,
    /// Days used before that, at most those of the term.
    used_days: u16,
    /// A deadline that had passed when the clock was stopped behind it.
    passed: Option<Deadline>,
    /// What it does.
    phase: Phase,
    /// When it was started; stopping and going on leave it.
    began: Time,
}

/// What a clock does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Days count.
    Running,
    /// A special procedure is under way.
    Stopped {
        /// Since when.
        at: Time,
    },
    /// What it was for has been done.
    Done {
        /// When.
        at: Time,
        /// The deadline it had then; none where it stood still before one.
        deadline: Option<Deadline>,
    },
}

/// Why a clock cannot be changed so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// It is done.
    #[error("the clock has come to its end")]
    Done,
    /// It stands still already.
    #[error("the clock stands still")]
    Stopped,
    /// It was not stopped.
    #[error("the clock is running")]
    Running,
    /// The time lies before the clock's last change.
    #[error("a clock does not go back")]
    Earlier,
    /// The deadline has passed.
    #[error("the deadline has passed")]
    Over,
    /// Term and extension are more than 65,535 days together.
    #[error("a term has at most 65535 days")]
    TooLong,
}

impl Clock {
    /// A clock that runs from a time on.
    pub fn start(term: Term, at: Time) -> Self {
        Self {
            term,
            extension_days: 0,
            running_since: at,
            used_days: 0,
            passed: None,
            phase: Phase::Running,
            began: at,
        }
    }

    /// The same course under another term, such as the one that the law sets for a step: it began, stood still and went on as this one. Days used
    /// before it stood still are those that this one has counted.
    #[must_use]
    pub fn under(&self, term: Term) -> Self {
        Self { term, extension_days: 0, used_days: self.used_days.min(term.days), passed: None, ..*self }
    }

    /// The term, without extensions.
    pub fn term(&self) -> Term {
        self.term
    }

    /// Days that were granted on top.
    pub fn extension_days(&self) -> u16 {
        self.extension_days
    }

    /// What it does.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// When it began, or last went on.
    pub fn running_since(&self) -> Time {
        self.running_since
    }

    /// When it was started.
    pub fn began(&self) -> Time {
        self.began
    }

    /// Whether days count.
    pub fn is_running(&self) -> bool {
        self.phase == Phase::Running
    }

    /// When the term ends; none while the clock stands still before a deadline, because that depends on when it goes on.
    pub fn deadline(&self, state: &State) -> Result<Option<Deadline>, Missing> {
        match (self.phase, self.passed) {
            (Phase::Done { deadline, .. }, _) => Ok(deadline),
            (_, Some(passed)) => Ok(Some(passed)),
            (Phase::Stopped { .. }, None) => Ok(None),
            (Phase::Running, None) => {
                let days = self.total_days().saturating_sub(self.used_days);
                after(state, self.running_since, Term { days, unit: self.term.unit }).map(Some)
            }
        }
    }

    /// The deadline; for a clock that stands still before it, the one that it would have if it went on at a time.
    pub fn forecast(&self, resumes_at: Time, state: &State) -> Result<Option<Deadline>, Missing> {
        let mut clock = *self;
        if let (Phase::Stopped { at }, None) = (self.phase, self.passed) {
            (clock.running_since, clock.phase) = (resumes_at.max(at), Phase::Running);
        }
        clock.deadline(state)
    }

    /// Whether the deadline has passed at a time, or had when the clock was finished.
    pub fn is_over(&self, state: &State, at: Time) -> Result<bool, Missing> {
        let at = match self.phase {
            Phase::Done { at, .. } => at,
            Phase::Running | Phase::Stopped { .. } => at,
        };
        Ok(self.deadline(state)?.is_some_and(|deadline| deadline.is_over(at)))
    }

    /// Days of the term that have been used at a time, that day included; for people. More than the term has, where it is over.
    pub fn days_used(&self, state: &State, at: Time) -> Result<u32, Missing> {
        let until = match self.phase {
            Phase::Running => at,
            Phase::Done { at, deadline: Some(_) } => at,
            Phase::Stopped { .. } | Phase::Done { deadline: None, .. } => return Ok(u32::from(self.used_days)),
        };
        Ok(u32::from(self.used_days) + self.days_since_running(state, until)?)
    }

    /// Stops the clock for a special procedure.
    pub fn stop(&mut self, state: &State, at: Time) -> Result<Result<(), ClockError>, Missing> {
        match self.phase {
            Phase::Done { .. } => return Ok(Err(ClockError::Done)),
            Phase::Stopped { .. } => return Ok(Err(ClockError::Stopped)),
            Phase::Running if at < self.running_since => return Ok(Err(ClockError::Earlier)),
            Phase::Running => {}
        }
        let deadline = self.deadline(state)?;
        let used = u32::from(self.used_days) + self.days_since_running(state, at)?;
        self.passed = deadline.filter(|deadline| deadline.is_over(at));
        // More only where the term is over, or has no day at all and began on a holiday.
        self.used_days = u16::try_from(used).map_or(self.total_days(), |used| used.min(self.total_days()));
        self.phase = Phase::Stopped { at };
        Ok(Ok(()))
    }

    /// Lets a stopped clock go on.
    pub fn resume(&mut self, at: Time) -> Result<(), ClockError> {
        match self.phase {
            Phase::Done { .. } => Err(ClockError::Done),
            Phase::Running => Err(ClockError::Running),
            Phase::Stopped { at: stopped } if at < stopped => Err(ClockError::Earlier),
            Phase::Stopped { .. } => {
                self.running_since = at;
                self.phase = Phase::Running;
                Ok(())
            }
        }
    }

    /// Adds days to the term (延长). How often, how many and with whose approval is a matter of the law that the caller applies.
    pub fn extend(&mut self, state: &State, days: u16, at: Time) -> Result<Result<(), ClockError>, Missing> {
        if matches!(self.phase, Phase::Done { .. }) {
            return Ok(Err(ClockError::Done));
        }
        if self.is_over(state, at)? {
            return Ok(Err(ClockError::Over));
        }
        let extended = self.extension_days.checked_add(days);
        let Some(extension) = extended.filter(|extension| self.term.days.checked_add(*extension).is_some()) else {
            return Ok(Err(ClockError::TooLong));
        };
        self.extension_days = extension;
        Ok(Ok(()))
    }

    /// Ends the clock: what it was for has been done, in time or late.
    pub fn finish(&mut self, state: &State, at: Time) -> Result<Result<(), ClockError>, Missing> {
        match self.phase {
            Phase::Done { .. } => return Ok(Err(ClockError::Done)),
            Phase::Stopped { at: last } if at < last => return Ok(Err(ClockError::Earlier)),
            Phase::Running if at < self.running_since => return Ok(Err(ClockError::Earlier)),
            Phase::Stopped { .. } | Phase::Running => {}
        }
        self.phase = Phase::Done { at, deadline: self.deadline(state)? };
        Ok(Ok(()))
    }

    /// Whether the parts fit each other, for checks of invariants.
    pub fn is_consistent(&self) -> bool {
        let is_bounded = self.term.days.checked_add(self.extension_days).is_some_and(|total| self.used_days <= total);
        is_bounded
            && self.began <= self.running_since
            && match self.phase {
                Phase::Running => true,
                Phase::Stopped { at } | Phase::Done { at, .. } => at >= self.running_since,
            }
    }

    /// Term and extension; [`Clock::extend`] bounds the sum.
    fn total_days(&self) -> u16 {
        self.term.days.saturating_add(self.extension_days)
    }

    fn days_since_running(&self, state: &State, at: Time) -> Result<u32, Missing> {
        match self.term.unit {
            DayUnit::WorkingDay => working_days_between(state, self.running_since, at),
            DayUnit::CalendarDay => Ok(BeijingDay::of(at).days_since(BeijingDay::of(self.running_since))),
        }
    }
}
