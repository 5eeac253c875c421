//! How the city is founded: who is in office where, and the transactions that make it, one after the other.

use super::{
    APPROVAL, CHECK, CITIZENS, CITY, COMPANIES, DECISION, GOVERNMENT, HEALTH, HEALTH_ITEM, ITEM, MARKET, NAME,
    NEIGHBOUR, PAPER, PEOPLE, POLICE, Person, REVIEW, SUBURB, WELFARE, WELFARE_ITEM, department, licence_type,
    position, possession, pseudonym_of, right, text,
};
use serde_json::{Value as Json, json};
use tongban_kernel::Role;
use tongban_modules::Call;
use tongban_modules::catalogue::{self, Definition};
use tongban_modules::identity::{self, AccountKind, AssuranceLevel};
use tongban_modules::items::{Item, LegalBasis};
use tongban_modules::licence_types::{FaceFieldDefinition, FieldKind, Issuers, TypeDefinition, Validity};
use tongban_modules::licences;
use tongban_modules::orgs;
use tongban_modules::recovery::PeriodMinutes;
use tongban_types::codes::DocumentKind;
use tongban_types::{Digest, List, Suite};

/// Where somebody is in office, at which posts, and in which roles.
type Office = (Person, &'static str, &'static [&'static str], &'static [Role]);

const OFFICERS: [Office; 13] = [
    (Person::Receiver, APPROVAL, &["综合窗口受理岗"], &[Role::Receiver]),
    (Person::Acceptor, APPROVAL, &["综合窗口受理岗"], &[Role::Acceptor]),
    (Person::Checker, APPROVAL, &["数据核验"], &[Role::Reviewer]),
    (Person::FoodReviewer, MARKET, &["食品经营审查岗"], &[Role::Reviewer]),
    (Person::Approver, APPROVAL, &["首席审批员"], &[Role::Approver]),
    (Person::Issuer, APPROVAL, &["制证岗", "综合窗口出件岗"], &[Role::Issuer]),
    (Person::DataOfficer, APPROVAL, &[], &[Role::DataOfficer]),
    (Person::TypeOfficer, MARKET, &[], &[Role::DataOfficer]),
    (Person::IdentityOfficer, POLICE, &[], &[Role::IdentityOfficer]),
    (Person::RecoveryApprover, POLICE, &[], &[Role::RecoveryApprover]),
    (Person::SecondApprover, APPROVAL, &["首席审批员"], &[Role::Approver]),
    (Person::SuburbReceiver, SUBURB, &[], &[Role::Receiver]),
    (Person::SecondIssuer, APPROVAL, &["制证岗"], &[Role::Issuer]),
];
/// Those who are appointed after them, with whom the affairs of the city have to do.
const LATER_OFFICERS: [Office; 13] = [
    (Person::WelfareClerk, WELFARE, &["综合窗口受理岗"], &[Role::Receiver, Role::Acceptor]),
    (Person::WelfareChecker, WELFARE, &["数据核验"], &[Role::Reviewer]),
    (Person::WelfareApprover, WELFARE, &["首席审批员"], &[Role::Approver]),
    (Person::WelfareDeputy, WELFARE, &[], &[]),
    (Person::WelfareIssuer, WELFARE, &["制证岗", "综合窗口出件岗"], &[Role::Issuer]),
    (Person::HealthClerk, HEALTH, &["综合窗口受理岗", "数据核验"], &[Role::Receiver, Role::Acceptor, Role::Reviewer]),
    (Person::CityClerk, GOVERNMENT, &[], &[Role::Acceptor, Role::Reviewer, Role::Issuer]),
    (Person::CityApprover, GOVERNMENT, &[], &[Role::Approver]),
    (Person::Mover, WELFARE, &["数据核验"], &[Role::Reviewer]),
    (Person::ThirdOfficer, POLICE, &[], &[Role::RecoveryApprover]),
    (Person::Leaver, WELFARE, &["数据核验"], &[Role::Reviewer]),
    (Person::CounterClerk, WELFARE, &["综合窗口收件岗"], &[Role::Receiver]),
    (Person::HearingOfficer, WELFARE, &["法规科"], &[Role::Reviewer, Role::Supervisor]),
];

/// The transactions that found the city, one after the other: who, and what he calls.
pub fn founding(suite: Suite, network: &Digest) -> Vec<(Person, Vec<Call>)> {
    let below = [
        (APPROVAL, "云港市行政审批局", CITY),
        (MARKET, "云港市市场监督管理局", CITY),
        (POLICE, "云港市公安局", CITY),
        (SUBURB, "港口区政务服务中心", "510105000000"),
        (WELFARE, "云港市民政局", CITY),
        (HEALTH, "云港市卫生监督所", CITY),
    ];
    let below = below.map(|(code, name, division)| {
        let (parent, profile) = (department(GOVERNMENT), profile(name, division));
        Call::Orgs(orgs::Call::RegisterSubordinate { parent, department: department(code), profile })
    });
    let officers = |officers: &[Office]| officers.iter().flat_map(|officer| calls_for(officer, suite)).collect();
    let first: Vec<Call> = officers(&OFFICERS);
    let editors = [APPROVAL, WELFARE, HEALTH, SUBURB].map(|code| appoint_editor(code, Person::Editor, suite));
    let second = appoint_editor(SUBURB, Person::SecondEditor, suite);
    let (early, late) = PEOPLE.split_at(PEOPLE.len() / 2);
    let [early, late] = [early, late].map(|people| people.iter().map(|who| open(*who, suite, network)).collect());
    let bound = CITIZENS.iter().map(|who| bind(*who, suite));
    let bound = bound.chain(COMPANIES.iter().map(|company| bind_company(company, suite)));
    vec![
        (Person::Registrar, early),
        (Person::Registrar, late),
        (Person::Administrator, roots(suite)),
        (Person::Mayor, below.into_iter().chain(first).chain(editors).chain([second]).collect()),
        (Person::Mayor, officers(&LATER_OFFICERS)),
        (Person::Administrator, vec![authorise()]),
        (Person::TypeOfficer, vec![register_type()]),
        (Person::Editor, vec![publish(1), publish_another(WELFARE), publish_another(HEALTH)]),
        (Person::IdentityOfficer, bound.collect()),
    ]
}

fn open(who: Person, suite: Suite, network: &Digest) -> Call {
    let key = who.secret(suite);
    let possession = possession(network, &who.account(suite), &key);
    let (kind, name) = match COMPANIES.iter().find(|(company, _)| *company == who) {
        Some((_, code)) => (AccountKind::Organisation, Some(text(code))),
        None => (AccountKind::Person, None),
    };
    Call::Identity(identity::Call::OpenAccount { kind, name, key: key.public_key(), possession })
}

fn profile(name: &str, division: &str) -> orgs::Profile {
    let division = division.parse().expect("a division");
    orgs::Profile { name: text(name), short_name: text(name), division, host: None }
}

/// The trees of the city and of its neighbour, and what holds for the whole network.
fn roots(suite: Suite) -> Vec<Call> {
    let trees = [
        (GOVERNMENT, "云港市人民政府", CITY, Person::Mayor),
        (NEIGHBOUR, "临江市人民政府", "510300000000", Person::OtherMayor),
    ];
    let cooling = PeriodMinutes::new(1).expect("the shortest");
    let publisher =
        |who: Person| Call::Identity(identity::Call::GrantRole { account: who.account(suite), role: Role::Publisher });
    let calls = trees.into_iter().flat_map(|tree| root(tree, suite));
    calls
        .chain([
            Call::Identity(identity::Call::SetPolicy { cooling, hearing: None }),
            publisher(Person::Editor),
            publisher(Person::SecondEditor),
        ])
        .collect()
}

fn root((code, name, division, who): (&str, &str, &str, Person), suite: Suite) -> [Call; 2] {
    let until = "2030-01-02T00:00:00Z".parse().expect("a time");
    let (root, account, office) = (department(code), who.account(suite), text("人事处处长"));
    [
        Call::Orgs(orgs::Call::RegisterDepartment { department: root, profile: profile(name, division) }),
        Call::Orgs(orgs::Call::NameAdministrator { department: root, account, office, until }),
    ]
}

fn authorise() -> Call {
    Call::Identity(identity::Call::AuthoriseDepartment { department: department(POLICE) })
}

fn calls_for((who, code, posts, roles): &Office, suite: Suite) -> Vec<Call> {
    let (department, account) = (department(code), who.account(suite));
    let appoint = Call::Orgs(orgs::Call::Appoint { department, account, position: position("科员", posts) });
    let grants = roles.iter().map(|role| Call::Orgs(orgs::Call::Grant { department, account, right: right(*role) }));
    std::iter::once(appoint).chain(grants).collect()
}

/// Who publishes items is in office in the departments that lead them; the role was given to him for the network.
fn appoint_editor(code: &str, who: Person, suite: Suite) -> Call {
    let (department, account) = (department(code), who.account(suite));
    Call::Orgs(orgs::Call::Appoint { department, account, position: position("法规科", &[]) })
}

fn register_type() -> Call {
    let field = FaceFieldDefinition {
        name: text(NAME),
        label: text("名称"),
        kind: FieldKind::Text,
        personal: false,
        standard: None,
    };
    let basis = LegalBasis { law: text("食品安全法"), article: text("第三十五条") };
    let definition = TypeDefinition {
        name: text("小餐饮经营许可证"),
        legal_basis: List::new(vec![basis]).expect("one"),
        face: List::new(vec![field]).expect("one"),
        validity: Validity::UpTo { months: 36 },
        issuers: Issuers::Listed { departments: List::new(vec![department(APPROVAL)]).expect("one") },
        issued_without_case: false,
        holder_types: List::default(),
    };
    let (code, version, effective_from) = (licence_type(), 1, None);
    Call::Licences(licences::Call::RegisterType { code, version, effective_from, definition })
}

/// Publishes a version of the item. What is asked for stays the same: cases that nobody has accepted yet are taken over by it.
pub fn publish(version: u32) -> Call {
    publish_item(ITEM, version, item(APPROVAL))
}

/// Publishes an item that another department leads. Who holds a licence of the city is not asked for it again.
fn publish_another(lead: &str) -> Call {
    let mut item = item(lead);
    let mut held = material("小餐饮经营许可证", "optional", None);
    held["held_as"] = json!({ "licence_type": licence_type().as_str(), "field": null });
    item["materials"].as_array_mut().expect("it has materials").push(held);
    item["form"] = form_with_name().to_string().into();
    publish_item(if lead == WELFARE { WELFARE_ITEM } else { HEALTH_ITEM }, 1, item)
}

/// A form that asks for a name besides, which the licence of the city has.
fn form_with_name() -> Json {
    let held = json!({ "licence_type": licence_type().as_str(), "field": NAME });
    json!({
        "type": "object", "required": ["area"],
        "properties": {
            "area": { "type": "integer", "minimum": 0, "maximum": 1000 },
            "name": { "type": "string", "maxLength": 60, "x-held-as": held },
        },
    })
}

/// The item of the suburb, which two officers publish.
pub fn suburb_item() -> Definition {
    definition(item(SUBURB))
}

fn definition(item: Json) -> Definition {
    let item: Item = serde_json::from_value(item).expect("a well-formed item");
    Definition::new(item).expect("a small item")
}

fn publish_item(code: &str, version: u32, item: Json) -> Call {
    let (code, item) = (text(code), definition(item));
    Call::Catalogue(catalogue::Call::Publish { code, version, effective_from: None, item })
}

fn step(name: &str, code: &str, post: &str, kind: &str, waits_for: &[&str]) -> Json {
    json!({
        "name": name, "department": code, "role": post, "kind": kind, "waits_for": waits_for, "condition": null, "days": 2,
        "human_only": null, "on_rejection": "stop_all", "silence": "none", "stake": "general", "written_opinion_required": false,
    })
}

fn material(name: &str, need: &str, condition: Option<&str>) -> Json {
    json!({
        "name": name, "need": need, "condition": condition, "original": "original", "format": "either", "copies": 1,
        "source": "applicant", "held_as": null, "note": null,
    })
}

fn item(lead: &str) -> Json {
    json!({
        "name": "开办小餐饮", "item_type": "licence", "department": { "code": lead, "name": "云港市行政机关" },
        "joint_departments": [{ "code": MARKET, "name": "市监局" }],
        "body_nature": "statutory_organ", "use_level": "city", "power_source": "法定本级行使",
        "legal_basis": [{ "law": "食品安全法", "article": "第三十五条" }], "local_code": null,
        "served": ["natural_person", "enterprise"], "case_kind": "promised",
        "clocks": {
            "statutory": { "days": 20, "unit": "working_day" }, "statutory_basis": null,
            "promised": { "days": 15, "unit": "working_day" }, "acceptance_days": 2, "delivery_days": 3,
        },
        "service": {
            "handle_types": ["counter", "online"], "visits": 0, "visits_reason": null, "online_depth": "handle",
            "handle_area": "across_counties", "address": "政务服务中心", "hours": "工作日", "contact": "12345", "supervision": "12345",
        },
        "accept_condition": "有固定经营场所", "eligibility": "form.area > 0", "quantity_limit": null,
        "outcome": { "kind": "certificate", "name": "小餐饮经营许可证", "licence_type": licence_type().as_str() }, "fees": [],
        "materials": [
            material("申请人身份证明", "main", None), material("平面图", "needed", None),
            material("门头效果图", "may_follow", Some("form.area > 100")),
        ],
        "form": r#"{"type":"object","properties":{"area":{"type":"integer","minimum":0,"maximum":1000}},"required":["area"]}"#,
        "flow": [
            step("受理", lead, "综合窗口受理岗", "acceptance", &[]),
            step(CHECK, lead, "数据核验", "review", &["受理"]),
            step(REVIEW, MARKET, "食品经营审查岗", "review", &["受理"]),
            step(DECISION, lead, "首席审批员", "decision", &[CHECK, REVIEW]),
            step("制证", lead, "制证岗", "certificate", &[DECISION]),
            step("送达", lead, "综合窗口出件岗", "delivery", &["制证"]),
        ],
        "questions": [],
    })
}

fn bind(who: Person, suite: Suite) -> Call {
    Call::Identity(identity::Call::BindPerson {
        department: department(POLICE),
        account: who.account(suite),
        kind: DocumentKind::RESIDENT_IDENTITY_CARD,
        pseudonym: pseudonym_of(who),
        level: AssuranceLevel::L3,
        papers: PAPER,
        issued_by: None,
    })
}

fn bind_company((who, code): &(Person, &str), suite: Suite) -> Call {
    Call::Identity(identity::Call::BindCompany {
        department: department(POLICE),
        account: who.account(suite),
        code: code.parse().expect("a credit code"),
        level: AssuranceLevel::L3,
        papers: PAPER,
    })
}
