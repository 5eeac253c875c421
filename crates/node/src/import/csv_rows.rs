//! Rows of separated values, below titles and headings.

use super::error::{ImportError, RowError};
use super::headings::{HEADING_LINES_MAX, Headings, date_of_title};
use super::rows::{Item, Limits, Row, SkipReason};
use super::source::{Encoding, Metered};
use csv::ByteRecord;
use std::collections::VecDeque;
use std::io::{BufReader, Read};
use tongban_types::Time;

type Input = Metered<BufReader<Box<dyn Read + Send>>>;

/// The rows of a list.
pub struct CsvRows {
    reader: csv::Reader<Input>,
    encoding: Encoding,
    limits: Limits,
    list: Option<List>,
    waiting: VecDeque<Item>,
    rows: u64,
    is_finished: bool,
}

/// What is known once the headings are found.
struct List {
    headings: Headings,
    date: Option<Time>,
    /// The donors above; none where the row above could not be read.
    donors: Option<Vec<String>>,
}

/// One line, decoded.
struct Line {
    number: u64,
    cells: Result<Vec<String>, RowError>,
}

impl CsvRows {
    /// The rows of this stream.
    pub fn new(stream: Box<dyn Read + Send>, delimiter: u8, encoding: Encoding, limits: Limits) -> Self {
        let stream: Box<dyn Read + Send> = Box::new(stream.chain(&b"\n"[..])); // the last line may lack its end
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .terminator(csv::Terminator::Any(b'\n')) // counts lines right, where CRLF would be one behind
            .from_reader(Metered::new(BufReader::new(stream)));
        Self { reader, encoding, limits, list: None, waiting: VecDeque::new(), rows: 0, is_finished: false }
    }

    fn next_line(&mut self) -> Result<Option<Line>, RowError> {
        self.reader.get_mut().allow(self.limits.row_bytes_max);
        let number = self.reader.position().line();
        let mut record = ByteRecord::new();
        match self.reader.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            Err(_) if self.reader.get_ref().is_exhausted() => {
                let message = format!("the row is longer than {} bytes", self.limits.row_bytes_max);
                return Err(ImportError::RowTooLong.at(number, message, ""));
            }
            Err(error) => return Err(ImportError::Unreadable.at(number, error.to_string(), "")),
        }
        let number = number + self.blank_lines_before(number, &record);
        Ok(Some(Line { number, cells: self.decode(number, &record) }))
    }

    /// How many blank lines the reader has passed over between a line and the record behind it.
    fn blank_lines_before(&self, number: u64, record: &ByteRecord) -> u64 {
        let within = record.as_slice().iter().filter(|byte| **byte == b'\n').count() as u64;
        self.reader.position().line().saturating_sub(number + within + 1)
    }

    fn decode(&self, line: u64, record: &ByteRecord) -> Result<Vec<String>, RowError> {
        let content = || -> String {
            let cells: Vec<_> = record.iter().map(String::from_utf8_lossy).collect();
            cells.join(",")
        };
        if record.len() > self.limits.fields_max {
            let message = format!("the row has {} cells, more than {}", record.len(), self.limits.fields_max);
            return Err(ImportError::TooManyFields.at(line, message, content()));
        }
        let cells: Option<Vec<String>> = record.iter().map(|cell| self.encoding.decode(cell)).collect();
        let Some(mut cells) = cells else {
            let message = format!("the row is not text in {:?}", self.encoding);
            return Err(ImportError::BadEncoding.at(line, message, content()));
        };
        if let Some(last) = cells.last_mut()
            && last.ends_with('\r')
        {
            last.pop(); // the first half of CRLF
        }
        Ok(cells)
    }

    /// Reads the first lines and finds the headings among them.
    fn begin(&mut self) -> Result<(), RowError> {
        let mut lines = Vec::new();
        let mut broken = None;
        while lines.len() < HEADING_LINES_MAX {
            match self.next_line() {
                Ok(Some(line)) => lines.push(line),
                Ok(None) => break,
                Err(error) => {
                    broken = Some(error);
                    break;
                }
            }
        }
        let cells: Vec<Option<&[String]>> = lines.iter().map(|line| line.cells.as_deref().ok()).collect();
        let Some((at, headings)) = Headings::find(&cells) else {
            let missing = || ImportError::NoHeadings.at(0, "no line looks like the headings of a list", "");
            return Err(broken.unwrap_or_else(missing));
        };
        let date = cells[..at].iter().flatten().find_map(|cells| date_of_title(cells));
        let donors = Some(vec![String::new(); headings.donors().len()]);
        self.list = Some(List { headings, date, donors });
        for (index, line) in lines.into_iter().enumerate() {
            let item = match index {
                _ if index < at => Item::Skipped { line: line.number, reason: SkipReason::Title },
                _ if index == at => Item::Skipped { line: line.number, reason: SkipReason::Headings },
                _ => self.item(line),
            };
            self.waiting.push_back(item);
        }
        self.waiting.extend(broken.map(Item::Broken));
        Ok(())
    }

    fn item(&mut self, line: Line) -> Item {
        self.rows += 1;
        if self.rows > self.limits.rows_max {
            let message = format!("the file has more than {} rows", self.limits.rows_max);
            return Item::Broken(ImportError::TooManyRows.at(line.number, message, ""));
        }
        let list = self.list.as_mut().expect("the headings are found before the rows");
        match line.cells.map(|cells| list.item(line.number, cells)) {
            Ok(item) => item,
            Err(error) => {
                list.donors = None;
                Item::Bad(error)
            }
        }
    }

    fn step(&mut self) -> Option<Item> {
        if let Some(item) = self.waiting.pop_front() {
            return Some(item);
        }
        if self.list.is_none() {
            if let Err(error) = self.begin() {
                return Some(Item::Broken(error));
            }
            return self.waiting.pop_front();
        }
        match self.next_line() {
            Ok(line) => line.map(|line| self.item(line)),
            Err(error) => Some(Item::Broken(error)),
        }
    }
}

impl List {
    fn item(&mut self, line: u64, mut cells: Vec<String>) -> Item {
        if let Some(reason) = self.headings.skip_reason(&cells) {
            return Item::Skipped { line, reason };
        }
        let columns = self.headings.columns();
        if cells.len() != columns.len() {
            let message = format!("the row has {} cells, the list has {} columns", cells.len(), columns.len());
            self.donors = None;
            return Item::Bad(ImportError::BadRow.at(line, message, cells.join(",")));
        }
        if let Err(error) = self.fill_in_donors(line, &mut cells) {
            return Item::Bad(error);
        }
        let collected_at = self.headings.time_of(&cells).or(self.date);
        let columns = self.headings.columns().iter().cloned();
        let fields = columns.zip(cells).filter(|(column, _)| !column.is_empty()).collect();
        Item::Row(Row { line, fields, collected_at, object_type: self.headings.object_type() })
    }

    fn fill_in_donors(&mut self, line: u64, cells: &mut [String]) -> Result<(), RowError> {
        let positions = self.headings.donors();
        if positions.is_empty() {
            return Ok(());
        }
        let is_merged = positions.iter().all(|position| cells[*position].trim().is_empty());
        if !is_merged {
            self.donors = Some(positions.iter().map(|position| cells[*position].clone()).collect());
            return Ok(());
        }
        let Some(above) = &self.donors else {
            let message = "the donor is the one above, and the row above cannot be read";
            return Err(ImportError::DonorUnknown.at(line, message, cells.join(",")));
        };
        for (position, donor) in positions.iter().zip(above) {
            cells[*position].clone_from(donor);
        }
        Ok(())
    }
}

impl Iterator for CsvRows {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        if self.is_finished {
            return None;
        }
        let item = self.step();
        self.is_finished = matches!(item, None | Some(Item::Broken(_)));
        item
    }
}
