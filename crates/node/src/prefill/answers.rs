//! A filled-in form as a file that the applicant edits: nested fields on disk, paths such as `address.town` in here.

use crate::catalogue::item_file::read_value;
use anyhow::{Context as _, bail};
use serde_json::{Map, Value};
use std::path::Path;
use tongban_modules::held::Target;

/// How deep a form's groups nest; deeper files are none of ours.
const DEPTH_MAX: usize = 8;

/// The fields that are proposed, nested as the form has them. Materials are no fields of the form.
pub fn nested<'a>(proposed: impl IntoIterator<Item = (&'a Target, &'a Value)>) -> Value {
    let mut root = Map::new();
    for (target, value) in proposed {
        if let Target::Field(path) = target {
            let names: Vec<&str> = path.split('.').collect();
            insert(&mut root, &names, value);
        }
    }
    Value::Object(root)
}

fn insert(group: &mut Map<String, Value>, names: &[&str], value: &Value) {
    match names {
        [] => {}
        [name] => {
            group.insert((*name).to_owned(), value.clone());
        }
        [name, rest @ ..] => {
            let inner = group.entry(*name).or_insert_with(|| Value::Object(Map::new()));
            if let Some(inner) = inner.as_object_mut() {
                insert(inner, rest, value);
            }
        }
    }
}

/// The answer at a path, where it was filled in.
pub fn at<'a>(answers: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(answers, |value, name| value.get(name)).filter(|value| !value.is_null())
}

/// The form without what was left blank: neither null nor a group of which nothing was filled in is an answer.
pub fn without_blanks(answers: &Value) -> Value {
    let Value::Object(fields) = answers else { return answers.clone() };
    let filled = fields.iter().filter_map(|(name, value)| {
        let value = without_blanks(value);
        let is_blank = value.is_null() || value.as_object().is_some_and(Map::is_empty);
        (!is_blank).then(|| (name.clone(), value))
    });
    Value::Object(filled.collect())
}

/// All answers by ascending paths. Lists are one answer each.
pub fn flat(answers: &Value) -> anyhow::Result<Vec<(String, Value)>> {
    let Some(root) = answers.as_object() else { bail!("a filled-in form is a mapping of fields") };
    let mut found = Vec::new();
    collect(root, "", 0, &mut found)?;
    found.sort_by(|(left, _), (right, _)| left.cmp(right));
    Ok(found)
}

fn collect(
    group: &Map<String, Value>,
    above: &str,
    depth: usize,
    found: &mut Vec<(String, Value)>,
) -> anyhow::Result<()> {
    if depth > DEPTH_MAX {
        bail!("{above}: a form does not nest so deep");
    }
    for (name, value) in group {
        let path = if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
        match value {
            Value::Object(inner) => collect(inner, &path, depth + 1, found)?,
            Value::Null => {} // left blank
            value => found.push((path, value.clone())),
        }
    }
    Ok(())
}

/// Reads a filled-in form, YAML or JSON.
pub fn read(path: &Path) -> anyhow::Result<Value> {
    read_value(path).with_context(|| format!("cannot use {}", path.display()))
}
