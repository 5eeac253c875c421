//! Something wrong that is slipped under the auditors of a run, so that one sees them find it, and tell it with its seed.

use crate::audit::{Doctor, Ledger, Testimony};
use crate::plan::Doctored;
use tongban_kernel::Write;
use tongban_modules::{cases, licences};
use tongban_types::codec;

/// Changes what the nodes have and have said; gives what else is to be changed while blocks are executed once more.
pub(crate) fn slip_in(doctored: Doctored, ledgers: &mut [Ledger], testimony: &mut Testimony) -> Option<Doctor> {
    match doctored {
        Doctored::Acceptance => Some(forget_acceptance),
        Doctored::Licence => Some(forget_holding),
        Doctored::Receipt => {
            if let Some(receipt) = ledgers.first_mut().and_then(|ledger| ledger.receipts.last_mut()) {
                receipt.height += 1;
            }
            None
        }
        Doctored::Acknowledgement => {
            if let Some(acknowledgement) = testimony.acknowledgements.last_mut() {
                acknowledgement.receipt.number += 1_000_000;
            }
            None
        }
    }
}

fn forget_acceptance(write: &mut Write) {
    if let Some(case) = cases::CASES.record_of(write).filter(|case| case.decision.is_some()) {
        write.value = Some(codec::encode(&cases::Case { acceptance: None, ..case }));
    }
}

fn forget_holding(write: &mut Write) {
    if let Some(mut held) = licences::HELD.record_of(write) {
        held.retain(|_| false);
        write.value = Some(codec::encode(&held));
    }
}
