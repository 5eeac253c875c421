//! Cards.

use super::walk::{Calendars, DAY_MILLIS, Ledger, ask, calendar, calendars, time, walk};
use proptest::prelude::*;
use tongban_modules::cards::{Card, CardRules, Limit, Threshold, Thresholds, card, next_change};
use tongban_modules::clocks::Clock;
use tongban_modules::items::{DayUnit, Term};
use tongban_types::Time;

const COMMON: CardRules = rules(Some(1), Some(Threshold::Left { days: 0 }), None);
const LAW: Thresholds = Thresholds { yellow: None, red: Some(Threshold::Past { days: 0 }) };

/// Rules with the common ones for the law's limit.
const fn rules(prompt_days_left: Option<u8>, yellow: Option<Threshold>, red: Option<Threshold>) -> CardRules {
    let own = Thresholds { yellow, red };
    CardRules { prompt_days_left, statutory: LAW, promised: own, step: own }
}

fn working(days: u16) -> Term {
    Term { days, unit: DayUnit::WorkingDay }
}

/// Monday, 9 March 2026, is off.
fn invented() -> Calendars {
    Calendars::from([(2026, calendar(2026, &[(3, 9)], &[]))])
}

fn shown(rules: &CardRules, limit: Limit, clock: &Clock, at: &str) -> Card {
    ask(&invented(), |state| card(rules, limit, clock, time(at), state))
}

#[test]
fn a_prompt_comes_one_working_day_before_and_a_card_after() {
    let clock = Clock::start(working(4), time("2026-03-03T02:00:00Z")); // from Tuesday to the next Tuesday
    assert_eq!(CardRules::default(), COMMON);
    for (at, promised, statutory) in [
        ("2026-03-03T03:00:00Z", Card::None, Card::None),
        ("2026-03-05T15:59:59.999Z", Card::None, Card::None), // Thursday: Friday and Tuesday are left
        ("2026-03-05T16:00:00Z", Card::Prompt, Card::Prompt), // Friday begins: Tuesday is left
        ("2026-03-09T02:00:00Z", Card::Prompt, Card::Prompt), // the day off
        ("2026-03-09T16:00:00Z", Card::Yellow, Card::Prompt), // the last day
        ("2026-03-10T15:59:59.999Z", Card::Yellow, Card::Prompt),
        ("2026-03-10T16:00:00Z", Card::Yellow, Card::Red),
        ("2026-04-10T16:00:00Z", Card::Yellow, Card::Red),
    ] {
        assert_eq!(shown(&COMMON, Limit::Promised, &clock, at), promised, "promised, {at}");
        assert_eq!(shown(&COMMON, Limit::Step, &clock, at), promised, "step, {at}");
        assert_eq!(shown(&COMMON, Limit::Statutory, &clock, at), statutory, "statutory, {at}");
    }
}

#[test]
fn thresholds_are_data() {
    let clock = Clock::start(working(4), time("2026-03-03T02:00:00Z"));
    let eager = rules(Some(3), Some(Threshold::Left { days: 2 }), Some(Threshold::Past { days: 2 }));
    let silent = rules(None, Some(Threshold::Past { days: 0 }), None);
    assert_eq!(shown(&eager, Limit::Promised, &clock, "2026-03-04T02:00:00Z"), Card::Prompt);
    assert_eq!(shown(&eager, Limit::Promised, &clock, "2026-03-05T02:00:00Z"), Card::Yellow);
    assert_eq!(shown(&silent, Limit::Promised, &clock, "2026-03-10T02:00:00Z"), Card::None);
    assert_eq!(shown(&silent, Limit::Promised, &clock, "2026-03-10T16:00:00Z"), Card::Yellow);
    assert_eq!(shown(&silent, Limit::Statutory, &clock, "2026-03-10T16:00:00Z"), Card::Red);
    assert_eq!(shown(&eager, Limit::Promised, &clock, "2026-03-12T15:59:59.999Z"), Card::Yellow); // Thursday: the second day past
    assert_eq!(shown(&eager, Limit::Promised, &clock, "2026-03-12T16:00:00Z"), Card::Red);
    let by_limit = CardRules {
        step: Thresholds { yellow: None, red: Some(Threshold::Left { days: 1 }) },
        promised: Thresholds { yellow: None, red: None },
        ..COMMON
    };
    assert_eq!(shown(&by_limit, Limit::Step, &clock, "2026-03-05T16:00:00Z"), Card::Red);
    assert_eq!(
        shown(&by_limit, Limit::Promised, &clock, "2026-04-10T16:00:00Z"),
        Card::Prompt,
        "a division wants none"
    );
}

#[test]
fn no_division_softens_the_limit_of_the_law() {
    let with = |red| CardRules { statutory: Thresholds { yellow: None, red }, ..COMMON }.is_lawful();
    assert!(with(Some(Threshold::Past { days: 0 })) && with(Some(Threshold::Left { days: 3 })));
    assert!(!with(None) && !with(Some(Threshold::Past { days: 1 })));
}

#[test]
fn what_is_due_on_the_day_it_began_is_not_near_on_that_day() {
    let on_the_spot = Clock::start(working(0), time("2026-03-03T02:00:00Z"));
    assert_eq!(shown(&COMMON, Limit::Promised, &on_the_spot, "2026-03-03T08:00:00Z"), Card::None);
    assert_eq!(shown(&COMMON, Limit::Promised, &on_the_spot, "2026-03-03T16:00:00Z"), Card::Yellow);
    let next_day = Clock::start(working(1), time("2026-03-03T02:00:00Z"));
    assert_eq!(shown(&COMMON, Limit::Promised, &next_day, "2026-03-03T08:00:00Z"), Card::None);
    assert_eq!(shown(&COMMON, Limit::Promised, &next_day, "2026-03-03T16:00:00Z"), Card::Yellow);
}

#[test]
fn a_clock_that_stands_shows_nothing_and_one_that_is_done_keeps_its_card() {
    let calendars = invented();
    let clock = Clock::start(working(4), time("2026-03-03T02:00:00Z"));
    let changed = |clock: Clock, stops: bool, at: &str| {
        ask(&calendars, |state| {
            let mut changed = clock;
            let done = if stops { changed.stop(state, time(at)) } else { changed.finish(state, time(at)) };
            done.map(|done| done.map(|()| changed).expect("it runs"))
        })
    };
    let (far, statutory) = ("2026-06-01T02:00:00Z", Limit::Statutory);
    assert_eq!(shown(&COMMON, statutory, &changed(clock, true, "2026-03-10T02:00:00Z"), far), Card::None);
    assert_eq!(shown(&COMMON, statutory, &changed(clock, true, "2026-03-10T16:00:00Z"), far), Card::Red);
    assert_eq!(shown(&COMMON, statutory, &changed(clock, false, "2026-03-10T02:00:00Z"), far), Card::None);
    assert_eq!(shown(&COMMON, statutory, &changed(clock, false, "2026-03-10T16:00:00Z"), far), Card::Red);
    assert_eq!(shown(&COMMON, Limit::Step, &changed(clock, false, "2026-03-10T16:00:00Z"), far), Card::Yellow);
}

fn threshold() -> impl Strategy<Value = Option<Threshold>> {
    proptest::option::of(prop_oneof![
        (0..5u8).prop_map(|days| Threshold::Left { days }),
        (0..5u8).prop_map(|days| Threshold::Past { days }),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// From one change to the next no card changes, cards only get worse, and behind the last one nothing does: nobody has to look in
    /// between.
    #[test]
    fn cards_change_when_they_say_and_only_then(
        calendars in calendars(), start in 0..1_000usize, days in 0..25u16, is_working in any::<bool>(),
        prompt in proptest::option::of(0..5u8), yellow in threshold(), red in threshold(), which in 0..3usize,
    ) {
        let rules = rules(prompt, yellow, red);
        let limit = [Limit::Statutory, Limit::Promised, Limit::Step][which];
        let unit = if is_working { DayUnit::WorkingDay } else { DayUnit::CalendarDay };
        let begin = walk(&calendars)[start].begin.plus_millis(3_600_000);
        let clock = Clock::start(Term { days, unit }, begin);
        let ledger = Ledger::new(&calendars);
        let deadline = ledger.ask(|state| clock.deadline(state)).expect("it runs").at;
        let shown = |at: Time| ledger.ask(|state| card(&rules, limit, &clock, at, state));
        let mut changes = Vec::new();
        let mut now = begin;
        while let Some(time) = ledger.ask(|state| next_change(&rules, limit, &clock, now, state)) {
            prop_assert!(time > now && shown(time) > shown(now));
            changes.push(time);
            now = time;
        }
        prop_assert_eq!(shown(begin), Card::None);
        let last = match (which, red, yellow, prompt) {
            (0, ..) | (_, Some(_), ..) => Card::Red,
            (_, None, Some(_), _) => Card::Yellow,
            (_, None, None, Some(_)) => Card::Prompt,
            (_, None, None, None) => Card::None,
        };
        prop_assert_eq!(shown(now), last);
        prop_assert_eq!(shown(Time::MAX), shown(now));
        let mut hour = begin;
        while hour < deadline.plus_millis(DAY_MILLIS * 3) {
            let before = hour;
            hour = hour.plus_millis(2 * 3_600_000);
            let has_changed = changes.iter().any(|change| *change > before && *change <= hour);
            prop_assert_eq!(shown(before) != shown(hour), has_changed, "between {} and {}", before, hour);
        }
    }
}
