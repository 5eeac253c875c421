//! Naughty strings through every text of every call and query of every module, found by walking the messages' schemas.
//!
//! What is refused has a code and leaves the state as it was. What is accepted comes back as it was sent, byte for byte: in
//! the encoded call, in records, in events, in JSON.

use crate::backend::{Api, Reply};
use crate::ledger::{Ledger, actor, bystander, secret};
use crate::nasties::{NASTIES, Verdict};
use crate::schema::{self, Kind, Place};
use crate::suite::naughty_strings;
use axum::http::{Request, header};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tongban_modules::{Call, Event, Query, decode_record, identity, specs};
use tongban_types::text::TextError;
use tongban_types::transaction::signing_message;
use tongban_types::{Outcome, RequestId, SignedTx, Text, Tx, codec};

const JSON: &str = "application/json";

/// A message of a module that fits its schema.
struct Sample {
    name: String,
    json: Value,
    places: Vec<Place>,
}

/// Samples of one message, one for each set of places that texts can stand in.
fn samples(module: &str, message: &str, schema: &Value) -> Vec<Sample> {
    let sample = |choice| {
        let value = schema::sample(schema, choice);
        let prefix = format!("/{module}/{message}");
        let places = schema::places(schema, &value).into_iter();
        let places = places.map(|place| Place { pointer: prefix.clone() + &place.pointer, ..place }).collect();
        Sample { name: format!("{module} {message}"), json: json!({ module: { message: value } }), places }
    };
    let mut found: Vec<Sample> = Vec::new();
    for sample in (0..schema::CHOICES).map(sample) {
        if found.iter().all(|known| known.places != sample.places) {
            found.push(sample);
        }
    }
    found
}

fn calls() -> Vec<Sample> {
    let all = specs().into_iter().flat_map(|spec| {
        let of_module = spec.calls.iter().flat_map(|call| samples(spec.name, &call.message.name, &call.message.schema));
        of_module.collect::<Vec<_>>()
    });
    all.collect()
}

fn queries() -> Vec<Sample> {
    let all = specs().into_iter().flat_map(|spec| {
        let of_module = spec.queries.iter().flat_map(|query| samples(spec.name, &query.name, &query.schema));
        of_module.collect::<Vec<_>>()
    });
    all.collect()
}

/// Makes a sample one that the ledger can accept: accounts that exist, numbers that are new, keys that are proven. What no
/// schema says of a new module is added here, and `every_text_for_people_is_accepted_somewhere` says when.
fn prepare(ledger: &Ledger, mut json: Value, number: u64) -> Value {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&number.to_be_bytes());
    let id = hex::encode(id);
    for (module, message) in [("evidence", "register"), ("evidence", "register_batch")] {
        if let Some(call) = json.pointer_mut(&format!("/{module}/{message}")) {
            call["id"] = json!(id);
            call["previous"] = Value::Null;
            call["source"]["operator"] = json!(actor());
            if let Some(commitments) = call.get_mut("commitments").and_then(Value::as_array_mut) {
                for (place, commitment) in commitments.iter_mut().enumerate() {
                    commitment["field"] = json!(format!("field {place}"));
                }
            }
        }
    }
    if let Some(call) = json.pointer_mut("/catalogue/import_item") {
        call["code"] = json!(format!("H-{number}"));
        call["historic"]["source_time"] = json!(ledger.genesis.time);
    }
    for message in ["open_account", "add_key"] {
        if let Some(call) = json.pointer_mut(&format!("/identity/{message}")) {
            let mut seed = [7; 32];
            seed[..8].copy_from_slice(&number.to_be_bytes());
            let key = tongban_crypto::SecretKey::from_bytes(crate::ledger::SUITE, &seed).expect("a key");
            let primitives = tongban_crypto::primitives(crate::ledger::SUITE);
            let opened = tongban_types::genesis::account_of(&key.public_key(), primitives);
            let account = if message == "open_account" { opened } else { actor() };
            let proven = identity::possession_message(&ledger.network(), &account, &key.public_key());
            call["key"] = json!(key.public_key());
            call["possession"] = json!(key.sign(&proven));
            if message == "open_account" && call["name"] != Value::Null {
                call["kind"] = json!("organisation");
            }
        }
    }
    for message in ["grant_role", "withdraw_role", "suspend", "resume"] {
        if let Some(call) = json.pointer_mut(&format!("/identity/{message}")) {
            call["account"] = json!(bystander());
        }
    }
    json
}

/// A call with more texts than that, such as a whole service item, is tried with our own strings, which have every kind.
const PLACES_FOR_ALL: usize = 24;

/// Our own naughty strings.
fn own_strings() -> Vec<String> {
    NASTIES.iter().map(|(_, text, _)| (*text).to_owned()).collect()
}

/// All naughty strings: our own and, where they are there, the public list.
fn all_strings() -> Vec<String> {
    own_strings()
        .into_iter()
        .chain(naughty_strings().unwrap_or_default())
        .chain(["证".repeat(5_000), "a".repeat(100_000)])
        .collect()
}

fn contains_text(value: &Value, text: &str) -> bool {
    match value {
        Value::String(found) => found == text,
        Value::Array(values) => values.iter().any(|value| contains_text(value, text)),
        Value::Object(fields) => fields.values().any(|value| contains_text(value, text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn contains_bytes(bytes: &[u8], part: &[u8]) -> bool {
    part.is_empty() || bytes.windows(part.len()).any(|window| window == part)
}

/// What became of a string in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    NotRead,
    Refused,
    Applied,
}

/// Puts the string at a place of a call and has the call carried out.
fn carry_out(ledger: &mut Ledger, sample: &Sample, place: &Place, text: &str, number: u64) -> Fate {
    let what = format!("{} {} {text:?}", sample.name, place.pointer);
    let mut json = prepare(ledger, sample.json.clone(), number);
    let Some(field) = json.pointer_mut(&place.pointer) else { return Fate::NotRead };
    *field = json!(text);
    let Ok(call) = Call::from_json(json.clone()) else { return Fate::NotRead };
    assert_eq!(serde_json::to_value(&call).expect("JSON"), json, "{what}: JSON comes back as it was");
    let bytes = call.to_bytes();
    assert_eq!(Call::decode(bytes.as_ref()).as_ref(), Ok(&call), "{what}");
    let is_words = matches!(place.kind, Kind::Words(_));
    assert!(!is_words || contains_bytes(bytes.as_ref(), text.as_bytes()), "{what}: the call holds it as it is");
    let effect = ledger.call(&call);
    let receipt = effect.receipt.expect("the account exists");
    match receipt.outcome {
        Outcome::Refused(refusal) => {
            assert_ne!(&*refusal.code, "tx.malformed_call", "{what}");
            assert_ne!(&*refusal.code, "tx.invariant_broken", "{what}");
            assert!(tongban_modules::explain(&refusal.code).is_some(), "{what}: {} is explained", refusal.code);
            Fate::Refused
        }
        Outcome::Applied { events } => {
            for event in &events {
                let decoded = Event::decode(event.as_ref()).expect("an event of ours");
                assert_eq!(codec::encode(&decoded), event.as_ref(), "{what}");
                let json = serde_json::to_value(&decoded).expect("JSON");
                assert_eq!(Event::from_json(json).expect("an event"), decoded, "{what}");
            }
            let holds = |write: &tongban_kernel::Write| {
                let value = write.value.as_deref().unwrap_or_default();
                let record =
                    decode_record(write.table, value).map(|record| serde_json::to_value(record).expect("JSON"));
                let in_record = record.is_some_and(|record| contains_text(&record, text));
                contains_bytes(&write.key, text.as_bytes()) || contains_bytes(value, text.as_bytes()) && in_record
            };
            assert!(!is_words || effect.writes.iter().any(holds), "{what}: a record holds it as it is");
            Fate::Applied
        }
    }
}

/// What a text of so many characters takes.
fn is_taken<const MAX: usize>(text: &str) -> Result<(), TextError> {
    Text::<MAX>::new(text).map(drop)
}

#[test]
fn each_kind_of_nasty_has_its_verdict() {
    for (name, text, verdict) in NASTIES {
        let expected = match verdict {
            Verdict::Taken => Ok(()),
            Verdict::Forbidden => Err(TextError::ForbiddenCharacter),
            Verdict::Untrimmed => Err(TextError::Untrimmed),
        };
        assert_eq!(is_taken::<200>(text), expected, "{name}");
    }
    assert!(matches!(is_taken::<200>(&"证".repeat(201)), Err(TextError::TooLong { max: 200, found: 201 })));
}

#[test]
fn naughty_strings_in_calls_are_refused_or_kept_as_they_are() {
    let mut ledger = Ledger::new();
    let (all, own) = (all_strings(), own_strings());
    let mut outcomes: BTreeMap<Fate, usize> = BTreeMap::new();
    for (index, sample) in calls().iter().enumerate() {
        let is_large = sample.places.len() > PLACES_FOR_ALL || sample.name.starts_with("catalogue");
        let strings = if is_large { &own } else { &all };
        for (place_number, place) in sample.places.iter().enumerate() {
            for (number, text) in (0..).zip(strings) {
                let number = ((index as u64) << 32) | ((place_number as u64) << 16) | number;
                let outcome = carry_out(&mut ledger, sample, place, text, number);
                if let Kind::Words(max) = place.kind {
                    let fits = text.chars().count() <= max && is_taken::<1_000_000>(text).is_ok();
                    assert_eq!(outcome != Fate::NotRead, fits, "{} {} {text:?}", sample.name, place.pointer);
                }
                *outcomes.entry(outcome).or_default() += 1;
            }
        }
    }
    let count = |outcome| outcomes.get(&outcome).copied().unwrap_or_default();
    assert!(count(Fate::Applied) > 100 && count(Fate::NotRead) > 1_000, "{outcomes:?}");
}

/// What a schema's sample cannot be made into: each of these holds together as a whole, or names what must stand there already.
const WHOLES: [(&str, &str); 19] = [
    ("catalogue publish", "an item passes all checks or none; the stories of the module publish whole items"),
    ("catalogue suspend", "of an item that was published"),
    ("catalogue resume", "of an item that was suspended"),
    ("catalogue retire", "of an item that was published"),
    ("catalogue import_item /catalogue/import_item/code", "a code, no words: its characters are bounded"),
    ("catalogue propose", "an item passes all checks or none, and others are changed that were published"),
    ("catalogue approve", "of what was proposed for an item"),
    ("catalogue reject", "of what was proposed for an item"),
    ("orgs ", "of a department and its officers, who are not there: the stories of the module"),
    ("identity bind_person /identity/bind_person/issued_by", "three letters, no words; an officer's act"),
    ("identity decide_objection", "an officer's act: the stories of the module"),
    ("identity reject_recovery", "an officer's act: the stories of the module"),
    ("identity reject_proposal", "an officer's act: the stories of the module"),
    ("identity stop_recovery", "an officer's act: the stories of the module"),
    ("representation ", "an officer's act, or of a person who is bound: the stories of the module"),
    ("sharing ", "of a licence and its holder, who are not there: the stories of the module"),
    ("licences ", "an officer's act: the stories of the module"),
    ("history ", "an officer's act: the stories of the module"),
    ("cases ", "of an item that is in force and a case that was filed: the stories of the module"),
];

/// A text that no call gets onto the ledger is a text that no test looks at: `prepare` then needs to know more.
#[test]
fn every_text_for_people_is_accepted_somewhere() {
    let mut ledger = Ledger::new();
    let mut accepted: BTreeMap<String, bool> = BTreeMap::new();
    let mut number = 0;
    for sample in calls() {
        for place in sample.places.iter().filter(|place| matches!(place.kind, Kind::Words(_))) {
            number += 1;
            let outcome = carry_out(&mut ledger, &sample, place, "许可系统", number);
            *accepted.entry(format!("{} {}", sample.name, place.pointer)).or_default() |= outcome == Fate::Applied;
        }
    }
    let is_whole = |place: &str| WHOLES.iter().any(|(beginning, _)| place.starts_with(beginning));
    let missing = accepted.iter().filter(|(place, accepted)| !**accepted && !is_whole(place));
    let missing: Vec<&String> = missing.map(|(place, _)| place).collect();
    assert!(missing.is_empty(), "no call brings these texts onto the ledger: {missing:?}");
    assert!(accepted.len() >= 6, "texts were found: {accepted:?}");
}

#[test]
fn naughty_strings_in_queries_are_refused_or_answered() {
    let api = Api::new();
    let strings = all_strings();
    let mut tried = 0;
    for sample in queries() {
        for place in &sample.places {
            for text in &strings {
                let mut json = sample.json.clone();
                *json.pointer_mut(&place.pointer).expect("a place of the sample") = json!(text);
                let reply = api.post("/v1/queries", JSON, json.to_string());
                reply.assert_coded(&format!("{} {} {text:?}", sample.name, place.pointer));
                let is_read = Query::from_json(json).is_ok();
                // What is read is answered, or is about something that is not there.
                let is_answered = reply.status == 200 || reply.code() == "cases.not_found";
                assert_eq!(is_answered, is_read, "{} {text:?}", sample.name);
                tried += 1;
            }
        }
    }
    assert!(tried > 200, "queries have texts: {tried}");
}

/// The whole way: JSON in a body, the ledger, and the answer.
#[test]
fn naughty_strings_come_back_from_the_api_as_they_were_sent() {
    let api = Api::new();
    let ledger = Ledger::new(); // the same network
    let mut accepted = 0;
    for (number, text) in (0..).zip(all_strings()) {
        let call = json!({ "evidence": { "register": {
            "id": hex::encode(u128::from(number + 1_u64).to_be_bytes()),
            "source": {
                "object_type": "document", "system": text, "method": "export", "operator": actor(),
                "collected_at": "2026-01-01T00:00:00.000Z",
            },
            "previous": null,
            "commitments": [{ "field": "content", "commitment": "07".repeat(32) }],
        } } });
        let Ok(read) = Call::from_json(call.clone()) else { continue };
        let tx = Tx {
            network: ledger.network(),
            account: actor(),
            key: secret(1).public_key(),
            request_id: RequestId(u128::from(number).to_be_bytes()),
            not_after: ledger.time().plus_millis(60_000),
            calls: tongban_types::List::new(vec![read.to_bytes()]).expect("one call"),
        };
        let id = tx.id(tongban_crypto::primitives(crate::ledger::SUITE));
        let signed = SignedTx { signature: secret(1).sign(&signing_message(&id)), tx };
        let reply = api.post("/v1/transactions", JSON, serde_json::to_vec(&signed).expect("JSON"));
        reply.assert_coded(&text);
        if reply.status != 200 {
            assert!(text.is_empty(), "{text:?}: {}", reply.code());
            continue;
        }
        let question = json!({ "evidence": { "record": { "id": call["evidence"]["register"]["id"] } } });
        let reply = api.post("/v1/queries", JSON, question.to_string());
        let answer: Value = serde_json::from_slice(&reply.body).expect("JSON");
        let record = &answer["view"]["evidence"]["record"]["record"];
        assert_eq!(record["source"]["system"], json!(text));
        accepted += 1;
    }
    assert!(accepted > 40, "strings were accepted: {accepted}");
}

/// The node's own texts: labels, addresses, filters. None is on the ledger, and all are shown to people and programs.
#[test]
fn naughty_strings_about_tokens_and_webhooks_are_refused_or_kept_as_they_are() {
    let api = Api::behind_border();
    let read = |reply: &Reply| -> Value { serde_json::from_slice(&reply.body).expect("JSON") };
    let all = json!({ "label": "test", "scopes": ["read", "webhooks", "admin"], "requests_per_minute": 0 });
    let token = read(&api.post("/v1/tokens", JSON, all.to_string()));
    let bearer = format!("Bearer {}", token["secret"].as_str().expect("it is shown once"));
    let webhook = read(&api.post("/v1/webhooks", JSON, json!({ "url": "https://example.org/hook" }).to_string()));
    let webhook = format!("/v1/webhooks/{}", webhook["webhook"]["id"].as_str().expect("an identifier"));
    let change = |body: Value| {
        let request = Request::patch(&webhook).header(header::AUTHORIZATION, &bearer);
        api.ask(request.header(header::CONTENT_TYPE, JSON).body(body.to_string().into()).expect("a sound request"))
    };
    let mut kept = BTreeMap::new();
    let mut judge = |place: &'static str, text: &str, reply: &Reply, found: fn(&Value) -> &Value| {
        reply.assert_coded(&format!("{place} {text:?}"));
        if reply.status < 300 {
            let json = read(reply);
            let value = &found(&json)[place];
            assert!(*value == json!(text) || *value == json!([text]), "{place} {text:?}: {json}");
            *kept.entry(place).or_insert(0) += 1;
        }
    };
    for text in all_strings() {
        for (place, body) in [
            ("label", json!({ "label": text, "scopes": ["read"] })),
            ("addresses", json!({ "label": "test", "scopes": ["read"], "addresses": [text] })),
        ] {
            judge(place, &text, &api.post("/v1/tokens", JSON, body.to_string()), |json| &json["token"]);
        }
        for place in ["label", "url"] {
            judge(place, &text, &change(json!({ place: text })), |json| json);
        }
        for place in ["modules", "kinds", "subjects"] {
            judge(place, &text, &change(json!({ place: [text] })), |json| json);
        }
    }
    assert!(kept["label"] > 100, "labels are taken: {kept:?}");
}

/// Escapes in JSON that are no characters: halves of pairs, in any case and place.
#[test]
fn halves_of_surrogate_pairs_are_no_json() {
    let api = Api::new();
    for escape in [r"\ud800", r"\uDFFF", r"a\udbff", r"\ud800\u0041", r"\udc00\ud800", r"\ud800\ud800", r"\ud83d\n"] {
        for (path, body) in [
            ("/v1/queries", format!(r#"{{"evidence":{{"record":{{"id":"{escape}"}}}}}}"#)),
            ("/v1/transactions", format!(r#"{{"{escape}":1}}"#)),
        ] {
            let reply = api.post(path, JSON, body);
            reply.assert_coded(escape);
            assert_eq!(reply.code(), "api.not_json", "{escape}");
        }
    }
    // A whole pair is a character, and stands for the same text as the character itself.
    assert_eq!(serde_json::from_str::<Text<3>>(r#""\ud842\udfb7""#).expect("a text"), Text::new("𠮷").expect("a text"));
}

#[test]
fn any_text_in_any_call_is_refused_or_kept_as_it_is() {
    let samples: Vec<Sample> = calls().into_iter().filter(|sample| !sample.places.is_empty()).collect();
    let mut ledger = Ledger::new();
    let mut number = 1 << 48;
    let strategy = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<String>());
    let ledger = std::cell::RefCell::new(&mut ledger);
    let number = std::cell::RefCell::new(&mut number);
    let property = |(sample, place, text): (prop::sample::Index, prop::sample::Index, String)| {
        let sample = &samples[sample.index(samples.len())];
        let place = &sample.places[place.index(sample.places.len())];
        **number.borrow_mut() += 1;
        carry_out(&mut ledger.borrow_mut(), sample, place, &text, **number.borrow());
        Ok(())
    };
    crate::seed::runner("texts", 1_000).run(&strategy, property).unwrap_or_else(|error| panic!("{error}"));
}
