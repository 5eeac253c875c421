//! `messages.json`: the JSON schemas (2020-12) of everything that crosses a module's boundary.

use anyhow::Result;
use serde_json::{Map, Value, json};
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
    let mut message = Map::new();
    message.insert("name".to_owned(), json!(spec.name));
    message.insert("meaning".to_owned(), json!(spec.doc));
    message.insert("schema".to_owned(), spec.schema.clone());
    message
}
