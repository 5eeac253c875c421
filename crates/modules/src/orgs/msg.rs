//! Everything that crosses the boundary of the module.

use super::state::{Department, Standing};
use crate::offices::{Appointment, DepartmentCode, POSTS_MAX, Post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumDiscriminants, EnumIter, IntoStaticStr};
use tongban_kernel::Role;
use tongban_types::codes::LongDivisionCode;
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
    /// Name an administrator of such a department, as long as it has none of its own.
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
    /// Register a department below another one.
    RegisterSubordinate {
        /// The department above.
        parent: DepartmentCode,
        /// Its credit code.
        department: DepartmentCode,
        /// What is said of it. Its division lies in that of the department above.
        profile: Profile,
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
}

/// What is said of a department.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name in full (部门名称).
    pub name: Text<200>,
    /// Its short name (部门简称).
    pub short_name: Text<40>,
    /// The division for which it is there, in 12 digits; those of a county and above end with six zeros. It gives the level.
    pub division: LongDivisionCode,
    /// The validator that hosts it, by its department's name, where it runs none itself.
    pub host: Option<Text<200>>,
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

/// The level of a department.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 国家级.
    Nation,
    /// 省级.
    Province,
    /// 市级.
    City,
    /// 县级.
    County,
    /// 乡级.
    Town,
    /// 村级.
    Village,
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
    /// Whether an account holds a role in a department.
    Standing {
        /// How it comes to it; none where it does not hold it.
        standing: Option<Standing>,
    },
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
    },
}
