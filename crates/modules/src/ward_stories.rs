//! Stories of wards: a guardian has the account recovered in his ward's place (监护人代为申请).

use crate::Call as AnyCall;
use crate::ending_stories::{carry_through, record_death};
use crate::identity::{ClosingKind, Event, Presented};
use crate::recovery_stories::{
    COOLING_MILLIS, PAPERS, act_with_key, approve, blob, bound_city, names, notice, object, open_recovery, recovery_of,
    sealing,
};
use crate::representation::Call;
use crate::test_cast::{CIVIL, POLICE, TERM_END, Who, bind, code, grant, pseudonym_of, secret, tell};
use tongban_kernel::Role;
use tongban_kernel::testing::Story;
use tongban_types::{Outcome, codec};

fn appoint(ward: Who, guardian: Who) -> AnyCall {
    AnyCall::Representation(Call::AppointGuardian {
        department: code(CIVIL),
        ward: ward.account(),
        guardian: guardian.account(),
        until: None,
        papers: PAPERS,
    })
}

fn end(ward: Who, guardian: Who) -> AnyCall {
    AnyCall::Representation(Call::EndGuardianship {
        department: code(CIVIL),
        ward: ward.account(),
        guardian: guardian.account(),
        papers: PAPERS,
    })
}

fn guardian(who: Who) -> Presented {
    Presented::Guardian { guardian: who.account(), pseudonym: pseudonym_of(who) }
}

/// A city in which Zhang is Li's guardian, with a recovery of Li's account that he has had opened and of which was told; its number.
fn told() -> (Story, u64) {
    let mut story = bound_city();
    tell(&mut story, &[(Who::CivilOfficer, appoint(Who::Li, Who::Zhang), "GuardianAppointed")]);
    let open = open_recovery(&story, Who::Li, guardian(Who::Zhang), &secret(70));
    let receipt = story.act(&Who::IdentityOfficer.key(), vec![open.to_bytes()]);
    let Outcome::Applied { events } = &receipt.outcome else { panic!("refused: {:?}", receipt.outcome) };
    let event: crate::Event = codec::decode(events[0].as_ref()).expect("an event of ours");
    let crate::Event::Identity(Event::RecoveryOpened { guardian, .. }) = event else { panic!("it is opened") };
    assert_eq!(guardian, Some(Who::Zhang.account()), "the event says who came");
    tell(&mut story, &[(Who::IdentityOfficer, notice(receipt.number), "NoticeRecorded")]);
    (story, receipt.number)
}

#[test]
fn a_guardian_has_the_account_of_his_ward_recovered() {
    let (mut story, number) = told();
    tell(&mut story, &[(Who::RecoveryApprover, approve(number), "RecoveryApproved")]);
    tell(&mut story.clone(), &[(Who::Li, object(number), "RecoveryStopped")]); // whoever has the key can object
    assert_eq!(names(&story.pass_millis(COOLING_MILLIS + 60_000)), ["RecoveryCompleted"]);
    assert_eq!(recovery_of(&story, number).presented, guardian(Who::Zhang));
    tell(&mut story, &[(Who::Li, sealing(blob(2, 32)), "tx.key_revoked")]);
    assert_eq!(act_with_key(&mut story, Who::Li, &secret(70), &sealing(blob(2, 32))), "SealingKeyAdded");
}

#[test]
fn nobody_else_comes_in_a_wards_place() {
    let mut story = bound_city();
    let by_zhang = open_recovery(&story, Who::Li, guardian(Who::Zhang), &secret(70));
    let as_ward = open_recovery(&story, Who::Zhang, guardian(Who::Li), &secret(71));
    let with_papers_of_li = Presented::Guardian { guardian: Who::Zhang.account(), pseudonym: pseudonym_of(Who::Li) };
    let with_papers_of_li = open_recovery(&story, Who::Li, with_papers_of_li, &secret(72));
    let by_officer = open_recovery(&story, Who::Li, guardian(Who::IdentityOfficer), &secret(73));
    tell(
        &mut story,
        &[
            (Who::IdentityOfficer, by_zhang.clone(), "identity.not_guardian"), // I21
            (Who::CivilOfficer, appoint(Who::Li, Who::Zhang), "GuardianAppointed"),
            (Who::IdentityOfficer, as_ward, "identity.not_guardian"), // I21: not the other way round
            (Who::IdentityOfficer, with_papers_of_li, "identity.identity_mismatch"), // I9
            (Who::IdentityOfficer, by_officer, "identity.oneself"),   // I4
            (Who::CivilOfficer, end(Who::Li, Who::Zhang), "GuardianshipEnded"),
            (Who::IdentityOfficer, by_zhang, "identity.not_guardian"), // I21
        ],
    );
}

#[test]
fn a_guardianship_that_ends_meanwhile_ends_the_recovery() {
    // Before the approval, and named again since: that is another guardianship.
    let (mut story, number) = told();
    tell(
        &mut story,
        &[
            (Who::CivilOfficer, end(Who::Li, Who::Zhang), "GuardianshipEnded"),
            (Who::RecoveryApprover, approve(number), "identity.not_guardian"), // I21
        ],
    );
    story.pass_millis(60_000);
    tell(
        &mut story,
        &[
            (Who::CivilOfficer, appoint(Who::Li, Who::Zhang), "GuardianAppointed"),
            (Who::RecoveryApprover, approve(number), "identity.not_guardian"), // I21
        ],
    );
    // After it.
    let (mut story, number) = told();
    tell(
        &mut story,
        &[
            (Who::RecoveryApprover, approve(number), "RecoveryApproved"),
            (Who::CivilOfficer, end(Who::Li, Who::Zhang), "GuardianshipEnded"),
        ],
    );
    assert_eq!(names(&story.pass_millis(COOLING_MILLIS + 60_000)), ["RecoveryStopped"]);
    let kind = recovery_of(&story, number).closing.map(|closing| closing.kind);
    assert_eq!(kind, Some(ClosingKind::GuardianshipEnded)); // I21
    tell(&mut story, &[(Who::Li, sealing(blob(2, 32)), "SealingKeyAdded")]);
    // With the guardian's death.
    let (mut story, number) = told();
    carry_through(&mut story, Who::CivilOfficer, Who::Zhang, record_death(Who::Zhang), "AccountEnded");
    tell(&mut story, &[(Who::RecoveryApprover, approve(number), "identity.not_guardian")]); // I21
}

/// An officer who is the guardian does not approve in office what he has asked for.
#[test]
fn a_guardian_does_not_approve_his_own_recovery() {
    let mut story = bound_city();
    tell(
        &mut story,
        &[
            (Who::IdentityOfficer, bind(Who::PoliceDataOfficer), "PersonBound"),
            (Who::Mayor, grant(POLICE, Who::PoliceDataOfficer, Role::RecoveryApprover, None, TERM_END), "Granted"),
            (Who::CivilOfficer, appoint(Who::Li, Who::PoliceDataOfficer), "GuardianAppointed"),
        ],
    );
    let open = open_recovery(&story, Who::Li, guardian(Who::PoliceDataOfficer), &secret(70));
    let number = story.act(&Who::IdentityOfficer.key(), vec![open.to_bytes()]).number;
    tell(
        &mut story,
        &[
            (Who::IdentityOfficer, notice(number), "NoticeRecorded"),
            (Who::PoliceDataOfficer, approve(number), "identity.oneself"), // I4
            (Who::RecoveryApprover, approve(number), "RecoveryApproved"),
        ],
    );
}
