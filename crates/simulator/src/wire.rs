//! What nodes send each other: the roads between them, which can be cut, lossy and slow, and the mouths and ears of nodes that
//! misbehave. The runtime's simulated network carries what comes through here, with its delays.

use crate::plan::Misconduct;
use crate::record::{Happened, Record};
use commonware_actor::{Feedback, Unreliable};
use commonware_cryptography::PublicKey;
use commonware_p2p::simulated::{self, Control, Manager};
use commonware_p2p::{
    BlockedSubscription, Blocker, CheckedSender, LimitedSender, Message, PeerSetSubscription, Provider, Receiver,
    Recipients, TrackedPeers,
};
use commonware_runtime::deterministic::Context as Runtime;
use commonware_runtime::{Clock as _, IoBuf, IoBufs, Spawner as _, Supervisor as _};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

/// Messages that a node that sends garbage remembers, to replay and maim.
const HEARD_MAX: usize = 64;
/// How long the twins' division of the network stays the same.
const DIVISION_MILLIS: u64 = 1_500;

struct Way {
    /// Which node reaches which.
    is_cut: Vec<Vec<bool>>,
    loss_per_mille: u32,
    delay_millis_max: u64,
    random: StdRng,
}

/// The roads between all nodes.
pub(crate) struct Roads {
    way: Mutex<Way>,
    record: Arc<Record>,
    /// When the simulation began.
    begin: SystemTime,
    seed: u64,
}

impl Roads {
    /// Open roads between so many nodes.
    pub fn new(nodes: usize, seed: u64, loss_per_mille: u32, begin: SystemTime, record: Arc<Record>) -> Self {
        let way = Way {
            is_cut: vec![vec![false; nodes]; nodes],
            loss_per_mille,
            delay_millis_max: 0,
            random: StdRng::seed_from_u64(seed),
        };
        Self { way: Mutex::new(way), record, begin, seed }
    }

    fn way(&self) -> MutexGuard<'_, Way> {
        self.way.lock().expect("nothing panics under the lock")
    }

    /// Cuts the ways from one node to another.
    pub fn cut(&self, pairs: impl IntoIterator<Item = (usize, usize)>) {
        let mut way = self.way();
        for (from, to) in pairs {
            way.is_cut[from][to] = true;
        }
    }

    /// Opens ways again.
    pub fn mend(&self, pairs: impl IntoIterator<Item = (usize, usize)>) {
        let mut way = self.way();
        for (from, to) in pairs {
            way.is_cut[from][to] = false;
        }
    }

    /// Holds messages back for up to so long, so that they overtake each other.
    pub fn delay(&self, millis_max: u64) {
        self.way().delay_millis_max = millis_max;
    }

    /// Nothing is cut, lost or held back any more.
    pub fn heal(&self) {
        let mut way = self.way();
        way.is_cut.iter_mut().flatten().for_each(|cut| *cut = false);
        way.loss_per_mille = 0;
        way.delay_millis_max = 0;
    }

    /// Whether a message passes, and after which extra delay.
    fn passes(&self, from: usize, to: usize) -> Option<Duration> {
        let mut way = self.way();
        if way.is_cut[from][to] {
            self.record.count(Happened::MessageCut);
            return None;
        }
        let loss = way.loss_per_mille;
        if loss > 0 && way.random.random_range(0..1000) < loss {
            self.record.count(Happened::MessageLost);
            return None;
        }
        let millis_max = way.delay_millis_max;
        if millis_max == 0 || way.random.random_range(0..3u8) > 0 {
            return Some(Duration::ZERO);
        }
        self.record.count(Happened::MessageDelayed);
        Some(Duration::from_millis(way.random.random_range(1..=millis_max)))
    }
}

/// One of two nodes with one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Half {
    First,
    Second,
}

/// Says what a vote is about, if the bytes are one.
pub(crate) type VoteReader = fn(&[u8]) -> Option<VoteSubject>;

/// View, kind of vote, and the digest that is voted for; none to leave the view.
pub(crate) type VoteSubject = (u64, VoteKind, Option<[u8; 32]>);

/// Kinds of votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum VoteKind {
    Notarize,
    Nullify,
    Finalize,
}

/// What a key has voted for, by view and kind of vote.
type Votes = BTreeMap<(u64, VoteKind), BTreeSet<Option<[u8; 32]>>>;

/// The channel of votes, which twins' votes are read from.
pub(crate) const VOTES: u64 = 0;

/// How one node speaks and listens.
pub(crate) struct Post<P: PublicKey> {
    pub me: usize,
    pub names: Arc<Vec<P>>,
    pub roads: Arc<Roads>,
    pub record: Arc<Record>,
    pub runtime: Runtime,
    pub misconduct: Option<Misconduct>,
    pub read_vote: VoteReader,
    /// Votes that this key has signed, by view and kind, whichever half did.
    votes: Mutex<Votes>,
    heard: Mutex<VecDeque<(u64, Vec<u8>)>>,
}

impl<P: PublicKey> Post<P> {
    /// A post for a node that behaves so.
    pub fn new(
        me: usize,
        names: Arc<Vec<P>>,
        roads: Arc<Roads>,
        record: Arc<Record>,
        runtime: Runtime,
        misconduct: Option<Misconduct>,
        read_vote: VoteReader,
    ) -> Self {
        let votes = Mutex::default();
        Self { me, names, roads, record, runtime, misconduct, read_vote, votes, heard: Mutex::default() }
    }

    /// Which of the twins a node is in touch with now.
    fn is_in_touch(&self, half: Half, other: usize) -> bool {
        if self.misconduct == Some(Misconduct::Equivocator) {
            return true; // both speak to all
        }
        let elapsed = self.runtime.current().duration_since(self.roads.begin).unwrap_or_default();
        let division = elapsed.as_millis() as u64 / DIVISION_MILLIS;
        let mut random = StdRng::seed_from_u64(self.roads.seed ^ (division << 32) ^ other as u64);
        match random.random_range(0..5u8) {
            0 | 1 => half == Half::First,
            2 | 3 => half == Half::Second,
            _ => true,
        }
    }

    /// Which ear a message is for.
    pub fn ear_for(&self, from: &P) -> simulated::SplitTarget {
        let Some(from) = self.names.iter().position(|name| name == from) else { return simulated::SplitTarget::None };
        match (self.is_in_touch(Half::First, from), self.is_in_touch(Half::Second, from)) {
            (true, true) => simulated::SplitTarget::Both,
            (true, false) => simulated::SplitTarget::Primary,
            (false, true) => simulated::SplitTarget::Secondary,
            (false, false) => simulated::SplitTarget::None,
        }
    }

    fn is_silent(&self) -> bool {
        let Some(Misconduct::Silent { from_millis }) = self.misconduct else { return false };
        self.runtime.current() >= self.roads.begin + Duration::from_millis(from_millis)
    }

    /// Notes what is voted for, and counts votes that exclude each other.
    fn watch_vote(&self, message: &[u8]) {
        let Some((view, kind, digest)) = (self.read_vote)(message) else { return };
        let mut votes = self.votes.lock().expect("nothing panics under the lock");
        votes.entry((view, kind)).or_default().insert(digest);
        let count = |kind| votes.get(&(view, kind)).map_or(0, BTreeSet::len);
        let is_double = count(kind) > 1
            || (kind == VoteKind::Finalize && count(VoteKind::Nullify) > 0)
            || (kind == VoteKind::Nullify && count(VoteKind::Finalize) > 0);
        if is_double {
            self.record.count(Happened::DoubleVote);
        }
    }

    fn hear(&self, channel: u64, message: &[u8]) {
        if self.misconduct != Some(Misconduct::Garbage) {
            return;
        }
        let mut heard = self.heard.lock().expect("nothing panics under the lock");
        if heard.len() == HEARD_MAX {
            heard.pop_front();
        }
        heard.push_back((channel, message.to_vec()));
    }

    /// Garbage for a channel: random bytes, or something heard that is repeated, cut short or maimed, on its own channel or
    /// another.
    pub fn garbage(&self, random: &mut StdRng) -> Vec<u8> {
        let heard = self.heard.lock().expect("nothing panics under the lock");
        let kind = if heard.is_empty() { 0 } else { random.random_range(0..5u8) };
        if kind == 0 {
            let mut bytes = vec![0; random.random_range(0..2_000)];
            bytes.iter_mut().for_each(|byte| *byte = random.random());
            return bytes;
        }
        let mut bytes = heard[random.random_range(0..heard.len())].1.clone();
        match kind {
            1 => bytes.truncate(random.random_range(0..=bytes.len())),
            2 | 3 if !bytes.is_empty() => {
                for _ in 0..random.random_range(1..4u8) {
                    let bit = random.random_range(0..bytes.len() * 8);
                    bytes[bit / 8] ^= 1 << (bit % 8);
                }
            }
            _ => {} // as it was heard
        }
        bytes
    }
}

/// What a node sends with, on one channel.
pub(crate) struct Mouth<P: PublicKey> {
    inner: simulated::Sender<P, Runtime>,
    post: Arc<Post<P>>,
    channel: u64,
    half: Option<Half>,
}

impl<P: PublicKey> Clone for Mouth<P> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), post: self.post.clone(), channel: self.channel, half: self.half }
    }
}

impl<P: PublicKey> Mouth<P> {
    pub fn new(inner: simulated::Sender<P, Runtime>, post: Arc<Post<P>>, channel: u64, half: Option<Half>) -> Self {
        Self { inner, post, channel, half }
    }

    /// Sends to those of the recipients that the roads let it reach.
    pub fn speak(&mut self, recipients: &Recipients<P>, message: IoBuf, priority: bool) {
        let post = self.post.clone();
        if post.is_silent() {
            post.record.count(Happened::MessageSilenced);
            return;
        }
        let is_meant = |name: &P| match recipients {
            Recipients::All => true,
            Recipients::Some(names) => names.contains(name),
            Recipients::One(only) => only == name,
        };
        let targets: Vec<usize> = (0..post.names.len())
            .filter(|node| *node != post.me && is_meant(&post.names[*node]))
            .filter(|node| self.half.is_none_or(|half| post.is_in_touch(half, *node)))
            .collect();
        if self.half.is_some() && self.channel == VOTES && !targets.is_empty() {
            post.watch_vote(message.as_ref());
        }
        let mut at_once = Vec::new();
        for target in targets {
            match post.roads.passes(post.me, target) {
                None => {}
                Some(Duration::ZERO) => at_once.push(post.names[target].clone()),
                Some(delay) => self.speak_later(post.names[target].clone(), message.clone(), priority, delay),
            }
        }
        if !at_once.is_empty() {
            self.send_now(Recipients::Some(at_once), message, priority);
        }
    }

    fn send_now(&mut self, recipients: Recipients<P>, message: IoBuf, priority: bool) {
        if let Ok(checked) = LimitedSender::check(&mut self.inner, recipients) {
            let _ = checked.send(message, priority); // a closed network is the end of the simulation
        }
    }

    fn speak_later(&self, to: P, message: IoBuf, priority: bool, delay: Duration) {
        let mut mouth = self.clone();
        self.post.runtime.child("delayed").spawn(move |clock| async move {
            clock.sleep(delay).await;
            mouth.send_now(Recipients::One(to), message, priority);
        });
    }
}

impl<P: PublicKey> LimitedSender for Mouth<P> {
    type PublicKey = P;
    type Checked<'a> = Word<P>;

    fn check(&mut self, recipients: Recipients<P>) -> Result<Word<P>, SystemTime> {
        Ok(Word { mouth: self.clone(), recipients })
    }
}

/// Something about to be said.
pub(crate) struct Word<P: PublicKey> {
    mouth: Mouth<P>,
    recipients: Recipients<P>,
}

impl<P: PublicKey> CheckedSender for Word<P> {
    type PublicKey = P;

    fn recipients(&self) -> Vec<P> {
        match &self.recipients {
            Recipients::Some(names) => names.clone(),
            Recipients::One(name) => vec![name.clone()],
            Recipients::All => {
                let me = &self.mouth.post.names[self.mouth.post.me];
                self.mouth.post.names.iter().filter(|name| *name != me).cloned().collect()
            }
        }
    }

    fn send(mut self, message: impl Into<IoBufs> + Send, priority: bool) -> Unreliable<Feedback> {
        let message = message.into().coalesce();
        self.mouth.speak(&self.recipients, message, priority);
        Unreliable::new(Feedback::Ok) // a network does not tell what it loses
    }
}

/// What a node hears with, on one channel.
#[derive(Debug)]
pub(crate) struct Ear<P: PublicKey> {
    inner: simulated::Receiver<P>,
    post: Hearing<P>,
    channel: u64,
}

struct Hearing<P: PublicKey>(Arc<Post<P>>);

impl<P: PublicKey> std::fmt::Debug for Hearing<P> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Post({})", self.0.me)
    }
}

impl<P: PublicKey> Ear<P> {
    pub fn new(inner: simulated::Receiver<P>, post: Arc<Post<P>>, channel: u64) -> Self {
        Self { inner, post: Hearing(post), channel }
    }
}

impl<P: PublicKey> Receiver for Ear<P> {
    type Error = simulated::Error;
    type PublicKey = P;

    async fn recv(&mut self) -> Result<Message<P>, simulated::Error> {
        let (from, message) = self.inner.recv().await?;
        self.post.0.hear(self.channel, message.as_ref());
        Ok((from, message))
    }

    fn capacity(&self) -> NonZeroUsize {
        self.inner.capacity()
    }
}

/// Who the others are, and who of them is blocked.
pub(crate) struct Peers<P: PublicKey> {
    manager: Manager<P, Runtime>,
    control: Control<P, Runtime>,
    post: Arc<Post<P>>,
}

impl<P: PublicKey> Peers<P> {
    pub fn new(manager: Manager<P, Runtime>, control: Control<P, Runtime>, post: Arc<Post<P>>) -> Self {
        Self { manager, control, post }
    }
}

impl<P: PublicKey> Clone for Peers<P> {
    fn clone(&self) -> Self {
        Self { manager: self.manager.clone(), control: self.control.clone(), post: self.post.clone() }
    }
}

impl<P: PublicKey> std::fmt::Debug for Peers<P> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Peers({})", self.post.me)
    }
}

impl<P: PublicKey> Provider for Peers<P> {
    type PublicKey = P;

    async fn peer_set(&mut self, id: u64) -> Option<TrackedPeers<P>> {
        self.manager.peer_set(id).await
    }

    async fn subscribe(&mut self) -> PeerSetSubscription<P> {
        self.manager.subscribe().await
    }
}

impl<P: PublicKey> Blocker for Peers<P> {
    type PublicKey = P;

    fn block(&mut self, peer: P) -> Feedback {
        if let Some(whom) = self.post.names.iter().position(|name| *name == peer) {
            self.post.record.block(self.post.me, whom);
        }
        self.control.block(peer)
    }

    fn blocked(&mut self) -> BlockedSubscription<P> {
        self.control.blocked()
    }
}
