//! Stories of the module: happy path, every error, every role; and one property.

use super::*;
use crate::test_cast::{Who, network, outcome_name, tell, text};
use crate::{Call as AnyCall, Query as AnyQuery, View as AnyView};
use proptest::prelude::*;
use strum::IntoEnumIterator;
use tongban_crypto::primitives;
use tongban_kernel::testing::Story;
use tongban_types::{AccountId, EvidenceId, List, Suite, Time};

fn id(number: u8) -> EvidenceId {
    EvidenceId([number; 16])
}

fn source() -> Source {
    Source {
        object_type: ObjectType::Document,
        system: text("许可系统"),
        method: text("export 1.0"),
        operator: Who::Alice.account(),
        collected_at: "2025-12-31T00:00:00Z".parse().expect("a time"),
    }
}

fn commitments(fields: &[&str]) -> List<FieldCommitment, 16> {
    let commitments = fields.iter().map(|field| FieldCommitment { field: text(field), commitment: Digest([7; 32]) });
    List::new(commitments.collect()).expect("few fields")
}

fn register(number: u8) -> AnyCall {
    register_with(number, source(), None, &["content"])
}

fn register_with(number: u8, source: Source, previous: Option<EvidenceId>, fields: &[&str]) -> AnyCall {
    AnyCall::Evidence(Call::Register { id: id(number), source, previous, commitments: commitments(fields) })
}

fn batch(number: u8, leaves: u32) -> AnyCall {
    AnyCall::Evidence(Call::RegisterBatch {
        id: id(number),
        source: source(),
        previous: None,
        root: Digest([9; 32]),
        leaves,
    })
}

fn witness(number: u8) -> AnyCall {
    let content = Content::Single { commitments: commitments(&["content"]) };
    witness_of(number, content_digest(&content, primitives(Suite::Intl)))
}

fn witness_of(number: u8, content: Digest) -> AnyCall {
    AnyCall::Evidence(Call::Witness {
        id: id(number),
        content,
        capacity: Capacity::Court,
        finding: Finding::Recomputed,
    })
}

fn withdraw(number: u8) -> AnyCall {
    AnyCall::Evidence(Call::Withdraw { id: id(number), reason: WithdrawalReason::Mistake, explanation: None })
}

fn record(story: &Story, number: u8) -> Option<Record> {
    let query = AnyQuery::Evidence(Query::Record { id: id(number) });
    match story.ask(|state| query.answer(state)).expect("a query of records never stops") {
        AnyView::Evidence(View::Record { record }) => record.map(|record| *record),
        other => panic!("expected a record, found {other:?}"),
    }
}

#[test]
fn registering_witnessing_and_withdrawing() {
    let mut story = network();
    tell(
        &mut story,
        &[
            (Who::Alice, register(1), "Registered"),
            (Who::Court, witness(1), "Witnessed"),
            (Who::Notary, witness(1), "Witnessed"),
            (Who::Alice, withdraw(1), "Withdrawn"),
        ],
    );
    let record = record(&story, 1).expect("a withdrawn record stays readable (I1)");
    assert_eq!(record.depositor, Who::Alice.account());
    let witnesses: Vec<AccountId> = record.attestations.iter().map(|attestation| attestation.witness).collect();
    assert_eq!(witnesses, [Who::Court.account(), Who::Notary.account()]);
    let withdrawal = record.withdrawal.expect("it was withdrawn");
    assert_eq!((record.receipt, withdrawal.receipt), (0, 3), "receipts count from the first");
    assert!(record.registered_at < withdrawal.withdrawn_at);
}

#[test]
fn every_role_is_needed() {
    tell(
        &mut network(),
        &[
            (Who::Stranger, register(1), "tx.unknown_account"),
            (Who::Eve, register(1), "tx.denied"),
            (Who::Eve, batch(1, 1), "tx.denied"),
            (Who::Court, register(1), "tx.denied"),
            (Who::Admin, register(1), "tx.denied"),
            (Who::Alice, register(1), "Registered"),
            (Who::Alice, witness(1), "tx.denied"),
            (Who::Eve, withdraw(1), "tx.denied"),
            (Who::Court, withdraw(1), "tx.denied"),
        ],
    );
}

#[test]
fn a_number_is_registered_once() {
    tell(
        &mut network(),
        &[
            (Who::Alice, register(1), "Registered"),
            (Who::Alice, register(1), "evidence.exists"),
            (Who::Bob, batch(1, 3), "evidence.exists"),
            (Who::Alice, withdraw(1), "Withdrawn"),
            (Who::Alice, register(1), "evidence.exists"), // I1
        ],
    );
}

#[test]
fn what_a_record_needs() {
    let nowhere = Source { system: text(""), ..source() };
    let tomorrow = Source { collected_at: "2026-01-02T00:00:00Z".parse::<Time>().expect("a time"), ..source() };
    let by_nobody = Source { operator: Who::Stranger.account(), ..source() };
    tell(
        &mut network(),
        &[
            (Who::Alice, register_with(1, source(), None, &[]), "evidence.empty"),
            (Who::Alice, register_with(1, source(), None, &["content", "content"]), "evidence.field_names"),
            (Who::Alice, register_with(1, source(), None, &[""]), "evidence.field_names"),
            (Who::Alice, register_with(1, nowhere, None, &["content"]), "evidence.source_missing"),
            (Who::Alice, register_with(1, tomorrow, None, &["content"]), "evidence.collected_later"), // I5
            (Who::Alice, register_with(1, by_nobody, None, &["content"]), "evidence.operator_unknown"), // I8
            (Who::Alice, batch(1, 0), "evidence.empty"),
            (Who::Alice, batch(1, 10_001), "evidence.too_many_leaves"),
            (Who::Alice, batch(1, 10_000), "Registered"),
        ],
    );
}

#[test]
fn continuing_a_record() {
    tell(
        &mut network(),
        &[
            (Who::Alice, register_with(2, source(), Some(id(1)), &["content"]), "evidence.previous_not_own"),
            (Who::Alice, register(1), "Registered"),
            (Who::Bob, register_with(2, source(), Some(id(1)), &["content"]), "evidence.previous_not_own"), // I7
            (Who::Alice, register_with(2, source(), Some(id(1)), &["content"]), "Registered"),
        ],
    );
}

#[test]
fn withdrawing_is_final_and_the_depositors_own() {
    tell(
        &mut network(),
        &[
            (Who::Alice, withdraw(1), "evidence.not_found"),
            (Who::Alice, register(1), "Registered"),
            (Who::Bob, withdraw(1), "evidence.not_depositor"), // I3
            (Who::Alice, withdraw(1), "Withdrawn"),
            (Who::Alice, withdraw(1), "evidence.withdrawn"), // I3
            (Who::Court, witness(1), "evidence.withdrawn"),  // I3
        ],
    );
}

#[test]
fn a_witness_names_the_content_and_attests_once() {
    tell(
        &mut network(),
        &[
            (Who::Court, witness(1), "evidence.not_found"),
            (Who::Notary, register(1), "Registered"),
            (Who::Notary, witness(1), "evidence.own_record"), // I4
            (Who::Court, witness_of(1, Digest([1; 32])), "evidence.other_content"), // I4
            (Who::Court, witness(1), "Witnessed"),
            (Who::Court, witness(1), "evidence.witnessed_before"), // I4
        ],
    );
}

#[test]
fn a_record_has_room_for_sixteen_witnesses() {
    let mut story = network();
    tell(&mut story, &[(Who::Alice, register(1), "Registered")]);
    for seed in 0..17 {
        let key = crate::test_cast::secret(150 + seed);
        let account = tongban_types::genesis::account_of(&key.public_key(), primitives(Suite::Intl));
        let possession = key.sign(&crate::identity::possession_message(&story.network(), &account, &key.public_key()));
        let open = crate::identity::Call::OpenAccount {
            kind: crate::identity::AccountKind::Organisation,
            name: Some(text("鉴定中心")),
            key: key.public_key(),
            possession,
        };
        let grant = crate::identity::Call::GrantRole { account, role: tongban_kernel::Role::Witness };
        tell(
            &mut story,
            &[
                (Who::Registrar, AnyCall::Identity(open), "AccountOpened"),
                (Who::Admin, AnyCall::Identity(grant), "RoleGranted"),
            ],
        );
        let receipt = story.act(&key.public_key(), vec![witness(1).to_bytes()]);
        let expected = if seed < 16 { "Witnessed" } else { "evidence.too_many_witnesses" };
        assert_eq!(outcome_name(&receipt.outcome), expected);
    }
}

#[test]
fn calls_of_one_transaction_succeed_or_fail_together() {
    let mut story = network();
    let calls = [register(1), register(2), register(1)];
    let receipt = story.act(&Who::Alice.key(), calls.iter().map(AnyCall::to_bytes).collect());
    let tongban_types::Outcome::Refused(refusal) = receipt.outcome else { panic!("the third call repeats the first") };
    assert_eq!((&*refusal.code, refusal.call), ("evidence.exists", Some(2)));
    assert_eq!(record(&story, 1), None);
    let receipt = story.act(&Who::Alice.key(), calls[..2].iter().map(AnyCall::to_bytes).collect());
    assert_eq!(outcome_name(&receipt.outcome), "Registered");
    assert!(record(&story, 1).is_some() && record(&story, 2).is_some());
}

#[test]
fn which_numbers_are_registered() {
    let mut story = network();
    tell(&mut story, &[(Who::Alice, register(2), "Registered"), (Who::Alice, register(4), "Registered")]);
    let ids = List::new((1..=5).map(id).collect()).expect("few numbers");
    let query = AnyQuery::Evidence(Query::Which { ids });
    let view = story.ask(|state| query.answer(state)).expect("a query of records never stops");
    let registered = List::new(vec![id(2), id(4)]).expect("few numbers");
    assert_eq!(view, AnyView::Evidence(View::Which { registered }));
}

#[test]
fn every_error_has_its_story() {
    let source = include_str!("tests.rs");
    for error in Error::iter() {
        let code = tongban_kernel::ModuleError::code(&error);
        assert!(source.contains(&format!("\"{}\"", &*code)), "no story ends in {}", &*code);
    }
}

fn any_call() -> impl Strategy<Value = AnyCall> {
    let number = 0..4u8;
    prop_oneof![
        (number.clone(), proptest::option::of(0..4u8)).prop_map(|(number, previous)| register_with(
            number,
            source(),
            previous.map(id),
            &["content"]
        )),
        (number.clone(), 0..3u32).prop_map(|(number, leaves)| batch(number, leaves)),
        number.clone().prop_map(witness),
        number.prop_map(withdraw),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is called in whatever order: content, source and times stay (I2), withdrawals stay (I3), attestations are
    /// only added (I4), and the story's own checks hold (refusals change nothing, invariants of every changed record).
    #[test]
    fn records_only_grow(calls in proptest::collection::vec((0..3usize, any_call()), 1..24)) {
        let mut story = network();
        let mut known: Vec<Option<Record>> = vec![None; 4];
        for (who, call) in calls {
            let who = [Who::Alice, Who::Notary, Who::Court][who];
            story.act(&who.key(), vec![call.to_bytes()]);
            for (number, before) in (0..4u8).zip(known.iter_mut()) {
                let now = record(&story, number);
                if let Some(before) = before.as_ref() {
                    let now = now.as_ref().expect("a record is never deleted (I1)");
                    prop_assert_eq!((&now.content, &now.source), (&before.content, &before.source));
                    prop_assert_eq!((now.registered_at, now.receipt), (before.registered_at, before.receipt));
                    prop_assert!(before.withdrawal.is_none() || before.withdrawal == now.withdrawal);
                    prop_assert!(now.attestations.starts_with(&before.attestations));
                }
                *before = now;
            }
        }
    }
}
