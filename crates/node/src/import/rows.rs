//! Rows of a file, whatever its format.

use super::csv_lines::CsvLines;
use super::error::RowError;
use super::headings::Layout;
use super::list_rows::ListRows;
use super::sheet_lines::SheetLines;
use super::source::{self, Format};
use super::xes_rows::XesRows;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tongban_modules::evidence::ObjectType;
use tongban_types::Time;

/// How much the importer reads.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of a file, uncompressed.
    pub file_bytes_max: u64,
    /// Bytes of a row, or of one piece of XML.
    pub row_bytes_max: u64,
    /// Fields of a row.
    pub fields_max: usize,
    /// Rows of a file.
    pub rows_max: u64,
    /// Levels of XML.
    pub depth_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file_bytes_max: 1 << 30, row_bytes_max: 1 << 20, fields_max: 1_000, rows_max: 5_000_000, depth_max: 32 }
    }
}

/// One record of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Where it begins, counted from 1.
    pub line: u64,
    /// Columns and their values, in the file's order.
    pub fields: Vec<(String, String)>,
    /// When the record came into being, where it says so.
    pub collected_at: Option<Time>,
    /// What kind of record it is.
    pub object_type: ObjectType,
}

/// Bytes of rows that wait together for their transaction: a hundred of the longest would be too many.
pub const ROWS_BYTES_MAX: u64 = 4 * 1024 * 1024;

impl Row {
    /// Bytes of its columns and values.
    pub fn bytes(&self) -> u64 {
        self.fields.iter().map(|(column, value)| (column.len() + value.len()) as u64).sum()
    }

    /// The row for people, as the error file shows it.
    pub fn content(&self) -> String {
        let fields: Vec<String> = self.fields.iter().map(|(column, value)| format!("{column}={value}")).collect();
        fields.join("; ")
    }
}

/// Why a line of a list is no record. The serialized names are stable words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SkipReason {
    /// It stands above the headings.
    Title,
    /// It has the headings, at first or again.
    Headings,
    /// It adds up other lines.
    Total,
    /// It explains something.
    Note,
    /// It is blank.
    Blank,
}

/// What a file has next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A record.
    Row(Row),
    /// A line that is no record.
    Skipped {
        /// The line.
        line: u64,
        /// Why.
        reason: SkipReason,
    },
    /// A record that cannot be read; the next may be readable.
    Bad(RowError),
    /// The rest of the file cannot be read.
    Broken(RowError),
}

/// Lines that are no records, counted by reason.
pub type Skipped = BTreeMap<SkipReason, u64>;

/// Where a row stands, whether it can be read or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'a> {
    /// In a trace, with its name where that can be read.
    Trace(Option<&'a str>),
    /// Below the headings of a list.
    List(&'a [String]),
}

/// The rows of one file, read as they are asked for.
pub struct Rows {
    kind: Kind,
    read: Arc<AtomicU64>,
}

enum Kind {
    List(Box<ListRows>),
    Xes(Box<XesRows>),
}

impl Rows {
    /// Opens a file after a first pass over all of it. A table is taken for a list that was published for readers.
    pub fn open(path: &Path, limits: Limits) -> Result<Self, RowError> {
        Self::open_as(Layout::Published, path, limits)
    }

    /// Opens a register after a first pass over all of it: a table of which no line may be lost.
    pub fn open_register(path: &Path, limits: Limits) -> Result<Self, RowError> {
        Self::open_as(Layout::Register, path, limits)
    }

    fn open_as(layout: Layout, path: &Path, limits: Limits) -> Result<Self, RowError> {
        let read = Arc::new(AtomicU64::new(0));
        if source::is_spreadsheet(path)? {
            let lines = SheetLines::open(path, &limits, Arc::clone(&read))?;
            return Ok(Self { kind: Kind::List(Box::new(ListRows::sheet(lines, layout, limits))), read });
        }
        let inspection = source::inspect(path, &limits)?;
        let unreadable = |error: std::io::Error| super::error::ImportError::Unreadable.at(0, error.to_string(), "");
        let mut stream = source::open(path, Arc::clone(&read)).map_err(unreadable)?;
        stream.read_exact(&mut vec![0; inspection.mark_bytes]).map_err(unreadable)?;
        let kind = match inspection.format {
            Format::Csv { delimiter } => {
                let lines = CsvLines::new(stream, delimiter, inspection.encoding, limits.clone());
                Kind::List(Box::new(ListRows::separated(lines, layout, limits)))
            }
            Format::Xes => Kind::Xes(Box::new(XesRows::new(stream, inspection.encoding, limits))),
        };
        Ok(Self { kind, read })
    }

    /// Opens an event log after a first pass over all of it: each event of XES has all attributes of its trace in front, as a table has them
    /// in columns (`case:deadline`). No line of a table may be lost.
    pub fn open_log(path: &Path, limits: Limits) -> Result<Self, RowError> {
        let Self { kind, read } = Self::open_register(path, limits)?;
        let kind = match kind {
            Kind::List(rows) => Kind::List(rows),
            Kind::Xes(rows) => Kind::Xes(Box::new(rows.with_case_fields())),
        };
        Ok(Self { kind, read })
    }

    /// Where the last row stood: in which trace, or below which headings.
    pub fn place(&self) -> Place<'_> {
        match &self.kind {
            Kind::List(rows) => Place::List(rows.columns()),
            Kind::Xes(rows) => Place::Trace(rows.trace()),
        }
    }

    /// Bytes that were read of the file itself, for the progress bar; of a spreadsheet as many as the rows so far stand for.
    pub fn bytes_read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }
}

impl Iterator for Rows {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        match &mut self.kind {
            Kind::List(rows) => rows.next(),
            Kind::Xes(rows) => rows.next(),
        }
    }
}
