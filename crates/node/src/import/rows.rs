//! Rows of a file, whatever its format.

use super::error::RowError;
use super::list_rows::ListRows;
use super::sheet_lines::SheetLines;
use super::source::{self, Format};
use super::xes_rows::XesRows;
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

impl Row {
    /// The row for people, as the error file shows it.
    pub fn content(&self) -> String {
        let fields: Vec<String> = self.fields.iter().map(|(column, value)| format!("{column}={value}")).collect();
        fields.join("; ")
    }
}

/// Why a line of a list is no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// Opens a file after a first pass over all of it.
    pub fn open(path: &Path, limits: Limits) -> Result<Self, RowError> {
        if source::is_spreadsheet(path)? {
            let (lines, read) = SheetLines::open(path, &limits)?;
            return Ok(Self {
                kind: Kind::List(Box::new(ListRows::sheet(lines, limits))),
                read: Arc::new(read.into()),
            });
        }
        let inspection = source::inspect(path, &limits)?;
        let read = Arc::new(AtomicU64::new(0));
        let unreadable = |error: std::io::Error| super::error::ImportError::Unreadable.at(0, error.to_string(), "");
        let mut stream = source::open(path, Arc::clone(&read)).map_err(unreadable)?;
        stream.read_exact(&mut vec![0; inspection.mark_bytes]).map_err(unreadable)?;
        let kind = match inspection.format {
            Format::Csv { delimiter } => {
                Kind::List(Box::new(ListRows::separated(stream, delimiter, inspection.encoding, limits)))
            }
            Format::Xes => Kind::Xes(Box::new(XesRows::new(stream, inspection.encoding, limits))),
        };
        Ok(Self { kind, read })
    }

    /// Opens an event log after a first pass over all of it: each event of XES has all attributes of its trace in front, as a table has them
    /// in columns (`case:deadline`).
    pub fn open_log(path: &Path, limits: Limits) -> Result<Self, RowError> {
        let Self { kind, read } = Self::open(path, limits)?;
        let kind = match kind {
            Kind::List(rows) => Kind::List(rows),
            Kind::Xes(rows) => Kind::Xes(Box::new(rows.with_case_fields())),
        };
        Ok(Self { kind, read })
    }

    /// Bytes that were read of the file itself, for the progress bar.
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
