//! Stories of the module: happy path, every error, every role; and one property.

use super::{genesis as genesis_of, *};
use crate::dispute_stories::{decide_at, hear_at, third_officer};
use crate::ending_stories::{
    add_document, annul_ending, bind_as, change_level, confirm_last, correct, freeze, proposal_of, record_death,
};
use crate::one_account_stories::duplicate;
use crate::recovery_stories::{
    COMPANY, COOLING_MILLIS, account_of_who, act_with_key, add_key, approve, bind_company, blob, notice, object,
    open_recovery, possession, resume, sealing, suspend,
};
use crate::test_cast::{
    CIVIL, MARKET, POLICE, TERM_END, Who, appoint, authorise, bind, city, code, network, outcome_name, pseudonym_of,
    secret, tell, text,
};
use crate::{Call as AnyCall, Query as AnyQuery, View as AnyView};
use proptest::prelude::*;
use std::collections::BTreeMap;
use strum::IntoEnumIterator;
use tongban_crypto::{SecretKey, primitives};
use tongban_kernel::Role;
use tongban_kernel::testing::Story;
use tongban_types::codes::UnifiedSocialCreditCode;
use tongban_types::genesis::{GENESIS_VERSION, GenesisAccount, Parameters, account_of};
use tongban_types::{AccountId, Digest, Genesis, List, Outcome, PublicKey, Suite, Text, Time, Validator, ValidatorSet};

const HOUR_MILLIS: u64 = 3_600_000;
const OTHER_COMPANY: &str = "9144030071526726XG";

fn open(story: &Story, kind: AccountKind, name: Option<&str>, key: &SecretKey) -> AnyCall {
    let account = account_of(&key.public_key(), primitives(Suite::Intl));
    AnyCall::Identity(Call::OpenAccount {
        kind,
        name: name.map(text::<200>) as Option<Text<200>>,
        key: key.public_key(),
        possession: possession(story, account, key),
    })
}

/// Nobody is kept from a key by another one who has named it first.
#[test]
fn a_key_cannot_be_taken_by_naming_it_first() {
    let mut story = network();
    let (alices, strangers) = (secret(70), Who::Stranger.secret());
    let added = add_key(&story, Who::Alice, &alices);
    let opened = open(&story, AccountKind::Person, None, &strangers);
    tell(
        &mut story,
        &[
            (Who::Eve, sealing(alices.public_key()), "SealingKeyAdded"),
            (Who::Eve, sealing(strangers.public_key()), "SealingKeyAdded"),
            (Who::Alice, added, "KeyAdded"),
            (Who::Registrar, opened, "AccountOpened"),
            (Who::Alice, sealing(alices.public_key()), "identity.key_taken"), // I7
        ],
    );
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
            (Who::Admin, grant(Who::Eve, role), "identity.department_role"), // I12
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
        let expected = if role.is_of_department() { Err(Error::DepartmentRole.into()) } else { Ok(()) }; // I12
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

fn rotate(story: &Story, who: Who, old: &SecretKey, key: &SecretKey) -> AnyCall {
    let possession = possession(story, who.account(), key);
    AnyCall::Identity(Call::RotateKey { old: old.public_key(), key: key.public_key(), possession })
}

#[test]
fn a_key_is_exchanged_in_one_step() {
    let mut story = network();
    let (old, new, third) = (Who::Eve.secret(), secret(70), secret(71));
    let first = rotate(&story, Who::Eve, &old, &new);
    let unknown = rotate(&story, Who::Eve, &third, &new);
    let taken = rotate(&story, Who::Eve, &old, &Who::Alice.secret());
    let mut unproven = rotate(&story, Who::Eve, &old, &third);
    if let AnyCall::Identity(Call::RotateKey { possession, .. }) = &mut unproven {
        possession.0[0] ^= 1;
    }
    tell(
        &mut story,
        &[
            (Who::Eve, unknown, "identity.key_unknown"),
            (Who::Eve, taken, "identity.key_taken"),                // I1
            (Who::Eve, unproven, "identity.possession_not_proven"), // I3
            (Who::Eve, first, "KeyRotated"),
            (Who::Eve, grant(Who::Bob, Role::Witness), "tx.key_revoked"),
        ],
    );
    let again = rotate(&story, Who::Eve, &old, &third);
    assert_eq!(act_with_key(&mut story, Who::Eve, &new, &again), "identity.key_revoked");
    let account = account_of_who(&story, Who::Eve).expect("it exists");
    assert_eq!((account.keys.len(), account.valid_keys()), (2, 1));
}

#[test]
fn keys_can_be_exchanged_for_ever_and_no_old_one_comes_back() {
    let mut story = network();
    let key = |number: u8| if number == 0 { Who::Eve.secret() } else { secret(120 + number) };
    for number in 0..20 {
        let call = rotate(&story, Who::Eve, &key(number), &key(number + 1));
        assert_eq!(act_with_key(&mut story, Who::Eve, &key(number), &call), "KeyRotated");
        let account = account_of_who(&story, Who::Eve).expect("it exists");
        assert!(account.valid_keys() == 1 && account.keys.len() <= 16);
    }
    for number in 0..20 {
        // What is remembered with the account is revoked, what is forgotten was never its key: neither acts, neither returns.
        let stale = add_key(&story, Who::Eve, &secret(60));
        let code = act_with_key(&mut story, Who::Eve, &key(number), &stale);
        assert_eq!(code, if number < 5 { "tx.unknown_key" } else { "tx.key_revoked" }, "{number}");
        let back = add_key(&story, Who::Eve, &key(number));
        assert_eq!(act_with_key(&mut story, Who::Eve, &key(20), &back), "identity.key_taken"); // I1
    }
}

#[test]
fn a_sealing_key_receives_and_never_signs() {
    let mut story = network();
    let signing = secret(70);
    let as_signing_key = add_key(&story, Who::Eve, &signing);
    let revoke = |key: PublicKey| AnyCall::Identity(Call::RevokeSealingKey { key });
    let newest = |story: &Story| {
        story.ask(|state| sealing_key(state, &Who::Eve.account()).map_err(Stop::from)).expect("a record is read")
    };
    assert_eq!(newest(&story), None);
    tell(
        &mut story,
        &[
            (Who::Eve, sealing(blob(2, 33)), "identity.sealing_key_malformed"),
            (Who::Eve, sealing(blob(2, 0)), "identity.sealing_key_malformed"),
            (Who::Eve, sealing(Who::Alice.key()), "identity.key_taken"),
            (Who::Eve, sealing(Who::Eve.key()), "identity.key_taken"), // I7
            (Who::Eve, sealing(blob(2, 32)), "SealingKeyAdded"),
            (Who::Eve, sealing(blob(2, 32)), "identity.key_taken"),
            (Who::Alice, sealing(blob(2, 32)), "SealingKeyAdded"), // it stands with the account alone
            (Who::Eve, sealing(signing.public_key()), "SealingKeyAdded"),
            (Who::Eve, as_signing_key, "identity.key_taken"), // I7
        ],
    );
    assert_eq!(newest(&story), Some(signing.public_key()));
    assert_eq!(act_with_key(&mut story, Who::Eve, &signing, &revoke(blob(2, 32))), "tx.unknown_key"); // I7
    tell(
        &mut story,
        &[
            (Who::Eve, revoke(signing.public_key()), "SealingKeyRevoked"),
            (Who::Eve, revoke(signing.public_key()), "identity.key_revoked"),
            (Who::Eve, revoke(Who::Eve.key()), "identity.key_unknown"),
        ],
    );
    assert_eq!(newest(&story), Some(blob(2, 32)));
    for byte in 100..116 {
        let expected = if byte < 115 { "SealingKeyAdded" } else { "identity.too_many_keys" };
        tell(&mut story, &[(Who::Eve, sealing(blob(byte, 32)), expected)]);
    }
}

fn withdraw_authority(department: &'static str) -> AnyCall {
    AnyCall::Identity(Call::WithdrawAuthority { department: code(department) })
}

#[test]
fn a_person_cannot_register_twice() {
    tell(
        &mut city(),
        &[
            (Who::IdentityOfficer, bind_as(Who::Stranger, pseudonym_of(Who::Zhang), POLICE), "identity.not_found"),
            (Who::IdentityOfficer, bind_as(Who::Eve, pseudonym_of(Who::Zhang), POLICE), "identity.not_a_person"),
            (Who::IdentityOfficer, bind(Who::IdentityOfficer), "identity.oneself"), // I4
            (Who::IdentityOfficer, bind(Who::Zhang), "PersonBound"),
            (Who::IdentityOfficer, bind(Who::Zhang), "identity.bound"), // I6
            (Who::IdentityOfficer, bind_as(Who::Li, pseudonym_of(Who::Zhang), POLICE), "identity.pseudonym_taken"), // I6
            // At another department either: the key of the pseudonyms is one.
            (Who::CivilOfficer, bind_as(Who::Li, pseudonym_of(Who::Zhang), CIVIL), "identity.pseudonym_taken"), // I6
            (Who::CivilOfficer, bind_as(Who::Li, pseudonym_of(Who::Li), CIVIL), "PersonBound"),
            (Who::IdentityOfficer, add_document(Who::Li, pseudonym_of(Who::Zhang)), "identity.pseudonym_taken"),
        ],
    );
}

#[test]
fn only_officers_of_authorised_departments_establish_identities() {
    let mut story = city();
    let by_market = bind_as(Who::Zhang, pseudonym_of(Who::Zhang), MARKET);
    let right = crate::test_cast::grant(MARKET, Who::Trainee, Role::IdentityOfficer, None, TERM_END);
    tell(
        &mut story,
        &[
            (Who::Registrar, bind(Who::Zhang), "tx.denied"),
            (Who::Admin, bind(Who::Zhang), "tx.denied"),
            (Who::RecoveryApprover, bind(Who::Zhang), "tx.denied"), // the right department, another role
            (Who::CivilOfficer, bind(Who::Zhang), "tx.denied"),     // the right role, another department
            (Who::Zhang, bind(Who::Zhang), "tx.denied"),
            (Who::Mayor, appoint(MARKET, Who::Trainee, &[]), "Appointed"),
            (Who::Mayor, right, "Granted"),
            // Whoever administers a department can appoint officers, but not make it an identity authority.
            (Who::Trainee, by_market.clone(), "identity.department_not_authorised"), // I11
            (Who::Mayor, authorise(MARKET), "tx.denied"),
            (Who::Admin, authorise(POLICE), "identity.authority_held"),
            (Who::Admin, withdraw_authority(MARKET), "identity.authority_not_held"),
            (Who::Mayor, withdraw_authority(POLICE), "tx.denied"),
            (Who::Admin, authorise(MARKET), "DepartmentAuthorised"),
            (Who::Trainee, by_market.clone(), "PersonBound"),
            (Who::Admin, withdraw_authority(MARKET), "AuthorityWithdrawn"),
            (Who::Admin, withdraw_authority(MARKET), "identity.authority_not_held"),
            (Who::Trainee, by_market, "identity.department_not_authorised"), // I11
        ],
    );
    // A deputy stands in for the officer who is away, as long as he is.
    let deputy =
        crate::test_cast::name_deputy(POLICE, Who::PoliceDataOfficer, Who::IdentityOfficer, "2026-02-01T00:00:00Z");
    tell(
        &mut story,
        &[
            (Who::PoliceDataOfficer, bind(Who::Li), "tx.denied"),
            (Who::Mayor, deputy, "DeputyNamed"),
            (Who::PoliceDataOfficer, bind(Who::Li), "PersonBound"),
        ],
    );
    story.pass_millis(60 * 24 * HOUR_MILLIS);
    tell(&mut story, &[(Who::PoliceDataOfficer, bind(Who::Mayor), "tx.denied")]);
    story.pass_millis(5 * 366 * 24 * HOUR_MILLIS); // the officers' terms are over
    tell(&mut story, &[(Who::IdentityOfficer, bind(Who::Mayor), "tx.denied")]);
}

#[test]
fn documents_and_levels() {
    let mut story = city();
    let number = |number: u8| Digest([number; 32]);
    tell(
        &mut story,
        &[
            (Who::IdentityOfficer, add_document(Who::Zhang, number(1)), "identity.not_bound"),
            (Who::IdentityOfficer, change_level(Who::Zhang, AssuranceLevel::L1), "identity.not_bound"),
            (Who::IdentityOfficer, bind(Who::Zhang), "PersonBound"),
            (Who::IdentityOfficer, change_level(Who::Zhang, AssuranceLevel::L3), "identity.level_unchanged"),
            (Who::IdentityOfficer, change_level(Who::Zhang, AssuranceLevel::L1), "LevelChanged"),
            (Who::Zhang, change_level(Who::Zhang, AssuranceLevel::L3), "tx.denied"),
            (Who::RecoveryApprover, add_document(Who::Zhang, number(1)), "tx.denied"),
            (Who::IdentityOfficer, bind_company(Who::Eve, COMPANY), "CompanyBound"),
            (Who::IdentityOfficer, add_document(Who::Eve, number(1)), "identity.not_a_person"),
        ],
    );
    for count in 1..=8 {
        let expected = if count < 8 { "DocumentAdded" } else { "identity.too_many_documents" };
        tell(&mut story, &[(Who::IdentityOfficer, add_document(Who::Zhang, number(count)), expected)]);
    }
    let level = story.ask(|state| level(state, &Who::Zhang.account()).map_err(Stop::from));
    assert_eq!(level, Ok(Some(AssuranceLevel::L1)));
    let query = AnyQuery::Identity(Query::AccountOfPerson { pseudonym: number(5) });
    let view = story.ask(|state| query.answer(state));
    assert_eq!(view, Ok(AnyView::Identity(View::AccountOfPerson { account: Some(Who::Zhang.account()) })));
}

#[test]
fn companies_are_bound_by_their_public_code() {
    let mut story = city();
    tell(
        &mut story,
        &[
            (Who::Admin, withdraw(Who::Bob, Role::Depositor), "RoleWithdrawn"),
            (Who::IdentityOfficer, bind_company(Who::Zhang, COMPANY), "identity.not_an_organisation"),
            (Who::CivilOfficer, bind_company(Who::Eve, COMPANY), "tx.denied"),
            (Who::IdentityOfficer, bind_company(Who::Eve, COMPANY), "CompanyBound"),
            (Who::IdentityOfficer, bind_company(Who::Eve, OTHER_COMPANY), "identity.bound"), // I6
            (Who::IdentityOfficer, bind_company(Who::Bob, COMPANY), "identity.code_taken"),  // I6
            (Who::IdentityOfficer, bind_company(Who::Bob, OTHER_COMPANY), "CompanyBound"),
        ],
    );
    let code: UnifiedSocialCreditCode = code(COMPANY);
    let found = story.ask(|state| {
        let account = account_of_company(state, &code)?;
        Ok((account, company_code(state, &Who::Eve.account())?))
    });
    assert_eq!(found, Ok((Some(Who::Eve.account()), Some(code))));
}

#[test]
fn every_error_has_its_story() {
    let source = [
        include_str!("tests.rs"),
        include_str!("../recovery_stories.rs"),
        include_str!("../ending_stories.rs"),
        include_str!("../freeze_stories.rs"),
        include_str!("../dispute_stories.rs"),
        include_str!("../one_account_stories.rs"),
        include_str!("../ward_stories.rs"),
    ]
    .concat();
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
            let applied = matches!(receipt.outcome, Outcome::Applied { .. });
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
    /// Whatever officers, thieves and the persons themselves do in whatever order: a pseudonym is bound to one account and leaves it by a
    /// correction of two officers alone (I6, I13), an account is never without a valid key (I2), one that has ended or is suspended does not act
    /// (I8), and one that is frozen does nothing but object (I15). That who had a part in a recovery decides no objection to it (I18) is an
    /// invariant of its record.
    #[test]
    fn accounts_stay_sound_in_any_history(steps in proptest::collection::vec((0..27u8, any::<bool>(), 0..4u8), 1..40)) {
        let mut story = city();
        tell(&mut story, &[(Who::Mayor, third_officer(), "Granted")]);
        let mut bound: BTreeMap<Digest, AccountId> = BTreeMap::new();
        let mut seed = 100;
        let mut last = 0;
        for (step, is_zhang, choice) in steps {
            let who = if is_zhang { Who::Zhang } else { Who::Li };
            let pseudonym = if choice == 0 { pseudonym_of(Who::Zhang) } else { pseudonym_of(who) };
            seed += 1;
            let new = secret(seed);
            let correction =
                if choice < 2 { Correction::Unbind {} } else { Correction::StrikeDocument { place: choice - 2 } };
            let (actor, call) = match step {
                0 | 1 => (Who::IdentityOfficer, bind_as(who, pseudonym, POLICE)),
                2 => (Who::IdentityOfficer, add_document(who, Digest([choice; 32]))),
                3 | 4 => (Who::IdentityOfficer, open_recovery(&story, who, Presented::Person { pseudonym }, &new)),
                5 | 6 => (Who::IdentityOfficer, notice(last)),
                7 | 8 => (Who::RecoveryApprover, approve(last)),
                9 => (Who::CivilOfficer, record_death(who)),
                10 => (Who::RecoveryApprover, annul_ending(who)),
                11 => (Who::Admin, suspend(who)),
                12 => (Who::Admin, resume(who)),
                13 => (who, object(last)),
                14 => (who, add_key(&story, who, &new)),
                15 => (Who::IdentityOfficer, correct(who, correction)),
                16..=18 => (Who::RecoveryApprover, confirm_last(&story, who)),
                19 => (Who::IdentityOfficer, freeze(who)),
                20 => (who, AnyCall::Identity(Call::FreezeOwn { reason: FreezeReason::KeyStolen })),
                21 => (Who::CivilIssuer, hear_at(CIVIL, last, if choice < 3 { Side::Claimant } else { Side::Objector })),
                22 => (Who::CivilIssuer, decide_at(CIVIL, last, if choice < 3 { Ruling::Dismiss } else { Ruling::Uphold })),
                23 => (Who::RecoveryApprover, decide_at(POLICE, last, Ruling::Dismiss)),
                24 => (Who::IdentityOfficer, duplicate(who, if is_zhang { Who::Li } else { Who::Zhang })),
                25 => {
                    let proposal = proposal_of(&story, who.account()).map_or(0, |proposal| proposal.receipt);
                    (who, AnyCall::Identity(Call::ObjectToJoining { proposal }))
                }
                _ => (who, revoke_key(&secret(100 + choice))),
            };
            let account = account_of_who(&story, who).expect("it exists");
            let key = if actor == who {
                // Whoever has a valid key, the newest first.
                account.keys.iter().rev().find(|key| key.revoked_at.is_none()).expect("I2").key.clone()
            } else {
                actor.key()
            };
            let receipt = story.act_with(actor.account(), &key, vec![call.to_bytes()]);
            let is_applied = matches!(receipt.outcome, Outcome::Applied { .. });
            if is_applied && actor == who {
                let is_objection =
                    matches!(call, AnyCall::Identity(Call::ObjectToRecovery { .. } | Call::ObjectToJoining { .. }));
                let may_act = matches!(
                    (account.status(), is_objection),
                    (Status::Active, _) | (Status::Frozen(_), true)
                );
                prop_assert!(may_act, "it has acted");
            }
            if is_applied && matches!(call, AnyCall::Identity(Call::OpenRecovery { .. })) {
                last = receipt.number;
            }
            let is_corrected = outcome_name(&receipt.outcome) == "BindingCorrected";
            if choice == 3 {
                story.pass_millis(COOLING_MILLIS / 2);
            }
            let mut now: BTreeMap<Digest, AccountId> = BTreeMap::new();
            for who in [Who::Zhang, Who::Li] {
                let account = account_of_who(&story, who).expect("it exists");
                prop_assert!(account.valid_keys() >= 1); // I2
                let holder = story.ask(|state| holder(state, &who.account()).map_err(Stop::from)).expect("a record");
                let Some(Holder { subject: Subject::Person { documents }, .. }) = holder else { continue };
                for document in documents.iter() {
                    prop_assert_eq!(now.insert(document.pseudonym, who.account()), None); // I6
                }
            }
            for (pseudonym, account) in &bound {
                prop_assert!(is_corrected || now.get(pseudonym) == Some(account), "it left by itself"); // I6, I13
            }
            bound = now;
        }
    }
}
