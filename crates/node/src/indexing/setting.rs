//! The configuration key `index`.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;
use tongban_index::{DatabaseUrl, IndexError};

/// The value that switches the index off.
const OFF: &str = "none";
/// A file in the node's data folder.
const DEFAULT: &str = "sqlite:index.sqlite";

/// Where the node's index is: `sqlite:FILE`, relative to the data folder; `postgres://…`; or `none`. It may hold a password, so
/// that it is never printed; what it stands for is ([`DatabaseUrl`]).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IndexSetting(String);

impl IndexSetting {
    /// A setting as the configuration has it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The database, or none where the index is off.
    pub fn url(&self, data: &Path) -> Result<Option<DatabaseUrl>, IndexError> {
        if self.0 == OFF { Ok(None) } else { DatabaseUrl::parse(&self.0, data).map(Some) }
    }
}

impl Default for IndexSetting {
    fn default() -> Self {
        Self(DEFAULT.to_owned())
    }
}

impl fmt::Debug for IndexSetting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.url(Path::new("")) {
            Ok(Some(url)) => write!(formatter, "IndexSetting({url})"),
            Ok(None) => formatter.write_str("IndexSetting(none)"),
            Err(_) => formatter.write_str("IndexSetting(invalid)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_names_a_database_or_none_and_hides_its_password() {
        let data = Path::new("data");
        let name = |text: &str| IndexSetting::new(text).url(data).map(|url| url.map(|url| url.to_string()));
        let default = IndexSetting::default().url(data).expect("the default is valid").expect("and on");
        assert_eq!(default.to_string(), "sqlite:data/index.sqlite");
        assert_eq!(name("none").expect("off"), None);
        assert_eq!(name("postgres://u:geheim@db/x").expect("an address").as_deref(), Some("postgres://db:5432/x"));
        assert!(name("off").is_err() && name("").is_err());
        assert!(!format!("{:?}", IndexSetting::new("postgres://u:geheim@db/x")).contains("geheim"));
        assert!(!format!("{:?}", IndexSetting::new("postgres//u:geheim@db/x")).contains("geheim"));
    }
}
