//! Executing one block: its transactions in order, each of them whole or not at all.

use crate::{BlockContext, Ctx, Missing, Rules, State, Stop, TxError, Write};
use crate::{error::ModuleError, state::Writes};
use tongban_types::proof::state::RECORD_BYTES_MAX;
use tongban_types::receipt::{Code, EventBytes};
use tongban_types::{Digest, Genesis, List, Outcome, Primitives, Receipt, Refusal, Tx};

/// Executes one block on top of its parent's state, which is loaded piece by piece.
///
/// [`Executor::begin`] first, then [`Executor::execute`] for each transaction in order, then [`Executor::finish`]. Where a
/// step answers [`Missing`], give the value with [`Executor::load`] and repeat that step: it has changed nothing.
pub struct Executor {
    rules: &'static dyn Rules,
    primitives: &'static dyn Primitives,
    context: BlockContext,
    state: State,
    receipts: Vec<Receipt>,
}

/// What became of a transaction that was to be executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Executed {
    /// It has a receipt.
    Receipted,
    /// Its key was never its account's; the code says which of the two is unknown. Nothing has happened.
    Stranger(Code),
}

/// What a block changes.
pub struct Changes {
    /// Changed records by state key.
    pub writes: Writes,
    /// One receipt for each transaction, in order.
    pub receipts: Vec<Receipt>,
}

impl Executor {
    /// Ready to execute the block that `context` describes.
    pub fn new(rules: &'static dyn Rules, primitives: &'static dyn Primitives, context: BlockContext) -> Self {
        Self { rules, primitives, context, state: State::new(primitives), receipts: Vec::new() }
    }

    /// What happens before the first transaction: block 1 writes what the genesis gives.
    pub fn begin(&mut self, genesis: &Genesis) -> Result<(), Missing> {
        if self.context.height != 1 {
            return Ok(());
        }
        match self.rules.genesis(genesis, &mut self.state) {
            Ok(()) => {
                self.state.keep();
                Ok(())
            }
            Err(Stop::Missing(missing)) => {
                self.state.drop_writes();
                Err(missing)
            }
            Err(Stop::Refused(code)) => panic!("the genesis of this network is refused: {code}"),
        }
    }

    /// Keys that the transaction will surely read and that are not loaded yet.
    pub fn reads(&self, tx: &Tx) -> Vec<Digest> {
        let mut keys = self.rules.reads(tx, &self.state);
        keys.retain(|key| !self.state.is_known(key));
        keys
    }

    /// Gives the value that the parent state has under a key, or says that it has none.
    pub fn load(&mut self, key: Digest, value: Option<Vec<u8>>) {
        self.state.load(key, value);
    }

    /// Executes the next transaction, whose signature was checked; a refusal becomes its receipt.
    ///
    /// A transaction whose key was never the account's is a stranger's: it leaves no receipt and belongs in no block.
    /// Otherwise anybody could use up the request ids of others.
    pub fn execute(&mut self, tx: &Tx, id: Digest) -> Result<Executed, Missing> {
        let outcome = match self.rules.authenticate(tx, &self.state) {
            Err(Stop::Refused(code)) if is_of_stranger(&code) => return Ok(Executed::Stranger(code)),
            Err(stop) => refusal(stop, None),
            Ok(()) => self.attempt(tx, id),
        };
        match outcome {
            Err(missing) => {
                self.state.drop_writes();
                return Err(missing);
            }
            Ok(Outcome::Applied { .. }) => self.state.keep(),
            Ok(Outcome::Refused(_)) => self.state.drop_writes(),
        }
        let receipt = Receipt {
            number: self.next_receipt(),
            transaction: id,
            account: tx.account,
            request_id: tx.request_id,
            not_after: tx.not_after,
            height: self.context.height,
            time: self.context.time,
            outcome: outcome?,
        };
        self.receipts.push(receipt);
        Ok(Executed::Receipted)
    }

    /// The block's writes and receipts.
    pub fn finish(self) -> Changes {
        Changes { writes: self.state.into_writes(), receipts: self.receipts }
    }

    fn next_receipt(&self) -> u64 {
        self.context.first_receipt + self.receipts.len() as u64
    }

    /// Whether a changed record breaks an invariant, of its module or of all: what is larger could not be stored or proven.
    fn is_broken(&self, write: &Write) -> bool {
        let too_large = write.value.as_ref().is_some_and(|value| value.len() > RECORD_BYTES_MAX);
        too_large || self.rules.check_invariants(write).is_err()
    }

    fn attempt(&mut self, tx: &Tx, id: Digest) -> Result<Outcome, Missing> {
        let ctx = Ctx {
            primitives: self.primitives,
            network: self.context.network,
            height: self.context.height,
            time: self.context.time,
            account: tx.account,
            key: &tx.key,
            transaction: id,
            receipt: self.next_receipt(),
        };
        let mut events = List::default();
        for (index, call) in tx.calls.iter().enumerate() {
            match attempt_call(self.rules, call, &ctx, &mut self.state) {
                Ok(event) => events.push(event).expect("an event for each call fits the list"),
                Err(stop) => return refusal(stop, u32::try_from(index).ok()),
            }
        }
        if self.state.changed().any(|write| self.is_broken(write)) {
            return refusal(TxError::InvariantBroken.into(), None);
        }
        Ok(Outcome::Applied { events })
    }
}

fn attempt_call(
    rules: &dyn Rules,
    call: &tongban_types::transaction::CallBytes,
    ctx: &Ctx,
    state: &mut State,
) -> Result<EventBytes, Stop> {
    let access = rules.access(call).map_err(Stop::Refused)?;
    rules.permit(access, ctx, state)?;
    rules.validate(call).map_err(Stop::Refused)?;
    rules.execute(call, ctx, state)
}

fn is_of_stranger(code: &Code) -> bool {
    *code == TxError::UnknownAccount.code() || *code == TxError::UnknownKey.code()
}

fn refusal(stop: Stop, call: Option<u32>) -> Result<Outcome, Missing> {
    match stop {
        Stop::Missing(missing) => Err(missing),
        Stop::Refused(code) => Ok(Outcome::Refused(Refusal { code, call })),
    }
}

/// The code of a transaction-level refusal.
impl From<TxError> for Code {
    fn from(error: TxError) -> Self {
        error.code()
    }
}
