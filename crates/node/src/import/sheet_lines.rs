//! Lines of the first sheet of an XLSX workbook (ISO/IEC 29500): a ZIP archive of XML parts.
//!
//! What a cell shows is read as text: shared and inline texts, numbers as they are stored, so that a date is the number of its days
//! (`dates` reads it). Formulas count by their last result. Nothing is followed out of the archive, and no entity is expanded but those of
//! XML itself.

use super::error::{ImportError, RowError};
use super::list_rows::Line;
use super::rows::Limits;
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::Path;
use zip::ZipArchive;

/// Parts of one archive.
const PARTS_MAX: usize = 2_000;
/// Bytes of one part, uncompressed: all of it is held in memory.
const PART_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Texts that cells share.
const SHARED_TEXTS_MAX: usize = 10_000_000;

/// The lines of a sheet.
pub struct SheetLines {
    sheet: Reader<std::io::Cursor<Vec<u8>>>,
    shared: Vec<String>,
    limits: Limits,
    /// Columns of the widest line, so that every line has as many.
    width: usize,
    number: u64,
}

type Archive = ZipArchive<BufReader<File>>;

fn bad(message: impl Into<String>) -> RowError {
    ImportError::BadWorkbook.at(0, message, "")
}

impl SheetLines {
    /// The lines of a workbook's first sheet, and how many bytes the file has, which are all read by then.
    pub fn open(path: &Path, limits: &Limits) -> Result<(Self, u64), RowError> {
        let unreadable = |error: std::io::Error| ImportError::Unreadable.at(0, error.to_string(), "");
        let file = File::open(path).map_err(unreadable)?;
        let bytes = file.metadata().map_err(unreadable)?.len();
        let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| bad(error.to_string()))?;
        if archive.len() > PARTS_MAX {
            return Err(bad(format!("the workbook has more than {PARTS_MAX} parts")));
        }
        let limit = limits.file_bytes_max.min(PART_BYTES_MAX);
        let place = first_sheet(&mut archive, limit)?;
        let sheet = part(&mut archive, &place, limit)?.ok_or_else(|| bad("the first sheet is missing"))?;
        let shared = match part(&mut archive, "xl/sharedStrings.xml", limit)? {
            Some(xml) => shared_texts(&xml)?,
            None => Vec::new(),
        };
        let width = width(&sheet, limits)?;
        let mut sheet = Reader::from_reader(std::io::Cursor::new(sheet));
        sheet.config_mut().expand_empty_elements = true;
        Ok((Self { sheet, shared, limits: limits.clone(), width, number: 0 }, bytes))
    }

    /// The next line.
    pub(super) fn next_line(&mut self) -> Result<Option<Line>, RowError> {
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match self.sheet.read_event_into(&mut buffer) {
                Ok(Event::Start(start)) if start.local_name().as_ref() == b"row" => {
                    let said = attribute(&start, b"r").and_then(|text| text.parse().ok());
                    self.number = said.filter(|said| *said > self.number).unwrap_or(self.number + 1);
                    let cells = self.cells()?;
                    return Ok(Some(Line { number: self.number, cells }));
                }
                Ok(Event::Eof) => return Ok(None),
                Ok(_) => {}
                Err(error) => return Err(self.broken(error.to_string())),
            }
        }
    }

    fn broken(&self, message: impl Into<String>) -> RowError {
        ImportError::BadWorkbook.at(self.number, message, "")
    }

    /// The cells up to the end of the row. The outer error is of the sheet, the inner one of this row.
    fn cells(&mut self) -> Result<Result<Vec<String>, RowError>, RowError> {
        let mut cells = vec![String::new(); self.width];
        let mut next = 0;
        let mut bytes = 0;
        let mut fault = None;
        let mut cell: Option<Cell> = None;
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            let event = self.sheet.read_event_into(&mut buffer);
            match event.map_err(|error| ImportError::BadWorkbook.at(self.number, error.to_string(), ""))? {
                Event::Start(start) => match start.local_name().as_ref() {
                    b"c" => cell = Some(Cell::begin(&start, next)),
                    b"v" | b"t" => cell.iter_mut().for_each(|cell| cell.is_open = true),
                    b"rPh" => cell.iter_mut().for_each(|cell| cell.is_phonetic = true),
                    _ => {}
                },
                Event::Text(text) => {
                    let text = text.decode().map_err(|error| self.broken(error.to_string()))?;
                    cell.iter_mut().for_each(|cell| cell.add(&text));
                }
                Event::CData(text) => {
                    let text = String::from_utf8_lossy(&text).into_owned();
                    cell.iter_mut().for_each(|cell| cell.add(&text));
                }
                Event::GeneralRef(name) => {
                    let text = reference(&name).map_err(|message| self.broken(message))?;
                    cell.iter_mut().for_each(|cell| cell.add(&text));
                }
                Event::End(end) => match end.local_name().as_ref() {
                    b"v" | b"t" => cell.iter_mut().for_each(|cell| cell.is_open = false),
                    b"rPh" => cell.iter_mut().for_each(|cell| cell.is_phonetic = false),
                    b"c" => {
                        let Some(cell) = cell.take() else { continue };
                        next = cell.column + 1;
                        match cell.text(&self.shared) {
                            Ok(text) => {
                                bytes += text.len() as u64;
                                if let Some(place) = cells.get_mut(cell.column) {
                                    *place = text;
                                }
                            }
                            Err(message) => fault = Some(ImportError::BadRow.at(self.number, message, "")),
                        }
                    }
                    b"row" => break,
                    _ => {}
                },
                Event::Eof => return Err(self.broken("the sheet ends within a row")),
                _ => {}
            }
        }
        if bytes > self.limits.row_bytes_max {
            let message = format!("the row is longer than {} bytes", self.limits.row_bytes_max);
            return Err(ImportError::RowTooLong.at(self.number, message, ""));
        }
        Ok(fault.map_or(Ok(cells), Err))
    }
}

/// A cell that is being read.
struct Cell {
    column: usize,
    is_shared: bool,
    is_open: bool,
    is_phonetic: bool,
    text: String,
}

impl Cell {
    fn begin(start: &BytesStart, next: usize) -> Self {
        let column = attribute(start, b"r").and_then(|place| column_of(&place)).unwrap_or(next);
        let is_shared = attribute(start, b"t").is_some_and(|kind| kind == "s");
        Self { column, is_shared, is_open: false, is_phonetic: false, text: String::new() }
    }

    fn add(&mut self, text: &str) {
        if self.is_open && !self.is_phonetic {
            self.text.push_str(text);
        }
    }

    fn text(&self, shared: &[String]) -> Result<String, String> {
        if !self.is_shared {
            return Ok(self.text.clone());
        }
        let index = self.text.trim().parse::<usize>().ok();
        index.and_then(|index| shared.get(index)).cloned().ok_or_else(|| "a cell refers to no text".to_owned())
    }
}

/// The column of a place such as `AB12`, counted from 0.
fn column_of(place: &str) -> Option<usize> {
    let letters = place.bytes().take_while(u8::is_ascii_uppercase);
    let mut column = 0usize;
    for (count, letter) in letters.enumerate() {
        if count >= 3 {
            return None; // the last column is XFD
        }
        column = column * 26 + usize::from(letter - b'A') + 1;
    }
    column.checked_sub(1)
}

/// Columns of the widest line; refuses a sheet that has more than the importer reads.
fn width(sheet: &[u8], limits: &Limits) -> Result<usize, RowError> {
    let mut reader = Reader::from_reader(sheet);
    let (mut width, mut next) = (0, 0);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(|error| bad(error.to_string()))? {
            Event::Start(start) | Event::Empty(start) => match start.local_name().as_ref() {
                b"row" => next = 0,
                b"c" => {
                    let column = attribute(&start, b"r").and_then(|place| column_of(&place)).unwrap_or(next);
                    next = column + 1;
                    width = width.max(next);
                }
                _ => {}
            },
            Event::Eof => break,
            _ => {}
        }
    }
    if width > limits.fields_max {
        let message = format!("the sheet has {width} columns, more than {}", limits.fields_max);
        return Err(ImportError::TooManyFields.at(0, message, ""));
    }
    Ok(width)
}

/// A part of the archive; none where it is absent.
fn part(archive: &mut Archive, name: &str, limit: u64) -> Result<Option<Vec<u8>>, RowError> {
    let file = match archive.by_name(name) {
        Ok(file) => file,
        Err(zip::result::ZipError::FileNotFound) => return Ok(None),
        Err(error) => return Err(bad(error.to_string())),
    };
    let mut content = Vec::new();
    // What the archive says of a part's size may be false; what is read is counted.
    file.take(limit + 1).read_to_end(&mut content).map_err(|error| bad(error.to_string()))?;
    if content.len() as u64 > limit {
        return Err(ImportError::TooLarge.at(0, format!("a part of the workbook is larger than {limit} bytes"), ""));
    }
    Ok(Some(content))
}

/// Where the first sheet of the workbook stands.
fn first_sheet(archive: &mut Archive, limit: u64) -> Result<String, RowError> {
    let workbook = part(archive, "xl/workbook.xml", limit)?.ok_or_else(|| bad("the file is no workbook"))?;
    let id =
        element(&workbook, b"sheet", |start| attribute(start, b"r:id"))?.ok_or_else(|| bad("there is no sheet"))?;
    let relations = part(archive, "xl/_rels/workbook.xml.rels", limit)?.unwrap_or_default();
    let target = element(&relations, b"Relationship", |start| {
        attribute(start, b"Target").filter(|_| attribute(start, b"Id").is_some_and(|found| found == id))
    })?;
    let target = target.ok_or_else(|| bad("the first sheet is missing"))?;
    Ok(target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned))
}

/// What is found on the first element of this name that has it.
fn element(xml: &[u8], name: &[u8], find: impl Fn(&BytesStart) -> Option<String>) -> Result<Option<String>, RowError> {
    let mut reader = Reader::from_reader(xml);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(|error| bad(error.to_string()))? {
            Event::Start(start) | Event::Empty(start) if start.local_name().as_ref() == name => {
                if let Some(found) = find(&start) {
                    return Ok(Some(found));
                }
            }
            Event::Eof => return Ok(None),
            _ => {}
        }
    }
}

/// The texts that cells share; what tells how to read them aloud (`rPh`) is left out.
fn shared_texts(xml: &[u8]) -> Result<Vec<String>, RowError> {
    let mut reader = Reader::from_reader(xml);
    reader.config_mut().expand_empty_elements = true;
    let mut buffer = Vec::new();
    let mut texts: VecDeque<String> = VecDeque::new();
    let (mut is_open, mut is_phonetic) = (false, false);
    loop {
        buffer.clear();
        let mut add = |text: &str| {
            if let Some(last) = texts.back_mut().filter(|_| is_open && !is_phonetic) {
                last.push_str(text);
            }
        };
        match reader.read_event_into(&mut buffer).map_err(|error| bad(error.to_string()))? {
            Event::Text(text) => add(&text.decode().map_err(|error| bad(error.to_string()))?),
            Event::CData(text) => add(&String::from_utf8_lossy(&text)),
            Event::GeneralRef(name) => add(&reference(&name).map_err(bad)?),
            Event::Start(start) => match start.local_name().as_ref() {
                b"si" => texts.push_back(String::new()),
                b"t" => is_open = true,
                b"rPh" => is_phonetic = true,
                _ => {}
            },
            Event::End(end) => match end.local_name().as_ref() {
                b"t" => is_open = false,
                b"rPh" => is_phonetic = false,
                _ => {}
            },
            Event::Eof => return Ok(texts.into()),
            _ => {}
        }
        if texts.len() > SHARED_TEXTS_MAX {
            return Err(bad(format!("the workbook has more than {SHARED_TEXTS_MAX} texts")));
        }
    }
}

/// The characters of a reference such as `amp` or `#20013`.
fn reference(name: &[u8]) -> Result<String, String> {
    let name = std::str::from_utf8(name).map_err(|error| error.to_string())?;
    unescape(&format!("&{name};")).map(|text| text.into_owned()).map_err(|error| error.to_string())
}

/// The value of an attribute.
fn attribute(start: &BytesStart, name: &[u8]) -> Option<String> {
    let found = start.attributes().with_checks(false).flatten().find(|attribute| attribute.key.as_ref() == name)?;
    let text = std::str::from_utf8(&found.value).ok()?;
    unescape(text).ok().map(|text| text.into_owned())
}
