//! A signed transaction on its way: decoded, identified, and kept with its bytes.

use std::sync::{Arc, OnceLock};
use tongban_kernel::Rules;
use tongban_types::transaction::TRANSACTION_BYTES_MAX;
use tongban_types::{AccountId, Digest, Primitives, RequestId, SignedTx, codec};

/// What makes a request unique: two transactions with the same pair have one effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestKey {
    /// Who acts.
    pub account: AccountId,
    /// The sender's number for it.
    pub request_id: RequestId,
}

/// A decoded transaction with its identifier and its canonical bytes.
#[derive(Debug)]
pub struct Transaction {
    /// What was signed, and the signature.
    pub signed: SignedTx,
    /// The identifier.
    pub id: Digest,
    /// The canonical encoding of `signed`.
    pub bytes: Vec<u8>,
    cost: OnceLock<u64>,
}

impl Transaction {
    /// Identifies a transaction. `None` where it is longer than a transaction may be.
    pub fn new(signed: SignedTx, primitives: &dyn Primitives) -> Option<Arc<Self>> {
        let bytes = codec::encode(&signed);
        if bytes.len() > TRANSACTION_BYTES_MAX {
            return None;
        }
        let id = signed.tx.id(primitives);
        Some(Arc::new(Self { signed, id, bytes, cost: OnceLock::new() }))
    }

    /// Decodes a transaction from outside; only the canonical encoding is accepted.
    pub fn decode(bytes: &[u8], primitives: &dyn Primitives) -> Option<Arc<Self>> {
        if bytes.len() > TRANSACTION_BYTES_MAX {
            return None;
        }
        let signed: SignedTx = codec::decode(bytes).ok()?;
        let id = signed.tx.id(primitives);
        Some(Arc::new(Self { signed, id, bytes: bytes.to_vec(), cost: OnceLock::new() }))
    }

    /// What makes it unique.
    pub fn key(&self) -> RequestKey {
        RequestKey { account: self.signed.tx.account, request_id: self.signed.tx.request_id }
    }

    /// What executing it costs, where an ordinary call costs 1.
    pub fn cost(&self, rules: &dyn Rules) -> u64 {
        *self.cost.get_or_init(|| self.signed.tx.calls.iter().map(|call| u64::from(rules.cost(call))).sum())
    }
}
