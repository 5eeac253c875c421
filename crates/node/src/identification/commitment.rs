//! Commitments to papers: salted, so that nobody can guess a paper from what stands on the ledger, and opened with a file that stays with
//! the department.

use crate::cli::read_file;
use crate::evidence_file::{OpenedField, hash_file, hash_of};
use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use std::path::Path;
use tongban_crypto::{commitment, primitives};
use tongban_types::{Digest, Primitives, Suite};

/// What stands for standard input.
const STANDARD_INPUT: &str = "-";
/// Bytes of an opening.
const OPENING_BYTES_MAX: u64 = 64 * 1024;

/// What opens the commitment to a paper: kept by the department, shown with the paper to whoever is to check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaperOpening {
    /// The suite whose hash was used.
    pub suite: Suite,
    /// What stands on the ledger.
    pub commitment: Digest,
    /// The paper's hash with its salt.
    pub paper: OpenedField,
}

impl PaperOpening {
    /// Commits to the paper with this hash.
    pub fn of(hash: Digest, suite: Suite) -> anyhow::Result<Self> {
        let paper = OpenedField::salted(hash)?;
        Ok(Self { suite, commitment: recomputed(&paper, suite), paper })
    }

    /// Reads an opening.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let bytes = read_file(path, OPENING_BYTES_MAX)?;
        serde_json::from_slice(&bytes).with_context(|| format!("{} is no opening of a paper", path.display()))
    }

    /// Whether the commitment is to the paper with this hash.
    pub fn is_of(&self, hash: Digest) -> bool {
        self.paper.value.as_ref() == hash.as_ref() && recomputed(&self.paper, self.suite) == self.commitment
    }
}

fn recomputed(paper: &OpenedField, suite: Suite) -> Digest {
    commitment(primitives(suite), &paper.salt.0, paper.value.as_ref())
}

/// The hash of a paper, or of standard input.
pub fn hash_paper(paper: &Path, primitives: &dyn Primitives) -> anyhow::Result<Digest> {
    if paper == Path::new(STANDARD_INPUT) {
        return hash_of(std::io::stdin().lock(), "standard input", primitives);
    }
    hash_file(paper, primitives)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::private_file::write_new_json;

    #[test]
    fn a_commitment_is_salted_and_opened_by_its_paper_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let paper = folder.path().join("card.jpg");
        std::fs::write(&paper, "a picture").expect("a file");
        for suite in [Suite::Sm, Suite::Intl] {
            let hash = hash_paper(&paper, primitives(suite)).expect("a file");
            let [first, second] = [(); 2].map(|()| PaperOpening::of(hash, suite).expect("an opening"));
            assert_ne!(first.commitment, second.commitment, "the salt is another one each time");
            let path = folder.path().join(format!("{suite}.opening.json"));
            write_new_json(&path, &first).expect("a new file");
            let read = PaperOpening::read(&path).expect("an opening");
            assert_eq!(read, first);
            assert!(read.is_of(hash));
            assert!(!read.is_of(Digest([7; 32])));
            let exchanged = PaperOpening { commitment: second.commitment, ..read };
            assert!(!exchanged.is_of(hash), "of another commitment");
        }
    }

    #[test]
    fn what_is_no_opening_or_no_paper_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("opening.json");
        for text in ["", "{}", "[]", r#"{"suite":"sm","commitment":"00","paper":{}}"#] {
            std::fs::write(&path, text).expect("a file");
            assert!(PaperOpening::read(&path).is_err(), "{text}");
        }
        assert!(PaperOpening::read(&folder.path().join("absent")).is_err());
        for paper in [folder.path().join("absent"), folder.path().to_owned()] {
            let error = hash_paper(&paper, primitives(Suite::Sm)).expect_err("no paper");
            assert!(format!("{error:#}").contains("cannot read"), "{error:#}");
        }
    }
}
