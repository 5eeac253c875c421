//! Stories of cases: who may do what, as what, and that it stays on the record.

use crate::Call as AnyCall;
use crate::case_papers::{PaperKind, PaperNumber};
use crate::case_records::RatingLevel;
use crate::case_states::Stage;
use crate::case_test_cast::*;
use crate::cases::{Application, Call, CallKind, Event, PaperAct, Rules};
use crate::catalogue::HandleType;
use crate::identity::{AgentAct, Capacity};
use crate::orgs::{self, Standing};
use crate::recovery_stories::{COMPANY, bind_company};
use crate::representation;
use crate::test_cast::{
    APPROVAL, GOVERNMENT, MARKET, TERM_END, Who, appoint, bind, code, grant, outcome_name, tell, text,
};
use std::collections::BTreeSet;
use strum::IntoEnumIterator;
use tongban_kernel::{Access, Module, Role};
use tongban_types::codes::CaseNumber;

/// The number of a card that was never shown.
fn some_card() -> PaperNumber {
    PaperNumber { department: code(APPROVAL), kind: PaperKind::Card, year: 2026, sequence: 1 }
}

/// A call of each kind that asks for an office, about a case in which the applicant broke a promise.
fn calls_of_offices(case: &CaseNumber) -> Vec<AnyCall> {
    let until = "2026-02-01T00:00:00Z".parse().expect("a time");
    vec![
        receive(case),
        of(Call::HandOver { case: case.clone(), waybill: None }),
        ask_correction(case, &[0]),
        accept(case),
        accept_with_gap(case, 1),
        refuse_acceptance(case),
        of(Call::ReturnCase { case: case.clone(), reasons: text("逾期未补正") }),
        finish(case, "审查"),
        decide(case),
        stop(case, "审查", until),
        resume(case, "审查"),
        extend(case, 1),
        propose_termination(case),
        terminate(case),
        forward(case, GOVERNMENT),
        document(case, None),
        deliver(case, None),
        close(case),
        answer(case),
        exclude(case),
        decide_appeal(case, true),
        reconsider(case),
        check(case, true),
        propose_revocation(case),
        decide_revocation(case, true),
        decline_termination(case),
        discontinue(case),
        tell_hearing(case, &[]),
        arrange_hearing(case, until),
        record_hearing(case),
        enter(Application { channel: HandleType::Counter, ..notice_application() }),
        enter_act(case, PaperAct::Withdraw {}),
        examine_disowned(case, true),
        refer(case),
        answer_card(some_card()),
        of(Call::RepairPromise { applicant: Who::Zhang.account() }),
        of(Call::SetRules { department: code(APPROVAL), rules: Rules::default() }),
    ]
}

#[test]
fn every_office_is_needed() {
    let mut story = town();
    let case = received(&mut story, notice_application());
    let calls = calls_of_offices(&case);
    let told: BTreeSet<&str> = calls
        .iter()
        .map(|call| match call {
            AnyCall::Cases(call) => CallKind::from(call).into(),
            other => panic!("expected a call about cases, found {other:?}"),
        })
        .collect();
    let needed = CallKind::iter().filter(|kind| matches!(crate::cases::Cases::access(*kind), Access::Office(_)));
    assert_eq!(told, needed.map(Into::into).collect(), "a call of each kind that asks for an office");
    // Nobody, no role, the same role in another department, every role of the whole network.
    let strangers = [Who::Zhang, Who::Li, Who::Trainee, Who::Mayor, Who::FoodReviewer, Who::MarketIssuer, Who::Admin];
    for who in strangers {
        let lines: Vec<_> = calls.iter().map(|call| (who, call.clone(), "tx.denied")).collect();
        tell(&mut story, &lines);
    }
    tell(&mut story, &[(Who::Stranger, accept(&case), "tx.unknown_account")]);
}

#[test]
fn each_role_and_post_has_its_calls() {
    let mut story = town();
    let case = accepted(&mut story, application());
    let unknown: CaseNumber = "1".parse().expect("a number");
    tell(
        &mut story,
        &[
            (Who::FoodInspector, finish(&case, "食品审查"), "tx.denied"), // the right role at another post
            (Who::FireInspector, finish(&case, "食品审查"), "tx.denied"),
            (Who::Approver, finish(&case, "核验"), "tx.denied"),
            (Who::Checker, decide(&case), "tx.denied"),
            (Who::Head, decide(&case), "tx.denied"),
            (Who::Approver, extend(&case, 5), "tx.denied"),
            (Who::Acceptor, terminate(&case), "tx.denied"),
            (Who::Approver, propose_termination(&case), "tx.denied"),
            (Who::Approver, accept(&unknown), "tx.denied"),
            (Who::Acceptor, accept(&unknown), "tx.denied"), // a case that does not exist is nobody's
        ],
    );
}

#[test]
fn a_deputy_acts_for_who_is_absent_and_the_record_says_so() {
    let mut story = town();
    let case = accepted(&mut story, application());
    let deputy = orgs::Deputy {
        account: Who::FoodInspector.account(),
        of: Who::FoodReviewer.account(),
        from: None,
        until: "2026-02-01T00:00:00Z".parse().expect("a time"),
    };
    let name = AnyCall::Orgs(orgs::Call::NameDeputy { department: code(MARKET), deputy });
    tell(
        &mut story,
        &[
            (Who::FoodInspector, finish(&case, "食品审查"), "tx.denied"),
            (Who::Mayor, name, "DeputyNamed"),
            (Who::FoodInspector, finish(&case, "食品审查"), "StepFinished"),
        ],
    );
    let by = step_record(&story, &case, 2, 0).and_then(|step| step.by).expect("somebody did it");
    assert_eq!(by.account, Who::FoodInspector.account());
    assert_eq!(by.standing, Standing::DeputyFor(Who::FoodReviewer.account()));
    let other = accepted(&mut story, application());
    story.wait_millis(40 * DAY_MILLIS);
    let late = story.act(&Who::FoodInspector.key(), vec![finish(&other, "食品审查").to_bytes()]);
    assert_eq!(outcome_name(&late.outcome), "tx.denied", "the deputyship is over");
}

#[test]
fn a_term_that_is_over_gives_no_right() {
    let mut story = town();
    let soon = "2026-01-05T00:00:00Z";
    tell(
        &mut story,
        &[
            (Who::Mayor, appoint(APPROVAL, Who::Li, &["数据核验"]), "Appointed"),
            (Who::Mayor, grant(APPROVAL, Who::Li, Role::Reviewer, None, soon), "Granted"),
        ],
    );
    let first = accepted(&mut story, application());
    let second = accepted(&mut story, application());
    tell(&mut story, &[(Who::Li, finish(&first, "核验"), "StepFinished")]);
    story.wait_millis(5 * DAY_MILLIS);
    tell(&mut story, &[(Who::Li, finish(&second, "核验"), "tx.denied")]);
    tell(&mut story, &[(Who::Checker, finish(&second, "核验"), "StepFinished")]);
    assert!(TERM_END > soon);
}

#[test]
fn an_agent_acts_within_his_mandate_and_it_says_so_for_ever() {
    let mut story = town();
    let mandate = representation::Mandate {
        items: Some(list(&[text(RESTAURANT)])),
        acts: Some(list(&[AgentAct::File, AgentAct::Supplement])),
        from: None,
        until: "2026-06-01T00:00:00Z".parse().expect("a time"),
    };
    let name = AnyCall::Representation(representation::Call::NameAgent {
        principal: Who::Zhang.account(),
        agent: Who::Li.account(),
        mandate,
    });
    let bound = [Who::Zhang, Who::Li].map(|who| (Who::IdentityOfficer, bind(who), "PersonBound"));
    tell(&mut story, &bound);
    tell(&mut story, &[(Who::Zhang, name, "AgentNamed")]);
    let filed = event(&story.act(&Who::Li.key(), vec![file(application()).to_bytes()]));
    let Event::Filed { case, applicant, by, capacity, .. } = filed else { panic!("expected an application") };
    assert_eq!((applicant, by), (Who::Zhang.account(), Who::Li.account()));
    assert!(matches!(capacity, Capacity::Agent { .. }));
    assert_eq!(filing_of(&story, &case).capacity, capacity);
    tell(
        &mut story,
        &[
            (Who::Li, file(notice_application()), "cases.no_capacity"), // of another item
            (Who::Receiver, receive(&case), "Received"),
            (Who::Acceptor, ask_correction(&case, &[1]), "CorrectionAsked"),
            (Who::Li, supplement(&case, &[paper(1)]), "Supplemented"),
            (Who::Li, withdraw(&case), "cases.no_capacity"), // no such act
            (Who::Zhang, withdraw(&case), "Ended"),
            (Who::Li, rate(&case, RatingLevel::Satisfied), "cases.no_capacity"),
        ],
    );
    assert_eq!(stage(&story, &case), Stage::Withdrawn);
}

#[test]
fn an_organisation_is_served_as_what_its_credit_code_says() {
    let mut story = town();
    let mut item = notice();
    let for_whom = |item: &mut serde_json::Value, number: u32, served: &str| {
        item["served"] = serde_json::json!([served]);
        publish(NOTICE_CODE, number, item)
    };
    let application = || Application { applicant: Who::Eve.account(), ..notice_application() };
    tell(
        &mut story,
        &[
            (Who::IdentityOfficer, bind_company(Who::Eve, COMPANY), "CompanyBound"),
            (Who::Editor, for_whom(&mut item, 2, "public_institution"), "Published"),
            (Who::Eve, file(application()), "cases.not_served"),
            (Who::Editor, for_whom(&mut item, 3, "organ"), "Published"),
            (Who::Eve, file(application()), "cases.not_served"),
            (Who::Editor, for_whom(&mut item, 4, "enterprise"), "Published"),
            (Who::Eve, file(application()), "Filed"),
        ],
    );
}
