//! The public sets under `TONGBAN_REALDATA`: how many records each file has, and that all of them are registered.

use super::fixtures::{Ledger, file, items_within, options, outline, rows, run};
use crate::import::rows::{Item, Limits, Row, SkipReason};
use encoding_rs::GB18030;
use flate2::read::GzDecoder;
use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use tongban_modules::evidence::ObjectType;

const EVENTS: usize = 8_577;

/// A file of the sets; none, with a word why, where the sets are absent and not required.
fn real_file(path: &str) -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("TONGBAN_REALDATA") {
        return Some(Path::new(&folder).join(path));
    }
    let required = std::env::var("TONGBAN_REQUIRE").unwrap_or_default();
    assert!(!required.split(',').any(|set| set == "realdata"), "TONGBAN_REALDATA is required and not set");
    eprintln!("skipped: TONGBAN_REALDATA is not set, so {path} is absent");
    None
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).expect("the sets are complete")
}

fn items_of(path: &Path) -> Vec<Item> {
    items_within(path, Limits::default())
}

fn value<'a>(row: &'a Row, column: &str) -> &'a str {
    row.fields.iter().find(|(name, _)| name == column).map_or("", |(_, value)| value)
}

fn skipped(items: &[Item]) -> Vec<(u64, SkipReason)> {
    let reasons = items.iter().filter_map(|item| match item {
        Item::Skipped { line, reason } => Some((*line, *reason)),
        _ => None,
    });
    reasons.collect()
}

/// Hundredths of the amounts in a column; exact, without floating point.
fn total_cents(rows: &[&Row], column: &str) -> u64 {
    let cents = |text: &str| -> u64 {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        format!("{whole}{fraction:0<2}").parse().expect("an amount with at most two decimals")
    };
    rows.iter().map(|row| cents(value(row, column))).sum()
}

#[test]
fn the_permit_log_has_8577_events() {
    let Some(path) = real_file("permits/coselog_wabo_receipt.xes.gz") else { return };
    let items = items_of(&path);
    let events = rows(&items);
    assert_eq!((items.len(), events.len()), (EVENTS, EVENTS), "every item is an event");
    let distinct = |column: &str| events.iter().map(|row| value(row, column)).collect::<BTreeSet<_>>().len();
    assert_eq!(distinct("case"), 1_434);
    assert_eq!(distinct("concept:name"), 27);
    assert_eq!(distinct("org:resource"), 48);
    assert_eq!(distinct("org:group"), 10);
    assert!(events.iter().all(|row| row.collected_at.is_some() && row.object_type == ObjectType::LogEntry));
    let mut plain = Vec::new();
    GzDecoder::new(&read(&path)[..]).read_to_end(&mut plain).expect("a sound file");
    let (_folder, plain) = file("log.xes", &plain);
    assert!(items_of(&plain) == items, "the same without compression");
}

#[test]
fn the_permit_table_has_the_same_events() {
    let Some(log) = real_file("permits/coselog_wabo_receipt.xes.gz") else { return };
    let Some(table) = real_file("permits/coselog_wabo_receipt.csv.gz") else { return };
    let (log, table) = (items_of(&log), items_of(&table));
    assert_eq!(skipped(&table), [(1, SkipReason::Headings)]);
    let (of_log, of_table) = (rows(&log), rows(&table));
    assert_eq!((of_table.len(), table.len()), (EVENTS, EVENTS + 1));
    assert!(of_table.iter().all(|row| row.object_type == ObjectType::LogEntry));
    let sorted = |rows: &[&Row], case: &str| {
        let name = |row: &&Row| {
            let value = |column| value(row, column).to_owned();
            (value(case), value("concept:instance"), value("concept:name"), row.collected_at)
        };
        let mut names: Vec<_> = rows.iter().map(name).collect();
        names.sort();
        names
    };
    assert!(sorted(&of_log, "case") == sorted(&of_table, "case:concept:name"), "the same events at the same times");
}

#[test]
fn the_cash_list_has_60_records() {
    let Some(path) = real_file("donations/hubei_donate01.csv") else { return };
    let items = items_of(&path);
    assert_eq!(skipped(&items), [(1, SkipReason::Headings)]);
    let records = rows(&items);
    assert_eq!((records.len(), items.len()), (60, 61));
    for (index, row) in records.iter().enumerate() {
        assert_eq!(value(row, "序号"), (index + 1).to_string(), "the list numbers its records");
        assert_eq!(row.line, index as u64 + 2);
        assert_eq!(row.object_type, ObjectType::Transaction);
    }
    let first = records[0].collected_at.map(|time| time.to_string());
    assert_eq!(first.as_deref(), Some("2020-01-21T16:00:00.000Z"), "2020.01.22 in Beijing");
}

#[test]
fn the_goods_list_has_17_records() {
    let Some(path) = real_file("donations/hubei_goods_usage_1.csv") else { return };
    let items = items_of(&path);
    let title = SkipReason::Title;
    let notes = [(1, title), (2, title), (3, SkipReason::Headings), (25, SkipReason::Note)];
    assert_eq!(skipped(&items), notes, "title, date of the list, headings, and the masked 备注");
    let records = rows(&items);
    assert_eq!((records.len(), items.len()), (17, 21));
    for (index, row) in records.iter().enumerate() {
        assert_eq!(value(row, "序号"), (index + 1).to_string(), "the list numbers its records");
        assert_eq!(row.collected_at.map(|time| time.to_string()).as_deref(), Some("2020-01-28T16:00:00.000Z"));
        assert_eq!(row.object_type, ObjectType::DatabaseRecord);
    }
    assert_eq!(value(records[6], "流向"), "武汉火车站\n武昌火车站\n汉口火车站", "one cell of three lines");
    assert_eq!(value(records[11], "折算金额（万元）"), "", "a blank amount is no reason to skip a record");
}

#[test]
fn the_payment_list_has_1207_records() {
    let Some(path) = real_file("donations/wuhan_qrpos_2020-01-24.csv") else { return };
    let items = items_of(&path);
    assert_eq!(skipped(&items), [(1, SkipReason::Headings)]);
    let records = rows(&items);
    assert_eq!((records.len(), items.len()), (1_207, 1_208));
    let numbers: BTreeSet<_> = records.iter().map(|row| value(row, "交易单号")).collect();
    assert_eq!(numbers.len(), 1_207, "every payment has a number of its own");
    assert!(records.iter().all(|row| row.fields.len() == 2), "two of four columns have headings");
    // The last line carries the list's total in a column without a heading: the total is none of its fields, and agrees.
    assert_eq!(total_cents(&records, "交易金额"), 21_078_319);
}

#[test]
fn a_gb18030_copy_has_the_same_rows() {
    for name in ["hubei_donate01.csv", "hubei_goods_usage_1.csv", "wuhan_qrpos_2020-01-24.csv"] {
        let Some(path) = real_file(&format!("donations/{name}")) else { return };
        let content = String::from_utf8(read(&path)).expect("the lists are UTF-8");
        let (copy, _, is_lossy) = GB18030.encode(&content);
        assert!(!is_lossy);
        let (_folder, copy) = file(name, &copy);
        assert_eq!(outline(&items_of(&copy)), outline(&items_of(&path)), "{name}");
    }
}

#[test]
fn everything_is_registered_and_nothing_twice() {
    let names = [
        "permits/coselog_wabo_receipt.xes.gz",
        "donations/hubei_donate01.csv",
        "donations/hubei_goods_usage_1.csv",
        "donations/wuhan_qrpos_2020-01-24.csv",
    ];
    let Some(files) = names.iter().map(|name| real_file(name)).collect::<Option<Vec<_>>>() else { return };
    let ledger = Ledger::new();
    let all = (EVENTS + 60 + 17 + 1_207) as u64;
    let first = run(&ledger, &options(&files)).expect("it runs");
    assert_eq!((first.rows, first.registered, first.errors), (all, all, 0), "{:?}", first.refused);
    assert_eq!(first.transactions, 86 + 1 + 1 + 13);
    assert_eq!(first.ids.iter().collect::<BTreeSet<_>>().len() as u64, all);
    let second = run(&ledger, &options(&files)).expect("it runs");
    assert_eq!((second.registered, second.already_registered, second.transactions), (0, all, 0));
    assert_eq!(second.ids, first.ids);
}
