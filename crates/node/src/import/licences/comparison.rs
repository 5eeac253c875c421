//! A row against what the ledger has of its licence: a repeated import is safe only where both say the same.

use super::preparation::{LicenceImportError, Prepared};
use crate::import::error::RowError;
use std::collections::BTreeMap;
use tongban_modules::Call;
use tongban_modules::licences::{self, Holder, TakenOver};
use tongban_types::codes::LicenceIdentifier;

/// What the ledger has, by identifier.
pub type Known = BTreeMap<LicenceIdentifier, TakenOver>;

/// What another secret changes in every row.
const OF_THE_SECRET: [&str; 2] = ["face", "holder"];

/// In what a row differs from the ledger's record. Nothing that has happened to the licence since counts, for that is not the source's to say:
/// where its holder has been made sure, his account stands in the place of the commitment.
pub fn differences(row: &Prepared, known: &TakenOver) -> Vec<&'static str> {
    let Call::Licences(licences::Call::ImportLicence { holder, content, source, .. }) = &row.call else {
        return Vec::new();
    };
    let Some(earlier) = &known.source else { return vec!["origin: it was issued here"] };
    let is_other_holder = matches!(known.holder, Holder::Commitment { .. }) && known.holder != *holder;
    let is_other_period = (known.content.period, earlier.is_end_unknown) != (content.period, source.is_end_unknown);
    [
        (known.content.face != content.face, "face"),
        (known.content.certificate_number != content.certificate_number, "certificate number"),
        (is_other_period, "period"),
        ((earlier.state, earlier.state_since) != (source.state, source.state_since), "state"),
        (known.content.metadata != content.metadata, "metadata"),
        (is_other_holder, "holder"),
    ]
    .into_iter()
    .filter_map(|(is_other, name)| is_other.then_some(name))
    .collect()
}

/// Takes the rows out that the ledger knows: how many of them it has as they are, and an error for each that it has otherwise.
pub fn take_known(rows: &mut Vec<Prepared>, known: &Known) -> (u64, Vec<RowError>) {
    let (mut same, mut errors) = (0, Vec::new());
    rows.retain(|row| {
        let Some(known) = known.get(&row.identifier) else { return true };
        match differs(row, known) {
            Some(error) => errors.push(error),
            None => same += 1,
        }
        false
    });
    (same, errors)
}

fn differs(row: &Prepared, known: &TakenOver) -> Option<RowError> {
    let differences = differences(row, known);
    if differences.is_empty() {
        return None;
    }
    let mut message = format!("the ledger has {} with another {}", row.identifier, differences.join(", "));
    if OF_THE_SECRET.iter().all(|name| differences.contains(name)) {
        message += "; perhaps it was taken over with another secret";
    }
    message += ". What has changed since is told by calls of its keeper, not by another import";
    Some(LicenceImportError::LicenceDiffers.at(&row.row, message))
}
