//! Stories of accounts that are frozen upon a report of loss (挂失).

use crate::ending_stories::{account_call, correct, freeze};
use crate::identity::{
    Call, ClosingKind, Correction, FREEZE_MILLIS, FREEZE_PAUSE_MILLIS, Freeze, FreezeReason, Status, status,
};
use crate::recovery_stories::{
    COOLING_MILLIS, account_of_who, act_with_key, add_key, blob, bound_city, cooling, names, object, opened,
    recovery_of, resume, sealing, suspend,
};
use crate::representation::{self, Capacity, Mandate};
use crate::test_cast::{MARKET, POLICE, TERM_END, Who, appoint, code, grant, outcome_name, secret, tell, time};
use crate::{Call as AnyCall, representation as representing};
use tongban_kernel::testing::Story;
use tongban_kernel::{Role, Stop};
use tongban_types::Time;

const FROZEN_MILLIS: u64 = FREEZE_MILLIS + COOLING_MILLIS;
const MINUTE_MILLIS: u64 = 60_000;

fn freeze_own() -> AnyCall {
    AnyCall::Identity(Call::FreezeOwn { reason: FreezeReason::KeyStolen })
}

fn status_of(story: &Story, who: Who) -> Status {
    story.ask(|state| status(state, &who.account()).map_err(Stop::from)).expect("a record is read")
}

fn freeze_of(story: &Story, who: Who) -> Freeze {
    account_of_who(story, who).and_then(|account| account.freeze).expect("it was frozen")
}

fn until(story: &Story) -> Time {
    story.time().plus_millis(FROZEN_MILLIS)
}

#[test]
fn an_officer_freezes_an_account_at_once_and_for_a_while() {
    let mut story = bound_city();
    let agency = Mandate { items: None, acts: None, from: None, until: time("2027-01-01T00:00:00Z") };
    let (principal, agent) = (Who::Zhang.account(), Who::Li.account());
    let named = AnyCall::Representation(representing::Call::NameAgent { principal, agent, mandate: agency });
    tell(&mut story, &[(Who::Zhang, named, "AgentNamed")]);
    let acts_for = |story: &Story| {
        let at = story.time();
        story.ask(|state| Ok(representation::capacity(state, &agent, &principal, None, at)?)).expect("records are read")
    };
    assert!(matches!(acts_for(&story), Some(Capacity::Agent { .. })));
    tell(
        &mut story,
        &[
            (Who::Li, freeze(Who::Zhang), "tx.denied"),
            (Who::RecoveryApprover, freeze(Who::Zhang), "tx.denied"),
            (Who::CivilOfficer, freeze(Who::Zhang), "tx.denied"), // the call names public security
            (Who::IdentityOfficer, freeze(Who::IdentityOfficer), "identity.oneself"),
            (Who::IdentityOfficer, freeze(Who::Stranger), "identity.not_found"),
            (Who::IdentityOfficer, freeze(Who::Mayor), "identity.not_bound"), // nobody knows whose it is
            (Who::IdentityOfficer, freeze(Who::Zhang), "Frozen"),
            (Who::IdentityOfficer, freeze(Who::Zhang), "identity.frozen"),
            (Who::Zhang, sealing(blob(2, 32)), "tx.account_frozen"), // I15
            (Who::Zhang, freeze_own(), "tx.account_frozen"),
        ],
    );
    let freeze = freeze_of(&story, Who::Zhang);
    assert_eq!((freeze.reason, freeze.by), (FreezeReason::KeyLost, Who::IdentityOfficer.account()));
    assert_eq!((freeze.department, freeze.until), (Some(code(POLICE)), freeze.at.plus_millis(FROZEN_MILLIS)));
    assert_eq!(status_of(&story, Who::Zhang), Status::Frozen(freeze.until));
    assert_eq!(acts_for(&story), None, "whoever has the key may have named him");
    assert_eq!(names(&story.pass_millis(FROZEN_MILLIS - 2 * MINUTE_MILLIS)), [""; 0]);
    assert_eq!(status_of(&story, Who::Zhang), Status::Frozen(freeze.until));
    assert_eq!(names(&story.pass_millis(3 * MINUTE_MILLIS)), ["FreezeEnded"]); // I15
    assert_eq!(status_of(&story, Who::Zhang), Status::Active);
    assert!(acts_for(&story).is_some());
    tell(&mut story, &[(Who::Zhang, sealing(blob(2, 32)), "SealingKeyAdded")]);
}

#[test]
fn the_holder_freezes_his_account_with_any_key_that_is_left() {
    let mut story = bound_city();
    let second = secret(70);
    let added = add_key(&story, Who::Zhang, &second);
    tell(&mut story, &[(Who::Zhang, added, "KeyAdded")]);
    assert_eq!(act_with_key(&mut story, Who::Zhang, &second, &freeze_own()), "Frozen");
    let freeze = freeze_of(&story, Who::Zhang);
    assert_eq!((freeze.department, freeze.by, freeze.until), (None, Who::Zhang.account(), until_of(&freeze)));
    tell(
        &mut story,
        &[
            (Who::Zhang, sealing(blob(2, 32)), "tx.account_frozen"), // I15: whoever has taken the first key
            (Who::IdentityOfficer, freeze_again(), "identity.frozen"),
        ],
    );
    // Somebody who is bound to nobody and holds roles of the network can do that, too.
    tell(&mut story, &[(Who::Bob, freeze_own(), "Frozen"), (Who::Bob, sealing(blob(2, 32)), "tx.account_frozen")]);
    let twice = [freeze_own(), freeze_own()].map(|call| call.to_bytes());
    let receipt = story.act(&Who::Li.key(), twice.to_vec());
    assert_eq!(outcome_name(&receipt.outcome), "identity.frozen");
    assert_eq!(status_of(&story, Who::Li), Status::Active);
}

fn freeze_again() -> AnyCall {
    freeze(Who::Zhang)
}

fn until_of(freeze: &Freeze) -> Time {
    freeze.at.plus_millis(FROZEN_MILLIS)
}

/// A thief does nothing while the person gets a new key; the person, or whoever else has a key, can still object.
#[test]
fn an_account_is_recovered_while_it_is_frozen() {
    let mut story = bound_city();
    let new = secret(70);
    tell(&mut story, &[(Who::IdentityOfficer, freeze(Who::Zhang), "Frozen")]);
    let number = cooling(&mut story, Who::Zhang, &new);
    let with_more = [object(number), sealing(blob(2, 32))].map(|call| call.to_bytes());
    let receipt = story.act(&Who::Zhang.key(), with_more.to_vec());
    assert_eq!(outcome_name(&receipt.outcome), "tx.account_frozen"); // I15: to object and nothing else
    tell(&mut story.clone(), &[(Who::Zhang, object(number), "RecoveryDisputed")]); // I15
    assert_eq!(names(&story.pass_millis(COOLING_MILLIS + MINUTE_MILLIS)), ["RecoveryCompleted"]); // I10
    assert_eq!(status_of(&story, Who::Zhang), Status::Active); // I15
    assert_eq!(recovery_of(&story, number).closing.map(|closing| closing.kind), Some(ClosingKind::Completed));
    tell(&mut story, &[(Who::Zhang, sealing(blob(2, 32)), "tx.key_revoked")]);
    assert_eq!(act_with_key(&mut story, Who::Zhang, &new, &sealing(blob(2, 32))), "SealingKeyAdded");
    assert_eq!(names(&story.pass_millis(2 * FROZEN_MILLIS)), [""; 0], "the act of time finds it done");
}

/// A freeze is for a while: officers cannot make it one for ever, and the network's administrator can end it.
#[test]
fn officers_freeze_nobody_again_and_again() {
    let mut story = bound_city();
    tell(
        &mut story,
        &[
            (Who::IdentityOfficer, freeze(Who::Zhang), "Frozen"),
            (Who::Mayor, resume(Who::Zhang), "tx.denied"),
            (Who::Admin, resume(Who::Zhang), "Resumed"), // I15
            (Who::Zhang, sealing(blob(2, 32)), "SealingKeyAdded"),
            (Who::IdentityOfficer, freeze(Who::Zhang), "identity.frozen_lately"), // I15
        ],
    );
    assert_eq!(names(&story.pass_millis(FREEZE_PAUSE_MILLIS - MINUTE_MILLIS)), [""; 0]);
    tell(&mut story, &[(Who::IdentityOfficer, freeze(Who::Zhang), "identity.frozen_lately")]);
    story.pass_millis(MINUTE_MILLIS);
    // The act of the first freeze does not end the second one.
    tell(&mut story, &[(Who::IdentityOfficer, freeze(Who::Zhang), "Frozen")]);
    let until = until(&story);
    assert_eq!(names(&story.pass_millis(FROZEN_MILLIS - FREEZE_PAUSE_MILLIS + MINUTE_MILLIS)), [""; 0]);
    assert_eq!(status_of(&story, Who::Zhang), Status::Frozen(until));
    // What he freezes himself is his own matter, at any time.
    tell(
        &mut story,
        &[
            (Who::Admin, resume(Who::Zhang), "Resumed"),
            (Who::Zhang, freeze_own(), "Frozen"),
            (Who::Admin, resume(Who::Zhang), "Resumed"),
            (Who::Admin, resume(Who::Zhang), "identity.not_suspended"),
            (Who::Zhang, freeze_own(), "Frozen"),
        ],
    );
}

#[test]
fn a_freeze_beside_suspension_recovery_and_correction() {
    let mut story = bound_city();
    tell(
        &mut story,
        &[
            (Who::Admin, suspend(Who::Li), "Suspended"),
            (Who::IdentityOfficer, freeze(Who::Li), "identity.suspended"), // he does not act anyway
            (Who::IdentityOfficer, freeze(Who::Zhang), "Frozen"),
            (Who::Admin, suspend(Who::Zhang), "Suspended"),
            (Who::Zhang, sealing(blob(2, 32)), "tx.account_suspended"),
        ],
    );
    // Suspended, he cannot even object: so no recovery goes on.
    let number = cooling(&mut story, Who::Zhang, &secret(70));
    tell(&mut story, &[(Who::Zhang, object(number), "tx.account_suspended")]);
    assert_eq!(recovery_of(&story, number).completes_at, None); // I10
    tell(&mut story, &[(Who::Admin, resume(Who::Zhang), "Resumed")]); // of both
    assert_eq!(status_of(&story, Who::Zhang), Status::Active);
    assert!(recovery_of(&story, number).completes_at.is_some());
    // By an officer of a department without authority nothing is frozen.
    let by_market = account_call(
        Who::Li,
        |department, account| Call::Freeze { department, account, reason: FreezeReason::SuspectedMisuse },
        MARKET,
    );
    tell(
        &mut story,
        &[
            (Who::Admin, resume(Who::Li), "Resumed"),
            (Who::Mayor, appoint(MARKET, Who::Trainee, &[]), "Appointed"),
            (Who::Mayor, grant(MARKET, Who::Trainee, Role::IdentityOfficer, None, TERM_END), "Granted"),
            (Who::Trainee, by_market, "identity.department_not_authorised"), // I11
            (Who::IdentityOfficer, freeze(Who::Li), "Frozen"),
            (Who::IdentityOfficer, correct(Who::Li, Correction::Unbind {}), "ProposalRecorded"),
        ],
    );
    opened(&mut story, Who::Li, &secret(71));
}
