//! Check characters. Each function takes what stands before the check character and gives the character, or `None`
//! where a character is outside the alphabet.

/// The alphabet of GB 32100: no `I`, `O`, `S`, `V`, `Z`.
const ALPHABET_31: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// The alphabet of GB 11714 and of MOD 37,36.
const ALPHABET_36: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

fn value_in(alphabet: &[u8], character: u8) -> Option<u32> {
    let index = alphabet.iter().position(|known| *known == character)?;
    u32::try_from(index).ok()
}

/// The character whose value is `value`, which is below the length of the alphabet.
fn character_of(alphabet: &[u8], value: u32) -> Option<u8> {
    alphabet.get(usize::try_from(value).ok()?).copied()
}

/// The sum of values times weights, `None` where a character is outside the alphabet.
fn weighted_sum(alphabet: &[u8], body: &[u8], weights: &[u32]) -> Option<u32> {
    body.iter().zip(weights).map(|(character, weight)| Some(value_in(alphabet, *character)? * weight)).sum()
}

/// ISO 7064 MOD 11-2 over 17 digits, as in GB 11643. Catches every single wrong character and every exchange of two
/// neighbours.
pub(super) fn mod_11_2(body: &[u8]) -> Option<u8> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

    let sum = weighted_sum(&ALPHABET_36[..10], body, &WEIGHTS)?;
    character_of(b"10X98765432", sum % 11)
}

/// Modulus 31 over 17 characters, as in GB 32100. Catches every single wrong character and every exchange of two
/// neighbours; not that of the first and the last, whose weights are equal.
pub(super) fn mod_31(body: &[u8]) -> Option<u8> {
    const WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

    let sum = weighted_sum(ALPHABET_31, body, &WEIGHTS)?;
    character_of(ALPHABET_31, (31 - sum % 31) % 31)
}

/// Modulus 11 over 8 characters, as in GB 11714. Misses a wrong character whose value differs by 11, 22 or 33.
pub(super) fn mod_11(body: &[u8]) -> Option<u8> {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

    let sum = weighted_sum(ALPHABET_36, body, &WEIGHTS)?;
    character_of(b"0123456789X", (11 - sum % 11) % 11)
}

/// ISO 7064 MOD 37,36 (GB/T 17710), of any length. Catches every single wrong character.
pub(super) fn mod_37_36(body: impl IntoIterator<Item = u8>) -> Option<u8> {
    let mut product = 36;
    for character in body {
        let sum = (product + value_in(ALPHABET_36, character)?) % 36;
        product = if sum == 0 { 72 } else { 2 * sum } % 37;
    }
    character_of(ALPHABET_36, (37 - product) % 36)
}

/// Whether GB 32100 uses the character.
pub(super) fn is_in_alphabet_31(character: u8) -> bool {
    ALPHABET_31.contains(&character)
}

/// Whether it is a digit or an upper-case letter.
pub(super) fn is_in_alphabet_36(character: u8) -> bool {
    ALPHABET_36.contains(&character)
}
