//! Stories of divisions: what becomes of them, who is registered for them, and which department sets their rules.

use crate::Call;
use crate::cases::{self, Rules};
use crate::office_stories::{ask, department_of};
use crate::orgs::{
    Division, DivisionAmendment, DivisionKind, DivisionValidity, Level, Query, Responsibility, Status, View,
};
use crate::test_cast::*;
use tongban_kernel::Role;
use tongban_kernel::testing::Story;

const DAY_MILLIS: u64 = 86_400_000;
/// A code below the city's that nobody has.
const NEW: &str = "510150";
const NOW: &str = "2026-01-01T00:00:00Z";
const SOON: &str = "2026-01-11T00:00:00Z";
const LATER: &str = "2026-01-21T00:00:00Z";

fn add(name: &str) -> DivisionAmendment {
    DivisionAmendment::Add { name: text(name) }
}

fn rename(name: &str) -> DivisionAmendment {
    DivisionAmendment::Rename { name: text(name) }
}

fn abolish(successor: Option<&'static str>) -> DivisionAmendment {
    DivisionAmendment::Abolish { successor: successor.map(code) }
}

fn division_of(story: &Story, division: &'static str, at: &str) -> Option<Division> {
    match ask(story, Query::Division { division: code(division), at: time(at) }) {
        View::Division { division, .. } => division,
        other => panic!("expected a division, found {other:?}"),
    }
}

fn responsibility_of(story: &Story, division: &'static str) -> Option<Responsibility> {
    match ask(story, Query::Responsibility { division: code(division) }) {
        View::Responsibility { responsibility } => responsibility,
        other => panic!("expected who is responsible, found {other:?}"),
    }
}

fn root_for(department: &'static str, division: &'static str) -> Call {
    let profile = crate::orgs::Profile { division: code(division), ..profile("甲市人民政府", "市政府") };
    Call::Orgs(crate::orgs::Call::RegisterDepartment { department: code(department), profile })
}

#[test]
fn a_department_is_registered_for_a_division_that_is_there() {
    let mut story = city();
    tell(
        &mut story,
        &[
            (Who::Admin, root_for(department_code(1), "999999000000"), "orgs.division_unknown"), // I15
            (Who::Admin, root_for(department_code(1), "519900000000"), "orgs.division_unknown"), // I15
            (Who::Admin, root_for(department_code(1), "519900001000"), "orgs.division_unknown"), // I15: a town of nowhere
            (Who::Admin, root_for(department_code(1), "110100000000"), "orgs.division_heading"), // I15: 市辖区
            (Who::Admin, root_for(department_code(1), "429000000000"), "orgs.division_heading"), // I15: 省直辖县级行政区划
            (Who::Mayor, register_for(GOVERNMENT, department_code(1), "510199000000"), "orgs.division_unknown"), // I15
            (Who::Admin, root_for(department_code(1), "100000000000"), "DepartmentRegistered"),
            (Who::Admin, root_for(department_code(2), "429004000000"), "DepartmentRegistered"),
            (Who::Admin, root_for(department_code(3), "130171000000"), "DepartmentRegistered"), // a zone
            (Who::Admin, root_for(department_code(4), "653229000000"), "DepartmentRegistered"),
            (Who::Mayor, register_for(GOVERNMENT, department_code(5), "510104001001"), "DepartmentRegistered"),
        ],
    );
}

#[test]
fn a_division_is_added_renamed_and_abolished_from_a_day_on() {
    let centre = department_code(1);
    let mut story = city();
    let here = |department| register_for(GOVERNMENT, department, "510150000000");
    tell(
        &mut story,
        &[
            (Who::Mayor, here(centre), "orgs.division_unknown"),
            (Who::Admin, amend_division(NEW, add("新区"), SOON), "DivisionAmended"),
            (Who::Mayor, here(centre), "orgs.division_unknown"), // I15: not yet
            (Who::Admin, amend_division(NEW, rename("云港新区"), LATER), "DivisionAmended"),
        ],
    );
    let found = |story: &Story, at| {
        let found = division_of(story, "510150000000", at).expect("it was told of");
        (found.name.to_string(), found.validity)
    };
    let not_yet = DivisionValidity::NotYet { from: time(SOON) };
    assert_eq!(found(&story, NOW), ("新区".to_owned(), not_yet));
    assert_eq!(found(&story, SOON), ("新区".to_owned(), DivisionValidity::Valid));
    assert_eq!(found(&story, LATER), ("云港新区".to_owned(), DivisionValidity::Valid));
    story.pass_millis(11 * DAY_MILLIS);
    tell(
        &mut story,
        &[
            (Who::Mayor, here(centre), "DepartmentRegistered"),
            (Who::Admin, amend_division(NEW, abolish(Some("510104")), LATER), "DivisionAmended"),
            (Who::Mayor, here(department_code(2)), "DepartmentRegistered"), // until that day
        ],
    );
    story.pass_millis(10 * DAY_MILLIS);
    tell(
        &mut story,
        &[
            (Who::Mayor, here(department_code(3)), "orgs.division_abolished"), // I15
            (Who::Mayor, register_for(centre, department_code(3), "510150001000"), "orgs.division_abolished"), // I15
            (Who::Mayor, appoint(centre, Who::Li, &[]), "Appointed"),          // those that are there stay
            (Who::Admin, amend_division(NEW, add("又一区"), "2026-02-01T00:00:00Z"), "DivisionAmended"),
        ],
    );
    assert_eq!(department_of(&story, centre).status, Status::Active);
    let abolished = DivisionValidity::Abolished { since: time(LATER), successor: Some(code("510104")) };
    assert_eq!(found(&story, "2026-01-25T00:00:00Z"), ("云港新区".to_owned(), abolished));
    let View::Division { changes, .. } = ask(&story, Query::Division { division: code("510150000000"), at: time(NOW) })
    else {
        panic!("expected a division")
    };
    let told: Vec<_> = changes.iter().map(|change| (change.from, change.by)).collect();
    let by = Who::Admin.account();
    let days = [SOON, LATER, LATER, "2026-02-01T00:00:00Z"];
    assert_eq!(told, days.map(|day| (time(day), by)), "all of it stays"); // I16
}

#[test]
fn what_becomes_of_a_division_is_refused_where_it_cannot_be() {
    let mut story = city();
    tell(
        &mut story,
        &[
            (Who::Admin, amend_division(NEW, add(""), SOON), "orgs.text_missing"),
            (Who::Admin, amend_division(NEW, rename(""), SOON), "orgs.text_missing"),
            (Who::Admin, amend_division("510104", abolish(Some("510104")), SOON), "orgs.division_succeeds_itself"),
            (Who::Admin, amend_division("110100", rename("北京"), SOON), "orgs.division_heading"),
            (Who::Admin, amend_division("510104", add("锦江区"), SOON), "orgs.division_exists"),
            (Who::Admin, amend_division("519901", add("新区"), SOON), "orgs.division_above_unknown"), // no 519900
            (Who::Admin, amend_division(NEW, rename("新区"), SOON), "orgs.division_unknown"),
            (Who::Admin, amend_division(NEW, abolish(None), SOON), "orgs.division_unknown"),
            (Who::Admin, amend_division("510104", rename("锦江区"), SOON), "orgs.unchanged"),
            (Who::Admin, amend_division("510104", abolish(Some(NEW)), SOON), "orgs.division_successor_unknown"),
            (Who::Admin, amend_division("510104", abolish(Some("110100")), SOON), "orgs.division_successor_unknown"),
            (Who::Admin, amend_division("510104", abolish(None), SOON), "DivisionAmended"),
            (Who::Admin, amend_division("510104", abolish(None), LATER), "orgs.division_abolished"),
            (Who::Admin, amend_division("510104", rename("新区"), LATER), "orgs.division_abolished"),
            (Who::Admin, amend_division("510104", rename("新区"), NOW), "orgs.division_order"), // I16
            (Who::Admin, amend_division("510105", abolish(Some("510104")), LATER), "orgs.division_successor_unknown"),
            (Who::Admin, amend_division("510105", abolish(Some("510106")), LATER), "DivisionAmended"),
        ],
    );
    for number in 1..=32 {
        let named = rename(&format!("青白江区{number}"));
        tell(&mut story, &[(Who::Admin, amend_division("510113", named, SOON), "DivisionAmended")]);
    }
    let last = amend_division("510113", rename("青白江区"), SOON);
    tell(&mut story, &[(Who::Admin, last, "orgs.too_many_division_changes")]); // I16
}

#[test]
fn a_division_is_asked_for_by_its_code() {
    let story = city();
    let cases = [
        ("510100000000", Some(("成都市", Level::City, DivisionKind::Place))),
        ("510104001001", Some(("锦江区", Level::County, DivisionKind::Place))), // the county of a village
        ("110100000000", Some(("市辖区", Level::City, DivisionKind::Heading))),
        ("130171000000", Some(("石家庄高新技术产业开发区", Level::County, DivisionKind::FunctionalZone))),
        ("519900000000", None),
    ];
    for (division, expected) in cases {
        let found = division_of(&story, division, NOW);
        let found = found.as_ref().map(|found| (&*found.name, found.level, found.kind));
        assert_eq!(found, expected, "{division}");
    }
}

fn set_rules(department: &'static str) -> Call {
    Call::Cases(cases::Call::SetRules { department: code(department), rules: Rules::default() })
}

/// Whoever supervises there for all of it.
fn supervise(department: &'static str, who: Who) -> [Call; 2] {
    [appoint(department, who, &[]), grant(department, who, Role::Supervisor, None, TERM_END)]
}

#[test]
fn of_several_uppermost_departments_the_one_that_is_named_sets_the_rules() {
    let (branch, county) = (department_code(1), department_code(2));
    let mut story = city();
    let [appoint_li, grant_li] = supervise(GOVERNMENT, Who::Li);
    let [appoint_head, grant_head] = supervise(branch, Who::Head);
    let counted = |story: &Story| {
        let found = responsibility_of(story, "510100000000").expect("departments are there for it");
        (found.departments, found.named.map(|named| named.department))
    };
    tell(
        &mut story,
        &[
            (Who::Mayor, appoint_li, "Appointed"),
            (Who::Mayor, grant_li, "Granted"),
            (Who::Li, set_rules(GOVERNMENT), "RulesSet"), // one alone needs no naming
        ],
    );
    assert_eq!(counted(&story), (1, None), "its bureaus do not count");
    assert_eq!(responsibility_of(&story, "510105000000"), None);
    tell(
        &mut story,
        &[
            (Who::Admin, register(branch), "DepartmentRegistered"),
            (Who::Admin, name_administrator(branch, Who::Zhang, TERM_END), "AdministratorNamed"),
            (Who::Zhang, appoint_head, "Appointed"),
            (Who::Zhang, grant_head, "Granted"),
            (Who::Head, set_rules(branch), "cases.division_of_another"), // I17
            (Who::Li, set_rules(GOVERNMENT), "cases.division_of_another"), // I17
            (Who::Admin, name_responsible(department_code(9)), "orgs.not_found"),
            (Who::Admin, name_responsible(APPROVAL), "orgs.not_uppermost"), // I17
            (Who::Admin, name_responsible(GOVERNMENT), "ResponsibleNamed"),
            (Who::Admin, name_responsible(GOVERNMENT), "orgs.unchanged"),
            (Who::Li, set_rules(GOVERNMENT), "RulesSet"),
            (Who::Head, set_rules(branch), "cases.division_of_another"), // I17
            (Who::Admin, name_responsible(branch), "ResponsibleNamed"),
            (Who::Li, set_rules(GOVERNMENT), "cases.division_of_another"), // I17
            (Who::Head, set_rules(branch), "RulesSet"),
            // A department below for a smaller division is the uppermost one there.
            (Who::Mayor, register_for(GOVERNMENT, county, "510105000000"), "DepartmentRegistered"),
            (Who::Mayor, register_for(county, department_code(3), "510105000000"), "DepartmentRegistered"),
            (Who::Admin, change_root(branch, suspend()), "DepartmentChanged"),
            (Who::Admin, name_responsible(branch), "orgs.suspended"),
        ],
    );
    assert_eq!(counted(&story), (2, Some(code(branch))));
    assert_eq!(responsibility_of(&story, "510105000000").map(|found| found.departments), Some(1));
    tell(
        &mut story,
        &[
            (Who::Admin, change_root(branch, close(None)), "DepartmentChanged"),
            (Who::Admin, name_responsible(branch), "orgs.closed"),
            (Who::Li, set_rules(GOVERNMENT), "RulesSet"), // alone again
        ],
    );
    assert_eq!(counted(&story), (1, None)); // I17
}
