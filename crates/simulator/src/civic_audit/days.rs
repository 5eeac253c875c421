//! Days as the law counts them, counted here once more and without the modules' code. The simulated calendars have no days off but weekends.

use tongban_types::Time;

const MINUTE_MILLIS: u64 = 60_000;
const DAY_MILLIS: u64 = 86_400_000;
/// Beijing is ahead of Greenwich by so much, all year.
const BEIJING_MILLIS: u64 = 8 * 3_600_000;
/// Working days after which silence accepts (行政许可法 第三十二条).
const SILENCE_DAYS: u32 = 5;

/// The end, in Beijing, of the last of so many working days after the day of a time.
pub fn end_of_working_days(from: Time, days: u32) -> Time {
    let mut day = (from.as_millis() + BEIJING_MILLIS) / DAY_MILLIS;
    let mut left = days;
    while left > 0 {
        day += 1;
        let weekday = (day + 3) % 7; // 1970-01-01 was a Thursday; Monday is 0
        left -= u32::from(weekday < 5);
    }
    at((day + 1) * DAY_MILLIS - BEIJING_MILLIS)
}

/// When silence accepts what has arrived at a time.
pub fn silence_accepts_at(arrived: Time) -> Time {
    end_of_working_days(arrived, SILENCE_DAYS)
}

/// When what is due at a time is done at the latest: with the first block from here on.
pub(super) fn minute_after(due: Time) -> Time {
    at(due.as_millis().div_ceil(MINUTE_MILLIS) * MINUTE_MILLIS)
}

/// The same of what was put down only when its time had come already.
pub(super) fn next_minute(now: Time) -> Time {
    at((now.as_millis() / MINUTE_MILLIS + 1) * MINUTE_MILLIS)
}

fn at(millis: u64) -> Time {
    Time::from_millis(millis).expect("before the year 10000")
}
