//! What became of transactions.

use super::{Given, count_schema, malformed};
use crate::Described;
use crate::backend::Rejection;
use crate::codes;
use crate::surface::{Endpoint, Operation, Parameter, Reply, Scope, read};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tongban_types::{AccountId, RequestId};

/// Receipts on one page.
pub(crate) const PAGE_MAX: usize = 100;

/// Receipts with their events, in order.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ReceiptPage {
    /// The receipts.
    pub receipts: Vec<Described>,
    /// The number to go on from, also where nothing is there yet.
    pub next: u64,
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
            "Every executed transaction has exactly one receipt, for ever, numbered from 0 over the whole network.",
        )
        .parameter(Parameter::query("from", "The first number; 0 where absent.", count_schema()))
        .parameter(Parameter::query(
            "limit",
            "How many at most.",
            json!({ "type": "integer", "minimum": 1, "maximum": PAGE_MAX, "default": PAGE_MAX }),
        ))
        .reply(Reply::json::<ReceiptPage>(200, "The receipts, and the number to go on from."))
        .problems(&[codes::MALFORMED, codes::NODE_STOPPED])
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PageQuery {
    #[serde(default)]
    from: u64,
    limit: Option<usize>,
}

async fn receipts(
    State(context): Given,
    page: Result<Query<PageQuery>, QueryRejection>,
) -> Result<Json<ReceiptPage>, Rejection> {
    let Query(page) = page.map_err(|error| malformed("page", error.body_text()))?;
    let limit = page.limit.unwrap_or(PAGE_MAX);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(malformed("limit", format!("expected 1 to {PAGE_MAX}")));
    }
    let backend = &context.services.backend;
    let receipts = backend.receipts(page.from, limit).await?;
    let next = receipts.last().map_or(page.from, |receipt| receipt.number.saturating_add(1));
    Ok(Json(ReceiptPage { receipts: receipts.into_iter().map(|receipt| backend.describe(receipt)).collect(), next }))
}

fn by_number_operation() -> Operation {
    Operation::get("receiptByNumber", "/v1/receipts/{number}", Scope::Read)
        .about("receipts", "One receipt by its number", "")
        .parameter(Parameter::path("number", "The receipt's number.", count_schema()))
        .reply(Reply::json::<Described>(200, "The receipt."))
        .problems(&[codes::MALFORMED, codes::RECEIPT_NOT_FOUND, codes::NODE_STOPPED])
}

async fn receipt_by_number(State(context): Given, Path(number): Path<String>) -> Result<Json<Described>, Rejection> {
    let number: u64 = number.parse().map_err(|error| malformed("receipt number", error))?;
    let backend = &context.services.backend;
    let receipt = backend.receipts(number, 1).await?.pop().ok_or_else(|| codes::RECEIPT_NOT_FOUND.rejection())?;
    Ok(Json(backend.describe(receipt)))
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
        .reply(Reply::json::<Described>(200, "The receipt."))
        .problems(&[codes::MALFORMED, codes::RECEIPT_NOT_FOUND, codes::NODE_STOPPED])
}

async fn receipt_of(
    State(context): Given,
    Path((account, request_id)): Path<(String, String)>,
) -> Result<Json<Described>, Rejection> {
    let account: AccountId = account.parse().map_err(|error| malformed("account", error))?;
    let request_id: RequestId = request_id.parse().map_err(|error| malformed("request id", error))?;
    let backend = &context.services.backend;
    let receipt = backend.receipt_of(account, request_id).await?;
    let receipt = receipt.ok_or_else(|| codes::RECEIPT_NOT_FOUND.rejection())?;
    Ok(Json(backend.describe(receipt)))
}
