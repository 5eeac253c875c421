//! Electronic evidence (电子存证): what existed when, who registered it, who witnessed it.
//!
//! A department registers salted commitments to an original (a file, a record, an event of a system) soon after it came
//! into being. Later anyone who is shown the original and its salts can recompute the commitments and check, offline,
//! that they stood on the ledger at that time and were not withdrawn. The rules follow the online litigation rules of the Supreme
//! People's Court (人民法院在线诉讼规则, 2021), articles 16 to 19: unaltered *after* registration is presumed; truth *before* it
//! rests on source, way of collection and third-party witnesses, so these are recorded too.
//!
//! **This is the module to copy.** Each module has these files: `msg` what crosses the boundary, `access` who may call,
//! `error` why a call is refused, `state` the records, `execute` one function for each call, `query` one for each question, `tests`.
//!
//! # Terms
//!
//! | Term | 中文 | Meaning |
//! |---|---|---|
//! | record | 存证 | one registration; holds one original or a batch |
//! | original | 原件 | what the record is about; stays off the ledger |
//! | commitment | 承诺值 | hash of a random salt and a field of the original; reveals nothing without the salt |
//! | batch | 批量存证 | up to 10,000 originals under one RFC 6962 Merkle root; each leaf is a commitment |
//! | depositor | 存证人 | the account that registers |
//! | operator | 操作人 | the account of whoever collected the original |
//! | witness | 见证人 | a court, notary or forensic centre that attests the record |
//! | withdrawal | 撤销 | the depositor no longer stands by the record; it stays readable for ever |
//!
//! # Invariants
//!
//! - **I1** A number is registered once, for ever; a withdrawn record keeps its number.
//! - **I2** The content, the source and the times of a record never change.
//! - **I3** Only the depositor withdraws, once; nothing follows a withdrawal.
//! - **I4** A witness attests a record once, names its content, and is not its depositor.
//! - **I5** Nothing was collected after it was registered.
//! - **I6** A single record has 1 to 16 commitments under different field names; a batch has 1 to 10,000 leaves.
//! - **I7** A record that continues another names one of the same depositor.
//! - **I8** The operator is an account of the network.
//!
//! # Life
//!
//! ```text
//! register ─┐
//!           ├─▶ valid (有效) ──withdraw──▶ withdrawn (已撤销)
//! batch ────┘     ▲    │
//!                 └────┘ witness, up to 16 times
//! ```
//!
//! Absent on purpose: file names, people's names and bare hashes (a hash of short or known content can be guessed); they stand
//! in the verification report, which is made off the ledger.

mod access;
mod error;
mod execute;
mod msg;
mod query;
mod state;
#[cfg(test)]
mod tests;

pub use error::Error;
pub use msg::{
    Call, CallKind, Capacity, Content, Event, FieldCommitment, Finding, ObjectType, Query, Source, View,
    WithdrawalReason,
};
pub use state::{Attestation, RECORDS, Record, Withdrawal, content_digest};

use tongban_kernel::{Access, Broken, Ctx, Module, State, Stop, Write};
use tongban_types::Digest;

/// Electronic evidence.
pub struct Evidence;

impl Module for Evidence {
    const NAME: &'static str = "evidence";
    const NAME_ZH: &'static str = "电子存证";

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
            Call::Register { id, source, previous, commitments } => {
                execute::register(id, source, previous, Content::Single { commitments }, ctx, state)
            }
            Call::RegisterBatch { id, source, previous, root, leaves } => {
                execute::register(id, source, previous, Content::Batch { root, leaves }, ctx, state)
            }
            Call::Witness { id, content, capacity, finding } => {
                execute::witness(id, content, capacity, finding, ctx, state)
            }
            Call::Withdraw { id, reason, explanation } => execute::withdraw(id, reason, explanation, ctx, state),
        }
    }

    fn query(query: &Query, state: &State) -> Result<View, Stop> {
        match query {
            Query::Record { id } => query::record(id, state),
            Query::Which { ids } => query::which(ids, state),
        }
    }

    fn check_invariants(write: &Write) -> Result<(), Broken> {
        state::check_invariants(write)
    }
}
