//! The people of the stories, and how a story is told: a table whose last column is the event or the error code.

use crate::{Call, Event, RULES, identity, orgs};
use std::sync::LazyLock;
use tongban_crypto::pseudonym::hmac;
use tongban_crypto::{SecretKey, primitives};
use tongban_kernel::Role;
use tongban_kernel::testing::Story;
use tongban_types::codes::DocumentKind;
use tongban_types::genesis::{GENESIS_VERSION, GenesisAccount, Parameters, account_of};
use tongban_types::{
    AccountId, Digest, Genesis, List, Outcome, PublicKey, Suite, Text, Time, Validator, ValidatorSet, codec,
};

/// Who acts in a story. The discriminant seeds the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Who {
    /// Administrator.
    Admin = 1,
    /// Registrar.
    Registrar,
    /// Depositor.
    Alice,
    /// Depositor.
    Bob,
    /// Witness.
    Court,
    /// Witness and depositor.
    Notary,
    /// An account without roles.
    Eve,
    /// Nobody's account yet.
    Stranger,
    /// Publisher.
    Editor,
    /// A citizen, with no role anywhere; he and all who follow are there in the stories of [`city`].
    Zhang,
    /// Another citizen.
    Li,
    /// Administrator of the city's government, and so of all its departments.
    Mayor,
    /// Administrator of the approval bureau alone.
    Clerk,
    /// Officer of the approval bureau without any role.
    Trainee,
    /// Receiver at `综合窗口受理岗`, approval bureau.
    Receiver,
    /// Acceptor at `综合窗口受理岗`, approval bureau.
    Acceptor,
    /// Reviewer at `数据核验`, approval bureau.
    Checker,
    /// Approver at `首席审批员`, approval bureau.
    Approver,
    /// Another one, for what a different officer has to decide.
    SecondApprover,
    /// Head of the approval bureau.
    Head,
    /// Issuer at `制证岗` and `综合窗口出件岗`, approval bureau.
    Issuer,
    /// Supervisor of the approval bureau.
    Supervisor,
    /// Data officer of the approval bureau.
    DataOfficer,
    /// Importer of the approval bureau.
    Importer,
    /// Reviewer at `食品经营审查岗`, market regulation.
    FoodReviewer,
    /// Reviewer at `现场核查岗`, market regulation.
    FoodInspector,
    /// Issuer of market regulation.
    MarketIssuer,
    /// Data officer of market regulation.
    MarketDataOfficer,
    /// Importer of market regulation.
    MarketImporter,
    /// Reviewer at `消防监督岗`, fire and rescue.
    FireInspector,
    /// Reviewer at `户外广告岗`, city management.
    SignReviewer,
    /// Reviewer at `大气环境岗`, environment.
    AirReviewer,
    /// Identity officer of public security.
    IdentityOfficer,
    /// Recovery approver of public security.
    RecoveryApprover,
    /// Data officer of public security.
    PoliceDataOfficer,
    /// Identity officer of civil affairs: deaths, guardians.
    CivilOfficer,
    /// Issuer of civil affairs.
    CivilIssuer,
}

impl Who {
    pub fn secret(self) -> SecretKey {
        secret(self as u8)
    }

    pub fn key(self) -> PublicKey {
        self.secret().public_key()
    }

    pub fn account(self) -> AccountId {
        account_of(&self.key(), primitives(Suite::Intl))
    }
}

/// A key of its own for each seed.
pub fn secret(seed: u8) -> SecretKey {
    SecretKey::from_bytes(Suite::Intl, &[seed; 32]).expect("a valid key")
}

pub fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).expect("a valid text")
}

/// The network of the stories, which begins on 2026-01-01.
pub fn network() -> Story {
    let given = |who: Who, name: &str, roles: &[&str]| GenesisAccount {
        name: text(name),
        key: who.key(),
        roles: List::new(roles.iter().map(|role| text(role)).collect()).expect("few roles"),
    };
    let accounts = vec![
        given(Who::Admin, "运维", &["administrator"]),
        given(Who::Registrar, "公安局", &["registrar"]),
        given(Who::Alice, "生态环境局", &["depositor"]),
        given(Who::Bob, "民政局", &["depositor"]),
        given(Who::Court, "法院", &["witness"]),
        given(Who::Notary, "公证处", &["witness", "depositor"]),
        given(Who::Eve, "图书馆", &[]),
        given(Who::Editor, "政务服务局", &["publisher"]),
    ];
    let validator = Validator { department: text("数据局"), key: secret(100).public_key() };
    let genesis = Genesis {
        version: GENESIS_VERSION,
        name: text("story"),
        suite: Suite::Intl,
        time: "2026-01-01T00:00:00Z".parse::<Time>().expect("a time"),
        validators: ValidatorSet::new(vec![validator]).expect("one validator"),
        accounts: List::new(accounts).expect("few accounts"),
        parameters: Parameters::default(),
    };
    Story::new(RULES, primitives(Suite::Intl), genesis)
}

/// The government of the city, the root of all its departments.
pub const GOVERNMENT: &str = "11519900MB9012112F";
/// The approval bureau, which leads in `examples/items/restaurant.yaml`.
pub const APPROVAL: &str = "11519900MB9012235G";
/// Market regulation.
pub const MARKET: &str = "11519900MB90100105";
/// Fire and rescue.
pub const FIRE: &str = "11519900MB90103873";
/// City management.
pub const MANAGEMENT: &str = "11519900MB9011128U";
/// Environment.
pub const ENVIRONMENT: &str = "11519900MB9011865E";
/// Public security.
pub const POLICE: &str = "11519900MB9014337T";
/// Civil affairs.
pub const CIVIL: &str = "11519900MB9015444F";

/// The departments below the government, full and short.
const DEPARTMENTS: [(&str, &str, &str); 7] = [
    (APPROVAL, "云港市行政审批局", "审批局"),
    (MARKET, "云港市市场监督管理局", "市监局"),
    (FIRE, "云港市消防救援支队", "消防支队"),
    (MANAGEMENT, "云港市城市管理局", "城管局"),
    (ENVIRONMENT, "云港市生态环境局", "环境局"),
    (POLICE, "云港市公安局", "公安局"),
    (CIVIL, "云港市民政局", "民政局"),
];

/// The officers: who, where, posts, roles (for all of the posts).
pub const CITY_OFFICERS: [(Who, &str, &[&str], &[Role]); 25] = [
    (Who::Clerk, APPROVAL, &[], &[Role::DepartmentAdministrator]),
    (Who::Trainee, APPROVAL, &["综合窗口受理岗"], &[]),
    (Who::Receiver, APPROVAL, &["综合窗口受理岗"], &[Role::Receiver]),
    (Who::Acceptor, APPROVAL, &["综合窗口受理岗"], &[Role::Acceptor]),
    (Who::Checker, APPROVAL, &["数据核验"], &[Role::Reviewer]),
    (Who::Approver, APPROVAL, &["首席审批员"], &[Role::Approver]),
    (Who::SecondApprover, APPROVAL, &["首席审批员"], &[Role::Approver]),
    (Who::Head, APPROVAL, &[], &[Role::Head]),
    (Who::Issuer, APPROVAL, &["制证岗", "综合窗口出件岗"], &[Role::Issuer]),
    (Who::Supervisor, APPROVAL, &[], &[Role::Supervisor]),
    (Who::DataOfficer, APPROVAL, &[], &[Role::DataOfficer]),
    (Who::Importer, APPROVAL, &[], &[Role::Importer]),
    (Who::FoodReviewer, MARKET, &["食品经营审查岗"], &[Role::Reviewer]),
    (Who::FoodInspector, MARKET, &["现场核查岗"], &[Role::Reviewer]),
    (Who::MarketIssuer, MARKET, &[], &[Role::Issuer]),
    (Who::MarketDataOfficer, MARKET, &[], &[Role::DataOfficer]),
    (Who::MarketImporter, MARKET, &[], &[Role::Importer]),
    (Who::FireInspector, FIRE, &["消防监督岗"], &[Role::Reviewer]),
    (Who::SignReviewer, MANAGEMENT, &["户外广告岗"], &[Role::Reviewer]),
    (Who::AirReviewer, ENVIRONMENT, &["大气环境岗"], &[Role::Reviewer]),
    (Who::IdentityOfficer, POLICE, &[], &[Role::IdentityOfficer]),
    (Who::RecoveryApprover, POLICE, &[], &[Role::RecoveryApprover]),
    (Who::PoliceDataOfficer, POLICE, &[], &[Role::DataOfficer]),
    (Who::CivilOfficer, CIVIL, &[], &[Role::IdentityOfficer]),
    (Who::CivilIssuer, CIVIL, &[], &[Role::Issuer]),
];

/// The term of all rights in [`city`] ends here, that of the mayor a day later.
pub const TERM_END: &str = "2030-01-01T00:00:00Z";

pub fn code<T: TryFrom<&'static str, Error: std::fmt::Debug>>(text: &'static str) -> T {
    T::try_from(text).expect("a valid code")
}

pub fn time(text: &str) -> Time {
    text.parse().expect("a time")
}

/// A department of the stories by number, none of the city's.
pub fn department_code(number: u8) -> &'static str {
    let codes = "0123456789ABCDEFGHJKLMNPQRTUWXY".chars().map(|check| format!("12519900MB900{number:03}1{check}"));
    let code = codes.into_iter().find(|code| code.parse::<orgs::DepartmentCode>().is_ok());
    code.expect("one character is the right one").leak()
}

/// A department of the city, as it is registered.
pub fn profile(name: &str, short_name: &str) -> orgs::Profile {
    let division = code("510100000000");
    orgs::Profile { name: text(name), short_name: text(short_name), division, host: None }
}

/// Opens the account of a person who has no role in the network.
pub fn open_person(story: &Story, who: Who) -> Call {
    open(story, who, identity::AccountKind::Person, None)
}

/// Opens the account of a program that does automatic steps.
pub fn open_system(story: &Story, who: Who) -> Call {
    open(story, who, identity::AccountKind::System, Some(text("数据比对系统")))
}

fn open(story: &Story, who: Who, kind: identity::AccountKind, name: Option<Text<200>>) -> Call {
    let message = identity::possession_message(&story.network(), &who.account(), &who.key());
    let possession = who.secret().sign(&message);
    Call::Identity(identity::Call::OpenAccount { kind, name, key: who.key(), possession })
}

pub fn appoint(department: &'static str, who: Who, posts: &[&str]) -> Call {
    let (department, account, position) = (code(department), who.account(), position(posts));
    Call::Orgs(orgs::Call::Appoint { department, account, position })
}

pub fn grant(department: &'static str, who: Who, role: Role, post: Option<&str>, until: &str) -> Call {
    let right = orgs::Right { role, post: post.map(text), from: None, until: time(until) };
    Call::Orgs(orgs::Call::Grant { department: code(department), account: who.account(), right })
}

/// Authorises a department to establish identities.
pub fn authorise(department: &'static str) -> Call {
    Call::Identity(identity::Call::AuthoriseDepartment { department: code(department) })
}

/// The pseudonym of whose account this is, as the identity authority would make it.
pub fn pseudonym_of(who: Who) -> Digest {
    hmac(Suite::Intl, &[9; 32], &[&[who as u8]])
}

/// Binds the account of a person at the level L3; for an officer of public security.
pub fn bind(who: Who) -> Call {
    Call::Identity(identity::Call::BindPerson {
        department: code(POLICE),
        account: who.account(),
        kind: DocumentKind::RESIDENT_IDENTITY_CARD,
        pseudonym: pseudonym_of(who),
        level: identity::AssuranceLevel::L3,
        papers: Digest([7; 32]),
        issued_by: None,
    })
}

pub fn withdraw(department: &'static str, who: Who, role: Role, post: Option<&str>) -> Call {
    Call::Orgs(orgs::Call::WithdrawGrant {
        department: code(department),
        account: who.account(),
        role,
        post: post.map(text),
    })
}

pub fn dismiss(department: &'static str, who: Who) -> Call {
    Call::Orgs(orgs::Call::Dismiss { department: code(department), account: who.account(), reason: text("退休") })
}

pub fn position(posts: &[&str]) -> orgs::Position {
    let posts = List::new(posts.iter().map(|post| text(post)).collect()).expect("few posts");
    orgs::Position { office: text("科员"), posts, staff_number: Some(text("0417")) }
}

pub fn transfer(who: Who, from: &'static str, to: &'static str, posts: &[&str]) -> Call {
    let position = position(posts);
    Call::Orgs(orgs::Call::Transfer { account: who.account(), from: code(from), to: code(to), position })
}

pub fn offer_transfer(who: Who, from: &'static str, to: &'static str, until: &str) -> Call {
    let (account, until) = (who.account(), time(until));
    Call::Orgs(orgs::Call::OfferTransfer { account, from: code(from), to: code(to), until })
}

pub fn withdraw_offer(who: Who, from: &'static str) -> Call {
    Call::Orgs(orgs::Call::WithdrawOffer { account: who.account(), from: code(from) })
}

pub fn accept_transfer(who: Who, from: &'static str, to: &'static str, posts: &[&str]) -> Call {
    let position = position(posts);
    Call::Orgs(orgs::Call::AcceptTransfer { account: who.account(), from: code(from), to: code(to), position })
}

pub fn decline_transfer(who: Who, from: &'static str, to: &'static str) -> Call {
    let (account, reason) = (who.account(), text("编制已满"));
    Call::Orgs(orgs::Call::DeclineTransfer { account, from: code(from), to: code(to), reason })
}

pub fn amend_division(division: &'static str, amendment: orgs::DivisionAmendment, from: &str) -> Call {
    Call::Orgs(orgs::Call::AmendDivision { division: code(division), amendment, from: time(from) })
}

pub fn name_responsible(department: &'static str) -> Call {
    Call::Orgs(orgs::Call::NameResponsible { department: code(department) })
}

pub fn deputy(who: Who, absent: Who, until: &str) -> orgs::Deputy {
    orgs::Deputy { account: who.account(), of: absent.account(), from: None, until: time(until) }
}

pub fn name_deputy(department: &'static str, who: Who, absent: Who, until: &str) -> Call {
    Call::Orgs(orgs::Call::NameDeputy { department: code(department), deputy: deputy(who, absent, until) })
}

pub fn end_deputy(department: &'static str, who: Who, absent: Who) -> Call {
    Call::Orgs(orgs::Call::EndDeputy { department: code(department), account: who.account(), of: absent.account() })
}

pub fn register(department: &'static str) -> Call {
    Call::Orgs(orgs::Call::RegisterDepartment {
        department: code(department),
        profile: profile("甲市人民政府", "市政府"),
    })
}

pub fn register_for(parent: &'static str, department: &'static str, division: &'static str) -> Call {
    let profile = orgs::Profile { division: code(division), ..profile("政务服务中心", "中心") };
    Call::Orgs(orgs::Call::RegisterSubordinate { parent: code(parent), department: code(department), profile })
}

pub fn register_below(parent: &'static str, department: &'static str) -> Call {
    register_for(parent, department, "510100000000")
}

pub fn name_administrator(department: &'static str, who: Who, until: &str) -> Call {
    let (office, until) = (text("主任"), time(until));
    Call::Orgs(orgs::Call::NameAdministrator { department: code(department), account: who.account(), office, until })
}

pub fn change(department: &'static str, change: orgs::Change) -> Call {
    Call::Orgs(orgs::Call::ChangeDepartment { department: code(department), change })
}

pub fn change_root(department: &'static str, change: orgs::Change) -> Call {
    Call::Orgs(orgs::Call::ChangeRoot { department: code(department), change })
}

pub fn suspend() -> orgs::Change {
    orgs::Change::Suspend { reason: text("机构改革") }
}

pub fn close(merged_into: Option<&'static str>) -> orgs::Change {
    orgs::Change::Close { merged_into: merged_into.map(code), reason: text("机构改革") }
}

pub fn four_eyes(required: bool) -> orgs::Change {
    orgs::Change::FourEyes { required }
}

pub fn bound_officers(required: bool) -> orgs::Change {
    orgs::Change::BoundOfficers { required }
}

pub fn right(role: Role, post: Option<&str>, from: Option<&str>, until: &str) -> orgs::Right {
    orgs::Right { role, post: post.map(text), from: from.map(time), until: time(until) }
}

pub fn give(department: &'static str, who: Who, right: orgs::Right) -> Call {
    Call::Orgs(orgs::Call::Grant { department: code(department), account: who.account(), right })
}

pub fn propose(department: &'static str, who: Who, role: Role, until: &str) -> Call {
    let proposed = orgs::Proposed::Grant { account: who.account(), right: right(role, None, None, until) };
    Call::Orgs(orgs::Call::Propose { department: code(department), proposed })
}

pub fn propose_deputy(department: &'static str, who: Who, absent: Who, until: &str) -> Call {
    let proposed = orgs::Proposed::Deputy { deputy: deputy(who, absent, until) };
    Call::Orgs(orgs::Call::Propose { department: code(department), proposed })
}

pub fn propose_waiver(department: &'static str, safeguard: orgs::Safeguard) -> Call {
    let proposed = orgs::Proposed::Waiver { safeguard };
    Call::Orgs(orgs::Call::Propose { department: code(department), proposed })
}

pub fn approve(department: &'static str, number: u32) -> Call {
    Call::Orgs(orgs::Call::Approve { department: code(department), number })
}

pub fn reject(department: &'static str, number: u32) -> Call {
    Call::Orgs(orgs::Call::Reject { department: code(department), number, reason: text("理由不足") })
}

/// The network of the stories with a city: its government with all departments of `examples/items/restaurant.yaml`, public security and civil
/// affairs, their officers ([`Who`] says who is what), and two citizens. It is founded once and copied, so that a
/// property may begin with it, too.
pub fn city() -> Story {
    static CITY: LazyLock<Story> = LazyLock::new(found_city);
    CITY.clone()
}

fn found_city() -> Story {
    let mut story = network();
    let people = [Who::Zhang, Who::Li, Who::Mayor].into_iter().chain(CITY_OFFICERS.map(|(who, ..)| who));
    let accounts: Vec<_> = people.map(|who| open_person(&story, who)).collect();
    let government = profile("云港市人民政府", "市政府");
    let root = vec![
        Call::Orgs(orgs::Call::RegisterDepartment { department: code(GOVERNMENT), profile: government }),
        Call::Orgs(orgs::Call::NameAdministrator {
            department: code(GOVERNMENT),
            account: Who::Mayor.account(),
            office: text("人事处处长"),
            until: time("2030-01-02T00:00:00Z"),
        }),
    ];
    let authorities = vec![authorise(POLICE), authorise(CIVIL)];
    let below = DEPARTMENTS.map(|(department, name, short_name)| {
        let (parent, profile) = (code(GOVERNMENT), profile(name, short_name));
        Call::Orgs(orgs::Call::RegisterSubordinate { parent, department: code(department), profile })
    });
    let appointments = CITY_OFFICERS.map(|(who, department, posts, _)| appoint(department, who, posts));
    let grants = CITY_OFFICERS.into_iter().flat_map(|(who, department, _, roles)| {
        roles.iter().map(move |role| grant(department, who, *role, None, TERM_END))
    });
    let by_mayor = [below.to_vec(), appointments.to_vec(), grants.collect()].concat();
    let steps = [(Who::Registrar, accounts), (Who::Admin, root), (Who::Mayor, by_mayor), (Who::Admin, authorities)];
    for (who, calls) in steps {
        let receipt = story.act(&who.key(), calls.iter().map(Call::to_bytes).collect());
        assert!(matches!(receipt.outcome, Outcome::Applied { .. }), "{who:?}: {}", outcome_name(&receipt.outcome));
    }
    story
}

/// Tells a story: each line is who acts, what is called, and the event's name or the error code.
pub fn tell(story: &mut Story, lines: &[(Who, Call, &str)]) {
    for (line, (who, call, expected)) in lines.iter().enumerate() {
        let receipt = story.act(&who.key(), vec![call.to_bytes()]);
        assert_eq!(outcome_name(&receipt.outcome), *expected, "line {line}: {who:?} {call:?}");
    }
}

/// The error code, or the name of the (last) event.
pub fn outcome_name(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Refused(refusal) => refusal.code.to_string(),
        Outcome::Applied { events } => {
            let event: Event = codec::decode(events.last().expect("an event").as_ref()).expect("an event of ours");
            let json = match &event {
                Event::Network(event) => format!("{event:?}"),
                Event::Identity(event) => format!("{event:?}"),
                Event::Evidence(event) => format!("{event:?}"),
                Event::Catalogue(event) => format!("{event:?}"),
                Event::Orgs(event) => format!("{event:?}"),
                Event::Sharing(event) => format!("{event:?}"),
                Event::Licences(event) => format!("{event:?}"),
                Event::Representation(event) => format!("{event:?}"),
                Event::Cases(event) => format!("{event:?}"),
                Event::History(event) => format!("{event:?}"),
            };
            json.split([' ', '{']).next().expect("a name").to_owned()
        }
    }
}
