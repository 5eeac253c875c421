//! One function for each call: refuse, refuse, refuse, then write, then tell.

use super::error::Error;
use super::msg::{Call, Capacity, Content, Event, FieldCommitment, Finding, Source, WithdrawalReason};
use super::state::{self, Attestation, LEAVES_MAX, RECORD_VERSION, RECORDS, Record, Withdrawal, content_digest};
use crate::identity;
use tongban_kernel::{Ctx, State, Stop};
use tongban_types::{Digest, EvidenceId, List};

/// Refuses what is wrong whatever the state is.
pub fn validate(call: &Call) -> Result<(), Error> {
    match call {
        Call::Register { source, commitments, .. } => {
            if commitments.is_empty() {
                return Err(Error::Empty); // I6
            }
            if !have_own_names(commitments) {
                return Err(Error::FieldNames); // I6
            }
            validate_source(source)
        }
        Call::RegisterBatch { source, leaves, .. } => {
            if *leaves == 0 {
                return Err(Error::Empty); // I6
            }
            if *leaves > LEAVES_MAX {
                return Err(Error::TooManyLeaves); // I6
            }
            validate_source(source)
        }
        Call::Witness { .. } | Call::Withdraw { .. } => Ok(()),
    }
}

fn validate_source(source: &Source) -> Result<(), Error> {
    if source.system.is_empty() || source.method.is_empty() {
        return Err(Error::SourceMissing);
    }
    Ok(())
}

fn have_own_names(commitments: &[FieldCommitment]) -> bool {
    commitments.iter().enumerate().all(|(index, commitment)| {
        !commitment.field.is_empty() && commitments[..index].iter().all(|earlier| earlier.field != commitment.field)
    })
}

/// Records that the call will surely read.
pub fn reads(call: &Call, state: &State) -> Vec<Digest> {
    match call {
        Call::Register { id, source, previous, .. } | Call::RegisterBatch { id, source, previous, .. } => {
            let mut keys = vec![RECORDS.state_key(state, id), identity::state_key(state, &source.operator)];
            keys.extend(previous.iter().map(|previous| RECORDS.state_key(state, previous)));
            keys
        }
        Call::Witness { id, .. } | Call::Withdraw { id, .. } => vec![RECORDS.state_key(state, id)],
    }
}

/// Registers one original or a batch.
pub fn register(
    id: EvidenceId,
    source: Source,
    previous: Option<EvidenceId>,
    content: Content,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    if source.collected_at > ctx.time {
        return Err(Error::CollectedLater.into()); // I5
    }
    if !identity::exists(state, &source.operator)? {
        return Err(Error::OperatorUnknown.into()); // I8
    }
    if state::record(state, &id)?.is_some() {
        return Err(Error::Exists.into()); // I1
    }
    if let Some(previous) = previous
        && state::record(state, &previous)?.is_none_or(|record| record.depositor != ctx.account)
    {
        return Err(Error::PreviousNotOwn.into()); // I7
    }
    let event = Event::Registered {
        id,
        content: content_digest(&content, ctx.primitives),
        depositor: ctx.account,
        collected_at: source.collected_at,
    };
    let record = Record {
        version: RECORD_VERSION,
        content,
        source,
        previous,
        depositor: ctx.account,
        registered_at: ctx.time,
        receipt: ctx.receipt,
        attestations: List::default(),
        withdrawal: None,
    };
    RECORDS.put(state, &id, &record);
    Ok(event)
}

/// Attests a record as a third party.
pub fn witness(
    id: EvidenceId,
    content: Digest,
    capacity: Capacity,
    finding: Finding,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut record = state::record(state, &id)?.ok_or(Error::NotFound)?;
    if record.withdrawal.is_some() {
        return Err(Error::Withdrawn.into()); // I3
    }
    if record.depositor == ctx.account {
        return Err(Error::OwnRecord.into()); // I4
    }
    if content_digest(&record.content, ctx.primitives) != content {
        return Err(Error::OtherContent.into()); // I4
    }
    if record.attestations.iter().any(|attestation| attestation.witness == ctx.account) {
        return Err(Error::WitnessedBefore.into()); // I4
    }
    let attestation =
        Attestation { witness: ctx.account, capacity, finding, attested_at: ctx.time, receipt: ctx.receipt };
    record.attestations.push(attestation).map_err(|_| Error::TooManyWitnesses)?;
    RECORDS.put(state, &id, &record); // I2: all else stays as it was read
    Ok(Event::Witnessed { id, witness: ctx.account, capacity, finding })
}

/// Withdraws a record of one's own.
pub fn withdraw(
    id: EvidenceId,
    reason: WithdrawalReason,
    explanation: Option<Digest>,
    ctx: &Ctx,
    state: &mut State,
) -> Result<Event, Stop> {
    let mut record = state::record(state, &id)?.ok_or(Error::NotFound)?;
    if record.withdrawal.is_some() {
        return Err(Error::Withdrawn.into()); // I3
    }
    if record.depositor != ctx.account {
        return Err(Error::NotDepositor.into()); // I3
    }
    record.withdrawal = Some(Withdrawal { reason, explanation, withdrawn_at: ctx.time, receipt: ctx.receipt });
    RECORDS.put(state, &id, &record); // I2: all else stays as it was read
    Ok(Event::Withdrawn { id, reason })
}
