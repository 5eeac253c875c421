//! Paths in an authenticated log: a Merkle mountain range over its operations.
//!
//! The range is a row of perfect binary trees, the largest first, one for each bit set in the number of operations;
//! their roots are the *peaks*. A node's hash begins with its position in the order in which nodes come into being
//! (children before parents), so a leaf never passes for an inner node. Peaks are folded into one digest: the oldest
//! ones, whose operations are all inactive, from the left; the others from the right. The root is the hash of two
//! tags, the number of operations, the number of inactive peaks unless it is 0, and that digest.

use crate::{Digest, List, Primitives};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Digests in one path: a log of 2^62 operations has at most 61 siblings and 61 other peaks.
pub const PATH_DIGESTS_MAX: usize = 122;
/// Operations in one log.
const OPERATIONS_MAX: u64 = 1 << 62;
/// The first two bytes under every root: a mountain range, whose active peaks are folded from the right.
const ROOT_TAG: [u8; 2] = [0, 1];

/// Why a path proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// The numbers and lists of the path do not fit together.
    #[error("the path's numbers and digests do not fit together")]
    Malformed,
    /// The operation was superseded: what it says was true once.
    #[error("the record on the path is not the current one")]
    Superseded,
    /// The neighbours in the path do not enclose the key that is claimed absent.
    #[error("the key does not lie between the neighbours on the path, so its absence is not shown")]
    NotEnclosed,
    /// The path ends in another root.
    #[error("the path does not end in the header's root")]
    RootMismatch,
}

/// What leads from one operation to the root of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogPath {
    /// The place of the operation, counted from 0.
    pub location: u64,
    /// How many operations the log has.
    pub operations: u64,
    /// How many of the oldest peaks are folded as inactive.
    pub inactive_peaks: u64,
    /// In this order: the folded peaks before the operation's tree, the other peaks before it, those behind it
    /// (the active ones folded into one), and the siblings inside the tree from left to right.
    pub digests: List<Digest, PATH_DIGESTS_MAX>,
}

/// A perfect tree of the range.
#[derive(Clone, Copy)]
struct Subtree {
    first_leaf: u64,
    height: u32,
}

impl Subtree {
    fn end(self) -> u64 {
        self.first_leaf + (1 << self.height)
    }

    /// Where its root stands among all nodes: before its first leaf come `2n − ones(n)` nodes for `n` leaves, and its
    /// root is the last of its `2^(height+1) − 1` nodes.
    fn position(self) -> u64 {
        2 * self.first_leaf - u64::from(self.first_leaf.count_ones()) + (1 << (self.height + 1)) - 2
    }
}

/// The trees of a range with so many leaves, the largest first.
fn peaks(leaves: u64) -> impl Iterator<Item = Subtree> {
    let mut first_leaf = 0;
    (0..u64::BITS).rev().filter(move |bit| leaves >> bit & 1 == 1).map(move |height| {
        let peak = Subtree { first_leaf, height };
        first_leaf += 1 << height;
        peak
    })
}

/// Takes digests off the front of a path.
struct Cursor<'a>(&'a [Digest]);

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [Digest], PathError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(PathError::Malformed)?;
        self.0 = rest;
        Ok(taken)
    }
}

impl LogPath {
    /// The root that the path leads to from an encoded operation.
    pub fn root(&self, primitives: &dyn Primitives, operation: &[u8]) -> Result<Digest, PathError> {
        self.root_with(primitives, operation, |_, digest| digest)
    }

    /// As [`LogPath::root`]; `graft` may replace the digest of each inner node on the way up, given its height.
    pub(super) fn root_with(
        &self,
        primitives: &dyn Primitives,
        operation: &[u8],
        graft: impl Fn(u32, Digest) -> Digest,
    ) -> Result<Digest, PathError> {
        if self.operations > OPERATIONS_MAX || self.location >= self.operations {
            return Err(PathError::Malformed);
        }
        let peaks: Vec<Subtree> = peaks(self.operations).collect();
        let inactive = usize::try_from(self.inactive_peaks).map_err(|_| PathError::Malformed)?;
        if inactive > peaks.len() {
            return Err(PathError::Malformed);
        }
        let before = peaks.iter().take_while(|peak| peak.end() <= self.location).count();
        let height = peaks.get(before).ok_or(PathError::Malformed)?.height;
        let after = peaks.len() - before - 1;

        let folded_before = inactive.min(before);
        let inactive_after = inactive.saturating_sub(before + 1);
        let mut cursor = Cursor(&self.digests);
        let mut row = cursor.take(usize::from(folded_before > 0))?.to_vec();
        row.extend(cursor.take(before - folded_before)?);
        let behind = cursor.take(inactive_after + usize::from(after > inactive_after))?;
        let siblings = cursor.take(height as usize)?;
        if !cursor.0.is_empty() {
            return Err(PathError::Malformed); // a digest that nothing would check
        }
        row.push(self.climb(primitives, height, siblings, operation, graft));
        row.extend(behind);

        // Where the peaks before the tree came folded, they are one entry of the row.
        let inactive_entries = if folded_before > 0 { inactive - folded_before + 1 } else { inactive };
        let folded = fold_peaks(primitives, &row, inactive_entries).ok_or(PathError::Malformed)?;
        let operations = self.operations.to_be_bytes();
        let inactive_peaks = self.inactive_peaks.to_be_bytes();
        let committed: &[u8] = if inactive == 0 { &[] } else { &inactive_peaks };
        Ok(primitives.hash(&[&ROOT_TAG, &operations, committed, &folded.0]))
    }

    /// The peak over the operation.
    ///
    /// Siblings stand from left to right: those on the left of the way come first, outermost first; those on its
    /// right follow, innermost first. So on the way up both are met going outwards from the middle.
    fn climb(
        &self,
        primitives: &dyn Primitives,
        height: u32,
        siblings: &[Digest],
        operation: &[u8],
        graft: impl Fn(u32, Digest) -> Digest,
    ) -> Digest {
        let turns = self.location & ((1 << height) - 1);
        let (left, right) = siblings.split_at(turns.count_ones() as usize);
        let (mut left, mut right) = (left.iter().rev(), right.iter());
        let leaf = Subtree { first_leaf: self.location, height: 0 };
        let mut digest = primitives.hash(&[&leaf.position().to_be_bytes(), operation]);
        for level in 1..=height {
            let node = Subtree { first_leaf: self.location >> level << level, height: level };
            let position = node.position().to_be_bytes();
            let is_right_child = turns >> (level - 1) & 1 == 1;
            let sibling = if is_right_child { left.next() } else { right.next() };
            let sibling = sibling.expect("as many left siblings as bits set, as many right ones as bits clear");
            let (first, second) = if is_right_child { (sibling, &digest) } else { (&digest, sibling) };
            digest = graft(level, primitives.hash(&[&position, &first.0, &second.0]));
        }
        digest
    }
}

/// Folds a row of peaks: the first `inactive` of them from the left, the others from the right onto them.
fn fold_peaks(primitives: &dyn Primitives, row: &[Digest], inactive: usize) -> Option<Digest> {
    let (first, others) = row.split_first()?;
    let (inactive, active) = others.split_at_checked(inactive.saturating_sub(1))?;
    let pair = |left: &Digest, right: &Digest| primitives.hash(&[&left.0, &right.0]);
    let folded = inactive.iter().fold(*first, |folded, peak| pair(&folded, peak));
    let bag = active.iter().rev().copied().reduce(|bag, peak| pair(&peak, &bag));
    Some(bag.map_or(folded, |bag| pair(&folded, &bag)))
}
