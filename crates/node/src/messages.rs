//! `tongban call` and `tongban query`: commands made from the modules' descriptions, so that help, arguments and completion
//! are never written twice.
//!
//! Each field of a message is an option. Fields of a nested object are options with a dot (`--source.system`); lists and
//! choices with fields are given as JSON. A field `key` is the option `--public-key`, since `--key` is the file that signs; calls that
//! register a new key take its file as well ([`NEW_KEY`]). Questions about a time are about now where it is left out ([`AT`]).

use anyhow::{Context, bail};
use clap::builder::{PathBufValueParser, PossibleValue};
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Map, Value};
use tongban_kernel::{Access, MessageSpec, ModuleSpec};
use tongban_types::Time;

/// The option that names the file of a new key, in place of its public half and of what shows that the private one is there.
pub const NEW_KEY: &str = "new-key";
/// The fields for which it stands.
pub const OF_NEW_KEY: [&str; 2] = ["key", "possession"];

/// The field of a query that says at which time. Without it the question is about now, the time of the node's last block: the clock of
/// whoever asks may be ahead of it, and what lies ahead is a forecast.
pub const AT: &str = "at";

/// Which messages a command is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What accounts can ask for.
    Call,
    /// What can be asked of the state.
    Query,
}

/// The command with one subcommand for each module and, below, for each message.
pub fn command(kind: Kind, specs: &[ModuleSpec]) -> Command {
    let (name, about) = match kind {
        Kind::Call => ("call", "Act on the ledger: sign a call and wait until it is final"),
        Kind::Query => ("query", "Ask a module about the current state"),
    };
    let mut command = Command::new(name).about(about).subcommand_required(true).arg_required_else_help(true);
    for spec in specs {
        let about = format!("{} ({})", spec.name_zh, spec.name);
        let mut module = Command::new(spec.name).about(about).subcommand_required(true).arg_required_else_help(true);
        for (message, access) in messages(kind, spec) {
            module = module.subcommand(message_command(message, access));
        }
        command = command.subcommand(module);
    }
    command
}

fn messages(kind: Kind, spec: &ModuleSpec) -> Vec<(&MessageSpec, Option<Access>)> {
    match kind {
        Kind::Call => spec.calls.iter().map(|call| (&call.message, Some(call.access))).collect(),
        Kind::Query => spec.queries.iter().map(|query| (query, None)).collect(),
    }
}

fn message_command(message: &MessageSpec, access: Option<Access>) -> Command {
    let mut command = Command::new(message.name.replace('_', "-")).about(message.doc.clone());
    command = match access {
        Some(Access::AnyAccount) => command.after_help("Any account may make this call."),
        Some(Access::Role(role)) => command.after_help(format!("Needs the role '{role}'.")),
        Some(Access::Office(role)) => {
            command.after_help(format!("Needs the role '{role}' in the department that the call is about."))
        }
        None => command,
    };
    let fields = fields(&message.schema);
    if access.is_none() {
        return command.args(fields.iter().map(Field::argument_of_query));
    }
    if !registers_key(&fields) {
        return command.args(fields.iter().map(Field::argument));
    }
    let in_place_of_file = |field: &Field| {
        let argument = field.argument();
        if !field.is_of_new_key() {
            return argument;
        }
        argument.required(false).required_unless_present(NEW_KEY).conflicts_with(NEW_KEY)
    };
    let [key, possession] = OF_NEW_KEY.map(option_name);
    let file = Arg::new(NEW_KEY)
        .long(NEW_KEY)
        .value_name("FILE")
        .value_parser(PathBufValueParser::new())
        .help(format!("The file of the new key, in place of --{key} and --{possession}"));
    command.args(fields.iter().map(in_place_of_file)).arg(file)
}

/// Whether a message brings a new key to the ledger, with the signature that shows that its private half is there.
fn registers_key(fields: &[Field]) -> bool {
    OF_NEW_KEY.iter().all(|name| fields.iter().any(|field| field.path == [*name]))
}

/// What a field at the top of a message is called on the command line.
fn option_name(field: &str) -> String {
    match field {
        "key" => "public-key".to_owned(),
        other => other.replace('_', "-"),
    }
}

/// One option: where its value goes and what it may be.
struct Field {
    path: Vec<String>,
    doc: String,
    required: bool,
    shape: Shape,
}

#[derive(Clone, PartialEq)]
enum Shape {
    Text,
    Number,
    Truth,
    Choice(Vec<(String, String)>),
    Json,
}

impl Field {
    fn name(&self) -> String {
        match &self.path[..] {
            [only] => option_name(only),
            path => path.join(".").replace('_', "-"),
        }
    }

    fn is_of_new_key(&self) -> bool {
        OF_NEW_KEY.iter().any(|name| self.path == [*name])
    }

    fn argument_of_query(&self) -> Arg {
        let argument = self.argument();
        if self.path != [AT] {
            return argument;
        }
        argument.required(false).help(format!("{} Without it: at the time of the node's last block", self.doc))
    }

    fn argument(&self) -> Arg {
        let name = self.name();
        let value_name = match &self.shape {
            Shape::Text => "TEXT",
            Shape::Number => "NUMBER",
            Shape::Truth => "true|false",
            Shape::Choice(_) => "CHOICE",
            Shape::Json => "JSON",
        };
        let argument = Arg::new(name.clone())
            .long(name)
            .help(self.doc.clone())
            .required(self.required)
            .value_name(value_name)
            .action(ArgAction::Set);
        match &self.shape {
            Shape::Choice(choices) => argument.value_parser(
                choices
                    .iter()
                    .map(|(value, doc)| PossibleValue::new(value.clone()).help(doc.clone()))
                    .collect::<Vec<_>>(),
            ),
            _ => argument,
        }
    }

    fn parse(&self, text: &str) -> anyhow::Result<Value> {
        Ok(match self.shape {
            Shape::Text | Shape::Choice(_) => Value::String(text.to_owned()),
            Shape::Number => {
                let number: u64 = text.parse().with_context(|| format!("--{} needs a number", self.name()))?;
                number.into()
            }
            Shape::Truth => text.parse().map(Value::Bool).with_context(|| format!("--{}", self.name()))?,
            Shape::Json => serde_json::from_str(text).with_context(|| format!("--{} needs JSON", self.name()))?,
        })
    }
}

fn fields(schema: &Value) -> Vec<Field> {
    let definitions = schema.get("$defs").cloned().unwrap_or(Value::Null);
    let mut found = Vec::new();
    collect_fields(schema, &definitions, &mut Vec::new(), true, &mut found);
    found
}

fn collect_fields(schema: &Value, definitions: &Value, path: &mut Vec<String>, required: bool, found: &mut Vec<Field>) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    let required_names = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    for (name, property) in properties {
        let (resolved, optional) = resolve(property, definitions);
        let required = required && !optional && required_names.iter().any(|required| required == name);
        path.push(name.clone());
        if resolved.get("properties").is_some() && path.len() < 4 {
            collect_fields(&resolved, definitions, path, required, found);
        } else {
            let own_doc = property.get("description").or_else(|| resolved.get("description"));
            let doc = own_doc.and_then(Value::as_str).unwrap_or_default().to_owned();
            found.push(Field { path: path.clone(), doc, required, shape: shape_of(&resolved) });
        }
        path.pop();
    }
}

/// Follows references and takes the null out of "this or null".
fn resolve(schema: &Value, definitions: &Value) -> (Value, bool) {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix("#/$defs/")) {
        return resolve(definitions.get(name).unwrap_or(&Value::Null), definitions);
    }
    if let Some(choices) = schema.get("anyOf").and_then(Value::as_array) {
        let is_null = |choice: &Value| choice.get("type").is_some_and(|kind| kind == "null");
        if let [only] = choices.iter().filter(|choice| !is_null(choice)).collect::<Vec<_>>()[..] {
            let optional = choices.iter().any(is_null);
            let (resolved, inner_optional) = resolve(only, definitions);
            return (resolved, optional || inner_optional);
        }
    }
    let nullable =
        schema.get("type").and_then(Value::as_array).is_some_and(|kinds| kinds.iter().any(|kind| kind == "null"));
    (schema.clone(), nullable)
}

fn shape_of(schema: &Value) -> Shape {
    let choices = |key: &str| schema.get(key).and_then(Value::as_array).cloned();
    if let Some(values) = choices("enum") {
        return Shape::Choice(
            values.iter().filter_map(Value::as_str).map(|value| (value.into(), String::new())).collect(),
        );
    }
    if let Some(variants) = choices("oneOf") {
        let constants: Option<Vec<(String, String)>> = variants
            .iter()
            .map(|variant| {
                let doc = variant.get("description").and_then(Value::as_str).unwrap_or_default();
                Some((variant.get("const")?.as_str()?.to_owned(), doc.to_owned()))
            })
            .collect();
        return constants.map_or(Shape::Json, Shape::Choice);
    }
    let kind = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().find(|kind| *kind != "null"),
        other => other,
    };
    match kind.and_then(Value::as_str) {
        Some("string") => Shape::Text,
        Some("integer") => Shape::Number,
        Some("boolean") => Shape::Truth,
        _ => Shape::Json,
    }
}

/// The message that a command line spells, as JSON: module, name, fields.
pub fn message(kind: Kind, specs: &[ModuleSpec], matches: &ArgMatches) -> anyhow::Result<Value> {
    let (module, matches) = matches.subcommand().context("name a module")?;
    let spec = specs.iter().find(|spec| spec.name == module).with_context(|| format!("no module {module}"))?;
    let (name, matches) = matches.subcommand().context("name a message")?;
    let found = messages(kind, spec).into_iter().find(|(message, _)| message.name.replace('_', "-") == name);
    let Some((message, _)) = found else { bail!("the module {module} has no {name}") };
    let mut content = Map::new();
    for field in fields(&message.schema) {
        if let Some(text) = matches.get_one::<String>(&field.name()) {
            insert(&mut content, &field.path, field.parse(text)?);
        }
    }
    Ok(serde_json::json!({ module: { message.name.clone(): content } }))
}

/// Whether a question is about a time and does not say which.
pub fn lacks_time(specs: &[ModuleSpec], question: &Value) -> bool {
    let Some((module, message)) = only_entry(question) else { return false };
    let Some((name, content)) = only_entry(message) else { return false };
    let queries = specs.iter().filter(|spec| spec.name == module).flat_map(|spec| &spec.queries);
    let mut asked = queries.filter(|query| query.name == *name).flat_map(|query| fields(&query.schema));
    asked.any(|field| field.path == [AT]) && content.get(AT).is_none()
}

/// Has a question be about this time.
pub fn set_time(question: &mut Value, time: Time) {
    let message = question.as_object_mut().and_then(|modules| modules.values_mut().next());
    let content = message.and_then(Value::as_object_mut).and_then(|messages| messages.values_mut().next());
    if let Some(content) = content.and_then(Value::as_object_mut) {
        content.insert(AT.to_owned(), Value::String(time.to_string()));
    }
}

fn only_entry(value: &Value) -> Option<(&String, &Value)> {
    value.as_object().and_then(|entries| entries.iter().next())
}

fn insert(object: &mut Map<String, Value>, path: &[String], value: Value) {
    match path {
        [] => {}
        [last] => {
            object.insert(last.clone(), value);
        }
        [first, rest @ ..] => {
            let child = object.entry(first.clone()).or_insert_with(|| Value::Object(Map::new()));
            if let Some(child) = child.as_object_mut() {
                insert(child, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tongban_modules::{Call, Query, specs};

    fn parse(kind: Kind, line: &str) -> anyhow::Result<Value> {
        let specs = specs();
        let matches = command(kind, &specs).no_binary_name(true).try_get_matches_from(line.split_whitespace())?;
        message(kind, &specs, &matches)
    }

    #[test]
    fn a_call_is_spelt_on_the_command_line() {
        let id = "11".repeat(16);
        let root = "22".repeat(32);
        let value = parse(
            Kind::Call,
            &format!(
                "evidence register-batch --id {id} --source.object-type document --source.system permits \
                 --source.method export --source.operator {id} --source.collected-at 2026-01-01T00:00:00Z \
                 --root {root} --leaves 7"
            ),
        )
        .expect("a good line");
        let call: Call = serde_json::from_value(value).expect("a call");
        let Call::Evidence(tongban_modules::evidence::Call::RegisterBatch { leaves, previous, .. }) = call else {
            panic!("another call: {call:?}")
        };
        assert_eq!((leaves, previous), (7, None));
    }

    #[test]
    fn every_message_can_be_spelt() {
        let specs = specs();
        for kind in [Kind::Call, Kind::Query] {
            command(kind, &specs).debug_assert();
        }
        let query: Query =
            serde_json::from_value(parse(Kind::Query, "network members").expect("a good line")).expect("a query");
        assert_eq!(query, Query::Network(tongban_modules::network::Query::Members {}));
    }

    #[test]
    fn a_question_without_a_time_is_about_now() {
        let specs = specs();
        let case = "why --case 11519900MB9012235G3510131001000202611220001";
        let mut question = parse(Kind::Query, &format!("cases {case}")).expect("a good line");
        assert!(lacks_time(&specs, &question));
        set_time(&mut question, "2026-11-22T08:00:00.000Z".parse().expect("a time"));
        assert!(!lacks_time(&specs, &question));
        let spelt = parse(Kind::Query, &format!("cases {case} --at 2026-11-22T08:00:00.000Z")).expect("a good line");
        assert_eq!(question, spelt);
        assert!(Query::from_json(question).is_ok());
        let timeless = parse(Kind::Query, "network members").expect("a good line");
        assert!(!lacks_time(&specs, &timeless), "it knows no time");
    }

    #[test]
    fn wrong_lines_are_refused() {
        assert!(parse(Kind::Query, "network calendar").is_err(), "a required option is missing");
        assert!(parse(Kind::Query, "network calendar --year soon").is_err());
        assert!(parse(Kind::Query, "weather today").is_err());
        assert!(parse(Kind::Call, "identity grant-role --account 00 --role king").is_err());
    }

    #[test]
    fn a_new_key_is_named_by_its_file_or_by_its_public_half_with_its_possession() {
        for (line, is_right) in [
            ("add-key --new-key new.json", true),
            ("add-key --public-key 02 --possession 03", true),
            ("add-key --public-key 02", false),
            ("add-key --new-key new.json --possession 03", false),
            ("add-key --new-key new.json --public-key 02", false),
            ("add-key", false),
            ("rotate-key --old 01 --new-key new.json", true),
            ("rotate-key --new-key new.json", false),
            ("open-account --kind person --new-key new.json", true),
            ("revoke-key --public-key 02", true),
            ("revoke-key --new-key old.json", false),
        ] {
            assert_eq!(parse(Kind::Call, &format!("identity {line}")).is_ok(), is_right, "{line}");
        }
        let value = parse(Kind::Call, "identity add-key --public-key 02 --possession 03").expect("a good line");
        let expected = serde_json::json!({ "identity": { "add_key": { "key": "02", "possession": "03" } } });
        assert_eq!(value, expected, "the field keeps its name in the call");
    }
}
