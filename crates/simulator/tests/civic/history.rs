//! A history as an honest network of one would make it, and what one needs to forge it.

use serde::{Serialize, de::DeserializeOwned};
use tongban_crypto::{SecretKey, primitives};
use tongban_kernel::{BlockContext, Executor, Missing, Table, Write};
use tongban_modules::{Call, Event, RULES, cases};
use tongban_simulator::audit::{Finding, Records, Step, keep};
use tongban_simulator::civic_audit::{CivicAuditor, Tally, Told};
use tongban_simulator::town::{self, Person};
use tongban_types::block::{HEADER_VERSION, LogRange};
use tongban_types::codes::CaseNumber;
use tongban_types::genesis::{GENESIS_VERSION, GenesisAccount, Parameters};
use tongban_types::receipt::EventBytes;
use tongban_types::{
    AccountId, Blob, Block, Digest, Genesis, Header, List, Outcome, Primitives, Receipt, RequestId, Suite, Text, Time,
    Tx, Validator, ValidatorSet, codec,
};

pub const SUITE: Suite = Suite::Intl;

pub fn suite() -> &'static dyn Primitives {
    primitives(SUITE)
}

pub fn genesis() -> Genesis {
    let account = |who: Person, role: &str| GenesisAccount {
        name: Text::new(role).expect("short"),
        key: who.secret(SUITE).public_key(),
        roles: List::new(vec![Text::new(role).expect("short")]).expect("one"),
    };
    let key = SecretKey::from_bytes(SUITE, &[1; 32]).expect("a key").public_key();
    let validator = Validator { department: Text::new("数据局").expect("short"), key };
    let accounts = vec![account(Person::Administrator, "administrator"), account(Person::Registrar, "registrar")];
    Genesis {
        version: GENESIS_VERSION,
        name: Text::new("forged").expect("short"),
        suite: SUITE,
        time: "2026-01-01T00:00:00Z".parse().expect("a time"),
        validators: ValidatorSet::new(vec![validator]).expect("one validator"),
        accounts: List::new(accounts).expect("few"),
        parameters: Parameters::default(),
    }
}

/// A history as an honest network of one would make it: a block for each transaction.
#[derive(Clone)]
pub struct History {
    pub blocks: Vec<Block>,
    pub receipts: Vec<Receipt>,
    /// What each block has changed.
    pub writes: Vec<Vec<Write>>,
    /// All records after the last block.
    pub records: Records,
    pub time: Time,
    pub told: Told,
}

impl History {
    pub fn new() -> Self {
        let time = genesis().time;
        let (blocks, receipts, writes, records) = (Vec::new(), Vec::new(), Vec::new(), Records::new());
        Self { blocks, receipts, writes, records, time, told: Told::default() }
    }

    /// What the auditor finds, and after which block; none where it was found in the end.
    pub fn judge(&self) -> Result<Tally, (Option<u64>, Finding)> {
        let mut auditor = CivicAuditor::new(suite());
        let mut records = Records::new();
        let mut receipts = self.receipts.as_slice();
        for (block, writes) in self.blocks.iter().zip(&self.writes) {
            let height = block.header.height;
            let count = receipts.iter().take_while(|receipt| receipt.height == height).count();
            let (own, others) = receipts.split_at(count);
            keep(&mut records, writes, suite());
            auditor
                .read(Step { block, receipts: own, writes, records: &records })
                .map_err(|found| (Some(height), found))?;
            receipts = others;
        }
        auditor.finish(&records, &self.told).map_err(|found| (None, found))
    }

    pub fn run(&mut self, transactions: &[Tx]) {
        let genesis = genesis();
        self.time = self.time.plus_millis(1_000);
        let height = self.blocks.len() as u64 + 1;
        let context = BlockContext {
            network: genesis.network(suite()),
            height,
            time: self.time,
            first_receipt: self.receipts.len() as u64,
        };
        let mut executor = Executor::new(RULES, suite(), context);
        while let Err(Missing(key)) = executor.begin(&genesis) {
            executor.load(key, self.records.get(&key).cloned());
        }
        for tx in transactions {
            while let Err(Missing(key)) = executor.execute(tx, tx.id(suite())) {
                executor.load(key, self.records.get(&key).cloned());
            }
        }
        let changes = executor.finish();
        self.receipts.extend(changes.receipts);
        let writes: Vec<Write> = changes.writes.into_values().collect();
        keep(&mut self.records, &writes, suite());
        self.writes.push(writes);
        let transactions = transactions.iter().map(|tx| Blob::new(codec::encode(tx)).expect("short")).collect();
        let header = header(height, self.time, self.receipts.len() as u64, changes.acts);
        self.blocks.push(Block { header, transactions: List::new(transactions).expect("few") });
    }

    pub fn act_with(&mut self, account: AccountId, key: &SecretKey, calls: &[Call]) -> Receipt {
        let tx = Tx {
            network: genesis().network(suite()),
            account,
            key: key.public_key(),
            request_id: RequestId([u8::try_from(self.blocks.len()).expect("a short history"); 16]),
            not_after: self.time.plus_millis(5_000),
            calls: List::new(calls.iter().map(Call::to_bytes).collect()).expect("few calls"),
        };
        self.run(&[tx]);
        self.receipts.last().expect("a receipt").clone()
    }

    /// Something that must succeed.
    pub fn act(&mut self, who: Person, calls: &[Call]) -> Receipt {
        let receipt = self.act_with(who.account(SUITE), &who.secret(SUITE), calls);
        assert!(matches!(receipt.outcome, Outcome::Applied { .. }), "{who:?} {calls:?}: {:?}", receipt.outcome);
        receipt
    }

    /// Something that must be refused with this code.
    pub fn refused(&mut self, who: Person, call: Call, code: &str) {
        let receipt = self.act_with(who.account(SUITE), &who.secret(SUITE), std::slice::from_ref(&call));
        match receipt.outcome {
            Outcome::Refused(refusal) => assert_eq!(refusal.code.to_string(), code, "{who:?} {call:?}"),
            Outcome::Applied { .. } => panic!("{who:?} may do {call:?}"),
        }
    }

    pub fn file(&mut self, number: u8) -> CaseNumber {
        self.file_with(number, town::file)
    }

    pub fn file_with(&mut self, number: u8, call: impl Fn(AccountId, Digest) -> Call) -> CaseNumber {
        self.file_for(number, Person::Zhang, Person::Zhang, call)
    }

    /// Somebody applies for another one, or for himself.
    pub fn file_for(
        &mut self,
        number: u8,
        who: Person,
        applicant: Person,
        call: impl Fn(AccountId, Digest) -> Call,
    ) -> CaseNumber {
        let form = Digest([number; 32]);
        let receipt = self.act(who, &[call(applicant.account(SUITE), form)]);
        let Outcome::Applied { events } = &receipt.outcome else { panic!("it was applied") };
        let Ok(Event::Cases(cases::Event::Filed { case, .. })) = codec::decode(events[0].as_ref()) else {
            panic!("expected an application")
        };
        self.told.filed.push((form, case.clone()));
        case
    }

    pub fn accept(&mut self, number: u8) -> CaseNumber {
        let case = self.file(number);
        self.accept_as(case, town::accept)
    }

    pub fn accept_as(&mut self, case: CaseNumber, call: impl Fn(&CaseNumber) -> Call) -> CaseNumber {
        self.act(Person::Receiver, &[town::receive(&case)]);
        self.act(Person::Acceptor, &[call(&case)]);
        case
    }

    /// Makes out what was granted, until a time.
    pub fn complete(&mut self, case: &CaseNumber, serial: u32, until: Time) {
        let (licence, holder) = (town::licence(serial), Person::Zhang.account(SUITE));
        let issue = town::issue(&licence, case, holder, (town::day_of(self.time), until));
        self.act(Person::Issuer, &[issue, town::certify(case, &licence)]);
        self.act(Person::Issuer, &[town::deliver(case, true), town::close(case)]);
    }

    pub fn finish(&mut self, case: &CaseNumber) {
        for (who, step) in [(Person::FoodReviewer, town::REVIEW), (Person::Checker, town::CHECK)] {
            self.act(who, &[town::finish(case, step)]);
            self.told.finished.push((case.clone(), Text::new(step).expect("short")));
        }
    }
}

pub fn header(height: u64, time: Time, receipts: u64, acts: u16) -> Header {
    let range = LogRange { start: 0, end: 0, root: Digest::ZERO };
    Header {
        version: HEADER_VERSION,
        network: genesis().network(suite()),
        height,
        time,
        epoch: 0,
        view: height,
        parent_view: height - 1,
        parent: Digest::ZERO,
        proposer: SecretKey::from_bytes(SUITE, &[1; 32]).expect("a key").public_key(),
        tx_root: Digest::ZERO,
        state_root: Digest::ZERO,
        state_range: range.clone(),
        event_root: Digest::ZERO,
        event_range: range,
        receipts,
        next_validators: Digest::ZERO,
        acts,
        receipt_root: Digest::ZERO,
    }
}

/// A city that was founded.
pub fn founded() -> History {
    let mut history = History::new();
    history.run(&[]);
    for (who, calls) in town::founding(SUITE, &genesis().network(suite())) {
        history.act(who, &calls);
    }
    history
}

/// Lets what matches have never happened.
pub fn forget(history: &mut History, is_meant: fn(&Event) -> bool) {
    change(history, is_meant, |_| None);
}

/// Replaces the first event that matches.
pub fn change(history: &mut History, is_meant: fn(&Event) -> bool, forge: fn(Event) -> Option<Event>) {
    for receipt in &mut history.receipts {
        let Outcome::Applied { events } = &mut receipt.outcome else { continue };
        let mut decoded: Vec<Event> =
            events.iter().map(|event| codec::decode(event.as_ref()).expect("an event")).collect();
        let Some(index) = decoded.iter().position(is_meant) else { continue };
        let event = decoded.remove(index);
        if let Some(event) = forge(event) {
            decoded.insert(index, event);
        }
        let encoded = decoded.iter().map(|event| EventBytes::new(codec::encode(event)).expect("short")).collect();
        *events = List::new(encoded).expect("as many as before");
        return;
    }
    panic!("nothing matches");
}

/// Lets what matches happen once more, with the next receipt.
pub fn repeat(history: &mut History, is_meant: fn(&Event) -> bool) {
    let holds = |receipt: &Receipt| match &receipt.outcome {
        Outcome::Applied { events } => {
            events.iter().any(|event| codec::decode(event.as_ref()).is_ok_and(|event| is_meant(&event)))
        }
        Outcome::Refused(_) => false,
    };
    let index = history.receipts.iter().position(holds).expect("something matches");
    history.receipts[index + 1].outcome = history.receipts[index].outcome.clone();
}

/// The first record of a table that matches, as a block writes it: it is written otherwise, or not at all.
pub fn rewrite<K: Serialize, V: Serialize + DeserializeOwned>(
    history: &mut History,
    table: &Table<K, V>,
    is_meant: impl Fn(&V) -> bool,
    forge: impl Fn(V) -> Option<V>,
) {
    for writes in &mut history.writes {
        let meant = |write: &Write| table.record_of(write).is_some_and(|record| is_meant(&record));
        let Some(index) = writes.iter().position(meant) else { continue };
        let record = table.record_of(&writes[index]).expect("it matches");
        match forge(record) {
            Some(record) => writes[index].value = Some(codec::encode(&record)),
            None => drop(writes.remove(index)),
        }
        return;
    }
    panic!("nothing matches in {}", table.name());
}

/// Lets somebody else have done what matches first.
pub fn by_another(history: &mut History, who: Person, is_meant: fn(&Event) -> bool) {
    let holds = |receipt: &&mut Receipt| match &receipt.outcome {
        Outcome::Applied { events } => {
            events.iter().any(|event| codec::decode(event.as_ref()).is_ok_and(|event| is_meant(&event)))
        }
        Outcome::Refused(_) => false,
    };
    history.receipts.iter_mut().find(holds).expect("something matches").account = who.account(SUITE);
}

pub type Forgery = fn(&mut History);

/// Each forgery is found, under its rule.
pub fn find_all(sound: &History, forgeries: &[(&str, u8, Forgery)]) {
    for (forgery, rule, forge) in forgeries {
        let mut history = sound.clone();
        forge(&mut history);
        let (_, finding) = history.judge().expect_err(forgery);
        assert_eq!(finding.rule, *rule, "{forgery}: {finding}");
    }
}
