//! Which crate may know which: the arrows of `ARCHITECTURE.md`.

use super::Finding;
use crate::tree::Tree;
use toml::{Table, Value};

/// Our crates and those of ours that they may need to be built. For their tests they may use any.
const ARROWS: [(&str, &[&str]); 12] = [
    ("tongban-types", &[]),
    ("tongban-crypto", &["tongban-types"]),
    ("tongban-kernel", &["tongban-types"]),
    ("tongban-modules", &["tongban-kernel", "tongban-types"]),
    ("tongban-ledger", &["tongban-crypto", "tongban-kernel", "tongban-types"]),
    ("tongban-api", &["tongban-kernel", "tongban-types"]),
    ("tongban-index", &["tongban-types"]),
    ("tongban-verify", &["tongban-crypto", "tongban-types"]),
    ("tongban-vault", &["tongban-crypto", "tongban-types"]),
    (
        "tongban-simulator",
        &["tongban-crypto", "tongban-kernel", "tongban-ledger", "tongban-modules", "tongban-types", "tongban-verify"],
    ),
    (
        "tongban-node",
        &[
            "tongban-api",
            "tongban-crypto",
            "tongban-index",
            "tongban-kernel",
            "tongban-ledger",
            "tongban-modules",
            "tongban-types",
            "tongban-vault",
            "tongban-verify",
        ],
    ),
    ("xtask", &["tongban-api", "tongban-crypto", "tongban-kernel", "tongban-modules", "tongban-types"]),
];

/// Crates of the engine.
const ENGINE: &str = "commonware-";
/// Who may know the engine, and who may compare itself with it in tests.
const KNOWS_ENGINE: &str = "tongban-ledger";
/// Who instantiates it for a simulated runtime, and is no part of the product (ADR 0007).
const SIMULATES_ENGINE: &str = "tongban-simulator";
const TESTS_AGAINST_ENGINE: [&str; 2] = ["tongban-ledger", "tongban-verify"];

pub fn findings(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.files_ending("Cargo.toml") {
        let manifest: Table = match text.parse() {
            Ok(manifest) => manifest,
            Err(error) => {
                findings.push(Finding::new(path, 1, "arrow", format!("not a manifest: {error}")));
                continue;
            }
        };
        let Some(name) = manifest.get("package").and_then(|package| package.get("name")).and_then(Value::as_str) else {
            continue;
        };
        let Some((_, allowed)) = ARROWS.iter().find(|(own, _)| *own == name) else {
            let advice = "a new crate needs an ADR and its line in xtask/src/tidy/arrows.rs";
            findings.push(Finding::new(path, line_of(text, "name"), "arrow", advice));
            continue;
        };
        for (dependency, is_for_tests) in dependencies(&manifest) {
            let is_engine = dependency.starts_with(ENGINE);
            let is_ours = ARROWS.iter().any(|(ours, _)| *ours == dependency);
            let advice = if is_engine && is_for_tests && !TESTS_AGAINST_ENGINE.contains(&name) {
                format!("only the tests of {} may know the engine", TESTS_AGAINST_ENGINE.join(" and "))
            } else if is_engine && !is_for_tests && name != KNOWS_ENGINE && name != SIMULATES_ENGINE {
                format!("only {KNOWS_ENGINE} may know the engine")
            } else if is_ours && !is_for_tests && !allowed.contains(&dependency.as_str()) {
                format!("{name} must not need {dependency}; it may need {allowed:?}")
            } else {
                continue;
            };
            findings.push(Finding::new(path, line_of(text, &dependency), "arrow", advice));
        }
    }
    findings
}

/// The packages that a manifest names, and whether only tests use them.
fn dependencies(manifest: &Table) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    let of_targets = manifest.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values);
    for part in std::iter::once(manifest).chain(of_targets.filter_map(Value::as_table)) {
        for (section, is_for_tests) in
            [("dependencies", false), ("build-dependencies", false), ("dev-dependencies", true)]
        {
            let section = part.get(section).and_then(Value::as_table);
            for (name, details) in section.into_iter().flatten() {
                let package = details.get("package").and_then(Value::as_str).unwrap_or(name);
                found.push((package.to_owned(), is_for_tests));
            }
        }
    }
    found
}

fn line_of(text: &str, key: &str) -> usize {
    text.lines().position(|line| line.starts_with(key)).map_or(1, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::check;

    fn check_manifest(name: &str, body: &str, expected: &[&str]) {
        let manifest = format!("[package]\nname = \"{name}\"\n{body}");
        check(findings, [("Cargo.toml", &manifest)], expected);
    }

    #[test]
    fn arrows_point_one_way() {
        check_manifest("tongban-modules", "[dependencies]\ntongban-kernel.workspace = true\n", &[]);
        let refused = ["Cargo.toml:4: arrow: tongban-kernel must not need tongban-crypto"];
        check_manifest("tongban-kernel", "[dependencies]\ntongban-crypto.workspace = true\n", &refused);
        check_manifest("tongban-kernel", "[dev-dependencies]\ntongban-crypto.workspace = true\n", &[]);
        let for_target = "[target.'cfg(unix)'.dependencies]\nx = { package = \"tongban-node\", path = \"..\" }\n";
        check_manifest("tongban-types", for_target, &["Cargo.toml:1: arrow: tongban-types must not need tongban-node"]);
    }

    #[test]
    fn one_crate_knows_the_engine() {
        let needs = "[dependencies]\ncommonware-storage.workspace = true\n";
        check_manifest("tongban-ledger", needs, &[]);
        check_manifest("tongban-simulator", needs, &[]);
        check_manifest("tongban-verify", needs, &["Cargo.toml:4: arrow: only tongban-ledger may know"]);
        let tests = "[dev-dependencies]\ncommonware-storage.workspace = true\n";
        check_manifest("tongban-verify", tests, &[]);
        check_manifest("tongban-node", tests, &["Cargo.toml:4: arrow: only the tests of"]);
        let simulated = "[dependencies]\ntongban-simulator.workspace = true\n";
        check_manifest("tongban-node", simulated, &["Cargo.toml:4: arrow: tongban-node must not need"]);
    }

    #[test]
    fn a_new_crate_is_explained() {
        check_manifest("tongban-portal", "", &["Cargo.toml:2: arrow: a new crate needs an ADR"]);
    }
}
