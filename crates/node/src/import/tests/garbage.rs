//! Files that are broken, and files that are nothing.

use super::fixtures::{gzip, items, outline};
use crate::import::dates::parse_cell;
use crate::import::error::ImportError;
use crate::import::rows::{Item, Limits, Rows};
use proptest::prelude::*;
use strum::IntoEnumIterator as _;

#[test]
fn codes_are_distinct_and_named_after_their_errors() {
    let mut codes: Vec<&str> = ImportError::iter().map(ImportError::code).collect();
    assert!(codes.iter().all(|code| code.starts_with("import.")));
    let count = codes.len();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), count);
}

#[test]
fn broken_files_have_codes() {
    let compressed = gzip(b"a,b\n1,2\n3,4\n");
    let mut damaged = compressed.clone();
    let checksum = damaged.len() - 8;
    damaged[checksum] ^= 1;
    let with_rest = [&compressed[..], b"rest of something else"].concat();
    for (name, content, expected) in [
        ("empty.csv", Vec::new(), "broken 0 import.empty"),
        ("blank.csv", b" \r\n\n".to_vec(), "broken 0 import.empty"),
        ("empty.csv.gz", gzip(b""), "broken 0 import.empty"),
        ("cut.csv.gz", compressed[..compressed.len() - 9].to_vec(), "broken 0 import.truncated"),
        ("cut.csv.gz", compressed[..2].to_vec(), "broken 0 import.truncated"),
        ("damaged.csv.gz", damaged, "broken 0 import.bad_gzip"),
        ("rest.csv.gz", with_rest, "broken 0 import.bad_gzip"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), "broken 0 import.not_text"),
        ("wide.csv", b"\xff\xfea\0,\0b\0\n\0".to_vec(), "broken 0 import.not_text"),
        ("numbers.csv", b"1,2\n3,4\n".to_vec(), "broken 0 import.no_headings"),
        ("text.xes", b"a,b\n1,2\n".to_vec(), "broken 3 import.bad_xml"),
        ("page.xes", b"<html></html>".to_vec(), "broken 1 import.bad_xml"),
        ("cut.xes", b"<log><trace>".to_vec(), "broken 1 import.bad_xml"),
        ("crossed.xes", b"<log>\n<trace></log>".to_vec(), "broken 2 import.bad_xml"),
        ("two.xes", b"<log></log><log></log>".to_vec(), "broken 1 import.bad_xml"),
    ] {
        assert_eq!(outline(&items(name, content)), [expected], "{name}");
    }
}

#[test]
fn a_folder_or_an_absent_file_is_unreadable() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    for path in [folder.path().to_owned(), folder.path().join("absent.csv")] {
        let error = Rows::open(&path, Limits::default()).err().expect("no file");
        assert_eq!(error.code, "import.unreadable");
    }
}

#[test]
fn events_before_the_break_are_kept() {
    let log = "<log><trace>\n<event><string key=\"a\" value=\"1\"/></event>\n<event><string key=\"a\"";
    assert_eq!(outline(&items("a.xes", log)), ["row 2 a=1", "broken 3 import.bad_xml"]);
}

/// Pieces that are more likely than bytes to reach the inner parts of the readers.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "<log>",
            "</log>",
            "<trace>",
            "</trace>",
            "<event>",
            "</event>",
            "<event/>",
            "<string key=\"concept:name\" value=\"",
            "\"/>",
            "\">",
            "</string>",
            "<!--",
            "-->",
            "<![CDATA[",
            "]]>",
            "<!DOCTYPE x [",
            "<?xml",
            "?>",
            "&amp;",
            "&#0;",
            "&x;",
            ",",
            "\"",
            "\"\"",
            "\n",
            "\r\n",
            "\t",
            "序号",
            "捐赠方",
            "日期",
            "合计",
            "备注",
            "43865",
            "1",
            "2020.01.22",
            "\u{feff}",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_content_panics(
        content in prop_oneof![pieces(), prop::collection::vec(any::<u8>(), 0..600)],
        name in prop::sample::select(vec!["a.csv", "a.xes", "a", "a.tsv"]),
        is_compressed in any::<bool>(),
    ) {
        let items = items(name, if is_compressed { gzip(&content) } else { content });
        let is_broken = |item: &Item| matches!(item, Item::Broken(_));
        prop_assert!(items.iter().rev().skip(1).all(|item| !is_broken(item)), "nothing follows a break");
    }

    #[test]
    fn no_damaged_gzip_panics(content in pieces(), place in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let mut compressed = gzip(&content);
        let place = place.index(compressed.len());
        compressed[place] ^= 1 << bit;
        items("a.csv.gz", compressed);
    }

    #[test]
    fn no_cell_panics(cell in ".{0,30}|[0-9./:+ TZ年月日-]{0,30}") {
        parse_cell(&cell);
    }
}
