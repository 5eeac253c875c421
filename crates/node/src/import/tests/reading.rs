//! What the lines of small lists and logs are read as.

use super::fixtures::{file, gzip, items, items_within, outline, register_items, rows};
use crate::import::rows::Limits;
use encoding_rs::GB18030;
use tongban_modules::evidence::ObjectType;

/// A list as offices publish it: title, date of the list, headings, merged donors, a repeated heading, total, notes.
const LIST: &str = "某区红十字会捐赠物资公布表,,,\r\n,43859,,\r\n序号,捐赠方,品名,数量\r\n1,甲公司,口罩,100\r\n,,\"护目镜\r\n手套\",20\r\n\
2,李**,酒精,3箱\r\n序号,捐赠方,品名,数量\r\n3,合计划公司,口罩,5\r\n,,,\r\n合 计：,,,125.00000000000001\r\n,,,125\r\n备***,,,\r\n注：数量为估计,,,\r\n";

#[test]
fn a_published_list_is_more_than_its_records() {
    let items = items("list.csv", LIST);
    assert_eq!(
        outline(&items),
        [
            "skipped 1 Title",
            "skipped 2 Title",
            "skipped 3 Headings",
            "row 4 序号=1; 捐赠方=甲公司; 品名=口罩; 数量=100",
            "row 5 序号=; 捐赠方=甲公司; 品名=护目镜\r\n手套; 数量=20",
            "row 7 序号=2; 捐赠方=李**; 品名=酒精; 数量=3箱",
            "skipped 8 Headings",
            "row 9 序号=3; 捐赠方=合计划公司; 品名=口罩; 数量=5",
            "skipped 10 Blank",
            "skipped 11 Total",
            "skipped 12 Total",
            "skipped 13 Note",
            "skipped 14 Note",
        ]
    );
    for row in rows(&items) {
        assert_eq!(row.collected_at.map(|time| time.to_string()).as_deref(), Some("2020-01-28T16:00:00.000Z"));
        assert_eq!(row.object_type, ObjectType::DatabaseRecord);
    }
}

/// Lines below the headings, whether they are passed over, read, or bad: in a published list, and in a register.
const LINES: [(&str, &str, &str); 20] = [
    // Sums and notes as lists have them.
    ("合计,,125,", "Total", "Total"),
    ("合计（元）：,,\"1,250.50\",", "Total", "Total"),
    ("总计,,125万元,12", "Total", "Total"),
    ("total,,125,", "Total", "Total"),
    ("备注：以上为估计,,,", "Note", "Note"),
    (",,,", "Blank", "Blank"),
    // Names that begin like a sum or a note, and whatever else stands beside the word.
    ("总计(北京)科技公司,91110000802100433B,125,", "row", "row"),
    ("总计(北京)科技公司,,,", "Note", "row"),
    ("合计,914403001922038216,125,", "row", "row"), // a code of digits alone is no sum
    ("合计,张三,125,", "row", "row"),
    ("合计,,2020-01-22,", "row", "row"),
    ("备注,91110000802100433B,,", "row", "row"),
    ("说明：某公司,,125,", "row", "row"),
    // A lone cell is a note, a sum, or what is left of a record: a code is always that.
    ("91110000802100433B,,,", "row", "row"),
    (",914403001922038216,,", "row", "row"),
    ("甲公司,,,", "Note", "row"),
    (",,125,", "Total", "row"),
    (",,2020.01.22,", "Total", "row"),
    // So is a line that is cut behind it.
    ("甲公司", "bad", "bad"),
    ("91110000802100433B", "bad", "bad"),
];

#[test]
fn no_line_with_a_record_in_it_is_passed_over() {
    for (line, in_list, in_register) in LINES {
        let content = format!("名称,代码,数量,日期\n乙公司,911000008021004330,3,2020.01.22\n{line}\n");
        let last = |items: Vec<_>| outline(&items).pop().expect("items");
        for (found, expected) in
            [(last(items("a.csv", &content)), in_list), (last(register_items("a.csv", &content)), in_register)]
        {
            let expected = match expected {
                "row" => "row 3 ".to_owned(),
                "bad" => "bad 3 import.bad_row".to_owned(),
                reason => format!("skipped 3 {reason}"),
            };
            assert!(found.starts_with(&expected), "{line}: {found}, expected {expected}");
        }
    }
}

#[test]
fn encoding_compression_and_name_do_not_change_the_rows() {
    let expected = items("list.csv", LIST);
    let (gb18030, _, is_lossy) = GB18030.encode(LIST);
    assert!(!is_lossy);
    assert_eq!(items("list.csv", &gb18030), expected);
    assert_eq!(items("list.csv.gz", gzip(&gb18030)), expected);
    assert_eq!(items("list", gzip(LIST.as_bytes())), expected, "found by content");
    assert_eq!(items("list.csv", format!("\u{feff}{LIST}")), expected);
    assert_eq!(items("list.tsv", LIST.replace(',', "\t")), expected);
    let halves = [gzip(&LIST.as_bytes()[..100]), gzip(&LIST.as_bytes()[100..])].concat();
    assert_eq!(items("list.csv.gz", halves), expected, "compressed in two parts");
}

#[test]
fn a_row_has_its_own_time_or_that_of_its_list() {
    let items = items("cash.csv", "捐赠人,捐赠日期,捐赠金额\n李*,43865,1\n王*,2020.01.22,2\n赵*,去年,3\n");
    let times: Vec<_> = rows(&items).iter().map(|row| row.collected_at.map(|time| time.to_string())).collect();
    let time = |text: &str| Some(text.to_owned());
    assert_eq!(times, [time("2020-02-03T16:00:00.000Z"), time("2020-01-21T16:00:00.000Z"), None]);
    assert!(rows(&items).iter().all(|row| row.object_type == ObjectType::Transaction));
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    for end in ["\n", "\r\n"] {
        let list = ["", "name,amount", "", "", "a,\"1", "2\"", "b,3", "", "c,4"].join(end);
        let lines = |content: &str| rows(&items("list.csv", content)).iter().map(|row| row.line).collect::<Vec<_>>();
        assert_eq!(lines(&list), [5, 7, 9]);
        assert_eq!(lines(&format!("{list}{end}")), [5, 7, 9]);
    }
}

#[test]
fn a_bad_row_costs_itself_alone() {
    let mut content = b"name,amount\na,1\nb\nc,3,4\n".to_vec();
    content.extend_from_slice(b"\xff\xff,5\nd,6\n");
    assert_eq!(
        outline(&items("list.csv", content)),
        [
            "skipped 1 Headings",
            "row 2 name=a; amount=1",
            "bad 3 import.bad_row",
            "bad 4 import.bad_row",
            "bad 5 import.bad_encoding",
            "row 6 name=d; amount=6"
        ]
    );
}

#[test]
fn a_donor_above_that_cannot_be_read_is_not_guessed() {
    let mut content = "捐赠方,品名\n甲,口罩\n".as_bytes().to_vec();
    content.extend_from_slice(b"\xff\xff,x\n");
    content.extend_from_slice(",手套\n乙,酒精\n,纱布\n".as_bytes());
    assert_eq!(
        outline(&items("list.csv", content)),
        [
            "skipped 1 Headings",
            "row 2 捐赠方=甲; 品名=口罩",
            "bad 3 import.bad_encoding",
            "bad 4 import.donor_unknown",
            "row 5 捐赠方=乙; 品名=酒精",
            "row 6 捐赠方=乙; 品名=纱布",
        ]
    );
}

const LOG: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!-- a log -->
<log xmlns="http://www.xes-standard.org/">
  <global scope="event"><string key="concept:name" value="UNKNOWN"/></global>
  <string key="note" value="of the log"><string key="within" value="x"/></string>
  <trace>
    <string key="concept:name" value="案件 1"/>
    <string key="channel" value="Internet"/>
    <event>
      <string key="concept:name" value="受理 &amp; 登记"/>
      <date key="time:timestamp" value="2011-10-11T13:45:40.276+02:00"/>
      <list key="papers"><values><string key="paper" value="a"><int key="pages" value="2"/></string></values></list>
    </event>
    <event/>
    <event><string key="concept:name" value="&unknown;"/></event>
  </trace>
  <trace><event><string key="concept:name" value="outside"/></event></trace>
</log>
"#;

#[test]
fn an_event_carries_the_name_of_its_trace() {
    let expected = [
        "row 9 case=案件 1; concept:name=受理 & 登记; time:timestamp=2011-10-11T13:45:40.276+02:00; \
papers/paper=a; papers/paper/pages=2",
        "bad 14 import.bad_row",
        "bad 15 import.bad_row",
        "row 17 concept:name=outside",
    ];
    let log = items("log.xes", LOG);
    assert_eq!(outline(&log), expected);
    assert_eq!(rows(&log)[0].collected_at.map(|time| time.to_string()).as_deref(), Some("2011-10-11T11:45:40.276Z"));
    assert_eq!(rows(&log)[0].object_type, ObjectType::LogEntry);
    assert_eq!(outline(&items("log", gzip(LOG.as_bytes()))), expected, "found by content");
    let (gb18030, _, _) = GB18030.encode(LOG);
    assert_eq!(outline(&items("log.xes", &gb18030)), expected);
}

#[test]
fn limits_hold() {
    let limits = || Limits { file_bytes_max: 3_000, row_bytes_max: 200, fields_max: 5, rows_max: 3, depth_max: 6 };
    let outline_of = |name: &str, content: &[u8]| {
        let (_folder, path) = file(name, content);
        outline(&items_within(&path, limits()))
    };
    let bomb = gzip(&vec![b'a'; 1_000_000]);
    assert!(bomb.len() < 20_000);
    assert_eq!(outline_of("bomb.csv.gz", &bomb), ["broken 0 import.too_large"]);
    let unclosed = format!("a,b\n1,\"{}", "x\n".repeat(1_000));
    assert_eq!(outline_of("a.csv", unclosed.as_bytes()).last().expect("items"), "broken 2 import.row_too_long");
    let wide = "a,b\n1,2\n1,2,3,4,5,6\n3,4\n";
    let expected = ["skipped 1 Headings", "row 2 a=1; b=2", "bad 3 import.too_many_fields", "row 4 a=3; b=4"];
    assert_eq!(outline_of("a.csv", wide.as_bytes()), expected);
    let many = format!("a,b\n{}", "1,2\n".repeat(9));
    assert_eq!(outline_of("a.csv", many.as_bytes()).last().expect("items"), "broken 5 import.too_many_rows");
    let event = |attributes: &str| format!("<log><trace><event>{attributes}</event></trace></log>");
    let long = event(&format!("<string key=\"a\" value=\"{}\"/>", "x".repeat(1_000)));
    assert_eq!(outline_of("a.xes", long.as_bytes()), ["broken 1 import.row_too_long"]);
    let attribute = format!("<string key=\"a\" value=\"{}\"/>", "x".repeat(99));
    assert_eq!(outline_of("a.xes", event(&attribute.repeat(3)).as_bytes()), ["bad 1 import.row_too_long"]);
    let small = "<string key=\"a\" value=\"\"/>".repeat(6);
    assert_eq!(outline_of("a.xes", event(&small).as_bytes()), ["bad 1 import.too_many_fields"]);
    let deep = event(&"<string key=\"a\" value=\"\">".repeat(20));
    assert_eq!(outline_of("a.xes", deep.as_bytes()), ["broken 1 import.bad_xml"]);
    let events = format!("<log>{}</log>", "<event><string key=\"a\" value=\"1\"/></event>".repeat(9));
    assert_eq!(outline_of("a.xes", events.as_bytes()).last().expect("items"), "broken 1 import.too_many_rows");
}
