//! One case from beginning to end: network, accounts, warm-up, measurement, agreement.

use super::cases::{Case, Work};
use super::cluster::Cluster;
use super::cpu::{self, Spent};
use super::figures::Latency;
use super::journeys::Journeys;
use super::limit::Limit;
use super::load::{Done, Outcomes};
use super::machine;
use super::report::{Agreed, CaseReport, Derived};
use super::say;
use super::source::Source;
use super::stages::{self, Stages};
use anyhow::Context;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How many times as many transactions are signed ahead as the warm-up lets expect.
const AHEAD_TIMES: f64 = 2.5;
/// The part of the warm-up that is not counted: the loop has to fill first.
const FILLING: f64 = 0.4;

/// How a case is measured.
pub struct Plan {
    /// The case.
    pub case: Case,
    /// Nodes, each a process.
    pub nodes: u16,
    /// Accounts that make the calls, each with its own key; of journeys the applicants, at least.
    pub accounts: usize,
    /// Submissions, or whole journeys, in flight.
    pub concurrency: usize,
    /// How long the load runs before it is measured.
    pub warm_up: Duration,
    /// How long it is measured.
    pub measured: Duration,
    /// How many calls are measured instead.
    pub calls: Option<u64>,
    /// Whether each node keeps its index.
    pub with_index: bool,
    /// Where the network is made.
    pub folder: PathBuf,
}

/// A reading of everything that counts.
struct Reading {
    at: Instant,
    nodes: Spent,
    load: Spent,
    machine_seconds: f64,
    stages: Stages,
}

impl Reading {
    async fn take(cluster: &Cluster) -> Self {
        let stages = stages::of_nodes(&cluster.addresses()).await;
        Self {
            at: Instant::now(),
            nodes: cluster.spent(),
            load: Spent::by(std::process::id(), 0),
            machine_seconds: cpu::of_machine(),
            stages,
        }
    }
}

impl Plan {
    /// Measures the case on a network of its own.
    pub async fn measure(&self, limit: &Limit) -> anyhow::Result<CaseReport> {
        say(&format!("{}: starting {} nodes", self.case, self.nodes));
        let mut cluster = Cluster::start(&self.folder, self.nodes, self.case.suite(), self.with_index)?;
        let report = self.measure_on(&mut cluster, limit).await;
        if let Err(error) = report {
            cluster.check()?; // a node that has ended is the better explanation
            return Err(error);
        }
        cluster.stop().await?;
        report
    }

    async fn measure_on(&self, cluster: &mut Cluster, limit: &Limit) -> anyhow::Result<CaseReport> {
        cluster.wait_until_ready().await?;
        let source = Source::prepare(self, cluster).await?;
        let addresses = cluster.addresses();
        let receipts_before = self.receipts(cluster).await?;
        cluster.agree(receipts_before).await?; // a node that lags behind does not know the accounts yet

        let (warm_up, expected) = self.warm_up(cluster, &source).await?;
        let count = self.calls.map_or(expected, |calls| source.units_of(calls));
        say(&format!("{}: preparing {count} {}", self.case, self.units_in_words()));
        let ready = source.ready(&addresses, self.concurrency, count).await?;

        say(&format!("{}: measuring", self.case));
        let before = Reading::take(cluster).await;
        let mut load = ready();
        let (begin, end, outcomes) = if self.calls.is_some() {
            let outcomes = load.all().await;
            (before, Reading::take(cluster).await, outcomes)
        } else {
            load.for_at_most(self.warm_up.mul_f64(FILLING)).await;
            let begin = Reading::take(cluster).await;
            load.for_at_most(self.measured).await;
            let end = Reading::take(cluster).await;
            (begin, end, load.end().await)
        };
        let final_before = receipts_before + (warm_up.done.len() + outcomes.done.len()) as u64;
        let agreed = cluster.agree(final_before).await;
        self.report(limit, source.accounts(), &[warm_up, outcomes], (&begin, &end), agreed)
    }

    /// Receipts that are there before the load: those of what was prepared.
    async fn receipts(&self, cluster: &mut Cluster) -> anyhow::Result<u64> {
        let client = tongban_api::Client::new(format!("http://{}", cluster.addresses()[0]));
        Ok(client.status().await?.receipts)
    }

    fn units_in_words(&self) -> &'static str {
        match self.case.work() {
            Work::Evidence { .. } => "transactions",
            Work::Journey => "journeys",
        }
    }

    /// Runs the load for a while, and answers how many transactions or journeys the measured time may take.
    async fn warm_up(&self, cluster: &Cluster, source: &Source) -> anyhow::Result<(Outcomes, usize)> {
        if self.calls.is_some() {
            return Ok((Outcomes::default(), 0));
        }
        say(&format!("{}: warming up", self.case));
        // More than becomes final in the time: the limit is far above what nodes reach.
        let count = self.concurrency * 2 * (1 + self.warm_up.as_secs() as usize);
        let mut load = source.ready(&cluster.addresses(), self.concurrency, count).await?();
        load.for_at_most(self.warm_up.mul_f64(FILLING)).await;
        let counted = Instant::now();
        load.for_at_most(self.warm_up.mul_f64(1.0 - FILLING)).await;
        let end = Instant::now();
        let outcomes = load.end().await;
        let is_in_time = |at: &Instant| (counted..end).contains(at);
        let made_final = match self.case.work() {
            Work::Evidence { .. } => outcomes.done.iter().filter(|done| is_in_time(&done.at)).count(),
            Work::Journey => outcomes.journeys.iter().filter(|journey| is_in_time(&journey.at)).count(),
        };
        let per_second = made_final as f64 / (end - counted).as_secs_f64();
        let expected = per_second * (self.measured + self.warm_up.mul_f64(FILLING)).as_secs_f64() * AHEAD_TIMES;
        // A warm-up on a busy machine may see nothing become final: then the loop turns at least once a second.
        let least = self.concurrency * (2 + self.measured.as_secs() as usize);
        Ok((outcomes, least.max(expected as usize + 2 * self.concurrency)))
    }

    fn report(
        &self,
        limit: &Limit,
        accounts: usize,
        outcomes: &[Outcomes; 2],
        (begin, end): (&Reading, &Reading),
        agreed: anyhow::Result<tongban_api::NodeStatus>,
    ) -> anyhow::Result<CaseReport> {
        let [_, measured] = outcomes;
        let all = || outcomes.iter();
        let is_in_time = |at: Instant| (begin.at..end.at).contains(&at);
        let in_time: Vec<&Done> = measured.done.iter().filter(|done| is_in_time(done.at)).collect();
        let journeys = match self.case.work() {
            Work::Evidence { .. } => None,
            Work::Journey => {
                let arrived = measured.journeys.iter().filter(|journey| is_in_time(journey.at));
                Some(Journeys::of(arrived.map(|journey| journey.after).collect(), &in_time))
            }
        };
        let mut first_faults: Vec<String> = all().flat_map(|outcomes| outcomes.first_faults.clone()).collect();
        let agreed = match agreed {
            Ok(status) => {
                Some(Agreed { height: status.height, receipts: status.receipts, state_root: status.state_root })
            }
            Err(error) => {
                first_faults.push(format!("{error:#}"));
                None
            }
        };
        let faults = all().map(|outcomes| outcomes.faults).sum::<u64>() + u64::from(agreed.is_none());
        let nodes_spent = end.nodes.since(&begin.nodes);
        let counted = stages::since(&end.stages, &begin.stages);
        let stage_seconds = counted.map(|counted| stages::with_threads(counted, &nodes_spent));
        Ok(CaseReport {
            case: self.case,
            nodes: usize::from(self.nodes),
            accounts,
            concurrency: self.concurrency,
            seconds: end.at.checked_duration_since(begin.at).context("time goes on")?.as_secs_f64(),
            transactions: in_time.len(),
            calls: in_time.iter().map(|done| done.calls).sum(),
            journeys,
            receipts_checked: all().map(|outcomes| outcomes.done.len()).sum(),
            busy: all().map(|outcomes| outcomes.busy).sum(),
            faults,
            first_faults,
            latency: Latency::of(in_time.iter().map(|done| done.after).collect()),
            limit_transactions_per_second: limit.transactions_per_second(usize::from(self.nodes)),
            nodes_spent,
            load_spent: end.load.since(&begin.load),
            machine_cpu_seconds: end.machine_seconds - begin.machine_seconds,
            stage_seconds,
            cores: machine::cores(),
            agreed,
            derived: Derived::default(),
        }
        .derive())
    }
}
