//! Points in time.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use time::format_description::well_known::Rfc3339;
use time::{Date, Duration, Month, OffsetDateTime};

/// Milliseconds since 1970-01-01T00:00:00Z, up to the end of the year 9999.
///
/// In JSON an RFC 3339 text in UTC with three decimals, such as `2026-01-31T08:00:00.000Z`. Beijing time is a matter of
/// display.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(u64);

/// The time is no RFC 3339 text, or outside the years 1970 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a time such as 2026-01-31T08:00:00Z, between the years 1970 and 9999")]
pub struct TimeError;

impl Time {
    /// The greatest time, 9999-12-31T23:59:59.999Z.
    pub const MAX: Self = Self(253_402_300_799_999);

    /// The time so many milliseconds after 1970 began.
    pub fn from_millis(millis: u64) -> Result<Self, TimeError> {
        if millis > Self::MAX.0 { Err(TimeError) } else { Ok(Self(millis)) }
    }

    /// Milliseconds since 1970 began.
    pub fn as_millis(self) -> u64 {
        self.0
    }

    /// This time and so many milliseconds, at most [`Time::MAX`].
    #[must_use]
    pub fn plus_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis).min(Self::MAX.0))
    }

    /// The same time of day in Beijing so many months later, at most [`Time::MAX`]. Where that month has no such day, its last day:
    /// a month after 31 January is the end of February.
    #[must_use]
    pub fn plus_months_in_beijing(self, months: u32) -> Self {
        const BEIJING_MILLIS: u64 = 8 * 3_600_000;
        const DAY_MILLIS: u64 = 86_400_000;

        let local = self.0 + BEIJING_MILLIS;
        let day = i64::try_from(local / DAY_MILLIS).expect("days up to the year 9999");
        let epoch = OffsetDateTime::UNIX_EPOCH.date();
        let Some(date) = epoch.checked_add(Duration::days(day)) else { return Self::MAX }; // in Beijing the year 10000 has begun
        let counted = date.year().unsigned_abs() * 12 + u32::from(u8::from(date.month())) - 1;
        let Some(total) = counted.checked_add(months).filter(|total| total / 12 <= 9999) else { return Self::MAX };
        let month = u8::try_from(total % 12 + 1).ok().and_then(|month| Month::try_from(month).ok());
        let month = month.expect("a number from 1 to 12");
        let year = i32::try_from(total / 12).expect("at most 9999");
        let last = month.length(year);
        let then = Date::from_calendar_date(year, month, date.day().min(last)).expect("a day of that month");
        let days = (then - epoch).whole_days();
        let millis = u64::try_from(days).expect("not before 1970") * DAY_MILLIS + local % DAY_MILLIS;
        Self(millis.saturating_sub(BEIJING_MILLIS).min(Self::MAX.0))
    }

    /// Milliseconds from `earlier` to this time, 0 where it is not earlier.
    pub fn millis_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = i64::try_from(self.0).expect("at most the year 9999");
        let moment = OffsetDateTime::UNIX_EPOCH + Duration::milliseconds(millis);
        write!(
            formatter,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            moment.year(),
            u8::from(moment.month()),
            moment.day(),
            moment.hour(),
            moment.minute(),
            moment.second(),
            moment.millisecond()
        )
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Time({self})")
    }
}

impl FromStr for Time {
    type Err = TimeError;

    /// Accepts any RFC 3339 text; what is finer than a millisecond is cut off.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let moment = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| TimeError)?;
        let millis = moment.unix_timestamp_nanos().div_euclid(1_000_000);
        Self::from_millis(u64::try_from(millis).map_err(|_| TimeError)?)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.collect_str(self) } else { serializer.serialize_u64(self.0) }
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
        } else {
            Self::from_millis(u64::deserialize(deserializer)?).map_err(de::Error::custom)
        }
    }
}

impl JsonSchema for Time {
    fn schema_name() -> Cow<'static, str> {
        "Time".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}
