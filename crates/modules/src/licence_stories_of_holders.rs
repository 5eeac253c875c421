//! Stories of whose licences are when a holder dies, is dissolved or is merged into another organisation.

use crate::Call as AnyCall;
use crate::case_test_cast::{accept, application, decide, event, file, finish_reviews, receive, town};
use crate::cases::{Application, Event as CaseEvent};
use crate::ending_stories::{OTHER_COMPANY, carry_through, record_death, record_merger, withdraw_role};
use crate::identity::EndingKind;
use crate::licence_test_cast::*;
use crate::licences::*;
use crate::recovery_stories::{COMPANY, bind_company};
use crate::test_cast::{APPROVAL, Who, bind, tell};
use tongban_kernel::Role;
use tongban_kernel::testing::Story;
use tongban_types::codes::LicenceIdentifier;

fn second() -> LicenceIdentifier {
    identifier_of(APPROVAL, "A", 2)
}

/// Has two organisations bound, and the first of them hold a licence.
fn with_organisations(story: &mut Story) {
    tell(
        story,
        &[
            (Who::Admin, withdraw_role(Who::Bob, Role::Depositor), "RoleWithdrawn"), // who serves the network is bound to nobody
            (Who::IdentityOfficer, bind_company(Who::Eve, COMPANY), "CompanyBound"),
            (Who::IdentityOfficer, bind_company(Who::Bob, OTHER_COMPANY), "CompanyBound"),
            (Who::Issuer, issue_with(id("A"), Who::Eve, content()), "Issued"),
        ],
    );
}

fn merge(story: &mut Story) {
    carry_through(story, Who::IdentityOfficer, Who::Eve, record_merger(Who::Eve, Who::Bob), "AccountEnded");
}

fn account(who: Who) -> Holder {
    Holder::Account { account: who.account() }
}

#[test]
fn the_licence_of_a_merged_organisation_says_so_and_its_next_version_is_the_successors() {
    let mut story = with_type();
    with_organisations(&mut story);
    let before = story.time();
    merge(&mut story);
    let answer = verify(&story, &id("A"), story.time());
    let remark = answer.holder_ended.expect("the holder has ended (I10)");
    assert_eq!(answer.status, Status::Valid, "time decides nothing");
    assert_eq!(remark.how, EndingKind::MergedInto { account: Who::Bob.account() });
    assert_eq!((remark.since > before, remark.successor), (true, Some(Who::Bob.account())));
    assert_eq!(verify(&story, &id("A"), before).holder_ended, None, "it had not then");
    assert_eq!(held_by(&story, Who::Eve), Some(id("A")), "as long as nobody has changed it");
    tell(
        &mut story,
        &[
            (Who::Issuer, issue_with(id("B"), Who::Eve, content()), "licences.holder_ended"), // I10
            (Who::Issuer, supersede("A"), "Superseded"),
        ],
    );
    assert_eq!(record(&story, &second()).holder, account(Who::Bob)); // I10
    assert_eq!((held_by(&story, Who::Eve), held_by(&story, Who::Bob)), (None, Some(second())));
    assert_eq!(verify(&story, &second(), story.time()).holder_ended, None);
}

#[test]
fn the_successor_has_the_licence_changed_in_a_case_of_its_own() {
    let mut story = town();
    with_organisations(&mut story);
    merge(&mut story);
    tell(&mut story, &[(Who::MarketDataOfficer, register_as(2, None, strict()), "TypeRegistered")]);
    let own = Application { applicant: Who::Bob.account(), ..application() };
    let CaseEvent::Filed { case, .. } = event(&story.act(&Who::Bob.key(), vec![file(own).to_bytes()])) else {
        panic!("expected an application")
    };
    tell(&mut story, &[(Who::Receiver, receive(&case), "Received"), (Who::Acceptor, accept(&case), "Accepted")]);
    finish_reviews(&mut story, &case);
    let change = AnyCall::Licences(Call::Supersede {
        identifier: id("A"),
        cause: SupersessionCause::Change,
        case: Some(case.clone()),
        content: content(),
        ground: None,
    });
    tell(
        &mut story,
        &[
            (Who::Issuer, change.clone(), "licences.case_not_granted"),
            (Who::Approver, decide(&case), "Decided"),
            (Who::Issuer, change, "Superseded"), // I10
        ],
    );
    let licence = record(&story, &second());
    assert_eq!((licence.holder, licence.case), (account(Who::Bob), Some(case)));
}

#[test]
fn nothing_is_issued_to_who_has_died_and_what_he_held_says_so() {
    let mut story = with_type();
    tell(&mut story, &[(Who::IdentityOfficer, bind(Who::Zhang), "PersonBound"), (Who::Issuer, issue("A"), "Issued")]);
    carry_through(&mut story, Who::CivilOfficer, Who::Zhang, record_death(Who::Zhang), "AccountEnded");
    tell(
        &mut story,
        &[
            (Who::Issuer, issue("B"), "licences.holder_ended"), // I10
            (Who::Issuer, supersede("A"), "Superseded"),        // a wrong field is put right all the same
        ],
    );
    assert_eq!(record(&story, &second()).holder, account(Who::Zhang)); // I5
    let remark = verify(&story, &second(), story.time()).holder_ended.expect("he has died (I10)");
    assert_eq!((remark.how, remark.successor), (EndingKind::Deceased, None));
    let cancel = Call::Cancel { identifier: second(), ground: ground() };
    tell(&mut story, &[(Who::Issuer, AnyCall::Licences(cancel), "Cancelled")]);
}
