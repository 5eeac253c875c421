//! Filing, receiving and handing over.

use super::Handled;
use crate::case_entries::{ENTRIES_MAX, Entry};
use crate::case_facts::{self, Facts};
use crate::case_licences;
use crate::case_materials;
use crate::case_moments::arrives_at_once;
use crate::case_records::{Crossing, Filing, Given, HandOver, How, Intake, ItemVersion};
use crate::case_sources::{self, AnswerSource, Applying};
use crate::case_states::Stage;
use crate::cases::access::answering;
use crate::cases::error::Error;
use crate::cases::msg::{Application, CallKind, Event};
use crate::cases::state::{self, CASE_VERSION, Case, FILINGS, Renewal, SEQUENCES};
use crate::catalogue::{self, Assurance, HandleArea, Item, ItemCode, ItemType, Served};
use crate::flow;
use crate::forms::Answers;
use crate::identity::{self, AccountKind, AgentAct, AssuranceLevel, Capacity};
use crate::items::StepKind;
use crate::law;
use crate::offices::DepartmentCode;
use crate::orgs;
use crate::working_days::BeijingDay;
use tongban_kernel::{Ctx, Missing, State, Stop};
use tongban_types::codes::{
    CaseNumber, DivisionCode, ItemImplementationCode, LicenceIdentifier, UnifiedSocialCreditCode,
};
use tongban_types::{AccountId, List, Text};

const DAY_MILLIS: u64 = 86_400_000;

/// Who does something of a case for its applicant, and as what; at a counter the officer who enters what the applicant has signed himself.
#[derive(Clone, Copy)]
pub(super) struct By {
    pub account: AccountId,
    pub capacity: Capacity,
}

/// Files an application.
pub fn file(application: Application, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    file_as(application, None, ctx, state)
}

/// The same; with what stands in for the applicant's own key, where it was signed on paper.
pub(super) fn file_as(
    application: Application,
    signed: Option<(Capacity, List<Entry, ENTRIES_MAX>)>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let version = catalogue::in_force(state, &application.item, ctx.time)?.ok_or(Error::ItemNotInForce)?;
    let item = &version.item;
    if !is_on_application(item.item_type) {
        return Err(Error::NotOnApplication.into());
    }
    // Who enters what was signed on paper acts in office; whom he enters it for has to be known.
    let who = if signed.is_some() { application.applicant } else { ctx.account };
    let (capacity, entries) = match signed {
        Some(signed) => signed,
        None => (capacity(&application.applicant, &application.item, AgentAct::File, ctx, state)?, List::default()),
    };
    check_served(item, &application.applicant, state)?;
    if !are_known(item, [&application.applicant, &who], state)? {
        return Err(Error::AssuranceTooLow.into());
    }
    if !item.service.handle_types.contains(&application.channel) {
        return Err(Error::Channel.into());
    }
    let department: DepartmentCode = item.department.code.parse().map_err(|_| Error::DepartmentGone)?;
    if !are_departments_there(item, state)? {
        return Err(Error::DepartmentGone.into());
    }
    let place = place(&application, item, department, state)?;
    let answers = check_facts(item, &application.facts)?;
    check_materials(item, &application.applicant, &application.materials, ctx, state)?;
    check_promises(&application, state)?;
    let renewal = renewal(&application, item, ctx, state)?;
    let applying = Applying { applicant: &application.applicant, code: &application.item, item, case: None };
    check_sources(applying, &application.sources, ctx, state)?;
    let number = number(&application.item, &department, ctx, state)?;

    let arrives = arrives_at_once(application.channel) && application.crossing != Crossing::ReceivedElsewhere;
    let event = Event::Filed {
        case: number.clone(),
        item: application.item.clone(),
        item_version: version.number,
        applicant: application.applicant,
        by: ctx.account,
        capacity,
        department,
        place,
        crossing: application.crossing,
        channel: application.channel,
    };
    let mut case = blank(ItemVersion { code: application.item, version: version.number }, department, ctx);
    case.applicant = application.applicant;
    case.intake = Intake { arrived_at: arrives.then_some(ctx.time), ..Intake::default() };
    case.renewal = renewal;
    let filing = Filing {
        version: CASE_VERSION,
        filed_by: ctx.account,
        capacity,
        channel: application.channel,
        crossing: application.crossing,
        place,
        facts: application.facts,
        form: application.form,
        materials: application.materials,
        gap_promise: application.gap_promise,
        renews: application.renews,
        sources: application.sources,
        filed_at: ctx.time,
        receipt: ctx.receipt,
        entries,
    };
    FILINGS.put(state, &number, &filing);
    let rules = state::rules(state, &department)?;
    Handled { number, case, filing, item: version.item, answers, rules, has_noted: false }.save(ctx, state)?;
    Ok(event)
}

fn blank(item: ItemVersion, department: DepartmentCode, ctx: &Ctx) -> Case {
    Case {
        version: CASE_VERSION,
        item,
        department,
        applicant: ctx.account,
        stage: Stage::Submitted,
        intake: Intake::default(),
        acceptance: None,
        refused: None,
        gap: None,
        promised: None,
        statutory: None,
        steps: List::default(),
        procedures: List::default(),
        extension: None,
        decision: None,
        results: List::default(),
        delivery_clock: None,
        delivery: None,
        closed_at: None,
        termination: None,
        ending: None,
        commitment: None,
        revocation: None,
        rating: None,
        appeal: None,
        reconsidered: 0,
        former_decider: None,
        cards: List::default(),
        renewal: None,
        watch: None,
        filed_at: ctx.time,
        former_officers: List::default(),
        forwardings: List::default(),
        papers: List::default(),
        former_revocations: List::default(),
        referral: None,
        hearing: None,
        disowned: None,
        joint_place: None,
    }
}

/// The same for who acts with his own key.
pub(super) fn by_key(handled: &Handled, act: AgentAct, ctx: &Ctx, state: &State) -> Result<By, Stop> {
    let capacity = capacity(&handled.case.applicant, &handled.case.item.code, act, ctx, state)?;
    Ok(By { account: ctx.account, capacity })
}

/// Types of items that people apply for (依申请).
const fn is_on_application(item_type: ItemType) -> bool {
    match item_type {
        ItemType::Licence
        | ItemType::Benefit
        | ItemType::Confirmation
        | ItemType::Reward
        | ItemType::Adjudication
        | ItemType::Other
        | ItemType::PublicService => true,
        ItemType::Penalty | ItemType::Coercion | ItemType::Levy | ItemType::Inspection => false,
    }
}

/// As what the acting account may do this for the applicant.
pub(super) fn capacity(
    applicant: &AccountId,
    item: &ItemCode,
    act: AgentAct,
    ctx: &Ctx,
    state: &State,
) -> Result<Capacity, Stop> {
    let capacity = identity::capacity_for(state, &ctx.account, applicant, Some(item), act, ctx.time)?;
    capacity.ok_or_else(|| Error::NoCapacity.into())
}

fn check_served(item: &Item, applicant: &AccountId, state: &State) -> Result<(), Stop> {
    let account = identity::account(state, applicant)?.ok_or(Error::NoCapacity)?;
    let is_served = match account.kind {
        AccountKind::Person => item.served.contains(&Served::NaturalPerson),
        AccountKind::Organisation => match identity::company_code(state, applicant)? {
            Some(code) => item.served.iter().any(|served| kinds_of(&code).contains(served)),
            None => item.served.iter().any(|served| *served != Served::NaturalPerson), // nobody has said what it is
        },
        AccountKind::System => false,
    };
    if is_served { Ok(()) } else { Err(Error::NotServed.into()) }
}

/// Whether the applicant, and whoever files for him, are known as surely as the item asks for.
pub(super) fn are_known(item: &Item, accounts: [&AccountId; 2], state: &State) -> Result<bool, Missing> {
    let least = match item.assurance {
        Assurance::None => return Ok(true),
        Assurance::L1 => AssuranceLevel::L1,
        Assurance::L2 => AssuranceLevel::L2,
        Assurance::L3 => AssuranceLevel::L3,
    };
    for account in accounts {
        if identity::level(state, account)?.is_none_or(|level| level < least) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// As what an organisation may be served, by the registrar and the category with which its credit code begins (GB 32100-2015). Where a category has
/// bodies with and without legal personality, as either.
fn kinds_of(code: &UnifiedSocialCreditCode) -> &'static [Served] {
    match &code.as_str()[..2] {
        "11" => &[Served::Organ],
        "12" => &[Served::PublicInstitution],
        "13" | "51" | "52" | "53" | "81" => &[Served::SocialOrganisation, Served::Other],
        "91" | "93" => &[Served::Enterprise, Served::Other],
        "92" => &[Served::NaturalPerson, Served::Other], // 个体工商户: a natural person in business (民法典 第五十四条)
        _ => &[Served::Other],
    }
}

/// Whether each department that handles an item is registered, and acts or has another in its place: nobody applies for what nobody would do.
pub(super) fn are_departments_there(item: &Item, state: &State) -> Result<bool, Missing> {
    let codes = std::iter::once(&item.department.code).chain(item.flow.iter().map(|step| &step.department));
    for code in codes {
        let Ok(code) = code.parse::<DepartmentCode>() else { return Ok(false) };
        if orgs::successor(state, &code)?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The place that receives the application.
fn place(
    application: &Application,
    item: &Item,
    department: DepartmentCode,
    state: &State,
) -> Result<DepartmentCode, Stop> {
    let active = |code: &DepartmentCode| -> Result<orgs::Department, Stop> {
        let found = orgs::department(state, code)?.filter(orgs::Department::is_active);
        found.ok_or_else(|| Error::PlaceUnknown.into())
    };
    let acting = answering(&department, state)?.ok_or(Error::DepartmentGone)?;
    let here = active(&acting)?;
    let place = match (application.crossing, application.place) {
        (Crossing::None, None) => return Ok(department),
        (Crossing::ReceivedElsewhere | Crossing::Joint, Some(place)) if place != department && place != acting => place,
        _ => return Err(Error::CrossingPlace.into()),
    };
    let there = active(&place)?;
    if reaches(item.service.handle_area, &here.division.division(), &there.division.division()) {
        Ok(place)
    } else {
        Err(Error::AreaTooFar.into())
    }
}

/// Whether an item of this area can be received there.
fn reaches(area: HandleArea, here: &DivisionCode, there: &DivisionCode) -> bool {
    let (here, there) = (here.as_str(), there.as_str());
    match area {
        HandleArea::Nationwide | HandleArea::AcrossProvinces => true,
        HandleArea::AcrossCities => here[..2] == there[..2],
        HandleArea::AcrossCounties => here[..4] == there[..4],
        HandleArea::LocalOnly => here == there,
    }
}

/// Facts that fit an item, by which everything can be decided; at least one step decides, whatever else is skipped.
pub(super) fn check_facts(item: &Item, facts: &Facts) -> Result<Answers, Error> {
    let answers = case_facts::check(item, facts)?;
    let applies = flow::applying(&item.flow, &answers)?;
    let decides = item.flow.iter().zip(applies).any(|(step, applies)| applies && step.kind == StepKind::Decision);
    if decides { Ok(answers) } else { Err(Error::NoDecision) }
}

/// What is given for a material can stand for it.
pub(super) fn check_materials(
    item: &Item,
    applicant: &AccountId,
    given: &[Given],
    ctx: &Ctx,
    state: &State,
) -> Result<(), Stop> {
    for given in given {
        let material = item.materials.get(usize::from(given.material)).ok_or(Error::MaterialUnknown)?;
        match &given.how {
            How::Paper {} | How::Electronic { .. } => {}
            How::Gap {} if !case_materials::may_follow(item, given.material) => return Err(Error::MayNotFollow.into()),
            How::Gap {} => {}
            How::Promise { .. } if !case_materials::may_be_promised(item, given.material) => {
                return Err(Error::MayNotBePromised.into());
            }
            How::Promise { .. } => {}
            How::Licence { licence } => {
                let asked = material.held_as.as_ref().ok_or(Error::LicenceNotHeld)?;
                if !case_licences::holds(state, applicant, licence, &asked.licence_type, ctx.time)? {
                    return Err(Error::LicenceNotHeld.into());
                }
            }
        }
    }
    Ok(())
}

/// What is said of whence answers come can be so.
pub(super) fn check_sources(
    applying: Applying<'_>,
    sources: &[AnswerSource],
    ctx: &Ctx,
    state: &State,
) -> Result<(), Stop> {
    match case_sources::check(applying, sources, ctx.time, state)? {
        Some(error) => Err(Error::from(error).into()), // I23
        None => Ok(()),
    }
}

/// Who once broke a promise gives no other (失信未修复).
fn check_promises(application: &Application, state: &State) -> Result<(), Stop> {
    let promises = application.gap_promise.is_some() || Application::has_promise(&application.materials);
    if promises && state::has_broken_promise(state, &application.applicant)? {
        return Err(Error::PromiseBroken.into()); // I11
    }
    Ok(())
}

/// The licence that is to be renewed, of the type in which the item ends. Who applies later than the law asks for is served all the same, and
/// silence renews nothing.
fn renewal(application: &Application, item: &Item, ctx: &Ctx, state: &State) -> Result<Option<Renewal>, Stop> {
    let Some(licence) = &application.renews else { return Ok(None) };
    if !can_renew(item, licence) {
        return Err(Error::RenewalOfAnother.into()); // I8
    }
    let expiry = case_licences::expiry_of_held(state, &application.applicant, licence, ctx.time)?;
    let expires_at = expiry.ok_or(Error::RenewalNotHeld)?;
    let is_in_time = ctx.time.plus_millis(u64::from(law::renewal_days(item)) * DAY_MILLIS) <= expires_at;
    Ok(is_in_time.then(|| Renewal { licence: licence.clone(), expires_at }))
}

/// Whether an item ends in a licence of the same type: no other one could take its place.
pub(super) fn can_renew(item: &Item, licence: &LicenceIdentifier) -> bool {
    item.outcome.licence_type.as_ref().is_some_and(|made| **made == *licence.licence_type().as_str())
}

/// The next number of the day in Beijing: the item's implementation code, where it has one, or the code of the department that leads; the
/// day; a sequence.
fn number(item: &ItemCode, department: &DepartmentCode, ctx: &Ctx, state: &mut State) -> Result<CaseNumber, Stop> {
    let prefix: Text<31> = match item.parse::<ItemImplementationCode>() {
        Ok(code) => Text::new(code.as_str()),
        Err(_) => Text::new(department.as_str()),
    }
    .expect("codes are short and plain");
    let (year, day) = BeijingDay::of(ctx.time).date();
    let date = u32::from(year) * 10_000 + u32::from(day.month) * 100 + u32::from(day.day);
    let key = (prefix.clone(), date);
    let sequence = SEQUENCES.get(state, &key)?.unwrap_or_default() + 1;
    let number = format!("{prefix}{date:08}{sequence:04}").parse();
    let number = number.expect("a number has room for 11 digits of cases, more than a day has milliseconds");
    SEQUENCES.put(state, &key, &sequence); // I1: a number is given once
    Ok(number)
}

/// Receives an application at its place.
pub fn receive(number: CaseNumber, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::Receive, ctx, state)?;
    let place = handled.filing.place;
    let by = handled.place_hand(ctx, state)?;
    handled.case.intake.received = Some(by);
    if handled.filing.crossing != Crossing::ReceivedElsewhere {
        handled.case.intake.arrived_at.get_or_insert(ctx.time);
    }
    handled.case.stage = Stage::Received;
    let case = handled.number.clone();
    handled.save(ctx, state)?;
    Ok(Event::Received { case, place, by: ctx.account })
}

/// Hands a case over to the department that decides.
pub fn hand_over(number: CaseNumber, waybill: Option<Text<40>>, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut handled = Handled::open(number, CallKind::HandOver, ctx, state)?;
    let is_elsewhere = handled.filing.crossing == Crossing::ReceivedElsewhere;
    if !is_elsewhere || handled.case.intake.handed_over.is_some() {
        return Err(Error::NothingToHandOver.into());
    }
    let place = handled.filing.place;
    let by = handled.place_hand(ctx, state)?;
    handled.case.intake.handed_over = Some(HandOver { by, waybill });
    handled.case.intake.arrived_at = Some(ctx.time);
    let (case, department) = (handled.number.clone(), handled.case.department);
    handled.save(ctx, state)?;
    Ok(Event::HandedOver { case, place, department, by: ctx.account })
}
