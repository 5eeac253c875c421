//! Stories of cases whose applicant is no more, and of those that go on under his successor.

use crate::Call as AnyCall;
use crate::case_reasons::{Cause, Owner, StepCause};
use crate::case_records::Loss;
use crate::case_states::Stage;
use crate::case_test_cast::*;
use crate::cases::{Application, Call, Event, PaperAct};
use crate::ending_stories::{
    OTHER_COMPANY, annul_ending, carry_through, record_death, record_dissolution, record_merger, withdraw_role,
};
use crate::identity::Capacity;
use crate::licence_test_cast::{content, issue_with};
use crate::recovery_stories::{COMPANY, bind_company};
use crate::test_cast::{APPROVAL, CIVIL, TERM_END, Who, bind, code, grant, tell, text};
use tongban_kernel::Role;
use tongban_kernel::testing::Story;
use tongban_types::codes::CaseNumber;

/// Zhang dies: civil affairs records it, and public security confirms it.
fn zhang_dies(story: &mut Story) {
    carry_through(story, Who::CivilOfficer, Who::Zhang, record_death(Who::Zhang), "AccountEnded");
}

fn bound_town() -> Story {
    let mut story = town();
    if !story.ask(|state| Ok(crate::identity::has_real_name(state, &Who::Zhang.account())?)).expect("a record") {
        tell(&mut story, &[(Who::IdentityOfficer, bind(Who::Zhang), "PersonBound")]);
    }
    story
}

#[test]
fn an_open_case_of_a_dead_applicant_is_ended_by_an_officer_and_no_other_is() {
    let mut story = bound_town();
    let early = filed(&mut story, application());
    let taken = received(&mut story, application());
    let correcting = received(&mut story, application());
    let gaps = accepted_with_gap(&mut story, 5);
    let case = accepted(&mut story, application());
    let until = story.time().plus_millis(5 * DAY_MILLIS);
    tell(
        &mut story,
        &[
            (Who::Acceptor, ask_correction(&correcting, &[0]), "CorrectionAsked"),
            (Who::Approver, discontinue(&case), "cases.applicant_there"), // I18
            (Who::FoodReviewer, stop(&case, "食品审查", until), "ClockStopped"),
        ],
    );
    zhang_dies(&mut story);
    for number in [&early, &taken, &correcting, &gaps, &case] {
        let (waiting, steps) = why(&story, number);
        let waiting = waiting.expect("it waits");
        assert_eq!(waiting.cause, Cause::ApplicantLost { loss: Loss::Deceased });
        assert_eq!(&*waiting.next, "discontinue");
        assert!(matches!(waiting.owner, Owner::Office { .. }), "{:?}", waiting.owner);
        assert!(steps.iter().all(|step| step.cause == StepCause::ApplicantLost {}), "{steps:?}");
    }
    let empty = of(Call::Discontinue { case: case.clone(), reasons: text("") });
    tell(
        &mut story,
        &[
            (Who::Zhang, withdraw(&case), "tx.account_ended"),
            (Who::Acceptor, discontinue(&case), "tx.denied"),
            (Who::FoodReviewer, discontinue(&case), "tx.denied"),
            (Who::Approver, empty, "cases.reasons_missing"),
            (Who::Approver, discontinue(&early), "Discontinued"),
            (Who::Approver, discontinue(&taken), "Discontinued"),
            (Who::Approver, discontinue(&correcting), "Discontinued"),
            (Who::Approver, discontinue(&gaps), "Discontinued"),
            (Who::Approver, discontinue(&case), "Discontinued"),
            (Who::Approver, discontinue(&case), "cases.wrong_stage"), // I9
            (Who::FoodReviewer, finish(&case, "食品审查"), "cases.wrong_stage"), // I9
        ],
    );
    for number in [&early, &taken, &correcting, &gaps, &case] {
        let ended = record(&story, number);
        assert_eq!(ended.stage, Stage::Terminated);
        assert_eq!(ended.ending.expect("it ended").loss, Some(Loss::Deceased));
        assert!(ended.procedures.iter().all(|procedure| procedure.ended_at.is_some()));
        assert_eq!(why(&story, number), (None, Vec::new()));
    }
    assert_eq!(pass_days(&mut story, 40), Vec::<String>::new(), "nothing is left for time to do");
    assert!(!broken_promise(&story, Who::Zhang), "who died has broken no promise");
}

#[test]
fn nothing_is_granted_to_who_is_no_more_and_what_was_granted_is_closed() {
    let mut story = bound_town();
    let undecided = accepted(&mut story, application());
    finish_reviews(&mut story, &undecided);
    let granted = granted(&mut story);
    let refused = accepted(&mut story, notice_application());
    tell(
        &mut story,
        &[(Who::Checker, finish(&refused, "审查"), "StepFinished"), (Who::Approver, refuse(&refused), "Decided")],
    );
    zhang_dies(&mut story);
    tell(
        &mut story,
        &[
            (Who::Approver, decide(&undecided), "cases.applicant_lost"), // I18
            (Who::Approver, discontinue(&undecided), "Discontinued"),
            (Who::Approver, discontinue(&granted), "Discontinued"),
            (Who::Issuer, document(&granted, Some("制证")), "cases.wrong_stage"), // I9
            (Who::Approver, discontinue(&refused), "Discontinued"),
        ],
    );
    let stages = [&undecided, &granted, &refused].map(|case| stage(&story, case));
    assert_eq!(stages, [Stage::Terminated, Stage::Closed, Stage::Closed]);
    assert!(record(&story, &granted).decision.expect("what was decided stays").granted); // I3
}

#[test]
fn who_was_held_for_dead_appeals_and_his_case_goes_on_where_it_was() {
    let mut story = bound_town();
    let filed_only = filed(&mut story, application());
    let taken = received(&mut story, application());
    let case = accepted(&mut story, application());
    let all = [&filed_only, &taken, &case];
    zhang_dies(&mut story);
    let lines: Vec<_> = all.iter().map(|case| (Who::Approver, discontinue(case), "Discontinued")).collect();
    tell(&mut story, &lines);
    tell(&mut story, &[(Who::RecoveryApprover, annul_ending(Who::Zhang), "EndingAnnulled")]);
    for number in all {
        assert_eq!(stage(&story, number), Stage::Terminated, "it stays ended until he appeals");
    }
    for (number, goes_on) in all.into_iter().zip([Stage::Submitted, Stage::Received, Stage::Accepted]) {
        tell(
            &mut story,
            &[
                (Who::Zhang, appeal(number), "Appealed"),
                (Who::Approver, decide_appeal(number, true), "cases.same_officer"), // I16
                (Who::SecondApprover, decide_appeal(number, true), "AppealDecided"),
                (Who::SecondApprover, reconsider(number), "Reconsidered"),
            ],
        );
        assert_eq!(stage(&story, number), goes_on);
    }
}

#[test]
fn who_was_held_for_dead_while_he_corrected_or_was_to_be_accepted_anew_goes_on_there() {
    let mut story = bound_town();
    let correcting = received(&mut story, application());
    let (sent_back, corrected_anew) = (accepted(&mut story, application()), accepted(&mut story, application()));
    tell(
        &mut story,
        &[
            (Who::Acceptor, ask_correction(&correcting, &[0]), "CorrectionAsked"),
            (Who::Checker, reject(&sent_back, "核验"), "StepFinished"), // back to its acceptance
            (Who::Checker, reject(&corrected_anew, "核验"), "StepFinished"),
            (Who::Acceptor, ask_correction(&corrected_anew, &[0]), "CorrectionAsked"),
        ],
    );
    zhang_dies(&mut story);
    let all = [&correcting, &sent_back, &corrected_anew];
    let lines: Vec<_> = all.iter().map(|case| (Who::Approver, discontinue(case), "Discontinued")).collect();
    tell(&mut story, &lines);
    tell(&mut story, &[(Who::RecoveryApprover, annul_ending(Who::Zhang), "EndingAnnulled")]);
    for number in all {
        tell(
            &mut story,
            &[
                (Who::Zhang, appeal(number), "Appealed"),
                (Who::SecondApprover, decide_appeal(number, true), "AppealDecided"),
                (Who::SecondApprover, reconsider(number), "Reconsidered"),
            ],
        );
    }
    let stages = all.map(|number| stage(&story, number));
    assert_eq!(stages, [Stage::Correcting, Stage::Received, Stage::Correcting]);
    for (number, next) in all.into_iter().zip(["supplement", "accept", "supplement"]) {
        assert_eq!(&*why(&story, number).0.expect("it waits").next, next);
    }
    // I10: each of them comes to its decision.
    tell(
        &mut story,
        &[
            (Who::Zhang, supplement(&correcting, &[electronic(0)]), "Supplemented"),
            (Who::Zhang, supplement(&corrected_anew, &[electronic(0)]), "Supplemented"),
            (Who::Acceptor, accept(&correcting), "Accepted"),
            (Who::Acceptor, accept(&sent_back), "Accepted"),
            (Who::Acceptor, accept(&corrected_anew), "Accepted"),
        ],
    );
    for number in all {
        let clock = record(&story, number).promised.expect("it was accepted");
        assert!(clock.is_running(), "it has days to be decided in");
        finish_reviews(&mut story, number);
        tell(&mut story, &[(Who::SecondApprover, decide(number), "Decided")]);
    }
}

#[test]
fn nothing_is_delivered_to_the_dead_and_the_administrator_of_the_estate_receives_and_appeals() {
    let mut story = bound_town();
    tell(&mut story, &[(Who::IdentityOfficer, bind(Who::Li), "PersonBound")]);
    let refused = accepted(&mut story, notice_application());
    tell(
        &mut story,
        &[(Who::Checker, finish(&refused, "审查"), "StepFinished"), (Who::Approver, refuse(&refused), "Decided")],
    );
    let (ended, early) = (accepted(&mut story, application()), filed(&mut story, application()));
    zhang_dies(&mut story);
    let administer = AnyCall::Representation(crate::representation::Call::AppointAdministrator {
        department: code(CIVIL),
        deceased: Who::Zhang.account(),
        administrator: Who::Li.account(),
        until: TERM_END.parse().expect("a time"),
        papers: PAPER,
    });
    tell(
        &mut story,
        &[
            (Who::Issuer, deliver(&refused, None), "cases.applicant_lost"), // I18
            (Who::Issuer, deliver_to(&refused, None, Some(Who::Zhang)), "cases.applicant_lost"), // I18
            (Who::Issuer, deliver_to(&refused, None, Some(Who::Li)), "cases.no_capacity"),
            (Who::CivilOfficer, administer, "AdministratorAppointed"),
            (Who::Issuer, deliver_to(&refused, None, Some(Who::Li)), "Delivered"),
            (Who::Li, acknowledge(&refused), "Acknowledged"),
            (Who::Issuer, close(&refused), "Closed"),
            (Who::Li, appeal(&refused), "Appealed"),
            (Who::Li, rate(&refused, crate::case_records::RatingLevel::Satisfied), "cases.no_capacity"),
            (Who::Approver, discontinue(&ended), "Discontinued"),
            (Who::Li, appeal(&ended), "Appealed"),
            (Who::Li, supplement(&early, &[electronic(0)]), "cases.wrong_stage"),
            (Who::Li, withdraw(&early), "Ended"),
            (Who::Approver, discontinue(&early), "cases.wrong_stage"), // I9
        ],
    );
    let delivery = record(&story, &refused).delivery.expect("it was delivered");
    assert_eq!((delivery.to, delivery.capacity), (Who::Li.account(), Capacity::EstateAdministrator));
    // Taken up again for him, it is still granted to nobody.
    tell(
        &mut story,
        &[
            (Who::SecondApprover, decide_appeal(&refused, true), "AppealDecided"),
            (Who::SecondApprover, reconsider(&refused), "Reconsidered"),
            (Who::SecondApprover, decide(&refused), "cases.applicant_lost"), // I18
            (Who::SecondApprover, discontinue(&refused), "Discontinued"),
        ],
    );
}

fn file_as(story: &mut Story, who: Who, application: Application) -> CaseNumber {
    match event(&story.act(&who.key(), vec![file(application).to_bytes()])) {
        Event::Filed { case, .. } => case,
        other => panic!("expected an application, found {other:?}"),
    }
}

fn issue_for(case: &CaseNumber, holder: Who, serial: &str) -> AnyCall {
    AnyCall::Licences(crate::licences::Call::Issue {
        identifier: licence(serial),
        case: Some(case.clone()),
        holder: holder.account(),
        content: content(),
        ground: None,
    })
}

#[test]
fn the_case_of_a_merged_organisation_goes_on_under_its_successor() {
    let mut story = town();
    tell(
        &mut story,
        &[
            (Who::Admin, withdraw_role(Who::Bob, Role::Depositor), "RoleWithdrawn"),
            (Who::IdentityOfficer, bind_company(Who::Eve, COMPANY), "CompanyBound"),
            (Who::IdentityOfficer, bind_company(Who::Bob, OTHER_COMPANY), "CompanyBound"),
        ],
    );
    let by_eve = || Application { applicant: Who::Eve.account(), ..application() };
    let (case, withdrawn) = (file_as(&mut story, Who::Eve, by_eve()), file_as(&mut story, Who::Eve, by_eve()));
    tell(
        &mut story,
        &[
            (Who::Issuer, issue_with(licence("OLD"), Who::Eve, content()), "Issued"),
            (Who::Receiver, receive(&case), "Received"),
            (Who::Acceptor, accept(&case), "Accepted"),
        ],
    );
    carry_through(&mut story, Who::IdentityOfficer, Who::Eve, record_merger(Who::Eve, Who::Bob), "AccountEnded");
    let mut at_counter = story.clone();
    tell(
        &mut at_counter,
        &[
            (Who::Mayor, grant(APPROVAL, Who::Trainee, Role::Receiver, None, TERM_END), "Granted"),
            (Who::Trainee, enter_act(&withdrawn, PaperAct::Withdraw {}), "ActEntered"), // his successor has signed it
        ],
    );
    // I13: what the former held is held.
    let facts = few(&[number_fact("area", 50), truth("smoke", true), truth("signboard", true), truth("branch", true)]);
    let branch = file_as(&mut story, Who::Bob, Application { applicant: Who::Bob.account(), facts, ..application() });
    tell(
        &mut story,
        &[
            (Who::Receiver, receive(&branch), "Received"),
            (Who::Acceptor, ask_correction(&branch, &[5]), "cases.held_already"),
            (Who::Acceptor, accept(&branch), "Accepted"),
        ],
    );
    tell(
        &mut story,
        &[
            (Who::Eve, withdraw(&withdrawn), "tx.account_ended"),
            (Who::Zhang, withdraw(&withdrawn), "cases.no_capacity"),
            (Who::Approver, discontinue(&case), "cases.applicant_there"), // I18
        ],
    );
    let ended = event_of(&mut story, Who::Bob, Call::Withdraw { case: withdrawn });
    assert!(matches!(ended, Event::Ended { capacity: Some(Capacity::Successor), .. }), "{ended:?}");
    finish_reviews(&mut story, &case);
    tell(
        &mut story,
        &[
            (Who::Approver, decide(&case), "Decided"),
            (Who::Issuer, issue_for(&case, Who::Zhang, "ZHANG"), "licences.case_not_granted"),
            (Who::Issuer, issue_for(&case, Who::Bob, "NEW"), "Issued"),
            (Who::Issuer, certify(&case, "NEW"), "CertificateIssued"), // to the successor, for the case of the former
            (Who::Issuer, deliver(&case, Some("送达")), "Delivered"),
            (Who::Issuer, close(&case), "Closed"),
        ],
    );
    // The successor renews what the former held, and so does nobody else.
    let renewal =
        |applicant: Who| Application { applicant: applicant.account(), renews: Some(licence("OLD")), ..application() };
    tell(&mut story, &[(Who::Zhang, file(renewal(Who::Zhang)), "cases.renewal_not_held")]);
    let renewing = file_as(&mut story, Who::Bob, renewal(Who::Bob));
    carry_through(&mut story, Who::IdentityOfficer, Who::Bob, record_dissolution(Who::Bob), "AccountEnded");
    tell(&mut story, &[(Who::Approver, discontinue(&renewing), "Discontinued")]);
    assert_eq!(record(&story, &renewing).ending.expect("it ended").loss, Some(Loss::Dissolved));
}
