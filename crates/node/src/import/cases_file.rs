//! Past cases in an event log: rows put together to cases, with what they say about steps and limits.
//!
//! | Column | Meaning |
//! |---|---|
//! | `case:concept:name`, `case` | the case's number |
//! | `concept:name` | the activity |
//! | `org:resource`, `org:group` | who did it, by pseudonym, and the group |
//! | `time:timestamp` | when |
//! | `lifecycle:transition` | `complete` where absent; `start` opens the next completion of the same activity and instance, others are no steps |
//! | `case:startdate`, `case:deadline`, `case:enddate` | when the case began, had to end, ended |
//! | `case:channel`, `case:department` | how it came in, and where it was handled |
//!
//! All other columns stay off the ledger. What a row says that cannot be taken over costs its case and no other, and so does a row that
//! cannot be read: a case without one of its rows would stand on the ledger with too few steps for ever. Of which case such a row is, its
//! trace says, or the cell of its number; where neither does ([`CaseLog::unplaced_rows`]), any case of the file may lack it.

use super::error::{ImportError, RowError};
use super::rows::{Item, Limits, Place, Row, Rows};
use super::{dates, rows};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tongban_modules::case_history::{Activity, Facts, Pair, STEPS_MAX, Step};
use tongban_types::{Digest, List, Text, Time};

/// Events that are read of one file; a log is put together in memory.
const EVENTS_MAX: u64 = 2_000_000;

/// What can be wrong with a case. The serialized name is the stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr, strum::EnumIter)]
pub enum CaseError {
    /// A row says no case, no activity or no time, or has a value that is too long or no date.
    #[strum(serialize = "import.bad_case")]
    BadCase,
    /// The rows of a case do not agree about the case.
    #[strum(serialize = "import.case_contradicts")]
    CaseContradicts,
    /// The ledger has the case with another number of steps.
    #[strum(serialize = "import.case_differs")]
    CaseDiffers,
    /// A row of the case cannot be read.
    #[strum(serialize = "import.case_incomplete")]
    CaseIncomplete,
    /// Rows do not say of which case they are, so that any case may lack them.
    #[strum(serialize = "import.rows_unplaced")]
    RowsUnplaced,
}

/// Why two activities make no pair. The code stands at the end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PairError {
    /// No event names it.
    #[error("the file has no activity {name:?} (import.activity_unknown)")]
    Unknown {
        /// As it was named.
        name: String,
    },
    /// Several activities begin with the word.
    #[error("the file has several activities that begin with {name:?}: write one out (import.activity_ambiguous)")]
    Ambiguous {
        /// As it was named.
        name: String,
    },
    /// Check and decision are one.
    #[error("{check:?} and {decision:?} are one activity (import.activity_same)")]
    Same {
        /// The first name.
        check: String,
        /// The second name.
        decision: String,
    },
    /// More pairs than a case can have.
    #[error("at most {PAIRS_MAX} pairs of activities can need two people (import.too_many_pairs)")]
    TooMany,
}

/// Pairs of activities that need two people.
const PAIRS_MAX: usize = 4;

impl CaseError {
    /// This error at a line.
    pub fn at(self, line: u64, message: impl Into<String>, content: impl Into<String>) -> RowError {
        let code: &'static str = self.into();
        RowError { line, code: code.into(), message: message.into(), content: content.into() }
    }
}

/// A case as the file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseInFile {
    /// The line of its first row.
    pub line: u64,
    /// Its number.
    pub number: Text<60>,
    /// What the file says about it.
    pub facts: Facts,
    /// Its steps, in the order of the file.
    pub steps: Vec<Step>,
}

/// A whole log.
#[derive(Debug, Default)]
pub struct CaseLog {
    /// Its cases, in the order of their first rows.
    pub cases: Vec<CaseInFile>,
    /// Cases and rows that cannot be taken over. Line 0 or a rest that is unreadable breaks the file.
    pub errors: Vec<RowError>,
    /// Whether the file could not be read, or not to its end: then no case is complete for certain, and there are none.
    pub is_broken: bool,
    /// Rows found.
    pub rows: u64,
    /// Cases that cannot be taken over, among the errors.
    pub bad_cases: u64,
    /// Rows, among the errors, that do not say of which case they are.
    pub unplaced_rows: u64,
    /// Rows that are no steps: other transitions than `start` and `complete`.
    pub other_rows: u64,
    /// Beginnings of steps that were never completed, and so are no steps.
    pub unfinished: u64,
}

/// Reads the log. `pairs` are the activities that need two people, by name or by the word in front of it, such as `T02`.
pub fn read(path: &Path, checksum: Digest, pairs: &[(String, String)]) -> anyhow::Result<CaseLog> {
    let mut log = CaseLog::default();
    let mut drafts = Drafts::default();
    match Rows::open_log(path, Limits { rows_max: EVENTS_MAX, ..rows::Limits::default() }) {
        Ok(mut rows) => {
            while let Some(item) = rows.next() {
                drafts.add(item, rows.place(), &mut log);
            }
        }
        Err(error) => {
            log.is_broken = true;
            log.errors.push(error);
        }
    }
    if log.is_broken {
        return Ok(log);
    }
    let activities: BTreeSet<Activity> =
        drafts.all.iter().flat_map(|draft| draft.steps.iter().map(|step| step.activity.clone())).collect();
    let four_eyes: Result<Vec<Pair>, PairError> = pairs.iter().map(|pair| pair_of(pair, &activities)).collect();
    let four_eyes: List<Pair, PAIRS_MAX> = List::new(four_eyes?).map_err(|_| PairError::TooMany)?;
    log.unplaced_rows += drafts.unplaced_lines();
    for draft in drafts.all {
        log.unfinished += draft.begun.values().map(|begun| begun.len() as u64).sum::<u64>();
        let lacks = drafts.lacking.get(&draft.number).copied();
        match draft.finish(lacks, checksum, four_eyes.clone()) {
            Ok(case) => log.cases.push(case),
            Err(error) => {
                log.bad_cases += 1;
                log.errors.push(error);
            }
        }
    }
    Ok(log)
}

/// The full names of a pair.
fn pair_of((check, decision): &(String, String), activities: &BTreeSet<Activity>) -> Result<Pair, PairError> {
    let named = |name: &str| -> Result<Activity, PairError> {
        let is_meant = |activity: &&Activity| &***activity == name || activity.split(' ').next() == Some(name);
        let mut found = activities.iter().filter(is_meant);
        match (found.next(), found.next()) {
            (Some(activity), None) => Ok(activity.clone()),
            (None, _) => Err(PairError::Unknown { name: name.to_owned() }),
            (Some(_), Some(_)) => Err(PairError::Ambiguous { name: name.to_owned() }),
        }
    };
    let pair = Pair { check: named(check)?, decision: named(decision)? };
    if pair.check == pair.decision {
        return Err(PairError::Same { check: check.clone(), decision: decision.clone() });
    }
    Ok(pair)
}

impl CaseLog {
    /// Takes no case over, because each may lack a row that does not say of which case it is.
    pub fn refuse_all(&mut self) {
        let message = format!(
            "{} rows do not say of which case they are, so that any case may lack them: correct the file, or take its other rows over with \
             --allow-unplaced-rows",
            self.unplaced_rows
        );
        self.cases.clear();
        self.is_broken = true;
        self.errors.push(CaseError::RowsUnplaced.at(0, message, ""));
    }
}

/// Cases that are being put together.
#[derive(Default)]
struct Drafts {
    all: Vec<Draft>,
    places: BTreeMap<String, usize>,
    /// Cases of which a row cannot be read, and the first such line.
    lacking: BTreeMap<String, u64>,
    /// Lines that cannot be read and have no number that can.
    lines_without_number: u64,
    /// How many of the lines that cannot be read have a number.
    lines_with_number: u64,
}

struct Draft {
    line: u64,
    number: String,
    /// The first value of each column about the case.
    said: BTreeMap<&'static str, String>,
    steps: Vec<Step>,
    begun: BTreeMap<(String, String), Vec<Time>>,
    error: Option<RowError>,
}

/// The columns of a case's number; the first one that says something counts.
const OF_NUMBER: [&str; 2] = ["case:concept:name", "case"];
/// Columns about a case, and what they are called here.
const ABOUT_CASE: [&str; 5] = ["case:startdate", "case:deadline", "case:enddate", "case:channel", "case:department"];

impl Drafts {
    fn add(&mut self, item: Item, place: Place, log: &mut CaseLog) {
        let row = match item {
            Item::Skipped { .. } => return,
            Item::Bad(error) => {
                log.rows += 1;
                self.note_bad(&error, place);
                log.errors.push(error);
                return;
            }
            Item::Broken(error) => {
                log.is_broken = true;
                log.errors.push(error);
                return;
            }
            Item::Row(row) => row,
        };
        log.rows += 1;
        let Some(number) = OF_NUMBER.iter().find_map(|column| value(&row, column)) else {
            log.errors.push(CaseError::BadCase.at(row.line, "the row names no case", row.content()));
            // Without a name a trace is a case by itself, which is lost as a whole.
            log.unplaced_rows += u64::from(matches!(place, Place::List(_)));
            return;
        };
        let index = *self.places.entry(number.to_owned()).or_insert(self.all.len());
        if index == self.all.len() {
            let (number, said, begun) = (number.to_owned(), BTreeMap::new(), BTreeMap::new());
            self.all.push(Draft { line: row.line, number, said, steps: Vec::new(), begun, error: None });
        }
        let draft = &mut self.all[index];
        if let Err(error) = draft.add(&row, log) {
            draft.error.get_or_insert(error);
        }
    }

    /// Notes of which case a row is that cannot be read.
    fn note_bad(&mut self, error: &RowError, place: Place) {
        let number = match place {
            Place::Trace(name) => name.map(|name| name.trim().to_owned()),
            Place::List(columns) => number_in_bad_line(error, columns),
        };
        let is_line = matches!(place, Place::List(_));
        self.lines_with_number += u64::from(is_line && number.is_some());
        self.lines_without_number += u64::from(is_line && number.is_none());
        if let Some(number) = number {
            self.lacking.entry(number).or_insert(error.line);
        }
    }

    /// How many lines that cannot be read may be of any case. A number with a comma in it looks like two cells in such a line.
    fn unplaced_lines(&self) -> u64 {
        let is_split = self.places.keys().any(|number| number.contains(','));
        self.lines_without_number + if is_split { self.lines_with_number } else { 0 }
    }
}

/// The number of a case in a line that cannot be read, where it surely is that. In a line with too few or too many cells each but the first
/// may stand in another's place.
fn number_in_bad_line(error: &RowError, columns: &[String]) -> Option<String> {
    let column = columns.iter().position(|column| OF_NUMBER.contains(&column.as_str()))?;
    let cells: Vec<&str> = error.content.split(',').map(str::trim).collect();
    let is_in_place = error.code != ImportError::BadRow.code() && cells.len() == columns.len();
    let cell = cells.get(column).filter(|_| column == 0 || is_in_place)?;
    let can_be_read = !cell.is_empty() && !cell.contains(char::REPLACEMENT_CHARACTER);
    can_be_read.then(|| (*cell).to_owned())
}

impl Draft {
    fn add(&mut self, row: &Row, log: &mut CaseLog) -> Result<(), RowError> {
        let bad = |message: String| CaseError::BadCase.at(row.line, message, row.content());
        for column in ABOUT_CASE {
            let Some(said) = value(row, column) else { continue };
            let known = self.said.entry(column).or_insert_with(|| said.to_owned());
            if known != said {
                let message = format!("the rows of the case do not agree about {column}");
                return Err(CaseError::CaseContradicts.at(row.line, message, row.content()));
            }
        }
        let activity = value(row, "concept:name").ok_or_else(|| bad("the row names no activity".to_owned()))?;
        let at = value(row, "time:timestamp").ok_or_else(|| bad("the row says no time".to_owned()))?;
        let at = dates::parse_cell(at).ok_or_else(|| bad(format!("{at:?} is no time")))?;
        let instance = (activity.to_owned(), value(row, "concept:instance").unwrap_or_default().to_owned());
        match value(row, "lifecycle:transition").unwrap_or("complete").to_ascii_lowercase().as_str() {
            "complete" => {}
            "start" => {
                self.begun.entry(instance).or_default().push(at);
                return Ok(());
            }
            _ => {
                log.other_rows += 1;
                return Ok(());
            }
        }
        let begun = self.begun.get_mut(&instance).filter(|begun| !begun.is_empty()).map(|begun| begun.remove(0));
        let short = |column: &str| value(row, column).map(|text| field(column, text)).transpose().map_err(&bad);
        self.steps.push(Step {
            activity: field("concept:name", activity).map_err(&bad)?,
            resource: short("org:resource")?,
            group: short("org:group")?,
            started_at: begun,
            completed_at: at,
        });
        Ok(())
    }

    /// The case, where it is whole: `lacks` is a line of it that cannot be read.
    fn finish(
        self,
        lacks: Option<u64>,
        checksum: Digest,
        four_eyes: List<Pair, PAIRS_MAX>,
    ) -> Result<CaseInFile, RowError> {
        let Self { line, number, said, steps, error, .. } = self;
        if let Some(error) = error {
            return Err(error);
        }
        if let Some(lacks) = lacks {
            let message = format!("the row in line {lacks} is one of this case and cannot be read");
            return Err(CaseError::CaseIncomplete.at(line, message, number));
        }
        let bad = |message: String| CaseError::BadCase.at(line, message, &number);
        if steps.len() > STEPS_MAX as usize {
            return Err(bad(format!("the case has {} steps, more than {STEPS_MAX}", steps.len())));
        }
        let time = |column: &str| {
            let text = said.get(column);
            text.map(|text| dates::parse_cell(text).ok_or_else(|| bad(format!("{column} is no time: {text:?}"))))
                .transpose()
        };
        let short = |column: &str| said.get(column).map(|text| field(column, text)).transpose().map_err(&bad);
        let facts = Facts {
            checksum,
            started_at: time("case:startdate")?,
            deadline: time("case:deadline")?,
            ended_at: time("case:enddate")?,
            channel: short("case:channel")?,
            unit: short("case:department")?,
            four_eyes,
        };
        let number = field("the number of the case", &number).map_err(&bad)?;
        Ok(CaseInFile { line, number, facts, steps })
    }
}

/// The value of a column; none where it is absent or blank.
fn value<'a>(row: &'a Row, column: &str) -> Option<&'a str> {
    let field = row.fields.iter().find(|(name, _)| name == column);
    field.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
}

fn field<const MAX: usize>(column: &str, text: &str) -> Result<Text<MAX>, String> {
    Text::new(text).map_err(|error| format!("{column}: {error}"))
}
