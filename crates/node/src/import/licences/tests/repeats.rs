//! Imports that are run again when something has changed: the file, the secret, the ledger, the size of batches.

use super::*;
use std::collections::BTreeMap;

const STATES: &str = "state: { column: 状态, since: 状态日期, words: { 存续: '01', 吊销: '07' } }\n";

fn row(name: &str, code: &str, more: &str) -> String {
    format!("{name},{code},2019-01-02,公司,王*,1万,餐饮,四川,云港,长江路{more}\n")
}

fn refused(summary: &LicenceSummary) -> Vec<(&str, u64)> {
    summary.refused.iter().map(|(code, count)| (code.as_str(), *count)).collect()
}

/// Line, code, message and content of each row in the error file.
fn errors(folder: &TempDir) -> Vec<[String; 4]> {
    let mut errors = csv::Reader::from_path(folder.path().join("errors.csv")).expect("it was written");
    let lines = errors.records().map(|record| record.expect("our own file"));
    lines.map(|line| [1, 2, 3, 4].map(|place| line[place].to_owned())).collect()
}

#[test]
fn a_corrected_row_is_no_repetition_and_gets_no_face() {
    let before =
        [HEADINGS.to_owned(), row("甲", "91110000802100433B", ""), row("乙", "9144030071526726XG", "")].concat();
    let (folder, path) = file("register.csv", before.as_bytes());
    let (options, ledger) = (options(&path, folder.path()), Ledger::new());
    assert_eq!(run(&ledger, &options).expect("it runs").imported, 2);
    let kept = faces(&options);
    let after = [
        HEADINGS.to_owned(),
        row("甲（更名）", "91110000802100433B", ""),
        row("乙", "9144030071526726XG", ""),
        row("丙", "914403001922038216", ""),
    ];
    std::fs::write(&path, after.concat()).expect("our own file");
    for (is_dry, imported) in [(true, 0), (false, 1)] {
        let summary = run(&ledger, &LicenceImport { dry_run: is_dry, ..options.clone() }).expect("it runs");
        assert_eq!((summary.rows, summary.imported, summary.already_imported, summary.errors), (3, imported, 1, 1));
        assert_eq!((refused(&summary), summary.would_import), (vec![("import.licence_differs", 1)], 1 - imported));
        let [[line, code, message, content]] = &errors(&folder)[..] else { panic!("one row differs") };
        assert_eq!((line.as_str(), code.as_str()), ("2", "import.licence_differs"));
        assert!(message.contains("with another face.") && content.contains("甲（更名）"), "{message} {content}");
    }
    let records = faces(&options);
    assert_eq!(records.len(), kept.len() + 1, "a face for the new row, none for the one that differs");
    for record in records {
        assert_eq!(ledger.licence(&record.identifier).content.face, record.root, "each opens what the ledger has");
    }
}

#[test]
fn what_the_source_says_of_state_period_and_holder_is_compared() {
    let mapping = Mapping::parse(
        &(MAPPING.replace("key: [统一社会信用代码]", "key: [企业名称]") + STATES + "valid_until: 到期\n"),
    );
    let mapping = mapping.expect("a mapping");
    let headings = HEADINGS.trim_end().to_owned() + ",状态,状态日期,到期\n";
    let of = |code: &str, more: &str| headings.clone() + &row("甲", code, more);
    let (folder, path) = file("register.csv", of("91110000802100433B", ",存续,,2030-12-31").as_bytes());
    let options = LicenceImport { mapping, ..options(&path, folder.path()) };
    let ledger = Ledger::new();
    assert_eq!(run(&ledger, &options).expect("it runs").imported, 1);
    for (code, more, differences) in [
        ("91110000802100433B", ",存续,,2030-12-31", None),
        ("91110000802100433B", ",吊销,2025-03-01,2030-12-31", Some("state")),
        ("91110000802100433B", ",存续,,2031-12-31", Some("period")),
        ("91110000802100433B", ",存续,,", Some("period")),
        ("91110000802100433B", ",存续,,某日", Some("period")),
        // The code is field, number and key to the holder at once.
        ("9144030071526726XG", ",存续,,2030-12-31", Some("face, certificate number, holder")),
    ] {
        std::fs::write(&path, of(code, more)).expect("our own file");
        let summary = run(&ledger, &options).expect("it runs");
        let counts = (summary.imported, summary.already_imported, summary.errors);
        assert_eq!(counts, if differences.is_none() { (0, 1, 0) } else { (0, 0, 1) }, "{more}");
        let found = errors(&folder);
        let expected = differences.map(|differences| format!("with another {differences}"));
        let found: Option<&str> = found.first().map(|[_, _, message, _]| message.as_str());
        assert_eq!(found.is_some(), expected.is_some(), "{more}: {found:?}");
        assert!(found.zip(expected).is_none_or(|(found, expected)| found.contains(&expected)), "{more}: {found:?}");
    }
}

#[test]
fn another_secret_is_noticed_where_it_can_be() {
    let (folder, path) = file("register.csv", register(3).as_bytes());
    let (options, ledger) = (options(&path, folder.path()), Ledger::new());
    let first = run(&ledger, &options).expect("it runs");
    assert_eq!((first.imported, first.warnings.len()), (3, 0));
    assert_eq!(run(&ledger, &options).expect("it runs").warnings.len(), 0, "the same secret again");
    let other = LicenceImport { secret: ImportSecret::generate(|bytes| bytes.fill(8)), ..options };
    let second = run(&ledger, &other).expect("it runs");
    // Nothing on the ledger tells that these are the same rows; the faces in the folder tell that the secret is another one.
    assert_eq!((second.imported, second.warnings), (3, BTreeSet::from([Warning::FacesOfAnotherSecret])));
    assert_eq!(serde_json::to_value(Warning::FacesOfAnotherSecret).expect("a word"), "faces_of_another_secret");
}

#[test]
fn rows_with_identifiers_are_found_whatever_the_secret_is() {
    let mapping = MAPPING.replace("key: [统一社会信用代码]", "serial: 统一社会信用代码");
    let mapping = Mapping::parse(&mapping).expect("a mapping");
    let (folder, path) = file("register.csv", register(3).as_bytes());
    let options = LicenceImport { mapping, ..options(&path, folder.path()) };
    let ledger = Ledger::new();
    assert_eq!(run(&ledger, &options).expect("it runs").imported, 3);
    let again = run(&ledger, &options).expect("it runs");
    assert_eq!((again.imported, again.already_imported, again.errors), (0, 3, 0));
    let other = LicenceImport { secret: ImportSecret::generate(|bytes| bytes.fill(8)), ..options.clone() };
    let summary = run(&ledger, &other).expect("it runs");
    assert_eq!((summary.imported, refused(&summary)), (0, vec![("import.licence_differs", 3)]));
    assert!(errors(&folder).iter().all(|[_, _, message, _]| message.contains("another secret")));
    assert_eq!(faces(&options).len(), 3, "no face with salts that open nothing");
}

#[test]
fn no_face_is_written_over_whatever_batches_a_later_run_has() {
    let (folder, path) = file("register.csv", register(30).as_bytes());
    let options = LicenceImport { calls_per_transaction: 10, ..options(&path, folder.path()) };
    let mut ledger = Ledger { breaks_after: Some(1), ..Ledger::new() };
    run(&ledger, &options).expect_err("the node goes away");
    ledger.breaks_after = None;
    // Its first batch has the rows of three; ten of them are known.
    let other = LicenceImport { calls_per_transaction: 30, ..options.clone() };
    let summary = run(&ledger, &other).expect("it runs");
    assert_eq!((summary.imported, summary.already_imported), (20, 10));
    let mut roots = BTreeMap::new();
    for record in faces(&options) {
        roots.insert(record.identifier.clone(), record.root);
        assert_eq!(ledger.licence(&record.identifier).content.face, record.root);
    }
    assert_eq!(roots.len(), 30, "every licence has its face in the folder");
}

#[test]
fn what_another_run_takes_over_meanwhile_is_compared_too() {
    let (folder, path) = file("register.csv", register(3).as_bytes());
    let (options, ledger) = (options(&path, folder.path()), Ledger::new());
    run(&ledger, &options).expect("it runs");
    *ledger.forgets.lock().expect("unpoisoned") = 1;
    let summary = run(&ledger, &options).expect("it runs");
    assert_eq!((summary.imported, summary.already_imported, summary.errors), (0, 3, 0));
    let changed = std::fs::read_to_string(&path).expect("our own file").replacen("餐饮", "零售", 1);
    std::fs::write(&path, changed).expect("our own file");
    *ledger.forgets.lock().expect("unpoisoned") = 1;
    let summary = run(&ledger, &options).expect("it runs");
    assert_eq!((summary.imported, summary.already_imported), (0, 2));
    assert_eq!(refused(&summary), [("import.licence_differs", 1)]);
}

#[test]
fn errors_of_rows_are_written_although_their_transaction_gets_no_answer() {
    let content = register(5) + &row("错校验", "91110000802100433C", "");
    let (folder, path) = file("register.csv", content.as_bytes());
    let options = options(&path, folder.path());
    let error = run(&Ledger { breaks_after: Some(0), ..Ledger::new() }, &options).expect_err("the node is gone");
    assert!(error.to_string().contains("the node is gone"), "{error}");
    let [[line, code, ..]] = &errors(&folder)[..] else { panic!("one row is wrong") };
    assert_eq!((line.as_str(), code.as_str()), ("7", "import.holder_code_check"));
}

#[test]
fn a_row_of_which_one_cell_is_left_is_an_error_and_other_lines_are_counted() {
    let content = [
        "企业登记一览,,,,,,,,,\n".to_owned(),
        HEADINGS.to_owned(),
        row("好", "91110000802100433B", ""),
        "残公司,,,,,,,,,\n".to_owned(),
        "残公司\n".to_owned(),
        row("总计(北京)公司", "914403001922038216", ""),
        ",,,,,,,,,\n".to_owned(),
        "合计,,,,,2,,,,\n".to_owned(),
        "备注：数据截至去年,,,,,,,,,\n".to_owned(),
    ];
    let (folder, path) = file("register.csv", content.concat().as_bytes());
    let summary = run(&Ledger::new(), &options(&path, folder.path())).expect("it runs");
    assert_eq!((summary.rows, summary.imported, summary.errors), (4, 2, 2));
    let found: Vec<_> = errors(&folder).into_iter().map(|[line, code, ..]| format!("{line} {code}")).collect();
    assert_eq!(found, ["4 import.holder_code", "5 import.bad_row"]);
    let json = serde_json::to_value(&summary).expect("a summary is JSON");
    assert_eq!(json["skipped_lines"], 5);
    assert_eq!(json["skipped"], serde_json::json!({ "title": 1, "headings": 1, "blank": 1, "total": 1, "note": 1 }));
}
