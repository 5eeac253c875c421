//! One function for each call: refuse, refuse, refuse, then write, then tell.

use super::due;
use super::error::Error;
use super::msg::{Answer, Call, CorrectionRequest, Event, Fields, Ground, Handout, Purpose, Reading, SourceList, Uses};
use super::state::{
    self, ACCESSES, Access, CANDIDATES, CONSENTS, CORRECTION_DAYS_MAX, CORRECTIONS, Candidates, Consent, Correction,
    CorrectionAnswer, Granted, OPEN_CORRECTIONS, RECORD_VERSION, TERMS, Terms, Withdrawal,
};
use crate::cases::{self, Case};
use crate::catalogue::{self, Item, ItemCode};
use crate::held::{self, FieldName};
use crate::identity;
use crate::licences::{self, Holder, Licence};
use crate::orgs::{self, DepartmentCode};
use crate::representation::{self, AgentAct, Capacity};
use tongban_kernel::{Ctx, Missing, State, Stop};
use tongban_types::codes::{LicenceIdentifier, LicenceTypeCode};
use tongban_types::{AccessId, AccountId, ConsentId, CorrectionId, Digest, List, Time};

/// Refuses what is wrong whatever the state is.
pub fn validate(call: &Call) -> Result<(), Error> {
    match call {
        Call::GiveConsent { sources, .. } => {
            if sources.is_empty() {
                return Err(Error::NothingCovered); // I3
            }
            let types: Vec<&LicenceTypeCode> = sources.iter().map(|source| &source.licence_type).collect();
            if (0..types.len()).any(|index| types[..index].contains(&types[index])) {
                return Err(Error::SourceTwice); // I3
            }
            if !sources.iter().all(|source| state::are_named(&source.fields)) {
                return Err(Error::FieldNames); // I3
            }
            Ok(())
        }
        Call::RecordAccess { handout, .. } => validate_handout(handout),
        Call::OpenCorrection { request, .. } if request.field.is_empty() => Err(Error::FieldNames),
        Call::AnswerCorrection { answer: Answer::Kept { reason }, .. } if reason.is_empty() => {
            Err(Error::ReasonMissing) // I7
        }
        Call::ChangeTerms { correction_working_days: days } if !(1..=CORRECTION_DAYS_MAX).contains(days) => {
            Err(Error::TermOutOfBounds)
        }
        Call::WithdrawConsent { .. }
        | Call::OpenCorrection { .. }
        | Call::AnswerCorrection { .. }
        | Call::ChangeTerms { .. } => Ok(()),
    }
}

fn validate_handout(handout: &Handout) -> Result<(), Error> {
    if !state::are_named(&handout.fields) {
        return Err(Error::FieldNames);
    }
    let Ground::Law { basis, .. } = &handout.ground else { return Ok(()) };
    if basis.law.is_empty() || basis.article.is_empty() {
        return Err(Error::BasisMissing); // I4
    }
    if handout.case.is_none() && handout.reading.purpose != Purpose::Supervision {
        return Err(Error::CaseMissing); // I4
    }
    Ok(())
}

/// Records that the call will surely read.
pub fn reads(call: &Call, state: &State) -> Vec<Digest> {
    match call {
        Call::GiveConsent { id, reading, .. } => vec![
            CONSENTS.state_key(state, id),
            CANDIDATES.state_key(state, &candidates_key(reading)),
            catalogue::ITEMS.state_key(state, &reading.item),
        ],
        Call::WithdrawConsent { id } => vec![CONSENTS.state_key(state, id)],
        Call::RecordAccess { id, handout } => {
            let mut keys = vec![
                ACCESSES.state_key(state, id),
                identity::state_key(state, &handout.reader),
                licences::LICENCES.state_key(state, &handout.licence),
            ];
            keys.extend(handout.case.as_ref().map(|case| cases::CASES.state_key(state, case)));
            if let Ground::Consent { consent } = &handout.ground {
                keys.push(CONSENTS.state_key(state, consent));
            }
            keys
        }
        Call::OpenCorrection { id, request } => vec![
            CORRECTIONS.state_key(state, id),
            OPEN_CORRECTIONS.state_key(state, &(request.licence.clone(), request.field.clone())),
            licences::LICENCES.state_key(state, &request.licence),
        ],
        Call::AnswerCorrection { id, .. } => vec![CORRECTIONS.state_key(state, id)],
        Call::ChangeTerms { .. } => vec![TERMS.state_key(state, &())],
    }
}

fn candidates_key(reading: &Reading) -> (AccountId, DepartmentCode, ItemCode) {
    (reading.person, reading.receiver, reading.item.clone())
}

/// Gives a consent.
pub fn give_consent(
    id: ConsentId,
    reading: Reading,
    sources: SourceList,
    uses: Uses,
    until: Time,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let version = catalogue::in_force(state, &reading.item, ctx.time)?.ok_or(Error::ItemNotInForce)?;
    let capacity = acting_for(&reading.person, Some(&reading.item), AgentAct::Consent, ctx, state)?; // I2
    if state::consent(state, &id)?.is_some() {
        return Err(Error::Exists.into()); // I1
    }
    if !takes_part(&version.item, &reading.receiver, state)? {
        return Err(Error::ReceiverNotInItem.into()); // I6
    }
    let needs = held::needs(&version.item);
    let is_needed = |licence_type: &LicenceTypeCode, fields: &Fields| match fields {
        Fields::Whole => held::is_needed(&needs, licence_type, None),
        Fields::Named(names) => names.iter().all(|name| held::is_needed(&needs, licence_type, Some(name))),
    };
    if !sources.iter().all(|source| is_needed(&source.licence_type, &source.fields)) {
        return Err(Error::NotNeeded.into()); // I6
    }
    if until <= ctx.time || until > state::latest_end(ctx.time) {
        return Err(Error::UntilOutOfBounds.into()); // I3
    }
    let mut candidates = usable(&reading, ctx, state)?;
    candidates.push(id).map_err(|_| Error::TooManyConsents)?;
    CANDIDATES.put(state, &candidates_key(&reading), &candidates);
    let granted = sources.iter().map(|source| Granted { source: source.clone(), last_access: None });
    let consent = Consent {
        version: RECORD_VERSION,
        reading: reading.clone(),
        sources: List::new(granted.collect()).expect("as many as the call names"),
        uses,
        until,
        given_by: ctx.account,
        capacity,
        given_at: ctx.time,
        receipt: ctx.receipt,
        withdrawal: None,
    };
    CONSENTS.put(state, &id, &consent);
    Ok(Event::ConsentGiven { id, reading, sources, uses, until, by: ctx.account })
}

/// Whether a department, or one above it, leads the item or takes part in it, or answers now for one that does; or is a body above the one that
/// leads it, to which a case may be forwarded.
fn takes_part(item: &Item, receiver: &DepartmentCode, state: &State) -> Result<bool, Missing> {
    for department in std::iter::once(&item.department).chain(&item.joint_departments) {
        let Ok(code) = department.code.parse::<DepartmentCode>() else { continue };
        let heir = cases::answering(&code, state)?.filter(|heir| *heir != code);
        for code in std::iter::once(code).chain(heir) {
            let is_lead = department.code == item.department.code;
            if orgs::is_within(state, receiver, &code)? || is_lead && orgs::is_within(state, &code, receiver)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// The consents of this person for this receiver and item that can still be used.
fn usable(reading: &Reading, ctx: &Ctx, state: &State) -> Result<Candidates, Missing> {
    let mut usable = Candidates::default();
    for id in &CANDIDATES.get(state, &candidates_key(reading))?.unwrap_or_default() {
        if state::consent(state, id)?.is_some_and(|consent| consent.is_usable(ctx.time)) {
            usable.push(*id).expect("no more than there were");
        }
    }
    Ok(usable)
}

/// In what capacity the acting account may do this for a person.
fn acting_for(
    person: &AccountId,
    item: Option<&ItemCode>,
    act: AgentAct,
    ctx: &Ctx,
    state: &State,
) -> Result<Capacity, Stop> {
    let capacity = representation::capacity_for(state, &ctx.account, person, item, act, ctx.time)?;
    Ok(capacity.ok_or(Error::NotForPerson)?)
}

/// Withdraws a consent.
pub fn withdraw_consent(id: ConsentId, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut consent = state::consent(state, &id)?.ok_or(Error::NotFound)?;
    let reading = consent.reading.clone();
    let capacity = acting_for(&reading.person, Some(&reading.item), AgentAct::Consent, ctx, state)?; // I2
    if consent.withdrawal.is_some() {
        return Err(Error::Withdrawn.into()); // I2
    }
    consent.withdrawal = Some(Withdrawal { by: ctx.account, capacity, at: ctx.time, receipt: ctx.receipt });
    CONSENTS.put(state, &id, &consent); // I1: all else stays as it was read
    keep_usable(&reading, ctx, state)?;
    Ok(Event::ConsentWithdrawn { id, reading, by: ctx.account })
}

/// Takes consents that can be used no more from the list of those that can.
fn keep_usable(reading: &Reading, ctx: &Ctx, state: &mut State) -> Result<(), Missing> {
    let key = candidates_key(reading);
    let usable = usable(reading, ctx, state)?;
    if usable.is_empty() {
        CANDIDATES.delete(state, &key);
    } else {
        CANDIDATES.put(state, &key, &usable);
    }
    Ok(())
}

/// Records an access.
pub fn record_access(id: AccessId, handout: Handout, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let receiver = cases::answering(&handout.reading.receiver, state)?.ok_or(Error::DepartmentUnknown)?;
    if !identity::exists(state, &handout.reader)? {
        return Err(Error::ReaderUnknown.into());
    }
    let case = match &handout.case {
        Some(number) => Some(cases::case(state, number)?.ok_or(Error::CaseUnknown)?), // I5
        None => None,
    };
    let licence = held_by(&handout.licence, &handout.reading.person, state)?;
    if licences::keeper(state, &licence)? != handout.provider {
        return Err(Error::NotProvider.into()); // I5
    }
    if !may_be_shown(&handout, &receiver, ctx, state)? {
        return Err(Error::ReaderNotEntitled.into()); // I5
    }
    if let Some(case) = &case
        && !is_case_of(case, &handout, ctx, state)?
    {
        return Err(Error::CaseOfAnother.into()); // I5
    }
    if state::access(state, &id)?.is_some() {
        return Err(Error::Exists.into()); // I1
    }
    if let Ground::Consent { consent } = &handout.ground {
        use_consent(*consent, id, &handout, ctx, state)?; // I4
    }
    let access = Access {
        version: RECORD_VERSION,
        handout: handout.clone(),
        officer: ctx.account,
        at: ctx.time,
        receipt: ctx.receipt,
    };
    ACCESSES.put(state, &id, &access);
    Ok(Event::AccessRecorded { id, handout })
}

/// Whether the reader of a handout can act, and holds a right in the receiver, whichever it is, or is the person, or may apply or consent for him, or
/// administers his estate.
fn may_be_shown(handout: &Handout, receiver: &DepartmentCode, ctx: &Ctx, state: &State) -> Result<bool, Missing> {
    let (reader, reading) = (&handout.reader, &handout.reading);
    if identity::status(state, reader)? != identity::Status::Active {
        return Ok(false); // I9: whoever holds the key of an account that was reported stolen would read what is sealed to it
    }
    if *reader == reading.person {
        return Ok(true);
    }
    let may = |act| representation::capacity_for(state, reader, &reading.person, Some(&reading.item), act, ctx.time);
    if may(AgentAct::File)?.is_some() || may(AgentAct::Consent)?.is_some() {
        return Ok(true);
    }
    if may(AgentAct::Receive)? == Some(Capacity::EstateAdministrator) {
        return Ok(true); // he takes stock of what there is (民法典 第一千一百四十七条)
    }
    let is_active = orgs::department(state, receiver)?.is_some_and(|department| department.is_active());
    let holds_right = |officer: orgs::Appointment| {
        let is_granted = officer.grants.iter().any(|grant| grant.is_in_force(ctx.time));
        let is_deputy = officer.deputyships.iter().any(|deputyship| deputyship.is_in_force(ctx.time));
        officer.is_in_office(ctx.time) && (is_granted || is_deputy)
    };
    Ok(is_active && orgs::officer(state, receiver, reader)?.is_some_and(holds_right))
}

/// Whether a case is about the item of a handout, was not handed over by its receiver to a higher body, and its person has a part in it: under a consent, which is for his own application, as the
/// applicant; by law also as the one who has applied or stands for the applicant.
fn is_case_of(case: &Case, handout: &Handout, ctx: &Ctx, state: &State) -> Result<bool, Missing> {
    let (person, applicant) = (&handout.reading.person, &case.applicant);
    let mut former = case.forwardings.iter().map(|forwarding| forwarding.from);
    let has_handed_over =
        handout.reading.receiver != case.department && former.any(|from| from == handout.reading.receiver);
    if case.item.code != handout.reading.item || has_handed_over {
        return Ok(false);
    }
    let is_applicant = person == applicant
        || identity::successor(state, applicant)?.is_some_and(|heir| heir == *person)
        || identity::successor(state, person)?.is_some_and(|heir| heir == *applicant);
    if is_applicant {
        return Ok(true);
    }
    let has_filed = match &handout.case {
        Some(number) => cases::filing(state, number)?.is_some_and(|filing| filing.filed_by == *person),
        None => false,
    };
    match handout.ground {
        Ground::Consent { .. } => Ok(false),
        Ground::Law { .. } => Ok(has_filed || representation::stands_for(state, person, applicant, ctx.time)?),
    }
}

/// The licence, where it is known and this holder's.
fn held_by(licence: &LicenceIdentifier, holder: &AccountId, state: &State) -> Result<Licence, Stop> {
    let found = licences::licence(state, licence)?.filter(|found| !found.is_draft()).ok_or(Error::LicenceUnknown)?;
    if found.holder != (Holder::Account { account: *holder }) {
        return Err(Error::NotHolder.into()); // I5
    }
    Ok(found)
}

/// Uses a consent for an access, which it has to cover.
fn use_consent(
    consent_id: ConsentId,
    access: AccessId,
    handout: &Handout,
    ctx: &Ctx,
    state: &mut State,
) -> Result<(), Stop> {
    let mut consent = state::consent(state, &consent_id)?.ok_or(Error::NotFound)?;
    let licence_type = handout.licence.licence_type();
    if state::has_ended(state, &consent.reading.person)? {
        return Err(Error::PersonEnded.into()); // I2
    }
    consent.check(&handout.reading, &licence_type, &handout.fields, ctx.time)?; // I3, I4
    let mut sources = consent.sources.into_vec();
    for granted in sources.iter_mut().filter(|granted| granted.source.licence_type == licence_type) {
        granted.last_access = Some(access); // I3
    }
    consent.sources = List::new(sources).expect("as many as before");
    let is_spent = !consent.is_usable(ctx.time);
    CONSENTS.put(state, &consent_id, &consent); // I1: all else stays as it was read
    if is_spent {
        keep_usable(&handout.reading, ctx, state)?;
    }
    Ok(())
}

/// Whether a licence has a field, as its type says; where the type of an older licence is not known here, any.
fn has_field(licence: &Licence, field: &FieldName, state: &State) -> Result<bool, Missing> {
    let Some(number) = licence.type_version else { return Ok(true) };
    let version = licences::type_version(state, &licence.licence_type(), number)?;
    Ok(version.is_some_and(|version| version.definition.face.iter().any(|defined| defined.name == *field)))
}

/// Opens a correction request.
pub fn open_correction(
    id: CorrectionId,
    request: CorrectionRequest,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let capacity = acting_for(&request.holder, None, AgentAct::Appeal, ctx, state)?;
    let licence = held_by(&request.licence, &request.holder, state)?;
    if !has_field(&licence, &request.field, state)? {
        return Err(Error::FieldUnknown.into());
    }
    let department = licences::keeper(state, &licence)?;
    if state::correction(state, &id)?.is_some() {
        return Err(Error::Exists.into()); // I1
    }
    if state::open_correction(state, &request.licence, &request.field)?.is_some() {
        return Err(Error::CorrectionOpen.into()); // I7
    }
    let correction = Correction {
        version: RECORD_VERSION,
        request: request.clone(),
        department,
        opened_by: ctx.account,
        capacity,
        opened_at: ctx.time,
        receipt: ctx.receipt,
        working_days: state::terms(state)?.correction_working_days,
        overdue_at: None,
        answer: None,
    };
    let deadline = correction.deadline(state)?;
    due::schedule(id, &correction, ctx, state)?;
    OPEN_CORRECTIONS.put(state, &(request.licence.clone(), request.field.clone()), &id);
    CORRECTIONS.put(state, &id, &correction);
    Ok(Event::CorrectionOpened { id, request, department, deadline })
}

/// Answers a correction request.
pub fn answer_correction(id: CorrectionId, answer: Answer, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut correction = state::correction(state, &id)?.ok_or(Error::NotFound)?;
    let request = correction.request.clone();
    if let Answer::Corrected { licence } = &answer
        && licences::licence(state, licence)?.is_none()
    {
        return Err(Error::LicenceUnknown.into()); // I7
    }
    if correction.answer.is_some() {
        return Err(Error::Answered.into()); // I7
    }
    if let Answer::Corrected { licence } = &answer
        && !state::is_corrected_by(state, &correction, licence)?
    {
        return Err(Error::NotLaterVersion.into()); // I7
    }
    let is_late = correction.deadline(state)?.is_over(ctx.time);
    correction.answer = Some(CorrectionAnswer {
        answer: answer.clone(),
        officer: ctx.account,
        at: ctx.time,
        receipt: ctx.receipt,
        is_late,
    });
    CORRECTIONS.put(state, &id, &correction); // I1: all else stays as it was read
    OPEN_CORRECTIONS.delete(state, &(request.licence, request.field));
    Ok(Event::CorrectionAnswered { id, holder: request.holder, answer, is_late })
}

/// Sets the time that departments have.
pub fn change_terms(correction_working_days: u16, _ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let terms = Terms { correction_working_days };
    TERMS.put(state, &(), &terms);
    Ok(Event::TermsChanged { terms })
}
