//! One function for each call: refuse, refuse, refuse, then write, then tell.

use super::error::Error;
use super::msg::{Call, Event};
use super::state::{self, CASE_VERSION, CASES, CaseKey, PastCase, STEPS};
use crate::case_history::{Facts, STEPS_MAX, Step, Steps, Tally, flags};
use tongban_kernel::{Ctx, State, Stop};
use tongban_types::Digest;

/// Refuses what is wrong whatever the state is (I4: never for what it says about the past).
pub fn validate(call: &Call) -> Result<(), Error> {
    match call {
        Call::ImportCase { key, facts, steps_total, steps } => {
            validate_key_and_steps(key, steps)?;
            let is_pair = |pair: &crate::case_history::Pair| {
                !pair.check.is_empty() && !pair.decision.is_empty() && pair.check != pair.decision
            };
            if !facts.four_eyes.iter().all(is_pair) {
                return Err(Error::PairMalformed);
            }
            if *steps_total > STEPS_MAX {
                return Err(Error::TooManySteps); // I2
            }
            if steps.is_empty() && *steps_total > 0 {
                return Err(Error::NoSteps); // I2
            }
            if count(steps) > *steps_total {
                return Err(Error::MoreThanAnnounced); // I2
            }
            Ok(())
        }
        Call::ImportSteps { key, steps, .. } => {
            validate_key_and_steps(key, steps)?;
            if steps.is_empty() {
                return Err(Error::NoSteps); // I2
            }
            Ok(())
        }
    }
}

fn validate_key_and_steps(key: &CaseKey, steps: &[Step]) -> Result<(), Error> {
    if key.system.is_empty() || key.number.is_empty() {
        return Err(Error::SourceMissing);
    }
    if steps.iter().any(|step| step.activity.is_empty()) {
        return Err(Error::ActivityMissing);
    }
    Ok(())
}

fn count(steps: &[Step]) -> u32 {
    u32::try_from(steps.len()).expect("at most 40 steps")
}

/// Records that the call will surely read.
pub fn reads(call: &Call, state: &State) -> Vec<Digest> {
    match call {
        Call::ImportCase { key, .. } | Call::ImportSteps { key, .. } => vec![CASES.state_key(state, key)],
    }
}

/// Takes over a past case.
pub fn import_case(
    key: CaseKey,
    facts: Facts,
    steps_total: u32,
    steps: Steps,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    if state::past_case(state, &key)?.is_some() {
        return Err(Error::Exists.into()); // I1
    }
    let tally = Tally::new(&facts).with(&facts, &steps, ctx.time);
    let flags = flags(&facts, &tally, steps_total, ctx.time);
    let case = PastCase {
        version: CASE_VERSION,
        facts: facts.clone(),
        steps_total,
        tally,
        pages: u32::from(!steps.is_empty()),
        flags: flags.clone(), // I3
        importer: ctx.account,
        imported_at: ctx.time,
        receipt: ctx.receipt,
    };
    if !steps.is_empty() {
        STEPS.put(state, &(key.clone(), 0), &steps);
    }
    CASES.put(state, &key, &case); // I5: under the department in which the importer holds the role
    Ok(Event::CaseImported { key, facts, steps_total, steps, flags })
}

/// Takes over the next steps of a past case.
pub fn import_steps(key: CaseKey, first: u32, steps: Steps, ctx: &Ctx, state: &mut State) -> Result<Event, Stop> {
    let mut case = state::past_case(state, &key)?.ok_or(Error::NotFound)?;
    if first != case.tally.steps {
        return Err(Error::NotNext.into()); // I2
    }
    if count(&steps) > case.steps_total - case.tally.steps {
        return Err(Error::MoreThanAnnounced.into()); // I2
    }
    case.tally = case.tally.with(&case.facts, &steps, ctx.time);
    case.flags = flags(&case.facts, &case.tally, case.steps_total, case.imported_at); // I3
    STEPS.put(state, &(key.clone(), case.pages), &steps); // I1: a portion of its own, behind the others
    case.pages += 1;
    CASES.put(state, &key, &case);
    Ok(Event::StepsImported { key, first, steps, flags: case.flags })
}
