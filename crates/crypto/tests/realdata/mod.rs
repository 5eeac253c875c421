//! Published test vectors, from the archive that `TONGBAN_REALDATA` leads to.
//!
//! Where the variable is absent a test says so and passes, unless `TONGBAN_REQUIRE` names `realdata`.

use flate2::read::GzDecoder;
use serde_json::Value;
use std::collections::BTreeMap;
use std::env;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::OnceLock;

/// Fields of one vector.
pub type Fields = BTreeMap<String, String>;

/// The files of the archive.
pub struct Vectors(BTreeMap<String, Vec<u8>>);

/// The published vectors, or `None` (and a line that says why) where there are none.
pub fn vectors() -> Option<&'static Vectors> {
    static VECTORS: OnceLock<Vectors> = OnceLock::new();

    let Some(root) = env::var_os("TONGBAN_REALDATA") else {
        let required = env::var("TONGBAN_REQUIRE").is_ok_and(|names| names.contains("realdata"));
        assert!(!required, "TONGBAN_REQUIRE asks for realdata, but TONGBAN_REALDATA is not set");
        println!("skipped: TONGBAN_REALDATA is not set, so there are no published vectors to run");
        return None;
    };
    Some(VECTORS.get_or_init(|| Vectors::read(&Path::new(&root).join("crypto/vectors.tar.gz"))))
}

impl Vectors {
    fn read(path: &Path) -> Self {
        let file = File::open(path).unwrap_or_else(|error| panic!("cannot open {}: {error}", path.display()));
        let mut archive = tar::Archive::new(GzDecoder::new(file));
        let mut files = BTreeMap::new();
        for entry in archive.entries().expect("the archive is readable") {
            let mut entry = entry.expect("the archive is readable");
            let name = entry.path().expect("names are text").to_string_lossy().into_owned();
            let mut content = Vec::new();
            if name.ends_with(".gz") {
                GzDecoder::new(&mut entry).read_to_end(&mut content).expect("the member is readable");
            } else {
                entry.read_to_end(&mut content).expect("the member is readable");
            }
            files.insert(name, content);
        }
        Self(files)
    }

    /// A text file.
    pub fn text(&self, path: &str) -> &str {
        let bytes = self.0.get(path).unwrap_or_else(|| panic!("the archive has no {path}"));
        std::str::from_utf8(bytes).expect("vectors are text")
    }

    /// A JSON file.
    pub fn json(&self, path: &str) -> Value {
        serde_json::from_str(self.text(path)).expect("the file is JSON")
    }

    /// The test groups of a Wycheproof file.
    pub fn wycheproof(&self, algorithm: &str) -> Vec<Value> {
        let file = self.json(&format!("wycheproof/testvectors_v1/{algorithm}_test.json"));
        file["testGroups"].as_array().expect("a file has groups").clone()
    }

    /// The vectors of a file of `name = value` lines, where `last` is the field that completes a vector. Fields keep
    /// their value until they are set anew; a line in brackets is the field `section`.
    pub fn lines(&self, path: &str, last: &str) -> Vec<Fields> {
        let mut fields = Fields::new();
        let mut vectors = Vec::new();
        for line in self.text(path).lines() {
            if let Some(section) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                fields.insert("section".to_owned(), section.to_owned());
            } else if let Some((name, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) {
                fields.insert(name.trim().to_owned(), value.trim().to_owned());
                if name.trim() == last {
                    vectors.push(fields.clone());
                }
            }
        }
        vectors
    }

    /// The paragraphs of one of OpenSSL's files, each with the fields it sets. What a field is set to twice is joined
    /// by a semicolon.
    pub fn paragraphs(&self, path: &str) -> Vec<Fields> {
        let parse = |paragraph: &str| {
            let mut fields = Fields::new();
            let lines = paragraph.lines().filter(|line| !line.starts_with('#'));
            for (name, value) in lines.filter_map(|line| line.split_once('=')) {
                let field = fields.entry(name.trim().to_owned()).or_default();
                field.push_str(if field.is_empty() { "" } else { "; " });
                field.push_str(value.trim());
            }
            fields
        };
        self.text(path).split("\n\n").map(parse).filter(|fields: &Fields| !fields.is_empty()).collect()
    }

    /// The DER bytes of the first block of a PEM file.
    pub fn pem(&self, path: &str) -> Vec<u8> {
        pem(self.text(path))
    }
}

/// The DER bytes of the first PEM block in the text.
pub fn pem(text: &str) -> Vec<u8> {
    let body = text.split("-----").nth(2).expect("a PEM block has two marked lines");
    let mut bytes = Vec::new();
    let (mut buffer, mut bits) = (0_u32, 0);
    for character in body.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        let digit = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => panic!("not a character of base64"),
        };
        buffer = buffer << 6 | u32::from(digit);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((buffer >> bits) as u8);
        }
    }
    bytes
}

/// The content of the DER value with this tag at the beginning, and what follows it. `None` where there is none.
pub fn der(input: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&[found, first], rest) = input.split_first_chunk::<2>()?;
    let (length, rest) = match first {
        0x81 => (usize::from(*rest.first()?), &rest[1..]),
        0x82 => (usize::from(*rest.first()?) << 8 | usize::from(*rest.get(1)?), &rest[2..]),
        short => (usize::from(short), rest),
    };
    (found == tag && length <= rest.len()).then(|| rest.split_at(length))
}

/// A DER integer as 32 bytes, and what follows it.
pub fn der_number(input: &[u8]) -> Option<([u8; 32], &[u8])> {
    let (digits, rest) = der(input, 2)?;
    let digits = digits.strip_prefix(&[0]).unwrap_or(digits);
    let mut number = [0; 32];
    number[32_usize.checked_sub(digits.len())?..].copy_from_slice(digits);
    Some((number, rest))
}

/// The bytes of a hexadecimal text, with or without `0x`.
pub fn unhex(text: &str) -> Vec<u8> {
    hex::decode(text.trim_start_matches("0x")).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The bytes of a field of a Wycheproof vector.
pub fn bytes(value: &Value, field: &str) -> Vec<u8> {
    unhex(value[field].as_str().unwrap_or_else(|| panic!("no {field} in {value}")))
}

/// The tests of a Wycheproof group.
pub fn tests(group: &Value) -> impl Iterator<Item = &Value> {
    group["tests"].as_array().expect("a group has tests").iter()
}

/// The verdict that a Wycheproof vector asks for; `None` where either will do.
pub fn expected(test: &Value) -> Option<bool> {
    match test["result"].as_str() {
        Some("valid") => Some(true),
        Some("invalid") => Some(false),
        Some("acceptable") => None,
        other => panic!("unknown result {other:?}"),
    }
}
