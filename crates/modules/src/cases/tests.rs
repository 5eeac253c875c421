//! Stories of the module: the whole way, every stage, every error. What time brings, who may do what, and what always holds is in
//! `case_stories_of_time`, `case_stories_of_rights` and `case_properties`.

use super::*;
use crate::case_facts::{Fact, FactValue};
use crate::case_records::{Crossing, Given, How, ProcedureKind, Produced, RatingLevel};
use crate::case_states::{self, Stage};
use crate::case_test_cast::*;
use crate::catalogue::{self, HandleType};
use crate::flow::StepOutcome;
use crate::licence_test_cast::{self, content, issue_with, period};
use crate::test_cast::{APPROVAL, GOVERNMENT, MARKET, Who, code, tell, text};
use crate::{Call as AnyCall, orgs};
use serde_json::json;
use strum::IntoEnumIterator;
use tongban_kernel::testing::Story;
use tongban_types::List;
use tongban_types::codes::CaseNumber;

#[test]
fn from_filing_to_rating_over_four_departments() {
    let mut story = town();
    let case = filed(&mut story, application());
    assert_eq!(case.as_str(), format!("{RESTAURANT}202601010001"));
    assert_eq!(stage(&story, &case), Stage::Submitted);
    tell(&mut story, &[(Who::Receiver, receive(&case), "Received")]);
    let Event::Accepted { due, item_version, counts_from, by, .. } =
        event_of(&mut story, Who::Acceptor, Call::Accept { case: case.clone() })
    else {
        panic!("expected an acceptance")
    };
    assert_eq!(names(&due), ["核验", "食品审查", "油烟审查", "招牌审查"], "all departments receive it at once");
    assert_eq!((item_version, counts_from, by), (1, story.time(), Some(Who::Acceptor.account())));
    finish_reviews(&mut story, &case);
    tell(
        &mut story,
        &[
            (Who::Approver, decide(&case), "Decided"),
            (Who::Issuer, issue_licence(&case, "A"), "Issued"),
            (Who::Issuer, certify(&case, "A"), "CertificateIssued"),
            (Who::Issuer, deliver(&case, Some("送达")), "Delivered"),
            (Who::Issuer, close(&case), "Closed"),
            (Who::Zhang, rate(&case, RatingLevel::VerySatisfied), "Rated"),
        ],
    );
    let record = record(&story, &case);
    assert_eq!(record.stage, Stage::Closed);
    assert_eq!(record.decision.and_then(|decision| decision.by).map(|by| by.account), Some(Who::Approver.account()));
    assert_eq!(record.results[0].what, Produced::Licence { licence: licence("A") });
    let food = step_record(&story, &case, 2, 0).expect("a step that was done");
    assert_eq!(food.by.map(|by| by.account), Some(Who::FoodReviewer.account()));
    assert_eq!(food.department, code(MARKET));
    assert_eq!(licence_test_cast::held_by(&story, Who::Zhang), Some(licence("A")));
}

#[test]
fn numbers_count_the_cases_of_an_item_and_a_day_in_beijing() {
    let mut story = town();
    let first = filed(&mut story, application());
    let second = filed(&mut story, application());
    let local = filed(&mut story, notice_application());
    assert!(first.as_str().ends_with("202601010001") && second.as_str().ends_with("202601010002"));
    assert_eq!(local.as_str(), format!("{APPROVAL}202601010001"), "a local code is no part of a number");
    story.wait_millis(DAY_MILLIS * 2 / 3); // 16:00 in Greenwich is midnight in Beijing
    assert!(filed(&mut story, application()).as_str().ends_with("202601020001"));
}

fn with(change: impl FnOnce(&mut Application)) -> AnyCall {
    let mut application = application();
    change(&mut application);
    file(application)
}

fn notice_with(change: impl FnOnce(&mut Application)) -> AnyCall {
    let mut application = notice_application();
    change(&mut application);
    file(application)
}

fn promise(material: u8) -> Given {
    Given { material, how: How::Promise { commitment: PAPER } }
}

fn gap(material: u8) -> Given {
    Given { material, how: How::Gap {} }
}

fn by_licence(material: u8, serial: &str) -> Given {
    Given { material, how: How::Licence { licence: licence(serial) } }
}

#[test]
fn what_an_application_needs() {
    let mut story = town();
    let inspection = {
        let mut item = notice();
        item["item_type"] = json!("inspection");
        item
    };
    tell(&mut story, &[(Who::Editor, publish("CHECK-1", 1, &inspection), "Published")]);
    let replaced = |index: usize, fact: Fact| {
        with(move |application| {
            let mut facts = application.facts.to_vec();
            facts[index] = fact;
            application.facts = few(&facts);
        })
    };
    let name = Fact { field: text("name"), value: FactValue::Text(text("张三饭店")) };
    let both = [truth("urgent", false), truth("urgent", false)];
    let lines = [
        (with(|application| application.item = text("A-9")), "cases.item_not_in_force"),
        (notice_with(|application| application.item = text("CHECK-1")), "cases.not_on_application"),
        (with(|application| application.applicant = Who::Li.account()), "cases.no_capacity"),
        (with(|application| application.channel = HandleType::Courier), "cases.channel"),
        (with(|application| application.place = Some(code(MARKET))), "cases.crossing_place"),
        (with(|application| application.crossing = Crossing::ReceivedElsewhere), "cases.crossing_place"),
        (replaced(0, name), "cases.fact_unasked"),
        (notice_with(|application| application.facts = few(&both)), "cases.fact_unasked"),
        (replaced(0, number_fact("area", 1_001)), "cases.fact_unfit"),
        (replaced(0, truth("area", true)), "cases.fact_unfit"),
        (with(|application| application.facts = few(&[number_fact("area", 1)])), "cases.fact_missing"),
        (notice_with(|application| application.facts = few(&[truth("urgent", true)])), "cases.no_decision"),
        (with(|application| application.materials = list(&[paper(9)])), "cases.material_unknown"),
        (with(|application| application.materials = list(&[paper(1), paper(0)])), "cases.material_order"),
        (with(|application| application.materials = list(&[paper(1), paper(1)])), "cases.material_order"),
        (with(|application| application.materials = list(&[gap(1)])), "cases.may_not_follow"),
        (with(|application| application.materials = list(&[promise(5)])), "cases.may_not_be_promised"), // safety
        (with(|application| application.materials = list(&[promise(0)])), "cases.may_not_be_promised"), // his own
        (with(|application| application.materials = list(&[by_licence(5, "A")])), "cases.licence_not_held"),
        (with(|application| application.materials = list(&[by_licence(0, "A")])), "cases.licence_not_held"),
        (with(|application| application.renews = Some(licence("A"))), "cases.renewal_not_held"),
        (notice_with(|application| application.materials = list(&[promise(0)])), "Filed"),
        (with(|application| application.materials = List::default()), "Filed"),
    ];
    let lines: Vec<_> = lines.into_iter().map(|(call, outcome)| (Who::Zhang, call, outcome)).collect();
    tell(&mut story, &lines);
    let of_bureau = with(|application| application.applicant = Who::Bob.account());
    let small = notice_with(|application| application.applicant = Who::Bob.account());
    tell(&mut story, &[(Who::Bob, small, "cases.not_served"), (Who::Bob, of_bureau, "Filed")]);
}

#[test]
fn conditions_that_read_a_blank_field_cannot_be_decided() {
    let mut story = town();
    let mut item = restaurant();
    item["materials"][4]["condition"] = json!("form.staff > 3");
    let without = application();
    let mut facts = without.facts.to_vec();
    facts.push(number_fact("staff", 2));
    let filled = Application { facts: few(&facts), ..without.clone() };
    tell(
        &mut story,
        &[
            (Who::Editor, publish(RESTAURANT, 2, &item), "Published"),
            (Who::Zhang, file(without), "cases.fact_undecided"),
            (Who::Zhang, file(filled), "Filed"),
        ],
    );
}

/// Departments in other divisions, each with a receiver who may do nothing else.
fn elsewhere(story: &mut Story) {
    let calls =
        [("11370800MB28559184", "370800000000"), ("12441500196720244T", "519921000000")].map(|(place, division)| {
            let profile = orgs::Profile {
                name: text("政务大厅"),
                short_name: text("大厅"),
                division: code(division),
                host: None,
            };
            AnyCall::Orgs(orgs::Call::RegisterDepartment { department: code(place), profile })
        });
    let lines: Vec<_> = calls.into_iter().map(|call| (Who::Admin, call, "DepartmentRegistered")).collect();
    tell(story, &lines);
    let administrator = AnyCall::Orgs(orgs::Call::NameAdministrator {
        department: code(COUNTY),
        account: Who::Mayor.account(),
        office: text("主任"),
        until: "2030-01-02T00:00:00Z".parse().expect("a time"),
    });
    tell(
        story,
        &[
            (Who::Admin, administrator, "Granted"),
            (Who::Mayor, crate::test_cast::appoint(COUNTY, Who::Li, &[]), "Appointed"),
            (
                Who::Mayor,
                crate::test_cast::grant(COUNTY, Who::Li, tongban_kernel::Role::Receiver, None, "2029-01-01T00:00:00Z"),
                "Granted",
            ),
        ],
    );
}

/// A place in another county of the same city, and one in another province.
const COUNTY: &str = "12441500196720244T";
const PROVINCE: &str = "11370800MB28559184";

#[test]
fn received_there_and_decided_here_with_a_record_of_who_answers() {
    let mut story = town();
    elsewhere(&mut story);
    let there = |crossing, place| {
        with(move |application| {
            application.channel = HandleType::Counter;
            application.crossing = crossing;
            application.place = Some(code(place));
        })
    };
    tell(
        &mut story,
        &[
            (Who::Zhang, there(Crossing::ReceivedElsewhere, "11100000000013338W"), "cases.place_unknown"),
            (Who::Zhang, there(Crossing::ReceivedElsewhere, APPROVAL), "cases.crossing_place"),
            (Who::Zhang, there(Crossing::ReceivedElsewhere, PROVINCE), "cases.area_too_far"),
        ],
    );
    let mut application = application();
    (application.channel, application.crossing) = (HandleType::Counter, Crossing::ReceivedElsewhere);
    application.place = Some(code(COUNTY));
    let case = filed(&mut story, application.clone());
    let hand_over = of(Call::HandOver { case: case.clone(), waybill: Some(text("SF1")) });
    tell(
        &mut story,
        &[
            (Who::Receiver, receive(&case), "tx.denied"),
            (Who::Li, receive(&case), "Received"),
            (Who::Li, accept(&case), "tx.denied"),
            (Who::Acceptor, accept(&case), "cases.not_handed_over"),
            (Who::Acceptor, refuse_acceptance(&case), "cases.not_handed_over"),
            (Who::Li, hand_over.clone(), "HandedOver"),
            (Who::Li, hand_over, "cases.nothing_to_hand_over"),
            (Who::Acceptor, accept(&case), "Accepted"),
        ],
    );
    let intake = record(&story, &case).intake;
    assert_eq!(intake.received.map(|by| by.account), Some(Who::Li.account()));
    let handed_over = intake.handed_over.expect("it was handed over");
    assert_eq!(handed_over.by.account, Who::Li.account());
    assert_eq!(intake.arrived_at, Some(handed_over.by.at), "the days to accept count from here");
    application.crossing = Crossing::Joint;
    let joint = filed(&mut story, application);
    let hand_over = of(Call::HandOver { case: joint.clone(), waybill: None });
    tell(
        &mut story,
        &[
            (Who::Li, receive(&joint), "Received"),
            (Who::Li, hand_over, "cases.nothing_to_hand_over"),
            (Who::Acceptor, accept(&joint), "Accepted"),
        ],
    );
}

#[test]
fn corrections_are_asked_for_once_and_together() {
    let mut story = town();
    let bare = Application { materials: list(&[electronic(0)]), ..application() };
    let case = received(&mut story, bare);
    let other_facts = of(Call::Supplement {
        case: case.clone(),
        facts: Some(few(&[truth("smoke", true)])),
        form: None,
        materials: list(&[electronic(1), electronic(3)]),
    });
    let empty = of(Call::AskCorrection { case: case.clone(), materials: List::default(), points: text("") });
    tell(
        &mut story,
        &[
            (Who::Acceptor, accept(&case), "cases.material_missing"),
            (Who::Acceptor, empty, "cases.correction_empty"),
            (Who::Acceptor, ask_correction(&case, &[3, 1]), "cases.material_order"),
            (Who::Acceptor, ask_correction(&case, &[1, 9]), "cases.material_unknown"),
            (Who::Acceptor, ask_correction(&case, &[1, 3]), "CorrectionAsked"),
            (Who::Acceptor, accept(&case), "cases.wrong_stage"),
            (Who::Li, supplement(&case, &[electronic(1), electronic(3)]), "cases.no_capacity"),
            (Who::Zhang, supplement(&case, &[electronic(1)]), "cases.correction_incomplete"),
            (Who::Zhang, other_facts, "cases.fact_missing"),
            (Who::Zhang, supplement(&case, &[gap(1), electronic(3)]), "cases.may_not_follow"),
            (Who::Zhang, supplement(&case, &[electronic(1), electronic(3)]), "Supplemented"),
            (Who::Acceptor, ask_correction(&case, &[1]), "cases.correction_asked_before"), // I12
            (Who::Acceptor, accept(&case), "Accepted"),
        ],
    );
    assert_eq!(filing_of(&story, &case).materials.len(), 3);
}

#[test]
fn what_a_department_holds_is_never_asked_for() {
    let mut story = town();
    let mut branch = application();
    branch.facts = few(&[&branch.facts[..3], &[truth("branch", true)]].concat());
    let case = received(&mut story, branch.clone());
    tell(
        &mut story,
        &[
            (Who::Acceptor, accept(&case), "cases.material_missing"),
            (Who::Issuer, issue_with(licence("OLD"), Who::Zhang, content()), "Issued"),
            (Who::Acceptor, ask_correction(&case, &[5]), "cases.held_already"), // I13
            (Who::Acceptor, accept(&case), "Accepted"),
            (Who::Issuer, issue_with(licence("LI"), Who::Li, content()), "Issued"),
        ],
    );
    let with_licence = |serial| {
        let materials = [branch.materials.to_vec(), vec![by_licence(5, serial)]].concat();
        file(Application { materials: list(&materials), ..branch.clone() })
    };
    tell(
        &mut story,
        &[
            (Who::Zhang, with_licence("LI"), "cases.licence_not_held"),
            (Who::Zhang, with_licence("OLD"), "Filed"),
            (Who::Issuer, licence_test_cast::suspend("OLD"), "Suspended"),
            (Who::Zhang, with_licence("OLD"), "cases.licence_not_held"),
        ],
    );
}

#[test]
fn a_refusal_has_reasons_and_remedies() {
    let mut story = town();
    let case = received(&mut story, application());
    let without = |reasons: &str, remedies: &str| {
        let (reasons, remedies) = (text(reasons), text(remedies));
        of(Call::RefuseAcceptance { case: case.clone(), reasons, remedies })
    };
    tell(
        &mut story,
        &[
            (Who::Acceptor, without("", "可申请行政复议"), "cases.reasons_missing"), // I7
            (Who::Acceptor, without("不属于本机关职权", ""), "cases.remedies_missing"), // I7
            (Who::Acceptor, refuse_acceptance(&case), "AcceptanceRefused"),
            (Who::Acceptor, accept(&case), "cases.wrong_stage"), // I9
        ],
    );
    let case = accepted(&mut story, application());
    let bare = |ruling, reasons: &str, remedies: &str| {
        of(Call::Decide {
            case: case.clone(),
            step: text("决定"),
            ruling,
            reasons: text(reasons),
            remedies: text(remedies),
            opinion: Some(PAPER),
        })
    };
    finish_reviews(&mut story, &case);
    tell(
        &mut story,
        &[
            (Who::Approver, bare(Ruling::Refuse, "", "可申请行政复议"), "cases.reasons_missing"), // I7
            (Who::Approver, bare(Ruling::Refuse, "不符合条件", ""), "cases.remedies_missing"),    // I7
            (Who::Approver, bare(Ruling::SendBack, "", ""), "cases.reasons_missing"),
            (Who::Approver, bare(Ruling::Grant, "", ""), "Decided"),
        ],
    );
}

#[test]
fn only_who_is_eligible_is_accepted() {
    let mut story = town();
    let case = received(&mut story, Application { facts: facts(0, true, true), ..application() });
    tell(&mut story, &[(Who::Acceptor, accept(&case), "cases.not_eligible")]);
}

#[test]
fn a_case_runs_by_the_version_in_force_at_its_acceptance() {
    let mut story = town();
    let before = received(&mut story, application());
    let running = accepted(&mut story, application());
    let mut longer = restaurant();
    longer["clocks"]["promised"]["days"] = json!(18);
    let materials = longer["materials"].as_array().expect("materials").clone();
    longer["materials"] = json!([materials[1], materials[0], materials[2], materials[3], materials[4], materials[5]]);
    tell(&mut story, &[(Who::Editor, publish(RESTAURANT, 2, &longer), "Published")]);
    tell(&mut story, &[(Who::Acceptor, accept(&before), "Accepted")]);
    assert_eq!((record(&story, &before).item.version, record(&story, &running).item.version), (2, 1)); // I14
    assert_eq!(record(&story, &before).promised.map(|clock| clock.term().days), Some(18));
    let given = filing_of(&story, &before).materials;
    assert_eq!(given.iter().map(|given| given.material).collect::<Vec<_>>(), [1, 0, 3], "materials keep their names");
    let late = received(&mut story, application());
    let mut other_form = longer.clone();
    other_form["eligibility"] = json!("form.staff > 0");
    other_form["form"] = json!(
        r#"{"type":"object","properties":{"area":{"type":"integer"},"smoke":{"type":"boolean"},"signboard":{"type":"boolean"},"branch":{"type":"boolean"},"staff":{"type":"integer"}},"required":["area","smoke","signboard","branch","staff"]}"#
    );
    tell(
        &mut story,
        &[(Who::Editor, publish(RESTAURANT, 3, &other_form), "Published"), (Who::Acceptor, accept(&late), "Accepted")],
    );
    assert_eq!(record(&story, &late).item.version, 2, "the facts do not fit the newest form");
    let last = received(
        &mut story,
        Application { facts: few(&[&facts(50, true, true)[..], &[number_fact("staff", 3)]].concat()), ..application() },
    );
    let suspend = AnyCall::Catalogue(catalogue::Call::Suspend { code: text(RESTAURANT), reason: text("修订") });
    tell(
        &mut story,
        &[(Who::Editor, suspend, "Suspended"), (Who::Zhang, file(application()), "cases.item_not_in_force")],
    );
    tell(&mut story, &[(Who::Acceptor, accept(&last), "Accepted")]);
    assert_eq!(record(&story, &last).item.version, 3, "who applied in time is served");
}

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
            (
                Who::Mayor,
                crate::test_cast::grant(
                    APPROVAL,
                    Who::Checker,
                    tongban_kernel::Role::Acceptor,
                    None,
                    "2029-01-01T00:00:00Z",
                ),
                "Granted",
            ),
            (
                Who::Mayor,
                crate::test_cast::grant(
                    APPROVAL,
                    Who::Checker,
                    tongban_kernel::Role::Approver,
                    None,
                    "2029-01-01T00:00:00Z",
                ),
                "Granted",
            ),
            (
                Who::Mayor,
                crate::test_cast::grant(
                    APPROVAL,
                    Who::Checker,
                    tongban_kernel::Role::Issuer,
                    None,
                    "2029-01-01T00:00:00Z",
                ),
                "Granted",
            ),
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
    let grant = orgs::Right {
        role: tongban_kernel::Role::Approver,
        post: None,
        from: None,
        until: "2029-01-01T00:00:00Z".parse().expect("a time"),
    };
    let grant = AnyCall::Orgs(orgs::Call::Grant { department: code(APPROVAL), account: robot_account(), right: grant });
    let refused = story.act(&Who::Mayor.key(), vec![grant.to_bytes()]);
    assert!(crate::test_cast::outcome_name(&refused.outcome).starts_with("orgs."), "no program is given decisions");
}

#[test]
fn who_checked_does_not_decide() {
    let mut story = town();
    let approve = crate::test_cast::grant(
        MARKET,
        Who::FoodReviewer,
        tongban_kernel::Role::Approver,
        None,
        "2029-01-01T00:00:00Z",
    );
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
    let both =
        crate::test_cast::grant(APPROVAL, Who::Acceptor, tongban_kernel::Role::Approver, None, "2029-01-01T00:00:00Z");
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
            (Who::Approver, forward(&case, GOVERNMENT), "Ended"),
        ],
    );
    assert_eq!(stage(&story, &case), Stage::Forwarded);
    let late = granted(&mut story);
    tell(&mut story, &[(Who::Zhang, withdraw(&late), "cases.wrong_stage")]);
}

#[test]
fn a_certificate_is_made_for_what_was_granted_and_then_delivered() {
    let mut story = town();
    let case = granted(&mut story);
    let other = granted(&mut story);
    tell(
        &mut story,
        &[
            (Who::Issuer, issue_licence(&other, "B"), "Issued"),
            (Who::Issuer, issue_licence(&other, "C"), "licences.case_issued"),
            (Who::Issuer, certify(&case, "B"), "cases.result_of_another"), // I6
            (Who::Issuer, certify(&case, "Z"), "cases.result_of_another"), // I6
            (Who::Issuer, document(&case, None), "cases.step_not_due"),
            (Who::Issuer, document(&case, Some("送达")), "cases.other_call"),
            (Who::Issuer, deliver(&case, Some("送达")), "cases.step_not_due"),
            (Who::Issuer, document(&case, Some("制证")), "CertificateIssued"),
            (Who::Issuer, document(&case, Some("制证")), "cases.step_not_due"),
            (Who::Issuer, document(&case, None), "cases.result_twice"),
            (Who::Issuer, deliver(&case, None), "cases.step_not_due"),
            (Who::Issuer, deliver(&case, Some("送达")), "Delivered"),
            (Who::Issuer, close(&case), "Closed"),
        ],
    );
    let accepted_only = accepted(&mut story, application());
    tell(&mut story, &[(Who::Issuer, issue_licence(&accepted_only, "D"), "licences.case_not_granted")]);
}

#[test]
fn what_follows_a_decision_is_done_before_the_case_is_closed() {
    let mut story = town();
    let mut item = notice();
    item["outcome"] = json!({ "kind": "document", "name": "备案通知书", "licence_type": null });
    tell(&mut story, &[(Who::Editor, publish(NOTICE_CODE, 2, &item), "Published")]);
    let case = accepted(&mut story, notice_application());
    tell(
        &mut story,
        &[
            (Who::Checker, finish(&case, "审查"), "StepFinished"),
            (Who::Approver, decide(&case), "Decided"),
            (Who::Issuer, deliver(&case, None), "cases.result_missing"),
        ],
    );
    for number in 0..8u8 {
        let result = Produced::Document { commitment: tongban_types::Digest([number; 32]) };
        let call = of(Call::IssueCertificate { case: case.clone(), step: None, result });
        tell(&mut story, &[(Who::Issuer, call, "CertificateIssued")]);
    }
    let result = Produced::Document { commitment: tongban_types::Digest([8; 32]) };
    let ninth = of(Call::IssueCertificate { case: case.clone(), step: None, result });
    tell(
        &mut story,
        &[
            (Who::Issuer, ninth, "cases.too_many_results"),
            (Who::Issuer, deliver(&case, None), "Delivered"),
            (Who::Issuer, close(&case), "cases.steps_open"),
            (Who::Checker, reject(&case, "公示"), "cases.after_decision"),
            (Who::Checker, finish(&case, "公示"), "StepFinished"),
            (Who::Issuer, close(&case), "Closed"),
        ],
    );
}

#[test]
fn a_bad_rating_opens_a_work_order_and_may_be_given_again() {
    let mut story = town();
    let case = closed(&mut story, notice_application(), true);
    tell(
        &mut story,
        &[
            (Who::Approver, answer(&case), "cases.no_work_order"),
            (Who::Supervisor, exclude(&case), "cases.no_rating"),
            (Who::Li, rate(&case, RatingLevel::Dissatisfied), "cases.no_capacity"),
            (Who::Zhang, rate(&case, RatingLevel::Dissatisfied), "Rated"),
            (Who::Zhang, rate(&case, RatingLevel::Satisfied), "cases.rated_before"),
            (Who::Approver, answer(&case), "WorkOrderAnswered"),
            (Who::Approver, answer(&case), "cases.no_work_order"),
            (Who::Zhang, rate(&case, RatingLevel::Satisfied), "Rated"),
            (Who::Zhang, rate(&case, RatingLevel::Satisfied), "cases.rated_before"),
            (Who::Supervisor, exclude(&case), "RatingExcluded"),
            (Who::Supervisor, exclude(&case), "cases.no_rating"),
        ],
    );
    let rating = record(&story, &case).rating.expect("an excluded rating is kept");
    assert_eq!((rating.level, rating.again), (RatingLevel::Dissatisfied, Some(RatingLevel::Satisfied)));
    let good = closed(&mut story, notice_application(), true);
    tell(
        &mut story,
        &[
            (Who::Zhang, rate(&good, RatingLevel::BasicallySatisfied), "Rated"),
            (Who::Approver, answer(&good), "cases.no_work_order"),
        ],
    );
}

#[test]
fn an_appeal_is_decided_by_another_officer_and_the_case_taken_up_again() {
    let mut story = town();
    let case = closed(&mut story, notice_application(), false);
    tell(
        &mut story,
        &[
            (Who::Approver, decide_appeal(&case, true), "cases.no_appeal"),
            (Who::Li, appeal(&case), "cases.no_capacity"),
            (Who::Zhang, appeal(&case), "Appealed"),
            (Who::Zhang, appeal(&case), "cases.appealed_before"),
            (Who::SecondApprover, reconsider(&case), "cases.not_upheld"),
            (Who::Approver, decide_appeal(&case, false), "cases.same_officer"), // I16
            (Who::SecondApprover, decide_appeal(&case, true), "AppealDecided"),
            (Who::Approver, reconsider(&case), "cases.same_officer"), // I16
            (Who::SecondApprover, reconsider(&case), "Reconsidered"),
            (Who::Approver, decide(&case), "cases.same_officer"), // I16
            (Who::SecondApprover, decide(&case), "Decided"),
            (Who::SecondApprover, decide(&case), "cases.wrong_stage"), // I3
        ],
    );
    assert_eq!((stage(&story, &case), record(&story, &case).reconsidered), (Stage::Granted, 1));
    let dismissed = closed(&mut story, notice_application(), false);
    tell(
        &mut story,
        &[
            (Who::Zhang, appeal(&dismissed), "Appealed"),
            (Who::SecondApprover, decide_appeal(&dismissed, false), "AppealDecided"),
            (Who::SecondApprover, reconsider(&dismissed), "cases.not_upheld"),
            (Who::Zhang, appeal(&dismissed), "cases.appealed_before"),
        ],
    );
    let satisfied = closed(&mut story, notice_application(), true);
    tell(&mut story, &[(Who::Zhang, appeal(&satisfied), "cases.nothing_to_appeal")]);
}

#[test]
fn whatever_ended_badly_can_be_taken_up_again() {
    let mut story = town();
    let not_accepted = received(&mut story, application());
    let terminated = accepted(&mut story, application());
    tell(
        &mut story,
        &[
            (Who::Acceptor, refuse_acceptance(&not_accepted), "AcceptanceRefused"),
            (Who::Acceptor, propose_termination(&terminated), "TerminationProposed"),
            (Who::SecondApprover, terminate(&terminated), "Ended"),
        ],
    );
    for (case, expected) in [(&not_accepted, Stage::Received), (&terminated, Stage::Accepted)] {
        tell(
            &mut story,
            &[
                (Who::Zhang, appeal(case), "Appealed"),
                (Who::Approver, decide_appeal(case, true), "AppealDecided"),
                (Who::Approver, reconsider(case), "Reconsidered"),
            ],
        );
        assert_eq!(stage(&story, case), expected);
    }
    tell(&mut story, &[(Who::Acceptor, accept(&not_accepted), "Accepted")]);
    finish_reviews(&mut story, &terminated);
    tell(&mut story, &[(Who::Approver, decide(&terminated), "Decided")]);
}

#[test]
fn a_commitment_is_checked_and_a_false_one_has_consequences() {
    let mut story = town();
    let promised = Application { materials: list(&[promise(0)]), ..notice_application() };
    let case = closed(&mut story, promised.clone(), true);
    let plain = closed(&mut story, notice_application(), true);
    let unfounded = of(Call::CheckCommitment { case: case.clone(), is_true: false, opinion: None });
    let with_gap = Application { gap_promise: Some(PAPER), ..application() };
    let proposer_too =
        crate::test_cast::grant(APPROVAL, Who::Checker, tongban_kernel::Role::Approver, None, "2029-01-01T00:00:00Z");
    tell(
        &mut story,
        &[
            (Who::Checker, check(&plain, true), "cases.no_commitment"),
            (Who::Checker, unfounded, "cases.opinion_missing"),
            (Who::Checker, check(&case, false), "CommitmentChecked"),
            (Who::Checker, check(&case, true), "cases.no_commitment"),
            (Who::Zhang, file(promised.clone()), "cases.promise_broken"), // I11
            (Who::Zhang, file(with_gap.clone()), "cases.promise_broken"), // I11
            (Who::Mayor, proposer_too, "Granted"),
            (Who::Approver, decide_revocation(&case, true), "cases.not_proposed"), // I17
            (Who::Checker, propose_revocation(&case), "RevocationProposed"),
            (Who::Checker, propose_revocation(&case), "cases.proposed_before"),
            (Who::Checker, decide_revocation(&case, true), "cases.same_officer"), // I16
            (Who::Approver, decide_revocation(&case, true), "RevocationDecided"),
            (Who::Checker, propose_revocation(&case), "cases.proposed_before"),
            (Who::Supervisor, of(Call::RepairPromise { applicant: Who::Li.account() }), "tx.denied"),
            (Who::Supervisor, of(Call::RepairPromise { applicant: Who::Zhang.account() }), "PromiseRepaired"),
            (Who::Supervisor, of(Call::RepairPromise { applicant: Who::Zhang.account() }), "cases.repaired_before"),
            (Who::Zhang, file(with_gap), "Filed"),
        ],
    );
    assert!(is_revoked(&record(&story, &case)));
    let refused = closed(&mut story, notice_application(), false);
    tell(&mut story, &[(Who::Checker, propose_revocation(&refused), "cases.nothing_granted")]);
}

#[test]
fn a_broken_promise_counts_in_a_correction_too() {
    let mut story = town();
    let promised = Application { materials: list(&[promise(0)]), ..notice_application() };
    let case = closed(&mut story, promised, true);
    let open = received(&mut story, notice_application());
    tell(
        &mut story,
        &[
            (Who::Acceptor, ask_correction(&open, &[0]), "CorrectionAsked"),
            (Who::Checker, check(&case, false), "CommitmentChecked"),
            (Who::Zhang, supplement(&open, &[promise(0)]), "cases.promise_broken"), // I11
            (Who::Zhang, supplement(&open, &[paper(0)]), "Supplemented"),
        ],
    );
}

#[test]
fn a_licence_is_renewed_by_whoever_holds_it() {
    let mut story = town();
    let short = crate::licences::Content {
        period: period("2026-01-01T00:00:00+08:00", "2026-06-01T00:00:00+08:00"),
        ..content()
    };
    tell(
        &mut story,
        &[
            (Who::Issuer, issue_with(licence("MINE"), Who::Zhang, short), "Issued"),
            (Who::Issuer, issue_with(licence("LI"), Who::Li, content()), "Issued"),
            (Who::Zhang, with(|application| application.renews = Some(licence("LI"))), "cases.renewal_not_held"),
        ],
    );
    let case = filed(&mut story, Application { renews: Some(licence("MINE")), ..application() });
    assert!(record(&story, &case).renewal.is_some());
}

#[test]
fn every_stage_and_its_calls_stand_in_the_page_of_the_module() {
    let page = include_str!("mod.rs");
    for stage in Stage::iter() {
        let calls: Vec<&str> = case_states::calls(stage).iter().map(|kind| (*kind).into()).collect();
        let name: &'static str = stage.into();
        let line = format!("//! | `{name}` | {} |\n", calls.join(", "));
        assert!(page.contains(&line), "the page lacks the line\n{line}");
    }
}

#[test]
fn every_error_has_its_story() {
    let sources = [
        include_str!("tests.rs"),
        include_str!("../case_stories_of_time.rs"),
        include_str!("../case_stories_of_rights.rs"),
        include_str!("../case_properties.rs"),
    ];
    for error in Error::iter() {
        let code = tongban_kernel::ModuleError::code(&error);
        let is_told = sources.iter().any(|source| source.contains(&format!("\"{}\"", &*code)));
        assert!(is_told, "no story ends in {}", &*code);
    }
}
