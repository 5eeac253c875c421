//! Money (金额), in cents (分).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use strum::{EnumIter, IntoStaticStr};

/// Why a text is not an amount of money, in order of precedence; the name is the stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum CentsError {
    /// Other than digits, with commas between thousands or none, with two decimals or fewer.
    #[error("expected an amount in yuan such as 1234.56, ¥1,234.56 or -0.5")]
    WrongForm,
    /// More than ¥92,233,720,368,547,758.07.
    #[error("the amount is too large")]
    TooLarge,
}

/// An amount of money in cents of a yuan (分); negative for what is taken back.
///
/// A number in JSON and BCS. As text `¥1,234.56`, negative `-¥1,234.56`; reading also takes plain decimals of yuan.
/// Arithmetic is checked, so that a module names its own error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Cents(i64);

impl Cents {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The greatest amount.
    pub const MAX: Self = Self(i64::MAX);
    /// The least amount.
    pub const MIN: Self = Self(i64::MIN);

    /// So many cents.
    pub const fn new(cents: i64) -> Self {
        Self(cents)
    }

    /// So many yuan.
    pub fn from_yuan(yuan: i64) -> Option<Self> {
        yuan.checked_mul(100).map(Self)
    }

    /// The number of cents.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Whether it is below zero.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// The sum, unless it is too large.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, unless it is too large.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The amount so many times, unless it is too large.
    pub fn checked_mul(self, times: i64) -> Option<Self> {
        self.0.checked_mul(times).map(Self)
    }

    /// The amount with the other sign, unless it is too large.
    pub fn checked_neg(self) -> Option<Self> {
        self.0.checked_neg().map(Self)
    }

    /// The sum of all, unless it is too large. The order does not matter.
    pub fn checked_sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        let sum = amounts.into_iter().try_fold(0_i128, |sum, amount| sum.checked_add(i128::from(amount.0)))?;
        i64::try_from(sum).ok().map(Self)
    }

    /// The capital form (大写) of receipts: `壹仟贰佰叁拾肆元伍角陆分`, `壹拾元整`, `（负数）伍分`.
    ///
    /// 整 stands behind 元 and 角 (会计基础工作规范, 第五十二条). Where the rules leave it open (正确填写票据和结算凭证的基本规定,
    /// 第四条), 零 is written behind 元 and not behind 万: `壹拾万柒仟元零伍角叁分`.
    pub fn to_capitals(self) -> String {
        let cents = self.0.unsigned_abs();
        let (yuan, jiao, fen) = (cents / 100, cents / 10 % 10, cents % 10);
        let mut text = String::new();
        if self.is_negative() {
            text.push_str("（负数）");
        }
        if yuan > 0 || cents == 0 {
            push_integer(&mut text, yuan);
            text.push('元');
        }
        let has_gap = yuan > 0 && (jiao == 0 || yuan % 10 == 0);
        if has_gap && (jiao > 0 || fen > 0) {
            text.push('零');
        }
        if jiao > 0 {
            text.push(capital(jiao));
            text.push('角');
        }
        if fen > 0 {
            text.push(capital(fen));
            text.push('分');
        } else {
            text.push('整');
        }
        text
    }
}

fn capital(digit: u64) -> char {
    match digit {
        0 => '零',
        1 => '壹',
        2 => '贰',
        3 => '叁',
        4 => '肆',
        5 => '伍',
        6 => '陆',
        7 => '柒',
        8 => '捌',
        _ => '玖',
    }
}

/// A whole number in capitals. Above 亿 the number of 亿 is written like any other.
fn push_integer(text: &mut String, number: u64) {
    const YI: u64 = 100_000_000;
    const WAN: u64 = 10_000;

    for (unit, name) in [(YI, '亿'), (WAN, '万')] {
        if number >= unit {
            push_integer(text, number / unit);
            text.push(name);
            let rest = number % unit;
            if rest > 0 {
                if rest < unit / 10 {
                    text.push('零');
                }
                push_integer(text, rest);
            }
            return;
        }
    }
    let mut is_gap = false;
    let mut is_begun = false;
    for (unit, name) in [(1000, "仟"), (100, "佰"), (10, "拾"), (1, "")] {
        let digit = number / unit % 10;
        if digit == 0 {
            is_gap = is_begun;
            continue;
        }
        if is_gap {
            text.push('零');
        }
        text.push(capital(digit));
        text.push_str(name);
        (is_gap, is_begun) = (false, true);
    }
    if !is_begun {
        text.push('零');
    }
}

impl fmt::Display for Cents {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cents = self.0.unsigned_abs();
        let digits = (cents / 100).to_string();
        let mut text = String::from(if self.is_negative() { "-¥" } else { "¥" });
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        formatter.pad(&format!("{text}.{:02}", cents % 100))
    }
}

impl FromStr for Cents {
    type Err = CentsError;

    fn from_str(text: &str) -> Result<Self, CentsError> {
        let (is_negative, rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let rest = rest.strip_prefix('¥').unwrap_or(rest);
        let (yuan, decimals) = match rest.split_once('.') {
            Some((_, "")) => return Err(CentsError::WrongForm),
            Some((yuan, decimals)) => (yuan, decimals),
            None => (rest, ""),
        };
        if !is_grouped_or_plain(yuan) || decimals.len() > 2 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(CentsError::WrongForm);
        }
        let digits = yuan.bytes().filter(|byte| *byte != b',').chain(decimals.bytes());
        let padding = std::iter::repeat_n(b'0', 2 - decimals.len());
        let mut cents = 0_i64;
        for digit in digits.chain(padding) {
            // Below zero, since there is one more amount there.
            let next = cents.checked_mul(10).and_then(|cents| cents.checked_sub(i64::from(digit - b'0')));
            cents = next.ok_or(CentsError::TooLarge)?;
        }
        if is_negative {
            return Ok(Self(cents));
        }
        cents.checked_neg().map(Self).ok_or(CentsError::TooLarge)
    }
}

/// Digits, with commas between all thousands or with none.
fn is_grouped_or_plain(yuan: &str) -> bool {
    let mut groups = yuan.split(',');
    let first = groups.next().unwrap_or_default();
    let is_grouped = yuan.contains(',');
    let are_all_digits =
        yuan.split(',').all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()));
    are_all_digits && (!is_grouped || first.len() <= 3) && groups.all(|group| group.len() == 3)
}
