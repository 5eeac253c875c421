//! `tongban import cases`: takes the past cases of an event log over, with the times of their source.
//!
//! ```text
//! file ── rows ──▶ cases_file ──▶ CaseLog ──▶ portions of whole cases ──▶ CaseTarget (a node)
//!                  put together,              which are known, how far;    up to 100 calls for each transaction,
//!                  bad cases apart            what is left of each          several portions in flight
//! ```
//!
//! It is safe to run again after any end: a case that is known is not taken over twice, and one that was interrupted goes on where it
//! stopped. The rules flag and never refuse; what is refused or cannot be read is counted and written to the error file.

use super::cases_file::{self, CaseError, CaseInFile};
use super::error::RowError;
use super::error_file::ErrorFile;
use anyhow::{bail, ensure};
use futures::stream::{self, StreamExt as _};
use indicatif::ProgressBar;
use serde::Serialize;
use std::collections::BTreeMap;
use std::future::Future;
use std::path::PathBuf;
use tongban_modules::Call;
use tongban_modules::case_history::STEPS_PER_CALL_MAX;
use tongban_modules::history::{self, CaseKey, Known};
use tongban_types::codes::UnifiedSocialCreditCode;
use tongban_types::transaction::{CALLS_MAX, TRANSACTION_BYTES_MAX};
use tongban_types::{Digest, List, Outcome, Receipt, Refusal, Text};

/// Bytes of a transaction that are not calls: account, key, window, signature, lengths.
const TRANSACTION_FRAME_BYTES: usize = 4 * 1024;
/// Portions in flight at once.
const IN_FLIGHT: usize = 8;
/// Refusals that say that another import was faster.
const OVERTAKEN: [&str; 2] = ["history.exists", "history.not_next"];

/// Where past cases are taken over to: a node, in tests a ledger in memory.
pub trait CaseTarget {
    /// Which of these cases, at most 100, are known, and how far.
    fn known(&self, keys: Vec<CaseKey>) -> impl Future<Output = anyhow::Result<Vec<Known>>> + Send;

    /// Has these calls, at most 100, executed as one transaction and returns its receipt. It MUST repeat what gets no answer under the
    /// same request id; an error ends the import.
    fn submit(&self, calls: Vec<Call>) -> impl Future<Output = anyhow::Result<Receipt>> + Send;
}

/// What to import and how.
#[derive(Clone, Debug)]
pub struct CaseImport {
    /// The log.
    pub file: PathBuf,
    /// The digest of the file, by the network's suite.
    pub checksum: Digest,
    /// The department that handled the cases.
    pub department: UnifiedSocialCreditCode,
    /// The system that they come from.
    pub system: Text<60>,
    /// Activities that need two people: check and decision, by name or by the word in front of it.
    pub four_eyes: Vec<(String, String)>,
    /// Calls in one transaction, 1 to 100.
    pub calls_per_transaction: usize,
    /// Whether to read and ask, and submit nothing.
    pub dry_run: bool,
    /// Where cases and rows are written that are not taken over.
    pub error_file: Option<PathBuf>,
    /// Whether to take cases over although rows do not say of which case they are, so that any may lack one.
    pub allows_unplaced_rows: bool,
}

/// What became of the cases: `cases = imported + already_imported + would_import + errors`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CaseSummary {
    /// The digest of the file, in hexadecimal.
    pub checksum: String,
    /// Rows found.
    pub rows: u64,
    /// Cases found.
    pub cases: u64,
    /// Cases that were taken over now, wholly or what was left of them.
    pub imported: u64,
    /// Cases that were taken over before.
    pub already_imported: u64,
    /// Cases that a dry run would have taken over.
    pub would_import: u64,
    /// Cases that cannot be taken over, each in the error file.
    pub errors: u64,
    /// Rows that cannot be read or name no case, each in the error file; the cases that they belong to are not taken over.
    pub bad_rows: u64,
    /// 1 where the file cannot be read, or not to its end, or where any case may lack a row.
    pub broken_files: u64,
    /// Steps that were taken over now.
    pub steps_imported: u64,
    /// Rows that are no steps: transitions other than `start` and `complete`.
    pub other_rows: u64,
    /// Steps that were begun and never completed, which are not taken over.
    pub unfinished: u64,
    /// Transactions submitted, with those that were refused.
    pub transactions: u64,
    /// Errors by code.
    pub refused: BTreeMap<String, u64>,
}

/// What became of one portion.
#[derive(Default)]
struct Settled {
    cases: u64,
    imported: u64,
    already_imported: u64,
    would_import: u64,
    steps: u64,
    transactions: u64,
    errors: Vec<RowError>,
}

/// A case of which something is left to do.
#[derive(Clone, Copy)]
struct Open<'a> {
    case: &'a CaseInFile,
    /// Steps that are on the ledger; none where the case is not.
    done: Option<usize>,
}

/// Takes a file over. Errors of cases are counted and written; only what stops the whole import is an error here.
pub async fn import<T: CaseTarget + Sync>(
    target: &T,
    options: &CaseImport,
    progress: &ProgressBar,
) -> anyhow::Result<CaseSummary> {
    ensure!((1..=CALLS_MAX).contains(&options.calls_per_transaction), "a transaction has 1 to {CALLS_MAX} calls");
    ensure!(!options.system.is_empty(), "the system that the cases come from must be named");
    let mut log = cases_file::read(&options.file, options.checksum, &options.four_eyes)?;
    if log.unplaced_rows > 0 && !log.is_broken && !options.allows_unplaced_rows {
        log.refuse_all();
    }
    let mut errors = ErrorFile::create(options.error_file.as_deref())?;
    let mut summary = CaseSummary {
        checksum: options.checksum.to_string(),
        rows: log.rows,
        cases: log.cases.len() as u64 + log.bad_cases,
        errors: log.bad_cases,
        bad_rows: log.errors.len() as u64 - log.bad_cases - u64::from(log.is_broken),
        broken_files: u64::from(log.is_broken),
        other_rows: log.other_rows,
        unfinished: log.unfinished,
        ..CaseSummary::default()
    };
    progress.set_length(summary.cases);
    progress.inc(summary.errors);
    let mut refusals = log.errors;
    let portions = stream::iter(log.cases.chunks(options.calls_per_transaction));
    let settled = portions.map(|portion| settle(target, portion, options)).buffered(IN_FLIGHT);
    let mut settled = std::pin::pin!(settled);
    let mut result = Ok(());
    while let Some(portion) = settled.next().await {
        match portion {
            Ok(portion) => {
                progress.inc(portion.cases);
                refusals.extend(summary.add(portion));
                progress.set_message(format!("{} cases, {} errors", summary.imported, summary.errors));
            }
            Err(error) => {
                result = Err(error);
                break;
            }
        }
    }
    refusals.sort_by_key(|error| error.line);
    for error in &refusals {
        errors.write(&options.file, error)?;
        *summary.refused.entry(error.code.to_string()).or_default() += 1;
    }
    errors.finish()?; // what is known so far is worth having, also before an error
    result?;
    progress.finish();
    Ok(summary)
}

impl CaseSummary {
    fn add(&mut self, settled: Settled) -> Vec<RowError> {
        self.imported += settled.imported;
        self.already_imported += settled.already_imported;
        self.would_import += settled.would_import;
        self.steps_imported += settled.steps;
        self.transactions += settled.transactions;
        self.errors += settled.errors.len() as u64;
        settled.errors
    }
}

impl CaseImport {
    fn key(&self, case: &CaseInFile) -> CaseKey {
        CaseKey { department: self.department, system: self.system.clone(), number: case.number.clone() }
    }

    /// The next call of a case, and how many steps are on the ledger after it; none where all are.
    fn next_call(&self, open: &Open) -> Option<(Call, usize)> {
        let steps = &open.case.steps;
        let total = u32::try_from(steps.len()).expect("a case has at most 10,000 steps");
        let done = open.done.unwrap_or_default();
        let end = steps.len().min(done + STEPS_PER_CALL_MAX);
        let portion = List::new(steps[done..end].to_vec()).expect("a portion");
        let key = self.key(open.case);
        let call = match open.done {
            None => {
                history::Call::ImportCase { key, facts: open.case.facts.clone(), steps_total: total, steps: portion }
            }
            Some(done) if done < steps.len() => {
                let first = u32::try_from(done).expect("fewer than all steps");
                history::Call::ImportSteps { key, first, steps: portion }
            }
            Some(_) => return None,
        };
        Some((Call::History(call), end))
    }
}

/// Takes over what is not known of a portion.
async fn settle<T: CaseTarget>(target: &T, cases: &[CaseInFile], options: &CaseImport) -> anyhow::Result<Settled> {
    let mut settled = Settled { cases: cases.len() as u64, ..Settled::default() };
    let mut open = known(target, cases, options, &mut settled).await?;
    if options.dry_run {
        settled.would_import = open.len() as u64;
        return Ok(settled);
    }
    settled.imported = open.len() as u64;
    while !open.is_empty() {
        let (calls, cases) = next_transaction(&open, options);
        let receipt = target.submit(calls).await?;
        settled.transactions += 1;
        match receipt.outcome {
            Outcome::Applied { .. } => {
                for (place, done) in cases {
                    settled.steps += (done - open[place].done.unwrap_or_default()) as u64;
                    open[place].done = Some(done);
                }
                open.retain(|open| open.done != Some(open.case.steps.len()));
            }
            Outcome::Refused(refusal) => {
                let refused = open.remove(refused_case(&cases, &refusal)?);
                settled.imported -= 1;
                if !OVERTAKEN.contains(&&*refusal.code) {
                    settled.errors.push(describe(refused.case, &refusal));
                    continue;
                }
                let left = known(target, std::slice::from_ref(refused.case), options, &mut settled).await?;
                match left.first() {
                    Some(left) if left.done == refused.done => settled.errors.push(describe(refused.case, &refusal)),
                    Some(left) => {
                        settled.imported += 1;
                        open.push(*left); // goes on where the other import has come to
                    }
                    None => {}
                }
            }
        }
    }
    Ok(settled)
}

/// What is left to do of these cases. Those that are known wholly are counted, those that differ from the ledger's are errors.
async fn known<'a, T: CaseTarget>(
    target: &T,
    cases: &'a [CaseInFile],
    options: &CaseImport,
    settled: &mut Settled,
) -> anyhow::Result<Vec<Open<'a>>> {
    let keys = cases.iter().map(|case| options.key(case)).collect();
    let known: BTreeMap<Text<60>, Known> =
        target.known(keys).await?.into_iter().map(|known| (known.number.clone(), known)).collect();
    let mut open = Vec::new();
    for case in cases {
        match known.get(&case.number) {
            None => open.push(Open { case, done: None }),
            Some(known) if known.steps_total as usize != case.steps.len() => {
                let message = format!("{} steps are here, {} on the ledger", case.steps.len(), known.steps_total);
                settled.errors.push(CaseError::CaseDiffers.at(case.line, message, &*case.number));
            }
            Some(known) if known.steps == known.steps_total => settled.already_imported += 1,
            Some(known) => open.push(Open { case, done: Some(known.steps as usize) }),
        }
    }
    Ok(open)
}

/// The calls of the next transaction; and for each of them the place of its case, and how many steps of it are then on the ledger.
fn next_transaction(open: &[Open], options: &CaseImport) -> (Vec<Call>, Vec<(usize, usize)>) {
    let mut calls = Vec::new();
    let mut cases = Vec::new();
    let mut bytes = 0;
    for (place, open) in open.iter().enumerate() {
        let mut open = *open;
        while let Some((call, done)) = options.next_call(&open) {
            let call_bytes = call.to_bytes().as_ref().len() + 4;
            let is_full = calls.len() == options.calls_per_transaction
                || bytes + call_bytes > TRANSACTION_BYTES_MAX - TRANSACTION_FRAME_BYTES;
            if is_full {
                return (calls, cases);
            }
            bytes += call_bytes;
            calls.push(call);
            cases.push((place, done));
            open.done = Some(done);
        }
    }
    (calls, cases)
}

/// The place of the case that was refused. Fails where the refusal is not about one case.
fn refused_case(cases: &[(usize, usize)], refusal: &Refusal) -> anyhow::Result<usize> {
    let code = &*refusal.code;
    let call = refusal.call.and_then(|call| usize::try_from(call).ok());
    match call.and_then(|call| cases.get(call)) {
        Some((place, _)) if !code.starts_with("tx.") => Ok(*place),
        _ => {
            let meaning = tongban_modules::explain(code).map(|error| error.message).unwrap_or_default();
            bail!("the network refuses this import with {code}: {meaning}")
        }
    }
}

fn describe(case: &CaseInFile, refusal: &Refusal) -> RowError {
    let message = tongban_modules::explain(&refusal.code).map(|error| error.message).unwrap_or_default();
    RowError { line: case.line, code: refusal.code.to_string().into(), message, content: case.number.to_string() }
}
