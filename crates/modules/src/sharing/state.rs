//! The records. This is the only place with keys of the state.

use super::Error;
use super::msg::{Answer, CorrectionRequest, Fields, Ground, Handout, Purpose, Reading, SOURCES_MAX, Source, Uses};
use crate::cases;
use crate::catalogue::ItemCode;
use crate::held::FieldName;
use crate::identity::{self, Status};
use crate::licences;
use crate::orgs::DepartmentCode;
use crate::representation::Capacity;
use crate::working_days::{self, Deadline};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_kernel::{Broken, Missing, State, Table, Write};
use tongban_types::codes::{LicenceIdentifier, LicenceTypeCode};
use tongban_types::{AccessId, AccountId, ConsentId, CorrectionId, List, Time};

/// All consents by number.
pub const CONSENTS: Table<ConsentId, Consent> = Table::new("sharing/consents");
/// By person, receiver and item: the consents that can still be used.
pub const CANDIDATES: Table<(AccountId, DepartmentCode, ItemCode), Candidates> = Table::new("sharing/candidates");
/// The trail: all accesses by number.
pub const ACCESSES: Table<AccessId, Access> = Table::new("sharing/accesses");
/// All correction requests by number.
pub const CORRECTIONS: Table<CorrectionId, Correction> = Table::new("sharing/corrections");
/// The open request about a field of a licence.
pub const OPEN_CORRECTIONS: Table<(LicenceIdentifier, FieldName), CorrectionId> =
    Table::new("sharing/open_corrections");
/// The time that departments have; one record under the unit key, none before it was changed for the first time.
pub const TERMS: Table<(), Terms> = Table::new("sharing/terms");

/// The version of the formats of consents, accesses and corrections.
pub const RECORD_VERSION: u16 = 1;
/// Consents of one person for one receiver and item that can still be used.
pub const CANDIDATES_MAX: usize = 16;
/// The longest life of a consent.
pub const CONSENT_DAYS_MAX: u64 = 366;
/// The longest time for answering a correction request.
pub const CORRECTION_DAYS_MAX: u16 = 30;

const DAY_MILLIS: u64 = 86_400_000;

/// Consents that can still be used, oldest first.
pub type Candidates = List<ConsentId, CANDIDATES_MAX>;

/// One consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Consent {
    /// The version of this format.
    pub version: u16,
    /// Whose data they are, and for whom and what.
    pub reading: Reading,
    /// What is covered.
    pub sources: List<Granted, SOURCES_MAX>,
    /// Once for each licence type, or as often as needed.
    pub uses: Uses,
    /// From when on it covers nothing.
    pub until: Time,
    /// Who gave it.
    pub given_by: AccountId,
    /// In what capacity.
    pub capacity: Capacity,
    /// When: the block's time.
    pub given_at: Time,
    /// The receipt.
    pub receipt: u64,
    /// Whether it was withdrawn.
    pub withdrawal: Option<Withdrawal>,
}

/// A licence type that a consent covers, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Granted {
    /// The type and its fields.
    pub source: Source,
    /// The last access under this consent, and for single use the only one.
    pub last_access: Option<AccessId>,
}

/// That a consent was withdrawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Withdrawal {
    /// Who withdrew it.
    pub by: AccountId,
    /// In what capacity.
    pub capacity: Capacity,
    /// When: the block's time.
    pub at: Time,
    /// The receipt.
    pub receipt: u64,
}

/// One access: who handed out what to whom, when, what for and on which ground.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Access {
    /// The version of this format.
    pub version: u16,
    /// All about it.
    pub handout: Handout,
    /// The provider's data officer or system.
    pub officer: AccountId,
    /// When: the block's time.
    pub at: Time,
    /// The receipt.
    pub receipt: u64,
}

/// One correction request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Correction {
    /// The version of this format.
    pub version: u16,
    /// What is wrong, and how.
    pub request: CorrectionRequest,
    /// The department that has to answer, or whose successor has: who kept the licence when it was opened.
    pub department: DepartmentCode,
    /// Who opened it.
    pub opened_by: AccountId,
    /// In what capacity.
    pub capacity: Capacity,
    /// When: the block's time.
    pub opened_at: Time,
    /// The receipt.
    pub receipt: u64,
    /// How many working days the department has, from the day on which it was opened.
    pub working_days: u16,
    /// When it was told that the answer is overdue.
    pub overdue_at: Option<Time>,
    /// The answer.
    pub answer: Option<CorrectionAnswer>,
}

/// The answer to a correction request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CorrectionAnswer {
    /// Corrected, or kept.
    pub answer: Answer,
    /// The department's data officer.
    pub officer: AccountId,
    /// When: the block's time.
    pub at: Time,
    /// The receipt.
    pub receipt: u64,
    /// Whether it came after its deadline.
    pub is_late: bool,
}

/// The time that departments have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Terms {
    /// Working days for answering a correction request.
    pub correction_working_days: u16,
}

impl Default for Terms {
    /// Seven working days, which is the project's choice: the deadlines of the regulation (政务数据共享条例) are still to be taken from its text,
    /// and a network sets its own with `change_terms`.
    fn default() -> Self {
        Self { correction_working_days: 7 }
    }
}

impl Consent {
    /// Refuses what the consent does not cover at a time.
    pub fn check(
        &self,
        reading: &Reading,
        licence_type: &LicenceTypeCode,
        fields: &Fields,
        at: Time,
    ) -> Result<(), Error> {
        if self.withdrawal.is_some() {
            return Err(Error::Withdrawn); // I2
        }
        if at >= self.until {
            return Err(Error::Expired); // I3
        }
        let granted = self.sources.iter().find(|granted| granted.source.licence_type == *licence_type);
        let granted = granted.filter(|granted| granted.source.fields.include(fields)).ok_or(Error::NotCovered)?;
        if self.reading != *reading {
            return Err(Error::NotCovered); // I3
        }
        if self.uses == Uses::Once && granted.last_access.is_some() {
            return Err(Error::UsedUp); // I3
        }
        Ok(())
    }

    /// Whether it can cover anything from now on.
    pub fn is_usable(&self, now: Time) -> bool {
        let is_used_up = self.uses == Uses::Once && self.sources.iter().all(|granted| granted.last_access.is_some());
        self.withdrawal.is_none() && now < self.until && !is_used_up
    }
}

impl Correction {
    /// When an answer is due, by the calendars as they are now.
    pub fn deadline(&self, state: &State) -> Result<Deadline, Missing> {
        working_days::after_working_days(state, self.opened_at, self.working_days)
    }
}

/// The consent with this number.
pub fn consent(state: &State, id: &ConsentId) -> Result<Option<Consent>, Missing> {
    CONSENTS.get(state, id)
}

/// The access with this number.
pub fn access(state: &State, id: &AccessId) -> Result<Option<Access>, Missing> {
    ACCESSES.get(state, id)
}

/// The correction request with this number.
pub fn correction(state: &State, id: &CorrectionId) -> Result<Option<Correction>, Missing> {
    CORRECTIONS.get(state, id)
}

/// The department that answers a request now: the one that kept the licence when it was opened, or the one that has taken its place.
pub fn answering(state: &State, correction: &Correction) -> Result<DepartmentCode, Missing> {
    Ok(cases::answering(&correction.department, state)?.unwrap_or(correction.department))
}

/// The open request about a field of a licence: as long as there is one, the field's value is in dispute.
pub fn open_correction(
    state: &State,
    licence: &LicenceIdentifier,
    field: &FieldName,
) -> Result<Option<CorrectionId>, Missing> {
    OPEN_CORRECTIONS.get(state, &(licence.clone(), field.clone()))
}

/// The time that departments have.
pub fn terms(state: &State) -> Result<Terms, Missing> {
    Ok(TERMS.get(state, &())?.unwrap_or_default())
}

/// The oldest consent that covers a reading of these fields at a time, as the state is now.
pub fn covering(
    state: &State,
    reading: &Reading,
    licence_type: &LicenceTypeCode,
    fields: &Fields,
    at: Time,
) -> Result<Option<ConsentId>, Missing> {
    if has_ended(state, &reading.person)? {
        return Ok(None); // I2
    }
    let key = (reading.person, reading.receiver, reading.item.clone());
    for id in &CANDIDATES.get(state, &key)?.unwrap_or_default() {
        let consent = consent(state, id)?;
        if consent.is_some_and(|consent| consent.check(reading, licence_type, fields, at).is_ok()) {
            return Ok(Some(*id));
        }
    }
    Ok(None)
}

/// Whether nobody is left who could withdraw a person's consents: he has died, or the organisation was dissolved, or that into which it was merged.
pub fn has_ended(state: &State, person: &AccountId) -> Result<bool, Missing> {
    let Some(acting) = identity::successor(state, person)? else { return Ok(true) };
    Ok(match identity::status(state, &acting)? {
        Status::Deceased | Status::Dissolved => true,
        Status::Unknown | Status::Active | Status::Suspended | Status::Frozen(_) | Status::MergedInto(_) => false,
    })
}

/// The consent that lets a department read one field of a person's licence of this type, to handle his application for an item.
pub fn covers(
    state: &State,
    giver: &AccountId,
    to: &DepartmentCode,
    licence_type: &LicenceTypeCode,
    field: &FieldName,
    item: &ItemCode,
    at: Time,
) -> Result<Option<ConsentId>, Missing> {
    let reading = Reading { person: *giver, receiver: *to, purpose: Purpose::Application, item: item.clone() };
    let fields = Fields::Named(List::new(vec![field.clone()]).expect("one field fits"));
    covering(state, &reading, licence_type, &fields, at)
}

/// Whether a licence can be a later version of another, by their identifiers alone. Who keeps the licence of an issuer elsewhere issues its
/// next version, so that the issuer may be another.
pub fn is_later_version(later: &LicenceIdentifier, earlier: &LicenceIdentifier) -> bool {
    let is_same = later.licence_type() == earlier.licence_type() && later.serial() == earlier.serial();
    is_same && later.version() > earlier.version()
}

/// Whether a licence has replaced the one that was wrong, through however many versions, and was issued after the request was opened.
pub fn is_corrected_by(state: &State, correction: &Correction, licence: &LicenceIdentifier) -> Result<bool, Missing> {
    let found = licences::licence(state, licence)?;
    let is_new =
        found.is_some_and(|found| found.history.first().is_some_and(|change| change.receipt > correction.receipt));
    Ok(is_new && licences::lineage(state, licence)?.contains(&correction.request.licence))
}

/// The end of the longest consent that is given now.
pub fn latest_end(now: Time) -> Time {
    now.plus_millis(CONSENT_DAYS_MAX * DAY_MILLIS)
}

/// Whether fields are named, each once, or the whole licence is meant.
pub fn are_named(fields: &Fields) -> bool {
    let Fields::Named(names) = fields else { return true };
    let is_own = |index: usize| !names[index].is_empty() && !names[..index].contains(&names[index]);
    !names.is_empty() && (0..names.len()).all(is_own)
}

/// Checks what can be seen on one changed record.
pub fn check_invariants(write: &Write) -> Result<(), Broken> {
    let broken = |invariant| Err(Broken { table: write.table, invariant });
    let may_go = [CANDIDATES.name(), OPEN_CORRECTIONS.name()].contains(&write.table);
    if write.value.is_none() && !may_go {
        return broken("I1 consents, accesses and corrections stay for ever");
    }
    if let Some(consent) = CONSENTS.record_of(write) {
        let sources = consent.sources.iter().map(|granted| &granted.source);
        if consent.sources.is_empty() || !sources.clone().all(|source| are_named(&source.fields)) {
            return broken("I3 a consent names what it covers");
        }
        if consent.until <= consent.given_at || consent.until > latest_end(consent.given_at) {
            return broken("I3 a consent has an end");
        }
        if consent.withdrawal.is_some_and(|withdrawal| withdrawal.at < consent.given_at) {
            return broken("I2 a consent is withdrawn after it was given");
        }
    }
    let cites_nothing = |ground: &Ground| match ground {
        Ground::Law { basis, .. } => basis.law.is_empty() || basis.article.is_empty(),
        Ground::Consent { .. } => false,
    };
    if ACCESSES.record_of(write).is_some_and(|access| cites_nothing(&access.handout.ground)) {
        return broken("I4 an access without consent cites a law");
    }
    if let Some(correction) = CORRECTIONS.record_of(write) {
        if correction.overdue_at.is_some_and(|overdue_at| overdue_at <= correction.opened_at) {
            return broken("I8 a request becomes overdue after it was opened");
        }
        let answer = correction.answer.map(|answer| answer.answer);
        if let Some(Answer::Corrected { licence }) = answer
            && !is_later_version(&licence, &correction.request.licence)
        {
            return broken("I7 a corrected licence is a later version");
        }
    }
    Ok(())
}
