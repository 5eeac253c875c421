//! Stories of cases: results, ratings, appeals, commitments, renewals.

use crate::case_records::{Produced, RatingLevel};
use crate::case_states::Stage;
use crate::case_test_cast::*;
use crate::cases::{Application, Call, is_revoked};
use crate::licence_test_cast::{content, issue_with, period};
use crate::test_cast::{APPROVAL, MARKET, TERM_END, Who, grant, tell, text};
use serde_json::json;
use tongban_kernel::Role;
use tongban_kernel::testing::Story;
use tongban_types::codes::CaseNumber;

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
fn a_result_is_delivered_in_as_many_steps_as_the_flow_has() {
    let mut story = town();
    let mut item = restaurant();
    let mut second = item["flow"][9].clone();
    second["name"] = json!("送达利害关系人");
    item["flow"].as_array_mut().expect("steps").push(second);
    tell(&mut story, &[(Who::Editor, publish(RESTAURANT, 2, &item), "Published")]);
    let case = granted(&mut story);
    tell(
        &mut story,
        &[
            (Who::Issuer, document(&case, Some("制证")), "CertificateIssued"),
            (Who::Issuer, deliver(&case, Some("送达")), "Delivered"),
            (Who::Issuer, deliver(&case, Some("送达")), "cases.step_not_due"), // I15
            (Who::Issuer, close(&case), "cases.not_delivered"),
            (Who::Issuer, deliver(&case, Some("送达利害关系人")), "Delivered"),
            (Who::Issuer, deliver(&case, Some("送达利害关系人")), "cases.delivered_before"),
            (Who::Issuer, close(&case), "Closed"),
        ],
    );
}

#[test]
fn what_is_revoked_ends_with_what_was_left_of_it() {
    let mut story = town();
    let promised = Application { materials: list(&[promise(0)]), ..notice_application() };
    let case = accepted(&mut story, promised);
    tell(
        &mut story,
        &[
            (Who::Checker, finish(&case, "审查"), "StepFinished"),
            (Who::Approver, decide(&case), "Decided"),
            (Who::Checker, propose_revocation(&case), "RevocationProposed"),
        ],
    );
    let mut kept = story.clone();
    tell(
        &mut story,
        &[
            (Who::Approver, decide_revocation(&case, true), "RevocationDecided"),
            (Who::Checker, finish(&case, "公示"), "cases.wrong_stage"), // I9
            (Who::Issuer, deliver(&case, None), "cases.wrong_stage"),   // I9
            (Who::Issuer, document(&case, None), "cases.wrong_stage"),  // I9
            (Who::Checker, propose_revocation(&case), "cases.wrong_stage"), // I9
        ],
    );
    assert_eq!(stage(&story, &case), Stage::Revoked);
    assert!(is_revoked(&record(&story, &case)));
    tell(
        &mut story,
        &[
            (Who::Checker, check(&case, false), "CommitmentChecked"),
            (Who::Zhang, rate(&case, RatingLevel::Satisfied), "Rated"),
        ],
    );
    assert!(pass_days(&mut story, 60).is_empty(), "nothing is left to be done");
    tell(
        &mut kept,
        &[
            (Who::Approver, decide_revocation(&case, false), "RevocationDecided"),
            (Who::Checker, finish(&case, "公示"), "StepFinished"),
            (Who::Issuer, deliver(&case, None), "Delivered"),
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
    let proposer_too = grant(APPROVAL, Who::Checker, Role::Approver, None, TERM_END);
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

/// An item like the notice that market regulation leads, and who receives and supervises there.
fn led_by_market(story: &mut Story) {
    let mut item = notice();
    item["department"] = json!({ "code": MARKET, "name": "市监局" });
    item["joint_departments"] = json!([{ "code": APPROVAL, "name": "审批局" }]);
    tell(
        story,
        &[
            (Who::Editor, publish("NOTICE-2", 1, &item), "Published"),
            (Who::Mayor, grant(MARKET, Who::FoodReviewer, Role::Receiver, None, TERM_END), "Granted"),
            (Who::Mayor, grant(MARKET, Who::FoodInspector, Role::Supervisor, None, TERM_END), "Granted"),
        ],
    );
}

#[test]
fn each_broken_promise_is_kept_and_repaired_by_the_department_that_found_it() {
    let mut story = town();
    led_by_market(&mut story);
    let promised = Application { materials: list(&[promise(0)]), ..notice_application() };
    let first = closed(&mut story, promised.clone(), true);
    let second = filed(&mut story, Application { item: text("NOTICE-2"), ..promised });
    let repair = || of(Call::RepairPromise { applicant: Who::Zhang.account() });
    tell(
        &mut story,
        &[
            (Who::FoodReviewer, receive(&second), "Received"),
            (Who::Acceptor, accept(&second), "Accepted"),
            (Who::Checker, finish(&second, "审查"), "StepFinished"),
            (Who::Approver, decide(&second), "Decided"),
            (Who::Checker, check(&first, false), "CommitmentChecked"),
            (Who::FoodReviewer, check(&second, false), "CommitmentChecked"),
        ],
    );
    let cases: Vec<_> = broken_promises(&story, Who::Zhang).into_iter().map(|broken| broken.case).collect();
    assert_eq!(cases, [first, second], "the later one stands beside the earlier one");
    tell(
        &mut story,
        &[
            (Who::Head, repair(), "tx.denied"),
            (Who::FoodInspector, repair(), "PromiseRepaired"),
            (Who::FoodInspector, repair(), "cases.repaired_before"), // the other one is not his to repair
        ],
    );
    assert!(broken_promise(&story, Who::Zhang), "one of them is not repaired"); // I11
    tell(&mut story, &[(Who::Supervisor, repair(), "PromiseRepaired")]);
    assert!(!broken_promise(&story, Who::Zhang));
    assert_eq!(broken_promises(&story, Who::Zhang).len(), 2, "what is repaired is not forgotten");
}

#[test]
fn no_commitment_stands_for_a_main_material() {
    let mut story = town();
    let mut item = notice();
    item["materials"][0]["need"] = json!("main");
    let promised = Application { materials: list(&[promise(0)]), ..notice_application() };
    tell(
        &mut story,
        &[
            (Who::Zhang, file(promised.clone()), "Filed"),
            (Who::Editor, publish(NOTICE_CODE, 2, &item), "Published"),
            (Who::Zhang, file(promised), "cases.may_not_be_promised"),
        ],
    );
}

#[test]
fn the_days_to_appeal_run_from_the_delivery() {
    let mut story = town();
    let case = accepted(&mut story, notice_application());
    tell(
        &mut story,
        &[(Who::Checker, finish(&case, "审查"), "StepFinished"), (Who::Approver, refuse(&case), "Decided")],
    );
    pass_days(&mut story, 30);
    tell(&mut story, &[(Who::Issuer, deliver(&case, None), "Delivered")]);
    pass_days(&mut story, 45);
    let mut late = story.clone();
    tell(&mut story, &[(Who::Zhang, appeal(&case), "Appealed")]);
    pass_days(&mut late, 17);
    tell(&mut late, &[(Who::Zhang, appeal(&case), "cases.appeal_late")]);
}

/// A case whose commitment was false, and which was revoked: closed before, or not.
fn revoked(story: &mut Story, is_closed: bool) -> CaseNumber {
    let promised = Application { materials: list(&[promise(0)]), ..notice_application() };
    let case = accepted(story, promised);
    tell(story, &[(Who::Checker, finish(&case, "审查"), "StepFinished"), (Who::Approver, decide(&case), "Decided")]);
    if is_closed {
        tell(
            story,
            &[
                (Who::Checker, finish(&case, "公示"), "StepFinished"),
                (Who::Issuer, deliver(&case, None), "Delivered"),
                (Who::Issuer, close(&case), "Closed"),
            ],
        );
    }
    tell(
        story,
        &[
            (Who::Checker, check(&case, false), "CommitmentChecked"),
            (Who::Checker, propose_revocation(&case), "RevocationProposed"),
            (Who::Approver, decide_revocation(&case, true), "RevocationDecided"),
        ],
    );
    case
}

#[test]
fn a_revocation_is_appealed_against_like_a_decision() {
    let mut story = town();
    let proposer_too = grant(APPROVAL, Who::Checker, Role::Approver, None, TERM_END);
    tell(&mut story, &[(Who::Mayor, proposer_too, "Granted")]);
    for (is_closed, expected) in [(true, Stage::Closed), (false, Stage::Granted)] {
        let case = revoked(&mut story, is_closed);
        tell(
            &mut story,
            &[
                (Who::Li, appeal(&case), "cases.no_capacity"),
                (Who::Zhang, appeal(&case), "Appealed"),
                (Who::Approver, decide_appeal(&case, true), "cases.same_officer"), // I16: he has revoked it
                (Who::Checker, decide_appeal(&case, true), "cases.same_officer"),  // I16: he has proposed it
                (Who::SecondApprover, decide_appeal(&case, true), "AppealDecided"),
            ],
        );
        assert!(is_revoked(&record(&story, &case)), "until it is taken up again");
        tell(
            &mut story,
            &[
                (Who::Approver, reconsider(&case), "cases.same_officer"), // I16
                (Who::SecondApprover, reconsider(&case), "Reconsidered"),
            ],
        );
        let record = record(&story, &case);
        assert!(record.stage == expected && !is_revoked(&record) && record.decision.is_some(), "{record:?}");
        let mut again = story.clone();
        tell(
            &mut again,
            &[
                (Who::Checker, propose_revocation(&case), "RevocationProposed"),
                (Who::Approver, decide_revocation(&case, true), "cases.same_officer"), // I16
                (Who::SecondApprover, decide_revocation(&case, true), "RevocationDecided"),
                (Who::Zhang, appeal(&case), "Appealed"),
            ],
        );
        let repair = of(Call::RepairPromise { applicant: Who::Zhang.account() });
        tell(&mut story, &[(Who::Supervisor, repair, "PromiseRepaired")]);
        if !is_closed {
            tell(
                &mut story,
                &[
                    (Who::Checker, finish(&case, "公示"), "StepFinished"),
                    (Who::Issuer, deliver(&case, None), "Delivered"),
                    (Who::Issuer, close(&case), "Closed"),
                ],
            );
        }
    }
}

#[test]
fn an_appeal_against_a_revocation_has_its_days_and_may_be_dismissed() {
    let mut story = town();
    let case = revoked(&mut story, true);
    let mut late = story.clone();
    tell(
        &mut story,
        &[
            (Who::Zhang, appeal(&case), "Appealed"),
            (Who::SecondApprover, decide_appeal(&case, false), "AppealDecided"),
            (Who::SecondApprover, reconsider(&case), "cases.not_upheld"),
            (Who::Zhang, appeal(&case), "cases.appealed_before"),
        ],
    );
    assert!(is_revoked(&record(&story, &case)));
    pass_days(&mut late, 62);
    tell(&mut late, &[(Who::Zhang, appeal(&case), "cases.appeal_late")]);
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
            (Who::Zhang, file(Application { renews: Some(licence("LI")), ..application() }), "cases.renewal_not_held"),
        ],
    );
    let case = filed(&mut story, Application { renews: Some(licence("MINE")), ..application() });
    assert!(record(&story, &case).renewal.is_some());
}
