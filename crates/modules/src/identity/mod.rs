//! Accounts and their keys (账户与密钥).
//!
//! An account acts on the ledger with any of its valid keys and keeps its identifier when keys change, so that everything
//! that hangs on it stays. A registrar opens accounts; their holders add and revoke keys; an administrator grants roles and
//! suspends. This module is also the network's authority: it answers whether an account may act and which roles it holds.
//!
//! # Terms
//!
//! | Term | 中文 | Meaning |
//! |---|---|---|
//! | account | 账户 | who acts; a person's account carries no name |
//! | key | 密钥 | signs for exactly one account |
//! | possession | 持有证明 | a signature which shows that whoever registers a key has its private half |
//! | role | 角色 | a named set of calls that an account may make |
//! | suspension | 冻结 | the account may not act until it is resumed |
//!
//! # Invariants
//!
//! - **I1** A key belongs to one account, for ever; a revoked key never becomes valid again.
//! - **I2** An account always has a valid key.
//! - **I3** Nobody registers a key without its private half.
//! - **I4** Nobody grants himself a role, withdraws his own, suspends or resumes himself.
//! - **I5** A person's account has no name; an organisation's or a system's has one.
//! - **I6** An account holds roles of the whole network alone; those of departments are held in departments, see `orgs`.
//!
//! # Life
//!
//! ```text
//! open ──▶ active (正常) ◀──suspend / resume──▶ suspended (冻结)
//! key: valid (有效) ──revoke──▶ revoked (已撤销)
//! ```
//!
//! Absent on purpose: names, numbers and other particulars of persons.

mod access;
mod error;
mod execute;
mod msg;
mod query;
mod state;
#[cfg(test)]
mod tests;

pub use error::Error;
pub use msg::{AccountKind, Call, CallKind, Event, Query, View};
pub use state::{
    ACCOUNTS, Account, AccountKey, KEYS, account, authenticate, exists, genesis, has_role, possession_message,
    state_key,
};

use tongban_kernel::{Access, Broken, Ctx, Module, State, Stop, Write};
use tongban_types::Digest;

/// Accounts and their keys.
pub struct Identity;

impl Module for Identity {
    const NAME: &'static str = "identity";
    const NAME_ZH: &'static str = "账户与密钥";

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
            Call::OpenAccount { kind, name, key, possession } => {
                execute::open_account(kind, name, key, &possession, ctx, state)
            }
            Call::AddKey { key, possession } => execute::add_key(key, &possession, ctx, state),
            Call::RevokeKey { key } => execute::revoke_key(key, ctx, state),
            Call::GrantRole { account, role } => execute::grant_role(account, role, ctx, state),
            Call::WithdrawRole { account, role } => execute::withdraw_role(account, role, ctx, state),
            Call::Suspend { account } => execute::suspend(account, ctx, state),
            Call::Resume { account } => execute::resume(account, ctx, state),
        }
    }

    fn query(query: &Query, state: &State) -> Result<View, Stop> {
        match query {
            Query::Account { account } => query::account(account, state),
            Query::AccountOfKey { key } => query::account_of_key(key, state),
        }
    }

    fn check_invariants(write: &Write) -> Result<(), Broken> {
        state::check_invariants(write)
    }
}
