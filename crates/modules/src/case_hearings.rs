//! Hearings before a decision (听证，行政许可法 第四十六条至第四十八条): whom the officer has told of the right to one, who has asked for it, when it
//! is held, and whether the decision still waits for it. Types, and pure functions of them.

use crate::case_records::Hand;
use crate::cases::Case;
use crate::identity::Capacity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_types::{AccountId, Digest, List, Time};

/// Interested parties that are told beside the applicant. What concerns more of them is heard in public, which the body decides itself (第四十六条).
pub const PARTIES_MAX: usize = 8;
/// The applicant and all interested parties.
pub const HEARD_MAX: usize = PARTIES_MAX + 1;
/// Working days to ask for a hearing (第四十七条).
pub const ASK_DAYS: u16 = 5;
/// Working days from the notice of place and time to the hearing (第四十八条第一项).
pub const NOTICE_DAYS: u16 = 7;

/// A hearing, from the notice of the right to it (听证告知).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hearing {
    /// The step of decision that waits for it.
    pub step: u8,
    /// In which round of that step; a decision that is taken anew has a hearing of its own.
    pub round: u8,
    /// Interested parties (利害关系人), ascending.
    pub parties: List<AccountId, PARTIES_MAX>,
    /// A salted commitment to the notice (听证告知书).
    pub notice: Digest,
    /// Who told them.
    pub told: Hand,
    /// The first moment at which nobody can ask for it any more.
    pub ask_until: Time,
    /// Who asked for it, and who does without it.
    pub answers: List<HearingAnswer, HEARD_MAX>,
    /// Since when it is to be held: since somebody asked for it first, or since the body has arranged it by itself.
    pub to_hold_since: Option<Time>,
    /// When it takes place.
    pub date: Option<HearingDate>,
    /// That it was held.
    pub held: Option<HearingHeld>,
}

/// What somebody said who was told of the right to a hearing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HearingAnswer {
    /// Who was told.
    pub party: AccountId,
    /// Whether he asks for it (申请听证); otherwise he does without it (放弃听证).
    pub wants: bool,
    /// Who answered.
    pub by: AccountId,
    /// As what.
    pub capacity: Capacity,
    /// When.
    pub at: Time,
    /// The receipt.
    pub receipt: u64,
}

/// When a hearing takes place (听证通知).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HearingDate {
    /// When.
    pub at: Time,
    /// A salted commitment to the notice of place and time (听证通知书).
    pub notice: Digest,
    /// Who gave notice of it.
    pub by: Hand,
}

/// That a hearing was held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HearingHeld {
    /// A salted commitment to the record that all have signed (听证笔录).
    pub record: Digest,
    /// Who presided (听证主持人).
    pub by: Hand,
}

impl Hearing {
    /// Those who were told, in the order in which they are asked: the applicant first.
    pub fn heard<'a>(&'a self, applicant: &'a AccountId) -> impl Iterator<Item = &'a AccountId> {
        std::iter::once(applicant).chain(self.parties.iter())
    }

    /// What somebody has answered.
    pub fn answer(&self, party: &AccountId) -> Option<&HearingAnswer> {
        self.answers.iter().find(|answer| answer.party == *party)
    }

    /// Whether the decision waits for it at a time: until it was held; where nobody has asked for it, until nobody can any more or all do without.
    pub fn is_open(&self, at: Time) -> bool {
        let have_all_answered = self.answers.len() > self.parties.len();
        match self.to_hold_since {
            Some(_) => self.held.is_none(),
            None => at < self.ask_until && !have_all_answered,
        }
    }
}

/// The hearing about the present round of a step that is not decided yet.
pub fn current(case: &Case) -> Option<&Hearing> {
    case.hearing.as_ref().filter(|hearing| {
        let mark = case.steps.get(usize::from(hearing.step));
        mark.is_some_and(|mark| mark.round == hearing.round && mark.outcome.is_none())
    })
}

/// The hearing for which a decision waits.
pub fn awaited(case: &Case, at: Time) -> Option<&Hearing> {
    current(case).filter(|hearing| hearing.is_open(at))
}
