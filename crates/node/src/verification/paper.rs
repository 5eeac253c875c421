//! A network of one validator on paper, for tests: real slips of any events, without a node.

use tongban_crypto::{SecretKey, primitives};
use tongban_modules::Event;
use tongban_types::block::{HEADER_VERSION, LogRange};
use tongban_types::genesis::{GENESIS_VERSION, Parameters};
use tongban_types::merkle::Tree;
use tongban_types::proof::{Slip, SlipParts, finalization_message};
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
    let mut certificate = Certificate {
        epoch: header.epoch,
        view: header.view,
        parent_view: header.parent_view,
        header: header.digest(primitives),
        signatures: List::default(),
    };
    let signature = validator_key().sign(&finalization_message(&network, &certificate));
    certificate.signatures = List::new(vec![SignatureBy { validator: 0, signature }]).expect("one");
    let headers = [header];
    let parts = SlipParts { receipt, way, headers: &headers, certificate: &certificate, disclosed: Blob::default() };
    Slip::new(primitives, &network, &genesis.validators, &parts).expect("it has a slip")
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
