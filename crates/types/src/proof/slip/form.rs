//! The bytes of a slip: one spelling for each.
//!
//! | Part | Bytes |
//! |---|---|
//! | version | 1, the number 1 |
//! | beginning of the network's identifier | 4 |
//! | epoch | varint |
//! | the parent's height, view and digest | varint, varint, 32 |
//! | the receipt's header | as below |
//! | how many headers follow | 1 |
//! | each of them, and its root of receipts | as below, 32 |
//! | receipts behind this one in its block | varint |
//! | transaction, account, request id | 32, 16, 16 |
//! | milliseconds from the block's time to `not_after` | varint |
//! | events: length, BCS of the list | varint, so many |
//! | the way: how many siblings, turns, siblings | 1, varint, 32 each |
//! | signers: length, one bit for each validator, the lowest first | 1, so many |
//! | their signatures, in the validators' order | 64 each |
//! | disclosed: length, content | varint, so many |
//!
//! A header: milliseconds and views since the one before (varints), the proposer's place (1), roots of transactions and
//! state, start and length of the state's log (varints), its root, root of events, start and length of its log (varints),
//! receipts since the one before, acts (varints).
//!
//! A varint is an unsigned integer in groups of seven bits, the lowest first, as short as possible; the high bit says that
//! more follow. The bits of the signers end with a byte that is not 0.

use super::{
    BLOCK_RECEIPTS_MAX, DisclosedBytes, Events, MARK_BYTES, Origin, SLIP_DESCENDANTS_MAX, SLIP_SIBLINGS_MAX, Slip,
    Squeezed, SqueezedReceipt,
};
use crate::block::BLOCK_ACTS_MAX;
use crate::merkle::Way;
use crate::proof::engine_format::write_varint;
use crate::validators::{SignatureBy, VALIDATORS_MAX};
use crate::{AccountId, Digest, List, RequestId, Signature, codec};

/// The version of the format, the first byte of every slip.
pub const SLIP_VERSION: u8 = 1;
/// Bytes of one slip: what the largest QR code (version 40, level L) holds of its text form.
pub const SLIP_BYTES_MAX: usize = 2_860;

/// Why bytes or a text are no slip, in order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SlipError {
    /// More than a slip may have.
    #[error("a slip has at most {max} bytes or characters, found {found}")]
    Oversized {
        /// How many it may have: [`SLIP_BYTES_MAX`], or of a text [`SLIP_TEXT_MAX`](super::SLIP_TEXT_MAX).
        max: usize,
        /// How many there are.
        found: usize,
    },
    /// A version of the format that this program does not read.
    #[error("the slip has version {found}, this program reads version {SLIP_VERSION}")]
    Version {
        /// The version.
        found: u8,
    },
    /// No slip, cut off, or not in the one spelling that counts.
    #[error("not the canonical form of a slip: {reason}")]
    NotCanonical {
        /// What the decoder met.
        reason: &'static str,
    },
}

pub(super) const fn not_canonical(reason: &'static str) -> SlipError {
    SlipError::NotCanonical { reason }
}

impl Slip {
    /// The bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![SLIP_VERSION];
        bytes.extend_from_slice(&self.mark);
        write_varint(self.epoch, &mut bytes);
        write_varint(self.origin.height, &mut bytes);
        write_varint(self.origin.view, &mut bytes);
        bytes.extend_from_slice(&self.origin.digest.0);
        self.block.write(&mut bytes);
        bytes.push(self.descendants.len() as u8);
        for (squeezed, receipt_root) in &self.descendants {
            squeezed.write(&mut bytes);
            bytes.extend_from_slice(&receipt_root.0);
        }
        self.receipt.write(&mut bytes);
        bytes.push(self.way.siblings.len() as u8);
        write_varint(self.way.turns, &mut bytes);
        self.way.siblings.iter().for_each(|sibling| bytes.extend_from_slice(&sibling.0));
        write_signatures(&self.signatures, &mut bytes);
        write_varint(self.disclosed.as_ref().len() as u64, &mut bytes);
        bytes.extend_from_slice(self.disclosed.as_ref());
        bytes
    }

    /// Reads what [`Slip::to_bytes`] writes and nothing else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SlipError> {
        if bytes.len() > SLIP_BYTES_MAX {
            return Err(SlipError::Oversized { max: SLIP_BYTES_MAX, found: bytes.len() });
        }
        let mut reader = Reader(bytes);
        let version = reader.byte()?;
        if version != SLIP_VERSION {
            return Err(SlipError::Version { found: version });
        }
        let slip = Self {
            mark: reader.array::<MARK_BYTES>()?,
            epoch: reader.varint()?,
            origin: Origin { height: reader.varint()?, view: reader.varint()?, digest: reader.digest()? },
            block: Squeezed::read(&mut reader)?,
            descendants: read_descendants(&mut reader)?,
            receipt: SqueezedReceipt::read(&mut reader)?,
            way: read_way(&mut reader)?,
            signatures: read_signatures(&mut reader)?,
            disclosed: read_disclosed(&mut reader)?,
        };
        if reader.0.is_empty() { Ok(slip) } else { Err(not_canonical("more bytes than the slip has")) }
    }
}

impl Squeezed {
    fn write(&self, bytes: &mut Vec<u8>) {
        write_varint(self.millis, bytes);
        write_varint(self.views, bytes);
        bytes.push(self.proposer);
        bytes.extend_from_slice(&self.tx_root.0);
        bytes.extend_from_slice(&self.state_root.0);
        write_varint(self.state_start, bytes);
        write_varint(self.state_length, bytes);
        bytes.extend_from_slice(&self.state_log_root.0);
        bytes.extend_from_slice(&self.event_root.0);
        write_varint(self.event_start, bytes);
        write_varint(self.event_length, bytes);
        write_varint(self.receipts, bytes);
        write_varint(u64::from(self.acts), bytes);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SlipError> {
        Ok(Self {
            millis: reader.varint()?,
            views: reader.varint()?,
            proposer: reader.at_most(VALIDATORS_MAX - 1)?,
            tx_root: reader.digest()?,
            state_root: reader.digest()?,
            state_start: reader.varint()?,
            state_length: reader.varint()?,
            state_log_root: reader.digest()?,
            event_root: reader.digest()?,
            event_start: reader.varint()?,
            event_length: reader.varint()?,
            receipts: reader.varint()?,
            acts: u16::try_from(reader.varint()?)
                .ok()
                .filter(|acts| *acts <= BLOCK_ACTS_MAX)
                .ok_or(not_canonical("more acts than a block has"))?,
        })
    }
}

impl SqueezedReceipt {
    fn write(&self, bytes: &mut Vec<u8>) {
        write_varint(self.behind, bytes);
        bytes.extend_from_slice(&self.transaction.0);
        bytes.extend_from_slice(&self.account.0);
        bytes.extend_from_slice(&self.request_id.0);
        write_varint(self.window_left_millis, bytes);
        let events = codec::encode(&self.events);
        write_varint(events.len() as u64, bytes);
        bytes.extend_from_slice(&events);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SlipError> {
        let behind = reader.varint()?;
        if behind >= BLOCK_RECEIPTS_MAX as u64 {
            return Err(not_canonical("more receipts than a block has"));
        }
        Ok(Self {
            behind,
            transaction: reader.digest()?,
            account: AccountId(reader.array()?),
            request_id: RequestId(reader.array()?),
            window_left_millis: reader.varint()?,
            events: read_events(reader)?,
        })
    }
}

fn read_events(reader: &mut Reader<'_>) -> Result<Events, SlipError> {
    let encoded = reader.counted()?;
    let events: Events = codec::decode(encoded).map_err(|_| not_canonical("no list of events"))?;
    if events.is_empty() { Err(not_canonical("no event")) } else { Ok(events) }
}

fn read_descendants(reader: &mut Reader<'_>) -> Result<List<(Squeezed, Digest), SLIP_DESCENDANTS_MAX>, SlipError> {
    let count = reader.at_most(SLIP_DESCENDANTS_MAX)?;
    let mut descendants = List::default();
    for _ in 0..count {
        let descendant = (Squeezed::read(reader)?, reader.digest()?);
        descendants.push(descendant).map_err(|_| not_canonical("more headers than a slip has"))?;
    }
    Ok(descendants)
}

fn read_way(reader: &mut Reader<'_>) -> Result<Way, SlipError> {
    let count = reader.at_most(SLIP_SIBLINGS_MAX)?;
    let turns = reader.varint()?;
    if turns >> count != 0 {
        return Err(not_canonical("more turns than siblings"));
    }
    let siblings: Result<Vec<Digest>, SlipError> = (0..count).map(|_| reader.digest()).collect();
    Ok(Way { turns, siblings: siblings? })
}

/// Places in ascending order, below [`VALIDATORS_MAX`].
fn write_signatures(signatures: &[SignatureBy], bytes: &mut Vec<u8>) {
    let length = signatures.last().map_or(0, |by| by.validator as usize / 8 + 1);
    let mut bits = vec![0; length];
    for by in signatures {
        bits[by.validator as usize / 8] |= 1 << (by.validator % 8);
    }
    bytes.push(length as u8);
    bytes.extend_from_slice(&bits);
    signatures.iter().for_each(|by| bytes.extend_from_slice(&by.signature.0));
}

fn read_signatures(reader: &mut Reader<'_>) -> Result<List<SignatureBy, VALIDATORS_MAX>, SlipError> {
    let length = reader.at_most(VALIDATORS_MAX.div_ceil(8))?;
    let bits = reader.take(usize::from(length))?;
    if bits.last() == Some(&0) {
        return Err(not_canonical("signers end with a byte of none"));
    }
    let mut signatures = List::default();
    let signers = (0u32..).zip(bits.iter().flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1 == 1)));
    for (validator, _) in signers.filter(|(_, has_signed)| *has_signed) {
        if validator as usize >= VALIDATORS_MAX {
            return Err(not_canonical("more signers than a network has"));
        }
        let signature = Signature(reader.array()?);
        signatures.push(SignatureBy { validator, signature }).map_err(|_| not_canonical("too many signers"))?;
    }
    Ok(signatures)
}

fn read_disclosed(reader: &mut Reader<'_>) -> Result<DisclosedBytes, SlipError> {
    let disclosed = reader.counted()?.to_vec();
    DisclosedBytes::new(disclosed).map_err(|_| not_canonical("more is disclosed than a slip may"))
}

/// Takes bytes off the front of what is left. It reserves nothing that is not there.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], SlipError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(not_canonical("cut off"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], SlipError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    fn byte(&mut self) -> Result<u8, SlipError> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn digest(&mut self) -> Result<Digest, SlipError> {
        self.array().map(Digest)
    }

    /// A byte that counts.
    fn at_most(&mut self, max: usize) -> Result<u8, SlipError> {
        let byte = self.byte()?;
        if usize::from(byte) > max { Err(not_canonical("a count out of range")) } else { Ok(byte) }
    }

    fn varint(&mut self) -> Result<u64, SlipError> {
        let mut value = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            let group = u64::from(byte & 0x7F);
            if group << shift >> shift != group {
                return Err(not_canonical("an integer out of range"));
            }
            value |= group << shift;
            if byte & 0x80 == 0 {
                let is_shortest = byte != 0 || shift == 0;
                return if is_shortest {
                    Ok(value)
                } else {
                    Err(not_canonical("an integer longer than it needs to be"))
                };
            }
        }
        Err(not_canonical("an integer out of range"))
    }

    /// So many bytes as the varint in front of them says.
    fn counted(&mut self) -> Result<&'a [u8], SlipError> {
        let length = self.varint()?;
        let length = usize::try_from(length).map_err(|_| not_canonical("cut off"))?;
        self.take(length)
    }
}
