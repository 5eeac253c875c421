//! Slips of real networks: from a receipt over the text to the picture, and checked when no node is left.

use crate::support::{Network, register, run};
use serde_json::Value;
use tongban_api::ClientError;
use tongban_types::proof::Slip;
use tongban_types::proof::slip::SLIP_TEXT_PREFIX;
use tongban_types::{Outcome, Receipt, Suite};

/// A network with a receipt that took effect and one that was refused.
async fn with_receipts(nodes: u16, suite: Suite) -> (Network, [Receipt; 2]) {
    let mut network = Network::new(nodes, suite);
    network.start_all();
    for node in 0..usize::from(nodes) {
        network.wait_until_ready(node).await;
    }
    let (client, signer) = (network.client(0), network.signer("depositor"));
    let mut receipts = Vec::new();
    for _ in 0..2 {
        let tx = signer.sign(&[register(&signer, &network.genesis, 7)]).expect("a transaction");
        receipts.push(client.submit(&tx).await.expect("a receipt"));
    }
    let receipts: [Receipt; 2] = receipts.try_into().expect("two were asked for");
    assert!(matches!(receipts[0].outcome, Outcome::Applied { .. }), "{receipts:?}");
    assert!(matches!(receipts[1].outcome, Outcome::Refused(_)), "the number is taken: {receipts:?}");
    (network, receipts)
}

async fn is_checked_without_the_network(nodes: u16, suite: Suite) {
    let (mut network, [applied, refused]) = with_receipts(nodes, suite).await;
    let folder = network.folder.path().to_path_buf();
    let url = network.client(0).base().to_owned();
    let number = applied.number.to_string();
    let (code, _, said) = run(&["prove", "--node", &url, "receipt", &number, "--slip", "--out", "slip.txt"], &folder);
    assert_eq!(code, 0, "{said}");
    let text = std::fs::read_to_string(folder.join("slip.txt")).expect("a file");
    assert!(text.starts_with(SLIP_TEXT_PREFIX) && !text.contains('\n'), "{text}");

    let code_of = |error: ClientError| match error {
        ClientError::Refused(problem) => problem.code.to_string(),
        other => panic!("it is refused: {other}"),
    };
    assert_eq!(code_of(network.client(0).slip(refused.number).await.expect_err("no events")), "slip.no_events");
    assert_eq!(code_of(network.client(0).slip(1 << 40).await.expect_err("no receipt")), "node.not_found");
    for node in 0..usize::from(nodes) {
        network.wait_for_height(node, applied.height).await;
        let slip = network.client(node).slip(applied.number).await.expect("every node has it");
        assert_eq!((slip.height, slip.time), (applied.height, applied.time));
    }
    (0..usize::from(nodes)).for_each(|node| network.kill(node));

    let verify = |slip: &str| run(&["verify", slip, "--anchor", "genesis.json", "--json"], &folder);
    for slip in ["slip.txt", &text] {
        let (code, said, error) = verify(slip);
        assert_eq!(code, 0, "{error}");
        let said: Value = serde_json::from_str(&said).expect("JSON");
        assert_eq!((&said["proven"], &said["standing"]), (&true.into(), &"proven_as_of_unconfirmed_now".into()));
        assert_eq!(said["as_of_time"], applied.time.to_string());
        assert_eq!(said["receipt"], serde_json::to_value(&applied).expect("JSON"));
        assert!(said["events"][0]["evidence"]["registered"].is_object(), "{said}");
        assert!(said.get("valid").is_none() && said["licences"] == serde_json::json!([]), "{said}");
    }
    let (_, said, _) = run(&["verify", "slip.txt", "--anchor", "genesis.json"], &folder);
    assert!(said.starts_with("proven as of") && said.contains("unconfirmed now"), "{said}");

    // A line end that an editor adds is no part of it; any other letter is.
    std::fs::write(folder.join("ended.txt"), format!("{text}\r\n")).expect("a file");
    assert_eq!(verify("ended.txt").0, 0);
    let forged = text.replacen(&text[200..203], if &text[200..203] == "000" { "100" } else { "000" }, 1);
    let (code, said, _) = verify(&forged);
    assert!(code == 1 && said.contains("\"proven\":false"), "{said}");

    // What a module does not bind is not shown.
    let slip = Slip::from_text(text.as_bytes()).expect("a slip");
    let disclosing = slip.disclosing(tongban_types::Blob::new(b"anything".to_vec()).expect("short")).expect("it fits");
    let (code, said, _) = verify(&disclosing.to_text());
    assert!(code == 1 && said.contains("disclosure_not_bound"), "{said}");
    assert!(!said.contains("anything"), "{said}");

    has_pictures(&folder, &text);
}

fn has_pictures(folder: &std::path::Path, text: &str) {
    let (code, said, error) = run(&["qr", "slip.txt", "--out", "slip.svg"], folder);
    assert!(code == 0 && said.contains("QR code of version"), "{said}{error}");
    let picture = std::fs::read_to_string(folder.join("slip.svg")).expect("a file");
    assert!(picture.starts_with("<svg ") && picture.contains("viewBox"), "{picture}");
    let (code, said, error) = run(&["qr", text, "--terminal"], folder);
    assert!(code == 0 && said.lines().count() > 20, "{error}");
    for (arguments, reason) in [
        (["qr", "slip.txt", "--out", "slip.png"].as_slice(), "SVG"),
        (&["qr", "genesis.json", "--terminal"], "slip"),
        (&["qr", "absent.txt", "--terminal"], "absent.txt"),
    ] {
        let (code, _, error) = run(arguments, folder);
        assert!(code == 1 && error.contains(reason), "{arguments:?}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slip_is_checked_when_no_node_is_left_with_sm() {
    is_checked_without_the_network(4, Suite::Sm).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slip_is_checked_when_no_node_is_left_with_intl() {
    is_checked_without_the_network(1, Suite::Intl).await;
}
