//! What a case is made of (办件): the parts of its records, as types without rules.

use crate::case_entries::{ENTRIES_MAX, Entry};
use crate::case_facts::Facts;
use crate::case_papers::PaperNumber;
use crate::case_ratings::RatingSource;
use crate::case_sources::AnswerSources;
use crate::catalogue::{HandleType, ItemCode};
use crate::clocks::Clock;
use crate::flow::StepOutcome;
use crate::identity::Capacity;
use crate::offices::DepartmentCode;
use crate::orgs::Standing;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tongban_kernel::Role;
use tongban_types::codes::LicenceIdentifier;
use tongban_types::{AccountId, Digest, List, Text, Time};

/// Materials of one item.
pub const MATERIALS_MAX: usize = 64;
/// Special procedures of one case: those that officers begin, and time's own.
pub const PROCEDURES_MAX: usize = 24;
/// Special procedures that officers begin in one case. What is left of the list is time's own, so that a suspension always has its place.
pub const PROCEDURES_OF_OFFICERS_MAX: usize = 16;
/// Cards of one case on its record: the worst one for each round of its steps and other subjects. Where rounds are too many for it, the cards of
/// the oldest ones make room. All of them are on their receipts.
pub const CARDS_MAX: usize = 80;
/// Certificates and documents that one case ends in.
pub const RESULTS_MAX: usize = 8;
/// How often a step may be sent back.
pub const ROUNDS_MAX: u8 = 8;
/// Officers against whom one appeal is: one for each step, and those who ended the case.
pub const OPPONENTS_MAX: usize = 68;
/// Officers against whom appeals were right, of all appeals in one case. Where they are too many, those of the oldest ones make room.
pub const FORMER_OFFICERS_MAX: usize = 256;

/// How often a case may be forwarded: each time to a body further up, and the tree of departments is no deeper.
pub const FORWARDINGS_MAX: usize = crate::departments::DEPTH_MAX as usize;

/// Broken promises of one applicant on his record.
pub const BROKEN_PROMISES_MAX: usize = 64;

/// Reasons that a department gives in office. No personal data.
pub type Reasons = Text<500>;

/// An officer who acted, in which standing, when, and where the signed transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hand {
    /// Who.
    pub account: AccountId,
    /// Himself or as a deputy.
    pub standing: Standing,
    /// When: the block's time.
    pub at: Time,
    /// The receipt.
    pub receipt: u64,
}

/// The application (申请): what was handed in. It changes with what is handed in later; and acceptance notes the licences that stand for what
/// nobody was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Filing {
    /// The version of this format.
    pub version: u16,
    /// Who filed it: the applicant, or somebody who acts for him.
    pub filed_by: AccountId,
    /// As what.
    pub capacity: Capacity,
    /// The way (办理形式).
    pub channel: HandleType,
    /// How it crosses regions (跨域通办方式).
    pub crossing: Crossing,
    /// The place that receives it (收件地): the deciding department itself, or another one.
    pub place: DepartmentCode,
    /// The open answers.
    pub facts: Facts,
    /// A salted commitment to the whole form.
    pub form: Digest,
    /// What was handed in for which material, by the item's order, each at most once.
    pub materials: List<Given, MATERIALS_MAX>,
    /// A salted commitment to the signed promise of what follows later (容缺受理承诺书), where the applicant chose that.
    pub gap_promise: Option<Digest>,
    /// The licence that is to be renewed (延续).
    pub renews: Option<LicenceIdentifier>,
    /// Whence answers of the form come that were proposed (预填来源).
    pub sources: AnswerSources,
    /// When: the block's time.
    pub filed_at: Time,
    /// The receipt.
    pub receipt: u64,
    /// What officers entered at a counter of what he had signed on paper (窗口代录), oldest first; the application itself is the first, where it was.
    /// Then it was filed by the officer, and in the capacity of who signed it: himself.
    pub entries: List<Entry, ENTRIES_MAX>,
}

/// How a case crosses regions (跨域通办).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Crossing {
    /// It does not, or is handled online throughout (全程网办): the deciding department receives it.
    None,
    /// Received there, decided here (异地代收代办): the other place checks form and identity and hands it over.
    ReceivedElsewhere,
    /// Handled jointly (多地联办): the place that receives it works in it like the others; nothing is handed over.
    Joint,
}

/// What was handed in for a material.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// The material: its place in the item, from 0.
    pub material: u8,
    /// In which way.
    pub how: How,
}

/// In which way a material is given (材料获取方式).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum How {
    /// 纸质.
    Paper {},
    /// 电子: a file in the vault.
    Electronic {
        /// A salted commitment to it.
        commitment: Digest,
    },
    /// 证照: a licence that the applicant holds.
    Licence {
        /// Which.
        licence: LicenceIdentifier,
    },
    /// 容缺: it follows later.
    Gap {},
    /// 告知承诺: the applicant commits himself in writing in its place.
    Promise {
        /// A salted commitment to the signed text.
        commitment: Digest,
    },
}

/// Who received it, and who took it over (收件、移交责任记录).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Intake {
    /// Who received it at the place, and checked form and identity.
    pub received: Option<Hand>,
    /// Who handed it over to the deciding department.
    pub handed_over: Option<HandOver>,
    /// When the materials reached the deciding department: from here it has its days to accept.
    pub arrived_at: Option<Time>,
    /// The one notice of all corrections (一次性告知).
    pub correction: Option<Correction>,
}

/// A hand-over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HandOver {
    /// Who.
    pub by: Hand,
    /// The number of the parcel, where paper travels (运单号).
    pub waybill: Option<Text<40>>,
}

/// The one notice that lists all corrections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Correction {
    /// Materials to be handed in or replaced.
    pub materials: List<u8, MATERIALS_MAX>,
    /// What else is to be corrected, in office; no personal data.
    pub points: Text<1000>,
    /// Who asked.
    pub by: Hand,
    /// When the applicant's days are over, and the case may be returned.
    pub clock: Clock,
    /// When he corrected it.
    pub answered_at: Option<Time>,
    /// Whether his days went by: the case may be returned.
    pub has_lapsed: bool,
}

/// The acceptance (受理).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Acceptance {
    /// From when it counts: the day of the act, or of the receipt where silence accepted.
    pub counts_from: Time,
    /// Who accepted; nobody where the law did (视为受理, 行政许可法 第三十二条).
    pub by: Option<Hand>,
}

/// A refusal to accept (不予受理).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RefusedAcceptance {
    /// Why.
    pub reasons: Reasons,
    /// What the applicant can do against it (救济途径).
    pub remedies: Text<300>,
    /// Who refused.
    pub by: Hand,
}

/// What is missing of an accepted case: accepted with gaps (容缺受理), or by silence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// What is missing still.
    pub missing: List<u8, MATERIALS_MAX>,
    /// A salted commitment to the notice that names materials, form, deadline and consequence (容缺受理通知书); all zeros where silence
    /// accepted, and nobody gave one.
    pub notice: Digest,
    /// Until when.
    pub clock: Clock,
    /// When the applicant was reminded.
    pub reminded_at: Option<Time>,
    /// When handling was suspended.
    pub suspended_at: Option<Time>,
    /// Since when something is missing, in all rounds: from here on the applicant has no more days than are promised for the decision.
    pub since: Time,
    /// When the case was last accepted so: it is not suspended for it before.
    pub accepted_at: Time,
    /// When the last of it was handed in.
    pub filled_at: Option<Time>,
    /// When a person last decided that the case is not terminated for it.
    pub declined_at: Option<Time>,
}

impl Gap {
    /// Since when a suspended case waits for what is missing, so that its termination may be proposed: since its suspension, or since a
    /// person has last declined that.
    pub fn waits_since(&self) -> Option<Time> {
        self.suspended_at.map(|suspended| self.declined_at.map_or(suspended, |declined| declined.max(suspended)))
    }
}

/// A step, in short. What its officer did stands in its own record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Mark {
    /// How it was finished.
    pub outcome: Option<StepOutcome>,
    /// Who finished it; nobody where silence did.
    pub by: Option<AccountId>,
    /// Its clock, since it became due.
    pub clock: Option<Clock>,
    /// How often it was done again, for whatever reason.
    pub round: u8,
    /// The round in which the body that leads now took it over: how often it may be sent back counts from here.
    pub first_round: u8,
    /// Who did it last, where it is done again.
    pub before: Option<AccountId>,
}

/// A step that was done, in full: who answers for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StepRecord {
    /// The version of this format.
    pub version: u16,
    /// The department.
    pub department: DepartmentCode,
    /// How it was finished.
    pub outcome: StepOutcome,
    /// Who; nobody where silence was consent.
    pub by: Option<Hand>,
    /// A salted commitment to the written opinion (意见).
    pub opinion: Option<Digest>,
    /// Why, of a decision; empty otherwise.
    pub reasons: Reasons,
    /// What can be done against a refusal; empty otherwise.
    pub remedies: Text<300>,
    /// Its clock, which is done.
    pub clock: Option<Clock>,
}

/// A special procedure (特别程序): while one is under way, the clock of the decision stands still.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Procedure {
    /// Its kind.
    pub kind: ProcedureKind,
    /// The step that it belongs to, whose clock stands still too.
    pub step: Option<u8>,
    /// Reason or basis.
    pub reason: Text<200>,
    /// Who began it; nobody for the suspension of a case with gaps.
    pub by: Option<Hand>,
    /// Since when.
    pub from: Time,
    /// When it ends at the latest, as the applicant was told; none where it ends with his own act.
    pub until: Option<Time>,
    /// When it ended.
    pub ended_at: Option<Time>,
}

/// Kinds of special procedures (行政许可法 第四十五条, and the suspension of a case with gaps).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProcedureKind {
    /// 听证.
    Hearing,
    /// 招标.
    Tender,
    /// 拍卖.
    Auction,
    /// 检验.
    Test,
    /// 检测.
    Inspection,
    /// 检疫.
    Quarantine,
    /// 鉴定.
    Appraisal,
    /// 专家评审.
    ExpertReview,
    /// 容缺中止: what is missing was not handed in.
    GapSuspension,
}

/// An extension of the term (延长审批).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Extension {
    /// Working days.
    pub days: u16,
    /// Why, told to the applicant.
    pub reasons: Reasons,
    /// The head who approved it.
    pub by: Hand,
}

/// The decision (决定).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// Whether the application is granted.
    pub granted: bool,
    /// Why.
    pub reasons: Reasons,
    /// What the applicant can do against it; empty where it is granted.
    pub remedies: Text<300>,
    /// Who decided; nobody where the law did (视为准予延续, 行政许可法 第五十条).
    pub by: Option<Hand>,
    /// When.
    pub at: Time,
}

/// What a case ends in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CaseResult {
    /// The certificate or document.
    pub what: Produced,
    /// The step in which it was made.
    pub step: Option<u8>,
    /// Who made it.
    pub by: Hand,
}

/// A certificate or a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Produced {
    /// An e-licence of this network (电子证照).
    Licence {
        /// Which.
        licence: LicenceIdentifier,
    },
    /// A document in the vault (文书).
    Document {
        /// A salted commitment to it.
        commitment: Digest,
    },
}

/// The delivery (送达).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Delivery {
    /// The way.
    pub way: DeliveryWay,
    /// The number of the parcel (运单号).
    pub waybill: Option<Text<40>>,
    /// Who delivered.
    pub by: Hand,
    /// To whom.
    pub to: AccountId,
    /// As what he may receive it.
    pub capacity: Capacity,
    /// That its receipt was acknowledged (签收).
    pub acknowledged: Option<Acknowledgement>,
}

/// That the receipt of what was delivered was acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Acknowledgement {
    /// Who did so; an officer, where the applicant signed a paper and it was entered at a counter.
    pub by: AccountId,
    /// As what.
    pub capacity: Capacity,
    /// When.
    pub at: Time,
    /// The receipt.
    pub receipt: u64,
}

/// Ways of delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryWay {
    /// 窗口领取.
    Collected,
    /// 邮寄.
    Posted,
    /// 电子送达.
    Online,
}

/// That a case is proposed for termination, to be decided by a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TerminationProposal {
    /// Why.
    pub reasons: Reasons,
    /// Who; nobody where a gap was not filled in time.
    pub by: Option<Hand>,
    /// When.
    pub at: Time,
}

/// That a case was forwarded to a higher body (转报), which leads it from then on: who answers for it until then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Forwarding {
    /// The department that led it.
    pub from: DepartmentCode,
    /// The higher body.
    pub to: DepartmentCode,
    /// Why.
    pub reasons: Reasons,
    /// Who forwarded it.
    pub by: Hand,
    /// The clock of the law, as far as it had come there; none where the case had not been accepted.
    pub statutory: Option<Clock>,
    /// The notice of all corrections that it gave.
    pub correction: Option<Correction>,
}

/// How a case ended before a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ending {
    /// Why.
    pub reasons: Reasons,
    /// The higher body to which it was forwarded, where that has ended it; none since a forwarded case goes on.
    pub to: Option<DepartmentCode>,
    /// The officer; nobody where the applicant withdrew it.
    pub by: Option<Hand>,
    /// When.
    pub at: Time,
    /// What became of the applicant, where it ended because he is no more.
    pub loss: Option<Loss>,
}

/// What became of an applicant, so that nobody is left for whom a case could go on (行政许可法 第七十条 by analogy).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// 申请人死亡: the person died.
    Deceased,
    /// 申请人终止: the organisation was dissolved, and no other took its place.
    Dissolved,
}

/// The applicant's rating (好差评).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rating {
    /// The level.
    pub level: RatingLevel,
    /// A salted commitment to his words.
    pub words: Option<Digest>,
    /// Where it comes from.
    pub source: RatingSource,
    /// When.
    pub at: Time,
    /// The work order of a bad rating (差评工单).
    pub order: Option<WorkOrder>,
    /// The level after the department had answered (再次评价).
    pub again: Option<RatingLevel>,
    /// Why it does not count (申诉复核), where it was false or malicious; it is kept all the same.
    pub excluded: Option<Exclusion>,
}

/// Levels of ratings, GB/T 39046-2020, A.8: 1 is the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RatingLevel {
    /// 非常满意, 1.
    VerySatisfied,
    /// 满意, 2.
    Satisfied,
    /// 基本满意, 3.
    BasicallySatisfied,
    /// 不满意, 4.
    Dissatisfied,
    /// 非常不满意, 5.
    VeryDissatisfied,
}

impl RatingLevel {
    /// Whether it is a bad one (差评).
    pub const fn is_bad(self) -> bool {
        matches!(self, Self::Dissatisfied | Self::VeryDissatisfied)
    }
}

/// A work order that a bad rating opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorkOrder {
    /// Until when it is to be answered.
    pub clock: Clock,
    /// What the department did.
    pub answer: Option<Answer>,
}

/// An answer to a bad rating.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    /// What was done, or why nothing can be; no personal data.
    pub text: Reasons,
    /// Whether the applicant was called back (回访).
    pub called_back: bool,
    /// Who answered.
    pub by: Hand,
}

/// That a rating does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exclusion {
    /// Why.
    pub reasons: Reasons,
    /// Who.
    pub by: Hand,
}

/// An appeal (申诉、复议申请) against the refusal, non-acceptance, return or termination, or against the revocation of what was granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Appeal {
    /// A salted commitment to its grounds.
    pub grounds: Digest,
    /// When.
    pub at: Time,
    /// Until when it is to be decided.
    pub clock: Clock,
    /// The decision on it.
    pub decision: Option<AppealDecision>,
}

/// The decision on an appeal, by a different officer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AppealDecision {
    /// Whether the appeal is right; then the case is to be reconsidered.
    pub upheld: bool,
    /// Why.
    pub reasons: Reasons,
    /// Who.
    pub by: Hand,
}

/// The later check of what was only committed to (告知承诺事后核查).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CommitmentCheck {
    /// Until when.
    pub clock: Clock,
    /// What was found.
    pub found: Option<CommitmentFound>,
}

/// What the check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CommitmentFound {
    /// Whether the commitment is true.
    pub is_true: bool,
    /// A salted commitment to the finding.
    pub opinion: Option<Digest>,
    /// Who checked.
    pub by: Hand,
}

/// A proposal to revoke what was granted (撤销), for a person to decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Revocation {
    /// Why.
    pub reasons: Reasons,
    /// Who proposed it.
    pub by: Hand,
    /// The decision on it.
    pub decision: Option<RevocationDecision>,
}

/// The decision on a proposal to revoke.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RevocationDecision {
    /// Whether it is revoked; the licence itself is revoked by its issuer.
    pub revoked: bool,
    /// Why.
    pub reasons: Reasons,
    /// Who.
    pub by: Hand,
    /// That it was set aside upon an appeal. From then on what was granted stands again; what it was before does not change.
    pub set_aside: Option<SetAside>,
}

/// A revocation was set aside (撤销决定被纠正).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SetAside {
    /// Since when: when the case was taken up again.
    pub at: Time,
    /// Why the appeal was upheld.
    pub reasons: Reasons,
    /// Who has upheld it.
    pub by: Hand,
}

/// A card that was shown (预警、黄牌、红牌).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CardShown {
    /// For what.
    pub subject: Subject,
    /// Which.
    pub card: crate::cards::Card,
    /// By which rule: that of this kind of limit.
    pub limit: crate::cards::Limit,
    /// The number of the order to answer for it (监察编号); a prompt has none.
    pub number: Option<PaperNumber>,
    /// The department whose act is due.
    pub department: DepartmentCode,
    /// The role that it takes.
    pub role: Role,
    /// Who has the case in hand there, as far as it is known: who did it before, or accepted the case.
    pub handler: Option<AccountId>,
    /// When.
    pub at: Time,
    /// When the round began in which it was earned: what is sent back, corrected, extended or taken up again begins anew, and may earn its own.
    pub round_since: Time,
}

/// What a card is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The acceptance.
    Acceptance,
    /// The decision.
    Decision,
    /// A step: its place in the flow.
    Step(u8),
    /// The hand-over by the receiving place.
    HandOver,
    /// Certificate and delivery.
    Delivery,
    /// The answer to a bad rating.
    WorkOrder,
    /// The decision on an appeal.
    Appeal,
    /// The later check of a commitment.
    CommitmentCheck,
    /// What was entered at a counter and was invented.
    Counter,
}

/// What an applicant has promised that was not true or not kept: no acceptance with gaps and on commitments until each is repaired (信用修复).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BrokenPromises {
    /// The version of this format.
    pub version: u16,
    /// Each of them, oldest first. Where they are too many, the oldest that is repaired makes room, and stays on its receipts. Where all are open,
    /// none does: what comes further is counted with the last one of the same department, or else with the last one of all.
    pub broken: List<BrokenPromise, BROKEN_PROMISES_MAX>,
}

impl BrokenPromises {
    /// Whether one of them is not repaired.
    pub fn is_open(&self) -> bool {
        self.broken.iter().any(|broken| broken.repaired.is_none())
    }

    /// The same with one more.
    pub fn with(self, one: BrokenPromise) -> Self {
        let mut broken = self.broken.into_vec();
        if broken.len() >= BROKEN_PROMISES_MAX {
            let Some(repaired) = broken.iter().position(|broken| broken.repaired.is_some()) else {
                let same = broken.iter().rposition(|broken| broken.department == one.department);
                if let Some(kept) = broken.get_mut(same.unwrap_or(BROKEN_PROMISES_MAX - 1)) {
                    kept.and_more = kept.and_more.saturating_add(1); // I11: he stays barred until this one is repaired
                }
                return Self { version: self.version, broken: List::new(broken).expect("as many as before") };
            };
            broken.remove(repaired);
        }
        broken.push(one);
        Self { version: self.version, broken: List::new(broken).expect("one has made room") }
    }
}

/// One promise that was not true or not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BrokenPromise {
    /// The department that found it, and may say that it is repaired.
    pub department: DepartmentCode,
    /// The case.
    pub case: tongban_types::codes::CaseNumber,
    /// Since when.
    pub since: Time,
    /// Who said that it is repaired.
    pub repaired: Option<Hand>,
    /// How many more there are, for which the record had no room; repaired together with this one.
    pub and_more: u32,
}

/// Which item a case is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ItemVersion {
    /// The item.
    pub code: ItemCode,
    /// Its version.
    pub version: u32,
}
