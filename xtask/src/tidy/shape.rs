//! Every Rust file says first what it is for, and stays short enough to read in one go.

use super::Finding;
use crate::tree::Tree;

const LINES_MAX: usize = 900;
const LINES_GOOD: usize = 600;

pub fn findings(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.files_ending(".rs") {
        if !text.starts_with("//!") {
            findings.push(Finding::new(path, 1, "header", "begin the file with a `//!` sentence: what it is for"));
        }
        let lines = text.lines().count();
        if lines > LINES_MAX {
            let advice = format!("{lines} lines, at most {LINES_MAX}: divide the file by its concepts");
            findings.push(Finding::new(path, LINES_MAX, "length", advice));
        }
    }
    findings
}

/// Files that grow too long.
pub fn warnings(tree: &Tree) -> Vec<Finding> {
    let long = tree.files_ending(".rs").map(|(path, text)| (path, text.lines().count()));
    long.filter(|(_, lines)| (LINES_GOOD + 1..=LINES_MAX).contains(lines))
        .map(|(path, lines)| Finding::new(path, LINES_GOOD, "length", format!("{lines} lines, think of dividing it")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::check;

    #[test]
    fn a_file_says_what_it_is_for() {
        check(findings, [("crates/a/src/b.rs", "//! Good.\n")], &[]);
        check(findings, [("crates/a/src/b.rs", "use std::fmt;\n")], &["crates/a/src/b.rs:1: header: begin"]);
    }

    #[test]
    fn a_file_is_not_too_long() {
        let of_lines = |lines: usize| format!("//! Long.\n{}", "// line\n".repeat(lines - 1));
        check(findings, [("a.rs", &of_lines(900))], &[]);
        check(findings, [("a.rs", &of_lines(901))], &["a.rs:900: length: 901 lines"]);
        assert!(warnings(&Tree::from([("a.rs", of_lines(600).as_str())])).is_empty());
        assert_eq!(warnings(&Tree::from([("a.rs", of_lines(601).as_str())])).len(), 1);
    }
}
