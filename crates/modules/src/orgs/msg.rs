//! Everything that crosses the boundary of the module.

use super::state::{LINE_MAX, Offer, Proposal, Responsibility, Standing};
use crate::departments::{Change, Department, Level, Profile, Safeguard};
use crate::divisions::{DIVISION_CHANGES_MAX, Division, DivisionAmendment, DivisionChange};
use crate::offices::{Appointment, DepartmentCode, POSTS_MAX, Post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumDiscriminants, EnumIter, IntoStaticStr};
use tongban_kernel::Role;
use tongban_types::codes::{DivisionCode, LongDivisionCode};
use tongban_types::{AccountId, List, Text, Time};

/// What accounts can ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, EnumDiscriminants)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum_discriminants(name(CallKind), derive(EnumIter, IntoStaticStr), strum(serialize_all = "snake_case"))]
#[strum_discriminants(doc = "The kinds of calls.")]
pub enum Call {
    /// Register a department that stands below no other.
    RegisterDepartment {
        /// Its credit code.
        department: DepartmentCode,
        /// What is said of it.
        profile: Profile,
    },
    /// Name an administrator of such a department, as long as none of its own can act (two, where it wants four eyes).
    NameAdministrator {
        /// The department.
        department: DepartmentCode,
        /// The account of a person; it becomes an officer, if it is none.
        account: AccountId,
        /// The office, where it becomes one.
        office: Text<40>,
        /// Until when.
        until: Time,
    },
    /// Change such a department.
    ChangeRoot {
        /// The department.
        department: DepartmentCode,
        /// What changes.
        change: Change,
    },
    /// Register a department below another one.
    RegisterSubordinate {
        /// The department above.
        parent: DepartmentCode,
        /// Its credit code.
        department: DepartmentCode,
        /// What is said of it. Its division lies in that of the department above.
        profile: Profile,
    },
    /// Change a department, as an administrator of one above it.
    ChangeDepartment {
        /// The department.
        department: DepartmentCode,
        /// What changes.
        change: Change,
    },
    /// Appoint an officer. He holds no role by that.
    Appoint {
        /// The department.
        department: DepartmentCode,
        /// The account of a person, or of a system that does automatic steps.
        account: AccountId,
        /// What he is there.
        position: Position,
    },
    /// Give an officer a role. One of those that decide needs `propose` and `approve`, where the department wants four eyes.
    Grant {
        /// The department.
        department: DepartmentCode,
        /// The officer.
        account: AccountId,
        /// The right.
        right: Right,
    },
    /// Take a role from an officer, now.
    WithdrawGrant {
        /// The department.
        department: DepartmentCode,
        /// The officer.
        account: AccountId,
        /// The role.
        role: Role,
        /// The post for which it was given; without one, what was given for all posts is taken.
        post: Option<Post>,
    },
    /// End an appointment, and with it all rights that hang on it.
    Dismiss {
        /// The department.
        department: DepartmentCode,
        /// The officer.
        account: AccountId,
        /// Why, in office; no personal data.
        reason: Text<200>,
    },
    /// Appoint an officer elsewhere, or to other posts in the same department. The old appointment stays as history, its rights end.
    Transfer {
        /// The officer.
        account: AccountId,
        /// The department that he leaves.
        from: DepartmentCode,
        /// The department that he comes to.
        to: DepartmentCode,
        /// What he is there.
        position: Position,
    },
    /// Have an officer stand in for another one of the same department who is absent. He may then act in the roles that were given to that
    /// one, but for that of an administrator.
    NameDeputy {
        /// The department.
        department: DepartmentCode,
        /// Who stands in for whom.
        deputy: Deputy,
    },
    /// Have a deputy stand in no longer.
    EndDeputy {
        /// The department.
        department: DepartmentCode,
        /// The deputy.
        account: AccountId,
        /// For whom he stands in.
        of: AccountId,
    },
    /// Prepare a right, a deputy, or that a safeguard is waived, for another administrator's approval.
    Propose {
        /// The department.
        department: DepartmentCode,
        /// What is to be given.
        proposed: Proposed,
    },
    /// Approve what another administrator has prepared; it counts from now on.
    Approve {
        /// The department.
        department: DepartmentCode,
        /// The number of the proposal.
        number: u32,
    },
    /// Settle a proposal, another's or one's own, without giving anything.
    Reject {
        /// The department.
        department: DepartmentCode,
        /// The number of the proposal.
        number: u32,
        /// Why, in office; no personal data.
        reason: Text<200>,
    },
    /// Offer an officer to a department of another tree, as an administrator of the one that he leaves (跨系统调动). He stays until it is accepted.
    OfferTransfer {
        /// The officer.
        account: AccountId,
        /// The department that he leaves.
        from: DepartmentCode,
        /// The department that he would come to.
        to: DepartmentCode,
        /// Until when it can be accepted: at most 30 days.
        until: Time,
    },
    /// Take back an offer that is neither accepted nor declined.
    WithdrawOffer {
        /// The officer.
        account: AccountId,
        /// The department that he would have left.
        from: DepartmentCode,
    },
    /// Accept an officer who was offered by another tree, as an administrator of the department that he comes to. The old appointment stays as
    /// history, its rights end; those of the new one are given like any other.
    AcceptTransfer {
        /// The officer.
        account: AccountId,
        /// The department that he leaves.
        from: DepartmentCode,
        /// The department that he comes to.
        to: DepartmentCode,
        /// What he is there.
        position: Position,
    },
    /// Decline an officer who was offered by another tree. He stays where he is.
    DeclineTransfer {
        /// The officer.
        account: AccountId,
        /// The department that would have let him go.
        from: DepartmentCode,
        /// The department that he was offered to.
        to: DepartmentCode,
        /// Why, in office; no personal data.
        reason: Text<200>,
    },
    /// Tell what becomes of a division (行政区划变更): it is added, renamed or abolished, from a day on. Departments that are there stay.
    AmendDivision {
        /// The division, down to the county.
        division: DivisionCode,
        /// What becomes of it.
        amendment: DivisionAmendment,
        /// From when on: the beginning of the day. Not before the last change of this division.
        from: Time,
    },
    /// Name the department that is responsible for its division (区划主责部门), where several are that have none above them for it.
    NameResponsible {
        /// The department: none above it is there for the same division.
        department: DepartmentCode,
    },
}

/// What an officer is in a department.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// The office (职务).
    pub office: Text<40>,
    /// The posts (岗位), as the flows of items name them; each once.
    pub posts: List<Post, POSTS_MAX>,
    /// His number in the department's own list of staff (工号); no name, no number of a citizen.
    pub staff_number: Option<Text<20>>,
}

/// A role at a post for a term.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Right {
    /// The role.
    pub role: Role,
    /// The one post of his at which it counts; without one it counts at all of them.
    pub post: Option<Post>,
    /// From when on; from now on without it. Never earlier than now.
    pub from: Option<Time>,
    /// Until when: not longer than the term of the administrator who gives it.
    pub until: Time,
}

/// Who stands in for whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deputy {
    /// The deputy: a person.
    pub account: AccountId,
    /// The officer who is absent.
    pub of: AccountId,
    /// From when on; from now on without it. Never earlier than now.
    pub from: Option<Time>,
    /// Until when: at most 180 days, and not longer than the term of the administrator who names him.
    pub until: Time,
}

/// What two administrators give together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Proposed {
    /// A role.
    Grant {
        /// The officer.
        account: AccountId,
        /// The right.
        right: Right,
    },
    /// A deputy.
    Deputy {
        /// Who stands in for whom.
        deputy: Deputy,
    },
    /// That the department does without a safeguard from now on. One of the two administers a department above it, where there is one.
    Waiver {
        /// The safeguard.
        safeguard: Safeguard,
    },
}

/// What can be asked of the state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Query {
    /// One department.
    Department {
        /// Its credit code.
        department: DepartmentCode,
    },
    /// The present or last appointment of an account in a department.
    Officer {
        /// The department.
        department: DepartmentCode,
        /// The account.
        account: AccountId,
    },
    /// An appointment that came before the present or last one.
    PastAppointment {
        /// The department.
        department: DepartmentCode,
        /// The account.
        account: AccountId,
        /// The number of the appointment.
        number: u32,
    },
    /// A department and those above it.
    Line {
        /// Its credit code.
        department: DepartmentCode,
    },
    /// What was prepared for approval.
    Proposal {
        /// The department.
        department: DepartmentCode,
        /// The number of the proposal.
        number: u32,
    },
    /// Whether an account holds a role in a department, himself or as a deputy.
    Standing {
        /// The department.
        department: DepartmentCode,
        /// The account.
        account: AccountId,
        /// The role.
        role: Role,
        /// The post, where it matters.
        post: Option<Post>,
        /// When.
        at: Time,
    },
    /// The last offer of an officer to another tree.
    Offer {
        /// The department that he is an officer of.
        department: DepartmentCode,
        /// The officer.
        account: AccountId,
    },
    /// A division at a moment: its name, level and validity (行政区划).
    Division {
        /// The division in 12 digits; of a town or village the county's part is looked up.
        division: LongDivisionCode,
        /// When.
        at: Time,
    },
    /// Who sets the rules of a division.
    Responsibility {
        /// The division in 12 digits.
        division: LongDivisionCode,
    },
}

/// The answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// One department.
    Department {
        /// The department, where it is registered.
        department: Option<Box<Department>>,
    },
    /// An appointment.
    Officer {
        /// The appointment, where there is or was one.
        appointment: Option<Box<Appointment>>,
    },
    /// An appointment that came before.
    PastAppointment {
        /// The appointment, where there was one of this number.
        appointment: Option<Box<Appointment>>,
    },
    /// A department and those above it.
    Line {
        /// The department itself first, the root last; empty where it is unknown.
        line: List<LineEntry, LINE_MAX>,
    },
    /// What was prepared for approval.
    Proposal {
        /// The proposal, where there is one of this number.
        proposal: Option<Box<Proposal>>,
    },
    /// Whether an account holds a role in a department.
    Standing {
        /// How it comes to it; none where it does not hold it.
        standing: Option<Standing>,
    },
    /// The last offer of an officer to another tree.
    Offer {
        /// The offer, where there was one.
        offer: Option<Box<Offer>>,
    },
    /// A division at a moment.
    Division {
        /// The division, where the network's table knows it.
        division: Option<Division>,
        /// What the network has told of it beside the table that came with the program.
        changes: List<DivisionChange, DIVISION_CHANGES_MAX>,
    },
    /// Who sets the rules of a division.
    Responsibility {
        /// How many departments could, and which one was named; none where no department ever was there for it.
        responsibility: Option<Responsibility>,
    },
}

/// A department on the way to its root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LineEntry {
    /// Its credit code.
    pub department: DepartmentCode,
    /// Its name in full.
    pub name: Text<200>,
    /// Its level.
    pub level: Level,
    /// Whether its officers can act.
    pub is_active: bool,
}

/// What has happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A department was registered.
    DepartmentRegistered {
        /// Its credit code.
        department: DepartmentCode,
        /// Its name in full.
        name: Text<200>,
        /// Its short name.
        short_name: Text<40>,
        /// Its division.
        division: LongDivisionCode,
        /// Its level.
        level: Level,
        /// The department above it.
        parent: Option<DepartmentCode>,
        /// The validator that hosts it.
        host: Option<Text<200>>,
    },
    /// An officer was appointed.
    Appointed {
        /// The department.
        department: DepartmentCode,
        /// The officer.
        account: AccountId,
        /// Counts his appointments in this department.
        number: u32,
        /// The office.
        office: Text<40>,
        /// The posts.
        posts: List<Post, POSTS_MAX>,
        /// The number in the list of staff.
        staff_number: Option<Text<20>>,
        /// The administrator.
        by: AccountId,
    },
    /// An officer was given a role.
    Granted {
        /// The department.
        department: DepartmentCode,
        /// The officer.
        account: AccountId,
        /// His office.
        office: Text<40>,
        /// The role.
        role: Role,
        /// The one post at which it counts.
        post: Option<Post>,
        /// From when on.
        from: Time,
        /// Until when.
        until: Time,
        /// The administrator who gave or approved it.
        by: AccountId,
        /// The administrator who prepared it, where two were needed.
        prepared_by: Option<AccountId>,
        /// The number of his proposal.
        proposal: Option<u32>,
    },
    /// A role was taken from an officer.
    GrantWithdrawn {
        /// The department.
        department: DepartmentCode,
        /// The officer.
        account: AccountId,
        /// The role.
        role: Role,
        /// The one post at which it counted.
        post: Option<Post>,
        /// The administrator.
        by: AccountId,
    },
    /// An appointment has ended, and all rights that hang on it.
    Dismissed {
        /// The department.
        department: DepartmentCode,
        /// Who was an officer there.
        account: AccountId,
        /// The office.
        office: Text<40>,
        /// Why.
        reason: Text<200>,
        /// The administrator.
        by: AccountId,
    },
    /// An officer was transferred.
    Transferred {
        /// The officer.
        account: AccountId,
        /// The department that he has left.
        from: DepartmentCode,
        /// The department that he has come to.
        to: DepartmentCode,
        /// Counts his appointments there.
        number: u32,
        /// The office there.
        office: Text<40>,
        /// The posts there.
        posts: List<Post, POSTS_MAX>,
        /// The number in the list of staff there.
        staff_number: Option<Text<20>>,
        /// The administrator; between two trees the one of the department that he has come to.
        by: AccountId,
        /// Between two trees, the administrator who has let him go.
        released_by: Option<AccountId>,
    },
    /// An officer stands in for another one.
    DeputyNamed {
        /// The department.
        department: DepartmentCode,
        /// The deputy.
        account: AccountId,
        /// The deputy's own office.
        office: Text<40>,
        /// The officer who is absent.
        of: AccountId,
        /// From when on.
        from: Time,
        /// Until when.
        until: Time,
        /// The administrator who named or approved him.
        by: AccountId,
        /// The administrator who prepared it, where two were needed.
        prepared_by: Option<AccountId>,
        /// The number of his proposal.
        proposal: Option<u32>,
    },
    /// A deputy stands in no longer.
    DeputyEnded {
        /// The department.
        department: DepartmentCode,
        /// The deputy.
        account: AccountId,
        /// For whom he stood in.
        of: AccountId,
        /// The administrator.
        by: AccountId,
    },
    /// A right, a deputy or a waiver was prepared for approval.
    Prepared {
        /// The department.
        department: DepartmentCode,
        /// The number of the proposal.
        number: u32,
        /// What is to be given.
        proposed: Proposed,
        /// The administrator.
        by: AccountId,
    },
    /// A proposal was settled without giving anything.
    Rejected {
        /// The department.
        department: DepartmentCode,
        /// The number of the proposal.
        number: u32,
        /// Why.
        reason: Text<200>,
        /// The administrator.
        by: AccountId,
    },
    /// A department was changed.
    DepartmentChanged {
        /// The department.
        department: DepartmentCode,
        /// What has changed.
        change: Change,
        /// The administrator who changed it, or approved the change.
        by: AccountId,
        /// The administrator who prepared it, where two were needed.
        prepared_by: Option<AccountId>,
        /// The number of his proposal.
        proposal: Option<u32>,
    },
    /// The network's administrator named an administrator of a root.
    AdministratorNamed {
        /// The department.
        department: DepartmentCode,
        /// The officer.
        account: AccountId,
        /// The number of his appointment, which begins with this where he was no officer.
        number: u32,
        /// His office.
        office: Text<40>,
        /// From when on.
        from: Time,
        /// Until when.
        until: Time,
        /// The network's administrator.
        by: AccountId,
    },
    /// An officer was offered to a department of another tree.
    TransferOffered {
        /// The officer.
        account: AccountId,
        /// The department that he would leave.
        from: DepartmentCode,
        /// The department that he would come to.
        to: DepartmentCode,
        /// Until when it can be accepted.
        until: Time,
        /// The administrator of the department that he would leave.
        by: AccountId,
    },
    /// An offer was taken back.
    OfferWithdrawn {
        /// The officer.
        account: AccountId,
        /// The department that he stays in.
        from: DepartmentCode,
        /// The department that he was offered to.
        to: DepartmentCode,
        /// The administrator of the department that he stays in.
        by: AccountId,
    },
    /// An offer was declined.
    TransferDeclined {
        /// The officer.
        account: AccountId,
        /// The department that he stays in.
        from: DepartmentCode,
        /// The department that he was offered to.
        to: DepartmentCode,
        /// Why.
        reason: Text<200>,
        /// The administrator of the department that he was offered to.
        by: AccountId,
    },
    /// The network was told what becomes of a division.
    DivisionAmended {
        /// The division.
        division: DivisionCode,
        /// What becomes of it.
        amendment: DivisionAmendment,
        /// From when on.
        from: Time,
        /// The network's administrator.
        by: AccountId,
    },
    /// A department was named as responsible for its division.
    ResponsibleNamed {
        /// The division.
        division: LongDivisionCode,
        /// The department.
        department: DepartmentCode,
        /// The network's administrator.
        by: AccountId,
    },
}
