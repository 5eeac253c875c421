//! What is asked of a licence before it is written, and what is odd about one that is taken over. Pure: no records.

use crate::licence_history::Period;
use crate::licence_types::{TypeDefinition, Validity};
use crate::licences::{ANOMALIES_MAX, Anomaly, Content, Error, IssuerStanding, LicenceSource, SupersessionCause};
use tongban_types::codes::{LicenceIdentifier, LicenceIssuer, UnifiedSocialCreditCode};
use tongban_types::licence_face::{FACE_FIELDS_MAX, FaceRoot};
use tongban_types::{List, Time};

/// Refuses a face of no fields, or of more than there can be.
pub fn check_face(face: &FaceRoot) -> Result<(), Error> {
    if (1..=FACE_FIELDS_MAX).contains(&usize::from(face.fields)) { Ok(()) } else { Err(Error::FaceSize) }
}

/// Refuses a content that its type does not allow, or that begins at another time than it may.
pub fn check_content(content: &Content, definition: &TypeDefinition, beginning: Beginning) -> Result<(), Error> {
    if usize::from(content.face.fields) != definition.face.len() {
        return Err(Error::FaceFields); // I4
    }
    if content.metadata.holder_type.as_ref().is_some_and(|code| !definition.admits_holder_type(code)) {
        return Err(Error::HolderTypeUnknown); // I4
    }
    let from = content.period.from.filter(|from| *from >= beginning.earliest).ok_or(Error::BeginningEarlier)?; // I4
    if beginning.latest.is_some_and(|latest| from > latest) {
        return Err(Error::BeginningLater); // I5
    }
    if definition.validity.allows(from, content.period.until) { Ok(()) } else { Err(Error::ValidityRule) } // I4
}

/// When the validity of a new licence, or of a new version, may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beginning {
    /// The first moment.
    pub earliest: Time,
    /// The last one; none where any later one will do.
    pub latest: Option<Time>,
}

/// The beginning of the day in Beijing.
pub fn beginning_of_day(time: Time) -> Time {
    const DAY_MILLIS: u64 = 86_400_000;
    const BEIJING_MILLIS: u64 = 8 * 3_600_000;
    let into_day = (time.as_millis() + BEIJING_MILLIS) % DAY_MILLIS;
    Time::from_millis(time.as_millis().saturating_sub(into_day)).expect("not after a valid time")
}

impl Beginning {
    /// Of a new licence: today, or later.
    pub fn of_issue(now: Time) -> Self {
        Self { earliest: beginning_of_day(now), latest: None }
    }

    /// Of a new version: never before the old one. What corrects or changes is in force at once. What is renewed or made out anew leaves no
    /// gap; where the old version has expired, a renewal may begin with its end.
    pub fn of_version(old: Period, cause: SupersessionCause, now: Time) -> Self {
        let today = beginning_of_day(now);
        let not_begun = old.from.filter(|from| *from > now);
        let earliest = match (cause, old.until) {
            (SupersessionCause::Renewal, Some(until)) => until.min(today),
            _ => today,
        };
        let latest = match cause {
            SupersessionCause::Correction | SupersessionCause::Change => Some(not_begun.unwrap_or(now)),
            SupersessionCause::Renewal | SupersessionCause::Replacement => old.until.filter(|until| *until > now),
        };
        Self { earliest: not_begun.unwrap_or(earliest), latest }
    }
}

/// Refuses to issue, or to put a new version in the place of one, without the case that grants it or the ground that stands in for it. A
/// correction and a replacement need no case, but prolong nothing without one.
pub fn check_basis(
    new: &Content,
    old: Option<(Period, SupersessionCause)>,
    has_case: bool,
    definition: &TypeDefinition,
) -> Result<(), Error> {
    if has_case || definition.issued_without_case {
        return Ok(());
    }
    let Some((old, SupersessionCause::Correction | SupersessionCause::Replacement)) = old else {
        return Err(Error::CaseMissing); // I7
    };
    let is_prolonged = old.until.is_some_and(|old| new.period.until.is_none_or(|new| new > old));
    if is_prolonged { Err(Error::EndLater) } else { Ok(()) } // I7
}

/// Whether nobody knows until when an imported licence is valid: the source says so, or names no end although the type has one. A type
/// without an end leaves nothing unknown.
pub fn is_end_unknown(period: Period, source: &LicenceSource, definition: Option<&TypeDefinition>) -> bool {
    let is_open = match definition.map(|definition| definition.validity) {
        Some(Validity::LongTerm) => false,
        Some(Validity::UpTo { .. }) => true,
        Some(Validity::AsStated) | None => source.is_end_unknown,
    };
    period.until.is_none() && is_open
}

/// What the ledger knows around an imported licence.
pub struct Surroundings<'a> {
    /// Whether its issuer may issue its type.
    pub issuer: IssuerStanding,
    /// The department that takes it over.
    pub by: UnifiedSocialCreditCode,
    /// Its type, where that is known.
    pub definition: Option<&'a TypeDefinition>,
    /// Whether another version with its serial is known.
    pub is_serial_known: bool,
    /// The block's time.
    pub now: Time,
}

/// What is odd about an imported licence: what its row shows and what the ledger sees, in ascending order.
pub fn anomalies(
    identifier: &LicenceIdentifier,
    content: &Content,
    source: &LicenceSource,
    around: &Surroundings,
) -> List<Anomaly, ANOMALIES_MAX> {
    let mut found = source.anomalies.to_vec();
    let period = content.period;
    let is_wrong_period = match (around.definition, period.from) {
        _ if source.is_end_unknown => false,
        (Some(definition), Some(from)) => !definition.validity.allows(from, period.until),
        (_, from) => from.zip(period.until).is_some_and(|(from, until)| from >= until),
    };
    let has_other_fields =
        around.definition.is_some_and(|definition| definition.face.len() != usize::from(content.face.fields));
    let odd = [
        (around.definition.is_none(), Anomaly::TypeUnknown),
        (has_other_fields, Anomaly::FaceFields),
        (around.issuer == IssuerStanding::Division, Anomaly::IssuerDivision),
        (around.issuer == IssuerStanding::NotInOffice, Anomaly::IssuerUnknown),
        (around.issuer == IssuerStanding::NotAuthorised, Anomaly::IssuerNotAuthorised),
        (identifier.issuer() != LicenceIssuer::Body(around.by), Anomaly::ImporterOther),
        (around.is_serial_known, Anomaly::SerialKnown),
        (content.certificate_number.is_none(), Anomaly::NumberMissing),
        (period.from.is_none(), Anomaly::BeginningMissing),
        (is_wrong_period, Anomaly::ValidityRule),
        (period.from.is_some_and(|from| from > around.now), Anomaly::BeginsLater),
        (is_end_unknown(period, source, around.definition), Anomaly::EndMissing),
    ];
    found.extend(odd.into_iter().filter(|(is_odd, _)| *is_odd).map(|(_, anomaly)| anomaly));
    found.sort_unstable();
    found.dedup();
    List::new(found).expect("fewer kinds of anomalies than the list holds, a test counts them")
}
