//! The main job, as a newcomer runs it: `tongban demo --once --json`, for both suites, on invented and on real records.

use crate::support::{PROGRAM, ports, run};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The demonstration in a folder, on ports of its own, with invented records.
fn command(dir: &Path, suite: &str) -> Command {
    let (port, api_port) = ports(4);
    let mut command = Command::new(PROGRAM);
    command.args(["demo", "--suite", suite, "--base-port", &port.to_string()]);
    command.args(["--base-api-port", &api_port.to_string(), "--dir"]).arg(dir).env_remove("TONGBAN_REALDATA");
    command
}

/// A demonstration at work, which ends with the test, whatever comes of it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill(); // it may have ended by itself
        let _ = self.0.wait();
    }
}

/// Runs the whole main job in a folder and gives its JSON.
fn demo(dir: &Path, suite: &str, real_data: Option<&Path>) -> Value {
    let mut command = command(dir, suite);
    if let Some(real_data) = real_data {
        command.env("TONGBAN_REALDATA", real_data);
    }
    finish(&mut command)
}

/// Runs it to its end and gives its JSON.
fn finish(command: &mut Command) -> Value {
    let output = command.args(["--once", "--json"]).output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stdout));
    let json: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    println!("{json}");
    json
}

fn assert_holds(json: &Value, suite: &str) {
    assert_holds_but_for_rows(json, suite);
    assert_eq!(json["import_errors"], 0);
}

/// All that the story shows, whatever rows of older systems could not be taken over.
fn assert_holds_but_for_rows(json: &Value, suite: &str) {
    assert_eq!(json["nodes"], 4);
    assert_eq!(json["suite"], suite);
    assert_eq!(json["state_roots_equal"], true);
    assert_eq!(json["absence_verified"], true);
    assert_eq!(json["repeat_has_first_receipt"], true);
    assert_eq!(json["proofs_verified"], json["records"]);
    assert_eq!(json["records_registered"], json["records"]);
    assert_eq!(json["refused"]["tx.denied"], 1, "the administrator may not register");
    assert_eq!(json["refused"]["cases.gap_open"], 1, "nothing is decided before the gap is filled");
    assert_eq!(
        (&json["cases_completed"], &json["steps_completed"], &json["departments"]),
        (&1.into(), &10.into(), &5.into())
    );
    assert_eq!((&json["fields_filled"], &json["materials_spared"]), (&FIELDS_HELD.into(), &2.into()));
    assert_eq!(json["fields_proven"], FIELDS_HELD, "the officer saw that they are what the licences say");
    for held in ["licence_verified", "revoked_refused", "recovered_account_keeps_assets", "old_key_refused"] {
        assert_eq!(json[held], true, "{held}");
    }
    // Who he is, a licence, an application, a consent, an agency, an office.
    assert_eq!((&json["assets_compared"], &json["assets_lost"]), (&6.into(), &Value::Array(Vec::new())));
    assert_slip_fits_a_code(json);
    assert!(
        json["forgeries_refused"][0].as_u64() > Some(100)
            && json["forgeries_refused"][0] == json["forgeries_refused"][1]
    );
}

/// Fields of the restaurant's form that a business licence holds.
const FIELDS_HELD: u64 = 3;

/// The licence's slip is checked by the command line and fits a QR code that phones read.
fn assert_slip_fits_a_code(json: &Value) {
    let folder = tempfile::tempdir().expect("a folder");
    let slip = json["slip"].as_str().expect("a text");
    std::fs::write(folder.path().join("slip.txt"), slip).expect("a file");
    let genesis = json["genesis"].as_str().expect("a path");
    let (code, said, told) = run(&["verify", "slip.txt", "--anchor", genesis, "--json"], folder.path());
    assert!(code == 0 && said.contains("valid_as_of_unconfirmed_now"), "{said}{told}");
    let (code, _, told) = run(&["qr", "slip.txt", "--out", "slip.svg"], folder.path());
    assert_eq!(code, 0, "{told}");
}

/// The bundle holds on its own, with nothing but the genesis, and no byte of it can be changed.
fn assert_bundle_is_tamper_proof(json: &Value) {
    let read = |name: &str| std::fs::read(json[name].as_str().expect("a path")).expect("a file");
    let (bundle, genesis) = (read("bundle"), read("genesis"));
    let elsewhere = tempfile::tempdir().expect("a folder");
    let verify = |bundle: &[u8]| {
        std::fs::write(elsewhere.path().join("bundle.json"), bundle).expect("a file");
        std::fs::write(elsewhere.path().join("genesis.json"), &genesis).expect("a file");
        run(&["verify", "bundle.json", "--anchor", "genesis.json", "--json"], elsewhere.path())
    };
    let (code, said, _) = verify(&bundle);
    let said: Value = serde_json::from_str(&said).expect("JSON");
    assert!(code == 0 && said["proven"] == true, "{said}");
    assert!(said["signed_by"].as_array().is_some_and(|departments| departments.len() >= 3), "{said}");
    for place in [0, bundle.len() / 3, bundle.len() / 2, bundle.len() - 1] {
        let mut forged = bundle.clone();
        forged[place] ^= 1;
        let (code, said, _) = verify(&forged);
        assert!(code == 1 && said.contains("\"proven\":false"), "byte {place}: {said}");
    }
    for place in 0..bundle.len() {
        let mut forged = bundle.clone();
        forged[place] ^= 1;
        assert!(tongban_verify::verify(&forged, &genesis).is_err(), "byte {place} does not matter");
    }
}

#[test]
fn with_invented_records_and_again_from_the_same_folder() {
    both_at_once(play_twice);
}

/// Most of a demonstration's time is the cooling time of a recovery, so both suites wait for it together.
fn both_at_once(play: impl Fn(&str) + Sync) {
    std::thread::scope(|scope| {
        for suite in ["sm", "intl"] {
            scope.spawn(|| play(suite));
        }
    });
}

/// Whoever stops it in the middle, with a key that is lost and a recovery that cools, finds everything in order the next time.
#[test]
fn stopped_while_a_recovery_cools_it_goes_on_from_its_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().join("demo");
    let mut first = command(&dir, "intl");
    let first = first.args(["--once", "--lang", "en"]).stdout(Stdio::piped()).spawn();
    let mut first = Running(first.expect("the program starts"));
    let mut lines = BufReader::new(first.0.stdout.take().expect("it is piped")).lines().map_while(Result::ok);
    let mut chapters = 0;
    let has_lost_its_key = lines.any(|line| {
        let is_chapter = line.trim_start().starts_with(|character: char| character.is_ascii_digit());
        chapters += u32::from(is_chapter);
        assert!(!is_chapter || !line.contains('。'), "the story is told in English alone: {line}");
        line.contains("its recovery cools")
    });
    assert!(has_lost_its_key, "the demonstration comes to the lost key");
    assert!(chapters > 8, "each step is told: {chapters}");
    drop(first);
    assert_holds(&demo(&dir, "intl", None), "intl");
}

/// What it prints at its end can be copied and works while its network runs.
#[test]
fn every_command_that_it_prints_works() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().join("demo");
    let mut program = Running(command(&dir, "sm").stdout(Stdio::piped()).spawn().expect("the program starts"));
    let mut lines = BufReader::new(program.0.stdout.take().expect("it is piped")).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("Try this in another terminal")), "it comes to its end");
    let mut page = String::new();
    let mut commands = Vec::new();
    for line in lines.by_ref() {
        match line.strip_prefix("  ") {
            Some(told) if told.starts_with('#') => {}
            Some(command) => commands.push(command.to_owned()),
            None => {
                page = line;
                break;
            }
        }
    }
    let page = page.split_whitespace().find(|word| word.ends_with("/docs")).expect("the address of a page");
    commands.push(format!("curl --silent --fail {page}"));
    assert!(commands.len() > 8, "{commands:?}");
    for command in &commands {
        let output = Command::new("sh").args(["-c", command]).output().expect("a shell");
        // The licence is revoked by then, and whoever verifies its slip is told no more than that it was valid once.
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && !said.is_empty(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(program.0.try_wait().expect("it is ours"), None, "it goes on until it is told to end");
}

fn play_twice(suite: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().join("demo");
    let first = demo(&dir, suite, None);
    assert_holds(&first, suite);
    assert_eq!(first["data"], "invented");
    assert_eq!((&first["catalogue_data"], &first["licence_data"]), (&"examples".into(), &"invented".into()));
    assert_bundle_is_tamper_proof(&first);

    let second = demo(&dir, suite, None);
    assert!(second["height"].as_u64() > first["height"].as_u64(), "the network went on from where it stood");
    assert_eq!(second["records_registered"], first["records_registered"], "nothing is registered twice");
    assert_eq!(second["licences_imported"], first["licences_imported"], "nothing is taken over twice");
    assert_eq!((&second["cases_completed"], &second["licence_verified"]), (&1.into(), &true.into()));
    // Another matter, the citizen's own things, the refused registrations and the attestation of the second run; no department, item, licence
    // or record. The recovery's end may have a receipt of its own, if the ledger came to it first.
    let more =
        second["transactions"].as_u64().zip(first["transactions"].as_u64()).map(|(second, first)| second - first);
    assert!(more.is_some_and(|more| (30..=33).contains(&more)), "{more:?}");
    assert_eq!(second["proofs_verified"], first["proofs_verified"]);
}

/// Whoever brings files of his own sees the story with them; rows that cannot be used are counted and listed, and stop nothing.
#[test]
fn with_a_catalogue_and_licences_of_ones_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("catalogue")).expect("a folder");
    std::fs::copy(example("older_catalogue.csv"), path("catalogue/older.csv")).expect("a file");
    std::fs::copy(example("items/residence.yaml"), path("catalogue/residence.yaml")).expect("a file");
    std::fs::copy(example("items/residence.answers.yaml"), path("catalogue/residence.answers.yaml")).expect("a file");
    let renamed = std::fs::read_to_string(example("items/residence.yaml")).expect("a file");
    std::fs::write(path("catalogue/own.yaml"), renamed.replace("512000217000", "512000218000")).expect("a file");
    let licences = std::fs::read_to_string(example("licences/business_licence.csv")).expect("a file");
    let rows = licences.lines().count() - 1;
    let spoilt =
        format!("{licences}云港市无码有限公司,91519900MA9E1001X0,2011-04-18,有限责任公司,林**,1,零售,云港市\n");
    std::fs::write(path("licences.csv"), spoilt).expect("a file");

    let dir = path("demo");
    let mut program = command(&dir, "intl");
    program.arg("--catalogue").arg(path("catalogue")).arg("--licences").arg(path("licences.csv"));
    let json = finish(&mut program);
    assert_holds_but_for_rows(&json, "intl");
    assert_eq!((&json["catalogue_data"], &json["licence_data"]), (&"own".into(), &"own".into()));
    assert_eq!(json["items"], 2 + 1 + 4, "two examples, an item of our own, and four of the older catalogue");
    assert_eq!(json["licences_imported"], rows);
    assert_eq!(json["import_errors"], 1);
    let errors = std::fs::read_to_string(dir.join("licence-errors-1.csv")).expect("the list of errors");
    assert!(errors.contains("import.holder_code_check"), "{errors}");
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name)
}

/// What is wrong with files of one's own is said at once, and nothing is started or written.
#[test]
fn files_of_ones_own_that_cannot_be_used_are_refused_before_anything_starts() {
    let folder = tempfile::tempdir().expect("a folder");
    let residence = std::fs::read_to_string(example("items/residence.yaml")).expect("a file");
    let restaurant = std::fs::read_to_string(example("items/restaurant.yaml")).expect("a file");
    let licences = std::fs::read_to_string(example("licences/business_licence.csv")).expect("a file");
    std::fs::create_dir(folder.path().join("empty")).expect("a folder");
    std::fs::create_dir(folder.path().join("twice")).expect("a folder");
    for (name, content) in [
        ("notes.pdf", "%PDF-1.7".to_owned()),
        ("syntax.yaml", "name: [".to_owned()),
        ("shape.yaml", "name: 无表单".to_owned()),
        ("unknown.yaml", format!("{residence}\nsurprise: 1\n")),
        ("taken.yaml", restaurant.replace("name: 开办餐饮店", "name: 开办小餐饮店")),
        ("twice/a.yaml", residence.clone()),
        ("twice/b.yaml", residence),
        ("empty.csv", String::new()),
        ("columns.csv", "编码,名称\n1,甲\n2,乙\n".to_owned()),
        ("portal.json", "[{\"department\": 1}]".to_owned()),
        ("licences.csv", licences.clone()),
        ("column.csv", licences.replacen("企业类型", "类型", 1)),
        ("codes.csv", licences.replace("91519900MA9E", "00000000MA9E")),
        ("binary.xlsx", "PK\u{3}\u{4}\0\0\0".to_owned()),
        ("text.csv", "\0\0\0".to_owned()),
        ("broken.mapping.yaml", "system: 登记库\n".to_owned()),
    ] {
        std::fs::write(folder.path().join(name), content).expect("a file");
    }
    for (arguments, status, told) in [
        (["--catalogue", "nothing.yaml"].as_slice(), 1, "cannot use --catalogue nothing.yaml"),
        (&["--catalogue", "empty"], 1, "the folder has no item file"),
        (&["--catalogue", "notes.pdf"], 1, "an item file ends with .yaml"),
        (&["--catalogue", "syntax.yaml"], 1, "file.syntax"),
        (&["--catalogue", "shape.yaml"], 1, "file.shape"),
        (&["--catalogue", "unknown.yaml"], 1, "surprise"),
        (&["--catalogue", "taken.yaml"], 1, "give yours another code"),
        (&["--catalogue", "twice"], 1, "have the same code"),
        (&["--catalogue", "empty.csv"], 1, "import.empty"),
        (&["--catalogue", "columns.csv"], 1, "item_code and item_name"),
        (&["--catalogue", "portal.json"], 1, "import.item_json"),
        (&["--licences", "nothing.csv"], 1, "cannot use --licences nothing.csv"),
        (&["--licences", "empty"], 1, "not a regular file"),
        (&["--licences", "text.csv"], 1, "import.not_text"),
        (&["--licences", "binary.xlsx"], 1, "import.bad_workbook"),
        (&["--licences", "column.csv"], 1, "import.mapping_column"),
        (&["--licences", "codes.csv"], 1, "import.holder_code"),
        (&["--licences", "licences.csv", "--mapping", "nothing.yaml"], 1, "cannot use the mapping nothing.yaml"),
        (&["--licences", "licences.csv", "--mapping", "broken.mapping.yaml"], 1, "import.bad_mapping"),
        (&["--mapping", "broken.mapping.yaml"], 2, "--licences"),
        (&["--lang", "fr"], 2, "zh"),
    ] {
        let line = [&["demo", "--once", "--json", "--dir", "demo"], arguments].concat();
        let (code, said, error) = run(&line, folder.path());
        assert!(code == status && error.contains(told) && said.is_empty(), "{arguments:?}: {code} {error}{said}");
        assert!(!folder.path().join("demo").exists(), "{arguments:?}: nothing was started");
    }
}

#[test]
fn a_folder_of_the_other_suite_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().join("demo");
    let out = dir.to_str().expect("a path");
    assert_eq!(run(&["network", "init", "--suite", "intl", "--out", out], folder.path()).0, 0);
    let (code, _, said) = run(&["demo", "--once", "--suite", "sm", "--dir", out], folder.path());
    assert!(code == 1 && said.contains("--suite intl"), "{said}");
}

/// Every event of the real permit log and every record of the real donation lists, each with its proof verified.
#[test]
fn with_real_records() {
    let Some(real_data) = std::env::var_os("TONGBAN_REALDATA") else {
        let required = std::env::var("TONGBAN_REQUIRE").unwrap_or_default();
        assert!(!required.split(',').any(|name| name == "realdata"), "TONGBAN_REALDATA is required and not set");
        println!("skipped: TONGBAN_REALDATA does not name the folder of real data");
        return;
    };
    both_at_once(|suite| play_with_real_records(suite, Path::new(&real_data)));
}

fn play_with_real_records(suite: &str, real_data: &Path) {
    let folder = tempfile::tempdir().expect("a folder");
    let json = demo(&folder.path().join("demo"), suite, Some(real_data));
    assert_holds(&json, suite);
    assert_eq!(json["data"], "real");
    assert_eq!((&json["catalogue_data"], &json["licence_data"]), (&"real".into(), &"real".into()));
    assert!(json["records"].as_u64() > Some(8_577), "the permit log alone has 8,577 events");
    assert_eq!(json["items"], 1_135 + 2, "the catalogue of the district, and two items of our own");
    assert_eq!(json["licences_imported"], 22_161, "every company of the register");
    assert_bundle_is_tamper_proof(&json);
    let memory = json["memory_peak_bytes"].as_u64().expect("the system tells");
    assert!(memory < 2 << 30, "four nodes and the imports stay below 2 GiB: {memory}");
}
