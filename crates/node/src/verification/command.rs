//! The command's arguments, its files, its clock, and how it ends.

use super::disclosed::DisclosureFile;
use super::examination::{NotValid, add_case, examine};
use crate::cli::{DOCUMENT_BYTES_MAX, read_file};
use crate::output;
use crate::signer::now;
use clap::Args;
use std::path::{Path, PathBuf};
use tongban_types::proof::slip::SLIP_TEXT_PREFIX;

/// What the program ends with where a proof holds and the licence in it is not shown to be valid.
pub const NOT_VALID_EXIT_CODE: u8 = 3;

/// Options of `tongban verify`.
#[derive(Args)]
#[command(
    after_help = "Exit codes 退出码: 0 the proof holds, and a licence in it was valid as of its block, which nothing confirms now \
    (证明成立，证照截至该时有效、现在未确认); 1 it proves nothing (证明不成立); 2 the command line is wrong (命令行有误); \
    3 the proof holds and does not show a valid licence: in preparation, suspended, expired, replaced, revoked, moved out, unconfirmed, \
    past its term by this machine's clock, on a grant that was revoked, an annotated copy that has ended or whose purpose is not shown, \
    absent, or not shown (证明成立，但未证明证照有效)."
)]
pub struct VerifyArguments {
    /// The bundle; or the slip, its file or its text
    proof: PathBuf,
    /// The genesis of the network
    #[arg(long)]
    anchor: PathBuf,
    /// Fields of the licence that its holder shows, as `tongban licences show` writes them (出示的字段)
    #[arg(long)]
    disclosure: Option<PathBuf>,
    /// A bundle of the case on which the licence rests, as `tongban prove licence` exports it: says whether its grant stood (办件证明)
    #[arg(long)]
    case: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Checks a proof offline and says what it shows; fails where it shows nothing, or a licence that is not valid.
pub fn run(arguments: &VerifyArguments) -> anyhow::Result<()> {
    let proof = read_proof(&arguments.proof)?;
    let anchor = read_file(&arguments.anchor, DOCUMENT_BYTES_MAX)?;
    let shown = arguments.disclosure.as_deref().map(DisclosureFile::read).transpose()?;
    let case = arguments.case.as_deref().map(|path| read_file(path, DOCUMENT_BYTES_MAX)).transpose()?;
    let examined = examine(&proof, &anchor, shown.as_ref(), now()).and_then(|mut examined| {
        case.iter().try_for_each(|case| add_case(&mut examined, case, &anchor))?;
        Ok(examined)
    });
    let examined = match examined {
        Ok(examined) => examined,
        Err(refusal) => {
            if arguments.json {
                let said = serde_json::json!({ "proven": false, "code": refusal.code, "reason": refusal.reason });
                output::line(format_args!("{said}"));
            }
            return Err(refusal.into());
        }
    };
    if arguments.json {
        output::line(format_args!("{}", examined.json()?));
    } else {
        output::text(format_args!("{}", examined.in_words()));
    }
    examined.objection().map_or(Ok(()), |objection| Err(objection.into()))
}

/// What the program ends with for an error.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    if error.is::<NotValid>() { NOT_VALID_EXIT_CODE } else { 1 }
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
