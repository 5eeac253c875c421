//! One function for each call: refuse, refuse, refuse, then write, then tell. New licences are in `issuing`, what is taken over in `imports`,
//! what goes elsewhere in `moves`, annotated copies in `copies`, what is given back in `surrenders`.

mod copies;
mod imports;
mod issuing;
mod moves;
mod surrenders;

pub use copies::{make_copy, take_back_copy};
pub use imports::{claim_holder, confirm_holder, confirm_imported, import_licence};
pub use issuing::{New, issue, issue_prepared, prepare};
pub use moves::move_out;
pub use surrenders::{refuse_cancellation, request_cancellation, take_back_request};

use super::error::Error;
use super::msg::{Call, Content, Event, Holder, SupersessionCause};
use super::state::{
    self, CASES, COPIES, HELD, HELD_MAX, IssuerStanding, LICENCE_VERSION, LICENCE_VERSIONS_MAX, LICENCES, Licence,
    SERIALS, SURRENDERS, TYPE_ENTRY_VERSION, TYPE_VERSION_VERSION, TYPE_VERSIONS, TYPES, TypeEdition, TypeEntry,
    TypeRetirement, TypeVersion,
};
use crate::case_records::ItemVersion;
use crate::licence_history::{CHANGES_MAX, CHANGES_RESERVED, Change, ChangeKind, Ground, Status};
use crate::licence_rules::{Beginning, check_basis, check_content, check_face};
use crate::licence_types::{DefinitionFault, TypeDefinition};
use crate::{case_licences, cases, identity, orgs};
use tongban_kernel::{Ctx, Missing, State, Stop};
use tongban_types::codes::{CaseNumber, LicenceIdentifier, LicenceIssuer, LicenceTypeCode, UnifiedSocialCreditCode};
use tongban_types::{AccountId, Digest, List, Text, Time};

/// Refuses what is wrong whatever the state is.
pub fn validate(call: &Call) -> Result<(), Error> {
    match call {
        Call::RegisterType { version, definition, .. } => {
            if *version == 0 {
                return Err(Error::VersionZero); // I2
            }
            match definition.fault() {
                None => Ok(()),
                Some(DefinitionFault::Text) => Err(Error::TextMissing),
                Some(DefinitionFault::Fields) => Err(Error::FieldsMissing),
                Some(DefinitionFault::FieldNames) => Err(Error::FieldNames),
                Some(DefinitionFault::Issuers) => Err(Error::IssuersMissing),
                Some(DefinitionFault::Months) => Err(Error::MonthsZero),
                Some(DefinitionFault::Standards) => Err(Error::FieldStandard),
                Some(DefinitionFault::HolderTypes) => Err(Error::HolderTypes),
            }
        }
        Call::RetireType { reason, .. } if reason.is_empty() => Err(Error::TextMissing),
        Call::Issue { identifier, .. } | Call::Prepare { identifier, .. } if identifier.version() != 1 => {
            Err(Error::NotFirstVersion) // I1
        }
        Call::Issue { content, case, ground, .. }
        | Call::Prepare { content, case, ground, .. }
        | Call::Supersede { content, case, ground, .. } => {
            check_form(content)?;
            match ground {
                None if case.is_none() => Err(Error::GroundMissing), // I7
                Some(ground) => check_ground(ground),
                None => Ok(()),
            }
        }
        Call::Suspend { ground, .. }
        | Call::Resume { ground, .. }
        | Call::Cancel { ground, .. }
        | Call::Revoke { ground, .. }
        | Call::Withdraw { ground, .. }
        | Call::ClaimHolder { ground, .. }
        | Call::ConfirmImported { ground, .. }
        | Call::RefuseCancellation { ground, .. } => check_ground(ground),
        Call::MoveOut { to, .. } if to.name.is_empty() => Err(Error::DestinationMissing),
        Call::MoveOut { ground, .. } => check_ground(ground),
        Call::ImportLicence { content, source, .. } => {
            check_form(content)?;
            if source.system.is_empty() {
                return Err(Error::SourceMissing); // I8
            }
            let has_end = content.period.until.is_some();
            let are_sorted = source.anomalies.is_sorted_by(|left, right| left < right);
            if source.confidence > 100 || !are_sorted || source.is_end_unknown && has_end {
                return Err(Error::SourceMalformed); // I8
            }
            Ok(())
        }
        Call::RetireType { .. }
        | Call::ConfirmHolder { .. }
        | Call::IssuePrepared { .. }
        | Call::MakeCopy { .. }
        | Call::TakeBackCopy { .. }
        | Call::RequestCancellation { .. }
        | Call::TakeBackRequest { .. } => Ok(()),
    }
}

/// Refuses a content that is none of any type.
fn check_form(content: &Content) -> Result<(), Error> {
    check_face(&content.face)?;
    if content.metadata.is_well_formed() { Ok(()) } else { Err(Error::HolderTypeForm) }
}

fn check_ground(ground: &Ground) -> Result<(), Error> {
    if ground.is_complete() { Ok(()) } else { Err(Error::GroundMissing) }
}

/// Records that the call will surely read.
pub fn reads(call: &Call, state: &State) -> Vec<Digest> {
    match call {
        Call::RegisterType { code, .. } | Call::RetireType { code, .. } => vec![TYPES.state_key(state, code)],
        Call::Issue { identifier, holder, .. } | Call::Prepare { identifier, holder, .. } => {
            let code = identifier.licence_type();
            vec![
                TYPES.state_key(state, &code),
                LICENCES.state_key(state, identifier),
                SERIALS.state_key(state, &first_version(identifier)),
                HELD.state_key(state, &(*holder, code)),
                identity::state_key(state, holder),
            ]
        }
        Call::ImportLicence { identifier, .. } => vec![
            TYPES.state_key(state, &identifier.licence_type()),
            LICENCES.state_key(state, identifier),
            SERIALS.state_key(state, &first_version(identifier)),
        ],
        Call::Supersede { identifier, .. }
        | Call::Suspend { identifier, .. }
        | Call::Resume { identifier, .. }
        | Call::Cancel { identifier, .. }
        | Call::Revoke { identifier, .. }
        | Call::Withdraw { identifier, .. }
        | Call::ClaimHolder { identifier, .. }
        | Call::ConfirmHolder { identifier, .. }
        | Call::ConfirmImported { identifier, .. }
        | Call::IssuePrepared { identifier }
        | Call::MoveOut { identifier, .. } => vec![LICENCES.state_key(state, identifier)],
        Call::MakeCopy { identifier, .. } | Call::TakeBackCopy { identifier, .. } => {
            vec![LICENCES.state_key(state, identifier), COPIES.state_key(state, identifier)]
        }
        Call::RequestCancellation { identifier }
        | Call::TakeBackRequest { identifier }
        | Call::RefuseCancellation { identifier, .. } => {
            vec![LICENCES.state_key(state, identifier), SURRENDERS.state_key(state, identifier)]
        }
    }
}

/// Publishes the next version of a type.
pub fn register_type(
    code: LicenceTypeCode,
    number: u32,
    effective_from: Option<Time>,
    definition: TypeDefinition,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let effective_from = effective_from.unwrap_or(ctx.time);
    let name = definition.name.clone();
    let mut entry = state::type_entry(state, &code)?.unwrap_or_else(|| TypeEntry {
        version: TYPE_ENTRY_VERSION,
        name: name.clone(),
        editions: List::default(),
        retirement: None,
    });
    if entry.is_retired(effective_from) {
        return Err(Error::TypeRetired.into()); // I2
    }
    if number != entry.last_version() + 1 {
        return Err(Error::VersionNotNext.into()); // I2
    }
    let is_before_last = entry.editions.last().is_some_and(|last| last.effective_from > effective_from);
    let edition = TypeEdition { effective_from, published_at: ctx.time };
    entry.editions.push(edition).map_err(|_| Error::TooManyVersions)?;
    if effective_from < ctx.time || is_before_last {
        return Err(Error::EffectiveEarlier.into()); // I2
    }
    entry.name = name.clone();
    let version = TypeVersion {
        version: TYPE_VERSION_VERSION,
        code,
        number,
        effective_from,
        officer: ctx.account,
        published_at: ctx.time,
        receipt: ctx.receipt,
        definition,
    };
    TYPE_VERSIONS.put(state, &(code, number), &version); // I2: a number is written once
    TYPES.put(state, &code, &entry);
    Ok(Event::TypeRegistered { code, version: number, name, effective_from })
}

/// Retires a type from a time on.
pub fn retire_type(
    code: LicenceTypeCode,
    from: Time,
    reason: Text<200>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut entry = state::type_entry(state, &code)?.ok_or(Error::TypeUnknown)?;
    if entry.retirement.is_some() {
        return Err(Error::TypeRetired.into()); // I2
    }
    if from < ctx.time {
        return Err(Error::RetiredEarlier.into()); // I2
    }
    entry.retirement = Some(TypeRetirement { from, reason: reason.clone(), receipt: ctx.receipt });
    TYPES.put(state, &code, &entry);
    Ok(Event::TypeRetired { code, from, reason })
}

/// The version of a type under which licences are issued now.
fn type_in_force(code: &LicenceTypeCode, ctx: &Ctx, state: &State) -> Result<TypeVersion, Stop> {
    let entry = state::type_entry(state, code)?.ok_or(Error::TypeUnknown)?; // I4
    if entry.is_retired(ctx.time) {
        return Err(Error::TypeRetired.into()); // I4
    }
    let number = entry.in_force(ctx.time).ok_or(Error::TypeUnknown)?; // I4
    Ok(state::type_version(state, code, number)?.ok_or(Error::TypeUnknown)?)
}

/// Refuses a case that does not grant this licence, or in which one was issued that stands, or that was ended for another reason than a revocation
/// which was set aside.
fn check_case(
    case: &CaseNumber,
    licence_type: &LicenceTypeCode,
    department: &UnifiedSocialCreditCode,
    holder: &Holder,
    state: &State,
) -> Result<(), Stop> {
    if !state::is_granted(state, case, licence_type, department, holder)? {
        return Err(Error::CaseNotGranted.into()); // I7
    }
    match CASES.get(state, case)? {
        Some(made) if !case_licences::is_to_be_made_anew(state, case, &made)? => Err(Error::CaseIssued.into()), // I7
        _ => Ok(()),
    }
}

/// The identifier of the first version of the same serial.
fn first_version(identifier: &LicenceIdentifier) -> LicenceIdentifier {
    version_of(identifier, identifier.issuer(), 1)
}

fn version_of(identifier: &LicenceIdentifier, issuer: LicenceIssuer, version: u16) -> LicenceIdentifier {
    LicenceIdentifier::new(identifier.licence_type(), issuer, identifier.serial(), version)
        .expect("the parts of an identifier and a version of three digits make one")
}

fn change(what: ChangeKind, ground: Option<Ground>, by: UnifiedSocialCreditCode, ctx: &Ctx) -> Change {
    Change { what, ground, by, officer: ctx.account, at: ctx.time, receipt: ctx.receipt }
}

/// Refuses a holder who is nobody here, who has died or was dissolved; and, but for what a case has granted it before, an organisation that was
/// merged into another: that one is the holder.
fn check_living(holder: &AccountId, has_case: bool, state: &State) -> Result<(), Stop> {
    match identity::status(state, holder)? {
        identity::Status::Unknown => Err(Error::HolderUnknown.into()),
        identity::Status::Deceased | identity::Status::Dissolved => Err(Error::HolderEnded.into()), // I10
        identity::Status::MergedInto(_) if !has_case => Err(Error::HolderEnded.into()),             // I10
        identity::Status::MergedInto(_)
        | identity::Status::Active
        | identity::Status::Suspended
        | identity::Status::Frozen(_) => Ok(()),
    }
}

/// The service item of a case that grants something.
fn related_item(case: &CaseNumber, state: &State) -> Result<Option<ItemVersion>, Missing> {
    Ok(cases::grant(state, case)?.map(|grant| grant.item))
}

/// Writes a licence that was not there.
fn put_new(licence: &Licence, state: &mut State) {
    LICENCES.put(state, &licence.identifier, licence);
    SERIALS.put(state, &first_version(&licence.identifier), &licence.identifier.version()); // I1
    if let Some(case) = &licence.case {
        CASES.put(state, case, &licence.identifier); // I7
    }
}

/// What a holder has of a type, with room for one more.
fn room_among_held(
    holder: &AccountId,
    code: &LicenceTypeCode,
    ctx: &Ctx,
    state: &State,
) -> Result<Vec<LicenceIdentifier>, Stop> {
    let mut held = state::holdings(state, holder, code)?.into_vec();
    if held.len() < HELD_MAX {
        return Ok(held);
    }
    for index in 0..held.len() {
        let status = state::licence(state, &held[index])?.map(|licence| state::status(&licence, ctx.time));
        if status.is_none_or(|status| status.is_final() || status == Status::Expired) {
            held.remove(index);
            return Ok(held);
        }
    }
    Err(Error::TooManyHeld.into())
}

/// What a holder has of a type when a version is replaced: without it, or as long as its replacement has not begun with it, so far as there is
/// room for both.
fn held_beside(
    old: &LicenceIdentifier,
    is_pending: bool,
    holder: &AccountId,
    ctx: &Ctx,
    state: &State,
) -> Result<Vec<LicenceIdentifier>, Stop> {
    let code = old.licence_type();
    let mut held = state::holdings(state, holder, &code)?.into_vec();
    match held.iter().position(|held| held == old) {
        Some(_) if is_pending && held.len() < HELD_MAX => Ok(held),
        Some(place) => {
            held.remove(place);
            Ok(held)
        }
        None => room_among_held(holder, &code, ctx, state), // it had made room for others
    }
}

fn put_held(holder: &AccountId, mut held: Vec<LicenceIdentifier>, identifier: &LicenceIdentifier, state: &mut State) {
    held.push(identifier.clone());
    let held = List::new(held).expect("room was made before");
    HELD.put(state, &(*holder, identifier.licence_type()), &held);
}

/// Issues a new version in the place of one, from its beginning on.
pub fn supersede(
    identifier: LicenceIdentifier,
    cause: SupersessionCause,
    case: Option<CaseNumber>,
    content: Content,
    ground: Option<Ground>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut old = state::licence(state, &identifier)?.ok_or(Error::NotFound)?;
    let code = identifier.licence_type();
    let licence_type = type_in_force(&code, ctx, state)?;
    let keeper = state::keeper(state, &old)?;
    let issuer = LicenceIssuer::Body(keeper);
    let is_same_issuer = issuer == identifier.issuer();
    let first = version_of(&identifier, issuer, 1);
    let last = SERIALS.get(state, &first)?;
    if !is_same_issuer && last.is_some() {
        return Err(Error::SerialTaken.into()); // I1: the keeper has that serial for another licence
    }
    let (standing, issuer_receipt) = state::issuer_standing(state, &first, Some(&licence_type))?;
    if standing != IssuerStanding::Authorised {
        return Err(Error::IssuerNotAuthorised.into()); // I4
    }
    let period = old.content.period;
    check_content(&content, &licence_type.definition, Beginning::of_version(period, cause, ctx.time))?; // I4
    check_basis(&content, Some((period, cause)), case.is_some(), &licence_type.definition)?; // I7
    let holder = next_holder(&old, case.as_ref(), &keeper, state)?; // I5, I10
    if let Holder::Account { account } = &holder
        && cause != SupersessionCause::Correction
    {
        check_living(account, true, state)?;
    }
    if let Some(case) = &case {
        check_case(case, &code, &keeper, &holder, state)?; // I7
        if cause == SupersessionCause::Renewal && !case_licences::renews(state, case, &identifier)? {
            return Err(Error::CaseNotGranted.into()); // I7
        }
    }
    check_replaceable(&old, cause, ctx, state)?;
    let next = last.unwrap_or_else(|| identifier.version()).max(identifier.version()) + 1;
    let next = u16::try_from(next).ok().filter(|next| u32::from(*next) <= LICENCE_VERSIONS_MAX);
    let by = version_of(&identifier, issuer, next.ok_or(Error::VersionsExhausted)?);
    let from = content.period.from.unwrap_or(ctx.time).max(ctx.time);
    let superseded = ChangeKind::Superseded { by: by.clone(), from };
    old.history.push(change(superseded, ground.clone(), keeper, ctx)).map_err(|_| Error::TooManyChanges)?;
    let held = match &holder {
        Holder::Account { account } if holder != old.holder => {
            Some((*account, room_among_held(account, &code, ctx, state)?)) // what the old one has keeps its own list
        }
        Holder::Account { account } => {
            Some((*account, held_beside(&identifier, from > ctx.time, account, ctx, state)?))
        }
        Holder::Commitment { .. } => None,
    };
    let new = Licence {
        version: LICENCE_VERSION,
        identifier: by.clone(),
        type_version: Some(licence_type.number),
        type_receipt: Some(licence_type.receipt),
        issuer: standing,
        issuer_receipt,
        keeper,
        holder, // I5, I10
        content: content.clone(),
        case: case.clone(),
        supersedes: Some(identifier.clone()), // I5
        history: List::new(vec![change(ChangeKind::Issued, ground.clone(), keeper, ctx)]).expect("one change fits"),
        import: None,
        rests_on: case.clone().or(old.rests_on.clone()),
        claim: None,
        related_item: match &case {
            Some(case) => related_item(case, state)?,
            None => old.related_item.clone(),
        },
    };
    LICENCES.put(state, &identifier, &old);
    put_new(&new, state);
    if let Some((account, held)) = held {
        put_held(&account, held, &by, state);
    }
    Ok(Event::Superseded { identifier, by, cause, case, type_version: licence_type.number, content, ground, from })
}

/// Who holds the version that takes the place of one: who holds that one, or the organisation into which he was merged. Where a case grants it, the
/// one of both who has applied for it.
fn next_holder(
    old: &Licence,
    case: Option<&CaseNumber>,
    keeper: &UnifiedSocialCreditCode,
    state: &State,
) -> Result<Holder, Stop> {
    let Holder::Account { account } = &old.holder else { return Ok(old.holder) };
    let heir = identity::successor(state, account)?.map_or(old.holder, |account| Holder::Account { account });
    let Some(case) = case.filter(|_| heir != old.holder) else { return Ok(heir) };
    let is_heirs = state::is_granted(state, case, &old.licence_type(), keeper, &heir)?;
    Ok(if is_heirs { heir } else { old.holder })
}

/// Refuses to replace what has ended or was replaced, what its state would be lost with, and what nobody answers for.
fn check_replaceable(old: &Licence, cause: SupersessionCause, ctx: &Ctx, state: &State) -> Result<(), Stop> {
    match state::status(old, ctx.time) {
        status if status.is_final() => return Err(Error::Ended.into()), // I3
        Status::Expired if cause != SupersessionCause::Renewal => return Err(Error::Expired.into()), // I6
        _ if state::is_suspended(old, ctx.time) => return Err(Error::Suspended.into()), // I6
        Status::Unconfirmed => return Err(Error::Unconfirmed.into()),   // I8
        Status::Draft => return Err(Error::NotIssued.into()),           // I11
        Status::Other => return Err(Error::StateUnknown.into()),        // I8
        _ => {}
    }
    if case_licences::revoked_grant(state, old, ctx.time)?.is_some() {
        return Err(Error::GrantRevoked.into()); // I7
    }
    if old.superseded_by().is_some() {
        return Err(Error::ReplacementPending.into()); // I5
    }
    Ok(())
}

/// Refuses to suspend or end a version before the one that replaces it and has not begun: that one would begin as if nothing had happened.
fn check_replacement(licence: &Licence, is_done: impl Fn(&Licence) -> bool, state: &State) -> Result<(), Stop> {
    let Some(next) = licence.superseded_by() else { return Ok(()) };
    let next = state::licence(state, next)?.ok_or(Error::NotFound)?;
    if is_done(&next) { Ok(()) } else { Err(Error::ReplacementPending.into()) } // I6
}

/// Suspends a licence.
pub fn suspend(
    identifier: LicenceIdentifier,
    until: Option<Time>,
    ground: Ground,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut licence = state::licence(state, &identifier)?.ok_or(Error::NotFound)?;
    let is_stopped =
        |licence: &Licence| state::is_suspended(licence, ctx.time) || state::status(licence, ctx.time).is_final();
    match state::status(&licence, ctx.time) {
        status if status.is_final() => return Err(Error::Ended.into()), // I3
        Status::Expired => return Err(Error::Expired.into()),
        Status::Draft => return Err(Error::NotIssued.into()), // I11
        Status::Other => return Err(Error::StateUnknown.into()), // I8
        _ if is_stopped(&licence) => return Err(Error::Suspended.into()),
        _ => check_replacement(&licence, is_stopped, state)?, // I6
    }
    if until.is_some_and(|until| until <= ctx.time) {
        return Err(Error::UntilEarlier.into());
    }
    if licence.history.len() + CHANGES_RESERVED >= CHANGES_MAX {
        return Err(Error::TooManyChanges.into()); // I3: an end must stay possible
    }
    let (keeper, suspended) = (state::keeper(state, &licence)?, ChangeKind::Suspended { until });
    add(&mut licence, change(suspended, Some(ground.clone()), keeper, ctx), state)?;
    Ok(Event::Suspended { identifier, until, ground })
}

/// Adds a change to the history and writes the licence (I3).
fn add(licence: &mut Licence, change: Change, state: &mut State) -> Result<(), Error> {
    licence.history.push(change).map_err(|_| Error::TooManyChanges)?;
    LICENCES.put(state, &licence.identifier, licence);
    Ok(())
}

/// Resumes a suspended licence.
pub fn resume(identifier: LicenceIdentifier, ground: Ground, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut licence = state::licence(state, &identifier)?.ok_or(Error::NotFound)?;
    match state::status(&licence, ctx.time) {
        status if status.is_final() => return Err(Error::Ended.into()), // I3
        _ if state::is_suspended(&licence, ctx.time) => {} // expired or not: else it could never be renewed
        Status::Expired => return Err(Error::Expired.into()),
        _ => return Err(Error::NotSuspended.into()),
    }
    let keeper = state::keeper(state, &licence)?;
    add(&mut licence, change(ChangeKind::Resumed, Some(ground.clone()), keeper, ctx), state)?;
    Ok(Event::Resumed { identifier, ground })
}

/// Cancels a licence, expired or not.
pub fn cancel(identifier: LicenceIdentifier, ground: Ground, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut licence = state::licence(state, &identifier)?.ok_or(Error::NotFound)?;
    refuse_ended(&licence, ctx, state)?;
    let keeper = state::keeper(state, &licence)?;
    add(&mut licence, change(ChangeKind::Cancelled, Some(ground.clone()), keeper, ctx), state)?;
    Ok(Event::Cancelled { identifier, ground })
}

/// Revokes the grant of a licence.
pub fn revoke(
    identifier: LicenceIdentifier,
    by: UnifiedSocialCreditCode,
    ground: Ground,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    end_from_above(&identifier, by, ChangeKind::Revoked, &ground, ctx, state)?;
    Ok(Event::Revoked { identifier, by, ground })
}

/// Withdraws a licence as a penalty.
pub fn withdraw(
    identifier: LicenceIdentifier,
    by: UnifiedSocialCreditCode,
    ground: Ground,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    end_from_above(&identifier, by, ChangeKind::Withdrawn, &ground, ctx, state)?;
    Ok(Event::Withdrawn { identifier, by, ground })
}

fn end_from_above(
    identifier: &LicenceIdentifier,
    by: UnifiedSocialCreditCode,
    what: ChangeKind,
    ground: &Ground,
    ctx: &Ctx,
    state: &mut State,
) -> Result<(), Stop> {
    let mut licence = state::licence(state, identifier)?.ok_or(Error::NotFound)?;
    check_superior(&licence, &by, state)?;
    refuse_ended(&licence, ctx, state)?;
    if licence.is_draft() {
        return Err(Error::NotIssued.into()); // I11
    }
    add(&mut licence, change(what, Some(ground.clone()), by, ctx), state)?;
    Ok(())
}

fn check_superior(licence: &Licence, by: &UnifiedSocialCreditCode, state: &State) -> Result<(), Stop> {
    let keeper = state::keeper(state, licence)?;
    if keeper == *by || orgs::is_within(state, &keeper, by)? { Ok(()) } else { Err(Error::NotSuperior.into()) }
}

fn refuse_ended(licence: &Licence, ctx: &Ctx, state: &State) -> Result<(), Stop> {
    let is_ended = |licence: &Licence| state::status(licence, ctx.time).is_final();
    if is_ended(licence) {
        return Err(Error::Ended.into()); // I3
    }
    check_replacement(licence, is_ended, state) // I6
}
