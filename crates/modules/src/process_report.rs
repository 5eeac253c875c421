//! What past cases say about how an office works (流程分析): figures from the events of the module `history`, in whole milliseconds.
//!
//! The events are those on final receipts, in the order of the receipts: [`ProcessLog::add`] takes one after the other, and refuses a
//! sequence with a gap, so that figures are never those of half a case. Nothing here is read from the file that the cases came from.
//!
//! | Figure | Chinese | How it is reckoned |
//! |---|---|---|
//! | variant | 流程变体 | the activities of a case in the order of their completion; at one moment, in that of the source |
//! | duration | 办理时长 | of a case: from its first completed step to its last |
//! | elapsed | 环节用时 | of a step: from its beginning, or the completion of the step before, or the case's beginning, to its completion |
//! | mean | 平均 | rounded to the nearest millisecond |
//! | late, open | 超期、未办结 | the flags on the ledger |
//! | four eyes | 审查与决定分离 | of the cases in which both activities were done, those in which one person did both first |

use crate::case_history::{Activity, Flag, Flags, Pair, People, Resource, Step, Tally};
use crate::history::{CaseKey, Event};
use serde::{Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};
use tongban_types::Time;

/// Events that do not follow each other: a receipt between them is missing, or they are not in the order of the receipts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the receipts about case {} of {} have a gap", &*key.number, &*key.system)]
pub struct Gap {
    /// The case.
    pub key: CaseKey,
}

/// Past cases, as their events are read.
#[derive(Clone, Debug, Default)]
pub struct ProcessLog {
    cases: BTreeMap<CaseKey, LoggedCase>,
    activities: BTreeMap<Activity, u32>,
    resources: BTreeSet<Resource>,
    groups: BTreeSet<Resource>,
    events: u64,
}

#[derive(Clone, Debug)]
struct LoggedCase {
    facts: crate::case_history::Facts,
    tally: Tally,
    steps: Vec<LoggedStep>,
    flags: Flags,
}

/// A step without its texts, of which a log repeats the same few.
#[derive(Clone, Copy, Debug)]
struct LoggedStep {
    activity: u32,
    started_at: Option<Time>,
    completed_at: Time,
}

/// A span of time in JSON as seconds with three decimals, such as `"467263.915"`; a text, because it is exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Milliseconds.
    pub millis: u64,
}

impl std::fmt::Display for Span {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.pad(&format!("{}.{:03}", self.millis / 1_000, self.millis % 1_000))
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProcessReport {
    /// Past cases.
    pub cases: u64,
    /// Their steps.
    pub events: u64,
    /// Different activities.
    pub activities: u64,
    /// Different clerks, by pseudonym.
    pub resources: u64,
    /// Different groups.
    pub groups: u64,
    /// Different sequences of activities.
    pub variants: u64,
    /// The mean duration of a case, in seconds.
    pub mean_duration_seconds: Span,
    /// The longest duration, in seconds.
    pub longest_duration_seconds: Span,
    /// Cases that ended after their deadline.
    pub late: u64,
    /// Cases without an end.
    pub open: u64,
    /// Cases of which not all steps have been taken over.
    pub incomplete: u64,
    /// Cases in which one person checked and decided.
    pub four_eyes_flagged: u64,
    /// Of so many pairs, one for each case and rule in which both activities were done.
    pub four_eyes_pairs: u64,
    /// The rules of which those pairs are.
    pub four_eyes: Vec<PairFigures>,
    /// Cases with each flag.
    pub flags: BTreeMap<&'static str, u64>,
    /// Each activity, by name.
    pub by_activity: Vec<ActivityFigures>,
    /// Each variant, the most frequent first.
    pub by_variant: Vec<VariantFigures>,
}

/// A rule that two people are needed, and how it was kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PairFigures {
    /// The check.
    pub check: Activity,
    /// The decision.
    pub decision: Activity,
    /// Cases in which both were done.
    pub pairs: u64,
    /// Those in which one person did both.
    pub flagged: u64,
}

/// How long an activity takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActivityFigures {
    /// The activity.
    pub activity: Activity,
    /// How often it was done.
    pub events: u64,
    /// The mean of the elapsed times, in seconds.
    pub mean_elapsed_seconds: Span,
    /// The longest of them, in seconds.
    pub longest_elapsed_seconds: Span,
}

/// A sequence of activities.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VariantFigures {
    /// How many cases went so.
    pub cases: u64,
    /// The activities.
    pub activities: Vec<Activity>,
}

impl ProcessLog {
    /// Takes the next event into account.
    pub fn add(&mut self, event: &Event) -> Result<(), Gap> {
        match event {
            Event::CaseImported { key, facts, steps, flags, .. } => {
                if self.cases.contains_key(key) {
                    return Err(Gap { key: key.clone() });
                }
                let tally = Tally::new(facts);
                let case = LoggedCase { facts: facts.clone(), tally, steps: Vec::new(), flags: flags.clone() };
                self.cases.insert(key.clone(), case);
                self.add_steps(key, steps, flags);
            }
            Event::StepsImported { key, first, steps, flags } => {
                if self.cases.get(key).is_none_or(|case| case.tally.steps != *first) {
                    return Err(Gap { key: key.clone() });
                }
                self.add_steps(key, steps, flags);
            }
        }
        Ok(())
    }

    fn add_steps(&mut self, key: &CaseKey, steps: &[Step], flags: &Flags) {
        let case = self.cases.get_mut(key).expect("the caller has found it");
        // Flags of single steps are taken from the ledger, so that no time is needed to compare with.
        let tally = std::mem::take(&mut case.tally);
        case.tally = tally.with(&case.facts, steps, Time::MAX);
        case.flags = flags.clone();
        for step in steps {
            let next = u32::try_from(self.activities.len()).expect("a ledger has fewer receipts than that");
            let activity = *self.activities.entry(step.activity.clone()).or_insert(next);
            case.steps.push(LoggedStep { activity, started_at: step.started_at, completed_at: step.completed_at });
            self.resources.extend(step.resource.clone());
            self.groups.extend(step.group.clone());
            self.events += 1;
        }
    }

    /// The figures.
    pub fn report(&self) -> ProcessReport {
        let cases = self.cases.len() as u64;
        let durations: Vec<u64> = self.cases.values().map(|case| case.tally.duration_millis()).collect();
        let flags = self.flags();
        let count = |flag: Flag| flags.get(<&'static str>::from(flag)).copied().unwrap_or_default();
        let four_eyes = self.four_eyes();
        let by_variant = self.by_variant();
        ProcessReport {
            cases,
            events: self.events,
            activities: self.activities.len() as u64,
            resources: self.resources.len() as u64,
            groups: self.groups.len() as u64,
            variants: by_variant.len() as u64,
            mean_duration_seconds: mean(&durations),
            longest_duration_seconds: longest(&durations),
            late: count(Flag::Late),
            open: count(Flag::NoEnd),
            incomplete: count(Flag::Incomplete),
            four_eyes_flagged: count(Flag::SamePersonCheckedAndDecided),
            four_eyes_pairs: four_eyes.iter().map(|pair| pair.pairs).sum(),
            four_eyes,
            flags,
            by_activity: self.by_activity(),
            by_variant,
        }
    }

    fn flags(&self) -> BTreeMap<&'static str, u64> {
        let mut flags = BTreeMap::new();
        for flag in self.cases.values().flat_map(|case| case.flags.iter()) {
            *flags.entry((*flag).into()).or_default() += 1;
        }
        flags
    }

    fn four_eyes(&self) -> Vec<PairFigures> {
        let mut found: BTreeMap<(&Activity, &Activity), (u64, u64)> = BTreeMap::new();
        for case in self.cases.values() {
            for (Pair { check, decision }, people) in case.facts.four_eyes.iter().zip(&case.tally.people) {
                let (pairs, flagged) = found.entry((check, decision)).or_default();
                *pairs += u64::from(people.is_complete());
                *flagged += u64::from(People::are_one(people));
            }
        }
        let figures = found.into_iter().map(|((check, decision), (pairs, flagged))| PairFigures {
            check: check.clone(),
            decision: decision.clone(),
            pairs,
            flagged,
        });
        figures.collect()
    }

    fn by_variant(&self) -> Vec<VariantFigures> {
        let names = self.names();
        let mut variants: BTreeMap<Vec<&Activity>, u64> = BTreeMap::new();
        for case in self.cases.values() {
            let activities = case.in_order().iter().map(|step| names[step.activity as usize]).collect();
            *variants.entry(activities).or_default() += 1;
        }
        let mut figures: Vec<VariantFigures> = variants
            .into_iter()
            .map(|(activities, cases)| VariantFigures { cases, activities: activities.into_iter().cloned().collect() })
            .collect();
        figures.sort_by_key(|variant| std::cmp::Reverse(variant.cases)); // of equal numbers, by name
        figures
    }

    fn by_activity(&self) -> Vec<ActivityFigures> {
        let mut events = vec![0; self.activities.len()];
        let mut elapsed: Vec<Vec<u64>> = vec![Vec::new(); self.activities.len()];
        for case in self.cases.values() {
            let mut before = case.facts.started_at;
            for step in case.in_order() {
                let place = step.activity as usize;
                events[place] += 1;
                elapsed[place].extend(step.started_at.or(before).map(|since| step.completed_at.millis_since(since)));
                before = Some(step.completed_at);
            }
        }
        let figures = self.activities.iter().map(|(activity, place)| ActivityFigures {
            activity: activity.clone(),
            events: events[*place as usize],
            mean_elapsed_seconds: mean(&elapsed[*place as usize]),
            longest_elapsed_seconds: longest(&elapsed[*place as usize]),
        });
        figures.collect()
    }

    /// The names of the activities by their places.
    fn names(&self) -> Vec<&Activity> {
        let mut names: Vec<(&Activity, u32)> = self.activities.iter().map(|(name, place)| (name, *place)).collect();
        names.sort_by_key(|(_, place)| *place);
        names.into_iter().map(|(name, _)| name).collect()
    }
}

impl LoggedCase {
    /// The steps by their completion; at one moment, as the source has them.
    fn in_order(&self) -> Vec<LoggedStep> {
        let mut steps = self.steps.clone();
        steps.sort_by_key(|step| step.completed_at);
        steps
    }
}

fn mean(millis: &[u64]) -> Span {
    let count = millis.len() as u128;
    let total: u128 = millis.iter().map(|millis| u128::from(*millis)).sum();
    let mean = (total + count / 2).checked_div(count).unwrap_or_default();
    Span { millis: u64::try_from(mean).expect("a mean is no greater than the greatest") }
}

fn longest(millis: &[u64]) -> Span {
    Span { millis: millis.iter().copied().max().unwrap_or_default() }
}
