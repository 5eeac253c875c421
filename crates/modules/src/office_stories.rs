//! Stories of offices: who can hold one, what stands on the ledger of them, and what the stories of `orgs` need, too.

use crate::ending_stories::{change_level, confirm_last, record_death};
use crate::identity::{self, AssuranceLevel};
use crate::orgs::{
    Appointment, Call, CallKind, Change, Department, DivisionAmendment, Orgs, Position, Profile, Proposal, Query,
    Safeguard, Standing, View, standing, successor,
};
use crate::recovery_stories::{resume, suspend as suspend_account};
use crate::test_cast::*;
use crate::{Call as AnyCall, Query as AnyQuery, View as AnyView};
use strum::IntoEnumIterator;
use tongban_kernel::testing::Story;
use tongban_kernel::{Access, Module as _, Role, Scope, Stop};
use tongban_types::Time;

const UNTIL: &str = "2026-02-01T00:00:00Z";

pub fn standing_at(
    story: &Story,
    who: Who,
    role: Role,
    scope: (&'static str, Option<&str>),
    at: Time,
) -> Option<Standing> {
    let scope = Scope { department: code(scope.0), post: scope.1.map(text) };
    let found = story.ask(|state| standing(state, &who.account(), role, &scope, at).map_err(Stop::from));
    found.expect("a question about records never stops")
}

pub fn standing_of(
    story: &Story,
    who: Who,
    role: Role,
    department: &'static str,
    post: Option<&str>,
) -> Option<Standing> {
    standing_at(story, who, role, (department, post), story.time())
}

pub fn ask(story: &Story, query: Query) -> View {
    let query = AnyQuery::Orgs(query);
    match story.ask(|state| query.answer(state)).expect("a query of records never stops") {
        AnyView::Orgs(view) => view,
        other => panic!("expected a view of departments, found {other:?}"),
    }
}

pub fn department_of(story: &Story, department: &'static str) -> Department {
    match ask(story, Query::Department { department: code(department) }) {
        View::Department { department: Some(department) } => *department,
        other => panic!("expected a department, found {other:?}"),
    }
}

pub fn appointment_of(story: &Story, department: &'static str, who: Who) -> Appointment {
    match ask(story, Query::Officer { department: code(department), account: who.account() }) {
        View::Officer { appointment: Some(appointment) } => *appointment,
        other => panic!("expected an appointment, found {other:?}"),
    }
}

pub fn past_of(story: &Story, department: &'static str, who: Who, number: u32) -> Option<Appointment> {
    match ask(story, Query::PastAppointment { department: code(department), account: who.account(), number }) {
        View::PastAppointment { appointment } => appointment.map(|appointment| *appointment),
        other => panic!("expected an appointment, found {other:?}"),
    }
}

pub fn proposal_of(story: &Story, department: &'static str, number: u32) -> Proposal {
    match ask(story, Query::Proposal { department: code(department), number }) {
        View::Proposal { proposal: Some(proposal) } => *proposal,
        other => panic!("expected a proposal, found {other:?}"),
    }
}

#[test]
fn an_office_is_for_accounts_that_can_act() {
    let mut story = city();
    tell(
        &mut story,
        &[
            (Who::Admin, register(department_code(1)), "DepartmentRegistered"),
            (Who::Mayor, appoint(APPROVAL, Who::Zhang, &[]), "Appointed"),
            (Who::Admin, suspend_account(Who::Zhang), "Suspended"),
            (Who::Admin, suspend_account(Who::Li), "Suspended"),
        ],
    );
    let refused = [
        (Who::Mayor, appoint(APPROVAL, Who::Li, &[])),
        (Who::Mayor, transfer(Who::Zhang, APPROVAL, FIRE, &[])),
        (Who::Mayor, grant(APPROVAL, Who::Zhang, Role::Receiver, None, UNTIL)),
        (Who::Mayor, propose(APPROVAL, Who::Zhang, Role::Head, UNTIL)),
        (Who::Mayor, name_deputy(APPROVAL, Who::Zhang, Who::Approver, UNTIL)),
        (Who::Mayor, propose_deputy(APPROVAL, Who::Zhang, Who::Approver, UNTIL)),
        (Who::Admin, name_administrator(department_code(1), Who::Li, UNTIL)),
    ];
    for (who, call) in &refused {
        tell(&mut story, &[(*who, call.clone(), "orgs.account_not_active")]); // I11
    }
    // What is prepared for one who can act is not approved when he cannot any more.
    tell(
        &mut story,
        &[
            (Who::Admin, resume(Who::Zhang), "Resumed"),
            (Who::Mayor, propose(APPROVAL, Who::Zhang, Role::Head, UNTIL), "Prepared"),
            (Who::Admin, suspend_account(Who::Zhang), "Suspended"),
            (Who::Clerk, approve(APPROVAL, 1), "orgs.account_not_active"), // I11
            (Who::Admin, resume(Who::Zhang), "Resumed"),
            (Who::Admin, resume(Who::Li), "Resumed"),
        ],
    );
    let given = ["Appointed", "Transferred", "orgs.not_in_office"];
    for ((who, call), expected) in refused.into_iter().zip(given) {
        tell(&mut story, &[(who, call, expected)]);
    }
}

#[test]
fn nobody_stands_in_for_an_officer_who_may_not_act() {
    let mut story = city();
    let decides = |story: &Story| standing_of(story, Who::Trainee, Role::Approver, APPROVAL, None);
    let deputy_for = Some(Standing::DeputyFor(Who::Approver.account()));
    tell(&mut story, &[(Who::Clerk, name_deputy(APPROVAL, Who::Trainee, Who::Approver, UNTIL), "DeputyNamed")]);
    assert_eq!(decides(&story), deputy_for);
    tell(&mut story, &[(Who::Admin, suspend_account(Who::Approver), "Suspended")]);
    assert_eq!(decides(&story), None); // I7
    tell(&mut story, &[(Who::Admin, resume(Who::Approver), "Resumed")]);
    assert_eq!(decides(&story), deputy_for);
    tell(
        &mut story,
        &[
            (Who::IdentityOfficer, bind(Who::Approver), "PersonBound"),
            (Who::CivilOfficer, record_death(Who::Approver), "ProposalRecorded"),
        ],
    );
    assert_eq!(decides(&story), deputy_for, "recorded is not confirmed");
    let confirm = confirm_last(&story, Who::Approver);
    tell(&mut story, &[(Who::RecoveryApprover, confirm, "AccountEnded")]);
    assert_eq!(decides(&story), None); // I7
}

#[test]
fn with_bound_officers_roles_that_decide_are_for_bound_persons() {
    let mut story = city();
    let (below, root) = (department_code(1), department_code(2));
    let head = |department| grant(department, Who::Trainee, Role::Head, None, UNTIL);
    tell(
        &mut story,
        &[
            (Who::Mayor, change(APPROVAL, bound_officers(false)), "orgs.unchanged"),
            (Who::Mayor, change(APPROVAL, bound_officers(true)), "DepartmentChanged"),
            (Who::Clerk, head(APPROVAL), "orgs.not_bound"), // I11
            (Who::Clerk, propose(APPROVAL, Who::Trainee, Role::Head, UNTIL), "orgs.not_bound"), // I11
            (Who::Clerk, grant(APPROVAL, Who::Trainee, Role::Receiver, None, UNTIL), "Granted"), // decides nothing
            (Who::IdentityOfficer, bind(Who::Trainee), "PersonBound"),
            (Who::IdentityOfficer, change_level(Who::Trainee, AssuranceLevel::L1), "LevelChanged"),
            (Who::Clerk, head(APPROVAL), "orgs.not_bound"), // I11: a telephone number is no name
            (Who::IdentityOfficer, change_level(Who::Trainee, AssuranceLevel::L2), "LevelChanged"),
            (Who::Clerk, head(APPROVAL), "Granted"),
            // What is registered below wants them, too; a department beside does not.
            (Who::Clerk, register_below(APPROVAL, below), "DepartmentRegistered"),
            (Who::Clerk, appoint(below, Who::Li, &[]), "Appointed"),
            (Who::Clerk, grant(below, Who::Li, Role::Head, None, UNTIL), "orgs.not_bound"),
            (Who::Mayor, appoint(FIRE, Who::Li, &[]), "Appointed"),
            (Who::Mayor, grant(FIRE, Who::Li, Role::Head, None, UNTIL), "Granted"),
            // The network's administrator names no other ones either.
            (Who::Admin, register(root), "DepartmentRegistered"),
            (Who::Admin, change_root(root, bound_officers(true)), "DepartmentChanged"),
            (Who::Admin, name_administrator(root, Who::Zhang, UNTIL), "orgs.not_bound"),
            (Who::IdentityOfficer, bind(Who::Zhang), "PersonBound"),
            (Who::Admin, name_administrator(root, Who::Zhang, UNTIL), "AdministratorNamed"),
            // It takes two to do without.
            (Who::Mayor, change(below, bound_officers(false)), "orgs.four_eyes"), // I8
            (Who::Clerk, propose_waiver(below, Safeguard::BoundOfficers), "Prepared"),
            (Who::Mayor, approve(below, 1), "DepartmentChanged"),
            (Who::Clerk, grant(below, Who::Li, Role::Head, None, UNTIL), "Granted"),
        ],
    );
}

/// What a deputy may do depends on what the other one holds, so that it is looked at when he is named and when he acts.
#[test]
fn with_bound_officers_a_deputy_decides_only_as_a_bound_person() {
    let mut story = city();
    let of = |absent| name_deputy(APPROVAL, Who::Trainee, absent, UNTIL);
    tell(
        &mut story,
        &[
            (Who::Clerk, of(Who::Head), "DeputyNamed"), // before the safeguard was on
            (Who::Mayor, change(APPROVAL, bound_officers(true)), "DepartmentChanged"),
            (Who::Clerk, of(Who::Approver), "orgs.not_bound"), // I11
            (Who::Clerk, propose_deputy(APPROVAL, Who::Trainee, Who::Approver, UNTIL), "orgs.not_bound"), // I11
            (Who::Clerk, of(Who::Receiver), "DeputyNamed"),    // who decides nothing
            (Who::IdentityOfficer, bind(Who::Receiver), "PersonBound"),
            (Who::Clerk, grant(APPROVAL, Who::Receiver, Role::Approver, None, UNTIL), "Granted"),
        ],
    );
    let standing = |story: &Story, role| standing_of(story, Who::Trainee, role, APPROVAL, None);
    let for_receiver = Some(Standing::DeputyFor(Who::Receiver.account()));
    assert_eq!(standing(&story, Role::Receiver), for_receiver);
    assert_eq!(standing(&story, Role::Approver), None, "a role that came after him"); // I11
    assert_eq!(standing(&story, Role::Head), None, "named before, he does not decide"); // I11
    tell(&mut story, &[(Who::IdentityOfficer, bind(Who::Trainee), "PersonBound")]);
    assert_eq!(standing(&story, Role::Approver), for_receiver);
    assert_eq!(standing(&story, Role::Head), Some(Standing::DeputyFor(Who::Head.account())));
    tell(&mut story, &[(Who::Clerk, of(Who::Approver), "DeputyNamed")]);
}

#[test]
fn who_establishes_identities_is_a_person() {
    let mut story = city();
    let system = open_system(&story, Who::Stranger);
    tell(
        &mut story,
        &[
            (Who::Registrar, system, "AccountOpened"),
            (Who::Mayor, appoint(POLICE, Who::Stranger, &[]), "Appointed"),
            (Who::Mayor, grant(POLICE, Who::Stranger, Role::IdentityOfficer, None, UNTIL), "orgs.system_decides"), // I9
        ],
    );
}

#[test]
fn attempts_to_give_what_is_not_ones_to_give_stand_on_receipts() {
    let mut story = city();
    let on_receipt = |story: &mut Story, who: Who, call: AnyCall, code| {
        assert_eq!(call.validate(), Ok(()), "it comes into a block");
        tell(story, &[(who, call, code)]);
    };
    for role in Role::iter() {
        if role.is_of_department() {
            let call = identity::Call::GrantRole { account: Who::Li.account(), role };
            on_receipt(&mut story, Who::Admin, AnyCall::Identity(call), "identity.department_role");
        } else {
            on_receipt(&mut story, Who::Mayor, grant(APPROVAL, Who::Trainee, role, None, UNTIL), "orgs.network_role");
            on_receipt(&mut story, Who::Mayor, propose(APPROVAL, Who::Trainee, role, UNTIL), "orgs.network_role");
        }
    }
}

fn access_of(call: &Call) -> Access {
    Orgs::access(CallKind::from(call))
}

/// Refused before it comes into a block: there it would stay.
#[test]
fn no_text_holds_the_number_of_a_citizen() {
    const NUMBER: &str = "11010519491231002X";
    let mut story = city();
    let named = |profile| AnyCall::Orgs(Call::RegisterDepartment { department: code(department_code(1)), profile });
    let of_position =
        |position| AnyCall::Orgs(Call::Appoint { department: code(APPROVAL), account: Who::Li.account(), position });
    let (department, account) = (code(APPROVAL), Who::Head.account());
    let calls = [
        named(Profile { name: text(NUMBER), ..profile("局", "局") }),
        named(Profile { short_name: text(NUMBER), ..profile("局", "局") }),
        named(Profile { host: Some(text(NUMBER)), ..profile("局", "局") }),
        of_position(Position { office: text(NUMBER), ..position(&[]) }),
        of_position(position(&[NUMBER])),
        of_position(Position { staff_number: Some(text(NUMBER)), ..position(&[]) }),
        AnyCall::Orgs(Call::Dismiss { department, account, reason: text("身份证11010519491231002x") }),
        AnyCall::Orgs(Call::Reject { department, number: 1, reason: text(NUMBER) }),
        AnyCall::Orgs(Call::DeclineTransfer { account, from: code(FIRE), to: department, reason: text(NUMBER) }),
        AnyCall::Orgs(Call::AcceptTransfer {
            account,
            from: code(FIRE),
            to: department,
            position: position(&[NUMBER]),
        }),
        amend_division("510150", DivisionAmendment::Add { name: text(NUMBER) }, UNTIL),
        AnyCall::Orgs(Call::NameAdministrator { department, account, office: text(NUMBER), until: Time::MAX }),
        change(APPROVAL, Change::Rename { name: text(NUMBER), short_name: text("局") }),
        change(APPROVAL, Change::Host { host: Some(text(NUMBER)) }),
        change(APPROVAL, Change::Suspend { reason: text(NUMBER) }),
        change(APPROVAL, Change::Close { merged_into: None, reason: text(NUMBER) }),
    ];
    for call in calls {
        assert!(call.validate().is_err(), "it comes into no block: {call:?}"); // I14
        let is_of_network =
            matches!(&call, AnyCall::Orgs(call) if access_of(call) == Access::Role(Role::Administrator));
        let who = if is_of_network { Who::Admin } else { Who::Mayor };
        tell(&mut story, &[(who, call, "orgs.citizen_number")]); // I14
    }
    tell(&mut story, &[(Who::Mayor, of_position(position(&["110105194912310021"])), "Appointed")]); // none by its check character
}

#[test]
fn a_department_is_hosted_by_a_member_of_the_network() {
    let mut story = city();
    let hosted = |host| Profile { host: Some(text(host)), ..profile("局", "局") };
    let register_with = |host| {
        let (parent, department) = (code(GOVERNMENT), code(department_code(1)));
        AnyCall::Orgs(Call::RegisterSubordinate { parent, department, profile: hosted(host) })
    };
    let host = |host: &str| Change::Host { host: Some(text(host)) };
    tell(
        &mut story,
        &[
            (Who::Mayor, register_with("别处数据局"), "orgs.host_unknown"), // I12
            (Who::Mayor, register_with("数据局"), "DepartmentRegistered"),
            (Who::Mayor, change(APPROVAL, host("别处数据局")), "orgs.host_unknown"), // I12
            (Who::Mayor, change(APPROVAL, host("数据局")), "DepartmentChanged"),
            (Who::Mayor, change(APPROVAL, Change::Host { host: None }), "DepartmentChanged"),
        ],
    );
}

#[test]
fn who_answers_for_a_closed_department_is_found_behind_every_chain() {
    let mut story = city();
    let department = |number: u8| department_code(10 + number);
    for number in 0..=33 {
        tell(&mut story, &[(Who::Mayor, register_below(GOVERNMENT, department(number)), "DepartmentRegistered")]);
    }
    // Now and then others are closed into a link of the chain, which makes it no longer.
    tell(&mut story, &[(Who::Mayor, change(MANAGEMENT, close(Some(department(20)))), "DepartmentChanged")]);
    for number in 0..=32 {
        let next = change(department(number), close(Some(department(number + 1))));
        let expected = if number < 32 { "DepartmentChanged" } else { "orgs.too_many_successions" }; // I13
        tell(&mut story, &[(Who::Mayor, next, expected)]);
    }
    let after = |story: &Story, from| story.ask(|state| successor(state, &code(from)).map_err(Stop::from));
    for from in (0..=32).map(department).chain([MANAGEMENT]) {
        assert_eq!(after(&story, from), Ok(Some(code(department(32)))), "{from}");
    }
    assert_eq!(department_of(&story, department(32)).successions, 32);
    // Without another one nobody answers, for none of them.
    tell(&mut story, &[(Who::Mayor, change(department(32), close(None)), "DepartmentChanged")]);
    assert_eq!((after(&story, department(0)), after(&story, department(31))), (Ok(None), Ok(None)));
}
