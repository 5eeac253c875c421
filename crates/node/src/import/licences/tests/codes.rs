//! Codes, identifiers and ends at the border.

use super::super::standards::check;
use super::super::values::day_in_beijing;
use super::*;
use std::collections::BTreeMap;
use strum::IntoEnumIterator as _;
use tongban_modules::licences::{CodeStandard, Status};

const IDENTIFIER: &str = "1.2.156.3005.2.11100000MB0143028R001.11519900MB90100105.2025052201.002";

/// The identifier with the check character that fits, or with the one behind it.
fn identifier(body: &str, is_right: bool) -> String {
    const ALPHABET: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let fits = |check: &char| format!("{body}.{check}").parse::<LicenceIdentifier>().is_ok() == is_right;
    format!("{body}.{}", ALPHABET.chars().find(fits).expect("one check character fits"))
}

/// What became of each row of a file: `ok`, or its code.
fn outcomes(mapping: &str, content: &str) -> (Vec<String>, Vec<FaceRecord>, Ledger) {
    let (folder, path) = file("register.csv", content.as_bytes());
    let mapping = Mapping::parse(mapping).expect("a mapping");
    let options = LicenceImport { mapping, ..options(&path, folder.path()) };
    let ledger = Ledger::new();
    let summary = run(&ledger, &options).expect("it runs");
    let mut outcomes = vec!["ok".to_owned(); usize::try_from(summary.rows).expect("few rows")];
    let mut errors = csv::Reader::from_path(folder.path().join("errors.csv")).expect("it was written");
    for record in errors.records() {
        let record = record.expect("our own file");
        let line: usize = record[1].parse().expect("a line");
        outcomes[line - 2] = record[2].to_owned();
    }
    (outcomes, faces(&options), ledger)
}

#[test]
fn codes_of_errors_are_distinct() {
    let mut codes: Vec<&str> = LicenceImportError::iter().map(LicenceImportError::code).collect();
    assert!(codes.iter().all(|code| code.starts_with("import.")));
    let count = codes.len();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), count);
}

#[test]
fn every_standard_has_codes_and_what_is_none() {
    let today = day_in_beijing(now());
    let licence = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.";
    let (right, wrong) = (format!("{licence}U"), format!("{licence}M"));
    let cases: [(CodeStandard, &str, &str, bool); 15] = [
        (CodeStandard::CreditCode, "91350100M000100Y43", "91350100M000100Y44", true),
        (CodeStandard::CitizenId, "11010519491231002X", "110105194912310021", true),
        (CodeStandard::CitizenId, "11010519491231002X", "110105491231002", false),
        (CodeStandard::OrganisationCode, "D2143569-X", "D2143569-1", true),
        (CodeStandard::OrganisationCode, "D2143569X", "D21435691", true),
        (CodeStandard::Division, "519900", "019900", false),
        (CodeStandard::LongDivision, "510100000000", "519900", false),
        (CodeStandard::RealEstateUnit, "370105012002GB00001F00010751", "370105012002HB00001F00010751", false),
        (CodeStandard::InvoiceNumber, "24112000000135114086", "24012000000135114086", false),
        (CodeStandard::ItemBasicCode, "370117002011", "370017002011", false),
        (
            CodeStandard::ItemImplementationCode,
            "11370800MB285591843370117002011",
            "11370800MB285591853370117002011",
            false,
        ),
        (CodeStandard::HandlingItemCode, "11370800MB28559184337011700201101", "11370800MB285591843370117002011", false),
        (CodeStandard::CaseNumber, "12441500196720244T3442199806003202206230068", "A-1", false),
        (CodeStandard::LicenceType, "11100000MB0143028R001", "11100000MB0143028X001", false),
        (CodeStandard::LicenceIdentifier, &right, &wrong, true),
    ];
    for (standard, right, wrong, is_check) in cases {
        assert_eq!(check(standard, right, today), Ok(()), "{standard:?}");
        let fault = check(standard, wrong, today).expect_err(wrong);
        assert_eq!(fault.is_check, is_check, "{standard:?}: {fault}");
        assert!(!fault.reason.contains(wrong), "the reason does not repeat the code");
    }
    assert!(CodeStandard::iter().all(|standard| cases.iter().any(|(shown, ..)| *shown == standard)));
}

#[test]
fn nobody_is_born_after_the_source_was_written() {
    let born = |day: &str| {
        let body = format!("110105{day}001");
        let checks = "0123456789X".chars();
        checks
            .map(|check| format!("{body}{check}"))
            .find(|text| text.parse::<tongban_types::codes::CitizenId>().is_ok())
    };
    // The source is of 2020-01-01, 08:00 in Beijing.
    let (today, tomorrow) = (born("20200101").expect("a check fits"), born("20200102").expect("a check fits"));
    let holders = MAPPING.replace("kind: credit_code }", "kind: citizen_id }");
    let row = |code: &str| format!("甲,{code},2019-01-02,公司,王*,1万,餐饮,四川,云港,长江路\n");
    let content = HEADINGS.to_owned() + &row(&today) + &row(&tomorrow) + &row("11010519491231002X");
    // What is a citizen's number for the holder is none of a company for the field, so the field follows no standard here.
    let (found, ..) = outcomes(&holders.replace("standard: credit_code, ", ""), &content);
    assert_eq!(found, ["ok", "import.holder_code", "ok"]);
}

#[test]
fn fields_that_follow_a_standard_have_its_codes() {
    let mapping = MAPPING
        .replace("column: 企业类型, kind: text }", "column: 企业类型, kind: code, standard: real_estate_unit }")
        .replace(
            "column: 法人代表, kind: text, required: true }",
            "column: 法人代表, kind: code, standard: citizen_id }",
        )
        .replace("column: 经营范围, kind: text, required: true }", "column: 经营范围, kind: code }");
    let codes =
        ["91110000802100433B", "9144030071526726XG", "914403001922038216", "12441500196720244T", "11370800MB28559184"];
    let fields = [
        ("370105012002GB00001F00010751", "１１０１０５１９４９１２３１００２ｘ"), // full width and lower case: the same code
        ("370105012002HB00001F00010751", "11010519491231002X"),
        ("", "110105194912310021"),
        ("370105012002GB00001F00010751", "110105194902300020"),
        ("", ""),
    ];
    let rows = codes
        .iter()
        .zip(fields)
        .map(|(code, (unit, id))| format!("甲,{code},2019-01-02,{unit},{id},1万,任何文字,四川,云港,长江路\n"));
    let (found, records, _) = outcomes(&mapping, &(HEADINGS.to_owned() + &rows.collect::<String>()));
    assert_eq!(found, ["ok", "import.field_code", "import.field_code_check", "import.field_code", "ok"]);
    let face = &records[0].face;
    assert_eq!(&*face.field("legal_representative").expect("a field").value, "11010519491231002X");
}

/// An address that was abolished stays in the numbers that were given there: such rows are taken over, and counted.
#[test]
fn divisions_that_the_network_does_not_know_warn_and_refuse_nothing() {
    let number = |address: &str| {
        let checks = "0123456789X".chars().map(|check| format!("{address}19491231002{check}"));
        checks.into_iter().find(|text| text.parse::<tongban_types::codes::CitizenId>().is_ok()).expect("a check fits")
    };
    let mapping = MAPPING
        .replace("kind: credit_code }", "kind: citizen_id }")
        .replace("standard: credit_code, ", "")
        .replace("column: 企业类型, kind: text }", "column: 企业类型, kind: code, standard: division }");
    let rows = [
        (number("110105"), "510104"),
        (number("110104"), "510104"),                   // 宣武区, abolished in 2010
        (number("110105").replace("1949", "1950"), ""), // no number: refused, and not counted
        (number("510104"), "519900"),
        (number("160101"), "519900"), // both count
        (number("810000"), ""),       // people of Hong Kong
    ];
    let row =
        |(code, division): &(String, &str)| format!("甲,{code},2019-01-02,{division},王*,1万,餐饮,四川,云港,长江路\n");
    let content = HEADINGS.to_owned() + &rows.iter().map(row).collect::<String>();
    let (folder, path) = file("register.csv", content.as_bytes());
    let mapping = Mapping::parse(&mapping).expect("a mapping");
    let options = LicenceImport { mapping, ..options(&path, folder.path()) };
    let ledger = Ledger::new();
    let summary = run(&ledger, &options).expect("it runs");
    assert_eq!((summary.rows, summary.imported, summary.errors), (6, 5, 1));
    assert_eq!((summary.divisions_unknown, summary.warnings.clone()), (4, BTreeSet::from([Warning::DivisionUnknown])));
    let json = serde_json::to_string(&summary).expect("JSON");
    assert!(json.contains("\"division_unknown\"") && !json.contains("110104"), "no part of a number: {json}");
}

#[test]
fn a_holders_code_is_judged_once() {
    // The field of the same column and standard follows what the mapping says of the holder's.
    let flagging = MAPPING.replace("kind: credit_code }", "kind: credit_code, bad_codes: flag }");
    let content = format!("{HEADINGS}甲,91110000802100433C,2019-01-02,公司,王*,1万,餐饮,四川,云港,长江路\n");
    assert_eq!(outcomes(&flagging, &content).0, ["ok"]);
    let other = flagging.replace("kind: credit_code, bad_codes", "kind: other, bad_codes");
    assert_eq!(outcomes(&other, &content).0, ["import.field_code_check"]);
}

/// The mapping of the example names no standard here; the type on the ledger does.
#[test]
fn a_code_is_held_to_the_standard_that_its_type_names() {
    let definition: TypeDefinition = serde_json::from_str(TYPE).expect("the example is a type");
    let silent = MAPPING.replace("kind: code, standard: credit_code, ", "kind: text, ");
    let another = MAPPING.replace("standard: credit_code, ", "standard: organisation_code, ");
    assert!(silent != MAPPING && another != MAPPING);
    // The holder is known by another column, so that the field alone is judged.
    let silent = silent
        .replace("holder: { column: 统一社会信用代码, kind: credit_code }", "holder: { column: 地区, kind: other }");
    let row = |code: &str, place: &str| format!("甲{place},{code},2019-01-02,公司,王*,1万,餐饮,四川,{place},长江路\n");
    let rows = [row("91110000802100433b", "一"), row("91110000802100433C", "二"), row("无", "三")];
    let content = HEADINGS.to_owned() + &rows.concat();
    assert_eq!(outcomes(&silent, &content).0, ["ok", "ok", "ok"], "nobody says what the field is");
    let (folder, path) = file("register.csv", content.as_bytes());
    let of = |mapping: &str| {
        let mapping = Mapping::parse(mapping).expect("a mapping");
        LicenceImport { mapping, ..options(&path, folder.path()) }
    };
    let ledger = Ledger { definition: Some(definition), ..Ledger::new() };
    let summary = run(&ledger, &of(&silent)).expect("it runs");
    assert_eq!((summary.imported, summary.errors), (1, 2));
    let expected =
        [("import.field_code", 1), ("import.field_code_check", 1)].map(|(code, count)| (code.to_owned(), count));
    assert_eq!(summary.refused, BTreeMap::from(expected));
    let error = run(&ledger, &of(&another)).expect_err("the mapping contradicts the type").to_string();
    assert!(error.starts_with("fields[0].standard") && error.contains("credit_code"), "{error}");
}

#[test]
fn identifiers_that_licences_have_are_kept() {
    let mapping = MAPPING.replace("key: [统一社会信用代码]", "identifier: 企业名称");
    let other_issuer = IDENTIFIER.replace("11519900MB90100105", "91110000802100433B");
    let other_type = IDENTIFIER.replace("MB0143028R001", "MB0143028R002");
    let right = identifier(IDENTIFIER, true);
    let rows = [
        right.clone(),
        right.to_lowercase(), // the same one
        identifier(IDENTIFIER, false),
        identifier(&other_issuer, true),
        identifier(&other_type, true),
        "1.2.156.3005.2.甲".to_owned(),
        String::new(),
        identifier(&IDENTIFIER.replace(".002", ".003"), true),
    ];
    let row = |text: String| format!("{text},91110000802100433B,2019-01-02,公司,王*,1万,餐饮,四川,云港,长江路\n");
    let content = HEADINGS.to_owned() + &rows.map(row).concat();
    let (found, records, ledger) = outcomes(&mapping, &content);
    let none = "import.licence_identifier";
    let expected = ["ok", "import.licence_repeated", "import.licence_identifier_check", none, none, none, none, "ok"];
    assert_eq!(found, expected);
    assert_eq!(records[0].identifier.as_str(), right);
    assert_eq!(ledger.licence(&records[1].identifier).identifier.version(), 3);
    // Without an issuer in the mapping each identifier says it.
    let any_issuer = mapping.replace("issuer: 11519900MB90100105", "");
    assert_eq!(outcomes(&any_issuer, &content).0[3], "ok");
}

#[test]
fn serials_and_versions_make_identifiers() {
    let mapping = MAPPING.replace("key: [统一社会信用代码]", "serial: 企业名称\nversion: 企业类型");
    let cases = [
        ("ab-1", "1", "import.licence_identifier"), // no digits and letters
        ("20230000403", "001", "ok"),
        ("20230000403", "2", "ok"),
        ("20230000403", "002", "import.licence_repeated"),
        ("ｅ１", "１", "ok"),
        ("", "1", "import.licence_identifier"),
        ("E2", "0", "import.licence_identifier"),
        ("E2", "1000", "import.licence_identifier"),
        ("E2", "", "import.licence_identifier"),
        ("E2", "一", "import.licence_identifier"),
        ("123456789012345678901234567890123", "1", "import.licence_identifier"),
    ];
    let row = |(serial, version, _): &(&str, &str, &str)| {
        format!("{serial},91110000802100433B,2019-01-02,{version},王*,1万,餐饮,四川,云港,长江路\n")
    };
    let content = HEADINGS.to_owned() + &cases.iter().map(row).collect::<String>();
    let (found, records, _) = outcomes(&mapping, &content);
    let expected: Vec<&str> = cases.iter().map(|(.., outcome)| *outcome).collect();
    assert_eq!(found, expected);
    let made: Vec<_> = records.iter().map(|record| (record.identifier.serial(), record.identifier.version())).collect();
    assert_eq!(made, [("20230000403", 1), ("20230000403", 2), ("E1", 1)]);
    let first = mapping.replace("\nversion: 企业类型", "");
    let (_, records, _) = outcomes(&first, &content);
    assert!(records.iter().all(|record| record.identifier.version() == 1), "without a version all are the first");
}

#[test]
fn an_end_that_cannot_be_read_is_unknown_and_expired_stays_expired() {
    let mapping = MAPPING.to_owned()
        + "valid_until: 到期\nstate: { column: 状态, since: 状态日期, words: { 存续: '01', 失效: '05' } }\n";
    let headings = HEADINGS.trim_end().to_owned() + ",到期,状态,状态日期\n";
    let row = |code: &str, more: &str| format!("甲,{code},2019-01-02,公司,王*,1万,餐饮,四川,云港,长江路,{more}\n");
    let content = [
        headings,
        row("91110000802100433B", "三〇年底,存续,"),
        row("9144030071526726XG", "2029-02-30,存续,"),
        row("914403001922038216", "长期,存续,"),
        row("12441500196720244T", ",存续,"),
        row("11370800MB28559184", "2029-12-31,存续,"),
        row("91350100M000100Y43", "长期,失效,"),
        row("11100000000013338W", ",失效,2022-05-01"),
        row("11100000MB0143028R", "某日,失效,"),
    ];
    let (found, records, ledger) = outcomes(&mapping, &content.concat());
    assert_eq!(found, ["ok"; 8]);
    let time = |text: &str| text.parse::<Time>().expect("a time");
    let today = time("2026-06-01T00:00:00Z");
    let (unknown, valid, expired) = (Status::EndUnknown, Status::Valid, Status::Expired);
    let expected = [&unknown, &unknown, &valid, &valid, &valid, &expired, &expired, &expired];
    for (index, (record, expected)) in records.iter().zip(expected).enumerate() {
        let licence = ledger.licence(&record.identifier);
        assert_eq!(licences::status(&licence, today), *expected, "row {index}");
        let import = licence.import.as_ref().expect("it was imported");
        let is_unreadable = [0, 1, 7].contains(&index);
        assert_eq!(import.source.is_end_unknown, is_unreadable, "row {index}");
        assert_eq!(import.source.anomalies.contains(&Anomaly::DateForm), is_unreadable, "row {index}");
        assert_eq!(licence.content.period.until.is_some(), index == 4, "row {index}");
    }
    let since = ledger.licence(&records[6].identifier);
    assert_eq!(licences::status(&since, time("2022-04-30T00:00:00+08:00")), valid, "it was valid before");
}

#[test]
fn what_a_directory_lists_comes_from_the_mapping_or_a_column() {
    let row =
        |code: &str, kind: &str, area: &str| format!("甲,{code},2019-01-02,{kind},王*,1万,餐饮,四川,{area},长江路\n");
    let content = HEADINGS.to_owned()
        + &row("91110000802100433B", "111", "519901")
        + &row("9144030071526726XG", "", "")
        + &row("914403001922038216", "公司", "519901")
        + &row("12441500196720244T", "111", "5199");
    let columns = MAPPING.to_owned() + "area_column: 地区\nholder_type_column: 企业类型\n";
    let (found, records, ledger) = outcomes(&columns, &content);
    assert_eq!(found, ["ok", "ok", "import.licence_metadata", "import.licence_metadata"]);
    let listed = |ledger: &Ledger, records: &[FaceRecord], index: usize| {
        let metadata = ledger.licence(&records[index].identifier).content.metadata;
        (metadata.area_code.map(|code| code.to_string()), metadata.holder_type.map(|code| code.to_string()))
    };
    assert_eq!(listed(&ledger, &records, 0), (Some("519901".to_owned()), Some("111".to_owned())));
    assert_eq!(listed(&ledger, &records, 1), (None, None));
    let fixed = MAPPING.to_owned() + "area_code: '519900'\nholder_type: '001'\n";
    let (_, records, ledger) = outcomes(&fixed, &content);
    assert_eq!(listed(&ledger, &records, 3), (Some("519900".to_owned()), Some("001".to_owned())));
}
