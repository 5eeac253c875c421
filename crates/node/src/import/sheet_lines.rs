//! Lines of the first sheet of an XLSX workbook (ISO/IEC 29500): a ZIP archive of XML parts.
//!
//! What a cell shows is read as text: shared and inline texts, numbers as they are stored, so that a date is the number of its days
//! (`dates` reads it). Formulas count by their last result. Nothing is followed out of the archive, and no entity is expanded but those of
//! XML itself.
//!
//! A workbook is small where its texts are shared or compressed, and what it unfolds to is its maker's choice. So everything that grows is
//! counted before it is copied: parts, shared texts, cells of a row.

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
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use zip::ZipArchive;

/// Parts of one archive.
const PARTS_MAX: usize = 2_000;
/// Bytes of one part, uncompressed: all of it is held in memory.
const PART_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Texts that cells share.
const SHARED_TEXTS_MAX: usize = 10_000_000;
/// Bytes of all texts that cells share, with what it takes to keep each.
const SHARED_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// The last row that a sheet can have (ISO/IEC 29500, as Excel counts). No row is believed to be a later one.
const SHEET_ROWS_MAX: u64 = 1 << 20;

/// The lines of a sheet.
pub struct SheetLines {
    sheet: Reader<std::io::Cursor<Vec<u8>>>,
    shared: Vec<String>,
    limits: Limits,
    progress: Progress,
    /// Columns of the widest line, so that every line has as many.
    width: usize,
    number: u64,
}

/// How much of the file is read, told by how much of the sheet is: the file itself was read before the first row.
struct Progress {
    file_bytes: u64,
    sheet_bytes: u64,
    read: Arc<AtomicU64>,
}

impl Progress {
    fn tell(&self, position: u64) {
        let share = u128::from(self.file_bytes) * u128::from(position) / u128::from(self.sheet_bytes.max(1));
        self.read.store(u64::try_from(share).unwrap_or(u64::MAX).min(self.file_bytes), Ordering::Relaxed);
    }
}

type Archive = ZipArchive<BufReader<File>>;

fn bad(message: impl Into<String>) -> RowError {
    ImportError::BadWorkbook.at(0, message, "")
}

impl SheetLines {
    /// The lines of a workbook's first sheet. `read` is told which part of the file's bytes the lines so far stand for.
    pub fn open(path: &Path, limits: &Limits, read: Arc<AtomicU64>) -> Result<Self, RowError> {
        let unreadable = |error: std::io::Error| ImportError::Unreadable.at(0, error.to_string(), "");
        let file = File::open(path).map_err(unreadable)?;
        let file_bytes = file.metadata().map_err(unreadable)?.len();
        if file_bytes > limits.file_bytes_max {
            let message = format!("the file is larger than {} bytes", limits.file_bytes_max);
            return Err(ImportError::TooLarge.at(0, message, ""));
        }
        let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| bad(error.to_string()))?;
        if archive.len() > PARTS_MAX {
            return Err(bad(format!("the workbook has more than {PARTS_MAX} parts")));
        }
        let limit = limits.file_bytes_max.min(PART_BYTES_MAX);
        let place = first_sheet(&mut archive, limit)?;
        // Before the sheet, so that both parts are never in memory together.
        let shared = match part(&mut archive, "xl/sharedStrings.xml", limit)? {
            Some(xml) => shared_texts(&xml, limits.row_bytes_max, SHARED_BYTES_MAX)?,
            None => Vec::new(),
        };
        let sheet = part(&mut archive, &place, limit)?.ok_or_else(|| bad("the first sheet is missing"))?;
        let width = width(&sheet, limits)?;
        let progress = Progress { file_bytes, sheet_bytes: sheet.len() as u64, read };
        let mut sheet = Reader::from_reader(std::io::Cursor::new(sheet));
        sheet.config_mut().expand_empty_elements = true;
        Ok(Self { sheet, shared, limits: limits.clone(), progress, width, number: 0 })
    }

    /// The next line.
    pub(super) fn next_line(&mut self) -> Result<Option<Line>, RowError> {
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match self.sheet.read_event_into(&mut buffer) {
                Ok(Event::Start(start)) if start.local_name().as_ref() == b"row" => {
                    let said = attribute(&start, b"r").and_then(|text| text.parse().ok());
                    let is_later = |said: &u64| *said > self.number && *said <= SHEET_ROWS_MAX;
                    self.number = said.filter(is_later).unwrap_or(self.number + 1);
                    let cells = self.cells()?;
                    self.progress.tell(self.sheet.buffer_position());
                    return Ok(Some(Line { number: self.number, cells }));
                }
                Ok(Event::Eof) => {
                    self.progress.tell(self.progress.sheet_bytes);
                    return Ok(None);
                }
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
        let mut room = self.limits.row_bytes_max;
        let mut fault = None;
        let mut cell: Option<Cell> = None;
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            let event = self.sheet.read_event_into(&mut buffer);
            match event.map_err(|error| ImportError::BadWorkbook.at(self.number, error.to_string(), ""))? {
                Event::Start(start) => match start.local_name().as_ref() {
                    b"c" => cell = Some(Cell::begin(&start, next, self.limits.row_bytes_max)),
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
                        let text = match cell.text(&self.shared) {
                            Ok(text) => text,
                            Err(message) => {
                                fault.get_or_insert_with(|| ImportError::BadRow.at(self.number, message, ""));
                                continue;
                            }
                        };
                        let Some(left) = room.checked_sub(text.len() as u64) else {
                            // Before it is copied: many cells may share one long text.
                            fault = Some(self.too_long());
                            room = 0;
                            continue;
                        };
                        room = left;
                        if let Some(place) = cells.get_mut(cell.column) {
                            text.clone_into(place);
                        }
                    }
                    b"row" => break,
                    _ => {}
                },
                Event::Eof => return Err(self.broken("the sheet ends within a row")),
                _ => {}
            }
        }
        Ok(fault.map_or(Ok(cells), Err))
    }

    fn too_long(&self) -> RowError {
        let message = format!("the row is longer than {} bytes", self.limits.row_bytes_max);
        ImportError::RowTooLong.at(self.number, message, "")
    }
}

/// A cell that is being read.
struct Cell {
    column: usize,
    is_shared: bool,
    is_open: bool,
    is_phonetic: bool,
    text: String,
    bytes_max: u64,
}

impl Cell {
    fn begin(start: &BytesStart, next: usize, bytes_max: u64) -> Self {
        let column = attribute(start, b"r").and_then(|place| column_of(&place)).unwrap_or(next);
        let is_shared = attribute(start, b"t").is_some_and(|kind| kind == "s");
        Self { column, is_shared, is_open: false, is_phonetic: false, text: String::new(), bytes_max }
    }

    fn add(&mut self, text: &str) {
        if self.is_open && !self.is_phonetic {
            push_bounded(&mut self.text, text, self.bytes_max);
        }
    }

    fn text<'a>(&'a self, shared: &'a [String]) -> Result<&'a str, &'static str> {
        if !self.is_shared {
            return Ok(&self.text);
        }
        let index = self.text.trim().parse::<usize>().ok();
        index.and_then(|index| shared.get(index)).map(String::as_str).ok_or("a cell refers to no text")
    }
}

/// Adds a text, but no more of it than shows that both are too long together.
fn push_bounded(text: &mut String, more: &str, bytes_max: u64) {
    let wanted = usize::try_from(bytes_max).unwrap_or(usize::MAX).saturating_add(1);
    let mut end = wanted.saturating_sub(text.len()).min(more.len());
    while !more.is_char_boundary(end) {
        end += 1;
    }
    text.push_str(&more[..end]);
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

/// The texts that cells share; what tells how to read them aloud (`rPh`) is left out. One that is too long for a row is cut, but stays too
/// long for it. All together have no more than `bytes_max`.
fn shared_texts(xml: &[u8], text_bytes_max: u64, bytes_max: u64) -> Result<Vec<String>, RowError> {
    let mut reader = Reader::from_reader(xml);
    reader.config_mut().expand_empty_elements = true;
    let mut buffer = Vec::new();
    let mut texts: VecDeque<String> = VecDeque::new();
    let (mut is_open, mut is_phonetic) = (false, false);
    let mut bytes = 0;
    loop {
        buffer.clear();
        let mut add = |text: &str| {
            if let Some(last) = texts.back_mut().filter(|_| is_open && !is_phonetic) {
                let before = last.len();
                push_bounded(last, text, text_bytes_max);
                bytes += (last.len() - before) as u64;
            }
        };
        match reader.read_event_into(&mut buffer).map_err(|error| bad(error.to_string()))? {
            Event::Text(text) => add(&text.decode().map_err(|error| bad(error.to_string()))?),
            Event::CData(text) => add(&String::from_utf8_lossy(&text)),
            Event::GeneralRef(name) => add(&reference(&name).map_err(bad)?),
            Event::Start(start) => match start.local_name().as_ref() {
                b"si" => {
                    texts.push_back(String::new());
                    bytes += size_of::<String>() as u64;
                }
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
        if bytes > bytes_max {
            let message = format!("the texts that cells share have more than {bytes_max} bytes together");
            return Err(ImportError::TooLarge.at(0, message, ""));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_texts_are_bounded_one_by_one_and_together() {
        let xml = format!("<sst><si><t>{}</t></si><si><t>甲&amp;乙</t></si></sst>", "长".repeat(10_000));
        let texts = shared_texts(xml.as_bytes(), 100, 1_000).expect("two texts");
        assert_eq!(texts[1], "甲&乙");
        assert!((101..104).contains(&texts[0].len()), "cut behind what a row can hold: {} bytes", texts[0].len());
        let many = format!("<sst>{}</sst>", "<si><t>甲乙丙</t></si>".repeat(100));
        let each = (9 + size_of::<String>()) as u64;
        assert_eq!(shared_texts(many.as_bytes(), 100, 100 * each).map(|texts| texts.len()), Ok(100));
        let error = shared_texts(many.as_bytes(), 100, 100 * each - 1).expect_err("one byte too many");
        assert_eq!(error.code, "import.too_large");
        let empty = format!("<sst>{}</sst>", "<si/>".repeat(100));
        assert!(shared_texts(empty.as_bytes(), 100, 1_000).is_err(), "keeping an empty text costs something, too");
    }
}
