//! Executing one block: its transactions in order, each of them whole or not at all.

use crate::due::{self, Due};
use crate::{BlockContext, Ctx, Missing, Rules, State, Stop, TxError, Write};
use crate::{error::ModuleError, state::Writes};
use tongban_types::block::BLOCK_ACTS_MAX;
use tongban_types::proof::state::RECORD_BYTES_MAX;
use tongban_types::receipt::{Code, EventBytes};
use tongban_types::{
    AccountId, Digest, Genesis, List, Outcome, Primitives, PublicKey, Receipt, Refusal, RequestId, Tx, domain,
};

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
    /// Receipts of acts that time brought; they stand first.
    acts: u16,
    /// Acts that were looked at, with an effect or not: what bounds a block.
    acts_seen: u16,
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
    /// One receipt for each act that time brought and had an effect, then one for each transaction, in order.
    pub receipts: Vec<Receipt>,
    /// How many of the receipts are of acts.
    pub acts: u16,
}

impl Executor {
    /// Ready to execute the block that `context` describes.
    pub fn new(rules: &'static dyn Rules, primitives: &'static dyn Primitives, context: BlockContext) -> Self {
        Self { rules, primitives, context, state: State::new(primitives), receipts: Vec::new(), acts: 0, acts_seen: 0 }
    }

    /// What happens before the first transaction: block 1 writes what the genesis gives, every other does what time has brought.
    pub fn begin(&mut self, genesis: &Genesis) -> Result<(), Missing> {
        if self.context.height != 1 {
            return self.run_due();
        }
        match self.rules.genesis(genesis, &mut self.state) {
            Ok(()) => {
                due::start(&mut self.state, self.context.time);
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

    fn run_due(&mut self) -> Result<(), Missing> {
        while self.acts_seen < BLOCK_ACTS_MAX {
            let next = due::next(&mut self.state, self.context.time);
            self.state.keep(); // whole days that were passed over stay so, found or missing
            let Some(next) = next? else { break };
            match self.run_act(&next) {
                Ok(outcome) => {
                    self.acts_seen += 1;
                    if let Some(outcome) = outcome {
                        self.acts += 1;
                        self.receipts.push(self.receipt_of_act(outcome));
                    }
                    self.state.keep();
                }
                Err(missing) => {
                    self.state.drop_writes();
                    return Err(missing);
                }
            }
        }
        Ok(())
    }

    /// Does one act. One that is refused, or would break an invariant, is a defect of its module: it is seen on its receipt, leaves no
    /// trace in the records and does not come again, so that nothing waits behind it.
    fn run_act(&mut self, next: &Due) -> Result<Option<Outcome>, Missing> {
        let key = PublicKey::default();
        let ctx = self.ctx(AccountId::LEDGER, &key, self.act_id());
        let outcome = match self.rules.act(&next.act, &ctx, &mut self.state) {
            Ok(_) if self.state.changed().any(|write| self.is_broken(write)) => {
                Some(refusal(TxError::InvariantBroken.into(), None)?)
            }
            Ok(event) => {
                event.map(|event| Outcome::Applied { events: List::new(vec![event]).expect("one event fits the list") })
            }
            Err(stop) => Some(refusal(stop, None)?),
        };
        if matches!(outcome, Some(Outcome::Refused(_))) {
            self.state.drop_writes();
        }
        due::done(&mut self.state, next);
        Ok(outcome)
    }

    /// What stands in place of a transaction's identifier for the next receipt.
    fn act_id(&self) -> Digest {
        self.primitives.hash(&[domain::ACT, &self.context.network.0, &self.next_receipt().to_be_bytes()])
    }

    fn receipt_of_act(&self, outcome: Outcome) -> Receipt {
        let id = self.act_id();
        let mut request_id = [0; RequestId::BYTES];
        request_id.copy_from_slice(&id.0[..RequestId::BYTES]);
        Receipt {
            number: self.next_receipt(),
            transaction: id,
            account: AccountId::LEDGER,
            request_id: RequestId(request_id),
            not_after: self.context.time,
            height: self.context.height,
            time: self.context.time,
            outcome,
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
        Changes { writes: self.state.into_writes(), receipts: self.receipts, acts: self.acts }
    }

    fn next_receipt(&self) -> u64 {
        self.context.first_receipt + self.receipts.len() as u64
    }

    /// Whether a changed record breaks an invariant, of its module or of all: what is larger could not be stored or proven.
    fn is_broken(&self, write: &Write) -> bool {
        let too_large = write.value.as_ref().is_some_and(|value| value.len() > RECORD_BYTES_MAX);
        too_large || self.rules.check_invariants(write).is_err()
    }

    fn ctx<'a>(&self, account: AccountId, key: &'a PublicKey, transaction: Digest) -> Ctx<'a> {
        Ctx {
            primitives: self.primitives,
            network: self.context.network,
            height: self.context.height,
            time: self.context.time,
            account,
            key,
            transaction,
            receipt: self.next_receipt(),
        }
    }

    fn attempt(&mut self, tx: &Tx, id: Digest) -> Result<Outcome, Missing> {
        let ctx = self.ctx(tx.account, &tx.key, id);
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
    rules.permit(access, call, ctx, state)?;
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
