//! Divisions of the country (行政区划): which there are, what they are called, and from when until when. Pure types and functions, without
//! records.
//!
//! The table that comes with the program (`divisions.csv`, whose first line names its source) is as of one day. A network amends it: divisions
//! are added, renamed and abolished, each from a day on, and what was stays (DOMAIN §1.4). Towns and villages stand in no table; of their codes
//! the part of the county is looked up.

use crate::departments::{Level, level};
use crate::orgs::Error;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use tongban_types::codes::DivisionCode;
use tongban_types::{AccountId, List, Text, Time};

/// A name of a division.
pub type DivisionName = Text<60>;

/// Changes of one division that a network has told.
pub const DIVISION_CHANGES_MAX: usize = 32;
/// The version of the format of a division's changes.
pub const DIVISION_VERSION: u16 = 1;

const TABLE: &str = include_str!("divisions.csv");
/// The country itself has a code and no line in the table.
const NATION: &str = "中华人民共和国";

/// What a code stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DivisionKind {
    /// A division (行政区).
    Place,
    /// A development zone that statistics alone give a code (功能区).
    FunctionalZone,
    /// A heading in tables, such as 市辖区 and 省直辖县级行政区划: no place.
    Heading,
}

/// Whether a division is there at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DivisionValidity {
    /// It is (有效).
    Valid,
    /// It will be (尚未设立).
    NotYet {
        /// From when on.
        from: Time,
    },
    /// It is no longer (已撤销).
    Abolished {
        /// Since when.
        since: Time,
        /// The division that took its place, where there is one.
        successor: Option<DivisionCode>,
    },
}

/// A division at a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Division {
    /// Its code, down to the county.
    pub code: DivisionCode,
    /// Its name, without those above it.
    pub name: DivisionName,
    /// Its level.
    pub level: Level,
    /// What the code stands for.
    pub kind: DivisionKind,
    /// Whether it is there.
    pub validity: DivisionValidity,
}

/// What becomes of a division.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum DivisionAmendment {
    /// It is there from then on (设立).
    Add {
        /// Its name, without those above it.
        name: DivisionName,
    },
    /// It has another name from then on (更名).
    Rename {
        /// Its name, without those above it.
        name: DivisionName,
    },
    /// It is no longer there from then on (撤销). Numbers that were given under its code stay good.
    Abolish {
        /// The division that takes its place, where there is one.
        successor: Option<DivisionCode>,
    },
}

/// A change of a division that a network has told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DivisionChange {
    /// What has become of it.
    pub amendment: DivisionAmendment,
    /// From when on.
    pub from: Time,
    /// Who told it.
    pub by: AccountId,
    /// When: the block's time.
    pub at: Time,
    /// The receipt.
    pub receipt: u64,
}

/// All changes of a division that a network has told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DivisionHistory {
    /// The version of this format.
    pub version: u16,
    /// The changes, in the order of the days from which they count.
    pub changes: List<DivisionChange, DIVISION_CHANGES_MAX>,
}

impl Default for DivisionHistory {
    fn default() -> Self {
        Self { version: DIVISION_VERSION, changes: List::default() }
    }
}

impl Division {
    /// Whether it is a place that is there.
    pub fn is_place(&self) -> bool {
        self.validity == DivisionValidity::Valid && self.kind != DivisionKind::Heading
    }
}

impl DivisionAmendment {
    /// The name that it brings.
    pub fn name(&self) -> Option<&DivisionName> {
        match self {
            Self::Add { name } | Self::Rename { name } => Some(name),
            Self::Abolish { .. } => None,
        }
    }
}

/// Refuses a division for which nobody can be there: one that is unknown, a heading, or abolished.
pub fn check_place(found: Option<&Division>) -> Result<(), Error> {
    let division = found.ok_or(Error::DivisionUnknown)?;
    match (division.kind, division.validity) {
        (DivisionKind::Heading, _) => Err(Error::DivisionHeading),
        (DivisionKind::Place | DivisionKind::FunctionalZone, DivisionValidity::Valid) => Ok(()),
        (DivisionKind::Place | DivisionKind::FunctionalZone, DivisionValidity::NotYet { .. }) => {
            Err(Error::DivisionUnknown)
        }
        (DivisionKind::Place | DivisionKind::FunctionalZone, DivisionValidity::Abolished { .. }) => {
            Err(Error::DivisionAbolished)
        }
    }
}

/// What a division is at a moment, by the table and by the changes that a network has told, in the order of their days.
pub fn division_at(code: DivisionCode, changes: &[DivisionChange], at: Time) -> Option<Division> {
    let mut found = listed(code);
    for change in changes {
        let later = change.from > at;
        match (&change.amendment, &mut found) {
            (DivisionAmendment::Add { name }, None) => {
                let validity =
                    if later { DivisionValidity::NotYet { from: change.from } } else { DivisionValidity::Valid };
                found = Some(Division { validity, ..place(code, name.clone()) });
            }
            _ if later => break,
            (DivisionAmendment::Add { name }, Some(found)) => {
                (found.name, found.validity) = (name.clone(), DivisionValidity::Valid);
            }
            (DivisionAmendment::Rename { name }, Some(found)) => found.name = name.clone(),
            (DivisionAmendment::Abolish { successor }, Some(found)) => {
                found.validity = DivisionValidity::Abolished { since: change.from, successor: *successor };
            }
            (DivisionAmendment::Rename { .. } | DivisionAmendment::Abolish { .. }, None) => {}
        }
        if later {
            break;
        }
    }
    found
}

fn place(code: DivisionCode, name: DivisionName) -> Division {
    let kind = if code.is_development_zone() { DivisionKind::FunctionalZone } else { DivisionKind::Place };
    Division { code, name, level: level(&code.to_long()), kind, validity: DivisionValidity::Valid }
}

/// What the table that comes with the program says of a division.
pub fn listed(code: DivisionCode) -> Option<Division> {
    if code == DivisionCode::NATION {
        return Some(place(code, DivisionName::new(NATION).expect("a short name")));
    }
    let line = LINES.binary_search_by_key(&code, |(code, _)| *code).ok()?;
    Some(LINES[line].1.clone())
}

/// The lines of the table, by code.
static LINES: LazyLock<Vec<(DivisionCode, Division)>> = LazyLock::new(|| {
    let lines = TABLE.lines().skip(2); // the source, and the headings
    lines.map(|line| read(line).expect("each line of the table is read in a test")).collect()
});

fn read(line: &str) -> Option<(DivisionCode, Division)> {
    let (code, rest) = line.split_once(',')?;
    let (name, kind) = rest.split_once(',')?;
    let code = code.parse().ok()?;
    let kind = match kind {
        "" => DivisionKind::Place,
        "z" => DivisionKind::FunctionalZone,
        "h" => DivisionKind::Heading,
        _ => return None,
    };
    Some((code, Division { kind, ..place(code, DivisionName::new(name).ok()?) }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tongban_types::codec;
    use tongban_types::proof::state::RECORD_BYTES_MAX;

    fn code(text: &str) -> DivisionCode {
        text.parse().expect("a code")
    }

    fn time(day: u32) -> Time {
        format!("2026-01-{day:02}T00:00:00Z").parse().expect("a time")
    }

    fn change(amendment: DivisionAmendment, day: u32) -> DivisionChange {
        DivisionChange { amendment, from: time(day), by: AccountId::LEDGER, at: time(1), receipt: 1 }
    }

    fn name(text: &str) -> DivisionName {
        DivisionName::new(text).expect("a short name")
    }

    #[test]
    fn every_line_of_the_table_is_a_division_below_another_one_of_it() {
        assert!(TABLE.starts_with("# ") && TABLE.contains("china-division 2.7.0"), "it names its source");
        let mut counts = [0; 3];
        let mut last = None;
        for line in TABLE.lines().skip(2) {
            let (code, division) = read(line).unwrap_or_else(|| panic!("{line}"));
            assert!(last.replace(code) < Some(code), "in order, each once: {line}");
            let above = code.parent().expect("none is the country");
            assert!(listed(above).is_some(), "{line}");
            counts[division.kind as usize] += 1;
            assert_eq!(listed(code), Some(division));
        }
        // 34 provinces, 333 prefectures, 2,853 counties; 124 zones; 9 headings (DOMAIN §1.4).
        assert_eq!(counts, [34 + 333 + 2853, 124, 9]);
    }

    #[test]
    fn what_a_code_stands_for_is_known() {
        let cases = [
            ("100000", "中华人民共和国", Level::Nation, DivisionKind::Place),
            ("110000", "北京市", Level::Province, DivisionKind::Place),
            ("110100", "市辖区", Level::City, DivisionKind::Heading),
            ("441900", "东莞市", Level::City, DivisionKind::Place),
            ("429000", "省直辖县级行政区划", Level::City, DivisionKind::Heading),
            ("429004", "仙桃市", Level::County, DivisionKind::Place),
            ("130171", "石家庄高新技术产业开发区", Level::County, DivisionKind::FunctionalZone),
            ("653228", "和康县", Level::County, DivisionKind::Place),
            ("653229", "和安县", Level::County, DivisionKind::Place),
        ];
        for (text, name, level, kind) in cases {
            let found = listed(code(text)).expect(text);
            assert_eq!((&*found.name, found.level, found.kind), (name, level, kind), "{text}");
            let is_place = kind != DivisionKind::Heading;
            let expected = if is_place { Ok(()) } else { Err(Error::DivisionHeading) };
            assert_eq!((found.is_place(), check_place(Some(&found))), (is_place, expected), "{text}");
        }
        for text in ["999999", "510150", "519900", "160101"] {
            assert_eq!(check_place(listed(code(text)).as_ref()), Err(Error::DivisionUnknown), "{text}");
        }
    }

    #[test]
    fn changes_count_from_their_day_on() {
        let successor = Some(code("510104"));
        let changes = [
            change(DivisionAmendment::Add { name: name("新县") }, 3),
            change(DivisionAmendment::Rename { name: name("新市") }, 5),
            change(DivisionAmendment::Abolish { successor }, 7),
            change(DivisionAmendment::Add { name: name("又一县") }, 9),
        ];
        let abolished = DivisionValidity::Abolished { since: time(7), successor };
        for (day, expected, validity) in [
            (1, "新县", DivisionValidity::NotYet { from: time(3) }),
            (3, "新县", DivisionValidity::Valid),
            (4, "新县", DivisionValidity::Valid),
            (5, "新市", DivisionValidity::Valid),
            (7, "新市", abolished),
            (8, "新市", abolished),
            (9, "又一县", DivisionValidity::Valid),
        ] {
            let found = division_at(code("510150"), &changes, time(day)).expect("it is told of");
            assert_eq!((&*found.name, found.validity), (expected, validity), "day {day}");
        }
        assert_eq!(division_at(code("510150"), &[], time(1)), None);
        // One of the table goes, and its code can be looked up still.
        let found = division_at(code("510105"), &changes[2..3], time(8)).expect("a division of the table");
        assert_eq!((&*found.name, found.validity), ("青羊区", abolished));
        assert_eq!(check_place(Some(&found)), Err(Error::DivisionAbolished));
    }

    #[test]
    fn the_largest_history_fits() {
        let amendment = DivisionAmendment::Add { name: name(&"县".repeat(60)) };
        let largest = DivisionChange { receipt: u64::MAX, from: Time::MAX, at: Time::MAX, ..change(amendment, 1) };
        let changes = List::new(vec![largest; DIVISION_CHANGES_MAX]).expect("all changes");
        let history = DivisionHistory { version: u16::MAX, changes };
        assert!(codec::encode(&history).len() < RECORD_BYTES_MAX / 2);
    }
}
