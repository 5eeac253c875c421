//! The records. This is the only place with keys of the state.

use super::msg::AccountKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::IntoEnumIterator;
use tongban_kernel::{Broken, Missing, Role, State, Stop, Table, TxError, Write};
use tongban_types::genesis::{Genesis, account_of};
use tongban_types::{AccountId, Digest, List, Primitives, PublicKey, Text, Time, Tx, domain};

/// All accounts.
pub const ACCOUNTS: Table<AccountId, Account> = Table::new("identity/accounts");
/// Which account a key belongs to, revoked keys included.
pub const KEYS: Table<PublicKey, AccountId> = Table::new("identity/keys");

/// The version of the account's format.
pub const ACCOUNT_VERSION: u16 = 1;
/// Keys of one account, revoked ones included.
pub const KEYS_MAX: usize = 16;

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Account {
    /// The version of this format.
    pub version: u16,
    /// Whose it is.
    pub kind: AccountKind,
    /// The name of the organisation or system; none for a person.
    pub name: Option<Text<200>>,
    /// Its keys, oldest first.
    pub keys: List<AccountKey, KEYS_MAX>,
    /// Its roles, in ascending order.
    pub roles: List<Role, 16>,
    /// Whether it is kept from acting.
    pub suspended: bool,
    /// When it was opened: the block's time.
    pub opened_at: Time,
}

/// A key of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccountKey {
    /// The public key.
    pub key: PublicKey,
    /// When it was added: the block's time.
    pub added_at: Time,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Time>,
}

impl Account {
    /// The account's key, revoked or not.
    pub fn key(&self, key: &PublicKey) -> Option<&AccountKey> {
        self.keys.iter().find(|candidate| candidate.key == *key)
    }

    /// How many of its keys are valid.
    pub fn valid_keys(&self) -> usize {
        self.keys.iter().filter(|key| key.revoked_at.is_none()).count()
    }
}

/// The account with this identifier.
pub fn account(state: &State, id: &AccountId) -> Result<Option<Account>, Missing> {
    ACCOUNTS.get(state, id)
}

/// Whether there is an account with this identifier.
pub fn exists(state: &State, id: &AccountId) -> Result<bool, Missing> {
    Ok(account(state, id)?.is_some())
}

/// Where an account stands in the authenticated state.
pub fn state_key(state: &State, id: &AccountId) -> Digest {
    ACCOUNTS.state_key(state, id)
}

/// Whether an account holds a role.
pub fn has_role(state: &State, id: &AccountId, role: Role) -> Result<bool, Missing> {
    Ok(account(state, id)?.is_some_and(|account| account.roles.contains(&role)))
}

/// Refuses a transaction whose account or key may not act now.
pub fn authenticate(tx: &Tx, state: &State) -> Result<(), Stop> {
    let account = account(state, &tx.account)?.ok_or(TxError::UnknownAccount)?;
    let key = account.key(&tx.key).ok_or(TxError::UnknownKey)?;
    if key.revoked_at.is_some() {
        return Err(TxError::KeyRevoked.into());
    }
    if account.suspended {
        return Err(TxError::AccountSuspended.into());
    }
    Ok(())
}

/// What is signed with a key to show that its private half is there, for this account of this network alone.
pub fn possession_message(network: &Digest, account: &AccountId, key: &PublicKey) -> Vec<u8> {
    [domain::KEY_POSSESSION, network.as_ref(), account.as_ref(), key.as_ref()].concat()
}

/// Writes the accounts that exist from the beginning. Unknown role names are ignored by nobody: they stop the start.
pub fn genesis(genesis: &Genesis, primitives: &dyn Primitives, state: &mut State) -> Result<(), Stop> {
    for given in &genesis.accounts {
        let mut roles: Vec<Role> = Vec::new();
        for name in &given.roles {
            let role = Role::iter().find(|role| Into::<&'static str>::into(*role) == &**name);
            let role = role.ok_or(super::Error::RoleNotHeld)?;
            if role.is_of_department() {
                return Err(super::Error::DepartmentRole.into()); // I6
            }
            roles.push(role);
        }
        roles.sort_unstable();
        roles.dedup();
        let id = account_of(&given.key, primitives);
        let key = AccountKey { key: given.key.clone(), added_at: genesis.time, revoked_at: None };
        let account = Account {
            version: ACCOUNT_VERSION,
            kind: AccountKind::Organisation,
            name: Some(given.name.clone()),
            keys: List::new(vec![key]).expect("one key fits"),
            roles: List::new(roles).expect("at most as many as the genesis lists"),
            suspended: false,
            opened_at: genesis.time,
        };
        KEYS.put(state, &given.key, &id);
        ACCOUNTS.put(state, &id, &account);
    }
    Ok(())
}

/// Checks what can be seen on one changed record.
pub fn check_invariants(write: &Write) -> Result<(), Broken> {
    let broken = |table, invariant| Err(Broken { table, invariant });
    if write.value.is_none() {
        return broken("identity", "I1 accounts and keys are registered for ever");
    }
    let Some(account) = ACCOUNTS.record_of(write) else { return Ok(()) };
    if account.valid_keys() == 0 {
        return broken(ACCOUNTS.name(), "I2 an account always has a valid key");
    }
    if account.name.is_some() == (account.kind == AccountKind::Person) {
        return broken(ACCOUNTS.name(), "I5 a person's account has no name, any other has one");
    }
    if !account.roles.is_sorted_by(|left, right| left < right) {
        return broken(ACCOUNTS.name(), "roles stand in ascending order, each once");
    }
    if account.roles.iter().any(|role| role.is_of_department()) {
        return broken(ACCOUNTS.name(), "I6 roles of departments are held in departments");
    }
    Ok(())
}
