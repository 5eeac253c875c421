//! AES-256-GCM and SM4-GCM: Wycheproof, and the vector of RFC 8998.

use crate::realdata::{bytes, expected, tests, unhex, vectors};
use tongban_crypto::cipher::Cipher;
use tongban_types::Suite;

#[test]
fn wycheproof_aes_256_gcm() {
    wycheproof(Suite::Intl, "aes_gcm", 256, 66);
}

#[test]
fn wycheproof_sm4_gcm() {
    wycheproof(Suite::Sm, "sm4_gcm", 128, 65);
}

/// Runs the vectors with the suite's lengths of key, nonce and tag; others cannot be expressed.
fn wycheproof(suite: Suite, algorithm: &str, key_bits: u64, count: usize) {
    let Some(vectors) = vectors() else { return };
    let mut ran = 0;
    for group in vectors.wycheproof(algorithm) {
        if group["keySize"] != key_bits || group["ivSize"] != 96 || group["tagSize"] != 128 {
            continue;
        }
        for test in tests(&group) {
            let cipher = Cipher::new(suite, &bytes(test, "key")).expect("the key has the suite's length");
            let nonce = bytes(test, "iv").try_into().expect("the nonce has 12 bytes");
            let (associated, message) = (bytes(test, "aad"), bytes(test, "msg"));
            let sealed = [bytes(test, "ct"), bytes(test, "tag")].concat();
            let opened = cipher.decrypt(&nonce, &associated, &sealed);
            match expected(test) {
                Some(true) => {
                    assert_eq!(opened.as_deref(), Some(&message), "{test}");
                    assert_eq!(cipher.encrypt(&nonce, &associated, &message), Some(sealed), "{test}");
                }
                Some(false) => assert!(opened.is_none(), "{test}"),
                None => {}
            }
            ran += 1;
        }
    }
    assert_eq!(ran, count);
}

#[test]
fn rfc_8998_sm4_gcm() {
    let Some(vectors) = vectors() else { return };
    let paragraphs = vectors.paragraphs("tongsuo_openssl/test/recipes/30-test_evp_data/evpciph_sm4.txt");
    let mut ran = 0;
    for vector in paragraphs.iter().filter(|fields| fields.get("Cipher").is_some_and(|name| name == "SM4-GCM")) {
        check_sm4_gcm(
            [&vector["Key"], &vector["IV"], &vector["AAD"], &vector["Plaintext"]],
            &vector["Ciphertext"],
            &vector["Tag"],
        );
        ran += 1;
    }
    for vector in vectors.lines("pyca/cryptography_vectors/ciphers/SM4/rfc8998.txt", "CIPHERTEXT") {
        check_sm4_gcm(
            [&vector["KEY"], &vector["IV"], &vector["AAD"], &vector["PLAINTEXT"]],
            &vector["CIPHERTEXT"],
            &vector["TAG"],
        );
        ran += 1;
    }
    assert_eq!(ran, 2);
}

fn check_sm4_gcm([key, nonce, associated, plaintext]: [&str; 4], ciphertext: &str, tag: &str) {
    let cipher = Cipher::new(Suite::Sm, &unhex(key)).expect("the key has 16 bytes");
    let nonce = unhex(nonce).try_into().expect("the nonce has 12 bytes");
    let sealed = [unhex(ciphertext), unhex(tag)].concat();
    assert_eq!(cipher.encrypt(&nonce, &unhex(associated), &unhex(plaintext)), Some(sealed.clone()));
    assert_eq!(cipher.decrypt(&nonce, &unhex(associated), &sealed).as_deref(), Some(&unhex(plaintext)));
}
