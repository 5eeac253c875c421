//! Everything that crosses the boundary of the module.

use super::state::Account;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumDiscriminants, EnumIter, IntoStaticStr};
use tongban_kernel::Role;
use tongban_types::{AccountId, PublicKey, Signature, Text};

/// What accounts can ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, EnumDiscriminants)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum_discriminants(name(CallKind), derive(EnumIter, IntoStaticStr), strum(serialize_all = "snake_case"))]
#[strum_discriminants(doc = "The kinds of calls.")]
pub enum Call {
    /// Open an account for someone whose identity was established.
    OpenAccount {
        /// Whose account it is.
        kind: AccountKind,
        /// The name of the organisation or system; none for a person.
        name: Option<Text<200>>,
        /// The account's first key, which also gives its identifier.
        key: PublicKey,
        /// Made with that key over the possession message.
        possession: Signature,
    },
    /// Add a key to one's own account.
    AddKey {
        /// The new key.
        key: PublicKey,
        /// Made with that key over the possession message.
        possession: Signature,
    },
    /// Revoke a key of one's own account; it fails from the next transaction on.
    RevokeKey {
        /// The key.
        key: PublicKey,
    },
    /// Give a role to another account.
    GrantRole {
        /// The account.
        account: AccountId,
        /// The role.
        role: Role,
    },
    /// Take a role from another account.
    WithdrawRole {
        /// The account.
        account: AccountId,
        /// The role.
        role: Role,
    },
    /// Keep another account from acting until it is resumed.
    Suspend {
        /// The account.
        account: AccountId,
    },
    /// Let a suspended account act again.
    Resume {
        /// The account.
        account: AccountId,
    },
}

/// Whose account it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// A natural person (自然人); carries no name.
    Person,
    /// A department, company or other body (机构).
    Organisation,
    /// A program that acts for an organisation (系统).
    System,
}

/// What can be asked of the state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Query {
    /// One account.
    Account {
        /// Its identifier.
        account: AccountId,
    },
    /// The account that a key belongs to.
    AccountOfKey {
        /// The key.
        key: PublicKey,
    },
}

/// The answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// One account.
    Account {
        /// The account, where it exists.
        account: Option<Account>,
    },
    /// The account that a key belongs to.
    AccountOfKey {
        /// The account, where the key was registered.
        account: Option<AccountId>,
    },
}

/// What has happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// An account was opened.
    AccountOpened {
        /// Its identifier.
        account: AccountId,
        /// Whose it is.
        kind: AccountKind,
        /// Who opened it.
        by: AccountId,
        /// The name of the organisation or system, so that it can be searched for; none for a person.
        name: Option<Text<200>>,
    },
    /// A key was added.
    KeyAdded {
        /// The account.
        account: AccountId,
        /// The key.
        key: PublicKey,
    },
    /// A key was revoked.
    KeyRevoked {
        /// The account.
        account: AccountId,
        /// The key.
        key: PublicKey,
    },
    /// A role was granted.
    RoleGranted {
        /// The account.
        account: AccountId,
        /// The role.
        role: Role,
        /// Who granted it.
        by: AccountId,
    },
    /// A role was withdrawn.
    RoleWithdrawn {
        /// The account.
        account: AccountId,
        /// The role.
        role: Role,
        /// Who withdrew it.
        by: AccountId,
    },
    /// An account was suspended.
    Suspended {
        /// The account.
        account: AccountId,
        /// Who suspended it.
        by: AccountId,
    },
    /// An account may act again.
    Resumed {
        /// The account.
        account: AccountId,
        /// Who resumed it.
        by: AccountId,
    },
}
