//! The small city of the simulations: who is who, its items, and the calls with which its people found it and do their work. What they call
//! beside ordinary cases is in [`affairs`] and [`rights`].
//! Pure: no network, no clock, no chance.

pub mod affairs;
mod founding;
pub mod rights;

pub use founding::{founding, publish};

use crate::clients::secret;
use tongban_crypto::SecretKey;
use tongban_kernel::Role;
use tongban_modules::case_facts::{Fact, FactValue, Facts};
use tongban_modules::case_records::{Crossing, DeliveryWay, Given, How, ProcedureKind, Produced};
use tongban_modules::case_sources::AnswerSources;
use tongban_modules::cases::{self, Application, Ruling};
use tongban_modules::catalogue::HandleType;
use tongban_modules::identity;
use tongban_modules::items::LegalBasis;
use tongban_modules::licence_history::{Ground, Period};
use tongban_modules::licences::{self, Content, Metadata};
use tongban_modules::orgs::{self, DepartmentCode};
use tongban_modules::recovery::{Channel, Presented, Reverification};
use tongban_modules::{Call, sharing};
use tongban_types::codes::{CaseNumber, LicenceIdentifier, LicenceIssuer, LicenceTypeCode};
use tongban_types::genesis::account_of;
use tongban_types::licence_face::FaceRoot;
use tongban_types::{AccessId, AccountId, CorrectionId, Digest, List, Suite, Text, Time};

/// Who acts in the city. The discriminant makes the key; none is a validator's or another client's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Person {
    /// Publishes items.
    Editor = 20,
    /// Administrator of the government, and so of all its departments.
    Mayor,
    /// Receives, approval bureau.
    Receiver,
    /// Accepts, approval bureau.
    Acceptor,
    /// Does `核验`, approval bureau.
    Checker,
    /// Does `食品审查`, market regulation.
    FoodReviewer,
    /// Decides, and revokes licences.
    Approver,
    /// Issues and delivers.
    Issuer,
    /// Records accesses to what the approval bureau keeps.
    DataOfficer,
    /// Defines types of licences, market regulation.
    TypeOfficer,
    /// Binds persons and opens recoveries, public security.
    IdentityOfficer,
    /// Approves recoveries, public security.
    RecoveryApprover,
    /// A citizen.
    Zhang,
    /// A citizen.
    Li,
    /// A citizen who loses his key.
    Wang,
    /// Decides about what the first one has refused, and about revocations.
    SecondApprover,
    /// Receives in the suburb, and hands over to the approval bureau.
    SuburbReceiver,
    /// Receives and accepts, welfare bureau; now and then absent.
    WelfareClerk,
    /// Does `核验`, welfare bureau.
    WelfareChecker,
    /// Decides and forwards, welfare bureau.
    WelfareApprover,
    /// Holds no role, and stands in for the clerk of the welfare bureau.
    WelfareDeputy,
    /// Delivers, welfare bureau.
    WelfareIssuer,
    /// Receives, accepts and checks in the health office, which is merged into the welfare bureau.
    HealthClerk,
    /// Accepts, checks and delivers in the government, which leads what is forwarded to it.
    CityClerk,
    /// Decides in the government.
    CityApprover,
    /// Is transferred from the welfare bureau to market regulation.
    Mover,
    /// A citizen whose account is frozen.
    Chen,
    /// A citizen who dies.
    Zhao,
    /// His agent.
    Qian,
    /// The legal representative of a shop and a booth.
    Sun,
    /// The legal representative of the chain into which the shop is merged.
    Zhou,
    /// A citizen who has an agent for some acts.
    Wu,
    /// The agent.
    Feng,
    /// A child.
    Child,
    /// The child's guardian.
    Guardian,
    /// A company that is merged into another one.
    Shop,
    /// The company that takes its place.
    Chain,
    /// A company that is dissolved.
    Booth,
    /// Publishes items of the suburb beside the first one.
    SecondEditor,
    /// Decides disputes about recoveries, public security.
    ThirdOfficer,
    /// Administrator of the neighbouring city.
    OtherMayor,
    /// A reviewer of the welfare bureau who is offered to the neighbouring city.
    Leaver,
    /// Enters at the counter of the welfare bureau what people bring on paper.
    CounterClerk,
    /// Presides over hearings and supervises, welfare bureau.
    HearingOfficer,
    /// Issues what the first one has prepared.
    SecondIssuer,
    /// A citizen who administers the estate of the one who dies.
    Executor,
    /// The administrator of the network: one of the other clients too.
    Administrator = 100,
    /// The registrar of the network: one of the other clients too.
    Registrar = 101,
}

/// Whose accounts are opened.
pub const PEOPLE: [Person; 46] = [
    Person::Editor,
    Person::Mayor,
    Person::Receiver,
    Person::Acceptor,
    Person::Checker,
    Person::FoodReviewer,
    Person::Approver,
    Person::Issuer,
    Person::DataOfficer,
    Person::TypeOfficer,
    Person::IdentityOfficer,
    Person::RecoveryApprover,
    Person::Zhang,
    Person::Li,
    Person::Wang,
    Person::SecondApprover,
    Person::SuburbReceiver,
    Person::WelfareClerk,
    Person::WelfareChecker,
    Person::WelfareApprover,
    Person::WelfareDeputy,
    Person::WelfareIssuer,
    Person::HealthClerk,
    Person::CityClerk,
    Person::CityApprover,
    Person::Mover,
    Person::Chen,
    Person::Zhao,
    Person::Qian,
    Person::Sun,
    Person::Zhou,
    Person::Wu,
    Person::Feng,
    Person::Child,
    Person::Guardian,
    Person::Shop,
    Person::Chain,
    Person::Booth,
    Person::SecondEditor,
    Person::ThirdOfficer,
    Person::OtherMayor,
    Person::Leaver,
    Person::CounterClerk,
    Person::HearingOfficer,
    Person::SecondIssuer,
    Person::Executor,
];
/// Companies, and their credit codes.
const COMPANIES: [(Person, &str); 3] = [
    (Person::Shop, "91519900MA90130150"),
    (Person::Chain, "91519900MA9013023T"),
    (Person::Booth, "91519900MA9013031M"),
];
/// Citizens, who are all bound to whom they are: some apply for something, others act for them.
const CITIZENS: [Person; 13] = [
    Person::Zhang,
    Person::Li,
    Person::Wang,
    Person::Chen,
    Person::Zhao,
    Person::Qian,
    Person::Sun,
    Person::Zhou,
    Person::Wu,
    Person::Feng,
    Person::Child,
    Person::Guardian,
    Person::Executor,
];
/// Who applies for something.
pub const APPLICANTS: [Person; 2] = [Person::Zhang, Person::Li];
/// The number of the key that takes the place of the one that Wang loses.
const NEW_KEY: u8 = 90;
/// The number of a key that is to take the place of Chen's, to which he objects.
const OTHER_KEY: u8 = 91;

/// The city's division.
const CITY: &str = "510100000000";
const GOVERNMENT: &str = "11519900MB9012112F";
const APPROVAL: &str = "11519900MB9012235G";
const MARKET: &str = "11519900MB90100105";
const POLICE: &str = "11519900MB9014337T";
const SUBURB: &str = "11519900MB9011128U";
const WELFARE: &str = "11519900MB9013019N";
const HEALTH: &str = "11519900MB9013027H";
/// The government of the neighbouring city, a tree of its own.
const NEIGHBOUR: &str = "11510300MB901306XB";
/// The item's code, with which the numbers of its cases begin.
pub const ITEM: &str = "11519900MB9012235G3510100001000";
/// The code of the item that the welfare bureau leads.
pub const WELFARE_ITEM: &str = "11519900MB9013019N3510100002000";
/// The code of the item that the health office leads, until it is merged.
pub const HEALTH_ITEM: &str = "11519900MB9013027H3510100003000";
/// The code of the item of the suburb, which takes two to publish.
pub const SUBURB_ITEM: &str = "11519900MB9011128U3510105004000";
const TERM_END: &str = "2030-01-01T00:00:00Z";
/// The step of the approval bureau that runs beside that of market regulation.
pub const CHECK: &str = "核验";
/// The step of market regulation that runs beside that of the approval bureau.
pub const REVIEW: &str = "食品审查";
const DECISION: &str = "决定";
/// A field of the city's licence, and of the form that takes it from there.
const NAME: &str = "name";
/// The applicant's working days for what follows later.
pub const GAP_DAYS: u16 = 2;
/// The material that may follow later.
const GAP: u8 = 2;
/// What stands for a document.
const PAPER: Digest = Digest([3; 32]);

impl Person {
    /// The first key.
    pub fn secret(self, suite: Suite) -> SecretKey {
        secret(suite, self as u8)
    }

    /// The account.
    pub fn account(self, suite: Suite) -> AccountId {
        account_of(&self.secret(suite).public_key(), tongban_crypto::primitives(suite))
    }
}

/// The key that takes the place of Chen's, where he is not heard.
pub fn other_key(suite: Suite) -> SecretKey {
    secret(suite, OTHER_KEY)
}

/// The key that takes the place of the one that Wang loses.
pub fn new_key(suite: Suite) -> SecretKey {
    secret(suite, NEW_KEY)
}

fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).expect("a short text")
}

fn department(code: &str) -> DepartmentCode {
    code.parse().expect("the code of a department")
}

fn term_end() -> Time {
    TERM_END.parse().expect("a time")
}

fn possession(network: &Digest, account: &AccountId, key: &SecretKey) -> tongban_types::Signature {
    key.sign(&identity::possession_message(network, account, &key.public_key()))
}

fn position(office: &str, posts: &[&str]) -> orgs::Position {
    let posts = List::new(posts.iter().map(|post| text(post)).collect()).expect("few posts");
    orgs::Position { office: text(office), posts, staff_number: None }
}

fn right(role: Role) -> orgs::Right {
    orgs::Right { role, post: None, from: None, until: term_end() }
}

fn licence_type() -> LicenceTypeCode {
    format!("{MARKET}001").parse().expect("the code of a type")
}

fn pseudonym_of(who: Person) -> Digest {
    Digest([who as u8; 32])
}

/// Opens the recovery of somebody's account, with a new key.
pub fn open_recovery(who: Person, suite: Suite, network: &Digest) -> Call {
    let (account, key) =
        (who.account(suite), if who == Person::Wang { new_key(suite) } else { secret(suite, OTHER_KEY) });
    Call::Identity(identity::Call::OpenRecovery {
        department: department(POLICE),
        account,
        presented: Presented::Person { pseudonym: pseudonym_of(who) },
        verification: Reverification::AtTheCounter,
        possession: possession(network, &account, &key),
        key: key.public_key(),
        papers: PAPER,
    })
}

/// Tells him of it.
pub fn notice(recovery: u64) -> Call {
    Call::Identity(identity::Call::RecordNotice { recovery, channel: Channel::ShortMessage, papers: PAPER })
}

/// Approves it.
pub fn approve_recovery(recovery: u64) -> Call {
    Call::Identity(identity::Call::ApproveRecovery { department: department(POLICE), recovery })
}

fn given(material: u8) -> Given {
    Given { material, how: How::Electronic { commitment: PAPER } }
}

fn application(applicant: AccountId, form: Digest) -> Application {
    application_for(ITEM, applicant, form)
}

fn application_for(item: &str, applicant: AccountId, form: Digest) -> Application {
    Application {
        item: text(item),
        applicant,
        channel: HandleType::Online,
        crossing: Crossing::None,
        place: None,
        facts: area(50),
        form,
        materials: List::new(vec![given(0), given(1)]).expect("two"),
        gap_promise: None,
        renews: None,
        sources: AnswerSources::default(),
    }
}

fn area(square_metres: i64) -> Facts {
    Facts::new(vec![Fact { field: text("area"), value: FactValue::Number(square_metres) }]).expect("one")
}

fn file_this(application: Application) -> Call {
    Call::Cases(cases::Call::File { application: Box::new(application) })
}

/// Applies for the item, by wire. The form's commitment tells one application from all others.
pub fn file(applicant: AccountId, form: Digest) -> Call {
    file_this(application(applicant, form))
}

/// Applies for the item that the welfare bureau leads.
pub fn file_at_welfare(applicant: AccountId, form: Digest) -> Call {
    file_this(application_for(WELFARE_ITEM, applicant, form))
}

/// Applies for the item that the health office leads.
pub fn file_at_health(applicant: AccountId, form: Digest) -> Call {
    file_this(application_for(HEALTH_ITEM, applicant, form))
}

/// Applies for it, with a material that follows later, which is promised.
pub fn file_with_gap(applicant: AccountId, form: Digest) -> Call {
    let gap = Given { material: GAP, how: How::Gap {} };
    let materials = List::new(vec![given(0), given(1), gap]).expect("three");
    let application = application(applicant, form);
    file_this(Application { facts: area(150), materials, gap_promise: Some(PAPER), ..application })
}

/// Applies for it at the counter of the suburb.
pub fn file_elsewhere(applicant: AccountId, form: Digest) -> Call {
    let (crossing, place) = (Crossing::ReceivedElsewhere, Some(department(SUBURB)));
    file_this(Application { channel: HandleType::Counter, crossing, place, ..application(applicant, form) })
}

/// Applies for the renewal of a licence.
pub fn file_renewal(applicant: AccountId, form: Digest, licence: &LicenceIdentifier) -> Call {
    file_this(Application { renews: Some(licence.clone()), ..application(applicant, form) })
}

/// Receives an application.
pub fn receive(case: &CaseNumber) -> Call {
    Call::Cases(cases::Call::Receive { case: case.clone() })
}

/// Hands it over to the department that decides.
pub fn hand_over(case: &CaseNumber) -> Call {
    Call::Cases(cases::Call::HandOver { case: case.clone(), waybill: None })
}

/// Tells the applicant what to correct.
pub fn ask_correction(case: &CaseNumber) -> Call {
    let materials = List::new(vec![1]).expect("one");
    Call::Cases(cases::Call::AskCorrection { case: case.clone(), materials, points: text("平面图缺少尺寸") })
}

/// Corrects it.
pub fn supplement(case: &CaseNumber) -> Call {
    let materials = List::new(vec![given(1)]).expect("one");
    Call::Cases(cases::Call::Supplement {
        case: case.clone(),
        facts: None,
        form: None,
        materials,
        sources: AnswerSources::default(),
        gap_promise: None,
    })
}

/// Returns it, because it was not corrected.
pub fn return_case(case: &CaseNumber) -> Call {
    Call::Cases(cases::Call::ReturnCase { case: case.clone(), reasons: text("逾期未补正") })
}

/// Accepts it although something follows later.
pub fn accept_with_gap(case: &CaseNumber) -> Call {
    Call::Cases(cases::Call::AcceptWithGap { case: case.clone(), days: GAP_DAYS, notice: PAPER })
}

/// Hands in what was to follow.
pub fn fill_gap(case: &CaseNumber) -> Call {
    let materials = List::new(vec![given(GAP)]).expect("one");
    Call::Cases(cases::Call::FillGap { case: case.clone(), materials })
}

/// Proposes to terminate it.
pub fn propose_termination(case: &CaseNumber) -> Call {
    Call::Cases(cases::Call::ProposeTermination { case: case.clone(), reasons: text("容缺材料逾期未补齐") })
}

/// Terminates it.
pub fn terminate(case: &CaseNumber) -> Call {
    Call::Cases(cases::Call::Terminate { case: case.clone(), reasons: text("容缺材料逾期未补齐") })
}

/// Accepts it.
pub fn accept(case: &CaseNumber) -> Call {
    Call::Cases(cases::Call::Accept { case: case.clone() })
}

/// Refuses to accept it.
pub fn refuse_acceptance(case: &CaseNumber) -> Call {
    let (reasons, remedies) = (text("不属于本机关职权"), text("可申请行政复议"));
    Call::Cases(cases::Call::RefuseAcceptance { case: case.clone(), reasons, remedies })
}

/// Finishes a step.
pub fn finish(case: &CaseNumber, step: &str) -> Call {
    Call::Cases(cases::Call::FinishStep { case: case.clone(), step: text(step), passed: true, opinion: Some(PAPER) })
}

/// Begins a special procedure of a step.
pub fn stop_clock(case: &CaseNumber, step: &str, until: Time) -> Call {
    let (procedure, reason) = (ProcedureKind::Test, text("抽样检验"));
    Call::Cases(cases::Call::StopClock { case: case.clone(), step: text(step), procedure, reason, until })
}

/// Ends it.
pub fn resume_clock(case: &CaseNumber, step: &str) -> Call {
    Call::Cases(cases::Call::ResumeClock { case: case.clone(), step: text(step) })
}

/// Decides.
pub fn decide(case: &CaseNumber, is_granted: bool) -> Call {
    let (ruling, remedies) =
        if is_granted { (Ruling::Grant, "") } else { (Ruling::Refuse, "可在六十日内申请行政复议") };
    Call::Cases(cases::Call::Decide {
        case: case.clone(),
        step: text(DECISION),
        ruling,
        reasons: text("依据审查意见"),
        remedies: text(remedies),
        opinion: Some(PAPER),
    })
}

/// The identifier of a licence by its serial.
pub fn licence(serial: u32) -> LicenceIdentifier {
    version_of(serial, 1)
}

fn version_of(serial: u32, version: u16) -> LicenceIdentifier {
    let issuer = LicenceIssuer::Body(department(APPROVAL));
    LicenceIdentifier::new(licence_type(), issuer, &format!("S{serial}"), version).expect("a short serial")
}

/// The beginning of the Beijing day of a time.
pub fn day_of(at: Time) -> Time {
    let (day, ahead) = (86_400_000, 8 * 3_600_000);
    Time::from_millis((at.as_millis() + ahead) / day * day - ahead).expect("before the year 10000")
}

/// When a licence ends that is to be renewed: a little more ahead than one has to apply.
pub fn short_end(from: Time) -> Time {
    from.plus_millis(32 * 86_400_000)
}

/// When any other licence ends.
pub fn long_end() -> Time {
    "2029-01-01T00:00:00+08:00".parse().expect("a time")
}

fn content(from: Time, until: Time) -> Content {
    let period = Period { from: Some(from), until: Some(until) };
    Content {
        certificate_number: Some(PAPER),
        face: FaceRoot { root: PAPER, fields: 1 },
        period,
        metadata: Metadata::default(),
    }
}

/// Issues it, for a case.
pub fn issue(
    identifier: &LicenceIdentifier,
    case: &CaseNumber,
    holder: AccountId,
    (from, until): (Time, Time),
) -> Call {
    let (identifier, case, content) = (identifier.clone(), Some(case.clone()), content(from, until));
    Call::Licences(licences::Call::Issue { identifier, case, holder, content, ground: None })
}

/// The version that takes the place of a licence by its serial.
pub fn renewed(serial: u32) -> LicenceIdentifier {
    version_of(serial, 2)
}

/// Makes it out, from the end of the old one on, for the case that renews it.
pub fn renew(serial: u32, case: &CaseNumber, ended: Time) -> Call {
    let (identifier, case, content) = (licence(serial), Some(case.clone()), content(ended, long_end()));
    let cause = licences::SupersessionCause::Renewal;
    Call::Licences(licences::Call::Supersede { identifier, cause, case, content, ground: None })
}

/// Records it in its case.
pub fn certify(case: &CaseNumber, licence: &LicenceIdentifier) -> Call {
    let result = Produced::Licence { licence: licence.clone() };
    Call::Cases(cases::Call::IssueCertificate { case: case.clone(), step: Some(text("制证")), result })
}

/// Delivers the result, in the step for it where it was granted.
pub fn deliver(case: &CaseNumber, is_granted: bool) -> Call {
    let (step, way) = (is_granted.then(|| text("送达")), DeliveryWay::Online);
    Call::Cases(cases::Call::Deliver { case: case.clone(), step, way, waybill: None, receiver: None })
}

/// Closes the case.
pub fn close(case: &CaseNumber) -> Call {
    Call::Cases(cases::Call::Close { case: case.clone() })
}

/// Withdraws the application.
pub fn withdraw(case: &CaseNumber) -> Call {
    Call::Cases(cases::Call::Withdraw { case: case.clone() })
}

/// Appeals against how it ended.
pub fn appeal(case: &CaseNumber) -> Call {
    Call::Cases(cases::Call::Appeal { case: case.clone(), grounds: PAPER })
}

/// Decides the appeal.
pub fn decide_appeal(case: &CaseNumber, upheld: bool) -> Call {
    Call::Cases(cases::Call::DecideAppeal { case: case.clone(), upheld, reasons: text("依据复核意见") })
}

/// Takes the case up again.
pub fn reconsider(case: &CaseNumber) -> Call {
    Call::Cases(cases::Call::Reconsider { case: case.clone() })
}

/// Proposes to revoke what was granted.
pub fn propose_revocation(case: &CaseNumber) -> Call {
    Call::Cases(cases::Call::ProposeRevocation { case: case.clone(), reasons: text("申请材料不实") })
}

/// Revokes what was granted.
pub fn decide_revocation(case: &CaseNumber) -> Call {
    Call::Cases(cases::Call::DecideRevocation {
        case: case.clone(), revoked: true, reasons: text("申请材料不实")
    })
}

fn ground() -> Ground {
    let basis = LegalBasis { law: text("行政许可法"), article: text("第六十九条") };
    Ground { basis, reason: text("监督检查发现问题"), document: None }
}

/// Suspends a licence.
pub fn suspend(identifier: &LicenceIdentifier) -> Call {
    Call::Licences(licences::Call::Suspend { identifier: identifier.clone(), until: None, ground: ground() })
}

/// Resumes it.
pub fn resume(identifier: &LicenceIdentifier) -> Call {
    Call::Licences(licences::Call::Resume { identifier: identifier.clone(), ground: ground() })
}

/// Revokes it.
pub fn revoke(identifier: &LicenceIdentifier) -> Call {
    let by = department(APPROVAL);
    Call::Licences(licences::Call::Revoke { identifier: identifier.clone(), by, ground: ground() })
}

/// Records that market regulation is shown a licence, for a case and by law.
pub fn record_access(
    id: AccessId,
    identifier: &LicenceIdentifier,
    case: &CaseNumber,
    person: AccountId,
    suite: Suite,
) -> Call {
    let receiver = department(MARKET);
    let reading = sharing::Reading { person, receiver, purpose: sharing::Purpose::Supervision, item: text(ITEM) };
    let basis = LegalBasis { law: text("食品安全法"), article: text("第一百一十条") };
    let handout = sharing::Handout {
        reading,
        provider: department(APPROVAL),
        licence: identifier.clone(),
        fields: sharing::Fields::Whole,
        reader: Person::FoodReviewer.account(suite),
        case: Some(case.clone()),
        ground: sharing::Ground::Law { ground: sharing::LegalGround::StatutoryDuty, basis },
    };
    Call::Sharing(sharing::Call::RecordAccess { id, handout })
}

/// Says that a licence of one's own is wrong.
pub fn report_error(id: CorrectionId, licence: &LicenceIdentifier, holder: AccountId) -> Call {
    let request = sharing::CorrectionRequest {
        holder,
        licence: licence.clone(),
        field: text(NAME),
        reason: sharing::CorrectionReason::Mistaken,
        statement: Some(PAPER),
        case: None,
    };
    Call::Sharing(sharing::Call::OpenCorrection { id, request })
}

/// Answers that it is right.
pub fn answer_error(id: CorrectionId) -> Call {
    let answer = sharing::Answer::Kept { reason: text("与登记档案一致") };
    Call::Sharing(sharing::Call::AnswerCorrection { id, answer })
}
