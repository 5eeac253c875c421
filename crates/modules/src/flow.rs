//! The flow of a service item as pure functions: which steps are due, skipped or stopped, what a rejection does, how long it all takes.
//!
//! ```text
//! waiting ──all it waits for passed or were skipped──▶ due ──▶ finished (passed, rejected, passed by silence)
//!    │                                                  │
//!    │ its condition does not hold ──▶ skipped          └─▶ return: an earlier step and all behind it are done again
//!    └ something before it was rejected ──▶ stopped
//! ```
//!
//! A skipped step counts as passed for those behind it, and only once all before it have. Results depend on the steps, the answers and
//! the outcomes alone.

use crate::conditions::{self, Undecided};
use crate::forms::Answers;
use crate::items::{OnRejection, Step, StepKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tongban_types::{List, Text};

/// Steps of one flow; their sets fit 64 bits.
pub const STEPS_MAX: usize = 64;

/// The name of a step.
pub type StepName = Text<40>;
/// The steps of an item.
pub type Flow = List<Step, STEPS_MAX>;

/// How a step was finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    /// It went well (通过).
    Passed,
    /// Its days went by, and silence is consent (超时视为同意).
    PassedBySilence,
    /// It was rejected (不通过).
    Rejected,
}

/// Where a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// For others.
    Waiting,
    /// It can be done now.
    Due,
    /// Its condition does not hold.
    Skipped,
    /// It is done.
    Finished(StepOutcome),
    /// It will not be done: something was rejected.
    Stopped,
}

/// How a whole flow ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Nothing was rejected.
    Granted,
    /// Something was.
    Rejected,
}

/// Where a flow is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The state of each step, in the flow's order.
    pub states: Vec<StepState>,
    /// How it ended, if it did.
    pub end: Option<End>,
}

/// What the rejection of a step does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rejection {
    /// Steps that are not done any more.
    pub stopped: Vec<StepName>,
    /// Finished steps whose outcomes lapse, because they are done again; the rejected one among them.
    pub repeated: Vec<StepName>,
    /// Steps that are still to be done.
    pub going_on: Vec<StepName>,
}

/// The slowest way through a flow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LongestWay {
    /// Its days.
    pub days: u32,
    /// Its steps, in order.
    pub steps: Vec<usize>,
}

/// Why a flow cannot go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FlowError {
    /// A step waits for itself over others, or for one that does not exist: the flow was never checked.
    #[error("the steps have no order")]
    Unordered,
    /// An outcome of no step.
    #[error("the flow has no step `{0}`")]
    UnknownStep(StepName),
    /// A condition cannot be decided.
    #[error("whether the step `{step}` applies cannot be decided: {reason}")]
    Undecided {
        /// The step.
        step: StepName,
        /// Why.
        reason: Undecided,
    },
    /// A step was rejected with a return, and its outcome still stands.
    #[error("`{0}` was returned: drop the outcomes that lapse first")]
    ReturnOpen(StepName),
}

/// A set of steps.
pub type StepSet = u64;

/// The place of the step with this name.
pub fn place_of(flow: &Flow, name: &StepName) -> Option<usize> {
    flow.iter().position(|step| step.name == *name)
}

fn set(place: usize) -> StepSet {
    1 << place
}

/// For each step, those it waits for; names of no step are left out.
pub fn predecessors(flow: &Flow) -> Vec<StepSet> {
    let of = |step: &Step| step.waits_for.iter().filter_map(|name| place_of(flow, name)).map(set).fold(0, |a, b| a | b);
    flow.iter().map(of).collect()
}

/// For each step, all that have to be finished before it, over any number of others.
pub fn ancestors(flow: &Flow) -> Vec<StepSet> {
    let mut ancestors = predecessors(flow);
    // Each round reaches at least one step further, and no way is longer than the number of steps.
    for _ in 0..flow.len() {
        for place in 0..ancestors.len() {
            let reached = places(ancestors[place]).map(|before| ancestors[before]).fold(ancestors[place], |a, b| a | b);
            ancestors[place] = reached;
        }
    }
    ancestors
}

/// The places in a set, ascending.
pub fn places(set_of_steps: StepSet) -> impl Iterator<Item = usize> {
    (0..STEPS_MAX).filter(move |place| set_of_steps & set(*place) != 0)
}

/// The steps, each behind those it waits for; the flow's own order where that leaves a choice.
pub fn order(flow: &Flow) -> Result<Vec<usize>, FlowError> {
    let predecessors = predecessors(flow);
    if flow.iter().any(|step| step.waits_for.iter().any(|name| place_of(flow, name).is_none())) {
        return Err(FlowError::Unordered);
    }
    let mut order = Vec::new();
    let mut ordered = 0;
    while order.len() < flow.len() {
        let is_next = |place: &usize| ordered & set(*place) == 0 && predecessors[*place] & !ordered == 0;
        let next = (0..flow.len()).find(is_next).ok_or(FlowError::Unordered)?;
        ordered |= set(next);
        order.push(next);
    }
    Ok(order)
}

/// Whether each step applies to these answers.
pub fn applying(flow: &Flow, answers: &Answers) -> Result<Vec<bool>, FlowError> {
    let applies = |step: &Step| match &step.condition {
        None => Ok(true),
        Some(condition) => conditions::holds(condition, answers)
            .map_err(|reason| FlowError::Undecided { step: step.name.clone(), reason }),
    };
    flow.iter().map(applies).collect()
}

/// Where the flow is when these steps are finished.
pub fn progress(flow: &Flow, answers: &Answers, done: &BTreeMap<StepName, StepOutcome>) -> Result<Progress, FlowError> {
    if let Some(unknown) = done.keys().find(|name| place_of(flow, name).is_none()) {
        return Err(FlowError::UnknownStep(unknown.clone()));
    }
    let rejected = |step: &&Step| done.get(&step.name) == Some(&StepOutcome::Rejected);
    if let Some(open) =
        flow.iter().filter(rejected).find(|step| matches!(step.on_rejection, OnRejection::Return { .. }))
    {
        return Err(FlowError::ReturnOpen(open.name.clone()));
    }
    let is_stopped = flow.iter().filter(rejected).any(|step| step.on_rejection == OnRejection::StopAll);
    let applies = applying(flow, answers)?;
    let predecessors = predecessors(flow);
    let mut states = vec![StepState::Waiting; flow.len()];
    for place in order(flow)? {
        let before = |wanted: fn(StepState) -> bool| places(predecessors[place]).any(|before| wanted(states[before]));
        states[place] = match done.get(&flow[place].name) {
            Some(outcome) => StepState::Finished(*outcome),
            None if is_stopped && !applies[place] => StepState::Skipped,
            None if is_stopped || before(is_dead_end) => StepState::Stopped,
            None if before(is_open) => StepState::Waiting,
            None if applies[place] => StepState::Due,
            None => StepState::Skipped,
        };
    }
    let end = if states.iter().copied().any(is_open) {
        None
    } else if states.iter().copied().any(is_dead_end) {
        Some(End::Rejected)
    } else {
        Some(End::Granted)
    };
    Ok(Progress { states, end })
}

fn is_dead_end(state: StepState) -> bool {
    matches!(state, StepState::Finished(StepOutcome::Rejected) | StepState::Stopped)
}

fn is_open(state: StepState) -> bool {
    matches!(state, StepState::Waiting | StepState::Due)
}

/// The steps that can be done now.
pub fn ready_steps(
    flow: &Flow,
    answers: &Answers,
    done: &BTreeMap<StepName, StepOutcome>,
) -> Result<Vec<StepName>, FlowError> {
    let states = progress(flow, answers, done)?.states;
    let due = flow.iter().zip(states).filter(|(_, state)| *state == StepState::Due);
    Ok(due.map(|(step, _)| step.name.clone()).collect())
}

/// What it does to reject a step that is due, when these steps are finished.
pub fn after_rejection(
    flow: &Flow,
    answers: &Answers,
    done: &BTreeMap<StepName, StepOutcome>,
    rejected: &StepName,
) -> Result<Rejection, FlowError> {
    let place = place_of(flow, rejected).ok_or_else(|| FlowError::UnknownStep(rejected.clone()))?;
    let mut after = done.clone();
    let mut repeated = Vec::new();
    match &flow[place].on_rejection {
        OnRejection::StopAll | OnRejection::FinishOthers => {
            after.insert(rejected.clone(), StepOutcome::Rejected);
        }
        OnRejection::Return { to } => {
            let target = place_of(flow, to).ok_or_else(|| FlowError::UnknownStep(to.clone()))?;
            let ancestors = ancestors(flow);
            for (place, step) in flow.iter().enumerate() {
                let lapses = place == target || ancestors[place] & set(target) != 0;
                if lapses && (after.remove(&step.name).is_some() || step.name == *rejected) {
                    repeated.push(step.name.clone());
                }
            }
        }
    }
    let states = progress(flow, answers, &after)?.states;
    let applies = applying(flow, answers)?;
    let named = |wanted: fn(StepState) -> bool| {
        let steps = flow.iter().zip(&states).zip(&applies).filter(|((_, state), applies)| **applies && wanted(**state));
        steps.map(|((step, _), _)| step.name.clone()).collect::<Vec<_>>()
    };
    Ok(Rejection { stopped: named(|state| state == StepState::Stopped), repeated, going_on: named(is_open) })
}

/// The slowest way, where each step takes so many days: the total time is that of the slowest branch, not the sum.
pub fn longest_way(flow: &Flow, days: impl Fn(usize) -> u32) -> Result<LongestWay, FlowError> {
    let predecessors = predecessors(flow);
    let mut ways: Vec<LongestWay> = vec![LongestWay::default(); flow.len()];
    let mut longest = LongestWay::default();
    for place in order(flow)? {
        let mut way = LongestWay::default();
        for before in places(predecessors[place]) {
            if ways[before].days > way.days || way.steps.is_empty() {
                way = ways[before].clone();
            }
        }
        way.days += days(place); // 64 steps of 16 bits
        way.steps.push(place);
        if way.days > longest.days || longest.steps.is_empty() {
            longest = way.clone();
        }
        ways[place] = way;
    }
    Ok(longest)
}

/// Whether the days of a step run on the clock of the decision. Acceptance and delivery have clocks of their own, and what article 45
/// of 行政许可法 names does not count, where the applicant is told how long it takes.
pub fn is_on_decision_clock(kind: StepKind) -> bool {
    match kind {
        StepKind::AutomaticCheck | StepKind::Review | StepKind::Inspection | StepKind::Decision => true,
        StepKind::Publicity => true,
        StepKind::Acceptance | StepKind::Certificate | StepKind::Delivery => false,
        StepKind::Hearing | StepKind::ExpertOpinion | StepKind::Test => false,
    }
}
