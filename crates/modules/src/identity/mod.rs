//! Accounts, their keys, and whose they are (账户、密钥与实名).
//!
//! An account acts on the ledger with any of its valid keys and keeps its identifier when keys change, so that everything
//! that hangs on it stays. A registrar opens accounts; their holders add, exchange and revoke keys; an administrator grants roles and
//! suspends. Departments that the network has authorised bind accounts to persons and organisations, have lost keys replaced, freeze accounts upon a
//! report of loss, decide where somebody objects to that, and record deaths, dissolutions, mergers, and that two accounts are one person's. This module is also the network's authority: it answers whether an account
//! may act and which roles it holds.
//!
//! A person stands here under a keyed pseudonym, made off the ledger with the one key of the identity authority (`crypto::pseudonym`): he
//! cannot register twice, and nobody gets from what stands here to the number of a document.
//!
//! # Terms
//!
//! | Term | 中文 | Meaning |
//! |---|---|---|
//! | account | 账户 | who acts; a person's account carries no name |
//! | key | 密钥 | signs for exactly one account |
//! | sealing key | 加密密钥 | to which others seal what is meant for the account; it never signs |
//! | possession | 持有证明 | a signature which shows that whoever registers a key has its private half |
//! | role | 角色 | a named set of calls that an account may make |
//! | suspension | 冻结 | the account may not act until it is resumed |
//! | freeze | 挂失 | the account may not act for a while, upon a report that its key was lost or stolen |
//! | binding | 实名认证 | an authorised department has made sure whose the account is |
//! | pseudonym | 假名 | stands for a person's document; keyed, so that it cannot be guessed |
//! | level | 实名等级 | how surely it is this person: L1, L2, L3 |
//! | recovery | 账户恢复 | the exchange of all keys of an account for one, by two officers |
//! | cooling time | 冷静期 | how long the person can stop it |
//! | dispute | 争议 | a key of an account that was reported lost or stolen has objected to its recovery |
//! | sides | 申请人、异议人 | for whom the account is to be recovered, and who has objected |
//! | ruling | 裁定 | a third officer dismisses or upholds the objection |
//! | first document | 首次实名证件 | by which a person's account is bound; others are added |
//! | ending | 终止 | death, dissolution, merger or joining |
//! | joining | 一人多户合并 | one of two accounts of one person ends in favour of the other |
//! | correction | 更正 | a wrong binding, or one wrong document of it, is taken back |
//! | proposal | 待复核登记 | an ending or a correction that one officer has recorded and another has not confirmed yet |
//!
//! # Invariants
//!
//! - **I1** A key to sign with belongs to one account, for ever; a revoked one never becomes valid again.
//! - **I2** An account always has a valid key.
//! - **I3** Nobody registers a key to sign with without its private half.
//! - **I4** Nobody grants himself a role, withdraws his own, suspends or resumes himself, or acts in office upon his own account, or so
//!   that what another one has comes to whom he stands for.
//! - **I5** A person's account has no name; an organisation's or a system's has one.
//! - **I6** A pseudonym and an organisation's code are bound to one account at a time, and stay with it unless that is corrected; an account is
//!   one person's or one organisation's.
//! - **I7** A key of an account has one purpose: a sealing key never signs for it.
//! - **I8** An account that has ended does not act; that it has ended is annulled by another officer than the one who recorded it.
//! - **I9** A recovery is opened for whom the account is bound to, one at a time, and approved by another officer than the one who opened it.
//! - **I10** A recovery exchanges the keys after a whole cooling time, which begins when the person was told on another channel and then the
//!   second officer has approved, and does not run while the account is suspended.
//! - **I11** Only departments that are registered and that the network has authorised bind, recover, freeze and end accounts.
//! - **I12** An account holds roles of the whole network alone; those of departments are held in departments, see `orgs`.
//! - **I13** An account ends, and a binding is corrected, when one officer has recorded it and an officer of the other role has confirmed it.
//! - **I14** At most 8 mergers, one after the other, lead to an organisation.
//! - **I15** A freeze ends by itself after seven days and the cooling time, with a recovery, or by the network's administrator; a dispute prolongs it
//!   until that is settled. A frozen account can object to what officers do about it and do nothing else. Officers freeze an account again only seven
//!   days later.
//! - **I16** Whoever holds a role of the network is out of the officers' reach: he is neither bound, recovered, frozen nor ended. Nobody comes
//!   to such a role while his account is being recovered.
//! - **I17** No text holds the number of a citizen.
//! - **I18** A key of an account that is frozen as lost or stolen objects to a recovery once. Who had no part in the recovery decides on it, in a
//!   department that had none where there is one, when both sides have appeared or could; he dismisses it only when whoever wants the new key has.
//!   Until then nothing of the recovery goes on, and where nobody decides in time it is over.
//! - **I19** A person's account is bound by a first document: one with the citizen's number, a permit, or a passport of another state than China.
//! - **I20** One account of a person ends in favour of another one only after a whole cooling time in which it could object with any of its keys; that does
//!   not run while the account is suspended, and its length is that of the day on which it began.
//! - **I21** A guardian has his ward's account recovered, as long as he is the guardian.
//!
//! # Life
//!
//! ```text
//! open ──▶ active (正常) ◀──suspend / resume──▶ suspended (冻结)
//!            │  ▲  ◀──freeze / its end, recovery──▶ frozen (挂失)
//!            │  │                                   │
//!            └──┼─death, dissolution, merger, joining┴──▶ ended (终止)
//!               └────────────annulled─────────────────────┘
//! ending, correction: recorded (登记) ──▶ confirmed (生效), or rejected (不予确认)
//! key: valid (有效) ──revoke, rotate, recovery──▶ revoked (已撤销)
//! ```
//!
//! The life of a recovery is in `recovery`. Who acts for whom is in `representation`.
//!
//! **A suspended account** cannot be recovered against its holder: he cannot object while he cannot sign, so that the cooling time stops, and
//! begins anew when the account is resumed. An officer can stop the recovery for him at any time.
//!
//! **A frozen account** is one whose key is said to be in the wrong hands. It can be recovered while it is frozen, because it can still object. So
//! the freeze lasts as long as it takes to come to a counter and the cooling time on top of it.
//!
//! **Genesis accounts and all that hold roles of the network** are no matter of the identity authorities, which could otherwise end or take
//! over the network's administrator. Who is to be bound is bound before he gets such a role.
//!
//! **Whoever holds a key** is not always the holder. A thief could object to every recovery, so from an account that was reported lost or stolen a key
//! only brings the matter before a third officer, where a person has to come. The life of it is in `recovery`.
//!
//! **One person has one account.** A citizen is bound by a document with his number, which gives one pseudonym whatever document it stands on; a
//! passport would give another. That of another state has no citizen's number beside it. Where two accounts turn out to be one person's, one ends and the
//! other acts for it, as with organisations: licences, consents and cases stay where they are and are found from there. Its holder can object, because
//! he would lose all that he has if it were not true. Who does not want to give up a second account has its binding corrected, to which nobody
//! objects. The pseudonyms of the account that has ended stay with it, and so does its right in a department, which nobody exercises.
//!
//! **A ward** has a guardian, see `representation`; the guardian comes to the counter in his place and the recovery says so. When the guardianship
//! ends before it is completed, so does the recovery.
//!
//! **A sealing key** is not registered for the whole network. It stands with its account, so that nobody can take one from another by being the
//! first to name it. Whether the bytes are a point on the suite's curve is found out by whoever seals to it: nothing here can reckon with curves.
//!
//! Absent on purpose: names, numbers and other particulars of persons, the state that has issued a passport among them; the key under which pseudonyms
//! are made; and a way past the objection of whoever holds a valid key of an account that nobody has reported lost.

mod access;
mod due;
mod error;
mod execute;
mod msg;
mod query;
mod state;
#[cfg(test)]
mod tests;

pub use crate::recovery::{
    Appearance, Approval, Channel, Closing, ClosingKind, Decision, Dispute, Notice, PeriodMinutes, Presented, Recovery,
    RecoveryOpening, Reverification, Ruling, Side,
};
pub use crate::representation::{AgentAct, Capacity, capacity, capacity_for};
pub use due::{Act, act};
pub use error::Error;
pub use msg::{AccountKind, Call, CallKind, Correction, Event, FreezeReason, Query, View};
pub use state::{
    ACCOUNTS, AUTHORITIES, AUTHORITY_COUNT, Account, AccountKey, AssuranceLevel, Authority, COMPANIES, Document,
    Ending, EndingKind, FREEZE_MILLIS, FREEZE_PAUSE_MILLIS, FirstDocument, Freeze, HOLDERS, Holder, KEYS, MERGERS_MAX,
    POLICY, PREDECESSORS, PREDECESSORS_MAX, PROPOSALS, PSEUDONYMS, Policy, Proposal, Proposed, RECOVERIES, Settlement,
    Status, Subject, account, account_of_company, authenticate, company_code, exists, genesis, has_real_name, has_role,
    holder, is_authorised, level, policy, possession_message, predecessors, sealing_key, state_key, status, successor,
};

use execute::{Binding, FirstPaper};
use tongban_kernel::{Access, Broken, Ctx, Module, Scope, State, Stop, Write};
use tongban_types::Digest;

/// Accounts and their keys.
pub struct Identity;

impl Module for Identity {
    const NAME: &'static str = "identity";
    const NAME_ZH: &'static str = "账户、密钥与实名";

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
            Call::OpenAccount { kind, name, key, possession } => {
                execute::open_account(kind, name, key, &possession, ctx, state)
            }
            Call::AddKey { key, possession } => execute::add_key(key, &possession, ctx, state),
            Call::RevokeKey { key } => execute::revoke_key(key, ctx, state),
            Call::GrantRole { account, role } => execute::grant_role(account, role, ctx, state),
            Call::WithdrawRole { account, role } => execute::withdraw_role(account, role, ctx, state),
            Call::Suspend { account } => execute::suspend(account, ctx, state),
            Call::Resume { account } => execute::resume(account, ctx, state),
            Call::RotateKey { old, key, possession } => execute::rotate_key(old, key, &possession, ctx, state),
            Call::AddSealingKey { key } => execute::add_sealing_key(key, ctx, state),
            Call::RevokeSealingKey { key } => execute::revoke_sealing_key(key, ctx, state),
            Call::SetPolicy { cooling, hearing } => execute::set_policy(cooling, hearing, ctx, state),
            Call::AuthoriseDepartment { department } => execute::authorise_department(department, ctx, state),
            Call::WithdrawAuthority { department } => execute::withdraw_authority(department, ctx, state),
            Call::BindPerson { department, account, kind, pseudonym, level, papers, issued_by } => {
                let paper = FirstPaper { kind, pseudonym, issued_by };
                execute::bind_person(Binding { department, account, level, papers }, paper, ctx, state)
            }
            Call::AddDocument { department, account, kind, pseudonym, papers } => {
                let document = Document { kind, pseudonym, papers, receipt: ctx.receipt };
                execute::add_document(department, account, document, ctx, state)
            }
            Call::ChangeLevel { department, account, level, papers } => {
                execute::change_level(Binding { department, account, level, papers }, ctx, state)
            }
            Call::BindCompany { department, account, code, level, papers } => {
                execute::bind_company(Binding { department, account, level, papers }, code, ctx, state)
            }
            Call::OpenRecovery { department, account, presented, verification, key, possession, papers } => {
                let (officer, at, receipt) = (ctx.account, ctx.time, ctx.receipt);
                let opening = RecoveryOpening { department, officer, verification, papers, at, receipt };
                execute::open_recovery(account, presented, (key, &possession), opening, ctx, state)
            }
            Call::RecordNotice { recovery, channel, papers } => {
                let notice = Notice { channel, officer: ctx.account, papers, at: ctx.time, receipt: ctx.receipt };
                execute::record_notice(recovery, notice, ctx, state)
            }
            Call::ApproveRecovery { department, recovery } => {
                let approval = Approval { department, officer: ctx.account, at: ctx.time, receipt: ctx.receipt };
                execute::approve_recovery(recovery, approval, ctx, state)
            }
            Call::RejectRecovery { department, recovery, reason } => {
                execute::end_recovery(recovery, &department, ClosingKind::Rejected, reason, ctx, state)
            }
            Call::ObjectToRecovery { recovery } => execute::object_to_recovery(recovery, ctx, state),
            Call::CompleteRecovery { recovery } => due::complete_now(recovery, ctx, state),
            Call::StopRecovery { department, recovery, reason } => {
                execute::end_recovery(recovery, &department, ClosingKind::Stopped, reason, ctx, state)
            }
            Call::RecordDeath { department, account, papers } => {
                let proposed = Proposed::Ending { kind: EndingKind::Deceased };
                execute::record_proposal(department, account, proposed, papers, ctx, state)
            }
            Call::RecordDissolution { department, account, papers } => {
                let proposed = Proposed::Ending { kind: EndingKind::Dissolved };
                execute::record_proposal(department, account, proposed, papers, ctx, state)
            }
            Call::RecordMerger { department, account, into, papers } => {
                let proposed = Proposed::Ending { kind: EndingKind::MergedInto { account: into } };
                execute::record_proposal(department, account, proposed, papers, ctx, state)
            }
            Call::AnnulEnding { department, account, papers } => {
                execute::annul_ending(department, account, papers, ctx, state)
            }
            Call::CorrectBinding { department, account, correction, papers } => {
                let proposed = Proposed::Correction { correction };
                execute::record_proposal(department, account, proposed, papers, ctx, state)
            }
            Call::ConfirmProposal { department, account, proposal } => {
                execute::confirm_proposal(department, account, proposal, ctx, state)
            }
            Call::RejectProposal { department, account, proposal, reason } => {
                execute::reject_proposal(department, account, proposal, reason, ctx, state)
            }
            Call::Freeze { department, account, reason } => execute::freeze(department, account, reason, ctx, state),
            Call::FreezeOwn { reason } => execute::freeze_own(reason, ctx, state),
            Call::RecordAppearance { department, recovery, side, papers } => {
                let (officer, at, receipt) = (ctx.account, ctx.time, ctx.receipt);
                let appearance = Appearance { side, department, officer, papers, at, receipt };
                execute::record_appearance(recovery, appearance, ctx, state)
            }
            Call::DecideObjection { department, recovery, ruling, reason, papers } => {
                let (officer, at, receipt) = (ctx.account, ctx.time, ctx.receipt);
                let decision = Decision { ruling, reason, papers, department, officer, at, receipt };
                execute::decide_objection(recovery, decision, ctx, state)
            }
            Call::SetFirstDocuments { kinds } => execute::set_first_documents(kinds, ctx, state),
            Call::RecordDuplicate { department, account, into, papers } => {
                let proposed = Proposed::Ending { kind: EndingKind::SamePerson { account: into } };
                execute::record_proposal(department, account, proposed, papers, ctx, state)
            }
            Call::ObjectToJoining { proposal } => execute::object_to_joining(proposal, ctx, state),
        }
    }

    fn query(query: &Query, state: &State) -> Result<View, Stop> {
        match query {
            Query::Account { account } => query::account(account, state),
            Query::AccountOfKey { key } => query::account_of_key(key, state),
            Query::Holder { account } => query::holder(account, state),
            Query::Status { account } => query::status(account, state),
            Query::AccountOfPerson { pseudonym } => query::account_of_person(pseudonym, state),
            Query::AccountOfCompany { code } => query::account_of_company(code, state),
            Query::Recovery { recovery } => query::recovery(*recovery, state),
            Query::Policy {} => query::policy(state),
            Query::Authority { department } => query::authority(department, state),
            Query::Proposal { account } => query::proposal(account, state),
        }
    }

    fn check_invariants(write: &Write) -> Result<(), Broken> {
        state::check_invariants(write)
    }
}
