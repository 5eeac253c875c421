//! Stories of one person and one account: by which document he is bound, and what becomes of a second account (一人多户合并).

use crate::Call as AnyCall;
use crate::ending_stories::{
    account_call, add_document, annul_ending, bind_as, confirm_last, correct, freeze, grant_role, proposal_of,
    withdraw_role,
};
use crate::identity::{AssuranceLevel, Call, Correction, FirstDocument, Settlement, Status, status, successor};
use crate::office_stories::standing_of;
use crate::orgs::Standing;
use crate::recovery::PeriodMinutes;
use crate::recovery_stories::{
    COMPANY, COOLING_MILLIS, PAPERS, bind_company, blob, bound_city, resume, sealing, suspend,
};
use crate::representation::{self, Capacity};
use crate::test_cast::{
    APPROVAL, CIVIL, POLICE, TERM_END, Who, appoint, bind, city, code, dismiss, grant, name_deputy, pseudonym_of, tell,
    text, time,
};
use crate::{case_test_cast, licence_test_cast, test_cast};
use tongban_kernel::testing::Story;
use tongban_kernel::{Role, Stop};
use tongban_types::codes::{DocumentKind, KnownDocument};
use tongban_types::{Digest, List};

fn bind_by(who: Who, kind: DocumentKind, issued_by: Option<&str>) -> AnyCall {
    AnyCall::Identity(Call::BindPerson {
        department: code(POLICE),
        account: who.account(),
        kind,
        pseudonym: pseudonym_of(who),
        level: AssuranceLevel::L2,
        papers: PAPERS,
        issued_by: issued_by.map(text),
    })
}

pub fn duplicate(who: Who, into: Who) -> AnyCall {
    let into = into.account();
    account_call(who, |department, account| Call::RecordDuplicate { department, account, into, papers: PAPERS }, POLICE)
}

fn object_to_joining(proposal: u64) -> AnyCall {
    AnyCall::Identity(Call::ObjectToJoining { proposal })
}

fn number(story: &Story, who: Who) -> u64 {
    proposal_of(story, who.account()).expect("it was recorded").receipt
}

#[test]
fn a_person_is_bound_by_the_document_that_carries_his_number_or_by_one_of_another_state() {
    use KnownDocument as Kind;
    let unlisted = DocumentKind::from_number(335).expect("three digits");
    let cases: [(DocumentKind, Option<&str>, &str); 22] = [
        (Kind::ResidentIdentityCard.into(), None, "PersonBound"),
        (Kind::TemporaryIdentityCard.into(), None, "PersonBound"),
        (Kind::HouseholdRegister.into(), None, "PersonBound"),
        (Kind::TaiwanTravelPermit.into(), None, "PersonBound"),
        (Kind::HongKongMacaoTravelPermit.into(), None, "PersonBound"),
        (Kind::ForeignPermanentResident.into(), None, "PersonBound"),
        (Kind::OrdinaryPassport.into(), Some("FRA"), "PersonBound"),
        (Kind::OrdinaryPassport.into(), Some("SGP"), "PersonBound"),
        (Kind::OrdinaryPassport.into(), None, "identity.issuing_state"), // I19
        (Kind::OrdinaryPassport.into(), Some("CHN"), "identity.issuing_state"), // I19: he has a card
        (Kind::OrdinaryPassport.into(), Some("HKG"), "identity.issuing_state"), // I19: he has a permit
        (Kind::OrdinaryPassport.into(), Some("MAC"), "identity.issuing_state"),
        (Kind::OrdinaryPassport.into(), Some("TWN"), "identity.issuing_state"),
        (Kind::OrdinaryPassport.into(), Some("fra"), "identity.issuing_state"),
        (Kind::OrdinaryPassport.into(), Some("FR"), "identity.issuing_state"),
        (Kind::OrdinaryPassport.into(), Some("法国"), "identity.issuing_state"),
        (Kind::ResidentIdentityCard.into(), Some("FRA"), "identity.issuing_state"), // I19
        (Kind::ResidentIdentityCard.into(), Some("CHN"), "identity.issuing_state"),
        (Kind::PermitToHongKongAndMacao.into(), None, "identity.no_first_document"), // I19: a citizen's
        (Kind::MilitaryOfficer.into(), None, "identity.no_first_document"),
        (Kind::Other.into(), None, "identity.no_first_document"),
        (unlisted, Some("FRA"), "identity.no_first_document"),
    ];
    let story = city();
    for (kind, issued_by, expected) in cases {
        tell(&mut story.clone(), &[(Who::IdentityOfficer, bind_by(Who::Zhang, kind, issued_by), expected)]);
    }
    // What is no first document is added to the account that there is.
    let mut story = bound_city();
    tell(&mut story, &[(Who::IdentityOfficer, add_document(Who::Zhang, Digest([1; 32])), "DocumentAdded")]);
}

#[test]
fn the_network_sets_which_documents_come_first() {
    let set = |kinds: &[(u16, bool)]| {
        let kind = |number| DocumentKind::from_number(number).expect("three digits");
        let kinds =
            kinds.iter().map(|(number, is_foreign)| FirstDocument { kind: kind(*number), is_foreign: *is_foreign });
        AnyCall::Identity(Call::SetFirstDocuments { kinds: List::new(kinds.collect()).expect("few kinds") })
    };
    let kind = |number| DocumentKind::from_number(number).expect("three digits");
    tell(
        &mut city(),
        &[
            (Who::IdentityOfficer, set(&[(111, false)]), "tx.denied"),
            (Who::Mayor, set(&[(111, false)]), "tx.denied"),
            (Who::Admin, set(&[]), "identity.kinds_unordered"),
            (Who::Admin, set(&[(414, true), (111, false)]), "identity.kinds_unordered"),
            (Who::Admin, set(&[(111, false), (111, true)]), "identity.kinds_unordered"),
            (Who::Admin, set(&[(111, false), (335, true)]), "FirstDocumentsSet"),
            (Who::IdentityOfficer, bind_by(Who::Zhang, kind(414), Some("FRA")), "identity.no_first_document"), // I19
            (Who::IdentityOfficer, bind_by(Who::Zhang, kind(335), None), "identity.issuing_state"),
            (Who::IdentityOfficer, bind_by(Who::Zhang, kind(335), Some("FRA")), "PersonBound"),
            (Who::IdentityOfficer, bind_by(Who::Li, kind(111), None), "PersonBound"),
        ],
    );
}

#[test]
fn two_officers_join_a_second_account_after_the_cooling_time() {
    let mut story = bound_city();
    tell(
        &mut story,
        &[
            (Who::IdentityOfficer, duplicate(Who::Zhang, Who::Zhang), "identity.into_itself"),
            (Who::IdentityOfficer, duplicate(Who::Zhang, Who::Stranger), "identity.not_found"),
            (Who::IdentityOfficer, duplicate(Who::Zhang, Who::Mayor), "identity.not_bound"),
            (Who::IdentityOfficer, duplicate(Who::Mayor, Who::Zhang), "identity.not_bound"),
            (Who::IdentityOfficer, bind_company(Who::Eve, COMPANY), "CompanyBound"),
            (Who::IdentityOfficer, duplicate(Who::Zhang, Who::Eve), "identity.not_a_person"),
            (Who::IdentityOfficer, duplicate(Who::Eve, Who::Zhang), "identity.not_a_person"),
            (Who::RecoveryApprover, duplicate(Who::Zhang, Who::Li), "tx.denied"),
            (Who::Zhang, duplicate(Who::Zhang, Who::Li), "tx.denied"),
            // Whoever holds a role of the network neither ends nor gets what another one has.
            (Who::Admin, grant_role(Who::Li, Role::Witness), "RoleGranted"),
            (Who::IdentityOfficer, duplicate(Who::Zhang, Who::Li), "identity.network_role_held"), // I16
            (Who::IdentityOfficer, duplicate(Who::Li, Who::Zhang), "identity.network_role_held"), // I16
            (Who::Admin, withdraw_role(Who::Li, Role::Witness), "RoleWithdrawn"),
            (Who::IdentityOfficer, duplicate(Who::Zhang, Who::Li), "ProposalRecorded"),
            (Who::IdentityOfficer, duplicate(Who::Zhang, Who::Li), "identity.proposal_open"),
        ],
    );
    let confirm = confirm_last(&story, Who::Zhang);
    tell(&mut story, &[(Who::RecoveryApprover, confirm.clone(), "identity.cooling_not_over")]); // I20
    story.pass_millis(COOLING_MILLIS - 60_000);
    tell(
        &mut story,
        &[
            (Who::RecoveryApprover, confirm.clone(), "identity.cooling_not_over"), // I20
            (Who::Zhang, sealing(blob(2, 32)), "SealingKeyAdded"),                 // nothing has happened yet
            (Who::Admin, suspend(Who::Zhang), "Suspended"),
        ],
    );
    story.pass_millis(60_000);
    tell(
        &mut story,
        &[
            (Who::RecoveryApprover, confirm.clone(), "identity.suspended"), // I20: he could not object
            (Who::Admin, resume(Who::Zhang), "Resumed"),
            (Who::RecoveryApprover, confirm.clone(), "identity.cooling_not_over"), // I20: it begins anew
        ],
    );
    story.pass_millis(COOLING_MILLIS);
    tell(
        &mut story,
        &[
            (Who::IdentityOfficer, confirm.clone(), "tx.denied"), // I13
            (Who::RecoveryApprover, confirm, "AccountEnded"),
            (Who::Zhang, sealing(blob(3, 32)), "tx.account_ended"), // I8
        ],
    );
    let found = story.ask(|state| {
        let (zhang, li, at) = (Who::Zhang.account(), Who::Li.account(), story.time());
        let capacity = representation::capacity(state, &li, &zhang, None, at)?;
        Ok((status(state, &zhang)?, successor(state, &zhang)?, capacity))
    });
    let li = Who::Li.account();
    assert_eq!(found, Ok((Status::MergedInto(li), Some(li), Some(Capacity::Successor))));
    // What was an error is annulled, like any other end.
    tell(
        &mut story,
        &[
            (Who::RecoveryApprover, annul_ending(Who::Zhang), "EndingAnnulled"),
            (Who::Zhang, sealing(blob(3, 32)), "SealingKeyAdded"),
        ],
    );
}

/// A time that runs while nobody could object, or that is cut short behind the holder's back, is none.
#[test]
fn the_cooling_time_of_a_joining_is_whole() {
    let cooling = |minutes| {
        let cooling = PeriodMinutes::new(minutes).expect("a period");
        AnyCall::Identity(Call::SetPolicy { cooling, hearing: None })
    };
    let mut story = bound_city();
    tell(
        &mut story,
        &[
            (Who::IdentityOfficer, duplicate(Who::Zhang, Who::Li), "ProposalRecorded"),
            (Who::Admin, cooling(1), "PolicySet"),
        ],
    );
    let confirm = confirm_last(&story, Who::Zhang);
    story.pass_millis(COOLING_MILLIS - 60_000);
    tell(&mut story, &[(Who::RecoveryApprover, confirm.clone(), "identity.cooling_not_over")]); // I20
    story.pass_millis(60_000);
    tell(&mut story.clone(), &[(Who::RecoveryApprover, confirm, "AccountEnded")]);
    // Recorded while the account is suspended: the time begins with its resumption, and runs while it is frozen.
    let mut story = bound_city();
    tell(
        &mut story,
        &[
            (Who::Admin, suspend(Who::Zhang), "Suspended"),
            (Who::IdentityOfficer, duplicate(Who::Zhang, Who::Li), "ProposalRecorded"),
        ],
    );
    let confirm = confirm_last(&story, Who::Zhang);
    story.pass_millis(COOLING_MILLIS);
    tell(
        &mut story,
        &[
            (Who::RecoveryApprover, confirm.clone(), "identity.suspended"), // I20
            (Who::Admin, resume(Who::Zhang), "Resumed"),
            (Who::RecoveryApprover, confirm.clone(), "identity.cooling_not_over"), // I20
        ],
    );
    let from = |story: &Story| proposal_of(story, Who::Zhang.account()).and_then(|proposal| proposal.confirmable_from);
    let until = from(&story).expect("it runs");
    assert!(story.time().plus_millis(COOLING_MILLIS - 60_000) < until, "it has begun anew");
    story.pass_millis(60_000);
    tell(
        &mut story,
        &[
            (Who::IdentityOfficer, freeze(Who::Zhang), "Frozen"),
            (Who::Admin, resume(Who::Zhang), "Resumed"), // of the freeze alone
        ],
    );
    assert_eq!(from(&story), Some(until), "a frozen account could object");
    story.pass_millis(COOLING_MILLIS - 60_000);
    tell(&mut story, &[(Who::RecoveryApprover, confirm, "AccountEnded")]);
}

/// Otherwise an officer would come to what another person has by his own office.
#[test]
fn no_officer_has_a_part_in_what_another_account_loses_to_him() {
    let mut story = bound_city();
    let bound = |who| bind_as(who, pseudonym_of(who), CIVIL);
    let ward = AnyCall::Representation(representation::Call::AppointGuardian {
        department: code(CIVIL),
        ward: Who::Li.account(),
        guardian: Who::RecoveryApprover.account(),
        until: None,
        papers: PAPERS,
    });
    tell(
        &mut story,
        &[
            (Who::CivilOfficer, bound(Who::IdentityOfficer), "PersonBound"),
            (Who::CivilOfficer, bound(Who::RecoveryApprover), "PersonBound"),
            (Who::Mayor, appoint(POLICE, Who::Trainee, &[]), "Appointed"),
            (Who::Mayor, grant(POLICE, Who::Trainee, Role::RecoveryApprover, None, TERM_END), "Granted"),
            (Who::IdentityOfficer, duplicate(Who::Zhang, Who::IdentityOfficer), "identity.oneself"), // I4
        ],
    );
    let mut of_ward = story.clone();
    tell(
        &mut of_ward,
        &[
            (Who::IdentityOfficer, duplicate(Who::Zhang, Who::Li), "ProposalRecorded"),
            (Who::CivilOfficer, ward, "GuardianAppointed"),
        ],
    );
    of_ward.pass_millis(COOLING_MILLIS);
    let confirm = confirm_last(&of_ward, Who::Zhang);
    tell(
        &mut of_ward,
        &[
            (Who::RecoveryApprover, confirm.clone(), "identity.oneself"), // I4: his ward's is his affair, too
            (Who::Trainee, confirm, "AccountEnded"),
        ],
    );
    tell(&mut story, &[(Who::IdentityOfficer, duplicate(Who::Zhang, Who::RecoveryApprover), "ProposalRecorded")]);
    story.pass_millis(COOLING_MILLIS);
    let confirm = confirm_last(&story, Who::Zhang);
    tell(
        &mut story,
        &[
            (Who::RecoveryApprover, confirm.clone(), "identity.oneself"), // I4
            (Who::Trainee, confirm, "AccountEnded"),
            (Who::RecoveryApprover, annul_ending(Who::Zhang), "identity.oneself"), // I4: it is his own now
            (Who::Trainee, annul_ending(Who::Zhang), "EndingAnnulled"),
        ],
    );
}

/// What he was in a department ends with the account in effect, and does not go over to the other one: he is appointed there again.
#[test]
fn rights_in_departments_do_not_follow_into_another_account() {
    let mut story = bound_city();
    let until = "2026-02-01T00:00:00Z";
    tell(
        &mut story,
        &[
            (Who::Mayor, appoint(APPROVAL, Who::Zhang, &[]), "Appointed"),
            (Who::Mayor, grant(APPROVAL, Who::Zhang, Role::DepartmentAdministrator, None, TERM_END), "Granted"),
            (Who::Mayor, grant(APPROVAL, Who::Zhang, Role::Approver, None, TERM_END), "Granted"),
            (Who::Mayor, name_deputy(APPROVAL, Who::Trainee, Who::Zhang, until), "DeputyNamed"),
        ],
    );
    let decides = |story: &Story, who| standing_of(story, who, Role::Approver, APPROVAL, None);
    assert!(decides(&story, Who::Trainee).is_some());
    tell(&mut story, &[(Who::IdentityOfficer, duplicate(Who::Zhang, Who::Li), "ProposalRecorded")]);
    story.pass_millis(COOLING_MILLIS);
    let confirm = confirm_last(&story, Who::Zhang);
    tell(
        &mut story,
        &[
            (Who::RecoveryApprover, confirm, "AccountEnded"),
            (Who::Zhang, appoint(APPROVAL, Who::Eve, &[]), "tx.account_ended"),
            (Who::Li, appoint(APPROVAL, Who::Eve, &[]), "tx.denied"),
        ],
    );
    assert_eq!(decides(&story, Who::Trainee), None, "nobody stands in for an account that has ended");
    assert_eq!(decides(&story, Who::Li), None);
    tell(
        &mut story,
        &[
            (Who::Mayor, dismiss(APPROVAL, Who::Zhang), "Dismissed"),
            (Who::Mayor, appoint(APPROVAL, Who::Li, &[]), "Appointed"),
            (Who::Mayor, grant(APPROVAL, Who::Li, Role::Approver, None, TERM_END), "Granted"),
        ],
    );
    assert_eq!(decides(&story, Who::Li), Some(Standing::Own));
}

/// The other account takes back what this one has given; whether or not the joining is annulled later, it stays taken back.
#[test]
fn agencies_of_an_account_that_was_joined_rest_and_the_other_one_revokes_them() {
    let mut story = bound_city();
    let mandate = representation::Mandate { items: None, acts: None, from: None, until: time(TERM_END) };
    let name = |agent: Who| {
        let (principal, agent, mandate) = (Who::Zhang.account(), agent.account(), mandate.clone());
        AnyCall::Representation(representation::Call::NameAgent { principal, agent, mandate })
    };
    let revoke = |agency| AnyCall::Representation(representation::Call::RevokeAgency { agency });
    tell(
        &mut story,
        &[
            (Who::IdentityOfficer, bind(Who::Mayor), "PersonBound"),
            (Who::IdentityOfficer, bind(Who::Clerk), "PersonBound"),
        ],
    );
    let mut named = |agent| story.act(&Who::Zhang.key(), vec![name(agent).to_bytes()]).number;
    let (mayors, clerks) = (named(Who::Mayor), named(Who::Clerk));
    let as_what = |story: &Story, actor: Who| {
        let (actor, principal, at) = (actor.account(), Who::Zhang.account(), story.time());
        story.ask(|state| representation::capacity(state, &actor, &principal, None, at).map_err(Stop::from))
    };
    assert_eq!(as_what(&story, Who::Mayor), Ok(Some(Capacity::Agent { agency: mayors })));
    tell(&mut story, &[(Who::IdentityOfficer, duplicate(Who::Zhang, Who::Li), "ProposalRecorded")]);
    story.pass_millis(COOLING_MILLIS);
    let confirm = confirm_last(&story, Who::Zhang);
    tell(&mut story, &[(Who::RecoveryApprover, confirm, "AccountEnded")]);
    assert_eq!(as_what(&story, Who::Mayor), Ok(None), "an agency ends with either side");
    tell(
        &mut story,
        &[
            (Who::Eve, revoke(mayors), "representation.not_entitled"),
            (Who::Li, name(Who::Clerk), "representation.not_active"), // not in the name of what has ended
            (Who::Li, revoke(mayors), "AgencyEnded"),
            (Who::RecoveryApprover, annul_ending(Who::Zhang), "EndingAnnulled"),
            (Who::Li, revoke(clerks), "representation.not_entitled"),
        ],
    );
    let found = story.ask(|state| representation::agency(state, mayors).map_err(Stop::from)).expect("a record is read");
    assert_eq!(found.and_then(|agency| agency.end).map(|end| end.capacity), Some(Capacity::Successor));
    assert_eq!(as_what(&story, Who::Mayor), Ok(None));
    assert_eq!(as_what(&story, Who::Clerk), Ok(Some(Capacity::Agent { agency: clerks })), "the joining was an error");
    assert_eq!(as_what(&story, Who::Li), Ok(None));
}

/// Otherwise two officers would take with it at once what a recovery gives them only after the person could object.
#[test]
fn whoever_would_lose_his_account_objects_with_any_key() {
    let mut story = bound_city();
    tell(&mut story, &[(Who::IdentityOfficer, duplicate(Who::Zhang, Who::Li), "ProposalRecorded")]);
    let first = number(&story, Who::Zhang);
    let confirm = confirm_last(&story, Who::Zhang);
    tell(
        &mut story,
        &[
            (Who::Li, object_to_joining(first), "identity.proposal_not_found"), // of one's own account alone
            (Who::Zhang, object_to_joining(first + 1), "identity.proposal_not_found"),
            (Who::IdentityOfficer, freeze(Who::Zhang), "Frozen"),
            (Who::Zhang, object_to_joining(first), "JoiningObjected"), // I15, I20: frozen or not
            (Who::Zhang, object_to_joining(first), "identity.proposal_not_found"),
        ],
    );
    let settlement = proposal_of(&story, Who::Zhang.account()).and_then(|proposal| proposal.settlement);
    let Some(Settlement { confirmed: false, department: None, officer, .. }) = settlement else {
        panic!("the holder has objected: {settlement:?}")
    };
    assert_eq!(officer, Who::Zhang.account());
    story.pass_millis(COOLING_MILLIS);
    tell(
        &mut story,
        &[
            (Who::RecoveryApprover, confirm, "identity.proposal_not_found"), // I20
            // Who does not want to give a second account up has its binding taken back, to which nobody objects.
            (Who::IdentityOfficer, correct(Who::Zhang, Correction::Unbind {}), "ProposalRecorded"),
        ],
    );
    let second = number(&story, Who::Zhang);
    let confirm = confirm_last(&story, Who::Zhang);
    tell(
        &mut story,
        &[
            (Who::Zhang, object_to_joining(second), "identity.proposal_not_found"),
            (Who::RecoveryApprover, confirm, "BindingCorrected"),
        ],
    );
}

/// Nothing is done about what a person has with the account that ends: it is found from there.
#[test]
fn what_a_person_has_with_his_second_account_follows_him() {
    let mut story = case_test_cast::town();
    tell(
        &mut story,
        &[
            (Who::IdentityOfficer, test_cast::bind(Who::Zhang), "PersonBound"),
            (Who::IdentityOfficer, test_cast::bind(Who::Li), "PersonBound"),
            (Who::Issuer, licence_test_cast::issue("OWN"), "Issued"),
        ],
    );
    let case = case_test_cast::accepted(&mut story, case_test_cast::application());
    tell(
        &mut story,
        &[
            (Who::Li, case_test_cast::withdraw(&case), "cases.no_capacity"),
            (Who::IdentityOfficer, duplicate(Who::Zhang, Who::Li), "ProposalRecorded"),
        ],
    );
    story.pass_millis(COOLING_MILLIS);
    let confirm = confirm_last(&story, Who::Zhang);
    tell(
        &mut story,
        &[
            (Who::RecoveryApprover, confirm, "AccountEnded"),
            (Who::Zhang, case_test_cast::withdraw(&case), "tx.account_ended"),
            (Who::Li, case_test_cast::withdraw(&case), "Ended"),
        ],
    );
    assert_eq!(licence_test_cast::held_by(&story, Who::Zhang), Some(licence_test_cast::id("OWN")), "it stays in place");
    let heir = story.ask(|state| successor(state, &Who::Zhang.account()).map_err(Stop::from));
    assert_eq!(heir, Ok(Some(Who::Li.account())));
}
