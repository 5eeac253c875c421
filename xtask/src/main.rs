//! The repository's workshop: `cargo xtask tidy` checks the rules that the compiler cannot, `cargo xtask generate` writes
//! the reference files in `generated/`.

mod generate;
mod tidy;
mod tree;

use anyhow::{Result, bail};
use generate::Mode;
use std::process::ExitCode;
use tree::Tree;

const HELP: &str = "\
usage: cargo xtask tidy                             check the rules of ARCHITECTURE.md and STYLE.md
       cargo xtask generate [--check | --dry-run]   write generated/, compare it with the program, or show what would change";

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Whether everything is as it should be.
fn run() -> Result<bool> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["tidy"] => Ok(tidy::run(&Tree::read()?)),
        ["generate"] => generate::run(Mode::Write),
        ["generate", "--check"] => generate::run(Mode::Check),
        ["generate", "--dry-run"] => generate::run(Mode::DryRun),
        ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            Ok(true)
        }
        _ => bail!("unknown arguments {arguments:?}\n{HELP}"),
    }
}
