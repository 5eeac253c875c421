//! Crates whose results every node must agree on have no clock, no threads, no I/O, no floats and no hash maps.

use super::Finding;
use super::source::{has_word, lines};
use crate::tree::Tree;

/// The crates, and the parts of others for which the same holds.
const PURE: [&str; 6] = ["types/src", "crypto/src", "kernel/src", "modules/src", "verify/src", "index/src/projection"];

/// What their code may not name.
const FORBIDDEN: [&str; 14] = [
    "HashMap",
    "HashSet",
    "SystemTime",
    "Instant",
    "std::thread",
    "thread::spawn",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "async",
    "f32",
    "f64",
    "rayon",
];

/// Where some of it stands for a reason.
const EXEMPT: [(&str, &str); 2] = [
    // Key files are files.
    ("crates/crypto/src/key_file/", "std::"),
    // A cache that is only looked up in, never walked through, and that never changes a verdict.
    ("crates/crypto/src/sm/verification.rs", "HashMap"),
];

pub fn findings(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.files_ending(".rs") {
        if !PURE.iter().any(|name| path.starts_with(&format!("crates/{name}/"))) {
            continue;
        }
        for (number, line) in (1..).zip(lines(path, text)).filter(|(_, line)| !line.is_test) {
            for word in FORBIDDEN.iter().filter(|word| has_word(&line.code, word)) {
                let exempt = EXEMPT.iter().any(|(place, words)| path.starts_with(place) && word.starts_with(words));
                if !exempt {
                    let advice =
                        format!("`{word}` in a crate whose results all nodes must agree on: {}", instead(word));
                    findings.push(Finding::new(path, number, "determinism", advice));
                }
            }
        }
    }
    findings
}

fn instead(word: &str) -> &'static str {
    match word {
        "HashMap" | "HashSet" => "use `BTreeMap` or `BTreeSet`",
        "SystemTime" | "Instant" => "use the block's time",
        "f32" | "f64" => "count in integers",
        _ => "move it to `ledger` or `node`",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::check;

    #[test]
    fn pure_crates_have_no_clocks_floats_or_hash_maps() {
        let source = "//! A.\nuse std::collections::HashMap;\nlet rate: f64 = 0.5;\nlet now = SystemTime::now();\n";
        let expected =
            ["crates/kernel/src/a.rs:2: det", "crates/kernel/src/a.rs:3: det", "crates/kernel/src/a.rs:4: det"];
        check(findings, [("crates/kernel/src/a.rs", source)], &expected);
        check(findings, [("crates/node/src/a.rs", source)], &[]);
        check(findings, [("crates/index/src/a.rs", source)], &[]);
        let clock = [("crates/index/src/projection/a.rs", "//! A.\nlet now = Instant::now();\n")];
        check(findings, clock, &["crates/index/src/projection/a.rs:2: determinism: `Instant`"]);
    }

    #[test]
    fn comments_tests_and_key_files_may() {
        check(findings, [("crates/types/src/a.rs", "//! No HashMap, no f64.\n")], &[]);
        check(findings, [("crates/types/tests/a.rs", "//! A.\nuse std::collections::HashSet;\n")], &[]);
        check(findings, [("crates/crypto/src/key_file/mod.rs", "//! A.\nuse std::fs::File;\n")], &[]);
        let elsewhere = [("crates/crypto/src/sealing.rs", "//! A.\nuse std::fs::File;\n")];
        check(findings, elsewhere, &["crates/crypto/src/sealing.rs:2: determinism: `std::fs`"]);
    }
}
