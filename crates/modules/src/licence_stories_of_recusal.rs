//! Stories of who keeps out of licences (回避): no officer gives, changes or takes one of his own, or of somebody for whom he stands.

use crate::Call as AnyCall;
use crate::case_test_cast::{
    accept, application, decide, event, file, finish_reviews, issue_licence, list, receive, town,
};
use crate::cases::Event as CaseEvent;
use crate::identity::AgentAct;
use crate::licence_test_cast::*;
use crate::licences::*;
use crate::representation::{Call as RepresentationCall, Mandate};
use crate::test_cast::{APPROVAL, TERM_END, Who, appoint, bind, code, grant, name_deputy, outcome_name, tell, time};
use tongban_kernel::Role;
use tongban_kernel::testing::Story;

const OWN: &str = "licences.own_matter";

/// Makes somebody an officer of the approval bureau who issues, decides, heads and imports.
fn make_officer(story: &mut Story, who: Who) {
    tell(story, &[(Who::Mayor, appoint(APPROVAL, who, &[]), "Appointed")]);
    for role in [Role::Issuer, Role::Approver, Role::Head, Role::Importer] {
        tell(story, &[(Who::Mayor, grant(APPROVAL, who, role, None, TERM_END), "Granted")]);
    }
}

/// Names Li an agent of Zhang's for applications; gives the number of the agency.
fn name_agent(story: &mut Story) -> u64 {
    let (principal, agent) = (Who::Zhang.account(), Who::Li.account());
    let mandate =
        Mandate { items: None, acts: Some(list(&[AgentAct::File])), from: None, until: time("2026-06-01T00:00:00Z") };
    let call = AnyCall::Representation(RepresentationCall::NameAgent { principal, agent, mandate });
    let receipt = story.act(&Who::Zhang.key(), vec![call.to_bytes()]);
    assert_eq!(outcome_name(&receipt.outcome), "AgentNamed");
    receipt.number
}

#[test]
fn no_officer_acts_upon_his_own_licence() {
    let mut story = with(&["MINE"]);
    make_officer(&mut story, Who::Zhang);
    let account = Holder::Account { account: Who::Zhang.account() };
    let own = [
        issue("A"),
        supersede("MINE"),
        suspend("MINE"),
        resume("MINE"),
        cancel("MINE"),
        revoke("MINE"),
        withdraw("MINE"),
        prepare("A"),
        issue_prepared("MINE"),
        move_out("MINE"),
        confirm_imported(id("MINE"), APPROVAL),
        import_with(id("B"), account, content(), source()),
    ];
    let lines: Vec<_> = own.into_iter().map(|call| (Who::Zhang, call, OWN)).collect(); // I9
    tell(&mut story, &lines);
    assert_eq!(status_now(&story, "MINE"), Status::Valid);
    tell(
        &mut story,
        &[
            (Who::Zhang, issue_with(id("A"), Who::Li, content()), "Issued"),
            (Who::Zhang, import("B"), "Imported"),
            (Who::Zhang, claim("B", Who::Zhang), OWN),          // I9
            (Who::Zhang, confirm_holder("B", Who::Zhang), OWN), // I9
            (Who::Issuer, suspend("MINE"), "Suspended"),
            (Who::Zhang, resume("MINE"), OWN), // I9
        ],
    );
}

#[test]
fn a_deputy_does_not_issue_what_the_absent_officer_could_not() {
    let mut story = with_type();
    let to_the_absent = issue_with(id("A"), Who::Issuer, content());
    tell(
        &mut story,
        &[
            (Who::Mayor, name_deputy(APPROVAL, Who::Trainee, Who::Issuer, "2026-02-01T00:00:00Z"), "DeputyNamed"),
            (Who::Trainee, to_the_absent, OWN),                                // I9
            (Who::Trainee, issue_with(id("A"), Who::Trainee, content()), OWN), // I9
            (Who::Trainee, issue("A"), "Issued"),
        ],
    );
}

#[test]
fn an_agent_keeps_out_of_his_principals_licences_and_of_what_he_has_applied_for() {
    let mut story = town();
    let bound = [Who::Zhang, Who::Li].map(|who| (Who::IdentityOfficer, bind(who), "PersonBound"));
    tell(&mut story, &bound);
    make_officer(&mut story, Who::Li);
    let agency = name_agent(&mut story);
    let CaseEvent::Filed { case, .. } = event(&story.act(&Who::Li.key(), vec![file(application()).to_bytes()])) else {
        panic!("expected an application")
    };
    tell(&mut story, &[(Who::Receiver, receive(&case), "Received"), (Who::Acceptor, accept(&case), "Accepted")]);
    finish_reviews(&mut story, &case);
    let revoke_agency = AnyCall::Representation(RepresentationCall::RevokeAgency { agency });
    let correct = supersede_with(id("A"), SupersessionCause::Correction, content());
    tell(
        &mut story,
        &[
            (Who::Approver, decide(&case), "Decided"),
            (Who::Li, issue_licence(&case, "A"), OWN), // I9
            (Who::Li, issue("B"), OWN),                // I9: without a case, too
            (Who::Zhang, revoke_agency, "AgencyEnded"),
            (Who::Li, issue("B"), "Issued"),           // nobody's agent any more
            (Who::Li, issue_licence(&case, "A"), OWN), // I9: but he has applied for this one
            (Who::Issuer, issue_licence(&case, "A"), "Issued"),
            (Who::Li, correct.clone(), OWN), // I9
            (Who::Issuer, correct, "Superseded"),
        ],
    );
    let revoke_second =
        Call::Revoke { identifier: identifier_of(APPROVAL, "A", 2), by: code(APPROVAL), ground: ground() };
    tell(&mut story, &[(Who::Li, AnyCall::Licences(revoke_second), OWN)]); // I9: it rests on the same case
}
