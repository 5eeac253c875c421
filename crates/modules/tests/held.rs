//! What departments already hold of what an item asks for.

use serde_json::json;
use tongban_modules::held::{Need, Target, is_needed, needs};
use tongban_modules::items::Item;
use tongban_types::Text;
use tongban_types::codes::LicenceTypeCode;

const COMPANY: &str = "11100000MB0143028R001";
const HEALTH: &str = "11519900MB90100105902";

fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).expect("a valid text")
}

fn code(text: &str) -> LicenceTypeCode {
    text.parse().expect("a valid code")
}

fn material(name: &str, held_as: serde_json::Value) -> serde_json::Value {
    json!({
        "name": name, "need": "needed", "condition": null, "original": "copy", "format": "electronic", "copies": 1,
        "source": "government", "held_as": held_as, "note": null,
    })
}

/// An item of which only form and materials matter here.
fn item(form: &str) -> Item {
    let term = json!({ "days": 1, "unit": "working_day" });
    let item = json!({
        "name": "小餐饮经营许可", "item_type": "licence", "department": { "code": "", "name": "" },
        "body_nature": "statutory_organ", "use_level": "city", "power_source": "", "legal_basis": [], "local_code": null,
        "served": [], "case_kind": "promised",
        "clocks": {
            "statutory": term, "statutory_basis": null, "promised": term, "acceptance_days": 1, "delivery_days": 1,
        },
        "service": {
            "handle_types": [], "visits": 0, "visits_reason": null, "online_depth": "handle", "handle_area": "across_counties",
            "address": "", "hours": "", "contact": "", "supervision": "",
        },
        "accept_condition": "", "eligibility": null, "quantity_limit": null,
        "outcome": { "kind": "certificate", "name": "小餐饮经营许可证" },
        "materials": [
            material("营业执照", json!({ "licence_type": COMPANY, "field": "credit_code" })),
            material("健康证明", json!({ "licence_type": HEALTH, "field": null })),
            material("旧证", json!({ "licence_type": "100001100000000000001", "field": null })),
            material("平面图", json!(null)),
        ],
        "form": form, "flow": [],
    });
    serde_json::from_value(item).expect("a well-formed item")
}

const FORM: &str = r#"{"type":"object","properties":{"name":{"type":"string","x-held-as":{"licence_type":"11100000MB0143028R001","field":"name"}},"area":{"type":"integer"}}}"#;

#[test]
fn fields_and_materials_that_are_held_are_found() {
    let need = |target, licence_type: &str, field: Option<&str>| Need {
        target,
        licence_type: code(licence_type),
        field: field.map(text),
    };
    let expected = [
        need(Target::Field(text("name")), COMPANY, Some("name")),
        need(Target::Material(text("营业执照")), COMPANY, Some("credit_code")),
        need(Target::Material(text("健康证明")), HEALTH, None),
    ];
    assert_eq!(needs(&item(FORM)), expected, "what names no possible type is asked for as ever");
    assert_eq!(needs(&item("no form")), expected[1..]);
}

#[test]
fn nothing_else_is_needed() {
    let needs = needs(&item(FORM));
    let is_needed =
        |licence_type, field: Option<&str>| is_needed(&needs, &code(licence_type), field.map(text).as_ref());
    assert!(is_needed(COMPANY, Some("name")) && is_needed(COMPANY, Some("credit_code")));
    assert!(!is_needed(COMPANY, Some("premises")), "another field");
    assert!(!is_needed(COMPANY, None), "the whole licence, where fields are enough");
    assert!(is_needed(HEALTH, None) && is_needed(HEALTH, Some("holder")), "who needs the whole needs its fields");
    assert!(!is_needed("11519900MB90100105903", None), "another type");
}
