//! Why the index does not answer.

/// Why the index does not answer or does not take a stretch.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The address of the database cannot be understood. The address itself is not repeated: it may hold a password.
    #[error("the address of the index is neither sqlite:FILE nor postgres://HOST/DATABASE: {reason}")]
    UrlInvalid {
        /// What is wrong with it.
        reason: String,
    },
    /// The database holds the index of another network.
    #[error("the database holds the index of the network {found}, not of {expected}; name another, or rebuild it")]
    OtherNetwork {
        /// The network that was asked for.
        expected: String,
        /// The network in the database.
        found: String,
    },
    /// The database was written by another version of the program.
    #[error("the index has the schema version {found}, this program writes {expected}; rebuild it")]
    OtherVersion {
        /// What this program writes.
        expected: i64,
        /// What the database holds.
        found: String,
    },
    /// A stretch begins behind the place where the index stands.
    #[error("the index stands at receipt {expected}, the stretch begins at {found}")]
    Gap {
        /// The next receipt that the index needs.
        expected: u64,
        /// The first receipt of the stretch.
        found: u64,
    },
    /// A stretch whose receipts do not follow one another, or do not end where it says.
    #[error("the stretch is not in order at receipt {number}")]
    Disorder {
        /// The receipt that should stand there.
        number: u64,
    },
    /// A cursor that this index did not give for this question.
    #[error("the cursor belongs to another list")]
    CursorInvalid,
    /// A search without a letter, digit or character to look for.
    #[error("there is nothing to look for: give a name, a number or a code")]
    QueryEmpty,
    /// A search for too long a text.
    #[error("a search takes at most {max} characters")]
    QueryTooLong {
        /// Characters that are allowed.
        max: usize,
    },
    /// The database cannot be reached or does not answer.
    #[error("the database of the index does not answer: {0}")]
    Unavailable(#[from] sqlx::Error),
    /// The database holds what this program did not write.
    #[error("the database of the index holds what does not belong there: {0}; rebuild it")]
    Corrupt(&'static str),
}

impl IndexError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UrlInvalid { .. } => "index.url_invalid",
            Self::OtherNetwork { .. } => "index.other_network",
            Self::OtherVersion { .. } => "index.other_version",
            Self::Gap { .. } => "index.gap",
            Self::Disorder { .. } => "index.disorder",
            Self::CursorInvalid => "index.cursor_invalid",
            Self::QueryEmpty => "index.query_empty",
            Self::QueryTooLong { .. } => "index.query_too_long",
            Self::Unavailable(_) => "index.unavailable",
            Self::Corrupt(_) => "index.corrupt",
        }
    }
}
