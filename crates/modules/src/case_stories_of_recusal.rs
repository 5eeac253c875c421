//! Stories of cases: who keeps out of them (回避). Nobody acts in office in a matter of his own, programs end nothing badly, and against whom an
//! appeal was right does not do it again.

use crate::Call as AnyCall;
use crate::case_records::RatingLevel;
use crate::case_recusal::is_own_matter;
use crate::case_states::Stage;
use crate::case_test_cast::*;
use crate::cases::{Application, Call, Event, Ruling};
use crate::identity::{AgentAct, Capacity};
use crate::orgs;
use crate::representation;
use crate::test_cast::{
    APPROVAL, MARKET, TERM_END, Who, appoint, bind, code, grant, name_deputy, outcome_name, tell, text, time,
};
use serde_json::json;
use tongban_kernel::Role;
use tongban_kernel::testing::Story;
use tongban_types::codes::CaseNumber;
use tongban_types::{Outcome, Receipt};

/// All posts of the approval bureau.
const POSTS: [&str; 5] = ["综合窗口受理岗", "数据核验", "首席审批员", "制证岗", "综合窗口出件岗"];

/// Makes somebody an officer of the approval bureau at all posts and with all roles.
fn make_officer(story: &mut Story, who: Who) {
    tell(story, &[(Who::Mayor, appoint(APPROVAL, who, &POSTS), "Appointed")]);
    let roles =
        [Role::Receiver, Role::Acceptor, Role::Reviewer, Role::Approver, Role::Head, Role::Issuer, Role::Supervisor];
    for role in roles {
        tell(story, &[(Who::Mayor, grant(APPROVAL, who, role, None, TERM_END), "Granted")]);
    }
}

fn recused(who: Who, calls: &[AnyCall]) -> Vec<(Who, AnyCall, &'static str)> {
    calls.iter().map(|call| (who, call.clone(), "cases.own_matter")).collect()
}

#[test]
fn no_officer_acts_in_his_own_matter_from_receipt_to_closing() {
    let mut story = town();
    make_officer(&mut story, Who::Zhang);
    let promised = Application { materials: list(&[promise(0)]), ..notice_application() };
    let case = filed(&mut story, promised);
    let until = story.time().plus_millis(DAY_MILLIS);
    tell(&mut story, &recused(Who::Zhang, &[receive(&case)])); // I16
    tell(&mut story, &[(Who::Receiver, receive(&case), "Received")]);
    tell(&mut story, &recused(Who::Zhang, &[accept(&case), refuse_acceptance(&case), ask_correction(&case, &[])]));
    tell(&mut story, &[(Who::Acceptor, accept(&case), "Accepted")]);
    let early = [
        finish(&case, "审查"),
        reject(&case, "审查"),
        stop(&case, "审查", until),
        extend(&case, 5),
        propose_termination(&case),
    ];
    tell(&mut story, &recused(Who::Zhang, &early)); // I16
    tell(
        &mut story,
        &[
            (Who::Checker, stop(&case, "审查", until), "ClockStopped"),
            (Who::Zhang, resume(&case, "审查"), "cases.own_matter"), // I16
            (Who::Checker, finish(&case, "审查"), "StepFinished"),
            (Who::Acceptor, propose_termination(&case), "TerminationProposed"),
            (Who::Zhang, terminate(&case), "cases.own_matter"), // I16
            (Who::Zhang, decline_termination(&case), "cases.own_matter"), // I16
        ],
    );
    tell(
        &mut story,
        &recused(Who::Zhang, &[decide(&case), refuse(&case), forward(&case, crate::test_cast::GOVERNMENT)]),
    );
    tell(&mut story, &[(Who::Approver, decide(&case), "Decided")]);
    let late = [document(&case, None), deliver(&case, None), check(&case, true), propose_revocation(&case)];
    tell(&mut story, &recused(Who::Zhang, &late)); // I16
    tell(
        &mut story,
        &[
            (Who::Checker, finish(&case, "公示"), "StepFinished"),
            (Who::Issuer, deliver(&case, None), "Delivered"),
            (Who::Zhang, close(&case), "cases.own_matter"), // I16
            (Who::Issuer, close(&case), "Closed"),
            (Who::Checker, propose_revocation(&case), "RevocationProposed"),
            (Who::Zhang, decide_revocation(&case, false), "cases.own_matter"), // I16
            (Who::Checker, check(&case, false), "CommitmentChecked"),
            (Who::Zhang, of(Call::RepairPromise { applicant: Who::Zhang.account() }), "cases.own_matter"), // I16
            (Who::Zhang, rate(&case, RatingLevel::Dissatisfied), "Rated"),
            (Who::Zhang, answer(&case), "cases.own_matter"),  // I16
            (Who::Zhang, exclude(&case), "cases.own_matter"), // I16
        ],
    );
}

#[test]
fn no_officer_decides_his_own_appeal() {
    let mut story = town();
    let case = closed(&mut story, notice_application(), false);
    make_officer(&mut story, Who::Zhang);
    tell(
        &mut story,
        &[
            (Who::Zhang, appeal(&case), "Appealed"),
            (Who::Zhang, decide_appeal(&case, true), "cases.own_matter"), // I16
            (Who::SecondApprover, decide_appeal(&case, true), "AppealDecided"),
            (Who::Zhang, reconsider(&case), "cases.own_matter"), // I16
        ],
    );
}

fn agency(acts: &[AgentAct]) -> AnyCall {
    let mandate = representation::Mandate {
        items: None,
        acts: Some(list(acts)),
        from: None,
        until: "2026-06-01T00:00:00Z".parse().expect("a time"),
    };
    let (principal, agent) = (Who::Zhang.account(), Who::Li.account());
    AnyCall::Representation(representation::Call::NameAgent { principal, agent, mandate })
}

/// The town, where Li is Zhang's agent for these acts; gives the number of the agency.
fn town_with_agent(acts: &[AgentAct]) -> (Story, u64) {
    let mut story = town();
    let bound = [Who::Zhang, Who::Li].map(|who| (Who::IdentityOfficer, bind(who), "PersonBound"));
    tell(&mut story, &bound);
    let named = story.act(&Who::Zhang.key(), vec![agency(acts).to_bytes()]);
    assert_eq!(outcome_name(&named.outcome), "AgentNamed");
    (story, named.number)
}

#[test]
fn an_agent_keeps_out_of_his_principals_matters_and_out_of_what_he_filed_for_ever() {
    let (mut story, number) = town_with_agent(&[AgentAct::File]);
    make_officer(&mut story, Who::Li);
    let by_agent = match event(&story.act(&Who::Li.key(), vec![file(notice_application()).to_bytes()])) {
        Event::Filed { case, .. } => case,
        other => panic!("expected an application, found {other:?}"),
    };
    let by_principal = filed(&mut story, notice_application());
    let revoke = AnyCall::Representation(representation::Call::RevokeAgency { agency: number });
    tell(&mut story, &recused(Who::Li, &[receive(&by_agent), receive(&by_principal)])); // I16
    let is_own = |story: &Story, who: Who, case: &CaseNumber| {
        let standing = orgs::Standing::Own;
        let own = story.ask(|state| Ok(is_own_matter(state, case, &who.account(), standing, story.time())?));
        own.expect("a question never stops")
    };
    let unknown: CaseNumber = "1".parse().expect("a number");
    assert!(is_own(&story, Who::Li, &by_agent) && is_own(&story, Who::Li, &by_principal), "other modules ask the same");
    assert!(!is_own(&story, Who::Receiver, &by_agent) && !is_own(&story, Who::Li, &unknown));
    tell(
        &mut story,
        &[
            (Who::Zhang, revoke, "AgencyEnded"),
            (Who::Li, receive(&by_agent), "cases.own_matter"), // I16
            (Who::Li, receive(&by_principal), "Received"),
        ],
    );
}

#[test]
fn a_legal_representative_keeps_out_of_his_organisations_matters() {
    let mut story = town();
    make_officer(&mut story, Who::Li);
    let organisation = Application { applicant: Who::Eve.account(), ..application() };
    let receipt = story.act(&Who::Eve.key(), vec![file(organisation).to_bytes()]);
    let Event::Filed { case, .. } = event(&receipt) else { panic!("expected an application") };
    let representatives = AnyCall::Representation(representation::Call::NameRepresentatives {
        department: code(crate::test_cast::POLICE),
        organisation: Who::Eve.account(),
        persons: list(&[Who::Li.account()]),
        papers: PAPER,
    });
    let company = AnyCall::Identity(crate::identity::Call::BindCompany {
        department: code(crate::test_cast::POLICE),
        account: Who::Eve.account(),
        code: code("11519900MB9015444F"),
        level: crate::identity::AssuranceLevel::L3,
        papers: PAPER,
    });
    tell(
        &mut story,
        &[
            (Who::IdentityOfficer, bind(Who::Li), "PersonBound"),
            (Who::IdentityOfficer, company, "CompanyBound"),
            (Who::IdentityOfficer, representatives, "RepresentativesNamed"),
            (Who::Li, receive(&case), "cases.own_matter"), // I16
            (Who::Receiver, receive(&case), "Received"),
        ],
    );
}

#[test]
fn a_deputy_cannot_do_what_the_absent_officer_could_not() {
    let mut story = town();
    let receipt = story.act(
        &Who::FoodReviewer.key(),
        vec![file(Application { applicant: Who::FoodReviewer.account(), ..application() }).to_bytes()],
    );
    let Event::Filed { case, .. } = event(&receipt) else { panic!("expected an application") };
    let deputy = name_deputy(MARKET, Who::FoodInspector, Who::FoodReviewer, "2026-02-01T00:00:00Z");
    tell(
        &mut story,
        &[
            (Who::Receiver, receive(&case), "Received"),
            (Who::Acceptor, accept(&case), "Accepted"),
            (Who::FoodReviewer, finish(&case, "食品审查"), "cases.own_matter"), // I16
            (Who::Mayor, deputy, "DeputyNamed"),
            (Who::FoodInspector, finish(&case, "食品审查"), "cases.own_matter"), // I16
        ],
    );
}

/// Gives the program another role at its post.
fn promote_robot(story: &mut Story, role: Role) {
    let right = orgs::Right { role, post: None, from: None, until: time(TERM_END) };
    let grant = orgs::Call::Grant { department: code(APPROVAL), account: robot_account(), right };
    let receipt = story.act(&Who::Mayor.key(), vec![AnyCall::Orgs(grant).to_bytes()]);
    assert_eq!(outcome_name(&receipt.outcome), "Granted");
}

/// The call in what a test tells.
fn call(call: AnyCall) -> Call {
    match call {
        AnyCall::Cases(call) => call,
        other => panic!("expected a call about cases, found {other:?}"),
    }
}

#[test]
fn a_program_accepts_where_the_statute_wants_no_person_and_ends_nothing() {
    let mut story = town();
    promote_robot(&mut story, Role::Acceptor);
    let mut item = notice();
    item["flow"][0]["role"] = json!("数据核验");
    let mut human = item.clone();
    human["flow"][0]["human_only"] = json!({ "law": "行政许可法", "article": "第三十二条" });
    tell(&mut story, &[(Who::Editor, publish(NOTICE_CODE, 2, &item), "Published")]);
    let promised = Application { materials: list(&[promise(0)]), ..notice_application() };
    let case = received(&mut story, promised);
    assert_eq!(by_robot(&mut story, call(refuse_acceptance(&case))), "cases.person_needed"); // I8
    assert_eq!(by_robot(&mut story, call(accept(&case))), "Accepted");
    tell(
        &mut story,
        &[
            (Who::Checker, finish(&case, "审查"), "StepFinished"),
            (Who::Approver, decide(&case), "Decided"),
            (Who::Editor, publish(NOTICE_CODE, 3, &human), "Published"),
        ],
    );
    assert_eq!(by_robot(&mut story, call(check(&case, false))), "cases.person_needed"); // I8
    assert_eq!(by_robot(&mut story, call(check(&case, true))), "CommitmentChecked");
    let case = received(&mut story, notice_application());
    assert_eq!(by_robot(&mut story, call(accept(&case))), "cases.person_needed"); // I8
    assert_eq!(by_robot(&mut story, call(ask_correction(&case, &[0]))), "CorrectionAsked");
    pass_days(&mut story, 23);
    assert_eq!(by_robot(&mut story, call(give_back(&case))), "cases.person_needed"); // I8
    tell(&mut story, &[(Who::Acceptor, give_back(&case), "Ended")]);
}

#[test]
fn a_program_accepts_with_gaps_no_sooner() {
    let mut story = town();
    let mut item = restaurant();
    item["flow"][0]["role"] = json!("数据核验");
    item["flow"][0]["human_only"] = json!({ "law": "行政许可法", "article": "第三十二条" });
    tell(&mut story, &[(Who::Editor, publish(RESTAURANT, 2, &item), "Published")]);
    promote_robot(&mut story, Role::Acceptor);
    let materials = list(&[electronic(0), electronic(1), gap(3)]);
    let case = received(&mut story, Application { materials, gap_promise: Some(PAPER), ..application() });
    assert_eq!(by_robot(&mut story, call(accept_with_gap(&case, 5))), "cases.person_needed"); // I8
}

#[test]
fn an_appeal_is_against_all_who_refused_and_none_of_them_decides_it() {
    let mut story = town();
    let mut item = notice();
    item["flow"][1]["on_rejection"] = json!("finish_others");
    let mut second = item["flow"][2].clone();
    second["name"] = json!("复核决定");
    for decision in [&mut item["flow"][2], &mut second] {
        decision["on_rejection"] = json!("finish_others");
    }
    item["flow"].as_array_mut().expect("steps").insert(3, second);
    let both = grant(APPROVAL, Who::Checker, Role::Approver, None, TERM_END);
    tell(
        &mut story,
        &[
            (Who::Editor, publish(NOTICE_CODE, 2, &item), "Published"),
            (Who::Mayor, appoint(APPROVAL, Who::Li, &["首席审批员"]), "Appointed"),
            (Who::Mayor, grant(APPROVAL, Who::Li, Role::Approver, None, TERM_END), "Granted"),
            (Who::Mayor, both, "Granted"),
        ],
    );
    let [case, rejected] = [(); 2].map(|()| accepted(&mut story, notice_application()));
    tell(
        &mut story,
        &[
            (Who::Checker, finish(&case, "审查"), "StepFinished"),
            (Who::Approver, refuse(&case), "Decided"),
            (Who::SecondApprover, refuse_in(&case, "复核决定"), "Decided"),
            (Who::Zhang, appeal(&case), "Appealed"),
            (Who::Approver, decide_appeal(&case, false), "cases.same_officer"), // I16
            (Who::SecondApprover, decide_appeal(&case, false), "cases.same_officer"), // I16
            (Who::Li, decide_appeal(&case, true), "AppealDecided"),
            (Who::SecondApprover, reconsider(&case), "cases.same_officer"), // I16
            (Who::Li, reconsider(&case), "Reconsidered"),
            (Who::Approver, refuse(&case), "cases.same_officer"), // I16
            (Who::SecondApprover, refuse_in(&case, "复核决定"), "cases.same_officer"), // I16
            (Who::Li, decide(&case), "Decided"),
        ],
    );
    tell(
        &mut story,
        &[
            (Who::Checker, reject(&rejected, "审查"), "StepFinished"),
            (Who::Approver, refuse(&rejected), "Decided"),
            (Who::Zhang, appeal(&rejected), "Appealed"),
            (Who::Checker, decide_appeal(&rejected, false), "cases.same_officer"), // I16: he rejected it
            (Who::SecondApprover, decide_appeal(&rejected, true), "AppealDecided"),
            (Who::Checker, reconsider(&rejected), "cases.same_officer"), // I16
            (Who::SecondApprover, reconsider(&rejected), "Reconsidered"),
            (Who::Checker, finish(&rejected, "审查"), "StepFinished"), // an opinion, which may be another one now
        ],
    );
}

#[test]
fn who_wrongly_did_not_accept_does_not_do_so_again() {
    let mut story = town();
    let case = received(&mut story, application());
    let other = grant(APPROVAL, Who::Receiver, Role::Acceptor, None, TERM_END);
    tell(
        &mut story,
        &[
            (Who::Mayor, other, "Granted"),
            (Who::Acceptor, refuse_acceptance(&case), "AcceptanceRefused"),
            (Who::Zhang, appeal(&case), "Appealed"),
            (Who::Approver, decide_appeal(&case, true), "AppealDecided"),
            (Who::Approver, reconsider(&case), "Reconsidered"),
            (Who::Acceptor, refuse_acceptance(&case), "cases.same_officer"), // I16
        ],
    );
    let mut again = story.clone();
    tell(&mut again, &[(Who::Receiver, refuse_acceptance(&case), "AcceptanceRefused")]);
    tell(&mut story, &[(Who::Acceptor, accept(&case), "Accepted")]);
}

#[test]
fn who_wrongly_gave_a_case_back_does_not_do_so_again() {
    let mut story = town();
    let case = received(&mut story, application());
    tell(&mut story, &[(Who::Acceptor, ask_correction(&case, &[1]), "CorrectionAsked")]);
    pass_days(&mut story, 23);
    tell(
        &mut story,
        &[
            (Who::Acceptor, give_back(&case), "Ended"),
            (Who::Zhang, appeal(&case), "Appealed"),
            (Who::Approver, decide_appeal(&case, true), "AppealDecided"),
            (Who::Approver, reconsider(&case), "Reconsidered"),
        ],
    );
    pass_days(&mut story, 23);
    tell(&mut story, &[(Who::Acceptor, give_back(&case), "cases.same_officer")]); // I16
}

#[test]
fn who_acted_on_a_case_does_not_judge_its_rating_and_no_program_does() {
    let mut story = town();
    promote_robot(&mut story, Role::Supervisor);
    let officers = [Who::Receiver, Who::Acceptor, Who::Checker, Who::Approver, Who::SecondApprover, Who::Issuer];
    for who in officers {
        tell(&mut story, &[(Who::Mayor, grant(APPROVAL, who, Role::Supervisor, None, TERM_END), "Granted")]);
    }
    let case = accepted(&mut story, notice_application());
    tell(
        &mut story,
        &[
            (Who::Checker, finish(&case, "审查"), "StepFinished"),
            (Who::Approver, rule(&case, Ruling::SendBack), "Decided"), // another round, with others
        ],
    );
    assert_eq!(by_robot(&mut story, call(finish(&case, "审查"))), "StepFinished");
    tell(&mut story, &[(Who::SecondApprover, decide(&case), "Decided")]);
    assert_eq!(by_robot(&mut story, call(finish(&case, "公示"))), "StepFinished");
    tell(
        &mut story,
        &[
            (Who::Issuer, deliver(&case, None), "Delivered"),
            (Who::Issuer, close(&case), "Closed"),
            (Who::Zhang, rate(&case, RatingLevel::Dissatisfied), "Rated"),
            (Who::Supervisor, exclude(&case), "cases.not_called_back"),
        ],
    );
    let mut silent = story.clone();
    let answer_only = Call::AnswerWorkOrder { case: case.clone(), answer: text("已整改"), called_back: false };
    tell(
        &mut silent,
        &[
            (Who::Approver, of(answer_only), "WorkOrderAnswered"),
            (Who::Supervisor, exclude(&case), "cases.not_called_back"),
        ],
    );
    tell(&mut story, &[(Who::Approver, answer(&case), "WorkOrderAnswered")]);
    assert_eq!(by_robot(&mut story, call(exclude(&case))), "cases.person_needed"); // I8
    tell(&mut story, &officers.map(|who| (who, exclude(&case), "cases.same_officer"))); // I16
    tell(&mut story, &[(Who::Supervisor, exclude(&case), "RatingExcluded")]);
}

/// As what the last call was made.
fn capacity_of(receipt: &Receipt) -> Option<Capacity> {
    assert!(matches!(receipt.outcome, Outcome::Applied { .. }), "{}", outcome_name(&receipt.outcome));
    match event(receipt) {
        Event::Ended { capacity, .. } => capacity,
        Event::Rated { capacity, by, .. } if by == Who::Li.account() => Some(capacity),
        Event::Appealed { capacity, .. } | Event::GapFilled { capacity, .. } => Some(capacity),
        other => panic!("expected an act of the applicant, found {other:?}"),
    }
}

#[test]
fn what_an_agent_did_says_so_for_ever() {
    let acts = [AgentAct::Supplement, AgentAct::Withdraw, AgentAct::Appeal, AgentAct::Rate];
    let (mut story, number) = town_with_agent(&acts);
    let with_gap = accepted_with_gap(&mut story, 5);
    let withdrawn: CaseNumber = filed(&mut story, application());
    let refused = closed(&mut story, notice_application(), false);
    let calls = [
        fill_gap(&with_gap, &[electronic(3)]),
        withdraw(&withdrawn),
        rate(&refused, RatingLevel::Satisfied),
        appeal(&refused),
    ];
    for call in calls {
        let receipt = story.act(&Who::Li.key(), vec![call.to_bytes()]);
        assert_eq!(capacity_of(&receipt), Some(Capacity::Agent { agency: number }), "{call:?}");
    }
    let receipt = story.act(&Who::Zhang.key(), vec![withdraw(&with_gap).to_bytes()]);
    assert_eq!(capacity_of(&receipt), Some(Capacity::Oneself));
    assert_eq!(stage(&story, &with_gap), Stage::Withdrawn);
}
