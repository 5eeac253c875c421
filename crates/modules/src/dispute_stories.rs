//! Stories of recoveries to which a key of a frozen account has objected (异议): a thief is not heard for ever, and two officers gain nothing.

use crate::Call as AnyCall;
use crate::ending_stories::{account_call, freeze};
use crate::identity::{
    Call, ClosingKind, FREEZE_MILLIS, FreezeReason, PeriodMinutes, Recovery, Ruling, Side, Status, status,
};
use crate::recovery_stories::{
    COOLING_MILLIS, PAPERS, act_with_key, approve, blob, bound_city, cooling, names, notice, object, opened,
    recovery_of, reject, resume, sealing, stop, suspend,
};
use crate::test_cast::{
    CIVIL, MARKET, POLICE, TERM_END, Who, appoint, authorise, code, grant, outcome_name, secret, tell, text,
};
use tongban_kernel::testing::Story;
use tongban_kernel::{Role, Stop};
use tongban_types::AccountId;

const MINUTE_MILLIS: u64 = 60_000;
/// How long both sides have to appear until another time is set, and as long again an officer to decide.
const HEARING_MILLIS: u64 = 7 * 24 * 60 * MINUTE_MILLIS;

pub fn hear_at(department: &'static str, recovery: u64, side: Side) -> AnyCall {
    AnyCall::Identity(Call::RecordAppearance { department: code(department), recovery, side, papers: PAPERS })
}

fn hear(recovery: u64, side: Side) -> AnyCall {
    hear_at(CIVIL, recovery, side)
}

fn decide_with(department: &'static str, recovery: u64, ruling: Ruling, reason: &str) -> AnyCall {
    let (department, reason) = (code(department), text(reason));
    AnyCall::Identity(Call::DecideObjection { department, recovery, ruling, reason, papers: PAPERS })
}

pub fn decide_at(department: &'static str, recovery: u64, ruling: Ruling) -> AnyCall {
    decide_with(department, recovery, ruling, "双方到场核实")
}

fn decide(recovery: u64, ruling: Ruling) -> AnyCall {
    decide_at(CIVIL, recovery, ruling)
}

/// Gives the issuer of civil affairs, who has had no part in anything, the role to decide.
pub fn third_officer() -> AnyCall {
    grant(CIVIL, Who::CivilIssuer, Role::RecoveryApprover, None, TERM_END)
}

/// A city in which Zhang's account is frozen and being recovered, and somebody with its key has objected; the recovery.
fn disputed() -> (Story, u64) {
    let mut story = bound_city();
    tell(&mut story, &[(Who::Mayor, third_officer(), "Granted"), (Who::IdentityOfficer, freeze(Who::Zhang), "Frozen")]);
    let number = cooling(&mut story, Who::Zhang, &secret(70));
    tell(&mut story, &[(Who::Zhang, object(number), "RecoveryDisputed")]);
    (story, number)
}

fn status_of(story: &Story) -> Status {
    story.ask(|state| status(state, &Who::Zhang.account()).map_err(Stop::from)).expect("a record is read")
}

fn ended(recovery: &Recovery) -> Option<(ClosingKind, AccountId)> {
    recovery.closing.as_ref().map(|closing| (closing.kind, closing.by))
}

#[test]
fn a_thief_objects_once_and_the_person_who_comes_gets_a_new_key() {
    let (mut story, number) = disputed();
    let by_market = |call: fn(&'static str, u64) -> AnyCall| call(MARKET, number);
    tell(
        &mut story,
        &[
            (Who::Zhang, object(number), "identity.objected_before"), // I18
            (Who::Zhang, sealing(blob(2, 32)), "tx.account_frozen"),  // I15
            (Who::IdentityOfficer, notice(number), "identity.recovery_disputed"), // I18
            (Who::Li, hear(number, Side::Objector), "tx.denied"),
            (Who::Zhang, decide(number, Ruling::Uphold), "tx.account_frozen"),
            (Who::Admin, decide(number, Ruling::Dismiss), "tx.denied"),
            (Who::CivilOfficer, hear(number, Side::Claimant), "tx.denied"), // the role that opens does not decide
            (Who::CivilOfficer, decide(number, Ruling::Dismiss), "tx.denied"),
            (Who::CivilIssuer, decide(number + 9, Ruling::Dismiss), "identity.recovery_not_found"),
            (Who::CivilIssuer, decide_with(CIVIL, number, Ruling::Dismiss, ""), "identity.reason_missing"),
            (
                Who::CivilIssuer,
                decide_with(CIVIL, number, Ruling::Dismiss, "11010519491231002X"),
                "identity.citizen_number", // I17
            ),
            (Who::CivilIssuer, decide(number, Ruling::Dismiss), "identity.hearing_not_over"), // I18
            (Who::Mayor, appoint(MARKET, Who::Trainee, &[]), "Appointed"),
            (Who::Mayor, grant(MARKET, Who::Trainee, Role::RecoveryApprover, None, TERM_END), "Granted"),
            (
                Who::Trainee,
                by_market(|department, number| hear_at(department, number, Side::Claimant)),
                "identity.department_not_authorised", // I11
            ),
            (Who::CivilIssuer, hear(number, Side::Claimant), "AppearanceRecorded"),
            (Who::CivilIssuer, hear(number, Side::Claimant), "identity.appeared_before"),
            (Who::CivilIssuer, decide(number, Ruling::Dismiss), "identity.hearing_not_over"), // the thief does not come
        ],
    );
    assert_eq!(names(&story.pass_millis(HEARING_MILLIS)), [""; 0], "no cooling time runs meanwhile"); // I18
    assert!(matches!(status_of(&story), Status::Frozen(_)));
    tell(
        &mut story,
        &[
            (Who::CivilIssuer, decide(number, Ruling::Dismiss), "ObjectionDismissed"),
            (Who::CivilIssuer, decide(number, Ruling::Uphold), "identity.not_disputed"),
            (Who::CivilIssuer, hear(number, Side::Objector), "identity.not_disputed"),
            (Who::Zhang, object(number), "identity.objected_before"), // I18
            (Who::Zhang, sealing(blob(2, 32)), "tx.account_frozen"),
        ],
    );
    assert_eq!(names(&story.pass_millis(COOLING_MILLIS - MINUTE_MILLIS)), [""; 0], "it begins anew"); // I10
    assert!(matches!(status_of(&story), Status::Frozen(_)), "as long as that takes"); // I15
    assert_eq!(names(&story.pass_millis(2 * MINUTE_MILLIS)), ["RecoveryCompleted"]);
    tell(&mut story, &[(Who::Zhang, sealing(blob(2, 32)), "tx.key_revoked")]);
    assert_eq!(act_with_key(&mut story, Who::Zhang, &secret(70), &sealing(blob(2, 32))), "SealingKeyAdded");
    assert_eq!(names(&story.pass_millis(4 * HEARING_MILLIS)), [""; 0], "the acts of time find it done");
    // The recovery tells all of it.
    let dispute = recovery_of(&story, number).dispute.expect("it was disputed");
    let decision = dispute.decision.expect("it was decided");
    assert_eq!((decision.ruling, decision.officer), (Ruling::Dismiss, Who::CivilIssuer.account()));
    let sides: Vec<_> = dispute.appearances.iter().map(|appearance| (appearance.side, appearance.officer)).collect();
    assert_eq!(sides, [(Side::Claimant, Who::CivilIssuer.account())]);
    assert_eq!(dispute.decide_by, dispute.at.plus_millis(2 * HEARING_MILLIS));
}

#[test]
fn the_holder_whom_somebody_else_passed_for_comes_and_keeps_his_account() {
    let (mut story, number) = disputed();
    tell(
        &mut story,
        &[
            (Who::CivilIssuer, hear(number, Side::Objector), "AppearanceRecorded"),
            (Who::CivilIssuer, hear(number, Side::Claimant), "AppearanceRecorded"),
            (Who::CivilIssuer, decide(number, Ruling::Uphold), "RecoveryStopped"), // both have come: at once
            (Who::CivilIssuer, decide(number, Ruling::Dismiss), "identity.recovery_closed"),
            (Who::Zhang, sealing(blob(2, 32)), "SealingKeyAdded"), // the freeze is over, too
            (Who::IdentityOfficer, freeze(Who::Zhang), "identity.frozen_lately"), // I15
        ],
    );
    let recovery = recovery_of(&story, number);
    assert_eq!(ended(&recovery), Some((ClosingKind::Upheld, Who::CivilIssuer.account())));
    assert_eq!(names(&story.pass_millis(4 * HEARING_MILLIS)), [""; 0]);
    opened(&mut story, Who::Zhang, &secret(71)); // the next one is another matter
}

#[test]
fn nobody_gets_a_key_who_does_not_come() {
    let (mut story, number) = disputed();
    story.pass_millis(HEARING_MILLIS);
    tell(&mut story, &[(Who::CivilIssuer, decide(number, Ruling::Dismiss), "identity.not_appeared")]); // I18
    let mut late = story.clone();
    tell(
        &mut story,
        &[
            (Who::CivilIssuer, hear(number, Side::Objector), "AppearanceRecorded"),
            (Who::CivilIssuer, decide(number, Ruling::Dismiss), "identity.not_appeared"),
            (Who::CivilIssuer, decide(number, Ruling::Uphold), "RecoveryStopped"),
        ],
    );
    // Whoever comes late, but before it is decided, has come.
    tell(
        &mut late,
        &[
            (Who::CivilIssuer, hear(number, Side::Claimant), "AppearanceRecorded"),
            (Who::CivilIssuer, decide(number, Ruling::Dismiss), "ObjectionDismissed"),
        ],
    );
}

#[test]
fn where_nobody_decides_the_account_stays_as_it_was() {
    let (mut story, number) = disputed();
    tell(&mut story, &[(Who::CivilIssuer, hear(number, Side::Claimant), "AppearanceRecorded")]);
    story.pass_millis(2 * HEARING_MILLIS - MINUTE_MILLIS);
    let mut waiting = story.clone();
    waiting.wait_millis(MINUTE_MILLIS);
    tell(&mut waiting, &[(Who::CivilIssuer, decide(number, Ruling::Dismiss), "identity.dispute_over")]);
    assert_eq!(names(&story.pass_millis(3 * MINUTE_MILLIS)), ["RecoveryStopped", "FreezeEnded"]); // I15, I18
    assert_eq!(ended(&recovery_of(&story, number)), Some((ClosingKind::Undecided, AccountId::LEDGER)));
    tell(
        &mut story,
        &[
            (Who::CivilIssuer, decide(number, Ruling::Dismiss), "identity.recovery_closed"),
            (Who::Zhang, sealing(blob(2, 32)), "SealingKeyAdded"),
        ],
    );
}

/// Who had a part in the recovery or in the freeze does not decide, whatever roles he has, nor do his colleagues where somebody else can.
#[test]
fn those_who_recover_an_account_do_not_decide_on_the_objection() {
    let mut story = bound_city();
    let approver = |who| grant(POLICE, who, Role::RecoveryApprover, None, TERM_END);
    let officer = |who| grant(POLICE, who, Role::IdentityOfficer, None, TERM_END);
    let withdraw_civil = AnyCall::Identity(Call::WithdrawAuthority { department: code(CIVIL) });
    tell(
        &mut story,
        &[
            (Who::Mayor, third_officer(), "Granted"),
            (Who::Mayor, approver(Who::IdentityOfficer), "Granted"),
            (Who::Mayor, appoint(POLICE, Who::Trainee, &[]), "Appointed"),
            (Who::Mayor, approver(Who::Trainee), "Granted"),
            (Who::Mayor, officer(Who::Trainee), "Granted"),
            (Who::Mayor, approver(Who::PoliceDataOfficer), "Granted"),
            (Who::Trainee, freeze(Who::Zhang), "Frozen"),
        ],
    );
    let number = cooling(&mut story, Who::Zhang, &secret(70));
    let at_police = || decide_at(POLICE, number, Ruling::Dismiss);
    tell(
        &mut story,
        &[
            (Who::CivilIssuer, decide(number, Ruling::Dismiss), "identity.not_disputed"),
            (Who::Zhang, object(number), "RecoveryDisputed"),
            (Who::IdentityOfficer, at_police(), "identity.same_officer"), // I18: opened it
            (Who::RecoveryApprover, at_police(), "identity.same_officer"), // I18: approved it
            (Who::Trainee, at_police(), "identity.same_officer"),         // I18: froze the account
            (Who::PoliceDataOfficer, at_police(), "identity.same_department"), // I18: civil affairs can
            (Who::PoliceDataOfficer, hear_at(POLICE, number, Side::Claimant), "identity.same_department"),
        ],
    );
    // In a network with one identity authority somebody else of that decides.
    tell(
        &mut story,
        &[
            (Who::Admin, withdraw_civil.clone(), "AuthorityWithdrawn"),
            (Who::CivilIssuer, decide(number, Ruling::Dismiss), "identity.department_not_authorised"),
            (Who::Trainee, at_police(), "identity.same_officer"),
            (Who::PoliceDataOfficer, hear_at(POLICE, number, Side::Claimant), "AppearanceRecorded"),
            (Who::Admin, authorise(CIVIL), "DepartmentAuthorised"),
            (Who::PoliceDataOfficer, hear_at(POLICE, number, Side::Objector), "identity.same_department"),
            (Who::CivilIssuer, hear(number, Side::Objector), "AppearanceRecorded"),
            (Who::CivilIssuer, decide(number, Ruling::Dismiss), "ObjectionDismissed"),
            (Who::Admin, withdraw_civil, "AuthorityWithdrawn"),
        ],
    );
    // A department that decided and is no authority any more lets nothing be completed.
    assert!(names(&story.pass_millis(COOLING_MILLIS + MINUTE_MILLIS)).contains(&"RecoveryStopped".to_owned()));
    let ended = ended(&recovery_of(&story, number)).map(|(kind, _)| kind);
    assert_eq!(ended, Some(ClosingKind::AuthorityWithdrawn)); // I11
}

#[test]
fn an_objection_before_the_approval_is_decided_first_and_the_one_who_decides_does_not_approve() {
    let mut story = bound_city();
    tell(&mut story, &[(Who::Mayor, third_officer(), "Granted"), (Who::IdentityOfficer, freeze(Who::Zhang), "Frozen")]);
    let number = opened(&mut story, Who::Zhang, &secret(70));
    let at_civil = AnyCall::Identity(Call::ApproveRecovery { department: code(CIVIL), recovery: number });
    tell(
        &mut story,
        &[
            (Who::IdentityOfficer, notice(number), "NoticeRecorded"),
            (Who::Zhang, object(number), "RecoveryDisputed"),
            (Who::RecoveryApprover, approve(number), "identity.recovery_disputed"), // I18
            (Who::CivilIssuer, hear(number, Side::Claimant), "AppearanceRecorded"),
            (Who::CivilIssuer, hear(number, Side::Objector), "AppearanceRecorded"),
            (Who::CivilIssuer, decide(number, Ruling::Dismiss), "ObjectionDismissed"),
            (Who::CivilIssuer, at_civil, "identity.same_officer"), // I18
        ],
    );
    assert_eq!(recovery_of(&story, number).completes_at, None);
    tell(&mut story, &[(Who::RecoveryApprover, approve(number), "RecoveryApproved")]);
    assert_eq!(names(&story.pass_millis(COOLING_MILLIS + MINUTE_MILLIS)), ["RecoveryCompleted"]);
}

/// An officer stops it for the person at any time, and a second officer rejects it; a suspension lets no cooling time run.
#[test]
fn officers_still_stop_what_was_disputed() {
    let (story, number) = disputed();
    let dismissed = |mut story: Story| {
        tell(
            &mut story,
            &[
                (Who::CivilIssuer, hear(number, Side::Claimant), "AppearanceRecorded"),
                (Who::CivilIssuer, hear(number, Side::Objector), "AppearanceRecorded"),
                (Who::CivilIssuer, decide(number, Ruling::Dismiss), "ObjectionDismissed"),
            ],
        );
        story
    };
    for mut story in [story.clone(), dismissed(story.clone())] {
        tell(
            &mut story.clone(),
            &[
                (Who::RecoveryApprover, reject(number, "材料不符"), "RecoveryStopped"),
                (Who::CivilIssuer, decide(number, Ruling::Dismiss), "identity.recovery_closed"),
            ],
        );
        tell(&mut story, &[(Who::IdentityOfficer, stop(number, "本人异议"), "RecoveryStopped")]);
        let later = names(&story.pass_millis(4 * HEARING_MILLIS));
        assert_eq!(later, ["FreezeEnded"], "nothing comes of it");
    }
    let mut story = story;
    tell(&mut story, &[(Who::Admin, suspend(Who::Zhang), "Suspended"), (Who::Admin, resume(Who::Zhang), "Resumed")]);
    assert_eq!(recovery_of(&story, number).completes_at, None); // I18
    let mut story = dismissed(story);
    assert!(recovery_of(&story, number).completes_at.is_some());
    tell(&mut story, &[(Who::Zhang, object(number), "identity.objected_before")]); // I18: frozen or not
}

/// Without a report the key is all that is known of who objects.
#[test]
fn an_objection_from_an_account_that_nobody_has_reported_lost_stops_the_recovery() {
    let misuse = account_call(
        Who::Zhang,
        |department, account| Call::Freeze { department, account, reason: FreezeReason::SuspectedMisuse },
        POLICE,
    );
    for (frozen, expected) in [
        (None, "RecoveryStopped"),
        (Some((Who::IdentityOfficer, misuse)), "RecoveryStopped"),
        (Some((Who::IdentityOfficer, freeze(Who::Zhang))), "RecoveryDisputed"),
        (
            Some((Who::Zhang, AnyCall::Identity(Call::FreezeOwn { reason: FreezeReason::KeyStolen }))),
            "RecoveryDisputed",
        ),
    ] {
        let mut story = bound_city();
        if let Some((who, call)) = frozen {
            tell(&mut story, &[(who, call, "Frozen")]);
        }
        let number = cooling(&mut story, Who::Zhang, &secret(70));
        tell(&mut story, &[(Who::Zhang, object(number), expected)]);
    }
}

#[test]
fn the_network_sets_how_long_the_sides_have() {
    let set = |hearing: Option<u16>| {
        let minutes = |minutes| PeriodMinutes::new(minutes).expect("within the bounds");
        AnyCall::Identity(Call::SetPolicy { cooling: minutes(60), hearing: hearing.map(minutes) })
    };
    let mut story = bound_city();
    tell(
        &mut story,
        &[
            (Who::Mayor, third_officer(), "Granted"),
            (Who::IdentityOfficer, set(Some(30)), "tx.denied"),
            (Who::Admin, set(Some(30)), "PolicySet"),
            (Who::Admin, set(None), "PolicySet"), // stays as it is
            (Who::IdentityOfficer, freeze(Who::Zhang), "Frozen"),
        ],
    );
    let until = match status_of(&story) {
        Status::Frozen(until) => until,
        other => panic!("it is frozen, not {other:?}"),
    };
    assert_eq!(until, story.time().plus_millis(FREEZE_MILLIS + 60 * MINUTE_MILLIS));
    let number = cooling(&mut story, Who::Zhang, &secret(70));
    tell(&mut story, &[(Who::Zhang, object(number), "RecoveryDisputed")]);
    assert_eq!(status_of(&story), Status::Frozen(until), "a short dispute shortens no freeze");
    story.pass_millis(31 * MINUTE_MILLIS);
    let receipt = story.act(&Who::CivilIssuer.key(), vec![decide(number, Ruling::Uphold).to_bytes()]);
    assert_eq!(outcome_name(&receipt.outcome), "RecoveryStopped");
}
