//! What wrapping and key files are built on: X25519, HKDF-SHA-256, HMAC-SM3, HMAC-SHA-256.

use crate::realdata::{bytes, expected, pem, tests, unhex, vectors};
use crate::test_rng::TestRng;
use std::collections::BTreeMap;
use tongban_crypto::intl::wrapping;
use tongban_crypto::pseudonym::hmac;
use tongban_types::Suite;

#[test]
fn wycheproof_x25519() {
    let Some(vectors) = vectors() else { return };
    let mut ran = 0;
    let mut degenerate = 0;
    let mut rng = TestRng::new(1);
    for group in vectors.wycheproof("x25519") {
        for test in tests(&group) {
            let public = array(&bytes(test, "public"));
            let shared = x25519_dalek::x25519(array(&bytes(test, "private")), public);
            assert_eq!(shared.as_slice(), bytes(test, "shared"), "{test}");
            // A key that shares zero with everybody is no recipient.
            let is_degenerate = shared == [0; 32];
            assert_eq!(wrapping::encrypt(&public, b"content key", &mut rng).is_none(), is_degenerate, "{test}");
            degenerate += usize::from(is_degenerate);
            ran += 1;
        }
    }
    assert_eq!((ran, degenerate), (518, 31));
}

#[test]
fn openssl_x25519() {
    let Some(vectors) = vectors() else { return };
    let path = "tongsuo_openssl/test/recipes/30-test_evp_data/evppkey_ecx.txt";
    let mut keys = BTreeMap::new();
    for paragraph in vectors.text(path).split("\n\n") {
        for line in paragraph.lines().filter(|line| line.starts_with("PrivateKey") || line.starts_with("PublicKey")) {
            let (kind, value) = line.split_once('=').expect("a key has a name");
            if let Some((name, key)) = value.trim().split_once(":X25519:").filter(|_| kind.contains("Raw")) {
                keys.insert(name.to_owned(), array(&unhex(key)));
            } else if value.contains("-25519") {
                let der = pem(paragraph); // the key is what ends it
                keys.insert(value.trim().to_owned(), array(&der[der.len() - 32..]));
            }
        }
    }
    let mut ran = 0;
    for vector in vectors.paragraphs(path) {
        let (Some(own), Some(shared)) = (vector.get("Derive"), vector.get("SharedSecret")) else { continue };
        let (Some(own), Some(other)) = (keys.get(own), keys.get(&vector["PeerKey"])) else { continue };
        assert_eq!(x25519_dalek::x25519(*own, *other).as_slice(), unhex(shared));
        ran += 1;
    }
    assert_eq!(ran, 10);
}

#[test]
fn wycheproof_hkdf_sha_256() {
    let Some(vectors) = vectors() else { return };
    let mut ran = 0;
    for group in vectors.wycheproof("hkdf_sha256") {
        for test in tests(&group) {
            let size = test["size"].as_u64().and_then(|size| usize::try_from(size).ok()).expect("a vector has a size");
            let mut output = vec![0; size];
            let done = hkdf::Hkdf::<sha2::Sha256>::new(Some(&bytes(test, "salt")), &bytes(test, "ikm"))
                .expand(&bytes(test, "info"), &mut output)
                .is_ok();
            assert_eq!(Some(done && output == bytes(test, "okm")), expected(test), "{test}");
            ran += 1;
        }
    }
    assert_eq!(ran, 86);
}

#[test]
fn wycheproof_hmac() {
    let Some(vectors) = vectors() else { return };
    for (suite, algorithm) in [(Suite::Sm, "hmac_sm3"), (Suite::Intl, "hmac_sha256")] {
        let mut ran = 0;
        for group in vectors.wycheproof(algorithm) {
            let tag_bytes = group["tagSize"].as_u64().and_then(|bits| usize::try_from(bits / 8).ok()).expect("a size");
            for test in tests(&group) {
                let tag = hmac(suite, &bytes(test, "key"), &[&bytes(test, "msg")]);
                assert_eq!(Some(tag.0[..tag_bytes] == bytes(test, "tag")), expected(test), "{test}");
                ran += 1;
            }
        }
        assert_eq!(ran, 174, "{algorithm}");
    }
}

fn array(bytes: &[u8]) -> [u8; 32] {
    bytes.try_into().expect("a key has 32 bytes")
}
