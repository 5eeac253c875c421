//! The records. This is the only place with keys of the state.

use super::msg::{Capacity, Content, Finding, Source, WithdrawalReason};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_kernel::{Broken, Missing, State, Table, Write};
use tongban_types::{AccountId, Digest, EvidenceId, List, Primitives, Time, codec, domain};

/// All records by number.
pub const RECORDS: Table<EvidenceId, Record> = Table::new("evidence/records");

/// The version of the record's format.
pub const RECORD_VERSION: u16 = 1;
/// Leaves of one batch.
pub const LEAVES_MAX: u32 = 10_000;
/// Witnesses of one record.
pub const WITNESSES_MAX: usize = 16;

/// One registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Record {
    /// The version of this format.
    pub version: u16,
    /// What it holds.
    pub content: Content,
    /// Where that comes from.
    pub source: Source,
    /// The record it continues.
    pub previous: Option<EvidenceId>,
    /// Who registered it.
    pub depositor: AccountId,
    /// When it was registered: the block's time.
    pub registered_at: Time,
    /// The receipt of the registration.
    pub receipt: u64,
    /// Who attested it, in order of time.
    pub attestations: List<Attestation, WITNESSES_MAX>,
    /// Whether its depositor still stands by it.
    pub withdrawal: Option<Withdrawal>,
}

/// A third party's attestation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attestation {
    /// Who.
    pub witness: AccountId,
    /// In what capacity.
    pub capacity: Capacity,
    /// What the witness did.
    pub finding: Finding,
    /// When: the block's time.
    pub attested_at: Time,
    /// The receipt of the transaction that the witness signed.
    pub receipt: u64,
}

/// That a record was withdrawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Withdrawal {
    /// Why.
    pub reason: WithdrawalReason,
    /// A salted commitment to a written explanation.
    pub explanation: Option<Digest>,
    /// When: the block's time.
    pub withdrawn_at: Time,
    /// The receipt of the withdrawal.
    pub receipt: u64,
}

/// The record with this number.
pub fn record(state: &State, id: &EvidenceId) -> Result<Option<Record>, Missing> {
    RECORDS.get(state, id)
}

/// What a witness names: the hash of the record's content.
pub fn content_digest(content: &Content, primitives: &dyn Primitives) -> Digest {
    primitives.hash(&[domain::EVIDENCE_CONTENT, &codec::encode(content)])
}

/// Checks what can be seen on one changed record.
pub fn check_invariants(write: &Write) -> Result<(), Broken> {
    let broken = |invariant| Err(Broken { table: RECORDS.name(), invariant });
    if write.table == RECORDS.name() && write.value.is_none() {
        return broken("I1 a number is registered for ever");
    }
    let Some(record) = RECORDS.record_of(write) else { return Ok(()) };
    if record.attestations.iter().any(|attestation| attestation.witness == record.depositor) {
        return broken("I4 a witness is not the depositor");
    }
    for (index, attestation) in record.attestations.iter().enumerate() {
        if record.attestations[..index].iter().any(|earlier| earlier.witness == attestation.witness) {
            return broken("I4 a witness attests once");
        }
    }
    if record.source.collected_at > record.registered_at {
        return broken("I5 nothing was collected after it was registered");
    }
    let entries = match &record.content {
        Content::Single { commitments } => commitments.len(),
        Content::Batch { leaves, .. } => *leaves as usize,
    };
    if entries == 0 || entries > LEAVES_MAX as usize {
        return broken("I6 a batch has 1 to 10000 leaves, a single record 1 to 16 commitments");
    }
    Ok(())
}
