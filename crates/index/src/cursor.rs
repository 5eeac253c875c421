//! Cursors: where a page ended. Opaque to whoever carries them from page to page, and good for one list only.

use crate::error::IndexError;

/// The form of cursors; another form is refused.
const VERSION: u8 = 1;
/// The bytes of a cursor: version, and four numbers.
const BYTES: usize = 1 + 4 * 8;

/// Where a page ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// Which list it belongs to: a digest of the question.
    pub list: u64,
    /// The last row of the page.
    pub last: u64,
    /// In a search the rank of that row.
    pub rank: u64,
    /// In a search the end of what was ranked on the first page.
    pub bound: u64,
}

impl Cursor {
    pub(crate) fn to_text(self) -> String {
        let mut bytes = vec![VERSION];
        for number in [self.list, self.last, self.rank, self.bound] {
            bytes.extend(number.to_be_bytes());
        }
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Reads a cursor of this list.
    pub(crate) fn parse(text: &str, list: u64) -> Result<Self, IndexError> {
        if text.len() != BYTES * 2 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(IndexError::CursorInvalid);
        }
        let number = |start: usize, end: usize| {
            u64::from_str_radix(&text[start * 2..end * 2], 16).map_err(|_| IndexError::CursorInvalid)
        };
        let cursor = Self { list: number(1, 9)?, last: number(9, 17)?, rank: number(17, 25)?, bound: number(25, 33)? };
        if number(0, 1)? != u64::from(VERSION) || cursor.list != list {
            return Err(IndexError::CursorInvalid);
        }
        Ok(cursor)
    }
}

/// A digest of a question (FNV-1a), against cursors that were given for another.
pub(crate) fn list_of(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0xFF]));
    bytes.fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_good_for_its_list_only() {
        let list = list_of(&["events", "evidence", ""]);
        let cursor = Cursor { list, last: 7, rank: 3, bound: u64::MAX };
        assert_eq!(Cursor::parse(&cursor.to_text(), list).expect("its own"), cursor);
        assert_ne!(list, list_of(&["events", "", "evidence"]));
        let text = cursor.to_text();
        let of_another_form = format!("02{}", &text[2..]);
        for wrong in [&text[1..], "", "x", &of_another_form, &"+1".repeat(BYTES), &"é".repeat(BYTES)] {
            assert!(Cursor::parse(wrong, list).is_err(), "{wrong}");
        }
        assert!(Cursor::parse(&text, list + 1).is_err());
    }
}
