//! The steps of a case over the flow of its item: what is due, what finishing or rejecting a step does, and what came of it all.
//!
//! Pure functions over [`flow`]; the marks of a case stand in the flow's order. A step's clock starts when it becomes due, so that steps
//! of parallel branches run at the same time and the whole takes as long as the slowest branch.

use crate::case_records::{Mark, ROUNDS_MAX};
use crate::clocks::Clock;
use crate::flow::{self, Flow, FlowError, STEPS_MAX, StepName, StepOutcome, StepState};
use crate::forms::Answers;
use crate::items::{Item, OnRejection, StepKind, Term};
use std::collections::BTreeMap;
use tongban_kernel::Role;
use tongban_types::{AccountId, List, Time};

/// The marks of a case.
pub type Marks = List<Mark, STEPS_MAX>;

/// What a rejection came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejected {
    /// It stands: what builds on the step stops.
    Stands,
    /// It went back: these steps are done again.
    SentBack(Vec<StepName>),
}

/// A step can go back no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyRounds;

/// The role that a step asks for. Of several steps of acceptance the first one is the acceptance of the case; the others are reviews.
pub const fn role(kind: StepKind) -> Role {
    match kind {
        StepKind::Decision => Role::Approver,
        StepKind::Certificate | StepKind::Delivery => Role::Issuer,
        StepKind::Acceptance
        | StepKind::AutomaticCheck
        | StepKind::Review
        | StepKind::Inspection
        | StepKind::Hearing
        | StepKind::ExpertOpinion
        | StepKind::Test
        | StepKind::Publicity => Role::Reviewer,
    }
}

/// The step that is the acceptance of the case, where the flow has one.
pub fn acceptance(flow: &Flow) -> Option<usize> {
    flow.iter().position(|step| step.kind == StepKind::Acceptance)
}

/// Marks for a flow of which nothing is done.
pub fn blank(flow: &Flow) -> Marks {
    List::new(vec![Mark::default(); flow.len()]).expect("a flow has as many steps as a case")
}

/// The state of each step.
pub fn states(flow: &Flow, answers: &Answers, marks: &[Mark]) -> Result<Vec<StepState>, FlowError> {
    let done = done(flow, marks);
    let is_final = |index: usize| marks.get(index).is_some_and(|mark| mark.outcome == Some(StepOutcome::Rejected));
    let returns = |index: usize| matches!(flow[index].on_rejection, OnRejection::Return { .. });
    if !(0..flow.len()).any(|index| is_final(index) && returns(index)) {
        return Ok(flow::progress(flow, answers, &done)?.states);
    }
    // Refused for good although its author foresaw to send it back: then it stops all.
    let mut steps = flow.clone().into_vec();
    for (index, step) in steps.iter_mut().enumerate().filter(|(index, _)| is_final(*index)) {
        if returns(index) {
            step.on_rejection = OnRejection::StopAll;
        }
    }
    let flow = List::new(steps).expect("as many steps as before");
    Ok(flow::progress(&flow, answers, &done)?.states)
}

fn done(flow: &Flow, marks: &[Mark]) -> BTreeMap<StepName, StepOutcome> {
    let finished = flow.iter().zip(marks);
    finished.filter_map(|(step, mark)| mark.outcome.map(|outcome| (step.name.clone(), outcome))).collect()
}

/// Starts the clocks of all steps that have become due; gives their places.
pub fn begin_due(item: &Item, answers: &Answers, marks: &mut Marks, at: Time) -> Result<Vec<usize>, FlowError> {
    let states = states(&item.flow, answers, marks)?;
    let mut begun = Vec::new();
    let mut changed = std::mem::take(marks).into_vec();
    for (index, mark) in changed.iter_mut().enumerate() {
        if states.get(index) == Some(&StepState::Due) && mark.clock.is_none() {
            let days = item.flow[index].days;
            mark.clock = Some(Clock::start(Term { days, unit: item.clocks.promised.unit }, at));
            begun.push(index);
        }
    }
    *marks = List::new(changed).expect("as many marks as before");
    Ok(begun)
}

/// Sets how a step was finished, and by whom.
pub fn finish(marks: &mut Marks, index: usize, outcome: StepOutcome, by: Option<AccountId>) {
    change(marks, |place, mark| {
        if place == index {
            (mark.outcome, mark.by) = (Some(outcome), by);
        }
    });
}

/// Rejects a step, or sends it back where its flow says so.
pub fn reject(
    flow: &Flow,
    answers: &Answers,
    marks: &mut Marks,
    index: usize,
    by: AccountId,
) -> Result<Result<Rejected, TooManyRounds>, FlowError> {
    let name = &flow[index].name;
    if !matches!(flow[index].on_rejection, OnRejection::Return { .. }) {
        finish(marks, index, StepOutcome::Rejected, Some(by));
        return Ok(Ok(Rejected::Stands));
    }
    if marks.get(index).is_some_and(|mark| mark.round.saturating_sub(mark.first_round) >= ROUNDS_MAX) {
        return Ok(Err(TooManyRounds));
    }
    let rejection = flow::after_rejection(flow, answers, &done(flow, marks), name)?;
    let lapses = |place: usize| flow.get(place).is_some_and(|step| rejection.repeated.contains(&step.name));
    // What waits behind the step it goes back to waits again, and what was under way there begins anew.
    let behind = match &flow[index].on_rejection {
        OnRejection::Return { to } => flow::place_of(flow, to),
        OnRejection::StopAll | OnRejection::FinishOthers => None,
    };
    let ancestors = flow::ancestors(flow);
    let is_behind =
        |place: usize| behind.is_some_and(|target| place == target || ancestors[place] & (1 << target) != 0);
    change(marks, |place, mark| {
        if lapses(place) || is_behind(place) && mark.clock.is_some() {
            *mark = repeated(mark);
        }
    });
    Ok(Ok(Rejected::SentBack(rejection.repeated)))
}

/// Undoes a refused decision for its reconsideration: decisions and what follows them are done again.
pub fn reopen(flow: &Flow, marks: &mut Marks) {
    let ancestors = flow::ancestors(flow);
    let is_decision = |place: usize| flow[place].kind == StepKind::Decision;
    let follows = |place: usize| flow::places(ancestors[place]).any(is_decision);
    change(marks, |place, mark| {
        let is_rejected = mark.outcome == Some(StepOutcome::Rejected);
        if (is_decision(place) || follows(place) || is_rejected) && (mark.outcome.is_some() || mark.clock.is_some()) {
            *mark = repeated(mark);
        }
    });
}

/// Undoes all that was done or is under way: the facts by which it was done are others.
pub fn repeat_all(marks: &mut Marks) {
    change(marks, |_, mark| {
        if mark.outcome.is_some() || mark.clock.is_some() {
            *mark = repeated(mark);
        }
    });
}

/// Undoes all for a body that takes the case over, and sends back as often as the law lets any body.
pub fn take_over(marks: &mut Marks) {
    repeat_all(marks);
    change(marks, |_, mark| mark.first_round = mark.round);
}

/// A step that is done again, in a round with a record of its own.
fn repeated(mark: &Mark) -> Mark {
    let before = mark.by.or(mark.before);
    Mark { outcome: None, by: None, clock: None, round: mark.round.saturating_add(1), before, ..*mark }
}

fn change(marks: &mut Marks, mut each: impl FnMut(usize, &mut Mark)) {
    let mut changed = std::mem::take(marks).into_vec();
    changed.iter_mut().enumerate().for_each(|(place, mark)| each(place, mark));
    *marks = List::new(changed).expect("as many marks as before");
}

/// Changes the clock of one step.
pub fn change_clock(marks: &mut Marks, index: usize, clock: Clock) {
    change(marks, |place, mark| {
        if place == index {
            mark.clock = Some(clock);
        }
    });
}

/// What the decisions have come to: granted, refused, or nothing yet.
pub fn verdict(flow: &Flow, states: &[StepState]) -> Option<bool> {
    let decisions: Vec<StepState> = flow
        .iter()
        .zip(states)
        .filter_map(|(step, state)| (step.kind == StepKind::Decision).then_some(*state))
        .collect();
    let any = |wanted: fn(&StepState) -> bool| decisions.iter().any(wanted);
    if any(|state| matches!(state, StepState::Due | StepState::Waiting)) {
        return None;
    }
    if any(|state| *state == StepState::Finished(StepOutcome::Rejected)) {
        return Some(false);
    }
    if any(|state| *state == StepState::Stopped) {
        return None; // an officer has to refuse: a rejected step is an opinion, no decision
    }
    any(|state| matches!(state, StepState::Finished(_))).then_some(true)
}

/// Whether a decision can be taken in this step: it is due, or something before it was rejected and nothing before it is under way
/// any more, so that it can only be a refusal.
pub fn can_decide(flow: &Flow, states: &[StepState], index: usize) -> Option<Ruling> {
    match states.get(index)? {
        StepState::Due => Some(Ruling::Free),
        StepState::Stopped => {
            let before = flow::ancestors(flow)[index];
            let is_open = |place: usize| matches!(states[place], StepState::Due | StepState::Waiting);
            (!flow::places(before).any(is_open)).then_some(Ruling::RefusalOnly)
        }
        StepState::Waiting | StepState::Skipped | StepState::Finished(_) => None,
    }
}

/// How free a decision is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// Either way.
    Free,
    /// A refusal, because a step before was rejected.
    RefusalOnly,
}

/// Whether nothing is left to be done.
pub fn is_all_done(states: &[StepState]) -> bool {
    !states.iter().any(|state| matches!(state, StepState::Due | StepState::Waiting))
}
