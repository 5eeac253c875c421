//! What modules there are: their calls, questions and refusals, as the program itself has them.

use super::Given;
use crate::backend::{Rejection, RejectionKind};
use crate::caching::{Keep, Tagged, tag_schema};
use crate::codes;
use crate::extract::Path;
use crate::surface::{Endpoint, Operation, Parameter, Reply, Scope};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use tongban_kernel::{Access, ErrorSpec, MessageSpec, ModuleSpec};

/// All modules of the program.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ModuleList {
    /// The modules, in the order of their introduction.
    pub modules: Vec<ModuleDescription>,
}

/// One module.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ModuleDescription {
    /// Its name: the first half of its codes and tables, and the field that names it in JSON.
    pub name: String,
    /// Its Chinese name.
    pub name_zh: String,
    /// What accounts can ask for.
    pub calls: Vec<MessageDescription>,
    /// What can be asked of its records.
    pub queries: Vec<MessageDescription>,
    /// The answers.
    pub views: Vec<MessageDescription>,
    /// What has happened.
    pub events: Vec<MessageDescription>,
    /// Why a call is refused, in order of precedence.
    pub errors: Vec<ErrorDescription>,
}

/// A call, question, answer or event.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct MessageDescription {
    /// Its name in JSON.
    pub name: String,
    /// What it means.
    pub meaning: String,
    /// Of a call: `any_account`, or the role that the account must hold.
    pub access: Option<String>,
    /// The JSON schema (2020-12) of its fields.
    pub schema: Map<String, Value>,
}

/// Why a call is refused.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ErrorDescription {
    /// The stable code.
    pub code: String,
    /// What is the matter.
    pub message: String,
    /// Who must act.
    pub who: RejectionKind,
    /// What that one can do.
    pub how: String,
}

impl From<&ModuleSpec> for ModuleDescription {
    fn from(spec: &ModuleSpec) -> Self {
        let plain = |messages: &[MessageSpec]| messages.iter().map(|message| describe(message, None)).collect();
        let calls = spec.calls.iter().map(|call| {
            let access = match call.access {
                Access::AnyAccount => "any_account".to_owned(),
                Access::Role(role) | Access::Office(role) => role.to_string(),
            };
            describe(&call.message, Some(access))
        });
        Self {
            name: spec.name.to_owned(),
            name_zh: spec.name_zh.to_owned(),
            calls: calls.collect(),
            queries: plain(&spec.queries),
            views: plain(&spec.views),
            events: plain(&spec.events),
            errors: spec.errors.iter().map(ErrorDescription::from).collect(),
        }
    }
}

fn describe(message: &MessageSpec, access: Option<String>) -> MessageDescription {
    let schema = message.schema.as_object().cloned().unwrap_or_default();
    MessageDescription { name: message.name.clone(), meaning: message.doc.clone(), access, schema }
}

impl From<&ErrorSpec> for ErrorDescription {
    fn from(error: &ErrorSpec) -> Self {
        let who = error.kind.into();
        Self { code: error.code.to_string(), message: error.message.clone(), who, how: codes::how(who).to_owned() }
    }
}

/// The answers of this area. They are large and stay the same while the program runs, so they are made once: anybody may ask for them.
pub(crate) struct Answers {
    all: Tagged,
    each: BTreeMap<&'static str, Tagged>,
}

impl Answers {
    /// The answers for these modules.
    pub(crate) fn new(specs: &[ModuleSpec]) -> Self {
        let modules: Vec<ModuleDescription> = specs.iter().map(ModuleDescription::from).collect();
        let each = specs.iter().zip(&modules);
        let each = each.map(|(spec, module)| (spec.name, Tagged::json(Keep::AskAgain, module))).collect();
        Self { all: Tagged::json(Keep::AskAgain, &ModuleList { modules }), each }
    }
}

/// The area's operations.
pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::new(modules_operation(), modules), Endpoint::new(module_operation(), module)]
}

fn modules_operation() -> Operation {
    Operation::get("modules", "/v1/modules", Scope::Read)
        .about("modules", "All modules", "Calls with who may make them, questions, answers, events and codes.")
        .reply(Reply::json::<ModuleList>(200, "The modules.").header("ETag", "Changes with the program.", tag_schema()))
        .not_modified()
}

async fn modules(State(context): Given, headers: HeaderMap) -> Response {
    context.modules.all.answer(&headers)
}

fn module_operation() -> Operation {
    let name = json!({ "type": "string", "pattern": "^[a-z_]{1,64}$" });
    Operation::get("module", "/v1/modules/{module}", Scope::Read)
        .about("modules", "One module", "")
        .parameter(Parameter::path("module", "The module's name.", name).example(json!("evidence")))
        .reply(Reply::json::<ModuleDescription>(200, "The module.").header(
            "ETag",
            "Changes with the program.",
            tag_schema(),
        ))
        .not_modified()
        .problems(&[codes::NO_SUCH_MODULE])
}

async fn module(State(context): Given, headers: HeaderMap, Path(name): Path<String>) -> Result<Response, Rejection> {
    let module = context.modules.each.get(&*name).ok_or_else(|| codes::NO_SUCH_MODULE.rejection())?;
    Ok(module.answer(&headers))
}
