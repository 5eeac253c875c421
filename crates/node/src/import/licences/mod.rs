//! `tongban import licences`: takes over the licences of an older system, one call for each row.
//!
//! ```text
//! mapping.yaml ─┐
//! file ── rows ─┴─▶ preparation ─▶ run ─▶ LicenceTarget (a node): identifiers, roots, commitments, source, anomalies
//!                       │            └──▶ faces: JSON lines with fields and salts, for the vault alone
//!                       └─▶ error file: duplicates, bad codes, rows that cannot be read
//! ```
//!
//! # The mapping file
//!
//! YAML 1.2 or JSON with the fields of [`Mapping`]: which column is which field, of which type the licences are, who issued them, how dates
//! are written. `examples/licences` has one.
//!
//! # Safe to repeat
//!
//! A licence's serial is derived from a secret and the columns of its `key`, its salts from the secret, its identifier and the field's name.
//! So a second run over the same file registers nothing twice and writes the same face files, whatever interrupted the first. **When the
//! vault has taken the faces over, destroy the secret and the face files**: from then on erasing a salt in the vault is final.
//!
//! A row is refused where it has no key, a holder's code that is none, or the key of an earlier row; whatever else is odd about it is flagged
//! on the ledger, lowers its confidence, and costs nothing.

pub mod faces;
pub mod mapping;
pub mod preparation;
pub mod run;
#[cfg(test)]
mod tests;
pub mod values;

pub use faces::{FaceFolder, FaceRecord};
pub use mapping::{Mapping, MappingError};
pub use preparation::{LicenceImportError, Preparer};
pub use run::{LicenceImport, LicenceSummary, LicenceTarget, import};
