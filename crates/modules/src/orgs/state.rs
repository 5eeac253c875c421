//! The records. This is the only place with keys of the state.

use super::msg::Proposed;
use crate::departments::{DEPTH_MAX, Department, SUCCESSIONS_MAX, Status};
use crate::divisions::{Division, DivisionHistory, division_at};
use crate::identity;
use crate::offices::{ABSENCE_MILLIS_MAX, Appointment, DepartmentCode, Grant, OFFER_MILLIS_MAX, is_sensitive};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_kernel::{Broken, Missing, Role, Scope, State, Table, Write};
use tongban_types::codes::{DivisionCode, LongDivisionCode};
use tongban_types::{AccountId, Digest, Time};

/// All departments.
pub const DEPARTMENTS: Table<DepartmentCode, Department> = Table::new("orgs/departments");
/// The present or last appointment of an account in a department.
pub const OFFICERS: Table<(DepartmentCode, AccountId), Appointment> = Table::new("orgs/officers");
/// The appointments before it, by their number.
pub const PAST_APPOINTMENTS: Table<(DepartmentCode, AccountId, u32), Appointment> =
    Table::new("orgs/past_appointments");
/// What was prepared for approval, by department and number.
pub const PROPOSALS: Table<(DepartmentCode, u32), Proposal> = Table::new("orgs/proposals");
/// The last offer of an officer to another tree, by the department that he leaves. Those before stand on their receipts.
pub const OFFERS: Table<(DepartmentCode, AccountId), Offer> = Table::new("orgs/offers");
/// What the network was told of divisions.
pub const DIVISIONS: Table<DivisionCode, DivisionHistory> = Table::new("orgs/divisions");
/// Who sets the rules of a division.
pub const RESPONSIBILITIES: Table<LongDivisionCode, Responsibility> = Table::new("orgs/responsibilities");

/// The version of an appointment's format.
pub const APPOINTMENT_VERSION: u16 = 2;
/// The version of an offer's format.
pub const OFFER_VERSION: u16 = 1;
/// The version of a responsibility's format.
pub const RESPONSIBILITY_VERSION: u16 = 1;
/// The version of a proposal's format.
pub const PROPOSAL_VERSION: u16 = 1;
/// As many entries has the longest way to a root.
pub const LINE_MAX: usize = DEPTH_MAX as usize;

/// What one administrator has prepared and another one approves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Proposal {
    /// The version of this format.
    pub version: u16,
    /// What is to be given.
    pub proposed: Proposed,
    /// Who prepared it.
    pub prepared_by: AccountId,
    /// When: the block's time.
    pub prepared_at: Time,
    /// The receipt.
    pub receipt: u64,
    /// What became of it.
    pub settlement: Option<Settlement>,
}

/// What became of a proposal or an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Settlement {
    /// Whether it was approved, or accepted.
    pub approved: bool,
    /// Who settled it.
    pub by: AccountId,
    /// When: the block's time.
    pub at: Time,
    /// The receipt.
    pub receipt: u64,
}

/// That an officer was offered to a department of another tree (拟调出).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Offer {
    /// The version of this format.
    pub version: u16,
    /// The number of the appointment that it is about.
    pub number: u32,
    /// The department that he is offered to.
    pub to: DepartmentCode,
    /// Until when it can be accepted.
    pub until: Time,
    /// Who offered him.
    pub offered_by: AccountId,
    /// When: the block's time.
    pub offered_at: Time,
    /// The receipt.
    pub receipt: u64,
    /// What became of it; an offer that lapsed has none.
    pub settlement: Option<Settlement>,
}

impl Offer {
    /// Whether it can be settled at a moment.
    pub fn is_open(&self, at: Time) -> bool {
        self.settlement.is_none() && at < self.until
    }
}

/// Who sets the rules of a division.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Responsibility {
    /// The version of this format.
    pub version: u16,
    /// How many departments that are not closed have none above them for this division. One alone is responsible without being named.
    pub departments: u32,
    /// Which one of them the network's administrator has named.
    pub named: Option<Named>,
}

impl Default for Responsibility {
    fn default() -> Self {
        Self { version: RESPONSIBILITY_VERSION, departments: 0, named: None }
    }
}

/// That a department was named as responsible for its division.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Named {
    /// The department.
    pub department: DepartmentCode,
    /// The network's administrator.
    pub by: AccountId,
    /// When: the block's time.
    pub at: Time,
    /// The receipt.
    pub receipt: u64,
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

/// The department that answers for what this one did: itself, or the one that took its place when it was closed, however often that was
/// closed into the next. None where it is unknown, or the last one was closed without another. At most [`SUCCESSIONS_MAX`] lead to a department
/// (I13), and none leads back: what is closed stays closed (I3).
pub fn successor(state: &State, code: &DepartmentCode) -> Result<Option<DepartmentCode>, Missing> {
    let mut code = *code;
    for _ in 0..=SUCCESSIONS_MAX {
        match department(state, &code)?.map(|department| department.status) {
            None => return Ok(None),
            Some(Status::Active | Status::Suspended { .. }) => return Ok(Some(code)),
            Some(Status::Closed { merged_into: None, .. }) => return Ok(None),
            Some(Status::Closed { merged_into: Some(next), .. }) => code = next,
        }
    }
    Ok(None)
}

/// An appointment before the present or last one.
pub fn past_appointment(
    state: &State,
    department: &DepartmentCode,
    account: &AccountId,
    number: u32,
) -> Result<Option<Appointment>, Missing> {
    PAST_APPOINTMENTS.get(state, &(*department, *account, number))
}

/// What was prepared for approval.
pub fn proposal(state: &State, department: &DepartmentCode, number: u32) -> Result<Option<Proposal>, Missing> {
    PROPOSALS.get(state, &(*department, number))
}

/// The last offer of an officer to another tree.
pub fn offer(state: &State, department: &DepartmentCode, account: &AccountId) -> Result<Option<Offer>, Missing> {
    OFFERS.get(state, &(*department, *account))
}

/// The root of the tree in which a department stands; none where it is unknown.
pub fn root(state: &State, code: &DepartmentCode) -> Result<Option<DepartmentCode>, Missing> {
    Ok(line(state, code)?.last().map(|(root, _)| *root))
}

/// What the network was told of a division.
pub fn division_history(state: &State, code: &DivisionCode) -> Result<DivisionHistory, Missing> {
    Ok(DIVISIONS.get(state, code)?.unwrap_or_default())
}

/// A division at a moment, where the network's table knows it.
pub fn division(state: &State, code: &DivisionCode, at: Time) -> Result<Option<Division>, Missing> {
    Ok(division_at(*code, &division_history(state, code)?.changes, at))
}

/// Who sets the rules of a division.
pub fn responsibility(state: &State, division: &LongDivisionCode) -> Result<Option<Responsibility>, Missing> {
    RESPONSIBILITIES.get(state, division)
}

/// Whether a department sets the rules of its division: none above it is there for the same one, as the government of a city is for the city and
/// its bureaus are not; and where several are so, it is the one that was named (I17).
pub fn is_responsible(state: &State, code: &DepartmentCode) -> Result<bool, Missing> {
    let line = line(state, code)?;
    let Some((_, own)) = line.first() else { return Ok(false) };
    if line.iter().skip(1).any(|(_, above)| above.division == own.division) {
        return Ok(false);
    }
    let found = responsibility(state, &own.division)?;
    Ok(found.is_some_and(|found| found.departments == 1 || found.named.is_some_and(|named| named.department == *code))) // I17
}

/// Whether a department is that ancestor, or stands below it. An unknown one stands nowhere.
pub fn is_within(state: &State, code: &DepartmentCode, ancestor: &DepartmentCode) -> Result<bool, Missing> {
    Ok(line(state, code)?.iter().any(|(code, _)| code == ancestor))
}

/// Whether an account holds a role in a department, in office and in term, himself or as a deputy: the authority behind
/// [`Access::Office`](tongban_kernel::Access::Office).
///
/// A deputy of a deputy holds nothing, and an administrator has no deputy (I7): who stands in for a day could otherwise give rights that
/// outlive the absence. In a department that wants four eyes, a role that decides passes only to a deputy whom two administrators have
/// named (I8), and in one that wants bound officers only to a bound person (I11). Nobody stands in for an officer whose account may not act now: what is taken from him is not left to his deputy. `at` is
/// now, or a moment of the present appointment: what was before stands with the past appointments and on the receipts.
pub fn standing(
    state: &State,
    account: &AccountId,
    role: Role,
    scope: &Scope,
    at: Time,
) -> Result<Option<Standing>, Missing> {
    if !role.is_of_department() {
        return Ok(None); // I6
    }
    let Some(department) = department(state, &scope.department)?.filter(Department::is_active) else {
        return Ok(None); // I3
    };
    let in_office = |account| Ok(officer(state, &scope.department, account)?.filter(|found| found.is_in_office(at)));
    let Some(appointment) = in_office(account)? else { return Ok(None) }; // I10
    if appointment.holds(role, scope.post.as_ref(), at) {
        return Ok(Some(Standing::Own));
    }
    if role == Role::DepartmentAdministrator {
        return Ok(None); // I7
    }
    for deputyship in appointment.deputyships.iter().filter(|deputyship| deputyship.is_in_force(at)) {
        if is_sensitive(role) && department.four_eyes && deputyship.prepared_by.is_none() {
            continue; // I8
        }
        if is_sensitive(role) && department.bound_officers && !identity::has_real_name(state, account)? {
            continue; // I11: the absent officer can come to such a role after his deputy was named
        }
        let is_held = in_office(&deputyship.of)?.is_some_and(|absent| absent.holds(role, scope.post.as_ref(), at));
        if is_held && identity::status(state, &deputyship.of)? == identity::Status::Active {
            // I7
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
    if write.value.is_none() {
        return broken(write, "I1 departments, appointments and proposals stay for ever");
    }
    if let Some(department) = DEPARTMENTS.record_of(write) {
        return check_department(write, &department);
    }
    if let Some(proposal) = PROPOSALS.record_of(write) {
        if proposal.settlement.is_some_and(|settled| settled.approved && settled.by == proposal.prepared_by) {
            return broken(write, "I8 who prepares does not approve");
        }
        return Ok(());
    }
    if let Some(offer) = OFFERS.record_of(write) {
        return check_offer(write, &offer);
    }
    if let Some(history) = DIVISIONS.record_of(write) {
        if history.changes.is_empty() || !history.changes.is_sorted_by_key(|change| change.from) {
            return broken(write, "I16 what a network was told of a division stays, in the order of its days");
        }
        return Ok(());
    }
    if let Some(responsibility) = RESPONSIBILITIES.record_of(write) {
        if responsibility.named.is_some() && responsibility.departments == 0 {
            return broken(write, "I17 who is responsible for a division is one of those that are there for it");
        }
        return Ok(());
    }
    match OFFICERS.record_of(write).or_else(|| PAST_APPOINTMENTS.record_of(write)) {
        Some(appointment) => check_appointment(write, &appointment),
        None => Ok(()),
    }
}

fn broken(write: &Write, invariant: &'static str) -> Result<(), Broken> {
    Err(Broken { table: write.table, invariant })
}

fn check_department(write: &Write, department: &Department) -> Result<(), Broken> {
    if department.names.is_empty() {
        return broken(write, "I1 a department has a name");
    }
    if !(1..=DEPTH_MAX).contains(&department.depth) || (department.depth == 1) != department.parent.is_none() {
        return broken(write, "I2 a root stands at depth 1, nothing below depth 8");
    }
    if department.is_closed() && department.open_subordinates > 0 {
        return broken(write, "I3 what stands below is closed before");
    }
    if department.successions > SUCCESSIONS_MAX {
        return broken(write, "I13 whoever asks who answers for a department comes to an end");
    }
    Ok(())
}

fn check_offer(write: &Write, offer: &Offer) -> Result<(), Broken> {
    if offer.until <= offer.offered_at || offer.until.millis_since(offer.offered_at) > OFFER_MILLIS_MAX {
        return broken(write, "I18 an offer lapses after at most 30 days");
    }
    let is_wrong =
        |settled: Settlement| settled.at >= offer.until || (settled.approved && settled.by == offer.offered_by);
    if offer.settlement.is_some_and(is_wrong) {
        return broken(write, "I18 another administrator accepts, before the offer lapses");
    }
    Ok(())
}

fn check_appointment(write: &Write, appointment: &Appointment) -> Result<(), Broken> {
    if write.table == PAST_APPOINTMENTS.name() && appointment.end.is_none() {
        return broken(write, "I10 one appointment at a time: those before have ended");
    }
    for (index, grant) in appointment.grants.iter().enumerate() {
        if grant.term.from >= grant.term.until || grant.term.from < appointment.since {
            return broken(write, "I4 a term begins before it ends, and not before the appointment");
        }
        let is_held = grant.post.as_ref().is_none_or(|post| appointment.posts.contains(post));
        if !grant.role.is_of_department() || !is_held {
            return broken(write, "I6 a role of departments, at a post that the officer holds");
        }
        if grant.prepared_by == Some(grant.by) {
            return broken(write, "I8 who prepares does not approve");
        }
        let is_same = |other: &Grant| other.role == grant.role && other.post == grant.post;
        let is_left = |grant: &Grant| grant.withdrawn.is_none();
        let overlaps = |other: &Grant| is_same(other) && is_left(other) && other.term.overlaps(&grant.term);
        if is_left(grant) && appointment.grants[..index].iter().any(overlaps) {
            return broken(write, "I6 a role is held once at a time");
        }
    }
    for deputyship in &appointment.deputyships {
        let term = deputyship.term;
        if term.from >= term.until || term.millis() > ABSENCE_MILLIS_MAX {
            return broken(write, "I7 a deputy is there for an absence");
        }
        if deputyship.prepared_by == Some(deputyship.by) {
            return broken(write, "I8 who prepares does not approve");
        }
    }
    Ok(())
}
