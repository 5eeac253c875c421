//! The commands' arguments, and their way to a vault and a node.

use super::check::{self, Committed, committed};
use super::inventory::{self, ObjectName, about};
use super::keep::{Kept, keep};
use super::keys::{self, KEY_VARIABLE, Opened, explained};
use crate::asking::ask;
use crate::cli::{NodeAddress, block_on};
use crate::import::progress_bar;
use crate::output;
use crate::prefill::form::FormFile;
use crate::random::rng;
use crate::signer::now;
use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};
use tongban_crypto::primitives;
use tongban_modules::sharing::{self, Fields};
use tongban_modules::{Query, View};
use tongban_types::codes::{CaseNumber, LicenceIdentifier};
use tongban_types::{AccessId, Primitives, Suite};
use tongban_vault::{Content, Label, ObjectId, VaultError};

/// How long after it was recorded an access may be used, in milliseconds: it is about one handing out.
const ACCESS_AGE_MILLIS_MAX: u64 = 3_600_000;

/// Commands of `tongban vault`.
#[derive(Subcommand)]
pub enum VaultAction {
    /// Begin a vault in an empty or new folder (建立保险库)
    Create {
        #[command(flatten)]
        place: Place,
        /// Its algorithms, those of the network: sm (SM2, SM3, SM4) or intl (Ed25519, SHA-256, AES)
        #[arg(long, default_value_t = Suite::Sm)]
        suite: Suite,
    },
    /// Keep faces of an import, or a form, sealed; may be repeated (存入)
    Keep(KeepArguments),
    /// List what is kept, page by page, and nothing of what it says (清单)
    List {
        #[command(flatten)]
        place: Place,
        /// How many at a time
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=1000))]
        limit: u16,
        /// The object behind which the page begins
        #[arg(long)]
        after: Option<ObjectId>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show the fields of a licence's face under a recorded access, or a form (查看)
    Show(ShowArguments),
    /// Erase a face or a form with its salts, for ever; the time of it stays (删除)
    Erase {
        #[command(flatten)]
        place: Place,
        /// The licence's identifier, or the case's number
        object: ObjectName,
    },
    /// Compare everything that is kept with the commitments on the ledger (核对)
    Check {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        node: NodeAddress,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// A vault by its folder.
#[derive(Args)]
pub struct Place {
    /// The folder of the vault
    folder: PathBuf,
    /// The key file that opens it; FOLDER.key.json beside it where this is absent
    #[arg(long, env = KEY_VARIABLE)]
    key: Option<PathBuf>,
}

/// Options of `tongban vault keep`.
#[derive(Args)]
pub struct KeepArguments {
    #[command(flatten)]
    place: Place,
    /// Files of faces, as `tongban import licences` writes them
    #[arg(required_unless_present = "form")]
    files: Vec<PathBuf>,
    /// A form that `tongban prefill commit` has written, in place of faces
    #[arg(long, requires = "case", conflicts_with = "files")]
    form: Option<PathBuf>,
    /// The case that the form was filed in
    #[arg(long, requires = "form")]
    case: Option<CaseNumber>,
    /// Put the form in the place of an earlier one of the case, as after a correction
    #[arg(long, requires = "form")]
    replace: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Options of `tongban vault show`.
#[derive(Args)]
pub struct ShowArguments {
    #[command(flatten)]
    place: Place,
    /// The licence's identifier, or the case's number
    object: ObjectName,
    /// The access that was recorded on the ledger within the last hour; without it the names of a face's fields alone are shown
    #[arg(long)]
    access: Option<AccessId>,
    #[command(flatten)]
    node: NodeAddress,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Place {
    fn open(&self) -> anyhow::Result<Opened> {
        keys::open(&self.folder, self.key.as_deref())
    }

    pub(crate) fn open_to_read(&self) -> anyhow::Result<Opened> {
        keys::open_to_read(&self.folder, self.key.as_deref())
    }

    pub(crate) fn explained(&self, error: &VaultError) -> anyhow::Error {
        explained(&self.folder, error)
    }
}

/// Runs a command of `tongban vault`.
pub fn run(action: VaultAction) -> anyhow::Result<()> {
    match action {
        VaultAction::Create { place, suite } => create(&place, suite),
        VaultAction::Keep(arguments) => match &arguments.form {
            Some(form) => keep_form(&arguments, form),
            None => keep_faces(&arguments),
        },
        VaultAction::List { place, limit, after, json } => list(&place, usize::from(limit), after, json),
        VaultAction::Show(arguments) => block_on(show(&arguments))?,
        VaultAction::Erase { place, object } => erase(&place, &object.0),
        VaultAction::Check { place, node, json } => block_on(compare(&place, &node, json))?,
    }
}

fn create(place: &Place, suite: Suite) -> anyhow::Result<()> {
    let (_, key) = keys::create(&place.folder, place.key.as_deref(), suite)?;
    output::line(format_args!("{}: a vault of the suite {suite}", place.folder.display()));
    output::line(format_args!("{} opens it; whoever loses it loses everything that is kept", key.display()));
    Ok(())
}

fn keep_faces(arguments: &KeepArguments) -> anyhow::Result<()> {
    let Opened { vault, suite } = arguments.place.open()?;
    let kept = keep(&vault, primitives(suite), &arguments.files, &progress_bar())?;
    if arguments.json {
        output::line(format_args!("{}", serde_json::to_string_pretty(&kept)?));
    } else {
        output::text(format_args!("{}", kept_in_words(&kept)));
    }
    if kept.troubled() > 0 {
        bail!("{} lines were not kept", kept.troubled());
    }
    Ok(())
}

fn kept_in_words(kept: &Kept) -> String {
    let counts = [
        ("lines", kept.lines),
        ("kept", kept.kept),
        ("already kept", kept.already_kept),
        ("erased before", kept.erased),
        ("refused", kept.troubled()),
    ];
    let counts: String = counts.iter().map(|(name, count)| format!("{name:<14} {count}\n")).collect();
    let troubles = kept.troubles.iter();
    let troubles: String =
        troubles.map(|trouble| format!("{}:{} {}\n", trouble.file.display(), trouble.line, trouble.code)).collect();
    counts + &troubles
}

fn keep_form(arguments: &KeepArguments, path: &Path) -> anyhow::Result<()> {
    let case = arguments.case.clone().context("a form is kept under the number of its case")?;
    let Opened { vault, suite } = arguments.place.open()?;
    let content = FormFile::read(path)?.content(&case)?;
    let root = content.form().context("a form is one")?.root(primitives(suite));
    let done = if arguments.replace {
        vault.replace(&content, &mut rng())
    } else {
        vault.put(&content, &[], &mut rng()).map(drop)
    };
    done.map_err(|error| arguments.place.explained(&error))?;
    if arguments.json {
        output::line(format_args!("{}", serde_json::json!({ "case": case, "root": root })));
    } else {
        output::line(format_args!("{case}: the form is kept, its root is {root}"));
    }
    Ok(())
}

fn list(place: &Place, limit: usize, after: Option<ObjectId>, json: bool) -> anyhow::Result<()> {
    let Opened { vault, .. } = place.open_to_read()?;
    let page = inventory::inventory(&vault.open_part(after, limit).map_err(|error| place.explained(&error))?);
    if json {
        output::line(format_args!("{}", serde_json::to_string_pretty(&page)?));
    } else {
        output::text(format_args!("{}", inventory::in_words(&page)));
    }
    Ok(())
}

fn erase(place: &Place, label: &Label) -> anyhow::Result<()> {
    let Opened { vault, .. } = place.open()?;
    let at = now();
    vault.erase(label, at).map_err(|error| place.explained(&error))?;
    output::line(format_args!("{}: erased at {at}; the commitment on the ledger says nothing now", about(label)));
    Ok(())
}

async fn show(arguments: &ShowArguments) -> anyhow::Result<()> {
    let Opened { vault, suite } = arguments.place.open_to_read()?;
    let content = vault.get(&arguments.object.0).map_err(|error| arguments.place.explained(&error))?;
    let primitives = primitives(suite);
    let shown = match (&content, arguments.access) {
        (Content::Form(_) | Content::Sourced(_), Some(_)) => bail!("an access is of a licence, not of a form"),
        (Content::Form(form), None) => inventory::show_form(form, form.root(primitives)),
        (Content::Sourced(sourced), None) => inventory::show_form(&sourced.form, sourced.form.root(primitives)),
        (Content::Face(_) | Content::Imported(_), access) => {
            let stored = content.face().context("a face is one, however it came here")?;
            let root = stored.face.root(primitives);
            let covered = match access {
                Some(access) => {
                    if differs(arguments, &content, primitives).await? {
                        bail!("the face is not the one that the ledger commits to (vault.differs)");
                    }
                    Some(covered(arguments, access, &stored.licence).await?)
                }
                None => None,
            };
            inventory::show_face(&stored.licence, &stored.face, root.root, covered.as_ref())
        }
    };
    if arguments.json {
        output::line(format_args!("{}", serde_json::to_string_pretty(&shown)?));
    } else {
        output::text(format_args!("{}", inventory::shown_in_words(&shown)));
    }
    Ok(())
}

/// Whether the face is another one than the ledger commits to.
async fn differs(arguments: &ShowArguments, content: &Content, primitives: &dyn Primitives) -> anyhow::Result<bool> {
    let committed: Option<Committed> = committed(&arguments.node.client()?, &content.label()).await?;
    Ok(check::judge(content, committed.as_ref(), primitives).is_some())
}

/// The fields that an access covers, where it is recorded for this licence, and lately.
async fn covered(arguments: &ShowArguments, id: AccessId, licence: &LicenceIdentifier) -> anyhow::Result<Fields> {
    let question = Query::Sharing(sharing::Query::Access { id });
    let access = match ask(&arguments.node.client()?, &question).await? {
        View::Sharing(sharing::View::Access { access: Some(access) }) => access,
        View::Sharing(sharing::View::Access { access: None }) => bail!("no access {id} is recorded"),
        other => bail!("the node answered another question: {other:?}"),
    };
    if access.handout.licence != *licence {
        bail!("access {id} is of licence {}", access.handout.licence);
    }
    if now().millis_since(access.at) > ACCESS_AGE_MILLIS_MAX {
        bail!("access {id} was recorded at {}: record another one for what is shown now", access.at);
    }
    Ok(access.handout.fields)
}

async fn compare(place: &Place, node: &NodeAddress, json: bool) -> anyhow::Result<()> {
    let Opened { vault, suite } = place.open_to_read()?;
    let report = check::check(&vault, &node.client()?, primitives(suite), &progress_bar()).await?;
    if json {
        output::line(format_args!("{}", serde_json::to_string_pretty(&report)?));
    } else {
        output::text(format_args!("{}", check::in_words(&report)));
    }
    if !report.findings.is_empty() {
        bail!("{} objects are not what the ledger commits to", report.findings.len());
    }
    Ok(())
}
