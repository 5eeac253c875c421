//! Where cases meet licences (办件与证照): what an applicant already holds is never asked for again, what is renewed must be his, a licence is
//! issued for what was granted, and what a case records as made was issued for it.

use crate::cases;
use crate::catalogue;
use crate::identity;
use crate::items::StepKind;
use crate::licence_history::{Change, ChangeKind};
use crate::licences::{self, CaseRemark, Holder, Status};
use crate::offices::DepartmentCode;
use tongban_kernel::{Missing, State};
use tongban_types::codes::{CaseNumber, LicenceIdentifier, LicenceTypeCode};
use tongban_types::{AccountId, Text, Time};

/// Whether the applicant holds a valid licence of this type.
pub fn is_held(state: &State, applicant: &AccountId, licence_type: &Text<21>, at: Time) -> Result<bool, Missing> {
    Ok(held(state, applicant, licence_type, at)?.is_some())
}

/// The valid licence of this type that the applicant holds.
pub fn held(
    state: &State,
    applicant: &AccountId,
    licence_type: &Text<21>,
    at: Time,
) -> Result<Option<LicenceIdentifier>, Missing> {
    let Ok(licence_type) = licence_type.parse::<LicenceTypeCode>() else { return Ok(None) };
    let own = licences::held(state, applicant, &licence_type, at)?;
    if own.is_some() {
        return Ok(own);
    }
    let heir = identity::successor(state, applicant)?.unwrap_or(*applicant);
    for account in std::iter::once(heir).chain(identity::predecessors(state, &heir)?) {
        let held = licences::held(state, &account, &licence_type, at)?;
        if held.is_some() {
            return Ok(held); // I13: who has taken another's place holds what that one held
        }
    }
    Ok(None)
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
    Ok(in_force(state, applicant, licence, at)?.is_some())
}

/// The licence, where it is the applicant's and in force.
fn in_force(
    state: &State,
    applicant: &AccountId,
    licence: &LicenceIdentifier,
    at: Time,
) -> Result<Option<licences::Licence>, Missing> {
    let Some(found) = licences::licence(state, licence)? else { return Ok(None) };
    let is_valid = is_of(state, &found, applicant)? && licences::is_in_force(state, &found, at)?;
    Ok(is_valid.then_some(found))
}

/// Whether a licence is the applicant's.
fn is_of(state: &State, licence: &licences::Licence, applicant: &AccountId) -> Result<bool, Missing> {
    match &licence.holder {
        Holder::Account { account } => is_same(state, account, applicant),
        _ => Ok(false),
    }
}

/// Whether two accounts stand for the same one: behind a merger the organisation that was merged and the one that took its place.
fn is_same(state: &State, one: &AccountId, other: &AccountId) -> Result<bool, Missing> {
    Ok(one == other || identity::successor(state, one)? == identity::successor(state, other)?)
}

/// When a licence of the applicant that is valid now expires: the last moment of all where it has no end. None where it is not his or not
/// valid.
pub fn expiry_of_held(
    state: &State,
    applicant: &AccountId,
    licence: &LicenceIdentifier,
    at: Time,
) -> Result<Option<Time>, Missing> {
    let found = in_force(state, applicant, licence, at)?;
    Ok(found.map(|found| found.content.period.until.unwrap_or(Time::MAX)))
}

/// Whether a licence was issued for this case to this applicant.
pub fn is_issued_for(
    state: &State,
    licence: &LicenceIdentifier,
    case: &CaseNumber,
    applicant: &AccountId,
) -> Result<bool, Missing> {
    let found = licences::licence(state, licence)?;
    match found.filter(|found| found.case.as_ref() == Some(case) && !found.is_draft()) {
        Some(found) => is_of(state, &found, applicant),
        None => Ok(false),
    }
}

/// Whether a case was decided in favour of this holder and leads to a licence of this type by this department: the one that
/// leads, or one that makes certificates in the flow, or behind mergers the one that took its place. What a higher body grants to which the case
/// was forwarded, those make out as well that led it before: which of them may is a matter of the type. A case whose item names no type leads to no
/// licence.
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
    let wanted = version.item.outcome.licence_type.as_ref();
    if !is_same(state, account, &grant.applicant)? || wanted.is_none_or(|wanted| **wanted != *licence_type.as_str()) {
        return Ok(false);
    }
    let makers = version.item.flow.iter().filter(|step| step.kind == StepKind::Certificate);
    let makers = makers.filter_map(|step| step.department.parse::<DepartmentCode>().ok());
    for maker in std::iter::once(grant.department).chain(grant.forwarded_by).chain(makers) {
        if maker == *department || licences::answering(state, &maker)? == *department {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a case was filed to renew a licence, or a version that it has replaced meanwhile.
pub fn renews(state: &State, case: &CaseNumber, licence: &LicenceIdentifier) -> Result<bool, Missing> {
    let Some(renewed) = cases::filing(state, case)?.and_then(|filing| filing.renews) else { return Ok(false) };
    Ok(renewed == *licence || licences::lineage(state, licence)?.contains(&renewed))
}

/// That the grant on which a licence rests was revoked by a time.
pub fn revoked_grant(state: &State, licence: &licences::Licence, at: Time) -> Result<Option<CaseRemark>, Missing> {
    let Some(number) = &licence.rests_on else { return Ok(None) };
    let since = cases::case(state, number)?.and_then(|case| revoked_since(&case, at));
    Ok(since.map(|since| CaseRemark { case: number.clone(), since }))
}

/// Since when a grant was revoked at a time. What it was before its revocation was set aside does not change by that.
pub fn revoked_since(case: &cases::Case, at: Time) -> Option<Time> {
    let decision = case.revocation.as_ref()?.decision.as_ref()?;
    let is_then = decision.by.at <= at && decision.set_aside.as_ref().is_none_or(|set_aside| at < set_aside.at);
    (decision.revoked && is_then).then_some(decision.by.at)
}

/// Whether the licence that was made for a case was ended before the revocation of the grant was set aside: the case leads to another one.
pub fn is_to_be_made_anew(state: &State, case: &CaseNumber, made: &LicenceIdentifier) -> Result<bool, Missing> {
    let Some(restored_at) = cases::grant(state, case)?.and_then(|grant| grant.restored_at) else { return Ok(false) };
    let mut last = licences::licence(state, made)?;
    while let Some(licence) = last {
        match licences::status(&licence, restored_at) {
            Status::Superseded { by } => last = licences::licence(state, &by)?,
            status => return Ok(status.is_final()),
        }
    }
    Ok(false)
}

/// That a licence has expired at a time and was renewed by the law before, and nobody has made out what follows it (视为准予延续).
pub fn deemed_renewed(state: &State, licence: &licences::Licence, at: Time) -> Result<Option<CaseRemark>, Missing> {
    if licences::status(licence, at) != Status::Expired {
        return Ok(None);
    }
    let mut number = cases::deemed_renewal(state, &licence.identifier)?;
    for earlier in licences::lineage(state, &licence.identifier)? {
        if number.is_none() {
            number = cases::deemed_renewal(state, &earlier)?;
        }
    }
    let Some(case) = number else { return Ok(None) };
    let Some(record) = cases::case(state, &case)? else { return Ok(None) };
    let is_revoked = revoked_since(&record, at).is_some();
    let since = record.decision.map(|decision| decision.at).filter(|since| *since <= at && !is_revoked);
    let Some(since) = since else { return Ok(None) };
    let made = match licences::licence_of_case(state, &case)? {
        Some(made) => licences::licence(state, &made)?,
        None => None,
    };
    let is_issue = |change: &Change| change.what == ChangeKind::Issued && change.at <= at; // being prepared it was not made yet
    let is_made = made.is_some_and(|made| made.history.iter().any(is_issue));
    Ok((!is_made).then_some(CaseRemark { case, since }))
}
