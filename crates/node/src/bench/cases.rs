//! What can be measured: the suite, the work, and the transactions that it is made of.

use crate::random::{self, rng};
use crate::signer::{Signer, now};
use anyhow::{Context, bail};
use bytes::Bytes;
use clap::ValueEnum;
use rand_core::Rng;
use serde::{Serialize, Serializer};
use std::fmt;
use std::thread;
use tongban_crypto::primitives;
use tongban_modules::Call;
use tongban_modules::evidence::{Call as EvidenceCall, FieldCommitment, ObjectType, Source};
use tongban_types::transaction::CALLS_MAX;
use tongban_types::{AccountId, Digest, EvidenceId, List, RequestId, Suite, Text, codec};

/// One thing that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Case {
    /// `intl`, one evidence call in each transaction
    #[value(name = "intl-1")]
    IntlOne,
    /// `intl`, 100 evidence calls in each transaction
    #[value(name = "intl-100")]
    IntlHundred,
    /// `sm`, one evidence call in each transaction
    #[value(name = "sm-1")]
    SmOne,
    /// `sm`, 100 evidence calls in each transaction
    #[value(name = "sm-100")]
    SmHundred,
    /// `intl`, a public service from the application through five departments at once to the delivered licence
    #[value(name = "intl-journey")]
    IntlJourney,
    /// `sm`, the same journey
    #[value(name = "sm-journey")]
    SmJourney,
}

/// What a case is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Originals are registered as evidence.
    Evidence {
        /// Calls in each transaction.
        calls: usize,
    },
    /// Journeys of public services, see [`super::journey`].
    Journey,
}

impl Case {
    /// The algorithms of the network.
    pub fn suite(self) -> Suite {
        match self {
            Self::IntlOne | Self::IntlHundred | Self::IntlJourney => Suite::Intl,
            Self::SmOne | Self::SmHundred | Self::SmJourney => Suite::Sm,
        }
    }

    /// What it is made of.
    pub fn work(self) -> Work {
        match self {
            Self::IntlOne | Self::SmOne => Work::Evidence { calls: 1 },
            Self::IntlHundred | Self::SmHundred => Work::Evidence { calls: CALLS_MAX },
            Self::IntlJourney | Self::SmJourney => Work::Journey,
        }
    }

    /// Submissions, or whole journeys, that keep four nodes busy: more only wait longer.
    pub fn concurrency(self) -> usize {
        match self {
            Self::IntlOne => 2_000,
            Self::SmOne => 1_000,
            Self::IntlHundred | Self::SmHundred => 128,
            Self::IntlJourney => 600,
            Self::SmJourney => 300,
        }
    }

    /// Signed transactions that register evidence, no two alike as no two originals are; the accounts take turns.
    pub fn transactions(self, signers: &[Signer], count: usize) -> anyhow::Result<Vec<Prepared>> {
        let calls = match self.work() {
            Work::Evidence { calls } => calls,
            Work::Journey => bail!("journeys are signed as they go"),
        };
        on_all_cores(count, |index| {
            let signer = &signers[index % signers.len()];
            let calls: Vec<Call> = (0..calls).map(|_| register(signer.account())).collect::<anyhow::Result<_>>()?;
            Prepared::new(self.suite(), signer, &calls)
        })
    }
}

/// Makes so many transactions on all cores.
pub fn on_all_cores(
    count: usize,
    make: impl Fn(usize) -> anyhow::Result<Prepared> + Sync,
) -> anyhow::Result<Vec<Prepared>> {
    let cores = super::machine::cores();
    let make = &make;
    let parts: Vec<anyhow::Result<Vec<Prepared>>> = thread::scope(|scope| {
        let of_core = |core: usize| (core..count).step_by(cores).map(make).collect();
        let threads: Vec<_> = (0..cores).map(|core| scope.spawn(move || of_core(core))).collect();
        threads.into_iter().map(|thread| thread.join().expect("signing does not panic")).collect()
    });
    let mut all = Vec::with_capacity(count);
    for part in parts {
        all.extend(part?);
    }
    Ok(all)
}

impl fmt::Display for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.work() {
            Work::Evidence { calls } => write!(formatter, "{}-{calls}", self.suite()),
            Work::Journey => write!(formatter, "{}-journey", self.suite()),
        }
    }
}

impl Serialize for Case {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A transaction as it goes over the wire, with what its receipt must say.
pub struct Prepared {
    /// Encoded and signed.
    pub body: Bytes,
    /// The transaction's identifier.
    pub id: Digest,
    /// Who acts.
    pub account: AccountId,
    /// The request.
    pub request_id: RequestId,
}

impl Prepared {
    /// Signs calls.
    pub fn new(suite: Suite, signer: &Signer, calls: &[Call]) -> anyhow::Result<Self> {
        let signed = signer.sign_as(random::request_id(), calls)?;
        Ok(Self {
            id: signed.tx.id(primitives(suite)),
            account: signed.tx.account,
            request_id: signed.tx.request_id,
            body: codec::encode(&signed).into(),
        })
    }
}

/// A call that registers one original.
fn register(operator: AccountId) -> anyhow::Result<Call> {
    let mut random = [0; EvidenceId::BYTES + Digest::BYTES];
    rng().fill_bytes(&mut random);
    let (id, commitment) = random.split_at(EvidenceId::BYTES);
    let source = Source {
        object_type: ObjectType::DatabaseRecord,
        system: Text::new("政务服务事项管理平台")?,
        method: Text::new("tongban bench")?,
        operator,
        collected_at: now(),
    };
    let commitment = FieldCommitment {
        field: Text::new("content")?,
        commitment: Digest(commitment.try_into().context("a digest's length")?),
    };
    let id = EvidenceId(id.try_into().context("an identifier's length")?);
    Ok(Call::Evidence(EvidenceCall::Register { id, source, previous: None, commitments: List::new(vec![commitment])? }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_shown_by_the_name_it_is_chosen_by() {
        for case in Case::value_variants() {
            let name = case.to_possible_value().expect("each has a name").get_name().to_owned();
            assert_eq!(case.to_string(), name);
        }
    }
}
