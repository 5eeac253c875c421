//! Departments, their officers, and who holds which right in them (机构、人员与权限).
//!
//! Departments form trees over the divisions of the country. An officer is an account, almost always a person's, that was appointed
//! to an office in a department. He holds roles there, each for a term and where it matters at one post. Administrators appoint and
//! grant in their department and in those below it. Other modules ask [`standing`]: may this account act in this role for that
//! department now?
//!
//! # Terms
//!
//! | Term | 中文 | Meaning |
//! |---|---|---|
//! | department | 部门 | a body with a credit code, for a division; a root stands below no other |
//! | officer | 工作人员 | an account that is appointed in a department; no name of a person is on the ledger |
//! | office, post | 职务、岗位 | what he is called, and the posts that flows of items speak of |
//! | appointment | 任职 | that he is an officer, from a time on |
//! | grant | 授权 | a role in the department, for a term, at all his posts or at one |
//! | administrator | 部门管理员 | may appoint and grant, in the department and below it |
//! | mandate | 授权范围 | where and until when an administrator may do so |
//! | deputy | 代理人 | an officer who acts in the roles of another one while that one is absent |
//! | four eyes | 双人复核 | one administrator proposes a sensitive right, another approves it |
//! | bound officers | 实名任职 | sensitive rights are given only to persons whose account is bound to them |
//! | safeguard | 安全约束 | four eyes, or bound officers; a waiver takes one from a department |
//! | host | 托管节点 | the validator that runs a node for a department without one |
//! | tree | 系统 | a root and all departments below it |
//! | offer | 拟调出 | that one tree lets an officer go to a department of another one, which accepts or declines |
//! | division | 行政区划 | a part of the country; the network's administrator tells what becomes of it |
//! | responsible department | 区划主责部门 | which sets the rules of a division |
//!
//! # Invariants
//!
//! - **I1** A department is registered once under its credit code, for ever; nothing that was is deleted.
//! - **I2** A department stands at most 8 deep, and its division lies in that of the department above.
//! - **I3** Only in an active department does anybody hold a role. A closed one stays closed, and those below it were closed before.
//! - **I4** An administrator gives only in his department and below it, from now on, and not for longer than his own term. The network's
//!   administrator names one where a root has none who can act.
//! - **I5** Nobody appoints himself, or gives, takes or ends anything of his own.
//! - **I6** Only roles of departments are given here, at a post only to who holds it, and a role once at a time.
//! - **I7** A deputy is an officer of the same department, for an absence of at most 180 days. A deputy of a deputy holds nothing, an
//!   administrator has no deputy, and for an officer whose account may not act nobody stands in.
//! - **I8** In a department that wants four eyes, a role that decides comes from two administrators, and so does a deputy in it. So do the
//!   administrators of the departments above it. That it is to want them no longer comes from two as well, one of them from above.
//! - **I9** An officer is a person; a system may be one, without roles that decide and for nobody else.
//! - **I10** An account has at most one appointment in a department at a time, and those before stay.
//! - **I11** Who is appointed, given a right or made a deputy can act then. Where a department wants bound officers, roles that decide are given,
//!   and pass to deputies, only where an identity authority has bound the person at level L2 or above.
//! - **I12** A department is hosted by a member of the network.
//! - **I13** Who answers for a closed department is found in at most 32 steps.
//! - **I14** No text holds the number of a citizen.
//! - **I15** A department is registered only for a division that is a place and is there at the block's time. Those that are there stay.
//! - **I16** What the network was told of a division stays, in the order of the days from which it counts.
//! - **I17** A division has at most one department that sets its rules: of those that have none above them for it, the only one, or the one that
//!   the network's administrator has named.
//! - **I18** An officer comes to another tree by two administrators, one of each side: the one offers, the other accepts within at most 30 days, and
//!   both are in office then.
//!
//! # Life
//!
//! ```text
//! department:  register ──▶ active (正常) ◀──suspend / resume──▶ suspended (暂停) ──close──▶ closed (撤销, 并入)
//! appointment: appoint ──▶ in office (在任) ──dismiss, transfer, accept_transfer──▶ ended (免职, 调动); then perhaps the next one
//! offer:       offer_transfer ──▶ open (待接收) ──accept_transfer / decline_transfer / withdraw_offer──▶ settled (已接收, 谢绝, 撤回)
//!                                              └─its time is over─▶ lapsed (失效)
//! division:    amend_division: add ──▶ there (有效) ──rename──▶ there ──abolish──▶ abolished (已撤销) ──add──▶ there
//! grant:       grant, or propose + approve ──▶ in term (有效) ──▶ over: term ends, withdrawn, appointment ended
//! ```
//!
//! What an administrator has given stays when his own right ends: it was given in office. What he may not give is refused, and the
//! refusal's receipt is the record of the attempt.
//!
//! **Four eyes** are two persons who do not owe it to one another that they are two. An administrator above could otherwise name an
//! accomplice up there, where four eyes are not wanted, and propose below what that one approves. So a department knows how many below it want
//! four eyes, and as long as there is one, its administrators come from two, too; where a root has only one who can act, the network's
//! administrator names the other. That counts from when four eyes were switched on: whoever was an administrator before remains one.
//!
//! **Bound officers** are switched on for a department, and come with the registration of those below it. No department begins with that: officers
//! are appointed before there is an authority that could bind them. What was given before stays, and a binding that is corrected later takes
//! no right away; a right is withdrawn like any other. A deputy is looked at when he acts, since what he may do depends on what the other one holds
//! then.
//!
//! **Closing** asks for the departments below and not for work that is under way: a module knows nothing of the records of those that build
//! upon it, and there are no scans. Whoever closes a department with open cases or licences in force merges it into another one, and the modules
//! that keep them ask [`successor`] who answers now. Where it is closed without another one, that is for a department that has nothing
//! left; what becomes of the rest is a matter of those modules.
//!
//! **Between two trees** nobody administers both sides, or should act as if he did: whoever lets an officer go offers him, and whoever takes him
//! says what he is to be. He comes without rights, as with every transfer; four eyes and bound officers of the department that he comes to hold
//! for all that is given to him there. The old appointment names the new one and the new one the old. An offer lapses by itself, since it is looked
//! at only when it is settled.
//!
//! **Divisions** come with the program as a table of one day and are amended here, from days on that may lie before or after the telling. That a
//! division is abolished ends no department: closing and merging are decisions, which have their calls. A code that is no division is no reason to
//! refuse a person's number or an old licence, which were given when it was one.
//!
//! Absent on purpose: names of officers. Moving a department under another one or to another division: it is closed and merged into a new
//! one, so that what it did stays where it was done; [`successor`] leads on.

mod access;
mod error;
mod execute;
mod msg;
mod query;
mod state;
#[cfg(test)]
mod tests;

pub use crate::departments::{Change, Department, DepartmentName, Level, Profile, Safeguard, Status};
pub use crate::divisions::{
    Division, DivisionAmendment, DivisionChange, DivisionHistory, DivisionKind, DivisionName, DivisionValidity,
};
pub use crate::offices::{
    Appointment, AppointmentEnd, AppointmentPlace, DepartmentCode, Deputyship, EndCause, Grant, Post, Stopped, Term,
};
pub use error::Error;
pub use msg::{Call, CallKind, Deputy, Event, LineEntry, Position, Proposed, Query, Right, View};
pub use state::{
    DEPARTMENTS, DIVISIONS, Mandate, Named, OFFERS, OFFICERS, Offer, PAST_APPOINTMENTS, PROPOSALS, Proposal,
    RESPONSIBILITIES, Responsibility, Settlement, Standing, department, division, is_responsible, is_within, line,
    mandate, officer, standing, state_key, successor,
};

use tongban_kernel::{Access, Broken, Ctx, Module, Scope, State, Stop, Write};
use tongban_types::Digest;

/// Departments, officers and rights.
pub struct Orgs;

impl Module for Orgs {
    const NAME: &'static str = "orgs";
    const NAME_ZH: &'static str = "机构与权限";

    type Call = Call;
    type CallKind = CallKind;
    type Query = Query;
    type View = View;
    type Event = Event;
    type Error = Error;

    fn access(kind: CallKind) -> Access {
        access::access(kind)
    }

    fn scope(call: &Call, ctx: &Ctx, state: &State) -> Result<Option<Scope>, Stop> {
        access::scope(call, ctx, state)
    }

    fn validate(call: &Call) -> Result<(), Error> {
        execute::validate(call)
    }

    fn reads(call: &Call, state: &State) -> Vec<Digest> {
        execute::reads(call, state)
    }

    fn execute(call: Call, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
        match call {
            Call::RegisterDepartment { department, profile } => {
                execute::register(department, profile, None, ctx, state)
            }
            Call::NameAdministrator { department, account, office, until } => {
                execute::name_administrator(department, account, office, until, ctx, state)
            }
            Call::ChangeRoot { department, change } => execute::change_root(department, change, ctx, state),
            Call::RegisterSubordinate { parent, department, profile } => {
                execute::register(department, profile, Some(parent), ctx, state)
            }
            Call::ChangeDepartment { department, change } => execute::change_department(department, change, ctx, state),
            Call::Appoint { department, account, position } => {
                execute::appoint(department, account, position, ctx, state)
            }
            Call::Grant { department, account, right } => execute::grant(department, account, right, ctx, state),
            Call::WithdrawGrant { department, account, role, post } => {
                execute::withdraw_grant(department, account, role, post, ctx, state)
            }
            Call::Dismiss { department, account, reason } => execute::dismiss(department, account, reason, ctx, state),
            Call::Transfer { account, from, to, position } => {
                execute::transfer(account, from, to, position, ctx, state)
            }
            Call::NameDeputy { department, deputy } => execute::name_deputy(department, deputy, ctx, state),
            Call::EndDeputy { department, account, of } => execute::end_deputy(department, account, of, ctx, state),
            Call::Propose { department, proposed } => execute::propose(department, proposed, ctx, state),
            Call::Approve { department, number } => execute::approve(department, number, ctx, state),
            Call::Reject { department, number, reason } => execute::reject(department, number, reason, ctx, state),
            Call::OfferTransfer { account, from, to, until } => {
                execute::offer_transfer(account, from, to, until, ctx, state)
            }
            Call::WithdrawOffer { account, from } => execute::withdraw_offer(account, from, ctx, state),
            Call::AcceptTransfer { account, from, to, position } => {
                execute::accept_transfer(account, from, to, position, ctx, state)
            }
            Call::DeclineTransfer { account, from, to, reason } => {
                execute::decline_transfer(account, from, to, reason, ctx, state)
            }
            Call::AmendDivision { division, amendment, from } => {
                execute::amend_division(division, amendment, from, ctx, state)
            }
            Call::NameResponsible { department } => execute::name_responsible(department, ctx, state),
        }
    }

    fn query(query: &Query, state: &State) -> Result<View, Stop> {
        match query {
            Query::Department { department } => query::department(department, state),
            Query::Officer { department, account } => query::officer(department, account, state),
            Query::PastAppointment { department, account, number } => {
                query::past_appointment(department, account, *number, state)
            }
            Query::Line { department } => query::line(department, state),
            Query::Proposal { department, number } => query::proposal(department, *number, state),
            Query::Standing { department, account, role, post, at } => {
                query::standing(*department, account, *role, post.clone(), *at, state)
            }
            Query::Offer { department, account } => query::offer(department, account, state),
            Query::Division { division, at } => query::division(division, *at, state),
            Query::Responsibility { division } => query::responsibility(division, state),
        }
    }

    fn check_invariants(write: &Write) -> Result<(), Broken> {
        state::check_invariants(write)
    }
}
