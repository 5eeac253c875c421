//! Stories of the catalogue: for whom a publisher publishes, and what is said of departments that are not there.

use crate::catalogue::tests::{definition, good, historic, import, publish_as, resume, retire, suspend, with};
use crate::catalogue::{Error, Event, HistoricItem, Item};
use crate::identity;
use crate::items::SensitiveMatter;
use crate::test_cast::{
    APPROVAL, CIVIL, FIRE, GOVERNMENT, MARKET, POLICE, Who, appoint, change, city, close, code, department_code,
    dismiss, network, register_below, suspend as suspend_department, tell, text,
};
use crate::{Call as AnyCall, Event as AnyEvent, item_rules};
use serde_json::{Value as Json, json};
use strum::IntoEnumIterator as _;
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

/// Until the department that an older catalogue names is registered, whoever has the role is not yet whoever answers for it.
#[test]
fn what_was_taken_over_for_a_department_that_is_not_there_is_its_importers() {
    let mut story = city();
    make_publisher(&mut story, Who::Li);
    make_publisher(&mut story, Who::Zhang);
    let later = department_code(1);
    let of_later = HistoricItem { department_code: text(later), ..historic() };
    let of_nobody = HistoricItem { department_code: text("11736"), ..historic() };
    tell(
        &mut story,
        &[
            (Who::Mayor, appoint(MARKET, Who::Zhang, &[]), "Appointed"),
            (Who::Li, import("C-1", of_later), "Imported"),
            (Who::Li, import("D-1", of_nobody), "Imported"),
            (Who::Zhang, suspend("C-1"), OUTSIDE),                // I7
            (Who::Zhang, retire("D-1", LATER), OUTSIDE),          // I7
            (Who::Zhang, publish_as("D-1", 1, &good()), OUTSIDE), // I7: in office there, and yet not whose it is
            (Who::Li, suspend("C-1"), "Suspended"),
            (Who::Editor, resume("C-1"), "Resumed"), // the office that keeps the network's catalogue
            (Who::Li, publish_as("D-1", 1, &good()), OUTSIDE), // I7: his, and not for another department
            (Who::Editor, publish_as("D-1", 1, &good()), "Published"),
            (Who::Zhang, suspend("D-1"), "Suspended"), // a department leads it now
            (Who::Li, resume("D-1"), OUTSIDE),         // I7
            (Who::Mayor, register_below(GOVERNMENT, later), "DepartmentRegistered"),
            (Who::Li, suspend("C-1"), OUTSIDE), // I7: its department is there
            (Who::Mayor, appoint(later, Who::Zhang, &[]), "Appointed"),
            (Who::Zhang, suspend("C-1"), "Suspended"),
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

/// What stands in the item at places that it may leave out, and what is found there.
fn found_with(changes: &[(&str, &str, Json)]) -> Vec<(Error, String)> {
    let mut item = with(&[("/materials/0/need", json!("needed"))]);
    for (place, field, value) in changes {
        item.pointer_mut(place).expect("a place of the item")[*field] = value.clone();
    }
    let findings = item_rules::findings(&text("A-1"), &definition(&item));
    findings.into_iter().map(|finding| (finding.error, finding.place)).collect()
}

/// A place, a field there, its value, and what is wrong with it.
type Line = (&'static str, &'static str, Json, Option<(Error, &'static str)>);

#[test]
fn what_an_item_may_say_besides_is_checked() {
    let national = format!("{MARKET}3510100001000");
    let basis = json!({ "law": "取水许可和水资源费征收管理条例", "article": "第二十五条" });
    let nobody = json!({ "law": "", "article": "第二十五条" });
    let renewal = |days: u16, basis: &Json| json!({ "days": days, "basis": basis });
    let first = |days: u16, basis: Option<&Json>| json!({ "statutory_days": days, "basis": basis });
    let lines: Vec<Line> = vec![
        ("", "task_handle_item", json!(format!("{national}01")), None),
        ("", "task_handle_item", json!(national), Some((Error::HandleItem, "task_handle_item"))),
        ("", "task_handle_item", json!(format!("{national}0A")), Some((Error::HandleItem, "task_handle_item"))),
        (
            "",
            "task_handle_item",
            json!(format!("{FIRE}351010000100001")),
            Some((Error::HandleItem, "task_handle_item")),
        ),
        ("", "task_handle_item", json!("业".repeat(33)), Some((Error::HandleItem, "task_handle_item"))),
        ("", "entrust_name", json!("云港市人民政府"), Some((Error::EntrustName, "entrust_name"))),
        ("", "body_nature", json!("entrusted_body"), Some((Error::EntrustName, "entrust_name"))),
        ("", "sensitive", json!(["public_safety", "public_safety"]), Some((Error::ListedTwice, "sensitive"))),
        ("", "special_procedure", json!(["extension", "other"]), None),
        ("", "special_procedure", json!(["other", "other"]), Some((Error::ListedTwice, "special_procedure"))),
        ("/clocks", "anticipate_explain", json!("不含公示"), None),
        ("/clocks", "anticipate_explain", json!(""), Some((Error::TextMissing, "clocks.anticipate_explain"))),
        ("/clocks", "promise_explain", json!(""), Some((Error::TextMissing, "clocks.promise_explain"))),
        ("/clocks", "renewal", renewal(45, &basis), None),
        ("/clocks", "renewal", renewal(0, &basis), Some((Error::RenewalTerm, "clocks.renewal"))),
        ("/clocks", "renewal", renewal(366, &basis), Some((Error::RenewalTerm, "clocks.renewal"))),
        ("/clocks", "renewal", renewal(45, &nobody), Some((Error::RenewalTerm, "clocks.renewal"))),
        ("/service", "service_type", json!("消防检测"), None),
        ("/service", "service_type", json!(""), Some((Error::TextMissing, "service.service_type"))),
        ("/service", "is_service_terminals", json!(true), None),
        ("/outcome", "result_guid", json!("R-2026/01"), None),
        ("/outcome", "result_guid", json!("样本"), Some((Error::DocumentId, "outcome.result_guid"))),
        ("/materials/0", "page_format", json!("A4"), None),
        ("/materials/0", "page_format", json!(""), Some((Error::TextMissing, "materials[0].page_format"))),
        ("/materials/0", "source_explain", json!(""), Some((Error::TextMissing, "materials[0].source_explain"))),
        ("/materials/0", "by_law", basis.clone(), None),
        ("/materials/0", "by_law", nobody.clone(), Some((Error::BasisMissing, "materials[0].by_law"))),
        ("/materials/0", "form_guid", json!("F 1"), Some((Error::DocumentId, "materials[0].form_guid"))),
        ("/materials/0", "example_guid", json!(""), Some((Error::DocumentId, "materials[0].example_guid"))),
        ("/flow/1", "first_review", first(20, None), Some((Error::FirstReviewPlace, "flow[1].first_review"))), // its own
        ("/flow/2", "first_review", first(20, None), Some((Error::FirstReviewPlace, "flow[2].first_review"))), // inspects
    ];
    for (place, field, value, expected) in lines {
        let found = found_with(&[(place, field, value.clone())]);
        let expected: Vec<_> = expected.into_iter().map(|(error, place)| (error, place.to_owned())).collect();
        assert_eq!(found, expected, "{place}/{field} {value}");
    }
    let entrusted = [("", "body_nature", json!("entrusted_body")), ("", "entrust_name", json!("云港市市场监督管理局"))];
    assert_eq!(found_with(&entrusted), []);
}

#[test]
fn a_handling_item_is_one_of_its_own_item() {
    let national = format!("{MARKET}3510100001000");
    let finds = |handled: &str| {
        let mut item = good();
        item["task_handle_item"] = json!(handled);
        !item_rules::findings(&text(&national), &definition(&item)).is_empty()
    };
    assert!(!finds(&format!("{national}07")));
    assert!(finds(&format!("{MARKET}351010000200007")), "of another item of the same department");
}

/// 国办发〔2020〕42号 names seven matters. None of them is decided on a commitment; silence is a matter of local rules for two of them, and of none for
/// the others.
#[test]
fn no_sensitive_matter_is_decided_on_a_commitment() {
    let commitment = ("/materials/0", "by_commitment", json!(true));
    let silence = ("/flow/1", "silence", json!("deemed_consent"));
    assert_eq!(found_with(&[commitment.clone(), silence.clone()]), []);
    let mut seen = 0;
    for exclusion in crate::law::EXCLUSIONS {
        let matter = ("", "sensitive", json!([exclusion.matter]));
        let refused = vec![(Error::CommitmentForbidden, "materials[0].by_commitment".to_owned())];
        assert_eq!(found_with(&[matter.clone(), commitment.clone()]), refused, "{exclusion:?}");
        let forbidden = vec![(Error::DeemedConsentForbidden, "flow[1].silence".to_owned())];
        let expected = if exclusion.is_silence_open { vec![] } else { forbidden };
        assert_eq!(found_with(&[matter, silence.clone()]), expected, "{exclusion:?}");
        seen += usize::from(exclusion.is_silence_open);
    }
    assert_eq!(seen, 2, "finance and foreign affairs");
    let named: Vec<SensitiveMatter> = SensitiveMatter::iter().collect();
    assert_eq!(named, crate::law::EXCLUSIONS.map(|exclusion| exclusion.matter), "each matter once, in its order");
    for stake in ["safety", "environment"] {
        let found = found_with(&[("/flow/2", "stake", json!(stake)), commitment.clone()]);
        assert_eq!(found, [(Error::CommitmentForbidden, "materials[0].by_commitment".to_owned())], "{stake}");
    }
    for (field, value) in [("need", "main"), ("source", "applicant")] {
        let found = found_with(&[("/materials/0", field, json!(value)), commitment.clone()]);
        assert_eq!(found, [(Error::CommitmentForbidden, "materials[0].by_commitment".to_owned())], "{field} {value}");
    }
}

#[test]
fn a_lower_body_examines_within_twenty_days_before_the_decision() {
    let other = json!({ "law": "专门法", "article": "第一条" });
    let found = |statutory: u16, days: u16, basis: Option<&Json>, kind: &str| {
        let mut item = with(&[
            ("/item_type", json!(kind)),
            ("/flow/2/kind", json!("review")),
            ("/flow/2/days", json!(days)),
            ("/clocks/promised/days", json!(90)),
            ("/clocks/statutory/days", json!(90)),
            ("/clocks/statutory_basis", other.clone()),
        ]);
        item["flow"][2]["first_review"] = json!({ "statutory_days": statutory, "basis": basis });
        let findings = item_rules::findings(&text("A-1"), &definition(&item));
        findings.into_iter().map(|finding| finding.error).collect::<Vec<_>>()
    };
    let over = [Error::FirstReviewOverLaw];
    assert_eq!(found(20, 20, None, "licence"), [], "行政许可法 第四十三条");
    assert_eq!(found(21, 20, None, "licence"), over);
    assert_eq!(found(10, 11, None, "licence"), over, "longer than its own limit");
    assert_eq!(found(30, 30, Some(&other), "licence"), [], "another law sets another limit");
    assert_eq!(found(30, 30, None, "confirmation"), [], "no licence");
    assert_eq!(found(20, 20, Some(&json!({ "law": "", "article": "" })), "licence"), [Error::BasisMissing]);
    let mut item = with(&[("/flow/2/kind", json!("review")), ("/flow/3/waits_for", json!(["审查"]))]);
    item["flow"][2]["first_review"] = json!({ "statutory_days": 20 });
    let findings = item_rules::findings(&text("A-1"), &definition(&item));
    assert_eq!(
        findings.iter().map(|finding| finding.error).collect::<Vec<_>>(),
        [Error::FirstReviewPlace],
        "beside it"
    );
}

/// 不动产登记暂行条例 第十七条 and 第二十条, of whatever type the item is.
#[test]
fn real_estate_is_accepted_on_the_spot_and_registered_within_thirty_days() {
    let found = |clock: Option<&str>, acceptance: u16, statutory: u16| {
        let mut item = with(&[
            ("/item_type", json!("confirmation")),
            ("/clocks/acceptance_days", json!(acceptance)),
            ("/clocks/statutory/days", json!(statutory)),
        ]);
        item["clocks"]["statutory_clock"] = json!(clock);
        let findings = item_rules::findings(&text("A-1"), &definition(&item));
        findings.into_iter().map(|finding| finding.error).collect::<Vec<_>>()
    };
    let registration = Some("real_estate_registration");
    assert_eq!(found(registration, 0, 30), []);
    assert_eq!(found(registration, 1, 30), [Error::AcceptanceOverLaw]);
    assert_eq!(found(registration, 0, 31), [Error::DecisionOverLaw]);
    assert_eq!(found(None, 5, 60), [], "a confirmation has no general limit");
}

#[test]
fn what_an_item_says_besides_is_refused_by_its_code() {
    let mut clocks = good()["clocks"].clone();
    clocks["renewal"] = json!({ "days": 0, "basis": { "law": "法", "article": "" } });
    for (field, value, code) in [
        ("task_handle_item", json!("1"), "catalogue.handle_item"),
        ("entrust_name", json!("市政府"), "catalogue.entrust_name"),
        ("sensitive", json!(["environment", "environment"]), "catalogue.listed_twice"),
        (
            "outcome",
            json!({ "kind": "certificate", "name": "许可证", "result_guid": "样 本" }),
            "catalogue.document_id",
        ),
        ("clocks", clocks, "catalogue.renewal_term"),
    ] {
        let mut item = good();
        item[field] = value;
        tell(&mut network(), &[(Who::Editor, publish_as("A-1", 1, &item), code)]);
    }
    let mut first = with(&[("/flow/2/kind", json!("review"))]);
    first["flow"][2]["first_review"] = json!({ "statutory_days": 21 });
    let mut own = good();
    own["flow"][1]["first_review"] = json!({ "statutory_days": 20 });
    let mut committed = good();
    committed["materials"][0]["by_commitment"] = json!(true);
    for (item, code) in [
        (first, "catalogue.first_review_over_law"),
        (own, "catalogue.first_review_place"),
        (committed, "catalogue.commitment_forbidden"),
    ] {
        tell(&mut network(), &[(Who::Editor, publish_as("A-1", 1, &item), code)]);
    }
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
