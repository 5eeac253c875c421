//! One function for each question.

use super::msg::{Fields, Reading, View};
use super::state;
use crate::held::FieldName;
use crate::prefill;
use tongban_kernel::{State, Stop};
use tongban_types::codes::{LicenceIdentifier, LicenceTypeCode};
use tongban_types::{AccessId, ConsentId, CorrectionId, Time};

/// One consent.
pub fn consent(id: &ConsentId, state: &State) -> Result<View, Stop> {
    Ok(View::Consent { consent: state::consent(state, id)?.map(Box::new) })
}

/// One access.
pub fn access(id: &AccessId, state: &State) -> Result<View, Stop> {
    Ok(View::Access { access: state::access(state, id)?.map(Box::new) })
}

/// One correction request, and when an answer is due.
pub fn correction(id: &CorrectionId, state: &State) -> Result<View, Stop> {
    let correction = state::correction(state, id)?;
    let deadline = match &correction {
        Some(correction) => Some(correction.deadline(state)?),
        None => None,
    };
    Ok(View::Correction { correction: correction.map(Box::new), deadline })
}

/// Which consent covers a reading.
pub fn covers(
    reading: &Reading,
    licence_type: &LicenceTypeCode,
    fields: &Fields,
    at: Time,
    state: &State,
) -> Result<View, Stop> {
    Ok(View::Covers { consent: state::covering(state, reading, licence_type, fields, at)? })
}

/// The open correction request about a field.
pub fn open_correction(licence: &LicenceIdentifier, field: &FieldName, state: &State) -> Result<View, Stop> {
    Ok(View::OpenCorrection { correction: state::open_correction(state, licence, field)? })
}

/// The time that departments have.
pub fn terms(state: &State) -> Result<View, Stop> {
    Ok(View::Terms { terms: state::terms(state)? })
}

/// What departments hold of what an item asks for.
pub fn prefill(reading: &Reading, at: Time, state: &State) -> Result<View, Stop> {
    Ok(View::Prefill { plan: prefill::plan(state, reading, at)?.map(Box::new) })
}
