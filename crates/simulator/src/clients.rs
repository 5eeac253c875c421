//! Clients: accounts that submit calls of the real modules to nodes at random, good ones and bad ones, again where no answer
//! comes, and that remember what they were answered.

use crate::plan::Plan;
use crate::record::{Acknowledgement, Happened, Record};
use commonware_runtime::deterministic::Context as Runtime;
use commonware_runtime::{Clock as _, Spawner as _, Supervisor as _};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, UNIX_EPOCH};
use tongban_crypto::SecretKey;
use tongban_kernel::Role;
use tongban_ledger::{Handle, SubmitError, Ticket};
use tongban_modules::identity::{self, AccountKind};
use tongban_modules::{Call, Event, evidence, network};
use tongban_types::genesis::{GenesisAccount, account_of};
use tongban_types::transaction::signing_message;
use tongban_types::{
    AccountId, Digest, EvidenceId, List, Outcome, Primitives, PublicKey, Receipt, RequestId, SignedTx, Suite, Text,
    Time, Tx,
};

/// The accounts that exist from the beginning: name and roles. Each is a client.
const CAST: [(&str, &[&str]); 6] = [
    ("运维", &["administrator"]),
    ("公安局", &["registrar"]),
    ("生态环境局", &["depositor"]),
    ("民政局", &["depositor"]),
    ("公证处", &["witness", "depositor"]),
    ("图书馆", &[]),
];
/// The numbers that accounts' keys are made of begin here; validators' lie below.
const KEYS_FROM: u8 = 100;
/// How often a client tries, and how long it waits each time.
const ATTEMPTS_MAX: u32 = 4;
pub(crate) const PATIENCE: Duration = Duration::from_secs(3);
/// How much less than the network's window a request lives at most, so that no node's clock finds it too long.
const LONGEST_LIFE_MARGIN_MILLIS: u64 = 2_000;
/// How long a request lives that may well come to nothing.
const SHORT_LIFE_MILLIS: std::ops::Range<u64> = 40..500;

/// The key with a number.
pub(crate) fn secret(suite: Suite, number: u8) -> SecretKey {
    SecretKey::from_bytes(suite, &[number; 32]).expect("a small number is a key of either suite")
}

/// What the genesis gives.
pub(crate) fn accounts(suite: Suite) -> Vec<GenesisAccount> {
    let account = |(index, (name, roles)): (u8, &(&str, &[&str]))| GenesisAccount {
        name: Text::new(*name).expect("a short name"),
        key: secret(suite, KEYS_FROM + index).public_key(),
        roles: List::new(roles.iter().map(|role| Text::new(*role).expect("a short name")).collect())
            .expect("few roles"),
    };
    (0..).zip(&CAST).map(account).collect()
}

/// Where the nodes can be reached, those that run.
pub(crate) struct Doors(Mutex<Vec<Option<Handle>>>);

impl Doors {
    /// All closed.
    pub fn new(nodes: usize) -> Self {
        Self(Mutex::new(vec![None; nodes]))
    }

    fn all(&self) -> MutexGuard<'_, Vec<Option<Handle>>> {
        self.0.lock().expect("nothing panics under the lock")
    }

    /// A node is up, or down.
    pub fn set(&self, node: usize, handle: Option<Handle>) {
        self.all()[node] = handle;
    }

    /// A node, if it is up.
    pub fn get(&self, node: usize) -> Option<Handle> {
        self.all()[node].clone()
    }
}

/// What time it is for everybody: that of the runtime, and the days that were passed over at once.
#[derive(Default)]
pub(crate) struct Days(AtomicU64);

impl Days {
    /// So much time passes at once.
    pub fn skip(&self, millis: u64) {
        self.0.fetch_add(millis, Ordering::Relaxed);
    }

    /// The time.
    pub fn now(&self, runtime: &Runtime) -> Time {
        time_of(runtime).plus_millis(self.0.load(Ordering::Relaxed))
    }
}

/// What all clients know together.
struct Known {
    /// Registered evidence, with the digest of its content.
    evidence: Vec<(EvidenceId, Digest)>,
    /// Keys of the account that changes its keys, the current one last.
    keys: Vec<SecretKey>,
    /// Accounts that were opened.
    opened: Vec<AccountId>,
    /// Calendars published so far.
    editions: u16,
    /// Keys made so far, for new accounts and for old ones.
    next_key: u8,
    /// Each client's latest request id.
    latest: [RequestId; CAST.len()],
}

/// All clients.
pub(crate) struct Clients {
    plan: Arc<Plan>,
    network: Digest,
    primitives: &'static dyn Primitives,
    doors: Arc<Doors>,
    days: Arc<Days>,
    record: Arc<Record>,
    known: Mutex<Known>,
    is_over: AtomicBool,
}

impl Clients {
    /// Clients of a network.
    pub fn new(plan: Arc<Plan>, network: Digest, doors: Arc<Doors>, days: Arc<Days>, record: Arc<Record>) -> Self {
        let changing = secret(plan.suite, KEYS_FROM + 5);
        let known = Known {
            evidence: Vec::new(),
            keys: vec![changing],
            opened: Vec::new(),
            editions: 0,
            next_key: KEYS_FROM + 50,
            latest: [RequestId([0; RequestId::BYTES]); CAST.len()],
        };
        Self {
            network,
            primitives: tongban_crypto::primitives(plan.suite),
            plan,
            doors,
            days,
            record,
            known: Mutex::new(known),
            is_over: AtomicBool::new(false),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().expect("nothing panics under the lock")
    }

    /// Starts all clients.
    pub fn start(self: &Arc<Self>, runtime: &Runtime) {
        for who in 0..CAST.len() {
            let clients = self.clone();
            runtime.child("client").spawn(move |runtime| clients.act(runtime, who));
        }
    }

    /// Nobody submits anything new any more.
    pub fn stop(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    async fn act(self: Arc<Self>, runtime: Runtime, who: usize) {
        let mut random = StdRng::seed_from_u64(self.plan.seed.wrapping_mul(31) ^ (who as u64 + 1));
        while !self.is_over.load(Ordering::Relaxed) {
            runtime.sleep(Duration::from_millis(random.random_range(150..900))).await;
            let signed = self.compose(who, self.days.now(&runtime), &mut random);
            let (clients, seed) = (self.clone(), random.random());
            runtime.child("request").spawn(move |runtime| clients.pursue(runtime, signed, seed));
        }
    }

    /// Submits a transaction, again and elsewhere until there is an answer.
    async fn pursue(self: Arc<Self>, runtime: Runtime, signed: SignedTx, seed: u64) {
        let mut random = StdRng::seed_from_u64(seed);
        for attempt in 0..ATTEMPTS_MAX {
            let targets = if random.random_range(0..4u8) == 0 { 2 } else { 1 };
            let mut is_answered = false;
            for target in 0..targets {
                let node = random.random_range(0..self.plan.nodes);
                let again = attempt > 0 || target > 0;
                self.record.count(if again { Happened::Resubmission } else { Happened::Submission });
                is_answered |= self.try_one(&runtime, node, &signed).await;
            }
            if is_answered {
                return;
            }
            runtime.sleep(Duration::from_millis(random.random_range(50..500))).await;
        }
    }

    /// Submits to one node. Whether there was an answer that ends the matter.
    async fn try_one(&self, runtime: &Runtime, node: usize, signed: &SignedTx) -> bool {
        let Some(handle) = self.doors.get(node) else { return false };
        let submission = runtime.timeout(PATIENCE, submit(handle, signed.clone()));
        let answer = match submission.await {
            Ok(Ok(ticket)) => runtime.timeout(PATIENCE, ticket.wait()).await,
            Ok(Err(error)) => {
                let is_final = !matches!(error, SubmitError::Busy { .. } | SubmitError::Stopped);
                if is_final {
                    self.record.count(Happened::SubmissionRefused);
                }
                return is_final;
            }
            Err(_) => {
                self.record.count(Happened::NoAnswer);
                return false;
            }
        };
        match answer {
            Ok(Ok(receipt)) => {
                self.hear(node, signed, receipt);
                true
            }
            Ok(Err(SubmitError::Expired)) => {
                self.record.count(Happened::AnswerExpired);
                if self.plan.is_correct(node) {
                    self.record.expire(signed.tx.id(self.primitives));
                }
                true
            }
            Ok(Err(SubmitError::Refused { .. })) => {
                self.record.count(Happened::SubmissionRefused);
                true
            }
            Ok(Err(_)) | Err(_) => {
                self.record.count(Happened::NoAnswer);
                false
            }
        }
    }

    /// Takes in a receipt.
    fn hear(&self, node: usize, signed: &SignedTx, receipt: Receipt) {
        if receipt.transaction != signed.tx.id(self.primitives) {
            self.record.count(Happened::AnswerOfOther);
        }
        match &receipt.outcome {
            Outcome::Refused(_) => self.record.count(Happened::AnswerRefused),
            Outcome::Applied { events } => {
                self.record.count(Happened::AnswerApplied);
                for event in events {
                    if let Ok(event) = Event::decode(event.as_ref()) {
                        self.learn(event);
                    }
                }
            }
        }
        if self.plan.is_correct(node) {
            let Tx { account, request_id, .. } = signed.tx;
            self.record.acknowledge(Acknowledgement { node, account, request_id, receipt });
        }
    }

    fn learn(&self, event: Event) {
        let mut known = self.known();
        match event {
            Event::Evidence(evidence::Event::Registered { id, content, .. }) => known.evidence.push((id, content)),
            Event::Identity(identity::Event::AccountOpened { account, .. }) => known.opened.push(account),
            Event::Identity(identity::Event::KeyAdded { key, .. }) => {
                let suite = self.plan.suite;
                let secrets = (KEYS_FROM + 50..known.next_key).map(|number| secret(suite, number));
                let added = secrets.into_iter().find(|secret| secret.public_key() == key);
                known.keys.extend(added);
            }
            Event::Network(network::Event::CalendarPublished { calendar }) => known.editions = calendar.edition,
            _ => {}
        }
    }

    fn sign(&self, tx: Tx, key: &SecretKey) -> SignedTx {
        let signature = key.sign(&signing_message(&tx.id(self.primitives)));
        SignedTx { tx, signature }
    }

    /// A request id; now and then one that the account has used before, for something else.
    fn request_id(&self, who: usize, random: &mut StdRng) -> RequestId {
        let mut known = self.known();
        if random.random_range(0..20u8) > 0 {
            known.latest[who] = RequestId(random.random());
        }
        known.latest[who]
    }

    /// Gives one node something that must succeed. Whether it did.
    pub async fn probe(&self, runtime: &Runtime, node: usize, seed: u64) -> bool {
        let key = secret(self.plan.suite, KEYS_FROM + 2);
        let account = account_of(&key.public_key(), self.primitives);
        let mut random = StdRng::seed_from_u64(seed);
        let now = self.days.now(runtime);
        let call = Call::Evidence(register(EvidenceId(random.random()), account, now, &mut random));
        let tx = Tx {
            network: self.network,
            account,
            key: key.public_key(),
            request_id: RequestId(random.random()),
            not_after: now.plus_millis(self.plan.window_millis - 2_000),
            calls: List::new(vec![call.to_bytes()]).expect("one fits"),
        };
        self.try_one(runtime, node, &self.sign(tx, &key)).await
    }

    /// Something for an account to ask for.
    pub fn compose(&self, who: usize, now: Time, random: &mut StdRng) -> SignedTx {
        let first = secret(self.plan.suite, KEYS_FROM + u8::try_from(who).expect("few clients"));
        let account = account_of(&first.public_key(), self.primitives);
        let key = if who == 5 { self.known().keys.choose(random).expect("at least the first").clone() } else { first };
        let calls = (0..*[1, 1, 1, 2, 3].choose(random).expect("some")).map(|_| self.call(who, account, now, random));
        let calls: Vec<_> = calls.map(|call| call.to_bytes()).collect();
        // Now and then there is hardly time for a block: a node takes it, and has to say that it came to nothing.
        let is_short = random.random_range(0..8u8) == 0;
        let life_millis =
            if is_short { SHORT_LIFE_MILLIS } else { 2_000..self.plan.window_millis - LONGEST_LIFE_MARGIN_MILLIS };
        let tx = Tx {
            network: self.network,
            account,
            key: key.public_key(),
            request_id: self.request_id(who, random),
            not_after: now.plus_millis(random.random_range(life_millis)),
            calls: List::new(calls).expect("few calls"),
        };
        if random.random_range(0..12u8) == 0 { self.spoil(tx, &key, now, random) } else { self.sign(tx, &key) }
    }

    /// A transaction that no node may let through.
    fn spoil(&self, mut tx: Tx, key: &SecretKey, now: Time, random: &mut StdRng) -> SignedTx {
        let mut is_forged = false;
        match random.random_range(0..6u8) {
            0 => is_forged = true,
            1 => tx.network.0[3] ^= 1,
            // Earlier than by any node's clock.
            2 => tx.not_after = Time::from_millis(now.as_millis() - 5_000).expect("it is after 1970"),
            3 => tx.not_after = now.plus_millis(self.plan.window_millis + 3_000_000),
            4 => tx.account.0[0] ^= 1,
            _ => tx.calls = List::default(),
        }
        self.record.forbid(tx.id(self.primitives));
        let mut signed = self.sign(tx, key);
        if is_forged {
            signed.signature.0[7] ^= 16;
        }
        signed
    }

    fn call(&self, who: usize, account: AccountId, now: Time, random: &mut StdRng) -> Call {
        match who {
            0 => self.call_of_administrator(random),
            1 => self.call_of_registrar(random),
            5 if random.random_range(0..2u8) == 0 => self.call_about_keys(account, random),
            _ => Call::Evidence(self.call_about_evidence(account, now, random)),
        }
    }

    fn call_of_administrator(&self, random: &mut StdRng) -> Call {
        let known = self.known();
        let other = account_of(&secret(self.plan.suite, KEYS_FROM + 5).public_key(), self.primitives);
        let account = known.opened.choose(random).copied().unwrap_or(other);
        let account = if random.random_range(0..3u8) == 0 { other } else { account };
        match random.random_range(0..6u8) {
            0 | 1 => Call::Identity(identity::Call::GrantRole { account, role: Role::Depositor }),
            2 => Call::Identity(identity::Call::WithdrawRole { account, role: Role::Depositor }),
            3 => Call::Identity(identity::Call::Suspend { account }),
            4 => Call::Identity(identity::Call::Resume { account }),
            _ => Call::Network(network::Call::PublishCalendar {
                year: 2026,
                edition: known.editions + random.random_range(1..3u16),
                days_off: List::default(),
                make_up_days: List::default(),
            }),
        }
    }

    fn new_key(&self) -> SecretKey {
        let mut known = self.known();
        let number = known.next_key;
        known.next_key = known.next_key.saturating_add(1).min(u8::MAX - 1);
        secret(self.plan.suite, number)
    }

    fn possession(&self, account: AccountId, key: &SecretKey) -> tongban_types::Signature {
        key.sign(&identity::possession_message(&self.network, &account, &key.public_key()))
    }

    fn call_of_registrar(&self, random: &mut StdRng) -> Call {
        let key = self.new_key();
        let account = account_of(&key.public_key(), self.primitives);
        let (kind, name) = if random.random_range(0..2u8) == 0 {
            (AccountKind::Person, None)
        } else {
            (AccountKind::Organisation, Some(Text::new("某公司").expect("a short name")))
        };
        let possession = self.possession(account, &key);
        Call::Identity(identity::Call::OpenAccount { kind, name, key: key.public_key(), possession })
    }

    fn call_about_keys(&self, account: AccountId, random: &mut StdRng) -> Call {
        let oldest: PublicKey = {
            let known = self.known();
            known.keys.choose(random).expect("at least the first").public_key()
        };
        if random.random_range(0..2u8) == 0 {
            return Call::Identity(identity::Call::RevokeKey { key: oldest });
        }
        let key = self.new_key();
        let possession = self.possession(account, &key);
        Call::Identity(identity::Call::AddKey { key: key.public_key(), possession })
    }

    fn call_about_evidence(&self, operator: AccountId, now: Time, random: &mut StdRng) -> evidence::Call {
        let known = self.known().evidence.choose(random).copied();
        match (random.random_range(0..8u8), known) {
            (0 | 1, Some((id, content))) => evidence::Call::Witness {
                id,
                content: if random.random_range(0..4u8) == 0 { Digest::ZERO } else { content },
                capacity: evidence::Capacity::Notary,
                finding: evidence::Finding::Seen,
            },
            (2, Some((id, _))) => {
                evidence::Call::Withdraw { id, reason: evidence::WithdrawalReason::Mistake, explanation: None }
            }
            (3, _) => evidence::Call::RegisterBatch {
                id: EvidenceId(random.random()),
                source: source(operator, now),
                previous: known.map(|(id, _)| id),
                root: Digest(random.random()),
                leaves: random.random_range(0..2_000),
            },
            _ => register(EvidenceId(random.random()), operator, now, random),
        }
    }
}

pub(crate) async fn submit(handle: Handle, signed: SignedTx) -> Result<Ticket, SubmitError> {
    handle.submit(signed).await
}

fn source(operator: AccountId, now: Time) -> evidence::Source {
    evidence::Source {
        object_type: evidence::ObjectType::DatabaseRecord,
        system: Text::new("permit workflow").expect("a short name"),
        method: Text::new("export 1.0").expect("a short name"),
        operator,
        collected_at: Time::from_millis(now.as_millis() - 5_000).expect("it is after 1970"),
    }
}

/// Registers one original.
pub(crate) fn register(id: EvidenceId, operator: AccountId, now: Time, random: &mut StdRng) -> evidence::Call {
    let field = Text::new("content").expect("a short name");
    let commitment = evidence::FieldCommitment { field, commitment: Digest(random.random()) };
    evidence::Call::Register {
        id,
        source: source(operator, now),
        previous: None,
        commitments: List::new(vec![commitment]).expect("one fits"),
    }
}

/// The simulation's time.
pub(crate) fn time_of(runtime: &Runtime) -> Time {
    let since = runtime.current().duration_since(UNIX_EPOCH).expect("it is after 1970");
    Time::from_millis(since.as_millis() as u64).expect("it is before 10000")
}
