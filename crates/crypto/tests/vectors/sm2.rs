//! SM2: GB/T 32918.5, Botan, Tongsuo, and the certificates of Tongsuo's tests.

use crate::realdata::{Fields, der, der_number, pem, unhex, vectors};
use tongban_crypto::sm::wrapping::WrappingSecret;
use tongban_crypto::{SecretKey, primitives, sm};
use tongban_types::{PublicKey, Signature, Suite};

/// The field prime of the standard curve. Botan's files name other curves too.
const STANDARD_PRIME: &str = "0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF";

/// The examples of the standards, which the repository carries; see `tests/data/README.md`.
#[test]
fn standards() {
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("../data/sm_standards.json")).expect("the file is JSON");
    let field = |name: &str| unhex(vectors["sm2"][name].as_str().expect("the field is a text"));
    let message = vectors["sm2"]["msg"].as_str().expect("the field is a text").as_bytes();

    let secret = field("d").try_into().expect("a secret has 32 bytes");
    let key = SecretKey::from_bytes(Suite::Sm, &secret).expect("the secret is a key").public_key();
    assert_eq!(key, compress(&field("px"), &field("py")));
    let digest = sm::message_digest(sm::DEFAULT_ID.as_bytes(), &key, message);
    assert_eq!(digest.as_ref().map(<[u8; 32]>::as_slice), Some(field("e").as_slice()));
    let signature = Signature([field("r"), field("s")].concat().try_into().expect("two numbers"));
    assert!(primitives(Suite::Sm).verify(&key, message, &signature));

    let hashes = vectors["sm3"].as_object().expect("the field is an object");
    for (message, digest) in hashes {
        assert_eq!(sm::hash(&[&unhex(message)]).to_string(), digest.as_str().expect("a digest is a text"));
    }
    assert_eq!(hashes.len(), 3);
}

#[test]
fn botan_signatures() {
    let Some(vectors) = vectors() else { return };
    let all = vectors.lines("botan/src/tests/data/pubkey/sm2_sig.vec", "Signature");
    assert_eq!(all.len(), 7);
    let ours: Vec<&Fields> =
        all.iter().filter(|vector| vector["P"] == STANDARD_PRIME && vector["Hash"] == "SM3").collect();
    assert_eq!(ours.len(), 1); // the others: the draft's curve (3), P-256 (2), SHA-256 (1)
    for vector in ours {
        let key = public_key(&vector["x"]);
        let digest = sm::message_digest(vector["Ident"].as_bytes(), &key, &unhex(&vector["Msg"])).expect("a good key");
        let mut signature = Signature(unhex(&vector["Signature"]).try_into().expect("a signature has 64 bytes"));
        assert!(sm::verify_digest(&key, &digest, &signature));
        signature.0[40] ^= 1;
        assert!(!sm::verify_digest(&key, &digest, &signature));
    }
}

#[test]
fn tongsuo_signatures_and_ciphertexts() {
    let Some(vectors) = vectors() else { return };
    let path = "tongsuo_openssl/test/recipes/30-test_evp_data/evppkey_sm2.txt";
    let secret = pkcs8_secret(&pem(vectors.text(path)));
    let key = SecretKey::from_bytes(Suite::Sm, &secret).expect("the secret is a key").public_key();
    let wrapping = WrappingSecret::from_bytes(&secret).expect("the secret is a key");
    let (mut verified, mut decrypted) = (0, 0);
    for vector in vectors.paragraphs(path) {
        let (Some(input), Some(output)) = (vector.get("Input"), vector.get("Output")) else { continue };
        if vector.get("Ctrl").is_some_and(|ctrl| ctrl != "digest:SM3") {
            continue; // other hashes, which are not SM2
        }
        if vector.contains_key("Verify") {
            let digest = unhex(input).try_into().expect("a digest has 32 bytes");
            let signature = der_signature(&unhex(output)).expect("the signature is DER");
            assert!(sm::verify_digest(&key, &digest, &signature), "{vector:?}");
            verified += 1;
        } else if vector.contains_key("Decrypt") {
            let mut ciphertext = raw_ciphertext(&unhex(input));
            let plaintext = wrapping.decrypt(&ciphertext).expect("the ciphertext is good");
            assert_eq!(plaintext.as_slice(), output.trim_matches('"').as_bytes());
            for index in 0..ciphertext.len() {
                ciphertext[index] ^= 1;
                assert!(wrapping.decrypt(&ciphertext).is_none(), "byte {index} changed");
                ciphertext[index] ^= 1;
            }
            decrypted += 1;
        }
    }
    assert_eq!((verified, decrypted), (2, 4));
}

/// All of Botan's are on the draft's curve, which nobody uses; should that change, this test wants to be told.
#[test]
fn botan_ciphertexts() {
    let Some(vectors) = vectors() else { return };
    let all = vectors.lines("botan/src/tests/data/pubkey/sm2_enc.vec", "Ciphertext");
    assert!(all.iter().all(|vector| vector["P"] != STANDARD_PRIME));
    assert_eq!(all.len(), 5);
}

/// Tongsuo's certificates were signed by another implementation with the default identifier: our whole way of
/// checking, on messages of some length.
#[test]
fn certificates() {
    let Some(vectors) = vectors() else { return };
    let folder = "tongsuo_openssl/test/certs/sm2";
    let authorities = vectors.text(&format!("{folder}/chain-ca.crt"));
    let authorities: Vec<Vec<u8>> =
        authorities.split("-----BEGIN").skip(1).map(|block| pem(&format!("-----BEGIN{block}"))).collect();
    let keys: Vec<PublicKey> = authorities.iter().map(|certificate| certificate_key(certificate)).collect();

    let mut certificates = authorities;
    for holder in ["client_enc", "client_sign", "server_enc", "server_sign"] {
        certificates.push(vectors.pem(&format!("{folder}/{holder}.crt")));
        certificates.push(vectors.pem(&format!("{folder}/{holder}_expire.crt")));
    }
    for certificate in &certificates {
        let (fields, _) = der(certificate, 0x30).expect("a certificate is a sequence");
        let (body, rest) = der(fields, 0x30).expect("its first field is a sequence");
        let signed = &fields[..fields.len() - rest.len()];
        let (_, rest) = der(rest, 0x30).expect("its second field names the algorithm");
        let (bits, _) = der(rest, 3).expect("its third field is a bit string");
        let signature = der_signature(&bits[1..]).expect("the signature is DER");
        let accepted = |message: &[u8]| keys.iter().any(|key| primitives(Suite::Sm).verify(key, message, &signature));
        assert!(accepted(signed));
        assert!(!accepted(body), "another message");
    }
    assert_eq!(certificates.len(), 10); // `server_enc2` and `server_sign2` come without their issuer
}

fn public_key(secret: &str) -> PublicKey {
    let secret = unhex(secret).try_into().expect("a secret has 32 bytes");
    SecretKey::from_bytes(Suite::Sm, &secret).expect("the secret is a key").public_key()
}

fn compress(x: &[u8], y: &[u8]) -> PublicKey {
    PublicKey::new([&[2 + (y[31] & 1)], x].concat()).expect("a compressed point has 33 bytes")
}

/// The secret of a PKCS#8 file: the octet string of 32 bytes that follows the version of the inner key.
fn pkcs8_secret(file: &[u8]) -> [u8; 32] {
    let mark = [2, 1, 1, 4, 32];
    let start = file.windows(mark.len()).position(|window| window == mark).expect("the file holds a key") + mark.len();
    file[start..start + 32].try_into().expect("32 bytes were taken")
}

/// The key of a certificate: the only bit string with an uncompressed point.
fn certificate_key(certificate: &[u8]) -> PublicKey {
    let mark = [3, 66, 0, 4];
    let start = certificate.windows(mark.len()).position(|window| window == mark).expect("there is a key") + mark.len();
    compress(&certificate[start..start + 32], &certificate[start + 32..start + 64])
}

fn der_signature(bytes: &[u8]) -> Option<Signature> {
    let (numbers, _) = der(bytes, 0x30)?;
    let (r, rest) = der_number(numbers)?;
    let (s, _) = der_number(rest)?;
    Some(Signature([r, s].concat().try_into().expect("two numbers have 64 bytes")))
}

/// `C1 ‖ C3 ‖ C2` of a ciphertext in DER.
fn raw_ciphertext(bytes: &[u8]) -> Vec<u8> {
    let (fields, _) = der(bytes, 0x30).expect("a ciphertext is a sequence");
    let (x, rest) = der_number(fields).expect("its first field is a number");
    let (y, rest) = der_number(rest).expect("its second field is a number");
    let (hash, rest) = der(rest, 4).expect("its third field is a hash");
    let (ciphertext, _) = der(rest, 4).expect("its fourth field is the ciphertext");
    [&[4], x.as_slice(), &y, hash, ciphertext].concat()
}
