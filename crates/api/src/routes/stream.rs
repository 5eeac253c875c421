//! Events as they become final, as server-sent events (the HTML standard, 9.2).
//!
//! Every message has an identifier, the receipt's number and the event's place on it; the first one, which has no event, says where
//! the stream begins. Whoever comes back with the last one it saw goes on behind it: nothing is lost, nothing comes twice. A stream
//! holds a few messages and no more. Where its reader does not take them in time, it ends, and the reader comes back for the rest.
//! So it does where its reader's token is no longer valid, and then that one learns why.

use super::stream_places::StreamPlace;
use super::{Given, Shared, count_schema};
use crate::backend::{Described, Rejection};
use crate::border::Caller;
use crate::codes;
use crate::extract::{Asked, malformed, number};
use crate::surface::{Content, Endpoint, Operation, Parameter, Reply, Scope, component, read, written};
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, timeout, timeout_at};
use tongban_types::{AccountId, Digest, RequestId, Text, Time};

/// Messages that wait for a reader.
const WAITING_MAX: usize = 16;
/// Receipts that are read at once.
const RECEIPTS_AT_ONCE: usize = 32;
/// Characters of a name or value in a filter.
const FILTER_CHARACTERS_MAX: usize = 200;
/// What stands in place of an event's place before a receipt's first.
const BEFORE: &str = ".-";
/// Modules in a filter.
const FILTER_MODULES_MAX: usize = 32;

/// One message of the stream: an event, or a refusal.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Happened {
    /// The number of the receipt.
    pub receipt: u64,
    /// The event's place on the receipt, from 0.
    pub position: u32,
    /// The transaction.
    pub transaction: Digest,
    /// Who acted.
    pub account: AccountId,
    /// The sender's number for the transaction.
    pub request_id: RequestId,
    /// The block.
    pub height: u64,
    /// The block's time.
    pub time: Time,
    /// What happened; absent where the transaction was refused.
    #[schemars(schema_with = "event_schema")]
    pub event: Option<Value>,
    /// Why it was refused.
    pub refusal: Option<Rejection>,
}

fn event_schema(_: &mut SchemaGenerator) -> Schema {
    schemars::json_schema!({ "anyOf": [component("Event"), { "type": "null" }] })
}

/// Where an event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The receipt's number.
    pub receipt: u64,
    /// The event's place on it.
    pub position: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.receipt, self.position)
    }
}

impl FromStr for Position {
    type Err = Rejection;

    fn from_str(text: &str) -> Result<Self, Rejection> {
        let parts = text.split_once('.');
        let (receipt, position) = parts.ok_or_else(|| malformed("position", "expected RECEIPT.PLACE"))?;
        let position = u32::try_from(number("position", position)?).map_err(|error| malformed("position", error))?;
        Ok(Self { receipt: number("position", receipt)?, position })
    }
}

/// Where a reader stands. Messages carry it as their `id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bookmark {
    /// Before the first event of this receipt, which may not be there yet: `12.-`.
    Before(u64),
    /// Behind this event: `12.0`.
    Behind(Position),
}

impl Bookmark {
    /// The first receipt of which not all may have been seen.
    fn receipt(self) -> u64 {
        match self {
            Self::Before(receipt) => receipt,
            Self::Behind(position) => position.receipt,
        }
    }

    fn has_passed(self, position: Position) -> bool {
        match self {
            Self::Before(receipt) => position.receipt < receipt,
            Self::Behind(last) => position <= last,
        }
    }
}

impl fmt::Display for Bookmark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Before(receipt) => write!(formatter, "{receipt}{BEFORE}"),
            Self::Behind(position) => position.fmt(formatter),
        }
    }
}

impl FromStr for Bookmark {
    type Err = Rejection;

    fn from_str(text: &str) -> Result<Self, Rejection> {
        match text.strip_suffix(BEFORE) {
            Some(receipt) => Ok(Self::Before(number("position", receipt)?)),
            None => text.parse().map(Self::Behind),
        }
    }
}

/// The area's operations.
pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::new(stream_operation(), stream)]
}

fn stream_operation() -> Operation {
    let text = || json!({ "type": "string", "minLength": 1, "maxLength": FILTER_CHARACTERS_MAX });
    let position = || json!({ "type": "string", "pattern": "^(0|[1-9][0-9]{0,18})\\.(-|0|[1-9][0-9]{0,8})$" });
    Operation::get("stream", "/v1/stream", Scope::Read)
        .about(
            "stream",
            "Events as they become final",
            "Server-sent events. Each message's `id` is the receipt's number and the event's place on it, as in `12.0`; `event` is \
             `applied` or `refused`; `data` is a `Happened` in JSON. After a break, send the last `id` as `Last-Event-ID` (browsers do \
             so by themselves) or as `after`, and the stream goes on behind it: nothing is lost, nothing comes twice. Messages without \
             data only move the `id` on: the first one says where the stream begins, as in `12.-` before the first event of receipt \
             12, later ones pass what the filters leave out. Without a place to begin, the stream begins with what becomes final from \
             now on. A reader that does not take what is sent loses its stream, and comes back. The stream of a token that is revoked or \
             expires ends within a few seconds, and coming back is refused.",
        )
        .parameter(Parameter::query("after", "Go on behind this message.", position()).example(json!("12.0")))
        .parameter(Parameter::header("Last-Event-ID", "Go on behind this message; `after` goes before it.", position()))
        .parameter(Parameter::query("from", "Begin with the receipt of this number.", count_schema()))
        .parameter(Parameter::query("modules", "Only events of these modules, separated by commas.", text()))
        .parameter(Parameter::query("kind", "Only events of this kind, such as `registered`.", text()))
        .parameter(Parameter::query("account", "Only what this account did.", read::<AccountId>()))
        .parameter(Parameter::query("subject", "Only events in which this value occurs.", text()))
        .parameter(Parameter::query(
            "refusals",
            "Also transactions that the ledger refused; only filters by account apply to them.",
            json!({ "type": "boolean", "default": false }),
        ))
        .reply(Reply::of(
            200,
            "The stream, until either side ends it.",
            vec![Content::of("text/event-stream", stream_schema())],
        ))
        .problems(&[codes::MALFORMED, codes::TOO_MANY_STREAMS, codes::NODE_STOPPED])
}

/// A text as far as OpenAPI 3.1 can say; each message's data is a [`Happened`].
fn stream_schema() -> Value {
    let data = written::<Happened>();
    json!({ "type": "string", "x-data": { "$ref": data["$ref"] }, "$defs": data["$defs"] })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StreamQuery {
    after: Option<String>,
    from: Option<String>,
    modules: Option<String>,
    kind: Option<String>,
    account: Option<String>,
    subject: Option<String>,
    #[serde(default)]
    refusals: bool,
}

/// What a reader wants to see.
#[derive(Clone, Debug, Default)]
struct Filter {
    modules: Vec<String>,
    kind: Option<String>,
    account: Option<AccountId>,
    subject: Option<String>,
    refusals: bool,
}

impl Filter {
    fn of(asked: StreamQuery) -> Result<Self, Rejection> {
        let bounded = |what: &str, text: String| {
            let text = Text::<FILTER_CHARACTERS_MAX>::new(text).map_err(|error| malformed(what, error))?;
            if text.is_empty() { Err(malformed(what, "it is empty")) } else { Ok(text.to_string()) }
        };
        let modules = asked.modules.map(|modules| bounded("list of modules", modules)).transpose()?;
        let modules: Vec<String> = modules.iter().flat_map(|all| all.split(',')).map(str::to_owned).collect();
        if modules.len() > FILTER_MODULES_MAX || modules.iter().any(String::is_empty) {
            return Err(malformed("list of modules", format!("expected 1 to {FILTER_MODULES_MAX} names")));
        }
        Ok(Self {
            modules,
            kind: asked.kind.map(|kind| bounded("kind", kind)).transpose()?,
            account: asked
                .account
                .map(|account| account.parse().map_err(|error| malformed("account", error)))
                .transpose()?,
            subject: asked.subject.map(|subject| bounded("subject", subject)).transpose()?,
            refusals: asked.refusals,
        })
    }

    /// An event in JSON is `{module: {kind: {…}}}`.
    fn admits(&self, event: &Value) -> bool {
        let Some((module, inner)) = event.as_object().and_then(|fields| fields.iter().next()) else { return false };
        let kind = inner.as_object().and_then(|fields| fields.keys().next());
        (self.modules.is_empty() || self.modules.contains(module))
            && self.kind.as_ref().is_none_or(|wanted| kind == Some(wanted))
            && self.subject.as_ref().is_none_or(|subject| occurs(inner, subject))
    }

    /// The messages of a receipt that the reader wants and has not seen.
    fn messages(&self, described: Described, seen: Bookmark) -> Vec<Happened> {
        let receipt = described.receipt;
        if self.account.is_some_and(|account| account != receipt.account) {
            return Vec::new();
        }
        let happened = |position, event, refusal| Happened {
            receipt: receipt.number,
            position,
            transaction: receipt.transaction,
            account: receipt.account,
            request_id: receipt.request_id,
            height: receipt.height,
            time: receipt.time,
            event,
            refusal,
        };
        let is_new = |position| !seen.has_passed(Position { receipt: receipt.number, position });
        if let Some(refusal) = described.refusal {
            let is_wanted = self.refusals && is_new(0);
            return if is_wanted { vec![happened(0, None, Some(refusal))] } else { Vec::new() };
        }
        let events = (0..).zip(described.events);
        let wanted = events.filter(|(position, event)| is_new(*position) && self.admits(event));
        wanted.map(|(position, event)| happened(position, Some(event), None)).collect()
    }
}

/// Whether a text occurs as a value, at any depth.
fn occurs(value: &Value, subject: &str) -> bool {
    match value {
        Value::String(text) => text == subject,
        Value::Number(number) => number.to_string() == subject,
        Value::Array(values) => values.iter().any(|value| occurs(value, subject)),
        Value::Object(fields) => fields.values().any(|value| occurs(value, subject)),
        Value::Null | Value::Bool(_) => false,
    }
}

/// Where a stream begins.
fn beginning(asked: &StreamQuery, headers: &HeaderMap, receipts: u64) -> Result<Bookmark, Rejection> {
    let last = match headers.get("last-event-id") {
        Some(value) => Some(value.to_str().map_err(|error| malformed("Last-Event-ID", error))?),
        None => None,
    };
    if let Some(after) = asked.after.as_deref().or(last.filter(|last| !last.is_empty())) {
        return after.parse();
    }
    let from = asked.from.as_deref().map(|from| number("first receipt", from)).transpose()?;
    Ok(Bookmark::Before(from.unwrap_or(receipts)))
}

async fn stream(
    State(context): Given,
    caller: Option<Extension<Caller>>,
    headers: HeaderMap,
    Asked(asked): Asked<StreamQuery>,
) -> Result<Response, Rejection> {
    let mut receipts = context.services.backend.watch_receipts();
    let known = *receipts.borrow_and_update();
    let bookmark = beginning(&asked, &headers, known)?;
    let filter = Filter::of(asked)?;
    let caller = caller.map(|Extension(caller)| caller);
    let place = context.streams.take(caller.as_ref().map(Caller::name).unwrap_or_default())?;
    let (sender, mut messages) = mpsc::channel(WAITING_MAX);
    let beat_at = Instant::now() + context.limits.heartbeat;
    let next = bookmark.receipt();
    let pump = Pump { context, caller, filter, next, bookmark, beat_at, receipts, sender, _place: place };
    tokio::spawn(pump.run());
    let mut response = Sse::new(futures::stream::poll_fn(move |task| messages.poll_recv(task))).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no")); // or nginx keeps events back
    Ok(response)
}

/// Reads receipts and hands their events to one reader. Its place is free again when it ends.
struct Pump {
    context: Shared,
    /// Whose stream it is, where the node has a border.
    caller: Option<Caller>,
    filter: Filter,
    /// The first receipt that the reader may not have seen all of.
    next: u64,
    /// Where the reader stands.
    bookmark: Bookmark,
    /// When the next sign of life is due.
    beat_at: Instant,
    receipts: watch::Receiver<u64>,
    sender: mpsc::Sender<Result<Event, Infallible>>,
    _place: StreamPlace,
}

/// Why a stream ends. Its reader learns nothing but the end, and comes back.
struct Ended;

impl Pump {
    async fn run(mut self) {
        let mut stopping = self.context.services.stopping.clone();
        let sender = self.sender.clone();
        tokio::select! {
            _ = stopping.wait_for(|stops| *stops) => {}
            () = sender.closed() => {} // the reader has gone, perhaps while there was nothing to send
            _ = self.pump() => {}
        }
    }

    async fn pump(&mut self) -> Result<Infallible, Ended> {
        // The answer's head goes out with its first bytes, so a reader knows at once that it is connected. If the stream breaks before
        // anything happens, the reader knows also where to go on.
        self.send(Event::default().comment("connected").id(self.bookmark.to_string())).await?;
        loop {
            let known = *self.receipts.borrow_and_update();
            if self.next < known {
                self.forward().await?;
                tokio::task::yield_now().await; // to the other ends of `run`, however far there is to go
            } else if let Ok(news) = timeout_at(self.beat_at, self.receipts.changed()).await {
                news.map_err(|_| Ended)?;
            }
            if self.beat_at <= Instant::now() {
                self.beat().await?;
            }
        }
    }

    /// Sends what the reader wants of the next receipts.
    async fn forward(&mut self) -> Result<(), Ended> {
        let backend = self.context.services.backend.clone();
        let receipts = backend.receipts(self.next, RECEIPTS_AT_ONCE).await.map_err(|_| Ended)?;
        if receipts.is_empty() {
            return Err(Ended); // they were counted, so they are there: the node is in trouble
        }
        for receipt in receipts {
            let number = receipt.number;
            let described = backend.describe(receipt);
            let last = u32::try_from(described.events.len().saturating_sub(1)).unwrap_or(u32::MAX);
            for message in self.filter.messages(described, self.bookmark) {
                self.bookmark = Bookmark::Behind(Position { receipt: message.receipt, position: message.position });
                self.send(event_of(&message)).await?;
            }
            let last = Position { receipt: number, position: last };
            if !self.bookmark.has_passed(last) {
                self.bookmark = Bookmark::Behind(last);
            }
            self.next = number.saturating_add(1);
        }
        Ok(())
    }

    /// A sign of life, which also moves the reader's place on past what it did not want. Who may no longer read gets none.
    async fn beat(&mut self) -> Result<(), Ended> {
        if let (Some(border), Some(caller)) = (&self.context.services.border, &self.caller)
            && !border.still_admits(caller).await
        {
            return Err(Ended);
        }
        self.beat_at = Instant::now() + self.context.limits.heartbeat;
        self.send(Event::default().comment("").id(self.bookmark.to_string())).await
    }

    async fn send(&self, event: Event) -> Result<(), Ended> {
        match timeout(self.context.limits.reader_wait, self.sender.send(Ok(event))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Ended),
        }
    }
}

fn event_of(message: &Happened) -> Event {
    let position = Position { receipt: message.receipt, position: message.position };
    let kind = if message.refusal.is_some() { "refused" } else { "applied" };
    let data = serde_json::to_string(message).expect("messages are made of texts, numbers and lists");
    Event::default().id(position.to_string()).event(kind).data(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_has_one_spelling() {
        let position: Position = "12.3".parse().expect("a position");
        assert_eq!(position, Position { receipt: 12, position: 3 });
        assert_eq!(position.to_string(), "12.3");
        for text in ["", "12", "12.", ".3", "12.3.4", "-1.0", "012.3", "12.4294967296", "1e3.0"] {
            assert!(text.parse::<Position>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_bookmark_has_one_spelling() {
        for (text, expected) in [
            ("0.-", Bookmark::Before(0)),
            ("12.-", Bookmark::Before(12)),
            ("12.3", Bookmark::Behind(Position { receipt: 12, position: 3 })),
        ] {
            let bookmark: Bookmark = text.parse().expect("a bookmark");
            assert_eq!((bookmark, bookmark.to_string()), (expected, text.to_owned()));
        }
        for text in ["", "-", ".-", "12-", "12.-.-", "012.-", "-1.-", "1.--", "12"] {
            assert!(text.parse::<Bookmark>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_subject_is_a_whole_value_at_any_depth() {
        let event = json!({ "registered": { "id": "ab", "list": [{ "name": "cd" }], "count": 7 } });
        for (subject, expected) in [("ab", true), ("cd", true), ("7", true), ("a", false), ("registered", false)] {
            assert_eq!(occurs(&event, subject), expected, "{subject}");
        }
    }
}
