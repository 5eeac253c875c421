//! A network on paper: keys, genesis, blocks of licence-like receipts, certificates.

use tongban_crypto::{SecretKey, primitives};
use tongban_types::block::{HEADER_VERSION, LogRange};
use tongban_types::genesis::{GENESIS_VERSION, Parameters};
use tongban_types::merkle::Tree;
use tongban_types::proof::slip::DisclosedBytes;
use tongban_types::proof::{NoSlip, Slip, SlipParts, finalization_message};
use tongban_types::receipt::EventBytes;
use tongban_types::validators::SignatureBy;
use tongban_types::{
    AccountId, Blob, Certificate, Digest, Genesis, Header, List, Outcome, Primitives, Receipt, RequestId, Suite, Time,
    Validator, ValidatorSet, codec,
};

/// Bytes of a licence-like event.
pub const EVENT_BYTES: usize = 300;
/// A network that has made a block in every two seconds for some years, with 20 receipts each.
const HEIGHT: u64 = 30_000_000;
const RECEIPTS_BEFORE: u64 = 600_000_000;

/// A network.
pub struct City {
    pub suite: Suite,
    pub genesis: Genesis,
    pub id: Digest,
    pub keys: Vec<SecretKey>,
}

/// All that one slip is made from.
pub struct Sample {
    pub receipt: Receipt,
    /// The receipts of its block.
    pub tree: Tree,
    pub place: usize,
    pub headers: Vec<Header>,
    pub certificate: Certificate,
    pub disclosed: DisclosedBytes,
}

/// What the holder of a licence can show.
pub fn disclosed_by(number: u64) -> Vec<u8> {
    format!("licence {number}, its holder and a salt").into_bytes()
}

/// An event that commits to what its holder can show, and to much else.
pub fn event(primitives: &dyn Primitives, number: u64) -> EventBytes {
    let mut bytes = Vec::new();
    let mut digest = primitives.hash(&[&disclosed_by(number)]);
    while bytes.len() < EVENT_BYTES {
        bytes.extend_from_slice(&digest.0);
        digest = primitives.hash(&[&digest.0]);
    }
    bytes.truncate(EVENT_BYTES);
    Blob::new(bytes).expect("short")
}

impl City {
    pub fn new(suite: Suite, validators: usize) -> Self {
        Self::seeded(suite, validators, 1)
    }

    pub fn seeded(suite: Suite, validators: usize, seed: u8) -> Self {
        let key = |index: usize| SecretKey::from_bytes(suite, &[seed + index as u8; 32]).expect("a small number");
        let mut keys: Vec<SecretKey> = (0..validators).map(key).collect();
        keys.sort_by_key(SecretKey::public_key);
        let validator = |(place, key): (usize, &SecretKey)| Validator {
            department: format!("南沙区第{place}局").parse().expect("a short name"),
            key: key.public_key(),
        };
        let genesis = Genesis {
            version: GENESIS_VERSION,
            name: "南沙区通办网".parse().expect("a short name"),
            suite,
            time: Time::default(),
            validators: ValidatorSet::new(keys.iter().enumerate().map(validator).collect()).expect("a set"),
            accounts: List::default(),
            parameters: Parameters::default(),
        };
        Self { suite, id: genesis.network(primitives(suite)), genesis, keys }
    }

    pub fn primitives(&self) -> &'static dyn Primitives {
        primitives(self.suite)
    }

    pub fn genesis_json(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(&self.genesis).expect("JSON can hold a genesis")
    }

    /// Whether an event commits to what is disclosed.
    pub fn is_bound(&self, events: &[EventBytes], disclosed: &[u8]) -> bool {
        events.iter().any(|event| event.as_ref().starts_with(&self.primitives().hash(&[disclosed]).0))
    }

    /// One receipt of a block with so many, final through a descendant so many blocks later, signed by a quorum.
    pub fn sample(&self, receipts: usize, place: usize, descendants: usize) -> Sample {
        let mut header = self.header(receipts as u64);
        let leaves: Vec<Receipt> = (0..receipts as u64).map(|index| self.receipt(&header, index, receipts)).collect();
        let tree = Tree::new(self.primitives(), &leaves.iter().map(codec::encode).collect::<Vec<_>>());
        let way = tree.way(place).expect("a leaf");
        let leaf = tongban_types::merkle::leaf_hash(self.primitives(), &codec::encode(&leaves[place]));
        header.receipt_root = way.root(self.primitives(), &leaf);
        let mut headers = vec![header];
        for _ in 0..descendants {
            headers.push(self.child(&headers[headers.len() - 1]));
        }
        let quorum = self.genesis.validators.quorum() as u32;
        // Not the first one, so that a bit stands in front of those that signed.
        let signers: Vec<u32> = if self.keys.len() > 1 { (1..=quorum).collect() } else { vec![0] };
        let certificate = self.certify(&headers[headers.len() - 1], &signers);
        let receipt = leaves[place].clone();
        Sample { receipt, tree, place, headers, certificate, disclosed: Blob::default() }
    }

    fn receipt(&self, header: &Header, index: u64, receipts: usize) -> Receipt {
        let mut receipt_id = [9; 16];
        receipt_id[..8].copy_from_slice(&index.to_be_bytes());
        Receipt {
            number: header.receipts - receipts as u64 + index,
            transaction: self.primitives().hash(&[&index.to_be_bytes()]),
            account: AccountId([5; 16]),
            request_id: RequestId(receipt_id),
            not_after: header.time.plus_millis(287_654),
            height: header.height,
            time: header.time,
            outcome: Outcome::Applied { events: List::new(vec![event(self.primitives(), index)]).expect("one") },
        }
    }

    fn header(&self, receipts: u64) -> Header {
        let events = Digest([6; 32]);
        let receipts = RECEIPTS_BEFORE + receipts;
        Header {
            version: HEADER_VERSION,
            network: self.id,
            height: HEIGHT,
            time: Time::from_millis(1_900_000_000_000).expect("before the year 9999"),
            epoch: 0,
            view: HEIGHT + 4_000_001,
            parent_view: HEIGHT + 4_000_000,
            parent: Digest([2; 32]),
            proposer: self.genesis.validators.validators()[0].key.clone(),
            tx_root: Digest([3; 32]),
            state_root: Digest([4; 32]),
            state_range: LogRange { start: 2_400_000_000, end: 2_700_000_000, root: Digest([5; 32]) },
            event_root: events,
            event_range: LogRange { start: 0, end: receipts + HEIGHT + 1, root: events },
            receipts,
            next_validators: self.genesis.validators.digest(self.primitives()),
            acts: 0,
            receipt_root: Digest::ZERO,
        }
    }

    /// A block upon the parent, by the next proposer.
    pub fn child(&self, parent: &Header) -> Header {
        let validators = self.genesis.validators.validators();
        Header {
            height: parent.height + 1,
            time: parent.time.plus_millis(1_234),
            view: parent.view + 3,
            parent_view: parent.view,
            parent: parent.digest(self.primitives()),
            proposer: validators[parent.height as usize % validators.len()].key.clone(),
            receipts: parent.receipts + 2,
            receipt_root: Digest([8; 32]),
            acts: 1,
            ..parent.clone()
        }
    }

    /// The signatures of these validators over the header.
    pub fn certify(&self, header: &Header, signers: &[u32]) -> Certificate {
        let mut certificate = Certificate {
            epoch: header.epoch,
            view: header.view,
            parent_view: header.parent_view,
            header: header.digest(self.primitives()),
            signatures: List::default(),
        };
        let message = finalization_message(&header.network, &certificate);
        let by = |&validator: &u32| SignatureBy { validator, signature: self.keys[validator as usize].sign(&message) };
        certificate.signatures = List::new(signers.iter().map(by).collect()).expect("few signers");
        certificate
    }
}

impl Sample {
    pub fn parts(&self) -> SlipParts<'_> {
        SlipParts {
            receipt: &self.receipt,
            way: self.tree.way(self.place).expect("a leaf"),
            headers: &self.headers,
            certificate: &self.certificate,
            disclosed: self.disclosed.clone(),
        }
    }

    pub fn slip(&self, city: &City) -> Result<Slip, NoSlip> {
        Slip::new(city.primitives(), &city.id, &city.genesis.validators, &self.parts())
    }

    /// As changed, certified again by a quorum.
    pub fn certified(mut self, city: &City) -> Self {
        let last = self.headers.last().expect("a header");
        self.certificate = city.certify(last, &[0, 1, 2]);
        self
    }
}
