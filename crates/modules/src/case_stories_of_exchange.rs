//! That the records of the exchange can be made from the ledger alone: those of one closed case, field by field as in `docs/exchange.md`.

use crate::case_papers::PaperKind;
use crate::case_records::{How, Produced, RatingLevel};
use crate::case_stories_of_steps::higher_body;
use crate::case_test_cast::*;
use crate::catalogue::{HandleType, Item};
use crate::flow::StepOutcome;
use crate::items::CaseKind;
use crate::licence_test_cast::verify;
use crate::test_cast::{GOVERNMENT, Who, tell};
use serde_json::{Value as Json, json};
use tongban_kernel::testing::Story;
use tongban_types::codes::{CaseNumber, ItemImplementationCode};

const PAGE: &str = include_str!("../../../docs/exchange.md");

fn channel(channel: HandleType) -> u8 {
    match channel {
        HandleType::Counter => 1,
        HandleType::Online => 2,
        HandleType::Mobile => 3,
        HandleType::Courier => 4,
        HandleType::Other => 9,
    }
}

fn project_type(kind: CaseKind) -> u8 {
    match kind {
        CaseKind::OnTheSpot => 1,
        CaseKind::Promised => 2,
        CaseKind::Other => 9,
    }
}

fn name_of(story: &Story, department: crate::offices::DepartmentCode) -> String {
    let found = story.ask(|state| Ok(crate::orgs::department(state, &department)?));
    found.expect("a department is read").expect("it is registered").name().full.to_string()
}

/// The record of acceptance.
fn acceptance(story: &Story, number: &CaseNumber, item: &Item) -> Json {
    let (case, filing) = (record(story, number), filing_of(story, number));
    let code: ItemImplementationCode = case.item.code.parse().expect("an implementation code");
    let accepted = case.acceptance.expect("it was accepted");
    let paper = paper_number(story, number, PaperKind::Acceptance).expect("an officer has accepted it");
    let promised = story.ask(|state| Ok(case.promised.expect("accepted").deadline(state)?)).expect("a clock is read");
    json!({
        "project_no": number.to_string(),
        "catalog_code": code.basic_code().to_string(),
        "task_code": case.item.code.to_string(),
        "task_name": item.name.to_string(),
        "task_version": case.item.version,
        "project_type": project_type(item.case_kind),
        "apply_type": channel(filing.channel),
        "apply_date": filing.filed_at.to_string(),
        "accept_date": accepted.counts_from.to_string(),
        "promise_date": promised.expect("done").at.to_string(),
        "org_code": case.department.to_string(),
        "org_name": name_of(story, case.department),
        "handle_user_name": accepted.by.expect("an officer").account.to_string(),
        "accept_doc_no": format!("受理〔{}〕{}号", paper.year, paper.sequence),
    })
}

/// The records of all steps that were done.
fn process(story: &Story, number: &CaseNumber, item: &Item) -> Vec<Json> {
    let case = record(story, number);
    let mut records = Vec::new();
    for (place, (step, mark)) in (0..).zip(item.flow.iter().zip(case.steps.iter())) {
        for round in 0..=mark.round {
            let Some(done) = step_record(story, number, place, round) else { continue };
            let clock = done.clock.expect("a step that was done had a clock");
            let crate::clocks::Phase::Done { at, .. } = clock.phase() else { panic!("it is done") };
            let event = match done.outcome {
                StepOutcome::Passed => "通过",
                StepOutcome::Rejected => "退回",
                StepOutcome::PassedBySilence => "其他",
            };
            records.push(json!({
                "project_no": number.to_string(),
                "process_name": step.name.to_string(),
                "event_name": event,
                "handle_user_name": done.by.map(|by| by.account.to_string()),
                "handle_explain": match (&done.opinion, &*done.reasons) {
                    (Some(opinion), _) => opinion.to_string(),
                    (None, "") => event.to_owned(),
                    (None, reasons) => reasons.to_owned(),
                },
                "event_start_time": clock.began().to_string(),
                "event_end_time": at.to_string(),
            }));
        }
    }
    records
}

/// The records of extension and special procedures.
fn special(story: &Story, number: &CaseNumber) -> Vec<Json> {
    let case = record(story, number);
    let until = story.ask(|state| Ok(case.statutory.expect("accepted").deadline(state)?)).expect("a clock is read");
    let extension = case.extension.iter().map(|one| {
        json!({
            "special_type": 1, "special_name": "延长审批", "special_reason": one.reasons.to_string(),
            "special_time": one.by.at.to_string(), "end_time": until.expect("done").at.to_string(),
        })
    });
    let procedures = case.procedures.iter().map(|one| {
        json!({
            "special_type": 2, "special_name": serde_json::to_value(one.kind).expect("a name"),
            "special_reason": one.reason.to_string(), "special_time": one.from.to_string(),
            "end_time": one.ended_at.expect("it is over").to_string(),
        })
    });
    extension.chain(procedures).collect()
}

/// The record of the result.
fn result(story: &Story, number: &CaseNumber) -> Json {
    let case = record(story, number);
    let decision = case.decision.expect("it was decided");
    let licence = case.results.iter().find_map(|result| match &result.what {
        Produced::Licence { licence } => Some(licence.clone()),
        Produced::Document { .. } => None,
    });
    let licence = licence.expect("it ended in a licence");
    let verified = verify(story, &licence, story.time());
    json!({
        "project_no": number.to_string(),
        "result_type": u8::from(!decision.granted),
        "result_date": case.closed_at.expect("it is closed").to_string(),
        "result_explain": decision.reasons.to_string(),
        "result_cetr_name": verified.type_name.map(|name| name.to_string()),
        "result_cetr_no": licence.to_string(),
        "is_delivery_results": case.delivery.is_some(),
        "satisfaction": case.rating.expect("it was rated").level.code(),
    })
}

/// The records of the materials.
fn materials(story: &Story, number: &CaseNumber, item: &Item) -> Vec<Json> {
    let given = filing_of(story, number).materials;
    let records = given.iter().map(|given| {
        let material = &item.materials[usize::from(given.material)];
        let how = match given.how {
            How::Paper {} => "纸质",
            How::Electronic { .. } => "电子",
            How::Licence { .. } => "证照",
            How::Gap {} => "容缺",
            How::Promise { .. } => "告知承诺",
        };
        json!({ "material_name": material.name.to_string(), "get_type": how, "get_num": material.copies })
    });
    records.collect()
}

#[test]
fn the_records_of_the_exchange_are_made_from_the_ledger() {
    let mut story = town();
    let case = accepted_with_gap(&mut story, 5);
    let until = story.time().plus_millis(2 * DAY_MILLIS);
    tell(
        &mut story,
        &[
            (Who::FoodReviewer, stop(&case, "食品审查", until), "ClockStopped"),
            (Who::FoodReviewer, resume(&case, "食品审查"), "ClockResumed"),
            (Who::Head, extend(&case, 5), "Extended"),
            (Who::Zhang, fill_gap(&case, &[electronic(3)]), "GapFilled"),
        ],
    );
    finish_reviews(&mut story, &case);
    tell(
        &mut story,
        &[
            (Who::Approver, decide(&case), "Decided"),
            (Who::Issuer, issue_licence(&case, "A"), "Issued"),
            (Who::Issuer, certify(&case, "A"), "CertificateIssued"),
            (Who::Issuer, deliver(&case, Some("送达")), "Delivered"),
            (Who::Issuer, close(&case), "Closed"),
            (Who::Zhang, rate(&case, RatingLevel::Satisfied), "Rated"),
        ],
    );
    let item = item_of(&story, &record(&story, &case));
    let accepted = acceptance(&story, &case, &item);
    let steps = process(&story, &case, &item);
    let (special, result, materials) = (special(&story, &case), result(&story, &case), materials(&story, &case, &item));
    assert_eq!((accepted["catalog_code"].as_str(), accepted["project_type"].as_u64()), (Some("510100001000"), Some(2)));
    assert_eq!(
        (accepted["org_name"].as_str(), accepted["accept_doc_no"].as_str()),
        (Some("云港市行政审批局"), Some("受理〔2026〕1号"))
    );
    let done: Vec<_> = steps.iter().filter_map(|step| step["process_name"].as_str()).collect();
    assert_eq!(done, ["受理", "核验", "食品审查", "油烟审查", "招牌审查", "决定", "制证", "送达"]);
    assert_eq!(special.iter().filter_map(|one| one["special_type"].as_u64()).collect::<Vec<_>>(), [1, 2]);
    assert_eq!((result["result_type"].as_u64(), result["satisfaction"].as_u64()), (Some(0), Some(2)));
    assert_eq!(materials.len(), 3);
    for record in [accepted, result].iter().chain(&steps).chain(&special).chain(&materials) {
        for (field, value) in record.as_object().expect("a record") {
            assert!(!value.is_null() && value.as_str() != Some(""), "{field} is empty in {record}");
            assert!(PAGE.contains(&format!("`{field}`")), "the page does not say where {field} stands");
        }
    }
}

#[test]
fn of_a_forwarded_case_all_special_procedures_are_there() {
    let mut story = town();
    let case = accepted(&mut story, application());
    let until = story.time().plus_millis(DAY_MILLIS);
    higher_body(&mut story);
    tell(
        &mut story,
        &[
            (Who::FoodReviewer, stop(&case, "食品审查", until), "ClockStopped"),
            (Who::Approver, forward(&case, GOVERNMENT), "Forwarded"),
        ],
    );
    let led = led_of(&story, &case, 0).expect("it stays on record");
    assert_eq!(led.procedures.iter().filter(|one| one.ended_at.is_some()).count(), 1, "it ended with the forwarding");
}
