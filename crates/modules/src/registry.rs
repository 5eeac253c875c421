//! The registry: all modules in one enumeration each of calls, queries, views and events, and the [`Rules`] over them.
//!
//! A new module adds one variant to each enumeration (at the end: the place is the wire format) and one arm to each match;
//! the compiler names every place that is forgotten.

use crate::cases::{self, Cases};
use crate::catalogue::{self, Catalogue};
use crate::evidence::{self, Evidence};
use crate::history::{self, History};
use crate::identity::{self, Identity};
use crate::licences::{self, Licences};
use crate::network::{self, Network};
use crate::orgs::{self, Orgs};
use crate::representation::{self, Representation};
use crate::sharing::{self, Sharing};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use tongban_kernel::due::ActBytes;
use tongban_kernel::{
    Access, Broken, Ctx, ErrorSpec, Module, ModuleError, ModuleSpec, Role, Rules, Scope, State, Stop, TxError, Write,
    due, errors_of,
};
use tongban_types::codes::{CaseNumber, LicenceIdentifier};
use tongban_types::receipt::{Code, EventBytes};
use tongban_types::transaction::CallBytes;
use tongban_types::{AccountId, Digest, Genesis, List, Time, Tx, codec};

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
    /// Consent, accesses and corrections.
    Sharing(sharing::Call),
    /// Electronic licences.
    Licences(licences::Call),
    /// Who acts for whom.
    Representation(representation::Call),
    /// Past cases of older systems.
    History(history::Call),
    /// Cases.
    Cases(cases::Call),
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
    /// Consent, accesses and corrections.
    Sharing(sharing::Query),
    /// Electronic licences.
    Licences(licences::Query),
    /// Who acts for whom.
    Representation(representation::Query),
    /// Past cases of older systems.
    History(history::Query),
    /// Cases.
    Cases(cases::Query),
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
    /// Consent, accesses and corrections.
    Sharing(sharing::View),
    /// Electronic licences.
    Licences(licences::View),
    /// Who acts for whom.
    Representation(representation::View),
    /// Past cases of older systems.
    History(history::View),
    /// Cases.
    Cases(cases::View),
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
    /// Consent, accesses and corrections.
    Sharing(sharing::Event),
    /// Electronic licences.
    Licences(licences::Event),
    /// Who acts for whom.
    Representation(representation::Event),
    /// Past cases of older systems.
    History(history::Event),
    /// Cases.
    Cases(cases::Event),
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

    fn read(bytes: &CallBytes) -> Result<Self, TxError> {
        codec::decode(bytes.as_ref()).map_err(|_| TxError::MalformedCall)
    }

    fn access(&self) -> Access {
        match self {
            Self::Network(call) => Network::access(call.into()),
            Self::Identity(call) => Identity::access(call.into()),
            Self::Evidence(call) => Evidence::access(call.into()),
            Self::Catalogue(call) => Catalogue::access(call.into()),
            Self::Orgs(call) => Orgs::access(call.into()),
            Self::Sharing(call) => Sharing::access(call.into()),
            Self::Licences(call) => Licences::access(call.into()),
            Self::Representation(call) => Representation::access(call.into()),
            Self::History(call) => History::access(call.into()),
            Self::Cases(call) => Cases::access(call.into()),
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
            Self::Sharing(call) => Sharing::validate(call).map_err(|error| error.code()),
            Self::Licences(call) => Licences::validate(call).map_err(|error| error.code()),
            Self::Representation(call) => Representation::validate(call).map_err(|error| error.code()),
            Self::History(call) => History::validate(call).map_err(|error| error.code()),
            Self::Cases(call) => Cases::validate(call).map_err(|error| error.code()),
        }
    }

    fn scope(&self, ctx: &Ctx, state: &State) -> Result<Option<Scope>, Stop> {
        match self {
            Self::Network(call) => Network::scope(call, ctx, state),
            Self::Identity(call) => Identity::scope(call, ctx, state),
            Self::Evidence(call) => Evidence::scope(call, ctx, state),
            Self::Catalogue(call) => Catalogue::scope(call, ctx, state),
            Self::Orgs(call) => Orgs::scope(call, ctx, state),
            Self::Sharing(call) => Sharing::scope(call, ctx, state),
            Self::Licences(call) => Licences::scope(call, ctx, state),
            Self::Representation(call) => Representation::scope(call, ctx, state),
            Self::History(call) => History::scope(call, ctx, state),
            Self::Cases(call) => Cases::scope(call, ctx, state),
        }
    }

    fn cost(&self) -> u32 {
        match self {
            Self::Network(call) => Network::cost(call.into()),
            Self::Identity(call) => Identity::cost(call.into()),
            Self::Evidence(call) => Evidence::cost(call.into()),
            Self::Catalogue(call) => Catalogue::cost(call.into()),
            Self::Orgs(call) => Orgs::cost(call.into()),
            Self::Sharing(call) => Sharing::cost(call.into()),
            Self::Licences(call) => Licences::cost(call.into()),
            Self::Representation(call) => Representation::cost(call.into()),
            Self::History(call) => History::cost(call.into()),
            Self::Cases(call) => Cases::cost(call.into()),
        }
    }

    fn reads(&self, state: &State) -> Vec<Digest> {
        match self {
            Self::Network(call) => Network::reads(call, state),
            Self::Identity(call) => Identity::reads(call, state),
            Self::Evidence(call) => Evidence::reads(call, state),
            Self::Catalogue(call) => Catalogue::reads(call, state),
            Self::Orgs(call) => Orgs::reads(call, state),
            Self::Sharing(call) => Sharing::reads(call, state),
            Self::Licences(call) => Licences::reads(call, state),
            Self::Representation(call) => Representation::reads(call, state),
            Self::History(call) => History::reads(call, state),
            Self::Cases(call) => Cases::reads(call, state),
        }
    }

    fn execute(self, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
        Ok(match self {
            Self::Network(call) => Event::Network(Network::execute(call, ctx, state)?),
            Self::Identity(call) => Event::Identity(Identity::execute(call, ctx, state)?),
            Self::Evidence(call) => Event::Evidence(Evidence::execute(call, ctx, state)?),
            Self::Catalogue(call) => Event::Catalogue(Catalogue::execute(call, ctx, state)?),
            Self::Orgs(call) => Event::Orgs(Orgs::execute(call, ctx, state)?),
            Self::Sharing(call) => Event::Sharing(Sharing::execute(call, ctx, state)?),
            Self::Licences(call) => Event::Licences(Licences::execute(call, ctx, state)?),
            Self::Representation(call) => Event::Representation(Representation::execute(call, ctx, state)?),
            Self::Cases(call) => Event::Cases(Cases::execute(call, ctx, state)?),
            Self::History(call) => Event::History(History::execute(call, ctx, state)?),
        })
    }
}

/// What time brings, of any module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// Accounts and keys.
    Identity(identity::Act),
    /// Consent, accesses and corrections.
    Sharing(sharing::Act),
    /// Cases.
    Cases(cases::Act),
}

impl Act {
    /// The act as it is put down for its time.
    ///
    /// # Panics
    ///
    /// Never: an act holds the identifier of a record and little more.
    pub fn to_bytes(&self) -> ActBytes {
        ActBytes::new(codec::encode(self)).expect("every act fits its bounds")
    }

    fn run(self, ctx: &Ctx, state: &mut State) -> Result<Option<Event>, Stop> {
        Ok(match self {
            Self::Identity(act) => identity::act(act, ctx, state)?.map(Event::Identity),
            Self::Sharing(act) => sharing::act(act, ctx, state)?.map(Event::Sharing),
            Self::Cases(act) => cases::act(act, ctx, state)?.map(Event::Cases),
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
            Self::Sharing(query) => View::Sharing(Sharing::query(query, state)?),
            Self::Licences(query) => View::Licences(Licences::query(query, state)?),
            Self::Representation(query) => View::Representation(Representation::query(query, state)?),
            Self::History(query) => View::History(History::query(query, state)?),
            Self::Cases(query) => View::Cases(Cases::query(query, state)?),
        })
    }
}

impl View {
    /// The answer as one reads it at a time, that of the block at which it is true.
    pub fn seen_at(self, now: Time) -> Self {
        match self {
            Self::Licences(view) => Self::Licences(view.seen_at(now)),
            Self::Network(_)
            | Self::Identity(_)
            | Self::Evidence(_)
            | Self::Catalogue(_)
            | Self::Orgs(_)
            | Self::Sharing(_)
            | Self::Representation(_)
            | Self::History(_)
            | Self::Cases(_) => self,
        }
    }
}

/// The descriptions of all modules, in the order of the enumerations. They are derived from types, which takes some time, so once only.
pub fn specs() -> Vec<ModuleSpec> {
    static SPECS: LazyLock<Vec<ModuleSpec>> = LazyLock::new(|| {
        vec![
            ModuleSpec::of::<Network>(),
            ModuleSpec::of::<Identity>(),
            ModuleSpec::of::<Evidence>(),
            ModuleSpec::of::<Catalogue>(),
            ModuleSpec::of::<Orgs>(),
            ModuleSpec::of::<Sharing>(),
            ModuleSpec::of::<Licences>(),
            ModuleSpec::of::<Representation>(),
            ModuleSpec::of::<History>(),
            ModuleSpec::of::<Cases>(),
        ]
    });
    SPECS.clone()
}

/// What a code on a receipt means. Asked for every refusal, so it looks nothing up twice.
pub fn explain(code: &str) -> Option<ErrorSpec> {
    static ERRORS: LazyLock<BTreeMap<String, ErrorSpec>> = LazyLock::new(|| {
        let of_modules = specs().into_iter().flat_map(|spec| spec.errors);
        let errors = of_modules.chain(errors_of::<TxError>());
        errors.map(|error| (error.code.to_string(), error)).collect()
    });
    ERRORS.get(code).cloned()
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
        Call::read(call)?.validate()
    }

    fn access(&self, call: &CallBytes) -> Result<Access, Code> {
        Ok(Call::read(call)?.access())
    }

    fn cost(&self, call: &CallBytes) -> u32 {
        Call::read(call).map_or(1, |call| call.cost())
    }

    fn permit(&self, access: Access, call: &CallBytes, ctx: &Ctx, state: &State) -> Result<(), Stop> {
        let permitted = match access {
            Access::AnyAccount => true,
            Access::Role(role) => identity::has_role(state, &ctx.account, role)?,
            Access::Office(role) => match Call::read(call)?.scope(ctx, state)? {
                Some(scope) => is_officer(&ctx.account, role, &scope, ctx.time, state)?,
                None => false,
            },
        };
        if permitted { Ok(()) } else { Err(TxError::Denied.into()) }
    }

    fn reads(&self, tx: &Tx, state: &State) -> Vec<Digest> {
        let mut keys = vec![identity::state_key(state, &tx.account)];
        for call in &tx.calls {
            if let Ok(call) = Call::read(call) {
                keys.extend(call.reads(state));
            }
        }
        keys
    }

    fn execute(&self, call: &CallBytes, ctx: &Ctx, state: &mut State) -> Result<EventBytes, Stop> {
        let call = Call::read(call)?;
        let event = call.execute(ctx, state)?;
        Ok(EventBytes::new(codec::encode(&event)).expect("every event fits its bounds"))
    }

    fn act(&self, act: &ActBytes, ctx: &Ctx, state: &mut State) -> Result<Option<EventBytes>, Stop> {
        let act = codec::decode::<Act>(act.as_ref()).map_err(|_| TxError::MalformedCall)?;
        let event = act.run(ctx, state)?;
        Ok(event.map(|event| EventBytes::new(codec::encode(&event)).expect("every event fits its bounds")))
    }

    fn check_invariants(&self, write: &Write) -> Result<(), Broken> {
        match write.table.split('/').next() {
            Some(Network::NAME) => Network::check_invariants(write),
            Some(Identity::NAME) => Identity::check_invariants(write),
            Some(Evidence::NAME) => Evidence::check_invariants(write),
            Some(Catalogue::NAME) => Catalogue::check_invariants(write),
            Some(Orgs::NAME) => Orgs::check_invariants(write),
            Some(Sharing::NAME) => Sharing::check_invariants(write),
            Some(Licences::NAME) => Licences::check_invariants(write),
            Some(Representation::NAME) => Representation::check_invariants(write),
            Some(Cases::NAME) => Cases::check_invariants(write),
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
    /// A consent.
    Consent(Box<sharing::Consent>),
    /// Consents that can still be used.
    ConsentCandidates(sharing::Candidates),
    /// An access.
    Access(Box<sharing::Access>),
    /// A correction request.
    Correction(Box<sharing::Correction>),
    /// The open correction request about a field.
    OpenCorrection(tongban_types::CorrectionId),
    /// The time that departments have.
    SharingTerms(sharing::Terms),
    /// A type of licence.
    LicenceType(Box<licences::TypeEntry>),
    /// A version of a type of licence.
    LicenceTypeVersion(Box<licences::TypeVersion>),
    /// A licence.
    Licence(Box<licences::Licence>),
    /// The last version of a licence's serial.
    LicenceSerial(u32),
    /// The licences of a type that somebody holds.
    LicencesHeld(tongban_types::List<LicenceIdentifier, { licences::HELD_MAX }>),
    /// The licence that was issued in a case.
    LicenceOfCase(LicenceIdentifier),
    /// Whose an account is.
    Holder(identity::Holder),
    /// The account that a pseudonym or a code belongs to.
    Bound(AccountId),
    /// The recovery of an account.
    Recovery(Box<identity::Recovery>),
    /// The authority of a department to establish identities.
    Authority(identity::Authority),
    /// What holds for recoveries.
    Policy(identity::Policy),
    /// The legal representatives of an organisation.
    Representatives(representation::Representatives),
    /// The guardians of a person.
    Guardians(representation::Guardians),
    /// An agency.
    Agency(Box<representation::Agency>),
    /// The agencies between two accounts.
    Agencies(representation::Numbers),
    /// A case.
    Case(Box<cases::Case>),
    /// What was filed for a case.
    Filing(Box<crate::case_records::Filing>),
    /// A step of a case that was done.
    Step(Box<crate::case_records::StepRecord>),
    /// How many cases were filed on a day.
    Sequence(u64),
    /// Days and cards of a division.
    Rules(cases::Rules),
    /// That an applicant once broke a promise.
    BrokenPromise(Box<crate::case_records::BrokenPromises>),
    /// What an administrator has prepared for another's approval.
    Proposal(Box<orgs::Proposal>),
    /// A past case.
    PastCase(Box<history::PastCase>),
    /// Steps of a past case.
    PastSteps(crate::case_history::Steps),
    /// The case in which the law has renewed a licence.
    DeemedRenewal(CaseNumber),
    /// What one officer has recorded of an account, for another's confirmation.
    AccountProposal(Box<identity::Proposal>),
    /// The annotated copies of a licence.
    LicenceCopies(Box<licences::Copies>),
    /// The last request to cancel a licence.
    LicenceSurrender(Box<licences::Surrender>),
    /// How many departments may establish identities.
    AuthorityCount(u32),
    /// Who administers the estate of a person who died.
    Estate(representation::Estate),
    /// A paper that was given.
    Paper(crate::case_papers::Paper),
    /// A yellow or red card.
    Supervision(Box<crate::case_papers::Supervision>),
    /// What a body had used up that led a case before.
    Led(Box<crate::case_papers::Led>),
    /// A version of an item that one officer has proposed for another's approval.
    ItemProposal(Box<catalogue::Proposal>),
    /// The open proposals of an item.
    ItemProposals(catalogue::Agenda),
    /// An officer who was offered to a department of another tree.
    TransferOffer(orgs::Offer),
    /// What has become of a division.
    DivisionHistory(crate::divisions::DivisionHistory),
    /// Which department is responsible for a division.
    Responsibility(orgs::Responsibility),
    /// The accounts that went into another one.
    Predecessors(List<AccountId, { identity::PREDECESSORS_MAX }>),
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
        name if name == identity::HOLDERS.name() => codec::decode(bytes).ok().map(Record::Holder),
        name if name == identity::PSEUDONYMS.name() || name == identity::COMPANIES.name() => {
            codec::decode(bytes).ok().map(Record::Bound)
        }
        name if name == identity::RECOVERIES.name() => codec::decode(bytes).ok().map(Record::Recovery),
        name if name == identity::AUTHORITIES.name() => codec::decode(bytes).ok().map(Record::Authority),
        name if name == identity::PROPOSALS.name() => codec::decode(bytes).ok().map(Record::AccountProposal),
        name if name == identity::POLICY.name() => codec::decode(bytes).ok().map(Record::Policy),
        name if name == representation::REPRESENTATIVES.name() => {
            codec::decode(bytes).ok().map(Record::Representatives)
        }
        name if name == representation::GUARDIANS.name() => codec::decode(bytes).ok().map(Record::Guardians),
        name if name == representation::AGENCIES.name() => codec::decode(bytes).ok().map(Record::Agency),
        name if name == identity::AUTHORITY_COUNT.name() => codec::decode(bytes).ok().map(Record::AuthorityCount),
        name if name == identity::PREDECESSORS.name() => codec::decode(bytes).ok().map(Record::Predecessors),
        name if name == representation::ESTATES.name() => codec::decode(bytes).ok().map(Record::Estate),
        name if name == representation::BETWEEN.name() => codec::decode(bytes).ok().map(Record::Agencies),
        name if name == orgs::DEPARTMENTS.name() => codec::decode(bytes).ok().map(Record::Department),
        name if name == orgs::OFFICERS.name() || name == orgs::PAST_APPOINTMENTS.name() => {
            codec::decode(bytes).ok().map(Record::Appointment)
        }
        name if name == sharing::CONSENTS.name() => codec::decode(bytes).ok().map(Record::Consent),
        name if name == sharing::CANDIDATES.name() => codec::decode(bytes).ok().map(Record::ConsentCandidates),
        name if name == sharing::ACCESSES.name() => codec::decode(bytes).ok().map(Record::Access),
        name if name == sharing::CORRECTIONS.name() => codec::decode(bytes).ok().map(Record::Correction),
        name if name == sharing::OPEN_CORRECTIONS.name() => codec::decode(bytes).ok().map(Record::OpenCorrection),
        name if name == sharing::TERMS.name() => codec::decode(bytes).ok().map(Record::SharingTerms),
        name if name == licences::TYPES.name() => codec::decode(bytes).ok().map(Record::LicenceType),
        name if name == licences::TYPE_VERSIONS.name() => codec::decode(bytes).ok().map(Record::LicenceTypeVersion),
        name if name == licences::LICENCES.name() => codec::decode(bytes).ok().map(Record::Licence),
        name if name == licences::SERIALS.name() => codec::decode(bytes).ok().map(Record::LicenceSerial),
        name if name == licences::HELD.name() => codec::decode(bytes).ok().map(Record::LicencesHeld),
        name if name == licences::CASES.name() => codec::decode(bytes).ok().map(Record::LicenceOfCase),
        name if name == licences::COPIES.name() => codec::decode(bytes).ok().map(Box::new).map(Record::LicenceCopies),
        name if name == licences::SURRENDERS.name() => {
            codec::decode(bytes).ok().map(Box::new).map(Record::LicenceSurrender)
        }
        name if name == cases::CASES.name() => codec::decode(bytes).ok().map(Record::Case),
        name if name == cases::FILINGS.name() => codec::decode(bytes).ok().map(Record::Filing),
        name if name == cases::STEPS.name() => codec::decode(bytes).ok().map(Record::Step),
        name if name == cases::SEQUENCES.name() || name == cases::PAPER_SEQUENCES.name() => {
            codec::decode(bytes).ok().map(Record::Sequence)
        }
        name if name == cases::PAPERS.name() => codec::decode(bytes).ok().map(Record::Paper),
        name if name == cases::SUPERVISIONS.name() => codec::decode(bytes).ok().map(Record::Supervision),
        name if name == cases::LED.name() => codec::decode(bytes).ok().map(Record::Led),
        name if name == cases::RULES.name() => codec::decode(bytes).ok().map(Record::Rules),
        name if name == cases::BROKEN_PROMISES.name() => codec::decode(bytes).ok().map(Record::BrokenPromise),
        name if name == cases::DEEMED_RENEWALS.name() => codec::decode(bytes).ok().map(Record::DeemedRenewal),
        name if name == orgs::PROPOSALS.name() => codec::decode(bytes).ok().map(Record::Proposal),
        name if name == catalogue::PROPOSALS.name() => codec::decode(bytes).ok().map(Record::ItemProposal),
        name if name == catalogue::AGENDAS.name() => codec::decode(bytes).ok().map(Record::ItemProposals),
        name if name == orgs::OFFERS.name() => codec::decode(bytes).ok().map(Record::TransferOffer),
        name if name == orgs::DIVISIONS.name() => codec::decode(bytes).ok().map(Record::DivisionHistory),
        name if name == orgs::RESPONSIBILITIES.name() => codec::decode(bytes).ok().map(Record::Responsibility),
        name if name == history::CASES.name() => codec::decode(bytes).ok().map(|case| Record::PastCase(Box::new(case))),
        name if name == history::STEPS.name() => codec::decode(bytes).ok().map(Record::PastSteps),
        _ => None,
    }
}
