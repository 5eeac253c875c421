//! Stories of the module: happy path, every error, every role; and one property.

use super::{genesis as genesis_of, *};
use crate::test_cast::{Who, network, outcome_name, secret, tell, text};
use crate::{Call as AnyCall, Query as AnyQuery, View as AnyView};
use proptest::prelude::*;
use strum::IntoEnumIterator;
use tongban_crypto::{SecretKey, primitives};
use tongban_kernel::Role;
use tongban_kernel::testing::Story;
use tongban_types::genesis::{GENESIS_VERSION, GenesisAccount, Parameters, account_of};
use tongban_types::{AccountId, Genesis, List, Signature, Suite, Text, Time, Validator, ValidatorSet};

fn possession(story: &Story, account: AccountId, key: &SecretKey) -> Signature {
    key.sign(&possession_message(&story.network(), &account, &key.public_key()))
}

fn open(story: &Story, kind: AccountKind, name: Option<&str>, key: &SecretKey) -> AnyCall {
    let account = account_of(&key.public_key(), primitives(Suite::Intl));
    AnyCall::Identity(Call::OpenAccount {
        kind,
        name: name.map(text::<200>) as Option<Text<200>>,
        key: key.public_key(),
        possession: possession(story, account, key),
    })
}

fn add_key(story: &Story, who: Who, key: &SecretKey) -> AnyCall {
    let possession = possession(story, who.account(), key);
    AnyCall::Identity(Call::AddKey { key: key.public_key(), possession })
}

fn revoke_key(key: &SecretKey) -> AnyCall {
    AnyCall::Identity(Call::RevokeKey { key: key.public_key() })
}

fn grant(who: Who, role: Role) -> AnyCall {
    AnyCall::Identity(Call::GrantRole { account: who.account(), role })
}

fn withdraw(who: Who, role: Role) -> AnyCall {
    AnyCall::Identity(Call::WithdrawRole { account: who.account(), role })
}

fn suspend(who: Who) -> AnyCall {
    AnyCall::Identity(Call::Suspend { account: who.account() })
}

fn resume(who: Who) -> AnyCall {
    AnyCall::Identity(Call::Resume { account: who.account() })
}

fn account_of_who(story: &Story, who: Who) -> Option<Account> {
    let query = AnyQuery::Identity(Query::Account { account: who.account() });
    match story.ask(|state| query.answer(state)).expect("a query of accounts never stops") {
        AnyView::Identity(View::Account { account }) => account,
        other => panic!("expected an account, found {other:?}"),
    }
}

#[test]
fn opening_an_account_and_using_it() {
    let mut story = network();
    let call = open(&story, AccountKind::Person, None, &Who::Stranger.secret());
    let again = call.clone();
    let key = secret(50);
    let added = add_key(&story, Who::Stranger, &key);
    tell(
        &mut story,
        &[
            (Who::Stranger, revoke_key(&key), "tx.unknown_account"),
            (Who::Registrar, call, "AccountOpened"),
            (Who::Registrar, again, "identity.key_taken"), // I1
            (Who::Stranger, added, "KeyAdded"),
        ],
    );
    let account = account_of_who(&story, Who::Stranger).expect("it was opened");
    assert_eq!((account.kind, account.name.clone(), account.valid_keys()), (AccountKind::Person, None, 2));
    let query = AnyQuery::Identity(Query::AccountOfKey { key: key.public_key() });
    let view = story.ask(|state| query.answer(state)).expect("a query of accounts never stops");
    assert_eq!(view, AnyView::Identity(View::AccountOfKey { account: Some(Who::Stranger.account()) }));
}

#[test]
fn every_role_is_needed() {
    let mut story = network();
    let call = open(&story, AccountKind::Person, None, &Who::Stranger.secret());
    tell(
        &mut story,
        &[
            (Who::Admin, call.clone(), "tx.denied"),
            (Who::Eve, call, "tx.denied"),
            (Who::Registrar, grant(Who::Eve, Role::Witness), "tx.denied"),
            (Who::Registrar, withdraw(Who::Alice, Role::Depositor), "tx.denied"),
            (Who::Alice, suspend(Who::Bob), "tx.denied"),
            (Who::Alice, resume(Who::Bob), "tx.denied"),
        ],
    );
}

#[test]
fn names_of_accounts() {
    let mut story = network();
    let key = Who::Stranger.secret();
    let named_person = open(&story, AccountKind::Person, Some("张三"), &key);
    let nameless = open(&story, AccountKind::Organisation, None, &key);
    let empty = open(&story, AccountKind::System, Some(""), &key);
    tell(
        &mut story,
        &[
            (Who::Registrar, named_person, "identity.name_of_person"), // I5
            (Who::Registrar, nameless, "identity.name_missing"),       // I5
            (Who::Registrar, empty, "identity.name_missing"),
        ],
    );
}

#[test]
fn a_key_needs_its_private_half() {
    let mut story = network();
    let theirs = secret(60).public_key();
    let forged = Who::Eve.secret().sign(&possession_message(&story.network(), &Who::Eve.account(), &theirs));
    let malformed = Call::AddKey { key: "00".parse().expect("a blob"), possession: forged };
    // A proof made for one account is none for another.
    let of_alice = add_key(&story, Who::Alice, &secret(61));
    tell(
        &mut story,
        &[
            (
                Who::Eve,
                AnyCall::Identity(Call::AddKey { key: theirs, possession: forged }),
                "identity.possession_not_proven",
            ),
            (Who::Eve, AnyCall::Identity(malformed), "identity.possession_not_proven"), // I3
            (Who::Eve, of_alice, "identity.possession_not_proven"),
        ],
    );
}

#[test]
fn a_revoked_key_fails_from_the_next_transaction() {
    let mut story = network();
    let second = secret(70);
    let added = add_key(&story, Who::Alice, &second);
    let added_again = added.clone();
    tell(
        &mut story,
        &[
            (Who::Alice, revoke_key(&Who::Alice.secret()), "identity.last_key"), // I2
            (Who::Alice, revoke_key(&second), "identity.key_unknown"),
            (Who::Alice, added, "KeyAdded"),
            (Who::Alice, revoke_key(&Who::Alice.secret()), "KeyRevoked"),
            (Who::Alice, grant(Who::Eve, Role::Witness), "tx.key_revoked"),
            (Who::Alice, added_again, "tx.key_revoked"),
        ],
    );
    let revoke_again = revoke_key(&Who::Alice.secret()).to_bytes();
    let receipt = story.act_with(Who::Alice.account(), &second.public_key(), vec![revoke_again]);
    assert_eq!(outcome_name(&receipt.outcome), "identity.key_revoked"); // I1
    let receipt = story.act_with(Who::Alice.account(), &secret(71).public_key(), vec![revoke_key(&second).to_bytes()]);
    assert_eq!(outcome_name(&receipt.outcome), "tx.unknown_key");
}

#[test]
fn an_account_has_room_for_sixteen_keys() {
    let mut story = network();
    for seed in 0..16 {
        let call = add_key(&story, Who::Eve, &secret(120 + seed));
        let expected = if seed < 15 { "KeyAdded" } else { "identity.too_many_keys" };
        tell(&mut story, &[(Who::Eve, call, expected)]);
    }
}

#[test]
fn granting_and_withdrawing_roles() {
    tell(
        &mut network(),
        &[
            (Who::Admin, grant(Who::Admin, Role::Registrar), "identity.oneself"), // I4
            (Who::Admin, withdraw(Who::Admin, Role::Administrator), "identity.oneself"), // I4
            (Who::Admin, grant(Who::Stranger, Role::Witness), "identity.not_found"),
            (Who::Admin, grant(Who::Eve, Role::Administrator), "RoleGranted"),
            (Who::Admin, grant(Who::Eve, Role::Administrator), "identity.role_held"),
            (Who::Eve, withdraw(Who::Admin, Role::Administrator), "RoleWithdrawn"),
            (Who::Eve, withdraw(Who::Admin, Role::Administrator), "identity.role_not_held"),
            (Who::Admin, grant(Who::Bob, Role::Witness), "tx.denied"),
        ],
    );
}

#[test]
fn roles_of_departments_are_not_given_to_accounts() {
    for role in Role::iter().filter(|role| role.is_of_department()) {
        let lines = [
            (Who::Admin, grant(Who::Eve, role), "identity.department_role"), // I6
            (Who::Admin, withdraw(Who::Eve, role), "identity.role_not_held"),
        ];
        tell(&mut network(), &lines);
    }
}

#[test]
fn a_genesis_gives_roles_of_the_network_alone() {
    let outcome = |role: &str| {
        let account = GenesisAccount {
            name: text("审批局"),
            key: Who::Eve.key(),
            roles: List::new(vec![text(role)]).expect("one role"),
        };
        let validator = Validator { department: text("数据局"), key: secret(100).public_key() };
        let genesis = Genesis {
            version: GENESIS_VERSION,
            name: text("story"),
            suite: Suite::Intl,
            time: Time::default(),
            validators: ValidatorSet::new(vec![validator]).expect("one validator"),
            accounts: List::new(vec![account]).expect("one account"),
            parameters: Parameters::default(),
        };
        genesis_of(&genesis, primitives(Suite::Intl), &mut State::new(primitives(Suite::Intl)))
    };
    for role in Role::iter() {
        let expected = if role.is_of_department() { Err(Error::DepartmentRole.into()) } else { Ok(()) }; // I6
        assert_eq!(outcome(role.into()), expected, "{role}");
    }
    assert!(outcome("king").is_err());
}

#[test]
fn suspending_and_resuming() {
    let own_key = revoke_key(&Who::Alice.secret());
    tell(
        &mut network(),
        &[
            (Who::Admin, suspend(Who::Admin), "identity.oneself"), // I4
            (Who::Admin, resume(Who::Alice), "identity.not_suspended"),
            (Who::Admin, suspend(Who::Alice), "Suspended"),
            (Who::Admin, suspend(Who::Alice), "identity.suspended"),
            (Who::Alice, own_key.clone(), "tx.account_suspended"),
            (Who::Admin, resume(Who::Alice), "Resumed"),
            (Who::Alice, own_key, "identity.last_key"),
        ],
    );
}

#[test]
fn every_error_has_its_story() {
    let source = include_str!("tests.rs");
    for error in Error::iter() {
        let code = tongban_kernel::ModuleError::code(&error);
        assert!(source.contains(&format!("\"{}\"", &*code)), "no story ends in {}", &*code);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever keys are added and revoked in whatever order: the account keeps a valid key (I2), and a revoked one stays so (I1).
    #[test]
    fn keys_are_never_revived(steps in proptest::collection::vec((0..5u8, any::<bool>(), 0..5u8), 1..24)) {
        let mut story = network();
        let mut revoked = std::collections::BTreeSet::new();
        for (signer, adds, subject) in steps {
            let keys = |seed: u8| if seed == 0 { Who::Alice.secret() } else { secret(80 + seed) };
            let call = if adds { add_key(&story, Who::Alice, &keys(subject)) } else { revoke_key(&keys(subject)) };
            let receipt = story.act_with(Who::Alice.account(), &keys(signer).public_key(), vec![call.to_bytes()]);
            let applied = matches!(receipt.outcome, tongban_types::Outcome::Applied { .. });
            prop_assert!(!(applied && revoked.contains(&signer)), "a revoked key has acted");
            if applied && !adds {
                revoked.insert(subject);
            }
            let account = account_of_who(&story, Who::Alice).expect("it exists");
            prop_assert!(account.valid_keys() >= 1);
            for seed in &revoked {
                let key = keys(*seed).public_key();
                prop_assert!(account.key(&key).is_some_and(|key| key.revoked_at.is_some()));
            }
        }
    }
}
