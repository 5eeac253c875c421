//! The people of a small city: they found it, apply, accept, review side by side, decide, issue, deliver and close, each at whatever node
//! answers; some withdraw, some are refused and appeal, some hand in too little, some try what is not theirs, some do a thing twice. What becomes of
//! each application is its [`courses`]. Then everybody is off for weeks, and time does what the law lets it do.
//!
//! What must succeed and is refused, or must not and is let through, is a finding. A request whose fate nobody has told is given up with its
//! case: clients conclude nothing from silence. What correct nodes have told is remembered for [`civic_audit`].

mod affairs;
mod courses;
mod rights;

use crate::audit::Records;
use crate::civic_audit::{CivicAuditor, Tally, Told, is_of_resting_account};
use crate::clients::{Days, Doors, PATIENCE, submit};
use crate::plan::Plan;
use crate::record::{Acknowledgement, Happened, Record};
use crate::town::{self, Person};
use affairs::Later;
use commonware_runtime::deterministic::Context as Runtime;
use commonware_runtime::{Clock as _, Spawner as _, Supervisor as _};
use courses::File;
use futures::future::join;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tongban_crypto::SecretKey;
use tongban_ledger::SubmitError;
use tongban_modules::Call;
use tongban_types::codes::CaseNumber;
use tongban_types::transaction::signing_message;
use tongban_types::{AccountId, Digest, List, Outcome, Primitives, Receipt, RequestId, SignedTx, Time, Tx};

/// How long before the latest possible end a request ends, so that no clock finds it too long.
const MARGIN_MILLIS: u64 = 2_000;
/// Within so much time after the founding all applications are filed, and a newer version of the item is published.
const FILING_MILLIS: u64 = 5_000;
const DAY_MILLIS: u64 = 86_400_000;
/// How many nodes are asked where it does not matter whether anybody answers.
const TRIES: u32 = 3;
/// How often the founder looks whether all others are done.
const LOOK: Duration = Duration::from_millis(100);

/// What an answer says.
enum Reply {
    Applied(Receipt),
    Refused(String),
    /// It has expired, or nobody has answered while it could take effect.
    Lost,
}

#[derive(Default)]
struct Known {
    told: Told,
    /// What went otherwise than it must.
    wrong: Vec<String>,
    /// Cases that go on after the days off.
    waiting: Vec<File>,
    /// Affairs that go on then, too.
    later: Vec<Later>,
    /// The case of the citizen who has lost his key, once the recovery cools down.
    of_lost_key: Option<CaseNumber>,
}

/// All people of the city.
pub(crate) struct Civic {
    plan: Arc<Plan>,
    network: Digest,
    primitives: &'static dyn Primitives,
    doors: Arc<Doors>,
    days: Arc<Days>,
    record: Arc<Record>,
    known: Mutex<Known>,
    /// Tasks that are under way.
    busy: AtomicU64,
}

impl Civic {
    /// The people of a network's city.
    pub fn new(plan: Arc<Plan>, network: Digest, doors: Arc<Doors>, days: Arc<Days>, record: Arc<Record>) -> Self {
        let primitives = tongban_crypto::primitives(plan.suite);
        let (known, busy) = (Mutex::default(), AtomicU64::new(0));
        Self { plan, network, primitives, doors, days, record, known, busy }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().expect("nothing panics under the lock")
    }

    /// Whether nobody does anything any more.
    pub fn is_done(&self) -> bool {
        self.busy.load(Ordering::Relaxed) == 0
    }

    /// For how long everybody is off.
    pub fn rest_millis(&self) -> u64 {
        self.plan.civic.map_or(0, |civic| u64::from(civic.rest_days) * DAY_MILLIS)
    }

    fn spawn<F, Fut>(self: &Arc<Self>, runtime: &Runtime, task: F)
    where
        F: FnOnce(Arc<Self>, Runtime) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.busy.fetch_add(1, Ordering::Relaxed);
        let civic = self.clone();
        runtime.child("civic").spawn(move |runtime| async move {
            task(civic.clone(), runtime).await;
            civic.busy.fetch_sub(1, Ordering::Relaxed);
        });
    }

    fn random(&self, of: u64) -> StdRng {
        StdRng::seed_from_u64(self.plan.seed.wrapping_mul(37) ^ of.wrapping_add(0xc17))
    }

    /// Founds the city and lets its people apply.
    pub fn begin(self: &Arc<Self>, runtime: &Runtime) {
        self.spawn(runtime, |civic, runtime| async move {
            civic.found(&runtime).await;
            let applications = civic.plan.civic.map_or(0, |civic| civic.applications);
            for number in 0..applications {
                civic.spawn(&runtime, move |civic, runtime| civic.apply(runtime, number));
            }
            for number in 0..civic.plan.civic.map_or(0, |civic| civic.affairs) {
                civic.spawn(&runtime, move |civic, runtime| civic.see_to(runtime, number));
            }
            civic.spawn(&runtime, Self::lose_key);
            civic.spawn(&runtime, Self::revise);
            // The runtime ends a task's children with it.
            while civic.busy.load(Ordering::Relaxed) > 1 {
                runtime.sleep(LOOK).await;
            }
        });
    }

    /// After the days off: what waited goes on.
    pub fn go_on(self: &Arc<Self>, runtime: &Runtime) {
        let (waiting, later, of_lost_key) = {
            let mut known = self.known();
            (std::mem::take(&mut known.waiting), std::mem::take(&mut known.later), known.of_lost_key.take())
        };
        for (number, later) in (0..).zip(later) {
            self.spawn(runtime, move |civic, runtime| async move {
                let mut random = civic.random(6_000 + number);
                civic.see_to_later(&runtime, later, &mut random).await;
            });
        }
        for file in waiting {
            self.spawn(runtime, |civic, runtime| async move {
                let mut random = civic.random(u64::from(file.serial) + 2_000);
                civic.take_up_again(&runtime, &file, &mut random).await;
            });
        }
        if let Some(case) = of_lost_key {
            self.spawn(runtime, |civic, runtime| async move {
                let (account, key) = (Person::Wang.account(civic.plan.suite), town::new_key(civic.plan.suite));
                let mut random = civic.random(3_000);
                let calls = [town::withdraw(&case)];
                let reply = civic.demand(&runtime, account, &key, &calls, &mut random).await;
                civic.expect(Person::Wang, &calls, reply);
            });
        }
    }

    /// Judges what has become of everything in the end, and counts it.
    pub fn judge(&self, auditor: CivicAuditor, records: &Records) -> Result<Tally, String> {
        let known = self.known();
        if let Some(wrong) = known.wrong.first() {
            return Err(format!("in the city, {wrong}"));
        }
        auditor.finish(records, &known.told).map_err(|finding| finding.to_string())
    }

    /// The founding transactions, each until it is there: what was lost is sent once more, and refused where it was not lost.
    async fn found(&self, runtime: &Runtime) {
        let mut random = self.random(0);
        for (who, calls) in town::founding(self.plan.suite, &self.network) {
            for attempt in 0_u32.. {
                match self.ask(runtime, who, &calls, &mut random).await {
                    Reply::Applied(_) => break,
                    Reply::Refused(_) if attempt > 0 => break,
                    Reply::Refused(code) => {
                        self.known().wrong.push(format!("{who:?} cannot found it: {code}"));
                        return;
                    }
                    Reply::Lost => {}
                }
            }
        }
    }

    /// A newer version of the item is published while cases are under way.
    async fn revise(self: Arc<Self>, runtime: Runtime) {
        let mut random = self.random(4_000);
        runtime.sleep(Duration::from_millis(random.random_range(0..2 * FILING_MILLIS))).await;
        self.must(&runtime, Person::Editor, town::publish(2), &mut random).await;
    }

    /// A citizen who has applied loses his key: his account is recovered.
    async fn lose_key(self: Arc<Self>, runtime: Runtime) {
        let mut random = self.random(1_000);
        let Some(case) = self.file(&runtime, Person::Wang, town::file, &mut random).await else { return };
        let open = town::open_recovery(Person::Wang, self.plan.suite, &self.network);
        let Some(opened) = self.must(&runtime, Person::IdentityOfficer, open, &mut random).await else { return };
        let [notice, approve] = [town::notice(opened.number), town::approve_recovery(opened.number)];
        self.must_not(&runtime, Person::IdentityOfficer, approve.clone(), &mut random).await;
        // Whoever approves sees how the person was told.
        if self.must(&runtime, Person::IdentityOfficer, notice, &mut random).await.is_some()
            && self.must(&runtime, Person::RecoveryApprover, approve, &mut random).await.is_some()
        {
            self.known().of_lost_key = Some(case);
        }
    }

    /// What must succeed. None where nobody knows whether it did, or it did not.
    async fn must(&self, runtime: &Runtime, who: Person, call: Call, random: &mut StdRng) -> Option<Receipt> {
        let calls = [call];
        let reply = self.ask(runtime, who, &calls, random).await;
        self.expect(who, &calls, reply)
    }

    fn expect(&self, who: Person, calls: &[Call], reply: Reply) -> Option<Receipt> {
        match reply {
            Reply::Applied(receipt) => Some(receipt),
            Reply::Refused(code) => {
                self.known().wrong.push(format!("{who:?} is refused with {code}: {calls:?}"));
                None
            }
            Reply::Lost => None,
        }
    }

    /// What must succeed, unless somebody was faster and it is refused with this code.
    async fn must_unless(
        &self,
        runtime: &Runtime,
        who: Person,
        call: Call,
        code: &str,
        random: &mut StdRng,
    ) -> Option<()> {
        let calls = [call];
        match self.ask(runtime, who, &calls, random).await {
            Reply::Refused(found) if found == code => Some(()),
            reply => self.expect(who, &calls, reply).map(drop),
        }
    }

    /// What the ledger must refuse.
    async fn must_not(&self, runtime: &Runtime, who: Person, call: Call, random: &mut StdRng) {
        let calls = [call];
        if let Reply::Applied(receipt) = self.ask(runtime, who, &calls, random).await {
            self.known().wrong.push(format!("{who:?} may do {calls:?}, receipt {}", receipt.number));
        }
    }

    /// The same twice at once, in two requests: one of them must succeed, and one alone.
    async fn twice(&self, runtime: &Runtime, who: Person, call: Call, random: &mut StdRng) -> Option<Receipt> {
        let calls = [call];
        let [mut one, mut other] = [StdRng::seed_from_u64(random.random()), StdRng::seed_from_u64(random.random())];
        let replies = join(self.ask(runtime, who, &calls, &mut one), self.ask(runtime, who, &calls, &mut other)).await;
        match replies {
            (Reply::Applied(receipt), Reply::Refused(_) | Reply::Lost)
            | (Reply::Refused(_) | Reply::Lost, Reply::Applied(receipt)) => Some(receipt),
            (Reply::Applied(_), Reply::Applied(_)) => {
                self.known().wrong.push(format!("{who:?} has done it twice: {calls:?}"));
                None
            }
            (Reply::Refused(one), Reply::Refused(other)) => {
                self.known().wrong.push(format!("{who:?} is refused with {one} and {other}: {calls:?}"));
                None
            }
            (Reply::Lost, _) | (_, Reply::Lost) => None,
        }
    }

    /// What may succeed or not: a few nodes are asked, and whatever they answer is right.
    async fn try_to(&self, runtime: &Runtime, who: Person, call: Call, random: &mut StdRng) -> Option<Reply> {
        let (suite, not_after) = (self.plan.suite, self.not_after(runtime));
        let signed = self.sign(who.account(suite), &who.secret(suite), &[call], not_after, random);
        for _ in 0..TRIES {
            self.record.count(Happened::Submission);
            let node = random.random_range(0..self.plan.nodes);
            if let Some(reply) = self.try_one(runtime, node, &signed).await {
                return Some(reply);
            }
        }
        None
    }

    /// Whose account rests or has ended does nothing: nodes do not even take it.
    async fn cannot_act(&self, runtime: &Runtime, who: Person, call: Call, random: &mut StdRng) {
        if let Some(Reply::Applied(receipt)) = self.try_to(runtime, who, call, random).await {
            self.known().wrong.push(format!("{who:?} acts, and his account may not: receipt {}", receipt.number));
        }
    }

    fn not_after(&self, runtime: &Runtime) -> Time {
        self.days.now(runtime).plus_millis(self.plan.window_millis - MARGIN_MILLIS)
    }

    async fn ask(&self, runtime: &Runtime, who: Person, calls: &[Call], random: &mut StdRng) -> Reply {
        let suite = self.plan.suite;
        self.demand(runtime, who.account(suite), &who.secret(suite), calls, random).await
    }

    /// Asks one node after the other, now and then two at once, until a correct one has answered or it can have no effect any more.
    async fn demand(
        &self,
        runtime: &Runtime,
        account: AccountId,
        key: &SecretKey,
        calls: &[Call],
        random: &mut StdRng,
    ) -> Reply {
        let not_after = self.not_after(runtime);
        let signed = self.sign(account, key, calls, not_after, random);
        let mut happened = Happened::Submission;
        while self.days.now(runtime) <= not_after.plus_millis(MARGIN_MILLIS) {
            let [node, other] = [random.random_range(0..self.plan.nodes), random.random_range(0..self.plan.nodes)];
            self.record.count(happened);
            happened = Happened::Resubmission;
            let reply = if random.random_range(0..6u8) == 0 && node != other {
                self.record.count(happened);
                let (one, other) =
                    join(self.try_one(runtime, node, &signed), self.try_one(runtime, other, &signed)).await;
                one.or(other)
            } else {
                self.try_one(runtime, node, &signed).await
            };
            if let Some(reply) = reply {
                return reply;
            }
            runtime.sleep(Duration::from_millis(random.random_range(50..400))).await;
        }
        Reply::Lost
    }

    fn sign(
        &self,
        account: AccountId,
        key: &SecretKey,
        calls: &[Call],
        not_after: Time,
        random: &mut StdRng,
    ) -> SignedTx {
        let tx = Tx {
            network: self.network,
            account,
            key: key.public_key(),
            request_id: RequestId(random.random()),
            not_after,
            calls: List::new(calls.iter().map(Call::to_bytes).collect()).expect("few calls"),
        };
        let signature = key.sign(&signing_message(&tx.id(self.primitives)));
        SignedTx { tx, signature }
    }

    /// Asks one node. A node that misbehaves is not believed, and what a node does not take yet, another may.
    async fn try_one(&self, runtime: &Runtime, node: usize, signed: &SignedTx) -> Option<Reply> {
        let handle = self.doors.get(node)?;
        let ticket = match runtime.timeout(PATIENCE, submit(handle, signed.clone())).await {
            Ok(Ok(ticket)) => ticket,
            Ok(Err(SubmitError::Busy { .. } | SubmitError::Stopped)) => return None,
            Ok(Err(refused)) => {
                self.record.count(Happened::SubmissionRefused);
                if matches!(refused, SubmitError::Refused { code } if is_of_resting_account(&code.to_string())) {
                    self.record.count(Happened::RestingAccountRefused);
                }
                return None;
            }
            Err(_) => {
                self.record.count(Happened::NoAnswer);
                return None;
            }
        };
        let answer = runtime.timeout(PATIENCE, ticket.wait()).await;
        if !self.plan.is_correct(node) {
            return None;
        }
        match answer {
            Ok(Ok(receipt)) => Some(self.hear(node, signed, receipt)),
            Ok(Err(SubmitError::Expired)) => {
                self.record.count(Happened::AnswerExpired);
                self.record.expire(signed.tx.id(self.primitives));
                Some(Reply::Lost)
            }
            Ok(Err(_)) | Err(_) => {
                self.record.count(Happened::NoAnswer);
                None
            }
        }
    }

    fn hear(&self, node: usize, signed: &SignedTx, receipt: Receipt) -> Reply {
        let Tx { account, request_id, .. } = signed.tx;
        self.record.acknowledge(Acknowledgement { node, account, request_id, receipt: receipt.clone() });
        match &receipt.outcome {
            Outcome::Applied { .. } => {
                self.record.count(Happened::AnswerApplied);
                Reply::Applied(receipt)
            }
            Outcome::Refused(refusal) => {
                self.record.count(Happened::AnswerRefused);
                Reply::Refused(refusal.code.to_string())
            }
        }
    }
}
