//! Slips on the command line: what one proves, in words, and the QR code that carries it (凭条与二维码).

use crate::cli::{DOCUMENT_BYTES_MAX, read_file};
use crate::evidence_report::events_of;
use crate::output;
use crate::qr::QrCode;
use anyhow::{Context, bail};
use clap::Args;
use serde::Serialize;
use std::path::{Path, PathBuf};
use tongban_modules::Event;
use tongban_types::proof::Slip;
use tongban_types::proof::slip::SLIP_TEXT_PREFIX;
use tongban_types::{Receipt, Time};
use tongban_verify::{SlipRefusal, SlipVerdict, Standing, verify_slip};

/// Options of `tongban qr`.
#[derive(Args)]
pub struct QrArguments {
    /// The slip: its file, or its text
    slip: PathBuf,
    /// Where the picture goes (SVG)
    #[arg(long, required_unless_present = "terminal")]
    out: Option<PathBuf>,
    /// Show it here; the terminal must be dark, and 125 columns wide for the largest
    #[arg(long)]
    terminal: bool,
}

/// What a slip has proven, with its events decoded.
#[derive(Debug, Serialize)]
struct Proven {
    standing: Standing,
    network: String,
    as_of_height: u64,
    as_of_time: Time,
    receipt: Receipt,
    /// Its events, decoded.
    events: Vec<Event>,
    /// What the holder of a licence discloses, where the events commit to it.
    disclosed: Option<serde_json::Value>,
    signed_by: Vec<String>,
}

/// What proves something: the argument is the text of a slip, or names a file of a slip or a bundle. Editors end files with a
/// line end, which is no part of a slip's text; all else is taken as it is.
pub fn read_proof(argument: &Path) -> anyhow::Result<Vec<u8>> {
    if let Some(text) = argument.to_str().filter(|text| text.starts_with(SLIP_TEXT_PREFIX)) {
        return Ok(text.as_bytes().to_vec());
    }
    let mut bytes = read_file(argument, DOCUMENT_BYTES_MAX)?;
    if bytes.starts_with(SLIP_TEXT_PREFIX.as_bytes()) {
        while matches!(bytes.last(), Some(b'\n' | b'\r')) {
            bytes.pop();
        }
    }
    Ok(bytes)
}

/// Checks a slip and says what it proves.
pub fn verify(slip: &[u8], anchor: &[u8], json: bool) -> anyhow::Result<()> {
    match verify_slip(slip, anchor).and_then(|verdict| describe(&verdict)) {
        Ok(proven) if json => output::line(format_args!("{}", serde_json::to_string_pretty(&proven)?)),
        Ok(proven) => output::text(format_args!("{}", in_words(&proven)?)),
        Err(error) => {
            if json {
                let refusal = serde_json::json!({ "valid": false, "code": error.code(), "reason": error.to_string() });
                output::line(format_args!("{refusal}"));
            }
            bail!("the slip proves nothing: {error} ({})", error.code())
        }
    }
    Ok(())
}

fn describe(verdict: &SlipVerdict) -> Result<Proven, SlipRefusal> {
    let events = events_of(&verdict.receipt);
    let disclosed = verdict.disclose(|_, disclosed| bind(&events, disclosed))?;
    Ok(Proven {
        standing: verdict.standing,
        network: verdict.network_name.to_string(),
        as_of_height: verdict.height,
        as_of_time: verdict.as_of,
        receipt: verdict.receipt.clone(),
        events,
        disclosed,
        signed_by: verdict.departments.iter().map(|name| name.to_string()).collect(),
    })
}

/// Reads what is disclosed, where a module's event commits to it. Each module that has something to disclose says so here; what
/// none of them knows is refused and not shown.
fn bind(_events: &[Event], disclosed: &[u8]) -> Option<Option<serde_json::Value>> {
    disclosed.is_empty().then_some(None)
}

fn in_words(proven: &Proven) -> anyhow::Result<String> {
    Ok(format!(
        "valid as of {}, unconfirmed now (截至该时有效，此后未核)\nblock {} on {}\nsigned by {}\nreceipt {}: transaction {} of account {}\n{}\n\
         A slip cannot tell what has changed since; ask the network.\n",
        proven.as_of_time,
        proven.as_of_height,
        proven.network,
        proven.signed_by.join("、"),
        proven.receipt.number,
        proven.receipt.transaction,
        proven.receipt.account,
        serde_json::to_string_pretty(&proven.events)?,
    ))
}

/// Makes the QR code of a slip.
pub fn qr(arguments: &QrArguments) -> anyhow::Result<()> {
    let slip = Slip::read(&read_proof(&arguments.slip)?).map_err(|error| {
        let refusal = SlipRefusal::from(error);
        anyhow::anyhow!("{refusal} ({})", refusal.code())
    })?;
    let code = QrCode::of_slip(&slip)?;
    if let Some(out) = &arguments.out {
        if out.extension().is_none_or(|extension| extension != "svg") {
            bail!("the picture is SVG: name a file that ends with .svg");
        }
        std::fs::write(out, code.svg()).with_context(|| format!("cannot write {}", out.display()))?;
        output::line(format_args!("{} (QR code of version {}, level {})", out.display(), code.version(), code.level()));
    }
    if arguments.terminal {
        output::text(format_args!("{}", code.terminal()));
    }
    Ok(())
}
