//! Key files: written once, read by their owner alone, unlocked by their passphrase alone.

use crate::test_rng::TestRng;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::fs;
use tongban_crypto::key_file::{KeyFile, KeyFileError, Protection, Purpose};
use tongban_crypto::{OpeningKey, PseudonymKey, SecretKey};
use tongban_types::Suite;

const PASSPHRASE: &str = "政务服务 一网通办";

/// The stable code of what went wrong.
fn code<T>(result: Result<T, KeyFileError>) -> &'static str {
    match result {
        Ok(_) => "ok",
        Err(error) => error.into(),
    }
}

#[test]
fn keys_survive_a_file() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let rng = &mut TestRng::new(1);
    for suite in [Suite::Sm, Suite::Intl] {
        let signing = SecretKey::generate(suite, rng);
        let opening = OpeningKey::generate(suite, rng);
        let pseudonyms = PseudonymKey::generate(suite, rng);
        for (name, protection, passphrase) in
            [("encrypted", Protection::Passphrase(PASSPHRASE), Some(PASSPHRASE)), ("plain", Protection::None, None)]
        {
            let path = folder.path().join(format!("{suite}-{name}-signing.json"));
            KeyFile::for_signing(&signing, protection, rng).write(&path).expect("the file is new");
            let file = KeyFile::read(&path).expect("the file was written before");
            assert_eq!((file.suite(), file.purpose()), (suite, Purpose::Signing));
            assert_eq!(file.public_key(), &signing.public_key());
            assert_eq!(file.is_encrypted(), passphrase.is_some());
            let read = file.unlock_signing(passphrase).expect("the passphrase is right");
            assert_eq!(read.expose_bytes(), signing.expose_bytes());
            assert_eq!(code(file.unlock_opening(passphrase)), "purpose");

            let path = folder.path().join(format!("{suite}-{name}-opening.json"));
            KeyFile::for_opening(&opening, protection, rng).write(&path).expect("the file is new");
            let file = KeyFile::read(&path).expect("the file was written before");
            let read = file.unlock_opening(passphrase).expect("the passphrase is right");
            assert_eq!(read.expose_bytes(), opening.expose_bytes());
            assert_eq!(code(file.unlock_signing(passphrase)), "purpose");

            let path = folder.path().join(format!("{suite}-{name}-pseudonyms.json"));
            KeyFile::for_pseudonyms(&pseudonyms, protection, rng).write(&path).expect("the file is new");
            let file = KeyFile::read(&path).expect("the file was written before");
            assert_eq!((file.suite(), file.purpose()), (suite, Purpose::Pseudonyms));
            assert_eq!(file.public_key().as_ref(), pseudonyms.fingerprint().0, "shown in place of a public key");
            let read = file.unlock_pseudonyms(passphrase).expect("the passphrase is right");
            assert_eq!(read.expose_bytes(), pseudonyms.expose_bytes());
            assert_eq!(code(file.unlock_signing(passphrase)), "purpose");
            assert_eq!(code(file.unlock_opening(passphrase)), "purpose");
        }
    }
    let drafts = fs::read_dir(folder.path()).expect("the folder is readable").count();
    assert_eq!(drafts, 12, "nothing but the files is left");
}

#[test]
fn only_the_passphrase_unlocks() {
    let key = SecretKey::generate(Suite::Sm, &mut TestRng::new(1));
    let file = KeyFile::for_signing(&key, Protection::Passphrase(PASSPHRASE), &mut TestRng::new(2));
    let text = serde_json::to_string(&file).expect("a key file is JSON");
    assert!(!text.contains(&hex::encode(key.expose_bytes())));
    assert_eq!(code(file.unlock_signing(None)), "passphrase_needed");
    assert_eq!(code(file.unlock_signing(Some("政务服务 一网通"))), "not_unlocked");
    assert_eq!(code(file.unlock_signing(Some(""))), "not_unlocked");
    assert_eq!(code(file.unlock_signing(Some(PASSPHRASE))), "ok");
}

/// Files that were written before can be unlocked; see `tests/data/README.md`.
#[test]
fn kept_files_can_be_unlocked() {
    for (suite, text) in [
        (Suite::Sm, include_str!("../data/key_file_sm.json")),
        (Suite::Intl, include_str!("../data/key_file_intl.json")),
    ] {
        let file = KeyFile::parse(text).expect("the file is good");
        let key = file.unlock_signing(Some(PASSPHRASE)).expect("the passphrase is right");
        assert_eq!((key.suite(), key.expose_bytes()), (suite, &[7; 32]));
    }
}

#[test]
fn changed_files_are_refused() {
    let rng = &mut TestRng::new(1);
    let key = SecretKey::generate(Suite::Intl, rng);
    let other = SecretKey::generate(Suite::Intl, rng).public_key().to_string();
    let changed = |protection: Protection<'_>, pointer: &str, value: Value| {
        let file = KeyFile::for_signing(&key, protection, &mut TestRng::new(2));
        let mut file = serde_json::to_value(&file).expect("a key file is JSON");
        *file.pointer_mut(pointer).expect("the field is there") = value;
        code(KeyFile::parse(&file.to_string()).and_then(|file| file.unlock_signing(Some(PASSPHRASE))))
    };
    let encrypted = Protection::Passphrase(PASSPHRASE);
    assert_eq!(changed(encrypted, "/version", json!(1)), "ok");
    assert_eq!(changed(encrypted, "/version", json!(2)), "malformed");
    assert_eq!(changed(encrypted, "/suite", json!("sm")), "not_unlocked");
    assert_eq!(changed(encrypted, "/suite", json!("rsa")), "malformed");
    assert_eq!(changed(encrypted, "/purpose", json!("opening")), "purpose");
    assert_eq!(changed(encrypted, "/public_key", json!(other)), "not_unlocked");
    assert_eq!(changed(encrypted, "/secret/encrypted/iterations", json!(600_001)), "not_unlocked");
    assert_eq!(changed(encrypted, "/secret/encrypted/iterations", json!(0)), "malformed");
    assert_eq!(changed(encrypted, "/secret/encrypted/iterations", json!(4_000_000_000_u32)), "malformed");
    assert_eq!(changed(encrypted, "/secret/encrypted/salt", json!("00")), "not_unlocked");
    assert_eq!(changed(encrypted, "/secret/encrypted/ciphertext", json!("00")), "not_unlocked");
    assert_eq!(changed(Protection::None, "/public_key", json!(other)), "not_unlocked");
    assert_eq!(changed(Protection::None, "/secret/plain/bytes", json!("00")), "not_unlocked");
}

/// A key of which a bit is another would give everybody a second pseudonym.
#[test]
fn a_changed_key_of_pseudonyms_is_refused() {
    let key = PseudonymKey::generate(Suite::Sm, &mut TestRng::new(1));
    for protection in [Protection::None, Protection::Passphrase(PASSPHRASE)] {
        let file = KeyFile::for_pseudonyms(&key, protection, &mut TestRng::new(2));
        assert_eq!(code(file.unlock_pseudonyms(Some(PASSPHRASE))), "ok");
        let mut file = serde_json::to_value(&file).expect("a key file is JSON");
        file["public_key"] = json!("00".repeat(32));
        let file = KeyFile::parse(&file.to_string()).expect("a key file");
        assert_eq!(code(file.unlock_pseudonyms(Some(PASSPHRASE))), "not_unlocked");
    }
}

#[test]
fn a_file_is_never_overwritten() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("key.json");
    fs::write(&path, "precious").expect("the folder is writable");
    let key = SecretKey::generate(Suite::Intl, &mut TestRng::new(1));
    let file = KeyFile::for_signing(&key, Protection::None, &mut TestRng::new(2));
    assert_eq!(code(file.write(&path)), "exists");
    assert_eq!(fs::read_to_string(&path).expect("it is still there"), "precious");
    assert_eq!(code(file.write(&folder.path().join("missing/key.json"))), "access");
    assert_eq!(fs::read_dir(folder.path()).expect("the folder is readable").count(), 1);
}

#[cfg(unix)]
#[test]
fn files_that_others_can_access_are_refused() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("key.json");
    let key = SecretKey::generate(Suite::Intl, &mut TestRng::new(1));
    KeyFile::for_signing(&key, Protection::None, &mut TestRng::new(2)).write(&path).expect("the file is new");
    let mode = fs::metadata(&path).expect("the file is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    for (mode, expected) in
        [(0o640, "exposed"), (0o604, "exposed"), (0o620, "exposed"), (0o601, "exposed"), (0o400, "ok")]
    {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("the file is ours");
        assert_eq!(code(KeyFile::read(&path)), expected, "{mode:o}");
    }
    assert_eq!(code(KeyFile::read(folder.path())), "malformed", "a folder");
    assert_eq!(code(KeyFile::read(&folder.path().join("missing"))), "access");
}

#[cfg(unix)]
#[test]
fn long_files_are_refused() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("key.json");
    fs::write(&path, vec![b' '; 1 << 20]).expect("the folder is writable");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("the file is ours");
    assert_eq!(code(KeyFile::read(&path)), "malformed");
}

/// Neither `Debug` nor an error shows what a file keeps.
#[test]
fn secrets_are_not_printed() {
    let key = SecretKey::generate(Suite::Intl, &mut TestRng::new(1));
    let secret = hex::encode(key.expose_bytes());
    let file = KeyFile::for_signing(&key, Protection::None, &mut TestRng::new(2));
    assert!(!format!("{file:?}").contains(&secret));
    let text = serde_json::to_string(&file).expect("a key file is JSON").replace("\"bytes\"", "\"octets\"");
    let error = KeyFile::parse(&text).expect_err("the field is unknown");
    assert!(!format!("{error} {error:?}").contains(&secret));
}

proptest! {
    #[test]
    fn any_text_is_refused_without_a_panic(text in ".{0,200}") {
        prop_assert!(KeyFile::parse(&text).is_err());
    }
}
