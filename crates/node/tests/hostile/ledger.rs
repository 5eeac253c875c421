//! A ledger in memory, which shows what each transaction has written.

use std::collections::BTreeMap;
use tongban_crypto::{SecretKey, primitives};
use tongban_kernel::{BlockContext, Changes, Executed, Executor, Role, State, Stop, Write};
use tongban_modules::{Call, RULES};
use tongban_types::genesis::{GENESIS_VERSION, GenesisAccount, Parameters, account_of};
use tongban_types::transaction::CallBytes;
use tongban_types::{
    AccountId, Digest, Genesis, List, Outcome, Primitives, PublicKey, Receipt, RequestId, Suite, Text, Time, Tx,
    Validator, ValidatorSet,
};

/// The suite of the ledger.
pub const SUITE: Suite = Suite::Intl;

/// What became of a transaction.
pub struct Effect {
    /// Its receipt; none where its key was never its account's.
    pub receipt: Option<Receipt>,
    /// What it has written.
    pub writes: Vec<Write>,
}

/// One block for each transaction.
pub struct Ledger {
    pub genesis: Genesis,
    network: Digest,
    state: BTreeMap<Digest, Vec<u8>>,
    receipts: Vec<Receipt>,
    height: u64,
    time: Time,
}

/// A key of its own for each seed.
pub fn secret(seed: u8) -> SecretKey {
    SecretKey::from_bytes(SUITE, &[seed; 32]).expect("every 32 bytes are a key")
}

fn key(seed: u8) -> PublicKey {
    secret(seed).public_key()
}

fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).expect("a valid text")
}

/// The account that holds every role of the network.
pub fn actor() -> AccountId {
    account_of(&key(1), primitives(SUITE))
}

/// An account that holds none.
pub fn bystander() -> AccountId {
    account_of(&key(2), primitives(SUITE))
}

impl Ledger {
    /// A ledger with one account that holds every role of the network, and another that holds none.
    pub fn new() -> Self {
        use strum::IntoEnumIterator;

        let roles = Role::iter().filter(|role| !role.is_of_department()).map(|role| text(role.into())).collect();
        let given = |name: &str, seed, roles| GenesisAccount { name: text(name), key: key(seed), roles };
        let accounts =
            vec![given("数据局", 1, List::new(roles).expect("few roles")), given("图书馆", 2, List::default())];
        let validator = Validator { department: text("数据局"), key: key(100) };
        let genesis = Genesis {
            version: GENESIS_VERSION,
            name: text("in memory"),
            suite: SUITE,
            time: "2026-02-01T00:00:00Z".parse().expect("a time"),
            validators: ValidatorSet::new(vec![validator]).expect("one validator"),
            accounts: List::new(accounts).expect("few accounts"),
            parameters: Parameters::default(),
        };
        let time = genesis.time;
        let network = genesis.network(primitives(SUITE));
        let mut ledger = Self { genesis, network, state: BTreeMap::new(), receipts: Vec::new(), height: 0, time };
        let changes = ledger.run(None).1;
        ledger.keep(changes);
        ledger
    }

    /// The network's identifier.
    pub fn network(&self) -> Digest {
        self.network
    }

    fn primitives(&self) -> &'static dyn Primitives {
        primitives(SUITE)
    }

    /// All receipts.
    pub fn receipts(&self) -> &[Receipt] {
        &self.receipts
    }

    /// The last block.
    pub fn height(&self) -> u64 {
        self.height
    }

    /// Its time.
    pub fn time(&self) -> Time {
        self.time
    }

    /// Has the account that holds every role make one call.
    pub fn call(&mut self, call: &Call) -> Effect {
        let mut request_id = [0; RequestId::BYTES];
        request_id[..8].copy_from_slice(&self.height.to_be_bytes());
        let calls: Vec<CallBytes> = vec![call.to_bytes()];
        self.execute(&Tx {
            network: self.network(),
            account: actor(),
            key: key(1),
            request_id: RequestId(request_id),
            not_after: self.time.plus_millis(60_000),
            calls: List::new(calls).expect("one call"),
        })
    }

    /// Executes a transaction, whose signature nobody looks at. A refusal must have written nothing.
    pub fn execute(&mut self, tx: &Tx) -> Effect {
        let (executed, changes) = self.run(Some(tx));
        let writes: Vec<Write> = changes.writes.values().cloned().collect();
        let receipt = changes.receipts.first().cloned();
        self.keep(changes);
        let is_applied = matches!(&receipt, Some(Receipt { outcome: Outcome::Applied { .. }, .. }));
        assert!(is_applied || writes.is_empty(), "a refusal has changed the state");
        assert_eq!(receipt.is_some(), executed == Some(Executed::Receipted), "a receipt for each but strangers");
        Effect { receipt, writes }
    }

    fn run(&mut self, tx: Option<&Tx>) -> (Option<Executed>, Changes) {
        self.height += 1;
        self.time = self.time.plus_millis(1);
        let context = BlockContext {
            network: self.network(),
            height: self.height,
            time: self.time,
            first_receipt: self.receipts.len() as u64,
        };
        let mut executor = Executor::new(RULES, self.primitives(), context);
        while let Err(missing) = executor.begin(&self.genesis) {
            executor.load(missing.0, self.state.get(&missing.0).cloned());
        }
        let executed = tx.map(|tx| {
            loop {
                match executor.execute(tx, tx.id(self.primitives())) {
                    Ok(executed) => break executed,
                    Err(missing) => executor.load(missing.0, self.state.get(&missing.0).cloned()),
                }
            }
        });
        (executed, executor.finish())
    }

    fn keep(&mut self, changes: Changes) {
        for (key, write) in changes.writes {
            RULES.check_invariants(&write).unwrap_or_else(|broken| panic!("an invariant is broken: {broken}"));
            match write.value {
                Some(value) => self.state.insert(key, value),
                None => self.state.remove(&key),
            };
        }
        self.receipts.extend(changes.receipts);
    }

    /// Asks something of the state.
    pub fn ask<V>(&self, question: impl Fn(&State) -> Result<V, Stop>) -> Result<V, Stop> {
        let mut state = State::new(self.primitives());
        loop {
            match question(&state) {
                Err(Stop::Missing(missing)) => state.load(missing.0, self.state.get(&missing.0).cloned()),
                answer => return answer,
            }
        }
    }
}
