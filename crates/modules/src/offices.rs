//! Offices: what an officer of a department holds, for how long, and what that lets him do. Pure types and functions, without records.

use crate::orgs::Error;
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
/// The longest absence for which a deputy can be named at once. A right for longer is given as a right.
pub const ABSENCE_MILLIS_MAX: u64 = 180 * 86_400_000;
/// The longest time for which an officer is offered to a department of another tree.
pub const OFFER_MILLIS_MAX: u64 = 30 * 86_400_000;
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
        /// The number of the next appointment there.
        number: u32,
    },
}

impl Term {
    /// The term of a right that is given now, by somebody whose own term ends at `latest`.
    pub fn given(from: Option<Time>, until: Time, latest: Time, now: Time) -> Result<Self, Error> {
        let term = Self { from: from.unwrap_or(now), until };
        if term.until <= term.from {
            return Err(Error::TermEmpty); // I4
        }
        if term.from < now {
            return Err(Error::TermBackwards); // I4
        }
        if term.until > latest {
            return Err(Error::BeyondTerm); // I4
        }
        Ok(term)
    }

    /// How long it is, in milliseconds.
    pub fn millis(&self) -> u64 {
        self.until.millis_since(self.from)
    }

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

    /// Whether he holds a role that decides at a moment, or will.
    pub fn will_decide(&self, now: Time) -> bool {
        self.end.is_none() && self.grants.iter().any(|grant| is_sensitive(grant.role) && !grant.is_over(now))
    }

    /// Adds a grant; where there is no room, the oldest one that is over goes, and stays on its receipt.
    pub fn add_grant(&mut self, grant: Grant, now: Time) -> Result<(), TooMany> {
        add(&mut self.grants, grant, |held| held.is_over(now))
    }

    /// Adds a deputyship; where there is no room, the oldest one that is over goes, and stays on its receipt.
    pub fn add_deputyship(&mut self, deputyship: Deputyship, now: Time) -> Result<(), TooMany> {
        add(&mut self.deputyships, deputyship, |held| held.is_over(now))
    }

    /// Takes a role back that is not over. Whether there was one.
    pub fn withdraw_grants(&mut self, role: Role, post: Option<&Post>, stopped: Stopped) -> bool {
        let mut grants = std::mem::take(&mut self.grants).into_vec();
        let mut found = false;
        for grant in grants.iter_mut() {
            if grant.role == role && grant.post.as_ref() == post && !grant.is_over(stopped.at) {
                grant.withdrawn = Some(stopped);
                found = true;
            }
        }
        self.grants = List::new(grants).expect("as many as before");
        found
    }

    /// Ends the deputyships for an officer that are not over. Whether there was one.
    pub fn end_deputyships(&mut self, of: &AccountId, stopped: Stopped) -> bool {
        let mut deputyships = std::mem::take(&mut self.deputyships).into_vec();
        let mut found = false;
        for deputyship in deputyships.iter_mut() {
            if deputyship.of == *of && !deputyship.is_over(stopped.at) {
                deputyship.ended = Some(stopped);
                found = true;
            }
        }
        self.deputyships = List::new(deputyships).expect("as many as before");
        found
    }

    /// Until when he administers the department, if he does at a moment.
    pub fn administers_until(&self, at: Time) -> Option<Time> {
        let is_mandate = |grant: &&Grant| grant.role == Role::DepartmentAdministrator && grant.is_in_force(at);
        let grants = self.grants.iter().filter(is_mandate);
        grants.map(|grant| grant.term.until).max().filter(|_| self.is_in_office(at))
    }
}

fn add<T, const MAX: usize>(list: &mut List<T, MAX>, new: T, is_over: impl Fn(&T) -> bool) -> Result<(), TooMany> {
    let mut entries = std::mem::take(list).into_vec();
    if entries.len() == MAX
        && let Some(over) = entries.iter().position(is_over)
    {
        entries.remove(over);
    }
    entries.push(new);
    *list = List::new(entries)?;
    Ok(())
}

/// Whether a role decides over rights of others, or over people and who they are: it is given to persons alone, by two administrators where
/// the department wants four eyes (双人复核), and to bound persons where it wants bound officers (实名任职).
pub const fn is_sensitive(role: Role) -> bool {
    matches!(
        role,
        Role::DepartmentAdministrator | Role::Approver | Role::Head | Role::IdentityOfficer | Role::RecoveryApprover
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use tongban_types::codec;
    use tongban_types::proof::state::RECORD_BYTES_MAX;

    #[test]
    fn the_largest_appointment_fits() {
        let long = || Text::new("岗".repeat(40)).expect("a long text");
        let (by, term) = (AccountId::LEDGER, Term { from: Time::MAX, until: Time::MAX });
        let stopped = Some(Stopped { at: Time::MAX, by, receipt: u64::MAX });
        let prepared_by = Some(by);
        let role = Role::Importer;
        let grant = Grant { role, post: Some(long()), term, by, prepared_by, receipt: u64::MAX, withdrawn: stopped };
        let deputyship = Deputyship { of: by, term, by, prepared_by, receipt: u64::MAX, ended: stopped };
        let appointment = Appointment {
            version: u16::MAX,
            number: u32::MAX,
            office: long(),
            posts: List::new(vec![long(); POSTS_MAX]).expect("all posts"),
            staff_number: Some(Text::new("号".repeat(20)).expect("a long text")),
            by,
            since: Time::MAX,
            receipt: u64::MAX,
            previous: None,
            grants: List::new(vec![grant; GRANTS_MAX]).expect("all grants"),
            deputyships: List::new(vec![deputyship; DEPUTYSHIPS_MAX]).expect("all deputyships"),
            end: None,
        };
        assert!(codec::encode(&appointment).len() < RECORD_BYTES_MAX / 2);
    }
}
