//! The reference files in `generated/`, made from the program itself. They are committed, so that a change of an interface
//! or of a format shows in review; nobody edits them.

mod access;
mod errors;
mod messages;
mod openapi;
mod wire;

use crate::tree::root;
use anyhow::{Context, Result};

/// What to do with the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Write them.
    Write,
    /// Fail where one is not what it should be.
    Check,
    /// Say what would be written.
    DryRun,
}

const FOLDER: &str = "generated";

/// Makes all files; whether they are (now) what they should be.
pub fn run(mode: Mode) -> Result<bool> {
    let files = [
        ("access.md", access::text()),
        ("errors.md", errors::text()),
        ("messages.json", messages::text()?),
        ("openapi.json", openapi::text()?),
        ("wire.txt", wire::text()?),
    ];
    let folder = root().join(FOLDER);
    std::fs::create_dir_all(&folder).context("creating the folder of generated files")?;
    let mut is_current = true;
    for (name, text) in files {
        let path = folder.join(name);
        let present = std::fs::read_to_string(&path).unwrap_or_default();
        if present == text {
            println!("{FOLDER}/{name}: current");
            continue;
        }
        let difference = first_difference(&present, &text);
        match mode {
            Mode::Write => {
                std::fs::write(&path, &text).with_context(|| format!("writing {FOLDER}/{name}"))?;
                println!("{FOLDER}/{name}: written ({difference})");
            }
            Mode::DryRun => println!("{FOLDER}/{name}: would be written ({difference})"),
            Mode::Check => {
                println!(
                    "{FOLDER}/{name}: not current ({difference}); run `cargo xtask generate` and review the change"
                );
                is_current = false;
            }
        }
    }
    Ok(is_current)
}

/// Where two texts begin to differ.
fn first_difference(present: &str, wanted: &str) -> String {
    let (mut present, mut wanted) = (present.lines(), wanted.lines());
    let mut number = 1;
    loop {
        match (present.next(), wanted.next()) {
            (None, None) => return "line ends".to_owned(),
            (left, right) if left == right => number += 1,
            (left, right) => {
                let [left, right] = [left, right].map(|line| line.map_or("nothing".to_owned(), shorten));
                return format!("line {number}: {left} becomes {right}");
            }
        }
    }
}

fn shorten(line: &str) -> String {
    const LETTERS: usize = 60;
    if line.chars().count() <= LETTERS {
        return format!("`{line}`");
    }
    format!("`{}…`", line.chars().take(LETTERS).collect::<String>())
}

/// The first line of every generated text, so that nobody edits it.
fn heading(title: &str) -> String {
    format!("<!-- Made by `cargo xtask generate` from the program. Do not edit. -->\n\n# {title}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_located() {
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), "line 2: `b` becomes `c`");
        assert_eq!(first_difference("a\n", "a\nc\n"), "line 2: nothing becomes `c`");
        assert_eq!(first_difference("a", "a\n"), "line ends");
    }

    #[test]
    fn generation_repeats_itself() {
        assert_eq!(wire::text().expect("formats can be traced"), wire::text().expect("formats can be traced"));
        assert_eq!(messages::text().expect("schemas"), messages::text().expect("schemas"));
        assert_eq!(openapi::text().expect("a document"), openapi::text().expect("a document"));
    }
}
