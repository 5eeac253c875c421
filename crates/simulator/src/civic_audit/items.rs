//! Items, as the receipts tell: which version is in force (rule 20), and that what takes two was done by two (rule 34).

use super::lives::Counted;
use super::{CivicAuditor, Moment};
use crate::audit::{Finding, finding};
use crate::record::Happened;
use tongban_modules::catalogue::{self, ItemCode};
use tongban_types::AccountId;

/// What one officer has proposed for an item, and whether that is settled.
pub(super) struct Proposed {
    by: AccountId,
    is_settled: bool,
}

impl CivicAuditor {
    pub(super) fn read_item(&mut self, event: catalogue::Event, moment: Moment) -> Counted {
        use catalogue::Event as E;
        match event {
            E::Published { code, version, proposal, .. } => {
                self.check_two(&code, proposal, moment)?;
                self.check_four_eyes(&code, version, proposal, moment)?;
                self.versions.insert(code, version);
                let changed = (version > 1).then_some(Happened::ItemChanged);
                return Ok(if proposal.is_some() { Some(Happened::ItemApproved) } else { changed });
            }
            E::Suspended { code, proposal, .. } | E::Resumed { code, proposal } | E::Retired { code, proposal, .. } => {
                self.check_two(&code, proposal, moment)?
            }
            E::Proposed { code, number, by, .. } => {
                let proposed = Proposed { by, is_settled: false };
                if by != moment.by || self.proposed.insert((code.clone(), number), proposed).is_some() {
                    return finding(34, format!("proposal {number} for {code} is there twice, or by somebody else"));
                }
            }
            E::Rejected { code, number, .. } => drop(self.settle(&code, number)?),
            E::Imported { .. } => {}
        }
        Ok(None)
    }

    fn settle(&mut self, code: &ItemCode, number: u32) -> Result<AccountId, Finding> {
        match self.proposed.get_mut(&(code.clone(), number)).filter(|proposed| !proposed.is_settled) {
            Some(proposed) => {
                proposed.is_settled = true;
                Ok(proposed.by)
            }
            None => finding(34, format!("proposal {number} for {code} is settled, which there is not, or twice")),
        }
    }

    /// What was proposed is approved by another one.
    fn check_two(&mut self, code: &ItemCode, proposal: Option<u32>, moment: Moment) -> Result<(), Finding> {
        let Some(number) = proposal else { return Ok(()) };
        if self.settle(code, number)? == moment.by {
            return finding(34, format!("{:?} has proposed and approved {number} for {code}", moment.by));
        }
        Ok(())
    }

    /// Where the department that leads wants four eyes, nobody publishes alone.
    fn check_four_eyes(
        &self,
        code: &ItemCode,
        version: u32,
        proposal: Option<u32>,
        moment: Moment,
    ) -> Result<(), Finding> {
        let Some(published) = self.record(moment.records, catalogue::VERSIONS, &(code.clone(), version)) else {
            return finding(34, format!("version {version} of {code} is published, and is not there"));
        };
        let lead = published.item.department.code.parse();
        let wants_two = lead.is_ok_and(|lead| self.offices.wants_four_eyes(&self.offices.answering(lead)));
        if published.proposal != proposal || wants_two && proposal.is_none() {
            return finding(34, format!("version {version} of {code} is published by one officer alone"));
        }
        Ok(())
    }
}
