//! Running plans: one in its own world, or many on several threads.

use crate::network;
use crate::plan::Plan;
use crate::record::{Happened, Record};
use crate::{intl, sm};
use commonware_runtime::{Runner as _, deterministic};
use serde::Serialize;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Once, mpsc};
use std::time::{Duration, UNIX_EPOCH};
use tongban_ledger::simulation::EngineSuite;
use tongban_types::{Digest, Suite};

/// Every simulation begins on 2026-01-01.
const BEGIN_SECONDS: u64 = 1_767_225_600;
/// No simulation is longer; what hangs fails earlier, with a better reason.
const SIMULATED_MAX: Duration = Duration::from_mins(10);
/// The engine's start is one deep future, and the runtime polls it on the thread's stack.
const STACK_BYTES: usize = 64 * 1024 * 1024;

/// How a simulation went in which nothing was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The final height.
    pub height: u64,
    /// The digest of the last header.
    pub head: Digest,
    /// The state after it.
    pub state_root: Digest,
    /// The receipts up to it.
    pub event_root: Digest,
    /// How many these are.
    pub receipts: u64,
    /// Receipts that correct nodes gave to clients.
    pub acknowledged: u64,
    /// The digest of all events of the runtime.
    pub trace: String,
    /// How long it took, by the simulated clock.
    pub simulated_millis: u64,
    /// What happened, and how often.
    #[serde(skip)]
    pub counts: BTreeMap<Happened, u64>,
    /// Which nodes died of something else than the plan's crashes, and of what.
    pub deaths: Vec<String>,
}

/// How a simulation went.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What was planned.
    pub plan: Plan,
    /// What came of it, or what was found.
    pub result: Result<Summary, String>,
}

thread_local! {
    /// Whether panics on this thread are a simulated node's, and somebody else's business.
    static IS_SIMULATING: Cell<bool> = const { Cell::new(false) };
}

fn silence_simulated_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !IS_SIMULATING.get() {
                report(panic);
            }
        }));
    });
}

/// Runs a plan on this thread, which must have a large stack.
fn simulate_here(plan: &Plan) -> Result<Summary, String> {
    silence_simulated_panics();
    IS_SIMULATING.set(true);
    let result = catch_unwind(AssertUnwindSafe(|| match plan.suite {
        Suite::Intl => intl::run(plan),
        Suite::Sm => sm::run(plan),
    }));
    IS_SIMULATING.set(false);
    result.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        Err(format!("the simulation itself failed: {}", text.unwrap_or_default()))
    })
}

/// Runs a plan over a suite. Instantiates the engine: called once for each suite.
pub(crate) fn run_over<S: EngineSuite>(plan: &Plan) -> Result<Summary, String> {
    let config = deterministic::Config::new()
        .with_seed(plan.seed)
        .with_start_time(UNIX_EPOCH + Duration::from_secs(BEGIN_SECONDS))
        .with_timeout(Some(SIMULATED_MAX))
        .with_catch_panics(true);
    let (plan, record) = (Arc::new(plan.clone()), Arc::new(Record::default()));
    deterministic::Runner::new(config).start(|runtime| network::run::<S>(runtime, plan, record))
}

/// Runs one plan.
pub fn simulate(plan: Plan) -> Outcome {
    simulate_all(vec![plan], 1, |_| {}).pop().expect("one plan has one outcome")
}

/// Runs plans on so many threads, each plan in a world of its own, and tells of each outcome when it is there. The outcomes
/// come back in the order of the plans.
pub fn simulate_all(plans: Vec<Plan>, threads: usize, mut tell: impl FnMut(&Outcome)) -> Vec<Outcome> {
    let next = AtomicUsize::new(0);
    let (done, outcomes) = mpsc::channel();
    let mut found: Vec<Option<Outcome>> = plans.iter().map(|_| None).collect();
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            let (next, plans, done) = (&next, &plans, done.clone());
            let work = move || {
                while let Some((index, plan)) = {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    plans.get(index).map(|plan| (index, plan))
                } {
                    let outcome = Outcome { plan: plan.clone(), result: simulate_here(plan) };
                    if done.send((index, outcome)).is_err() {
                        return;
                    }
                }
            };
            let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
            thread.spawn_scoped(scope, work).expect("the system has room for a thread");
        }
        drop(done);
        for (index, outcome) in outcomes {
            tell(&outcome);
            found[index] = Some(outcome);
        }
    });
    found.into_iter().map(|outcome| outcome.expect("every plan was run")).collect()
}
