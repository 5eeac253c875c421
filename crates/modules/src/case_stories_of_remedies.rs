//! Stories of what is set right: who was never told is never late, what is set aside leaves no trace against the applicant, and a licence comes
//! back with the grant.

use crate::case_stories_of_steps::higher_body;
use crate::case_test_cast::*;
use crate::licence_test_cast::{content, definition, held_by, register_as, strict, verify};
use crate::licences::{self, CaseRemark, Status};
use crate::test_cast::{APPROVAL, GOVERNMENT, Who, code, tell};
use tongban_kernel::testing::Story;
use tongban_types::codes::CaseNumber;

#[test]
fn who_was_not_told_of_a_refusal_is_never_late() {
    let mut story = town();
    let case = accepted(&mut story, notice_application());
    tell(
        &mut story,
        &[(Who::Checker, finish(&case, "审查"), "StepFinished"), (Who::Approver, refuse(&case), "Decided")],
    );
    pass_days(&mut story, 100);
    tell(&mut story, &[(Who::Zhang, appeal(&case), "Appealed")]);
}

/// Has the end of a case appealed against and set aside.
fn set_aside(story: &mut Story, case: &CaseNumber, by: Who) {
    tell(
        story,
        &[
            (Who::Zhang, appeal(case), "Appealed"),
            (by, decide_appeal(case, true), "AppealDecided"),
            (by, reconsider(case), "Reconsidered"),
        ],
    );
}

#[test]
fn a_promise_is_not_broken_where_the_end_for_it_was_set_aside() {
    let mut story = town();
    let case = accepted_with_gap(&mut story, 5);
    pass_days(&mut story, 16);
    tell(&mut story, &[(Who::Approver, terminate(&case), "Ended")]);
    assert!(broken_promise(&story, Who::Zhang));
    set_aside(&mut story, &case, Who::SecondApprover);
    assert!(broken_promises(&story, Who::Zhang).is_empty());
}

/// Has a grant revoked by these two.
fn revoke(story: &mut Story, case: &CaseNumber, proposer: Who, decider: Who) {
    tell(
        story,
        &[
            (proposer, propose_revocation(case), "RevocationProposed"),
            (decider, decide_revocation(case, true), "RevocationDecided"),
        ],
    );
}

#[test]
fn a_licence_comes_back_with_the_grant_and_what_was_in_between_stays_true() {
    let mut story = town();
    tell(&mut story, &[(Who::MarketDataOfficer, register_as(2, None, strict()), "TypeRegistered")]);
    let case = granted(&mut story);
    tell(
        &mut story,
        &[(Who::Issuer, issue_licence(&case, "A"), "Issued"), (Who::Issuer, issue_licence(&case, "B"), CASE_ISSUED)],
    );
    revoke(&mut story, &case, Who::Checker, Who::Approver);
    let revoked_at = story.time();
    let end = licences::Call::Revoke {
        identifier: licence("A"),
        by: code(APPROVAL),
        ground: crate::licence_test_cast::ground(),
    };
    tell(&mut story, &[(Who::Approver, crate::Call::Licences(end), "Revoked")]);
    story.wait_millis(1_000);
    let between = story.time();
    set_aside(&mut story, &case, Who::SecondApprover);
    let remark = Some(CaseRemark { case: case.clone(), since: revoked_at });
    assert_eq!(verify(&story, &licence("A"), between).grant_revoked, remark, "what was then does not change"); // I3
    assert_eq!(verify(&story, &licence("A"), story.time()).grant_revoked, None);
    tell(
        &mut story,
        &[
            (Who::Issuer, issue_licence(&case, "B"), "Issued"), // the first one has ended with the revocation
            (Who::Issuer, issue_licence(&case, "C"), CASE_ISSUED), // I7
            (Who::Issuer, certify(&case, "B"), "CertificateIssued"),
        ],
    );
    assert_eq!(verify(&story, &licence("B"), story.time()).status, Status::Valid);
    assert_eq!(held_by(&story, Who::Zhang), Some(licence("B")));
}

const CASE_ISSUED: &str = "licences.case_issued";

#[test]
fn what_a_higher_body_has_granted_is_made_out_by_whom_the_type_names() {
    let mut story = town();
    tell(&mut story, &[(Who::MarketDataOfficer, register_as(2, None, definition()), "TypeRegistered")]);
    let case = accepted(&mut story, application());
    higher_body(&mut story);
    tell(&mut story, &[(Who::Approver, forward(&case, GOVERNMENT), "Forwarded"), (Who::Li, accept(&case), "Accepted")]);
    tell(&mut story, &[(Who::Issuer, issue_licence(&case, "A"), "licences.case_not_granted")]); // I7
    tell(&mut story, &[(Who::Li, finish(&case, "核验"), "StepFinished")]);
    finish_reviews_of_others(&mut story, &case);
    tell(
        &mut story,
        &[
            (Who::Head, decide(&case), "Decided"),
            (Who::Issuer, issue_licence(&case, "A"), "Issued"),
            (Who::Li, certify(&case, "A"), "CertificateIssued"),
        ],
    );
    assert_eq!(content().period, verify(&story, &licence("A"), story.time()).period);
}

/// The reviews of the departments that took part before, after the check of data.
fn finish_reviews_of_others(story: &mut Story, case: &CaseNumber) {
    let others = REVIEWS.iter().filter(|(_, step)| *step != "核验");
    let lines: Vec<_> = others.map(|(who, step)| (*who, finish(case, step), "StepFinished")).collect();
    tell(story, &lines);
}
