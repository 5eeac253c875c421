//! Stories of the module: happy path, every error, every role; and one property.

use super::{Call, *};
use crate::office_stories::{appointment_of, ask, department_of, past_of, proposal_of, standing_at, standing_of};
use crate::test_cast::*;
use crate::{Call as AnyCall, identity};
use proptest::prelude::*;
use std::collections::BTreeSet;
use strum::IntoEnumIterator;
use tongban_kernel::testing::Story;
use tongban_kernel::{Role, Stop};
use tongban_types::{AccountId, List, Outcome, Time};

const DAY_MILLIS: u64 = 86_400_000;
const UNTIL: &str = "2026-01-20T00:00:00Z";
const COUNTER: &str = "综合窗口受理岗";

#[test]
fn a_department_from_its_registration_to_its_merger() {
    let centre = department_code(1);
    let mut story = city();
    let rename = Change::Rename { name: text("政务服务和数据管理中心"), short_name: text("政数中心") };
    tell(
        &mut story,
        &[
            (Who::Mayor, register_for(APPROVAL, centre, "510104000000"), "DepartmentRegistered"),
            (Who::Clerk, appoint(centre, Who::Li, &[COUNTER]), "Appointed"),
            (Who::Clerk, grant(centre, Who::Li, Role::Receiver, Some(COUNTER), TERM_END), "Granted"),
            (Who::Clerk, grant(centre, Who::Li, Role::DepartmentAdministrator, None, TERM_END), "Granted"),
            (Who::Li, appoint(centre, Who::Zhang, &[]), "Appointed"),
            (Who::Mayor, change(centre, rename), "DepartmentChanged"),
            (Who::Mayor, change(centre, Change::Host { host: Some(text("数据局")) }), "DepartmentChanged"),
        ],
    );
    let held = standing_of(&story, Who::Li, Role::Receiver, centre, Some(COUNTER));
    assert_eq!(held, Some(Standing::Own));
    tell(&mut story, &[(Who::Clerk, change(centre, close(Some(APPROVAL))), "DepartmentChanged")]);
    assert_eq!(standing_of(&story, Who::Li, Role::Receiver, centre, None), None, "a closed department has no officers");
    let found = department_of(&story, centre);
    let names: Vec<_> = found.names.iter().map(|name| name.short.to_string()).collect();
    assert_eq!(names, ["中心", "政数中心"]);
    assert_eq!((found.level(), found.depth, found.host.as_deref()), (Level::County, 3, Some("数据局")));
    let next = story.ask(|state| successor(state, &code(centre)).map_err(Stop::from));
    assert_eq!(next, Ok(Some(code(APPROVAL))));
    tell(&mut story, &[(Who::Mayor, transfer(Who::Li, centre, APPROVAL, &[COUNTER]), "Transferred")]);
}

#[test]
fn an_officer_holds_his_role_in_his_department_at_his_post_alone() {
    let mut story = city();
    tell(
        &mut story,
        &[
            (Who::Mayor, appoint(FIRE, Who::Li, &["消防监督岗", "现场核查岗"]), "Appointed"),
            (Who::Mayor, grant(FIRE, Who::Li, Role::Reviewer, Some("现场核查岗"), TERM_END), "Granted"),
        ],
    );
    let own = Some(Standing::Own);
    let cases = [
        (Who::FireInspector, Role::Reviewer, FIRE, None, own),
        (Who::FireInspector, Role::Reviewer, FIRE, Some("消防监督岗"), own),
        (Who::FireInspector, Role::Reviewer, FIRE, Some("现场核查岗"), None),
        (Who::FireInspector, Role::Approver, FIRE, None, None),
        (Who::FireInspector, Role::Reviewer, MARKET, None, None),
        (Who::FireInspector, Role::Reviewer, GOVERNMENT, None, None),
        (Who::Li, Role::Reviewer, FIRE, None, own),
        (Who::Li, Role::Reviewer, FIRE, Some("现场核查岗"), own),
        (Who::Li, Role::Reviewer, FIRE, Some("消防监督岗"), None),
        (Who::Trainee, Role::Receiver, APPROVAL, Some(COUNTER), None),
        (Who::Mayor, Role::DepartmentAdministrator, GOVERNMENT, None, own),
        (Who::Mayor, Role::DepartmentAdministrator, APPROVAL, None, None),
        (Who::Admin, Role::Administrator, GOVERNMENT, None, None),
    ];
    for (who, role, department, post, expected) in cases {
        assert_eq!(standing_of(&story, who, role, department, post), expected, "{who:?} {role} {department} {post:?}");
    }
    assert_eq!(standing_of(&story, Who::Mayor, Role::Head, department_code(1), None), None, "an unknown department");
}

/// Every call asks for its role: those of the network's administrator, those of the department's.
#[test]
fn every_role_is_needed() {
    let mut story = city();
    let of_network = [
        register(department_code(1)),
        name_administrator(GOVERNMENT, Who::Li, TERM_END),
        change_root(GOVERNMENT, suspend()),
        amend_division("510105", DivisionAmendment::Abolish { successor: None }, UNTIL),
        name_responsible(GOVERNMENT),
    ];
    let of_network_count = of_network.len();
    for call in of_network {
        let lines = [Who::Mayor, Who::Clerk, Who::Registrar, Who::Zhang].map(|who| (who, call.clone(), "tx.denied"));
        tell(&mut story.clone(), &lines);
    }
    let of_departments = [
        register_below(APPROVAL, department_code(1)),
        change(APPROVAL, suspend()),
        appoint(APPROVAL, Who::Li, &[]),
        grant(APPROVAL, Who::Trainee, Role::Receiver, None, TERM_END),
        withdraw(APPROVAL, Who::Receiver, Role::Receiver, None),
        dismiss(APPROVAL, Who::Trainee),
        transfer(Who::FireInspector, FIRE, APPROVAL, &[]),
        name_deputy(APPROVAL, Who::Trainee, Who::Receiver, "2026-02-01T00:00:00Z"),
        end_deputy(APPROVAL, Who::Trainee, Who::Receiver),
        propose(APPROVAL, Who::Trainee, Role::Receiver, TERM_END),
        approve(APPROVAL, 1),
        reject(APPROVAL, 1),
        offer_transfer(Who::Trainee, APPROVAL, department_code(1), UNTIL),
        withdraw_offer(Who::Trainee, APPROVAL),
        accept_transfer(Who::Trainee, department_code(1), APPROVAL, &[]),
        decline_transfer(Who::Trainee, department_code(1), APPROVAL),
    ];
    assert_eq!(of_departments.len() + of_network_count, CallKind::iter().count(), "every call is here");
    tell(
        &mut story,
        &[
            (Who::Mayor, appoint(FIRE, Who::Zhang, &[]), "Appointed"),
            (Who::Mayor, grant(FIRE, Who::Zhang, Role::DepartmentAdministrator, None, TERM_END), "Granted"),
        ],
    );
    for call in of_departments {
        // The network's administrator, an officer without a role, all the other roles, and the administrator of a department beside.
        let others = [Who::Admin, Who::Eve, Who::Trainee, Who::Head, Who::Approver, Who::Supervisor, Who::Zhang];
        tell(&mut story.clone(), &others.map(|who| (who, call.clone(), "tx.denied")));
        tell(&mut story.clone(), &[(Who::Stranger, call, "tx.unknown_account")]);
    }
    // A department is changed from above and not by itself.
    tell(&mut story, &[(Who::Clerk, change(APPROVAL, four_eyes(true)), "tx.denied")]);
    tell(&mut story, &[(Who::Mayor, change(GOVERNMENT, four_eyes(true)), "tx.denied")]);
}

#[test]
fn texts_posts_and_roles_are_checked_before_anything_else() {
    let mut story = city();
    let nameless = Profile { name: text(""), ..profile("局", "局") };
    let short = Profile { short_name: text(""), ..profile("局", "局") };
    let hostless = Profile { host: Some(text("")), ..profile("局", "局") };
    for profile in [nameless, short, hostless] {
        let call = AnyCall::Orgs(Call::RegisterDepartment { department: code(department_code(1)), profile });
        tell(&mut story, &[(Who::Admin, call, "orgs.text_missing")]);
    }
    let of_position = |position: Position| {
        AnyCall::Orgs(Call::Appoint { department: code(APPROVAL), account: Who::Li.account(), position })
    };
    let missing = [
        of_position(Position { office: text(""), ..position(&[]) }),
        of_position(position(&[""])),
        of_position(Position { staff_number: Some(text("")), ..position(&[]) }),
        AnyCall::Orgs(Call::Dismiss { department: code(APPROVAL), account: Who::Head.account(), reason: text("") }),
        AnyCall::Orgs(Call::Reject { department: code(APPROVAL), number: 1, reason: text("") }),
        change(APPROVAL, Change::Rename { name: text(""), short_name: text("局") }),
        change(APPROVAL, Change::Host { host: Some(text("")) }),
        change(APPROVAL, Change::Suspend { reason: text("") }),
        change(APPROVAL, Change::Close { merged_into: None, reason: text("") }),
    ];
    for call in missing {
        tell(&mut story, &[(Who::Mayor, call, "orgs.text_missing")]);
    }
    let (department, account, office) = (code(GOVERNMENT), Who::Li.account(), text(""));
    let call = AnyCall::Orgs(Call::NameAdministrator { department, account, office, until: Time::MAX });
    tell(&mut story, &[(Who::Admin, call, "orgs.text_missing")]);
    tell(
        &mut story,
        &[
            (Who::Mayor, of_position(position(&["岗", "位", "岗"])), "orgs.post_twice"),
            (Who::Mayor, name_deputy(APPROVAL, Who::Head, Who::Head, TERM_END), "orgs.deputy_of_himself"), // I7
            (Who::Mayor, propose_deputy(APPROVAL, Who::Head, Who::Head, TERM_END), "orgs.deputy_of_himself"),
        ],
    );
    for role in Role::iter().filter(|role| !role.is_of_department()) {
        let proposed = propose(APPROVAL, Who::Trainee, role, TERM_END);
        for call in [grant(APPROVAL, Who::Trainee, role, None, TERM_END), proposed] {
            tell(&mut story, &[(Who::Mayor, call, "orgs.network_role")]); // I6
        }
    }
}

#[test]
fn a_department_is_registered_once_in_its_place() {
    let mut story = city();
    let village = "510104001001";
    tell(
        &mut story,
        &[
            (Who::Admin, register(APPROVAL), "orgs.exists"),                   // I1
            (Who::Mayor, register_below(APPROVAL, MARKET), "orgs.exists"),     // I1
            (Who::Mayor, register_below(APPROVAL, GOVERNMENT), "orgs.exists"), // I1: no circles
            (Who::Mayor, register_below(department_code(9), department_code(1)), "tx.denied"),
            (Who::Mayor, register_for(APPROVAL, department_code(1), "510000000000"), "orgs.other_division"), // I2
            (Who::Mayor, register_for(APPROVAL, department_code(1), "110101000000"), "orgs.other_division"), // I2
            (Who::Mayor, register_for(APPROVAL, department_code(1), village), "DepartmentRegistered"),
            (Who::Mayor, register_for(department_code(1), department_code(2), "510104001000"), "orgs.other_division"),
        ],
    );
    let mut parent = department_code(1);
    for depth in 4..=8 {
        let next = department_code(depth);
        tell(&mut story, &[(Who::Mayor, register_for(parent, next, village), "DepartmentRegistered")]);
        parent = next;
    }
    tell(&mut story, &[(Who::Mayor, register_for(parent, department_code(9), village), "orgs.too_deep")]); // I2
    let within = |ancestor: &'static str| {
        story.ask(|state| is_within(state, &code(parent), &code(ancestor)).map_err(Stop::from))
    };
    assert_eq!(within(parent), Ok(true));
    assert_eq!(within(GOVERNMENT), Ok(true));
    assert_eq!(within(MARKET), Ok(false));
    assert_eq!(within(department_code(9)), Ok(false));
    let View::Line { line } = ask(&story, Query::Line { department: code(parent) }) else { panic!("expected a line") };
    let levels: Vec<_> = line.iter().map(|entry| entry.level).collect();
    assert_eq!(levels, [vec![Level::Village; 6], vec![Level::City; 2]].concat());
    assert!(line.iter().all(|entry| entry.is_active));
    // The administrator of the root is one over the lowest, too.
    tell(&mut story, &[(Who::Mayor, appoint(parent, Who::Li, &[]), "Appointed")]);
}

#[test]
fn the_network_names_an_administrator_only_where_a_root_has_none() {
    let root = department_code(1);
    let mut story = city();
    let system = open_system(&story, Who::Stranger);
    tell(
        &mut story,
        &[
            (Who::Registrar, system, "AccountOpened"),
            (Who::Admin, name_administrator(root, Who::Li, TERM_END), "orgs.not_found"),
            (Who::Admin, register(root), "DepartmentRegistered"),
            (Who::Admin, name_administrator(APPROVAL, Who::Li, TERM_END), "orgs.not_root"), // I4
            (Who::Admin, name_administrator(root, Who::Admin, TERM_END), "orgs.oneself"),   // I5
            (Who::Admin, name_administrator(root, Who::Eve, TERM_END), "orgs.not_person"),  // I9
            (Who::Admin, name_administrator(root, Who::Stranger, TERM_END), "orgs.system_decides"), // I9
            (Who::Admin, name_administrator(root, Who::Li, "2025-01-01T00:00:00Z"), "orgs.term_empty"),
            (Who::Admin, name_administrator(root, Who::Li, "2026-07-01T00:00:00Z"), "AdministratorNamed"),
            (Who::Admin, name_administrator(root, Who::Zhang, TERM_END), "orgs.has_administrators"), // I4
            (Who::Admin, name_administrator(GOVERNMENT, Who::Zhang, TERM_END), "orgs.has_administrators"), // I4
            (Who::Admin, change_root(root, four_eyes(true)), "DepartmentChanged"),
            (Who::Admin, name_administrator(root, Who::Zhang, "2026-07-01T00:00:00Z"), "AdministratorNamed"), // two are needed
            (Who::Admin, name_administrator(root, Who::Head, TERM_END), "orgs.has_administrators"),
            (Who::Admin, change_root(root, four_eyes(false)), "orgs.four_eyes"), // I8
            (Who::Li, propose_waiver(root, Safeguard::FourEyes), "Prepared"),
            (Who::Zhang, approve(root, 1), "DepartmentChanged"),
            (Who::Li, withdraw(root, Who::Zhang, Role::DepartmentAdministrator, None), "GrantWithdrawn"),
            (Who::Admin, name_administrator(root, Who::Head, TERM_END), "orgs.has_administrators"),
        ],
    );
    // One whose account is suspended cannot act; one whose term is over neither.
    let suspend = AnyCall::Identity(identity::Call::Suspend { account: Who::Li.account() });
    let resume = AnyCall::Identity(identity::Call::Resume { account: Who::Li.account() });
    tell(&mut story, &[(Who::Admin, suspend, "Suspended")]);
    tell(&mut story.clone(), &[(Who::Admin, name_administrator(root, Who::Head, TERM_END), "AdministratorNamed")]);
    tell(&mut story, &[(Who::Admin, resume, "Resumed")]);
    story.pass_millis(200 * DAY_MILLIS);
    tell(
        &mut story,
        &[
            (Who::Li, appoint(root, Who::Trainee, &[]), "tx.denied"),
            (Who::Admin, name_administrator(root, Who::Head, TERM_END), "AdministratorNamed"),
            (Who::Head, appoint(root, Who::Trainee, &[]), "Appointed"),
        ],
    );
    assert_eq!(
        department_of(&story, root).administrators.to_vec(),
        [Who::Head.account()],
        "those that are over made room"
    );
}

#[test]
fn appointing() {
    let mut story = city();
    let system = open_system(&story, Who::Stranger);
    tell(
        &mut story,
        &[
            (Who::Registrar, system, "AccountOpened"),
            (Who::Clerk, appoint(APPROVAL, Who::Clerk, &[]), "orgs.oneself"), // I5
            (Who::Mayor, appoint(APPROVAL, Who::Mayor, &[]), "orgs.oneself"), // I5: neither from above
            (Who::Clerk, appoint(APPROVAL, Who::Eve, &[]), "orgs.not_person"), // I9
            (Who::Clerk, appoint(APPROVAL, Who::Head, &[]), "orgs.in_office"), // I10
            (Who::Clerk, appoint(APPROVAL, Who::FireInspector, &[]), "Appointed"), // one may be an officer in two
            (Who::Clerk, appoint(APPROVAL, Who::Stranger, &[COUNTER]), "Appointed"),
            (Who::Clerk, grant(APPROVAL, Who::Stranger, Role::Reviewer, None, TERM_END), "Granted"), // automatic steps
            (Who::Clerk, grant(APPROVAL, Who::Stranger, Role::Approver, None, TERM_END), "orgs.system_decides"), // I9
            (Who::Clerk, grant(APPROVAL, Who::Stranger, Role::Head, None, TERM_END), "orgs.system_decides"),
            (
                Who::Clerk,
                name_deputy(APPROVAL, Who::Stranger, Who::Approver, "2026-02-01T00:00:00Z"),
                "orgs.system_decides", // I9
            ),
        ],
    );
    let (department, account) = (code(APPROVAL), AccountId([9; 16]));
    let unknown = AnyCall::Orgs(Call::Appoint { department, account, position: position(&[]) });
    tell(&mut story, &[(Who::Clerk, unknown, "orgs.account_unknown")]);
}

#[test]
fn rights_are_given_within_scope_and_term() {
    let later = "2028-06-01T00:00:00Z";
    let at = |from: &str, until: &str| give(APPROVAL, Who::Trainee, right(Role::Receiver, None, Some(from), until));
    let for_post = |post: &str| grant(APPROVAL, Who::Trainee, Role::Receiver, Some(post), later);
    tell(
        &mut city(),
        &[
            (Who::Clerk, grant(APPROVAL, Who::Clerk, Role::Approver, None, later), "orgs.oneself"), // I5
            (Who::Mayor, grant(GOVERNMENT, Who::Mayor, Role::Head, None, later), "orgs.oneself"),   // I5
            (Who::Clerk, grant(APPROVAL, Who::Li, Role::Receiver, None, later), "orgs.not_in_office"),
            (Who::Clerk, grant(FIRE, Who::FireInspector, Role::Approver, None, later), "tx.denied"), // I4: beside
            (Who::Clerk, grant(GOVERNMENT, Who::Mayor, Role::Head, None, later), "tx.denied"),       // I4: above
            (Who::Clerk, for_post("首席审批员"), "orgs.post_not_held"),                              // I6
            (Who::Clerk, at("2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z"), "orgs.term_empty"),     // I4
            (Who::Clerk, at("2025-01-01T00:00:00Z", later), "orgs.term_backwards"),                  // I4
            (Who::Clerk, at("2027-01-01T00:00:00Z", "2030-01-01T00:00:00.001Z"), "orgs.beyond_term"), // I4
            (Who::Mayor, at("2027-01-01T00:00:00Z", "2030-01-01T00:00:00.001Z"), "Granted"), // his own ends a day later
            (Who::Clerk, grant(APPROVAL, Who::Trainee, Role::Receiver, None, later), "orgs.grant_held"),
            (
                Who::Clerk,
                grant(APPROVAL, Who::Trainee, Role::Receiver, None, "2027-01-01T00:00:00Z"),
                "Granted", // up to the other one
            ),
            (Who::Clerk, for_post(COUNTER), "Granted"), // for one post beside that for all
        ],
    );
}

#[test]
fn a_right_counts_in_its_term_alone() {
    let mut story = city();
    let (from, until) = (Some("2026-02-01T00:00:00Z"), "2026-03-01T00:00:00Z");
    let administrator = right(Role::DepartmentAdministrator, None, from, until);
    tell(&mut story, &[(Who::Mayor, give(APPROVAL, Who::Head, administrator), "Granted")]);
    let act = || appoint(APPROVAL, Who::Li, &[]);
    tell(&mut story, &[(Who::Head, act(), "tx.denied")]);
    story.pass_millis(40 * DAY_MILLIS);
    tell(
        &mut story,
        &[
            (Who::Head, act(), "Appointed"),
            (Who::Head, grant(APPROVAL, Who::Li, Role::Receiver, None, until), "Granted"),
            (Who::Head, grant(APPROVAL, Who::Li, Role::Acceptor, None, TERM_END), "orgs.beyond_term"), // I4
        ],
    );
    story.pass_millis(20 * DAY_MILLIS);
    tell(&mut story, &[(Who::Head, dismiss(APPROVAL, Who::Li), "tx.denied")]); // I4: his term is over
    assert_eq!(standing_of(&story, Who::Li, Role::Receiver, APPROVAL, None), None);
}

#[test]
fn an_administrator_gives_nothing_to_the_officer_for_whom_he_stands_in() {
    let mut story = city();
    let until = "2026-02-01T00:00:00Z";
    tell(
        &mut story,
        &[
            (Who::Clerk, propose(APPROVAL, Who::Trainee, Role::Head, until), "Prepared"),
            (Who::Mayor, propose(APPROVAL, Who::Trainee, Role::Approver, until), "Prepared"),
            (Who::Mayor, name_deputy(APPROVAL, Who::Clerk, Who::Trainee, until), "DeputyNamed"),
            (Who::Clerk, grant(APPROVAL, Who::Trainee, Role::Receiver, None, until), "orgs.oneself"), // I5
            (Who::Clerk, propose(APPROVAL, Who::Trainee, Role::Acceptor, until), "orgs.oneself"),     // I5
            (Who::Mayor, approve(APPROVAL, 1), "orgs.oneself"), // I5: he who prepared it would hold it
            (Who::Clerk, approve(APPROVAL, 2), "orgs.oneself"), // I5
            (Who::Mayor, grant(APPROVAL, Who::Trainee, Role::Receiver, None, until), "Granted"),
        ],
    );
}

#[test]
fn what_an_appointment_has_room_for_and_what_is_over_makes_room() {
    let mut story = city();
    let days: Vec<_> = (10..=76).map(|day| story.time().plus_millis(DAY_MILLIS * day)).collect();
    let grant_of = |day: usize| {
        let right = Right { role: Role::Receiver, post: None, from: Some(days[day]), until: days[day + 1] };
        give(APPROVAL, Who::Trainee, right)
    };
    let deputy_of = |day: usize| {
        let (account, of_whom) = (Who::Trainee.account(), Who::Receiver.account());
        let deputy = Deputy { account, of: of_whom, from: Some(days[day]), until: days[day + 1] };
        AnyCall::Orgs(Call::NameDeputy { department: code(APPROVAL), deputy })
    };
    for day in 0..64 {
        tell(&mut story, &[(Who::Clerk, grant_of(day), "Granted")]);
    }
    for day in 0..16 {
        tell(&mut story, &[(Who::Clerk, deputy_of(day), "DeputyNamed")]);
    }
    tell(&mut story, &[(Who::Clerk, grant_of(64), "orgs.too_many_grants")]);
    tell(&mut story, &[(Who::Clerk, deputy_of(64), "orgs.too_many_deputyships")]);
    story.pass_millis(12 * DAY_MILLIS);
    tell(&mut story, &[(Who::Clerk, grant_of(64), "Granted"), (Who::Clerk, deputy_of(64), "DeputyNamed")]);
    let appointment = appointment_of(&story, APPROVAL, Who::Trainee);
    assert_eq!((appointment.grants.len(), appointment.grants[0].term.from), (64, days[1]));
    assert_eq!((appointment.deputyships.len(), appointment.deputyships[0].term.from), (16, days[1]));
}

#[test]
fn a_department_has_room_for_sixteen_administrators() {
    let mut story = city();
    let of_who = |who| grant(APPROVAL, who, Role::DepartmentAdministrator, None, TERM_END);
    for (who, department, ..) in CITY_OFFICERS.into_iter().filter(|(who, ..)| *who != Who::Clerk).take(15) {
        if department != APPROVAL {
            tell(&mut story, &[(Who::Mayor, appoint(APPROVAL, who, &[]), "Appointed")]);
        }
        tell(&mut story, &[(Who::Mayor, of_who(who), "Granted")]);
    }
    tell(
        &mut story,
        &[
            (Who::Mayor, appoint(APPROVAL, Who::AirReviewer, &[]), "Appointed"),
            (Who::Mayor, of_who(Who::AirReviewer), "orgs.too_many_administrators"),
            (Who::Mayor, dismiss(APPROVAL, Who::Head), "Dismissed"),
            (Who::Mayor, of_who(Who::AirReviewer), "Granted"),
        ],
    );
}

#[test]
fn withdrawing_a_role() {
    let mut story = city();
    let admin = Role::DepartmentAdministrator;
    tell(
        &mut story,
        &[
            (Who::Clerk, withdraw(APPROVAL, Who::Clerk, admin, None), "orgs.oneself"), // I5
            (Who::Clerk, withdraw(APPROVAL, Who::Li, Role::Receiver, None), "orgs.not_in_office"),
            (Who::Clerk, withdraw(APPROVAL, Who::Receiver, Role::Approver, None), "orgs.role_not_held"),
            (Who::Clerk, withdraw(APPROVAL, Who::Receiver, Role::Receiver, Some(COUNTER)), "orgs.role_not_held"),
            (Who::Clerk, withdraw(APPROVAL, Who::Receiver, Role::Witness, None), "orgs.role_not_held"),
            (Who::Clerk, withdraw(APPROVAL, Who::Receiver, Role::Receiver, None), "GrantWithdrawn"),
            (Who::Clerk, withdraw(APPROVAL, Who::Receiver, Role::Receiver, None), "orgs.role_not_held"),
            (Who::Mayor, withdraw(APPROVAL, Who::Clerk, admin, None), "GrantWithdrawn"),
            (Who::Clerk, appoint(APPROVAL, Who::Li, &[]), "tx.denied"),
        ],
    );
    assert_eq!(standing_of(&story, Who::Receiver, Role::Receiver, APPROVAL, None), None);
    let withdrawn = appointment_of(&story, APPROVAL, Who::Receiver).grants[0].withdrawn.expect("it was withdrawn");
    assert_eq!(withdrawn.by, Who::Clerk.account());
    // What was given in office stays, and what was withdrawn can be given again.
    assert_eq!(standing_of(&story, Who::Approver, Role::Approver, APPROVAL, None), Some(Standing::Own));
    tell(&mut story, &[(Who::Mayor, grant(APPROVAL, Who::Receiver, Role::Receiver, None, TERM_END), "Granted")]);
}

#[test]
fn a_dismissed_officer_acts_no_more() {
    let mut story = city();
    tell(
        &mut story,
        &[
            (Who::Clerk, dismiss(APPROVAL, Who::Clerk), "orgs.oneself"), // I5
            (Who::Clerk, dismiss(APPROVAL, Who::Li), "orgs.not_in_office"),
            (Who::Mayor, dismiss(APPROVAL, Who::Clerk), "Dismissed"),
            (Who::Mayor, dismiss(APPROVAL, Who::Clerk), "orgs.not_in_office"),
            (Who::Clerk, appoint(APPROVAL, Who::Li, &[]), "tx.denied"),
            (Who::Mayor, grant(APPROVAL, Who::Clerk, Role::Receiver, None, TERM_END), "orgs.not_in_office"),
            (Who::Mayor, appoint(APPROVAL, Who::Clerk, &[]), "Appointed"),
            (Who::Clerk, appoint(APPROVAL, Who::Li, &[]), "tx.denied"), // the old right is not his any more
        ],
    );
    assert_eq!(standing_of(&story, Who::Clerk, Role::DepartmentAdministrator, APPROVAL, None), None);
    let now = appointment_of(&story, APPROVAL, Who::Clerk);
    let place = AppointmentPlace { department: code(APPROVAL), number: 1 };
    assert_eq!((now.number, now.previous, now.grants.len()), (2, Some(place), 0));
    let past = past_of(&story, APPROVAL, Who::Clerk, 1).expect("history stays"); // I10
    assert_eq!(past.grants[0].role, Role::DepartmentAdministrator);
    let end = past.end.expect("it has ended");
    assert_eq!((end.by, end.cause), (Who::Mayor.account(), EndCause::Dismissed { reason: text("退休") }));
    assert_eq!(past_of(&story, APPROVAL, Who::Clerk, 2), None, "the present one is not past");
}

#[test]
fn a_transfer_keeps_the_history_and_no_right() {
    let mut story = city();
    tell(
        &mut story,
        &[
            (Who::Clerk, transfer(Who::FireInspector, FIRE, APPROVAL, &[]), "orgs.beyond_scope"), // I4
            (Who::Clerk, transfer(Who::Approver, APPROVAL, FIRE, &[]), "tx.denied"),              // I4
            (Who::Clerk, transfer(Who::Clerk, APPROVAL, APPROVAL, &[]), "orgs.oneself"),          // I5
            (Who::Mayor, transfer(Who::Approver, department_code(1), FIRE, &[]), "orgs.not_found"),
            (Who::Mayor, transfer(Who::Li, APPROVAL, FIRE, &[]), "orgs.not_in_office"),
            (Who::Mayor, appoint(FIRE, Who::Approver, &[]), "Appointed"),
            (Who::Mayor, transfer(Who::Approver, APPROVAL, FIRE, &[]), "orgs.in_office"), // I10
            (Who::Mayor, dismiss(FIRE, Who::Approver), "Dismissed"),
            (Who::Mayor, transfer(Who::Approver, APPROVAL, FIRE, &["消防监督岗"]), "Transferred"),
        ],
    );
    assert_eq!(standing_of(&story, Who::Approver, Role::Approver, APPROVAL, None), None);
    assert_eq!(standing_of(&story, Who::Approver, Role::Approver, FIRE, None), None);
    let old = appointment_of(&story, APPROVAL, Who::Approver);
    assert_eq!(old.end.map(|end| end.cause), Some(EndCause::Transferred { to: code(FIRE), number: 2 }));
    let new = appointment_of(&story, FIRE, Who::Approver);
    assert_eq!(new.previous, Some(AppointmentPlace { department: code(APPROVAL), number: 1 }));
    assert_eq!((new.number, &new.posts[..], new.staff_number), (2, &[text("消防监督岗")][..], Some(text("0417"))));
    assert!(past_of(&story, FIRE, Who::Approver, 1).is_some(), "the first time there"); // I10
    // To other posts in the same department: rights are given anew.
    tell(&mut story, &[(Who::Clerk, transfer(Who::Receiver, APPROVAL, APPROVAL, &["制证岗"]), "Transferred")]);
    assert_eq!(standing_of(&story, Who::Receiver, Role::Receiver, APPROVAL, None), None);
    let past = past_of(&story, APPROVAL, Who::Receiver, 1).expect("history stays");
    assert_eq!((&past.posts[..], past.grants.len()), (&[text(COUNTER)][..], 1));
}

#[test]
fn a_deputy_acts_while_the_officer_is_absent() {
    let mut story = city();
    let until = "2026-02-01T00:00:00Z";
    let deputy_for = |who: Who| Some(Standing::DeputyFor(who.account()));
    let trainee = |absent, until| name_deputy(APPROVAL, Who::Trainee, absent, until);
    tell(
        &mut story,
        &[
            (Who::Clerk, name_deputy(APPROVAL, Who::Clerk, Who::Approver, until), "orgs.oneself"), // I5
            (Who::Clerk, name_deputy(APPROVAL, Who::Li, Who::Approver, until), "orgs.not_in_office"), // I7
            (Who::Clerk, trainee(Who::Li, until), "orgs.not_in_office"),                           // I7
            (Who::Mayor, trainee(Who::FireInspector, until), "orgs.not_in_office"),                // I7
            (Who::Clerk, trainee(Who::Approver, "2025-02-01T00:00:00Z"), "orgs.term_empty"),
            (Who::Clerk, trainee(Who::Approver, "2026-07-01T00:00:00Z"), "orgs.absence_too_long"), // I7
            (Who::Clerk, trainee(Who::Approver, "2031-07-01T00:00:00Z"), "orgs.beyond_term"),      // I4
            (Who::Clerk, trainee(Who::Approver, until), "DeputyNamed"),
            (Who::Clerk, trainee(Who::Approver, until), "orgs.deputy_named"),
            (Who::Clerk, trainee(Who::Head, until), "DeputyNamed"),
        ],
    );
    let approver = |story: &Story, post| standing_of(story, Who::Trainee, Role::Approver, APPROVAL, post);
    assert_eq!(approver(&story, None), deputy_for(Who::Approver));
    assert_eq!(approver(&story, Some("首席审批员")), deputy_for(Who::Approver), "the post is that of the absent one");
    assert_eq!(approver(&story, Some("制证岗")), None);
    assert_eq!(standing_of(&story, Who::Trainee, Role::Head, APPROVAL, None), deputy_for(Who::Head));
    assert_eq!(standing_of(&story, Who::Trainee, Role::Approver, MARKET, None), None);
    assert_eq!(standing_of(&story, Who::Approver, Role::Approver, APPROVAL, None), Some(Standing::Own));
    let mut after = story.clone();
    tell(
        &mut after,
        &[
            (Who::Clerk, end_deputy(APPROVAL, Who::Trainee, Who::Receiver), "orgs.not_deputy"),
            (Who::Clerk, end_deputy(APPROVAL, Who::Li, Who::Approver), "orgs.not_in_office"),
            (Who::Clerk, end_deputy(APPROVAL, Who::Clerk, Who::Approver), "orgs.oneself"), // I5
            (Who::Clerk, end_deputy(APPROVAL, Who::Trainee, Who::Approver), "DeputyEnded"),
            (Who::Clerk, end_deputy(APPROVAL, Who::Trainee, Who::Approver), "orgs.not_deputy"),
        ],
    );
    assert_eq!(approver(&after, None), None);
    let mut after = story.clone();
    tell(&mut after, &[(Who::Clerk, dismiss(APPROVAL, Who::Approver), "Dismissed")]);
    assert_eq!(approver(&after, None), None, "whom nobody stands for any more");
    story.pass_millis(40 * DAY_MILLIS);
    assert_eq!(standing_of(&story, Who::Trainee, Role::Head, APPROVAL, None), None, "the absence is over");
}

#[test]
fn a_deputy_passes_nothing_on_and_administrators_have_none() {
    let mut story = city();
    let until = "2026-02-01T00:00:00Z";
    tell(
        &mut story,
        &[
            (Who::Mayor, name_deputy(APPROVAL, Who::Trainee, Who::Approver, until), "DeputyNamed"),
            (Who::Mayor, name_deputy(APPROVAL, Who::Checker, Who::Trainee, until), "DeputyNamed"),
            (Who::Mayor, name_deputy(APPROVAL, Who::Head, Who::Clerk, until), "DeputyNamed"),
            (Who::Head, appoint(APPROVAL, Who::Li, &[]), "tx.denied"), // I7
            (Who::Head, grant(APPROVAL, Who::Trainee, Role::Head, None, until), "tx.denied"), // I7
        ],
    );
    assert_eq!(standing_of(&story, Who::Checker, Role::Approver, APPROVAL, None), None); // I7
    assert_eq!(standing_of(&story, Who::Head, Role::DepartmentAdministrator, APPROVAL, None), None); // I7
}

#[test]
fn in_a_suspended_or_closed_department_nobody_holds_a_role() {
    let mut story = city();
    let below = department_code(1);
    tell(
        &mut story,
        &[
            (Who::Mayor, register_below(APPROVAL, below), "DepartmentRegistered"),
            (Who::Mayor, change(APPROVAL, suspend()), "DepartmentChanged"),
        ],
    );
    assert_eq!(standing_of(&story, Who::Head, Role::Head, APPROVAL, None), None); // I3
    let gives = || {
        vec![
            register_below(APPROVAL, department_code(2)),
            appoint(APPROVAL, Who::Li, &[]),
            grant(APPROVAL, Who::Trainee, Role::Receiver, None, TERM_END),
            transfer(Who::FireInspector, FIRE, APPROVAL, &[]),
            name_deputy(APPROVAL, Who::Trainee, Who::Head, "2026-02-01T00:00:00Z"),
            propose(APPROVAL, Who::Trainee, Role::Receiver, TERM_END),
            approve(APPROVAL, 1),
        ]
    };
    let lines = |code| gives().into_iter().map(|call| (Who::Mayor, call, code)).collect::<Vec<_>>();
    tell(&mut story, &lines("orgs.suspended"));
    tell(
        &mut story,
        &[
            (Who::Clerk, appoint(APPROVAL, Who::Li, &[]), "tx.denied"), // I3
            (Who::Clerk, appoint(below, Who::Li, &[]), "tx.denied"),    // I3: nor below it
            (Who::Mayor, appoint(below, Who::Li, &[]), "Appointed"),
            (Who::Mayor, change(APPROVAL, suspend()), "orgs.suspended"),
            (Who::Mayor, dismiss(APPROVAL, Who::Trainee), "Dismissed"), // what takes away is possible
            (Who::Mayor, change(APPROVAL, Change::Resume {}), "DepartmentChanged"),
            (Who::Mayor, change(APPROVAL, Change::Resume {}), "orgs.not_suspended"),
            (Who::Clerk, appoint(APPROVAL, Who::Li, &[]), "Appointed"),
            (Who::Mayor, change(APPROVAL, close(None)), "orgs.has_subordinates"), // I3
            (Who::Mayor, change(below, close(Some(below))), "orgs.merged_into_itself"),
            (Who::Mayor, change(below, close(Some(department_code(3)))), "orgs.not_found"),
            (Who::Clerk, change(below, close(Some(FIRE))), "orgs.beyond_scope"), // I4
            (Who::Mayor, change(below, close(Some(FIRE))), "DepartmentChanged"),
            (Who::Mayor, change(APPROVAL, close(Some(below))), "orgs.closed"),
            (Who::Mayor, change(APPROVAL, close(None)), "DepartmentChanged"),
        ],
    );
    tell(&mut story, &lines("orgs.closed"));
    for what in [suspend(), Change::Resume {}, close(None), four_eyes(true)] {
        tell(&mut story, &[(Who::Mayor, change(APPROVAL, what), "orgs.closed")]); // I3
    }
    assert_eq!(standing_of(&story, Who::Head, Role::Head, APPROVAL, None), None); // I3
    let after = |from: &'static str| story.ask(|state| successor(state, &code(from)).map_err(Stop::from));
    assert_eq!((after(APPROVAL), after(below), after(FIRE)), (Ok(None), Ok(Some(code(FIRE))), Ok(Some(code(FIRE)))));
    assert_eq!(after(department_code(3)), Ok(None));
}

#[test]
fn changing_a_department() {
    let mut story = city();
    let rename = |name: &str| Change::Rename { name: text(name), short_name: text("局") };
    tell(
        &mut story,
        &[
            (Who::Admin, change_root(department_code(1), suspend()), "orgs.not_found"),
            (Who::Admin, change_root(APPROVAL, suspend()), "orgs.not_root"), // I4
            (Who::Mayor, change(department_code(1), suspend()), "tx.denied"),
            (Who::Mayor, change(APPROVAL, four_eyes(false)), "orgs.unchanged"),
            (Who::Mayor, change(APPROVAL, Change::Host { host: None }), "orgs.unchanged"),
            (Who::Mayor, change(APPROVAL, rename("局一")), "DepartmentChanged"),
            (Who::Mayor, change(APPROVAL, rename("局一")), "orgs.unchanged"),
            (Who::Admin, change_root(GOVERNMENT, suspend()), "DepartmentChanged"),
            (Who::Mayor, change(APPROVAL, rename("局")), "tx.denied"), // I3
            (Who::Admin, change_root(GOVERNMENT, Change::Resume {}), "DepartmentChanged"),
            (Who::Admin, change_root(GOVERNMENT, close(None)), "orgs.has_subordinates"),
        ],
    );
    for number in 2..=31 {
        tell(&mut story, &[(Who::Mayor, change(APPROVAL, rename(&format!("局{number}"))), "DepartmentChanged")]);
    }
    tell(&mut story, &[(Who::Mayor, change(APPROVAL, rename("局")), "orgs.too_many_names")]);
}

#[test]
fn views_answer_what_is_asked() {
    let story = city();
    let (nowhere, account) = (code(department_code(1)), Who::Li.account());
    let nothing = [
        (Query::Department { department: nowhere }, View::Department { department: None }),
        (Query::Officer { department: nowhere, account }, View::Officer { appointment: None }),
        (Query::Proposal { department: nowhere, number: 1 }, View::Proposal { proposal: None }),
        (Query::Line { department: nowhere }, View::Line { line: List::default() }),
        (Query::Offer { department: nowhere, account }, View::Offer { offer: None }),
    ];
    for (query, view) in nothing {
        assert_eq!(ask(&story, query), view);
    }
    let question = |post: Option<&str>, at: &str| Query::Standing {
        department: code(CIVIL),
        account: Who::CivilOfficer.account(),
        role: Role::IdentityOfficer,
        post: post.map(text),
        at: time(at),
    };
    let own = Some(Standing::Own);
    let cases = [
        (None, "2027-01-01T00:00:00Z", own),
        (Some(COUNTER), "2027-01-01T00:00:00Z", None),
        (None, "2025-01-01T00:00:00Z", None), // before he was appointed
        (None, TERM_END, None),
    ];
    for (post, at, standing) in cases {
        assert_eq!(ask(&story, question(post, at)), View::Standing { standing }, "{post:?} {at}");
    }
}

#[test]
fn every_error_has_its_story() {
    let source = [
        include_str!("tests.rs"),
        include_str!("../office_stories.rs"),
        include_str!("../four_eyes_stories.rs"),
        include_str!("../transfer_stories.rs"),
        include_str!("../division_stories.rs"),
    ]
    .concat();
    for error in Error::iter() {
        let code = tongban_kernel::ModuleError::code(&error);
        assert!(source.contains(&format!("\"{}\"", &*code)), "no story ends in {}", &*code);
    }
}

const PLAYERS: [Who; 5] = [Who::Mayor, Who::Clerk, Who::Head, Who::Trainee, Who::Li];
const ROLES: [Role; 3] = [Role::DepartmentAdministrator, Role::Approver, Role::Receiver];

/// The places where something is tried: a centre below the approval bureau, that bureau, another one, the government above all, and the root of
/// another tree.
fn places() -> [&'static str; 5] {
    [department_code(1), APPROVAL, FIRE, GOVERNMENT, department_code(2)]
}

/// The place above, by an oracle that knows the tree by itself.
fn above(place: &'static str) -> Option<&'static str> {
    match place {
        GOVERNMENT => None,
        other if other == department_code(2) => None,
        APPROVAL | FIRE => Some(GOVERNMENT),
        _ => Some(APPROVAL),
    }
}

fn line_of(place: &'static str) -> impl Iterator<Item = &'static str> {
    std::iter::successors(Some(place), |place| above(place))
}

/// Something that may be tried: which kind, to whom, where, and a number for the rest.
fn attempted((kind, who, other, place, detail): (u8, usize, usize, usize, u8), now: Time) -> AnyCall {
    let (who, other, department) = (PLAYERS[who], PLAYERS[other], places()[place.saturating_sub(4) / 2]);
    let role = ROLES[usize::from(detail) % ROLES.len()];
    let until = now.plus_millis(DAY_MILLIS * (1 + u64::from(detail) * 5)).to_string();
    let from = places()[usize::from(detail) % 5];
    match kind {
        0 => appoint(department, who, &[]),
        1..=5 => grant(department, who, role, None, &until),
        6 => withdraw(department, who, role, None),
        7 => dismiss(department, who),
        8 => transfer(who, from, department, &[]),
        9..=11 => name_deputy(department, who, other, &until),
        12..=14 => propose(department, who, role, &until),
        15 => propose_deputy(department, who, other, &until),
        16..=19 => approve(department, 1 + u32::from(detail % 3)),
        20 => change(department, if detail.is_multiple_of(2) { suspend() } else { Change::Resume {} }),
        21..=23 => change(department, four_eyes(!detail.is_multiple_of(3))),
        24 | 25 => propose_waiver(department, Safeguard::FourEyes),
        26..=39 => about_offer(kind, who, detail, department, now),
        _ => panic!("no such kind"),
    }
}

/// Something about officers who go from the approval bureau to the other tree or back, now and then to some other place.
fn about_offer(kind: u8, who: Who, detail: u8, department: &'static str, now: Time) -> AnyCall {
    let (here, there) = (APPROVAL, department_code(2));
    let (from, to) = if detail.is_multiple_of(2) { (here, there) } else { (there, here) };
    let to = if detail < 4 { department } else { to };
    match kind {
        26..=30 => offer_transfer(who, from, to, &now.plus_millis(DAY_MILLIS * u64::from(detail + 1)).to_string()),
        31..=37 => accept_transfer(who, from, to, &[]),
        38 => decline_transfer(who, from, to),
        _ => withdraw_offer(who, from),
    }
}

/// Who has offered an officer whom this call takes over; a panic where nobody has.
fn offerer_of(story: &Story, who: Who, from: &'static str) -> Who {
    let View::Offer { offer: Some(offer) } =
        ask(story, Query::Offer { department: code(from), account: who.account() })
    else {
        panic!("nobody has offered {who:?}")
    };
    assert!(offer.is_open(story.time()), "an offer that was open");
    PLAYERS.into_iter().find(|player| player.account() == offer.offered_by).expect("a player")
}

/// Who was taken over from where to where by a call.
fn taken_over(call: &AnyCall) -> Option<(Who, &'static str, &'static str)> {
    let AnyCall::Orgs(Call::AcceptTransfer { account, from, to, .. }) = call else { return None };
    let place = |wanted: &DepartmentCode| places().into_iter().find(|place| code::<DepartmentCode>(place) == *wanted);
    let who = PLAYERS.into_iter().find(|who| who.account() == *account).expect("a player");
    Some((who, place(from).expect("a place"), place(to).expect("a place")))
}

/// Who holds what, now and, where the number says so, in so many days.
fn rights(story: &Story) -> BTreeSet<(Who, Role, &'static str, u64)> {
    let mut found = BTreeSet::new();
    for (who, role) in PLAYERS.into_iter().flat_map(|who| ROLES.map(|role| (who, role))) {
        for (place, days) in places().into_iter().flat_map(|place| [(place, 0), (place, 40)]) {
            let at = story.time().plus_millis(days * DAY_MILLIS);
            if standing_at(story, who, role, (place, None), at).is_some() {
                found.insert((who, role, place, days));
            }
        }
    }
    found
}

/// Whether somebody administers a department now and later.
fn administers(story: &Story, who: Who, department: &'static str, later: Time) -> bool {
    let holds = |place, at| standing_at(story, who, Role::DepartmentAdministrator, (place, None), at).is_some();
    line_of(department).any(|place| holds(place, story.time()) && holds(place, later))
}

fn want_four_eyes(story: &Story) -> Vec<&'static str> {
    places().into_iter().filter(|place| department_of(story, place).four_eyes).collect()
}

/// Whether a right has to come from two: one that decides where four eyes are wanted, one of an administrator also above that.
fn needs_two(story: &Story, role: Role, department: &'static str) -> bool {
    let wanted = want_four_eyes(story);
    let is_above_one = wanted.iter().any(|place| line_of(place).any(|above| above == department));
    match role {
        Role::DepartmentAdministrator => is_above_one,
        Role::Approver => wanted.contains(&department),
        _ => false,
    }
}

/// Who has prepared what is approved with this call; a panic where it is another call.
fn preparer_of(story: &Story, call: &AnyCall, department: &'static str) -> Who {
    let AnyCall::Orgs(Call::Approve { number, .. }) = call else { panic!("one alone has done {call:?}") };
    let prepared_by = proposal_of(story, department, *number).prepared_by;
    PLAYERS.into_iter().find(|who| who.account() == prepared_by).expect("a player")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is tried by whomever: who comes to a right has not given it himself; whoever gave it was an administrator there or above, for
    /// all of its term; where four eyes are wanted, a role that decides came from two, and so did an administrator above; and that they are
    /// wanted no longer came from two as well, one of them from above. Who comes to another tree was let go there and taken here, by two, and has no
    /// right from that.
    #[test]
    fn rights_come_from_administrators_alone(
        is_alone in any::<bool>(),
        attempts in proptest::collection::vec((0..4usize, (0..40u8, 1..5usize, 1..5usize, 0..14usize, 0..25u8)), 1..16),
    ) {
        let mut story = city();
        let soon = story.time().plus_millis(30 * DAY_MILLIS).to_string();
        let centre = department_code(1);
        tell(&mut story, &[
            (Who::Mayor, register_below(APPROVAL, centre), "DepartmentRegistered"),
            (Who::Mayor, appoint(APPROVAL, Who::Li, &[]), "Appointed"),
            (Who::Mayor, appoint(centre, Who::Li, &[]), "Appointed"),
            (Who::Mayor, appoint(centre, Who::Trainee, &[]), "Appointed"),
            (Who::Mayor, appoint(GOVERNMENT, Who::Head, &[]), "Appointed"),
            (Who::Mayor, grant(APPROVAL, Who::Head, ROLES[0], None, &soon), "Granted"),
            (Who::Admin, register(department_code(2)), "DepartmentRegistered"),
            (Who::Admin, name_administrator(department_code(2), Who::Clerk, TERM_END), "AdministratorNamed"),
            (Who::Mayor, offer_transfer(Who::Trainee, APPROVAL, department_code(2), UNTIL), "TransferOffered"),
        ]);
        if !is_alone {
            tell(&mut story, &[(Who::Mayor, change(centre, four_eyes(true)), "DepartmentChanged")]);
        }
        let mut held = rights(&story);
        for (actor, attempt) in attempts {
            let (actor, before) = (PLAYERS[actor], story.clone());
            let call = attempted(attempt, story.time());
            let receipt = story.act(&actor.key(), vec![call.to_bytes()]);
            let is_applied = matches!(receipt.outcome, Outcome::Applied { .. });
            if is_applied && let Some((who, from, to)) = taken_over(&call) {
                let offerer = offerer_of(&before, who, from);
                prop_assert!(offerer != actor && actor != who && offerer != who, "I18 two let go and take");
                prop_assert!(administers(&before, offerer, from, story.time()), "{offerer:?} let go from {from}");
                prop_assert!(administers(&before, actor, to, story.time()), "{actor:?} took to {to}");
                prop_assert!(line_of(from).last() != line_of(to).last(), "within a tree nobody is offered");
                let has_right = |place| rights(&story).iter().any(|right| right.0 == who && right.2 == place);
                prop_assert!(!has_right(from) && !has_right(to), "no right follows");
            }
            let (wanted, wants) = (want_four_eyes(&before), want_four_eyes(&story));
            for department in wanted.iter().filter(|place| !wants.contains(place)) {
                let preparer = preparer_of(&before, &call, department);
                prop_assert!(preparer != actor, "{actor:?} alone has waived four eyes in {department}");
                let both = [actor, preparer];
                prop_assert!(both.iter().all(|who| administers(&before, *who, department, story.time())));
                let is_above = |who: &Who| above(department).is_none_or(|above| administers(&before, *who, above, story.time()));
                prop_assert!(both.iter().any(is_above), "{department} has changed itself");
            }
            let is_change = matches!(&call, AnyCall::Orgs(Call::ChangeDepartment { .. })) || wanted != wants;
            let holds = rights(&story);
            for (who, role, department, days) in holds.difference(&held) {
                prop_assert!(is_applied, "a refusal has given something");
                if is_change {
                    continue; // what was given before counts again
                }
                let at = story.time().plus_millis(days * DAY_MILLIS);
                prop_assert!(*who != actor, "{actor:?} has given himself {role}");
                prop_assert!(administers(&before, actor, department, at), "{actor:?} gave {role} in {department}");
                if needs_two(&before, *role, department) {
                    let preparer = preparer_of(&before, &call, department);
                    prop_assert!(preparer != actor && preparer != *who);
                    prop_assert!(administers(&before, preparer, department, at));
                }
            }
            held = holds;
        }
    }
}
