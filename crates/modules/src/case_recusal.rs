//! Recusal (回避): nobody acts in office in a matter of his own, whichever role he holds.
//!
//! A matter is one's own where one is the applicant, has applied for him, or stands for him: as his legal representative, guardian or
//! agent. What the absent officer himself could not do, his deputy cannot do for him.

use crate::case_entries::Entry;
use crate::case_records::Filing;
use crate::cases::{self, Case};
use crate::orgs::Standing;
use crate::representation;
use tongban_kernel::{Missing, State};
use tongban_types::codes::CaseNumber;
use tongban_types::{AccountId, Time};

/// Whose a matter is.
#[derive(Clone, Copy)]
pub struct Matter<'a> {
    /// For whom.
    pub applicant: &'a AccountId,
    /// Who applied for him.
    pub filed_by: &'a AccountId,
    /// What officers entered for him at a counter: they have nothing else to do with it in office.
    pub entries: &'a [Entry],
}

impl<'a> Matter<'a> {
    /// The matter of a case.
    pub fn of(case: &'a Case, filing: &'a Filing) -> Self {
        Self { applicant: &case.applicant, filed_by: &filing.filed_by, entries: &filing.entries }
    }

    /// A matter of somebody that is no case.
    pub fn of_account(account: &'a AccountId) -> Self {
        Self { applicant: account, filed_by: account, entries: &[] }
    }

    /// Whether it is an officer's own, or that of the one for whom he stands in.
    pub fn is_own(&self, officer: &AccountId, standing: Standing, at: Time, state: &State) -> Result<bool, Missing> {
        let absent = match standing {
            Standing::Own => None,
            Standing::DeputyFor(absent) => Some(absent),
        };
        for account in std::iter::once(*officer).chain(absent) {
            let has_entered = self.entries.iter().any(|entry| entry.by.account == account); // I20 of cases
            if has_entered
                || account == *self.filed_by
                || representation::stands_for(state, &account, self.applicant, at)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Whether a case is an officer's own matter; for other modules that act upon it.
pub fn is_own_matter(
    state: &State,
    number: &CaseNumber,
    officer: &AccountId,
    standing: Standing,
    at: Time,
) -> Result<bool, Missing> {
    match (cases::case(state, number)?, cases::filing(state, number)?) {
        (Some(case), Some(filing)) => Matter::of(&case, &filing).is_own(officer, standing, at, state),
        _ => Ok(false),
    }
}
