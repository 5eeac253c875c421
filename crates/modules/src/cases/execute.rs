//! One function for each call: refuse, refuse, refuse, then write, then tell. The folder has one file for each part of a case's life.

mod acceptance;
mod after;
mod counter;
mod decision;
mod filing;
mod hearings;
mod loss;
mod papers;
mod result;
mod steps;
mod supervision;

pub use acceptance::{accept, accept_with_gap, ask_correction, fill_gap, refuse_acceptance, return_case, supplement};
pub use after::{
    answer_work_order, appeal, check_commitment, decide_appeal, decide_revocation, exclude_rating, propose_revocation,
    rate, reconsider, repair_promise, set_rules,
};
pub use counter::{disown, enter_act, enter_application, examine_disowned};
pub use decision::{decide, decline_termination, forward, propose_termination, terminate, withdraw};
pub use filing::{file, hand_over, receive};
pub use hearings::{answer_hearing, arrange_hearing, record_hearing, tell_hearing};
pub use loss::{discontinue, loss_of};
pub use result::{acknowledge, close, deliver, issue_certificate};
pub use steps::{extend, finish_step, resume_clock, stop_clock};
pub use supervision::{answer_card, refer};

pub use result::wants_result;

pub(super) use acceptance::{begin as begin_handling, obstacle};
pub(super) use counter::counter;
pub(super) use decision::{conclude, set_decision};
pub(super) use steps::{begin_procedure, end_procedure, record};
pub(super) use supervision::order;

use super::access;
use super::due;
use super::error::Error;
use super::msg::{Application, Call, CallKind, PaperAct};
use super::state::{self, CASES, Case, Rules};
use crate::case_facts::{self, FactError};
use crate::case_moments::{self, Subjects};
use crate::case_records::{DeliveryWay, Filing, Given, Hand};
use crate::case_recusal::Matter;
use crate::case_sources::{self, AnswerSource, SourceError};
use crate::case_states;
use crate::catalogue::{self, Item};
use crate::flow::{FlowError, STEPS_MAX, StepName, StepState};
use crate::forms::Answers;
use crate::orgs;
use tongban_kernel::{Ctx, Role, Scope, State, Stop, TxError};
use tongban_types::codes::CaseNumber;
use tongban_types::{Digest, List, Time};

/// Refuses what is wrong whatever the state is.
pub fn validate(call: &Call) -> Result<(), Error> {
    match call {
        Call::RefuseAcceptance { reasons, remedies, .. } => {
            told(reasons)?; // I7
            if remedies.is_empty() { Err(Error::RemediesMissing) } else { Ok(()) } // I7
        }
        Call::Decide { ruling, reasons, remedies, .. } => match ruling {
            super::Ruling::Grant => Ok(()),
            super::Ruling::SendBack => told(reasons),
            super::Ruling::Refuse => {
                told(reasons)?; // I7
                if remedies.is_empty() { Err(Error::RemediesMissing) } else { Ok(()) } // I7
            }
        },
        Call::ReturnCase { reasons, .. }
        | Call::Extend { reasons, .. }
        | Call::ProposeTermination { reasons, .. }
        | Call::Terminate { reasons, .. }
        | Call::Forward { reasons, .. }
        | Call::AnswerWorkOrder { answer: reasons, .. }
        | Call::ExcludeRating { reasons, .. }
        | Call::DecideAppeal { reasons, .. }
        | Call::ProposeRevocation { reasons, .. }
        | Call::DecideRevocation { reasons, .. }
        | Call::DeclineTermination { reasons, .. }
        | Call::Discontinue { reasons, .. }
        | Call::AnswerCard { answer: reasons, .. }
        | Call::Refer { reasons, .. } => told(reasons),
        Call::StopClock { reason, .. } => told(reason),
        Call::AskCorrection { materials, points, .. } => {
            if !materials.is_sorted_by(|left, right| left < right) {
                return Err(Error::MaterialOrder);
            }
            if materials.is_empty() && points.is_empty() { Err(Error::CorrectionEmpty) } else { Ok(()) }
        }
        Call::File { application } | Call::EnterApplication { application, .. } => {
            ordered(&application.materials)?;
            validate_sources(&application.sources)
        }
        Call::Supplement { materials, form, sources, .. } => {
            ordered(materials)?;
            validate_sources(sources)?;
            if form.is_none() && !sources.is_empty() { Err(Error::SourceWithoutForm) } else { Ok(()) } // I23
        }
        Call::FillGap { materials, .. } => ordered(materials),
        Call::EnterAct { act, .. } => match &**act {
            PaperAct::Supplement { materials, .. } | PaperAct::FillGap { materials } => ordered(materials),
            PaperAct::Withdraw {}
            | PaperAct::Acknowledge {}
            | PaperAct::AnswerHearing { .. }
            | PaperAct::Appeal { .. } => Ok(()),
        },
        Call::TellHearing { parties, .. } if !parties.is_sorted_by(|left, right| left < right) => {
            Err(Error::HearingParties)
        }
        Call::Deliver { way: DeliveryWay::Posted, waybill: None, .. } => Err(Error::WaybillMissing),
        Call::FinishStep { passed: false, opinion: None, .. }
        | Call::CheckCommitment { is_true: false, opinion: None, .. } => Err(Error::OpinionMissing),
        Call::SetRules { rules, .. } => validate_rules(rules),
        Call::Receive { .. }
        | Call::HandOver { .. }
        | Call::Accept { .. }
        | Call::AcceptWithGap { .. }
        | Call::FinishStep { .. }
        | Call::ResumeClock { .. }
        | Call::Withdraw { .. }
        | Call::IssueCertificate { .. }
        | Call::Deliver { .. }
        | Call::Close { .. }
        | Call::Rate { .. }
        | Call::Appeal { .. }
        | Call::Reconsider { .. }
        | Call::TellHearing { .. }
        | Call::AnswerHearing { .. }
        | Call::ArrangeHearing { .. }
        | Call::RecordHearing { .. }
        | Call::Acknowledge { .. }
        | Call::Disown { .. }
        | Call::ExamineDisowned { .. }
        | Call::CheckCommitment { .. }
        | Call::RepairPromise { .. }
        | Call::Settle { .. } => Ok(()),
    }
}

fn told(reasons: &str) -> Result<(), Error> {
    if reasons.is_empty() { Err(Error::ReasonsMissing) } else { Ok(()) }
}

fn ordered(materials: &[Given]) -> Result<(), Error> {
    if materials.is_sorted_by(|left, right| left.material < right.material) {
        Ok(())
    } else {
        Err(Error::MaterialOrder)
    }
}

fn validate_sources(sources: &[AnswerSource]) -> Result<(), Error> {
    if case_sources::are_ordered(sources) { Ok(()) } else { Err(Error::SourceOrder) }
}

fn validate_rules(rules: &Rules) -> Result<(), Error> {
    let days = [
        rules.correction_days,
        rules.gap_reminder_days,
        rules.gap_grace_days,
        rules.work_order_days,
        rules.commitment_days,
        rules.office_days,
    ];
    if !days.iter().all(|days| (1..=250).contains(days)) {
        return Err(Error::RulesDays);
    }
    if rules.cards.is_lawful() { Ok(()) } else { Err(Error::RulesCards) }
}

/// Records that the call will surely read.
pub fn reads(call: &Call, state: &State) -> Vec<Digest> {
    match call {
        Call::File { application } | Call::EnterApplication { application, .. } => {
            vec![catalogue::ITEMS.state_key(state, &application.item)]
        }
        Call::RepairPromise { applicant } => vec![state::BROKEN_PROMISES.state_key(state, applicant)],
        Call::SetRules { department, .. } => vec![orgs::state_key(state, department)],
        Call::AnswerCard { number, .. } => vec![state::SUPERVISIONS.state_key(state, number)],
        other => other
            .case()
            .map_or_else(Vec::new, |case| vec![CASES.state_key(state, case), state::FILINGS.state_key(state, case)]),
    }
}

/// A case that is being handled, with all that this takes.
#[derive(Clone)]
pub(super) struct Handled {
    pub number: CaseNumber,
    pub case: Case,
    pub filing: Filing,
    pub item: Item,
    pub answers: Answers,
    pub rules: Rules,
    /// Whether its application notes a licence that is not written yet.
    pub has_noted: bool,
}

impl Handled {
    /// Takes up a case for a call of this kind.
    pub fn open(number: CaseNumber, kind: CallKind, ctx: &Ctx, state: &State) -> Result<Self, Stop> {
        let handled = Self::load(number, ctx.time, state)?;
        if !case_states::allows(handled.case.stage, kind) {
            return Err(Error::WrongStage.into()); // I9
        }
        let states = handled.states();
        if case_moments::unsettled_since(handled.subjects(&states), ctx.time, state)?.is_some() {
            return Err(Error::TimeFirst.into()); // I10
        }
        Ok(handled)
    }

    /// Loads a case as it is at a time.
    pub fn load(number: CaseNumber, at: Time, state: &State) -> Result<Self, Stop> {
        let case = state::case(state, &number)?.ok_or(Error::NotFound)?;
        let filing = state::filing(state, &number)?.ok_or(Error::NotFound)?;
        let version = catalogue::version(state, &case.item.code, case.item.version)?.ok_or(Error::ItemNotInForce)?;
        let answers = case_facts::answers(&filing.facts);
        let rules = state::rules(state, &case.department)?;
        let mut handled = Self { number, case, filing, item: version.item, answers, rules, has_noted: false };
        acceptance::take_held(&mut handled, at, state)?;
        Ok(handled)
    }

    /// Where its steps are.
    pub fn states(&self) -> Vec<StepState> {
        case_moments::states(&self.case, &self.item, &self.answers)
    }

    /// What time looks at.
    pub fn subjects<'a>(&'a self, states: &'a [StepState]) -> Subjects<'a> {
        Subjects { case: &self.case, filing: &self.filing, item: &self.item, states, rules: &self.rules }
    }

    /// Writes the case back, and puts down when time looks at it next.
    pub fn save(mut self, ctx: &Ctx, state: &mut State) -> Result<(), Stop> {
        let states = self.states();
        let next = case_moments::next(self.subjects(&states), ctx.time, state)?;
        if let Some(next) = next
            && self.case.watch.is_none_or(|watch| next < watch)
        {
            due::schedule(&self.number, next, ctx, state)?;
            self.case.watch = Some(next);
        }
        CASES.put(state, &self.number, &self.case);
        if self.has_noted {
            state::FILINGS.put(state, &self.number, &self.filing);
        }
        Ok(())
    }

    /// The names of steps.
    pub fn names(&self, places: impl IntoIterator<Item = usize>) -> List<StepName, STEPS_MAX> {
        let names = places.into_iter().filter_map(|place| self.item.flow.get(place)).map(|step| step.name.clone());
        List::new(names.collect()).expect("a flow has at most 64 steps, each named once")
    }

    /// The hand of an officer of the leading department.
    pub fn lead_hand(&self, role: Role, ctx: &Ctx, state: &State) -> Result<Hand, Stop> {
        self.hand(role, access::whole(&self.case.department, state)?, ctx, state)
    }

    /// The hand of an officer who decides what is open of the case: of the leading department, or of the one that may in its place.
    pub fn deciding_hand(&self, role: Role, ctx: &Ctx, state: &State) -> Result<Hand, Stop> {
        self.hand(role, access::deciding(&self.case, role, ctx, state)?, ctx, state)
    }

    /// The hand of an officer of the place that receives it.
    pub fn place_hand(&self, ctx: &Ctx, state: &State) -> Result<Hand, Stop> {
        self.hand(Role::Receiver, access::whole(&self.filing.place, state)?, ctx, state)
    }

    /// The hand of the officer whose step this is.
    pub fn step_hand(&self, place: usize, role: Role, ctx: &Ctx, state: &State) -> Result<Hand, Stop> {
        let step = self.item.flow.get(place).ok_or(TxError::Denied)?;
        self.hand(role, access::post(&self.case, step, state)?, ctx, state)
    }

    fn hand(&self, role: Role, scope: Option<Scope>, ctx: &Ctx, state: &State) -> Result<Hand, Stop> {
        hand(role, scope, Matter::of(&self.case, &self.filing), ctx, state)
    }
}

/// The acting officer, in his standing; the kernel has asked the same before. Nobody acts in office in a matter of his own: there is no other
/// way to a hand.
fn hand(role: Role, scope: Option<Scope>, matter: Matter, ctx: &Ctx, state: &State) -> Result<Hand, Stop> {
    let scope = scope.ok_or(TxError::Denied)?;
    let standing = orgs::standing(state, &ctx.account, role, &scope, ctx.time)?.ok_or(TxError::Denied)?;
    if matter.is_own(&ctx.account, standing, ctx.time, state)? {
        return Err(Error::OwnMatter.into()); // I16
    }
    Ok(Hand { account: ctx.account, standing, at: ctx.time, receipt: ctx.receipt })
}

impl From<FactError> for Error {
    fn from(error: FactError) -> Self {
        match error {
            FactError::Unasked => Self::FactUnasked,
            FactError::Unfit => Self::FactUnfit,
            FactError::Missing => Self::FactMissing,
            FactError::Undecided => Self::FactUndecided,
        }
    }
}

impl From<SourceError> for Error {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::Unasked => Self::SourceUnasked,
            SourceError::NotHeld => Self::SourceNotHeld,
            SourceError::NotRead => Self::SourceNotRead,
        }
    }
}

impl From<FlowError> for Error {
    /// A flow was checked when it was published, and its conditions were decided when the case was filed.
    fn from(_: FlowError) -> Self {
        Self::FactUndecided
    }
}

impl Call {
    /// The case that a call is about.
    pub(super) fn case(&self) -> Option<&CaseNumber> {
        match self {
            Self::File { .. }
            | Self::EnterApplication { .. }
            | Self::RepairPromise { .. }
            | Self::SetRules { .. }
            | Self::AnswerCard { .. } => None,
            Self::Receive { case }
            | Self::HandOver { case, .. }
            | Self::AskCorrection { case, .. }
            | Self::Supplement { case, .. }
            | Self::Accept { case }
            | Self::AcceptWithGap { case, .. }
            | Self::RefuseAcceptance { case, .. }
            | Self::ReturnCase { case, .. }
            | Self::FillGap { case, .. }
            | Self::FinishStep { case, .. }
            | Self::Decide { case, .. }
            | Self::StopClock { case, .. }
            | Self::ResumeClock { case, .. }
            | Self::Extend { case, .. }
            | Self::ProposeTermination { case, .. }
            | Self::Terminate { case, .. }
            | Self::Withdraw { case }
            | Self::Forward { case, .. }
            | Self::IssueCertificate { case, .. }
            | Self::Deliver { case, .. }
            | Self::Close { case }
            | Self::Rate { case, .. }
            | Self::AnswerWorkOrder { case, .. }
            | Self::ExcludeRating { case, .. }
            | Self::Appeal { case, .. }
            | Self::DecideAppeal { case, .. }
            | Self::Reconsider { case }
            | Self::CheckCommitment { case, .. }
            | Self::ProposeRevocation { case, .. }
            | Self::DecideRevocation { case, .. }
            | Self::DeclineTermination { case, .. }
            | Self::Discontinue { case, .. }
            | Self::TellHearing { case, .. }
            | Self::AnswerHearing { case, .. }
            | Self::ArrangeHearing { case, .. }
            | Self::RecordHearing { case, .. }
            | Self::Acknowledge { case }
            | Self::EnterAct { case, .. }
            | Self::Disown { case }
            | Self::ExamineDisowned { case, .. }
            | Self::Refer { case, .. }
            | Self::Settle { case } => Some(case),
        }
    }
}

impl Application {
    /// Whether something in it stands on a written commitment in place of a proof.
    pub(super) fn has_promise(materials: &[Given]) -> bool {
        materials.iter().any(|given| matches!(given.how, crate::case_records::How::Promise { .. }))
    }
}
