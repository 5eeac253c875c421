//! Stories of what a licence rests on: a case that grants it, or a ground where its type, a correction or a replacement needs none.

use crate::case_test_cast::{
    accepted, application, certify, close, closed, decide, decide_revocation, deliver, file, finish_reviews, granted,
    issue_licence, notice_application, pass_days, propose_revocation, record as case_record, town,
};
use crate::cases::Application;
use crate::licence_test_cast::*;
use crate::licences::*;
use crate::test_cast::{APPROVAL, Who, code, tell, text, time};
use tongban_kernel::testing::Story;
use tongban_types::Time;
use tongban_types::codes::{CaseNumber, LicenceIdentifier};

fn version(serial: &str, version: u16) -> LicenceIdentifier {
    identifier_of(APPROVAL, serial, version)
}

/// A new version that a case has granted.
fn supersede_by_case(
    identifier: LicenceIdentifier,
    cause: SupersessionCause,
    case: &CaseNumber,
    content: Content,
) -> crate::Call {
    let (case, ground) = (Some(case.clone()), None);
    crate::Call::Licences(Call::Supersede { identifier, cause, case, content, ground })
}

fn short(until: &str) -> Content {
    Content { period: period("2026-01-01T00:00:00+08:00", until), ..content() }
}

/// A town whose type of licence needs a case.
fn strict_town() -> Story {
    let mut story = town();
    tell(&mut story, &[(Who::MarketDataOfficer, register_as(2, None, strict()), "TypeRegistered")]);
    story
}

#[test]
fn a_licence_is_issued_for_what_a_case_has_granted_and_not_otherwise() {
    let mut story = strict_town();
    let case = granted(&mut story);
    let bare = |ground| {
        let (identifier, holder) = (id("A"), Who::Zhang.account());
        crate::Call::Licences(Call::Issue { identifier, case: None, holder, content: content(), ground })
    };
    let no_law = Ground { reason: text(""), ..ground() };
    tell(
        &mut story,
        &[
            (Who::Issuer, bare(None), "licences.ground_missing"),         // I7
            (Who::Issuer, bare(Some(no_law)), "licences.ground_missing"), // I7
            (Who::Issuer, bare(Some(ground())), "licences.case_missing"), // I7: one officer alone grants nothing
            (Who::Issuer, issue_licence(&case, "A"), "Issued"),
            (Who::Issuer, issue_licence(&case, "B"), "licences.case_issued"), // I7
            (Who::MarketDataOfficer, register_as(3, None, definition()), "TypeRegistered"),
            (Who::Issuer, bare(None), "licences.ground_missing"), // I7
            (Who::Issuer, issue("C"), "Issued"),                  // its type says so
        ],
    );
    assert_eq!(record(&story, &id("A")).history[0].ground, None);
    assert_eq!((record(&story, &id("A")).case, record(&story, &id("A")).rests_on), (Some(case.clone()), Some(case)));
    assert_eq!(record(&story, &id("C")).history[0].ground, Some(ground()), "what stands in for the case is kept");
}

#[test]
fn without_a_case_a_new_version_corrects_or_replaces_and_prolongs_nothing() {
    let mut story = strict_town();
    let case = granted(&mut story);
    let longer = Content { period: period("2026-01-01T00:00:00+08:00", "2029-01-02T00:00:00.001+08:00"), ..content() };
    let other = granted(&mut story);
    tell(
        &mut story,
        &[
            (Who::Issuer, issue_licence(&case, "A"), "Issued"),
            (Who::Issuer, supersede_with(id("A"), SupersessionCause::Change, content()), "licences.case_missing"),
            (Who::Issuer, supersede_with(id("A"), SupersessionCause::Renewal, content()), "licences.case_missing"),
            (
                Who::Issuer,
                supersede_with(id("A"), SupersessionCause::Correction, short("2028-01-02T00:00:00+08:00")),
                "Superseded",
            ),
            (
                Who::Issuer,
                supersede_with(version("A", 2), SupersessionCause::Correction, content()),
                "licences.end_later",
            ), // I7
            (
                Who::Issuer,
                supersede_with(version("A", 2), SupersessionCause::Replacement, longer),
                "licences.validity_rule",
            ),
            (
                Who::Issuer,
                supersede_with(version("A", 2), SupersessionCause::Replacement, short("2028-01-02T00:00:00+08:00")),
                "Superseded",
            ),
            (
                Who::Issuer,
                supersede_by_case(version("A", 3), SupersessionCause::Change, &case, content()),
                "licences.case_issued",
            ),
            (
                Who::Issuer,
                supersede_by_case(version("A", 3), SupersessionCause::Change, &other, content()),
                "Superseded",
            ),
        ],
    );
    let third = record(&story, &version("A", 3));
    assert_eq!((third.case, third.rests_on), (None, Some(case)), "it rests on what was granted once");
    assert_eq!(record(&story, &version("A", 4)).rests_on, Some(other));
    assert_eq!(record(&story, &id("A")).history.last().and_then(|change| change.ground.clone()), Some(ground()));
}

#[test]
fn a_case_whose_item_names_no_licence_type_leads_to_none() {
    let mut story = strict_town();
    let case = closed(&mut story, notice_application(), true);
    tell(&mut story, &[(Who::Issuer, issue_licence(&case, "A"), "licences.case_not_granted")]); // I7
}

#[test]
fn a_renewal_needs_the_case_in_which_it_was_applied_for() {
    let mut story = town();
    tell(
        &mut story,
        &[
            (Who::Issuer, issue_with(id("MINE"), Who::Zhang, short("2026-06-01T00:00:00+08:00")), "Issued"),
            (Who::MarketDataOfficer, register_as(2, None, strict()), "TypeRegistered"),
        ],
    );
    let case = accepted(&mut story, Application { renews: Some(id("MINE")), ..application() });
    let other = granted(&mut story);
    finish_reviews(&mut story, &case);
    let next = Content { period: period("2026-06-01T00:00:00+08:00", "2029-06-01T00:00:00+08:00"), ..content() };
    let renewal = SupersessionCause::Renewal;
    let correction = SupersessionCause::Correction;
    tell(
        &mut story,
        &[
            (Who::Issuer, supersede_by_case(id("MINE"), renewal, &case, next.clone()), "licences.case_not_granted"), // I7
            (Who::Approver, decide(&case), "Decided"),
            (Who::Issuer, supersede_with(id("MINE"), correction, short("2026-06-01T00:00:00+08:00")), "Superseded"),
            (
                Who::Issuer,
                supersede_by_case(version("MINE", 2), renewal, &other, next.clone()),
                "licences.case_not_granted",
            ), // I7
            (Who::Issuer, supersede_by_case(version("MINE", 2), renewal, &case, next), "Superseded"), // of what has replaced it
            (Who::Issuer, certify(&case, "MINE"), "cases.result_of_another"),
        ],
    );
    assert_eq!(status_now(&story, "MINE"), Status::Superseded { by: version("MINE", 2) });
    assert_eq!(held_by(&story, Who::Zhang), Some(version("MINE", 2)), "until the new one begins");
}

#[test]
fn what_rests_on_a_revoked_grant_verifies_with_its_case_and_is_not_held() {
    let mut story = strict_town();
    let case = granted(&mut story);
    tell(
        &mut story,
        &[
            (Who::Issuer, issue_licence(&case, "A"), "Issued"),
            (Who::Issuer, certify(&case, "A"), "CertificateIssued"),
            (Who::Issuer, deliver(&case, Some("送达")), "Delivered"),
            (Who::Issuer, close(&case), "Closed"),
            (Who::Issuer, supersede("A"), "Superseded"),
        ],
    );
    let before = story.time();
    assert_eq!(held_by(&story, Who::Zhang), Some(version("A", 2)));
    story.wait_millis(1_000);
    tell(
        &mut story,
        &[
            (Who::Checker, propose_revocation(&case), "RevocationProposed"),
            (Who::Approver, decide_revocation(&case, true), "RevocationDecided"),
        ],
    );
    let decided_at = story.time();
    let remark = Some(CaseRemark { case, since: decided_at });
    for identifier in [id("A"), version("A", 2)] {
        assert_eq!(verify(&story, &identifier, decided_at).grant_revoked, remark, "{identifier}"); // I7
        assert_eq!(verify(&story, &identifier, before).grant_revoked, None, "{identifier}");
    }
    assert_eq!(held_by(&story, Who::Zhang), None);
    let renewing = Application { renews: Some(version("A", 2)), ..application() };
    let correct = supersede_with(version("A", 2), SupersessionCause::Correction, content());
    let revoke = Call::Revoke { identifier: version("A", 2), by: code(APPROVAL), ground: ground() };
    tell(
        &mut story,
        &[
            (Who::Issuer, correct, "licences.grant_revoked"), // I7
            (Who::Zhang, file(renewing), "cases.renewal_not_held"),
            (Who::Approver, crate::Call::Licences(revoke), "Revoked"),
        ],
    );
}

#[test]
fn what_the_law_has_renewed_verifies_so_until_the_certificate_is_made() {
    let mut story = town();
    let until = "2026-02-10T00:00:00+08:00";
    tell(
        &mut story,
        &[
            (Who::Issuer, issue_with(id("MINE"), Who::Zhang, short(until)), "Issued"),
            (Who::Issuer, issue_with(id("OTHER"), Who::Zhang, short(until)), "Issued"),
            (Who::Issuer, supersede_with(id("MINE"), SupersessionCause::Correction, short(until)), "Superseded"),
            (Who::MarketDataOfficer, register_as(2, None, strict()), "TypeRegistered"),
        ],
    );
    let renewed = version("MINE", 2);
    let case = accepted(&mut story, Application { renews: Some(renewed.clone()), ..application() });
    assert_eq!(verify(&story, &renewed, story.time()).deemed_renewed, None);
    pass_days(&mut story, 45);
    assert!(case_record(&story, &case).decision.is_some_and(|decision| decision.granted && decision.by.is_none()));
    let expired_at = time(until);
    let remark = Some(CaseRemark { case: case.clone(), since: expired_at });
    let answer = verify(&story, &renewed, story.time());
    assert_eq!((answer.status, answer.deemed_renewed), (Status::Expired, remark.clone()));
    assert_eq!(verify(&story, &id("OTHER"), story.time()).deemed_renewed, None);
    let a_moment_before = Time::from_millis(expired_at.as_millis() - 1).expect("a time");
    assert_eq!(verify(&story, &renewed, a_moment_before).deemed_renewed, None);
    let pending_at = story.time();
    story.wait_millis(1_000);
    let next = Content { period: period(until, "2029-02-10T00:00:00+08:00"), ..content() };
    let renew = supersede_by_case(renewed.clone(), SupersessionCause::Renewal, &case, next);
    tell(&mut story, &[(Who::Issuer, renew, "Superseded")]);
    assert_eq!(verify(&story, &renewed, story.time()).deemed_renewed, None, "the certificate is there");
    assert_eq!(verify(&story, &renewed, pending_at).deemed_renewed, remark, "it was pending then");
    assert_eq!(held_by(&story, Who::Zhang), Some(version("MINE", 3)));
}
