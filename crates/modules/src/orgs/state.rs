//! The records. This is the only place with keys of the state.

use super::msg::Level;
use crate::offices::{Appointment, DepartmentCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_kernel::{Broken, Missing, Role, Scope, State, Table, Write};
use tongban_types::codes::{DivisionLevel, LongDivisionCode};
use tongban_types::{AccountId, Digest, List, Text, Time};

/// All departments.
pub const DEPARTMENTS: Table<DepartmentCode, Department> = Table::new("orgs/departments");
/// The present or last appointment of an account in a department.
pub const OFFICERS: Table<(DepartmentCode, AccountId), Appointment> = Table::new("orgs/officers");
/// The appointments before it, by their number.
pub const PAST_APPOINTMENTS: Table<(DepartmentCode, AccountId, u32), Appointment> =
    Table::new("orgs/past_appointments");

/// The version of a department's format.
pub const DEPARTMENT_VERSION: u16 = 1;
/// The version of an appointment's format.
pub const APPOINTMENT_VERSION: u16 = 1;
/// Departments from a root down to the lowest, both included.
pub const DEPTH_MAX: u8 = 8;
/// Names that a department has had, and has.
pub const NAMES_MAX: usize = 32;
/// Administrators of one department at a time.
pub const ADMINISTRATORS_MAX: usize = 16;

/// A department (部门).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Department {
    /// The version of this format.
    pub version: u16,
    /// Its names; the last one is in force.
    pub names: List<DepartmentName, NAMES_MAX>,
    /// The division for which it is there, in 12 digits; its level is that of the department.
    pub division: LongDivisionCode,
    /// The department above it, none for a root.
    pub parent: Option<DepartmentCode>,
    /// How deep it stands: 1 for a root.
    pub depth: u8,
    /// Whether it acts.
    pub status: Status,
    /// The validator that hosts it, where it runs none itself.
    pub host: Option<Text<200>>,
    /// Whether sensitive rights need two administrators.
    pub four_eyes: bool,
    /// To whom the role of administrator is given and not taken back; their terms stand with their grants.
    pub administrators: List<AccountId, ADMINISTRATORS_MAX>,
    /// How many departments directly below it are not closed.
    pub open_subordinates: u32,
    /// When it was registered: the block's time.
    pub registered_at: Time,
    /// The receipt.
    pub receipt: u64,
}

/// A name of a department, from a time on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DepartmentName {
    /// In full (部门名称).
    pub full: Text<200>,
    /// In short (部门简称).
    pub short: Text<40>,
    /// Since when: the block's time.
    pub since: Time,
    /// The receipt.
    pub receipt: u64,
}

/// Whether a department acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It does (正常).
    Active,
}

/// How an account comes to a right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The role was given to it.
    Own,
    /// It stands in for this account, to which the role was given.
    DeputyFor(AccountId),
}

/// That an account may give rights in a department.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mandate {
    /// Where it is an administrator: in the department or in one above it.
    pub department: DepartmentCode,
    /// Until when.
    pub until: Time,
}

impl Department {
    /// Its name in force.
    pub fn name(&self) -> &DepartmentName {
        self.names.last().expect("a department has a name (I1)")
    }

    /// Its level, which is that of its division.
    pub fn level(&self) -> Level {
        level(&self.division)
    }

    /// Whether its officers can act.
    pub fn is_active(&self) -> bool {
        self.status == Status::Active
    }
}

/// The level of a department for a division.
pub fn level(division: &LongDivisionCode) -> Level {
    match division.level() {
        DivisionLevel::Nation => Level::Nation,
        DivisionLevel::Province => Level::Province,
        DivisionLevel::Prefecture => Level::City,
        DivisionLevel::County => Level::County,
        DivisionLevel::Town => Level::Town,
        DivisionLevel::Village => Level::Village,
    }
}

/// Whether a division is another one or lies in it.
pub fn lies_within(division: &LongDivisionCode, other: &LongDivisionCode) -> bool {
    std::iter::successors(Some(*division), LongDivisionCode::parent).any(|division| division == *other)
}

/// The department with this credit code.
pub fn department(state: &State, code: &DepartmentCode) -> Result<Option<Department>, Missing> {
    DEPARTMENTS.get(state, code)
}

/// Where a department stands in the authenticated state.
pub fn state_key(state: &State, code: &DepartmentCode) -> Digest {
    DEPARTMENTS.state_key(state, code)
}

/// The present or last appointment of an account in a department.
pub fn officer(
    state: &State,
    department: &DepartmentCode,
    account: &AccountId,
) -> Result<Option<Appointment>, Missing> {
    OFFICERS.get(state, &(*department, *account))
}

/// The department and those above it, up to the root; none where it is unknown.
pub fn line(state: &State, code: &DepartmentCode) -> Result<Vec<(DepartmentCode, Department)>, Missing> {
    let mut line = Vec::new();
    let mut next = Some(*code);
    while let Some(code) = next
        && line.len() < usize::from(DEPTH_MAX)
        && let Some(found) = department(state, &code)?
    {
        next = found.parent;
        line.push((code, found));
    }
    Ok(line)
}

/// Whether a department is that ancestor, or stands below it. An unknown one stands nowhere.
pub fn is_within(state: &State, code: &DepartmentCode, ancestor: &DepartmentCode) -> Result<bool, Missing> {
    Ok(line(state, code)?.iter().any(|(code, _)| code == ancestor))
}

/// Whether an account holds a role in a department, in office and in term, himself or as a deputy: the authority behind
/// [`Access::Office`](tongban_kernel::Access::Office).
///
/// A deputy of a deputy holds nothing, and an administrator has no deputy (I7). `at` is now, or a moment of the present appointment:
/// what was before stands with the past appointments and on the receipts.
pub fn standing(
    state: &State,
    account: &AccountId,
    role: Role,
    scope: &Scope,
    at: Time,
) -> Result<Option<Standing>, Missing> {
    if !role.is_of_department() || !department(state, &scope.department)?.is_some_and(|found| found.is_active()) {
        return Ok(None); // I3, I6
    }
    let Some(appointment) = officer(state, &scope.department, account)?.filter(|found| found.is_in_office(at)) else {
        return Ok(None); // I10
    };
    if appointment.holds(role, scope.post.as_ref(), at) {
        return Ok(Some(Standing::Own));
    }
    if role == Role::DepartmentAdministrator {
        return Ok(None); // I7
    }
    for deputyship in appointment.deputyships.iter().filter(|deputyship| deputyship.is_in_force(at)) {
        let absent = officer(state, &scope.department, &deputyship.of)?;
        if absent.is_some_and(|absent| absent.holds(role, scope.post.as_ref(), at)) {
            return Ok(Some(Standing::DeputyFor(deputyship.of)));
        }
    }
    Ok(None)
}

/// Where and until when an account is an administrator over a department; the longest term where it is in several.
pub fn mandate(
    state: &State,
    account: &AccountId,
    code: &DepartmentCode,
    at: Time,
) -> Result<Option<Mandate>, Missing> {
    let mut longest: Option<Mandate> = None;
    for (code, _) in line(state, code)?.iter().filter(|(_, department)| department.is_active()) {
        let until = officer(state, code, account)?.and_then(|appointment| appointment.administers_until(at));
        if let Some(until) = until
            && longest.is_none_or(|mandate| mandate.until < until)
        {
            longest = Some(Mandate { department: *code, until });
        }
    }
    Ok(longest)
}

/// Checks what can be seen on one changed record.
pub fn check_invariants(write: &Write) -> Result<(), Broken> {
    let broken = |table, invariant| Err(Broken { table, invariant });
    if write.value.is_none() {
        return broken("orgs", "I1 departments and appointments stay for ever");
    }
    if let Some(department) = DEPARTMENTS.record_of(write) {
        if department.names.is_empty() {
            return broken(DEPARTMENTS.name(), "I1 a department has a name");
        }
        if !(1..=DEPTH_MAX).contains(&department.depth) || (department.depth == 1) != department.parent.is_none() {
            return broken(DEPARTMENTS.name(), "I2 a root stands at depth 1, nothing below depth 8");
        }
        return Ok(());
    }
    let Some(appointment) = OFFICERS.record_of(write).or_else(|| PAST_APPOINTMENTS.record_of(write)) else {
        return Ok(());
    };
    for grant in &appointment.grants {
        if !grant.role.is_of_department() || grant.post.as_ref().is_some_and(|post| !appointment.posts.contains(post)) {
            return broken(write.table, "I6 a role of departments, at a post that the officer holds");
        }
        if grant.term.from >= grant.term.until {
            return broken(write.table, "I4 a term begins before it ends");
        }
        if grant.prepared_by.is_some_and(|preparer| preparer == grant.by) {
            return broken(write.table, "I8 who prepares does not approve");
        }
    }
    Ok(())
}
