//! Which accounts may act (rule 24), and who acts for whom (rule 25), as the receipts tell.

use super::days::minute_after;
use super::lives::Counted;
use super::{CivicAuditor, Moment};
use crate::audit::{Finding, finding};
use crate::record::Happened;
use std::collections::{BTreeMap, BTreeSet};
use tongban_modules::catalogue::ItemCode;
use tongban_modules::identity::{self, ClosingKind, Status};
use tongban_modules::representation::{self, AGENCIES, Agency, AgentAct, Capacity};
use tongban_modules::{Event, cases, licences, sharing};
use tongban_types::codes::LicenceIdentifier;
use tongban_types::{AccountId, Receipt, Time};

/// A freeze lasts so much longer than the dispute that it waits for.
const FREEZE_MARGIN_MILLIS: u64 = 60_000;

/// What the auditor knows of accounts and of who acts for whom.
#[derive(Default)]
pub(super) struct Accounts {
    suspended: BTreeSet<AccountId>,
    /// Until when they are frozen.
    frozen: BTreeMap<AccountId, Time>,
    /// Recoveries to which a frozen account has objected.
    disputed: BTreeSet<u64>,
    /// What became of those that have ended.
    ended: BTreeMap<AccountId, Status>,
    representatives: BTreeMap<AccountId, Vec<AccountId>>,
    /// Guardianships by ward and guardian, and until when they last.
    guardians: BTreeMap<(AccountId, AccountId), Option<Time>>,
    /// Who administers the estates of whom, and until when.
    estates: BTreeMap<(AccountId, AccountId), Time>,
    /// Agencies as they were given, and whether they have ended before their time.
    agencies: BTreeMap<u64, (Agency, bool)>,
}

/// For whom and about what somebody acts.
struct Deed<'a> {
    by: AccountId,
    principal: AccountId,
    item: Option<&'a ItemCode>,
    act: AgentAct,
    capacity: Capacity,
}

/// Whether a refusal says that an account rests or has ended.
pub(crate) fn is_of_resting_account(code: &str) -> bool {
    matches!(code, "tx.account_frozen" | "tx.account_ended")
}

impl Accounts {
    /// Whether an account may act.
    pub fn acts(&self, account: &AccountId) -> bool {
        !self.suspended.contains(account) && !self.frozen.contains_key(account) && !self.ended.contains_key(account)
    }

    /// Whether an account has ended.
    pub fn has_ended(&self, account: &AccountId) -> bool {
        self.ended.contains_key(account)
    }

    /// Whether an account is frozen.
    pub fn is_frozen(&self, account: &AccountId) -> bool {
        self.frozen.contains_key(account)
    }

    /// The account that has taken the place of this one, where it was merged.
    pub fn heir(&self, account: &AccountId) -> AccountId {
        let mut account = *account;
        while let Some(Status::MergedInto(next)) = self.ended.get(&account) {
            account = *next;
        }
        account
    }

    /// A frozen account does nothing but object; one that is suspended or has ended does nothing.
    pub fn check_actor(&self, receipt: &Receipt, events: &[Event]) -> Result<Option<Happened>, Finding> {
        let account = &receipt.account;
        let is_objection = |event: &Event| match event {
            Event::Identity(identity::Event::RecoveryStopped { by, .. }) => by == account,
            Event::Identity(identity::Event::RecoveryDisputed { account: objector, .. }) => objector == account,
            _ => false,
        };
        if self.has_ended(account) || self.suspended.contains(account) {
            return finding(24, format!("{account:?} acts, which has ended or is suspended"));
        }
        if !self.is_frozen(account) {
            return Ok(None);
        }
        if !events.iter().all(is_objection) {
            return finding(24, format!("{account:?} is frozen, and does more than object"));
        }
        Ok(Some(Happened::FrozenObjected))
    }

    /// After every block: nothing is frozen whose time is over.
    pub fn check_waiting(&self, now: Time) -> Result<(), Finding> {
        match self.frozen.iter().find(|(_, until)| now >= minute_after(**until)) {
            Some((account, until)) => finding(24, format!("{account:?} is frozen at {now}, and until {until}")),
            None => Ok(()),
        }
    }

    /// Takes in what has happened to accounts.
    pub fn read(&mut self, event: &identity::Event, moment: Moment) -> Counted {
        use identity::Event as E;
        match event {
            E::Suspended { account, .. } => drop(self.suspended.insert(*account)),
            E::Resumed { account, .. } => {
                self.suspended.remove(account);
                self.frozen.remove(account);
            }
            E::RecoveryCompleted { account, .. } | E::RecoveryStopped { account, kind: ClosingKind::Upheld, .. } => {
                self.frozen.remove(account);
            }
            E::RecoveryDisputed { account, recovery, decide_by, .. } => {
                self.disputed.insert(*recovery);
                self.prolong(account, *decide_by);
            }
            E::ObjectionDismissed { account, completes_at: Some(at), .. } => self.prolong(account, *at),
            E::RecoveryApproved { account, recovery, completes_at: Some(at), .. }
            | E::NoticeRecorded { account, recovery, completes_at: Some(at), .. }
                if self.disputed.contains(recovery) =>
            {
                self.prolong(account, *at);
            }
            E::Frozen { account, until, .. } => {
                self.frozen.insert(*account, *until);
                return Ok(Some(Happened::AccountFrozen));
            }
            E::FreezeEnded { account } => {
                let until = self.frozen.remove(account);
                if !until.is_some_and(|until| moment.is_of_time(until, minute_after(until))) {
                    return finding(24, format!("{account:?} thaws at {}, not at {until:?}", moment.at));
                }
                return Ok(Some(Happened::FreezeEnded));
            }
            E::AccountEnded { account, status, by, recorded_by, .. } => {
                if by == recorded_by || self.ended.insert(*account, *status).is_some() {
                    return finding(24, format!("{account:?} ends by one officer alone, or twice"));
                }
                return Ok(Some(match status {
                    Status::MergedInto(_) => Happened::CompanyMerged,
                    Status::Dissolved => Happened::CompanyDissolved,
                    _ => Happened::PersonDied,
                }));
            }
            E::EndingAnnulled { account, .. } => drop(self.ended.remove(account)),
            _ => {}
        }
        Ok(None)
    }

    /// A freeze lasts a little longer than what it waits for.
    fn prolong(&mut self, account: &AccountId, until: Time) {
        if let Some(frozen_until) = self.frozen.get_mut(account) {
            *frozen_until = (*frozen_until).max(until.plus_millis(FREEZE_MARGIN_MILLIS));
        }
    }

    fn lasts(&self, ward: AccountId, guardian: AccountId, at: Time) -> bool {
        self.guardians.get(&(ward, guardian)).is_some_and(|until| until.is_none_or(|until| at < until))
    }

    /// Whether somebody stands for a principal by himself or by law, as he says.
    fn stands(&self, by: AccountId, principal: AccountId, capacity: Capacity, at: Time) -> bool {
        let acting = self.heir(&principal);
        let is_guardian = |guardian: AccountId| self.lasts(acting, guardian, at);
        match capacity {
            Capacity::Oneself => by == principal && by == acting,
            Capacity::Successor => by == acting && by != principal,
            Capacity::LegalRepresentative => {
                self.representatives.get(&acting).is_some_and(|persons| persons.contains(&by))
            }
            Capacity::Guardian => is_guardian(by),
            Capacity::EstateAdministrator | Capacity::Agent { .. } => false,
        }
    }

    /// Whether an agency lets its agent do this now.
    fn admits(&self, number: u64, deed: &Deed, at: Time) -> bool {
        let Some((agency, has_ended)) = self.agencies.get(&number) else { return false };
        let mandate = &agency.mandate;
        let is_theirs = agency.principal == self.heir(&deed.principal) && agency.agent == deed.by;
        let is_in_term = mandate.from.unwrap_or(agency.given_at) <= at && at < mandate.until && !has_ended;
        let is_for_item = mandate.items.as_ref().is_none_or(|items| deed.item.is_some_and(|item| items.contains(item)));
        let is_for_act = mandate.acts.as_ref().is_none_or(|acts| acts.contains(&deed.act));
        let is_given = agency.given_as != Capacity::Guardian || self.lasts(agency.principal, agency.given_by, at);
        is_theirs && is_in_term && is_for_item && is_for_act && is_given
    }

    /// Whether somebody may settle this for a person who died.
    fn administers_estate(&self, deed: &Deed, at: Time) -> bool {
        let is_his = self.estates.get(&(deed.principal, deed.by)).is_some_and(|until| at < *until);
        let is_to_settle = matches!(deed.act, AgentAct::Withdraw | AgentAct::Receive | AgentAct::Appeal);
        is_his && is_to_settle && self.ended.get(&deed.principal) == Some(&Status::Deceased)
    }

    /// Whether somebody may receive for a principal what is delivered.
    fn may_receive(&self, to: AccountId, principal: AccountId, item: &ItemCode, at: Time) -> bool {
        let (act, capacity) = (AgentAct::Receive, Capacity::Oneself);
        let deed = Deed { by: to, principal, item: Some(item), act, capacity };
        let own = [Capacity::Oneself, Capacity::Successor, Capacity::LegalRepresentative, Capacity::Guardian];
        own.into_iter().any(|capacity| self.stands(to, principal, capacity, at))
            || self.agencies.keys().any(|number| self.admits(*number, &deed, at))
            || self.administers_estate(&deed, at)
    }

    fn check(&self, deed: &Deed, moment: Moment) -> Result<Option<Happened>, Finding> {
        let acting = self.heir(&deed.principal);
        let is_right = match deed.capacity {
            Capacity::Agent { agency } => self.admits(agency, deed, moment.at),
            Capacity::EstateAdministrator => self.administers_estate(deed, moment.at),
            capacity => self.stands(deed.by, deed.principal, capacity, moment.at),
        };
        // Of the dead nobody acts but who administers the estate.
        let is_there = self.acts(&acting) || deed.capacity == Capacity::EstateAdministrator;
        if !is_right || deed.by != moment.by || !is_there || !self.acts(&deed.by) {
            let Deed { by, principal, act, capacity, .. } = deed;
            return finding(25, format!("{by:?} does {act:?} for {principal:?} as {capacity:?}, and is not that"));
        }
        Ok(match deed.capacity {
            Capacity::Oneself => None,
            Capacity::EstateAdministrator => Some(Happened::EstateSettled),
            Capacity::LegalRepresentative => Some(Happened::RepresentativeActed),
            Capacity::Guardian => Some(Happened::GuardianActed),
            Capacity::Agent { .. } => Some(Happened::AgentActed),
            Capacity::Successor => Some(Happened::HeirActed),
        })
    }
}

impl CivicAuditor {
    /// Whoever acts for another one is what he says.
    pub(super) fn check_capacity(&mut self, event: &Event, moment: Moment) -> Result<(), Finding> {
        let deed = match event {
            Event::Cases(event) => {
                self.check_receiver(event, moment)?;
                self.deed_in_case(event)
            }
            Event::Licences(licences::Event::CopyMade { identifier, right, .. }) => {
                self.deed_with_copy(identifier, *right, moment)
            }
            Event::Sharing(event) => self.deed_about_data(event, moment),
            _ => None,
        };
        let Some(deed) = deed else { return Ok(()) };
        if let Some(what) = self.accounts.check(&deed, moment)? {
            self.count(what, 1);
        }
        Ok(())
    }

    /// What is delivered goes to the applicant, or to who may receive for him.
    fn check_receiver(&self, event: &cases::Event, moment: Moment) -> Result<(), Finding> {
        let cases::Event::Delivered { case, to, .. } = event else { return Ok(()) };
        let Some(matter) = self.matters.get(case) else { return Ok(()) };
        if self.accounts.may_receive(*to, matter.applicant, &matter.item, moment.at) {
            return Ok(());
        }
        finding(25, format!("what came of {case} is delivered to {to:?}, who may not receive it"))
    }

    /// Whoever copies a licence for its holder may show it.
    fn deed_with_copy(
        &self,
        identifier: &LicenceIdentifier,
        right: licences::CopyRight,
        moment: Moment,
    ) -> Option<Deed<'static>> {
        let licences::CopyRight::Holder { capacity } = right else { return None };
        let licence = self.record(moment.records, licences::LICENCES, identifier)?;
        let licences::Holder::Account { account: principal } = licence.holder else { return None };
        Some(Deed { by: moment.by, principal, item: None, act: AgentAct::Present, capacity })
    }

    fn deed_in_case<'a>(&'a self, event: &'a cases::Event) -> Option<Deed<'a>> {
        use cases::Event as E;
        let (case, by, act, capacity) = match event {
            E::Filed { case, by, capacity, .. } => (case, by, AgentAct::File, capacity),
            E::Supplemented { case, by, capacity } | E::GapFilled { case, by, capacity, .. } => {
                (case, by, AgentAct::Supplement, capacity)
            }
            E::Ended { case, by, capacity: Some(capacity), .. } => (case, by, AgentAct::Withdraw, capacity),
            E::Appealed { case, by, capacity, .. } => (case, by, AgentAct::Appeal, capacity),
            E::Rated { case, by, capacity, .. } => (case, by, AgentAct::Rate, capacity),
            E::HearingAnswered { case, party, by, capacity, .. } => {
                let (act, capacity) = (AgentAct::Appeal, *capacity);
                let item = self.matters.get(case).map(|matter| &matter.item);
                return Some(Deed { by: *by, principal: *party, item, act, capacity });
            }
            E::Acknowledged { case, by, capacity } => (case, by, AgentAct::Receive, capacity),
            E::Disowned { case, by, capacity, .. } => (case, by, AgentAct::Withdraw, capacity),
            _ => return None,
        };
        let matter = self.matters.get(case)?;
        Some(Deed { by: *by, principal: matter.applicant, item: Some(&matter.item), act, capacity: *capacity })
    }

    /// Consents and requests do not tell on their receipts as what somebody gives them; their records do.
    fn deed_about_data<'a>(&'a self, event: &'a sharing::Event, moment: Moment) -> Option<Deed<'a>> {
        use sharing::Event as E;
        let (principal, item, act, by, capacity) = match event {
            E::ConsentGiven { id, reading, by, .. } => {
                let capacity = self.record(moment.records, sharing::CONSENTS, id)?.capacity;
                (reading.person, Some(&reading.item), AgentAct::Consent, *by, capacity)
            }
            E::ConsentWithdrawn { id, reading, by } => {
                let capacity = self.record(moment.records, sharing::CONSENTS, id)?.withdrawal?.capacity;
                (reading.person, Some(&reading.item), AgentAct::Consent, *by, capacity)
            }
            E::CorrectionOpened { id, request, .. } => {
                let capacity = self.record(moment.records, sharing::CORRECTIONS, id)?.capacity;
                (request.holder, None, AgentAct::Appeal, moment.by, capacity)
            }
            _ => return None,
        };
        Some(Deed { by, principal, item, act, capacity })
    }

    /// Takes in who acts for whom from now on.
    pub(super) fn read_representation(&mut self, event: representation::Event, moment: Moment) -> Counted {
        use representation::Event as E;
        match event {
            E::RepresentativesNamed { organisation, persons, .. } => {
                self.accounts.representatives.insert(organisation, persons.into_vec());
            }
            E::GuardianAppointed { ward, guardian, until, .. } => {
                self.accounts.guardians.insert((ward, guardian), until);
            }
            E::GuardianshipEnded { ward, guardian, .. } => {
                if self.accounts.guardians.remove(&(ward, guardian)).is_none() {
                    return finding(25, format!("{guardian:?} was no guardian of {ward:?}"));
                }
                return Ok(Some(Happened::GuardianshipEnded));
            }
            E::AdministratorAppointed { deceased, administrator, until, .. } => {
                if self.accounts.ended.get(&deceased) != Some(&Status::Deceased) {
                    return finding(
                        25,
                        format!("{administrator:?} administers the estate of {deceased:?}, who is alive"),
                    );
                }
                self.accounts.estates.insert((deceased, administrator), until);
            }
            E::AdministrationEnded { deceased, administrator, .. } => {
                if self.accounts.estates.remove(&(deceased, administrator)).is_none() {
                    return finding(25, format!("{administrator:?} administered no estate of {deceased:?}"));
                }
            }
            E::AgentNamed { agency: number, principal, agent, until, by, capacity } => {
                let stands = self.accounts.stands(by, principal, capacity, moment.at) && by == moment.by;
                let Some(agency) = self.record(moment.records, AGENCIES, &number).filter(|_| stands) else {
                    return finding(
                        25,
                        format!("{by:?} names an agent for {principal:?} as {capacity:?}, and is not that"),
                    );
                };
                if (agency.principal, agency.agent, agency.mandate.until) != (principal, agent, until) {
                    return finding(25, format!("the agency {number} is another one on its record"));
                }
                self.accounts.agencies.insert(number, (agency, false));
                return Ok(Some(Happened::AgentNamed));
            }
            E::AgencyEnded { agency: number, .. } => match self.accounts.agencies.get_mut(&number) {
                Some((_, has_ended)) if !*has_ended => {
                    *has_ended = true;
                    return Ok(Some(Happened::AgencyEnded));
                }
                _ => return finding(25, format!("the agency {number} ends, which there is not, or twice")),
            },
        }
        Ok(None)
    }

    /// The record of an agency is what was given, and ended where a receipt tells it.
    pub(super) fn check_agency(&self, number: u64, found: &Agency) -> Result<(), Finding> {
        let is_known = self.accounts.agencies.get(&number).is_some_and(|(given, has_ended)| {
            given.mandate == found.mandate && given.agent == found.agent && found.end.is_some() == *has_ended
        });
        if is_known {
            Ok(())
        } else {
            finding(25, format!("the agency {number} has ended, or changed, as no receipt tells"))
        }
    }
}
