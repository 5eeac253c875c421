//! Whose a card is (预警对象): the department whose act is due, the role that it takes, and who has the case in hand there.
//!
//! Which officer of several will act nobody knows before he does. Named is who did the same before, or accepted the case and has it in hand
//! (经办人); where nobody is known, the department and the role say enough for its chief.

use crate::case_entries;
use crate::case_moments::Subjects;
use crate::case_records::Subject;
use crate::case_steps;
use crate::cases;
use crate::offices::DepartmentCode;
use tongban_kernel::{Missing, Role, State};
use tongban_types::AccountId;

/// Whose a card is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    /// The department whose act is due.
    pub department: DepartmentCode,
    /// The role that it takes.
    pub role: Role,
    /// Who has it in hand, as far as it is known.
    pub handler: Option<AccountId>,
}

/// Whose a card about this is now.
pub fn charge(subjects: Subjects, subject: Subject, state: &State) -> Result<Charge, Missing> {
    let Subjects { case, filing, item, .. } = subjects;
    let accepted = case.acceptance.and_then(|acceptance| acceptance.by).map(|by| by.account);
    let received = case.intake.received.map(|by| by.account);
    let decided = case.decision.as_ref().and_then(|decision| decision.by).map(|by| by.account);
    let refused = case.refused.as_ref().map(|refused| refused.by.account);
    let ended = case.ending.as_ref().and_then(|ending| ending.by).map(|by| by.account);
    let lead = |role, handler| Charge { department: case.department, role, handler };
    let charge = match subject {
        Subject::Acceptance => lead(Role::Acceptor, received.filter(|_| filing.place == case.department)),
        Subject::Decision => lead(Role::Approver, accepted),
        Subject::HandOver => Charge { department: filing.place, role: Role::Receiver, handler: received },
        Subject::Delivery => lead(Role::Issuer, decided.or(accepted)),
        Subject::WorkOrder => lead(Role::Approver, decided.or(refused).or(ended).or(accepted)),
        Subject::Appeal => lead(Role::Approver, None), // whom it is against does not decide it
        Subject::CommitmentCheck => lead(Role::Reviewer, accepted),
        Subject::Counter => {
            let handler = case_entries::disowned(case, filing).last().map(|entry| entry.by.account);
            Charge { department: filing.place, role: Role::Receiver, handler }
        }
        Subject::Step(place) => {
            let step = item.flow.get(usize::from(place));
            let before = case.steps.get(usize::from(place)).and_then(|mark| mark.before);
            match step.and_then(|step| Some((cases::scope_of(case, step)?, case_steps::role(step.kind)))) {
                Some((scope, role)) => {
                    let in_hand = accepted.filter(|_| scope.department == case.department);
                    Charge { department: scope.department, role, handler: before.or(in_hand) }
                }
                None => lead(Role::Reviewer, before.or(accepted)),
            }
        }
    };
    let department = cases::answering(&charge.department, state)?.unwrap_or(charge.department);
    Ok(Charge { department, ..charge })
}
