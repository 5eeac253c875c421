//! Checking SM2 signatures. Everything here is public, so variable-time arithmetic is used.
//!
//! Nearly all signatures of a network are made with few keys: the validators' and those of the departments' systems. A key
//! that comes again gets a table of its multiples, which makes its checks several times as fast.

use super::DEFAULT_ID;
use super::multiples::Multiples;
use crate::batch::SignedMessage;
use sm2::elliptic_curve::ops::{MulVartime as _, Reduce as _};
use sm2::elliptic_curve::point::AffineCoordinates as _;
use sm2::elliptic_curve::sec1::ToSec1Point as _;
use sm2::elliptic_curve::{BatchNormalize as _, Group as _};
use sm2::{AffinePoint, ProjectivePoint, Scalar};
use sm3::{Digest as _, Sm3};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, OnceLock, RwLock};
use tongban_types::{PublicKey, Signature};

/// Keys that stay parsed. A full cache is emptied: no order of use is kept, and accounts that act come back at once.
const CACHED_KEYS_MAX: usize = 16 * 1024;

/// Bits of the windows of the base point's table: 4,224 points, 0.3 MB.
const BASE_WINDOW_BITS: usize = 8;
/// Bits of the windows of a key's table: 832 points, 60 KB.
const KEY_WINDOW_BITS: usize = 5;
/// Keys that have a table at the same time: 30 MB.
const TABLES_MAX: usize = 512;
/// A table costs as much as about three checks without one, so a key gets it once it has been used so often.
const USES_WITHOUT_TABLE: u32 = 8;

static TABLES: AtomicUsize = AtomicUsize::new(0);

const CURVE_A: [u8; 32] = [
    0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfc,
];
const CURVE_B: [u8; 32] = [
    0x28, 0xe9, 0xfa, 0x9e, 0x9d, 0x9f, 0x5e, 0x34, 0x4d, 0x5a, 0x9e, 0x4b, 0xcf, 0x65, 0x09, 0xa7, 0xf3, 0x97, 0x89,
    0xf5, 0x15, 0xab, 0x8f, 0x92, 0xdd, 0xbc, 0xbd, 0x41, 0x4d, 0x94, 0x0e, 0x93,
];

/// Whether the signature is good (GB/T 32918.2, 7.1), with the default identifier. Strict: the key is a compressed
/// point of 33 bytes, `r` and `s` are in `1..n`.
pub fn verify(key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
    cached_key(key.as_ref()).is_some_and(|key| {
        let digest = key.identity.clone().chain_update(message).finalize();
        key.accepts(&digest.into(), signature)
    })
}

/// Like [`verify`], for a message that was hashed with [`message_digest`], perhaps with another identifier.
pub fn verify_digest(key: &PublicKey, digest: &[u8; 32], signature: &Signature) -> bool {
    cached_key(key.as_ref()).is_some_and(|key| key.accepts(digest, signature))
}

/// What SM2 signs in place of a message: SM3 of `Z_A` (which the signer's identifier and key go into) and the message.
/// `None` where the key is no compressed point, or the identifier has 8 KiB or more.
pub fn message_digest(id: &[u8], key: &PublicKey, message: &[u8]) -> Option<[u8; 32]> {
    let key = parse_point(key.as_ref())?;
    Some(identity(id, &key)?.chain_update(message).finalize().into())
}

/// The verdict on each item, by the rules of [`verify`].
pub fn verify_batch(items: &[SignedMessage<'_>]) -> Vec<bool> {
    let equations: Vec<Option<Equation>> = items
        .iter()
        .map(|item| {
            let key = cached_key(item.key.as_ref())?;
            let digest = key.identity.clone().chain_update(item.message).finalize();
            key.equation(&digest.into(), item.signature)
        })
        .collect();
    // What is needed of the points are their affine coordinates, and one inversion serves all of them.
    let points: Vec<ProjectivePoint> = equations.iter().flatten().map(|equation| equation.point).collect();
    let mut points = ProjectivePoint::batch_normalize(points.as_slice()).into_iter();
    let holds = |equation: Option<Equation>| {
        equation.is_some_and(|equation| points.next().is_some_and(|point| equation.holds(&point)))
    };
    equations.into_iter().map(holds).collect()
}

/// A parsed key.
struct VerifyingKey {
    point: ProjectivePoint,
    /// See [`identity`], with the default identifier.
    identity: Sm3,
    uses: AtomicU32,
    table: OnceLock<Table>,
}

/// What remains to be seen of a signature: `r = e + x`, with the affine `x` of the point `sG + tP`.
struct Equation {
    r: Scalar,
    e: Scalar,
    point: ProjectivePoint,
}

impl Equation {
    fn holds(&self, point: &AffinePoint) -> bool {
        self.r == self.e + Scalar::reduce(&point.x())
    }
}

impl VerifyingKey {
    fn accepts(&self, digest: &[u8; 32], signature: &Signature) -> bool {
        self.equation(digest, signature).is_some_and(|equation| equation.holds(&equation.point.to_affine()))
    }

    /// `None` where the signature is no pair of numbers or the point is none.
    fn equation(&self, digest: &[u8; 32], signature: &Signature) -> Option<Equation> {
        static BASE: LazyLock<Multiples> =
            LazyLock::new(|| Multiples::new(ProjectivePoint::generator(), BASE_WINDOW_BITS));

        let signature = sm2::dsa::Signature::from_slice(signature.as_ref()).ok()?;
        let (r, s) = signature.split_scalars();
        let t = *r + *s;
        if bool::from(t.is_zero()) {
            return None;
        }
        let mut point = ProjectivePoint::identity();
        BASE.add_product(&s, &mut point);
        match self.table() {
            Some(multiples) => multiples.add_product(&t, &mut point),
            None => point += self.point.mul_vartime(&t),
        }
        if bool::from(point.is_identity()) {
            return None;
        }
        Some(Equation { r: *r, e: Scalar::reduce(&sm2::FieldBytes::from(*digest)), point })
    }

    /// The table of the key's multiples, once it is worth its memory.
    fn table(&self) -> Option<&Multiples> {
        if let Some(table) = self.table.get() {
            return Some(&table.0);
        }
        if self.uses.fetch_add(1, Ordering::Relaxed) < USES_WITHOUT_TABLE || !Table::is_free() {
            return None;
        }
        Some(&self.table.get_or_init(|| Table::new(self.point)).0)
    }
}

/// A table that is counted as long as it lives.
struct Table(Multiples);

impl Table {
    /// Several threads may be told so at once: the bound may be passed by their number.
    fn is_free() -> bool {
        TABLES.load(Ordering::Relaxed) < TABLES_MAX
    }

    fn new(point: ProjectivePoint) -> Self {
        TABLES.fetch_add(1, Ordering::Relaxed);
        Self(Multiples::new(point, KEY_WINDOW_BITS))
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        TABLES.fetch_sub(1, Ordering::Relaxed);
    }
}

fn cached_key(bytes: &[u8]) -> Option<Arc<VerifyingKey>> {
    static CACHE: LazyLock<RwLock<HashMap<[u8; 33], Arc<VerifyingKey>>>> = LazyLock::new(RwLock::default);

    let bytes: [u8; 33] = bytes.try_into().ok()?;
    if let Some(key) = CACHE.read().expect("no holder panics").get(&bytes) {
        return Some(key.clone());
    }
    let point = parse_point(&bytes)?;
    let identity = identity(DEFAULT_ID.as_bytes(), &point)?;
    let (uses, table) = (AtomicU32::new(0), OnceLock::new());
    let key = Arc::new(VerifyingKey { point: point.to_projective(), identity, uses, table });
    let mut cache = CACHE.write().expect("no holder panics");
    if cache.len() >= CACHED_KEYS_MAX {
        cache.clear();
    }
    cache.insert(bytes, key.clone());
    Some(key)
}

fn parse_point(bytes: &[u8]) -> Option<sm2::PublicKey> {
    // SEC 1 has other forms of a point, one of them with 33 bytes too.
    if bytes.len() != 33 || !matches!(bytes[0], 2 | 3) {
        return None;
    }
    sm2::PublicKey::from_sec1_bytes(bytes).ok()
}

/// SM3 that has taken in `Z_A`: SM3 of the identifier's length in bits, the identifier, the curve's `a` and `b`, its
/// base point and the key, in the order of GB/T 32918.2, 5.5.
fn identity(id: &[u8], key: &sm2::PublicKey) -> Option<Sm3> {
    let bits = u16::try_from(id.len().checked_mul(8)?).ok()?;
    let hash = Sm3::new()
        .chain_update(bits.to_be_bytes())
        .chain_update(id)
        .chain_update(CURVE_A)
        .chain_update(CURVE_B)
        .chain_update(&ProjectivePoint::generator().to_sec1_point(false).as_bytes()[1..])
        .chain_update(&key.to_sec1_point(false).as_bytes()[1..])
        .finalize();
    Some(Sm3::new_with_prefix(hash))
}
