//! In which form the records of a data folder are written. Records say their versions, but a program reads its own form of them alone: one that
//! began on the records of another would stop at the first that it cannot decode. It is refused before it starts.

use anyhow::{Context as _, bail};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// The form of this program's records. It is raised with a change after which records that stand cannot be decoded, as `generated/wire.txt` shows it: a
/// field more or less, a variant that is not the last one. Variants and tables that are added behind the others leave it as it is.
pub const RECORD_FORM: u16 = 4;

const FILE: &str = "record-form";

/// Refuses a folder whose records are in another form, and writes down the form in a new one.
pub fn claim(data: &Path) -> anyhow::Result<()> {
    let file = data.join(FILE);
    let found = match fs::read_to_string(&file) {
        Ok(found) => Some(found.trim().to_owned()),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", file.display())),
    };
    match found {
        Some(found) if found == RECORD_FORM.to_string() => Ok(()),
        None if !data.join("network").exists() => {
            fs::create_dir_all(data).with_context(|| format!("cannot make {}", data.display()))?;
            // Renamed into place, so that the file is never half written.
            let draft = data.join("record-form.draft");
            fs::write(&draft, format!("{RECORD_FORM}\n"))
                .and_then(|()| fs::rename(&draft, &file))
                .with_context(|| format!("cannot write {}", file.display()))
        }
        found => bail!(
            "the records in {} are in the form {}, and this program reads the form {RECORD_FORM}: run the version \
             that wrote them (node.other_record_form)",
            data.display(),
            found.as_deref().unwrap_or("of an earlier version"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_in_another_form_is_refused_and_a_new_one_gets_this_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        claim(&data).expect("a new folder");
        fs::write(data.join("network"), "begun").expect("a file");
        claim(&data).expect("its own folder");
        for other in [Some("3"), Some("5"), Some(""), None] {
            match other {
                Some(form) => fs::write(data.join(FILE), form).expect("a file"),
                None => fs::remove_file(data.join(FILE)).expect("a file"),
            }
            let error = claim(&data).expect_err("another form").to_string();
            assert!(error.contains("node.other_record_form"), "{error}");
        }
    }
}
