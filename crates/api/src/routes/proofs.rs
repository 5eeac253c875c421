//! Proof bundles and slips, which anyone can check offline.

use super::{Given, count_schema};
use crate::backend::{ReceiptSlip, Rejection};
use crate::caching::{Keep, tag_schema, tagged, tagged_json};
use crate::codes;
use crate::extract::{Asked, Path, malformed, number};
use crate::surface::{Content, Endpoint, Operation, Parameter, Reply, Scope};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use tongban_types::Blob;
use tongban_types::proof::Bundle;

/// Characters of a module's or a table's name.
const NAME_CHARACTERS_MAX: usize = 64;
/// Bytes of a record's key.
const KEY_BYTES_MAX: usize = 1024;

/// The area's operations.
pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(receipt_operation(), prove_receipt),
        Endpoint::new(record_operation(), prove_record),
        Endpoint::new(slip_operation(), slip),
    ]
}

fn receipt_operation() -> Operation {
    Operation::get("proveReceipt", "/v1/proofs/receipts/{number}", Scope::Read)
        .about(
            "proofs",
            "Prove a receipt",
            "One file that shows, offline and to anyone who has the genesis, what became of a transaction.",
        )
        .parameter(Parameter::path("number", "The receipt's number.", count_schema()).example(json!(0)))
        .reply(Reply::of(200, "The bundle.", vec![Content::json_written::<Bundle>()]).header(
            "ETag",
            "Changes where another block proves it.",
            tag_schema(),
        ))
        .not_modified()
        .problems(&[codes::MALFORMED, codes::NODE_NOT_FOUND, codes::NODE_NOT_PROVABLE_YET, codes::NODE_STOPPED])
}

async fn prove_receipt(
    State(context): Given,
    headers: HeaderMap,
    Path(text): Path<String>,
) -> Result<Response, Rejection> {
    let number = number("receipt number", &text)?;
    let bundle = context.services.backend.prove_receipt(number).await?;
    Ok(tagged(&headers, Keep::AskAgain, "application/json", bundle))
}

fn slip_operation() -> Operation {
    Operation::get("receiptSlip", "/v1/receipts/{number}/slip", Scope::Read)
        .about(
            "proofs",
            "Prove a receipt in a QR code",
            "A text that shows, offline and to anyone who has the genesis, the events of a receipt: proven as of its block's time, \
             unconfirmed now. It fits a QR code where the events are short; where they are not, and for refusals, there is the \
             bundle. What a licence discloses is added by its holder.",
        )
        .parameter(Parameter::path("number", "The receipt's number.", count_schema()).example(json!(0)))
        .reply(Reply::json::<ReceiptSlip>(200, "The slip.").header(
            "ETag",
            "Changes where another block proves it.",
            tag_schema(),
        ))
        .not_modified()
        .problems(&[
            codes::MALFORMED,
            codes::NODE_NOT_FOUND,
            codes::NODE_NOT_PROVABLE_YET,
            codes::NODE_STOPPED,
            codes::SLIP_NO_EVENTS,
            codes::SLIP_NEEDS_BUNDLE,
            codes::SLIP_TOO_LARGE,
        ])
}

async fn slip(State(context): Given, headers: HeaderMap, Path(text): Path<String>) -> Result<Response, Rejection> {
    let number = number("receipt number", &text)?;
    let slip = context.services.backend.slip(number).await?;
    Ok(tagged_json(&headers, Keep::AskAgain, &slip))
}

fn record_operation() -> Operation {
    let name = || json!({ "type": "string", "pattern": format!("^[a-z_]{{1,{NAME_CHARACTERS_MAX}}}$") });
    Operation::get("proveRecord", "/v1/proofs/records/{module}/{table}", Scope::Read)
        .about(
            "proofs",
            "Prove a record, or that there is none",
            "The bundle shows what stood in the table under the key after the block that it names. Tables and the form of their \
             keys stand in generated/wire.txt.",
        )
        .parameter(Parameter::path("module", "The module that owns the table.", name()).example(json!("evidence")))
        .parameter(Parameter::path("table", "The table's name within the module.", name()).example(json!("records")))
        .parameter(
            Parameter::query(
                "key",
                "The key's BCS bytes in hexadecimal.",
                json!({ "type": "string", "pattern": "^([0-9a-f]{2})*$", "maxLength": 2 * KEY_BYTES_MAX }),
            )
            .required(),
        )
        .reply(Reply::of(200, "The bundle.", vec![Content::json_written::<Bundle>()]).header(
            "ETag",
            "Changes where another block proves it.",
            tag_schema(),
        ))
        .not_modified()
        .problems(&[codes::MALFORMED, codes::NODE_NOT_FOUND, codes::NODE_NOT_PROVABLE_YET, codes::NODE_STOPPED])
}

fn is_name(text: &str) -> bool {
    (1..=NAME_CHARACTERS_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyQuery {
    key: String,
}

async fn prove_record(
    State(context): Given,
    headers: HeaderMap,
    Path((module, table)): Path<(String, String)>,
    Asked(KeyQuery { key }): Asked<KeyQuery>,
) -> Result<Response, Rejection> {
    let key: Blob<KEY_BYTES_MAX> = key.parse().map_err(|error| malformed("key", error))?;
    if !is_name(&module) || !is_name(&table) {
        return Err(malformed("table", "expected lower-case letters and underscores"));
    }
    let table = format!("{module}/{table}");
    let bundle = context.services.backend.prove_record(table, key.into_bytes()).await?;
    Ok(tagged(&headers, Keep::AskAgain, "application/json", bundle))
}
