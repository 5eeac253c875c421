//! Dates and times as lists and event logs write them. A time without an offset is Beijing time.

use time::{Date, Month, PrimitiveDateTime, UtcOffset};
use tongban_types::Time;

const BEIJING_HOURS: i8 = 8;
const DAY_MILLIS: u64 = 86_400_000;
/// 1970-01-01 and 9999-12-31 as Excel counts days.
const SERIAL_1970: u64 = 25_569;
const SERIAL_MAX: u64 = 2_958_465;

/// Reads RFC 3339, `2011-10-11 13:45:40.276000+02:00`, `2020.01.22`, `2020/1/22 8:30`, `2020年1月22日`, `20200122`.
pub fn parse_time(text: &str) -> Option<Time> {
    let text = text.trim();
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    let mut rest = text;
    let (year, month, day) = if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        rest = "";
        (text[..4].parse().ok()?, text[4..6].parse().ok()?, text[6..].parse().ok()?)
    } else {
        let year = number(&mut rest, 4)?;
        separator(&mut rest, &['-', '.', '/', '年'])?;
        let month = number(&mut rest, 2)?;
        separator(&mut rest, &['-', '.', '/', '月'])?;
        let day = number(&mut rest, 2)?;
        separator(&mut rest, &['日', '号']);
        (year, month, day)
    };
    let date = Date::from_calendar_date(i32::try_from(year).ok()?, Month::try_from(narrow(month)?).ok()?, narrow(day)?);
    let (clock, offset) = clock_and_offset(rest)?;
    let moment = PrimitiveDateTime::new(date.ok()?, clock).assume_offset(offset);
    let millis = moment.unix_timestamp_nanos().div_euclid(1_000_000);
    Time::from_millis(u64::try_from(millis).ok()?).ok()
}

/// Reads a number of days as Excel counts them (43865 is 2020-02-04), with the time of day behind the point.
pub fn parse_excel_serial(text: &str) -> Option<Time> {
    let (days, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    if days.len() > 7 || fraction.len() > 18 || !days.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let days: u64 = days.parse().ok()?;
    if !(SERIAL_1970..=SERIAL_MAX).contains(&days) {
        return None;
    }
    let digits = fraction.len().min(9);
    let parts: u64 = if digits == 0 { 0 } else { fraction[..digits].parse().ok()? };
    let of_day = parts * DAY_MILLIS / 10_u64.pow(u32::try_from(digits).ok()?);
    let seconds = (of_day + 500) / 1_000; // printed fractions are a little below or above the second they mean
    let millis = (days - SERIAL_1970) * DAY_MILLIS + seconds * 1_000;
    Time::from_millis(millis.checked_sub(u64::try_from(BEIJING_HOURS).ok()? * 3_600_000)?).ok()
}

/// A cell of a date column.
pub fn parse_cell(text: &str) -> Option<Time> {
    parse_time(text).or_else(|| parse_excel_serial(text))
}

fn clock_and_offset(text: &str) -> Option<(time::Time, UtcOffset)> {
    let beijing = UtcOffset::from_hms(BEIJING_HOURS, 0, 0).ok()?;
    let mut rest = text.trim_start();
    separator(&mut rest, &['T', 't']);
    rest = rest.trim_start();
    if rest.is_empty() {
        return Some((time::Time::MIDNIGHT, beijing));
    }
    let hour = number(&mut rest, 2)?;
    separator(&mut rest, &[':', '时'])?;
    let minute = number(&mut rest, 2)?;
    let mut second = 0;
    let mut millis = 0;
    if separator(&mut rest, &[':', '分']).is_some() && rest.starts_with(|character: char| character.is_ascii_digit()) {
        second = number(&mut rest, 2)?;
        if separator(&mut rest, &['.']).is_some() {
            let digits = rest.len() - rest.trim_start_matches(|character: char| character.is_ascii_digit()).len();
            let cut = &rest[..digits.min(3)];
            millis = format!("{cut:0<3}").parse().ok()?;
            rest = &rest[digits..];
        }
    }
    separator(&mut rest, &['秒', '分']);
    let clock = time::Time::from_hms_milli(narrow(hour)?, narrow(minute)?, narrow(second)?, millis).ok()?;
    Some((clock, offset(rest.trim_start(), beijing)?))
}

fn offset(text: &str, beijing: UtcOffset) -> Option<UtcOffset> {
    let sign = match text {
        "" => return Some(beijing),
        "Z" | "z" => return Some(UtcOffset::UTC),
        _ if text.starts_with('+') => 1,
        _ if text.starts_with('-') => -1,
        _ => return None,
    };
    let mut rest = &text[1..];
    let hours = i8::try_from(number(&mut rest, 2)?).ok()?;
    separator(&mut rest, &[':']);
    let minutes = if rest.is_empty() { 0 } else { i8::try_from(number(&mut rest, 2)?).ok()? };
    if !rest.is_empty() {
        return None;
    }
    UtcOffset::from_hms(sign * hours, sign * minutes, 0).ok()
}

/// Takes up to `digits_max` digits off the front.
fn number(rest: &mut &str, digits_max: usize) -> Option<u32> {
    let digits = rest.bytes().take(digits_max).take_while(u8::is_ascii_digit).count();
    let value = rest[..digits].parse().ok()?;
    *rest = &rest[digits..];
    Some(value)
}

/// Takes one of these characters off the front.
fn separator(rest: &mut &str, allowed: &[char]) -> Option<()> {
    let after = rest.strip_prefix(allowed)?;
    *rest = after;
    Some(())
}

fn narrow(value: u32) -> Option<u8> {
    u8::try_from(value).ok()
}
