//! Rules small enough to see through: a notebook in which accounts of the genesis write lines.

use serde::{Deserialize, Serialize};
use tongban_kernel::{Access, Broken, Ctx, Rules, State, Stop, Table, Write};
use tongban_types::genesis::account_of;
use tongban_types::receipt::{Code, EventBytes};
use tongban_types::transaction::CallBytes;
use tongban_types::{AccountId, Digest, Genesis, PublicKey, Tx, codec};

/// What an account may ask for.
#[derive(Serialize, Deserialize)]
pub enum Call {
    /// Write a line under a number that has none.
    Write { number: u64, line: String },
    /// Erase a line.
    Erase { number: u64 },
}

/// The accounts' keys.
pub const ACCOUNTS: Table<AccountId, PublicKey> = Table::new("test/accounts");
/// The lines.
pub const LINES: Table<u64, String> = Table::new("test/lines");

pub struct Notebook;

fn code(name: &str) -> Code {
    Code::new(format!("notebook.{name}")).expect("a short name")
}

fn decode(call: &CallBytes) -> Result<Call, Code> {
    codec::decode(call.as_ref()).map_err(|_| code("malformed"))
}

impl Rules for Notebook {
    fn genesis(&self, genesis: &Genesis, state: &mut State) -> Result<(), Stop> {
        let primitives = tongban_crypto::primitives(genesis.suite);
        for account in &genesis.accounts {
            ACCOUNTS.put(state, &account_of(&account.key, primitives), &account.key);
        }
        Ok(())
    }

    fn authenticate(&self, tx: &Tx, state: &State) -> Result<(), Stop> {
        match ACCOUNTS.get(state, &tx.account)? {
            Some(key) if key == tx.key => Ok(()),
            _ => Err(Stop::Refused(code("unknown_account"))),
        }
    }

    fn validate(&self, call: &CallBytes) -> Result<(), Code> {
        decode(call).map(|_| ())
    }

    fn access(&self, _: &CallBytes) -> Result<Access, Code> {
        Ok(Access::AnyAccount)
    }

    fn cost(&self, _: &CallBytes) -> u32 {
        1
    }

    fn permit(&self, _: Access, _: &CallBytes, _: &Ctx, _: &State) -> Result<(), Stop> {
        Ok(())
    }

    fn reads(&self, tx: &Tx, state: &State) -> Vec<Digest> {
        vec![ACCOUNTS.state_key(state, &tx.account)] // and not the lines, so that loading what is missing is tested
    }

    fn execute(&self, call: &CallBytes, _: &Ctx, state: &mut State) -> Result<EventBytes, Stop> {
        match decode(call).map_err(Stop::Refused)? {
            Call::Write { number, line } => {
                if LINES.get(state, &number)?.is_some() {
                    return Err(Stop::Refused(code("taken")));
                }
                LINES.put(state, &number, &line);
            }
            Call::Erase { number } => LINES.delete(state, &number),
        }
        Ok(EventBytes::default())
    }

    fn check_invariants(&self, _: &Write) -> Result<(), Broken> {
        Ok(())
    }
}
