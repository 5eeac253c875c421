//! `tongban licences copy`: an annotated copy (加注件). The ledger gets a salted commitment to its note; note and fields go with its slip.

use super::commands::{CopyArguments, Signing};
use super::face_file::salt;
use super::issue::submit;
use super::show::disclose;
use crate::catalogue::item_file::read_value;
use crate::output;
use crate::private_file::{write_new, write_new_json};
use crate::qr::QrCode;
use crate::vault::keys::explained;
use crate::verification::disclosed::{Carried, DisclosureFile, SaltedNote};
use anyhow::{Context as _, bail};
use std::path::Path;
use tongban_crypto::primitives;
use tongban_modules::{Call, licences};
use tongban_types::licence_face::Disclosure;
use tongban_types::proof::Slip;
use tongban_types::{Blob, Suite, codec};

/// Makes a copy and writes its slip.
pub async fn copy(arguments: &CopyArguments) -> anyhow::Result<()> {
    let noted = SaltedNote { note: read_note(&arguments.note)?, salt: salt() };
    let Signing { client, signer, genesis, .. } = arguments.signing.connect().await?;
    let disclosure = shown(arguments, genesis.suite)?;
    let commitment = noted.commitment(primitives(genesis.suite));
    let (inside, beside) = match (&arguments.beside, disclosure) {
        (Some(path), Some(disclosure)) => {
            let licence = arguments.identifier.clone();
            (None, Some((path, DisclosureFile { licence, disclosure, noted: Some(noted) })))
        }
        (_, disclosure) => (Some(carried(Carried { noted, disclosure })?), None),
    };
    // Nothing is registered whose note could not be handed over.
    if let Some((path, file)) = &beside {
        write_new_json(path, file)?;
    }
    let (identifier, until) = (arguments.identifier.clone(), arguments.until.ends());
    let call = Call::Licences(licences::Call::MakeCopy { identifier, commitment, until });
    let receipt = submit(&client, &signer, call).await?;
    let slip = client.slip(receipt.number).await?.slip;
    let slip = Slip::from_text(slip.as_bytes()).context("the node answered with what is no slip")?;
    let slip = match inside {
        Some(bytes) => slip.disclosing(bytes)?,
        None => slip,
    };
    let out = &arguments.out;
    write_new(out, slip.to_text().as_bytes())?;
    output::line(format_args!(
        "{}: copy of {} until {until}, receipt {}",
        out.display(),
        arguments.identifier,
        receipt.number
    ));
    match QrCode::of_slip(&slip) {
        Ok(code) => {
            output::line(format_args!("it fits a QR code of version {}: tongban qr {}", code.version(), out.display()))
        }
        Err(too_large) => output::line(format_args!("{too_large}")),
    }
    output::line(format_args!(
        "take it back before that (撤回) with: tongban call licences take-back-copy --identifier {} --commitment {commitment}",
        arguments.identifier
    ));
    let with = beside.map(|(path, _)| format!(" --disclosure {}", path.display())).unwrap_or_default();
    output::line(format_args!("check it with: tongban verify {} --anchor GENESIS{with}", out.display()));
    Ok(())
}

/// What is noted on a copy, from a file.
pub fn read_note(path: &Path) -> anyhow::Result<licences::CopyNote> {
    let place = || format!("{} is no note: purpose and creator are expected", path.display());
    let value = read_value(path).with_context(place)?;
    let note: licences::CopyNote = serde_json::from_value(value).map_err(|_| anyhow::anyhow!(place()))?; // no message repeats a value
    if note.purpose.is_empty() || note.creator.is_empty() {
        bail!("a copy names its purpose and who makes it out");
    }
    Ok(note)
}

/// The fields that are to be seen on the copy.
fn shown(arguments: &CopyArguments, suite: Suite) -> anyhow::Result<Option<Disclosure>> {
    let Some(place) = arguments.place.as_ref().filter(|_| !arguments.fields.is_empty()) else { return Ok(None) };
    let opened = place.open_to_read()?;
    if opened.suite != suite {
        bail!("the vault {} is of the suite {}, the network uses {suite}", place.vault.display(), opened.suite);
    }
    let stored = opened.vault.face(&arguments.identifier).map_err(|error| explained(&place.vault, &error))?;
    disclose(&stored.face, &arguments.fields, primitives(suite)).map(Some)
}

/// What the slip carries.
fn carried(carried: Carried) -> anyhow::Result<tongban_types::proof::slip::DisclosedBytes> {
    Blob::new(codec::encode(&carried))
        .context("a slip has no room for so much: show fewer fields, or hand note and fields over in a file (--beside)")
}
