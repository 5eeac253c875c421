//! Who may do what.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A named set of calls. Accounts hold roles; a call names the role it needs.
///
/// Variants are appended, never reordered: their places are part of the wire format.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::EnumIter,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::Display,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Role {
    /// Administers the network: grants and withdraws roles, suspends accounts, publishes calendars (管理员).
    Administrator,
    /// Opens accounts after establishing whose they are (开户员).
    Registrar,
    /// Registers electronic evidence (存证人).
    Depositor,
    /// Attests evidence as a third party: court, notary, forensic centre (见证人).
    Witness,
    /// Publishes service items, suspends and retires them (目录管理员).
    Publisher,
}

/// What a call asks of the account that makes it. It depends on the kind of call alone, so that the whole matrix of
/// roles and calls can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Any account that is not suspended. The call itself says what of, such as "one's own keys".
    AnyAccount,
    /// An account that holds this role.
    Role(Role),
}
