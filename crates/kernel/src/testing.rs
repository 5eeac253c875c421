//! Stories: tables of `(who, call, outcome)` run against a program's rules, for the tests of modules.
//!
//! After each step a story asserts that a refusal left the state byte-identical, that the outcome stood on exactly one
//! receipt, and that the invariants of every changed record hold.

use crate::state::Writes;
use crate::{BlockContext, Changes, Executed, Executor, Rules, State, Stop};
use std::collections::BTreeMap;
use tongban_types::genesis::account_of;
use tongban_types::transaction::CallBytes;
use tongban_types::{Digest, Genesis, List, Outcome, Primitives, PublicKey, Receipt, RequestId, Time, Tx};

/// A whole ledger in memory, one block for each transaction. A copy goes on by itself: what many stories begin with is told once.
#[derive(Clone)]
pub struct Story {
    rules: &'static dyn Rules,
    primitives: &'static dyn Primitives,
    genesis: Genesis,
    network: Digest,
    state: BTreeMap<Digest, Vec<u8>>,
    height: u64,
    time: Time,
    /// The day of the last block, in UTC.
    day: u64,
    receipts: u64,
}

impl Story {
    /// A ledger that has its genesis behind it.
    pub fn new(rules: &'static dyn Rules, primitives: &'static dyn Primitives, genesis: Genesis) -> Self {
        let network = genesis.network(primitives);
        let time = genesis.time;
        let mut story =
            Self { rules, primitives, genesis, network, state: BTreeMap::new(), height: 0, time, day: 0, receipts: 0 };
        story.run(&[]);
        story
    }

    /// The network's identifier.
    pub fn network(&self) -> Digest {
        self.network
    }

    /// The time of the last block.
    pub fn time(&self) -> Time {
        self.time
    }

    /// Lets so much time pass before the next block.
    pub fn wait_millis(&mut self, millis: u64) {
        self.time = self.time.plus_millis(millis);
    }

    /// Lets so much time pass, and then a block without transactions; gives the receipts of what time has brought.
    pub fn pass_millis(&mut self, millis: u64) -> Vec<Receipt> {
        self.wait_millis(millis);
        self.run(&[])
    }

    /// Executes calls of the account that was opened with `key`, signed by that key, in a block of their own.
    pub fn act(&mut self, key: &PublicKey, calls: Vec<CallBytes>) -> Receipt {
        let account = account_of(key, self.primitives);
        self.act_with(account, key, calls)
    }

    /// Executes calls of an account, signed by a key, in a block of their own.
    pub fn act_with(&mut self, account: tongban_types::AccountId, key: &PublicKey, calls: Vec<CallBytes>) -> Receipt {
        let mut request_id = [0; RequestId::BYTES];
        request_id[..8].copy_from_slice(&self.height.to_be_bytes());
        let tx = Tx {
            network: self.network,
            account,
            key: key.clone(),
            request_id: RequestId(request_id),
            not_after: self.time.plus_millis(60_000),
            calls: List::new(calls).expect("stories make few calls at a time"),
        };
        let (before, day) = (self.state.clone(), self.day);
        let mut receipts = self.run(&[tx]);
        let receipt = receipts.pop().expect("one transaction has one receipt");
        let is_of_act = |receipt: &Receipt| receipt.account == tongban_types::AccountId::LEDGER;
        assert!(receipts.iter().all(is_of_act), "one transaction has one receipt");
        if let Outcome::Refused(refusal) = &receipt.outcome
            && receipts.is_empty()
            && self.day == day
        // with the first block of a day the table of what is due moves on
        {
            assert!(self.state == before, "the refusal {} has changed the state", refusal.code);
        }
        receipt
    }

    /// Asks something of the state.
    pub fn ask<V>(&self, question: impl Fn(&State) -> Result<V, Stop>) -> Result<V, Stop> {
        let mut state = State::new(self.primitives);
        loop {
            match question(&state) {
                Err(Stop::Missing(missing)) => state.load(missing.0, self.state.get(&missing.0).cloned()),
                answer => return answer,
            }
        }
    }

    fn run(&mut self, transactions: &[Tx]) -> Vec<Receipt> {
        self.height += 1;
        self.time = self.time.plus_millis(1);
        self.day = self.time.as_millis() / 86_400_000;
        let context =
            BlockContext { network: self.network, height: self.height, time: self.time, first_receipt: self.receipts };
        let mut executor = Executor::new(self.rules, self.primitives, context);
        let mut strangers = Vec::new();
        while let Err(missing) = executor.begin(&self.genesis) {
            executor.load(missing.0, self.state.get(&missing.0).cloned());
        }
        for tx in transactions {
            for key in executor.reads(tx) {
                executor.load(key, self.state.get(&key).cloned());
            }
            let executed = loop {
                match executor.execute(tx, tx.id(self.primitives)) {
                    Ok(executed) => break executed,
                    Err(missing) => executor.load(missing.0, self.state.get(&missing.0).cloned()),
                }
            };
            if let Executed::Stranger(code) = executed {
                strangers.push(self.answer_to_stranger(tx, code));
            }
        }
        let Changes { writes, receipts, .. } = executor.finish();
        self.check(&writes);
        self.receipts += receipts.len() as u64;
        for (key, write) in writes {
            match write.value {
                Some(value) => self.state.insert(key, value),
                None => self.state.remove(&key),
            };
        }
        receipts.into_iter().chain(strangers).collect()
    }

    /// What a stranger is told; it stands on no ledger.
    fn answer_to_stranger(&self, tx: &Tx, code: tongban_types::receipt::Code) -> Receipt {
        Receipt {
            number: u64::MAX,
            transaction: tx.id(self.primitives),
            account: tx.account,
            request_id: tx.request_id,
            not_after: tx.not_after,
            height: self.height,
            time: self.time,
            outcome: Outcome::Refused(tongban_types::Refusal { code, call: None }),
        }
    }

    fn check(&self, writes: &Writes) {
        for write in writes.values() {
            if let Err(broken) = self.rules.check_invariants(write) {
                panic!("an invariant is broken: {broken}");
            }
        }
    }
}
