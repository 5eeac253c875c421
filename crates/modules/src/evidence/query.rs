//! One function for each question.

use super::msg::View;
use super::state;
use tongban_kernel::{State, Stop};
use tongban_types::{EvidenceId, List};

/// One record.
pub fn record(id: &EvidenceId, state: &State) -> Result<View, Stop> {
    Ok(View::Record { record: state::record(state, id)?.map(Box::new) })
}

/// Which of these numbers are registered.
pub fn which(ids: &[EvidenceId], state: &State) -> Result<View, Stop> {
    let mut registered = List::default();
    for id in ids {
        if state::record(state, id)?.is_some() {
            registered.push(*id).expect("no more answers than questions");
        }
    }
    Ok(View::Which { registered })
}
