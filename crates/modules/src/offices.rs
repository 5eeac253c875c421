//! Offices: what an officer of a department holds, for how long, and what that lets him do. Pure types and functions, without records.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_kernel::Role;
use tongban_types::codes::UnifiedSocialCreditCode;
use tongban_types::{AccountId, List, Text, Time, list::TooMany};

/// A department is known by its credit code.
pub type DepartmentCode = UnifiedSocialCreditCode;
/// A post (岗位), as flows of items name it.
pub type Post = Text<40>;

/// Posts of one officer.
pub const POSTS_MAX: usize = 8;
/// Grants of one appointment, those that are over included; the oldest of these make room.
pub const GRANTS_MAX: usize = 64;
/// Deputyships of one appointment, those that are over included; the oldest of these make room.
pub const DEPUTYSHIPS_MAX: usize = 16;

/// From when until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// The first moment.
    pub from: Time,
    /// The first moment after it.
    pub until: Time,
}

/// A role given to an officer (授权).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// The one post for which it is given; without one, for all that he holds.
    pub post: Option<Post>,
    /// From when until when.
    pub term: Term,
    /// The administrator who gave it, or approved it.
    pub by: AccountId,
    /// The other administrator who prepared it, where two are needed.
    pub prepared_by: Option<AccountId>,
    /// The receipt.
    pub receipt: u64,
    /// Whether it was taken back before its time.
    pub withdrawn: Option<Stopped>,
}

/// That an officer stands in for another one who is absent (代理).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Deputyship {
    /// The officer who is absent.
    pub of: AccountId,
    /// From when until when.
    pub term: Term,
    /// The administrator who named the deputy, or approved him.
    pub by: AccountId,
    /// The other administrator who prepared it, where two are needed.
    pub prepared_by: Option<AccountId>,
    /// The receipt.
    pub receipt: u64,
    /// Whether it was ended before its time.
    pub ended: Option<Stopped>,
}

/// That something was stopped before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stopped {
    /// When: the block's time.
    pub at: Time,
    /// The administrator who did.
    pub by: AccountId,
    /// The receipt.
    pub receipt: u64,
}

/// An appointment of an officer in a department (任职).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Appointment {
    /// The version of this format.
    pub version: u16,
    /// Counts the appointments of this account in this department from 1.
    pub number: u32,
    /// The office (职务).
    pub office: Text<40>,
    /// The posts (岗位), each once.
    pub posts: List<Post, POSTS_MAX>,
    /// The officer's number in the department's own list of staff (工号); no name, no number of a citizen.
    pub staff_number: Option<Text<20>>,
    /// Who appointed him.
    pub by: AccountId,
    /// Since when: the block's time.
    pub since: Time,
    /// The receipt.
    pub receipt: u64,
    /// The appointment before this one, wherever it was.
    pub previous: Option<AppointmentPlace>,
    /// The roles given to him, oldest first.
    pub grants: List<Grant, GRANTS_MAX>,
    /// For whom he stands in, oldest first.
    pub deputyships: List<Deputyship, DEPUTYSHIPS_MAX>,
    /// How it ended.
    pub end: Option<AppointmentEnd>,
}

/// Where an appointment of the same account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AppointmentPlace {
    /// The department.
    pub department: DepartmentCode,
    /// The number there.
    pub number: u32,
}

/// How an appointment ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AppointmentEnd {
    /// When: the block's time.
    pub at: Time,
    /// The administrator who ended it.
    pub by: AccountId,
    /// The receipt.
    pub receipt: u64,
    /// Why.
    pub cause: EndCause,
}

/// Why an appointment ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndCause {
    /// Dismissed (免职).
    Dismissed {
        /// Why, in office; no personal data.
        reason: Text<200>,
    },
    /// Transferred (调动).
    Transferred {
        /// The department of the next appointment.
        to: DepartmentCode,
    },
}

impl Term {
    /// Whether a moment lies in it.
    pub fn covers(&self, at: Time) -> bool {
        self.from <= at && at < self.until
    }

    /// Whether they have a moment in common.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.from < other.until && other.from < self.until
    }
}

impl Grant {
    /// Whether it counts at a moment.
    pub fn is_in_force(&self, at: Time) -> bool {
        self.term.covers(at) && self.withdrawn.is_none_or(|withdrawn| at < withdrawn.at)
    }

    /// Whether it will never count again.
    pub fn is_over(&self, now: Time) -> bool {
        self.withdrawn.is_some() || self.term.until <= now
    }
}

impl Deputyship {
    /// Whether it counts at a moment.
    pub fn is_in_force(&self, at: Time) -> bool {
        self.term.covers(at) && self.ended.is_none_or(|ended| at < ended.at)
    }

    /// Whether it will never count again.
    pub fn is_over(&self, now: Time) -> bool {
        self.ended.is_some() || self.term.until <= now
    }
}

impl Appointment {
    /// Whether the officer was in office at a moment.
    pub fn is_in_office(&self, at: Time) -> bool {
        self.since <= at && self.end.as_ref().is_none_or(|end| at < end.at)
    }

    /// Whether he himself holds a role at a moment, at this post where one is asked for. Who does not hold a post holds no role there,
    /// even if the role was given to him for all his posts.
    pub fn holds(&self, role: Role, post: Option<&Post>, at: Time) -> bool {
        let is_for_post = |grant: &Grant| {
            post.is_none_or(|post| self.posts.contains(post) && grant.post.as_ref().is_none_or(|given| given == post))
        };
        let holds = |grant: &Grant| grant.role == role && grant.is_in_force(at) && is_for_post(grant);
        self.is_in_office(at) && self.grants.iter().any(holds)
    }

    /// Adds a grant; where there is no room, the oldest one that is over goes, and stays on its receipt.
    pub fn add_grant(&mut self, grant: Grant, now: Time) -> Result<(), TooMany> {
        if self.grants.len() == GRANTS_MAX
            && let Some(over) = self.grants.iter().position(|grant| grant.is_over(now))
        {
            let mut grants = std::mem::take(&mut self.grants).into_vec();
            grants.remove(over);
            self.grants = List::new(grants)?;
        }
        self.grants.push(grant)
    }

    /// Until when he administers the department, if he does at a moment.
    pub fn administers_until(&self, at: Time) -> Option<Time> {
        let is_mandate = |grant: &&Grant| grant.role == Role::DepartmentAdministrator && grant.is_in_force(at);
        let grants = self.grants.iter().filter(is_mandate);
        grants.map(|grant| grant.term.until).max().filter(|_| self.is_in_office(at))
    }
}

/// Whether a role decides over rights of others, or over people: it is given to persons alone, and by two administrators where the
/// department wants four eyes (双人复核).
pub const fn is_sensitive(role: Role) -> bool {
    matches!(role, Role::DepartmentAdministrator | Role::Approver | Role::Head | Role::RecoveryApprover)
}
