//! Typed access to records.

use crate::{Missing, State, Write};
use serde::{Serialize, de::DeserializeOwned};
use std::marker::PhantomData;
use tongban_types::{Digest, codec};

/// A named table of records `V` under keys `K`: get, put, delete. There are no scans; lists come from the index.
///
/// The name begins with the module's, such as `evidence/records`, and is part of the format.
pub struct Table<K, V> {
    name: &'static str,
    types: PhantomData<fn(K) -> V>,
}

impl<K: Serialize, V: Serialize + DeserializeOwned> Table<K, V> {
    /// A table of this name; a module declares each of its tables once, as a constant.
    pub const fn new(name: &'static str) -> Self {
        Self { name, types: PhantomData }
    }

    /// The table's name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The record under a key, if there is one.
    pub fn get(&self, state: &State, key: &K) -> Result<Option<V>, Missing> {
        let bytes = state.get(&self.state_key(state, key))?;
        Ok(bytes.map(Self::decode))
    }

    /// Writes a record, over the old one where there is one.
    pub fn put(&self, state: &mut State, key: &K, record: &V) {
        state.write(Write { table: self.name, key: codec::encode(key), value: Some(codec::encode(record)) });
    }

    /// Deletes a record; deleting none is no error.
    pub fn delete(&self, state: &mut State, key: &K) {
        state.write(Write { table: self.name, key: codec::encode(key), value: None });
    }

    /// Where a record stands in the authenticated state.
    pub fn state_key(&self, state: &State, key: &K) -> Digest {
        state.key_of(self.name, &codec::encode(key))
    }

    /// The changed record, where a write is one of this table and no deletion. For checking invariants.
    pub fn record_of(&self, write: &Write) -> Option<V> {
        if write.table != self.name {
            return None;
        }
        write.value.as_deref().map(Self::decode)
    }

    fn decode(bytes: &[u8]) -> V {
        codec::decode(bytes).expect("the state holds what this table has put there")
    }
}
