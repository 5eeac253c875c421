//! From receipt to acceptance: the one notice, the correction, acceptance with and without gaps, refusal, return.

use super::filing::{
    By, are_departments_there, are_known, by_key, can_renew, check_facts, check_materials, check_sources,
};
use super::steps::{check_is_person, check_not_former, check_person};
use super::{Handled, steps};
use crate::case_entries::Entered;
use crate::case_facts::Facts;
use crate::case_licences::{held, is_held};
use crate::case_materials::{self, missing};
use crate::case_moments::open_gap;
use crate::case_papers::{PaperKind, PaperNumber};
use crate::case_reasons::Obstacle;
use crate::case_records::{
    Acceptance, Correction, Crossing, Ending, Gap, Given, Hand, How, MATERIALS_MAX, Reasons, RefusedAcceptance,
};
use crate::case_sources::{AnswerSources, Applying};
use crate::case_states::Stage;
use crate::case_steps;
use crate::cases::access;
use crate::cases::error::Error;
use crate::cases::msg::{Application, CallKind, Event};
use crate::cases::state::{self, Case, FILINGS};
use crate::catalogue::{self, Item};
use crate::clocks::Clock;
use crate::conditions;
use crate::flow::StepOutcome;
use crate::identity::AgentAct;
use crate::items::{DayUnit, Term};
use tongban_kernel::{Ctx, Missing, Role, State, Stop, TxError};
use tongban_types::codes::{CaseNumber, LicenceIdentifier};
use tongban_types::{Digest, List, Text, Time};

/// Tells the applicant once what to correct.
pub fn ask_correction(
    number: CaseNumber,
    materials: List<u8, MATERIALS_MAX>,
    points: Text<1000>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::AskCorrection, ctx, state)?;
    check_arrived(&handled)?;
    if handled.case.intake.correction.is_some() {
        return Err(Error::CorrectionAskedBefore.into()); // I12
    }
    let standing = standing(&handled, state)?;
    for material in &materials {
        let asked = handled.item.materials.get(usize::from(*material)).ok_or(Error::MaterialUnknown)?;
        if let Some(held_as) = &asked.held_as
            && is_held(state, &handled.case.applicant, &held_as.licence_type, ctx.time)?
        {
            return Err(Error::HeldAlready.into()); // I13
        }
        if standing.iter().any(|given| given.material == *material && matches!(given.how, How::Promise { .. })) {
            return Err(Error::CommittedTo.into());
        }
    }
    if !to_be_asked(&handled, ctx.time, state)?.iter().all(|material| materials.contains(material)) {
        return Err(Error::MaterialMissing.into()); // I12
    }
    let by = acceptor(&handled, ctx, state)?;
    let days = handled.rules.correction_days;
    let clock = Clock::start(Term { days, unit: DayUnit::WorkingDay }, ctx.time);
    let until = clock.deadline(state)?.map_or(ctx.time, |deadline| deadline.at);
    let event = Event::CorrectionAsked {
        case: handled.number.clone(),
        materials: materials.clone(),
        points: points.clone(),
        until,
        by: ctx.account,
        paper: handled.paper(PaperKind::Correction, ctx, state)?,
    };
    let correction = Correction { materials, points, by, clock, answered_at: None, has_lapsed: false };
    handled.case.intake.correction = Some(correction);
    handled.case.intake.arrived_at = None;
    handled.case.stage = Stage::Correcting;
    handled.save(ctx, state)?;
    Ok(event)
}

/// What a notice of corrections does not leave out: all that is lacking, but for what was promised to follow and still may.
fn to_be_asked(handled: &Handled, at: Time, state: &State) -> Result<Vec<u8>, Stop> {
    let is_to_follow = |material: &u8| {
        handled.filing.materials.iter().any(|given| given.material == *material && given.how == How::Gap {})
    };
    let (to_follow, mut asked): (Vec<u8>, Vec<u8>) = lacking(handled, at, state)?.into_iter().partition(is_to_follow);
    if !to_follow.is_empty() && !can_follow(handled, &to_follow, at, state)? {
        asked.extend(to_follow);
    }
    Ok(asked)
}

/// The materials have reached the department that decides.
fn check_arrived(handled: &Handled) -> Result<(), Error> {
    if handled.case.intake.arrived_at.is_some() { Ok(()) } else { Err(Error::NotHandedOver) }
}

/// The acting acceptor, at the post of the step of acceptance.
fn acceptor(handled: &Handled, ctx: &Ctx, state: &State) -> Result<Hand, Stop> {
    match case_steps::acceptance(&handled.item.flow) {
        Some(place) => handled.step_hand(place, Role::Acceptor, ctx, state),
        None => handled.lead_hand(Role::Acceptor, ctx, state),
    }
}

/// Where the statute wants a person to accept, no program does.
fn check_acceptor_is_person(handled: &Handled, ctx: &Ctx, state: &State) -> Result<(), Stop> {
    match case_steps::acceptance(&handled.item.flow).and_then(|place| handled.item.flow.get(place)) {
        Some(step) => check_person(step, ctx, state),
        None => Ok(()),
    }
}

/// An accepted case is decided: nobody ends it by not accepting it after all.
fn check_never_accepted(handled: &Handled) -> Result<(), Error> {
    if handled.case.acceptance.is_some() { Err(Error::AcceptedBefore) } else { Ok(()) } // I3
}

/// Hands in what was to be corrected; and after a case was sent back to its acceptance, whatever the applicant wants to add.
#[expect(clippy::too_many_arguments, reason = "each is one argument of the call")]
pub fn supplement(
    number: CaseNumber,
    facts: Option<Facts>,
    form: Option<Digest>,
    materials: List<Given, MATERIALS_MAX>,
    sources: AnswerSources,
    gap_promise: Option<Digest>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let handled = Handled::open(number, CallKind::Supplement, ctx, state)?;
    check_may_supplement(&handled)?;
    let by = by_key(&handled, AgentAct::Supplement, ctx, state)?;
    supplement_as(handled, facts, form, materials, sources, gap_promise, by, ctx, state)
}

/// It is for the department to say what is missing, until the case was accepted once.
fn check_may_supplement(handled: &Handled) -> Result<(), Error> {
    let may = handled.case.stage == Stage::Correcting || handled.case.acceptance.is_some();
    if may { Ok(()) } else { Err(Error::WrongStage) } // I9
}

/// The same, by whomever it is done for the applicant.
#[expect(clippy::too_many_arguments, reason = "each is one argument of the call")]
pub(super) fn supplement_as(
    mut handled: Handled,
    facts: Option<Facts>,
    form: Option<Digest>,
    materials: List<Given, MATERIALS_MAX>,
    sources: AnswerSources,
    gap_promise: Option<Digest>,
    by: By,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    check_may_supplement(&handled)?;
    let is_asked = handled.case.stage == Stage::Correcting;
    if let Some(facts) = &facts {
        handled.answers = check_facts(&handled.item, facts)?;
    }
    check_materials(&handled.item, &handled.case.applicant, &materials, ctx, state)?;
    let is_promised = gap_promise.is_some() || Application::has_promise(&materials);
    if is_promised && state::has_broken_promise(state, &handled.case.applicant)? {
        return Err(Error::PromiseBroken.into()); // I11
    }
    let applying = Applying {
        applicant: &handled.case.applicant,
        code: &handled.case.item.code,
        item: &handled.item,
        case: Some(&handled.number),
    };
    check_sources(applying, &sources, ctx, state)?;
    let is_given = |asked: &u8| materials.iter().any(|given| given.material == *asked);
    let asked = handled.case.intake.correction.as_ref().filter(|_| is_asked);
    let is_whole = match asked {
        Some(asked) => asked.materials.iter().all(is_given),
        None => facts.is_some() || form.is_some() || gap_promise.is_some() || !materials.is_empty(),
    };
    if !is_whole {
        return Err(Error::CorrectionIncomplete.into());
    }
    if let Some(asked) = handled.case.intake.correction.as_mut().filter(|_| is_asked) {
        asked.answered_at = Some(ctx.time);
    }
    if facts.as_ref().is_some_and(|facts| *facts != handled.filing.facts) {
        case_steps::repeat_all(&mut handled.case.steps); // none of them was done by these facts
    }
    let filing = &mut handled.filing;
    filing.facts = facts.unwrap_or_else(|| filing.facts.clone());
    if let Some(form) = form {
        (filing.form, filing.sources) = (form, sources); // I23
    }
    filing.gap_promise = gap_promise.or(filing.gap_promise);
    filing.materials = case_materials::merged(&filing.materials, &materials);
    FILINGS.put(state, &handled.number, &handled.filing);
    handled.case.intake.arrived_at = Some(ctx.time); // the days to accept begin anew with what has come in
    handled.case.stage = Stage::Received;
    let case = handled.number.clone();
    handled.save(ctx, state)?;
    Ok(Event::Supplemented { case, by: by.account, capacity: by.capacity })
}

/// Accepts a case.
pub fn accept(number: CaseNumber, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let handled = Handled::open(number, CallKind::Accept, ctx, state)?;
    check_arrived(&handled)?;
    check_acceptor_is_person(&handled, ctx, state)?; // I8
    let by = acceptor(&handled, ctx, state)?;
    let handled = run_by_version_in_force(handled, ctx, state)?;
    let open = open_materials(&handled, ctx.time, state)?;
    if lacking(&handled, ctx.time, state)? != open {
        return Err(Error::PromiseBroken.into()); // I11
    }
    check_eligible(&handled)?;
    if !open.is_empty() {
        return Err(Error::MaterialMissing.into()); // I4
    }
    begin(handled, ctx.time, Some(by), ctx, state)
}

/// Accepts a case of which materials follow later.
pub fn accept_with_gap(
    number: CaseNumber,
    days: u16,
    notice: Digest,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let handled = Handled::open(number, CallKind::AcceptWithGap, ctx, state)?;
    check_arrived(&handled)?;
    check_acceptor_is_person(&handled, ctx, state)?; // I8
    let by = acceptor(&handled, ctx, state)?;
    let mut handled = run_by_version_in_force(handled, ctx, state)?;
    check_eligible(&handled)?;
    let missing = open_materials(&handled, ctx.time, state)?;
    let (clock, since) = gap_clock(&handled, &missing, days, ctx.time, state)?;
    handled.case.gap = Some(Gap { notice, ..new_gap(missing, clock, since, ctx) });
    begin(handled, ctx.time, Some(by), ctx, state)
}

/// The applicant's days for what is missing, and since when something is missing, where it may follow.
fn gap_clock(handled: &Handled, missing: &[u8], days: u16, at: Time, state: &State) -> Result<(Clock, Time), Stop> {
    if state::has_broken_promise(state, &handled.case.applicant)? {
        return Err(Error::PromiseBroken.into()); // I11
    }
    if !missing.iter().all(|material| case_materials::may_follow(&handled.item, *material)) {
        return Err(Error::MaterialMissing.into());
    }
    if missing.is_empty() {
        return Err(Error::NothingMissing.into());
    }
    if handled.filing.gap_promise.is_none() {
        return Err(Error::GapPromiseMissing.into());
    }
    let promised = handled.item.clocks.promised;
    if !(1..=promised.days).contains(&days) {
        return Err(Error::GapDays.into());
    }
    let since = handled.case.gap.as_ref().map_or(at, |gap| gap.since);
    let clock = Clock::start(Term { days, unit: promised.unit }, at);
    let last = Clock::start(promised, since).deadline(state)?.map(|deadline| deadline.at);
    if clock.deadline(state)?.map(|deadline| deadline.at) > last {
        return Err(Error::GapDays.into()); // sent back or not, no more days than are promised
    }
    Ok((clock, since))
}

/// Whether the case can be accepted although all this is missing.
fn can_follow(handled: &Handled, missing: &[u8], at: Time, state: &State) -> Result<bool, Stop> {
    match gap_clock(handled, missing, 1, at, state) {
        Ok(_) => Ok(true),
        Err(Stop::Refused(_)) => Ok(false),
        Err(other) => Err(other),
    }
}

/// What stands against accepting a case as it is, at the department that decides.
pub(in crate::cases) fn obstacle(handled: &Handled, at: Time, state: &State) -> Result<Option<Obstacle>, Stop> {
    if handled.case.stage != Stage::Received || check_arrived(handled).is_err() {
        return Ok(None);
    }
    let handled = by_version_in_force(handled.clone(), at, state)?;
    if check_eligible(&handled).is_err() {
        return Ok(Some(Obstacle::NotEligible));
    }
    let missing = lacking(&handled, at, state)?;
    if missing.is_empty() {
        return Ok(None);
    }
    let can_follow = can_follow(&handled, &missing, at, state)?;
    let missing = List::new(missing).expect("an item has at most 64 materials");
    Ok(Some(Obstacle::Missing { missing, can_follow }))
}

fn check_eligible(handled: &Handled) -> Result<(), Error> {
    match &handled.item.eligibility {
        Some(condition) if conditions::holds(condition, &handled.answers) != Ok(true) => Err(Error::NotEligible),
        _ => Ok(()),
    }
}

/// What is missing, but for what a department already holds as a licence of the applicant: that is never asked for again.
pub(super) fn open_materials(handled: &Handled, at: Time, state: &State) -> Result<Vec<u8>, Missing> {
    open_among(handled, &handled.filing.materials, at, state)
}

/// The same before acceptance: what is only promised by one who has broken a promise is lacking, too.
fn lacking(handled: &Handled, at: Time, state: &State) -> Result<Vec<u8>, Missing> {
    open_among(handled, &standing(handled, state)?, at, state)
}

/// What was given and stands: no commitment of one who has broken a promise.
fn standing(handled: &Handled, state: &State) -> Result<List<Given, MATERIALS_MAX>, Missing> {
    let mut given = handled.filing.materials.clone();
    if state::has_broken_promise(state, &handled.case.applicant)? {
        given.retain(|given| !matches!(given.how, How::Promise { .. })); // I11
    }
    Ok(given)
}

fn open_among(handled: &Handled, given: &[Given], at: Time, state: &State) -> Result<Vec<u8>, Missing> {
    let mut open = Vec::new();
    for material in missing(&handled.item, &handled.answers, given) {
        if held_licence(handled, material, at, state)?.is_none() {
            open.push(material);
        }
    }
    Ok(open)
}

/// The licence of the applicant that stands for a material.
fn held_licence(
    handled: &Handled,
    material: u8,
    at: Time,
    state: &State,
) -> Result<Option<LicenceIdentifier>, Missing> {
    let held_as = handled.item.materials.get(usize::from(material)).and_then(|one| one.held_as.as_ref());
    match held_as {
        Some(held_as) => held(state, &handled.case.applicant, &held_as.licence_type, at),
        None => Ok(None),
    }
}

/// Notes which licences stand for what nobody was asked for: they do so to the end, whatever becomes of them.
fn note_held(handled: &mut Handled, missing: &[u8], at: Time, state: &State) -> Result<Vec<u8>, Missing> {
    let mut noted = Vec::new();
    for material in missing {
        if let Some(licence) = held_licence(handled, *material, at, state)? {
            noted.push(Given { material: *material, how: How::Licence { licence } });
        }
    }
    if !noted.is_empty() {
        handled.filing.materials = case_materials::merged(&handled.filing.materials, &noted);
        handled.has_noted = true;
    }
    Ok(noted.iter().map(|given| given.material).collect())
}

/// Takes what has come to be held of what is missing for handed in: nobody is reminded of it, and no case rests or ends for it.
pub(super) fn take_held(handled: &mut Handled, at: Time, state: &State) -> Result<(), Missing> {
    let Some(missing) = open_gap(&handled.case).map(|gap| gap.missing.clone()) else { return Ok(()) };
    let noted = note_held(handled, &missing, at, state)?; // I13
    if let Some(gap) = handled.case.gap.as_mut().filter(|_| !noted.is_empty()) {
        gap.missing.retain(|missing| !noted.contains(missing));
        if gap.missing.is_empty() {
            end_gap(&mut handled.case, at);
        }
    }
    Ok(())
}

fn new_gap(missing: Vec<u8>, clock: Clock, since: Time, ctx: &Ctx) -> Gap {
    Gap {
        missing: List::new(missing).expect("an item has at most 64 materials"),
        notice: Digest([0; 32]),
        clock,
        reminded_at: None,
        suspended_at: None,
        since,
        accepted_at: ctx.time,
        filled_at: None,
        declined_at: None,
    }
}

/// Nothing is missing any more: the case goes on.
fn end_gap(case: &mut Case, at: Time) {
    let Some(gap) = &mut case.gap else { return };
    gap.missing = List::default();
    gap.filled_at.get_or_insert(at);
    steps::end_gap_suspension(case, at);
    if case.termination.as_ref().is_some_and(|proposal| proposal.by.is_none()) {
        case.termination = None; // time had proposed it for what is there now
    }
}

/// Keeps in sight what is missing of a case that is accepted, by whomever: nothing is granted before that is there. An officer has set its days;
/// where silence accepts there are as many as are promised for the decision, from the first time on.
fn keep_gap(handled: &mut Handled, by_silence: bool, ctx: &Ctx, state: &State) -> Result<(), Stop> {
    let missing = lacking(handled, ctx.time, state)?;
    if missing.is_empty() {
        end_gap(&mut handled.case, ctx.time);
    } else if by_silence {
        let Term { days, unit } = handled.item.clocks.promised;
        let before = handled.case.gap.as_ref();
        let since = before.map_or(ctx.time, |gap| gap.since);
        let open = before.filter(|gap| gap.filled_at.is_none());
        let clock = open.map_or(Clock::start(Term { days: days.max(1), unit }, since), |gap| gap.clock);
        handled.case.gap = Some(new_gap(missing, clock, since, ctx));
    }
    Ok(())
}

/// A case runs by the version in force at its acceptance, where the facts fit that; otherwise, and where none is in force any more, by the
/// one it was filed under. Once accepted it stays.
fn run_by_version_in_force(handled: Handled, ctx: &Ctx, state: &mut State) -> Result<Handled, Stop> {
    let filed = handled.case.item.version;
    let handled = by_version_in_force(handled, ctx.time, state)?;
    if handled.case.item.version != filed {
        FILINGS.put(state, &handled.number, &handled.filing);
    }
    Ok(handled)
}

/// A case as it is accepted at a time, in the version that it would run by.
fn by_version_in_force(mut handled: Handled, at: Time, state: &State) -> Result<Handled, Stop> {
    if handled.case.acceptance.is_some() {
        return Ok(handled); // I14
    }
    let Some(version) = catalogue::in_force(state, &handled.case.item.code, at)? else { return Ok(handled) };
    if version.number == handled.case.item.version || !is_same_desk(&handled.item, &version.item) {
        return Ok(handled);
    }
    let can_renew = handled.filing.renews.as_ref().is_none_or(|licence| can_renew(&version.item, licence));
    // Who entered an application at a counter acted in office, and need not be known.
    let is_entered = handled.filing.entries.iter().any(|entry| entry.what == Entered::Application);
    let applicant = &handled.case.applicant;
    let accounts = [applicant, if is_entered { applicant } else { &handled.filing.filed_by }];
    if !can_renew || !are_departments_there(&version.item, state)? || !are_known(&version.item, accounts, state)? {
        return Ok(handled);
    }
    let Ok(answers) = check_facts(&version.item, &handled.filing.facts) else { return Ok(handled) };
    handled.filing.materials = case_materials::rebase(&handled.filing.materials, &handled.item, &version.item);
    handled.answers = answers;
    handled.item = version.item;
    handled.case.item.version = version.number;
    Ok(handled)
}

/// A version of another department, or with another post of acceptance, is not the acting acceptor's to accept by.
fn is_same_desk(filed: &Item, newer: &Item) -> bool {
    let desk = |item: &Item| {
        let step = case_steps::acceptance(&item.flow).and_then(|place| item.flow.get(place));
        step.map(|step| (step.department.clone(), step.role.clone()))
    };
    filed.department.code == newer.department.code && desk(filed) == desk(newer)
}

/// Begins the handling of a case that is accepted, from a time on; also where silence accepts, by nobody.
pub(in crate::cases) fn begin(
    mut handled: Handled,
    counts_from: Time,
    by: Option<Hand>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    if by.is_none() {
        handled = run_by_version_in_force(handled, ctx, state)?;
    }
    let missing = missing(&handled.item, &handled.answers, &handled.filing.materials);
    note_held(&mut handled, &missing, ctx.time, state)?;
    keep_gap(&mut handled, by.is_none(), ctx, state)?; // I4
    let clocks = handled.item.clocks.clone();
    if handled.case.acceptance.is_none() {
        handled.case.steps = case_steps::blank(&handled.item.flow);
        handled.case.acceptance = Some(Acceptance { counts_from, by });
    }
    if handled.case.promised.is_none() {
        handled.case.promised = Some(Clock::start(clocks.promised, counts_from));
        handled.case.statutory = Some(Clock::start(clocks.statutory, counts_from));
    } // accepted anew after a step was sent back: the clocks of the decision have gone on; where it was forwarded, they begin
    handled.case.stage = Stage::Accepted;
    let is_joint = handled.filing.crossing == Crossing::Joint;
    handled.case.joint_place = is_joint.then_some(handled.filing.place);
    if let Some(place) = case_steps::acceptance(&handled.item.flow) {
        let outcome = if by.is_some() { StepOutcome::Passed } else { StepOutcome::PassedBySilence };
        let clock = Clock::start(Term { days: clocks.acceptance_days, unit: DayUnit::WorkingDay }, counts_from);
        case_steps::change_clock(&mut handled.case.steps, place, clock);
        steps::record(&mut handled, place, outcome, by, None, ctx.time, state)?;
        case_steps::finish(&mut handled.case.steps, place, outcome, by.map(|by| by.account));
    }
    // Where silence accepts, the days of the departments begin now all the same: their own silence must not follow from it at once.
    let begun = case_steps::begin_due(&handled.item, &handled.answers, &mut handled.case.steps, ctx.time);
    let due = handled.names(begun.map_err(Error::from)?);
    let missing = handled.case.gap.as_ref().map_or_else(List::default, |gap| gap.missing.clone());
    let (case, item_version) = (handled.number.clone(), handled.case.item.version);
    let (paper, gap_paper) = receipts(&mut handled, by.is_some(), !missing.is_empty(), ctx, state)?;
    handled.save(ctx, state)?;
    let by = by.map(|by| by.account);
    Ok(Event::Accepted { case, item_version, counts_from, by, missing, due, paper, gap_paper })
}

/// The numbers of what an officer gives who accepts: the receipt, and the notice of what is missing. Silence gives nothing in writing.
fn receipts(
    handled: &mut Handled,
    by_officer: bool,
    with_gap: bool,
    ctx: &Ctx,
    state: &mut State,
) -> Result<(Option<PaperNumber>, Option<PaperNumber>), Stop> {
    if !by_officer {
        return Ok((None, None));
    }
    let receipt = handled.paper(PaperKind::Acceptance, ctx, state)?;
    let notice = if with_gap { Some(handled.paper(PaperKind::Gap, ctx, state)?) } else { None };
    Ok((Some(receipt), notice))
}

/// Refuses to accept a case.
pub fn refuse_acceptance(
    number: CaseNumber,
    reasons: Reasons,
    remedies: Text<300>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::RefuseAcceptance, ctx, state)?;
    check_arrived(&handled)?;
    check_never_accepted(&handled)?;
    check_is_person(ctx, state)?; // I8
    check_not_former(&handled.case, ctx)?;
    let scope = access::refusing(&handled.case, &handled.item.flow, ctx, state)?;
    let department = scope.as_ref().ok_or(TxError::Denied)?.department;
    let by = handled.hand(Role::Acceptor, scope, ctx, state)?;
    handled.case.refused = Some(RefusedAcceptance { reasons: reasons.clone(), remedies: remedies.clone(), by });
    handled.case.stage = Stage::NotAccepted;
    let case = handled.number.clone();
    let paper = handled.paper_of(department, PaperKind::AcceptanceRefusal, ctx, state)?;
    handled.save(ctx, state)?;
    Ok(Event::AcceptanceRefused { case, reasons, remedies, by: ctx.account, paper })
}

/// Returns a case that was not corrected.
pub fn return_case(number: CaseNumber, reasons: Reasons, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::ReturnCase, ctx, state)?;
    check_never_accepted(&handled)?;
    let clock = handled.case.intake.correction.as_ref().map(|correction| correction.clock);
    if !clock.map(|clock| clock.is_over(state, ctx.time)).transpose()?.unwrap_or(false) {
        return Err(Error::CorrectionRunning.into());
    }
    check_is_person(ctx, state)?; // I8
    check_not_former(&handled.case, ctx)?;
    let by = handled.deciding_hand(Role::Acceptor, ctx, state)?;
    let (case, stage) = (handled.number.clone(), Stage::Returned);
    let paper = Some(handled.paper(PaperKind::Return, ctx, state)?);
    handled.case.ending = Some(Ending { reasons: reasons.clone(), to: None, by: Some(by), at: ctx.time, loss: None });
    handled.case.stage = stage;
    handled.save(ctx, state)?;
    Ok(Event::Ended { case, stage, reasons, to: None, by: ctx.account, capacity: None, paper })
}

/// Hands in what was missing. Late is better than never: until a person terminates the case, handling goes on.
pub fn fill_gap(
    number: CaseNumber,
    materials: List<Given, MATERIALS_MAX>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let handled = Handled::open(number, CallKind::FillGap, ctx, state)?;
    let by = by_key(&handled, AgentAct::Supplement, ctx, state)?;
    fill_gap_as(handled, materials, by, ctx, state)
}

/// The same, by whomever it is done for the applicant.
pub(super) fn fill_gap_as(
    mut handled: Handled,
    materials: List<Given, MATERIALS_MAX>,
    by: By,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    check_materials(&handled.item, &handled.case.applicant, &materials, ctx, state)?;
    let gap = handled.case.gap.as_mut().ok_or(Error::NotAGap)?;
    let fills = |given: &Given| {
        gap.missing.contains(&given.material) && !matches!(given.how, How::Gap {} | How::Promise { .. })
    };
    if materials.is_empty() || !materials.iter().all(fills) {
        return Err(Error::NotAGap.into());
    }
    gap.missing.retain(|missing| materials.iter().all(|given| given.material != *missing));
    let missing = gap.missing.clone();
    handled.filing.materials = case_materials::merged(&handled.filing.materials, &materials);
    FILINGS.put(state, &handled.number, &handled.filing);
    if missing.is_empty() {
        end_gap(&mut handled.case, ctx.time);
    }
    let case = handled.number.clone();
    handled.save(ctx, state)?;
    Ok(Event::GapFilled { case, missing, by: by.account, capacity: by.capacity })
}
