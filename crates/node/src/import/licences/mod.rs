//! `tongban import licences`: takes over the licences of an older system, one call for each row.
//!
//! ```text
//! mapping.yaml ─┐
//! file ── rows ─┴─▶ preparation ─▶ run ─▶ LicenceTarget (a node): identifiers, roots, commitments, source, anomalies
//!                       │            ├──▶ faces: JSON lines with fields and salts, for the vault alone
//!                       └────────────┴─▶ error file: duplicates, bad codes, what the ledger has otherwise, rows that cannot be read
//! ```
//!
//! # The mapping file
//!
//! YAML 1.2 or JSON with the fields of [`Mapping`]: which column is which field, of which type the licences are, who issued them, how dates
//! are written. `examples/licences` has one.
//!
//! # Safe to repeat
//!
//! A licence that brings no identifier has its serial derived from a secret and the columns of its `key`; the salts of all are derived from the
//! secret, the identifier and the field's name. So a second run over the same file registers nothing twice, whatever interrupted the first. Of a
//! licence that the ledger has, the row is compared with what it has: a row that was corrected, or whose licence was revoked in the meantime,
//! goes to the error file with `import.licence_differs` and costs nothing else. Faces are written for new rows alone, and never over a file.
//!
//! **The secret of the first import must be kept as long as files of this register are imported.** With another one, rows without
//! identifiers of their own are strangers to the ledger and are taken over a second time: nothing on it tells, for everything there is
//! salted, so the command warns ([`warnings`]). Rows with identifiers of their own are found, and differ. **When that is over and the vault has
//! the faces, destroy the secret and the face files**: from then on erasing a salt in the vault is final.
//!
//! # What is refused
//!
//! A row is refused where it has no key or no identifier, a code in its identifier, its holder's column or a field bound to a standard, by the
//! mapping or by its type on the ledger, that is none, or the key of an earlier row. A mapping that contradicts the type is refused whole. Whatever else is odd about it is flagged on the ledger, lowers its confidence, and costs
//! nothing. An end that cannot be read is taken over as unknown, never as none.

pub mod comparison;
pub mod faces;
pub mod mapping;
pub mod preparation;
pub mod run;
pub mod standards;
#[cfg(test)]
mod tests;
pub mod values;
pub mod warnings;

pub use faces::{FaceFolder, FaceRecord};
pub use mapping::{Mapping, MappingError};
pub use preparation::{LicenceImportError, Preparer};
pub use run::{LicenceImport, LicenceSummary, LicenceTarget, import};
pub use warnings::Warning;
