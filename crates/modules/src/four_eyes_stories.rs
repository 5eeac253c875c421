//! Stories of what takes two administrators, and of those who would rather do it alone.

use crate::office_stories::{appointment_of, department_of, proposal_of, standing_of};
use crate::orgs::{Safeguard, Standing};
use crate::recovery_stories::{resume, suspend as suspend_account};
use crate::test_cast::*;
use crate::{Call as AnyCall, orgs};
use proptest::prelude::*;
use tongban_kernel::Role;
use tongban_kernel::testing::Story;

#[test]
fn with_four_eyes_who_prepares_does_not_approve() {
    let mut story = city();
    let (until, admin) = ("2029-01-01T00:00:00Z", Role::DepartmentAdministrator);
    tell(&mut story, &[(Who::Mayor, change(APPROVAL, four_eyes(true)), "DepartmentChanged")]);
    for role in [Role::Approver, Role::Head, admin, Role::IdentityOfficer, Role::RecoveryApprover] {
        let alone = grant(APPROVAL, Who::Trainee, role, None, until);
        tell(&mut story, &[(Who::Mayor, alone.clone(), "orgs.four_eyes"), (Who::Clerk, alone, "orgs.four_eyes")]); // I8
    }
    tell(
        &mut story,
        &[
            (Who::Clerk, grant(APPROVAL, Who::Trainee, Role::Receiver, None, until), "Granted"), // decides nothing
            (Who::Clerk, propose(APPROVAL, Who::Clerk, Role::Head, until), "orgs.oneself"),      // I5
            (Who::Clerk, propose(APPROVAL, Who::Li, Role::Head, until), "orgs.not_in_office"),
            (Who::Clerk, propose(APPROVAL, Who::Trainee, Role::Head, "2030-01-01T00:00:01Z"), "orgs.beyond_term"), // I4
            (Who::Clerk, propose(APPROVAL, Who::Trainee, Role::Approver, until), "Prepared"),
            (Who::Clerk, approve(APPROVAL, 1), "orgs.prepared_by_oneself"), // I8
            (Who::Clerk, approve(APPROVAL, 2), "orgs.proposal_unknown"),
            (Who::Mayor, approve(MARKET, 1), "orgs.proposal_unknown"),
            (Who::Trainee, approve(APPROVAL, 1), "tx.denied"),
        ],
    );
    assert_eq!(standing_of(&story, Who::Trainee, Role::Approver, APPROVAL, None), None, "proposed is not given");
    tell(
        &mut story,
        &[
            (Who::Mayor, approve(APPROVAL, 1), "Granted"),
            (Who::Mayor, approve(APPROVAL, 1), "orgs.proposal_settled"),
            (Who::Mayor, reject(APPROVAL, 1), "orgs.proposal_settled"),
        ],
    );
    assert_eq!(standing_of(&story, Who::Trainee, Role::Approver, APPROVAL, None), Some(Standing::Own));
    let held = appointment_of(&story, APPROVAL, Who::Trainee).grants[1].clone();
    assert_eq!((held.by, held.prepared_by), (Who::Mayor.account(), Some(Who::Clerk.account())));
    tell(
        &mut story,
        &[
            (Who::Mayor, propose(APPROVAL, Who::Clerk, Role::Head, until), "Prepared"),
            (Who::Clerk, approve(APPROVAL, 2), "orgs.oneself"), // I5: not for himself, whoever has prepared it
            (Who::Clerk, reject(APPROVAL, 2), "Rejected"),
            (Who::Mayor, reject(APPROVAL, 3), "orgs.proposal_unknown"),
            (Who::Mayor, approve(APPROVAL, 2), "orgs.proposal_settled"),
            (Who::Clerk, propose(APPROVAL, Who::Head, Role::Approver, until), "Prepared"),
            (Who::Mayor, withdraw(APPROVAL, Who::Clerk, admin, None), "GrantWithdrawn"),
            (Who::Mayor, approve(APPROVAL, 3), "orgs.preparer_lapsed"), // I8
        ],
    );
    let settlement = proposal_of(&story, APPROVAL, 2).settlement.expect("it was rejected");
    assert_eq!((settlement.approved, settlement.by), (false, Who::Clerk.account()));
}

#[test]
fn an_approval_is_bound_by_both_terms_and_by_what_has_become_of_the_officer() {
    let mut story = city();
    tell(
        &mut story,
        &[
            (Who::Mayor, propose(APPROVAL, Who::Trainee, Role::Head, "2030-01-01T12:00:00Z"), "Prepared"),
            (Who::Clerk, approve(APPROVAL, 1), "orgs.beyond_term"), // I4: his own term ends earlier
            (Who::Mayor, propose(APPROVAL, Who::Trainee, Role::Approver, TERM_END), "Prepared"),
            (Who::Mayor, dismiss(APPROVAL, Who::Trainee), "Dismissed"),
            (Who::Clerk, approve(APPROVAL, 2), "orgs.not_in_office"),
            // What is registered below wants four eyes, too.
            (Who::Mayor, change(APPROVAL, four_eyes(true)), "DepartmentChanged"),
            (Who::Clerk, register_below(APPROVAL, department_code(1)), "DepartmentRegistered"),
            (Who::Clerk, appoint(department_code(1), Who::Li, &[]), "Appointed"),
            (Who::Clerk, grant(department_code(1), Who::Li, Role::Head, None, TERM_END), "orgs.four_eyes"), // I8
        ],
    );
}

#[test]
fn with_four_eyes_one_administrator_alone_names_no_deputy_who_decides() {
    let until = "2026-02-01T00:00:00Z";
    let mut story = city();
    tell(&mut story, &[(Who::Clerk, name_deputy(APPROVAL, Who::Checker, Who::Approver, until), "DeputyNamed")]);
    let decides = |story: &Story, who| standing_of(story, who, Role::Approver, APPROVAL, None);
    assert!(decides(&story, Who::Checker).is_some());
    tell(
        &mut story,
        &[
            (Who::Mayor, change(APPROVAL, four_eyes(true)), "DepartmentChanged"),
            (Who::Clerk, name_deputy(APPROVAL, Who::Trainee, Who::Approver, until), "orgs.four_eyes"), // I8
            (Who::Clerk, name_deputy(APPROVAL, Who::Trainee, Who::Receiver, until), "DeputyNamed"),
            (Who::Clerk, propose_deputy(APPROVAL, Who::Clerk, Who::Approver, until), "orgs.oneself"), // I5
            (Who::Clerk, propose_deputy(APPROVAL, Who::Trainee, Who::Approver, until), "Prepared"),
            (Who::Clerk, approve(APPROVAL, 1), "orgs.prepared_by_oneself"), // I8
        ],
    );
    assert_eq!(decides(&story, Who::Checker), None, "named by one alone, when that was enough"); // I8
    assert_eq!(decides(&story, Who::Trainee), None);
    let receives = standing_of(&story, Who::Trainee, Role::Receiver, APPROVAL, None);
    assert_eq!(receives, Some(Standing::DeputyFor(Who::Receiver.account())));
    tell(&mut story, &[(Who::Mayor, approve(APPROVAL, 1), "DeputyNamed")]);
    assert_eq!(decides(&story, Who::Trainee), Some(Standing::DeputyFor(Who::Approver.account())));
}

#[test]
fn four_eyes_are_waived_by_two_and_one_of_them_from_above() {
    let mut story = city();
    let (below, until) = (department_code(1), "2029-01-01T00:00:00Z");
    let admin = Role::DepartmentAdministrator;
    let waive = |department| propose_waiver(department, Safeguard::FourEyes);
    tell(
        &mut story,
        &[
            (Who::Mayor, register_below(APPROVAL, below), "DepartmentRegistered"),
            (Who::Mayor, appoint(below, Who::Li, &[]), "Appointed"),
            (Who::Mayor, appoint(below, Who::Zhang, &[]), "Appointed"),
            (Who::Mayor, grant(below, Who::Li, admin, None, until), "Granted"),
            (Who::Mayor, grant(below, Who::Zhang, admin, None, until), "Granted"),
            (Who::Li, waive(below), "orgs.unchanged"),
            (Who::Clerk, change(below, four_eyes(true)), "DepartmentChanged"), // one from above switches them on
            (Who::Clerk, change(below, four_eyes(false)), "orgs.four_eyes"),   // I8: and none alone switches them off
            (Who::Mayor, change(below, four_eyes(false)), "orgs.four_eyes"),
            (Who::Li, waive(below), "Prepared"),
            (Who::Li, approve(below, 1), "orgs.prepared_by_oneself"), // I8
            (Who::Zhang, approve(below, 1), "orgs.beyond_scope"),     // I8: a department is not changed by itself
            (Who::Trainee, approve(below, 1), "tx.denied"),
            (Who::Clerk, approve(below, 1), "DepartmentChanged"),
            (Who::Mayor, approve(below, 1), "orgs.proposal_settled"),
            (Who::Li, grant(below, Who::Zhang, Role::Head, None, until), "Granted"),
            (Who::Clerk, change(below, four_eyes(true)), "DepartmentChanged"),
            (Who::Clerk, waive(below), "Prepared"),
            (Who::Li, approve(below, 2), "DepartmentChanged"), // the one from above may be he who prepares
            (Who::Li, waive(below), "orgs.unchanged"),
        ],
    );
    let settlement = proposal_of(&story, below, 2).settlement.expect("it was approved");
    assert_eq!((settlement.approved, settlement.by), (true, Who::Li.account()));
    // Of a root nobody is above: its own two do.
    let root = department_code(2);
    tell(
        &mut story,
        &[
            (Who::Admin, register(root), "DepartmentRegistered"),
            (Who::Admin, change_root(root, four_eyes(true)), "DepartmentChanged"),
            (Who::Admin, name_administrator(root, Who::Li, until), "AdministratorNamed"),
            (Who::Admin, name_administrator(root, Who::Zhang, until), "AdministratorNamed"),
            (Who::Admin, change_root(root, four_eyes(false)), "orgs.four_eyes"), // I8
            (Who::Admin, waive(root), "tx.denied"),
            (Who::Li, waive(root), "Prepared"),
            (Who::Zhang, approve(root, 1), "DepartmentChanged"),
        ],
    );
}

/// One administrator above could name an accomplice up there and have him approve below what he proposes himself.
#[test]
fn an_accomplice_above_is_no_second_pair_of_eyes() {
    let mut story = city();
    let (below, until) = (department_code(1), "2029-01-01T00:00:00Z");
    let admin = Role::DepartmentAdministrator;
    tell(
        &mut story,
        &[
            (Who::Mayor, register_below(APPROVAL, below), "DepartmentRegistered"),
            (Who::Mayor, appoint(GOVERNMENT, Who::Li, &[]), "Appointed"),
            (Who::Mayor, appoint(below, Who::Zhang, &[]), "Appointed"),
            (Who::Mayor, change(below, four_eyes(true)), "DepartmentChanged"),
            // Neither directly above nor higher up, though neither wants four eyes itself.
            (Who::Mayor, grant(APPROVAL, Who::Trainee, admin, None, until), "orgs.four_eyes"), // I8
            (Who::Mayor, grant(GOVERNMENT, Who::Li, admin, None, until), "orgs.four_eyes"),    // I8
            (Who::Mayor, grant(APPROVAL, Who::Trainee, Role::Head, None, until), "Granted"), // that counts there alone
            (Who::Mayor, grant(FIRE, Who::FireInspector, admin, None, until), "Granted"),    // nothing wants them below
            // Two name one, and then he counts.
            (Who::Clerk, propose(APPROVAL, Who::Trainee, admin, until), "Prepared"),
            (Who::Mayor, approve(APPROVAL, 1), "Granted"),
            (Who::Trainee, propose(below, Who::Zhang, Role::Head, until), "Prepared"),
            (Who::Clerk, approve(below, 1), "Granted"),
            // A root with one administrator has no second one to propose with: the network names him.
            (Who::Mayor, propose(GOVERNMENT, Who::Li, admin, until), "Prepared"),
            (Who::Mayor, approve(GOVERNMENT, 1), "orgs.prepared_by_oneself"),
            (Who::Admin, name_administrator(GOVERNMENT, Who::SecondApprover, until), "AdministratorNamed"),
            (Who::Admin, name_administrator(GOVERNMENT, Who::Issuer, until), "orgs.has_administrators"),
            (Who::SecondApprover, approve(GOVERNMENT, 1), "Granted"),
        ],
    );
    assert_eq!(
        (department_of(&story, GOVERNMENT).four_eyes_below, department_of(&story, below).four_eyes_below),
        (1, 0)
    );
    // What is registered below counts as well, and what is closed no longer.
    tell(
        &mut story,
        &[
            (Who::Mayor, register_below(below, department_code(2)), "DepartmentRegistered"),
            (Who::Mayor, change(department_code(2), close(None)), "DepartmentChanged"),
            (Who::Mayor, grant(APPROVAL, Who::Issuer, admin, None, until), "orgs.four_eyes"), // I8
            (Who::Mayor, change(below, close(None)), "DepartmentChanged"),
            (Who::Mayor, grant(APPROVAL, Who::Issuer, admin, None, until), "Granted"),
        ],
    );
    assert_eq!(department_of(&story, GOVERNMENT).four_eyes_below, 0);
}

#[test]
fn what_a_suspended_administrator_has_prepared_is_not_approved() {
    let mut story = city();
    let prepared = propose(APPROVAL, Who::Trainee, Role::Head, "2029-01-01T00:00:00Z");
    tell(
        &mut story,
        &[
            (Who::Clerk, prepared, "Prepared"),
            (Who::Admin, suspend_account(Who::Clerk), "Suspended"),
            (Who::Mayor, approve(APPROVAL, 1), "orgs.preparer_lapsed"), // I8, I11
            (Who::Admin, resume(Who::Clerk), "Resumed"),
            (Who::Mayor, approve(APPROVAL, 1), "Granted"),
        ],
    );
}

/// The administrator of the government, who does most of it, and those who do what he says.
const BAND: [Who; 4] = [Who::Mayor, Who::Mayor, Who::Li, Who::Trainee];

/// Something that one of the band does, for one of them or against the honest administrator between.
fn misdeed((kind, who, place, number): (u8, usize, usize, u8)) -> AnyCall {
    let friend = [Who::Li, Who::Trainee][who];
    let (lowest, above) = (department_code(1), [APPROVAL, GOVERNMENT][place]);
    let until = "2028-01-01T00:00:00Z";
    let role = [Role::Approver, Role::IdentityOfficer, Role::DepartmentAdministrator][usize::from(number % 3)];
    match kind {
        0..=3 => grant(above, friend, Role::DepartmentAdministrator, None, until),
        4 => propose(above, friend, Role::DepartmentAdministrator, until),
        5 => approve(above, 1 + u32::from(number % 4)),
        6 => grant(lowest, friend, role, None, until),
        7..=9 => propose(lowest, friend, role, until),
        10..=13 => approve(lowest, 1 + u32::from(number % 4)),
        14 => propose_waiver(lowest, Safeguard::FourEyes),
        15 => change(lowest, four_eyes(false)),
        16 => withdraw(APPROVAL, Who::Clerk, Role::DepartmentAdministrator, None),
        17 => dismiss(above, friend),
        18 => appoint(above, friend, &[]),
        _ => change(above, if number.is_multiple_of(2) { suspend() } else { orgs::Change::Resume {} }),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Four eyes are wanted at the lowest department alone, and the administrator of the uppermost has made up his mind. Whatever he does with all
    /// whom he can win, by whatever ways above: nobody comes to a role that decides down there, and four eyes stay wanted.
    #[test]
    fn one_administrator_and_all_his_friends_give_nothing_where_four_eyes_are_wanted(
        misdeeds in proptest::collection::vec((0..4usize, (0..20u8, 0..2usize, 0..2usize, 0..12u8)), 20..50),
    ) {
        let mut story = city();
        let lowest = department_code(1);
        tell(&mut story, &[
            (Who::Mayor, register_below(APPROVAL, lowest), "DepartmentRegistered"),
            (Who::Mayor, appoint(lowest, Who::Li, &[]), "Appointed"),
            (Who::Mayor, appoint(lowest, Who::Trainee, &[]), "Appointed"),
            (Who::Mayor, appoint(APPROVAL, Who::Li, &[]), "Appointed"),
            (Who::Mayor, appoint(GOVERNMENT, Who::Li, &[]), "Appointed"),
            (Who::Mayor, appoint(GOVERNMENT, Who::Trainee, &[]), "Appointed"),
            (Who::Mayor, change(lowest, four_eyes(true)), "DepartmentChanged"),
        ]);
        for (who, deed) in misdeeds {
            story.act(&BAND[who].key(), vec![misdeed(deed).to_bytes()]);
            prop_assert!(department_of(&story, lowest).four_eyes);
            for who in [Who::Li, Who::Trainee] {
                for role in [Role::DepartmentAdministrator, Role::Approver, Role::IdentityOfficer] {
                    prop_assert_eq!(standing_of(&story, who, role, lowest, None), None, "{:?} {:?}", who, deed);
                }
            }
        }
    }
}
