//! Tokens that have let somebody in since the process began: their rates are counted before the store is read.
//!
//! What is remembered lets nobody in. It only says whose bucket a request is taken from; whether the token is valid the store is asked
//! each time, so that a revocation holds from the next request on, also one by another process.

use crate::store::tokens::{TOKENS_MAX, Token, TokenHash, TokenRecord};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tongban_types::Time;

/// The tokens, by the hash of what their holders show.
#[derive(Default)]
pub(super) struct KnownTokens {
    records: Mutex<HashMap<TokenHash, Arc<TokenRecord>>>,
}

impl KnownTokens {
    /// The record of a token as it was, where it would have let in now and from here.
    pub(super) fn find(&self, token: &Token, now: Time, address: IpAddr) -> Option<Arc<TokenRecord>> {
        let record = self.records().get(&token.hash()).cloned();
        record.filter(|record| record.check(now, address).is_ok())
    }

    /// Remembers a token that has let somebody in.
    pub(super) fn remember(&self, token: &Token, record: Arc<TokenRecord>) {
        let mut records = self.records();
        if records.len() >= TOKENS_MAX {
            records.clear(); // more than the store has: most are gone from there
        }
        records.insert(token.hash(), record);
    }

    /// Forgets one that no longer does.
    pub(super) fn forget(&self, token: &Token) {
        self.records().remove(&token.hash());
    }

    fn records(&self) -> MutexGuard<'_, HashMap<TokenHash, Arc<TokenRecord>>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
