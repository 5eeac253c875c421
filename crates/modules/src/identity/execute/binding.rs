//! Whose accounts are: bound by an officer to a person or an organisation.

use super::{bound, check_account_kind, check_living, check_subject, in_office};
use crate::identity::error::Error;
use crate::identity::msg::{AccountKind, Event};
use crate::identity::state::{
    self, AssuranceLevel, COMPANIES, Document, HOLDER_VERSION, HOLDERS, Holder, PSEUDONYMS, Subject,
};
use tongban_kernel::{Ctx, State, Stop};
use tongban_types::codes::{DocumentKind, UnifiedSocialCreditCode};
use tongban_types::{AccountId, Digest, List, Text};

/// Which account an officer binds, on what ground.
pub struct Binding {
    /// The officer's department.
    pub department: UnifiedSocialCreditCode,
    /// The account.
    pub account: AccountId,
    /// How surely it is whose it is said to be.
    pub level: AssuranceLevel,
    /// Commits to the papers on which it rests.
    pub papers: Digest,
}

/// By what document an account is bound in the first place.
pub struct FirstPaper {
    /// Its kind.
    pub kind: DocumentKind,
    /// The person's pseudonym with it.
    pub pseudonym: Digest,
    /// Which state has issued it, where it is a foreign one. That decides and is not recorded: where a person comes from is nobody's business.
    pub issued_by: Option<Text<3>>,
}

/// Binds an account to a person.
pub fn bind_person(binding: Binding, paper: FirstPaper, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let id = binding.account;
    let FirstPaper { kind, pseudonym, issued_by } = paper;
    check_to_bind(&binding, AccountKind::Person, ctx, state)?;
    let first = state::policy(state)?.first_documents.iter().find(|first| first.kind == kind).copied();
    let first = first.ok_or(Error::NoFirstDocument)?; // I19
    let is_foreign = issued_by.as_deref().map(state::is_foreign_state);
    if is_foreign != first.is_foreign.then_some(true) {
        return Err(Error::IssuingState.into()); // I19
    }
    if PSEUDONYMS.get(state, &pseudonym)?.is_some() {
        return Err(Error::PseudonymTaken.into()); // I6
    }
    let document = Document { kind, pseudonym, papers: binding.papers, receipt: ctx.receipt };
    let documents = List::new(vec![document]).expect("one document fits");
    let holder = new_holder(&binding, Subject::Person { documents }, ctx);
    PSEUDONYMS.put(state, &pseudonym, &id);
    HOLDERS.put(state, &id, &holder);
    Ok(Event::PersonBound { account: id, kind, level: binding.level, department: binding.department, by: ctx.account })
}

/// Refuses an account that is out of reach, of another kind, or bound.
fn check_to_bind(binding: &Binding, kind: AccountKind, ctx: &Ctx, state: &State) -> Result<(), Stop> {
    let account = in_office(&binding.department, &binding.account, ctx, state)?;
    check_subject(&account)?;
    check_account_kind(&account, kind)?;
    if state::holder(state, &binding.account)?.is_some() {
        return Err(Error::Bound.into()); // I6
    }
    Ok(())
}

fn new_holder(binding: &Binding, subject: Subject, ctx: &Ctx) -> Holder {
    Holder {
        version: HOLDER_VERSION,
        subject,
        level: binding.level,
        department: binding.department,
        officer: ctx.account,
        papers: binding.papers,
        at: ctx.time,
        receipt: ctx.receipt,
        recovery: None,
    }
}

/// Records another document of a person.
pub fn add_document(
    department: UnifiedSocialCreditCode,
    id: AccountId,
    document: Document,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let account = in_office(&department, &id, ctx, state)?;
    check_living(&account)?;
    let mut holder = bound(&id, state)?;
    let Subject::Person { documents } = &mut holder.subject else { return Err(Error::NotAPerson.into()) };
    if PSEUDONYMS.get(state, &document.pseudonym)?.is_some() {
        return Err(Error::PseudonymTaken.into()); // I6
    }
    let (kind, pseudonym) = (document.kind, document.pseudonym);
    documents.push(document).map_err(|_| Error::TooManyDocuments)?;
    PSEUDONYMS.put(state, &pseudonym, &id);
    HOLDERS.put(state, &id, &holder);
    Ok(Event::DocumentAdded { account: id, kind, department, by: ctx.account })
}

/// Changes the level of an account.
pub fn change_level(binding: Binding, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let Binding { department, account: id, level, papers } = binding;
    let account = in_office(&department, &id, ctx, state)?;
    check_living(&account)?;
    let holder = bound(&id, state)?;
    if holder.level == level {
        return Err(Error::LevelUnchanged.into());
    }
    let (officer, at, receipt) = (ctx.account, ctx.time, ctx.receipt);
    HOLDERS.put(state, &id, &Holder { level, department, officer, papers, at, receipt, ..holder });
    Ok(Event::LevelChanged { account: id, level, department, by: ctx.account })
}

/// Binds an account to an organisation.
pub fn bind_company(
    binding: Binding,
    code: UnifiedSocialCreditCode,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let id = binding.account;
    check_to_bind(&binding, AccountKind::Organisation, ctx, state)?;
    if COMPANIES.get(state, &code)?.is_some() {
        return Err(Error::CodeTaken.into()); // I6
    }
    COMPANIES.put(state, &code, &id);
    HOLDERS.put(state, &id, &new_holder(&binding, Subject::Company { code }, ctx));
    let Binding { department, level, .. } = binding;
    Ok(Event::CompanyBound { account: id, code, level, department, by: ctx.account })
}
