//! One function for each call: refuse, refuse, refuse, then write, then tell.

use super::error::Error;
use super::msg::{AccountKind, Call, Event};
use super::state::{self, ACCOUNT_VERSION, ACCOUNTS, Account, AccountKey, KEYS, possession_message};
use tongban_kernel::{Ctx, Role, State, Stop};
use tongban_types::genesis::account_of;
use tongban_types::{AccountId, Digest, List, PublicKey, Signature, Text};

/// Refuses what is wrong whatever the state is.
pub fn validate(call: &Call) -> Result<(), Error> {
    match call {
        Call::OpenAccount { kind: AccountKind::Person, name: Some(_), .. } => Err(Error::NameOfPerson), // I5
        Call::OpenAccount { kind: AccountKind::Organisation | AccountKind::System, name, .. }
            if name.as_ref().is_none_or(|name| name.is_empty()) =>
        {
            Err(Error::NameMissing) // I5
        }
        Call::GrantRole { role, .. } if role.is_of_department() => Err(Error::DepartmentRole), // I6
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
        Call::AddKey { key, .. } => vec![KEYS.state_key(state, key)],
        Call::RevokeKey { .. } => Vec::new(),
        Call::GrantRole { account, .. }
        | Call::WithdrawRole { account, .. }
        | Call::Suspend { account }
        | Call::Resume { account } => vec![ACCOUNTS.state_key(state, account)],
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
    let first_key = AccountKey { key: key.clone(), added_at: ctx.time, revoked_at: None };
    let account = Account {
        version: ACCOUNT_VERSION,
        kind,
        name: name.clone(),
        keys: List::new(vec![first_key]).expect("one key fits"),
        roles: List::default(),
        suspended: false,
        opened_at: ctx.time,
    };
    KEYS.put(state, &key, &id);
    ACCOUNTS.put(state, &id, &account);
    Ok(Event::AccountOpened { account: id, kind, by: ctx.account, name })
}

/// Adds a key to the acting account.
pub fn add_key(key: PublicKey, possession: &Signature, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut account = existing(&ctx.account, state)?;
    let added = AccountKey { key: key.clone(), added_at: ctx.time, revoked_at: None };
    account.keys.push(added).map_err(|_| Error::TooManyKeys)?;
    check_new_key(&ctx.account, &key, possession, ctx, state)?;
    KEYS.put(state, &key, &ctx.account);
    ACCOUNTS.put(state, &ctx.account, &account);
    Ok(Event::KeyAdded { account: ctx.account, key })
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
    // Last, because it costs more than all the rest.
    if !ctx.primitives.verify(key, &possession_message(&ctx.network, account, key), possession) {
        return Err(Error::PossessionNotProven.into()); // I3
    }
    Ok(())
}

/// Revokes a key of the acting account.
pub fn revoke_key(key: PublicKey, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut account = existing(&ctx.account, state)?;
    let held = account.key(&key).ok_or(Error::KeyUnknown)?;
    if held.revoked_at.is_some() {
        return Err(Error::KeyRevoked.into()); // I1
    }
    if account.valid_keys() == 1 {
        return Err(Error::LastKey.into()); // I2
    }
    let mut keys = account.keys.into_vec();
    for held in keys.iter_mut().filter(|held| held.key == key) {
        held.revoked_at = Some(ctx.time);
    }
    account.keys = List::new(keys).expect("as many keys as before");
    ACCOUNTS.put(state, &ctx.account, &account);
    Ok(Event::KeyRevoked { account: ctx.account, key })
}

/// Gives a role to another account.
pub fn grant_role(id: AccountId, role: Role, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut account = other(&id, ctx, state)?;
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
    Ok(Event::Suspended { account: id, by: ctx.account })
}

/// Lets a suspended account act again.
pub fn resume(id: AccountId, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let account = other(&id, ctx, state)?;
    if !account.suspended {
        return Err(Error::NotSuspended.into());
    }
    ACCOUNTS.put(state, &id, &Account { suspended: false, ..account });
    Ok(Event::Resumed { account: id, by: ctx.account })
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
