//! `tongban catalogue propose`, `proposals` and `approve`: what one officer proposes and another one approves as he has read it.

use super::commands::{CatalogueNode, ask, read_checked, refused, warn_of_absent};
use super::import::CatalogueTarget as _;
use super::item_file::ItemFile;
use crate::cli::NodeAddress;
use crate::output;
use anyhow::{Context as _, bail};
use std::path::{Path, PathBuf};
use tongban_api::Client;
use tongban_modules::catalogue::{self, Change, ChangeKind, ItemCode, Proposal};
use tongban_modules::{Call, Event};
use tongban_types::{Digest, Outcome};

/// What an officer has read before he approves it.
#[derive(Clone, Debug)]
pub struct Read {
    /// The item's code.
    pub code: ItemCode,
    /// The number of the proposal.
    pub number: u32,
    /// The item file.
    pub file: Option<PathBuf>,
    /// The digest, where he has read the proposal itself.
    pub digest: Option<Digest>,
}

/// Proposes an item file as the next version of its item.
pub async fn propose(file: &Path, node: &NodeAddress, key: &Path) -> anyhow::Result<()> {
    let item = read_checked(file, None)?;
    let target = CatalogueNode::connect(node.client()?, key).await?;
    let code = item.code.clone();
    let version = target.last_version(&code).await? + 1;
    let call = catalogue::Call::Propose { code: code.clone(), change: change(item, version) };
    let receipt = target.submit(vec![Call::Catalogue(call)]).await?;
    match receipt.outcome {
        Outcome::Applied { events } => {
            for event in &events {
                if let Ok(Event::Catalogue(catalogue::Event::Proposed { number, digest, .. })) =
                    Event::decode(event.as_ref())
                {
                    output::line(format_args!(
                        "{code} version {version}: proposal {number}, digest {digest}, receipt {}",
                        receipt.number
                    ));
                }
            }
            Ok(())
        }
        Outcome::Refused(refusal) => refused(&refusal.code),
    }
}

/// The change that publishes an item file under this number.
fn change(item: ItemFile, version: u32) -> Change {
    Change::Publish { version, effective_from: item.effective_from, item: item.item }
}

/// Shows the open proposals of an item.
pub async fn list(code: &ItemCode, node: &NodeAddress) -> anyhow::Result<()> {
    let client = node.client()?;
    let numbers = match ask(&client, catalogue::Query::OpenProposals { code: code.clone() }).await? {
        catalogue::View::OpenProposals { numbers } => numbers,
        other => bail!("the node answered another question: {other:?}"),
    };
    for number in numbers.into_vec() {
        let proposal = proposal(&client, code, number).await?;
        let kind: &'static str = ChangeKind::from(&proposal.change).into();
        let Proposal { digest, proposed_by, proposed_at, .. } = proposal;
        output::line(format_args!("{number}  {kind}  {proposed_at}  by {proposed_by}  digest {digest}"));
    }
    Ok(())
}

async fn proposal(client: &Client, code: &ItemCode, number: u32) -> anyhow::Result<Proposal> {
    match ask(client, catalogue::Query::Proposal { code: code.clone(), number }).await? {
        catalogue::View::Proposal { proposal } => {
            proposal.map(|proposal| *proposal).context("there is no such proposal")
        }
        other => bail!("the node answered another question: {other:?}"),
    }
}

/// Approves a proposal by the digest of what was read: of the file, reckoned here, or of the proposal.
pub async fn approve(read: Read, node: &NodeAddress, key: &Path) -> anyhow::Result<()> {
    let target = CatalogueNode::connect(node.client()?, key).await?;
    let Read { code, number, file, digest } = read;
    let digest = match (file, digest) {
        (_, Some(digest)) => digest,
        (Some(file), None) => {
            let item = read_checked(&file, None)?;
            let version = target.last_version(&code).await? + 1;
            target.digest(&code, number, &change(item, version))
        }
        (None, None) => bail!("say by --file or --digest what was read"),
    };
    let call = catalogue::Call::Approve { code: code.clone(), number, digest };
    let receipt = target.submit(vec![Call::Catalogue(call)]).await?;
    match receipt.outcome {
        Outcome::Applied { events } => {
            output::line(format_args!("{code} proposal {number}: approved, receipt {}", receipt.number));
            warn_of_absent(&events);
            Ok(())
        }
        Outcome::Refused(refusal) => refused(&refusal.code),
    }
}
