//! The auditor: judges what the nodes have, knowing nothing of how they came to it.
//!
//! It executes the final blocks once more, over a map, with the kernel alone, and compares. Rules:
//!
//! 1. **One history**: all correct nodes have the same block at each height, and reported no other while they ran.
//! 2. **Sound blocks**: each follows from its parent, holds what its root says, signed and inside its window.
//! 3. **Same results**: executing a block gives the receipts that every correct node has, and every record.
//! 4. **Invariants**: of every module, on every record that a block changes.
//! 5. **One effect**: a pair of account and request id has at most one receipt inside a window.
//! 6. **Nothing lost**: a receipt that a correct node has given is in the history, with the same number and content.
//! 7. **Nothing after the end**: what a node said has expired, or what may never pass, has no receipt.
//! 8. **No false accusation**: no correct node takes another for a misbehaving one.
//!
//! What has to hold across records is looked at after each block by whoever [`watch`](Auditor::audit)es: rules 9 and up are those of the
//! [`civic_audit`](crate::civic_audit).

use crate::record::{Acknowledgement, Report};
use std::collections::BTreeMap;
use std::fmt;
use tongban_kernel::{BlockContext, Changes, Executed, Executor, Missing, Rules, Write};
use tongban_types::domain::state_key;
use tongban_types::transaction::signing_message;
use tongban_types::{Block, Digest, Genesis, Primitives, Receipt, SignedTx, codec, merkle};

/// Everything that one correct node has at the end.
#[derive(Clone, Debug)]
pub struct Ledger {
    /// Which node.
    pub node: usize,
    /// Its final blocks from height 1 on.
    pub blocks: Vec<Block>,
    /// Its receipts.
    pub receipts: Vec<Receipt>,
}

/// What was seen of correct nodes while they ran.
#[derive(Clone, Debug, Default)]
pub struct Testimony {
    /// Blocks that were reported as final.
    pub reports: Vec<Report>,
    /// Receipts that clients were given.
    pub acknowledgements: Vec<Acknowledgement>,
    /// Transactions that a node said had expired, after it had accepted them.
    pub expired: Vec<Digest>,
    /// Transactions that are wrong by themselves.
    pub forbidden: Vec<Digest>,
    /// Correct nodes that blocked correct nodes.
    pub accused: Vec<(usize, usize)>,
}

/// Records by state key.
pub type Records = BTreeMap<Digest, Vec<u8>>;

/// A final block, executed once more, with what it has left.
#[derive(Clone, Copy)]
pub struct Step<'a> {
    /// The block.
    pub block: &'a Block,
    /// Its receipts, the acts' first.
    pub receipts: &'a [Receipt],
    /// The records that it has changed.
    pub writes: &'a [Write],
    /// All records after it.
    pub records: &'a Records,
}

/// What the audit found, where all is well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audited {
    /// The height of the longest history.
    pub height: u64,
    /// The digest of its last header.
    pub head: Digest,
    /// The records after it, by state key.
    pub records: Records,
    /// Receipts in it.
    pub receipts: u64,
}

/// A rule that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's number.
    pub rule: u8,
    /// What breaks it.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "rule {}: {}", self.rule, self.what)
    }
}

/// A finding.
pub(crate) fn finding<T>(rule: u8, what: impl Into<String>) -> Result<T, Finding> {
    Err(Finding { rule, what: what.into() })
}

/// Brings records forward by what a block has changed.
pub fn keep(records: &mut Records, writes: &[Write], primitives: &dyn Primitives) {
    for write in writes {
        let key = state_key(primitives, write.table, &write.key);
        match &write.value {
            Some(value) => records.insert(key, value.clone()),
            None => records.remove(&key),
        };
    }
}

/// Changes what a block has changed, before anybody looks at it: by that one sees whether a check finds what is wrong.
pub type Doctor = fn(&mut Write);

/// Executes blocks once more.
pub struct Auditor {
    rules: &'static dyn Rules,
    primitives: &'static dyn Primitives,
    genesis: Genesis,
    records: Records,
    receipts: Vec<Receipt>,
    doctor: Option<Doctor>,
}

impl Auditor {
    /// An auditor of one network.
    pub fn new(rules: &'static dyn Rules, primitives: &'static dyn Primitives, genesis: Genesis) -> Self {
        Self { rules, primitives, genesis, records: Records::new(), receipts: Vec::new(), doctor: None }
    }

    /// The same, deceived by a doctor, if there is one.
    pub fn deceived_by(self, doctor: Option<Doctor>) -> Self {
        Self { doctor, ..self }
    }

    /// Judges all that correct nodes have and have said. After each block, whoever watches sees what it has left.
    pub fn audit(
        mut self,
        ledgers: &[Ledger],
        testimony: &Testimony,
        mut watch: impl FnMut(Step) -> Result<(), Finding>,
    ) -> Result<Audited, Finding> {
        let Some(longest) = ledgers.iter().max_by_key(|ledger| ledger.blocks.len()) else {
            return finding(1, "no node has a history");
        };
        self.compare_histories(longest, ledgers, &testimony.reports)?;
        let mut parent = None;
        for (height, block) in (1..).zip(&longest.blocks) {
            self.check_block(height, block, parent)?;
            let (first, writes) = self.execute(block)?;
            watch(Step { block, receipts: &self.receipts[first..], writes: &writes, records: &self.records })?;
            parent = Some(block);
        }
        for ledger in ledgers {
            self.compare_receipts(ledger)?;
        }
        self.check_single_effects()?;
        self.check_testimony(testimony)?;
        let head = longest.blocks.last().map_or(Digest::ZERO, |block| block.header.digest(self.primitives));
        Ok(Audited {
            height: longest.blocks.len() as u64,
            head,
            records: self.records,
            receipts: self.receipts.len() as u64,
        })
    }

    fn compare_histories(&self, longest: &Ledger, ledgers: &[Ledger], reports: &[Report]) -> Result<(), Finding> {
        let digests: Vec<Digest> = longest.blocks.iter().map(|block| block.header.digest(self.primitives)).collect();
        for ledger in ledgers {
            for (index, block) in ledger.blocks.iter().enumerate() {
                if block.header.digest(self.primitives) != digests[index] || *block != longest.blocks[index] {
                    let (one, other) = (longest.node, ledger.node);
                    return finding(1, format!("nodes {one} and {other} have different blocks at {}", index + 1));
                }
            }
        }
        for report in reports {
            let index = usize::try_from(report.height).unwrap_or(0).wrapping_sub(1);
            if digests.get(index) != Some(&report.digest) {
                let Report { node, height, .. } = report;
                return finding(
                    1,
                    format!("node {node} reported another final block at {height}, or one that is gone"),
                );
            }
        }
        Ok(())
    }

    fn check_block(&self, height: u64, block: &Block, parent: Option<&Block>) -> Result<(), Finding> {
        let header = &block.header;
        let wrong = |what: &str| finding(2, format!("block {height} {what}"));
        if header.height != height || header.network != self.genesis.network(self.primitives) {
            return wrong("is of another height or network");
        }
        if let Some(parent) = parent
            && (header.parent != parent.header.digest(self.primitives) || header.time <= parent.header.time)
        {
            return wrong("does not follow its parent");
        }
        let leaves: Vec<&[u8]> = block.transactions.iter().map(AsRef::as_ref).collect();
        if header.tx_root != merkle::root(self.primitives, &leaves) {
            return wrong("does not hold what its root says");
        }
        let receipts = block.transactions.len() as u64 + u64::from(header.acts);
        if header.receipts != self.receipts.len() as u64 + receipts {
            return wrong("miscounts its receipts");
        }
        for bytes in &block.transactions {
            let Ok(signed) = codec::decode::<SignedTx>(bytes.as_ref()) else { return wrong("holds no transaction") };
            let id = signed.tx.id(self.primitives);
            if !self.primitives.verify(&signed.tx.key, &signing_message(&id), &signed.signature) {
                return wrong("holds a transaction that is not signed");
            }
            let latest = header.time.plus_millis(self.genesis.parameters.window_millis);
            if signed.tx.not_after < header.time || signed.tx.not_after > latest {
                return wrong("holds a transaction outside its window");
            }
        }
        Ok(())
    }

    /// Gives where its receipts begin, and what it has changed.
    fn execute(&mut self, block: &Block) -> Result<(usize, Vec<Write>), Finding> {
        let header = &block.header;
        let first = self.receipts.len();
        let first_receipt = first as u64;
        let context = BlockContext { network: header.network, height: header.height, time: header.time, first_receipt };
        let mut executor = Executor::new(self.rules, self.primitives, context);
        while let Err(Missing(key)) = executor.begin(&self.genesis) {
            executor.load(key, self.records.get(&key).cloned());
        }
        for bytes in &block.transactions {
            let signed: SignedTx = codec::decode(bytes.as_ref()).expect("decoded before");
            let executed = loop {
                match executor.execute(&signed.tx, signed.tx.id(self.primitives)) {
                    Ok(executed) => break executed,
                    Err(Missing(key)) => executor.load(key, self.records.get(&key).cloned()),
                }
            };
            if executed != Executed::Receipted {
                return finding(2, format!("block {} acts for a stranger", header.height));
            }
        }
        let Changes { mut writes, receipts, acts } = executor.finish();
        if let Some(doctor) = self.doctor {
            writes.values_mut().for_each(doctor);
        }
        let encoded: Vec<Vec<u8>> = receipts.iter().map(codec::encode).collect();
        if acts != header.acts || merkle::root(self.primitives, &encoded) != header.receipt_root {
            return finding(2, format!("block {} has other receipts than its header says", header.height));
        }
        for write in writes.values() {
            if let Err(broken) = self.rules.check_invariants(write) {
                return finding(4, format!("block {}: {broken}", header.height));
            }
        }
        let writes: Vec<Write> = writes.into_values().collect();
        keep(&mut self.records, &writes, self.primitives);
        self.receipts.extend(receipts);
        Ok((first, writes))
    }

    fn compare_receipts(&self, ledger: &Ledger) -> Result<(), Finding> {
        let node = ledger.node;
        let expected = ledger.blocks.last().map_or(0, |block| block.header.receipts);
        if ledger.receipts.len() as u64 != expected {
            return finding(3, format!("node {node} has {} receipts, not {expected}", ledger.receipts.len()));
        }
        for (own, other) in self.receipts.iter().zip(&ledger.receipts) {
            if own != other {
                return finding(3, format!("node {node} has another receipt number {}", own.number));
            }
        }
        Ok(())
    }

    fn check_single_effects(&self) -> Result<(), Finding> {
        let window_millis = self.genesis.parameters.window_millis;
        let mut latest = BTreeMap::new();
        for receipt in &self.receipts {
            if let Some(earlier) = latest.insert((receipt.account, receipt.request_id), receipt.time)
                && earlier.plus_millis(window_millis) >= receipt.time
            {
                return finding(5, format!("receipt {} is a second effect of its request", receipt.number));
            }
        }
        Ok(())
    }

    fn check_testimony(&self, testimony: &Testimony) -> Result<(), Finding> {
        for Acknowledgement { node, account, request_id, receipt } in &testimony.acknowledgements {
            let held = usize::try_from(receipt.number).ok().and_then(|number| self.receipts.get(number));
            if held != Some(receipt) {
                return finding(6, format!("receipt {}, which node {node} has given, is lost", receipt.number));
            }
            if (receipt.account, receipt.request_id) != (*account, *request_id) {
                return finding(6, format!("receipt {}, which node {node} has given, is another's", receipt.number));
            }
        }
        for receipt in &self.receipts {
            if testimony.expired.contains(&receipt.transaction) {
                return finding(7, format!("receipt {} is of a transaction that had expired", receipt.number));
            }
            if testimony.forbidden.contains(&receipt.transaction) {
                return finding(7, format!("receipt {} is of a transaction that may not pass", receipt.number));
            }
        }
        if let Some((one, other)) = testimony.accused.first() {
            return finding(8, format!("node {one} blocks node {other}, and both are correct"));
        }
        Ok(())
    }
}
