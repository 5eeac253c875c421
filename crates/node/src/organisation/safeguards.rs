//! Safeguards that a file asks for: which are switched on, when, and whether they can be.
//!
//! ```text
//! departments, appointments, administrators ──▶ safeguards on ──▶ the other rights that decide, as the safeguards have them
//! ```
//!
//! Four eyes are two, so that there have to be two administrators before; and what is given under a safeguard is given after it is on. A
//! safeguard is never switched off by a file: that takes two administrators (`orgs`, I8).

use super::file::Organisation;
use super::known::{Known, line};
use super::plan::parent_of;
use std::collections::{BTreeMap, BTreeSet};
use tongban_kernel::Role;
use tongban_modules::Call;
use tongban_modules::departments::Safeguard;
use tongban_modules::orgs::{self, Change, Department, DepartmentCode};
use tongban_types::AccountId;

/// All of them.
pub const SAFEGUARDS: [Safeguard; 2] = [Safeguard::FourEyes, Safeguard::BoundOfficers];

/// A safeguard's name in a file.
pub const fn field(safeguard: Safeguard) -> &'static str {
    match safeguard {
        Safeguard::FourEyes => "four_eyes",
        Safeguard::BoundOfficers => "bound_officers",
    }
}

/// A safeguard that a file switches on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SwitchedOn {
    /// The department.
    pub department: DepartmentCode,
    /// Its place among the departments of the file; the government has none.
    pub place: Option<usize>,
    /// The safeguard.
    pub safeguard: Safeguard,
}

/// The safeguards that are to be switched on, in the order of the file. A department that is new and says nothing of one is to have it where the one
/// above it is to, as if it came later.
pub fn switched_on(
    organisation: &Organisation,
    known: &Known,
    departments: &BTreeMap<DepartmentCode, Department>,
) -> Vec<SwitchedOn> {
    let government = &organisation.government;
    let own = (None, government.code, None, &government.safeguards);
    let others = organisation.departments.iter().enumerate().map(|(index, department)| {
        (Some(index), department.code, Some(parent_of(organisation, department)), &department.safeguards)
    });
    let mut on: Vec<SwitchedOn> = Vec::new();
    for (place, department, parent, asked) in std::iter::once(own).chain(others) {
        let Some(found) = departments.get(&department) else { continue };
        for safeguard in SAFEGUARDS {
            let is_above = |on: &SwitchedOn| Some(on.department) == parent && on.safeguard == safeguard;
            let follows = !known.departments.contains_key(&department) && on.iter().any(is_above);
            if !found.has(safeguard) && asked.asked(safeguard).unwrap_or(follows) {
                on.push(SwitchedOn { department, place, safeguard });
            }
        }
    }
    on
}

/// The departments with what is switched on in them.
pub fn protected(
    departments: &BTreeMap<DepartmentCode, Department>,
    on: &[SwitchedOn],
) -> BTreeMap<DepartmentCode, Department> {
    let mut departments = departments.clone();
    for SwitchedOn { department, safeguard, .. } in on {
        if let Some(found) = departments.get_mut(department) {
            match safeguard {
                Safeguard::FourEyes => found.four_eyes = true,
                Safeguard::BoundOfficers => found.bound_officers = true,
            }
        }
    }
    departments
}

/// The call that switches it on. A root is changed by the network's administrator, any other department from above.
pub fn call(on: &SwitchedOn, departments: &BTreeMap<DepartmentCode, Department>) -> Call {
    let SwitchedOn { department, .. } = *on;
    let change = match on.safeguard {
        Safeguard::FourEyes => Change::FourEyes { required: true },
        Safeguard::BoundOfficers => Change::BoundOfficers { required: true },
    };
    if is_of_root(on, departments) {
        Call::Orgs(orgs::Call::ChangeRoot { department, change })
    } else {
        Call::Orgs(orgs::Call::ChangeDepartment { department, change })
    }
}

/// Whether the department is a root.
pub fn is_of_root(on: &SwitchedOn, departments: &BTreeMap<DepartmentCode, Department>) -> bool {
    departments.get(&on.department).is_some_and(|found| found.parent.is_none())
}

/// Whether there are two administrators for a department before its safeguards are on: those that it and the departments above it have, and those
/// whom the file adds at once. One who is only proposed is none yet.
pub fn has_two(department: DepartmentCode, departments: &BTreeMap<DepartmentCode, Department>, calls: &[Call]) -> bool {
    let line: BTreeSet<DepartmentCode> = line(departments, department).into_iter().map(|(code, _)| code).collect();
    let of_ledger = line.iter().flat_map(|code| departments[code].administrators.iter().copied());
    let of_file = calls.iter().filter_map(|call| match call {
        Call::Orgs(orgs::Call::Grant { department, account, right })
            if right.role == Role::DepartmentAdministrator && line.contains(department) =>
        {
            Some(*account)
        }
        Call::Orgs(orgs::Call::NameAdministrator { department, account, .. }) if line.contains(department) => {
            Some(*account)
        }
        _ => None,
    });
    of_ledger.chain(of_file).collect::<BTreeSet<AccountId>>().len() >= 2
}
