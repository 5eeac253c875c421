//! Consent to the use of personal data, the trail of every access, and correction at the source (授权、调用留痕、数据更正).
//!
//! A person consents that a department may read certain fields of his licences for one purpose of one service item, once or until a day
//! (个人信息保护法 arts. 6, 14, 15). Before a department hands out anything it records the access here: whose data, which fields, who is
//! shown them, for which case and item, on which ground. The vault gives out values only when that record is final. Who finds a value wrong
//! does not type over it: he opens a request at the department that keeps the licence, whose answer has a clock (art. 46, 政务数据共享条例 art. 26).
//!
//! What is necessary for an item is said by its published version (`held`); nobody can be asked to consent to more.
//!
//! # Terms
//!
//! | Term | 中文 | Meaning |
//! |---|---|---|
//! | consent | 授权同意 | a person allows a department to read fields of his licences, for one purpose of one item |
//! | person | 授权人 | whose data they are; an agent, guardian or legal representative may consent for him, and that is recorded |
//! | receiver | 数据使用部门 | the department that may read |
//! | provider | 数据提供部门 | the department that keeps the licence, which mostly issued it, and hands out its fields |
//! | access | 数据调用 | one handing out of fields; its record is the trail |
//! | ground | 处理依据 | a consent, or a law that asks for none |
//! | correction | 更正申请 | a person says that a field is wrong at its source; the source corrects it or says why not |
//!
//! # Invariants
//!
//! - **I1** Consents, accesses and corrections keep their numbers for ever; what a consent covers never changes.
//! - **I2** A consent is given and withdrawn by the person or who may act for him; a withdrawal is final and works from the next call on.
//!   What nobody could withdraw any more, because the person has died or the organisation was dissolved, covers nothing either; where it was
//!   merged, its successor decides.
//! - **I3** A consent covers what it names and nothing else, for its receiver, purpose and item, until its end; one for single use each
//!   licence type once.
//! - **I4** There is no access without a consent that covers it at that moment, or a law that is cited.
//! - **I5** An access is recorded by the department that keeps the licence, and the licence is the person's. Who is shown it holds a right in
//!   the receiver, or in the department that has taken its place, or is the person, may apply for him or administers his estate. A case that is
//!   named is there, of the same item, and the person's: under a consent he is its applicant, by law he may also be who applied or stands for
//!   that one.
//! - **I6** A consent asks for no more than the item in force needs.
//! - **I7** A field of a licence has one open correction at most, which its keeper answers, or who has taken the keeper's place, once: with a
//!   later version of the licence, or a reason.
//! - **I8** That a correction is overdue is told once.
//! - **I9** Nothing is shown to an account that may not act: one that is frozen, suspended or has ended.
//!
//! # Life
//!
//! ```text
//! consent:     given (有效) ──withdraw──▶ withdrawn (已撤回)
//!                  ├──its end────▶ expired (已过期), by the block's time
//!                  └──each licence type read, where it is for single use──▶ used up (已使用)
//! correction:  open (待答复) ──answer──▶ corrected (已更正) or kept (维持)
//!                  └──its deadline──▶ overdue (已超期), still open
//! ```
//!
//! **A frozen account** neither gives nor withdraws a consent, and what was consented to before goes on: it is for a while, and applications that
//! are under way would stop otherwise. **An account that was joined** to another one of the same person keeps its licences and consents; the other one
//! withdraws them, gives new ones and asks for corrections in its place. **Of a person who died** nothing is read under a consent; by law it is, also
//! for whoever administers the estate, who may ask for corrections and consents to nothing.
//!
//! Absent on purpose: what a field says, before or after a correction (a salted commitment at most); lists of a person's consents and
//! accesses, which the index makes from the events.

mod access;
mod due;
mod error;
mod execute;
mod msg;
mod query;
mod state;
#[cfg(test)]
pub(crate) mod tests;

pub use due::{Act, act};
pub use error::Error;
pub use msg::{
    Answer, Call, CallKind, CorrectionReason, CorrectionRequest, Event, FIELDS_MAX, Fields, Ground, Handout,
    LegalGround, Purpose, Query, Reading, SOURCES_MAX, Source, SourceList, Uses, View,
};
pub use state::{
    ACCESSES, Access, CANDIDATES, CONSENTS, CORRECTIONS, Candidates, Consent, Correction, CorrectionAnswer, Granted,
    OPEN_CORRECTIONS, TERMS, Terms, Withdrawal, access, consent, correction, covering, covers, open_correction, terms,
};

use tongban_kernel::{Access as Needed, Broken, Ctx, Module, Scope, State, Stop, Write};
use tongban_types::Digest;

/// Consent, accesses and corrections.
pub struct Sharing;

impl Module for Sharing {
    const NAME: &'static str = "sharing";
    const NAME_ZH: &'static str = "数据授权与调用";

    type Call = Call;
    type CallKind = CallKind;
    type Query = Query;
    type View = View;
    type Event = Event;
    type Error = Error;

    fn access(kind: CallKind) -> Needed {
        access::access(kind)
    }

    fn scope(call: &Call, _ctx: &Ctx, state: &State) -> Result<Option<Scope>, Stop> {
        access::scope(call, state)
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
            Call::GiveConsent { id, reading, sources, uses, until } => {
                execute::give_consent(id, reading, sources, uses, until, ctx, state)
            }
            Call::WithdrawConsent { id } => execute::withdraw_consent(id, ctx, state),
            Call::RecordAccess { id, handout } => execute::record_access(id, handout, ctx, state),
            Call::OpenCorrection { id, request } => execute::open_correction(id, request, ctx, state),
            Call::AnswerCorrection { id, answer } => execute::answer_correction(id, answer, ctx, state),
            Call::ChangeTerms { correction_working_days } => execute::change_terms(correction_working_days, ctx, state),
        }
    }

    fn query(query: &Query, state: &State) -> Result<View, Stop> {
        match query {
            Query::Consent { id } => query::consent(id, state),
            Query::Access { id } => query::access(id, state),
            Query::Correction { id } => query::correction(id, state),
            Query::Covers { reading, licence_type, fields, at } => {
                query::covers(reading, licence_type, fields, *at, state)
            }
            Query::OpenCorrection { licence, field } => query::open_correction(licence, field, state),
            Query::Terms {} => query::terms(state),
            Query::Prefill { reading, at } => query::prefill(reading, *at, state),
        }
    }

    fn check_invariants(write: &Write) -> Result<(), Broken> {
        state::check_invariants(write)
    }
}
