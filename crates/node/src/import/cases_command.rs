//! `tongban import cases`: the importer against a node's API.

use super::cases::{CaseImport, CaseSummary, CaseTarget, import};
use super::error::ImportError;
use super::progress_bar;
use crate::cli::NodeAddress;
use crate::evidence_file::{FILE_BYTES_MAX, hash_file};
use crate::output;
use crate::signer::{Signer, read_key};
use anyhow::{Context as _, bail};
use clap::Args;
use std::path::{Path, PathBuf};
use tongban_api::Client;
use tongban_crypto::primitives;
use tongban_modules::history::{self, CaseKey, Known};
use tongban_modules::{Call, Query, View};
use tongban_types::codes::UnifiedSocialCreditCode;
use tongban_types::{Digest, Genesis, List, Primitives, Receipt, Text};

/// Options of `tongban import cases`.
#[derive(Args)]
pub struct ImportCasesArguments {
    /// The log: XES or CSV with its columns, plain or gz, UTF-8 or GB18030. Clerks stand in it by pseudonym: names would stay on the
    /// ledger for ever
    file: PathBuf,
    #[command(flatten)]
    node: NodeAddress,
    /// The key file of the importer
    #[arg(long, env = "TONGBAN_KEY")]
    key: PathBuf,
    /// The credit code of the department that handled the cases
    #[arg(long)]
    department: UnifiedSocialCreditCode,
    /// The name of the system that the cases come from
    #[arg(long, default_value = "import")]
    system: Text<60>,
    /// Two activities that one person must not do both, check and decision, by name or by the word in front of it, such as T02=T04; up to
    /// four times
    #[arg(long, value_name = "CHECK=DECISION", value_parser = pair)]
    four_eyes: Vec<(String, String)>,
    /// Take cases over although rows do not say of which case they are: any case may then lack one of its steps for ever
    #[arg(long)]
    allow_unplaced_rows: bool,
    /// Read and check the file and take nothing over
    #[arg(long)]
    dry_run: bool,
    /// Where cases and rows that cannot be taken over are listed
    #[arg(long)]
    errors: Option<PathBuf>,
    /// Calls in one transaction, 1 to 100
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=100))]
    calls_per_transaction: u16,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((check, decision)) if !check.is_empty() && !decision.is_empty() => {
            Ok((check.to_owned(), decision.to_owned()))
        }
        _ => Err("expected two activities such as T02=T04".to_owned()),
    }
}

/// A node at which past cases are taken over, through its API.
pub struct CaseNode {
    client: Client,
    signer: Signer,
}

impl CaseNode {
    /// Takes over at this node as this account.
    pub fn new(client: Client, signer: Signer) -> Self {
        Self { client, signer }
    }
}

impl CaseTarget for CaseNode {
    async fn known(&self, keys: Vec<CaseKey>) -> anyhow::Result<Vec<Known>> {
        let Some(CaseKey { department, system, .. }) = keys.first().cloned() else { return Ok(Vec::new()) };
        let numbers = List::new(keys.into_iter().map(|key| key.number).collect())?;
        let question = Query::History(history::Query::Which { department, system, numbers });
        let answer = self.client.query(&question.to_json()).await?;
        match View::from_json(answer.view)? {
            View::History(history::View::Which { known }) => Ok(known.into_vec()),
            other => bail!("the node answered another question: {other:?}"),
        }
    }

    async fn submit(&self, calls: Vec<Call>) -> anyhow::Result<Receipt> {
        Ok(self.client.submit(&self.signer.sign(&calls)?).await?)
    }
}

/// Imports the file and says what became of its cases; fails where cases or rows were lost.
pub async fn run(arguments: &ImportCasesArguments) -> anyhow::Result<()> {
    let client = arguments.node.client()?;
    let genesis: Genesis =
        serde_json::from_slice(&client.genesis().await?).context("the node's genesis cannot be read")?;
    let primitives = primitives(genesis.suite);
    let signer = Signer::new(read_key(&arguments.key)?, genesis.network(primitives));
    let options = CaseImport {
        file: arguments.file.clone(),
        checksum: checksum(&arguments.file, primitives)?,
        department: arguments.department,
        system: arguments.system.clone(),
        four_eyes: arguments.four_eyes.clone(),
        calls_per_transaction: usize::from(arguments.calls_per_transaction),
        dry_run: arguments.dry_run,
        error_file: arguments.errors.clone(),
        allows_unplaced_rows: arguments.allow_unplaced_rows,
    };
    let summary = import(&CaseNode::new(client, signer), &options, &progress_bar()).await?;
    if arguments.json {
        output::line(format_args!("{}", serde_json::to_string_pretty(&summary)?));
    } else {
        output::text(format_args!("{}", in_words(&summary)));
    }
    if summary.errors > 0 || summary.bad_rows > 0 || summary.broken_files > 0 {
        let place = arguments.errors.as_ref().map_or_else(String::new, |path| format!(", see {}", path.display()));
        let CaseSummary { errors, bad_rows, broken_files, .. } = summary;
        bail!(
            "{errors} cases were not taken over, {bad_rows} rows cannot be read, {broken_files} files are broken{place}"
        );
    }
    Ok(())
}

/// The digest that stands with each case. It is taken before rows are read, and ends the import with the code that those would have.
fn checksum(file: &Path, primitives: &dyn Primitives) -> anyhow::Result<Digest> {
    if std::fs::metadata(file).is_ok_and(|metadata| metadata.len() > FILE_BYTES_MAX) {
        bail!("{} is larger than {FILE_BYTES_MAX} bytes ({})", file.display(), ImportError::TooLarge.code());
    }
    hash_file(file, primitives).map_err(|error| anyhow::anyhow!("{error:#} ({})", ImportError::Unreadable.code()))
}

/// The summary for people.
fn in_words(summary: &CaseSummary) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    let _ = writeln!(text, "file checksum     {}", summary.checksum);
    for (name, count) in [
        ("rows", summary.rows),
        ("cases", summary.cases),
        ("imported", summary.imported),
        ("already imported", summary.already_imported),
        ("would import", summary.would_import),
        ("errors", summary.errors),
        ("bad rows", summary.bad_rows),
        ("broken files", summary.broken_files),
        ("steps imported", summary.steps_imported),
        ("rows of no step", summary.other_rows),
        ("unfinished steps", summary.unfinished),
        ("transactions", summary.transactions),
    ] {
        let _ = writeln!(text, "{name:<17} {count}");
    }
    for (code, count) in &summary.refused {
        let _ = writeln!(text, "refused           {count} × {code}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use tongban_types::Suite;

    #[test]
    fn a_file_that_cannot_be_hashed_ends_the_import_with_a_code() {
        let folder = tempfile::tempdir().expect("a folder");
        let absent = folder.path().join("absent.xes");
        for file in [absent.as_path(), folder.path()] {
            let error = checksum(file, primitives(Suite::Sm)).expect_err("no file").to_string();
            assert!(error.contains("cannot read") && error.ends_with("(import.unreadable)"), "{error}");
        }
        let large = std::fs::File::create(&absent).expect("a file");
        large.set_len(FILE_BYTES_MAX + 1).expect("a file with a hole");
        let error = checksum(&absent, primitives(Suite::Sm)).expect_err("too large").to_string();
        assert!(error.ends_with("(import.too_large)"), "{error}");
        std::fs::write(&absent, "<log/>").expect("a file");
        assert_eq!(checksum(&absent, primitives(Suite::Sm)).expect("a file"), primitives(Suite::Sm).hash(&[b"<log/>"]));
    }
}
