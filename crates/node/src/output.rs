//! Standard output. Whoever reads it may stop reading, as `head` does; that is no fault of the program and no reason to fail.

use std::fmt::Arguments;
use std::io::Write;

/// Prints a line.
pub fn line(line: Arguments) {
    let _ = writeln!(std::io::stdout(), "{line}"); // see above
}

/// Prints text as it is.
pub fn text(text: Arguments) {
    let _ = write!(std::io::stdout(), "{text}"); // see above
}
