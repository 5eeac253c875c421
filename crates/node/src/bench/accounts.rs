//! The accounts that deposit evidence under load, opened and given their role by real calls.

use super::cluster::Cluster;
use crate::random::rng;
use crate::signer::Signer;
use anyhow::{Context, bail};
use tongban_api::Client;
use tongban_crypto::{SecretKey, primitives};
use tongban_kernel::Role;
use tongban_modules::Call;
use tongban_modules::identity::{AccountKind, Call as IdentityCall, possession_message};
use tongban_types::genesis::account_of;
use tongban_types::transaction::CALLS_MAX;
use tongban_types::{Outcome, Text};

/// Opens so many accounts, in as few transactions as they fit in.
pub async fn open_depositors(cluster: &Cluster, count: usize) -> anyhow::Result<Vec<Signer>> {
    let suite = cluster.genesis.suite;
    let network = cluster.network();
    let mut openings = Vec::new();
    let mut grants = Vec::new();
    let mut signers = Vec::new();
    for number in 1..=count {
        let secret = SecretKey::generate(suite, &mut rng());
        let key = secret.public_key();
        let account = account_of(&key, primitives(suite));
        let possession = secret.sign(&possession_message(&network, &account, &key));
        let name = Some(Text::new(format!("存证系统{number}"))?);
        openings.push(Call::Identity(IdentityCall::OpenAccount { kind: AccountKind::System, name, key, possession }));
        grants.push(Call::Identity(IdentityCall::GrantRole { account, role: Role::Depositor }));
        signers.push(Signer::new(secret, network));
    }
    let address = *cluster.addresses().first().context("a network has a node")?;
    let client = Client::new(format!("http://{address}"));
    for (account, calls) in [("registrar", openings), ("administrator", grants)] {
        let signer = cluster.signer(account)?;
        for calls in calls.chunks(CALLS_MAX) {
            let receipt = client.submit(&signer.sign(calls)?).await?;
            if let Outcome::Refused(refusal) = receipt.outcome {
                bail!("the accounts of the load could not be prepared ({})", &*refusal.code);
            }
        }
    }
    Ok(signers)
}
