//! The one description of every operation: routes, scopes, the OpenAPI document and its tests come from it.
//!
//! Each file in `routes` lists its [`Endpoint`]s: an [`Operation`] and its handler, side by side. The router is built from that list,
//! so an operation without a handler, or a handler without its description, cannot be written down.

use crate::backend::RejectionKind;
use crate::codes::Code;
use crate::extract::{Rules, keep};
use crate::problem::{Problem, status_of};
use crate::routes::{self, Shared};
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::routing::{MethodFilter, MethodRouter, on};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};

/// What a caller must be allowed to do.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    strum::EnumIter,
    strum::IntoStaticStr,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Nothing: whether the node lives and is ready.
    Open,
    /// Read what is final.
    Read,
    /// Submit transactions.
    Submit,
    /// Have events sent to oneself.
    Webhooks,
    /// Read the node's figures.
    Metrics,
    /// Everything else.
    Admin,
}

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the path.
    Path,
    /// Behind the question mark.
    Query,
    /// Among the headers.
    Header,
}

/// A parameter of an operation.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Where it stands.
    pub place: Place,
    /// Whether it must be there.
    pub required: bool,
    /// What it means.
    pub doc: &'static str,
    /// Its JSON schema.
    pub schema: Value,
    /// A value that shows its form.
    pub example: Option<Value>,
}

/// A body of one content type.
#[derive(Clone, Debug)]
pub struct Content {
    /// The content type.
    pub content_type: &'static str,
    /// Its JSON schema, complete with the definitions it uses under `$defs`.
    pub schema: Value,
    /// A body that shows its form.
    pub example: Option<Value>,
}

/// What is sent.
#[derive(Clone, Debug)]
pub struct Body {
    /// What it is.
    pub doc: &'static str,
    /// In each form that is read.
    pub contents: Vec<Content>,
}

/// A header of an answer.
#[derive(Clone, Debug)]
pub struct Header {
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub doc: &'static str,
    /// Its JSON schema.
    pub schema: Value,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// When it is given, and what it says.
    pub doc: String,
    /// In each form that is written.
    pub contents: Vec<Content>,
    /// Headers worth naming.
    pub headers: Vec<Header>,
}

/// What can be asked of a node: one method at one address.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Its identifier in camel case, from which programs derive the names of functions.
    pub id: &'static str,
    /// The method.
    pub method: Method,
    /// The address as a template: `/v1/receipts/{number}`.
    pub path: &'static str,
    /// What the caller must be allowed to do.
    pub scope: Scope,
    /// The group it belongs to.
    pub tag: &'static str,
    /// A few words.
    pub summary: &'static str,
    /// Some sentences, in Markdown.
    pub description: &'static str,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// What is sent.
    pub body: Option<Body>,
    /// What is answered; problems that any operation may have are added where the document is made.
    pub replies: Vec<Reply>,
}

/// An operation and what carries it out.
pub(crate) struct Endpoint {
    pub(crate) operation: Operation,
    pub(crate) handler: MethodRouter<Shared>,
}

impl Endpoint {
    /// Joins an operation with its handler.
    pub(crate) fn new<H, T>(operation: Operation, handler: H) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        let method = operation.method.clone();
        let filter = MethodFilter::try_from(method).expect("operations use common methods");
        let rules = Arc::new(Rules::of(&operation));
        let keep = from_fn(move |request: Request, next: Next| keep(rules.clone(), request, next));
        Self { operation, handler: on(filter, handler).route_layer(keep) }
    }
}

/// Every operation, in the order of the document.
pub fn operations() -> Vec<Operation> {
    routes::endpoints().into_iter().map(|endpoint| endpoint.operation).collect()
}

/// What a caller must be allowed to do for this method at this address (a template, as axum's `MatchedPath` has it). What is
/// unknown needs [`Scope::Admin`]; a known address with a method that it does not know needs what its first operation does, and is
/// answered with 405.
pub fn scope_of(method: &Method, path: &str) -> Scope {
    static SCOPES: LazyLock<Vec<(Method, &'static str, Scope)>> = LazyLock::new(|| {
        operations().into_iter().map(|operation| (operation.method, operation.path, operation.scope)).collect()
    });
    if routes::is_of_page(path) {
        return Scope::Open;
    }
    let method = if *method == Method::HEAD { &Method::GET } else { method };
    let of_path = || SCOPES.iter().filter(|(_, known, _)| *known == path);
    let exact = of_path().find(|(known, _, _)| known == method);
    exact.or_else(|| of_path().next()).map_or(Scope::Admin, |(_, _, scope)| *scope)
}

/// The schema of the OpenAPI document with this name. `Call`, `Query`, `View` and `Event` are made from the modules.
pub fn component(name: &str) -> Schema {
    json_schema!({ "$ref": format!("#/components/schemas/{name}") })
}

/// The schema of a type as it is written in answers, with the definitions it uses.
pub fn written<T: JsonSchema>() -> Value {
    schema::<T>(SchemaSettings::draft2020_12().for_serialize())
}

/// The schema of a type as it is read from bodies, with the definitions it uses.
pub fn read<T: JsonSchema>() -> Value {
    schema::<T>(SchemaSettings::draft2020_12().for_deserialize())
}

fn schema<T: JsonSchema>(settings: SchemaSettings) -> Value {
    let mut generator = settings.into_generator();
    let mut schema = generator.subschema_for::<T>();
    let definitions = generator.take_definitions(true);
    if !definitions.is_empty() {
        schema.insert("$defs".to_owned(), definitions.into());
    }
    schema.to_value()
}

impl Operation {
    fn new(method: Method, id: &'static str, path: &'static str, scope: Scope) -> Self {
        Self {
            id,
            method,
            path,
            scope,
            tag: "",
            summary: "",
            description: "",
            parameters: Vec::new(),
            body: None,
            replies: Vec::new(),
        }
    }

    /// An operation that reads.
    pub fn get(id: &'static str, path: &'static str, scope: Scope) -> Self {
        Self::new(Method::GET, id, path, scope)
    }

    /// An operation that sends.
    pub fn post(id: &'static str, path: &'static str, scope: Scope) -> Self {
        Self::new(Method::POST, id, path, scope)
    }

    /// An operation that replaces.
    pub fn put(id: &'static str, path: &'static str, scope: Scope) -> Self {
        Self::new(Method::PUT, id, path, scope)
    }

    /// An operation that changes parts.
    pub fn patch(id: &'static str, path: &'static str, scope: Scope) -> Self {
        Self::new(Method::PATCH, id, path, scope)
    }

    /// An operation that removes.
    pub fn delete(id: &'static str, path: &'static str, scope: Scope) -> Self {
        Self::new(Method::DELETE, id, path, scope)
    }

    /// The group, a few words and some sentences.
    #[must_use]
    pub fn about(mut self, tag: &'static str, summary: &'static str, description: &'static str) -> Self {
        (self.tag, self.summary, self.description) = (tag, summary, description);
        self
    }

    /// Adds a parameter.
    #[must_use]
    pub fn parameter(mut self, parameter: Parameter) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// Adds a form in which the body is read.
    #[must_use]
    pub fn body(mut self, doc: &'static str, contents: Vec<Content>) -> Self {
        self.body = Some(Body { doc, contents });
        self
    }

    /// Adds an answer.
    #[must_use]
    pub fn reply(mut self, reply: Reply) -> Self {
        self.replies.push(reply);
        self
    }

    /// Adds the answer to callers that have the body already, and the header with which they say so.
    #[must_use]
    pub fn not_modified(self) -> Self {
        let tags = json!({ "type": "string" });
        self.parameter(Parameter::header("If-None-Match", "Tags of bodies that the caller has.", tags))
            .reply(Reply::of(304, "The caller has it already.", Vec::new()))
    }

    /// Adds the answers for these codes, one for each status.
    #[must_use]
    pub fn problems(mut self, codes: &[Code]) -> Self {
        for code in codes {
            let status = status_of(code.kind, Some(code)).as_u16();
            let line = format!("`{}`: {}", code.code, code.message);
            match self.replies.iter_mut().find(|reply| reply.status == status) {
                Some(reply) if reply.doc.contains(&line) => {}
                Some(reply) => reply.doc = format!("{}; {line}", reply.doc),
                None => self.replies.push(Reply::problem(status, line)),
            }
        }
        self
    }

    /// Adds the answers for refusals of modules, which may be of these kinds.
    #[must_use]
    pub fn refusals(mut self, kinds: &[RejectionKind]) -> Self {
        for kind in kinds {
            let status = status_of(*kind, None).as_u16();
            match self.replies.iter_mut().find(|reply| reply.status == status) {
                Some(reply) => reply.doc += "; a module's refusal",
                None => self.replies.push(Reply::problem(status, "a module's refusal".to_owned())),
            }
        }
        self
    }
}

impl Parameter {
    /// A part of the path.
    pub fn path(name: &'static str, doc: &'static str, schema: Value) -> Self {
        Self { name, place: Place::Path, required: true, doc, schema, example: None }
    }

    /// A part behind the question mark that may be absent.
    pub fn query(name: &'static str, doc: &'static str, schema: Value) -> Self {
        Self { name, place: Place::Query, required: false, doc, schema, example: None }
    }

    /// A header that may be absent.
    pub fn header(name: &'static str, doc: &'static str, schema: Value) -> Self {
        Self { name, place: Place::Header, required: false, doc, schema, example: None }
    }

    /// It must be there.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Adds a value that shows its form.
    #[must_use]
    pub fn example(mut self, example: Value) -> Self {
        self.example = Some(example);
        self
    }
}

impl Content {
    /// JSON that is read.
    pub fn json_read<T: JsonSchema>() -> Self {
        Self { content_type: "application/json", schema: read::<T>(), example: None }
    }

    /// JSON that is written.
    pub fn json_written<T: JsonSchema>() -> Self {
        Self { content_type: "application/json", schema: written::<T>(), example: None }
    }

    /// Text or bytes of another type.
    pub fn of(content_type: &'static str, schema: Value) -> Self {
        Self { content_type, schema, example: None }
    }

    /// Adds a body that shows its form.
    #[must_use]
    pub fn example(mut self, example: Value) -> Self {
        self.example = Some(example);
        self
    }
}

impl Reply {
    /// An answer in JSON.
    pub fn json<T: JsonSchema>(status: u16, doc: impl Into<String>) -> Self {
        Self { status, doc: doc.into(), contents: vec![Content::json_written::<T>()], headers: Vec::new() }
    }

    /// An answer of another type.
    pub fn of(status: u16, doc: impl Into<String>, contents: Vec<Content>) -> Self {
        Self { status, doc: doc.into(), contents, headers: Vec::new() }
    }

    /// A problem document.
    pub fn problem(status: u16, doc: String) -> Self {
        let content = Content { content_type: "application/problem+json", schema: written::<Problem>(), example: None };
        let headers = match StatusCode::from_u16(status) {
            Ok(StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) => {
                vec![Header {
                    name: "Retry-After",
                    doc: "When it makes sense to try again, in seconds.",
                    schema: json!({ "type": "integer", "minimum": 0 }),
                }]
            }
            _ => Vec::new(),
        };
        Self { status, doc, contents: vec![content], headers }
    }

    /// Names a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, doc: &'static str, schema: Value) -> Self {
        self.headers.push(Header { name, doc, schema });
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_operation_is_described_once() {
        let operations = operations();
        let ids: BTreeSet<&str> = operations.iter().map(|operation| operation.id).collect();
        assert_eq!(ids.len(), operations.len(), "identifiers are unique");
        let places: BTreeSet<(&str, &str)> =
            operations.iter().map(|operation| (operation.method.as_str(), operation.path)).collect();
        assert_eq!(places.len(), operations.len(), "one operation for each method at each address");
        for operation in &operations {
            assert!(!operation.tag.is_empty() && !operation.summary.is_empty(), "{} says nothing", operation.id);
            assert!(operation.replies.iter().any(|reply| reply.status < 300), "{} never succeeds", operation.id);
        }
    }

    #[test]
    fn parameters_in_the_path_are_those_of_the_template() {
        for operation in operations() {
            let in_template: BTreeSet<&str> = operation
                .path
                .split('/')
                .filter_map(|part| part.strip_prefix('{').and_then(|part| part.strip_suffix('}')))
                .collect();
            let in_path = operation.parameters.iter().filter(|parameter| parameter.place == Place::Path);
            let described: BTreeSet<&str> = in_path.map(|parameter| parameter.name).collect();
            assert_eq!(in_template, described, "{}", operation.id);
        }
    }

    #[test]
    fn what_is_unknown_needs_an_administrator() {
        assert_eq!(scope_of(&Method::GET, "/v1/secrets"), Scope::Admin);
        assert_eq!(scope_of(&Method::GET, "/v1/receipts/1"), Scope::Admin, "a template is asked for, not an address");
        assert_eq!(scope_of(&Method::GET, "/health"), Scope::Open);
        assert_eq!(scope_of(&Method::HEAD, "/v1/receipts"), Scope::Read);
        assert_eq!(scope_of(&Method::POST, "/v1/transactions"), Scope::Submit);
        assert_eq!(scope_of(&Method::TRACE, "/v1/transactions"), Scope::Submit);
    }
}
