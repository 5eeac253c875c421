//! Everything that crosses the boundary of the module.

use super::state::{Agency, AgencyEndKind, Guardians, Representatives};
use crate::catalogue::ItemCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumDiscriminants, EnumIter, IntoStaticStr};
use tongban_types::codes::UnifiedSocialCreditCode;
use tongban_types::{AccountId, Digest, List, Time};

/// Legal representatives of one organisation.
pub const REPRESENTATIVES_MAX: usize = 8;
/// Items that one agency names.
pub const ITEMS_MAX: usize = 64;
/// Acts that one agency names.
pub const ACTS_MAX: usize = 7;

/// What accounts can ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, EnumDiscriminants)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum_discriminants(name(CallKind), derive(EnumIter, IntoStaticStr), strum(serialize_all = "snake_case"))]
#[strum_discriminants(doc = "The kinds of calls.")]
pub enum Call {
    /// Record who acts for an organisation by law, in place of those before (法定代表人).
    NameRepresentatives {
        /// The officer's department.
        department: UnifiedSocialCreditCode,
        /// The organisation's account.
        organisation: AccountId,
        /// The persons' accounts; none where there is nobody any more.
        persons: List<AccountId, REPRESENTATIVES_MAX>,
        /// Commits to the papers on which it rests.
        papers: Digest,
    },
    /// Record that a person acts for another who cannot (监护).
    AppointGuardian {
        /// The officer's department.
        department: UnifiedSocialCreditCode,
        /// The person for whom he acts.
        ward: AccountId,
        /// The guardian.
        guardian: AccountId,
        /// Until when, such as the day a child comes of age; until it is ended where this is absent.
        until: Option<Time>,
        /// Commits to the papers on which it rests.
        papers: Digest,
    },
    /// Record that a guardianship has ended.
    EndGuardianship {
        /// The officer's department.
        department: UnifiedSocialCreditCode,
        /// The person for whom he acted.
        ward: AccountId,
        /// The guardian.
        guardian: AccountId,
        /// Commits to the papers on which it rests.
        papers: Digest,
    },
    /// Let somebody act for oneself, or for whom one stands by law (委托代办). Its number is that of the receipt.
    NameAgent {
        /// For whom the agent will act: one's own account, or that of one's organisation or ward.
        principal: AccountId,
        /// The agent.
        agent: AccountId,
        /// What he may do, and until when.
        mandate: Mandate,
    },
    /// Revoke an agency, for oneself or for whom one stands by law (撤销委托).
    RevokeAgency {
        /// The agency.
        agency: u64,
    },
    /// Renounce an agency, as the agent (辞去委托).
    RenounceAgency {
        /// The agency.
        agency: u64,
    },
}

/// What an agent may do, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mandate {
    /// For which items; for all, and for what is of no item, where this is absent.
    pub items: Option<List<ItemCode, ITEMS_MAX>>,
    /// Which acts; all where this is absent.
    pub acts: Option<List<AgentAct, ACTS_MAX>>,
    /// From when on; at once where this is absent.
    pub from: Option<Time>,
    /// Until when, exclusively.
    pub until: Time,
}

/// What an agent can do for his principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgentAct {
    /// Hand in an application (提交申请).
    File,
    /// Hand in what is missing, answer questions (补正).
    Supplement,
    /// Take an application back (撤回).
    Withdraw,
    /// Receive decisions and licences (领取).
    Receive,
    /// Consent to the use of data, and withdraw consent (授权用数).
    Consent,
    /// Appeal, ask for a correction (申诉、异议).
    Appeal,
    /// Rate a service (评价).
    Rate,
}

/// As what somebody acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Capacity {
    /// For himself (本人).
    Oneself,
    /// For the organisation whose legal representative he is (法定代表人).
    LegalRepresentative,
    /// For his ward (监护人).
    Guardian,
    /// Under an agency (代办人).
    Agent {
        /// Its number: that of the receipt.
        agency: u64,
    },
    /// As the organisation into which the principal was merged (承继单位).
    Successor,
}

impl Capacity {
    /// Whether it comes from oneself or the law, so that agents can be named in it.
    pub const fn is_of_own_right(self) -> bool {
        !matches!(self, Self::Agent { .. })
    }
}

/// What can be asked of the state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Query {
    /// The legal representatives of an organisation.
    Representatives {
        /// Its account.
        organisation: AccountId,
    },
    /// The guardians of a person.
    Guardians {
        /// The person's account.
        ward: AccountId,
    },
    /// One agency.
    Agency {
        /// Its number.
        agency: u64,
    },
    /// The agencies that an agent has from a principal.
    Agencies {
        /// The principal.
        principal: AccountId,
        /// The agent.
        agent: AccountId,
    },
    /// As what somebody may act for a principal.
    Capacity {
        /// Who acts.
        actor: AccountId,
        /// For whom.
        principal: AccountId,
        /// For which item; none for what is of no item.
        item: Option<ItemCode>,
        /// Which act; where this is absent, any of them.
        act: Option<AgentAct>,
        /// When.
        at: Time,
    },
}

/// The answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// The legal representatives of an organisation.
    Representatives {
        /// They, where any were recorded.
        representatives: Option<Representatives>,
    },
    /// The guardians of a person.
    Guardians {
        /// They, where any were recorded.
        guardians: Option<Guardians>,
    },
    /// One agency.
    Agency {
        /// The agency, where it exists.
        agency: Option<Box<Agency>>,
    },
    /// The agencies that an agent has from a principal.
    Agencies {
        /// Their numbers, oldest first, those that have ended left out as far as room was needed.
        agencies: Vec<u64>,
    },
    /// As what somebody may act for a principal.
    Capacity {
        /// The capacity; none where he may not.
        capacity: Option<Capacity>,
    },
}

/// What has happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The legal representatives of an organisation were recorded.
    RepresentativesNamed {
        /// The organisation.
        organisation: AccountId,
        /// They.
        persons: List<AccountId, REPRESENTATIVES_MAX>,
        /// The department.
        department: UnifiedSocialCreditCode,
        /// The officer.
        by: AccountId,
    },
    /// A guardian was recorded.
    GuardianAppointed {
        /// The person for whom he acts.
        ward: AccountId,
        /// The guardian.
        guardian: AccountId,
        /// Until when.
        until: Option<Time>,
        /// The department.
        department: UnifiedSocialCreditCode,
        /// The officer.
        by: AccountId,
    },
    /// A guardianship has ended.
    GuardianshipEnded {
        /// The person for whom he acted.
        ward: AccountId,
        /// The guardian.
        guardian: AccountId,
        /// The department.
        department: UnifiedSocialCreditCode,
        /// The officer.
        by: AccountId,
        /// Commits to the papers on which it rests.
        papers: Digest,
    },
    /// An agent was named.
    AgentNamed {
        /// The agency's number: that of the receipt.
        agency: u64,
        /// For whom he acts.
        principal: AccountId,
        /// The agent.
        agent: AccountId,
        /// Until when.
        until: Time,
        /// Who named him.
        by: AccountId,
        /// As what.
        capacity: Capacity,
    },
    /// An agency has ended before its term.
    AgencyEnded {
        /// The agency.
        agency: u64,
        /// For whom he acted.
        principal: AccountId,
        /// The agent.
        agent: AccountId,
        /// How it ended.
        kind: AgencyEndKind,
        /// Who ended it.
        by: AccountId,
        /// As what.
        capacity: Capacity,
    },
}
