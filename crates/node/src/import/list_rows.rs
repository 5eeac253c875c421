//! Rows of a list, below titles and headings, whether separated values or a spreadsheet.

use super::csv_lines::CsvLines;
use super::error::{ImportError, RowError};
use super::headings::{HEADING_LINES_MAX, Headings, Layout, date_of_title};
use super::rows::{Item, Limits, Row, SkipReason};
use super::sheet_lines::SheetLines;
use std::collections::VecDeque;
use tongban_types::Time;

/// The rows of a list.
pub struct ListRows {
    lines: Lines,
    layout: Layout,
    limits: Limits,
    list: Option<List>,
    waiting: VecDeque<Item>,
    rows: u64,
    is_finished: bool,
}

/// What is known once the headings are found.
struct List {
    headings: Headings,
    date: Option<Time>,
    /// The donors above; none where the row above could not be read.
    donors: Option<Vec<String>>,
}

/// Where the lines of a list come from.
enum Lines {
    Separated(Box<CsvLines>),
    Sheet(Box<SheetLines>),
}

/// One line.
pub(super) struct Line {
    /// Its number, counted from 1.
    pub number: u64,
    /// Its cells, or why they cannot be read.
    pub cells: Result<Vec<String>, RowError>,
}

impl ListRows {
    /// The rows of separated values.
    pub fn separated(lines: CsvLines, layout: Layout, limits: Limits) -> Self {
        Self::of(Lines::Separated(Box::new(lines)), layout, limits)
    }

    /// The rows of a spreadsheet.
    pub fn sheet(lines: SheetLines, layout: Layout, limits: Limits) -> Self {
        Self::of(Lines::Sheet(Box::new(lines)), layout, limits)
    }

    fn of(lines: Lines, layout: Layout, limits: Limits) -> Self {
        Self { lines, layout, limits, list: None, waiting: VecDeque::new(), rows: 0, is_finished: false }
    }

    /// The headings, once they are found.
    pub fn columns(&self) -> &[String] {
        self.list.as_ref().map(|list| list.headings.columns()).unwrap_or_default()
    }

    fn next_line(&mut self) -> Result<Option<Line>, RowError> {
        match &mut self.lines {
            Lines::Separated(lines) => lines.next_line(),
            Lines::Sheet(lines) => lines.next_line(),
        }
    }

    /// Reads the first lines and finds the headings among them.
    fn begin(&mut self) -> Result<(), RowError> {
        let mut lines = Vec::new();
        let mut broken = None;
        while lines.len() < HEADING_LINES_MAX {
            match self.next_line() {
                Ok(Some(line)) => lines.push(line),
                Ok(None) => break,
                Err(error) => {
                    broken = Some(error);
                    break;
                }
            }
        }
        let cells: Vec<Option<&[String]>> = lines.iter().map(|line| line.cells.as_deref().ok()).collect();
        let Some((at, headings)) = Headings::find(&cells) else {
            let missing = || ImportError::NoHeadings.at(0, "no line looks like the headings of a list", "");
            return Err(broken.unwrap_or_else(missing));
        };
        let date = cells[..at].iter().flatten().find_map(|cells| date_of_title(cells));
        let donors = Some(vec![String::new(); headings.donors().len()]);
        self.list = Some(List { headings, date, donors });
        for (index, line) in lines.into_iter().enumerate() {
            let item = match index {
                _ if index < at => Item::Skipped { line: line.number, reason: SkipReason::Title },
                _ if index == at => Item::Skipped { line: line.number, reason: SkipReason::Headings },
                _ => self.item(line),
            };
            self.waiting.push_back(item);
        }
        self.waiting.extend(broken.map(Item::Broken));
        Ok(())
    }

    fn item(&mut self, line: Line) -> Item {
        self.rows += 1;
        if self.rows > self.limits.rows_max {
            let message = format!("the file has more than {} rows", self.limits.rows_max);
            return Item::Broken(ImportError::TooManyRows.at(line.number, message, ""));
        }
        let list = self.list.as_mut().expect("the headings are found before the rows");
        match line.cells.map(|cells| list.item(line.number, cells, self.layout)) {
            Ok(item) => item,
            Err(error) => {
                list.donors = None;
                Item::Bad(error)
            }
        }
    }

    fn step(&mut self) -> Option<Item> {
        if let Some(item) = self.waiting.pop_front() {
            return Some(item);
        }
        if self.list.is_none() {
            if let Err(error) = self.begin() {
                return Some(Item::Broken(error));
            }
            return self.waiting.pop_front();
        }
        match self.next_line() {
            Ok(line) => line.map(|line| self.item(line)),
            Err(error) => Some(Item::Broken(error)),
        }
    }
}

impl List {
    fn item(&mut self, line: u64, mut cells: Vec<String>, layout: Layout) -> Item {
        if let Some(reason) = self.headings.skip_reason(&cells, layout) {
            return Item::Skipped { line, reason };
        }
        let columns = self.headings.columns();
        if cells.len() != columns.len() {
            let message = format!("the row has {} cells, the list has {} columns", cells.len(), columns.len());
            self.donors = None;
            return Item::Bad(ImportError::BadRow.at(line, message, cells.join(",")));
        }
        if let Err(error) = self.fill_in_donors(line, &mut cells) {
            return Item::Bad(error);
        }
        let collected_at = self.headings.time_of(&cells).or(self.date);
        let columns = self.headings.columns().iter().cloned();
        let fields = columns.zip(cells).filter(|(column, _)| !column.is_empty()).collect();
        Item::Row(Row { line, fields, collected_at, object_type: self.headings.object_type() })
    }

    fn fill_in_donors(&mut self, line: u64, cells: &mut [String]) -> Result<(), RowError> {
        let positions = self.headings.donors();
        if positions.is_empty() {
            return Ok(());
        }
        let is_merged = positions.iter().all(|position| cells[*position].trim().is_empty());
        if !is_merged {
            self.donors = Some(positions.iter().map(|position| cells[*position].clone()).collect());
            return Ok(());
        }
        let Some(above) = &self.donors else {
            let message = "the donor is the one above, and the row above cannot be read";
            return Err(ImportError::DonorUnknown.at(line, message, cells.join(",")));
        };
        for (position, donor) in positions.iter().zip(above) {
            cells[*position].clone_from(donor);
        }
        Ok(())
    }
}

impl Iterator for ListRows {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        if self.is_finished {
            return None;
        }
        let item = self.step();
        self.is_finished = matches!(item, None | Some(Item::Broken(_)));
        item
    }
}
