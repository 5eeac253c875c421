//! The description of a module, derived from its types and their doc comments. Command line, API, documents and the access
//! matrix are made from it; nothing is written twice.

use crate::{Access, ErrorKind, Module, ModuleError};
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value};
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
    let definitions = schema.get("$defs").cloned();
    let variants = schema.get("oneOf").and_then(Value::as_array).expect("messages are enumerations");
    variants.iter().map(|variant| message_of(variant, definitions.as_ref())).collect()
}

fn message_of(variant: &Value, definitions: Option<&Value>) -> MessageSpec {
    let properties = variant.get("properties").and_then(Value::as_object).expect("variants have named fields");
    let (name, fields) = properties.iter().next().expect("an externally tagged variant has its name as only key");
    let mut schema = fields.as_object().cloned().unwrap_or_else(Map::new);
    if let Some(definitions) = definitions {
        schema.insert("$defs".to_owned(), definitions.clone());
    }
    let doc = variant.get("description").and_then(Value::as_str).unwrap_or_default();
    MessageSpec { name: name.clone(), doc: doc.to_owned(), schema: Value::Object(schema) }
}
