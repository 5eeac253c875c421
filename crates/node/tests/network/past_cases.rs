//! Past cases from the command line of a real node: from the log of an older system to the figures that come back from the receipts.

use crate::support::{Network, run, wait_for};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tongban_types::Suite;

const MARKET: &str = "11519900MB90100105";
const APPROVAL: &str = "11519900MB9012235G";
/// The older system.
const SYSTEM: &str = "旧系统";

/// One is late and was checked and decided by one person, one is as it should be, one has no end.
const LOG: &str = "\
case:concept:name,case:startdate,case:deadline,case:enddate,concept:name,org:resource,org:group,time:timestamp
A-1,2020-03-02T09:00:00+08:00,2020-03-09T00:00:00+08:00,2020-03-10T00:00:00+08:00,T02 审查,R1,一科,2020-03-02T10:00:00+08:00
A-1,2020-03-02T09:00:00+08:00,2020-03-09T00:00:00+08:00,2020-03-10T00:00:00+08:00,T04 决定,R1,一科,2020-03-02T12:00:00+08:00
A-2,2020-03-02T09:00:00+08:00,2020-03-09T00:00:00+08:00,2020-03-08T00:00:00+08:00,T02 审查,R1,一科,2020-03-02T10:00:00+08:00
A-2,2020-03-02T09:00:00+08:00,2020-03-09T00:00:00+08:00,2020-03-08T00:00:00+08:00,T04 决定,R2,一科,2020-03-02T11:00:00+08:00
A-3,2020-03-02T09:00:00+08:00,2020-03-09T00:00:00+08:00,,T02 审查,R3,一科,2020-03-02T10:00:00+08:00
";

/// A network of one node with the example's departments, at work in its folder.
struct Office {
    network: Network,
    folder: PathBuf,
    url: String,
}

impl Office {
    async fn found() -> Self {
        let mut network = Network::new(1, Suite::Intl);
        network.start_all();
        network.wait_until_ready(0).await;
        let (folder, url) = (network.folder.path().to_path_buf(), network.client(0).base().to_owned());
        let office = Self { network, folder, url };
        // Of the nodes that host the example's departments, the first alone is there.
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/organisation.yaml");
        let organisation = std::fs::read_to_string(example).expect("an example");
        let organisation = organisation.replace("host: 云港市民政局", "host: 云港市数据局");
        std::fs::write(office.folder.join("organisation.yaml"), organisation).expect("a file");
        let administrators = ["--administrator", "accounts/administrator.key.json"];
        let registrar = ["--keys", "accounts", "--registrar", "accounts/registrar.key.json"];
        office.ok(&[&["organisation", "apply", "organisation.yaml"][..], &administrators, &registrar].concat());
        office
    }

    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        run(&[arguments, &["--node", self.url.as_str()]].concat(), &self.folder)
    }

    fn ok(&self, arguments: &[&str]) -> String {
        let (code, said, error) = self.run(arguments);
        assert_eq!(code, 0, "{arguments:?}: {said}{error}");
        said
    }

    /// What the import of a log says.
    fn import(&self, log: &str, more: &[&str]) -> Value {
        let key = ["--key", "accounts/market-issuer.key.json", "--department", MARKET, "--system", SYSTEM];
        let said =
            self.ok(&[&["import", "cases", log][..], &key, &["--four-eyes", "T02=T04", "--json"], more].concat());
        serde_json::from_str(&said).expect("JSON")
    }

    /// The figures, from the receipts of the node.
    fn report(&self, more: &[&str]) -> Value {
        serde_json::from_str(&self.ok(&[&["report", "process", "--json"][..], more].concat())).expect("JSON")
    }

    /// The figures, when the node shows the receipts of so many cases.
    async fn report_of(&self, cases: u64) -> Value {
        let are_there = || async { self.report(&[])["cases"] == cases };
        wait_for("the report has the cases", are_there, || self.network.log(0)).await;
        self.report(&[])
    }
}

fn has(found: &Value, figures: &Value) {
    for (name, figure) in figures.as_object().expect("figures") {
        assert_eq!(&found[name], figure, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_is_taken_over_once_and_its_figures_come_back_from_the_receipts() {
    let office = Office::found().await;
    std::fs::write(office.folder.join("log.csv"), LOG).expect("a file");
    has(&office.report(&[]), &json!({ "cases": 0, "events": 0, "variants": 0 }));
    let dry = json!({ "rows": 5, "cases": 3, "would_import": 3, "imported": 0, "transactions": 0 });
    has(&office.import("log.csv", &["--dry-run"]), &dry);
    has(
        &office.import("log.csv", &[]),
        &json!({ "rows": 5, "cases": 3, "imported": 3, "steps_imported": 5, "errors": 0 }),
    );
    let figures = json!({
        "cases": 3, "events": 5, "activities": 2, "resources": 3, "groups": 1, "variants": 2, "mean_duration_seconds": "3600.000",
        "longest_duration_seconds": "7200.000", "late": 1, "open": 1, "incomplete": 0, "four_eyes_flagged": 1, "four_eyes_pairs": 2,
    });
    has(&office.report_of(3).await, &figures);
    has(&office.report(&["--department", MARKET, "--system", SYSTEM]), &figures);
    for other in [["--department", APPROVAL], ["--system", "新系统"]] {
        has(&office.report(&other), &json!({ "cases": 0, "events": 0, "late": 0 }));
    }
    let words = office.ok(&["report", "process"]);
    assert!(words.contains("four eyes         1 of 2 flagged"), "{words}");

    let again = json!({ "cases": 3, "imported": 0, "already_imported": 3, "transactions": 0 });
    has(&office.import("log.csv", &[]), &again);
    let of_another = ["--key", "accounts/market-issuer.key.json", "--department", APPROVAL];
    let (code, _, error) = office.run(&[&["import", "cases", "log.csv"][..], &of_another].concat());
    assert!(code == 1 && error.contains("tx.denied"), "{error}");
    has(&office.report_of(3).await, &figures);
}

/// The folder of the public permit log; none, with a word why, where it is absent and not required.
fn permits() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("TONGBAN_REALDATA") {
        return Some(Path::new(&folder).join("permits"));
    }
    let required = std::env::var("TONGBAN_REQUIRE").unwrap_or_default();
    assert!(!required.split(',').any(|set| set == "realdata"), "TONGBAN_REALDATA is required and not set");
    eprintln!("skipped: TONGBAN_REALDATA is not set, so the permit log is absent");
    None
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_permit_log_comes_back_from_a_node_with_its_published_figures() {
    let Some(permits) = permits() else { return };
    let log = permits.join("coselog_wabo_receipt.xes.gz");
    let office = Office::found().await;
    let said = office.import(log.to_str().expect("a path"), &[]);
    has(
        &said,
        &json!({ "rows": 8_577, "cases": 1_434, "imported": 1_434, "steps_imported": 8_577, "errors": 0, "bad_rows": 0 }),
    );
    let figures = json!({
        "cases": 1_434, "events": 8_577, "activities": 27, "variants": 116, "mean_duration_seconds": "467263.915", "late": 377,
        "open": 105, "incomplete": 0, "four_eyes_flagged": 1_028, "four_eyes_pairs": 1_303,
    });
    has(&office.report_of(1_434).await, &figures);
}
