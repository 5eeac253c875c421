//! Lines of separated values, decoded one by one.

use super::error::{ImportError, RowError};
use super::list_rows::Line;
use super::rows::Limits;
use super::source::{Encoding, Metered};
use csv::ByteRecord;
use std::io::{BufReader, Read};

type Input = Metered<BufReader<Box<dyn Read + Send>>>;

/// The lines of a stream.
pub struct CsvLines {
    reader: csv::Reader<Input>,
    encoding: Encoding,
    limits: Limits,
}

impl CsvLines {
    /// The lines of this stream.
    pub fn new(stream: Box<dyn Read + Send>, delimiter: u8, encoding: Encoding, limits: Limits) -> Self {
        let stream: Box<dyn Read + Send> = Box::new(stream.chain(&b"\n"[..])); // the last line may lack its end
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .terminator(csv::Terminator::Any(b'\n')) // counts lines right, where CRLF would be one behind
            .from_reader(Metered::new(BufReader::new(stream)));
        Self { reader, encoding, limits }
    }

    /// The next line.
    pub(super) fn next_line(&mut self) -> Result<Option<Line>, RowError> {
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
}
