//! The QR code that carries a slip (二维码).

use crate::output;
use crate::qr::QrCode;
use crate::verification::command::read_proof;
use anyhow::{Context, bail};
use clap::Args;
use std::path::PathBuf;
use tongban_types::proof::Slip;
use tongban_verify::SlipRefusal;

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
