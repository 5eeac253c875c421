//! Stories of the module: happy path, every error, every role; and two properties.

use super::*;
use crate::case_history::{Facts, Flag, Flags, Pair, Step, Steps, Tally, flags};
use crate::test_cast::{APPROVAL, MARKET, TERM_END, Who, appoint, city, code, grant, name_deputy, tell, text, time};
use crate::{Call as AnyCall, Event as AnyEvent, Query as AnyQuery, View as AnyView};
use proptest::prelude::*;
use strum::IntoEnumIterator;
use tongban_kernel::Role;
use tongban_kernel::testing::Story;
use tongban_types::{Digest, List, Outcome, Time, codec};

fn key(number: &str) -> CaseKey {
    CaseKey { department: code(APPROVAL), system: text("旧审批系统"), number: text(number) }
}

fn facts(started_at: &str, deadline: &str, ended_at: Option<&str>) -> Facts {
    Facts {
        checksum: Digest([7; 32]),
        started_at: Some(time(started_at)),
        deadline: Some(time(deadline)),
        ended_at: ended_at.map(time),
        channel: Some(text("网上")),
        unit: None,
        four_eyes: List::new(vec![Pair { check: text("审查"), decision: text("决定") }]).expect("one"),
    }
}

/// In time, and two people.
fn plain() -> Facts {
    facts("2020-03-02T01:00:00Z", "2020-03-30T16:00:00Z", Some("2020-03-20T01:00:00Z"))
}

fn step(activity: &str, resource: Option<&str>, completed_at: &str) -> Step {
    Step {
        activity: text(activity),
        resource: resource.map(text),
        group: Some(text("一科")),
        started_at: None,
        completed_at: time(completed_at),
    }
}

fn steps(steps: &[Step]) -> Steps {
    List::new(steps.to_vec()).expect("few steps")
}

fn two_people() -> Vec<Step> {
    vec![
        step("审查", Some("R1"), "2020-03-03T01:00:00Z"),
        step("决定", Some("R2"), "2020-03-04T01:00:00Z"),
        step("送达", Some("R1"), "2020-03-05T01:00:00Z"),
    ]
}

fn import(number: &str, facts: Facts, all: &[Step]) -> AnyCall {
    let steps_total = u32::try_from(all.len()).expect("few");
    AnyCall::History(Call::ImportCase { key: key(number), facts, steps_total, steps: steps(all) })
}

fn announce(number: &str, facts: Facts, steps_total: u32, first: &[Step]) -> AnyCall {
    AnyCall::History(Call::ImportCase { key: key(number), facts, steps_total, steps: steps(first) })
}

fn follow(number: &str, first: u32, next: &[Step]) -> AnyCall {
    AnyCall::History(Call::ImportSteps { key: key(number), first, steps: steps(next) })
}

fn ask(story: &Story, query: Query) -> View {
    let query = AnyQuery::History(query);
    match story.ask(|state| query.answer(state)).expect("a query of the history never stops") {
        AnyView::History(view) => view,
        other => panic!("expected an answer of the history, found {other:?}"),
    }
}

fn recorded(story: &Story, number: &str) -> PastCase {
    match ask(story, Query::Case { key: key(number) }) {
        View::Case { case: Some(case) } => *case,
        other => panic!("expected a case, found {other:?}"),
    }
}

#[test]
fn a_past_case_is_taken_over_once_with_all_it_says() {
    let mut story = city();
    tell(
        &mut story,
        &[
            (Who::Importer, import("case-1", plain(), &two_people()), "CaseImported"),
            (Who::Importer, import("case-1", plain(), &two_people()), "history.exists"), // I1
            (Who::Importer, follow("case-1", 3, &two_people()[..1]), "history.more_than_announced"), // I2
        ],
    );
    let case = recorded(&story, "case-1");
    assert!(case.is_complete() && case.flags.is_empty(), "{:?}", case.flags);
    assert_eq!(
        (case.facts, case.importer, case.tally.duration_millis()),
        (plain(), Who::Importer.account(), 172_800_000)
    );
    assert_eq!(
        ask(&story, Query::Steps { key: key("case-1"), page: 0 }),
        View::Steps { steps: Some(steps(&two_people())) }
    );
    assert_eq!(ask(&story, Query::Steps { key: key("case-1"), page: 1 }), View::Steps { steps: None });
    assert_eq!(ask(&story, Query::Case { key: key("case-2") }), View::Case { case: None });
}

#[test]
fn a_case_with_many_steps_follows_in_portions_and_goes_on_after_an_interruption() {
    let all = two_people();
    let mut story = city();
    tell(
        &mut story,
        &[
            (Who::Importer, follow("case-1", 0, &all[..1]), "history.not_found"),
            (Who::Importer, announce("case-1", plain(), 3, &all[..1]), "CaseImported"),
            (Who::Importer, follow("case-1", 0, &all[..1]), "history.not_next"), // I2
            (Who::Importer, follow("case-1", 2, &all[2..]), "history.not_next"), // I2
        ],
    );
    assert_eq!(recorded(&story, "case-1").flags.to_vec(), [Flag::Incomplete]);
    let numbers = List::new(vec![text("case-0"), text("case-1")]).expect("two");
    let which = Query::Which { department: code(APPROVAL), system: text("旧审批系统"), numbers: numbers.clone() };
    let known = Known { number: text("case-1"), steps: 1, steps_total: 3 };
    assert_eq!(ask(&story, which), View::Which { known: List::new(vec![known]).expect("one") });
    let elsewhere = Query::Which { department: code(MARKET), system: text("旧审批系统"), numbers };
    assert_eq!(ask(&story, elsewhere), View::Which { known: List::default() });
    tell(
        &mut story,
        &[
            (
                Who::Importer,
                follow("case-1", 1, &[all[1].clone(), all[2].clone(), all[2].clone()]),
                "history.more_than_announced",
            ), // I2
            (Who::Importer, follow("case-1", 1, &all[1..]), "StepsImported"),
            (Who::Importer, follow("case-1", 3, &all[..1]), "history.more_than_announced"), // I2
        ],
    );
    let case = recorded(&story, "case-1");
    assert!(case.is_complete() && case.flags.is_empty());
    assert_eq!(case.pages, 2);
    assert_eq!(
        ask(&story, Query::Steps { key: key("case-1"), page: 1 }),
        View::Steps { steps: Some(steps(&all[1..])) }
    );
}

#[test]
fn what_cannot_be_told_apart_or_stored_is_refused() {
    let unnamed = |system: &str, number: &str| {
        let key = CaseKey { department: code(APPROVAL), system: text(system), number: text(number) };
        AnyCall::History(Call::ImportCase { key, facts: plain(), steps_total: 0, steps: List::default() })
    };
    let pair = |check: &str, decision: &str| Facts {
        four_eyes: List::new(vec![Pair { check: text(check), decision: text(decision) }]).expect("one"),
        ..plain()
    };
    let one = &two_people()[..1];
    let key = CaseKey { system: text(""), ..key("case-1") };
    tell(
        &mut city(),
        &[
            (Who::Importer, unnamed("", "case-1"), "history.source_missing"),
            (Who::Importer, unnamed("旧审批系统", ""), "history.source_missing"),
            (
                Who::Importer,
                AnyCall::History(Call::ImportSteps { key, first: 0, steps: steps(one) }),
                "history.source_missing",
            ),
            (
                Who::Importer,
                import("case-1", plain(), &[step("", None, "2020-03-03T01:00:00Z")]),
                "history.activity_missing",
            ),
            (Who::Importer, follow("case-1", 0, &[step("", None, "2020-03-03T01:00:00Z")]), "history.activity_missing"),
            (Who::Importer, import("case-1", pair("审查", "审查"), one), "history.pair_malformed"),
            (Who::Importer, import("case-1", pair("", "决定"), one), "history.pair_malformed"),
            (Who::Importer, import("case-1", pair("审查", ""), one), "history.pair_malformed"),
            (Who::Importer, announce("case-1", plain(), 10_001, one), "history.too_many_steps"),
            (Who::Importer, announce("case-1", plain(), 2, &[]), "history.no_steps"),
            (Who::Importer, follow("case-1", 0, &[]), "history.no_steps"),
            (Who::Importer, announce("case-1", plain(), 0, one), "history.more_than_announced"),
            (Who::Importer, announce("case-1", plain(), 10_000, one), "CaseImported"),
        ],
    );
}

#[test]
fn only_an_importer_of_the_department_takes_its_past_over() {
    let of_market = CaseKey { department: code(MARKET), ..key("case-1") };
    let unknown = CaseKey { department: code("11100000MB0143028R"), ..key("case-1") };
    let import_of = |key: CaseKey| {
        AnyCall::History(Call::ImportCase { key, facts: plain(), steps_total: 0, steps: List::default() })
    };
    let mut story = city();
    let others = [
        Who::Eve,
        Who::Admin,
        Who::Editor,
        Who::Mayor,
        Who::Clerk,
        Who::Trainee,
        Who::Receiver,
        Who::Supervisor,
        Who::Head,
    ];
    let denied = others.map(|who| (who, import("case-1", plain(), &two_people()), "tx.denied"));
    tell(&mut story, &denied);
    tell(
        &mut story,
        &[
            (Who::Stranger, import("case-1", plain(), &two_people()), "tx.unknown_account"),
            (Who::MarketImporter, import("case-1", plain(), &two_people()), "tx.denied"), // I5
            (Who::Importer, import_of(of_market.clone()), "tx.denied"),                   // I5
            (Who::Importer, import_of(unknown), "tx.denied"),                             // I5
            (Who::Importer, announce("case-1", plain(), 3, &two_people()[..1]), "CaseImported"),
            (Who::MarketImporter, follow("case-1", 1, &two_people()[1..]), "tx.denied"), // I5
            (Who::Eve, follow("case-1", 1, &two_people()[1..]), "tx.denied"),
            (Who::MarketImporter, import_of(of_market), "CaseImported"),
            // Another importer of the same department goes on where the first has stopped.
            (Who::Clerk, appoint(APPROVAL, Who::Li, &[]), "Appointed"),
            (Who::Clerk, grant(APPROVAL, Who::Li, Role::Importer, None, TERM_END), "Granted"),
            (Who::Li, follow("case-1", 1, &two_people()[1..]), "StepsImported"),
        ],
    );
    // The term of the right is over.
    let until_the_end = time(TERM_END).millis_since(story.time());
    story.pass_millis(until_the_end);
    tell(&mut story, &[(Who::Importer, import("case-9", plain(), &two_people()), "tx.denied")]);
}

#[test]
fn a_deputy_takes_over_what_the_absent_importer_would() {
    let mut story = city();
    let until = "2026-02-01T00:00:00Z";
    tell(
        &mut story,
        &[
            (Who::Trainee, import("case-1", plain(), &two_people()), "tx.denied"),
            (Who::Clerk, name_deputy(APPROVAL, Who::Trainee, Who::Importer, until), "DeputyNamed"),
            (Who::Trainee, import("case-1", plain(), &two_people()), "CaseImported"),
        ],
    );
    assert_eq!(recorded(&story, "case-1").importer, Who::Trainee.account());
    let until_the_end = time(until).millis_since(story.time());
    story.pass_millis(until_the_end);
    tell(&mut story, &[(Who::Trainee, import("case-2", plain(), &two_people()), "tx.denied")]);
}

#[test]
fn the_past_is_flagged_and_never_refused() {
    let at = |time: &str| step("登记", Some("R1"), time);
    let (early, start, end, late) =
        ("2020-03-01T01:00:00Z", "2020-03-02T01:00:00Z", "2020-03-20T01:00:00Z", "2020-03-31T01:00:00Z");
    let deadline = "2020-03-30T16:00:00Z";
    let alone = |first: &str, second: &str| {
        vec![step("审查", Some(first), "2020-03-03T01:00:00Z"), step("决定", Some(second), "2020-03-04T01:00:00Z")]
    };
    let slow = Step { started_at: Some(time(end)), ..at("2020-03-05T01:00:00Z") };
    let undated = Facts { started_at: None, deadline: None, ..plain() };
    let cases: Vec<(Facts, Vec<Step>, Vec<Flag>)> = vec![
        (plain(), two_people(), vec![]),
        (facts(start, deadline, Some(deadline)), vec![at(end)], vec![]), // at the deadline is not after it
        (facts(start, deadline, Some(late)), vec![at(end)], vec![Flag::Late]),
        (facts(start, deadline, None), vec![at(late)], vec![Flag::NoEnd]),
        (undated, vec![at(early)], vec![Flag::NoDeadline, Flag::NoStart]),
        (facts(end, deadline, Some(start)), vec![], vec![Flag::EndBeforeStart, Flag::NoSteps]),
        (facts(start, early, Some(end)), vec![at(end)], vec![Flag::Late, Flag::DeadlineBeforeStart]),
        (plain(), vec![at("2020-03-05T01:00:00Z"), at("2020-03-04T01:00:00Z")], vec![Flag::OutOfOrder]),
        (plain(), vec![slow], vec![Flag::StepEndsBeforeItStarts]),
        (plain(), vec![at(early)], vec![Flag::StepBeforeStart]),
        (plain(), vec![at(late)], vec![Flag::StepAfterEnd]),
        (plain(), alone("R1", "R1"), vec![Flag::SamePersonCheckedAndDecided]),
        (plain(), alone("R1", "r1"), vec![]), // another pseudonym
        (plain(), vec![step("登记", None, end)], vec![Flag::ResourceMissing]),
        (facts(start, "2027-01-01T00:00:00Z", Some("2026-12-01T00:00:00Z")), vec![at(end)], vec![Flag::InTheFuture]),
        (
            facts(start, "2027-01-01T00:00:00Z", None),
            vec![at("2026-12-01T00:00:00Z")],
            vec![Flag::NoEnd, Flag::InTheFuture],
        ),
    ];
    let mut story = city();
    let mut seen = vec![Flag::Incomplete]; // it has a story of its own
    for (place, (facts, steps, expected)) in cases.into_iter().enumerate() {
        let number = format!("case-{place}");
        tell(&mut story, &[(Who::Importer, import(&number, facts, &steps), "CaseImported")]); // I4
        assert_eq!(recorded(&story, &number).flags.to_vec(), expected, "{number}"); // I3
        seen.extend(expected);
    }
    assert!(Flag::iter().all(|flag| seen.contains(&flag)), "each flag has its case");
}

#[test]
fn only_the_first_check_and_the_first_decision_count() {
    let both = |people: [(&str, Option<&str>); 4]| {
        let steps = people.map(|(activity, person)| step(activity, person, "2020-03-03T01:00:00Z"));
        let tally = Tally::new(&plain()).with(&plain(), &steps, Time::MAX);
        (tally.people[0].is_complete(), tally.people[0].are_one())
    };
    let (check, decide) = ("审查", "决定");
    assert_eq!(
        both([(check, Some("R1")), (decide, Some("R2")), (check, Some("R2")), (decide, Some("R1"))]),
        (true, false)
    );
    assert_eq!(
        both([(decide, Some("R1")), (check, Some("R1")), (check, Some("R2")), (decide, Some("R3"))]),
        (true, true)
    );
    assert_eq!(both([(check, None), (decide, None), (check, Some("R1")), (decide, Some("R1"))]), (true, false));
    assert_eq!(
        both([(check, Some("R1")), (check, Some("R2")), ("登记", Some("R1")), (check, Some("R1"))]),
        (false, false)
    );
}

#[test]
fn the_largest_portion_fits_a_call_and_its_event_a_receipt() {
    let long = |character: char, length: usize| character.to_string().repeat(length);
    let pair = Pair { check: text(&long('𠀀', 80)), decision: text(&long('𠀁', 80)) };
    let largest = Step {
        activity: text(&long('𠀀', 80)),
        resource: Some(text(&long('𠀀', 40))),
        group: Some(text(&long('𠀀', 40))),
        started_at: Some(Time::MAX),
        completed_at: Time::MAX,
    };
    let facts = Facts {
        channel: Some(text(&long('𠀀', 40))),
        unit: Some(text(&long('𠀀', 40))),
        four_eyes: List::new(vec![pair; 4]).expect("four"),
        ..plain()
    };
    let key = CaseKey { department: code(APPROVAL), system: text(&long('𠀀', 60)), number: text(&long('𠀀', 60)) };
    let call = Call::ImportCase { key, facts, steps_total: 10_000, steps: steps(&vec![largest; 40]) };
    tell(&mut city(), &[(Who::Importer, AnyCall::History(call), "CaseImported")]);
}

#[test]
fn every_error_has_its_story() {
    let source = include_str!("tests.rs");
    for error in Error::iter() {
        let code = tongban_kernel::ModuleError::code(&error);
        assert!(source.contains(&format!("\"{}\"", &*code)), "no story ends in {}", &*code);
    }
}

fn any_step() -> impl Strategy<Value = Step> {
    let at = 1_583_000_000_000..1_588_000_000_000u64;
    ((0..4usize), proptest::option::of(0..3usize), proptest::option::of(at.clone()), at).prop_map(
        |(activity, resource, started_at, completed_at)| Step {
            activity: text(["登记", "审查", "决定", "送达"][activity]),
            resource: resource.map(|resource| text(["R1", "R2", "R3"][resource])),
            group: None,
            started_at: started_at.map(|millis| Time::from_millis(millis).expect("a time")),
            completed_at: Time::from_millis(completed_at).expect("a time"),
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// However a case is divided into portions, it ends with the same flags and the same sums; and the events alone give the report
    /// the same steps.
    #[test]
    fn portions_make_no_difference(
        all in proptest::collection::vec(any_step(), 1..30), cuts in proptest::collection::vec(1..10usize, 30),
    ) {
        let mut story = city();
        let whole = import("whole", plain(), &all);
        let mut calls = vec![whole];
        let total = u32::try_from(all.len()).expect("few");
        let mut first = 0;
        for cut in cuts {
            let portion = &all[first.min(all.len())..(first + cut).min(all.len())];
            if !portion.is_empty() {
                let place = u32::try_from(first).expect("few");
                calls.push(if first == 0 { announce("parts", plain(), total, portion) } else { follow("parts", place, portion) });
            }
            first += cut;
        }
        let mut log = crate::process_report::ProcessLog::default();
        let mut last: Option<Flags> = None;
        for call in calls {
            let receipt = story.act(&Who::Importer.key(), vec![call.to_bytes()]);
            let Outcome::Applied { events } = &receipt.outcome else { panic!("{:?}", receipt.outcome) };
            let event: AnyEvent = codec::decode(events[0].as_ref()).expect("an event of ours");
            let AnyEvent::History(event) = event else { panic!("an event of the history") };
            log.add(&event).expect("no gap");
            let (Event::CaseImported { flags, .. } | Event::StepsImported { flags, .. }) = event;
            last = Some(flags);
        }
        let (whole, parts) = (recorded(&story, "whole"), recorded(&story, "parts"));
        prop_assert_eq!(&whole.tally, &parts.tally);
        prop_assert_eq!(&whole.flags, &parts.flags);
        prop_assert_eq!(Some(&parts.flags), last.as_ref());
        prop_assert!(parts.is_complete());
        let reckoned = Tally::new(&plain()).with(&plain(), &all, story.time());
        prop_assert_eq!(flags(&plain(), &reckoned, total, story.time()), whole.flags);
        let report = log.report();
        prop_assert_eq!((report.cases, report.variants, report.events), (2, 1, 2 * u64::from(total)));
        prop_assert_eq!(report.mean_duration_seconds, report.longest_duration_seconds);
    }

    /// Whatever is sent in whatever order, no invariant breaks (the story looks after each step), and what stands on the ledger never has more
    /// steps than were announced.
    #[test]
    fn no_order_of_calls_breaks_an_invariant(
        sent in proptest::collection::vec((0..3usize, any::<bool>(), 0..6u32, proptest::collection::vec(any_step(), 0..4)), 1..20),
    ) {
        let mut story = city();
        for (place, is_new, number, steps) in sent {
            let name = ["case-1", "case-2", "case-3"][place];
            let call = if is_new { announce(name, plain(), number, &steps) } else { follow(name, number, &steps) };
            story.act(&Who::Importer.key(), vec![call.to_bytes()]);
            let View::Case { case } = ask(&story, Query::Case { key: key(name) }) else { panic!("a case") };
            if let Some(case) = case {
                prop_assert!(case.tally.steps <= case.steps_total);
                prop_assert_eq!(case.flags.contains(&Flag::Incomplete), !case.is_complete());
            }
        }
    }
}
