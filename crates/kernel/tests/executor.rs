//! The executor over rules that are as small as rules can be: a counter that anybody may add to.

use tongban_kernel::{
    Access, BlockContext, Broken, Ctx, Executed, Executor, Missing, Rules, State, Stop, Table, TxError, Write,
};
use tongban_types::receipt::{Code, EventBytes};
use tongban_types::transaction::CallBytes;
use tongban_types::{
    AccountId, Blob, Digest, Genesis, List, Outcome, Primitives, PublicKey, RequestId, Signature, Suite, Time, Tx,
    domain,
};

/// Counters by name; each call is a name and adds one.
const COUNTERS: Table<u8, Vec<u8>> = Table::new("count/counters");
/// Adding to this counter reads it and then refuses.
const REFUSED: u8 = 250;
/// Adding to this counter breaks an invariant.
const BREAKING: u8 = 251;
/// Adding to this counter makes its record larger than any may be.
const TOO_LARGE: u8 = 252;

/// An account that does not have the key.
const STRANGER: AccountId = AccountId([9; 16]);

struct Count;

impl Rules for Count {
    fn genesis(&self, _: &Genesis, _: &mut State) -> Result<(), Stop> {
        Ok(())
    }

    fn authenticate(&self, tx: &Tx, _: &State) -> Result<(), Stop> {
        if tx.account == STRANGER { Err(TxError::UnknownKey.into()) } else { Ok(()) }
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

    fn execute(&self, call: &CallBytes, _: &Ctx, state: &mut State) -> Result<EventBytes, Stop> {
        let name = call.as_ref()[0];
        let mut counter = COUNTERS.get(state, &name)?.unwrap_or_default();
        counter.push(name);
        if name == TOO_LARGE {
            counter.resize(200 * 1024, 0);
        }
        COUNTERS.put(state, &name, &counter);
        // Refusing after writing is what no module may do; the executor must bear it all the same.
        if name == REFUSED { Err(TxError::Denied.into()) } else { Ok(Blob::default()) }
    }

    fn check_invariants(&self, write: &Write) -> Result<(), Broken> {
        let breaks = COUNTERS.record_of(write).is_some_and(|counter| counter.contains(&BREAKING));
        if breaks { Err(Broken { table: COUNTERS.name(), invariant: "no 251" }) } else { Ok(()) }
    }
}

/// A stand-in for hashes: keeps tables and keys apart, which is all that is needed here.
struct NoHash;

impl Primitives for NoHash {
    fn suite(&self) -> Suite {
        Suite::Intl
    }

    fn hash(&self, parts: &[&[u8]]) -> Digest {
        let mut digest = [0; 32];
        for (place, byte) in parts.iter().flat_map(|part| part.iter()).enumerate() {
            digest[place % 32] = byte.wrapping_add(u8::wrapping_mul(digest[place % 32], 31));
        }
        Digest(digest)
    }

    fn verify(&self, _: &PublicKey, _: &[u8], _: &Signature) -> bool {
        false
    }
}

fn transaction(calls: &[u8]) -> Tx {
    Tx {
        network: Digest::ZERO,
        account: AccountId([1; 16]),
        key: PublicKey::default(),
        request_id: RequestId([0; 16]),
        not_after: Time::MAX,
        calls: List::new(calls.iter().map(|name| Blob::new(vec![*name]).expect("one byte")).collect()).expect("few"),
    }
}

fn executor() -> Executor {
    let context = BlockContext { network: Digest::ZERO, height: 2, time: Time::default(), first_receipt: 7 };
    Executor::new(&Count, &NoHash, context)
}

fn key(name: u8) -> Digest {
    domain::state_key(&NoHash, COUNTERS.name(), &[name])
}

/// Executes with every missing record loaded as absent; gives how often something was missing.
fn execute(executor: &mut Executor, calls: &[u8]) -> usize {
    let mut missed = 0;
    while let Err(Missing(key)) = executor.execute(&transaction(calls), Digest::ZERO) {
        executor.load(key, None);
        missed += 1;
    }
    missed
}

fn codes(executor: Executor) -> (Vec<String>, Vec<Digest>) {
    let changes = executor.finish();
    let code = |outcome: &Outcome| match outcome {
        Outcome::Applied { events } => format!("{} events", events.len()),
        Outcome::Refused(refusal) => format!("{} at {:?}", &*refusal.code, refusal.call),
    };
    (changes.receipts.iter().map(|receipt| code(&receipt.outcome)).collect(), changes.writes.into_keys().collect())
}

#[test]
fn what_is_missing_is_asked_for_and_changes_nothing() {
    let mut executor = executor();
    let first = executor.execute(&transaction(&[1, 2]), Digest::ZERO);
    assert_eq!(first, Err(Missing(key(1))));
    executor.load(key(1), Some(vec![1, 9]));
    assert_eq!(executor.execute(&transaction(&[1, 2]), Digest::ZERO), Err(Missing(key(2))));
    executor.load(key(2), None);
    assert_eq!(executor.execute(&transaction(&[1, 2]), Digest::ZERO), Ok(Executed::Receipted));
    let changes = executor.finish();
    assert_eq!(changes.receipts.len(), 1, "attempts leave no receipts");
    assert_eq!(changes.receipts[0].number, 7);
    assert_eq!(changes.writes[&key(1)].value, Some(vec![2, 9, 1]), "added once, to what was loaded");
    assert_eq!(changes.writes[&key(2)].value, Some(vec![1, 2]));
}

#[test]
fn later_transactions_see_earlier_ones_and_refused_ones_leave_nothing() {
    let mut executor = executor();
    assert_eq!(execute(&mut executor, &[1]), 1);
    assert_eq!(execute(&mut executor, &[1, 2, REFUSED]), 2);
    assert_eq!(execute(&mut executor, &[1]), 0);
    let changes = executor.finish();
    assert_eq!(changes.writes.keys().collect::<Vec<_>>(), [&key(1)]);
    assert_eq!(changes.writes[&key(1)].value, Some(vec![2, 1, 1]), "two effects, not three");
    let numbers: Vec<u64> = changes.receipts.iter().map(|receipt| receipt.number).collect();
    assert_eq!(numbers, [7, 8, 9]);
}

#[test]
fn broken_invariants_refuse_the_whole_transaction() {
    let mut executor = executor();
    execute(&mut executor, &[1, BREAKING]);
    execute(&mut executor, &[TOO_LARGE]);
    execute(&mut executor, &[3, REFUSED]);
    execute(&mut executor, &[3]);
    let (codes, changed) = codes(executor);
    assert_eq!(
        codes,
        ["tx.invariant_broken at None", "tx.invariant_broken at None", "tx.denied at Some(1)", "1 events"]
    );
    assert_eq!(changed, [key(3)]);
}

#[test]
fn strangers_leave_no_receipt() {
    let mut executor = executor();
    let of_stranger = Tx { account: STRANGER, ..transaction(&[1]) };
    let code = tongban_kernel::ModuleError::code(&TxError::UnknownKey);
    assert_eq!(executor.execute(&of_stranger, Digest::ZERO), Ok(Executed::Stranger(code)));
    let changes = executor.finish();
    assert!(changes.receipts.is_empty() && changes.writes.is_empty(), "otherwise anybody could use up a request id");
}
