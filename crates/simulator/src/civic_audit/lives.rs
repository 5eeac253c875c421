//! What the auditor knows of a case, and how what happens to it changes that: each act in its turn, each moment of time to the minute.

use super::Moment;
use super::days::{end_of_working_days, minute_after, next_minute, silence_accepts_at};
use super::hearings::Hearing;
use crate::audit::{Finding, finding};
use crate::record::Happened;
use crate::town;
use std::collections::BTreeSet;
use tongban_modules::case_records::Crossing;
use tongban_modules::case_states::Stage;
use tongban_modules::catalogue::HandleType;
use tongban_modules::orgs::DepartmentCode;
use tongban_types::codes::{CaseNumber, LicenceIdentifier};
use tongban_types::{AccountId, Text, Time};

/// The applicant's days to correct, where no rules were set.
const CORRECTION_DAYS: u32 = 15;
const ACCEPTANCE: &str = "受理";

/// What is to be counted of an event.
pub(super) type Counted = Result<Option<Happened>, Finding>;

/// What the auditor knows of a case.
#[derive(Default)]
pub(super) struct Life {
    /// Whether another department receives it, and has to hand it over.
    pub is_elsewhere: bool,
    pub handed_over: bool,
    /// Since when the one who decides has it all; none where something is still to come.
    pub arrived_at: Option<Time>,
    /// When the applicant was told what to correct.
    pub asked_at: Option<Time>,
    /// Whether a higher body leads it, to which it was forwarded.
    pub is_forwarded: bool,
    pub accepted: bool,
    /// The version of its item by which it was accepted.
    pub version: Option<u32>,
    pub refused_acceptance: bool,
    pub finished: BTreeSet<Text<40>>,
    pub gap: Option<Gap>,
    /// Until when each special procedure lasts that is under way.
    pub procedures: Vec<(Text<40>, Time)>,
    pub decided: Option<bool>,
    pub decided_by: Option<AccountId>,
    /// The licence that is to be renewed, where that was applied for in time, and when it expires.
    pub renews: Option<(LicenceIdentifier, Time)>,
    pub issued: Option<LicenceIdentifier>,
    pub recorded: Option<LicenceIdentifier>,
    pub delivered: bool,
    pub ended: Option<Stage>,
    /// An appeal, and whether it was right.
    pub appeal: Option<Option<bool>>,
    /// Against whom an appeal was right.
    pub former: BTreeSet<AccountId>,
    /// Against whom an appeal about how it stands would be.
    pub against: BTreeSet<AccountId>,
    /// The department that may decide in the place of the one that leads.
    pub referred: Option<DepartmentCode>,
    /// Who has finished its steps.
    pub reviewers: BTreeSet<AccountId>,
    pub hearing: Option<Hearing>,
    /// Whether the application was entered at a counter.
    pub is_on_paper: bool,
    /// Who has entered something of it at a counter.
    pub entered_by: BTreeSet<AccountId>,
    pub is_disowned: bool,
    /// Whether what was granted was revoked.
    pub revoked: bool,
    /// When time last did something about it: what has become due meanwhile is done a minute later.
    pub touched_at: Time,
}

/// What is missing of a case that was accepted all the same.
pub(super) struct Gap {
    pub missing: Vec<u8>,
    /// When the applicant's days are over; none where silence has accepted, and nobody has set them.
    pub due: Option<Time>,
    pub suspended: bool,
}

impl Life {
    /// A case that was filed.
    pub fn new(crossing: Crossing, channel: HandleType, at: Time) -> Self {
        let is_elsewhere = crossing == Crossing::ReceivedElsewhere;
        let is_by_wire = matches!(channel, HandleType::Online | HandleType::Mobile);
        let arrived_at = (is_by_wire && crossing == Crossing::None).then_some(at);
        Self { is_elsewhere, arrived_at, ..Self::default() }
    }

    fn is_settled(&self) -> bool {
        self.accepted || self.refused_acceptance || self.ended.is_some()
    }

    /// Whether a step is done.
    pub fn has_finished(&self, step: &str) -> bool {
        self.finished.iter().any(|done| **done == *step)
    }

    /// Whether its steps are under way.
    pub fn is_under_way(&self) -> bool {
        self.accepted && self.decided.is_none() && self.ended.is_none()
    }

    /// Whether it rests because what is missing was not handed in.
    pub fn is_suspended(&self) -> bool {
        self.gap.as_ref().is_some_and(|gap| gap.suspended)
    }

    pub fn receive(&mut self, at: Time) -> Counted {
        if !self.is_elsewhere {
            self.arrived_at.get_or_insert(at);
        }
        Ok(None)
    }

    pub fn hand_over(&mut self, case: &CaseNumber, at: Time) -> Counted {
        if !self.is_elsewhere || std::mem::replace(&mut self.handed_over, true) || self.is_settled() {
            return finding(11, format!("{case} is handed over out of turn, or twice"));
        }
        self.arrived_at = Some(at);
        Ok(Some(Happened::CaseHandedOver))
    }

    pub fn ask_correction(&mut self, case: &CaseNumber, at: Time) -> Counted {
        if self.is_settled() || self.asked_at.replace(at).is_some() {
            return finding(17, format!("corrections of {case} are asked for twice, or after it was settled"));
        }
        self.arrived_at = None;
        Ok(Some(if self.is_forwarded { Happened::ToldAgain } else { Happened::CorrectionAsked }))
    }

    /// A higher body leads it from now on: it has arrived there, and the applicant can be told once more what to correct.
    pub fn forward(&mut self, case: &CaseNumber, at: Time) -> Counted {
        if self.is_settled() || self.asked_at.is_some() && self.arrived_at.is_none() {
            return finding(27, format!("{case} is forwarded while it waits for its applicant, or was settled"));
        }
        self.asked_at = None;
        self.arrived_at = self.arrived_at.map(|_| at);
        self.is_forwarded = true;
        Ok(Some(Happened::CaseForwarded))
    }

    pub fn correct(&mut self, case: &CaseNumber, at: Time) -> Counted {
        if self.is_settled() || self.asked_at.is_none() || self.arrived_at.replace(at).is_some() {
            return finding(17, format!("{case} is corrected, and nobody has asked for it"));
        }
        Ok(Some(Happened::CorrectionMade))
    }

    /// An officer accepts, or silence does.
    pub fn accept(
        &mut self,
        case: &CaseNumber,
        counts_from: Time,
        by: Option<AccountId>,
        missing: &[u8],
        moment: Moment,
    ) -> Counted {
        if self.refused_acceptance || self.ended.is_some() || std::mem::replace(&mut self.accepted, true) {
            return finding(11, format!("{case} is accepted after it was settled"));
        }
        self.finished.insert(Text::new(ACCEPTANCE).expect("a short name"));
        let Some(arrived) = self.arrived_at else {
            return finding(12, format!("{case} is accepted before it has arrived"));
        };
        let due = silence_accepts_at(arrived);
        let gap_due = by.map(|_| end_of_working_days(moment.at, u32::from(town::GAP_DAYS)));
        self.gap = (!missing.is_empty()).then(|| Gap { missing: missing.to_vec(), due: gap_due, suspended: false });
        if by.is_some() {
            if moment.at >= due || counts_from != moment.at {
                return finding(12, format!("{case} is accepted by an officer when silence has accepted it"));
            }
            let has_gap = self.gap.is_some();
            return Ok(Some(if has_gap { Happened::CaseAcceptedWithGap } else { Happened::CaseAccepted }));
        }
        if !moment.is_of_time(due, minute_after(due)) {
            return finding(12, format!("silence accepts {case} at {}, but is due at {due}", moment.at));
        }
        if counts_from != arrived {
            return finding(12, format!("the days of {case} count from {counts_from}, not from its arrival"));
        }
        self.touched_at = moment.at;
        Ok(Some(Happened::CaseAcceptedBySilence))
    }

    pub fn refuse_acceptance(&mut self, case: &CaseNumber, by: AccountId) -> Counted {
        self.check_not_former(case, by)?;
        self.against.insert(by);
        if self.accepted || std::mem::replace(&mut self.refused_acceptance, true) {
            return finding(11, format!("{case} is not accepted after it was settled"));
        }
        Ok(Some(Happened::CaseNotAccepted))
    }

    pub fn fill_gap(&mut self, case: &CaseNumber, missing: &[u8]) -> Counted {
        let is_under_way = self.is_under_way();
        let Some(gap) = self.gap.as_mut().filter(|gap| is_under_way && missing.len() < gap.missing.len()) else {
            return finding(17, format!("a gap of {case} is filled that was not there"));
        };
        gap.missing = missing.to_vec();
        if missing.is_empty() {
            gap.suspended = false;
        }
        Ok(Some(Happened::GapFilled))
    }

    /// The applicant's days for what is missing are over, and the case rests.
    pub fn suspend(&mut self, case: &CaseNumber, moment: Moment) -> Counted {
        let (is_under_way, touched_at) = (self.is_under_way(), self.touched_at);
        let Some(gap) = self.gap.as_mut().filter(|gap| is_under_way && !gap.suspended && !gap.missing.is_empty())
        else {
            return finding(17, format!("{case} is suspended, and nothing is missing of it"));
        };
        let is_in_time =
            gap.due.is_some_and(|due| moment.is_of_time(due, minute_after(due).max(next_minute(touched_at))));
        if !is_in_time {
            return finding(17, format!("{case} is suspended at {}, not at {:?}", moment.at, gap.due));
        }
        gap.suspended = true;
        self.touched_at = moment.at;
        Ok(Some(Happened::GapSuspended))
    }

    pub fn finish_step(&mut self, case: &CaseNumber, step: Text<40>, is_passed: bool, by: AccountId) -> Counted {
        self.reviewers.insert(by);
        if !self.is_under_way() || self.is_suspended() || !is_passed || !self.finished.insert(step.clone()) {
            return finding(11, format!("{step} of {case} is done out of turn, or twice"));
        }
        Ok(None)
    }

    pub fn stop_clock(&mut self, case: &CaseNumber, step: Text<40>, until: Time) -> Counted {
        if !self.is_under_way() {
            return finding(13, format!("the clock of {case} stops before or after it runs"));
        }
        self.procedures.push((step, until));
        Ok(Some(Happened::ClockStopped))
    }

    pub fn resume_clock(
        &mut self,
        case: &CaseNumber,
        step: Option<&Text<40>>,
        by: Option<AccountId>,
        moment: Moment,
    ) -> Counted {
        let Some(index) = self.procedures.iter().position(|(of, _)| Some(of) == step) else {
            return finding(13, format!("the clock of {case} goes on, and did not stand still"));
        };
        let (_, until) = self.procedures.remove(index);
        if by.is_some() {
            return Ok(None);
        }
        if !moment.is_of_time(until, minute_after(until).max(next_minute(self.touched_at))) {
            return finding(13, format!("a procedure of {case} ends at {}, not at {until}", moment.at));
        }
        self.touched_at = moment.at;
        Ok(Some(Happened::ClockResumedByTime))
    }

    /// An officer decides, or the law does.
    pub fn decide(
        &mut self,
        case: &CaseNumber,
        granted: Option<bool>,
        by: Option<AccountId>,
        moment: Moment,
    ) -> Counted {
        if !self.accepted {
            return finding(11, format!("{case} is decided before it is accepted"));
        }
        if granted.is_none() || self.decided.is_some() || self.ended.is_some() {
            return finding(11, format!("{case} is decided after it has ended, or twice"));
        }
        if self.gap.as_ref().is_some_and(|gap| !gap.missing.is_empty()) {
            return finding(17, format!("{case} is decided while something is missing of it"));
        }
        (self.decided, self.decided_by) = (granted, by);
        match by {
            Some(officer) => {
                let counted = self.check_decision(case, officer)?;
                if granted == Some(false) {
                    self.against.insert(officer);
                }
                Ok(counted)
            }
            None => self.renew_by_silence(case, moment),
        }
    }

    /// Against whom an appeal was right, however long ago, does not end the case again.
    fn check_not_former(&self, case: &CaseNumber, officer: AccountId) -> Result<(), Finding> {
        if self.former.contains(&officer) {
            return finding(19, format!("{case} is ended anew by whom an appeal was right against"));
        }
        Ok(())
    }

    fn check_decision(&self, case: &CaseNumber, officer: AccountId) -> Counted {
        if ![town::CHECK, town::REVIEW].iter().all(|step| self.has_finished(step)) {
            return finding(11, format!("{case} is decided before all its steps are done"));
        }
        if !self.procedures.is_empty() {
            return finding(13, format!("{case} is decided while a special procedure is under way"));
        }
        self.check_not_former(case, officer)?;
        Ok((self.decided == Some(false)).then_some(Happened::CaseRefused))
    }

    fn renew_by_silence(&mut self, case: &CaseNumber, moment: Moment) -> Counted {
        let Some((licence, expiry)) = &self.renews else {
            return finding(18, format!("the law grants {case}, which renews nothing in time"));
        };
        if !moment.is_of_time(*expiry, minute_after(*expiry).max(next_minute(self.touched_at))) {
            return finding(18, format!("{licence} is renewed at {}, and expires at {expiry}", moment.at));
        }
        for step in [town::CHECK, town::REVIEW] {
            self.finished.insert(Text::new(step).expect("a short name"));
        }
        self.touched_at = moment.at;
        Ok(Some(Happened::RenewedBySilence))
    }

    pub fn record_result(&mut self, case: &CaseNumber, licence: LicenceIdentifier) -> Counted {
        if self.issued.as_ref() != Some(&licence) || self.recorded.replace(licence).is_some() {
            return finding(14, format!("{case} records a licence that was not issued for it, or two"));
        }
        Ok(None)
    }

    /// A licence is made out for it.
    pub fn issue(&mut self, case: &CaseNumber, licence: &LicenceIdentifier) -> Result<(), Finding> {
        if self.decided != Some(true) || self.revoked || self.issued.replace(licence.clone()).is_some() {
            return finding(14, format!("{licence} is issued for {case}, which was not granted, or once more"));
        }
        Ok(())
    }

    pub fn deliver(&mut self, case: &CaseNumber) -> Counted {
        if self.decided.is_none() || std::mem::replace(&mut self.delivered, true) {
            return finding(11, format!("{case} is delivered before it is decided, or twice"));
        }
        Ok(None)
    }

    pub fn close(&mut self, case: &CaseNumber, granted: bool) -> Counted {
        let is_in_turn = self.delivered && self.ended.is_none() && self.decided == Some(granted);
        if !is_in_turn || granted && self.recorded.is_none() {
            return finding(11, format!("{case} is closed before it is delivered, or twice"));
        }
        self.ended = Some(Stage::Closed);
        Ok(Some(Happened::CaseClosed))
    }

    /// It is withdrawn, returned or terminated.
    pub fn end(&mut self, case: &CaseNumber, stage: Stage, by: AccountId, at: Time) -> Counted {
        if stage != Stage::Withdrawn {
            self.check_not_former(case, by)?;
            self.against.insert(by);
        }
        if self.decided.is_some() || self.ended.replace(stage).is_some() {
            return finding(11, format!("{case} ends after it was decided, or twice"));
        }
        let is_early = |asked: Time| at < end_of_working_days(asked, CORRECTION_DAYS);
        match stage {
            Stage::Withdrawn => Ok(Some(Happened::CaseWithdrawn)),
            Stage::Returned if self.accepted || self.arrived_at.is_some() || self.asked_at.is_none_or(is_early) => {
                finding(17, format!("{case} is returned at {at}, and its applicant could still correct it"))
            }
            Stage::Returned => Ok(Some(Happened::CaseReturned)),
            Stage::Terminated if !self.is_suspended() => {
                finding(17, format!("{case} is terminated, and nothing was overdue"))
            }
            Stage::Terminated => Ok(Some(Happened::CaseTerminated)),
            other => finding(11, format!("{case} ends as {other:?}, which nobody does in this city")),
        }
    }

    pub fn appeal(&mut self, case: &CaseNumber) -> Counted {
        let is_against = self.refused_acceptance || self.decided == Some(false);
        if !is_against || self.appeal.replace(None).is_some() {
            return finding(19, format!("{case} is appealed against, which was not refused, or twice"));
        }
        Ok(Some(Happened::CaseAppealed))
    }

    pub fn decide_appeal(&mut self, case: &CaseNumber, upheld: bool, by: AccountId) -> Counted {
        if self.appeal != Some(None) || self.against.contains(&by) {
            return finding(19, format!("an appeal about {case} is decided twice, or by whom it is against"));
        }
        self.appeal = Some(Some(upheld));
        Ok(Some(Happened::AppealDecided))
    }

    /// What was refused is set aside.
    pub fn reconsider(&mut self, case: &CaseNumber, stage: Stage, by: AccountId) -> Counted {
        if self.appeal.take() != Some(Some(true)) || stage != Stage::Accepted || self.against.contains(&by) {
            return finding(19, format!("{case} is taken up again, and no appeal was right"));
        }
        self.former.append(&mut self.against);
        self.decided_by = None;
        (self.decided, self.ended, self.delivered) = (None, None, false);
        Ok(Some(Happened::CaseReconsidered))
    }

    pub fn revoke(&mut self, case: &CaseNumber) -> Counted {
        if self.decided != Some(true) || std::mem::replace(&mut self.revoked, true) {
            return finding(14, format!("the grant of {case} is revoked, which there is not, or twice"));
        }
        Ok(Some(Happened::GrantRevoked))
    }

    /// Nothing waits whose time has come.
    pub fn check_waiting(&self, case: &CaseNumber, now: Time) -> Result<(), Finding> {
        let is_over = |due: Time| now >= minute_after(due).max(next_minute(self.touched_at));
        if !self.is_settled() && self.arrived_at.is_some_and(|arrived| is_over(silence_accepts_at(arrived))) {
            return finding(12, format!("{case} still waits at {now} to be accepted"));
        }
        if !self.is_under_way() {
            return Ok(());
        }
        if self.procedures.iter().any(|(_, until)| is_over(*until)) {
            return finding(13, format!("a procedure of {case} still lasts at {now}"));
        }
        let gap = self.gap.as_ref().filter(|gap| !gap.suspended && !gap.missing.is_empty());
        if gap.and_then(|gap| gap.due).is_some_and(is_over) {
            return finding(17, format!("{case} goes on at {now}, and what is missing was not handed in"));
        }
        if self.renews.as_ref().is_some_and(|(_, expiry)| is_over(*expiry)) {
            return finding(18, format!("{case} still waits at {now}, and its licence has expired"));
        }
        Ok(())
    }
}
