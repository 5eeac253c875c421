//! Fills the state with cases and licences, by real calls in large transactions.

use super::Records;
use super::report::Filled;
use crate::bench::cases::{Prepared, on_all_cores};
use crate::bench::cluster::Cluster;
use crate::bench::figures::ratio;
use crate::bench::journey::{Post, Run};
use crate::bench::load::{Load, connect};
use crate::bench::say;
use crate::import::progress_bar;
use crate::signer::now;
use anyhow::ensure;
use std::time::{Duration, Instant};
use tongban_modules::Call;
use tongban_types::transaction::CALLS_MAX;

/// Transactions that are signed at once, and then sent.
const TRANSACTIONS: usize = 64;
/// Transactions in flight.
const IN_FLIGHT: usize = 32;

/// What the state is filled with.
#[derive(Clone, Copy)]
enum Kind {
    Licences,
    Cases,
}

/// Fills the state up to so many licences and cases, to whole transactions.
pub async fn fill(cluster: &mut Cluster, run: &Run, there: Records, size: u64) -> anyhow::Result<Filled> {
    let missing = there.missing_to(size);
    say(&format!("{size}: taking over {} licences, filing {} applications", missing.licences, missing.cases));
    let progress = progress_bar();
    progress.set_length(missing.sum());
    let mut filled = Filled::default();
    for (kind, missing, first) in
        [(Kind::Licences, missing.licences, there.licences), (Kind::Cases, missing.cases, there.cases)]
    {
        let mut open = transactions_for(missing);
        let mut number = usize::try_from(first)? / CALLS_MAX;
        let mut taken = Duration::ZERO;
        let mut calls = 0;
        while open > 0 {
            let count = open.min(TRANSACTIONS);
            let pool = on_all_cores(count, |index| transaction(cluster, run, kind, number + index))?;
            let connections = connect(&cluster.addresses(), IN_FLIGHT.min(count)).await?;
            let begun = Instant::now();
            let outcomes = Load::begin(connections, pool, CALLS_MAX).all().await;
            taken += begun.elapsed();
            cluster.check()?;
            ensure!(outcomes.faults == 0, "{}", outcomes.first_faults.join("; "));
            open -= count;
            number += count;
            calls += (count * CALLS_MAX) as u64;
            progress.inc((count * CALLS_MAX) as u64);
        }
        let per_second = ratio(calls as f64, taken.as_secs_f64());
        match kind {
            Kind::Licences => (filled.licences, filled.licences_per_second) = (calls, per_second),
            Kind::Cases => (filled.cases, filled.cases_per_second) = (calls, per_second),
        }
    }
    progress.finish_and_clear();
    Ok(filled)
}

/// Transactions that hold so many calls, the last one filled up.
fn transactions_for(calls: u64) -> usize {
    usize::try_from(calls).unwrap_or(usize::MAX).div_ceil(CALLS_MAX)
}

/// One large transaction, by the number of its kind: no two take over the same licences.
fn transaction(cluster: &Cluster, run: &Run, kind: Kind, number: usize) -> anyhow::Result<Prepared> {
    let signers = match kind {
        Kind::Licences => run.officers(Post::Import),
        Kind::Cases => run.applicants(),
    };
    ensure!(!signers.is_empty(), "nobody is there to fill the state");
    let signer = &signers[number % signers.len()];
    let time = now();
    let call = |place: usize| match kind {
        Kind::Licences => run.setting.import(number * CALLS_MAX + place, time),
        Kind::Cases => run.setting.file(signer.account()),
    };
    let calls: Vec<Call> = (0..CALLS_MAX).map(call).collect::<anyhow::Result<_>>()?;
    Prepared::new(cluster.genesis.suite, signer, &calls)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_transaction_is_filled_up() {
        for (calls, transactions) in [(0, 0), (1, 1), (100, 1), (101, 2), (1_000_000, 10_000)] {
            assert_eq!(transactions_for(calls), transactions);
        }
    }
}
