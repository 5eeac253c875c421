//! Bytes that are almost right.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

/// One change of an encoding.
#[derive(Clone, Debug)]
pub enum Mutation {
    /// A bit turns.
    Flip(Index, u8),
    /// A byte becomes another; small numbers and the limits of bytes are likely.
    Set(Index, u8),
    /// Bytes come in between.
    Insert(Index, Vec<u8>),
    /// Bytes go.
    Delete(Index, u8),
    /// A stretch stands twice.
    Repeat(Index, Index),
    /// The end is missing.
    Cut(Index),
    /// More follows.
    Extend(Vec<u8>),
    /// A length claims to be very large.
    Claim(Index, u8),
    /// The rest is that of another sample.
    Splice(Index, Index, Index),
}

/// What a length can claim: ULEB128 of 2^31 - 1, of 2^32 - 1, of more than 32 bits, in more bytes than needed, without
/// end; and what JSON has for depth.
pub const CLAIMS: [&[u8]; 6] = [
    b"\xff\xff\xff\xff\x07",
    b"\xff\xff\xff\xff\x0f",
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
    b"\x80\x80\x80\x80\x00",
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
    b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
];

/// A change.
pub fn mutation() -> impl Strategy<Value = Mutation> {
    let byte = prop_oneof![any::<u8>(), prop::sample::select(vec![0, 1, 2, 0x7f, 0x80, 0xff, b'"', b'{', b'[', b'\\'])];
    let place = any::<Index>;
    prop_oneof![
        (place(), 0..8_u8).prop_map(|(place, bit)| Mutation::Flip(place, bit)),
        (place(), byte.clone()).prop_map(|(place, byte)| Mutation::Set(place, byte)),
        (place(), vec(byte.clone(), 1..9)).prop_map(|(place, bytes)| Mutation::Insert(place, bytes)),
        (place(), 1..40_u8).prop_map(|(place, count)| Mutation::Delete(place, count)),
        (place(), place()).prop_map(|(from, to)| Mutation::Repeat(from, to)),
        place().prop_map(Mutation::Cut),
        vec(byte, 1..40).prop_map(Mutation::Extend),
        (place(), 0..CLAIMS.len() as u8).prop_map(|(place, claim)| Mutation::Claim(place, claim)),
        (place(), place(), place()).prop_map(|(other, here, there)| Mutation::Splice(other, here, there)),
    ]
}

impl Mutation {
    /// The bytes after the change.
    pub fn apply(&self, mut bytes: Vec<u8>, samples: &[Vec<u8>]) -> Vec<u8> {
        let gap = |place: &Index, bytes: &[u8]| place.index(bytes.len() + 1);
        match self {
            Self::Flip(..) | Self::Set(..) if bytes.is_empty() => {}
            Self::Flip(place, bit) => {
                let place = place.index(bytes.len());
                bytes[place] ^= 1 << bit;
            }
            Self::Set(place, byte) => {
                let place = place.index(bytes.len());
                bytes[place] = *byte;
            }
            Self::Insert(place, inserted) => {
                let place = gap(place, &bytes);
                bytes.splice(place..place, inserted.iter().copied());
            }
            Self::Delete(place, count) => {
                let start = gap(place, &bytes);
                let end = bytes.len().min(start + usize::from(*count));
                bytes.drain(start..end);
            }
            Self::Repeat(from, to) => {
                let (from, to) = (gap(from, &bytes), gap(to, &bytes));
                let stretch = bytes[from.min(to)..from.max(to)].to_vec();
                bytes.splice(from..from, stretch);
            }
            Self::Cut(place) => {
                let length = gap(place, &bytes);
                bytes.truncate(length);
            }
            Self::Extend(more) => bytes.extend(more),
            Self::Claim(place, claim) => {
                let place = gap(place, &bytes);
                bytes.splice(place..place, CLAIMS[usize::from(*claim)].iter().copied());
            }
            Self::Splice(other, here, there) => {
                let other = &samples[other.index(samples.len())];
                let here = gap(here, &bytes);
                bytes.truncate(here);
                bytes.extend(&other[gap(there, other)..]);
            }
        }
        bytes
    }
}
