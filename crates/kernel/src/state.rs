//! The state as a call sees it: writes of the transaction over writes of the block over what was loaded.

use std::collections::BTreeMap;
use tongban_types::domain::state_key;
use tongban_types::{Digest, Primitives};

/// A record that is not in memory yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing(
    /// The state key to load.
    pub Digest,
);

/// One changed record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// The table's name.
    pub table: &'static str,
    /// The encoded key within the table.
    pub key: Vec<u8>,
    /// The encoded record; none where it was deleted.
    pub value: Option<Vec<u8>>,
}

/// Writes by state key.
pub(crate) type Writes = BTreeMap<Digest, Write>;

/// The state during execution or a query.
pub struct State {
    primitives: &'static dyn Primitives,
    loaded: BTreeMap<Digest, Option<Vec<u8>>>,
    block: Writes,
    transaction: Writes,
}

impl State {
    /// A state of which nothing is loaded yet.
    pub fn new(primitives: &'static dyn Primitives) -> Self {
        Self { primitives, loaded: BTreeMap::new(), block: BTreeMap::new(), transaction: BTreeMap::new() }
    }

    /// Hashing and signature checks of the network's suite.
    pub fn primitives(&self) -> &'static dyn Primitives {
        self.primitives
    }

    /// Gives the value that the parent state has under a key, or says that it has none.
    pub fn load(&mut self, key: Digest, value: Option<Vec<u8>>) {
        self.loaded.insert(key, value);
    }

    /// Whether reading the key needs no loading.
    pub fn is_known(&self, key: &Digest) -> bool {
        self.transaction.contains_key(key) || self.block.contains_key(key) || self.loaded.contains_key(key)
    }

    /// Whether this value is what was loaded under a key.
    pub fn holds(&self, key: &Digest, value: Option<&[u8]>) -> bool {
        self.loaded.get(key).is_some_and(|loaded| loaded.as_deref() == value)
    }

    /// Where a record of a table stands.
    pub(crate) fn key_of(&self, table: &str, key: &[u8]) -> Digest {
        state_key(self.primitives, table, key)
    }

    pub(crate) fn get(&self, key: &Digest) -> Result<Option<&[u8]>, Missing> {
        if let Some(write) = self.transaction.get(key).or_else(|| self.block.get(key)) {
            return Ok(write.value.as_deref());
        }
        match self.loaded.get(key) {
            Some(value) => Ok(value.as_deref()),
            None => Err(Missing(*key)),
        }
    }

    pub(crate) fn write(&mut self, write: Write) {
        let key = self.key_of(write.table, &write.key);
        self.transaction.insert(key, write);
    }

    /// What the running transaction has changed so far.
    pub(crate) fn changed(&self) -> impl Iterator<Item = &Write> {
        self.transaction.values()
    }

    /// Makes the transaction's writes part of the block.
    pub(crate) fn keep(&mut self) {
        // One by one: `append` would build the whole block's map anew for each transaction.
        self.block.extend(std::mem::take(&mut self.transaction));
    }

    /// Forgets the transaction's writes.
    pub(crate) fn drop_writes(&mut self) {
        self.transaction.clear();
    }

    pub(crate) fn into_writes(self) -> Writes {
        self.block
    }
}
