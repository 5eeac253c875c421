//! The vault from the command line: faces are taken over once, whatever is repeated; nothing is shown that may not be; what is kept is
//! compared with what the ledger has.

use super::check::{Committed, Report, in_words as report_in_words, judge};
use super::inventory::{ObjectName, in_words, inventory, show_face, show_form, shown_in_words};
use super::keep::{Kept, keep};
use super::keys::{Opened, create, key_path, open, open_to_read};
use crate::import::licences::FaceRecord;
use crate::import::licences::faces::SaltedText;
use crate::prefill::form::FormFile;
use indicatif::ProgressBar;
use serde_json::json;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tongban_crypto::{commitment, primitives};
use tongban_modules::licence_history::Period;
use tongban_modules::licences;
use tongban_modules::sharing::Fields;
use tongban_types::codes::{LicenceIdentifier, LicenceIssuer};
use tongban_types::licence_face::{Face, FaceField, Salt};
use tongban_types::{Digest, List, Primitives, Suite, Text, Time};
use tongban_vault::{Content, Label, ObjectId};

const SUITE: Suite = Suite::Intl;
const NAME: &str = "云港市水产001号有限公司";

fn algorithms() -> &'static dyn Primitives {
    primitives(SUITE)
}

fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).expect("a valid text")
}

fn licence(serial: &str) -> LicenceIdentifier {
    let issuer = LicenceIssuer::Body("11519900MB90100105".parse().expect("a code"));
    let licence_type = "11100000MB0143028R001".parse().expect("a code");
    LicenceIdentifier::new(licence_type, issuer, serial, 1).expect("an identifier")
}

fn face(name: &str) -> Face {
    let field = |(index, (name, value)): (u8, (&str, &str))| FaceField {
        name: text(name),
        value: text(value),
        salt: Salt([index + 1; 32]),
    };
    Face::new((0..).zip([("name", name), ("scope", "水产经营")]).map(field).collect()).expect("a face")
}

fn record(serial: &str, name: &str) -> FaceRecord {
    let face = face(name);
    FaceRecord {
        identifier: licence(serial),
        holder_code: text("91350100M000100Y43"),
        certificate_number: Some(SaltedText { value: text("粤0001号"), salt: Salt([9; 32]) }),
        root: face.root(algorithms()),
        face,
    }
}

/// A vault in a folder of its own, with its key beside it.
fn vault() -> (TempDir, PathBuf, Opened) {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("market");
    let (opened, key) = create(&place, None, SUITE).expect("an empty folder");
    assert_eq!(key, folder.path().join("market.key.json"));
    (folder, place, opened)
}

/// A file of faces, one line each.
fn file(folder: &Path, name: &str, lines: &[String]) -> PathBuf {
    let path = folder.join(name);
    let mut file = std::fs::File::create(&path).expect("a file");
    for line in lines {
        writeln!(file, "{line}").expect("a line");
    }
    path
}

fn line(record: &FaceRecord) -> String {
    serde_json::to_string(record).expect("JSON")
}

fn kept(vault: &Opened, files: &[PathBuf]) -> Kept {
    keep(&vault.vault, algorithms(), files, &ProgressBar::hidden()).expect("the files can be read")
}

#[test]
fn faces_are_kept_once_however_often_they_are_taken_over() {
    let (folder, _, vault) = vault();
    let first = file(folder.path(), "faces-1.jsonl", &[line(&record("A1", NAME)), line(&record("A2", "乙"))]);
    let second = file(folder.path(), "faces-2.jsonl", &[line(&record("A2", "乙")), line(&record("A3", "丙"))]);
    let files = [first, second];
    let expected = Kept { lines: 4, kept: 3, already_kept: 1, ..Kept::default() };
    assert_eq!(kept(&vault, &files), expected);
    assert_eq!(kept(&vault, &files), Kept { kept: 0, already_kept: 4, ..expected }, "a repeated run changes nothing");
    let Content::Imported(imported) = vault.vault.get(&Label::Face(licence("A1"))).expect("it is kept") else {
        panic!("an imported face")
    };
    assert_eq!(&*imported.holder_code, "91350100M000100Y43");
    assert!(imported.certificate_number.is_some_and(|number| number.salt == Salt([9; 32])), "the number can be opened");
    let at: Time = "2026-11-22T08:00:00Z".parse().expect("a time");
    vault.vault.erase(&Label::Face(licence("A3")), at).expect("it is kept");
    let again = kept(&vault, &files);
    assert_eq!((again.kept, again.already_kept, again.erased), (0, 3, 1), "what was erased does not come back");
}

#[test]
fn a_bad_line_costs_itself_alone_and_is_not_repeated() {
    let (folder, _, vault) = vault();
    let mut forged = record("A2", NAME);
    forged.root.root = Digest([7; 32]);
    let lines = [
        line(&record("A1", NAME)),
        "{\"identifier\":\"甲\"}".to_owned(),
        String::new(),
        line(&forged),
        line(&record("A1", "乙")),
    ];
    let file = file(folder.path(), "faces.jsonl", &lines);
    let found = kept(&vault, std::slice::from_ref(&file));
    assert_eq!((found.lines, found.kept, found.troubled()), (4, 1, 3));
    let troubles: Vec<_> = found.troubles.iter().map(|trouble| (trouble.line, &*trouble.code)).collect();
    assert_eq!(troubles, [(2, "vault.no_face"), (4, "vault.face_differs"), (5, "vault.another_face")]);
    let said = serde_json::to_string(&found).expect("JSON");
    assert!(!said.contains(NAME) && !said.contains('甲'), "{said}");
    assert!(keep(&vault.vault, algorithms(), &[folder.path().join("absent.jsonl")], &ProgressBar::hidden()).is_err());
}

#[test]
fn a_vault_is_opened_with_its_key_file_alone() {
    let (folder, place, opened) = vault();
    drop(opened);
    assert!(open(&place, None).is_ok());
    assert_eq!(open_to_read(&place, None).expect("it is there").suite, SUITE);
    let other = folder.path().join("other");
    let (_, other_key) = create(&other, None, SUITE).expect("an empty folder");
    let refused = open(&place, Some(&other_key)).err().expect("another key");
    assert!(refused.to_string().contains("vault.not_a_recipient"), "{refused}");
    let refused = create(&place, None, SUITE).err().expect("it is there already");
    assert!(refused.to_string().contains("vault.not_empty"), "{refused}");
    let refused = create(&folder.path().join("third"), Some(&other_key), Suite::Sm).err().expect("another suite");
    assert!(refused.to_string().contains("suite"), "{refused}");
    assert!(open(&folder.path().join("nowhere"), None).is_err());
    assert_eq!(key_path(Path::new("vaults/market.v1"), None), Path::new("vaults/market.v1.key.json"));
}

#[test]
fn a_page_names_what_is_kept_and_nothing_of_what_it_says() {
    let (folder, place, vault) = vault();
    let file = file(folder.path(), "faces.jsonl", &[line(&record("A1", NAME)), line(&record("A2", NAME))]);
    kept(&vault, &[file]);
    let form = FormFile::commit(&json!({ "shop_name": "云港小馆" }), algorithms()).expect("a form");
    let case = "2026010100001".parse().expect("a number");
    let content = Content::Form(form.stored(&case).expect("a form"));
    vault.vault.put(&content, &[], &mut crate::random::rng()).expect("it is new");
    let id = vault.vault.id(&Label::Face(licence("A2"))).to_string();
    std::fs::write(place.join("objects").join(&id[..2]).join(&id), b"no object").expect("it is ours");

    let mut found = Vec::new();
    let mut after: Option<ObjectId> = None;
    loop {
        let page = inventory(&vault.vault.open_part(after, 2).expect("a folder"));
        let words = in_words(&page);
        assert!(!words.contains(NAME) && !words.contains("云港小馆"), "{words}");
        assert_eq!(words.contains("more: --after"), page.next.is_some());
        after = page.next.as_ref().map(|next| next.parse().expect("a name"));
        found.extend(page.objects);
        if after.is_none() {
            break;
        }
    }
    let mut kinds: Vec<_> = found
        .iter()
        .map(|entry| (entry.kind, entry.about.clone(), entry.trouble.clone(), entry.beside.clone()))
        .collect();
    kinds.sort();
    let expected = [
        (None, None, Some("vault.damaged".to_owned()), Vec::new()),
        (Some("face"), Some(licence("A1").to_string()), None, vec!["certificate_number", "holder_code"]),
        (Some("form"), Some("2026010100001".to_owned()), None, Vec::new()),
    ];
    assert_eq!(kinds, expected);
}

#[test]
fn values_are_shown_that_an_access_covers_and_no_others() {
    let face = face(NAME);
    let root = face.root(algorithms()).root;
    let named = Fields::Named(List::new(vec![text("scope")]).expect("one"));
    for (covered, has_name, has_scope) in
        [(None, false, false), (Some(&named), false, true), (Some(&Fields::Whole), true, true)]
    {
        let words = shown_in_words(&show_face(&licence("A1"), &face, root, covered));
        assert_eq!((words.contains(NAME), words.contains("水产经营")), (has_name, has_scope), "{covered:?}: {words}");
        assert!(words.contains("  name") && words.contains(&root.to_string()), "{words}");
        assert_eq!(words.contains("--access ID"), covered.is_none(), "{words}");
    }
    let form = FormFile::commit(&json!({ "address": { "town": "港口街道" }, "area": 120 }), algorithms());
    let form = form.expect("a form").stored(&"1".parse().expect("a number")).expect("a form");
    let words = shown_in_words(&show_form(&form, form.root(algorithms())));
    assert!(words.contains("address.town = \"港口街道\"") && words.contains("area = 120"), "{words}");
}

#[test]
fn an_object_is_named_by_its_licence_or_its_case() {
    for (text, expected) in [
        (licence("A1").to_string(), Some(Label::Face(licence("A1")))),
        ("2026010100001".to_owned(), Some(Label::Form("2026010100001".parse().expect("a number")))),
        (licence("A1").to_string().replace("A1", "A2"), None),
        ("a case".to_owned(), None),
        (String::new(), None),
    ] {
        assert_eq!(text.parse::<ObjectName>().ok().map(|name| name.0), expected, "{text}");
    }
}

#[test]
fn what_is_kept_is_compared_with_what_the_ledger_has() {
    let (folder, _, vault) = vault();
    kept(&vault, &[file(folder.path(), "faces.jsonl", &[line(&record("A1", NAME))])]);
    let content = vault.vault.get(&Label::Face(licence("A1"))).expect("it is kept");
    let of = |name: &str, number: Option<&str>| {
        let number = number.map(|number| commitment(algorithms(), &[9; 32], number.as_bytes()));
        let period = Period { from: None, until: None };
        let root = face(name).root(algorithms());
        Committed::Licence(licences::Content {
            certificate_number: number,
            face: root,
            period,
            metadata: licences::Metadata::default(),
        })
    };
    let form = FormFile::commit(&json!({ "area": 120 }), algorithms()).expect("a form");
    let stored = Content::Form(form.stored(&"1".parse().expect("a number")).expect("a form"));
    for (content, committed, expected) in [
        (&content, Some(of(NAME, Some("粤0001号"))), None),
        (&content, Some(of("乙", Some("粤0001号"))), Some("vault.differs")),
        (&content, Some(of(NAME, Some("粤0002号"))), Some("vault.differs")),
        (&content, Some(of(NAME, None)), Some("vault.differs")),
        (&content, Some(Committed::Form(form.root)), Some("vault.differs")),
        (&content, None, Some("vault.not_on_ledger")),
        (&stored, Some(Committed::Form(form.root)), None),
        (&stored, Some(Committed::Form(Digest([1; 32]))), Some("vault.differs")),
        (&stored, None, Some("vault.not_on_ledger")),
    ] {
        assert_eq!(judge(content, committed.as_ref(), algorithms()), expected, "{committed:?}");
    }
    let report = Report { objects: 2, agree: 2, findings: Vec::new() };
    assert!(report_in_words(&report).contains("findings  0"), "{}", report_in_words(&report));
}
