//! The oracle: it walks from day to day and knows no formula. And calendars, which are invented: no year of them was ever announced.

use proptest::prelude::*;
use std::cell::RefCell;
use std::collections::BTreeMap;
use tongban_crypto::primitives;
use tongban_kernel::{Missing, State};
use tongban_modules::network::{CALENDARS, Calendar, MonthDay};
use tongban_types::{Digest, List, Suite, Time, codec};

/// The first day that the oracle knows, a Wednesday.
pub const FIRST_YEAR: u16 = 2020;
/// And the last of its years.
pub const LAST_YEAR: u16 = 2034;
const FIRST_DAY: &str = "2019-12-31T16:00:00Z";
pub const DAY_MILLIS: u64 = 86_400_000;

/// One day of the walk.
#[derive(Clone, Copy, Debug)]
pub struct WalkedDay {
    /// Its first moment.
    pub begin: Time,
    pub year: u16,
    pub date: MonthDay,
    pub is_working: bool,
    pub has_calendar: bool,
}

/// Calendars by year.
pub type Calendars = BTreeMap<u16, Calendar>;

pub fn time(text: &str) -> Time {
    text.parse().expect("a time")
}

pub fn calendar(year: u16, days_off: &[(u8, u8)], make_up_days: &[(u8, u8)]) -> Calendar {
    let days = |days: &[(u8, u8)]| {
        let mut days: Vec<MonthDay> = days.iter().map(|&(month, day)| MonthDay { month, day }).collect();
        days.sort();
        List::new(days).expect("few days")
    };
    Calendar { year, edition: 1, days_off: days(days_off), make_up_days: days(make_up_days) }
}

fn days_of(year: u16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year == 2100 => 28,
        2 if year.is_multiple_of(4) => 29,
        2 => 28,
        _ => 31,
    }
}

/// All days from the first year to the last.
pub fn walk(calendars: &Calendars) -> Vec<WalkedDay> {
    let mut days = Vec::new();
    let mut begin = time(FIRST_DAY);
    let mut weekday = 3; // Sunday is 0
    for year in FIRST_YEAR..=LAST_YEAR {
        for month in 1..=12 {
            for day in 1..=days_of(year, month) {
                let date = MonthDay { month, day };
                let calendar = calendars.get(&year);
                let is_weekend = weekday == 0 || weekday == 6;
                let is_working = match calendar {
                    Some(calendar) if is_weekend => calendar.make_up_days.contains(&date),
                    Some(calendar) => !calendar.days_off.contains(&date),
                    None => !is_weekend,
                };
                days.push(WalkedDay { begin, year, date, is_working, has_calendar: calendar.is_some() });
                begin = begin.plus_millis(DAY_MILLIS);
                weekday = (weekday + 1) % 7;
            }
        }
    }
    days
}

/// The calendars on the ledger; a record that is missing is loaded as the ledger does it.
pub struct Ledger {
    records: BTreeMap<Digest, Vec<u8>>,
    state: RefCell<State>,
}

impl Ledger {
    pub fn new(calendars: &Calendars) -> Self {
        let state = State::new(primitives(Suite::Intl));
        let records =
            calendars.iter().map(|(year, calendar)| (CALENDARS.state_key(&state, year), codec::encode(calendar)));
        Self { records: records.collect(), state: RefCell::new(state) }
    }

    /// With every calendar in memory, so that a question over thousands of years is not asked again for each of them.
    pub fn with_all_years_loaded(calendars: &Calendars) -> Self {
        let ledger = Self::new(calendars);
        for year in 1970..=11_000 {
            let key = CALENDARS.state_key(&ledger.state.borrow(), &year);
            ledger.state.borrow_mut().load(key, ledger.records.get(&key).cloned());
        }
        ledger
    }

    pub fn ask<V>(&self, question: impl Fn(&State) -> Result<V, Missing>) -> V {
        loop {
            let answer = question(&self.state.borrow());
            match answer {
                Err(Missing(key)) => self.state.borrow_mut().load(key, self.records.get(&key).cloned()),
                Ok(answer) => return answer,
            }
        }
    }
}

/// Asks with these calendars on the ledger.
pub fn ask<V>(calendars: &Calendars, question: impl Fn(&State) -> Result<V, Missing>) -> V {
    Ledger::new(calendars).ask(question)
}

/// Calendars of some of the years: any weekdays off, any weekend made up for, as many as fit.
pub fn calendars() -> impl Strategy<Value = Calendars> {
    let seeds = proptest::collection::vec(any::<u64>(), usize::from(LAST_YEAR - FIRST_YEAR + 1));
    seeds.prop_map(|seeds| {
        let plain = walk(&Calendars::new());
        let mut calendars = Calendars::new();
        for (year, seed) in (FIRST_YEAR..).zip(seeds) {
            if seed.is_multiple_of(4) {
                continue; // not published
            }
            let mut random = seed;
            let (mut days_off, mut make_up_days) = (Vec::new(), Vec::new());
            for day in plain.iter().filter(|day| day.year == year) {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                if (random >> 33).is_multiple_of(8) {
                    let days = if day.is_working { &mut days_off } else { &mut make_up_days };
                    days.push((day.date.month, day.date.day));
                }
            }
            days_off.truncate(100);
            make_up_days.truncate(100);
            // A long holiday over the turn of the year, in some years.
            if seed.is_multiple_of(3) {
                days_off.retain(|date| date.0 < 12);
                let end = plain.iter().filter(|day| day.year == year && day.date >= MonthDay { month: 12, day: 20 });
                days_off.extend(end.filter(|day| day.is_working).map(|day| (day.date.month, day.date.day)));
            }
            calendars.insert(year, calendar(year, &days_off, &make_up_days));
        }
        calendars
    })
}
