//! Times and the calendar in Beijing.

use proptest::prelude::*;
use tongban_types::Time;

fn time(text: &str) -> Time {
    text.parse().expect("a time")
}

#[test]
fn months_are_counted_on_beijings_calendar() {
    for (from, months, expected) in [
        ("2024-01-31T00:00:00+08:00", 1, "2024-02-29T00:00:00+08:00"),
        ("2023-01-31T00:00:00+08:00", 1, "2023-02-28T00:00:00+08:00"),
        ("2024-02-29T10:30:00+08:00", 12, "2025-02-28T10:30:00+08:00"),
        ("2024-02-29T00:00:00+08:00", 48, "2028-02-29T00:00:00+08:00"),
        ("2024-12-15T23:59:59+08:00", 1, "2025-01-15T23:59:59+08:00"),
        // In Beijing it is the next day already.
        ("2024-01-30T16:00:00Z", 1, "2024-02-28T16:00:00Z"),
        ("2026-03-01T00:00:00+08:00", 0, "2026-03-01T00:00:00+08:00"),
        ("1970-01-01T08:00:00+08:00", 600, "2020-01-01T08:00:00+08:00"),
    ] {
        assert_eq!(time(from).plus_months_in_beijing(months), time(expected), "{from} and {months} months");
    }
    assert_eq!(Time::MAX.plus_months_in_beijing(0), Time::MAX);
    assert_eq!(time("2026-01-01T00:00:00Z").plus_months_in_beijing(u32::MAX), Time::MAX);
}

proptest! {
    /// Later is never earlier, and no time panics.
    #[test]
    fn months_only_add(millis in 0..=Time::MAX.as_millis(), months in 0u32..200_000) {
        let from = Time::from_millis(millis).expect("a valid time");
        let then = from.plus_months_in_beijing(months);
        prop_assert!(then >= from);
        prop_assert!(months == 0 || then == Time::MAX || then.millis_since(from) >= u64::from(months) * 28 * 86_400_000);
    }
}
