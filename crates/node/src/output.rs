//! Standard output and errors. Whoever reads them may stop reading, as `head` does; that is no fault of the program and no
//! reason to fail.
//!
//! What is printed may come from a file or a node that is anybody's, and a terminal obeys what it is shown. So characters
//! that control it, or that hide or reorder what is read, are written as escapes.

use std::borrow::Cow;
use std::fmt::Arguments;
use std::io::Write;
use tongban_types::Text;
use tongban_types::text::TextError;

/// Prints a line.
pub fn line(line: Arguments) {
    let _ = writeln!(std::io::stdout(), "{}", printable(&line.to_string())); // see above
}

/// Prints text as it is, but for what controls a terminal.
pub fn text(text: Arguments) {
    let _ = write!(std::io::stdout(), "{}", printable(&text.to_string())); // see above
}

/// Prints a line to standard error.
pub fn error(line: Arguments) {
    let _ = writeln!(std::io::stderr(), "{}", printable(&line.to_string())); // see above
}

/// The text with escapes, as JSON has them, in the place of characters that no text on the ledger may hold. Line ends and
/// tabs stay.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut printable = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_escaped(character) {
            let mut units = [0; 2];
            printable.extend(character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            printable.push(character);
        }
    }
    Cow::Owned(printable)
}

fn is_escaped(character: char) -> bool {
    match character {
        '\n' | '\t' | ' '..='~' => false,
        other => matches!(Text::<1>::new(other), Err(TextError::ForbiddenCharacter)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_controls_a_terminal_is_written_as_escapes() {
        for (text, expected) in [
            ("许可系统\n\tok", "许可系统\n\tok"),
            ("\u{1b}[31mred\u{7}", "\\u001b[31mred\\u0007"),
            ("a\r\u{9b}31m\u{7f}", "a\\u000d\\u009b31m\\u007f"),
            ("invoice\u{202e}fdp", "invoice\\u202efdp"),
            ("\u{e0041}", "\\udb40\\udc41"),
        ] {
            assert_eq!(printable(text), expected);
        }
    }

    #[test]
    fn json_stays_the_same_json() {
        let value = serde_json::json!({ "a\u{7f}": ["\u{202e}\u{1b}", "\u{e0041}𠮷", "\n\t\"\\"] });
        for json in [value.to_string(), format!("{value:#}")] {
            assert_eq!(serde_json::from_str::<serde_json::Value>(&printable(&json)).expect("JSON"), value);
        }
    }
}
