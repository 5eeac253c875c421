//! One function for each question.

use super::msg::{Known, View};
use super::state::{self, CaseKey, STEPS};
use tongban_kernel::{State, Stop};
use tongban_types::codes::UnifiedSocialCreditCode;
use tongban_types::{List, Text};

/// A past case.
pub fn case(key: &CaseKey, state: &State) -> Result<View, Stop> {
    Ok(View::Case { case: state::past_case(state, key)?.map(Box::new) })
}

/// A portion of a past case's steps.
pub fn steps(key: &CaseKey, page: u32, state: &State) -> Result<View, Stop> {
    Ok(View::Steps { steps: STEPS.get(state, &(key.clone(), page))? })
}

/// Which of these cases have been taken over, and how far.
pub fn which(
    department: &UnifiedSocialCreditCode,
    system: &Text<60>,
    numbers: &List<Text<60>, 100>,
    state: &State,
) -> Result<View, Stop> {
    let mut known = List::default();
    for number in numbers {
        let key = CaseKey { department: *department, system: system.clone(), number: number.clone() };
        if let Some(case) = state::past_case(state, &key)? {
            let entry = Known { number: number.clone(), steps: case.tally.steps, steps_total: case.steps_total };
            known.push(entry).expect("no more than were asked for");
        }
    }
    Ok(View::Which { known })
}
