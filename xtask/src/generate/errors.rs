//! `errors.md`: every code that a receipt can carry, and who must act.

use std::fmt::Write;
use tongban_kernel::{ErrorKind, ErrorSpec, TxError, errors_of};

/// The codes, in order of precedence within each module.
pub fn text() -> String {
    let mut text = super::heading("Error codes");
    text += "\nCodes that a receipt can carry. What is refused before it reaches the ledger has codes of its own, in the same manner.\n\
             A code is stable: it never changes its meaning and is never used again for another. Where several would fit, the\n\
             one that stands first is given.\n\n## tx: the transaction as a whole\n\n";
    text += &table(&errors_of::<TxError>());
    for module in tongban_modules::specs() {
        let _ = write!(text, "\n## {} ({})\n\n", module.name, module.name_zh);
        text += &table(&module.errors);
    }
    text
}

fn table(errors: &[ErrorSpec]) -> String {
    let mut table = "| code | meaning | kind | who must act |\n|---|---|---|---|\n".to_owned();
    for error in errors {
        let _ = writeln!(
            table,
            "| `{}` | {} | {} | {} |",
            &*error.code,
            error.message,
            error.kind,
            who_must_act(error.kind)
        );
    }
    table
}

fn who_must_act(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Invalid => "the author changes the request",
        ErrorKind::NotFound => "the author names something that exists",
        ErrorKind::Conflict => "the author looks at the present state and asks again",
        ErrorKind::Denied => "an administrator would have to allow it",
        ErrorKind::Unavailable => "nobody: try again later, and report it where it stays",
    }
}
