//! A Rust file taken apart, line by line, into code, comments and test code, so that rules see only what they are about.

/// One line of a Rust file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// The code, without comments and without the contents of texts.
    pub code: String,
    /// The comments.
    pub comment: String,
    /// Whether it belongs to tests, benchmarks or examples.
    pub is_test: bool,
}

#[derive(Clone, Copy)]
enum Inside {
    Code,
    LineComment,
    BlockComment { depth: u32 },
    Text,
    RawText { hashes: usize },
}

/// Takes a file apart.
pub fn lines(path: &str, text: &str) -> Vec<Line> {
    let mut lines = split(text);
    let is_test_file = path.ends_with("/tests.rs")
        || path.ends_with("/testing.rs")
        || path.ends_with("/test_cast.rs")
        || ["/tests/", "/benches/", "/examples/"].iter().any(|folder| path.contains(folder));
    let test_module = lines.windows(2).position(|pair| {
        pair[0].code.trim() == "#[cfg(test)]" && pair[1].code.trim().starts_with("mod ") && pair[1].code.contains('{')
    });
    let first_test_line = if is_test_file { Some(0) } else { test_module };
    if let Some(first) = first_test_line {
        for line in &mut lines[first..] {
            line.is_test = true;
        }
    }
    lines
}

/// Whether the word stands in the code, not as a part of a longer one.
pub fn has_word(code: &str, word: &str) -> bool {
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    code.match_indices(word).any(|(start, _)| {
        let before = code[..start].chars().next_back().is_some_and(is_name) && word.starts_with(is_name);
        let after = code[start + word.len()..].chars().next().is_some_and(is_name) && word.ends_with(is_name);
        !before && !after
    })
}

fn split(text: &str) -> Vec<Line> {
    let letters: Vec<char> = text.chars().collect();
    let mut lines = vec![Line::default()];
    let mut inside = Inside::Code;
    let mut place = 0;
    while place < letters.len() {
        let rest = &letters[place..];
        let line = lines.last_mut().expect("there is a first line");
        if rest[0] == '\n' {
            lines.push(Line::default());
            if matches!(inside, Inside::LineComment) {
                inside = Inside::Code;
            }
            place += 1;
            continue;
        }
        place += match inside {
            Inside::Code => match rest {
                ['/', '/', ..] => {
                    inside = Inside::LineComment;
                    2
                }
                ['/', '*', ..] => {
                    inside = Inside::BlockComment { depth: 1 };
                    2
                }
                ['r', '"' | '#', ..] if raw_hashes(rest).is_some() && !ends_in_name(&line.code) => {
                    let hashes = raw_hashes(rest).unwrap_or_default();
                    inside = Inside::RawText { hashes };
                    line.code.push('"');
                    2 + hashes
                }
                ['"', ..] => {
                    inside = Inside::Text;
                    line.code.push('"');
                    1
                }
                // A character, not a lifetime.
                ['\'', '\\', _, ..] => rest[3..].iter().position(|letter| *letter == '\'').map_or(1, |end| end + 4),
                ['\'', _, '\'', ..] => 3,
                [letter, ..] => {
                    line.code.push(*letter);
                    1
                }
                [] => 1,
            },
            Inside::LineComment => {
                line.comment.push(rest[0]);
                1
            }
            Inside::BlockComment { depth } => match rest {
                ['*', '/', ..] => {
                    inside = if depth == 1 { Inside::Code } else { Inside::BlockComment { depth: depth - 1 } };
                    2
                }
                ['/', '*', ..] => {
                    inside = Inside::BlockComment { depth: depth + 1 };
                    2
                }
                _ => {
                    line.comment.push(rest[0]);
                    1
                }
            },
            Inside::Text => match rest {
                // A backslash at the end of a line leaves the line end to be counted.
                ['\\', letter, ..] if *letter != '\n' => 2,
                ['"', ..] => {
                    inside = Inside::Code;
                    line.code.push('"');
                    1
                }
                _ => 1,
            },
            Inside::RawText { hashes } => {
                let ends = rest[0] == '"' && rest[1..].iter().take_while(|letter| **letter == '#').count() >= hashes;
                if ends {
                    inside = Inside::Code;
                    line.code.push('"');
                    1 + hashes
                } else {
                    1
                }
            }
        };
    }
    lines
}

/// How many `#` open the raw text that begins here, if one does.
fn raw_hashes(rest: &[char]) -> Option<usize> {
    let hashes = rest[1..].iter().take_while(|letter| **letter == '#').count();
    (rest.get(1 + hashes) == Some(&'"')).then_some(hashes)
}

fn ends_in_name(code: &str) -> bool {
    // `br"…"` is a raw text too, so a lone `b` is no name.
    let name = code.rsplit(|letter: char| !letter.is_alphanumeric() && letter != '_').next().unwrap_or_default();
    !name.is_empty() && name != "b"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_texts_are_no_code() {
        let source = concat!(
            "let a = \"x.unwrap() // no comment\"; // why unwrap\n",
            "let b = r#\"a \"quoted\" thing\"#; /* one /* two */ still */ c()\n",
            "let q = '\"'; let n = '\\n'; fn f<'a>(x: &'a str) {}\n",
            "let t = \"over \\\n two lines\"; d()",
        );
        let lines = lines("a.rs", source);
        let code: Vec<&str> = lines.iter().map(|line| line.code.trim()).collect();
        let expected = [
            "let a = \"\";",
            "let b = \"\";  c()",
            "let q = ; let n = ; fn f<'a>(x: &'a str) {}",
            "let t = \"",
            "\"; d()",
        ];
        assert_eq!(code, expected);
        assert_eq!(lines[0].comment.trim(), "why unwrap");
        assert_eq!(lines[1].comment, " one  two  still ");
    }

    #[test]
    fn a_test_module_is_test_code_to_the_end() {
        let lines = lines("crates/a/src/b.rs", "fn f() {}\n#[cfg(test)]\nmod tests {\n}\n");
        let is_test: Vec<bool> = lines.iter().map(|line| line.is_test).collect();
        assert_eq!(is_test, [false, true, true, true, true]);
        let declared = super::lines("crates/a/src/c.rs", "#[cfg(test)]\nmod tests;\nfn f() {}");
        assert!(declared.iter().all(|line| !line.is_test), "the tests stand in another file");
    }

    #[test]
    fn words_stand_alone() {
        assert!(has_word("x: f64,", "f64"));
        assert!(!has_word("buf64", "f64") && !has_word("f64x2", "f64"));
        assert!(has_word("a.unwrap()", ".unwrap()"));
    }
}
