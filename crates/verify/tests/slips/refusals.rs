//! Each way to cheat with a slip, and the code it is refused with; and what has no slip.

use crate::city::{City, Sample};
use tongban_types::block::BLOCK_ACTS_MAX;
use tongban_types::proof::slip::{
    BLOCK_RECEIPTS_MAX, SLIP_BYTES_MAX, SLIP_DESCENDANTS_MAX, SLIP_SIBLINGS_MAX, SLIP_TEXT_MAX,
};
use tongban_types::proof::{NoSlip, Slip};
use tongban_types::{Digest, List, Outcome, Refusal, Suite};
use tongban_verify::verify_slip;

/// Where the epoch stands: behind the version and the beginning of the network's identifier.
const EPOCH_AT: usize = 5;

fn code(city: &City, slip: &[u8]) -> &'static str {
    verify_slip(slip, &city.genesis_json()).expect_err("refused").code()
}

/// Where these bytes stand.
fn place_of(bytes: &[u8], part: &[u8]) -> usize {
    bytes.windows(part.len()).position(|window| window == part).expect("it holds them")
}

/// The slip with something else in place of these bytes, which stand in it once.
fn with(bytes: &[u8], part: &[u8], other: &[u8]) -> Vec<u8> {
    let place = place_of(bytes, part);
    [&bytes[..place], other, &bytes[place + part.len()..]].concat()
}

#[test]
fn slips_against_another_genesis() {
    for suite in [Suite::Sm, Suite::Intl] {
        let (city, other) = (City::new(suite, 4), City::seeded(suite, 4, 40));
        let slip = city.sample(9, 4, 0).slip(&city).expect("a slip").to_bytes();
        assert_eq!(code(&other, &slip), "other_network");
        // Passed off as the other's: the whole identifier is under the signatures.
        let disguised = [&slip[..1], &other.id.0[..4], &slip[EPOCH_AT..]].concat();
        assert_eq!(code(&other, &disguised), "bad_signature");
        // A genesis with fewer validators than signed.
        let smaller = City::new(suite, 3);
        let disguised = [&slip[..1], &smaller.id.0[..4], &slip[EPOCH_AT..]].concat();
        assert_eq!(code(&smaller, &disguised), "wrong_validator_set");
        for no_genesis in [&b""[..], b"{}", b"\0"] {
            assert_eq!(verify_slip(&slip, no_genesis).expect_err("no anchor").code(), "bad_genesis");
        }
    }
}

#[test]
fn certificates_that_do_not_count() {
    for suite in [Suite::Sm, Suite::Intl] {
        let city = City::new(suite, 4);
        let others = City::seeded(suite, 4, 60);
        let signed = |signers: &[u32]| {
            let sample = city.sample(9, 4, 0);
            let certificate = city.certify(&sample.headers[0], signers);
            Sample { certificate, ..sample }.slip(&city)
        };
        let of = |slip: Result<Slip, NoSlip>| slip.map(|slip| code(&city, &slip.to_bytes()));
        assert_eq!(of(signed(&[])), Ok("too_few_signatures"));
        assert_eq!(of(signed(&[0, 3])), Ok("too_few_signatures"));
        // The bits of the signers can say neither of these.
        assert_eq!(of(signed(&[1, 1, 1])), Err(NoSlip::NeedsBundle));
        assert_eq!(of(signed(&[2, 1, 0])), Err(NoSlip::NeedsBundle));
        let genuine = signed(&[0, 1, 2]).expect("a slip").to_bytes();
        assert!(verify_slip(&genuine, &city.genesis_json()).is_ok());

        // One signature for all, two exchanged, and those of the right places by the wrong keys.
        let (signatures, end) = (genuine.len() - 1 - 3 * 64, genuine.len() - 1);
        let first = genuine[signatures..signatures + 64].to_vec();
        let second = genuine[signatures + 64..signatures + 128].to_vec();
        let third = genuine[signatures + 128..end].to_vec();
        for [one, two, three] in [[&first, &first, &first], [&second, &first, &third], [&first, &second, &second]] {
            let slip = [&genuine[..signatures], one, two, three, &genuine[end..]].concat();
            assert_eq!(code(&city, &slip), "bad_signature");
        }
        let sample = city.sample(9, 4, 0);
        let certificate = others.certify(&sample.headers[0], &[0, 1, 2]);
        let slip = Sample { certificate, ..sample }.slip(&city).expect("a slip");
        assert_eq!(code(&city, &slip.to_bytes()), "bad_signature");

        // The bits: one of four fewer than there are signatures, a signer outside the set, a surplus byte, none at all.
        let bits = signatures - 2;
        assert_eq!(&genuine[bits..signatures], [1, 0b0111]);
        let with_bits = |bytes: &[u8]| [&genuine[..bits], bytes, &genuine[signatures..]].concat();
        assert_eq!(code(&city, &with_bits(&[1, 0b0011])), "not_canonical");
        assert_eq!(code(&city, &with_bits(&[1, 0b1111])), "not_canonical");
        assert_eq!(code(&city, &with_bits(&[1, 0b1_0011])), "wrong_validator_set");
        assert_eq!(code(&city, &with_bits(&[1, 0b1110])), "bad_signature");
        assert_eq!(code(&city, &with_bits(&[2, 0b0111, 0])), "not_canonical");
        assert_eq!(code(&city, &with_bits(&[14])), "not_canonical");
        // Validator 101 of at most 100.
        let beyond = [&[13][..], &[0b0011], &[0; 11], &[0b1_0000]].concat();
        assert_eq!(code(&city, &with_bits(&beyond)), "not_canonical");
    }
}

#[test]
fn headers_and_receipts_that_were_not_certified() {
    let city = City::new(Suite::Intl, 4);
    let sample = city.sample(9, 4, 2);
    let slip = sample.slip(&city).expect("a slip").to_bytes();
    for (part, other) in [
        (sample.headers[0].tx_root.0.to_vec(), [0x33; 32].to_vec()),
        (sample.headers[0].parent.0.to_vec(), [0x33; 32].to_vec()),
        (sample.headers[1].receipt_root.0.to_vec(), [0x33; 32].to_vec()),
        (sample.receipt.transaction.0.to_vec(), [0x33; 32].to_vec()),
        (sample.receipt.account.0.to_vec(), [0x33; 16].to_vec()),
        (crate::city::event(city.primitives(), 4).into_bytes(), crate::city::event(city.primitives(), 5).into_bytes()),
    ] {
        assert_eq!(code(&city, &with(&slip, &part, &other)), "bad_signature");
    }
    // The receipt of one block, the header of another.
    let other = city.sample(10, 4, 2);
    let mixed = Sample { receipt: other.receipt, tree: other.tree, ..city.sample(9, 4, 2) };
    assert_eq!(mixed.slip(&city), Err(NoSlip::NeedsBundle));
    let mixed = Sample { certificate: other.certificate, ..city.sample(9, 4, 2) };
    assert_eq!(mixed.slip(&city), Err(NoSlip::NeedsBundle));
    // A descendant fewer than the certificate's.
    let mut shorter = city.sample(9, 4, 2);
    shorter.headers.pop();
    assert_eq!(shorter.slip(&city), Err(NoSlip::NeedsBundle));
    let mut reversed = city.sample(9, 4, 2);
    reversed.headers.swap(1, 2);
    assert_eq!(reversed.slip(&city), Err(NoSlip::NeedsBundle));
    // Another place in the same block.
    assert_eq!(Sample { place: 5, ..city.sample(9, 4, 0) }.slip(&city), Err(NoSlip::NeedsBundle));
}

#[test]
fn ways_that_are_too_long_or_turn_too_often() {
    let city = City::new(Suite::Intl, 4);
    let sample = city.sample(9, 4, 0);
    let way = sample.tree.way(4).expect("a leaf");
    let slip = sample.slip(&city).expect("a slip").to_bytes();
    let siblings: Vec<u8> = way.siblings.iter().flat_map(|sibling| sibling.0).collect();
    let spelt = |count: u8, turns: &[u8], siblings: &[u8]| [&[count], turns, siblings].concat();
    let genuine = spelt(way.siblings.len() as u8, &[way.turns as u8], &siblings);
    let count = way.siblings.len() as u8;
    let one_more = [&siblings[..], &[7; 32]].concat();
    let fifteen = [7; 32].repeat(SLIP_SIBLINGS_MAX + 1);
    for (other, expected) in [
        (spelt(count + 1, &[way.turns as u8], &one_more), "bad_signature"),
        (spelt(count - 1, &[way.turns as u8], &siblings[..siblings.len() - 32]), "bad_signature"),
        (spelt(count, &[way.turns as u8 ^ 1], &siblings), "bad_signature"),
        (spelt(count, &[way.turns as u8 | 1 << count], &siblings), "not_canonical"),
        (spelt(count, &[way.turns as u8 | 0x80, 0], &siblings), "not_canonical"),
        (spelt(SLIP_SIBLINGS_MAX as u8, &[0], &fifteen[32..]), "bad_signature"),
        (spelt(SLIP_SIBLINGS_MAX as u8 + 1, &[0], &fifteen), "not_canonical"),
    ] {
        assert_eq!(code(&city, &with(&slip, &genuine, &other)), expected);
    }
}

#[test]
fn slips_of_another_epoch_need_the_full_bundle() {
    let city = City::new(Suite::Sm, 4);
    let slip = city.sample(9, 4, 0).slip(&city).expect("a slip").to_bytes();
    assert_eq!(slip[EPOCH_AT], 0);
    let later = [&slip[..EPOCH_AT], &[3], &slip[EPOCH_AT + 1..]].concat();
    let refusal = verify_slip(&later, &city.genesis_json()).expect_err("of epoch 3");
    assert_eq!(refusal.code(), "needs_bundle");
    assert!(refusal.to_string().contains("epoch 3"), "{refusal}");
    // A ledger makes none of a later epoch, nor where the set is about to change.
    let mut later = city.sample(9, 4, 0);
    later.headers[0].epoch = 1;
    assert_eq!(later.certified(&city).slip(&city), Err(NoSlip::NeedsBundle));
    let mut changing = city.sample(9, 4, 0);
    changing.headers[0].next_validators = Digest([1; 32]);
    assert_eq!(changing.certified(&city).slip(&city), Err(NoSlip::NeedsBundle));
    let mut crossing = city.sample(9, 4, 1);
    crossing.headers[1].epoch = 1;
    assert_eq!(crossing.certified(&city).slip(&city), Err(NoSlip::NeedsBundle));
}

#[test]
fn what_has_no_slip() {
    let city = City::new(Suite::Intl, 4);
    let of = |outcome: Outcome| {
        let mut sample = city.sample(1, 0, 0);
        sample.receipt.outcome = outcome;
        sample.slip(&city)
    };
    let refusal = Refusal { code: "licences.denied".parse().expect("a code"), call: Some(0) };
    assert_eq!(of(Outcome::Refused(refusal)), Err(NoSlip::NoEvents));
    assert_eq!(of(Outcome::Applied { events: List::default() }), Err(NoSlip::NoEvents));

    let far = city.sample(1, 0, SLIP_DESCENDANTS_MAX + 1);
    assert_eq!(far.slip(&city), Err(NoSlip::NeedsBundle));
    assert!(city.sample(1, 0, SLIP_DESCENDANTS_MAX).slip(&city).is_ok());
    let no_header = Sample { headers: Vec::new(), ..city.sample(1, 0, 0) };
    assert_eq!(no_header.slip(&city), Err(NoSlip::NeedsBundle));
    let stranger =
        |sample: &mut Sample| sample.headers[0].proposer = City::seeded(Suite::Intl, 1, 90).keys[0].public_key();
    let mut foreign = city.sample(1, 0, 0);
    stranger(&mut foreign);
    assert_eq!(foreign.certified(&city).slip(&city), Err(NoSlip::NeedsBundle));
    let mut busy = city.sample(1, 0, 0);
    busy.headers[0].acts = BLOCK_ACTS_MAX + 1;
    assert_eq!(busy.certified(&city).slip(&city), Err(NoSlip::NeedsBundle));
    let mut numbered = city.sample(1, 0, 0);
    numbered.receipt.number -= BLOCK_RECEIPTS_MAX as u64;
    assert_eq!(numbered.slip(&city), Err(NoSlip::NeedsBundle));

    let large = City::new(Suite::Intl, 70);
    let found = match large.sample(1, 0, 0).slip(&large) {
        Err(NoSlip::TooLarge { found }) => found,
        other => panic!("47 signatures fit no code: {other:?}"),
    };
    assert!(found > SLIP_BYTES_MAX);
}

#[test]
fn files_that_are_no_slips() {
    let city = City::new(Suite::Intl, 4);
    let slip = city.sample(9, 4, 0).slip(&city).expect("a slip");
    let (bytes, text) = (slip.to_bytes(), slip.to_text());
    let longest = SLIP_BYTES_MAX - bytes.len();
    for (file, expected) in [
        (Vec::new(), "not_canonical"),
        (vec![0], "unsupported_version"),
        (vec![1], "not_canonical"),
        (vec![2], "unsupported_version"),
        (b"{}\n".to_vec(), "unsupported_version"),
        (b"TBX1:".to_vec(), "not_canonical"),
        (b"TBX2:00".to_vec(), "not_canonical"),
        (b"TBX1:20".to_vec(), "unsupported_version"),
        ([&bytes[..], &[0]].concat(), "not_canonical"),
        ([&bytes[..], &vec![0; longest]].concat(), "not_canonical"),
        ([&bytes[..], &vec![0; longest + 1]].concat(), "oversized"),
        (format!("{text}\n").into_bytes(), "not_canonical"),
        (format!(" {text}").into_bytes(), "unsupported_version"),
        (text.to_lowercase().into_bytes(), "unsupported_version"),
        (format!("{text}{}", "0".repeat(SLIP_TEXT_MAX - text.len() + 1)).into_bytes(), "oversized"),
        ([b"TBX1:", &bytes[..]].concat(), "not_canonical"),
    ] {
        assert_eq!(code(&city, &file), expected, "{:?}", &file[..file.len().min(8)]);
    }
    // Lengths that are only claimed reserve nothing.
    let events = crate::city::event(city.primitives(), 4).into_bytes();
    let place = place_of(&bytes, &events);
    let claimed = [&bytes[..place - 5], &[0xFF; 9], &[1], &bytes[place..]].concat();
    assert_eq!(code(&city, &claimed), "not_canonical");
}

#[test]
fn of_several_faults_the_first_in_the_list_is_named() {
    let (city, other) = (City::new(Suite::Intl, 4), City::seeded(Suite::Intl, 4, 40));
    let sample = city.sample(9, 4, 0);
    let certificate = city.certify(&sample.headers[0], &[1, 2]);
    let few = Sample { certificate, ..sample }.slip(&city).expect("a slip").to_bytes();
    let mut bytes = [few, vec![0]].concat();
    let last = bytes.len() - 20;
    bytes[last] ^= 1; // a signature
    bytes[0] = 9;
    let large = [&bytes[..], &[0; SLIP_BYTES_MAX]].concat();
    assert_eq!(verify_slip(&large, b"{}").expect_err("no anchor").code(), "bad_genesis");
    assert_eq!(code(&other, &large), "oversized");
    assert_eq!(code(&other, &bytes), "unsupported_version");
    bytes[0] = 1;
    bytes[EPOCH_AT] = 1;
    assert_eq!(code(&other, &bytes), "not_canonical");
    bytes.pop();
    assert_eq!(code(&other, &bytes), "other_network");
    assert_eq!(code(&city, &bytes), "needs_bundle");
    bytes[EPOCH_AT] = 0;
    assert_eq!(code(&city, &bytes), "too_few_signatures");
}
