//! `tongban-sim`: simulations of whole networks by seed. Exits with 1 where something was found, and says with which seeds.

use clap::Parser;
use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::Instant;
use tongban_simulator::{Doctored, Outcome, Plan, simulate_all};
use tongban_types::Suite;

/// Simulate whole networks: crashes, partitions, loss, failing disks and a misbehaving node, all determined by a seed.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// How many seeds to run.
    #[arg(long, default_value_t = 100)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Only this seed; prints its plan.
    #[arg(long, conflicts_with_all = ["seeds", "from"])]
    seed: Option<u64>,
    /// The suite of all networks; without it, the seed decides.
    #[arg(long)]
    suite: Option<Suite>,
    /// Slip something wrong under the auditors, to see them find it.
    #[arg(long)]
    doctored: Option<Doctored>,
    /// Threads; without it, one for each processor.
    #[arg(long)]
    threads: Option<usize>,
    /// One JSON object for each seed, on a line of its own.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let seeds: Vec<u64> = match arguments.seed {
        Some(seed) => vec![seed],
        None => (arguments.from..arguments.from.saturating_add(arguments.seeds)).collect(),
    };
    let plan = |seed: &u64| Plan { doctored: arguments.doctored, ..Plan::of_seed(*seed, arguments.suite) };
    let plans: Vec<Plan> = seeds.iter().map(plan).collect();
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let count = plans.len();
    let begin = Instant::now();
    let mut done = 0;
    let outcomes = simulate_all(plans, arguments.threads.unwrap_or(processors), |outcome| {
        done += 1;
        if arguments.json {
            println!("{}", json(outcome));
        } else {
            tell(outcome, arguments.seed.is_some(), done, count);
        }
    });
    let failed: Vec<u64> =
        outcomes.iter().filter(|outcome| outcome.result.is_err()).map(|outcome| outcome.plan.seed).collect();
    if !arguments.json {
        let (seconds, passed) = (begin.elapsed().as_secs_f64(), count - failed.len());
        println!("{passed} of {count} seeds passed in {seconds:.1} s; failed: {failed:?}");
    }
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn json(outcome: &Outcome) -> String {
    let (summary, counts, finding) = match &outcome.result {
        Ok(summary) => {
            let counts = summary.counts.iter().map(|(what, count)| (format!("{what:?}"), *count));
            (Some(summary), counts.collect::<std::collections::BTreeMap<_, _>>(), None)
        }
        Err(finding) => (None, Default::default(), Some(finding)),
    };
    let value = serde_json::json!({
        "seed": outcome.plan.seed,
        "plan": outcome.plan,
        "finding": finding,
        "summary": summary,
        "counts": counts,
    });
    value.to_string()
}

fn tell(outcome: &Outcome, with_plan: bool, done: usize, count: usize) {
    if with_plan {
        println!("{}", outcome.plan);
    }
    match &outcome.result {
        Ok(summary) if with_plan => println!("{summary:#?}"),
        Ok(_) if std::io::stderr().is_terminal() => eprint!("\r{done} of {count}"),
        Ok(_) => {}
        Err(finding) => {
            println!("FAILED, {}\n  {finding}\n  again: {}", outcome.plan, outcome.plan.command());
        }
    }
}
