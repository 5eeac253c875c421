//! Licences, as the receipts tell: what becomes of each (rule 14), with drafts, moves to other networks and annotated copies.

use super::lives::Counted;
use super::{CivicAuditor, Moment, Standing};
use crate::audit::{Finding, finding};
use crate::record::Happened;
use tongban_modules::licences::{self, SupersessionCause};
use tongban_types::AccountId;
use tongban_types::codes::{CaseNumber, LicenceIdentifier};

impl CivicAuditor {
    pub(super) fn read_licence(&mut self, event: licences::Event, moment: Moment) -> Counted {
        use licences::Event as E;
        let (identifier, from, to, counted) = match event {
            E::Issued { identifier, holder, case, .. } => {
                self.check_alive(&identifier, &holder)?;
                self.issue(&identifier, case)?;
                return Ok(Some(Happened::LicenceIssued));
            }
            E::Prepared { identifier, .. } => return self.prepare(identifier, moment),
            E::PreparedIssued { identifier, holder, case, .. } => {
                self.check_alive(&identifier, &holder)?;
                return self.issue_prepared(&identifier, case, moment);
            }
            E::MovedOut { identifier, .. } => {
                (identifier, &[Standing::Valid][..], Standing::MovedOut, Happened::LicenceMovedOut)
            }
            E::CopyMade { identifier, until, .. } => {
                let is_revoked = self.is_grant_revoked(&identifier, moment);
                return match self.licences.get(&identifier) {
                    // What was replaced from a later time on is valid until then.
                    Some(Standing::Valid | Standing::Superseded) if !is_revoked && until > moment.at => {
                        Ok(Some(Happened::CopyMade))
                    }
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
            E::TypeRegistered { .. } | E::TypeRetired { .. } => return Ok(None),
            E::Cancelled { identifier, .. }
            | E::Withdrawn { identifier, .. }
            | E::Imported { identifier, .. }
            | E::HolderClaimed { identifier, .. }
            | E::HolderNamed { identifier, .. }
            | E::ImportConfirmed { identifier, .. }
            | E::CopyTakenBack { identifier, .. }
            | E::CancellationRequested { identifier, .. }
            | E::CancellationRequestTakenBack { identifier, .. }
            | E::CancellationRefused { identifier, .. } => {
                return finding(14, format!("something becomes of {identifier} that nobody does in this city"));
            }
        };
        self.touched.1.insert(identifier.clone());
        match self.licences.get_mut(&identifier) {
            Some(standing) if from.contains(standing) => *standing = to,
            found => return finding(14, format!("{identifier} becomes {to:?} and was {found:?}")),
        }
        Ok(Some(counted))
    }

    /// One officer makes it ready. It is no licence yet.
    fn prepare(&mut self, identifier: LicenceIdentifier, moment: Moment) -> Counted {
        self.touched.1.insert(identifier.clone());
        self.preparers.insert(identifier.clone(), moment.by);
        match self.licences.insert(identifier.clone(), Standing::Draft) {
            None => Ok(Some(Happened::LicencePrepared)),
            Some(found) => finding(14, format!("{identifier} is prepared and was {found:?}")),
        }
    }

    /// Another one issues it.
    fn issue_prepared(&mut self, identifier: &LicenceIdentifier, case: Option<CaseNumber>, moment: Moment) -> Counted {
        let found = self.licences.remove(identifier);
        if found != Some(Standing::Draft) {
            return finding(14, format!("{identifier} is issued as if prepared and was {found:?}"));
        }
        if self.preparers.get(identifier) == Some(&moment.by) {
            return finding(14, format!("{:?} issues {identifier}, which he has prepared", moment.by));
        }
        self.issue(identifier, case)?;
        Ok(Some(Happened::LicenceIssued))
    }

    /// Nothing is made out for who is no more.
    fn check_alive(&self, identifier: &LicenceIdentifier, holder: &AccountId) -> Result<(), Finding> {
        if self.accounts.has_ended(&self.accounts.heir(holder)) {
            return finding(31, format!("{identifier} is issued to {holder:?}, who is no more"));
        }
        Ok(())
    }

    fn is_grant_revoked(&self, identifier: &LicenceIdentifier, moment: Moment) -> bool {
        let licence = self.record(moment.records, licences::LICENCES, identifier);
        let life = licence.and_then(|licence| licence.rests_on).and_then(|case| self.lives.get(&case));
        life.is_some_and(|life| life.revoked)
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
}
