//! SM3 and the SM4 block cipher: OSCCA, Botan, OpenSSL.

use crate::realdata::{unhex, vectors};
use sm4::cipher::{BlockCipherDecrypt as _, BlockCipherEncrypt as _, KeyInit as _};
use tongban_crypto::primitives;
use tongban_types::Suite;

#[test]
fn sm3() {
    let Some(vectors) = vectors() else { return };
    let mut ran = 0;
    let mut check = |message: &[u8], digest: &str| {
        assert_eq!(primitives(Suite::Sm).hash(&[message]).as_ref(), unhex(digest), "{}", hex::encode(message));
        let (left, right) = message.split_at(message.len() / 3);
        assert_eq!(primitives(Suite::Sm).hash(&[left, right]).as_ref(), unhex(digest), "in parts");
        ran += 1;
    };
    for vector in vectors.lines("botan/src/tests/data/hash/sm3.vec", "Out") {
        check(&unhex(&vector["In"]), &vector["Out"]);
    }
    for vector in vectors.lines("pyca/cryptography_vectors/hashes/SM3/oscca.txt", "MD") {
        let message = if vector["Len"] == "0" { Vec::new() } else { unhex(&vector["Msg"]) };
        check(&message, &vector["MD"]);
    }
    for vector in vectors.paragraphs("tongsuo_openssl/test/recipes/30-test_evp_data/evpmd_sm3.txt") {
        if vector.get("Digest").is_some_and(|name| name == "SM3") {
            check(&unhex(&vector["Input"]), &vector["Output"]);
        }
    }
    assert_eq!(ran, 153);
}

/// The examples of the standard, which the repository carries; see `tests/data/README.md`.
#[test]
fn sm4_standard() {
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("../data/sm_standards.json")).expect("the file is JSON");
    let field = |name: &str| unhex(vectors["sm4"][name].as_str().expect("the field is a text"));
    let cipher = sm4::Sm4::new_from_slice(&field("key")).expect("the key has 16 bytes");
    let mut block = field("plain").as_slice().try_into().expect("a block has 16 bytes");
    cipher.encrypt_block(&mut block);
    assert_eq!(block.as_slice(), field("cipher"));
    for _ in 1..1_000_000 {
        cipher.encrypt_block(&mut block);
    }
    assert_eq!(block.as_slice(), field("cipher_1e6"));
}

#[test]
fn sm4_blocks() {
    let Some(vectors) = vectors() else { return };
    let mut ran = 0;
    let mut check = |key: &str, plaintext: &str, ciphertext: &str| {
        let cipher = sm4::Sm4::new_from_slice(&unhex(key)).expect("the key has 16 bytes");
        for (plaintext, ciphertext) in unhex(plaintext).chunks(16).zip(unhex(ciphertext).chunks(16)) {
            let mut block: sm4::cipher::Block<sm4::Sm4> = plaintext.try_into().expect("a block has 16 bytes");
            cipher.encrypt_block(&mut block);
            assert_eq!(block.as_slice(), ciphertext);
            cipher.decrypt_block(&mut block);
            assert_eq!(block.as_slice(), plaintext);
        }
        ran += 1;
    };
    for vector in vectors.lines("botan/src/tests/data/block/sm4.vec", "Out") {
        check(&vector["Key"], &vector["In"], &vector["Out"]);
    }
    let path = "pyca/cryptography_vectors/ciphers/SM4/draft-ribose-cfrg-sm4-10-ecb.txt";
    for vector in vectors.lines(path, "CIPHERTEXT") {
        check(&vector["KEY"], &vector["PLAINTEXT"], &vector["CIPHERTEXT"]);
    }
    for vector in vectors.paragraphs("tongsuo_openssl/test/recipes/30-test_evp_data/evpciph_sm4.txt") {
        if vector.get("Cipher").is_some_and(|name| name == "SM4-ECB") {
            check(&vector["Key"], &vector["Plaintext"], &vector["Ciphertext"]);
        }
    }
    assert_eq!(ran, 27);
}
