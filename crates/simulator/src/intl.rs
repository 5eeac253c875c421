//! The engine over the simulated runtime with the suite `intl`, instantiated here and nowhere else.

use crate::plan::Plan;
use crate::run::{Summary, run_over};
use tongban_ledger::simulation::Intl;

/// Runs a plan.
pub(crate) fn run(plan: &Plan) -> Result<Summary, String> {
    run_over::<Intl>(plan)
}
