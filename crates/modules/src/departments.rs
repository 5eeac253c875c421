//! Departments: what is recorded of one, how it begins and how it changes. Pure types and functions, without records.

use crate::offices::{DepartmentCode, is_sensitive};
use crate::orgs::Error;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_kernel::Role;
use tongban_types::codes::{DivisionLevel, LongDivisionCode};
use tongban_types::{AccountId, List, Text, Time};

/// The version of a department's format.
pub const DEPARTMENT_VERSION: u16 = 2;
/// Departments from a root down to the lowest, both included.
pub const DEPTH_MAX: u8 = 8;
/// Names that a department has had, and has.
pub const NAMES_MAX: usize = 32;
/// Administrators of one department at a time.
pub const ADMINISTRATORS_MAX: usize = 16;
/// Closings, one after the other, that are followed from a department to the one that answers for it.
pub const SUCCESSIONS_MAX: u8 = 32;

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
    /// To whom the role of administrator was given; whether they hold it now stands with their grants.
    pub administrators: List<AccountId, ADMINISTRATORS_MAX>,
    /// How many departments directly below it are not closed.
    pub open_subordinates: u32,
    /// How many proposals there have been.
    pub proposals: u32,
    /// When it was registered: the block's time.
    pub registered_at: Time,
    /// The receipt.
    pub receipt: u64,
    /// Whether sensitive rights are given only to persons whose account is bound to them.
    pub bound_officers: bool,
    /// How many departments below it, at whatever depth, want four eyes and are not closed.
    pub four_eyes_below: u32,
    /// How many departments, one closed into the next, have led to it at most.
    pub successions: u8,
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
    /// Not until it is resumed (暂停).
    Suspended {
        /// Why.
        reason: Text<200>,
        /// Since when: the block's time.
        since: Time,
        /// The receipt.
        receipt: u64,
    },
    /// Never again (撤销).
    Closed {
        /// Why.
        reason: Text<200>,
        /// The department that took its place.
        merged_into: Option<DepartmentCode>,
        /// Since when: the block's time.
        since: Time,
        /// The receipt.
        receipt: u64,
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

/// What changes of a department.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// It has another name; those that it had stay as history.
    Rename {
        /// In full.
        name: Text<200>,
        /// In short.
        short_name: Text<40>,
    },
    /// Another validator hosts it, or none.
    Host {
        /// The validator, by its department's name; a member of the network.
        host: Option<Text<200>>,
    },
    /// Sensitive rights (administrator, approver, head, identity officer, recovery approver) need two administrators from now on. That
    /// they do no longer is decided by two: see `propose`.
    FourEyes {
        /// Whether they do.
        required: bool,
    },
    /// It does not act until it is resumed.
    Suspend {
        /// Why, in office; no personal data.
        reason: Text<200>,
    },
    /// It acts again.
    Resume {},
    /// It is closed for ever; those below it are closed before.
    Close {
        /// The department that takes its place.
        merged_into: Option<DepartmentCode>,
        /// Why, in office; no personal data.
        reason: Text<200>,
    },
    /// Sensitive rights are given only to persons whose account is bound to them, at level L2 or above, from now on (实名任职). That they are
    /// given to others again is decided by two: see `propose`.
    BoundOfficers {
        /// Whether they are.
        required: bool,
    },
}

/// What protects the rights of a department. One administrator of a department above switches it on, two switch it off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Safeguard {
    /// Sensitive rights need two administrators (双人复核).
    FourEyes,
    /// Sensitive rights are given to bound persons alone (实名任职).
    BoundOfficers,
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

impl Safeguard {
    /// The change that takes it from a department.
    pub const fn waived(self) -> Change {
        match self {
            Self::FourEyes => Change::FourEyes { required: false },
            Self::BoundOfficers => Change::BoundOfficers { required: false },
        }
    }
}

impl Change {
    /// Whether it takes a safeguard from a department.
    pub const fn is_waiver(&self) -> bool {
        matches!(self, Self::FourEyes { required: false } | Self::BoundOfficers { required: false })
    }
}

impl Department {
    /// Whether it has closed.
    pub fn is_closed(&self) -> bool {
        matches!(self.status, Status::Closed { .. })
    }

    /// Whether this role is given in it by two administrators alone. Where a department below wants four eyes, an administrator here is one
    /// there, too: whoever could name him alone would have both pairs of eyes.
    pub fn wants_two_for(&self, role: Role) -> bool {
        let is_above_one = role == Role::DepartmentAdministrator && self.four_eyes_below > 0;
        is_sensitive(role) && (self.four_eyes || is_above_one)
    }

    /// Whether it has this safeguard.
    pub fn has(&self, safeguard: Safeguard) -> bool {
        match safeguard {
            Safeguard::FourEyes => self.four_eyes,
            Safeguard::BoundOfficers => self.bound_officers,
        }
    }

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

    /// A department that is registered now, below another one or below none.
    pub fn found(
        profile: Profile,
        above: Option<(DepartmentCode, &Self)>,
        now: Time,
        receipt: u64,
    ) -> Result<Self, Error> {
        let depth = above.map_or(1, |(_, above)| above.depth + 1);
        if depth > DEPTH_MAX {
            return Err(Error::TooDeep); // I2
        }
        if above.is_some_and(|(_, above)| !lies_within(&profile.division, &above.division)) {
            return Err(Error::OtherDivision); // I2
        }
        let Profile { name, short_name, division, host } = profile;
        let first = DepartmentName { full: name, short: short_name, since: now, receipt };
        Ok(Self {
            version: DEPARTMENT_VERSION,
            names: List::new(vec![first]).expect("one name fits"),
            division,
            parent: above.map(|(parent, _)| parent),
            depth,
            status: Status::Active,
            host,
            four_eyes: above.is_some_and(|(_, above)| above.four_eyes),
            administrators: List::default(),
            open_subordinates: 0,
            proposals: 0,
            registered_at: now,
            receipt,
            bound_officers: above.is_some_and(|(_, above)| above.bound_officers),
            four_eyes_below: 0,
            successions: 0,
        })
    }

    /// Changes the department. What a change asks of other departments is not seen here.
    pub fn apply(&mut self, change: Change, now: Time, receipt: u64) -> Result<(), Error> {
        if self.is_closed() {
            return Err(Error::Closed); // I3
        }
        match change {
            Change::Rename { name, short_name } => self.rename(name, short_name, now, receipt),
            Change::Host { host } => replace(&mut self.host, host),
            Change::FourEyes { required } => replace(&mut self.four_eyes, required),
            Change::BoundOfficers { required } => replace(&mut self.bound_officers, required),
            Change::Suspend { reason } => {
                if !self.is_active() {
                    return Err(Error::Suspended);
                }
                self.status = Status::Suspended { reason, since: now, receipt };
                Ok(())
            }
            Change::Resume {} => {
                if self.is_active() {
                    return Err(Error::NotSuspended);
                }
                self.status = Status::Active;
                Ok(())
            }
            Change::Close { merged_into, reason } => {
                if self.open_subordinates > 0 {
                    return Err(Error::HasSubordinates); // I3
                }
                self.status = Status::Closed { reason, merged_into, since: now, receipt };
                Ok(())
            }
        }
    }

    fn rename(&mut self, name: Text<200>, short_name: Text<40>, now: Time, receipt: u64) -> Result<(), Error> {
        let last = self.name();
        if last.full == name && last.short == short_name {
            return Err(Error::Unchanged);
        }
        let name = DepartmentName { full: name, short: short_name, since: now, receipt };
        self.names.push(name).map_err(|_| Error::TooManyNames)
    }
}

fn replace<T: PartialEq>(old: &mut T, new: T) -> Result<(), Error> {
    if *old == new {
        return Err(Error::Unchanged);
    }
    *old = new;
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;
    use tongban_types::codec;
    use tongban_types::proof::state::RECORD_BYTES_MAX;

    fn found(division: &str) -> Department {
        let text = |text: &str| Text::new(text).expect("a short text");
        let profile = Profile {
            name: text("局"),
            short_name: Text::new("局").expect("a short text"),
            division: division.parse().expect("a division"),
            host: None,
        };
        Department::found(profile, None, Time::default(), 0).expect("a root has no one above")
    }

    #[test]
    fn levels_are_those_of_divisions() {
        let cases = [
            ("100000000000", Level::Nation),
            ("510000000000", Level::Province),
            ("510100000000", Level::City),
            ("510104000000", Level::County),
            ("429004000000", Level::County),
            ("510104001000", Level::Town),
            ("510104001001", Level::Village),
        ];
        let mut within: Option<LongDivisionCode> = None;
        for (division, level) in cases {
            let department = found(division);
            assert_eq!(department.level(), level, "{division}");
            assert!(lies_within(&department.division, &found("100000000000").division), "{division}");
            let above = within.replace(department.division);
            assert!(above.is_none_or(|above| !lies_within(&above, &department.division)), "{division}");
        }
    }

    #[test]
    fn the_largest_department_fits() {
        let full = Text::new("局".repeat(200)).expect("a long name");
        let short = Text::new("局".repeat(40)).expect("a long name");
        let name = DepartmentName { full, short, since: Time::MAX, receipt: u64::MAX };
        let mut department = found("510100000000");
        department.names = List::new(vec![name; NAMES_MAX]).expect("all names");
        department.administrators = List::new(vec![AccountId::LEDGER; ADMINISTRATORS_MAX]).expect("all administrators");
        assert!(codec::encode(&department).len() < RECORD_BYTES_MAX / 2);
    }
}
