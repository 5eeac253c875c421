//! From a receipt and its decoded events to rows. Pure: the same receipt gives the same rows on every machine.

mod identifiers;
mod words;

pub use identifiers::fold_identifier;
pub use words::{Group, groups};

use identifiers::collect;
use serde_json::Value;
use tongban_types::{Outcome, Receipt};

/// Bytes of an event's JSON that the index keeps; of a longer one it keeps all but the text, which the receipt has.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// Identifiers that are kept of one event.
pub const SUBJECTS_MAX: usize = 256;
/// Search terms that are kept of one event.
pub const TERMS_MAX: usize = 1_000;
/// Bytes of the names of a module, of a kind of event or of a field.
pub const NAME_BYTES_MAX: usize = 64;
/// What stands in place of module and kind of an event that is no externally tagged JSON.
pub const UNKNOWN: &str = "unknown";

/// What the index keeps of one receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    /// The receipt itself.
    pub receipt: ReceiptRow,
    /// Its events, in their order.
    pub events: Vec<EventRow>,
}

/// A receipt without its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptRow {
    /// Counts the receipts of the network from 0.
    pub number: u64,
    /// The block's height.
    pub height: u64,
    /// The block's time, in milliseconds since 1970.
    pub time_millis: u64,
    /// Who acted, in hexadecimal.
    pub account: String,
    /// The sender's number, in hexadecimal.
    pub request_id: String,
    /// The transaction's identifier, in hexadecimal.
    pub transaction: String,
    /// The code of the refusal; none where the transaction took effect.
    pub code: Option<String>,
    /// Which call was refused.
    pub call: Option<u32>,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    /// Its place in the receipt, from 0.
    pub position: u32,
    /// The module.
    pub module: String,
    /// What happened, such as `registered`.
    pub kind: String,
    /// The event's JSON, where it is not too long.
    pub body: Option<String>,
    /// The identifiers in it, distinct and sorted.
    pub subjects: Vec<Subject>,
    /// What it can be found by, distinct and sorted.
    pub terms: Vec<String>,
}

/// An identifier inside an event.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// The identifier, folded (see [`fold_identifier`]).
    pub value: String,
    /// The field that holds it.
    pub field: String,
}

/// The rows of a receipt and of its events, decoded as externally tagged JSON (`{"evidence":{"registered":{…}}}`).
pub fn project(receipt: &Receipt, events: &[Value]) -> Rows {
    let (code, call) = match &receipt.outcome {
        Outcome::Applied { .. } => (None, None),
        Outcome::Refused(refusal) => (Some(refusal.code.to_string()), refusal.call),
    };
    let row = ReceiptRow {
        number: receipt.number,
        height: receipt.height,
        time_millis: receipt.time.as_millis(),
        account: receipt.account.to_string(),
        request_id: receipt.request_id.to_string(),
        transaction: receipt.transaction.to_string(),
        code,
        call,
    };
    Rows { receipt: row, events: (0..).zip(events).map(|(position, event)| event_row(position, event)).collect() }
}

fn event_row(position: u32, event: &Value) -> EventRow {
    let (module, inner) = tagged(event).unwrap_or((UNKNOWN, event));
    let (kind, fields) = match inner {
        Value::String(kind) => (kind.as_str(), &Value::Null),
        _ => tagged(inner).unwrap_or((UNKNOWN, inner)),
    };
    let (subjects, terms) = collect(fields);
    let body = Some(event.to_string()).filter(|body| body.len() <= BODY_BYTES_MAX);
    EventRow { position, module: bounded(module), kind: bounded(kind), body, subjects, terms }
}

/// The tag and the content of an externally tagged value.
fn tagged(value: &Value) -> Option<(&str, &Value)> {
    let object = value.as_object()?;
    let (tag, content) = object.iter().next()?;
    (object.len() == 1).then_some((tag.as_str(), content))
}

/// A name within its bounds. Names come from the modules and are short; this holds for whatever else comes in.
fn bounded(name: &str) -> String {
    let end = (0..=name.len().min(NAME_BYTES_MAX)).rev().find(|end| name.is_char_boundary(*end)).unwrap_or(0);
    database_text(&name[..end])
}

/// PostgreSQL has no texts with the character U+0000; no bounded text of ours holds it either.
fn database_text(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}
