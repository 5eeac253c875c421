//! Who may do what.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_types::Text;
use tongban_types::codes::UnifiedSocialCreditCode;

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
    /// Appoints officers of a department and of those below it (部门管理员).
    DepartmentAdministrator,
    /// Receives applications for any department and checks form and identity (收件员).
    Receiver,
    /// Accepts and refuses applications, asks for corrections (受理人).
    Acceptor,
    /// Does the steps of a case that are no decisions: reviews, inspections, opinions (审查人).
    Reviewer,
    /// Decides (审批人).
    Approver,
    /// Heads the body: approves extensions and whatever the law reserves to him (行政机关负责人).
    Head,
    /// Issues and delivers licences, suspends and cancels them (制证人).
    Issuer,
    /// Establishes whose an account is (实名核验员).
    IdentityOfficer,
    /// Confirms what an identity officer has begun: the recovery of an account, its end, a correction of its binding (恢复复核员).
    RecoveryApprover,
    /// Answers for the department's data: corrections at the source, grants (数据专员).
    DataOfficer,
    /// Watches over clocks, cards, ratings and appeals (督查员).
    Supervisor,
    /// Brings in the department's historical records (历史数据导入员).
    Importer,
}

impl Role {
    /// Whether it is held in a department, from `orgs`, and not on the account for the whole network.
    pub const fn is_of_department(self) -> bool {
        !matches!(self, Self::Administrator | Self::Registrar | Self::Depositor | Self::Witness | Self::Publisher)
    }
}

/// What a call is about, so far as rights go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The department in which the role must be held.
    pub department: UnifiedSocialCreditCode,
    /// The post in it (岗位), where only those who hold this post may act.
    pub post: Option<Text<40>>,
}

/// What a call asks of the account that makes it. It depends on the kind of call alone, so that the whole matrix of
/// roles and calls can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Any account that is not suspended. The call itself says what of, such as "one's own keys".
    AnyAccount,
    /// An account that holds this role.
    Role(Role),
    /// An officer who holds this role in the department that the call is about, himself or as a deputy. Where that department is found
    /// is said by the module's `scope`; a call that is about none is denied.
    Office(Role),
}
