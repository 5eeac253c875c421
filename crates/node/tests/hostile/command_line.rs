//! The command line under hostile arguments, files and nodes: it ends with an exit code and a reason, without a panic, and
//! shows a terminal nothing that controls it.

use crate::ledger::Ledger;
use crate::nasties::NASTIES;
use crate::suite::{json_cases, naughty_strings};
use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::{Command, Output};

const PROGRAM: &str = env!("CARGO_BIN_EXE_tongban");

fn run<A: AsRef<OsStr>>(arguments: &[A], folder: &Path) -> Output {
    let mut command = Command::new(PROGRAM);
    command
        .args(arguments)
        .current_dir(folder)
        .env("TONGBAN_NODE_LOG", OsStr::from_bytes(b"\xff"))
        .env("RUST_BACKTRACE", "0");
    command.output().expect("the program starts")
}

/// Fails where the program panicked, ended by a signal, or has shown a character that a terminal would obey.
fn assert_sound(output: &Output, what: &str) {
    let code = output.status.code();
    assert!(matches!(code, Some(0..=2)), "{what}: ended with {code:?}");
    for shown in [&output.stdout, &output.stderr] {
        let shown = String::from_utf8(shown.clone()).unwrap_or_else(|_| panic!("{what}: no text was shown"));
        assert!(!shown.contains("panicked at"), "{what}: {shown}");
        let obeyed = |letter: char| {
            letter.is_control() && letter != '\n' && letter != '\t'
                || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert!(!shown.chars().any(obeyed), "{what}: {shown:?}");
    }
}

/// An argument holds no zero byte, and a name of a file no more than 255.
fn can_be_passed(text: &&str) -> bool {
    !text.contains('\0')
}

#[test]
fn naughty_arguments_end_with_a_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let hex = "07".repeat(16);
    let nobody = "http://127.0.0.1:9";
    for text in NASTIES.iter().map(|(_, text, _)| *text).filter(can_be_passed) {
        let register = format!(
            "call evidence register --id {hex} --source.object-type document --source.method m --source.operator {hex} \
             --source.collected-at 2026-01-01T00:00:00Z --commitments [] --key absent.json --node {nobody}"
        );
        let mut system: Vec<&str> = register.split_whitespace().collect();
        let system_option = format!("--source.system={text}");
        system.push(&system_option);
        let commitments = format!("--commitments={text}");
        let mut json = system.clone();
        json.push(&commitments);
        let kind = format!("--source.object-type={text}");
        let mut choice = system.clone();
        choice.push(&kind);
        for arguments in [
            system,
            json,
            choice,
            vec!["query", "evidence", "record", "--node", nobody, "--id", text],
            vec!["query", "evidence", text],
            vec!["verify", "--anchor", text, "--", text],
            vec!["qr", "--terminal", "--", text],
            vec!["status", "--node", text],
            vec!["key", "show", "--", text],
            vec!["identity", "pseudonym", "--key", text],
            vec!["identity", "check", "--opening", text, "--", text],
            vec!["prove", "record", "--out", "out.json", "--node", nobody, "--", text, text],
            vec!["node", "--config", text],
            vec!["network", "init", "--out", "made", "--suite", text],
            vec!["vault", "list", "absent", "--after", text],
            vec!["vault", "show", "absent", "--node", nobody, "--", text],
            vec!["licences", "show", "--vault", "absent", "--field", text, "--out", "shown.json", "--", text],
            vec!["licences", "register-type", "--code", text, "--key", "absent.json", "--node", nobody, "--", text],
            vec!["prefill", "check", "--provenance", text, "--node", nobody, "--", text],
            vec!["prefill", "commit", "--item", text, "--out", "form.json", "--node", nobody, "--", text],
            vec!["prefill", "review", "absent", "--node", nobody, "--case", text],
            vec!["--", text],
        ] {
            let output = run(&arguments, folder.path());
            assert_sound(&output, &format!("{arguments:?}"));
            assert_ne!(output.status.code(), Some(0), "{arguments:?}");
        }
    }
}

#[test]
fn arguments_that_are_no_text_end_with_a_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let no_text = OsString::from_vec(b"a\xff\x1b[31m".to_vec());
    for arguments in [
        vec![OsStr::new("verify"), &no_text, OsStr::new("--anchor"), &no_text],
        vec![OsStr::new("query"), OsStr::new("evidence"), OsStr::new("record"), OsStr::new("--id"), &no_text],
        vec![OsStr::new("node"), OsStr::new("--config"), &no_text],
        vec![&no_text],
    ] {
        let output = run(&arguments, folder.path());
        assert_sound(&output, &format!("{arguments:?}"));
        assert_ne!(output.status.code(), Some(0), "{arguments:?}");
    }
    let mut command = Command::new(PROGRAM);
    command.args(["network", "init", "--nodes", "1", "--out", "made"]).current_dir(folder.path());
    let output = command.env("TONGBAN_PASSPHRASE", &no_text).output().expect("the program starts");
    assert_sound(&output, "a passphrase that is no text");
    assert_eq!(output.status.code(), Some(1));
    assert!(!folder.path().join("made").exists(), "no key is written without the passphrase that was meant");
}

#[test]
fn verify_refuses_every_file_of_the_public_suite() {
    let Some(cases) = json_cases() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let genesis = folder.path().join("genesis.json");
    std::fs::write(&genesis, serde_json::to_vec(&Ledger::new().genesis).expect("JSON")).expect("a file");
    let strings =
        naughty_strings().unwrap_or_default().into_iter().take(40).map(|text| (text.clone(), text.into_bytes()));
    // A field whose name controls a terminal, and every fifth case: a process each is dear.
    let forged = ("forged".to_owned(), b"{\"\\u001b[31m\\u202e\":1}".to_vec());
    for (name, content) in cases.into_iter().step_by(5).chain(strings).chain([forged]) {
        std::fs::write(folder.path().join("bundle.json"), &content).expect("a file");
        let as_bundle = run(&["verify", "bundle.json", "--anchor", "genesis.json", "--json"], folder.path());
        let as_anchor = run(&["verify", "genesis.json", "--anchor", "bundle.json", "--json"], folder.path());
        for (output, code) in [(as_bundle, "not_canonical"), (as_anchor, "bad_genesis")] {
            assert_sound(&output, &name);
            assert_eq!(output.status.code(), Some(1), "{name}");
            let said: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
            assert_eq!((&said["proven"], &said["code"]), (&false.into(), &code.into()), "{name}");
        }
    }
}

/// A device has no end and no length.
#[test]
fn files_without_end_are_not_read_to_their_end() {
    let folder = tempfile::tempdir().expect("a folder");
    for arguments in [
        ["verify", "/dev/zero", "--anchor", "/dev/zero"].as_slice(),
        &["node", "--config", "/dev/zero"],
        &["evidence", "report", "--bundle", "/dev/zero", "--anchor", "/dev/zero"],
        &["verify", "/dev/null", "--anchor", "/dev/null"],
        &["qr", "/dev/zero", "--terminal"],
    ] {
        let output = run(arguments, folder.path());
        assert_sound(&output, &format!("{arguments:?}"));
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    }
    let key = folder.path().join("key.json");
    let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&key).expect("a file");
    file.set_len(1 << 40).expect("a file with a hole");
    for name in ["verify key.json --anchor key.json", "node --config key.json"] {
        let output = run(&name.split(' ').collect::<Vec<_>>(), folder.path());
        assert_eq!(output.status.code(), Some(1), "{name}: a file of a terabyte is refused");
    }
}

/// A node that answers everything with the same bytes, for ever where there is no end.
fn answering(head: &'static str, body: Vec<u8>, is_endless: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request); // whatever it is
            let mut is_open = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body)).is_ok();
            while is_open && is_endless {
                is_open = stream.write_all(&[b' '; 1 << 16]).is_ok();
            }
        }
    });
    format!("http://{address}")
}

#[test]
fn a_hostile_node_neither_fills_the_clients_memory_nor_controls_its_terminal() {
    let folder = tempfile::tempdir().expect("a folder");
    let ok = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n";
    let refused = "HTTP/1.1 422 No\r\nconnection: close\r\n\r\n";
    let evil = "\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}";
    let problem = serde_json::json!({
        "type": "a", "title": evil, "status": 422, "detail": evil, "code": evil, "who": "invalid", "how": evil, "receipt": null,
    });
    let status = serde_json::json!({
        "version": evil, "network_name": evil, "network": "07".repeat(32), "suite": "sm", "department": evil, "height": 7,
        "time": null, "state_root": null, "receipts": 3, "waiting": 0, "validators": 4, "ready": false, "reason": evil,
    });
    for (name, node) in [
        ("an endless answer", answering(ok, b"{".to_vec(), true)),
        ("an endless problem", answering(refused, Vec::new(), true)),
        ("a problem that controls the terminal", answering(refused, problem.to_string().into_bytes(), false)),
        ("a status that controls the terminal", answering(ok, status.to_string().into_bytes(), false)),
        ("no HTTP", answering("\u{1b}[31m", evil.as_bytes().to_vec(), false)),
        ("nothing", answering("", Vec::new(), false)),
        ("deep JSON", answering(ok, vec![b'['; 1 << 20], false)),
    ] {
        for command in [
            "status --node NODE",
            "status --json --node NODE",
            "query network members --node NODE",
            "prove --node NODE receipt 1 --out out.json",
            "prove --node NODE receipt 1 --slip --out out.txt",
        ] {
            let arguments = command.replace("NODE", &node);
            // The limit is the kernel's: whoever wants more than 2 GiB of addresses ends.
            let limited = format!("ulimit -v 2097152; exec {PROGRAM} {arguments}");
            let output = run_shell(&limited, folder.path());
            assert_sound(&output, &format!("{name}: {command}"));
            let is_file = command.starts_with("prove") && output.status.success();
            assert!(is_file || output.status.code() == Some(1), "{name}: {command}: {:?}", output.status);
        }
    }
}

fn run_shell(line: &str, folder: &Path) -> Output {
    Command::new("sh").args(["-c", line]).current_dir(folder).output().expect("a shell")
}
