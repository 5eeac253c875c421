//! Why a case waits (为什么还没办好): cause, owner, next action and deadline, for the case and for each open step.
//!
//! Pure functions of the records. **Every open case and every open step has an owner and a deadline**: nothing waits for nobody, and nothing for
//! ever. What is named is a call that would be accepted: not what a gap, a rest or an act of time that is overdue would refuse.

use crate::case_forecast::{self as forecast, Planned};
use crate::case_hearings::{self, Hearing, NOTICE_DAYS};
use crate::case_moments::{self, Subjects, open_gap};
use crate::case_records::{Gap, Loss, MATERIALS_MAX, Procedure, ProcedureKind};
use crate::case_states::{Stage, allows};
use crate::case_steps::{self, Ruling};
use crate::cases::{self, CallKind};
use crate::flow::{STEPS_MAX, StepName, StepState};
use crate::items::StepKind;
use crate::law::{self, Stage as LawStage};
use crate::offices::DepartmentCode;
use crate::working_days::{Deadline, after_calendar_days};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_kernel::{Missing, Role, State};
use tongban_types::{AccountId, List, Text, Time};

/// Why something waits, and for whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Waiting {
    /// Why.
    pub cause: Cause,
    /// Who has to act.
    pub owner: Owner,
    /// What he has to do: the name of a call that would be accepted, at once or from then on.
    pub next: Text<40>,
    /// The step that this call is about, where it is about one.
    pub next_step: Option<StepName>,
    /// Until when.
    pub deadline: Deadline,
    /// Whether the deadline is a forecast, because the clock stands still.
    pub is_forecast: bool,
    /// Whether it is over.
    pub is_late: bool,
    /// From when on he can do it, where one can only wait until then.
    pub not_before: Option<Time>,
}

/// Who has to act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// The applicant, or who acts for him.
    Applicant {
        /// His account.
        account: AccountId,
    },
    /// An officer.
    Office {
        /// The department.
        department: DepartmentCode,
        /// The role.
        role: Role,
        /// The post, where it matters.
        post: Option<Text<40>>,
    },
    /// Time: the ledger does by itself what is due, and anybody may settle it before.
    Time {},
    /// An interested party, or who acts for him.
    Party {
        /// His account.
        account: AccountId,
    },
}

/// Why a case waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Nobody has received it.
    NotReceived {},
    /// It was received elsewhere and not handed over.
    NotHandedOver {},
    /// Whether it is accepted is open.
    NotAccepted {},
    /// The applicant corrects it.
    BeingCorrected {},
    /// The applicant has not corrected it in time.
    NotCorrected {},
    /// Steps are under way; the one that is due first leads.
    StepsUnderWay {
        /// All that can be done now.
        steps: List<StepName, STEPS_MAX>,
    },
    /// A special procedure is under way.
    Procedure {
        /// Its kind.
        procedure: ProcedureKind,
        /// Its reason.
        reason: Text<200>,
    },
    /// Materials are missing.
    Gap {
        /// Which.
        missing: List<u8, MATERIALS_MAX>,
        /// Whether handling is suspended for that.
        is_suspended: bool,
    },
    /// A step was rejected; the refusal is to be decided by a person.
    RefusalToDecide {
        /// The step of decision.
        step: StepName,
    },
    /// A person has to decide whether it is terminated.
    TerminationProposed {},
    /// The result is to be made.
    ResultToMake {},
    /// The result is to be delivered.
    NotDelivered {},
    /// It is to be closed.
    NotClosed {},
    /// A bad rating is to be answered.
    BadRating {},
    /// An appeal is to be decided.
    Appeal {},
    /// An appeal was right, and the case is to be taken up again.
    ToReconsider {},
    /// A commitment is to be checked.
    CommitmentToCheck {},
    /// A commitment is not true; a revocation is to be proposed.
    CommitmentFalse {},
    /// A person has to decide whether it is revoked.
    RevocationProposed {},
    /// It cannot be accepted as it is, because materials are missing.
    MaterialsMissing {
        /// Which, in the version of the item by which it would be accepted.
        missing: List<u8, MATERIALS_MAX>,
    },
    /// It cannot be accepted as it is, because the facts do not meet the item's condition.
    NotEligible {},
    /// Time has brought something about it that comes first.
    TimeFirst {},
    /// The applicant is no more, and the case is to be ended.
    ApplicantLost {
        /// What became of him.
        loss: Loss,
    },
    /// The decision waits for a hearing, or for those who may ask for one.
    Hearing {
        /// Whether it is to be held.
        is_to_be_held: bool,
        /// When it takes place, where notice was given of it.
        at: Option<Time>,
    },
    /// What was entered at a counter was disowned, and is to be looked into.
    Disowned {},
}

/// What stands against accepting a case as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The facts do not meet the item's condition.
    NotEligible,
    /// Materials are missing.
    Missing {
        /// Which.
        missing: List<u8, MATERIALS_MAX>,
        /// Whether they may follow, and the applicant has promised it.
        can_follow: bool,
    },
}

/// Why a step is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StepWaiting {
    /// The step.
    pub step: StepName,
    /// Why.
    pub cause: StepCause,
    /// Who has to act: for a step that waits, the owner of the first of those it waits for that is due.
    pub owner: Owner,
    /// What he has to do: the name of a call that would be accepted, at once or from then on.
    pub next: Text<40>,
    /// The step that this call is about, where it is about one.
    pub next_step: Option<StepName>,
    /// Until when the step is to be done, or the special procedure ends.
    pub deadline: Deadline,
    /// Whether the deadline is a forecast: of a step that waits, or whose clock stands still.
    pub is_forecast: bool,
    /// Whether it is over.
    pub is_late: bool,
    /// From when on he can do it, where one can only wait until then.
    pub not_before: Option<Time>,
}

/// Why a step is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepCause {
    /// It is to be done.
    Due {},
    /// Something before it was rejected: it can only be a refusal.
    RefusalToDecide {},
    /// A special procedure is under way.
    Procedure {
        /// Its kind.
        procedure: ProcedureKind,
        /// Its reason.
        reason: Text<200>,
    },
    /// It waits for these, which are not finished.
    WaitsFor {
        /// The steps.
        steps: List<StepName, 16>,
    },
    /// Materials are missing that come first.
    Gap {
        /// Which.
        missing: List<u8, MATERIALS_MAX>,
        /// Whether handling is suspended for that.
        is_suspended: bool,
    },
    /// The result is to be made first.
    ResultToMake {},
    /// Time has brought something about the case that comes first.
    TimeFirst {},
    /// The applicant is no more, and the case is to be ended.
    ApplicantLost {},
    /// The decision waits for a hearing, or for those who may ask for one.
    Hearing {
        /// Whether it is to be held.
        is_to_be_held: bool,
        /// When it takes place, where notice was given of it.
        at: Option<Time>,
    },
}

/// What is answered of a case or a step.
pub(crate) struct Answer<C> {
    pub cause: C,
    pub owner: Owner,
    pub next: CallKind,
    pub step: Option<usize>,
    pub until: Planned,
}

/// A case at a time.
#[derive(Clone, Copy)]
pub(crate) struct Look<'a> {
    pub subjects: Subjects<'a>,
    pub now: Time,
    pub state: &'a State,
}

pub(crate) fn call(kind: CallKind) -> Text<40> {
    let name: &'static str = kind.into();
    Text::new(name).expect("names of calls are short")
}

fn office(department: DepartmentCode, role: Role) -> Owner {
    Owner::Office { department, role, post: None }
}

/// Why a case waits; none where nothing is open. `obstacle` is what stands against accepting it now.
pub fn of_case(
    subjects: Subjects,
    obstacle: Option<&Obstacle>,
    now: Time,
    state: &State,
) -> Result<Option<Waiting>, Missing> {
    let look = Look { subjects, now, state };
    if let Some(at) = case_moments::unsettled_since(subjects, now, state)? {
        let (cause, until) = (Cause::TimeFirst {}, Planned::at(at));
        return look
            .waiting(Answer { cause, owner: Owner::Time {}, next: CallKind::Settle, step: None, until })
            .map(Some);
    }
    if subjects.case.stage.is_open()
        && let Some((loss, since)) = cases::loss_of(state, &subjects.case.applicant)?
    {
        let (cause, until) = (Cause::ApplicantLost { loss }, look.office_days(since)?);
        return look.waiting(look.beside(cause, Role::Approver, CallKind::Discontinue, until)).map(Some);
    }
    let answer = match subjects.case.stage {
        Stage::Submitted => Some(look.submitted()?),
        Stage::Received => Some(look.received(obstacle)?),
        Stage::Correcting => Some(look.correcting()?),
        Stage::Accepted => Some(look.accepted()?),
        Stage::Granted | Stage::Rejected => Some(look.decided()?),
        Stage::Closed
        | Stage::NotAccepted
        | Stage::Returned
        | Stage::Withdrawn
        | Stage::Terminated
        | Stage::Forwarded
        | Stage::Revoked => None,
    };
    let answer = match answer {
        Some(answer) if !matches!(answer.cause, Cause::NotDelivered {} | Cause::NotClosed {}) => Some(answer),
        Some(answer) => Some(look.afterwards()?.filter(|beside| comes_first(beside, &answer)).unwrap_or(answer)),
        None => look.afterwards()?,
    };
    answer.map(|answer| look.waiting(answer)).transpose()
}

/// Whether what is open beside a result comes before delivering and closing: what may set the result aside does, and else what is due before.
fn comes_first(beside: &Answer<Cause>, result: &Answer<Cause>) -> bool {
    match beside.cause {
        Cause::CommitmentToCheck {} | Cause::BadRating {} => beside.until.deadline.at < result.until.deadline.at,
        _ => true,
    }
}

impl<'a> Look<'a> {
    fn waiting(self, answer: Answer<Cause>) -> Result<Waiting, Missing> {
        let Answer { cause, owner, next, step, until: Planned { deadline, is_forecast } } = answer;
        let not_before = self.not_before(next);
        let (owner, next, next_step) = (self.answering(owner)?, call(next), self.name(step));
        let is_late = deadline.is_over(self.now);
        Ok(Waiting { cause, owner, next, next_step, deadline, is_forecast, is_late, not_before })
    }

    /// From when on a call that is named can be made: of a hearing there is a record when it has taken place.
    pub(crate) fn not_before(self, next: CallKind) -> Option<Time> {
        let date = self.hearing().and_then(|hearing| hearing.date.as_ref()).map(|date| date.at);
        date.filter(|at| next == CallKind::RecordHearing && *at > self.now)
    }

    /// Who has to act now, where a department was merged or closed since.
    pub(crate) fn answering(self, owner: Owner) -> Result<Owner, Missing> {
        match owner {
            Owner::Office { department, role, post } => {
                let department = crate::cases::answering(&department, self.state)?.unwrap_or(department);
                Ok(Owner::Office { department, role, post })
            }
            Owner::Applicant { .. } | Owner::Party { .. } | Owner::Time {} => Ok(owner),
        }
    }

    pub(crate) fn name(self, step: Option<usize>) -> Option<StepName> {
        step.and_then(|place| self.subjects.item.flow.get(place)).map(|step| step.name.clone())
    }

    pub(crate) fn names<const MAX: usize>(self, places: impl IntoIterator<Item = usize>) -> List<StepName, MAX> {
        let names = places.into_iter().filter_map(|place| self.name(Some(place))).take(MAX).collect();
        List::new(names).expect("no more than fit")
    }

    pub(crate) fn applicant(self) -> Owner {
        Owner::Applicant { account: self.subjects.case.applicant }
    }

    pub(crate) fn lead(self, role: Role) -> Owner {
        office(self.subjects.case.department, role)
    }

    pub(crate) fn working_days(self, since: Time, days: u16) -> Result<Planned, Missing> {
        forecast::working_days(self.state, since, days)
    }

    /// So many days as officers owe each other.
    pub(crate) fn office_days(self, since: Time) -> Result<Planned, Missing> {
        self.working_days(since, self.subjects.rules.office_days)
    }

    fn submitted(self) -> Result<Answer<Cause>, Missing> {
        let filing = self.subjects.filing;
        let until = match case_moments::acceptance_deadline(self.subjects, self.state)? {
            Some(at) => Planned::at(at),
            None => self.office_days(filing.filed_at)?,
        };
        let owner = office(filing.place, Role::Receiver);
        Ok(Answer { cause: Cause::NotReceived {}, owner, next: CallKind::Receive, step: None, until })
    }

    fn received(self, obstacle: Option<&Obstacle>) -> Result<Answer<Cause>, Missing> {
        let Subjects { case, filing, item, .. } = self.subjects;
        let Some(arrived) = case.intake.arrived_at else {
            let since = case.intake.received.as_ref().map_or(filing.filed_at, |received| received.at);
            let (owner, until) = (office(filing.place, Role::Receiver), self.office_days(since)?);
            return Ok(Answer { cause: Cause::NotHandedOver {}, owner, next: CallKind::HandOver, step: None, until });
        };
        let limit = law::limit_by(item.clocks.statutory_clock, LawStage::Acceptance);
        let days = item.clocks.acceptance_days.min(limit.working_days);
        let until = self.working_days(arrived, days)?;
        let next = obstacle.map_or(CallKind::Accept, |obstacle| self.against(obstacle));
        let cause = match obstacle {
            None => Cause::NotAccepted {},
            Some(Obstacle::NotEligible) => Cause::NotEligible {},
            Some(Obstacle::Missing { missing, .. }) => Cause::MaterialsMissing { missing: missing.clone() },
        };
        let owner = match (next, &case.referral) {
            (CallKind::Supplement, _) => self.applicant(),
            (CallKind::RefuseAcceptance, Some(referral)) => office(referral.to, Role::Acceptor),
            _ => self.acceptor(),
        };
        Ok(Answer { cause, owner, next, step: None, until })
    }

    /// What can be done about a case that cannot be accepted as it is: what was accepted before is not refused, and corrections are asked for once.
    fn against(self, obstacle: &Obstacle) -> CallKind {
        let case = self.subjects.case;
        let (is_asked, was_accepted) = (case.intake.correction.is_some(), case.acceptance.is_some());
        match obstacle {
            Obstacle::Missing { can_follow: true, .. } => CallKind::AcceptWithGap,
            Obstacle::NotEligible if !was_accepted => CallKind::RefuseAcceptance,
            Obstacle::NotEligible | Obstacle::Missing { .. } if !is_asked => CallKind::AskCorrection,
            Obstacle::NotEligible | Obstacle::Missing { .. } if !was_accepted => CallKind::RefuseAcceptance,
            Obstacle::NotEligible | Obstacle::Missing { .. } => CallKind::Supplement,
        }
    }

    /// Who accepts: at the post of the step of acceptance, where the flow has one.
    fn acceptor(self) -> Owner {
        let flow = &self.subjects.item.flow;
        let step = case_steps::acceptance(flow).and_then(|place| flow.get(place));
        match step.and_then(|step| crate::cases::scope_of(self.subjects.case, step)) {
            Some(scope) => Owner::Office { department: scope.department, role: Role::Acceptor, post: scope.post },
            None => self.lead(Role::Acceptor),
        }
    }

    fn correcting(self) -> Result<Answer<Cause>, Missing> {
        let Subjects { case, filing, .. } = self.subjects;
        let correction = case.intake.correction.as_ref(); // the stage begins with the notice
        let deadline = correction.map(|correction| correction.clock.deadline(self.state)).transpose()?.flatten();
        let until = deadline.map_or(Planned::at(filing.filed_at), Planned::certain);
        if !correction.is_some_and(|correction| correction.has_lapsed) {
            let (cause, owner) = (Cause::BeingCorrected {}, self.applicant());
            return Ok(Answer { cause, owner, next: CallKind::Supplement, step: None, until });
        }
        let (owner, until) = (self.deciding(Role::Acceptor)?, self.office_days(until.deadline.at)?);
        Ok(Answer { cause: Cause::NotCorrected {}, owner, next: CallKind::ReturnCase, step: None, until })
    }

    pub(crate) fn of_decision(self) -> Result<Planned, Missing> {
        forecast::of_decision(self.subjects, self.now, self.state)
    }

    fn accepted(self) -> Result<Answer<Cause>, Missing> {
        let Subjects { case, item, states, .. } = self.subjects;
        if let Some(proposal) = &case.termination {
            let (owner, until) = (self.deciding(Role::Approver)?, self.office_days(proposal.at)?);
            let (cause, next) = (Cause::TerminationProposed {}, CallKind::Terminate);
            return Ok(Answer { cause, owner, next, step: None, until });
        }
        let mut open: Vec<(Option<Time>, usize)> = Vec::new();
        for place in (0..states.len()).filter(|place| self.can_be_done(*place)) {
            let clock = case.steps.get(place).and_then(|mark| mark.clock);
            let deadline = clock.map(|clock| clock.deadline(self.state)).transpose()?.flatten();
            open.push((deadline.map(|deadline| deadline.at), place));
        }
        // A step whose clock runs comes before one in a special procedure.
        open.sort_by_key(|(at, place)| (at.is_none(), *at, *place));
        if let Some(gap) = open_gap(case) {
            let decides = |place: usize| item.flow[place].kind == StepKind::Decision;
            let is_all_held_up = !open.is_empty() && open.iter().all(|(_, place)| decides(*place));
            if gap.suspended_at.is_some() || is_all_held_up {
                let cause = Cause::Gap { missing: gap.missing.clone(), is_suspended: gap.suspended_at.is_some() };
                return self.of_gap(gap, cause);
            }
            open.retain(|(_, place)| !decides(*place));
        }
        if let Some(hearing) = self.hearing() {
            let is_held_up = |place: usize| usize::from(hearing.step) == place;
            if !open.is_empty() && open.iter().all(|(_, place)| is_held_up(*place)) {
                return self.of_hearing(hearing, hearing_cause(hearing));
            }
            open.retain(|(_, place)| !is_held_up(*place));
        }
        let Some((_, first)) = open.first().copied() else { return self.refusal() };
        let (owner, next, step) = (self.owner_of(first), self.next_at(first), Some(first));
        let (cause, until) = match self.procedure(first) {
            Some(one) => {
                let cause = Cause::Procedure { procedure: one.kind, reason: one.reason.clone() };
                (cause, one.until.map_or(self.of_decision()?, Planned::at))
            }
            None => {
                let steps = self.names(open.iter().map(|(_, place)| *place));
                (Cause::StepsUnderWay { steps }, self.of_decision()?)
            }
        };
        Ok(Answer { cause, owner, next, step, until })
    }

    /// What is missing is the applicant's to hand in: in time, or until its termination is proposed.
    pub(crate) fn of_gap<C>(self, gap: &Gap, cause: C) -> Result<Answer<C>, Missing> {
        let until = match gap.waits_since() {
            Some(since) => self.working_days(since, self.subjects.rules.gap_grace_days)?,
            None => match gap.clock.deadline(self.state)? {
                Some(deadline) => Planned::certain(deadline),
                None => self.of_decision()?,
            },
        };
        Ok(Answer { cause, owner: self.applicant(), next: CallKind::FillGap, step: None, until })
    }

    /// Nothing is due: something was rejected, and a person has to refuse.
    fn refusal(self) -> Result<Answer<Cause>, Missing> {
        let place = (0..self.subjects.states.len()).find(|place| self.can_only_refuse(*place)).unwrap_or_default();
        if let Some(hearing) = self.hearing().filter(|hearing| usize::from(hearing.step) == place) {
            return self.of_hearing(hearing, hearing_cause(hearing));
        }
        let cause = Cause::RefusalToDecide { step: self.name(Some(place)).unwrap_or_default() };
        let (owner, until) = (self.owner_of(place), self.of_decision()?);
        Ok(Answer { cause, owner, next: self.next_at(place), step: Some(place), until })
    }

    /// The hearing for which a decision waits.
    pub(crate) fn hearing(self) -> Option<&'a Hearing> {
        case_hearings::awaited(self.subjects.case, self.now)
    }

    /// Who lets a decision go on that waits for a hearing: as long as it can be asked for, those who have not answered; then who arranges it, and who
    /// presides.
    pub(crate) fn of_hearing<C>(self, hearing: &Hearing, cause: C) -> Result<Answer<C>, Missing> {
        let case = self.subjects.case;
        let step = Some(usize::from(hearing.step));
        let Some(since) = hearing.to_hold_since else {
            let silent = hearing.heard(&case.applicant).find(|party| hearing.answer(party).is_none());
            let owner = match silent.filter(|party| **party != case.applicant) {
                Some(party) => Owner::Party { account: *party },
                None => self.applicant(),
            };
            let until = Planned::at(hearing.ask_until);
            return Ok(Answer { cause, owner, next: CallKind::AnswerHearing, step: None, until });
        };
        let (role, next, until) = match &hearing.date {
            None => {
                let days = law::limit(LawStage::Hearing).working_days - NOTICE_DAYS;
                (Role::Approver, CallKind::ArrangeHearing, self.working_days(since, days)?)
            }
            Some(date) => (Role::Reviewer, CallKind::RecordHearing, self.office_days(date.at)?),
        };
        let owner = match self.owner_of(usize::from(hearing.step)) {
            Owner::Office { department, post, .. } => {
                Owner::Office { department, role, post: post.filter(|_| role == Role::Approver) }
            }
            other => other,
        };
        Ok(Answer { cause, owner, next, step, until })
    }

    /// What is to be done in a step: before a decision about which others are to be heard, to tell them so.
    pub(crate) fn next_at(self, place: usize) -> CallKind {
        let step = &self.subjects.item.flow[place];
        let is_told = case_hearings::current(self.subjects.case).is_some_and(|one| usize::from(one.step) == place);
        if step.kind == StepKind::Decision && step.hearing_right && !is_told {
            return CallKind::TellHearing;
        }
        next_of(step.kind)
    }

    pub(crate) fn can_only_refuse(self, place: usize) -> bool {
        let Subjects { case, item, states, .. } = self.subjects;
        let is_decision = item.flow[place].kind == StepKind::Decision && case.decision.is_none();
        is_decision && case_steps::can_decide(&item.flow, states, place) == Some(Ruling::RefusalOnly)
    }

    fn decided(self) -> Result<Answer<Cause>, Missing> {
        let Subjects { case, states, filing, .. } = self.subjects;
        let decided_at = case.decision.as_ref().map_or(filing.filed_at, |decision| decision.at);
        let until = match case.delivery_clock.map(|clock| clock.deadline(self.state)).transpose()?.flatten() {
            Some(deadline) => Planned::certain(deadline),
            None => self.office_days(decided_at)?,
        };
        if let Some(place) = (0..states.len()).find(|place| self.can_be_done(*place)) {
            let clock = case.steps.get(place).and_then(|mark| mark.clock);
            let deadline = clock.map(|clock| clock.deadline(self.state)).transpose()?.flatten();
            let (owner, next) = (self.owner_of(place), self.next_at(place));
            let (cause, until) =
                (Cause::StepsUnderWay { steps: self.names([place]) }, deadline.map_or(until, Planned::certain));
            return Ok(Answer { cause, owner, next, step: Some(place), until });
        }
        let (cause, next, until) = match &case.delivery {
            Some(delivery) => (Cause::NotClosed {}, CallKind::Close, self.office_days(delivery.by.at)?),
            None if self.lacks_result() => (Cause::ResultToMake {}, CallKind::IssueCertificate, until),
            None => (Cause::NotDelivered {}, CallKind::Deliver, until),
        };
        Ok(Answer { cause, owner: self.lead(Role::Issuer), next, step: None, until })
    }

    pub(crate) fn lacks_result(self) -> bool {
        let Subjects { case, item, .. } = self.subjects;
        case.stage == Stage::Granted && case.results.is_empty() && crate::cases::wants_result(item)
    }

    /// What is open beside the result: appeals, ratings, checks; the first that fits the stage.
    fn afterwards(self) -> Result<Option<Answer<Cause>>, Missing> {
        let answers =
            [self.of_disowned()?, self.of_appeal()?, self.of_revocation()?, self.of_rating()?, self.of_commitment()?];
        Ok(answers.into_iter().flatten().find(|answer| allows(self.subjects.case.stage, answer.next)))
    }

    fn of_disowned(self) -> Result<Option<Answer<Cause>>, Missing> {
        let disowned = self.subjects.case.disowned.as_ref().filter(|disowned| disowned.found.is_none());
        let Some(disowned) = disowned else { return Ok(None) };
        let until = self.office_days(disowned.at)?;
        Ok(Some(self.beside(Cause::Disowned {}, Role::Supervisor, CallKind::ExamineDisowned, until)))
    }

    /// What is decided where the case is led, or in the department that may in its place.
    fn to_decide(self, cause: Cause, next: CallKind, until: Planned) -> Result<Answer<Cause>, Missing> {
        Ok(Answer { cause, owner: self.deciding(Role::Approver)?, next, step: None, until })
    }

    /// Who decides what is open of the case: the department that may in the place of the one that leads, as soon as it may.
    pub(crate) fn deciding(self, role: Role) -> Result<Owner, Missing> {
        let instead = cases::instead(self.subjects.case, self.now, self.state)?;
        Ok(office(instead.unwrap_or(self.subjects.case.department), role))
    }

    fn beside(self, cause: Cause, role: Role, next: CallKind, until: Planned) -> Answer<Cause> {
        Answer { cause, owner: self.lead(role), next, step: None, until }
    }

    fn of_appeal(self) -> Result<Option<Answer<Cause>>, Missing> {
        let Some(appeal) = &self.subjects.case.appeal else { return Ok(None) };
        Ok(match &appeal.decision {
            None => {
                let until = appeal.clock.deadline(self.state)?.map_or(Planned::at(appeal.at), Planned::certain);
                Some(self.to_decide(Cause::Appeal {}, CallKind::DecideAppeal, until)?)
            }
            Some(decision) if decision.upheld => {
                let until = self.office_days(decision.by.at)?;
                Some(self.to_decide(Cause::ToReconsider {}, CallKind::Reconsider, until)?)
            }
            Some(_) => None,
        })
    }

    fn of_revocation(self) -> Result<Option<Answer<Cause>>, Missing> {
        let revocation = self.subjects.case.revocation.as_ref();
        let Some(revocation) = revocation.filter(|revocation| revocation.decision.is_none()) else { return Ok(None) };
        let until = self.office_days(revocation.by.at)?;
        Ok(Some(self.to_decide(Cause::RevocationProposed {}, CallKind::DecideRevocation, until)?))
    }

    fn of_rating(self) -> Result<Option<Answer<Cause>>, Missing> {
        let rating = self.subjects.case.rating.as_ref().filter(|rating| rating.excluded.is_none());
        let order = rating.and_then(|rating| rating.order.as_ref()).filter(|order| order.answer.is_none());
        let Some(order) = order else { return Ok(None) };
        let until = order.clock.deadline(self.state)?.map_or(Planned::at(order.clock.began()), Planned::certain);
        Ok(Some(self.beside(Cause::BadRating {}, Role::Approver, CallKind::AnswerWorkOrder, until)))
    }

    fn of_commitment(self) -> Result<Option<Answer<Cause>>, Missing> {
        let case = self.subjects.case;
        let Some(check) = &case.commitment else { return Ok(None) };
        Ok(match &check.found {
            None => {
                let until =
                    check.clock.deadline(self.state)?.map_or(Planned::at(check.clock.began()), Planned::certain);
                Some(self.beside(Cause::CommitmentToCheck {}, Role::Reviewer, CallKind::CheckCommitment, until))
            }
            Some(found) if !found.is_true && case.revocation.is_none() => {
                let until = self.office_days(found.by.at)?;
                Some(self.beside(Cause::CommitmentFalse {}, Role::Reviewer, CallKind::ProposeRevocation, until))
            }
            Some(_) => None,
        })
    }

    pub(crate) fn owner_of(self, place: usize) -> Owner {
        let Subjects { case, item, .. } = self.subjects;
        let step = item.flow.get(place);
        if let (Some(referral), Some(step)) = (&case.referral, step)
            && step.kind == StepKind::Decision
            && cases::scope_of(case, step).is_some_and(|scope| scope.department == case.department)
        {
            return office(referral.to, Role::Approver);
        }
        match step.and_then(|step| crate::cases::scope_of(case, step).map(|scope| (scope, case_steps::role(step.kind))))
        {
            Some((scope, role)) => Owner::Office { department: scope.department, role, post: scope.post },
            None => self.lead(Role::Approver),
        }
    }

    /// The special procedure of a step.
    pub(crate) fn procedure(self, place: usize) -> Option<&'a Procedure> {
        let place = u8::try_from(place).ok();
        let is_of_step = |one: &&Procedure| one.ended_at.is_none() && one.step.is_some() && one.step == place;
        self.subjects.case.procedures.iter().find(is_of_step)
    }

    /// Whether a step is due, and nothing of the case stands against doing it: what follows a decision is done behind it, and what is delivered is
    /// made before.
    pub(crate) fn can_be_done(self, place: usize) -> bool {
        let Subjects { case, item, states, .. } = self.subjects;
        let is_granted = case.stage == Stage::Granted;
        states[place] == StepState::Due
            && match item.flow[place].kind {
                StepKind::Certificate => is_granted,
                StepKind::Delivery => is_granted && !self.lacks_result(),
                _ => true,
            }
    }
}

pub(crate) fn hearing_cause(hearing: &Hearing) -> Cause {
    let at = hearing.date.as_ref().map(|date| date.at);
    Cause::Hearing { is_to_be_held: hearing.to_hold_since.is_some(), at }
}

pub(crate) fn next_of(kind: StepKind) -> CallKind {
    match kind {
        StepKind::Decision => CallKind::Decide,
        StepKind::Certificate => CallKind::IssueCertificate,
        StepKind::Delivery => CallKind::Deliver,
        _ => CallKind::FinishStep,
    }
}

/// Until when one may appeal: 60 days after one was told (行政复议法 第二十条).
pub fn appeal_until(told_at: Time) -> Time {
    after_calendar_days(told_at, APPEAL_DAYS)
}

/// Days to appeal, and days to decide an appeal (行政复议法 第二十条、第六十二条).
pub const APPEAL_DAYS: u16 = 60;
