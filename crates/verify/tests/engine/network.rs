//! A network on paper: keys, genesis, headers and certificates, and bundles over real databases.

use crate::convert::{absence_path, digest, log_path, presence_path};
use crate::databases::{append, open_receipts, open_state, simulate, write};
use crate::hashers::SuiteHasher;
use commonware_storage::merkle::mmr;
use commonware_utils::NZU64;
use tongban_crypto::{SecretKey, primitives};
use tongban_types::block::{HEADER_VERSION, LogRange};
use tongban_types::genesis::{GENESIS_VERSION, Parameters};
use tongban_types::proof::{Bundle, Claim, Format, Path, ReceiptPath, finalization_message, state_key};
use tongban_types::validators::SignatureBy;
use tongban_types::{
    AccountId, Blob, Certificate, Digest, Genesis, Header, List, Outcome, Primitives, Receipt, Refusal, RequestId,
    Suite, Time, Validator, ValidatorSet, codec,
};

pub const TABLE: &str = "evidence/exhibits";
const DEPARTMENTS: [&str; 7] = [
    "南沙区政务服务数据管理局",
    "南沙区市场监督管理局",
    "南沙区公安分局",
    "南沙区自然资源局",
    "南沙区税务局",
    "南沙区民政局",
    "南沙区卫生健康局",
];

pub fn list<T, const MAX: usize>(values: Vec<T>) -> List<T, MAX> {
    List::new(values).unwrap_or_else(|error| panic!("{error}"))
}

/// The validators of one epoch with their secret keys, in the order of the set.
pub struct Validators {
    pub set: ValidatorSet,
    keys: Vec<SecretKey>,
}

impl Validators {
    pub fn new(suite: Suite, seed: u8, count: usize) -> Self {
        let key = |index: usize| SecretKey::from_bytes(suite, &[seed + index as u8; 32]).expect("a small number");
        let mut keys: Vec<SecretKey> = (0..count).map(key).collect();
        keys.sort_by_key(SecretKey::public_key);
        let validator = |(key, name): (&SecretKey, &&str)| Validator {
            department: name.parse().expect("a short name"),
            key: key.public_key(),
        };
        let set = ValidatorSet::new(keys.iter().zip(&DEPARTMENTS).map(validator).collect()).expect("a set");
        Self { set, keys }
    }

    pub fn certify(&self, header: &Header, signers: &[u32]) -> Certificate {
        let digest = header.digest(primitives(self.keys[0].suite()));
        let mut certificate = Certificate {
            epoch: header.epoch,
            view: header.view,
            parent_view: header.parent_view,
            header: digest,
            signatures: List::default(),
        };
        self.sign(&header.network, &mut certificate, signers);
        certificate
    }

    pub fn sign(&self, network: &Digest, certificate: &mut Certificate, signers: &[u32]) {
        let message = finalization_message(network, certificate);
        let by = |&validator: &u32| SignatureBy { validator, signature: self.keys[validator as usize].sign(&message) };
        certificate.signatures = list(signers.iter().map(by).collect());
    }
}

/// A network with its genesis, and one bundle of each kind.
pub struct Network {
    pub suite: Suite,
    pub validators: Validators,
    pub genesis: Genesis,
    pub id: Digest,
    /// One header.
    pub record: Bundle,
    /// One header.
    pub absence: Bundle,
    /// Three headers, and four signatures where three would do.
    pub receipt: Bundle,
}

impl Network {
    pub fn primitives(&self) -> &'static dyn Primitives {
        primitives(self.suite)
    }

    pub fn genesis_json(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(&self.genesis).expect("JSON can hold a genesis")
    }

    /// Builds databases with the engine, and bundles over their proofs.
    pub fn new<H: SuiteHasher>(seed: u8) -> Self {
        let validators = Validators::new(H::SUITE, seed, 4);
        let genesis = Genesis {
            version: GENESIS_VERSION,
            name: "南沙区通办网".parse().expect("a short name"),
            suite: H::SUITE,
            time: Time::default(),
            validators: validators.set.clone(),
            accounts: List::default(),
            parameters: Parameters::default(),
        };
        let id = genesis.network(primitives(H::SUITE));
        let (record, absence, receipt, roots) = proofs::<H>();

        let first = header(&validators, id, 9, roots, Digest([7; 32]));
        let second = child(&first, primitives(H::SUITE));
        let third = child(&second, primitives(H::SUITE));
        let bundle = |(claim, path): (Claim, Path), headers: &[&Header], signers: &[u32]| Bundle {
            format: Format::V1,
            network: id,
            claim,
            path,
            headers: list(headers.iter().copied().cloned().collect()),
            certificate: validators.certify(headers[headers.len() - 1], signers),
            validator_changes: List::default(),
        };
        Self {
            record: bundle(record, &[&first], &[0, 1, 3]),
            absence: bundle(absence, &[&first], &[0, 2, 3]),
            receipt: bundle(receipt, &[&first, &second, &third], &[0, 1, 2, 3]),
            suite: H::SUITE,
            validators,
            genesis,
            id,
        }
    }
}

/// Roots of state and of receipts.
type Roots = (Digest, Digest);

fn header(validators: &Validators, network: Digest, height: u64, (state, events): Roots, parent: Digest) -> Header {
    let suite = validators.keys[0].suite();
    Header {
        version: HEADER_VERSION,
        network,
        height,
        time: Time::from_millis(1_700_000_000_000 + height * 1_000).expect("before the year 9999"),
        epoch: 0,
        view: height * 2,
        parent_view: height * 2 - 2,
        parent,
        proposer: validators.set.validators()[0].key.clone(),
        tx_root: Digest([3; 32]),
        state_root: state,
        state_range: LogRange { start: 0, end: 120, root: Digest([4; 32]) },
        event_root: events,
        event_range: LogRange { start: 0, end: 34, root: events },
        receipts: 30,
        next_validators: validators.set.digest(primitives(suite)),
        acts: 0,
        receipt_root: Digest::ZERO,
    }
}

/// An empty block upon the parent.
pub fn child(parent: &Header, primitives: &dyn Primitives) -> Header {
    Header {
        height: parent.height + 1,
        time: parent.time.plus_millis(1_000),
        view: parent.view + 1,
        parent_view: parent.view,
        parent: parent.digest(primitives),
        ..parent.clone()
    }
}

fn sample_receipt(number: u64) -> Receipt {
    let refusal = Refusal { code: "evidence.not_found".parse().expect("a code"), call: Some(0) };
    let events = list(vec![Blob::new(vec![1, 2, 3]).expect("a short event")]);
    Receipt {
        number,
        transaction: Digest([number as u8; 32]),
        account: AccountId([5; 16]),
        request_id: RequestId([number as u8; 16]),
        not_after: Time::from_millis(1_700_000_600_000).expect("before the year 9999"),
        height: number / 3,
        time: Time::from_millis(1_700_000_000_000 + number / 3 * 1_000).expect("before the year 9999"),
        outcome: if number.is_multiple_of(2) { Outcome::Applied { events } } else { Outcome::Refused(refusal) },
    }
}

/// The claim that there is no exhibit with this number.
pub fn absence_of(primitives: &dyn Primitives, number: u64) -> Claim {
    let key = codec::encode(&number);
    let state_key = state_key(primitives, TABLE, &key);
    Claim::Absence { table: TABLE.parse().expect("a short name"), key: Blob::new(key).expect("short"), state_key }
}

type Proven = (Claim, Path);

fn proofs<H: SuiteHasher>() -> (Proven, Proven, Proven, Roots) {
    let primitives = primitives(H::SUITE);
    let table = || TABLE.parse().expect("a short name");
    let value = |number: u64| format!("exhibit {number}").into_bytes();
    let engine_key = |number: u64| H::Digest::from(state_key(primitives, TABLE, &codec::encode(&number)).0);
    simulate(|context| async move {
        let state = open_state::<H>(&context).await;
        let state = write::<H>(state, (0..300).map(|number| (engine_key(number), Some(value(number))))).await;
        let state = write::<H>(state, (0..20).map(|number| (engine_key(number), Some(value(number + 500))))).await;
        let present = state.key_value_proof(engine_key(4)).await.expect("present");
        let absent = state.exclusion_proof(&engine_key(1_000)).await.expect("absent");
        let record = Claim::Record {
            table: table(),
            key: Blob::new(codec::encode(&4u64)).expect("short"),
            value: Blob::new(value(504)).expect("short"),
        };
        let absence = absence_of(primitives, 1_000);

        let mut log = open_receipts::<H>(&context).await;
        for block in 0..10 {
            let entries = (block * 3..block * 3 + 3).map(|number| codec::encode(&sample_receipt(number))).collect();
            log = append::<H>(log, entries, 0).await;
        }
        // Before the entry 16 stand 16 others, the first commit and those of five blocks.
        let location = mmr::Location::new(16 + 1 + 5);
        let (proof, _) = log.proof(location, NZU64!(1)).await.expect("an entry");
        let receipt = Claim::Receipt { receipt: sample_receipt(16) };
        let receipt_path = ReceiptPath { log: log_path(*location, &proof) };
        (
            (record, Path::Record(presence_path(&present))),
            (absence, Path::Absence(absence_path(&absent))),
            (receipt, Path::Receipt(receipt_path)),
            (digest(&state.root()), digest(&log.root())),
        )
    })
}
