//! The ledger's application with an observer around it; on the node that lies, with a liar.

use crate::plan::Misconduct;
use crate::record::{Happened, Record};
use commonware_consensus::marshal::ancestry::Ancestry;
use commonware_consensus::simplex::types::Context;
use commonware_glue::stateful::db::DatabaseSet;
use commonware_glue::stateful::{Application, Finality, Input, Proposed};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use std::sync::{Arc, Mutex};
use tongban_ledger::simulation::{
    Databases, EngineBlock, EngineDigest, EngineSuite, Execution, Merkleized, Multisig, StoreContext, Transaction,
    Unmerkleized, transactions_root,
};
use tongban_types::Header;

/// The ledger's application, observed.
#[derive(Clone)]
pub(crate) struct Observed<S: EngineSuite> {
    inner: Execution<S>,
    record: Arc<Record>,
    is_correct: bool,
    lies: Option<Arc<Mutex<Lies>>>,
}

struct Lies {
    random: StdRng,
    /// A transaction that is final already.
    old: Option<Arc<Transaction>>,
}

impl<S: EngineSuite> Observed<S> {
    /// Observes a node that behaves so.
    pub fn new(inner: Execution<S>, misconduct: Option<Misconduct>, seed: u64, record: Arc<Record>) -> Self {
        let lies = Lies { random: StdRng::seed_from_u64(seed), old: None };
        let lies = (misconduct == Some(Misconduct::Liar)).then(|| Arc::new(Mutex::new(lies)));
        Self { inner, record, is_correct: misconduct.is_none(), lies }
    }

    /// The block as a liar tells it; sometimes as it is.
    fn lie(&self, block: EngineBlock<S>) -> EngineBlock<S> {
        let Some(lies) = &self.lies else { return block };
        let mut lies = lies.lock().expect("nothing panics under the lock");
        let primitives = tongban_crypto::primitives(S::SUITE);
        let mut header: Header = block.header().clone();
        let mut transactions = block.transactions().to_vec();
        match lies.random.random_range(0..8u8) {
            0 => header.state_root.0[0] ^= 1,
            1 => header.event_root.0[31] ^= 1,
            2 if lies.random.random() => header.acts += 1,
            2 => header.receipts += 1,
            3 => header.next_validators.0[5] ^= 1,
            4 => header.tx_root.0[9] ^= 1,
            5 => {
                // A second effect of what is final already.
                let Some(old) = lies.old.clone() else { return block };
                transactions.push(old);
                header.receipts += 1;
                header.tx_root = transactions_root(&transactions, primitives);
            }
            6 => {
                // Something that its account has not signed.
                let Some(first) = transactions.first() else { return block };
                let mut forged = first.signed.clone();
                forged.signature.0[20] ^= 4;
                transactions[0] = Transaction::new(forged, primitives).expect("as long as the one that fits");
                header.tx_root = transactions_root(&transactions, primitives);
            }
            _ => return block,
        }
        self.record.count(Happened::LieProposed);
        EngineBlock::new(header, transactions).expect("one transaction more still fits")
    }
}

impl<E: StoreContext, S: EngineSuite> Application<E> for Observed<S> {
    type SigningScheme = Multisig<S>;
    type Context = Context<EngineDigest, S::Key>;
    type Block = EngineBlock<S>;
    type Databases = Databases<E, S>;
    type Captured = ();
    type Provider = ();
    type Input = ();

    fn sync_targets(block: &EngineBlock<S>) -> <Databases<E, S> as DatabaseSet<E>>::SyncTargets {
        <Execution<S> as Application<E>>::sync_targets(block)
    }

    async fn genesis(&mut self) -> EngineBlock<S> {
        Application::<E>::genesis(&mut self.inner).await
    }

    async fn propose(
        &mut self,
        context: (E, Self::Context),
        ancestry: impl Ancestry<EngineBlock<S>>,
        batches: Unmerkleized<E, S>,
        input: Input<(), ()>,
    ) -> Option<Proposed<Self, E>> {
        let Proposed { block, merkleized } = self.inner.propose(context, ancestry, batches, input).await?;
        Some(Proposed { block: self.lie(block), merkleized })
    }

    async fn process(
        &mut self,
        context: (E, Self::Context),
        ancestry: impl Ancestry<EngineBlock<S>>,
        batches: Unmerkleized<E, S>,
        finality: Finality,
    ) -> Option<Merkleized<E, S>> {
        let processed = self.inner.process(context, ancestry, batches, finality).await;
        if processed.is_none() && self.is_correct && finality == Finality::Candidate {
            self.record.count(Happened::BlockRefused);
        }
        processed
    }

    async fn capture(
        &mut self,
        _: (E, Self::Context),
        _: &EngineBlock<S>,
        _: &Merkleized<E, S>,
        _: <Databases<E, S> as DatabaseSet<E>>::Readers,
    ) {
    }

    async fn finalized(
        &mut self,
        context: (E, Self::Context),
        block: &EngineBlock<S>,
        captured: (),
        readers: <Databases<E, S> as DatabaseSet<E>>::Readers,
    ) {
        if let (Some(lies), Some(transaction)) = (&self.lies, block.transactions().first()) {
            lies.lock().expect("nothing panics under the lock").old = Some(transaction.clone());
        }
        self.inner.finalized(context, block, captured, readers).await;
    }
}
