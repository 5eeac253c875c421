//! The auditor of the public services: what has to hold across records and over time, which no single record shows.
//!
//! It watches the final blocks in their order, keeps its own small picture of each case, licence and recovery from the receipts, and compares that
//! after every block with the records that the block has changed and those that they refer to; in the end with all of them. It shares no
//! code with the modules but their types: working days are counted here once more. It goes on where the [`audit`](crate::audit), with its
//! rules 1 to 8, ends:
//!
//! 9. **Acts in their blocks**: the receipts of a block are its transactions' and its acts', as many as the header says.
//! 10. **Cases once**: no number is given twice; an acknowledged application is there exactly once, and no application twice.
//! 11. **Order**: nothing is decided before it is accepted and all steps before are done; no step is done twice in a round; whatever step
//!     was acknowledged, at whatever node, is done in the end; each step that counts as done has its record.
//! 12. **Deemed acceptance**: silence accepts in the first block of the minute after the law's days, never earlier, and nobody waits longer.
//! 13. **Clocks**: a clock stands still only inside a recorded special procedure, whose end is kept to the minute.
//! 14. **Licences and cases**: a case records a licence exactly where it was issued for it; what a licence is follows from its receipts; versions
//!     know each other, and holders hold what is theirs.
//! 15. **Accesses**: none without case, ground and an officer who had the right.
//! 16. **Recoveries**: a new key is put in after the whole cooling time, in the first block of the minute after it.
//! 17. **Gaps and corrections**: what was promised is there before the decision, or the case rests to the minute; the applicant is told once, and has
//!     his days.
//! 18. **Renewals**: silence renews what was applied for in time, at the very end of the licence.
//! 19. **Appeals**: nothing is decided anew but after an appeal that was right, and not by whom it was against.
//! 20. **Versions**: a case is accepted by the version in force, and runs by it.
//! 21. **Corrections at the source**: a field has one open request at most, which is overdue to the minute.
//! 22. **Keys**: a key that signs leads to its account.
//! 23. **Offices**: whoever acts in office holds the role there, himself or as the deputy of one who is absent and may act; nobody after his
//!     transfer, and nobody in a closed department, whose successor does what it was to do.
//! 24. **Resting accounts**: a frozen account does nothing but object, until the minute in which it thaws; one that has ended does nothing.
//! 25. **Acting for others**: whoever acts for another is what he says: by law, or under an agency that names him, within its items, acts and
//!     term; and nobody acts for who may not act himself.
//! 26. **Consents**: what is shown under a consent is covered by it, while it is in force; once, where it is for once.
//! 27. **Forwarding**: a case goes to a body above the one that led it, which leads it then.
//!
//! | | Invariant (DOMAIN §11) | Watched by |
//! |---|---|---|
//! | 1 | no decision before acceptance | 4 (cases I2), 11 |
//! | 2 | deemed acceptance on the sixth day | 12 |
//! | 3 | the clock stands still in a special procedure only | 4 (cases I5), 13 |
//! | 4 | certificate and chain agree | 14 |
//! | 5 | no transfer under seizure | nothing: there is no module for real estate |
//! | 6 | an invoice is booked once | nothing: there is none for invoices |
//! | 7 | directed money stays in its project | nothing: there is none for charity |
//! | 8 | disclosure in time | nothing: there is none for disclosure |
//! | 9 | no data without case, ground and officer | 15 |
//! | 10 | no bid readable before the opening | nothing: there is none for tenders |
//!
//! [`TEN`] is the same for programs; a test forges a history for each rule that it names.

mod accounts;
mod consents;
mod days;
mod lives;
mod offices;
mod records;
mod ten;

pub(crate) use accounts::is_of_resting_account;
pub use days::{end_of_working_days, silence_accepts_at};
pub use ten::{TEN, Watched};

use crate::audit::{Finding, Records, Step, finding};
use crate::record::Happened;
use accounts::Accounts;
use consents::Consent;
use days::minute_after;
use lives::{Counted, Life};
use offices::Offices;
use std::collections::{BTreeMap, BTreeSet};
use tongban_kernel::Role;
use tongban_modules::case_records::{Crossing, Produced};
use tongban_modules::catalogue::{HandleType, ItemCode};
use tongban_modules::flow::StepOutcome;
use tongban_modules::licences::SupersessionCause;
use tongban_modules::orgs::DepartmentCode;
use tongban_modules::{Event, cases, catalogue, identity, licences, orgs, sharing};
use tongban_types::codes::{CaseNumber, LicenceIdentifier};
use tongban_types::{AccountId, ConsentId, CorrectionId, Digest, Outcome, Primitives, Receipt, Text, Time};

/// The cooling time that the simulated city has set.
const COOLING_MILLIS: u64 = 60_000;
/// One applies for a renewal so long before the end (行政许可法 第五十条).
const RENEWAL_AHEAD_MILLIS: u64 = 30 * 86_400_000;
/// Working days in which a department answers for what is wrong at its source, where no others were set.
const ANSWER_DAYS: u32 = 7;

/// What the clients of the public services were told by correct nodes.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Applications: the form's commitment, and the number that the case was given.
    pub filed: Vec<(Digest, CaseNumber)>,
    /// Steps that were done.
    pub finished: Vec<(CaseNumber, Text<40>)>,
}

/// What has happened in the public services of a network, and how often.
pub type Tally = BTreeMap<Happened, u64>;

/// What the auditor knows of a licence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Standing {
    Draft,
    Valid,
    Suspended,
    Superseded,
    Revoked,
    MovedOut,
}

struct Recovery {
    completes_at: Option<Time>,
    closed: bool,
}

/// A correction request: until when it is to be answered, and whether it waits still.
struct Request {
    licence: LicenceIdentifier,
    department: DepartmentCode,
    due: Time,
    is_open: bool,
    is_overdue: bool,
}

/// What a case is about, and who leads it.
struct Matter {
    item: ItemCode,
    applicant: AccountId,
    lead: DepartmentCode,
}

/// Where a receipt stands: its block's time, that of the block before, and what its block has left.
#[derive(Clone, Copy)]
struct Moment<'a> {
    at: Time,
    before: Time,
    by: AccountId,
    records: &'a Records,
}

impl Moment<'_> {
    /// Whether time itself acts, not before something is due and with the first block from the latest moment on.
    fn is_of_time(self, due: Time, latest: Time) -> bool {
        self.by == AccountId::LEDGER && self.at >= due && self.before < latest
    }
}

/// Watches a network's public services.
pub struct CivicAuditor {
    primitives: &'static dyn Primitives,
    /// The time of the block before.
    before: Time,
    /// The time of the block under way.
    now: Time,
    lives: BTreeMap<CaseNumber, Life>,
    licences: BTreeMap<LicenceIdentifier, Standing>,
    data_officers: BTreeSet<(DepartmentCode, AccountId)>,
    recoveries: BTreeMap<u64, Recovery>,
    requests: BTreeMap<CorrectionId, Request>,
    matters: BTreeMap<CaseNumber, Matter>,
    offices: Offices,
    accounts: Accounts,
    consents: BTreeMap<ConsentId, Consent>,
    /// The version of each item that is in force.
    versions: BTreeMap<ItemCode, u32>,
    /// The form of each application, and the case of each form.
    forms: BTreeMap<CaseNumber, Digest>,
    of_forms: BTreeMap<Digest, CaseNumber>,
    /// Cases and licences that the block under way tells of or has changed.
    touched: (BTreeSet<CaseNumber>, BTreeSet<LicenceIdentifier>),
    tally: Tally,
}

impl CivicAuditor {
    /// An auditor of one network.
    pub fn new(primitives: &'static dyn Primitives) -> Self {
        Self {
            primitives,
            before: Time::default(),
            now: Time::default(),
            lives: BTreeMap::new(),
            licences: BTreeMap::new(),
            data_officers: BTreeSet::new(),
            recoveries: BTreeMap::new(),
            requests: BTreeMap::new(),
            matters: BTreeMap::new(),
            offices: Offices::default(),
            accounts: Accounts::default(),
            consents: BTreeMap::new(),
            versions: BTreeMap::new(),
            forms: BTreeMap::new(),
            of_forms: BTreeMap::new(),
            touched: Default::default(),
            tally: Tally::new(),
        }
    }

    /// Judges a block and what it has left: what its receipts tell, what should have happened by now, and the records that they tell of or that it
    /// has changed, with those that they refer to.
    pub fn read(&mut self, step: Step) -> Result<(), Finding> {
        self.check_counts(&step)?;
        let at = step.block.header.time;
        self.now = at;
        for receipt in step.receipts {
            let moment = Moment { at, before: self.before, by: receipt.account, records: step.records };
            self.read_receipt(receipt, moment)?;
        }
        self.check_waiting(at)?;
        for write in step.writes {
            self.check_write(write, step.records)?;
        }
        let (cases, licences) = std::mem::take(&mut self.touched);
        cases.iter().try_for_each(|case| self.check_case(case, step.records))?;
        licences.iter().try_for_each(|licence| self.check_licence(licence, step.records))?;
        self.before = at;
        Ok(())
    }

    /// Judges all records at the end, and what clients were told.
    pub fn finish(self, records: &Records, told: &Told) -> Result<Tally, Finding> {
        self.check_all(records)?;
        self.compare_told(records, told)?;
        Ok(self.tally)
    }

    fn count(&mut self, what: Happened, times: u64) {
        if times > 0 {
            *self.tally.entry(what).or_default() += times;
        }
    }

    fn check_counts(&mut self, step: &Step) -> Result<(), Finding> {
        let (header, receipts) = (&step.block.header, step.receipts);
        let acts = receipts.iter().filter(|receipt| receipt.account == AccountId::LEDGER).count();
        let first = receipts.iter().take(acts).all(|receipt| receipt.account == AccountId::LEDGER);
        if !first || acts != usize::from(header.acts) || receipts.len() != acts + step.block.transactions.len() {
            return finding(9, format!("block {} miscounts its acts", header.height));
        }
        if let Some(defect) = receipts.iter().take(acts).find(|act| matches!(act.outcome, Outcome::Refused(_))) {
            return finding(9, format!("the act of receipt {} was refused", defect.number));
        }
        self.count(Happened::ActOfTime, u64::from(header.acts));
        Ok(())
    }

    fn read_receipt(&mut self, receipt: &Receipt, moment: Moment) -> Result<(), Finding> {
        let events = match &receipt.outcome {
            Outcome::Applied { events } => events,
            Outcome::Refused(refusal) => {
                let code = refusal.code.to_string();
                let is_civic = code.starts_with("cases.") || code.starts_with("licences.");
                self.count(Happened::CivicRefusal, u64::from(is_civic));
                self.count(Happened::OfficeDenied, u64::from(code == "tx.denied"));
                self.count(Happened::RestingAccountRefused, u64::from(is_of_resting_account(&code)));
                return Ok(());
            }
        };
        let decoded: Result<Vec<Event>, _> = events.iter().map(|event| Event::decode(event.as_ref())).collect();
        let Ok(events) = decoded else {
            return finding(9, format!("receipt {} has an event of nobody", receipt.number));
        };
        if let Some(what) = self.accounts.check_actor(receipt, &events)? {
            self.count(what, 1);
        }
        for event in events {
            if let Some(what) = self.read_event(&event, moment)? {
                self.count(what, 1);
            }
            if moment.by != AccountId::LEDGER {
                self.check_office(&event, moment)?;
                self.check_capacity(&event, moment)?;
            }
            let counted = match event {
                Event::Orgs(event) => self.offices.read(&event),
                Event::Identity(event) => self.accounts.read(&event, moment)?,
                Event::Representation(event) => self.read_representation(event, moment)?,
                Event::Cases(cases::Event::Forwarded { case, from, to, .. }) => self.forward(&case, from, to)?,
                _ => None,
            };
            if let Some(what) = counted {
                self.count(what, 1);
            }
        }
        Ok(())
    }

    /// What happens to cases, licences, data, recoveries and items.
    fn read_event(&mut self, event: &Event, moment: Moment) -> Counted {
        match event.clone() {
            Event::Cases(event) => self.read_case(event, moment),
            Event::Licences(event) => self.read_licence(event),
            Event::Sharing(event) => self.read_sharing(event, moment),
            Event::Identity(event) => self.read_identity(event, moment),
            Event::Catalogue(event) => Ok(self.read_item(event)),
            Event::Orgs(orgs::Event::Granted { department, account, role: Role::DataOfficer, .. }) => {
                self.data_officers.insert((department, account));
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    /// Another body leads a case from now on: one above the one that did.
    fn forward(&mut self, case: &CaseNumber, from: DepartmentCode, to: DepartmentCode) -> Counted {
        let is_above = self.offices.is_above(&to, &self.offices.answering(from));
        match self.matters.get_mut(case).filter(|matter| matter.lead == from && is_above) {
            Some(matter) => matter.lead = to,
            None => return finding(27, format!("{case} is forwarded from {from} to {to}, which is not above it")),
        }
        Ok(None)
    }

    fn life(&mut self, case: &CaseNumber) -> Result<&mut Life, Finding> {
        self.touched.0.insert(case.clone());
        match self.lives.get_mut(case) {
            Some(life) => Ok(life),
            None => finding(10, format!("something happens to {case}, which nobody has filed")),
        }
    }

    fn read_case(&mut self, event: cases::Event, moment: Moment) -> Counted {
        use cases::Event as E;
        match event {
            E::Filed { case, item, applicant, department, crossing, channel, .. } => {
                let matter = Matter { item, applicant, lead: department };
                self.begin_life(case, matter, (crossing, channel), moment)
            }
            E::Received { case, .. } => self.life(&case)?.receive(moment.at),
            E::HandedOver { case, .. } => self.life(&case)?.hand_over(&case, moment.at),
            E::CorrectionAsked { case, .. } => self.life(&case)?.ask_correction(&case, moment.at),
            E::Supplemented { case, .. } => self.life(&case)?.correct(&case, moment.at),
            E::Accepted { case, item_version, counts_from, by, missing, .. } => {
                self.check_version(&case, item_version)?;
                self.life(&case)?.accept(&case, counts_from, by, &missing, moment)
            }
            E::AcceptanceRefused { case, .. } => self.life(&case)?.refuse_acceptance(&case),
            E::Forwarded { case, .. } => self.life(&case)?.forward(&case, moment.at),
            E::Ended { case, stage, .. } => self.life(&case)?.end(&case, stage, moment.at),
            _ => self.read_handling(event, moment),
        }
    }

    /// What happens to a case that is accepted.
    fn read_handling(&mut self, event: cases::Event, moment: Moment) -> Counted {
        use cases::Event as E;
        match event {
            E::GapFilled { case, missing, .. } => self.life(&case)?.fill_gap(&case, &missing),
            E::GapSuspended { case, .. } => self.life(&case)?.suspend(&case, moment),
            E::StepFinished { case, step, outcome, .. } => {
                self.life(&case)?.finish_step(&case, step, outcome == StepOutcome::Passed)
            }
            E::ClockStopped { case, step, until, .. } => self.life(&case)?.stop_clock(&case, step, until),
            E::ClockResumed { case, step, by } => self.life(&case)?.resume_clock(&case, step.as_ref(), by, moment),
            E::Decided { case, granted, by, .. } => self.life(&case)?.decide(&case, granted, by, moment),
            E::CertificateIssued { case, result: Produced::Licence { licence }, .. } => {
                self.life(&case)?.record_result(&case, licence)
            }
            E::Delivered { case, .. } => self.life(&case)?.deliver(&case),
            E::Closed { case, granted, .. } => self.life(&case)?.close(&case, granted),
            E::Appealed { case, .. } => self.life(&case)?.appeal(&case),
            E::AppealDecided { case, upheld, by, .. } => self.life(&case)?.decide_appeal(&case, upheld, by),
            E::Reconsidered { case, stage, .. } => self.life(&case)?.reconsider(&case, stage),
            E::RevocationDecided { case, revoked: true, .. } => self.life(&case)?.revoke(&case),
            _ => Ok(None),
        }
    }

    fn begin_life(
        &mut self,
        case: CaseNumber,
        matter: Matter,
        (crossing, channel): (Crossing, HandleType),
        moment: Moment,
    ) -> Counted {
        if !case.as_str().starts_with(&*matter.item) {
            return finding(10, format!("{case} is not a number of its item"));
        }
        let mut life = Life::new(crossing, channel, moment.at);
        life.renews = self.renewal(&case, moment);
        self.touched.0.insert(case.clone());
        self.matters.insert(case.clone(), matter);
        if self.lives.insert(case.clone(), life).is_some() {
            return finding(10, format!("the number {case} is given twice"));
        }
        Ok(Some(Happened::CaseFiled))
    }

    /// The licence that an application is to renew, where it comes in time.
    fn renewal(&self, case: &CaseNumber, moment: Moment) -> Option<(LicenceIdentifier, Time)> {
        let licence = self.record(moment.records, cases::FILINGS, case)?.renews?;
        let expiry = self.record(moment.records, licences::LICENCES, &licence)?.content.period.until?;
        (moment.at.plus_millis(RENEWAL_AHEAD_MILLIS) <= expiry).then_some((licence, expiry))
    }

    fn check_version(&mut self, case: &CaseNumber, version: u32) -> Result<(), Finding> {
        let in_force = self.versions.iter().find(|(item, _)| case.as_str().starts_with(&***item));
        if in_force.is_none_or(|(_, in_force)| *in_force != version) {
            return finding(20, format!("{case} is accepted by version {version}, and {in_force:?} is in force"));
        }
        self.life(case)?.version = Some(version);
        Ok(())
    }

    fn read_item(&mut self, event: catalogue::Event) -> Option<Happened> {
        let catalogue::Event::Published { code, version, .. } = event else { return None };
        self.versions.insert(code, version);
        (version > 1).then_some(Happened::ItemChanged)
    }

    fn read_licence(&mut self, event: licences::Event) -> Counted {
        use licences::Event as E;
        let (identifier, from, to, counted) = match event {
            E::Issued { identifier, case, .. } => {
                self.issue(&identifier, case)?;
                return Ok(Some(Happened::LicenceIssued));
            }
            E::Prepared { identifier, .. } => {
                self.touched.1.insert(identifier.clone());
                return match self.licences.insert(identifier.clone(), Standing::Draft) {
                    None => Ok(None),
                    Some(found) => finding(14, format!("{identifier} is prepared and was {found:?}")),
                };
            }
            E::PreparedIssued { identifier, case, .. } => {
                let found = self.licences.remove(&identifier);
                if found != Some(Standing::Draft) {
                    return finding(14, format!("{identifier} is issued as if prepared and was {found:?}"));
                }
                self.issue(&identifier, case)?;
                return Ok(Some(Happened::LicenceIssued));
            }
            E::MovedOut { identifier, .. } => {
                self.touched.1.insert(identifier.clone());
                return match self.licences.insert(identifier.clone(), Standing::MovedOut) {
                    Some(Standing::Valid) => Ok(None),
                    found => finding(14, format!("{identifier} moves out and was {found:?}")),
                };
            }
            E::CopyMade { identifier, .. } => {
                return match self.licences.get(&identifier) {
                    Some(Standing::Valid | Standing::Superseded) => Ok(None), // it may be replaced later only
                    found => finding(14, format!("a copy is made of {identifier}, which is {found:?}")),
                };
            }
            E::Superseded { identifier, by, cause: SupersessionCause::Correction, case: None, .. } => {
                self.put_licence(&by)?;
                (identifier, &[Standing::Valid][..], Standing::Superseded, Happened::LicenceCorrected)
            }
            E::Superseded { identifier, by, case, .. } => {
                self.issue(&by, case)?;
                (identifier, &[Standing::Valid][..], Standing::Superseded, Happened::LicenceReplaced)
            }
            E::Suspended { identifier, .. } => {
                (identifier, &[Standing::Valid][..], Standing::Suspended, Happened::LicenceSuspended)
            }
            E::Resumed { identifier, .. } => {
                (identifier, &[Standing::Suspended][..], Standing::Valid, Happened::LicenceResumed)
            }
            E::Revoked { identifier, .. } => {
                let from = &[Standing::Valid, Standing::Suspended][..];
                (identifier, from, Standing::Revoked, Happened::LicenceRevoked)
            }
            _ => return Ok(None),
        };
        self.touched.1.insert(identifier.clone());
        match self.licences.get_mut(&identifier) {
            Some(standing) if from.contains(standing) => *standing = to,
            found => return finding(14, format!("{identifier} becomes {to:?} and was {found:?}")),
        }
        Ok(Some(counted))
    }

    fn issue(&mut self, identifier: &LicenceIdentifier, case: Option<CaseNumber>) -> Result<(), Finding> {
        let Some(case) = case else { return finding(14, format!("{identifier} is issued for no case")) };
        self.life(&case)?.issue(&case, identifier)?;
        self.put_licence(identifier)
    }

    fn put_licence(&mut self, identifier: &LicenceIdentifier) -> Result<(), Finding> {
        self.touched.1.insert(identifier.clone());
        if self.licences.insert(identifier.clone(), Standing::Valid).is_some() {
            return finding(14, format!("{identifier} is issued twice"));
        }
        Ok(())
    }

    fn read_sharing(&mut self, event: sharing::Event, moment: Moment) -> Counted {
        use sharing::Event as E;
        match event {
            E::AccessRecorded { handout, .. } => self.read_access(&handout, moment),
            E::ConsentGiven { id, reading, sources, uses, until, .. } => {
                self.give_consent(id, consents::given(reading, sources, uses, until), moment)
            }
            E::ConsentWithdrawn { id, .. } => self.withdraw_consent(id),
            E::CorrectionOpened { id, request, department, deadline } => {
                let (licence, due) = (request.licence, deadline.at);
                let request = Request { licence, department, due, is_open: true, is_overdue: false };
                if due != end_of_working_days(moment.at, ANSWER_DAYS) || self.requests.insert(id, request).is_some() {
                    return finding(21, format!("the request {id:?} has other days than the law's, or is there twice"));
                }
                Ok(Some(Happened::ErrorReported))
            }
            E::CorrectionAnswered { id, is_late, answer, .. } => {
                self.check_answer(&id, &answer, moment.records)?;
                let known = self.requests.get_mut(&id).filter(|known| known.is_open);
                let due = known.map(|known| (known.due, std::mem::replace(&mut known.is_open, false)).0);
                if due.map(|due| moment.at >= due) != Some(is_late) {
                    return finding(21, format!("the request {id:?} is answered twice, or late as nobody says"));
                }
                Ok(Some(Happened::ErrorAnswered))
            }
            E::CorrectionOverdue { id, .. } => {
                let known = self.requests.get_mut(&id).filter(|known| known.is_open && !known.is_overdue);
                let due = known.map(|known| (known.due, std::mem::replace(&mut known.is_overdue, true)).0);
                if !due.is_some_and(|due| moment.is_of_time(due, minute_after(due))) {
                    return finding(21, format!("the request {id:?} is overdue at {}, not at {due:?}", moment.at));
                }
                Ok(Some(Happened::ErrorOverdue))
            }
            _ => Ok(None),
        }
    }

    /// What was corrected at its source was replaced by what the answer names.
    fn check_answer(&self, id: &CorrectionId, answer: &sharing::Answer, records: &Records) -> Result<(), Finding> {
        let sharing::Answer::Corrected { licence } = answer else { return Ok(()) };
        let wrong = self.requests.get(id).map(|request| &request.licence);
        let next = self.record(records, licences::LICENCES, licence).and_then(|next| next.supersedes);
        if wrong.is_none() || next.as_ref() != wrong {
            return finding(
                21,
                format!("the request {id:?} is said to be answered by {licence}, which corrects nothing"),
            );
        }
        Ok(())
    }

    fn read_access(&mut self, handout: &sharing::Handout, moment: Moment) -> Counted {
        let is_grounded = match &handout.ground {
            sharing::Ground::Law { basis, .. } => !basis.law.is_empty() && !basis.article.is_empty(),
            sharing::Ground::Consent { .. } => true, // that it covers this is rule 26
        };
        let has_case = handout.case.as_ref().is_some_and(|case| self.lives.contains_key(case));
        let is_officer = self.data_officers.contains(&(handout.provider, moment.by));
        if !is_grounded || !has_case || !is_officer || !self.licences.contains_key(&handout.licence) {
            return finding(15, format!("{} is shown without case, ground or officer", handout.licence));
        }
        match handout.ground {
            sharing::Ground::Law { .. } => Ok(Some(Happened::AccessRecorded)),
            sharing::Ground::Consent { consent } => self.use_consent(consent, handout, moment),
        }
    }

    fn read_identity(&mut self, event: identity::Event, moment: Moment) -> Counted {
        use identity::Event as E;
        match event {
            E::RecoveryOpened { recovery, .. } => {
                self.recoveries.insert(recovery, Recovery { completes_at: None, closed: false });
            }
            E::RecoveryApproved { recovery, completes_at: Some(at), .. }
            | E::NoticeRecorded { recovery, completes_at: Some(at), .. } => {
                let known = self.recoveries.get_mut(&recovery).filter(|known| known.completes_at.is_none());
                let Some(known) = known else { return finding(16, format!("the recovery {recovery} is unknown")) };
                if at != moment.at.plus_millis(COOLING_MILLIS) {
                    return finding(16, format!("the recovery {recovery} cools down for another time"));
                }
                known.completes_at = Some(at);
            }
            E::RecoveryCompleted { recovery, .. } => {
                let known = self.recoveries.get_mut(&recovery).filter(|known| !known.closed);
                let due = known.map(|known| (known.completes_at, std::mem::replace(&mut known.closed, true)));
                let Some((Some(due), _)) = due else { return finding(16, "a recovery is completed out of turn") };
                if !moment.is_of_time(due, minute_after(due)) {
                    return finding(16, format!("the recovery {recovery} is completed at {}, not at {due}", moment.at));
                }
                return Ok(Some(Happened::AccountRecovered));
            }
            _ => {}
        }
        Ok(None)
    }

    /// After every block: nothing waits whose time has come.
    fn check_waiting(&self, now: Time) -> Result<(), Finding> {
        for (case, life) in &self.lives {
            life.check_waiting(case, now)?;
        }
        self.accounts.check_waiting(now)?;
        let is_late = |known: &Recovery| !known.closed && known.completes_at.is_some_and(|at| now >= minute_after(at));
        if self.recoveries.values().any(is_late) {
            return finding(16, format!("a recovery still waits at {now}"));
        }
        let is_untold = |known: &Request| known.is_open && !known.is_overdue && now >= minute_after(known.due);
        if self.requests.values().any(is_untold) {
            return finding(21, format!("a request is overdue at {now}, and nobody is told"));
        }
        Ok(())
    }
}
