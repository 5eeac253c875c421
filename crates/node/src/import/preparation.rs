//! The reading half of an import: a thread that turns a file into portions of calls.

use super::error::RowError;
use super::evidence::{Origin, canonical_bytes, to_call};
use super::rows::{Item, Limits, ROWS_BYTES_MAX, Row, Rows, Skipped};
use super::secret::ImportSecret;
use std::collections::HashMap;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::mpsc::Sender;
use tongban_modules::Call;
use tongban_types::transaction::TRANSACTION_BYTES_MAX;
use tongban_types::{AccountId, Digest, EvidenceId, Primitives, Text, Time};

/// Bytes of a transaction that are not calls: account, key, window, signature, lengths.
const TRANSACTION_FRAME_BYTES: usize = 4 * 1024;

/// A row and the call that registers it.
pub struct Prepared {
    /// The row, for the error file.
    pub row: Row,
    /// Its number.
    pub id: EvidenceId,
    /// Its registration.
    pub call: Call,
}

/// What goes into one transaction, and what else was met on the way there.
#[derive(Default)]
pub struct Portion {
    /// Rows to register.
    pub prepared: Vec<Prepared>,
    /// Rows that cannot be.
    pub errors: Vec<RowError>,
    /// Why the rest of the file cannot be read.
    pub broken: Option<RowError>,
    /// Lines that are no records.
    pub skipped: Skipped,
    /// Bytes read of the file so far.
    pub bytes_read: u64,
    /// Bytes of its rows, and of those that cannot be registered.
    pub rows_bytes: u64,
}

/// How to prepare a file.
pub struct Preparation {
    /// The file.
    pub file: PathBuf,
    /// Calls in one portion.
    pub calls_max: usize,
    /// Whose rows these are.
    pub operator: AccountId,
    /// The system they come from.
    pub system: Text<100>,
    /// The network's time.
    pub now: Time,
    /// For numbers and salts.
    pub secret: ImportSecret,
    /// The network's algorithms.
    pub primitives: &'static dyn Primitives,
    /// How much is read.
    pub limits: Limits,
}

impl Preparation {
    /// Reads the file and sends its portions, until it ends or nobody listens. Blocks.
    pub fn run(self, portions: &Sender<Portion>) {
        let rows = Rows::open(&self.file, self.limits.clone());
        let rows = match rows {
            Ok(rows) => rows,
            Err(error) => {
                // An error means that nobody listens: the import was abandoned.
                let _ = portions.blocking_send(Portion { broken: Some(error), ..Portion::default() });
                return;
            }
        };
        let changed = std::fs::metadata(&self.file).and_then(|metadata| metadata.modified());
        let file_time = changed.ok().and_then(to_time).unwrap_or(self.now);
        let origin = Origin { operator: self.operator, system: self.system.clone(), file_time, now: self.now };
        self.send(rows, &origin, portions);
    }

    fn send(&self, mut rows: Rows, origin: &Origin, portions: &Sender<Portion>) {
        let mut occurrences: HashMap<Digest, u32> = HashMap::new();
        let mut portion = Portion::default();
        let mut calls_bytes = 0;
        while let Some(item) = rows.next() {
            match item {
                Item::Skipped { line, reason } => {
                    tracing::debug!(line, ?reason, "the line is no record");
                    *portion.skipped.entry(reason).or_default() += 1;
                }
                Item::Bad(error) => {
                    portion.rows_bytes += error.content.len() as u64;
                    portion.errors.push(error);
                }
                Item::Broken(error) => portion.broken = Some(error),
                Item::Row(row) => {
                    let occurrence = occurrences.entry(self.primitives.hash(&[&canonical_bytes(&row)])).or_default();
                    let (id, call) = to_call(&row, *occurrence, &self.secret, origin, self.primitives);
                    *occurrence += 1;
                    let call_bytes = call.to_bytes().as_ref().len();
                    if calls_bytes + call_bytes > TRANSACTION_BYTES_MAX - TRANSACTION_FRAME_BYTES {
                        calls_bytes = 0;
                        if !send_portion(&mut portion, &rows, portions) {
                            return;
                        }
                    }
                    calls_bytes += call_bytes;
                    portion.rows_bytes += row.bytes();
                    portion.prepared.push(Prepared { row, id, call });
                }
            }
            let count = portion.prepared.len().max(portion.errors.len());
            if count >= self.calls_max || portion.rows_bytes >= ROWS_BYTES_MAX {
                calls_bytes = 0;
                if !send_portion(&mut portion, &rows, portions) {
                    return;
                }
            }
        }
        send_portion(&mut portion, &rows, portions);
    }
}

/// Sends the portion and begins another. False where nobody listens, because the import was abandoned.
fn send_portion(portion: &mut Portion, rows: &Rows, portions: &Sender<Portion>) -> bool {
    portion.bytes_read = rows.bytes_read();
    portions.blocking_send(std::mem::take(portion)).is_ok()
}

/// The system's time as the network tells it.
pub fn to_time(time: SystemTime) -> Option<Time> {
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    Time::from_millis(u64::try_from(since.as_millis()).ok()?).ok()
}

/// A row that the network refused.
pub fn refused(row: &Row, code: String) -> RowError {
    let message = match tongban_modules::explain(&code) {
        Some(error) => error.message,
        None => "the network refused the row".to_owned(),
    };
    RowError { line: row.line, code: code.into(), message, content: row.content() }
}
