//! Stories of cases: steps, special procedures, extensions, decisions, and ends before a decision.

use crate::Call as AnyCall;
use crate::case_reasons::Owner;
use crate::case_records::ProcedureKind;
use crate::case_states::Stage;
use crate::case_test_cast::*;
use crate::cases::{Application, Call, Event, Ruling};
use crate::flow::StepOutcome;
use crate::orgs;
use crate::test_cast::{APPROVAL, GOVERNMENT, MARKET, TERM_END, Who, appoint, code, grant, outcome_name, tell, text};
use serde_json::json;
use tongban_kernel::Role;
use tongban_kernel::testing::Story;
use tongban_types::codes::CaseNumber;

#[test]
fn steps_are_done_once_when_they_are_due() {
    let mut story = town();
    let case = accepted(&mut story, Application { facts: facts(200, true, true), ..application() });
    let unwritten =
        of(Call::FinishStep { case: case.clone(), step: text("食品审查"), passed: true, opinion: None });
    let bare = of(Call::FinishStep { case: case.clone(), step: text("核验"), passed: false, opinion: None });
    tell(
        &mut story,
        &[
            (Who::FoodInspector, finish(&case, "现场核查"), "cases.step_not_due"), // I15
            (Who::FoodReviewer, unwritten, "cases.opinion_missing"),
            (Who::Checker, bare, "cases.opinion_missing"),
            (Who::FoodReviewer, finish(&case, "食品审查"), "StepFinished"),
            (Who::FoodReviewer, finish(&case, "食品审查"), "cases.step_not_due"), // I15
            (Who::FireInspector, finish(&case, "消防检查"), "cases.step_not_due"), // skipped: 200 m²
            (Who::Approver, decide(&case), "cases.step_not_due"),                 // I15
            (Who::FoodInspector, finish(&case, "现场核查"), "StepFinished"),
            (Who::Checker, finish(&case, "散步"), "tx.denied"),
        ],
    );
}

#[test]
fn each_kind_of_step_has_its_call() {
    let mut story = town();
    let mut item = notice();
    item["flow"][3]["kind"] = json!("certificate");
    item["flow"][3]["role"] = json!("首席审批员");
    item["flow"][0]["role"] = json!("数据核验");
    item["flow"][2]["role"] = json!("数据核验");
    item["flow"][2]["condition"] = json!(null);
    item["form"] = json!(r#"{"type":"object","properties":{"urgent":{"type":"boolean"}}}"#);
    tell(
        &mut story,
        &[
            (Who::Editor, publish(NOTICE_CODE, 2, &item), "Published"),
            (Who::Mayor, grant(APPROVAL, Who::Checker, Role::Acceptor, None, TERM_END), "Granted"),
            (Who::Mayor, grant(APPROVAL, Who::Checker, Role::Approver, None, TERM_END), "Granted"),
            (Who::Mayor, grant(APPROVAL, Who::Checker, Role::Issuer, None, TERM_END), "Granted"),
        ],
    );
    let case = received(&mut story, Application { facts: few(&[]), ..notice_application() });
    let of_review = of(Call::Decide {
        case: case.clone(),
        step: text("审查"),
        ruling: Ruling::Grant,
        reasons: text(""),
        remedies: text(""),
        opinion: None,
    });
    tell(
        &mut story,
        &[
            (Who::Checker, accept(&case), "Accepted"),
            (Who::Checker, finish(&case, "受理"), "cases.other_call"),
            (Who::Checker, finish(&case, "决定"), "cases.other_call"),
            (Who::Checker, of_review, "cases.other_call"),
            (Who::Checker, finish(&case, "审查"), "StepFinished"),
            (Who::Approver, decide(&case), "tx.denied"),
        ],
    );
}

#[test]
fn a_statute_that_wants_a_person_admits_no_program() {
    let mut story = town();
    let case = accepted(&mut story, application());
    let finish =
        |step: &str| Call::FinishStep { case: case.clone(), step: text(step), passed: true, opinion: Some(PAPER) };
    assert_eq!(by_robot(&mut story, finish("核验")), "StepFinished");
    assert_eq!(by_robot(&mut story, finish("食品审查")), "cases.person_needed"); // I8
    let grant = orgs::Right { role: Role::Approver, post: None, from: None, until: TERM_END.parse().expect("a time") };
    let grant = AnyCall::Orgs(orgs::Call::Grant { department: code(APPROVAL), account: robot_account(), right: grant });
    let refused = story.act(&Who::Mayor.key(), vec![grant.to_bytes()]);
    assert!(outcome_name(&refused.outcome).starts_with("orgs."), "no program is given decisions");
}

#[test]
fn who_checked_does_not_decide() {
    let mut story = town();
    let approve = grant(MARKET, Who::FoodReviewer, Role::Approver, None, TERM_END);
    let mut item = restaurant();
    item["flow"][7]["department"] = json!(MARKET);
    item["flow"][7]["role"] = json!("食品经营审查岗");
    tell(&mut story, &[(Who::Mayor, approve, "Granted"), (Who::Editor, publish(RESTAURANT, 2, &item), "Published")]);
    let case = accepted(&mut story, application());
    finish_reviews(&mut story, &case);
    tell(&mut story, &[(Who::FoodReviewer, decide(&case), "cases.four_eyes")]); // I16
}

#[test]
fn a_rejected_step_is_an_opinion_and_a_person_refuses() {
    let mut story = town();
    let case = accepted(&mut story, application());
    tell(
        &mut story,
        &[
            (Who::AirReviewer, reject(&case, "油烟审查"), "StepFinished"), // the others are finished
            (Who::Approver, refuse(&case), "cases.step_not_due"),
            (Who::Checker, finish(&case, "核验"), "StepFinished"),
            (Who::SignReviewer, finish(&case, "招牌审查"), "StepFinished"),
            (Who::FoodReviewer, finish(&case, "食品审查"), "StepFinished"),
        ],
    );
    assert_eq!(stage(&story, &case), Stage::Accepted, "nobody has refused yet");
    tell(
        &mut story,
        &[
            (Who::Approver, decide(&case), "cases.refusal_only"),
            (Who::Approver, refuse(&case), "Decided"),
            (Who::Issuer, document(&case, None), "cases.wrong_stage"), // I6
            (Who::Issuer, close(&case), "cases.not_delivered"),
            (Who::Issuer, deliver(&case, Some("送达")), "cases.step_not_due"),
            (Who::Issuer, deliver(&case, None), "Delivered"),
            (Who::Issuer, deliver(&case, None), "cases.delivered_before"),
            (Who::Issuer, close(&case), "Closed"),
        ],
    );
    let stopped = accepted(&mut story, application());
    tell(
        &mut story,
        &[
            (Who::FoodReviewer, reject(&stopped, "食品审查"), "StepFinished"), // stops all
            (Who::Checker, finish(&stopped, "核验"), "cases.step_not_due"),
            (Who::Approver, refuse(&stopped), "Decided"),
        ],
    );
    assert_eq!(stage(&story, &stopped), Stage::Rejected);
}

#[test]
fn a_step_goes_back_and_all_behind_it_is_done_again() {
    let mut story = town();
    let case = accepted(&mut story, Application { facts: facts(200, true, true), ..application() });
    tell(&mut story, &[(Who::FoodReviewer, finish(&case, "食品审查"), "StepFinished")]);
    let back = Call::FinishStep { case: case.clone(), step: text("现场核查"), passed: false, opinion: Some(PAPER) };
    let Event::StepFinished { repeated, due, .. } = event_of(&mut story, Who::FoodInspector, back) else {
        panic!("expected a step")
    };
    assert_eq!((names(&repeated), names(&due)), (vec!["食品审查", "现场核查"], vec!["食品审查"]));
    assert_eq!(step_record(&story, &case, 3, 0).map(|record| record.outcome), Some(StepOutcome::Rejected));
    tell(&mut story, &[(Who::FoodReviewer, finish(&case, "食品审查"), "StepFinished")]);
    assert!(step_record(&story, &case, 2, 1).is_some(), "each round has its record");
    tell(
        &mut story,
        &[
            (Who::Checker, reject(&case, "核验"), "StepFinished"), // back to the acceptance
            (Who::FoodInspector, finish(&case, "现场核查"), "cases.wrong_stage"),
            (Who::Acceptor, ask_correction(&case, &[1]), "CorrectionAsked"),
            (Who::Zhang, supplement(&case, &[paper(1)]), "Supplemented"),
            (Who::Acceptor, accept(&case), "Accepted"),
            (Who::FoodReviewer, finish(&case, "食品审查"), "StepFinished"),
        ],
    );
    assert!(record(&story, &case).promised.is_some_and(|clock| clock.is_running()), "the clock has gone on");
    for _ in 0..7 {
        tell(
            &mut story,
            &[(Who::Checker, reject(&case, "核验"), "StepFinished"), (Who::Acceptor, accept(&case), "Accepted")],
        );
    }
    tell(&mut story, &[(Who::Checker, reject(&case, "核验"), "cases.too_many_rounds")]);
}

#[test]
fn a_decision_goes_back_where_the_flow_provides_for_it() {
    let mut story = town();
    let case = accepted(&mut story, notice_application());
    tell(
        &mut story,
        &[
            (Who::Checker, finish(&case, "审查"), "StepFinished"),
            (Who::Approver, rule(&case, Ruling::SendBack), "Decided"),
            (Who::Approver, decide(&case), "cases.step_not_due"),
            (Who::Checker, finish(&case, "审查"), "StepFinished"),
            (Who::Approver, refuse(&case), "Decided"), // for good, although the flow goes back
        ],
    );
    assert_eq!(stage(&story, &case), Stage::Rejected);
    let other = accepted(&mut story, application());
    finish_reviews(&mut story, &other);
    tell(&mut story, &[(Who::Approver, rule(&other, Ruling::SendBack), "cases.no_send_back")]);
}

#[test]
fn nothing_is_granted_before_the_gap_is_filled() {
    let mut story = town();
    let with_gap = Application { materials: list(&[electronic(0), electronic(1), gap(3)]), ..application() };
    let unpromised = received(&mut story, with_gap.clone());
    let complete = received(&mut story, application());
    let promised = Application { gap_promise: Some(PAPER), ..with_gap };
    let main_missing =
        received(&mut story, Application { materials: list(&[electronic(1), gap(3)]), ..promised.clone() });
    let case = received(&mut story, promised);
    tell(
        &mut story,
        &[
            (Who::Acceptor, accept_with_gap(&unpromised, 10), "cases.gap_promise_missing"),
            (Who::Acceptor, accept_with_gap(&complete, 10), "cases.nothing_missing"),
            (Who::Acceptor, accept_with_gap(&main_missing, 10), "cases.material_missing"),
            (Who::Acceptor, accept(&case), "cases.material_missing"),
            (Who::Acceptor, accept_with_gap(&case, 16), "cases.gap_days"),
            (Who::Acceptor, accept_with_gap(&case, 0), "cases.gap_days"),
            (Who::Acceptor, accept_with_gap(&case, 15), "Accepted"),
        ],
    );
    finish_reviews(&mut story, &case);
    tell(
        &mut story,
        &[
            (Who::Approver, decide(&case), "cases.gap_open"), // I4
            (Who::Li, fill_gap(&case, &[electronic(3)]), "cases.no_capacity"),
            (Who::Zhang, fill_gap(&case, &[]), "cases.not_a_gap"),
            (Who::Zhang, fill_gap(&case, &[electronic(1)]), "cases.not_a_gap"),
            (Who::Zhang, fill_gap(&case, &[gap(3)]), "cases.not_a_gap"),
            (Who::Zhang, fill_gap(&case, &[electronic(3)]), "GapFilled"),
            (Who::Zhang, fill_gap(&case, &[electronic(3)]), "cases.not_a_gap"),
            (Who::Approver, decide(&case), "Decided"),
        ],
    );
    let refused = received(
        &mut story,
        Application {
            materials: list(&[electronic(0), electronic(1), gap(3)]),
            gap_promise: Some(PAPER),
            ..application()
        },
    );
    tell(&mut story, &[(Who::Acceptor, accept_with_gap(&refused, 5), "Accepted")]);
    finish_reviews(&mut story, &refused);
    tell(&mut story, &[(Who::Approver, refuse(&refused), "Decided")]); // a refusal waits for nothing
    tell(&mut story, &[(Who::Zhang, fill_gap(&complete, &[electronic(3)]), "cases.wrong_stage")]);
    let whole = accepted(&mut story, application());
    tell(&mut story, &[(Who::Zhang, fill_gap(&whole, &[electronic(3)]), "cases.not_a_gap")]);
}

#[test]
fn a_clock_stands_still_in_a_recorded_procedure() {
    let mut story = town();
    let case = accepted(&mut story, application());
    let now = story.time();
    let in_days = |days: u64| now.plus_millis(days * DAY_MILLIS);
    let suspension = of(Call::StopClock {
        case: case.clone(),
        step: text("食品审查"),
        procedure: ProcedureKind::GapSuspension,
        reason: text("无"),
        until: in_days(1),
    });
    let silent = of(Call::StopClock {
        case: case.clone(),
        step: text("食品审查"),
        procedure: ProcedureKind::Test,
        reason: text(""),
        until: in_days(1),
    });
    tell(
        &mut story,
        &[
            (Who::FoodReviewer, resume(&case, "食品审查"), "cases.no_procedure"),
            (Who::FoodReviewer, suspension, "cases.procedure_kind"),
            (Who::FoodReviewer, silent, "cases.reasons_missing"),
            (Who::FoodReviewer, stop(&case, "食品审查", now), "cases.procedure_until"),
            (Who::FoodReviewer, stop(&case, "食品审查", in_days(400)), "cases.procedure_until"),
            (Who::FoodInspector, stop(&case, "现场核查", in_days(9)), "cases.step_not_due"),
            (Who::FoodReviewer, stop(&case, "食品审查", in_days(9)), "ClockStopped"),
            (Who::FoodReviewer, stop(&case, "食品审查", in_days(9)), "cases.procedure_running"),
            (Who::AirReviewer, stop(&case, "油烟审查", in_days(5)), "ClockStopped"),
        ],
    );
    let running = |story: &Story, place: usize| {
        let case = record(story, &case);
        let clocks = [case.promised, case.statutory, case.steps[place].clock];
        clocks.map(|clock| clock.is_some_and(|clock| clock.is_running()))
    };
    assert_eq!(running(&story, 2), [false, false, false]);
    assert_eq!(running(&story, 1), [false, false, true], "other steps go on");
    tell(&mut story, &[(Who::AirReviewer, resume(&case, "油烟审查"), "ClockResumed")]);
    assert_eq!(running(&story, 5), [false, false, true], "another procedure still holds the decision's clock");
    tell(&mut story, &[(Who::FoodReviewer, finish(&case, "食品审查"), "StepFinished")]);
    assert_eq!(running(&story, 1), [true, true, true], "what is finished needs no procedure");
    for _ in 0..14 {
        tell(
            &mut story,
            &[
                (Who::AirReviewer, stop(&case, "油烟审查", in_days(5)), "ClockStopped"),
                (Who::AirReviewer, resume(&case, "油烟审查"), "ClockResumed"),
            ],
        );
    }
    tell(&mut story, &[(Who::AirReviewer, stop(&case, "油烟审查", in_days(5)), "cases.too_many_procedures")]);
}

#[test]
fn the_head_extends_once_by_what_the_law_allows() {
    let mut story = town();
    let case = accepted(&mut story, application());
    let alone = accepted(&mut story, notice_application());
    let term = record(&story, &case).statutory.map(|clock| clock.term());
    tell(
        &mut story,
        &[
            (Who::Head, extend(&case, 16), "cases.extension_days"),
            (Who::Head, extend(&case, 0), "cases.extension_days"),
            (Who::Head, extend(&alone, 11), "cases.extension_days"),
            (Who::Head, extend(&alone, 10), "Extended"),
            (Who::Head, extend(&case, 15), "Extended"),
            (Who::Head, extend(&case, 1), "cases.extended_before"),
        ],
    );
    let extended = record(&story, &case).statutory.expect("a clock");
    assert_eq!((Some(extended.term()), extended.extension_days()), (term, 15));
}

#[test]
fn termination_is_proposed_by_one_and_decided_by_another() {
    let mut story = town();
    let case = accepted(&mut story, application());
    let both = grant(APPROVAL, Who::Acceptor, Role::Approver, None, TERM_END);
    tell(
        &mut story,
        &[
            (Who::Mayor, both, "Granted"),
            (Who::Approver, terminate(&case), "cases.not_proposed"), // I17
            (Who::Acceptor, propose_termination(&case), "TerminationProposed"),
            (Who::Acceptor, propose_termination(&case), "cases.proposed_before"),
            (Who::Acceptor, terminate(&case), "cases.same_officer"), // I16
            (Who::Approver, terminate(&case), "Ended"),
            (Who::Approver, terminate(&case), "cases.wrong_stage"),
        ],
    );
    assert!(!broken_promise(&story, Who::Zhang), "no promise was broken");
}

#[test]
fn withdrawing_and_forwarding() {
    let mut story = town();
    let case = filed(&mut story, application());
    let unknown: CaseNumber = "1".parse().expect("a number");
    tell(
        &mut story,
        &[
            (Who::Zhang, withdraw(&unknown), "cases.not_found"),
            (Who::Li, withdraw(&case), "cases.no_capacity"),
            (Who::Zhang, withdraw(&case), "Ended"),
            (Who::Zhang, withdraw(&case), "cases.wrong_stage"),
        ],
    );
    let case = accepted(&mut story, application());
    tell(
        &mut story,
        &[
            (Who::Approver, forward(&case, APPROVAL), "cases.not_higher"),
            (Who::Approver, forward(&case, MARKET), "cases.not_higher"),
            (Who::Approver, forward(&case, GOVERNMENT), "Forwarded"),
        ],
    );
    assert_eq!((stage(&story, &case), record(&story, &case).department), (Stage::Received, code(GOVERNMENT)));
    let late = granted(&mut story);
    tell(&mut story, &[(Who::Zhang, withdraw(&late), "cases.wrong_stage")]);
}

/// Officers of the city's government for all that a higher body does.
pub fn higher_body(story: &mut Story) {
    let mut lines = vec![
        (Who::Mayor, appoint(GOVERNMENT, Who::Li, &[]), "Appointed"),
        (Who::Mayor, appoint(GOVERNMENT, Who::Head, &[]), "Appointed"),
        (Who::Mayor, grant(GOVERNMENT, Who::Head, Role::Approver, None, TERM_END), "Granted"),
    ];
    for role in [Role::Acceptor, Role::Reviewer, Role::Issuer] {
        lines.push((Who::Mayor, grant(GOVERNMENT, Who::Li, role, None, TERM_END), "Granted"));
    }
    tell(story, &lines);
}

#[test]
fn a_forwarded_case_goes_on_at_the_higher_body() {
    let mut story = town();
    let case = accepted(&mut story, application());
    tell(
        &mut story,
        &[
            (Who::Checker, finish(&case, "核验"), "StepFinished"),
            (Who::FoodReviewer, finish(&case, "食品审查"), "StepFinished"),
        ],
    );
    higher_body(&mut story);
    pass_days(&mut story, 4);
    let before = record(&story, &case);
    tell(&mut story, &[(Who::Approver, forward(&case, GOVERNMENT), "Forwarded")]);
    let record_of = record(&story, &case);
    let forwarding = record_of.forwardings[0].clone();
    assert_eq!((forwarding.from, forwarding.to), (code(APPROVAL), code(GOVERNMENT)));
    assert_eq!(forwarding.by.account, Who::Approver.account());
    assert_eq!(forwarding.statutory.map(|clock| clock.began()), before.statutory.map(|clock| clock.began()));
    assert_eq!((record_of.promised, record_of.statutory), (None, None), "its clocks begin with the acceptance there");
    let (waiting, _) = why(&story, &case);
    let owner = Owner::Office { department: code(GOVERNMENT), role: Role::Acceptor, post: None };
    assert_eq!(waiting.map(|waiting| (waiting.next.to_string(), waiting.owner)), Some(("accept".into(), owner)));
    tell(
        &mut story,
        &[
            (Who::Acceptor, accept(&case), "tx.denied"),
            (Who::Li, refuse_acceptance(&case), "cases.accepted_before"), // I3
            (Who::Li, accept(&case), "Accepted"),
        ],
    );
    let accepted_at = story.time();
    assert_eq!(record(&story, &case).statutory.map(|clock| clock.began()), Some(accepted_at));
    tell(
        &mut story,
        &[
            (Who::Checker, finish(&case, "核验"), "tx.denied"),
            (Who::Li, finish(&case, "核验"), "StepFinished"),
            (Who::FoodReviewer, finish(&case, "食品审查"), "StepFinished"), // of another department, as before
            (Who::AirReviewer, finish(&case, "油烟审查"), "StepFinished"),
            (Who::SignReviewer, finish(&case, "招牌审查"), "StepFinished"),
            (Who::Approver, decide(&case), "tx.denied"),
            (Who::Head, decide(&case), "Decided"),
            (Who::Li, document(&case, Some("制证")), "CertificateIssued"),
            (Who::Li, deliver(&case, Some("送达")), "Delivered"),
            (Who::Issuer, close(&case), "tx.denied"),
            (Who::Li, close(&case), "Closed"),
        ],
    );
    let of_round =
        |round| step_record(&story, &case, 1, round).map(|step| (step.department, step.by.map(|by| by.account)));
    assert_eq!(of_round(0), Some((code(APPROVAL), Some(Who::Checker.account()))), "who did it there answers for it");
    assert_eq!(of_round(1), Some((code(GOVERNMENT), Some(Who::Li.account()))));
}

#[test]
fn what_was_not_accepted_is_forwarded_and_accepted_there_or_not() {
    let mut story = town();
    let case = received(&mut story, application());
    higher_body(&mut story);
    let silent = received(&mut story, application());
    tell(
        &mut story,
        &[
            (Who::Approver, forward(&case, GOVERNMENT), "Forwarded"),
            (Who::Approver, forward(&silent, GOVERNMENT), "Forwarded"),
            (Who::Approver, forward(&case, GOVERNMENT), "tx.denied"), // it is not his any more
            (Who::Head, forward(&case, GOVERNMENT), "cases.not_higher"),
            (Who::Li, refuse_acceptance(&case), "AcceptanceRefused"),
        ],
    );
    assert_eq!(count(&pass_days(&mut story, 9), "Accepted"), 1, "silence accepts there, too");
    assert!(record(&story, &silent).promised.is_some());
}
