//! One function for each question.

use super::msg::{ItemCode, View};
use super::state;
use crate::flow;
use tongban_kernel::{State, Stop};
use tongban_types::{List, Time};

/// An item.
pub fn item(code: &ItemCode, state: &State) -> Result<View, Stop> {
    Ok(View::Item { entry: state::entry(state, code)?.map(Box::new) })
}

/// One version of an item.
pub fn version(code: &ItemCode, number: Option<u32>, state: &State) -> Result<View, Stop> {
    Ok(View::Version { version: find(code, number, state)?.map(Box::new) })
}

/// The version that is in force at a time.
pub fn in_force(code: &ItemCode, at: Time, state: &State) -> Result<View, Stop> {
    Ok(View::InForce { version: state::in_force(state, code, at)?.map(Box::new) })
}

/// The steps of a version.
pub fn flow(code: &ItemCode, number: Option<u32>, state: &State) -> Result<View, Stop> {
    let Some(version) = find(code, number, state)? else {
        return Ok(View::Flow { steps: List::default(), longest: List::default(), days: 0 });
    };
    let flow = &version.item.flow;
    let order = flow::order(flow).expect("what is published has an order (I4)");
    let way = flow::longest_way(flow, |place| u32::from(flow[place].days)).expect("as above");
    let steps = order.into_iter().map(|place| flow[place].clone()).collect();
    let longest = way.steps.into_iter().map(|place| flow[place].name.clone()).collect();
    Ok(View::Flow {
        steps: List::new(steps).expect("as many as the flow has"),
        longest: List::new(longest).expect("no more than the flow has"),
        days: way.days,
    })
}

/// Which of these codes are known.
pub fn which(codes: &[ItemCode], state: &State) -> Result<View, Stop> {
    let mut known = List::default();
    for code in codes {
        if state::entry(state, code)?.is_some() {
            known.push(code.clone()).expect("no more answers than questions");
        }
    }
    Ok(View::Which { known })
}

/// What was proposed for an item.
pub fn proposal(code: &ItemCode, number: u32, state: &State) -> Result<View, Stop> {
    Ok(View::Proposal { proposal: state::proposal(state, code, number)?.map(Box::new) })
}

/// The open proposals of an item.
pub fn open_proposals(code: &ItemCode, state: &State) -> Result<View, Stop> {
    Ok(View::OpenProposals { numbers: state::agenda(state, code)?.open })
}

fn find(code: &ItemCode, number: Option<u32>, state: &State) -> Result<Option<state::Version>, Stop> {
    Ok(match number {
        Some(number) => state::version(state, code, number)?,
        None => state::last_version(state, code)?,
    })
}
