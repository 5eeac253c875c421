//! The registry: all modules in one enumeration each of calls, queries, views and events, and the [`Rules`] over them.
//!
//! A new module adds one variant to each enumeration (at the end: the place is the wire format) and one arm to each match;
//! the compiler names every place that is forgotten.

use crate::catalogue::{self, Catalogue};
use crate::evidence::{self, Evidence};
use crate::history::{self, History};
use crate::identity::{self, Identity};
use crate::network::{self, Network};
use crate::orgs::{self, Orgs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_kernel::{
    Access, Broken, Ctx, ErrorSpec, Module, ModuleError, ModuleSpec, Role, Rules, Scope, State, Stop, TxError, Write,
    due, errors_of,
};
use tongban_types::receipt::{Code, EventBytes};
use tongban_types::transaction::CallBytes;
use tongban_types::{AccountId, Digest, Genesis, Time, Tx, codec};

/// A call of any module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// The network itself.
    Network(network::Call),
    /// Accounts and keys.
    Identity(identity::Call),
    /// Electronic evidence.
    Evidence(evidence::Call),
    /// Service items.
    Catalogue(catalogue::Call),
    /// Departments, officers and rights.
    Orgs(orgs::Call),
    /// Past cases of older systems.
    History(history::Call),
}

/// A question to any module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Query {
    /// The network itself.
    Network(network::Query),
    /// Accounts and keys.
    Identity(identity::Query),
    /// Electronic evidence.
    Evidence(evidence::Query),
    /// Service items.
    Catalogue(catalogue::Query),
    /// Departments, officers and rights.
    Orgs(orgs::Query),
    /// Past cases of older systems.
    History(history::Query),
}

/// An answer of any module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// The network itself.
    Network(network::View),
    /// Accounts and keys.
    Identity(identity::View),
    /// Electronic evidence.
    Evidence(evidence::View),
    /// Service items.
    Catalogue(catalogue::View),
    /// Departments, officers and rights.
    Orgs(orgs::View),
    /// Past cases of older systems.
    History(history::View),
}

/// An event of any module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The network itself.
    Network(network::Event),
    /// Accounts and keys.
    Identity(identity::Event),
    /// Electronic evidence.
    Evidence(evidence::Event),
    /// Service items.
    Catalogue(catalogue::Event),
    /// Departments, officers and rights.
    Orgs(orgs::Event),
    /// Past cases of older systems.
    History(history::Event),
}

impl Call {
    /// The call as a transaction carries it.
    ///
    /// # Panics
    ///
    /// Never: the bounds in the modules' types keep every call below the limit; a test checks the largest.
    pub fn to_bytes(&self) -> CallBytes {
        CallBytes::new(codec::encode(self)).expect("every call fits its bounds")
    }

    fn decode(bytes: &CallBytes) -> Result<Self, TxError> {
        codec::decode(bytes.as_ref()).map_err(|_| TxError::MalformedCall)
    }

    fn access(&self) -> Access {
        match self {
            Self::Network(call) => Network::access(call.into()),
            Self::Identity(call) => Identity::access(call.into()),
            Self::Evidence(call) => Evidence::access(call.into()),
            Self::Catalogue(call) => Catalogue::access(call.into()),
            Self::Orgs(call) => Orgs::access(call.into()),
            Self::History(call) => History::access(call.into()),
        }
    }

    /// Refuses a call that is wrong whatever the state is.
    pub fn validate(&self) -> Result<(), Code> {
        match self {
            Self::Network(call) => Network::validate(call).map_err(|error| error.code()),
            Self::Identity(call) => Identity::validate(call).map_err(|error| error.code()),
            Self::Evidence(call) => Evidence::validate(call).map_err(|error| error.code()),
            Self::Catalogue(call) => Catalogue::validate(call).map_err(|error| error.code()),
            Self::Orgs(call) => Orgs::validate(call).map_err(|error| error.code()),
            Self::History(call) => History::validate(call).map_err(|error| error.code()),
        }
    }

    fn scope(&self, ctx: &Ctx, state: &State) -> Result<Option<Scope>, Stop> {
        match self {
            Self::Network(call) => Network::scope(call, ctx, state),
            Self::Identity(call) => Identity::scope(call, ctx, state),
            Self::Evidence(call) => Evidence::scope(call, ctx, state),
            Self::Catalogue(call) => Catalogue::scope(call, ctx, state),
            Self::Orgs(call) => Orgs::scope(call, ctx, state),
            Self::History(call) => History::scope(call, ctx, state),
        }
    }

    fn cost(&self) -> u32 {
        match self {
            Self::Network(call) => Network::cost(call.into()),
            Self::Identity(call) => Identity::cost(call.into()),
            Self::Evidence(call) => Evidence::cost(call.into()),
            Self::Catalogue(call) => Catalogue::cost(call.into()),
            Self::Orgs(call) => Orgs::cost(call.into()),
            Self::History(call) => History::cost(call.into()),
        }
    }

    fn reads(&self, state: &State) -> Vec<Digest> {
        match self {
            Self::Network(call) => Network::reads(call, state),
            Self::Identity(call) => Identity::reads(call, state),
            Self::Evidence(call) => Evidence::reads(call, state),
            Self::Catalogue(call) => Catalogue::reads(call, state),
            Self::Orgs(call) => Orgs::reads(call, state),
            Self::History(call) => History::reads(call, state),
        }
    }

    fn execute(self, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
        Ok(match self {
            Self::Network(call) => Event::Network(Network::execute(call, ctx, state)?),
            Self::Identity(call) => Event::Identity(Identity::execute(call, ctx, state)?),
            Self::Evidence(call) => Event::Evidence(Evidence::execute(call, ctx, state)?),
            Self::Catalogue(call) => Event::Catalogue(Catalogue::execute(call, ctx, state)?),
            Self::Orgs(call) => Event::Orgs(Orgs::execute(call, ctx, state)?),
            Self::History(call) => Event::History(History::execute(call, ctx, state)?),
        })
    }
}

impl Query {
    /// Answers the question from the state.
    pub fn answer(&self, state: &State) -> Result<View, Stop> {
        Ok(match self {
            Self::Network(query) => View::Network(Network::query(query, state)?),
            Self::Identity(query) => View::Identity(Identity::query(query, state)?),
            Self::Evidence(query) => View::Evidence(Evidence::query(query, state)?),
            Self::Catalogue(query) => View::Catalogue(Catalogue::query(query, state)?),
            Self::Orgs(query) => View::Orgs(Orgs::query(query, state)?),
            Self::History(query) => View::History(History::query(query, state)?),
        })
    }
}

/// The descriptions of all modules, in the order of the enumerations.
pub fn specs() -> Vec<ModuleSpec> {
    vec![
        ModuleSpec::of::<Network>(),
        ModuleSpec::of::<Identity>(),
        ModuleSpec::of::<Evidence>(),
        ModuleSpec::of::<Catalogue>(),
        ModuleSpec::of::<Orgs>(),
        ModuleSpec::of::<History>(),
    ]
}

/// What a code on a receipt means.
pub fn explain(code: &str) -> Option<ErrorSpec> {
    let of_modules = specs().into_iter().flat_map(|spec| spec.errors);
    errors_of::<TxError>().into_iter().chain(of_modules).find(|error| &*error.code == code)
}

/// Whether an account holds a role in a department at a time, himself or as a deputy.
fn is_officer(account: &AccountId, role: Role, scope: &Scope, at: Time, state: &State) -> Result<bool, Stop> {
    Ok(orgs::standing(state, account, role, scope, at)?.is_some())
}

/// The rules of this program.
pub const RULES: &dyn Rules = &Registry;

struct Registry;

impl Rules for Registry {
    fn genesis(&self, genesis: &Genesis, state: &mut State) -> Result<(), Stop> {
        network::genesis(genesis, state)?;
        identity::genesis(genesis, state.primitives(), state)
    }

    fn authenticate(&self, tx: &Tx, state: &State) -> Result<(), Stop> {
        identity::authenticate(tx, state)
    }

    fn validate(&self, call: &CallBytes) -> Result<(), Code> {
        Call::decode(call)?.validate()
    }

    fn access(&self, call: &CallBytes) -> Result<Access, Code> {
        Ok(Call::decode(call)?.access())
    }

    fn cost(&self, call: &CallBytes) -> u32 {
        Call::decode(call).map_or(1, |call| call.cost())
    }

    fn permit(&self, access: Access, call: &CallBytes, ctx: &Ctx, state: &State) -> Result<(), Stop> {
        let permitted = match access {
            Access::AnyAccount => true,
            Access::Role(role) => identity::has_role(state, &ctx.account, role)?,
            Access::Office(role) => match Call::decode(call)?.scope(ctx, state)? {
                Some(scope) => is_officer(&ctx.account, role, &scope, ctx.time, state)?,
                None => false,
            },
        };
        if permitted { Ok(()) } else { Err(TxError::Denied.into()) }
    }

    fn reads(&self, tx: &Tx, state: &State) -> Vec<Digest> {
        let mut keys = vec![identity::state_key(state, &tx.account)];
        for call in &tx.calls {
            if let Ok(call) = Call::decode(call) {
                keys.extend(call.reads(state));
            }
        }
        keys
    }

    fn execute(&self, call: &CallBytes, ctx: &Ctx, state: &mut State) -> Result<EventBytes, Stop> {
        let call = Call::decode(call)?;
        let event = call.execute(ctx, state)?;
        Ok(EventBytes::new(codec::encode(&event)).expect("every event fits its bounds"))
    }

    fn check_invariants(&self, write: &Write) -> Result<(), Broken> {
        match write.table.split('/').next() {
            Some(Network::NAME) => Network::check_invariants(write),
            Some(Identity::NAME) => Identity::check_invariants(write),
            Some(Evidence::NAME) => Evidence::check_invariants(write),
            Some(Catalogue::NAME) => Catalogue::check_invariants(write),
            Some(Orgs::NAME) => Orgs::check_invariants(write),
            Some(History::NAME) => History::check_invariants(write),
            Some(due::TABLES) => Ok(()),
            _ => Err(Broken { table: write.table, invariant: "a table's name begins with its module's" }),
        }
    }
}

/// A record of any table, decoded for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// The members of the network.
    Members(network::Members),
    /// Limits and clocks.
    Parameters(tongban_types::genesis::Parameters),
    /// The calendar of a year.
    Calendar(network::Calendar),
    /// An account.
    Account(identity::Account),
    /// The account that a key belongs to.
    Key(tongban_types::AccountId),
    /// An evidence record.
    Evidence(Box<evidence::Record>),
    /// A service item.
    Item(Box<catalogue::Entry>),
    /// A version of a service item.
    ItemVersion(Box<catalogue::Version>),
    /// A department.
    Department(Box<orgs::Department>),
    /// An appointment of an officer, present or past.
    Appointment(Box<orgs::Appointment>),
    /// What an administrator has prepared for another's approval.
    Proposal(Box<orgs::Proposal>),
    /// A past case.
    PastCase(Box<history::PastCase>),
    /// Steps of a past case.
    PastSteps(crate::case_history::Steps),
}

/// Decodes a record of the authenticated state; none for a table of no module, or bytes that are no record of it.
pub fn decode_record(table: &str, bytes: &[u8]) -> Option<Record> {
    match table {
        name if name == network::MEMBERS.name() => codec::decode(bytes).ok().map(Record::Members),
        name if name == network::PARAMETERS.name() => codec::decode(bytes).ok().map(Record::Parameters),
        name if name == network::CALENDARS.name() => codec::decode(bytes).ok().map(Record::Calendar),
        name if name == identity::ACCOUNTS.name() => codec::decode(bytes).ok().map(Record::Account),
        name if name == identity::KEYS.name() => codec::decode(bytes).ok().map(Record::Key),
        name if name == evidence::RECORDS.name() => codec::decode(bytes).ok().map(Record::Evidence),
        name if name == catalogue::ITEMS.name() => codec::decode(bytes).ok().map(Record::Item),
        name if name == catalogue::VERSIONS.name() => codec::decode(bytes).ok().map(Record::ItemVersion),
        name if name == orgs::DEPARTMENTS.name() => codec::decode(bytes).ok().map(Record::Department),
        name if name == orgs::OFFICERS.name() || name == orgs::PAST_APPOINTMENTS.name() => {
            codec::decode(bytes).ok().map(Record::Appointment)
        }
        name if name == orgs::PROPOSALS.name() => codec::decode(bytes).ok().map(Record::Proposal),
        name if name == history::CASES.name() => codec::decode(bytes).ok().map(|case| Record::PastCase(Box::new(case))),
        name if name == history::STEPS.name() => codec::decode(bytes).ok().map(Record::PastSteps),
        _ => None,
    }
}
