//! Who may call what, and about which department a call is. Departments are merged and closed while cases are under way; what one was to do,
//! the one does that answers for it now.

use super::state::{self, Case, Rules};
use super::{Call, CallKind, execute};
use crate::case_steps;
use crate::catalogue;
use crate::flow::{Flow, StepName, place_of};
use crate::items::{Step, StepKind};
use crate::offices::DepartmentCode;
use crate::orgs;
use crate::working_days::after_working_days;
use tongban_kernel::{Access, Ctx, Missing, Role, Scope, State, Stop};
use tongban_types::codes::CaseNumber;
use tongban_types::{AccountId, Time};

/// What a call of this kind asks of its account. Of cases of one's own: for oneself, or for whom one may act.
pub fn access(kind: CallKind) -> Access {
    match kind {
        CallKind::File
        | CallKind::Supplement
        | CallKind::FillGap
        | CallKind::Withdraw
        | CallKind::Rate
        | CallKind::Appeal
        | CallKind::AnswerHearing
        | CallKind::Acknowledge
        | CallKind::Disown
        | CallKind::Settle => Access::AnyAccount,
        CallKind::Receive | CallKind::HandOver | CallKind::EnterApplication | CallKind::EnterAct => {
            Access::Office(Role::Receiver)
        }
        CallKind::AskCorrection
        | CallKind::Accept
        | CallKind::AcceptWithGap
        | CallKind::RefuseAcceptance
        | CallKind::ReturnCase
        | CallKind::ProposeTermination => Access::Office(Role::Acceptor),
        CallKind::FinishStep
        | CallKind::StopClock
        | CallKind::ResumeClock
        | CallKind::CheckCommitment
        | CallKind::RecordHearing
        | CallKind::ProposeRevocation => Access::Office(Role::Reviewer),
        CallKind::Decide
        | CallKind::Terminate
        | CallKind::Forward
        | CallKind::AnswerWorkOrder
        | CallKind::DecideAppeal
        | CallKind::Reconsider
        | CallKind::DecideRevocation
        | CallKind::DeclineTermination
        | CallKind::Discontinue
        | CallKind::AnswerCard
        | CallKind::TellHearing
        | CallKind::ArrangeHearing
        | CallKind::Refer => Access::Office(Role::Approver),
        CallKind::Extend => Access::Office(Role::Head),
        CallKind::IssueCertificate | CallKind::Deliver | CallKind::Close => Access::Office(Role::Issuer),
        CallKind::ExcludeRating | CallKind::RepairPromise | CallKind::SetRules | CallKind::ExamineDisowned => {
            Access::Office(Role::Supervisor)
        }
    }
}

/// What executing a call of this kind costs: an application is checked against the form and all conditions of its item, and each call about a
/// case reads the item it runs by.
pub fn cost(kind: CallKind) -> u32 {
    match kind {
        CallKind::File | CallKind::Supplement | CallKind::EnterApplication | CallKind::EnterAct => 10,
        CallKind::Accept | CallKind::AcceptWithGap | CallKind::Settle => 5,
        CallKind::RepairPromise | CallKind::SetRules | CallKind::AnswerCard => 1,
        CallKind::Receive
        | CallKind::HandOver
        | CallKind::AskCorrection
        | CallKind::RefuseAcceptance
        | CallKind::ReturnCase
        | CallKind::FillGap
        | CallKind::FinishStep
        | CallKind::Decide
        | CallKind::StopClock
        | CallKind::ResumeClock
        | CallKind::Extend
        | CallKind::ProposeTermination
        | CallKind::Terminate
        | CallKind::Withdraw
        | CallKind::Forward
        | CallKind::IssueCertificate
        | CallKind::Deliver
        | CallKind::Close
        | CallKind::Rate
        | CallKind::AnswerWorkOrder
        | CallKind::ExcludeRating
        | CallKind::Appeal
        | CallKind::DecideAppeal
        | CallKind::Reconsider
        | CallKind::CheckCommitment
        | CallKind::ProposeRevocation
        | CallKind::DecideRevocation
        | CallKind::DeclineTermination
        | CallKind::Discontinue
        | CallKind::TellHearing
        | CallKind::AnswerHearing
        | CallKind::ArrangeHearing
        | CallKind::RecordHearing
        | CallKind::Acknowledge
        | CallKind::Disown
        | CallKind::ExamineDisowned
        | CallKind::Refer => 2,
    }
}

/// The department that a call is about, and the post in it: that of the step, of the acceptance, or the department that leads as a
/// whole. None for a case, a step or an applicant that does not exist, which denies the call.
pub fn scope(call: &Call, ctx: &Ctx, state: &State) -> Result<Option<Scope>, Stop> {
    match call {
        Call::File { .. }
        | Call::Supplement { .. }
        | Call::FillGap { .. }
        | Call::Withdraw { .. }
        | Call::Rate { .. }
        | Call::Appeal { .. }
        | Call::AnswerHearing { .. }
        | Call::Acknowledge { .. }
        | Call::Disown { .. }
        | Call::Settle { .. } => Ok(None),
        Call::EnterApplication { application, .. } => Ok(execute::counter(application, ctx, state)?),
        Call::Receive { case } | Call::HandOver { case, .. } | Call::EnterAct { case, .. } => {
            match state::filing(state, case)? {
                Some(filing) => Ok(whole(&filing.place, state)?),
                None => Ok(None),
            }
        }
        Call::AskCorrection { case, .. } | Call::Accept { case } | Call::AcceptWithGap { case, .. } => {
            acceptance(case, state)
        }
        Call::RefuseAcceptance { case, .. } => refusal(case, ctx, state),
        Call::Decide { case, step, .. }
        | Call::TellHearing { case, step, .. }
        | Call::ArrangeHearing { case, step, .. } => decision(case, step, ctx, state),
        Call::RecordHearing { case, step, .. } => {
            let post = of_step(case, step, state)?;
            Ok(post.map(|post| Scope { department: post.department, post: None }))
        }
        Call::FinishStep { case, step, .. }
        | Call::StopClock { case, step, .. }
        | Call::ResumeClock { case, step }
        | Call::IssueCertificate { case, step: Some(step), .. }
        | Call::Deliver { case, step: Some(step), .. } => of_step(case, step, state),
        Call::ReturnCase { case, .. } => deciders(case, Role::Acceptor, ctx, state),
        Call::Terminate { case, .. }
        | Call::DecideAppeal { case, .. }
        | Call::Reconsider { case }
        | Call::DecideRevocation { case, .. }
        | Call::DeclineTermination { case, .. } => deciders(case, Role::Approver, ctx, state),
        Call::ProposeTermination { case, .. }
        | Call::Forward { case, .. }
        | Call::Extend { case, .. }
        | Call::IssueCertificate { case, step: None, .. }
        | Call::Deliver { case, step: None, .. }
        | Call::Close { case }
        | Call::AnswerWorkOrder { case, .. }
        | Call::ExcludeRating { case, .. }
        | Call::CheckCommitment { case, .. }
        | Call::ProposeRevocation { case, .. }
        | Call::Discontinue { case, .. }
        | Call::ExamineDisowned { case, .. }
        | Call::Refer { case, .. } => lead(case, state),
        Call::AnswerCard { number, .. } => match state::SUPERVISIONS.get(state, number)? {
            Some(card) => Ok(whole(&card.department, state)?),
            None => Ok(None),
        },
        Call::RepairPromise { applicant } => Ok(repairer(applicant, ctx, state)?.map(|(_, scope)| scope)),
        Call::SetRules { department, .. } => Ok(Some(Scope { department: *department, post: None })),
    }
}

/// Which broken promise of an applicant the acting account may say is repaired, and in which department: the last one that is open, or where none
/// is, the last one at all. None where it supervises no department that has found one.
pub fn repairer(applicant: &AccountId, ctx: &Ctx, state: &State) -> Result<Option<(usize, Scope)>, Missing> {
    let Some(promises) = state::BROKEN_PROMISES.get(state, applicant)? else { return Ok(None) };
    let mut closed = None;
    for (place, broken) in promises.broken.iter().enumerate().rev() {
        let Some(scope) = whole(&broken.department, state)? else { continue };
        if orgs::standing(state, &ctx.account, Role::Supervisor, &scope, ctx.time)?.is_none() {
            continue;
        }
        match broken.repaired {
            None => return Ok(Some((place, scope))),
            Some(_) => closed = closed.or(Some((place, scope))),
        }
    }
    Ok(closed)
}

fn lead(case: &CaseNumber, state: &State) -> Result<Option<Scope>, Stop> {
    match state::case(state, case)? {
        Some(case) => Ok(whole(&case.department, state)?),
        None => Ok(None),
    }
}

/// Who decides what is open of a case.
fn deciders(case: &CaseNumber, role: Role, ctx: &Ctx, state: &State) -> Result<Option<Scope>, Stop> {
    match state::case(state, case)? {
        Some(case) => Ok(deciding(&case, role, ctx, state)?),
        None => Ok(None),
    }
}

/// The department that leads a case, or the one that may decide in its place, where the acting account holds the role there and not here.
pub fn deciding(case: &Case, role: Role, ctx: &Ctx, state: &State) -> Result<Option<Scope>, Missing> {
    or_instead(whole(&case.department, state)?, case, role, ctx, state)
}

/// The post of a step of decision, or the department that may decide in its place.
pub fn decision_post(case: &Case, step: &Step, ctx: &Ctx, state: &State) -> Result<Option<Scope>, Missing> {
    let own = post(case, step, state)?;
    let lead = answering(&case.department, state)?;
    let is_of_lead = step.kind == StepKind::Decision && own.as_ref().map(|own| own.department) == lead;
    if is_of_lead { or_instead(own, case, Role::Approver, ctx, state) } else { Ok(own) }
}

fn or_instead(own: Option<Scope>, case: &Case, role: Role, ctx: &Ctx, state: &State) -> Result<Option<Scope>, Missing> {
    let Some(department) = instead(case, ctx.time, state)? else { return Ok(own) };
    let other = Scope { department, post: None };
    let holds = |scope: &Scope| Ok(orgs::standing(state, &ctx.account, role, scope, ctx.time)?.is_some());
    let is_own = own.as_ref().map(holds).transpose()?.unwrap_or(false);
    Ok(if !is_own && holds(&other)? { Some(other) } else { own })
}

/// The department that may decide in the place of the one that leads: the one to which it was referred; and where an appeal was not decided or
/// not followed in time, the one that would be, so that no department is too small for a remedy.
pub fn instead(case: &Case, at: Time, state: &State) -> Result<Option<DepartmentCode>, Missing> {
    if let Some(referral) = &case.referral {
        return answering(&referral.to, state);
    }
    let Some(appeal) = &case.appeal else { return Ok(None) };
    let rules = state::rules(state, &case.department)?;
    let is_late = match &appeal.decision {
        None => appeal.clock.is_over(state, at)?,
        Some(decision) if decision.upheld => after_working_days(state, decision.by.at, rules.office_days)?.is_over(at),
        Some(_) => false,
    };
    if is_late { stand_in(case, &rules, state) } else { Ok(None) }
}

/// The department to which a case is referred: the one that the rules name, or else the nearest one above that acts. None where there is none.
pub fn stand_in(case: &Case, rules: &Rules, state: &State) -> Result<Option<DepartmentCode>, Missing> {
    let Some(lead) = answering(&case.department, state)? else { return Ok(None) };
    if let Some(named) = &rules.decides_instead
        && let Some(named) = answering(named, state)?.filter(|named| *named != lead)
    {
        return Ok(Some(named));
    }
    let line = orgs::line(state, &lead)?;
    Ok(line.into_iter().skip(1).find(|(_, above)| above.is_active()).map(|(code, _)| code))
}

fn acceptance(case: &CaseNumber, state: &State) -> Result<Option<Scope>, Stop> {
    let Some(case) = state::case(state, case)? else { return Ok(None) };
    Ok(accepting(&case, &flow_of(&case, state)?, state)?)
}

/// Who refuses to accept a case: whoever accepts, or the department that may in its place.
fn refusal(case: &CaseNumber, ctx: &Ctx, state: &State) -> Result<Option<Scope>, Stop> {
    let Some(case) = state::case(state, case)? else { return Ok(None) };
    Ok(refusing(&case, &flow_of(&case, state)?, ctx, state)?)
}

fn flow_of(case: &Case, state: &State) -> Result<Flow, Missing> {
    let version = catalogue::version(state, &case.item.code, case.item.version)?;
    Ok(version.map(|version| version.item.flow).unwrap_or_default())
}

/// The post of the step of acceptance; the department that leads, where the flow has no such step.
fn accepting(case: &Case, flow: &Flow, state: &State) -> Result<Option<Scope>, Missing> {
    match case_steps::acceptance(flow).and_then(|place| flow.get(place)) {
        Some(step) => post(case, step, state),
        None => whole(&case.department, state),
    }
}

/// The same for a refusal to accept, or the department that may in its place, where the acting account holds the role there and not here.
pub fn refusing(case: &Case, flow: &Flow, ctx: &Ctx, state: &State) -> Result<Option<Scope>, Missing> {
    or_instead(accepting(case, flow, state)?, case, Role::Acceptor, ctx, state)
}

fn decision(case: &CaseNumber, step: &StepName, ctx: &Ctx, state: &State) -> Result<Option<Scope>, Stop> {
    let Some(case) = state::case(state, case)? else { return Ok(None) };
    let Some(version) = catalogue::version(state, &case.item.code, case.item.version)? else { return Ok(None) };
    let flow = &version.item.flow;
    match place_of(flow, step) {
        Some(place) => Ok(decision_post(&case, &flow[place], ctx, state)?),
        None => Ok(None),
    }
}

fn of_step(case: &CaseNumber, step: &StepName, state: &State) -> Result<Option<Scope>, Stop> {
    let Some(case) = state::case(state, case)? else { return Ok(None) };
    let Some(version) = catalogue::version(state, &case.item.code, case.item.version)? else { return Ok(None) };
    let flow = &version.item.flow;
    match place_of(flow, step) {
        Some(place) => Ok(post(&case, &flow[place], state)?),
        None => Ok(None),
    }
}

/// The department and the post of a step, as its item names them. What the department that led was to do, the higher body does to which the case
/// was forwarded: whoever holds the role there, since the item names no posts of it.
pub fn scope_of(case: &Case, step: &Step) -> Option<Scope> {
    let department: DepartmentCode = step.department.parse().ok()?;
    if let Some(place) = case.joint_place.filter(|_| step.at_place) {
        return Some(Scope { department: place, post: None }); // I21: resolved when the case was accepted
    }
    if case.forwardings.first().is_some_and(|first| first.from == department) {
        return Some(Scope { department: case.department, post: None });
    }
    Some(Scope { department, post: Some(step.role.clone()) })
}

/// The post of a step, in the department that answers for it now.
pub fn post(case: &Case, step: &Step, state: &State) -> Result<Option<Scope>, Missing> {
    let Some(named) = scope_of(case, step) else { return Ok(None) };
    let department = answering(&named.department, state)?;
    Ok(department.map(|department| Scope { department, post: named.post }))
}

/// A department as a whole, or the one that answers for it now.
pub fn whole(department: &DepartmentCode, state: &State) -> Result<Option<Scope>, Missing> {
    Ok(answering(department, state)?.map(|department| Scope { department, post: None }))
}

/// The department that answers for what this one was to do: itself, or the one that took its place; where it was closed and none did, the one
/// above it, which has closed it. None where it is unknown, or nobody is left above it.
pub fn answering(department: &DepartmentCode, state: &State) -> Result<Option<DepartmentCode>, Missing> {
    for (code, _) in orgs::line(state, department)? {
        if let Some(heir) = orgs::successor(state, &code)? {
            return Ok(Some(heir));
        }
    }
    Ok(None)
}
