//! The driver: asks which rows are registered, registers the others, and accounts for every row.

use super::error::RowError;
use super::error_file::ErrorFile;
use super::preparation::{Portion, Preparation, Prepared, refused};
use super::rows::{Limits, Skipped};
use super::secret::ImportSecret;
use anyhow::{Context as _, bail, ensure};
use futures::stream::{self, StreamExt as _};
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use tokio::sync::mpsc;
use tongban_modules::Call;
use tongban_types::transaction::CALLS_MAX;
use tongban_types::{AccountId, EvidenceId, Outcome, Primitives, Receipt, Refusal, Text, Time};

/// Transactions in flight at once.
pub const IN_FLIGHT_MAX: usize = 64;
/// The refusal of a number that is taken. Numbers come from the import secret, so an earlier run has taken it.
const EXISTS: &str = "evidence.exists";
/// Refusals that every row would meet, and so are no fault of one.
const OF_EVERY_ROW: [&str; 2] = ["evidence.operator_unknown", "evidence.source_missing"];

/// Where evidence is registered: a node, in tests a ledger in memory.
pub trait ImportTarget {
    /// Which of these numbers, at most 100, are registered.
    fn registered(&self, ids: Vec<EvidenceId>) -> impl Future<Output = anyhow::Result<Vec<EvidenceId>>> + Send;

    /// Has these calls, at most 100, executed as one transaction and returns its receipt. It MUST repeat what gets no
    /// answer under the same request id; an error ends the import.
    fn submit(&self, calls: Vec<Call>) -> impl Future<Output = anyhow::Result<Receipt>> + Send;
}

/// What to import and how.
#[derive(Clone)]
pub struct ImportOptions {
    /// The files, one after the other.
    pub files: Vec<PathBuf>,
    /// Calls in one transaction, 1 to 100.
    pub calls_per_transaction: usize,
    /// Transactions in flight, 1 to [`IN_FLIGHT_MAX`].
    pub transactions_in_flight: usize,
    /// Whether to read, derive and ask, and submit nothing.
    pub dry_run: bool,
    /// Where rows that are not registered are written.
    pub error_file: Option<PathBuf>,
    /// The account of whoever collected the rows.
    pub operator: AccountId,
    /// The system the rows were collected from.
    pub system: Text<100>,
    /// No row may claim to be later; the network's time where it is known.
    pub now: Time,
    /// For numbers and salts.
    pub secret: ImportSecret,
    /// The network's algorithms.
    pub primitives: &'static dyn Primitives,
    /// How much is read.
    pub limits: Limits,
}

impl ImportOptions {
    /// These files with 100 calls for each transaction and 8 transactions in flight.
    pub fn new(
        files: Vec<PathBuf>,
        operator: AccountId,
        system: Text<100>,
        now: Time,
        secret: ImportSecret,
        primitives: &'static dyn Primitives,
    ) -> Self {
        Self {
            files,
            calls_per_transaction: CALLS_MAX,
            transactions_in_flight: 8,
            dry_run: false,
            error_file: None,
            operator,
            system,
            now,
            secret,
            primitives,
            limits: Limits::default(),
        }
    }

    fn check(&self) -> anyhow::Result<()> {
        ensure!((1..=CALLS_MAX).contains(&self.calls_per_transaction), "a transaction has 1 to {CALLS_MAX} calls");
        let in_flight = self.transactions_in_flight;
        ensure!((1..=IN_FLIGHT_MAX).contains(&in_flight), "1 to {IN_FLIGHT_MAX} transactions can be in flight");
        ensure!(!self.system.is_empty(), "the system that the rows were collected from must be named");
        Ok(())
    }
}

/// What became of the rows: `rows = registered + already_registered + would_register + errors`.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct ImportSummary {
    /// Records found.
    pub rows: u64,
    /// Records registered now.
    pub registered: u64,
    /// Records that were registered before.
    pub already_registered: u64,
    /// Records that a dry run would have registered.
    pub would_register: u64,
    /// Records that cannot be registered, each in the error file.
    pub errors: u64,
    /// Files that cannot be read or not to their end, each in the error file.
    pub broken_files: u64,
    /// Lines that are no records: titles, headings, totals, notes, blank lines.
    pub skipped_lines: u64,
    /// Those lines by reason.
    pub skipped: Skipped,
    /// Transactions submitted, with those that were refused.
    pub transactions: u64,
    /// Errors by code: the importer's and the network's.
    pub refused: BTreeMap<String, u64>,
    /// The numbers of all registered records in the files' order, 16 bytes each.
    pub ids: Vec<EvidenceId>,
}

/// What became of one portion.
#[derive(Default)]
struct Settled {
    portion: Portion,
    registered: u64,
    already_registered: u64,
    would_register: u64,
    transactions: u64,
    ids: Vec<EvidenceId>,
    /// Why the import cannot go on behind it.
    failure: Option<anyhow::Error>,
}

/// Imports files. Errors of rows and files are counted and written; only what stops the whole import is an error here. It is
/// safe to run again after any end.
pub async fn import<T: ImportTarget + Sync>(
    target: &T,
    options: ImportOptions,
    progress: &ProgressBar,
) -> anyhow::Result<ImportSummary> {
    options.check()?;
    let sizes = options.files.iter().map(|file| std::fs::metadata(file).map_or(0, |metadata| metadata.len()));
    progress.set_length(sizes.sum());
    let mut errors = ErrorFile::create(options.error_file.as_deref())?;
    let mut summary = ImportSummary::default();
    let mut bytes_before = 0;
    for index in 0..options.files.len() {
        let imported = import_file(target, &options, index, &mut summary, &mut errors, (progress, bytes_before)).await;
        match imported {
            Ok(bytes) => bytes_before += bytes,
            Err(error) => {
                errors.finish()?; // what is known so far is worth having
                progress.abandon();
                return Err(error);
            }
        }
    }
    errors.finish()?;
    progress.finish();
    Ok(summary)
}

/// Imports one file and returns how many bytes it has.
async fn import_file<T: ImportTarget + Sync>(
    target: &T,
    options: &ImportOptions,
    index: usize,
    summary: &mut ImportSummary,
    errors: &mut ErrorFile,
    (progress, bytes_before): (&ProgressBar, u64),
) -> anyhow::Result<u64> {
    let file = options.files[index].clone();
    let (sender, receiver) = mpsc::channel(options.transactions_in_flight);
    let preparation = Preparation {
        file: file.clone(),
        calls_max: options.calls_per_transaction,
        operator: options.operator,
        system: options.system.clone(),
        now: options.now,
        secret: options.secret.clone(),
        primitives: options.primitives,
        limits: options.limits.clone(),
    };
    let reader = tokio::task::spawn_blocking(move || preparation.run(&sender));
    let portions = stream::unfold(receiver, async |mut receiver| receiver.recv().await.map(|next| (next, receiver)));
    // In the file's order, so that the error file and the numbers are; the wait at its head costs little.
    let mut settled = std::pin::pin!(
        portions.map(|portion| settle(target, portion, options.dry_run)).buffered(options.transactions_in_flight)
    );
    let mut bytes_read = 0;
    while let Some(mut result) = settled.next().await {
        bytes_read = result.portion.bytes_read.max(bytes_read);
        for error in result.portion.errors.iter().chain(&result.portion.broken) {
            errors.write(&file, error)?;
        }
        let failure = result.failure.take();
        summary.add(result);
        if let Some(failure) = failure {
            return Err(failure); // behind the errors of its rows, which are worth having
        }
        progress.set_position(bytes_before + bytes_read);
        progress.set_message(format!("{} rows, {} errors", summary.rows, summary.errors));
    }
    reader.await.with_context(|| format!("reading {} failed", file.display()))?;
    Ok(bytes_read)
}

impl ImportSummary {
    fn add(&mut self, settled: Settled) {
        let Settled { portion, registered, already_registered, would_register, transactions, ids, .. } = settled;
        let errors = portion.errors.len() as u64;
        self.rows += registered + already_registered + would_register + errors;
        self.registered += registered;
        self.already_registered += already_registered;
        self.would_register += would_register;
        self.errors += errors;
        self.broken_files += u64::from(portion.broken.is_some());
        for (reason, count) in &portion.skipped {
            self.skipped_lines += count;
            *self.skipped.entry(*reason).or_default() += count;
        }
        self.transactions += transactions;
        self.ids.extend(ids);
        for error in portion.errors.iter().chain(&portion.broken) {
            *self.refused.entry(error.code.to_string()).or_default() += 1;
        }
    }
}

/// Registers what is not registered of a portion.
async fn settle<T: ImportTarget>(target: &T, portion: Portion, is_dry_run: bool) -> Settled {
    let mut settled = Settled { portion, ..Settled::default() };
    settled.failure = settle_rows(target, &mut settled, is_dry_run).await.err();
    settled.portion.errors.sort_by_key(|error: &RowError| error.line);
    settled
}

async fn settle_rows<T: ImportTarget>(target: &T, settled: &mut Settled, is_dry_run: bool) -> anyhow::Result<()> {
    let mut rows = std::mem::take(&mut settled.portion.prepared);
    settled.ids = rows.iter().map(|row| row.id).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let known: BTreeSet<EvidenceId> = target.registered(settled.ids.clone()).await?.into_iter().collect();
    rows.retain(|row| !known.contains(&row.id));
    settled.already_registered = (settled.ids.len() - rows.len()) as u64;
    if is_dry_run {
        settled.would_register = rows.len() as u64;
        settled.ids.retain(|id| known.contains(id));
        return Ok(());
    }
    while !rows.is_empty() {
        let receipt = target.submit(rows.iter().map(|row| row.call.clone()).collect()).await?;
        settled.transactions += 1;
        match receipt.outcome {
            Outcome::Applied { .. } => {
                settled.registered = rows.len() as u64;
                break;
            }
            Outcome::Refused(refusal) => {
                let row = take_refused(&mut rows, &refusal)?;
                if &*refusal.code == EXISTS {
                    settled.already_registered += 1;
                } else {
                    settled.ids.retain(|id| *id != row.id);
                    settled.portion.errors.push(refused(&row.row, refusal.code.to_string()));
                }
            }
        }
    }
    Ok(())
}

/// Takes the refused row out, so that the others can be tried again. Fails where the refusal is not about one row.
fn take_refused(rows: &mut Vec<Prepared>, refusal: &Refusal) -> anyhow::Result<Prepared> {
    let code = &*refusal.code;
    let place = refusal.call.and_then(|call| usize::try_from(call).ok()).filter(|place| *place < rows.len());
    match place {
        Some(place) if !code.starts_with("tx.") && !OF_EVERY_ROW.contains(&code) => Ok(rows.remove(place)),
        _ => {
            let meaning = tongban_modules::explain(code).map(|error| error.message).unwrap_or_default();
            bail!("the network refuses this import with {code}: {meaning}")
        }
    }
}

/// A progress bar for the terminal; where there is none, one that shows nothing.
pub fn progress_bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {percent:>3} %  {msg}  {elapsed_precise}, {eta} left");
    ProgressBar::new(0).with_style(style.expect("a valid template"))
}
