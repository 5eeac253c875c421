//! The records. This is the only place with keys of the state.

use super::msg::{AccountKind, Call, Correction, FreezeReason};
use crate::recovery::{ClosingKind, PeriodMinutes, Presented, Recovery};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::IntoEnumIterator;
use tongban_kernel::{Broken, Missing, Role, State, Stop, Table, TxError, Write};
use tongban_types::codes::{DocumentKind, KnownDocument, UnifiedSocialCreditCode};
use tongban_types::genesis::{Genesis, account_of};
use tongban_types::transaction::CallBytes;
use tongban_types::{AccountId, Digest, List, Primitives, PublicKey, Text, Time, Tx, domain};

/// All accounts.
pub const ACCOUNTS: Table<AccountId, Account> = Table::new("identity/accounts");
/// Which account a key to sign with belongs to, revoked keys and those of open recoveries included.
pub const KEYS: Table<PublicKey, AccountId> = Table::new("identity/keys");
/// Whose accounts are.
pub const HOLDERS: Table<AccountId, Holder> = Table::new("identity/holders");
/// Which account a person's pseudonym is bound to.
pub const PSEUDONYMS: Table<Digest, AccountId> = Table::new("identity/pseudonyms");
/// Which account an organisation's code is bound to.
pub const COMPANIES: Table<UnifiedSocialCreditCode, AccountId> = Table::new("identity/companies");
/// All recoveries by the number of the receipt that opened them.
pub const RECOVERIES: Table<u64, Recovery> = Table::new("identity/recoveries");
/// Departments that may establish identities.
pub const AUTHORITIES: Table<UnifiedSocialCreditCode, Authority> = Table::new("identity/authorities");
/// The last thing that one officer has recorded of an account for another one to confirm.
pub const PROPOSALS: Table<AccountId, Proposal> = Table::new("identity/proposals");
/// What holds for recoveries and first documents.
pub const POLICY: Table<(), Policy> = Table::new("identity/policy");
/// How many departments may establish identities now.
pub const AUTHORITY_COUNT: Table<(), u32> = Table::new("identity/authority_count");
/// Which accounts have gone into one, by merger or because they were the same person's, oldest first.
pub const PREDECESSORS: Table<AccountId, List<AccountId, PREDECESSORS_MAX>> = Table::new("identity/predecessors");

/// The version of the account's format.
pub const ACCOUNT_VERSION: u16 = 3;
/// The version of the formats of holders and authorities.
pub const HOLDER_VERSION: u16 = 1;
/// The version of a proposal's format.
pub const PROPOSAL_VERSION: u16 = 3;
/// The version of the policy's format.
pub const POLICY_VERSION: u16 = 2;
/// Keys of one account and purpose, as far as revoked ones are remembered with it.
pub const KEYS_MAX: usize = 16;
/// Documents of one person.
pub const DOCUMENTS_MAX: usize = 8;
/// Kinds of documents by which persons are bound in the first place.
pub const FIRST_DOCUMENTS_MAX: usize = 32;
/// Mergers, one after the other, that are followed from an organisation to the one that acts for it.
pub const MERGERS_MAX: u8 = 8;
/// Accounts that went into one, as far as they are remembered with it: where there are more, the oldest make room.
pub const PREDECESSORS_MAX: usize = 32;
/// How long an account stays frozen, in milliseconds, beyond the network's cooling time: seven days in which the person comes to a counter.
pub const FREEZE_MILLIS: u64 = 7 * 86_400_000;
/// How long after the end of a freeze by officers they cannot freeze the same account again, in milliseconds.
pub const FREEZE_PAUSE_MILLIS: u64 = FREEZE_MILLIS;

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Account {
    /// The version of this format.
    pub version: u16,
    /// Whose it is.
    pub kind: AccountKind,
    /// The name of the organisation or system; none for a person.
    pub name: Option<Text<200>>,
    /// Its keys to sign with, oldest first. Where there is no room, the one that was revoked first is left out.
    pub keys: List<AccountKey, KEYS_MAX>,
    /// Its roles, in ascending order.
    pub roles: List<Role, 16>,
    /// Whether it is kept from acting.
    pub suspended: bool,
    /// When it was opened: the block's time.
    pub opened_at: Time,
    /// Its keys to which others seal, oldest first. They never sign.
    pub sealing_keys: List<AccountKey, KEYS_MAX>,
    /// That it has ended, if it has.
    pub ending: Option<Ending>,
    /// That it was frozen the last time, if it was.
    pub freeze: Option<Freeze>,
    /// How many mergers, one after the other, have led to it at most.
    pub mergers: u8,
}

/// That an account was frozen upon a report of loss (挂失).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Freeze {
    /// Why.
    pub reason: FreezeReason,
    /// The officer's department; none where the holder did it.
    pub department: Option<UnifiedSocialCreditCode>,
    /// The officer, or the account itself.
    pub by: AccountId,
    /// When: the block's time.
    pub at: Time,
    /// When it ends by itself, within a minute.
    pub until: Time,
    /// The receipt.
    pub receipt: u64,
    /// When it has ended.
    pub ended_at: Option<Time>,
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

/// That an account has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ending {
    /// What became of it.
    pub kind: EndingKind,
    /// The department that recorded it.
    pub department: UnifiedSocialCreditCode,
    /// The officer.
    pub officer: AccountId,
    /// Commits to the papers on which it rests.
    pub papers: Digest,
    /// When: the block's time.
    pub at: Time,
    /// The receipt.
    pub receipt: u64,
    /// The second officer, who confirmed it.
    pub confirmed_by: AccountId,
}

/// What one officer has recorded of an account. It takes effect when an officer of the other role confirms it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Proposal {
    /// The version of this format.
    pub version: u16,
    /// What is to become of the account.
    pub proposed: Proposed,
    /// The department that recorded it.
    pub department: UnifiedSocialCreditCode,
    /// The officer.
    pub officer: AccountId,
    /// Commits to the papers on which it rests.
    pub papers: Digest,
    /// When: the block's time.
    pub at: Time,
    /// Its number: that of the receipt.
    pub receipt: u64,
    /// What became of it.
    pub settlement: Option<Settlement>,
    /// From when it can be confirmed: the joining of two accounts after a whole cooling time, anything else at once; none while the account is kept
    /// from acting and cannot object.
    pub confirmable_from: Option<Time>,
}

/// What is to become of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Proposed {
    /// It ends.
    Ending {
        /// How.
        kind: EndingKind,
    },
    /// Its binding is corrected.
    Correction {
        /// How.
        correction: Correction,
    },
}

/// What became of a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Settlement {
    /// Whether it was confirmed.
    pub confirmed: bool,
    /// The department of the second officer; none where the holder has objected.
    pub department: Option<UnifiedSocialCreditCode>,
    /// The second officer, or the holder's account.
    pub officer: AccountId,
    /// When: the block's time.
    pub at: Time,
    /// The receipt.
    pub receipt: u64,
}

/// How an account ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndingKind {
    /// The person died (死亡).
    Deceased,
    /// The organisation was dissolved (注销).
    Dissolved,
    /// The organisation was merged into another (被合并).
    MergedInto {
        /// The account of the other.
        account: AccountId,
    },
    /// The person has another account, which acts for this one (一人多户合并).
    SamePerson {
        /// The other account.
        account: AccountId,
    },
}

/// Whether an account may act, and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// There is no such account.
    Unknown,
    /// It may act (正常).
    Active,
    /// It is kept from acting until it is resumed (冻结).
    Suspended,
    /// The person died (死亡).
    Deceased,
    /// The organisation was dissolved (注销).
    Dissolved,
    /// Another account acts for it: that of the organisation into which this one was merged, or another one of the same person (被合并).
    MergedInto(AccountId),
    /// It was reported lost, and does not act until this time at the latest (挂失).
    Frozen(Time),
}

/// How surely an account is whose it is said to be (实名等级).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AssuranceLevel {
    /// A telephone number was checked.
    L1,
    /// Number and name were checked against the register.
    L2,
    /// The face or a bank card was checked, too.
    L3,
}

/// Whose an account is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Holder {
    /// The version of this format.
    pub version: u16,
    /// To whom the account is bound.
    pub subject: Subject,
    /// How surely.
    pub level: AssuranceLevel,
    /// The department that made sure last.
    pub department: UnifiedSocialCreditCode,
    /// The officer.
    pub officer: AccountId,
    /// Commits to the papers on which it rests.
    pub papers: Digest,
    /// When: the block's time.
    pub at: Time,
    /// The receipt.
    pub receipt: u64,
    /// The recovery that is open.
    pub recovery: Option<u64>,
}

/// To whom an account is bound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A person, by pseudonyms.
    Person {
        /// His documents, the first one first.
        documents: List<Document, DOCUMENTS_MAX>,
    },
    /// An organisation, by its public code.
    Company {
        /// The code.
        code: UnifiedSocialCreditCode,
    },
}

/// A document of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Document {
    /// Its kind.
    pub kind: DocumentKind,
    /// The person's pseudonym with it.
    pub pseudonym: Digest,
    /// Commits to the papers on which it rests.
    pub papers: Digest,
    /// The receipt.
    pub receipt: u64,
}

/// That a department may establish identities.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Authority {
    /// The version of this format.
    pub version: u16,
    /// Who authorised it.
    pub by: AccountId,
    /// Since when: the block's time.
    pub since: Time,
    /// When its authority was withdrawn, if it was.
    pub withdrawn_at: Option<Time>,
    /// The receipt.
    pub receipt: u64,
}

/// What holds for recoveries and first documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Policy {
    /// The version of this format.
    pub version: u16,
    /// How long a person can stop the recovery of his account.
    pub cooling: PeriodMinutes,
    /// How long both sides of a dispute have to appear, and as long again a third officer to decide.
    pub hearing: PeriodMinutes,
    /// By which kinds of documents a person's account is bound in the first place, in ascending order.
    pub first_documents: List<FirstDocument, FIRST_DOCUMENTS_MAX>,
}

/// A kind of documents by which a person's account is bound in the first place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstDocument {
    /// The kind.
    pub kind: DocumentKind,
    /// Whether only of another state, such as a passport: China's citizens have a document with their number, or a permit.
    pub is_foreign: bool,
}

/// The first documents that hold until the network sets others: those with a citizen's number (居民身份证、临时居民身份证、户口簿); of people of Hong Kong,
/// Macao and Taiwan their permits; of foreigners their passports and the card of permanent residents. The numbers of the kinds, GA/T 2000.156, are
/// from memory but for 111, so the network can set them.
const FIRST_DOCUMENTS: [(KnownDocument, bool); 7] = [
    (KnownDocument::ResidentIdentityCard, false),
    (KnownDocument::TemporaryIdentityCard, false),
    (KnownDocument::HouseholdRegister, false),
    (KnownDocument::OrdinaryPassport, true),
    (KnownDocument::TaiwanTravelPermit, false),
    (KnownDocument::HongKongMacaoTravelPermit, false),
    (KnownDocument::ForeignPermanentResident, false),
];

/// What ISO 3166-1 calls China and its regions: their people have documents of other kinds than a foreign passport.
const CHINA: [&str; 4] = ["CHN", "HKG", "MAC", "TWN"];

/// Whether this is another state than China, by its letters.
pub fn is_foreign_state(letters: &str) -> bool {
    letters.len() == 3 && letters.bytes().all(|byte| byte.is_ascii_uppercase()) && !CHINA.contains(&letters)
}

impl Default for Policy {
    fn default() -> Self {
        let kinds = FIRST_DOCUMENTS.map(|(kind, is_foreign)| FirstDocument { kind: kind.into(), is_foreign });
        Self {
            version: POLICY_VERSION,
            cooling: PeriodMinutes::COOLING_DEFAULT,
            hearing: PeriodMinutes::HEARING_DEFAULT,
            first_documents: List::new(kinds.to_vec()).expect("few kinds"),
        }
    }
}

impl Holder {
    /// Whether this is whom the account is bound to.
    pub fn is(&self, presented: &Presented) -> bool {
        match (&self.subject, presented) {
            (Subject::Person { documents }, Presented::Person { pseudonym }) => {
                documents.iter().any(|document| document.pseudonym == *pseudonym)
            }
            (Subject::Company { code: bound }, Presented::Company { code }) => bound == code,
            (Subject::Person { .. }, Presented::Company { .. } | Presented::Guardian { .. })
            | (Subject::Company { .. }, Presented::Person { .. } | Presented::Guardian { .. }) => false,
        }
    }
}

impl Proposal {
    /// Whether an account is to end in favour of another one of the same person, and nobody has settled that yet.
    pub fn is_open_joining(&self) -> bool {
        self.settlement.is_none() && self.proposed.is_joining()
    }
}

impl Proposed {
    /// Whether an account is to end in favour of another one of the same person.
    pub const fn is_joining(&self) -> bool {
        matches!(self, Self::Ending { kind: EndingKind::SamePerson { .. } })
    }

    /// The account that is to act for the one that ends.
    pub const fn in_favour_of(&self) -> Option<AccountId> {
        match self {
            Self::Ending { kind } => kind.in_favour_of(),
            Self::Correction { .. } => None,
        }
    }
}

impl EndingKind {
    /// The account that acts for the one that has ended.
    pub const fn in_favour_of(&self) -> Option<AccountId> {
        match self {
            Self::MergedInto { account } | Self::SamePerson { account } => Some(*account),
            Self::Deceased | Self::Dissolved => None,
        }
    }
}

impl Account {
    /// The account's key, revoked or not.
    pub fn key(&self, key: &PublicKey) -> Option<&AccountKey> {
        self.keys.iter().find(|candidate| candidate.key == *key)
    }

    /// Whether this is, or was, one of its sealing keys.
    pub fn has_sealing_key(&self, key: &PublicKey) -> bool {
        self.sealing_keys.iter().any(|held| held.key == *key)
    }

    /// How many of its keys are valid.
    pub fn valid_keys(&self) -> usize {
        self.keys.iter().filter(|key| key.revoked_at.is_none()).count()
    }

    /// The freeze under which it is now.
    pub fn frozen(&self) -> Option<&Freeze> {
        self.freeze.as_ref().filter(|freeze| freeze.ended_at.is_none())
    }

    /// Ends the freeze under which it is, if it is under one.
    pub fn thaw(&mut self, at: Time) {
        if let Some(freeze) = self.freeze.as_mut().filter(|freeze| freeze.ended_at.is_none()) {
            freeze.ended_at = Some(at);
        }
    }

    /// Lets the freeze under which it is last until this time; the freeze, where it would have ended before.
    pub fn prolong_freeze(&mut self, until: Time) -> Option<Freeze> {
        let freeze = self.freeze.as_mut().filter(|freeze| freeze.ended_at.is_none() && freeze.until < until)?;
        freeze.until = until;
        Some(freeze.clone())
    }

    /// Whether it is frozen because a key was reported lost or stolen.
    pub fn is_reported(&self) -> bool {
        let is_report = |freeze: &Freeze| matches!(freeze.reason, FreezeReason::KeyLost | FreezeReason::KeyStolen);
        self.frozen().is_some_and(is_report)
    }

    /// What became of it.
    pub fn status(&self) -> Status {
        match &self.ending {
            Some(Ending { kind: EndingKind::Deceased, .. }) => Status::Deceased,
            Some(Ending { kind: EndingKind::Dissolved, .. }) => Status::Dissolved,
            Some(Ending { kind: EndingKind::MergedInto { account } | EndingKind::SamePerson { account }, .. }) => {
                Status::MergedInto(*account)
            }
            None if self.suspended => Status::Suspended,
            None => self.frozen().map_or(Status::Active, |freeze| Status::Frozen(freeze.until)),
        }
    }
}

/// The keys and one more. Where there is no room the one that was revoked first is left out: nobody can register it again, and with it
/// nobody can act. None where all are valid.
pub fn with_key(keys: &[AccountKey], added: AccountKey) -> Option<List<AccountKey, KEYS_MAX>> {
    let mut keys = keys.to_vec();
    if keys.len() >= KEYS_MAX {
        let oldest = keys.iter().filter_map(|key| key.revoked_at).min()?;
        let place = keys.iter().position(|key| key.revoked_at == Some(oldest))?;
        keys.remove(place);
    }
    keys.push(added);
    List::new(keys).ok()
}

/// The keys, this one of them revoked at a time.
pub fn without_key(keys: &[AccountKey], key: &PublicKey, at: Time) -> List<AccountKey, KEYS_MAX> {
    let revoke = |held: &AccountKey| AccountKey { revoked_at: held.revoked_at.or(Some(at)), ..held.clone() };
    let keys = keys.iter().map(|held| if held.key == *key { revoke(held) } else { held.clone() });
    List::new(keys.collect()).expect("as many keys as before")
}

/// The keys, all of them revoked at a time.
pub fn without_all_keys(keys: &[AccountKey], at: Time) -> List<AccountKey, KEYS_MAX> {
    let revoke = |held: &AccountKey| AccountKey { revoked_at: held.revoked_at.or(Some(at)), ..held.clone() };
    List::new(keys.iter().map(revoke).collect()).expect("as many keys as before")
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

/// Whether an account may act, and what became of it.
pub fn status(state: &State, id: &AccountId) -> Result<Status, Missing> {
    Ok(account(state, id)?.map_or(Status::Unknown, |account| account.status()))
}

/// Whose an account is, where it was established.
pub fn holder(state: &State, id: &AccountId) -> Result<Option<Holder>, Missing> {
    HOLDERS.get(state, id)
}

/// How surely an account is whose it is said to be; none where nobody has made sure.
pub fn level(state: &State, id: &AccountId) -> Result<Option<AssuranceLevel>, Missing> {
    Ok(holder(state, id)?.map(|holder| holder.level))
}

/// Whether an account is a person's whose real name was checked against the register, or better (实名).
pub fn has_real_name(state: &State, id: &AccountId) -> Result<bool, Missing> {
    let is_real =
        |holder: Holder| matches!(holder.subject, Subject::Person { .. }) && holder.level >= AssuranceLevel::L2;
    Ok(holder(state, id)?.is_some_and(is_real))
}

/// The code of the organisation that an account is bound to.
pub fn company_code(state: &State, id: &AccountId) -> Result<Option<UnifiedSocialCreditCode>, Missing> {
    Ok(match holder(state, id)?.map(|holder| holder.subject) {
        Some(Subject::Company { code }) => Some(code),
        Some(Subject::Person { .. }) | None => None,
    })
}

/// The account that is bound to an organisation's code.
pub fn account_of_company(state: &State, code: &UnifiedSocialCreditCode) -> Result<Option<AccountId>, Missing> {
    COMPANIES.get(state, code)
}

/// The account that acts where this one did: itself, or behind mergers the one into which it went. At most [`MERGERS_MAX`] mergers
/// lead to an account (I14), so there is always one.
pub fn successor(state: &State, id: &AccountId) -> Result<Option<AccountId>, Missing> {
    let mut last = *id;
    for _ in 0..=MERGERS_MAX {
        match status(state, &last)? {
            Status::MergedInto(next) => last = next,
            Status::Unknown
            | Status::Active
            | Status::Suspended
            | Status::Frozen(_)
            | Status::Deceased
            | Status::Dissolved => return Ok(Some(last)),
        }
    }
    Ok(None)
}

/// The accounts for which this one acts, because they went into it or into such a one: the nearest first, and no more than [`PREDECESSORS_MAX`].
pub fn predecessors(state: &State, id: &AccountId) -> Result<Vec<AccountId>, Missing> {
    let mut found = vec![*id];
    let mut place = 0;
    while let Some(next) = found.get(place).copied() {
        place += 1;
        for former in PREDECESSORS.get(state, &next)?.unwrap_or_default().iter().rev() {
            // An ending that was annulled stays on the list, and counts for nothing.
            let went_into = status(state, former)? == Status::MergedInto(next);
            if went_into && found.len() <= PREDECESSORS_MAX && !found.contains(former) {
                found.push(*former);
            }
        }
    }
    found.remove(0);
    Ok(found)
}

/// Puts down that an account goes into another one.
pub(super) fn precede(former: &AccountId, into: &AccountId, state: &mut State) -> Result<(), Missing> {
    let mut all = PREDECESSORS.get(state, into)?.unwrap_or_default().into_vec();
    all.retain(|one| one != former);
    if all.len() >= PREDECESSORS_MAX {
        all.remove(0);
    }
    all.push(*former);
    PREDECESSORS.put(state, into, &List::new(all).expect("the oldest has made room"));
    Ok(())
}

/// The newest valid key to which others seal what is meant for the account.
pub fn sealing_key(state: &State, id: &AccountId) -> Result<Option<PublicKey>, Missing> {
    let keys = account(state, id)?.map(|account| account.sealing_keys).unwrap_or_default();
    Ok(keys.iter().rev().find(|key| key.revoked_at.is_none()).map(|key| key.key.clone()))
}

/// Whether a department may establish identities.
pub fn is_authorised(state: &State, department: &UnifiedSocialCreditCode) -> Result<bool, Missing> {
    Ok(AUTHORITIES.get(state, department)?.is_some_and(|authority| authority.withdrawn_at.is_none()))
}

/// How many departments may establish identities now.
pub fn authority_count(state: &State) -> Result<u32, Missing> {
    Ok(AUTHORITY_COUNT.get(state, &())?.unwrap_or_default())
}

/// What holds for recoveries and first documents.
pub fn policy(state: &State) -> Result<Policy, Missing> {
    Ok(POLICY.get(state, &())?.unwrap_or_default())
}

/// Refuses a transaction whose account or key may not act now.
pub fn authenticate(tx: &Tx, state: &State) -> Result<(), Stop> {
    let account = account(state, &tx.account)?.ok_or(TxError::UnknownAccount)?;
    let key = account.key(&tx.key).ok_or(TxError::UnknownKey)?;
    if key.revoked_at.is_some() {
        return Err(TxError::KeyRevoked.into());
    }
    if account.ending.is_some() {
        return Err(TxError::AccountEnded.into()); // I8
    }
    if account.suspended {
        return Err(TxError::AccountSuspended.into());
    }
    if account.frozen().is_some() && !tx.calls.iter().all(is_objection) {
        return Err(TxError::AccountFrozen.into()); // I15
    }
    Ok(())
}

/// What a frozen account may still do: otherwise it could be frozen so that its holder cannot object to what officers do about it.
fn is_objection(call: &CallBytes) -> bool {
    let call = crate::Call::decode(call.as_ref());
    matches!(call, Ok(crate::Call::Identity(Call::ObjectToRecovery { .. } | Call::ObjectToJoining { .. })))
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
                return Err(super::Error::DepartmentRole.into()); // I12
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
            sealing_keys: List::default(),
            ending: None,
            freeze: None,
            mergers: 0,
        };
        KEYS.put(state, &given.key, &id);
        ACCOUNTS.put(state, &id, &account);
    }
    Ok(())
}

/// Checks what can be seen on one changed record.
pub fn check_invariants(write: &Write) -> Result<(), Broken> {
    let broken = |table, invariant| Err(Broken { table, invariant });
    // A binding can turn out to be wrong; two officers take it back (I13).
    let can_be_deleted = [HOLDERS.name(), PSEUDONYMS.name(), COMPANIES.name()].contains(&write.table);
    if write.value.is_none() && !can_be_deleted {
        return broken("identity", "I1, I9, I13 accounts, keys, recoveries and proposals stay for ever");
    }
    if let Some(recovery) = RECOVERIES.record_of(write) {
        return check_recovery(&recovery);
    }
    if let Some(proposal) = PROPOSALS.record_of(write) {
        let confirmed = proposal.settlement.as_ref().filter(|settlement| settlement.confirmed);
        if confirmed.is_some_and(|settlement| settlement.officer == proposal.officer) {
            return broken(PROPOSALS.name(), "I13 two officers end an account or correct a binding");
        }
        if confirmed.is_some_and(|settlement| settlement.department.is_none()) {
            return broken(PROPOSALS.name(), "I13 an officer confirms, the holder objects");
        }
        let is_early = |settlement: &Settlement| proposal.confirmable_from.is_none_or(|from| settlement.at < from);
        if proposal.proposed.is_joining() && confirmed.is_some_and(is_early) {
            return broken(PROPOSALS.name(), "I20 an account is joined to another one after the cooling time");
        }
        return Ok(());
    }
    match ACCOUNTS.record_of(write) {
        Some(account) => check_account(&account),
        None => Ok(()),
    }
}

fn check_account(account: &Account) -> Result<(), Broken> {
    let broken = |invariant| Err(Broken { table: ACCOUNTS.name(), invariant });
    if account.valid_keys() == 0 {
        return broken("I2 an account always has a valid key");
    }
    if account.name.is_some() == (account.kind == AccountKind::Person) {
        return broken("I5 a person's account has no name, any other has one");
    }
    if account.sealing_keys.iter().any(|sealing| account.key(&sealing.key).is_some()) {
        return broken("I7 a sealing key never signs");
    }
    if account.ending.as_ref().is_some_and(|ending| ending.officer == ending.confirmed_by) {
        return broken("I13 two officers end an account");
    }
    if account.ending.is_some() && !account.roles.is_empty() {
        return broken("I16 whoever holds a role of the network is out of the officers' reach");
    }
    if account.mergers > MERGERS_MAX {
        return broken("I14 whoever asks who acts for an organisation comes to an end");
    }
    if !account.roles.is_sorted_by(|left, right| left < right) {
        return broken("roles stand in ascending order, each once");
    }
    if account.roles.iter().any(|role| role.is_of_department()) {
        return broken("I12 roles of departments are held in departments");
    }
    Ok(())
}

fn check_recovery(recovery: &Recovery) -> Result<(), Broken> {
    let broken = |invariant| Err(Broken { table: RECOVERIES.name(), invariant });
    let approval = recovery.approval.as_ref();
    if approval.is_some_and(|approval| approval.officer == recovery.opening.officer) {
        return broken("I9 two officers recover an account");
    }
    let decision = recovery.dispute.as_ref().and_then(|dispute| dispute.decision.as_ref());
    if decision.is_some_and(|decision| recovery.has_had_part(&decision.officer)) {
        return broken("I18 who had a part in a recovery does not decide on the objection to it");
    }
    if recovery.is_disputed() && recovery.completes_at.is_some() {
        return broken("I18 no cooling time runs while it is disputed");
    }
    if recovery.completes_at.is_some() && (approval.is_none() || recovery.notices.is_empty()) {
        return broken("I10 the cooling time begins when the person was told and a second officer has approved");
    }
    let is_completed = recovery.closing.as_ref().is_some_and(|closing| closing.kind == ClosingKind::Completed);
    if is_completed && !recovery.closing.as_ref().is_some_and(|closing| recovery.is_over(closing.at)) {
        return broken("I10 a key is exchanged after the cooling time");
    }
    Ok(())
}
