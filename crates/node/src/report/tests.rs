//! The report from receipts: what is reckoned with, what is passed over, and what ends it.

use super::process::{Selection, in_words, process};
use futures::stream;
use tongban_modules::case_history::{Facts, Flag, Step};
use tongban_modules::history::{self, CaseKey};
use tongban_modules::{Event, network};
use tongban_types::receipt::EventBytes;
use tongban_types::{AccountId, Digest, List, Outcome, Receipt, Refusal, RequestId, Text, Time, codec};

const BUREAU: &str = "11519900MB9012235G";
const MINISTRY: &str = "11100000MB0143028R";

fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).expect("a valid text")
}

fn receipt(number: u64, outcome: Outcome) -> Receipt {
    Receipt {
        number,
        transaction: Digest([1; 32]),
        account: AccountId([2; AccountId::BYTES]),
        request_id: RequestId([3; RequestId::BYTES]),
        not_after: Time::MAX,
        height: 1 + number,
        time: Time::default(),
        outcome,
    }
}

fn applied(number: u64, events: &[Event]) -> Receipt {
    let events = events.iter().map(|event| EventBytes::new(codec::encode(event)).expect("it fits")).collect();
    receipt(number, Outcome::Applied { events: List::new(events).expect("few") })
}

fn case(department: &str, system: &str, number: &str) -> Event {
    let key =
        CaseKey { department: department.parse().expect("a department"), system: text(system), number: text(number) };
    let step = |activity: &str, millis: u64| Step {
        activity: text(activity),
        resource: Some(text("R1")),
        group: None,
        started_at: None,
        completed_at: Time::from_millis(millis).expect("a time"),
    };
    let facts = Facts {
        checksum: Digest([0; 32]),
        started_at: None,
        deadline: None,
        ended_at: None,
        channel: None,
        unit: None,
        four_eyes: List::default(),
    };
    let steps = List::new(vec![step("登记", 1_000), step("审查", 3_500)]).expect("two");
    let flags = List::new(vec![Flag::NoEnd]).expect("one");
    Event::History(history::Event::CaseImported { key, facts, steps_total: 2, steps, flags })
}

fn report(receipts: Vec<Receipt>, selection: &Selection) -> anyhow::Result<super::process::FromLedger> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(process(stream::iter(receipts.into_iter().map(Ok)), selection))
}

fn calendar() -> Event {
    let (days_off, make_up_days) = (List::default(), List::default());
    Event::Network(network::Event::CalendarPublished {
        calendar: network::Calendar { year: 2026, edition: 1, days_off, make_up_days },
    })
}

fn ledger() -> Vec<Receipt> {
    let refused = Outcome::Refused(Refusal { code: text("history.exists"), call: Some(0) });
    vec![
        applied(0, &[calendar(), case(BUREAU, "旧系统", "1")]),
        receipt(1, refused),
        applied(2, &[case(BUREAU, "旧系统", "2"), case(BUREAU, "更旧的系统", "1")]),
        applied(3, &[case(MINISTRY, "旧系统", "1")]),
    ]
}

#[test]
fn past_cases_are_reckoned_with_and_everything_else_is_passed_over() {
    let found = report(ledger(), &Selection::default()).expect("no gap");
    assert_eq!((found.receipts, found.report.cases, found.report.events, found.report.open), (4, 4, 8, 4));
    let of = |department: Option<&str>, system: Option<&str>| {
        let department = department.map(|code| code.parse().expect("a department"));
        let selection = Selection { department, system: system.map(text) };
        report(ledger(), &selection).expect("no gap").report.cases
    };
    assert_eq!(
        [of(Some(BUREAU), None), of(None, Some("旧系统")), of(Some(BUREAU), Some("旧系统")), of(None, Some(""))],
        [3, 3, 2, 0]
    );
    let json = serde_json::to_value(&found).expect("plain data");
    assert_eq!(
        (&json["receipts"], &json["cases"], &json["mean_duration_seconds"]),
        (&4.into(), &4.into(), &"2.500".into())
    );
}

#[test]
fn a_missing_receipt_or_an_unknown_event_ends_the_report() {
    let mut without_one = ledger();
    without_one.remove(1);
    let error = report(without_one, &Selection::default()).expect_err("receipt 1 is missing");
    assert!(error.to_string().contains("receipt 1 is missing"), "{error}");
    let mut twice = ledger();
    twice.push(applied(4, &[case(BUREAU, "旧系统", "1")]));
    report(twice, &Selection::default()).expect_err("no case is taken over twice");
    let newer = List::new(vec![EventBytes::new(vec![250, 1]).expect("it fits")]).expect("one");
    let mut with_newer = ledger();
    with_newer.push(receipt(4, Outcome::Applied { events: newer }));
    let error = report(with_newer, &Selection::default()).expect_err("nothing is passed over in silence");
    assert!(error.to_string().contains("newer program"), "{error}");
}

#[test]
fn the_report_in_words() {
    let found = report(ledger(), &Selection::default()).expect("no gap");
    let expected = "\
receipts read     4
cases             4
events            8
activities        2
resources         1
groups            0
variants          1
mean duration     2.500 s
longest duration  2.500 s
late              0
open              4
incomplete        0
four eyes         0 of 0 flagged

activities: events, mean and longest seconds
        4            2.500            2.500  审查
        4            0.000            0.000  登记

variants: cases, steps
        4  登记 → 审查
";
    assert_eq!(in_words(&found), expected);
}
