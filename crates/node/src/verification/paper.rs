//! A network of one validator on paper, for tests: real slips of any events and real bundles of any record, without a node.

use tongban_crypto::{SecretKey, primitives};
use tongban_modules::Event;
use tongban_types::block::{HEADER_VERSION, LogRange};
use tongban_types::genesis::{GENESIS_VERSION, Parameters};
use tongban_types::merkle::Tree;
use tongban_types::proof::{
    Bundle, Claim, Format, LogPath, OperationPath, Path, PresencePath, Slip, SlipParts, finalization_message, state_key,
};
use tongban_types::validators::SignatureBy;
use tongban_types::{
    AccountId, Blob, Certificate, Digest, Genesis, Header, List, Outcome, Primitives, Receipt, RequestId, Suite, Text,
    Time, Validator, ValidatorSet, codec,
};

/// The suite of the network.
pub const SUITE: Suite = Suite::Intl;
/// Receipts up to and with the one that is proven.
const RECEIPTS: u64 = 18;

/// Hashes and checks of the suite.
pub fn algorithms() -> &'static dyn Primitives {
    primitives(SUITE)
}

/// A receipt of these events at a time.
pub fn receipt(events: &[Event], time: Time) -> Receipt {
    let events = events.iter().map(|event| Blob::new(codec::encode(event)).expect("short")).collect();
    Receipt {
        number: RECEIPTS - 1,
        transaction: Digest([1; 32]),
        account: AccountId([5; 16]),
        request_id: RequestId([9; 16]),
        not_after: time.plus_millis(200_000),
        height: 7,
        time,
        outcome: Outcome::Applied { events: List::new(events).expect("few") },
    }
}

fn validator_key() -> SecretKey {
    SecretKey::from_bytes(SUITE, &[3; 32]).expect("a small number")
}

fn genesis() -> Genesis {
    let department = Text::new("云港市数据局").expect("a short name");
    let validator = Validator { department, key: validator_key().public_key() };
    Genesis {
        version: GENESIS_VERSION,
        name: Text::new("云港市通办网").expect("a short name"),
        suite: SUITE,
        time: Time::default(),
        validators: ValidatorSet::new(vec![validator]).expect("one"),
        accounts: List::default(),
        parameters: Parameters::default(),
    }
}

/// The file of the genesis.
pub fn anchor() -> Vec<u8> {
    serde_json::to_vec(&genesis()).expect("JSON can hold a genesis")
}

/// The slip of a receipt, which stands alone in its block.
pub fn slip(receipt: &Receipt) -> Slip {
    let (primitives, genesis) = (algorithms(), genesis());
    let network = genesis.network(primitives);
    let leaf = codec::encode(receipt);
    let tree = Tree::new(primitives, std::slice::from_ref(&leaf));
    let way = tree.way(0).expect("a leaf");
    let mut header = header(receipt);
    header.receipt_root = way.root(primitives, &tongban_types::merkle::leaf_hash(primitives, &leaf));
    let certificate = certificate(&header);
    let headers = [header];
    let parts = SlipParts { receipt, way, headers: &headers, certificate: &certificate, disclosed: Blob::default() };
    Slip::new(primitives, &network, &genesis.validators, &parts).expect("it has a slip")
}

/// The validator's word on a block.
fn certificate(header: &Header) -> Certificate {
    let mut certificate = Certificate {
        epoch: header.epoch,
        view: header.view,
        parent_view: header.parent_view,
        header: header.digest(algorithms()),
        signatures: List::default(),
    };
    let signature = validator_key().sign(&finalization_message(&header.network, &certificate));
    certificate.signatures = List::new(vec![SignatureBy { validator: 0, signature }]).expect("one");
    certificate
}

/// The bundle of a record, which stands alone in the state of a block of this time.
pub fn bundle(table: &str, key: &[u8], value: &[u8], time: Time) -> Vec<u8> {
    let primitives = algorithms();
    let place = state_key(primitives, table, key);
    let update = [&[0xD2][..], &place.0, &varint(value.len()), value, &place.0].concat(); // its own neighbour
    let mut bits = Digest::ZERO;
    bits.0[0] = 1;
    let last_bits = primitives.hash(&[&bits.0]);
    let log = LogPath { location: 0, operations: 1, inactive_peaks: 0, digests: List::default() };
    let root = log.root(primitives, &update).expect("one operation");
    let log_root = Digest([8; 32]);
    let mut header = header(&receipt(&[], time));
    header.state_root = primitives.hash(&[&log_root.0, &root.0, &1u64.to_be_bytes(), &last_bits.0]);
    let operation = OperationPath { log, bits, last_bits: Some(last_bits), log_root };
    let claim = Claim::Record {
        table: Text::new(table).expect("the name of a table"),
        key: Blob::new(key.to_vec()).expect("a short key"),
        value: Blob::new(value.to_vec()).expect("a short record"),
    };
    let bundle = Bundle {
        format: Format::V1,
        network: header.network,
        claim,
        path: Path::Record(PresencePath { operation, next_key: place }),
        certificate: certificate(&header),
        headers: List::new(vec![header]).expect("one"),
        validator_changes: List::default(),
    };
    bundle.to_json()
}

/// A length as the engine writes it: groups of seven bits, the lowest first.
fn varint(mut length: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while length >= 0x80 {
        bytes.push((length & 0x7F) as u8 | 0x80);
        length >>= 7;
    }
    bytes.push(length as u8);
    bytes
}

/// The header of a receipt's block, without the root over its receipts.
pub fn header(receipt: &Receipt) -> Header {
    let genesis = genesis();
    let network = genesis.network(algorithms());
    let events = Digest([6; 32]);
    Header {
        version: HEADER_VERSION,
        network,
        height: receipt.height,
        time: receipt.time,
        epoch: 0,
        view: 11,
        parent_view: 10,
        parent: Digest([2; 32]),
        proposer: validator_key().public_key(),
        tx_root: Digest([3; 32]),
        state_root: Digest([4; 32]),
        state_range: LogRange { start: 20, end: 40, root: Digest([5; 32]) },
        event_root: events,
        event_range: LogRange { start: 0, end: RECEIPTS + receipt.height + 1, root: events },
        receipts: RECEIPTS,
        next_validators: genesis.validators.digest(algorithms()),
        acts: 0,
        receipt_root: Digest::ZERO,
    }
}
