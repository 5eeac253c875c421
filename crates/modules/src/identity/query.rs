//! One function for each question.

use super::msg::View;
use super::state::{self, KEYS};
use tongban_kernel::{State, Stop};
use tongban_types::{AccountId, PublicKey};

/// One account.
pub fn account(id: &AccountId, state: &State) -> Result<View, Stop> {
    Ok(View::Account { account: state::account(state, id)? })
}

/// The account that a key belongs to.
pub fn account_of_key(key: &PublicKey, state: &State) -> Result<View, Stop> {
    Ok(View::AccountOfKey { account: KEYS.get(state, key)? })
}
