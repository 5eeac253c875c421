//! Ed25519: Wycheproof, Botan, Bernstein's `sign.input`, OpenSSL, and CCTV's edge cases. Every verdict is asked for
//! twice, alone and from a batch.

use crate::realdata::{Fields, bytes, expected, pem, tests, unhex, vectors};
use std::collections::BTreeMap;
use tongban_crypto::{SecretKey, SignedMessage, primitives, verify_batch};
use tongban_types::{PublicKey, Signature, Suite};

struct Case {
    key: Vec<u8>,
    message: Vec<u8>,
    signature: Vec<u8>,
    is_good: bool,
    name: String,
}

/// Checks the cases one by one and all at once. Keys and signatures of a wrong length have no form in our types, and
/// must not be among the good ones.
fn check(cases: &[Case]) {
    let mut formed = Vec::new();
    for case in cases {
        let key = PublicKey::new(case.key.clone()).ok();
        let signature = case.signature.as_slice().try_into().ok().map(Signature);
        match key.zip(signature) {
            Some((key, signature)) => formed.push((case, key, signature)),
            None => assert!(!case.is_good, "{} has no form in our types", case.name),
        }
    }
    let items: Vec<SignedMessage<'_>> =
        formed.iter().map(|(case, key, signature)| SignedMessage { key, message: &case.message, signature }).collect();
    for ((case, key, signature), batched) in formed.iter().zip(verify_batch(Suite::Intl, &items)) {
        assert_eq!(primitives(Suite::Intl).verify(key, &case.message, signature), case.is_good, "{}", case.name);
        assert_eq!(batched, case.is_good, "{} in a batch", case.name);
    }
}

#[test]
fn wycheproof() {
    let Some(vectors) = vectors() else { return };
    let mut cases = Vec::new();
    for group in vectors.wycheproof("ed25519") {
        for test in tests(&group) {
            cases.push(Case {
                key: bytes(&group["publicKey"], "pk"),
                message: bytes(test, "msg"),
                signature: bytes(test, "sig"),
                is_good: expected(test).expect("the file has no vectors that may go either way"),
                name: test.to_string(),
            });
        }
    }
    check(&cases);
    assert_eq!(cases.len(), 151);
}

#[test]
fn botan() {
    let Some(vectors) = vectors() else { return };
    let mut cases = Vec::new();
    let mut signed = vectors.lines("botan/src/tests/data/pubkey/ed25519.vec", "Signature");
    signed.retain(|vector| vector["section"] == "Pure"); // prehashed Ed25519 is another algorithm
    for vector in &signed {
        let seed: [u8; 32] = unhex(&vector["Privkey"])[..32].try_into().expect("32 bytes were taken");
        let key = SecretKey::from_bytes(Suite::Intl, &seed).expect("every seed is a key");
        assert_eq!(key.public_key().as_ref(), unhex(&vector["Pubkey"]));
        assert_eq!(key.sign(&unhex(&vector["Msg"])).as_ref(), unhex(&vector["Signature"]));
        cases.push(case(vector, true));
    }
    assert_eq!(cases.len(), 709);
    for vector in vectors.lines("botan/src/tests/data/pubkey/ed25519_verify.vec", "Signature") {
        let good = vector.get("Valid").is_none_or(|valid| valid == "1");
        cases.push(case(&vector, good));
    }
    check(&cases);
    assert_eq!(cases.len(), 709 + 62);
}

fn case(vector: &Fields, is_good: bool) -> Case {
    Case {
        key: unhex(&vector["Pubkey"]),
        message: unhex(&vector["Msg"]),
        signature: unhex(&vector["Signature"]),
        is_good,
        name: format!("{vector:?}"),
    }
}

#[test]
fn sign_input() {
    let Some(vectors) = vectors() else { return };
    let mut cases = Vec::new();
    for line in vectors.text("pyca/cryptography_vectors/asymmetric/Ed25519/sign.input.gz").lines() {
        let fields: Vec<Vec<u8>> = line.split(':').take(4).map(unhex).collect();
        let [secret, public, message, signed] = fields.try_into().expect("a line has four fields");
        let seed = secret[..32].try_into().expect("32 bytes were taken");
        let key = SecretKey::from_bytes(Suite::Intl, seed).expect("every seed is a key");
        let signature = key.sign(&message);
        assert_eq!(key.public_key().as_ref(), public);
        assert_eq!(signature.as_ref(), &signed[..64]); // the message follows
        cases.push(Case {
            key: public,
            message,
            signature: signature.0.to_vec(),
            is_good: true,
            name: line.to_owned(),
        });
    }
    check(&cases);
    assert_eq!(cases.len(), 1024);
}

#[test]
fn openssl() {
    let Some(vectors) = vectors() else { return };
    let path = "tongsuo_openssl/test/recipes/30-test_evp_data/evppkey_ecx.txt";
    let mut keys = BTreeMap::new();
    for paragraph in vectors.text(path).split("\n\n") {
        for line in paragraph.lines().filter(|line| line.starts_with("PrivateKey") || line.starts_with("PublicKey")) {
            let (kind, value) = line.split_once('=').expect("a key has a name");
            if let Some((name, key)) = value.trim().split_once(":ED25519:").filter(|_| kind.contains("Raw")) {
                keys.insert(name.to_owned(), unhex(key));
            } else if value.trim().starts_with("ED25519") {
                let der = pem(paragraph); // the key is what ends it
                keys.insert(value.trim().to_owned(), der[der.len() - 32..].to_vec());
            }
        }
    }
    let mut cases = Vec::new();
    let mut signed = 0;
    for vector in vectors.paragraphs(path) {
        let (Some(key), Some(output)) = (vector.get("Key").and_then(|name| keys.get(name)), vector.get("Output"))
        else {
            continue;
        };
        if vector.get("Ctrl").is_some_and(|ctrl| ctrl.contains("Ed25519ctx") || ctrl.contains("Ed25519ph")) {
            continue; // other algorithms
        }
        let message = match vector["Input"].strip_prefix('"') {
            Some(text) => text.trim_end_matches('"').as_bytes().to_vec(),
            None => unhex(&vector["Input"]),
        };
        if vector.contains_key("OneShotDigestVerify") {
            cases.push(Case {
                key: key.clone(),
                message,
                signature: unhex(output),
                is_good: !vector.contains_key("Result"),
                name: format!("{vector:?}"),
            });
        } else if vector.contains_key("OneShotDigestSign") && !vector.contains_key("Result") {
            let seed = key.as_slice().try_into().expect("a seed has 32 bytes");
            let key = SecretKey::from_bytes(Suite::Intl, seed).expect("every seed is a key");
            assert_eq!(key.sign(&message).as_ref(), unhex(output), "{vector:?}");
            signed += 1;
        }
    }
    check(&cases);
    assert_eq!((cases.len(), signed), (5, 11));
}

/// CCTV's vectors all satisfy ZIP 215. What is left after our rule E1 must be accepted, alone and in a batch.
#[test]
fn cctv_edge_cases() {
    let Some(vectors) = vectors() else { return };
    let mut cases = Vec::new();
    for vector in vectors.json("cctv/ed25519/ed25519vectors.json").as_array().expect("the file is a list") {
        let flags: Vec<&str> =
            vector["flags"].as_array().into_iter().flatten().filter_map(|flag| flag.as_str()).collect();
        let refused = ["low_order_A", "low_order_R", "non_canonical_A", "non_canonical_R", "reencoded_k"];
        cases.push(Case {
            key: bytes(vector, "key"),
            message: vector["msg"].as_str().expect("a vector has a message").as_bytes().to_vec(),
            signature: bytes(vector, "sig"),
            is_good: !flags.iter().any(|flag| refused.contains(flag)),
            name: vector.to_string(),
        });
    }
    check(&cases);
    assert_eq!(cases.len(), 914);
    assert_eq!(cases.iter().filter(|case| case.is_good).count(), 106);
}
