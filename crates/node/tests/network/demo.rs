//! The main job, as a newcomer runs it: `tongban demo --once --json`, for both suites, on invented and on real records.

use crate::support::{PROGRAM, ports, run};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
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
    command.args(["--once", "--json"]);
    if let Some(real_data) = real_data {
        command.env("TONGBAN_REALDATA", real_data);
    }
    let output = command.output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stdout));
    let json: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    println!("{json}");
    json
}

fn assert_holds(json: &Value, suite: &str) {
    assert_eq!(json["nodes"], 4);
    assert_eq!(json["suite"], suite);
    assert_eq!(json["state_roots_equal"], true);
    assert_eq!(json["absence_verified"], true);
    assert_eq!(json["repeat_has_first_receipt"], true);
    assert_eq!(json["proofs_verified"], json["records"]);
    assert_eq!(json["records_registered"], json["records"]);
    assert_eq!(json["refused"]["tx.denied"], 1, "the administrator may not register");
    assert_eq!(json["refused"]["cases.gap_open"], 1, "nothing is decided before the gap is filled");
    assert_eq!(json["import_errors"], 0);
    assert_eq!(
        (&json["cases_completed"], &json["steps_completed"], &json["departments"]),
        (&1.into(), &10.into(), &5.into())
    );
    assert_eq!((&json["fields_filled"], &json["materials_spared"]), (&FIELDS_HELD.into(), &2.into()));
    for held in ["licence_verified", "revoked_refused", "recovered_account_keeps_assets"] {
        assert_eq!(json[held], true, "{held}");
    }
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
    let mut first = Running(first.arg("--once").stdout(Stdio::piped()).spawn().expect("the program starts"));
    let said = BufReader::new(first.0.stdout.take().expect("it is piped"));
    let has_lost_its_key = said.lines().map_while(Result::ok).any(|line| line.contains("its recovery cools"));
    assert!(has_lost_its_key, "the demonstration comes to the lost key");
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
    let commands: Vec<String> = lines.by_ref().take_while(|line| line.starts_with("  ")).collect();
    assert!(commands.len() > 5, "{commands:?}");
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
    assert_bundle_is_tamper_proof(&first);

    let second = demo(&dir, suite, None);
    assert!(second["height"].as_u64() > first["height"].as_u64(), "the network went on from where it stood");
    assert_eq!(second["records_registered"], first["records_registered"], "nothing is registered twice");
    assert_eq!(second["licences_imported"], first["licences_imported"], "nothing is taken over twice");
    assert_eq!((&second["cases_completed"], &second["licence_verified"]), (&1.into(), &true.into()));
    // Another matter, the refused registrations and the attestation of the second run; no department, item, licence or record. The
    // recovery's end may have a receipt of its own, if the ledger came to it first.
    let more =
        second["transactions"].as_u64().zip(first["transactions"].as_u64()).map(|(second, first)| second - first);
    assert!(more.is_some_and(|more| (28..=31).contains(&more)), "{more:?}");
    assert_eq!(second["proofs_verified"], first["proofs_verified"]);
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
    assert!(json["records"].as_u64() > Some(8_577), "the permit log alone has 8,577 events");
    assert_eq!(json["items"], 1_135 + 2, "the catalogue of the district, and two items of our own");
    assert_eq!(json["licences_imported"], 22_161, "every company of the register");
    assert_bundle_is_tamper_proof(&json);
    let memory = json["memory_peak_bytes"].as_u64().expect("the system tells");
    assert!(memory < 2 << 30, "four nodes and the imports stay below 2 GiB: {memory}");
}
