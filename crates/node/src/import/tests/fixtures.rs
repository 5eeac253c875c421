//! A ledger in memory as the target of imports, and files to import.

use crate::import::rows::{Item, Limits, Row, Rows};
use crate::import::{ImportOptions, ImportSecret, ImportSummary, ImportTarget, import};
use flate2::Compression;
use flate2::write::GzEncoder;
use indicatif::ProgressBar;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use tempfile::TempDir;
use tongban_crypto::{SecretKey, primitives};
use tongban_kernel::testing::Story;
use tongban_modules::evidence::{self, Call as EvidenceCall, Record};
use tongban_modules::{Call, Query, RULES, View};
use tongban_types::genesis::{GENESIS_VERSION, GenesisAccount, Parameters, account_of};
use tongban_types::{
    AccountId, EvidenceId, Genesis, List, Outcome, PublicKey, Receipt, Refusal, Suite, Text, Time, Validator,
    ValidatorSet,
};

/// A ledger with one depositor, which can be told to refuse certain numbers and counts what it is asked.
pub struct Ledger {
    story: Mutex<Story>,
    key: PublicKey,
    /// Numbers that a call is refused for, whatever else is right.
    pub refuses: Mutex<Vec<EvidenceId>>,
    /// Numbers of calls of the transactions so far.
    pub transactions: Mutex<Vec<usize>>,
    /// Whether it denies knowing what is registered.
    pub is_forgetful: bool,
    /// Whether it takes nothing.
    pub is_gone: bool,
}

fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).expect("a valid text")
}

fn key(seed: u8) -> PublicKey {
    SecretKey::from_bytes(Suite::Intl, &[seed; 32]).expect("a valid key").public_key()
}

/// The depositor's account.
pub fn depositor() -> AccountId {
    account_of(&key(1), primitives(Suite::Intl))
}

impl Ledger {
    /// A ledger whose one account has these roles.
    pub fn with_roles(roles: &[&str]) -> Self {
        let account = GenesisAccount {
            name: text("民政局"),
            key: key(1),
            roles: List::new(roles.iter().map(|role| text(role)).collect()).expect("few roles"),
        };
        let genesis = Genesis {
            version: GENESIS_VERSION,
            name: text("imports"),
            suite: Suite::Intl,
            time: now(),
            validators: ValidatorSet::new(vec![Validator { department: text("数据局"), key: key(100) }]).expect("one"),
            accounts: List::new(vec![account]).expect("one account"),
            parameters: Parameters::default(),
        };
        let story = Mutex::new(Story::new(RULES, primitives(Suite::Intl), genesis));
        let (refuses, transactions) = (Mutex::default(), Mutex::default());
        Self { story, key: key(1), refuses, transactions, is_forgetful: false, is_gone: false }
    }

    /// A ledger whose one account may register.
    pub fn new() -> Self {
        Self::with_roles(&["depositor"])
    }

    /// The record with this number.
    pub fn record(&self, id: EvidenceId) -> Option<Record> {
        let query = Query::Evidence(evidence::Query::Record { id });
        match self.story.lock().expect("no test panics in it").ask(|state| query.answer(state)) {
            Ok(View::Evidence(evidence::View::Record { record })) => record.map(|record| *record),
            other => panic!("unexpected answer {other:?}"),
        }
    }
}

impl ImportTarget for Ledger {
    async fn registered(&self, ids: Vec<EvidenceId>) -> anyhow::Result<Vec<EvidenceId>> {
        if self.is_forgetful {
            return Ok(Vec::new());
        }
        let query = Query::Evidence(evidence::Query::Which { ids: List::new(ids)? });
        match self.story.lock().expect("no test panics in it").ask(|state| query.answer(state)) {
            Ok(View::Evidence(evidence::View::Which { registered })) => Ok(registered.into_vec()),
            other => panic!("unexpected answer {other:?}"),
        }
    }

    async fn submit(&self, calls: Vec<Call>) -> anyhow::Result<Receipt> {
        anyhow::ensure!(!self.is_gone, "the node is gone");
        self.transactions.lock().expect("no test panics in it").push(calls.len());
        let refuses = self.refuses.lock().expect("no test panics in it").clone();
        let is_refused =
            |call: &Call| matches!(call, Call::Evidence(EvidenceCall::Register { id, .. }) if refuses.contains(id));
        let refused = calls.iter().position(is_refused);
        let calls = calls.iter().map(Call::to_bytes).collect();
        let mut story = self.story.lock().expect("no test panics in it");
        if let Some(place) = refused {
            let mut receipt = story.act(&self.key, Vec::new());
            let call = u32::try_from(place).ok();
            receipt.outcome = Outcome::Refused(Refusal { code: text("evidence.field_names"), call });
            return Ok(receipt);
        }
        Ok(story.act(&self.key, calls))
    }
}

/// The time of all imports here.
pub fn now() -> Time {
    "2100-01-01T00:00:00Z".parse().expect("a time")
}

/// A secret that is the same in every test.
pub fn secret() -> ImportSecret {
    ImportSecret::generate(|bytes| bytes.fill(7))
}

/// Options for these files.
pub fn options(files: &[PathBuf]) -> ImportOptions {
    ImportOptions::new(files.to_vec(), depositor(), text("测试系统"), now(), secret(), primitives(Suite::Intl))
}

/// Imports into a ledger.
pub fn run(ledger: &Ledger, options: &ImportOptions) -> anyhow::Result<ImportSummary> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(import(ledger, options.clone(), &ProgressBar::hidden()))
}

/// A file of this name and content in a folder of its own.
pub fn file(name: &str, content: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let path = folder.path().join(name);
    std::fs::write(&path, content).expect("a writable folder");
    (folder, path)
}

/// The content, compressed.
pub fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).expect("memory is writable");
    encoder.finish().expect("memory is writable")
}

/// All items of a file.
pub fn items_within(path: &Path, limits: Limits) -> Vec<Item> {
    match Rows::open(path, limits) {
        Ok(rows) => rows.collect(),
        Err(error) => vec![Item::Broken(error)],
    }
}

/// All items of a register with this name and content.
pub fn register_items(name: &str, content: impl AsRef<[u8]>) -> Vec<Item> {
    let (_folder, path) = file(name, content.as_ref());
    match Rows::open_register(&path, Limits::default()) {
        Ok(rows) => rows.collect(),
        Err(error) => vec![Item::Broken(error)],
    }
}

/// All items of a file with this name and content.
pub fn items(name: &str, content: impl AsRef<[u8]>) -> Vec<Item> {
    let (_folder, path) = file(name, content.as_ref());
    items_within(&path, Limits::default())
}

/// The rows among these items.
pub fn rows(items: &[Item]) -> Vec<&Row> {
    items.iter().filter_map(|item| if let Item::Row(row) = item { Some(row) } else { None }).collect()
}

/// One line for each item: its kind, line and content, code or reason.
pub fn outline(items: &[Item]) -> Vec<String> {
    let line = |item: &Item| match item {
        Item::Row(row) => format!("row {} {}", row.line, row.content()),
        Item::Skipped { line, reason } => format!("skipped {line} {reason:?}"),
        Item::Bad(error) => format!("bad {} {}", error.line, error.code),
        Item::Broken(error) => format!("broken {} {}", error.line, error.code),
    };
    items.iter().map(line).collect()
}
