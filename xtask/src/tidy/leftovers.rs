//! Nothing unfinished stays behind, and nothing panics without saying why it cannot.

use super::source::{has_word, lines};
use super::{Finding, source::Line};
use crate::tree::Tree;

/// Never in code.
const UNFINISHED: [(&str, &str); 4] = [
    ("todo!(", "finish it"),
    ("unimplemented!(", "finish it"),
    ("dbg!(", "remove it, or use `tracing`"),
    ("#[ignore", "mend the test or remove it"),
];
/// Never in comments.
const MARKS: [&str; 3] = ["FIXME", "XXX", "TODO"];

pub fn findings(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.files_ending(".rs") {
        for (number, line) in (1..).zip(lines(path, text)) {
            findings.extend(advice(&line).map(|advice| Finding::new(path, number, "leftover", advice)));
        }
    }
    findings
}

fn advice(line: &Line) -> Option<String> {
    let compact: String = line.code.split_whitespace().collect();
    if let Some((found, advice)) = UNFINISHED.iter().find(|(word, _)| compact.contains(word)) {
        return Some(format!("`{found}` is left: {advice}"));
    }
    if let Some(mark) = MARKS.iter().find(|mark| has_word(&line.comment, mark)) {
        return Some(format!("`{mark}` is left: do it, or open an issue and say why it can wait"));
    }
    if compact.contains(".unwrap()") && !line.is_test {
        return Some("`unwrap` outside tests: return an error, or `expect(\"why it holds\")`".to_owned());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::check;

    #[test]
    fn nothing_unfinished() {
        let refused = "//! A.\nfn f() { todo!() }\n#[ignore = \"slow\"]\n// FIXME later\nfn g() { dbg!(1); }\n";
        let expected = [
            "a.rs:2: leftover: `todo!(`",
            "a.rs:3: leftover: `#[ign",
            "a.rs:4: leftover: `FIX",
            "a.rs:5: leftover: `dbg!(",
        ];
        check(findings, [("a.rs", refused)], &expected);
        check(findings, [("a.rs", "//! A.\nconst WORDS: [&str; 1] = [\"todo!(\"];\n")], &[]);
    }

    #[test]
    fn no_unwrap_outside_tests() {
        let source = "//! A.\nfn f() { g().unwrap() }\n#[cfg(test)]\nmod tests {\n    fn t() { g().unwrap() }\n}\n";
        check(findings, [("crates/a/src/b.rs", source)], &["crates/a/src/b.rs:2: leftover: `unwrap`"]);
        check(findings, [("crates/a/tests/b.rs", source)], &[]);
    }
}
