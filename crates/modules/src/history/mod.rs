//! Past cases of older systems (历史办件): what a department has handled before, taken over with the times of its source.
//!
//! A past case is not a case of this network: nobody acts on it any more, and the rules of today cannot be asked of it. They are
//! asked nevertheless, and what they find is written beside it as flags: late, without an end, checked and decided by one person. A log of a
//! real office is full of such cases, and refusing them would falsify it. What is refused is only what cannot be stored or told apart.
//!
//! A case travels in one call, or, if it has many steps, in several: the first announces how many steps there are, each further one
//! brings the next. So an import that was interrupted goes on where it stopped.
//!
//! # Terms
//!
//! | Term | 中文 | Meaning |
//! |---|---|---|
//! | past case | 历史办件 | a case that an older system handled |
//! | source system | 来源系统 | the system that it comes from |
//! | source number | 来源编号 | the case's number there; no case number of this network |
//! | checksum | 校验值 | the digest of the file that it was read from |
//! | step | 环节 | what was done, by whom, when |
//! | resource | 经办人代号 | the pseudonym of a clerk in the older system; never a name |
//! | flag | 标记 | what the rules say of the case |
//! | four eyes | 审查与决定分离 | who checks does not decide |
//!
//! # Invariants
//!
//! - **I1** A case of a department's system is taken over once, and nothing of it changes but that its announced steps follow.
//! - **I2** Steps follow without a gap and without a repetition, up to the number that was announced and no further.
//! - **I3** The flags are those that the rules give for the facts and for all steps that were taken over so far.
//! - **I4** Nothing about the past is refused for what it says: neither late, nor unordered, nor open cases.
//! - **I5** A case belongs to the department whose importer took it over.
//!
//! # Life
//!
//! ```text
//! import_case ──▶ incomplete ──import_steps──▶ … ──▶ complete
//!       └──────────────── all steps at once ────────────▲
//! ```
//!
//! Absent on purpose: applicants, and anything about them. Who asked is no part of how an office worked.

mod access;
mod error;
mod execute;
mod msg;
mod query;
mod state;
#[cfg(test)]
mod tests;

pub use error::Error;
pub use msg::{Call, CallKind, Event, Known, Query, View};
pub use state::{CASES, CaseKey, PastCase, STEPS, past_case};

use tongban_kernel::{Access, Broken, Ctx, Module, Scope, State, Stop, Write};
use tongban_types::Digest;

/// Past cases of older systems.
pub struct History;

impl Module for History {
    const NAME: &'static str = "history";
    const NAME_ZH: &'static str = "历史办件";

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
        Ok(Some(access::scope(call)))
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
            Call::ImportCase { key, facts, steps_total, steps } => {
                execute::import_case(key, facts, steps_total, steps, ctx, state)
            }
            Call::ImportSteps { key, first, steps } => execute::import_steps(key, first, steps, ctx, state),
        }
    }

    fn query(query: &Query, state: &State) -> Result<View, Stop> {
        match query {
            Query::Case { key } => query::case(key, state),
            Query::Steps { key, page } => query::steps(key, *page, state),
            Query::Which { department, system, numbers } => query::which(department, system, numbers, state),
        }
    }

    fn check_invariants(write: &Write) -> Result<(), Broken> {
        state::check_invariants(write)
    }
}
