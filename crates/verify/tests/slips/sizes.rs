//! How large slips are: the table that says where a QR code is enough.

use crate::city::{City, EVENT_BYTES, Sample};
use tongban_types::proof::Slip;
use tongban_types::{Blob, Suite};

/// Letters of the alphanumeric mode in a QR code (ISO/IEC 18004, table 7): the versions 25 and 40 with the lowest error
/// correction, and 25 with the next one. In byte mode the first holds 1,273 bytes.
const VERSION_25_L: usize = 1_853;
const VERSION_25_M: usize = 1_451;
const VERSION_40_L: usize = 4_296;

fn code_of(letters: usize) -> &'static str {
    let codes = [(VERSION_25_M, "25-M"), (VERSION_25_L, "25-L"), (VERSION_40_L, "40-L")];
    codes.iter().find(|(most, _)| letters <= *most).map_or("none", |(_, name)| name)
}

fn slip(city: &City, receipts: usize, disclosed: usize) -> Slip {
    // One before the last: in a tree of 10,000 the longest way.
    let sample = city.sample(receipts, receipts.saturating_sub(receipts / 2 + 1), 0);
    let sample = Sample { disclosed: Blob::new(vec![0xAB; disclosed]).expect("at most 400"), ..sample };
    sample.slip(city).expect("the largest code holds it")
}

#[test]
fn a_licence_of_four_departments_fits_a_qr_code_of_version_25() {
    println!("validators  receipts  disclosed  bytes  letters  code");
    for validators in [4, 7, 20] {
        let city = City::new(Suite::Sm, validators);
        for receipts in [1, 10, 100, 1_000, 10_000] {
            for disclosed in [0, 100, 400] {
                let slip = slip(&city, receipts, disclosed);
                let (bytes, letters) = (slip.to_bytes().len(), slip.to_text().len());
                println!("{validators:10}  {receipts:8}  {disclosed:9}  {bytes:5}  {letters:7}  {}", code_of(letters));
                assert!(letters <= VERSION_40_L);
            }
        }
    }
    let slip = slip(&City::new(Suite::Sm, 4), 10_000, 0);
    // What is not the event: it must not grow unnoticed.
    assert_eq!(slip.to_bytes().len() - EVENT_BYTES, 925);
    assert!(slip.to_text().len() <= VERSION_25_L, "{} letters", slip.to_text().len());
    assert!(slip.to_bytes().len() <= 1_273);
}

#[test]
fn a_slip_grows_with_the_block_and_not_with_the_ledger() {
    let city = City::new(Suite::Intl, 4);
    let length = |receipts: usize| slip(&city, receipts, 0).to_bytes().len();
    // One sibling more for each doubling; the turns take a second byte beyond seven of them.
    assert_eq!(length(2) - length(1), 32);
    assert_eq!(length(4) - length(2), 32);
    assert!((32..=36).contains(&(length(512) - length(256))));
}
