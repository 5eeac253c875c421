//! Licences from the command line of a real network: from a face file to a stranger who sees two fields, from a vault to an applicant's form.

use crate::support::{Network, run};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tongban_node::licences::issue::licence;
use tongban_node::signer::now;
use tongban_types::codes::LicenceIdentifier;
use tongban_types::{Digest, Suite, codec};

pub const APPROVAL: &str = "11519900MB9012235G";
pub const MARKET: &str = "11519900MB90100105";
const FOOD: &str = "11519900MB9012235G001";
pub const BUSINESS: &str = "11100000MB0143028R001";
pub const ITEM: &str = "11519900MB9012235G3510131001000";
pub const GROUND: [&str; 6] = ["--law", "食品安全法", "--article", "第三十五条", "--reason", "备案登记"];

pub fn example(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
    path.to_str().expect("a path").to_owned()
}

/// A network with the example's departments, at work in its folder.
pub struct City {
    pub network: Network,
    pub folder: PathBuf,
    url: String,
}

impl City {
    pub async fn found() -> Self {
        // The example's departments are hosted by those of a network of four.
        let mut network = Network::new(4, Suite::Intl);
        network.start_all();
        network.wait_until_ready(0).await;
        let (folder, url) = (network.folder.path().to_path_buf(), network.client(0).base().to_owned());
        let city = Self { network, folder, url };
        for organisation in ["organisation-national.yaml", "organisation.yaml"] {
            let administrators = ["--administrator", "accounts/administrator.key.json"];
            let registrar = ["--keys", "accounts", "--registrar", "accounts/registrar.key.json"];
            let file = example(organisation);
            city.ok(&[&["organisation", "apply", &file][..], &administrators, &registrar].concat());
        }
        city
    }

    /// Runs the program, against the node where the command asks one; its exit code, standard output and standard error.
    pub fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let node = ["--node", self.url.as_str()];
        let arguments = match arguments {
            ["verify", ..]
            | ["licences", "show", ..]
            | ["vault", "create" | "keep" | "list" | "show" | "erase", ..] => arguments.to_vec(),
            ["prove", what @ ..] => [&["prove"][..], &node, what].concat(),
            _ => [arguments, &node].concat(),
        };
        run(&arguments, &self.folder)
    }

    pub fn ok(&self, arguments: &[&str]) -> String {
        let (code, said, error) = self.run(arguments);
        assert_eq!(code, 0, "{arguments:?}: {said}{error}");
        said
    }

    pub fn write(&self, name: &str, value: &Value) {
        std::fs::write(self.folder.join(name), value.to_string()).expect("a file");
    }

    pub fn read(&self, name: &str) -> Value {
        serde_json::from_slice(&std::fs::read(self.folder.join(name)).expect("a file")).expect("JSON")
    }

    /// An example's type, to be issued without a case, published by an officer.
    pub fn publish_type(&self, file: &str, code: &str, officer: &str) {
        let text = std::fs::read(example(file)).expect("an example");
        let mut definition: Value = serde_json::from_slice(&text).expect("JSON");
        (definition["issued_without_case"], definition["validity"]) = (json!(true), json!("as_stated"));
        self.write("type.json", &definition);
        let key = key_of(officer);
        let said = self.ok(&["licences", "register-type", "type.json", "--code", code, "--key", &key]);
        assert!(said.contains("version 1: published"), "{said}");
    }

    /// The identifier and the receipt's number of a licence that was issued, when the node has its block.
    pub async fn issued(&self, said: &str) -> (LicenceIdentifier, String) {
        let (identifier, rest) = said.split_once(": issued, receipt ").expect("it was issued");
        let (number, _) = rest.split_once(';').expect("a number");
        let receipt = self.network.client(0).receipt_by_number(number.parse().expect("a number")).await;
        let receipt = receipt.expect("the node answers").expect("it is final").receipt;
        self.network.wait_for_height(0, receipt.height).await;
        (identifier.parse().expect("an identifier"), number.to_owned())
    }

    /// What the ledger has of the number on a licence.
    async fn number_of(&self, identifier: &LicenceIdentifier) -> Option<Digest> {
        let found = licence(&self.network.client(0), identifier).await.expect("the node answers");
        found.expect("it was issued").content.certificate_number
    }

    /// A bundle of the licence's record as it is now.
    fn prove(&self, identifier: &LicenceIdentifier, out: &str) {
        let key = hex::encode(codec::encode(identifier));
        self.ok(&["prove", "record", "licences/licences", &key, "--out", out]);
    }

    fn verify(&self, proof: &str, more: &[&str]) -> (i32, Value, String) {
        let arguments = [&["verify", proof, "--anchor", "genesis.json", "--json"][..], more].concat();
        let (code, said, error) = self.run(&arguments);
        (code, serde_json::from_str(&said).unwrap_or_default(), error)
    }
}

pub fn key_of(officer: &str) -> String {
    format!("accounts/{officer}.key.json")
}

/// The day in so many days.
fn in_days(days: u64) -> String {
    now().plus_millis(days * 86_400_000).to_string()[..10].to_owned()
}

fn food() -> Value {
    json!({
        "number": "JY25199000001", "operator": "云港小馆餐饮有限公司", "credit_code": "91519900MA9XG5Y27Y",
        "legal_representative": "陈守约", "shop_name": "云港小馆", "premises": "云港市港口街道海棠路 8 号",
        "scope": "热食类食品制售", "valid_until": "2090-12-31",
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_licence_goes_from_its_face_file_to_a_stranger() {
    let city = City::found().await;
    let holder = city.network.signer("depositor").account().to_string();
    city.publish_type("licences/food_licence.type.json", FOOD, "data-officer");
    city.ok(&["vault", "create", "approval", "--suite", "intl"]);
    city.write("face.json", &food());
    let issue = ["licences", "issue", "face.json", "--type", FOOD, "--department", APPROVAL, "--holder", &holder];
    let key = key_of("issuer");
    let kept = ["--vault", "approval", "--valid-until", "2090-12-31", "--key", &key];
    std::fs::write(city.folder.join("number.txt"), "JY25199000001\n").expect("a file");
    let numbered = ["--certificate-number-file", "number.txt"];
    let said = city.ok(&[&issue[..], &kept, &numbered, &GROUND].concat());
    let (first, receipt) = city.issued(&said).await;
    let number = city.number_of(&first).await;
    assert!(number.is_some(), "the ledger has a commitment to it");

    // What a stranger sees: the slip or the record, and two fields in a file or in the slip.
    city.ok(&["prove", "receipt", &receipt, "--slip", "--out", "slip.txt"]);
    city.prove(&first, "first.json");
    let show =
        ["licences", "show", first.as_str(), "--vault", "approval", "--field", "shop_name", "--field", "operator"];
    city.ok(&[&show[..], &["--out", "shown.json"]].concat());
    city.ok(&[&show[..], &["--slip", "slip.txt", "--out", "carrying.txt"]].concat());
    let beside = ["--disclosure", "shown.json"];
    for (proof, more) in [("slip.txt", &beside[..]), ("first.json", &beside), ("carrying.txt", &[])] {
        let (code, said, error) = city.verify(proof, more);
        assert_eq!(code, 0, "{proof}: {error}");
        assert_eq!(said["licences"][0]["standing"], "valid_as_of_unconfirmed_now", "{proof}: {said}");
        let shown: Vec<_> = said["disclosed"].as_array().expect("a list").iter().map(|field| &field["name"]).collect();
        assert_eq!(shown, ["operator", "shop_name"], "{proof}: in the order of the face");
        assert!(!said.to_string().contains("陈守约"), "{proof}: nothing else is shown");
    }

    // A copy for one purpose, which ends by itself: what the stranger is handed says for what.
    city.write("note.json", &json!({ "purpose": "办理门店贷款", "creator": "云港市行政审批局" }));
    let copy =
        ["licences", "copy", first.as_str(), "--note", "note.json", "--until", &in_days(30), "--field", "shop_name"];
    city.ok(&[&copy[..], &["--vault", "approval", "--out", "copy.txt", "--key", &key]].concat());
    let (code, said, error) = city.verify("copy.txt", &[]);
    assert_eq!(code, 0, "{error}");
    let copy = &said["licences"][0]["copy"];
    assert_eq!(
        (&copy["note"]["purpose"], &copy["has_ended_by_clock"]),
        (&"办理门店贷款".into(), &false.into()),
        "{said}"
    );
    assert_eq!(said["disclosed"][0]["name"], "shop_name");

    // A correction: the old version is replaced, and nothing has to be typed again.
    city.write("change.json", &json!({ "shop_name": "云港大馆" }));
    let supersede = ["licences", "supersede", first.as_str(), "change.json", "--cause", "correction"];
    let said = city.ok(&[&supersede[..], &["--vault", "approval", "--key", &key], &GROUND].concat());
    let (second, _) = city.issued(&said).await;
    assert_eq!((second.version(), second.serial()), (2, first.serial()));
    assert_eq!(city.number_of(&second).await, number, "and the number stays");
    city.prove(&first, "replaced.json");
    let (code, said, error) = city.verify("replaced.json", &[]);
    assert_eq!((code, &said["proven"], &said["licences"][0]["standing"]), (3, &true.into(), &"not_valid".into()));
    assert!(error.contains("已变更为"), "{error}");
    let (code, _, error) = city.verify("slip.txt", &["--disclosure", "replaced.json"]);
    assert_eq!(code, 1, "a file that shows no fields: {error}");

    // A revocation: the proof holds, and says that the licence is not valid.
    let ground =
        ["--ground.basis.law", "行政许可法", "--ground.basis.article", "第六十九条", "--ground.reason", "欺骗"];
    let revoke = ["call", "licences", "revoke", "--identifier", second.as_str(), "--by", APPROVAL];
    let said = city.ok(&[&revoke[..], &ground, &["--key", &key_of("approver")]].concat());
    let said: Value = serde_json::from_str(&said).expect("JSON");
    let height = said["receipt"]["height"].as_u64().expect("a height");
    city.network.wait_for_height(0, height).await;
    city.prove(&second, "revoked.json");
    let (code, said, error) = city.verify("revoked.json", &[]);
    assert_eq!((code, &said["licences"][0]["status"]), (3, &"revoked".into()), "{error}");
    let (_, words, _) = city.run(&["verify", "revoked.json", "--anchor", "genesis.json"]);
    assert!(words.contains("已撤销：无效") && words.contains("有权颁发"), "{words}");

    is_kept_and_compared(&city, &first, &second);
}

/// Both faces are kept, agree with the ledger, show no value without an access, and one is erased for ever.
fn is_kept_and_compared(city: &City, first: &LicenceIdentifier, second: &LicenceIdentifier) {
    let listed = city.ok(&["vault", "list", "approval"]);
    assert!(listed.contains(first.as_str()) && listed.contains(second.as_str()), "{listed}");
    let checked: Value = serde_json::from_str(&city.ok(&["vault", "check", "approval", "--json"])).expect("JSON");
    assert_eq!(checked, json!({ "objects": 2, "agree": 2, "findings": [] }), "faces and numbers");
    let shown = city.ok(&["vault", "show", "approval", first.as_str()]);
    assert!(shown.contains("legal_representative") && !shown.contains("陈守约"), "{shown}");
    let erased = city.ok(&["vault", "erase", "approval", first.as_str()]);
    assert!(erased.contains("erased at"), "{erased}");
    let (code, _, error) = city.run(&["vault", "show", "approval", first.as_str()]);
    assert!(code == 1 && error.contains("vault.erased"), "{error}");
    let (code, _, error) = city.run(&["vault", "create", "approval", "--suite", "intl"]);
    assert!(code == 1 && error.contains("vault.not_empty"), "{error}");
}
