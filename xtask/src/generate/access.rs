//! `access.md`: which role may make which call.

use std::fmt::Write;
use strum::IntoEnumIterator;
use tongban_kernel::{Access, Role};

/// The matrix of roles and calls.
pub fn text() -> String {
    let roles: Vec<Role> = Role::iter().collect();
    let mut text = super::heading("Who may call what");
    text += "\nA dot: an account with this role may make the call. A call checks more than the role where its description says so,\n\
             such as that a record is one's own. An account that is suspended makes no calls.\n";
    for module in tongban_modules::specs() {
        let _ = write!(text, "\n## {} ({})\n\n| call | any account |", module.name, module.name_zh);
        text.extend(roles.iter().map(|role| format!(" {role} |")));
        text += " meaning |\n|---|:-:|";
        text += &":-:|".repeat(roles.len());
        text += "---|\n";
        for call in &module.calls {
            let mark = |permits: bool| if permits { " • |" } else { " |" };
            let _ = write!(text, "| `{}` |", call.message.name);
            text += mark(call.access == Access::AnyAccount);
            text.extend(roles.iter().map(|role| {
                mark(
                    matches!(call.access, Access::AnyAccount)
                        || matches!(call.access, Access::Role(needed) | Access::Office(needed) if needed == *role),
                )
            }));
            let _ = writeln!(text, " {} |", one_line(&call.message.doc));
        }
    }
    text
}

/// A text of several lines as one: a row of a table ends with its line.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_has_one_row() {
        assert_eq!(one_line("Freeze an account,\n for a while."), "Freeze an account, for a while.");
        let text = text();
        let calls: usize = tongban_modules::specs().iter().map(|module| module.calls.len()).sum();
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| `")).collect();
        assert_eq!(rows.len(), calls);
        let columns = Role::iter().count() + 3;
        for row in rows {
            assert!(row.ends_with(" |"), "{row}");
            assert_eq!(row.matches('|').count(), columns + 1, "{row}");
        }
    }
}
