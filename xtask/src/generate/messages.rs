//! `messages.json`: the JSON schemas (2020-12) of everything that crosses a module's boundary.

use anyhow::Result;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use tongban_kernel::{Access, CallSpec, MessageSpec, ModuleSpec};

/// All modules' calls, queries, answers and events.
pub fn text() -> Result<String> {
    let modules: Vec<Value> = tongban_modules::specs().iter().map(module).collect();
    let document = json!({ "comment": "Made by `cargo xtask generate`. Do not edit.", "modules": modules });
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

fn module(spec: &ModuleSpec) -> Value {
    let all = |messages: &[MessageSpec]| messages.iter().map(|each| Value::Object(message(each))).collect::<Vec<_>>();
    json!({
        "name": spec.name,
        "name_zh": spec.name_zh,
        "calls": spec.calls.iter().map(call).collect::<Vec<_>>(),
        "queries": all(&spec.queries),
        "views": all(&spec.views),
        "events": all(&spec.events),
    })
}

fn call(spec: &CallSpec) -> Value {
    let mut call = message(&spec.message);
    let access = match spec.access {
        Access::AnyAccount => json!("any_account"),
        Access::Role(role) => json!({ "role": role }),
        Access::Office(role) => json!({ "office": role }),
    };
    call.insert("access".to_owned(), access);
    Value::Object(call)
}

fn message(spec: &MessageSpec) -> Map<String, Value> {
    let mut schema = spec.schema.clone();
    keep_used_definitions(&mut schema);
    let mut message = Map::new();
    message.insert("name".to_owned(), json!(spec.name));
    message.insert("meaning".to_owned(), json!(spec.doc));
    message.insert("schema".to_owned(), schema);
    message
}

/// Drops definitions that nothing in the schema leads to.
fn keep_used_definitions(schema: &mut Value) {
    let Some(Value::Object(definitions)) = schema.get("$defs").cloned() else { return };
    let mut used = BTreeSet::new();
    let mut waiting = Vec::new();
    let object = schema.as_object().expect("a schema with definitions is an object");
    object.iter().filter(|(key, _)| *key != "$defs").for_each(|(_, part)| collect_references(part, &mut waiting));
    while let Some(name) = waiting.pop() {
        if let Some(definition) = definitions.get(&name)
            && used.insert(name)
        {
            collect_references(definition, &mut waiting);
        }
    }
    let kept: Map<String, Value> = definitions.into_iter().filter(|(name, _)| used.contains(name)).collect();
    let object = schema.as_object_mut().expect("a schema with definitions is an object");
    if kept.is_empty() {
        object.shift_remove("$defs");
    } else {
        object.insert("$defs".to_owned(), Value::Object(kept));
    }
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

    #[test]
    fn only_used_definitions_are_kept() {
        let mut schema = json!({
            "properties": { "a": { "$ref": "#/$defs/A" } },
            "$defs": { "A": { "items": { "$ref": "#/$defs/B" } }, "B": {}, "C": { "$ref": "#/$defs/A" } },
        });
        keep_used_definitions(&mut schema);
        let kept: Vec<&String> = schema["$defs"].as_object().expect("definitions").keys().collect();
        assert_eq!(kept, ["A", "B"]);
    }
}
