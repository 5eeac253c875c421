//! Rows of an event log in XES: each event with the name of its trace.

use super::dates::parse_time;
use super::error::{ImportError, RowError};
use super::rows::{Item, Limits, Row};
use super::source::{Encoding, Metered};
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};
use std::io::{BufReader, Read};
use tongban_modules::evidence::ObjectType;

type Input = Metered<BufReader<Box<dyn Read + Send>>>;

/// The column that holds the name of an event's trace.
const CASE: &str = "case";
const NAME: &str = "concept:name";
const TIME: &str = "time:timestamp";
/// In front of the attributes of a trace, as process mining tools write them in tables.
const OF_CASE: &str = "case:";
/// Attributes of one XML element; XES uses two.
const XML_ATTRIBUTES_MAX: usize = 64;

/// The events of a log.
pub struct XesRows {
    reader: quick_xml::Reader<Input>,
    buffer: Vec<u8>,
    encoding: Encoding,
    limits: Limits,
    open: Vec<Level>,
    has_log: bool,
    /// The name of the trace.
    case: Option<String>,
    /// What cannot be read of the trace's attributes.
    case_error: Option<String>,
    /// The attributes of the trace, where they are wanted.
    case_fields: Option<Vec<(String, String)>>,
    case_events: u64,
    event: Option<Draft>,
    rows: u64,
    is_finished: bool,
}

/// An element that is open.
enum Level {
    Log,
    Trace,
    Event,
    /// An attribute of an event; nested ones carry the keys above them.
    Attribute(String),
    Other,
}

/// An event that is being read.
struct Draft {
    line: u64,
    fields: Vec<(String, String)>,
    bytes: u64,
    error: Option<(ImportError, String)>,
}

/// One step of the XML, free of the buffer.
enum Step {
    Open { name: Vec<u8>, attribute: Result<Attribute, String> },
    Close,
    Other,
    End,
}

/// What XES says with an element: a key and, for most, a value.
struct Attribute {
    key: Option<String>,
    value: Option<String>,
}

impl XesRows {
    /// The events of this stream.
    pub fn new(stream: Box<dyn Read + Send>, encoding: Encoding, limits: Limits) -> Self {
        let mut reader = quick_xml::Reader::from_reader(Metered::new(BufReader::new(stream)));
        reader.config_mut().expand_empty_elements = true;
        Self {
            reader,
            buffer: Vec::new(),
            encoding,
            limits,
            open: Vec::new(),
            has_log: false,
            case: None,
            case_error: None,
            case_fields: None,
            case_events: 0,
            event: None,
            rows: 0,
            is_finished: false,
        }
    }

    /// The events with all attributes of their trace in front (`case:concept:name`, `case:deadline`) in place of its name alone; and a
    /// trace without events is reported as bad, so that none is lost.
    #[must_use]
    pub fn with_case_fields(mut self) -> Self {
        self.case_fields = Some(Vec::new());
        self
    }

    /// The name of the trace in which the last event stood, where it has one that can be read.
    pub fn trace(&self) -> Option<&str> {
        self.case.as_deref()
    }

    fn line(&self) -> u64 {
        self.reader.get_ref().line()
    }

    fn broken(&self, error: ImportError, message: impl Into<String>) -> RowError {
        error.at(self.line(), message, "")
    }

    fn step(&mut self) -> Result<Step, RowError> {
        self.reader.get_mut().allow(self.limits.row_bytes_max);
        self.buffer.clear();
        let step = match self.reader.read_event_into(&mut self.buffer) {
            Ok(Event::Start(start)) => {
                let name = start.local_name().as_ref().to_vec();
                Ok(Step::Open { name, attribute: attribute(&start, self.encoding) })
            }
            Ok(Event::End(_)) => Ok(Step::Close),
            Ok(Event::Eof) => Ok(Step::End),
            Ok(_) => Ok(Step::Other),
            Err(error) => Err(error.to_string()),
        };
        step.map_err(|message| {
            if self.reader.get_ref().is_exhausted() {
                let message = format!("a piece of the file is longer than {} bytes", self.limits.row_bytes_max);
                return self.broken(ImportError::RowTooLong, message);
            }
            self.broken(ImportError::BadXml, message)
        })
    }

    fn opened(&mut self, name: &[u8], attribute: Result<Attribute, String>) -> Result<(), RowError> {
        if self.open.len() >= self.limits.depth_max {
            let message = format!("elements nest deeper than {} levels", self.limits.depth_max);
            return Err(self.broken(ImportError::BadXml, message));
        }
        let level = match (self.open.last(), name) {
            (None, b"log") if !self.has_log => {
                self.has_log = true;
                Level::Log
            }
            (None, _) => return Err(self.broken(ImportError::BadXml, "the file is not one event log")),
            (Some(Level::Log), b"trace") => {
                self.begin_case();
                Level::Trace
            }
            (Some(Level::Log | Level::Trace), b"event") => {
                if matches!(self.open.last(), Some(Level::Log)) {
                    self.begin_case(); // an event outside any trace
                }
                self.case_events += 1;
                self.event = Some(Draft { line: self.line(), fields: Vec::new(), bytes: 0, error: None });
                Level::Event
            }
            (Some(Level::Trace), _) => {
                self.attribute_of_case(attribute);
                Level::Other
            }
            (Some(Level::Event), _) => self.attribute_of_event(None, attribute),
            (Some(Level::Attribute(above)), _) => {
                let above = above.clone();
                self.attribute_of_event(Some(&above), attribute)
            }
            _ => Level::Other,
        };
        self.open.push(level);
        Ok(())
    }

    fn begin_case(&mut self) {
        self.case = None;
        self.case_error = None;
        self.case_events = 0;
        if let Some(fields) = &mut self.case_fields {
            fields.clear();
        }
    }

    fn attribute_of_case(&mut self, attribute: Result<Attribute, String>) {
        let Attribute { key, value } = match attribute {
            Ok(attribute) => attribute,
            Err(message) => {
                self.case_error = Some(message);
                return;
            }
        };
        if let (Some(fields), Some(key), Some(value)) = (&mut self.case_fields, &key, &value) {
            let bytes: usize = fields.iter().map(|(key, value)| key.len() + value.len()).sum();
            let is_full = (bytes + key.len() + value.len()) as u64 > self.limits.row_bytes_max;
            if fields.len() >= self.limits.fields_max || is_full {
                self.case_error = Some("it has more or longer attributes than are read".to_owned());
                return;
            }
            fields.push((format!("{OF_CASE}{key}"), value.clone()));
        }
        if key.as_deref() == Some(NAME) {
            self.case = value;
            if self.case_fields.is_none() {
                self.case_error = None; // nothing but the name is wanted, and here it is
            } else if self.case_events > 0 {
                // The events before it have come without it, so that the others are not all of their case.
                self.case_error = Some("its name stands behind its first event".to_owned());
            }
        }
    }

    /// The trace that has just ended, where it had no event and somebody asked for traces.
    fn finish_case(&self) -> Option<Item> {
        let fields = self.case_fields.as_ref().filter(|_| self.case_events == 0)?;
        let fields = fields.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join("; ");
        Some(Item::Bad(ImportError::BadRow.at(self.line(), "the trace has no event", fields)))
    }

    fn attribute_of_event(&mut self, above: Option<&str>, attribute: Result<Attribute, String>) -> Level {
        let draft = self.event.as_mut().expect("an attribute of an event stands within the event");
        let Attribute { key, value } = match attribute {
            Ok(attribute) => attribute,
            Err(message) => {
                draft.error.get_or_insert((ImportError::BadRow, message));
                return Level::Other;
            }
        };
        let key = match (above, key) {
            (Some(above), Some(key)) => format!("{above}/{key}"),
            (Some(above), None) => above.to_owned(), // the grouping element of a list
            (None, key) => key.unwrap_or_default(),
        };
        let value_bytes = value.as_ref().map_or(0, String::len);
        draft.bytes += (key.len() + value_bytes) as u64;
        if draft.bytes > self.limits.row_bytes_max {
            let message = format!("the event is longer than {} bytes", self.limits.row_bytes_max);
            draft.error.get_or_insert((ImportError::RowTooLong, message));
            return Level::Other;
        }
        if draft.fields.len() >= self.limits.fields_max {
            let message = format!("the event has more than {} attributes", self.limits.fields_max);
            draft.error.get_or_insert((ImportError::TooManyFields, message));
            return Level::Other;
        }
        draft.fields.extend(value.map(|value| (key.clone(), value)));
        Level::Attribute(key)
    }

    /// The event that has just ended.
    fn finish_event(&mut self) -> Option<Item> {
        let mut draft = self.event.take()?;
        self.rows += 1;
        if self.rows > self.limits.rows_max {
            let message = format!("the file has more than {} events", self.limits.rows_max);
            return Some(Item::Broken(ImportError::TooManyRows.at(draft.line, message, "")));
        }
        if let Some(message) = &self.case_error {
            draft.error.get_or_insert((ImportError::BadRow, format!("an attribute of the trace: {message}")));
        }
        if draft.fields.is_empty() {
            draft.error.get_or_insert((ImportError::BadRow, "the event has no attributes".to_owned()));
        }
        let collected_at = draft.fields.iter().find(|(key, _)| key == TIME).and_then(|(_, value)| parse_time(value));
        match (&self.case_fields, &self.case) {
            (Some(fields), _) => drop(draft.fields.splice(0..0, fields.iter().cloned())),
            (None, Some(case)) => draft.fields.insert(0, (CASE.to_owned(), case.clone())),
            (None, None) => {}
        }
        let row = Row { line: draft.line, fields: draft.fields, collected_at, object_type: ObjectType::LogEntry };
        Some(match draft.error {
            None => Item::Row(row),
            Some((error, message)) => Item::Bad(error.at(row.line, message, row.content())),
        })
    }

    fn advance(&mut self) -> Result<Option<Item>, RowError> {
        loop {
            match self.step()? {
                Step::Open { name, attribute } => self.opened(&name, attribute)?,
                Step::Close => match self.open.pop() {
                    Some(Level::Event) => return Ok(self.finish_event()),
                    Some(Level::Trace) => {
                        if let Some(item) = self.finish_case() {
                            return Ok(Some(item));
                        }
                    }
                    _ => {}
                },
                Step::Other => {}
                Step::End if self.has_log && self.open.is_empty() => return Ok(None),
                Step::End => return Err(self.broken(ImportError::BadXml, "the file ends before the event log does")),
            }
        }
    }
}

impl Iterator for XesRows {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        if self.is_finished {
            return None;
        }
        let item = self.advance().unwrap_or_else(|error| Some(Item::Broken(error)));
        self.is_finished = matches!(item, None | Some(Item::Broken(_)));
        item
    }
}

/// Key and value of an element. Entities of a document type are not expanded, only those of XML itself.
fn attribute(start: &BytesStart, encoding: Encoding) -> Result<Attribute, String> {
    let mut found = Attribute { key: None, value: None };
    for (index, attribute) in start.attributes().with_checks(false).enumerate() {
        if index >= XML_ATTRIBUTES_MAX {
            return Err(format!("an element has more than {XML_ATTRIBUTES_MAX} attributes"));
        }
        let attribute = attribute.map_err(|error| error.to_string())?;
        let place = match attribute.key.as_ref() {
            b"key" => &mut found.key,
            b"value" => &mut found.value,
            _ => continue,
        };
        let text =
            encoding.decode(&attribute.value).ok_or_else(|| format!("an attribute is not text in {encoding:?}"))?;
        *place = Some(unescape(&text).map_err(|error| error.to_string())?.into_owned());
    }
    Ok(found)
}
