//! Stories of cases: why they wait. What is named can be done, whoever is named can do it, and each open step has a day.

use crate::case_reasons::{Cause, Owner, StepCause, StepWaiting, Waiting};
use crate::case_records::RatingLevel;
use crate::case_sources::AnswerSources;
use crate::case_test_cast::*;
use crate::cases::{Application, Call};
use crate::test_cast::{APPROVAL, ENVIRONMENT, Who, code, outcome_name, tell, text, time};
use serde_json::json;
use tongban_kernel::Role;
use tongban_kernel::testing::Story;
use tongban_types::codes::CaseNumber;

fn whole(story: &Story, case: &CaseNumber) -> Waiting {
    why(story, case).0.expect("it waits")
}

fn next(story: &Story, case: &CaseNumber) -> String {
    whole(story, case).next.to_string()
}

fn step(story: &Story, case: &CaseNumber, name: &str) -> StepWaiting {
    why(story, case).1.into_iter().find(|step| &*step.step == name).expect("an open step")
}

fn zhang() -> Owner {
    Owner::Applicant { account: Who::Zhang.account() }
}

fn post(department: &'static str, role: Role, post: &str) -> Owner {
    Owner::Office { department: code(department), role, post: Some(text(post)) }
}

#[test]
fn a_step_that_waits_has_a_planned_day_behind_those_it_waits_for() {
    let mut story = town();
    let case = accepted(&mut story, Application { facts: facts(200, true, true), ..application() });
    let days = [
        ("核验", "2026-01-03", false),     // 1 working day from Thursday, 1 January
        ("食品审查", "2026-01-09", false), // 5
        ("现场核查", "2026-01-15", true),  // 4 more
        ("油烟审查", "2026-01-09", false),
        ("招牌审查", "2026-01-07", false),
        ("决定", "2026-01-17", true), // 2 behind the last of them
        ("制证", "2026-01-20", true),
        ("送达", "2026-01-21", true),
    ];
    let steps = why(&story, &case).1;
    let found: Vec<_> = steps.iter().map(|step| (&*step.step, step.deadline.at, step.is_forecast)).collect();
    let expected = days.map(|(name, day, is_forecast)| (name, time(&format!("{day}T00:00:00+08:00")), is_forecast));
    assert_eq!(found, expected, "all that are open, and not the inspection that these facts pass over");
    let decision = step(&story, &case, "决定");
    assert_eq!((decision.owner, &*decision.next), (post(APPROVAL, Role::Reviewer, "数据核验"), "finish_step"));
    assert_eq!(decision.next_step.as_deref(), Some("核验"));
    pass_days(&mut story, 20);
    let decision = step(&story, &case, "决定");
    assert!(!decision.is_late && decision.deadline.at > story.time(), "what was planned late is planned anew");
    assert!(step(&story, &case, "食品审查").is_late);
}

#[test]
fn a_step_behind_one_that_is_passed_over_waits_for_what_is_before_that() {
    let mut story = town();
    let case = accepted(&mut story, application());
    for (who, name) in [(Who::Checker, "核验"), (Who::AirReviewer, "油烟审查"), (Who::SignReviewer, "招牌审查")]
    {
        tell(&mut story, &[(who, finish(&case, name), "StepFinished")]);
    }
    let StepCause::WaitsFor { steps } = step(&story, &case, "决定").cause else { panic!("it waits") };
    assert_eq!(names(&steps), ["食品审查"], "the site visit is not needed for 50 square metres");
    assert_eq!(step(&story, &case, "决定").next_step.as_deref(), Some("食品审查"));
}

#[test]
fn what_stands_still_has_the_end_of_its_procedure_and_a_forecast_behind_it() {
    let mut story = town();
    let case = accepted(&mut story, Application { facts: facts(200, true, true), ..application() });
    let until = time("2026-01-12T12:00:00+08:00");
    tell(&mut story, &[(Who::FoodReviewer, stop(&case, "食品审查", until), "ClockStopped")]);
    let food = step(&story, &case, "食品审查");
    assert!(matches!(food.cause, StepCause::Procedure { .. }), "{food:?}");
    assert_eq!((food.deadline.at, food.is_forecast, &*food.next), (until, false, "finish_step"));
    // It goes on with its 5 days on Monday, 12 January, and the site visit has 4 behind them.
    assert_eq!(step(&story, &case, "现场核查").deadline.at, time("2026-01-24T00:00:00+08:00"));
    let waiting = whole(&story, &case);
    assert!(matches!(waiting.cause, Cause::StepsUnderWay { .. }) && waiting.is_forecast);
    assert_eq!(waiting.deadline.at, time("2026-02-03T00:00:00+08:00"), "15 working days behind the procedure");
    tell(&mut story, &[(Who::FoodReviewer, finish(&case, "食品审查"), "StepFinished")]);
    assert!(!whole(&story, &case).is_forecast);
}

#[test]
fn what_time_has_brought_comes_first_and_anybody_may_settle_it() {
    let mut story = town();
    let case = accepted(&mut story, application());
    let until = story.time().plus_millis(3 * DAY_MILLIS);
    tell(&mut story, &[(Who::FoodReviewer, stop(&case, "食品审查", until), "ClockStopped")]);
    story.wait_millis(3 * DAY_MILLIS + 120_000);
    let (waiting, steps) = why(&story, &case);
    let waiting = waiting.expect("it waits");
    assert_eq!((&waiting.cause, &waiting.owner, &*waiting.next), (&Cause::TimeFirst {}, &Owner::Time {}, "settle"));
    assert_eq!((waiting.deadline.at, waiting.is_late), (until, true));
    assert!(!steps.is_empty());
    assert!(steps.iter().all(|step| (&step.cause, &*step.next) == (&StepCause::TimeFirst {}, "settle")), "{steps:?}");
    let receipt = story.act(&Who::AirReviewer.key(), vec![finish(&case, "油烟审查").to_bytes()]);
    let outcome = outcome_name(&receipt.outcome);
    assert!(["StepFinished", "cases.time_first"].contains(&&*outcome), "{outcome}: unless the ledger was first");
}

#[test]
fn what_cannot_be_accepted_as_it_is_names_what_can_be_done_instead() {
    let mut story = town();
    let bare = Application { materials: list(&[electronic(0)]), ..application() };
    let case = received(&mut story, bare);
    let acceptor = post(APPROVAL, Role::Acceptor, "综合窗口受理岗");
    let waiting = whole(&story, &case);
    assert_eq!(waiting.cause, Cause::MaterialsMissing { missing: list(&[1, 3]) });
    assert_eq!((&*waiting.next, &waiting.owner), ("ask_correction", &acceptor));
    tell(
        &mut story,
        &[
            (Who::Acceptor, accept(&case), "cases.material_missing"),
            (Who::Acceptor, ask_correction(&case, &[1]), "cases.material_missing"), // I12
            (Who::Acceptor, ask_correction(&case, &[1, 3]), "CorrectionAsked"),
            (Who::Zhang, supplement(&case, &[paper(1), gap(3)]), "Supplemented"),
        ],
    );
    assert_eq!(next(&story, &case), "refuse_acceptance", "corrections are asked for once, and one is missing still");

    let tiny = received(&mut story, Application { facts: facts(0, true, true), ..application() });
    let waiting = whole(&story, &tiny);
    assert_eq!((&waiting.cause, &*waiting.next), (&Cause::NotEligible {}, "refuse_acceptance"));

    let materials = list(&[electronic(0), electronic(1), gap(3)]);
    let promised = received(&mut story, Application { materials, gap_promise: Some(PAPER), ..application() });
    assert_eq!((next(&story, &promised), whole(&story, &promised).owner), ("accept_with_gap".into(), acceptor));
}

#[test]
fn what_was_sent_back_waits_for_its_acceptance_and_so_do_its_steps() {
    let mut story = town();
    let case = accepted(&mut story, application());
    let larger = of(Call::Supplement {
        case: case.clone(),
        facts: Some(facts(400, true, true)),
        form: None,
        materials: list(&[]),
        sources: AnswerSources::default(),
        gap_promise: None,
    });
    tell(
        &mut story,
        &[
            (Who::FoodReviewer, finish(&case, "食品审查"), "StepFinished"),
            (Who::Checker, reject(&case, "核验"), "StepFinished"), // back to the acceptance
        ],
    );
    assert_eq!(next(&story, &case), "accept");
    let steps = why(&story, &case).1;
    assert!(steps.iter().any(|step| &*step.step == "油烟审查") && steps.iter().all(|step| &*step.next == "accept"));
    tell(
        &mut story,
        &[
            (Who::Acceptor, ask_correction(&case, &[0]), "CorrectionAsked"),
            (Who::Zhang, supplement(&case, &[paper(0)]), "Supplemented"),
            (Who::Zhang, larger, "Supplemented"),
        ],
    );
    let waiting = whole(&story, &case);
    assert_eq!((waiting.cause, waiting.owner), (Cause::MaterialsMissing { missing: list(&[2]) }, zhang()));
    assert_eq!(&*waiting.next, "supplement", "it is neither refused acceptance nor corrected twice");
}

#[test]
fn a_gap_holds_up_the_decision_first_and_then_everything() {
    let mut story = town();
    let case = accepted_with_gap(&mut story, 5);
    assert_eq!(step(&story, &case, "油烟审查").owner, post(ENVIRONMENT, Role::Reviewer, "大气环境岗"));
    let mut done = story.clone();
    finish_reviews(&mut done, &case);
    let decision = step(&done, &case, "决定");
    assert_eq!((decision.owner, &*decision.next), (zhang(), "fill_gap"));
    assert!(matches!(decision.cause, StepCause::Gap { is_suspended: false, .. }));
    assert_eq!(step(&done, &case, "制证").owner, zhang(), "what waits for the decision waits for him");
    pass_days(&mut story, 9);
    let steps = why(&story, &case).1;
    let is_his = |step: &StepWaiting| step.owner == zhang() && &*step.next == "fill_gap";
    assert!(!steps.is_empty() && steps.iter().all(is_his), "{steps:?}");
    assert!(steps.iter().all(|step| matches!(step.cause, StepCause::Gap { is_suspended: true, .. })));
    tell(&mut story, &[(Who::AirReviewer, finish(&case, "油烟审查"), "cases.suspended")]);
}

#[test]
fn an_old_rating_is_answered_when_the_case_has_ended_again() {
    let mut story = town();
    let case = closed(&mut story, notice_application(), false);
    tell(
        &mut story,
        &[
            (Who::Zhang, rate(&case, RatingLevel::Dissatisfied), "Rated"),
            (Who::Zhang, appeal(&case), "Appealed"),
            (Who::SecondApprover, decide_appeal(&case, true), "AppealDecided"),
            (Who::SecondApprover, reconsider(&case), "Reconsidered"),
            (Who::SecondApprover, decide(&case), "Decided"),
            (Who::Checker, finish(&case, "公示"), "StepFinished"),
            (Who::Approver, answer(&case), "cases.wrong_stage"),
        ],
    );
    assert_eq!(next(&story, &case), "deliver");
    tell(&mut story, &[(Who::Issuer, deliver(&case, None), "Delivered"), (Who::Issuer, close(&case), "Closed")]);
    assert_eq!(next(&story, &case), "answer_work_order");
}

#[test]
fn a_check_that_has_time_hides_no_delivery_that_is_due_before() {
    let mut story = town();
    let promised = Application { materials: list(&[promise(0)]), ..notice_application() };
    let case = accepted(&mut story, promised);
    for (who, call, event) in [
        (Who::Checker, finish(&case, "审查"), "StepFinished"),
        (Who::Approver, decide(&case), "Decided"),
        (Who::Checker, finish(&case, "公示"), "StepFinished"),
    ] {
        tell(&mut story, &[(who, call, event)]);
    }
    assert_eq!(next(&story, &case), "deliver", "within 3 working days; the check has 40");
    tell(&mut story, &[(Who::Issuer, deliver(&case, None), "Delivered"), (Who::Issuer, close(&case), "Closed")]);
    assert_eq!(next(&story, &case), "check_commitment");
}

#[test]
fn a_result_is_made_before_it_is_delivered() {
    let mut story = town();
    let mut item = notice();
    item["outcome"] = json!({ "kind": "document", "name": "备案通知书", "licence_type": null });
    let mut delivery = item["flow"][3].clone();
    (delivery["name"], delivery["kind"], delivery["role"]) =
        (json!("送达"), json!("delivery"), json!("综合窗口出件岗"));
    item["flow"].as_array_mut().expect("steps").push(delivery);
    tell(&mut story, &[(Who::Editor, publish(NOTICE_CODE, 2, &item), "Published")]);
    let case = accepted(&mut story, notice_application());
    assert!(matches!(step(&story, &case, "送达").cause, StepCause::WaitsFor { .. }));
    tell(
        &mut story,
        &[
            (Who::Checker, finish(&case, "审查"), "StepFinished"),
            (Who::Approver, decide(&case), "Decided"),
            (Who::Checker, finish(&case, "公示"), "StepFinished"),
            (Who::Issuer, deliver(&case, Some("送达")), "cases.result_missing"),
        ],
    );
    let waiting = whole(&story, &case);
    assert_eq!((&waiting.cause, &*waiting.next), (&Cause::ResultToMake {}, "issue_certificate"));
    assert_eq!((waiting.next_step, step(&story, &case, "送达").cause), (None, StepCause::ResultToMake {}));
    tell(&mut story, &[(Who::Issuer, document(&case, None), "CertificateIssued")]);
    assert_eq!((next(&story, &case), step(&story, &case, "送达").cause), ("deliver".into(), StepCause::Due {}));
}
