//! Stories of the recovery of accounts, and what the stories of `identity` need, too.

use crate::case_test_cast;
use crate::identity::{
    Account, AssuranceLevel, Call, Channel, ClosingKind, PeriodMinutes, Presented, Query, Recovery, Reverification,
    View, level, possession_message,
};
use crate::licence_test_cast::{self, catering};
use crate::representation::{self, Capacity, Mandate};
use crate::test_cast::{
    APPROVAL, CIVIL, MARKET, POLICE, TERM_END, Who, appoint, bind, city, code, outcome_name, pseudonym_of, secret,
    tell, text, time,
};
use crate::{Call as AnyCall, Query as AnyQuery, View as AnyView, sharing};
use tongban_crypto::SecretKey;
use tongban_kernel::testing::Story;
use tongban_kernel::{Role, Stop};
use tongban_types::{AccountId, ConsentId, Digest, List, PublicKey, Receipt, Signature};

/// What an act rests on, in the stories.
pub const PAPERS: Digest = Digest([7; 32]);
const HOUR_MILLIS: u64 = 3_600_000;
/// The cooling time that holds until another one is set.
pub const COOLING_MILLIS: u64 = 72 * HOUR_MILLIS;
/// An organisation's code.
pub const COMPANY: &str = "91110000802100433B";

pub fn possession(story: &Story, account: AccountId, key: &SecretKey) -> Signature {
    key.sign(&possession_message(&story.network(), &account, &key.public_key()))
}

pub fn add_key(story: &Story, who: Who, key: &SecretKey) -> AnyCall {
    let possession = possession(story, who.account(), key);
    AnyCall::Identity(Call::AddKey { key: key.public_key(), possession })
}

pub fn suspend(who: Who) -> AnyCall {
    AnyCall::Identity(Call::Suspend { account: who.account() })
}

pub fn resume(who: Who) -> AnyCall {
    AnyCall::Identity(Call::Resume { account: who.account() })
}

pub fn account_of_who(story: &Story, who: Who) -> Option<Account> {
    let query = AnyQuery::Identity(Query::Account { account: who.account() });
    match story.ask(|state| query.answer(state)).expect("a query of accounts never stops") {
        AnyView::Identity(View::Account { account }) => account,
        other => panic!("expected an account, found {other:?}"),
    }
}

pub fn sealing(key: PublicKey) -> AnyCall {
    AnyCall::Identity(Call::AddSealingKey { key })
}

pub fn blob(byte: u8, length: usize) -> PublicKey {
    PublicKey::new(vec![byte; length]).expect("short enough")
}

pub fn act_with_key(story: &mut Story, who: Who, key: &SecretKey, call: &AnyCall) -> String {
    outcome_name(&story.act_with(who.account(), &key.public_key(), vec![call.to_bytes()]).outcome)
}

pub fn bind_company(who: Who, company: &'static str) -> AnyCall {
    let (company, level) = (code(company), AssuranceLevel::L2);
    let call = |department, account| Call::BindCompany { department, account, code: company, level, papers: PAPERS };
    AnyCall::Identity(call(code(POLICE), who.account()))
}

/// A city in which Zhang and Li are bound.
pub fn bound_city() -> Story {
    let mut story = city();
    for who in [Who::Zhang, Who::Li] {
        tell(&mut story, &[(Who::IdentityOfficer, bind(who), "PersonBound")]);
    }
    story
}

pub fn open_recovery(story: &Story, who: Who, presented: Presented, key: &SecretKey) -> AnyCall {
    AnyCall::Identity(Call::OpenRecovery {
        department: code(POLICE),
        account: who.account(),
        presented,
        verification: Reverification::AtTheCounter,
        key: key.public_key(),
        possession: possession(story, who.account(), key),
        papers: PAPERS,
    })
}

pub fn person(who: Who) -> Presented {
    Presented::Person { pseudonym: pseudonym_of(who) }
}

pub fn notice(recovery: u64) -> AnyCall {
    AnyCall::Identity(Call::RecordNotice { recovery, channel: Channel::ShortMessage, papers: PAPERS })
}

pub fn approve(recovery: u64) -> AnyCall {
    AnyCall::Identity(Call::ApproveRecovery { department: code(POLICE), recovery })
}

pub fn reject(recovery: u64, reason: &str) -> AnyCall {
    AnyCall::Identity(Call::RejectRecovery { department: code(POLICE), recovery, reason: text(reason) })
}

pub fn stop(recovery: u64, reason: &str) -> AnyCall {
    AnyCall::Identity(Call::StopRecovery { department: code(POLICE), recovery, reason: text(reason) })
}

pub fn object(recovery: u64) -> AnyCall {
    AnyCall::Identity(Call::ObjectToRecovery { recovery })
}

/// Opens a recovery with a new key; its number.
pub fn opened(story: &mut Story, who: Who, key: &SecretKey) -> u64 {
    let call = open_recovery(story, who, person(who), key);
    let receipt = story.act(&Who::IdentityOfficer.key(), vec![call.to_bytes()]);
    assert_eq!(outcome_name(&receipt.outcome), "RecoveryOpened");
    receipt.number
}

/// Opens a recovery and lets its cooling time begin.
pub fn cooling(story: &mut Story, who: Who, key: &SecretKey) -> u64 {
    let number = opened(story, who, key);
    tell(
        story,
        &[
            (Who::IdentityOfficer, notice(number), "NoticeRecorded"),
            (Who::RecoveryApprover, approve(number), "RecoveryApproved"),
        ],
    );
    number
}

pub fn names(receipts: &[Receipt]) -> Vec<String> {
    receipts.iter().map(|receipt| outcome_name(&receipt.outcome)).collect()
}

pub fn recovery_of(story: &Story, number: u64) -> Recovery {
    let query = AnyQuery::Identity(Query::Recovery { recovery: number });
    match story.ask(|state| query.answer(state)).expect("a record is read") {
        AnyView::Identity(View::Recovery { recovery: Some(recovery) }) => *recovery,
        other => panic!("expected a recovery, found {other:?}"),
    }
}

#[test]
fn a_lost_key_is_replaced_and_everything_stays_on_the_account() {
    let mut story = bound_city();
    let new = secret(70);
    tell(&mut story, &[(Who::Zhang, sealing(blob(2, 32)), "SealingKeyAdded")]);
    let number = cooling(&mut story, Who::Zhang, &new);
    assert_eq!(act_with_key(&mut story, Who::Zhang, &new, &sealing(blob(3, 32))), "tx.unknown_key");
    assert_eq!(names(&story.pass_millis(COOLING_MILLIS - HOUR_MILLIS)), [""; 0]);
    tell(&mut story, &[(Who::Zhang, sealing(blob(3, 32)), "SealingKeyAdded")]); // not over yet
    assert_eq!(names(&story.pass_millis(HOUR_MILLIS + 60_000)), ["RecoveryCompleted"]);
    tell(&mut story, &[(Who::Zhang, sealing(blob(4, 32)), "tx.key_revoked")]);
    assert_eq!(act_with_key(&mut story, Who::Zhang, &new, &sealing(blob(4, 32))), "SealingKeyAdded");

    let account = account_of_who(&story, Who::Zhang).expect("it exists");
    assert_eq!((account.valid_keys(), account.key(&new.public_key()).map(|key| key.revoked_at)), (1, Some(None)));
    let valid: Vec<_> = account.sealing_keys.iter().filter(|key| key.revoked_at.is_none()).collect();
    assert!(valid.len() == 1 && valid[0].key == blob(4, 32), "nothing is sealed to the lost ones");
    let level = story.ask(|state| level(state, &Who::Zhang.account()).map_err(Stop::from));
    assert_eq!(level, Ok(Some(AssuranceLevel::L3)), "the binding stays");

    let recovery = recovery_of(&story, number);
    let closing = recovery.closing.expect("it has ended");
    assert_eq!((closing.kind, closing.by, closing.reason), (ClosingKind::Completed, AccountId::LEDGER, None));
    assert_eq!((recovery.opening.officer, recovery.presented), (Who::IdentityOfficer.account(), person(Who::Zhang)));
    assert_eq!(recovery.approval.map(|approval| approval.officer), Some(Who::RecoveryApprover.account()));
    assert_eq!((recovery.notices.len(), recovery.notices[0].channel), (1, Channel::ShortMessage));
    // The next loss is recovered like the first.
    opened(&mut story, Who::Zhang, &secret(71));
}

/// Licence, consent, open case and agencies hang on the account, and nothing is done about them.
#[test]
fn all_that_a_person_has_follows_when_his_key_is_exchanged() {
    let mut story = case_test_cast::town();
    let (old, new, zhang) = (Who::Zhang.secret(), secret(70), Who::Zhang.account());
    let id = ConsentId([1; 16]);
    let consent = sharing::Call::GiveConsent {
        id,
        reading: sharing::Reading {
            person: zhang,
            receiver: code(APPROVAL),
            purpose: sharing::Purpose::Application,
            item: text(case_test_cast::RESTAURANT),
        },
        sources: List::new(vec![sharing::Source { licence_type: catering(), fields: sharing::Fields::Whole }])
            .expect("one source"),
        uses: sharing::Uses::Repeatedly,
        until: time("2026-03-01T00:00:00Z"),
    };
    let agency = |principal: Who, agent: Who| {
        let mandate = Mandate { items: None, acts: None, from: None, until: time("2027-01-01T00:00:00Z") };
        let (principal, agent) = (principal.account(), agent.account());
        AnyCall::Representation(representation::Call::NameAgent { principal, agent, mandate })
    };
    tell(
        &mut story,
        &[
            (Who::IdentityOfficer, bind(Who::Zhang), "PersonBound"),
            (Who::IdentityOfficer, bind(Who::Li), "PersonBound"),
            (Who::Issuer, licence_test_cast::issue("OWN"), "Issued"),
            (Who::Zhang, AnyCall::Sharing(consent), "ConsentGiven"),
        ],
    );
    let case = case_test_cast::accepted(&mut story, case_test_cast::application());
    let given = story.act(&Who::Zhang.key(), vec![agency(Who::Zhang, Who::Li).to_bytes()]).number;
    let taken = story.act(&Who::Li.key(), vec![agency(Who::Li, Who::Zhang).to_bytes()]).number;
    let licence = licence_test_cast::record(&story, &licence_test_cast::id("OWN"));

    let number = cooling(&mut story, Who::Zhang, &new);
    assert!(names(&story.pass_millis(COOLING_MILLIS + 60_000)).contains(&"RecoveryCompleted".to_owned()));
    assert_eq!(recovery_of(&story, number).closing.map(|closing| closing.kind), Some(ClosingKind::Completed));

    assert_eq!(licence_test_cast::record(&story, &licence_test_cast::id("OWN")), licence, "nothing has touched it");
    assert_eq!(licence_test_cast::held_by(&story, Who::Zhang), Some(licence_test_cast::id("OWN")));
    assert_eq!(case_test_cast::record(&story, &case).applicant, zhang);
    let capacity_of = |story: &Story, actor: Who, principal: Who| {
        let (actor, principal, at) = (actor.account(), principal.account(), story.time());
        let capacity = story.ask(|state| Ok(representation::capacity(state, &actor, &principal, None, at)?));
        capacity.expect("records are read")
    };
    assert_eq!(capacity_of(&story, Who::Li, Who::Zhang), Some(Capacity::Agent { agency: given }));
    assert_eq!(capacity_of(&story, Who::Zhang, Who::Li), Some(Capacity::Agent { agency: taken }));
    // With the old key nothing of it can be touched, with the new one all of it.
    let acts = [
        (AnyCall::Sharing(sharing::Call::WithdrawConsent { id }), "ConsentWithdrawn"),
        (case_test_cast::withdraw(&case), "Ended"),
        (AnyCall::Representation(representation::Call::RevokeAgency { agency: given }), "AgencyEnded"),
        (AnyCall::Representation(representation::Call::RenounceAgency { agency: taken }), "AgencyEnded"),
    ];
    for (call, expected) in &acts {
        assert_eq!(act_with_key(&mut story, Who::Zhang, &old, call), "tx.key_revoked");
        assert_eq!(act_with_key(&mut story, Who::Zhang, &new, call), *expected);
    }
}

#[test]
fn a_recovery_is_opened_for_whom_the_account_is_bound_to() {
    let mut story = bound_city();
    let key = secret(70);
    let company = Presented::Company { code: code(COMPANY) };
    let mut unproven = open_recovery(&story, Who::Zhang, person(Who::Zhang), &key);
    if let AnyCall::Identity(Call::OpenRecovery { possession, .. }) = &mut unproven {
        possession.0[0] ^= 1;
    }
    let good = open_recovery(&story, Who::Zhang, person(Who::Zhang), &key);
    let other = open_recovery(&story, Who::Zhang, person(Who::Zhang), &secret(71));
    let of_mayor = open_recovery(&story, Who::Mayor, person(Who::Mayor), &key);
    let of_nobody = open_recovery(&story, Who::Stranger, person(Who::Zhang), &key);
    let of_himself = open_recovery(&story, Who::IdentityOfficer, person(Who::Zhang), &key);
    let for_li = open_recovery(&story, Who::Zhang, person(Who::Li), &key);
    let for_company = open_recovery(&story, Who::Zhang, company.clone(), &key);
    let with_taken = open_recovery(&story, Who::Zhang, person(Who::Zhang), &Who::Li.secret());
    let of_company = open_recovery(&story, Who::Eve, company, &secret(72));
    let of_company_by_person = open_recovery(&story, Who::Eve, person(Who::Zhang), &secret(72));
    let reserved = add_key(&story, Who::Li, &key);
    tell(
        &mut story,
        &[
            (Who::RecoveryApprover, good.clone(), "tx.denied"),
            (Who::CivilOfficer, good.clone(), "tx.denied"),
            (Who::Zhang, good.clone(), "tx.denied"),
            (Who::IdentityOfficer, of_himself, "identity.oneself"), // I4
            (Who::IdentityOfficer, of_nobody, "identity.not_found"),
            (Who::IdentityOfficer, of_mayor, "identity.not_bound"),
            (Who::IdentityOfficer, for_li, "identity.identity_mismatch"), // I9
            (Who::IdentityOfficer, for_company, "identity.identity_mismatch"), // I9
            (Who::IdentityOfficer, with_taken, "identity.key_taken"),
            (Who::IdentityOfficer, unproven, "identity.possession_not_proven"),
            (Who::IdentityOfficer, good, "RecoveryOpened"),
            (Who::IdentityOfficer, other, "identity.recovery_open"), // I9
            (Who::Li, reserved, "identity.key_taken"),
            (Who::IdentityOfficer, bind_company(Who::Eve, COMPANY), "CompanyBound"),
            (Who::IdentityOfficer, of_company_by_person, "identity.identity_mismatch"),
            (Who::IdentityOfficer, of_company, "RecoveryOpened"),
        ],
    );
    let mut story = bound_city();
    let calls =
        [(Who::Zhang, 70), (Who::Li, 71)].map(|(who, seed)| open_recovery(&story, who, person(who), &secret(seed)));
    let receipt = story.act(&Who::IdentityOfficer.key(), calls.iter().map(AnyCall::to_bytes).collect());
    assert_eq!(outcome_name(&receipt.outcome), "identity.number_taken");
}

#[test]
fn one_dishonest_officer_cannot_take_an_account_over() {
    let mut story = bound_city();
    let number = opened(&mut story, Who::Zhang, &secret(70));
    let also_approver = crate::test_cast::grant(POLICE, Who::IdentityOfficer, Role::RecoveryApprover, None, TERM_END);
    let unauthorised = AnyCall::Identity(Call::ApproveRecovery { department: code(MARKET), recovery: number });
    let of_market = crate::test_cast::grant(MARKET, Who::Trainee, Role::RecoveryApprover, None, TERM_END);
    tell(
        &mut story,
        &[
            (Who::IdentityOfficer, approve(number), "tx.denied"),
            (Who::CivilOfficer, notice(number), "tx.denied"), // an officer of another department
            (Who::Admin, approve(number), "tx.denied"),
            // Not even with both roles, and not in a department that is no identity authority.
            (Who::Mayor, also_approver, "Granted"),
            (Who::IdentityOfficer, approve(number), "identity.same_officer"), // I9
            (Who::IdentityOfficer, reject(number, "资料不符"), "identity.same_officer"), // I9
            (Who::Mayor, appoint(MARKET, Who::Trainee, &[]), "Appointed"),
            (Who::Mayor, of_market, "Granted"),
            (Who::Trainee, unauthorised, "identity.department_not_authorised"), // I11
            (Who::Trainee, approve(number), "tx.denied"),
            (Who::IdentityOfficer, notice(number), "NoticeRecorded"),
        ],
    );
    assert_eq!(names(&story.pass_millis(10 * COOLING_MILLIS)), [""; 0]);
    assert_eq!(recovery_of(&story, number).completes_at, None);
    tell(&mut story, &[(Who::Zhang, sealing(blob(2, 32)), "SealingKeyAdded")]);
}

/// The second officer approves the notice, too: one that is recorded afterwards nobody else has looked at.
#[test]
fn the_cooling_time_waits_for_the_notice_and_the_approval_for_both() {
    let mut story = bound_city();
    let number = opened(&mut story, Who::Zhang, &secret(70));
    tell(
        &mut story,
        &[
            (Who::RecoveryApprover, approve(number), "identity.not_told"), // I10
            (Who::RecoveryApprover, notice(number), "tx.denied"),
        ],
    );
    assert_eq!(names(&story.pass_millis(10 * COOLING_MILLIS)), [""; 0]); // I10
    tell(&mut story, &[(Who::IdentityOfficer, notice(number), "NoticeRecorded")]);
    assert_eq!(names(&story.pass_millis(10 * COOLING_MILLIS)), [""; 0]); // I10
    tell(&mut story, &[(Who::RecoveryApprover, approve(number), "RecoveryApproved")]);
    let completes_at = recovery_of(&story, number).completes_at;
    assert_eq!(completes_at, Some(story.time().plus_millis(COOLING_MILLIS)));
    tell(&mut story, &[(Who::RecoveryApprover, approve(number), "identity.recovery_approved")]);
    for count in 2..=9 {
        let expected = if count <= 8 { "NoticeRecorded" } else { "identity.too_many_notices" };
        tell(&mut story, &[(Who::IdentityOfficer, notice(number), expected)]);
    }
    assert_eq!(recovery_of(&story, number).completes_at, completes_at, "a second notice changes nothing");
    assert_eq!(names(&story.pass_millis(COOLING_MILLIS + 60_000)), ["RecoveryCompleted"]);
}

#[test]
fn the_person_is_told_on_another_channel_than_the_one_on_which_he_was_seen() {
    use {Channel as C, Reverification as R};
    let same = [
        (R::AtTheCounter, C::InPerson),
        (R::AtHome, C::InPerson),
        (R::LegalRepresentative, C::InPerson),
        (R::Video, C::Telephone),
    ];
    let channels = [C::ShortMessage, C::Telephone, C::Letter, C::InPerson, C::ElectronicMail, C::PublicNotice];
    let ways = [R::AtTheCounter, R::Face, R::BankCard, R::Video, R::AtHome, R::LegalRepresentative];
    let bound = bound_city();
    for way in ways {
        let mut open = open_recovery(&bound, Who::Zhang, person(Who::Zhang), &secret(70));
        if let AnyCall::Identity(Call::OpenRecovery { verification, .. }) = &mut open {
            *verification = way;
        }
        let mut story = bound.clone();
        let number = story.act(&Who::IdentityOfficer.key(), vec![open.to_bytes()]).number;
        for channel in channels {
            let told = AnyCall::Identity(Call::RecordNotice { recovery: number, channel, papers: PAPERS });
            let expected = if same.contains(&(way, channel)) { "identity.same_channel" } else { "NoticeRecorded" }; // I10
            tell(&mut story, &[(Who::IdentityOfficer, told, expected)]);
        }
    }
}

#[test]
fn whoever_asks_has_a_recovery_completed_whose_time_is_over() {
    let mut story = bound_city();
    let number = cooling(&mut story, Who::Zhang, &secret(70));
    let complete = |recovery| AnyCall::Identity(Call::CompleteRecovery { recovery });
    tell(
        &mut story,
        &[
            (Who::Li, complete(number), "identity.cooling_not_over"),
            (Who::Li, complete(number + 1), "identity.recovery_not_found"),
        ],
    );
    story.wait_millis(COOLING_MILLIS);
    tell(
        &mut story,
        &[
            (Who::Li, complete(number), "RecoveryCompleted"),
            (Who::Li, complete(number), "identity.recovery_closed"),
            (Who::Zhang, sealing(blob(4, 32)), "tx.key_revoked"),
        ],
    );
    assert_eq!(names(&story.pass_millis(120_000)), [""; 0], "the act of time finds it done");
}

#[test]
fn the_person_stops_a_recovery_against_his_will() {
    let mut story = bound_city();
    let number = cooling(&mut story, Who::Zhang, &secret(70));
    tell(
        &mut story,
        &[
            (Who::Zhang, object(number + 1), "identity.recovery_not_found"),
            (Who::Li, object(number), "identity.not_holder"),
            (Who::Zhang, object(number), "RecoveryStopped"),
            (Who::Zhang, object(number), "identity.recovery_closed"),
            (Who::IdentityOfficer, notice(number), "identity.recovery_closed"),
            (Who::RecoveryApprover, approve(number), "identity.recovery_closed"),
        ],
    );
    assert_eq!(names(&story.pass_millis(2 * COOLING_MILLIS)), [""; 0]);
    tell(&mut story, &[(Who::Zhang, sealing(blob(2, 32)), "SealingKeyAdded")]);

    let number = cooling(&mut story, Who::Zhang, &secret(71)); // through an officer, at any counter
    let at_civil_affairs =
        AnyCall::Identity(Call::StopRecovery {
            department: code(CIVIL), recovery: number, reason: text("本人异议")
        });
    tell(
        &mut story,
        &[
            (Who::IdentityOfficer, stop(number, ""), "identity.reason_missing"),
            (Who::RecoveryApprover, stop(number, "本人异议"), "tx.denied"),
            (Who::CivilOfficer, stop(number, "本人异议"), "tx.denied"),
            (Who::CivilOfficer, at_civil_affairs, "RecoveryStopped"),
            (Who::IdentityOfficer, stop(number, "本人异议"), "identity.recovery_closed"),
        ],
    );
    let number = opened(&mut story, Who::Zhang, &secret(72)); // and the second officer need not agree
    tell(
        &mut story,
        &[
            (Who::RecoveryApprover, reject(number, ""), "identity.reason_missing"),
            (Who::IdentityOfficer, reject(number, "资料不符"), "tx.denied"),
            (Who::RecoveryApprover, reject(number + 9, "资料不符"), "identity.recovery_not_found"),
            (Who::RecoveryApprover, reject(number, "资料不符"), "RecoveryStopped"),
        ],
    );
    assert_eq!(names(&story.pass_millis(2 * COOLING_MILLIS)), [""; 0]);
    // When the time is over it is too late, also in the minute before the ledger acts.
    story.pass_millis(HOUR_MILLIS);
    let number = cooling(&mut story, Who::Zhang, &secret(73));
    story.pass_millis(COOLING_MILLIS - 1_000);
    story.wait_millis(1_000);
    tell(&mut story, &[(Who::Zhang, object(number), "identity.cooling_over")]);
    assert_eq!(names(&story.pass_millis(60_000)), ["RecoveryCompleted"]);
}

#[test]
fn nobody_is_suspended_into_silence() {
    let mut story = bound_city();
    let number = cooling(&mut story, Who::Zhang, &secret(70));
    story.wait_millis(COOLING_MILLIS - HOUR_MILLIS);
    tell(
        &mut story,
        &[(Who::Admin, suspend(Who::Zhang), "Suspended"), (Who::Zhang, object(number), "tx.account_suspended")],
    );
    assert_eq!(names(&story.pass_millis(10 * COOLING_MILLIS)), [""; 0]); // I10
    tell(&mut story, &[(Who::Admin, resume(Who::Zhang), "Resumed")]);
    assert_eq!(names(&story.pass_millis(COOLING_MILLIS - HOUR_MILLIS)), [""; 0], "it begins anew"); // I10
    tell(&mut story.clone(), &[(Who::Zhang, object(number), "RecoveryStopped")]);
    assert_eq!(names(&story.pass_millis(HOUR_MILLIS + 60_000)), ["RecoveryCompleted"]);

    // One that is opened, noticed and approved meanwhile waits, too, and an officer can stop it for him.
    tell(&mut story, &[(Who::Admin, suspend(Who::Li), "Suspended")]);
    let number = cooling(&mut story, Who::Li, &secret(71));
    assert_eq!(names(&story.pass_millis(2 * COOLING_MILLIS)), [""; 0]); // I10
    tell(&mut story, &[(Who::IdentityOfficer, stop(number, "本人异议"), "RecoveryStopped")]);
    tell(&mut story, &[(Who::Admin, resume(Who::Li), "Resumed")]);
    assert_eq!(names(&story.pass_millis(2 * COOLING_MILLIS)), [""; 0]);
}

#[test]
fn a_department_that_loses_its_authority_completes_no_recovery() {
    let withdraw = AnyCall::Identity(Call::WithdrawAuthority { department: code(POLICE) });
    let mut story = bound_city();
    let number = cooling(&mut story, Who::Zhang, &secret(70));
    tell(
        &mut story,
        &[
            (Who::Admin, withdraw, "AuthorityWithdrawn"),
            (Who::IdentityOfficer, notice(number), "identity.department_not_authorised"),
            (Who::RecoveryApprover, approve(number), "identity.department_not_authorised"),
        ],
    );
    assert_eq!(names(&story.pass_millis(COOLING_MILLIS + 60_000)), ["RecoveryStopped"]);
    let kind = recovery_of(&story, number).closing.map(|closing| closing.kind);
    assert_eq!(kind, Some(ClosingKind::AuthorityWithdrawn));
    tell(&mut story, &[(Who::Zhang, sealing(blob(2, 32)), "SealingKeyAdded")]);
}

#[test]
fn the_network_sets_the_cooling_time() {
    for minutes in [0, 43_201, u16::MAX] {
        assert!(PeriodMinutes::new(minutes).is_err());
        assert!(serde_json::from_str::<PeriodMinutes>(&minutes.to_string()).is_err());
    }
    let policy = |minutes| {
        let cooling = PeriodMinutes::new(minutes).expect("within the bounds");
        AnyCall::Identity(Call::SetPolicy { cooling, hearing: None })
    };
    let mut story = bound_city();
    let number = cooling(&mut story, Who::Zhang, &secret(70));
    tell(
        &mut story,
        &[
            (Who::IdentityOfficer, policy(1), "tx.denied"),
            (Who::Mayor, policy(1), "tx.denied"),
            (Who::Admin, policy(60), "PolicySet"),
        ],
    );
    cooling(&mut story, Who::Li, &secret(71));
    assert_eq!(names(&story.pass_millis(HOUR_MILLIS + 60_000)), ["RecoveryCompleted"]);
    let recovery = recovery_of(&story, number);
    assert!(recovery.closing.is_none(), "one that runs keeps its end");
}
