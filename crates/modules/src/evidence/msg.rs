//! Everything that crosses the boundary of the module.

use super::state::Record;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumDiscriminants, EnumIter, IntoStaticStr};
use tongban_types::{AccountId, Digest, EvidenceId, List, Text, Time};

/// What accounts can ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, EnumDiscriminants)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum_discriminants(name(CallKind), derive(EnumIter, IntoStaticStr), strum(serialize_all = "snake_case"))]
#[strum_discriminants(doc = "The kinds of calls.")]
pub enum Call {
    /// Register one original by salted commitments to its fields.
    Register {
        /// A number that the depositor chooses; random, or derived from the source with a secret key.
        id: EvidenceId,
        /// Where the original comes from.
        source: Source,
        /// The record that this one continues, such as the last version of the same document.
        previous: Option<EvidenceId>,
        /// 1 to 16 commitments; the first is usually `content`, the hash of the original.
        commitments: List<FieldCommitment, 16>,
    },
    /// Register up to 10,000 originals under one RFC 6962 Merkle root; each can be proven later.
    RegisterBatch {
        /// A number that the depositor chooses.
        id: EvidenceId,
        /// Where the originals come from.
        source: Source,
        /// The record that this one continues.
        previous: Option<EvidenceId>,
        /// The root over the leaves, each a salted commitment of 32 bytes.
        root: Digest,
        /// How many leaves there are, 1 to 10,000.
        leaves: u32,
    },
    /// Attest a record as a third party. The transaction's signature is the co-signature.
    Witness {
        /// The record.
        id: EvidenceId,
        /// The digest of its content, so that the signature covers what was seen.
        content: Digest,
        /// In what capacity.
        capacity: Capacity,
        /// What the witness did.
        finding: Finding,
    },
    /// Withdraw a record of one's own. It stays readable and says so.
    Withdraw {
        /// The record.
        id: EvidenceId,
        /// Why.
        reason: WithdrawalReason,
        /// A salted commitment to a written explanation, kept off the ledger.
        explanation: Option<Digest>,
    },
}

/// Where an original comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// What kind of thing it is.
    pub object_type: ObjectType,
    /// The system it was collected from (来源系统), such as "permit workflow"; never a person's name.
    pub system: Text<100>,
    /// How it was collected and with which tool and version (采集方式).
    pub method: Text<100>,
    /// The account of whoever collected it (操作人).
    pub operator: AccountId,
    /// When it was collected (采集时间), by the source's clock.
    pub collected_at: Time,
}

/// Kinds of originals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ObjectType {
    /// A document or file (文件).
    Document,
    /// A picture (图片).
    Image,
    /// Sound (音频).
    Audio,
    /// Moving pictures (视频).
    Video,
    /// A web page (网页).
    WebPage,
    /// A record of a database (数据记录).
    DatabaseRecord,
    /// An event or log entry of a system (日志).
    LogEntry,
    /// A payment or other transaction (交易).
    Transaction,
    /// Anything else (其他).
    Other,
}

/// A salted commitment to one field of an original, so that one field can be shown without the rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldCommitment {
    /// The field, such as `content` (the original's hash), `file_name`, `operator_name`, `environment_check`, `collection_log`.
    pub field: Text<40>,
    /// The hash of a 32-byte salt and the field's value.
    pub commitment: Digest,
}

/// What a record holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// One original.
    Single {
        /// Its fields.
        commitments: List<FieldCommitment, 16>,
    },
    /// Many originals.
    Batch {
        /// The Merkle root over their commitments.
        root: Digest,
        /// How many.
        leaves: u32,
    },
}

/// In what capacity a witness acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Capacity {
    /// A court (法院).
    Court,
    /// A notary office (公证处).
    Notary,
    /// A forensic appraisal centre (司法鉴定中心).
    ForensicCentre,
    /// Another third party (其他).
    Other,
}

/// What a witness did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// Saw the record and keeps its digest (见证).
    Seen,
    /// Was shown the original and recomputed its commitments (核验一致).
    Recomputed,
}

/// Why a record is withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WithdrawalReason {
    /// It was registered by mistake (误存).
    Mistake,
    /// A later record takes its place (被替代).
    Superseded,
    /// A court or supervisor ordered it (依法撤销).
    Ordered,
    /// Another reason; the explanation says which (其他).
    Other,
}

/// What can be asked of the state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Query {
    /// One record.
    Record {
        /// Its number.
        id: EvidenceId,
    },
    /// Which of these numbers are registered.
    Which {
        /// Up to 100 numbers.
        ids: List<EvidenceId, 100>,
    },
}

/// The answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// One record.
    Record {
        /// The record, where the number is registered.
        record: Option<Box<Record>>,
    },
    /// Which numbers are registered.
    Which {
        /// Those of the question that are, in its order.
        registered: List<EvidenceId, 100>,
    },
}

/// What has happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A record was registered.
    Registered {
        /// Its number.
        id: EvidenceId,
        /// The digest of its content.
        content: Digest,
        /// Who registered it.
        depositor: AccountId,
        /// When it was collected.
        collected_at: Time,
    },
    /// A third party attested a record.
    Witnessed {
        /// The record.
        id: EvidenceId,
        /// Who.
        witness: AccountId,
        /// In what capacity.
        capacity: Capacity,
        /// What the witness did.
        finding: Finding,
    },
    /// A record was withdrawn.
    Withdrawn {
        /// The record.
        id: EvidenceId,
        /// Why.
        reason: WithdrawalReason,
    },
}
