//! Stories of supervision: whose a card is and how it is answered; and who decides where nobody in the department may.

use crate::cards::{Card, Limit};
use crate::case_papers::{PaperKind, PaperNumber};
use crate::case_reasons::Owner;
use crate::case_records::{CardShown, Subject};
use crate::case_states::Stage;
use crate::case_stories_of_steps::higher_body;
use crate::case_test_cast::*;
use crate::cases::{Call, Event, Rules};
use crate::test_cast::{
    APPROVAL, GOVERNMENT, MARKET, TERM_END, Who, appoint, code, dismiss, grant, outcome_name, tell, text,
};
use tongban_kernel::Role;
use tongban_kernel::testing::Story;
use tongban_types::codes::CaseNumber;

/// The cards that a case has got about something, the last first.
fn card_about(story: &Story, case: &CaseNumber, subject: Subject) -> CardShown {
    let cards = record(story, case).cards;
    *cards.iter().rfind(|card| card.subject == subject).expect("a card is shown")
}

#[test]
fn a_card_has_a_number_names_whose_it_is_and_is_answered_once() {
    let mut story = town();
    let case = accepted(&mut story, application());
    pass_days(&mut story, 4);
    let prompt = card_about(&story, &case, Subject::Step(6));
    assert_eq!((prompt.card, prompt.number), (Card::Prompt, None), "a prompt is no order");
    pass_days(&mut story, 20);
    let yellow = card_about(&story, &case, Subject::Step(2));
    assert_eq!((yellow.card, yellow.limit), (Card::Yellow, Limit::Step));
    assert_eq!((yellow.department, yellow.role, yellow.handler), (code(MARKET), Role::Reviewer, None));
    pass_days(&mut story, 10);
    let red = card_about(&story, &case, Subject::Decision);
    assert_eq!((red.card, red.limit), (Card::Red, Limit::Statutory));
    assert_eq!((red.department, red.role), (code(APPROVAL), Role::Approver));
    assert_eq!(red.handler, Some(Who::Acceptor.account()), "who has accepted the case has it in hand");
    let number = red.number.expect("a red card is an order");
    assert_eq!((number.department, number.kind, number.year), (code(APPROVAL), PaperKind::Card, 2026));
    assert_ne!(yellow.number, red.number); // I22
    let kept = supervision_of(&story, number).expect("it is kept");
    assert_eq!((kept.case, kept.department, kept.card, kept.answer), (case.clone(), code(APPROVAL), red, None));
    let unknown = PaperNumber { sequence: 999, ..number };
    assert_eq!(supervision_of(&story, unknown), None);
    let silent = of(Call::AnswerCard { number, answer: text("") });
    tell(
        &mut story,
        &[
            (Who::Approver, silent, "cases.reasons_missing"),
            (Who::Approver, answer_card(unknown), "tx.denied"),
            (Who::FoodReviewer, answer_card(number), "tx.denied"),
            (Who::Zhang, answer_card(number), "tx.denied"),
            (Who::Approver, answer_card(number), "CardAnswered"),
            (Who::SecondApprover, answer_card(number), "cases.card_answered"),
        ],
    );
    let answer = supervision_of(&story, number).and_then(|kept| kept.answer).expect("it was answered");
    assert_eq!(answer.by.account, Who::Approver.account());
}

#[test]
fn what_is_done_again_names_who_did_it_before() {
    let mut story = town();
    let case = accepted(&mut story, notice_application());
    tell(
        &mut story,
        &[
            (Who::Checker, finish(&case, "审查"), "StepFinished"),
            (Who::Approver, rule(&case, crate::cases::Ruling::SendBack), "Decided"),
        ],
    );
    pass_days(&mut story, 6);
    let card = card_about(&story, &case, Subject::Step(1));
    assert_eq!((card.department, card.handler), (code(APPROVAL), Some(Who::Checker.account())));
}

/// Refused by these, and after the appeal taken up again by those.
fn refuse_and_reconsider(story: &mut Story, case: &CaseNumber, decider: Who, judge: Who) {
    tell(
        story,
        &[
            (decider, refuse(case), "Decided"),
            (Who::Zhang, appeal(case), "Appealed"),
            (decider, decide_appeal(case, false), "cases.same_officer"),
            (judge, decide_appeal(case, true), "AppealDecided"),
            (judge, reconsider(case), "Reconsidered"),
        ],
    );
}

/// The government has an approver.
fn with_superior(story: &mut Story) {
    tell(
        story,
        &[
            (Who::Mayor, appoint(GOVERNMENT, Who::Li, &[]), "Appointed"),
            (Who::Mayor, grant(GOVERNMENT, Who::Li, Role::Approver, None, TERM_END), "Granted"),
        ],
    );
}

#[test]
fn all_against_whom_appeals_were_right_are_barred_and_the_department_above_decides() {
    let mut story = town();
    let case = accepted(&mut story, notice_application());
    tell(
        &mut story,
        &[
            (Who::Checker, finish(&case, "审查"), "StepFinished"),
            (Who::Approver, refer(&case), "cases.nobody_barred"), // who may decide decides
        ],
    );
    refuse_and_reconsider(&mut story, &case, Who::Approver, Who::SecondApprover);
    tell(&mut story, &[(Who::Approver, decide(&case), "cases.same_officer")]);
    refuse_and_reconsider(&mut story, &case, Who::SecondApprover, Who::Approver);
    with_superior(&mut story);
    tell(
        &mut story,
        &[
            (Who::Approver, decide(&case), "cases.same_officer"), // I16: of the first appeal
            (Who::SecondApprover, decide(&case), "cases.same_officer"),
            (Who::Li, decide(&case), "tx.denied"),
            (Who::Li, refer(&case), "tx.denied"),
            (Who::SecondApprover, refer(&case), "Referred"),
            (Who::Approver, refer(&case), "cases.referred_before"),
        ],
    );
    let waiting = why(&story, &case).0.expect("it waits");
    let owner = Owner::Office { department: code(GOVERNMENT), role: Role::Approver, post: None };
    assert_eq!((waiting.owner, &*waiting.next), (owner, "decide"));
    tell(
        &mut story,
        &[
            (Who::Approver, decide(&case), "cases.same_officer"),
            (Who::Head, decide(&case), "tx.denied"),
            (Who::Li, finish(&case, "公示"), "tx.denied"), // it decides, and does nothing else there
            (Who::Li, decide(&case), "Decided"),
        ],
    );
    let (number, step) = (record(&story, &case), step_record(&story, &case, 2, 2).expect("it was decided"));
    assert_eq!((number.stage, step.department), (Stage::Granted, code(GOVERNMENT)));
    let paper = paper_number(&story, &case, PaperKind::Grant).expect("it was granted");
    assert_eq!(paper.department, code(GOVERNMENT), "whoever decides gives the paper");
    let officers = number.former_officers;
    assert!(officers.contains(&Who::Approver.account()) && officers.contains(&Who::SecondApprover.account()));
}

#[test]
fn an_appeal_that_nobody_in_a_small_department_may_decide_goes_up() {
    let mut story = town();
    tell(&mut story, &[(Who::Mayor, dismiss(APPROVAL, Who::SecondApprover), "Dismissed")]);
    let case = closed(&mut story, notice_application(), false);
    with_superior(&mut story);
    tell(
        &mut story,
        &[
            (Who::Zhang, appeal(&case), "Appealed"),
            (Who::Approver, decide_appeal(&case, true), "cases.same_officer"),
            (Who::Li, decide_appeal(&case, true), "tx.denied"),
        ],
    );
    let mut late = story.clone();
    tell(
        &mut story,
        &[
            (Who::Approver, refer(&case), "Referred"),
            (Who::Li, decide_appeal(&case, true), "AppealDecided"),
            (Who::Li, reconsider(&case), "Reconsidered"),
            (Who::Li, decide(&case), "Decided"),
        ],
    );
    assert_eq!(stage(&story, &case), Stage::Granted);
    // Where nobody passes it on either, its time does.
    pass_days(&mut late, 61);
    let waiting = why(&late, &case).0.expect("it waits");
    let owner = Owner::Office { department: code(GOVERNMENT), role: Role::Approver, post: None };
    assert_eq!((waiting.owner, waiting.is_late), (owner, true));
    tell(
        &mut late,
        &[
            (Who::Li, decide_appeal(&case, true), "AppealDecided"),
            (Who::Approver, reconsider(&case), "cases.same_officer"),
        ],
    );
    tell(&mut late, &[(Who::Li, reconsider(&case), "tx.denied")]); // the department has its days to follow
    pass_days(&mut late, 10);
    tell(&mut late, &[(Who::Li, reconsider(&case), "Reconsidered")]);
}

#[test]
fn where_nobody_is_left_to_refuse_acceptance_the_department_above_does() {
    let mut story = town();
    let case = received(&mut story, notice_application());
    with_superior(&mut story);
    tell(
        &mut story,
        &[
            (Who::Mayor, grant(GOVERNMENT, Who::Li, Role::Acceptor, None, TERM_END), "Granted"),
            (Who::Approver, refer(&case), "cases.nobody_barred"),
            (Who::Acceptor, refuse_acceptance(&case), "AcceptanceRefused"),
            (Who::Zhang, appeal(&case), "Appealed"),
            (Who::Approver, decide_appeal(&case, true), "AppealDecided"),
            (Who::Approver, reconsider(&case), "Reconsidered"),
            (Who::Acceptor, refuse_acceptance(&case), "cases.same_officer"), // I16
            (Who::Li, refuse_acceptance(&case), "tx.denied"),
            (Who::Approver, refer(&case), "Referred"),
            (Who::Li, accept(&case), "tx.denied"), // it refuses in its place, and does nothing else there
        ],
    );
    tell(&mut story, &[(Who::Li, refuse_acceptance(&case), "AcceptanceRefused")]);
    let paper = paper_number(&story, &case, PaperKind::AcceptanceRefusal).expect("it was refused");
    assert_eq!(
        (stage(&story, &case), paper.department),
        (Stage::NotAccepted, code(GOVERNMENT)),
        "whoever refuses gives the paper"
    );
}

#[test]
fn the_rules_may_name_who_decides_instead() {
    let mut story = town();
    let rules = Rules { decides_instead: Some(code(MARKET)), ..Rules::default() };
    let set = of(Call::SetRules { department: code(GOVERNMENT), rules });
    tell(
        &mut story,
        &[
            (Who::Mayor, appoint(GOVERNMENT, Who::Li, &[]), "Appointed"),
            (Who::Mayor, grant(GOVERNMENT, Who::Li, Role::Supervisor, None, TERM_END), "Granted"),
            (Who::Li, set, "RulesSet"),
            (Who::Mayor, grant(MARKET, Who::FoodReviewer, Role::Approver, None, TERM_END), "Granted"),
        ],
    );
    let case = closed(&mut story, notice_application(), false);
    tell(&mut story, &[(Who::Zhang, appeal(&case), "Appealed")]);
    let Event::Referred { to, department, .. } =
        event_of(&mut story, Who::Approver, Call::Refer { case: case.clone(), reasons: text("无其他审批人员") })
    else {
        panic!("expected a referral")
    };
    assert_eq!((department, to), (code(APPROVAL), code(MARKET)));
    tell(&mut story, &[(Who::FoodReviewer, decide_appeal(&case, false), "AppealDecided")]);
}

#[test]
fn who_has_a_matter_of_his_own_may_pass_it_on() {
    let mut story = town();
    let own = crate::cases::Application { applicant: Who::Approver.account(), ..notice_application() };
    let receipt = story.act(&Who::Approver.key(), vec![file(own).to_bytes()]);
    let Event::Filed { case, .. } = event(&receipt) else { panic!("{}", outcome_name(&receipt.outcome)) };
    with_superior(&mut story);
    tell(
        &mut story,
        &[
            (Who::Receiver, receive(&case), "Received"),
            (Who::Acceptor, accept(&case), "Accepted"),
            (Who::Checker, finish(&case, "审查"), "StepFinished"),
            (Who::Approver, decide(&case), "cases.own_matter"),
            (Who::SecondApprover, refer(&case), "cases.nobody_barred"),
        ],
    );
    tell(&mut story, &[(Who::Approver, refer(&case), "Referred"), (Who::Li, decide(&case), "Decided")]);
}

#[test]
fn above_the_uppermost_department_there_is_none() {
    let mut story = town();
    let case = accepted(&mut story, notice_application());
    higher_body(&mut story);
    tell(
        &mut story,
        &[
            (Who::Approver, forward(&case, GOVERNMENT), "Forwarded"),
            (Who::Li, accept(&case), "Accepted"),
            (Who::Li, finish(&case, "审查"), "StepFinished"),
            (Who::Head, refuse(&case), "Decided"),
            (Who::Zhang, appeal(&case), "Appealed"),
            (Who::Head, decide_appeal(&case, true), "cases.same_officer"),
            (Who::Head, refer(&case), "cases.nobody_above"),
        ],
    );
}
