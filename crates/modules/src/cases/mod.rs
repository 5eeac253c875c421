//! Cases (办件): what people apply for, from filing to rating, over all departments that take part.
//!
//! A case is an application for a service item. It runs by the item's flow: when it is accepted, all steps that wait for nothing else are due
//! at once, in all departments; each has its own clock, and the whole takes as long as the slowest branch. Every act names its officer and
//! his standing. What the law lets happen by itself (deemed acceptance, silence that is consent, deemed renewal) time does; what the law wants
//! from a person there is no other way to. Personal data is not here: the form and all documents are salted commitments, and only the
//! answers that conditions decide by are open (`case_facts`).
//!
//! What a case is made of is in `case_records`, its stages in `case_states`, its steps over the flow in `case_steps`, its materials in
//! `case_materials`, whence its answers come in `case_sources`, what time brings in `case_moments`, why it waits in `case_reasons` and `case_step_reasons`, until when in `case_forecast`, who
//! keeps out of it in `case_recusal`.
//!
//! # Terms
//!
//! | Term | 中文 | Meaning |
//! |---|---|---|
//! | case | 办件 | one application for one item; its number begins with the item's code |
//! | lead department | 牵头部门 | decides, and answers for the whole |
//! | place | 收件地 | the department that receives; where it is another one it only checks form and identity |
//! | facts | 情形要素 | the open answers by which conditions are decided |
//! | correction | 补正 | what the applicant is told once, all together |
//! | acceptance with gaps | 容缺受理 | materials that may follow are promised, and nothing is granted before they are there |
//! | commitment | 告知承诺 | a signed text stands for a proof, and is checked after the decision |
//! | special procedure | 特别程序 | hearing, test, expert review …: the clock of the decision stands still |
//! | deemed | 视为 | what the law lets silence mean |
//! | forwarding | 转报 | a higher body leads the case from then on, with clocks of its own |
//! | source | 预填来源 | the licence that holds an answer, and the access under which it was read |
//! | loss | 申请人死亡、终止 | the applicant is no more, and nobody stands in his place |
//! | recusal | 回避 | nobody acts in office in a matter of his own |
//! | card | 预警、黄牌、红牌 | what supervision sees of a clock; yellow and red ones have a number and are answered (督办) |
//! | paper | 文书 | a notice or receipt that the law wants, by its number |
//! | responsibility record | 跨域通办责任记录 | who received a case elsewhere, handed it over, decided and delivered it |
//! | referral | 提级办理、指定办理 | another department may decide, because nobody is left who may |
//! | work order | 差评工单 | what a bad rating asks of the department |
//!
//! # Invariants
//!
//! - **I1** A case keeps its number for ever, and each number is given once.
//! - **I2** Nothing is decided before it is accepted.
//! - **I3** A case is decided once; after an appeal that was right it is decided anew, and what was decided stays on the receipts. What was
//!   accepted is decided, terminated or withdrawn, and not refused acceptance after all.
//! - **I4** Nothing is granted and no certificate made before what is missing was handed in, whoever accepted without it: what is missing is
//!   kept in sight from acceptance on, and looked for again before the decision.
//! - **I5** The clock stands still in a recorded special procedure only, with reason and end.
//! - **I6** A result is made for what was granted only, and a licence only for the case for which it was issued.
//! - **I7** A refusal is a named officer's, with reasons and remedies.
//! - **I8** Where the statute wants a person, a person acts: no program, and no silence but that to which the law itself gives a meaning. What
//!   ends a case badly, or brands an applicant, is a person's wherever it stands. Silence renews the licence alone that the item ends in.
//! - **I9** A call fits the stage of its case.
//! - **I10** Nobody acts on a case as it was before what time has brought about; and what time brings about fits every case, so that none waits
//!   for ever.
//! - **I11** Who once broke a promise gives no other until it is repaired; who broke several, until each is, by the department that found it.
//!   Meanwhile no acceptance rests on a promise that he gave before.
//! - **I12** Corrections are asked for once by each body that leads a case, and all together: a notice leaves out nothing that is missing.
//! - **I13** What a department already holds as a licence is never asked for; nor is it missing any more, when it comes to be held.
//! - **I14** A case runs by one version of its item from its acceptance on.
//! - **I15** A step is done when it is due, and not twice.
//! - **I16** Who checked does not decide, nobody decides about his own act, and nobody acts in office in a matter of his own (回避). Against whom
//!   an appeal was right, the last or an earlier one, ends the case no second time. Who handled a case does not judge its rating. Where nobody is
//!   left, another department may decide: that which the rules name, or the one above.
//! - **I17** Termination and revocation are proposed first, and decided by another person, one way or the other.
//! - **I18** A case whose applicant is no more is granted to nobody, and a person ends it; nobody else's is ended so.
//! - **I19** Where the right to a hearing was told, or the item has one, nothing is decided in that step before the hearing was held, or all have done
//!   without it, or nobody has asked for it in time; and who presides has reviewed nothing, and does not decide. A higher body to which the case is
//!   forwarded tells of its own.
//! - **I20** What is entered at a counter names for ever the officer and the paper that the applicant has signed; the officer has nothing else to do
//!   with the case in office, before or after, and the applicant may disown it, as often as something was entered since. What was invented is
//!   answered for on a red card, and a withdrawal that was has ended nothing.
//! - **I21** Which department the place is that takes part in a case that is handled jointly, is settled when it is accepted.
//! - **I22** Each paper and each yellow or red card has a number of its own, given once; and a card is answered once.
//! - **I23** An answer is said to come from a licence only where its item takes it from there, the licence is the applicant's and in force when
//!   the form is handed in, and the field was read for this application under a recorded access whose consent stands. What is said goes with
//!   the form: another form has sources of its own.
//!
//! # Life
//!
//! ```text
//! file ─▶ submitted ─receive─▶ received ─accept─▶ accepted ─decide─▶ granted ──▶ certificate ─▶ delivery ─▶ closed ─▶ rating
//!             │                  │    ▲              │  ▲               │  rejected ─▶ delivery ─────────────▶ │
//!             │   ask_correction │    │ supplement   │  │ steps in parallel, special procedures
//!             │                  ▼    │              │                  └─▶ revoked   (proposed first)
//!             │               correcting             ├─▶ terminated   (proposed first)
//!             │                  └─▶ returned        ├─▶ received   (forwarded to a higher body)
//!             └─▶ withdrawn, not_accepted ◀──────────┘   appeal, upheld ─▶ taken up again
//! ```
//!
//! A step may send an accepted case back as far as its acceptance. Then it is received again, the applicant may add what is needed, and it is
//! accepted anew, by silence too; it is not refused acceptance, and a correction that does not come leaves it as it is.
//!
//! **Forwarding** hands a case over to a body above the department that leads. There it is received, accepted and decided with clocks of its own, and
//! what the former department was to do in the flow the higher body does; who led it before and who did what stays on record. Procedures, rounds,
//! the extension, the notice of corrections and the days for what follows later are the higher body's own; what the former had used up stays on record.
//!
//! **Appeals** are against what ended a case badly and against the revocation of what was granted. The days run from when the applicant was told. A
//! revocation that is set aside is none: the grant stands, and what was left of it goes on. An appeal that is not decided or not followed in time may
//! be decided and followed in the department above, too, so that no department is too small for it.
//!
//! **Departments** are merged and closed while their cases are under way. Records keep the names; what a department was to do, the one does
//! that answers for it now, at the posts that the item names.
//!
//! | Stage | Calls |
//! |---|---|
//! | `submitted` | receive, withdraw, discontinue, settle, enter_act, disown, examine_disowned |
//! | `received` | hand_over, ask_correction, supplement, accept, accept_with_gap, refuse_acceptance, forward, refer, withdraw, discontinue, settle, enter_act, disown, examine_disowned |
//! | `correcting` | supplement, return_case, refer, withdraw, discontinue, settle, enter_act, disown, examine_disowned |
//! | `accepted` | finish_step, decide, stop_clock, resume_clock, extend, fill_gap, propose_termination, terminate, decline_termination, forward, refer, withdraw, discontinue, settle, tell_hearing, answer_hearing, arrange_hearing, record_hearing, enter_act, disown, examine_disowned |
//! | `granted` | finish_step, issue_certificate, deliver, close, check_commitment, propose_revocation, decide_revocation, refer, discontinue, settle, acknowledge, enter_act, disown, examine_disowned |
//! | `rejected` | deliver, close, appeal, decide_appeal, reconsider, refer, discontinue, settle, acknowledge, enter_act, disown, examine_disowned |
//! | `closed` | rate, answer_work_order, exclude_rating, appeal, decide_appeal, reconsider, check_commitment, propose_revocation, decide_revocation, refer, acknowledge, enter_act, disown, examine_disowned |
//! | `not_accepted` | rate, answer_work_order, exclude_rating, appeal, decide_appeal, reconsider, refer, enter_act, disown, examine_disowned |
//! | `returned` | rate, answer_work_order, exclude_rating, appeal, decide_appeal, reconsider, refer, enter_act, disown, examine_disowned |
//! | `withdrawn` | rate, answer_work_order, exclude_rating, disown, examine_disowned |
//! | `terminated` | rate, answer_work_order, exclude_rating, appeal, decide_appeal, reconsider, refer, enter_act, disown, examine_disowned |
//! | `forwarded` | rate, answer_work_order, exclude_rating, disown, examine_disowned |
//! | `revoked` | rate, answer_work_order, exclude_rating, appeal, decide_appeal, reconsider, refer, check_commitment, acknowledge, enter_act, disown, examine_disowned |
//!
//! **Hearings** (听证, 行政许可法 第四十六条至第四十八条): before deciding, the officer tells applicant and interested parties of the right to one. They have
//! 5 working days; the first request stops the clock of the decision for the 20 working days in which the hearing is held, of which notice is given
//! 7 working days before. If nobody asks, or all do without, the decision is free. The body may hold a hearing by itself.
//!
//! **At a counter** (窗口代录) an officer enters what people have signed on paper who come without their keys. Their account is one that was opened by a
//! registrar and bound to their name by a department of identity; whoever has none gets one there, and keeps the card with its key. The officer
//! who enters does nothing else in the case: another one receives it. With his key the person sees all of it, withdraws, or disowns it, which
//! ends what is not decided and has supervision look into it. What was invented undoes itself as far as it can: a withdrawal, an appeal, a receipt.
//!
//! **Joint handling** (多地联办): a step may be the place's where the case was received. Which department that is, is settled with the acceptance;
//! the record of the step names it. Elsewhere, and where nothing is handled jointly, the department does it that the item names.
//!
//! Absent on purpose: payments (another module), names of officers and applicants, and the documents themselves.

mod access;
mod due;
mod error;
mod event;
mod execute;
mod msg;
mod query;
mod state;
#[cfg(test)]
mod tests;

pub use access::{answering, instead, scope_of};
pub use due::{Act, act};
pub use error::Error;
pub use execute::{loss_of, wants_result};
pub use msg::{Application, Call, CallKind, Event, PaperAct, Query, Ruling, View};
pub use state::{
    BROKEN_PROMISES, CASES, Case, DEEMED_RENEWALS, FILINGS, Grant, LED, PAPER_SEQUENCES, PAPERS, RULES, Renewal, Rules,
    SEQUENCES, STEPS, SUPERVISIONS, case, deemed_renewal, filing, grant, is_revoked,
};

use tongban_kernel::{Access, Broken, Ctx, Module, Scope, State, Stop, Write};
use tongban_types::Digest;

/// Cases.
pub struct Cases;

impl Module for Cases {
    const NAME: &'static str = "cases";
    const NAME_ZH: &'static str = "办件";

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
            Call::File { application } => execute::file(*application, ctx, state),
            Call::Receive { case } => execute::receive(case, ctx, state),
            Call::HandOver { case, waybill } => execute::hand_over(case, waybill, ctx, state),
            Call::AskCorrection { case, materials, points } => {
                execute::ask_correction(case, materials, points, ctx, state)
            }
            Call::Supplement { case, facts, form, materials, sources, gap_promise } => {
                execute::supplement(case, facts, form, materials, sources, gap_promise, ctx, state)
            }
            Call::Accept { case } => execute::accept(case, ctx, state),
            Call::AcceptWithGap { case, days, notice } => execute::accept_with_gap(case, days, notice, ctx, state),
            Call::RefuseAcceptance { case, reasons, remedies } => {
                execute::refuse_acceptance(case, reasons, remedies, ctx, state)
            }
            Call::ReturnCase { case, reasons } => execute::return_case(case, reasons, ctx, state),
            Call::FillGap { case, materials } => execute::fill_gap(case, materials, ctx, state),
            Call::FinishStep { case, step, passed, opinion } => {
                execute::finish_step(case, step, passed, opinion, ctx, state)
            }
            Call::Decide { case, step, ruling, reasons, remedies, opinion } => {
                execute::decide(case, step, ruling, reasons, remedies, opinion, ctx, state)
            }
            Call::StopClock { case, step, procedure, reason, until } => {
                execute::stop_clock(case, step, procedure, reason, until, ctx, state)
            }
            Call::ResumeClock { case, step } => execute::resume_clock(case, step, ctx, state),
            Call::Extend { case, days, reasons } => execute::extend(case, days, reasons, ctx, state),
            Call::ProposeTermination { case, reasons } => execute::propose_termination(case, reasons, ctx, state),
            Call::Terminate { case, reasons } => execute::terminate(case, reasons, ctx, state),
            Call::Withdraw { case } => execute::withdraw(case, ctx, state),
            Call::Forward { case, to, reasons } => execute::forward(case, to, reasons, ctx, state),
            Call::IssueCertificate { case, step, result } => execute::issue_certificate(case, step, result, ctx, state),
            Call::Deliver { case, step, way, waybill, receiver } => {
                execute::deliver(case, step, way, waybill, receiver, ctx, state)
            }
            Call::Close { case } => execute::close(case, ctx, state),
            Call::Rate { case, level, words, source } => execute::rate(case, level, words, source, ctx, state),
            Call::AnswerWorkOrder { case, answer, called_back } => {
                execute::answer_work_order(case, answer, called_back, ctx, state)
            }
            Call::ExcludeRating { case, reasons } => execute::exclude_rating(case, reasons, ctx, state),
            Call::Appeal { case, grounds } => execute::appeal(case, grounds, ctx, state),
            Call::DecideAppeal { case, upheld, reasons } => execute::decide_appeal(case, upheld, reasons, ctx, state),
            Call::Reconsider { case } => execute::reconsider(case, ctx, state),
            Call::CheckCommitment { case, is_true, opinion } => {
                execute::check_commitment(case, is_true, opinion, ctx, state)
            }
            Call::ProposeRevocation { case, reasons } => execute::propose_revocation(case, reasons, ctx, state),
            Call::DecideRevocation { case, revoked, reasons } => {
                execute::decide_revocation(case, revoked, reasons, ctx, state)
            }
            Call::RepairPromise { applicant } => execute::repair_promise(applicant, ctx, state),
            Call::SetRules { department, rules } => execute::set_rules(department, rules, ctx, state),
            Call::Settle { case } => due::settle(case, ctx, state),
            Call::DeclineTermination { case, reasons } => execute::decline_termination(case, reasons, ctx, state),
            Call::AnswerCard { number, answer } => execute::answer_card(number, answer, ctx, state),
            Call::Refer { case, reasons } => execute::refer(case, reasons, ctx, state),
            Call::Discontinue { case, reasons } => execute::discontinue(case, reasons, ctx, state),
            Call::TellHearing { case, step, parties, notice } => {
                execute::tell_hearing(case, step, parties, notice, ctx, state)
            }
            Call::AnswerHearing { case, party, wants } => execute::answer_hearing(case, party, wants, ctx, state),
            Call::ArrangeHearing { case, step, at, notice } => {
                execute::arrange_hearing(case, step, at, notice, ctx, state)
            }
            Call::RecordHearing { case, step, record } => execute::record_hearing(case, step, record, ctx, state),
            Call::Acknowledge { case } => execute::acknowledge(case, ctx, state),
            Call::EnterApplication { application, paper } => {
                execute::enter_application(*application, paper, ctx, state)
            }
            Call::EnterAct { case, act, paper } => execute::enter_act(case, *act, paper, ctx, state),
            Call::Disown { case } => execute::disown(case, ctx, state),
            Call::ExamineDisowned { case, invented, opinion } => {
                execute::examine_disowned(case, invented, opinion, ctx, state)
            }
        }
    }

    fn query(query: &Query, state: &State) -> Result<View, Stop> {
        match query {
            Query::Case { case } => query::case(case, state),
            Query::Step { case, step, round } => query::step(case, *step, *round, state),
            Query::Why { case, at } => query::why(case, *at, state),
            Query::Rules { department } => query::rules(department, state),
            Query::BrokenPromise { applicant } => query::broken_promise(applicant, state),
            Query::Sources { case, at } => query::sources(case, *at, state),
            Query::Paper { number } => query::paper(number, state),
            Query::Supervision { number } => query::supervision(number, state),
            Query::Led { case, forwarding } => query::led(case, *forwarding, state),
            Query::Responsibility { case } => query::responsibility(case, state),
        }
    }

    fn check_invariants(write: &Write) -> Result<(), Broken> {
        state::check_invariants(write)
    }
}
