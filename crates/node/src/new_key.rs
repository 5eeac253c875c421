//! New keys of accounts: the signature which shows that whoever registers a key has its private half, made from a key file where the
//! command line names one, or on the machine of whoever keeps the key.

use crate::messages::{NEW_KEY, OF_NEW_KEY};
use crate::signer::read_key;
use anyhow::{bail, ensure};
use clap::ArgMatches;
use serde_json::Value;
use std::path::PathBuf;
use tongban_crypto::{SecretKey, primitives};
use tongban_modules::Call;
use tongban_modules::identity::{self, possession_message};
use tongban_types::genesis::account_of;
use tongban_types::{AccountId, Digest, Signature, Suite};

/// A key that a call brings to the ledger.
pub struct NewKey(SecretKey);

impl NewKey {
    /// The key whose file the command line of a call names, if it names one.
    pub fn named(matches: &ArgMatches) -> anyhow::Result<Option<Self>> {
        let mut deepest = matches;
        while let Some((_, below)) = deepest.subcommand() {
            deepest = below;
        }
        // Most calls have no such option.
        let file = deepest.try_get_one::<PathBuf>(NEW_KEY).ok().flatten();
        file.map(|file| Ok(Self(read_key(file)?))).transpose()
    }

    /// Puts the public key into a call as it was spelt, and keeps a place for the signature.
    pub fn fill(&self, call: &mut Value) {
        let module = call.as_object_mut().and_then(|call| call.values_mut().next());
        let message = module.and_then(Value::as_object_mut).and_then(|module| module.values_mut().next());
        let content =
            message.and_then(Value::as_object_mut).expect("a message was spelt with its module, name and fields");
        let [key, possession] = OF_NEW_KEY;
        content.insert(key.to_owned(), self.0.public_key().to_string().into());
        content.insert(possession.to_owned(), Signature([0; Signature::BYTES]).to_string().into());
    }

    /// Puts the signature into the call, for the account that gets the key: the one that is opened with it, the one that is recovered, or
    /// the one that makes the call.
    pub fn show_possession(
        &self,
        call: &mut Call,
        acting: AccountId,
        network: &Digest,
        suite: Suite,
    ) -> anyhow::Result<()> {
        let Self(secret) = self;
        ensure!(
            secret.suite() == suite,
            "the new key is of the suite {}, the network uses {suite}: make it with `tongban key new --suite {suite}`",
            secret.suite()
        );
        let (account, possession) = match call {
            Call::Identity(identity::Call::OpenAccount { key, possession, .. }) => {
                (account_of(key, primitives(suite)), possession)
            }
            Call::Identity(
                identity::Call::AddKey { possession, .. } | identity::Call::RotateKey { possession, .. },
            ) => (acting, possession),
            Call::Identity(identity::Call::OpenRecovery { account, possession, .. }) => (*account, possession),
            other => bail!("the call registers no key: {other:?}"),
        };
        *possession = possession_of(secret, account, network);
        Ok(())
    }
}

/// What shows that one has the private half of a key, for this account of this network alone.
pub fn possession_of(secret: &SecretKey, account: AccountId, network: &Digest) -> Signature {
    secret.sign(&possession_message(network, &account, &secret.public_key()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tongban_modules::specs;

    const NETWORK: Digest = Digest([7; 32]);

    fn secret(suite: Suite, seed: u8) -> SecretKey {
        SecretKey::from_bytes(suite, &[seed; 32]).expect("a key")
    }

    /// A call of this name with a new key, as the command line spells it.
    fn spelt(name: &str, new: &NewKey, other: AccountId) -> Value {
        let content = match name {
            "open_account" => serde_json::json!({ "kind": "person" }),
            "add_key" => serde_json::json!({}),
            "rotate_key" => serde_json::json!({ "old": "01" }),
            "open_recovery" => serde_json::json!({
                "department": "11519900MB9014337T", "account": other, "presented": { "person": { "pseudonym": NETWORK } },
                "verification": "face", "papers": NETWORK,
            }),
            other => panic!("{other} registers a key, and it is not said here for which account"),
        };
        let mut call = serde_json::json!({ "identity": { name: content } });
        new.fill(&mut call);
        call
    }

    fn parts(call: &Call) -> (Vec<u8>, Signature) {
        match call {
            Call::Identity(
                identity::Call::OpenAccount { key, possession, .. }
                | identity::Call::AddKey { key, possession }
                | identity::Call::RotateKey { key, possession, .. }
                | identity::Call::OpenRecovery { key, possession, .. },
            ) => (key.as_ref().to_vec(), *possession),
            other => panic!("it registers no key: {other:?}"),
        }
    }

    #[test]
    fn every_call_that_registers_a_key_shows_its_possession_for_the_account_that_gets_it() {
        let has = |schema: &Value, name: &str| schema["properties"].get(name).is_some();
        let registering = specs().into_iter().flat_map(|spec| spec.calls);
        let registering: Vec<String> = registering
            .filter(|call| OF_NEW_KEY.iter().all(|name| has(&call.message.schema, name)))
            .map(|call| call.message.name)
            .collect();
        assert_eq!(registering, ["open_account", "add_key", "rotate_key", "open_recovery"]);
        for suite in [Suite::Sm, Suite::Intl] {
            let primitives = primitives(suite);
            let new = NewKey(secret(suite, 1));
            let key = secret(suite, 1).public_key();
            let (acting, other) = (AccountId([2; 16]), AccountId([3; 16]));
            for name in &registering {
                let mut call: Call = Call::from_json(spelt(name, &new, other)).expect("a call");
                assert_eq!(parts(&call), (key.as_ref().to_vec(), Signature([0; 64])), "{name}: shown later");
                new.show_possession(&mut call, acting, &NETWORK, suite).expect("the suites are the same");
                let expected = match name.as_str() {
                    "open_account" => account_of(&key, primitives),
                    "open_recovery" => other,
                    _ => acting,
                };
                let shows =
                    |account| primitives.verify(&key, &possession_message(&NETWORK, &account, &key), &parts(&call).1);
                assert!(shows(expected), "{name}");
                assert!(!shows(AccountId([4; 16])), "{name}: for no other account");
            }
        }
    }

    #[test]
    fn a_key_of_another_suite_and_a_call_without_a_key_are_refused() {
        let new = NewKey(secret(Suite::Intl, 1));
        let mut call = Call::from_json(spelt("add_key", &new, AccountId([3; 16]))).expect("a call");
        let error = new.show_possession(&mut call, AccountId([2; 16]), &NETWORK, Suite::Sm).expect_err("another suite");
        assert!(error.to_string().contains("tongban key new --suite sm"), "{error}");
        let mut other = Call::Identity(identity::Call::Suspend { account: AccountId([2; 16]) });
        assert!(new.show_possession(&mut other, AccountId([2; 16]), &NETWORK, Suite::Intl).is_err());
    }
}
