//! Hearings before a decision (rule 29), what is entered at a counter (rule 30), and cases whose applicant is no more (rule 31).

use super::Moment;
use super::days::end_of_working_days;
use super::lives::{Counted, Life};
use crate::audit::finding;
use crate::record::Happened;
use crate::town;
use std::collections::BTreeSet;
use tongban_modules::case_states::Stage;
use tongban_types::codes::CaseNumber;
use tongban_types::{AccountId, Text, Time};

/// Working days to ask for a hearing (行政许可法 第四十七条).
const ASK_DAYS: u32 = 5;
/// Working days from the notice of a hearing to the hearing (第四十八条第一项).
const NOTICE_DAYS: u32 = 7;
/// Working days within which a hearing that was asked for is held (第四十七条).
const HOLD_DAYS: u32 = 20;

/// A hearing of which somebody was told that he may ask for it.
pub(super) struct Hearing {
    step: Text<40>,
    ask_until: Time,
    heard: BTreeSet<AccountId>,
    answered: BTreeSet<AccountId>,
    is_to_be_held: bool,
    date: Option<Time>,
    is_held: bool,
}

impl Hearing {
    /// Whether the decision waits for it: it is to be held and was not, or somebody can still ask for it.
    fn is_open(&self, at: Time) -> bool {
        let is_undecided = at < self.ask_until && self.answered != self.heard;
        if self.is_to_be_held { !self.is_held } else { is_undecided }
    }
}

impl Life {
    /// The applicant and others are told that they may ask for a hearing.
    pub fn tell_hearing(
        &mut self,
        case: &CaseNumber,
        step: Text<40>,
        heard: BTreeSet<AccountId>,
        ask_until: Time,
        at: Time,
    ) -> Counted {
        let are_reviews_done = [town::CHECK, town::REVIEW].iter().all(|step| self.has_finished(step));
        let is_in_turn = self.is_under_way() && are_reviews_done && self.hearing.is_none();
        if !is_in_turn || ask_until != end_of_working_days(at, ASK_DAYS) {
            return finding(
                29,
                format!("a hearing about {case} is told out of turn, or for other days than the law's"),
            );
        }
        let (answered, is_to_be_held, date, is_held) = (BTreeSet::new(), false, None, false);
        self.hearing = Some(Hearing { step, ask_until, heard, answered, is_to_be_held, date, is_held });
        Ok(Some(Happened::HearingTold))
    }

    /// Somebody asks for it, or does without it.
    pub fn answer_hearing(&mut self, case: &CaseNumber, party: AccountId, wants: bool, at: Time) -> Counted {
        let hearing = self.hearing.as_mut().filter(|hearing| hearing.heard.contains(&party) && at < hearing.ask_until);
        let Some(hearing) = hearing.filter(|hearing| !hearing.answered.contains(&party)) else {
            return finding(
                29,
                format!("{party:?} answers about a hearing of {case}, of which he was not told, or late"),
            );
        };
        hearing.answered.insert(party);
        if wants && !std::mem::replace(&mut hearing.is_to_be_held, true) {
            self.procedures.push((hearing.step.clone(), end_of_working_days(at, HOLD_DAYS)));
        }
        Ok((!wants).then_some(Happened::HearingWaived))
    }

    /// Notice is given of its date.
    pub fn arrange_hearing(&mut self, case: &CaseNumber, date: Time, at: Time) -> Counted {
        let Some(hearing) = self.hearing.as_mut().filter(|hearing| !hearing.is_held) else {
            return finding(
                29,
                format!("a hearing about {case} is arranged of which nobody was told, or that was held"),
            );
        };
        if date < end_of_working_days(at, NOTICE_DAYS) {
            return finding(29, format!("a hearing about {case} is at {date}, and notice of it was given at {at}"));
        }
        hearing.date = Some(date);
        if !std::mem::replace(&mut hearing.is_to_be_held, true) {
            self.procedures.push((hearing.step.clone(), end_of_working_days(at, HOLD_DAYS)));
        }
        Ok(None)
    }

    /// It was held, under somebody who has reviewed nothing.
    pub fn hold_hearing(&mut self, case: &CaseNumber, by: AccountId, at: Time) -> Counted {
        let has_reviewed = self.reviewers.contains(&by);
        let due =
            self.hearing.as_mut().filter(|hearing| !hearing.is_held && hearing.date.is_some_and(|date| date <= at));
        let Some(hearing) = due.filter(|_| !has_reviewed) else {
            return finding(29, format!("a hearing about {case} is held before its date, twice, or by its reviewer"));
        };
        hearing.is_held = true;
        let step = hearing.step.clone();
        self.procedures.retain(|(of, _)| *of != step);
        Ok(Some(Happened::HearingHeld))
    }

    /// A decision waits for the hearing before it. Nobody has told of one where none was to be.
    pub fn check_heard(&mut self, case: &CaseNumber, at: Time) -> Counted {
        match self.hearing.take() {
            Some(hearing) if hearing.is_open(at) => {
                finding(29, format!("{case} is decided before its hearing was held, or all do without"))
            }
            Some(hearing) if !hearing.is_to_be_held && hearing.answered != hearing.heard => {
                Ok(Some(Happened::HearingLapsed))
            }
            _ => Ok(None),
        }
    }

    /// Something was entered for its applicant at a counter.
    pub fn enter(&mut self, case: &CaseNumber, by: AccountId) -> Counted {
        if self.is_disowned {
            return finding(30, format!("something of {case} is entered after it was disowned"));
        }
        self.entered_by.insert(by);
        Ok(Some(Happened::EnteredAtCounter))
    }

    /// Its applicant says that what was entered is not his own: an application ends with it, unless it was decided.
    pub fn disown(&mut self, case: &CaseNumber, stage: Stage, entered_by: &[AccountId]) -> Counted {
        let is_known = !self.entered_by.is_empty() && self.entered_by.iter().eq(entered_by);
        if !is_known || std::mem::replace(&mut self.is_disowned, true) {
            return finding(30, format!("{case} is disowned twice, or not of those who have entered it"));
        }
        let is_open = self.decided.is_none() && self.ended.is_none() && !self.refused_acceptance;
        let ends = self.is_on_paper && is_open;
        if ends != (is_open && stage == Stage::Withdrawn) {
            return finding(30, format!("{case} was disowned, and goes on or ends as nobody can tell"));
        }
        if ends {
            self.ended = Some(Stage::Withdrawn);
        }
        Ok(Some(Happened::EntryDisowned))
    }

    /// It ends because its applicant is no more. What was decided stays decided.
    pub fn discontinue(&mut self, case: &CaseNumber, stage: Stage, is_gone: bool) -> Counted {
        let expected = if self.decided.is_some() { Stage::Closed } else { Stage::Terminated };
        if !is_gone || stage != expected || self.ended.replace(stage).is_some() {
            return finding(31, format!("{case} is discontinued, and its applicant is there, or it has ended"));
        }
        Ok(Some(Happened::CaseDiscontinued))
    }

    /// Whether whoever has entered something of it does something else of it in office.
    pub fn is_entered_by(&self, moment: Moment) -> bool {
        self.entered_by.contains(&moment.by)
    }
}
