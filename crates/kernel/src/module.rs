//! What a domain module is.

use crate::{Access, Broken, Ctx, ModuleError, Scope, State, Stop, Write};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use tongban_types::Digest;

/// A domain module: its messages and its rules. See `modules/evidence` for the one to copy.
pub trait Module {
    /// The module's name: lower case, the first half of its error codes and table names.
    const NAME: &'static str;
    /// The module's Chinese name, as the portal shows it.
    const NAME_ZH: &'static str;

    /// What accounts can ask for.
    type Call: Serialize + DeserializeOwned + JsonSchema;
    /// The kinds of calls, without their arguments.
    type CallKind: for<'a> From<&'a Self::Call> + Into<&'static str> + strum::IntoEnumIterator + Copy;
    /// What can be asked of the state.
    type Query: Serialize + DeserializeOwned + JsonSchema;
    /// The answers.
    type View: Serialize + DeserializeOwned + JsonSchema;
    /// What has happened.
    type Event: Serialize + DeserializeOwned + JsonSchema;
    /// Why a call is refused.
    type Error: ModuleError;

    /// What a call of this kind asks of its account.
    fn access(kind: Self::CallKind) -> Access;

    /// The department that a call with [`Access::Office`] is about, from the call or from a record that it names. None, which denies it,
    /// where there is none.
    fn scope(_call: &Self::Call, _ctx: &Ctx, _state: &State) -> Result<Option<Scope>, Stop> {
        Ok(None)
    }

    /// What executing a call of this kind costs, where an ordinary one costs 1. Blocks are bounded in cost, so that none takes
    /// longer than its turn; checking a signature costs 20.
    fn cost(_kind: Self::CallKind) -> u32 {
        1
    }

    /// Refuses what is wrong whatever the state is; it sees the call alone.
    fn validate(call: &Self::Call) -> Result<(), Self::Error>;

    /// Keys of records that the call will surely read, so that they can be loaded at once. A hint: results do not depend on it.
    fn reads(call: &Self::Call, state: &State) -> Vec<Digest>;

    /// Carries out a validated call: refuses, or writes and returns the one event.
    fn execute(call: Self::Call, ctx: &Ctx, state: &mut State) -> Result<Self::Event, Stop>;

    /// Answers a question about the state.
    fn query(query: &Self::Query, state: &State) -> Result<Self::View, Stop>;

    /// Checks the module's invariants on one changed record.
    fn check_invariants(write: &Write) -> Result<(), Broken>;
}
