//! Electronic licences (电子证照): who may do what since when, who said so, and whether it still holds.
//!
//! The authority that defines a type publishes it: the fields of its face, who may issue it, how long it is valid. A department that the
//! type names issues licences from cases; historical ones are imported as their source has them. The ledger has identifiers, holders,
//! validity, one root over the salted fields of the face, and every change with its ground and receipt, and no word of the face: that is
//! with the holder and in the issuer's vault (`tongban_types::licence_face` shows single fields). What a licence is at a time is read off its
//! history (`licence_history`), so nothing has to be done when it expires, and the answer for a past time never changes. What a type is made
//! of is in `licence_types`.
//!
//! # Terms
//!
//! | Term | 中文 | Meaning |
//! |---|---|---|
//! | licence | 证照 | one version of a certificate; known by its identifier (电子证照标识) for ever |
//! | type | 证照类型 | what licences have in common, in versions |
//! | face | 照面 | what is printed on a licence, field by field |
//! | issuer, keeper | 颁发机构, 保管机构 | the department in the identifier; the one that acts on the licence now |
//! | holder | 持证主体 | whose it is: an account, or a commitment until he has one |
//! | suspension | 暂扣 | not valid for a time |
//! | supersession | 变更 | a new version in the place of one, from its beginning on |
//! | cancellation | 注销 | the formality at the end (行政许可法 第七十条) |
//! | revocation | 撤销 | should not have been granted (行政许可法 第六十九条) |
//! | withdrawal | 吊销 | taken away as a penalty (行政处罚法 第九条) |
//! | anomaly | 异常 | what is odd about an imported licence; flagged, never refused |
//! | confirmation | 确认 | what makes an import by another department than the issuer count |
//! | draft, preparation | 制作中, 制证 | made out and not issued yet |
//! | moving out | 迁出 | handed over to an authority of another network |
//! | annotated copy | 加注件 | what is handed out of a licence for one purpose, until a time |
//! | taking back | 撤回 | what makes a copy count no more before its end |
//! | request to cancel | 注销申请 | that a holder gives his licence back |
//! | claim | 认领 | whose an imported licence is said to be, until another officer has confirmed it |
//!
//! # Invariants
//!
//! - **I1** An identifier is given once, for ever. Type, issuer and serial belong to one licence and its versions.
//! - **I2** Only the authority that defines a type publishes and retires it. A published version never changes; versions count from 1 and come
//!   into force in their order.
//! - **I3** A history begins with an issue or an import and is only added to; nothing but a holder's claim follows an end. So what a licence
//!   was at a time never changes.
//! - **I4** A licence is issued by the department that its identifier names and its type allows, with the fields and the validity of the type.
//! - **I5** A new version and the one it replaces name each other and have one holder, but for mergers (I10). It takes its place when it begins, and the old one stays
//!   what it is until then: nobody is without a licence because he renews it in time.
//! - **I6** A suspended licence is not superseded, and an expired one only renewed, when no suspension is open: no new version is a way around
//!   its state. Nor is one that has not begun: whoever suspends or ends the old version does that to the new one first.
//! - **I7** A licence rests on a case that has granted its type to its holder, and a case leads to one licence. Without a case there are types that say
//!   so, and corrections and replacements, which prolong nothing; a recorded ground stands in for it. What rests on a grant that was revoked
//!   is not replaced, does not count as held, and verifies with the case's number.
//! - **I8** An imported licence stands as its source has it, with what is odd about it. What neither its issuer nor a department above it nor
//!   its successor has taken over is never valid before another officer of theirs has confirmed it; where the issuer is no department here, of
//!   the department that keeps it or one above. Its holder is claimed once, by two officers, for an account of which it is known whose it is.
//! - **I9** No officer acts upon a licence of his own, of somebody for whom he stands, or that rests on a case which he has filed.
//! - **I10** A licence stays its holder's when his account ends, and verifies with that: what becomes of it is decided by its keeper, not by time
//!   (行政许可法 第七十条). Nothing is issued any more to who has died or was dissolved, but for the correction of what was wrong. What was an
//!   organisation's that was merged into another is changed by a new version, whose holder is that one.
//! - **I11** What is in preparation is nobody's licence: one officer has prepared it, another issues it, when all is asked again; until then it
//!   is only cancelled, it takes no case, and it verifies as not issued.
//! - **I12** An annotated copy is made of a valid licence whose grant stands, by its holder, who may show it for him, or the office that keeps it.
//!   It ends within its bound, there are no more of them than that, and it counts only as long as its licence does. The holder, or who may show it
//!   for him, takes any of them back, the office those that it has made.
//! - **I13** A licence is given back by its holder, by who may do everything for him, or by who administers his estate. That changes nothing of what
//!   it is: the office that keeps it cancels it (行政许可法 第七十条), or refuses and says why. One request is open at a time.
//!
//! # Life
//!
//! ```text
//! prepare ─▶ draft (制作中) ─ cancel ─▶ 注销
//!              │ issue_prepared, another officer
//!              ▼               ┌────suspend────▶ suspended (暂扣) ─┐
//! issue ──┐ (valid)            │                 │ resume, or its end
//!         ├─▶ valid (有效) ◀────┴─────────────────┘               │
//! import ─┘     │   │ ╎ time                                     │
//!   │ ▲ confirm │   └╌╌╌▶ expired (失效)                          │
//!   ▼ │         │           │ renewal                            │
//! unconfirmed   ├─supersede─┴╌╌▶ superseded (变更) ──▶ new version │
//!  (未经确认)    ├─cancel, revoke, withdraw──▶ 注销, 撤销, 吊销 ◀────┘
//!               └─move_out──▶ moved out (迁出)
//! ```
//!
//! What a source calls other (99) is neither valid nor known to be anything else: it is cancelled or withdrawn, and nothing else is done to it. The codes
//! of ministries, 01 to 07 and 99, are read and told (`SourceState::code`, `Status::source_state`).
//!
//! Absent on purpose: faces, pictures and files, which are personal data; what stands on an annotated copy; drafts of later versions, which replace
//! one that is there.

mod access;
mod error;
mod execute;
mod msg;
mod query;
mod state;
#[cfg(test)]
mod tests;

pub use crate::code_standards::CodeStandard;
pub use crate::licence_copies::{AnnotatedCopy, COPIES_MAX, COPY_DAYS_MAX, Copies, CopyNote, CopyRight, TakenBack};
pub use crate::licence_history::{Change, ChangeKind, Destination, Ground, History, Period, SourceState, Status};
pub use crate::licence_metadata::{DirectoryEntry, Metadata};
pub use crate::licence_surrenders::{Surrender, SurrenderEnd, SurrenderOutcome};
pub use crate::licence_types::{FaceFieldDefinition, FieldKind, HolderTypeName, Issuers, TypeDefinition, Validity};
pub use error::Error;
pub use msg::{
    ANOMALIES_MAX, Anomaly, Call, CallKind, CaseRemark, Content, CopyVerification, Event, HeldLicence, Holder,
    HolderRemark, LicenceSource, Query, Receipts, SupersessionCause, TakenOver, Verification, View,
};
pub use state::{
    CASES, COPIES, Claim, HELD, HELD_MAX, Import, IssuerStanding, LICENCES, Licence, SERIALS, SURRENDERS,
    TYPE_VERSIONS, TYPES, TypeEdition, TypeEntry, TypeRetirement, TypeVersion, answering, copies, held, holdings,
    is_granted, is_in_force, is_surrender_open, is_suspended, issuer_standing, keeper, licence, licence_of_case,
    lineage, may_issue, status, surrender, type_entry, type_version,
};

use tongban_kernel::{Access, Broken, Ctx, Module, Scope, State, Stop, Write};
use tongban_types::Digest;

/// Electronic licences.
pub struct Licences;

impl Module for Licences {
    const NAME: &'static str = "licences";
    const NAME_ZH: &'static str = "电子证照";

    type Call = Call;
    type CallKind = CallKind;
    type Query = Query;
    type View = View;
    type Event = Event;
    type Error = Error;

    fn access(kind: CallKind) -> Access {
        access::access(kind)
    }

    fn scope(call: &Call, _ctx: &Ctx, state: &State) -> Result<Option<Scope>, Stop> {
        access::scope(call, state)
    }

    fn validate(call: &Call) -> Result<(), Error> {
        execute::validate(call)
    }

    fn reads(call: &Call, state: &State) -> Vec<Digest> {
        execute::reads(call, state)
    }

    fn execute(call: Call, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
        access::check_recusal(&call, ctx, state)?; // I9
        match call {
            Call::RegisterType { code, version, effective_from, definition } => {
                execute::register_type(code, version, effective_from, definition, ctx, state)
            }
            Call::RetireType { code, from, reason } => execute::retire_type(code, from, reason, ctx, state),
            Call::Issue { identifier, case, holder, content, ground } => {
                execute::issue(execute::New { identifier, case, holder, content, ground }, ctx, state)
            }
            Call::Supersede { identifier, cause, case, content, ground } => {
                execute::supersede(identifier, cause, case, content, ground, ctx, state)
            }
            Call::Suspend { identifier, until, ground } => execute::suspend(identifier, until, ground, ctx, state),
            Call::Resume { identifier, ground } => execute::resume(identifier, ground, ctx, state),
            Call::Cancel { identifier, ground } => execute::cancel(identifier, ground, ctx, state),
            Call::Revoke { identifier, by, ground } => execute::revoke(identifier, by, ground, ctx, state),
            Call::Withdraw { identifier, by, ground } => execute::withdraw(identifier, by, ground, ctx, state),
            Call::ImportLicence { identifier, by, holder, content, source } => {
                execute::import_licence(identifier, by, holder, content, source, ctx, state)
            }
            Call::ClaimHolder { identifier, holder, ground } => {
                execute::claim_holder(identifier, holder, ground, ctx, state)
            }
            Call::ConfirmHolder { identifier, holder } => execute::confirm_holder(identifier, holder, ctx, state),
            Call::ConfirmImported { identifier, by, ground } => {
                execute::confirm_imported(identifier, by, ground, ctx, state)
            }
            Call::Prepare { identifier, case, holder, content, ground } => {
                execute::prepare(execute::New { identifier, case, holder, content, ground }, ctx, state)
            }
            Call::IssuePrepared { identifier } => execute::issue_prepared(identifier, ctx, state),
            Call::MoveOut { identifier, to, ground } => execute::move_out(identifier, to, ground, ctx, state),
            Call::MakeCopy { identifier, commitment, until } => {
                execute::make_copy(identifier, commitment, until, ctx, state)
            }
            Call::TakeBackCopy { identifier, commitment } => {
                execute::take_back_copy(identifier, commitment, ctx, state)
            }
            Call::RequestCancellation { identifier } => execute::request_cancellation(identifier, ctx, state),
            Call::TakeBackRequest { identifier } => execute::take_back_request(identifier, ctx, state),
            Call::RefuseCancellation { identifier, ground } => {
                execute::refuse_cancellation(identifier, ground, ctx, state)
            }
        }
    }

    fn query(query: &Query, state: &State) -> Result<View, Stop> {
        match query {
            Query::Verify { identifier, at } => query::verify(identifier, *at, state),
            Query::Licence { identifier } => query::licence(identifier, state),
            Query::LicenceType { code } => query::licence_type(code, state),
            Query::TypeVersion { code, version } => query::type_version(code, *version, state),
            Query::Held { holder, licence_type, at } => query::held(holder, licence_type, *at, state),
            Query::Which { identifiers } => query::which(identifiers, state),
            Query::TakenOver { identifiers } => query::taken_over(identifiers, state),
            Query::VerifyCopy { identifier, commitment, at } => query::verify_copy(identifier, commitment, *at, state),
            Query::CancellationRequest { identifier, at } => query::cancellation_request(identifier, *at, state),
        }
    }

    fn check_invariants(write: &Write) -> Result<(), Broken> {
        state::check_invariants(write)
    }
}
