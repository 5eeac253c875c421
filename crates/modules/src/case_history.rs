//! Past cases of older systems (历史办件), as pure types, and the rules that flag them.
//!
//! A past case is what it is: the rules of today flag it and never refuse it. The flags follow from the times and steps alone, and they
//! are reckoned step by step ([`Tally`]), so that a case with many steps can be taken over in several portions with the same result.
//!
//! A resource is the pseudonym that the older system used for a clerk, such as `Resource21`: it stands on the ledger, because who checked and
//! who decided is a fact of office. Names do not: whoever exports a log replaces them before. Applicants stand nowhere here.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;
use tongban_types::{Digest, List, Text, Time};

/// Steps in one call: with the longest texts they fit it.
pub const STEPS_PER_CALL_MAX: usize = 40;
/// Steps of one case.
pub const STEPS_MAX: u32 = 10_000;
/// Pairs of activities that different people have to do.
pub const PAIRS_MAX: usize = 4;
/// Kinds of flags.
pub const FLAGS_MAX: usize = 16;

/// What is done in a step (环节), as the older system named it.
pub type Activity = Text<80>;
/// The pseudonym of a clerk, or the name of a group; no personal data.
pub type Resource = Text<40>;
/// Steps that travel together.
pub type Steps = List<Step, STEPS_PER_CALL_MAX>;

/// One step of a past case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What was done.
    pub activity: Activity,
    /// Who did it, by the older system's pseudonym; none where it does not say.
    pub resource: Option<Resource>,
    /// The group or office that did it.
    pub group: Option<Resource>,
    /// When it was begun, where the older system says so.
    pub started_at: Option<Time>,
    /// When it was completed.
    pub completed_at: Time,
}

/// What the older system says about a case as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// The file that it was taken from, as a digest of the network's suite (源文件校验值).
    pub checksum: Digest,
    /// When it was filed.
    pub started_at: Option<Time>,
    /// When it had to be done (时限).
    pub deadline: Option<Time>,
    /// When it was done (办结时间).
    pub ended_at: Option<Time>,
    /// How it came in (受理渠道).
    pub channel: Option<Resource>,
    /// The part of the department that was responsible.
    pub unit: Option<Resource>,
    /// Activities that must not be done by one person: who checks does not decide (审查与决定分离).
    pub four_eyes: List<Pair, PAIRS_MAX>,
}

/// Two activities for two people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// The check.
    pub check: Activity,
    /// The decision.
    pub decision: Activity,
}

/// What the rules say of a past case.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
    IntoStaticStr,
    strum::EnumIter,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Flag {
    /// It ended after its deadline (超期).
    Late,
    /// It has no end (未办结).
    NoEnd,
    /// It has no deadline.
    NoDeadline,
    /// It has no beginning.
    NoStart,
    /// It ended before it began.
    EndBeforeStart,
    /// Its deadline lies before its beginning.
    DeadlineBeforeStart,
    /// Its steps do not stand in the order of their times.
    OutOfOrder,
    /// A step was completed before it was begun.
    StepEndsBeforeItStarts,
    /// A step was completed before the case began.
    StepBeforeStart,
    /// A step was completed after the case had ended.
    StepAfterEnd,
    /// One person checked and decided: the first of either, where both were done (四眼原则).
    SamePersonCheckedAndDecided,
    /// A step says nobody.
    ResourceMissing,
    /// A time lies behind the block's.
    InTheFuture,
    /// It has no steps.
    NoSteps,
    /// Not all of its steps have been taken over yet.
    Incomplete,
}

/// The flags of a case, ascending.
pub type Flags = List<Flag, FLAGS_MAX>;

/// What the steps that were taken over so far come to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tally {
    /// How many.
    pub steps: u32,
    /// The earliest completion.
    pub first_at: Option<Time>,
    /// The latest completion.
    pub last_at: Option<Time>,
    /// What was found in single steps, ascending.
    pub found: Flags,
    /// Who did the activities of each pair first.
    pub people: List<People, PAIRS_MAX>,
    /// The completion of the last step, in the order of the file.
    previous_at: Option<Time>,
}

/// Who did the activities of a pair first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct People {
    /// Who checked; none where nobody did.
    pub checked: Option<Performer>,
    /// Who decided; none where nobody did.
    pub decided: Option<Performer>,
}

/// Who did a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Performer {
    /// The pseudonym, where the step has one.
    pub resource: Option<Resource>,
}

impl People {
    /// Whether both activities were done.
    pub fn is_complete(&self) -> bool {
        self.checked.is_some() && self.decided.is_some()
    }

    /// Whether one person did both; no where a step does not say who.
    pub fn are_one(&self) -> bool {
        let resource = |performer: &Option<Performer>| performer.as_ref().and_then(|person| person.resource.clone());
        resource(&self.checked).is_some_and(|checked| Some(checked) == resource(&self.decided))
    }
}

impl Tally {
    /// No steps yet, of a case with these facts.
    pub fn new(facts: &Facts) -> Self {
        let people = List::new(vec![People::default(); facts.four_eyes.len()]).expect("as many as there are pairs");
        Self { people, ..Self::default() }
    }

    /// Takes the next steps into account. `now` is the block's time.
    #[must_use]
    pub fn with(self, facts: &Facts, steps: &[Step], now: Time) -> Self {
        steps.iter().fold(self, |tally, step| tally.with_step(facts, step, now))
    }

    fn with_step(mut self, facts: &Facts, step: &Step, now: Time) -> Self {
        let at = step.completed_at;
        let found = [
            (Flag::OutOfOrder, self.previous_at.is_some_and(|previous| at < previous)),
            (Flag::StepEndsBeforeItStarts, step.started_at.is_some_and(|started| at < started)),
            (Flag::StepBeforeStart, facts.started_at.is_some_and(|started| at < started)),
            (Flag::StepAfterEnd, facts.ended_at.is_some_and(|ended| at > ended)),
            (Flag::ResourceMissing, step.resource.is_none()),
            (Flag::InTheFuture, at > now || step.started_at.is_some_and(|started| started > now)),
        ];
        self.found = merged(&self.found, found);
        self.people = people_after(self.people, facts, step);
        self.steps = self.steps.saturating_add(1);
        self.first_at = Some(self.first_at.map_or(at, |first| first.min(at)));
        self.last_at = Some(self.last_at.map_or(at, |last| last.max(at)));
        self.previous_at = Some(at);
        self
    }

    /// From the first completion to the last, in milliseconds.
    pub fn duration_millis(&self) -> u64 {
        match (self.first_at, self.last_at) {
            (Some(first), Some(last)) => last.millis_since(first),
            _ => 0,
        }
    }
}

fn people_after(people: List<People, PAIRS_MAX>, facts: &Facts, step: &Step) -> List<People, PAIRS_MAX> {
    let performer = || Performer { resource: step.resource.clone() };
    let mut people = people.into_vec();
    for (pair, people) in facts.four_eyes.iter().zip(&mut people) {
        if pair.check == step.activity && people.checked.is_none() {
            people.checked = Some(performer());
        }
        if pair.decision == step.activity && people.decided.is_none() {
            people.decided = Some(performer());
        }
    }
    List::new(people).expect("as many as before")
}

/// What the rules say of a case with these facts and steps. `expected` is how many steps it has, `now` the time of taking it over.
pub fn flags(facts: &Facts, tally: &Tally, expected: u32, now: Time) -> Flags {
    let is_before =
        |earlier: Option<Time>, later: Option<Time>| earlier.zip(later).is_some_and(|(earlier, later)| earlier < later);
    let is_future = [facts.started_at, facts.ended_at].into_iter().flatten().any(|time| time > now);
    let found = [
        (Flag::Late, is_before(facts.deadline, facts.ended_at)),
        (Flag::NoEnd, facts.ended_at.is_none()),
        (Flag::NoDeadline, facts.deadline.is_none()),
        (Flag::NoStart, facts.started_at.is_none()),
        (Flag::EndBeforeStart, is_before(facts.ended_at, facts.started_at)),
        (Flag::DeadlineBeforeStart, is_before(facts.deadline, facts.started_at)),
        (Flag::SamePersonCheckedAndDecided, tally.people.iter().any(People::are_one)),
        (Flag::InTheFuture, is_future),
        (Flag::NoSteps, expected == 0),
        (Flag::Incomplete, tally.steps < expected),
    ];
    merged(&tally.found, found)
}

/// These flags and those that hold, each once, ascending.
fn merged(flags: &Flags, found: impl IntoIterator<Item = (Flag, bool)>) -> Flags {
    let mut all = flags.to_vec();
    all.extend(found.into_iter().filter_map(|(flag, holds)| holds.then_some(flag)));
    all.sort_unstable();
    all.dedup();
    List::new(all).expect("there are fewer flags than places")
}
