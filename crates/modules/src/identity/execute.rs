//! One function for each call: refuse, refuse, refuse, then write, then tell.

use super::due;
use super::error::Error;
use super::msg::{AccountKind, Call, Event};
use super::state::{
    self, ACCOUNT_VERSION, ACCOUNTS, AUTHORITIES, Account, AccountKey, AssuranceLevel, Authority, COMPANIES, Document,
    Ending, EndingKind, HOLDER_VERSION, HOLDERS, Holder, KEYS, POLICY, PSEUDONYMS, Policy, RECOVERIES, Subject,
    possession_message,
};
use crate::recovery::{Approval, Closing, ClosingKind, CoolingMinutes, Notice, Presented, Recovery, RecoveryOpening};
use tongban_kernel::{Ctx, Role, State, Stop};
use tongban_types::codes::{DocumentKind, UnifiedSocialCreditCode};
use tongban_types::genesis::account_of;
use tongban_types::{AccountId, Digest, List, PublicKey, Signature, Suite, Text};

/// Refuses what is wrong whatever the state is.
pub fn validate(call: &Call) -> Result<(), Error> {
    match call {
        Call::OpenAccount { kind: AccountKind::Person, name: Some(_), .. } => Err(Error::NameOfPerson), // I5
        Call::OpenAccount { kind: AccountKind::Organisation | AccountKind::System, name, .. }
            if name.as_ref().is_none_or(|name| name.is_empty()) =>
        {
            Err(Error::NameMissing) // I5
        }
        Call::GrantRole { role, .. } if role.is_of_department() => Err(Error::DepartmentRole), // I12
        Call::RejectRecovery { reason, .. } | Call::StopRecovery { reason, .. } if reason.is_empty() => {
            Err(Error::ReasonMissing)
        }
        Call::RecordMerger { account, into, .. } if account == into => Err(Error::IntoItself),
        _ => Ok(()),
    }
}

/// Records that the call will surely read, besides the acting account's.
pub fn reads(call: &Call, state: &State) -> Vec<Digest> {
    match call {
        Call::OpenAccount { key, .. } => {
            let id = account_of(key, state.primitives());
            vec![KEYS.state_key(state, key), ACCOUNTS.state_key(state, &id)]
        }
        Call::AddKey { key, .. } | Call::RotateKey { key, .. } | Call::AddSealingKey { key } => {
            vec![KEYS.state_key(state, key)]
        }
        Call::RevokeKey { .. } | Call::RevokeSealingKey { .. } | Call::SetPolicy { .. } => Vec::new(),
        Call::AuthoriseDepartment { department } | Call::WithdrawAuthority { department } => {
            vec![AUTHORITIES.state_key(state, department)]
        }
        Call::GrantRole { account, .. } | Call::WithdrawRole { account, .. } => {
            vec![ACCOUNTS.state_key(state, account)]
        }
        Call::Suspend { account } | Call::Resume { account } => {
            vec![ACCOUNTS.state_key(state, account), HOLDERS.state_key(state, account)]
        }
        Call::BindPerson { department, account, .. }
        | Call::AddDocument { department, account, .. }
        | Call::ChangeLevel { department, account, .. }
        | Call::BindCompany { department, account, .. }
        | Call::OpenRecovery { department, account, .. }
        | Call::RecordDeath { department, account, .. }
        | Call::RecordDissolution { department, account, .. }
        | Call::RecordMerger { department, account, .. }
        | Call::AnnulEnding { department, account, .. } => vec![
            AUTHORITIES.state_key(state, department),
            ACCOUNTS.state_key(state, account),
            HOLDERS.state_key(state, account),
        ],
        Call::RecordNotice { recovery, .. }
        | Call::ApproveRecovery { recovery, .. }
        | Call::RejectRecovery { recovery, .. }
        | Call::ObjectToRecovery { recovery }
        | Call::CompleteRecovery { recovery }
        | Call::StopRecovery { recovery, .. } => vec![RECOVERIES.state_key(state, recovery)],
    }
}

/// Opens an account with its first key.
pub fn open_account(
    kind: AccountKind,
    name: Option<Text<200>>,
    key: PublicKey,
    possession: &Signature,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let id = account_of(&key, ctx.primitives);
    if state::exists(state, &id)? {
        return Err(Error::KeyTaken.into()); // I1; two keys of one identifier are as good as one key
    }
    check_new_key(&id, &key, possession, ctx, state)?;
    let account = Account {
        version: ACCOUNT_VERSION,
        kind,
        name: name.clone(),
        keys: List::new(vec![new_key(&key, ctx)]).expect("one key fits"),
        roles: List::default(),
        suspended: false,
        opened_at: ctx.time,
        sealing_keys: List::default(),
        ending: None,
    };
    KEYS.put(state, &key, &id);
    ACCOUNTS.put(state, &id, &account);
    Ok(Event::AccountOpened { account: id, kind, by: ctx.account, name })
}

/// Adds a key to the acting account.
pub fn add_key(key: PublicKey, possession: &Signature, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut account = existing(&ctx.account, state)?;
    account.keys = state::with_key(&account.keys, new_key(&key, ctx)).ok_or(Error::TooManyKeys)?;
    check_new_key(&ctx.account, &key, possession, ctx, state)?;
    KEYS.put(state, &key, &ctx.account);
    ACCOUNTS.put(state, &ctx.account, &account);
    Ok(Event::KeyAdded { account: ctx.account, key })
}

fn new_key(key: &PublicKey, ctx: &Ctx) -> AccountKey {
    AccountKey { key: key.clone(), added_at: ctx.time, revoked_at: None }
}

fn check_new_key(
    account: &AccountId,
    key: &PublicKey,
    possession: &Signature,
    ctx: &Ctx,
    state: &State,
) -> Result<(), Stop> {
    if KEYS.get(state, key)?.is_some() {
        return Err(Error::KeyTaken.into()); // I1, I7
    }
    // Last, because it costs more than all the rest.
    if !ctx.primitives.verify(key, &possession_message(&ctx.network, account, key), possession) {
        return Err(Error::PossessionNotProven.into()); // I3
    }
    Ok(())
}

/// Revokes a key of the acting account.
pub fn revoke_key(key: PublicKey, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut account = existing(&ctx.account, state)?;
    check_held(account.key(&key))?;
    if account.valid_keys() == 1 {
        return Err(Error::LastKey.into()); // I2
    }
    account.keys = state::without_key(&account.keys, &key, ctx.time);
    ACCOUNTS.put(state, &ctx.account, &account);
    Ok(Event::KeyRevoked { account: ctx.account, key })
}

fn check_held(key: Option<&AccountKey>) -> Result<(), Error> {
    match key {
        None => Err(Error::KeyUnknown),
        Some(key) if key.revoked_at.is_some() => Err(Error::KeyRevoked), // I1
        Some(_) => Ok(()),
    }
}

/// Exchanges a key of the acting account.
pub fn rotate_key(
    old: PublicKey,
    key: PublicKey,
    possession: &Signature,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut account = existing(&ctx.account, state)?;
    check_held(account.key(&old))?;
    check_new_key(&ctx.account, &key, possession, ctx, state)?;
    let without = state::without_key(&account.keys, &old, ctx.time);
    account.keys = state::with_key(&without, new_key(&key, ctx)).ok_or(Error::TooManyKeys)?; // I2
    KEYS.put(state, &key, &ctx.account);
    ACCOUNTS.put(state, &ctx.account, &account);
    Ok(Event::KeyRotated { account: ctx.account, old, key })
}

/// Adds a sealing key to the acting account.
pub fn add_sealing_key(key: PublicKey, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut account = existing(&ctx.account, state)?;
    account.sealing_keys = state::with_key(&account.sealing_keys, new_key(&key, ctx)).ok_or(Error::TooManyKeys)?;
    let length = match ctx.primitives.suite() {
        Suite::Sm => 33,
        Suite::Intl => 32,
    };
    if key.as_ref().len() != length {
        return Err(Error::SealingKeyMalformed.into());
    }
    if KEYS.get(state, &key)?.is_some() {
        return Err(Error::KeyTaken.into()); // I1, I7
    }
    KEYS.put(state, &key, &ctx.account);
    ACCOUNTS.put(state, &ctx.account, &account);
    Ok(Event::SealingKeyAdded { account: ctx.account, key })
}

/// Revokes a sealing key of the acting account.
pub fn revoke_sealing_key(key: PublicKey, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut account = existing(&ctx.account, state)?;
    check_held(account.sealing_keys.iter().find(|held| held.key == key))?;
    account.sealing_keys = state::without_key(&account.sealing_keys, &key, ctx.time);
    ACCOUNTS.put(state, &ctx.account, &account);
    Ok(Event::SealingKeyRevoked { account: ctx.account, key })
}

/// Gives a role to another account.
pub fn grant_role(id: AccountId, role: Role, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut account = other(&id, ctx, state)?;
    check_living(&account)?; // I8
    if account.roles.contains(&role) {
        return Err(Error::RoleHeld.into());
    }
    let mut roles = account.roles.into_vec();
    roles.push(role);
    roles.sort_unstable();
    account.roles = List::new(roles).expect("there are fewer roles than places");
    ACCOUNTS.put(state, &id, &account);
    Ok(Event::RoleGranted { account: id, role, by: ctx.account })
}

/// Takes a role from another account.
pub fn withdraw_role(id: AccountId, role: Role, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut account = other(&id, ctx, state)?;
    if !account.roles.contains(&role) {
        return Err(Error::RoleNotHeld.into());
    }
    account.roles.retain(|held| *held != role);
    ACCOUNTS.put(state, &id, &account);
    Ok(Event::RoleWithdrawn { account: id, role, by: ctx.account })
}

/// Keeps another account from acting.
pub fn suspend(id: AccountId, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let account = other(&id, ctx, state)?;
    if account.suspended {
        return Err(Error::Suspended.into());
    }
    ACCOUNTS.put(state, &id, &Account { suspended: true, ..account });
    if let Some((number, mut recovery)) = open_recovery_of(&id, state)?
        && !recovery.is_over(ctx.time)
    {
        recovery.halt_cooling(); // I10
        RECOVERIES.put(state, &number, &recovery);
    }
    Ok(Event::Suspended { account: id, by: ctx.account })
}

/// Lets a suspended account act again.
pub fn resume(id: AccountId, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let account = other(&id, ctx, state)?;
    if !account.suspended {
        return Err(Error::NotSuspended.into());
    }
    ACCOUNTS.put(state, &id, &Account { suspended: false, ..account });
    if let Some((number, mut recovery)) = open_recovery_of(&id, state)? {
        due::begin_cooling(number, &mut recovery, ctx, state)?; // I10
        RECOVERIES.put(state, &number, &recovery);
    }
    Ok(Event::Resumed { account: id, by: ctx.account })
}

/// Sets what holds for recoveries.
pub fn set_policy(cooling: CoolingMinutes, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    POLICY.put(state, &(), &Policy { version: HOLDER_VERSION, cooling });
    Ok(Event::PolicySet { cooling, by: ctx.account })
}

/// Authorises a department to establish identities.
pub fn authorise_department(department: UnifiedSocialCreditCode, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    if state::is_authorised(state, &department)? {
        return Err(Error::AuthorityHeld.into());
    }
    let authority = Authority {
        version: HOLDER_VERSION,
        by: ctx.account,
        since: ctx.time,
        withdrawn_at: None,
        receipt: ctx.receipt,
    };
    AUTHORITIES.put(state, &department, &authority);
    Ok(Event::DepartmentAuthorised { department, by: ctx.account })
}

/// Withdraws a department's authority.
pub fn withdraw_authority(department: UnifiedSocialCreditCode, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let authority = AUTHORITIES.get(state, &department)?.filter(|authority| authority.withdrawn_at.is_none());
    let authority = authority.ok_or(Error::AuthorityNotHeld)?;
    AUTHORITIES.put(state, &department, &Authority { withdrawn_at: Some(ctx.time), ..authority });
    Ok(Event::AuthorityWithdrawn { department, by: ctx.account })
}

/// Which account an officer binds, on what ground.
pub struct Binding {
    /// The officer's department.
    pub department: UnifiedSocialCreditCode,
    /// The account.
    pub account: AccountId,
    /// How surely it is whose it is said to be.
    pub level: AssuranceLevel,
    /// Commits to the papers on which it rests.
    pub papers: Digest,
}

/// Binds an account to a person.
pub fn bind_person(
    binding: Binding,
    kind: DocumentKind,
    pseudonym: Digest,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let id = binding.account;
    let account = in_office(&binding.department, &id, ctx, state)?;
    check_living(&account)?;
    if account.kind != AccountKind::Person {
        return Err(Error::NotAPerson.into());
    }
    if state::holder(state, &id)?.is_some() {
        return Err(Error::Bound.into()); // I6
    }
    if PSEUDONYMS.get(state, &pseudonym)?.is_some() {
        return Err(Error::PseudonymTaken.into()); // I6
    }
    let document = Document { kind, pseudonym, papers: binding.papers, receipt: ctx.receipt };
    let documents = List::new(vec![document]).expect("one document fits");
    let holder = new_holder(&binding, Subject::Person { documents }, ctx);
    PSEUDONYMS.put(state, &pseudonym, &id);
    HOLDERS.put(state, &id, &holder);
    Ok(Event::PersonBound { account: id, kind, level: binding.level, department: binding.department, by: ctx.account })
}

fn new_holder(binding: &Binding, subject: Subject, ctx: &Ctx) -> Holder {
    Holder {
        version: HOLDER_VERSION,
        subject,
        level: binding.level,
        department: binding.department,
        officer: ctx.account,
        papers: binding.papers,
        at: ctx.time,
        receipt: ctx.receipt,
        recovery: None,
    }
}

/// Records another document of a person.
pub fn add_document(
    department: UnifiedSocialCreditCode,
    id: AccountId,
    document: Document,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let account = in_office(&department, &id, ctx, state)?;
    check_living(&account)?;
    let mut holder = bound(&id, state)?;
    let Subject::Person { documents } = &mut holder.subject else { return Err(Error::NotAPerson.into()) };
    if PSEUDONYMS.get(state, &document.pseudonym)?.is_some() {
        return Err(Error::PseudonymTaken.into()); // I6
    }
    let (kind, pseudonym) = (document.kind, document.pseudonym);
    documents.push(document).map_err(|_| Error::TooManyDocuments)?;
    PSEUDONYMS.put(state, &pseudonym, &id);
    HOLDERS.put(state, &id, &holder);
    Ok(Event::DocumentAdded { account: id, kind, department, by: ctx.account })
}

/// Changes the level of an account.
pub fn change_level(binding: Binding, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let Binding { department, account: id, level, papers } = binding;
    let account = in_office(&department, &id, ctx, state)?;
    check_living(&account)?;
    let holder = bound(&id, state)?;
    if holder.level == level {
        return Err(Error::LevelUnchanged.into());
    }
    let (officer, at, receipt) = (ctx.account, ctx.time, ctx.receipt);
    HOLDERS.put(state, &id, &Holder { level, department, officer, papers, at, receipt, ..holder });
    Ok(Event::LevelChanged { account: id, level, department, by: ctx.account })
}

/// Binds an account to an organisation.
pub fn bind_company(
    binding: Binding,
    code: UnifiedSocialCreditCode,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let id = binding.account;
    let account = in_office(&binding.department, &id, ctx, state)?;
    check_living(&account)?;
    if account.kind != AccountKind::Organisation {
        return Err(Error::NotAnOrganisation.into());
    }
    if state::holder(state, &id)?.is_some() {
        return Err(Error::Bound.into()); // I6
    }
    if COMPANIES.get(state, &code)?.is_some() {
        return Err(Error::CodeTaken.into()); // I6
    }
    COMPANIES.put(state, &code, &id);
    HOLDERS.put(state, &id, &new_holder(&binding, Subject::Company { code }, ctx));
    let Binding { department, level, .. } = binding;
    Ok(Event::CompanyBound { account: id, code, level, department, by: ctx.account })
}

/// Opens the recovery of an account.
pub fn open_recovery(
    id: AccountId,
    presented: Presented,
    (key, possession): (PublicKey, &Signature),
    opening: RecoveryOpening,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let account = in_office(&opening.department, &id, ctx, state)?;
    check_living(&account)?;
    let holder = bound(&id, state)?;
    if holder.recovery.is_some() {
        return Err(Error::RecoveryOpen.into()); // I9
    }
    if !holder.is(&presented) {
        return Err(Error::IdentityMismatch.into()); // I9
    }
    let number = ctx.receipt;
    if RECOVERIES.get(state, &number)?.is_some() {
        return Err(Error::NumberTaken.into());
    }
    check_new_key(&id, &key, possession, ctx, state)?;
    KEYS.put(state, &key, &id); // so that nobody else registers it in the meantime
    let (verification, department) = (opening.verification, opening.department);
    RECOVERIES.put(state, &number, &Recovery::open(id, presented, key, opening));
    HOLDERS.put(state, &id, &Holder { recovery: Some(number), ..holder });
    Ok(Event::RecoveryOpened { account: id, recovery: number, verification, department, by: ctx.account })
}

/// Records that the person was told.
pub fn record_notice(number: u64, notice: Notice, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut recovery = recovery(number, state)?;
    let department = recovery.opening.department;
    in_office(&department, &recovery.account, ctx, state)?;
    let channel = notice.channel;
    recovery.notice(notice)?;
    due::begin_cooling(number, &mut recovery, ctx, state)?; // I10
    RECOVERIES.put(state, &number, &recovery);
    let Recovery { account, completes_at, .. } = recovery;
    Ok(Event::NoticeRecorded { account, recovery: number, channel, completes_at, by: ctx.account })
}

/// Approves a recovery.
pub fn approve_recovery(number: u64, approval: Approval, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut recovery = recovery(number, state)?;
    let department = approval.department;
    in_office(&department, &recovery.account, ctx, state)?;
    recovery.approve(approval)?; // I9
    due::begin_cooling(number, &mut recovery, ctx, state)?; // I10
    RECOVERIES.put(state, &number, &recovery);
    let Recovery { account, completes_at, .. } = recovery;
    Ok(Event::RecoveryApproved { account, recovery: number, completes_at, department, by: ctx.account })
}

/// Ends a recovery on behalf of a department.
pub fn end_recovery(
    number: u64,
    department: &UnifiedSocialCreditCode,
    kind: ClosingKind,
    reason: Text<200>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let recovery = recovery(number, state)?;
    in_office(department, &recovery.account, ctx, state)?;
    if kind == ClosingKind::Rejected && recovery.opening.officer == ctx.account {
        return Err(Error::SameOfficer.into()); // I9
    }
    close_recovery(number, recovery, kind, Some(reason), ctx, state)
}

/// Ends the recovery of the acting account.
pub fn object_to_recovery(number: u64, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let recovery = recovery(number, state)?;
    if recovery.account != ctx.account {
        return Err(Error::NotHolder.into());
    }
    close_recovery(number, recovery, ClosingKind::Objected, None, ctx, state)
}

/// Ends a recovery and lets its account have another one.
pub fn close_recovery(
    number: u64,
    mut recovery: Recovery,
    kind: ClosingKind,
    reason: Option<Text<200>>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let (by, at, receipt) = (ctx.account, ctx.time, ctx.receipt);
    recovery.close(Closing { kind, by, reason: reason.clone(), at, receipt })?;
    RECOVERIES.put(state, &number, &recovery);
    let holder = bound(&recovery.account, state)?;
    HOLDERS.put(state, &recovery.account, &Holder { recovery: None, ..holder });
    Ok(Event::RecoveryStopped { account: recovery.account, recovery: number, kind, reason, by })
}

/// Ends an account.
pub fn end_account(
    department: UnifiedSocialCreditCode,
    id: AccountId,
    kind: EndingKind,
    papers: Digest,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut account = in_office(&department, &id, ctx, state)?;
    check_living(&account)?; // I8
    check_kind(&account, kind)?;
    bound(&id, state)?;
    if let EndingKind::MergedInto { account: into } = kind {
        let into_account = existing(&into, state)?;
        check_living(&into_account)?;
        check_kind(&into_account, kind)?;
        bound(&into, state)?;
    }
    let (officer, at, receipt) = (ctx.account, ctx.time, ctx.receipt);
    account.ending = Some(Ending { kind, department, officer, papers, at, receipt });
    let status = account.status();
    ACCOUNTS.put(state, &id, &account);
    if let Some((number, recovery)) = open_recovery_of(&id, state)? {
        close_recovery(number, recovery, ClosingKind::AccountEnded, None, ctx, state)?;
    }
    Ok(Event::AccountEnded { account: id, status, department, by: ctx.account })
}

fn check_kind(account: &Account, ending: EndingKind) -> Result<(), Error> {
    match ending {
        EndingKind::Deceased if account.kind != AccountKind::Person => Err(Error::NotAPerson),
        EndingKind::Dissolved | EndingKind::MergedInto { .. } if account.kind != AccountKind::Organisation => {
            Err(Error::NotAnOrganisation)
        }
        EndingKind::Deceased | EndingKind::Dissolved | EndingKind::MergedInto { .. } => Ok(()),
    }
}

/// Annuls the end of an account.
pub fn annul_ending(
    department: UnifiedSocialCreditCode,
    id: AccountId,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let account = in_office(&department, &id, ctx, state)?;
    let ending = account.ending.as_ref().ok_or(Error::NotClosed)?;
    if ending.officer == ctx.account {
        return Err(Error::SameOfficer.into()); // I8
    }
    ACCOUNTS.put(state, &id, &Account { ending: None, ..account });
    Ok(Event::EndingAnnulled { account: id, department, by: ctx.account })
}

/// The account about which an officer acts.
fn in_office(department: &UnifiedSocialCreditCode, id: &AccountId, ctx: &Ctx, state: &State) -> Result<Account, Stop> {
    if *id == ctx.account {
        return Err(Error::Oneself.into()); // I4
    }
    if !state::is_authorised(state, department)? {
        return Err(Error::DepartmentNotAuthorised.into()); // I11
    }
    existing(id, state)
}

fn recovery(number: u64, state: &State) -> Result<Recovery, Stop> {
    Ok(RECOVERIES.get(state, &number)?.ok_or(Error::RecoveryNotFound)?)
}

fn open_recovery_of(id: &AccountId, state: &State) -> Result<Option<(u64, Recovery)>, Stop> {
    let Some(number) = state::holder(state, id)?.and_then(|holder| holder.recovery) else { return Ok(None) };
    Ok(Some((number, recovery(number, state)?)))
}

fn bound(id: &AccountId, state: &State) -> Result<Holder, Stop> {
    Ok(state::holder(state, id)?.ok_or(Error::NotBound)?)
}

fn check_living(account: &Account) -> Result<(), Error> {
    if account.ending.is_some() { Err(Error::Closed) } else { Ok(()) } // I8
}

fn other(id: &AccountId, ctx: &Ctx, state: &State) -> Result<Account, Stop> {
    if *id == ctx.account {
        return Err(Error::Oneself.into()); // I4
    }
    existing(id, state)
}

fn existing(id: &AccountId, state: &State) -> Result<Account, Stop> {
    Ok(state::account(state, id)?.ok_or(Error::NotFound)?)
}
