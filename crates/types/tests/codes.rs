//! The field codes: published vectors, every error, arbitrary text, what the check characters guarantee, real data.

use proptest::prelude::*;
use proptest::string::string_regex;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Debug, Display};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use strum::IntoEnumIterator;
use tongban_types::codes::*;

const ALPHABET_31: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const ALPHABET_36: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// The stable code of an outcome, `ok` where it is a value.
fn outcome<T: FromStr>(text: &str) -> &'static str
where
    T::Err: Into<&'static str>,
{
    text.parse::<T>().map_or_else(Into::into, |_| "ok")
}

/// Parses a text that has to be right, and checks that text, JSON and BCS are one spelling.
fn parse<T: FromStr<Err: Debug> + Display + Debug + PartialEq + Serialize + DeserializeOwned>(text: &str) -> T {
    let value: T = text.parse().unwrap_or_else(|error| panic!("{text}: {error:?}"));
    assert_eq!(value.to_string(), text);
    assert_eq!(serde_json::to_value(&value).expect("JSON"), Value::from(text));
    assert_eq!(serde_json::from_value::<T>(Value::from(text)).expect("JSON"), value);
    assert_eq!(bcs::to_bytes(&value).expect("BCS"), bcs::to_bytes(text).expect("BCS"));
    assert_eq!(bcs::from_bytes::<T>(&bcs::to_bytes(text).expect("BCS")).expect("BCS"), value);
    value
}

fn texts<'a>(vectors: &'a Value, pointer: &str) -> Vec<&'a str> {
    let values = vectors.pointer(pointer).and_then(Value::as_array).unwrap_or_else(|| panic!("no {pointer}"));
    values.iter().map(|value| value.as_str().expect("a text")).collect()
}

fn vectors() -> Value {
    serde_json::from_str(include_str!("data/codes.json")).expect("the vectors are JSON")
}

/// The text with the character at that place (from 0) replaced.
fn substitute(text: &str, place: usize, by: char) -> String {
    text.chars().enumerate().map(|(index, old)| if index == place { by } else { old }).collect()
}

/// That every other character of the alphabet at the end is refused for its check.
fn assert_one_check_fits<T: FromStr>(text: &str, alphabet: &str)
where
    T::Err: Into<&'static str>,
{
    let fitting = alphabet.chars().filter(|by| {
        let found = outcome::<T>(&substitute(text, text.len() - 1, *by));
        assert!(found == "ok" || found == "wrong_check", "{text} with {by}: {found}");
        found == "ok"
    });
    assert_eq!(fitting.collect::<String>(), text[text.len() - 1..]);
}

/// The body with the one character that fits.
fn complete<T: FromStr>(body: &str, alphabet: &str) -> String {
    let fits = alphabet.chars().map(|last| format!("{body}{last}")).find(|text| text.parse::<T>().is_ok());
    fits.unwrap_or_else(|| panic!("no check character fits {body}"))
}

#[test]
fn published_vectors_have_their_verdict() {
    let vectors = vectors();
    for text in texts(&vectors, "/citizen_id/valid") {
        parse::<CitizenId>(text);
        assert_one_check_fits::<CitizenId>(text, "0123456789X");
    }
    for invalid in vectors["citizen_id"]["invalid"].as_array().expect("a list") {
        let why = invalid["why"].as_str().expect("a text");
        let expected = if why == "check digit" { "wrong_check" } else { "wrong_date" };
        assert_eq!(outcome::<CitizenId>(invalid["value"].as_str().expect("a text")), expected, "{why}");
    }
    for (old, new) in vectors["citizen_id"]["upgrade15"].as_object().expect("a map") {
        assert_eq!(CitizenId::upgrade(old).expect("15 digits").as_str(), new.as_str().expect("a text"));
    }
    for text in texts(&vectors, "/org_code/valid") {
        parse::<OrganisationCode>(text);
        assert_one_check_fits::<OrganisationCode>(text, ALPHABET_36);
    }
    for text in texts(&vectors, "/uscc/valid") {
        let code: UnifiedSocialCreditCode = parse(text);
        let organisation = code.organisation_code().expect("these pass the inner check");
        assert_eq!(organisation.to_plain(), code.organisation_part());
        assert!(code.known_category().is_some());
        assert_one_check_fits::<UnifiedSocialCreditCode>(text, ALPHABET_31);
    }
    for text in texts(&vectors, "/uscc/invalid") {
        assert!(matches!(outcome::<UnifiedSocialCreditCode>(text), "wrong_check" | "wrong_character"), "{text}");
    }
    for text in texts(&vectors, "/ecert_id/valid") {
        let licence: LicenceIdentifier = parse(text);
        let version = u16::try_from(licence.version()).expect("three digits");
        let built = LicenceIdentifier::new(licence.licence_type(), licence.issuer(), licence.serial(), version);
        assert_eq!(built, Ok(licence));
        assert_one_check_fits::<LicenceIdentifier>(text, ALPHABET_36);
    }
    for text in texts(&vectors, "/item_impl_code/valid") {
        let code: ItemImplementationCode = parse(text);
        assert_eq!(format!("{}3{}", code.body(), code.basic_code()), text);
        for sequence in [0, 1, 99] {
            let built = HandlingItemCode::new(&code, sequence).expect("two digits");
            let read: HandlingItemCode = parse(&format!("{text}{sequence:02}"));
            assert_eq!((read, read.item(), read.sequence()), (built, code, sequence.into()));
        }
        assert_eq!(HandlingItemCode::new(&code, 100), Err(HandlingItemCodeError::WrongSequence));
    }
    for text in texts(&vectors, "/realestate_unit/valid") {
        parse::<RealEstateUnitCode>(text);
    }
    for text in texts(&vectors, "/edz_invoice_no") {
        assert!(parse::<InvoiceNumber>(text).has_plausible_year(2026));
    }
    for text in texts(&vectors, "/red_confirm_no") {
        assert_eq!(outcome::<InvoiceNumber>(text), "wrong_area", "{text} is the number of a confirmation");
    }
    for text in texts(&vectors, "/blockchain_invoice_code") {
        assert_eq!(outcome::<InvoiceNumber>(text), "wrong_length", "{text} is a legacy code");
    }
    let number: CaseNumber = parse(vectors["case_no_example"].as_str().expect("a text"));
    let parts = number.parts().expect("our form");
    assert_eq!((parts.date.to_string().as_str(), parts.sequence), ("2022-06-23", 68));
    assert_eq!(CaseNumber::new(&parts), Ok(number));
    let before_christ = time::Date::from_ordinal_date(-1, 1).expect("a day");
    let refused = CaseNumber::new(&CaseNumberParts { date: before_christ, sequence: 10_000, ..parts });
    assert_eq!(refused, Err(CaseNumberError::WrongDate));
    // A busy item has more cases on a day than the customary four digits count; a sequence is never padded beyond four.
    let busy = CaseNumberParts { sequence: 10_000, ..parts };
    assert_eq!(CaseNumber::new(&busy).expect("five digits").parts(), Some(busy));
    assert_eq!(parse::<CaseNumber>("12441500196720244T34421998060032022062300068").parts(), None);
    let beyond = CaseNumberParts { sequence: 100_000_000_000, ..parts };
    assert_eq!(CaseNumber::new(&beyond), Err(CaseNumberError::WrongSequence));
}

#[test]
fn every_error_has_its_text() {
    fn check<T: FromStr>(cases: &[(&str, &str)])
    where
        T::Err: Into<&'static str> + IntoEnumIterator,
    {
        for (text, expected) in cases {
            assert_eq!(outcome::<T>(text), *expected, "{text}");
        }
        let found: BTreeSet<&str> = cases.iter().map(|(_, code)| *code).filter(|code| *code != "ok").collect();
        let all: BTreeSet<&str> = T::Err::iter().map(Into::into).collect();
        assert_eq!(found, all, "every error is shown once");
    }

    check::<CitizenId>(&[
        ("", "wrong_length"),
        ("110105491231002", "wrong_length"),
        ("11010519491231002x", "wrong_character"),
        ("１1010519491231002X", "wrong_character"),
        ("110105194913310021", "wrong_date"), // an impossible date comes before the check
        ("110105194902290020", "wrong_date"),
        ("110105194912310021", "wrong_check"),
    ]);
    check::<UnifiedSocialCreditCode>(&[
        ("91350100M000100Y4", "wrong_length"),
        ("91350100m000100Y43", "wrong_character"),
        ("91350100M000100O43", "wrong_character"),
        ("9135010AM000100Y43", "wrong_division"),
        ("91350100M000100Y44", "wrong_check"),
    ]);
    check::<OrganisationCode>(&[
        ("D2143569X", "wrong_length"),
        ("D2143569_X", "wrong_character"),
        ("d2143569-X", "wrong_character"),
        ("D2143569-1", "wrong_check"),
    ]);
    let divisions = [("1101", "wrong_length"), ("11010A", "wrong_character"), ("000000", "wrong_province")];
    for (text, expected) in divisions.into_iter().chain([("110101", "ok"), ("460027", "ok"), ("990000", "ok")]) {
        assert_eq!(outcome::<DivisionCode>(text), expected, "{text}");
    }
    check::<LongDivisionCode>(&[
        ("110101", "wrong_length"),
        ("11010100000A", "wrong_character"),
        ("010101000000", "wrong_province"),
        ("110101000001", "wrong_village"),
        ("110101001001", "ok"),
    ]);
    let licence = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U";
    check::<LicenceIdentifier>(&[
        (&"1".repeat(100), "wrong_length"),
        (&licence.replacen("156", "157", 1), "wrong_root"),
        (&licence.replacen("20230000403.", "", 1), "wrong_parts"),
        (&licence.replacen("W011", "X011", 1), "wrong_type"),
        (&licence.replacen("244L", "244M", 1), "wrong_issuer"),
        (&licence.replacen("20230000403", "20230000403a", 1), "wrong_serial"),
        (&licence.replacen("20230000403", &"A".repeat(33), 1), "wrong_length"),
        (&licence.replacen(".001.", ".01.", 1), "wrong_version"),
        (&licence.replacen(".U", ".M", 1), "wrong_check"),
        (&licence.replacen(".U", ".", 1), "wrong_check"),
    ]);
    check::<ItemBasicCode>(&[
        ("37011700201", "wrong_length"),
        ("37011700201A", "wrong_character"),
        ("370017002011", "wrong_type"),
        ("373017002011", "wrong_type"),
        ("442199806003", "ok"),
    ]);
    check::<ItemImplementationCode>(&[
        ("11370800MB28559184337011700201", "wrong_length"),
        ("11370800MB285591853370117002011", "wrong_body"),
        ("11370800MB285591848370117002011", "wrong_level"),
        ("11370800MB285591843370017002011", "wrong_basic_code"),
    ]);
    check::<HandlingItemCode>(&[
        ("11370800MB285591843370117002011", "wrong_length"), // the item alone
        ("11370800MB2855918433701170020110", "wrong_length"),
        ("11370800MB28559184337011700201101a", "wrong_length"),
        ("11370800MB28559185337011700201101", "wrong_implementation_code"), // the check of the credit code
        ("11370800MB28559184837011700201101", "wrong_implementation_code"),
        ("11370800MB28559184337001700201101", "wrong_implementation_code"),
        ("11370800MB2855918433701170020110A", "wrong_sequence"),
        ("11370800MB28559184337011700201101", "ok"),
    ]);
    for (text, expected) in
        [("", "wrong_length"), (&*"1".repeat(51), "wrong_length"), ("A-1", "wrong_character"), ("A1", "ok")]
    {
        assert_eq!(outcome::<CaseNumber>(text), expected, "{text}");
    }
    check::<RealEstateUnitCode>(&[
        ("370105012002GB00001F0001075", "wrong_length"),
        ("370105012002G100001F00010751", "wrong_character"),
        ("070105012002GB00001F00010751", "wrong_division"),
        ("370105012002HB00001F00010751", "wrong_ownership"),
        ("370105012002GA00001F00010751", "wrong_feature"),
        ("370105012002GB00001G00010751", "wrong_fixture"),
        ("370105012002GB00001W00010751", "wrong_fixture_unit"),
        ("370105012002JA00001W00000000", "ok"),
    ]);
    check::<InvoiceNumber>(&[
        ("2411200000013511408", "wrong_length"),
        ("2411200000013511408X", "wrong_character"),
        ("24012000000135114086", "wrong_area"),
    ]);
    check::<Cents>(&[
        ("", "wrong_form"),
        ("¥", "wrong_form"),
        ("1.234", "wrong_form"),
        ("1.", "wrong_form"),
        (".5", "wrong_form"),
        ("1,23.00", "wrong_form"),
        ("1234,567", "wrong_form"),
        ("1e3", "wrong_form"),
        ("--1", "wrong_form"),
        ("92233720368547758.08", "too_large"),
        ("-92233720368547758.08", "ok"),
        ("1,234.5", "ok"),
    ]);
}

#[test]
fn the_parts_of_a_code_are_read() {
    let id: CitizenId = parse("11010519491231002X");
    let day = |text: &str| CaseNumber::from_str(&format!("12441500196720244T3442199806003{text}0001"));
    let day = |text: &str| day(text).expect("a case number").parts().expect("our form").date;
    assert_eq!(id.birth_date(), day("19491231"));
    assert_eq!((id.sex(), id.holder(), id.has_known_address()), (Sex::Female, IdHolder::Resident, true));
    assert_eq!(id.division().map(|division| division.level()), Some(DivisionLevel::County));
    for (on, age) in [("19491230", None), ("19491231", Some(0)), ("20001230", Some(50)), ("20001231", Some(51))] {
        assert_eq!(id.age_on(day(on)), age, "{on}");
    }
    for (address, holder) in [
        ("810000", IdHolder::HongKong),
        ("820000", IdHolder::Macao),
        ("830000", IdHolder::Taiwan),
        ("911124", IdHolder::Foreigner),
        ("000000", IdHolder::Resident),
    ] {
        let id: CitizenId = parse(&complete::<CitizenId>(&format!("{address}19900101001"), "0123456789X"));
        assert_eq!((id.holder(), id.sex()), (holder, Sex::Male), "{address}");
        assert_eq!(id.has_known_address(), holder != IdHolder::Resident, "{address}");
    }
    // On the day of birth one is born.
    for (today, expected) in [("19491230", Err(BornLater)), ("19491231", Ok(())), ("20260101", Ok(()))] {
        assert_eq!(id.refuse_born_after(day(today)), expected, "{today}");
    }
    let next_century: CitizenId = parse(&complete::<CitizenId>("11010521000101001", "0123456789X"));
    assert_eq!(next_century.refuse_born_after(day("20991231")), Err(BornLater));
    assert!(!BornLater.to_string().contains("1949"));
    assert_eq!(CitizenId::upgrade("11010549123100"), Err(CitizenIdError::WrongLength));
    assert_eq!(CitizenId::upgrade("11010549123100X"), Err(CitizenIdError::WrongCharacter));
    assert_eq!(CitizenId::upgrade("110105491331002"), Err(CitizenIdError::WrongDate));

    let code: UnifiedSocialCreditCode = parse("11100000MB0143028R");
    assert_eq!((code.authority(), code.category(), code.division()), ('1', '1', Some(DivisionCode::NATION)));
    assert_eq!(code.known_category().map(|known| (known.authority, known.category)), Some(("机构编制", "机关")));
    let codes: BTreeSet<&str> = CREDIT_CODE_CATEGORIES.iter().map(|known| known.code).collect();
    assert_eq!(codes.len(), CREDIT_CODE_CATEGORIES.len());

    for (code, level, parent) in [
        ("100000", DivisionLevel::Nation, None),
        ("440000", DivisionLevel::Province, Some("100000")),
        ("441900", DivisionLevel::Prefecture, Some("440000")),
        ("440305", DivisionLevel::County, Some("440300")),
        ("429004", DivisionLevel::County, Some("429000")),
        ("460027", DivisionLevel::County, Some("460000")),
    ] {
        let division: DivisionCode = parse(code);
        assert_eq!((division.level(), division.parent()), (level, parent.map(parse)), "{code}");
        assert_eq!(division.to_long().parent().map(|parent| parent.division()), division.parent(), "{code}");
        assert!(division.is_within(&DivisionCode::NATION) && division.has_known_province(), "{code}");
        assert_eq!(division.is_directly_under_province(), matches!(code, "429004" | "460027"), "{code}");
    }
    let (district, city): (DivisionCode, DivisionCode) = (parse("440305"), parse("440300"));
    assert!(district.is_within(&city) && !city.is_within(&district) && !district.is_within(&parse("440400")));
    assert!(parse::<DivisionCode>("130171").is_development_zone() && !district.is_development_zone());
    let village: LongDivisionCode = parse("441900003001");
    assert_eq!((village.level(), village.parent()), (DivisionLevel::Village, Some(parse("441900003000"))));
    let town = village.parent().expect("a village has a town");
    assert_eq!((town.level(), town.parent()), (DivisionLevel::Town, Some(parse::<DivisionCode>("441900").into())));

    let licence: LicenceIdentifier = parse("1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9");
    assert_eq!(licence.issuer(), LicenceIssuer::Division(parse("340100")));
    assert_eq!((licence.licence_type().type_number(), licence.serial(), licence.version()), (22, "000000016", 1));
    assert_eq!(licence.licence_type().definer(), parse("11100000MB03271699"));
    let refused = LicenceIdentifier::new(licence.licence_type(), licence.issuer(), "a.b", 1);
    assert_eq!(refused, Err(LicenceIdentifierError::WrongSerial));
    let refused = LicenceIdentifier::new(licence.licence_type(), licence.issuer(), "A", 1000);
    assert_eq!(refused, Err(LicenceIdentifierError::WrongVersion));

    let item: ItemImplementationCode = parse("12441500196720244T3442199806003");
    let basic = item.basic_code();
    assert_eq!((item.level(), item.body()), (ItemLevel::City, parse("12441500196720244T")));
    assert_eq!((basic.item_type(), basic.type_digits()), (ItemType::PublicService, "21"));
    assert_eq!((basic.main_item(), basic.sub_item()), ("99806", Some("003")));
    assert_eq!(basic.division(), Some(parse("440000")));
    let national: ItemBasicCode = parse("000100101000");
    assert_eq!((national.division(), national.sub_item()), (Some(DivisionCode::NATION), None));
    assert_eq!(parse::<ItemBasicCode>("990100101000").division(), None);
    let on_application = ItemType::iter().filter(|item_type| item_type.is_on_application()).count();
    assert_eq!(on_application, 7);
    assert_eq!(parse::<CaseNumber>("A1").parts(), None);

    let unit: RealEstateUnitCode = parse("370105012002GB00001F00010751");
    assert_eq!(unit.grouped(), "370105 012002 GB00001 F00010751");
    assert_eq!((unit.ownership(), unit.fixture()), (LandOwnership::State, Fixture::Building));
    assert_eq!((unit.feature(), unit.division()), (Some(ParcelFeature::ConstructionSurface), parse("370105")));
    assert_eq!((unit.cadastral_district(), unit.cadastral_subdistrict()), ("012", "002"));
    assert_eq!((unit.parcel(), unit.fixture_unit()), ("370105012002GB00001", "00010751"));
    assert_eq!(parse::<RealEstateUnitCode>("370105012002GT00001W00000000").feature(), None);

    let invoice: InvoiceNumber = parse("24332000000398937755");
    assert_eq!((invoice.year(), invoice.area(), invoice.channel()), (2024, "33", '2'));
    assert_eq!(invoice.province(), Some(parse("330000")));
    assert!(invoice.has_plausible_year(2024) && !invoice.has_plausible_year(2023));
}

#[test]
fn a_citizens_number_shows_itself_nowhere_by_accident() {
    let text = "11010519491231002X";
    let id: CitizenId = parse(text);
    assert_eq!(format!("{:?}", Some(id)), "Some(CitizenId(110105********002X))"); // I4
    assert_eq!((id.mask().as_str(), id.mask_strictly().as_str()), ("110105********002X", "1****************X"));
    for json in ["440524188001010014", "440524188001010014.5", "\"440524188001010015\"", "[440524188001010014]"] {
        let error = serde_json::from_str::<CitizenId>(json).expect_err("refused").to_string();
        assert!(!error.contains("4405241") && !error.contains("4.405"), "{error}");
    }
    for error in CitizenIdError::iter() {
        assert!(!error.to_string().contains("0105"));
    }
}

#[test]
fn only_normalising_forgives_case_and_width() {
    for (typed, code) in [
        ("　１１０１０５１９４９１２３１００２ｘ ", "11010519491231002X"),
        ("91350100m000100y43", "91350100M000100Y43"),
        ("ｄ２１４３５６９－ｘ", "D2143569-X"),
        ("￥１，２３４．５６", "¥1,234.56"),
        ("（甲）é", "(甲)é"),
    ] {
        assert_eq!(normalise(typed), code);
        assert_eq!(normalise(code), code);
    }
    assert!("91350100m000100y43".parse::<UnifiedSocialCreditCode>().is_err());
    assert!(" 91350100M000100Y43".parse::<UnifiedSocialCreditCode>().is_err());
}

#[test]
fn amounts_are_written_in_figures_and_capitals() {
    for (cents, figures, capitals) in [
        (0, "¥0.00", "零元整"),
        (5, "¥0.05", "伍分"),
        (50, "¥0.50", "伍角整"),
        (123_456, "¥1,234.56", "壹仟贰佰叁拾肆元伍角陆分"),
        (1_000, "¥10.00", "壹拾元整"),
        (130_950, "¥1,309.50", "壹仟叁佰零玖元伍角整"),
        (600_712, "¥6,007.12", "陆仟零柒元壹角贰分"),
        (168_032, "¥1,680.32", "壹仟陆佰捌拾元零叁角贰分"),
        (10_700_053, "¥107,000.53", "壹拾万柒仟元零伍角叁分"),
        (1_640_902, "¥16,409.02", "壹万陆仟肆佰零玖元零贰分"),
        (32_504, "¥325.04", "叁佰贰拾伍元零肆分"),
        (1_000_500, "¥10,005.00", "壹万零伍元整"),
        (1_050_000, "¥10,500.00", "壹万零伍佰元整"),
        (10_101_111, "¥101,011.11", "壹拾万壹仟零壹拾壹元壹角壹分"),
        (10_500_000_000, "¥105,000,000.00", "壹亿零伍佰万元整"),
        (10_000_100_000, "¥100,001,000.00", "壹亿零壹仟元整"),
        (1_000_000_000_000, "¥10,000,000,000.00", "壹佰亿元整"),
        (100_000_000_000_000, "¥1,000,000,000,000.00", "壹万亿元整"),
        (-123_450, "-¥1,234.50", "（负数）壹仟贰佰叁拾肆元伍角整"),
        (-1, "-¥0.01", "（负数）壹分"),
    ] {
        let amount = Cents::new(cents);
        assert_eq!((amount.to_string().as_str(), amount.to_capitals().as_str()), (figures, capitals));
        assert_eq!(figures.parse(), Ok(amount));
        assert_eq!(serde_json::to_value(amount).expect("JSON"), Value::from(cents));
        assert_eq!(bcs::to_bytes(&amount).expect("BCS"), cents.to_le_bytes());
    }
    for (text, cents) in [("1234.5", 123_450), ("1,234", 123_400), ("007.10", 710), ("-0.5", -50)] {
        assert_eq!(text.parse(), Ok(Cents::new(cents)), "{text}");
    }
    assert_eq!(Cents::MIN.to_string(), "-¥92,233,720,368,547,758.08");
    assert_eq!((Cents::MAX.checked_add(Cents::new(1)), Cents::MIN.checked_neg()), (None, None));
    assert_eq!((Cents::MIN.checked_sub(Cents::new(1)), Cents::MAX.checked_mul(2)), (None, None));
    assert_eq!((Cents::from_yuan(12), Cents::from_yuan(i64::MAX)), (Some(Cents::new(1200)), None));
    assert_eq!(Cents::checked_sum([Cents::MAX, Cents::MAX]), None);
    assert_eq!(Cents::checked_sum([Cents::MAX, Cents::new(1), Cents::new(-1)]), Some(Cents::MAX));
}

/// What an amount in capitals says, in cents.
fn read_capitals(text: &str) -> i128 {
    let (sign, text) = text.strip_prefix("（负数）").map_or((1, text), |rest| (-1, rest));
    let (mut high, mut wan, mut section, mut digit, mut cents) = (0, 0, 0, 0, 0);
    for character in text.chars() {
        if let Some(value) = "零壹贰叁肆伍陆柒捌玖".chars().position(|known| known == character) {
            digit = i128::try_from(value).expect("below ten");
            continue;
        }
        match character {
            '拾' => section += digit * 10,
            '佰' => section += digit * 100,
            '仟' => section += digit * 1000,
            '万' => (wan, section) = ((section + digit) * 10_000, 0),
            '亿' => (high, wan, section) = ((high + wan + section + digit) * 100_000_000, 0, 0),
            '元' => cents = (high + wan + section + digit) * 100,
            '角' => cents += digit * 10,
            '分' => cents += digit,
            '整' => {}
            other => panic!("{other} in {text}"),
        }
        digit = 0;
    }
    sign * cents
}

/// Parses any text, and where it is a value, checks its one spelling.
fn survives<T: FromStr<Err: Debug> + Display + Debug + PartialEq + Serialize + DeserializeOwned>(text: &str) {
    if text.parse::<T>().is_ok() {
        parse::<T>(text);
    }
}

fn survive_all(text: &str) {
    survives::<CitizenId>(text);
    survives::<UnifiedSocialCreditCode>(text);
    survives::<OrganisationCode>(text);
    survives::<DivisionCode>(text);
    survives::<LongDivisionCode>(text);
    survives::<LicenceTypeCode>(text);
    survives::<LicenceIdentifier>(text);
    survives::<ItemBasicCode>(text);
    survives::<ItemImplementationCode>(text);
    survives::<HandlingItemCode>(text);
    survives::<CaseNumber>(text);
    survives::<RealEstateUnitCode>(text);
    survives::<InvoiceNumber>(text);
    let _ = (text.parse::<Cents>(), CitizenId::upgrade(text), OrganisationCode::from_plain(text));
    if let Ok(number) = text.parse::<CaseNumber>() {
        let _ = number.parts();
    }
    let normal = normalise(text);
    assert_eq!(normalise(&normal), normal);
}

/// The text with one place changed to another character of the alphabet.
fn change(text: &str, place: usize, shift: usize, alphabet: &str) -> (String, usize) {
    let old = text.as_bytes()[place];
    let value = alphabet.bytes().position(|known| known == old).expect("in the alphabet");
    let changed = (value + 1 + shift % (alphabet.len() - 1)) % alphabet.len();
    let by = char::from(alphabet.as_bytes()[changed]);
    (substitute(text, place, by), value.abs_diff(changed))
}

/// A pattern of a schema, without the anchors.
fn pattern<T: schemars::JsonSchema>() -> String {
    let schema = schemars::SchemaGenerator::default().into_root_schema_for::<T>();
    let pattern = schema.get("pattern").and_then(Value::as_str).expect("a pattern").to_owned();
    pattern.strip_prefix('^').and_then(|rest| rest.strip_suffix('$')).expect("anchors").to_owned()
}

fn of_pattern<T: schemars::JsonSchema>() -> impl Strategy<Value = String> {
    string_regex(&pattern::<T>()).expect("a regular expression")
}

prop_compose! {
    fn citizen_id()(address in 110_000u32..660_000, days in 0u32..60_000, sequence in 0u32..1000) -> String {
        let date = time::Date::from_ordinal_date(1880, 1).expect("a day") + time::Duration::days(i64::from(days));
        let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
        complete::<CitizenId>(&format!("{address}{year:04}{month:02}{day:02}{sequence:03}"), "0123456789X")
    }
}

fn credit_code() -> impl Strategy<Value = String> {
    let body = string_regex("[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{9}").expect("a regular expression");
    body.prop_map(|body| complete::<UnifiedSocialCreditCode>(&body, ALPHABET_31))
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in any::<String>(), like in "[0-9A-ZxＸ０-９.\\-é]{0,40}", digits in "[0-9]{1,31}[X0-9]") {
        survive_all(&text);
        survive_all(&like);
        survive_all(&digits);
        survive_all(&format!("1.2.156.3005.2.{like}.{digits}"));
    }

    #[test]
    fn one_wrong_character_of_a_citizens_number_is_caught(
        id in citizen_id(), place in 0usize..17, shift in any::<u16>(),
    ) {
        parse::<CitizenId>(&id);
        assert_one_check_fits::<CitizenId>(&id, "0123456789X");
        let (wrong, _) = change(&id, place, shift.into(), "0123456789");
        prop_assert!(wrong.parse::<CitizenId>().is_err());
        let swapped = format!("{}{}{}{}", &id[..place], &id[place + 1..=place + 1], &id[place..=place], &id[place + 2..]);
        prop_assert!(swapped == id || swapped.parse::<CitizenId>().is_err());
    }

    #[test]
    fn one_wrong_character_of_a_credit_code_is_caught(
        code in credit_code(), place in 0usize..18, shift in any::<u16>(),
    ) {
        parse::<UnifiedSocialCreditCode>(&code);
        assert_one_check_fits::<UnifiedSocialCreditCode>(&code, ALPHABET_31);
        let (wrong, _) = change(&code, place, shift.into(), ALPHABET_31);
        prop_assert!(wrong.parse::<UnifiedSocialCreditCode>().is_err());
        let place = place.min(16);
        let swapped =
            format!("{}{}{}{}", &code[..place], &code[place + 1..=place + 1], &code[place..=place], &code[place + 2..]);
        prop_assert!(swapped == code || swapped.parse::<UnifiedSocialCreditCode>().is_err());
    }

    #[test]
    fn an_organisation_code_misses_differences_of_eleven_alone(
        body in "[0-9A-Z]{8}", place in 0usize..8, shift in any::<u16>(),
    ) {
        let code = complete::<OrganisationCode>(&format!("{body}-"), "0123456789X");
        let value: OrganisationCode = parse(&code);
        prop_assert_eq!(OrganisationCode::from_plain(&value.to_plain()), Ok(value));
        let (wrong, difference) = change(&code, place, shift.into(), ALPHABET_36);
        prop_assert_eq!(wrong.parse::<OrganisationCode>().is_ok(), difference % 11 == 0);
    }

    #[test]
    fn one_wrong_character_of_a_licence_identifier_is_caught(
        definer in credit_code(), issuer in credit_code(), number in 0u32..1000, serial in "[0-9A-Z]{1,32}",
        version in 0u16..1000, place in any::<prop::sample::Index>(), shift in any::<u16>(),
    ) {
        let licence_type = parse(&format!("{definer}{number:03}"));
        let licence = LicenceIdentifier::new(licence_type, LicenceIssuer::Body(parse(&issuer)), &serial, version);
        let licence = licence.expect("all parts are right");
        prop_assert_eq!((licence.serial(), licence.version()), (serial.as_str(), u32::from(version)));
        let text = parse::<LicenceIdentifier>(licence.as_str()).to_string();
        assert_one_check_fits::<LicenceIdentifier>(&text, ALPHABET_36);
        let place = text.len() - 1 - place.index(text.len() - "1.2.156.3005.2.".len());
        if text.as_bytes()[place] != b'.' {
            prop_assert!(change(&text, place, shift.into(), ALPHABET_36).0.parse::<LicenceIdentifier>().is_err());
        }
    }

    #[test]
    fn the_pattern_of_a_schema_is_the_rule_of_its_type(
        division in of_pattern::<DivisionCode>(), item in of_pattern::<ItemBasicCode>(),
        case in of_pattern::<CaseNumber>(), unit in of_pattern::<RealEstateUnitCode>(),
        invoice in of_pattern::<InvoiceNumber>(), long in of_pattern::<LongDivisionCode>(),
        id in of_pattern::<CitizenId>(), code in of_pattern::<UnifiedSocialCreditCode>(),
        organisation in of_pattern::<OrganisationCode>(), implementation in of_pattern::<ItemImplementationCode>(),
        licence in of_pattern::<LicenceIdentifier>(), handling in of_pattern::<HandlingItemCode>(),
    ) {
        parse::<DivisionCode>(&division);
        parse::<ItemBasicCode>(&item);
        parse::<CaseNumber>(&case);
        parse::<RealEstateUnitCode>(&unit);
        parse::<InvoiceNumber>(&invoice);
        prop_assert!(matches!(outcome::<LongDivisionCode>(&long), "ok" | "wrong_village"));
        prop_assert!(matches!(outcome::<CitizenId>(&id), "ok" | "wrong_date" | "wrong_check"));
        prop_assert!(matches!(outcome::<UnifiedSocialCreditCode>(&code), "ok" | "wrong_check"));
        prop_assert!(matches!(outcome::<OrganisationCode>(&organisation), "ok" | "wrong_check"));
        prop_assert!(matches!(outcome::<ItemImplementationCode>(&implementation), "ok" | "wrong_body"));
        prop_assert!(matches!(outcome::<HandlingItemCode>(&handling), "ok" | "wrong_implementation_code"));
        prop_assert!(matches!(outcome::<LicenceIdentifier>(&licence), "ok" | "wrong_type" | "wrong_issuer" | "wrong_check"));
    }

    #[test]
    fn amounts_keep_their_value_in_every_form(cents in any::<i64>(), shift in 0u32..63, other in any::<i64>()) {
        let amount = Cents::new(cents >> shift);
        prop_assert_eq!(amount.to_string().parse(), Ok(amount));
        prop_assert_eq!(amount.to_string().replace(['¥', ','], "").parse(), Ok(amount));
        prop_assert_eq!(read_capitals(&amount.to_capitals()), i128::from(amount.get()));
        let fits = |wide: i128| i64::try_from(wide).ok().map(Cents::new);
        let (left, right) = (i128::from(amount.get()), i128::from(other));
        prop_assert_eq!(amount.checked_add(Cents::new(other)), fits(left + right));
        prop_assert_eq!(amount.checked_sub(Cents::new(other)), fits(left - right));
        prop_assert_eq!(amount.checked_mul(other), fits(left * right));
    }
}

/// The folder of real data, or `None` (and a line that says why) where there is none.
fn real_data() -> Option<PathBuf> {
    let Some(root) = std::env::var_os("TONGBAN_REALDATA") else {
        let required = std::env::var("TONGBAN_REQUIRE").is_ok_and(|names| names.contains("realdata"));
        assert!(!required, "TONGBAN_REQUIRE asks for realdata, but TONGBAN_REALDATA is not set");
        println!("skipped: TONGBAN_REALDATA is not set, so there are no real codes to read");
        return None;
    };
    Some(root.into())
}

/// The column of a CSV file with that head.
fn column(input: impl std::io::Read, head: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(input);
    let heads = reader.headers().expect("a head").clone();
    let place = heads.iter().position(|found| found.trim_start_matches('\u{FEFF}') == head).expect("the column");
    reader.records().map(|record| record.expect("a record")[place].to_owned()).collect()
}

fn open(path: &Path) -> std::fs::File {
    std::fs::File::open(path).unwrap_or_else(|error| panic!("cannot open {}: {error}", path.display()))
}

#[test]
fn the_codes_of_22161_real_companies_pass_and_no_other_check_character_does() {
    let Some(root) = real_data() else { return };
    let folder = std::fs::read_dir(root.join("enterprises")).expect("the folder");
    let mut paths: Vec<PathBuf> = folder.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "gz"));
    let mut codes = BTreeSet::new();
    let mut categories: BTreeMap<&str, usize> = BTreeMap::new();
    let mut unsound = Vec::new();
    for path in &paths {
        for text in column(flate2::read::GzDecoder::new(open(path)), "统一社会信用代码") {
            let code: UnifiedSocialCreditCode = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_one_check_fits::<UnifiedSocialCreditCode>(&text, ALPHABET_31);
            assert!(code.division().is_some_and(|division| division.has_known_province()), "{text}");
            *categories.entry(code.known_category().expect("a known category").code).or_default() += 1;
            if code.organisation_code().is_err() {
                unsound.push(code);
            }
            assert!(codes.insert(code), "{text} twice");
        }
    }
    assert_eq!((paths.len(), codes.len()), (6, 22_161));
    assert_eq!(categories, BTreeMap::from([("51", 1), ("91", 20_721), ("92", 213), ("93", 1_226)]));
    assert_eq!(unsound.len(), 1, "one registered code fails its inner check: {unsound:?}");
}

/// What the code of a department in a catalogue is.
fn kind_of(text: &str) -> &'static str {
    if text.parse::<UnifiedSocialCreditCode>().is_ok() {
        "credit code"
    } else if normalise(text).parse::<UnifiedSocialCreditCode>().is_ok() {
        "credit code, after normalising"
    } else if text.parse::<OrganisationCode>().is_ok() {
        "organisation code"
    } else if OrganisationCode::from_plain(text).is_ok() {
        "organisation code, plain"
    } else {
        "other"
    }
}

#[test]
fn the_departments_of_a_real_catalogue_are_classified() {
    let Some(root) = real_data() else { return };
    let texts = column(open(&root.join("catalogue/guangan_qu_service_items.csv")), "dept_code");
    let mut rows: BTreeMap<&str, usize> = BTreeMap::new();
    for text in &texts {
        *rows.entry(kind_of(text)).or_default() += 1;
    }
    let distinct: BTreeSet<&String> = texts.iter().collect();
    assert_eq!((texts.len(), distinct.len()), (1_135, 39));
    let expected = BTreeMap::from([
        ("credit code", 251),
        ("credit code, after normalising", 13),
        ("organisation code", 396),
        ("organisation code, plain", 181),
        ("other", 294),
    ]);
    assert_eq!(rows, expected);
}
