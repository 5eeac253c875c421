//! No file names a folder of the machine it was written on.

use super::Finding;
use crate::tree::Tree;

/// Beginnings of absolute paths that exist on somebody's machine only. Written in halves, so that this file passes.
const FOLDERS: [&str; 4] =
    [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/")];
/// Words that belong to somebody's workplace and say nothing about the product.
const WORDS: [&str; 1] = [concat!("C", "EO")];

pub fn findings(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.files() {
        for (number, line) in (1..).zip(text.lines()) {
            for folder in FOLDERS.iter().filter(|folder| names_folder(line, folder)) {
                let advice = format!("`{folder}` exists on one machine only: use a relative path or a setting");
                findings.push(Finding::new(path, number, "place", advice));
            }
            for word in WORDS.iter().filter(|word| super::source::has_word(line, word)) {
                findings.push(Finding::new(path, number, "place", format!("`{word}` says nothing about the product")));
            }
        }
    }
    findings
}

/// Whether an absolute path begins so: what stands before it is no part of a longer path or address.
fn names_folder(line: &str, folder: &str) -> bool {
    let continues = |letter: char| letter.is_alphanumeric() || "._-~}".contains(letter);
    line.match_indices(folder).any(|(start, _)| !line[..start].chars().next_back().is_some_and(continues))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::check;

    #[test]
    fn no_absolute_paths_of_a_machine() {
        let refused = concat!("data = \"/ho", "me/li/data\"\n");
        check(findings, [("docs/a.md", refused)], &["docs/a.md:1: place: `/ho"]);
        let longer = concat!("see https://example.org/ho", "me/page and ../ho", "me/x\n");
        check(findings, [("docs/a.md", longer)], &[]);
        check(findings, [("docs/a.md", concat!("asked by the C", "EO\n"))], &["docs/a.md:1: place: `C"]);
    }
}
