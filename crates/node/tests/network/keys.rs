//! Keys, accounts and departments from the command line: what the files hold, what reaches the ledger, and what never leaves the machine.

use crate::support::{Network, PROGRAM, run};
use serde_json::Value;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use tongban_types::Suite;

/// Runs the program to a good end, and gives what it printed.
fn done(line: &str, folder: &Path) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (code, output, error) = run(&words, folder);
    assert_eq!(code, 0, "{line}: {output}{error}");
    output
}

/// Runs the program to a bad end, and gives the reason.
fn refused(line: &str, folder: &Path, expected: i32) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (code, output, error) = run(&words, folder);
    assert_eq!(code, expected, "{line}: {output}{error}");
    error
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text, not {value}")).to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_is_opened_and_its_keys_are_exchanged_from_the_command_line() {
    let mut network = Network::new(1, Suite::Sm);
    network.start(0);
    network.wait_until_ready(0).await;
    let folder = network.folder.path();
    let node = network.client(0).base().to_owned();
    let keys = |account: &str| -> Vec<(String, bool)> {
        let answer = json(&done(&format!("query identity account --account {account} --node {node}"), folder));
        let keys = answer["view"]["identity"]["account"]["account"]["keys"].as_array().expect("keys").clone();
        keys.iter().map(|key| (text(&key["key"]), key["revoked_at"].is_null())).collect()
    };
    for name in ["first", "second", "third"] {
        done(&format!("key new --suite sm --out {name}.json"), folder);
    }
    assert!(refused("key new --suite sm --out first.json", folder, 1).contains("is not overwritten"));
    let shown = ["first", "second", "third"].map(|name| json(&done(&format!("key show {name}.json --json"), folder)));
    let account = text(&shown[0]["account"]);
    let [first, second, third] = [0, 1, 2].map(|place: usize| text(&shown[place]["public_key"]));

    let registrar = format!("--key accounts/registrar.key.json --node {node}");
    done(&format!("call identity open-account --kind person --new-key first.json {registrar}"), folder);
    assert_eq!(keys(&account), [(first.clone(), true)]);
    let again = format!("call identity open-account --kind person --new-key first.json {registrar}");
    assert!(refused(&again, folder, 1).contains("identity.key_taken"));

    // Made where the second key is kept, without a node; nothing but public values goes to whoever makes the call.
    let possession = format!("key possession second.json --anchor genesis.json --account-id {account} --json");
    let possession = text(&json(&done(&possession, folder))["possession"]);
    let holder = format!("--key first.json --node {node}");
    let add =
        |possession: &str| format!("call identity add-key --public-key {second} --possession {possession} {holder}");
    let of_another = json(&done("key possession second.json --anchor genesis.json --json", folder));
    let of_another = text(&of_another["possession"]);
    assert!(refused(&add(&of_another), folder, 1).contains("identity.possession_not_proven"));
    done(&add(&possession), folder);
    done(&format!("call identity rotate-key --old {second} --new-key third.json {holder}"), folder);
    assert_eq!(keys(&account), [(first.clone(), true), (second.clone(), false), (third.clone(), true)]);
    let by_third = format!("--key third.json --account-id {account} --node {node}");
    done(&format!("call identity revoke-key --public-key {first} {by_third}"), folder);
    assert_eq!(keys(&account), [(first, false), (second, false), (third, true)]);

    done("key new --suite intl --out other.json", folder);
    let other = format!("call identity add-key --new-key other.json {by_third}");
    assert!(refused(&other, folder, 1).contains("tongban key new --suite sm"));
    assert!(refused(&format!("call identity add-key {by_third}"), folder, 2).contains("--public-key"));
}

/// Runs the program with this on its standard input; the exit code and what it printed.
fn fed(words: &[&str], input: &str, folder: &Path) -> (i32, String, String) {
    let mut command = Command::new(PROGRAM);
    command.args(words).current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().expect("the program starts");
    let mut standard_input = process.stdin.take().expect("it is piped");
    let _ = standard_input.write_all(input.as_bytes()); // a program that refuses its arguments does not read
    drop(standard_input);
    let output = process.wait_with_output().expect("the program ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

#[test]
fn a_pseudonym_is_made_from_standard_input_and_a_paper_is_committed_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    done("identity pseudonym-key --suite sm --out authority.json", folder);
    let shown = done("key show authority.json", folder);
    assert!(shown.contains("fingerprint") && !shown.contains("public key"), "{shown}");
    let words = ["identity", "pseudonym", "--key", "authority.json"];
    let (code, pseudonym, error) = fed(&words, "111\n11010519491231002X\n", folder);
    assert_eq!((code, error.as_str()), (0, ""), "nobody is asked where nobody sits");
    assert_eq!((pseudonym.trim().len(), pseudonym.lines().count()), (64, 1), "{pseudonym}");
    let spelt = fed(&words, "112\n110105 19491231 002x\n", folder);
    assert_eq!(spelt.1, pseudonym, "the same person");
    let (code, output, error) = fed(&words, "111\n110105194912310021\n", folder);
    assert_eq!((code, output.as_str()), (1, ""));
    assert!(error.contains("(pseudonym.number)") && !error.contains("110105194912310021"), "{error}");
    let of_state = |state: &str| fed(&[words.as_slice(), &["--issued-by", state]].concat(), "414\n12AB34567\n", folder);
    let (french, german) = (of_state("FRA"), of_state("DEU"));
    assert_eq!((french.0, german.0, french.1 == german.1), (0, 0, false), "equal numbers, two states, two persons");
    let (code, output, error) = fed(&words, "414\n12AB34567\n", folder);
    assert_eq!((code, output.as_str(), error.contains("(pseudonym.issuing_state)")), (1, "", true), "{error}");
    let on_the_line = [words.as_slice(), &["11010519491231002X"]].concat();
    assert_eq!(fed(&on_the_line, "", folder).0, 2, "a number has no place on the command line");

    std::fs::write(folder.join("card.jpg"), "a picture").expect("a file");
    let commitment = done("identity commit card.jpg --opening card.opening.json", folder);
    assert_eq!(commitment.trim().len(), 64, "{commitment}");
    assert!(done("identity check card.jpg --opening card.opening.json", folder).contains("agrees"));
    let of_input = ["identity", "commit", "-", "--opening", "input.opening.json"];
    assert_eq!(fed(&of_input, "a picture", folder).0, 0);
    assert!(done("identity check card.jpg --opening input.opening.json", folder).contains("agrees"));
    assert!(refused("identity commit card.jpg --opening card.opening.json", folder, 1).contains("cannot write"));
    std::fs::write(folder.join("card.jpg"), "another picture").expect("a file");
    assert!(refused("identity check card.jpg --opening card.opening.json", folder, 1).contains("another paper"));
}

const ORGANISATION: &str = "\
government:
  code: 11519900MB9012112F
  name: 云港市人民政府
  short_name: 市政府
  division: \"510100000000\"
  administrator: { key: mayor, office: 人事处处长 }
until: 2031-01-01T00:00:00+08:00
departments:
  - code: 11519900MB9012235G
    name: 云港市行政审批局
    short_name: 审批局
    officers:
      - { key: head, office: 局长, roles: [head] }
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_organisation_is_foretold_without_a_trace_and_then_applied() {
    let mut network = Network::new(1, Suite::Intl);
    network.start(0);
    network.wait_until_ready(0).await;
    let folder = network.folder.path();
    let node = network.client(0).base().to_owned();
    let write = |text: &str| std::fs::write(folder.join("organisation.yaml"), text).expect("a file");
    let apply = format!(
        "organisation apply organisation.yaml --keys officers --administrator accounts/administrator.key.json \
         --registrar accounts/registrar.key.json --node {node}"
    );
    write(&ORGANISATION.replacen("roles: [head]", "roles: [head, head]", 1));
    let error = refused(&apply, folder, 1);
    assert!(
        error.contains("departments[0].officers[0].roles[1]") && error.contains("organisation.role_twice"),
        "{error}"
    );
    write(ORGANISATION);
    let foretold = done(&format!("{apply} --dry-run"), folder);
    assert!(foretold.contains("would open 2 accounts and make 5 calls"), "{foretold}");
    assert!(!folder.join("officers").exists(), "no key was made");
    let applied = done(&apply, folder);
    assert!(applied.contains("opened 2 accounts, made 5 calls"), "{applied}");
    assert!(folder.join("officers").join("head.key.json").exists());

    write(&ORGANISATION.replacen("office: 局长", "office: 主任", 1));
    let differing = done(&apply, folder);
    assert!(differing.contains("head in 审批局: the office: 局长 on the ledger, 主任 in the file"), "{differing}");
    assert!(differing.contains("opened 0 accounts, made 0 calls"), "{differing}");
}
