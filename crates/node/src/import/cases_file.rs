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
//! All other columns stay off the ledger. What a row says that cannot be taken over costs its case and no other.

use super::error::RowError;
use super::rows::{Item, Limits, Row, Rows};
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
}

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
        Ok(rows) => rows.for_each(|item| drafts.add(item, &mut log)),
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
    let four_eyes: Result<Vec<Pair>, anyhow::Error> = pairs.iter().map(|pair| pair_of(pair, &activities)).collect();
    let four_eyes = List::new(four_eyes?)?;
    for draft in drafts.all {
        log.unfinished += draft.begun.values().map(|begun| begun.len() as u64).sum::<u64>();
        match draft.finish(checksum, four_eyes.clone()) {
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
fn pair_of((check, decision): &(String, String), activities: &BTreeSet<Activity>) -> anyhow::Result<Pair> {
    let named = |name: &str| -> anyhow::Result<Activity> {
        let is_meant = |activity: &&Activity| &***activity == name || activity.split(' ').next() == Some(name);
        let mut found = activities.iter().filter(is_meant);
        match (found.next(), found.next()) {
            (Some(activity), None) => Ok(activity.clone()),
            (None, _) => anyhow::bail!("the file has no activity {name:?}"),
            (Some(_), Some(_)) => {
                anyhow::bail!("the file has several activities that begin with {name:?}: write one out")
            }
        }
    };
    let pair = Pair { check: named(check)?, decision: named(decision)? };
    anyhow::ensure!(pair.check != pair.decision, "{check:?} and {decision:?} are one activity");
    Ok(pair)
}

/// Cases that are being put together.
#[derive(Default)]
struct Drafts {
    all: Vec<Draft>,
    places: BTreeMap<String, usize>,
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

/// Columns about a case, and what they are called here.
const ABOUT_CASE: [&str; 5] = ["case:startdate", "case:deadline", "case:enddate", "case:channel", "case:department"];

impl Drafts {
    fn add(&mut self, item: Item, log: &mut CaseLog) {
        let row = match item {
            Item::Skipped { .. } => return,
            Item::Bad(error) => {
                log.rows += 1;
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
        let Some(number) = value(&row, "case:concept:name").or_else(|| value(&row, "case")) else {
            log.errors.push(CaseError::BadCase.at(row.line, "the row names no case", row.content()));
            return;
        };
        let place = *self.places.entry(number.to_owned()).or_insert(self.all.len());
        if place == self.all.len() {
            let (number, said, begun) = (number.to_owned(), BTreeMap::new(), BTreeMap::new());
            self.all.push(Draft { line: row.line, number, said, steps: Vec::new(), begun, error: None });
        }
        let draft = &mut self.all[place];
        if let Err(error) = draft.add(&row, log) {
            draft.error.get_or_insert(error);
        }
    }
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

    fn finish(self, checksum: Digest, four_eyes: List<Pair, 4>) -> Result<CaseInFile, RowError> {
        let Self { line, number, said, steps, error, .. } = self;
        if let Some(error) = error {
            return Err(error);
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
