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
//! 15. **Accesses**: none without case, ground and an officer who had the right; a person who is shown his own data needs no case.
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
//!     term; and nobody acts for who may not act himself. Who administers an estate withdraws, receives and appeals, and does no more.
//! 26. **Consents**: what is shown under a consent is covered by it, while it is in force; once, where it is for once.
//! 27. **Forwarding**: a case goes to a body above the one that led it, which leads it then.
//! 28. **Papers**: numbers of papers and cards are given once, and a card is answered once.
//! 29. **Hearings**: nothing is decided before a hearing that was told of was held, or all do without it, or nobody can ask for it any more; and
//!     nobody presides who has reviewed.
//! 30. **Counters**: who enters something at a counter does nothing else in that case; what was disowned ends, unless it was decided.
//! 31. **Applicants who are no more**: nothing is granted to them, and nobody else's case is discontinued.
//! 32. **Two trees**: an officer comes from another tree of departments by an offer of the one side that the other side accepts in time.
//! 33. **Disputed recoveries**: a third officer decides, when both sides have come or could have, or the recovery ends to the minute.
//! 34. **Four eyes**: what a department wants two to publish, one has proposed and another approved.
//! 35. **Sources**: an answer comes from a valid licence of the applicant's that was shown for this item.
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
mod hearings;
mod items;
mod lives;
mod offices;
mod papers;
mod records;
mod recoveries;
mod standings;
mod ten;

pub(crate) use accounts::is_of_resting_account;
pub use days::{end_of_working_days, silence_accepts_at};
pub use ten::{TEN, Watched};

use crate::audit::{Finding, Records, Step, finding};
use crate::record::Happened;
use accounts::Accounts;
use consents::Consent;
use days::minute_after;
use items::Proposed;
use lives::{Counted, Life};
use offices::Offices;
use papers::Papers;
use recoveries::Recovery;
use std::collections::{BTreeMap, BTreeSet};
use tongban_kernel::Role;
use tongban_modules::case_entries::Entered;
use tongban_modules::case_records::{Crossing, Produced};
use tongban_modules::case_states::Stage;
use tongban_modules::catalogue::{HandleType, ItemCode};
use tongban_modules::flow::StepOutcome;
use tongban_modules::orgs::DepartmentCode;
use tongban_modules::{Event, cases, licences, orgs, sharing};
use tongban_types::codes::{CaseNumber, LicenceIdentifier};
use tongban_types::{AccessId, AccountId, ConsentId, CorrectionId, Digest, Outcome, Primitives, Receipt, Text, Time};

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
    /// Where it is received.
    place: DepartmentCode,
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
    /// Who has frozen which account last.
    freezers: BTreeMap<AccountId, AccountId>,
    /// Who has prepared a licence.
    preparers: BTreeMap<LicenceIdentifier, AccountId>,
    /// What was proposed for items.
    proposed: BTreeMap<(ItemCode, u32), Proposed>,
    /// What was shown to whom.
    accesses: BTreeMap<AccessId, sharing::Handout>,
    papers: Papers,
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
            freezers: BTreeMap::new(),
            preparers: BTreeMap::new(),
            proposed: BTreeMap::new(),
            accesses: BTreeMap::new(),
            papers: Papers::default(),
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
            if let Event::Cases(event) = &event {
                self.check_papers(event)?;
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
            Event::Licences(event) => self.read_licence(event, moment),
            Event::Sharing(event) => self.read_sharing(event, moment),
            Event::Identity(event) => self.read_recovery(&event, moment),
            Event::Catalogue(event) => self.read_item(event, moment),
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
            E::Filed { case, item, applicant, department, place, crossing, channel, .. } => {
                let matter = Matter { item, applicant, lead: department, place };
                let counted = self.begin_life(case.clone(), matter, (crossing, channel), moment)?;
                Ok(self.check_sources(&case, moment)?.or(counted))
            }
            E::ApplicationEntered { case, item, applicant, department, place, crossing, by, .. } => {
                let matter = Matter { item, applicant, lead: department, place };
                self.begin_life(case.clone(), matter, (crossing, HandleType::Counter), moment)?;
                let life = self.life(&case)?;
                life.is_on_paper = true;
                life.enter(&case, by)
            }
            E::ActEntered { case, what, by, .. } => self.enter_act(&case, what, by, moment),
            E::Disowned { case, stage, entered_by, .. } => self.life(&case)?.disown(&case, stage, &entered_by),
            E::Received { case, .. } => self.life(&case)?.receive(moment.at),
            E::HandedOver { case, .. } => self.life(&case)?.hand_over(&case, moment.at),
            E::CorrectionAsked { case, .. } => self.life(&case)?.ask_correction(&case, moment.at),
            E::Supplemented { case, .. } => self.life(&case)?.correct(&case, moment.at),
            E::Accepted { case, item_version, counts_from, by, missing, .. } => {
                self.check_version(&case, item_version)?;
                self.life(&case)?.accept(&case, counts_from, by, &missing, moment)
            }
            E::AcceptanceRefused { case, by, .. } => self.life(&case)?.refuse_acceptance(&case, by),
            E::Forwarded { case, .. } => self.life(&case)?.forward(&case, moment.at),
            E::Ended { case, stage, by, .. } => self.life(&case)?.end(&case, stage, by, moment.at),
            E::Discontinued { case, stage, .. } => {
                let is_gone = self.matters.get(&case).is_some_and(|matter| self.is_gone(&matter.applicant));
                self.life(&case)?.discontinue(&case, stage, is_gone)
            }
            _ => self.read_handling(event, moment),
        }
    }

    /// What happens to a case that is accepted.
    fn read_handling(&mut self, event: cases::Event, moment: Moment) -> Counted {
        use cases::Event as E;
        match event {
            E::GapFilled { case, missing, .. } => self.life(&case)?.fill_gap(&case, &missing),
            E::GapSuspended { case, .. } => self.life(&case)?.suspend(&case, moment),
            E::StepFinished { case, step, outcome, by, .. } => {
                self.life(&case)?.finish_step(&case, step, outcome == StepOutcome::Passed, by)
            }
            E::ClockStopped { case, step, until, .. } => self.life(&case)?.stop_clock(&case, step, until),
            E::ClockResumed { case, step, by } => self.life(&case)?.resume_clock(&case, step.as_ref(), by, moment),
            E::Decided { case, granted, by, .. } => self.decide(&case, granted, by, moment),
            E::Referred { case, to, .. } => {
                let is_first = self.life(&case)?.referred.replace(to).is_none();
                let lead = self.matters.get(&case).map(|matter| self.offices.answering(matter.lead));
                if !is_first || !lead.is_some_and(|lead| self.offices.is_above(&to, &lead)) {
                    return finding(19, format!("{case} is referred to {to}, which is not above, or twice"));
                }
                Ok(Some(Happened::CaseReferred))
            }
            E::TerminationProposed { case, by, .. } => {
                self.life(&case)?.against.extend(by);
                Ok(None)
            }
            E::TerminationDeclined { case, .. } => {
                self.life(&case)?.against.clear();
                Ok(None)
            }
            E::HearingTold { .. }
            | E::HearingAnswered { .. }
            | E::HearingArranged { .. }
            | E::HearingRecorded { .. } => self.read_hearing(event, moment),
            E::CertificateIssued { case, result: Produced::Licence { licence }, .. } => {
                self.life(&case)?.record_result(&case, licence)
            }
            E::Delivered { case, .. } => self.life(&case)?.deliver(&case),
            E::Closed { case, granted, .. } => self.life(&case)?.close(&case, granted),
            E::Appealed { case, .. } => self.life(&case)?.appeal(&case),
            E::AppealDecided { case, upheld, by, .. } => self.life(&case)?.decide_appeal(&case, upheld, by),
            E::Reconsidered { case, stage, by, .. } => self.life(&case)?.reconsider(&case, stage, by),
            E::RevocationDecided { case, revoked: true, .. } => self.life(&case)?.revoke(&case),
            E::Acknowledged { .. } => Ok(Some(Happened::DeliveryAcknowledged)),
            _ => Ok(None),
        }
    }

    fn read_hearing(&mut self, event: cases::Event, moment: Moment) -> Counted {
        use cases::Event as E;
        match event {
            E::HearingTold { case, step, parties, ask_until, .. } => {
                let applicant = self.matters.get(&case).map(|matter| matter.applicant);
                let heard = applicant.into_iter().chain(parties.into_vec()).collect();
                self.life(&case)?.tell_hearing(&case, step, heard, ask_until, moment.at)
            }
            E::HearingAnswered { case, party, wants, .. } => {
                self.life(&case)?.answer_hearing(&case, party, wants, moment.at)
            }
            E::HearingArranged { case, at, .. } => self.life(&case)?.arrange_hearing(&case, at, moment.at),
            E::HearingRecorded { case, by, .. } => self.life(&case)?.hold_hearing(&case, by, moment.at),
            _ => Ok(None),
        }
    }

    /// Nothing is decided while a hearing is open, and nothing is granted to who is no more.
    fn decide(&mut self, case: &CaseNumber, granted: Option<bool>, by: Option<AccountId>, moment: Moment) -> Counted {
        let is_gone = self.matters.get(case).is_some_and(|matter| self.is_gone(&matter.applicant));
        if granted == Some(true) && is_gone {
            return finding(31, format!("{case} is granted to who is no more"));
        }
        let life = self.life(case)?;
        let counted = life.decide(case, granted, by, moment)?;
        Ok(life.check_heard(case, moment.at)?.or(counted))
    }

    /// Whether somebody is no more, and nobody has taken his place.
    fn is_gone(&self, account: &AccountId) -> bool {
        self.accounts.has_ended(&self.accounts.heir(account))
    }

    /// What an applicant has done on paper.
    fn enter_act(&mut self, case: &CaseNumber, what: Entered, by: AccountId, moment: Moment) -> Counted {
        let missing = self.record(moment.records, cases::CASES, case).and_then(|case| case.gap).map(|gap| gap.missing);
        let life = self.life(case)?;
        let counted = life.enter(case, by)?;
        match what {
            Entered::Application => return finding(30, format!("the application of {case} is entered twice")),
            Entered::Supplement => drop(life.correct(case, moment.at)?),
            Entered::GapFilled => drop(life.fill_gap(case, &missing.unwrap_or_default())?),
            Entered::Withdrawal => drop(life.end(case, Stage::Withdrawn, by, moment.at)?),
            Entered::Appeal => drop(life.appeal(case)?),
            Entered::HearingAnswer => {
                return finding(
                    30,
                    format!("a hearing in {case} is answered at a counter, which nobody does in this city"),
                );
            }
            Entered::Receipt => {}
        }
        Ok(counted)
    }

    /// Each answer that is said to come from a licence comes from one of the applicant's that is valid, and was shown for this item.
    fn check_sources(&self, case: &CaseNumber, moment: Moment) -> Counted {
        let filing = self.record(moment.records, cases::FILINGS, case);
        let (Some(filing), Some(matter)) = (filing, self.matters.get(case)) else { return Ok(None) };
        for source in filing.sources.iter() {
            let shown = self.accesses.get(&source.access).filter(|shown| {
                let reading = &shown.reading;
                shown.licence == source.licence && reading.person == matter.applicant && reading.item == matter.item
            });
            let is_valid = self.licences.get(&source.licence) == Some(&Standing::Valid);
            if shown.is_none() || !is_valid {
                return finding(
                    35,
                    format!("{case} says that {} is from {}, which nobody was shown", source.path, source.licence),
                );
            }
        }
        Ok((!filing.sources.is_empty()).then_some(Happened::SourceNamed))
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

    fn read_sharing(&mut self, event: sharing::Event, moment: Moment) -> Counted {
        use sharing::Event as E;
        match event {
            E::AccessRecorded { id, handout } => {
                let counted = self.read_access(&handout, moment)?;
                self.accesses.insert(id, handout);
                Ok(counted)
            }
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
        // Whoever is shown his own data needs no case: he fills in his form with them.
        let is_himself = handout.reader == handout.reading.person;
        let has_case = handout.case.as_ref().map_or(is_himself, |case| self.lives.contains_key(case));
        let is_officer = self.data_officers.contains(&(handout.provider, moment.by));
        if !is_grounded || !has_case || !is_officer || !self.licences.contains_key(&handout.licence) {
            return finding(15, format!("{} is shown without case, ground or officer", handout.licence));
        }
        match handout.ground {
            sharing::Ground::Law { .. } => Ok(Some(Happened::AccessRecorded)),
            sharing::Ground::Consent { consent } => self.use_consent(consent, handout, moment),
        }
    }

    /// After every block: nothing waits whose time has come.
    fn check_waiting(&self, now: Time) -> Result<(), Finding> {
        for (case, life) in &self.lives {
            life.check_waiting(case, now)?;
        }
        self.accounts.check_waiting(now)?;
        self.check_recoveries(now)?;
        let is_untold = |known: &Request| known.is_open && !known.is_overdue && now >= minute_after(known.due);
        if self.requests.values().any(is_untold) {
            return finding(21, format!("a request is overdue at {now}, and nobody is told"));
        }
        Ok(())
    }
}
