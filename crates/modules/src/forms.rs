//! Forms of service items (申请表单): a closed part of JSON Schema 2020-12.
//!
//! A form is an object of named fields. Its text is JSON without blanks between the tokens and without repeated keys, so that one
//! form has one spelling. Allowed keywords are listed in [`keywords`]; all else is refused by name, above all `$ref` (nothing is
//! fetched), `pattern` (dialects of regular expressions differ) and `number` (floating point). What is left means what the standard
//! says. `format` is a note to whoever draws the form, but for codes of people, bodies and places: `citizen-id`, `credit-code` and
//! `division-code` are rules, and an answer that cannot be such a code is refused.
//!
//! One keyword is ours. A field that a department already holds names the licence type and the field there, as a material does with
//! `held_as`: `"x-held-as":{"licence_type":"11100000MB0143028R001","field":"credit_code"}`. It can be proposed to the applicant with his
//! consent (see `held`); answers are checked without it.

use crate::conditions::{Kind, Value};
use crate::expressions::is_field_name;
use crate::items::HeldAs;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use strum::{EnumIter, IntoStaticStr};
use tongban_types::Text;
use tongban_types::codes::{CitizenId, DivisionCode, LicenceTypeCode, UnifiedSocialCreditCode};

/// Characters of one form's text.
pub const FORM_CHARS_MAX: usize = 16_000;
/// Problems of one filled-in form that are told at once.
pub const ANSWER_PROBLEMS_MAX: usize = 100;
/// How deep groups and tables may nest.
pub const FORM_DEPTH_MAX: usize = 4;
/// Fields of one form, those of groups included.
pub const FORM_FIELDS_MAX: usize = 200;
/// The dialect that `$schema` may name.
pub const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
/// What `format` may say.
pub const FORMATS: [&str; 9] =
    ["date", "date-time", "email", "uri", "mobile", "citizen-id", "credit-code", "division-code", "cents"];

/// A form that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    root: Node,
    fields: BTreeMap<String, Field>,
    held: BTreeMap<String, HeldAs>,
}

/// A field that conditions can read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// What its answers are.
    pub kind: Kind,
    /// Whether it, and every group around it, must be filled in.
    pub required: bool,
}

/// What a filled-in form says, by the paths of its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers(BTreeMap<String, Value>);

impl Answers {
    /// Answers by path.
    pub fn new(answers: BTreeMap<String, Value>) -> Self {
        Self(answers)
    }

    /// The answer of a field, if it was filled in.
    pub fn get(&self, path: &str) -> Option<&Value> {
        self.0.get(path)
    }
}

/// Why a text is no form, and where: the way to the place, such as `properties/area`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem} (at `{place}`)")]
pub struct FormError {
    /// Where.
    pub place: String,
    /// What.
    pub problem: FormProblem,
}

/// What is wrong with a form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormProblem {
    /// Not JSON, not in its one spelling, or with a value where another kind belongs.
    #[error("{0}")]
    Malformed(&'static str),
    /// A keyword that forms may not use there.
    #[error("the keyword `{0}` is not allowed here")]
    Keyword(String),
    /// A `$ref`.
    #[error("references are not allowed: write the field out")]
    Reference,
    /// A note about a licence that holds the field, and is none.
    #[error("{0}")]
    Held(&'static str),
    /// Too deep, or too many fields.
    #[error("a form has at most 200 fields and nests at most 4 deep")]
    TooLarge,
}

/// Why answers do not fit a form. What was answered is not repeated, as it may be personal data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct AnswerError {
    /// The field.
    pub place: String,
    /// What is wrong with its answer.
    pub problem: AnswerProblem,
}

/// Which rule of its field an answer breaks; the name is a stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum AnswerProblem {
    /// `additionalProperties`, or a path that leads nowhere.
    #[error("the form has no such field")]
    FieldUnknown,
    /// `required`.
    #[error("this field must be filled in")]
    FieldMissing,
    /// `type: object`.
    #[error("a group of fields is expected")]
    NoGroup,
    /// `type: array`.
    #[error("a list is expected")]
    NoList,
    /// `minItems`, `maxItems`.
    #[error("the list has too few or too many entries")]
    ListLength,
    /// `uniqueItems`.
    #[error("an entry stands twice")]
    EntryTwice,
    /// `type: string`.
    #[error("a text is expected")]
    NoText,
    /// `minLength`, `maxLength`.
    #[error("the text is too short or too long")]
    TextLength,
    /// `enum`.
    #[error("this is none of the choices")]
    NoChoice,
    /// `format: citizen-id`.
    #[error("this is no number of a citizen, of 18 characters whose check fits")]
    CitizenNumber,
    /// `format: credit-code`.
    #[error("this is no unified social credit code, of 18 characters whose check fits")]
    CreditCode,
    /// `format: division-code`.
    #[error("this is no code of a division, of 6 digits")]
    DivisionCode,
    /// `type: integer`.
    #[error("a whole number is expected")]
    NoNumber,
    /// `minimum`, `maximum`.
    #[error("the number is too small or too large")]
    NumberBounds,
    /// `type: boolean`.
    #[error("true or false is expected")]
    NoTruth,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    Group { fields: BTreeMap<String, Node>, required: Vec<String> },
    List { entry: Box<Node>, least: usize, most: usize, unique: bool },
    Text { least: usize, most: usize, choices: Vec<Json>, code: Option<Code> },
    Number { least: i64, most: i64, choices: Vec<Json> },
    Truth,
}

/// A code that answers are held to: its form and its check, and nothing that needs a clock or a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Code {
    Citizen,
    Credit,
    Division,
}

impl Code {
    /// The code that a `format` names, if it names one.
    fn named(format: &str) -> Option<Self> {
        Some(match format {
            "citizen-id" => Self::Citizen,
            "credit-code" => Self::Credit,
            "division-code" => Self::Division,
            _ => return None,
        })
    }

    /// Why the text is none.
    fn problem(self, text: &str) -> Option<AnswerProblem> {
        let (is_code, problem) = match self {
            Self::Citizen => (text.parse::<CitizenId>().is_ok(), AnswerProblem::CitizenNumber),
            Self::Credit => (text.parse::<UnifiedSocialCreditCode>().is_ok(), AnswerProblem::CreditCode),
            Self::Division => (text.parse::<DivisionCode>().is_ok(), AnswerProblem::DivisionCode),
        };
        (!is_code).then_some(problem)
    }
}

/// The keywords that may stand beside a `type`.
pub fn keywords(kind: &str) -> &'static [&'static str] {
    match kind {
        "object" => &["properties", "required", "additionalProperties"],
        "array" => &["items", "minItems", "maxItems", "uniqueItems"],
        "string" => &["minLength", "maxLength", "enum", "format", HELD],
        "integer" => &["minimum", "maximum", "enum", "format", HELD],
        "boolean" => &[HELD],
        _ => &[],
    }
}

/// The keyword for a field that a department already holds in a licence.
pub const HELD: &str = "x-held-as";

/// The keywords that may stand anywhere: notes to people.
const NOTES: [&str; 5] = ["type", "title", "description", "default", "examples"];

impl Form {
    /// Reads a form.
    pub fn parse(text: &str) -> Result<Self, FormError> {
        let error = |problem| Err(FormError { place: String::new(), problem });
        if text.chars().count() > FORM_CHARS_MAX {
            return error(FormProblem::TooLarge);
        }
        let Ok(mut json) = serde_json::from_str::<Json>(text) else {
            return error(FormProblem::Malformed("the form is no JSON"));
        };
        if serde_json::to_string(&json).ok().as_deref() != Some(text) {
            return error(FormProblem::Malformed("the form has blanks between its tokens, or a key twice"));
        }
        if !is_whole(&json) {
            return error(FormProblem::Malformed("a form has whole numbers only"));
        }
        if let Some(dialect) = json.as_object_mut().and_then(|object| object.shift_remove("$schema"))
            && dialect != DIALECT
        {
            return error(FormProblem::Malformed("`$schema` can only name the draft 2020-12"));
        }
        let mut count = 0;
        let root = node(&json, "", 0, &mut count)?;
        if !matches!(root, Node::Group { .. }) {
            return error(FormProblem::Malformed("a form is an object with properties"));
        }
        let mut fields = BTreeMap::new();
        collect(&root, "", true, &mut fields);
        let mut held = BTreeMap::new();
        collect_held(&json, "", "", &mut held)?;
        Ok(Self { root, fields, held })
    }

    /// The fields that a department already holds in a licence, by path.
    pub fn held(&self) -> impl Iterator<Item = (&str, &HeldAs)> {
        self.held.iter().map(|(path, held)| (path.as_str(), held))
    }

    /// Checks the answer of one field by itself, such as one that is proposed. The path is that of [`Form::field`].
    pub fn check_field(&self, path: &str, answer: &Json) -> Result<(), AnswerError> {
        let mut node = &self.root;
        for name in path.split('.') {
            match node {
                Node::Group { fields, .. } if fields.contains_key(name) => node = &fields[name],
                _ => return Err(AnswerError { place: path.to_owned(), problem: AnswerProblem::FieldUnknown }),
            }
        }
        first_problem(node, answer, path)
    }

    /// The field at a path such as `address.town`; none for a group.
    pub fn field(&self, path: &str) -> Option<&Field> {
        self.fields.get(path)
    }

    /// All fields that conditions can read, by path.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &Field)> {
        self.fields.iter().map(|(path, field)| (path.as_str(), field))
    }

    /// Whether a value can be the answer of the field at a path, without the rest of the form. Of a table only the number of rows is told.
    pub fn admits(&self, path: &str, answer: &Value) -> bool {
        let node = path.split('.').try_fold(&self.root, |node, name| match node {
            Node::Group { fields, .. } => fields.get(name),
            Node::List { .. } | Node::Text { .. } | Node::Number { .. } | Node::Truth => None,
        });
        match (node, answer) {
            (Some(Node::List { entry, least, most, .. }), Value::Rows(rows)) => {
                matches!(**entry, Node::Group { .. }) && (*least..=*most).contains(rows)
            }
            (Some(Node::Group { .. }) | None, _) | (_, Value::Rows(_)) => false,
            (Some(node), answer) => json(answer).is_some_and(|answer| first_problem(node, &answer, path).is_ok()),
        }
    }

    /// Checks a filled-in form and takes its answers.
    pub fn answers(&self, filled: &Json) -> Result<Answers, AnswerError> {
        first_problem(&self.root, filled, "form")?;
        let mut answers = BTreeMap::new();
        take(filled, "", &mut answers);
        Ok(Answers(answers))
    }

    /// All that is wrong with a filled-in form, the first [`ANSWER_PROBLEMS_MAX`] of it; nothing where [`Form::answers`] takes it.
    pub fn problems(&self, filled: &Json) -> Vec<AnswerError> {
        let mut found = Vec::new();
        check(&self.root, filled, "form", ANSWER_PROBLEMS_MAX, &mut found);
        found
    }
}

/// Whether no number in it is a fraction or too large: how such numbers are read and written depends on a library's settings.
fn is_whole(json: &Json) -> bool {
    match json {
        Json::Number(number) => number.as_i64().is_some(),
        Json::Array(values) => values.iter().all(is_whole),
        Json::Object(fields) => fields.values().all(is_whole),
        Json::Null | Json::Bool(_) | Json::String(_) => true,
    }
}

fn join(path: &str, name: &str, sign: char) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}{sign}{name}") }
}

fn node(schema: &Json, place: &str, depth: usize, count: &mut usize) -> Result<Node, FormError> {
    let error = |problem| Err(FormError { place: place.to_owned(), problem });
    *count += 1;
    if depth > FORM_DEPTH_MAX || *count > FORM_FIELDS_MAX {
        return error(FormProblem::TooLarge);
    }
    let Some(object) = schema.as_object() else {
        return error(FormProblem::Malformed("a field is described by an object"));
    };
    if object.keys().any(|key| key.contains("ef") && key.starts_with('$')) {
        return error(FormProblem::Reference); // $ref, $dynamicRef, $defs
    }
    let Some(kind) = object.get("type").and_then(Json::as_str) else {
        return error(FormProblem::Malformed("a field has one `type`"));
    };
    if !["object", "array", "string", "integer", "boolean"].contains(&kind) {
        return error(FormProblem::Malformed("a `type` is object, array, string, integer or boolean"));
    }
    let is_allowed = |key: &&String| NOTES.contains(&key.as_str()) || keywords(kind).contains(&key.as_str());
    if let Some(key) = object.keys().find(|key| !is_allowed(key)) {
        return error(FormProblem::Keyword(key.clone()));
    }
    if ["title", "description"].iter().any(|key| object.get(*key).is_some_and(|note| !note.is_string())) {
        return error(FormProblem::Malformed("`title` and `description` are texts"));
    }
    match kind {
        "object" => group(object, place, depth, count),
        "array" => list(object, place, depth, count),
        "string" => {
            if object.get("format").is_some_and(|format| !FORMATS.iter().any(|known| format == known)) {
                return error(FormProblem::Malformed("this `format` is not known"));
            }
            let choices = choices(object, place, Json::is_string)?;
            let (least, most) = (bound(object, "minLength", place)?, bound(object, "maxLength", place)?);
            let code = object.get("format").and_then(Json::as_str).and_then(Code::named);
            Ok(Node::Text { least: least.unwrap_or(0), most: most.unwrap_or(usize::MAX), choices, code })
        }
        "integer" => {
            let limit = |key: &str, otherwise: i64| match object.get(key) {
                None => Ok(otherwise),
                Some(limit) => limit.as_i64().ok_or_else(|| FormError {
                    place: join(place, key, '/'),
                    problem: FormProblem::Malformed("a whole number is expected"),
                }),
            };
            let (least, most) = (limit("minimum", i64::MIN)?, limit("maximum", i64::MAX)?);
            Ok(Node::Number { least, most, choices: choices(object, place, |choice| choice.as_i64().is_some())? })
        }
        _ => Ok(Node::Truth),
    }
}

type Object = serde_json::Map<String, Json>;

fn group(object: &Object, place: &str, depth: usize, count: &mut usize) -> Result<Node, FormError> {
    let error = |place: String, problem| FormError { place, problem: FormProblem::Malformed(problem) };
    if object.get("additionalProperties").is_some_and(|more| *more != Json::Bool(false)) {
        return Err(error(join(place, "additionalProperties", '/'), "a form can only refuse further fields"));
    }
    let properties = object.get("properties").and_then(Json::as_object);
    let Some(properties) = properties.filter(|properties| !properties.is_empty()) else {
        return Err(error(place.to_owned(), "an object has `properties`"));
    };
    let mut fields = BTreeMap::new();
    for (name, schema) in properties {
        let place = join(&join(place, "properties", '/'), name, '/');
        if !is_field_name(name) {
            return Err(error(place, "a field's name is made of lower-case letters, digits and underscores"));
        }
        fields.insert(name.clone(), node(schema, &place, depth + 1, count)?);
    }
    let mut required = Vec::new();
    if let Some(names) = object.get("required") {
        let place = join(place, "required", '/');
        let names = names.as_array().ok_or_else(|| error(place.clone(), "`required` is a list of names"))?;
        for name in names {
            match name.as_str() {
                Some(name) if fields.contains_key(name) && !required.iter().any(|known| known == name) => {
                    required.push(name.to_owned());
                }
                _ => return Err(error(place, "`required` names fields of this object, each once")),
            }
        }
    }
    Ok(Node::Group { fields, required })
}

fn list(object: &Object, place: &str, depth: usize, count: &mut usize) -> Result<Node, FormError> {
    let error = |problem| FormError { place: place.to_owned(), problem: FormProblem::Malformed(problem) };
    let items = object.get("items").ok_or_else(|| error("an array has `items`"))?;
    let entry = node(items, &join(place, "items", '/'), depth + 1, count)?;
    if matches!(entry, Node::List { .. }) {
        return Err(error("a list holds no lists"));
    }
    let unique = match object.get("uniqueItems") {
        None => false,
        Some(unique) => unique.as_bool().ok_or_else(|| error("`uniqueItems` is true or false"))?,
    };
    let (least, most) = (bound(object, "minItems", place)?, bound(object, "maxItems", place)?);
    Ok(Node::List { entry: Box::new(entry), least: least.unwrap_or(0), most: most.unwrap_or(usize::MAX), unique })
}

fn bound(object: &Object, key: &str, place: &str) -> Result<Option<usize>, FormError> {
    let Some(bound) = object.get(key) else { return Ok(None) };
    match bound.as_u64().and_then(|bound| usize::try_from(bound).ok()) {
        Some(bound) => Ok(Some(bound)),
        None => Err(FormError {
            place: join(place, key, '/'),
            problem: FormProblem::Malformed("a whole number of at least 0 is expected"),
        }),
    }
}

fn choices(object: &Object, place: &str, fits: fn(&Json) -> bool) -> Result<Vec<Json>, FormError> {
    let Some(choices) = object.get("enum") else { return Ok(Vec::new()) };
    match choices.as_array() {
        Some(choices) if !choices.is_empty() && choices.iter().all(fits) => Ok(choices.clone()),
        _ => Err(FormError {
            place: join(place, "enum", '/'),
            problem: FormProblem::Malformed("`enum` lists values of the field's type"),
        }),
    }
}

/// Finds the fields that are held in licences, and refuses what is no such note or stands where no answer can be proposed.
fn collect_held(schema: &Json, place: &str, path: &str, found: &mut BTreeMap<String, HeldAs>) -> Result<(), FormError> {
    let Some(object) = schema.as_object() else { return Ok(()) };
    if let Some(note) = object.get(HELD) {
        let held = held_as(note).map_err(|problem| FormError { place: join(place, HELD, '/'), problem })?;
        found.insert(path.to_owned(), held);
    }
    for (name, field) in object.get("properties").and_then(Json::as_object).into_iter().flatten() {
        let place = join(&join(place, "properties", '/'), name, '/');
        collect_held(field, &place, &join(path, name, '.'), found)?;
    }
    if let Some(items) = object.get("items") {
        let mut in_list = BTreeMap::new();
        let place = join(place, "items", '/');
        collect_held(items, &place, path, &mut in_list)?;
        if !in_list.is_empty() {
            let problem = FormProblem::Held("a field of a list has no one answer that a licence could hold");
            return Err(FormError { place, problem });
        }
    }
    Ok(())
}

fn held_as(note: &Json) -> Result<HeldAs, FormProblem> {
    let malformed = FormProblem::Held("`x-held-as` has a `licence_type`, a code of 21 characters, and a `field` of it");
    let text = |key: &str| note.get(key).and_then(Json::as_str);
    let has_two_keys = note.as_object().is_some_and(|note| note.len() == 2);
    match (text("licence_type"), text("field")) {
        (Some(code), Some(field)) if has_two_keys && !field.is_empty() && code.parse::<LicenceTypeCode>().is_ok() => {
            let field = Text::new(field).map_err(|_| malformed)?;
            Ok(HeldAs { licence_type: Text::new(code).expect("a type's code has 21 characters"), field: Some(field) })
        }
        _ => Err(malformed),
    }
}

fn collect(node: &Node, path: &str, required: bool, found: &mut BTreeMap<String, Field>) {
    let kind = match node {
        Node::Group { fields, required: names } => {
            for (name, field) in fields {
                collect(field, &join(path, name, '.'), required && names.contains(name), found);
            }
            return;
        }
        Node::List { entry, .. } => match **entry {
            Node::Text { .. } => Kind::Texts,
            Node::Number { .. } => Kind::Numbers,
            Node::Truth => Kind::Truths,
            Node::Group { .. } | Node::List { .. } => Kind::Rows,
        },
        Node::Text { .. } => Kind::Text,
        Node::Number { .. } => Kind::Number,
        Node::Truth => Kind::Truth,
    };
    found.insert(path.to_owned(), Field { kind, required });
}

/// The first rule that an answer breaks.
fn first_problem(node: &Node, answer: &Json, place: &str) -> Result<(), AnswerError> {
    let mut found = Vec::new();
    check(node, answer, place, 1, &mut found);
    found.pop().map_or(Ok(()), Err)
}

/// Finds the rules that an answer breaks, in the order of what was filled in, and stops behind `most` of them.
fn check(node: &Node, answer: &Json, place: &str, most: usize, found: &mut Vec<AnswerError>) {
    if found.len() >= most {
        return;
    }
    let problem = match node {
        Node::Group { fields, required } => return check_group(fields, required, answer, place, most, found),
        Node::List { entry, least, most: entries_max, unique } => {
            let Some(answers) = answer.as_array() else { return add(found, most, place, AnswerProblem::NoList) };
            if !(*least..=*entries_max).contains(&answers.len()) {
                return add(found, most, place, AnswerProblem::ListLength);
            }
            if *unique && answers.iter().enumerate().any(|(index, answer)| answers[..index].contains(answer)) {
                add(found, most, place, AnswerProblem::EntryTwice);
            }
            for (index, answer) in answers.iter().enumerate() {
                check(entry, answer, &format!("{place}[{index}]"), most, found);
            }
            None
        }
        Node::Text { least, most, choices, code } => check_text(answer, *least, *most, choices, *code),
        Node::Number { least, most, choices } => check_number(answer, *least, *most, choices),
        Node::Truth => (!answer.is_boolean()).then_some(AnswerProblem::NoTruth),
    };
    if let Some(problem) = problem {
        add(found, most, place, problem);
    }
}

fn add(found: &mut Vec<AnswerError>, most: usize, place: &str, problem: AnswerProblem) {
    if found.len() < most {
        found.push(AnswerError { place: place.to_owned(), problem });
    }
}

fn check_group(
    fields: &BTreeMap<String, Node>,
    required: &[String],
    answer: &Json,
    place: &str,
    most: usize,
    found: &mut Vec<AnswerError>,
) {
    let Some(answers) = answer.as_object() else { return add(found, most, place, AnswerProblem::NoGroup) };
    for name in required.iter().filter(|name| !answers.contains_key(*name)) {
        add(found, most, &join(place, name, '.'), AnswerProblem::FieldMissing);
    }
    for (name, answer) in answers {
        let place = join(place, name, '.');
        match fields.get(name) {
            Some(field) => check(field, answer, &place, most, found),
            None => add(found, most, &place, AnswerProblem::FieldUnknown),
        }
    }
}

fn check_text(answer: &Json, least: usize, most: usize, choices: &[Json], code: Option<Code>) -> Option<AnswerProblem> {
    let Some(text) = answer.as_str() else { return Some(AnswerProblem::NoText) };
    if !(least..=most).contains(&text.chars().count()) {
        return Some(AnswerProblem::TextLength);
    }
    if !choices.is_empty() && !choices.contains(answer) {
        return Some(AnswerProblem::NoChoice);
    }
    code.and_then(|code| code.problem(text))
}

fn check_number(answer: &Json, least: i64, most: i64, choices: &[Json]) -> Option<AnswerProblem> {
    let Some(number) = answer.as_i64() else { return Some(AnswerProblem::NoNumber) };
    if !(least..=most).contains(&number) {
        return Some(AnswerProblem::NumberBounds);
    }
    (!choices.is_empty() && !choices.contains(answer)).then_some(AnswerProblem::NoChoice)
}

/// The answers of a form that was checked.
fn take(answer: &Json, path: &str, answers: &mut BTreeMap<String, Value>) {
    if let Some(fields) = answer.as_object() {
        fields.iter().for_each(|(name, field)| take(field, &join(path, name, '.'), answers));
    } else if let Some(value) = value(answer) {
        answers.insert(path.to_owned(), value);
    }
}

fn value(answer: &Json) -> Option<Value> {
    Some(match answer {
        Json::Bool(truth) => Value::Truth(*truth),
        Json::Number(number) => Value::Number(number.as_i64()?),
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(rows) if rows.iter().any(Json::is_object) => Value::Rows(rows.len()),
        Json::Array(entries) => Value::List(entries.iter().map(value).collect::<Option<_>>()?),
        Json::Object(_) | Json::Null => return None,
    })
}

/// The answer as it stands in a filled-in form; none for a table.
fn json(answer: &Value) -> Option<Json> {
    Some(match answer {
        Value::Truth(truth) => Json::from(*truth),
        Value::Number(number) => Json::from(*number),
        Value::Text(text) => Json::from(text.clone()),
        Value::List(entries) => Json::Array(entries.iter().map(json).collect::<Option<_>>()?),
        Value::Rows(_) => return None,
    })
}
