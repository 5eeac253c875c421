//! `tongban token`: tokens for programs, made and revoked in the node's store, whether the node runs or not.

use crate::config::NodeConfig;
use crate::output;
use crate::signer::now;
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use std::path::PathBuf;
use tongban_api::store::Store;
use tongban_api::store::tokens::{LABEL_MAX, TokenId, TokenRecord, scope_name, scope_named};
use tongban_api::surface::Scope;
use tongban_api::{TokenRequest, TokenView};
use tongban_types::Text;

/// Tokens that are listed at once.
const PAGE: usize = 500;
const DAY_MILLIS: u64 = 24 * 60 * 60 * 1000;

/// What can be done with tokens.
#[derive(Subcommand)]
pub enum TokenAction {
    /// Make a token and show it, this once
    Create(CreateArguments),
    /// List tokens, never their secrets
    List {
        #[command(flatten)]
        node: NodeFolder,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Revoke a token; it lets nobody in from the next request on
    Revoke {
        /// What names it: the sixteen digits behind `tb_`
        id: TokenId,
        /// Also revoke all tokens that it made, those that they made, and so on
        #[arg(long)]
        descendants: bool,
        #[command(flatten)]
        node: NodeFolder,
    },
}

/// Whose store.
#[derive(Args)]
pub struct NodeFolder {
    /// The node's configuration
    #[arg(long)]
    config: PathBuf,
}

/// What a token is to be.
#[derive(Args)]
pub struct CreateArguments {
    #[command(flatten)]
    node: NodeFolder,
    /// What it is for
    #[arg(long)]
    label: Text<LABEL_MAX>,
    /// What its holder may do: read, submit, webhooks, metrics, admin; give it once for each
    #[arg(long = "scope", required = true, value_parser = scope)]
    scopes: Vec<Scope>,
    /// How many days it is valid; without it until it is revoked
    #[arg(long)]
    days: Option<u32>,
    /// How many requests it may make in a minute; 0 is no limit; without it as many as the node grants
    #[arg(long)]
    requests_per_minute: Option<u32>,
    /// An address or network that it may be used from; give it once for each; without it from anywhere
    #[arg(long = "address")]
    addresses: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn scope(name: &str) -> Result<Scope, String> {
    scope_named(name).filter(|scope| *scope != Scope::Open).ok_or_else(|| format!("there is no scope '{name}'"))
}

/// Does it.
pub async fn run(action: TokenAction) -> anyhow::Result<()> {
    match action {
        TokenAction::Create(arguments) => create(arguments).await,
        TokenAction::List { node, json } => list(&node, json).await,
        TokenAction::Revoke { id, descendants, node } => {
            let store = open(&node).await?;
            let revoked = if descendants {
                store.revoke_with_descendants(id, now()).await?
            } else {
                store.revoke_token(id, now()).await?.into_iter().collect()
            };
            if revoked.is_empty() {
                bail!("there is no token {id} (token.not_found)");
            }
            for record in &revoked {
                output::line(format_args!("revoked: {}", in_words(record)));
            }
            Ok(())
        }
    }
}

async fn open(node: &NodeFolder) -> anyhow::Result<Store> {
    let config = NodeConfig::load(&node.config)?;
    std::fs::create_dir_all(&config.data).with_context(|| format!("cannot create {}", config.data.display()))?;
    Ok(Store::open(&config.data).await?)
}

async fn create(arguments: CreateArguments) -> anyhow::Result<()> {
    let now = now();
    let request = TokenRequest {
        label: arguments.label,
        scopes: arguments.scopes,
        expires_at: arguments.days.map(|days| now.plus_millis(u64::from(days).saturating_mul(DAY_MILLIS))),
        requests_per_minute: arguments.requests_per_minute,
        addresses: arguments.addresses,
    };
    let created = open(&arguments.node).await?.create_token(request.checked(now)?, None, now).await?;
    let (token, record) = created.context("the node has as many tokens as it can (token.too_many)")?;
    if arguments.json {
        let view = serde_json::json!({ "secret": token.reveal(), "token": TokenView::from(record) });
        output::line(format_args!("{}", serde_json::to_string_pretty(&view)?));
    } else {
        // The secret alone on standard output, so that it can be put where it belongs without being seen.
        output::error(format_args!("{}", in_words(&record)));
        output::error(format_args!(
            "The token is shown this once. Send it as `Authorization: Bearer`, or set TONGBAN_TOKEN:"
        ));
        output::line(format_args!("{}", token.reveal()));
    }
    Ok(())
}

async fn list(node: &NodeFolder, json: bool) -> anyhow::Result<()> {
    let store = open(node).await?;
    let mut records: Vec<TokenRecord> = Vec::new();
    loop {
        let page = store.tokens(records.last().map(|record| record.id), PAGE).await?;
        if page.is_empty() {
            break;
        }
        records.extend(page);
    }
    if json {
        let views: Vec<TokenView> = records.into_iter().map(TokenView::from).collect();
        output::line(format_args!("{}", serde_json::to_string_pretty(&views)?));
    } else {
        for record in &records {
            output::line(format_args!("{}", in_words(record)));
        }
    }
    Ok(())
}

fn in_words(record: &TokenRecord) -> String {
    let scopes: Vec<&str> = record.token.scopes.iter().map(|scope| scope_name(*scope)).collect();
    let validity = match (record.revoked_at, record.token.expires_at) {
        (Some(revoked_at), _) => format!("revoked {revoked_at}"),
        (None, Some(expires_at)) => format!("until {expires_at}"),
        (None, None) => "until revoked".to_owned(),
    };
    let used = record.last_used_at.map_or_else(|| "never used".to_owned(), |last| format!("last used {last}"));
    format!("{}  {}  [{}]  {validity}, {used}", record.id, &*record.token.label, scopes.join(" "))
}
