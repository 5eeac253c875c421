//! New licences: issued at once, or prepared by one officer and issued by another.

use super::{
    change, check_case, check_living, first_version, put_held, put_new, related_item, room_among_held, type_in_force,
};
use crate::licence_history::{ChangeKind, Ground};
use crate::licence_rules::{Beginning, check_basis, check_content};
use crate::licences::error::Error;
use crate::licences::msg::{Content, Event, Holder};
use crate::licences::state::{self, IssuerStanding, LICENCE_VERSION, LICENCES, Licence, SERIALS};
use tongban_kernel::{Ctx, State, Stop};
use tongban_types::codes::{CaseNumber, LicenceIdentifier, LicenceIssuer, UnifiedSocialCreditCode};
use tongban_types::{AccountId, List, Time};

/// What a new licence is to be.
pub struct New {
    /// Its identifier.
    pub identifier: LicenceIdentifier,
    /// The case that grants it.
    pub case: Option<CaseNumber>,
    /// For whom.
    pub holder: AccountId,
    /// What it says.
    pub content: Content,
    /// On what ground, where there is no case.
    pub ground: Option<Ground>,
}

/// What was asked around a new licence, and what it takes from there.
struct Asked {
    type_version: u32,
    type_receipt: u64,
    issuer_receipt: Option<u64>,
    keeper: UnifiedSocialCreditCode,
}

/// Issues a licence.
pub fn issue(new: New, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let licence = made(&new, ChangeKind::Issued, ctx, state)?;
    let held = room_among_held(&new.holder, &licence.licence_type(), ctx, state)?;
    put_new(&licence, state);
    put_held(&new.holder, held, &new.identifier, state);
    let type_version = licence.type_version.expect("it was issued under one");
    let New { identifier, case, holder, content, ground } = new;
    Ok(Event::Issued { identifier, holder, case, type_version, content, ground })
}

/// Prepares a licence. Its identifier is taken from now on, its case is not.
pub fn prepare(new: New, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let licence = made(&new, ChangeKind::Prepared, ctx, state)?;
    LICENCES.put(state, &licence.identifier, &licence);
    SERIALS.put(state, &first_version(&licence.identifier), &licence.identifier.version()); // I1
    let type_version = licence.type_version.expect("it was prepared under one");
    let New { identifier, case, holder, content, ground } = new;
    Ok(Event::Prepared { identifier, holder, case, type_version, content, ground })
}

/// Issues what another officer has prepared. All that was asked then is asked again: it is issued now.
pub fn issue_prepared(identifier: LicenceIdentifier, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut licence = state::licence(state, &identifier)?.ok_or(Error::NotFound)?;
    let beginning = licence.history.first().expect("a licence has a beginning (I3)");
    let (prepared_at, prepared_by) = (beginning.at, beginning.officer);
    let is_open = licence.is_draft() && !state::status(&licence, ctx.time).is_final();
    let (true, Holder::Account { account: holder }) = (is_open, licence.holder) else {
        return Err(Error::NotPrepared.into()); // I11
    };
    let ground = licence.history.first().and_then(|change| change.ground.clone());
    let (case, content) = (licence.case.clone(), licence.content.clone());
    let new = New { identifier, case, holder, content, ground };
    let asked = ask(&new, prepared_at, ctx, state)?;
    if prepared_by == ctx.account {
        return Err(Error::SameOfficer.into()); // I11
    }
    if new.content.period.until.is_some_and(|until| until <= ctx.time) {
        return Err(Error::Expired.into()); // I11: what begins with its end is made out anew
    }
    let held = room_among_held(&holder, &licence.licence_type(), ctx, state)?;
    licence.type_version = Some(asked.type_version);
    licence.type_receipt = Some(asked.type_receipt);
    licence.issuer_receipt = asked.issuer_receipt;
    let issued = change(ChangeKind::Issued, new.ground.clone(), asked.keeper, ctx);
    licence.history.push(issued).map_err(|_| Error::TooManyChanges)?;
    put_new(&licence, state);
    put_held(&holder, held, &new.identifier, state);
    let New { identifier, case, holder, content, .. } = new;
    Ok(Event::PreparedIssued { identifier, holder, case, type_version: asked.type_version, content })
}

/// The licence with its beginning, where nothing is in its way.
fn made(new: &New, beginning: ChangeKind, ctx: &Ctx, state: &State) -> Result<Licence, Stop> {
    let code = new.identifier.licence_type();
    type_in_force(&code, ctx, state)?; // I4
    if state::licence(state, &new.identifier)?.is_some() {
        return Err(Error::Exists.into()); // I1
    }
    if SERIALS.get(state, &first_version(&new.identifier))?.is_some() {
        return Err(Error::SerialTaken.into()); // I1
    }
    let asked = ask(new, ctx.time, ctx, state)?;
    let related_item = match &new.case {
        Some(case) => related_item(case, state)?,
        None => None,
    };
    Ok(Licence {
        version: LICENCE_VERSION,
        identifier: new.identifier.clone(),
        type_version: Some(asked.type_version),
        type_receipt: Some(asked.type_receipt),
        issuer: IssuerStanding::Authorised,
        issuer_receipt: asked.issuer_receipt,
        keeper: asked.keeper,
        holder: Holder::Account { account: new.holder },
        content: new.content.clone(),
        case: new.case.clone(),
        supersedes: None,
        history: List::new(vec![change(beginning, new.ground.clone(), asked.keeper, ctx)]).expect("one change fits"),
        import: None,
        rests_on: new.case.clone(),
        claim: None,
        related_item,
    })
}

/// Refuses what its type, its issuer, its holder or its case do not allow. A beginning may be of the day on which it was made out.
fn ask(new: &New, made_out_at: Time, ctx: &Ctx, state: &State) -> Result<Asked, Stop> {
    let code = new.identifier.licence_type();
    let licence_type = type_in_force(&code, ctx, state)?; // I4
    let (issuer, issuer_receipt) = state::issuer_standing(state, &new.identifier, Some(&licence_type))?;
    let LicenceIssuer::Body(keeper) = new.identifier.issuer() else { return Err(Error::IssuerNotAuthorised.into()) };
    if issuer != IssuerStanding::Authorised {
        return Err(Error::IssuerNotAuthorised.into()); // I4
    }
    check_living(&new.holder, new.case.is_some(), state)?;
    check_content(&new.content, &licence_type.definition, Beginning::of_issue(made_out_at))?; // I4
    check_basis(&new.content, None, new.case.is_some(), &licence_type.definition)?; // I7
    if let Some(case) = &new.case {
        check_case(case, &code, &keeper, &Holder::Account { account: new.holder }, state)?; // I7
    }
    Ok(Asked { type_version: licence_type.number, type_receipt: licence_type.receipt, issuer_receipt, keeper })
}
