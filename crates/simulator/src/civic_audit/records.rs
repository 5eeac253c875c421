//! Records against the auditor's own picture and against each other: after every block those that it has changed and what they refer to,
//! so that the cost is that of the block; in the end all.

use super::lives::Life;
use super::{CivicAuditor, Standing, Told};
use crate::audit::{Finding, Records, finding};
use serde::{Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;
use tongban_kernel::{Table, Write};
use tongban_modules::case_records::Produced;
use tongban_modules::case_states::Stage;
use tongban_modules::clocks::{Clock, Phase};
use tongban_modules::licences::{self, ChangeKind, Holder, Licence};
use tongban_modules::orgs::DepartmentCode;
use tongban_modules::{cases, catalogue, identity, orgs, representation, sharing};
use tongban_types::codes::{CaseNumber, LicenceIdentifier, LicenceTypeCode};
use tongban_types::domain::state_key;
use tongban_types::{AccessId, AccountId, CorrectionId, Digest, codec};

/// The key of a changed record, where it is one of this table.
fn key_of<K, V>(table: &Table<K, V>, write: &Write) -> Option<K>
where
    K: Serialize + DeserializeOwned,
    V: Serialize + DeserializeOwned,
{
    let is_meant = write.table == table.name();
    is_meant.then(|| codec::decode(&write.key).expect("a key of the table"))
}

impl CivicAuditor {
    pub(super) fn record<K, V>(&self, records: &Records, table: Table<K, V>, key: &K) -> Option<V>
    where
        K: Serialize,
        V: Serialize + DeserializeOwned,
    {
        let key = state_key(self.primitives, table.name(), &codec::encode(key));
        codec::decode(records.get(&key)?).ok()
    }

    /// A record that a block has changed, and what it refers to. Cases and licences are looked at when all receipts are read.
    pub(super) fn check_write(&mut self, write: &Write, records: &Records) -> Result<(), Finding> {
        if let Some(number) = key_of(&cases::FILINGS, write) {
            self.check_filing(&number, records)?;
            self.touched.0.insert(number);
        }
        let of_case = key_of(&cases::CASES, write).or_else(|| key_of(&licences::CASES, write));
        self.touched.0.extend(of_case);
        self.touched.1.extend(key_of(&licences::LICENCES, write));
        if let Some(key) = key_of(&cases::STEPS, write) {
            return self.check_step(&key, records);
        }
        if let Some(applicant) = key_of(&cases::BROKEN_PROMISES, write) {
            return self.check_promise(&applicant, records);
        }
        if let Some(licence) = key_of(&cases::DEEMED_RENEWALS, write) {
            return self.check_renewal(&licence, records);
        }
        if let Some(key) = key_of(&licences::HELD, write) {
            return self.check_held(&key, records);
        }
        if let Some(id) = key_of(&sharing::ACCESSES, write) {
            return self.check_access(&id, records);
        }
        if let Some(id) = key_of(&sharing::CORRECTIONS, write) {
            return self.check_request(&id, records);
        }
        if let Some(id) = key_of(&sharing::CONSENTS, write) {
            return self.check_consent(&id, records);
        }
        if let Some(account) = key_of(&identity::ACCOUNTS, write) {
            return self.check_account(&account, records);
        }
        self.check_write_of_offices(write, records)
    }

    /// Departments, appointments and agencies are what the receipts tell.
    fn check_write_of_offices(&self, write: &Write, records: &Records) -> Result<(), Finding> {
        if let Some(number) = key_of(&representation::AGENCIES, write) {
            return match self.record(records, representation::AGENCIES, &number) {
                Some(agency) => self.check_agency(number, &agency),
                None => finding(25, format!("the agency {number} is gone")),
            };
        }
        if let Some(place) = key_of(&orgs::OFFICERS, write) {
            let found = self.record(records, orgs::OFFICERS, &place);
            if !found.is_some_and(|appointment| self.offices.agree(&place, &appointment, self.now)) {
                return finding(23, format!("{:?} is in office in {}, or not, as no receipt tells", place.1, place.0));
            }
        }
        if let Some(department) = key_of(&orgs::DEPARTMENTS, write) {
            let found = self.record(records, orgs::DEPARTMENTS, &department);
            if !found.is_some_and(|found| self.offices.agree_on(&department, &found)) {
                return finding(23, format!("{department} acts or is closed as no receipt tells"));
            }
        }
        Ok(())
    }

    /// All records, and not only those that the last block has changed.
    pub(super) fn check_all(&self, records: &Records) -> Result<(), Finding> {
        for number in self.lives.keys() {
            self.check_case(number, records)?;
            let form = self.record(records, cases::FILINGS, number).map(|filing| filing.form);
            if form != self.forms.get(number).copied() {
                return finding(10, format!("the application of {number} is gone, or has changed by itself"));
            }
        }
        for identifier in self.licences.keys() {
            self.check_licence(identifier, records)?;
        }
        for id in self.requests.keys() {
            self.check_request(id, records)?;
        }
        Ok(())
    }

    /// Each form is that of one case.
    fn check_filing(&mut self, number: &CaseNumber, records: &Records) -> Result<(), Finding> {
        let Some(filing) = self.record(records, cases::FILINGS, number) else {
            return finding(10, format!("the application of {number} is gone"));
        };
        if let Some(before) = self.forms.insert(number.clone(), filing.form) {
            self.of_forms.remove(&before);
        }
        match self.of_forms.insert(filing.form, number.clone()) {
            None => Ok(()),
            Some(other) => finding(10, format!("one application has become {other} and {number}")),
        }
    }

    pub(super) fn check_case(&self, number: &CaseNumber, records: &Records) -> Result<(), Finding> {
        let Some(life) = self.lives.get(number) else {
            return finding(10, format!("there is a case {number}, which nobody has filed"));
        };
        let Some(case) = self.record(records, cases::CASES, number) else {
            return finding(10, format!("the case {number} is gone"));
        };
        if self.record(records, cases::FILINGS, number).is_none() {
            return finding(10, format!("the application of {number} is gone"));
        }
        let matter = self.matters.get(number);
        if !matter.is_some_and(|matter| matter.lead == case.department && matter.applicant == case.applicant) {
            let lead = matter.map(|matter| matter.lead);
            return finding(
                27,
                format!("{number} is led by {}, and by {lead:?} as its receipts tell", case.department),
            );
        }
        check_progress(number, life, &case)?;
        check_clocks(number, life, &case)?;
        if self.record(records, catalogue::VERSIONS, &(case.item.code.clone(), case.item.version)).is_none()
            || life.version.is_some_and(|version| version != case.item.version)
        {
            return finding(20, format!("{number} runs by version {}, not {:?}", case.item.version, life.version));
        }
        self.check_result(number, life, &case, records)
    }

    /// The licence that the case records, the one that was issued for it, and the case on the licence are one.
    fn check_result(
        &self,
        number: &CaseNumber,
        life: &Life,
        case: &cases::Case,
        records: &Records,
    ) -> Result<(), Finding> {
        let recorded = case.results.iter().filter_map(|result| match &result.what {
            Produced::Licence { licence } => Some(licence),
            Produced::Document { .. } => None,
        });
        let issued = self.record(records, licences::CASES, number);
        let of_licence = issued.as_ref().and_then(|issued| self.record(records, licences::LICENCES, issued));
        let names_case = of_licence.as_ref().is_none_or(|licence| licence.case.as_ref() == Some(number));
        let is_whole = issued == life.issued && of_licence.is_some() == issued.is_some() && names_case;
        let is_recorded = recorded.eq(life.recorded.iter());
        let is_closed = life.ended == Some(Stage::Closed) && life.decided == Some(true);
        if !is_whole || !is_recorded || is_closed && life.recorded != life.issued {
            return finding(14, format!("{number} and its licence do not know each other"));
        }
        if cases::is_revoked(case) != life.revoked {
            return finding(14, format!("the grant of {number} is revoked, or not, as no receipt tells"));
        }
        Ok(())
    }

    /// What a step's own record says of its round is what its case says.
    fn check_step(&self, key: &(CaseNumber, u8, u8), records: &Records) -> Result<(), Finding> {
        let (number, place, round) = key;
        let step = self.record(records, cases::STEPS, key);
        let case = self.record(records, cases::CASES, number);
        let mark = case.and_then(|case| case.steps.get(usize::from(*place)).copied());
        let (Some(step), Some(mark)) = (step, mark) else {
            return finding(11, format!("step {place} of {number} is of no case"));
        };
        let is_same = mark.outcome == Some(step.outcome) && mark.by == step.by.map(|by| by.account);
        if mark.round < *round || mark.round == *round && !is_same {
            return finding(11, format!("step {place} of {number} is done by its record or by its case alone"));
        }
        Ok(())
    }

    fn check_promise(&self, applicant: &AccountId, records: &Records) -> Result<(), Finding> {
        let promises = self.record(records, cases::BROKEN_PROMISES, applicant);
        for broken in promises.iter().flat_map(|promises| &promises.broken) {
            let case = self.record(records, cases::CASES, &broken.case);
            if !case.is_some_and(|case| case.applicant == *applicant && case.stage == Stage::Terminated) {
                return finding(
                    17,
                    format!("{applicant:?} has broken a promise in {}, which was not ended", broken.case),
                );
            }
        }
        Ok(())
    }

    fn check_renewal(&self, licence: &LicenceIdentifier, records: &Records) -> Result<(), Finding> {
        let number = self.record(records, cases::DEEMED_RENEWALS, licence);
        let life = number.as_ref().and_then(|number| self.lives.get(number));
        let is_meant = |life: &Life| life.renews.as_ref().is_some_and(|(renewed, _)| renewed == licence);
        if life.is_some_and(|life| is_meant(life) && life.decided == Some(true) && life.decided_by.is_none()) {
            return Ok(());
        }
        finding(18, format!("{licence} is renewed in {number:?}, as no receipt tells"))
    }

    pub(super) fn check_licence(&self, identifier: &LicenceIdentifier, records: &Records) -> Result<(), Finding> {
        let Some(standing) = self.licences.get(identifier) else {
            return finding(14, format!("there is a licence {identifier}, which nobody has issued"));
        };
        let Some(licence) = self.record(records, licences::LICENCES, identifier) else {
            return finding(14, format!("the licence {identifier} is gone"));
        };
        let found = standing_of(&licence);
        if found != Some(*standing) {
            return finding(14, format!("{identifier} is {found:?}, and its receipts tell {standing:?}"));
        }
        let pointer = |other: &LicenceIdentifier| self.record(records, licences::LICENCES, other);
        let next = licence.superseded_by();
        let knows_next =
            next.is_none_or(|next| pointer(next).is_some_and(|next| next.supersedes.as_ref() == Some(identifier)));
        let earlier = licence.supersedes.as_ref();
        let knows_earlier =
            earlier.is_none_or(|one| pointer(one).is_some_and(|one| one.superseded_by() == Some(identifier)));
        if !knows_next || !knows_earlier {
            return finding(14, format!("{identifier} and its other version do not know each other"));
        }
        // Nobody's before it is issued; afterwards its holder's, whatever becomes of it.
        let is_draft = found == Some(Standing::Draft);
        if next.is_none() && is_draft == self.is_held(&licence, records) {
            let how = if is_draft { "held before it was issued" } else { "held by nobody" };
            return finding(14, format!("{identifier} is {how}"));
        }
        match &licence.case {
            Some(case) => self.check_case(case, records),
            None => Ok(()),
        }
    }

    fn is_held(&self, licence: &Licence, records: &Records) -> bool {
        let Holder::Account { account } = licence.holder else { return false };
        let held = self.record(records, licences::HELD, &(account, licence.licence_type()));
        held.is_some_and(|held| held.contains(&licence.identifier))
    }

    fn check_held(&self, key: &(AccountId, LicenceTypeCode), records: &Records) -> Result<(), Finding> {
        let (account, licence_type) = key;
        for identifier in &self.record(records, licences::HELD, key).unwrap_or_default() {
            let licence = self.record(records, licences::LICENCES, identifier);
            let is_theirs = |licence: Licence| licence.holder == Holder::Account { account: *account };
            if identifier.licence_type() != *licence_type || !licence.is_some_and(is_theirs) {
                return finding(14, format!("{identifier} is held by one who does not hold it"));
            }
        }
        Ok(())
    }

    /// The case, the licence and the officer of an access are there.
    fn check_access(&self, id: &AccessId, records: &Records) -> Result<(), Finding> {
        let Some(access) = self.record(records, sharing::ACCESSES, id) else {
            return finding(15, format!("the access {id:?} is gone"));
        };
        let handout = &access.handout;
        let person = handout.reading.person;
        let licence = self.record(records, licences::LICENCES, &handout.licence);
        let is_theirs = licence.is_some_and(|licence| licence.holder == Holder::Account { account: person });
        let case = handout.case.as_ref().and_then(|number| self.record(records, cases::CASES, number));
        let is_of_case = match &handout.case {
            Some(_) => case.is_some_and(|case| case.applicant == person),
            None => handout.reader == person,
        };
        let officer: (DepartmentCode, AccountId) = (handout.provider, access.officer);
        if is_theirs && is_of_case && self.data_officers.contains(&officer) {
            return Ok(());
        }
        finding(15, format!("the access {id:?} is to nobody's licence, for no case of his, or by no officer"))
    }

    /// A field has its open request where that waits for an answer, and not otherwise.
    fn check_request(&self, id: &CorrectionId, records: &Records) -> Result<(), Finding> {
        let (known, found) = (self.requests.get(id), self.record(records, sharing::CORRECTIONS, id));
        let (Some(known), Some(found)) = (known, found) else {
            return finding(21, format!("the request {id:?} is on a receipt or a record alone"));
        };
        let field = (found.request.licence.clone(), found.request.field.clone());
        let is_open = self.record(records, sharing::OPEN_CORRECTIONS, &field) == Some(*id);
        if is_open != known.is_open || found.answer.is_none() != known.is_open {
            return finding(21, format!("the request {id:?} is open, or answered, as no receipt tells"));
        }
        if found.overdue_at.is_some() != known.is_overdue {
            return finding(21, format!("the request {id:?} is overdue, or not, as no receipt tells"));
        }
        Ok(())
    }

    fn check_account(&self, account: &AccountId, records: &Records) -> Result<(), Finding> {
        let Some(found) = self.record(records, identity::ACCOUNTS, account) else {
            return finding(22, format!("the account {account:?} is gone"));
        };
        let (is_frozen, has_ended) = (self.accounts.is_frozen(account), self.accounts.has_ended(account));
        if found.frozen().is_some() != is_frozen || found.ending.is_some() != has_ended {
            return finding(24, format!("{account:?} is frozen or has ended, or not, as no receipt tells"));
        }
        for key in found.keys.iter().filter(|key| key.revoked_at.is_none()) {
            if self.record(records, identity::KEYS, &key.key) != Some(*account) {
                return finding(22, format!("a key of {account:?} leads to another account"));
            }
        }
        Ok(())
    }

    /// Whatever clients were told is there.
    pub(super) fn compare_told(&self, records: &Records, told: &Told) -> Result<(), Finding> {
        let mut forms: BTreeMap<Digest, Vec<&CaseNumber>> = BTreeMap::new();
        for (number, form) in &self.forms {
            forms.entry(*form).or_default().push(number);
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
            let done = self.record(records, cases::CASES, number).map_or(0, |case| count_done(&case));
            let told = told.finished.iter().filter(|(of, _)| of == number).count();
            if done < told {
                return finding(11, format!("{number} has {done} steps done, and {told} were acknowledged"));
            }
        }
        Ok(())
    }
}

fn count_done(case: &cases::Case) -> usize {
    case.steps.iter().filter(|mark| mark.outcome.is_some()).count()
}

/// Whether a case is where its receipts tell.
fn check_progress(number: &CaseNumber, life: &Life, case: &cases::Case) -> Result<(), Finding> {
    let decided = case.decision.as_ref().map(|decision| decision.granted);
    if case.acceptance.is_some() != life.accepted || decided != life.decided {
        return finding(11, format!("{number} is not accepted or decided as its receipts tell"));
    }
    if case.delivery.is_some() != life.delivered {
        return finding(11, format!("{number} is delivered, or not, as no receipt tells"));
    }
    let is_ended = !case.stage.is_open() && case.stage != Stage::NotAccepted;
    if is_ended != life.ended.is_some() || life.ended.is_some_and(|stage| stage != case.stage) {
        return finding(11, format!("{number} is {:?}, as no receipt tells", case.stage));
    }
    let is_granted = life.decided == Some(true);
    let results = [life.decided.is_some(), life.recorded.is_some(), life.delivered && is_granted];
    let expected = life.finished.len() + results.into_iter().filter(|done| *done).count();
    if count_done(case) != expected {
        return finding(11, format!("{number} has {} steps done, and {expected} by its receipts", count_done(case)));
    }
    let mut missing = life.gap.as_ref().map_or(&[][..], |gap| &gap.missing);
    let found = case.gap.as_ref().map_or(&[][..], |gap| &gap.missing);
    if life.ended.is_some() {
        missing = found; // what was missing of it is nobody's concern any more
    }
    if missing != found {
        return finding(17, format!("{found:?} is missing of {number}, and {missing:?} by its receipts"));
    }
    Ok(())
}

/// The clocks of a case stand still where a procedure is under way, or it rests, and not otherwise.
fn check_clocks(number: &CaseNumber, life: &Life, case: &cases::Case) -> Result<(), Finding> {
    let open = case.procedures.iter().filter(|procedure| procedure.ended_at.is_none()).count();
    let stands = |clock: Option<Clock>| clock.is_some_and(|clock| matches!(clock.phase(), Phase::Stopped { .. }));
    let stands_still = stands(case.promised) || stands(case.statutory);
    let expected = life.procedures.len() + usize::from(life.is_suspended());
    if life.ended.is_none() && (open != expected || stands_still != (open > 0)) {
        return finding(13, format!("the clock of {number} stands still, or runs, as no receipt tells"));
    }
    Ok(())
}

/// What a licence is by its last change.
fn standing_of(licence: &Licence) -> Option<Standing> {
    match licence.history.last().map(|change| &change.what)? {
        ChangeKind::Issued | ChangeKind::Resumed => Some(Standing::Valid),
        ChangeKind::Suspended { .. } => Some(Standing::Suspended),
        ChangeKind::Revoked => Some(Standing::Revoked),
        ChangeKind::Superseded { .. } => Some(Standing::Superseded),
        ChangeKind::Prepared => Some(Standing::Draft),
        ChangeKind::MovedOut { .. } => Some(Standing::MovedOut),
        _ => None,
    }
}
