//! The slip (凭条): the proof of one receipt's events, small enough for a QR code on paper or a phone's screen.
//!
//! It proves what a [`Bundle`](super::Bundle) of the receipt proves, by the same header and certificate, and leaves out what
//! a reader who holds the genesis puts back by himself:
//!
//! | Left out | Put back from |
//! |---|---|
//! | the network, the header's version, the next validators, the proposer's key | the genesis |
//! | the root of the block's receipts | the receipt and its way under that root |
//! | the receipt's height and time, the root that stands twice, the header's digest | the header |
//! | the certificate's epoch and views, the later headers' parents and heights | the header that is certified |
//!
//! The way is as long as the block is large, not as the ledger is old (`Header::receipt_root`), so a slip does not grow with
//! the years. Whatever is changed in a slip, other than what it discloses, changes the digest that was signed.
//!
//! A slip is of the genesis' validators. In a later epoch, and where the set is about to change, only the bundle can show how one
//! set handed over to the next; making and opening say so. A receipt without events, of a refusal, has no slip: what is shown on
//! paper as proven should be something that took effect.
//!
//! **What is disclosed is bound by the reader.** The fields of a licence and their salts are opaque here; whether they are what
//! the event commits to is for the module to say that the event is of. [`crate::proof`] has no way to read them unbound, and
//! `verify` hands them out only through such a check.

mod form;
mod text;

pub use form::{SLIP_BYTES_MAX, SLIP_VERSION, SlipError};
pub use text::{SLIP_TEXT_MAX, SLIP_TEXT_PREFIX};

use crate::block::{BLOCK_ACTS_MAX, BLOCK_TRANSACTIONS_MAX, HEADER_VERSION, LogRange};
use crate::merkle::{self, Way};
use crate::receipt::EventBytes;
use crate::transaction::CALLS_MAX;
use crate::validators::{SignatureBy, VALIDATORS_MAX};
use crate::{
    AccountId, Blob, Certificate, Digest, Header, List, Outcome, Primitives, Receipt, RequestId, Time, ValidatorSet,
    codec,
};

/// Headers behind the receipt's, where its block became final through a descendant. Each costs about 180 bytes; a block that waits
/// longer for a certificate has a bundle.
pub const SLIP_DESCENDANTS_MAX: usize = 4;
/// Bytes that a slip discloses beside the receipt.
pub const DISCLOSED_BYTES_MAX: usize = 400;
/// Receipts in one block.
pub const BLOCK_RECEIPTS_MAX: usize = BLOCK_TRANSACTIONS_MAX + BLOCK_ACTS_MAX as usize;
/// Siblings on the way from a receipt to the root over its block's.
pub const SLIP_SIBLINGS_MAX: usize = (BLOCK_RECEIPTS_MAX - 1).ilog2() as usize + 1;
/// Bytes of the network's identifier that a slip carries: enough for a reader with several anchors to pick one, and to say that
/// none fits. The signatures are over the whole identifier.
const MARK_BYTES: usize = 4;

/// What a slip discloses: opaque here.
pub type DisclosedBytes = Blob<DISCLOSED_BYTES_MAX>;
/// The events of a receipt, at least one.
type Events = List<EventBytes, { CALLS_MAX * 2 }>;

/// The proof of one receipt's events. What it holds is known when it is opened with a genesis, and believed when the
/// certificate was checked then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slip {
    mark: [u8; MARK_BYTES],
    epoch: u64,
    origin: Origin,
    block: Squeezed,
    descendants: List<(Squeezed, Digest), SLIP_DESCENDANTS_MAX>,
    receipt: SqueezedReceipt,
    way: Way,
    signatures: List<SignatureBy, VALIDATORS_MAX>,
    disclosed: DisclosedBytes,
}

/// What the first header says of its parent.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    height: u64,
    view: u64,
    digest: Digest,
}

/// A header, as far as it follows neither from the genesis nor from the header before it. Numbers count on from the header
/// before; of the first one the time and the receipts from 0, the view from the origin's.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Squeezed {
    millis: u64,
    views: u64,
    proposer: u8,
    tx_root: Digest,
    state_root: Digest,
    state_start: u64,
    state_length: u64,
    state_log_root: Digest,
    event_root: Digest,
    event_start: u64,
    event_length: u64,
    receipts: u64,
    acts: u16,
}

/// A receipt without what its header says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct SqueezedReceipt {
    /// How many receipts of its block come behind it.
    behind: u64,
    transaction: Digest,
    account: AccountId,
    request_id: RequestId,
    /// From the block's time to `not_after`, in milliseconds.
    window_left_millis: u64,
    events: Events,
}

/// What a slip is made from.
#[derive(Clone, Debug)]
pub struct SlipParts<'a> {
    /// The receipt.
    pub receipt: &'a Receipt,
    /// From the receipt to the root over its block's receipts.
    pub way: Way,
    /// From the receipt's header to the one that is certified, each the parent of the next.
    pub headers: &'a [Header],
    /// The certificate of the last header.
    pub certificate: &'a Certificate,
    /// What is disclosed; empty where nothing is.
    pub disclosed: DisclosedBytes,
}

/// Why a receipt has no slip, in order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSlip {
    /// It has no events: the transaction was refused.
    #[error("the receipt has no events that a slip could show")]
    NoEvents,
    /// A slip cannot say how the validators changed, or the certificate is too many blocks away: take the bundle.
    #[error("the receipt can only be proven by a full bundle")]
    NeedsBundle,
    /// Events, way and signatures are too long together: take the bundle.
    #[error("the slip would have {found} bytes, more than the {SLIP_BYTES_MAX} of the largest QR code")]
    TooLarge {
        /// How many it would have.
        found: usize,
    },
}

/// Why a slip cannot be opened with a genesis, in order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It was made for another network.
    #[error("the slip belongs to another network than the genesis")]
    OtherNetwork,
    /// Others than the genesis' validators signed.
    #[error("the slip is of epoch {epoch}: how its validators came to be is shown by the full bundle only")]
    NeedsBundle {
        /// The epoch.
        epoch: u64,
    },
    /// It names a validator that the genesis does not have.
    #[error("the slip names a validator that is not in the genesis")]
    Validator,
    /// Numbers that no header has.
    #[error("the slip's numbers are out of range")]
    OutOfRange,
}

/// A slip with everything put back. **Nothing is proven yet**: the certificate is for the caller to check, with
/// [`check_certificate`](super::check_certificate). If it holds, the receipt does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSlip {
    /// The receipt, which stands under the first header's root by construction.
    pub receipt: Receipt,
    /// From the receipt's header to the certified one, each the parent of the next by construction.
    pub headers: Vec<Header>,
    /// The certificate of the last header, whose digest it names by construction.
    pub certificate: Certificate,
}

/// What all headers of one opened slip share.
struct Anchor<'a> {
    primitives: &'a dyn Primitives,
    network: &'a Digest,
    validators: &'a ValidatorSet,
    validators_digest: Digest,
}

/// What a squeezed header is counted on from.
struct Before {
    height: u64,
    millis: u64,
    view: u64,
    receipts: u64,
    digest: Digest,
}

impl Slip {
    /// Squeezes the parts, or says why the receipt has no slip. What it makes opens to the parts again.
    pub fn new(
        primitives: &dyn Primitives,
        network: &Digest,
        validators: &ValidatorSet,
        parts: &SlipParts<'_>,
    ) -> Result<Self, NoSlip> {
        let Outcome::Applied { events } = &parts.receipt.outcome else { return Err(NoSlip::NoEvents) };
        if events.is_empty() {
            return Err(NoSlip::NoEvents);
        }
        let slip = Self::squeeze(network, validators, parts, events).ok_or(NoSlip::NeedsBundle)?;
        let opened = slip.open(primitives, network, validators).map_err(|_| NoSlip::NeedsBundle)?;
        let is_whole = opened.receipt == *parts.receipt
            && opened.headers == parts.headers
            && opened.certificate == *parts.certificate;
        if !is_whole {
            return Err(NoSlip::NeedsBundle);
        }
        let bytes = slip.to_bytes();
        if bytes.len() > SLIP_BYTES_MAX {
            return Err(NoSlip::TooLarge { found: bytes.len() });
        }
        // The decoder has bounds of its own, such as the acts of a block; what it would refuse is never handed out.
        if Self::from_bytes(&bytes).as_ref() == Ok(&slip) { Ok(slip) } else { Err(NoSlip::NeedsBundle) }
    }

    /// Leaves out what follows from the rest; whether it does is for the caller to compare.
    fn squeeze(network: &Digest, validators: &ValidatorSet, parts: &SlipParts<'_>, events: &Events) -> Option<Self> {
        let (first, others) = parts.headers.split_first()?;
        let origin = Origin { height: first.height.checked_sub(1)?, view: first.parent_view, digest: first.parent };
        let mut before = origin.before();
        let block = Squeezed::of(first, &before, validators)?;
        let mut descendants = List::default();
        let mut parent = first;
        for header in others {
            before = Before::of(parent, header.parent);
            descendants.push((Squeezed::of(header, &before, validators)?, header.receipt_root)).ok()?;
            parent = header;
        }
        let receipt = SqueezedReceipt {
            behind: first.receipts.checked_sub(1)?.checked_sub(parts.receipt.number)?,
            transaction: parts.receipt.transaction,
            account: parts.receipt.account,
            request_id: parts.receipt.request_id,
            window_left_millis: parts.receipt.not_after.as_millis().checked_sub(first.time.as_millis())?,
            events: events.clone(),
        };
        let is_way = parts.way.siblings.len() <= SLIP_SIBLINGS_MAX && parts.way.turns >> parts.way.siblings.len() == 0;
        let is_ascending = parts.certificate.signatures.is_sorted_by(|left, right| left.validator < right.validator);
        let are_signers = is_ascending
            && parts
                .certificate
                .signatures
                .iter()
                .all(|by| usize::try_from(by.validator).is_ok_and(|by| by < VALIDATORS_MAX));
        (is_way && are_signers && receipt.behind < BLOCK_RECEIPTS_MAX as u64).then(|| Self {
            mark: mark_of(network),
            epoch: first.epoch,
            origin,
            block,
            descendants,
            receipt,
            way: parts.way.clone(),
            signatures: parts.certificate.signatures.clone(),
            disclosed: parts.disclosed.clone(),
        })
    }

    /// Puts everything back that the genesis knows. The receipt, the headers and the certificate fit together afterwards;
    /// whether the validators signed them is for the caller to check.
    pub fn open(
        &self,
        primitives: &dyn Primitives,
        network: &Digest,
        validators: &ValidatorSet,
    ) -> Result<OpenSlip, OpenError> {
        if self.mark != mark_of(network) {
            return Err(OpenError::OtherNetwork);
        }
        if self.epoch != 0 {
            return Err(OpenError::NeedsBundle { epoch: self.epoch });
        }
        let size = validators.validators().len();
        let squeezed = || std::iter::once(&self.block).chain(self.descendants.iter().map(|(squeezed, _)| squeezed));
        let are_known = squeezed().all(|header| usize::from(header.proposer) < size)
            && self.signatures.iter().all(|by| usize::try_from(by.validator).is_ok_and(|by| by < size));
        if !are_known {
            return Err(OpenError::Validator);
        }
        let anchor = Anchor { primitives, network, validators, validators_digest: validators.digest(primitives) };
        self.put_back(&anchor).ok_or(OpenError::OutOfRange)
    }

    fn put_back(&self, anchor: &Anchor<'_>) -> Option<OpenSlip> {
        let mut header = self.block.header(anchor, &self.origin.before(), Digest::ZERO)?;
        let receipt = self.receipt.receipt(&header)?;
        let leaf = merkle::leaf_hash(anchor.primitives, &codec::encode(&receipt));
        header.receipt_root = self.way.root(anchor.primitives, &leaf);

        let mut digest = header.digest(anchor.primitives);
        let mut headers = vec![header];
        for (squeezed, receipt_root) in &self.descendants {
            let before = Before::of(headers.last()?, digest);
            let header = squeezed.header(anchor, &before, *receipt_root)?;
            digest = header.digest(anchor.primitives);
            headers.push(header);
        }
        let last = headers.last()?;
        let certificate = Certificate {
            epoch: last.epoch,
            view: last.view,
            parent_view: last.parent_view,
            header: digest,
            signatures: self.signatures.clone(),
        };
        Some(OpenSlip { receipt, headers, certificate })
    }

    /// What it discloses, **not bound to anything**.
    pub fn disclosed(&self) -> &DisclosedBytes {
        &self.disclosed
    }

    /// The same slip with something else disclosed; whoever holds the licence decides what he shows. Refuses what makes it too
    /// large.
    pub fn disclosing(&self, disclosed: DisclosedBytes) -> Result<Self, NoSlip> {
        let slip = Self { disclosed, ..self.clone() };
        let found = slip.to_bytes().len();
        if found > SLIP_BYTES_MAX { Err(NoSlip::TooLarge { found }) } else { Ok(slip) }
    }
}

fn mark_of(network: &Digest) -> [u8; MARK_BYTES] {
    let mut mark = [0; MARK_BYTES];
    mark.copy_from_slice(&network.0[..MARK_BYTES]);
    mark
}

impl Origin {
    fn before(&self) -> Before {
        Before { height: self.height, millis: 0, view: self.view, receipts: 0, digest: self.digest }
    }
}

impl Before {
    fn of(header: &Header, digest: Digest) -> Self {
        let millis = header.time.as_millis();
        Self { height: header.height, millis, view: header.view, receipts: header.receipts, digest }
    }
}

impl Squeezed {
    fn of(header: &Header, before: &Before, validators: &ValidatorSet) -> Option<Self> {
        let proposer = validators.validators().iter().position(|validator| validator.key == header.proposer)?;
        Some(Self {
            millis: header.time.as_millis().checked_sub(before.millis)?,
            views: header.view.checked_sub(before.view)?,
            proposer: u8::try_from(proposer).ok()?,
            tx_root: header.tx_root,
            state_root: header.state_root,
            state_start: header.state_range.start,
            state_length: header.state_range.end.checked_sub(header.state_range.start)?,
            state_log_root: header.state_range.root,
            event_root: header.event_root,
            event_start: header.event_range.start,
            event_length: header.event_range.end.checked_sub(header.event_range.start)?,
            receipts: header.receipts.checked_sub(before.receipts)?,
            acts: header.acts,
        })
    }

    /// The header; none where a number is out of range.
    fn header(&self, anchor: &Anchor<'_>, before: &Before, receipt_root: Digest) -> Option<Header> {
        let range = |start: u64, length: u64, root| Some(LogRange { start, end: start.checked_add(length)?, root });
        Some(Header {
            version: HEADER_VERSION,
            network: *anchor.network,
            height: before.height.checked_add(1)?,
            time: Time::from_millis(before.millis.checked_add(self.millis)?).ok()?,
            epoch: 0, // others are refused before
            view: before.view.checked_add(self.views)?,
            parent_view: before.view,
            parent: before.digest,
            proposer: anchor.validators.validators().get(usize::from(self.proposer))?.key.clone(),
            tx_root: self.tx_root,
            state_root: self.state_root,
            state_range: range(self.state_start, self.state_length, self.state_log_root)?,
            event_root: self.event_root,
            event_range: range(self.event_start, self.event_length, self.event_root)?,
            receipts: before.receipts.checked_add(self.receipts)?,
            next_validators: anchor.validators_digest,
            acts: self.acts,
            receipt_root,
        })
    }
}

impl SqueezedReceipt {
    /// The receipt in the block with this header; none where a number is out of range.
    fn receipt(&self, header: &Header) -> Option<Receipt> {
        let not_after = header.time.as_millis().checked_add(self.window_left_millis)?;
        Some(Receipt {
            number: header.receipts.checked_sub(1)?.checked_sub(self.behind)?,
            transaction: self.transaction,
            account: self.account,
            request_id: self.request_id,
            not_after: Time::from_millis(not_after).ok()?,
            height: header.height,
            time: header.time,
            outcome: Outcome::Applied { events: self.events.clone() },
        })
    }
}
