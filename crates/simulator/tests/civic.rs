//! The auditor of the public services finds what is wrong: the history of a small city, sound at first and then forged in one place each.

use std::collections::BTreeMap;
use tongban_crypto::{SecretKey, primitives};
use tongban_kernel::{BlockContext, Executor, Missing};
use tongban_modules::{Call, Event, RULES, cases, identity, licences, sharing};
use tongban_simulator::civic_audit::{Tally, Told, Town, check, silence_accepts_at};
use tongban_simulator::town::{self, Person};
use tongban_types::block::{HEADER_VERSION, LogRange};
use tongban_types::codes::CaseNumber;
use tongban_types::domain::state_key;
use tongban_types::genesis::{GENESIS_VERSION, GenesisAccount, Parameters};
use tongban_types::receipt::EventBytes;
use tongban_types::{
    AccessId, AccountId, Blob, Block, Digest, Genesis, Header, List, Outcome, Primitives, Receipt, RequestId, Suite,
    Text, Time, Tx, Validator, ValidatorSet, codec,
};

const SUITE: Suite = Suite::Intl;
/// The day of the deemed acceptance and more.
const REST_MILLIS: u64 = 9 * 86_400_000;

fn suite() -> &'static dyn Primitives {
    primitives(SUITE)
}

fn genesis() -> Genesis {
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
struct History {
    blocks: Vec<Block>,
    receipts: Vec<Receipt>,
    records: BTreeMap<Digest, Vec<u8>>,
    time: Time,
    told: Told,
}

impl History {
    fn check(&self) -> Result<Tally, u8> {
        let town = Town { blocks: &self.blocks, receipts: &self.receipts, records: &self.records, primitives: suite() };
        check(town, &self.told).map_err(|finding| finding.rule)
    }

    fn run(&mut self, transactions: &[Tx]) {
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
        for write in changes.writes.into_values() {
            let key = state_key(suite(), write.table, &write.key);
            match write.value {
                Some(value) => self.records.insert(key, value),
                None => self.records.remove(&key),
            };
        }
        let transactions = transactions.iter().map(|tx| Blob::new(codec::encode(tx)).expect("short")).collect();
        let header = header(height, self.time, self.receipts.len() as u64, changes.acts);
        self.blocks.push(Block { header, transactions: List::new(transactions).expect("few") });
    }

    fn act_with(&mut self, account: AccountId, key: &SecretKey, calls: &[Call]) -> Receipt {
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
    fn act(&mut self, who: Person, calls: &[Call]) -> Receipt {
        let receipt = self.act_with(who.account(SUITE), &who.secret(SUITE), calls);
        assert!(matches!(receipt.outcome, Outcome::Applied { .. }), "{who:?} {calls:?}: {:?}", receipt.outcome);
        receipt
    }

    fn file(&mut self, number: u8) -> CaseNumber {
        let form = Digest([number; 32]);
        let receipt = self.act(Person::Zhang, &[town::file(Person::Zhang.account(SUITE), form)]);
        let Outcome::Applied { events } = &receipt.outcome else { panic!("it was applied") };
        let Ok(Event::Cases(cases::Event::Filed { case, .. })) = codec::decode(events[0].as_ref()) else {
            panic!("expected an application")
        };
        self.told.filed.push((form, case.clone()));
        case
    }

    fn accept(&mut self, number: u8) -> CaseNumber {
        let case = self.file(number);
        self.act(Person::Receiver, &[town::receive(&case)]);
        self.act(Person::Acceptor, &[town::accept(&case)]);
        case
    }

    fn finish(&mut self, case: &CaseNumber) {
        for (who, step) in [(Person::FoodReviewer, town::REVIEW), (Person::Checker, town::CHECK)] {
            self.act(who, &[town::finish(case, step)]);
            self.told.finished.push((case.clone(), Text::new(step).expect("short")));
        }
    }
}

fn header(height: u64, time: Time, receipts: u64, acts: u16) -> Header {
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

/// A city in which everything was in order: cases granted, refused, withdrawn, not accepted, accepted by silence, and one that waits.
fn sound() -> History {
    let genesis = genesis();
    let mut history = History {
        blocks: Vec::new(),
        receipts: Vec::new(),
        records: BTreeMap::new(),
        time: genesis.time,
        told: Told::default(),
    };
    history.run(&[]);
    let network = genesis.network(suite());
    for (who, calls) in town::founding(SUITE, &network) {
        history.act(who, &calls);
    }
    let granted = history.accept(1);
    history.finish(&granted);
    let (licence, holder) = (town::licence(1), Person::Zhang.account(SUITE));
    history.act(Person::Approver, &[town::decide(&granted, true)]);
    let issue = town::issue(&licence, &granted, holder, history.time);
    history.act(Person::Issuer, &[issue]);
    history.act(Person::Issuer, &[town::certify(&granted, &licence)]);
    history.act(Person::Issuer, &[town::deliver(&granted, true)]);
    history.act(Person::Issuer, &[town::close(&granted)]);
    let access = town::record_access(AccessId([1; 16]), &licence, &granted, holder, SUITE);
    history.act(Person::DataOfficer, &[access]);
    history.act(Person::Issuer, &[town::suspend(&licence)]);
    history.act(Person::Issuer, &[town::resume(&licence)]);
    history.act(Person::Approver, &[town::revoke(&licence)]);

    let refused = history.accept(2);
    history.finish(&refused);
    history.act(Person::Approver, &[town::decide(&refused, false)]);
    history.act(Person::Issuer, &[town::deliver(&refused, false)]);
    history.act(Person::Issuer, &[town::close(&refused)]);
    let withdrawn = history.accept(3);
    history.act(Person::Zhang, &[town::withdraw(&withdrawn)]);
    let not_accepted = history.file(4);
    history.act(Person::Receiver, &[town::receive(&not_accepted)]);
    history.act(Person::Acceptor, &[town::refuse_acceptance(&not_accepted)]);
    let tested = history.accept(5);
    let until = history.time.plus_millis(86_400_000);
    history.act(Person::FoodReviewer, &[town::stop_clock(&tested, town::REVIEW, until)]);
    history.file(6);

    let recovery = history.act(Person::IdentityOfficer, &[town::open_recovery(SUITE, &network)]).number;
    history.act(Person::IdentityOfficer, &[town::notice(recovery)]);
    history.act(Person::RecoveryApprover, &[town::approve_recovery(recovery)]);
    history.time = history.time.plus_millis(REST_MILLIS);
    history.run(&[]);
    history.run(&[]);
    history
}

#[test]
fn a_sound_city_passes_and_nothing_of_it_is_vacuous() {
    let mut history = sound();
    let tally = history.check().expect("it is sound");
    let expected = Tally {
        filed: 6,
        accepted: 4,
        deemed: 1,
        not_accepted: 1,
        refused: 1,
        withdrawn: 1,
        closed: 2,
        stopped: 1,
        resumed_by_time: 1,
        issued: 1,
        revoked: 1,
        accesses: 1,
        recovered: 1,
        acts: tally.acts,
        refusals: 0,
    };
    assert_eq!(tally, expected);
    assert!(tally.acts >= 3, "silence, the end of the procedure, and the recovery are acts: {}", tally.acts);
    let wang = Person::Wang.account(SUITE);
    let old = history.act_with(wang, &Person::Wang.secret(SUITE), &[town::file(wang, Digest([7; 32]))]);
    assert!(matches!(old.outcome, Outcome::Refused(_)), "the old key acts no more: {:?}", old.outcome);
    let filed = history.act_with(wang, &town::new_key(SUITE), &[town::file(wang, Digest([7; 32]))]);
    assert!(matches!(filed.outcome, Outcome::Applied { .. }), "the new one does: {:?}", filed.outcome);
}

#[test]
fn silence_accepts_at_the_end_of_the_fifth_working_day_in_beijing() {
    for (arrived, at) in [
        ("2026-01-01T00:00:00Z", "2026-01-08T16:00:00Z"), // Thursday: 2, 5, 6, 7, 8 January
        ("2026-01-01T15:59:59Z", "2026-01-08T16:00:00Z"),
        ("2026-01-01T16:00:00Z", "2026-01-09T16:00:00Z"), // already Friday there
        ("2026-01-03T00:00:00Z", "2026-01-09T16:00:00Z"), // Saturday
    ] {
        let [arrived, at]: [Time; 2] = [arrived, at].map(|time| time.parse().expect("a time"));
        assert_eq!(silence_accepts_at(arrived), at);
    }
}

/// Lets what matches have never happened.
fn forget(history: &mut History, is_meant: fn(&Event) -> bool) {
    change(history, is_meant, |_| None);
}

/// Replaces the first event that matches.
fn change(history: &mut History, is_meant: fn(&Event) -> bool, forge: fn(Event) -> Option<Event>) {
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
fn repeat(history: &mut History, is_meant: fn(&Event) -> bool) {
    let holds = |receipt: &Receipt| match &receipt.outcome {
        Outcome::Applied { events } => {
            events.iter().any(|event| codec::decode(event.as_ref()).is_ok_and(|event| is_meant(&event)))
        }
        Outcome::Refused(_) => false,
    };
    let index = history.receipts.iter().position(holds).expect("something matches");
    history.receipts[index + 1].outcome = history.receipts[index].outcome.clone();
}

type Forgery = fn(&mut History);

#[test]
fn every_forgery_of_the_city_is_found_under_its_rule() {
    use cases::Event as C;
    use licences::Event as L;
    let forgeries: [(&str, u8, Forgery); 24] = [
        ("an act too many in a header", 9, |history| history.blocks[3].header.acts += 1),
        ("a receipt of no block", 9, |history| history.blocks.truncate(history.blocks.len() - 2)),
        ("a number that is given twice", 10, |h| repeat(h, |event| matches!(event, Event::Cases(C::Filed { .. })))),
        ("a case that nobody has filed", 10, |h| forget(h, |event| matches!(event, Event::Cases(C::Filed { .. })))),
        ("an application that is lost", 10, |history| history.told.filed[0].0 = Digest([99; 32])),
        ("an application that is there twice", 10, |history| {
            let [one, other] = [0, 1]
                .map(|index| state_key(suite(), cases::FILINGS.name(), &codec::encode(&history.told.filed[index].1)));
            let filing = history.records[&one].clone();
            history.records.insert(other, filing);
        }),
        ("a step before acceptance", 11, |h| forget(h, |event| matches!(event, Event::Cases(C::Accepted { .. })))),
        ("a decision without a step", 11, |h| forget(h, |event| matches!(event, Event::Cases(C::StepFinished { .. })))),
        ("a step that is done twice", 11, |h| repeat(h, |event| matches!(event, Event::Cases(C::StepFinished { .. })))),
        ("a decision that is made twice", 11, |h| repeat(h, |event| matches!(event, Event::Cases(C::Decided { .. })))),
        ("a case that is closed before it is delivered", 11, |h| {
            forget(h, |event| matches!(event, Event::Cases(C::Delivered { .. })));
        }),
        ("a step that is lost", 11, |history| {
            let case = history.told.filed[5].1.clone();
            history.told.finished.push((case, Text::new(town::CHECK).expect("short")));
        }),
        ("a withdrawal that no receipt tells", 11, |h| {
            forget(h, |event| matches!(event, Event::Cases(C::Ended { .. })))
        }),
        ("silence that does not accept", 12, |h| {
            forget(h, |event| matches!(event, Event::Cases(C::Accepted { by: None, .. })));
        }),
        ("silence that counts from another day", 12, |h| {
            let is_silence = |event: &Event| matches!(event, Event::Cases(C::Accepted { by: None, .. }));
            change(h, is_silence, |event| match event {
                Event::Cases(C::Accepted { case, item_version, by, missing, due, .. }) => {
                    let counts_from = Time::from_millis(1_767_225_600_000).expect("a time");
                    Some(Event::Cases(C::Accepted { case, item_version, counts_from, by, missing, due }))
                }
                _ => None,
            });
        }),
        ("a clock that goes on and did not stand still", 13, |h| {
            forget(h, |event| matches!(event, Event::Cases(C::ClockStopped { .. })));
        }),
        ("a procedure that does not end", 13, |h| {
            forget(h, |event| matches!(event, Event::Cases(C::ClockResumed { .. })));
        }),
        ("a licence that was not issued", 14, |h| {
            forget(h, |event| matches!(event, Event::Licences(L::Issued { .. })))
        }),
        ("a licence that its case does not record", 14, |history| {
            let key = state_key(suite(), licences::CASES.name(), &codec::encode(&history.told.filed[0].1));
            assert!(history.records.remove(&key).is_some());
        }),
        ("a suspension that no receipt tells", 14, |h| {
            forget(h, |event| matches!(event, Event::Licences(L::Suspended { .. })));
        }),
        ("a revocation that no receipt tells", 14, |h| {
            forget(h, |event| matches!(event, Event::Licences(L::Revoked { .. })));
        }),
        ("an access for no case", 15, |h| {
            let is_access = |event: &Event| matches!(event, Event::Sharing(sharing::Event::AccessRecorded { .. }));
            change(h, is_access, |event| match event {
                Event::Sharing(sharing::Event::AccessRecorded { id, mut handout }) => {
                    handout.case = None;
                    Some(Event::Sharing(sharing::Event::AccessRecorded { id, handout }))
                }
                _ => None,
            });
        }),
        ("a recovery that was not approved", 16, |h| {
            forget(h, |event| matches!(event, Event::Identity(identity::Event::RecoveryApproved { .. })));
        }),
        ("a recovery that is not completed", 16, |h| {
            forget(h, |event| matches!(event, Event::Identity(identity::Event::RecoveryCompleted { .. })));
        }),
    ];
    let sound = sound();
    for (forgery, rule, forge) in forgeries {
        let mut history = sound.clone();
        forge(&mut history);
        assert_eq!(history.check().map(|_| ()), Err(rule), "{forgery}");
    }
}
