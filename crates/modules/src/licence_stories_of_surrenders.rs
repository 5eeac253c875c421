//! Stories of licences that are given back (注销申请), and of annotated copies that are taken back (撤回).

use crate::ending_stories::{carry_through, record_death};
use crate::identity::{AgentAct, Capacity};
use crate::licence_test_cast::*;
use crate::licences::*;
use crate::recovery_stories::{PAPERS, bound_city};
use crate::representation::{Call as RepresentationCall, Mandate};
use crate::test_cast::{APPROVAL, CIVIL, TERM_END, Who, appoint, bind, code, grant, outcome_name, tell, text, time};
use tongban_kernel::Role;
use tongban_kernel::testing::Story;
use tongban_types::{Digest, List, Time};

/// Zhang names Li an agent: for these acts, or for everything.
fn name_agent(story: &mut Story, acts: Option<&[AgentAct]>) -> u64 {
    let acts = acts.map(|acts| List::new(acts.to_vec()).expect("few"));
    let mandate = Mandate { items: None, acts, from: None, until: time("2026-06-01T00:00:00Z") };
    let (principal, agent) = (Who::Zhang.account(), Who::Li.account());
    let call = crate::Call::Representation(RepresentationCall::NameAgent { principal, agent, mandate });
    let receipt = story.act(&Who::Zhang.key(), vec![call.to_bytes()]);
    assert_eq!(outcome_name(&receipt.outcome), "AgentNamed");
    receipt.number
}

fn request_of(story: &Story, serial: &str, at: Time) -> (Option<Surrender>, bool) {
    match ask(story, Query::CancellationRequest { identifier: id(serial), at }) {
        View::CancellationRequest { request, is_open } => (request, is_open),
        other => panic!("expected a request, found {other:?}"),
    }
}

fn is_open(story: &Story, serial: &str) -> bool {
    request_of(story, serial, story.time()).1
}

#[test]
fn a_holder_gives_his_licence_back_and_the_office_that_keeps_it_cancels_it() {
    let mut story = with(&["A"]);
    tell(
        &mut story,
        &[
            (Who::Stranger, request_cancellation("A"), "tx.unknown_account"),
            (Who::Zhang, request_cancellation("Z"), "licences.not_found"),
            (Who::Li, request_cancellation("A"), "licences.not_holder"), // I13
            (Who::Issuer, request_cancellation("A"), "licences.not_holder"), // I13: the office has its own acts
            (Who::Head, request_cancellation("A"), "licences.not_holder"),
            (Who::Zhang, take_back_request("A"), "licences.no_request"), // I13
            (Who::Issuer, refuse_cancellation("A"), "licences.no_request"), // I13
            (Who::Zhang, request_cancellation("A"), "CancellationRequested"),
            (Who::Zhang, request_cancellation("A"), "licences.request_open"), // I13
        ],
    );
    let asked_at = story.time();
    let (request, is_open_now) = request_of(&story, "A", asked_at);
    let request = request.expect("a request");
    assert_eq!((request.requester, request.capacity), (Who::Zhang.account(), Capacity::Oneself));
    assert!(is_open_now && request.end.is_none());
    assert!(!request_of(&story, "A", time("2025-12-31T00:00:00Z")).1, "it was not made yet");
    assert_eq!(status_now(&story, "A"), Status::Valid, "asking changes nothing of what it is (I13)");
    assert_eq!(held_by(&story, Who::Zhang), Some(id("A")));
    story.wait_millis(1_000);
    tell(
        &mut story,
        &[
            (Who::Zhang, cancel("A"), "tx.denied"),
            (Who::MarketIssuer, cancel("A"), "tx.denied"),
            (Who::Issuer, cancel("A"), "Cancelled"),
            (Who::Zhang, take_back_request("A"), "licences.no_request"), // I13: it was carried out
            (Who::Issuer, refuse_cancellation("A"), "licences.no_request"),
            (Who::Zhang, request_cancellation("A"), "licences.ended"), // I3
        ],
    );
    assert!(!is_open(&story, "A"));
    assert!(request_of(&story, "A", asked_at).1, "what was true then stays true");
    assert_eq!(status_now(&story, "A"), Status::Cancelled);
}

#[test]
fn a_request_is_taken_back_or_refused_with_its_ground_and_may_be_made_again() {
    let mut story = with(&["A"]);
    with_second_issuer(&mut story);
    let no_law = Ground { reason: text(""), ..ground() };
    let groundless = Call::RefuseCancellation { identifier: id("A"), ground: no_law };
    tell(
        &mut story,
        &[
            (Who::Zhang, request_cancellation("A"), "CancellationRequested"),
            (Who::Li, take_back_request("A"), "licences.not_holder"), // I13
            (Who::Zhang, take_back_request("A"), "CancellationRequestTakenBack"),
            (Who::Zhang, take_back_request("A"), "licences.no_request"),
            (Who::Zhang, request_cancellation("A"), "CancellationRequested"),
            (Who::Issuer, suspend("A"), "Suspended"), // a penalty is pending
            (Who::Zhang, refuse_cancellation("A"), "tx.denied"),
            (Who::Approver, refuse_cancellation("A"), "tx.denied"),
            (Who::MarketIssuer, refuse_cancellation("A"), "tx.denied"),
            (Who::Issuer, crate::Call::Licences(groundless), "licences.ground_missing"),
            (Who::Issuer, refuse_cancellation("Z"), "licences.not_found"),
            (Who::Issuer, refuse_cancellation("A"), "CancellationRefused"),
            (Who::Issuer, refuse_cancellation("A"), "licences.no_request"),
        ],
    );
    let end = request_of(&story, "A", story.time()).0.and_then(|request| request.end).expect("it was settled");
    assert_eq!((end.how, end.by), (SurrenderOutcome::Refused { ground: ground() }, Who::Issuer.account()));
    assert_eq!(status_now(&story, "A"), Status::Suspended, "refusing changes nothing of what it is (I13)");
    tell(&mut story, &[(Who::Zhang, request_cancellation("A"), "CancellationRequested")]); // suspended or not
    assert!(is_open(&story, "A"));
}

#[test]
fn an_agent_for_single_acts_gives_nothing_away_and_no_officer_settles_his_own_request() {
    let mut story = with(&["A"]);
    with_second_issuer(&mut story);
    name_agent(&mut story, Some(&[AgentAct::Withdraw, AgentAct::Receive, AgentAct::Present]));
    tell(&mut story, &[(Who::Li, request_cancellation("A"), "licences.not_holder")]); // I13
    let agency = name_agent(&mut story, None);
    tell(&mut story, &[(Who::Li, request_cancellation("A"), "CancellationRequested")]);
    let capacity = request_of(&story, "A", story.time()).0.map(|request| request.capacity);
    assert_eq!(capacity, Some(Capacity::Agent { agency }));
    tell(
        &mut story,
        &[
            (Who::Mayor, appoint(APPROVAL, Who::Li, &[]), "Appointed"),
            (Who::Mayor, grant(APPROVAL, Who::Li, Role::Issuer, None, TERM_END), "Granted"),
            (Who::Li, refuse_cancellation("A"), "licences.own_matter"), // I9
            (Who::Li, cancel("A"), "licences.own_matter"),              // I9
            (Who::Zhang, take_back_request("A"), "CancellationRequestTakenBack"), // the holder, what his agent has asked
        ],
    );
}

#[test]
fn what_is_nobodys_yet_is_not_given_back() {
    let mut story = with_type();
    with_second_issuer(&mut story);
    let foreign = identifier_of(crate::test_cast::MARKET, "F", 1);
    let holder = Holder::Account { account: Who::Zhang.account() };
    let import_foreign = import_with(foreign.clone(), holder, content(), source());
    let of_foreign = crate::Call::Licences(Call::RequestCancellation { identifier: foreign });
    tell(
        &mut story,
        &[
            (Who::Issuer, prepare("A"), "Prepared"),
            (Who::Zhang, request_cancellation("A"), "licences.not_issued"), // I11
            (Who::Importer, import("B"), "Imported"),
            (Who::Zhang, request_cancellation("B"), "licences.not_holder"), // nobody knows yet that it is his
            (Who::Importer, import_foreign, "Imported"),
            (Who::Zhang, of_foreign, "licences.unconfirmed"), // I8
            (Who::Trainee, issue_prepared("A"), "PreparedIssued"),
            (Who::Zhang, request_cancellation("A"), "CancellationRequested"),
        ],
    );
}

#[test]
fn who_administers_an_estate_gives_back_what_the_dead_held() {
    let mut story = bound_city();
    tell(
        &mut story,
        &[
            (Who::MarketDataOfficer, register(1), "TypeRegistered"),
            (Who::Issuer, issue("A"), "Issued"),
            (Who::Li, request_cancellation("A"), "licences.not_holder"), // I13
        ],
    );
    carry_through(&mut story, Who::CivilOfficer, Who::Zhang, record_death(Who::Zhang), "AccountEnded");
    let administer = RepresentationCall::AppointAdministrator {
        department: code(CIVIL),
        deceased: Who::Zhang.account(),
        administrator: Who::Li.account(),
        until: time("2026-12-31T00:00:00Z"),
        papers: PAPERS,
    };
    tell(
        &mut story,
        &[
            (Who::Li, request_cancellation("A"), "licences.not_holder"), // I13
            (Who::CivilOfficer, crate::Call::Representation(administer), "AdministratorAppointed"),
            (Who::Li, request_cancellation("A"), "CancellationRequested"),
            (Who::Issuer, cancel("A"), "Cancelled"),
        ],
    );
    let capacity = request_of(&story, "A", story.time()).0.map(|request| request.capacity);
    assert_eq!(capacity, Some(Capacity::EstateAdministrator));
}

fn copy_of(story: &Story, commitment: u8, at: Time) -> CopyVerification {
    let query = Query::VerifyCopy { identifier: id("A"), commitment: Digest([commitment; 32]), at };
    match ask(story, query) {
        View::CopyVerified { copy: Some(copy) } => *copy,
        other => panic!("expected a copy, found {other:?}"),
    }
}

#[test]
fn a_copy_is_taken_back_by_the_holder_and_by_the_office_that_has_made_it() {
    let mut story = with(&["A"]);
    tell(
        &mut story,
        &[
            (Who::IdentityOfficer, bind(Who::Zhang), "PersonBound"),
            (Who::IdentityOfficer, bind(Who::Li), "PersonBound"),
        ],
    );
    let until = story.time().plus_millis(DAY_MILLIS);
    let agency = name_agent(&mut story, Some(&[AgentAct::Present]));
    tell(
        &mut story,
        &[
            (Who::Zhang, copy("A", 1, until), "CopyMade"),
            (Who::Issuer, copy("A", 2, until), "CopyMade"),
            (Who::Issuer, copy("A", 3, until), "CopyMade"),
            (Who::Li, copy("A", 4, until), "CopyMade"),
        ],
    );
    let made = story.time();
    story.wait_millis(1_000);
    tell(
        &mut story,
        &[
            (Who::Stranger, take_back_copy("A", 1), "tx.unknown_account"),
            (Who::Zhang, take_back_copy("Z", 1), "licences.not_found"),
            (Who::MarketIssuer, take_back_copy("A", 2), "licences.not_entitled"), // I12
            (Who::Approver, take_back_copy("A", 2), "licences.not_entitled"),     // I12
            (Who::Issuer, take_back_copy("A", 1), "licences.not_entitled"),       // I12: the holder's affair
            (Who::Zhang, take_back_copy("A", 9), "licences.copy_unknown"),
            (Who::Zhang, take_back_copy("A", 1), "CopyTakenBack"),
            (Who::Zhang, take_back_copy("A", 1), "licences.copy_over"), // I12
            (Who::Zhang, copy("A", 1, until), "licences.copy_known"),
            (Who::Issuer, take_back_copy("A", 2), "CopyTakenBack"),
            (Who::Zhang, take_back_copy("A", 3), "CopyTakenBack"), // what the office has made, too
        ],
    );
    let revoke = crate::Call::Representation(RepresentationCall::RevokeAgency { agency });
    tell(
        &mut story,
        &[
            (Who::Zhang, revoke, "AgencyEnded"),
            (Who::Li, take_back_copy("A", 4), "licences.not_entitled"), // I12: who stands for nobody any more
            (Who::Issuer, suspend("A"), "Suspended"),
            (Who::Zhang, take_back_copy("A", 4), "CopyTakenBack"), // whatever the licence is
        ],
    );
    for commitment in 1..=4 {
        let then = copy_of(&story, commitment, made);
        assert!(then.counts, "what was true then stays true (I12)");
        let now = copy_of(&story, commitment, story.time());
        assert!(!now.counts && now.copy.taken_back.is_some());
    }
    let officer = copy_of(&story, 2, made).copy.taken_back.map(|taken_back| taken_back.by);
    assert_eq!(officer, Some(Who::Issuer.account()));
}

#[test]
fn what_was_taken_back_makes_room_for_other_copies() {
    let mut story = with(&["A"]);
    let until = story.time().plus_millis(DAY_MILLIS);
    let last = u8::try_from(COPIES_MAX).expect("few");
    for commitment in 1..=last {
        tell(&mut story, &[(Who::Zhang, copy("A", commitment, until), "CopyMade")]);
    }
    tell(
        &mut story,
        &[
            (Who::Zhang, copy("A", last + 1, until), "licences.too_many_copies"), // I12
            (Who::Zhang, take_back_copy("A", 3), "CopyTakenBack"),
            (Who::Zhang, copy("A", last + 1, until), "CopyMade"),
        ],
    );
    story.pass_millis(2 * DAY_MILLIS);
    tell(&mut story, &[(Who::Zhang, take_back_copy("A", 5), "licences.copy_over")]); // its end has come
}
