//! The network itself: its members and parameters, and the calendars that its clocks count by (网络).
//!
//! Members and parameters come from the genesis; they are records so that they can be proven like anything else. Working days are
//! never computed from rules: the State Council announces holidays and make-up days (节假日与调休) each year, and an
//! administrator publishes them here, one calendar for each year.
//!
//! # Terms
//!
//! | Term | 中文 | Meaning |
//! |---|---|---|
//! | member | 成员 | a department that runs a node and takes part in decisions |
//! | parameters | 参数 | limits and clocks that all nodes share |
//! | calendar | 工作日历 | the days off and make-up working days of one year |
//! | make-up day | 调休上班日 | a Saturday or Sunday on which people work |
//!
//! # Invariants
//!
//! - **I1** Members and parameters are those of the genesis.
//! - **I2** A calendar's days lie in its year, each once, in ascending order.
//! - **I3** A make-up day is a Saturday or Sunday; a day off is a Monday to Friday (weekends are off without saying).
//! - **I4** A newer edition of a calendar has the next edition number; the old one stays in the receipts.
//!
//! # Life
//!
//! ```text
//! calendar: publish (edition 1) ──publish──▶ edition 2 ──▶ …
//! ```

mod access;
mod error;
mod execute;
mod msg;
mod query;
mod state;
#[cfg(test)]
mod tests;

pub use error::Error;
pub use msg::{Call, CallKind, Event, MonthDay, Query, View};
pub use state::{CALENDARS, Calendar, MEMBERS, Members, PARAMETERS, calendar, genesis, is_member, is_working_day};

use tongban_kernel::{Access, Broken, Ctx, Module, State, Stop, Write};
use tongban_types::Digest;

/// The network itself.
pub struct Network;

impl Module for Network {
    const NAME: &'static str = "network";
    const NAME_ZH: &'static str = "网络";

    type Call = Call;
    type CallKind = CallKind;
    type Query = Query;
    type View = View;
    type Event = Event;
    type Error = Error;

    fn access(kind: CallKind) -> Access {
        access::access(kind)
    }

    fn validate(call: &Call) -> Result<(), Error> {
        execute::validate(call)
    }

    fn reads(call: &Call, state: &State) -> Vec<Digest> {
        execute::reads(call, state)
    }

    fn execute(call: Call, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
        match call {
            Call::PublishCalendar { year, edition, days_off, make_up_days } => {
                execute::publish_calendar(year, edition, days_off, make_up_days, ctx, state)
            }
        }
    }

    fn query(query: &Query, state: &State) -> Result<View, Stop> {
        match query {
            Query::Members {} => query::members(state),
            Query::Parameters {} => query::parameters(state),
            Query::Calendar { year } => query::calendar(*year, state),
        }
    }

    fn check_invariants(write: &Write) -> Result<(), Broken> {
        state::check_invariants(write)
    }
}
