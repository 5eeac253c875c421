//! The auditor finds what is wrong: histories that were made up here, sound at first and then forged in one place each.

use tongban_crypto::{SecretKey, primitives};
use tongban_kernel::{Access, BlockContext, Broken, Ctx, Executor, Missing, Rules, State, Stop, Write};
use tongban_modules::{Call, RULES, network};
use tongban_simulator::audit::{Auditor, Ledger, Testimony};
use tongban_simulator::{Acknowledgement, Report};
use tongban_types::block::{HEADER_VERSION, LogRange};
use tongban_types::domain::state_key;
use tongban_types::genesis::{GENESIS_VERSION, GenesisAccount, Parameters, account_of};
use tongban_types::receipt::{Code, EventBytes};
use tongban_types::transaction::{CallBytes, signing_message};
use tongban_types::{
    Blob, Block, Digest, Genesis, Header, List, Outcome, Primitives, Receipt, RequestId, SignedTx, Suite, Text, Time,
    Tx, Validator, ValidatorSet, codec, merkle,
};

fn suite() -> &'static dyn Primitives {
    primitives(Suite::Intl)
}

fn secret(number: u8) -> SecretKey {
    SecretKey::from_bytes(Suite::Intl, &[number; 32]).expect("a small number is a key")
}

fn time(millis: u64) -> Time {
    Time::from_millis(1_767_225_600_000 + millis).expect("it is before 10000")
}

fn genesis() -> Genesis {
    let validator = Validator { department: Text::new("数据局").expect("short"), key: secret(1).public_key() };
    let account = GenesisAccount {
        name: Text::new("运维").expect("short"),
        key: secret(100).public_key(),
        roles: List::new(vec![Text::new("administrator").expect("short")]).expect("one"),
    };
    Genesis {
        version: GENESIS_VERSION,
        name: Text::new("forged").expect("short"),
        suite: Suite::Intl,
        time: time(0),
        validators: ValidatorSet::new(vec![validator]).expect("one validator"),
        accounts: List::new(vec![account]).expect("one account"),
        parameters: Parameters::default(),
    }
}

/// Publishes a calendar: the first edition is applied, what comes after it is refused.
fn transaction(request: u8, not_after: Time) -> SignedTx {
    let key = secret(100);
    let call = Call::Network(network::Call::PublishCalendar {
        year: 2026,
        edition: 1,
        days_off: List::default(),
        make_up_days: List::default(),
    });
    let tx = Tx {
        network: genesis().network(suite()),
        account: account_of(&key.public_key(), suite()),
        key: key.public_key(),
        request_id: RequestId([request; 16]),
        not_after,
        calls: List::new(vec![call.to_bytes()]).expect("one call"),
    };
    let signature = key.sign(&signing_message(&tx.id(suite())));
    SignedTx { tx, signature }
}

/// A history of blocks with these transactions, as an honest network of one would make it.
fn history(blocks: Vec<Vec<SignedTx>>) -> Ledger {
    let genesis = genesis();
    let mut ledger = Ledger { node: 0, blocks: Vec::new(), receipts: Vec::new() };
    let mut records = std::collections::BTreeMap::new();
    let mut parent = Digest::ZERO;
    for (height, transactions) in (1..).zip(blocks) {
        let first_receipt = ledger.receipts.len() as u64;
        let context =
            BlockContext { network: genesis.network(suite()), height, time: time(height * 1_000), first_receipt };
        let mut executor = Executor::new(RULES, suite(), context.clone());
        while let Err(Missing(key)) = executor.begin(&genesis) {
            executor.load(key, records.get(&key).cloned());
        }
        for signed in &transactions {
            while let Err(Missing(key)) = executor.execute(&signed.tx, signed.tx.id(suite())) {
                executor.load(key, records.get(&key).cloned());
            }
        }
        let changes = executor.finish();
        let encoded: Vec<Vec<u8>> = changes.receipts.iter().map(codec::encode).collect();
        ledger.receipts.extend(changes.receipts);
        for write in changes.writes.into_values() {
            let value = write.value.expect("nothing is deleted here");
            records.insert(state_key(suite(), write.table, &write.key), value);
        }
        let block =
            block(&context, parent, ledger.receipts.len() as u64, merkle::root(suite(), &encoded), &transactions);
        parent = block.header.digest(suite());
        ledger.blocks.push(block);
    }
    ledger
}

fn block(
    context: &BlockContext,
    parent: Digest,
    receipts: u64,
    receipt_root: Digest,
    transactions: &[SignedTx],
) -> Block {
    let encoded: Vec<Vec<u8>> = transactions.iter().map(codec::encode).collect();
    let leaves: Vec<&[u8]> = encoded.iter().map(Vec::as_slice).collect();
    let range = LogRange { start: 0, end: 1, root: Digest::ZERO };
    let header = Header {
        version: HEADER_VERSION,
        network: context.network,
        height: context.height,
        time: context.time,
        epoch: 0,
        view: context.height,
        parent_view: context.height - 1,
        parent,
        proposer: secret(1).public_key(),
        tx_root: merkle::root(suite(), &leaves),
        state_root: Digest([7; 32]),
        state_range: range.clone(),
        event_root: Digest([8; 32]),
        event_range: range,
        receipts,
        next_validators: Digest::ZERO,
        acts: 0,
        receipt_root,
    };
    let transactions = encoded.into_iter().map(|bytes| Blob::new(bytes).expect("short")).collect();
    Block { header, transactions: List::new(transactions).expect("few") }
}

/// The same history at four nodes, with what they said of it.
fn sound() -> (Vec<Ledger>, Testimony) {
    let ledger = history(vec![
        vec![],
        vec![transaction(1, time(60_000))],
        vec![transaction(2, time(60_000)), transaction(3, time(60_000))],
    ]);
    let acknowledge = |receipt: &Receipt| Acknowledgement {
        node: 0,
        account: receipt.account,
        request_id: receipt.request_id,
        receipt: receipt.clone(),
    };
    let report = |block: &Block| Report { node: 1, height: block.header.height, digest: block.header.digest(suite()) };
    let testimony = Testimony {
        reports: ledger.blocks.iter().map(report).collect(),
        acknowledgements: ledger.receipts.iter().map(acknowledge).collect(),
        ..Testimony::default()
    };
    ((0..4).map(|node| Ledger { node, ..ledger.clone() }).collect(), testimony)
}

fn audit(ledgers: &[Ledger], testimony: &Testimony) -> Result<u64, u8> {
    let auditor = Auditor::new(RULES, suite(), genesis());
    auditor.audit(ledgers, testimony, |_| Ok(())).map(|audited| audited.height).map_err(|finding| finding.rule)
}

fn with_all(ledgers: &mut [Ledger], forge: impl Fn(&mut Ledger)) {
    ledgers.iter_mut().for_each(forge);
}

#[test]
fn a_sound_history_passes_and_so_does_a_node_that_is_behind() {
    let (mut ledgers, testimony) = sound();
    assert_eq!(audit(&ledgers, &testimony), Ok(3));
    ledgers[2].blocks.pop();
    ledgers[2].receipts.truncate(1);
    assert_eq!(audit(&ledgers, &testimony), Ok(3));
    let applied = |receipt: &&Receipt| matches!(receipt.outcome, Outcome::Applied { .. });
    assert_eq!(ledgers[0].receipts.iter().filter(applied).count(), 1, "both outcomes are in it");
}

type Forgery = fn(&mut Vec<Ledger>, &mut Testimony);

#[test]
fn every_forgery_is_found_under_its_rule() {
    let forgeries: [(&str, u8, Forgery); 16] = [
        ("no history at all", 1, |ledgers, _| ledgers.clear()),
        ("another state root at one node", 1, |ledgers, _| ledgers[3].blocks[1].header.state_root.0[0] ^= 1),
        ("another transaction under the same header", 1, |ledgers, _| {
            let other = Blob::new(codec::encode(&transaction(9, time(60_000)))).expect("short");
            ledgers[1].blocks[1].transactions = List::new(vec![other]).expect("one");
        }),
        ("another block was reported", 1, |_, testimony| testimony.reports[1].digest.0[0] ^= 1),
        ("a reported block is gone", 1, |_, testimony| testimony.reports[1].height = 9),
        ("a parent that is not the parent", 2, |ledgers, _| {
            with_all(ledgers, |ledger| ledger.blocks[1].header.parent.0[0] ^= 1);
            ledgers.iter_mut().for_each(|ledger| ledger.blocks.truncate(2));
        }),
        ("a root over other transactions", 2, |ledgers, _| {
            with_all(ledgers, |ledger| ledger.blocks[2].header.tx_root.0[0] ^= 1);
        }),
        ("a receipt too many in the header", 2, |ledgers, _| {
            with_all(ledgers, |ledger| ledger.blocks[2].header.receipts += 1);
        }),
        ("another receipt at one node", 3, |ledgers, _| ledgers[1].receipts[0].height += 1),
        ("a receipt less at one node", 3, |ledgers, _| drop(ledgers[1].receipts.pop())),
        ("an acknowledged receipt is lost", 6, |_, testimony| testimony.acknowledgements[0].receipt.number = 99),
        ("an acknowledged receipt has changed", 6, |_, testimony| {
            testimony.acknowledgements[0].receipt.transaction.0[0] ^= 1;
        }),
        ("an answer that is another's", 6, |_, testimony| {
            testimony.acknowledgements[0].request_id = RequestId([77; 16]);
        }),
        ("an effect after the end", 7, |ledgers, testimony| {
            testimony.expired.push(ledgers[0].receipts[2].transaction);
        }),
        ("an effect of what may not pass", 7, |ledgers, testimony| {
            testimony.forbidden.push(ledgers[0].receipts[1].transaction);
        }),
        ("a false accusation", 8, |_, testimony| testimony.accused.push((0, 1))),
    ];
    for (forgery, rule, forge) in forgeries {
        let (mut ledgers, mut testimony) = sound();
        forge(&mut ledgers, &mut testimony);
        if forgery.starts_with("a parent") || forgery.starts_with("a root") || forgery.ends_with("header") {
            testimony.reports.clear(); // these were all told alike
        }
        assert_eq!(audit(&ledgers, &testimony), Err(rule), "{forgery}");
    }
}

#[test]
fn transactions_that_belong_in_no_block_are_found() {
    let mut unsigned = transaction(1, time(60_000));
    unsigned.signature.0[0] ^= 1;
    let cases = [
        ("not signed", vec![vec![], vec![unsigned]], 2),
        ("too late", vec![vec![], vec![transaction(1, time(1_999))]], 2),
        ("too early", vec![vec![], vec![transaction(1, time(2_001 + 600_000))]], 2),
        ("twice in a block", vec![vec![], vec![transaction(1, time(60_000)), transaction(1, time(60_000))]], 5),
        ("twice", vec![vec![], vec![transaction(1, time(60_000))], vec![transaction(1, time(60_000))]], 5),
    ];
    for (case, blocks, rule) in cases {
        assert_eq!(audit(&[history(blocks)], &Testimony::default()), Err(rule), "{case}");
    }
}

/// The program's rules, under which every record is broken.
struct Strict;

impl Rules for Strict {
    fn genesis(&self, genesis: &Genesis, state: &mut State) -> Result<(), Stop> {
        RULES.genesis(genesis, state)
    }
    fn authenticate(&self, tx: &Tx, state: &State) -> Result<(), Stop> {
        RULES.authenticate(tx, state)
    }
    fn validate(&self, call: &CallBytes) -> Result<(), Code> {
        RULES.validate(call)
    }
    fn access(&self, call: &CallBytes) -> Result<Access, Code> {
        RULES.access(call)
    }
    fn cost(&self, call: &CallBytes) -> u32 {
        RULES.cost(call)
    }
    fn permit(&self, access: Access, call: &CallBytes, ctx: &Ctx, state: &State) -> Result<(), Stop> {
        RULES.permit(access, call, ctx, state)
    }
    fn reads(&self, tx: &Tx, state: &State) -> Vec<Digest> {
        RULES.reads(tx, state)
    }
    fn execute(&self, call: &CallBytes, ctx: &Ctx, state: &mut State) -> Result<EventBytes, Stop> {
        RULES.execute(call, ctx, state)
    }
    fn check_invariants(&self, write: &Write) -> Result<(), Broken> {
        Err(Broken { table: write.table, invariant: "there is no record that holds it" })
    }
}

#[test]
fn a_broken_invariant_is_found_in_the_block_that_broke_it() {
    let (ledgers, testimony) = sound();
    let auditor = Auditor::new(&Strict, suite(), genesis());
    let finding = auditor.audit(&ledgers, &testimony, |_| Ok(())).expect_err("it is found");
    assert_eq!(finding.rule, 4);
    assert!(finding.what.starts_with("block 1"), "{finding}");
}
