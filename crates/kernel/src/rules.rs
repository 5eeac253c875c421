//! The set of modules of a program, as the kernel and the ledger see it.

use crate::due::ActBytes;
use crate::{Access, Broken, Ctx, State, Stop, TxError, Write};
use tongban_types::receipt::{Code, EventBytes};
use tongban_types::transaction::CallBytes;
use tongban_types::{Digest, Genesis, Tx};

/// All modules behind one object. The crate `modules` has the one implementation; the ledger is compiled without it, so that
/// editing a module does not rebuild the engine's wiring.
pub trait Rules: Send + Sync {
    /// Writes what the genesis gives: members, accounts, roles.
    fn genesis(&self, genesis: &Genesis, state: &mut State) -> Result<(), Stop>;

    /// Refuses a transaction whose account or key may not act now.
    fn authenticate(&self, tx: &Tx, state: &State) -> Result<(), Stop>;

    /// Refuses a call that is wrong whatever the state is. Used before a transaction is accepted from outside.
    fn validate(&self, call: &CallBytes) -> Result<(), Code>;

    /// What the call asks of its account.
    fn access(&self, call: &CallBytes) -> Result<Access, Code>;

    /// What executing the call costs, where an ordinary one costs 1; also 1 for what is no call.
    fn cost(&self, call: &CallBytes) -> u32;

    /// Refuses a call that the account's roles do not cover.
    fn permit(&self, access: Access, call: &CallBytes, ctx: &Ctx, state: &State) -> Result<(), Stop>;

    /// Keys of records that the transaction will surely read; a hint.
    fn reads(&self, tx: &Tx, state: &State) -> Vec<Digest>;

    /// Carries out one call and returns its event.
    fn execute(&self, call: &CallBytes, ctx: &Ctx, state: &mut State) -> Result<EventBytes, Stop>;

    /// Does what time brings, see [`due`](crate::due). No event where the matter has been settled otherwise in the meantime.
    fn act(&self, _act: &ActBytes, _ctx: &Ctx, _state: &mut State) -> Result<Option<EventBytes>, Stop> {
        Err(TxError::MalformedCall.into())
    }

    /// Checks the invariants of the module that owns a changed record.
    fn check_invariants(&self, write: &Write) -> Result<(), Broken>;
}
