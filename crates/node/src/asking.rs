//! Asking a node: a module's question, and the genesis of its network.

use anyhow::Context as _;
use tongban_api::Client;
use tongban_modules::{Query, View};
use tongban_types::Genesis;

/// What a node answers to a question.
pub async fn ask(client: &Client, question: &Query) -> anyhow::Result<View> {
    Ok(View::from_json(client.query(&question.to_json()).await?.view)?)
}

/// The genesis that a node belongs to.
pub async fn genesis(client: &Client) -> anyhow::Result<Genesis> {
    serde_json::from_slice(&client.genesis().await?).context("the node's genesis cannot be read")
}
