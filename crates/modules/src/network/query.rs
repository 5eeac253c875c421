//! One function for each question.

use super::msg::View;
use super::state::{self, MEMBERS, PARAMETERS};
use tongban_kernel::{State, Stop};

/// The members of the network.
pub fn members(state: &State) -> Result<View, Stop> {
    Ok(View::Members { members: MEMBERS.get(state, &())? })
}

/// Limits and clocks.
pub fn parameters(state: &State) -> Result<View, Stop> {
    Ok(View::Parameters { parameters: PARAMETERS.get(state, &())? })
}

/// The newest calendar of a year.
pub fn calendar(year: u16, state: &State) -> Result<View, Stop> {
    Ok(View::Calendar { calendar: state::calendar(state, year)? })
}
