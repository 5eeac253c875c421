//! Cards of electronic supervision (电子监察): a prompt, a yellow card, a red card.
//!
//! Common rule: a prompt one working day before a limit; yellow near or past the promised limit or the limit of a step; red past the
//! statutory limit. How near is near, and how late is how bad, is a matter of each division: [`CardRules`] are data, for each kind of limit, and
//! part of the rules that a division sets. One thing is not: past the law's limit the card is red everywhere. A clock that stands
//! still for a special procedure before its deadline shows no card, because nobody can be late there.
//!
//! What else places show red cards for is absent on purpose: a refusal without reasons, a second notice of corrections and a decision by who has
//! checked are refused here and cannot happen, and an illegal fee or a case beside the platform leaves no trace that a clock could see.
//!
//! A card is reckoned from a clock and a time; [`next_change`] says when to look again, so that an act of time can put it down.

use crate::clocks::{Clock, Phase};
use crate::working_days::{BeijingDay, Deadline, after_working_days, day_with_left, working_days_after};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_kernel::{Missing, State};
use tongban_types::Time;

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
    /// None: something was done against the rules (违规办理).
    Conduct,
}

/// From when on a card is shown. Days are working days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Threshold {
    /// From so many days left behind the present one on: 0 is the last day of a term.
    Left {
        /// Days.
        days: u8,
    },
    /// From so many days behind the last one on: 0 is as soon as the term is over.
    Past {
        /// Days.
        days: u8,
    },
}

/// From when on the cards of one kind of limit are shown; never, where it is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// 黄牌.
    pub yellow: Option<Threshold>,
    /// 红牌.
    pub red: Option<Threshold>,
}

/// When cards are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CardRules {
    /// A prompt from so many working days left on, of every limit; none where it is absent.
    pub prompt_days_left: Option<u8>,
    /// Of the law's limits. Red is there, and no later than when the term is over.
    pub statutory: Thresholds,
    /// Of promised limits.
    pub promised: Thresholds,
    /// Of the limits of steps.
    pub step: Thresholds,
}

impl Default for CardRules {
    /// A prompt one working day before; yellow on the last day of a promise or step and behind it; red past the law's limit.
    fn default() -> Self {
        let own = Thresholds { yellow: Some(Threshold::Left { days: 0 }), red: None };
        let law = Thresholds { yellow: None, red: Some(Threshold::Past { days: 0 }) };
        Self { prompt_days_left: Some(1), statutory: law, promised: own, step: own }
    }
}

impl CardRules {
    /// Whether the law's limit is not softened: past it the card is red, whatever a division wants.
    pub const fn is_lawful(&self) -> bool {
        matches!(self.statutory.red, Some(Threshold::Left { .. } | Threshold::Past { days: 0 }))
    }

    const fn of(&self, limit: Limit) -> Thresholds {
        match limit {
            Limit::Statutory => self.statutory,
            Limit::Promised => self.promised,
            Limit::Step => self.step,
            Limit::Conduct => Thresholds { yellow: None, red: None }, // no clock brings that about
        }
    }
}

/// The card that a clock shows at a time. One that is done shows the card that it ended with: what was in time has none, what was late keeps it.
pub fn card(rules: &CardRules, limit: Limit, clock: &Clock, at: Time, state: &State) -> Result<Card, Missing> {
    let Some(deadline) = clock.deadline(state)? else { return Ok(Card::None) };
    let is_over = clock.is_over(state, at)?;
    let moment = match clock.phase() {
        Phase::Done { at: done, .. } => done,
        Phase::Running | Phase::Stopped { .. } => at,
    };
    if !is_over {
        // Nothing is near on the day on which the clock began, however short its term is.
        let is_first_day = BeijingDay::of(moment) <= BeijingDay::of(clock.running_since());
        if matches!(clock.phase(), Phase::Done { .. }) || is_first_day {
            return Ok(Card::None);
        }
    }
    let left = working_days_after(state, BeijingDay::of(moment), deadline.last_day())?;
    let is_near = |days: u8| is_over || left <= u32::from(days);
    let is_reached = |threshold: Option<Threshold>| match threshold {
        None => Ok(false),
        Some(Threshold::Left { days }) => Ok(is_near(days)),
        Some(Threshold::Past { days }) => Ok(is_over && moment >= moment_past(&deadline, days, state)?),
    };
    let Thresholds { yellow, red } = rules.of(limit);
    Ok(if is_reached(red)? {
        Card::Red
    } else if is_reached(yellow)? {
        Card::Yellow
    } else if rules.prompt_days_left.is_some_and(is_near) {
        Card::Prompt
    } else {
        Card::None
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
    let Thresholds { yellow, red } = rules.of(limit);
    let prompt = rules.prompt_days_left.map(|days| Threshold::Left { days });
    for threshold in [prompt, yellow, red].into_iter().flatten() {
        times.push(match threshold {
            Threshold::Left { days } => first_moment_near(clock, &deadline, days, state)?,
            Threshold::Past { days } => moment_past(&deadline, days, state)?,
        });
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

/// When so many working days have passed behind a term.
fn moment_past(deadline: &Deadline, days: u8, state: &State) -> Result<Time, Missing> {
    if days == 0 {
        return Ok(deadline.at);
    }
    Ok(after_working_days(state, deadline.last_day().begin(), u16::from(days))?.at)
}
