//! What time brings: a correction request that is not answered becomes overdue.

use super::msg::Event;
use super::state::{self, CORRECTIONS, Correction};
use serde::{Deserialize, Serialize};
use tongban_kernel::{Ctx, Missing, State, Stop, due};
use tongban_types::CorrectionId;

/// What time does here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// The time for answering a correction request is over.
    CorrectionOverdue {
        /// The request.
        id: CorrectionId,
    },
}

/// Puts down that a correction request is looked at when its time is over.
pub fn schedule(id: CorrectionId, correction: &Correction, ctx: &Ctx, state: &mut State) -> Result<(), Missing> {
    let deadline = correction.deadline(state)?;
    let act = crate::Act::Sharing(Act::CorrectionOverdue { id });
    due::schedule(state, ctx.time, deadline.at, act.to_bytes())
}

/// Does what time brings. Nothing where the request was answered; where a calendar has put the deadline off, it is looked at then.
pub fn act(act: Act, ctx: &Ctx, state: &mut State) -> Result<Option<Event>, Stop> {
    let Act::CorrectionOverdue { id } = act;
    let Some(correction) = state::correction(state, &id)? else { return Ok(None) };
    if correction.answer.is_some() || correction.overdue_at.is_some() {
        return Ok(None); // I8
    }
    let deadline = correction.deadline(state)?;
    if !deadline.is_over(ctx.time) {
        schedule(id, &correction, ctx, state)?;
        return Ok(None);
    }
    let (holder, department) = (correction.request.holder, state::answering(state, &correction)?);
    CORRECTIONS.put(state, &id, &Correction { overdue_at: Some(ctx.time), ..correction });
    Ok(Some(Event::CorrectionOverdue { id, holder, department, deadline }))
}
