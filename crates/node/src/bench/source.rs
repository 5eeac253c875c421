//! Where a load comes from: transactions that are signed ahead, or journeys that are signed as they go.

use super::accounts::{DEPOSITORS, open};
use super::cases::{Case, Work};
use super::cluster::Cluster;
use super::journey::{self, PER_POST, Run, calls_per_journey};
use super::load::{Load, connect};
use super::measure::Plan;
use crate::signer::Signer;
use std::net::SocketAddr;
use std::sync::Arc;

/// No machine of today does more journeys in a second; there are applicants for as many.
const JOURNEYS_PER_SECOND_MAX: u64 = 1_000;

/// What is sent, and by whom.
pub enum Source {
    /// Evidence, so many calls in each transaction.
    Evidence {
        /// The case.
        case: Case,
        /// Who deposits.
        signers: Vec<Signer>,
        /// Calls in each transaction.
        calls: usize,
    },
    /// Journeys.
    Journeys(Arc<Run>),
}

/// A load that waits to begin.
pub type Ready = Box<dyn FnOnce() -> Load + Send>;

impl Source {
    /// Brings what the case needs to the ledger.
    pub async fn prepare(plan: &Plan, cluster: &Cluster) -> anyhow::Result<Self> {
        Ok(match plan.case.work() {
            Work::Evidence { calls } => {
                let signers = open(cluster, plan.accounts, &DEPOSITORS).await?;
                Self::Evidence { case: plan.case, signers, calls }
            }
            Work::Journey => {
                let seconds = (plan.warm_up + plan.measured).as_secs();
                let journeys = match plan.calls {
                    Some(calls) => units(calls, calls_per_journey()),
                    None => usize::try_from(seconds * JOURNEYS_PER_SECOND_MAX)?,
                };
                let applicants = plan.accounts.max(Run::applicants_for(journeys));
                Self::Journeys(Arc::new(journey::prepare(cluster, applicants, PER_POST.min(plan.accounts)).await?))
            }
        })
    }

    /// Accounts that sign.
    pub fn accounts(&self) -> usize {
        match self {
            Self::Evidence { signers, .. } => signers.len(),
            Self::Journeys(run) => run.accounts(),
        }
    }

    /// How many transactions or journeys make so many calls.
    pub fn units_of(&self, calls: u64) -> usize {
        match self {
            Self::Evidence { calls: each, .. } => units(calls, *each),
            Self::Journeys(_) => units(calls, calls_per_journey()),
        }
    }

    /// Makes so many transactions or journeys ready, so many in flight.
    pub async fn ready(&self, addresses: &[SocketAddr], in_flight: usize, count: usize) -> anyhow::Result<Ready> {
        Ok(match self {
            Self::Evidence { case, signers, calls } => {
                let pool = case.transactions(signers, count)?;
                let connections = connect(addresses, in_flight).await?;
                let calls = *calls;
                Box::new(move || Load::begin(connections, pool, calls))
            }
            Self::Journeys(run) => {
                let run = run.clone();
                Box::new(move || run.begin(in_flight, count))
            }
        })
    }
}

fn units(calls: u64, each: usize) -> usize {
    usize::try_from(calls.div_ceil(each as u64)).unwrap_or(usize::MAX)
}
