//! Modules look alike: the same files, numbered invariants that are enforced and tested, tables with a recorded format.

use super::Finding;
use crate::tree::Tree;
use std::collections::{BTreeMap, BTreeSet};

const MODULES: &str = "crates/modules/src/";
const FILES: [&str; 8] =
    ["mod.rs", "msg.rs", "access.rs", "error.rs", "state.rs", "execute.rs", "query.rs", "tests.rs"];
/// A module that acts by itself when a time has come says so in a file of its own; one with many messages has its events in one.
const OPTIONAL: [&str; 2] = ["due.rs", "event.rs"];
/// A module with many calls has their functions in files of this folder, one for each part of its records' life (ADR 0018).
const PARTS: &str = "execute/";
const WIRE: &str = "generated/wire.txt";

pub fn findings(tree: &Tree) -> Vec<Finding> {
    let mut folders: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (path, _) in tree.files() {
        if let Some((folder, file)) = path.strip_prefix(MODULES).and_then(|path| path.split_once('/')) {
            folders.entry(folder).or_default().insert(file);
        }
    }
    let mut findings = Vec::new();
    for (folder, files) in folders {
        findings.extend(anatomy(folder, &files));
        findings.extend(invariants(tree, folder));
        findings.extend(tables(tree, folder));
    }
    findings
}

fn anatomy(folder: &str, files: &BTreeSet<&str>) -> Vec<Finding> {
    let finding = |file: &str, advice| Finding::new(&format!("{MODULES}{folder}/{file}"), 1, "anatomy", advice);
    let missing = FILES.iter().filter(|file| !files.contains(*file));
    let missing = missing.map(|file| finding(file, "every module has this file, see `evidence`"));
    let is_part = |file: &str| file.strip_prefix(PARTS).is_some_and(|part| !part.contains('/'));
    let foreign = files.iter().filter(|file| !FILES.contains(file) && !OPTIONAL.contains(file) && !is_part(file));
    missing.chain(foreign.map(|file| finding(file, "no module has a file of this name, see `evidence`"))).collect()
}

/// Each invariant that `mod.rs` numbers is cited where it is enforced.
fn invariants(tree: &Tree, folder: &str) -> Vec<Finding> {
    let path = format!("{MODULES}{folder}/mod.rs");
    let text_of = |file: &str| tree.text(&format!("{MODULES}{folder}/{file}")).unwrap_or_default();
    let parts = format!("{MODULES}{folder}/{PARTS}");
    let parts = tree.files().filter(|(path, _)| path.starts_with(&parts)).map(|(_, text)| text);
    let enforcing = ["access.rs", "execute.rs", "state.rs"].into_iter().map(text_of);
    let enforcing = enforcing.chain(parts).collect::<Vec<_>>().concat();
    let mut findings = Vec::new();
    for (number, line) in (1..).zip(tree.text(&path).unwrap_or_default().lines()) {
        let Some(name) = line.strip_prefix("//! - **").and_then(|rest| rest.split("**").next()) else { continue };
        if !super::source::has_word(&enforcing, name) {
            let advice = format!(
                "{name} is cited nowhere in access.rs, execute.rs or state.rs: name it on the line that enforces it"
            );
            findings.push(Finding::new(&path, number, "invariant", advice));
        }
    }
    findings
}

/// Each table's name stands in the record of wire formats.
fn tables(tree: &Tree, folder: &str) -> Vec<Finding> {
    let path = format!("{MODULES}{folder}/state.rs");
    let recorded = tree.text(WIRE).unwrap_or_default();
    let mut findings = Vec::new();
    for (number, line) in (1..).zip(tree.text(&path).unwrap_or_default().lines()) {
        let Some(name) = line.split("Table::new(\"").nth(1).and_then(|rest| rest.split('"').next()) else { continue };
        if !recorded.contains(&format!("table {name}\n")) {
            let advice = format!("the format of `{name}` is not recorded: add it to xtask/src/generate/wire.rs");
            findings.push(Finding::new(&path, number, "wire", advice));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::check;

    const GOOD: [(&str, &str); 9] = [
        ("crates/modules/src/a/access.rs", "//! A."),
        ("crates/modules/src/a/error.rs", "//! A."),
        ("crates/modules/src/a/execute.rs", "//! A.\nreturn Err(Error::Taken); // I1"),
        ("crates/modules/src/a/mod.rs", "//! A.\n//! - **I1** Once."),
        ("crates/modules/src/a/msg.rs", "//! A."),
        ("crates/modules/src/a/query.rs", "//! A."),
        ("crates/modules/src/a/state.rs", "//! A.\nconst T: Table<u8, u8> = Table::new(\"a/t\");"),
        ("crates/modules/src/a/tests.rs", "//! A."),
        ("generated/wire.txt", "table a/t\n"),
    ];

    fn check_with(path: &'static str, text: &'static str, expected: &[&str]) {
        let files = GOOD.map(|(good_path, good)| if good_path == path { (path, text) } else { (good_path, good) });
        check(findings, files, expected);
    }

    #[test]
    fn a_module_has_its_files_and_no_others() {
        check(findings, GOOD, &[]);
        let others =
            GOOD.map(
                |(path, text)| {
                    if path.ends_with("query.rs") { ("crates/modules/src/a/util.rs", text) } else { (path, text) }
                },
            );
        check(
            findings,
            others,
            &["crates/modules/src/a/query.rs:1: anatomy: every", "crates/modules/src/a/util.rs:1: anatomy: no"],
        );
    }

    #[test]
    fn an_invariant_is_enforced_somewhere() {
        let path = "crates/modules/src/a/mod.rs";
        check_with(path, "//! A.\n//! - **I2** Twice.", &["crates/modules/src/a/mod.rs:2: invariant: I2"]);
    }

    #[test]
    fn the_functions_of_calls_may_have_a_folder() {
        let with = |others: [(&'static str, &'static str); 2]| {
            let mut files = [others[0]; 11];
            files[..9].copy_from_slice(&GOOD);
            files[9..].copy_from_slice(&others);
            files
        };
        let two = ("crates/modules/src/a/mod.rs", "//! A.\n//! - **I2** In time.");
        let part = ("crates/modules/src/a/execute/first.rs", "//! A.\nreturn Err(Error::Late); // I2");
        check(findings, with([two, part]), &[]);
        let deeper = ("crates/modules/src/a/execute/b/c.rs", "//! A.");
        check(findings, with([part, deeper]), &["crates/modules/src/a/execute/b/c.rs:1: anatomy: no"]);
    }

    #[test]
    fn the_format_of_a_table_is_recorded() {
        check_with(
            "generated/wire.txt",
            "table b/t\n",
            &["crates/modules/src/a/state.rs:2: wire: the format of `a/t`"],
        );
    }
}
