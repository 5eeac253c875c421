//! One function for each question.

use super::execute::{Handled, obstacle};
use super::msg::View;
use super::state::{self, BROKEN_PROMISES, LED, PAPERS, STEPS, SUPERVISIONS};
use crate::case_papers::PaperNumber;
use crate::offices::DepartmentCode;
use crate::{case_reasons, case_responsibility, case_sources, case_step_reasons};
use tongban_kernel::{State, Stop};
use tongban_types::codes::CaseNumber;
use tongban_types::{AccountId, Time};

/// A case and its application.
pub fn case(number: &CaseNumber, state: &State) -> Result<View, Stop> {
    let case = state::case(state, number)?.map(Box::new);
    Ok(View::Case { case, filing: state::filing(state, number)?.map(Box::new) })
}

/// A step that was done.
pub fn step(number: &CaseNumber, step: u8, round: u8, state: &State) -> Result<View, Stop> {
    Ok(View::Step { record: STEPS.get(state, &(number.clone(), step, round))?.map(Box::new) })
}

/// Why a case waits. A number that no case has is refused.
pub fn why(number: &CaseNumber, at: Time, state: &State) -> Result<View, Stop> {
    let handled = Handled::load(number.clone(), at, state)?;
    let states = handled.states();
    let subjects = handled.subjects(&states);
    let case = case_reasons::of_case(subjects, obstacle(&handled, at, state)?.as_ref(), at, state)?;
    let steps = case_step_reasons::of_steps(subjects, case.as_ref(), at, state)?;
    Ok(View::Why { case: case.map(Box::new), steps })
}

/// The rules for a department.
pub fn rules(department: &DepartmentCode, state: &State) -> Result<View, Stop> {
    Ok(View::Rules { rules: state::rules(state, department)? })
}

/// Which promises an applicant once broke.
pub fn broken_promise(applicant: &AccountId, state: &State) -> Result<View, Stop> {
    Ok(View::BrokenPromise { broken: BROKEN_PROMISES.get(state, applicant)?.map(Box::new) })
}

/// Whence the answers of a case's form come.
pub fn sources(number: &CaseNumber, at: Time, state: &State) -> Result<View, Stop> {
    let filing = state::filing(state, number)?;
    let sources = filing.map(|filing| case_sources::now(&filing.sources, at, state)).transpose()?;
    Ok(View::Sources { sources: sources.unwrap_or_default() })
}

/// A paper by its number.
pub fn paper(number: &PaperNumber, state: &State) -> Result<View, Stop> {
    Ok(View::Paper { paper: PAPERS.get(state, number)? })
}

/// A card by its number.
pub fn supervision(number: &PaperNumber, state: &State) -> Result<View, Stop> {
    Ok(View::Supervision { record: SUPERVISIONS.get(state, number)?.map(Box::new) })
}

/// What a body had used up that led a case before.
pub fn led(number: &CaseNumber, forwarding: u8, state: &State) -> Result<View, Stop> {
    Ok(View::Led { led: LED.get(state, &(number.clone(), forwarding))?.map(Box::new) })
}

/// Who answers for a case.
pub fn responsibility(number: &CaseNumber, state: &State) -> Result<View, Stop> {
    let record = match (state::case(state, number)?, state::filing(state, number)?) {
        (Some(case), Some(filing)) => Some(Box::new(case_responsibility::of(&case, &filing, state)?)),
        _ => None,
    };
    Ok(View::Responsibility { record })
}
