//! Face files, terms and types: what a file makes of a type's fields, what it is refused for, and until when a licence is valid.

use super::commands::{Cause, IssueArguments};
use super::face_file::{FaceFile, FaceFileError, check_codes};
use super::outside::{Outside, number, number_in};
use super::terms::{Day, GroundArguments, TermArguments};
use super::types;
use crate::vault::check::{Committed, judge};
use clap::{Args as _, Command, FromArgMatches as _};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tongban_crypto::primitives;
use tongban_modules::licence_history::Period;
use tongban_modules::licence_types::TypeDefinition;
use tongban_modules::licences::{self, Metadata, SupersessionCause};
use tongban_types::codes::{LicenceIdentifier, LicenceIssuer};
use tongban_types::licence_face::Face;
use tongban_types::{Digest, List, Suite, Time};
use tongban_vault::{Content, ImportedFace, StoredFace};

fn time(text: &str) -> Time {
    text.parse().expect("a time")
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/licences").join(name)
}

fn business() -> TypeDefinition {
    types::read(&example("business_licence.type.json")).expect("the example is a type")
}

fn filled() -> Value {
    json!({
        "credit_code": "91519900ma9xg5y27y",
        "name": "云港小馆餐饮有限公司",
        "kind": "有限责任公司",
        "legal_representative": "陈守约",
        "registered_capital": 500_000,
        "established_on": "2025-03-18",
        "premises": "云港市港口街道海棠路 8 号",
        "scope": "",
    })
}

fn day() -> time::Date {
    time::macros::date!(2026 - 11 - 22)
}

fn face(value: &Value, old: Option<&Face>) -> Result<Face, FaceFileError> {
    FaceFile::from_value(value)?.face(&business(), old, day())
}

fn with(change: fn(&mut Value)) -> Value {
    let mut value = filled();
    change(&mut value);
    value
}

#[test]
fn the_face_and_the_note_of_the_examples_are_what_the_commands_take() {
    let food = types::read(&example("food_licence.type.json")).expect("the example is a type");
    let file = FaceFile::read(&example("food_licence.face.yaml")).expect("the example is a face file");
    let made = file.face(&food, None, day()).expect("it has the fields of its type");
    assert_eq!(&*made.field("shop_name").expect("a field").value, "云港小馆");
    assert!(file.metadata(None).area_code.is_some());
    let note = super::copy::read_note(&example("copy_note.yaml")).expect("the example is a note");
    assert!(note.purpose.contains("贷款") && !note.creator.is_empty());
}

#[test]
fn a_face_has_the_fields_of_its_type_in_their_order_each_with_a_salt_of_its_own() {
    let made = face(&filled(), None).expect("a face");
    let names: Vec<&str> = made.fields().iter().map(|field| &*field.name).collect();
    let expected: Vec<String> = business().face.iter().map(|field| field.name.to_string()).collect();
    assert_eq!(names, expected, "in the order of the type, not of the file");
    let value = |name: &str| made.field(name).expect("a field").value.to_string();
    assert_eq!(
        (value("credit_code"), value("registered_capital")),
        ("91519900MA9XG5Y27Y".to_owned(), "500000".to_owned())
    );
    assert_eq!(value("scope"), "", "a licence may leave a field blank");
    let salts: Vec<_> = made.fields().iter().map(|field| field.salt.0).collect();
    assert!((0..salts.len()).all(|index| !salts[..index].contains(&salts[index])));
    let again = face(&filled(), None).expect("a face");
    assert_ne!(again.root(primitives(Suite::Sm)), made.root(primitives(Suite::Sm)), "each time with new salts");
}

#[test]
fn a_face_file_is_refused_for_what_is_wrong_with_it() {
    for (value, expected) in [
        (json!([]), "licences.face_shape"),
        (with(|value| value["name"] = json!(true)), "licences.face_shape"),
        (with(|value| value["name"] = json!({ "zh": "甲" })), "licences.face_shape"),
        (with(|value| value["registered_capital"] = json!(1.5)), "licences.face_shape"),
        (with(|value| value["owner"] = json!("甲")), "licences.face_unknown_field"),
        (
            with(|value| drop(value.as_object_mut().expect("an object").shift_remove("name"))),
            "licences.face_field_missing",
        ),
        (with(|value| value["established_on"] = json!("18.03.2025")), "licences.face_value"),
        (with(|value| value["established_on"] = json!("2025-02-30")), "licences.face_value"),
        (with(|value| value["registered_capital"] = json!("五十万")), "licences.face_value"),
        (with(|value| value["name"] = json!("甲\u{202e}乙")), "licences.face_value"),
        (with(|value| value["scope"] = json!("甲".repeat(4_001))), "licences.face_value"),
    ] {
        let error = face(&value, None).expect_err("it is refused");
        assert!(error.to_string().contains(&format!("({expected})")), "{error}");
        assert!(!error.to_string().contains('甲'), "no value is repeated: {error}");
    }
}

#[test]
fn the_codes_on_a_face_are_those_of_their_standards() {
    for (code, expected) in [
        ("91519900MA9XG5Y27Y", None),
        (" 91519900ma9xg5y27y ", None), // as people type it
        ("", None),
        ("91519900MA9XG5Y27X", Some("licences.face_code_check")),
        ("9151990", Some("licences.face_code")),
    ] {
        let mut value = filled();
        value["credit_code"] = json!(code);
        let found = face(&value, None).err().map(|error| error.to_string());
        let Some(expected) = expected else {
            assert_eq!(found, None, "{code}");
            continue;
        };
        let words = found.expect("it is refused");
        let names_both = words.contains("credit_code (统一社会信用代码) is no credit_code");
        assert!(names_both && words.contains(&format!("({expected})")), "{words}");
    }
}

#[test]
fn no_refusal_of_a_code_repeats_the_number_of_a_citizen() {
    let mut definition = business();
    let mut fields = definition.face.to_vec();
    fields[0].standard = Some(licences::CodeStandard::CitizenId);
    definition.face = List::new(fields).expect("as many");
    for (number, is_right) in [("11010519491231002X", true), ("110105194912310021", false), ("11010519491231", false)] {
        let mut value = filled();
        value["credit_code"] = json!(number);
        let made = FaceFile::from_value(&value).expect("fields").face(&definition, None, day());
        assert_eq!(made.is_ok(), is_right, "{number}");
        let words = made.err().map(|error| format!("{error} {error:?}")).unwrap_or_default();
        assert!(!words.contains(number) && words.contains("citizen_id") != is_right, "{words}");
    }
    let born_later = time::macros::date!(1949 - 12 - 30);
    let mut value = filled();
    value["credit_code"] = json!("11010519491231002X");
    assert!(FaceFile::from_value(&value).expect("fields").face(&definition, None, born_later).is_err());
    let old = face(&filled(), None).expect("a face");
    assert!(check_codes(&old, &business(), day()).is_ok() && check_codes(&old, &definition, day()).is_err());
}

#[test]
fn a_face_file_says_what_a_directory_lists() {
    let old = Metadata { area_code: Some("519900".parse().expect("a division")), holder_type: None };
    let metadata = |value: Value| FaceFile::from_value(&with_metadata(value)).map(|file| file.metadata(Some(&old)));
    assert_eq!(FaceFile::from_value(&filled()).expect("fields").metadata(Some(&old)), old, "as it was");
    assert_eq!(FaceFile::from_value(&filled()).expect("fields").metadata(None), Metadata::default());
    let found = metadata(json!({ "area_code": "519901", "holder_type": "111" })).expect("both");
    let expected = (Some("519901".parse().expect("a division")), Some("111".to_owned()));
    assert_eq!((found.area_code, found.holder_type.map(|code| code.to_string())), expected);
    for wrong in [
        json!({ "area_code": "5199" }),
        json!({ "holder_type": "11A" }),
        json!({ "holder_type": 111 }),
        json!({ "owner": "甲" }),
    ] {
        assert_eq!(metadata(wrong.clone()), Err(FaceFileError::Metadata), "{wrong}");
    }
    let made = FaceFile::from_value(&with_metadata(json!({}))).expect("fields").face(&business(), None, day());
    assert!(made.is_ok(), "it is no field of the face");
}

fn with_metadata(metadata: Value) -> Value {
    let mut value = filled();
    value["metadata"] = metadata;
    value
}

#[test]
fn a_number_is_read_from_a_file_and_never_from_an_option() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("number.txt");
    for (content, expected) in
        [("粤0001号\n", Some("粤0001号")), ("粤0001号", Some("粤0001号")), ("\n", None), ("", None)]
    {
        std::fs::write(&path, content).expect("a file");
        let found = number_in(&path).ok().map(|number| number.to_string());
        assert_eq!(found.as_deref(), expected, "{content:?}");
    }
    assert!(number_in(&folder.path().join("none.txt")).is_err());
    let command = IssueArguments::augment_args(Command::new("issue"));
    let options: Vec<_> = command.get_arguments().filter_map(|argument| argument.get_long()).collect();
    assert!(options.contains(&"certificate-number-file") && !options.contains(&"certificate-number"), "{options:?}");
}

#[test]
fn what_a_file_leaves_out_stays_as_it_was_under_a_new_salt() {
    let old = face(&filled(), None).expect("a face");
    let new = face(&json!({ "premises": "云港市港口街道海棠路 9 号" }), Some(&old)).expect("a face");
    assert_eq!(&*new.field("premises").expect("a field").value, "云港市港口街道海棠路 9 号");
    assert_eq!(new.field("name").expect("a field").value, old.field("name").expect("a field").value);
    for (old, new) in old.fields().iter().zip(new.fields()) {
        assert_ne!(old.salt, new.salt, "{}", old.name);
    }
}

fn stored() -> StoredFace {
    let issuer = LicenceIssuer::Body("11519900MB90100105".parse().expect("a code"));
    let licence_type = "11100000MB0143028R001".parse().expect("a code");
    let licence = LicenceIdentifier::new(licence_type, issuer, "A1", 1).expect("an identifier");
    StoredFace { licence, face: face(&filled(), None).expect("a face") }
}

/// What is wrong with what is kept, where the ledger has this commitment to its number.
fn judged(kept: &Content, certificate_number: Option<Digest>) -> Option<&'static str> {
    let root = kept.face().expect("a face").face.root(primitives(Suite::Sm));
    let content = licences::Content {
        certificate_number,
        face: root,
        period: Period { from: None, until: None },
        metadata: licences::Metadata::default(),
    };
    judge(kept, Some(&Committed::Licence(content)), primitives(Suite::Sm))
}

#[test]
fn a_number_is_kept_with_its_salt_and_stays_until_another_is_given() {
    let given = |text: &str| Some(number(text).expect("a number"));
    let committed = |outside: &Outside| outside.commitment(primitives(Suite::Sm));
    let first = Outside::of_issue(given("粤0001号"));
    let kept = first.beside(stored());
    let commitment = committed(&first);
    assert_eq!(judged(&kept, commitment), None, "what the vault keeps opens what the ledger has");
    assert_eq!(judged(&kept, None), Some("vault.differs"));
    assert_ne!(committed(&Outside::of_issue(given("粤0001号"))), commitment, "each time with a new salt");

    let without = Outside::of_issue(None).beside(stored());
    assert_eq!(without, Content::Face(without.face().expect("a face").clone()), "nothing but the face");
    for (number, old, has_number, is_that_of_old) in [
        (None, Some(&kept), true, true),
        (given("粤0002号"), Some(&kept), true, false),
        (given("粤0001号"), Some(&kept), true, false),
        (None, Some(&without), false, false),
        (None, None, false, false),
        (given("粤0001号"), None, true, false),
    ] {
        let next = Outside::of_version(number, old);
        let found = committed(&next);
        assert_eq!((found.is_some(), found == commitment), (has_number, is_that_of_old), "{old:?}");
        assert_eq!(judged(&next.beside(stored()), found), None);
    }
}

#[test]
fn a_new_version_keeps_what_an_older_system_said_of_the_holder() {
    let holder_code = number("91350100M000100Y43").expect("a code");
    let imported = ImportedFace { stored: stored(), holder_code, certificate_number: None };
    let next = Outside::of_version(number("粤0002号").ok(), Some(&Content::Imported(imported.clone())));
    let Content::Imported(kept) = next.beside(stored()) else { panic!("it has a number") };
    assert_eq!(kept.holder_code, imported.holder_code);
    assert_eq!(&*kept.certificate_number.expect("a number").value, "粤0002号");
}

#[test]
fn a_number_is_a_text_that_can_be_read() {
    for (text, is_one) in [
        ("JY25199000001", true),
        ("粤食药监证字 0001 号", true),
        ("", false),
        (" JY1", false),
        ("JY1\n", false),
        ("JY\u{202e}1", false),
        (&*"1".repeat(4_001), false),
    ] {
        assert_eq!(number(text).is_ok(), is_one, "{text}");
    }
}

#[test]
fn every_type_of_the_examples_can_be_registered() {
    for name in ["business_licence.type.json", "food_licence.type.json", "health_certificate.type.json"] {
        let definition = types::read(&example(name)).expect("a type");
        assert_eq!(definition.fault(), None, "{name}");
    }
    let error = types::read(&example("business_licence.mapping.yaml")).expect_err("a mapping is no type");
    assert!(error.to_string().contains("is no type of licence"), "{error}");
}

fn term(from: Option<&str>, until: Option<&str>, long_term: bool) -> TermArguments {
    let day = |day: &str| day.parse().expect("a day");
    TermArguments { valid_from: from.map(day), valid_until: until.map(day), long_term }
}

#[test]
fn a_new_licence_is_valid_to_the_end_of_its_last_day_in_beijing() {
    let now = time("2026-11-22T08:00:00Z");
    let of = |term: TermArguments| term.of_issue(now).ok();
    let period = |from: &str, until: Option<&str>| Some(Period { from: Some(time(from)), until: until.map(time) });
    let end = "2031-11-21T16:00:00Z";
    assert_eq!(of(term(None, Some("2031-11-21"), false)), period("2026-11-22T08:00:00Z", Some(end)));
    assert_eq!(of(term(Some("2026-12-01"), Some("2031-11-21"), false)), period("2026-11-30T16:00:00Z", Some(end)));
    assert_eq!(of(term(None, None, true)), period("2026-11-22T08:00:00Z", None));
    assert_eq!(of(term(None, None, false)), None, "nothing is without an end because nobody thought of it");
    for wrong in ["2026-13-01", "2026-02-30", "22.11.2026", "2026-11-22T00:00:00Z", "20261122", ""] {
        assert!(wrong.parse::<Day>().is_err(), "{wrong}");
    }
}

#[test]
fn a_new_version_ends_as_the_old_one_and_a_renewal_goes_on_from_its_end() {
    let now = time("2026-11-22T08:00:00Z");
    let old = Period { from: Some(time("2024-01-01T00:00:00Z")), until: Some(time("2026-12-31T16:00:00Z")) };
    let of = |term: TermArguments, old, cause| term.of_version(old, cause, now).ok();
    let period = |from: Time, until: Option<Time>| Some(Period { from: Some(from), until });
    let (correction, renewal) = (SupersessionCause::Correction, SupersessionCause::Renewal);
    assert_eq!(of(term(None, None, false), old, correction), period(now, old.until));
    let end = Some(time("2031-12-31T16:00:00Z"));
    let renewed = of(term(None, Some("2031-12-31"), false), old, renewal);
    assert_eq!(renewed, period(time("2026-12-31T16:00:00Z"), end), "without a gap");
    assert_eq!(of(term(None, None, false), old, renewal), None, "a renewal says until when");
    let expired = Period { until: Some(time("2026-06-01T00:00:00Z")), ..old };
    assert_eq!(of(term(None, Some("2031-12-31"), false), expired, renewal), period(now, end));
    let without_end = Period { until: None, ..old };
    assert_eq!(of(term(None, None, false), without_end, correction), None, "it may be that nobody knew its end");
    assert_eq!(of(term(None, None, true), without_end, correction), period(now, None));
    let not_begun = Period { from: Some(time("2027-01-01T00:00:00Z")), ..old };
    assert_eq!(of(term(None, None, false), not_begun, correction), period(time("2027-01-01T00:00:00Z"), old.until));
}

#[test]
fn a_ground_is_named_whole_or_not_at_all() {
    let parse = |line: &[&str]| {
        let command = GroundArguments::augment_args(Command::new("issue").no_binary_name(true));
        let matches = command.try_get_matches_from(line).ok()?;
        GroundArguments::from_arg_matches(&matches).ok()
    };
    let ground = parse(&[
        "--law",
        "食品安全法",
        "--article",
        "第三十五条",
        "--reason",
        "备案登记",
        "--document",
        "云市监〔2026〕1号",
    ]);
    let ground = ground.expect("a whole ground").ground().expect("a ground");
    assert!(ground.is_complete() && ground.document.is_some());
    assert_eq!(parse(&[]).expect("a case stands in for it").ground(), None);
    for part in
        [&["--law", "食品安全法"][..], &["--article", "第三十五条"], &["--law", "食品安全法", "--reason", "备案登记"]]
    {
        assert!(parse(part).is_none(), "{part:?}");
    }
}

#[test]
fn causes_are_those_of_the_ledger() {
    for (cause, expected) in [
        (Cause::Correction, SupersessionCause::Correction),
        (Cause::Change, SupersessionCause::Change),
        (Cause::Renewal, SupersessionCause::Renewal),
        (Cause::Replacement, SupersessionCause::Replacement),
    ] {
        assert_eq!(SupersessionCause::from(cause), expected);
    }
}
