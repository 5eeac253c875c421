//! What can go wrong at the border of the ledger, each with a stable code.

use std::path::PathBuf;
use tongban_types::proof::NoSlip;
use tongban_types::receipt::Code;

/// Why a node does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The genesis describes no network.
    #[error("the genesis is not valid: {0}")]
    Genesis(#[from] tongban_types::genesis::GenesisError),
    /// The node's key is none of the validators'.
    #[error("the key of this node is none of the validators' keys in the genesis")]
    NotAValidator,
    /// Another process works in the data folder.
    #[error("the data folder {folder} is in use by another process")]
    FolderLocked {
        /// The folder.
        folder: PathBuf,
    },
    /// The data folder belongs to another network.
    #[error("the data folder {folder} belongs to another network, {found}")]
    FolderOfOtherNetwork {
        /// The folder.
        folder: PathBuf,
        /// The network it belongs to.
        found: String,
    },
    /// The data folder cannot be used.
    #[error("the data folder {folder} cannot be used")]
    FolderUnusable {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The disk has less room than the reserve.
    #[error("the disk of {folder} has {free_bytes} bytes left, less than the reserve of {reserve_bytes}")]
    DiskFull {
        /// The folder.
        folder: PathBuf,
        /// What is left.
        free_bytes: u64,
        /// What must be left.
        reserve_bytes: u64,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    PortTaken {
        /// The address.
        address: std::net::SocketAddr,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The engine stopped before it was ready.
    #[error("the engine stopped while starting: {0}")]
    Engine(#[from] EngineFailure),
}

impl StartError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Genesis(_) => "node.genesis_invalid",
            Self::NotAValidator => "node.not_a_validator",
            Self::FolderLocked { .. } => "node.folder_locked",
            Self::FolderOfOtherNetwork { .. } => "node.folder_of_other_network",
            Self::FolderUnusable { .. } => "node.folder_unusable",
            Self::DiskFull { .. } => "node.disk_full",
            Self::PortTaken { .. } => "node.port_taken",
            Self::Engine(_) => "node.engine_failed",
        }
    }
}

/// The engine ended otherwise than by a request: storage failed, or this node computed another result than the network.
/// Both are made to be fatal; run the node under a supervisor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct EngineFailure {
    /// The panic's message.
    pub reason: String,
}

/// Why a transaction is not, or not yet, on its way.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// Longer than a transaction may be.
    #[error("the transaction has too many bytes")]
    TooLarge,
    /// Meant for another network.
    #[error("the transaction is meant for another network")]
    WrongNetwork,
    /// Its `not_after` has passed; it had no effect and never will.
    #[error("the transaction has expired without effect")]
    Expired,
    /// Its `not_after` lies further ahead than the network's window.
    #[error("not_after lies further ahead than the network's window")]
    WindowTooLong,
    /// The signature is not the named key's.
    #[error("the signature is not good")]
    BadSignature,
    /// The rules refuse it before it is ordered.
    #[error("refused with {code}")]
    Refused {
        /// The rule's code.
        code: Code,
    },
    /// Too much waits here already.
    #[error("too many transactions wait, try again in {retry_after_millis} ms")]
    Busy {
        /// When to try again.
        retry_after_millis: u64,
    },
    /// The disk is nearly full.
    #[error("the node's disk is nearly full")]
    DiskLow,
    /// The node is stopping or has stopped.
    #[error("the node has stopped")]
    Stopped,
}

impl SubmitError {
    /// The stable code.
    pub fn code(&self) -> Code {
        let code = match self {
            Self::TooLarge => "tx.too_large",
            Self::WrongNetwork => "tx.wrong_network",
            Self::Expired => "tx.expired",
            Self::WindowTooLong => "tx.window_too_long",
            Self::BadSignature => "tx.bad_signature",
            Self::Refused { code } => return code.clone(),
            Self::Busy { .. } => "node.busy",
            Self::DiskLow => "node.disk_low",
            Self::Stopped => "node.stopped",
        };
        Code::new(code).expect("codes are short identifiers")
    }
}

/// Why a question to the ledger has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Nothing has this number or height here.
    #[error("not found")]
    NotFound,
    /// It is there, but not yet final far enough to be proven; try again in a moment.
    #[error("not provable yet")]
    NotProvableYet,
    /// More keys or records were asked for than one question may.
    #[error("too many at once")]
    TooMany,
    /// The receipt can be proven, but not by a slip.
    #[error("{0}")]
    NoSlip(NoSlip),
    /// The node is stopping or has stopped.
    #[error("the node has stopped")]
    Stopped,
}

impl ReadError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "node.not_found",
            Self::NotProvableYet => "node.not_provable_yet",
            Self::TooMany => "node.too_many",
            Self::NoSlip(NoSlip::NoEvents) => "slip.no_events",
            Self::NoSlip(NoSlip::NeedsBundle) => "slip.needs_bundle",
            Self::NoSlip(NoSlip::TooLarge { .. }) => "slip.too_large",
            Self::Stopped => "node.stopped",
        }
    }
}
