//! Which of an event's values are identifiers, and what an event can be found by.

use super::words::{fold, is_digest_like, terms_of};
use super::{SUBJECTS_MAX, Subject, TERMS_MAX, bounded, database_text};
use serde_json::Value;
use std::collections::BTreeSet;

/// Characters of an identifier.
const IDENTIFIER_CHARS: std::ops::RangeInclusive<usize> = 4..=160;
/// Levels of lists and objects that are looked into; events have a few.
const DEPTH_MAX: usize = 32;

/// An identifier in the form in which it is compared: half-width, lower case, trimmed (NFKC). Hyphens and dots stay, so that two
/// identifiers that differ in them stay two.
pub fn fold_identifier(text: &str) -> String {
    database_text(fold(text).trim())
}

/// The identifiers and the search terms of an event's fields.
pub(super) fn collect(fields: &Value) -> (Vec<Subject>, Vec<String>) {
    let mut found = Found::default();
    found.value("", fields, 0);
    (found.subjects.into_iter().collect(), found.terms.into_iter().collect())
}

#[derive(Default)]
struct Found {
    subjects: BTreeSet<Subject>,
    terms: BTreeSet<String>,
}

impl Found {
    fn value(&mut self, field: &str, value: &Value, depth: usize) {
        match value {
            Value::Null | Value::Bool(_) => {}
            Value::Number(number) => self.add_terms(std::iter::once(number.to_string())),
            Value::String(text) => self.text(field, text),
            Value::Array(_) | Value::Object(_) if depth == DEPTH_MAX => {}
            Value::Array(values) => values.iter().for_each(|value| self.value(field, value, depth + 1)),
            Value::Object(fields) => fields.iter().for_each(|(name, value)| self.value(name, value, depth + 1)),
        }
    }

    fn text(&mut self, field: &str, text: &str) {
        if is_time(text) {
            return; // lists are filtered by the block's time; other times would match every search for a year
        }
        let folded = fold_identifier(text);
        if is_identifier(&folded) && self.subjects.len() < SUBJECTS_MAX {
            self.subjects.insert(Subject { value: folded, field: bounded(field) });
        }
        self.add_terms(terms_of(text).into_iter());
    }

    fn add_terms(&mut self, terms: impl Iterator<Item = String>) {
        for term in terms {
            if self.terms.len() == TERMS_MAX {
                return;
            }
            self.terms.insert(database_text(&term));
        }
    }
}

/// Whether a text is an identifier by its shape: one word, mostly Latin letters and digits, with a digit in it.
fn is_identifier(folded: &str) -> bool {
    let count = folded.chars().count();
    if !IDENTIFIER_CHARS.contains(&count) || folded.chars().any(char::is_whitespace) {
        return false;
    }
    let plain = folded.chars().filter(char::is_ascii_alphanumeric).count();
    is_digest_like(folded) || (folded.chars().any(|letter| letter.is_ascii_digit()) && plain * 2 >= count)
}

/// Whether a text is a point in time as `types::Time` writes it, `2026-01-31T08:00:00.000Z`.
fn is_time(text: &str) -> bool {
    text.len() == 24 && text.ends_with('Z') && text.parse::<tongban_types::Time>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn identifiers_are_known_by_their_shape() {
        let digest = "ab".repeat(32);
        let letters = "abcdefab".repeat(4);
        for identifier in
            [&*digest, &*letters, "91540091MA6T10AB2C", "（2026）川0102民初123号", "JY-2026-001", "330102"]
        {
            assert!(is_identifier(&fold_identifier(identifier)), "{identifier}");
        }
        for other in
            ["notary", "西藏宏发建筑有限公司", "no 17 street", "123", &"1".repeat(161), "2026年国家税务局通知公告"]
        {
            assert!(!is_identifier(&fold_identifier(other)), "{other}");
        }
    }

    #[test]
    fn fields_name_their_identifiers() {
        let event = json!({ "licence": "ＪＹ-0001", "holders": [{ "code": "91AB12345678901234" }, { "code": "x9x9" }],
                            "at": "2026-01-31T08:00:00.000Z", "leaves": 1234, "kind": "notary" });
        let (subjects, terms) = collect(&event);
        let found: Vec<(&str, &str)> = subjects.iter().map(|subject| (&*subject.field, &*subject.value)).collect();
        assert_eq!(found, [("code", "91ab12345678901234"), ("licence", "jy-0001"), ("code", "x9x9")]);
        assert!(terms.contains(&"1234".to_owned()) && terms.contains(&"notary".to_owned()));
        assert!(!terms.contains(&"2026".to_owned()), "a time is no number: {terms:?}");
    }

    #[test]
    fn what_is_kept_of_one_event_is_bounded() {
        let many: Vec<String> = (0..5_000).map(|number| format!("编号-{number:06}-街道")).collect();
        let (subjects, terms) = collect(&json!({ "all": many }));
        assert_eq!((subjects.len(), terms.len()), (SUBJECTS_MAX, TERMS_MAX));
        let mut deep = json!("1234567");
        for _ in 0..200 {
            deep = json!([deep]);
        }
        assert!(collect(&deep).0.is_empty());
    }
}
