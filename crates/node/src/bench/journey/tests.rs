//! A journey on a ledger in memory, and what its order promises.

use super::calls::Papers;
use super::run::{Run, case_of};
use super::setting::{ADMINISTRATOR, Setting, key_name};
use super::{Leg, PARTS, Post, REVIEWS, calls_per_journey, transactions_per_journey};
use crate::catalogue::item_file::ItemFile;
use crate::organisation::keys::Keys;
use crate::organisation::plan::{Known, account, plan};
use std::collections::BTreeSet;
use tongban_crypto::{SecretKey, primitives};
use tongban_kernel::testing::Story;
use tongban_modules::catalogue::StepKind;
use tongban_modules::identity::{AccountKind, Call as IdentityCall, possession_message};
use tongban_modules::licences::HELD_MAX;
use tongban_modules::{Call, Query, RULES, View, cases, item_rules, licences};
use tongban_types::codes::CaseNumber;
use tongban_types::genesis::{GENESIS_VERSION, GenesisAccount, Parameters, account_of};
use tongban_types::{AccountId, Genesis, List, Outcome, Receipt, Suite, Text, Time, Validator, ValidatorSet};

const SUITE: Suite = Suite::Intl;
/// A Monday in the morning.
const BEGINNING: u64 = 1_790_000_000_000;

fn key(seed: u8) -> SecretKey {
    SecretKey::from_bytes(SUITE, &[seed; 32]).expect("a key")
}

fn time() -> Time {
    Time::from_millis(BEGINNING).expect("a time")
}

/// A ledger on which a city stands, with one officer at each post.
struct City {
    story: Story,
    setting: Setting,
    keys: Keys,
    applicant: SecretKey,
}

const GENESIS_ROLES: [(&str, u8); 3] = [("administrator", 201), ("registrar", 202), ("publisher", 203)];

fn genesis() -> Genesis {
    let account = |(role, seed): (&str, u8)| GenesisAccount {
        name: Text::new(role).expect("short"),
        key: key(seed).public_key(),
        roles: List::new(vec![Text::new(role).expect("short")]).expect("one"),
    };
    let validator =
        Validator { department: Text::new("云港市数据局").expect("short"), key: key(204).public_key() };
    Genesis {
        version: GENESIS_VERSION,
        name: Text::new("云港市政务服务网络").expect("short"),
        suite: SUITE,
        time: time(),
        validators: ValidatorSet::new(vec![validator]).expect("one"),
        accounts: List::new(GENESIS_ROLES.into_iter().map(account).collect()).expect("few"),
        parameters: Parameters::default(),
    }
}

impl City {
    fn new() -> Self {
        let setting = Setting::new().expect("the item is good");
        let mut story = Story::new(RULES, primitives(SUITE), genesis());
        let organisation = setting.organisation(1, time().plus_months_in_beijing(12)).expect("an organisation");
        let names = organisation.keys().into_iter().map(ToString::to_string);
        let keys: Keys = names.zip((1..).map(key)).collect();
        let applicant = key(205);
        let plan = plan(&organisation, &keys, &story.network(), &Known::default());
        let publish = Call::Catalogue(setting.file.clone().publish(1));
        let register = setting.register_type().expect("a type");
        let open = open(&applicant, &story);
        let data = keys[&key_name(Post::Data, 0)].public_key();
        let signers = |place: usize| key(GENESIS_ROLES[place].1).public_key();
        let mayor = keys[ADMINISTRATOR].public_key();
        for (signer, calls) in [
            (signers(1), plan.by_registrar),
            (signers(0), plan.by_administrator),
            (mayor, plan.by_government),
            (signers(2), vec![publish]),
            (data, vec![register]),
            (signers(1), vec![open]),
        ] {
            let receipt = story.act(&signer, calls.iter().map(Call::to_bytes).collect());
            assert!(matches!(receipt.outcome, Outcome::Applied { .. }), "{receipt:?}");
        }
        Self { story, setting, keys, applicant }
    }

    fn applicant(&self) -> AccountId {
        account_of(&self.applicant.public_key(), primitives(SUITE))
    }

    /// Does a leg of the first journey.
    fn act(&mut self, leg: Leg, case: Option<&CaseNumber>) -> Receipt {
        let calls = match case {
            None => vec![self.setting.file(self.applicant()).expect("an application")],
            Some(case) => {
                let papers = Papers { case, journey: 0, applicant: self.applicant(), now: self.story.time() };
                self.setting.calls(leg, &papers).expect("calls")
            }
        };
        assert_eq!(calls.len(), leg.calls(), "{leg:?}");
        let signer = match leg.post() {
            None => self.applicant.public_key(),
            Some(post) => self.keys[&key_name(post, 0)].public_key(),
        };
        self.story.act(&signer, calls.iter().map(Call::to_bytes).collect())
    }

    fn ask(&self, query: &Query) -> View {
        self.story.ask(|state| query.answer(state)).expect("an answer")
    }
}

fn open(secret: &SecretKey, story: &Story) -> Call {
    let key = secret.public_key();
    let account = account_of(&key, primitives(SUITE));
    let possession = secret.sign(&possession_message(&story.network(), &account, &key));
    Call::Identity(IdentityCall::OpenAccount { kind: AccountKind::Person, name: None, key, possession })
}

#[test]
fn a_journey_ends_in_a_closed_case_and_a_licence_of_the_applicant() {
    let mut city = City::new();
    let mut case = None;
    for part in PARTS {
        for leg in part {
            let receipt = city.act(*leg, case.as_ref());
            let Outcome::Applied { events } = &receipt.outcome else { panic!("{leg:?}: {receipt:?}") };
            assert_eq!(events.len(), leg.calls(), "{leg:?}");
            if case.is_none() {
                case = Some(case_of(&receipt).expect("the number of the case"));
            }
        }
    }
    let case = case.expect("a journey begins with an application");
    let View::Cases(cases::View::Case { case: Some(closed), .. }) =
        city.ask(&Query::Cases(cases::Query::Case { case: case.clone() }))
    else {
        panic!("the case is there");
    };
    assert!(closed.closed_at.is_some() && closed.decision.is_some_and(|decision| decision.granted));
    assert_eq!(closed.results.len(), 1);
    let held = licences::Query::Held {
        holder: city.applicant(),
        licence_type: city.setting.licence_type,
        at: city.story.time(),
    };
    let View::Licences(licences::View::Held { licences }) = city.ask(&Query::Licences(held)) else {
        panic!("an answer of its kind");
    };
    assert_eq!(licences.len(), 1);
}

#[test]
fn the_departments_may_check_in_any_order_and_the_decision_waits_for_all() {
    let mut city = City::new();
    let case = case_of(&city.act(Leg::File, None)).expect("the number of the case");
    let refused = |receipt: &Receipt| match &receipt.outcome {
        Outcome::Applied { .. } => None,
        Outcome::Refused(refusal) => Some(refusal.code.to_string()),
    };
    assert!(refused(&city.act(Leg::Review(0), Some(&case))).is_some(), "nothing is checked before acceptance");
    assert_eq!(refused(&city.act(Leg::Accept, Some(&case))), None);
    for place in [4, 2, 0, 1] {
        assert_eq!(refused(&city.act(Leg::Review(place), Some(&case))), None);
    }
    assert_eq!(refused(&city.act(Leg::Decide, Some(&case))).as_deref(), Some("cases.step_not_due"));
    assert_eq!(refused(&city.act(Leg::Review(3), Some(&case))), None);
    assert_eq!(refused(&city.act(Leg::Decide, Some(&case))), None);
    assert!(refused(&city.act(Leg::Deliver, Some(&case))).is_some(), "nothing is delivered that was not made");
}

#[test]
fn licences_are_taken_over_by_the_officers_who_fill_the_state() {
    let mut city = City::new();
    let importer = city.keys[&key_name(Post::Import, 0)].public_key();
    let time = city.story.time();
    let calls = |setting: &Setting, range: std::ops::Range<usize>| -> Vec<Call> {
        range.map(|number| setting.import(number, time).expect("a call")).collect()
    };
    let first = calls(&city.setting, 0..100);
    let receipt = city.story.act(&importer, first.iter().map(Call::to_bytes).collect());
    assert!(matches!(&receipt.outcome, Outcome::Applied { events } if events.len() == 100), "{receipt:?}");
    let again = calls(&city.setting, 99..101);
    let receipt = city.story.act(&importer, again.iter().map(Call::to_bytes).collect());
    assert!(matches!(&receipt.outcome, Outcome::Refused(_)), "a number is given once");
}

#[test]
fn the_item_has_five_departments_at_once_behind_the_acceptance_and_before_the_decision() {
    let setting = Setting::new().expect("the item is good");
    let ItemFile { code, item, .. } = &setting.file;
    assert_eq!(item_rules::findings(code, item), []);
    let of = |kind: StepKind| -> Vec<_> { item.flow.iter().filter(|step| step.kind == kind).collect() };
    let reviews = of(StepKind::Review);
    let departments: BTreeSet<&str> = reviews.iter().map(|step| &*step.department).collect();
    assert_eq!((reviews.len(), departments.len()), (REVIEWS, REVIEWS));
    assert!(!departments.contains(setting.lead.as_str()));
    let acceptance = of(StepKind::Acceptance);
    let names: Vec<_> = acceptance.iter().map(|step| step.name.clone()).collect();
    assert!(names.len() == 1 && reviews.iter().all(|step| step.waits_for.to_vec() == names));
    let [decision] = of(StepKind::Decision)[..] else { panic!("one decision") };
    assert_eq!(decision.waits_for.to_vec(), reviews.iter().map(|step| step.name.clone()).collect::<Vec<_>>());
    assert_eq!((of(StepKind::Certificate).len(), of(StepKind::Delivery).len()), (1, 1));
    assert_eq!(item.flow.len(), 4 + REVIEWS);
}

#[test]
fn a_journey_has_ten_transactions_with_thirteen_calls() {
    assert_eq!((transactions_per_journey(), calls_per_journey()), (10, 13));
    let legs: Vec<Leg> = PARTS.iter().flat_map(|part| part.iter().copied()).collect();
    assert!(legs.is_sorted(), "{legs:?}");
    assert_eq!(PARTS[2].len(), REVIEWS, "all departments check at once");
    assert_eq!(legs.iter().map(|leg| leg.name()).collect::<BTreeSet<_>>().len(), 6);
}

#[test]
fn departments_have_nodes_of_their_own_and_applicants_come_to_all() {
    let of = |leg: Leg, journey: usize| leg.node(journey, 6);
    let departments: BTreeSet<usize> = (0..REVIEWS).map(|place| of(Leg::Review(place), 7)).collect();
    assert_eq!(departments, (1..=5).collect());
    assert!([Leg::Accept, Leg::Decide, Leg::Issue, Leg::Deliver].into_iter().all(|leg| of(leg, 7) == 0));
    let applicants: BTreeSet<usize> = (0..12).map(|journey| of(Leg::File, journey)).collect();
    assert_eq!(applicants.len(), 6);
    for nodes in 1..=4 {
        let legs = PARTS.iter().flat_map(|part| part.iter());
        assert!(legs.map(|leg| leg.node(11, nodes)).all(|node| node < nodes));
    }
}

#[test]
fn there_are_as_many_applicants_as_licences_need() {
    for (journeys, applicants) in [(0, 0), (1, 1), (HELD_MAX, 1), (HELD_MAX + 1, 2), (13_000, 204)] {
        assert_eq!(Run::applicants_for(journeys), applicants);
    }
}

#[test]
fn each_post_has_its_officers() {
    let setting = Setting::new().expect("the item is good");
    let organisation = setting.organisation(3, time()).expect("an organisation");
    let names: BTreeSet<String> = organisation.keys().into_iter().map(ToString::to_string).collect();
    let posts = Run::posts();
    assert_eq!(names.len(), 1 + posts.len() * 3);
    let are_there = |post: &Post| (0..3).all(|number| names.contains(&key_name(*post, number)));
    assert!(posts.iter().all(are_there) && names.contains(ADMINISTRATOR));
    let keys: Keys = names.into_iter().zip((1..).map(key)).collect();
    let accounts: BTreeSet<AccountId> = keys.keys().map(|name| account(&keys, name)).collect();
    assert_eq!(accounts.len(), keys.len(), "each signs for himself");
}
