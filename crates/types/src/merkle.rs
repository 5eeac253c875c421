//! The Merkle tree of RFC 6962 and 9162 (Certificate Transparency): the tree over a block's transactions, and that over its
//! receipts.
//!
//! A leaf's hash begins with the byte 0, an inner node's with 1. The left part of a tree is the largest power of two
//! that is less than its size. Paths stand from the leaf to the root.

use crate::{Digest, Primitives};

/// Digests in one path: a tree has at most 2^64 − 1 leaves.
pub const PATH_DIGESTS_MAX: usize = 65;

/// Why a path in a tree is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MerkleError {
    /// There is no such leaf, or the tree has no such part.
    #[error("the tree has no such leaf or part")]
    OutOfRange,
    /// More or fewer digests than the way to the root needs.
    #[error("the path has too many or too few digests")]
    Length,
    /// The path ends in another root.
    #[error("the path does not end in the root")]
    RootMismatch,
}

/// The hash of a leaf.
pub fn leaf_hash(primitives: &dyn Primitives, leaf: &[u8]) -> Digest {
    primitives.hash(&[&[0], leaf])
}

fn node_hash(primitives: &dyn Primitives, left: &Digest, right: &Digest) -> Digest {
    primitives.hash(&[&[1], &left.0, &right.0])
}

/// The size of the left part of a tree with at least two leaves.
fn split(size: usize) -> usize {
    1 << (size - 1).ilog2()
}

fn root_of_hashes(primitives: &dyn Primitives, hashes: &[Digest]) -> Digest {
    match hashes {
        [] => primitives.hash(&[]),
        [leaf] => *leaf,
        _ => {
            let (left, right) = hashes.split_at(split(hashes.len()));
            node_hash(primitives, &root_of_hashes(primitives, left), &root_of_hashes(primitives, right))
        }
    }
}

/// The root over the leaves; that of no leaves is the hash of nothing.
pub fn root<L: AsRef<[u8]>>(primitives: &dyn Primitives, leaves: &[L]) -> Digest {
    let hashes: Vec<Digest> = leaves.iter().map(|leaf| leaf_hash(primitives, leaf.as_ref())).collect();
    root_of_hashes(primitives, &hashes)
}

/// A tree in memory, for giving out the paths of its leaves.
pub struct Tree {
    /// The leaves' hashes, then level after level up to the root; a node without a sibling stands again one level up.
    levels: Vec<Vec<Digest>>,
}

impl Tree {
    /// The tree over the leaves.
    pub fn new<L: AsRef<[u8]>>(primitives: &dyn Primitives, leaves: &[L]) -> Self {
        Self::of_hashes(primitives, leaves.iter().map(|leaf| leaf_hash(primitives, leaf.as_ref())).collect())
    }

    /// The tree over leaves whose hashes are known.
    pub fn of_hashes(primitives: &dyn Primitives, mut level: Vec<Digest>) -> Self {
        let mut levels = Vec::new();
        while level.len() > 1 {
            let above = level.chunks(2).map(|pair| match pair {
                [left, right] => node_hash(primitives, left, right),
                _ => pair[0],
            });
            let above = above.collect();
            levels.push(std::mem::replace(&mut level, above));
        }
        levels.push(level);
        Self { levels }
    }

    /// The path from the leaf with this index to the root; none where there is no such leaf.
    pub fn path(&self, mut index: usize) -> Option<Vec<Digest>> {
        if index >= self.levels.first().map_or(0, Vec::len) {
            return None;
        }
        let mut path = Vec::new();
        for level in &self.levels {
            path.extend(level.get(index ^ 1).filter(|_| level.len() > 1));
            index /= 2;
        }
        Some(path)
    }

    /// As [`Tree::path`], with the side on which each sibling stands, see [`Way`].
    pub fn way(&self, index: usize) -> Option<Way> {
        let siblings = self.path(index)?;
        let (mut turns, mut height) = (0, 0);
        for (above, level) in self.levels.iter().enumerate() {
            let node = index >> above;
            if node ^ 1 < level.len() && level.len() > 1 {
                turns |= ((node & 1) as u64) << height;
                height += 1;
            }
        }
        Some(Way { turns, siblings })
    }
}

/// What leads from a leaf to the root by its turns alone, without the leaf's index and the tree's size.
///
/// One path fits several pairs of index and size (the second of two leaves and the third of three, for instance), so it
/// proves neither. A way does not claim them: it has one spelling for one path, and says that the leaf is in the tree. Where a
/// leaf stands must be part of the leaf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// One bit for each sibling, the lowest for the first: whether the sibling stands on the left.
    pub turns: u64,
    /// The siblings, from the leaf to the root; at most 64.
    pub siblings: Vec<Digest>,
}

impl Way {
    /// The root that the way leads to from the leaf with this hash.
    pub fn root(&self, primitives: &dyn Primitives, leaf_hash: &Digest) -> Digest {
        let mut turns = self.turns;
        self.siblings.iter().fold(*leaf_hash, |digest, sibling| {
            let is_left = turns & 1 == 1;
            turns >>= 1;
            let (left, right) = if is_left { (sibling, &digest) } else { (&digest, sibling) };
            node_hash(primitives, left, right)
        })
    }
}

/// Refuses unless the leaf with this hash stands at `index` in the tree with this size and root.
pub fn verify_inclusion(
    primitives: &dyn Primitives,
    leaf_hash: &Digest,
    index: u64,
    size: u64,
    path: &[Digest],
    root: &Digest,
) -> Result<(), MerkleError> {
    if index >= size {
        return Err(MerkleError::OutOfRange);
    }
    let (mut node, mut last) = (index, size - 1);
    let mut digest = *leaf_hash;
    for sibling in path {
        if last == 0 {
            return Err(MerkleError::Length);
        }
        if node & 1 == 1 || node == last {
            digest = node_hash(primitives, sibling, &digest);
            let levels = levels_without_sibling(node);
            node >>= levels;
            last >>= levels;
        } else {
            digest = node_hash(primitives, &digest, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    finish(last, digest == *root)
}

/// As [`verify_inclusion`], in the part `start..end` of a tree; `root` is the part's.
pub fn verify_subtree_inclusion(
    primitives: &dyn Primitives,
    leaf_hash: &Digest,
    index: u64,
    (start, end): (u64, u64),
    path: &[Digest],
    root: &Digest,
) -> Result<(), MerkleError> {
    if !is_subtree(start, end) || index < start {
        return Err(MerkleError::OutOfRange);
    }
    verify_inclusion(primitives, leaf_hash, index - start, end - start, path, root)
}

/// Refuses unless the first `old_size` leaves of the tree with `new_root` are those of the tree with `old_root`.
pub fn verify_consistency(
    primitives: &dyn Primitives,
    (old_size, old_root): (u64, &Digest),
    (new_size, new_root): (u64, &Digest),
    path: &[Digest],
) -> Result<(), MerkleError> {
    if old_size == 0 && new_size > 0 {
        return Err(MerkleError::OutOfRange); // every tree grows from the empty one, so this would say nothing
    }
    if old_size == new_size && old_root != new_root {
        return Err(MerkleError::RootMismatch);
    }
    verify_subtree_consistency(primitives, (0, old_size, old_root), (new_size, new_root), path)
}

/// Refuses unless the leaves `start..end` of the tree with this size and root are those under `part_root`.
///
/// A part is what some tree has under one node: `start` is a multiple of the least power of two that is not below
/// its size. The empty part is in every tree.
pub fn verify_subtree_consistency(
    primitives: &dyn Primitives,
    (start, end, part_root): (u64, u64, &Digest),
    (size, root): (u64, &Digest),
    path: &[Digest],
) -> Result<(), MerkleError> {
    if start > end || end > size {
        return Err(MerkleError::OutOfRange);
    }
    if start == end {
        let is_empty_root = *part_root == primitives.hash(&[]);
        return finish(path.len() as u64, is_empty_root);
    }
    if !is_subtree(start, end) {
        return Err(MerkleError::OutOfRange);
    }
    // The node over the first leaf of the part, the one over its last leaf, and the tree's last node, all on one level.
    let (mut first, mut node, mut last) = (start, end - 1, size - 1);
    while first != node && (node == last || node & 1 == 1) {
        (first, node, last) = (first >> 1, node >> 1, last >> 1);
    }
    // Where the part is one node, its root is known; otherwise the path begins with a node inside it.
    let (seed, path) = if first == node { (part_root, path) } else { path.split_first().ok_or(MerkleError::Length)? };
    let (mut part_digest, mut digest) = (*seed, *seed);
    for sibling in path {
        if last == 0 {
            return Err(MerkleError::Length);
        }
        if node & 1 == 1 || node == last {
            if first < node {
                part_digest = node_hash(primitives, sibling, &part_digest);
            }
            digest = node_hash(primitives, sibling, &digest);
            let levels = levels_without_sibling(node);
            (first, node, last) = (first >> levels, node >> levels, last >> levels);
        } else {
            digest = node_hash(primitives, &digest, sibling);
        }
        (first, node, last) = (first >> 1, node >> 1, last >> 1);
    }
    finish(last, part_digest == *part_root && digest == *root)
}

/// A node on the right edge stays alone, without a sibling, up to the level on which it is a right child.
fn levels_without_sibling(node: u64) -> u32 {
    if node == 0 { 0 } else { node.trailing_zeros() }
}

fn is_subtree(start: u64, end: u64) -> bool {
    let size = end.checked_sub(start).filter(|size| *size > 0);
    let width = size.and_then(u64::checked_next_power_of_two);
    width.is_some_and(|width| start.is_multiple_of(width))
}

fn finish(levels_left: u64, is_match: bool) -> Result<(), MerkleError> {
    if levels_left != 0 {
        return Err(MerkleError::Length);
    }
    if is_match { Ok(()) } else { Err(MerkleError::RootMismatch) }
}
