//! Stories of cases: what time brings, and why a case waits.

use crate::Call as AnyCall;
use crate::cards::{Card, CardRules, Threshold, Thresholds};
use crate::case_reasons::{Cause, Owner, StepCause};
use crate::case_records::{Given, How, ProcedureKind, RatingLevel, Subject};
use crate::case_states::Stage;
use crate::case_test_cast::*;
use crate::cases::{Application, Call, Event, Rules};
use crate::catalogue::HandleType;
use crate::flow::StepOutcome;
use crate::licence_test_cast::{content, issue_with, period};
use crate::network::{self, MonthDay};
use crate::test_cast::{
    APPROVAL, ENVIRONMENT, GOVERNMENT, MANAGEMENT, MARKET, TERM_END, Who, appoint, code, grant, tell, text,
};
use serde_json::json;
use tongban_kernel::Role;
use tongban_kernel::testing::Story;
use tongban_types::codes::CaseNumber;
use tongban_types::{Receipt, Time};

/// Lets days pass; gives what time has brought, in its order.
fn brought(story: &mut Story, days: u64) -> Vec<Receipt> {
    (0..days * 4).flat_map(|_| story.pass_millis(DAY_MILLIS / 4)).collect()
}

fn time(text: &str) -> Time {
    text.parse().expect("a time")
}

#[test]
fn who_gets_no_answer_in_five_days_is_accepted_from_the_day_of_receipt() {
    let mut story = town();
    let case = filed(&mut story, application());
    let filed_at = story.time();
    let names = pass_days(&mut story, 7);
    assert_eq!(count(&names, "Accepted"), 0, "the fifth working day is not over: {names:?}");
    let names = pass_days(&mut story, 1);
    assert_eq!(count(&names, "Accepted"), 1, "{names:?}");
    let record = record(&story, &case);
    let acceptance = record.acceptance.expect("it was accepted");
    assert_eq!((acceptance.by, acceptance.counts_from), (None, filed_at)); // art. 32
    assert_eq!(record.promised.map(|clock| clock.running_since()), Some(filed_at));
    assert_eq!(step_record(&story, &case, 0, 0).map(|step| step.outcome), Some(StepOutcome::PassedBySilence));
    tell(&mut story, &[(Who::Acceptor, refuse_acceptance(&case), "cases.wrong_stage")]);
    finish_reviews(&mut story, &case);
}

#[test]
fn paper_that_nobody_has_received_is_not_accepted_by_silence() {
    let mut story = town();
    let case = filed(&mut story, Application { channel: HandleType::Counter, ..application() });
    let names = pass_days(&mut story, 20);
    assert_eq!((count(&names, "Accepted"), stage(&story, &case)), (0, Stage::Submitted));
    assert!(count(&names, "CardsShown") > 0, "supervision sees it");
    tell(&mut story, &[(Who::Receiver, receive(&case), "Received")]);
    assert_eq!(count(&pass_days(&mut story, 9), "Accepted"), 1);
}

#[test]
fn a_notice_stops_deemed_acceptance_until_the_correction() {
    let mut story = town();
    let case = received(&mut story, application());
    tell(&mut story, &[(Who::Acceptor, ask_correction(&case, &[1]), "CorrectionAsked")]);
    assert_eq!(count(&pass_days(&mut story, 12), "Accepted"), 0);
    tell(&mut story, &[(Who::Zhang, supplement(&case, &[paper(1)]), "Supplemented")]);
    let supplemented_at = story.time();
    assert_eq!(count(&pass_days(&mut story, 9), "Accepted"), 1);
    assert_eq!(record(&story, &case).acceptance.map(|acceptance| acceptance.counts_from), Some(supplemented_at));
}

#[test]
fn a_calendar_that_is_published_later_moves_the_day() {
    let mut story = town();
    let case = filed(&mut story, application());
    let off = |day| MonthDay { month: 1, day };
    let calendar = AnyCall::Network(network::Call::PublishCalendar {
        year: 2026,
        edition: 1,
        days_off: list(&[off(1), off(2)]),
        make_up_days: list(&[MonthDay { month: 1, day: 4 }]),
    });
    let early = AnyCall::Network(network::Call::PublishCalendar {
        year: 2026,
        edition: 2,
        days_off: list(&[off(1)]),
        make_up_days: list(&[MonthDay { month: 1, day: 4 }]),
    });
    tell(&mut story, &[(Who::Admin, calendar, "CalendarPublished")]);
    assert_eq!(count(&pass_days(&mut story, 7), "Accepted"), 0);
    assert_eq!(count(&pass_days(&mut story, 1), "Accepted"), 1, "Sunday the 4th is worked on, Friday the 2nd is not");
    let next = filed(&mut story, application());
    tell(&mut story, &[(Who::Admin, early, "CalendarPublished")]);
    assert_eq!((stage(&story, &case), stage(&story, &next)), (Stage::Accepted, Stage::Submitted));
}

#[test]
fn silence_is_consent_where_the_item_says_so_and_nowhere_else() {
    let mut story = town();
    let case = accepted(&mut story, application());
    let names = pass_days(&mut story, 7);
    assert_eq!(count(&names, "StepsPassedBySilence"), 1, "{names:?}");
    let sign = step_record(&story, &case, 6, 0).expect("it counts as done");
    assert_eq!((sign.outcome, sign.by), (StepOutcome::PassedBySilence, None));
    let names = pass_days(&mut story, 30);
    assert_eq!(count(&names, "StepsPassedBySilence"), 0, "safety and environment are never silent");
    assert_eq!(stage(&story, &case), Stage::Accepted);
    tell(&mut story, &[(Who::SignReviewer, finish(&case, "招牌审查"), "cases.step_not_due")]);
}

#[test]
fn two_procedures_end_at_once_and_calls_wait_for_both() {
    let mut story = town();
    let case = accepted(&mut story, application());
    let until = story.time().plus_millis(3 * DAY_MILLIS);
    tell(
        &mut story,
        &[
            (Who::AirReviewer, stop(&case, "油烟审查", until), "ClockStopped"),
            (Who::FoodReviewer, stop(&case, "食品审查", until), "ClockStopped"),
            (Who::Zhang, settle(&case), "cases.nothing_due"),
        ],
    );
    story.wait_millis(3 * DAY_MILLIS + 60_000);
    tell(
        &mut story,
        &[
            (Who::AirReviewer, finish(&case, "油烟审查"), "cases.time_first"), // I10: one act at a time
            (Who::Zhang, settle(&case), "ClockResumed"),
            (Who::Zhang, settle(&case), "cases.nothing_due"),
            (Who::AirReviewer, finish(&case, "油烟审查"), "StepFinished"),
        ],
    );
    let procedures = record(&story, &case).procedures;
    assert!(procedures.iter().all(|procedure| procedure.ended_at == Some(until)), "{procedures:?}");
    let closed = closed(&mut story, notice_application(), true);
    tell(&mut story, &[(Who::Zhang, settle(&closed), "cases.wrong_stage")]);
}

#[test]
fn a_special_procedure_moves_the_deadline_by_its_working_days() {
    let mut story = town();
    let case = accepted(&mut story, application());
    let deadline = |story: &Story| {
        let clock = record(story, &case).statutory.expect("a clock");
        story.ask(|state| Ok(clock.deadline(state)?)).expect("a clock is reckoned").map(|deadline| deadline.at)
    };
    let before = deadline(&story).expect("it runs");
    let until = story.time().plus_millis(6 * DAY_MILLIS); // Thursday to Wednesday: 4 working days
    tell(&mut story, &[(Who::FoodReviewer, stop(&case, "食品审查", until), "ClockStopped")]);
    assert_eq!(deadline(&story), None);
    let names = pass_days(&mut story, 7);
    assert_eq!(count(&names, "ClockResumed"), 1, "{names:?}");
    assert!(count(&names, "CardsShown") > 0, "other steps are late meanwhile");
    let after = deadline(&story).expect("it runs again");
    assert_eq!(after.millis_since(before), 6 * DAY_MILLIS, "4 working days with a weekend");
}

#[test]
fn a_hearing_has_the_days_of_the_law() {
    let mut story = town();
    let case = accepted(&mut story, application());
    let hearing = |until| {
        let (step, procedure, reason) = (text("食品审查"), ProcedureKind::Hearing, text("申请人要求听证"));
        of(Call::StopClock { case: case.clone(), step, procedure, reason, until })
    };
    let last = time("2026-01-30T00:00:00+08:00"); // 20 working days behind Thursday, 1 January: art. 47
    tell(
        &mut story,
        &[
            (Who::FoodReviewer, hearing(last.plus_millis(1)), "cases.procedure_until"), // I5
            (Who::FoodReviewer, hearing(last), "ClockStopped"),
        ],
    );
}

#[test]
fn a_gap_is_reminded_of_then_suspends_then_is_proposed_to_a_person() {
    let mut story = town();
    let case = accepted_with_gap(&mut story, 5);
    assert_eq!(count(&pass_days(&mut story, 4), "GapReminded"), 0);
    let names = pass_days(&mut story, 1);
    assert_eq!(count(&names, "GapReminded"), 1, "two working days before: {names:?}");
    let names = pass_days(&mut story, 3);
    assert_eq!(count(&names, "GapSuspended"), 1, "{names:?}");
    assert!(record(&story, &case).promised.is_some_and(|clock| !clock.is_running()));
    let (waiting, _) = why(&story, &case);
    let waiting = waiting.expect("it waits");
    assert!(matches!(waiting.cause, Cause::Gap { is_suspended: true, .. }));
    assert_eq!(waiting.owner, Owner::Applicant { account: Who::Zhang.account() });
    tell(&mut story, &[(Who::FoodReviewer, finish(&case, "食品审查"), "cases.suspended")]);
    let names = pass_days(&mut story, 8);
    assert_eq!(count(&names, "TerminationProposed"), 1, "{names:?}");
    assert_eq!(stage(&story, &case), Stage::Accepted, "time terminates nothing"); // I17
    assert!(matches!(why(&story, &case).0.expect("it waits").cause, Cause::TerminationProposed {}));
    tell(&mut story, &[(Who::Approver, terminate(&case), "Ended")]);
    assert!(broken_promise(&story, Who::Zhang)); // I11
    assert!(pass_days(&mut story, 10).is_empty());
}

#[test]
fn a_gap_that_is_filled_late_lets_the_case_go_on() {
    let mut story = town();
    let case = accepted_with_gap(&mut story, 5);
    pass_days(&mut story, 16);
    assert!(record(&story, &case).termination.is_some());
    tell(
        &mut story,
        &[
            (Who::Zhang, fill_gap(&case, &[electronic(3)]), "GapFilled"),
            (Who::Approver, terminate(&case), "cases.not_proposed"),
        ],
    );
    assert!(record(&story, &case).promised.is_some_and(|clock| clock.is_running()));
    let open: Vec<_> = REVIEWS.iter().filter(|(_, step)| *step != "招牌审查").collect();
    let lines: Vec<_> = open.iter().map(|(who, step)| (*who, finish(&case, step), "StepFinished")).collect();
    tell(&mut story, &lines);
    pass_days(&mut story, 7);
    tell(&mut story, &[(Who::Approver, decide(&case), "Decided")]);
}

#[test]
fn a_case_that_is_not_corrected_may_be_returned() {
    let mut story = town();
    let case = received(&mut story, application());
    let give_back = of(Call::ReturnCase { case: case.clone(), reasons: text("逾期未补正") });
    tell(
        &mut story,
        &[
            (Who::Acceptor, ask_correction(&case, &[1]), "CorrectionAsked"),
            (Who::Acceptor, give_back.clone(), "cases.correction_running"),
        ],
    );
    assert_eq!(count(&pass_days(&mut story, 23), "CorrectionLapsed"), 1);
    tell(&mut story, &[(Who::Acceptor, give_back, "Ended")]);
    assert_eq!(stage(&story, &case), Stage::Returned);
    tell(
        &mut story,
        &[
            (Who::Zhang, appeal(&case), "Appealed"),
            (Who::Approver, decide_appeal(&case, true), "AppealDecided"),
            (Who::Approver, reconsider(&case), "Reconsidered"),
            (Who::Zhang, supplement(&case, &[paper(1)]), "Supplemented"),
        ],
    );
}

#[test]
fn appeals_and_extensions_have_their_time() {
    let mut story = town();
    let refused = closed(&mut story, notice_application(), false);
    let late = accepted(&mut story, application());
    pass_days(&mut story, 31);
    tell(&mut story, &[(Who::Head, extend(&late, 5), "cases.extension_late")]);
    pass_days(&mut story, 31);
    tell(&mut story, &[(Who::Zhang, appeal(&refused), "cases.appeal_late")]);
}

#[test]
fn cards_follow_the_clocks_and_the_rules_of_the_division() {
    let mut story = town();
    let case = accepted(&mut story, application());
    tell(
        &mut story,
        &[
            (Who::Checker, finish(&case, "核验"), "StepFinished"),
            (Who::SignReviewer, finish(&case, "招牌审查"), "StepFinished"),
            (Who::FoodReviewer, finish(&case, "食品审查"), "StepFinished"),
        ],
    );
    let worst = |story: &Story, subject| {
        let cards = record(story, &case).cards;
        cards.iter().find(|card| card.subject == subject).map(|card| card.card)
    };
    pass_days(&mut story, 6);
    assert_eq!((worst(&story, Subject::Step(5)), worst(&story, Subject::Decision)), (Some(Card::Prompt), None));
    pass_days(&mut story, 9);
    assert_eq!(worst(&story, Subject::Step(5)), Some(Card::Yellow), "the step's limit has passed");
    pass_days(&mut story, 8);
    assert_eq!(worst(&story, Subject::Decision), Some(Card::Yellow), "past the promise");
    let names = pass_days(&mut story, 8);
    assert_eq!(worst(&story, Subject::Decision), Some(Card::Red), "past the law's limit: {names:?}");
    assert!(pass_days(&mut story, 30).is_empty(), "nothing is shown twice");

    let late = Thresholds { yellow: Some(Threshold::Past { days: 0 }), red: Some(Threshold::Past { days: 5 }) };
    let quiet = Rules {
        cards: CardRules { prompt_days_left: None, promised: late, step: late, ..CardRules::default() },
        work_order_days: 15,
        ..Rules::default()
    };
    let endless = Rules { office_days: 0, ..Rules::default() };
    let soft = CardRules { statutory: Thresholds { yellow: None, red: None }, ..CardRules::default() };
    let soft = Rules { cards: soft, ..Rules::default() };
    let set = |rules: &Rules| of(Call::SetRules { department: code(GOVERNMENT), rules: rules.clone() });
    let of_bureau = |rules: &Rules| of(Call::SetRules { department: code(APPROVAL), rules: rules.clone() });
    tell(
        &mut story,
        &[
            (Who::Mayor, appoint(GOVERNMENT, Who::Li, &[]), "Appointed"),
            (Who::Mayor, grant(GOVERNMENT, Who::Li, Role::Supervisor, None, TERM_END), "Granted"),
            (Who::Li, set(&endless), "cases.rules_days"),
            (Who::Li, set(&soft), "cases.rules_cards"),
            (Who::Supervisor, set(&quiet), "tx.denied"),
            (Who::Supervisor, of(Call::SetRules { department: code(MARKET), rules: quiet.clone() }), "tx.denied"),
            (Who::Supervisor, of_bureau(&quiet), "cases.division_of_another"),
            (Who::Li, of_bureau(&quiet), "tx.denied"),
        ],
    );
    assert_eq!(rules_of(&story, APPROVAL), Rules::default(), "no bureau sets the rules of the city");
    tell(&mut story, &[(Who::Li, set(&quiet), "RulesSet")]);
    assert_eq!((rules_of(&story, APPROVAL), rules_of(&story, MARKET)), (quiet.clone(), quiet), "of one division");
    let other = accepted(&mut story, application());
    assert!(pass_days(&mut story, 1).is_empty());
    assert!(record(&story, &other).cards.is_empty());
}

#[test]
fn a_bad_rating_that_nobody_answers_shows_a_card() {
    let mut story = town();
    let case = closed(&mut story, notice_application(), true);
    tell(&mut story, &[(Who::Zhang, rate(&case, RatingLevel::VeryDissatisfied), "Rated")]);
    assert!(matches!(why(&story, &case).0.expect("it waits").cause, Cause::BadRating {}));
    let names = pass_days(&mut story, 10);
    assert!(count(&names, "CardsShown") >= 2, "{names:?}");
    tell(&mut story, &[(Who::Approver, answer(&case), "WorkOrderAnswered")]);
    assert_eq!(why(&story, &case).0, None);
}

#[test]
fn a_licence_counts_as_renewed_where_nobody_decides_before_it_expires() {
    let mut story = town();
    let short = |until| crate::licences::Content { period: period("2026-01-01T00:00:00+08:00", until), ..content() };
    let until = "2026-02-10T00:00:00+08:00";
    tell(
        &mut story,
        &[
            (Who::Issuer, issue_with(licence("MINE"), Who::Zhang, short(until)), "Issued"),
            (Who::Issuer, issue_with(licence("OTHER"), Who::Zhang, short(until)), "Issued"),
            (Who::Issuer, issue_with(licence("PAPER"), Who::Zhang, short(until)), "Issued"),
            (Who::Issuer, issue_with(licence("SOON"), Who::Zhang, short("2026-01-20T00:00:00+08:00")), "Issued"),
        ],
    );
    let case = accepted(&mut story, Application { renews: Some(licence("MINE")), ..application() });
    let untouched = filed(&mut story, Application { renews: Some(licence("OTHER")), ..application() });
    let unseen = filed(
        &mut story,
        Application { renews: Some(licence("PAPER")), channel: HandleType::Counter, ..application() },
    );
    let late = accepted(&mut story, Application { renews: Some(licence("SOON")), ..application() });
    story.wait_millis(time(until).millis_since(story.time()) + 60_000);
    for _ in 0..40 {
        story.pass_millis(60_000);
    }
    for case in [&case, &untouched] {
        let record = record(&story, case);
        let decision = record.decision.expect("art. 50");
        assert_eq!((decision.granted, decision.by, decision.at), (true, None, time(until)));
        assert_eq!(record.stage, Stage::Granted);
    }
    let from_now = crate::licences::Content {
        period: period("2026-02-11T00:00:00+08:00", "2029-02-11T00:00:00+08:00"),
        ..content()
    };
    let renewed = AnyCall::Licences(crate::licences::Call::Issue {
        identifier: licence("NEW"),
        case: Some(case.clone()),
        holder: Who::Zhang.account(),
        content: from_now,
        ground: None,
    });
    assert_eq!(stage(&story, &unseen), Stage::Submitted, "paper that has not arrived renews nothing");
    assert_eq!(stage(&story, &late), Stage::Accepted, "who applied less than 30 days before waits for a decision");
    tell(
        &mut story,
        &[
            (Who::Approver, decide(&case), "cases.wrong_stage"),
            (Who::Issuer, renewed, "Issued"),
            (Who::Issuer, certify(&case, "NEW"), "CertificateIssued"),
        ],
    );
}

#[test]
fn the_whole_takes_as_long_as_the_slowest_branch() {
    let mut story = town();
    let case = accepted(&mut story, application());
    let accepted_at = story.time();
    for (days, who, step) in [
        (1, Who::Checker, "核验"),
        (0, Who::SignReviewer, "招牌审查"),
        (2, Who::AirReviewer, "油烟审查"),
        (1, Who::FoodReviewer, "食品审查"),
    ] {
        brought(&mut story, days);
        tell(&mut story, &[(who, finish(&case, step), "StepFinished")]);
    }
    let steps = record(&story, &case).steps;
    let since = |place: usize| steps[place].clock.expect("it was due").running_since();
    assert_eq!([1, 2, 5, 6].map(since), [accepted_at; 4], "all branches began at once");
    assert!(story.time().millis_since(since(7)) < 60_000, "the decision is due with the end of the slowest");
    assert!(since(7).millis_since(accepted_at) < 5 * DAY_MILLIS, "four days, not the sum");
}

#[test]
fn why_names_cause_owner_action_and_deadline_from_filing_to_closing() {
    let mut story = town();
    let office = |department, role, post: Option<&str>| Owner::Office {
        department: code(department),
        role,
        post: post.map(text),
    };
    let check = |story: &Story, case: &CaseNumber, next: &str, owner: Owner| {
        let waiting = why(story, case).0.expect("it waits");
        assert_eq!((&*waiting.next, waiting.owner), (next, owner));
        assert!(waiting.deadline.at > story.time() && !waiting.is_late);
    };
    let case = filed(&mut story, Application { facts: facts(200, true, true), ..application() });
    check(&story, &case, "receive", office(APPROVAL, Role::Receiver, None));
    tell(&mut story, &[(Who::Receiver, receive(&case), "Received")]);
    check(&story, &case, "accept", office(APPROVAL, Role::Acceptor, Some("综合窗口受理岗")));
    tell(&mut story, &[(Who::Acceptor, ask_correction(&case, &[1]), "CorrectionAsked")]);
    check(&story, &case, "supplement", Owner::Applicant { account: Who::Zhang.account() });
    tell(
        &mut story,
        &[(Who::Zhang, supplement(&case, &[paper(1)]), "Supplemented"), (Who::Acceptor, accept(&case), "Accepted")],
    );
    check(&story, &case, "finish_step", office(APPROVAL, Role::Reviewer, Some("数据核验")));
    let steps = why(&story, &case).1;
    let of_step = |name: &str| steps.iter().find(|step| &*step.step == name).expect("an open step");
    assert_eq!(of_step("油烟审查").owner, office(ENVIRONMENT, Role::Reviewer, Some("大气环境岗")));
    assert_eq!(of_step("招牌审查").owner, office(MANAGEMENT, Role::Reviewer, Some("户外广告岗")));
    assert_eq!(of_step("现场核查").owner, office(MARKET, Role::Reviewer, Some("食品经营审查岗")), "who holds it up");
    let StepCause::WaitsFor { steps: before } = &of_step("现场核查").cause else { panic!("it waits") };
    assert_eq!(names(before), ["食品审查"]);
    let until = story.time().plus_millis(5 * DAY_MILLIS);
    tell(
        &mut story,
        &[
            (Who::Checker, finish(&case, "核验"), "StepFinished"),
            (Who::SignReviewer, finish(&case, "招牌审查"), "StepFinished"),
            (Who::AirReviewer, finish(&case, "油烟审查"), "StepFinished"),
            (Who::FoodReviewer, stop(&case, "食品审查", until), "ClockStopped"),
        ],
    );
    let waiting = why(&story, &case).0.expect("it waits");
    assert!(matches!(waiting.cause, Cause::Procedure { .. }), "{waiting:?}");
    assert_eq!(waiting.deadline.at, until);
    tell(
        &mut story,
        &[
            (Who::FoodReviewer, resume(&case, "食品审查"), "ClockResumed"),
            (Who::FoodReviewer, finish(&case, "食品审查"), "StepFinished"),
            (Who::FoodInspector, finish(&case, "现场核查"), "StepFinished"),
        ],
    );
    check(&story, &case, "decide", office(APPROVAL, Role::Approver, Some("首席审批员")));
    tell(&mut story, &[(Who::Approver, decide(&case), "Decided")]);
    check(&story, &case, "issue_certificate", office(APPROVAL, Role::Issuer, Some("制证岗")));
    tell(&mut story, &[(Who::Issuer, document(&case, Some("制证")), "CertificateIssued")]);
    check(&story, &case, "deliver", office(APPROVAL, Role::Issuer, Some("综合窗口出件岗")));
    tell(&mut story, &[(Who::Issuer, deliver(&case, Some("送达")), "Delivered")]);
    check(&story, &case, "close", office(APPROVAL, Role::Issuer, None));
    tell(&mut story, &[(Who::Issuer, close(&case), "Closed")]);
    assert_eq!(why(&story, &case), (None, Vec::new()));
    let refused = accepted(&mut story, application());
    tell(&mut story, &[(Who::FoodReviewer, reject(&refused, "食品审查"), "StepFinished")]);
    check(&story, &refused, "decide", office(APPROVAL, Role::Approver, Some("首席审批员")));
    assert!(matches!(why(&story, &refused).1[0].cause, StepCause::RefusalToDecide {}));
}

#[test]
fn a_false_commitment_and_an_appeal_wait_for_somebody() {
    let mut story = town();
    let promised = Given { material: 0, how: How::Promise { commitment: PAPER } };
    let case = closed(&mut story, Application { materials: list(&[promised]), ..notice_application() }, true);
    let next = |story: &Story, case: &CaseNumber| why(story, case).0.map(|waiting| waiting.next.to_string());
    assert_eq!(next(&story, &case).as_deref(), Some("check_commitment"));
    tell(&mut story, &[(Who::Checker, check(&case, false), "CommitmentChecked")]);
    assert_eq!(next(&story, &case).as_deref(), Some("propose_revocation"));
    tell(&mut story, &[(Who::Checker, propose_revocation(&case), "RevocationProposed")]);
    assert_eq!(next(&story, &case).as_deref(), Some("decide_revocation"));
    tell(&mut story, &[(Who::Approver, decide_revocation(&case, false), "RevocationDecided")]);
    assert_eq!(next(&story, &case), None);
    let refused = closed(&mut story, notice_application(), false);
    tell(&mut story, &[(Who::Zhang, appeal(&refused), "Appealed")]);
    assert_eq!(next(&story, &refused).as_deref(), Some("decide_appeal"));
    tell(&mut story, &[(Who::SecondApprover, decide_appeal(&refused, true), "AppealDecided")]);
    assert_eq!(next(&story, &refused).as_deref(), Some("reconsider"));
}

#[test]
fn an_item_on_the_spot_ends_the_same_day() {
    let mut story = town();
    let mut item = notice();
    item["case_kind"] = json!("on_the_spot");
    item["clocks"]["promised"]["days"] = json!(0);
    for step in item["flow"].as_array_mut().expect("steps") {
        step["days"] = json!(0);
    }
    tell(
        &mut story,
        &[
            (Who::Mayor, grant(APPROVAL, Who::Acceptor, Role::Approver, None, TERM_END), "Granted"),
            (Who::Editor, publish(NOTICE_CODE, 2, &item), "Published"),
        ],
    );
    let case = closed(&mut story, notice_application(), true);
    let Event::Rated { again: false, answer_until: None, .. } = event_of(
        &mut story,
        Who::Zhang,
        Call::Rate { case, level: RatingLevel::Satisfied, words: None, source: online() },
    ) else {
        panic!("expected a rating")
    };
    assert!(pass_days(&mut story, 5).is_empty());
}
