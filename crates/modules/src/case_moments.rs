//! What time brings to a case (时限到期), as a pure function of its records: which effects are due, and when to look again.
//!
//! Some effects change what may be done: silence accepts, silence passes a step, a procedure ends, a licence counts as renewed, a case is
//! suspended, a correction that does not come holds an accepted case up no longer. Those **bind**: a call that finds one due is refused until it has
//! taken place, so that nobody acts on a case as it was before. Therefore nothing that binds may be refused itself: it fits every case that it
//! finds. The others tell people: reminders, proposals to a person, cards.

use crate::cards::{Card, Limit, card, next_change};
use crate::case_cards::{Charge, charge};
use crate::case_licences;
use crate::case_records::{CardShown, Filing, Subject};
use crate::case_states::Stage;
use crate::case_steps;
use crate::cases::{self, Case, Rules};
use crate::catalogue::HandleType;
use crate::clocks::Clock;
use crate::flow::{StepOutcome, StepState};
use crate::items::{DayUnit, Item, Silence, StepKind, Term};
use crate::law::{self, Stage as LawStage};
use crate::working_days::after_working_days;
use tongban_kernel::{Missing, State};
use tongban_types::Time;

/// A case with all that time looks at.
#[derive(Clone, Copy)]
pub struct Subjects<'a> {
    /// The case.
    pub case: &'a Case,
    /// Its application.
    pub filing: &'a Filing,
    /// The item it runs by.
    pub item: &'a Item,
    /// The states of its steps.
    pub states: &'a [StepState],
    /// The rules of its division.
    pub rules: &'a Rules,
}

/// What time brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nobody has answered: it counts as accepted (视为受理).
    Accept,
    /// The time of a special procedure is over; its place in the list.
    EndProcedure(usize),
    /// Silence is consent for these steps (超时默认).
    PassSteps(Vec<usize>),
    /// Nobody has decided before the licence expired: it counts as renewed (视为准予延续).
    Renew,
    /// What was missing was not handed in in time (容缺中止).
    SuspendGap,
    /// The applicant is reminded of what is missing.
    RemindGap,
    /// A person is asked to terminate the case.
    ProposeTermination,
    /// The applicant's days to correct are over: the case may be returned.
    LapseCorrection,
    /// Cards are shown.
    ShowCards(Vec<CardShown>),
    /// The applicant's days to correct are over, and the case was accepted before: it goes on as it is.
    GoOnUncorrected,
}

impl Effect {
    /// Whether calls have to wait for it.
    pub const fn binds(&self) -> bool {
        match self {
            Self::Accept
            | Self::EndProcedure(_)
            | Self::PassSteps(_)
            | Self::Renew
            | Self::SuspendGap
            | Self::GoOnUncorrected => true,
            Self::RemindGap | Self::ProposeTermination | Self::LapseCorrection | Self::ShowCards(_) => false,
        }
    }
}

/// An effect and its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: Time,
    /// What; nothing where it is only time to look again.
    pub effect: Option<Effect>,
}

/// The first effect that is due.
pub fn first_due(subjects: Subjects, now: Time, state: &State) -> Result<Option<(Time, Effect)>, Missing> {
    let mut binding = bindings(subjects, now, state)?;
    binding.retain(|moment| moment.at <= now);
    binding.sort_by_key(|moment| moment.at); // stable: effects of one time in the order in which they stand
    if let Some(Moment { at, effect: Some(effect) }) = binding.into_iter().next() {
        return Ok(Some((at, effect)));
    }
    let mut telling = notices(subjects, state)?;
    telling.retain(|moment| moment.at <= now);
    telling.sort_by_key(|moment| moment.at);
    if let Some(Moment { at, effect: Some(effect) }) = telling.into_iter().next() {
        return Ok(Some((at, effect)));
    }
    let (shown, _) = cards(subjects, now, state)?;
    Ok((!shown.is_empty()).then_some((now, Effect::ShowCards(shown))))
}

/// Since when an effect is due that calls have to wait for; none where they need not.
pub fn unsettled_since(subjects: Subjects, now: Time, state: &State) -> Result<Option<Time>, Missing> {
    Ok(bindings(subjects, now, state)?.iter().map(|moment| moment.at).filter(|at| *at <= now).min())
}

/// When to look at the case next, if nothing else happens.
pub fn next(subjects: Subjects, now: Time, state: &State) -> Result<Option<Time>, Missing> {
    let (shown, next_card) = cards(subjects, now, state)?;
    let mut times: Vec<Time> = bindings(subjects, now, state)?.iter().map(|moment| moment.at).collect();
    times.extend(notices(subjects, state)?.iter().map(|moment| moment.at));
    times.extend(next_card);
    if !shown.is_empty() {
        times.push(now);
    }
    Ok(times.into_iter().min())
}

fn bindings(subjects: Subjects, now: Time, state: &State) -> Result<Vec<Moment>, Missing> {
    let Subjects { case, item, states, .. } = subjects;
    let mut moments = Vec::new();
    let mut add = |at: Time, effect| moments.push(Moment { at, effect: Some(effect) });
    if let Some(at) = acceptance_deadline(subjects, state)? {
        add(at, Effect::Accept);
    }
    if case.stage == Stage::Accepted {
        for (index, procedure) in case.procedures.iter().enumerate().filter(|(_, one)| one.ended_at.is_none()) {
            if let Some(until) = procedure.until {
                add(until, Effect::EndProcedure(index));
            }
        }
    }
    // All steps that fall silent at the same time pass together.
    let mut silent: Vec<(Time, usize)> = Vec::new();
    for (index, step) in item.flow.iter().enumerate() {
        let is_due = states.get(index) == Some(&StepState::Due) && has_steps(case.stage);
        if is_due && step.silence == Silence::DeemedConsent && step.human_only.is_none() {
            let clock = case.steps.get(index).and_then(|mark| mark.clock);
            if let Some(deadline) = clock.map(|clock| clock.deadline(state)).transpose()?.flatten() {
                silent.push((deadline.at, index));
            }
        }
    }
    silent.sort_unstable();
    if let Some(first) = silent.first().map(|(at, _)| *at) {
        add(first, Effect::PassSteps(silent.iter().filter(|(at, _)| *at == first).map(|(_, index)| *index).collect()));
    }
    if let Some(at) = renewal(subjects, now, state)? {
        add(at, Effect::Renew);
    }
    if let Some(at) = correction_end(case, state)?.filter(|_| case.acceptance.is_some()) {
        add(at, Effect::GoOnUncorrected);
    }
    let is_suspended = |gap: &crate::case_records::Gap| gap.suspended_at.is_some();
    if let Some(gap) = open_gap(case).filter(|gap| !is_suspended(gap))
        && let Some(deadline) = gap.clock.deadline(state)?
    {
        add(deadline.at.max(gap.accepted_at), Effect::SuspendGap);
    }
    Ok(moments)
}

/// When the law renews the licence (行政许可法 第五十条): as it expires, and nobody has decided. It is silence of the department alone that does
/// so. It does not where the application had not arrived by then, because the applicant was still to correct it, or where something was missing of
/// it; nor against a decision that was taken in a step; nor anything but a licence that was his and in force to the end, and only once.
fn renewal(subjects: Subjects, now: Time, state: &State) -> Result<Option<Time>, Missing> {
    let Subjects { case, item, .. } = subjects;
    let Some(renewal) = &case.renewal else { return Ok(None) };
    let at = renewal.expires_at;
    let is_accepted = case.acceptance.is_some() && matches!(case.stage, Stage::Received | Stage::Accepted);
    let has_arrived = case.intake.arrived_at.is_some_and(|arrived| arrived <= at);
    let is_whole = case.gap.as_ref().is_none_or(|gap| gap.filled_at.is_some_and(|filled| filled <= at));
    let is_refused = item
        .flow
        .iter()
        .zip(case.steps.iter())
        .any(|(step, mark)| step.kind == StepKind::Decision && mark.outcome == Some(StepOutcome::Rejected));
    if !is_accepted || !has_arrived || !is_whole || is_refused {
        return Ok(None);
    }
    if at > now {
        return Ok(Some(at)); // what becomes of the licence until then is seen then
    }
    let last = Time::from_millis(at.as_millis().saturating_sub(1)).unwrap_or_default();
    let expiry = case_licences::expiry_of_held(state, &case.applicant, &renewal.licence, last)?;
    let is_first = cases::deemed_renewal(state, &renewal.licence)?.is_none();
    let is_there = cases::loss_of(state, &case.applicant)?.is_none_or(|(_, since)| since >= at); // I18
    Ok((expiry == Some(at) && is_first && is_there).then_some(at))
}

/// When the applicant's days to correct are over, of a correction that is awaited.
fn correction_end(case: &Case, state: &State) -> Result<Option<Time>, Missing> {
    let awaited = case.intake.correction.as_ref().filter(|one| case.stage == Stage::Correcting && !one.has_lapsed);
    let deadline = awaited.map(|correction| correction.clock.deadline(state)).transpose()?.flatten();
    Ok(deadline.map(|deadline| deadline.at))
}

fn notices(subjects: Subjects, state: &State) -> Result<Vec<Moment>, Missing> {
    let Subjects { case, rules, .. } = subjects;
    let mut moments = Vec::new();
    let mut add = |at: Time, effect| moments.push(Moment { at, effect: Some(effect) });
    if let Some(at) = correction_end(case, state)?.filter(|_| case.acceptance.is_none()) {
        add(at, Effect::LapseCorrection);
    }
    let Some(gap) = open_gap(case) else { return Ok(moments) };
    if let Some(since) = gap.waits_since() {
        // An officer's own proposal does not stand for this one, by which the applicant's promise is broken.
        if case.termination.as_ref().is_none_or(|proposal| proposal.by.is_some()) {
            add(after_working_days(state, since, rules.gap_grace_days)?.at, Effect::ProposeTermination);
        }
    } else if gap.reminded_at.is_none()
        && let Some(deadline) = gap.clock.deadline(state)?
    {
        let day = crate::working_days::day_with_left(state, deadline.last_day(), rules.gap_reminder_days)?;
        add(day.begin(), Effect::RemindGap);
    }
    Ok(moments)
}

/// What is still missing of a case that is under way.
pub fn open_gap(case: &Case) -> Option<&crate::case_records::Gap> {
    case.gap.as_ref().filter(|gap| !gap.missing.is_empty() && case.stage == Stage::Accepted)
}

/// When silence accepts (行政许可法 第三十二条; 不动产登记暂行条例 第十七条): after the law's days since the materials arrived. None where they have not arrived.
pub fn acceptance_deadline(subjects: Subjects, state: &State) -> Result<Option<Time>, Missing> {
    let Subjects { case, item, .. } = subjects;
    let is_waiting = matches!(case.stage, Stage::Submitted | Stage::Received);
    let Some(arrived) = case.intake.arrived_at.filter(|_| is_waiting) else { return Ok(None) };
    let days = law::limit_by(item.clocks.statutory_clock, LawStage::Acceptance).working_days;
    Ok(Some(after_working_days(state, arrived, days)?.at))
}

/// Whether an application arrives with its filing: by wire it does, paper has to be received first.
pub const fn arrives_at_once(channel: HandleType) -> bool {
    match channel {
        HandleType::Online | HandleType::Mobile => true,
        HandleType::Counter | HandleType::Courier | HandleType::Other => false,
    }
}

const fn has_steps(stage: Stage) -> bool {
    matches!(stage, Stage::Accepted | Stage::Granted)
}

/// The clocks that show cards now.
pub fn clocks(subjects: Subjects) -> Vec<(Subject, Limit, Clock)> {
    let Subjects { case, filing, item, states, rules } = subjects;
    let mut clocks = Vec::new();
    let working = |days: u16, at: Time| Clock::start(Term { days, unit: DayUnit::WorkingDay }, at);
    match case.stage {
        Stage::Submitted | Stage::Received => {
            if let Some(arrived) = case.intake.arrived_at {
                clocks.push((Subject::Acceptance, Limit::Promised, working(item.clocks.acceptance_days, arrived)));
            } else {
                let since = case.intake.received.map_or(filing.filed_at, |received| received.at);
                clocks.push((Subject::HandOver, Limit::Step, working(rules.office_days, since)));
            }
        }
        Stage::Accepted => {
            clocks.extend(case.promised.map(|clock| (Subject::Decision, Limit::Promised, clock)));
            clocks.extend(case.statutory.map(|clock| (Subject::Decision, Limit::Statutory, clock)));
        }
        Stage::Granted | Stage::Rejected => {
            if let (Some(clock), None) = (case.delivery_clock, &case.delivery) {
                clocks.push((Subject::Delivery, Limit::Promised, clock));
                let days = law::limit_by(item.clocks.statutory_clock, LawStage::Delivery).working_days;
                clocks.push((Subject::Delivery, Limit::Statutory, working(days, clock.running_since())));
            }
        }
        Stage::Correcting
        | Stage::Closed
        | Stage::NotAccepted
        | Stage::Returned
        | Stage::Withdrawn
        | Stage::Terminated
        | Stage::Forwarded
        | Stage::Revoked => {}
    }
    if has_steps(case.stage) {
        for (index, mark) in case.steps.iter().enumerate() {
            if let (Some(StepState::Due), Some(clock), Ok(place)) = (states.get(index), mark.clock, u8::try_from(index))
            {
                clocks.push((Subject::Step(place), Limit::Step, clock));
                if let Some(first) = item.flow.get(index).and_then(|step| step.first_review.as_ref()) {
                    let term = Term { days: first.statutory_days, unit: DayUnit::WorkingDay };
                    clocks.push((Subject::Step(place), Limit::Statutory, clock.under(term)));
                }
            }
        }
    }
    if let Some(order) = case.rating.as_ref().and_then(|rating| rating.order.as_ref())
        && order.answer.is_none()
    {
        clocks.push((Subject::WorkOrder, Limit::Promised, order.clock));
    }
    if let Some(appeal) = case.appeal.as_ref().filter(|appeal| appeal.decision.is_none()) {
        clocks.push((Subject::Appeal, Limit::Statutory, appeal.clock));
    }
    if let Some(check) = case.commitment.as_ref().filter(|check| check.found.is_none()) {
        clocks.push((Subject::CommitmentCheck, Limit::Promised, check.clock));
    }
    clocks
}

/// When the present round of a clock began: with the clock, which what is sent back, corrected or taken up again starts anew, or with the
/// extension that has given it days. A promise that was broken before the extension has got none, and goes on as it is.
fn round_since(case: &Case, clock: &Clock) -> Time {
    let extended = case.extension.as_ref().filter(|_| clock.extension_days() > 0);
    extended.map_or(clock.began(), |extension| extension.by.at.max(clock.began()))
}

/// Cards that are to be shown now, and when the next one changes.
fn cards(subjects: Subjects, now: Time, state: &State) -> Result<(Vec<CardShown>, Option<Time>), Missing> {
    let rules = &subjects.rules.cards;
    let shown = |subject: Subject, round: Time| {
        let cards = subjects.case.cards.iter().filter(|card| card.subject == subject && card.round_since == round);
        cards.map(|card| card.card).max().unwrap_or(Card::None)
    };
    let mut found: Vec<CardShown> = Vec::new();
    let mut next = Vec::new();
    for (subject, limit, clock) in clocks(subjects) {
        let card = card(rules, limit, &clock, now, state)?;
        let round_since = round_since(subjects.case, &clock);
        let is_same = |one: &CardShown| one.subject == subject && one.round_since == round_since;
        let before = found.iter().find(|one| is_same(one)).map_or(shown(subject, round_since), |one| one.card);
        if card > before {
            found.retain(|one| !is_same(one));
            let Charge { department, role, handler } = charge(subjects, subject, state)?;
            let (at, number) = (now, None);
            found.push(CardShown { subject, card, limit, number, department, role, handler, at, round_since });
        }
        next.extend(next_change(rules, limit, &clock, now, state)?);
    }
    Ok((found, next.into_iter().min()))
}

/// The states of a case's steps; all waiting where its flow cannot be reckoned with, which its filing has excluded.
pub fn states(case: &Case, item: &Item, answers: &crate::forms::Answers) -> Vec<StepState> {
    if case.steps.is_empty() {
        return Vec::new();
    }
    case_steps::states(&item.flow, answers, &case.steps).unwrap_or_else(|_| vec![StepState::Waiting; item.flow.len()])
}
