//! What the lines of a published list are: title, headings, record, total, note.
//!
//! Lists that offices publish are spreadsheets for readers, not tables for programs. The rules, in their order:
//!
//! - **Headings** are the first of the first 20 lines whose cells are words, no numbers or dates, and of which there are
//!   at least half as many as in the fullest of these lines. What stands above is title. A date among the titles is the
//!   date of the list.
//! - A line is **blank** where it has no cell, and **headings again** where it repeats them (a page break).
//! - A line is a **total** where its first word is 合计, 总计, 小计, 共计, 累计 or `total`, or where a lone number stands in it that
//!   is not in the first column.
//! - A line is a **note** where its first word is 备注, 说明, 注 with a colon and the like, or where a list of at least three
//!   columns has a lone cell in the first (names are masked in published lists, so that 备注 can read 备***).
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
    pub fn skip_reason(&self, cells: &[String]) -> Option<SkipReason> {
        let mut filled = cells.iter().enumerate().filter(|(_, cell)| !is_blank(cell));
        let Some((first_column, first)) = filled.next() else { return Some(SkipReason::Blank) };
        let is_lone = filled.next().is_none();
        let word: String = first.chars().filter(|character| !character.is_whitespace()).collect();
        if cells.len() == self.columns.len()
            && cells.iter().zip(&self.columns).all(|(cell, column)| cell.trim() == column)
        {
            return Some(SkipReason::Headings);
        }
        let is_total = begins_with(&word, &TOTALS) || word.trim_end_matches([':', '：']).eq_ignore_ascii_case("total");
        if is_total || (is_lone && first_column > 0 && !is_word(first)) {
            return Some(SkipReason::Total);
        }
        if begins_with(&word, &NOTES) || (is_lone && first_column == 0 && self.named() >= 3) {
            return Some(SkipReason::Note);
        }
        None
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

/// Whether a first word is one of these, alone or before a colon or a number. A longer word is somebody's name.
fn begins_with(word: &str, beginnings: &[&str]) -> bool {
    beginnings.iter().any(|beginning| {
        word.strip_prefix(beginning).is_some_and(|rest| {
            let stop = |character: char| character.is_ascii_digit() || ":：(（".contains(character);
            // 注 alone could be a family name's masked form; it needs its colon.
            if rest.is_empty() { *beginning != "注" } else { rest.starts_with(stop) }
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
