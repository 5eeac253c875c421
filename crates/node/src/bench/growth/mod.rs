//! What a call costs as the state grows (`tongban bench --state`): one node, filled by real calls up to each size, and the same journeys
//! measured at each.
//!
//! The node is a process of its own with its real stores, so that what it spends is its alone, whatever signs and waits here. Licences are
//! taken over from an invented older system and applications filed, in large transactions; then journeys run through, in several rounds, of
//! people who hold nothing yet. What counts is processor time for each call: in the middle of the rounds, against the smallest size.

mod fill;
mod report;

pub use report::GrowthReport;

use super::accounts::{Opening, open};
use super::cluster::Cluster;
use super::cpu::{Memory, Spent};
use super::figures::{median, ratio};
use super::folder_bytes::folder_bytes;
use super::journey::{Run, calls_per_journey, prepare};
use super::machine::Machine;
use super::say;
use super::stages;
use anyhow::{Context, ensure};
use report::{Filled, RATIO_AIM, SizeReport};
use std::path::PathBuf;
use std::sync::Arc;
use tongban_modules::identity::AccountKind;
use tongban_types::Suite;

/// Rounds of journeys at each size.
const ROUNDS: usize = 3;
/// Journeys that run before the first round of a size: what was filled lately is still being put in order.
const WARM_UP_JOURNEYS: usize = 50;
/// Applicants of one size. Each journey leaves a licence with one of them, and nobody holds more than a few.
const APPLICANTS: usize = 256;
/// Officers at each post.
const PER_POST: usize = 8;

/// What is measured.
pub struct Plan {
    /// The algorithms.
    pub suite: Suite,
    /// How many cases, and as many licences, are in the state; each at least 100.
    pub sizes: Vec<u64>,
    /// Journeys of each round.
    pub journeys: usize,
    /// Journeys in flight.
    pub in_flight: usize,
    /// Where the network is made.
    pub folder: PathBuf,
}

/// What is in the state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Records {
    /// Cases.
    pub cases: u64,
    /// Licences.
    pub licences: u64,
}

impl Records {
    /// Both together.
    pub fn sum(self) -> u64 {
        self.cases + self.licences
    }

    /// What is missing to so many of each.
    pub fn missing_to(self, size: u64) -> Self {
        Self { cases: size.saturating_sub(self.cases), licences: size.saturating_sub(self.licences) }
    }
}

impl Plan {
    /// Measures all sizes, the smallest first.
    pub async fn measure(mut self) -> anyhow::Result<GrowthReport> {
        self.sizes.sort_unstable();
        self.sizes.dedup();
        say("starting one node");
        let mut cluster = Cluster::start(&self.folder, 1, self.suite, false)?;
        let sizes = self.measure_on(&mut cluster).await;
        let sizes = match sizes {
            Ok(sizes) => sizes,
            Err(error) => {
                cluster.check()?; // a node that has ended is the better explanation
                return Err(error);
            }
        };
        cluster.stop().await?;
        Ok(GrowthReport {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            machine: Machine::here(&self.folder),
            suite: self.suite,
            journeys_per_round: self.journeys,
            calls_per_round: self.journeys * calls_per_journey(),
            in_flight: self.in_flight,
            ratio_aim: RATIO_AIM,
            within_aim: None,
            sizes,
        }
        .derive())
    }

    async fn measure_on(&self, cluster: &mut Cluster) -> anyhow::Result<Vec<SizeReport>> {
        cluster.wait_until_ready().await?;
        let mut run = prepare(cluster, APPLICANTS, PER_POST).await?;
        let mut records = Records::default();
        let mut sizes = Vec::new();
        for size in &self.sizes {
            let filled = fill::fill(cluster, &run, records, *size).await?;
            records.cases += filled.cases;
            records.licences += filled.licences;
            let newcomers = open(cluster, APPLICANTS, &Opening { kind: AccountKind::Person, name: None, role: None });
            run.serve(newcomers.await?);
            let (report, again) = self.measure_size(cluster, run, *size, &mut records, filled).await?;
            run = again;
            sizes.push(report);
        }
        Ok(sizes)
    }

    /// Measures one size, and gives the run back.
    async fn measure_size(
        &self,
        cluster: &Cluster,
        run: Run,
        size: u64,
        records: &mut Records,
        filled: Filled,
    ) -> anyhow::Result<(SizeReport, Run)> {
        say(&format!("{size}: measuring {ROUNDS} rounds of {} journeys", self.journeys));
        let run = Arc::new(run);
        let before = *records;
        self.round(&run, WARM_UP_JOURNEYS, records).await?;
        let first = stages::of_nodes(&cluster.addresses()).await;
        let mut micros_of_rounds = Vec::new();
        let mut spent_in_all = Spent::default();
        for _ in 0..ROUNDS {
            let begin = cluster.spent();
            self.round(&run, self.journeys, records).await?;
            let spent = cluster.spent().since(&begin);
            let calls = (self.journeys * calls_per_journey()) as f64;
            micros_of_rounds.push(spent.cpu_seconds() * 1_000_000.0 / calls);
            spent_in_all = Spent::sum([spent_in_all, spent]);
        }
        let last = stages::of_nodes(&cluster.addresses()).await;
        let counted = stages::since(&last, &first);
        let calls = (ROUNDS * self.journeys * calls_per_journey()) as f64;
        let of_each_call = |(stage, seconds): (String, f64)| (stage, seconds * 1_000_000.0 / calls);
        let stage_micros_per_call =
            counted.map(|counted| stages::with_threads(counted, &spent_in_all).into_iter().map(of_each_call).collect());
        let disk_bytes = folder_bytes(&cluster.data(0))?;
        let report = SizeReport {
            size,
            cases: before.cases,
            licences: before.licences,
            cpu_micros_per_call: median(&micros_of_rounds).context("there are rounds")?,
            cpu_micros_per_call_of_rounds: micros_of_rounds,
            stage_micros_per_call,
            ratio: None,
            within_aim: None,
            disk_bytes,
            disk_bytes_per_record: ratio(disk_bytes as f64, records.sum() as f64),
            memory: Memory::of(cluster.process(0)),
            filled,
        };
        let run = Arc::into_inner(run).context("all journeys have ended")?;
        Ok((report, run))
    }

    /// Runs so many journeys; fails with the first receipt that is missing or wrong.
    async fn round(&self, run: &Arc<Run>, journeys: usize, records: &mut Records) -> anyhow::Result<()> {
        let outcomes = run.begin(self.in_flight, journeys).all().await;
        ensure!(outcomes.faults == 0, "{}", outcomes.first_faults.join("; "));
        ensure!(outcomes.journeys.len() == journeys, "not every journey came to its end");
        records.cases += journeys as u64;
        records.licences += journeys as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_not_filled_again() {
        let records = Records { cases: 700, licences: 1_200 };
        assert_eq!(records.missing_to(1_000), Records { cases: 300, licences: 0 });
        assert_eq!(records.sum(), 1_900);
    }
}
