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
//! | host | 托管节点 | the validator that runs a node for a department without one |
//!
//! # Invariants
//!
//! - **I1** A department is registered once under its credit code, for ever; nothing that was is deleted.
//! - **I2** A department stands at most 8 deep, and its division lies in that of the department above.
//! - **I3** Only in an active department does anybody hold a role.
//! - **I4** An administrator gives only in his department and below it, from now on, and not for longer than his own term.
//! - **I5** Nobody appoints himself or gives, takes or changes a right of his own.
//! - **I6** Only roles of departments are given here, and at a post only to who holds it.
//! - **I7** A deputy of a deputy holds nothing, and an administrator has no deputy.
//! - **I8** Who prepares a right does not approve it.
//! - **I9** An officer is a person; a system may be one, without roles that decide.
//! - **I10** An account has at most one appointment in a department at a time, and those before stay.

mod access;
mod error;
mod execute;
mod msg;
mod query;
mod state;
#[cfg(test)]
mod tests;

pub use crate::offices::{
    Appointment, AppointmentEnd, AppointmentPlace, DepartmentCode, Deputyship, EndCause, Grant, Post, Stopped, Term,
};
pub use error::Error;
pub use msg::{Call, CallKind, Event, Level, Position, Profile, Query, Right, View};
pub use state::{
    DEPARTMENTS, Department, DepartmentName, Mandate, OFFICERS, PAST_APPOINTMENTS, Standing, Status, department,
    is_within, line, mandate, officer, standing, state_key,
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
            Call::RegisterSubordinate { parent, department, profile } => {
                execute::register(department, profile, Some(parent), ctx, state)
            }
            Call::Appoint { department, account, position } => {
                execute::appoint(department, account, position, ctx, state)
            }
            Call::Grant { department, account, right } => execute::grant(department, account, right, ctx, state),
        }
    }

    fn query(query: &Query, state: &State) -> Result<View, Stop> {
        match query {
            Query::Department { department } => query::department(department, state),
            Query::Officer { department, account } => query::officer(department, account, state),
            Query::Standing { department, account, role, post, at } => {
                query::standing(*department, account, *role, post.clone(), *at, state)
            }
        }
    }

    fn check_invariants(write: &Write) -> Result<(), Broken> {
        state::check_invariants(write)
    }
}
