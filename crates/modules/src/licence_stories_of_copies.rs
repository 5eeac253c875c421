//! Stories of annotated copies (加注件): by whom, of what, until when, and what they are worth.

use crate::case_test_cast::{
    certify, close, decide_revocation, deliver, granted, issue_licence, list, propose_revocation,
    record as case_record, town,
};
use crate::identity::{AgentAct, Capacity};
use crate::licence_test_cast::*;
use crate::licences::*;
use crate::representation::{Call as RepresentationCall, Mandate};
use crate::test_cast::{APPROVAL, Who, bind, code, outcome_name, tell, time};
use tongban_kernel::testing::Story;
use tongban_types::{Digest, Time};

fn tomorrow(story: &Story) -> Time {
    story.time().plus_millis(DAY_MILLIS)
}

fn verify_copy(story: &Story, serial: &str, commitment: u8, at: Time) -> Option<CopyVerification> {
    let query = Query::VerifyCopy { identifier: id(serial), commitment: Digest([commitment; 32]), at };
    match ask(story, query) {
        View::CopyVerified { copy } => copy.map(|copy| *copy),
        other => panic!("expected an answer, found {other:?}"),
    }
}

/// Zhang names Li an agent for this; gives the number of the agency.
fn name_agent(story: &mut Story, act: AgentAct) -> u64 {
    let mandate = Mandate { items: None, acts: Some(list(&[act])), from: None, until: time("2026-06-01T00:00:00Z") };
    let (principal, agent) = (Who::Zhang.account(), Who::Li.account());
    let call = crate::Call::Representation(RepresentationCall::NameAgent { principal, agent, mandate });
    let receipt = story.act(&Who::Zhang.key(), vec![call.to_bytes()]);
    assert_eq!(outcome_name(&receipt.outcome), "AgentNamed");
    receipt.number
}

#[test]
fn the_holder_who_shows_it_for_him_and_the_keeper_make_copies_and_nobody_else() {
    let mut story = with(&["A"]);
    tell(
        &mut story,
        &[
            (Who::IdentityOfficer, bind(Who::Zhang), "PersonBound"),
            (Who::IdentityOfficer, bind(Who::Li), "PersonBound"),
            (Who::Importer, import("B"), "Imported"),
        ],
    );
    let until = tomorrow(&story);
    tell(
        &mut story,
        &[
            (Who::Stranger, copy("A", 1, until), "tx.unknown_account"),
            (Who::Zhang, copy("Z", 1, until), "licences.not_found"),
            (Who::Zhang, copy("A", 1, until), "CopyMade"),
            (Who::Zhang, copy("A", 1, until), "licences.copy_known"), // I12
            (Who::Li, copy("A", 2, until), "licences.not_entitled"),  // I12
            (Who::Approver, copy("A", 2, until), "licences.not_entitled"),
            (Who::MarketIssuer, copy("A", 2, until), "licences.not_entitled"),
            (Who::Issuer, copy("A", 2, until), "CopyMade"),
            (Who::Zhang, copy("B", 3, until), "licences.not_entitled"), // nobody knows yet that it is his
            (Who::Issuer, copy("B", 3, until), "CopyMade"),
        ],
    );
    name_agent(&mut story, AgentAct::File);
    tell(&mut story, &[(Who::Li, copy("A", 4, until), "licences.not_entitled")]); // I12
    let agency = name_agent(&mut story, AgentAct::Present);
    tell(&mut story, &[(Who::Li, copy("A", 4, until), "CopyMade")]);
    let revoke = crate::Call::Representation(RepresentationCall::RevokeAgency { agency });
    tell(
        &mut story,
        &[(Who::Zhang, revoke, "AgencyEnded"), (Who::Li, copy("A", 5, until), "licences.not_entitled")], // I12
    );
    for (serial, commitment, maker, right) in [
        ("A", 1, Who::Zhang, CopyRight::Holder { capacity: Capacity::Oneself }),
        ("A", 2, Who::Issuer, CopyRight::Keeper { department: code(APPROVAL) }),
        ("B", 3, Who::Issuer, CopyRight::Keeper { department: code(APPROVAL) }),
        ("A", 4, Who::Li, CopyRight::Holder { capacity: Capacity::Agent { agency } }),
    ] {
        let found = verify_copy(&story, serial, commitment, story.time()).expect("a copy");
        assert_eq!((found.copy.maker, found.copy.right, found.counts), (maker.account(), right, true), "{commitment}");
    }
    assert_eq!(verify_copy(&story, "A", 9, story.time()), None);
    assert_eq!(verify_copy(&story, "Z", 1, story.time()), None);
}

#[test]
fn a_copy_ends_by_itself_and_counts_only_as_long_as_its_licence_does() {
    let mut story = with(&["A"]);
    let (now, bound) = (story.time(), COPY_DAYS_MAX * DAY_MILLIS);
    let until = tomorrow(&story);
    tell(
        &mut story,
        &[
            (Who::Zhang, copy("A", 1, now), "licences.copy_term"), // I12
            (Who::Zhang, copy("A", 1, now.plus_millis(bound + 60_000)), "licences.copy_term"), // I12
            (Who::Zhang, copy("A", 1, now.plus_millis(bound)), "CopyMade"),
            (Who::Zhang, copy("A", 2, until), "CopyMade"),
        ],
    );
    let made = story.time();
    let before = verify_copy(&story, "A", 2, time("2025-12-31T00:00:00Z")).expect("a copy");
    assert!(!before.counts, "it was not made yet");
    story.pass_millis(2 * DAY_MILLIS);
    let counts = |story: &Story, commitment, at| verify_copy(story, "A", commitment, at).expect("a copy").counts;
    assert!(counts(&story, 1, story.time()) && !counts(&story, 2, story.time()), "its end has come");
    let until = tomorrow(&story);
    tell(
        &mut story,
        &[
            (Who::Issuer, suspend("A"), "Suspended"),
            (Who::Zhang, copy("A", 3, until), "licences.not_valid"), // I12
        ],
    );
    let suspended = verify_copy(&story, "A", 1, story.time()).expect("a copy");
    assert_eq!((suspended.counts, suspended.licence.status), (false, Status::Suspended), "no better than its licence");
    assert!(counts(&story, 1, made), "what was true then stays true");
    tell(&mut story, &[(Who::Issuer, resume("A"), "Resumed")]);
    assert!(counts(&story, 1, story.time()));
    let until = tomorrow(&story);
    tell(
        &mut story,
        &[
            (Who::Approver, revoke("A"), "Revoked"),
            (Who::Zhang, copy("A", 4, until), "licences.not_valid"), // I12
        ],
    );
    assert!(!counts(&story, 1, story.time()));
}

#[test]
fn a_licence_has_so_many_copies_at_a_time_and_those_that_have_ended_make_room() {
    let mut story = with(&["A"]);
    let until = tomorrow(&story);
    let last = u8::try_from(COPIES_MAX).expect("few");
    for commitment in 1..=last {
        tell(&mut story, &[(Who::Zhang, copy("A", commitment, until), "CopyMade")]);
    }
    tell(&mut story, &[(Who::Zhang, copy("A", last + 1, until), "licences.too_many_copies")]); // I12
    story.pass_millis(DAY_MILLIS + 1_000);
    let until = tomorrow(&story);
    tell(&mut story, &[(Who::Zhang, copy("A", last + 1, until), "CopyMade")]);
    assert_eq!(verify_copy(&story, "A", 1, story.time()), None, "the oldest has made room");
    assert!(verify_copy(&story, "A", 2, story.time()).is_some_and(|copy| !copy.counts));
}

#[test]
fn what_rests_on_a_revoked_grant_is_listed_so_and_has_no_copies() {
    let mut story = town();
    let case = granted(&mut story);
    let until = tomorrow(&story);
    tell(
        &mut story,
        &[
            (Who::Issuer, issue_licence(&case, "A"), "Issued"),
            (Who::Issuer, certify(&case, "A"), "CertificateIssued"),
            (Who::Issuer, deliver(&case, Some("送达")), "Delivered"),
            (Who::Issuer, close(&case), "Closed"),
            (Who::Zhang, copy("A", 1, until), "CopyMade"),
        ],
    );
    let before = story.time();
    story.wait_millis(1_000);
    let until = tomorrow(&story);
    tell(
        &mut story,
        &[
            (Who::Checker, propose_revocation(&case), "RevocationProposed"),
            (Who::Approver, decide_revocation(&case, true), "RevocationDecided"),
            (Who::Zhang, copy("A", 2, until), "licences.grant_revoked"), // I12
        ],
    );
    let held = |at| match ask(&story, Query::Held { holder: Who::Zhang.account(), licence_type: catering(), at }) {
        View::Held { licences } => licences.to_vec(),
        other => panic!("expected what is held, found {other:?}"),
    };
    let remark = verify(&story, &id("A"), story.time()).grant_revoked;
    assert_eq!(remark.as_ref().map(|remark| &remark.case), Some(&case));
    let of_case = |at| crate::case_licences::revoked_since(&case_record(&story, &case), at);
    let found = (of_case(before), of_case(story.time()));
    assert_eq!(found, (None, remark.as_ref().map(|remark| remark.since)), "a proof of the case's record says the same");
    for (at, grant_revoked) in [(before, None), (story.time(), remark)] {
        let [licence] = &held(at)[..] else { panic!("one licence") };
        assert_eq!(
            (&licence.status, &*licence.state_code, &licence.grant_revoked),
            (&Status::Valid, "01", &grant_revoked)
        ); // I7
        let copy = verify_copy(&story, "A", 1, at).expect("a copy");
        assert_eq!(copy.counts, grant_revoked.is_none(), "I12: it counts as long as its licence does");
    }
}
