//! What is still to be done for an organisation file: pure, from the file and from what the ledger knows.

use super::file::{Department, Officer, Organisation};
use super::keys::Keys;
use std::collections::{BTreeMap, BTreeSet};
use tongban_crypto::primitives;
use tongban_kernel::Role;
use tongban_modules::Call;
use tongban_modules::identity::{self, AccountKind, possession_message};
use tongban_modules::orgs::{self, Appointment, DepartmentCode, Position, Profile, Right};
use tongban_types::genesis::account_of;
use tongban_types::{AccountId, Digest, Time};

/// How long the first administrator's term goes beyond all others: nobody can give rights beyond his own.
const ADMINISTRATOR_MARGIN_MILLIS: u64 = 24 * 60 * 60 * 1000;

/// What the ledger knows of the file's contents.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Accounts that are open.
    pub accounts: BTreeSet<AccountId>,
    /// Departments that are registered.
    pub departments: BTreeSet<DepartmentCode>,
    /// Appointments that have not ended.
    pub appointments: BTreeMap<(DepartmentCode, AccountId), Appointment>,
    /// The ledger's time.
    pub time: Time,
}

/// Calls by who has to sign them; each part needs the one before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// By the registrar: accounts.
    pub by_registrar: Vec<Call>,
    /// By the network's administrator: the government and its first administrator.
    pub by_administrator: Vec<Call>,
    /// By the government's administrator: departments, officers, rights.
    pub by_government: Vec<Call>,
}

/// The account of a key.
pub fn account(keys: &Keys, name: &str) -> AccountId {
    let key = &keys[name];
    account_of(&key.public_key(), primitives(key.suite()))
}

/// What is still to be done. `keys` has a key for each name in the file.
pub fn plan(organisation: &Organisation, keys: &Keys, network: &Digest, known: &Known) -> Plan {
    let mut plan = Plan::default();
    for name in organisation.keys() {
        if !known.accounts.contains(&account(keys, name)) {
            plan.by_registrar.push(open_account(keys, name, network));
        }
    }
    let government = &organisation.government;
    if !known.departments.contains(&government.code) {
        let profile = Profile {
            name: government.name.clone(),
            short_name: government.short_name.clone(),
            division: government.division,
            host: None,
        };
        plan.by_administrator.push(Call::Orgs(orgs::Call::RegisterDepartment { department: government.code, profile }));
        plan.by_administrator.push(Call::Orgs(orgs::Call::NameAdministrator {
            department: government.code,
            account: account(keys, &government.administrator.key),
            office: government.administrator.office.clone(),
            until: organisation.until.plus_millis(ADMINISTRATOR_MARGIN_MILLIS),
        }));
    }
    let is_new = |department: &&Department| !known.departments.contains(&department.code);
    plan.by_government.extend(organisation.departments.iter().filter(is_new).map(|new| register(organisation, new)));
    for (department, officer) in organisation.offices() {
        let account = account(keys, &officer.key);
        let appointment = known.appointments.get(&(department, account));
        plan.by_government.extend(calls_for(department, officer, account, appointment, organisation.until, known));
    }
    plan
}

fn open_account(keys: &Keys, name: &str, network: &Digest) -> Call {
    let secret = &keys[name];
    let key = secret.public_key();
    let possession = secret.sign(&possession_message(network, &account(keys, name), &key));
    Call::Identity(identity::Call::OpenAccount { kind: AccountKind::Person, name: None, key, possession })
}

fn register(organisation: &Organisation, department: &Department) -> Call {
    let profile = Profile {
        name: department.name.clone(),
        short_name: department.short_name.clone(),
        division: department.division.unwrap_or(organisation.government.division),
        host: department.host.clone(),
    };
    let parent = department.parent.unwrap_or(organisation.government.code);
    Call::Orgs(orgs::Call::RegisterSubordinate { parent, department: department.code, profile })
}

fn calls_for(
    department: DepartmentCode,
    officer: &Officer,
    account: AccountId,
    appointment: Option<&Appointment>,
    until: Time,
    known: &Known,
) -> Vec<Call> {
    let mut calls = Vec::new();
    if appointment.is_none() {
        let position = Position {
            office: officer.office.clone(),
            posts: officer.posts.clone(),
            staff_number: officer.staff_number.clone(),
        };
        calls.push(Call::Orgs(orgs::Call::Appoint { department, account, position }));
    }
    let is_held = |role: &Role| {
        appointment.is_some_and(|appointment| {
            let mut grants = appointment.grants.iter();
            grants.any(|grant| grant.role == *role && grant.withdrawn.is_none() && grant.term.covers(known.time))
        })
    };
    for role in officer.roles.iter().filter(|role| !is_held(role)) {
        let right = Right { role: *role, post: None, from: None, until };
        calls.push(Call::Orgs(orgs::Call::Grant { department, account, right }));
    }
    calls
}
