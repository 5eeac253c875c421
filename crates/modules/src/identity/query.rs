//! One function for each question.

use super::msg::View;
use super::state::{self, AUTHORITIES, COMPANIES, KEYS, PROPOSALS, PSEUDONYMS, RECOVERIES};
use tongban_kernel::{State, Stop};
use tongban_types::codes::UnifiedSocialCreditCode;
use tongban_types::{AccountId, Digest, PublicKey};

/// One account.
pub fn account(id: &AccountId, state: &State) -> Result<View, Stop> {
    Ok(View::Account { account: state::account(state, id)? })
}

/// The account that a key belongs to.
pub fn account_of_key(key: &PublicKey, state: &State) -> Result<View, Stop> {
    Ok(View::AccountOfKey { account: KEYS.get(state, key)? })
}

/// Whose an account is.
pub fn holder(id: &AccountId, state: &State) -> Result<View, Stop> {
    Ok(View::Holder { holder: state::holder(state, id)? })
}

/// Whether an account may act, and what became of it.
pub fn status(id: &AccountId, state: &State) -> Result<View, Stop> {
    Ok(View::Status { status: state::status(state, id)? })
}

/// The account that is bound to a pseudonym.
pub fn account_of_person(pseudonym: &Digest, state: &State) -> Result<View, Stop> {
    Ok(View::AccountOfPerson { account: PSEUDONYMS.get(state, pseudonym)? })
}

/// The account that is bound to an organisation's code.
pub fn account_of_company(code: &UnifiedSocialCreditCode, state: &State) -> Result<View, Stop> {
    Ok(View::AccountOfCompany { account: COMPANIES.get(state, code)? })
}

/// One recovery with all its steps.
pub fn recovery(number: u64, state: &State) -> Result<View, Stop> {
    Ok(View::Recovery { recovery: RECOVERIES.get(state, &number)?.map(Box::new) })
}

/// What holds for recoveries.
pub fn policy(state: &State) -> Result<View, Stop> {
    Ok(View::Policy { policy: state::policy(state)? })
}

/// Whether a department may establish identities.
pub fn authority(department: &UnifiedSocialCreditCode, state: &State) -> Result<View, Stop> {
    Ok(View::Authority { authority: AUTHORITIES.get(state, department)? })
}

/// What one officer has recorded last of an account for another one to confirm.
pub fn proposal(id: &AccountId, state: &State) -> Result<View, Stop> {
    Ok(View::Proposal { proposal: PROPOSALS.get(state, id)?.map(Box::new) })
}
