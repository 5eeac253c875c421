//! Rows of an older catalogue: a CSV with one line for each item, or the JSON of a service portal, department by department.
//!
//! CSV needs the columns `item_code` and `item_name`; `department`, `main_item`, `area_code`, `task_type` and `dept_code` may be there.
//! In JSON a department has `items`, these have `sub_items`, and the codes of each stand in the query of its `link`.

use crate::import::error::{ImportError, RowError};
use crate::import::rows::{Item, Limits, Row, Rows};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use tongban_modules::catalogue::{HistoricItem, ItemCode};
use tongban_modules::item_rules;
use tongban_types::{Text, Time};

/// What cannot be taken over as it stands; the serialized name is the stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr, strum::EnumIter)]
pub enum OldCatalogueError {
    /// A row has no usable code.
    #[strum(serialize = "import.item_code")]
    ItemCode,
    /// A code stands in an earlier row of the same file.
    #[strum(serialize = "import.item_code_repeated")]
    ItemCodeRepeated,
    /// A row has no name.
    #[strum(serialize = "import.item_name")]
    ItemName,
    /// A text is longer than its field, or has characters that no field has.
    #[strum(serialize = "import.item_text")]
    ItemText,
    /// The JSON is none of a service portal.
    #[strum(serialize = "import.item_json")]
    ItemJson,
}

impl OldCatalogueError {
    fn at(self, line: u64, message: impl Into<String>, content: &str) -> RowError {
        let code: &'static str = self.into();
        RowError { line, code: code.into(), message: message.into(), content: content.to_owned() }
    }
}

/// An item and where it stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OldItem {
    /// The line of a CSV, the place of the item in a JSON; counted from 1.
    pub line: u64,
    /// Its code.
    pub code: ItemCode,
    /// What the catalogue says.
    pub historic: HistoricItem,
    /// The row for people.
    pub content: String,
}

/// What a file has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OldCatalogue {
    /// Rows, those with errors too.
    pub rows: u64,
    /// The items, in the file's order.
    pub items: Vec<OldItem>,
    /// Rows that cannot be taken over, and what breaks the file.
    pub errors: Vec<RowError>,
    /// The first row of each name.
    names: BTreeMap<String, ItemCode>,
    /// The first row of each code.
    codes: BTreeMap<ItemCode, u64>,
}

/// The columns of one row, wherever they stood.
#[derive(Clone, Debug, Default)]
struct Columns {
    department: String,
    main_item: String,
    name: String,
    area: String,
    code: String,
    item_type: String,
    department_code: String,
}

impl OldCatalogue {
    /// Reads a file.
    pub fn read(path: &Path, source_time: Time) -> Self {
        let mut catalogue = Self::default();
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if extension.eq_ignore_ascii_case("json") {
            catalogue.read_json(path, source_time);
        } else {
            catalogue.read_rows(path, source_time);
        }
        catalogue
    }

    fn read_rows(&mut self, path: &Path, source_time: Time) {
        let limits = Limits { file_bytes_max: FILE_BYTES_MAX, rows_max: ROWS_MAX, ..Limits::default() };
        let rows = match Rows::open(path, limits) {
            Ok(rows) => rows,
            Err(error) => return self.errors.push(error),
        };
        for item in rows {
            match item {
                Item::Row(row) => self.add(row.line, columns(&row), &row.content(), source_time),
                Item::Bad(error) => {
                    self.rows += 1;
                    self.errors.push(error);
                }
                Item::Broken(error) => self.errors.push(error),
                Item::Skipped { .. } => {}
            }
        }
    }

    fn read_json(&mut self, path: &Path, source_time: Time) {
        let departments = match read_portal(path) {
            Ok(departments) => departments,
            Err(error) => return self.errors.push(error),
        };
        let mut line = 0;
        for PortalDepartment { department, items } in departments {
            for PortalMain { main_item, sub_items } in items {
                for PortalItem { name, link, .. } in sub_items {
                    line += 1;
                    let query: BTreeMap<&str, &str> = link
                        .split_once('?')
                        .map_or("", |(_, query)| query)
                        .split('&')
                        .filter_map(|pair| pair.split_once('='))
                        .collect();
                    let value = |key: &str| query.get(key).copied().unwrap_or_default().to_owned();
                    let columns = Columns {
                        department: department.clone(),
                        main_item: main_item.clone(),
                        area: value("areaCode"),
                        code: value("itemCode"),
                        item_type: value("taskType"),
                        department_code: value("deptCode"),
                        name,
                    };
                    let content = format!("{} {link}", columns.name);
                    self.add(line, columns, &content, source_time);
                }
            }
        }
    }

    fn add(&mut self, line: u64, columns: Columns, content: &str, source_time: Time) {
        self.rows += 1;
        match self.take(line, &columns, content, source_time) {
            Ok(item) => {
                self.codes.insert(item.code.clone(), line);
                self.names.entry(columns.name).or_insert_with(|| item.code.clone());
                self.items.push(item);
            }
            Err(error) => self.errors.push(error),
        }
    }

    fn take(&self, line: u64, columns: &Columns, content: &str, source_time: Time) -> Result<OldItem, RowError> {
        use OldCatalogueError::{ItemCode as Code, ItemCodeRepeated, ItemName, ItemText};
        let code = ItemCode::new(columns.code.as_str()).ok().filter(item_rules::is_code);
        let code =
            code.ok_or_else(|| Code.at(line, "the row has no code of at most 64 visible characters", content))?;
        if let Some(first) = self.codes.get(&code) {
            return Err(ItemCodeRepeated.at(line, format!("line {first} has the same code"), content));
        }
        if columns.name.is_empty() {
            return Err(ItemName.at(line, "the row has no name", content));
        }
        let problem = |field: &str, error: tongban_types::text::TextError| {
            ItemText.at(line, format!("{field}: {error}"), content)
        };
        let main_item = Some(columns.main_item.as_str()).filter(|name| !name.is_empty());
        let historic = HistoricItem {
            name: text(&columns.name).map_err(|error| problem("item_name", error))?,
            item_type: text(&columns.item_type).map_err(|error| problem("task_type", error))?,
            main_item: main_item.map(text).transpose().map_err(|error| problem("main_item", error))?,
            department: text(&columns.department).map_err(|error| problem("department", error))?,
            department_code: text(&columns.department_code).map_err(|error| problem("dept_code", error))?,
            division: text(&columns.area).map_err(|error| problem("area_code", error))?,
            same_name_as: self.names.get(&columns.name).cloned(),
            source_time,
        };
        Ok(OldItem { line, code, historic, content: content.to_owned() })
    }
}

/// Bytes of one file.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Rows of one file.
const ROWS_MAX: u64 = 100_000;

fn text<const MAX: usize>(text: &str) -> Result<Text<MAX>, tongban_types::text::TextError> {
    Text::new(text)
}

fn columns(row: &Row) -> Columns {
    let value = |column: &str| {
        let field = row.fields.iter().find(|(name, _)| name == column);
        field.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    Columns {
        department: value("department"),
        main_item: value("main_item"),
        name: value("item_name"),
        area: value("area_code"),
        code: value("item_code"),
        item_type: value("task_type"),
        department_code: value("dept_code"),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PortalDepartment {
    department: String,
    items: Vec<PortalMain>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PortalMain {
    main_item: String,
    sub_items: Vec<PortalItem>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PortalItem {
    name: String,
    link: String,
    #[serde(rename = "qrcode", default)]
    _qrcode: String,
}

fn read_portal(path: &Path) -> Result<Vec<PortalDepartment>, RowError> {
    let bytes = crate::cli::read_file(path, FILE_BYTES_MAX)
        .map_err(|error| ImportError::Unreadable.at(0, format!("{error:#}"), ""))?;
    serde_json::from_slice(&bytes).map_err(|error| {
        let line = u64::try_from(error.line()).unwrap_or_default();
        OldCatalogueError::ItemJson.at(line, error.to_string(), "")
    })
}
