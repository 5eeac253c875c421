//! The organisation file, the plan that comes of it, and what applying it does on a ledger in memory.

use super::commands::{Applied, Signers, apply, signer};
use super::differences::differences;
use super::file::Organisation;
use super::keys::{Keys, read_or_imagine, read_or_make};
use super::known::{KnownAccount, ask};
use super::plan::{Known, account, approvers, foreseen, plan};
use super::problems::OrganisationError;
use super::target::OrganisationTarget;
use crate::catalogue::item_file::parse;
use crate::new_key::possession_of;
use crate::signer::Signer;
use indicatif::ProgressBar;
use std::collections::BTreeSet;
use std::sync::Mutex;
use strum::IntoEnumIterator as _;
use tongban_crypto::{SecretKey, primitives};
use tongban_kernel::Role;
use tongban_kernel::testing::Story;
use tongban_modules::identity::{self, AccountKind};
use tongban_modules::orgs::{self, Change, Proposed, Right, Safeguard};
use tongban_modules::{Call, Query, RULES, View};
use tongban_types::genesis::{GENESIS_VERSION, GenesisAccount, Parameters};
use tongban_types::{AccountId, Digest, Genesis, List, Outcome, Receipt, Suite, Text, Time, Validator, ValidatorSet};

const EXAMPLE: &str = include_str!("../../../../examples/organisation.yaml");
const SUITE: Suite = Suite::Intl;
/// The approval bureau, which leads.
const APPROVAL: &str = "11519900MB9012235G";
/// The seeds of the network's administrator, of the registrar and of a validator.
const OF_NETWORK: [u8; 3] = [201, 202, 204];

fn organisation(text: &str) -> Organisation {
    Organisation::from_value(parse(text).expect("YAML")).expect("an organisation")
}

fn example() -> Organisation {
    organisation(EXAMPLE)
}

fn secret(seed: u8) -> SecretKey {
    SecretKey::from_bytes(SUITE, &[seed; 32]).expect("a key")
}

/// A key for each name, the same for the same name in every file.
fn keys(organisation: &Organisation) -> Keys {
    let seed = |name: &str| name.bytes().fold(1u64, |seed, byte| seed.wrapping_mul(1_000_003) ^ u64::from(byte));
    let key = |name: &str| {
        let bytes = [seed(name).to_be_bytes(); 4].concat();
        SecretKey::from_bytes(SUITE, bytes.as_slice().try_into().expect("32 bytes")).expect("a key")
    };
    organisation.keys().into_iter().map(|name| (name.to_string(), key(name))).collect()
}

/// A ledger in memory, which counts what is submitted.
struct Ledger {
    story: Mutex<Story>,
    submitted: Mutex<usize>,
}

impl Ledger {
    fn new() -> Self {
        let text = |text: &str| Text::new(text).expect("short");
        let account = |(seed, role): (u8, &str)| GenesisAccount {
            name: text(role),
            key: secret(seed).public_key(),
            roles: List::new(vec![Text::new(role).expect("short")]).expect("one"),
        };
        let [administrator, registrar, validator] = OF_NETWORK;
        let accounts = [(administrator, "administrator"), (registrar, "registrar")].map(account);
        let validator = |(place, department): (u8, &str)| Validator {
            department: Text::new(department).expect("short"),
            key: secret(validator + place).public_key(),
        };
        let validators = [(0, "云港市数据局"), (1, "云港市民政局")].map(validator);
        let genesis = Genesis {
            version: GENESIS_VERSION,
            name: Text::new("organisations").expect("short"),
            suite: SUITE,
            time: "2026-01-01T00:00:00Z".parse().expect("a time"),
            validators: ValidatorSet::new(validators.into()).expect("two"),
            accounts: List::new(accounts.into()).expect("two"),
            parameters: Parameters::default(),
        };
        let story = Story::new(RULES, primitives(SUITE), genesis);
        Self { story: Mutex::new(story), submitted: Mutex::new(0) }
    }

    fn network(&self) -> Digest {
        self.story.lock().expect("no test panics in it").network()
    }

    fn submitted(&self) -> usize {
        *self.submitted.lock().expect("no test panics in it")
    }

    fn signers(&self, keys: &Keys, approver: Option<&str>) -> Signers {
        let of_network = |place: usize| Signer::new(secret(OF_NETWORK[place]), self.network());
        let officer = |name: &str| signer(&keys[name], self.network()).expect("a good key");
        Signers {
            administrator: of_network(0),
            registrar: of_network(1),
            government: officer("mayor"),
            approver: approver.map(officer),
        }
    }

    fn apply(&self, organisation: &Organisation, approver: Option<&str>) -> anyhow::Result<Applied> {
        let keys = keys(organisation);
        let signers = self.signers(&keys, approver);
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let network = self.network();
        runtime.block_on(apply(self, organisation, &keys, &network, &signers, &ProgressBar::hidden()))
    }

    fn known(&self, organisation: &Organisation) -> Known {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(ask(self, organisation, &keys(organisation), &ProgressBar::hidden())).expect("answers")
    }

    /// Does what only a call does.
    fn act(&self, signer: &Signer, call: orgs::Call) {
        self.submit_one(signer, Call::Orgs(call));
    }

    /// The same for accounts.
    fn act_on_account(&self, signer: &Signer, call: identity::Call) {
        self.submit_one(signer, Call::Identity(call));
    }

    fn submit_one(&self, signer: &Signer, call: Call) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let receipt = runtime.block_on(self.submit(signer, &[call])).expect("a receipt");
        assert!(matches!(receipt.outcome, Outcome::Applied { .. }), "{:?}", receipt.outcome);
    }
}

impl OrganisationTarget for Ledger {
    async fn time(&self) -> anyhow::Result<Time> {
        Ok(self.story.lock().expect("no test panics in it").time())
    }

    async fn answer(&self, question: &Query) -> anyhow::Result<View> {
        let story = self.story.lock().expect("no test panics in it");
        story.ask(|state| question.answer(state)).map_err(|stop| anyhow::anyhow!("no answer: {stop:?}"))
    }

    async fn submit(&self, signer: &Signer, calls: &[Call]) -> anyhow::Result<Receipt> {
        *self.submitted.lock().expect("no test panics in it") += 1;
        let tx = signer.sign(calls)?.tx;
        let calls = calls.iter().map(Call::to_bytes).collect();
        Ok(self.story.lock().expect("no test panics in it").act_with(tx.account, &tx.key, calls))
    }
}

#[test]
fn the_example_opens_each_account_once_and_registers_departments_before_their_officers() {
    let organisation = example();
    let keys = keys(&organisation);
    let plan = plan(&organisation, &keys, &Digest::ZERO, &Known::default());
    assert_eq!(plan.by_registrar.len(), organisation.keys().len());
    assert_eq!(plan.by_administrator.len(), 2);
    let mut registered = vec![organisation.government.code];
    for call in &plan.by_government {
        match call {
            Call::Orgs(orgs::Call::RegisterSubordinate { parent, department, .. }) => {
                assert!(registered.contains(parent));
                registered.push(*department);
            }
            Call::Orgs(orgs::Call::Appoint { department, .. } | orgs::Call::Grant { department, .. }) => {
                assert!(registered.contains(department));
            }
            other => panic!("no part of a plan: {other:?}"),
        }
    }
    assert_eq!(registered.len(), organisation.departments.len() + 1);
}

#[test]
fn what_the_ledger_has_is_left_alone() {
    let organisation = example();
    let keys = keys(&organisation);
    let mut known = Known { time: Time::default(), ..Known::default() };
    let person = KnownAccount { kind: AccountKind::Person, is_active: true };
    known.accounts.extend(keys.keys().map(|name| (account(&keys, name), person)));
    known.departments = foreseen(&organisation, &Known::default()).0;
    let plan = plan(&organisation, &keys, &Digest::ZERO, &known);
    assert!(plan.by_registrar.is_empty() && plan.by_administrator.is_empty());
    let is_of_officer = |call: &Call| matches!(call, Call::Orgs(orgs::Call::Appoint { .. } | orgs::Call::Grant { .. }));
    assert!(plan.by_government.iter().all(is_of_officer));
}

#[test]
fn a_file_with_a_wrong_code_a_wrong_role_or_an_unknown_field_says_where() {
    for (from, to, place) in [
        ("code: 11519900MB90100105", "code: 11519900MB90100106", "departments[1].code"),
        ("roles: [head]", "roles: [headmaster]", "departments[0].officers[5].roles[0]"),
        ("office: 局长", "offfice: 局长", "departments[0].officers[5]"),
    ] {
        assert!(EXAMPLE.contains(from));
        let value = parse(&EXAMPLE.replacen(from, to, 1)).expect("YAML");
        let error = Organisation::from_value(value).expect_err("a wrong file");
        assert!(error.place.starts_with(place), "{} instead of {place}", error.place);
    }
}

#[test]
fn a_name_that_leads_out_of_the_folder_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["", "../administrator", "a/b", "键"] {
        assert!(read_or_make(folder.path(), name, Suite::Intl).is_err(), "{name:?}");
        assert!(read_or_imagine(folder.path(), name, Suite::Intl).is_err(), "{name:?}");
    }
    let made = read_or_make(folder.path(), "clerk", Suite::Intl).expect("a key");
    let read = read_or_make(folder.path(), "clerk", Suite::Intl).expect("the same key");
    assert_eq!(made.public_key(), read.public_key());
    assert!(read_or_make(folder.path(), "clerk", Suite::Sm).is_err());
}

#[test]
fn who_only_asks_what_would_be_done_makes_no_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = read_or_make(folder.path(), "clerk", Suite::Intl).expect("a key");
    let imagined = read_or_imagine(folder.path(), "mayor", Suite::Intl).expect("a key for now");
    let read = read_or_imagine(folder.path(), "clerk", Suite::Intl).expect("the key that is there");
    assert_eq!(read.public_key(), made.public_key());
    assert_ne!(imagined.public_key(), made.public_key());
    assert_eq!(folder.path().read_dir().expect("a folder").count(), 1);
    let absent = folder.path().join("absent");
    read_or_imagine(&absent, "mayor", Suite::Intl).expect("a key for now");
    assert!(!absent.exists());
}

#[test]
fn a_file_is_applied_once_and_leaves_nothing_to_do() {
    let (ledger, organisation) = (Ledger::new(), example());
    let applied = ledger.apply(&organisation, None).expect("a good file");
    let expected = plan(&organisation, &keys(&organisation), &ledger.network(), &Known::default());
    assert_eq!(applied.accounts, organisation.keys().len());
    assert_eq!(applied.calls, expected.by_administrator.len() + expected.by_government.len());
    assert_eq!((applied.approved, applied.awaiting), (0, Vec::new()));
    let submitted = ledger.submitted();
    assert_eq!(ledger.apply(&organisation, None).expect("the same file"), Applied::default());
    assert_eq!(ledger.submitted(), submitted, "nothing is left to do");
    let known = ledger.known(&organisation);
    assert_eq!(differences(&organisation, &keys(&organisation), &known), []);
}

#[test]
fn a_file_with_a_fault_anywhere_changes_nothing() {
    let ledger = Ledger::new();
    let last = "    short_name: 民政局\n";
    let parent = |code: &str| format!("{last}    parent: {code}\n");
    let (later, unknown) = ("    short_name: 审批局\n    parent: 11519900MB9015444F\n", parent("11100000MB0143028R"));
    let elsewhere = format!("{last}    division: \"510000000000\"\n");
    let nowhere = format!("{last}    division: \"510199000000\"\n");
    let alone = format!("{last}    safeguards: {{ four_eyes: true }}\n");
    let unbound = format!("{last}    safeguards: {{ bound_officers: true }}\n");
    let mut met = BTreeSet::new();
    for (from, to, code) in [
        ("key: civil-officer", "key: ../civil", "organisation.key_name"),
        ("11519900MB9015444F", APPROVAL, "organisation.department_twice"),
        ("    short_name: 审批局\n", later, "organisation.parent_later"),
        ("key: recovery-approver", "key: identity-officer", "organisation.officer_twice"),
        ("[recovery_approver]", "[recovery_approver, recovery_approver]", "organisation.role_twice"),
        ("[recovery_approver]", "[registrar]", "orgs.network_role"),
        ("[户外广告岗]", "[户外广告岗, 户外广告岗]", "orgs.post_twice"),
        ("office: 社会事务科", "office: \"\"", "orgs.text_missing"),
        ("key: civil-officer", "key: mayor", "orgs.oneself"),
        ("2031-01-01T00:00:00+08:00", "2020-01-01T00:00:00+08:00", "orgs.term_empty"),
        (last, unknown.as_str(), "orgs.not_found"),
        (last, elsewhere.as_str(), "orgs.other_division"),
        (last, nowhere.as_str(), "orgs.division_unknown"),
        (last, alone.as_str(), "organisation.four_eyes_of_one"),
        (last, unbound.as_str(), "orgs.not_bound"),
        (
            "  administrator: { key: mayor",
            "  safeguards: { four_eyes: true }\n  administrator: { key: mayor",
            "organisation.four_eyes_of_one",
        ),
        ("host: 云港市民政局", "host: 云港市无此局", "orgs.host_unknown"),
    ] {
        assert!(EXAMPLE.contains(from), "{from}");
        let error = ledger.apply(&organisation(&EXAMPLE.replacen(from, to, 1)), None).expect_err(code).to_string();
        assert!(error.contains(&format!("({code})")), "{code}: {error}");
        assert_eq!(ledger.submitted(), 0, "{code}");
        met.insert(code);
    }
    ledger.apply(&example(), None).expect("the good file");
    let submitted = ledger.submitted();
    let another = EXAMPLE.replacen("key: mayor", "key: successor", 1).replacen("key: civil-officer", "key: new", 1);
    let keys = keys(&organisation(&another));
    let signers = Signers {
        government: signer(&keys["successor"], ledger.network()).expect("a key"),
        ..ledger.signers(&self::keys(&example()), None)
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let (network, hidden) = (ledger.network(), ProgressBar::hidden());
    let applied = runtime.block_on(apply(&ledger, &organisation(&another), &keys, &network, &signers, &hidden));
    let error = applied.expect_err("another administrator").to_string();
    assert!(error.contains("(organisation.not_administrator)"), "{error}");
    assert_eq!(ledger.submitted(), submitted);
    met.insert("organisation.not_administrator");
    let own: Vec<&'static str> = OrganisationError::iter().map(Into::into).collect();
    assert!(own.iter().all(|code| met.contains(code)), "each was met above: {own:?}");
}

#[test]
fn what_the_ledger_as_it_is_would_refuse_is_found_before() {
    let ledger = Ledger::new();
    let organisation = example();
    ledger.apply(&organisation, None).expect("a good file");
    let mayor = signer(&keys(&organisation)["mayor"], ledger.network()).expect("a key");
    let fire = organisation.departments[2].code;
    let suspend = Change::Suspend { reason: Text::new("整改").expect("short") };
    ledger.act(&mayor, orgs::Call::ChangeDepartment { department: fire, change: suspend });
    let submitted = ledger.submitted();
    let new = "- { key: new-officer, office: 科员, roles: [reviewer] }";
    let beside = |officer: &str| {
        EXAMPLE.replacen(&format!("- {{ key: {officer},"), &format!("{new}\n      - {{ key: {officer},"), 1)
    };
    let longer = beside("civil-officer").replacen("2031-01-01", "2032-01-01", 1);
    for (text, code) in [(beside("fire-inspector"), "orgs.suspended"), (longer, "orgs.beyond_term")] {
        assert!(text.contains("new-officer"));
        let error = ledger.apply(&self::organisation(&text), None).expect_err(code).to_string();
        assert!(error.contains(&format!("({code})")), "{code}: {error}");
    }
    let bound = Change::BoundOfficers { required: true };
    ledger.act(&mayor, orgs::Call::ChangeDepartment { department: organisation.departments[1].code, change: bound });
    let deciding = beside("food-reviewer").replacen("科员, roles: [reviewer]", "科员, roles: [approver]", 1);
    let error = ledger.apply(&self::organisation(&deciding), None).expect_err("bound to nobody").to_string();
    assert!(error.contains("(orgs.not_bound)"), "{error}");

    // Accounts that are there, of an organisation and of a person who may not act.
    let changed = self::organisation(&beside("civil-officer"));
    let keys = keys(&changed);
    let signers = ledger.signers(&keys, None);
    let officer = account(&keys, "new-officer");
    let open = |ledger: &Ledger, kind: AccountKind, name: Option<&str>| {
        let secret = &keys["new-officer"];
        let possession = possession_of(secret, officer, &ledger.network());
        let name = name.map(|name| Text::new(name).expect("short"));
        ledger.act_on_account(
            &signers.registrar,
            identity::Call::OpenAccount { kind, name, key: secret.public_key(), possession },
        );
    };
    open(&ledger, AccountKind::Organisation, Some("某公司"));
    let error = ledger.apply(&changed, None).expect_err("no person").to_string();
    assert!(error.contains("(orgs.not_person)"), "{error}");
    assert_eq!(ledger.submitted(), submitted + 2, "what was done beside it");

    let ledger = Ledger::new();
    open(&ledger, AccountKind::Person, None);
    ledger.act_on_account(&signers.administrator, identity::Call::Suspend { account: officer });
    let error = ledger.apply(&changed, None).expect_err("who cannot act").to_string();
    assert!(error.contains("(orgs.account_not_active)"), "{error}");
    assert_eq!(ledger.submitted(), 2);
}

#[test]
fn who_signs_is_looked_at_before_anybody_does() {
    let (ledger, organisation) = (Ledger::new(), example());
    let keys = keys(&organisation);
    let swapped =
        |signers: Signers| Signers { registrar: signers.administrator, administrator: signers.registrar, ..signers };
    let signers = swapped(ledger.signers(&keys, None));
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let network = ledger.network();
    let applied = runtime.block_on(apply(&ledger, &organisation, &keys, &network, &signers, &ProgressBar::hidden()));
    let error = applied.expect_err("the keys are exchanged").to_string();
    assert!(error.contains("--registrar") && error.contains("(tx.denied)"), "{error}");
    assert_eq!(ledger.submitted(), 0);
}

/// The example with these officers of the government, the first of them a second administrator.
fn with_administrators(names: &[&str]) -> String {
    let administrator = "  administrator: { key: mayor, office: 人事处处长 }\n";
    assert!(EXAMPLE.contains(administrator));
    let officer = |name: &&str| format!("    - {{ key: {name}, office: 副处长, roles: [department_administrator] }}\n");
    let officers: String = names.iter().map(officer).collect();
    EXAMPLE.replacen(administrator, &format!("{administrator}  officers:\n{officers}"), 1)
}

/// An officer who is to decide, beside the others of the approval bureau.
fn with_third_approver(text: &str) -> String {
    let head = "      - { key: head, office: 局长, roles: [head] }\n";
    let third = "      - { key: third-approver, office: 审批科, posts: [首席审批员], roles: [approver, reviewer] }\n";
    assert!(text.contains(head));
    text.replacen(head, &format!("{head}{third}"), 1)
}

/// Has the approval bureau want four eyes from now on.
fn want_four_eyes(ledger: &Ledger, organisation: &Organisation) {
    let mayor = signer(&keys(organisation)["mayor"], ledger.network()).expect("a key");
    let (department, change) = (APPROVAL.parse().expect("a code"), Change::FourEyes { required: true });
    ledger.act(&mayor, orgs::Call::ChangeDepartment { department, change });
}

#[test]
fn a_right_that_needs_two_is_proposed_once_and_approved_by_another_administrator() {
    let ledger = Ledger::new();
    let before = organisation(&with_administrators(&["deputy-mayor"]));
    ledger.apply(&before, None).expect("a good file");
    want_four_eyes(&ledger, &before);

    let department = APPROVAL.parse().expect("a code");
    let organisation = organisation(&with_third_approver(&with_administrators(&["deputy-mayor"])));
    let keys = keys(&organisation);
    let [officer, deputy, preparer] = ["third-approver", "deputy-mayor", "mayor"].map(|name| account(&keys, name));
    let held = |ledger: &Ledger| -> Vec<Role> {
        let known = ledger.known(&organisation);
        known.appointments[&(department, officer)].grants.iter().map(|grant| grant.role).collect()
    };
    let applied = ledger.apply(&organisation, None).expect("a good file");
    // The appointment, the right that needs nobody else, and the proposal.
    assert_eq!((applied.accounts, applied.calls, applied.approved), (1, 3, 0));
    let [waiting] = applied.awaiting[..] else { panic!("one right waits: {:?}", applied.awaiting) };
    assert_eq!((waiting.number, waiting.account, waiting.role), (1, officer, Role::Approver));
    assert_eq!((waiting.department, waiting.prepared_by), (department, preparer));
    assert_eq!(held(&ledger), [Role::Reviewer], "nobody gives it alone");

    let (departments, _) = foreseen(&organisation, &ledger.known(&organisation));
    let others: Vec<AccountId> = approvers(&departments, &waiting).into_iter().collect();
    assert_eq!(others, [deputy]);

    for approver in [None, Some("mayor")] {
        let submitted = ledger.submitted();
        let again = ledger.apply(&organisation, approver).expect("the same file");
        assert_eq!(again, Applied { awaiting: vec![waiting], ..Applied::default() }, "{approver:?}");
        assert_eq!(ledger.submitted(), submitted, "it is proposed once, and nobody approves his own");
    }
    let approved = ledger.apply(&organisation, Some("deputy-mayor")).expect("the same file");
    assert_eq!(approved, Applied { approved: 1, ..Applied::default() });
    assert_eq!(held(&ledger), [Role::Reviewer, Role::Approver]);
    assert_eq!(ledger.apply(&organisation, Some("deputy-mayor")).expect("the same file"), Applied::default());
}

/// Who administers above a department that wants four eyes comes from two as well, and a new department wants them where the one above does.
#[test]
fn with_another_administrator_all_is_done_at_once_also_above_and_in_new_departments() {
    let ledger = Ledger::new();
    let text = with_administrators(&["deputy-mayor", "third-mayor"]);
    let last = "  - code: 11519900MB9015444F";
    let (before, civil) = text.split_once(last).expect("the last department");
    let first = organisation(&before.replacen(
        "    - { key: third-mayor, office: 副处长, roles: [department_administrator] }\n",
        "",
        1,
    ));
    ledger.apply(&first, None).expect("a good file");
    want_four_eyes(&ledger, &first);
    let below = format!("    short_name: 民政局\n    parent: {APPROVAL}\n");
    let civil =
        civil.replacen("    short_name: 民政局\n", &below, 1).replacen("identity_officer, issuer", "head, issuer", 1);
    let whole = organisation(&format!("{before}{last}{civil}"));
    let applied = ledger.apply(&whole, Some("deputy-mayor")).expect("a good file");
    assert_eq!((applied.accounts, applied.approved, applied.awaiting.len()), (2, 2, 0));
    let (known, keys) = (ledger.known(&whole), keys(&whole));
    for (department, officer, roles) in [
        ("11519900MB9015444F", "civil-officer", vec![Role::Issuer, Role::Head]),
        ("11519900MB9012112F", "third-mayor", vec![Role::DepartmentAdministrator]),
    ] {
        let place = (department.parse().expect("a code"), account(&keys, officer));
        let grants = &known.appointments[&place].grants;
        assert_eq!(grants.iter().map(|grant| grant.role).collect::<Vec<Role>>(), roles);
        let last = grants.last().expect("a grant");
        assert_eq!(last.prepared_by, Some(account(&keys, "mayor")));
        assert_eq!(last.by, account(&keys, "deputy-mayor"));
    }
}

#[test]
fn what_differs_is_said_by_name_and_stays() {
    let (ledger, before) = (Ledger::new(), example());
    ledger.apply(&before, None).expect("a good file");
    let changed = [
        ("office: 人事处处长", "office: 秘书长"),
        ("short_name: 消防支队\n    host: 云港市民政局", "short_name: 消防支队\n    host: 云港市数据局"),
        ("name: 云港市城市管理局", "name: 云港市城市管理和综合执法局"),
        ("    short_name: 环境局\n", "    short_name: 环境局\n    parent: 11519900MB9012235G\n"),
        ("key: checker, office: 审查科", "key: checker, office: 核验科"),
        ("posts: [制证岗, 综合窗口出件岗]", "posts: [综合窗口出件岗, 制证岗]"),
        ("posts: [大气环境岗]", "posts: [水环境岗], staff_number: \"0042\""),
        ("roles: [identity_officer, issuer]", "roles: [identity_officer]"),
    ];
    let mut text = EXAMPLE.to_owned();
    for (from, to) in changed {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    let after = organisation(&text);
    assert_eq!(ledger.apply(&after, None).expect("a good file"), Applied::default(), "nothing of it is changed");
    let found = differences(&after, &keys(&after), &ledger.known(&after));
    let found: Vec<(&str, &str)> = found.iter().map(|found| (found.of.as_str(), found.what.as_str())).collect();
    assert_eq!(
        found,
        [
            ("mayor in 市政府", "the office: 人事处处长 on the ledger, 秘书长 in the file"),
            ("消防支队", "the host: 云港市民政局 on the ledger, 云港市数据局 in the file"),
            ("城管局", "the name: 云港市城市管理局 on the ledger, 云港市城市管理和综合执法局 in the file"),
            ("环境局", "the department above: 11519900MB9012112F on the ledger, 11519900MB9012235G in the file"),
            ("checker in 审批局", "the office: 审查科 on the ledger, 核验科 in the file"),
            ("air-reviewer in 环境局", "the posts: 大气环境岗 on the ledger, 水环境岗 in the file"),
            ("air-reviewer in 环境局", "the staff number: none on the ledger, 0042 in the file"),
            ("civil-officer in 民政局", "holds the role issuer, which the file does not give"),
        ]
    );
    let longer = organisation(&EXAMPLE.replacen("2031-01-01", "2030-01-01", 1));
    let found = differences(&longer, &keys(&longer), &ledger.known(&longer));
    let roles: usize = before.offices().map(|(_, officer)| officer.roles.len()).sum();
    assert_eq!(found.len(), roles, "each right ends at another time");
    assert!(found.iter().all(|found| found.what.contains("until 2030-12-31T16:00:00.000Z")), "{found:?}");
}

/// The text with what a department asks for, behind a line of it.
fn with_safeguards(text: &str, line: &str, safeguards: &str) -> String {
    assert!(text.contains(line), "{line}");
    let indent: String = line.chars().take_while(|character| *character == ' ').collect();
    text.replacen(line, &format!("{line}{indent}safeguards: {{ {safeguards} }}\n"), 1)
}

const OF_APPROVAL: &str = "    short_name: 审批局\n";
const OF_CIVIL: &str = "    short_name: 民政局\n";
const OF_GOVERNMENT: &str = "  short_name: 市政府\n";

/// First the administrators, then the safeguard, then what is given under it: nobody gives alone what the file wants two for.
#[test]
fn four_eyes_are_on_before_what_they_are_to_protect_is_given() {
    let ledger = Ledger::new();
    let text = with_safeguards(&with_administrators(&["deputy-mayor"]), OF_APPROVAL, "four_eyes: true");
    let organisation = organisation(&text);
    let applied = ledger.apply(&organisation, None).expect("two administrators");
    let known = ledger.known(&organisation);
    let department: orgs::DepartmentCode = APPROVAL.parse().expect("a code");
    assert!(known.departments[&department].four_eyes);
    let sensitive: usize = organisation
        .departments
        .iter()
        .find(|found| found.code == department)
        .expect("it is in the file")
        .officers
        .iter()
        .map(|officer| officer.roles.iter().filter(|role| tongban_modules::offices::is_sensitive(**role)).count())
        .sum();
    assert!(sensitive > 0);
    assert_eq!((applied.approved, applied.awaiting.len()), (0, sensitive), "all of them wait for the other one");
    assert!(applied.awaiting.iter().all(|waiting| waiting.department == department));
    let head = account(&keys(&organisation), "head");
    assert!(known.appointments[&(department, head)].grants.is_empty(), "nobody gives it alone");
    // The others of the file have their rights, and the other administrator approves what waits.
    let again = ledger.apply(&organisation, Some("deputy-mayor")).expect("the same file");
    assert_eq!((again.accounts, again.calls, again.approved), (0, 0, sensitive));
    assert_eq!(ledger.apply(&organisation, None).expect("the same file"), Applied::default());
    let grants = &ledger.known(&organisation).appointments[&(department, head)].grants;
    assert_eq!((grants.len(), grants[0].prepared_by), (1, Some(account(&keys(&organisation), "mayor"))));

    // With his key it is one go.
    let ledger = Ledger::new();
    let applied = ledger.apply(&organisation, Some("deputy-mayor")).expect("two administrators");
    assert_eq!((applied.approved, applied.awaiting.len()), (sensitive, 0));
    assert_eq!(ledger.apply(&organisation, Some("deputy-mayor")).expect("the same file"), Applied::default());
}

/// The government is a root: the network's administrator switches its safeguard on, between what the government's administrator does.
#[test]
fn safeguards_of_the_government_and_of_what_is_below_it() {
    let ledger = Ledger::new();
    let text = with_safeguards(&with_administrators(&["deputy-mayor"]), OF_GOVERNMENT, "four_eyes: true");
    let without = with_safeguards(&text, OF_CIVIL, "four_eyes: false");
    let organisation = organisation(&without);
    ledger.apply(&organisation, Some("deputy-mayor")).expect("two administrators");
    let known = ledger.known(&organisation);
    let has = |code: &str| known.departments[&code.parse().expect("a code")].four_eyes;
    assert!(has("11519900MB9012112F") && has(APPROVAL), "what is new has what the one above it has");
    assert!(!has("11519900MB9015444F"), "but for who says otherwise");
    let deputy = account(&keys(&organisation), "deputy-mayor");
    let place = (organisation.government.code, deputy);
    assert_eq!(known.appointments[&place].grants[0].prepared_by, None, "an administrator before four eyes were on");
    assert_eq!(ledger.apply(&organisation, Some("deputy-mayor")).expect("the same file"), Applied::default());
    assert_eq!(differences(&organisation, &keys(&organisation), &known), []);
}

#[test]
fn a_safeguard_that_the_file_does_not_want_is_said_by_name_and_stays() {
    let ledger = Ledger::new();
    let before = organisation(&with_administrators(&["deputy-mayor"]));
    ledger.apply(&before, None).expect("a good file");
    want_four_eyes(&ledger, &before);
    let asked = |safeguards: &str| {
        organisation(&with_safeguards(&with_administrators(&["deputy-mayor"]), OF_APPROVAL, safeguards))
    };
    for (safeguards, expected) in [
        ("four_eyes: true", None),
        ("bound_officers: false", None),
        ("four_eyes: false", Some(("审批局", "four_eyes: true on the ledger, false in the file"))),
    ] {
        let file = asked(safeguards);
        assert_eq!(ledger.apply(&file, None).expect("a good file"), Applied::default(), "{safeguards}");
        let found = differences(&file, &keys(&file), &ledger.known(&file));
        let found: Vec<(&str, &str)> = found.iter().map(|found| (found.of.as_str(), found.what.as_str())).collect();
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{safeguards}");
    }
    // Who has rights that decide keeps them, so that bound officers can be wanted from now on.
    let bound = asked("four_eyes: true, bound_officers: true");
    let applied = ledger.apply(&bound, None).expect("a good file");
    assert_eq!((applied.accounts, applied.calls, applied.awaiting.len()), (0, 1, 0));
    assert!(ledger.known(&bound).departments[&APPROVAL.parse().expect("a code")].bound_officers);
    // A closed department is protected no more.
    let mayor = signer(&keys(&before)["mayor"], ledger.network()).expect("a key");
    let close = Change::Close { merged_into: None, reason: Text::new("撤并").expect("short") };
    let department = "11519900MB9015444F".parse().expect("a code");
    ledger.act(&mayor, orgs::Call::ChangeDepartment { department, change: close });
    let text = with_safeguards(&with_administrators(&["deputy-mayor"]), OF_CIVIL, "four_eyes: true");
    let error = ledger.apply(&organisation(&text), None).expect_err("it is closed").to_string();
    assert!(error.contains("departments[6].safeguards.four_eyes") && error.contains("(orgs.closed)"), "{error}");
}

/// Where a file is of a department that stands below another one, its safeguards come from above.
#[test]
fn the_safeguards_of_a_government_below_another_one_come_from_above() {
    let ledger = Ledger::new();
    let before = organisation(&with_administrators(&["deputy-mayor"]));
    ledger.apply(&before, None).expect("a good file");
    let below = EXAMPLE.replacen("11519900MB9012112F", APPROVAL, 1);
    let (head, _) = below.split_once("departments:\n").expect("departments");
    let text = with_safeguards(&format!("{head}departments: []\n"), OF_GOVERNMENT, "bound_officers: true");
    let text = text.replacen("name: 云港市人民政府", "name: 云港市行政审批局", 1);
    let file = organisation(&text);
    let applied = ledger.apply(&file, None).expect("the mayor administers the government above it");
    assert_eq!((applied.accounts, applied.calls), (0, 1));
    // Whoever administers it alone does not.
    let department: orgs::DepartmentCode = APPROVAL.parse().expect("a code");
    let [mayor, checker] =
        ["mayor", "checker"].map(|name| signer(&keys(&before)[name], ledger.network()).expect("a key"));
    let right = Right { role: Role::DepartmentAdministrator, post: None, from: None, until: before.until };
    let waiver = Proposed::Waiver { safeguard: Safeguard::BoundOfficers };
    let deputy = signer(&keys(&before)["deputy-mayor"], ledger.network()).expect("a key");
    ledger.act(&mayor, orgs::Call::Propose { department, proposed: waiver });
    ledger.act(&deputy, orgs::Call::Approve { department, number: 1 });
    ledger.act(&mayor, orgs::Call::Grant { department, account: checker.account(), right });
    assert!(!ledger.known(&before).departments[&department].bound_officers);
    let file = organisation(&text.replacen("key: mayor", "key: checker", 1));
    let signers = Signers { government: checker, ..ledger.signers(&keys(&before), None) };
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let (network, keys, hidden) = (ledger.network(), keys(&file), ProgressBar::hidden());
    let applied = runtime.block_on(apply(&ledger, &file, &keys, &network, &signers, &hidden));
    let error = applied.expect_err("a department is changed from above").to_string();
    assert!(error.contains("government.safeguards.bound_officers") && error.contains("(orgs.beyond_scope)"), "{error}");
}
