//! `tongban key`: makes keys, shows their public halves, and shows that one has the private half. Nothing here needs a node, so that a key
//! need not leave the machine of whoever keeps it.

use crate::new_key::possession_of;
use crate::node::read_genesis;
use crate::output;
use crate::random::rng;
use crate::signer::{PASSPHRASE_VARIABLE, passphrase, read_key};
use anyhow::{Context as _, ensure};
use clap::Subcommand;
use std::path::{Path, PathBuf};
use tongban_crypto::key_file::{Protection, Purpose};
use tongban_crypto::{KeyFile, SecretKey, primitives};
use tongban_types::genesis::account_of;
use tongban_types::{AccountId, PublicKey, Suite};

/// What can be done with keys.
#[derive(Subcommand)]
pub enum KeyAction {
    /// Make a key to sign with, and write its file (生成密钥)
    New {
        /// The network's algorithms: sm (SM2, SM3, SM4) or intl (Ed25519, SHA-256, AES)
        #[arg(long, default_value_t = Suite::Sm)]
        suite: Suite,
        /// The file, which must not be there yet
        #[arg(long)]
        out: PathBuf,
    },
    /// Show the public half of a key, for which no passphrase is needed (查看公钥)
    Show {
        /// The key file
        file: PathBuf,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show that one has the private half of a key, for whoever registers it (持有证明)
    Possession {
        /// The key file
        file: PathBuf,
        /// The genesis of the network
        #[arg(long)]
        anchor: PathBuf,
        /// The account that gets the key; without it the one that is opened with it
        #[arg(long)]
        account_id: Option<AccountId>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// Does it.
pub fn run(action: KeyAction) -> anyhow::Result<()> {
    match action {
        KeyAction::New { suite, out } => {
            print(&make(suite, &out, passphrase()?.as_deref())?, false)?;
            output::line(format_args!("{:<12} {}", "file", out.display()));
            Ok(())
        }
        KeyAction::Show { file, json } => print(&show(&file)?, json),
        KeyAction::Possession { file, anchor, account_id, json } => print(&prove(&file, &anchor, account_id)?, json),
    }
}

/// What is said of a key: names and values, in order.
type Facts = Vec<(&'static str, String)>;

/// Makes a key and its file, where none is yet.
fn make(suite: Suite, out: &Path, passphrase: Option<&str>) -> anyhow::Result<Facts> {
    let key = SecretKey::generate(suite, &mut rng());
    write(&KeyFile::for_signing(&key, protection(passphrase), &mut rng()), out)?;
    Ok(of_signing(suite, &key.public_key()))
}

/// As the passphrase in the environment wants it.
pub fn protection(passphrase: Option<&str>) -> Protection<'_> {
    passphrase.map_or(Protection::None, Protection::Passphrase)
}

/// Writes a key file where none is yet, and says so where its secret lies open in it.
pub fn write(file: &KeyFile, out: &Path) -> anyhow::Result<()> {
    file.write(out).with_context(|| format!("cannot make the key file {}", out.display()))?;
    if !file.is_encrypted() {
        output::error(format_args!(
            "The key file is not encrypted. Set {PASSPHRASE_VARIABLE} before this command to have it encrypted, and to have it opened."
        ));
    }
    Ok(())
}

fn of_signing(suite: Suite, key: &PublicKey) -> Facts {
    let account = account_of(key, primitives(suite));
    vec![("suite", suite.to_string()), ("public_key", key.to_string()), ("account", account.to_string())]
}

/// What can be said of a key file without opening it; it is as trustworthy as the file is.
fn show(path: &Path) -> anyhow::Result<Facts> {
    let file = KeyFile::read(path).with_context(|| format!("cannot use the key file {}", path.display()))?;
    let mut facts = match file.purpose() {
        Purpose::Signing => of_signing(file.suite(), file.public_key()),
        Purpose::Opening => vec![("suite", file.suite().to_string()), ("sealing_key", file.public_key().to_string())],
        Purpose::Pseudonyms => {
            vec![("suite", file.suite().to_string()), ("fingerprint", file.public_key().to_string())]
        }
    };
    facts.push(("purpose", file.purpose().to_string()));
    facts.push(("encrypted", file.is_encrypted().to_string()));
    Ok(facts)
}

/// The account that is opened with a key has its identifier from it; to any other the key is added.
fn prove(path: &Path, anchor: &Path, account: Option<AccountId>) -> anyhow::Result<Facts> {
    let key = read_key(path)?;
    let (_, genesis) = read_genesis(anchor)?;
    let suite = genesis.suite;
    ensure!(key.suite() == suite, "the key is of the suite {}, the network uses {suite}", key.suite());
    let primitives = primitives(suite);
    let account = account.unwrap_or_else(|| account_of(&key.public_key(), primitives));
    let possession = possession_of(&key, account, &genesis.network(primitives));
    let public_key = key.public_key();
    Ok(vec![
        ("public_key", public_key.to_string()),
        ("account", account.to_string()),
        ("possession", possession.to_string()),
    ])
}

fn print(facts: &Facts, json: bool) -> anyhow::Result<()> {
    if json {
        let object: serde_json::Map<String, serde_json::Value> =
            facts.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect();
        output::line(format_args!("{}", serde_json::to_string_pretty(&object)?));
        return Ok(());
    }
    for (name, value) in facts {
        output::line(format_args!("{:<12} {value}", name.replace('_', " ")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;
    use tongban_crypto::{OpeningKey, PseudonymKey};
    use tongban_modules::identity::possession_message;
    use tongban_types::Signature;
    use tongban_types::genesis::{GENESIS_VERSION, Parameters};
    use tongban_types::{Genesis, List, Text, Time, Validator, ValidatorSet};

    fn fact<'a>(facts: &'a Facts, name: &str) -> &'a str {
        let found = facts.iter().find(|(found, _)| *found == name);
        &found.unwrap_or_else(|| panic!("no {name} in {facts:?}")).1
    }

    #[test]
    fn a_new_key_is_its_owners_and_nothing_is_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        for (suite, passphrase) in [(Suite::Sm, Some("通办")), (Suite::Intl, None)] {
            let path = folder.path().join(format!("{suite}.key.json"));
            let made = make(suite, &path, passphrase).expect("a new file");
            let mode = std::fs::metadata(&path).expect("a file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            let written = std::fs::read(&path).expect("a file");
            let error = make(suite, &path, passphrase).expect_err("it is there");
            assert!(format!("{error:#}").contains("is not overwritten"), "{error:#}");
            assert_eq!(std::fs::read(&path).expect("a file"), written);

            let shown = show(&path).expect("a key file");
            for name in ["suite", "public_key", "account"] {
                assert_eq!(fact(&shown, name), fact(&made, name));
            }
            assert_eq!(fact(&shown, "encrypted"), passphrase.is_some().to_string());
            let key = KeyFile::read(&path).and_then(|file| file.unlock_signing(passphrase)).expect("it opens");
            assert_eq!(fact(&shown, "public_key"), key.public_key().to_string());
            assert_eq!(fact(&shown, "account"), account_of(&key.public_key(), primitives(suite)).to_string());
            let secret = hex::encode(key.expose_bytes());
            assert!(shown.iter().all(|(_, value)| !value.contains(&secret)), "the public half alone is shown");
        }
        assert!(make(Suite::Sm, &folder.path().join("absent").join("key.json"), None).is_err());
    }

    #[test]
    fn what_a_file_is_for_is_shown_and_what_is_none_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let (opening, pseudonyms) = (folder.path().join("opening.json"), folder.path().join("pseudonyms.json"));
        let key = OpeningKey::generate(Suite::Sm, &mut rng());
        KeyFile::for_opening(&key, Protection::None, &mut rng()).write(&opening).expect("a file");
        let shown = show(&opening).expect("a key file");
        assert_eq!(
            (fact(&shown, "purpose"), fact(&shown, "sealing_key")),
            ("opening", &*key.sealing_key().0.to_string())
        );
        let key = PseudonymKey::generate(Suite::Sm, &mut rng());
        KeyFile::for_pseudonyms(&key, Protection::None, &mut rng()).write(&pseudonyms).expect("a file");
        let shown = show(&pseudonyms).expect("a key file");
        assert_eq!(
            (fact(&shown, "purpose"), fact(&shown, "fingerprint")),
            ("pseudonyms", &*key.fingerprint().to_string())
        );
        std::fs::set_permissions(&opening, std::fs::Permissions::from_mode(0o644)).expect("our file");
        for path in [opening, folder.path().join("absent"), folder.path().to_owned()] {
            assert!(show(&path).is_err(), "{}", path.display());
        }
    }

    #[test]
    fn a_possession_is_shown_for_one_account_of_one_network() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, anchor) = (folder.path().join("key.json"), folder.path().join("genesis.json"));
        let key = SecretKey::generate(Suite::Intl, &mut rng());
        KeyFile::for_signing(&key, Protection::None, &mut rng()).write(&path).expect("a file");
        let validator = Validator { department: Text::new("数据局").expect("a text"), key: key.public_key() };
        let mut genesis = Genesis {
            version: GENESIS_VERSION,
            name: Text::new("keys").expect("a text"),
            suite: Suite::Intl,
            time: Time::default(),
            validators: ValidatorSet::new(vec![validator]).expect("one"),
            accounts: List::default(),
            parameters: Parameters::default(),
        };
        let write = |genesis: &Genesis| {
            std::fs::write(&anchor, serde_json::to_vec(genesis).expect("JSON")).expect("a file");
        };
        write(&genesis);
        let (own, other) = (account_of(&key.public_key(), primitives(Suite::Intl)), AccountId([9; 16]));
        for (asked, expected) in [(None, own), (Some(other), other)] {
            let shown = prove(&path, &anchor, asked).expect("a possession");
            assert_eq!(fact(&shown, "account"), expected.to_string());
            let possession: Signature = fact(&shown, "possession").parse().expect("a signature");
            let message = possession_message(&genesis.network(primitives(Suite::Intl)), &expected, &key.public_key());
            assert!(primitives(Suite::Intl).verify(&key.public_key(), &message, &possession));
        }
        let sm = folder.path().join("sm.json");
        make(Suite::Sm, &sm, None).expect("a new file");
        let error = prove(&sm, &anchor, None).expect_err("another suite");
        assert!(error.to_string().contains("the network uses intl"), "{error}");
        genesis.version = 99;
        write(&genesis);
        assert!(prove(&path, &anchor, None).is_err(), "no genesis");
    }
}
