//! What time brings: acts that happen by themselves when their time has come (deemed acceptance, the end of a cooling period, a
//! reminder), whoever does or does not ask.
//!
//! A module puts an act here with [`schedule`]; the executor does what is due at the start of a block, at most
//! [`BLOCK_ACTS_MAX`](tongban_types::block::BLOCK_ACTS_MAX) of them, in the order of their minutes and, within one, of their scheduling. An
//! act is done at the first block of the minute after its time, or later: **a rule that depends on a moment asks the block's time itself**,
//! and the act only makes it visible.
//!
//! Nothing is taken out again when a matter is settled otherwise: the act looks at its record and does nothing.
//!
//! ```text
//! due/days     day ──▶ the minutes of that day for which something is scheduled, and how many acts each
//! due/pages    (day, minute, page) ──▶ up to 32 acts
//! due/cursor   the next place to look at; nothing before it is left
//! ```

use crate::{Missing, State, Table};
use serde::{Deserialize, Serialize};
use tongban_types::{Blob, List, Time};

/// Bytes of one encoded act: the identifier of a record and little more.
pub const ACT_BYTES_MAX: usize = 256;

/// One encoded act of a module. Only the crate `modules` knows what is inside.
pub type ActBytes = Blob<ACT_BYTES_MAX>;

/// The first part of the names of the tables here.
pub const TABLES: &str = "due";

const CURSOR: Table<(), Place> = Table::new("due/cursor");
const DAYS: Table<u32, Day> = Table::new("due/days");
const PAGES: Table<(u32, u16, u32), Page> = Table::new("due/pages");

const PAGE_ACTS: u32 = 32;
const DAY_MINUTES: u16 = 1_440;
const MINUTE_MILLIS: u64 = 60_000;

type Page = List<ActBytes, { PAGE_ACTS as usize }>;
type Day = List<Minute, { DAY_MINUTES as usize }>;

/// A minute of a day for which acts are scheduled. A day's minutes stand in ascending order.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Minute {
    minute: u16,
    acts: u32,
}

/// Where an act stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Place {
    day: u32,
    minute: u16,
    act: u32,
}

/// An act whose time has come.
pub struct Due {
    /// The act.
    pub act: ActBytes,
    place: Place,
    is_last_of_page: bool,
}

/// The first act of a minute, counted since 1970; days are those of UTC, which nobody sees.
fn place_of(minutes: u64) -> Place {
    let day = minutes / u64::from(DAY_MINUTES);
    let minute = minutes % u64::from(DAY_MINUTES);
    Place {
        day: u32::try_from(day).expect("times end with the year 9999"),
        minute: u16::try_from(minute).expect("less than a day"),
        act: 0,
    }
}

/// Puts an act down for a time. One for the past or the present is done with the next minute.
pub fn schedule(state: &mut State, now: Time, at: Time, act: ActBytes) -> Result<(), Missing> {
    let next_minute = now.as_millis() / MINUTE_MILLIS + 1;
    let minute = at.as_millis().div_ceil(MINUTE_MILLIS).max(next_minute);
    let Place { day, minute, .. } = place_of(minute);
    let mut minutes = DAYS.get(state, &day)?.unwrap_or_default().into_vec();
    let index = match minutes.binary_search_by_key(&minute, |entry| entry.minute) {
        Ok(index) => index,
        Err(index) => {
            minutes.insert(index, Minute { minute, acts: 0 });
            index
        }
    };
    let key = (day, minute, minutes[index].acts / PAGE_ACTS);
    let mut page = PAGES.get(state, &key)?.unwrap_or_default();
    minutes[index].acts += 1;
    page.push(act).expect("a page is begun before the last one overflows");
    PAGES.put(state, &key, &page);
    DAYS.put(state, &day, &List::new(minutes).expect("a day has so many minutes"));
    Ok(())
}

/// Sets the beginning, before which nothing can be scheduled.
pub(crate) fn start(state: &mut State, now: Time) {
    CURSOR.put(state, &(), &place_of(now.as_millis() / MINUTE_MILLIS));
}

/// The next act whose time has come. Days that are over are passed over for good; each such step is complete in itself, so that its
/// writes can be kept where the next record is missing.
pub(crate) fn next(state: &mut State, now: Time) -> Result<Option<Due>, Missing> {
    let Some(mut cursor) = CURSOR.get(state, &())? else { return Ok(None) };
    let now = place_of(now.as_millis() / MINUTE_MILLIS);
    while cursor.day <= now.day {
        let minutes = DAYS.get(state, &cursor.day)?.unwrap_or_default();
        let is_left =
            |entry: &&Minute| entry.minute > cursor.minute || entry.minute == cursor.minute && entry.acts > cursor.act;
        let Some(Minute { minute, acts }) = minutes.iter().find(is_left).copied() else {
            if cursor.day == now.day {
                return Ok(None);
            }
            if !minutes.is_empty() {
                DAYS.delete(state, &cursor.day);
            }
            cursor = Place { day: cursor.day + 1, minute: 0, act: 0 };
            CURSOR.put(state, &(), &cursor);
            continue;
        };
        if (cursor.day, minute) > (now.day, now.minute) {
            return Ok(None);
        }
        let act = if minute == cursor.minute { cursor.act } else { 0 };
        let place = Place { day: cursor.day, minute, act };
        let page = PAGES.get(state, &page_key(&place))?.unwrap_or_default();
        let index = usize::try_from(act % PAGE_ACTS).expect("less than a page");
        let is_last_of_page = act + 1 == acts || (act + 1).is_multiple_of(PAGE_ACTS);
        let act = page.get(index).cloned().expect("a minute has as many acts as its day says");
        return Ok(Some(Due { act, place, is_last_of_page }));
    }
    Ok(None)
}

/// Moves on behind an act.
pub(crate) fn done(state: &mut State, due: &Due) {
    if due.is_last_of_page {
        PAGES.delete(state, &page_key(&due.place));
    }
    CURSOR.put(state, &(), &Place { act: due.place.act + 1, ..due.place });
}

fn page_key(place: &Place) -> (u32, u16, u32) {
    (place.day, place.minute, place.act / PAGE_ACTS)
}
