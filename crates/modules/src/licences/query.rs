//! One function for each question.

use super::msg::{CopyVerification, HeldLicence, Holder, HolderRemark, Receipts, TakenOver, Verification, View};
use super::state::{self, Licence};
use crate::case_licences;
use crate::catalogue;
use crate::identity;
use crate::licence_history::{self, ChangeKind, Status};
use crate::licence_metadata::DirectoryEntry;
use crate::orgs;
use tongban_kernel::{Missing, State, Stop};
use tongban_types::codes::{LicenceIdentifier, LicenceTypeCode, UnifiedSocialCreditCode};
use tongban_types::{AccountId, Digest, List, Text, Time};

/// What a licence is at a time, and what proves it.
pub fn verify(identifier: &LicenceIdentifier, at: Time, state: &State) -> Result<View, Stop> {
    let verification = match state::licence(state, identifier)? {
        Some(licence) => Some(Box::new(verification(licence, at, state)?)),
        None => None,
    };
    Ok(View::Verified { verification })
}

fn verification(licence: Licence, at: Time, state: &State) -> Result<Verification, Stop> {
    let period = licence.content.period;
    let is_suspended = state::is_suspended(&licence, at);
    let grant_revoked = case_licences::revoked_grant(state, &licence, at)?;
    let deemed_renewed = case_licences::deemed_renewed(state, &licence, at)?;
    let keeper = state::keeper(state, &licence)?;
    let holder_ended = holder_ended(&licence.holder, at, state)?;
    let (status, deciding) = licence_history::status(&licence.history, period, at);
    let beginning = licence.history.first().expect("a licence has a beginning (I3)");
    let replaced_by = match &status {
        Status::Superseded { by } => Some(by.clone()),
        _ => None,
    };
    let latest = licence.history.last().map_or(beginning.at, |change| change.at);
    let is_import = matches!(beginning.what, ChangeKind::Imported { .. });
    let is_issue = |kind: &ChangeKind| matches!(kind, ChangeKind::Issued | ChangeKind::Imported { .. });
    let issue = licence.history.iter().find(|change| is_issue(&change.what)).unwrap_or(beginning);
    let directory = directory(&licence, &keeper, state)?;
    let receipts = Receipts {
        issue: issue.receipt,
        status: deciding.map(|change| change.receipt),
        licence_type: licence.type_receipt,
        issuer: licence.issuer_receipt,
        replacement: deciding.filter(|_| replaced_by.is_some()).map(|change| change.receipt),
    };
    let type_name = match licence.type_version {
        Some(number) => state::type_version(state, &licence.licence_type(), number)?.map(|found| found.definition.name),
        None => None,
    };
    Ok(Verification {
        at,
        is_sources_word: is_import && at < beginning.at,
        type_name,
        type_version: licence.type_version,
        keeper,
        issuer: licence.issuer,
        period,
        face: licence.content.face,
        replaces: licence.supersedes,
        replaced_by,
        confidence: licence.import.as_ref().map(|import| import.source.confidence),
        anomalies: licence.import.map(|import| import.anomalies).unwrap_or_default(),
        receipts,
        is_suspended,
        grant_revoked,
        deemed_renewed,
        state_code: state_code(&status),
        directory,
        is_forecast: at > latest, // `seen_at` knows the present; until then the last change is all that is known of it
        status,
        identifier: licence.identifier,
        holder_ended,
    })
}

/// What ministries call a status.
fn state_code(status: &Status) -> Text<2> {
    Text::new(status.source_state().code()).expect("two digits")
}

/// What a directory lists of a licence.
fn directory(licence: &Licence, keeper: &UnifiedSocialCreditCode, state: &State) -> Result<DirectoryEntry, Missing> {
    let kept_by = orgs::department(state, keeper)?;
    let definer = licence.licence_type().definer();
    let defined_by = orgs::department(state, &definer)?;
    let name = |department: &orgs::Department| department.names.last().map(|name| name.full.clone());
    let definition = match licence.type_version {
        Some(number) => state::type_version(state, &licence.licence_type(), number)?.map(|found| found.definition),
        None => None,
    };
    let metadata = &licence.content.metadata;
    let item = match &licence.related_item {
        Some(item) => catalogue::version(state, &item.code, item.version)?.map(|version| version.item.name),
        None => None,
    };
    let issued = licence.history.iter().find(|change| change.what == ChangeKind::Issued);
    Ok(DirectoryEntry {
        area_code: metadata.area_code.or_else(|| kept_by.as_ref().map(|department| department.division.division())),
        holder_type: metadata.holder_type.clone(),
        holder_type_name: metadata
            .holder_type
            .as_ref()
            .and_then(|code| definition.as_ref().and_then(|definition| definition.holder_type_name(code))),
        define_authority: definer,
        define_authority_name: defined_by.as_ref().and_then(name),
        keeper_name: kept_by.as_ref().and_then(name),
        issued_at: issued.map(|change| change.at),
        related_item: licence.related_item.clone(),
        related_item_name: item,
    })
}

/// What had become of a holder by a time.
fn holder_ended(holder: &Holder, at: Time, state: &State) -> Result<Option<HolderRemark>, Missing> {
    let Holder::Account { account } = holder else { return Ok(None) };
    let ending = identity::account(state, account)?.and_then(|account| account.ending);
    let Some(ending) = ending.filter(|ending| ending.at <= at) else { return Ok(None) };
    let successor = identity::successor(state, account)?.filter(|successor| successor != account);
    Ok(Some(HolderRemark { how: ending.kind, since: ending.at, successor })) // I10
}

/// A licence with its whole history.
pub fn licence(identifier: &LicenceIdentifier, state: &State) -> Result<View, Stop> {
    Ok(View::Licence { licence: state::licence(state, identifier)?.map(Box::new) })
}

/// A type.
pub fn licence_type(code: &LicenceTypeCode, state: &State) -> Result<View, Stop> {
    Ok(View::LicenceType { entry: state::type_entry(state, code)?.map(Box::new) })
}

/// One version of a type.
pub fn type_version(code: &LicenceTypeCode, number: Option<u32>, state: &State) -> Result<View, Stop> {
    let number = match number {
        Some(number) => Some(number),
        None => state::type_entry(state, code)?.map(|entry| entry.last_version()),
    };
    let version = match number {
        Some(number) => state::type_version(state, code, number)?,
        None => None,
    };
    Ok(View::TypeVersion { version: version.map(Box::new) })
}

/// The licences of a type that an account holds.
pub fn held(holder: &AccountId, licence_type: &LicenceTypeCode, at: Time, state: &State) -> Result<View, Stop> {
    let mut licences = List::default();
    for identifier in &state::holdings(state, holder, licence_type)? {
        if let Some(licence) = state::licence(state, identifier)? {
            let status = state::status(&licence, at);
            let grant_revoked = case_licences::revoked_grant(state, &licence, at)?; // I7
            let held =
                HeldLicence { identifier: identifier.clone(), state_code: state_code(&status), status, grant_revoked };
            licences.push(held).expect("no more than are held");
        }
    }
    Ok(View::Held { licences })
}

/// Which of these identifiers are known.
pub fn which(identifiers: &[LicenceIdentifier], state: &State) -> Result<View, Stop> {
    let mut known = List::default();
    for identifier in identifiers {
        if state::licence(state, identifier)?.is_some() {
            known.push(identifier.clone()).expect("no more answers than questions");
        }
    }
    Ok(View::Which { known })
}

/// What the ledger has of these licences.
pub fn taken_over(identifiers: &[LicenceIdentifier], state: &State) -> Result<View, Stop> {
    let mut licences = List::default();
    for identifier in identifiers {
        if let Some(Licence { identifier, holder, content, import, .. }) = state::licence(state, identifier)? {
            let source = import.map(|import| import.source);
            licences.push(TakenOver { identifier, holder, content, source }).expect("no more answers than questions");
        }
    }
    Ok(View::TakenOver { licences })
}

/// The last request to cancel a licence.
pub fn cancellation_request(identifier: &LicenceIdentifier, at: Time, state: &State) -> Result<View, Stop> {
    let request = state::surrender(state, identifier)?;
    let is_open = match (&request, state::licence(state, identifier)?) {
        (Some(request), Some(licence)) => state::is_surrender_open(&licence, request, at), // I13
        _ => false,
    };
    Ok(View::CancellationRequest { request, is_open })
}

/// Until when a copy counts, and what its licence is then.
pub fn verify_copy(identifier: &LicenceIdentifier, commitment: &Digest, at: Time, state: &State) -> Result<View, Stop> {
    let copies = state::copies(state, identifier)?;
    let found = copies.iter().find(|copy| copy.commitment == *commitment);
    let (Some(copy), Some(licence)) = (found, state::licence(state, identifier)?) else {
        return Ok(View::CopyVerified { copy: None });
    };
    let licence = verification(licence, at, state)?;
    let counts = copy.is_in_term(at) && licence.status == Status::Valid && licence.grant_revoked.is_none(); // I12
    Ok(View::CopyVerified { copy: Some(Box::new(CopyVerification { copy: copy.clone(), counts, licence })) })
}
