//! The auditor of the public services: what has to hold across records and over time, which no single record shows.
//!
//! It reads the final blocks' receipts in their order, block by block, keeps its own small picture of each case, licence and recovery,
//! and compares that with the records at the end. It shares no code with the modules but their types: working days are counted here once
//! more. It goes on where the [`audit`](crate::audit), with its rules 1 to 8, ends:
//!
//! 9. **Acts in their blocks**: the receipts of a block are its transactions' and its acts', as many as the header says.
//! 10. **Cases once**: no number is given twice; an acknowledged application is there exactly once, and no application twice.
//! 11. **Order**: nothing is decided before it is accepted and all steps before are done; no step is done twice in a round; whatever step
//!     was acknowledged, at whatever node, is done in the end.
//! 12. **Deemed acceptance**: silence accepts in the first block of the minute after the law's days, never earlier, and nobody waits longer.
//! 13. **Clocks**: a clock stands still only inside a recorded special procedure, whose end is kept to the minute.
//! 14. **Licences and cases**: a case records a licence exactly where it was issued for it; what a licence is follows from its receipts.
//! 15. **Accesses**: none without case, ground and an officer who had the right.
//! 16. **Recoveries**: a new key is put in after the whole cooling time, in the first block of the minute after it.

use crate::audit::Finding;
use std::collections::{BTreeMap, BTreeSet};
use tongban_kernel::{Role, Table};
use tongban_modules::case_records::Produced;
use tongban_modules::case_states::Stage;
use tongban_modules::clocks::Phase;
use tongban_modules::flow::StepOutcome;
use tongban_modules::licences::{self, ChangeKind};
use tongban_modules::orgs::DepartmentCode;
use tongban_modules::{Event, cases, identity, orgs, sharing};
use tongban_types::codes::{CaseNumber, LicenceIdentifier};
use tongban_types::domain::state_key;
use tongban_types::{AccountId, Block, Digest, Outcome, Primitives, Receipt, Text, Time, codec};

const MINUTE_MILLIS: u64 = 60_000;
const DAY_MILLIS: u64 = 86_400_000;
/// Beijing is ahead of Greenwich by so much, all year.
const BEIJING_MILLIS: u64 = 8 * 3_600_000;
/// Working days after which silence accepts (行政许可法 第三十二条).
const SILENCE_DAYS: u32 = 5;
/// The cooling time that the simulated city has set.
const COOLING_MILLIS: u64 = MINUTE_MILLIS;

/// What a network has come to, as the auditor has found it.
#[derive(Clone, Copy)]
pub struct Town<'a> {
    /// The final blocks, from height 1 on.
    pub blocks: &'a [Block],
    /// All receipts.
    pub receipts: &'a [Receipt],
    /// All records, by state key.
    pub records: &'a BTreeMap<Digest, Vec<u8>>,
    /// The suite's.
    pub primitives: &'static dyn Primitives,
}

/// What the clients of the public services were told by correct nodes.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Applications: the form's commitment, and the number that the case was given.
    pub filed: Vec<(Digest, CaseNumber)>,
    /// Steps that were done.
    pub finished: Vec<(CaseNumber, Text<40>)>,
}

/// What has happened in the public services of a network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Applications.
    pub filed: u64,
    /// Cases that an officer has accepted.
    pub accepted: u64,
    /// Cases that silence has accepted.
    pub deemed: u64,
    /// Cases that were not accepted.
    pub not_accepted: u64,
    /// Cases that were refused.
    pub refused: u64,
    /// Cases that were withdrawn.
    pub withdrawn: u64,
    /// Cases that were closed.
    pub closed: u64,
    /// Special procedures that began.
    pub stopped: u64,
    /// Special procedures that time has ended.
    pub resumed_by_time: u64,
    /// Licences that were issued.
    pub issued: u64,
    /// Licences that were revoked.
    pub revoked: u64,
    /// Accesses.
    pub accesses: u64,
    /// Recoveries that time has completed.
    pub recovered: u64,
    /// Receipts of acts.
    pub acts: u64,
    /// Calls of the public services that the ledger has refused, by their receipts.
    pub refusals: u64,
}

/// What the auditor knows of a case.
#[derive(Default)]
struct Life {
    filed_at: Option<Time>,
    accepted: bool,
    refused_acceptance: bool,
    finished: BTreeSet<Text<40>>,
    decided: Option<bool>,
    /// Until when each special procedure lasts that is under way.
    procedures: Vec<(Text<40>, Time)>,
    issued: Option<LicenceIdentifier>,
    recorded: Option<LicenceIdentifier>,
    delivered: bool,
    ended: Option<Stage>,
}

/// What the auditor knows of a licence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Standing {
    Valid,
    Suspended,
    Revoked,
}

struct Recovery {
    completes_at: Option<Time>,
    closed: bool,
}

struct Reader<'a> {
    town: Town<'a>,
    lives: BTreeMap<CaseNumber, Life>,
    licences: BTreeMap<LicenceIdentifier, Standing>,
    data_officers: BTreeSet<(DepartmentCode, AccountId)>,
    recoveries: BTreeMap<u64, Recovery>,
    tally: Tally,
}

/// Where a receipt stands: its block's time, and that of the block before.
#[derive(Clone, Copy)]
struct Moment {
    at: Time,
    before: Time,
    by: AccountId,
}

fn finding<T>(rule: u8, what: impl Into<String>) -> Result<T, Finding> {
    Err(Finding { rule, what: what.into() })
}

/// Judges the public services of a network: every block, and the records at the end.
pub fn check(town: Town, told: &Told) -> Result<Tally, Finding> {
    let mut reader = Reader {
        town,
        lives: BTreeMap::new(),
        licences: BTreeMap::new(),
        data_officers: BTreeSet::new(),
        recoveries: BTreeMap::new(),
        tally: Tally::default(),
    };
    let mut rest = town.receipts;
    let mut before = Time::from_millis(0).expect("a time");
    for block in town.blocks {
        let header = &block.header;
        let count = rest.iter().take_while(|receipt| receipt.height == header.height).count();
        let (receipts, others) = rest.split_at(count);
        reader.check_counts(block, receipts)?;
        for receipt in receipts {
            reader.read(receipt, Moment { at: header.time, before, by: receipt.account })?;
        }
        reader.check_waiting(header.time)?;
        (before, rest) = (header.time, others);
    }
    if !rest.is_empty() {
        return finding(9, "there are receipts of no block");
    }
    reader.compare_records()?;
    reader.compare_told(told)?;
    Ok(reader.tally)
}

/// When silence accepts what has arrived at a time: at the end, in Beijing, of the last of the law's working days. The simulated
/// calendar has no days off but weekends.
pub fn silence_accepts_at(arrived: Time) -> Time {
    let mut day = (arrived.as_millis() + BEIJING_MILLIS) / DAY_MILLIS;
    let mut left = SILENCE_DAYS;
    while left > 0 {
        day += 1;
        let weekday = (day + 3) % 7; // 1970-01-01 was a Thursday; Monday is 0
        left -= u32::from(weekday < 5);
    }
    Time::from_millis((day + 1) * DAY_MILLIS - BEIJING_MILLIS).expect("before the year 10000")
}

/// When what is due at a time is done at the latest: with the first block from here on.
fn minute_after(at: Time) -> Time {
    Time::from_millis(at.as_millis().div_ceil(MINUTE_MILLIS) * MINUTE_MILLIS).expect("before the year 10000")
}

impl Reader<'_> {
    fn check_counts(&mut self, block: &Block, receipts: &[Receipt]) -> Result<(), Finding> {
        let header = &block.header;
        let acts = receipts.iter().filter(|receipt| receipt.account == AccountId::LEDGER).count();
        let first = receipts.iter().take(acts).all(|receipt| receipt.account == AccountId::LEDGER);
        if !first || acts != usize::from(header.acts) || receipts.len() != acts + block.transactions.len() {
            return finding(9, format!("block {} miscounts its acts", header.height));
        }
        if let Some(defect) = receipts.iter().take(acts).find(|act| matches!(act.outcome, Outcome::Refused(_))) {
            return finding(9, format!("the act of receipt {} was refused", defect.number));
        }
        self.tally.acts += u64::from(header.acts);
        Ok(())
    }

    fn read(&mut self, receipt: &Receipt, moment: Moment) -> Result<(), Finding> {
        let events = match &receipt.outcome {
            Outcome::Applied { events } => events,
            Outcome::Refused(refusal) => {
                let code = refusal.code.to_string();
                self.tally.refusals += u64::from(code.starts_with("cases.") || code.starts_with("licences."));
                return Ok(());
            }
        };
        for event in events {
            match Event::decode(event.as_ref()) {
                Ok(Event::Cases(event)) => self.read_case(event, moment)?,
                Ok(Event::Licences(event)) => self.read_licence(event)?,
                Ok(Event::Sharing(event)) => self.read_sharing(event, moment)?,
                Ok(Event::Identity(event)) => self.read_identity(event, moment)?,
                Ok(Event::Orgs(orgs::Event::Granted { department, account, role: Role::DataOfficer, .. })) => {
                    self.data_officers.insert((department, account));
                }
                Ok(_) => {}
                Err(_) => return finding(9, format!("receipt {} has an event of nobody", receipt.number)),
            }
        }
        Ok(())
    }

    fn life(&mut self, case: &CaseNumber) -> Result<&mut Life, Finding> {
        match self.lives.get_mut(case) {
            Some(life) => Ok(life),
            None => finding(10, format!("something happens to {case}, which nobody has filed")),
        }
    }

    fn read_case(&mut self, event: cases::Event, moment: Moment) -> Result<(), Finding> {
        use cases::Event as E;
        match event {
            E::Filed { case, item, .. } => {
                if !case.as_str().starts_with(&*item) {
                    return finding(10, format!("{case} is not a number of its item"));
                }
                let life = Life { filed_at: Some(moment.at), ..Life::default() };
                if self.lives.insert(case.clone(), life).is_some() {
                    return finding(10, format!("the number {case} is given twice"));
                }
                self.tally.filed += 1;
            }
            E::Accepted { case, counts_from, by, .. } => self.read_acceptance(&case, counts_from, by, moment)?,
            E::AcceptanceRefused { case, .. } => {
                let life = self.life(&case)?;
                if life.accepted || std::mem::replace(&mut life.refused_acceptance, true) {
                    return finding(11, format!("{case} is not accepted after it was settled"));
                }
                self.tally.not_accepted += 1;
            }
            E::StepFinished { case, step, outcome, .. } => {
                let life = self.life(&case)?;
                let is_open = life.accepted && life.decided.is_none() && life.ended.is_none();
                if !is_open || outcome != StepOutcome::Passed || !life.finished.insert(step.clone()) {
                    return finding(11, format!("{step} of {case} is done out of turn, or twice"));
                }
            }
            E::Decided { case, granted, .. } => self.read_decision(&case, granted)?,
            E::ClockStopped { case, step, until, .. } => {
                let life = self.life(&case)?;
                if !life.accepted || life.decided.is_some() {
                    return finding(13, format!("the clock of {case} stops before or after it runs"));
                }
                life.procedures.push((step, until));
                self.tally.stopped += 1;
            }
            E::ClockResumed { case, step, by } => self.read_resumption(&case, step.as_ref(), by, moment)?,
            E::CertificateIssued { case, result: Produced::Licence { licence }, .. } => {
                let life = self.life(&case)?;
                if life.issued.as_ref() != Some(&licence) || life.recorded.replace(licence).is_some() {
                    return finding(14, format!("{case} records a licence that was not issued for it, or two"));
                }
            }
            E::Delivered { case, .. } => {
                let life = self.life(&case)?;
                if life.decided.is_none() || std::mem::replace(&mut life.delivered, true) {
                    return finding(11, format!("{case} is delivered before it is decided, or twice"));
                }
            }
            E::Closed { case, granted, .. } => {
                let life = self.life(&case)?;
                let is_in_turn = life.delivered && life.ended.is_none() && life.decided == Some(granted);
                if !is_in_turn || granted && life.recorded.is_none() {
                    return finding(11, format!("{case} is closed before it is delivered, or twice"));
                }
                life.ended = Some(Stage::Closed);
                self.tally.closed += 1;
            }
            E::Ended { case, stage, .. } => {
                let life = self.life(&case)?;
                if life.decided.is_some() || life.ended.replace(stage).is_some() {
                    return finding(11, format!("{case} ends after it was decided, or twice"));
                }
                self.tally.withdrawn += u64::from(stage == Stage::Withdrawn);
            }
            _ => {}
        }
        Ok(())
    }

    fn read_acceptance(
        &mut self,
        case: &CaseNumber,
        counts_from: Time,
        by: Option<AccountId>,
        moment: Moment,
    ) -> Result<(), Finding> {
        let life = self.life(case)?;
        if life.refused_acceptance || life.ended.is_some() || std::mem::replace(&mut life.accepted, true) {
            return finding(11, format!("{case} is accepted after it was settled"));
        }
        life.finished.insert(Text::new("受理").expect("a short name"));
        let filed_at = life.filed_at.unwrap_or(Time::MAX);
        let due = silence_accepts_at(filed_at);
        if by.is_some() {
            if moment.at >= due || counts_from != moment.at {
                return finding(12, format!("{case} is accepted by an officer when silence has accepted it"));
            }
            self.tally.accepted += 1;
            return Ok(());
        }
        if moment.by != AccountId::LEDGER || moment.at < due || moment.before >= minute_after(due) {
            return finding(12, format!("silence accepts {case} at {}, but is due at {due}", moment.at));
        }
        if counts_from != filed_at {
            return finding(12, format!("the days of {case} count from {counts_from}, not from its arrival"));
        }
        self.tally.deemed += 1;
        Ok(())
    }

    fn read_decision(&mut self, case: &CaseNumber, granted: Option<bool>) -> Result<(), Finding> {
        let life = self.life(case)?;
        if !life.accepted {
            return finding(11, format!("{case} is decided before it is accepted"));
        }
        let steps = life.finished.iter().filter(|step| ["核验", "食品审查"].contains(&&***step)).count();
        if steps < 2 || granted.is_none() || life.decided.is_some() || life.ended.is_some() {
            return finding(11, format!("{case} is decided before all its steps are done, or twice"));
        }
        if !life.procedures.is_empty() {
            return finding(13, format!("{case} is decided while a special procedure is under way"));
        }
        life.decided = granted;
        self.tally.refused += u64::from(granted == Some(false));
        Ok(())
    }

    fn read_resumption(
        &mut self,
        case: &CaseNumber,
        step: Option<&Text<40>>,
        by: Option<AccountId>,
        moment: Moment,
    ) -> Result<(), Finding> {
        let life = self.life(case)?;
        let Some(index) = life.procedures.iter().position(|(of, _)| Some(of) == step) else {
            return finding(13, format!("the clock of {case} goes on, and did not stand still"));
        };
        let (_, until) = life.procedures.remove(index);
        if by.is_none() {
            if moment.by != AccountId::LEDGER || moment.at < until || moment.before >= minute_after(until) {
                return finding(13, format!("a procedure of {case} ends at {}, not at {until}", moment.at));
            }
            self.tally.resumed_by_time += 1;
        }
        Ok(())
    }

    fn read_licence(&mut self, event: licences::Event) -> Result<(), Finding> {
        use licences::Event as E;
        let (identifier, from, to) = match event {
            E::Issued { identifier, case, .. } => {
                let Some(case) = case else { return finding(14, format!("{identifier} is issued for no case")) };
                let life = self.life(&case)?;
                if life.decided != Some(true) || life.issued.replace(identifier.clone()).is_some() {
                    return finding(14, format!("{identifier} is issued for what was not granted, or once more"));
                }
                if self.licences.insert(identifier.clone(), Standing::Valid).is_some() {
                    return finding(14, format!("{identifier} is issued twice"));
                }
                self.tally.issued += 1;
                return Ok(());
            }
            E::Suspended { identifier, .. } => (identifier, &[Standing::Valid][..], Standing::Suspended),
            E::Resumed { identifier, .. } => (identifier, &[Standing::Suspended][..], Standing::Valid),
            E::Revoked { identifier, .. } => {
                self.tally.revoked += 1;
                (identifier, &[Standing::Valid, Standing::Suspended][..], Standing::Revoked)
            }
            _ => return Ok(()),
        };
        match self.licences.get_mut(&identifier) {
            Some(standing) if from.contains(standing) => *standing = to,
            found => return finding(14, format!("{identifier} becomes {to:?} and was {found:?}")),
        }
        Ok(())
    }

    fn read_sharing(&mut self, event: sharing::Event, moment: Moment) -> Result<(), Finding> {
        let sharing::Event::AccessRecorded { handout, .. } = event else { return Ok(()) };
        let is_grounded = match &handout.ground {
            sharing::Ground::Law { basis, .. } => !basis.law.is_empty() && !basis.article.is_empty(),
            sharing::Ground::Consent { .. } => false, // nobody consents to anything in this city
        };
        let has_case = handout.case.as_ref().is_some_and(|case| self.lives.contains_key(case));
        let is_officer = self.data_officers.contains(&(handout.provider, moment.by));
        if !is_grounded || !has_case || !is_officer || !self.licences.contains_key(&handout.licence) {
            return finding(15, format!("{} is shown without case, ground or officer", handout.licence));
        }
        self.tally.accesses += 1;
        Ok(())
    }

    fn read_identity(&mut self, event: identity::Event, moment: Moment) -> Result<(), Finding> {
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
                if moment.by != AccountId::LEDGER || moment.at < due || moment.before >= minute_after(due) {
                    return finding(16, format!("the recovery {recovery} is completed at {}, not at {due}", moment.at));
                }
                self.tally.recovered += 1;
            }
            _ => {}
        }
        Ok(())
    }

    /// After every block: nothing waits whose time has come.
    fn check_waiting(&self, now: Time) -> Result<(), Finding> {
        for (case, life) in &self.lives {
            let is_waiting = !life.accepted && !life.refused_acceptance && life.ended.is_none();
            let filed_at = life.filed_at.unwrap_or(Time::MAX);
            if is_waiting && filed_at != Time::MAX && now >= minute_after(silence_accepts_at(filed_at)) {
                return finding(12, format!("{case} still waits at {now} to be accepted"));
            }
            let is_over = |(_, until): &(Text<40>, Time)| now >= minute_after(*until);
            if life.decided.is_none() && life.ended.is_none() && life.procedures.iter().any(is_over) {
                return finding(13, format!("a procedure of {case} still lasts at {now}"));
            }
        }
        let is_late = |known: &&Recovery| !known.closed && known.completes_at.is_some_and(|at| now >= minute_after(at));
        if self.recoveries.values().any(|known| is_late(&known)) {
            return finding(16, format!("a recovery still waits at {now}"));
        }
        Ok(())
    }

    fn record<K: serde::Serialize, V: serde::de::DeserializeOwned + serde::Serialize>(
        &self,
        table: Table<K, V>,
        key: &K,
    ) -> Option<V> {
        let key = state_key(self.town.primitives, table.name(), &codec::encode(key));
        codec::decode(self.town.records.get(&key)?).ok()
    }

    /// What the records say at the end is what the receipts have told.
    fn compare_records(&self) -> Result<(), Finding> {
        for (number, life) in &self.lives {
            let Some(case) = self.record(cases::CASES, number) else {
                return finding(10, format!("the case {number} is gone"));
            };
            let has_decision = case.decision.as_ref().map(|decision| decision.granted);
            if case.acceptance.is_some() != life.accepted || has_decision != life.decided {
                return finding(11, format!("{number} is not accepted or decided as its receipts tell"));
            }
            let is_ended = !case.stage.is_open() && case.stage != Stage::NotAccepted;
            if is_ended != life.ended.is_some() || life.ended.is_some_and(|stage| stage != case.stage) {
                return finding(11, format!("{number} is {:?} in the end, as no receipt tells", case.stage));
            }
            let open = case.procedures.iter().filter(|procedure| procedure.ended_at.is_none()).count();
            let stands = |clock: Option<tongban_modules::clocks::Clock>| {
                clock.is_some_and(|clock| matches!(clock.phase(), Phase::Stopped { .. }))
            };
            let stands_still = stands(case.promised) || stands(case.statutory);
            if life.ended.is_none() && (open != life.procedures.len() || stands_still != (open > 0)) {
                return finding(13, format!("the clock of {number} stands still, or runs, as no receipt tells"));
            }
            self.compare_licence(number, life, &case)?;
        }
        for (identifier, standing) in &self.licences {
            let Some(licence) = self.record(licences::LICENCES, identifier) else {
                return finding(14, format!("the licence {identifier} is gone"));
            };
            let found = match licence.history.last().map(|change| &change.what) {
                Some(ChangeKind::Issued | ChangeKind::Resumed) => Some(Standing::Valid),
                Some(ChangeKind::Suspended { .. }) => Some(Standing::Suspended),
                Some(ChangeKind::Revoked) => Some(Standing::Revoked),
                _ => None,
            };
            if found != Some(*standing) {
                return finding(14, format!("{identifier} is {found:?}, and its receipts tell {standing:?}"));
            }
        }
        Ok(())
    }

    /// The licence that the case records, the one that was issued for it, and the case on the licence are one.
    fn compare_licence(&self, number: &CaseNumber, life: &Life, case: &cases::Case) -> Result<(), Finding> {
        let recorded: Vec<&LicenceIdentifier> = case
            .results
            .iter()
            .filter_map(|result| match &result.what {
                Produced::Licence { licence } => Some(licence),
                Produced::Document { .. } => None,
            })
            .collect();
        let issued = self.record(licences::CASES, number);
        let of_licence = issued.as_ref().and_then(|issued| self.record(licences::LICENCES, issued));
        let names_case = of_licence.as_ref().is_none_or(|licence| licence.case.as_ref() == Some(number));
        let is_whole = issued == life.issued && of_licence.is_some() == issued.is_some() && names_case;
        let is_recorded = recorded.iter().copied().eq(life.recorded.iter());
        let is_closed = life.ended == Some(Stage::Closed) && life.decided == Some(true);
        if !is_whole || !is_recorded || is_closed && life.recorded != life.issued {
            return finding(14, format!("{number} and its licence do not know each other"));
        }
        Ok(())
    }

    fn compare_told(&self, told: &Told) -> Result<(), Finding> {
        let mut forms: BTreeMap<Digest, Vec<&CaseNumber>> = BTreeMap::new();
        for number in self.lives.keys() {
            let Some(filing) = self.record(cases::FILINGS, number) else {
                return finding(10, format!("the application of {number} is gone"));
            };
            forms.entry(filing.form).or_default().push(number);
        }
        if let Some(twice) = forms.values().find(|numbers| numbers.len() > 1) {
            return finding(10, format!("one application has become {twice:?}"));
        }
        for (form, number) in &told.filed {
            if forms.get(form).is_none_or(|numbers| numbers.as_slice() != [number]) {
                return finding(10, format!("{number}, which was acknowledged, is not there once"));
            }
        }
        for (number, step) in &told.finished {
            if !self.lives.get(number).is_some_and(|life| life.finished.contains(step)) {
                return finding(11, format!("{step} of {number}, which was acknowledged, is lost"));
            }
            let case = self.record(cases::CASES, number);
            let done = case
                .map_or(0, |case| case.steps.iter().filter(|mark| mark.outcome == Some(StepOutcome::Passed)).count());
            let told = told.finished.iter().filter(|(of, _)| of == number).count();
            if done < told {
                return finding(11, format!("{number} has {done} steps done, and {told} were acknowledged"));
            }
        }
        Ok(())
    }
}
