//! The rules of the repository that no compiler checks.
//!
//! Each rule is a function from the [`Tree`] to its findings, in a file of its own with an example that it refuses.

mod arrows;
mod determinism;
mod documents;
mod leftovers;
mod modules;
mod places;
mod shape;
mod source;

use crate::tree::Tree;
use std::fmt;

/// What breaks a rule, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    path: String,
    line: usize,
    rule: &'static str,
    advice: String,
}

impl Finding {
    fn new(path: &str, line: usize, rule: &'static str, advice: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, rule, advice: advice.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, rule, advice } = self;
        write!(formatter, "{path}:{line}: {rule}: {advice}")
    }
}

const RULES: [fn(&Tree) -> Vec<Finding>; 7] = [
    arrows::findings,
    determinism::findings,
    documents::findings,
    leftovers::findings,
    modules::findings,
    places::findings,
    shape::findings,
];

/// Prints what breaks a rule; whether nothing does.
pub fn run(tree: &Tree) -> bool {
    for warning in shape::warnings(tree) {
        println!("warning: {warning}");
    }
    let findings: Vec<Finding> = RULES.iter().flat_map(|rule| rule(tree)).collect();
    for finding in &findings {
        println!("{finding}");
    }
    println!("tidy: {} files, {} findings", tree.files().count(), findings.len());
    findings.is_empty()
}

/// The findings of one rule as text, for tests.
#[cfg(test)]
fn check<const N: usize>(rule: fn(&Tree) -> Vec<Finding>, files: [(&str, &str); N], expected: &[&str]) {
    let found: Vec<String> = rule(&Tree::from(files)).iter().map(Finding::to_string).collect();
    let expected_count = expected.len();
    assert_eq!(found.len(), expected_count, "found {found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "expected {expected}, found {found}");
    }
}
