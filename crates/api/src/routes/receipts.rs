//! What became of transactions.

use super::{Given, count_schema};
use crate::Described;
use crate::backend::Rejection;
use crate::caching::{Keep, tag_schema, tagged_json};
use crate::codes;
use crate::extract::{Asked, Path, malformed, number};
use crate::surface::{Endpoint, Operation, Parameter, Reply, Scope, read};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tongban_types::{AccountId, RequestId};

/// Receipts on one page.
pub(crate) const PAGE_MAX: usize = 100;
/// Bytes of the receipts on one page, beyond which none is added. The largest receipts have some megabytes each.
const PAGE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Receipts with their events, in order.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ReceiptPage {
    /// The receipts; fewer than asked for where they are long.
    pub receipts: Vec<Described>,
    /// The cursor to go on with; at the end, the one to ask again with later.
    pub next: String,
    /// Whether there was more when the page was made.
    pub has_more: bool,
}

/// Where a page begins. Texts outside of this file do not look into it, so it can change.
struct Cursor {
    next: u64,
}

/// In front of a cursor's number; another form gets another one.
const CURSOR_FORM: &str = "r1";

impl Cursor {
    fn text(&self) -> String {
        format!("{CURSOR_FORM}{:016x}", self.next)
    }

    fn read(text: &str) -> Result<Self, Rejection> {
        let digits = text.strip_prefix(CURSOR_FORM).filter(|digits| digits.len() == 16);
        let next = digits.and_then(|digits| u64::from_str_radix(digits, 16).ok());
        let cursor = next.map(|next| Self { next }).filter(|cursor| cursor.text() == text);
        cursor.ok_or_else(|| malformed("cursor", "take it from `next` of another page, unchanged"))
    }
}

/// Receipts for one page, as many as it has room for and always one.
#[derive(Default)]
pub(crate) struct Bounded {
    pub(crate) receipts: Vec<Described>,
    bytes: usize,
}

impl Bounded {
    /// Adds a receipt; whether there was room for it.
    pub(crate) fn add(&mut self, described: Described) -> bool {
        let mut length = Length(0);
        serde_json::to_writer(&mut length, &described).expect("answers are made of texts, numbers and lists");
        let has_room = self.receipts.is_empty() || self.bytes + length.0 <= PAGE_BYTES_MAX;
        if has_room {
            self.bytes += length.0;
            self.receipts.push(described);
        }
        has_room
    }
}

/// Counts what is written and keeps none of it.
struct Length(usize);

impl std::io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The area's operations.
pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(receipts_operation(), receipts),
        Endpoint::new(by_number_operation(), receipt_by_number),
        Endpoint::new(of_transaction_operation(), receipt_of),
    ]
}

fn receipts_operation() -> Operation {
    Operation::get("receipts", "/v1/receipts", Scope::Read)
        .about(
            "receipts",
            "Receipts in order",
            "Every executed transaction has exactly one receipt, for ever, numbered from 0 over the whole network. Pages are \
             stable: what stands on one never moves to another. One with long receipts has fewer than were asked for: `has_more` says \
             whether more follow.",
        )
        .parameter(Parameter::query(
            "cursor",
            "`next` of the page before; it goes before `from`.",
            json!({ "type": "string", "pattern": "^r1[0-9a-f]{16}$" }),
        ))
        .parameter(Parameter::query("from", "The first number; 0 where absent.", count_schema()))
        .parameter(Parameter::query(
            "limit",
            "How many at most.",
            json!({ "type": "integer", "minimum": 1, "maximum": PAGE_MAX, "default": PAGE_MAX }),
        ))
        .reply(Reply::json::<ReceiptPage>(200, "The receipts, and where to go on.").header(
            "ETag",
            "Changes with the page.",
            tag_schema(),
        ))
        .not_modified()
        .problems(&[codes::MALFORMED, codes::NODE_STOPPED])
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PageQuery {
    cursor: Option<String>,
    from: Option<String>,
    limit: Option<String>,
}

async fn receipts(
    State(context): Given,
    headers: HeaderMap,
    Asked(page): Asked<PageQuery>,
) -> Result<Response, Rejection> {
    let first = page.from.map(|from| number("first number", &from)).transpose()?; // read beside a cursor too, which counts
    let from =
        page.cursor.map(|cursor| Cursor::read(&cursor)).transpose()?.map(|cursor| cursor.next).or(first).unwrap_or(0);
    let limit = page.limit.map(|limit| number("limit", &limit)).transpose()?;
    let limit = limit.map_or(Some(PAGE_MAX), |limit| usize::try_from(limit).ok());
    let limit = limit.filter(|limit| (1..=PAGE_MAX).contains(limit));
    let limit = limit.ok_or_else(|| malformed("limit", format!("expected 1 to {PAGE_MAX}")))?;
    let backend = &context.services.backend;
    let known = *backend.watch_receipts().borrow();
    let mut bounded = Bounded::default();
    for receipt in backend.receipts(from, limit).await? {
        if !bounded.add(backend.describe(receipt)) {
            break; // the next page begins with it
        }
    }
    let receipts = bounded.receipts;
    let next = receipts.last().map_or(from, |described| described.receipt.number.saturating_add(1));
    let page = ReceiptPage { receipts, next: Cursor { next }.text(), has_more: next < known };
    Ok(tagged_json(&headers, Keep::AskAgain, &page))
}

fn by_number_operation() -> Operation {
    Operation::get("receiptByNumber", "/v1/receipts/{number}", Scope::Read)
        .about("receipts", "One receipt by its number", "")
        .parameter(Parameter::path("number", "The receipt's number.", count_schema()).example(json!(0)))
        .reply(Reply::json::<Described>(200, "The receipt.").header("ETag", "Never changes.", tag_schema()))
        .not_modified()
        .problems(&[codes::MALFORMED, codes::RECEIPT_NOT_FOUND, codes::NODE_STOPPED])
}

async fn receipt_by_number(
    State(context): Given,
    headers: HeaderMap,
    Path(text): Path<String>,
) -> Result<Response, Rejection> {
    let number = number("receipt number", &text)?;
    let backend = &context.services.backend;
    let receipt = backend.receipts(number, 1).await?.pop().ok_or_else(|| codes::RECEIPT_NOT_FOUND.rejection())?;
    Ok(tagged_json(&headers, Keep::ForEver, &backend.describe(receipt)))
}

fn of_transaction_operation() -> Operation {
    Operation::get("receiptOfTransaction", "/v1/receipts/{account}/{request_id}", Scope::Read)
        .about(
            "receipts",
            "What became of a transaction",
            "Found inside the network's window. A refusal by the ledger is a receipt too.",
        )
        .parameter(Parameter::path("account", "Who signed.", read::<AccountId>()))
        .parameter(Parameter::path("request_id", "The sender's number for the transaction.", read::<RequestId>()))
        .reply(Reply::json::<Described>(200, "The receipt.").header("ETag", "Never changes.", tag_schema()))
        .not_modified()
        .problems(&[codes::MALFORMED, codes::RECEIPT_NOT_FOUND, codes::NODE_STOPPED])
}

async fn receipt_of(
    State(context): Given,
    headers: HeaderMap,
    Path((account, request_id)): Path<(String, String)>,
) -> Result<Response, Rejection> {
    let account: AccountId = account.parse().map_err(|error| malformed("account", error))?;
    let request_id: RequestId = request_id.parse().map_err(|error| malformed("request id", error))?;
    let backend = &context.services.backend;
    let receipt = backend.receipt_of(account, request_id).await?;
    let receipt = receipt.ok_or_else(|| codes::RECEIPT_NOT_FOUND.rejection())?;
    Ok(tagged_json(&headers, Keep::ForEver, &backend.describe(receipt)))
}
