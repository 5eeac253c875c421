//! Limits of the law: which one counts for an item, and a step's own beside its days.

use super::walk::{Calendars, ask, calendar, time};
use tongban_modules::clocks::Clock;
use tongban_modules::items::{DayUnit, StatutoryClock, Term};
use tongban_modules::law::{Stage, limit, limit_by, special_limit};
use tongban_modules::working_days::after;

fn working(days: u16) -> Term {
    Term { days, unit: DayUnit::WorkingDay }
}

/// Monday, 9 March 2026, is off.
fn invented() -> Calendars {
    Calendars::from([(2026, calendar(2026, &[(3, 9)], &[]))])
}

#[test]
fn a_law_of_its_own_goes_before_the_general_one() {
    let real_estate = Some(StatutoryClock::RealEstateRegistration);
    for (stage, general, special) in [
        (Stage::Acceptance, 5, Some(0)),
        (Stage::Decision, 20, Some(30)),
        (Stage::JointDecision, 45, Some(30)),
        (Stage::Hearing, 20, None),
        (Stage::Delivery, 10, None),
        (Stage::FirstReview, 20, None),
    ] {
        assert_eq!(limit(stage).working_days, general, "{stage:?}");
        assert_eq!(limit_by(None, stage), limit(stage), "{stage:?}");
        assert_eq!(special_limit(real_estate, stage).map(|limit| limit.working_days), special, "{stage:?}");
        assert_eq!(limit_by(real_estate, stage).working_days, special.unwrap_or(general), "{stage:?}");
    }
}

#[test]
fn thirty_working_days_pass_over_weekends_and_days_off() {
    for (from, days, until) in [
        ("2026-03-03T02:00:00Z", 0, "2026-03-04T00:00:00+08:00"), // on the spot: by the end of the day
        ("2026-03-03T02:00:00Z", 20, "2026-04-02T00:00:00+08:00"),
        ("2026-03-03T02:00:00Z", 30, "2026-04-16T00:00:00+08:00"),
    ] {
        let deadline = ask(&invented(), |state| after(state, time(from), working(days)));
        assert_eq!(deadline.at, time(until), "{days} working days");
    }
}

/// The same course under two terms: each as if it had been the clock's own from the beginning.
#[test]
fn a_clock_under_another_term_has_the_same_course() {
    let (begin, stop, go_on) = ("2026-03-03T02:00:00Z", "2026-03-05T02:00:00Z", "2026-03-12T02:00:00Z");
    let course = |term: Term| {
        ask(&invented(), |state| {
            let mut clock = Clock::start(term, time(begin));
            clock.stop(state, time(stop))?.expect("it runs");
            clock.resume(time(go_on)).expect("it stands");
            Ok(clock)
        })
    };
    for (own, other) in [(4, 6), (4, 20), (4, 4), (10, 3)] {
        let running = Clock::start(working(own), time(begin));
        assert_eq!(running.under(working(other)), Clock::start(working(other), time(begin)));
        let resumed = course(working(own)).under(working(other));
        assert_eq!(resumed, course(working(other)), "{own} under {other}");
        assert!(resumed.is_consistent());
    }
    let late = ask(&invented(), |state| course(working(4)).under(working(6)).deadline(state));
    assert_eq!(late.expect("it runs").at, time("2026-03-19T00:00:00+08:00"), "2 of 6 used, 4 behind the 12th");
}
