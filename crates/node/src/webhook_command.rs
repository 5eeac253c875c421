//! `tongban webhook`: webhooks of a node, through its API.

use crate::cli::NodeAddress;
use crate::output;
use anyhow::bail;
use clap::{Subcommand, ValueEnum};
use futures::TryStreamExt as _;
use tongban_api::{
    Client, DeliveryStateView, DeliveryView, NewWebhookView, SecretRequest, WebhookChange, WebhookRequest, WebhookView,
};
use tongban_types::Text;

/// What can be done with webhooks. All of it needs a token with the scope `webhooks`.
#[derive(Subcommand)]
pub enum WebhookAction {
    /// List webhooks and how they are
    List,
    /// Have events sent to a URL, and show the secret that signs them, this once
    Add {
        /// Where events are sent
        url: Text<2000>,
        /// What it is for
        #[arg(long, default_value = "")]
        label: Text<100>,
        /// Only events of this module, such as evidence; give it once for each
        #[arg(long = "module")]
        modules: Vec<Text<128>>,
        /// Only events of this kind, such as evidence.registered; give it once for each
        #[arg(long = "kind")]
        kinds: Vec<Text<128>>,
        /// Only events about this record or account; give it once for each
        #[arg(long = "subject")]
        subjects: Vec<Text<128>>,
        /// The first receipt to tell; without it the next one
        #[arg(long)]
        from: Option<u64>,
    },
    /// Remove a webhook with its deliveries
    Remove {
        /// The webhook
        id: String,
    },
    /// Stop sending; the ledger keeps what comes meanwhile
    Pause {
        /// The webhook
        id: String,
    },
    /// Send again, also after the node has stopped it
    Resume {
        /// The webhook
        id: String,
    },
    /// Renew the secret; for a while the former one signs too
    Secret {
        /// The webhook
        id: String,
        /// How long, in seconds
        #[arg(long)]
        overlap_seconds: Option<u32>,
    },
    /// Send a test
    Test {
        /// The webhook
        id: String,
    },
    /// Show what was sent and what came of it, the latest first
    Deliveries {
        /// The webhook
        id: String,
        /// Only those of one state
        #[arg(long)]
        state: Option<State>,
    },
    /// Send one delivery again, or all dead ones in their order
    Replay {
        /// The webhook
        id: String,
        /// The delivery; without it all dead ones
        delivery: Option<String>,
    },
}

/// How a delivery is.
#[derive(Clone, Copy, ValueEnum)]
pub enum State {
    /// It will be sent, perhaps again
    Waiting,
    /// The receiver has taken it
    Delivered,
    /// It is not sent any more
    Dead,
}

impl From<State> for DeliveryStateView {
    fn from(state: State) -> Self {
        match state {
            State::Waiting => Self::Waiting,
            State::Delivered => Self::Delivered,
            State::Dead => Self::Dead,
        }
    }
}

/// Does it.
pub async fn run(node: &NodeAddress, action: WebhookAction) -> anyhow::Result<()> {
    if node.token.is_none() {
        bail!("webhooks need a token with the scope 'webhooks': give it with --token or TONGBAN_TOKEN");
    }
    let client = node.client()?;
    match action {
        WebhookAction::List => {
            for webhook in client.webhooks().await? {
                show(&webhook);
            }
        }
        WebhookAction::Add { url, label, modules, kinds, subjects, from } => {
            let request = WebhookRequest { url, label, modules, kinds, subjects, from };
            show_secret(&client.create_webhook(&request).await?);
        }
        WebhookAction::Remove { id } => client.remove_webhook(&id).await?,
        WebhookAction::Pause { id } => show(&change(&client, &id, false).await?),
        WebhookAction::Resume { id } => show(&change(&client, &id, true).await?),
        WebhookAction::Secret { id, overlap_seconds } => {
            show_secret(&client.renew_webhook_secret(&id, &SecretRequest { overlap_seconds }).await?);
        }
        WebhookAction::Test { id } => show_delivery(&client.test_webhook(&id).await?),
        WebhookAction::Deliveries { id, state } => {
            let mut deliveries = client.deliveries(&id, state.map(DeliveryStateView::from));
            while let Some(delivery) = deliveries.try_next().await? {
                show_delivery(&delivery);
            }
        }
        WebhookAction::Replay { id, delivery: Some(delivery) } => {
            show_delivery(&client.replay_delivery(&id, &delivery).await?);
        }
        WebhookAction::Replay { id, delivery: None } => {
            let deliveries = client.replay_dead_letters(&id).await?;
            output::line(format_args!("{deliveries} deliveries will be sent again"));
        }
    }
    Ok(())
}

async fn change(client: &Client, id: &str, active: bool) -> anyhow::Result<WebhookView> {
    let change = WebhookChange { active: Some(active), ..WebhookChange::default() };
    Ok(client.change_webhook(id, &change).await?)
}

fn show(webhook: &WebhookView) {
    let state = serde_json::to_value(webhook.state).ok().and_then(|state| state.as_str().map(str::to_owned));
    let reason = webhook.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    output::line(format_args!(
        "{}  {}  {}{reason}, next receipt {}, {} waiting  {}",
        webhook.id,
        webhook.url,
        state.unwrap_or_default(),
        webhook.next,
        webhook.waiting,
        webhook.label
    ));
}

fn show_secret(new: &NewWebhookView) {
    output::error(format_args!("{}  {}", new.webhook.id, new.webhook.url));
    output::error(format_args!("The secret that signs events is shown this once:"));
    output::line(format_args!("{}", new.secret.as_deref().unwrap_or_default()));
}

fn show_delivery(delivery: &DeliveryView) {
    let state = serde_json::to_value(delivery.state).ok().and_then(|state| state.as_str().map(str::to_owned));
    let receipt = delivery.receipt.map_or_else(|| "test".to_owned(), |receipt| format!("receipt {receipt}"));
    let status = delivery.last_status.map(|status| format!(" {status}")).unwrap_or_default();
    output::line(format_args!(
        "{}  {}  {receipt}  {} after {} attempts{status}  {}",
        delivery.id,
        delivery.kind,
        state.unwrap_or_default(),
        delivery.attempts,
        delivery.last_answer.as_deref().unwrap_or_default()
    ));
}
