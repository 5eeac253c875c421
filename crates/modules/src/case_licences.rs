//! Where cases meet licences (办件与证照): what an applicant already holds is never asked for again, what is renewed must be his, a licence is
//! issued for what was granted, and what a case records as made was issued for it.

use crate::cases;
use crate::catalogue;
use crate::items::StepKind;
use crate::licences::{self, Holder, Status};
use crate::offices::DepartmentCode;
use tongban_kernel::{Missing, State};
use tongban_types::codes::{CaseNumber, LicenceIdentifier, LicenceTypeCode};
use tongban_types::{AccountId, Text, Time};

/// Whether the applicant holds a valid licence of this type.
pub fn is_held(state: &State, applicant: &AccountId, licence_type: &Text<21>, at: Time) -> Result<bool, Missing> {
    let Ok(licence_type) = licence_type.parse::<LicenceTypeCode>() else { return Ok(false) };
    Ok(licences::held(state, applicant, &licence_type, at)?.is_some())
}

/// Whether this licence is one of this type, is held by the applicant and is valid.
pub fn holds(
    state: &State,
    applicant: &AccountId,
    licence: &LicenceIdentifier,
    licence_type: &Text<21>,
    at: Time,
) -> Result<bool, Missing> {
    if licence.licence_type().as_str() != &**licence_type {
        return Ok(false);
    }
    let found = licences::licence(state, licence)?;
    Ok(found.is_some_and(|found| is_of(&found, applicant) && licences::status(&found, at) == Status::Valid))
}

fn is_of(licence: &licences::Licence, applicant: &AccountId) -> bool {
    matches!(licence.holder, Holder::Account { account } if account == *applicant)
}

/// When a licence of the applicant that is valid now expires: the last moment of all where it has no end. None where it is not his or not
/// valid.
pub fn expiry_of_held(
    state: &State,
    applicant: &AccountId,
    licence: &LicenceIdentifier,
    at: Time,
) -> Result<Option<Time>, Missing> {
    let found = licences::licence(state, licence)?;
    let valid = found.filter(|found| is_of(found, applicant) && licences::status(found, at) == Status::Valid);
    Ok(valid.map(|found| found.content.period.until.unwrap_or(Time::MAX)))
}

/// Whether a licence was issued for this case to this applicant.
pub fn is_issued_for(
    state: &State,
    licence: &LicenceIdentifier,
    case: &CaseNumber,
    applicant: &AccountId,
) -> Result<bool, Missing> {
    let found = licences::licence(state, licence)?;
    Ok(found.is_some_and(|found| is_of(&found, applicant) && found.case.as_ref() == Some(case)))
}

/// Whether a case was decided in favour of this holder and leads to a licence of this type by this department: the one that
/// leads, or one that makes certificates in the flow.
pub fn is_granted(
    state: &State,
    case: &CaseNumber,
    licence_type: &LicenceTypeCode,
    department: &DepartmentCode,
    holder: &Holder,
) -> Result<bool, Missing> {
    let Some(grant) = cases::grant(state, case)?.filter(|grant| !grant.revoked) else { return Ok(false) };
    let Holder::Account { account } = holder else { return Ok(false) };
    let Some(version) = catalogue::version(state, &grant.item.code, grant.item.version)? else { return Ok(false) };
    let makes =
        |step: &crate::items::Step| step.kind == StepKind::Certificate && step.department.parse() == Ok(*department);
    if *account != grant.applicant || grant.department != *department && !version.item.flow.iter().any(makes) {
        return Ok(false);
    }
    let wanted = version.item.outcome.licence_type.as_ref();
    Ok(wanted.is_none_or(|wanted| **wanted == *licence_type.as_str()))
}
