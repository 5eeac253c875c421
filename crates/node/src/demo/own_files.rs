//! A catalogue and licences of one's own in the place of invented ones: found and checked before anything starts, so that nobody waits for
//! a network to hear that a file was misspelt.

use super::city::EXAMPLES;
use crate::catalogue::check::{self, in_words};
use crate::catalogue::item_file::{ItemFile, parse};
use crate::catalogue::old_catalogue::OldCatalogue;
use crate::cli::read_file;
use crate::import::error::RowError;
use crate::import::licences::preparation::Origin;
use crate::import::licences::run::FILE_BYTES_MAX;
use crate::import::licences::{Mapping, Preparer};
use crate::import::rows::{Item, Limits, Rows};
use crate::import::secret::ImportSecret;
use crate::licence_import_command::read_mapping;
use crate::signer::now;
use anyhow::{Context as _, bail, ensure};
use clap::Args;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use tongban_crypto::primitives;
use tongban_types::{Digest, Suite};

/// Which column is which field of a business licence, where nothing else is said.
pub const MAPPING: &str = include_str!("../../../../examples/licences/business_licence.mapping.yaml");
/// Files of a folder that are looked at.
const FILES_MAX: usize = 1_000;
/// Bytes of an older catalogue in JSON.
const CATALOGUE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Rows that are named where none can be used.
const NAMED_ROWS_MAX: usize = 3;

/// Files of one's own.
#[derive(Args, Clone, Debug, Default)]
pub struct OwnFiles {
    /// Service items of your own beside the example: an item file (YAML or JSON), an older catalogue (CSV or JSON, as `import catalogue`
    /// reads them), or a folder with such files. The matter that is played stays the example's restaurant
    #[arg(long, value_name = "FILE_OR_FOLDER")]
    catalogue: Option<PathBuf>,
    /// Licences of your own in place of the invented ones: CSV or XLSX, as `import licences` reads them
    #[arg(long, value_name = "FILE")]
    licences: Option<PathBuf>,
    /// Which column of `--licences` is which field: YAML or JSON; that of examples/licences/business_licence.mapping.yaml where it is absent
    #[arg(long, value_name = "FILE", requires = "licences")]
    mapping: Option<PathBuf>,
}

/// What the files hold, as far as it is known without a network.
pub struct Own {
    /// The catalogue, where there is one.
    pub catalogue: Option<OwnCatalogue>,
    /// The licences, where there are any.
    pub licences: Option<OwnLicences>,
}

/// A catalogue of one's own.
#[derive(Debug, Default)]
pub struct OwnCatalogue {
    /// Items that are published.
    pub items: Vec<ItemFile>,
    /// Older catalogues, which are taken over as they stand.
    pub older: Vec<PathBuf>,
}

/// Licences of one's own.
pub struct OwnLicences {
    /// The file.
    pub file: PathBuf,
    /// Which column is which field.
    pub mapping: Mapping,
}

impl OwnFiles {
    /// Reads and checks all of them.
    pub fn check(&self) -> anyhow::Result<Own> {
        let catalogue = self.catalogue.as_deref().map(check_catalogue).transpose()?;
        let licences = match &self.licences {
            Some(file) => Some(check_licences(file, self.mapping.as_deref())?),
            None => None,
        };
        Ok(Own { catalogue, licences })
    }
}

fn check_catalogue(path: &Path) -> anyhow::Result<OwnCatalogue> {
    let place = || format!("cannot use --catalogue {}", path.display());
    let metadata = std::fs::metadata(path).with_context(place)?;
    let files = if metadata.is_dir() { files_of(path).with_context(place)? } else { vec![path.to_owned()] };
    let mut catalogue = OwnCatalogue::default();
    let mut codes = BTreeMap::new();
    for file in files {
        if is_older(&file).with_context(place)? {
            check_older(&file).with_context(place)?;
            catalogue.older.push(file);
            continue;
        }
        let item = read_item(&file).with_context(place)?;
        if let Some(first) = codes.insert(item.code.clone(), file.clone()) {
            bail!("{}: {} and {} have the same code {}", place(), first.display(), file.display(), item.code);
        }
        if !is_example(&item).with_context(|| format!("{}: {}", place(), file.display()))? {
            catalogue.items.push(item);
        }
    }
    Ok(catalogue)
}

/// The files of a folder that can be items or older catalogues, by name. Sample answers lie beside items and are none.
fn files_of(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
        let is_named = [".yaml", ".yml", ".json", ".csv", ".csv.gz"].iter().any(|ending| name.ends_with(ending));
        if is_named && !name.starts_with('.') && !name.contains(".answers.") && path.is_file() {
            files.push(path);
        }
    }
    ensure!(
        !files.is_empty(),
        "the folder has no item file (.yaml, .yml, .json) and no older catalogue (.csv, .csv.gz)"
    );
    ensure!(files.len() <= FILES_MAX, "the folder has more than {FILES_MAX} files");
    files.sort();
    Ok(files)
}

/// Whether a file is an older catalogue and no item: by its name, and JSON by whether it is a list.
fn is_older(file: &Path) -> anyhow::Result<bool> {
    let extension = file.extension().map(|extension| extension.to_string_lossy().to_lowercase()).unwrap_or_default();
    match extension.as_str() {
        "yaml" | "yml" => Ok(false),
        "json" => {
            let bytes = read_file(file, CATALOGUE_BYTES_MAX)?;
            let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
            Ok(text.trim_ascii_start().first() == Some(&b'['))
        }
        "csv" | "gz" | "tsv" | "txt" | "xlsx" => Ok(true),
        _ => bail!("{}: an item file ends with .yaml, .yml or .json, an older catalogue with .csv", file.display()),
    }
}

fn check_older(file: &Path) -> anyhow::Result<()> {
    let older = OldCatalogue::read(file, now());
    let broken = older.errors.iter().find(|error| error.line == 0);
    if let Some(error) = broken {
        bail!("{}: {} ({})", file.display(), error.message, error.code);
    }
    ensure!(
        !older.items.is_empty(),
        "{} holds no item: a table needs the columns item_code and item_name, JSON is that of a service portal{}",
        file.display(),
        few(&older.errors)
    );
    Ok(())
}

fn read_item(file: &Path) -> anyhow::Result<ItemFile> {
    let report = check::check(file, None);
    if !report.errors.is_empty() {
        bail!("an item cannot be published\n{}", in_words(&report).trim_end());
    }
    Ok(ItemFile::read(file)?)
}

/// Whether an item is one of the demonstration's own, word for word. Another one under such a code would break the story.
fn is_example(item: &ItemFile) -> anyhow::Result<bool> {
    for text in EXAMPLES {
        let example = ItemFile::from_value(parse(text)?)?;
        if example.code == item.code {
            ensure!(
                example == *item,
                "the demonstration has an item {} of its own: give yours another code",
                item.code
            );
            return Ok(true);
        }
    }
    Ok(false)
}

fn check_licences(file: &Path, mapping: Option<&Path>) -> anyhow::Result<OwnLicences> {
    let mapping = match mapping {
        Some(path) => read_mapping(path)?,
        None => Mapping::parse(MAPPING)?,
    };
    check_rows(file, &mapping).with_context(|| format!("cannot use --licences {}", file.display()))?;
    Ok(OwnLicences { file: file.to_owned(), mapping })
}

/// Refuses a file of which no row is a licence. Single rows that are none are the import's matter.
fn check_rows(file: &Path, mapping: &Mapping) -> anyhow::Result<()> {
    let bytes = std::fs::metadata(file)?.len();
    ensure!(bytes <= FILE_BYTES_MAX, "the file has more than {FILE_BYTES_MAX} bytes");
    let of_file = |error: RowError| anyhow::anyhow!("{} ({})", error.message, error.code);
    let mut preparer = preparer(mapping)?;
    let (mut usable, mut errors) = (0_u64, Vec::new());
    for item in Rows::open_register(file, Limits::default()).map_err(of_file)? {
        match item {
            Item::Row(row) => {
                preparer.check_columns(&row).map_err(of_file)?;
                match preparer.prepare(row) {
                    Ok(_) => usable += 1,
                    Err(error) if errors.len() < NAMED_ROWS_MAX => errors.push(error),
                    Err(_) => {}
                }
            }
            Item::Bad(error) if errors.len() < NAMED_ROWS_MAX => errors.push(error),
            Item::Bad(_) | Item::Skipped { .. } => {}
            Item::Broken(error) => return Err(of_file(error)),
        }
    }
    ensure!(usable > 0, "no row is a licence by this mapping{}", few(&errors));
    Ok(())
}

/// Makes calls that nobody will see, with a secret that is nobody's.
fn preparer(mapping: &Mapping) -> anyhow::Result<Preparer> {
    let origin = Origin { by: super::city::MARKET.parse()?, file: Digest([0; 32]), as_of: now() };
    let secret = ImportSecret::generate(|bytes| bytes.fill(0));
    Ok(Preparer::new(mapping.clone(), origin, secret, primitives(Suite::Intl)))
}

/// The first rows that cannot be used. What stands in them may be personal data and is not repeated.
fn few(errors: &[RowError]) -> String {
    let mut text = String::new();
    for error in errors.iter().take(NAMED_ROWS_MAX) {
        let _ = write!(text, "\n  row {}: {} ({})", error.line, error.message, error.code); // writing to a text never fails
    }
    text
}
