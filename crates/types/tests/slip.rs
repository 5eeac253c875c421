//! The bytes of a slip as they are documented, and slips of any bytes. That genuine ones prove something, and changed ones do not,
//! is shown in `verify/tests/slips`.

use proptest::collection::vec;
use proptest::prelude::*;
use sha2::Digest as _;
use tongban_types::block::{HEADER_VERSION, LogRange};
use tongban_types::merkle::{self, Way};
use tongban_types::proof::{OpenError, Slip, SlipError, SlipParts};
use tongban_types::validators::SignatureBy;
use tongban_types::{
    AccountId, Blob, Certificate, Digest, Header, List, Outcome, Primitives, PublicKey, Receipt, RequestId, Signature,
    Suite, Time, Validator, ValidatorSet, codec,
};

struct Sha256;

impl Primitives for Sha256 {
    fn suite(&self) -> Suite {
        Suite::Intl
    }

    fn hash(&self, parts: &[&[u8]]) -> Digest {
        let mut hasher = sha2::Sha256::new();
        parts.iter().for_each(|part| hasher.update(part));
        Digest(hasher.finalize().into())
    }

    fn verify(&self, _: &PublicKey, _: &[u8], _: &Signature) -> bool {
        false
    }
}

const NETWORK: Digest = Digest([0xAB; 32]);

fn validators(count: u8) -> ValidatorSet {
    let validator = |index: u8| Validator {
        department: "税务局".parse().expect("short"),
        key: Blob::new(vec![index; 32]).expect("32 bytes"),
    };
    ValidatorSet::new((0..count).map(validator).collect()).expect("a set")
}

fn time(millis: u64) -> Time {
    Time::from_millis(millis).expect("before the year 9999")
}

fn receipt() -> Receipt {
    let event = Blob::new(vec![0xE1, 0xE2, 0xE3]).expect("short");
    Receipt {
        number: 996,
        transaction: Digest([1; 32]),
        account: AccountId([2; 16]),
        request_id: RequestId([3; 16]),
        not_after: time(5_300),
        height: 300,
        time: time(5_000),
        outcome: Outcome::Applied { events: List::new(vec![event]).expect("one") },
    }
}

fn header(validators: &ValidatorSet, way: &Way) -> Header {
    let leaf = merkle::leaf_hash(&Sha256, &codec::encode(&receipt()));
    Header {
        version: HEADER_VERSION,
        network: NETWORK,
        height: 300,
        time: time(5_000),
        epoch: 0,
        view: 401,
        parent_view: 400,
        parent: Digest([4; 32]),
        proposer: validators.validators()[2].key.clone(),
        tx_root: Digest([5; 32]),
        state_root: Digest([6; 32]),
        state_range: LogRange { start: 10, end: 138, root: Digest([7; 32]) },
        event_root: Digest([8; 32]),
        event_range: LogRange { start: 0, end: 127, root: Digest([8; 32]) },
        receipts: 1_000,
        next_validators: validators.digest(&Sha256),
        acts: 2,
        receipt_root: way.root(&Sha256, &leaf),
    }
}

fn child(header: &Header) -> Header {
    Header {
        height: 301,
        time: time(5_001),
        view: 410,
        parent_view: 401,
        parent: header.digest(&Sha256),
        tx_root: Digest([15; 32]),
        receipts: 1_001,
        acts: 0,
        receipt_root: Digest([16; 32]),
        ..header.clone()
    }
}

fn certificate(header: &Header) -> Certificate {
    let by = |validator| SignatureBy { validator, signature: Signature([0x50 + validator as u8; 64]) };
    Certificate {
        epoch: 0,
        view: header.view,
        parent_view: header.parent_view,
        header: header.digest(&Sha256),
        signatures: List::new([0, 3, 9].map(by).into()).expect("few"),
    }
}

#[test]
fn the_bytes_of_a_slip_are_those_of_the_table() {
    let validators = validators(10);
    let way = Way { turns: 0b10, siblings: vec![Digest([9; 32]), Digest([10; 32])] };
    let header = header(&validators, &way);
    let child = child(&header);
    let (receipt, headers, certificate) = (receipt(), [header.clone(), child.clone()], certificate(&child));
    let disclosed = Blob::new(vec![0xD1, 0xD2]).expect("short");
    let parts = SlipParts {
        receipt: &receipt,
        way,
        headers: &headers,
        certificate: &certificate,
        disclosed: disclosed.clone(),
    };
    let slip = Slip::new(&Sha256, &NETWORK, &validators, &parts).expect("a slip");
    let table: [&[u8]; 50] = [
        &[1],                      // version
        &[0xAB; 4],                // network
        &[0],                      // epoch
        &[0xAB, 0x02],             // the parent's height, 299
        &[0x90, 0x03],             // its view, 400
        &[4; 32],                  // its digest
        &[0x88, 0x27],             // 5,000 ms
        &[1],                      // views
        &[2],                      // proposer
        &[5; 32],                  // transactions
        &[6; 32],                  // state
        &[10],                     // start of its log
        &[0x80, 0x01],             // its length, 128
        &[7; 32],                  // its root
        &[8; 32],                  // events
        &[0],                      // start of their log
        &[127],                    // its length
        &[0xE8, 0x07],             // 1,000 receipts
        &[2],                      // acts
        &[1],                      // headers behind
        &[1],                      // ms
        &[9],                      // views
        &[2],                      // proposer
        &[15; 32],                 // transactions
        &[6; 32],                  // state
        &[10],                     // start of its log
        &[0x80, 0x01],             // its length
        &[7; 32],                  // its root
        &[8; 32],                  // events
        &[0],                      // start of their log
        &[127],                    // its length
        &[1],                      // receipts more
        &[0],                      // acts
        &[16; 32],                 // its receipts
        &[3],                      // receipts behind
        &[1; 32],                  // transaction
        &[2; 16],                  // account
        &[3; 16],                  // request id
        &[0xAC, 0x02],             // 300 ms left
        &[5],                      // bytes of events
        &[1, 3, 0xE1, 0xE2, 0xE3], // one event of three bytes
        &[2],                      // siblings
        &[0b10],                   // turns
        &[9; 32],
        &[10; 32],
        &[2, 0b0000_1001, 0b0000_0010], // signers 0, 3, 9
        &[0x50; 64],
        &[0x53; 64],
        &[0x59; 64],
        &[2, 0xD1, 0xD2], // disclosed
    ];
    assert_eq!(slip.to_bytes(), table.concat());
    assert_eq!(Slip::read(&table.concat()), Ok(slip.clone()));
    assert_eq!(slip.disclosed(), &disclosed);

    let opened = slip.open(&Sha256, &NETWORK, &validators).expect("it opens");
    assert_eq!((opened.receipt, opened.certificate), (receipt, certificate));
    assert_eq!(opened.headers, headers);
}

#[test]
fn numbers_that_no_header_has_do_not_open() {
    let validators = validators(10);
    let way = Way { turns: 0, siblings: Vec::new() };
    let header = header(&validators, &way);
    let (receipt, certificate) = (receipt(), certificate(&header));
    let parts = SlipParts {
        receipt: &receipt,
        way,
        headers: std::slice::from_ref(&header),
        certificate: &certificate,
        disclosed: Blob::default(),
    };
    let slip = Slip::new(&Sha256, &NETWORK, &validators, &parts).expect("a slip").to_bytes();
    let largest = [&[0xFF; 9][..], &[1]].concat();
    let millis = slip.windows(2).position(|pair| pair == [0x88, 0x27]).expect("the time");
    let receipts = slip.windows(2).position(|pair| pair == [0xE8, 0x07]).expect("the receipts");
    for (place, length, other) in [(6, 2, &largest[..]), (8, 2, &largest), (millis, 2, &largest), (receipts, 2, &[2])] {
        let changed = [&slip[..place], other, &slip[place + length..]].concat();
        let slip = Slip::from_bytes(&changed).expect("its form is right");
        assert_eq!(slip.open(&Sha256, &NETWORK, &validators), Err(OpenError::OutOfRange), "{place}");
    }
    // Integers that are longer than they need to be, or than an integer is.
    for (place, length, other) in [(6, 2, vec![0xAB, 0x82, 0]), (6, 2, vec![0xFF; 10]), (5, 1, vec![0x80, 0])] {
        let changed = [&slip[..place], &other, &slip[place + length..]].concat();
        assert!(matches!(Slip::from_bytes(&changed), Err(SlipError::NotCanonical { .. })), "{place}: {other:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_bytes_are_no_slip_or_the_one_spelling_of_one(bytes in vec(prop_oneof![3 => Just(0u8), 1 => any::<u8>()], 0..900)) {
        for bytes in [bytes.clone(), [&[1][..], &bytes].concat()] {
            if let Ok(slip) = Slip::from_bytes(&bytes) {
                prop_assert_eq!(slip.to_bytes(), bytes);
                let text = slip.to_text();
                prop_assert_eq!(Slip::from_text(text.as_bytes()), Ok(slip.clone()));
                let _ = slip.open(&Sha256, &NETWORK, &validators(4));
            }
        }
    }

    /// A slip of zeros with a few bytes changed is often one still, so more of the decoder is reached.
    #[test]
    fn nearly_slips_are_refused_or_have_one_spelling(changes in vec((0usize..260, any::<u8>()), 0..6)) {
        let mut bytes = [&[1][..], &[0; 243], &[3, 1, 1, 0xAA, 0, 0, 0, 0]].concat();
        prop_assert!(Slip::from_bytes(&bytes).is_ok());
        for (place, byte) in changes {
            let place = place % bytes.len();
            bytes[place] = byte;
        }
        if let Ok(slip) = Slip::from_bytes(&bytes) {
            prop_assert_eq!(slip.to_bytes(), bytes.clone());
            let _ = slip.open(&Sha256, &Digest::ZERO, &validators(4));
        }
        if let Ok(slip) = Slip::from_text(&bytes) {
            prop_assert_eq!(slip.to_text().into_bytes(), bytes);
        }
    }
}
