//! Facts of a case (情形要素): the answers of a form that conditions decide by, given openly.
//!
//! Which steps apply, which materials are needed and whether somebody is eligible must be decided by every node, so the answers that
//! conditions refer to stand on the ledger. **All other answers are refused here**: they are personal data, stay in the vault, and are on the
//! ledger as one salted commitment to the whole form.

use crate::conditions::{Condition, Value};
use crate::forms::{Answers, Form};
use crate::item_rules::conditions_of;
use crate::items::Item;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use tongban_types::{List, Text, codec};

/// Facts of one case.
pub const FACTS_MAX: usize = 32;

/// Bytes of all encoded facts of one case: with the rest of an application they fit a call.
pub const FACTS_BYTES_MAX: usize = 12 * 1024;

/// All facts of a case, at most [`FACTS_BYTES_MAX`] bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Facts(List<Fact, FACTS_MAX>);

/// Facts are more than a case may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a case has at most {FACTS_MAX} facts and {FACTS_BYTES_MAX} bytes of them")]
pub struct TooManyFacts;

impl Facts {
    /// Takes facts, or says that they are too many.
    pub fn new(facts: Vec<Fact>) -> Result<Self, TooManyFacts> {
        let facts = List::new(facts).map_err(|_| TooManyFacts)?;
        if codec::encode(&facts).len() > FACTS_BYTES_MAX { Err(TooManyFacts) } else { Ok(Self(facts)) }
    }
}

impl Deref for Facts {
    type Target = [Fact];

    fn deref(&self) -> &[Fact] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Facts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let facts = List::<Fact, FACTS_MAX>::deserialize(deserializer)?;
        Self::new(facts.into_vec()).map_err(serde::de::Error::custom)
    }
}

/// One answer that conditions decide by. No personal data: only fields that a condition of the item refers to are accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// The path of the field, such as `address.town`.
    pub field: Text<80>,
    /// The answer.
    pub value: FactValue,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FactValue {
    /// True or false.
    Truth(bool),
    /// A whole number.
    Number(i64),
    /// A text.
    Text(Text<100>),
    /// A list of truth values.
    Truths(List<bool, 16>),
    /// A list of numbers.
    Numbers(List<i64, 16>),
    /// A list of texts.
    Texts(List<Text<100>, 16>),
    /// A table with so many rows; what stands in them is nobody's business here.
    Rows(u16),
}

/// Why facts do not fit an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FactError {
    /// No condition refers to the field, or it is given twice.
    #[error("a fact is no field that a condition refers to, or stands twice")]
    Unasked,
    /// The form does not admit the answer.
    #[error("a fact does not fit its field of the form")]
    Unfit,
    /// A field that must be filled in and that conditions refer to is missing.
    #[error("a fact is missing that conditions decide by")]
    Missing,
    /// With these facts a condition cannot be decided.
    #[error("a condition cannot be decided by these facts")]
    Undecided,
}

/// The facts as answers, unchecked.
pub fn answers(facts: &[Fact]) -> Answers {
    Answers::new(facts.iter().map(|fact| (fact.field.to_string(), value(&fact.value))).collect())
}

fn value(value: &FactValue) -> Value {
    match value {
        FactValue::Truth(truth) => Value::Truth(*truth),
        FactValue::Number(number) => Value::Number(*number),
        FactValue::Text(text) => Value::Text(text.to_string()),
        FactValue::Truths(entries) => Value::List(entries.iter().copied().map(Value::Truth).collect()),
        FactValue::Numbers(entries) => Value::List(entries.iter().copied().map(Value::Number).collect()),
        FactValue::Texts(entries) => Value::List(entries.iter().map(|text| Value::Text(text.to_string())).collect()),
        FactValue::Rows(rows) => Value::Rows(usize::from(*rows)),
    }
}

/// The facts of a filled-in form: what its item's conditions refer to, as far as it was filled in, and nothing else of it.
pub fn of(item: &Item, answers: &Answers) -> Result<Facts, FactError> {
    let form = Form::parse(&item.form).map_err(|_| FactError::Unfit)?;
    let conditions: Vec<Condition> =
        conditions_of(item).iter().filter_map(|(_, text)| Condition::new(text, &form).ok()).collect();
    let asked: BTreeSet<&str> = conditions.iter().flat_map(Condition::fields).collect();
    let mut facts = Vec::new();
    for (field, answer) in asked.into_iter().filter_map(|field| Some((field, answers.get(field)?))) {
        let field = Text::new(field).map_err(|_| FactError::Unfit)?;
        facts.push(Fact { field, value: fact_value(answer).ok_or(FactError::Unfit)? });
    }
    Facts::new(facts).map_err(|_| FactError::Unfit)
}

/// The answer as a fact; none where it is longer than a fact may be, or a list of different things.
fn fact_value(answer: &Value) -> Option<FactValue> {
    Some(match answer {
        Value::Truth(truth) => FactValue::Truth(*truth),
        Value::Number(number) => FactValue::Number(*number),
        Value::Text(text) => FactValue::Text(Text::new(text.as_str()).ok()?),
        Value::Rows(rows) => FactValue::Rows(u16::try_from(*rows).ok()?),
        Value::List(entries) => match entries.first() {
            Some(Value::Truth(_)) => FactValue::Truths(entries_of(entries, |entry| match entry {
                Value::Truth(truth) => Some(*truth),
                _ => None,
            })?),
            Some(Value::Number(_)) => FactValue::Numbers(entries_of(entries, |entry| match entry {
                Value::Number(number) => Some(*number),
                _ => None,
            })?),
            Some(Value::Text(_)) | None => FactValue::Texts(entries_of(entries, |entry| match entry {
                Value::Text(text) => Text::new(text.as_str()).ok(),
                _ => None,
            })?),
            Some(Value::List(_) | Value::Rows(_)) => return None,
        },
    })
}

fn entries_of<T, const MAX: usize>(entries: &[Value], entry: impl Fn(&Value) -> Option<T>) -> Option<List<T, MAX>> {
    List::new(entries.iter().map(entry).collect::<Option<_>>()?).ok()
}

/// Checks facts against an item: they are exactly what its conditions need, and every condition can be decided by them.
pub fn check(item: &Item, facts: &[Fact]) -> Result<Answers, FactError> {
    let Ok(form) = Form::parse(&item.form) else { return Err(FactError::Unfit) }; // never, for what was published
    let conditions: Vec<Condition> =
        conditions_of(item).iter().filter_map(|(_, text)| Condition::new(text, &form).ok()).collect();
    let asked: BTreeSet<&str> = conditions.iter().flat_map(Condition::fields).collect();
    let mut given: BTreeMap<&str, Value> = BTreeMap::new();
    for fact in facts {
        if !asked.contains(&*fact.field) || given.insert(&fact.field, value(&fact.value)).is_some() {
            return Err(FactError::Unasked);
        }
    }
    if given.iter().any(|(field, value)| !form.admits(field, value)) {
        return Err(FactError::Unfit);
    }
    let is_required = |field: &&str| form.field(field).is_some_and(|field| field.required);
    if asked.iter().filter(|field| is_required(field)).any(|field| !given.contains_key(field)) {
        return Err(FactError::Missing);
    }
    let answers = answers(facts);
    if conditions.iter().any(|condition| condition.holds(&answers).is_err()) {
        return Err(FactError::Undecided);
    }
    Ok(answers)
}
