//! One simulation: nodes are started, things go wrong by the plan, everything heals, and then it must work and be sound.

mod judgement;

use crate::application::Observed;
use crate::civic::Civic;
use crate::clients::{Clients, Days, Doors, accounts, secret, time_of};
use crate::disk::{Operation, Trap};
use crate::machine::{Death, Local, Machine, Told};
use crate::plan::{Fault, Misconduct, Plan, Point};
use crate::record::{Happened, Record, Report};
use crate::run::Summary;
use crate::wire::{Ear, Half, Mouth, Peers, Post, Roads, VoteKind, VoteSubject};
use commonware_codec::DecodeExt as _;
use commonware_consensus::Viewable as _;
use commonware_consensus::simplex::types::Vote;
use commonware_p2p::simulated::{self, Link, Oracle};
use commonware_p2p::{Manager as _, Recipients};
use commonware_runtime::deterministic::Context as Runtime;
use commonware_runtime::{Clock as _, Handle, IoBuf, Quota, Spawner as _, Strategizer as _, Supervisor as _};
use commonware_utils::{NZU32, NZUsize, Probability};
use futures::future::{Either, select, select_all};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};
use tokio::sync::mpsc;
use tongban_crypto::SecretKey;
use tongban_ledger::MempoolLimits;
use tongban_ledger::simulation::{
    self, Channel, Channels, EngineDigest, EngineSuite, Multisig, NodeConfig, NodeKeyOf as _,
};
use tongban_types::genesis::{GENESIS_VERSION, Parameters};
use tongban_types::{Genesis, List, Text, Time, Validator, ValidatorSet};

/// After everything healed, a transaction must be final, and all nodes at one height, within this time.
const LIVENESS_MAX: Duration = Duration::from_secs(60);
/// After everything healed, what is under way in the city must be done within this time.
const CIVIC_MAX: Duration = Duration::from_secs(120);
/// How often something is looked at that is waited for.
const LOOK_MILLIS: u64 = 50;
/// How long the tasks of a crashed node may take to vanish.
const VANISH: Duration = Duration::from_millis(20);
/// How often the node that sends garbage does.
const GARBAGE_INTERVAL_MILLIS: std::ops::Range<u64> = 20..200;
const CHANNELS: [(Channel, &str); 6] = [
    (Channel::Votes, "votes"),
    (Channel::Certificates, "certificates"),
    (Channel::Resolver, "resolver"),
    (Channel::Blocks, "blocks"),
    (Channel::Backfill, "backfill"),
    (Channel::Gossip, "gossip"),
];

/// The genesis of a plan, and the validators' keys in its order.
pub(crate) fn genesis(plan: &Plan, time: Time) -> (Genesis, Vec<SecretKey>) {
    let count = u8::try_from(plan.nodes).expect("few nodes");
    let mut keys: Vec<_> = (1..=count).map(|number| secret(plan.suite, number)).collect();
    keys.sort_by_key(SecretKey::public_key);
    let validator = |(index, key): (usize, &SecretKey)| Validator {
        department: Text::new(format!("部门{index}")).expect("a short name"),
        key: key.public_key(),
    };
    let genesis = Genesis {
        version: GENESIS_VERSION,
        name: Text::new("simulation").expect("a short name"),
        suite: plan.suite,
        time,
        validators: ValidatorSet::new(keys.iter().enumerate().map(validator).collect()).expect("different keys"),
        accounts: List::new(accounts(plan.suite)).expect("few accounts"),
        parameters: Parameters {
            heartbeat_millis: plan.heartbeat_millis,
            window_millis: plan.window_millis,
            ..Parameters::default()
        },
    };
    (genesis, keys)
}

/// Where a node runs; twins have two.
struct Seat {
    node: usize,
    machine: Arc<Machine>,
    life: u32,
    task: Option<Handle<()>>,
    /// Held for as long as the node runs: a node ends when nobody can ask it for anything any more.
    handle: Option<tongban_ledger::Handle>,
    /// What follows when the node stops at a trap on its disk: how long it is down, and whether writes are torn.
    after_trap: (u64, bool),
    /// A trap that is set when the node starts again.
    trap_at_start: Option<(Trap, u32)>,
}

/// What is to be done at some time.
enum Action {
    Begin(Fault),
    Mend(Vec<(usize, usize)>),
    EndDelay,
    Start(usize),
}

struct Network<S: EngineSuite> {
    runtime: Runtime,
    plan: Arc<Plan>,
    begin: SystemTime,
    genesis: Genesis,
    keys: Vec<SecretKey>,
    names: Arc<Vec<S::Key>>,
    oracle: Oracle<S::Key, Runtime>,
    roads: Arc<Roads>,
    record: Arc<Record>,
    doors: Arc<Doors>,
    seats: Vec<Seat>,
    deaths: mpsc::UnboundedReceiver<Told>,
    agenda: BTreeMap<(u64, u64), Action>,
    entries: u64,
    random: StdRng,
}

type Ports<S> = Vec<(Mouth<<S as EngineSuite>::Key>, Ear<<S as EngineSuite>::Key>)>;

fn read_vote<S: EngineSuite>(bytes: &[u8]) -> Option<VoteSubject> {
    let vote = Vote::<Multisig<S>, EngineDigest>::decode(IoBuf::from(bytes.to_vec())).ok()?;
    let (kind, digest) = match &vote {
        Vote::Notarize(vote) => (VoteKind::Notarize, Some(vote.proposal.payload.0)),
        Vote::Nullify(_) => (VoteKind::Nullify, None),
        Vote::Finalize(vote) => (VoteKind::Finalize, Some(vote.proposal.payload.0)),
    };
    Some((vote.view().get(), kind, digest))
}

/// Runs a plan to its end.
pub(crate) async fn run<S: EngineSuite>(
    runtime: Runtime,
    plan: Arc<Plan>,
    record: Arc<Record>,
) -> Result<Summary, String> {
    let mut network = Network::<S>::new(runtime, plan.clone(), record).await;
    for node in 0..plan.nodes {
        network.start_node(node).await;
    }
    let id = network.genesis.network(tongban_crypto::primitives(S::SUITE));
    let (doors, days, record) = (network.doors.clone(), Arc::new(Days::default()), network.record.clone());
    let clients = Arc::new(Clients::new(plan.clone(), id, doors.clone(), days.clone(), record.clone()));
    clients.start(&network.runtime);
    let civic = Arc::new(Civic::new(plan.clone(), id, doors, days.clone(), record));
    if plan.civic.is_some() {
        civic.begin(&network.runtime);
    }

    network.pass(plan.heal_at_millis).await?;
    network.heal().await;
    network.pass(2_000).await?;
    clients.stop();
    network.is_live(&clients, "after everything healed").await?;

    if plan.civic.is_some() {
        network.finish_civic(&civic, "after everything healed").await?;
    }
    network.restart_all(&days, civic.rest_millis()).await?;
    network.is_live(&clients, "after a common restart").await?;
    if plan.civic.is_some() {
        civic.go_on(&network.runtime);
        network.finish_civic(&civic, "after the days off").await?;
        network.is_live(&clients, "after the city's work").await?;
    }
    network.conclude(&civic).await
}

/// Notes what a correct node reports as final.
fn watch(runtime: &Runtime, plan: &Plan, record: &Arc<Record>, node: usize, handle: &tongban_ledger::Handle) {
    if !plan.is_correct(node) {
        return;
    }
    let mut blocks = handle.watch_blocks();
    let record = record.clone();
    runtime.child("watch").spawn(move |_| async move {
        use tokio::sync::broadcast::error::RecvError;
        loop {
            match blocks.recv().await {
                Ok(block) => record.report(Report { node, height: block.header.height, digest: block.digest }),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    });
}

impl<S: EngineSuite> Network<S> {
    async fn new(runtime: Runtime, plan: Arc<Plan>, record: Arc<Record>) -> Self {
        let begin = runtime.current();
        let (genesis, keys) = genesis(&plan, time_of(&runtime));
        let names: Vec<S::Key> =
            keys.iter().map(|key| S::Key::from_types(&key.public_key()).expect("a key of the suite")).collect();
        let config = simulated::Config {
            max_size: simulation::message_bytes_max::<S>(&genesis),
            max_peers_per_set: NonZeroUsize::new(plan.nodes).expect("there are nodes"),
            disconnect_on_block: plan.are_blocked_cut_off,
            tracked_peer_sets: NZUsize!(1),
        };
        let (network, oracle) = simulated::Network::new(runtime.child("network"), config);
        network.start();
        oracle.manager().track(0, simulation::participants::<S>(&genesis).expect("keys of the suite"));
        let link = Link {
            latency: Duration::from_millis(plan.latency_millis),
            jitter: Duration::from_millis(plan.jitter_millis),
            success_rate: Probability::new(1, 1).expect("one is a probability"), // loss is a matter of the roads
        };
        for from in &names {
            for to in names.iter().filter(|to| *to != from) {
                oracle.add_link(from.clone(), to.clone(), link.clone()).await.expect("the network runs");
            }
        }
        let (tell, deaths) = mpsc::unbounded_channel();
        let mut seats = Vec::new();
        for node in 0..plan.nodes {
            let is_double = matches!(plan.misconduct_of(node), Some(Misconduct::Twins | Misconduct::Equivocator));
            for _ in 0..if is_double { 2 } else { 1 } {
                let offset = plan.clock_offsets_millis[node];
                let machine = Arc::new(Machine::new(seats.len(), offset, record.clone(), tell.clone()));
                seats.push(Seat {
                    node,
                    machine,
                    life: 0,
                    task: None,
                    handle: None,
                    after_trap: (0, false),
                    trap_at_start: None,
                });
            }
        }
        let agenda: BTreeMap<_, _> = (0..)
            .zip(&plan.faults)
            .map(|(entry, timed)| ((timed.at_millis, entry), Action::Begin(timed.fault.clone())))
            .collect();
        Self {
            begin,
            genesis,
            keys,
            names: Arc::new(names),
            oracle,
            roads: Arc::new(Roads::new(plan.nodes, plan.seed, plan.loss_per_mille, begin, record.clone())),
            doors: Arc::new(Doors::new(plan.nodes)),
            record,
            seats,
            deaths,
            entries: agenda.len() as u64,
            agenda,
            random: StdRng::seed_from_u64(plan.seed ^ 0x5eed),
            plan,
            runtime,
        }
    }

    fn elapsed_millis(&self) -> u64 {
        self.runtime.current().duration_since(self.begin).unwrap_or_default().as_millis() as u64
    }

    fn plan_action(&mut self, in_millis: u64, action: Action) {
        self.entries += 1;
        self.agenda.insert((self.elapsed_millis() + in_millis, self.entries), action);
    }

    /// Starts what runs for a node: one, or both twins.
    async fn start_node(&mut self, node: usize) {
        let seats: Vec<usize> = (0..self.seats.len()).filter(|seat| self.seats[*seat].node == node).collect();
        let post = Arc::new(Post::new(
            node,
            self.names.clone(),
            self.roads.clone(),
            self.record.clone(),
            self.runtime.child("post"),
            self.plan.misconduct_of(node),
            read_vote::<S>,
        ));
        let control = self.oracle.control(self.names[node].clone());
        let peers = Peers::new(self.oracle.manager(), control.clone(), post.clone());
        let mut ports: Vec<Ports<S>> = seats.iter().map(|_| Vec::new()).collect();
        for (channel, _) in CHANNELS {
            let number = channel as u64;
            let quota = Quota::per_second(NZU32!(512));
            let (sender, receiver) = control.register(number, quota).await.expect("the network runs");
            if let [first, second] = ports.as_mut_slice() {
                let routing = post.clone();
                let (one, other) =
                    receiver.split_with(self.runtime.child("split"), move |(from, _)| routing.ear_for(from));
                let mouth = |half| Mouth::new(sender.clone(), post.clone(), number, Some(half));
                first.push((mouth(Half::First), Ear::new(one, post.clone(), number)));
                second.push((mouth(Half::Second), Ear::new(other, post.clone(), number)));
            } else {
                let mouth = Mouth::new(sender, post.clone(), number, None);
                ports[0].push((mouth, Ear::new(receiver, post.clone(), number)));
            }
        }
        if self.plan.misconduct_of(node) == Some(Misconduct::Garbage) {
            self.start_garbage(&post, ports[0].iter().map(|(mouth, _)| mouth.clone()).collect());
        }
        for (seat, ports) in seats.into_iter().zip(ports) {
            self.start_seat(seat, peers.clone(), ports);
        }
    }

    fn start_seat(&mut self, index: usize, peers: Peers<S::Key>, ports: Ports<S>) {
        let seat = &mut self.seats[index];
        seat.life += 1;
        seat.machine.start(seat.life);
        if let Some((trap, after)) = seat.trap_at_start.take() {
            seat.machine.disk.set(trap, after);
        }
        let (node, machine) = (seat.node, seat.machine.clone());
        let config = NodeConfig {
            genesis: self.genesis.clone(),
            key: self.keys[node].clone(),
            rules: tongban_modules::RULES,
            mempool: MempoolLimits::default(),
            strategy: self.runtime.strategy(NZUsize!(1)), // inline, in this thread
        };
        let (handle, prepared) = simulation::prepare::<Local, S>(config);
        watch(&self.runtime, &self.plan, &self.record, node, &handle);
        seat.handle = Some(handle.clone());
        self.doors.set(node, Some(handle));
        let [votes, certificates, resolver, blocks, backfill, gossip] =
            <[_; 6]>::try_from(ports).unwrap_or_else(|_| unreachable!("one port for each of the six channels"));
        let channels = Channels { votes, certificates, resolver, blocks, backfill };
        let network = simulation::Network { peers, channels, gossip };
        let (misconduct, seed, record) = (self.plan.misconduct_of(node), self.plan.seed, self.record.clone());
        let local = Local::new(
            self.runtime.child("node").with_attribute("seat", index).with_attribute("life", seat.life),
            machine.clone(),
        );
        seat.task = Some(commonware_runtime::Spawner::spawn(local, move |context| async move {
            let observe = |execution| Observed::new(execution, misconduct, seed, record);
            let parts = simulation::start(&context, prepared, observe, network).await;
            let (ended, part, _) = select_all(parts).await;
            machine.tell(Death::Failed(format!("part {part} of the engine ended: {ended:?}")));
        }));
    }

    fn start_garbage(&self, post: &Arc<Post<S::Key>>, mut mouths: Vec<Mouth<S::Key>>) {
        let (post, mut random) = (post.clone(), StdRng::seed_from_u64(self.plan.seed ^ 0x6a5b));
        self.runtime.child("garbage").spawn(move |clock| async move {
            loop {
                clock.sleep(Duration::from_millis(random.random_range(GARBAGE_INTERVAL_MILLIS))).await;
                let garbage = post.garbage(&mut random);
                let mouth = random.random_range(0..mouths.len());
                post.record.count(Happened::GarbageSent(CHANNELS[mouth].1));
                mouths[mouth].speak(&Recipients::All, garbage.into(), false);
            }
        });
    }

    /// Stops seats dead, all in the same instant: none of them sees another go, and none does anything after it. What they had not made durable is
    /// lost, or torn. Gives those that were running.
    async fn stop(&mut self, seats: &[usize], is_torn: bool) -> Result<Vec<usize>, String> {
        let mut stopped = Vec::new();
        for index in seats {
            let seat = &mut self.seats[*index];
            let Some(task) = seat.task.take() else { continue };
            task.abort();
            seat.handle = None;
            seat.machine.disk.disarm();
            self.doors.set(seat.node, None);
            stopped.push(*index);
        }
        if stopped.is_empty() {
            return Ok(stopped);
        }
        self.runtime.sleep(VANISH).await;
        for index in &stopped {
            let torn = is_torn.then(|| self.random.random());
            let (node, machine) = (self.seats[*index].node, self.seats[*index].machine.clone());
            let crashed = machine.crash_disk(&self.runtime, torn, &self.record).await;
            crashed.map_err(|error| format!("node {node} does not let go of its disk: {error}"))?;
        }
        Ok(stopped)
    }

    /// The seats of all nodes that do what they should. Who misbehaves is no part of a common stop: he goes on with all that he knows.
    fn correct_seats(&self) -> Vec<usize> {
        (0..self.seats.len()).filter(|index| self.plan.is_correct(self.seats[*index].node)).collect()
    }

    /// The power of the whole city fails: all correct nodes stop in one instant, and start together after a while, in which days may have
    /// passed. Whatever was acknowledged must be on their disks.
    async fn restart_all(&mut self, days: &Days, millis: u64) -> Result<(), String> {
        let is_torn = self.random.random();
        self.record.count(Happened::CommonRestart);
        self.stop(&self.correct_seats(), is_torn).await?;
        days.skip(millis);
        self.seats.iter().for_each(|seat| seat.machine.skip(millis));
        for node in self.plan.clone().correct() {
            self.start_node(node).await;
        }
        Ok(())
    }

    /// What is under way in the city must be done in time.
    async fn finish_civic(&mut self, civic: &Civic, when: &str) -> Result<(), String> {
        let deadline = self.runtime.current() + CIVIC_MAX;
        while !civic.is_done() {
            if self.runtime.current() > deadline {
                return Err(format!("{when}, the city has not done its work in {CIVIC_MAX:?}"));
            }
            self.pass(LOOK_MILLIS).await?;
        }
        Ok(())
    }

    fn seat_of(&self, node: usize) -> usize {
        self.seats.iter().position(|seat| seat.node == node).expect("every node has a seat")
    }

    /// Stops seats dead together, and starts their nodes again after a while.
    async fn crash(&mut self, seats: &[usize], down_millis: u64, is_torn: bool) -> Result<(), String> {
        for index in self.stop(seats, is_torn).await? {
            self.plan_action(down_millis, Action::Start(self.seats[index].node));
        }
        Ok(())
    }

    async fn begin(&mut self, fault: Fault) -> Result<(), String> {
        match fault {
            Fault::Crash { node, point, down_millis, is_torn } => {
                let index = self.seat_of(node);
                if self.seats[index].task.is_none() {
                    return Ok(()); // it is down already
                }
                match point {
                    Point::Anywhere => {
                        self.record.count(Happened::Crash);
                        self.crash(&[index], down_millis, is_torn).await?;
                    }
                    Point::AtDiskOperation(after) => {
                        self.seats[index].after_trap = (down_millis, is_torn);
                        self.seats[index].machine.disk.set(Trap::Halt, after);
                    }
                    Point::InRecovery(after) => {
                        self.record.count(Happened::Crash);
                        self.crash(&[index], down_millis, is_torn).await?;
                        self.seats[index].after_trap = (down_millis, is_torn);
                        self.seats[index].trap_at_start = Some((Trap::Halt, after));
                    }
                }
            }
            Fault::Blackout { down_millis, is_torn } => {
                self.record.count(Happened::Blackout);
                self.record.count_many(Happened::AcknowledgedBeforeBlackout, self.record.count_acknowledged());
                self.crash(&self.correct_seats(), down_millis, is_torn).await?;
            }
            Fault::DiskFailure { node, operation, after, down_millis } => {
                let index = self.seat_of(node);
                self.seats[index].after_trap = (down_millis, true);
                let trap = (Trap::Fail(operation), after);
                let is_of_start = matches!(operation, Operation::Open | Operation::Read | Operation::Resize);
                if is_of_start && self.seats[index].task.is_some() {
                    // Files are opened and read when a node starts, and what is torn of them is cut off.
                    self.crash(&[index], down_millis, true).await?;
                    self.seats[index].trap_at_start = Some(trap);
                } else {
                    self.seats[index].machine.disk.set(trap.0, trap.1);
                }
            }
            Fault::Partition { side, is_mutual, for_millis } => {
                let mut pairs = Vec::new();
                for one in &side {
                    for other in (0..self.plan.nodes).filter(|node| !side.contains(node)) {
                        pairs.push((*one, other));
                        if is_mutual {
                            pairs.push((other, *one));
                        }
                    }
                }
                self.roads.cut(pairs.iter().copied());
                self.plan_action(for_millis, Action::Mend(pairs));
            }
            Fault::Delay { millis_max, for_millis } => {
                self.roads.delay(millis_max);
                self.plan_action(for_millis, Action::EndDelay);
            }
        }
        Ok(())
    }

    async fn act(&mut self, action: Action) -> Result<(), String> {
        match action {
            Action::Begin(fault) => self.begin(fault).await?,
            Action::Mend(pairs) => self.roads.mend(pairs),
            Action::EndDelay => self.roads.delay(0),
            Action::Start(node) => {
                if self.seats[self.seat_of(node)].task.is_none() {
                    self.record.count(Happened::Restart);
                    self.start_node(node).await;
                }
            }
        }
        Ok(())
    }

    /// A node does not run any more: as the plan wants it, or not.
    async fn hear_of(&mut self, (index, life, death): Told) -> Result<(), String> {
        let seat = &self.seats[index];
        if seat.life != life || seat.task.is_none() {
            return Ok(()); // of the life before, or of a part that went down with the rest
        }
        let (node, (down_millis, is_torn)) = (seat.node, seat.after_trap);
        if let Death::Failed(why) = &death {
            self.record.die(node, why);
        }
        if !self.plan.is_correct(node) {
            self.record.count(Happened::MisbehaverDied);
            return self.stop(&[index], false).await.map(drop);
        }
        match death {
            Death::Halted => {}
            Death::Failed(_) if seat.machine.disk.has_failed() => self.record.count(Happened::DeathByDisk),
            Death::Failed(why) => return Err(format!("node {node} died: {why}")),
        }
        self.crash(&[index], down_millis, is_torn).await
    }

    /// Lets time pass, and does what is to be done meanwhile.
    async fn pass(&mut self, millis: u64) -> Result<(), String> {
        let until = self.elapsed_millis() + millis;
        loop {
            let next = self.agenda.first_key_value().map_or(until, |((at, _), _)| (*at).min(until));
            let wait = next.saturating_sub(self.elapsed_millis());
            let sleep = self.runtime.sleep(Duration::from_millis(wait));
            let told = {
                let death = self.deaths.recv();
                futures::pin_mut!(death, sleep);
                match select(death, sleep).await {
                    Either::Left((told, _)) => told,
                    Either::Right(_) => None,
                }
            };
            if let Some(told) = told {
                self.hear_of(told).await?;
                continue;
            }
            let now = self.elapsed_millis();
            while let Some(entry) = self.agenda.first_entry().filter(|entry| entry.key().0 <= now) {
                let action = entry.remove();
                self.act(action).await?;
            }
            if self.elapsed_millis() >= until {
                return Ok(());
            }
        }
    }

    /// Everything that went wrong is over. Misconduct is not.
    async fn heal(&mut self) {
        self.agenda.clear();
        self.roads.heal();
        for seat in &self.seats {
            seat.machine.disk.disarm();
        }
        self.seats.iter_mut().for_each(|seat| seat.trap_at_start = None);
        for node in self.plan.clone().correct() {
            if self.seats[self.seat_of(node)].task.is_none() {
                self.record.count(Happened::Restart);
                self.start_node(node).await;
            }
        }
    }

    fn heights(&self) -> Vec<u64> {
        let height = |node| self.doors.get(node).map_or(0, |handle| handle.status().head.height);
        self.plan.correct().map(height).collect()
    }

    /// A transaction given to each correct node must become final in time, and all of them must come to one height.
    async fn is_live(&mut self, clients: &Arc<Clients>, when: &str) -> Result<(), String> {
        let deadline = self.runtime.current() + LIVENESS_MAX;
        let mut probes = Vec::new();
        for node in self.plan.clone().correct() {
            let is_final = Arc::new(AtomicBool::new(false));
            probes.push((node, is_final.clone()));
            let (clients, seed) = (clients.clone(), self.random.random());
            self.runtime.child("probe").spawn(move |runtime| async move {
                while !clients.probe(&runtime, node, seed).await {
                    runtime.sleep(Duration::from_millis(LOOK_MILLIS)).await;
                }
                is_final.store(true, Ordering::Relaxed);
            });
        }
        loop {
            self.pass(LOOK_MILLIS).await?;
            let heights = self.heights();
            let waiting: Vec<_> = probes.iter().filter(|(_, is_final)| !is_final.load(Ordering::Relaxed)).collect();
            if waiting.is_empty() && heights.iter().all(|height| *height == heights[0]) {
                return Ok(());
            }
            if self.runtime.current() > deadline {
                let nodes: Vec<_> = waiting.iter().map(|(node, _)| node).collect();
                return Err(format!(
                    "{when}, transactions given to {nodes:?} are not final in {LIVENESS_MAX:?}; heights {heights:?}"
                ));
            }
        }
    }
}
