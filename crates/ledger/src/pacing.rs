//! Waiting: everything that depends on this node's clock or on who has something to say.
//!
//! The engine runs as fast as it can. Here, between its adapter and the executing actor, a leader with nothing to order
//! waits for a transaction to arrive, for somewhat less than its view lasts. Where none arrives it makes an empty block
//! if the network's heartbeat is due, and otherwise gives its view up, so that the next leader waits. A transaction that
//! arrives anywhere reaches every node by gossip, and whoever leads then proposes at once.
//!
//! A block whose time is ahead of our clock is not wrong, only early: checking it waits. The wait stands here and not
//! in `execution`, because the executing actor cannot finalise a block while it executes or builds another.

use crate::block::EngineBlock;
use crate::execution::now;
use crate::live::Live;
use crate::suite::{EngineDigest, EngineSuite, Multisig};
use commonware_consensus::marshal::ancestry::Ancestry;
use commonware_consensus::simplex::types::Context;
use commonware_consensus::{Application, Handoff};
use commonware_cryptography::Digested;
use commonware_runtime::Clock;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// How far a block's time may be ahead of this node's clock before checking it waits.
const CLOCK_DIFFERENCE_MAX: Duration = Duration::from_millis(500);

/// An application whose proposals and verdicts come in time.
#[derive(Clone)]
pub(crate) struct Paced<A> {
    inner: A,
    live: Arc<Live>,
    /// How long a leader waits for a transaction.
    patience: Duration,
}

impl<A> Paced<A> {
    /// Paces an application.
    pub fn new(inner: A, live: Arc<Live>, patience: Duration) -> Self {
        Self { inner, live, patience }
    }

    /// Waits until there is a reason to propose on top of the parent. False where there is none in time.
    async fn has_reason<S: EngineSuite>(
        &self,
        clock: &impl Clock,
        mut ancestry: impl Ancestry<EngineBlock<S>>,
    ) -> bool {
        let Some(parent) = futures::StreamExt::next(&mut ancestry).await else { return false };
        if parent.inner().header().height == 0 {
            return true; // the first block writes what the genesis gives; until then no account is known
        }
        let heartbeat = parent.inner().header().time.plus_millis(self.live.genesis.parameters.heartbeat_millis);
        let Some(pending) = self.live.pending(parent, ancestry, now(clock)).await else { return false };

        let mut arrivals = self.live.watch_arrivals();
        let until_heartbeat = Duration::from_millis(heartbeat.millis_since(now(clock)));
        let heartbeat_comes_first = until_heartbeat <= self.patience;
        let deadline = clock.sleep(until_heartbeat.min(self.patience));
        futures::pin_mut!(deadline);
        loop {
            if self.live.has_work(now(clock), &pending) {
                return true;
            }
            let arrival = arrivals.changed();
            futures::pin_mut!(arrival);
            match futures::future::select(arrival, &mut deadline).await {
                futures::future::Either::Left(_) => {}
                futures::future::Either::Right(_) => return heartbeat_comes_first,
            }
        }
    }
}

impl<E, S, A> Application<E> for Paced<A>
where
    E: Clock + Send,
    S: EngineSuite,
    A: Application<
            E,
            SigningScheme = Multisig<S>,
            Context = Context<EngineDigest, S::Key>,
            Block = EngineBlock<S>,
            Input = (),
        > + Sync,
{
    type SigningScheme = Multisig<S>;
    type Context = Context<EngineDigest, S::Key>;
    type Block = EngineBlock<S>;
    type Input = ();

    fn prepare(
        &mut self,
        context: (E, Self::Context),
        ancestry: impl Ancestry<EngineBlock<S>>,
        input: (),
    ) -> impl Future<Output = Handoff<Digested<EngineBlock<S>>>> + Send {
        self.inner.prepare(context, ancestry, input)
    }

    async fn propose(
        &mut self,
        (clock, context): (E, Self::Context),
        ancestry: impl Ancestry<EngineBlock<S>>,
        input: (),
    ) -> Option<Digested<EngineBlock<S>>> {
        if !self.has_reason(&clock, ancestry.clone()).await {
            return None;
        }
        self.inner.propose((clock, context), ancestry, input).await
    }

    async fn verify(&mut self, (clock, context): (E, Self::Context), ancestry: impl Ancestry<EngineBlock<S>>) -> bool {
        if let Some(block) = ancestry.peek() {
            let ahead = Duration::from_millis(block.inner().header().time.millis_since(now(&clock)));
            if ahead > CLOCK_DIFFERENCE_MAX {
                clock.sleep(ahead - CLOCK_DIFFERENCE_MAX).await;
            }
        }
        self.inner.verify((clock, context), ancestry).await
    }
}
