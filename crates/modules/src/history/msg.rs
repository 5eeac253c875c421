//! Everything that crosses the boundary of the module.

use super::state::{CaseKey, PastCase};
use crate::case_history::{Facts, Flags, Steps};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumDiscriminants, EnumIter, IntoStaticStr};
use tongban_types::codes::UnifiedSocialCreditCode;
use tongban_types::{List, Text};

/// What accounts can ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, EnumDiscriminants)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum_discriminants(name(CallKind), derive(EnumIter, IntoStaticStr), strum(serialize_all = "snake_case"))]
#[strum_discriminants(doc = "The kinds of calls.")]
pub enum Call {
    /// Take over a past case, with all of its steps or the first of them.
    ImportCase {
        /// Whose case it is, and its number there.
        key: CaseKey,
        /// What the source says about it.
        facts: Facts,
        /// How many steps it has, at most 10,000; those that are not here follow with `import_steps`.
        steps_total: u32,
        /// The first 40 steps at most, in the order of the source; no names of people.
        steps: Steps,
    },
    /// Take over the next steps of a past case.
    ImportSteps {
        /// The case.
        key: CaseKey,
        /// How many steps were taken over before.
        first: u32,
        /// The next steps, 1 to 40, in the order of the source; no names of people.
        steps: Steps,
    },
}

/// What can be asked of the state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Query {
    /// A past case.
    Case {
        /// Whose case it is, and its number there.
        key: CaseKey,
    },
    /// A portion of a past case's steps, as they were taken over together.
    Steps {
        /// The case.
        key: CaseKey,
        /// The portion, counted from 0.
        page: u32,
    },
    /// Which of these cases have been taken over, and how far.
    Which {
        /// The department.
        department: UnifiedSocialCreditCode,
        /// The source system.
        system: Text<60>,
        /// The numbers there, at most 100.
        numbers: List<Text<60>, 100>,
    },
}

/// A case that has been taken over, and how far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Known {
    /// The number in the source system.
    pub number: Text<60>,
    /// Steps that have been taken over.
    pub steps: u32,
    /// Steps that it has.
    pub steps_total: u32,
}

/// The answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// A past case.
    Case {
        /// The case, where it was taken over.
        case: Option<Box<PastCase>>,
    },
    /// A portion of steps.
    Steps {
        /// The steps; none where there is no such portion.
        steps: Option<Steps>,
    },
    /// Cases that have been taken over.
    Which {
        /// In the order of the question.
        known: List<Known, 100>,
    },
}

/// What has happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A past case was taken over.
    CaseImported {
        /// Whose case it is, and its number there.
        key: CaseKey,
        /// What the source says about it.
        facts: Facts,
        /// How many steps it has.
        steps_total: u32,
        /// The steps that came with it.
        steps: Steps,
        /// What the rules say so far.
        flags: Flags,
    },
    /// Further steps of a past case were taken over.
    StepsImported {
        /// The case.
        key: CaseKey,
        /// How many steps there were before.
        first: u32,
        /// The steps.
        steps: Steps,
        /// What the rules say so far.
        flags: Flags,
    },
}
