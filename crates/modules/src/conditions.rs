//! Conditions of service items (适用条件): what an expression may read, what kind it is, and whether it holds.
//!
//! A condition is checked once, when its item is published, against the fields of the item's form: unknown fields and operands that
//! do not fit are refused there. Afterwards evaluation can fail in two ways only, each with its reason: a field that was left blank is
//! read, or a number becomes too large. As in CEL, `&&` and `||` overlook such a failure where the other side decides.

use crate::expressions::{self, Constant, Expression, Operator, SyntaxError, TextQuestion};
use crate::forms::{Answers, Form};

/// What an expression or a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// True or false.
    Truth,
    /// A whole number.
    Number,
    /// A text.
    Text,
    /// A list of truth values.
    Truths,
    /// A list of numbers.
    Numbers,
    /// A list of texts.
    Texts,
    /// A table of the form; only its size can be asked.
    Rows,
}

impl Kind {
    /// The list of such values.
    pub fn list(self) -> Option<Self> {
        match self {
            Self::Truth => Some(Self::Truths),
            Self::Number => Some(Self::Numbers),
            Self::Text => Some(Self::Texts),
            Self::Truths | Self::Numbers | Self::Texts | Self::Rows => None,
        }
    }
}

/// An answer of a form, or what an expression comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// True or false.
    Truth(bool),
    /// A whole number.
    Number(i64),
    /// A text.
    Text(String),
    /// A list of the three above.
    List(Vec<Value>),
    /// A table of so many rows.
    Rows(usize),
}

/// Why a text is no condition for a form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConditionError {
    /// It cannot be read.
    #[error(transparent)]
    Syntax(SyntaxError),
    /// The form has no such field, or it is a group of fields.
    #[error("the form has no field `{0}`")]
    UnknownField(String),
    /// Operands do not fit together, or it comes to something else than true or false.
    #[error("the kinds of values do not fit: {0}")]
    WrongKind(&'static str),
}

/// Why a condition cannot be decided for these answers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undecided {
    /// A field that was left blank is read; ask `has(…)` first.
    #[error("the field `{0}` was left blank")]
    Blank(String),
    /// A number becomes larger than 64 bits.
    #[error("a number is too large")]
    TooLarge,
    /// The condition was never checked against this form.
    #[error("the condition does not fit the form")]
    Unchecked,
}

/// A condition that fits a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition(Expression);

impl Condition {
    /// Reads a condition and checks it against a form.
    pub fn new(text: &str, form: &Form) -> Result<Self, ConditionError> {
        let expression = expressions::parse(text).map_err(ConditionError::Syntax)?;
        if kind(&expression, form)? != Kind::Truth {
            return Err(ConditionError::WrongKind("a condition is true or false"));
        }
        Ok(Self(expression))
    }

    /// Whether it holds for these answers.
    pub fn holds(&self, answers: &Answers) -> Result<bool, Undecided> {
        truth(&self.0, answers)
    }

    /// The fields that it reads or asks for, each once.
    pub fn fields(&self) -> Vec<&str> {
        let (mut read, mut asked) = (Vec::new(), Vec::new());
        collect(&self.0, &mut read, &mut asked);
        read.append(&mut asked);
        read.sort_unstable();
        read.dedup();
        read
    }

    /// Fields that may be left blank and are read without `has(…)` anywhere, each once.
    pub fn unguarded<'a>(&'a self, form: &Form) -> Vec<&'a str> {
        let (mut read, mut asked) = (Vec::new(), Vec::new());
        collect(&self.0, &mut read, &mut asked);
        read.retain(|path| form.field(path).is_some_and(|field| !field.required) && !asked.contains(path));
        read.sort_unstable();
        read.dedup();
        read
    }
}

/// Whether a condition that was checked when its item was published holds for these answers.
pub fn holds(text: &str, answers: &Answers) -> Result<bool, Undecided> {
    truth(&expressions::parse(text).map_err(|_| Undecided::Unchecked)?, answers)
}

fn collect<'a>(expression: &'a Expression, read: &mut Vec<&'a str>, asked: &mut Vec<&'a str>) {
    match expression {
        Expression::Constant(_) => {}
        Expression::Field(path) => read.push(path),
        Expression::Has(path) => asked.push(path),
        Expression::List(entries) => entries.iter().for_each(|entry| collect(entry, read, asked)),
        Expression::Not(inner) | Expression::Negative(inner) | Expression::Size(inner) => collect(inner, read, asked),
        Expression::Binary(_, left, right) | Expression::Text(_, left, right) => {
            collect(left, read, asked);
            collect(right, read, asked);
        }
        Expression::Choice(parts) => parts.iter().for_each(|part| collect(part, read, asked)),
    }
}

fn kind(expression: &Expression, form: &Form) -> Result<Kind, ConditionError> {
    let known = |path: &str| {
        form.field(path).map(|field| field.kind).ok_or_else(|| ConditionError::UnknownField(path.to_owned()))
    };
    let expect = |part: &Expression, expected: Kind, why: &'static str| {
        if kind(part, form)? == expected { Ok(expected) } else { Err(ConditionError::WrongKind(why)) }
    };
    match expression {
        Expression::Constant(Constant::Truth(_)) => Ok(Kind::Truth),
        Expression::Constant(Constant::Number(_)) => Ok(Kind::Number),
        Expression::Constant(Constant::Text(_)) => Ok(Kind::Text),
        Expression::List(entries) => {
            let mut kinds = entries.iter().map(|entry| kind(entry, form));
            let first = kinds.next().ok_or(ConditionError::WrongKind("a list has at least one entry"))??;
            for other in kinds {
                if other? != first {
                    return Err(ConditionError::WrongKind("the entries of a list are of one kind"));
                }
            }
            first.list().ok_or(ConditionError::WrongKind("a list holds no lists"))
        }
        Expression::Field(path) => known(path),
        Expression::Has(path) => known(path).map(|_| Kind::Truth),
        Expression::Not(inner) => expect(inner, Kind::Truth, "`!` needs true or false"),
        Expression::Negative(inner) => expect(inner, Kind::Number, "`-` needs a number"),
        Expression::Binary(operator, left, right) => binary_kind(*operator, kind(left, form)?, kind(right, form)?),
        Expression::Choice(parts) => {
            let [condition, chosen, otherwise] = &**parts;
            expect(condition, Kind::Truth, "`?` needs true or false")?;
            expect(otherwise, kind(chosen, form)?, "both sides of `:` are of one kind")
        }
        Expression::Size(inner) => match kind(inner, form)? {
            Kind::Text | Kind::Truths | Kind::Numbers | Kind::Texts | Kind::Rows => Ok(Kind::Number),
            Kind::Truth | Kind::Number => Err(ConditionError::WrongKind("`size` needs a text or a list")),
        },
        Expression::Text(_, text, argument) => {
            expect(text, Kind::Text, "only a text can be asked this")?;
            expect(argument, Kind::Text, "the argument is a text")?;
            Ok(Kind::Truth)
        }
    }
}

fn binary_kind(operator: Operator, left: Kind, right: Kind) -> Result<Kind, ConditionError> {
    let (fits, result, why) = match operator {
        Operator::Or | Operator::And => {
            ((left, right) == (Kind::Truth, Kind::Truth), Kind::Truth, "`&&` and `||` need true or false")
        }
        Operator::Equal | Operator::Unequal => {
            (left == right && left != Kind::Rows, Kind::Truth, "only values of one kind can be equal")
        }
        Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => (
            left == right && matches!(left, Kind::Number | Kind::Text),
            Kind::Truth,
            "compare two numbers or two texts",
        ),
        Operator::In => (left.list() == Some(right), Kind::Truth, "`in` needs a list of such values"),
        Operator::Plus | Operator::Minus | Operator::Times => {
            ((left, right) == (Kind::Number, Kind::Number), Kind::Number, "calculate with numbers")
        }
    };
    if fits { Ok(result) } else { Err(ConditionError::WrongKind(why)) }
}

fn truth(expression: &Expression, answers: &Answers) -> Result<bool, Undecided> {
    match evaluate(expression, answers)? {
        Value::Truth(truth) => Ok(truth),
        _ => Err(Undecided::Unchecked),
    }
}

fn number(expression: &Expression, answers: &Answers) -> Result<i64, Undecided> {
    match evaluate(expression, answers)? {
        Value::Number(number) => Ok(number),
        _ => Err(Undecided::Unchecked),
    }
}

fn text(expression: &Expression, answers: &Answers) -> Result<String, Undecided> {
    match evaluate(expression, answers)? {
        Value::Text(text) => Ok(text),
        _ => Err(Undecided::Unchecked),
    }
}

fn evaluate(expression: &Expression, answers: &Answers) -> Result<Value, Undecided> {
    Ok(match expression {
        Expression::Constant(Constant::Truth(truth)) => Value::Truth(*truth),
        Expression::Constant(Constant::Number(number)) => Value::Number(*number),
        Expression::Constant(Constant::Text(text)) => Value::Text(text.clone()),
        Expression::List(entries) => {
            Value::List(entries.iter().map(|entry| evaluate(entry, answers)).collect::<Result<_, _>>()?)
        }
        Expression::Field(path) => answers.get(path).cloned().ok_or_else(|| Undecided::Blank(path.clone()))?,
        Expression::Has(path) => Value::Truth(answers.get(path).is_some()),
        Expression::Not(inner) => Value::Truth(!truth(inner, answers)?),
        Expression::Negative(inner) => Value::Number(number(inner, answers)?.checked_neg().ok_or(Undecided::TooLarge)?),
        Expression::Binary(operator, left, right) => binary(*operator, left, right, answers)?,
        Expression::Choice(parts) => {
            let [condition, chosen, otherwise] = &**parts;
            evaluate(if truth(condition, answers)? { chosen } else { otherwise }, answers)?
        }
        Expression::Size(inner) => {
            let size = match evaluate(inner, answers)? {
                Value::Text(text) => text.chars().count(),
                Value::List(entries) => entries.len(),
                Value::Rows(rows) => rows,
                Value::Truth(_) | Value::Number(_) => return Err(Undecided::Unchecked),
            };
            Value::Number(i64::try_from(size).map_err(|_| Undecided::TooLarge)?)
        }
        Expression::Text(question, whole, part) => {
            let (whole, part) = (text(whole, answers)?, text(part, answers)?);
            Value::Truth(match question {
                TextQuestion::StartsWith => whole.starts_with(&part),
                TextQuestion::EndsWith => whole.ends_with(&part),
                TextQuestion::Contains => whole.contains(&part),
            })
        }
    })
}

fn binary(operator: Operator, left: &Expression, right: &Expression, answers: &Answers) -> Result<Value, Undecided> {
    let both = || Ok::<_, Undecided>((evaluate(left, answers)?, evaluate(right, answers)?));
    let numbers = || Ok::<_, Undecided>((number(left, answers)?, number(right, answers)?));
    let counted = |number: Option<i64>| number.map(Value::Number).ok_or(Undecided::TooLarge);
    Ok(match operator {
        Operator::Or => Value::Truth(decide(true, left, right, answers)?),
        Operator::And => Value::Truth(decide(false, left, right, answers)?),
        Operator::Equal => both().map(|(left, right)| Value::Truth(left == right))?,
        Operator::Unequal => both().map(|(left, right)| Value::Truth(left != right))?,
        Operator::In => {
            let (entry, list) = both()?;
            let Value::List(entries) = list else { return Err(Undecided::Unchecked) };
            Value::Truth(entries.contains(&entry))
        }
        Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
            let order = match both()? {
                (Value::Number(left), Value::Number(right)) => left.cmp(&right),
                (Value::Text(left), Value::Text(right)) => left.cmp(&right), // by code points, as UTF-8 sorts
                _ => return Err(Undecided::Unchecked),
            };
            Value::Truth(match operator {
                Operator::Less => order.is_lt(),
                Operator::LessOrEqual => order.is_le(),
                Operator::Greater => order.is_gt(),
                _ => order.is_ge(),
            })
        }
        Operator::Plus => counted(numbers().map(|(left, right)| left.checked_add(right))?)?,
        Operator::Minus => counted(numbers().map(|(left, right)| left.checked_sub(right))?)?,
        Operator::Times => counted(numbers().map(|(left, right)| left.checked_mul(right))?)?,
    })
}

/// `&&` and `||`: a side that comes to `decisive` decides, whatever the other one does.
fn decide(decisive: bool, left: &Expression, right: &Expression, answers: &Answers) -> Result<bool, Undecided> {
    let left = truth(left, answers);
    if left == Ok(decisive) {
        return Ok(decisive);
    }
    let right = truth(right, answers);
    if right == Ok(decisive) {
        return Ok(decisive);
    }
    left.and(right)
}
