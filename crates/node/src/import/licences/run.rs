//! The driver: asks which licences are known, writes faces, takes the others over, and accounts for every row.

use super::comparison::{Known, take_known};
use super::faces::FaceFolder;
use super::mapping::Mapping;
use super::preparation::{Origin, Prepared, Preparer, checksum};
use super::warnings::{Warning, has_faces_of_another};
use crate::import::error::RowError;
use crate::import::error_file::ErrorFile;
use crate::import::preparation::refused;
use crate::import::rows::{Item, Limits, ROWS_BYTES_MAX, Rows, Skipped};
use crate::import::secret::ImportSecret;
use anyhow::{Context as _, bail, ensure};
use futures::stream::{self, StreamExt as _};
use indicatif::ProgressBar;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use tokio::sync::mpsc::{self, Sender};
use tongban_modules::licences::{self, Anomaly, TakenOver, TypeDefinition};
use tongban_modules::{Call, Event};
use tongban_types::codes::{DivisionCode, LicenceIdentifier, LicenceTypeCode, UnifiedSocialCreditCode};
use tongban_types::transaction::{CALLS_MAX, TRANSACTION_BYTES_MAX};
use tongban_types::{Digest, Outcome, Primitives, Receipt, Refusal, Time};

/// Bytes of one file, as it is stored.
pub const FILE_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Transactions in flight at once.
const IN_FLIGHT: usize = 8;
/// Bytes of a transaction that are not calls.
const TRANSACTION_FRAME_BYTES: usize = 4 * 1024;
/// The refusal of an identifier that is taken. Serials come from the import secret, so an earlier run has taken it.
const EXISTS: &str = "licences.exists";
/// A refusal that every row would meet.
const SOURCE_LATER: &str = "licences.source_later";

/// Where licences are taken over to: a node, in tests a ledger in memory.
pub trait LicenceTarget {
    /// What the ledger has of those of these identifiers, at most 100, that it knows.
    fn known(&self, identifiers: Vec<LicenceIdentifier>)
    -> impl Future<Output = anyhow::Result<Vec<TakenOver>>> + Send;

    /// Has these calls, at most 100, executed as one transaction and returns its receipt. It MUST repeat what gets no answer under the
    /// same request id; an error ends the import.
    fn submit(&self, calls: Vec<Call>) -> impl Future<Output = anyhow::Result<Receipt>> + Send;

    /// What this type of licence is now, where the network knows it.
    fn definition(
        &self,
        licence_type: LicenceTypeCode,
    ) -> impl Future<Output = anyhow::Result<Option<TypeDefinition>>> + Send;

    /// Whether the network's table has a division now, as a place that is there.
    fn has_division(&self, division: DivisionCode) -> impl Future<Output = anyhow::Result<bool>> + Send;
}

/// What to import and how.
#[derive(Clone)]
pub struct LicenceImport {
    /// The file.
    pub file: PathBuf,
    /// Which column is which field.
    pub mapping: Mapping,
    /// The department that takes the licences over.
    pub by: UnifiedSocialCreditCode,
    /// When the source said so.
    pub as_of: Time,
    /// Calls in one transaction, 1 to 100.
    pub calls_per_transaction: usize,
    /// Whether to read and ask, and neither submit anything nor write faces.
    pub dry_run: bool,
    /// Where rows that are not taken over are written.
    pub error_file: Option<PathBuf>,
    /// The folder for faces and salts.
    pub faces: PathBuf,
    /// For serials, salts and commitments to holders.
    pub secret: ImportSecret,
    /// The network's algorithms.
    pub primitives: &'static dyn Primitives,
    /// How much is read.
    pub limits: Limits,
}

/// What became of the rows: `rows = imported + already_imported + would_import + errors`.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct LicenceSummary {
    /// Rows found.
    pub rows: u64,
    /// Licences taken over now.
    pub imported: u64,
    /// Licences that are known from before and as the row has them.
    pub already_imported: u64,
    /// Licences that a dry run would have taken over.
    pub would_import: u64,
    /// Rows that cannot be taken over, each in the error file.
    pub errors: u64,
    /// What breaks the file as a whole, in the error file.
    pub broken_files: u64,
    /// Lines that are no records: titles, headings, totals, notes, blank lines.
    pub skipped_lines: u64,
    /// Those lines by reason.
    pub skipped: Skipped,
    /// Transactions submitted, with those that were refused.
    pub transactions: u64,
    /// Files of faces that were written.
    pub face_files: u64,
    /// Errors by code.
    pub refused: BTreeMap<String, u64>,
    /// Anomalies by kind: those of the rows, and for what was taken over now those that the ledger has seen.
    pub anomalies: BTreeMap<&'static str, u64>,
    /// Rows by confidence.
    pub confidence: BTreeMap<u8, u64>,
    /// The salted checksum of the file, as it stands with each licence.
    pub checksum: Option<Digest>,
    /// Divisions named by codes of rows which the network's table does not have now; each counts once in a row.
    pub divisions_unknown: u64,
    /// What was suspicious.
    pub warnings: BTreeSet<Warning>,
    /// Rows by the divisions that their codes name. An address is the beginning of a person's number, so that none is shown.
    #[serde(skip)]
    pub divisions: BTreeMap<DivisionCode, u64>,
}

/// What goes into one transaction, and what else was met on the way there.
#[derive(Default)]
struct Portion {
    batch: u64,
    prepared: Vec<Prepared>,
    errors: Vec<RowError>,
    broken: Option<RowError>,
    skipped: Skipped,
    bytes_read: u64,
    /// Bytes of its rows, and of those that cannot be taken over.
    rows_bytes: u64,
}

/// What became of a portion.
#[derive(Default)]
struct Settled {
    portion: Portion,
    part: LicenceSummary,
    /// Why the import cannot go on behind it.
    failure: Option<anyhow::Error>,
}

/// Takes a file over. Errors of rows are counted and written; only what stops the whole import is an error here. It is safe to run again
/// after any end.
pub async fn import<T: LicenceTarget + Sync>(
    target: &T,
    options: LicenceImport,
    progress: &ProgressBar,
) -> anyhow::Result<LicenceSummary> {
    let calls_max = options.calls_per_transaction;
    ensure!((1..=CALLS_MAX).contains(&calls_max), "a transaction has 1 to {CALLS_MAX} calls");
    let mut errors = ErrorFile::create(options.error_file.as_deref())?;
    let mut summary = LicenceSummary::default();
    let result = import_file(target, &options, &mut summary, &mut errors, progress).await;
    errors.finish()?; // what is known so far is worth having, also before an error
    match &result {
        Ok(()) => progress.finish(),
        Err(_) => progress.abandon(),
    }
    result.map(|()| summary)
}

async fn import_file<T: LicenceTarget + Sync>(
    target: &T,
    options: &LicenceImport,
    summary: &mut LicenceSummary,
    errors: &mut ErrorFile,
    progress: &ProgressBar,
) -> anyhow::Result<()> {
    let mut reading = options.clone();
    if let Some(definition) = target.definition(options.mapping.licence_type).await? {
        reading.mapping = reading.mapping.held_to(&definition)?; // the authority's word on its codes, named by the mapping or not
    }
    progress.set_length(std::fs::metadata(&options.file).map_or(0, |metadata| metadata.len()));
    let file = match read_whole(&options.file) {
        Ok(content) => checksum(&content, &options.secret, options.primitives),
        Err(error) => {
            summary.count(std::slice::from_ref(&error));
            return errors.write(&options.file, &error);
        }
    };
    summary.checksum = Some(file);
    if has_faces_of_another(&options.faces, &options.secret, options.primitives) {
        summary.warnings.insert(Warning::FacesOfAnotherSecret);
    }
    let folder = if options.dry_run { None } else { Some(FaceFolder::create(&options.faces, &file)?) };
    let (sender, receiver) = mpsc::channel(IN_FLIGHT);
    let reader = tokio::task::spawn_blocking(move || read(&reading, file, &sender));
    let portions = stream::unfold(receiver, async |mut receiver| receiver.recv().await.map(|next| (next, receiver)));
    // In the file's order, so that the error file is; the wait at its head costs little.
    let mut settled =
        std::pin::pin!(portions.map(|portion| settle(target, portion, folder.as_ref())).buffered(IN_FLIGHT));
    while let Some(Settled { portion, part, failure }) = settled.next().await {
        for error in portion.errors.iter().chain(&portion.broken) {
            errors.write(&options.file, error)?;
        }
        summary.add(&portion, part);
        if let Some(failure) = failure {
            return Err(failure); // behind the errors of its rows, which are worth having
        }
        progress.set_position(portion.bytes_read);
        progress.set_message(format!("{} rows, {} errors", summary.rows, summary.errors));
    }
    reader.await.with_context(|| format!("reading {} failed", options.file.display()))?;
    for (division, rows) in &summary.divisions {
        if !target.has_division(*division).await? {
            summary.divisions_unknown += rows;
            summary.warnings.insert(Warning::DivisionUnknown);
        }
    }
    Ok(())
}

fn read_whole(path: &Path) -> Result<Vec<u8>, RowError> {
    use crate::import::error::ImportError::{TooLarge, Unreadable};
    let unreadable = |error: std::io::Error| Unreadable.at(0, error.to_string(), "");
    let file = std::fs::File::open(path).map_err(unreadable)?;
    if !file.metadata().map_err(unreadable)?.is_file() {
        return Err(Unreadable.at(0, "not a regular file", ""));
    }
    let mut content = Vec::new();
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut content).map_err(unreadable)?;
    if content.len() as u64 > FILE_BYTES_MAX {
        return Err(TooLarge.at(0, format!("the file has more than {FILE_BYTES_MAX} bytes"), ""));
    }
    Ok(content)
}

/// Reads the file and sends its portions, until it ends or nobody listens. Blocks.
fn read(options: &LicenceImport, file: Digest, portions: &Sender<Portion>) {
    let mut rows = match Rows::open_register(&options.file, options.limits.clone()) {
        Ok(rows) => rows,
        Err(error) => {
            // An error means that nobody listens: the import was abandoned.
            let _ = portions.blocking_send(Portion { broken: Some(error), ..Portion::default() });
            return;
        }
    };
    let origin = Origin { by: options.by, file, as_of: options.as_of };
    let mut preparer = Preparer::new(options.mapping.clone(), origin, options.secret.clone(), options.primitives);
    let mut portion = Portion { batch: 1, ..Portion::default() };
    let mut calls_bytes = 0;
    while let Some(item) = rows.next() {
        match item {
            Item::Skipped { reason, .. } => *portion.skipped.entry(reason).or_default() += 1,
            Item::Bad(error) => {
                portion.rows_bytes += error.content.len() as u64;
                portion.errors.push(error);
            }
            Item::Broken(error) => portion.broken = Some(error),
            Item::Row(row) => {
                let row_bytes = row.bytes();
                if let Err(error) = preparer.check_columns(&row) {
                    portion.broken = Some(error);
                    break;
                }
                match preparer.prepare(row) {
                    Err(error) => {
                        portion.rows_bytes += row_bytes;
                        portion.errors.push(error);
                    }
                    Ok(prepared) => {
                        let call_bytes = prepared.call.to_bytes().as_ref().len();
                        let is_full = calls_bytes + call_bytes > TRANSACTION_BYTES_MAX - TRANSACTION_FRAME_BYTES;
                        if is_full && !send(&mut portion, &rows, &mut calls_bytes, portions) {
                            return;
                        }
                        calls_bytes += call_bytes;
                        portion.rows_bytes += row_bytes;
                        portion.prepared.push(prepared);
                    }
                }
            }
        }
        let count = portion.prepared.len().max(portion.errors.len());
        let is_full = count >= options.calls_per_transaction || portion.rows_bytes >= ROWS_BYTES_MAX;
        if is_full && !send(&mut portion, &rows, &mut calls_bytes, portions) {
            return;
        }
    }
    send(&mut portion, &rows, &mut calls_bytes, portions);
}

/// Sends the portion and begins another. False where nobody listens, because the import was abandoned.
fn send(portion: &mut Portion, rows: &Rows, calls_bytes: &mut usize, portions: &Sender<Portion>) -> bool {
    portion.bytes_read = rows.bytes_read();
    *calls_bytes = 0;
    let next = portion.batch + 1;
    portions.blocking_send(std::mem::replace(portion, Portion { batch: next, ..Portion::default() })).is_ok()
}

/// Takes over what is not known of a portion. Without a folder for faces nothing is taken over: a dry run.
async fn settle<T: LicenceTarget>(target: &T, portion: Portion, folder: Option<&FaceFolder>) -> Settled {
    let mut settled = Settled { portion, ..Settled::default() };
    settled.failure = settle_rows(target, &mut settled, folder).await.err();
    settled.portion.errors.sort_by_key(|error| error.line);
    settled
}

async fn settle_rows<T: LicenceTarget>(
    target: &T,
    settled: &mut Settled,
    folder: Option<&FaceFolder>,
) -> anyhow::Result<()> {
    let Settled { portion, part, .. } = settled;
    let mut rows = std::mem::take(&mut portion.prepared);
    part.count_rows(&rows);
    leave_out_known(target, &mut rows, portion, part).await?;
    if rows.is_empty() {
        return Ok(());
    }
    let Some(folder) = folder else {
        part.would_import = rows.len() as u64;
        return Ok(());
    };
    // The faces of new rows alone: that of a row which the ledger has otherwise would open no commitment there.
    let is_new_file = folder.write(portion.batch, &rows.iter().map(|row| &row.face).collect::<Vec<_>>())?;
    part.face_files = u64::from(is_new_file);
    while !rows.is_empty() {
        let receipt = target.submit(rows.iter().map(|row| row.call.clone()).collect()).await?;
        part.transactions += 1;
        match receipt.outcome {
            Outcome::Applied { events } => {
                part.imported += rows.len() as u64;
                events.iter().for_each(|event| part.count_ledgers(event.as_ref()));
                break;
            }
            Outcome::Refused(refusal) => {
                let row = take_refused(&mut rows, &refusal)?;
                if &*refusal.code == EXISTS {
                    // Another run has taken it over in the meantime.
                    let mut row = vec![row];
                    leave_out_known(target, &mut row, portion, part).await?;
                    portion.errors.extend(row.iter().map(|row| refused(&row.row, refusal.code.to_string())));
                } else {
                    portion.errors.push(refused(&row.row, refusal.code.to_string()));
                }
            }
        }
    }
    Ok(())
}

/// Takes the rows out that the ledger knows: what it has as they are is counted, the others are errors.
async fn leave_out_known<T: LicenceTarget>(
    target: &T,
    rows: &mut Vec<Prepared>,
    portion: &mut Portion,
    part: &mut LicenceSummary,
) -> anyhow::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let known = target.known(rows.iter().map(|row| row.identifier.clone()).collect()).await?;
    let known: Known = known.into_iter().map(|known| (known.identifier.clone(), known)).collect();
    let (same, errors) = take_known(rows, &known);
    part.already_imported += same;
    portion.errors.extend(errors);
    Ok(())
}

/// Takes the refused row out, so that the others can be tried again. Fails where the refusal is not about one row.
fn take_refused(rows: &mut Vec<Prepared>, refusal: &Refusal) -> anyhow::Result<Prepared> {
    let code = &*refusal.code;
    let place = refusal.call.and_then(|call| usize::try_from(call).ok()).filter(|place| *place < rows.len());
    match place {
        Some(place) if !code.starts_with("tx.") && code != SOURCE_LATER => Ok(rows.remove(place)),
        _ => {
            let meaning = tongban_modules::explain(code).map(|error| error.message).unwrap_or_default();
            bail!("the network refuses this import with {code}: {meaning}")
        }
    }
}

impl LicenceSummary {
    /// Counts the anomalies that rows show, and their confidence.
    fn count_rows(&mut self, rows: &[Prepared]) {
        for row in rows {
            let Call::Licences(licences::Call::ImportLicence { source, .. }) = &row.call else { continue };
            *self.confidence.entry(source.confidence).or_default() += 1;
            source.anomalies.iter().for_each(|anomaly| self.count_anomaly(*anomaly));
            for division in &row.divisions {
                *self.divisions.entry(*division).or_default() += 1;
            }
        }
    }

    /// Counts the anomalies that the ledger has seen besides.
    fn count_ledgers(&mut self, event: &[u8]) {
        if let Ok(Event::Licences(licences::Event::Imported { anomalies, .. })) = Event::decode(event) {
            let of_ledger = anomalies.iter().filter(|anomaly| **anomaly >= Anomaly::TypeUnknown);
            of_ledger.for_each(|anomaly| self.count_anomaly(*anomaly));
        }
    }

    fn count_anomaly(&mut self, anomaly: Anomaly) {
        *self.anomalies.entry(anomaly.into()).or_default() += 1;
    }

    fn count(&mut self, errors: &[RowError]) {
        for error in errors {
            *self.refused.entry(error.code.to_string()).or_default() += 1;
            if error.line == 0 {
                self.broken_files += 1;
            } else {
                self.errors += 1;
                self.rows += 1;
            }
        }
    }

    fn add(&mut self, portion: &Portion, part: Self) {
        self.count(&portion.errors);
        if let Some(broken) = &portion.broken {
            *self.refused.entry(broken.code.to_string()).or_default() += 1;
            self.broken_files += 1;
        }
        self.rows += part.imported + part.already_imported + part.would_import;
        self.imported += part.imported;
        self.already_imported += part.already_imported;
        self.would_import += part.would_import;
        for (reason, count) in &portion.skipped {
            self.skipped_lines += count;
            *self.skipped.entry(*reason).or_default() += count;
        }
        self.transactions += part.transactions;
        self.face_files += part.face_files;
        for (kind, count) in part.anomalies {
            *self.anomalies.entry(kind).or_default() += count;
        }
        for (division, count) in part.divisions {
            *self.divisions.entry(division).or_default() += count;
        }
        for (confidence, count) in part.confidence {
            *self.confidence.entry(confidence).or_default() += count;
        }
    }
}
