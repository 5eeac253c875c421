//! QR codes of slips, as pictures and on the terminal.
//!
//! Codes larger than version 25 are refused: cameras of common phones fail on finer ones when the light is bad or the paper is
//! creased. Of the levels of error correction the higher one that fits is taken.

use fast_qr::qr::{QRBuilder, QRCode};
use fast_qr::{ECL, Mode};
use std::fmt::Write;
use tongban_types::proof::Slip;

/// The largest version; it has 117 modules on a side.
pub const VERSION_MAX: usize = 25;
/// Light modules around the code, as the standard asks.
const QUIET_MODULES: usize = 4;

/// One QR code.
pub struct QrCode {
    code: QRCode,
    level: char,
}

/// A slip that fits no code that is surely read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the slip has {letters} letters, too many for a QR code of version {VERSION_MAX}: use the full bundle (qr.too_large)"
)]
pub struct TooLarge {
    /// How many letters its text has.
    pub letters: usize,
}

impl QrCode {
    /// The code of a slip's text.
    pub fn of_slip(slip: &Slip) -> Result<Self, TooLarge> {
        Self::of_letters(&slip.to_text())
    }

    /// The code of a text in letters of the alphanumeric mode.
    fn of_letters(text: &str) -> Result<Self, TooLarge> {
        for (level, letter) in [(ECL::M, 'M'), (ECL::L, 'L')] {
            let code = QRBuilder::new(text).mode(Mode::Alphanumeric).ecl(level).build();
            let code = code.map(|code| Self { code, level: letter });
            if let Ok(code) = code
                && code.version() <= VERSION_MAX
            {
                return Ok(code);
            }
        }
        Err(TooLarge { letters: text.len() })
    }

    /// Its version, 1 to [`VERSION_MAX`].
    pub fn version(&self) -> usize {
        (self.code.size - 17) / 4
    }

    /// Its level of error correction.
    pub fn level(&self) -> char {
        self.level
    }

    /// Modules on a side, with the quiet ones around.
    fn side(&self) -> usize {
        self.code.size + 2 * QUIET_MODULES
    }

    /// Whether the module is dark, counted with the quiet ones.
    fn is_dark(&self, row: usize, column: usize) -> bool {
        let inside = QUIET_MODULES..QUIET_MODULES + self.code.size;
        inside.contains(&row)
            && inside.contains(&column)
            && self.code[row - QUIET_MODULES][column - QUIET_MODULES].value()
    }

    /// A picture of dark modules on white, one unit each.
    pub fn svg(&self) -> String {
        let side = self.side();
        let mut path = String::new();
        for row in 0..side {
            let mut column = 0;
            while column < side {
                let run = (column..side).take_while(|place| self.is_dark(row, *place)).count();
                if run > 0 {
                    let _ = write!(path, "M{column} {row}h{run}v1h-{run}z");
                }
                column += run.max(1);
            }
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
             <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path d=\"{path}\"/></svg>\n"
        )
    }

    /// Light modules as blocks, two rows in a line, for terminals that are dark.
    pub fn terminal(&self) -> String {
        let side = self.side();
        let mut text = String::new();
        for row in (0..side).step_by(2) {
            for column in 0..side {
                let is_lower_dark = row + 1 >= side || self.is_dark(row + 1, column);
                text.push(match (self.is_dark(row, column), is_lower_dark) {
                    (false, false) => '█',
                    (false, true) => '▀',
                    (true, false) => '▄',
                    (true, true) => ' ',
                });
            }
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Letters of version 25 in the alphanumeric mode, ISO/IEC 18004, table 7.
    const LETTERS: [(char, usize); 2] = [('M', 1_451), ('L', 1_853)];

    #[test]
    fn a_code_is_never_larger_than_version_25() {
        for (level, letters) in LETTERS {
            let code = QrCode::of_letters(&"A".repeat(letters)).expect("it fits");
            assert_eq!((code.version(), code.level()), (25, level));
        }
        let letters = 1_854;
        assert_eq!(QrCode::of_letters(&"A".repeat(letters)).err(), Some(TooLarge { letters }));
        assert_eq!(QrCode::of_letters(&"A".repeat(9_000)).err(), Some(TooLarge { letters: 9_000 }));
        let code = QrCode::of_letters("TBX1:%69 VD92EX0").expect("it fits");
        assert_eq!((code.version(), code.level()), (1, 'M'));
    }

    /// What a camera sees of the terminal's blocks or of the picture: each module as a square of so many points.
    const POINTS: usize = 4;

    #[test]
    fn a_reader_of_another_make_reads_codes_of_every_size() {
        let alphabet = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
        let letters = (0..LETTERS[1].1).map(|place| char::from(alphabet[(place * 7 + place / 45) % 45]));
        let letters: String = letters.collect();
        for length in [1, 20, 300, 1_000, LETTERS[0].1, LETTERS[0].1 + 1, LETTERS[1].1] {
            let code = QrCode::of_letters(&letters[..length]).expect("it fits");
            let side = code.side() * POINTS;
            let brightness =
                |column: usize, row: usize| if code.is_dark(row / POINTS, column / POINTS) { 0 } else { u8::MAX };
            let mut image = rqrr::PreparedImage::prepare_from_greyscale(side, side, brightness);
            let found = image.detect_grids();
            assert_eq!(found.len(), 1, "{length} letters");
            let (described, read) = found[0].decode().expect("it is read");
            assert_eq!(described.version.0, code.version(), "{length} letters");
            assert_eq!(read, letters[..length], "{length} letters");
        }
    }

    #[test]
    fn pictures_show_the_same_modules() {
        let code = QrCode::of_letters("TBX1:%69 VD92EX0").expect("it fits");
        let side = code.side();
        assert_eq!(side, 21 + 8);
        // The corner of the first finder pattern: seven dark modules behind four quiet ones.
        let svg = code.svg();
        assert!(svg.contains("viewBox=\"0 0 29 29\"") && svg.contains("d=\"M4 4h7v1h-7z"), "{svg}");
        let dark = (0..side).flat_map(|row| (0..side).map(move |column| (row, column)));
        let dark = dark.filter(|(row, column)| code.is_dark(*row, *column)).count();
        let drawn: usize = svg.split('h').filter_map(|run| run.split('v').next()?.parse::<usize>().ok()).sum();
        assert_eq!(drawn, dark + side, "all runs, and the first of the background");

        let lines: Vec<Vec<char>> = code.terminal().lines().map(|line| line.chars().collect()).collect();
        assert_eq!(lines.len(), side.div_ceil(2));
        for (row, column) in (0..side).flat_map(|row| (0..side).map(move |column| (row, column))) {
            let light = if row % 2 == 0 { ['█', '▀'] } else { ['█', '▄'] };
            assert_eq!(!light.contains(&lines[row / 2][column]), code.is_dark(row, column), "{row}, {column}");
        }
    }
}
