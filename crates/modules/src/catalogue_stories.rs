//! Stories of the catalogue: for whom a publisher publishes, and what is said of departments that are not there.

use crate::catalogue::tests::{definition, good, historic, import, publish_as, resume, retire, suspend, with};
use crate::catalogue::{Error, Event, HistoricItem, Item};
use crate::identity;
use crate::test_cast::{
    APPROVAL, CIVIL, FIRE, GOVERNMENT, MARKET, POLICE, Who, appoint, change, city, close, code, department_code,
    dismiss, network, suspend as suspend_department, tell, text,
};
use crate::{Call as AnyCall, Event as AnyEvent, item_rules};
use serde_json::{Value as Json, json};
use tongban_kernel::Role;
use tongban_kernel::testing::Story;
use tongban_types::{Digest, Outcome, codec};

const OUTSIDE: &str = "catalogue.outside_office";
const LATER: &str = "2030-01-01T00:00:00Z";

fn make_publisher(story: &mut Story, who: Who) {
    let role = AnyCall::Identity(identity::Call::GrantRole { account: who.account(), role: Role::Publisher });
    tell(story, &[(Who::Admin, role, "RoleGranted")]);
}

/// The item of another department: that of the story is led by market regulation.
fn of(department: &str) -> Json {
    let mut item = with(&[("/department/code", json!(department))]);
    for place in [0, 1, 3, 4] {
        item["flow"][place]["department"] = json!(department);
    }
    item
}

#[test]
fn a_person_publishes_for_the_departments_in_which_he_is_in_office_and_those_below() {
    let mut story = city();
    make_publisher(&mut story, Who::Li);
    tell(
        &mut story,
        &[
            (Who::Li, publish_as("A-1", 1, &good()), OUTSIDE), // I7: the role alone is not enough
            (Who::Mayor, appoint(MARKET, Who::Li, &[]), "Appointed"),
            (Who::Li, publish_as("A-1", 1, &good()), "Published"),
            (Who::Li, publish_as("B-1", 1, &of(APPROVAL)), OUTSIDE), // I7
            (Who::Li, publish_as("B-1", 1, &of(GOVERNMENT)), OUTSIDE), // I7: not for the one above
            (Who::Mayor, appoint(GOVERNMENT, Who::Li, &[]), "Appointed"),
            (Who::Li, publish_as("B-1", 1, &of(APPROVAL)), "Published"),
            (Who::Li, suspend("B-1"), "Suspended"),
            (Who::Mayor, dismiss(GOVERNMENT, Who::Li), "Dismissed"),
            (Who::Li, resume("B-1"), OUTSIDE),        // I7
            (Who::Li, retire("B-1", LATER), OUTSIDE), // I7
            (Who::Li, suspend("A-1"), "Suspended"),
            (Who::Li, resume("A-1"), "Resumed"),
            (Who::Mayor, change(MARKET, suspend_department()), "DepartmentChanged"),
            (Who::Li, retire("A-1", LATER), OUTSIDE), // I7: nobody acts in a suspended department
            (Who::Editor, retire("A-1", LATER), "Retired"), // the office that keeps the network's catalogue
        ],
    );
}

#[test]
fn nobody_takes_over_an_item_of_another_department() {
    let mut story = city();
    make_publisher(&mut story, Who::Li);
    let of_fire = HistoricItem { department_code: text(FIRE), ..historic() };
    let of_nobody = HistoricItem { department_code: text("11736"), ..historic() };
    tell(
        &mut story,
        &[
            (Who::Mayor, appoint(MARKET, Who::Li, &[]), "Appointed"),
            (Who::Editor, publish_as("B-1", 1, &of(APPROVAL)), "Published"),
            (Who::Li, publish_as("B-1", 2, &good()), OUTSIDE), // I7
            (Who::Li, import("C-1", of_fire), "Imported"),
            (Who::Li, publish_as("C-1", 1, &good()), OUTSIDE), // I7
            (Who::Li, import("D-1", of_nobody), "Imported"),
            (Who::Li, publish_as("D-1", 1, &good()), "Published"),
            (Who::Mayor, change(APPROVAL, close(Some(MARKET))), "DepartmentChanged"),
            (Who::Li, publish_as("B-1", 2, &good()), "Published"), // his department has taken the other's place
        ],
    );
}

/// An organisation has no office: one that is bound to a code is that department, and no other organisation's catalogue is its own.
#[test]
fn an_organisation_publishes_as_the_department_to_which_it_is_bound() {
    let mut story = city();
    let bind = |to: &'static str| {
        AnyCall::Identity(identity::Call::BindCompany {
            department: code(POLICE),
            account: Who::Eve.account(),
            code: code(to),
            level: identity::AssuranceLevel::L3,
            papers: Digest([7; 32]),
        })
    };
    tell(&mut story, &[(Who::IdentityOfficer, bind(MARKET), "CompanyBound")]);
    make_publisher(&mut story, Who::Eve);
    tell(
        &mut story,
        &[
            (Who::Eve, publish_as("A-1", 1, &good()), "Published"),
            (Who::Eve, publish_as("B-1", 1, &of(CIVIL)), OUTSIDE), // I7
        ],
    );
}

/// What is said of departments when this item is published.
fn absent_at(story: &mut Story, item_code: &str, item: &Json) -> Vec<String> {
    let receipt = story.act(&Who::Editor.key(), vec![publish_as(item_code, 1, item).to_bytes()]);
    let Outcome::Applied { events } = receipt.outcome else { panic!("refused") };
    match codec::decode(events[0].as_ref()).expect("an event of ours") {
        AnyEvent::Catalogue(Event::Published { absent_departments, .. }) => {
            absent_departments.iter().map(ToString::to_string).collect()
        }
        other => panic!("expected a publication, found {other:?}"),
    }
}

#[test]
fn departments_that_are_not_there_are_named_when_an_item_is_published() {
    assert_eq!(absent_at(&mut network(), "A-1", &good()), [MARKET, FIRE], "nobody is registered");
    let mut story = city();
    assert_eq!(absent_at(&mut story, "A-1", &good()), [""; 0]);
    let unknown = department_code(1);
    let mut item = with(&[("/joint_departments/0/code", json!(unknown))]);
    item["flow"][2]["department"] = json!(unknown);
    assert_eq!(absent_at(&mut story, "B-1", &item), [unknown]);
    tell(
        &mut story,
        &[
            (Who::Mayor, change(FIRE, close(Some(CIVIL))), "DepartmentChanged"),
            (Who::Mayor, change(MARKET, close(None)), "DepartmentChanged"),
        ],
    );
    assert_eq!(absent_at(&mut story, "C-1", &good()), [MARKET], "the other one has a successor");
}

#[test]
fn times_of_different_units_are_refused_where_no_calendar_could_make_them_fit() {
    let finds = |promised: (u16, &str), statutory: (u16, &str)| {
        let term = |(days, unit): (u16, &str)| json!({ "days": days, "unit": unit });
        let item: Item =
            definition(&with(&[("/clocks/promised", term(promised)), ("/clocks/statutory", term(statutory))]))
                .into_item();
        let findings = item_rules::findings(&text("A-1"), &item);
        findings.iter().any(|finding| finding.error == Error::PromisedOverStatutory)
    };
    let (working, calendar) = ("working_day", "calendar_day");
    for (promised, statutory, is_refused) in [
        ((10, working), (10, working), false),
        ((11, working), (10, working), true),
        ((28, calendar), (20, working), false), // four weeks
        ((54, calendar), (20, working), false), // with all holidays of a year among them
        ((55, calendar), (20, working), true),
        ((33, calendar), (1, working), false), // a day before a long break
        ((34, calendar), (1, working), true),
        ((14, working), (14, calendar), false), // days before a break are made up for
        ((15, working), (14, calendar), true),
        ((54, working), (60, calendar), false),
        ((55, working), (60, calendar), true),
    ] {
        assert_eq!(finds(promised, statutory), is_refused, "{promised:?} within {statutory:?}");
    }
}

#[test]
fn an_item_says_whether_one_pays_online_or_need_not_say_it() {
    let old = definition(&good());
    assert_eq!((old.service.is_pay_online, old.service.is_entry_center), (None, None), "items from before say nothing");
    let mut item = good();
    for (field, value) in
        [("is_pay_online", true), ("is_express", false), ("is_schedule", true), ("is_entry_center", false)]
    {
        item["service"][field] = json!(value);
    }
    let said = definition(&item);
    let service = &said.service;
    let said = [service.is_pay_online, service.is_express, service.is_schedule, service.is_entry_center];
    assert_eq!(said, [Some(true), Some(false), Some(true), Some(false)]);
}

#[test]
fn a_code_that_looks_national_is_right_or_refused() {
    const MALFORMED: &str = "catalogue.code_malformed";
    let national = |rest: &str| format!("{MARKET}{rest}");
    for (code, outcome) in [
        (national("3510100001000"), "Published"),
        ("11519900MB901001063510100001000".to_owned(), MALFORMED), // the check of the credit code
        (national("8510100001000"), MALFORMED),                    // no level
        (national("3510000001000"), MALFORMED),                    // no type
        (national("351010000100A"), MALFORMED),
        (national("3510100001000").to_lowercase(), MALFORMED),
        (national("351010000100-"), "Published"), // signs are of local codes, and so is another length
        (national("351010000100"), "Published"),
        (national("35101000010000"), "Published"),
    ] {
        tell(&mut network(), &[(Who::Editor, publish_as(&code, 1, &good()), outcome)]);
    }
    let mistyped = "11519900MB901001063510100001000";
    tell(
        &mut network(),
        &[
            (Who::Editor, publish_as(mistyped, 0, &good()), MALFORMED),
            (Who::Editor, import(mistyped, historic()), "Imported"), // history is kept as it is
            (Who::Editor, publish_as(mistyped, 1, &good()), MALFORMED),
        ],
    );
}

#[test]
fn a_national_code_names_the_level_of_its_item() {
    let levels = ["nation", "province", "city", "county", "town", "village", "graded"];
    for (place, level) in levels.iter().enumerate() {
        let item = definition(&with(&[("/use_level", json!(level))]));
        for digit in 1..=7 {
            let findings = item_rules::findings(&text(&format!("{MARKET}{digit}510100001000")), &item);
            let errors: Vec<Error> = findings.iter().map(|finding| finding.error).collect();
            let expected = if digit == place + 1 { vec![] } else { vec![Error::CodeOfAnother] };
            assert_eq!(errors, expected, "{level}, {digit}");
        }
        assert_eq!(item_rules::findings(&text("A-1"), &item), [], "a local code names no level");
    }
    let county = format!("{MARKET}4510100001000");
    tell(&mut network(), &[(Who::Editor, publish_as(&county, 1, &good()), "catalogue.code_of_another")]);
}

#[test]
fn the_licence_type_of_a_material_has_a_check_that_fits() {
    for (code, is_type) in [
        ("11519900MB90100105901", true),
        ("11100000MB0143028R001", true),
        ("11519900MB90100106901", false),
        ("100001100000000000001", false),
        ("11519900MB9010010590A", false),
        ("11519900MB9010010590", false),
    ] {
        let item = definition(&with(&[("/materials/0/held_as/licence_type", json!(code))]));
        let findings = item_rules::findings(&text("A-1"), &item);
        let errors: Vec<(Error, &str)> = findings.iter().map(|finding| (finding.error, &*finding.place)).collect();
        let expected = if is_type { vec![] } else { vec![(Error::HeldMalformed, "materials[0].held_as")] };
        assert_eq!(errors, expected, "{code}");
    }
}
