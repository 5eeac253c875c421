//! `errors.md`: every code that a receipt or an answer can carry, who must act and how.

use std::fmt::Write;
use tongban_api::RejectionKind;
use tongban_api::codes;
use tongban_kernel::{ErrorKind, ErrorSpec, TxError, errors_of};

/// The codes, in order of precedence within each module.
pub fn text() -> String {
    let mut text = super::heading("Error codes");
    text += "\nA code is stable: it never changes its meaning and is never used again for another. Where several would fit, the one that\n\
             stands first is given. The kind says who must act, and becomes the HTTP status.\n\n\
             | kind | status | who must act | how, where nothing more particular is known |\n|---|---|---|---|\n";
    for kind in
        [ErrorKind::Invalid, ErrorKind::NotFound, ErrorKind::Conflict, ErrorKind::Denied, ErrorKind::Unavailable]
    {
        let (name, who) = (kind.to_string(), who_must_act(kind.into()));
        let _ = writeln!(
            text,
            "| {name} | {} | {who} | {} |",
            RejectionKind::from(kind).http_status(),
            codes::how(kind.into())
        );
    }
    text += "\n# On receipts\n\nWhat the ledger refused. A receipt carries the code; the answer carries the receipt.\n\
             \n## tx: the transaction as a whole\n\n";
    text += &of_modules(&errors_of::<TxError>());
    for module in tongban_modules::specs() {
        let _ = write!(text, "\n## {} ({})\n\n", module.name, module.name_zh);
        text += &of_modules(&module.errors);
    }
    text += "\n# Without a receipt\n\nWhat a node answers by itself, before or instead of the ledger. The same transaction may always be\n\
             sent again: it has one effect.\n\n";
    text += "| code | status | meaning | who must act | how |\n|---|---|---|---|---|\n";
    for code in codes::ALL {
        let (status, who) = (code.http_status(), who_must_act(code.kind));
        let _ = writeln!(text, "| `{}` | {status} | {} | {who} | {} |", code.code, code.message, code.how);
    }
    text
}

fn of_modules(errors: &[ErrorSpec]) -> String {
    let mut table = "| code | meaning | kind | who must act |\n|---|---|---|---|\n".to_owned();
    for error in errors {
        let _ = writeln!(
            table,
            "| `{}` | {} | {} | {} |",
            &*error.code,
            error.message,
            error.kind,
            who_must_act(error.kind.into())
        );
    }
    table
}

fn who_must_act(kind: RejectionKind) -> &'static str {
    match kind {
        RejectionKind::Invalid => "the author changes the request",
        RejectionKind::NotFound => "the author names something that exists",
        RejectionKind::Conflict => "the author looks at the present state and asks again",
        RejectionKind::Denied => "an administrator would have to allow it",
        RejectionKind::Unauthenticated => "the caller says who it is",
        RejectionKind::Unavailable => "nobody: try again later, and report it where it stays",
        RejectionKind::TooMany => "the caller waits, and asks less often",
        RejectionKind::TooLarge => "the author asks for less at once",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_rim_and_of_the_modules_stands_there_once() {
        let text = text();
        let rows = |code: &str| text.lines().filter(|line| line.starts_with(&format!("| `{code}` |"))).count();
        for code in codes::ALL {
            assert_eq!(rows(code.code), 1, "{}", code.code);
        }
        for error in tongban_modules::specs().iter().flat_map(|module| &module.errors) {
            assert_eq!(rows(&error.code), 1, "{}", &*error.code);
        }
    }
}
