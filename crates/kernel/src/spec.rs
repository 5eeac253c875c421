//! The description of a module, derived from its types and their doc comments. Command line, API, documents and the access
//! matrix are made from it; nothing is written twice.

use crate::{Access, ErrorKind, Module, ModuleError};
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use strum::IntoEnumIterator;
use tongban_types::receipt::Code;

/// A module's faces.
#[derive(Clone, Debug)]
pub struct ModuleSpec {
    /// The module's name.
    pub name: &'static str,
    /// Its Chinese name.
    pub name_zh: &'static str,
    /// What accounts can ask for.
    pub calls: Vec<CallSpec>,
    /// What can be asked of the state.
    pub queries: Vec<MessageSpec>,
    /// The answers.
    pub views: Vec<MessageSpec>,
    /// What has happened.
    pub events: Vec<MessageSpec>,
    /// Why a call is refused, in order of precedence.
    pub errors: Vec<ErrorSpec>,
}

/// A call and who may make it.
#[derive(Clone, Debug)]
pub struct CallSpec {
    /// Its name, meaning and arguments.
    pub message: MessageSpec,
    /// What it asks of the account.
    pub access: Access,
}

/// A call, query or event.
#[derive(Clone, Debug)]
pub struct MessageSpec {
    /// Its name in JSON.
    pub name: String,
    /// Its doc comment.
    pub doc: String,
    /// The JSON schema (2020-12) of its fields, complete with the definitions it uses.
    pub schema: Value,
}

/// A stable error code.
#[derive(Clone, Debug)]
pub struct ErrorSpec {
    /// The code, such as `evidence.not_found`.
    pub code: Code,
    /// One sentence.
    pub message: String,
    /// Who must act.
    pub kind: ErrorKind,
}

impl ModuleSpec {
    /// Derives the description of a module.
    pub fn of<M: Module>() -> Self {
        let calls = messages_of::<M::Call>();
        let access_of = |name: &str| {
            let kind = M::CallKind::iter().find(|kind| Into::<&'static str>::into(*kind) == name);
            M::access(kind.expect("kinds are derived from the calls"))
        };
        Self {
            name: M::NAME,
            name_zh: M::NAME_ZH,
            calls: calls.into_iter().map(|message| CallSpec { access: access_of(&message.name), message }).collect(),
            queries: messages_of::<M::Query>(),
            views: messages_of::<M::View>(),
            events: messages_of::<M::Event>(),
            errors: errors_of::<M::Error>(),
        }
    }
}

/// The codes of an error enumeration.
pub fn errors_of<E: ModuleError>() -> Vec<ErrorSpec> {
    E::iter().map(|error| ErrorSpec { code: error.code(), message: error.to_string(), kind: error.kind() }).collect()
}

/// The variants of an externally tagged enumeration whose variants all have named fields.
fn messages_of<T: JsonSchema>() -> Vec<MessageSpec> {
    let schema = SchemaGenerator::new(SchemaSettings::draft2020_12()).into_root_schema_for::<T>().to_value();
    let definitions = schema.get("$defs").and_then(Value::as_object);
    let variants = schema.get("oneOf").and_then(Value::as_array).expect("messages are enumerations");
    variants.iter().map(|variant| message_of(variant, definitions)).collect()
}

fn message_of(variant: &Value, definitions: Option<&Map<String, Value>>) -> MessageSpec {
    let properties = variant.get("properties").and_then(Value::as_object).expect("variants have named fields");
    let (name, fields) = properties.iter().next().expect("an externally tagged variant has its name as only key");
    let mut schema = fields.as_object().cloned().unwrap_or_else(Map::new);
    if let Some(definitions) = definitions {
        let used = used_definitions(&schema, definitions);
        if !used.is_empty() {
            schema.insert("$defs".to_owned(), Value::Object(used));
        }
    }
    let doc = variant.get("description").and_then(Value::as_str).unwrap_or_default();
    MessageSpec { name: name.clone(), doc: doc.to_owned(), schema: Value::Object(schema) }
}

/// The definitions to which something in a schema leads. A message has a few of its enumeration's many.
fn used_definitions(schema: &Map<String, Value>, definitions: &Map<String, Value>) -> Map<String, Value> {
    let mut used = BTreeSet::new();
    let mut waiting = Vec::new();
    schema.values().for_each(|part| collect_references(part, &mut waiting));
    while let Some(name) = waiting.pop() {
        if let Some(definition) = definitions.get(&name)
            && used.insert(name)
        {
            collect_references(definition, &mut waiting);
        }
    }
    let kept = definitions.iter().filter(|(name, _)| used.contains(*name));
    kept.map(|(name, definition)| (name.clone(), definition.clone())).collect()
}

fn collect_references(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            let reference = fields.get("$ref").and_then(Value::as_str);
            names.extend(reference.and_then(|reference| reference.strip_prefix("#/$defs/")).map(str::to_owned));
            fields.values().for_each(|field| collect_references(field, names));
        }
        Value::Array(values) => values.iter().for_each(|value| collect_references(value, names)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_used_definitions_are_kept() {
        let schema = json!({ "properties": { "a": { "$ref": "#/$defs/A" } } });
        let definitions = json!({ "A": { "items": { "$ref": "#/$defs/B" } }, "B": {}, "C": { "$ref": "#/$defs/A" } });
        let (schema, definitions) =
            (schema.as_object().expect("an object"), definitions.as_object().expect("an object"));
        let kept: Vec<String> = used_definitions(schema, definitions).keys().cloned().collect();
        assert_eq!(kept, ["A", "B"]);
    }
}
