//! The OpenAPI 3.1 document, made from the operations and from the modules' descriptions.
//!
//! What modules exchange becomes the schemas `Call`, `Query`, `View` and `Event`: one choice for each module, and in it one for each
//! message. Types with the same name and the same schema share one component; another of the same name gets its module's in front.

use crate::codes;
use crate::surface::{Content, Operation, Parameter, Place, Reply, Scope, operations};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use tongban_kernel::{Access, CallSpec, ErrorSpec, MessageSpec, ModuleSpec};

/// Where components stand in the document.
const COMPONENTS: &str = "#/components/schemas/";
/// Where definitions stand in a schema that `schemars` made.
const DEFINITIONS: &str = "#/$defs/";

/// The groups of operations, in the order of the document.
const TAGS: [(&str, &str); 10] = [
    ("transactions", "Preparing and submitting what accounts ask for."),
    ("receipts", "What became of transactions."),
    ("stream", "Events as they become final."),
    ("queries", "Questions to modules, answered from the present state."),
    ("modules", "What modules there are, and what each understands."),
    ("proofs", "Files that convince anyone, offline."),
    ("node", "The node itself."),
    ("lists", "Events and receipts by what they are about, and search, from an index that says how far it is behind."),
    ("tokens", "What lets programs in: who may do what, until when, how often and from where."),
    ("webhooks", "Events sent to programs elsewhere as they become final, and what became of each delivery."),
];

/// The document for a program with these modules.
pub fn document(modules: &[ModuleSpec]) -> Value {
    let mut components = Components::default();
    let mut paths = Map::new();
    let operations = operations();
    for operation in &operations {
        let path = paths.entry(operation.path.to_owned()).or_insert_with(|| json!({}));
        let method = operation.method.as_str().to_lowercase();
        path.as_object_mut().expect("made above").insert(method, components.operation(operation));
    }
    components.modules(modules);
    components.drop_unused(&paths);
    let mut tags: Vec<(&str, &str)> = TAGS.to_vec();
    for operation in &operations {
        if !tags.iter().any(|(name, _)| *name == operation.tag) {
            tags.push((operation.tag, ""));
        }
    }
    let tags: Vec<Value> =
        tags.into_iter().map(|(name, description)| json!({ "name": name, "description": description })).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Tongban node",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "One node of a verifiable network of public services.",
            "description": DESCRIPTION,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/", "description": "The node that serves this document." }],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": components.schemas,
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer", "description": "A token that the node's operator has issued." },
            },
        },
    })
}

const DESCRIPTION: &str = "\
Departments of a city run the nodes of this network, which order and execute public-service acts on one ledger. Ask any of \
them: all answer alike.\n\n\
To have something done, `POST /v1/transactions/prepare` with the calls as JSON, sign the bytes it gives, and `POST \
/v1/transactions`. Nothing is answered as done before it is final.\n\n\
Errors are RFC 9457 problem documents: `code` is stable, `who` says who must act, `how` what that one can do. Unknown \
parameters and fields are refused, not passed over.\n\n\
Binary values are lower-case hexadecimal, times RFC 3339 in UTC.";

#[derive(Default)]
struct Components {
    schemas: Map<String, Value>,
}

impl Components {
    fn operation(&mut self, operation: &Operation) -> Value {
        let mut value = json!({
            "operationId": operation.id,
            "tags": [operation.tag],
            "summary": operation.summary,
            "x-scope": <&str>::from(operation.scope),
            "security": security(operation.scope),
        });
        let fields = value.as_object_mut().expect("made above");
        if !operation.description.is_empty() {
            fields.insert("description".to_owned(), json!(operation.description));
        }
        if !operation.parameters.is_empty() {
            let parameters: Vec<Value> = operation.parameters.iter().map(|each| self.parameter(each)).collect();
            fields.insert("parameters".to_owned(), json!(parameters));
        }
        if let Some(body) = &operation.body {
            let body = json!({ "description": body.doc, "required": true, "content": self.contents(&body.contents) });
            fields.insert("requestBody".to_owned(), body);
        }
        let mut replies = with_common_problems(operation);
        replies.sort_by_key(|reply| reply.status);
        let replies: Map<String, Value> =
            replies.iter().map(|reply| (reply.status.to_string(), self.reply(reply))).collect();
        fields.insert("responses".to_owned(), Value::Object(replies));
        value
    }

    fn parameter(&mut self, parameter: &Parameter) -> Value {
        let place = match parameter.place {
            Place::Path => "path",
            Place::Query => "query",
            Place::Header => "header",
        };
        let mut value = json!({
            "name": parameter.name,
            "in": place,
            "required": parameter.required,
            "description": parameter.doc,
            "schema": self.hoist(&parameter.schema, None),
        });
        if let Some(example) = &parameter.example {
            value.as_object_mut().expect("made above").insert("example".to_owned(), example.clone());
        }
        value
    }

    fn reply(&mut self, reply: &Reply) -> Value {
        let mut value = json!({ "description": reply.doc });
        let fields = value.as_object_mut().expect("made above");
        if !reply.headers.is_empty() {
            let headers: Map<String, Value> = reply
                .headers
                .iter()
                .map(|header| {
                    let schema = self.hoist(&header.schema, None);
                    (header.name.to_owned(), json!({ "description": header.doc, "schema": schema }))
                })
                .collect();
            fields.insert("headers".to_owned(), Value::Object(headers));
        }
        if !reply.contents.is_empty() {
            fields.insert("content".to_owned(), self.contents(&reply.contents));
        }
        value
    }

    fn contents(&mut self, contents: &[Content]) -> Value {
        let contents = contents.iter().map(|content| {
            let mut value = json!({ "schema": self.hoist(&content.schema, None) });
            if let Some(example) = &content.example {
                value.as_object_mut().expect("made above").insert("example".to_owned(), example.clone());
            }
            (content.content_type.to_owned(), value)
        });
        Value::Object(contents.collect())
    }

    /// The schemas of everything that modules exchange.
    fn modules(&mut self, modules: &[ModuleSpec]) {
        let mut kinds: [(&str, &str, Vec<Value>); 4] = [
            ("Call", "A call of any module.", Vec::new()),
            ("Query", "A question to any module.", Vec::new()),
            ("View", "An answer of any module.", Vec::new()),
            ("Event", "An event of any module.", Vec::new()),
        ];
        for module in modules {
            let plain = |messages: &[MessageSpec]| {
                messages.iter().map(|message| (message.clone(), message.doc.clone())).collect::<Vec<_>>()
            };
            let groups = [
                module.calls.iter().map(|call| (call.message.clone(), meaning_of_call(call))).collect(),
                plain(&module.queries),
                plain(&module.views),
                plain(&module.events),
            ];
            for ((kind, _, choices), messages) in kinds.iter_mut().zip(groups) {
                let name = format!("{}{kind}", pascal(module.name));
                let mut choice = self.messages(module, &name, &messages);
                if *kind == "Call" {
                    choice.as_object_mut().expect("a schema").insert("x-errors".to_owned(), errors(&module.errors));
                }
                self.schemas.insert(name.clone(), choice);
                choices.push(one_field(module.name, &format!("{COMPONENTS}{name}"), module.name_zh));
            }
        }
        for (kind, doc, choices) in kinds {
            self.schemas.insert(kind.to_owned(), json!({ "description": doc, "oneOf": choices }));
        }
    }

    /// One choice for each message; the fields of each are a component of their own.
    fn messages(&mut self, module: &ModuleSpec, name: &str, messages: &[(MessageSpec, String)]) -> Value {
        let choices: Vec<Value> = messages
            .iter()
            .map(|(message, meaning)| {
                let own = format!("{name}{}", pascal(&message.name));
                let mut fields = self.hoist(&message.schema, Some(module.name));
                fields.as_object_mut().expect("fields are an object").insert("title".to_owned(), json!(own));
                self.schemas.insert(own.clone(), fields);
                one_field(&message.name, &format!("{COMPONENTS}{own}"), meaning)
            })
            .collect();
        json!({ "description": format!("{} ({})", module.name, module.name_zh), "oneOf": choices })
    }

    /// Moves a schema's definitions to the components and answers the schema with its references turned to them.
    fn hoist(&mut self, schema: &Value, module: Option<&str>) -> Value {
        let mut schema = schema.clone();
        let definitions = schema.as_object_mut().and_then(|fields| fields.shift_remove("$defs"));
        let Some(Value::Object(definitions)) = definitions else { return schema };
        // Names are changed until no definition differs from the component that has its name.
        let mut names: Map<String, Value> =
            definitions.keys().map(|name| (name.clone(), Value::String(name.clone()))).collect();
        loop {
            let turned = |value: &Value| turn_references(value, &names);
            let clashing: Vec<String> = definitions
                .iter()
                .filter(|(name, definition)| {
                    let present = names[*name].as_str().and_then(|component| self.schemas.get(component));
                    present.is_some_and(|present| *present != turned(definition))
                })
                .map(|(name, _)| name.clone())
                .collect();
            if clashing.is_empty() {
                for (name, definition) in &definitions {
                    let component = names[name].as_str().expect("names are texts").to_owned();
                    self.schemas.entry(component).or_insert_with(|| turned(definition));
                }
                return turned(&schema);
            }
            for name in clashing {
                let present = names[&name].as_str().expect("names are texts");
                let prefix = module.map_or_else(|| "Api".to_owned(), pascal);
                names.insert(name.clone(), Value::String(format!("{prefix}{present}")));
            }
        }
    }
}

impl Components {
    /// Takes out what nothing refers to: a message brings the definitions of all messages of its kind.
    fn drop_unused(&mut self, paths: &Map<String, Value>) {
        loop {
            let mut used = BTreeSet::new();
            for value in paths.values().chain(self.schemas.values()) {
                references(value, &mut used);
            }
            let unused: Vec<String> = self.schemas.keys().filter(|name| !used.contains(*name)).cloned().collect();
            if unused.is_empty() {
                return;
            }
            for name in unused {
                self.schemas.shift_remove(&name);
            }
        }
    }
}

/// The components that a value refers to.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            let reference = fields.get("$ref").and_then(Value::as_str);
            found.extend(reference.and_then(|reference| reference.strip_prefix(COMPONENTS)).map(str::to_owned));
            fields.values().for_each(|field| references(field, found));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

/// The schema with its references to definitions turned to components, by the names that these have there.
fn turn_references(value: &Value, names: &Map<String, Value>) -> Value {
    match value {
        Value::Object(fields) => {
            let turned = fields.iter().map(|(key, field)| {
                let reference = if key == "$ref" { field.as_str() } else { None };
                let name = reference.and_then(|reference| reference.strip_prefix(DEFINITIONS));
                let field = match name.and_then(|name| names.get(name)).and_then(Value::as_str) {
                    Some(component) => json!(format!("{COMPONENTS}{component}")),
                    None => turn_references(field, names),
                };
                (key.clone(), field)
            });
            Value::Object(turned.collect())
        }
        Value::Array(values) => Value::Array(values.iter().map(|value| turn_references(value, names)).collect()),
        plain => plain.clone(),
    }
}

/// An object with one field, as externally tagged enumerations are written.
fn one_field(name: &str, reference: &str, meaning: &str) -> Value {
    json!({
        "title": name,
        "description": meaning,
        "type": "object",
        "properties": { name: { "$ref": reference } },
        "required": [name],
        "additionalProperties": false,
    })
}

fn meaning_of_call(call: &CallSpec) -> String {
    let who = match call.access {
        Access::AnyAccount => "any account".to_owned(),
        Access::Role(role) => format!("accounts with the role `{role}`"),
        Access::Office(role) => format!("officers with the role `{role}` in the department that the call is about"),
    };
    format!("{} For {who}.", call.message.doc)
}

fn errors(errors: &[ErrorSpec]) -> Value {
    let errors = errors.iter().map(|error| {
        let how = codes::how(error.kind.into());
        json!({ "code": &*error.code, "message": error.message, "who": error.kind, "how": how })
    });
    Value::Array(errors.collect())
}

/// `register_batch` as `RegisterBatch`.
fn pascal(name: &str) -> String {
    let part = |part: &str| {
        let mut letters = part.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
    };
    name.split('_').map(part).collect()
}

/// Whoever may do it without a token today may not tomorrow: that is configuration. A token is never wrong.
fn security(scope: Scope) -> Value {
    match scope {
        Scope::Open => json!([]),
        Scope::Read | Scope::Submit => json!([{}, { "token": [] }]),
        Scope::Webhooks | Scope::Metrics | Scope::Admin => json!([{ "token": [] }]),
    }
}

/// The operation's replies and those that any operation may have.
fn with_common_problems(operation: &Operation) -> Vec<Reply> {
    let mut with = operation.clone().problems(&[codes::UNKNOWN_PARAMETER, codes::TIMEOUT, codes::RATE, codes::BUSY]);
    if operation.scope != Scope::Open {
        with = with.problems(&[
            codes::TOKEN_MISSING,
            codes::TOKEN_MALFORMED,
            codes::TOKEN_UNKNOWN,
            codes::TOKEN_EXPIRED,
            codes::TOKEN_REVOKED,
            codes::TOKEN_ADDRESS,
            codes::SCOPE,
        ]);
    }
    if operation.parameters.iter().any(|parameter| parameter.place != Place::Header) {
        with = with.problems(&[codes::MALFORMED]);
    }
    if operation.body.is_some() {
        with =
            with.problems(&[codes::BODY, codes::BODY_TOO_LARGE, codes::CONTENT_TYPE, codes::NOT_JSON, codes::TOO_DEEP]);
    }
    let takes_key = |parameter: &Parameter| parameter.name.eq_ignore_ascii_case("idempotency-key");
    if operation.body.is_some() || operation.parameters.iter().any(takes_key) {
        with = with.problems(&[
            codes::IDEMPOTENCY_KEY_MALFORMED,
            codes::IDEMPOTENCY_KEY_REUSED,
            codes::IDEMPOTENCY_KEY_IN_USE,
        ]);
    }
    with.replies
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_of_one_name_are_shared_where_equal_and_kept_apart_where_not() {
        let mut components = Components::default();
        let first = json!({ "$ref": "#/$defs/A", "$defs": { "A": { "items": { "$ref": "#/$defs/B" } }, "B": { "type": "string" } } });
        let other = json!({ "$ref": "#/$defs/A", "$defs": { "A": { "items": { "$ref": "#/$defs/B" } }, "B": { "type": "null" } } });
        assert_eq!(components.hoist(&first, None), json!({ "$ref": "#/components/schemas/A" }));
        assert_eq!(components.hoist(&first, Some("evidence")), json!({ "$ref": "#/components/schemas/A" }));
        assert_eq!(components.schemas.len(), 2);
        assert_eq!(components.hoist(&other, Some("evidence")), json!({ "$ref": "#/components/schemas/EvidenceA" }));
        assert_eq!(components.schemas["EvidenceA"], json!({ "items": { "$ref": "#/components/schemas/EvidenceB" } }));
        assert_eq!(components.schemas["B"], json!({ "type": "string" }));
    }

    #[test]
    fn each_group_of_operations_is_described() {
        for tag in document(&[])["tags"].as_array().expect("a list") {
            assert_ne!(tag["description"], "", "{tag}");
        }
    }

    #[test]
    fn names_become_pascal_case() {
        assert_eq!(pascal("register_batch"), "RegisterBatch");
    }

    #[test]
    fn no_reference_of_the_operations_dangles_but_those_that_modules_fill() {
        let document = document(&[]);
        let mut missing = Vec::new();
        collect(&document, &mut |reference| {
            let found = document.pointer(reference.strip_prefix('#').expect("a reference within the document"));
            if found.is_none() {
                missing.push(reference.to_owned());
            }
        });
        assert!(missing.is_empty(), "{missing:?}");
    }

    fn collect(value: &Value, found: &mut impl FnMut(&str)) {
        match value {
            Value::Object(fields) => {
                if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                    found(reference);
                }
                fields.values().for_each(|field| collect(field, found));
            }
            Value::Array(values) => values.iter().for_each(|value| collect(value, found)),
            _ => {}
        }
    }
}
