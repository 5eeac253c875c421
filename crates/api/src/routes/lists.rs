//! Lists and search.

use super::receipts::Bounded;
use super::{Context, Given};
use crate::backend::Rejection;
use crate::codes::{self, Code};
use crate::extract::{Asked, malformed};
use crate::lists::{
    Ending, EventFilter, EventPage, FILTER_CHARS_MAX, FilteredReceiptPage, LIST_LIMIT_MAX, ListOrder, Lists,
    PageRequest, ReceiptFilter, SEARCH_CHARS_MAX, SearchPage,
};
use crate::surface::{Endpoint, Operation, Parameter, Reply, Scope, read};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use std::str::FromStr;
use tongban_types::{AccountId, Digest, Time};

/// Rows on a page where the caller does not say.
const LIMIT_DEFAULT: usize = 20;

/// The area's operations.
pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(events_operation(), events),
        Endpoint::new(receipts_operation(), receipts),
        Endpoint::new(search_operation(), search),
    ]
}

/// What any of these operations may be refused with.
const PROBLEMS: [Code; 7] = [
    codes::MALFORMED,
    codes::INDEX_CURSOR_INVALID,
    codes::INDEX_OFF,
    codes::INDEX_UNAVAILABLE,
    codes::INDEX_OTHER_NETWORK,
    codes::INDEX_OTHER_VERSION,
    codes::INDEX_CORRUPT,
];

fn text_schema(chars_max: usize) -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": chars_max })
}

fn paged(operation: Operation) -> Operation {
    operation
        .parameter(Parameter::query(
            "limit",
            "How many at most.",
            json!({ "type": "integer", "minimum": 1, "maximum": LIST_LIMIT_MAX, "default": LIMIT_DEFAULT }),
        ))
        .parameter(Parameter::query(
            "cursor",
            "`next` of the page before, of the same list; pages stay right while new rows arrive.",
            json!({ "type": "string", "pattern": "^[0-9a-f]{66}$" }),
        ))
}

fn in_time(operation: Operation) -> Operation {
    operation
        .parameter(Parameter::query("since", "From this time of a block on.", read::<Time>()))
        .parameter(Parameter::query("until", "Before this time of a block.", read::<Time>()))
        .parameter(Parameter::query("order", "Which end comes first.", read::<ListOrder>()))
}

fn events_operation() -> Operation {
    let text = || text_schema(FILTER_CHARS_MAX);
    let operation = Operation::get("events", "/v1/events", Scope::Read)
        .about(
            "lists",
            "Events, filtered",
            "All conditions must hold. A page examines a bounded number of rows, so it may be short although more follow: the list \
             ends where `next` is null. Comes from this node's index, which follows the ledger: `lag_blocks` says how closely.",
        )
        .parameter(Parameter::query("module", "Of this module.", text()))
        .parameter(Parameter::query("kind", "Of this kind, such as `registered`.", text()))
        .parameter(Parameter::query("account", "Of transactions of this account.", read::<AccountId>()))
        .parameter(Parameter::query("subject", "With this identifier, number or code in one of their fields.", text()))
        .parameter(Parameter::query("field", "With the `subject` in this field; only together with it.", text()));
    paged(in_time(operation)).reply(Reply::json::<EventPage>(200, "The events.")).problems(&PROBLEMS)
}

fn receipts_operation() -> Operation {
    let operation = Operation::get("findReceipts", "/v1/receipts/find", Scope::Read)
        .about(
            "lists",
            "Receipts, filtered",
            "All conditions must hold. Which receipts they are comes from this node's index; the receipts themselves are read \
             from its ledger.",
        )
        .parameter(Parameter::query("account", "Of this account.", read::<AccountId>()))
        .parameter(Parameter::query("transaction", "Of this transaction.", read::<Digest>()))
        .parameter(Parameter::query("outcome", "That ended so.", read::<Ending>()))
        .parameter(Parameter::query("code", "Refused with this code.", text_schema(FILTER_CHARS_MAX)));
    paged(in_time(operation))
        .reply(Reply::json::<FilteredReceiptPage>(200, "The receipts."))
        .problems(&PROBLEMS)
        .problems(&[codes::NODE_STOPPED, codes::NODE_NOT_FOUND])
}

fn search_operation() -> Operation {
    let operation = Operation::get("search", "/v1/search", Scope::Read)
        .about(
            "lists",
            "Search by number, name or code",
            "Chinese is found by any two neighbouring characters, codes and numbers by their beginning (four characters), identifiers by \
             their first six digits. Full-width and half-width, upper and lower case are the same. An event must have both of two \
             parts, or two thirds of more.",
        )
        .parameter(
            Parameter::query("q", "What to look for.", text_schema(SEARCH_CHARS_MAX)).required().example(json!("不动产登记")),
        );
    paged(operation)
        .reply(Reply::json::<SearchPage>(200, "What was found, best first."))
        .problems(&PROBLEMS)
        .problems(&[codes::INDEX_QUERY_EMPTY, codes::INDEX_QUERY_TOO_LONG])
}

fn lists(context: &Context) -> Result<&dyn Lists, Rejection> {
    context.services.lists.as_deref().ok_or_else(|| codes::INDEX_OFF.rejection())
}

fn page(limit: Option<usize>, cursor: Option<String>, order: Option<ListOrder>) -> Result<PageRequest, Rejection> {
    let limit = limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIST_LIMIT_MAX).contains(&limit) {
        return Err(malformed("limit", format!("expected 1 to {LIST_LIMIT_MAX}")));
    }
    Ok(PageRequest { order: order.unwrap_or_default(), limit, cursor })
}

/// A part of the query that has a form of its own.
fn parsed<T: FromStr<Err: std::fmt::Display>>(name: &str, text: Option<String>) -> Result<Option<T>, Rejection> {
    text.map(|text| text.parse().map_err(|error| malformed(name, error))).transpose()
}

/// A text of the query, within its bounds.
fn text(name: &str, text: Option<String>) -> Result<Option<String>, Rejection> {
    match text {
        Some(text) if text.is_empty() || text.chars().count() > FILTER_CHARS_MAX || text.contains('\0') => {
            Err(malformed(name, format!("expected 1 to {FILTER_CHARS_MAX} characters")))
        }
        text => Ok(text),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EventQuery {
    module: Option<String>,
    kind: Option<String>,
    account: Option<String>,
    subject: Option<String>,
    field: Option<String>,
    since: Option<String>,
    until: Option<String>,
    order: Option<ListOrder>,
    limit: Option<usize>,
    cursor: Option<String>,
}

async fn events(State(context): Given, Asked(query): Asked<EventQuery>) -> Result<Json<EventPage>, Rejection> {
    if query.field.is_some() && query.subject.is_none() {
        return Err(malformed("field", "it says where the `subject` stands, and there is none"));
    }
    let filter = EventFilter {
        module: text("module", query.module)?,
        kind: text("kind", query.kind)?,
        account: parsed("account", query.account)?,
        subject: text("subject", query.subject)?,
        field: text("field", query.field)?,
        since: parsed("time", query.since)?,
        until: parsed("time", query.until)?,
    };
    let listed = lists(&context)?.events(filter, page(query.limit, query.cursor, query.order)?).await?;
    Ok(Json(EventPage {
        events: listed.rows,
        next: listed.next,
        index_height: listed.standing.index_height,
        ledger_height: listed.standing.ledger_height,
        lag_blocks: listed.standing.lag_blocks(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReceiptQuery {
    account: Option<String>,
    transaction: Option<String>,
    outcome: Option<Ending>,
    code: Option<String>,
    since: Option<String>,
    until: Option<String>,
    order: Option<ListOrder>,
    limit: Option<usize>,
    cursor: Option<String>,
}

async fn receipts(
    State(context): Given,
    Asked(query): Asked<ReceiptQuery>,
) -> Result<Json<FilteredReceiptPage>, Rejection> {
    let filter = ReceiptFilter {
        account: parsed("account", query.account)?,
        transaction: parsed("transaction", query.transaction)?,
        outcome: query.outcome,
        code: text("code", query.code)?,
        since: parsed("time", query.since)?,
        until: parsed("time", query.until)?,
    };
    let listed = lists(&context)?.receipts(filter, page(query.limit, query.cursor, query.order)?).await?;
    let backend = &context.services.backend;
    let (mut bounded, mut next, mut last) = (Bounded::default(), listed.next, None);
    for row in listed.rows {
        let receipt = backend.receipts(row.number, 1).await?.pop().ok_or_else(|| codes::NODE_NOT_FOUND.rejection())?;
        if !bounded.add(backend.describe(receipt)) {
            next = last; // the next page begins with it
            break;
        }
        last = Some(row.cursor);
    }
    Ok(Json(FilteredReceiptPage {
        receipts: bounded.receipts,
        next,
        index_height: listed.standing.index_height,
        ledger_height: listed.standing.ledger_height,
        lag_blocks: listed.standing.lag_blocks(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SearchQuery {
    q: String,
    limit: Option<usize>,
    cursor: Option<String>,
}

async fn search(State(context): Given, Asked(query): Asked<SearchQuery>) -> Result<Json<SearchPage>, Rejection> {
    let searched = lists(&context)?.search(query.q, page(query.limit, query.cursor, None)?).await?;
    let standing = searched.found.standing;
    Ok(Json(SearchPage {
        events: searched.found.rows,
        matches: searched.matches,
        complete: searched.is_complete,
        parts: searched.parts,
        next: searched.found.next,
        index_height: standing.index_height,
        ledger_height: standing.ledger_height,
        lag_blocks: standing.lag_blocks(),
    }))
}
