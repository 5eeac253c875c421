//! Who acts for whom (代理与代表): legal representatives of organisations, guardians of persons, and agents whom somebody has named.
//!
//! An authorised department records legal representatives, guardians and who administers estates; agents are named by the principal himself, or by whoever stands for
//! him by law. [`capacity`] answers whether and as what somebody may act for a principal. Who asks puts the answer on his record and into his
//! event, so that what an agent did says so for ever.
//!
//! # Terms
//!
//! | Term | 中文 | Meaning |
//! |---|---|---|
//! | principal | 被代理人 | for whom somebody acts |
//! | legal representative | 法定代表人 | the person who acts for an organisation by law |
//! | guardian | 监护人 | acts for a person who cannot, recorded by a department |
//! | ward | 被监护人 | the person for whom a guardian acts |
//! | agency | 委托代理（代办） | what a principal lets an agent do: which items, which acts, until when |
//! | agent | 代理人（代办人） | who acts under an agency |
//! | administrator | 遗产管理人 | settles the affairs of a person who died (民法典 第一千一百四十五条至第一千一百四十七条) |
//! | estate | 遗产 | what a person who died has left |
//! | capacity | 代理身份 | as what somebody acts: for himself, by law, or under which agency |
//!
//! # Invariants
//!
//! - **I1** Who acts for another is bound to a person or organisation, then and as long as he acts; nobody is his own agent or guardian.
//! - **I2** An agency is within its scope and its term; it ends when it is revoked or renounced, or either side has ended, and rests while
//!   either is suspended or frozen.
//! - **I3** An agent names no agents.
//! - **I4** What a guardian has given to an agent ends with the guardianship.
//! - **I5** An agency keeps its number and content for ever; that it has ended is final.
//! - **I6** Legal representatives, guardians and administrators are recorded by authorised departments, and nobody records himself.
//! - **I7** Nobody acts for a person who died but who was recorded, after that death, as administrator of the estate; and he only takes back, gives licences
//!   back, receives, and asks that what is wrong be put right.
//!
//! # Life
//!
//! ```text
//! name ──▶ agency (有效) ──revoke (撤销), renounce (辞去), its term (到期)──▶ ended (终止)
//! appoint ──▶ guardianship (监护), administration (遗产管理) ──end, its term──▶ ended
//! ```
//!
//! An organisation that was merged is represented by the one into which it went, and an account that was joined to another one of the same person by that.
//!
//! An administration ends with the annulment of the death, and does not come back with another one. Each of several administrators acts alone here: what
//! they owe each other and the heirs is a matter of the law.
//!
//! Absent on purpose: what an item asks of those who act, and whether a ward may act himself, which are matters of the items; and who inherits what.

mod access;
mod error;
mod execute;
mod msg;
mod query;
mod state;
#[cfg(test)]
mod tests;

pub use error::Error;
pub use msg::{AgentAct, Call, CallKind, Capacity, Event, Mandate, Query, View};
pub use state::{
    AGENCIES, Administration, Agency, AgencyEnd, AgencyEndKind, BETWEEN, ESTATE_ACTS, ESTATES, Estate, GUARDIANS,
    Guardians, Guardianship, Numbers, REPRESENTATIVES, Representatives, agency, capacity, capacity_for,
    is_guardian_since, stands_for,
};

use tongban_kernel::{Access, Broken, Ctx, Module, Scope, State, Stop, Write};
use tongban_types::Digest;

/// Who acts for whom.
pub struct Representation;

impl Module for Representation {
    const NAME: &'static str = "representation";
    const NAME_ZH: &'static str = "代理与代表";

    type Call = Call;
    type CallKind = CallKind;
    type Query = Query;
    type View = View;
    type Event = Event;
    type Error = Error;

    fn access(kind: CallKind) -> Access {
        access::access(kind)
    }

    fn scope(call: &Call, _ctx: &Ctx, _state: &State) -> Result<Option<Scope>, Stop> {
        Ok(access::scope(call))
    }

    fn cost(kind: CallKind) -> u32 {
        access::cost(kind)
    }

    fn validate(call: &Call) -> Result<(), Error> {
        execute::validate(call)
    }

    fn reads(call: &Call, state: &State) -> Vec<Digest> {
        execute::reads(call, state)
    }

    fn execute(call: Call, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
        match call {
            Call::NameRepresentatives { department, organisation, persons, papers } => {
                execute::name_representatives(department, organisation, persons, papers, ctx, state)
            }
            Call::AppointGuardian { department, ward, guardian, until, papers } => {
                let since = ctx.time;
                let (officer, receipt) = (ctx.account, ctx.receipt);
                let guardianship = Guardianship { guardian, since, until, department, officer, papers, receipt };
                execute::appoint_guardian(ward, guardianship, ctx, state)
            }
            Call::EndGuardianship { department, ward, guardian, papers } => {
                execute::end_guardianship(department, ward, guardian, papers, ctx, state)
            }
            Call::NameAgent { principal, agent, mandate } => execute::name_agent(principal, agent, mandate, ctx, state),
            Call::RevokeAgency { agency } => execute::revoke_agency(agency, ctx, state),
            Call::RenounceAgency { agency } => execute::renounce_agency(agency, ctx, state),
            Call::AppointAdministrator { department, deceased, administrator, until, papers } => {
                let (since, officer, receipt) = (ctx.time, ctx.account, ctx.receipt);
                let administration =
                    Administration { administrator, since, until, department, officer, papers, receipt };
                execute::appoint_administrator(deceased, administration, ctx, state)
            }
            Call::EndAdministration { department, deceased, administrator, papers } => {
                execute::end_administration(department, deceased, administrator, papers, ctx, state)
            }
        }
    }

    fn query(query: &Query, state: &State) -> Result<View, Stop> {
        match query {
            Query::Representatives { organisation } => query::representatives(organisation, state),
            Query::Guardians { ward } => query::guardians(ward, state),
            Query::Agency { agency } => query::agency(*agency, state),
            Query::Agencies { principal, agent } => query::agencies(principal, agent, state),
            Query::Capacity { actor, principal, item, act, at } => {
                query::capacity(actor, principal, item.as_ref(), *act, *at, state)
            }
            Query::Estate { deceased } => query::estate(deceased, state),
        }
    }

    fn check_invariants(write: &Write) -> Result<(), Broken> {
        state::check_invariants(write)
    }
}
