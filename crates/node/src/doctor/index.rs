//! The index, which lists and search come from. The node runs without it.

use super::{Check, Look, Subject};
use std::path::Path;
use tongban_index::{DatabaseUrl, IndexError};

pub const USABLE: Check = Check {
    name: "index.usable",
    why: "lists and search come from it; without it the node answers them with 503",
    look: usable,
};

fn usable(subject: &Subject) -> Look {
    let Ok(config) = &subject.config else { return Look::Skipped("no configuration".to_owned()) };
    let url = match config.index.url(&config.data) {
        Ok(Some(url)) => url,
        Ok(None) => return Look::Well("switched off: there are no lists and no search".to_owned()),
        Err(error) => return Look::Skipped(error.to_string()), // a fault of the configuration, named there
    };
    match &subject.index {
        None => Look::Skipped("there is no genesis".to_owned()),
        Some(Ok(None)) => absent(&url, &config.data),
        Some(Ok(Some(position))) => Look::Well(format!("{url}, at height {}", position.height)),
        Some(Err(error)) => Look::Warning(
            format!("{url}: {error} ({})", error.code()),
            advice(error, &url, &subject.path.display().to_string()),
        ),
    }
}

/// A file is made by the node, its folder is not, but for that of its data.
fn absent(url: &DatabaseUrl, data: &Path) -> Look {
    let folder = match url {
        DatabaseUrl::Sqlite(path) => path.parent().filter(|folder| *folder != data && !folder.is_dir()),
        DatabaseUrl::Postgres(_) => None,
    };
    match folder {
        Some(folder) => Look::Warning(
            format!("the folder of {url} is not there"),
            format!("make {} and give it to the user of the node", folder.display()),
        ),
        None => Look::Well(format!("{url} is made at the first start")),
    }
}

fn advice(error: &IndexError, url: &DatabaseUrl, config: &str) -> String {
    match (error, url) {
        (IndexError::Unavailable(_), DatabaseUrl::Postgres(_)) => {
            "see whether the database runs and lets the user in `index` in, from this machine".to_owned()
        }
        (IndexError::Unavailable(_), DatabaseUrl::Sqlite(path)) => format!(
            "give {} to the user of the node; where it is damaged, remove it, and the node projects it again",
            path.display()
        ),
        (
            IndexError::UrlInvalid { .. }
            | IndexError::OtherNetwork { .. }
            | IndexError::OtherVersion { .. }
            | IndexError::Gap { .. }
            | IndexError::Disorder { .. }
            | IndexError::CursorInvalid
            | IndexError::QueryEmpty
            | IndexError::QueryTooLong { .. }
            | IndexError::Corrupt(_),
            _,
        ) => format!(
            "name another database in `index`, or have this one made again: tongban index rebuild --config '{config}'"
        ),
    }
}
