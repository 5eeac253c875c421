//! The organisation file and the plan that comes of it.

use super::file::Organisation;
use super::keys::{Keys, read_or_make};
use super::plan::{Known, account, plan};
use crate::catalogue::item_file::parse;
use tongban_crypto::SecretKey;
use tongban_modules::Call;
use tongban_modules::orgs;
use tongban_types::{Digest, Suite, Time};

const EXAMPLE: &str = include_str!("../../../../examples/organisation.yaml");

fn example() -> Organisation {
    Organisation::from_value(parse(EXAMPLE).expect("YAML")).expect("an organisation")
}

fn keys(organisation: &Organisation) -> Keys {
    let names = organisation.keys().into_iter().map(ToString::to_string);
    let key = |seed: u8| SecretKey::from_bytes(Suite::Intl, &[seed; 32]).expect("a key");
    names.zip((1..).map(key)).collect()
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
    known.accounts.extend(keys.keys().map(|name| account(&keys, name)));
    known.departments.insert(organisation.government.code);
    known.departments.extend(organisation.departments.iter().map(|department| department.code));
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
    }
    let made = read_or_make(folder.path(), "clerk", Suite::Intl).expect("a key");
    let read = read_or_make(folder.path(), "clerk", Suite::Intl).expect("the same key");
    assert_eq!(made.public_key(), read.public_key());
    assert!(read_or_make(folder.path(), "clerk", Suite::Sm).is_err());
}
