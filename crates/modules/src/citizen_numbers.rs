//! Texts for people must not hold the number of a citizen: what is on the ledger stays there, and everybody reads it. A pure function,
//! asked before a call is taken, so that the number does not come into a block with its refusal either.
//!
//! It catches what slips in, such as a number in place of one of staff. Nothing here can find a number that somebody wants to hide.

use tongban_types::codes::CitizenId;

/// Characters of a citizen's number.
const NUMBER_CHARACTERS: usize = 18;

/// Whether a text holds the number of a citizen (公民身份号码): 18 letters and digits in a row, neither more nor fewer, that are one by
/// date and check character. Full-width digits and a small `x` count, as people type them. Codes of organisations and longer numbers are none.
pub fn has_citizen_number(text: &str) -> bool {
    let letters: String = text.chars().map(half_width).collect();
    let words = letters.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.filter(|word| word.len() == NUMBER_CHARACTERS).any(|word| word.parse::<CitizenId>().is_ok())
}

/// A full-width letter or digit as the ASCII one, in upper case.
fn half_width(letter: char) -> char {
    let code = u32::from(letter);
    let narrow = match letter {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(code - 0xFEE0).expect("full-width forms stand for ASCII"),
        _ => letter,
    };
    narrow.to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_citizens_are_found_and_nothing_else_is() {
        let cases = [
            ("11010519491231002X", true),
            ("11010519491231002x", true),
            ("身份证11010519491231002X，退休", true),
            ("工号 440524188001010014", true),
            ("１１０１０５１９４９１２３１００２Ｘ", true),
            ("440524188001010015", false), // wrong check character
            ("110105194902300020", false), // 30 February
            ("1101051949123100", false),
            ("9911010519491231002X", false),            // a longer number
            ("914403001922038216", false),              // a credit code without letters
            ("12441500196720244T3442199806003", false), // an item
            ("云港市公安局", false),
            ("", false),
        ];
        for (text, expected) in cases {
            assert_eq!(has_citizen_number(text), expected, "{text}");
        }
    }
}
