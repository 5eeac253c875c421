//! Time limits that the law sets for service items, as data with the article of each.
//!
//! An edition is never changed: when the law changes, a new one is appended with the day from which it counts, and items keep the edition
//! under which they were published. The sources are cited as in 行政许可法 (2019 amendment). Laws with limits of their own stand beside the editions,
//! and so does that for which neither a commitment nor silence stands.

use crate::items::{Item, SensitiveMatter, Stake, StatutoryClock};
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
    /// To examine as a lower body before a higher one decides, from acceptance there (下级机关先行审查).
    FirstReview,
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
        Limit { stage: Stage::FirstReview, working_days: 20, article: "行政许可法 第四十三条" },
    ],
}];

/// 不动产登记暂行条例, in force since 2015-03-01: who is not refused on the spot and in writing is accepted, and what is accepted is registered
/// within 30 working days, by however many it is handled.
const REAL_ESTATE_REGISTRATION: [Limit; 3] = [
    Limit { stage: Stage::Acceptance, working_days: 0, article: "不动产登记暂行条例 第十七条" },
    Limit { stage: Stage::Decision, working_days: 30, article: "不动产登记暂行条例 第二十条" },
    Limit { stage: Stage::JointDecision, working_days: 30, article: "不动产登记暂行条例 第二十条" },
];

/// Days before the end of a licence at which one applies for its renewal, where no other rule says otherwise (行政许可法 第五十条).
pub const RENEWAL_DAYS: u16 = 30;

/// What is excluded from commitments in place of proofs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exclusion {
    /// The matter.
    pub matter: SensitiveMatter,
    /// Whence it is.
    pub source: &'static str,
    /// Whether silence may still be consent in it. That is a matter of local rules; it never may where safety or the environment is at stake, or what
    /// must not become known.
    pub is_silence_open: bool,
}

/// All that is excluded, in the order of its source.
pub const EXCLUSIONS: [Exclusion; 7] = [
    excluded(SensitiveMatter::NationalSecurity, false),
    excluded(SensitiveMatter::StateSecrets, false),
    excluded(SensitiveMatter::PublicSafety, false),
    excluded(SensitiveMatter::PrudentialFinance, true),
    excluded(SensitiveMatter::Environment, false),
    excluded(SensitiveMatter::LifeAndProperty, false),
    excluded(SensitiveMatter::ForeignAffairs, true),
];

const fn excluded(matter: SensitiveMatter, is_silence_open: bool) -> Exclusion {
    Exclusion { matter, source: "国办发〔2020〕42号", is_silence_open }
}

/// Whether no commitment stands in place of a proof for an item, by what it names itself or what is at stake in one of its steps.
pub fn excluded_from_commitment(item: &Item) -> bool {
    let named = |exclusion: &Exclusion| item.sensitive.contains(&exclusion.matter);
    EXCLUSIONS.iter().any(named) || item.flow.iter().any(|step| step.stake != Stake::General)
}

/// The matter of an item in which silence is never consent, the first one of the source.
pub fn silence_excluded(item: &Item) -> Option<SensitiveMatter> {
    let closed = EXCLUSIONS.iter().filter(|exclusion| !exclusion.is_silence_open);
    closed.map(|exclusion| exclusion.matter).find(|matter| item.sensitive.contains(matter))
}

/// The edition that counts now.
pub fn edition() -> &'static Edition {
    &EDITIONS[EDITIONS.len() - 1]
}

/// The limit for a stage in the edition that counts now.
pub fn limit(stage: Stage) -> Limit {
    let limit = edition().limits.iter().find(|limit| limit.stage == stage);
    *limit.expect("every edition has a limit for each stage, a test looks")
}

/// Days before the end of a licence at which one applies for its renewal: by the rule that the item cites, or by the general one.
pub fn renewal_days(item: &Item) -> u16 {
    item.clocks.renewal.as_ref().map_or(RENEWAL_DAYS, |renewal| renewal.days)
}

/// Days by which the head of a body may extend the time to decide, at most: alone, and together with others (行政许可法 第四十二条). A law with a limit of
/// its own may know no extension, as 不动产登记暂行条例 第二十条 does.
pub fn extension_days(item: &Item) -> u16 {
    match item.clocks.statutory_clock {
        Some(StatutoryClock::RealEstateRegistration) => 0,
        None if item.joint_departments.is_empty() => 10,
        None => 15,
    }
}

/// The limit for a stage by the law that has limits of its own for the item, if it has one for that stage; otherwise the general one.
pub fn limit_by(clock: Option<StatutoryClock>, stage: Stage) -> Limit {
    special_limit(clock, stage).unwrap_or_else(|| limit(stage))
}

/// The limit that a law of its own sets for a stage.
pub fn special_limit(clock: Option<StatutoryClock>, stage: Stage) -> Option<Limit> {
    let limits = match clock? {
        StatutoryClock::RealEstateRegistration => &REAL_ESTATE_REGISTRATION,
    };
    limits.iter().find(|limit| limit.stage == stage).copied()
}
