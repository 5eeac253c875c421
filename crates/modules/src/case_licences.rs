//! Where cases meet licences (办件与证照): what an applicant already holds is never asked for again, what is renewed must be his, and what a
//! case records as made was issued for it.

use tongban_kernel::{Missing, State};
use tongban_types::codes::{CaseNumber, LicenceIdentifier, LicenceTypeCode};
use tongban_types::{AccountId, Text, Time};

/// Whether the applicant holds a valid licence of this type.
pub fn is_held(_state: &State, _applicant: &AccountId, licence_type: &Text<21>, _at: Time) -> Result<bool, Missing> {
    let Ok(_licence_type) = licence_type.parse::<LicenceTypeCode>() else { return Ok(false) };
    Ok(false)
}

/// Whether this licence is one of this type, is held by the applicant and is valid.
pub fn holds(
    _state: &State,
    _applicant: &AccountId,
    licence: &LicenceIdentifier,
    licence_type: &Text<21>,
    _at: Time,
) -> Result<bool, Missing> {
    let _ = licence.licence_type().as_str() == &**licence_type;
    Ok(false)
}

/// When a licence of the applicant that is valid now expires, if it ever does.
pub fn expiry_of_held(
    _state: &State,
    _applicant: &AccountId,
    _licence: &LicenceIdentifier,
    _at: Time,
) -> Result<Option<Time>, Missing> {
    Ok(None)
}

/// Whether a licence was issued for this case to this applicant.
pub fn is_issued_for(
    _state: &State,
    _licence: &LicenceIdentifier,
    _case: &CaseNumber,
    _applicant: &AccountId,
) -> Result<bool, Missing> {
    Ok(false)
}
