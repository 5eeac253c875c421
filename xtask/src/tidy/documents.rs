//! The documents keep their word: the two commands, links that lead somewhere, decisions that are listed, tests that exist.

use super::Finding;
use crate::tree::Tree;

const READMES: [&str; 2] = ["README.md", "README.zh-CN.md"];
const COMMANDS: [&str; 2] = ["cargo run --release\n", "cargo test --release --workspace\n"];
const DECISIONS: &str = "docs/adr/";
const DECISION_LISTS: [&str; 2] = ["ARCHITECTURE.md", "docs/adr/README.md"];
/// Pages that name tests in the last column of their tables.
const PAGES_OF_TESTS: [&str; 2] = ["docs/threats.md", "docs/stories.md"];

pub fn findings(tree: &Tree) -> Vec<Finding> {
    [commands(tree), decisions(tree), links(tree), named_tests(tree)].concat()
}

fn commands(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for readme in READMES {
        for command in COMMANDS.iter().filter(|command| !tree.text(readme).unwrap_or_default().contains(*command)) {
            let advice = format!("show the command `{}` in a block of its own line", command.trim());
            findings.push(Finding::new(readme, 1, "readme", advice));
        }
    }
    findings
}

fn decisions(tree: &Tree) -> Vec<Finding> {
    let listed: String = DECISION_LISTS.iter().filter_map(|path| tree.text(path)).collect();
    let decisions = tree.files_ending(".md").filter_map(|(path, _)| path.strip_prefix(DECISIONS));
    decisions
        .filter(|file| *file != "README.md" && !listed.contains(*file))
        .map(|file| {
            let advice = format!("link it from {}", DECISION_LISTS.join(" or "));
            Finding::new(&format!("{DECISIONS}{file}"), 1, "decision", advice)
        })
        .collect()
}

/// Relative links of Markdown files lead to files or folders of the repository.
fn links(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.files_ending(".md") {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (number, line) in (1..).zip(text.lines()) {
            let targets = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
            for target in targets.filter(|target| !target.contains("://") && !target.starts_with('#')) {
                let file = target.split('#').next().unwrap_or_default();
                if !tree.has(&resolve(folder, file)) {
                    findings.push(Finding::new(path, number, "link", format!("`{target}` leads nowhere")));
                }
            }
        }
    }
    findings
}

fn resolve(folder: &str, target: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// The last column of a table of threats or promises names tests: each must exist.
fn named_tests(tree: &Tree) -> Vec<Finding> {
    PAGES_OF_TESTS.iter().flat_map(|page| named_tests_of(tree, page)).collect()
}

fn named_tests_of(tree: &Tree, page: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in (1..).zip(tree.text(page).unwrap_or_default().lines()) {
        let Some(cells) = line.strip_prefix('|').and_then(|row| row.strip_suffix('|')) else { continue };
        let tests = cells.rsplit('|').next().unwrap_or_default().split('`').skip(1).step_by(2);
        for test in tests {
            let function = format!("fn {}(", test.rsplit("::").next().unwrap_or(test));
            if !tree.files_ending(".rs").any(|(_, text)| text.contains(&function)) {
                findings.push(Finding::new(page, number, "named test", format!("there is no test `{test}`")));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::check;

    const BOTH: &str = "```\ncargo run --release\n```\n```\ncargo test --release --workspace\n```\n";

    #[test]
    fn both_readmes_show_both_commands() {
        check(findings, [("README.md", BOTH), ("README.zh-CN.md", BOTH)], &[]);
        let half = "```\ncargo run --release\n```\n";
        check(
            findings,
            [("README.md", BOTH), ("README.zh-CN.md", half)],
            &["README.zh-CN.md:1: readme: show the command `cargo test"],
        );
    }

    #[test]
    fn decisions_are_listed() {
        let adr = ("docs/adr/0001-engine.md", "# Engine\n");
        check(decisions, [adr], &["docs/adr/0001-engine.md:1: decision: link it"]);
        check(decisions, [adr, ("docs/adr/README.md", "[1](0001-engine.md)\n")], &[]);
    }

    #[test]
    fn links_lead_somewhere() {
        let files = [
            ("docs/a.md", "see [b](../crates/types/src/lib.rs#L1), [c](https://example.org/x)\n"),
            ("crates/types/src/lib.rs", ""),
        ];
        check(links, files, &[]);
        check(links, [("docs/a.md", "see [b](b.md)\n")], &["docs/a.md:1: link: `b.md` leads nowhere"]);
    }

    #[test]
    fn named_tests_exist() {
        let test = ("crates/a/src/b.rs", "#[test]\nfn forged_is_refused() {}\n");
        for page in PAGES_OF_TESTS {
            check(named_tests, [test, (page, "| forgery | proofs | `a::forged_is_refused` |\n")], &[]);
            check(
                named_tests,
                [test, (page, "| forgery | `proofs` | `a::gone` |\n")],
                &[&format!("{page}:1: named test: there is no test `a::gone`")],
            );
        }
    }
}
