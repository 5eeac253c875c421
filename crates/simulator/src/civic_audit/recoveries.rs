//! Recoveries of accounts (rule 16), and disputes about them (rule 33), as the receipts tell.

use super::days::minute_after;
use super::lives::Counted;
use super::{CivicAuditor, Moment};
use crate::audit::{Finding, finding};
use crate::record::Happened;
use std::collections::BTreeSet;
use tongban_modules::identity::{self, ClosingKind};
use tongban_modules::recovery::Side;
use tongban_types::{AccountId, Time};

/// The cooling time that the simulated city has set.
const COOLING_MILLIS: u64 = 60_000;
/// How long both sides of a dispute have to come, and as long again an officer to decide, where nothing else was set.
const HEARING_MILLIS: u64 = 7 * 86_400_000;

/// A recovery.
pub(super) struct Recovery {
    account: AccountId,
    /// Who had a part in it.
    parts: BTreeSet<AccountId>,
    is_approved: bool,
    completes_at: Option<Time>,
    is_closed: bool,
    dispute: Option<Dispute>,
}

/// An objection by a key of a frozen account.
struct Dispute {
    appear_by: Time,
    decide_by: Time,
    came: Vec<Side>,
    is_decided: bool,
}

impl Recovery {
    fn is_disputed(&self) -> bool {
        !self.is_closed && self.dispute.as_ref().is_some_and(|dispute| !dispute.is_decided)
    }

    /// The dispute that an officer who had no part in it hears, or decides.
    fn dispute_of(&mut self, officer: AccountId, freezer: Option<&AccountId>, at: Time) -> Option<&mut Dispute> {
        let is_impartial = !self.parts.contains(&officer) && freezer != Some(&officer);
        let is_open = self.is_disputed() && is_impartial;
        self.dispute.as_mut().filter(|dispute| is_open && at < dispute.decide_by)
    }
}

impl Dispute {
    fn has_come(&self, side: Side) -> bool {
        self.came.contains(&side)
    }

    /// Whether it can be decided: both sides have come, or their time is over.
    fn is_ready(&self, at: Time) -> bool {
        self.has_come(Side::Claimant) && self.has_come(Side::Objector) || at >= self.appear_by
    }
}

impl CivicAuditor {
    fn recovery(&mut self, number: u64) -> Result<&mut Recovery, Finding> {
        match self.recoveries.get_mut(&number).filter(|known| !known.is_closed) {
            Some(known) => Ok(known),
            None => finding(16, format!("the recovery {number} goes on, and nobody has opened it, or it has ended")),
        }
    }

    pub(super) fn read_recovery(&mut self, event: &identity::Event, moment: Moment) -> Counted {
        use identity::Event as E;
        match event {
            E::RecoveryOpened { account, recovery, by, .. } => {
                let (completes_at, dispute, parts) = (None, None, BTreeSet::from([*by]));
                let (account, is_approved, is_closed) = (*account, false, false);
                let known = Recovery { account, parts, is_approved, completes_at, is_closed, dispute };
                self.recoveries.insert(*recovery, known);
            }
            E::NoticeRecorded { recovery, completes_at, by, .. } => {
                let known = self.recovery(*recovery)?;
                known.parts.insert(*by);
                return begin_cooling(*recovery, known, *completes_at, moment.at);
            }
            E::RecoveryApproved { recovery, completes_at, by, .. } => {
                let known = self.recovery(*recovery)?;
                known.parts.insert(*by);
                known.is_approved = true;
                return begin_cooling(*recovery, known, *completes_at, moment.at);
            }
            E::RecoveryCompleted { recovery, .. } => return self.complete(*recovery, moment),
            _ => return self.read_dispute(event, moment),
        }
        Ok(None)
    }

    fn complete(&mut self, number: u64, moment: Moment) -> Counted {
        let known = self.recovery(number)?;
        let Some(due) = known.completes_at.filter(|_| !known.is_disputed()) else {
            return finding(16, "a recovery is completed out of turn");
        };
        known.is_closed = true;
        if !moment.is_of_time(due, minute_after(due)) {
            return finding(16, format!("the recovery {number} is completed at {}, not at {due}", moment.at));
        }
        Ok(Some(Happened::AccountRecovered))
    }

    fn read_dispute(&mut self, event: &identity::Event, moment: Moment) -> Counted {
        use identity::Event as E;
        match event {
            E::Frozen { account, by, .. } => drop(self.freezers.insert(*account, *by)),
            E::RecoveryDisputed { account, recovery, appear_by, decide_by } => {
                let is_frozen = self.accounts.is_frozen(account) && moment.by == *account;
                let known = self.recovery(*recovery)?;
                let ends = [*appear_by, *decide_by];
                let expected = [1, 2].map(|times| moment.at.plus_millis(times * HEARING_MILLIS));
                if !is_frozen || known.account != *account || known.dispute.is_some() || ends != expected {
                    return finding(33, format!("the recovery {recovery} is disputed twice, or by no frozen account"));
                }
                known.completes_at = None;
                let (appear_by, decide_by, came, is_decided) = (*appear_by, *decide_by, Vec::new(), false);
                known.dispute = Some(Dispute { appear_by, decide_by, came, is_decided });
                return Ok(Some(Happened::RecoveryDisputed));
            }
            E::AppearanceRecorded { account, recovery, side, by, .. } => {
                let freezer = self.freezers.get(account).copied();
                let known = self.recovery(*recovery)?;
                let dispute = known.dispute_of(*by, freezer.as_ref(), moment.at);
                let Some(dispute) = dispute.filter(|dispute| !dispute.has_come(*side)) else {
                    return finding(33, format!("somebody comes about the recovery {recovery}, which nobody disputes"));
                };
                dispute.came.push(*side);
            }
            E::ObjectionDismissed { account, recovery, completes_at, by, .. } => {
                let freezer = self.freezers.get(account).copied();
                let known = self.recovery(*recovery)?;
                let dispute = known.dispute_of(*by, freezer.as_ref(), moment.at);
                let ready = dispute.filter(|dispute| dispute.is_ready(moment.at) && dispute.has_come(Side::Claimant));
                let Some(dispute) = ready else {
                    return finding(33, format!("an objection to the recovery {recovery} is dismissed unheard"));
                };
                dispute.is_decided = true;
                begin_cooling(*recovery, known, *completes_at, moment.at)?;
                return Ok(Some(Happened::ObjectionDismissed));
            }
            E::RecoveryStopped { account, recovery, kind, by, .. } => {
                return self.stop_recovery((*account, *recovery), *kind, *by, moment);
            }
            _ => {}
        }
        Ok(None)
    }

    /// A recovery ends without a new key.
    fn stop_recovery(
        &mut self,
        (account, number): (AccountId, u64),
        kind: ClosingKind,
        by: AccountId,
        moment: Moment,
    ) -> Counted {
        let freezer = self.freezers.get(&account).copied();
        let is_frozen = self.accounts.is_frozen(&account);
        let known = self.recovery(number)?;
        let (is_right, counted) = match kind {
            ClosingKind::Upheld => {
                let dispute = known.dispute_of(by, freezer.as_ref(), moment.at);
                (dispute.is_some_and(|dispute| dispute.is_ready(moment.at)), Some(Happened::ObjectionUpheld))
            }
            ClosingKind::Undecided => {
                let due = known.dispute.as_ref().filter(|_| known.is_disputed()).map(|dispute| dispute.decide_by);
                let is_of_time = due.is_some_and(|due| moment.is_of_time(due, minute_after(due)));
                (is_of_time, Some(Happened::ObjectionUndecided))
            }
            ClosingKind::Objected => (!is_frozen && by == account, None),
            ClosingKind::Stopped
            | ClosingKind::Rejected
            | ClosingKind::AccountEnded
            | ClosingKind::AuthorityWithdrawn
            | ClosingKind::BindingCorrected
            | ClosingKind::GuardianshipEnded => (true, None),
            ClosingKind::Completed => (false, None),
        };
        known.is_closed = true;
        if !is_right {
            return finding(33, format!("the recovery {number} ends as {kind:?} at {}, and is not that", moment.at));
        }
        Ok(counted)
    }

    /// Nothing waits whose time has come.
    pub(super) fn check_recoveries(&self, now: Time) -> Result<(), Finding> {
        for known in self.recoveries.values().filter(|known| !known.is_closed) {
            if known.completes_at.is_some_and(|at| now >= minute_after(at)) {
                return finding(16, format!("a recovery still waits at {now}"));
            }
            let dispute = known.dispute.as_ref().filter(|dispute| !dispute.is_decided);
            if dispute.is_some_and(|dispute| now >= minute_after(dispute.decide_by)) {
                return finding(33, format!("nobody has decided a dispute about a recovery by {now}, and it goes on"));
            }
        }
        Ok(())
    }
}

/// The cooling time begins where nothing is missing for it.
fn begin_cooling(number: u64, known: &mut Recovery, completes_at: Option<Time>, at: Time) -> Counted {
    let Some(completes_at) = completes_at else { return Ok(None) };
    if known.is_disputed() {
        return finding(33, format!("the recovery {number} cools down while it is disputed"));
    }
    if !known.is_approved || known.completes_at.is_some() || completes_at != at.plus_millis(COOLING_MILLIS) {
        return finding(16, format!("the recovery {number} cools down twice, or for another time"));
    }
    known.completes_at = Some(completes_at);
    Ok(None)
}
