//! Registering files as evidence: hashes them, salts and commits, submits, and writes what is needed to open the
//! commitments later. The opening stays with the depositor; without it the record says nothing about the file.

use crate::output;
use crate::random::rng;
use crate::signer::{Signer, now, read_key};
use anyhow::{Context, bail};
use clap::Args;
use rand_core::Rng;
use serde::{Deserialize, Serialize};
use std::io::Read;
use std::path::{Path, PathBuf};
use tongban_crypto::{commitment, primitives};
use tongban_modules::Call as AnyCall;
use tongban_modules::evidence::{Call, FieldCommitment, ObjectType, Source};
use tongban_types::{Blob, Digest, EvidenceId, Genesis, List, Outcome, Primitives, Text, merkle};

/// The field that holds the hash of the original.
pub const CONTENT_FIELD: &str = "content";

/// Options of `tongban evidence register`.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    node: crate::cli::NodeAddress,
    /// The key file of the depositor
    #[arg(long, env = "TONGBAN_KEY")]
    key: PathBuf,
    /// The files; with more than one they are registered as a batch
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The folder for the openings, one for each file
    #[arg(long)]
    openings: PathBuf,
    /// The system that the files come from
    #[arg(long, default_value = "file system")]
    system: Text<100>,
}

/// What opens the commitments of a record: kept by the depositor, shown to whoever is to check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// The record.
    pub evidence: EvidenceId,
    /// The fields with their salts.
    pub fields: Vec<OpenedField>,
    /// The place in the batch, where the record is one.
    pub leaf: Option<Leaf>,
}

/// One field, opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenedField {
    /// The field's name.
    pub field: Text<40>,
    /// The salt.
    pub salt: Digest,
    /// The field's value.
    pub value: Blob<4096>,
}

impl OpenedField {
    /// The content with this hash, with a salt of its own.
    pub fn salted(hash: Digest) -> anyhow::Result<Self> {
        let mut salt = [0; 32];
        rng().fill_bytes(&mut salt);
        Ok(Self { field: Text::new(CONTENT_FIELD)?, salt: Digest(salt), value: Blob::new(hash.0.to_vec())? })
    }
}

/// A leaf of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaf {
    /// Its place, from 0.
    pub index: u64,
    /// The path to the root.
    pub path: Vec<Digest>,
}

impl Opening {
    /// Reads an opening.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let bytes = crate::cli::read_file(path, 1024 * 1024)?;
        serde_json::from_slice(&bytes).with_context(|| format!("{} is no opening", path.display()))
    }

    /// The field with this name.
    pub fn field(&self, name: &str) -> Option<&OpenedField> {
        self.fields.iter().find(|field| &*field.field == name)
    }
}

/// Bytes of a file that is hashed.
pub const FILE_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// The hash of a file.
pub fn hash_file(path: &Path, primitives: &dyn Primitives) -> anyhow::Result<Digest> {
    let file = std::fs::File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    hash_of(file, &path.display().to_string(), primitives)
}

/// The hash of whatever can be read. The suites' hashes are taken over one slice, so it is read whole, up to a bound.
pub fn hash_of(content: impl Read, name: &str, primitives: &dyn Primitives) -> anyhow::Result<Digest> {
    let mut bytes = Vec::new();
    content.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).with_context(|| format!("cannot read {name}"))?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        bail!("{name} is larger than {FILE_BYTES_MAX} bytes");
    }
    Ok(primitives.hash(&[&bytes]))
}

/// Registers the files and writes their openings.
pub async fn register(arguments: &Arguments) -> anyhow::Result<()> {
    let client = arguments.node.client()?;
    let genesis: Genesis = serde_json::from_slice(&client.genesis().await?)?;
    let primitives = primitives(genesis.suite);
    let signer = Signer::new(read_key(&arguments.key)?, genesis.network(primitives));
    let (call, openings) = prepare(&arguments.files, &arguments.system, signer.account(), primitives)?;
    // The openings are written first: a record that nobody can open is worth nothing.
    std::fs::create_dir_all(&arguments.openings)?;
    for (opening, file) in openings.iter().zip(&arguments.files) {
        let name = file.file_name().context("a file needs a name")?.to_string_lossy();
        let path = arguments.openings.join(format!("{name}.opening.json"));
        let new = std::fs::OpenOptions::new().write(true).create_new(true).open(&path);
        let new = new.with_context(|| format!("cannot create {}", path.display()))?;
        serde_json::to_writer_pretty(new, opening)?;
    }
    let receipt = client.submit(&signer.sign(&[call])?).await?;
    output::line(format_args!("{}", serde_json::to_string_pretty(&crate::backend::describe(receipt.clone()))?));
    match receipt.outcome {
        Outcome::Applied { .. } => Ok(()),
        Outcome::Refused(refusal) => bail!("refused ({})", refusal.code),
    }
}

fn prepare(
    files: &[PathBuf],
    system: &Text<100>,
    operator: tongban_types::AccountId,
    primitives: &dyn Primitives,
) -> anyhow::Result<(AnyCall, Vec<Opening>)> {
    let mut id = [0; EvidenceId::BYTES];
    rng().fill_bytes(&mut id);
    let id = EvidenceId(id);
    let source = Source {
        object_type: ObjectType::Document,
        system: system.clone(),
        method: Text::new(format!("tongban {}", env!("CARGO_PKG_VERSION")))?,
        operator,
        collected_at: collected_at(files)?,
    };
    let mut opened = Vec::new();
    for file in files {
        opened.push(open_content(file, primitives)?);
    }
    let commitments: Vec<Digest> =
        opened.iter().map(|field| commitment(primitives, &field.salt.0, field.value.as_ref())).collect();
    if let ([field], [commitment]) = (&opened[..], &commitments[..]) {
        let commitments = List::new(vec![FieldCommitment { field: field.field.clone(), commitment: *commitment }])?;
        let call = Call::Register { id, source, previous: None, commitments };
        return Ok((AnyCall::Evidence(call), vec![Opening { evidence: id, fields: opened, leaf: None }]));
    }
    let leaves = u32::try_from(commitments.len())?;
    let call = Call::RegisterBatch { id, source, previous: None, root: merkle::root(primitives, &commitments), leaves };
    let tree = merkle::Tree::new(primitives, &commitments);
    let mut openings = Vec::new();
    for (index, field) in opened.into_iter().enumerate() {
        let path = tree.path(index).context("each file is a leaf")?;
        let leaf = Some(Leaf { index: index as u64, path });
        openings.push(Opening { evidence: id, fields: vec![field], leaf });
    }
    Ok((AnyCall::Evidence(call), openings))
}

/// The latest modification of the files, not later than now.
fn collected_at(files: &[PathBuf]) -> anyhow::Result<tongban_types::Time> {
    let mut latest = tongban_types::Time::default();
    for file in files {
        let modified = std::fs::metadata(file).and_then(|metadata| metadata.modified());
        let modified = modified.with_context(|| format!("cannot read {}", file.display()))?;
        let millis = modified.duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_millis();
        latest =
            latest.max(tongban_types::Time::from_millis(u64::try_from(millis).unwrap_or(u64::MAX)).unwrap_or(now()));
    }
    // A second of grace, because block time may lie a little behind this machine's clock.
    Ok(latest.min(tongban_types::Time::from_millis(now().as_millis().saturating_sub(1000))?))
}

fn open_content(file: &Path, primitives: &dyn Primitives) -> anyhow::Result<OpenedField> {
    OpenedField::salted(hash_file(file, primitives)?)
}
