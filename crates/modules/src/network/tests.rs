//! Stories of the module: happy path, every error, every role; and one property.

use super::*;
use crate::test_cast::{Who, network, tell};
use crate::{Call as AnyCall, Query as AnyQuery, View as AnyView};
use proptest::prelude::*;
use strum::IntoEnumIterator;
use tongban_kernel::testing::Story;
use tongban_types::List;

fn days(days: &[(u8, u8)]) -> List<MonthDay, 100> {
    List::new(days.iter().map(|&(month, day)| MonthDay { month, day }).collect()).expect("few days")
}

fn publish(year: u16, edition: u16, days_off: &[(u8, u8)], make_up_days: &[(u8, u8)]) -> AnyCall {
    let (days_off, make_up_days) = (days(days_off), days(make_up_days));
    AnyCall::Network(Call::PublishCalendar { year, edition, days_off, make_up_days })
}

fn ask(story: &Story, query: Query) -> View {
    let query = AnyQuery::Network(query);
    match story.ask(|state| query.answer(state)).expect("a query of the network never stops") {
        AnyView::Network(view) => view,
        other => panic!("expected an answer of the network, found {other:?}"),
    }
}

#[test]
fn publishing_a_calendar_and_its_next_edition() {
    let mut story = network();
    tell(
        &mut story,
        &[
            (Who::Eve, publish(2026, 1, &[], &[]), "tx.denied"),
            (Who::Alice, publish(2026, 1, &[], &[]), "tx.denied"),
            // 2026-01-01 is a Thursday, 2026-01-04 a Sunday.
            (Who::Admin, publish(2026, 2, &[(1, 1)], &[]), "network.edition"), // I4
            (Who::Admin, publish(2026, 1, &[(1, 1)], &[]), "CalendarPublished"),
            (Who::Admin, publish(2026, 1, &[(1, 1)], &[]), "network.edition"),
            (Who::Admin, publish(2026, 2, &[(1, 1), (1, 2)], &[(1, 4)]), "CalendarPublished"),
        ],
    );
    let View::Calendar { calendar: Some(calendar) } = ask(&story, Query::Calendar { year: 2026 }) else {
        panic!("it was published")
    };
    assert_eq!(calendar.edition, 2);
    let works = |month, day| is_working_day(&calendar, MonthDay { month, day });
    assert_eq!([works(1, 1), works(1, 3), works(1, 4), works(1, 5), works(1, 10)], [false, false, true, true, false]);
    assert_eq!(ask(&story, Query::Calendar { year: 2027 }), View::Calendar { calendar: None });
}

#[test]
fn days_must_exist_stand_in_order_and_differ_from_the_week() {
    tell(
        &mut network(),
        &[
            (Who::Admin, publish(1999, 1, &[], &[]), "network.year"),
            (Who::Admin, publish(2026, 1, &[(2, 29)], &[]), "network.no_such_day"), // I2
            (Who::Admin, publish(2026, 1, &[(13, 1)], &[]), "network.no_such_day"),
            (Who::Admin, publish(2026, 1, &[(0, 1)], &[]), "network.no_such_day"),
            (Who::Admin, publish(2026, 1, &[(1, 2), (1, 1)], &[]), "network.order"),
            (Who::Admin, publish(2026, 1, &[(1, 1), (1, 1)], &[]), "network.order"), // I2
            (Who::Admin, publish(2026, 1, &[(1, 3)], &[]), "network.day_off_on_weekend"), // I3
            (Who::Admin, publish(2026, 1, &[], &[(1, 5)]), "network.make_up_day_on_weekday"), // I3
            (Who::Admin, publish(2028, 1, &[(2, 29)], &[]), "CalendarPublished"),
        ],
    );
}

#[test]
fn members_and_parameters_are_those_of_the_genesis() {
    let story = network();
    let View::Members { members: Some(members) } = ask(&story, Query::Members {}) else { panic!("members are known") };
    assert_eq!(members.validators.validators().len(), 1);
    assert!(matches!(ask(&story, Query::Parameters {}), View::Parameters { parameters: Some(_) }));
}

#[test]
fn every_error_has_its_story() {
    let source = include_str!("tests.rs");
    for error in Error::iter() {
        let code = tongban_kernel::ModuleError::code(&error);
        assert!(source.contains(&format!("\"{}\"", &*code)), "no story ends in {}", &*code);
    }
}

proptest! {
    /// Weekdays follow each other without a gap over month and year ends: exactly two of any seven days are a weekend.
    #[test]
    fn two_of_seven_days_are_a_weekend(year in 2000..2999u16, skip in 0..350usize) {
        let mut all = Vec::new();
        for year in [year, year + 1] {
            for month in 1..=12 {
                all.extend((1..=31).map(|day| (year, MonthDay { month, day })).filter(|(year, day)| super::state::exists(*year, *day)));
            }
        }
        let week = &all[skip + 10..skip + 17];
        prop_assert_eq!(week.iter().filter(|(year, day)| super::state::is_weekend(*year, *day)).count(), 2);
    }
}
