//! The records. This is the only place with keys of the state.

use crate::case_history::{Facts, Flags, STEPS_MAX, Steps, Tally, flags};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_kernel::{Broken, Missing, State, Table, Write};
use tongban_types::codes::UnifiedSocialCreditCode;
use tongban_types::{AccountId, Text, Time};

/// Past cases.
pub const CASES: Table<CaseKey, PastCase> = Table::new("history/cases");
/// Their steps, in the portions in which they were taken over, counted from 0.
pub const STEPS: Table<(CaseKey, u32), Steps> = Table::new("history/steps");

/// The version of the case's format.
pub const CASE_VERSION: u16 = 1;

/// Whose case it is, and its number there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseKey {
    /// The department that handled it.
    pub department: UnifiedSocialCreditCode,
    /// The older system.
    pub system: Text<60>,
    /// The number in that system; no personal data.
    pub number: Text<60>,
}

/// A past case: always historic, never acted on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PastCase {
    /// The version of this format.
    pub version: u16,
    /// What the source says about it.
    pub facts: Facts,
    /// How many steps it has.
    pub steps_total: u32,
    /// What those come to that were taken over.
    pub tally: Tally,
    /// Portions in which they were taken over.
    pub pages: u32,
    /// What the rules say.
    pub flags: Flags,
    /// Who took it over.
    pub importer: AccountId,
    /// When: the block's time of the first call.
    pub imported_at: Time,
    /// The receipt of the first call.
    pub receipt: u64,
}

impl PastCase {
    /// Whether all of its steps have been taken over.
    pub fn is_complete(&self) -> bool {
        self.tally.steps == self.steps_total
    }
}

/// A past case.
pub fn past_case(state: &State, key: &CaseKey) -> Result<Option<PastCase>, Missing> {
    CASES.get(state, key)
}

/// Checks what can be seen on one changed record.
pub fn check_invariants(write: &Write) -> Result<(), Broken> {
    let broken = |table, invariant| Err(Broken { table, invariant });
    if write.value.is_none() {
        return broken("history", "I1 past cases and their steps stay for ever");
    }
    if let Some(steps) = STEPS.record_of(write)
        && steps.is_empty()
    {
        return broken(STEPS.name(), "I2 a portion has steps");
    }
    let Some(case) = CASES.record_of(write) else { return Ok(()) };
    if case.steps_total > STEPS_MAX || case.tally.steps > case.steps_total || case.pages > case.tally.steps {
        return broken(CASES.name(), "I2 a case has no more steps than were announced");
    }
    if case.flags != flags(&case.facts, &case.tally, case.steps_total, case.imported_at) {
        return broken(CASES.name(), "I3 the flags are those of the rules");
    }
    Ok(())
}
