//! Stories of the module: happy path, every error, every role; and one property.

use super::*;
use crate::flow::{self, End, Flow, StepName, StepOutcome};
use crate::forms::Form;
use crate::item_rules;
use crate::test_cast::{Who, network, tell, text};
use crate::{Call as AnyCall, Query as AnyQuery, View as AnyView};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use strum::IntoEnumIterator;
use tongban_kernel::testing::Story;
use tongban_types::transaction::CALL_BYTES_MAX;
use tongban_types::{Digest, List, Text, Time};

/// A department that leads, one that takes part.
const LEAD: &str = "11519900MB90100105";
const PART: &str = "11519900MB90103873";

const FORM: &str = r#"{"type":"object","properties":{"area":{"type":"integer","minimum":1},"dish":{"type":"string","enum":["hot","cold"]},"note":{"type":"string"}},"required":["area","dish"]}"#;

/// An item that can be published.
pub fn good() -> Json {
    let step = |name: &str, department: &str, kind: &str, waits_for: &[&str], days: u16| {
        json!({
            "name": name, "department": department, "role": "经办岗", "kind": kind, "waits_for": waits_for, "condition": null,
            "days": days, "human_only": null, "on_rejection": "stop_all", "silence": "none", "stake": "general",
            "written_opinion_required": false, "hearing_right": false, "at_place": false,
        })
    };
    let mut decision = step("决定", LEAD, "decision", &["审查", "核查"], 2);
    decision["human_only"] = json!({ "law": "行政许可法", "article": "第三十四条" });
    json!({
        "name": "小餐饮经营许可", "item_type": "licence", "department": { "code": LEAD, "name": "云港市市场监督管理局" },
        "joint_departments": [{ "code": PART, "name": "云港市消防救援支队" }], "body_nature": "statutory_organ",
        "use_level": "city", "power_source": "法定本级行使", "legal_basis": [{ "law": "食品安全法", "article": "第三十五条" }],
        "local_code": null, "served": ["natural_person", "enterprise"], "case_kind": "promised",
        "clocks": {
            "statutory": { "days": 20, "unit": "working_day" }, "statutory_basis": null,
            "promised": { "days": 10, "unit": "working_day" }, "acceptance_days": 2, "delivery_days": 3,
        },
        "service": {
            "handle_types": ["counter", "online"], "visits": 0, "visits_reason": null, "online_depth": "handle",
            "handle_area": "across_counties", "address": "政务服务中心", "hours": "工作日 9:00-17:00", "contact": "12345",
            "supervision": "12345",
        },
        "accept_condition": "有固定经营场所", "eligibility": "form.area > 0", "quantity_limit": null,
        "outcome": { "kind": "certificate", "name": "小餐饮经营许可证", "licence_type": null },
        "fees": [{
            "name": "工本费", "amount": 1000, "standard": "每证 10 元", "basis": { "law": "收费目录", "article": "第一项" },
            "reducible": true, "reduction": "残疾人免收",
        }],
        "materials": [{
            "name": "营业执照", "need": "main", "condition": "form.area > 10", "original": "copy", "format": "electronic",
            "copies": 1, "source": "government",
            "held_as": { "licence_type": "11519900MB90100105901", "field": "credit_code" }, "note": null,
        }],
        "form": FORM,
        "flow": [
            step("受理", LEAD, "acceptance", &[], 2), step("审查", LEAD, "review", &["受理"], 5),
            step("核查", PART, "inspection", &["受理"], 7), decision, step("制证", LEAD, "certificate", &["决定"], 1),
        ],
        "questions": [],
    })
}

/// The good item with other values at these places.
pub fn with(changes: &[(&str, Json)]) -> Json {
    let mut item = good();
    for (place, value) in changes {
        *item.pointer_mut(place).unwrap_or_else(|| panic!("the item has no {place}")) = value.clone();
    }
    item
}

pub fn definition(item: &Json) -> Definition {
    serde_json::from_value(item.clone()).expect("a well-formed item")
}

pub fn publish_as(code: &str, version: u32, item: &Json) -> AnyCall {
    AnyCall::Catalogue(Call::Publish { code: text(code), version, effective_from: None, item: definition(item) })
}

fn publish(version: u32) -> AnyCall {
    publish_as("A-1", version, &good())
}

fn publish_from(version: u32, from: &str) -> AnyCall {
    let effective_from = Some(time(from));
    AnyCall::Catalogue(Call::Publish { code: text("A-1"), version, effective_from, item: definition(&good()) })
}

fn time(text: &str) -> Time {
    text.parse().expect("a time")
}

pub fn suspend(code: &str) -> AnyCall {
    AnyCall::Catalogue(Call::Suspend { code: text(code), reason: text("系统升级") })
}

pub fn resume(code: &str) -> AnyCall {
    AnyCall::Catalogue(Call::Resume { code: text(code) })
}

pub fn retire(code: &str, from: &str) -> AnyCall {
    AnyCall::Catalogue(Call::Retire { code: text(code), from: time(from), reason: text("法律修改") })
}

pub fn historic() -> HistoricItem {
    HistoricItem {
        name: text("求职创业补贴申领"),
        item_type: text("5"),
        main_item: None,
        department: text("区人社局"),
        department_code: text(LEAD),
        division: text("511602000000"),
        same_name_as: None,
        source_time: time("2025-12-31T00:00:00Z"),
    }
}

pub fn import(code: &str, historic: HistoricItem) -> AnyCall {
    AnyCall::Catalogue(Call::ImportItem { code: text(code), historic })
}

fn ask(story: &Story, query: Query) -> View {
    let query = AnyQuery::Catalogue(query);
    match story.ask(|state| query.answer(state)).expect("a query of records never stops") {
        AnyView::Catalogue(view) => view,
        other => panic!("expected a view of the catalogue, found {other:?}"),
    }
}

fn entry(story: &Story, code: &str) -> Option<Entry> {
    match ask(story, Query::Item { code: text(code) }) {
        View::Item { entry } => entry.map(|entry| *entry),
        other => panic!("expected an item, found {other:?}"),
    }
}

fn version_in_force(story: &Story, at: Time) -> Option<u32> {
    match ask(story, Query::InForce { code: text("A-1"), at }) {
        View::InForce { version } => version.map(|version| version.number),
        other => panic!("expected a version, found {other:?}"),
    }
}

#[test]
fn publishing_changing_suspending_and_retiring() {
    let mut story = network();
    tell(
        &mut story,
        &[
            (Who::Editor, publish(1), "Published"),
            (Who::Editor, publish_from(2, "2026-03-01T00:00:00Z"), "Published"),
            (Who::Editor, suspend("A-1"), "Suspended"),
        ],
    );
    assert_eq!(version_in_force(&story, story.time()), None, "suspended");
    tell(
        &mut story,
        &[(Who::Editor, resume("A-1"), "Resumed"), (Who::Editor, retire("A-1", "2027-01-01T00:00:00Z"), "Retired")],
    );
    let at = |at: &str| version_in_force(&story, time(at));
    assert_eq!(at("2025-12-31T00:00:00Z"), None, "before the first");
    assert_eq!(at("2026-02-28T23:59:59Z"), Some(1));
    assert_eq!(at("2026-03-01T00:00:00Z"), Some(2));
    assert_eq!(at("2027-01-01T00:00:00Z"), None, "retired");
    let View::Version { version: Some(first) } = ask(&story, Query::Version { code: text("A-1"), version: Some(1) })
    else {
        panic!("a version stays for ever (I1)")
    };
    assert_eq!((first.number, &first.item), (1, &*definition(&good())));
    assert_eq!(first.publisher, Who::Editor.account());
}

#[test]
fn every_role_is_needed() {
    let reject = AnyCall::Catalogue(Call::Reject { code: text("A-1"), number: 1, reason: text("不符") });
    let calls = [
        publish(1),
        suspend("A-1"),
        resume("A-1"),
        retire("A-1", "2030-01-01T00:00:00Z"),
        import("B", historic()),
        AnyCall::Catalogue(Call::Propose { code: text("A-1"), change: Change::Resume {} }),
        AnyCall::Catalogue(Call::Approve { code: text("A-1"), number: 1, digest: Digest([1; 32]) }),
        reject,
    ];
    for call in calls {
        let lines: Vec<_> = [Who::Admin, Who::Registrar, Who::Alice, Who::Court, Who::Eve]
            .map(|who| (who, call.clone(), "tx.denied"))
            .into_iter()
            .chain([(Who::Stranger, call.clone(), "tx.unknown_account")])
            .collect();
        tell(&mut network(), &lines);
    }
}

#[test]
fn versions_follow_each_other() {
    tell(
        &mut network(),
        &[
            (Who::Editor, publish(0), "catalogue.version_zero"),
            (Who::Editor, publish(2), "catalogue.version_not_next"), // I2
            (Who::Editor, publish(1), "Published"),
            (Who::Editor, publish(1), "catalogue.version_not_next"), // I1
            (Who::Editor, publish(3), "catalogue.version_not_next"), // I2
            (Who::Editor, publish_from(2, "2025-01-01T00:00:00Z"), "catalogue.effective_earlier"), // I3
            (Who::Editor, publish_from(2, "2026-06-01T00:00:00Z"), "Published"),
            (Who::Editor, publish_from(3, "2026-05-01T00:00:00Z"), "catalogue.effective_earlier"), // I3
        ],
    );
}

#[test]
fn an_item_has_room_for_two_hundred_versions() {
    let mut story = network();
    for number in 1..=200 {
        tell(&mut story, &[(Who::Editor, publish(number), "Published")]);
    }
    tell(&mut story, &[(Who::Editor, publish(201), "catalogue.too_many_versions")]);
}

#[test]
fn suspension_and_retirement() {
    tell(
        &mut network(),
        &[
            (Who::Editor, suspend("A-1"), "catalogue.not_found"),
            (Who::Editor, resume("A-1"), "catalogue.not_found"),
            (Who::Editor, retire("A-1", "2030-01-01T00:00:00Z"), "catalogue.not_found"),
            (Who::Editor, publish(1), "Published"),
            (Who::Editor, resume("A-1"), "catalogue.not_suspended"),
            (Who::Editor, suspend("A-1"), "Suspended"),
            (Who::Editor, suspend("A-1"), "catalogue.suspended"),
            (Who::Editor, retire("A-1", "2025-01-01T00:00:00Z"), "catalogue.retired_earlier"),
            (Who::Editor, retire("A-1", "2026-01-01T00:00:01Z"), "Retired"),
            (Who::Editor, retire("A-1", "2030-01-01T00:00:00Z"), "catalogue.retired"), // I6
            (Who::Editor, publish_from(2, "2026-07-01T00:00:00Z"), "catalogue.retired"), // I6
        ],
    );
    let mut story = network();
    tell(
        &mut story,
        &[(Who::Editor, publish(1), "Published"), (Who::Editor, retire("A-1", "2026-01-01T00:01:00Z"), "Retired")],
    );
    story.wait_millis(60_000);
    tell(
        &mut story,
        &[(Who::Editor, suspend("A-1"), "catalogue.retired"), (Who::Editor, resume("A-1"), "catalogue.retired")],
    );
}

#[test]
fn reasons_and_codes_are_needed() {
    let silent = AnyCall::Catalogue(Call::Suspend { code: text("A-1"), reason: text("") });
    let nameless = HistoricItem { name: text(""), ..historic() };
    tell(
        &mut network(),
        &[
            (Who::Editor, publish_as("", 1, &good()), "catalogue.code_malformed"),
            (Who::Editor, publish_as("A 1", 1, &good()), "catalogue.code_malformed"),
            (Who::Editor, import("事项", historic()), "catalogue.code_malformed"),
            (Who::Editor, resume(""), "catalogue.code_malformed"),
            (Who::Editor, silent, "catalogue.text_missing"),
            (Who::Editor, import("B", nameless), "catalogue.text_missing"),
        ],
    );
}

#[test]
fn history_is_flagged_and_not_refused() {
    let mut story = network();
    let odd = HistoricItem {
        item_type: text("99"),
        department_code: text("00877868-5"),
        division: text("区"),
        same_name_as: Some(text("A")),
        ..historic()
    };
    let tomorrow = HistoricItem { source_time: time("2026-01-02T00:00:00Z"), ..historic() };
    tell(
        &mut story,
        &[
            (Who::Editor, import("A", historic()), "Imported"),
            (Who::Editor, import("A", historic()), "catalogue.exists"), // I1
            (Who::Editor, import("B", odd), "Imported"),
            (Who::Editor, import("C", tomorrow), "catalogue.source_later"), // I5
            (Who::Editor, publish_as("A", 1, &good()), "Published"),
        ],
    );
    let flags =
        |code| entry(&story, code).and_then(|entry| entry.historic).expect("it was imported").anomalies.into_vec();
    assert_eq!(flags("A"), []);
    let all = [Anomaly::SameName, Anomaly::TypeUnknown, Anomaly::OrganisationCode, Anomaly::DivisionForm];
    assert_eq!(flags("B"), all);
    assert_eq!(entry(&story, "A").map(|entry| entry.last_version()), Some(1), "the first version of what was imported");
}

#[test]
fn codes_of_departments_are_told_apart() {
    let cases: [(&str, Option<Anomaly>); 9] = [
        (LEAD, None),
        ("", Some(Anomaly::DepartmentCodeMissing)),
        ("59467239-9", Some(Anomaly::OrganisationCode)),
        ("594672399", Some(Anomaly::OrganisationCode)),
        ("594672398", Some(Anomaly::DepartmentCodeCheck)),
        ("11519900MB90100106", Some(Anomaly::DepartmentCodeCheck)),
        ("11736", Some(Anomaly::DepartmentCodeForm)),
        ("1151130108778239R", Some(Anomaly::DepartmentCodeForm)),
        ("4148481895459659776", Some(Anomaly::DepartmentCodeForm)),
    ];
    for (code, expected) in cases {
        let found = anomalies(&HistoricItem { department_code: text(code), ..historic() });
        assert_eq!(found, Vec::from_iter(expected), "{code}");
    }
}

/// Every refusal about an item alone: the place that is changed, the value, and the code.
#[test]
fn what_an_item_needs() {
    let form = |form: Json| json!(form.to_string());
    let of = |schema: Json| form(json!({ "type": "object", "properties": { "a": schema } }));
    let cases: Vec<(Vec<(&str, Json)>, &str)> = vec![
        (vec![("/power_source", json!(""))], "catalogue.text_missing"),
        (vec![("/department/code", json!("123"))], "catalogue.department_code"),
        (vec![("/joint_departments/0/code", json!(LEAD))], "catalogue.department_twice"),
        (vec![("/legal_basis", json!([]))], "catalogue.basis_missing"),
        (vec![("/served", json!([]))], "catalogue.served_missing"),
        (vec![("/clocks/promised/days", json!(21))], "catalogue.promised_over_statutory"),
        (
            vec![("/clocks/promised", json!({ "days": 55, "unit": "calendar_day" }))],
            "catalogue.promised_over_statutory",
        ),
        (
            vec![
                ("/clocks/statutory", json!({ "days": 14, "unit": "calendar_day" })),
                ("/clocks/promised/days", json!(15)),
            ],
            "catalogue.promised_over_statutory",
        ),
        (vec![("/case_kind", json!("on_the_spot"))], "catalogue.on_the_spot_days"),
        (vec![("/clocks/promised/days", json!(0))], "catalogue.promise_missing"),
        (vec![("/clocks/acceptance_days", json!(6))], "catalogue.acceptance_over_law"),
        (vec![("/clocks/statutory/days", json!(46))], "catalogue.decision_over_law"),
        (vec![("/clocks/delivery_days", json!(11))], "catalogue.delivery_over_law"),
        (vec![("/service/handle_types", json!([]))], "catalogue.ways_missing"),
        (vec![("/service/handle_types", json!(["counter"]))], "catalogue.visits_without_way"),
        (vec![("/service/visits", json!(1))], "catalogue.visits_without_reason"),
        (vec![("/outcome/name", json!(null))], "catalogue.outcome_name"),
        (vec![("/outcome/kind", json!("document"))], "catalogue.outcome_name"),
        (vec![("/outcome/licence_type", json!("许可证"))], "catalogue.outcome_licence"),
        (vec![("/fees/0/amount", json!(-1))], "catalogue.fee_amount"),
        (vec![("/fees/0/reduction", json!(null))], "catalogue.fee_reduction"),
        (vec![("/materials", json!([good()["materials"][0], good()["materials"][0]]))], "catalogue.material_twice"),
        (vec![("/materials/0/copies", json!(0))], "catalogue.material_copies"),
        (vec![("/materials/0/held_as/licence_type", json!("执照"))], "catalogue.held_malformed"),
        (vec![("/materials/0/held_as/licence_type", json!("11519900MB90100106901"))], "catalogue.held_malformed"),
        (vec![("/form", json!("{"))], "catalogue.form_malformed"),
        (vec![("/form", json!("{\"type\": \"object\"}"))], "catalogue.form_malformed"),
        (vec![("/form", of(json!({ "type": "number" })))], "catalogue.form_malformed"),
        (vec![("/form", of(json!({ "type": "string", "pattern": "^a" })))], "catalogue.form_keyword"),
        (vec![("/form", of(json!({ "$ref": "https://example.org/a" })))], "catalogue.form_reference"),
        (vec![("/form", form(nested(6)))], "catalogue.form_too_large"),
        (vec![("/flow", json!([]))], "catalogue.flow_empty"),
        (vec![("/flow/4/name", json!("受理"))], "catalogue.step_twice"),
        (vec![("/flow/1/department", json!("11519900MB9010758R"))], "catalogue.step_department"),
        (vec![("/flow/1/role", json!(""))], "catalogue.step_role"),
        (vec![("/flow/1/waits_for", json!(["预审"]))], "catalogue.predecessor_unknown"),
        (vec![("/flow/0/waits_for", json!(["决定"]))], "catalogue.flow_cycle"),
        (vec![("/flow/1/waits_for", json!(["审查"]))], "catalogue.flow_cycle"),
        (vec![("/flow/1/on_rejection", json!({ "return": { "to": "核查" } }))], "catalogue.return_target"),
        (vec![("/flow/3/kind", json!("review"))], "catalogue.decision_missing"),
        (vec![("/flow/4/waits_for", json!(["受理"]))], "catalogue.result_before_decision"),
        (vec![("/flow/3/waits_for", json!([]))], "catalogue.result_before_decision"),
        (
            vec![
                ("/flow/1/human_only", json!({ "law": "法", "article": "" })),
                ("/flow/1/kind", json!("automatic_check")),
            ],
            "catalogue.human_automatic",
        ),
        (vec![("/flow/3/silence", json!("deemed_consent"))], "catalogue.deemed_consent_forbidden"),
        (
            vec![("/flow/1/silence", json!("deemed_consent")), ("/flow/1/stake", json!("safety"))],
            "catalogue.deemed_consent_forbidden",
        ),
        (
            vec![("/flow/1/silence", json!("deemed_consent")), ("/flow/1/stake", json!("environment"))],
            "catalogue.deemed_consent_forbidden",
        ),
        (
            vec![("/flow/1/silence", json!("deemed_consent")), ("/flow/1/written_opinion_required", json!(true))],
            "catalogue.deemed_consent_forbidden",
        ),
        (vec![("/flow/2/hearing_right", json!(true))], "catalogue.step_hearing"),
        (vec![("/flow/0/at_place", json!(true))], "catalogue.step_place"),
        (vec![("/flow/2/kind", json!("hearing")), ("/flow/2/days", json!(21))], "catalogue.hearing_over_law"),
        (vec![("/flow/2/days", json!(9))], "catalogue.steps_over_promise"),
        (vec![("/eligibility", json!("(".repeat(17) + "true" + &")".repeat(17)))], "catalogue.condition_too_large"),
        (vec![("/eligibility", json!("form.area > 1.5"))], "catalogue.condition_float"),
        (vec![("/eligibility", json!("form.area >"))], "catalogue.condition_syntax"),
        (vec![("/materials/0/condition", json!("matches(form.dish, 'h.*')"))], "catalogue.condition_syntax"),
        (vec![("/flow/2/condition", json!("form.size > 1"))], "catalogue.condition_field"),
        (vec![("/flow/2/condition", json!("form.area == 'hot'"))], "catalogue.condition_kind"),
        (vec![("/flow/2/condition", json!("form.area + 1"))], "catalogue.condition_kind"),
    ];
    for (changes, code) in cases {
        tell(&mut network(), &[(Who::Editor, publish_as("A-1", 1, &with(&changes)), code)]);
    }
    let of_another = format!("{PART}3510100001000");
    tell(&mut network(), &[(Who::Editor, publish_as(&of_another, 1, &good()), "catalogue.code_of_another")]);
    let national = format!("{LEAD}3510100001000");
    tell(&mut network(), &[(Who::Editor, publish_as(&national, 1, &good()), "Published")]);
}

fn nested(depth: usize) -> Json {
    match depth {
        0 => json!({ "type": "integer" }),
        _ => json!({ "type": "object", "properties": { "a": nested(depth - 1) } }),
    }
}

#[test]
fn a_step_behind_a_circle_is_unreachable_and_what_is_allowed_passes() {
    let findings = |item: &Json| {
        let found = item_rules::findings(&text("A-1"), &definition(item));
        found.into_iter().map(|finding| (finding.error, finding.place)).collect::<Vec<_>>()
    };
    let circle = with(&[("/flow/1/waits_for", json!(["核查"])), ("/flow/2/waits_for", json!(["审查"]))]);
    let found = findings(&circle);
    assert!(found.contains(&(Error::FlowCycle, "flow[1].waits_for".to_owned())), "{found:?}");
    assert!(found.contains(&(Error::StepUnreachable, "flow[3]".to_owned())), "{found:?}");
    assert!(!found.iter().any(|(_, place)| place == "flow[0]"), "{found:?}");
    assert_eq!(findings(&good()), []);
    let consent = with(&[("/flow/1/silence", json!("deemed_consent"))]);
    assert_eq!(findings(&consent), [], "silence is consent to an ordinary review");
    let basis = json!({ "law": "专门法", "article": "第一条" });
    let longer = with(&[("/clocks/statutory/days", json!(90)), ("/clocks/statutory_basis", basis)]);
    assert_eq!(findings(&longer), [], "another law sets another limit");
    let hearing = with(&[("/flow/2/kind", json!("hearing")), ("/flow/2/days", json!(20))]);
    assert_eq!(findings(&hearing), [], "a hearing does not run on the clock");
}

#[test]
fn warnings_do_not_refuse() {
    let mut item = with(&[("/flow/1/condition", json!("form.note == 'x'")), ("/flow/3/human_only", json!(null))]);
    item["service"]["visits"] = json!(2);
    item["service"]["visits_reason"] = json!("核验原件");
    item["materials"] = json!([item["materials"][0], item["materials"][0]]);
    item["materials"][0]["held_as"] = json!(null);
    item["materials"][1]["name"] = json!("经营者身份证");
    let notices = item_rules::notices(&text("A-1"), &definition(&item));
    let codes: Vec<&str> = notices.iter().map(|notice| notice.warning.into()).collect();
    let expected = ["local_code", "many_visits", "decision_without_person", "blank_field", "government_material"];
    assert_eq!(codes, expected);
    tell(&mut network(), &[(Who::Editor, publish_as("A-1", 1, &item), "Published")]);
}

#[test]
fn the_largest_item_fits_a_call() {
    let mut item = good();
    item["questions"] = json!(vec![json!({ "question": "问".repeat(200), "answer": "答".repeat(500) }); 10]);
    let filled = definition(&item);
    let bytes = tongban_types::codec::encode(&filled).len();
    assert!(bytes > ITEM_BYTES_MAX * 3 / 4, "{bytes}");
    let code = "9".repeat(64);
    let (version, effective_from) = (u32::MAX, Some(Time::MAX));
    let change = Change::Publish { version, effective_from, item: filled.clone() };
    for call in [
        Call::Publish { code: text(&code), version, effective_from, item: filled },
        Call::Propose { code: text(&code), change },
    ] {
        let around = AnyCall::Catalogue(call).to_bytes().as_ref().len() - bytes;
        assert!(around + ITEM_BYTES_MAX <= CALL_BYTES_MAX, "{around} bytes around the item");
    }
    item["questions"] = json!(vec![json!({ "question": "问".repeat(200), "answer": "答".repeat(500) }); 16]);
    let error = serde_json::from_value::<Definition>(item).expect_err("more bytes than an item has");
    assert!(error.to_string().contains("an item has at most"), "{error}");
}

#[test]
fn the_flow_in_order_and_its_longest_way() {
    let mut story = network();
    tell(&mut story, &[(Who::Editor, publish(1), "Published")]);
    let View::Flow { steps, longest, days } = ask(&story, Query::Flow { code: text("A-1"), version: None }) else {
        panic!("expected a flow")
    };
    assert_eq!(steps.iter().map(|step| &*step.name).collect::<Vec<_>>(), ["受理", "审查", "核查", "决定", "制证"]);
    assert_eq!(longest.iter().map(|name| &**name).collect::<Vec<_>>(), ["受理", "核查", "决定", "制证"]);
    assert_eq!(days, 2 + 7 + 2 + 1, "the slowest branch, not the sum");
    let none = ask(&story, Query::Flow { code: text("B"), version: None });
    assert_eq!(none, View::Flow { steps: List::default(), longest: List::default(), days: 0 });
}

#[test]
fn which_codes_are_known() {
    let mut story = network();
    tell(&mut story, &[(Who::Editor, publish(1), "Published"), (Who::Editor, import("B", historic()), "Imported")]);
    let codes = List::new(["C", "B", "A-1"].map(text).to_vec()).expect("three codes");
    let known = List::new(["B", "A-1"].map(text).to_vec()).expect("two codes");
    assert_eq!(ask(&story, Query::Which { codes }), View::Which { known });
}

fn done(outcomes: &[(&str, StepOutcome)]) -> BTreeMap<StepName, StepOutcome> {
    outcomes.iter().map(|(name, outcome)| (text(name), *outcome)).collect()
}

#[test]
fn a_rejection_stops_all_finishes_the_others_or_returns() {
    let answers = Form::parse(FORM).map(|form| form.answers(&json!({ "area": 5, "dish": "hot" }))).expect("a form");
    let answers = answers.expect("good answers");
    let names = |names: &[StepName]| names.iter().map(|name| name.to_string()).collect::<Vec<_>>().join(" ");
    let after = |rule: Json| {
        let flow = definition(&with(&[("/flow/1/on_rejection", rule)])).flow.clone();
        let rejection = flow::after_rejection(&flow, &answers, &done(&[("受理", StepOutcome::Passed)]), &text("审查"));
        let rejection = rejection.expect("an ordered flow");
        (names(&rejection.stopped), names(&rejection.repeated), names(&rejection.going_on))
    };
    let strings = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
    assert_eq!(after(json!("stop_all")), strings("核查 决定 制证", "", ""));
    assert_eq!(after(json!("finish_others")), strings("决定 制证", "", "核查"));
    assert_eq!(after(json!({ "return": { "to": "受理" } })), strings("", "受理 审查", "受理 审查 核查 决定 制证"));
}

#[test]
fn steps_are_skipped_and_the_way_goes_on_behind_them() {
    let item = definition(&with(&[("/flow/2/condition", json!("form.area > 100"))]));
    let answers =
        Form::parse(FORM).expect("a form").answers(&json!({ "area": 5, "dish": "hot" })).expect("good answers");
    let ready = |outcomes: &[(&str, StepOutcome)]| {
        let steps = flow::ready_steps(&item.flow, &answers, &done(outcomes)).expect("an ordered flow");
        steps.iter().map(|name| name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(ready(&[]), ["受理"]);
    assert_eq!(ready(&[("受理", StepOutcome::Passed)]), ["审查"]);
    assert_eq!(ready(&[("受理", StepOutcome::Passed), ("审查", StepOutcome::PassedBySilence)]), ["决定"]);
    let unknown = flow::ready_steps(&item.flow, &answers, &done(&[("散步", StepOutcome::Passed)]));
    assert_eq!(unknown, Err(flow::FlowError::UnknownStep(text("散步"))));
    let blank = flow::ready_steps(&item.flow, &crate::forms::Answers::default(), &BTreeMap::new());
    assert!(matches!(blank, Err(flow::FlowError::Undecided { .. })), "{blank:?}");
}

#[test]
fn every_edition_of_the_law_has_every_limit() {
    use crate::law::{EDITIONS, Stage};
    let stages =
        [Stage::Acceptance, Stage::Decision, Stage::JointDecision, Stage::Hearing, Stage::Delivery, Stage::FirstReview];
    for (index, edition) in EDITIONS.iter().enumerate() {
        assert_eq!(usize::from(edition.number), index + 1);
        for stage in stages {
            assert_eq!(edition.limits.iter().filter(|limit| limit.stage == stage).count(), 1, "{stage:?}");
        }
    }
}

#[test]
fn every_error_has_its_story() {
    let sources =
        [include_str!("tests.rs"), include_str!("../catalogue_stories.rs"), include_str!("../publishing_stories.rs")];
    let source = sources.concat();
    for error in Error::iter().filter(|error| *error != Error::StepUnreachable) {
        // That one never comes alone: a circle or an unknown step before it comes first.
        let code = tongban_kernel::ModuleError::code(&error);
        assert!(source.contains(&format!("\"{}\"", &*code)), "no story ends in {}", &*code);
    }
}

/// A flow of reviews that wait for each other as the pairs say.
fn reviews(count: usize, edges: &[(usize, usize)]) -> Flow {
    let template = definition(&good()).flow[1].clone();
    let steps = (0..count).map(|place| {
        let mut before: Vec<StepName> = edges
            .iter()
            .filter(|(_, to)| to % count == place)
            .map(|(from, _)| text(&format!("s{}", from % count)))
            .collect();
        before.sort_unstable();
        before.dedup();
        let waits_for = List::new(before).expect("few edges");
        Step { name: Text::new(format!("s{place}")).expect("a short name"), waits_for, ..template.clone() }
    });
    List::new(steps.collect()).expect("few steps")
}

/// Steps that can be done one after the other: an oracle that plays and knows nothing of graphs.
fn playable(count: usize, edges: &[(usize, usize)]) -> Vec<bool> {
    let mut finished = vec![false; count];
    loop {
        let next = (0..count).find(|step| {
            !finished[*step] && edges.iter().all(|(from, to)| to % count != *step || finished[from % count])
        });
        match next {
            Some(step) => finished[step] = true,
            None => return finished,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever waits for whatever: the checker names exactly the steps that can never be done, and each flow that it accepts is
    /// played to its end by doing what is due, in as many days as its longest way has.
    #[test]
    fn the_checker_and_a_player_agree(count in 1..7usize, edges in proptest::collection::vec((0..7usize, 0..7usize), 0..10)) {
        let flow = reviews(count, &edges);
        let playable = playable(count, &edges);
        let mut item = definition(&good()).into_item();
        item.flow = flow.clone();
        let mut stuck = vec![false; count];
        for finding in item_rules::findings(&text("A-1"), &item) {
            if [Error::FlowCycle, Error::StepUnreachable].contains(&finding.error) {
                let place: usize = finding.place["flow[".len()..].split(']').next().expect("a place").parse().expect("a number");
                stuck[place] = true;
            }
        }
        prop_assert_eq!(stuck, playable.iter().map(|done| !done).collect::<Vec<_>>());
        let answers = crate::forms::Answers::default();
        if playable.contains(&false) {
            prop_assert_eq!(flow::order(&flow), Err(flow::FlowError::Unordered));
            return Ok(());
        }
        let (mut finished, mut rounds) = (BTreeMap::new(), 0);
        loop {
            let due = flow::ready_steps(&flow, &answers, &finished).expect("an ordered flow");
            if due.is_empty() {
                break;
            }
            finished.extend(due.into_iter().map(|name| (name, StepOutcome::Passed)));
            rounds += 1;
        }
        let progress = flow::progress(&flow, &answers, &finished).expect("an ordered flow");
        prop_assert_eq!(progress.end, Some(End::Granted));
        prop_assert_eq!(finished.len(), count);
        prop_assert_eq!(flow::longest_way(&flow, |_| 1).expect("an ordered flow").days, rounds);
    }
}
