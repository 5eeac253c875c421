//! Stories of sharing: who is shown data, for which case, and who answers when departments are merged.

use crate::ending_stories::{annul_ending, carry_through, confirm_last, freeze, record_death};
use crate::estate_stories::administer;
use crate::one_account_stories::duplicate;
use crate::recovery_stories::{PAPERS, resume, suspend as suspend_account};
use crate::representation::{Call as RepresentationCall, Capacity, Mandate};
use crate::sharing::tests::{
    COMPANY, DAY_MILLIS, HEALTH, access_id, ask, by_consent, by_law, change_terms, consent, consent_with,
    correction_id, covered, filed_by, kept, named, open, reading, record, request, stored_consent, stored_correction,
    story, withdraw,
};
use crate::sharing::{
    CorrectionRequest, Event, Fields, Handout, Query, Reading, Uses, View, access, correction, covering,
};
use crate::test_cast::{
    APPROVAL, CIVIL, FIRE, MARKET, TERM_END, Who, change, close, code, dismiss, grant, suspend, tell, text, time,
};
use crate::{Call as AnyCall, Event as AnyEvent, identity::AgentAct};
use tongban_kernel::Role;
use tongban_kernel::testing::Story;
use tongban_types::codes::CaseNumber;
use tongban_types::{List, Outcome, codec};

const NOT_ENTITLED: &str = "sharing.reader_not_entitled";

fn shown_to(reader: Who) -> Handout {
    Handout { reader: reader.account(), ..by_consent(1) }
}

fn of_case(case: &CaseNumber, handout: Handout) -> Handout {
    Handout { case: Some(case.clone()), ..handout }
}

fn name_agent(agent: Who, items: Option<&str>, act: AgentAct) -> AnyCall {
    let items = items.map(|item| List::new(vec![text(item)]).expect("one item"));
    let acts = Some(List::new(vec![act]).expect("one act"));
    let mandate = Mandate { items, acts, from: None, until: time("2026-02-01T08:00:00Z") };
    let (principal, agent) = (Who::Zhang.account(), agent.account());
    AnyCall::Representation(RepresentationCall::NameAgent { principal, agent, mandate })
}

#[test]
fn data_are_shown_to_the_receivers_officers_and_to_the_persons_side() {
    let mut story = story();
    tell(
        &mut story,
        &[
            (Who::Zhang, consent(1, Uses::Repeatedly), "ConsentGiven"),
            (Who::MarketDataOfficer, record(1, shown_to(Who::Eve)), NOT_ENTITLED), // I5: somebody
            (Who::MarketDataOfficer, record(1, shown_to(Who::Li)), NOT_ENTITLED),  // I5: a neighbour
            (Who::MarketDataOfficer, record(1, shown_to(Who::FoodReviewer)), NOT_ENTITLED), // I5: of another department
            (Who::MarketDataOfficer, record(1, shown_to(Who::Mayor)), NOT_ENTITLED), // I5: of the one above
            (Who::MarketDataOfficer, record(1, shown_to(Who::Trainee)), NOT_ENTITLED), // I5: without any right
            (Who::Mayor, grant(APPROVAL, Who::Trainee, Role::Reviewer, None, TERM_END), "Granted"),
            (Who::MarketDataOfficer, record(1, shown_to(Who::Trainee)), "AccessRecorded"),
            (Who::MarketDataOfficer, record(2, shown_to(Who::Receiver)), "AccessRecorded"),
            (Who::MarketDataOfficer, record(3, shown_to(Who::Zhang)), "AccessRecorded"),
            (Who::Zhang, name_agent(Who::Li, None, AgentAct::Appeal), "AgentNamed"),
            (Who::MarketDataOfficer, record(4, shown_to(Who::Li)), NOT_ENTITLED), // I5: an agent for something else
            (Who::Zhang, name_agent(Who::Li, None, AgentAct::File), "AgentNamed"),
            (Who::MarketDataOfficer, record(4, shown_to(Who::Li)), "AccessRecorded"),
            (Who::Mayor, dismiss(APPROVAL, Who::Receiver), "Dismissed"),
            (Who::MarketDataOfficer, record(5, shown_to(Who::Receiver)), NOT_ENTITLED), // I5: out of office
            (Who::Mayor, change(APPROVAL, suspend()), "DepartmentChanged"),
            (Who::MarketDataOfficer, record(5, shown_to(Who::Trainee)), NOT_ENTITLED), // I5: nobody acts there
        ],
    );
}

#[test]
fn the_case_is_there_and_about_the_item_and_the_person() {
    let mut story = story();
    let own = filed_by(&mut story, Who::Zhang, Who::Zhang);
    let of_li = filed_by(&mut story, Who::Li, Who::Li);
    let unknown: CaseNumber = "2026010100001".parse().expect("a number");
    let other_item = Handout { reading: Reading { item: text("不在目录"), ..by_law().reading }, ..by_law() };
    tell(
        &mut story,
        &[
            (Who::Zhang, consent(1, Uses::Repeatedly), "ConsentGiven"),
            (Who::MarketDataOfficer, record(1, of_case(&unknown, by_consent(1))), "sharing.case_unknown"), // I5
            (Who::MarketDataOfficer, record(1, of_case(&of_li, by_consent(1))), "sharing.case_of_another"), // I5
            (Who::MarketDataOfficer, record(1, of_case(&own, by_consent(1))), "AccessRecorded"),
            (Who::MarketDataOfficer, record(2, of_case(&unknown, by_law())), "sharing.case_unknown"), // I5
            (Who::MarketDataOfficer, record(2, of_case(&of_li, by_law())), "sharing.case_of_another"), // I5
            (Who::MarketDataOfficer, record(2, of_case(&own, other_item)), "sharing.case_of_another"), // I5
            (Who::MarketDataOfficer, record(2, of_case(&own, by_law())), "AccessRecorded"),
        ],
    );
    let shown = story.ask(|state| Ok(access(state, &access_id(2))?)).expect("a question never stops");
    assert_eq!(shown.and_then(|access| access.handout.case), Some(own));
}

/// Who stands for the applicant is looked into by law; his own consent was for his own applications.
#[test]
fn by_law_the_applicants_guardian_is_looked_into_and_not_by_a_consent_of_his() {
    let mut story = story();
    let guardian = AnyCall::Representation(RepresentationCall::AppointGuardian {
        department: code(CIVIL),
        ward: Who::Li.account(),
        guardian: Who::Zhang.account(),
        until: None,
        papers: PAPERS,
    });
    tell(&mut story, &[(Who::CivilOfficer, guardian, "GuardianAppointed")]);
    let of_ward = filed_by(&mut story, Who::Zhang, Who::Li);
    tell(
        &mut story,
        &[
            (Who::Zhang, consent(1, Uses::Repeatedly), "ConsentGiven"),
            (Who::MarketDataOfficer, record(1, of_case(&of_ward, by_consent(1))), "sharing.case_of_another"), // I5
            (Who::MarketDataOfficer, record(1, of_case(&of_ward, by_law())), "AccessRecorded"),
        ],
    );
}

#[test]
fn a_correction_is_answered_by_whoever_took_the_keepers_place() {
    let mut story = story();
    let other = CorrectionRequest { field: text("credit_code"), ..request() };
    tell(
        &mut story,
        &[
            (Who::Zhang, open(1, request()), "CorrectionOpened"),
            (Who::Zhang, open(2, other), "CorrectionOpened"),
            (Who::DataOfficer, kept(1, "与登记一致"), "tx.denied"),
            (Who::Mayor, change(MARKET, close(Some(APPROVAL))), "DepartmentChanged"),
            (Who::MarketDataOfficer, kept(1, "与登记一致"), "tx.denied"),
            (Who::DataOfficer, kept(1, "与登记一致"), "CorrectionAnswered"), // I7
        ],
    );
    let told = story.pass_millis(30 * 86_400_000);
    let overdue = told.iter().find_map(|receipt| match &receipt.outcome {
        Outcome::Applied { events } => events.iter().find_map(|event| match codec::decode(event.as_ref()) {
            Ok(AnyEvent::Sharing(Event::CorrectionOverdue { id, department, .. })) => Some((id, department)),
            _ => None,
        }),
        Outcome::Refused(refusal) => panic!("an act was refused: {}", refusal.code),
    });
    assert_eq!(overdue, Some((correction_id(2), code(APPROVAL))), "who has to answer now is told");
    let stored = story.ask(|state| Ok(correction(state, &correction_id(2))?)).expect("a question never stops");
    assert_eq!(stored.map(|correction| correction.department), Some(code(MARKET)), "what was said at first stays");
}

#[test]
fn a_consent_ends_with_the_person_who_gave_it() {
    let mut story = story();
    tell(
        &mut story,
        &[
            (Who::Zhang, consent(1, Uses::Repeatedly), "ConsentGiven"),
            (Who::MarketDataOfficer, record(1, by_consent(1)), "AccessRecorded"),
        ],
    );
    carry_through(&mut story, Who::CivilOfficer, Who::Zhang, record_death(Who::Zhang), "AccountEnded");
    tell(
        &mut story,
        &[
            (Who::MarketDataOfficer, record(2, by_consent(1)), "sharing.person_ended"), // I2
            (Who::MarketDataOfficer, record(2, by_law()), "AccessRecorded"),
        ],
    );
    let (licence_type, at) = (code(COMPANY), story.time());
    let found = story.ask(|state| Ok(covering(state, &reading(), &licence_type, &named(&["name"]), at)?));
    assert_eq!(found, Ok(None), "and nothing is proposed under it");
}

/// Whoever holds the key of an account that was reported stolen would read what is sealed to it.
#[test]
fn nothing_is_shown_to_an_account_that_may_not_act() {
    let mut story = story();
    tell(
        &mut story,
        &[
            (Who::Zhang, consent(1, Uses::Repeatedly), "ConsentGiven"),
            (Who::IdentityOfficer, freeze(Who::Zhang), "Frozen"),
            (Who::MarketDataOfficer, record(1, shown_to(Who::Zhang)), NOT_ENTITLED), // I9
            (Who::Zhang, withdraw(1), "tx.account_frozen"),
            (Who::MarketDataOfficer, record(1, by_consent(1)), "AccessRecorded"), // what is under way goes on
            (Who::Admin, resume(Who::Zhang), "Resumed"),
            (Who::MarketDataOfficer, record(2, shown_to(Who::Zhang)), "AccessRecorded"),
            (Who::Admin, suspend_account(Who::Zhang), "Suspended"),
            (Who::MarketDataOfficer, record(3, shown_to(Who::Zhang)), NOT_ENTITLED), // I9
            (Who::Admin, suspend_account(Who::Receiver), "Suspended"),
            (Who::MarketDataOfficer, record(3, by_consent(1)), NOT_ENTITLED), // I9: nor to an officer
            (Who::Admin, resume(Who::Receiver), "Resumed"),
            (Who::MarketDataOfficer, record(3, by_consent(1)), "AccessRecorded"),
        ],
    );
}

/// What he consented to with the account that has ended goes on, and he decides on it with the other one.
#[test]
fn consents_accesses_and_corrections_follow_a_person_into_his_other_account() {
    let mut story = story();
    let given = [(COMPANY, named(&["name"]))];
    let of_zhang = |number| consent_with(number, reading(), &given, Uses::Repeatedly, "2026-02-01T08:00:00Z");
    tell(
        &mut story,
        &[
            (Who::Zhang, consent(1, Uses::Repeatedly), "ConsentGiven"),
            (Who::Li, of_zhang(2), "sharing.not_for_person"),
            (Who::IdentityOfficer, duplicate(Who::Zhang, Who::Li), "ProposalRecorded"),
        ],
    );
    story.pass_millis(3 * DAY_MILLIS);
    let confirm = confirm_last(&story, Who::Zhang);
    tell(
        &mut story,
        &[
            (Who::MarketDataOfficer, record(1, shown_to(Who::Li)), NOT_ENTITLED), // I5
            (Who::RecoveryApprover, confirm, "AccountEnded"),
            (Who::MarketDataOfficer, record(1, by_consent(1)), "AccessRecorded"),
            (Who::MarketDataOfficer, record(2, shown_to(Who::Zhang)), NOT_ENTITLED), // I9: that one reads no more
            (Who::MarketDataOfficer, record(2, shown_to(Who::Li)), "AccessRecorded"),
            (Who::Li, open(1, request()), "CorrectionOpened"),
            (Who::Li, of_zhang(2), "ConsentGiven"),
            (Who::Li, withdraw(1), "ConsentWithdrawn"),
            (Who::MarketDataOfficer, record(3, by_consent(1)), "sharing.withdrawn"), // I2
            (Who::MarketDataOfficer, record(3, by_consent(2)), "AccessRecorded"),
            // It was an error: each has his own again, and what was done in between stays.
            (Who::RecoveryApprover, annul_ending(Who::Zhang), "EndingAnnulled"),
            (Who::Li, withdraw(2), "sharing.not_for_person"),
            (Who::MarketDataOfficer, record(4, Handout { reader: Who::Li.account(), ..by_consent(2) }), NOT_ENTITLED),
            (Who::Zhang, withdraw(2), "ConsentWithdrawn"),
        ],
    );
    let capacities = [1, 2].map(|number| {
        let stored = stored_consent(&story, number).expect("it stays");
        (stored.capacity, stored.withdrawal.map(|withdrawal| withdrawal.capacity))
    });
    assert_eq!(capacities[0], (Capacity::Oneself, Some(Capacity::Successor)));
    assert_eq!(capacities[1], (Capacity::Successor, Some(Capacity::Oneself)));
}

/// He takes stock of what there is, by law and not by what the dead consented to; and his heirs are nobody until he is appointed.
#[test]
fn whoever_administers_an_estate_is_shown_what_belongs_to_it() {
    let mut story = story();
    let to_li = |handout| Handout { reader: Who::Li.account(), ..handout };
    tell(&mut story, &[(Who::Zhang, consent(1, Uses::Repeatedly), "ConsentGiven")]);
    carry_through(&mut story, Who::CivilOfficer, Who::Zhang, record_death(Who::Zhang), "AccountEnded");
    tell(
        &mut story,
        &[
            (Who::MarketDataOfficer, record(1, to_li(by_law())), NOT_ENTITLED), // I5
            (Who::CivilOfficer, administer(Who::Zhang, Who::Li), "AdministratorAppointed"),
            (Who::MarketDataOfficer, record(1, to_li(by_consent(1))), "sharing.person_ended"), // I2
            (Who::MarketDataOfficer, record(1, to_li(by_law())), "AccessRecorded"),
            (Who::Li, withdraw(1), "sharing.not_for_person"), // it covers nothing any more
            (Who::Li, open(1, request()), "CorrectionOpened"),
            (Who::IdentityOfficer, freeze(Who::Li), "Frozen"),
            (Who::MarketDataOfficer, record(2, to_li(by_law())), NOT_ENTITLED), // I9
            (Who::Admin, resume(Who::Li), "Resumed"),
            (Who::RecoveryApprover, annul_ending(Who::Zhang), "EndingAnnulled"),
            (Who::MarketDataOfficer, record(2, to_li(by_law())), NOT_ENTITLED), // I5: who is alive has no estate
            (Who::MarketDataOfficer, record(2, by_consent(1)), "AccessRecorded"),
        ],
    );
}

#[test]
fn a_consent_follows_the_receiver_into_the_department_that_took_its_place() {
    let mut story = story();
    tell(
        &mut story,
        &[
            (Who::Zhang, consent(1, Uses::Repeatedly), "ConsentGiven"),
            (Who::MarketDataOfficer, record(1, shown_to(Who::FireInspector)), NOT_ENTITLED),
            (Who::Mayor, change(APPROVAL, close(Some(FIRE))), "DepartmentChanged"),
            (Who::MarketDataOfficer, record(1, shown_to(Who::Receiver)), NOT_ENTITLED), // his department is closed
            (Who::MarketDataOfficer, record(1, shown_to(Who::FireInspector)), "AccessRecorded"), // I5
        ],
    );
}

/// Whoever takes the place of a department that leads an item is asked for in a new consent (I6).
#[test]
fn the_successor_of_who_leads_an_item_may_be_the_receiver() {
    let mut story = story();
    let given = [(COMPANY, named(&["name"]))];
    let of_market = Reading { receiver: code(MARKET), ..reading() };
    let call = consent_with(3, of_market, &given, Uses::Once, "2026-02-01T08:00:00Z");
    tell(
        &mut story,
        &[
            (Who::Zhang, call.clone(), "sharing.receiver_not_in_item"),
            (Who::Mayor, change(APPROVAL, close(Some(MARKET))), "DepartmentChanged"),
            (Who::Zhang, call, "ConsentGiven"), // I6
        ],
    );
}

#[test]
fn an_agent_consents_within_his_agency_and_that_is_recorded() {
    let mut story = story();
    tell(
        &mut story,
        &[
            (Who::Zhang, name_agent(Who::Li, Some("A-2"), AgentAct::Consent), "AgentNamed"),
            (Who::Li, consent(1, Uses::Once), "sharing.not_for_person"), // I2: another item
            (Who::Zhang, name_agent(Who::Li, Some("A-1"), AgentAct::File), "AgentNamed"),
            (Who::Li, consent(1, Uses::Once), "sharing.not_for_person"), // I2: another act
        ],
    );
    let receipt = story.act(&Who::Zhang.key(), vec![name_agent(Who::Li, Some("A-1"), AgentAct::Consent).to_bytes()]);
    let agency = receipt.number;
    tell(
        &mut story,
        &[
            (Who::Li, consent(1, Uses::Once), "ConsentGiven"),
            (Who::Li, open(1, request()), "sharing.not_for_person"),
            (Who::MarketDataOfficer, record(1, by_consent(1)), "AccessRecorded"),
            (Who::Zhang, withdraw(1), "ConsentWithdrawn"),
            (Who::Zhang, name_agent(Who::Li, None, AgentAct::Appeal), "AgentNamed"),
            (Who::Li, open(1, request()), "CorrectionOpened"),
            (Who::Zhang, AnyCall::Representation(RepresentationCall::RevokeAgency { agency }), "AgencyEnded"),
            (Who::Li, consent(2, Uses::Once), "sharing.not_for_person"),
        ],
    );
    let consent = stored_consent(&story, 1).expect("it was given");
    assert_eq!((consent.reading.person, consent.given_by), (Who::Zhang.account(), Who::Li.account()));
    assert_eq!(consent.capacity, Capacity::Agent { agency });
    assert_eq!(consent.withdrawal.map(|withdrawal| withdrawal.capacity), Some(Capacity::Oneself));
}

#[test]
fn a_guardian_consents_and_withdraws_for_his_ward() {
    let mut story = story();
    let guardian = AnyCall::Representation(RepresentationCall::AppointGuardian {
        department: code(CIVIL),
        ward: Who::Zhang.account(),
        guardian: Who::Li.account(),
        until: None,
        papers: PAPERS,
    });
    tell(
        &mut story,
        &[
            (Who::CivilOfficer, guardian, "GuardianAppointed"),
            (Who::Li, consent(1, Uses::Once), "ConsentGiven"),
            (Who::Li, withdraw(1), "ConsentWithdrawn"),
            (Who::Li, open(1, request()), "CorrectionOpened"),
        ],
    );
    assert_eq!(stored_consent(&story, 1).expect("it was given").capacity, Capacity::Guardian);
    assert_eq!(stored_correction(&story, 1).expect("it was opened").capacity, Capacity::Guardian);
}

#[test]
fn there_is_room_for_sixteen_consents_that_can_be_used() {
    let mut story = story();
    for number in 0..16 {
        tell(&mut story, &[(Who::Zhang, consent(number, Uses::Once), "ConsentGiven")]);
    }
    tell(
        &mut story,
        &[
            (Who::Zhang, consent(16, Uses::Once), "sharing.too_many_consents"),
            (Who::Zhang, withdraw(3), "ConsentWithdrawn"),
            (Who::Zhang, consent(16, Uses::Once), "ConsentGiven"),
            (Who::Zhang, consent(17, Uses::Once), "sharing.too_many_consents"),
        ],
    );
    story.pass_millis(40 * DAY_MILLIS);
    let later = consent_with(17, reading(), &[(HEALTH, Fields::Whole)], Uses::Once, "2026-03-01T00:00:00Z");
    tell(&mut story, &[(Who::Zhang, later, "ConsentGiven")]);
    assert_eq!(covered(&story, "name"), None, "those that have ended made room and cover nothing");
}

#[test]
fn terms_are_configured_and_count_for_what_comes() {
    let mut story = story();
    let terms = |story: &Story| match ask(story, Query::Terms {}) {
        View::Terms { terms } => terms.correction_working_days,
        other => panic!("expected the terms, found {other:?}"),
    };
    assert_eq!(terms(&story), 7);
    tell(
        &mut story,
        &[
            (Who::Zhang, open(1, request()), "CorrectionOpened"),
            (Who::Admin, change_terms(0), "sharing.term_out_of_bounds"),
            (Who::Admin, change_terms(31), "sharing.term_out_of_bounds"),
            (Who::Admin, change_terms(2), "TermsChanged"),
            (Who::Zhang, open(2, CorrectionRequest { field: text("credit_code"), ..request() }), "CorrectionOpened"),
        ],
    );
    assert_eq!(terms(&story), 2);
    let days = [1, 2].map(|number| stored_correction(&story, number).expect("it was opened").working_days);
    assert_eq!(days, [7, 2]);
}
