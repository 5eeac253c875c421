//! What is asked of a licence before it is written, and what is odd about one that is taken over. Pure: no records.

use crate::licence_types::TypeDefinition;
use crate::licences::{ANOMALIES_MAX, Anomaly, Content, Error, IssuerStanding, LicenceSource, SupersessionCause};
use tongban_types::codes::{LicenceIdentifier, LicenceIssuer, UnifiedSocialCreditCode};
use tongban_types::licence_face::{FACE_FIELDS_MAX, FaceRoot};
use tongban_types::{List, Time};

/// Refuses a face of no fields, or of more than there can be.
pub fn check_face(face: &FaceRoot) -> Result<(), Error> {
    if (1..=FACE_FIELDS_MAX).contains(&usize::from(face.fields)) { Ok(()) } else { Err(Error::FaceSize) }
}

/// Refuses a content that its type does not allow. `earliest` is the first moment at which the validity may begin.
pub fn check_content(content: &Content, definition: &TypeDefinition, earliest: Time) -> Result<(), Error> {
    if usize::from(content.face.fields) != definition.face.len() {
        return Err(Error::FaceFields); // I4
    }
    let from = content.period.from.filter(|from| *from >= earliest).ok_or(Error::BeginningEarlier)?; // I4
    if definition.validity.allows(from, content.period.until) { Ok(()) } else { Err(Error::ValidityRule) } // I4
}

/// The beginning of the day in Beijing.
pub fn beginning_of_day(time: Time) -> Time {
    const DAY_MILLIS: u64 = 86_400_000;
    const BEIJING_MILLIS: u64 = 8 * 3_600_000;
    let into_day = (time.as_millis() + BEIJING_MILLIS) % DAY_MILLIS;
    Time::from_millis(time.as_millis().saturating_sub(into_day)).expect("not after a valid time")
}

/// The first moment at which a new version may begin: today, or where the old one is renewed, the end of that.
pub fn earliest(old_until: Option<Time>, cause: SupersessionCause, now: Time) -> Time {
    let today = beginning_of_day(now);
    match (cause, old_until) {
        (SupersessionCause::Renewal, Some(until)) => until.min(today),
        _ => today,
    }
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
    ];
    found.extend(odd.into_iter().filter(|(is_odd, _)| *is_odd).map(|(_, anomaly)| anomaly));
    found.sort_unstable();
    found.dedup();
    List::new(found).expect("fewer kinds of anomalies than the list holds, a test counts them")
}
