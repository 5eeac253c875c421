//! Stories of the module: happy path, every error, every role; and one property.

use super::*;
use crate::catalogue::ItemCode;
use crate::ending_stories::{carry_through, record_death, record_merger, withdraw_role};
use crate::recovery_stories::{COMPANY, PAPERS, blob, bound_city, resume, sealing, suspend};
use crate::test_cast::{CIVIL, MARKET, POLICE, TERM_END, Who, appoint, bind, code, grant, tell, text, time};
use crate::{Call as AnyCall, Event as AnyEvent, Query as AnyQuery, View as AnyView, identity};
use proptest::prelude::*;
use strum::IntoEnumIterator;
use tongban_kernel::testing::Story;
use tongban_kernel::{ModuleError, Role};
use tongban_types::codes::UnifiedSocialCreditCode;
use tongban_types::{AccountId, List, Outcome, Time};

const DAY_MILLIS: u64 = 86_400_000;
const OTHER_COMPANY: &str = "9144030071526726XG";
const RESTAURANT: &str = "11519900MB9012235G4000120001000";
const BAKERY: &str = "11519900MB9012235G4000120002000";

fn name_representatives(organisation: Who, persons: &[Who]) -> AnyCall {
    let mut persons: Vec<AccountId> = persons.iter().map(|who| who.account()).collect();
    persons.sort_unstable();
    AnyCall::Representation(Call::NameRepresentatives {
        department: code(POLICE),
        organisation: organisation.account(),
        persons: List::new(persons).expect("few persons"),
        papers: PAPERS,
    })
}

fn appoint_guardian_at(department: &'static str, ward: Who, guardian: Who, until: Option<&str>) -> AnyCall {
    AnyCall::Representation(Call::AppointGuardian {
        department: code(department),
        ward: ward.account(),
        guardian: guardian.account(),
        until: until.map(time),
        papers: PAPERS,
    })
}

fn appoint_guardian(ward: Who, guardian: Who, until: Option<&str>) -> AnyCall {
    appoint_guardian_at(CIVIL, ward, guardian, until)
}

fn end_guardianship(ward: Who, guardian: Who) -> AnyCall {
    AnyCall::Representation(Call::EndGuardianship {
        department: code(CIVIL),
        ward: ward.account(),
        guardian: guardian.account(),
        papers: PAPERS,
    })
}

fn mandate(items: Option<&[&str]>, acts: Option<&[AgentAct]>, from: Option<&str>, until: &str) -> Mandate {
    Mandate {
        items: items.map(|items| List::new(items.iter().map(|item| text(item)).collect()).expect("few items")),
        acts: acts.map(|acts| List::new(acts.to_vec()).expect("few acts")),
        from: from.map(time),
        until: time(until),
    }
}

fn whole(until: &str) -> Mandate {
    mandate(None, None, None, until)
}

fn name_agent(principal: Who, agent: Who, mandate: Mandate) -> AnyCall {
    AnyCall::Representation(Call::NameAgent { principal: principal.account(), agent: agent.account(), mandate })
}

fn revoke(agency: u64) -> AnyCall {
    AnyCall::Representation(Call::RevokeAgency { agency })
}

fn renounce(agency: u64) -> AnyCall {
    AnyCall::Representation(Call::RenounceAgency { agency })
}

/// Names an agent; the agency's number.
fn named(story: &mut Story, by: Who, principal: Who, agent: Who, mandate: Mandate) -> u64 {
    let receipt = story.act(&by.key(), vec![name_agent(principal, agent, mandate).to_bytes()]);
    assert_eq!(crate::test_cast::outcome_name(&receipt.outcome), "AgentNamed");
    receipt.number
}

fn ask(
    story: &Story,
    actor: Who,
    principal: Who,
    item: Option<&str>,
    act: Option<AgentAct>,
    at: Time,
) -> Option<Capacity> {
    let item: Option<ItemCode> = item.map(text);
    let query = Query::Capacity { actor: actor.account(), principal: principal.account(), item, act, at };
    match story.ask(|state| AnyQuery::Representation(query.clone()).answer(state)).expect("records are read") {
        AnyView::Representation(View::Capacity { capacity }) => capacity,
        other => panic!("expected a capacity, found {other:?}"),
    }
}

/// As what somebody may do anything for a principal now.
fn now(story: &Story, actor: Who, principal: Who) -> Option<Capacity> {
    ask(story, actor, principal, None, None, story.time())
}

/// A city in which Zhang, Li, the company of Eve and that of Bob are bound, and the mayor, a person, too.
fn town() -> Story {
    let mut story = bound_city();
    let company = |who: Who, company| {
        AnyCall::Identity(identity::Call::BindCompany {
            department: code(POLICE),
            account: who.account(),
            code: code::<UnifiedSocialCreditCode>(company),
            level: identity::AssuranceLevel::L2,
            papers: PAPERS,
        })
    };
    tell(
        &mut story,
        &[
            (Who::Admin, withdraw_role(Who::Bob, Role::Depositor), "RoleWithdrawn"),
            (Who::IdentityOfficer, company(Who::Eve, COMPANY), "CompanyBound"),
            (Who::IdentityOfficer, company(Who::Bob, OTHER_COMPANY), "CompanyBound"),
            (Who::IdentityOfficer, bind(Who::Mayor), "PersonBound"),
        ],
    );
    story
}

#[test]
fn everybody_acts_for_himself_and_nobody_for_others() {
    let story = town();
    assert_eq!(now(&story, Who::Zhang, Who::Zhang), Some(Capacity::Oneself));
    assert_eq!(now(&story, Who::Trainee, Who::Trainee), Some(Capacity::Oneself), "bound or not");
    assert_eq!(now(&story, Who::Zhang, Who::Li), None);
    assert_eq!(now(&story, Who::Stranger, Who::Stranger), None, "an account that does not exist acts for nobody");
}

#[test]
fn legal_representatives_act_for_their_organisation() {
    let mut story = town();
    let mut twice = name_representatives(Who::Eve, &[Who::Zhang]);
    if let AnyCall::Representation(Call::NameRepresentatives { persons, .. }) = &mut twice {
        persons.push(Who::Zhang.account()).expect("room for two");
    }
    tell(
        &mut story,
        &[
            (Who::CivilOfficer, name_representatives(Who::Eve, &[Who::Zhang]), "tx.denied"),
            (Who::RecoveryApprover, name_representatives(Who::Eve, &[Who::Zhang]), "tx.denied"),
            (Who::Eve, name_representatives(Who::Eve, &[Who::Zhang]), "tx.denied"),
            (Who::IdentityOfficer, twice, "representation.list_unordered"),
            (Who::IdentityOfficer, name_representatives(Who::Eve, &[Who::IdentityOfficer]), "representation.oneself"), // I6
            (Who::IdentityOfficer, name_representatives(Who::Stranger, &[Who::Zhang]), "representation.not_found"),
            (Who::IdentityOfficer, name_representatives(Who::Alice, &[Who::Zhang]), "representation.not_bound"),
            (Who::IdentityOfficer, name_representatives(Who::Li, &[Who::Zhang]), "representation.not_an_organisation"),
            (Who::IdentityOfficer, name_representatives(Who::Eve, &[Who::Bob]), "representation.not_a_person"),
            (Who::IdentityOfficer, name_representatives(Who::Eve, &[Who::Clerk]), "representation.not_bound"), // I1
            (Who::IdentityOfficer, name_representatives(Who::Eve, &[Who::Zhang, Who::Mayor]), "RepresentativesNamed"),
        ],
    );
    assert_eq!(now(&story, Who::Zhang, Who::Eve), Some(Capacity::LegalRepresentative));
    assert_eq!(now(&story, Who::Mayor, Who::Eve), Some(Capacity::LegalRepresentative));
    assert_eq!(now(&story, Who::Eve, Who::Zhang), None, "not the other way round");
    tell(&mut story, &[(Who::IdentityOfficer, name_representatives(Who::Eve, &[Who::Li]), "RepresentativesNamed")]);
    assert_eq!(now(&story, Who::Zhang, Who::Eve), None);
    assert_eq!(now(&story, Who::Li, Who::Eve), Some(Capacity::LegalRepresentative));
    let query = AnyQuery::Representation(Query::Representatives { organisation: Who::Eve.account() });
    match story.ask(|state| query.answer(state)) {
        Ok(AnyView::Representation(View::Representatives { representatives: Some(found) })) => {
            assert_eq!(
                (found.persons.to_vec(), found.officer),
                (vec![Who::Li.account()], Who::IdentityOfficer.account())
            );
        }
        other => panic!("expected representatives, found {other:?}"),
    }
}

#[test]
fn a_guardian_acts_for_his_ward_until_his_time_is_over() {
    let mut story = town();
    let ends = "2026-03-01T00:00:00Z";
    let by_market = appoint_guardian_at(MARKET, Who::Li, Who::Zhang, None);
    tell(
        &mut story,
        &[
            (Who::IdentityOfficer, appoint_guardian(Who::Li, Who::Zhang, None), "tx.denied"),
            (Who::Zhang, appoint_guardian(Who::Li, Who::Zhang, None), "tx.denied"),
            (Who::Mayor, appoint(MARKET, Who::Trainee, &[]), "Appointed"),
            (Who::Mayor, grant(MARKET, Who::Trainee, Role::IdentityOfficer, None, TERM_END), "Granted"),
            (Who::Trainee, by_market, "representation.department_not_authorised"), // I6
            (Who::CivilOfficer, appoint_guardian(Who::Li, Who::Li, None), "representation.own_agent"), // I1
            (Who::CivilOfficer, appoint_guardian(Who::Li, Who::CivilOfficer, None), "representation.oneself"), // I6
            (Who::CivilOfficer, appoint_guardian(Who::Clerk, Who::Zhang, None), "representation.not_bound"),
            (Who::CivilOfficer, appoint_guardian(Who::Li, Who::Clerk, None), "representation.not_bound"), // I1
            (Who::CivilOfficer, appoint_guardian(Who::Eve, Who::Zhang, None), "representation.not_a_person"),
            (
                Who::CivilOfficer,
                appoint_guardian(Who::Li, Who::Zhang, Some("2025-01-01T00:00:00Z")),
                "representation.term_over",
            ),
            (Who::CivilOfficer, end_guardianship(Who::Li, Who::Zhang), "representation.guardian_not_held"),
            (Who::CivilOfficer, appoint_guardian(Who::Li, Who::Zhang, Some(ends)), "GuardianAppointed"),
            (Who::CivilOfficer, appoint_guardian(Who::Li, Who::Zhang, None), "representation.guardian_held"),
            (Who::CivilOfficer, appoint_guardian(Who::Li, Who::Mayor, None), "GuardianAppointed"),
        ],
    );
    assert_eq!(now(&story, Who::Zhang, Who::Li), Some(Capacity::Guardian));
    assert_eq!(
        ask(&story, Who::Zhang, Who::Li, None, None, time("2026-02-28T23:59:59.999Z")),
        Some(Capacity::Guardian)
    );
    assert_eq!(ask(&story, Who::Zhang, Who::Li, None, None, time(ends)), None);
    assert_eq!(now(&story, Who::Li, Who::Li), Some(Capacity::Oneself));
    tell(
        &mut story,
        &[
            (Who::Mayor, end_guardianship(Who::Li, Who::Mayor), "tx.denied"),
            (Who::CivilOfficer, end_guardianship(Who::Li, Who::Mayor), "GuardianshipEnded"),
            (Who::CivilOfficer, end_guardianship(Who::Li, Who::Mayor), "representation.guardian_not_held"),
        ],
    );
    assert_eq!(now(&story, Who::Mayor, Who::Li), None);
    let query = AnyQuery::Representation(Query::Guardians { ward: Who::Li.account() });
    match story.ask(|state| query.answer(state)) {
        Ok(AnyView::Representation(View::Guardians { guardians: Some(found) })) => {
            assert_eq!(found.guardianships.len(), 1);
        }
        other => panic!("expected guardians, found {other:?}"),
    }
}

#[test]
fn what_the_end_of_a_guardianship_rests_on_is_told() {
    let mut story = town();
    tell(&mut story, &[(Who::CivilOfficer, appoint_guardian(Who::Li, Who::Zhang, None), "GuardianAppointed")]);
    let receipt = story.act(&Who::CivilOfficer.key(), vec![end_guardianship(Who::Li, Who::Zhang).to_bytes()]);
    let Outcome::Applied { events } = receipt.outcome else { panic!("it ends: {:?}", receipt.outcome) };
    let event = AnyEvent::Representation(Event::GuardianshipEnded {
        ward: Who::Li.account(),
        guardian: Who::Zhang.account(),
        department: code(CIVIL),
        by: Who::CivilOfficer.account(),
        papers: PAPERS,
    });
    assert_eq!(AnyEvent::decode(events[0].as_ref()), Ok(event));
}

#[test]
fn a_person_has_few_guardians() {
    let mut story = town();
    let guardians = [
        Who::Zhang,
        Who::Mayor,
        Who::Clerk,
        Who::Trainee,
        Who::Receiver,
        Who::Acceptor,
        Who::Checker,
        Who::Approver,
        Who::Head,
    ];
    for guardian in &guardians[2..] {
        tell(&mut story, &[(Who::IdentityOfficer, bind(*guardian), "PersonBound")]);
    }
    for (count, guardian) in guardians.iter().enumerate() {
        let expected = if count < 8 { "GuardianAppointed" } else { "representation.too_many_guardians" };
        tell(&mut story, &[(Who::CivilOfficer, appoint_guardian(Who::Li, *guardian, None), expected)]);
    }
}

#[test]
fn an_agent_acts_within_his_scope_and_no_further() {
    let mut story = town();
    let acts = [AgentAct::File, AgentAct::Supplement];
    let scope = mandate(Some(&[RESTAURANT]), Some(&acts), Some("2026-01-10T00:00:00Z"), "2026-02-01T00:00:00Z");
    let agency = named(&mut story, Who::Zhang, Who::Zhang, Who::Li, scope);
    let inside = time("2026-01-15T00:00:00Z");
    let as_agent = Some(Capacity::Agent { agency });
    let cases = [
        (Some(RESTAURANT), Some(AgentAct::File), "2026-01-15T00:00:00Z", as_agent),
        (Some(RESTAURANT), Some(AgentAct::Supplement), "2026-01-10T00:00:00Z", as_agent),
        (Some(RESTAURANT), Some(AgentAct::Supplement), "2026-01-31T23:59:59.999Z", as_agent),
        (Some(RESTAURANT), Some(AgentAct::Withdraw), "2026-01-15T00:00:00Z", None), // another act
        (Some(RESTAURANT), None, "2026-01-15T00:00:00Z", None),                     // anything at all
        (Some(BAKERY), Some(AgentAct::File), "2026-01-15T00:00:00Z", None),         // another item
        (None, Some(AgentAct::File), "2026-01-15T00:00:00Z", None),                 // no item
        (Some(RESTAURANT), Some(AgentAct::File), "2026-01-09T23:59:59.999Z", None), // not yet
        (Some(RESTAURANT), Some(AgentAct::File), "2026-02-01T00:00:00Z", None),     // no longer
    ];
    for (item, act, at, expected) in cases {
        assert_eq!(ask(&story, Who::Li, Who::Zhang, item, act, time(at)), expected, "{item:?} {act:?} {at}"); // I2
    }
    assert_eq!(ask(&story, Who::Zhang, Who::Li, Some(RESTAURANT), Some(AgentAct::File), inside), None);
    assert_eq!(ask(&story, Who::Mayor, Who::Zhang, Some(RESTAURANT), Some(AgentAct::File), inside), None);
    let agency = named(&mut story, Who::Zhang, Who::Zhang, Who::Mayor, whole("2026-02-01T00:00:00Z"));
    assert_eq!(now(&story, Who::Mayor, Who::Zhang), Some(Capacity::Agent { agency }));
    assert_eq!(
        ask(&story, Who::Mayor, Who::Zhang, Some(BAKERY), Some(AgentAct::Appeal), inside),
        Some(Capacity::Agent { agency })
    );
}

#[test]
fn an_agent_names_no_agents_and_what_is_no_mandate_is_refused() {
    let mut story = town();
    let until = "2026-02-01T00:00:00Z";
    named(&mut story, Who::Zhang, Who::Zhang, Who::Li, whole(until));
    let unordered = mandate(None, Some(&[AgentAct::Supplement, AgentAct::File]), None, until);
    let twice = mandate(Some(&[RESTAURANT, RESTAURANT]), None, None, until);
    let past = mandate(None, None, None, "2025-12-31T00:00:00Z");
    let backwards = mandate(None, None, Some("2026-03-01T00:00:00Z"), until);
    let past_from = mandate(None, None, Some("2025-01-01T00:00:00Z"), "2025-02-01T00:00:00Z");
    tell(
        &mut story,
        &[
            (Who::Li, name_agent(Who::Zhang, Who::Mayor, whole(until)), "representation.not_entitled"), // I3
            (Who::Eve, name_agent(Who::Zhang, Who::Mayor, whole(until)), "representation.not_entitled"),
            (Who::Zhang, name_agent(Who::Zhang, Who::Zhang, whole(until)), "representation.own_agent"), // I1
            (Who::Zhang, name_agent(Who::Zhang, Who::Clerk, whole(until)), "representation.not_bound"), // I1
            (Who::Zhang, name_agent(Who::Zhang, Who::Stranger, whole(until)), "representation.not_found"),
            (Who::Zhang, name_agent(Who::Stranger, Who::Li, whole(until)), "representation.not_found"),
            (
                Who::Zhang,
                name_agent(Who::Zhang, Who::Mayor, mandate(Some(&[]), None, None, until)),
                "representation.scope_empty",
            ),
            (
                Who::Zhang,
                name_agent(Who::Zhang, Who::Mayor, mandate(None, Some(&[]), None, until)),
                "representation.scope_empty",
            ),
            (Who::Zhang, name_agent(Who::Zhang, Who::Mayor, unordered), "representation.list_unordered"),
            (Who::Zhang, name_agent(Who::Zhang, Who::Mayor, twice), "representation.list_unordered"),
            (Who::Zhang, name_agent(Who::Zhang, Who::Mayor, past), "representation.term_over"), // I2
            (Who::Zhang, name_agent(Who::Zhang, Who::Mayor, backwards), "representation.term_over"), // I2
            (Who::Zhang, name_agent(Who::Zhang, Who::Mayor, past_from), "representation.term_over"), // I2
            (Who::Admin, suspend(Who::Mayor), "Suspended"),
            (Who::Zhang, name_agent(Who::Zhang, Who::Mayor, whole(until)), "representation.not_active"), // I2
        ],
    );
    let two = [name_agent(Who::Zhang, Who::Li, whole(until)), name_agent(Who::Zhang, Who::Eve, whole(until))];
    let receipt = story.act(&Who::Zhang.key(), two.iter().map(AnyCall::to_bytes).collect());
    assert_eq!(crate::test_cast::outcome_name(&receipt.outcome), "representation.number_taken"); // I5
}

#[test]
fn an_agency_ends_when_either_side_wants_and_not_twice() {
    let mut story = town();
    let until = "2026-02-01T00:00:00Z";
    let first = named(&mut story, Who::Zhang, Who::Zhang, Who::Li, whole(until));
    tell(
        &mut story,
        &[
            (Who::Zhang, revoke(first + 1), "representation.agency_not_found"),
            (Who::Zhang, renounce(first + 1), "representation.agency_not_found"),
            (Who::Li, revoke(first), "representation.not_entitled"),
            (Who::Mayor, revoke(first), "representation.not_entitled"),
            (Who::Zhang, renounce(first), "representation.not_agent"),
            (Who::Zhang, revoke(first), "AgencyEnded"),
            (Who::Zhang, revoke(first), "representation.agency_over"), // I5
            (Who::Li, renounce(first), "representation.agency_over"),  // I5
        ],
    );
    assert_eq!(now(&story, Who::Li, Who::Zhang), None);
    let second = named(&mut story, Who::Zhang, Who::Zhang, Who::Li, whole(until));
    tell(&mut story, &[(Who::Li, renounce(second), "AgencyEnded")]);
    assert_eq!(now(&story, Who::Li, Who::Zhang), None);
    let third = named(&mut story, Who::Zhang, Who::Zhang, Who::Li, whole(until));
    story.pass_millis(60 * DAY_MILLIS);
    assert_eq!(now(&story, Who::Li, Who::Zhang), None);
    tell(&mut story, &[(Who::Zhang, revoke(third), "representation.agency_over")]); // I5
    let query = AnyQuery::Representation(Query::Agency { agency: second });
    match story.ask(|state| query.answer(state)) {
        Ok(AnyView::Representation(View::Agency { agency: Some(agency) })) => {
            let end = agency.end.expect("it was renounced");
            assert_eq!((end.kind, end.capacity), (AgencyEndKind::Renounced, Capacity::Agent { agency: second }));
        }
        other => panic!("expected an agency, found {other:?}"),
    }
}

#[test]
fn agencies_between_two_are_few_and_those_that_are_over_make_room() {
    let mut story = town();
    let (soon, late) = ("2026-01-20T00:00:00Z", "2027-01-01T00:00:00Z");
    for count in 0..17 {
        let call = name_agent(Who::Zhang, Who::Li, whole(if count < 4 { soon } else { late }));
        let expected = if count < 16 { "AgentNamed" } else { "representation.too_many_agencies" };
        tell(&mut story, &[(Who::Zhang, call, expected)]);
    }
    story.pass_millis(30 * DAY_MILLIS);
    tell(&mut story, &[(Who::Zhang, name_agent(Who::Zhang, Who::Li, whole(late)), "AgentNamed")]);
    let query = AnyQuery::Representation(Query::Agencies { principal: Who::Zhang.account(), agent: Who::Li.account() });
    match story.ask(|state| query.answer(state)) {
        Ok(AnyView::Representation(View::Agencies { agencies })) => assert_eq!(agencies.len(), 13),
        other => panic!("expected agencies, found {other:?}"),
    }
}

#[test]
fn agencies_rest_with_suspension_and_end_with_death() {
    let mut story = town();
    let agency = named(&mut story, Who::Zhang, Who::Zhang, Who::Li, whole("2027-01-01T00:00:00Z"));
    for (suspended, other) in [(Who::Zhang, Who::Li), (Who::Li, Who::Zhang)] {
        tell(&mut story, &[(Who::Admin, suspend(suspended), "Suspended")]);
        assert_eq!(now(&story, Who::Li, Who::Zhang), None); // I2
        assert_eq!(now(&story, suspended, suspended), None);
        assert_eq!(now(&story, other, other), Some(Capacity::Oneself));
        tell(&mut story, &[(Who::Admin, resume(suspended), "Resumed")]);
        assert_eq!(now(&story, Who::Li, Who::Zhang), Some(Capacity::Agent { agency }));
    }
    carry_through(&mut story, Who::CivilOfficer, Who::Zhang, record_death(Who::Zhang), "AccountEnded");
    tell(&mut story, &[(Who::Zhang, revoke(agency), "tx.account_ended")]);
    assert_eq!(now(&story, Who::Li, Who::Zhang), None); // I2
    assert_eq!(now(&story, Who::Zhang, Who::Zhang), None);
}

#[test]
fn what_a_guardian_has_given_ends_with_the_guardianship() {
    let mut story = town();
    tell(&mut story, &[(Who::CivilOfficer, appoint_guardian(Who::Li, Who::Zhang, None), "GuardianAppointed")]);
    let by_guardian = named(&mut story, Who::Zhang, Who::Li, Who::Mayor, whole("2027-01-01T00:00:00Z"));
    assert_eq!(now(&story, Who::Mayor, Who::Li), Some(Capacity::Agent { agency: by_guardian }));
    tell(&mut story, &[(Who::Admin, suspend(Who::Zhang), "Suspended")]);
    assert_eq!(now(&story, Who::Mayor, Who::Li), None);
    tell(
        &mut story,
        &[
            (Who::Admin, resume(Who::Zhang), "Resumed"),
            (Who::CivilOfficer, end_guardianship(Who::Li, Who::Zhang), "GuardianshipEnded"),
            (Who::Zhang, revoke(by_guardian), "representation.not_entitled"),
        ],
    );
    assert_eq!(now(&story, Who::Mayor, Who::Li), None); // I4
    let by_ward = named(&mut story, Who::Li, Who::Li, Who::Mayor, whole("2027-01-01T00:00:00Z"));
    assert_eq!(now(&story, Who::Mayor, Who::Li), Some(Capacity::Agent { agency: by_ward }));
    tell(&mut story, &[(Who::Li, revoke(by_guardian), "AgencyEnded")]);
}

#[test]
fn a_merged_organisation_is_represented_by_the_one_into_which_it_went() {
    let mut story = town();
    tell(
        &mut story,
        &[
            (Who::IdentityOfficer, name_representatives(Who::Eve, &[Who::Zhang]), "RepresentativesNamed"),
            (Who::IdentityOfficer, name_representatives(Who::Bob, &[Who::Li]), "RepresentativesNamed"),
        ],
    );
    let until = "2027-01-01T00:00:00Z";
    let of_old = named(&mut story, Who::Zhang, Who::Eve, Who::Mayor, whole(until));
    assert_eq!(now(&story, Who::Mayor, Who::Eve), Some(Capacity::Agent { agency: of_old }));
    carry_through(&mut story, Who::IdentityOfficer, Who::Eve, record_merger(Who::Eve, Who::Bob), "AccountEnded");
    assert_eq!(now(&story, Who::Bob, Who::Eve), Some(Capacity::Successor));
    assert_eq!(now(&story, Who::Li, Who::Eve), Some(Capacity::LegalRepresentative));
    for gone in [Who::Eve, Who::Zhang, Who::Mayor] {
        assert_eq!(now(&story, gone, Who::Eve), None, "{gone:?}"); // I2
    }
    tell(
        &mut story,
        &[
            (Who::Li, name_agent(Who::Eve, Who::Mayor, whole(until)), "representation.not_active"),
            (Who::Zhang, revoke(of_old), "representation.not_entitled"),
            (Who::Bob, revoke(of_old), "AgencyEnded"),
        ],
    );
    let of_new = named(&mut story, Who::Li, Who::Bob, Who::Mayor, whole(until));
    assert_eq!(now(&story, Who::Mayor, Who::Eve), Some(Capacity::Agent { agency: of_new }));
}

#[test]
fn who_acts_for_another_uses_his_own_key() {
    let mut story = town();
    named(&mut story, Who::Zhang, Who::Zhang, Who::Li, whole("2027-01-01T00:00:00Z"));
    let receipt = story.act_with(Who::Zhang.account(), &Who::Li.key(), vec![sealing(blob(2, 32)).to_bytes()]);
    assert_eq!(crate::test_cast::outcome_name(&receipt.outcome), "tx.unknown_key");
}

#[test]
fn the_largest_mandate_fits_a_call_and_a_record() {
    let mut story = town();
    let items: Vec<String> = (0..64_u32)
        .map(|number| {
            let last = char::from_u32(0x2_0000 + number).expect("a character of four bytes");
            "\u{20000}".repeat(63) + &last.to_string()
        })
        .collect();
    let items: Vec<&str> = items.iter().map(String::as_str).collect();
    let acts = [
        AgentAct::File,
        AgentAct::Supplement,
        AgentAct::Withdraw,
        AgentAct::Receive,
        AgentAct::Consent,
        AgentAct::Appeal,
        AgentAct::Rate,
    ];
    let largest = mandate(Some(&items), Some(&acts), Some("2026-01-02T00:00:00Z"), "2026-02-01T00:00:00Z");
    let agency = named(&mut story, Who::Zhang, Who::Zhang, Who::Li, largest);
    let at = time("2026-01-15T00:00:00Z");
    let found = ask(&story, Who::Li, Who::Zhang, Some(items[63]), Some(AgentAct::Receive), at);
    assert_eq!(found, Some(Capacity::Agent { agency }));
}

#[test]
fn every_error_has_its_story() {
    let source = include_str!("tests.rs");
    for error in Error::iter() {
        let code = error.code();
        assert!(source.contains(&format!("\"{}\"", &*code)), "no story ends in {}", &*code);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// In any history somebody acts under an agency only if a model that knows the whole history says so: named, begun, not over, ended by
    /// nobody, both sides active (I2); and nobody names agents under an agency (I3).
    #[test]
    fn an_agency_is_what_its_history_says(steps in proptest::collection::vec((0..7u8, 0..3usize, 0..3usize, 1..6u64), 1..30)) {
        let people = [Who::Zhang, Who::Li, Who::Mayor];
        let mut story = town();
        let mut model: Vec<(u64, usize, usize, Time)> = Vec::new();
        let mut suspended = [false; 3];
        for (step, one, other, days) in steps {
            let until = story.time().plus_millis(days * DAY_MILLIS);
            let mandate = Mandate { items: None, acts: None, from: None, until };
            let last = model.last().map_or(u64::MAX, |agency| agency.0);
            let (actor, call) = match step {
                0 | 1 => (people[one], name_agent(people[one], people[other], mandate)),
                2 => (people[one], name_agent(people[other], people[(other + 1) % 3], mandate)),
                3 => (people[one], revoke(last)),
                4 => (people[one], renounce(last)),
                5 => (Who::Admin, if suspended[one] { resume(people[one]) } else { suspend(people[one]) }),
                _ => {
                    story.pass_millis(days * DAY_MILLIS / 2);
                    continue;
                }
            };
            let receipt = story.act(&actor.key(), vec![call.to_bytes()]);
            let is_applied = matches!(receipt.outcome, Outcome::Applied { .. });
            match step {
                0 | 1 if is_applied => model.push((receipt.number, one, other, until)),
                2 if is_applied => {
                    prop_assert_eq!(one, other, "nobody names agents for others"); // I3
                    model.push((receipt.number, other, (other + 1) % 3, until));
                }
                3 | 4 if is_applied => {
                    let (_, principal, agent, _) = model.pop().expect("one has ended");
                    prop_assert_eq!(one, if step == 3 { principal } else { agent });
                }
                5 => suspended[one] = !suspended[one],
                _ => {}
            }
            for (actor, principal) in [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)] {
                let is_resting = suspended[actor] || suspended[principal];
                let lasting = model.iter().find(|(_, from, to, until)| {
                    (*from, *to) == (principal, actor) && story.time() < *until && !is_resting
                });
                let expected = lasting.map(|agency| Capacity::Agent { agency: agency.0 });
                prop_assert_eq!(now(&story, people[actor], people[principal]), expected);
            }
        }
    }
}
