//! Decoders of what the command line reads of persons' data: files that come with a form or a licence, and options that name them.

use crate::decoders::{Decoder, Promise, ending, json_decoder, text, vector};
use serde_json::{Value, json};
use std::str::FromStr;
use tongban_node::licences::terms::Day;
use tongban_node::prefill::form::FormFile;
use tongban_node::prefill::hosts::OfDepartment;
use tongban_node::prefill::provenance::Provenance;
use tongban_node::vault::inventory::ObjectName;
use tongban_node::verification::disclosed::DisclosureFile;
use tongban_vault::ObjectId;

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// A field of a licence with its way of one step.
fn disclosure() -> Value {
    let salt = "07".repeat(32);
    json!({ "shown": [{
        "field": { "name": "operator", "value": "云港小馆", "salt": salt }, "index": 1, "path": [salt],
    }] })
}

/// What is kept beside a form, shown of a licence, and taken into a vault.
pub fn persons_files() -> Vec<Decoder> {
    let (id, salt, licence) = ("0a".repeat(16), "07".repeat(32), vector("ecert_id"));
    let target = |target: Value| {
        json!({
            "target": target, "field": "operator", "access": id, "value": ["云港小馆", 1, null],
        })
    };
    let opening = json!({
        "licence": licence, "provider": "91350100M000100Y43", "as_of": "2026-01-01T00:00:00.000Z",
        "fields": [target(json!({ "field": "shop.name" })), target(json!({ "material": "营业执照" }))],
        "disclosure": disclosure(),
    });
    let provenance = |openings: Value| json!({ "version": 2, "item": "H-1", "person": id, "openings": openings });
    let noted = json!({ "note": { "purpose": "办理贷款", "creator": "陈守约" }, "salt": salt });
    let answers = json!([{ "path": "shop.name", "value": { "a": [true] }, "salt": salt }]);
    vec![
        json_decoder::<DisclosureFile>(
            "DisclosureFile",
            &[
                json!({ "licence": licence, "disclosure": disclosure() }),
                json!({ "licence": licence, "disclosure": disclosure(), "noted": noted }),
            ],
            names(&["DisclosureFile", "SaltedNote", "CopyNote"]),
        ),
        json_decoder::<Provenance>(
            "Provenance",
            &[provenance(json!([])), provenance(json!([opening]))],
            names(&["Provenance", "ProposedField"]),
        ),
        json_decoder::<FormFile>(
            "FormFile",
            &[
                json!({ "root": salt, "answers": answers, "sources": [], "openings": [] }),
                json!({
                    "root": salt, "answers": answers,
                    "sources": [{ "path": "shop.name", "licence": licence, "field": "operator", "access": id }],
                    "openings": [{ "licence": licence, "disclosure": disclosure() }],
                }),
            ],
            names(&["FormFile", "SaltedAnswer", "AnswerSources", "AnswerSource", "OpenedLicence"]),
        ),
    ]
}

fn ends<T: FromStr>(bytes: &[u8]) -> Option<Vec<u8>> {
    std::str::from_utf8(bytes).ok()?.parse::<T>().ok().map(|_| Vec::new())
}

/// Options.
pub fn options() -> Vec<Decoder> {
    let licence = vector("ecert_id");
    vec![
        text::<ObjectId>("ObjectId", Promise::OneSpelling, &[&"0a".repeat(16)]),
        ending("ObjectName", &[&licence, "20220623000068"], ends::<ObjectName>, &["ObjectName"]),
        ending("OfDepartment", &["91350100M000100Y43=a/b"], ends::<OfDepartment>, &["OfDepartment"]),
        ending("Day", &["2026-11-22"], ends::<Day>, &["Day"]),
    ]
}
