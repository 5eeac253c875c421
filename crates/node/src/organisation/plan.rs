//! What is still to be done for an organisation file: pure, from the file and from what the ledger knows.

use super::file::{Department, Officer, Organisation};
use super::keys::Keys;
pub use super::known::Known;
use super::known::line;
use super::safeguards::{self, SwitchedOn, protected, switched_on};
use crate::new_key::possession_of;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use tongban_crypto::primitives;
use tongban_kernel::Role;
use tongban_modules::Call;
use tongban_modules::identity::{self, AccountKind};
use tongban_modules::offices::is_sensitive;
use tongban_modules::orgs::{self, Appointment, DepartmentCode, Position, Profile, Proposal, Proposed, Right};
use tongban_types::genesis::account_of;
use tongban_types::{AccountId, Digest};

/// How long the first administrator's term goes beyond all others: nobody can give rights beyond his own.
pub const ADMINISTRATOR_MARGIN_MILLIS: u64 = 24 * 60 * 60 * 1000;

/// Calls by who has to sign them; each part needs the one before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// By the registrar: accounts.
    pub by_registrar: Vec<Call>,
    /// By the network's administrator: the government and its first administrator.
    pub by_administrator: Vec<Call>,
    /// By the government's administrator: departments, officers, rights, and proposals of those that need two.
    pub by_government: Vec<Call>,
    /// By the network's administrator: the safeguards of the government, once it has its administrators.
    pub safeguards_of_root: Vec<Call>,
    /// By the government's administrator: the safeguards of the departments, and the rights that decide in them and in the government.
    pub under_safeguards: Vec<Call>,
    /// By another administrator: what was proposed before and waits.
    pub awaiting: Vec<Awaiting>,
}

/// A right that was proposed, and that another administrator has to approve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Awaiting {
    /// The department.
    pub department: DepartmentCode,
    /// The number of the proposal.
    pub number: u32,
    /// Whose the right would be.
    pub account: AccountId,
    /// The role.
    pub role: Role,
    /// Who proposed it, and so cannot approve it.
    pub prepared_by: AccountId,
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
        if !known.accounts.contains_key(&account(keys, name)) {
            plan.by_registrar.push(open_account(keys, name, network));
        }
    }
    let government = &organisation.government;
    if !known.departments.contains_key(&government.code) {
        let profile = government_profile(organisation);
        plan.by_administrator.push(Call::Orgs(orgs::Call::RegisterDepartment { department: government.code, profile }));
        plan.by_administrator.push(Call::Orgs(orgs::Call::NameAdministrator {
            department: government.code,
            account: account(keys, &government.administrator.key),
            office: government.administrator.office.clone(),
            until: organisation.until.plus_millis(ADMINISTRATOR_MARGIN_MILLIS),
        }));
    }
    let is_new = |department: &&Department| !known.departments.contains_key(&department.code);
    plan.by_government.extend(organisation.departments.iter().filter(is_new).map(|new| register(organisation, new)));
    let (departments, _) = foreseen(organisation, known);
    let on = switched_on(organisation, known, &departments);
    let protected = protected(&departments, &on);
    let (of_root, of_others): (Vec<SwitchedOn>, Vec<SwitchedOn>) =
        on.into_iter().partition(|on| safeguards::is_of_root(on, &departments));
    plan.safeguards_of_root.extend(of_root.iter().map(|on| safeguards::call(on, &departments)));
    plan.under_safeguards.extend(of_others.iter().map(|on| safeguards::call(on, &departments)));
    for (department, officer) in organisation.offices() {
        let (found, protected) = (departments.get(&department), protected.get(&department));
        let place = Place { department, account: account(keys, &officer.key), found, protected };
        let OfficersCalls { calls, under_safeguards, awaiting } = calls_for(&place, officer, organisation, known);
        plan.by_government.extend(calls);
        plan.under_safeguards.extend(under_safeguards);
        plan.awaiting.extend(awaiting);
    }
    plan
}

fn open_account(keys: &Keys, name: &str, network: &Digest) -> Call {
    let secret = &keys[name];
    let possession = possession_of(secret, account(keys, name), network);
    let key = secret.public_key();
    Call::Identity(identity::Call::OpenAccount { kind: AccountKind::Person, name: None, key, possession })
}

/// What is said of the government.
pub fn government_profile(organisation: &Organisation) -> Profile {
    let government = &organisation.government;
    Profile {
        name: government.name.clone(),
        short_name: government.short_name.clone(),
        division: government.division,
        host: None,
    }
}

/// What is said of a department.
pub fn profile(organisation: &Organisation, department: &Department) -> Profile {
    Profile {
        name: department.name.clone(),
        short_name: department.short_name.clone(),
        division: department.division.unwrap_or(organisation.government.division),
        host: department.host.clone(),
    }
}

/// The department above another one of the file.
pub fn parent_of(organisation: &Organisation, department: &Department) -> DepartmentCode {
    department.parent.unwrap_or(organisation.government.code)
}

fn register(organisation: &Organisation, department: &Department) -> Call {
    Call::Orgs(orgs::Call::RegisterSubordinate {
        parent: parent_of(organisation, department),
        department: department.code,
        profile: profile(organisation, department),
    })
}

/// Why a department of the file cannot be added, by its place there; the government has none.
pub type Unfounded = (Option<usize>, orgs::Error);

/// The departments as they will be: those that the ledger has, and those that the file adds to them. Beside them why some cannot be added.
pub fn foreseen(
    organisation: &Organisation,
    known: &Known,
) -> (BTreeMap<DepartmentCode, orgs::Department>, Vec<Unfounded>) {
    let mut departments = known.departments.clone();
    let mut refused = Vec::new();
    let government = &organisation.government;
    if let Entry::Vacant(place) = departments.entry(government.code) {
        match orgs::Department::found(government_profile(organisation), None, known.time, 0) {
            Ok(founded) => drop(place.insert(founded)),
            Err(error) => refused.push((None, error)),
        }
    }
    for (index, department) in organisation.departments.iter().enumerate() {
        if departments.contains_key(&department.code) {
            continue;
        }
        let parent = parent_of(organisation, department);
        let founded = match departments.get(&parent) {
            None => Err(orgs::Error::NotFound),
            Some(above) => acting(above).and_then(|()| {
                let profile = profile(organisation, department);
                orgs::Department::found(profile, Some((parent, above)), known.time, 0)
            }),
        };
        match founded {
            Ok(founded) => drop(departments.insert(department.code, founded)),
            Err(error) => refused.push((Some(index), error)),
        }
    }
    (departments, refused)
}

/// Whether anything can be done in a department, and why not.
pub fn acting(department: &orgs::Department) -> Result<(), orgs::Error> {
    match department.status {
        orgs::Status::Active => Ok(()),
        orgs::Status::Suspended { .. } => Err(orgs::Error::Suspended),
        orgs::Status::Closed { .. } => Err(orgs::Error::Closed),
    }
}

/// Who can approve what somebody has proposed: the other administrators of the department and of those above it.
pub fn approvers(departments: &BTreeMap<DepartmentCode, orgs::Department>, awaiting: &Awaiting) -> BTreeSet<AccountId> {
    let line = line(departments, awaiting.department).into_iter();
    let administrators = line.flat_map(|(_, department)| department.administrators.iter().copied());
    administrators.filter(|account| ![awaiting.prepared_by, awaiting.account].contains(account)).collect()
}

/// Where an officer is one.
pub struct Place<'a> {
    /// The department.
    pub department: DepartmentCode,
    /// His account.
    pub account: AccountId,
    /// The department as it will be before safeguards are switched on.
    pub found: Option<&'a orgs::Department>,
    /// The same with its safeguards.
    pub protected: Option<&'a orgs::Department>,
}

/// What is to be done for one officer, and what was done and waits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfficersCalls {
    /// His appointment, and what is given before safeguards are switched on.
    pub calls: Vec<Call>,
    /// What is given once they are on.
    pub under_safeguards: Vec<Call>,
    /// What waits for another administrator.
    pub awaiting: Vec<Awaiting>,
}

impl OfficersCalls {
    /// Whether nothing is left to do.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty() && self.under_safeguards.is_empty()
    }
}

/// What is to be done for one officer, and what was done and waits. Administrators come before the safeguards, which need two of them.
pub fn calls_for(place: &Place, officer: &Officer, organisation: &Organisation, known: &Known) -> OfficersCalls {
    let Place { department, account, found, protected } = *place;
    let appointment = known.appointments.get(&(department, account));
    let OfficersCalls { mut calls, mut under_safeguards, mut awaiting } = OfficersCalls::default();
    if appointment.is_none() {
        let position = position(officer);
        calls.push(Call::Orgs(orgs::Call::Appoint { department, account, position }));
    }
    let is_missing = |role: &&Role| !appointment.is_some_and(|appointment| holds(appointment, **role, known));
    for role in officer.roles.iter().filter(is_missing).copied() {
        let right = Right { role, post: None, from: None, until: organisation.until };
        let is_later = is_sensitive(role) && role != Role::DepartmentAdministrator && found != protected;
        let (found, calls) = if is_later { (protected, &mut under_safeguards) } else { (found, &mut calls) };
        if !found.is_some_and(|found| found.wants_two_for(role)) {
            calls.push(Call::Orgs(orgs::Call::Grant { department, account, right }));
            continue;
        }
        match waiting(place, role, known) {
            Some((number, proposal)) => {
                let prepared_by = proposal.prepared_by;
                awaiting.push(Awaiting { department, number, account, role, prepared_by });
            }
            None => {
                let proposed = Proposed::Grant { account, right };
                calls.push(Call::Orgs(orgs::Call::Propose { department, proposed }));
            }
        }
    }
    OfficersCalls { calls, under_safeguards, awaiting }
}

/// What an officer is in a department.
pub fn position(officer: &Officer) -> Position {
    Position {
        office: officer.office.clone(),
        posts: officer.posts.clone(),
        staff_number: officer.staff_number.clone(),
    }
}

/// Whether a role was given to an officer and counts, now or later.
pub fn holds(appointment: &Appointment, role: Role, known: &Known) -> bool {
    appointment.grants.iter().any(|grant| grant.role == role && !grant.is_over(known.time))
}

/// The proposal of a role for all posts of an officer that waits, if there is one.
fn waiting<'a>(place: &Place, role: Role, known: &'a Known) -> Option<(u32, &'a Proposal)> {
    let of_department = known.proposals.iter().filter(|((department, _), _)| *department == place.department);
    let is_same = |proposed: &Proposed| match proposed {
        Proposed::Grant { account, right } => {
            *account == place.account && right.role == role && right.post.is_none() && right.until > known.time
        }
        Proposed::Deputy { .. } | Proposed::Waiver { .. } => false,
    };
    let mut same = of_department.filter(|(_, proposal)| is_same(&proposal.proposed));
    same.next().map(|((_, number), proposal)| (*number, proposal))
}
