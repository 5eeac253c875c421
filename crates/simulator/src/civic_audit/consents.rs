//! What persons have consented to, as the receipts tell, and whether what departments are shown is among it (rule 26).

use super::lives::Counted;
use super::{CivicAuditor, Moment};
use crate::audit::{Finding, Records, finding};
use crate::record::Happened;
use std::collections::BTreeSet;
use tongban_modules::sharing::{self, Handout, Reading, SourceList, Uses};
use tongban_types::codes::LicenceTypeCode;
use tongban_types::{ConsentId, Time};

/// A consent, and what became of it.
pub(super) struct Consent {
    reading: Reading,
    sources: SourceList,
    uses: Uses,
    until: Time,
    is_withdrawn: bool,
    /// The types of licences that were read under it.
    used: BTreeSet<LicenceTypeCode>,
}

impl Consent {
    /// Whether it is in force for what is shown.
    fn covers(&self, handout: &Handout, at: Time) -> bool {
        let shown = handout.licence.licence_type();
        let mut sources = self.sources.iter();
        let is_named = sources.any(|source| source.licence_type == shown && source.fields.include(&handout.fields));
        let is_spent = self.uses == Uses::Once && self.used.contains(&shown);
        is_named && self.reading == handout.reading && at < self.until && !self.is_withdrawn && !is_spent
    }
}

impl CivicAuditor {
    pub(super) fn give_consent(&mut self, id: ConsentId, consent: Consent, moment: Moment) -> Counted {
        if consent.until <= moment.at || self.consents.insert(id, consent).is_some() {
            return finding(26, format!("the consent {id:?} is over when it is given, or is there twice"));
        }
        Ok(Some(Happened::ConsentGiven))
    }

    pub(super) fn withdraw_consent(&mut self, id: ConsentId) -> Counted {
        match self.consents.get_mut(&id) {
            Some(consent) if !consent.is_withdrawn => consent.is_withdrawn = true,
            _ => return finding(26, format!("the consent {id:?} is withdrawn twice, or was never given")),
        }
        Ok(Some(Happened::ConsentWithdrawn))
    }

    /// A consent is used: it is in force, covers what is shown, and the person could still take it back.
    pub(super) fn use_consent(&mut self, id: ConsentId, handout: &Handout, moment: Moment) -> Counted {
        let person = self.accounts.heir(&handout.reading.person);
        let has_ended = self.accounts.has_ended(&person);
        let consent = self.consents.get_mut(&id).filter(|consent| consent.covers(handout, moment.at) && !has_ended);
        let Some(consent) = consent else {
            return finding(26, format!("{} is shown under {id:?}, which is not in force for it", handout.licence));
        };
        consent.used.insert(handout.licence.licence_type());
        Ok(Some(Happened::ConsentUsed))
    }

    /// The record of a consent is what the receipts tell.
    pub(super) fn check_consent(&self, id: &ConsentId, records: &Records) -> Result<(), Finding> {
        let (known, found) = (self.consents.get(id), self.record(records, sharing::CONSENTS, id));
        let (Some(known), Some(found)) = (known, found) else {
            return finding(26, format!("the consent {id:?} is on a receipt or a record alone"));
        };
        let used = found.sources.iter().filter(|granted| granted.last_access.is_some());
        let used: BTreeSet<LicenceTypeCode> = used.map(|granted| granted.source.licence_type).collect();
        let covered = found.sources.iter().map(|granted| &granted.source);
        let is_same = known.reading == found.reading && covered.eq(known.sources.iter()) && known.until == found.until;
        if !is_same || found.withdrawal.is_some() != known.is_withdrawn || used != known.used {
            return finding(26, format!("the consent {id:?} is withdrawn, used or changed as no receipt tells"));
        }
        Ok(())
    }
}

/// A consent that was just given.
pub(super) fn given(reading: Reading, sources: SourceList, uses: Uses, until: Time) -> Consent {
    Consent { reading, sources, uses, until, is_withdrawn: false, used: BTreeSet::new() }
}
