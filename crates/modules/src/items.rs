//! What a service item is made of (政务服务事项): its fields, materials, form and steps.
//!
//! The module `catalogue` publishes items; cases are run by them. Field names follow the national exchange schema where it has them;
//! the doc comments become help and API text.

use crate::flow::StepName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::EnumIter;
use tongban_types::codes::Cents;
use tongban_types::{List, Text};

/// A service item (政务服务事项), one version of it. Field names follow the national exchange schema where it has them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Its name (事项名称).
    pub name: Text<200>,
    /// Its type (事项类型).
    pub item_type: ItemType,
    /// The department that leads (实施主体、牵头部门).
    pub department: Department,
    /// Departments that take part (联办机构); a step's department is the leading one or one of these.
    #[serde(default)]
    pub joint_departments: List<Department, 32>,
    /// The nature of the body (实施主体性质).
    pub body_nature: BodyNature,
    /// The level at which it is handled (行使层级).
    pub use_level: Level,
    /// Where the power comes from (权力来源).
    pub power_source: Text<200>,
    /// The legal basis (设定依据).
    pub legal_basis: List<LegalBasis, 16>,
    /// The code in the local catalogue (地方实施编码), where it differs from the item's code.
    pub local_code: Option<Text<64>>,
    /// Who may be served (服务对象).
    pub served: List<Served, 6>,
    /// On the spot or within a promised time (办件类型).
    pub case_kind: CaseKind,
    /// The clocks (时限).
    pub clocks: Clocks,
    /// How and where it is handled (办理方式).
    pub service: Service,
    /// What has to be so for an application to be accepted (受理条件), for people.
    pub accept_condition: Text<1000>,
    /// The same as an expression over the form, where a machine can tell.
    pub eligibility: Option<Text<500>>,
    /// What number is available (数量限制), where it is limited.
    pub quantity_limit: Option<Text<200>>,
    /// What it ends in (办理结果).
    pub outcome: Outcome,
    /// What has to be paid (收费); nothing where there is no row.
    #[serde(default)]
    pub fees: List<Fee, 16>,
    /// What has to be handed in (申请材料).
    #[serde(default)]
    pub materials: List<Material, 64>,
    /// The form as JSON Schema 2020-12, see `forms` (申请表单).
    pub form: Text<16000>,
    /// The steps (办理流程).
    pub flow: List<Step, 64>,
    /// Questions and answers (常见问题).
    #[serde(default)]
    pub questions: List<Question, 16>,
    /// How surely whoever applies must be known (实名核验等级); bound by an authority at any level where this is absent.
    #[serde(default)]
    pub assurance: Assurance,
    /// What the matter touches of that for which a commitment never stands in place of a proof (告知承诺的排除情形); each once.
    #[serde(default)]
    pub sensitive: List<SensitiveMatter, 7>,
    /// The code of the item as it is handled (业务办理项编码): the implementation code and two digits, 33 characters.
    #[serde(default)]
    pub task_handle_item: Option<Text<33>>,
    /// Who has entrusted the body (委托部门), where it acts as an entrusted one.
    #[serde(default)]
    pub entrust_name: Option<Text<200>>,
    /// The special procedures that a case may need (特别程序种类), each once; the item does not say where none is named.
    #[serde(default)]
    pub special_procedure: List<SpecialProcedure, 2>,
}

/// How surely an applicant must be known (实名核验等级). Each level admits those above it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema, EnumIter)]
#[serde(rename_all = "snake_case")]
pub enum Assurance {
    /// Not at all (无需实名).
    None,
    /// Bound by an authority (已实名认证).
    #[default]
    L1,
    /// Number and name were checked against the register (二级核验).
    L2,
    /// The face or a bank card was checked, too (三级核验).
    L3,
}

/// What is too grave for a commitment in place of a proof (国办发〔2020〕42号).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, EnumIter)]
#[serde(rename_all = "snake_case")]
pub enum SensitiveMatter {
    /// 国家安全.
    NationalSecurity,
    /// 国家秘密.
    StateSecrets,
    /// 公共安全.
    PublicSafety,
    /// 金融业审慎监管.
    PrudentialFinance,
    /// 生态环境保护.
    Environment,
    /// 直接关系人身健康、生命财产安全.
    LifeAndProperty,
    /// 重要涉外.
    ForeignAffairs,
}

/// Special procedures (特别程序种类), GB/T 39046-2020, A.7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SpecialProcedure {
    /// 延长审批, 1.
    Extension,
    /// 其他特别程序, 2: hearing, test, expert review and the like.
    Other,
}

/// Types of items (事项类型), GB/T 39046-2020, A.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemType {
    /// 行政许可, 01.
    Licence,
    /// 行政处罚, 02.
    Penalty,
    /// 行政强制, 03.
    Coercion,
    /// 行政征收, 04.
    Levy,
    /// 行政给付, 05.
    Benefit,
    /// 行政检查, 06.
    Inspection,
    /// 行政确认, 07.
    Confirmation,
    /// 行政奖励, 08.
    Reward,
    /// 行政裁决, 09.
    Adjudication,
    /// 其他行政权力, 10 to 19.
    Other,
    /// 公共服务, 20 to 29.
    PublicService,
}

/// A department.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Department {
    /// Its unified social credit code (统一社会信用代码).
    pub code: Text<18>,
    /// Its name.
    pub name: Text<100>,
}

/// Natures of bodies (实施主体性质), GB/T 39046-2020, A.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BodyNature {
    /// 法定机关, 1.
    StatutoryOrgan,
    /// 授权组织, 2.
    AuthorisedBody,
    /// 受委托组织, 3.
    EntrustedBody,
    /// 其他, 9.
    Other,
}

/// Levels (行使层级), GB/T 39046-2020, A.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 国家级, 1.
    Nation,
    /// 省级, 2.
    Province,
    /// 市级, 3.
    City,
    /// 县级, 4.
    County,
    /// 乡级, 5.
    Town,
    /// 村级, 6.
    Village,
    /// 分级管理, 7.
    Graded,
}

/// A law and its article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LegalBasis {
    /// The law.
    pub law: Text<200>,
    /// The article, such as 第三十五条.
    pub article: Text<100>,
}

/// Who may be served (服务对象), GB/T 39046-2020, A.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Served {
    /// 自然人, 1.
    NaturalPerson,
    /// 企业法人, 2.
    Enterprise,
    /// 事业法人, 3.
    PublicInstitution,
    /// 社会组织法人, 4.
    SocialOrganisation,
    /// 行政机关, 5.
    Organ,
    /// 其他组织, 6.
    Other,
}

/// Kinds of cases (办件类型), GB/T 39046-2020, A.6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CaseKind {
    /// 即办件, 1: within a day.
    OnTheSpot,
    /// 承诺件, 2: within the promised time.
    Promised,
    /// 其他, 9.
    Other,
}

/// The clocks of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Clocks {
    /// To decide, by law (法定办结时限), from acceptance.
    pub statutory: Term,
    /// The law that sets another limit than the general one (特别规定).
    pub statutory_basis: Option<LegalBasis>,
    /// To decide, as promised (承诺办结时限), from acceptance.
    pub promised: Term,
    /// To accept or refuse, from receipt, in working days (受理时限).
    pub acceptance_days: u16,
    /// To issue and deliver the result, from the decision, in working days (送达时限).
    pub delivery_days: u16,
    /// The law whose own limits are those of the item (专门法定时限); the general ones where this is absent.
    #[serde(default)]
    pub statutory_clock: Option<StatutoryClock>,
    /// What the statutory time means (法定办结时限说明).
    #[serde(default)]
    pub anticipate_explain: Option<Text<300>>,
    /// What the promised time means (承诺办结时限说明).
    #[serde(default)]
    pub promise_explain: Option<Text<300>>,
    /// How long before the end of a licence its renewal is applied for (延续申请期限), where another rule than 行政许可法 第五十条 says so.
    #[serde(default)]
    pub renewal: Option<RenewalTerm>,
}

/// A law with limits of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, EnumIter)]
#[serde(rename_all = "snake_case")]
pub enum StatutoryClock {
    /// 不动产登记 (不动产登记暂行条例): refused on the spot or accepted, and registered within 30 working days.
    RealEstateRegistration,
}

/// How long before the end of a licence its renewal is applied for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RenewalTerm {
    /// Days before the end.
    pub days: u16,
    /// The rule that says so.
    pub basis: LegalBasis,
}

/// A number of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// How many.
    pub days: u16,
    /// Of which kind.
    pub unit: DayUnit,
}

/// Kinds of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DayUnit {
    /// 工作日, by the calendar on the ledger.
    WorkingDay,
    /// 自然日.
    CalendarDay,
}

/// How and where an item is handled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The ways (办理形式).
    pub handle_types: List<HandleType, 5>,
    /// How often the applicant has to come (到办事现场次数).
    pub visits: u8,
    /// Why he has to come (必须现场办理原因).
    pub visits_reason: Option<Text<200>>,
    /// How far it goes online (网办深度).
    pub online_depth: Option<OnlineDepth>,
    /// Where it can be handled (通办范围).
    pub handle_area: HandleArea,
    /// Where to go (办理地点).
    pub address: Text<200>,
    /// When (办理时间).
    pub hours: Text<200>,
    /// Whom to ask (咨询方式).
    pub contact: Text<100>,
    /// Where to complain (监督投诉方式).
    pub supervision: Text<100>,
    /// Whether fees can be paid online (是否支持网上支付); where it is absent, the item does not say. So are the three below.
    #[serde(default)]
    pub is_pay_online: Option<bool>,
    /// Whether papers and results can be sent by courier (是否支持物流快递).
    #[serde(default)]
    pub is_express: Option<bool>,
    /// Whether one can make an appointment (是否支持预约办理).
    #[serde(default)]
    pub is_schedule: Option<bool>,
    /// Whether it is handled at the government service centre (是否进驻政务大厅).
    #[serde(default)]
    pub is_entry_center: Option<bool>,
    /// Whether it is handled at terminals without staff (是否支持自助终端办理).
    #[serde(default)]
    pub is_service_terminals: Option<bool>,
    /// The services of intermediaries that an applicant needs before (中介服务); none are said where this is absent.
    #[serde(default)]
    pub service_type: Option<Text<200>>,
}

/// Ways of handling (办理形式), GB/T 39046-2020, A.5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HandleType {
    /// 窗口办理, 1.
    Counter,
    /// 网上办理, 2.
    Online,
    /// 移动端办理, 3.
    Mobile,
    /// 快递申请, 4.
    Courier,
    /// 其他, 9.
    Other,
}

/// How far an item goes online (网办深度).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnlineDepth {
    /// 网上咨询, 1.
    Consult,
    /// 网上收件, 2.
    Receive,
    /// 网上预审, 3.
    PreCheck,
    /// 网上受理, 4.
    Accept,
    /// 网上办理, 5.
    Handle,
    /// 网上办理结果信息反馈, 6.
    Feedback,
    /// 网上电子证照反馈, 7.
    Certificate,
    /// 其他, 8.
    Other,
}

/// Where an item can be handled (通办范围).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HandleArea {
    /// 全国通办.
    Nationwide,
    /// 跨省通办.
    AcrossProvinces,
    /// 跨市通办.
    AcrossCities,
    /// 跨县通办.
    AcrossCounties,
    /// 仅本地办理.
    LocalOnly,
}

/// What an item ends in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// The kind (办理结果类型).
    pub kind: OutcomeKind,
    /// The name of the certificate or document (办理结果名称).
    pub name: Option<Text<100>>,
    /// The code of the type of the e-licence that is issued (证照类型代码), 21 characters. Where it is said, no licence of another type is
    /// issued for a case of this item.
    #[serde(default)]
    pub licence_type: Option<Text<21>>,
    /// The identifier of a sample of the result (办理结果样本).
    #[serde(default)]
    pub result_guid: Option<DocumentId>,
}

/// The identifier of a document that is kept elsewhere: one word.
pub type DocumentId = Text<64>;

/// Kinds of results (办理结果类型).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeKind {
    /// 出证.
    Certificate,
    /// 出文书.
    Document,
    /// 其他.
    Other,
}

/// A row of what has to be paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    /// Its name (收费项目名称).
    pub name: Text<100>,
    /// How much, in cents; none where the standard says how it is reckoned.
    pub amount: Option<Cents>,
    /// The standard (收费标准).
    pub standard: Text<200>,
    /// The basis (收费依据).
    pub basis: LegalBasis,
    /// Whether it can be reduced or waived (是否允许减免).
    pub reducible: bool,
    /// When it can (减免说明).
    pub reduction: Option<Text<200>>,
}

/// Something that has to be handed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Material {
    /// Its name (材料名称).
    pub name: Text<100>,
    /// Whether it is needed (材料必要性).
    pub need: Need,
    /// Only where this expression over the form holds (情形).
    pub condition: Option<Text<500>>,
    /// Original or copy (材料类型).
    pub original: Originality,
    /// Paper or electronic (材料形式).
    pub format: MaterialFormat,
    /// How many (份数).
    pub copies: u8,
    /// Where it comes from (来源渠道).
    pub source: MaterialSource,
    /// The licence in which a department already holds it: then it is not asked for (数据共享免提交).
    pub held_as: Option<HeldAs>,
    /// How to fill it in, what is checked (填报须知、受理标准).
    pub note: Option<Text<300>>,
    /// The size and form of its pages (纸质材料规格), such as A4.
    #[serde(default)]
    pub page_format: Option<Text<100>>,
    /// Whence one gets it (来源渠道说明).
    #[serde(default)]
    pub source_explain: Option<Text<200>>,
    /// The law that asks for it (要求提供材料的依据).
    #[serde(default)]
    pub by_law: Option<LegalBasis>,
    /// The identifier of the blank form (空白表格).
    #[serde(default)]
    pub form_guid: Option<DocumentId>,
    /// The identifier of a sample that is filled in (示例样表).
    #[serde(default)]
    pub example_guid: Option<DocumentId>,
    /// Whether a written commitment may stand in its place (可否告知承诺). Where this is absent it may, if it is a proof that others make and the matter
    /// allows it.
    #[serde(default)]
    pub by_commitment: Option<bool>,
}

/// Whether a material is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// 必要, and it may not follow later (主审材料).
    Main,
    /// 必要.
    Needed,
    /// 容缺后补: it may follow later.
    MayFollow,
    /// 非必要.
    Optional,
}

/// Original or copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Originality {
    /// 原件.
    Original,
    /// 复印件.
    Copy,
    /// 原件或复印件.
    Either,
}

/// Paper or electronic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MaterialFormat {
    /// 纸质.
    Paper,
    /// 电子.
    Electronic,
    /// 纸质或电子.
    Either,
}

/// Where a material comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MaterialSource {
    /// 申请人自备.
    Applicant,
    /// 政府部门核发.
    Government,
    /// 其他.
    Other,
}

/// A field of a licence that a department already holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HeldAs {
    /// The code of the licence's type (证照类型代码), 21 characters.
    pub licence_type: Text<21>,
    /// The field of the licence; the whole licence where it is absent.
    pub field: Option<Text<40>>,
}

/// One step of the flow (环节).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its name, which other steps refer to (环节名称).
    pub name: StepName,
    /// The credit code of the department that does it.
    pub department: Text<18>,
    /// The post in the department (岗位).
    pub role: Text<40>,
    /// What is done.
    pub kind: StepKind,
    /// The steps that have to be finished before (前置环节); none for a step that begins at once.
    #[serde(default)]
    pub waits_for: List<StepName, 16>,
    /// Only where this expression over the form holds; otherwise the step is skipped.
    pub condition: Option<Text<500>>,
    /// How long it may take (环节时限), in days of the promised clock.
    pub days: u16,
    /// The statute that wants a person to act (法定由人员作出); none where a machine may.
    pub human_only: Option<LegalBasis>,
    /// What follows a rejection (不通过时).
    pub on_rejection: OnRejection,
    /// What silence means (超时默认).
    pub silence: Silence,
    /// What is at stake: silence is never consent for safety and environment.
    pub stake: Stake,
    /// Whether the law wants a written opinion (须出具书面意见).
    pub written_opinion_required: bool,
    /// That a lower body examines here what a higher one decides (下级机关先行审查), within a limit of its own.
    #[serde(default)]
    pub first_review: Option<FirstReview>,
    /// Of a decision: whether it concerns great interests of others, so that they and the applicant are told of their right to a hearing before
    /// (须告知听证权, 行政许可法 第四十七条).
    #[serde(default)]
    pub hearing_right: bool,
    /// Whether the place that takes part does it, where the item is handled jointly (多地联办); the department that is named does it otherwise.
    #[serde(default)]
    pub at_place: bool,
}

/// That a lower body examines first (行政许可法 第四十三条).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstReview {
    /// Until when, in working days, by law (审查法定时限).
    pub statutory_days: u16,
    /// The law that sets another limit than the general one (另有规定).
    #[serde(default)]
    pub basis: Option<LegalBasis>,
}

/// What is done in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// 受理.
    Acceptance,
    /// 自动核验: a machine compares data.
    AutomaticCheck,
    /// 审查.
    Review,
    /// 现场核查.
    Inspection,
    /// 听证.
    Hearing,
    /// 专家评审.
    ExpertOpinion,
    /// 检验检测.
    Test,
    /// 公示.
    Publicity,
    /// 决定.
    Decision,
    /// 制证.
    Certificate,
    /// 送达.
    Delivery,
}

/// What follows the rejection of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum OnRejection {
    /// All other steps stop (全部终止).
    StopAll,
    /// Steps that do not build on it are finished (其余继续).
    FinishOthers,
    /// It goes back (退回) to an earlier step, and all from there on is done again.
    Return {
        /// The earlier step.
        to: StepName,
    },
}

/// What silence means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Silence {
    /// Nothing.
    None,
    /// Consent (视为同意) after the step's days.
    DeemedConsent,
}

/// What is at stake in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stake {
    /// 一般.
    General,
    /// 公共安全、生命财产安全.
    Safety,
    /// 生态环境.
    Environment,
}

/// A question and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The question.
    pub question: Text<200>,
    /// The answer.
    pub answer: Text<500>,
}
