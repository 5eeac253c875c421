//! Pseudonyms: one for each person, none without the key, and nothing of the number in them.

use tongban_crypto::pseudonym::{DocumentNumberError, NUMBER_CHARACTERS_MAX, PseudonymKey, hmac};
use tongban_types::Suite;
use tongban_types::codes::{CitizenIdError, DocumentKind, KnownDocument};

const SUITES: [Suite; 2] = [Suite::Sm, Suite::Intl];

fn key(suite: Suite) -> PseudonymKey {
    PseudonymKey::from_bytes(suite, &[7; 32])
}

#[test]
fn a_person_has_one_pseudonym_however_his_number_is_spelt_and_on_whatever_document_it_stands() {
    let resident = DocumentKind::RESIDENT_IDENTITY_CARD;
    for suite in SUITES {
        let expected = key(suite).pseudonym(resident, "11010519491231002X").expect("a citizen's number");
        for (kind, number) in [
            (KnownDocument::ResidentIdentityCard, " 11010519491231002x "),
            (KnownDocument::ResidentIdentityCard, "１１０１０５１９４９１２３１００２Ｘ"),
            (KnownDocument::ResidentIdentityCard, "110105 19491231 002X"),
            (KnownDocument::ResidentIdentityCard, "110105491231002"),
            (KnownDocument::TemporaryIdentityCard, "11010519491231002X"),
            (KnownDocument::HouseholdRegister, "11010519491231002X"),
            (KnownDocument::Other, "11010519491231002X"),
        ] {
            assert_eq!(key(suite).pseudonym(kind.into(), number), Ok(expected), "{kind:?} {number}");
        }
        let passport = key(suite).pseudonym(KnownDocument::OrdinaryPassport.into(), "e12345678").expect("a number");
        let permit = key(suite).pseudonym(KnownDocument::TaiwanTravelPermit.into(), "E12345678").expect("a number");
        assert_eq!(key(suite).pseudonym(KnownDocument::OrdinaryPassport.into(), "E-1234 5678"), Ok(passport));
        assert!(passport != permit && passport != expected, "another document is another pseudonym");
    }
}

#[test]
fn a_pseudonym_is_the_keyed_hash_of_tag_kind_and_number() {
    for suite in SUITES {
        let found = key(suite).pseudonym(DocumentKind::RESIDENT_IDENTITY_CARD, "440524188001010014");
        assert_eq!(found, Ok(hmac(suite, &[7; 32], &[b"tongban/pseudonym/1:111:440524188001010014"])));
        let other_key = PseudonymKey::from_bytes(suite, &[8; 32]);
        assert_ne!(other_key.pseudonym(DocumentKind::RESIDENT_IDENTITY_CARD, "440524188001010014"), found);
    }
}

#[test]
fn what_is_no_number_has_no_pseudonym() {
    let long = "1".repeat(NUMBER_CHARACTERS_MAX + 1);
    let passport = KnownDocument::OrdinaryPassport;
    let card = KnownDocument::ResidentIdentityCard;
    for (kind, number, expected) in [
        (passport, "", DocumentNumberError::Length),
        (passport, " - ", DocumentNumberError::Length),
        (passport, long.as_str(), DocumentNumberError::Length),
        (passport, "护照12", DocumentNumberError::Character),
        (passport, "E1_2", DocumentNumberError::Character),
        (card, "440524188001010015", DocumentNumberError::Citizen(CitizenIdError::WrongCheck)),
        (card, "110105194902300020", DocumentNumberError::Citizen(CitizenIdError::WrongDate)),
        (card, "E12345678", DocumentNumberError::Citizen(CitizenIdError::WrongLength)),
    ] {
        let error = key(Suite::Sm).pseudonym(kind.into(), number).expect_err("no number");
        assert_eq!(error, expected, "{number}");
        assert!(number.trim().is_empty() || !error.to_string().contains(number), "an error repeats no number");
    }
}

#[test]
fn a_fingerprint_tells_keys_apart_and_is_no_pseudonym() {
    for suite in SUITES {
        let own = key(suite).fingerprint();
        assert_eq!(own, PseudonymKey::from_bytes(suite, &[7; 32]).fingerprint());
        assert_ne!(own, PseudonymKey::from_bytes(suite, &[8; 32]).fingerprint());
        assert_eq!(own, hmac(suite, &[7; 32], &[b"tongban/pseudonym-key/1:"]));
    }
    assert_ne!(key(Suite::Sm).fingerprint(), key(Suite::Intl).fingerprint());
}

#[test]
fn the_authoritys_key_is_not_printed() {
    assert_eq!(format!("{:?}", key(Suite::Sm)), "PseudonymKey(sm)");
}
