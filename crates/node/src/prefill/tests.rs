//! Answers, their provenance and their commitment: what was typed over is found, what is forged proves nothing, and the command that is
//! suggested is one that the program takes.

use super::answers::{at, flat, nested, without_blanks};
use super::form::FormFile;
use super::hosts::{OfDepartment, open};
use super::provenance::{FieldState, Opening, ProposedField, Provenance, in_words, refuse_typed_over};
use super::review::{AnswerReview, AnswerState, Reviewed, refuse_unproven};
use super::words::of_review;
use crate::messages::{self, Kind};
use serde_json::{Value, json};
use tongban_crypto::primitives;
use tongban_modules::case_sources::{AnswerSource, SourceNow};
use tongban_modules::held::Target;
use tongban_modules::licence_history::Status;
use tongban_modules::{Call, sharing, specs};
use tongban_types::codes::{LicenceIdentifier, LicenceIssuer};
use tongban_types::licence_face::{Face, FaceField, FaceRoot, Salt};
use tongban_types::{AccessId, AccountId, CorrectionId, Digest, List, Primitives, Suite, Text};
use tongban_vault::Content;

const SUITE: Suite = Suite::Intl;
const MARKET: &str = "11519900MB90100105";
const ACCESS: AccessId = AccessId([4; 16]);

fn algorithms() -> &'static dyn Primitives {
    primitives(SUITE)
}

fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).expect("a valid text")
}

fn licence() -> LicenceIdentifier {
    let issuer = LicenceIssuer::Body(MARKET.parse().expect("a code"));
    LicenceIdentifier::new("11100000MB0143028R001".parse().expect("a code"), issuer, "A1", 1).expect("an identifier")
}

fn face() -> Face {
    let fields = [("name", "云港小馆餐饮有限公司"), ("capital", "500000"), ("is_branch", "否"), ("scope", "餐饮服务")];
    let field = |(index, (name, value)): (u8, (&str, &str))| FaceField {
        name: text(name),
        value: text(value),
        salt: Salt([index + 1; 32]),
    };
    Face::new((0..).zip(fields).map(field).collect()).expect("a face")
}

fn proposed(path: &str, field: &str, value: Value) -> ProposedField {
    ProposedField { target: Target::Field(text(path)), field: text(field), access: ACCESS, value }
}

fn provenance() -> Provenance {
    let material = Target::Material(text("营业执照"));
    let fields = vec![
        proposed("operator.name", "name", json!("云港小馆餐饮有限公司")),
        proposed("operator.capital", "capital", json!(500_000)),
        proposed("is_branch", "is_branch", json!(false)),
        ProposedField {
            target: material, field: text("name"), access: ACCESS, value: json!("云港小馆餐饮有限公司")
        },
    ];
    let opening = Opening {
        licence: licence(),
        provider: MARKET.parse().expect("a code"),
        as_of: "2026-01-01T00:00:00Z".parse().expect("a time"),
        fields,
        disclosure: face().disclose(&["name", "capital", "is_branch"], algorithms()).expect("they are its fields"),
    };
    Provenance::new(text("A-1"), AccountId([7; 16]), vec![opening])
}

/// What became of the fields, where the ledger has this root.
fn states(provenance: &Provenance, answers: &Value, root: Option<FaceRoot>) -> Vec<(String, FieldState)> {
    let checks = provenance.check(answers, |_| root, || CorrectionId([2; 16]), algorithms());
    for check in &checks {
        assert_eq!(check.correction.is_some(), check.state == FieldState::TypedOver, "{check:?}");
    }
    checks.into_iter().map(|check| (check.path, check.state)).collect()
}

fn answers() -> Value {
    let provenance = provenance();
    nested(provenance.openings[0].fields.iter().map(|field| (&field.target, &field.value)))
}

#[test]
fn what_is_proposed_becomes_a_form_to_be_completed() {
    let expected = json!({ "operator": { "name": "云港小馆餐饮有限公司", "capital": 500_000 }, "is_branch": false });
    assert_eq!(answers(), expected, "a material is no field of the form");
    assert_eq!(at(&expected, "operator.capital"), Some(&json!(500_000)));
    for path in ["operator.owner", "operator.name.first", "nothing"] {
        assert_eq!(at(&expected, path), None, "{path}");
    }
}

#[test]
fn what_the_applicant_types_over_is_found() {
    let root = Some(face().root(algorithms()));
    let path = |path: &str| path.to_owned();
    let names = ["operator.name", "operator.capital", "is_branch"];
    let of = |states: [FieldState; 3]| names.map(path).into_iter().zip(states).collect::<Vec<_>>();
    let (same, over, out) = (FieldState::Unchanged, FieldState::TypedOver, FieldState::LeftOut);
    let completed = |change: fn(&mut Value)| {
        let mut answers = answers();
        answers["shop_name"] = json!("云港小馆");
        change(&mut answers);
        answers
    };
    for (answers, expected) in [
        (completed(|_| ()), of([same, same, same])),
        (completed(|answers| answers["operator"]["name"] = json!("云港大馆")), of([over, same, same])),
        (completed(|answers| answers["operator"]["capital"] = json!("500000")), of([same, over, same])),
        (completed(|answers| answers["is_branch"] = json!(true)), of([same, same, over])),
        (completed(|answers| answers["operator"] = Value::Null), of([out, out, same])),
        (json!({}), of([out, out, out])),
    ] {
        assert_eq!(states(&provenance(), &answers, root), expected, "{answers}");
    }
}

#[test]
fn what_is_said_of_a_source_counts_only_where_the_ledger_commits_to_it() {
    let root = face().root(algorithms());
    let all_unproven =
        |states: Vec<(String, FieldState)>| states.iter().all(|(_, state)| *state == FieldState::Unproven);
    assert!(all_unproven(states(&provenance(), &answers(), None)), "the ledger has no such licence");
    let other = FaceRoot { root: Digest([1; 32]), ..root };
    assert!(all_unproven(states(&provenance(), &answers(), Some(other))), "or another face");

    // Whoever changes the value in both files, so that they agree, is found as well.
    let mut forged = provenance();
    forged.openings[0].fields[0].value = json!("云港大馆");
    let mut answers = answers();
    answers["operator"]["name"] = json!("云港大馆");
    assert_eq!(states(&forged, &answers, Some(root))[0].1, FieldState::Unproven);
    let mut shown = forged.openings[0].disclosure.shown.to_vec();
    shown[0].field.value = text("云港大馆");
    forged.openings[0].disclosure.shown = List::new(shown).expect("as many");
    assert!(all_unproven(states(&forged, &answers, Some(root))), "nor is a changed opening one");
}

#[test]
fn a_field_that_was_typed_over_names_the_request_that_has_it_corrected() {
    let mut answers = answers();
    answers["operator"]["name"] = json!("云港大馆");
    let root = face().root(algorithms());
    let checks = provenance().check(&answers, |_| Some(root), || CorrectionId([2; 16]), algorithms());
    let words = in_words(&checks);
    assert!(words.contains("operator.name: 已改写 TYPED OVER") && words.contains("operator.capital: 一致"), "{words}");
    assert!(!words.contains("云港大馆") && !words.contains("云港小馆"), "no value is repeated: {words}");

    let command = checks[0].correction.as_deref().expect("it was typed over");
    let arguments = command.strip_prefix("tongban call ").expect("a call").split_whitespace();
    let arguments = arguments.take_while(|argument| *argument != "--key");
    let specs = specs();
    let matches = messages::command(Kind::Call, &specs).no_binary_name(true).try_get_matches_from(arguments);
    let call = messages::message(Kind::Call, &specs, &matches.expect("the program takes it")).expect("a call");
    let Call::Sharing(sharing::Call::OpenCorrection { id, request }) = Call::from_json(call).expect("a call") else {
        panic!("another call")
    };
    assert_eq!((id, request.holder, request.licence), (CorrectionId([2; 16]), AccountId([7; 16]), licence()));
    assert_eq!((&*request.field, request.case), ("name", None));
}

#[test]
fn a_form_is_refused_for_what_was_typed_over_or_is_not_proven_and_not_for_what_was_left_out() {
    let root = face().root(algorithms());
    let other = FaceRoot { root: Digest([1; 32]), ..root };
    let with_name = |name: Value| {
        let mut answers = answers();
        answers["operator"]["name"] = name;
        answers
    };
    for (answers, root, expected) in [
        (answers(), root, None),
        (with_name(Value::Null), root, None),
        (with_name(json!("云港大馆")), root, Some("1 fields were typed over, 0 are not proven")),
        (answers(), other, Some("0 fields were typed over, 3 are not proven")),
    ] {
        let checks = provenance().check(&answers, |_| Some(root), || CorrectionId([2; 16]), algorithms());
        let refused = refuse_typed_over(&checks).err().map(|error| error.to_string());
        assert_eq!(refused.as_deref(), expected, "{answers}");
    }
}

#[test]
fn provenance_is_read_as_it_was_written_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("provenance.json");
    crate::private_file::write_new_json(&path, &provenance()).expect("a new file");
    assert_eq!(Provenance::read(&path).expect("it was written"), provenance());
    let later = Provenance { version: 3, ..provenance() };
    for content in [serde_json::to_string(&later).expect("JSON"), "{}".to_owned(), "[".to_owned()] {
        std::fs::write(&path, &content).expect("a file");
        assert!(Provenance::read(&path).is_err(), "{content}");
    }
    assert!(!format!("{:?}", provenance()).contains("云港小馆"), "personal data is not printed");
}

#[test]
fn a_form_is_committed_to_answer_by_answer() {
    let filled =
        json!({ "shop_name": "云港小馆", "dishes": ["hot", "cold"], "address": { "town": "港口街道" }, "note": null });
    let paths: Vec<String> = flat(&filled).expect("a form").into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["address.town", "dishes", "shop_name"], "ascending, and nothing that was left blank");
    let form = FormFile::commit(&filled, algorithms()).expect("a form");
    let case = "2026010100001".parse().expect("a number");
    let stored = form.stored(&case).expect("a form");
    assert_eq!(stored.root(algorithms()), form.root, "the root is that of what the vault keeps");
    assert_eq!(stored.answers[1].value.as_ref(), b"[\"hot\",\"cold\"]");
    let again = FormFile::commit(&filled, algorithms()).expect("a form");
    assert_ne!(again.root, form.root, "each time with new salts");
    for none in [json!([]), json!("text"), json!(1)] {
        assert!(FormFile::commit(&none, algorithms()).is_err(), "{none}");
    }
    let deep = (0..12).fold(json!(1), |inner, _| json!({ "a": inner }));
    assert!(flat(&deep).is_err());
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("form.json");
    crate::private_file::write_new_json(&path, &form).expect("a new file");
    assert!(FormFile::read(&path).expect("it was written") == form);
}

/// Of what was proposed, what stands in the form as it is on the licence, and nothing that was left out or typed over.
#[test]
fn an_application_says_of_each_answer_that_was_taken_over_whence_it_comes() {
    let source = |path: &str, field: &str| AnswerSource {
        path: text(path),
        licence: licence(),
        field: text(field),
        access: ACCESS,
    };
    let (branch, capital) = (source("is_branch", "is_branch"), source("operator.capital", "capital"));
    let name = source("operator.name", "name");
    let with = |change: fn(&mut Value)| {
        let mut answers = answers();
        change(&mut answers);
        provenance().sources(&answers).to_vec()
    };
    assert_eq!(with(|_| ()), [branch.clone(), capital.clone(), name.clone()], "by ascending paths, and no material");
    assert_eq!(with(|answers| answers["operator"]["name"] = json!("云港大馆")), [branch.clone(), capital]);
    assert_eq!(with(|answers| answers["operator"] = Value::Null), [branch]);
    assert_eq!(provenance().opened()[0].disclosure, provenance().openings[0].disclosure);
}

#[test]
fn what_was_left_blank_is_no_answer() {
    let blank =
        json!({ "a": null, "b": { "c": null, "d": { "e": null } }, "f": { "g": 1, "h": null }, "i": [], "j": "" });
    assert_eq!(without_blanks(&blank), json!({ "f": { "g": 1 }, "i": [], "j": "" }));
    assert_eq!(without_blanks(&json!([null])), json!([null]), "an entry of a list is one");
}

/// The form as the vault keeps it, and whence its answers come by the ledger.
fn kept(answers: &Value) -> (Content, Vec<SourceNow>) {
    let form = FormFile::commit(answers, algorithms()).expect("a form");
    let form = form.with_sources(answers, &provenance());
    let now = |source: &AnswerSource| SourceNow { source: source.clone(), status: Status::Valid, correction: None };
    let sources = form.sources.iter().map(now).collect();
    (form.content(&"2026010100001".parse().expect("a number")).expect("a form"), sources)
}

fn reviewed(content: &Content, sources: &[SourceNow], root: Option<FaceRoot>, held: &[&str]) -> Vec<AnswerReview> {
    let Content::Sourced(sourced) = content else { panic!("what proves its answers is beside it") };
    let (form, openings) = (&sourced.form, &sourced.openings[..]);
    let faces = root.into_iter().map(|root| (licence(), root)).collect();
    let held = held.iter().map(|path| ((*path).to_owned(), licence())).collect();
    Reviewed { form, openings, sources, faces: &faces, held: &held }.answers(algorithms())
}

fn states_of(reviews: &[AnswerReview]) -> Vec<(&str, AnswerState)> {
    reviews.iter().map(|review| (&*review.path, review.state)).collect()
}

#[test]
fn who_accepts_a_form_sees_which_answers_are_proven_and_which_were_typed_in() {
    let mut answers = answers();
    answers["shop_name"] = json!("云港小馆");
    let (content, sources) = kept(&answers);
    let root = face().root(algorithms());
    let all = |state| [("is_branch", state), ("operator.capital", state), ("operator.name", state)];
    let typed_in = ("shop_name", AnswerState::TypedIn);
    let review = |root, held: &[&str]| reviewed(&content, &sources, root, held);
    assert_eq!(states_of(&review(Some(root), &[])), [&all(AnswerState::Proven)[..], &[typed_in]].concat());
    assert!(refuse_unproven(&review(Some(root), &[])).is_ok(), "what was typed in is no trouble");
    let held = review(Some(root), &["shop_name", "operator.name"]);
    assert_eq!(
        states_of(&held)[2..],
        [("operator.name", AnswerState::Proven), ("shop_name", AnswerState::TypedInThoughHeld)]
    );
    assert_eq!(held[3].licence, Some(licence()), "the officer sees where it is held");
    for root in [None, Some(FaceRoot { root: Digest([1; 32]), ..root })] {
        assert_eq!(states_of(&review(root, &[])), [&all(AnswerState::Unproven)[..], &[typed_in]].concat());
        assert_eq!(
            refuse_unproven(&review(root, &[])).expect_err("no proof").to_string(),
            "3 answers are not what their sources say"
        );
    }
    let words = of_review(&held);
    assert!(
        words.contains("operator.name: 一致 proven (name of ") && !words.contains("云港"),
        "no value is repeated: {words}"
    );
}

/// Whoever says on the ledger that an answer comes from a licence, and hands in another one, is found.
#[test]
fn an_answer_that_is_not_what_its_source_says_is_found() {
    let root = Some(face().root(algorithms()));
    let (_, sources) = kept(&answers());
    let forged = |change: fn(&mut Value)| {
        let mut answers = answers();
        change(&mut answers);
        reviewed(&kept(&answers).0, &sources, root, &[])
    };
    let (same, capital) = (("is_branch", AnswerState::Proven), ("operator.capital", AnswerState::Proven));
    let differs = forged(|answers| answers["operator"]["name"] = json!("云港大馆"));
    assert_eq!(states_of(&differs), [same, capital, ("operator.name", AnswerState::Differs)]);
    assert!(refuse_unproven(&differs).is_err());
    let left_out = forged(|answers| answers["operator"]["name"] = Value::Null);
    assert_eq!(states_of(&left_out), [same, capital, ("operator.name", AnswerState::Unanswered)]);
    assert!(refuse_unproven(&left_out).is_err());
    // A field of the licence that nobody opened proves nothing.
    let other_field: Vec<SourceNow> = sources
        .iter()
        .cloned()
        .map(|now| SourceNow { source: AnswerSource { field: text("scope"), ..now.source }, ..now })
        .collect();
    let unproven = reviewed(&kept(&answers()).0, &other_field, root, &[]);
    assert!(unproven.iter().all(|review| review.state == AnswerState::Unproven), "{unproven:?}");
}

#[test]
fn who_accepts_a_form_sees_what_has_become_of_its_sources() {
    let (content, mut sources) = kept(&answers());
    (sources[0].status, sources[2].correction) = (Status::Suspended, Some(CorrectionId([9; 16])));
    let words = of_review(&reviewed(&content, &sources, Some(face().root(algorithms())), &[]));
    assert!(words.contains("现在暂扣 in force when it was handed in, and now suspended"), "{words}");
    assert!(words.contains(&CorrectionId([9; 16]).to_string()), "{words}");
}

#[test]
fn vaults_and_officers_are_named_by_their_department() {
    let of = |text: &str| text.parse::<OfDepartment>();
    let vault = of(&format!("{MARKET}=vaults/market")).expect("a department and a folder");
    assert_eq!((vault.department.to_string(), vault.path.to_str()), (MARKET.to_owned(), Some("vaults/market")));
    for wrong in ["vaults/market", "=vaults/market", "11519900MB90100106=vaults/market", &format!("{MARKET}=")] {
        assert!(of(wrong).is_err(), "{wrong}");
    }
    let refused = open(&[], &[], &[vault], Digest([0; 32]), SUITE).err().expect("there is no vault");
    assert!(refused.to_string().contains(&format!("--vault {MARKET}=FOLDER")), "{refused}");
}
