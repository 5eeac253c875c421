//! Auto-fill as people use it, with real nodes and the command line alone: from what departments hold to an applicant's form, from the form to the
//! officer who accepts it, and from a wrong field to its correction where it is held.

use crate::licences::{BUSINESS, City, GROUND, ITEM, MARKET, example, key_of};
use serde_json::{Value, json};
use tongban_types::codes::LicenceIdentifier;

const HEALTH: &str = "11519900MB90100105902";

/// The first value of this name, wherever it stands.
fn find<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    match value {
        Value::Object(fields) => fields.get(name).or_else(|| fields.values().find_map(|value| find(value, name))),
        Value::Array(entries) => entries.iter().find_map(|value| find(value, name)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// The city of the licences, with an item, a business licence and its keeper's vault, and somebody who applies.
struct Office {
    city: City,
    person: String,
    licence: LicenceIdentifier,
}

impl Office {
    async fn open() -> Self {
        let city = City::found().await;
        let person = city.network.signer("depositor").account().to_string();
        // Nobody establishes identities in this city, so the item asks for none.
        let item = std::fs::read_to_string(example("items/restaurant.yaml")).expect("a file");
        assert!(item.contains("\nassurance: l2"), "the item says how surely the applicant is known");
        let path = city.network.folder.path().join("restaurant.yaml");
        std::fs::write(&path, item.replace("\nassurance: l2", "\nassurance: none")).expect("a file");
        let path = path.to_str().expect("a path in UTF-8");
        city.ok(&["catalogue", "publish", path, "--key", &key_of("publisher")]);
        city.publish_type("licences/business_licence.type.json", BUSINESS, "national-data");
        city.ok(&["vault", "create", "market", "--suite", "intl"]);
        city.ok(&["vault", "create", "approval", "--suite", "intl"]);
        let business = json!({
            "credit_code": "91519900MA9XG5Y27Y", "name": "云港小馆餐饮有限公司", "kind": "有限责任公司",
            "legal_representative": "陈守约", "registered_capital": 500_000, "established_on": "2025-03-18",
            "premises": "云港市港口街道海棠路 8 号", "scope": "餐饮服务",
        });
        let licence = issue(&city, BUSINESS, &business, &person).await;
        Self { city, person, licence }
    }

    /// Proposes from the vault of market regulation; what was said.
    fn propose(&self, more: &[&str]) -> String {
        let key = key_of("depositor");
        let (vault, officer) = (format!("{MARKET}=market"), format!("{MARKET}={}", key_of("market-issuer")));
        let propose = ["prefill", "propose", "--item", ITEM, "--key", &key, "--vault", &vault, "--officer", &officer];
        self.city.ok(&[&propose[..], more].concat())
    }

    fn propose_json(&self, more: &[&str]) -> Value {
        serde_json::from_str(&self.propose(&[&["--json"][..], more].concat())).expect("JSON")
    }

    /// Has a call carried out, and waits until the node has its block; what was said.
    async fn act(&self, arguments: &[&str], key: &str) -> Value {
        let said = self.city.ok(&[&["call"][..], arguments, &["--key", &key_of(key)]].concat());
        let said: Value = serde_json::from_str(&said).expect("JSON");
        let height = find(&said, "height").and_then(Value::as_u64).expect("a height");
        self.city.network.wait_for_height(0, height).await;
        said
    }

    /// A call that is refused; its reason.
    fn refused(&self, arguments: &[&str], key: &str) -> String {
        let (code, _, error) = self.city.run(&[&["call"][..], arguments, &["--key", &key_of(key)]].concat());
        assert_eq!(code, 1, "{arguments:?}");
        error
    }

    /// The arguments that file an application with what committing to its form has printed.
    fn application(&self, committed: &Value) -> Vec<String> {
        let arguments = [
            ("item", ITEM.to_owned()),
            ("applicant", self.person.clone()),
            ("channel", "online".to_owned()),
            ("crossing", "none".to_owned()),
            ("facts", committed["facts"].to_string()),
            ("form", committed["root"].as_str().expect("a root").to_owned()),
            ("materials", "[]".to_owned()),
            ("sources", committed["sources"].to_string()),
        ];
        let arguments = arguments.into_iter().flat_map(|(name, value)| [format!("--application.{name}"), value]);
        ["cases", "file"].map(str::to_owned).into_iter().chain(arguments).collect()
    }

    /// Files it; the number of the case.
    async fn file(&self, committed: &Value) -> String {
        let application = self.application(committed);
        let said = self.act(&application.iter().map(String::as_str).collect::<Vec<_>>(), "depositor").await;
        find(&said, "case").and_then(Value::as_str).expect("a case has a number").to_owned()
    }

    /// What was proposed, completed by the applicant.
    fn complete(&self, proposed: &str) -> Value {
        let mut answers = self.city.read(proposed);
        let own = json!({
            "shop_name": "云港小馆", "area": 120, "dishes": ["hot"], "smoke": true, "in_housing": false, "signboard": false,
            "address": { "town": "港口街道", "detail": "海棠路 8 号" },
        });
        let own = own.as_object().expect("fields").clone();
        answers.as_object_mut().expect("fields").extend(own);
        answers
    }
}

async fn issue(city: &City, licence_type: &str, face: &Value, person: &str) -> LicenceIdentifier {
    city.write("face.json", face);
    let issue = ["licences", "issue", "face.json", "--type", licence_type, "--department", MARKET, "--holder", person];
    let key = key_of("market-issuer");
    let said = city.ok(&[&issue[..], &["--vault", "market", "--long-term", "--key", &key], &GROUND].concat());
    city.issued(&said).await.0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_departments_hold_is_proposed_and_what_is_typed_over_is_found() {
    let office = Office::open().await;
    let city = &office.city;
    let without = office.propose_json(&[]);
    assert_eq!((&without["proposed"]["proposals"], &without["accesses"]), (&json!([]), &json!([])), "no consent");
    let files = ["--answers", "answers.json", "--provenance", "provenance.json", "--consent-days", "30"];
    let said = office.propose(&files);
    assert!(said.contains("operator.name = 云港小馆餐饮有限公司") && said.contains(office.licence.as_str()), "{said}");
    assert!(said.contains("accesses recorded: 1"), "{said}");

    let check = ["prefill", "check", "answers.json", "--provenance", "provenance.json"];
    let said = city.ok(&check);
    assert!(said.contains("operator.legal_representative: 一致"), "{said}");
    let completed = office.complete("answers.json");
    let mut answers = completed.clone();
    answers["operator"]["name"] = json!("云港大馆餐饮有限公司");
    city.write("answers.json", &answers);
    let (code, said, error) = city.run(&check);
    assert!(code == 1 && error.contains("1 fields were typed over"), "{error}");
    let command = said.lines().find_map(|line| line.trim().strip_prefix("tongban ")?.strip_suffix(" KEY"));
    let command: Vec<&str> = command.expect("a command").split_whitespace().collect();
    let opened = city.ok(&[&command[..], &[&key_of("depositor")]].concat());
    assert!(opened.contains("correction_opened"), "{opened}");

    // What was typed over is not committed to either, unless nobody says whence it comes; and that is told.
    let commit = ["prefill", "commit", "answers.json", "--provenance", "provenance.json", "--out", "form.json"];
    let (code, said, error) = city.run(&commit);
    assert_eq!((code, &*said), (1, ""), "{error}");
    assert!(error.contains("operator.name: 已改写") && error.contains("1 fields were typed over"), "{error}");
    assert!(error.contains("tongban call sharing open-correction"), "the command that has it corrected: {error}");
    assert!(!city.folder.join("form.json").exists(), "nothing is written");
    let uncompared = ["prefill", "commit", "answers.json", "--item", ITEM, "--out", "uncompared.json"];
    let (code, root, error) = city.run(&uncompared);
    assert_eq!((code, city.read("uncompared.json")["root"].as_str()), (0, Some(root.trim())), "{error}");
    assert!(error.contains("nothing was compared"), "{error}");

    // Nor is a form that breaks the rules of its item.
    for (field, value, rule) in [
        ("area", json!(0), "form.area：数值过小或过大"),
        ("dishes", json!(["tea"]), "form.no_choice"),
        ("shop_name", Value::Null, "form.field_missing"),
        ("in_housing", json!(true), "form.not_eligible"),
        ("secret", json!("陈守约"), "form.secret：表单没有此项"),
    ] {
        let mut broken = completed.clone();
        broken[field] = value;
        city.write("answers.json", &broken);
        let (code, said, error) = city.run(&commit);
        assert_eq!((code, &*said), (1, ""), "{error}");
        assert!(error.contains(rule) && !error.contains("陈守约"), "{rule}: {error}");
        assert!(!city.folder.join("form.json").exists(), "nothing is written");
    }

    // The form that is filed is kept under its case; here nobody files it, and the comparison says so.
    city.write("answers.json", &completed);
    let root = city.ok(&commit);
    let kept = city.ok(&["vault", "keep", "market", "--form", "form.json", "--case", "2026010100001"]);
    assert!(kept.contains(root.trim()), "{kept} {root}");
    let (code, said, _) = city.run(&["vault", "check", "market"]);
    assert!(code == 1 && said.contains("vault.not_on_ledger") && said.contains("agree     1"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_accepts_a_form_sees_whence_it_comes_and_a_wrong_field_is_corrected_at_its_source() {
    let office = Office::open().await;
    let city = &office.city;

    // A department whose vault another node opens is named, and nothing of it is read.
    let elsewhere =
        ["prefill", "propose", "--item", ITEM, "--key", &key_of("depositor"), "--consent-days", "30", "--json"];
    let said: Value = serde_json::from_str(&city.ok(&elsewhere)).expect("JSON");
    assert_eq!(said["elsewhere"][0]["provider"], MARKET, "{said}");
    assert_eq!(said["elsewhere"][0]["licence"], office.licence.as_str(), "{said}");
    assert!(said.to_string().contains("hosted_elsewhere") && said["accesses"] == json!([]), "{said}");

    office.propose(&["--answers", "answers.json", "--provenance", "provenance.json"]);
    city.write("answers.json", &office.complete("answers.json"));
    let commit =
        ["prefill", "commit", "answers.json", "--provenance", "provenance.json", "--out", "form.json", "--json"];
    let committed: Value = serde_json::from_str(&city.ok(&commit)).expect("JSON");
    let count = |what: &str| committed[what].as_array().map(Vec::len);
    assert_eq!((count("sources"), count("facts")), (Some(3), Some(5)), "{committed}");
    assert!(!committed.to_string().contains("云港小馆"), "names, and no answers");
    let case = office.file(&committed).await;

    // The officer sees which answers a licence proves.
    city.ok(&["vault", "keep", "approval", "--form", "form.json", "--case", &case]);
    let review = ["prefill", "review", "approval", "--case", &case];
    let said = city.ok(&review);
    assert!(said.contains("operator.name: 一致 proven") && said.contains("shop_name: 自行填写 typed in"), "{said}");
    assert!(!said.contains("云港小馆"), "and nothing of what they say: {said}");
    let of_case = city.ok(&["query", "cases", "sources", "--case", &case]);
    assert!(
        of_case.contains(office.licence.as_str()) && of_case.contains("operator.legal_representative"),
        "{of_case}"
    );

    // The legal representative has changed. That is said where it is held, and shown beside the proposal until it is answered.
    let correction = "07".repeat(16);
    let request = [
        "sharing",
        "open-correction",
        "--id",
        &correction,
        "--request.holder",
        &office.person,
        "--request.licence",
        office.licence.as_str(),
        "--request.field",
        "legal_representative",
        "--request.reason",
        "outdated",
    ];
    office.act(&request, "depositor").await;
    let again = ["--consent-days", "30"];
    let disputed = office.propose(&again);
    assert!(disputed.contains("更正申请中"), "{disputed}");
    let said = city.ok(&review);
    assert!(said.contains("更正申请中") && said.contains(&correction), "{said}");

    // The source issues a new version and answers; the next proposal has it.
    city.write("change.json", &json!({ "legal_representative": "李守信" }));
    let supersede = ["licences", "supersede", office.licence.as_str(), "change.json", "--cause", "correction"];
    let kept = ["--long-term", "--vault", "market", "--key", &key_of("market-issuer")];
    let said = city.ok(&[&supersede[..], &kept, &GROUND].concat());
    let (next, _) = city.issued(&said).await;
    let answer = json!({ "corrected": { "licence": next.as_str() } }).to_string();
    office.act(&["sharing", "answer-correction", "--id", &correction, "--answer", &answer], "market-issuer").await;
    let corrected = office.propose(&again);
    assert!(
        corrected.contains("operator.legal_representative = 李守信") && corrected.contains(next.as_str()),
        "{corrected}"
    );
    assert!(!corrected.contains("更正申请中"), "{corrected}");

    // What was filed says that its source was replaced since; and nobody files it a second time.
    let said = city.ok(&review);
    assert!(said.contains("operator.name: 一致") && said.contains("现在已变更"), "{said}");
    let application = office.application(&committed);
    let application: Vec<&str> = application.iter().map(String::as_str).collect();
    let refused = office.refused(&application, "depositor");
    assert!(refused.contains("cases.source_not_held"), "{refused}");

    // Another form in the place of the one that was filed is found.
    city.ok(&["prefill", "commit", "answers.json", "--item", ITEM, "--out", "other.json"]);
    city.ok(&["vault", "keep", "approval", "--form", "other.json", "--case", &case, "--replace"]);
    let (code, said, error) = city.run(&review);
    assert!(code == 1 && said.is_empty() && error.contains("vault.differs"), "{error}");
}

/// What a department holds as a licence nobody is asked for, neither by the form nor by an officer; when it was suspended he is, and told why.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_held_is_never_asked_for_until_it_is_suspended() {
    let office = Office::open().await;
    let city = &office.city;
    city.publish_type("licences/health_certificate.type.json", HEALTH, "market-issuer");
    let health = json!({ "employer": "云港小馆餐饮有限公司", "staff": 6, "checked_on": "2026-01-05" });
    let health = issue(city, HEALTH, &health, &office.person).await;
    let said =
        office.propose(&["--consent-days", "30", "--answers", "answers.json", "--provenance", "provenance.json"]);
    assert!(said.contains("免交 not asked  从业人员健康证明") && said.contains(health.as_str()), "{said}");

    city.write("answers.json", &office.complete("answers.json"));
    let commit = ["prefill", "commit", "answers.json", "--item", ITEM, "--out", "form.json", "--json"];
    let committed: Value = serde_json::from_str(&city.ok(&commit)).expect("JSON");
    assert_eq!(committed["sources"], json!([]), "nobody has said whence its answers come");
    let case = office.file(&committed).await;
    office.act(&["cases", "receive", "--case", &case], "receiver").await;
    // The plan of the premises is missing; licence and certificate are held.
    let ask = |materials: &'static str| {
        ["cases", "ask-correction", "--case", &case, "--points", "请补充", "--materials", materials].map(str::to_owned)
    };
    let refused = |materials: &'static str| {
        let ask = ask(materials);
        office.refused(&ask.iter().map(String::as_str).collect::<Vec<_>>(), "acceptor")
    };
    for materials in ["[0,2]", "[1,2]", "[0,1,2]"] {
        let refused = refused(materials);
        assert!(refused.contains("cases.held_already"), "{materials}: {refused}");
    }

    let ground =
        ["--ground.basis.law", "食品安全法", "--ground.basis.article", "第四十五条", "--ground.reason", "复检未到"];
    let suspend = ["licences", "suspend", "--identifier", health.as_str()];
    office.act(&[&suspend[..], &ground].concat(), "market-issuer").await;
    let said = office.propose_json(&["--consent-days", "30"]);
    let unmet = said["proposed"]["unmet"].as_array().expect("a list");
    assert!(
        unmet.contains(&json!({ "target": { "material": "从业人员健康证明" }, "obstacle": "suspended" })),
        "asked for, with the reason: {said}"
    );
    assert_eq!(said["proposed"]["materials"], json!([]), "{said}");
    let refused = refused("[0,1,2]");
    assert!(refused.contains("cases.held_already"), "the business licence is still held: {refused}");
    let asked = ask("[1,2]");
    let said = office.act(&asked.iter().map(String::as_str).collect::<Vec<_>>(), "acceptor").await;
    assert!(said.to_string().contains("correction_asked"), "{said}");
}
