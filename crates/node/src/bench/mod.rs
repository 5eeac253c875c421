//! `tongban bench`: how fast a network of real processes makes real calls final, as ratios within one run.
//!
//! For each case a new network is made: its nodes are processes with sockets and folders of their own. Transactions are signed
//! ahead; then a closed loop of submissions runs over HTTP, every receipt is checked, and in the end all nodes must have the same
//! state and as many receipts as were acknowledged. What the machine could do at best is measured in the same run ([`limit`]).
//!
//! With `--state` it measures instead what a call costs as cases and licences grow in number ([`growth`]).
//! With `--licences` it measures how fast those of an older system are taken over ([`licences`]).
//!
//! The speed is no reason to fail, unless `--within-aim` asks for it: the exit code says whether every receipt arrived and was right.

mod accounts;
mod cases;
mod cluster;
mod cpu;
mod figures;
mod folder_bytes;
mod growth;
mod http;
mod journey;
mod journeys;
mod licences;
mod limit;
mod load;
mod machine;
mod measure;
mod report;
mod source;
mod stages;

use crate::cli::block_on;
use crate::licence_import_command::read_mapping;
use crate::node::wait_for_signal;
use crate::output;
use anyhow::bail;
use cases::Case;
use clap::{Args, ValueEnum};
use limit::Limit;
use machine::Machine;
use measure::Plan;
use report::Report;
use serde::Serialize;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tongban_types::Suite;

/// The largest state, in cases and as many licences.
const LARGEST: u64 = 1_000_000;
/// Journeys in flight on the node that grows.
const GROWTH_IN_FLIGHT: usize = 64;

/// Options of `tongban bench`.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// What is measured; may be given more than once, all cases where it is not given
    #[arg(long = "case", value_name = "CASE")]
    cases: Vec<Case>,
    /// Nodes of the network, each a process
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=16))]
    nodes: u16,
    /// How long each case is measured, in seconds
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=120))]
    seconds: u64,
    /// Measure this number of calls instead, from the first submission to the last receipt
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    calls: Option<u64>,
    /// How long the load runs before it is measured, in seconds
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=60))]
    warm_up_seconds: u64,
    /// Submissions, or whole journeys, in flight; each case has its own number otherwise
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    concurrency: Option<u32>,
    /// Accounts that make the calls, each with its own key; signatures of one key are checked together more cheaply, in the
    /// nodes and in the limit alike
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    accounts: u16,
    /// An empty or new folder for the networks, which stay there; a temporary one otherwise
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Have each node keep its index for lists and search too; without it the ledger alone is measured
    #[arg(long)]
    with_index: bool,
    /// Measure instead what a call costs as cases and licences grow in number: one node, filled by real calls up to each size
    #[arg(long, conflicts_with_all = ["cases", "nodes", "seconds", "calls", "warm_up_seconds", "accounts", "with_index"])]
    state: bool,
    /// Cases, and as many licences, in the state
    #[arg(
        long,
        requires = "state",
        value_name = "COUNT",
        value_delimiter = ',',
        default_values_t = [10_000, 100_000],
        value_parser = clap::value_parser!(u64).range(100..=10_000_000)
    )]
    sizes: Vec<u64>,
    /// Measure a million of each too, which takes long
    #[arg(long, requires = "state")]
    largest: bool,
    /// Fail where a call costs more in a larger state than is aimed at, once the figures are printed
    #[arg(long, requires = "state")]
    within_aim: bool,
    /// Journeys in each round at each size
    #[arg(long, requires = "state", value_name = "COUNT", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=2_000))]
    round_journeys: u32,
    /// The algorithms, where no case names them: of the node that grows, of the network that takes licences over
    #[arg(long, conflicts_with = "cases", default_value_t = Suite::Intl)]
    suite: Suite,
    /// Measure instead how fast the licences in a file are taken over, as by `tongban import licences`; may be given more than once
    #[arg(
        long,
        value_name = "FILE",
        requires = "mapping",
        conflicts_with_all = ["state", "cases", "seconds", "calls", "warm_up_seconds", "accounts", "concurrency", "with_index"]
    )]
    licences: Vec<PathBuf>,
    /// Which column of those files is which field: YAML or JSON
    #[arg(long, value_name = "FILE", requires = "licences")]
    mapping: Option<PathBuf>,
    /// Print one JSON object with all figures
    #[arg(long)]
    json: bool,
}

/// Measures and reports; fails where a receipt was missing or wrong, and because of speed only where that is asked for.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let folder = Folder::new(arguments.folder.as_deref())?;
    if arguments.state {
        let report = until_signal(arguments.growth(&folder.path).measure())?;
        print(arguments, &report, || report.in_words())?;
        if arguments.within_aim && report.within_aim != Some(true) {
            bail!("a call costs more in a larger state than is aimed at (bench.over_aim)");
        }
        return Ok(());
    }
    if let Some(mapping) = &arguments.mapping {
        let plan = licences::Plan {
            files: arguments.licences.clone(),
            mapping: read_mapping(mapping)?,
            suite: arguments.suite,
            nodes: arguments.nodes,
            folder: folder.path.join("licences"),
        };
        let report = until_signal(plan.measure())?;
        return print(arguments, &report, || report.in_words());
    }
    let report = until_signal(measure_all(arguments, &folder.path))?;
    print(arguments, &report, || report.in_words())?;
    if !report.is_good() {
        bail!("receipts were missing or wrong (bench.receipts)");
    }
    Ok(())
}

/// Measures, unless a signal comes before; whatever is dropped on the way ends its processes.
fn until_signal<T>(measure: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    block_on(async {
        tokio::select! {
            report = measure => report,
            () = wait_for_signal() => Err(anyhow::anyhow!("stopped before everything was measured")),
        }
    })?
}

fn print(arguments: &Arguments, report: &impl Serialize, in_words: impl Fn() -> String) -> anyhow::Result<()> {
    if arguments.json {
        output::line(format_args!("{}", serde_json::to_string_pretty(report)?));
    } else {
        output::text(format_args!("{}", in_words()));
    }
    Ok(())
}

impl Arguments {
    fn growth(&self, folder: &Path) -> growth::Plan {
        let largest = self.largest.then_some(LARGEST);
        growth::Plan {
            suite: self.suite,
            sizes: self.sizes.iter().copied().chain(largest).collect(),
            journeys: self.round_journeys as usize,
            in_flight: self.concurrency.map_or(GROWTH_IN_FLIGHT, |concurrency| concurrency as usize),
            folder: folder.join("state"),
        }
    }
}

async fn measure_all(arguments: &Arguments, folder: &Path) -> anyhow::Result<Report> {
    let cases = if arguments.cases.is_empty() { Case::value_variants() } else { &arguments.cases };
    let mut report = Report {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        machine: Machine::here(folder),
        with_index: arguments.with_index,
        limits: Vec::new(),
        cases: Vec::new(),
    };
    for case in cases {
        let limit = match report.limits.iter().find(|limit| limit.suite == case.suite()) {
            Some(limit) => *limit,
            None => {
                say(&format!("measuring the limit of {}", case.suite()));
                let limit = Limit::measure(case.suite(), usize::from(arguments.accounts))?;
                report.limits.push(limit);
                limit
            }
        };
        let plan = Plan {
            case: *case,
            nodes: arguments.nodes,
            accounts: usize::from(arguments.accounts),
            concurrency: arguments.concurrency.map_or(case.concurrency(), |concurrency| concurrency as usize),
            warm_up: Duration::from_secs(arguments.warm_up_seconds),
            measured: Duration::from_secs(arguments.seconds),
            calls: arguments.calls,
            with_index: arguments.with_index,
            folder: folder.join(format!("{}-{case}", report.cases.len() + 1)),
        };
        report.cases.push(plan.measure(&limit).await?);
    }
    Ok(report)
}

/// Progress, for people who wait.
fn say(what: &str) {
    eprintln!("{what}");
}

/// Where the networks are made.
struct Folder {
    path: PathBuf,
    is_temporary: bool,
}

impl Folder {
    fn new(given: Option<&Path>) -> anyhow::Result<Self> {
        let path = match given {
            Some(path) => path.to_owned(),
            None => std::env::temp_dir().join(format!("tongban-bench-{}", std::process::id())),
        };
        fs::create_dir_all(&path)?;
        Ok(Self { path: fs::canonicalize(path)?, is_temporary: given.is_none() })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.is_temporary {
            let _ = fs::remove_dir_all(&self.path); // what cannot be removed is the system's to clean up
        }
    }
}
