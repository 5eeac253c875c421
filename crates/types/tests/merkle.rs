//! The RFC 6962 tree against the published cases of transparency-dev, and against itself.

use proptest::prelude::*;
use serde::Deserialize;
use sha2::Digest as _;
use std::io::Read;
use tongban_types::merkle::{self, MerkleError};
use tongban_types::{Digest, Primitives, PublicKey, Signature, Suite};

struct Sha256;

impl Primitives for Sha256 {
    fn suite(&self) -> Suite {
        Suite::Intl
    }

    fn hash(&self, parts: &[&[u8]]) -> Digest {
        let mut hasher = sha2::Sha256::new();
        parts.iter().for_each(|part| hasher.update(part));
        Digest(hasher.finalize().into())
    }

    fn verify(&self, _: &PublicKey, _: &[u8], _: &Signature) -> bool {
        false
    }
}

/// One published case, of any of the four kinds.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Case {
    leaf_idx: Option<u64>,
    leaf_hash: Option<String>,
    tree_size: Option<u64>,
    root: Option<String>,
    size: Option<u64>,
    size1: Option<u64>,
    size2: Option<u64>,
    root1: Option<String>,
    root2: Option<String>,
    start: Option<u64>,
    end: Option<u64>,
    proof: Option<Vec<String>>,
    #[serde(rename = "desc")]
    _description: String,
    want_err: bool,
}

/// Base64 of a digest; none where it has not 32 bytes.
fn digest(text: &str) -> Option<Digest> {
    let mut bits = 0u32;
    let mut bytes = Vec::new();
    for (index, character) in text.bytes().filter(|byte| *byte != b'=').enumerate() {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let value = alphabet.iter().position(|entry| *entry == character)?;
        bits = bits << 6 | value as u32;
        if index % 4 != 0 {
            bytes.push((bits >> (6 - index % 4 * 2)) as u8);
        }
    }
    Some(Digest(bytes.try_into().ok()?))
}

/// The verdict on a case; none where a digest is none.
fn verdict(case: &Case) -> Option<Result<(), MerkleError>> {
    let field = |text: &Option<String>| digest(text.as_deref().unwrap_or_default());
    // Where only equality matters some cases have a text for a root; here its digest stands for it.
    let root_field = |text: &Option<String>| {
        let text = text.as_deref().unwrap_or_default();
        digest(text).unwrap_or_else(|| Sha256.hash(&[text.as_bytes()]))
    };
    let path: Vec<Digest> = case.proof.iter().flatten().map(|text| digest(text)).collect::<Option<_>>()?;
    let primitives = &Sha256;
    Some(match case {
        Case { leaf_idx: Some(index), tree_size: Some(size), .. } => merkle::verify_inclusion(
            primitives,
            &field(&case.leaf_hash)?,
            *index,
            *size,
            &path,
            &root_field(&case.root),
        ),
        Case { leaf_idx: Some(index), start: Some(start), end: Some(end), .. } => {
            let (leaf, root) = (field(&case.leaf_hash)?, root_field(&case.root));
            merkle::verify_subtree_inclusion(primitives, &leaf, *index, (*start, *end), &path, &root)
        }
        Case { size1: Some(old), size2: Some(new), .. } => {
            let (old_root, new_root) = (root_field(&case.root1), root_field(&case.root2));
            merkle::verify_consistency(primitives, (*old, &old_root), (*new, &new_root), &path)
        }
        Case { start: Some(start), end: Some(end), size: Some(size), .. } => {
            let (part_root, root) = (root_field(&case.root1), root_field(&case.root2));
            merkle::verify_subtree_consistency(primitives, (*start, *end, &part_root), (*size, &root), &path)
        }
        _ => panic!("a case of an unknown kind"),
    })
}

#[test]
fn every_published_case_has_its_verdict() {
    let Ok(folder) = std::env::var("TONGBAN_REALDATA") else {
        eprintln!("skipped: TONGBAN_REALDATA is not set");
        return;
    };
    let file = std::fs::File::open(format!("{folder}/merkle/transparency_dev_merkle.tar.gz")).expect("the archive");
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
    let mut cases = 0;
    for entry in archive.entries().expect("a tar archive") {
        let mut entry = entry.expect("an entry");
        let name = entry.path().expect("a name").display().to_string();
        if !name.ends_with(".json") {
            continue;
        }
        let mut text = String::new();
        entry.read_to_string(&mut text).expect("text");
        let case: Case = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let found = verdict(&case);
        let is_refused = !matches!(found, Some(Ok(())));
        assert_eq!(is_refused, case.want_err, "{name}: {found:?}");
        cases += 1;
    }
    assert_eq!(cases, 518);
}

#[test]
fn roots_of_small_trees() {
    let hash = |parts: &[&[u8]]| Sha256.hash(parts);
    assert_eq!(merkle::root::<&[u8]>(&Sha256, &[]), hash(&[]));
    let (a, b, c) = (hash(&[b"\0a"]), hash(&[b"\0b"]), hash(&[b"\0c"]));
    assert_eq!(merkle::root(&Sha256, &["a"]), a);
    let ab = hash(&[&[1], &a.0, &b.0]);
    assert_eq!(merkle::root(&Sha256, &["a", "b", "c"]), hash(&[&[1], &ab.0, &c.0]));
    assert_eq!(merkle::Tree::new(&Sha256, &["a", "b", "c"]).path(3), None);
}

#[test]
fn a_way_has_one_spelling_where_index_and_size_have_two() {
    let leaf = |text: &str| merkle::leaf_hash(&Sha256, text.as_bytes());
    // The third of three leaves, and the second of two of which the first is a node: the same path.
    let tree = merkle::Tree::new(&Sha256, &["a", "b", "c"]);
    let path = tree.path(2).expect("a leaf");
    let root = merkle::root(&Sha256, &["a", "b", "c"]);
    for (index, size) in [(2, 3), (1, 2)] {
        assert_eq!(merkle::verify_inclusion(&Sha256, &leaf("c"), index, size, &path, &root), Ok(()));
    }
    assert_eq!(tree.way(2), Some(merkle::Way { turns: 1, siblings: path }));
}

proptest! {
    #[test]
    fn built_paths_verify_and_changed_ones_do_not(size in 1usize..200, index in 0usize..200, flip in 0usize..256) {
        let index = index % size;
        let leaves: Vec<[u8; 8]> = (0..size as u64).map(u64::to_be_bytes).collect();
        let root = merkle::root(&Sha256, &leaves);
        let mut path = merkle::Tree::new(&Sha256, &leaves).path(index).expect("inside the tree");
        prop_assert!(path.len() <= merkle::PATH_DIGESTS_MAX);
        let leaf = merkle::leaf_hash(&Sha256, &leaves[index]);
        let check = |path: &[Digest], index: usize, size: usize| {
            merkle::verify_inclusion(&Sha256, &leaf, index as u64, size as u64, path, &root)
        };
        prop_assert_eq!(check(&path, index, size), Ok(()));
        prop_assert!(check(&path, (index + 1) % size, size).is_err() || size == 1);
        path.push(root);
        prop_assert_eq!(check(&path, index, size), Err(MerkleError::Length));
        path.pop();
        if let Some(digest) = path.first_mut() {
            digest.0[flip / 8] ^= 1 << (flip % 8);
            prop_assert_eq!(check(&path, index, size), Err(MerkleError::RootMismatch));
        }
    }

    #[test]
    fn ways_lead_to_the_root_and_changed_ones_do_not(size in 1usize..200, index in 0usize..200, turn in 0usize..8) {
        let index = index % size;
        let leaves: Vec<[u8; 8]> = (0..size as u64).map(u64::to_be_bytes).collect();
        let hashes: Vec<Digest> = leaves.iter().map(|leaf| merkle::leaf_hash(&Sha256, leaf)).collect();
        let root = merkle::root(&Sha256, &leaves);
        let tree = merkle::Tree::of_hashes(&Sha256, hashes.clone());
        let mut way = tree.way(index).expect("inside the tree");
        prop_assert_eq!(Some(way.siblings.clone()), tree.path(index));
        prop_assert_eq!(way.root(&Sha256, &hashes[index]), root);
        prop_assert_eq!(way.turns >> way.siblings.len(), 0);
        prop_assert_eq!(tree.way(size), None);
        if turn < way.siblings.len() {
            way.turns ^= 1 << turn;
            prop_assert_ne!(way.root(&Sha256, &hashes[index]), root);
            way.turns ^= 1 << turn;
        }
        way.siblings.push(root);
        prop_assert_ne!(way.root(&Sha256, &hashes[index]), root);
        way.siblings.pop();
        if way.siblings.pop().is_some() {
            prop_assert_ne!(way.root(&Sha256, &hashes[index]), root);
        }
    }

    #[test]
    fn arbitrary_paths_never_panic(a: u64, b: u64, c: u64, path in proptest::collection::vec(any::<[u8; 32]>(), 0..70)) {
        let path: Vec<Digest> = path.into_iter().map(Digest).collect();
        let digest = Digest::ZERO;
        let _ = merkle::verify_inclusion(&Sha256, &digest, a, b, &path, &digest);
        let _ = merkle::verify_subtree_inclusion(&Sha256, &digest, a, (b, c), &path, &digest);
        let _ = merkle::verify_consistency(&Sha256, (a, &digest), (b, &digest), &path);
        let _ = merkle::verify_subtree_consistency(&Sha256, (a, b, &digest), (c, &digest), &path);
    }
}
