//! The part of CEL (Common Expression Language) that conditions are written in, from text to a tree.
//!
//! A closed list: truth values, 64-bit integers, texts, lists of these, fields of the form (`form.area`), `has(form.area)`,
//! `size(…)`, `startsWith`, `endsWith`, `contains`, `! - + * == != < <= > >= in && || ?:` and parentheses. All else that CEL knows
//! (floating point, division, maps, comprehensions, regular expressions, time) is refused by name. What is accepted means the same
//! in CEL; a test compares. ADR 0012 says why this is not a library.

use std::fmt;

/// Characters of one expression.
pub const EXPRESSION_CHARS_MAX: usize = 500;
/// How deep parentheses, lists, negations and choices may nest.
pub const DEPTH_MAX: usize = 16;

/// A parsed expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    /// A constant.
    Constant(Constant),
    /// A list of expressions.
    List(Vec<Expression>),
    /// A field of the form, by its path with dots.
    Field(String),
    /// Whether a field of the form is filled in.
    Has(String),
    /// `!a`.
    Not(Box<Expression>),
    /// `-a`.
    Negative(Box<Expression>),
    /// Two operands.
    Binary(Operator, Box<Expression>, Box<Expression>),
    /// `a ? b : c`.
    Choice(Box<[Expression; 3]>),
    /// Characters of a text, entries of a list.
    Size(Box<Expression>),
    /// A question about a text.
    Text(TextQuestion, Box<Expression>, Box<Expression>),
}

/// A value that is written out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Constant {
    /// `true`, `false`.
    Truth(bool),
    /// A whole number.
    Number(i64),
    /// A text.
    Text(String),
}

/// What stands between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `||`.
    Or,
    /// `&&`.
    And,
    /// `==`.
    Equal,
    /// `!=`.
    Unequal,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
    /// `in`.
    In,
    /// `+`.
    Plus,
    /// `-`.
    Minus,
    /// `*`.
    Times,
}

/// What can be asked of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextQuestion {
    /// `a.startsWith(b)`.
    StartsWith,
    /// `a.endsWith(b)`.
    EndsWith,
    /// `a.contains(b)`.
    Contains,
}

/// Why a text is no expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxError {
    /// More than [`EXPRESSION_CHARS_MAX`] characters, or nested deeper than [`DEPTH_MAX`].
    #[error("a condition has at most 500 characters and nests at most 16 deep")]
    TooLarge,
    /// A number with a decimal point or exponent.
    #[error("floating point is not allowed: count in whole units, such as cents or square decimetres")]
    Float,
    /// CEL, but outside the closed list.
    #[error("`{0}` is not among the operators and functions that conditions may use")]
    NotAllowed(String),
    /// Something else was expected there.
    #[error("cannot be read from `{0}` on")]
    Unexpected(String),
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Number(i64),
    Text(String),
    Sign(&'static str),
}

impl fmt::Display for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => formatter.write_str(word),
            Self::Number(number) => write!(formatter, "{number}"),
            Self::Text(text) => write!(formatter, "{text:?}"),
            Self::Sign(sign) => formatter.write_str(sign),
        }
    }
}

/// Longer signs first, so that `<=` is not read as `<`.
const SIGNS: [&str; 24] = [
    "||", "&&", "==", "!=", "<=", ">=", "<", ">", "!", "-", "+", "*", "(", ")", "[", "]", ",", ".", "?", ":", "/", "%",
    "{", "}",
];
/// Words of CEL that are no names.
const RESERVED: [&str; 20] = [
    "true",
    "false",
    "null",
    "in",
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
];

/// Whether a word can name a field: lower-case letters, digits and underscores, beginning with a letter, at most 40, and no word that
/// CEL keeps for itself.
pub fn is_field_name(word: &str) -> bool {
    word.len() <= 40
        && word.starts_with(|letter: char| letter.is_ascii_lowercase())
        && word.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
        && !RESERVED.contains(&word)
        && word != "while"
}

/// Reads an expression.
pub fn parse(text: &str) -> Result<Expression, SyntaxError> {
    if text.chars().count() > EXPRESSION_CHARS_MAX {
        return Err(SyntaxError::TooLarge);
    }
    let mut parser = Parser { tokens: tokens(text)?, place: 0, depth: 0 };
    let expression = parser.choice()?;
    if parser.place < parser.tokens.len() {
        return Err(parser.unexpected());
    }
    Ok(expression)
}

fn tokens(text: &str) -> Result<Vec<Token>, SyntaxError> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if first == ' ' {
            rest = &rest[1..];
        } else if first.is_ascii_digit() {
            let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
            let (digits, behind) = rest.split_at(end);
            if behind.starts_with(['.', 'e', 'E']) {
                return Err(SyntaxError::Float);
            }
            if behind.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_') {
                return Err(SyntaxError::NotAllowed(rest.chars().take(end + 1).collect()));
            }
            tokens.push(Token::Number(digits.parse().map_err(|_| SyntaxError::Unexpected(digits.to_owned()))?));
            rest = behind;
        } else if first.is_ascii_alphabetic() || first == '_' {
            let is_outside = |letter: char| !letter.is_ascii_alphanumeric() && letter != '_';
            let (word, behind) = rest.split_at(rest.find(is_outside).unwrap_or(rest.len()));
            tokens.push(Token::Word(word.to_owned()));
            rest = behind;
        } else if first == '"' || first == '\'' {
            let (text, behind) = quoted(&rest[1..], first)?;
            tokens.push(Token::Text(text));
            rest = behind;
        } else if rest.starts_with('.') && rest[1..].starts_with(|letter: char| letter.is_ascii_digit()) {
            return Err(SyntaxError::Float);
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            tokens.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
        } else {
            return Err(SyntaxError::Unexpected(rest.chars().take(20).collect()));
        }
    }
    Ok(tokens)
}

/// The text up to its closing mark, and what follows. Only marks and the backslash itself are escaped.
fn quoted(rest: &str, mark: char) -> Result<(String, &str), SyntaxError> {
    let mut text = String::new();
    let mut letters = rest.char_indices();
    while let Some((place, letter)) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some((_, escaped @ ('\\' | '"' | '\''))) => text.push(escaped),
                _ => return Err(SyntaxError::NotAllowed("\\".to_owned())),
            },
            _ if letter == mark => return Ok((text, &rest[place + 1..])),
            _ => text.push(letter),
        }
    }
    Err(SyntaxError::Unexpected(format!("{mark}{}", rest.chars().take(20).collect::<String>())))
}

struct Parser {
    tokens: Vec<Token>,
    place: usize,
    depth: usize,
}

type Parsed = Result<Expression, SyntaxError>;

impl Parser {
    fn choice(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(SyntaxError::TooLarge);
        }
        let mut expression = self.binary(0)?;
        if self.takes("?") {
            let chosen = self.binary(0)?;
            self.needs(":")?;
            let otherwise = self.choice()?;
            expression = Expression::Choice(Box::new([expression, chosen, otherwise]));
        }
        self.depth -= 1;
        Ok(expression)
    }

    /// Operators of this level of binding and closer; all of them group from the left.
    fn binary(&mut self, level: usize) -> Parsed {
        const LEVELS: [&[(&str, Operator)]; 5] = [
            &[("||", Operator::Or)],
            &[("&&", Operator::And)],
            &[
                ("==", Operator::Equal),
                ("!=", Operator::Unequal),
                ("<=", Operator::LessOrEqual),
                (">=", Operator::GreaterOrEqual),
                ("<", Operator::Less),
                (">", Operator::Greater),
                ("in", Operator::In),
            ],
            &[("+", Operator::Plus), ("-", Operator::Minus)],
            &[("*", Operator::Times)],
        ];
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        loop {
            if let Some(Token::Sign(sign @ ("/" | "%"))) = self.next() {
                return Err(SyntaxError::NotAllowed((*sign).to_owned()));
            }
            let Some((_, operator)) = operators.iter().find(|(sign, _)| self.takes(sign)) else { return Ok(left) };
            let right = self.binary(level + 1)?;
            left = Expression::Binary(*operator, Box::new(left), Box::new(right));
        }
    }

    fn unary(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(SyntaxError::TooLarge);
        }
        let expression = if self.takes("!") {
            Expression::Not(Box::new(self.unary()?))
        } else if self.takes("-") {
            Expression::Negative(Box::new(self.unary()?))
        } else {
            self.member()?
        };
        self.depth -= 1;
        Ok(expression)
    }

    fn member(&mut self) -> Parsed {
        let mut expression = self.primary()?;
        while self.takes(".") {
            let question = match self.word()?.as_str() {
                "startsWith" => TextQuestion::StartsWith,
                "endsWith" => TextQuestion::EndsWith,
                "contains" => TextQuestion::Contains,
                other => return Err(SyntaxError::NotAllowed(format!(".{other}"))),
            };
            self.needs("(")?;
            let argument = self.choice()?;
            self.needs(")")?;
            expression = Expression::Text(question, Box::new(expression), Box::new(argument));
        }
        match self.next() {
            Some(Token::Sign(sign @ ("[" | "{"))) => Err(SyntaxError::NotAllowed((*sign).to_owned())),
            _ => Ok(expression),
        }
    }

    fn primary(&mut self) -> Parsed {
        let Some(token) = self.next().cloned() else { return Err(self.unexpected()) };
        self.place += 1;
        match token {
            Token::Number(number) => Ok(Expression::Constant(Constant::Number(number))),
            Token::Text(text) => Ok(Expression::Constant(Constant::Text(text))),
            Token::Sign("(") => {
                let expression = self.choice()?;
                self.needs(")")?;
                Ok(expression)
            }
            Token::Sign("[") => self.list(),
            Token::Word(word) => match word.as_str() {
                "true" => Ok(Expression::Constant(Constant::Truth(true))),
                "false" => Ok(Expression::Constant(Constant::Truth(false))),
                "form" => Ok(Expression::Field(self.path()?)),
                "has" => {
                    self.needs("(")?;
                    if self.word()? != "form" {
                        return Err(SyntaxError::NotAllowed("has".to_owned()));
                    }
                    let path = self.path()?;
                    self.needs(")")?;
                    Ok(Expression::Has(path))
                }
                "size" => {
                    self.needs("(")?;
                    let argument = self.choice()?;
                    self.needs(")")?;
                    Ok(Expression::Size(Box::new(argument)))
                }
                _ => Err(SyntaxError::NotAllowed(word)),
            },
            Token::Sign(sign @ ("{" | "/" | "%")) => Err(SyntaxError::NotAllowed(sign.to_owned())),
            Token::Sign(_) => {
                self.place -= 1;
                Err(self.unexpected())
            }
        }
    }

    fn list(&mut self) -> Parsed {
        let mut entries = Vec::new();
        while !self.takes("]") {
            if !entries.is_empty() {
                self.needs(",")?;
            }
            entries.push(self.choice()?);
        }
        Ok(Expression::List(entries))
    }

    /// The names behind `form`. A text question ends the path.
    fn path(&mut self) -> Result<String, SyntaxError> {
        let mut names: Vec<String> = Vec::new();
        while let (Some(Token::Sign(".")), Some(Token::Word(word))) = (self.next(), self.tokens.get(self.place + 1)) {
            let is_question = self.tokens.get(self.place + 2) == Some(&Token::Sign("("));
            if is_question && !names.is_empty() {
                break;
            }
            names.push(word.clone());
            self.place += 2;
        }
        if names.is_empty() {
            return Err(SyntaxError::NotAllowed("form".to_owned()));
        }
        Ok(names.join("."))
    }

    fn next(&self) -> Option<&Token> {
        self.tokens.get(self.place)
    }

    fn takes(&mut self, expected: &str) -> bool {
        let is_there = match self.next() {
            Some(Token::Sign(sign)) => *sign == expected,
            Some(Token::Word(word)) => word == expected,
            _ => false,
        };
        self.place += usize::from(is_there);
        is_there
    }

    fn needs(&mut self, expected: &str) -> Result<(), SyntaxError> {
        if self.takes(expected) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn word(&mut self) -> Result<String, SyntaxError> {
        match self.next() {
            Some(Token::Word(word)) => {
                let word = word.clone();
                self.place += 1;
                Ok(word)
            }
            _ => Err(self.unexpected()),
        }
    }

    fn unexpected(&self) -> SyntaxError {
        let rest: Vec<String> = self.tokens[self.place..].iter().take(5).map(Token::to_string).collect();
        SyntaxError::Unexpected(if rest.is_empty() { "the end".to_owned() } else { rest.join(" ") })
    }
}
