//! `tongban licences issue` and `supersede`: a face from a file, kept sealed, then its root on the ledger.

use super::commands::{IssueArguments, Signing, SupersedeArguments};
use super::face_file::FaceFile;
use super::outside::Outside;
use super::types;
use crate::asking::ask;
use crate::identification::pseudonym::today;
use crate::output;
use crate::random::rng;
use crate::signer::{Signer, now};
use crate::vault::check::{Committed, judge};
use crate::vault::keys::{Opened, explained};
use anyhow::{Context as _, bail};
use rand_core::Rng as _;
use std::path::Path;
use tongban_api::Client;
use tongban_crypto::primitives;
use tongban_modules::licences::{self, Content, Licence};
use tongban_modules::{Call, Event, Query, View};
use tongban_types::codes::{LicenceIdentifier, LicenceIssuer, LicenceTypeCode, UnifiedSocialCreditCode};
use tongban_types::receipt::Code;
use tongban_types::{List, Outcome, Receipt, Suite, Time};
use tongban_vault::{Content as Kept, Label, StoredFace, Vault, VaultError};

/// Letters of a serial that nobody has chosen.
const SERIAL_LETTERS: usize = 20;
/// Versions that are asked about at once.
const VERSIONS_ASKED: u16 = 99;

/// Issues a licence.
pub async fn issue(arguments: &IssueArguments) -> anyhow::Result<()> {
    let Signing { client, signer, genesis, time } = arguments.version.signing.connect().await?;
    let identifier = match &arguments.identifier {
        Some(identifier) => identifier.clone(),
        None => new_identifier(arguments.licence_type()?, arguments.department()?)?,
    };
    let given = &arguments.version;
    let definition = types::in_force(&client, &identifier.licence_type(), time).await?.definition;
    let file = FaceFile::read(&arguments.face)?;
    let face = file.face(&definition, None, today())?;
    let outside = Outside::of_issue(given.certificate_number()?);
    let content = Content {
        certificate_number: outside.commitment(primitives(genesis.suite)),
        face: face.root(primitives(genesis.suite)),
        period: given.term.of_issue(time)?,
        metadata: file.metadata(None),
    };
    let (case, holder, ground) = (given.case.clone(), arguments.holder, given.ground.ground());
    let call = if arguments.draft {
        licences::Call::Prepare { identifier: identifier.clone(), case, holder, content, ground }
    } else {
        licences::Call::Issue { identifier: identifier.clone(), case, holder, content, ground }
    };
    let call = Call::Licences(call);
    call.validate().map_err(|code| refused(&code))?;
    let vault = given.place.open()?;
    if licence(&client, &identifier).await?.is_some() {
        bail!("{identifier} is issued or prepared already");
    }
    let kept = outside.beside(StoredFace { licence: identifier.clone(), face });
    keep(&vault, genesis.suite, &given.place.vault, &kept)?;
    let receipt = submit(&client, &signer, call).await.with_context(|| what_remains(&identifier))?;
    if arguments.draft {
        output::line(format_args!(
            "{identifier}: prepared, receipt {}; its face is in {}",
            receipt.number,
            given.place.vault.display()
        ));
        output::line(format_args!(
            "another officer issues it: tongban call licences issue-prepared --identifier {identifier}"
        ));
    } else {
        told(&identifier, &receipt, &given.place.vault);
    }
    Ok(())
}

/// Issues a new version in the place of one.
pub async fn supersede(arguments: &SupersedeArguments) -> anyhow::Result<()> {
    let Signing { client, signer, genesis, time } = arguments.version.signing.connect().await?;
    let identifier = &arguments.identifier;
    let old = licence(&client, identifier).await?.with_context(|| format!("no licence {identifier} is known"))?;
    let definition = types::in_force(&client, &identifier.licence_type(), time).await?.definition;
    let given = &arguments.version;
    let vault = given.place.open()?;
    let old_kept = old_kept(&vault.vault, &old, &given.place.vault, genesis.suite)?;
    let old_face = old_kept.as_ref().and_then(Kept::face).map(|stored| &stored.face);
    let file = FaceFile::read(&arguments.face)?;
    let face = file.face(&definition, old_face, today())?;
    let outside = Outside::of_version(given.certificate_number()?, old_kept.as_ref());
    let number = outside.commitment(primitives(genesis.suite));
    let content = Content {
        certificate_number: number.or(old.content.certificate_number), // the vault need not have what opens it
        face: face.root(primitives(genesis.suite)),
        period: given.term.of_version(old.content.period, arguments.cause.into(), time)?,
        metadata: file.metadata(Some(&old.content.metadata)),
    };
    let call = Call::Licences(licences::Call::Supersede {
        identifier: identifier.clone(),
        cause: arguments.cause.into(),
        case: given.case.clone(),
        content,
        ground: given.ground.ground(),
    });
    call.validate().map_err(|code| refused(&code))?;
    let expected = next_version(&client, identifier, time).await?;
    let kept_as = |licence| outside.beside(StoredFace { licence, face: face.clone() });
    keep(&vault, genesis.suite, &given.place.vault, &kept_as(expected.clone()))?;
    let receipt = submit(&client, &signer, call).await.with_context(|| what_remains(&expected))?;
    let issued = superseded_by(&receipt).context("the receipt does not name the new version")?;
    if issued != expected {
        keep(&vault, genesis.suite, &given.place.vault, &kept_as(issued.clone()))?;
        let erased = vault.vault.erase(&Label::Face(expected), now());
        erased.map_err(|error| explained(&given.place.vault, &error))?;
    }
    told(&issued, &receipt, &given.place.vault);
    Ok(())
}

/// An identifier with a serial of random letters.
fn new_identifier(
    licence_type: LicenceTypeCode,
    department: UnifiedSocialCreditCode,
) -> anyhow::Result<LicenceIdentifier> {
    let mut bytes = [0; SERIAL_LETTERS];
    rng().fill_bytes(&mut bytes);
    let serial: String = bytes.iter().map(|byte| char::from(b'A' + byte % 26)).collect();
    Ok(LicenceIdentifier::new(licence_type, LicenceIssuer::Body(department), &serial, 1)?)
}

/// The licence with this identifier.
pub async fn licence(client: &Client, identifier: &LicenceIdentifier) -> anyhow::Result<Option<Licence>> {
    let question = licences::Query::Licence { identifier: identifier.clone() };
    match ask(client, &Query::Licences(question)).await? {
        View::Licences(licences::View::Licence { licence }) => Ok(licence.map(|licence| *licence)),
        other => bail!("the node answered another question: {other:?}"),
    }
}

/// The identifier that the ledger will give the next version: that of the department that keeps the licence now, one version on.
async fn next_version(client: &Client, old: &LicenceIdentifier, at: Time) -> anyhow::Result<LicenceIdentifier> {
    let question = licences::Query::Verify { identifier: old.clone(), at };
    let keeper = match ask(client, &Query::Licences(question)).await? {
        View::Licences(licences::View::Verified { verification: Some(verification) }) => verification.keeper,
        _ => bail!("no licence {old} is known"),
    };
    let first = u16::try_from(old.version())?.saturating_add(1);
    let later = (first..first.saturating_add(VERSIONS_ASKED))
        .map(|version| LicenceIdentifier::new(old.licence_type(), LicenceIssuer::Body(keeper), old.serial(), version));
    // Versions have three digits; what would have more is none.
    let later: Vec<LicenceIdentifier> = later.filter_map(Result::ok).collect();
    let question = licences::Query::Which { identifiers: List::new(later.clone())? };
    let known = match ask(client, &Query::Licences(question)).await? {
        View::Licences(licences::View::Which { known }) => known,
        other => bail!("the node answered another question: {other:?}"),
    };
    let highest = known.iter().map(LicenceIdentifier::version).max().unwrap_or(old.version());
    let next = later.into_iter().find(|version| version.version() > highest);
    next.context("the licence has had all versions that there can be")
}

/// What the vault keeps of the version that is replaced, where that is what the ledger commits to.
fn old_kept(vault: &Vault, old: &Licence, folder: &Path, suite: Suite) -> anyhow::Result<Option<Kept>> {
    let kept = match vault.get(&Label::Face(old.identifier.clone())) {
        Ok(kept) => kept,
        Err(VaultError::NotFound | VaultError::Erased { .. }) => return Ok(None),
        Err(error) => return Err(explained(folder, &error)),
    };
    match judge(&kept, Some(&Committed::Licence(old.content.clone())), primitives(suite)) {
        None => Ok(Some(kept)),
        Some(code) => bail!("the vault's {} is not the one that the ledger commits to ({code})", old.identifier),
    }
}

/// Keeps a face sealed, of a licence that is not issued yet. One of an earlier attempt that came to nothing is replaced.
fn keep(vault: &Opened, suite: Suite, folder: &Path, content: &Kept) -> anyhow::Result<()> {
    if vault.suite != suite {
        bail!("the vault {} is of the suite {}, the network uses {suite}", folder.display(), vault.suite);
    }
    let kept = match vault.vault.put(content, &[], &mut rng()) {
        Err(VaultError::Exists) => vault.vault.replace(content, &mut rng()),
        kept => kept.map(drop),
    };
    kept.map_err(|error| explained(folder, &error))
}

/// Submits a call and waits until it is final; a refusal is an error.
pub async fn submit(client: &Client, signer: &Signer, call: Call) -> anyhow::Result<Receipt> {
    let receipt = client.submit(&signer.sign(&[call])?).await?;
    match &receipt.outcome {
        Outcome::Applied { .. } => Ok(receipt),
        Outcome::Refused(refusal) => Err(refused(&refusal.code)),
    }
}

fn refused(code: &Code) -> anyhow::Error {
    let meaning = tongban_modules::explain(code).map(|error| error.message).unwrap_or_default();
    anyhow::anyhow!("refused: {meaning} ({code})")
}

fn superseded_by(receipt: &Receipt) -> Option<LicenceIdentifier> {
    crate::verification::events_of(receipt).into_iter().find_map(|event| match event {
        Event::Licences(licences::Event::Superseded { by, .. }) => Some(by),
        _ => None,
    })
}

fn what_remains(identifier: &LicenceIdentifier) -> String {
    format!(
        "the face of {identifier} is in the vault already; if it was not issued, try again with the same number, or erase the face \
         (tongban vault erase)"
    )
}

fn told(identifier: &LicenceIdentifier, receipt: &Receipt, folder: &Path) {
    output::line(format_args!("{identifier}: issued, receipt {}; its face is in {}", receipt.number, folder.display()));
    output::line(format_args!("prove it: tongban prove receipt {} --slip --out slip.txt", receipt.number));
    output::line(format_args!(
        "show a field: tongban licences show {identifier} --field NAME --vault {} --out shown.json",
        folder.display()
    ));
}
