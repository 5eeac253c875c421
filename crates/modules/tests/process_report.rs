//! The figures of past cases, from the events of the ledger: small logs by hand, and the real permit log against its published figures.

use flate2::read::GzDecoder;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use tongban_modules::case_history::{Facts, Pair, STEPS_PER_CALL_MAX, Step, Tally, flags};
use tongban_modules::history::{CaseKey, Event};
use tongban_modules::process_report::{ProcessLog, ProcessReport, Span};
use tongban_types::{Digest, List, Text, Time};

const CHECK: &str = "T02 Check confirmation of receipt";
const DECISION: &str = "T04 Determine confirmation of receipt";

fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).expect("a valid text")
}

fn time(text: &str) -> Time {
    text.replace(' ', "T").parse().expect("a time")
}

fn key(number: &str) -> CaseKey {
    let department = "11100000MB0143028R".parse().expect("a department");
    CaseKey { department, system: text("receipt phase"), number: text(number) }
}

fn facts() -> Facts {
    Facts {
        checksum: Digest([0; 32]),
        started_at: Some(time("2020-03-02T00:00:00Z")),
        deadline: Some(time("2020-03-09T00:00:00Z")),
        ended_at: Some(time("2020-03-08T00:00:00Z")),
        channel: None,
        unit: None,
        four_eyes: List::new(vec![Pair { check: text(CHECK), decision: text(DECISION) }]).expect("one"),
    }
}

fn step(activity: &str, resource: &str, completed_at: &str) -> Step {
    let group = Some(text("Group 1"));
    Step {
        activity: text(activity),
        resource: Some(text(resource)),
        group,
        started_at: None,
        completed_at: time(completed_at),
    }
}

/// The events with which a ledger answers the import of a case in portions of this size.
fn events(number: &str, facts: &Facts, steps: &[Step], portion: usize) -> Vec<Event> {
    let now = time("2026-01-01T00:00:00Z");
    let total = u32::try_from(steps.len()).expect("few");
    let mut tally = Tally::new(facts);
    let mut events = Vec::new();
    for steps in steps.chunks(portion) {
        let first = tally.steps;
        tally = tally.with(facts, steps, now);
        let flags = flags(facts, &tally, total, now);
        let steps = List::new(steps.to_vec()).expect("a portion");
        events.push(match first {
            0 => Event::CaseImported { key: key(number), facts: facts.clone(), steps_total: total, steps, flags },
            _ => Event::StepsImported { key: key(number), first, steps, flags },
        });
    }
    events
}

fn report(events: &[Event]) -> ProcessReport {
    let mut log = ProcessLog::default();
    for event in events {
        log.add(event).expect("no gap");
    }
    log.report()
}

#[test]
fn figures_of_two_cases_by_hand() {
    let first = [
        step("Receive", "A", "2020-03-02T01:00:00Z"),
        step(CHECK, "B", "2020-03-02T03:00:00Z"),
        step(DECISION, "B", "2020-03-02T03:00:00.002Z"),
    ];
    let second = [step("Receive", "A", "2020-03-03T00:00:00Z"), step(CHECK, "B", "2020-03-03T00:00:00.001Z")];
    let open = Facts { ended_at: None, ..facts() };
    let report = report(&[events("1", &facts(), &first, 2), events("2", &open, &second, 40)].concat());
    assert_eq!((report.cases, report.events, report.activities, report.resources, report.groups), (2, 5, 3, 2, 1));
    assert_eq!(report.mean_duration_seconds.to_string(), "3600.002", "the mean of 7200.002 and 0.001, rounded");
    assert_eq!(report.longest_duration_seconds, Span { millis: 7_200_002 });
    assert_eq!((report.late, report.open, report.incomplete), (0, 1, 0));
    assert_eq!((report.four_eyes_flagged, report.four_eyes_pairs), (1, 1));
    assert_eq!(report.flags, BTreeMap::from([("no_end", 1), ("same_person_checked_and_decided", 1)]));
    let variants: Vec<(u64, usize)> =
        report.by_variant.iter().map(|variant| (variant.cases, variant.activities.len())).collect();
    assert_eq!(variants, [(1, 2), (1, 3)], "of equal numbers, by name");
    let of = |name: &str| report.by_activity.iter().find(|figures| &*figures.activity == name).expect("an activity");
    assert_eq!(of("Receive").mean_elapsed_seconds.to_string(), "45000.000", "from the case's beginning: 1 hour and 24");
    assert_eq!(of(CHECK).longest_elapsed_seconds.to_string(), "7200.000");
    assert_eq!(of(DECISION).mean_elapsed_seconds.to_string(), "0.002");
}

#[test]
fn a_log_without_cases_has_no_figures_and_no_panic() {
    let report = report(&[]);
    assert_eq!((report.cases, report.variants, report.mean_duration_seconds), (0, 0, Span { millis: 0 }));
}

#[test]
fn the_order_of_completion_makes_the_variant_and_not_the_order_of_the_file() {
    let (a, b) = (step("A", "X", "2020-03-02T01:00:00Z"), step("B", "X", "2020-03-02T02:00:00Z"));
    let same_time = step("C", "X", "2020-03-02T02:00:00Z");
    let all = [
        events("1", &facts(), &[a.clone(), b.clone()], 40),
        events("2", &facts(), &[b.clone(), a.clone()], 40),
        events("3", &facts(), &[a.clone(), b.clone(), same_time.clone()], 40),
        events("4", &facts(), &[a, same_time, b], 40),
    ];
    let cases: Vec<u64> = report(&all.concat()).by_variant.iter().map(|variant| variant.cases).collect();
    assert_eq!(cases, [2, 1, 1]);
}

#[test]
fn a_missing_receipt_is_noticed() {
    let steps = [
        step("A", "X", "2020-03-02T01:00:00Z"),
        step("B", "X", "2020-03-02T02:00:00Z"),
        step("C", "X", "2020-03-02T03:00:00Z"),
    ];
    let all = events("1", &facts(), &steps, 1);
    for (missing, order) in
        [("the case itself", vec![1]), ("the second portion", vec![0, 2]), ("nothing, one twice", vec![0, 0])]
    {
        let mut log = ProcessLog::default();
        let results: Vec<bool> = order.iter().map(|place| log.add(&all[*place]).is_ok()).collect();
        assert_eq!(results.last(), Some(&false), "{missing} is missing");
    }
    let mut log = ProcessLog::default();
    log.add(&all[0]).expect("the first");
    assert_eq!((log.report().incomplete, log.report().events), (1, 1), "what follows may still come");
}

proptest! {
    /// A mean lies between the extremes, each case is in one variant, each step in one activity; and the portions make no difference.
    #[test]
    fn the_figures_add_up(
        cases in proptest::collection::vec(proptest::collection::vec((0..4usize, 0..3usize, 0..10_000_000u64), 1..12), 1..12),
        portion in 1..6usize,
    ) {
        let step = |(activity, resource, millis): &(usize, usize, u64)| Step {
            completed_at: time("2020-03-02T00:00:00Z").plus_millis(*millis),
            ..step(["A", CHECK, DECISION, "D"][*activity], ["X", "Y", "Z"][*resource], "2020-03-02T00:00:00Z")
        };
        let steps: Vec<Vec<Step>> = cases.iter().map(|case| case.iter().map(step).collect()).collect();
        let all = |portion: usize| -> Vec<Event> {
            let cases = steps.iter().enumerate();
            cases.flat_map(|(number, steps)| events(&number.to_string(), &facts(), steps, portion)).collect()
        };
        let found = report(&all(portion));
        prop_assert_eq!(&found, &report(&all(STEPS_PER_CALL_MAX)));
        prop_assert_eq!(found.by_variant.iter().map(|variant| variant.cases).sum::<u64>(), found.cases);
        prop_assert_eq!(found.by_activity.iter().map(|activity| activity.events).sum::<u64>(), found.events);
        prop_assert!(found.mean_duration_seconds <= found.longest_duration_seconds);
        prop_assert!(found.four_eyes_flagged <= found.four_eyes_pairs);
        // The same pair, found without the tally.
        let first = |steps: &[Step], wanted: &str| steps.iter().find(|step| &*step.activity == wanted).and_then(|step| step.resource.clone());
        let pairs: Vec<_> = steps.iter().filter_map(|steps| first(steps, CHECK).zip(first(steps, DECISION))).collect();
        prop_assert_eq!(found.four_eyes_pairs, pairs.len() as u64);
        prop_assert_eq!(found.four_eyes_flagged, pairs.iter().filter(|(checked, decided)| checked == decided).count() as u64);
    }
}

/// The real log; none, with a word why, where it is absent and not required.
fn real_log() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("TONGBAN_REALDATA") {
        return Some(Path::new(&folder).join("permits/coselog_wabo_receipt.csv.gz"));
    }
    let required = std::env::var("TONGBAN_REQUIRE").unwrap_or_default();
    assert!(!required.split(',').any(|set| set == "realdata"), "TONGBAN_REALDATA is required and not set");
    eprintln!("skipped: TONGBAN_REALDATA is not set, so the permit log is absent");
    None
}

#[test]
fn the_real_log_has_its_published_figures() {
    let Some(path) = real_log() else { return };
    let mut reader = csv::Reader::from_reader(GzDecoder::new(File::open(path).expect("the set is complete")));
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().map(|row| row.expect("a row")).collect();
    let mut cases: Vec<(Facts, String, Vec<Step>)> = Vec::new();
    for row in &rows {
        let at = |column: &str| Some(&row[column]).filter(|cell| !cell.is_empty()).map(|cell| time(cell));
        let number = &row["case:concept:name"];
        if cases.last().is_none_or(|(_, last, _)| last != number) {
            let facts = Facts {
                started_at: at("case:startdate"),
                deadline: at("case:deadline"),
                ended_at: at("case:enddate"),
                ..facts()
            };
            cases.push((facts, number.clone(), Vec::new()));
        }
        let completed_at = &row["time:timestamp"];
        let mut step = step(&row["concept:name"], &row["org:resource"], completed_at);
        step.group = Some(text(&row["org:group"]));
        cases.last_mut().expect("one was pushed").2.push(step);
    }
    let all: Vec<Event> = cases.iter().flat_map(|(facts, number, steps)| events(number, facts, steps, 10)).collect();
    assert!(all.len() > cases.len(), "some cases follow in portions");
    let report = report(&all);
    assert_eq!((report.cases, report.events), (1_434, 8_577));
    assert_eq!((report.activities, report.resources, report.groups), (27, 48, 10));
    assert_eq!(report.variants, 116);
    let largest: Vec<u64> = report.by_variant.iter().take(3).map(|variant| variant.cases).collect();
    assert_eq!(largest, [713, 123, 116]);
    assert_eq!(report.mean_duration_seconds.to_string(), "467263.915");
    assert_eq!((report.late, report.open, report.incomplete), (377, 105, 0));
    assert_eq!((report.four_eyes_flagged, report.four_eyes_pairs), (1_028, 1_303));
    let json = serde_json::to_value(&report).expect("plain data");
    assert_eq!(json["mean_duration_seconds"], "467263.915");
    assert_eq!(report.flags["late"], 377);
}
