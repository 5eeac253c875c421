//! What always holds of cases, whatever is called in whatever order; how large they are; and a thousand of them at once.

use crate::Call as AnyCall;
use crate::case_facts::{FACTS_BYTES_MAX, FACTS_MAX, Fact, FactValue, Facts};
use crate::case_hearings::NOTICE_DAYS;
use crate::case_reasons::{Cause, Owner, StepCause};
use crate::case_records::{CARDS_MAX, Given, How, MATERIALS_MAX, RatingLevel};
use crate::case_sources::{AnswerSources, SOURCES_BYTES_MAX};
use crate::case_states::{Stage, allows};
use crate::case_test_cast::*;
use crate::cases::{Application, Call, CallKind, Case, Event, PaperAct, loss_of};
use crate::catalogue::HandleType;
use crate::clocks::Phase;
use crate::ending_stories::{annul_ending, carry_through, record_death};
use crate::flow::{STEPS_MAX, StepOutcome, StepState};
use crate::licence_test_cast::{content, issue_with, period};
use crate::licences::Content;
use crate::offices::DepartmentCode;
use crate::test_cast::{
    APPROVAL, CITY_OFFICERS, GOVERNMENT, TERM_END, Who, appoint, bind, code, grant, outcome_name, tell, text,
};
use crate::working_days::after_working_days;
use proptest::prelude::*;
use tongban_kernel::Role;
use tongban_kernel::testing::Story;
use tongban_types::codes::CaseNumber;
use tongban_types::receipt::EVENT_BYTES_MAX;
use tongban_types::transaction::CALL_BYTES_MAX;
use tongban_types::{List, Outcome, Receipt, Time, codec};

/// Siblings of one case in any order come to the same end.
fn end_of(order: &[usize]) -> (Stage, Vec<Option<StepOutcome>>) {
    let mut story = town();
    let case = accepted(&mut story, application());
    for index in order {
        let (who, step) = REVIEWS[*index];
        let receipt = story.act(&who.key(), vec![finish(&case, step).to_bytes()]);
        assert_eq!(outcome_name(&receipt.outcome), "StepFinished");
    }
    let receipt = story.act(&Who::Approver.key(), vec![decide(&case).to_bytes()]);
    assert_eq!(outcome_name(&receipt.outcome), "Decided");
    let record = record(&story, &case);
    (record.stage, record.steps.iter().map(|mark| mark.outcome).collect())
}

#[test]
fn parallel_steps_in_any_order_give_the_same_end() {
    let expected = end_of(&[0, 1, 2, 3]);
    for order in [[3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1], [0, 2, 1, 3]] {
        assert_eq!(end_of(&order), expected, "{order:?}");
    }
}

/// Files, receives and accepts cases, fifty in each transaction.
fn many(story: &mut Story, count: usize) -> Vec<CaseNumber> {
    let mut cases = Vec::new();
    for batch in (0..count).collect::<Vec<_>>().chunks(50) {
        let calls = batch.iter().map(|_| file(application()).to_bytes()).collect();
        let Outcome::Applied { events } = story.act(&Who::Zhang.key(), calls).outcome else { panic!("refused") };
        cases.extend(events.iter().map(|event| match codec::decode(event.as_ref()).expect("an event") {
            crate::Event::Cases(Event::Filed { case, .. }) => case,
            other => panic!("expected an application, found {other:?}"),
        }));
    }
    for (who, call) in [(Who::Receiver, receive as fn(&CaseNumber) -> AnyCall), (Who::Acceptor, accept)] {
        act_on_all(story, who, &cases, call);
    }
    cases
}

fn act_on_all(story: &mut Story, who: Who, cases: &[CaseNumber], call: impl Fn(&CaseNumber) -> AnyCall) {
    for batch in cases.chunks(50) {
        let receipt = story.act(&who.key(), batch.iter().map(|case| call(case).to_bytes()).collect());
        assert!(matches!(receipt.outcome, Outcome::Applied { .. }), "{who:?}: {}", outcome_name(&receipt.outcome));
    }
}

#[test]
fn a_thousand_cases_whose_siblings_are_done_at_once_lose_no_step() {
    let mut story = town();
    let cases = many(&mut story, 1_000);
    // Each case has its own order of the four siblings; in each round every department does a quarter of all cases.
    for round in 0..4 {
        for (index, (who, step)) in REVIEWS.iter().enumerate() {
            let of_round: Vec<CaseNumber> = cases
                .iter()
                .enumerate()
                .filter(|(place, _)| (place * 7 + index * (1 + 2 * (place % 2)) + round) % 4 == 0)
                .map(|(_, case)| case.clone())
                .collect();
            act_on_all(&mut story, *who, &of_round, |case| finish(case, step));
        }
    }
    act_on_all(&mut story, Who::Approver, &cases, decide);
    for case in &cases {
        let record = record(&story, case);
        assert_eq!(record.stage, Stage::Granted, "{case}");
        assert_eq!(record.steps.iter().filter(|mark| mark.outcome == Some(StepOutcome::Passed)).count(), 6);
    }
}

#[test]
fn the_largest_messages_fit_and_a_usual_case_is_small() {
    let wide: Vec<Fact> =
        (0..FACTS_MAX).map(|_| Fact { field: text(&"甲".repeat(80)), value: FactValue::Number(1) }).collect();
    let facts = Facts::new(wide).expect("32 facts with the longest names");
    let long =
        Fact { field: text("f"), value: FactValue::Texts(List::new(vec![text(&"𠀀".repeat(100)); 16]).expect("16")) };
    assert!(Facts::new(vec![long.clone(); 2]).is_err(), "more than {FACTS_BYTES_MAX} bytes");
    let json = serde_json::to_value(List::<Fact, 32>::new(vec![long; 2]).expect("two")).expect("json");
    assert!(serde_json::from_value::<Facts>(json).is_err(), "nor from outside");
    let given = |material: usize| Given {
        material: u8::try_from(material).expect("at most 64"),
        how: How::Licence { licence: licence(&"A".repeat(32)) },
    };
    let full = Application {
        item: text(&"9".repeat(64)),
        facts,
        materials: List::new((0..MATERIALS_MAX).map(given).collect()).expect("64"),
        gap_promise: Some(PAPER),
        renews: Some(licence(&"A".repeat(32))),
        ..application()
    };
    let facts_bytes = codec::encode(&full.facts).len();
    // Whatever facts and sources say.
    let bytes = file(full).to_bytes().as_ref().len() - facts_bytes + FACTS_BYTES_MAX + SOURCES_BYTES_MAX;
    assert!(bytes < CALL_BYTES_MAX, "{bytes}");
    let steps = List::<_, STEPS_MAX>::new(vec![text::<40>(&"𠀀".repeat(40)); STEPS_MAX]).expect("64");
    let reasons = text(&"𠀀".repeat(500));
    let case: CaseNumber = "9".repeat(50).parse().expect("a number");
    let (by, department) = (Who::Zhang.account(), crate::test_cast::code(crate::test_cast::APPROVAL));
    let step = text(&"𠀀".repeat(40));
    let event = Event::StepFinished {
        case: case.clone(),
        step,
        department,
        outcome: StepOutcome::Rejected,
        by,
        repeated: steps.clone(),
        due: steps.clone(),
    };
    assert!(codec::encode(&crate::Event::Cases(event)).len() < EVENT_BYTES_MAX);
    let decided =
        Event::Decided { case, granted: None, step: None, department, reasons, by: None, due: steps, paper: None };
    assert!(codec::encode(&crate::Event::Cases(decided)).len() < EVENT_BYTES_MAX);
    const { assert!(CARDS_MAX >= STEPS_MAX + 8, "a card for each step and subject") };
    let mut story = town();
    let granted = granted(&mut story);
    let bytes = codec::encode(&record(&story, &granted)).len();
    assert!(bytes < 2_048, "{bytes} bytes are rewritten with each call");
}

/// Somebody calls something about one of two cases, or time passes.
#[derive(Clone, Debug)]
enum Happens {
    Call(Who, usize, u8),
    Hours(u64),
}

fn anything() -> impl Strategy<Value = Happens> {
    let who = prop::sample::select(vec![
        Who::Zhang,
        Who::Receiver,
        Who::Acceptor,
        Who::Checker,
        Who::FoodReviewer,
        Who::AirReviewer,
        Who::SignReviewer,
        Who::Approver,
        Who::SecondApprover,
        Who::Head,
        Who::Issuer,
    ]);
    prop_oneof![
        12 => (who, 0..2usize, 0..34u8).prop_map(|(who, case, call)| Happens::Call(who, case, call)),
        1 => (1..120u64).prop_map(Happens::Hours),
    ]
}

fn any_call(case: &CaseNumber, number: u8, now: Time) -> AnyCall {
    let until = now.plus_millis(2 * DAY_MILLIS);
    match number {
        0 => receive(case),
        1 | 30 => accept(case),
        2 | 31 => accept_with_gap(case, 3),
        3 => ask_correction(case, &[1]),
        4 => supplement(case, &[paper(1)]),
        5 => fill_gap(case, &[paper(3)]),
        6 => reject(case, "核验"),
        7 => reject(case, "油烟审查"),
        8 => decide(case),
        9 => refuse(case),
        10 => stop(case, "食品审查", until),
        11 => resume(case, "食品审查"),
        12 => extend(case, 5),
        13 => propose_termination(case),
        14 => terminate(case),
        15 => document(case, Some("制证")),
        16 => deliver(case, Some("送达")),
        17 => deliver(case, None),
        18 => close(case),
        19 => rate(case, RatingLevel::Dissatisfied),
        20 => answer(case),
        21 => appeal(case),
        22 => decide_appeal(case, true),
        23 => reconsider(case),
        24 => settle(case),
        25 => rule(case, crate::cases::Ruling::SendBack),
        26 | 32 => finish(case, "核验"),
        27 | 33 => finish(case, "食品审查"),
        28 => finish(case, "油烟审查"),
        _ => finish(case, "招牌审查"),
    }
}

/// What one sees of a case at each moment, whatever has happened.
fn check_case(story: &Story, number: &CaseNumber) -> Result<Case, TestCaseError> {
    let case = record(story, number);
    let decision = case.decision.as_ref();
    prop_assert!(decision.is_none() || case.acceptance.is_some(), "I2");
    let missing = case.gap.as_ref().is_some_and(|gap| !gap.missing.is_empty());
    prop_assert!(!(missing && decision.is_some_and(|decision| decision.granted)), "I4");
    let stands =
        [case.promised, case.statutory].iter().flatten().any(|clock| matches!(clock.phase(), Phase::Stopped { .. }));
    prop_assert!(!stands || case.procedures.iter().any(|procedure| procedure.ended_at.is_none()), "I5");
    prop_assert!(case.results.is_empty() || decision.is_some_and(|decision| decision.granted), "I6");
    let by = decision.and_then(|decision| decision.by);
    let deciders = [Who::Approver.account(), Who::SecondApprover.account()];
    let is_by_law = case.renewal.is_some() && decision.is_some_and(|decision| decision.granted) && by.is_none();
    let is_by_person = by.is_some_and(|by| deciders.contains(&by.account));
    prop_assert!(decision.is_none() || is_by_person || is_by_law, "I8: a person decides");
    prop_assert!(case.promised.is_none_or(|clock| clock.is_consistent()));
    let (waiting, steps) = why(story, number);
    prop_assert!(waiting.is_some() || !case.stage.is_open(), "an open case has an owner: {:?}", case.stage);
    prop_assert!(case.stage != Stage::Accepted || !steps.is_empty(), "an accepted case has an open step");
    if let Some(waiting) = waiting {
        let kind =
            <CallKind as strum::IntoEnumIterator>::iter().find(|kind| Into::<&str>::into(*kind) == &*waiting.next);
        prop_assert!(kind.is_some_and(|kind| allows(case.stage, kind)), "{} fits {:?}", &*waiting.next, case.stage);
    }
    Ok(case)
}

/// Cases in the stories of time.
const CASES: usize = 4;

/// A call that often fits, by who may make it.
fn fitting_call(case: &CaseNumber, number: u8, now: Time) -> (Who, AnyCall) {
    let until = now.plus_millis(2 * DAY_MILLIS);
    match number {
        0 => (Who::Receiver, receive(case)),
        1 => (Who::Acceptor, accept(case)),
        2 => (Who::Acceptor, accept_with_gap(case, 3)),
        3 => (Who::Acceptor, ask_correction(case, &[1])),
        4 => (Who::Zhang, supplement(case, &[paper(1)])),
        5 => (Who::Zhang, fill_gap(case, &[paper(3)])),
        6 | 7 => (Who::Checker, reject(case, "核验")),
        8 => (Who::AirReviewer, reject(case, "油烟审查")),
        9 => (Who::Approver, decide(case)),
        10 => (Who::Approver, refuse(case)),
        11 => (Who::SecondApprover, refuse(case)),
        12 | 13 => (Who::FoodReviewer, stop(case, "食品审查", until)),
        14 => (Who::FoodReviewer, resume(case, "食品审查")),
        15 | 16 => (Who::AirReviewer, stop(case, "油烟审查", until)),
        17 => (Who::AirReviewer, resume(case, "油烟审查")),
        18 => (Who::Head, extend(case, 5)),
        19 => (Who::Acceptor, propose_termination(case)),
        20 => (Who::Approver, terminate(case)),
        21 => (Who::SecondApprover, decline_termination(case)),
        22 => (Who::Zhang, appeal(case)),
        23 => (Who::Approver, decide_appeal(case, true)),
        24 => (Who::SecondApprover, decide_appeal(case, true)),
        25 => (Who::Approver, reconsider(case)),
        26 => (Who::SecondApprover, reconsider(case)),
        27 => (Who::Issuer, document(case, Some("制证"))),
        28 => (Who::Checker, propose_revocation(case)),
        29 => (Who::Approver, decide_revocation(case, true)),
        30 => (Who::Checker, finish(case, "核验")),
        31 => (Who::FoodReviewer, finish(case, "食品审查")),
        32 => (Who::AirReviewer, finish(case, "油烟审查")),
        33 => (Who::SignReviewer, finish(case, "招牌审查")),
        34 => (Who::Acceptor, refuse_acceptance(case)),
        35 => (Who::Acceptor, give_back(case)),
        36 => (Who::Zhang, rate(case, RatingLevel::Dissatisfied)),
        37 => (Who::Zhang, fill_gap(case, &[electronic(3)])),
        38 => (Who::Approver, decide_revocation(case, false)),
        40 | 41 => (Who::Approver, tell_hearing(case, &[Who::Mayor])),
        42 => (Who::Zhang, answer_hearing(case, Who::Zhang, true)),
        43 => (Who::Mayor, answer_hearing(case, Who::Mayor, false)),
        44 => (Who::Approver, arrange_hearing(case, now.plus_millis(16 * DAY_MILLIS))),
        45 => (Who::Trainee, record_hearing(case)),
        46 => (Who::Receiver, enter_act(case, PaperAct::Withdraw {})),
        47 => (Who::Trainee, enter_act(case, PaperAct::Withdraw {})),
        48 => (Who::Trainee, enter_act(case, PaperAct::Acknowledge {})),
        39 => (Who::Trainee, enter_act(case, PaperAct::Appeal { grounds: PAPER })),
        58 => (Who::Trainee, enter_act(case, PaperAct::AnswerHearing { wants: true })),
        49 => (Who::Zhang, disown(case)),
        50 => (Who::Supervisor, examine_disowned(case, true)),
        51 => (Who::Supervisor, examine_disowned(case, false)),
        52 => (Who::Approver, discontinue(case)),
        53 => (Who::Approver, refer(case)),
        54 => (Who::SecondApprover, refer(case)),
        55 => (Who::Zhang, acknowledge(case)),
        56 => (Who::Receiver, receive(case)),
        57 => (Who::Zhang, withdraw(case)),
        _ => (Who::Issuer, deliver(case, None)),
    }
}

/// The town with cases that time has much to do with: one renews a licence, one has a gap, one is not whole and is received by nobody, one was
/// entered at a counter.
fn town_under_time() -> (Story, [CaseNumber; CASES]) {
    let mut story = town();
    let short = Content { period: period("2026-01-01T00:00:00+08:00", "2026-02-10T00:00:00+08:00"), ..content() };
    tell(
        &mut story,
        &[
            (Who::Issuer, issue_with(licence("MINE"), Who::Zhang, short), "Issued"),
            (Who::Mayor, appoint(GOVERNMENT, Who::Li, &[]), "Appointed"),
            (Who::Mayor, grant(GOVERNMENT, Who::Li, Role::Approver, None, TERM_END), "Granted"),
            (Who::Mayor, grant(GOVERNMENT, Who::Li, Role::Acceptor, None, TERM_END), "Granted"),
            (Who::Mayor, grant(APPROVAL, Who::Trainee, Role::Receiver, None, TERM_END), "Granted"),
            (Who::Mayor, grant(APPROVAL, Who::Trainee, Role::Reviewer, None, TERM_END), "Granted"),
            (Who::IdentityOfficer, bind(Who::Zhang), "PersonBound"),
        ],
    );
    let with_gap = Application {
        materials: list(&[electronic(0), electronic(1), Given { material: 3, how: How::Gap {} }]),
        gap_promise: Some(PAPER),
        ..application()
    };
    let on_paper = Application { channel: HandleType::Counter, ..application() };
    let entered = event(&story.act(&Who::Trainee.key(), vec![enter(on_paper).to_bytes()]));
    let Event::ApplicationEntered { case: entered, .. } = entered else { panic!("{entered:?}") };
    let cases = [
        received(&mut story, Application { renews: Some(licence("MINE")), ..application() }),
        received(&mut story, with_gap),
        filed(&mut story, Application { materials: list(&[electronic(0)]), ..application() }),
        entered,
    ];
    (story, cases)
}

/// Whether nothing of all this was refused.
fn check_all_done(receipts: &[Receipt]) -> Result<(), TestCaseError> {
    for receipt in receipts {
        let is_done = matches!(receipt.outcome, Outcome::Applied { .. });
        prop_assert!(is_done, "an act of time is refused: {}", outcome_name(&receipt.outcome));
    }
    Ok(())
}

/// Settles all that binds; whatever binds can be settled.
fn settle_all(story: &mut Story, case: &CaseNumber) -> Result<(), TestCaseError> {
    for _ in 0..100 {
        let receipt = story.act(&Who::Li.key(), vec![settle(case).to_bytes()]);
        match &*outcome_name(&receipt.outcome) {
            "cases.nothing_due" | "cases.wrong_stage" => return Ok(()),
            name => prop_assert!(!name.starts_with("cases."), "what binds cannot be settled: {name}"),
        }
    }
    Err(TestCaseError::fail("time never comes to an end with this case"))
}

/// What is refused to one officer and not to another: it is not the case that stands against it.
const PERSONAL: [&str; 3] = ["cases.four_eyes", "cases.same_officer", "cases.own_matter"];

/// Everybody who may act as this owner.
fn owners(owner: &Owner) -> Vec<Who> {
    match owner {
        Owner::Applicant { .. } => vec![Who::Zhang],
        Owner::Party { .. } => vec![Who::Mayor],
        Owner::Time {} => vec![Who::Li],
        // Who decides where it was passed on, or an appeal was not decided in time.
        Owner::Office { department, role: Role::Approver | Role::Acceptor, .. } if *department == code(GOVERNMENT) => {
            vec![Who::Li]
        }
        // Who presides over a hearing: somebody who reviews other cases.
        Owner::Office { role: Role::Reviewer, post: None, .. } => vec![Who::Checker, Who::Trainee],
        Owner::Office { department, role, post } => CITY_OFFICERS
            .iter()
            .filter(|(_, place, posts, roles)| {
                code::<DepartmentCode>(place) == *department
                    && roles.contains(role)
                    && post.as_ref().is_none_or(|post| posts.contains(&&**post))
            })
            .map(|(who, ..)| *who)
            .collect(),
    }
}

/// What is missing of a case so that it cannot be accepted.
fn lacking(story: &Story, case: &CaseNumber) -> Vec<u8> {
    match why_at(story, case, story.time().plus_millis(1)).0.map(|one| one.cause) {
        Some(Cause::MaterialsMissing { missing }) => missing.to_vec(),
        _ => Vec::new(),
    }
}

/// The call that is named, as whoever is named would make it.
fn named_call(story: &Story, case: &CaseNumber, named: &Named) -> AnyCall {
    let (step, is_refusal) = (named.step.as_deref(), named.is_refusal);
    let record = record(story, case);
    let of_step = |named: fn(&CaseNumber, &str) -> AnyCall| named(case, step.expect("a step is named"));
    let asked = record.intake.correction.as_ref().map(|correction| correction.materials.to_vec()).unwrap_or_default();
    let missing = record.gap.as_ref().map(|gap| gap.missing.to_vec()).unwrap_or_default();
    match &*named.next {
        "settle" => settle(case),
        "receive" => receive(case),
        "accept" => accept(case),
        "accept_with_gap" => accept_with_gap(case, 1),
        "ask_correction" => ask_correction(case, &lacking(story, case)),
        "refuse_acceptance" => refuse_acceptance(case),
        "return_case" => give_back(case),
        "supplement" => of(Call::Supplement {
            case: case.clone(),
            facts: None,
            form: Some(PAPER),
            materials: list(&asked.into_iter().map(paper).collect::<Vec<_>>()),
            sources: AnswerSources::default(),
            gap_promise: None,
        }),
        "fill_gap" => fill_gap(case, &missing.into_iter().map(electronic).collect::<Vec<_>>()),
        "finish_step" => of_step(finish),
        "decide" if is_refusal => of_step(refuse_in),
        "decide" => of_step(|case, step| rule_in(case, step, crate::cases::Ruling::Grant)),
        "terminate" => terminate(case),
        "issue_certificate" => document(case, step),
        "deliver" => deliver(case, step),
        "close" => close(case),
        "decide_appeal" => decide_appeal(case, false),
        "reconsider" => reconsider(case),
        "answer_work_order" => answer(case),
        "check_commitment" => check(case, true),
        "propose_revocation" => propose_revocation(case),
        "decide_revocation" => decide_revocation(case, false),
        "discontinue" => discontinue(case),
        "examine_disowned" => examine_disowned(case, true),
        "tell_hearing" => tell_hearing(case, &[Who::Mayor]),
        "answer_hearing" => {
            answer_hearing(case, if matches!(named.owner, Owner::Party { .. }) { Who::Mayor } else { Who::Zhang }, true)
        }
        "arrange_hearing" => {
            let now = story.time().plus_millis(1);
            let earliest = story.ask(|state| Ok(after_working_days(state, now, NOTICE_DAYS)?.at)).expect("a calendar");
            arrange_hearing(case, earliest.plus_millis(DAY_MILLIS / 2))
        }
        "record_hearing" => record_hearing(case),
        other => panic!("no officer and no applicant is told to {other}"),
    }
}

/// What is named.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Named {
    owner: Owner,
    next: String,
    step: Option<String>,
    is_refusal: bool,
    not_before: Option<Time>,
}

/// What is named for a case and all its open steps, in the next block.
fn named(story: &Story, case: &CaseNumber) -> Vec<Named> {
    let (whole, steps) = why_at(story, case, story.time().plus_millis(1));
    let of_case = whole.map(|one| Named {
        owner: one.owner,
        next: one.next.to_string(),
        step: one.next_step.map(|step| step.to_string()),
        is_refusal: matches!(one.cause, Cause::RefusalToDecide { .. }),
        not_before: one.not_before,
    });
    let of_steps = steps.into_iter().map(|one| Named {
        owner: one.owner,
        next: one.next.to_string(),
        step: one.next_step.map(|step| step.to_string()),
        is_refusal: matches!(one.cause, StepCause::RefusalToDecide {}),
        not_before: one.not_before,
    });
    let mut all: Vec<Named> = Vec::new();
    for one in of_case.into_iter().chain(of_steps) {
        if !all.contains(&one) {
            all.push(one);
        }
    }
    all
}

/// Whether a call that was named is accepted from somebody who is named, or refused to him for what he has done himself.
fn check_named(story: &Story, case: &CaseNumber, named: &Named) -> Result<(), TestCaseError> {
    let call = named_call(story, case, named);
    let Named { owner, next, step, not_before, .. } = named;
    let mut outcomes = Vec::new();
    for who in owners(owner) {
        let receipt = story.clone().act(&who.key(), vec![call.to_bytes()]);
        let outcome = outcome_name(&receipt.outcome);
        let is_done_by_itself =
            *owner == Owner::Time {} && ["cases.nothing_due", "cases.wrong_stage"].contains(&&*outcome);
        let is_applied = matches!(receipt.outcome, Outcome::Applied { .. });
        // Until then one waits: it is that alone that stands against it.
        let is_ahead = not_before.is_some() && outcome == "cases.hearing_ahead";
        if is_applied || is_done_by_itself || is_ahead || PERSONAL.contains(&&*outcome) {
            return Ok(());
        }
        outcomes.push((who, outcome));
    }
    let record = record(story, case);
    Err(TestCaseError::fail(format!("{owner:?} is told to {next} in {step:?}: {outcomes:?}; {record:?}")))
}

/// Cause, owner, action and deadline of a case and of each of its steps that is open.
fn check_waiting(story: &Story, case: &CaseNumber) -> Result<(), TestCaseError> {
    let (record, filing) = (record(story, case), filing_of(story, case));
    let (whole, steps) = why(story, case);
    prop_assert!(whole.is_some() || !record.stage.is_open(), "an open case waits for somebody: {:?}", record.stage);
    let item = item_of(story, &record);
    let answers = crate::case_facts::answers(&filing.facts);
    let states = crate::case_moments::states(&record, &item, &answers);
    let applies = crate::flow::applying(&item.flow, &answers).expect("conditions are decided");
    for (place, state) in states.iter().enumerate() {
        let is_open = match state {
            StepState::Due => true,
            StepState::Waiting => applies[place],
            StepState::Skipped | StepState::Stopped | StepState::Finished(_) => false,
        };
        let is_told = steps.iter().any(|step| step.step == item.flow[place].name);
        let has_steps = record.stage.is_open() && record.stage != Stage::Rejected;
        prop_assert!(is_told || !(is_open && has_steps), "{} is open: {steps:?}", &*item.flow[place].name);
    }
    let now = story.time();
    let all = whole.iter().map(|one| (one.deadline, one.is_forecast, one.is_late));
    for (deadline, is_forecast, is_late) in
        all.chain(steps.iter().map(|one| (one.deadline, one.is_forecast, one.is_late)))
    {
        prop_assert!(deadline.at > record.filed_at && is_late == deadline.is_over(now));
        prop_assert!(!is_forecast || deadline.at > now, "nothing is foreseen for what is past");
    }
    for one in named(story, case) {
        check_named(story, case, &one)?;
    }
    Ok(())
}

/// Somebody does what is named, or something that often fits, or time passes.
#[derive(Clone, Debug)]
enum Walks {
    Named(usize, usize),
    Call(usize, u8),
    /// The steps before the decision are done, and the right to a hearing is told.
    Hearing(usize),
    /// A card is answered.
    Card(usize),
    Hours(u64),
    /// The applicant dies.
    Dies,
    /// He was held for dead.
    Lives,
}

fn walk() -> impl Strategy<Value = Walks> {
    prop_oneof![
        4 => (0..CASES, 0..8usize).prop_map(|(case, which)| Walks::Named(case, which)),
        4 => (0..CASES, 0..59u8).prop_map(|(case, number)| Walks::Call(case, number)),
        1 => (0..CASES).prop_map(Walks::Hearing),
        1 => (0..CASES).prop_map(Walks::Card),
        2 => (1..100u64).prop_map(Walks::Hours),
        1 => Just(Walks::Dies),
        1 => Just(Walks::Lives),
    ]
}

/// Does one of the things that are named for a case, as the last of those who may.
fn do_named(story: &mut Story, case: &CaseNumber, which: usize) {
    let all = named(story, case);
    let Some(named) = all.get(which % all.len().max(1)) else { return };
    let call = named_call(story, case, named);
    if let Some(who) = owners(&named.owner).last() {
        story.act(&who.key(), vec![call.to_bytes()]);
    }
}

/// Does what happens to a case or its applicant; gives the place of the case that is looked at then.
fn walk_on(story: &mut Story, cases: &[CaseNumber; CASES], walk: &Walks) -> usize {
    match walk {
        Walks::Hours(hours) => {
            story.pass_millis(hours * 3_600_000);
            usize::try_from(*hours).expect("few hours") % CASES
        }
        Walks::Named(index, which) => {
            do_named(story, &cases[*index], *which);
            *index
        }
        Walks::Call(index, number) => {
            let (who, call) = fitting_call(&cases[*index], *number, story.time());
            story.act(&who.key(), vec![call.to_bytes()]);
            *index
        }
        Walks::Hearing(index) => {
            for (who, step) in REVIEWS {
                story.act(&who.key(), vec![finish(&cases[*index], step).to_bytes()]);
            }
            story.act(&Who::Approver.key(), vec![tell_hearing(&cases[*index], &[Who::Mayor]).to_bytes()]);
            *index
        }
        Walks::Card(index) => {
            let number = record(story, &cases[*index]).cards.iter().rev().find_map(|card| card.number);
            if let Some(number) = number {
                story.act(&Who::SecondApprover.key(), vec![answer_card(number).to_bytes()]);
                let answer = supervision_of(story, number).expect("a card that has a number is kept").answer;
                assert!(answer.is_some(), "I22: whatever became of the case, a card is answered");
            }
            *index
        }
        Walks::Dies => {
            let is_there = story.ask(|state| Ok(loss_of(state, &Who::Zhang.account())?)).expect("a record").is_none();
            if is_there {
                carry_through(story, Who::CivilOfficer, Who::Zhang, record_death(Who::Zhang), "AccountEnded");
            }
            0
        }
        Walks::Lives => {
            story.act(&Who::RecoveryApprover.key(), vec![annul_ending(Who::Zhang).to_bytes()]);
            0
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Whatever has happened to a case: it and each of its open steps has a cause, an owner, a deadline, and a call that its owner can make.
    #[test]
    fn what_is_named_can_be_done(walks in proptest::collection::vec(walk(), 1..50)) {
        let (mut story, cases) = town_under_time();
        for walk in walks {
            let index = walk_on(&mut story, &cases, &walk);
            check_waiting(&story, &cases[index])?;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever has happened to a case, what time brings about it is done, by itself and by whoever settles it: no case waits for ever.
    #[test]
    fn time_is_never_refused(
        happens in proptest::collection::vec((prop::option::weighted(0.9, (0..CASES, 0..59u8)), 1..200u64), 1..60)
    ) {
        let (mut story, cases) = town_under_time();
        for (call, hours) in happens {
            match call {
                Some((index, number)) => {
                    let (who, call) = fitting_call(&cases[index], number, story.time());
                    story.act(&who.key(), vec![call.to_bytes()]);
                }
                None => check_all_done(&story.pass_millis(hours * 3_600_000))?,
            }
        }
        let mut asleep = story.clone();
        for _ in 0..120 {
            check_all_done(&story.pass_millis(DAY_MILLIS / 2))?;
        }
        asleep.wait_millis(60 * DAY_MILLIS);
        for case in &cases {
            settle_all(&mut asleep, case)?;
            settle_all(&mut story, case)?;
            check_case(&story, case)?;
        }
        for _ in 0..60 {
            check_all_done(&asleep.pass_millis(DAY_MILLIS))?;
        }
    }

    /// Whoever calls whatever, and however much time passes: the invariants hold, an end is an end, a decision is changed only by taking the
    /// case up again, and nothing waits for nobody.
    #[test]
    fn cases_keep_the_law(happens in proptest::collection::vec(anything(), 1..70)) {
        let mut story = town();
        let with_gap = Application {
            materials: list(&[electronic(0), electronic(1), Given { material: 3, how: How::Gap {} }]),
            gap_promise: Some(PAPER),
            ..application()
        };
        let cases = [received(&mut story, application()), received(&mut story, with_gap)];
        let mut known = cases.clone().map(|case| record(&story, &case));
        for step in happens {
            let mut reconsidered = false;
            match step {
                Happens::Hours(hours) => { story.pass_millis(hours * 3_600_000); }
                Happens::Call(who, index, number) => {
                    let call = any_call(&cases[index], number, story.time());
                    reconsidered = number == 23;
                    story.act(&who.key(), vec![call.to_bytes()]);
                }
            }
            for (case, before) in cases.iter().zip(known.iter_mut()) {
                let now = check_case(&story, case)?;
                if !reconsidered {
                    prop_assert!(before.decision.is_none() || before.decision == now.decision, "I3: decided once");
                    prop_assert!(before.stage.is_open() || before.stage == now.stage, "an end is an end");
                }
                prop_assert!(before.acceptance.is_none() || before.item == now.item, "I14");
                *before = now;
            }
        }
    }
}
