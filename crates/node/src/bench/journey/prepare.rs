//! Brings what journeys need to the ledger, by the calls that a city would make: departments and officers, the item, the type of licence,
//! applicants.

use super::Post;
use super::run::Run;
use super::setting::{ADMINISTRATOR, Setting, key_name};
use crate::bench::accounts::{Opening, open};
use crate::bench::cluster::Cluster;
use crate::organisation::commands::{Signers, apply, signer, submit_all};
use crate::organisation::keys::Keys;
use crate::random::rng;
use crate::signer::{Signer, now};
use anyhow::Context;
use indicatif::ProgressBar;
use tongban_api::Client;
use tongban_crypto::SecretKey;
use tongban_modules::Call;
use tongban_modules::identity::AccountKind;

/// Officers at each post: accounts are what nodes share their room by, so a post with one officer would wait for itself.
pub const PER_POST: usize = 16;
/// How long all rights last, in months.
const TERM_MONTHS: u32 = 12;

/// Prepares a network for journeys of so many applicants.
pub async fn prepare(cluster: &Cluster, applicants: usize, per_post: usize) -> anyhow::Result<Run> {
    let setting = Setting::new()?;
    let network = cluster.network();
    let address = *cluster.addresses().first().context("a network has a node")?;
    let client = Client::new(format!("http://{address}"));

    let organisation = setting.organisation(per_post, now().plus_months_in_beijing(TERM_MONTHS))?;
    let new_key = |name: String| (name, SecretKey::generate(cluster.genesis.suite, &mut rng()));
    let keys: Keys = organisation.keys().into_iter().map(ToString::to_string).map(new_key).collect();
    let signers = Signers {
        administrator: cluster.signer("administrator")?,
        registrar: cluster.signer("registrar")?,
        government: signer(&keys[ADMINISTRATOR], network)?,
        approver: None,
    };
    apply(&client, &organisation, &keys, &network, &signers, &ProgressBar::hidden()).await?;

    submit_all(&client, &cluster.signer("publisher")?, &[Call::Catalogue(setting.file.clone().publish(1))]).await?;
    let officer = |post: Post, number: usize| signer(&keys[&key_name(post, number)], network);
    submit_all(&client, &officer(Post::Data, 0)?, &[setting.register_type()?]).await?;

    let applicants = open(cluster, applicants, &Opening { kind: AccountKind::Person, name: None, role: None }).await?;
    let mut run = Run::new(setting, cluster.genesis.suite, applicants, &cluster.addresses());
    for post in Run::posts() {
        let officers: Vec<Signer> = (0..per_post).map(|number| officer(post, number)).collect::<anyhow::Result<_>>()?;
        run.employ(post, officers);
    }
    Ok(run)
}
