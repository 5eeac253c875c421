//! What happened in a simulation, as told by those who did it or saw it: the counts that show that faults were real, what
//! clients were answered, and which blocks nodes reported as final.

use crate::disk::Operation;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use tongban_types::{AccountId, Digest, Receipt, RequestId};

/// Something that happened and is worth counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Happened {
    /// A node was stopped dead.
    Crash,
    /// A node was stopped dead in the middle of what it did to its disk.
    HaltAtDiskOperation,
    /// All correct nodes were stopped dead at once, while clients were at work.
    Blackout,
    /// A receipt that clients held when all correct nodes were stopped dead at once.
    AcknowledgedBeforeBlackout,
    /// All correct nodes were stopped dead at once in the end, and started together.
    CommonRestart,
    /// A crash lost changes that were not durable.
    UnsyncedLost,
    /// A crash left parts of changes that were not durable.
    UnsyncedTorn,
    /// A node came back.
    Restart,
    /// An operation of a disk failed.
    DiskFailure(Operation),
    /// A node died of its disk's failure.
    DeathByDisk,
    /// A message was dropped at a partition.
    MessageCut,
    /// A message was lost.
    MessageLost,
    /// A message was held back.
    MessageDelayed,
    /// A message of a silent node was swallowed.
    MessageSilenced,
    /// Garbage was sent, on this channel.
    GarbageSent(&'static str),
    /// A leader proposed a block that is wrong.
    LieProposed,
    /// A correct node refused a block.
    BlockRefused,
    /// A twin signed two votes that exclude each other.
    DoubleVote,
    /// A correct node found a peer to misbehave, and blocks it.
    PeerBlocked,
    /// A correct node blocks a correct node.
    CorrectPeerBlocked,
    /// A misbehaving node died of its own doing.
    MisbehaverDied,
    /// A transaction was submitted.
    Submission,
    /// A transaction was submitted again, or to another node as well.
    Resubmission,
    /// A submission was refused with its reason.
    SubmissionRefused,
    /// A client got a receipt of something applied.
    AnswerApplied,
    /// A client got a receipt of a refusal.
    AnswerRefused,
    /// A client was told that its transaction has expired.
    AnswerExpired,
    /// A client got no answer in time.
    NoAnswer,
    /// The receipt answered another transaction with the same request id.
    AnswerOfOther,
    /// A stranger to the node believed a proof of what was acknowledged.
    ProofVerified,
    /// Somebody has applied for an item.
    CaseFiled,
    /// An officer has accepted a case.
    CaseAccepted,
    /// Silence has accepted a case.
    CaseAcceptedBySilence,
    /// An officer has accepted a case of which something follows later.
    CaseAcceptedWithGap,
    /// A case was not accepted.
    CaseNotAccepted,
    /// The place that received a case has handed it over to the department that decides.
    CaseHandedOver,
    /// An applicant was told what to correct.
    CorrectionAsked,
    /// He has corrected it.
    CorrectionMade,
    /// He has not, and his case was returned.
    CaseReturned,
    /// Something that was missing was handed in.
    GapFilled,
    /// It was not, and the case rests.
    GapSuspended,
    /// A case was terminated.
    CaseTerminated,
    /// An application was refused.
    CaseRefused,
    /// An application was withdrawn.
    CaseWithdrawn,
    /// A case was closed.
    CaseClosed,
    /// Somebody has appealed.
    CaseAppealed,
    /// An appeal was decided.
    AppealDecided,
    /// A case was taken up again.
    CaseReconsidered,
    /// What was granted was revoked.
    GrantRevoked,
    /// Silence has renewed a licence.
    RenewedBySilence,
    /// A newer version of an item was published.
    ItemChanged,
    /// A special procedure has stopped a clock.
    ClockStopped,
    /// Time has ended a special procedure.
    ClockResumedByTime,
    /// A licence was issued.
    LicenceIssued,
    /// A licence was suspended.
    LicenceSuspended,
    /// A licence was resumed.
    LicenceResumed,
    /// A newer version has taken the place of a licence.
    LicenceReplaced,
    /// A licence was revoked.
    LicenceRevoked,
    /// A licence was shown to a department.
    AccessRecorded,
    /// Somebody has said that a licence is wrong.
    ErrorReported,
    /// The department has answered.
    ErrorAnswered,
    /// It has not answered in time.
    ErrorOverdue,
    /// An account was recovered.
    AccountRecovered,
    /// A licence was made out anew because it was wrong.
    LicenceCorrected,
    /// A department was shown a licence under a consent.
    ConsentUsed,
    /// Somebody has consented.
    ConsentGiven,
    /// Somebody has withdrawn his consent.
    ConsentWithdrawn,
    /// A deputy was named for an officer who is absent.
    DeputyNamed,
    /// A deputy has acted.
    DeputyActed,
    /// An officer was transferred.
    OfficerTransferred,
    /// A department was closed and merged into another one.
    DepartmentMerged,
    /// The department in its place has acted in a case of a closed one.
    SuccessorActed,
    /// A case was forwarded to a higher body.
    CaseForwarded,
    /// The higher body has told the applicant what to correct, as the one before had.
    ToldAgain,
    /// An account was frozen.
    AccountFrozen,
    /// A frozen account has objected to its recovery.
    FrozenObjected,
    /// A freeze was over.
    FreezeEnded,
    /// Something of a frozen or ended account was refused.
    RestingAccountRefused,
    /// A person has died.
    PersonDied,
    /// A company was dissolved.
    CompanyDissolved,
    /// A company was merged into another one.
    CompanyMerged,
    /// A company has acted for the one that was merged into it.
    HeirActed,
    /// A legal representative has acted for his company.
    RepresentativeActed,
    /// A guardian has acted for his ward.
    GuardianActed,
    /// A guardianship was ended.
    GuardianshipEnded,
    /// Somebody has named an agent.
    AgentNamed,
    /// An agent has acted for his principal.
    AgentActed,
    /// An agency was ended before its time.
    AgencyEnded,
    /// A key of a frozen account has objected, and a third officer is to decide.
    RecoveryDisputed,
    /// He has dismissed the objection.
    ObjectionDismissed,
    /// He has found it right.
    ObjectionUpheld,
    /// Nobody has decided about it in time.
    ObjectionUndecided,
    /// Who administers an estate has acted for the one who died.
    EstateSettled,
    /// A case has ended because its applicant is no more.
    CaseDiscontinued,
    /// An applicant was told that he may ask for a hearing.
    HearingTold,
    /// Somebody does without it.
    HearingWaived,
    /// What was to be decided passed to another department.
    CaseReferred,
    /// A hearing was held.
    HearingHeld,
    /// Nobody has asked for one in time, and the case was decided.
    HearingLapsed,
    /// Something was entered for an applicant at a counter.
    EnteredAtCounter,
    /// He has said that it is not his own.
    EntryDisowned,
    /// The receipt of what was delivered was acknowledged.
    DeliveryAcknowledged,
    /// A licence was prepared by one officer for another one to issue.
    LicencePrepared,
    /// A licence went over to another network.
    LicenceMovedOut,
    /// An annotated copy of a licence was made.
    CopyMade,
    /// An application has named a licence from which its answers come.
    SourceNamed,
    /// An officer was offered to another tree of departments.
    TransferOffered,
    /// He was accepted there.
    OfferAccepted,
    /// The offer was declined or taken back.
    OfferEnded,
    /// A version of an item was approved by another officer than who proposed it.
    ItemApproved,
    /// An act in office was refused to one who does not hold the office.
    OfficeDenied,
    /// The ledger did by itself what time has brought.
    ActOfTime,
    /// The ledger has refused an act of the public services.
    CivicRefusal,
}

/// A receipt that a correct node has given to a client.
#[derive(Clone, Debug)]
pub struct Acknowledgement {
    /// Which node.
    pub node: usize,
    /// Whose request.
    pub account: AccountId,
    /// Which request.
    pub request_id: RequestId,
    /// What it said.
    pub receipt: Receipt,
}

/// A final block as a correct node has reported it while it ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// Which node.
    pub node: usize,
    /// The block's height.
    pub height: u64,
    /// The digest of its header.
    pub digest: Digest,
}

#[derive(Default)]
struct Inside {
    counts: BTreeMap<Happened, u64>,
    acknowledgements: Vec<Acknowledgement>,
    reports: Vec<Report>,
    expired: Vec<Digest>,
    refused: Vec<Digest>,
    blocked: Vec<(usize, usize)>,
    deaths: Vec<String>,
}

/// The record of one simulation.
#[derive(Default)]
pub struct Record {
    inside: Mutex<Inside>,
}

impl Record {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().expect("nothing panics under the lock")
    }

    /// Counts something.
    pub fn count(&self, what: Happened) {
        *self.inside().counts.entry(what).or_default() += 1;
    }

    /// Counts something that happened so many times.
    pub fn count_many(&self, what: Happened, times: u64) {
        if times > 0 {
            *self.inside().counts.entry(what).or_default() += times;
        }
    }

    /// All counts.
    pub fn counts(&self) -> BTreeMap<Happened, u64> {
        self.inside().counts.clone()
    }

    /// A correct node has answered a client with a receipt.
    pub fn acknowledge(&self, acknowledgement: Acknowledgement) {
        self.inside().acknowledgements.push(acknowledgement);
    }

    /// How much was acknowledged.
    pub fn count_acknowledged(&self) -> u64 {
        self.inside().acknowledgements.len() as u64
    }

    /// What was acknowledged.
    pub fn acknowledgements(&self) -> Vec<Acknowledgement> {
        self.inside().acknowledgements.clone()
    }

    /// A correct node has reported a final block.
    pub fn report(&self, report: Report) {
        self.inside().reports.push(report);
    }

    /// What was reported.
    pub fn reports(&self) -> Vec<Report> {
        self.inside().reports.clone()
    }

    /// A correct node that had accepted a transaction has said that it expired.
    pub fn expire(&self, transaction: Digest) {
        self.inside().expired.push(transaction);
    }

    /// Transactions that can have no effect any more.
    pub fn expired(&self) -> Vec<Digest> {
        self.inside().expired.clone()
    }

    /// A transaction that no node may let through.
    pub fn forbid(&self, transaction: Digest) {
        self.inside().refused.push(transaction);
    }

    /// Transactions that must have no receipt.
    pub fn forbidden(&self) -> Vec<Digest> {
        self.inside().refused.clone()
    }

    /// A node blocks another.
    pub fn block(&self, from: usize, to: usize) {
        self.inside().blocked.push((from, to));
    }

    /// Who has blocked whom.
    pub fn blocked(&self) -> Vec<(usize, usize)> {
        self.inside().blocked.clone()
    }

    /// A node has died of something else than the plan's crashes.
    pub fn die(&self, node: usize, of: &str) {
        self.inside().deaths.push(format!("node {node}: {of}"));
    }

    /// Who has died of what.
    pub fn deaths(&self) -> Vec<String> {
        self.inside().deaths.clone()
    }
}
