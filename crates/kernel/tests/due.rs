//! What time brings, over rules whose acts write down that they were done.

use std::collections::BTreeMap;
use tongban_kernel::due::{self, ActBytes};
use tongban_kernel::{
    Access, BlockContext, Broken, Changes, Ctx, Executor, Missing, Rules, State, Stop, Table, TxError, Write,
};
use tongban_types::block::BLOCK_ACTS_MAX;
use tongban_types::genesis::{GENESIS_VERSION, Parameters};
use tongban_types::receipt::{Code, EventBytes};
use tongban_types::transaction::CallBytes;
use tongban_types::{
    AccountId, Blob, Digest, Genesis, List, Outcome, Primitives, PublicKey, Receipt, RequestId, Signature, Suite, Time,
    Tx, Validator, ValidatorSet,
};

/// Names of the acts that were done, in their order.
const DONE: Table<(), Vec<u8>> = Table::new("agenda/done");
/// An act that finds its matter settled.
const SETTLED: u8 = 200;
/// An act that is refused after it has written.
const REFUSED: u8 = 201;
/// An act that breaks an invariant.
const BREAKING: u8 = 202;

const MINUTE_MILLIS: u64 = 60_000;
const DAY_MILLIS: u64 = 24 * 60 * MINUTE_MILLIS;

/// A call is the time in minutes from now, the act's name, and how many of them.
struct Agenda;

impl Rules for Agenda {
    fn genesis(&self, _: &Genesis, _: &mut State) -> Result<(), Stop> {
        Ok(())
    }

    fn authenticate(&self, _: &Tx, _: &State) -> Result<(), Stop> {
        Ok(())
    }

    fn validate(&self, _: &CallBytes) -> Result<(), Code> {
        Ok(())
    }

    fn access(&self, _: &CallBytes) -> Result<Access, Code> {
        Ok(Access::AnyAccount)
    }

    fn cost(&self, _: &CallBytes) -> u32 {
        1
    }

    fn permit(&self, _: Access, _: &CallBytes, _: &Ctx, _: &State) -> Result<(), Stop> {
        Ok(())
    }

    fn reads(&self, _: &Tx, _: &State) -> Vec<Digest> {
        Vec::new()
    }

    fn execute(&self, call: &CallBytes, ctx: &Ctx, state: &mut State) -> Result<EventBytes, Stop> {
        let (minutes, name, count): (u64, u8, u16) =
            tongban_types::codec::decode(call.as_ref()).map_err(|_| TxError::MalformedCall)?;
        for _ in 0..count {
            let at = ctx.time.plus_millis(minutes * MINUTE_MILLIS);
            due::schedule(state, ctx.time, at, act(name))?;
        }
        Ok(Blob::default())
    }

    fn act(&self, act: &ActBytes, ctx: &Ctx, state: &mut State) -> Result<Option<EventBytes>, Stop> {
        assert_eq!(ctx.account, AccountId::LEDGER);
        let name = act.as_ref()[0];
        if name == SETTLED {
            return Ok(None);
        }
        let mut done = DONE.get(state, &())?.unwrap_or_default();
        done.push(name);
        DONE.put(state, &(), &done);
        if name == REFUSED { Err(TxError::Denied.into()) } else { Ok(Some(Blob::default())) }
    }

    fn check_invariants(&self, write: &Write) -> Result<(), Broken> {
        let breaks = DONE.record_of(write).is_some_and(|done| done.contains(&BREAKING));
        if breaks { Err(Broken { table: DONE.name(), invariant: "no 202" }) } else { Ok(()) }
    }
}

fn act(name: u8) -> ActBytes {
    Blob::new(vec![name]).expect("one byte")
}

/// A ledger in memory; its clock stands where the test puts it.
struct Ledger {
    records: BTreeMap<Digest, Vec<u8>>,
    height: u64,
    time: Time,
    receipts: u64,
    /// How often a record was missing in the last block.
    missed: usize,
}

fn primitives() -> &'static dyn Primitives {
    &Concatenation
}

/// A stand-in for hashes that keeps different things apart well enough for a few dozen records: FNV-1a, eight times with different seeds.
struct Concatenation;

impl Primitives for Concatenation {
    fn suite(&self) -> Suite {
        Suite::Intl
    }

    fn hash(&self, parts: &[&[u8]]) -> Digest {
        let mut digest = [0; 32];
        for (seed, chunk) in (0u64..).zip(digest.chunks_mut(8)) {
            let mut hash = 0xcbf2_9ce4_8422_2325 ^ (seed << 32);
            for byte in parts.iter().flat_map(|part| part.iter()) {
                hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
            }
            chunk.copy_from_slice(&hash.to_be_bytes());
        }
        Digest(digest)
    }

    fn verify(&self, _: &PublicKey, _: &[u8], _: &Signature) -> bool {
        false
    }
}

fn genesis() -> Genesis {
    let validator = Validator { department: "数据局".parse().expect("a text"), key: PublicKey::default() };
    Genesis {
        version: GENESIS_VERSION,
        name: "agenda".parse().expect("a text"),
        suite: Suite::Intl,
        time: Time::default(),
        validators: ValidatorSet::new(vec![validator]).expect("one validator"),
        accounts: List::default(),
        parameters: Parameters::default(),
    }
}

impl Ledger {
    fn new() -> Self {
        let time = "2026-01-01T00:00:30Z".parse().expect("a time");
        let mut ledger = Self { records: BTreeMap::new(), height: 0, time, receipts: 0, missed: 0 };
        ledger.block(0, &[]);
        ledger
    }

    /// A block so many milliseconds later, with calls of (minutes, name, count).
    fn block(&mut self, millis: u64, calls: &[(u64, u8, u16)]) -> Vec<Receipt> {
        self.height += 1;
        self.time = self.time.plus_millis(millis);
        self.missed = 0;
        let context =
            BlockContext { network: Digest::ZERO, height: self.height, time: self.time, first_receipt: self.receipts };
        let mut executor = Executor::new(&Agenda, primitives(), context);
        while let Err(Missing(key)) = executor.begin(&genesis()) {
            executor.load(key, self.records.get(&key).cloned());
            self.missed += 1;
        }
        for call in calls {
            let bytes = Blob::new(tongban_types::codec::encode(call)).expect("short");
            let tx = Tx {
                network: Digest::ZERO,
                account: AccountId([1; 16]),
                key: PublicKey::default(),
                request_id: RequestId([0; 16]),
                not_after: Time::MAX,
                calls: List::new(vec![bytes]).expect("one call"),
            };
            while let Err(Missing(key)) = executor.execute(&tx, Digest::ZERO) {
                executor.load(key, self.records.get(&key).cloned());
            }
        }
        let Changes { writes, receipts, acts } = executor.finish();
        assert_eq!(receipts.len(), usize::from(acts) + calls.len());
        self.receipts += receipts.len() as u64;
        for (key, write) in writes {
            match write.value {
                Some(value) => self.records.insert(key, value),
                None => self.records.remove(&key),
            };
        }
        receipts
    }

    fn done(&self) -> Vec<u8> {
        let mut state = State::new(primitives());
        loop {
            match DONE.get(&state, &()) {
                Ok(done) => return done.unwrap_or_default(),
                Err(Missing(key)) => state.load(key, self.records.get(&key).cloned()),
            }
        }
    }
}

#[test]
fn an_act_is_done_at_the_first_block_after_its_time_and_once() {
    let mut ledger = Ledger::new();
    ledger.block(1_000, &[(5, 1, 1)]);
    assert!(ledger.block(5 * MINUTE_MILLIS - 1, &[]).is_empty());
    let receipts = ledger.block(MINUTE_MILLIS, &[]);
    assert_eq!(ledger.done(), [1]);
    assert_eq!(receipts.len(), 1);
    assert_eq!(receipts[0].account, AccountId::LEDGER);
    assert!(matches!(&receipts[0].outcome, Outcome::Applied { events } if events.len() == 1));
    assert!(ledger.block(DAY_MILLIS, &[]).is_empty());
    assert_eq!(ledger.done(), [1]);
}

#[test]
fn acts_are_done_in_the_order_of_their_minutes_and_of_their_scheduling() {
    let mut ledger = Ledger::new();
    ledger.block(1, &[(9, 3, 1), (2, 1, 1), (9, 4, 1), (2, 2, 40), (3_000, 5, 1)]);
    ledger.block(20 * MINUTE_MILLIS, &[]);
    assert_eq!(ledger.done(), [vec![1], vec![2; 40], vec![3, 4]].concat());
    ledger.block(3 * DAY_MILLIS, &[]);
    assert_eq!(ledger.done().last(), Some(&5));
}

#[test]
fn an_act_for_the_past_is_done_with_the_next_minute() {
    let mut ledger = Ledger::new();
    ledger.block(1, &[(0, 1, 1)]);
    ledger.block(MINUTE_MILLIS, &[]);
    assert_eq!(ledger.done(), [1]);
}

#[test]
fn a_block_does_a_bounded_number_of_acts_and_the_next_goes_on() {
    let mut ledger = Ledger::new();
    ledger.block(1, &[(1, 1, BLOCK_ACTS_MAX), (1, 2, 10), (1, SETTLED, 20)]);
    assert_eq!(ledger.block(5 * MINUTE_MILLIS, &[]).len(), usize::from(BLOCK_ACTS_MAX));
    assert_eq!(ledger.block(1, &[(1, 3, 1)]).len(), 11);
    ledger.block(2 * MINUTE_MILLIS, &[]);
    assert_eq!(ledger.done().len(), usize::from(BLOCK_ACTS_MAX) + 11);
    assert_eq!(ledger.done().last(), Some(&3));
}

#[test]
fn what_is_settled_otherwise_leaves_no_receipt() {
    let mut ledger = Ledger::new();
    ledger.block(1, &[(1, SETTLED, 3)]);
    assert!(ledger.block(2 * MINUTE_MILLIS, &[]).is_empty());
    assert!(ledger.done().is_empty());
}

#[test]
fn a_refused_act_is_seen_changes_nothing_and_blocks_nothing() {
    let mut ledger = Ledger::new();
    ledger.block(1, &[(1, REFUSED, 1), (1, BREAKING, 1), (1, 7, 1)]);
    let receipts = ledger.block(2 * MINUTE_MILLIS, &[]);
    let codes: Vec<String> = receipts
        .iter()
        .map(|receipt| match &receipt.outcome {
            Outcome::Refused(refusal) => refusal.code.to_string(),
            Outcome::Applied { .. } => "applied".to_owned(),
        })
        .collect();
    assert_eq!(codes, ["tx.denied", "tx.invariant_broken", "applied"]);
    assert_eq!(ledger.done(), [7]);
    assert!(ledger.block(2 * MINUTE_MILLIS, &[]).is_empty());
}

#[test]
fn after_a_year_of_silence_one_block_catches_up_with_few_reads() {
    let mut ledger = Ledger::new();
    ledger.block(1, &[(300 * 1_440, 1, 1), (10, 2, 1)]);
    assert_eq!(ledger.block(366 * DAY_MILLIS, &[]).len(), 2);
    assert_eq!(ledger.done(), [2, 1]);
    assert!(ledger.missed < 400, "{} reads", ledger.missed);
    ledger.block(1, &[]);
    assert!(ledger.missed <= 2, "an idle block reads little, not {}", ledger.missed);
}

#[test]
fn nothing_is_left_of_what_was_done() {
    let mut ledger = Ledger::new();
    let before = ledger.records.len();
    ledger.block(1, &[(1, SETTLED, 100), (1_500, SETTLED, 33)]);
    ledger.block(DAY_MILLIS * 3, &[]);
    assert_eq!(ledger.records.len(), before);
}

#[test]
fn receipts_of_acts_have_identifiers_of_their_own() {
    let mut ledger = Ledger::new();
    ledger.block(1, &[(1, 1, 3)]);
    let receipts = ledger.block(2 * MINUTE_MILLIS, &[]);
    let mut ids: Vec<_> = receipts.iter().map(|receipt| (receipt.transaction, receipt.request_id)).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 3);
}
