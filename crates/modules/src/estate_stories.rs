//! Stories of who administers the estate of a person who died (遗产管理人): he brings to an end what there is, and begins nothing.

use crate::case_test_cast::{self, accepted, application, file};
use crate::ending_stories::{annul_ending, carry_through, record_death};
use crate::identity::AgentAct;
use crate::recovery_stories::{PAPERS, bound_city};
use crate::representation::{self, Call, Capacity, ESTATE_ACTS, Query, View, stands_for};
use crate::sharing;
use crate::test_cast::{CIVIL, MARKET, POLICE, TERM_END, Who, appoint, bind, code, grant, tell, time};
use crate::{Call as AnyCall, Query as AnyQuery, View as AnyView};
use strum::IntoEnumIterator;
use tongban_kernel::testing::Story;
use tongban_kernel::{Role, Stop};
use tongban_types::Time;

const UNTIL: &str = "2026-12-31T00:00:00Z";

fn administer_at(department: &'static str, deceased: Who, administrator: Who, until: &str) -> AnyCall {
    AnyCall::Representation(Call::AppointAdministrator {
        department: code(department),
        deceased: deceased.account(),
        administrator: administrator.account(),
        until: time(until),
        papers: PAPERS,
    })
}

pub fn administer(deceased: Who, administrator: Who) -> AnyCall {
    administer_at(CIVIL, deceased, administrator, UNTIL)
}

fn end(deceased: Who, administrator: Who) -> AnyCall {
    AnyCall::Representation(Call::EndAdministration {
        department: code(CIVIL),
        deceased: deceased.account(),
        administrator: administrator.account(),
        papers: PAPERS,
    })
}

fn capacity(story: &Story, actor: Who, act: Option<AgentAct>, at: Time) -> Option<Capacity> {
    let (actor, principal) = (actor.account(), Who::Zhang.account());
    let query = AnyQuery::Representation(Query::Capacity { actor, principal, item: None, act, at });
    match story.ask(|state| query.answer(state)).expect("records are read") {
        AnyView::Representation(View::Capacity { capacity }) => capacity,
        other => panic!("expected a capacity, found {other:?}"),
    }
}

fn now(story: &Story, act: AgentAct) -> Option<Capacity> {
    capacity(story, Who::Li, Some(act), story.time())
}

/// A city in which Zhang has died.
fn bereaved() -> Story {
    let mut story = bound_city();
    carry_through(&mut story, Who::CivilOfficer, Who::Zhang, record_death(Who::Zhang), "AccountEnded");
    story
}

#[test]
fn an_authorised_department_records_who_administers_an_estate() {
    let mut story = bound_city();
    tell(&mut story, &[(Who::CivilOfficer, administer(Who::Zhang, Who::Li), "representation.not_deceased")]); // I7
    carry_through(&mut story, Who::CivilOfficer, Who::Zhang, record_death(Who::Zhang), "AccountEnded");
    tell(
        &mut story,
        &[
            (Who::Li, administer(Who::Zhang, Who::Li), "tx.denied"),
            (Who::IdentityOfficer, administer(Who::Zhang, Who::Li), "tx.denied"), // the call names civil affairs
            (Who::Admin, administer(Who::Zhang, Who::Li), "tx.denied"),
            (Who::Mayor, appoint(MARKET, Who::Trainee, &[]), "Appointed"),
            (Who::Mayor, grant(MARKET, Who::Trainee, Role::IdentityOfficer, None, TERM_END), "Granted"),
            (
                Who::Trainee,
                administer_at(MARKET, Who::Zhang, Who::Li, UNTIL),
                "representation.department_not_authorised", // I6
            ),
            (Who::CivilOfficer, administer(Who::Zhang, Who::Zhang), "representation.own_agent"), // I1
            (Who::CivilOfficer, administer(Who::Zhang, Who::CivilOfficer), "representation.oneself"), // I6
            (Who::CivilOfficer, administer(Who::Stranger, Who::Li), "representation.not_found"),
            (Who::CivilOfficer, administer(Who::Zhang, Who::Stranger), "representation.not_found"),
            (Who::CivilOfficer, administer(Who::Zhang, Who::Clerk), "representation.not_bound"), // I1
            (
                Who::CivilOfficer,
                administer_at(CIVIL, Who::Zhang, Who::Li, "2025-12-31T00:00:00Z"),
                "representation.term_over",
            ),
            (Who::CivilOfficer, end(Who::Zhang, Who::Li), "representation.administrator_not_held"),
            (Who::CivilOfficer, administer(Who::Zhang, Who::Li), "AdministratorAppointed"),
            (Who::CivilOfficer, administer(Who::Zhang, Who::Li), "representation.administrator_held"),
            (Who::Li, end(Who::Zhang, Who::Li), "tx.denied"),
            (Who::CivilOfficer, end(Who::Zhang, Who::CivilOfficer), "representation.oneself"),
        ],
    );
    for act in AgentAct::iter() {
        let expected = ESTATE_ACTS.contains(&act).then_some(Capacity::EstateAdministrator);
        assert_eq!(now(&story, act), expected, "{act:?}"); // I7
    }
    let at = story.time();
    assert_eq!(capacity(&story, Who::Li, None, at), None, "not anything at all"); // I7
    assert_eq!(capacity(&story, Who::Zhang, Some(AgentAct::Withdraw), at), None, "the account itself has ended");
    assert_eq!(capacity(&story, Who::Mayor, Some(AgentAct::Withdraw), at), None);
    assert_eq!(capacity(&story, Who::Li, Some(AgentAct::Withdraw), time(UNTIL)), None, "his term is over");
    let stands =
        story.ask(|state| stands_for(state, &Who::Li.account(), &Who::Zhang.account(), at).map_err(Stop::from));
    assert_eq!(stands, Ok(true), "so he has no business in office there");
    tell(&mut story, &[(Who::CivilOfficer, end(Who::Zhang, Who::Li), "AdministrationEnded")]);
    assert_eq!(now(&story, AgentAct::Withdraw), None);
    let query = AnyQuery::Representation(Query::Estate { deceased: Who::Zhang.account() });
    match story.ask(|state| query.answer(state)) {
        Ok(AnyView::Representation(View::Estate { estate: Some(estate) })) => {
            assert!(estate.administrations.is_empty());
        }
        other => panic!("expected an estate, found {other:?}"),
    }
}

#[test]
fn an_estate_has_few_administrators() {
    let mut story = bereaved();
    let administrators = [
        Who::Li,
        Who::Mayor,
        Who::Clerk,
        Who::Trainee,
        Who::Receiver,
        Who::Acceptor,
        Who::Checker,
        Who::Approver,
        Who::Head,
    ];
    for administrator in &administrators[1..] {
        tell(&mut story, &[(Who::IdentityOfficer, bind(*administrator), "PersonBound")]);
    }
    for (count, administrator) in administrators.iter().enumerate() {
        let expected = if count < 8 { "AdministratorAppointed" } else { "representation.too_many_administrators" };
        tell(&mut story, &[(Who::CivilOfficer, administer(Who::Zhang, *administrator), expected)]);
    }
}

#[test]
fn an_administration_ends_with_the_annulment_of_the_death() {
    let mut story = bereaved();
    tell(
        &mut story,
        &[
            (Who::CivilOfficer, administer(Who::Zhang, Who::Li), "AdministratorAppointed"),
            (Who::RecoveryApprover, annul_ending(Who::Zhang), "EndingAnnulled"),
        ],
    );
    assert_eq!(now(&story, AgentAct::Withdraw), None, "who is alive acts himself"); // I7
    story.pass_millis(60_000);
    carry_through(&mut story, Who::CivilOfficer, Who::Zhang, record_death(Who::Zhang), "AccountEnded");
    assert_eq!(now(&story, AgentAct::Withdraw), None, "that was another death"); // I7
    tell(&mut story, &[(Who::CivilOfficer, administer(Who::Zhang, Who::Li), "AdministratorAppointed")]);
    assert_eq!(now(&story, AgentAct::Withdraw), Some(Capacity::EstateAdministrator));
}

/// In the cases of the one who died he takes back and does nothing else.
#[test]
fn the_administrator_takes_back_what_the_deceased_has_applied_for() {
    let mut story = case_test_cast::town();
    tell(
        &mut story,
        &[
            (Who::IdentityOfficer, bind(Who::Zhang), "PersonBound"),
            (Who::IdentityOfficer, bind(Who::Li), "PersonBound"),
        ],
    );
    let case = accepted(&mut story, application());
    carry_through(&mut story, Who::CivilOfficer, Who::Zhang, record_death(Who::Zhang), "AccountEnded");
    let consent = sharing::Call::GiveConsent {
        id: tongban_types::ConsentId([1; 16]),
        reading: sharing::Reading {
            person: Who::Zhang.account(),
            receiver: code(crate::test_cast::APPROVAL),
            purpose: sharing::Purpose::Application,
            item: crate::test_cast::text(case_test_cast::RESTAURANT),
        },
        sources: tongban_types::List::new(vec![sharing::Source {
            licence_type: crate::licence_test_cast::catering(),
            fields: sharing::Fields::Whole,
        }])
        .expect("one source"),
        uses: sharing::Uses::Once,
        until: time("2026-03-01T00:00:00Z"),
    };
    let mandate = representation::Mandate { items: None, acts: None, from: None, until: time(UNTIL) };
    let (principal, agent) = (Who::Zhang.account(), Who::Mayor.account());
    let agent = AnyCall::Representation(Call::NameAgent { principal, agent, mandate });
    tell(
        &mut story,
        &[
            (Who::Li, case_test_cast::withdraw(&case), "cases.no_capacity"),
            (Who::CivilOfficer, administer(Who::Zhang, Who::Li), "AdministratorAppointed"),
            (Who::Li, file(application()), "cases.no_capacity"), // I7
            (Who::Li, AnyCall::Sharing(consent), "sharing.not_for_person"), // I7
            (Who::Li, agent, "representation.not_active"),       // I3
            (Who::Mayor, case_test_cast::withdraw(&case), "cases.no_capacity"),
            (Who::Li, case_test_cast::withdraw(&case), "Ended"),
        ],
    );
}

/// Where there is no heir, the department of civil affairs does it, which is an organisation (民法典 第一千一百四十五条).
#[test]
fn an_organisation_administers_an_estate() {
    let mut story = bereaved();
    let bound = crate::recovery_stories::bind_company(Who::Eve, crate::recovery_stories::COMPANY);
    tell(
        &mut story,
        &[
            (Who::IdentityOfficer, bound, "CompanyBound"),
            (Who::IdentityOfficer, administer_at(POLICE, Who::Zhang, Who::Eve, UNTIL), "AdministratorAppointed"),
        ],
    );
    let found = capacity(&story, Who::Eve, Some(AgentAct::Receive), story.time());
    assert_eq!(found, Some(Capacity::EstateAdministrator));
}
