//! One node, put together over any runtime and any network: consensus, admission, gossip and answers. The program does so
//! over sockets and a disk (`node`), a simulator over whatever it makes up (`simulation`).

use crate::admission::{Admission, SUBMISSIONS_MAX, Submission};
use crate::consensus::{self, Channels, EngineApplication, EngineContext, Running, Setup};
use crate::execution::Execution;
use crate::gossip;
use crate::handle::{Handle, Outcome, Question};
use crate::library::Library;
use crate::live::Live;
use crate::stores::StoreContext;
use crate::suite::EngineSuite;
use commonware_p2p::{Blocker, Provider, Receiver, Sender};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tokio::sync::{Semaphore, mpsc, watch};

/// Questions that wait, and questions that are answered at the same time.
const QUESTIONS_MAX: usize = 256;
const ANSWERS_AT_ONCE: usize = 32;

/// The far end of a [`Handle`]: what comes in through it, and where its holders are told how the engine ends.
pub(crate) struct Inbox {
    pub submissions: mpsc::Receiver<Submission>,
    pub questions: mpsc::Receiver<Question>,
    pub stop: watch::Receiver<bool>,
    pub outcome: watch::Sender<Outcome>,
}

/// A handle to a node that is about to start, and its far end.
pub(crate) fn handle_to(live: &Arc<Live>) -> (Handle, Inbox) {
    let (submissions, submissions_in) = mpsc::channel(SUBMISSIONS_MAX);
    let (questions, questions_in) = mpsc::channel(QUESTIONS_MAX);
    let (stop, stop_in) = watch::channel(false);
    let (outcome, outcome_in) = watch::channel(None);
    let handle = Handle { live: live.clone(), submissions, questions, stop, outcome: outcome_in };
    (handle, Inbox { submissions: submissions_in, questions: questions_in, stop: stop_in, outcome })
}

/// What users send in, for as long as the node runs.
pub(crate) struct Incoming {
    pub submissions: mpsc::Receiver<Submission>,
    pub questions: mpsc::Receiver<Question>,
    /// Whether the disk has too little room to accept anything.
    pub disk_is_low: Arc<AtomicBool>,
}

/// How a node reaches the others.
pub(crate) struct Links<P, Se, Re> {
    pub peers: P,
    pub channels: Channels<Se, Re>,
    pub gossip: (Se, Re),
}

/// Starts all parts, and returns when this node votes. `application` is [`Execution`], or something around it.
pub(crate) async fn assemble<E, S, A, P, Se, Re>(
    context: &E,
    setup: Setup<S>,
    application: impl FnOnce(Execution<S>) -> A,
    incoming: Incoming,
    links: Links<P, Se, Re>,
) -> Running<E, S>
where
    E: EngineContext,
    S: EngineSuite,
    A: EngineApplication<E, S>,
    P: Provider<PublicKey = S::Key> + Blocker<PublicKey = S::Key>,
    Se: Sender<PublicKey = S::Key>,
    Re: Receiver<PublicKey = S::Key>,
{
    let Incoming { submissions, questions, disk_is_low } = incoming;
    let Links { peers, channels, gossip: (gossip_sender, gossip_receiver) } = links;
    let (live, strategy) = (setup.live.clone(), setup.strategy.clone());
    let Running { library, mut actors } =
        consensus::start(context.child("engine"), setup, application, peers, channels).await;

    let admission = Admission::new(library.clone(), strategy, disk_is_low);
    let (to_peers, from_users) = mpsc::channel(gossip::QUEUE_MAX);
    actors.push(context.child("tell").spawn(move |_| gossip::tell(from_users, gossip_sender)));
    let listener = admission.clone();
    actors.push(context.child("listen").spawn(move |clock| gossip::listen(clock, live, listener, gossip_receiver)));
    actors.push(context.child("admission").spawn(move |clock| admission.run(clock, submissions, to_peers)));
    let answering = library.clone();
    actors.push(context.child("answers").spawn(move |context| answer(context, answering, questions)));
    Running { library, actors }
}

/// Answers questions, several at a time.
async fn answer<E: StoreContext, S: EngineSuite>(
    context: E,
    library: Library<E, S>,
    mut questions: mpsc::Receiver<Question>,
) {
    let permits = Arc::new(Semaphore::new(ANSWERS_AT_ONCE));
    while let Some(question) = questions.recv().await {
        let permit = permits.clone().acquire_owned().await.expect("the semaphore is never closed");
        let library = library.clone();
        context.child("answer").spawn(move |_| async move {
            answer_one(library, question).await;
            drop(permit);
        });
    }
}

/// Whoever asked may have gone; then nobody hears the answer, and that is well.
async fn answer_one<E: StoreContext, S: EngineSuite>(library: Library<E, S>, question: Question) {
    use crate::error::ReadError::NotFound;
    match question {
        Question::Get { keys, reply } => drop(reply.send(library.get(&keys).await)),
        Question::Receipt { key, reply } => drop(reply.send(library.receipt(&key).await.ok_or(NotFound))),
        Question::Receipts { from, limit, reply } => drop(reply.send(library.receipts(from, limit).await)),
        Question::Block { height, reply } => drop(reply.send(library.types_block(height).await)),
        Question::Certificate { height, reply } => drop(reply.send(library.certificate(height).await.ok_or(NotFound))),
        Question::ProveReceipt { number, reply } => drop(reply.send(library.prove_receipt(number).await)),
        Question::Slip { number, reply } => drop(reply.send(library.slip(number).await)),
        Question::ProveRecords { names, reply } => drop(reply.send(library.prove_records(names).await)),
    }
}
