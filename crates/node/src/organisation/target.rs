//! Where a file is brought to: a node, in tests a ledger in memory.

use crate::asking;
use crate::signer::Signer;
use std::future::Future;
use tongban_api::Client;
use tongban_modules::{Call, Query, View};
use tongban_types::{Receipt, Time};

/// A ledger that can be asked and acted on.
pub trait OrganisationTarget {
    /// The time of its last block.
    fn time(&self) -> impl Future<Output = anyhow::Result<Time>> + Send;

    /// What it answers to a question.
    fn answer(&self, question: &Query) -> impl Future<Output = anyhow::Result<View>> + Send;

    /// Has these calls, at most 100, executed as one transaction and returns its receipt.
    fn submit(&self, signer: &Signer, calls: &[Call]) -> impl Future<Output = anyhow::Result<Receipt>> + Send;
}

impl OrganisationTarget for Client {
    async fn time(&self) -> anyhow::Result<Time> {
        Ok(self.status().await?.time.unwrap_or_default())
    }

    async fn answer(&self, question: &Query) -> anyhow::Result<View> {
        asking::ask(self, question).await
    }

    async fn submit(&self, signer: &Signer, calls: &[Call]) -> anyhow::Result<Receipt> {
        Ok(Client::submit(self, &signer.sign(calls)?).await?)
    }
}
