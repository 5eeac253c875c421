//! Values made from JSON schemas: whatever has a schema has valid samples, and every text in it a place that is known.
//!
//! So a message that is added to a module is attacked without a line being added here.

use serde_json::{Map, Value};

/// One valid spelling of each code that has a form of its own, by the name of its type.
const CODES: [(&str, &str); 12] = [
    ("CitizenId", "11010519491231002X"),
    ("UnifiedSocialCreditCode", "91350100M000100Y43"),
    ("OrganisationCode", "59467239-9"),
    ("DivisionCode", "440115"),
    ("LongDivisionCode", "440115000000"),
    ("LicenceTypeCode", "11100000000013338W001"),
    ("LicenceIdentifier", "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U"),
    ("ItemBasicCode", ""),
    ("ItemImplementationCode", ""),
    ("CaseNumber", "20220623000068"),
    ("RealEstateUnitCode", ""),
    ("InvoiceNumber", ""),
];

/// How many values are made of one schema, so that every alternative of its choices is met.
pub const CHOICES: usize = 9;

/// What a text may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Words for people, of so many characters at most.
    Words(usize),
    /// Something with a form of its own: an identifier, a time, a choice.
    Formed,
}

/// A text inside a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where (RFC 6901).
    pub pointer: String,
    /// What may stand there.
    pub kind: Kind,
}

/// A value that fits the schema; `choice` picks among alternatives.
pub fn sample(schema: &Value, choice: usize) -> Value {
    Walk { definitions: schema.get("$defs"), choice }.value(schema)
}

/// All texts of a value that [`sample`] made of the schema.
pub fn places(schema: &Value, value: &Value) -> Vec<Place> {
    let mut found = Vec::new();
    let walk = Walk { definitions: schema.get("$defs"), choice: 0 };
    walk.places(schema, value, &mut String::new(), &mut found);
    found
}

/// The names of the types that the schema speaks of.
pub fn names(schema: &Value) -> Vec<String> {
    let title = schema.get("title").and_then(Value::as_str).map(str::to_owned);
    let definitions = schema.get("$defs").and_then(Value::as_object);
    title.into_iter().chain(definitions.into_iter().flat_map(Map::keys).cloned()).collect()
}

struct Walk<'a> {
    definitions: Option<&'a Value>,
    choice: usize,
}

impl Walk<'_> {
    fn definition(&self, schema: &Value) -> Option<(String, Value)> {
        let name = schema.get("$ref")?.as_str()?.strip_prefix("#/$defs/")?.to_owned();
        let definition = self.definitions?.get(&name).expect("what is referred to is defined").clone();
        Some((name, definition))
    }

    fn alternatives(schema: &Value) -> Option<&Vec<Value>> {
        schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array)
    }

    fn value(&self, schema: &Value) -> Value {
        if let Some((name, definition)) = self.definition(schema) {
            return code(&name).unwrap_or_else(|| self.value(&definition));
        }
        if let Some(code) = schema.get("title").and_then(Value::as_str).and_then(code) {
            return code; // the whole schema is that of a code: the key of a table
        }
        if let Some(constant) = schema.get("const") {
            return constant.clone();
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            return values[self.choice % values.len()].clone();
        }
        if let Some(alternatives) = Self::alternatives(schema) {
            return self.value(&alternatives[self.choice % alternatives.len()]);
        }
        match kind_of(schema, self.choice) {
            "null" => Value::Null,
            "boolean" => self.choice.is_multiple_of(2).into(),
            "integer" => number(schema, self.choice),
            "string" => text(schema).into(),
            "array" => self.list(schema),
            "object" => self.object(schema),
            other => panic!("a schema of the unknown type {other}: {schema}"),
        }
    }

    fn list(&self, schema: &Value) -> Value {
        if let Some(parts) = schema.get("prefixItems").and_then(Value::as_array) {
            return parts.iter().map(|part| self.value(part)).collect();
        }
        let items = schema.get("items").expect("a list says of what");
        let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0);
        let length = least.max(if self.choice < 2 { 1 } else { self.choice as u64 % 3 });
        (0..length).map(|_| self.value(items)).collect()
    }

    fn object(&self, schema: &Value) -> Value {
        let properties = schema.get("properties").and_then(Value::as_object);
        let fields = properties.into_iter().flatten().map(|(name, field)| (name.clone(), self.value(field)));
        Value::Object(fields.collect())
    }

    fn places(&self, schema: &Value, value: &Value, pointer: &mut String, found: &mut Vec<Place>) {
        if let Some((_, definition)) = self.definition(schema) {
            return self.places(&definition, value, pointer, found);
        }
        if let Some(alternatives) = Self::alternatives(schema) {
            let fits = alternatives.iter().find(|alternative| self.fits(alternative, value));
            return self.places(fits.expect("the value is of one of the alternatives"), value, pointer, found);
        }
        match value {
            Value::String(_) => {
                let is_formed = ["pattern", "format", "const", "enum"].iter().any(|key| schema.get(key).is_some());
                let characters = schema.get("maxLength").and_then(Value::as_u64).map(|max| max as usize);
                let kind = if is_formed { Kind::Formed } else { Kind::Words(characters.unwrap_or(usize::MAX)) };
                found.push(Place { pointer: pointer.clone(), kind });
            }
            Value::Array(values) => {
                let items = schema.get("items").expect("a list says of what");
                for (index, value) in values.iter().enumerate() {
                    self.below(items, value, &index.to_string(), pointer, found);
                }
            }
            Value::Object(fields) => {
                for (name, value) in fields {
                    let field = &schema["properties"][name];
                    self.below(field, value, name, pointer, found);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn below(&self, schema: &Value, value: &Value, step: &str, pointer: &mut String, found: &mut Vec<Place>) {
        let length = pointer.len();
        pointer.push('/');
        pointer.push_str(step);
        self.places(schema, value, pointer, found);
        pointer.truncate(length);
    }

    /// Whether the value is of this alternative, as far as samples need it: constants, types, and names of fields.
    fn fits(&self, schema: &Value, value: &Value) -> bool {
        if let Some((_, definition)) = self.definition(schema) {
            return self.fits(&definition, value);
        }
        if let Some(alternatives) = Self::alternatives(schema) {
            return alternatives.iter().any(|alternative| self.fits(alternative, value));
        }
        match value {
            Value::Null => kinds(schema).contains(&"null"),
            Value::String(text) => {
                let constant = schema.get("const").is_none_or(|constant| constant == text);
                kinds(schema).contains(&"string") && constant
            }
            Value::Object(fields) => fields.keys().all(|name| schema["properties"].get(name).is_some()),
            Value::Array(_) => kinds(schema).contains(&"array"),
            Value::Bool(_) => kinds(schema).contains(&"boolean"),
            Value::Number(_) => kinds(schema).contains(&"integer"),
        }
    }
}

fn kinds(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(kind)) => vec![kind],
        _ => vec!["object"],
    }
}

fn kind_of(schema: &Value, choice: usize) -> &str {
    let kinds = kinds(schema);
    kinds[choice % kinds.len()]
}

fn number(schema: &Value, choice: usize) -> Value {
    let least = schema.get("minimum").and_then(Value::as_i64).unwrap_or(0);
    let greatest = schema.get("maximum").and_then(Value::as_i64).unwrap_or(i64::MAX);
    (least + 1 + choice as i64).min(greatest).into()
}

fn code(name: &str) -> Option<Value> {
    let known = CODES.iter().find(|(code, text)| *code == name && !text.is_empty());
    known.map(|(_, text)| (*text).into())
}

/// Some words, as many characters as there may be.
fn words(schema: &Value) -> String {
    let characters = schema.get("maxLength").and_then(Value::as_u64).unwrap_or(u64::MAX);
    "许可系统".chars().take(usize::try_from(characters).unwrap_or(usize::MAX)).collect()
}

fn text(schema: &Value) -> String {
    if schema.get("format").is_some_and(|format| format == "date-time") {
        return "2026-01-01T00:00:00.000Z".to_owned();
    }
    let Some(pattern) = schema.get("pattern").and_then(Value::as_str) else { return words(schema) };
    let rest = pattern.strip_prefix("^([0-9a-f]{2})").expect("codes with another pattern stand in the table of codes");
    let digits = rest.trim_matches(['{', '}', '$']);
    "07".repeat(digits.parse().unwrap_or(32))
}
