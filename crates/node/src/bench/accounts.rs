//! The accounts that act under load, opened and given their role by real calls.

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

/// What accounts are opened as.
pub struct Opening {
    /// Whose they are.
    pub kind: AccountKind,
    /// What they are called, with a number behind it; people have no names here.
    pub name: Option<&'static str>,
    /// The role that each gets.
    pub role: Option<Role>,
}

/// Systems that deposit evidence.
pub const DEPOSITORS: Opening =
    Opening { kind: AccountKind::System, name: Some("存证系统"), role: Some(Role::Depositor) };

/// Opens so many accounts, in as few transactions as they fit in.
pub async fn open(cluster: &Cluster, count: usize, opening: &Opening) -> anyhow::Result<Vec<Signer>> {
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
        let name = opening.name.map(|name| Text::new(format!("{name}{number}"))).transpose()?;
        openings.push(Call::Identity(IdentityCall::OpenAccount { kind: opening.kind, name, key, possession }));
        grants.extend(opening.role.map(|role| Call::Identity(IdentityCall::GrantRole { account, role })));
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
