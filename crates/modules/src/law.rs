//! Time limits that the law sets for service items, as data with the article of each.
//!
//! An edition is never changed: when the law changes, a new one is appended with the day from which it counts, and items keep the edition
//! under which they were published. The sources are cited as in 行政许可法 (2019 amendment).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a limit is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// To accept, refuse or ask for corrections, from receipt (受理).
    Acceptance,
    /// To decide alone, from acceptance (决定).
    Decision,
    /// To decide together, from acceptance (并联、统一、集中办理).
    JointDecision,
    /// To hold a hearing, from the request (听证).
    Hearing,
    /// To issue and deliver the certificate, from the decision (颁发送达).
    Delivery,
}

/// One limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What it is about.
    pub stage: Stage,
    /// Working days.
    pub working_days: u16,
    /// The article.
    pub article: &'static str,
}

/// The limits of one edition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edition {
    /// Its number.
    pub number: u16,
    /// The first day, as year, month and day in one number.
    pub from: u32,
    /// The limits, one for each stage.
    pub limits: &'static [Limit],
}

/// All editions, oldest first.
pub const EDITIONS: [Edition; 1] = [Edition {
    number: 1,
    from: 20_040_701,
    limits: &[
        Limit { stage: Stage::Acceptance, working_days: 5, article: "行政许可法 第三十二条" },
        Limit { stage: Stage::Decision, working_days: 20, article: "行政许可法 第四十二条第一款" },
        Limit { stage: Stage::JointDecision, working_days: 45, article: "行政许可法 第四十二条第二款" },
        Limit { stage: Stage::Hearing, working_days: 20, article: "行政许可法 第四十七条" },
        Limit { stage: Stage::Delivery, working_days: 10, article: "行政许可法 第四十四条" },
    ],
}];

/// The edition that counts now.
pub fn edition() -> &'static Edition {
    &EDITIONS[EDITIONS.len() - 1]
}

/// The limit for a stage in the edition that counts now.
pub fn limit(stage: Stage) -> Limit {
    let limit = edition().limits.iter().find(|limit| limit.stage == stage);
    *limit.expect("every edition has a limit for each stage, a test looks")
}
