//! `tongban licences show`: some fields of a licence's face, in a file beside its proof or inside its slip.

use super::commands::ShowArguments;
use crate::output;
use crate::private_file::{write_new, write_new_json};
use crate::qr::QrCode;
use crate::vault::keys::explained;
use crate::verification::command::read_proof;
use crate::verification::disclosed::DisclosureFile;
use anyhow::Context as _;
use tongban_crypto::primitives;
use tongban_types::licence_face::{Disclosure, Face, FaceError};
use tongban_types::proof::Slip;
use tongban_types::{Blob, Primitives, codec};

/// Writes the fields for whoever is to check them.
pub fn show(arguments: &ShowArguments) -> anyhow::Result<()> {
    let opened = arguments.place.open_to_read()?;
    let stored = opened.vault.face(&arguments.identifier);
    let stored = stored.map_err(|error| explained(&arguments.place.vault, &error))?;
    let disclosure = disclose(&stored.face, &arguments.fields, primitives(opened.suite))?;
    let out = &arguments.out;
    let Some(slip) = &arguments.slip else {
        write_new_json(out, &DisclosureFile { licence: stored.licence, disclosure, noted: None })?;
        output::line(format_args!(
            "{}; check it with: tongban verify SLIP_OR_BUNDLE --anchor GENESIS --disclosure {}",
            out.display(),
            out.display()
        ));
        return Ok(());
    };
    let slip = Slip::read(&read_proof(slip)?).context("this is no slip in its canonical form")?;
    let slip = carrying(&slip, &disclosure)?;
    write_new(out, slip.to_text().as_bytes())?;
    match QrCode::of_slip(&slip) {
        Ok(code) => output::line(format_args!("{} (fits a QR code of version {})", out.display(), code.version())),
        Err(too_large) => output::line(format_args!("{}; {too_large}", out.display())),
    }
    Ok(())
}

/// The fields with their ways to the root; whoever names one that the face has not is told which it has.
pub fn disclose(face: &Face, fields: &[String], primitives: &dyn Primitives) -> anyhow::Result<Disclosure> {
    let names: Vec<&str> = fields.iter().map(String::as_str).collect();
    face.disclose(&names, primitives).map_err(|error| match error {
        FaceError::UnknownField => {
            let known: Vec<&str> = face.fields().iter().map(|field| &*field.name).collect();
            anyhow::anyhow!("{error}; it has {}", known.join(", "))
        }
        other => other.into(),
    })
}

/// The slip with the fields inside it. It has room for one or two.
pub fn carrying(slip: &Slip, disclosure: &Disclosure) -> anyhow::Result<Slip> {
    let bytes = Blob::new(codec::encode(disclosure)).context(
        "a slip has no room for so much: show fewer fields, or leave --slip out and hand them over in a file",
    )?;
    Ok(slip.disclosing(bytes)?)
}
