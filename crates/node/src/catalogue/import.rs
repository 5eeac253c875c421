//! `tongban import catalogue`: takes an older catalogue over, loses no row, and reports each anomaly with its row.

use super::old_catalogue::{OldCatalogue, OldItem};
use crate::import::error::RowError;
use crate::import::error_file::ErrorFile;
use anyhow::{Context as _, bail};
use indicatif::ProgressBar;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::path::{Path, PathBuf};
use tongban_modules::Call;
use tongban_modules::catalogue::{self, Anomaly, ItemCode};
use tongban_types::transaction::CALLS_MAX;
use tongban_types::{Outcome, Receipt, Time};

/// The refusal of a code that is taken: an earlier run has taken it.
const EXISTS: &str = "catalogue.exists";
/// A refusal that every row would meet.
const SOURCE_LATER: &str = "catalogue.source_later";

/// Where items are taken over to: a node, in tests a ledger in memory.
pub trait CatalogueTarget {
    /// Which of these codes, at most 100, are known.
    fn known(&self, codes: Vec<ItemCode>) -> impl Future<Output = anyhow::Result<Vec<ItemCode>>> + Send;

    /// Has these calls, at most 100, executed as one transaction and returns its receipt. It MUST repeat what gets no answer under the
    /// same request id; an error ends the import.
    fn submit(&self, calls: Vec<Call>) -> impl Future<Output = anyhow::Result<Receipt>> + Send;
}

/// What to import and how.
#[derive(Clone, Debug)]
pub struct CatalogueImport {
    /// The file.
    pub file: PathBuf,
    /// When the older catalogue said so.
    pub source_time: Time,
    /// Calls in one transaction, 1 to 100.
    pub calls_per_transaction: usize,
    /// Whether to read and ask, and submit nothing.
    pub dry_run: bool,
    /// Where rows that are not taken over are written.
    pub error_file: Option<PathBuf>,
    /// Where anomalies are written, one line each.
    pub anomaly_file: Option<PathBuf>,
}

/// What became of the rows: `rows = imported + already_imported + would_import + errors`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CatalogueSummary {
    /// Rows found.
    pub rows: u64,
    /// Items taken over now.
    pub imported: u64,
    /// Items that are known from before.
    pub already_imported: u64,
    /// Items that a dry run would have taken over.
    pub would_import: u64,
    /// Rows that cannot be taken over, each in the error file.
    pub errors: u64,
    /// What breaks the file as a whole, in the error file.
    pub broken_files: u64,
    /// Transactions submitted, with those that were refused.
    pub transactions: u64,
    /// Errors by code.
    pub refused: BTreeMap<String, u64>,
    /// Departments by name.
    pub departments: u64,
    /// Rows by the type that is written there.
    pub types: BTreeMap<String, u64>,
    /// Rows by what the department's code is: a credit code, or the anomaly.
    pub department_codes: BTreeMap<&'static str, u64>,
    /// Departments that have several codes, with them.
    pub departments_with_several_codes: BTreeMap<String, Vec<String>>,
    /// Codes that several departments share, with them.
    pub codes_of_several_departments: BTreeMap<String, Vec<String>>,
    /// Rows of each kind of anomaly.
    pub anomalies: BTreeMap<&'static str, Vec<u64>>,
}

/// Takes a file over. Errors of rows are counted and written; only what stops the whole import is an error here. It is safe to run again
/// after any end.
pub async fn import<T: CatalogueTarget + Sync>(
    target: &T,
    options: &CatalogueImport,
    progress: &ProgressBar,
) -> anyhow::Result<CatalogueSummary> {
    let calls_max = options.calls_per_transaction;
    anyhow::ensure!((1..=CALLS_MAX).contains(&calls_max), "a transaction has 1 to {CALLS_MAX} calls");
    let old = OldCatalogue::read(&options.file, options.source_time);
    let mut errors = ErrorFile::create(options.error_file.as_deref())?;
    write_anomalies(options.anomaly_file.as_deref(), &options.file, &old.items)?;
    let mut summary = survey(&old);
    progress.set_length(old.rows);
    let mut result = Ok(());
    let mut refusals = old.errors;
    for portion in old.items.chunks(calls_max) {
        result = settle(target, portion, options.dry_run, &mut summary, &mut refusals).await;
        if result.is_err() {
            break;
        }
        progress.inc(portion.len() as u64);
    }
    refusals.sort_by_key(|error| error.line);
    for error in &refusals {
        errors.write(&options.file, error)?;
        *summary.refused.entry(error.code.to_string()).or_default() += 1;
    }
    errors.finish()?; // what is known so far is worth having, also before an error
    result?;
    summary.broken_files = refusals.iter().filter(|error| error.line == 0).count() as u64;
    summary.errors = refusals.len() as u64 - summary.broken_files;
    progress.finish();
    Ok(summary)
}

/// What the file is like, before anything is taken over.
fn survey(old: &OldCatalogue) -> CatalogueSummary {
    let mut summary = CatalogueSummary { rows: old.rows, ..CatalogueSummary::default() };
    let mut codes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut departments: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for OldItem { line, historic, .. } in &old.items {
        *summary.types.entry(historic.item_type.to_string()).or_default() += 1;
        codes.entry(&historic.department).or_default().insert(&historic.department_code);
        departments.entry(&historic.department_code).or_default().insert(&historic.department);
        let mut kind = "credit_code";
        for anomaly in catalogue::anomalies(historic) {
            let name: &'static str = anomaly.into();
            summary.anomalies.entry(name).or_default().push(*line);
            if is_of_department(anomaly) {
                kind = name;
            }
        }
        *summary.department_codes.entry(kind).or_default() += 1;
    }
    summary.departments = codes.len() as u64;
    let several = |groups: BTreeMap<&str, BTreeSet<&str>>| {
        let several = groups.into_iter().filter(|(_, group)| group.len() > 1);
        several.map(|(name, group)| (name.to_owned(), group.into_iter().map(str::to_owned).collect())).collect()
    };
    summary.departments_with_several_codes = several(codes);
    summary.codes_of_several_departments = several(departments);
    summary
}

fn is_of_department(anomaly: Anomaly) -> bool {
    match anomaly {
        Anomaly::OrganisationCode
        | Anomaly::DepartmentCodeCheck
        | Anomaly::DepartmentCodeForm
        | Anomaly::DepartmentCodeMissing => true,
        Anomaly::SameName | Anomaly::TypeUnknown | Anomaly::DivisionForm => false,
    }
}

fn write_anomalies(path: Option<&Path>, file: &Path, items: &[OldItem]) -> anyhow::Result<()> {
    let Some(path) = path else { return Ok(()) };
    let context = || format!("cannot write the anomalies to {}", path.display());
    let mut writer = csv::Writer::from_path(path).with_context(context)?;
    writer.write_record(["file", "line", "anomaly", "item_code", "found"])?;
    for OldItem { line, code, historic, .. } in items {
        for anomaly in catalogue::anomalies(historic) {
            let found: &str = match anomaly {
                Anomaly::SameName => historic.same_name_as.as_deref().unwrap_or_default(),
                Anomaly::TypeUnknown => &historic.item_type,
                Anomaly::DivisionForm => &historic.division,
                Anomaly::OrganisationCode
                | Anomaly::DepartmentCodeCheck
                | Anomaly::DepartmentCodeForm
                | Anomaly::DepartmentCodeMissing => &historic.department_code,
            };
            let name: &'static str = anomaly.into();
            writer.write_record([&file.display().to_string(), &line.to_string(), name, code, found])?;
        }
    }
    writer.flush().with_context(context)
}

/// Takes over what is not known of a portion.
async fn settle<T: CatalogueTarget>(
    target: &T,
    portion: &[OldItem],
    is_dry_run: bool,
    summary: &mut CatalogueSummary,
    refusals: &mut Vec<RowError>,
) -> anyhow::Result<()> {
    let codes = portion.iter().map(|item| item.code.clone()).collect();
    let known: BTreeSet<ItemCode> = target.known(codes).await?.into_iter().collect();
    let mut items: Vec<&OldItem> = portion.iter().filter(|item| !known.contains(&item.code)).collect();
    summary.already_imported += (portion.len() - items.len()) as u64;
    if is_dry_run {
        summary.would_import += items.len() as u64;
        return Ok(());
    }
    while !items.is_empty() {
        let receipt = target.submit(items.iter().map(|item| call(item)).collect()).await?;
        summary.transactions += 1;
        let refusal = match receipt.outcome {
            Outcome::Applied { .. } => {
                summary.imported += items.len() as u64;
                return Ok(());
            }
            Outcome::Refused(refusal) => refusal,
        };
        let code = &*refusal.code;
        let meaning = tongban_modules::explain(code).map(|error| error.message).unwrap_or_default();
        let place = refusal.call.and_then(|call| usize::try_from(call).ok()).filter(|place| *place < items.len());
        let item = match place {
            Some(place) if !code.starts_with("tx.") && code != SOURCE_LATER => items.remove(place),
            _ => bail!("the network refuses this import with {code}: {meaning}"),
        };
        if code == EXISTS {
            summary.already_imported += 1;
        } else {
            let (code, content) = (code.to_owned().into(), item.content.clone());
            refusals.push(RowError { line: item.line, code, message: meaning, content });
        }
    }
    Ok(())
}

fn call(item: &OldItem) -> Call {
    Call::Catalogue(catalogue::Call::ImportItem { code: item.code.clone(), historic: item.historic.clone() })
}
