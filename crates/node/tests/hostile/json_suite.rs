//! JSONTestSuite through every JSON entrance, and fields that stand twice or that nobody knows.

use crate::backend::{Api, Reply};
use crate::decoders;
use crate::ledger::Ledger;
use crate::suite::{json_cases, json_oddities};
use axum::http::{Request, header};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tongban_modules::{Call, Query};
use tongban_types::{Genesis, SignedTx};

const JSON: &str = "application/json";
/// Where JSON is posted, and the code of JSON that has another shape.
const POSTED: [(&str, &str); 2] = [("/v1/transactions", "tx.malformed"), ("/v1/queries", "query.malformed")];

/// Where JSON is posted behind the border, all of it `api.malformed` in another shape.
const POSTED_BEHIND_BORDER: [&str; 3] = ["/v1/transactions/prepare", "/v1/tokens", "/v1/webhooks"];
/// What changes a webhook that is there, refused in the same way. All that these say may be left out, so that they take the empty object.
const ABOUT_A_WEBHOOK: [(&str, &str); 2] = [("PATCH", ""), ("POST", "/secret")];
/// The empty object in the suite.
const EMPTY_OBJECT: &str = "y_object_empty.json";
/// What the border refuses for its depth before anybody reads it, JSON or not.
const TOO_DEEP: [&str; 3] = [
    "i_structure_500_nested_arrays.json",
    "n_structure_100000_opening_arrays.json",
    "n_structure_open_array_object.json",
];

/// What the suite leaves open, as it is decided here: `-` is no JSON, `+` is JSON. Texts must be Unicode, numbers must be
/// numbers of a program (those that would be infinite are none, those that would be 0 are 0), nesting ends at 127, and
/// nothing but UTF-8 without a mark is read.
const OPEN_CASES: [(&str, char); 35] = [
    ("i_number_double_huge_neg_exp.json", '+'),
    ("i_number_huge_exp.json", '-'),
    ("i_number_neg_int_huge_exp.json", '-'),
    ("i_number_pos_double_huge_exp.json", '-'),
    ("i_number_real_neg_overflow.json", '-'),
    ("i_number_real_pos_overflow.json", '-'),
    ("i_number_real_underflow.json", '+'),
    ("i_number_too_big_neg_int.json", '+'),
    ("i_number_too_big_pos_int.json", '+'),
    ("i_number_very_big_negative_int.json", '+'),
    ("i_object_key_lone_2nd_surrogate.json", '-'),
    ("i_string_1st_surrogate_but_2nd_missing.json", '-'),
    ("i_string_1st_valid_surrogate_2nd_invalid.json", '-'),
    ("i_string_UTF-16LE_with_BOM.json", '-'),
    ("i_string_UTF-8_invalid_sequence.json", '-'),
    ("i_string_UTF8_surrogate_U+D800.json", '-'),
    ("i_string_incomplete_surrogate_and_escape_valid.json", '-'),
    ("i_string_incomplete_surrogate_pair.json", '-'),
    ("i_string_incomplete_surrogates_escape_valid.json", '-'),
    ("i_string_invalid_lonely_surrogate.json", '-'),
    ("i_string_invalid_surrogate.json", '-'),
    ("i_string_invalid_utf-8.json", '-'),
    ("i_string_inverted_surrogates_U+1D11E.json", '-'),
    ("i_string_iso_latin_1.json", '-'),
    ("i_string_lone_second_surrogate.json", '-'),
    ("i_string_lone_utf8_continuation_byte.json", '-'),
    ("i_string_not_in_unicode_range.json", '-'),
    ("i_string_overlong_sequence_2_bytes.json", '-'),
    ("i_string_overlong_sequence_6_bytes.json", '-'),
    ("i_string_overlong_sequence_6_bytes_null.json", '-'),
    ("i_string_truncated-utf-8.json", '-'),
    ("i_string_utf16BE_no_BOM.json", '-'),
    ("i_string_utf16LE_no_BOM.json", '-'),
    ("i_structure_500_nested_arrays.json", '-'),
    ("i_structure_UTF-8_BOM_empty_object.json", '-'),
];

#[test]
fn json_bodies_have_the_verdict_of_the_public_suite() {
    let Some(cases) = json_cases() else { return };
    let api = Api::new();
    for (path, shape) in POSTED {
        for (name, content) in &cases {
            let expected = if is_json(name) { shape } else { "api.not_json" };
            assert_refused(path, name, content, expected, |body| api.post(path, JSON, body));
        }
    }
    let api = Api::behind_border();
    for path in POSTED_BEHIND_BORDER {
        for (name, content) in &cases {
            assert_refused(path, name, content, behind_border(name), |body| api.post(path, JSON, body));
        }
    }
}

#[test]
fn json_about_a_webhook_has_the_verdict_of_the_public_suite() {
    let Some(cases) = json_cases() else { return };
    let api = Api::behind_border();
    let made = |path: &str, body: Value| -> Value {
        let reply = api.post(path, JSON, body.to_string());
        assert_eq!(reply.status, 201, "{path}: {}", String::from_utf8_lossy(&reply.body));
        serde_json::from_slice(&reply.body).expect("JSON")
    };
    let webhook = made("/v1/webhooks", json!({ "url": "https://example.org/hook" }));
    let scopes = json!(["read", "webhooks", "admin"]);
    let token = made("/v1/tokens", json!({ "label": "test", "scopes": scopes, "requests_per_minute": 0 }));
    let bearer = format!("Bearer {}", token["secret"].as_str().expect("it is shown once"));
    for (method, behind) in ABOUT_A_WEBHOOK {
        let path = format!("/v1/webhooks/{}{behind}", webhook["webhook"]["id"].as_str().expect("an identifier"));
        let send = |body: Vec<u8>| {
            let request = Request::builder().method(method).uri(&path).header(header::AUTHORIZATION, &bearer);
            api.ask(request.header(header::CONTENT_TYPE, JSON).body(body.into()).expect("a sound request"))
        };
        for (name, content) in cases.iter().filter(|(name, _)| name != EMPTY_OBJECT) {
            assert_refused(&format!("{method} {path}"), name, content, behind_border(name), send);
        }
        assert_eq!(send(b"{}".to_vec()).status, 200, "{method} {path}");
    }
}

/// The code of a case behind the border.
fn behind_border(name: &str) -> &'static str {
    match is_json(name) {
        _ if TOO_DEEP.contains(&name) => "api.too_deep",
        true => "api.malformed",
        false => "api.not_json",
    }
}

/// Whether a case of the suite is JSON, here.
fn is_json(name: &str) -> bool {
    match name.as_bytes()[0] {
        b'y' => true,
        b'n' => false,
        _ => BTreeMap::from(OPEN_CASES).get(name).unwrap_or_else(|| panic!("{name} is decided")) == &'+',
    }
}

/// Sends a case by itself, and where a request's field would stand.
fn assert_refused(path: &str, name: &str, content: &[u8], expected: &str, send: impl Fn(Vec<u8>) -> Reply) {
    let inside = [&br#"{"surprise":"#[..], content, br#","tx":{}}"#].concat();
    for (place, body) in [("", content), (" inside", &inside[..])] {
        let reply = send(body.to_vec());
        reply.assert_coded(name);
        assert_eq!(reply.code(), expected, "{path}: {name}{place}: {}", String::from_utf8_lossy(&reply.body));
    }
}

/// A mark of UTF-8 in front of an object is refused by itself, so it is no JSON inside either; all other entrances refuse
/// what is no JSON, and none panics.
#[test]
fn no_entrance_takes_what_is_no_json() {
    let Some(cases) = json_cases() else { return };
    let oddities = json_oddities().expect("the same archive");
    let entrances: Vec<_> = decoders::all()
        .into_iter()
        .filter(|decoder| {
            ["json ", "trust anchor", "bundle", "file key", "file opening"]
                .iter()
                .any(|name| decoder.name.starts_with(name))
        })
        // A disclosure of nothing may also be written as an array of its one list, which some files of the suite are.
        .filter(|decoder| decoder.name != "json Disclosure")
        .collect();
    assert!(entrances.len() >= 14, "there are entrances");
    let genesis = serde_json::to_vec(&Ledger::new().genesis).expect("JSON");
    for (name, content) in cases.iter().chain(&oddities) {
        for entrance in &entrances {
            assert_eq!((entrance.recode)(content), None, "{}: {name}", entrance.name);
        }
        let code = tongban_verify::verify(content, &genesis).expect_err("no bundle").code();
        assert!(matches!(code, "not_canonical" | "oversized"), "{name}: {code}");
        assert_eq!(tongban_verify::verify(b"{}", content).expect_err("no genesis").code(), "bad_genesis", "{name}");
    }
}

fn objects(value: &Value, pointer: String, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| objects(value, format!("{pointer}/{name}"), found));
            found.push(pointer);
        }
        Value::Array(values) => {
            (0..)
                .zip(values)
                .for_each(|(index, value): (usize, _)| objects(value, format!("{pointer}/{index}"), found));
        }
        _ => {}
    }
}

fn accepts<T: serde::de::DeserializeOwned>(text: &str) -> bool {
    serde_json::from_str::<T>(text).is_ok()
}

/// Every object of every call and query, of a transaction and a genesis: one more field, and each field twice.
#[test]
fn fields_that_nobody_knows_or_that_stand_twice_are_refused() {
    let samples = |name: &str| {
        let decoder = decoders::all().into_iter().find(|decoder| decoder.name == name).expect("a decoder");
        decoder.samples.into_iter().map(|sample| serde_json::from_slice(&sample).expect("JSON")).collect::<Vec<Value>>()
    };
    type Entrance = (&'static str, fn(&str) -> bool);
    let entrances: [Entrance; 4] = [
        ("json Call", accepts::<Call>),
        ("json Query", accepts::<Query>),
        ("json SignedTx", accepts::<SignedTx>),
        ("json Genesis", accepts::<Genesis>),
    ];
    let mut tried = 0;
    for (name, accepts) in entrances {
        for sample in samples(name) {
            let mut found = Vec::new();
            objects(&sample, String::new(), &mut found);
            for pointer in found {
                let mut more = sample.clone();
                let object = more.pointer_mut(&pointer).and_then(Value::as_object_mut).expect("an object");
                object.insert("surprise".to_owned(), json!(1));
                assert!(!accepts(&more.to_string()), "{name}: one more field in '{pointer}' of {sample}");
                for (field, value) in sample.pointer(&pointer).and_then(Value::as_object).expect("an object") {
                    let once = format!("{}:{value}", json!(field));
                    let twice = sample.to_string().replacen(&once, &format!("{once},{once}"), 1);
                    assert!(!accepts(&twice), "{name}: {field} twice in {twice}");
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 300, "objects were tried: {tried}");
}
