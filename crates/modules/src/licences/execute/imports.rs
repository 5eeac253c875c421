//! What is taken over from older systems: the import, its confirmation, and whose it is.

use super::{add, change, check_superior, first_version, put_held, room_among_held};
use crate::licence_history::{ChangeKind, Ground};
use crate::licence_rules::{self, Surroundings};
use crate::licences::error::Error;
use crate::licences::msg::{Content, Event, Holder, LicenceSource};
use crate::licences::state::{self, Claim, Import, LICENCE_VERSION, LICENCES, Licence, SERIALS};
use crate::{identity, orgs};
use tongban_kernel::{Ctx, Missing, State, Stop};
use tongban_types::codes::{LicenceIdentifier, LicenceIssuer, UnifiedSocialCreditCode};
use tongban_types::{AccountId, List};

/// Takes over a licence of an older system.
pub fn import_licence(
    identifier: LicenceIdentifier,
    by: UnifiedSocialCreditCode,
    holder: Holder,
    content: Content,
    source: LicenceSource,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    if state::licence(state, &identifier)?.is_some() {
        return Err(Error::Exists.into()); // I1
    }
    let code = identifier.licence_type();
    let heir = answering_issuer(&identifier, state)?;
    let is_confirmed = is_issuers(&identifier, heir.as_ref(), &by, state)?;
    let held = match &holder {
        Holder::Account { account } => {
            check_holder(account, state)?;
            let room = if is_confirmed { Some(room_among_held(account, &code, ctx, state)?) } else { None };
            room.map(|room| (*account, room))
        }
        Holder::Commitment { .. } => None,
    };
    if source.as_of > ctx.time {
        return Err(Error::SourceLater.into()); // I8
    }
    let entry = state::type_entry(state, &code)?;
    let licence_type = match entry.as_ref().and_then(|entry| entry.in_force(ctx.time)) {
        Some(number) => state::type_version(state, &code, number)?,
        None => None,
    };
    let (issuer, issuer_receipt) = state::issuer_standing(state, &identifier, licence_type.as_ref())?;
    let last = SERIALS.get(state, &first_version(&identifier))?;
    let definition = licence_type.as_ref().map(|found| &found.definition);
    let around = Surroundings { issuer, by, definition, is_serial_known: last.is_some(), now: ctx.time };
    let anomalies = licence_rules::anomalies(&identifier, &content, &source, &around); // I8
    let imported = ChangeKind::Imported {
        state: source.state,
        since: source.state_since,
        is_confirmed,
        is_end_unknown: licence_rules::is_end_unknown(content.period, &source, definition),
    };
    let (source_state, confidence) = (source.state, source.confidence);
    let licence = Licence {
        version: LICENCE_VERSION,
        identifier: identifier.clone(),
        type_version: licence_type.as_ref().map(|found| found.number),
        type_receipt: licence_type.as_ref().map(|found| found.receipt),
        issuer,
        issuer_receipt,
        keeper: heir.unwrap_or(by),
        holder,
        content: content.clone(),
        case: None,
        supersedes: None,
        history: List::new(vec![change(imported, None, by, ctx)]).expect("one change fits"),
        import: Some(Import { source, anomalies: anomalies.clone() }),
        rests_on: None,
        claim: None,
        related_item: None,
    };
    LICENCES.put(state, &identifier, &licence);
    let last = last.unwrap_or_default().max(identifier.version());
    SERIALS.put(state, &first_version(&identifier), &last); // I1
    if let Some((account, held)) = held {
        put_held(&account, held, &identifier, state);
    }
    Ok(Event::Imported { identifier, state: source_state, confidence, anomalies, content, is_confirmed })
}

/// The department here that answers for what the issuer in an identifier has issued: itself, or the one that took its place.
fn answering_issuer(identifier: &LicenceIdentifier, state: &State) -> Result<Option<UnifiedSocialCreditCode>, Missing> {
    match identifier.issuer() {
        LicenceIssuer::Body(issuer) => orgs::successor(state, &issuer),
        LicenceIssuer::Division(_) => Ok(None),
    }
}

/// Whether a department is the issuer in an identifier, its heir, or one above.
fn is_issuers(
    identifier: &LicenceIdentifier,
    heir: Option<&UnifiedSocialCreditCode>,
    by: &UnifiedSocialCreditCode,
    state: &State,
) -> Result<bool, Missing> {
    match (heir, identifier.issuer()) {
        (Some(issuer), _) => Ok(issuer == by || orgs::is_within(state, issuer, by)?),
        (None, LicenceIssuer::Body(issuer)) => Ok(issuer != *by && orgs::is_within(state, &issuer, by)?),
        (None, LicenceIssuer::Division(_)) => Ok(false),
    }
}

/// Refuses an account of which nobody knows whose it is.
fn check_holder(account: &AccountId, state: &State) -> Result<(), Stop> {
    if !identity::exists(state, account)? {
        return Err(Error::HolderUnknown.into());
    }
    if identity::holder(state, account)?.is_none() {
        return Err(Error::HolderNotEstablished.into()); // I8
    }
    Ok(())
}

/// Confirms what another department than its issuer has taken over.
pub fn confirm_imported(
    identifier: LicenceIdentifier,
    by: UnifiedSocialCreditCode,
    ground: Ground,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut licence = state::licence(state, &identifier)?.ok_or(Error::NotFound)?;
    check_superior(&licence, &by, state)?; // I8
    if licence.history.first().is_some_and(|change| change.officer == ctx.account) {
        return Err(Error::SameOfficer.into()); // I8
    }
    if state::status(&licence, ctx.time).is_final() {
        return Err(Error::Ended.into()); // I3
    }
    if !licence.is_unconfirmed() {
        return Err(Error::Confirmed.into());
    }
    let held = match &licence.holder {
        Holder::Account { account } => {
            Some((*account, room_among_held(account, &identifier.licence_type(), ctx, state)?))
        }
        Holder::Commitment { .. } => None,
    };
    add(&mut licence, change(ChangeKind::Confirmed, Some(ground.clone()), by, ctx), state)?;
    if let Some((account, held)) = held {
        put_held(&account, held, &identifier, state);
    }
    Ok(Event::ImportConfirmed { identifier, by, ground })
}

/// Says whose an imported licence is. What is said last counts.
pub fn claim_holder(
    identifier: LicenceIdentifier,
    holder: AccountId,
    ground: Ground,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut licence = state::licence(state, &identifier)?.ok_or(Error::NotFound)?;
    check_holder(&holder, state)?;
    if matches!(licence.holder, Holder::Account { .. }) {
        return Err(Error::HolderKnown.into()); // I8
    }
    let claim = Claim { holder, ground: ground.clone(), officer: ctx.account, at: ctx.time, receipt: ctx.receipt };
    licence.claim = Some(claim);
    LICENCES.put(state, &identifier, &licence);
    Ok(Event::HolderNamed { identifier, holder, ground })
}

/// Gives an imported licence to the account of its holder.
pub fn confirm_holder(
    identifier: LicenceIdentifier,
    holder: AccountId,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut licence = state::licence(state, &identifier)?.ok_or(Error::NotFound)?;
    let claim = licence.claim.take().filter(|claim| claim.holder == holder);
    if claim.as_ref().is_some_and(|claim| claim.officer == ctx.account) {
        return Err(Error::SameOfficer.into()); // I8
    }
    if matches!(licence.holder, Holder::Account { .. }) {
        return Err(Error::HolderKnown.into()); // I8
    }
    let claim = claim.ok_or(Error::HolderNotNamed)?; // I8
    let held = if licence.is_unconfirmed() {
        None
    } else {
        Some(room_among_held(&holder, &identifier.licence_type(), ctx, state)?)
    };
    licence.holder = Holder::Account { account: holder };
    let keeper = state::keeper(state, &licence)?;
    add(&mut licence, change(ChangeKind::HolderClaimed, Some(claim.ground), keeper, ctx), state)?;
    if let Some(held) = held {
        put_held(&holder, held, &identifier, state);
    }
    Ok(Event::HolderClaimed { identifier, holder })
}
