//! The records. This is the only place with keys of the state.

use super::msg::{ANOMALIES_MAX, Anomaly, Content, Holder, LicenceSource};
use crate::case_licences;
use crate::case_records::ItemVersion;
use crate::licence_copies::{self, Copies};
use crate::licence_history::{self, Change, ChangeKind, Ground, History, Status};
use crate::licence_surrenders::Surrender;
use crate::licence_types::{Issuers, TypeDefinition};
use crate::orgs;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_kernel::{Broken, Missing, State, Table, Write};
use tongban_types::codes::{CaseNumber, LicenceIdentifier, LicenceIssuer, LicenceTypeCode, UnifiedSocialCreditCode};
use tongban_types::{AccountId, List, Text, Time};

/// All types by code.
pub const TYPES: Table<LicenceTypeCode, TypeEntry> = Table::new("licences/types");
/// All versions of types by code and number.
pub const TYPE_VERSIONS: Table<(LicenceTypeCode, u32), TypeVersion> = Table::new("licences/type_versions");
/// All licences by identifier.
pub const LICENCES: Table<LicenceIdentifier, Licence> = Table::new("licences/licences");
/// The last version of a serial, by the identifier of its first version.
pub const SERIALS: Table<LicenceIdentifier, u32> = Table::new("licences/serials");
/// Licences by holder and type, oldest first; unconfirmed ones are not among them. A version leaves when another takes its place; as long as
/// that has not begun, both are here, if there is room. Ended and expired ones make room when there is none.
pub const HELD: Table<(AccountId, LicenceTypeCode), List<LicenceIdentifier, HELD_MAX>> = Table::new("licences/held");
/// The licence that was issued in a case.
pub const CASES: Table<CaseNumber, LicenceIdentifier> = Table::new("licences/cases");
/// The annotated copies of a licence.
pub const COPIES: Table<LicenceIdentifier, Copies> = Table::new("licences/copies");
/// The last request to cancel a licence.
pub const SURRENDERS: Table<LicenceIdentifier, Surrender> = Table::new("licences/surrenders");

/// The version of a type's format.
pub const TYPE_ENTRY_VERSION: u16 = 1;
/// The version of a type version's format.
pub const TYPE_VERSION_VERSION: u16 = 3;
/// The version of a licence's format.
pub const LICENCE_VERSION: u16 = 3;
/// Versions of one type.
pub const TYPE_VERSIONS_MAX: usize = 200;
/// Licences of one type that one account holds.
pub const HELD_MAX: usize = 64;
/// Versions of one licence; three digits in its identifier.
pub const LICENCE_VERSIONS_MAX: u32 = 999;
/// Versions that are followed back from one to those that it has replaced.
pub const LINEAGE_MAX: usize = 16;

/// A type: its versions and whether it is retired.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TypeEntry {
    /// The version of this format.
    pub version: u16,
    /// The name in the last version.
    pub name: Text<100>,
    /// Its versions, oldest first.
    pub editions: List<TypeEdition, TYPE_VERSIONS_MAX>,
    /// Whether it is or will be retired.
    pub retirement: Option<TypeRetirement>,
}

/// A version of a type, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TypeEdition {
    /// When it comes into force.
    pub effective_from: Time,
    /// When it was published: the block's time.
    pub published_at: Time,
}

/// That a type is retired.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TypeRetirement {
    /// From when on.
    pub from: Time,
    /// Why.
    pub reason: Text<200>,
    /// The receipt.
    pub receipt: u64,
}

/// One version of a type, as it was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TypeVersion {
    /// The version of this format.
    pub version: u16,
    /// The type's code.
    pub code: LicenceTypeCode,
    /// The number of this version.
    pub number: u32,
    /// When it comes into force.
    pub effective_from: Time,
    /// Whose account published it, for the authority that defines the type.
    pub officer: AccountId,
    /// When: the block's time.
    pub published_at: Time,
    /// The receipt.
    pub receipt: u64,
    /// The type.
    pub definition: TypeDefinition,
}

/// A licence: all that the ledger knows of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Licence {
    /// The version of this format.
    pub version: u16,
    /// Its identifier, with type, issuer, serial and version.
    pub identifier: LicenceIdentifier,
    /// The version of its type under which it was issued; none where the type of an imported one is not known here.
    pub type_version: Option<u32>,
    /// The receipt of that version.
    pub type_receipt: Option<u64>,
    /// Whether its issuer was entitled, when it was issued or taken over.
    pub issuer: IssuerStanding,
    /// The receipt by which its issuer became a department of this network.
    pub issuer_receipt: Option<u64>,
    /// The department that keeps it: its issuer, or who has taken it over from one that is no department here. Where it was merged into
    /// another, that one keeps it, see [`keeper`].
    pub keeper: UnifiedSocialCreditCode,
    /// Who holds it.
    pub holder: Holder,
    /// What it says, without a word of its face.
    pub content: Content,
    /// The case in which it was granted.
    pub case: Option<CaseNumber>,
    /// The version that it has replaced.
    pub supersedes: Option<LicenceIdentifier>,
    /// All that has happened to it, oldest first.
    pub history: History,
    /// Where it comes from, if it was taken over.
    pub import: Option<Import>,
    /// The case on whose grant it rests: its own, or that of the version which it has replaced without one.
    pub rests_on: Option<CaseNumber>,
    /// Whose it is said to be, as long as that is not confirmed.
    pub claim: Option<Claim>,
    /// The service item of the case on whose grant it rests (关联事项).
    pub related_item: Option<ItemVersion>,
}

/// That somebody is said to be the holder of an imported licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Claim {
    /// His account.
    pub holder: AccountId,
    /// How it was made sure.
    pub ground: Ground,
    /// The officer who said so, and does not confirm it.
    pub officer: AccountId,
    /// When: the block's time.
    pub at: Time,
    /// The receipt.
    pub receipt: u64,
}

/// Where an imported licence comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Import {
    /// What the importing department says of its source, with the anomalies of the row.
    pub source: LicenceSource,
    /// All that is odd about it, in ascending order.
    pub anomalies: List<Anomaly, ANOMALIES_MAX>,
}

/// Whether an issuer was entitled to issue a licence. The names are stable words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IssuerStanding {
    /// A department in office that the type names as an issuer (有权颁发).
    Authorised,
    /// A department in office that the type does not name (无权颁发).
    NotAuthorised,
    /// A department in office, and a type that is not known here (类型未登记).
    TypeUnknown,
    /// No department of this network, or a closed one (机构未登记).
    NotInOffice,
    /// An old identifier that names a division in its place (区划代码).
    Division,
}

impl TypeEntry {
    /// The number of the last version.
    pub fn last_version(&self) -> u32 {
        u32::try_from(self.editions.len()).expect("at most 200 versions")
    }

    /// Whether it is retired at a time.
    pub fn is_retired(&self, at: Time) -> bool {
        self.retirement.as_ref().is_some_and(|retirement| retirement.from <= at)
    }

    /// The version in force at a time, retired or not.
    pub fn in_force(&self, at: Time) -> Option<u32> {
        let started = self.editions.iter().filter(|edition| edition.effective_from <= at).count();
        u32::try_from(started).ok().filter(|started| *started > 0)
    }
}

impl Licence {
    /// Its type.
    pub fn licence_type(&self) -> LicenceTypeCode {
        self.identifier.licence_type()
    }

    /// Whether another department than its issuer has taken it over, and nobody has confirmed it.
    pub fn is_unconfirmed(&self) -> bool {
        let is_taken_over = |change: &Change| matches!(change.what, ChangeKind::Imported { is_confirmed: false, .. });
        self.history.iter().any(is_taken_over) && self.history.iter().all(|change| change.what != ChangeKind::Confirmed)
    }

    /// Whether it was prepared and not issued, be it cancelled or not.
    pub fn is_draft(&self) -> bool {
        let is_any = |kind: &ChangeKind| self.history.iter().any(|change| change.what == *kind);
        is_any(&ChangeKind::Prepared) && !is_any(&ChangeKind::Issued)
    }

    /// The version that has replaced it, or will when it begins.
    pub fn superseded_by(&self) -> Option<&LicenceIdentifier> {
        self.history.iter().find_map(|change| match &change.what {
            ChangeKind::Superseded { by, .. } => Some(by),
            _ => None,
        })
    }
}

/// The licence with this identifier.
pub fn licence(state: &State, identifier: &LicenceIdentifier) -> Result<Option<Licence>, Missing> {
    LICENCES.get(state, identifier)
}

/// What a licence is at a time, now or earlier. What it was never changes afterwards (I3).
pub fn status(licence: &Licence, at: Time) -> Status {
    licence_history::status(&licence.history, licence.content.period, at).0
}

/// Whether a suspension of a licence is open at a time, whatever else it is then.
pub fn is_suspended(licence: &Licence, at: Time) -> bool {
    licence_history::is_suspended(&licence.history, licence.content.period, at)
}

/// Whether a licence counts as held at a time, now or later: it is valid, and what it rests on was not revoked.
pub fn is_in_force(state: &State, licence: &Licence, at: Time) -> Result<bool, Missing> {
    Ok(status(licence, at) == Status::Valid && case_licences::revoked_grant(state, licence, at)?.is_none())
}

/// The department that answers for what a department did: itself, or behind mergers the one that took its place.
pub fn answering(state: &State, department: &UnifiedSocialCreditCode) -> Result<UnifiedSocialCreditCode, Missing> {
    Ok(orgs::successor(state, department)?.unwrap_or(*department))
}

/// The department that keeps a licence now.
pub fn keeper(state: &State, licence: &Licence) -> Result<UnifiedSocialCreditCode, Missing> {
    answering(state, &licence.keeper)
}

/// The versions that this one has replaced, one after the other, the youngest first; no more than [`LINEAGE_MAX`] of them.
pub fn lineage(state: &State, identifier: &LicenceIdentifier) -> Result<Vec<LicenceIdentifier>, Missing> {
    let mut lineage = Vec::new();
    let mut next = licence(state, identifier)?.and_then(|licence| licence.supersedes);
    while let Some(earlier) = next
        && lineage.len() < LINEAGE_MAX
    {
        next = licence(state, &earlier)?.and_then(|licence| licence.supersedes);
        lineage.push(earlier);
    }
    Ok(lineage)
}

/// A licence of this type that an account holds and that is in force at a time, the youngest if there are several; now or later.
pub fn held(
    state: &State,
    holder: &AccountId,
    licence_type: &LicenceTypeCode,
    at: Time,
) -> Result<Option<LicenceIdentifier>, Missing> {
    for identifier in holdings(state, holder, licence_type)?.iter().rev() {
        if let Some(licence) = licence(state, identifier)?
            && is_in_force(state, &licence, at)?
        {
            return Ok(Some(identifier.clone()));
        }
    }
    Ok(None)
}

/// The licences of a type that an account holds, oldest first, with some that have ended.
pub fn holdings(
    state: &State,
    holder: &AccountId,
    licence_type: &LicenceTypeCode,
) -> Result<List<LicenceIdentifier, HELD_MAX>, Missing> {
    Ok(HELD.get(state, &(*holder, *licence_type))?.unwrap_or_default())
}

/// The licence that was issued in a case.
pub fn licence_of_case(state: &State, case: &CaseNumber) -> Result<Option<LicenceIdentifier>, Missing> {
    CASES.get(state, case)
}

/// The type with this code.
pub fn type_entry(state: &State, code: &LicenceTypeCode) -> Result<Option<TypeEntry>, Missing> {
    TYPES.get(state, code)
}

/// A version of a type.
pub fn type_version(state: &State, code: &LicenceTypeCode, number: u32) -> Result<Option<TypeVersion>, Missing> {
    TYPE_VERSIONS.get(state, &(*code, number))
}

/// Whether the issuer of an identifier may issue its type, and the receipt that made it a department.
pub fn issuer_standing(
    state: &State,
    identifier: &LicenceIdentifier,
    licence_type: Option<&TypeVersion>,
) -> Result<(IssuerStanding, Option<u64>), Missing> {
    let LicenceIssuer::Body(issuer) = identifier.issuer() else { return Ok((IssuerStanding::Division, None)) };
    let department = orgs::department(state, &issuer)?.filter(orgs::Department::is_active);
    let Some(department) = department else { return Ok((IssuerStanding::NotInOffice, None)) };
    let standing = match licence_type {
        None => IssuerStanding::TypeUnknown,
        Some(found) if may_issue(state, &issuer, found)? => IssuerStanding::Authorised,
        Some(_) => IssuerStanding::NotAuthorised,
    };
    Ok((standing, Some(department.receipt)))
}

/// Whether a type names a department as an issuer.
pub fn may_issue(
    state: &State,
    department: &UnifiedSocialCreditCode,
    licence_type: &TypeVersion,
) -> Result<bool, Missing> {
    match &licence_type.definition.issuers {
        Issuers::DefinerAndBelow => {
            let definer = licence_type.code.definer();
            let heir = answering(state, &definer)?;
            Ok(orgs::is_within(state, department, &definer)? || orgs::is_within(state, department, &heir)?)
        }
        Issuers::Listed { departments } => Ok(departments.contains(department)),
    }
}

/// The annotated copies of a licence, oldest first.
pub fn copies(state: &State, identifier: &LicenceIdentifier) -> Result<Copies, Missing> {
    Ok(COPIES.get(state, identifier)?.unwrap_or_default())
}

/// The last request to cancel a licence, settled or not.
pub fn surrender(state: &State, identifier: &LicenceIdentifier) -> Result<Option<Surrender>, Missing> {
    SURRENDERS.get(state, identifier)
}

/// Whether a request to cancel a licence was open at a time. What has ended needs no cancelling.
pub fn is_surrender_open(licence: &Licence, surrender: &Surrender, at: Time) -> bool {
    surrender.is_open(at) && !status(licence, at).is_final()
}

/// Whether a case was decided in favour of this holder and leads to a licence of this type by this department.
pub fn is_granted(
    state: &State,
    case: &CaseNumber,
    licence_type: &LicenceTypeCode,
    department: &UnifiedSocialCreditCode,
    holder: &Holder,
) -> Result<bool, Missing> {
    case_licences::is_granted(state, case, licence_type, department, holder)
}

/// Checks what can be seen on one changed record.
pub fn check_invariants(write: &Write) -> Result<(), Broken> {
    let broken = |invariant| Err(Broken { table: write.table, invariant });
    if write.value.is_none() {
        return broken("I1 types and licences stay for ever");
    }
    if let Some(version) = TYPE_VERSIONS.record_of(write)
        && (version.number == 0
            || version.effective_from < version.published_at
            || version.definition.fault().is_some())
    {
        return broken("I2 a version of a type counts from 1, is never from before it was published, and is whole");
    }
    if let Some(entry) = TYPES.record_of(write)
        && (entry.editions.is_empty()
            || !entry.editions.is_sorted_by(|left, right| left.effective_from <= right.effective_from))
    {
        return broken("I2 a type has versions, which come into force in their order");
    }
    if let Some(copies) = COPIES.record_of(write)
        && (!copies.is_sorted_by(|left, right| left.receipt <= right.receipt)
            || copies.iter().any(|copy| !licence_copies::may_count(copy.made_at, copy.until))
            || copies.iter().any(|copy| copy.taken_back.is_some_and(|taken_back| taken_back.at < copy.made_at)))
    {
        return broken("I12 copies stand in their order, and each ends within its bound");
    }
    if let Some(surrender) = SURRENDERS.record_of(write)
        && surrender.end.as_ref().is_some_and(|end| end.at < surrender.at || end.receipt < surrender.receipt)
    {
        return broken("I13 a request is settled after it was made");
    }
    match LICENCES.record_of(write) {
        Some(licence) => check_licence(&licence),
        None => Ok(()),
    }
}

fn check_licence(licence: &Licence) -> Result<(), Broken> {
    let broken = |invariant| Err(Broken { table: LICENCES.name(), invariant });
    let is_beginning =
        |kind: &ChangeKind| matches!(kind, ChangeKind::Issued | ChangeKind::Imported { .. } | ChangeKind::Prepared);
    let kinds: Vec<&ChangeKind> = licence.history.iter().map(|change| &change.what).collect();
    let Some((first, later)) = kinds.split_first() else { return broken("I3 a licence has a beginning") };
    let was_prepared = **first == ChangeKind::Prepared;
    let mut rest = later.iter();
    if was_prepared && !matches!(rest.next(), None | Some(ChangeKind::Issued | ChangeKind::Cancelled)) {
        return broken("I11 what is in preparation is issued or cancelled, and nothing else");
    }
    if !is_beginning(first) || rest.any(|kind| is_beginning(kind)) {
        return broken("I3 a licence has one beginning");
    }
    let is_same_officer = |change: &Change| change.officer == licence.history[0].officer;
    if was_prepared
        && licence.history[1..].iter().any(|change| change.what == ChangeKind::Issued && is_same_officer(change))
    {
        return broken("I11 who has prepared a licence does not issue it");
    }
    if !licence.history.is_sorted_by(|left, right| left.at <= right.at && left.receipt <= right.receipt) {
        return broken("I3 changes stand in their order");
    }
    let mut ended_from: Option<Time> = None;
    for change in &licence.history[1..] {
        if ended_from.is_some_and(|from| change.at >= from) && change.what != ChangeKind::HolderClaimed {
            return broken("I3 nothing but a holder's claim follows an end");
        }
        let from = match &change.what {
            ChangeKind::Superseded { .. } if ended_from.is_some() => return broken("I5 a version is replaced once"),
            ChangeKind::Superseded { from, .. } if *from < change.at => {
                return broken("I3 no version is replaced before anybody said so");
            }
            ChangeKind::Superseded { from, .. } => Some(*from),
            ChangeKind::Cancelled | ChangeKind::Revoked | ChangeKind::Withdrawn | ChangeKind::MovedOut { .. } => {
                Some(change.at)
            }
            ChangeKind::Issued
            | ChangeKind::Imported { .. }
            | ChangeKind::Suspended { .. }
            | ChangeKind::Resumed
            | ChangeKind::HolderClaimed
            | ChangeKind::Confirmed
            | ChangeKind::Prepared => None,
        };
        ended_from = from.or(ended_from);
    }
    let is_issued = was_prepared || **first == ChangeKind::Issued;
    if is_issued == licence.import.is_some() {
        return broken("I8 an imported licence has its source, any other has none");
    }
    if is_issued && (licence.issuer != IssuerStanding::Authorised || licence.type_version.is_none()) {
        // A renewed import may be kept by another department than its issuer; what it issues it issues itself.
        return broken("I4 a licence is issued by a department that its type names");
    }
    let pointers = [licence.supersedes.as_ref(), licence.superseded_by()];
    if pointers.into_iter().flatten().any(|other| *other == licence.identifier) {
        return broken("I5 no version replaces itself");
    }
    if licence.case.is_some() && licence.rests_on != licence.case {
        return broken("I7 a licence rests on the grant of its own case");
    }
    if licence.claim.is_some() && matches!(licence.holder, Holder::Account { .. }) {
        return broken("I8 a holder who is known is not claimed");
    }
    Ok(())
}
