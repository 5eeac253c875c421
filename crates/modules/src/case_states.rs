//! The stages of a case (办件状态) and what may be called in each: one table, from which the refusal `cases.wrong_stage` and the life
//! cycle in the module's page are derived.

use crate::cases::CallKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumIter, IntoStaticStr};

/// Where a case is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema, EnumIter, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Stage {
    /// 已申请: handed in, nobody has taken it yet.
    Submitted,
    /// 已收件: to be accepted, refused, or corrected.
    Received,
    /// 补正中: the applicant was told what to correct.
    Correcting,
    /// 已受理: its steps are under way, up to the decision.
    Accepted,
    /// 准予: granted; certificate and delivery are to come.
    Granted,
    /// 不予: refused; the decision is to be delivered.
    Rejected,
    /// 办结.
    Closed,
    /// 不予受理.
    NotAccepted,
    /// 退件: given up, or not corrected.
    Returned,
    /// 撤回: by the applicant.
    Withdrawn,
    /// 终止: by an officer.
    Terminated,
    /// 转报: to a higher body, in which it ended by an older format; since then it goes on there.
    Forwarded,
    /// 撤销: what was granted was revoked before the case was closed.
    Revoked,
}

impl Stage {
    /// Whether something is still to be done for the result.
    pub const fn is_open(self) -> bool {
        matches!(
            self,
            Self::Submitted | Self::Received | Self::Correcting | Self::Accepted | Self::Granted | Self::Rejected
        )
    }

    /// Whether it is before the decision.
    pub const fn is_undecided(self) -> bool {
        matches!(self, Self::Submitted | Self::Received | Self::Correcting | Self::Accepted)
    }
}

/// What may be called about a case in a stage. Calls about no stage of a case (filing, rules) are in no row.
pub const fn calls(stage: Stage) -> &'static [CallKind] {
    use CallKind::*;
    match stage {
        Stage::Submitted => &[Receive, Withdraw, Discontinue, Settle, EnterAct, Disown, ExamineDisowned],
        Stage::Received => &[
            HandOver,
            AskCorrection,
            Supplement,
            Accept,
            AcceptWithGap,
            RefuseAcceptance,
            Forward,
            Refer,
            Withdraw,
            Discontinue,
            Settle,
            EnterAct,
            Disown,
            ExamineDisowned,
        ],
        Stage::Correcting => {
            &[Supplement, ReturnCase, Refer, Withdraw, Discontinue, Settle, EnterAct, Disown, ExamineDisowned]
        }
        Stage::Accepted => &[
            FinishStep,
            Decide,
            StopClock,
            ResumeClock,
            Extend,
            FillGap,
            ProposeTermination,
            Terminate,
            DeclineTermination,
            Forward,
            Refer,
            Withdraw,
            Discontinue,
            Settle,
            TellHearing,
            AnswerHearing,
            ArrangeHearing,
            RecordHearing,
            EnterAct,
            Disown,
            ExamineDisowned,
        ],
        Stage::Granted => &[
            FinishStep,
            IssueCertificate,
            Deliver,
            Close,
            CheckCommitment,
            ProposeRevocation,
            DecideRevocation,
            Refer,
            Discontinue,
            Settle,
            Acknowledge,
            EnterAct,
            Disown,
            ExamineDisowned,
        ],
        Stage::Rejected => &[
            Deliver,
            Close,
            Appeal,
            DecideAppeal,
            Reconsider,
            Refer,
            Discontinue,
            Settle,
            Acknowledge,
            EnterAct,
            Disown,
            ExamineDisowned,
        ],
        Stage::Closed => &[
            Rate,
            AnswerWorkOrder,
            ExcludeRating,
            Appeal,
            DecideAppeal,
            Reconsider,
            CheckCommitment,
            ProposeRevocation,
            DecideRevocation,
            Refer,
            Acknowledge,
            EnterAct,
            Disown,
            ExamineDisowned,
        ],
        Stage::NotAccepted | Stage::Returned | Stage::Terminated => &[
            Rate,
            AnswerWorkOrder,
            ExcludeRating,
            Appeal,
            DecideAppeal,
            Reconsider,
            Refer,
            EnterAct,
            Disown,
            ExamineDisowned,
        ],
        Stage::Withdrawn | Stage::Forwarded => &[Rate, AnswerWorkOrder, ExcludeRating, Disown, ExamineDisowned],
        Stage::Revoked => &[
            Rate,
            AnswerWorkOrder,
            ExcludeRating,
            Appeal,
            DecideAppeal,
            Reconsider,
            Refer,
            CheckCommitment,
            Acknowledge,
            EnterAct,
            Disown,
            ExamineDisowned,
        ],
    }
}

/// Whether a kind of call fits a stage.
pub fn allows(stage: Stage, kind: CallKind) -> bool {
    calls(stage).contains(&kind)
}
