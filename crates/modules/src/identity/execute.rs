//! One function for each call: refuse, refuse, refuse, then write, then tell. Accounts, keys and roles are here; what officers do about
//! accounts has a file for each part in the folder.

mod binding;
mod freezing;
mod proposals;
mod recovering;

pub use binding::{Binding, FirstPaper, add_document, bind_company, bind_person, change_level};
pub use freezing::{freeze, freeze_own};
use proposals::halt_or_begin_cooling;
pub use proposals::{annul_ending, confirm_proposal, object_to_joining, record_proposal, reject_proposal};
pub use recovering::{
    approve_recovery, close_recovery, decide_objection, end_recovery, has_guardian, object_to_recovery, open_recovery,
    record_appearance, record_notice,
};

use super::due;
use super::error::Error;
use super::msg::{AccountKind, Call, Event};
use super::state::{
    self, ACCOUNT_VERSION, ACCOUNTS, AUTHORITIES, AUTHORITY_COUNT, Account, AccountKey, Authority, FIRST_DOCUMENTS_MAX,
    FirstDocument, HOLDER_VERSION, HOLDERS, Holder, KEYS, POLICY, PROPOSALS, Policy, RECOVERIES, possession_message,
};
use crate::citizen_numbers::has_citizen_number;
use crate::orgs;
use crate::recovery::{PeriodMinutes, Recovery};
use tongban_kernel::{Ctx, Role, State, Stop};
use tongban_types::codes::UnifiedSocialCreditCode;
use tongban_types::genesis::account_of;
use tongban_types::{AccountId, Digest, List, PublicKey, Signature, Suite, Text};

/// Refuses what is wrong whatever the state is. That a role is one of departments is not refused here but in execution, so that the attempt to give
/// it stands on a receipt.
pub fn validate(call: &Call) -> Result<(), Error> {
    match call {
        Call::OpenAccount { kind: AccountKind::Person, name: Some(_), .. } => Err(Error::NameOfPerson), // I5
        Call::OpenAccount { kind: AccountKind::Organisation | AccountKind::System, name, .. } => match name {
            Some(name) if !name.is_empty() => check_text(name),
            _ => Err(Error::NameMissing), // I5
        },
        Call::RejectRecovery { reason, .. }
        | Call::StopRecovery { reason, .. }
        | Call::DecideObjection { reason, .. }
        | Call::RejectProposal { reason, .. } => {
            if reason.is_empty() {
                return Err(Error::ReasonMissing);
            }
            check_text(reason)
        }
        Call::RecordMerger { account, into, .. } | Call::RecordDuplicate { account, into, .. } if account == into => {
            Err(Error::IntoItself)
        }
        Call::SetFirstDocuments { kinds } => {
            let is_ordered = kinds.is_sorted_by(|left, right| left.kind < right.kind);
            if kinds.is_empty() || !is_ordered { Err(Error::KindsUnordered) } else { Ok(()) }
        }
        _ => Ok(()),
    }
}

fn check_text(text: &str) -> Result<(), Error> {
    if has_citizen_number(text) { Err(Error::CitizenNumber) } else { Ok(()) } // I17
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
        Call::RevokeKey { .. } | Call::RevokeSealingKey { .. } => Vec::new(),
        Call::FreezeOwn { .. } | Call::SetPolicy { .. } | Call::SetFirstDocuments { .. } => {
            vec![POLICY.state_key(state, &())]
        }
        Call::AuthoriseDepartment { department } => {
            let count = AUTHORITY_COUNT.state_key(state, &());
            vec![AUTHORITIES.state_key(state, department), orgs::state_key(state, department), count]
        }
        Call::WithdrawAuthority { department } => {
            vec![AUTHORITIES.state_key(state, department), AUTHORITY_COUNT.state_key(state, &())]
        }
        Call::WithdrawRole { account, .. } => vec![ACCOUNTS.state_key(state, account)],
        Call::GrantRole { account, .. } | Call::Suspend { account } | Call::Resume { account } => {
            vec![ACCOUNTS.state_key(state, account), HOLDERS.state_key(state, account)]
        }
        Call::BindPerson { department, account, .. }
        | Call::AddDocument { department, account, .. }
        | Call::ChangeLevel { department, account, .. }
        | Call::BindCompany { department, account, .. }
        | Call::OpenRecovery { department, account, .. }
        | Call::Freeze { department, account, .. }
        | Call::AnnulEnding { department, account, .. } => vec![
            AUTHORITIES.state_key(state, department),
            ACCOUNTS.state_key(state, account),
            HOLDERS.state_key(state, account),
        ],
        Call::RecordDeath { department, account, .. }
        | Call::RecordDissolution { department, account, .. }
        | Call::RecordMerger { department, account, .. }
        | Call::RecordDuplicate { department, account, .. }
        | Call::CorrectBinding { department, account, .. }
        | Call::ConfirmProposal { department, account, .. }
        | Call::RejectProposal { department, account, .. } => vec![
            AUTHORITIES.state_key(state, department),
            ACCOUNTS.state_key(state, account),
            HOLDERS.state_key(state, account),
            PROPOSALS.state_key(state, account),
        ],
        Call::RecordNotice { recovery, .. }
        | Call::ApproveRecovery { recovery, .. }
        | Call::RejectRecovery { recovery, .. }
        | Call::ObjectToRecovery { recovery }
        | Call::CompleteRecovery { recovery }
        | Call::RecordAppearance { recovery, .. }
        | Call::DecideObjection { recovery, .. }
        | Call::StopRecovery { recovery, .. } => vec![RECOVERIES.state_key(state, recovery)],
        Call::ObjectToJoining { .. } => Vec::new(),
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
        freeze: None,
        mergers: 0,
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
        return Err(Error::KeyTaken.into()); // I1
    }
    if state::account(state, account)?.is_some_and(|account| account.has_sealing_key(key)) {
        return Err(Error::KeyTaken.into()); // I7
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

/// Adds a sealing key to the acting account. Whether its private half is there cannot be asked with a signature, and it need not be: the
/// key stands with this account alone and is taken from nobody. Whoever names another one's key receives what he cannot open.
pub fn add_sealing_key(key: PublicKey, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut account = existing(&ctx.account, state)?;
    let held = account.has_sealing_key(&key);
    account.sealing_keys = state::with_key(&account.sealing_keys, new_key(&key, ctx)).ok_or(Error::TooManyKeys)?;
    let length = match ctx.primitives.suite() {
        Suite::Sm => 33,
        Suite::Intl => 32,
    };
    if key.as_ref().len() != length {
        return Err(Error::SealingKeyMalformed.into());
    }
    if held || KEYS.get(state, &key)?.is_some() {
        return Err(Error::KeyTaken.into()); // I7
    }
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

/// Gives a role to another account. One that is being recovered gets none: the officers who put its new key in would have it, too.
pub fn grant_role(id: AccountId, role: Role, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    if role.is_of_department() {
        return Err(Error::DepartmentRole.into()); // I12
    }
    let mut account = other(&id, ctx, state)?;
    check_living(&account)?; // I8
    if account.roles.contains(&role) {
        return Err(Error::RoleHeld.into());
    }
    if state::holder(state, &id)?.is_some_and(|holder| holder.recovery.is_some()) {
        return Err(Error::RecoveryOpen.into()); // I16
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
    halt_or_begin_cooling(&id, true, ctx, state)?; // I20
    if let Some((number, mut recovery)) = open_recovery_of(&id, state)?
        && !recovery.is_over(ctx.time)
    {
        recovery.halt_cooling(); // I10
        RECOVERIES.put(state, &number, &recovery);
    }
    Ok(Event::Suspended { account: id, by: ctx.account })
}

/// Lets a suspended or frozen account act again.
pub fn resume(id: AccountId, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut account = other(&id, ctx, state)?;
    if !account.suspended && account.frozen().is_none() {
        return Err(Error::NotSuspended.into());
    }
    account.suspended = false;
    account.thaw(ctx.time);
    ACCOUNTS.put(state, &id, &account);
    halt_or_begin_cooling(&id, false, ctx, state)?; // I20
    if let Some((number, mut recovery)) = open_recovery_of(&id, state)? {
        due::begin_cooling(number, &mut recovery, ctx, state)?; // I10
        RECOVERIES.put(state, &number, &recovery);
    }
    Ok(Event::Resumed { account: id, by: ctx.account })
}

/// Sets what holds for recoveries.
pub fn set_policy(
    cooling: PeriodMinutes,
    hearing: Option<PeriodMinutes>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let policy = state::policy(state)?;
    let hearing = hearing.unwrap_or(policy.hearing);
    POLICY.put(state, &(), &Policy { cooling, hearing, ..policy });
    Ok(Event::PolicySet { cooling, hearing, by: ctx.account })
}

/// Sets by which kinds of documents persons are bound in the first place.
pub fn set_first_documents(
    kinds: List<FirstDocument, FIRST_DOCUMENTS_MAX>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let policy = state::policy(state)?;
    POLICY.put(state, &(), &Policy { first_documents: kinds.clone(), ..policy });
    Ok(Event::FirstDocumentsSet { kinds, by: ctx.account })
}

/// Authorises a department to establish identities.
pub fn authorise_department(department: UnifiedSocialCreditCode, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    if !orgs::department(state, &department)?.is_some_and(|department| department.is_active()) {
        return Err(Error::DepartmentUnknown.into()); // I11
    }
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
    AUTHORITY_COUNT.put(state, &(), &(state::authority_count(state)? + 1));
    Ok(Event::DepartmentAuthorised { department, by: ctx.account })
}

/// Withdraws a department's authority.
pub fn withdraw_authority(department: UnifiedSocialCreditCode, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let authority = AUTHORITIES.get(state, &department)?.filter(|authority| authority.withdrawn_at.is_none());
    let authority = authority.ok_or(Error::AuthorityNotHeld)?;
    AUTHORITIES.put(state, &department, &Authority { withdrawn_at: Some(ctx.time), ..authority });
    AUTHORITY_COUNT.put(state, &(), &state::authority_count(state)?.saturating_sub(1));
    Ok(Event::AuthorityWithdrawn { department, by: ctx.account })
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

/// Refuses an account that has ended, or is out of the officers' reach: it holds a role of the network.
fn check_subject(account: &Account) -> Result<(), Error> {
    check_living(account)?;
    if account.roles.is_empty() { Ok(()) } else { Err(Error::NetworkRoleHeld) } // I16
}

/// Refuses an account that is not of this kind: a person's, or an organisation's.
fn check_account_kind(account: &Account, kind: AccountKind) -> Result<(), Error> {
    match kind {
        _ if account.kind == kind => Ok(()),
        AccountKind::Person => Err(Error::NotAPerson),
        AccountKind::Organisation | AccountKind::System => Err(Error::NotAnOrganisation),
    }
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
