//! What keeps a file from being applied, found before anything is done: a file with a fault in its last line changes nothing.
//!
//! The file alone is looked at first, then what would become of it on the ledger as it is. What only the ledger can tell at the very moment,
//! such as an officer who is dismissed meanwhile, it refuses by itself; what came before stays, and the file can be applied again.

use super::file::{Officer, Organisation};
use super::keys::{Keys, is_plain};
use super::known::{KnownAccount, decides};
use super::plan::{
    ADMINISTRATOR_MARGIN_MILLIS, Known, Place, Plan, account, acting, calls_for, foreseen, government_profile,
    parent_of, plan, position, profile,
};
use super::safeguards::{SwitchedOn, field, has_two, protected, switched_on};
use std::collections::{BTreeMap, BTreeSet};
use tongban_kernel::ModuleError as _;
use tongban_modules::Call;
use tongban_modules::departments::Safeguard;
use tongban_modules::divisions::check_place;
use tongban_modules::identity::AccountKind;
use tongban_modules::orgs::{self, Department, DepartmentCode};
use tongban_types::{AccountId, Digest, Time};

/// What a file can have that no other file has; the codes of the modules come beside them. The serialized name is the stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr, strum::EnumIter)]
pub enum OrganisationError {
    /// A name that is none of a file, or leads out of the folder.
    #[error("a key file is named by letters, digits, - and _")]
    #[strum(serialize = "organisation.key_name")]
    KeyName,
    /// Two departments have one code.
    #[error("a department with this code stands above")]
    #[strum(serialize = "organisation.department_twice")]
    DepartmentTwice,
    /// The department above stands further below in the file.
    #[error("a department stands after the one that it is below")]
    #[strum(serialize = "organisation.parent_later")]
    ParentLater,
    /// One key stands twice among the officers of a department.
    #[error("an officer stands once in a department")]
    #[strum(serialize = "organisation.officer_twice")]
    OfficerTwice,
    /// One role stands twice with an officer.
    #[error("a role stands once with an officer")]
    #[strum(serialize = "organisation.role_twice")]
    RoleTwice,
    /// The government is registered, and its administrator is another one.
    #[error("this key's account does not administer the government on the ledger, and so can do nothing of this file")]
    #[strum(serialize = "organisation.not_administrator")]
    NotAdministrator,
    /// Four eyes are asked for, and there are no two administrators.
    #[error(
        "four eyes need two administrators who are in office before, in the department or above it: name another one in the file, \
         apply it, and ask for this then"
    )]
    #[strum(serialize = "organisation.four_eyes_of_one")]
    FourEyesOfOne,
}

/// A fault of a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message} ({code})")]
pub struct Problem {
    /// Where: a field such as `departments[2].officers[0].roles[1]`.
    pub place: String,
    /// What is wrong there.
    pub message: String,
    /// The stable code: one of [`OrganisationError`] or of a module.
    pub code: String,
}

impl Problem {
    fn own(place: impl Into<String>, error: OrganisationError) -> Self {
        let code: &'static str = error.into();
        Self { place: place.into(), message: error.to_string(), code: code.to_owned() }
    }

    fn of_orgs(place: impl Into<String>, error: orgs::Error) -> Self {
        Self { place: place.into(), message: error.to_string(), code: error.code().to_string() }
    }
}

/// All officers with their departments and their places in the file.
fn offices(organisation: &Organisation) -> impl Iterator<Item = (String, DepartmentCode, &Officer)> {
    let government = &organisation.government;
    let own = government.officers.iter().enumerate();
    let own = own.map(|(index, officer)| (format!("government.officers[{index}]"), government.code, officer));
    let others = organisation.departments.iter().enumerate().flat_map(|(place, department)| {
        let officers = department.officers.iter().enumerate();
        officers
            .map(move |(index, officer)| (format!("departments[{place}].officers[{index}]"), department.code, officer))
    });
    own.chain(others)
}

/// What is wrong with the file, whatever the ledger has.
pub fn of_file(organisation: &Organisation) -> Vec<Problem> {
    let mut problems = of_departments(organisation);
    let mut officers: BTreeSet<(DepartmentCode, &str)> = BTreeSet::new();
    if !is_plain(&organisation.government.administrator.key) {
        problems.push(Problem::own("government.administrator.key", OrganisationError::KeyName));
    }
    for (place, department, officer) in offices(organisation) {
        if !is_plain(&officer.key) {
            problems.push(Problem::own(format!("{place}.key"), OrganisationError::KeyName));
        }
        if !officers.insert((department, &officer.key)) {
            problems.push(Problem::own(format!("{place}.key"), OrganisationError::OfficerTwice));
        }
        let appoint = orgs::Call::Appoint { department, account: AccountId::LEDGER, position: position(officer) };
        problems.extend(invalid(&place, appoint));
        for (index, role) in officer.roles.iter().enumerate() {
            let place = format!("{place}.roles[{index}]");
            if officer.roles[..index].contains(role) {
                problems.push(Problem::own(&place, OrganisationError::RoleTwice));
            }
            if !role.is_of_department() {
                problems.push(Problem::of_orgs(&place, orgs::Error::NetworkRole));
            }
        }
    }
    problems
}

fn of_departments(organisation: &Organisation) -> Vec<Problem> {
    let government = &organisation.government;
    let register =
        orgs::Call::RegisterDepartment { department: government.code, profile: government_profile(organisation) };
    let name = orgs::Call::NameAdministrator {
        department: government.code,
        account: AccountId::LEDGER,
        office: government.administrator.office.clone(),
        until: organisation.until,
    };
    let mut problems: Vec<Problem> = invalid("government", register).into_iter().collect();
    problems.extend(invalid("government.administrator", name));
    let mut above = BTreeSet::from([government.code]);
    for (index, department) in organisation.departments.iter().enumerate() {
        let place = format!("departments[{index}]");
        let parent = parent_of(organisation, department);
        if !above.insert(department.code) {
            problems.push(Problem::own(format!("{place}.code"), OrganisationError::DepartmentTwice));
        }
        let profile = profile(organisation, department);
        let register = orgs::Call::RegisterSubordinate { parent, department: department.code, profile };
        problems.extend(invalid(&place, register));
    }
    problems
}

/// What the module refuses of a call by itself.
fn invalid(place: &str, call: orgs::Call) -> Option<Problem> {
    let code = Call::Orgs(call).validate().err()?;
    let message = tongban_modules::explain(&code).map(|error| error.message).unwrap_or_default();
    Some(Problem { place: place.to_owned(), message, code: code.to_string() })
}

/// What the ledger as it is would refuse of what is still to be done.
pub fn of_plan(organisation: &Organisation, keys: &Keys, known: &Known) -> Vec<Problem> {
    let (departments, refused) = foreseen(organisation, known);
    let mut problems: Vec<Problem> =
        refused.into_iter().map(|(index, error)| of_department(organisation, index, error)).collect();
    problems.extend(of_divisions(organisation, known));
    for (index, department) in organisation.departments.iter().enumerate() {
        let is_known = |host: &str| known.hosts.contains(host);
        if !known.departments.contains_key(&department.code) && !department.host.as_deref().is_none_or(is_known) {
            problems.push(Problem::of_orgs(format!("departments[{index}].host"), orgs::Error::HostUnknown));
        }
    }
    let ends_later = |millis: u64| organisation.until.plus_millis(millis) > known.time;
    let government = &organisation.government;
    if !known.departments.contains_key(&government.code) && !ends_later(ADMINISTRATOR_MARGIN_MILLIS) {
        problems.push(Problem::of_orgs("until", orgs::Error::TermEmpty));
    }
    let is_new = |department: &DepartmentCode| !known.departments.contains_key(department);
    let (mut acts, mut gives) = (organisation.departments.iter().any(|department| is_new(&department.code)), false);
    let on = switched_on(organisation, known, &departments);
    acts |= !on.is_empty();
    problems.extend(of_safeguards(organisation, keys, known, &on, &departments));
    let protected = protected(&departments, &on);
    for (place, department, officer) in offices(organisation) {
        let Some(found) = protected.get(&department) else { continue }; // it cannot be registered, which stands above
        let before = departments.get(&department);
        let account_of = account(keys, &officer.key);
        let at = Place { department, account: account_of, found: before, protected: Some(found) };
        let todo = calls_for(&at, officer, organisation, known);
        gives |= todo.calls.iter().chain(&todo.under_safeguards).any(gives_right) || !todo.awaiting.is_empty();
        if todo.is_empty() {
            continue;
        }
        acts = true;
        problems.extend(
            of_officer(&at, officer, found, &account(keys, &government.administrator.key), known)
                .map(|error| Problem::of_orgs(&place, error)),
        );
    }
    if gives && !ends_later(0) {
        problems.push(Problem::of_orgs("until", orgs::Error::TermEmpty));
    }
    if acts || gives {
        problems.extend(of_mandate(organisation, keys, known, gives));
    }
    problems
}

/// Divisions of new departments that are no places now.
fn of_divisions(organisation: &Organisation, known: &Known) -> Vec<Problem> {
    let government = &organisation.government;
    let own = organisation.departments.iter().enumerate().filter_map(|(index, department)| {
        Some((format!("departments[{index}].division"), department.code, department.division?))
    });
    let all = std::iter::once(("government.division".to_owned(), government.code, government.division)).chain(own);
    let new = all.filter(|(_, department, _)| !known.departments.contains_key(department));
    let wrong = new.filter_map(|(place, _, division)| {
        let error = check_place(known.divisions.get(&division)?.as_ref()).err()?;
        Some(Problem::of_orgs(place, error))
    });
    wrong.collect()
}

/// Why safeguards that the file asks for cannot be switched on.
fn of_safeguards(
    organisation: &Organisation,
    keys: &Keys,
    known: &Known,
    on: &[SwitchedOn],
    departments: &BTreeMap<DepartmentCode, Department>,
) -> Vec<Problem> {
    if on.is_empty() {
        return Vec::new();
    }
    let Plan { by_administrator, by_government, .. } = plan(organisation, keys, &Digest::ZERO, known);
    let before = [by_administrator, by_government].concat();
    let administrator = account(keys, &organisation.government.administrator.key);
    let mut problems = Vec::new();
    for one in on {
        let department = one.place.map_or_else(|| "government".to_owned(), |index| format!("departments[{index}]"));
        let place = format!("{department}.safeguards.{}", field(one.safeguard));
        let Some(found) = departments.get(&one.department) else { continue };
        let is_below_another = one.place.is_none() && known.departments.contains_key(&one.department);
        if found.is_closed() {
            problems.push(Problem::of_orgs(&place, orgs::Error::Closed));
        } else if let (true, Some(above)) = (is_below_another, found.parent)
            && mandate(above, administrator, known).is_none()
        {
            problems.push(Problem::of_orgs(&place, orgs::Error::BeyondScope)); // a department is changed from above
        } else if one.safeguard == Safeguard::FourEyes && !has_two(one.department, departments, &before) {
            problems.push(Problem::own(&place, OrganisationError::FourEyesOfOne));
        }
    }
    problems
}

/// Why a department of the file cannot be registered; without a place it is the government.
fn of_department(organisation: &Organisation, index: Option<usize>, error: orgs::Error) -> Problem {
    let Some(index) = index else { return Problem::of_orgs("government", error) };
    let parent = parent_of(organisation, &organisation.departments[index]);
    let is_below = organisation.departments[index..].iter().any(|later| later.code == parent);
    match error {
        orgs::Error::NotFound if is_below => {
            Problem::own(format!("departments[{index}].parent"), OrganisationError::ParentLater)
        }
        orgs::Error::NotFound | orgs::Error::Suspended | orgs::Error::Closed => {
            Problem::of_orgs(format!("departments[{index}].parent"), error)
        }
        other => Problem::of_orgs(format!("departments[{index}]"), other),
    }
}

fn gives_right(call: &Call) -> bool {
    matches!(call, Call::Orgs(orgs::Call::Grant { .. } | orgs::Call::Propose { .. }))
}

fn of_officer(
    at: &Place<'_>,
    officer: &Officer,
    department: &Department,
    administrator: &AccountId,
    known: &Known,
) -> Option<orgs::Error> {
    if let Err(error) = acting(department) {
        return Some(error);
    }
    if at.account == *administrator {
        return Some(orgs::Error::Oneself);
    }
    let is_bound = known.bound.contains(&at.account);
    if department.bound_officers && decides(officer) && !is_bound {
        return Some(orgs::Error::NotBound);
    }
    let KnownAccount { kind, is_active } = *known.accounts.get(&at.account)?;
    match kind {
        AccountKind::Organisation => Some(orgs::Error::NotPerson),
        AccountKind::System if decides(officer) => Some(orgs::Error::SystemDecides),
        AccountKind::System | AccountKind::Person => (!is_active).then_some(orgs::Error::AccountNotActive),
    }
}

/// Whether the government's administrator may do it, where the ledger has a government already.
fn of_mandate(organisation: &Organisation, keys: &Keys, known: &Known, gives: bool) -> Option<Problem> {
    let government = &organisation.government;
    if !known.departments.contains_key(&government.code) {
        return None; // he is named with a term that is long enough
    }
    let place = "government.administrator.key";
    match mandate(government.code, account(keys, &government.administrator.key), known) {
        None => Some(Problem::own(place, OrganisationError::NotAdministrator)),
        Some(until) if gives && until < organisation.until => Some(Problem::of_orgs("until", orgs::Error::BeyondTerm)),
        Some(_) => None,
    }
}

/// Until when an account administers a department, there or above it.
fn mandate(department: DepartmentCode, account: AccountId, known: &Known) -> Option<Time> {
    let active = known.line(department).into_iter().filter(|(_, found)| found.is_active());
    active.filter_map(|(code, _)| known.appointments.get(&(code, account))?.administers_until(known.time)).max()
}
