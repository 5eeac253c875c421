//! Whole runs against a ledger in memory.

use super::fixtures::{Ledger, depositor, file, options, run, secret};
use crate::import::evidence::{canonical_bytes, salt};
use crate::import::rows::Row;
use crate::import::{ImportOptions, ImportSecret};
use std::collections::BTreeSet;
use std::path::PathBuf;
use tongban_crypto::{commitment, primitives};
use tongban_modules::evidence::{Content, ObjectType};
use tongban_types::Suite;

fn list(rows: usize) -> String {
    let rows: String = (0..rows).map(|row| format!("{row},王*,{row}.5,2020.01.22\n")).collect();
    format!("序号,捐赠方,捐赠金额,捐赠日期\n{rows}")
}

#[test]
fn every_row_is_registered_once_however_often_it_runs() {
    let (_folder, path) = file("list.csv", list(250).as_bytes());
    let (_other_folder, longer) = file("other-name.csv", list(260).as_bytes());
    let ledger = Ledger::new();
    let first = run(&ledger, &options(std::slice::from_ref(&path))).expect("it runs");
    assert_eq!((first.rows, first.registered, first.already_registered, first.errors), (250, 250, 0, 0));
    assert_eq!((first.transactions, first.skipped_lines), (3, 1));
    assert_eq!(first.ids.iter().collect::<BTreeSet<_>>().len(), 250);
    let second = run(&ledger, &options(&[path])).expect("it runs");
    assert_eq!((second.rows, second.registered, second.already_registered, second.transactions), (250, 0, 250, 0));
    assert_eq!(second.ids, first.ids);
    let third = run(&ledger, &options(&[longer])).expect("it runs");
    assert_eq!((third.registered, third.already_registered, third.transactions), (10, 250, 1));
    assert_eq!(*ledger.transactions.lock().expect("unpoisoned"), [100, 100, 50, 10]);
}

#[test]
fn the_ledger_has_commitments_that_the_secret_opens() {
    let (_folder, path) = file("list.csv", "捐赠人,捐赠金额,捐赠日期\n王某某,8.83,2020.01.22\n".as_bytes());
    let ledger = Ledger::new();
    let summary = run(&ledger, &options(&[path])).expect("it runs");
    let id = summary.ids[0];
    let record = ledger.record(id).expect("registered");
    assert_eq!(record.source.object_type, ObjectType::Transaction);
    assert_eq!(record.source.operator, depositor());
    assert_eq!(record.source.collected_at.to_string(), "2020-01-21T16:00:00.000Z");
    let fields = [("捐赠人", "王某某"), ("捐赠金额", "8.83"), ("捐赠日期", "2020.01.22")];
    let fields: Vec<_> = fields.iter().map(|(column, value)| ((*column).to_owned(), (*value).to_owned())).collect();
    let row = Row { line: 2, fields: fields.clone(), collected_at: None, object_type: ObjectType::Transaction };
    let Content::Single { commitments } = &record.content else { panic!("a record of its own") };
    assert_eq!(commitments.len(), 4);
    let primitives = primitives(Suite::Intl);
    let content = canonical_bytes(&row);
    let values = fields.iter().map(|(column, value)| (column.as_str(), value.as_bytes()));
    for (committed, (field, value)) in commitments.iter().zip([("content", &content[..])].into_iter().chain(values)) {
        assert_eq!(&*committed.field, field);
        let salt = salt(&secret(), &id, field, primitives);
        assert_eq!(committed.commitment, commitment(primitives, &salt.0, value), "{field}");
    }
    let shown = serde_json::to_string(&record).expect("a record is JSON");
    assert!(!shown.contains("王某某") && !shown.contains("8.83"), "values stay off the ledger");
}

#[test]
fn equal_rows_are_records_of_their_own_and_another_secret_finds_none() {
    let (_folder, path) = file("list.csv", b"name,amount\na,1\na,1\na,1\n");
    let ledger = Ledger::new();
    let summary = run(&ledger, &options(std::slice::from_ref(&path))).expect("it runs");
    assert_eq!(summary.registered, 3);
    let again = run(&ledger, &options(std::slice::from_ref(&path))).expect("it runs");
    assert_eq!((again.registered, again.already_registered), (0, 3));
    let other = ImportOptions { secret: ImportSecret::generate(|bytes| bytes.fill(8)), ..options(&[path]) };
    assert_eq!(run(&ledger, &other).expect("it runs").registered, 3);
}

#[test]
fn a_dry_run_submits_nothing() {
    let (_folder, path) = file("list.csv", list(120).as_bytes());
    let ledger = Ledger::new();
    let dry = ImportOptions { dry_run: true, ..options(std::slice::from_ref(&path)) };
    let summary = run(&ledger, &dry).expect("it runs");
    assert_eq!((summary.rows, summary.would_register, summary.registered), (120, 120, 0));
    assert!(summary.ids.is_empty() && ledger.transactions.lock().expect("unpoisoned").is_empty());
    run(&ledger, &options(&[path])).expect("it runs");
    let summary = run(&ledger, &dry).expect("it runs");
    assert_eq!((summary.would_register, summary.already_registered, summary.ids.len()), (0, 120, 120));
}

#[test]
fn one_refused_row_does_not_lose_the_others() {
    let content = format!("{}7,王*\n,李*,\"1\n2\",2020.01.22\n", list(150));
    let (folder, path) = file("list.csv", content.as_bytes());
    let error_file = folder.path().join("errors.csv");
    let ids = run(&Ledger::new(), &options(std::slice::from_ref(&path))).expect("it runs").ids;
    let ledger = Ledger::new();
    *ledger.refuses.lock().expect("unpoisoned") = vec![ids[3], ids[42], ids[120]];
    let options = ImportOptions { error_file: Some(error_file.clone()), ..options(&[path]) };
    let summary = run(&ledger, &options).expect("it runs");
    assert_eq!((summary.rows, summary.registered, summary.errors, summary.transactions), (152, 148, 4, 5));
    let codes: Vec<_> = summary.refused.into_iter().collect();
    assert_eq!(codes, [("evidence.field_names".to_owned(), 3), ("import.bad_row".to_owned(), 1)]);
    assert!(ledger.record(ids[3]).is_none() && ledger.record(ids[4]).is_some() && !summary.ids.contains(&ids[3]));
    let mut errors = csv::Reader::from_path(&error_file).expect("it was written");
    let lines: Vec<_> = errors.records().map(|record| record.expect("our own file")).collect();
    let places: Vec<_> = lines.iter().map(|line| (&line[1], &line[2])).collect();
    let refused = "evidence.field_names";
    assert_eq!(places, [("5", refused), ("44", refused), ("122", refused), ("152", "import.bad_row")]);
    assert_eq!(&lines[0][3], "each commitment needs a field name of its own");
    assert_eq!(&lines[0][4], "序号=3; 捐赠方=王*; 捐赠金额=3.5; 捐赠日期=2020.01.22");
    assert_eq!(&lines[3][4], "7,王*");
    #[cfg(unix)]
    {
        let metadata = std::fs::metadata(&error_file).expect("it was written");
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777, 0o600);
    }
}

#[test]
fn a_row_that_another_run_registers_meanwhile_is_no_error() {
    let (_folder, path) = file("list.csv", list(5).as_bytes());
    let mut ledger = Ledger::new();
    ledger.is_forgetful = true;
    run(&ledger, &options(std::slice::from_ref(&path))).expect("it runs");
    let summary = run(&ledger, &options(&[path])).expect("it runs");
    assert_eq!((summary.registered, summary.already_registered, summary.errors), (0, 5, 0));
}

#[test]
fn what_is_no_fault_of_a_row_ends_the_import() {
    let (_folder, path) = file("list.csv", list(300).as_bytes());
    let ledger = Ledger::with_roles(&[]);
    let error = run(&ledger, &options(std::slice::from_ref(&path))).expect_err("the account may not register");
    assert!(error.to_string().contains("tx.denied"), "{error}");
    let unknown = ImportOptions { operator: tongban_types::AccountId([9; 16]), ..options(std::slice::from_ref(&path)) };
    let error = run(&Ledger::new(), &unknown).expect_err("the operator is unknown");
    assert!(error.to_string().contains("evidence.operator_unknown"), "{error}");
    for calls_per_transaction in [0, 101] {
        let options = ImportOptions { calls_per_transaction, ..options(std::slice::from_ref(&path)) };
        run(&Ledger::new(), &options).expect_err("a limit");
    }
}

#[test]
fn errors_of_rows_are_written_although_their_transaction_gets_no_answer() {
    let (folder, path) = file("list.csv", format!("{}7,王*\n", list(5)).as_bytes());
    let error_file = folder.path().join("errors.csv");
    let options = ImportOptions { error_file: Some(error_file.clone()), ..options(&[path]) };
    let mut ledger = Ledger::new();
    ledger.is_gone = true;
    let error = run(&ledger, &options).expect_err("the node is gone");
    assert!(error.to_string().contains("the node is gone"), "{error}");
    let written = std::fs::read_to_string(&error_file).expect("it was written");
    assert!(written.contains("import.bad_row"), "{written}");
}

#[test]
fn lines_that_are_passed_over_are_counted_by_reason() {
    let content = "某表,,,\n序号,捐赠方,捐赠金额,捐赠日期\n1,王*,1,2020.01.22\n,,,\n合计,,1,\n注：估计,,,\n";
    let (_folder, path) = file("list.csv", content.as_bytes());
    let summary = run(&Ledger::new(), &options(&[path])).expect("it runs");
    assert_eq!((summary.registered, summary.skipped_lines), (1, 5));
    let counted = serde_json::to_value(&summary.skipped).expect("a summary is JSON");
    assert_eq!(counted, serde_json::json!({ "title": 1, "headings": 1, "blank": 1, "total": 1, "note": 1 }));
}

#[test]
fn a_broken_file_does_not_stop_the_next() {
    let (_folder, path) = file("list.csv", list(5).as_bytes());
    let summary = run(&Ledger::new(), &options(&[PathBuf::from("absent.csv"), path])).expect("it runs");
    assert_eq!((summary.rows, summary.registered, summary.errors, summary.broken_files), (5, 5, 0, 1));
    assert_eq!(summary.refused.into_iter().collect::<Vec<_>>(), [("import.unreadable".to_owned(), 1)]);
}

#[test]
fn wide_rows_fill_transactions_by_bytes() {
    let name = |column: usize| format!("{}{column:02}", "𠀀".repeat(38));
    let headings: Vec<String> = (0..20).map(name).collect();
    let row = |row: usize| (0..20).map(|column| format!("{row}-{column}")).collect::<Vec<_>>().join(",") + "\n";
    let content = format!("{}\n{}", headings.join(","), (0..200).map(row).collect::<String>());
    let (_folder, path) = file("wide.csv", content.as_bytes());
    let ledger = Ledger::new();
    let summary = run(&ledger, &options(&[path])).expect("it runs");
    assert_eq!((summary.registered, summary.errors), (200, 0));
    let sizes = ledger.transactions.lock().expect("unpoisoned").clone();
    assert!(sizes.len() >= 3 && sizes.iter().all(|size| *size < 100), "{sizes:?}");
    let Content::Single { commitments } = ledger.record(summary.ids[0]).expect("registered").content else {
        panic!("a record of its own")
    };
    assert_eq!(commitments.len(), 16, "the content and 15 of 20 columns");
}
