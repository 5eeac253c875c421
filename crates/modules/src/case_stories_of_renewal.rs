//! Stories of cases: what silence renews, and what it does not (视为准予延续).

use crate::case_states::Stage;
use crate::case_test_cast::*;
use crate::cases::Application;
use crate::catalogue::HandleType;
use crate::flow::StepOutcome;
use crate::licence_test_cast::{self, content, issue_with, period};
use crate::licences::Content;
use crate::test_cast::{MARKET, Who, tell, time};
use serde_json::json;
use tongban_kernel::testing::Story;
use tongban_types::codes::CaseNumber;

const EXPIRY: &str = "2026-02-10T00:00:00+08:00";

/// The town, where Zhang holds a licence that expires after forty days.
fn town_with_licence() -> Story {
    let mut story = town();
    let short = Content { period: period("2026-01-01T00:00:00+08:00", EXPIRY), ..content() };
    tell(&mut story, &[(Who::Issuer, issue_with(licence("MINE"), Who::Zhang, short), "Issued")]);
    story
}

fn renewing() -> Application {
    Application { renews: Some(licence("MINE")), ..application() }
}

/// Lets the licence expire, and a little more.
fn expire(story: &mut Story) {
    let left = time(EXPIRY).millis_since(story.time());
    pass_days(story, left / DAY_MILLIS + 2);
}

fn is_renewed(story: &Story, case: &CaseNumber) -> bool {
    record(story, case).decision.is_some_and(|decision| decision.granted && decision.by.is_none())
}

#[test]
fn an_item_renews_the_licence_that_it_ends_in_and_no_other() {
    let mut story = town_with_licence();
    let other = Application { renews: Some(licence("MINE")), ..notice_application() };
    let mut item = restaurant();
    item["outcome"]["licence_type"] = json!(format!("{MARKET}002"));
    tell(
        &mut story,
        &[
            (Who::Zhang, file(other), "cases.renewal_of_another"), // I8
            (Who::Zhang, file(renewing()), "Filed"),
            (Who::Editor, publish(RESTAURANT, 2, &item), "Published"),
            (Who::Zhang, file(renewing()), "cases.renewal_of_another"), // I8
        ],
    );
}

#[test]
fn a_newer_version_that_ends_in_another_licence_takes_no_renewal_over() {
    let mut story = town_with_licence();
    let case = received(&mut story, renewing());
    let mut item = restaurant();
    item["outcome"] = json!({ "kind": "document", "name": "备案通知书", "licence_type": null });
    tell(
        &mut story,
        &[(Who::Editor, publish(RESTAURANT, 2, &item), "Published"), (Who::Acceptor, accept(&case), "Accepted")],
    );
    assert_eq!(record(&story, &case).item.version, 1);
}

#[test]
fn paper_that_has_not_arrived_renews_nothing() {
    let mut story = town_with_licence();
    let case = filed(&mut story, Application { channel: HandleType::Counter, ..renewing() });
    expire(&mut story);
    assert_eq!(stage(&story, &case), Stage::Submitted);
    tell(&mut story, &[(Who::Receiver, receive(&case), "Received"), (Who::Acceptor, accept(&case), "Accepted")]);
    pass_days(&mut story, 2);
    assert!(!is_renewed(&story, &case), "it arrived behind the end");
}

#[test]
fn who_lets_his_correction_lie_is_not_renewed_by_silence() {
    let mut story = town_with_licence();
    let case = received(&mut story, renewing());
    tell(&mut story, &[(Who::Acceptor, ask_correction(&case, &[1]), "CorrectionAsked")]);
    expire(&mut story);
    assert_eq!(stage(&story, &case), Stage::Correcting);
    tell(
        &mut story,
        &[
            (Who::Zhang, supplement(&case, &[paper(1)]), "Supplemented"),
            (Who::Acceptor, accept(&case), "Accepted"),
            (Who::Zhang, settle(&case), "cases.nothing_due"),
        ],
    );
    finish_reviews(&mut story, &case);
    tell(&mut story, &[(Who::Approver, refuse(&case), "Decided")]);
}

#[test]
fn who_does_not_hand_in_what_he_promised_is_not_renewed_by_silence() {
    let mut story = town_with_licence();
    let materials = list(&[electronic(0), electronic(1), gap(3)]);
    let with_gap = Application { materials, gap_promise: Some(PAPER), ..renewing() };
    let case = received(&mut story, with_gap);
    tell(&mut story, &[(Who::Acceptor, accept_with_gap(&case, 15), "Accepted")]);
    expire(&mut story);
    let gap = record(&story, &case).gap.expect("it is missing still");
    assert!(gap.suspended_at.is_some() && !is_renewed(&story, &case));
    tell(
        &mut story,
        &[
            (Who::Zhang, fill_gap(&case, &[electronic(3)]), "GapFilled"),
            (Who::Zhang, settle(&case), "cases.nothing_due"), // it was not whole when the licence expired
        ],
    );
    assert_eq!(stage(&story, &case), Stage::Accepted);
}

#[test]
fn what_is_missing_of_an_application_that_silence_accepted_is_not_renewed_either() {
    let mut story = town_with_licence();
    let case = filed(&mut story, Application { materials: list(&[]), ..renewing() });
    expire(&mut story);
    assert_eq!((stage(&story, &case), is_renewed(&story, &case)), (Stage::Accepted, false)); // I4
}

#[test]
fn an_objection_stays_on_the_record_of_what_the_law_renews() {
    let mut story = town_with_licence();
    let case = accepted(&mut story, renewing());
    tell(
        &mut story,
        &[
            (Who::AirReviewer, reject(&case, "油烟审查"), "StepFinished"),
            (Who::Checker, finish(&case, "核验"), "StepFinished"),
        ],
    );
    let before = [1, 5].map(|place| step_record(&story, &case, place, 0));
    expire(&mut story);
    assert!(is_renewed(&story, &case), "a review is an opinion, and nobody has decided");
    assert_eq!([1, 5].map(|place| step_record(&story, &case, place, 0)), before);
    let marks = record(&story, &case).steps;
    assert_eq!((marks[5].outcome, marks[5].by), (Some(StepOutcome::Rejected), Some(Who::AirReviewer.account())));
    assert_eq!(marks[2].outcome, Some(StepOutcome::PassedBySilence));
    tell(
        &mut story,
        &[
            (Who::Issuer, document(&case, Some("制证")), "CertificateIssued"),
            (Who::Issuer, deliver(&case, Some("送达")), "Delivered"),
            (Who::Issuer, close(&case), "Closed"),
        ],
    );
}

#[test]
fn a_decision_against_it_in_one_step_is_no_silence() {
    let mut story = town_with_licence();
    let mut item = restaurant();
    let mut second = item["flow"][7].clone();
    (second["name"], second["on_rejection"]) = (json!("环保决定"), json!("finish_others"));
    item["flow"].as_array_mut().expect("steps").insert(8, second);
    item["flow"][9]["waits_for"] = json!(["决定", "环保决定"]);
    tell(&mut story, &[(Who::Editor, publish(RESTAURANT, 2, &item), "Published")]);
    let case = accepted(&mut story, renewing());
    finish_reviews(&mut story, &case);
    tell(&mut story, &[(Who::Approver, refuse_in(&case, "环保决定"), "Decided")]);
    assert_eq!(stage(&story, &case), Stage::Accepted, "the other decision is open");
    expire(&mut story);
    assert!(!is_renewed(&story, &case));
    assert_eq!(step_record(&story, &case, 8, 0).map(|step| step.outcome), Some(StepOutcome::Rejected));
}

#[test]
fn what_was_revoked_is_not_renewed_and_what_is_renewed_is_so_once() {
    let mut story = town_with_licence();
    let (first, second) = (accepted(&mut story, renewing()), accepted(&mut story, renewing()));
    let mut other = story.clone();
    expire(&mut story);
    assert_eq!([&first, &second].map(|case| is_renewed(&story, case)), [true, false]);
    assert_eq!(stage(&story, &second), Stage::Accepted, "a person decides");
    tell(&mut other, &[(Who::Approver, licence_test_cast::revoke("MINE"), "Revoked")]);
    expire(&mut other);
    assert_eq!([&first, &second].map(|case| is_renewed(&other, case)), [false, false]);
}

#[test]
fn what_is_taken_up_again_behind_the_end_is_decided_by_a_person() {
    let mut story = town_with_licence();
    let case = accepted(&mut story, renewing());
    finish_reviews(&mut story, &case);
    tell(&mut story, &[(Who::Approver, refuse(&case), "Decided")]);
    expire(&mut story);
    tell(
        &mut story,
        &[
            (Who::Zhang, appeal(&case), "Appealed"),
            (Who::SecondApprover, decide_appeal(&case, true), "AppealDecided"),
            (Who::SecondApprover, reconsider(&case), "Reconsidered"),
            (Who::Zhang, settle(&case), "cases.nothing_due"),
            (Who::SecondApprover, refuse(&case), "Decided"),
        ],
    );
}
