//! A public service from beginning to end as a load (办件全程): one applies, a window receives and accepts, five departments check at
//! once, one decides, the licence is issued and recorded, the result is delivered and the case closed.
//!
//! ```text
//! item.yaml ─▶ Setting ── who works at which post ──▶ Staff ─┐
//!                 │                                          ├─▶ Run: many journeys in flight, each leg a signed transaction
//!                 └── the calls of each leg ────────────────┘
//! ```
//!
//! The item asks for no real name (`assurance: none`): who applies are accounts made for the load, which no authority has bound.
//!
//! A journey is a chain: each leg is sent when the receipts of the one before are final. The legs of the five departments are sent at once,
//! from five departments to their nodes.

mod calls;
mod prepare;
mod run;
mod setting;
#[cfg(test)]
mod tests;

pub use prepare::{PER_POST, prepare};
pub use run::Run;

use serde::Serialize;
use strum::IntoStaticStr;

/// Departments that check at once.
pub const REVIEWS: usize = 5;

/// One transaction of a journey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Leg {
    /// The applicant files (申请).
    File,
    /// The window receives and accepts (收件、受理).
    Accept,
    /// One of the departments finishes its step (审查), counted from 0.
    Review(usize),
    /// The decision (决定).
    Decide,
    /// The licence is issued, and the case records it (制证).
    Issue,
    /// The result is delivered, and the case closed (送达、办结).
    Deliver,
}

/// The legs of a journey. Those of one part are under way together, and the next part begins when all of them are final.
pub const PARTS: [&[Leg]; 6] = [
    &[Leg::File],
    &[Leg::Accept],
    &[Leg::Review(0), Leg::Review(1), Leg::Review(2), Leg::Review(3), Leg::Review(4)],
    &[Leg::Decide],
    &[Leg::Issue],
    &[Leg::Deliver],
];

impl Leg {
    /// Its name; the departments that check share one.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Calls in its transaction.
    pub const fn calls(self) -> usize {
        match self {
            Self::File | Self::Review(_) | Self::Decide => 1,
            Self::Accept | Self::Issue | Self::Deliver => 2,
        }
    }

    /// The post at which it is done; none for the applicant.
    pub const fn post(self) -> Option<Post> {
        match self {
            Self::File => None,
            Self::Accept => Some(Post::Window),
            Self::Review(place) => Some(Post::Review(place)),
            Self::Decide => Some(Post::Decision),
            Self::Issue | Self::Deliver => Some(Post::Issuing),
        }
    }

    /// The node that it is sent to, of so many: each department has its own, as far as there are enough; applicants come to all.
    pub const fn node(self, journey: usize, nodes: usize) -> usize {
        match self {
            Self::File => journey % nodes,
            Self::Review(place) => (1 + place) % nodes,
            Self::Accept | Self::Decide | Self::Issue | Self::Deliver => 0,
        }
    }
}

/// Where officers work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Post {
    /// Receives and accepts, in the department that leads.
    Window,
    /// Checks, in one of the other departments, counted from 0.
    Review(usize),
    /// Decides, in the department that leads.
    Decision,
    /// Issues and delivers, in the department that leads.
    Issuing,
    /// Answers for the data of the department that leads: publishes its type of licence.
    Data,
    /// Takes over licences of older systems, in the department that leads.
    Import,
}

/// Transactions of one journey.
pub fn transactions_per_journey() -> usize {
    PARTS.iter().map(|part| part.len()).sum()
}

/// Calls of one journey.
pub fn calls_per_journey() -> usize {
    PARTS.iter().flat_map(|part| part.iter()).map(|leg| leg.calls()).sum()
}
