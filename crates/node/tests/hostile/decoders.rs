//! Every decoder of the workspace: what takes bytes or text from outside and makes a value of them.
//!
//! A decoder that is forgotten here is found by `no_decoder_is_forgotten`, which reads the sources.

use crate::decoders_of_persons::{options, persons_files};
use crate::schema;
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Display;
use std::path::Path;
use std::str::FromStr;
use tongban_api::store::tokens::{Token, TokenId};
use tongban_api::store::webhooks::WebhookId;
use tongban_api::{AddressRange, Position};
use tongban_crypto::primitives;
use tongban_crypto::{KeyFile, SealedObject, SealingKey};
use tongban_kernel::{MessageSpec, ModuleSpec, Role, Table};
use tongban_modules::{
    Act, Call, Event, Query, View, cases, catalogue, decode_record, evidence, history, identity, licences, network,
    orgs, representation, sharing, specs,
};
use tongban_node::config::NodeConfig;
use tongban_node::evidence_file::Opening;
use tongban_node::identification::commitment::PaperOpening;
use tongban_node::import::ImportSecret;
use tongban_node::import::dates::{parse_cell, parse_excel_serial, parse_time};
use tongban_node::import::rows::{Item, Limits, Rows};
use tongban_types::codes::*;
use tongban_types::genesis::{GENESIS_VERSION, Parameters};
use tongban_types::licence_face::{Disclosure, Face, FaceField, Salt};
use tongban_types::proof::slip::SLIP_VERSION;
use tongban_types::proof::{Bundle, Claim, Path as ProofPath, Slip, ValidatorChange};
use tongban_types::transaction::TRANSACTION_BYTES_MAX;
use tongban_types::{
    AccessId, AccountId, Blob, Block, Certificate, ConsentId, CorrectionId, Digest, EvidenceId, Genesis, Header, List,
    PublicKey, Receipt, RequestId, Signature, SignedTx, Suite, Text, Time, Tx, Validator, ValidatorSet, codec,
};
use tongban_vault::{
    Answer, Attachment, Content, ImportedFace, OpenedLicence, SaltedNumber, SourcedForm, StoredFace, StoredForm,
};

/// What a decoder promises of what it accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// The value has one spelling: its encoding is what was decoded.
    OneSpelling,
    /// The value may be spelt in several ways; its own encoding is decoded to the same value.
    SameValue,
    /// Nothing is encoded again: the decoder ends, without a panic.
    Ends,
}

/// One decoder.
pub struct Decoder {
    /// Format and type.
    pub name: String,
    /// What it promises.
    pub promise: Promise,
    /// Encodings that it accepts.
    pub samples: Vec<Vec<u8>>,
    /// Decodes, and encodes what came of it.
    pub recode: fn(&[u8]) -> Option<Vec<u8>>,
    /// The types that it decodes, its own and those inside.
    pub types: Vec<String>,
}

/// All decoders.
pub fn all() -> Vec<Decoder> {
    [bcs_of_types(), json_of_types(), messages(), records(), texts(), files(), answers(), persons_files(), options()]
        .into_iter()
        .flatten()
        .collect()
}

fn schema_of<T: JsonSchema>() -> Value {
    SchemaGenerator::new(SchemaSettings::draft2020_12()).into_root_schema_for::<T>().to_value()
}

/// Samples of all alternatives, as values.
fn samples_of<T: JsonSchema + DeserializeOwned>() -> Vec<T> {
    let schema = schema_of::<T>();
    let sample = |choice| {
        let json = schema::sample(&schema, choice);
        serde_json::from_value(json.clone()).unwrap_or_else(|error| panic!("{json} fits its schema: {error}"))
    };
    (0..schema::CHOICES).map(sample).collect()
}

fn recode_bcs<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Option<Vec<u8>> {
    codec::decode::<T>(bytes).ok().map(|value| codec::encode(&value))
}

fn recode_json<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Option<Vec<u8>> {
    let value: T = serde_json::from_slice(bytes).ok()?;
    Some(serde_json::to_vec(&value).expect("what was read can be written"))
}

fn recode_text<T: FromStr + Display>(bytes: &[u8]) -> Option<Vec<u8>> {
    let value: T = std::str::from_utf8(bytes).ok()?.parse().ok()?;
    Some(value.to_string().into_bytes())
}

fn distinct(mut samples: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    samples.sort();
    samples.dedup();
    samples
}

fn bcs_decoder<T: Serialize + DeserializeOwned>(name: &str, samples: Vec<T>, types: Vec<String>) -> Decoder {
    let samples = distinct(samples.iter().map(codec::encode).collect());
    Decoder { name: format!("bcs {name}"), promise: Promise::OneSpelling, samples, recode: recode_bcs::<T>, types }
}

/// A decoder of JSON, with these samples.
pub fn json_decoder<T: Serialize + DeserializeOwned>(name: &str, samples: &[Value], types: Vec<String>) -> Decoder {
    let spell = |value: &Value| [value.to_string().into_bytes(), format!("{value:#}\n").into_bytes()];
    let samples = distinct(samples.iter().flat_map(spell).collect());
    Decoder { name: format!("json {name}"), promise: Promise::SameValue, samples, recode: recode_json::<T>, types }
}

fn bcs<T: Serialize + DeserializeOwned + JsonSchema>(name: &str) -> Decoder {
    bcs_decoder(name, samples_of::<T>(), schema::names(&schema_of::<T>()))
}

fn json<T: Serialize + DeserializeOwned + JsonSchema>(name: &str) -> Decoder {
    let schema = schema_of::<T>();
    let samples: Vec<Value> = (0..schema::CHOICES).map(|choice| schema::sample(&schema, choice)).collect();
    json_decoder::<T>(name, &samples, schema::names(&schema))
}

/// What peers and users send, and what stands on disk and under hashes.
fn bcs_of_types() -> Vec<Decoder> {
    let header = samples_of::<Header>().swap_remove(0);
    let transaction = || samples_of::<SignedTx>().swap_remove(0);
    let blobs = |count: usize| {
        let blobs = (0..count).map(|_| Blob::new(codec::encode(&transaction())).expect("a small transaction"));
        blobs.collect::<Vec<_>>()
    };
    let block = |count| Block { header: header.clone(), transactions: List::new(blobs(count)).expect("few") };
    let gossip = |count| List::<Blob<TRANSACTION_BYTES_MAX>, 512>::new(blobs(count)).expect("few");
    vec![
        bcs::<SignedTx>("SignedTx"),
        bcs::<Tx>("Tx"),
        bcs::<Header>("Header"),
        bcs_decoder("Block", vec![block(0), block(1), block(3)], vec!["Block".into()]),
        bcs_decoder("gossip batch", vec![gossip(0), gossip(1), gossip(2)], Vec::new()),
        bcs::<Receipt>("Receipt"),
        bcs::<Certificate>("Certificate"),
        bcs::<ValidatorSet>("ValidatorSet"),
        bcs::<ValidatorChange>("ValidatorChange"),
        bcs::<Genesis>("Genesis"),
        bcs::<Claim>("Claim"),
        bcs::<ProofPath>("proof path"),
        bcs_decoder("Act", vec![Act::Identity(identity::Act::CompleteRecovery { recovery: 7 })], vec!["Act".into()]),
        bcs::<SealedObject>("SealedObject"),
        bcs::<SealingKey>("SealingKey"),
        bcs_decoder(
            "content of a vault",
            contents(),
            [
                "Content",
                "StoredFace",
                "StoredForm",
                "SourcedForm",
                "ImportedFace",
                "SaltedNumber",
                "Answer",
                "Attachment",
            ]
            .map(str::to_owned)
            .to_vec(),
        ),
        bcs_decoder("label of a vault", contents().iter().map(Content::label).collect(), vec!["Label".into()]),
        Decoder {
            name: "compact bundle".into(),
            promise: Promise::OneSpelling,
            samples: distinct(samples_of::<Bundle>().iter().map(Bundle::to_compact).collect()),
            recode: |bytes| Bundle::decode(bytes).ok().filter(|_| bytes[0] != b'{').map(|bundle| bundle.to_compact()),
            types: schema::names(&schema_of::<Bundle>()),
        },
        Decoder {
            name: "slip".into(),
            promise: Promise::OneSpelling,
            samples: slips(),
            recode: |bytes| Slip::from_bytes(bytes).ok().map(|slip| slip.to_bytes()),
            types: Vec::new(),
        },
    ]
}

/// Two slips of zeros: one without way, signature or disclosure, one with a little of each.
fn slips() -> Vec<Vec<u8>> {
    // Up to the events: network, epoch, parent, header, headers behind, receipt; the proof's documentation has the table.
    let head = [vec![SLIP_VERSION], vec![0; 4 + 3 + 32 + 3 + 64 + 2 + 64 + 4 + 1 + 1 + 64 + 1]].concat();
    let event = [3, 1, 1, 0xAA];
    let way = [&[1, 1][..], &[7; 32]].concat();
    let signatures = [&[1, 0b101][..], &[8; 64], &[9; 64]].concat();
    vec![[&head[..], &event, &[0, 0, 0, 0]].concat(), [&head[..], &event, &way, &signatures, &[2, 0xA, 0xB]].concat()]
}

/// What a vault keeps: a face, one that was taken over, and a form.
fn contents() -> Vec<Content> {
    let salt = Salt([7; 32]);
    let field = FaceField { name: words("name"), value: words("许可系统"), salt };
    let licence = vector("ecert_id").parse().expect("a published example");
    let answer = Answer { path: words("area"), value: Blob::new(b"120".to_vec()).expect("short"), salt };
    let attachment = Attachment { material: words("平面图"), digest: Digest([9; 32]), salt };
    let form = StoredForm {
        case: "20220623000068".parse().expect("a published example"),
        answers: List::new(vec![answer]).expect("one fits"),
        attachments: List::new(vec![attachment]).expect("one fits"),
    };
    let face = StoredFace { licence, face: Face::new(vec![field]).expect("one field is a face") };
    let imported = |certificate_number| ImportedFace {
        stored: face.clone(),
        holder_code: words("91350100M000100Y43"),
        certificate_number,
    };
    let number = SaltedNumber { value: words("JY1"), salt };
    let disclosure = face.face.disclose(&["name"], primitives(Suite::Intl)).expect("it is a field");
    let opened = OpenedLicence { licence: face.licence.clone(), disclosure };
    let openings = List::new(vec![opened]).expect("one fits");
    let sourced = Content::Sourced(SourcedForm { form: form.clone(), openings });
    let imported = [None, Some(number)].map(|number| Content::Imported(imported(number)));
    [vec![Content::Face(face.clone()), Content::Form(form), sourced], imported.into()].concat()
}

fn words<const MAX: usize>(words: &str) -> Text<MAX> {
    Text::new(words).expect("a valid text")
}

/// What people and programs write.
fn json_of_types() -> Vec<Decoder> {
    vec![
        json::<SignedTx>("SignedTx"),
        json::<Receipt>("Receipt"),
        json::<SealedObject>("SealedObject"),
        json::<Genesis>("Genesis"),
        json::<Disclosure>("Disclosure"),
        json_decoder::<Face>(
            "Face",
            &[json!({ "fields": [{ "name": "name", "value": "云港小馆", "salt": "07".repeat(32) }] })],
            vec!["Face".into(), "Salt".into()],
        ),
        Decoder {
            name: "trust anchor".into(),
            promise: Promise::Ends,
            samples: samples_of::<Genesis>().into_iter().map(trust_anchor).collect(),
            recode: |bytes| tongban_verify::Verifier::new(bytes).ok().map(|_| Vec::new()),
            types: Vec::new(),
        },
        Decoder {
            name: "bundle".into(),
            promise: Promise::OneSpelling,
            samples: distinct(samples_of::<Bundle>().iter().map(Bundle::to_json).collect()),
            recode: |bytes| Bundle::decode(bytes).ok().filter(|_| bytes[0] == b'{').map(|bundle| bundle.to_json()),
            types: Vec::new(),
        },
    ]
}

/// A genesis whose parameters are within their limits.
fn trust_anchor(genesis: Genesis) -> Vec<u8> {
    let one = Validator { department: genesis.name.parse().expect("short"), key: PublicKey::default() };
    let validators = ValidatorSet::new(vec![one]).expect("one validator is a set");
    json_of(&Genesis { version: GENESIS_VERSION, validators, parameters: Parameters::default(), ..genesis })
}

fn json_of(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("JSON can hold it")
}

/// Samples of one kind of message of all modules, and the types inside.
fn messages_of(kind: fn(&ModuleSpec) -> Vec<(String, Value)>) -> (Vec<Value>, Vec<String>) {
    let mut samples = Vec::new();
    let mut types = BTreeSet::new();
    for spec in specs() {
        for (name, schema) in kind(&spec) {
            types.extend(schema::names(&schema));
            let message = |choice| json!({ spec.name: { &name: schema::sample(&schema, choice) } });
            samples.extend((0..schema::CHOICES).map(message));
        }
    }
    (samples, types.into_iter().collect())
}

fn message_decoders<T: Serialize + DeserializeOwned>(
    name: &str,
    kind: fn(&ModuleSpec) -> Vec<(String, Value)>,
) -> [Decoder; 2] {
    let (samples, types) = messages_of(kind);
    let read = |json: &Value| {
        serde_json::from_value::<T>(json.clone()).unwrap_or_else(|error| panic!("{json} is a {name}: {error}"))
    };
    let types = [types, vec![name.to_owned()]].concat();
    let values: Vec<T> = samples.iter().map(read).collect();
    [bcs_decoder(name, values, types), json_decoder::<T>(name, &samples, Vec::new())]
}

/// Calls, queries, views and events of every module, through the registry.
fn messages() -> Vec<Decoder> {
    fn named(messages: &[MessageSpec]) -> Vec<(String, Value)> {
        messages.iter().map(|message| (message.name.clone(), message.schema.clone())).collect()
    }

    let decoders = [
        message_decoders::<Call>("Call", |spec| {
            spec.calls.iter().map(|call| (call.message.name.clone(), call.message.schema.clone())).collect()
        }),
        message_decoders::<Query>("Query", |spec| named(&spec.queries)),
        message_decoders::<View>("View", |spec| named(&spec.views)),
        message_decoders::<Event>("Event", |spec| named(&spec.events)),
    ];
    decoders.into_iter().flatten().collect()
}

fn table<K, V>(table: &Table<K, V>) -> [Decoder; 2]
where
    K: Serialize + DeserializeOwned + JsonSchema,
    V: Serialize + DeserializeOwned + JsonSchema,
{
    let name = table.name();
    let (key, record) = (bcs::<K>(&format!("key of {name}")), bcs::<V>(&format!("record of {name}")));
    for sample in &record.samples {
        assert!(decode_record(name, sample).is_some(), "`decode_record` knows the table {name}");
    }
    [key, record]
}

/// Keys and records of every table.
fn records() -> Vec<Decoder> {
    let tables = [
        table(&network::MEMBERS),
        table::<(), Parameters>(&network::PARAMETERS),
        table(&network::CALENDARS),
        table(&identity::ACCOUNTS),
        table::<PublicKey, AccountId>(&identity::KEYS),
        table(&identity::HOLDERS),
        table::<Digest, AccountId>(&identity::PSEUDONYMS),
        table::<UnifiedSocialCreditCode, AccountId>(&identity::COMPANIES),
        table::<AccountId, _>(&identity::PREDECESSORS),
        table(&identity::RECOVERIES),
        table(&identity::AUTHORITIES),
        table::<(), identity::Policy>(&identity::POLICY),
        table(&identity::PROPOSALS),
        table::<(), u32>(&identity::AUTHORITY_COUNT),
        table(&evidence::RECORDS),
        table(&catalogue::ITEMS),
        table(&catalogue::VERSIONS),
        table(&catalogue::PROPOSALS),
        table(&catalogue::AGENDAS),
        table(&licences::TYPES),
        table(&licences::TYPE_VERSIONS),
        table(&licences::LICENCES),
        table(&licences::SERIALS),
        table(&licences::HELD),
        table(&licences::CASES),
        table(&licences::COPIES),
        table(&licences::SURRENDERS),
        table(&representation::REPRESENTATIVES),
        table(&representation::GUARDIANS),
        table(&representation::AGENCIES),
        table::<(AccountId, AccountId), representation::Numbers>(&representation::BETWEEN),
        table(&representation::ESTATES),
        table(&sharing::CONSENTS),
        table(&sharing::CANDIDATES),
        table(&sharing::ACCESSES),
        table(&sharing::CORRECTIONS),
        table(&sharing::OPEN_CORRECTIONS),
        table(&sharing::TERMS),
        table(&cases::CASES),
        table(&cases::FILINGS),
        table(&cases::STEPS),
        table(&cases::SEQUENCES),
        table(&cases::RULES),
        table(&cases::BROKEN_PROMISES),
        table(&cases::DEEMED_RENEWALS),
        table(&cases::PAPER_SEQUENCES),
        table(&cases::PAPERS),
        table(&cases::SUPERVISIONS),
        table(&cases::LED),
        table(&history::CASES),
        table(&history::STEPS),
        table(&orgs::DEPARTMENTS),
        table(&orgs::OFFICERS),
        table(&orgs::PAST_APPOINTMENTS),
        table(&orgs::PROPOSALS),
        table(&orgs::OFFERS),
        table(&orgs::DIVISIONS),
        table(&orgs::RESPONSIBILITIES),
    ];
    tables.into_iter().flatten().collect()
}

/// A decoder of texts, with these samples.
pub fn text<T: FromStr + Display>(name: &str, promise: Promise, samples: &[&str]) -> Decoder {
    Decoder {
        name: format!("text {name}"),
        promise,
        samples: samples.iter().map(|sample| sample.as_bytes().to_vec()).collect(),
        recode: recode_text::<T>,
        types: vec![name.to_owned()],
    }
}

/// A decoder of texts that nobody writes again.
pub fn ending(name: &str, samples: &[&str], recode: fn(&[u8]) -> Option<Vec<u8>>, types: &[&str]) -> Decoder {
    Decoder {
        name: format!("text {name}"),
        promise: Promise::Ends,
        samples: samples.iter().map(|sample| sample.as_bytes().to_vec()).collect(),
        recode,
        types: types.iter().map(|name| (*name).to_owned()).collect(),
    }
}

/// What stands in addresses, options and fields.
fn texts() -> Vec<Decoder> {
    use Promise::{OneSpelling, SameValue};

    let (hex_16, hex_32, hex_64) = ("0a".repeat(16), "0b".repeat(32), "0c".repeat(64));
    let cell = |name: &str, samples: &[&str], recode| ending(name, samples, recode, &[]);
    vec![
        text::<AccountId>("AccountId", OneSpelling, &[&hex_16]),
        text::<RequestId>("RequestId", OneSpelling, &[&hex_16]),
        text::<EvidenceId>("EvidenceId", OneSpelling, &[&hex_16]),
        text::<ConsentId>("ConsentId", OneSpelling, &[&hex_16]),
        text::<AccessId>("AccessId", OneSpelling, &[&hex_16]),
        text::<CorrectionId>("CorrectionId", OneSpelling, &[&hex_16]),
        text::<Digest>("Digest", OneSpelling, &[&hex_32]),
        text::<Signature>("Signature", OneSpelling, &[&hex_64]),
        text::<Blob<33>>("Blob", OneSpelling, &["", "00", &hex_32]),
        text::<Text<20>>("Text", OneSpelling, &["", "许可系统", "a b", "𠮷野"]),
        text::<Time>("Time", SameValue, &["2026-01-31T08:00:00.000Z", "2026-01-31t16:00:00.5+08:00"]),
        text::<Suite>("Suite", OneSpelling, &["sm", "intl"]),
        text::<Role>("Role", OneSpelling, &["witness"]),
        Decoder {
            name: "text Token".into(),
            promise: OneSpelling,
            samples: vec![TOKEN.into()],
            recode: |bytes| {
                std::str::from_utf8(bytes).ok()?.parse().ok().map(|token: Token| token.reveal().into_bytes())
            },
            types: vec!["Token".into()],
        },
        text::<TokenId>("TokenId", OneSpelling, &["1a5a35760edeaf56"]),
        text::<WebhookId>("WebhookId", OneSpelling, &["wh_0a0b0c0d0e0f0102"]),
        text::<AddressRange>("AddressRange", SameValue, &["10.0.0.0/8", "127.0.0.1", "2001:db8::/32"]),
        text::<Position>("Position", OneSpelling, &["0.0", "17.3"]),
        Decoder {
            name: "text slip".into(),
            promise: OneSpelling,
            samples: slips()
                .iter()
                .map(|slip| Slip::from_bytes(slip).expect("it is one").to_text().into_bytes())
                .collect(),
            recode: |bytes| Slip::from_text(bytes).ok().map(|slip| slip.to_text().into_bytes()),
            types: Vec::new(),
        },
        text::<CitizenId>("CitizenId", OneSpelling, &["11010519491231002X", "440524188001010014"]),
        text::<UnifiedSocialCreditCode>("UnifiedSocialCreditCode", OneSpelling, &["91350100M000100Y43"]),
        text::<OrganisationCode>("OrganisationCode", OneSpelling, &["D2143569-X", "59467239-9"]),
        text::<DivisionCode>("DivisionCode", OneSpelling, &["440115"]),
        text::<LongDivisionCode>("LongDivisionCode", OneSpelling, &["440115001002"]),
        text::<DocumentKind>("DocumentKind", OneSpelling, &["111", "013"]),
        text::<LicenceTypeCode>("LicenceTypeCode", OneSpelling, &["11100000000013338W001"]),
        text::<LicenceIssuer>("LicenceIssuer", OneSpelling, &["11100000000013338W"]),
        text::<LicenceIdentifier>("LicenceIdentifier", OneSpelling, &[&vector("ecert_id")]),
        text::<ItemBasicCode>("ItemBasicCode", OneSpelling, &[&vector("item_impl_code")[19..31]]),
        text::<ItemImplementationCode>("ItemImplementationCode", OneSpelling, &[&vector("item_impl_code")]),
        text::<HandlingItemCode>("HandlingItemCode", OneSpelling, &[&format!("{}07", vector("item_impl_code"))]),
        text::<CaseNumber>("CaseNumber", OneSpelling, &["20220623000068"]),
        text::<RealEstateUnitCode>("RealEstateUnitCode", OneSpelling, &[&vector("realestate_unit")]),
        text::<InvoiceNumber>("InvoiceNumber", OneSpelling, &["24312000000012345678"]),
        text::<Cents>("Cents", SameValue, &["¥1,234.56", "-0.5", "1234.56"]),
        cell("time of a row", &["2020-02-04T08:00:00+08:00"], |bytes| {
            std::str::from_utf8(bytes).ok().and_then(parse_time).map(|_| Vec::new())
        }),
        cell("day of a spreadsheet", &["43865"], |bytes| {
            std::str::from_utf8(bytes).ok().and_then(parse_excel_serial).map(|_| Vec::new())
        }),
        cell("time of a cell", &["2020-02-04", "43865", "2020.01.22"], |bytes| {
            std::str::from_utf8(bytes).ok().and_then(parse_cell).map(|_| Vec::new())
        }),
    ]
}

/// The first valid spelling among the published vectors of a code.
pub fn vector(name: &str) -> String {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../types/tests/data/codes.json")).expect("the vectors are JSON");
    vectors[name]["valid"][0].as_str().expect("a text").to_owned()
}

/// Has a file with this content read.
fn with_file<T>(name: &str, bytes: &[u8], read: impl FnOnce(&Path) -> T) -> T {
    use std::os::unix::fs::OpenOptionsExt;
    thread_local! {
        static FOLDER: tempfile::TempDir = tempfile::tempdir().expect("a folder for temporary files");
    }
    FOLDER.with(|folder| {
        let path = folder.path().join(name);
        let _ = std::fs::remove_file(&path); // the first time there is none
        let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        std::io::Write::write_all(&mut file.expect("a new file"), bytes).expect("room for a small file");
        read(&path)
    })
}

fn import(name: &'static str, bytes: &[u8]) -> Option<Vec<u8>> {
    with_file(name, bytes, |path| {
        let rows = Rows::open(path, Limits::default()).ok()?;
        let items: Vec<Item> = rows.collect();
        (!items.is_empty()).then(Vec::new)
    })
}

/// A token of no node.
const TOKEN: &str = "tb_1a5a35760edeaf56_nTh7zPwV09_yG69WQ8mlwY-SCOQAoN_cf0IbW0lf_Ktod_jg";

const CONFIG: &str = r#"genesis = "genesis.json"
key = "key.json"
data = "data"
listen = "127.0.0.1:7101"
api = "127.0.0.1:8101"
worker_threads = 2
log_json = true

[[peers]]
key = "0707070707070707070707070707070707070707070707070707070707070707"
address = "127.0.0.1:7102"
"#;

const OPENING: &str = r#"{
  "evidence": "07070707070707070707070707070707",
  "fields": [{ "field": "content", "salt": "SALT", "value": "0a0b" }],
  "leaf": { "index": 3, "path": ["SALT", "SALT"] }
}"#;

const PAPER: &str = r#"{
  "suite": "sm",
  "commitment": "DIGEST",
  "paper": { "field": "content", "salt": "DIGEST", "value": "0a0b" }
}"#;

/// Files on the disk of an operator or a depositor.
fn files() -> Vec<Decoder> {
    let file = |name: &str, samples: &[&str], recode, types: &[&str]| Decoder {
        name: format!("file {name}"),
        promise: Promise::Ends,
        samples: samples.iter().map(|sample| sample.as_bytes().to_vec()).collect(),
        recode,
        types: types.iter().map(|name| (*name).to_owned()).collect(),
    };
    let log = "<log><trace><string key=\"concept:name\" value=\"1\"/>\n<event><string key=\"a\" value=\"b\"/>\
               <date key=\"time:timestamp\" value=\"2010-10-02T00:00:00.000+02:00\"/></event></trace></log>";
    let opening = OPENING.replace("SALT", &"0b".repeat(32));
    let paper = PAPER.replace("DIGEST", &"0b".repeat(32));
    let keys = [
        include_str!("../../../crypto/tests/data/key_file_intl.json"),
        include_str!("../../../crypto/tests/data/key_file_sm.json"),
    ];
    vec![
        Decoder {
            promise: Promise::SameValue,
            ..file(
                "key",
                &keys,
                |bytes| KeyFile::parse(std::str::from_utf8(bytes).ok()?).ok().map(|file| json_of(&file)),
                &["KeyFile", "Purpose", "Secret"],
            )
        },
        Decoder {
            promise: Promise::SameValue,
            ..file(
                "opening",
                &[&opening],
                |bytes| {
                    with_file("opening.json", bytes, |path| Opening::read(path).ok().map(|opening| json_of(&opening)))
                },
                &["Opening", "OpenedField", "Leaf"],
            )
        },
        Decoder {
            promise: Promise::SameValue,
            ..file(
                "opening of a paper",
                &[&paper],
                |bytes| {
                    with_file("paper.json", bytes, |path| {
                        PaperOpening::read(path).ok().map(|opening| json_of(&opening))
                    })
                },
                &["PaperOpening"],
            )
        },
        file(
            "configuration",
            &[CONFIG],
            |bytes| with_file("node.toml", bytes, |path| NodeConfig::load(path).ok().map(|_| Vec::new())),
            &["NodeConfig", "Peer"],
        ),
        file(
            "import secret",
            &[&format!("{}\n", "0d".repeat(32))],
            |bytes| with_file("secret", bytes, |path| ImportSecret::load(path).ok().map(|_| Vec::new())),
            &[],
        ),
        file(
            "rows of a list",
            &["序号,捐赠方,日期\n1,某某公司,2020-01-22\n2,,43865\n合计,,\n"],
            |b| import("a.csv", b),
            &[],
        ),
        file("events of a log", &[log], |bytes| import("a.xes", bytes), &[]),
    ]
}

/// What a client reads from a node, which may be anybody's.
fn answers() -> Vec<Decoder> {
    let receipt = schema::sample(&schema_of::<Receipt>(), 0);
    let rejection =
        json!({ "code": "tx.denied", "message": "no", "kind": "denied", "how": "ask", "retry_after_seconds": 3 });
    let described = [
        json!({ "receipt": receipt, "events": [{ "network": {} }], "refusal": null }),
        json!({ "receipt": receipt, "events": [], "refusal": rejection }),
    ];
    let digest = "07".repeat(32);
    let status = json!({
        "version": "0.1.0", "network_name": "n", "network": digest, "suite": "sm", "department": "d", "height": 7,
        "time": "2026-01-01T00:00:00.000Z", "state_root": digest, "receipts": 3, "waiting": 0, "validators": 4,
        "ready": true, "reason": null,
    });
    let problem = json!({
        "type": "urn:tongban:error:tx.denied", "title": "Forbidden", "status": 403, "detail": "no", "code": "tx.denied",
        "who": "denied", "how": "ask", "receipt": receipt,
    });
    let answer =
        json!({ "view": { "network": { "members": { "members": null } } }, "height": 3, "time": status["time"] });
    let types = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    vec![
        json_decoder::<tongban_api::Described>(
            "Described",
            &described,
            types(&["Described", "Rejection", "RejectionKind"]),
        ),
        json_decoder::<tongban_api::Answer>("Answer", &[answer], types(&["Answer"])),
        json_decoder::<tongban_api::NodeStatus>("NodeStatus", &[status], types(&["NodeStatus"])),
        json_decoder::<tongban_api::Problem>("Problem", &[problem], types(&["Problem"])),
        json_decoder::<tongban_api::ReceiptPage>(
            "ReceiptPage",
            &[json!({ "receipts": described, "next": "r10000000000000005", "has_more": false })],
            types(&["ReceiptPage"]),
        ),
        json_decoder::<tongban_api::Accepted>(
            "Accepted",
            &[json!({ "state": "waiting", "receipt": "/v1/receipts/1" })],
            types(&["Accepted", "Waiting"]),
        ),
    ]
}
