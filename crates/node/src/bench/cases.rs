//! What can be measured: the suite, the work, and the transactions that it is made of.

use crate::random::{self, rng};
use crate::signer::{Signer, now};
use anyhow::Context;
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
}

impl Case {
    /// The algorithms of the network.
    pub fn suite(self) -> Suite {
        match self {
            Self::IntlOne | Self::IntlHundred => Suite::Intl,
            Self::SmOne | Self::SmHundred => Suite::Sm,
        }
    }

    /// Calls in each transaction.
    pub fn calls_per_transaction(self) -> usize {
        match self {
            Self::IntlOne | Self::SmOne => 1,
            Self::IntlHundred | Self::SmHundred => CALLS_MAX,
        }
    }

    /// Submissions that keep four nodes busy: more only wait longer.
    pub fn concurrency(self) -> usize {
        match self {
            Self::IntlOne => 2_000,
            Self::SmOne => 1_000,
            Self::IntlHundred | Self::SmHundred => 128,
        }
    }

    /// The calls of one transaction. No two are alike, as no two originals are.
    fn calls(self, operator: AccountId) -> anyhow::Result<Vec<Call>> {
        (0..self.calls_per_transaction()).map(|_| register(operator)).collect()
    }

    /// Signed transactions, made on all cores; the accounts take turns.
    pub fn transactions(self, signers: &[Signer], count: usize) -> anyhow::Result<Vec<Prepared>> {
        let cores = super::machine::cores();
        let make = |core: usize| -> anyhow::Result<Vec<Prepared>> {
            let mine = (core..count).step_by(cores);
            mine.map(|index| Prepared::new(self, &signers[index % signers.len()])).collect()
        };
        let parts: Vec<anyhow::Result<Vec<Prepared>>> = thread::scope(|scope| {
            let threads: Vec<_> = (0..cores).map(|core| scope.spawn(move || make(core))).collect();
            threads.into_iter().map(|thread| thread.join().expect("signing does not panic")).collect()
        });
        let mut all = Vec::with_capacity(count);
        for part in parts {
            all.extend(part?);
        }
        Ok(all)
    }
}

impl fmt::Display for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.suite(), self.calls_per_transaction())
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
    fn new(case: Case, signer: &Signer) -> anyhow::Result<Self> {
        let signed = signer.sign_as(random::request_id(), &case.calls(signer.account())?)?;
        Ok(Self {
            id: signed.tx.id(primitives(case.suite())),
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
