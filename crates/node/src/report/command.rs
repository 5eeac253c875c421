//! The commands' arguments, and their way to a node.

use super::process::{Selection, in_words, process};
use crate::cli::NodeAddress;
use crate::output;
use clap::{Args, Subcommand};
use futures::{Stream, TryStreamExt as _};
use tongban_api::{Client, ReceiptPage};
use tongban_types::codes::UnifiedSocialCreditCode;
use tongban_types::{Receipt, Text};

/// Receipts asked for at once: with the largest transactions they fit an answer.
const PAGE_RECEIPTS: usize = 25;

/// Commands of `tongban report`.
#[derive(Subcommand)]
pub enum ReportAction {
    /// How past cases were handled: cases, variants, durations, lateness, four eyes (流程分析)
    Process(ProcessArguments),
}

/// Options of `tongban report process`.
#[derive(Args)]
pub struct ProcessArguments {
    #[command(flatten)]
    node: NodeAddress,
    /// Only the cases of the department with this credit code
    #[arg(long)]
    department: Option<UnifiedSocialCreditCode>,
    /// Only the cases that come from this system
    #[arg(long)]
    system: Option<Text<60>>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Runs a command of `tongban report`.
pub async fn run(action: &ReportAction) -> anyhow::Result<()> {
    let ReportAction::Process(arguments) = action;
    let selection = Selection { department: arguments.department, system: arguments.system.clone() };
    let found = process(receipts(arguments.node.client()?), &selection).await?;
    if arguments.json {
        output::line(format_args!("{}", serde_json::to_string_pretty(&found)?));
    } else {
        output::text(format_args!("{}", in_words(&found)));
    }
    Ok(())
}

/// All final receipts, from the first to the last when it is reached.
fn receipts(client: Client) -> impl Stream<Item = anyhow::Result<Receipt>> {
    let pages = futures::stream::try_unfold(Some(0_u64), move |from| {
        let client = client.clone();
        async move {
            let Some(from) = from else { return Ok(None) };
            let page: ReceiptPage = client.get(&format!("/v1/receipts?from={from}&limit={PAGE_RECEIPTS}")).await?;
            let receipts: Vec<Receipt> = page.receipts.into_iter().map(|described| described.receipt).collect();
            let next = receipts.last().filter(|_| page.has_more).map(|last| last.number + 1);
            anyhow::Ok(Some((futures::stream::iter(receipts.into_iter().map(anyhow::Ok)), next)))
        }
    });
    pages.try_flatten()
}
