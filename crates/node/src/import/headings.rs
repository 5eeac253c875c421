//! What the lines of a published list are: title, headings, record, total, note.
//!
//! Lists that offices publish are spreadsheets for readers, not tables for programs. The rules, in their order:
//!
//! - **Headings** are the first of the first 20 lines whose cells are words, no numbers or dates, and of which there are
//!   at least half as many as in the fullest of these lines. What stands above is title. A date among the titles is the
//!   date of the list.
//! - A line is **blank** where it has no cell, and **headings again** where it repeats them (a page break).
//! - A line is a **total** where its first word is 合计, 总计, 小计, 共计, 累计 or `total` and no other cell is more than a sum, or where a
//!   lone number stands in it that is not in the first column.
//! - A line is a **note** where it has one cell, and its first word is 备注, 说明, 注 with a colon and the like, or a list of at least three
//!   columns has it in the first (names are masked in published lists, so that 备注 can read 备***).
//! - **No line with anything else in it is passed over**: a code is no sum, however many digits it has, and a company may be called
//!   总计(北京). What a lone cell is, is guessed in published lists alone; a **register** ([`Layout`]) has no lines that are nothing, so that
//!   a line of which one cell is left is a record that cannot be read.
//! - A cell **below no heading** is no part of its record: there stand printed totals.
//! - A **blank donor** is the donor above: the published cells were merged.

use super::dates;
use super::rows::SkipReason;
use tongban_modules::evidence::ObjectType;
use tongban_types::Time;

/// Lines among which the headings are sought.
pub const HEADING_LINES_MAX: usize = 20;

const TOTALS: [&str; 5] = ["合计", "总计", "小计", "共计", "累计"];
const NOTES: [&str; 4] = ["备注", "说明", "附注", "注"];

/// Digits of a sum before the point. What is longer is a code or a number of an account.
const SUM_DIGITS_MAX: usize = 14;
/// Characters behind a sum, such as 万元.
const UNIT_CHARS_MAX: usize = 4;

/// What a table was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// To be read by people: between its records stand notes and sums.
    Published,
    /// To be kept: each line is a record, whatever is left of it.
    Register,
}

/// The headings of a list and what follows from them.
#[derive(Clone, Debug)]
pub struct Headings {
    columns: Vec<String>,
    donors: Vec<usize>,
    time: Option<usize>,
    object_type: ObjectType,
}

impl Headings {
    /// Finds the headings among the first lines of a list: which line, and what they say.
    pub fn find(lines: &[Option<&[String]>]) -> Option<(usize, Self)> {
        let filled = |cells: &[String]| cells.iter().filter(|cell| !is_blank(cell)).count();
        let fullest = lines.iter().flatten().map(|cells| filled(cells)).max().unwrap_or(0);
        let wanted = fullest.div_ceil(2).max(fullest.min(2));
        let (index, cells) = lines.iter().enumerate().find_map(|(index, cells)| {
            let cells = (*cells)?;
            let found =
                filled(cells) >= wanted && wanted > 0 && cells.iter().all(|cell| is_blank(cell) || is_word(cell));
            found.then_some((index, cells))
        })?;
        Some((index, Self::new(cells.iter().map(|cell| cell.trim().to_owned()).collect())))
    }

    fn new(columns: Vec<String>) -> Self {
        let donors = positions(&columns, is_donor).collect();
        let time = positions(&columns, |column| column == "time:timestamp").next();
        let time = time.or_else(|| positions(&columns, is_time).next());
        let object_type = object_type(&columns);
        Self { columns, donors, time, object_type }
    }

    /// The headings, blank where a column has none.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Columns of donors, whose blank cells mean the donor above.
    pub fn donors(&self) -> &[usize] {
        &self.donors
    }

    /// What kind of records the list has.
    pub fn object_type(&self) -> ObjectType {
        self.object_type
    }

    /// When the record with these cells came into being, where it says so.
    pub fn time_of(&self, cells: &[String]) -> Option<Time> {
        dates::parse_cell(cells.get(self.time?)?)
    }

    /// Why a line below the headings is no record.
    pub fn skip_reason(&self, cells: &[String], layout: Layout) -> Option<SkipReason> {
        let mut filled = cells.iter().enumerate().filter(|(_, cell)| !is_blank(cell));
        let Some((first_column, first)) = filled.next() else { return Some(SkipReason::Blank) };
        let others: Vec<&String> = filled.map(|(_, cell)| cell).collect();
        let is_lone = others.is_empty();
        let word: String = first.chars().filter(|character| !character.is_whitespace()).collect();
        let is_whole = cells.len() == self.columns.len();
        if is_whole && cells.iter().zip(&self.columns).all(|(cell, column)| cell.trim() == column) {
            return Some(SkipReason::Headings);
        }
        let is_total = begins_with(&word, &TOTALS) || word.trim_end_matches([':', '：']).eq_ignore_ascii_case("total");
        let is_guessed = is_lone && layout == Layout::Published && is_whole && !is_code(first);
        let is_lone_number = is_guessed && first_column > 0 && !is_word(first);
        if is_lone_number || (is_total && others.iter().all(|cell| is_sum(cell))) {
            return Some(SkipReason::Total);
        }
        let is_note = begins_with(&word, &NOTES) || (is_guessed && first_column == 0 && self.named() >= 3);
        (is_lone && is_note).then_some(SkipReason::Note)
    }

    fn named(&self) -> usize {
        self.columns.iter().filter(|column| !column.is_empty()).count()
    }
}

/// The date of the list, where a line above the headings has one.
pub fn date_of_title(cells: &[String]) -> Option<Time> {
    cells.iter().find_map(|cell| dates::parse_cell(cell))
}

fn positions(columns: &[String], is_wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = usize> {
    columns.iter().enumerate().filter(move |(_, column)| is_wanted(column)).map(|(index, _)| index)
}

fn is_blank(cell: &str) -> bool {
    cell.trim().is_empty()
}

fn is_word(cell: &str) -> bool {
    cell.chars().any(char::is_alphabetic) && dates::parse_cell(cell).is_none()
}

/// Whether a cell can be what others add up to: a number of so many digits at most, perhaps with the unit behind it.
fn is_sum(cell: &str) -> bool {
    let plain: String =
        cell.chars().filter(|character| !character.is_whitespace() && !",，¥￥".contains(*character)).collect();
    let plain = plain.strip_prefix('-').unwrap_or(&plain);
    let whole = plain.len() - plain.trim_start_matches(|character: char| character.is_ascii_digit()).len();
    let rest = plain[whole..]
        .strip_prefix('.')
        .map_or(&plain[whole..], |rest| rest.trim_start_matches(|character: char| character.is_ascii_digit()));
    let is_unit = |character: char| character.is_alphabetic() && !character.is_ascii();
    (1..=SUM_DIGITS_MAX).contains(&whole) && rest.chars().count() <= UNIT_CHARS_MAX && rest.chars().all(is_unit)
}

/// Whether a cell is one word of the characters of codes, with a digit among them and long enough, and neither a sum nor a date.
fn is_code(cell: &str) -> bool {
    const CODE_CHARS_MIN: usize = 8;

    let cell = cell.trim();
    let is_of_codes = |character: char| character.is_ascii_alphanumeric() || character == '-';
    let has_digit = cell.chars().any(|character| character.is_ascii_digit());
    let is_word_of_codes = cell.len() >= CODE_CHARS_MIN && cell.chars().all(is_of_codes) && has_digit;
    is_word_of_codes && !is_sum(cell) && dates::parse_time(cell).is_none()
}

/// Whether a first word is one of these, alone or before a colon, a number or brackets with nothing behind. A longer word is somebody's name.
fn begins_with(word: &str, beginnings: &[&str]) -> bool {
    let is_end = |rest: &str| rest.is_empty() || rest.starts_with([':', '：']);
    beginnings.iter().any(|beginning| {
        word.strip_prefix(beginning).is_some_and(|rest| {
            // 注 alone could be a family name's masked form; it needs its colon.
            if rest.is_empty() {
                return *beginning != "注";
            }
            let brackets = rest.strip_prefix(['(', '（']).and_then(|inside| inside.split_once([')', '）']));
            match brackets {
                Some((_, behind)) => is_end(behind),
                None => rest.starts_with(|character: char| character.is_ascii_digit() || ":：".contains(character)),
            }
        })
    })
}

fn is_donor(column: &str) -> bool {
    let names_giver = ["方", "单位", "人", "者", "姓名", "企业"].iter().any(|word| column.contains(word));
    let gives = column.contains('捐') && !column.contains(['受', '收']);
    (gives && names_giver) || column.eq_ignore_ascii_case("donor")
}

fn is_time(column: &str) -> bool {
    let column = column.to_lowercase();
    let is_english = ["date", "time", "timestamp"].iter().any(|word| {
        column.strip_suffix(word).is_some_and(|before| before.is_empty() || before.ends_with([' ', '_', ':', '-']))
    });
    is_english || column.contains("日期") || column.contains("时间")
}

fn object_type(columns: &[String]) -> ObjectType {
    let has = |name: &str| columns.iter().any(|column| column == name);
    if has("time:timestamp") && has("concept:name") {
        return ObjectType::LogEntry;
    }
    // A value that was estimated (折算) is not paid.
    if columns.iter().any(|column| column.contains("金额") && !column.contains("折算")) {
        return ObjectType::Transaction;
    }
    ObjectType::DatabaseRecord
}
