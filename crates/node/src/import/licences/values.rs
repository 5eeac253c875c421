//! Cells as the values of a face: tidied, dates and numbers in one spelling where they can be read, and what was odd about them.

use crate::import::dates::{parse_cell, parse_time};
use tongban_modules::licences::{Anomaly, FieldKind};
use tongban_types::codes::normalise;
use tongban_types::licence_face::FieldValue;
use tongban_types::{Text, Time};

/// Characters of one value.
pub const VALUE_CHARS_MAX: usize = 4_000;

const DAY_MILLIS: u64 = 86_400_000;
const BEIJING_MILLIS: u64 = 8 * 3_600_000;

/// A cell as the value of a field of this kind; what is odd about it is added to `anomalies`.
pub fn value(cell: &str, kind: FieldKind, formats: &[String], anomalies: &mut Vec<Anomaly>) -> FieldValue {
    let value = tidy(cell, anomalies);
    if value.is_empty() {
        return value;
    }
    match kind {
        FieldKind::Text => value,
        FieldKind::Date => match date(&value, formats) {
            Some(time) => day(time),
            None => {
                anomalies.push(Anomaly::DateForm);
                value
            }
        },
        FieldKind::Number => {
            if !is_amount(&value) {
                anomalies.push(Anomaly::NumberForm);
            }
            value
        }
        FieldKind::Code => FieldValue::new(normalise(&value)).unwrap_or(value),
    }
}

/// The cell as one trimmed line without control and formatting characters, of at most so many characters.
pub fn tidy(cell: &str, anomalies: &mut Vec<Anomaly>) -> FieldValue {
    let is_allowed = |character: &char| *character == ' ' || Text::<1>::new(*character).is_ok();
    let line = cell.chars().map(|character| if character.is_whitespace() { ' ' } else { character });
    let allowed: String = line.filter(is_allowed).collect();
    let trimmed = allowed.trim();
    if trimmed != cell {
        anomalies.push(Anomaly::TextTidied);
    }
    let cut: String = trimmed.chars().take(VALUE_CHARS_MAX).collect();
    if cut.len() != trimmed.len() {
        anomalies.push(Anomaly::TextCut);
    }
    FieldValue::new(cut.trim()).expect("allowed characters, trimmed and cut")
}

/// A day, in one of these formats or in the usual ways, as the moment at which it begins in Beijing.
pub fn date(text: &str, formats: &[String]) -> Option<Time> {
    let by_format = formats.iter().find_map(|format| {
        let description = time::format_description::parse_borrowed::<2>(format).ok()?;
        let date = time::Date::parse(text, &description).ok()?;
        parse_time(&format!("{:04}{:02}{:02}", date.year(), u8::from(date.month()), date.day()))
    });
    by_format.or_else(|| parse_cell(text)).map(beginning_of_day)
}

fn beginning_of_day(time: Time) -> Time {
    let into_day = (time.as_millis() + BEIJING_MILLIS) % DAY_MILLIS;
    Time::from_millis(time.as_millis().saturating_sub(into_day)).expect("not after a valid time")
}

/// The day in Beijing.
pub fn day_in_beijing(time: Time) -> time::Date {
    let seconds = i64::try_from(time.plus_millis(BEIJING_MILLIS).as_millis() / 1_000).expect("at most the year 9999");
    time::OffsetDateTime::from_unix_timestamp(seconds).expect("at most the year 9999").date()
}

/// The first moment behind a day.
pub fn end_of_day(day: Time) -> Time {
    day.plus_millis(DAY_MILLIS)
}

/// A day as `YYYY-MM-DD` in Beijing.
fn day(time: Time) -> FieldValue {
    let text = time.plus_millis(BEIJING_MILLIS).to_string();
    FieldValue::new(&text[..10]).expect("ten digits and signs")
}

/// Whether a text is a number or an amount as registers write them: `2,000(万)`, `500万人民币`, `1000.5`, `50万元人民币`, `10万美元`.
pub fn is_amount(text: &str) -> bool {
    const WORDS: [&str; 14] =
        ["万", "亿", "千", "百", "元", "圆", "整", "人民币", "美元", "港元", "港币", "欧元", "日元", "新加坡元"];
    let plain: String = normalise(text).chars().filter(|character| !" ()¥$".contains(*character)).collect();
    let end = plain.find(|character: char| !character.is_ascii_digit() && character != ',' && character != '.');
    let (number, mut unit) = plain.split_at(end.unwrap_or(plain.len()));
    while let Some(rest) = WORDS.iter().find_map(|word| unit.strip_prefix(word)) {
        unit = rest;
    }
    unit.is_empty() && is_number(number)
}

/// Digits with a point at most, and commas between all thousands or none.
fn is_number(text: &str) -> bool {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    are_digits(decimals)
        && are_digits(first)
        && rest.iter().all(|group| group.len() == 3 && are_digits(group))
        && (rest.is_empty() || first.len() <= 3)
}
