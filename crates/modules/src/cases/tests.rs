//! Stories of the module: the whole way, filing and acceptance, every error. Steps and decisions, what follows them, what time brings, who may
//! do what, and what always holds stand in `case_stories_of_…` and `case_properties`.

use super::*;
use crate::cards::{Card, Limit};
use crate::case_facts::{Fact, FactValue};
use crate::case_reasons::Owner;
use crate::case_records::{CARDS_MAX, CardShown, Crossing, Given, How, Produced, RatingLevel, Subject};
use crate::case_sources::AnswerSources;
use crate::case_states::{self, Stage};
use crate::case_test_cast::*;
use crate::catalogue::{self, HandleType};
use crate::licence_test_cast::{self, content, issue_with};
use crate::test_cast::{APPROVAL, MANAGEMENT, MARKET, Who, code, tell, text};
use crate::{Call as AnyCall, orgs};
use serde_json::json;
use strum::IntoEnumIterator;
use tongban_kernel::Role;
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
        [("11370800MB28559184", "370800000000"), ("12441500196720244T", "510121000000")].map(|(place, division)| {
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
            (Who::Admin, administrator, "AdministratorNamed"),
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
    let answers = responsibility_of(&story, &case).expect("it crosses regions");
    assert_eq!((answers.mode, answers.place), (Crossing::ReceivedElsewhere, code(COUNTY)));
    assert_eq!((answers.department, answers.joint_place), (code(APPROVAL), None));
    assert_eq!((answers.received, answers.handed_over), (intake.received, Some(handed_over)));
    assert_eq!(answers.accepted.and_then(|one| one.by).map(|by| by.account), Some(Who::Acceptor.account()));
    assert_eq!((answers.identity, answers.decided, answers.delivered), (None, None, None));
    let nowhere = "11519900MB9012235G202601010001".parse().expect("a number");
    assert_eq!(responsibility_of(&story, &nowhere), None);
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
    let answers = responsibility_of(&story, &joint).expect("it crosses regions");
    assert_eq!((answers.mode, answers.joint_place), (Crossing::Joint, Some(code(COUNTY))));
}

/// A step that belongs to the place is done where the case was received, once it is handled jointly; otherwise by the department that is named.
#[test]
fn the_place_takes_part_in_what_is_handled_jointly() {
    let mut story = town();
    elsewhere(&mut story);
    let mut item = restaurant();
    item["flow"][6]["at_place"] = json!(true); // 招牌审查, of city management
    let reviewer = crate::test_cast::grant(COUNTY, Who::Li, Role::Reviewer, None, "2029-01-01T00:00:00Z");
    tell(&mut story, &[(Who::Editor, publish(RESTAURANT, 2, &item), "Published"), (Who::Mayor, reviewer, "Granted")]);
    let joint = Application { crossing: Crossing::Joint, place: Some(code(COUNTY)), ..application() };
    let (case, alone) = (filed(&mut story, joint), received(&mut story, application()));
    tell(
        &mut story,
        &[
            (Who::Li, receive(&case), "Received"),
            (Who::Acceptor, accept(&case), "Accepted"),
            (Who::Acceptor, accept(&alone), "Accepted"),
        ],
    );
    let of_place = |story: &Story, case: &CaseNumber| {
        let steps = why(story, case).1;
        steps.into_iter().find(|one| &*one.step == "招牌审查").map(|one| one.owner)
    };
    let office = |department: &'static str, post: Option<&str>| {
        Some(Owner::Office { department: code(department), role: Role::Reviewer, post: post.map(text) })
    };
    assert_eq!(of_place(&story, &case), office(COUNTY, None)); // I21
    assert_eq!(of_place(&story, &alone), office(MANAGEMENT, Some("户外广告岗")));
    tell(
        &mut story,
        &[
            (Who::SignReviewer, finish(&case, "招牌审查"), "tx.denied"), // I21
            (Who::Li, finish(&alone, "招牌审查"), "tx.denied"),
            (Who::Li, finish(&case, "食品审查"), "tx.denied"),
            (Who::Li, finish(&case, "招牌审查"), "StepFinished"),
            (Who::SignReviewer, finish(&alone, "招牌审查"), "StepFinished"),
        ],
    );
    let departments = [&case, &alone].map(|case| step_record(&story, case, 6, 0).map(|record| record.department));
    assert_eq!(departments, [Some(code(COUNTY)), Some(code(MANAGEMENT))], "each place's part is on record");
}

#[test]
fn what_comes_by_wire_to_be_handled_jointly_is_accepted_by_silence() {
    let mut story = town();
    elsewhere(&mut story);
    let application = Application { crossing: Crossing::Joint, place: Some(code(COUNTY)), ..application() };
    let case = filed(&mut story, application.clone());
    let filed_at = story.time();
    let on_paper = filed(&mut story, Application { channel: HandleType::Counter, ..application.clone() });
    let there = filed(&mut story, Application { crossing: Crossing::ReceivedElsewhere, ..application });
    assert_eq!(count(&pass_days(&mut story, 8), "Accepted"), 1);
    assert_eq!(record(&story, &case).acceptance.map(|acceptance| acceptance.counts_from), Some(filed_at)); // art. 32
    assert_eq!([on_paper, there].map(|case| stage(&story, &case)), [Stage::Submitted; 2], "nobody has received them");
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
        sources: AnswerSources::default(),
        gap_promise: None,
    });
    let empty = of(Call::AskCorrection { case: case.clone(), materials: List::default(), points: text("") });
    tell(
        &mut story,
        &[
            (Who::Acceptor, accept(&case), "cases.material_missing"),
            (Who::Acceptor, empty, "cases.correction_empty"),
            (Who::Acceptor, ask_correction(&case, &[3, 1]), "cases.material_order"),
            (Who::Acceptor, ask_correction(&case, &[1, 9]), "cases.material_unknown"),
            (Who::Acceptor, ask_correction(&case, &[3]), "cases.material_missing"), // I12
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
fn a_notice_leaves_out_what_was_promised_to_follow_alone() {
    let mut story = town();
    let materials = list(&[electronic(0), gap(3)]);
    let unpromised = received(&mut story, Application { materials: materials.clone(), ..application() });
    let promised = received(&mut story, Application { materials, gap_promise: Some(PAPER), ..application() });
    tell(
        &mut story,
        &[
            (Who::Acceptor, ask_correction(&unpromised, &[1]), "cases.material_missing"), // I12
            (Who::Acceptor, ask_correction(&unpromised, &[1, 3]), "CorrectionAsked"),
            (Who::Acceptor, ask_correction(&promised, &[]), "cases.material_missing"), // I12
            (Who::Acceptor, ask_correction(&promised, &[1]), "CorrectionAsked"),
            (Who::Zhang, supplement(&promised, &[electronic(1)]), "Supplemented"),
            (Who::Acceptor, accept_with_gap(&promised, 5), "Accepted"),
        ],
    );
}

#[test]
fn what_a_commitment_stands_for_is_not_demanded_unless_its_author_has_broken_one() {
    let mut story = town();
    let promised = Application { materials: list(&[promise(0)]), ..notice_application() };
    let broken = closed(&mut story, promised.clone(), true);
    let [case, later] = [(); 2].map(|()| received(&mut story, promised.clone()));
    let repair = of(Call::RepairPromise { applicant: Who::Zhang.account() });
    tell(
        &mut story,
        &[
            (Who::Acceptor, ask_correction(&case, &[0]), "cases.committed_to"),
            (Who::Checker, check(&broken, false), "CommitmentChecked"),
            (Who::Acceptor, accept(&case), "cases.promise_broken"), // I11
        ],
    );
    assert_eq!(&*why(&story, &case).0.expect("it waits").next, "ask_correction");
    tell(
        &mut story,
        &[
            (Who::Acceptor, ask_correction(&case, &[]), "cases.material_missing"), // I12
            (Who::Acceptor, ask_correction(&case, &[0]), "CorrectionAsked"),
            (Who::Zhang, supplement(&case, &[paper(0)]), "Supplemented"),
            (Who::Acceptor, accept(&case), "Accepted"),
            (Who::Supervisor, repair, "PromiseRepaired"),
            (Who::Acceptor, accept(&later), "Accepted"),
        ],
    );
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
            (Who::Approver, bare(Ruling::Grant, "", ""), "cases.reasons_missing"), // I8: a person says why
            (Who::Approver, bare(Ruling::Grant, "符合条件", ""), "Decided"),
        ],
    );
}

#[test]
fn where_no_statute_wants_a_person_a_grant_needs_no_reasons() {
    let mut story = town();
    let case = accepted(&mut story, notice_application());
    let bare = of(Call::Decide {
        case: case.clone(),
        step: text("决定"),
        ruling: Ruling::Grant,
        reasons: text(""),
        remedies: text(""),
        opinion: None,
    });
    tell(&mut story, &[(Who::Checker, finish(&case, "审查"), "StepFinished"), (Who::Approver, bare, "Decided")]);
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
fn cards_of_the_oldest_rounds_make_room_and_those_of_present_ones_stay() {
    let mut story = town();
    let case = filed(&mut story, application());
    let (mut case, now) = (record(&story, &case), story.time());
    let of = |step: u8, round: u64| CardShown {
        subject: Subject::Step(step),
        card: Card::Yellow,
        limit: Limit::Step,
        number: None,
        department: code(APPROVAL),
        role: Role::Reviewer,
        handler: None,
        at: now.plus_millis(round),
        round_since: now.plus_millis(round),
    };
    due::show(&mut case, &[of(0, 0)]);
    for round in 0..100 {
        due::show(&mut case, &[of(1, round)]);
        due::show(&mut case, &[of(1, round)]); // the same one twice
    }
    assert_eq!(case.cards.len(), CARDS_MAX);
    assert!(case.cards.contains(&of(0, 0)) && case.cards.contains(&of(1, 99)) && !case.cards.contains(&of(1, 20)));
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
        include_str!("../case_stories_of_counters.rs"),
        include_str!("../case_stories_of_departments.rs"),
        include_str!("../case_stories_of_ends.rs"),
        include_str!("../case_stories_of_gaps.rs"),
        include_str!("../case_stories_of_items.rs"),
        include_str!("../case_stories_of_hearings.rs"),
        include_str!("../case_stories_of_losses.rs"),
        include_str!("../case_stories_of_papers.rs"),
        include_str!("../case_stories_of_recusal.rs"),
        include_str!("../case_stories_of_renewal.rs"),
        include_str!("../case_stories_of_rounds.rs"),
        include_str!("../case_stories_of_rights.rs"),
        include_str!("../case_stories_of_sources.rs"),
        include_str!("../case_stories_of_steps.rs"),
        include_str!("../case_stories_of_supervision.rs"),
        include_str!("../case_stories_of_time.rs"),
        include_str!("../case_stories_of_waiting.rs"),
        include_str!("../case_properties.rs"),
    ];
    for error in Error::iter() {
        let code = tongban_kernel::ModuleError::code(&error);
        let is_told = sources.iter().any(|source| source.contains(&format!("\"{}\"", &*code)));
        assert!(is_told, "no story ends in {}", &*code);
    }
}
