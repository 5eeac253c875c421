//! Cards of electronic supervision (电子监察): a prompt, a yellow card, a red card.
//!
//! Common rule: a prompt one working day before a limit; yellow near or past the promised limit or the limit of a step; red past the
//! statutory limit. How near is near is a matter of each division: [`DivisionRules`] are data, and the nearest
//! division above decides. A clock that stands still for a special procedure before its deadline shows no card, because nobody can be late there.
//!
//! What else places show red cards for is absent on purpose: a refusal without reasons, a second notice of corrections and a decision by who has
//! checked are refused here and cannot happen, and an illegal fee or a case beside the platform leaves no trace that a clock could see.
//!
//! A card is reckoned from a clock and a time; [`next_change`] says when to look again, so that an act of time can put it down.

use crate::clocks::{Clock, Phase};
use crate::working_days::{BeijingDay, Deadline, day_with_left, working_days_after};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_kernel::{Missing, State};
use tongban_types::codes::DivisionCode;
use tongban_types::{List, Time};

/// Divisions with rules of their own.
pub const DIVISIONS_MAX: usize = 512;

/// A card. The greater one is the worse one: `max` of several is that of the whole case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Card {
    /// Nothing to say.
    None,
    /// A limit comes near (提醒).
    Prompt,
    /// Near or past the promised limit or that of a step (黄牌).
    Yellow,
    /// Past the statutory limit (红牌).
    Red,
}

/// Which limit a clock stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// The law's (法定时限), to accept, to decide or to deliver.
    Statutory,
    /// The promised one (承诺时限).
    Promised,
    /// That of a step (环节时限).
    Step,
}

/// When cards are shown. Working days are those left behind the present one, so 0 is the last day of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CardRules {
    /// A prompt from so many working days left on; none where it is absent.
    pub prompt_days_left: Option<u8>,
    /// Yellow from so many working days left of the promised limit or a step's on; only past it where it is absent.
    pub yellow_days_left: Option<u8>,
}

impl Default for CardRules {
    /// A prompt one working day before, yellow on the last day and behind it.
    fn default() -> Self {
        Self { prompt_days_left: Some(1), yellow_days_left: Some(0) }
    }
}

/// The rules of a division and of those within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DivisionRules {
    /// The division.
    pub division: DivisionCode,
    /// Its rules.
    pub rules: CardRules,
}

/// The divisions that have rules of their own.
pub type CardTable = List<DivisionRules, DIVISIONS_MAX>;

/// The rules that hold in a division: its own, or those of the nearest division above that has some, or the common ones.
pub fn rules_of(table: &[DivisionRules], division: &DivisionCode) -> CardRules {
    let upwards = std::iter::successors(Some(*division), DivisionCode::parent);
    let mut found = upwards.filter_map(|division| table.iter().find(|entry| entry.division == division));
    found.next().map_or_else(CardRules::default, |entry| entry.rules)
}

/// The card that a clock shows at a time. One that is done shows the card that it ended with: what was in time has none, what was late keeps it.
pub fn card(rules: &CardRules, limit: Limit, clock: &Clock, at: Time, state: &State) -> Result<Card, Missing> {
    let Some(deadline) = clock.deadline(state)? else { return Ok(Card::None) };
    if clock.is_over(state, at)? {
        return Ok(past(limit));
    }
    if matches!(clock.phase(), Phase::Done { .. }) || BeijingDay::of(at) <= BeijingDay::of(clock.running_since()) {
        return Ok(Card::None); // nothing is near on the day on which the clock began, however short its term is
    }
    let left = working_days_after(state, BeijingDay::of(at), deadline.last_day())?;
    let is_near = |days: Option<u8>| days.is_some_and(|days| left <= u32::from(days));
    Ok(match limit {
        Limit::Promised | Limit::Step if is_near(rules.yellow_days_left) => Card::Yellow,
        _ if is_near(rules.prompt_days_left) => Card::Prompt,
        Limit::Statutory | Limit::Promised | Limit::Step => Card::None,
    })
}

/// When the card of a clock changes next, if nothing else happens; none where it stays as it is.
pub fn next_change(
    rules: &CardRules,
    limit: Limit,
    clock: &Clock,
    now: Time,
    state: &State,
) -> Result<Option<Time>, Missing> {
    if !clock.is_running() {
        return Ok(None);
    }
    let Some(deadline) = clock.deadline(state)? else { return Ok(None) };
    let present = card(rules, limit, clock, now, state)?;
    let mut times = vec![deadline.at];
    for days in [rules.prompt_days_left, rules.yellow_days_left].into_iter().flatten() {
        times.push(first_moment_near(clock, &deadline, days, state)?);
    }
    times.sort();
    for time in times.into_iter().filter(|time| *time > now) {
        if card(rules, limit, clock, time, state)? != present {
            return Ok(Some(time));
        }
    }
    Ok(None)
}

/// The beginning of the first day on which so few working days are left, but not before the day after the clock's beginning.
fn first_moment_near(clock: &Clock, deadline: &Deadline, days: u8, state: &State) -> Result<Time, Missing> {
    let day = day_with_left(state, deadline.last_day(), u16::from(days))?;
    Ok(day.max(BeijingDay::of(clock.running_since()).plus_days(1)).begin())
}

fn past(limit: Limit) -> Card {
    match limit {
        Limit::Statutory => Card::Red,
        Limit::Promised | Limit::Step => Card::Yellow,
    }
}
