//! Who answers for a case that crosses regions (跨省通办责任记录, 国办发〔2020〕35号): where it was received and by whom, how it was handed over, and who has
//! decided and delivered it. All of it stands on the case and its application; this brings it together.

use crate::case_records::{Acceptance, Crossing, Delivery, Filing, Hand, HandOver};
use crate::cases::Case;
use crate::identity::{self, AssuranceLevel};
use crate::offices::DepartmentCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_kernel::{Missing, State};

/// Who answers for a case that crosses regions, or for one that does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Responsibility {
    /// How it crosses regions (通办模式).
    pub mode: Crossing,
    /// The place that receives it (收件地).
    pub place: DepartmentCode,
    /// The department that decides (业务属地).
    pub department: DepartmentCode,
    /// The place that takes part where it is handled jointly, since it was accepted.
    pub joint_place: Option<DepartmentCode>,
    /// Who received it there, and has checked form and identity (收件人员); the receipt is that of the check.
    pub received: Option<Hand>,
    /// How surely the account of the applicant is his (身份核验结果); none where nobody has made sure.
    pub identity: Option<AssuranceLevel>,
    /// Who handed it over, with the receipt and the number of the parcel (移交回执、运单号).
    pub handed_over: Option<HandOver>,
    /// Who accepted it, and from when on the clock of the law runs.
    pub accepted: Option<Acceptance>,
    /// Who decided; nobody before, and where the law did.
    pub decided: Option<Hand>,
    /// How and by whom the result was delivered, with the number of the parcel.
    pub delivered: Option<Delivery>,
}

/// Who answers for a case.
pub fn of(case: &Case, filing: &Filing, state: &State) -> Result<Responsibility, Missing> {
    Ok(Responsibility {
        mode: filing.crossing,
        place: filing.place,
        department: case.department,
        joint_place: case.joint_place,
        received: case.intake.received,
        identity: identity::level(state, &case.applicant)?,
        handed_over: case.intake.handed_over.clone(),
        accepted: case.acceptance,
        decided: case.decision.as_ref().and_then(|decision| decision.by),
        delivered: case.delivery.clone(),
    })
}
