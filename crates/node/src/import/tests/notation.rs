//! Dates, names of fields, and the secret's file.

use super::fixtures::secret;
use crate::import::ImportSecret;
use crate::import::dates::{parse_excel_serial, parse_time};
use crate::import::evidence::field_names;
use crate::import::rows::Row;
use tongban_modules::evidence::ObjectType;

#[test]
fn dates_are_read_as_lists_write_them() {
    for (text, expected) in [
        ("2020.01.22", "2020-01-21T16:00:00.000Z"),
        ("2020-1-2", "2020-01-01T16:00:00.000Z"),
        ("2020/1/22 8:30", "2020-01-22T00:30:00.000Z"),
        ("2020年1月22日", "2020-01-21T16:00:00.000Z"),
        ("2020年1月22日 8时30分", "2020-01-22T00:30:00.000Z"),
        ("20200122", "2020-01-21T16:00:00.000Z"),
        ("2011-10-11 13:45:40.276000+02:00", "2011-10-11T11:45:40.276Z"),
        ("2011-10-11T13:45:40.276+02:00", "2011-10-11T11:45:40.276Z"),
        (" 2011-10-11T13:45:40Z ", "2011-10-11T13:45:40.000Z"),
    ] {
        assert_eq!(parse_time(text).map(|time| time.to_string()).as_deref(), Some(expected), "{text}");
    }
    for text in [
        "",
        "2020",
        "2020.13.01",
        "2020.02.30",
        "100",
        "2020.01.22x",
        "1969-12-31",
        "1970-01-01",
        "２０２０.01.01",
        "十",
    ] {
        assert_eq!(parse_time(text), None, "{text}");
    }
}

#[test]
fn excel_counts_days_from_1899() {
    for (text, expected) in [
        ("43865", "2020-02-03T16:00:00.000Z"), // 2020-02-04 in Beijing
        ("43859", "2020-01-28T16:00:00.000Z"),
        ("43865.5", "2020-02-04T04:00:00.000Z"),
        ("43865.354166666664", "2020-02-04T00:30:00.000Z"),
    ] {
        assert_eq!(parse_excel_serial(text).map(|time| time.to_string()).as_deref(), Some(expected), "{text}");
    }
    for text in ["", "25569", "100", "9999999", "43865.x", "-43865", "43865.1.2"] {
        assert_eq!(parse_excel_serial(text), None, "{text}");
    }
}

#[test]
fn names_of_fields_are_short_lines_of_their_own() {
    let long = "很".repeat(60);
    let columns = ["金额", "金额", "content", "", " a\tb\u{200b} ", &long, &long];
    let fields = columns.iter().map(|column| ((*column).to_owned(), String::new())).collect();
    let row = Row { line: 1, fields, collected_at: None, object_type: ObjectType::Other };
    let names: Vec<String> = field_names(&row).iter().map(ToString::to_string).collect();
    let cut = "很".repeat(40);
    let second = format!("{} 2", "很".repeat(38));
    assert_eq!(names, ["content", "金额", "金额 2", "content 2", "column 4", "a b", &cut, &second]);
}

#[test]
fn a_secret_is_kept_for_its_owner_alone() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let path = folder.path().join("secret");
    secret().save_new(&path).expect("a new file");
    assert!(secret().save_new(&path).is_err(), "an older secret is never replaced");
    assert_eq!(ImportSecret::load(&path).expect("readable").expose_bytes(), secret().expose_bytes());
    assert_eq!(format!("{:?}", secret()), "ImportSecret");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&path).expect("it exists").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("our own file");
        assert!(ImportSecret::load(&path).is_err(), "a secret that others can read is refused");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("our own file");
    }
    for content in ["", "07", &"07".repeat(33), &"zz".repeat(32)] {
        std::fs::write(&path, content).expect("our own file");
        assert!(ImportSecret::load(&path).is_err(), "{content:?} is no secret");
    }
}
