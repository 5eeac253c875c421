//! The numbers of the papers of a case (文书编号), and what supervision keeps of a card (督办).
//!
//! Every notice and receipt that the law wants (受理通知书, 一次性补正告知书, 准予决定书 …) has a number: of the department that gives it, of the kind, of the
//! year in Beijing, and a sequence, each given once. The ledger counts; the written form, such as `云港审批受〔2026〕17号`, is made at the rim from
//! these four. What the law lets silence do is on no paper, and has no number.

use crate::cards::Card;
use crate::case_records::{CardShown, Extension, Mark};
use crate::case_records::{Gap, Hand, PROCEDURES_MAX, Procedure, Reasons};
use crate::flow::STEPS_MAX;
use crate::offices::DepartmentCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_types::codes::CaseNumber;
use tongban_types::{List, Text, Time};

/// Numbers of papers on the record of one case, the newest. Where they are too many, the oldest make room; all of them stand in a table of
/// their own and on their receipts.
pub const PAPERS_MAX: usize = 32;
/// Proposals to revoke, before the present one, on the record of one case. Where they are too many, the oldest that revoked nothing makes room.
pub const FORMER_REVOCATIONS_MAX: usize = 8;

/// Kinds of papers that have numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaperKind {
    /// 受理通知书, 行政许可法 第三十二条; its number is the `accept_doc_no` (受理文书编号) of the exchange.
    Acceptance,
    /// 不予受理决定书.
    AcceptanceRefusal,
    /// 一次性补正告知书.
    Correction,
    /// 容缺受理通知书.
    Gap,
    /// 延长办理期限告知书, 行政许可法 第四十二条.
    Extension,
    /// 特别程序告知书, 行政许可法 第四十五条.
    Procedure,
    /// 准予决定书.
    Grant,
    /// 不予决定书, 行政许可法 第三十八条.
    Refusal,
    /// 退件通知书.
    Return,
    /// 终止办理通知书.
    Termination,
    /// 撤销决定书, 行政许可法 第六十九条.
    Revocation,
    /// 转报告知书.
    Forwarding,
    /// 申诉处理决定书.
    AppealDecision,
    /// 督办单: of a yellow or a red card (监察编号).
    Card,
    /// 听证告知书, 行政许可法 第四十七条.
    HearingRight,
    /// 听证通知书, 行政许可法 第四十八条.
    HearingNotice,
}

/// The number of a paper: given once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PaperNumber {
    /// The department that gives it.
    pub department: DepartmentCode,
    /// What it is.
    pub kind: PaperKind,
    /// The year in Beijing.
    pub year: u16,
    /// The place in the year, from 1.
    pub sequence: u64,
}

/// A paper that was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Paper {
    /// The version of this format.
    pub version: u16,
    /// The case.
    pub case: CaseNumber,
    /// When: the block's time.
    pub at: Time,
    /// The receipt, on which all of it stands.
    pub receipt: u64,
}

/// What supervision keeps of a yellow or red card (电子监察): an order to the department that leads, and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Supervision {
    /// The version of this format.
    pub version: u16,
    /// The case.
    pub case: CaseNumber,
    /// The department that leads it, and has to answer; of what was invented at a counter, the one whose counter it is.
    pub department: DepartmentCode,
    /// The card: for what, by which rule, since when, and whose it is.
    pub card: CardShown,
    /// What the department says of it (督办反馈).
    pub answer: Option<CardAnswer>,
}

/// What a department says of a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CardAnswer {
    /// How it came about, and what was done. No personal data.
    pub text: Reasons,
    /// Who answered.
    pub by: Hand,
}

/// What a body had used up that led a case before it was forwarded (转报): the higher body has its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Led {
    /// The version of this format.
    pub version: u16,
    /// Its special procedures, and those of time.
    pub procedures: List<Procedure, PROCEDURES_MAX>,
    /// Its extension.
    pub extension: Option<Extension>,
    /// What was missing, with its deadline.
    pub gap: Option<Gap>,
    /// Its steps, as far as they had come.
    pub steps: List<Mark, STEPS_MAX>,
}

/// That a matter passed to another department, because nobody is left who may decide it where it is (提级办理、指定办理).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Referral {
    /// The department that may decide in its place: the one that the rules name, or the one above.
    pub to: DepartmentCode,
    /// Why. No personal data.
    pub reasons: Text<500>,
    /// Who passed it on: one who may not decide it himself.
    pub by: Hand,
}

/// Whether a card is an order that the department answers: a prompt is none.
pub const fn is_order(card: Card) -> bool {
    matches!(card, Card::Yellow | Card::Red)
}
