//! Stories of one person and one account: by which document he is bound, and what becomes of a second account (一人多户合并).

use crate::Call as AnyCall;
use crate::ending_stories::{
    account_call, add_document, annul_ending, confirm_last, correct, freeze, grant_role, proposal_of, withdraw_role,
};
use crate::identity::{AssuranceLevel, Call, Correction, FirstDocument, Settlement, Status, status, successor};
use crate::recovery_stories::{
    COMPANY, COOLING_MILLIS, PAPERS, bind_company, blob, bound_city, resume, sealing, suspend,
};
use crate::representation::{self, Capacity};
use crate::test_cast::{POLICE, Who, city, code, pseudonym_of, tell, text};
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
