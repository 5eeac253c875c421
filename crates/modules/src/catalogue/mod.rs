//! Service items (政务服务事项): what people can apply for, under which conditions, and how it is handled.
//!
//! A publisher publishes an item as a whole: its fields, the form, the materials, the flow of steps over departments, the clocks and
//! the fees. All of it is checked before (`item_rules`), so that a case can rely on it: conditions can be decided, steps have an order,
//! promises are within the law. What it is made of is in `items`. A change is a new version; a running case keeps the version it was accepted under. What the steps mean
//! for a case is in `flow`, what expressions mean in `conditions`, what a form may be in `forms`, the limits of the law in `law`.
//!
//! # Terms
//!
//! | Term | 中文 | Meaning |
//! |---|---|---|
//! | item | 事项 | what can be applied for; known by its code for ever |
//! | version | 版本 | the whole of an item from a time on |
//! | material | 申请材料 | what has to be handed in, unless a department already holds it |
//! | form | 申请表单 | the fields that an applicant fills in |
//! | flow, step | 办理流程, 环节 | who does what, after what, and how long it may take |
//! | condition | 适用条件 | an expression over the form, on which a step or material depends |
//! | statutory, promised | 法定时限, 承诺时限 | the clocks |
//! | deemed consent | 超时默认 | silence counts as consent; never for safety and environment |
//! | historic | 历史导入 | taken over from an older catalogue as it stands there |
//! | anomaly | 异常 | what is odd about a historic item; flagged, never refused |
//! | assurance | 实名等级 | how surely whoever applies must be known |
//! | sensitive matter | 敏感事项 | that for which no commitment stands in place of a proof |
//! | first review | 先行审查 | a lower body examines what a higher one decides |
//! | proposal | 提请审核 | what one officer wants to be done, and another one approves or rejects |
//! | agenda | 待审清单 | the open proposals of an item |
//!
//! # Invariants
//!
//! - **I1** An item keeps its code, and a version its number, for ever; a published version never changes.
//! - **I2** Versions are numbered from 1 without gaps; an item has one or comes from an older catalogue.
//! - **I3** Versions come into force in their order, none before it is published.
//! - **I4** What is published passes every check of `item_rules`.
//! - **I5** A historic item stands as its source has it, with its time and with what is odd about it.
//! - **I6** Retirement is final: nothing comes into force from that moment on.
//! - **I7** A person publishes, suspends, resumes and retires items of the departments in which he is in office, and of those below, no others; so
//!   does an organisation that is bound to a department's credit code. An organisation that is bound to none keeps the catalogue of the whole
//!   network: it publishes for everybody. Whoever has the role takes over older catalogues, whose departments need not be there; as long as such an
//!   item has no version and its department is not registered, who took it over answers for it, and the office that keeps the catalogue.
//! - **I8** Where the department that leads an item wants four eyes, the item changes only by what one person has proposed and another one approved:
//!   exactly that, by its digest, and while both may publish for the department.
//! - **I9** A proposal stays as it was made, and is settled once; at most 8 of an item are open.
//!
//! # Life
//!
//! ```text
//! publish 1 ─┐
//!            ├─▶ in use (在用) ◀──suspend / resume──▶ suspended (暂停) ──┐
//! import ────┘     ▲    │                                               ├──retire──▶ retired (取消)
//!                  └────┴───────────────────────────────────────────────┘
//!                 publish 2, 3 …
//!
//! propose ──▶ open (待审) ──approve, by another──▶ approved (通过): one of the changes above
//!                 └────────reject, by anyone or oneself──▶ rejected (退回)
//! ```
//!
//! Absent on purpose: names and numbers of officers, who stand in posts, not in items; the filled-in form, which is personal data; and a refusal
//! of items whose departments are not registered yet: a catalogue is there before all of them are. The event names those departments, and nobody
//! can apply before they are there.

mod access;
mod error;
mod execute;
mod msg;
mod query;
mod state;
#[cfg(test)]
pub(crate) mod tests;

pub use crate::items::{
    Assurance, BodyNature, CaseKind, Clocks, DayUnit, Department, DocumentId, Fee, FirstReview, HandleArea, HandleType,
    HeldAs, Item, ItemType, LegalBasis, Level, Material, MaterialFormat, MaterialSource, Need, OnRejection,
    OnlineDepth, Originality, Outcome, OutcomeKind, Question, RenewalTerm, SensitiveMatter, Served, Service, Silence,
    SpecialProcedure, Stake, StatutoryClock, Step, StepKind, Term,
};
pub use error::Error;
pub use execute::anomalies;
pub use msg::{
    AbsentDepartments, Anomaly, Call, CallKind, Change, ChangeKind, Definition, Event, HistoricItem, ITEM_BYTES_MAX,
    ItemCode, ItemTooLarge, Query, View,
};
pub use state::{
    AGENDAS, Agenda, Edition, Entry, Historic, ITEMS, PROPOSALS, PROPOSALS_OPEN_MAX, Proposal, Retirement, Settlement,
    Suspension, VERSIONS, Version, absent_departments, entry, in_force, last_version, proposal_digest, version,
};

use tongban_kernel::{Access, Broken, Ctx, Module, State, Stop, Write};
use tongban_types::Digest;

/// Service items.
pub struct Catalogue;

impl Module for Catalogue {
    const NAME: &'static str = "catalogue";
    const NAME_ZH: &'static str = "政务服务事项";

    type Call = Call;
    type CallKind = CallKind;
    type Query = Query;
    type View = View;
    type Event = Event;
    type Error = Error;

    fn access(kind: CallKind) -> Access {
        access::access(kind)
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
            Call::Publish { code, version, effective_from, item } => {
                execute::change(code, Change::Publish { version, effective_from, item }, ctx, state)
            }
            Call::Suspend { code, reason } => execute::change(code, Change::Suspend { reason }, ctx, state),
            Call::Resume { code } => execute::change(code, Change::Resume {}, ctx, state),
            Call::Retire { code, from, reason } => execute::change(code, Change::Retire { from, reason }, ctx, state),
            Call::ImportItem { code, historic } => execute::import_item(code, historic, ctx, state),
            Call::Propose { code, change } => execute::propose(code, change, ctx, state),
            Call::Approve { code, number, digest } => execute::approve(code, number, digest, ctx, state),
            Call::Reject { code, number, reason } => execute::reject(code, number, reason, ctx, state),
        }
    }

    fn query(query: &Query, state: &State) -> Result<View, Stop> {
        match query {
            Query::Item { code } => query::item(code, state),
            Query::Version { code, version } => query::version(code, *version, state),
            Query::InForce { code, at } => query::in_force(code, *at, state),
            Query::Flow { code, version } => query::flow(code, *version, state),
            Query::Which { codes } => query::which(codes, state),
            Query::Proposal { code, number } => query::proposal(code, *number, state),
            Query::OpenProposals { code } => query::open_proposals(code, state),
        }
    }

    fn check_invariants(write: &Write) -> Result<(), Broken> {
        state::check_invariants(write)
    }
}
