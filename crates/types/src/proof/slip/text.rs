//! The text of a slip: a prefix by which a scanner knows it, and the bytes in base 45 (RFC 9285).
//!
//! QR codes hold the letters of base 45 in their alphanumeric mode, 11 bits for two of them: 3 % more than plain bytes. Their
//! byte mode says nothing of the character set, and readers that take it for UTF-8 spoil what is no text.

use super::Slip;
use super::form::{SLIP_BYTES_MAX, SLIP_VERSION, SlipError, not_canonical};

/// What every slip's text begins with.
pub const SLIP_TEXT_PREFIX: &str = "TBX1:";
/// Characters of one slip's text.
pub const SLIP_TEXT_MAX: usize = SLIP_TEXT_PREFIX.len() + SLIP_BYTES_MAX.div_ceil(2) * 3;
/// Letters of the alphanumeric mode in the largest QR code (ISO/IEC 18004: version 40, level L). The largest slip fills it.
const QR_LETTERS_MAX: usize = 4_296;
const _: () = assert!(SLIP_TEXT_MAX <= QR_LETTERS_MAX && SLIP_TEXT_MAX + 3 > QR_LETTERS_MAX);

const ALPHABET: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

impl Slip {
    /// The text, all of it in the alphanumeric mode of QR codes. It neither begins nor ends with a space.
    pub fn to_text(&self) -> String {
        let mut text = SLIP_TEXT_PREFIX.to_owned();
        encode(&self.to_bytes(), &mut text);
        text
    }

    /// Reads what [`Slip::to_text`] writes and nothing else.
    pub fn from_text(text: &[u8]) -> Result<Self, SlipError> {
        if text.len() > SLIP_TEXT_MAX {
            return Err(SlipError::Oversized { max: SLIP_TEXT_MAX, found: text.len() });
        }
        let digits = text.strip_prefix(SLIP_TEXT_PREFIX.as_bytes()).ok_or(not_canonical("not the text of a slip"))?;
        Self::from_bytes(&decode(digits).ok_or(not_canonical("not base 45"))?)
    }

    /// Reads either form. A text begins with [`SLIP_TEXT_PREFIX`], bytes with the version, which is no letter.
    pub fn read(bytes: &[u8]) -> Result<Self, SlipError> {
        if is_text(bytes) { Self::from_text(bytes) } else { Self::from_bytes(bytes) }
    }

    /// Whether bytes, good or spoilt, are meant to be a slip and not a bundle, which begins with `{` or 0.
    pub fn is_meant(bytes: &[u8]) -> bool {
        is_text(bytes) || bytes.first() == Some(&SLIP_VERSION)
    }
}

/// Whether this is the text form, or means to be.
fn is_text(bytes: &[u8]) -> bool {
    bytes.first() == SLIP_TEXT_PREFIX.as_bytes().first()
}

fn encode(bytes: &[u8], text: &mut String) {
    let mut push = |mut value: usize, digits: usize| {
        for _ in 0..digits {
            text.push(char::from(ALPHABET[value % 45]));
            value /= 45;
        }
    };
    for pair in bytes.chunks(2) {
        match pair {
            [high, low] => push(usize::from(*high) * 256 + usize::from(*low), 3),
            _ => push(usize::from(pair[0]), 2),
        }
    }
}

/// The bytes; none where a letter is foreign, or letters do not make bytes.
fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 3 * 2 + 1);
    for digits in text.chunks(3) {
        let digit = |value: usize, digit: &u8| Some(value * 45 + ALPHABET.iter().position(|entry| entry == digit)?);
        let value = digits.iter().rev().try_fold(0, digit)?;
        match digits.len() {
            3 => bytes.extend_from_slice(&u16::try_from(value).ok()?.to_be_bytes()),
            2 => bytes.push(u8::try_from(value).ok()?),
            _ => return None,
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_rfc_9285_are_read_and_written() {
        let examples =
            [("AB", "BB8"), ("Hello!!", "%69 VD92EX0"), ("base-45", "UJCLQE7W581"), ("ietf!", "QED8WEX0"), ("", "")];
        for (content, text) in examples {
            let mut written = String::new();
            encode(content.as_bytes(), &mut written);
            assert_eq!(written, text);
            assert_eq!(decode(text.as_bytes()).as_deref(), Some(content.as_bytes()));
        }
        for no_text in ["A", "BB8A", "GGW", ":::", "::", "5S", "bb8", "BB_", "證BB"] {
            assert_eq!(decode(no_text.as_bytes()), None, "{no_text}");
        }
        assert_eq!(decode(b"FGW"), Some(vec![0xFF, 0xFF]));
    }
}
