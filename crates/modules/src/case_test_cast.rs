//! What stories of cases begin with: two items, calls about cases, questions about them.

use crate::case_facts::{Fact, FactValue, Facts};
use crate::case_papers::{Led, Paper, PaperKind, PaperNumber, Supervision};
use crate::case_ratings::{RatingChannel, RatingSource};
use crate::case_reasons::{StepWaiting, Waiting};
use crate::case_records::{
    BrokenPromise, Crossing, DeliveryWay, Filing, Given, How, ProcedureKind, Produced, RatingLevel, StepRecord,
};
use crate::case_responsibility::Responsibility;
use crate::case_sources::AnswerSources;
use crate::case_states::Stage;
use crate::cases::*;
use crate::catalogue::{self, HandleType};
use crate::licence_test_cast::{self, catering};
use crate::test_cast::{
    APPROVAL, ENVIRONMENT, FIRE, MANAGEMENT, MARKET, TERM_END, Who, code, outcome_name, tell, text,
};
use crate::{Call as AnyCall, Event as AnyEvent, Query as AnyQuery, View as AnyView, identity, orgs};
use serde_json::{Value as Json, json};
use std::sync::LazyLock;
use tongban_crypto::SecretKey;
use tongban_kernel::Role;
use tongban_kernel::testing::Story;
use tongban_types::codes::{CaseNumber, LicenceIdentifier};
use tongban_types::{Digest, List, Outcome, Receipt, Text, Time, codec};

pub const DAY_MILLIS: u64 = 86_400_000;
/// The code of the item that several departments handle.
pub const RESTAURANT: &str = "11519900MB9012235G3510100001000";
/// The code of the item that one department handles: a local one.
pub const NOTICE_CODE: &str = "NOTICE-1";

/// What stands for any document.
pub const PAPER: Digest = Digest([3; 32]);

const FORM: &str = r#"{"type":"object","properties":{"name":{"type":"string"},"area":{"type":"integer","minimum":0,"maximum":1000},"smoke":{"type":"boolean"},"signboard":{"type":"boolean"},"branch":{"type":"boolean"},"staff":{"type":"integer"}},"required":["name","area","smoke","signboard","branch"]}"#;

pub fn step(name: &str, department: &str, post: &str, kind: &str, waits_for: &[&str], days: u16) -> Json {
    json!({
        "name": name, "department": department, "role": post, "kind": kind, "waits_for": waits_for, "condition": null, "days": days,
        "human_only": null, "on_rejection": "stop_all", "silence": "none", "stake": "general", "written_opinion_required": false,
    })
}

fn but(mut step: Json, changes: Json) -> Json {
    for (name, value) in changes.as_object().expect("an object") {
        step[name] = value.clone();
    }
    step
}

fn material(name: &str, need: &str, condition: Option<&str>, source: &str) -> Json {
    json!({
        "name": name, "need": need, "condition": condition, "original": "original", "format": "either", "copies": 1, "source": source,
        "held_as": null, "note": null,
    })
}

/// An item like `examples/items/restaurant.yaml`: five departments, steps in parallel, a certificate. Whoever applies need not be known: whose accounts
/// these are is a story of its own, in `case_stories_of_items`.
pub fn restaurant() -> Json {
    let statute = json!({ "law": "行政许可法", "article": "第三十四条" });
    let safety = json!({ "human_only": statute, "stake": "safety", "written_opinion_required": true });
    let mut held = material("原许可证", "needed", Some("form.branch"), "government");
    held["held_as"] = json!({ "licence_type": catering().as_str(), "field": null });
    json!({
        "name": "开办餐饮店", "item_type": "licence", "department": { "code": APPROVAL, "name": "云港市行政审批局" },
        "joint_departments": [
            { "code": MARKET, "name": "市监局" }, { "code": FIRE, "name": "消防支队" },
            { "code": ENVIRONMENT, "name": "环境局" }, { "code": MANAGEMENT, "name": "城管局" },
        ],
        "body_nature": "statutory_organ", "use_level": "city", "power_source": "法定本级行使",
        "legal_basis": [{ "law": "食品安全法", "article": "第三十五条" }], "local_code": null,
        "served": ["natural_person", "enterprise"], "case_kind": "promised", "assurance": "none",
        "clocks": {
            "statutory": { "days": 20, "unit": "working_day" }, "statutory_basis": null,
            "promised": { "days": 15, "unit": "working_day" }, "acceptance_days": 2, "delivery_days": 3,
        },
        "service": {
            "handle_types": ["counter", "online"], "visits": 0, "visits_reason": null, "online_depth": "handle",
            "handle_area": "across_counties", "address": "政务服务中心", "hours": "工作日", "contact": "12345", "supervision": "12345",
        },
        "accept_condition": "有固定经营场所", "eligibility": "form.area > 0", "quantity_limit": null,
        "outcome": { "kind": "certificate", "name": "小餐饮经营许可证", "licence_type": catering().as_str() }, "fees": [],
        "materials": [
            material("申请人身份证明", "main", None, "applicant"), material("平面图", "needed", None, "applicant"),
            material("消防文件", "needed", Some("form.area > 300"), "applicant"),
            material("门头效果图", "may_follow", Some("form.signboard"), "applicant"),
            material("租赁合同", "optional", None, "applicant"), held,
        ],
        "form": FORM,
        "flow": [
            step("受理", APPROVAL, "综合窗口受理岗", "acceptance", &[], 2),
            but(step("核验", APPROVAL, "数据核验", "automatic_check", &["受理"], 1), json!({ "on_rejection": { "return": { "to": "受理" } } })),
            but(step("食品审查", MARKET, "食品经营审查岗", "review", &["受理"], 5), safety.clone()),
            but(
                step("现场核查", MARKET, "现场核查岗", "inspection", &["食品审查"], 4),
                json!({ "condition": "form.area > 100", "on_rejection": { "return": { "to": "食品审查" } } }),
            ),
            but(step("消防检查", FIRE, "消防监督岗", "inspection", &["受理"], 8), json!({ "condition": "form.area > 300" })),
            but(
                step("油烟审查", ENVIRONMENT, "大气环境岗", "review", &["受理"], 5),
                json!({ "condition": "form.smoke", "on_rejection": "finish_others", "stake": "environment" }),
            ),
            but(
                step("招牌审查", MANAGEMENT, "户外广告岗", "review", &["受理"], 3),
                json!({ "condition": "form.signboard", "on_rejection": "finish_others", "silence": "deemed_consent" }),
            ),
            but(
                step("决定", APPROVAL, "首席审批员", "decision", &["核验", "现场核查", "消防检查", "油烟审查", "招牌审查"], 2),
                safety,
            ),
            step("制证", APPROVAL, "制证岗", "certificate", &["决定"], 1),
            step("送达", APPROVAL, "综合窗口出件岗", "delivery", &["制证"], 1),
        ],
        "questions": [],
    })
}

/// An item that one department handles: a machine may decide, a proof may be replaced by a commitment, a decision may go back, and nothing is
/// made in the end. Something is published beside the decision.
pub fn notice() -> Json {
    let mut item = restaurant();
    item["name"] = json!("场所备案");
    item["joint_departments"] = json!([]);
    item["service"]["handle_area"] = json!("local_only");
    item["served"] = json!(["natural_person"]);
    item["eligibility"] = json!(null);
    item["outcome"] = json!({ "kind": "other", "name": null, "licence_type": null });
    item["materials"] = json!([material("无违法证明", "needed", None, "government")]);
    item["form"] = json!(r#"{"type":"object","properties":{"urgent":{"type":"boolean"}},"required":["urgent"]}"#);
    item["flow"] = json!([
        step("受理", APPROVAL, "综合窗口受理岗", "acceptance", &[], 2),
        step("审查", APPROVAL, "数据核验", "review", &["受理"], 3),
        but(
            step("决定", APPROVAL, "首席审批员", "decision", &["审查"], 2),
            json!({ "on_rejection": { "return": { "to": "审查" } }, "condition": "!form.urgent" }),
        ),
        step("公示", APPROVAL, "数据核验", "publicity", &["决定"], 1),
    ]);
    item
}

pub fn publish(item_code: &str, version: u32, item: &Json) -> AnyCall {
    let item = serde_json::from_value(item.clone()).expect("a well-formed item");
    AnyCall::Catalogue(catalogue::Call::Publish { code: text(item_code), version, effective_from: None, item })
}

/// A program that checks data, at the approval bureau's `数据核验`.
pub fn robot() -> SecretKey {
    crate::test_cast::secret(200)
}

fn open_robot(story: &Story) -> AnyCall {
    let key = robot();
    let account = robot_account();
    let message = identity::possession_message(&story.network(), &account, &key.public_key());
    let (kind, name) = (identity::AccountKind::System, Some(text("核验系统")));
    let possession = key.sign(&message);
    AnyCall::Identity(identity::Call::OpenAccount { kind, name, key: key.public_key(), possession })
}

pub fn robot_account() -> tongban_types::AccountId {
    let primitives = tongban_crypto::primitives(tongban_types::Suite::Intl);
    tongban_types::genesis::account_of(&robot().public_key(), primitives)
}

/// The city with the items, the licence type, and the program at two posts.
pub fn town() -> Story {
    static TOWN: LazyLock<Story> = LazyLock::new(found);
    TOWN.clone()
}

fn found() -> Story {
    let mut story = licence_test_cast::with_type();
    let posts = |department, post: &str| {
        let posts = List::new(vec![text(post)]).expect("one post");
        let position = orgs::Position { office: text("系统"), posts, staff_number: None };
        let right =
            orgs::Right { role: Role::Reviewer, post: None, from: None, until: TERM_END.parse().expect("a time") };
        let department = code(department);
        [
            AnyCall::Orgs(orgs::Call::Appoint { department, account: robot_account(), position }),
            AnyCall::Orgs(orgs::Call::Grant { department, account: robot_account(), right }),
        ]
    };
    let open = open_robot(&story);
    let mut lines = vec![
        (Who::Editor, publish(RESTAURANT, 1, &restaurant()), "Published"),
        (Who::Editor, publish(NOTICE_CODE, 1, &notice()), "Published"),
        (Who::Registrar, open, "AccountOpened"),
    ];
    for (department, post) in [(APPROVAL, "数据核验"), (MARKET, "食品经营审查岗")] {
        let [appoint, grant] = posts(department, post);
        lines.extend([(Who::Mayor, appoint, "Appointed"), (Who::Mayor, grant, "Granted")]);
    }
    tell(&mut story, &lines);
    story
}

pub fn truth(field: &str, value: bool) -> Fact {
    Fact { field: text(field), value: FactValue::Truth(value) }
}

pub fn number_fact(field: &str, value: i64) -> Fact {
    Fact { field: text(field), value: FactValue::Number(value) }
}

pub fn facts(area: i64, smoke: bool, signboard: bool) -> Facts {
    let facts =
        vec![number_fact("area", area), truth("smoke", smoke), truth("signboard", signboard), truth("branch", false)];
    Facts::new(facts).expect("few facts")
}

pub fn few(facts: &[Fact]) -> Facts {
    Facts::new(facts.to_vec()).expect("few facts")
}

pub fn paper(material: u8) -> Given {
    Given { material, how: How::Paper {} }
}

pub fn promise(material: u8) -> Given {
    Given { material, how: How::Promise { commitment: PAPER } }
}

pub fn gap(material: u8) -> Given {
    Given { material, how: How::Gap {} }
}

pub fn electronic(material: u8) -> Given {
    Given { material, how: How::Electronic { commitment: PAPER } }
}

pub fn list<T, const MAX: usize>(values: &[T]) -> List<T, MAX>
where
    T: Clone,
{
    List::new(values.to_vec()).expect("few values")
}

/// An application for a restaurant of 50 square metres with smoke and a signboard, all materials given.
pub fn application() -> Application {
    Application {
        item: text(RESTAURANT),
        applicant: Who::Zhang.account(),
        channel: HandleType::Online,
        crossing: Crossing::None,
        place: None,
        facts: facts(50, true, true),
        form: PAPER,
        materials: list(&[electronic(0), electronic(1), electronic(3)]),
        gap_promise: None,
        renews: None,
        sources: AnswerSources::default(),
    }
}

/// An application for the small item, with its proof on paper.
pub fn notice_application() -> Application {
    Application {
        item: text(NOTICE_CODE),
        facts: few(&[truth("urgent", false)]),
        materials: list(&[paper(0)]),
        ..application()
    }
}

pub fn of(call: Call) -> AnyCall {
    AnyCall::Cases(call)
}

pub fn file(application: Application) -> AnyCall {
    of(Call::File { application: Box::new(application) })
}

/// Files an application as Zhang; gives its number.
pub fn filed(story: &mut Story, application: Application) -> CaseNumber {
    let receipt = story.act(&Who::Zhang.key(), vec![file(application).to_bytes()]);
    match event(&receipt) {
        Event::Filed { case, .. } => case,
        other => panic!("expected an application, found {other:?}"),
    }
}

/// The event of cases on a receipt.
pub fn event(receipt: &Receipt) -> Event {
    let Outcome::Applied { events } = &receipt.outcome else { panic!("refused: {}", outcome_name(&receipt.outcome)) };
    match codec::decode(events.last().expect("an event").as_ref()).expect("an event of ours") {
        AnyEvent::Cases(event) => event,
        other => panic!("expected an event of cases, found {other:?}"),
    }
}

pub fn event_of(story: &mut Story, who: Who, call: Call) -> Event {
    event(&story.act(&who.key(), vec![of(call).to_bytes()]))
}

/// What a call by the program comes to.
pub fn by_robot(story: &mut Story, call: Call) -> String {
    outcome_name(&story.act(&robot().public_key(), vec![of(call).to_bytes()]).outcome)
}

pub fn receive(case: &CaseNumber) -> AnyCall {
    of(Call::Receive { case: case.clone() })
}

pub fn accept(case: &CaseNumber) -> AnyCall {
    of(Call::Accept { case: case.clone() })
}

pub fn accept_with_gap(case: &CaseNumber, days: u16) -> AnyCall {
    of(Call::AcceptWithGap { case: case.clone(), days, notice: PAPER })
}

pub fn refuse_acceptance(case: &CaseNumber) -> AnyCall {
    of(Call::RefuseAcceptance {
        case: case.clone(),
        reasons: text("不属于本机关职权"),
        remedies: text("可申请行政复议"),
    })
}

pub fn ask_correction(case: &CaseNumber, materials: &[u8]) -> AnyCall {
    of(Call::AskCorrection { case: case.clone(), materials: list(materials), points: text("请补充") })
}

pub fn supplement(case: &CaseNumber, materials: &[Given]) -> AnyCall {
    of(Call::Supplement {
        case: case.clone(),
        facts: None,
        form: None,
        materials: list(materials),
        sources: AnswerSources::default(),
        gap_promise: None,
    })
}

pub fn fill_gap(case: &CaseNumber, materials: &[Given]) -> AnyCall {
    of(Call::FillGap { case: case.clone(), materials: list(materials) })
}

pub fn finish(case: &CaseNumber, step: &str) -> AnyCall {
    of(Call::FinishStep { case: case.clone(), step: text(step), passed: true, opinion: Some(PAPER) })
}

pub fn reject(case: &CaseNumber, step: &str) -> AnyCall {
    of(Call::FinishStep { case: case.clone(), step: text(step), passed: false, opinion: Some(PAPER) })
}

pub fn rule(case: &CaseNumber, ruling: Ruling) -> AnyCall {
    rule_in(case, "决定", ruling)
}

/// Rules in a step of decision by its name.
pub fn rule_in(case: &CaseNumber, step: &str, ruling: Ruling) -> AnyCall {
    let remedies = if ruling == Ruling::Refuse { "可在六十日内申请行政复议" } else { "" };
    of(Call::Decide {
        case: case.clone(),
        step: text(step),
        ruling,
        reasons: text("依据审查意见"),
        remedies: text(remedies),
        opinion: Some(PAPER),
    })
}

pub fn decide(case: &CaseNumber) -> AnyCall {
    rule(case, Ruling::Grant)
}

pub fn refuse(case: &CaseNumber) -> AnyCall {
    rule(case, Ruling::Refuse)
}

/// Refuses in a step of decision that is named otherwise.
pub fn refuse_in(case: &CaseNumber, step: &str) -> AnyCall {
    rule_in(case, step, Ruling::Refuse)
}

pub fn stop(case: &CaseNumber, step: &str, until: Time) -> AnyCall {
    let (procedure, reason) = (ProcedureKind::Test, text("抽样检验"));
    of(Call::StopClock { case: case.clone(), step: text(step), procedure, reason, until })
}

pub fn resume(case: &CaseNumber, step: &str) -> AnyCall {
    of(Call::ResumeClock { case: case.clone(), step: text(step) })
}

pub fn extend(case: &CaseNumber, days: u16) -> AnyCall {
    of(Call::Extend { case: case.clone(), days, reasons: text("情况复杂") })
}

pub fn propose_termination(case: &CaseNumber) -> AnyCall {
    of(Call::ProposeTermination { case: case.clone(), reasons: text("申请事项已不存在") })
}

pub fn terminate(case: &CaseNumber) -> AnyCall {
    of(Call::Terminate { case: case.clone(), reasons: text("同意终止") })
}

pub fn decline_termination(case: &CaseNumber) -> AnyCall {
    of(Call::DeclineTermination { case: case.clone(), reasons: text("同意继续办理") })
}

pub fn discontinue(case: &CaseNumber) -> AnyCall {
    of(Call::Discontinue { case: case.clone(), reasons: text("申请人已死亡") })
}

pub fn give_back(case: &CaseNumber) -> AnyCall {
    of(Call::ReturnCase { case: case.clone(), reasons: text("逾期未补正") })
}

pub fn withdraw(case: &CaseNumber) -> AnyCall {
    of(Call::Withdraw { case: case.clone() })
}

pub fn forward(case: &CaseNumber, to: &'static str) -> AnyCall {
    of(Call::Forward { case: case.clone(), to: code(to), reasons: text("须由上级机关决定") })
}

/// The licence that is issued for a case.
pub fn licence(serial: &str) -> LicenceIdentifier {
    licence_test_cast::id(serial)
}

pub fn issue_licence(case: &CaseNumber, serial: &str) -> AnyCall {
    AnyCall::Licences(crate::licences::Call::Issue {
        identifier: licence(serial),
        case: Some(case.clone()),
        holder: Who::Zhang.account(),
        content: licence_test_cast::content(),
        ground: None,
    })
}

pub fn certify(case: &CaseNumber, serial: &str) -> AnyCall {
    let result = Produced::Licence { licence: licence(serial) };
    of(Call::IssueCertificate { case: case.clone(), step: Some(text("制证")), result })
}

pub fn document(case: &CaseNumber, step: Option<&str>) -> AnyCall {
    let result = Produced::Document { commitment: PAPER };
    of(Call::IssueCertificate { case: case.clone(), step: step.map(text), result })
}

pub fn deliver(case: &CaseNumber, step: Option<&str>) -> AnyCall {
    deliver_to(case, step, None)
}

pub fn deliver_to(case: &CaseNumber, step: Option<&str>, receiver: Option<Who>) -> AnyCall {
    let (way, receiver) = (DeliveryWay::Online, receiver.map(Who::account));
    of(Call::Deliver { case: case.clone(), step: step.map(text), way, waybill: None, receiver })
}

pub fn acknowledge(case: &CaseNumber) -> AnyCall {
    of(Call::Acknowledge { case: case.clone() })
}

/// Tells of the right to a hearing before the decision, these beside the applicant.
pub fn tell_hearing(case: &CaseNumber, parties: &[Who]) -> AnyCall {
    let mut parties: Vec<_> = parties.iter().map(|who| who.account()).collect();
    parties.sort_unstable();
    of(Call::TellHearing { case: case.clone(), step: text("决定"), parties: list(&parties), notice: PAPER })
}

pub fn answer_hearing(case: &CaseNumber, party: Who, wants: bool) -> AnyCall {
    of(Call::AnswerHearing { case: case.clone(), party: party.account(), wants })
}

pub fn arrange_hearing(case: &CaseNumber, at: Time) -> AnyCall {
    of(Call::ArrangeHearing { case: case.clone(), step: text("决定"), at, notice: PAPER })
}

pub fn record_hearing(case: &CaseNumber) -> AnyCall {
    of(Call::RecordHearing { case: case.clone(), step: text("决定"), record: PAPER })
}

pub fn enter(application: Application) -> AnyCall {
    of(Call::EnterApplication { application: Box::new(application), paper: PAPER })
}

pub fn enter_act(case: &CaseNumber, act: PaperAct) -> AnyCall {
    of(Call::EnterAct { case: case.clone(), act: Box::new(act), paper: PAPER })
}

pub fn disown(case: &CaseNumber) -> AnyCall {
    of(Call::Disown { case: case.clone() })
}

pub fn examine_disowned(case: &CaseNumber, invented: bool) -> AnyCall {
    of(Call::ExamineDisowned { case: case.clone(), invented, opinion: PAPER })
}

pub fn close(case: &CaseNumber) -> AnyCall {
    of(Call::Close { case: case.clone() })
}

pub fn rate(case: &CaseNumber, level: RatingLevel) -> AnyCall {
    of(Call::Rate { case: case.clone(), level, words: None, source: online() })
}

/// A rating on the web, about nobody in particular.
pub fn online() -> RatingSource {
    RatingSource { channel: RatingChannel::Computer, window: None, clerk: None, served_at: None }
}

pub fn refer(case: &CaseNumber) -> AnyCall {
    of(Call::Refer { case: case.clone(), reasons: text("本机关无其他审批人员") })
}

pub fn answer_card(number: PaperNumber) -> AnyCall {
    of(Call::AnswerCard { number, answer: text("因材料核验延误，已整改") })
}

/// The last number of a paper of this kind in a case.
pub fn paper_number(story: &Story, case: &CaseNumber, kind: PaperKind) -> Option<PaperNumber> {
    record(story, case).papers.iter().rfind(|number| number.kind == kind).copied()
}

pub fn paper_of(story: &Story, number: PaperNumber) -> Option<Paper> {
    match ask(story, Query::Paper { number }) {
        View::Paper { paper } => paper,
        other => panic!("expected a paper, found {other:?}"),
    }
}

pub fn supervision_of(story: &Story, number: PaperNumber) -> Option<Supervision> {
    match ask(story, Query::Supervision { number }) {
        View::Supervision { record } => record.map(|record| *record),
        other => panic!("expected a card, found {other:?}"),
    }
}

pub fn led_of(story: &Story, case: &CaseNumber, forwarding: u8) -> Option<Led> {
    match ask(story, Query::Led { case: case.clone(), forwarding }) {
        View::Led { led } => led.map(|led| *led),
        other => panic!("expected a record, found {other:?}"),
    }
}

/// Who answers for a case, where there is one.
pub fn responsibility_of(story: &Story, case: &CaseNumber) -> Option<Responsibility> {
    match ask(story, Query::Responsibility { case: case.clone() }) {
        View::Responsibility { record } => record.map(|record| *record),
        other => panic!("expected a record, found {other:?}"),
    }
}

pub fn answer(case: &CaseNumber) -> AnyCall {
    of(Call::AnswerWorkOrder { case: case.clone(), answer: text("已整改"), called_back: true })
}

pub fn exclude(case: &CaseNumber) -> AnyCall {
    of(Call::ExcludeRating { case: case.clone(), reasons: text("恶意评价") })
}

pub fn appeal(case: &CaseNumber) -> AnyCall {
    of(Call::Appeal { case: case.clone(), grounds: PAPER })
}

pub fn decide_appeal(case: &CaseNumber, upheld: bool) -> AnyCall {
    of(Call::DecideAppeal { case: case.clone(), upheld, reasons: text("经复核") })
}

pub fn reconsider(case: &CaseNumber) -> AnyCall {
    of(Call::Reconsider { case: case.clone() })
}

pub fn check(case: &CaseNumber, is_true: bool) -> AnyCall {
    of(Call::CheckCommitment { case: case.clone(), is_true, opinion: Some(PAPER) })
}

pub fn propose_revocation(case: &CaseNumber) -> AnyCall {
    of(Call::ProposeRevocation { case: case.clone(), reasons: text("承诺不实") })
}

pub fn decide_revocation(case: &CaseNumber, revoked: bool) -> AnyCall {
    of(Call::DecideRevocation { case: case.clone(), revoked, reasons: text("核查属实") })
}

pub fn settle(case: &CaseNumber) -> AnyCall {
    of(Call::Settle { case: case.clone() })
}

/// A case that was received.
pub fn received(story: &mut Story, application: Application) -> CaseNumber {
    let case = filed(story, application);
    tell(story, &[(Who::Receiver, receive(&case), "Received")]);
    case
}

/// A case that was accepted.
pub fn accepted(story: &mut Story, application: Application) -> CaseNumber {
    let case = received(story, application);
    tell(story, &[(Who::Acceptor, accept(&case), "Accepted")]);
    case
}

/// All steps before the decision of a restaurant of 50 square metres.
pub const REVIEWS: [(Who, &str); 4] = [
    (Who::Checker, "核验"),
    (Who::FoodReviewer, "食品审查"),
    (Who::AirReviewer, "油烟审查"),
    (Who::SignReviewer, "招牌审查"),
];

pub fn finish_reviews(story: &mut Story, case: &CaseNumber) {
    let lines: Vec<_> = REVIEWS.iter().map(|(who, step)| (*who, finish(case, step), "StepFinished")).collect();
    tell(story, &lines);
}

/// A restaurant that was granted.
pub fn granted(story: &mut Story) -> CaseNumber {
    let case = accepted(story, application());
    finish_reviews(story, &case);
    tell(story, &[(Who::Approver, decide(&case), "Decided")]);
    case
}

/// A small case that is closed: granted with its proof, or refused.
pub fn closed(story: &mut Story, application: Application, is_granted: bool) -> CaseNumber {
    let case = accepted(story, application);
    let decision = if is_granted { decide(&case) } else { refuse(&case) };
    let mut lines = vec![(Who::Checker, finish(&case, "审查"), "StepFinished"), (Who::Approver, decision, "Decided")];
    if is_granted {
        lines.push((Who::Checker, finish(&case, "公示"), "StepFinished"));
    }
    lines.extend([(Who::Issuer, deliver(&case, None), "Delivered"), (Who::Issuer, close(&case), "Closed")]);
    tell(story, &lines);
    case
}

fn ask(story: &Story, query: Query) -> View {
    let query = AnyQuery::Cases(query);
    match story.ask(|state| query.answer(state)).expect("a query of cases never stops") {
        AnyView::Cases(view) => view,
        other => panic!("expected a view of cases, found {other:?}"),
    }
}

pub fn record(story: &Story, number: &CaseNumber) -> Case {
    match ask(story, Query::Case { case: number.clone() }) {
        View::Case { case: Some(case), .. } => *case,
        other => panic!("expected a case, found {other:?}"),
    }
}

/// The version of the item by which a case runs.
pub fn item_of(story: &Story, case: &Case) -> catalogue::Item {
    let found = story.ask(|state| Ok(catalogue::version(state, &case.item.code, case.item.version)?));
    found.expect("a version is read").expect("it was published").item
}

pub fn filing_of(story: &Story, number: &CaseNumber) -> Filing {
    match ask(story, Query::Case { case: number.clone() }) {
        View::Case { filing: Some(filing), .. } => *filing,
        other => panic!("expected an application, found {other:?}"),
    }
}

pub fn stage(story: &Story, number: &CaseNumber) -> Stage {
    record(story, number).stage
}

pub fn step_record(story: &Story, number: &CaseNumber, step: u8, round: u8) -> Option<StepRecord> {
    match ask(story, Query::Step { case: number.clone(), step, round }) {
        View::Step { record } => record.map(|record| *record),
        other => panic!("expected a step, found {other:?}"),
    }
}

pub fn why(story: &Story, number: &CaseNumber) -> (Option<Waiting>, Vec<StepWaiting>) {
    why_at(story, number, story.time())
}

/// Why a case waits, asked for a time.
pub fn why_at(story: &Story, number: &CaseNumber, at: Time) -> (Option<Waiting>, Vec<StepWaiting>) {
    match ask(story, Query::Why { case: number.clone(), at }) {
        View::Why { case, steps } => (case.map(|case| *case), steps.into_vec()),
        other => panic!("expected reasons, found {other:?}"),
    }
}

pub fn rules_of(story: &Story, department: &'static str) -> Rules {
    match ask(story, Query::Rules { department: code(department) }) {
        View::Rules { rules } => rules,
        other => panic!("expected rules, found {other:?}"),
    }
}

pub fn broken_promise(story: &Story, who: Who) -> bool {
    broken_promises(story, who).iter().any(|broken| broken.repaired.is_none())
}

/// All promises that somebody has broken, oldest first.
pub fn broken_promises(story: &Story, who: Who) -> Vec<BrokenPromise> {
    match ask(story, Query::BrokenPromise { applicant: who.account() }) {
        View::BrokenPromise { broken } => broken.map_or_else(Vec::new, |broken| broken.broken.into_vec()),
        other => panic!("expected a promise, found {other:?}"),
    }
}

/// How often a name is among these.
pub fn count(names: &[String], wanted: &str) -> usize {
    names.iter().filter(|name| *name == wanted).count()
}

/// A case that was accepted with a gap of so many working days: the picture of the signboard follows.
pub fn accepted_with_gap(story: &mut Story, days: u16) -> CaseNumber {
    let materials = list(&[electronic(0), electronic(1), gap(3)]);
    let case = received(story, Application { materials, gap_promise: Some(PAPER), ..application() });
    tell(story, &[(Who::Acceptor, accept_with_gap(&case, days), "Accepted")]);
    case
}

/// Lets days pass, a block every six hours; gives the names of what time has brought.
pub fn pass_days(story: &mut Story, days: u64) -> Vec<String> {
    (0..days * 4)
        .flat_map(|_| story.pass_millis(DAY_MILLIS / 4))
        .map(|receipt| outcome_name(&receipt.outcome))
        .collect()
}

/// The names of steps.
pub fn names<const MAX: usize>(steps: &List<Text<40>, MAX>) -> Vec<&str> {
    steps.iter().map(|step| &**step).collect()
}
