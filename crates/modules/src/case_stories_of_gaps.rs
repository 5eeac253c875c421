//! Stories of cases: what is missing of them is kept in sight, comes late, or never comes; and what is added after a case was sent back.

use crate::case_records::{How, PROCEDURES_MAX, PROCEDURES_OF_OFFICERS_MAX};
use crate::case_sources::AnswerSources;
use crate::case_states::Stage;
use crate::case_test_cast::*;
use crate::cases::{Application, Call, Event};
use crate::licence_history::Period;
use crate::licence_test_cast::{self, content, issue_with};
use crate::licences::Content;
use crate::test_cast::{APPROVAL, TERM_END, Who, grant, tell, text};
use serde_json::json;
use tongban_kernel::Role;
use tongban_kernel::testing::Story;
use tongban_types::codes::CaseNumber;

/// An application without the plan, and with a picture of the signboard that follows; nothing was promised.
fn bare() -> Application {
    Application { materials: list(&[electronic(0), gap(3)]), ..application() }
}

/// What a bare application is missing after silence has accepted it.
fn accepted_by_silence(story: &mut Story, application: Application) -> CaseNumber {
    let case = filed(story, application);
    assert_eq!(count(&pass_days(story, 8), "Accepted"), 1);
    case
}

#[test]
fn silence_accepts_and_nothing_is_granted_before_what_is_missing_is_there() {
    let mut story = town();
    let case = accepted_by_silence(&mut story, bare());
    let gap = record(&story, &case).gap.expect("it is kept in sight");
    assert_eq!((&gap.missing[..], gap.since), (&[1, 3][..], story.time().min(gap.since)));
    finish_reviews(&mut story, &case);
    tell(
        &mut story,
        &[
            (Who::Approver, decide(&case), "cases.gap_open"), // I4
            (Who::Zhang, fill_gap(&case, &[electronic(3)]), "GapFilled"),
            (Who::Approver, decide(&case), "cases.gap_open"), // I4
            (Who::Zhang, fill_gap(&case, &[electronic(1)]), "GapFilled"),
            (Who::Approver, decide(&case), "Decided"),
        ],
    );
}

#[test]
fn the_event_of_silence_says_what_is_missing() {
    let mut story = town();
    filed(&mut story, bare());
    let receipts: Vec<_> = (0..8 * 4).flat_map(|_| story.pass_millis(DAY_MILLIS / 4)).collect();
    let found = receipts.iter().map(event).find_map(|event| match event {
        Event::Accepted { by: None, missing, .. } => Some(missing.to_vec()),
        _ => None,
    });
    assert_eq!(found, Some(vec![1, 3]));
}

#[test]
fn who_promised_nothing_has_broken_no_promise() {
    let mut story = town();
    let case = accepted_by_silence(&mut story, bare());
    let names = pass_days(&mut story, 45);
    assert_eq!((count(&names, "GapSuspended"), count(&names, "TerminationProposed")), (1, 1), "{names:?}");
    tell(&mut story, &[(Who::Approver, terminate(&case), "Ended")]);
    assert!(!broken_promise(&story, Who::Zhang));
}

#[test]
fn a_licence_that_stood_for_a_material_does_so_to_the_end() {
    let mut story = town();
    let mut branch = application();
    branch.facts = few(&[&branch.facts[..3], &[truth("branch", true)]].concat());
    tell(&mut story, &[(Who::Issuer, issue_with(licence("OLD"), Who::Zhang, content()), "Issued")]);
    let case = accepted(&mut story, branch);
    let noted =
        filing_of(&story, &case).materials.iter().find(|given| given.material == 5).map(|given| given.how.clone());
    assert_eq!(noted, Some(How::Licence { licence: licence("OLD") }));
    finish_reviews(&mut story, &case);
    tell(
        &mut story,
        &[(Who::Issuer, licence_test_cast::suspend("OLD"), "Suspended"), (Who::Approver, decide(&case), "Decided")],
    );
}

/// A branch, of which the former licence may follow and does not come.
fn branch_with_gap(story: &mut Story) -> CaseNumber {
    let mut item = restaurant();
    item["materials"][5]["need"] = json!("may_follow");
    tell(story, &[(Who::Editor, publish(RESTAURANT, 2, &item), "Published")]);
    let mut branch = application();
    branch.facts = few(&[&branch.facts[..3], &[truth("branch", true)]].concat());
    let materials = list(&[electronic(0), electronic(1), electronic(3), gap(5)]);
    let case = received(story, Application { materials, gap_promise: Some(PAPER), ..branch });
    tell(story, &[(Who::Acceptor, accept_with_gap(&case, 5), "Accepted")]);
    case
}

#[test]
fn what_comes_to_be_held_is_missing_no_more() {
    let mut story = town();
    let case = branch_with_gap(&mut story);
    let issue = |story: &Story| {
        let period = Period { from: Some(story.time()), ..content().period };
        issue_with(licence("OLD"), Who::Zhang, Content { period, ..content() })
    };
    let (mut late, mut proposed) = (story.clone(), story.clone());
    let issued = issue(&story);
    tell(&mut story, &[(Who::Issuer, issued, "Issued")]);
    let names = pass_days(&mut story, 20);
    let told = ["GapReminded", "GapSuspended", "TerminationProposed"].map(|name| count(&names, name));
    assert_eq!(told, [0; 3], "{names:?}");
    let given = filing_of(&story, &case).materials;
    assert_eq!(given.last().map(|given| given.how.clone()), Some(How::Licence { licence: licence("OLD") }));
    tell(
        &mut story,
        &[
            (Who::Issuer, licence_test_cast::suspend("OLD"), "Suspended"), // it has stood for it, and does
            (Who::Checker, finish(&case, "核验"), "StepFinished"),
            (Who::FoodReviewer, finish(&case, "食品审查"), "StepFinished"),
            (Who::AirReviewer, finish(&case, "油烟审查"), "StepFinished"),
            (Who::Approver, decide(&case), "Decided"),
        ],
    );
    pass_days(&mut late, 9);
    let issued = issue(&late);
    tell(
        &mut late,
        &[
            (Who::FoodReviewer, finish(&case, "食品审查"), "cases.suspended"),
            (Who::Issuer, issued, "Issued"),
            (Who::FoodReviewer, finish(&case, "食品审查"), "StepFinished"),
        ],
    );
    assert!(record(&late, &case).promised.is_some_and(|clock| clock.is_running()));
    assert_eq!(count(&pass_days(&mut late, 8), "TerminationProposed"), 0);
    assert_eq!(count(&pass_days(&mut proposed, 16), "TerminationProposed"), 1);
    let issued = issue(&proposed);
    tell(
        &mut proposed,
        &[(Who::Issuer, issued, "Issued"), (Who::Approver, terminate(&case), "cases.not_proposed")], // I17
    );
}

#[test]
fn who_broke_a_promise_is_given_no_gap() {
    let mut story = town();
    let overdue = accepted_with_gap(&mut story, 5);
    pass_days(&mut story, 16);
    let materials = list(&[electronic(0), electronic(1), gap(3)]);
    let case = received(&mut story, Application { materials, gap_promise: Some(PAPER), ..application() });
    tell(
        &mut story,
        &[
            (Who::Approver, terminate(&overdue), "Ended"),
            (Who::Acceptor, accept_with_gap(&case, 5), "cases.promise_broken"), // I11
            (Who::Acceptor, ask_correction(&case, &[]), "cases.material_missing"), // I12: it may not follow
            (Who::Acceptor, ask_correction(&case, &[3]), "CorrectionAsked"),
            (Who::Zhang, supplement(&case, &[electronic(3)]), "Supplemented"),
            (Who::Acceptor, accept(&case), "Accepted"),
        ],
    );
}

#[test]
fn silence_accepts_no_commitment_of_one_who_broke_a_promise() {
    let mut story = town();
    let promised = Application { materials: list(&[promise(0)]), ..notice_application() };
    let broken = closed(&mut story, promised.clone(), true);
    let case = filed(&mut story, promised);
    tell(&mut story, &[(Who::Checker, check(&broken, false), "CommitmentChecked")]);
    assert_eq!(count(&pass_days(&mut story, 8), "Accepted"), 1);
    tell(
        &mut story,
        &[
            (Who::Checker, finish(&case, "审查"), "StepFinished"),
            (Who::Approver, decide(&case), "cases.gap_open"), // I11
            (Who::Zhang, fill_gap(&case, &[paper(0)]), "GapFilled"),
            (Who::Approver, decide(&case), "Decided"),
        ],
    );
}

/// Begins and ends as many special procedures as officers may.
fn fill_procedures(story: &mut Story, case: &CaseNumber) {
    let until = story.time().plus_millis(DAY_MILLIS);
    for _ in 0..PROCEDURES_OF_OFFICERS_MAX {
        tell(
            story,
            &[
                (Who::AirReviewer, stop(case, "油烟审查", until), "ClockStopped"),
                (Who::AirReviewer, resume(case, "油烟审查"), "ClockResumed"),
            ],
        );
    }
    tell(story, &[(Who::AirReviewer, stop(case, "油烟审查", until), "cases.too_many_procedures")]);
}

#[test]
fn a_case_full_of_procedures_is_suspended_all_the_same() {
    let mut story = town();
    let case = accepted_with_gap(&mut story, 5);
    fill_procedures(&mut story, &case);
    let names = pass_days(&mut story, 9);
    assert_eq!(count(&names, "GapSuspended"), 1, "{names:?}");
    tell(
        &mut story,
        &[
            (Who::Zhang, fill_gap(&case, &[electronic(3)]), "GapFilled"),
            (Who::AirReviewer, finish(&case, "油烟审查"), "StepFinished"),
        ],
    );
}

#[test]
fn a_case_that_is_suspended_again_and_again_always_has_room_for_it() {
    let mut story = town();
    let case = accepted_with_gap(&mut story, 5);
    fill_procedures(&mut story, &case);
    let others = [
        Who::Head,
        Who::Issuer,
        Who::Supervisor,
        Who::DataOfficer,
        Who::Importer,
        Who::Checker,
        Who::Receiver,
        Who::Trainee,
    ];
    let grants = others.map(|who| (Who::Mayor, grant(APPROVAL, who, Role::Approver, None, TERM_END), "Granted"));
    tell(&mut story, &grants);
    for who in std::iter::once(Who::Approver).chain(others) {
        assert_eq!(count(&pass_days(&mut story, 9), "GapSuspended"), 1);
        tell(
            &mut story,
            &[
                (Who::Acceptor, propose_termination(&case), "TerminationProposed"),
                (who, terminate(&case), "Ended"),
                (Who::Zhang, appeal(&case), "Appealed"),
                (Who::SecondApprover, decide_appeal(&case, true), "AppealDecided"),
                (Who::SecondApprover, reconsider(&case), "Reconsidered"),
                (Who::Acceptor, propose_termination(&case), "TerminationProposed"),
                (who, terminate(&case), "cases.same_officer"), // I16
                (Who::Approver, terminate(&case), "cases.same_officer"), // I16: an earlier appeal was right against him
                (Who::SecondApprover, decline_termination(&case), "TerminationDeclined"),
            ],
        );
    }
    let procedures = record(&story, &case).procedures;
    assert!(procedures.len() == PROCEDURES_MAX && procedures.iter().all(|procedure| procedure.ended_at.is_some()));
    let of_officers = procedures.iter().filter(|procedure| procedure.by.is_some()).count();
    assert_eq!(of_officers, PROCEDURES_OF_OFFICERS_MAX, "what officers began stays");
}

#[test]
fn an_officers_proposal_does_not_stand_for_a_broken_promise() {
    let mut story = town();
    let case = accepted_with_gap(&mut story, 5);
    tell(&mut story, &[(Who::Acceptor, propose_termination(&case), "TerminationProposed")]);
    let names = pass_days(&mut story, 16);
    assert_eq!(count(&names, "TerminationProposed"), 1, "time proposes it, too: {names:?}");
    let proposal = record(&story, &case).termination.expect("it is proposed");
    assert_eq!(proposal.by, None);
    let other = accepted_with_gap(&mut story, 5);
    pass_days(&mut story, 9);
    tell(&mut story, &[(Who::Acceptor, propose_termination(&other), "TerminationProposed")]);
    let mut unproposed = story.clone();
    tell(&mut story, &[(Who::Approver, terminate(&case), "Ended")]);
    assert!(broken_promise(&story, Who::Zhang)); // I11
    tell(&mut unproposed, &[(Who::Approver, terminate(&other), "Ended")]);
    assert!(broken_promise(&unproposed, Who::Zhang), "overdue is overdue, whoever proposed it"); // I11
}

#[test]
fn a_proposal_to_terminate_is_declined_by_another_officer() {
    let mut story = town();
    let case = accepted(&mut story, application());
    let both = grant(APPROVAL, Who::Acceptor, Role::Approver, None, TERM_END);
    let silent = of(Call::DeclineTermination { case: case.clone(), reasons: text("") });
    tell(
        &mut story,
        &[
            (Who::Mayor, both, "Granted"),
            (Who::Approver, decline_termination(&case), "cases.not_proposed"), // I17
            (Who::Acceptor, propose_termination(&case), "TerminationProposed"),
            (Who::Approver, silent, "cases.reasons_missing"),
            (Who::Acceptor, decline_termination(&case), "cases.same_officer"), // I16
            (Who::Approver, decline_termination(&case), "TerminationDeclined"),
            (Who::Approver, terminate(&case), "cases.not_proposed"), // I17
            (Who::Acceptor, propose_termination(&case), "TerminationProposed"),
        ],
    );
}

#[test]
fn what_time_proposed_and_a_person_declined_is_proposed_again_after_a_while() {
    let mut story = town();
    let case = accepted_with_gap(&mut story, 5);
    pass_days(&mut story, 16);
    tell(&mut story, &[(Who::Approver, decline_termination(&case), "TerminationDeclined")]);
    assert_eq!(count(&pass_days(&mut story, 4), "TerminationProposed"), 0);
    tell(&mut story, &[(Who::FoodReviewer, finish(&case, "食品审查"), "cases.suspended")]);
    assert_eq!(count(&pass_days(&mut story, 5), "TerminationProposed"), 1);
    tell(&mut story, &[(Who::Approver, terminate(&case), "Ended")]);
}

#[test]
fn after_a_case_was_sent_back_the_applicant_adds_what_is_needed() {
    let mut story = town();
    let case = received(&mut story, application());
    let nothing = of(Call::Supplement {
        case: case.clone(),
        facts: None,
        form: None,
        materials: list(&[]),
        sources: AnswerSources::default(),
        gap_promise: None,
    });
    let other = of(Call::Supplement {
        case: case.clone(),
        facts: Some(facts(400, true, true)),
        form: Some(PAPER),
        materials: list(&[]),
        sources: AnswerSources::default(),
        gap_promise: None,
    });
    tell(
        &mut story,
        &[
            (Who::Zhang, supplement(&case, &[paper(1)]), "cases.wrong_stage"), // I9: nobody has asked
            (Who::Acceptor, ask_correction(&case, &[1]), "CorrectionAsked"),
            (Who::Zhang, supplement(&case, &[paper(1)]), "Supplemented"),
            (Who::Zhang, supplement(&case, &[paper(1)]), "cases.wrong_stage"), // I9
            (Who::Acceptor, accept(&case), "Accepted"),
            (Who::FoodReviewer, finish(&case, "食品审查"), "StepFinished"),
            (Who::Checker, reject(&case, "核验"), "StepFinished"), // back to the acceptance
            (Who::Acceptor, ask_correction(&case, &[1]), "cases.correction_asked_before"), // I12
            (Who::Li, supplement(&case, &[paper(1)]), "cases.no_capacity"),
            (Who::Zhang, nothing, "cases.correction_incomplete"),
            (Who::Zhang, supplement(&case, &[paper(1)]), "Supplemented"),
            (Who::Zhang, other, "Supplemented"),
            (Who::Acceptor, accept(&case), "cases.material_missing"), // I4: such a large one needs more
            (Who::Zhang, supplement(&case, &[paper(2)]), "Supplemented"),
            (Who::Acceptor, accept(&case), "Accepted"),
            (Who::FoodReviewer, finish(&case, "食品审查"), "StepFinished"),
            (Who::FireInspector, finish(&case, "消防检查"), "StepFinished"),
        ],
    );
}

#[test]
fn other_facts_undo_what_was_done_by_the_former_ones() {
    let mut story = town();
    let mut item = restaurant();
    item["flow"][5]["waits_for"] = serde_json::json!([]);
    tell(&mut story, &[(Who::Editor, publish(RESTAURANT, 2, &item), "Published")]);
    let case = accepted(&mut story, application());
    let larger = |facts| {
        of(Call::Supplement {
            case: case.clone(),
            facts: Some(facts),
            form: None,
            materials: list(&[]),
            sources: AnswerSources::default(),
            gap_promise: None,
        })
    };
    tell(
        &mut story,
        &[
            (Who::AirReviewer, finish(&case, "油烟审查"), "StepFinished"), // waits for nothing
            (Who::Checker, reject(&case, "核验"), "StepFinished"),
            (Who::Zhang, larger(facts(50, true, true)), "Supplemented"), // the same
        ],
    );
    assert!(record(&story, &case).steps[5].outcome.is_some());
    tell(
        &mut story,
        &[
            (Who::Zhang, larger(facts(200, true, true)), "Supplemented"),
            (Who::Acceptor, accept(&case), "Accepted"),
            (Who::AirReviewer, finish(&case, "油烟审查"), "StepFinished"),
        ],
    );
    assert!(step_record(&story, &case, 5, 0).is_some() && step_record(&story, &case, 5, 1).is_some());
}

#[test]
fn a_gap_has_as_many_days_as_are_promised_however_often_the_case_is_sent_back() {
    let mut story = town();
    let case = accepted_with_gap(&mut story, 15);
    pass_days(&mut story, 7);
    tell(
        &mut story,
        &[
            (Who::Checker, reject(&case, "核验"), "StepFinished"), // back to the acceptance
            (Who::Acceptor, accept(&case), "cases.material_missing"), // I4
            (Who::Acceptor, accept_with_gap(&case, 15), "cases.gap_days"),
            (Who::Acceptor, accept_with_gap(&case, 11), "cases.gap_days"),
            (Who::Acceptor, accept_with_gap(&case, 10), "Accepted"),
        ],
    );
    tell(&mut story, &[(Who::Checker, reject(&case, "核验"), "StepFinished")]);
    let names = pass_days(&mut story, 9);
    assert_eq!((count(&names, "Accepted"), count(&names, "GapSuspended")), (1, 0), "{names:?}");
    let names = pass_days(&mut story, 8);
    assert_eq!(count(&names, "GapSuspended"), 1, "silence has added no day: {names:?}");
}

#[test]
fn what_comes_while_a_case_is_sent_back_is_missing_no_more() {
    let mut story = town();
    let case = accepted_with_gap(&mut story, 15);
    tell(
        &mut story,
        &[
            (Who::Checker, reject(&case, "核验"), "StepFinished"),
            (Who::Zhang, supplement(&case, &[electronic(3)]), "Supplemented"),
            (Who::Acceptor, accept(&case), "Accepted"),
        ],
    );
    finish_reviews(&mut story, &case);
    tell(&mut story, &[(Who::Approver, decide(&case), "Decided")]);
}

#[test]
fn an_accepted_case_is_not_refused_acceptance_after_all() {
    let mut story = town();
    let case = accepted(&mut story, application());
    tell(
        &mut story,
        &[
            (Who::Checker, reject(&case, "核验"), "StepFinished"),
            (Who::Acceptor, refuse_acceptance(&case), "cases.accepted_before"), // I3
            (Who::Acceptor, ask_correction(&case, &[1]), "CorrectionAsked"),
        ],
    );
    let names = pass_days(&mut story, 22);
    assert_eq!(count(&names, "CorrectionLapsed"), 1, "{names:?}");
    assert_eq!(stage(&story, &case), Stage::Received, "it goes on as it is");
    tell(&mut story, &[(Who::Acceptor, accept(&case), "Accepted")]);
    let mut other = town();
    let case = accepted(&mut other, application());
    tell(
        &mut other,
        &[
            (Who::Checker, reject(&case, "核验"), "StepFinished"),
            (Who::Acceptor, ask_correction(&case, &[1]), "CorrectionAsked"),
            (Who::Acceptor, give_back(&case), "cases.accepted_before"), // I3
        ],
    );
}
