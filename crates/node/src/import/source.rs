//! Files as streams of bytes: compressed or plain, of bounded size, in an encoding that is found out.

use super::error::{ImportError, RowError};
use super::rows::Limits;
use encoding_rs::{DecoderResult, GB18030, UTF_8};
use flate2::bufread::MultiGzDecoder;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
const ZIP_MAGIC: &[u8] = b"PK\x03\x04";
const CHUNK_BYTES: usize = 64 * 1024;

/// How the rows of a file are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Separated values.
    Csv {
        /// Comma or tab.
        delimiter: u8,
    },
    /// An event log.
    Xes,
}

/// How characters are written. In both encodings no part of a longer character looks like a comma, quotation mark, line
/// end or one of the signs of XML, so that rows are found in the bytes and decoded field by field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// GB18030, which contains GBK and GB 2312.
    Gb18030,
}

impl Encoding {
    /// The text, where the bytes are one.
    pub fn decode(self, bytes: &[u8]) -> Option<String> {
        match self {
            Self::Utf8 => std::str::from_utf8(bytes).ok().map(str::to_owned),
            Self::Gb18030 => {
                GB18030.decode_without_bom_handling_and_without_replacement(bytes).map(|text| text.into_owned())
            }
        }
    }
}

/// What the first pass over a file has found.
#[derive(Clone, Copy, Debug)]
pub struct Inspection {
    /// How rows are written.
    pub format: Format,
    /// How characters are written.
    pub encoding: Encoding,
    /// Bytes of the byte order mark.
    pub mark_bytes: usize,
}

/// Reads the whole file once, so that nothing of a truncated, oversized or binary file is registered.
pub fn inspect(path: &Path, limits: &Limits) -> Result<Inspection, RowError> {
    let unreadable = |error: io::Error| ImportError::Unreadable.at(0, error.to_string(), "");
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(ImportError::Unreadable.at(0, "not a regular file", "")); // it has to be read twice
    }
    let mut stream = open(path, Arc::default()).map_err(unreadable)?;
    let mut head = Vec::new();
    let mut utf8 = Malformed::new(UTF_8);
    let mut gb18030 = Malformed::new(GB18030);
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut total = 0;
    loop {
        let count = match stream.read(&mut chunk) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(describe(&error)),
        };
        let bytes = &chunk[..count];
        total += count as u64;
        if total > limits.file_bytes_max {
            let message = format!("the content is larger than {} bytes", limits.file_bytes_max);
            return Err(ImportError::TooLarge.at(0, message, ""));
        }
        if head.len() < CHUNK_BYTES {
            head.extend_from_slice(bytes);
        }
        let is_wide = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]);
        if is_wide || bytes.contains(&0) {
            return Err(ImportError::NotText.at(0, "the content is not text in UTF-8 or GB18030", ""));
        }
        utf8.count(bytes, count == 0);
        gb18030.count(bytes, count == 0);
        if count == 0 {
            break;
        }
    }
    // The better fit wins, so that one spoilt row does not spoil the others.
    let encoding = if utf8.found <= gb18030.found { Encoding::Utf8 } else { Encoding::Gb18030 };
    let mark: &[u8] = if encoding == Encoding::Utf8 { b"\xef\xbb\xbf" } else { b"\x84\x31\x95\x33" };
    let mark_bytes = if head.starts_with(mark) { mark.len() } else { 0 };
    let text = head[mark_bytes..].trim_ascii();
    if text.is_empty() && total <= head.len() as u64 {
        return Err(ImportError::Empty.at(0, "the file has no content", ""));
    }
    Ok(Inspection { format: format_of(path, text), encoding, mark_bytes })
}

/// Whether a file is a ZIP archive, as XLSX workbooks are.
pub fn is_spreadsheet(path: &Path) -> Result<bool, RowError> {
    let unreadable = |error: io::Error| ImportError::Unreadable.at(0, error.to_string(), "");
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(ImportError::Unreadable.at(0, "not a regular file", "")); // it has to be read twice
    }
    let mut head = Vec::new();
    File::open(path).map_err(unreadable)?.take(4).read_to_end(&mut head).map_err(unreadable)?;
    Ok(head == ZIP_MAGIC)
}

/// Opens a file for its rows. `read` counts the bytes that were read of the file itself.
pub fn open(path: &Path, read: Arc<AtomicU64>) -> io::Result<Box<dyn Read + Send>> {
    let mut file = BufReader::with_capacity(CHUNK_BYTES, Counting { inner: File::open(path)?, read });
    if file.fill_buf()?.starts_with(&GZIP_MAGIC) {
        return Ok(Box::new(MultiGzDecoder::new(file)));
    }
    Ok(Box::new(file))
}

fn describe(error: &io::Error) -> RowError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => ImportError::Truncated.at(0, "the compressed file ends too early", ""),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
            ImportError::BadGzip.at(0, "the compressed file is damaged", "")
        }
        _ => ImportError::Unreadable.at(0, error.to_string(), ""),
    }
}

/// The name decides where it is a known one, otherwise the content.
fn format_of(path: &Path, text: &[u8]) -> Format {
    let name = Path::new(path.file_name().unwrap_or_default());
    let is_compressed = name.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
    let name = if is_compressed { Path::new(name.file_stem().unwrap_or_default()) } else { name };
    let extension = name.extension().and_then(OsStr::to_str).unwrap_or_default().to_ascii_lowercase();
    let first_line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let occurrences = |wanted: u8| first_line.iter().filter(|byte| **byte == wanted).count();
    let is_tabbed = extension == "tsv" || occurrences(b'\t') > occurrences(b',');
    match extension.as_str() {
        "xes" | "xml" => Format::Xes,
        "csv" | "tsv" | "txt" => Format::Csv { delimiter: if is_tabbed { b'\t' } else { b',' } },
        _ if text.starts_with(b"<") => Format::Xes,
        _ => Format::Csv { delimiter: if is_tabbed { b'\t' } else { b',' } },
    }
}

/// Counts the sequences that are wrong in an encoding.
struct Malformed {
    decoder: encoding_rs::Decoder,
    text: Vec<u8>,
    found: u64,
}

impl Malformed {
    fn new(encoding: &'static encoding_rs::Encoding) -> Self {
        Self { decoder: encoding.new_decoder_without_bom_handling(), text: vec![0; CHUNK_BYTES], found: 0 }
    }

    fn count(&mut self, mut bytes: &[u8], is_last: bool) {
        loop {
            let (result, read, _) = self.decoder.decode_to_utf8_without_replacement(bytes, &mut self.text, is_last);
            bytes = &bytes[read..];
            match result {
                DecoderResult::InputEmpty => return,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => self.found += 1,
            }
        }
    }
}

struct Counting<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// A stream that gives only as many bytes as it was allowed for the present row, and counts lines.
pub struct Metered<R> {
    inner: R,
    allowance: u64,
    is_exhausted: bool,
    lines: u64,
}

impl<R> Metered<R> {
    /// A stream that gives nothing yet.
    pub fn new(inner: R) -> Self {
        Self { inner, allowance: 0, is_exhausted: false, lines: 1 }
    }

    /// Allows so many bytes for the next row.
    pub fn allow(&mut self, bytes: u64) {
        self.allowance = bytes;
    }

    /// Whether a row wanted more than it was allowed.
    pub fn is_exhausted(&self) -> bool {
        self.is_exhausted
    }

    /// The line that the consumer has reached, counted from 1.
    pub fn line(&self) -> u64 {
        self.lines
    }

    fn refuse(&mut self) -> io::Error {
        self.is_exhausted = true;
        io::Error::other("the row is longer than allowed")
    }
}

impl<R: BufRead> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Metered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.allowance == 0 && !self.inner.fill_buf()?.is_empty() {
            return Err(self.refuse());
        }
        let allowance = usize::try_from(self.allowance).unwrap_or(usize::MAX);
        let bytes = self.inner.fill_buf()?;
        Ok(&bytes[..bytes.len().min(allowance)])
    }

    fn consume(&mut self, count: usize) {
        if let Ok(bytes) = self.inner.fill_buf() {
            let seen = &bytes[..count.min(bytes.len())];
            self.lines += seen.iter().filter(|byte| **byte == b'\n').count() as u64;
        }
        self.allowance = self.allowance.saturating_sub(count as u64);
        self.inner.consume(count);
    }
}
