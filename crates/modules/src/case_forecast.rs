//! When what is open in a case is planned to end (预计办结时间): a clock that runs says so itself; one that stands still goes on when its special
//! procedure ends; and a step that waits has its days behind the last of those it waits for.
//!
//! Pure functions of the records, for people: nothing expires by a forecast.

use crate::case_facts;
use crate::case_moments::Subjects;
use crate::case_records::Procedure;
use crate::cases::Case;
use crate::clocks::Clock;
use crate::flow::{self, StepState};
use crate::items::Term;
use crate::working_days::{Deadline, after, after_working_days};
use tongban_kernel::{Missing, State};
use tongban_types::Time;

/// Until when something is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Until when.
    pub deadline: Deadline,
    /// Whether that depends on what is still to come.
    pub is_forecast: bool,
}

impl Planned {
    /// What a rule or a record says.
    pub const fn certain(deadline: Deadline) -> Self {
        Self { deadline, is_forecast: false }
    }

    /// A moment that is known.
    pub const fn at(at: Time) -> Self {
        Self::certain(Deadline { at, is_provisional: false })
    }
}

/// Until when the case is to be decided: as it was promised.
pub fn of_decision(subjects: Subjects, now: Time, state: &State) -> Result<Planned, Missing> {
    let Subjects { case, filing, item, .. } = subjects;
    let planned = match &case.promised {
        Some(clock) => of_clock(clock, resumes_at(case, None, now), state)?,
        None => None,
    };
    match planned {
        Some(planned) => Ok(planned),
        None => Ok(Planned { deadline: after(state, filing.filed_at, item.clocks.promised)?, is_forecast: true }),
    }
}

/// Until when each step is to be done that is open.
pub fn of_steps(subjects: Subjects, now: Time, state: &State) -> Result<Vec<Option<Planned>>, Missing> {
    let Subjects { case, item, states, .. } = subjects;
    let before = flow::predecessors(&item.flow);
    let applies = applying(subjects);
    let mut planned: Vec<Option<Planned>> = vec![None; states.len()];
    for _ in 0..states.len() {
        // A flow has no circle: each time at least one more is planned.
        for index in (0..states.len()).filter(|index| is_open(states[*index])) {
            if planned[index].is_some() {
                continue;
            }
            let waits_for = flow::places(before[index]).filter(|place| is_open(states[*place]));
            let Some(earlier) = waits_for.map(|place| planned[place]).collect::<Option<Vec<_>>>() else { continue };
            let clock = case.steps.get(index).and_then(|mark| mark.clock);
            planned[index] = match clock.filter(|_| states[index] == StepState::Due) {
                Some(clock) => of_clock(&clock, resumes_at(case, u8::try_from(index).ok(), now), state)?,
                None if applies[index] => Some(behind(subjects, index, &earlier, now, state)?),
                None => earlier.iter().max_by_key(|planned| planned.deadline.at).copied(), // it will be skipped
            };
        }
    }
    Ok(planned)
}

/// Whether each step applies to the facts; one that does not is passed over when its turn comes.
pub fn applying(subjects: Subjects) -> Vec<bool> {
    let flow = &subjects.item.flow;
    let answers = case_facts::answers(&subjects.filing.facts);
    flow::applying(flow, &answers).unwrap_or_else(|_| vec![true; flow.len()])
}

fn is_open(state: StepState) -> bool {
    matches!(state, StepState::Due | StepState::Waiting)
}

/// A step has its days from the last day of those it waits for, or from now where that is over.
fn behind(subjects: Subjects, index: usize, earlier: &[Planned], now: Time, state: &State) -> Result<Planned, Missing> {
    let item = subjects.item;
    let begin = earlier.iter().map(|planned| planned.deadline.last_day().begin()).max().map_or(now, |at| at.max(now));
    let term = Term { days: item.flow[index].days, unit: item.clocks.promised.unit };
    let mut deadline = after(state, begin, term)?;
    deadline.is_provisional |= earlier.iter().any(|planned| planned.deadline.is_provisional);
    Ok(Planned { deadline, is_forecast: true })
}

fn of_clock(clock: &Clock, resumes_at: Time, state: &State) -> Result<Option<Planned>, Missing> {
    if let Some(deadline) = clock.deadline(state)? {
        return Ok(Some(Planned::certain(deadline)));
    }
    Ok(clock.forecast(resumes_at, state)?.map(|deadline| Planned { deadline, is_forecast: true }))
}

/// When clocks go on that special procedures hold: those of a step, or of the whole case. A suspension ends with the applicant's own act, at the
/// earliest now.
fn resumes_at(case: &Case, step: Option<u8>, now: Time) -> Time {
    let holds = |one: &&Procedure| one.ended_at.is_none() && (step.is_none() || one.step.is_none() || one.step == step);
    case.procedures.iter().filter(holds).filter_map(|one| one.until).max().map_or(now, |until| until.max(now))
}

/// So many working days behind a moment.
pub fn working_days(state: &State, since: Time, days: u16) -> Result<Planned, Missing> {
    Ok(Planned::certain(after_working_days(state, since, days)?))
}
