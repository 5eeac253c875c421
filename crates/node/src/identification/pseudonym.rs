//! From the kind and the number of a document to the pseudonym of whoever holds it.

use crate::import::licences::standards::address;
use crate::signer::{PASSPHRASE_VARIABLE, now};
use anyhow::{Context as _, bail};
use std::io::{BufRead, Read as _};
use std::path::Path;
use time::{Date, Duration, OffsetDateTime};
use tongban_crypto::pseudonym::DocumentNumberError;
use tongban_crypto::{KeyFile, PseudonymKey};
use tongban_modules::divisions;
use tongban_types::Digest;
use tongban_types::codes::{CitizenId, DivisionCode, DocumentKind, KnownDocument, UnifiedSocialCreditCode, normalise};
use zeroize::Zeroizing;

/// Bytes of a line that is read.
const LINE_BYTES_MAX: u64 = 512;
/// Beijing is ahead of UTC.
const BEIJING_AHEAD: Duration = Duration::hours(8);

/// Why no pseudonym is made. No error repeats what was read.
#[derive(Debug, thiserror::Error)]
pub enum PersonError {
    /// There are no two lines.
    #[error("give two lines of text, the kind of the document and its number (pseudonym.input)")]
    Input,
    /// The first line is no kind.
    #[error("the kind of a document is a number of three digits, such as 111 for an identity card (pseudonym.kind)")]
    Kind,
    /// The second line is the code of an organisation.
    #[error(
        "this is the code of an organisation, which is public and has no pseudonym: `tongban call identity bind-company` takes it as it \
         is (pseudonym.organisation)"
    )]
    Organisation,
    /// The second line is no number that such a document can have.
    #[error("{0} (pseudonym.number)")]
    Number(#[from] DocumentNumberError),
    /// A document whose number another state may have given, too, without the state; or a citizen's with one.
    #[error(
        "the number of a passport is unique within the state that has issued it: --issued-by names that state by the three letters of ISO 3166-1, \
         such as FRA or CHN, and no state for a document with a citizen's number (pseudonym.issuing_state)"
    )]
    IssuingState,
    /// The number of a citizen says a day of birth that has not come.
    #[error("by this number the person is not born yet (pseudonym.born_later)")]
    BornLater,
}

/// The pseudonym of a person.
#[derive(Debug, PartialEq, Eq)]
pub struct Made {
    /// What stands on the ledger.
    pub pseudonym: Digest,
    /// What is odd about the number and no reason to refuse it. The number is not repeated.
    pub warning: Option<&'static str>,
    /// The division with whose code the number begins, where that is what is odd: a network can have told of one that the table has not.
    pub unlisted: Option<DivisionCode>,
}

/// Abolished codes stay in the numbers of those who were registered under them.
const ADDRESS_UNKNOWN: &str = "warning: the number begins with the code of no division that the table of this program has. An abolished \
                               code is no error, a mistyped one is: compare it with the document (pseudonym.address_unknown)";

/// The identity authority's key in a file.
pub fn key_of(path: &Path, passphrase: Option<&str>) -> anyhow::Result<PseudonymKey> {
    let file = KeyFile::read(path).with_context(|| format!("cannot use the key file {}", path.display()))?;
    if file.is_encrypted() && passphrase.is_none() {
        bail!("{} is encrypted: give its passphrase in {PASSPHRASE_VARIABLE}", path.display());
    }
    file.unlock_pseudonyms(passphrase).with_context(|| format!("cannot open the key file {}", path.display()))
}

/// The day in Beijing.
pub fn today() -> Date {
    let seconds = i64::try_from(now().as_millis() / 1000).unwrap_or_default();
    (OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH) + BEIJING_AHEAD).date()
}

/// The pseudonym of whoever holds the document that two lines are about, which a state has issued where that is said. `ask` is told what is to be
/// typed next.
///
/// Two states give the same number to two persons' passports. So the state's letters stand in front of a passport's number in what the pseudonym
/// is made of, also where it is China: a number is never taken for another state's letters and number.
pub fn pseudonym_of(
    key: &PseudonymKey,
    issued_by: Option<&str>,
    today: Date,
    input: &mut impl BufRead,
    ask: impl Fn(&str),
) -> Result<Made, PersonError> {
    ask(
        "The kind of the document: 111 identity card, 112 temporary one, 113 household register, 414 passport, 553 permanent residence …",
    );
    let kind = line(input)?;
    let kind: DocumentKind = normalise(&kind).parse().map_err(|_| PersonError::Kind)?;
    let state = issuing_state(kind, issued_by)?;
    ask("Its number:");
    let number = line(input)?;
    let mut plain = Zeroizing::new(normalise(&number));
    plain.retain(|character| !matches!(character, ' ' | '-'));
    let is_old = kind.has_citizen_number() && plain.len() == 15;
    let citizen = if is_old { CitizenId::upgrade(&plain).ok() } else { plain.parse::<CitizenId>().ok() };
    if citizen.is_some_and(|citizen| citizen.refuse_born_after(today).is_err()) {
        return Err(PersonError::BornLater);
    }
    // One in 31 numbers of nothing but digits would do as a code; such a one is rather a citizen's, mistyped.
    let has_letters = plain.bytes().take(17).any(|byte| byte.is_ascii_uppercase());
    if has_letters && plain.parse::<UnifiedSocialCreditCode>().is_ok() {
        return Err(PersonError::Organisation);
    }
    let odd = citizen.filter(|citizen| !has_known_address(citizen));
    // A state without a number would pass for a number.
    let content = if plain.is_empty() { plain } else { Zeroizing::new(state + plain.as_str()) };
    let pseudonym = key.pseudonym(kind, &content)?;
    Ok(Made { pseudonym, warning: odd.map(|_| ADDRESS_UNKNOWN), unlisted: odd.as_ref().and_then(address) })
}

/// The letters that stand in front of a document's number: those of the state where numbers of several states could be equal, none otherwise.
fn issuing_state(kind: DocumentKind, issued_by: Option<&str>) -> Result<String, PersonError> {
    let state = issued_by.map(normalise);
    let is_state = |state: &str| state.len() == 3 && state.bytes().all(|byte| byte.is_ascii_uppercase());
    match state {
        None if kind.known() == Some(KnownDocument::OrdinaryPassport) => Err(PersonError::IssuingState),
        Some(_) if kind.has_citizen_number() => Err(PersonError::IssuingState),
        Some(state) if !is_state(&state) => Err(PersonError::IssuingState),
        state => Ok(state.unwrap_or_default()),
    }
}

/// Whether a number was given in a division of the table, or belongs to people from elsewhere.
fn has_known_address(citizen: &CitizenId) -> bool {
    let is_place = |division| divisions::listed(division).is_some_and(|found| found.is_place());
    citizen.has_known_address() && address(citizen).is_none_or(is_place)
}

/// The next line, wiped when it is dropped.
fn line(input: &mut impl BufRead) -> Result<Zeroizing<String>, PersonError> {
    let mut text = Zeroizing::new(String::with_capacity(LINE_BYTES_MAX as usize + 1)); // so that it never moves
    input.by_ref().take(LINE_BYTES_MAX + 1).read_line(&mut text).map_err(|_| PersonError::Input)?;
    if text.trim().is_empty() || text.len() as u64 > LINE_BYTES_MAX {
        return Err(PersonError::Input);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::rng;
    use std::cell::RefCell;
    use time::Month;
    use tongban_crypto::key_file::Protection;
    use tongban_types::Suite;

    fn key() -> PseudonymKey {
        PseudonymKey::from_bytes(Suite::Sm, &[7; 32])
    }

    fn day() -> Date {
        Date::from_calendar_date(2026, Month::November, 22).expect("a day")
    }

    fn made(input: &str) -> Result<Digest, PersonError> {
        with_warning(input).map(|made| made.pseudonym)
    }

    fn with_warning(input: &str) -> Result<Made, PersonError> {
        pseudonym_of(&key(), None, day(), &mut input.as_bytes(), |_| {})
    }

    fn made_by(state: &str, input: &str) -> Result<Digest, PersonError> {
        pseudonym_of(&key(), Some(state), day(), &mut input.as_bytes(), |_| {}).map(|made| made.pseudonym)
    }

    #[test]
    fn two_lines_make_the_pseudonym_of_the_library() {
        let kind = DocumentKind::RESIDENT_IDENTITY_CARD;
        let expected = key().pseudonym(kind, "11010519491231002X").expect("a number");
        for input in [
            "111\n11010519491231002X\n",
            "111\r\n11010519491231002x\r\n",
            " １１１ \n110105 19491231 002X",
            "113\n110105491231002\n",
            "111\n11010519491231002X\nwhatever follows\n",
        ] {
            assert_eq!(made(input).expect(input), expected, "{input}");
        }
        let passport = key().pseudonym("414".parse().expect("a kind"), "CHNE12345678").expect("a number");
        assert_eq!(made_by("chn", "414\ne1234-5678\n").expect("a number"), passport);
    }

    #[test]
    fn equal_numbers_of_two_states_are_two_persons() {
        let states = ["FRA", "DEU", "CHN"].map(|state| made_by(state, "414\n12AB34567\n").expect(state));
        assert_eq!(std::collections::BTreeSet::from(states).len(), states.len());
        assert_eq!(states[0], made_by("ＦＲＡ", "414\n12ab 34567\n").expect("full width"));
        assert_ne!(states[0], made_by("CHN", "414\nFRA12AB34567\n").expect("letters of a number are no state"));
        // Documents of China's own have one without a state, whoever holds them.
        for kind in ["511", "516", "553"] {
            let input = format!("{kind}\n12345678\n");
            let own = key().pseudonym(kind.parse().expect("a kind"), "12345678").expect("a number");
            assert_eq!(made(&input).expect(kind), own);
        }
        for (state, input) in [
            (None, "414\nE12345678\n"),
            (Some("FR"), "414\nE12345678\n"),
            (Some(""), "414\nE12345678\n"),
            (Some("法国共"), "414\nE12345678\n"),
            (Some("F12"), "414\nE12345678\n"),
            (Some("CHN"), "111\n11010519491231002X\n"),
        ] {
            let found = pseudonym_of(&key(), state, day(), &mut input.as_bytes(), |_| {});
            let error = found.expect_err(input).to_string();
            assert!(error.ends_with("(pseudonym.issuing_state)") && !error.contains("12345678"), "{error}");
        }
        assert!(matches!(made_by("FRA", "414\n- -\n"), Err(PersonError::Number(_))), "a state is no number");
        let longest = format!("414\n{}\n", "1".repeat(37));
        assert!(made_by("FRA", &longest).is_ok());
    }

    #[test]
    fn what_is_no_document_is_refused_with_a_code_and_not_repeated() {
        let long = format!("111\n{}\n", "1".repeat(600));
        for (input, code) in [
            ("", "pseudonym.input"),
            ("111\n", "pseudonym.input"),
            ("111\n \n", "pseudonym.input"),
            (long.as_str(), "pseudonym.input"),
            ("identity card\n11010519491231002X\n", "pseudonym.kind"),
            ("000\n11010519491231002X\n", "pseudonym.kind"),
            ("111\n110105194912310021\n", "pseudonym.number"),
            ("111\nE12345678\n", "pseudonym.number"),
            ("553\n护照一二三\n", "pseudonym.number"),
            ("414\nE12345678\n", "pseudonym.issuing_state"),
            ("111\n110105204912310026\n", "pseudonym.born_later"),
            ("990\n11519900MB9012235G\n", "pseudonym.organisation"),
            ("111\n11519900MB9012235G\n", "pseudonym.organisation"),
        ] {
            let error = made(input).expect_err(input).to_string();
            assert!(error.contains(&format!("({code})")), "{input}: {error}");
            let number = input.lines().nth(1).unwrap_or_default().trim();
            assert!(number.is_empty() || !error.contains(number), "{error}");
        }
        let no_text = pseudonym_of(&key(), None, day(), &mut &b"111\n\xff\xfe\n"[..], |_| {});
        assert!(matches!(no_text, Err(PersonError::Input)));
    }

    #[test]
    fn an_address_that_is_not_known_warns_and_makes_a_pseudonym() {
        for (input, is_odd) in [
            ("111\n11010519491231002X\n", false),
            ("111\n160101194912310023\n", true),
            ("113\n160101491231002\n", true), // of before 1999
            ("113\n110104491231002\n", true), // 宣武区, abolished in 2010
            ("113\n653228491231002\n", false),
            ("111\n810000194912310028\n", false), // people of Hong Kong
            ("990\n160101194912310023\n", true),  // a citizen's number, whatever it stands on
            ("516\nH12345678\n", false),
        ] {
            let made = with_warning(input).expect(input);
            assert_eq!(made.warning.is_some(), is_odd, "{input}");
            assert_eq!(made.unlisted.is_some(), is_odd, "what the network is asked about: {input}");
            let said = made.warning.unwrap_or_default();
            assert!(!is_odd || said.ends_with("(pseudonym.address_unknown)"), "{said}");
            assert!(!said.bytes().any(|byte| byte.is_ascii_digit()), "nothing of the number: {said}");
        }
        let [old, new] = ["113\n160101491231002\n", "111\n160101194912310023\n"].map(|input| made(input).expect(input));
        assert_eq!(old, new, "the same person");
    }

    #[test]
    fn it_is_asked_for_the_kind_before_the_number() {
        let asked = RefCell::new(Vec::new());
        let ask = |question: &str| asked.borrow_mut().push(question.split(':').next().unwrap_or_default().to_owned());
        pseudonym_of(&key(), None, day(), &mut &b"111\n11010519491231002X\n"[..], ask).expect("a number");
        assert_eq!(*asked.borrow(), ["The kind of the document", "Its number"]);
    }

    #[test]
    fn the_key_is_the_authoritys_own_and_opens_with_its_passphrase() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, signing) = (folder.path().join("pseudonyms.json"), folder.path().join("signing.json"));
        KeyFile::for_pseudonyms(&key(), Protection::Passphrase("通办"), &mut rng()).write(&path).expect("a file");
        let opened = key_of(&path, Some("通办")).expect("it opens");
        assert_eq!(opened.fingerprint(), key().fingerprint());
        assert!(format!("{:#}", key_of(&path, None).expect_err("encrypted")).contains(PASSPHRASE_VARIABLE));
        assert!(key_of(&path, Some("別")).is_err());
        let other = tongban_crypto::SecretKey::generate(Suite::Sm, &mut rng());
        KeyFile::for_signing(&other, Protection::None, &mut rng()).write(&signing).expect("a file");
        let error = format!("{:#}", key_of(&signing, None).expect_err("a key to sign with"));
        assert!(error.contains("not for pseudonyms"), "{error}");
    }
}
