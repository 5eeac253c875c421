//! `cli.md`: the whole command line. The program prints it: linking the program here would make every `cargo xtask tidy` wait for
//! the engine.

use crate::tree::root;
use anyhow::{Context, Result, bail};
use std::process::{Command, Stdio};

/// The reference, as the program that is built from this tree prints it.
pub fn text() -> Result<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["run", "--release", "--quiet", "--package", "tongban-node", "--", "reference"])
        .current_dir(root())
        .stderr(Stdio::inherit())
        .output()
        .context("starting cargo to build the program")?;
    if !output.status.success() {
        bail!("the program does not print its reference ({})", output.status);
    }
    let reference = String::from_utf8(output.stdout).context("the reference is text")?;
    Ok(super::heading("The command line") + &reference)
}
