//! Workbooks that unfold to much more than they are, and workbooks whose numbers are lies.

use super::fixtures::{file, outline, register_items, rows};
use crate::import::rows::{Item, Limits, Rows};
use std::io::Write as _;

/// A workbook of one sheet with these rows and shared texts, in XML.
fn workbook(rows: &str, shared: &str) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in [
        ("xl/workbook.xml", "<workbook><sheets><sheet r:id=\"a\"/></sheets></workbook>".to_owned()),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id=\"a\" Target=\"worksheets/sheet1.xml\"/></Relationships>".to_owned(),
        ),
        ("xl/sharedStrings.xml", format!("<sst>{shared}</sst>")),
        ("xl/worksheets/sheet1.xml", format!("<worksheet><sheetData>{rows}</sheetData></worksheet>")),
    ] {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).expect("a part");
        archive.write_all(content.as_bytes()).expect("memory is writable");
    }
    archive.finish().expect("an archive").into_inner()
}

fn inline(text: &str) -> String {
    format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

const HEADINGS: &str =
    "<row><c t=\"inlineStr\"><is><t>名称</t></is></c><c t=\"inlineStr\"><is><t>代码</t></is></c></row>";

fn within(content: &[u8], limits: Limits) -> Vec<Item> {
    let (_folder, path) = file("register.xlsx", content);
    match Rows::open_register(&path, limits) {
        Ok(rows) => rows.collect(),
        Err(error) => vec![Item::Broken(error)],
    }
}

#[test]
fn many_cells_that_share_one_long_text_cost_their_row_alone() {
    // A megabyte that a thousand cells refer to: a workbook of some kilobytes that would unfold to a gigabyte in each row.
    let limits = || Limits { row_bytes_max: 2_000_000, ..Limits::default() };
    let shared = format!("<si><t>{}</t></si><si><t>甲</t></si>", "x".repeat(1_000_000));
    let wide = format!("<row>{}</row>", "<c t=\"s\"><v>0</v></c>".repeat(1_000));
    let good = "<row><c t=\"s\"><v>1</v></c><c><v>7</v></c></row>";
    let headings: String = (0..1_000).map(|column| inline(&format!("列{column}"))).collect();
    let content = workbook(&format!("<row>{headings}</row>{}{good}", wide.repeat(50)), &shared);
    assert!(content.len() < 100_000, "it looks small: {} bytes", content.len());
    let items = within(&content, limits());
    let found = outline(&items);
    assert_eq!(found.iter().filter(|line| line.ends_with("import.row_too_long")).count(), 50, "{found:?}");
    let [good] = rows(&items)[..] else { panic!("one row can be read") };
    assert_eq!((good.line, &*good.fields[0].1, &*good.fields[1].1), (52, "甲", "7"));
}

#[test]
fn a_text_that_no_row_can_hold_is_too_long_wherever_it_stands() {
    let limits = || Limits { row_bytes_max: 1_000, ..Limits::default() };
    let long = "长".repeat(400);
    let shared = format!("<si><t>{long}</t></si><si><r><t>{0}</t></r><r><t>{0}</t></r></si>", "y".repeat(600));
    let of = |cell: &str| format!("<row>{}{cell}</row>", inline("甲"));
    let cells = [
        "<c t=\"s\"><v>0</v></c>".to_owned(),
        "<c t=\"s\"><v>1</v></c>".to_owned(),
        inline(&long),
        format!("<c><v>{}</v></c>", "7".repeat(1_000)),
        inline(&"z".repeat(997)), // with 甲, of three bytes, as long as a row may be
    ];
    let content = workbook(&(HEADINGS.to_owned() + &cells.iter().map(|cell| of(cell)).collect::<String>()), &shared);
    let found: Vec<String> =
        outline(&within(&content, limits())).iter().map(|line| line.chars().take(26).collect()).collect();
    let too_long = |line: u64| format!("bad {line} import.row_too_long");
    assert_eq!(found[..5], ["skipped 1 Headings".to_owned(), too_long(2), too_long(3), too_long(4), too_long(5)]);
    assert!(found[5].starts_with("row 6 名称=甲; 代码=zzz"), "{found:?}");
}

#[test]
fn numbers_of_rows_and_places_of_cells_are_not_believed_blindly() {
    const LARGEST: &str = "18446744073709551615";
    let row = |number: &str, place: &str| {
        format!("<row r=\"{number}\"><c r=\"{place}\"><v>1</v></c><c t=\"s\"><v>0</v></c></row>")
    };
    let lines = [
        row(LARGEST, LARGEST),
        row("", ""),
        row("1048577", "a1"), // behind the last row that there can be
        row("9", "A9"),
        row("7", "A7"), // before the one above
        row("-1", "1A"),
        row("1048576", "A1048576"),
        row(LARGEST, "A1"),
        row("", "A"),
    ];
    let content = workbook(&(HEADINGS.to_owned() + &lines.concat()), "<si><t>乙</t></si>");
    let items = register_items("register.xlsx", &content);
    let lines: Vec<u64> = rows(&items).iter().map(|row| row.line).collect();
    assert_eq!(lines, [2, 3, 4, 9, 10, 11, 1_048_576, 1_048_577, 1_048_578]);
    for row in rows(&items) {
        assert_eq!(row.content(), "名称=1; 代码=乙", "line {}", row.line);
    }
    for place in ["ZZZZ1", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAA1"] {
        let content = workbook(&(HEADINGS.to_owned() + &row("2", place)), "<si><t>乙</t></si>");
        assert_eq!(
            rows(&register_items("register.xlsx", &content)).len(),
            1,
            "{place} is no column, so it is the next"
        );
    }
    let far = workbook(&(HEADINGS.to_owned() + &row("2", "XFD2")), "");
    assert_eq!(outline(&register_items("register.xlsx", &far)), ["broken 0 import.too_many_fields"]);
}

#[test]
fn cells_that_refer_to_no_text_are_bad_rows() {
    let indices = ["1", "18446744073709551615", "99999999999999999999999", "-1", "", "x"];
    let lines: String = indices.iter().map(|index| format!("<row><c t=\"s\"><v>{index}</v></c></row>")).collect();
    let content = workbook(&(HEADINGS.to_owned() + &lines), "<si><t>乙</t></si>");
    let found = outline(&register_items("register.xlsx", &content));
    assert_eq!(found.len(), indices.len() + 1);
    assert!(found[1..].iter().all(|line| line.ends_with("import.bad_row")), "{found:?}");
}

#[test]
fn progress_follows_the_rows() {
    let lines: String = (0..500).map(|row| format!("<row>{}<c><v>{row}</v></c></row>", inline("甲"))).collect();
    let content = workbook(&(HEADINGS.to_owned() + &lines), "");
    let (_folder, path) = file("register.xlsx", &content);
    let mut rows = Rows::open_register(&path, Limits::default()).expect("a workbook");
    assert_eq!(rows.bytes_read(), 0, "nothing is told before the first row");
    let mut told = Vec::new();
    while rows.next().is_some() {
        told.push(rows.bytes_read());
    }
    assert!(told.is_sorted(), "{told:?}");
    let half = content.len() as u64 / 2;
    assert!(told[100] < half && told[400] > half, "after 100 rows {}, after 400 {}", told[100], told[400]);
    assert_eq!(rows.bytes_read(), content.len() as u64);
}
