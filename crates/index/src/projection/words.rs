//! What a text can be found by, and what a search looks for.
//!
//! Both sides are folded first (NFKC, lower case), so that `ＪＹ－１` and `jy-1` are the same. Then:
//!
//! - **Chinese** has no spaces: each pair of neighbouring characters is a term, and each character alone, for searches of one
//!   character. Brackets and quotation marks between characters are passed over: `西藏（拉萨）` is found as `西藏拉萨`.
//! - **Words** of Latin letters are terms as a whole.
//! - **Codes and numbers**, words with a digit, are terms from their fourth character on with every further one, so that
//!   the beginning of a code finds it. Hyphens and the like between their parts may be left out.
//! - **Digests and identifiers**, 32 hexadecimal digits or more, are random. Their first 6, 8, 12 and 16 digits are terms, behind a mark
//!   that keeps them apart from codes; a longer beginning is looked for by its first 16.

use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;

/// Characters of one text that are read; texts on the ledger are shorter.
const TEXT_CHARS_MAX: usize = 8_192;
/// The shortest beginning of a code that finds it, in characters.
const CODE_BEGINNING_MIN: usize = 4;
/// The longest, in characters; the rest of a longer code is not looked at.
const CODE_BEGINNING_MAX: usize = 40;
/// Hexadecimal digits from which on a word is a digest or an identifier.
const DIGEST_DIGITS_MIN: usize = 32;
/// The beginnings of digests that are kept, longest first, in digits.
const DIGEST_BEGINNINGS: [usize; 4] = [16, 12, 8, 6];
/// What stands before them.
const DIGEST_MARK: char = '#';

/// Half-width, lower case, compatibility forms replaced.
pub(super) fn fold(text: &str) -> String {
    text.chars().take(TEXT_CHARS_MAX).nfkc().flat_map(char::to_lowercase).collect()
}

/// Whether a folded word is long and hexadecimal enough to be a digest or a random identifier.
pub(super) fn is_digest_like(word: &str) -> bool {
    word.len() >= DIGEST_DIGITS_MIN && is_hexadecimal(word)
}

fn is_hexadecimal(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// A stretch of a text.
enum Piece {
    /// Characters of a script without spaces.
    Run(Vec<char>),
    /// A word, or several with hyphens or the like between them.
    Word(Vec<String>),
}

/// Chinese characters, and the other scripts that put no spaces between words. The private use area too: rare names use it.
fn is_ideographic(letter: char) -> bool {
    matches!(letter,
        '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{AC00}'..='\u{D7AF}' | '\u{E000}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}' | '\u{F0000}'..='\u{10FFFF}')
}

/// What may stand between two characters of one name.
fn is_bracket(letter: char) -> bool {
    matches!(letter, '(' | ')' | '[' | ']' | '{' | '}' | '"' | '\'' | '·' | '•' | '\u{2018}'..='\u{201F}')
        || matches!(letter, '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301B}')
}

/// What may stand between the parts of one code.
fn is_joint(letter: char) -> bool {
    matches!(letter, '-' | '_' | '.' | '/' | ':' | '\u{2010}'..='\u{2015}')
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut is_open = false; // whether the last piece goes on
    for letter in fold(text).chars() {
        match (pieces.last_mut().filter(|_| is_open), letter) {
            (Some(Piece::Run(run)), letter) if is_ideographic(letter) => run.push(letter),
            (Some(Piece::Run(_)), letter) if is_bracket(letter) => {}
            (_, letter) if is_ideographic(letter) => {
                pieces.push(Piece::Run(vec![letter]));
                is_open = true;
            }
            (Some(Piece::Word(parts)), letter) if letter.is_alphanumeric() => {
                parts.last_mut().expect("a word has a part").push(letter);
            }
            (Some(Piece::Word(parts)), letter) if is_joint(letter) => {
                if parts.last().is_some_and(|part| !part.is_empty()) {
                    parts.push(String::new());
                }
            }
            (_, letter) if letter.is_alphanumeric() => {
                pieces.push(Piece::Word(vec![letter.to_string()]));
                is_open = true;
            }
            _ => is_open = false,
        }
    }
    for piece in &mut pieces {
        if let Piece::Word(parts) = piece {
            parts.retain(|part| !part.is_empty());
        }
    }
    pieces
}

fn has_digit(word: &str) -> bool {
    word.chars().any(|letter| letter.is_ascii_digit())
}

/// The parts of a code as one, where there are several.
fn joined(parts: &[String]) -> Option<String> {
    (parts.len() > 1).then(|| parts.concat()).filter(|word| has_digit(word))
}

/// Everything that a text can be found by; distinct, sorted.
pub(super) fn terms_of(text: &str) -> BTreeSet<String> {
    let mut terms = BTreeSet::new();
    for piece in pieces(text) {
        match piece {
            Piece::Run(run) => {
                terms.extend(run.iter().map(char::to_string));
                terms.extend(run.windows(2).map(|pair| pair.iter().collect::<String>()));
            }
            Piece::Word(parts) => {
                terms.extend(parts.iter().chain(joined(&parts).as_ref()).flat_map(|word| word_terms(word)));
            }
        }
    }
    terms
}

fn word_terms(word: &str) -> Vec<String> {
    if is_digest_like(word) {
        return DIGEST_BEGINNINGS.iter().map(|digits| format!("{DIGEST_MARK}{}", &word[..*digits])).collect();
    }
    let count = word.chars().count();
    if !has_digit(word) || count < CODE_BEGINNING_MIN {
        return vec![beginning(word, CODE_BEGINNING_MAX)];
    }
    (CODE_BEGINNING_MIN..=count.min(CODE_BEGINNING_MAX)).map(|length| beginning(word, length)).collect()
}

fn beginning(word: &str, chars: usize) -> String {
    word.chars().take(chars).collect()
}

/// One thing that a search looks for: an event has it if it has any of these terms.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group(pub Vec<String>);

/// What a search looks for: distinct, in the order of the text.
pub fn groups(text: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut add = |group: Group| {
        if !groups.contains(&group) {
            groups.push(group);
        }
    };
    for piece in pieces(text) {
        match piece {
            Piece::Run(run) if run.len() == 1 => add(Group(vec![run[0].to_string()])),
            Piece::Run(run) => run.windows(2).for_each(|pair| add(Group(vec![pair.iter().collect()]))),
            Piece::Word(parts) => match joined(&parts) {
                Some(word) => add(word_group(&word)),
                None => parts.iter().for_each(|word| add(word_group(word))),
            },
        }
    }
    groups
}

fn word_group(word: &str) -> Group {
    let mut terms = vec![beginning(word, CODE_BEGINNING_MAX)];
    if is_hexadecimal(word)
        && let Some(digits) = DIGEST_BEGINNINGS.iter().find(|digits| word.len() >= **digits)
    {
        terms.push(format!("{DIGEST_MARK}{}", &word[..*digits]));
    }
    Group(terms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(search: &str, text: &str) -> bool {
        let terms = terms_of(text);
        let groups = groups(search);
        !groups.is_empty() && groups.iter().all(|group| group.0.iter().any(|term| terms.contains(term)))
    }

    #[test]
    fn what_a_clerk_types_finds_what_is_meant() {
        let company = "西藏（拉萨）宏发建筑有限公司";
        for search in ["宏发", "拉萨宏发", "西藏(拉萨)宏发建筑有限公司", "西藏拉萨", "建筑 西藏", "藏", "「宏发」建筑"]
        {
            assert!(finds(search, company), "{search}");
        }
        for search in ["宏大", "发宏", "公司 四川", "", "（）", "！？"] {
            assert!(!finds(search, company), "{search}");
        }
        let code = "JY-2026-００１７";
        for search in ["jy-2026-0017", "JY20260017", "jy2026", "ＪＹ－２０２６", "2026", "0017", "jy"] {
            assert!(finds(search, code), "{search}");
        }
        assert!(!finds("jy2027", code) && !finds("017", code));
        assert!(
            finds("91540091MA6T", "91540091ma6t10ab2c")
                && finds("a座 101", "Ａ座101室")
                && finds("ｔａｘ", "Tax office")
        );
    }

    #[test]
    fn beginnings_of_digests_find_them() {
        let digest = format!("a3f09b17{}", "0c".repeat(28));
        for search in ["a3f09b", "a3f09b1", "A3F09B170C0C", &digest[..20], &digest] {
            assert!(finds(search, &digest), "{search}");
        }
        assert!(!finds("a3f0", &digest) && !finds("a3f09c", &digest) && !finds("a3f09b180c", &digest));
        assert_eq!(terms_of(&digest).len(), DIGEST_BEGINNINGS.len());
    }

    #[test]
    fn rare_names_and_other_scripts_are_found() {
        assert!(finds("𠮷田", "𠮷田商店") && finds("\u{E123}明", "王\u{E123}明") && finds("東京", "東京タワー"));
        assert!(finds("зенит", "Зенит") && finds("①", "第①号"));
    }
}
