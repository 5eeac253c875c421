//! Stories of what takes two officers: the end of an account, and the correction of a binding; and of whom no officer reaches.

use crate::identity::{
    AccountKind, AssuranceLevel, Call, ClosingKind, Correction, Event, FreezeReason, Holder, MERGERS_MAX, Proposal,
    Query, Status, Subject, View, account_of_company, holder, predecessors, status, successor,
};
use crate::recovery_stories::{
    COMPANY, COOLING_MILLIS, PAPERS, approve as approve_recovery, bind_company, blob, bound_city, cooling, names,
    notice, open_recovery, opened, person, possession, recovery_of, reject, sealing, stop,
};
use crate::representation::{self, Capacity, Mandate};
use crate::test_cast::{
    CIVIL, MARKET, POLICE, TERM_END, Who, authorise, bind, change, city, code, department_code, open_person,
    pseudonym_of, secret, suspend as suspend_department, tell, text, time,
};
use crate::{Call as AnyCall, Event as AnyEvent, Query as AnyQuery, View as AnyView};
use tongban_crypto::primitives;
use tongban_kernel::testing::Story;
use tongban_kernel::{Role, Stop};
use tongban_types::codes::{DocumentKind, KnownDocument, UnifiedSocialCreditCode};
use tongban_types::genesis::account_of;
use tongban_types::{AccountId, Digest, Outcome, Suite};

pub const OTHER_COMPANY: &str = "9144030071526726XG";

pub fn account_call(who: Who, call: impl Fn(UnifiedSocialCreditCode, AccountId) -> Call, at: &'static str) -> AnyCall {
    AnyCall::Identity(call(code(at), who.account()))
}

pub fn bind_as(who: Who, pseudonym: Digest, department: &'static str) -> AnyCall {
    let (kind, level) = (DocumentKind::RESIDENT_IDENTITY_CARD, AssuranceLevel::L2);
    let call = |department, account| Call::BindPerson {
        department,
        account,
        kind,
        pseudonym,
        level,
        papers: PAPERS,
        issued_by: None,
    };
    account_call(who, call, department)
}

pub fn add_document(who: Who, pseudonym: Digest) -> AnyCall {
    let kind = KnownDocument::OrdinaryPassport.into();
    let call = |department, account| Call::AddDocument { department, account, kind, pseudonym, papers: PAPERS };
    account_call(who, call, POLICE)
}

pub fn change_level(who: Who, level: AssuranceLevel) -> AnyCall {
    account_call(who, |department, account| Call::ChangeLevel { department, account, level, papers: PAPERS }, POLICE)
}

pub fn grant_role(who: Who, role: Role) -> AnyCall {
    AnyCall::Identity(Call::GrantRole { account: who.account(), role })
}

pub fn withdraw_role(who: Who, role: Role) -> AnyCall {
    AnyCall::Identity(Call::WithdrawRole { account: who.account(), role })
}

pub fn record_death(who: Who) -> AnyCall {
    account_call(who, |department, account| Call::RecordDeath { department, account, papers: PAPERS }, CIVIL)
}

pub fn record_dissolution(who: Who) -> AnyCall {
    account_call(who, |department, account| Call::RecordDissolution { department, account, papers: PAPERS }, POLICE)
}

pub fn record_merger(who: Who, into: Who) -> AnyCall {
    let into = into.account();
    account_call(who, |department, account| Call::RecordMerger { department, account, into, papers: PAPERS }, POLICE)
}

pub fn annul_ending(who: Who) -> AnyCall {
    account_call(who, |department, account| Call::AnnulEnding { department, account, papers: Digest([8; 32]) }, POLICE)
}

pub fn correct(who: Who, correction: Correction) -> AnyCall {
    let call = |department, account| Call::CorrectBinding { department, account, correction, papers: PAPERS };
    account_call(who, call, POLICE)
}

pub fn freeze(who: Who) -> AnyCall {
    account_call(who, |department, account| Call::Freeze { department, account, reason: FreezeReason::KeyLost }, POLICE)
}

fn confirm(who: Who, proposal: u64) -> AnyCall {
    account_call(who, |department, account| Call::ConfirmProposal { department, account, proposal }, POLICE)
}

fn reject_proposal(who: Who, proposal: u64, reason: &str) -> AnyCall {
    let reject = |department, account| Call::RejectProposal { department, account, proposal, reason: text(reason) };
    account_call(who, reject, POLICE)
}

/// What was recorded last of an account.
pub fn proposal_of(story: &Story, account: AccountId) -> Option<Proposal> {
    let query = AnyQuery::Identity(Query::Proposal { account });
    match story.ask(|state| query.answer(state)).expect("a record is read") {
        AnyView::Identity(View::Proposal { proposal }) => proposal.map(|proposal| *proposal),
        other => panic!("expected a proposal, found {other:?}"),
    }
}

/// Confirms what was recorded last of an account, if anything was.
pub fn confirm_last(story: &Story, who: Who) -> AnyCall {
    confirm(who, proposal_of(story, who.account()).map_or(0, |proposal| proposal.receipt))
}

/// Records something of an account and has it confirmed; the last line is the confirmation's event or code.
pub fn carry_through(story: &mut Story, officer: Who, who: Who, recorded: AnyCall, expected: &str) {
    tell(story, &[(officer, recorded, "ProposalRecorded")]);
    let confirm = confirm_last(story, who);
    tell(story, &[(Who::RecoveryApprover, confirm, expected)]);
}

fn status_of(story: &Story, account: AccountId) -> Status {
    story.ask(|state| status(state, &account).map_err(Stop::from)).expect("a record is read")
}

#[test]
fn an_account_that_has_ended_does_not_act() {
    let mut story = bound_city();
    let number = cooling(&mut story, Who::Zhang, &secret(70));
    tell(
        &mut story,
        &[
            (Who::IdentityOfficer, record_death(Who::Zhang), "tx.denied"), // the call names civil affairs
            (Who::Zhang, record_death(Who::Li), "tx.denied"),
            (Who::CivilOfficer, record_death(Who::CivilOfficer), "identity.oneself"), // I4
            (Who::CivilOfficer, record_death(Who::Eve), "identity.not_a_person"),
            (Who::CivilOfficer, record_death(Who::Mayor), "identity.not_bound"),
            (Who::CivilOfficer, record_death(Who::Stranger), "identity.not_found"),
            (Who::RecoveryApprover, annul_ending(Who::Zhang), "identity.not_closed"),
        ],
    );
    carry_through(&mut story, Who::CivilOfficer, Who::Zhang, record_death(Who::Zhang), "AccountEnded");
    tell(
        &mut story,
        &[
            (Who::CivilOfficer, record_death(Who::Zhang), "identity.closed"), // I8
            (Who::Zhang, sealing(blob(2, 32)), "tx.account_ended"),           // I8
            (Who::IdentityOfficer, change_level(Who::Zhang, AssuranceLevel::L1), "identity.closed"),
            (Who::IdentityOfficer, add_document(Who::Zhang, PAPERS), "identity.closed"),
            (Who::IdentityOfficer, correct(Who::Zhang, Correction::Unbind {}), "identity.closed"),
            (Who::IdentityOfficer, freeze(Who::Zhang), "identity.closed"),
            (Who::Admin, grant_role(Who::Zhang, Role::Depositor), "identity.closed"),
        ],
    );
    assert_eq!(recovery_of(&story, number).closing.map(|closing| closing.kind), Some(ClosingKind::AccountEnded));
    assert_eq!(names(&story.pass_millis(2 * COOLING_MILLIS)), [""; 0]);
    let again = open_recovery(&story, Who::Zhang, person(Who::Zhang), &secret(71));
    let both_roles = crate::test_cast::grant(CIVIL, Who::CivilOfficer, Role::RecoveryApprover, None, TERM_END);
    let by_himself = account_call(
        Who::Zhang,
        |department, account| Call::AnnulEnding { department, account, papers: PAPERS },
        CIVIL,
    );
    tell(
        &mut story,
        &[
            (Who::IdentityOfficer, again, "identity.closed"),
            (Who::IdentityOfficer, annul_ending(Who::Zhang), "tx.denied"),
            (Who::Mayor, both_roles, "Granted"),
            (Who::CivilOfficer, by_himself, "identity.same_officer"), // I8
        ],
    );
    let receipt = story.act(&Who::RecoveryApprover.key(), vec![annul_ending(Who::Zhang).to_bytes()]);
    let Outcome::Applied { events } = receipt.outcome else { panic!("the error is annulled: {:?}", receipt.outcome) };
    let event = AnyEvent::Identity(Event::EndingAnnulled {
        account: Who::Zhang.account(),
        department: code(POLICE),
        by: Who::RecoveryApprover.account(),
        papers: Digest([8; 32]),
    });
    assert_eq!(AnyEvent::decode(events[0].as_ref()), Ok(event), "what it rests on is told");
    tell(&mut story, &[(Who::Zhang, sealing(blob(2, 32)), "SealingKeyAdded")]);
}

#[test]
fn one_officer_alone_ends_no_account() {
    let mut story = bound_city();
    let both_roles = crate::test_cast::grant(CIVIL, Who::CivilOfficer, Role::RecoveryApprover, None, TERM_END);
    let receipt = story.act(&Who::CivilOfficer.key(), vec![record_death(Who::Zhang).to_bytes()]);
    let number = receipt.number;
    let of_himself = account_call(
        Who::Zhang,
        |department, account| Call::ConfirmProposal { department, account, proposal: number },
        CIVIL,
    );
    tell(
        &mut story,
        &[
            (Who::Zhang, sealing(blob(2, 32)), "SealingKeyAdded"), // recorded is not confirmed: I13
            (Who::CivilOfficer, record_death(Who::Zhang), "identity.proposal_open"),
            (Who::IdentityOfficer, correct(Who::Zhang, Correction::Unbind {}), "identity.proposal_open"),
            (Who::IdentityOfficer, confirm(Who::Zhang, number), "tx.denied"), // the role that records does not confirm
            (Who::Admin, confirm(Who::Zhang, number), "tx.denied"),
            (Who::Mayor, both_roles, "Granted"),
            (Who::CivilOfficer, of_himself, "identity.same_officer"), // I13: not even with both roles
            (Who::RecoveryApprover, confirm(Who::Zhang, number + 1), "identity.proposal_not_found"),
            (Who::RecoveryApprover, confirm(Who::Li, number), "identity.proposal_not_found"),
            (Who::RecoveryApprover, reject_proposal(Who::Zhang, number, ""), "identity.reason_missing"),
            (Who::IdentityOfficer, reject_proposal(Who::Zhang, number, "材料不符"), "tx.denied"),
            (Who::RecoveryApprover, reject_proposal(Who::Zhang, number, "材料不符"), "ProposalRejected"),
            (Who::RecoveryApprover, confirm(Who::Zhang, number), "identity.proposal_not_found"),
            (Who::Zhang, sealing(blob(3, 32)), "SealingKeyAdded"),
        ],
    );
    let settlement = proposal_of(&story, Who::Zhang.account()).and_then(|proposal| proposal.settlement);
    let settlement = settlement.expect("it was rejected");
    assert_eq!((settlement.confirmed, settlement.officer), (false, Who::RecoveryApprover.account()));
    // Recorded anew, it has another number: the old one confirms nothing else.
    tell(
        &mut story,
        &[
            (Who::CivilOfficer, record_death(Who::Zhang), "ProposalRecorded"),
            (Who::RecoveryApprover, confirm(Who::Zhang, number), "identity.proposal_not_found"),
        ],
    );
    let withdrawn = AnyCall::Identity(Call::WithdrawAuthority { department: code(CIVIL) });
    let confirmed = confirm_last(&story, Who::Zhang);
    tell(
        &mut story,
        &[
            (Who::Admin, withdrawn, "AuthorityWithdrawn"),
            (Who::RecoveryApprover, confirmed.clone(), "identity.department_not_authorised"), // I11
            (Who::Admin, authorise(CIVIL), "DepartmentAuthorised"),
            (Who::RecoveryApprover, confirmed, "AccountEnded"),
        ],
    );
    assert_eq!(status_of(&story, Who::Zhang.account()), Status::Deceased);
}

/// An officer of identities is many; the network's administrator would be gone with his word.
#[test]
fn whoever_holds_a_role_of_the_network_is_out_of_the_officers_reach() {
    let mut story = bound_city();
    let witness = grant_role(Who::Zhang, Role::Witness);
    let no_longer = withdraw_role(Who::Zhang, Role::Witness);
    let recovery = open_recovery(&story, Who::Zhang, person(Who::Zhang), &secret(70));
    for who in [Who::Admin, Who::Registrar, Who::Court, Who::Editor, Who::Bob] {
        let bound = bind_company(who, COMPANY);
        tell(&mut story, &[(Who::IdentityOfficer, bound, "identity.network_role_held")]); // I16
    }
    // Recorded before he had the role, and confirmed after.
    tell(
        &mut story,
        &[
            (Who::CivilOfficer, record_death(Who::Zhang), "ProposalRecorded"),
            (Who::Admin, witness.clone(), "RoleGranted"),
        ],
    );
    let confirmed = confirm_last(&story, Who::Zhang);
    let number = proposal_of(&story, Who::Zhang.account()).expect("it was recorded").receipt;
    tell(
        &mut story,
        &[
            (Who::RecoveryApprover, confirmed, "identity.network_role_held"), // I16
            (Who::RecoveryApprover, reject_proposal(Who::Zhang, number, "人在"), "ProposalRejected"),
            (Who::CivilOfficer, record_death(Who::Zhang), "identity.network_role_held"),
            (Who::IdentityOfficer, recovery.clone(), "identity.network_role_held"),
            (Who::IdentityOfficer, freeze(Who::Zhang), "identity.network_role_held"),
            (Who::IdentityOfficer, correct(Who::Zhang, Correction::Unbind {}), "identity.network_role_held"),
            (Who::Admin, grant_role(Who::Mayor, Role::Witness), "RoleGranted"),
            (Who::IdentityOfficer, bind(Who::Mayor), "identity.network_role_held"),
            // Without the role he is a citizen like others, and while he is being recovered he comes to none.
            (Who::Admin, no_longer, "RoleWithdrawn"),
            (Who::IdentityOfficer, recovery, "RecoveryOpened"),
            (Who::Admin, witness, "identity.recovery_open"), // I16
        ],
    );
}

#[test]
fn companies_are_merged_and_dissolved() {
    let mut story = bound_city();
    tell(
        &mut story,
        &[
            (Who::Admin, withdraw_role(Who::Bob, Role::Depositor), "RoleWithdrawn"),
            (Who::IdentityOfficer, bind_company(Who::Eve, COMPANY), "CompanyBound"),
            (Who::IdentityOfficer, record_merger(Who::Eve, Who::Eve), "identity.into_itself"),
            (Who::IdentityOfficer, record_merger(Who::Eve, Who::Zhang), "identity.not_an_organisation"),
            (Who::IdentityOfficer, record_merger(Who::Zhang, Who::Eve), "identity.not_an_organisation"),
            (Who::IdentityOfficer, record_merger(Who::Eve, Who::Stranger), "identity.not_found"),
            (Who::IdentityOfficer, record_merger(Who::Eve, Who::Bob), "identity.not_bound"),
            (Who::IdentityOfficer, record_dissolution(Who::Bob), "identity.not_bound"),
            (Who::IdentityOfficer, record_dissolution(Who::Zhang), "identity.not_an_organisation"),
            (Who::CivilOfficer, record_dissolution(Who::Eve), "tx.denied"),
            (Who::RecoveryApprover, record_merger(Who::Eve, Who::Bob), "tx.denied"),
            (Who::IdentityOfficer, bind_company(Who::Bob, OTHER_COMPANY), "CompanyBound"),
        ],
    );
    carry_through(&mut story, Who::IdentityOfficer, Who::Eve, record_merger(Who::Eve, Who::Bob), "AccountEnded");
    tell(
        &mut story,
        &[
            (Who::Eve, sealing(blob(2, 32)), "tx.account_ended"), // I8
            (Who::IdentityOfficer, record_merger(Who::Bob, Who::Eve), "identity.closed"),
        ],
    );
    assert_eq!(status_of(&story, Who::Eve.account()), Status::MergedInto(Who::Bob.account()));
    let followed = story.ask(|state| successor(state, &Who::Eve.account()).map_err(Stop::from));
    assert_eq!(followed, Ok(Some(Who::Bob.account())));
    carry_through(&mut story, Who::IdentityOfficer, Who::Bob, record_dissolution(Who::Bob), "AccountEnded");
    assert_eq!(status_of(&story, Who::Bob.account()), Status::Dissolved);
    assert_eq!(status_of(&story, Who::Stranger.account()), Status::Unknown);
    assert_eq!(status_of(&story, Who::Zhang.account()), Status::Active);
}

/// The account of an organisation that is bound, by number.
fn organisation(story: &mut Story, number: u8) -> AccountId {
    let key = secret(130 + number);
    let account = account_of(&key.public_key(), primitives(Suite::Intl));
    let open = Call::OpenAccount {
        kind: AccountKind::Organisation,
        name: Some(text("某公司")),
        key: key.public_key(),
        possession: possession(story, account, &key),
    };
    let bound = Call::BindCompany {
        department: code(POLICE),
        account,
        code: code(department_code(50 + number)),
        level: AssuranceLevel::L2,
        papers: PAPERS,
    };
    tell(
        story,
        &[
            (Who::Registrar, AnyCall::Identity(open), "AccountOpened"),
            (Who::IdentityOfficer, AnyCall::Identity(bound), "CompanyBound"),
        ],
    );
    account
}

#[test]
fn who_acts_for_a_merged_organisation_is_found_behind_every_chain() {
    let mut story = city();
    let chain: Vec<AccountId> = (0..=MERGERS_MAX + 1).map(|number| organisation(&mut story, number)).collect();
    let merge = |from: AccountId, into: AccountId| {
        AnyCall::Identity(Call::RecordMerger { department: code(POLICE), account: from, into, papers: PAPERS })
    };
    let carry = |story: &mut Story, from: AccountId, into: AccountId| {
        tell(story, &[(Who::IdentityOfficer, merge(from, into), "ProposalRecorded")]);
        let proposal = proposal_of(story, from).expect("it was recorded").receipt;
        let confirm = Call::ConfirmProposal { department: code(POLICE), account: from, proposal };
        tell(story, &[(Who::RecoveryApprover, AnyCall::Identity(confirm), "AccountEnded")]);
    };
    let last = usize::from(MERGERS_MAX);
    for number in 0..last {
        carry(&mut story, chain[number], chain[number + 1]);
    }
    let refused = merge(chain[last], chain[last + 1]);
    tell(&mut story, &[(Who::IdentityOfficer, refused, "identity.too_many_mergers")]); // I14
    carry(&mut story, chain[last + 1], chain[last]); // the other way round the chain is no longer
    for account in &chain {
        let found = story.ask(|state| successor(state, account).map_err(Stop::from));
        assert_eq!(found, Ok(Some(chain[last])), "{account}");
    }
    let of_last = |story: &Story| {
        let found = story.ask(|state| predecessors(state, &chain[last]).map_err(Stop::from)).expect("a list");
        found.into_iter().collect::<std::collections::BTreeSet<_>>()
    };
    let others = chain.iter().filter(|account| **account != chain[last]).copied();
    assert_eq!(of_last(&story), others.collect());
    let annul = Call::AnnulEnding { department: code(POLICE), account: chain[0], papers: PAPERS };
    tell(&mut story, &[(Who::RecoveryApprover, AnyCall::Identity(annul), "EndingAnnulled")]);
    assert!(!of_last(&story).contains(&chain[0]), "what was annulled counts for nothing");
}

#[test]
fn a_wrong_binding_is_corrected_by_two_officers() {
    let mut story = city();
    let holder_of = |story: &Story, who: Who| {
        story.ask(|state| holder(state, &who.account()).map_err(Stop::from)).expect("a record is read")
    };
    tell(
        &mut story,
        &[
            (Who::IdentityOfficer, correct(Who::Zhang, Correction::Unbind {}), "identity.not_bound"),
            (Who::IdentityOfficer, bind_as(Who::Zhang, pseudonym_of(Who::Li), POLICE), "PersonBound"), // an error
            (Who::IdentityOfficer, bind(Who::Li), "identity.pseudonym_taken"),
            (Who::IdentityOfficer, bind(Who::Zhang), "identity.bound"),
            (Who::Zhang, correct(Who::Zhang, Correction::Unbind {}), "tx.denied"),
            (Who::RecoveryApprover, correct(Who::Zhang, Correction::Unbind {}), "tx.denied"),
            (
                Who::IdentityOfficer,
                correct(Who::Zhang, Correction::StrikeDocument { place: 0 }),
                "identity.last_document",
            ),
        ],
    );
    // Meanwhile Li, for whom the account passes, has its key exchanged.
    let open = open_recovery(&story, Who::Zhang, person(Who::Li), &secret(70));
    let number = story.act(&Who::IdentityOfficer.key(), vec![open.to_bytes()]).number;
    tell(
        &mut story,
        &[
            (Who::IdentityOfficer, notice(number), "NoticeRecorded"),
            (Who::RecoveryApprover, approve_recovery(number), "RecoveryApproved"),
        ],
    );
    let unbind = correct(Who::Zhang, Correction::Unbind {});
    carry_through(&mut story, Who::IdentityOfficer, Who::Zhang, unbind, "BindingCorrected"); // I13
    assert_eq!(holder_of(&story, Who::Zhang), None);
    assert_eq!(recovery_of(&story, number).closing.map(|closing| closing.kind), Some(ClosingKind::BindingCorrected));
    assert_eq!(names(&story.pass_millis(2 * COOLING_MILLIS)), [""; 0], "the key stays his");
    tell(
        &mut story,
        &[
            (Who::Zhang, sealing(blob(2, 32)), "SealingKeyAdded"),
            (Who::IdentityOfficer, bind(Who::Li), "PersonBound"), // I6: free again
            (Who::IdentityOfficer, bind(Who::Zhang), "PersonBound"),
        ],
    );
}

#[test]
fn one_wrong_document_is_struck_and_the_others_stay() {
    let mut story = bound_city();
    let number = |number: u8| Digest([number; 32]);
    let strike = |place| correct(Who::Zhang, Correction::StrikeDocument { place });
    tell(
        &mut story,
        &[
            (Who::IdentityOfficer, add_document(Who::Zhang, number(1)), "DocumentAdded"),
            (Who::IdentityOfficer, add_document(Who::Zhang, number(2)), "DocumentAdded"),
            (Who::IdentityOfficer, strike(3), "identity.document_unknown"),
            (Who::IdentityOfficer, bind_company(Who::Eve, COMPANY), "CompanyBound"),
            (Who::IdentityOfficer, correct(Who::Eve, Correction::StrikeDocument { place: 0 }), "identity.not_a_person"),
        ],
    );
    carry_through(&mut story, Who::IdentityOfficer, Who::Zhang, strike(1), "BindingCorrected");
    let found = story.ask(|state| holder(state, &Who::Zhang.account()).map_err(Stop::from));
    let Ok(Some(Holder { subject: Subject::Person { documents }, .. })) = found else { panic!("he stays bound") };
    let left: Vec<_> = documents.iter().map(|document| document.pseudonym).collect();
    assert_eq!(left, [pseudonym_of(Who::Zhang), number(2)]);
    tell(&mut story, &[(Who::IdentityOfficer, add_document(Who::Li, number(1)), "DocumentAdded")]); // I6: free again
    // A company's binding goes as a whole.
    let unbind = correct(Who::Eve, Correction::Unbind {});
    carry_through(&mut story, Who::IdentityOfficer, Who::Eve, unbind, "BindingCorrected");
    let company = story.ask(|state| account_of_company(state, &code(COMPANY)).map_err(Stop::from));
    assert_eq!(company, Ok(None));
    tell(&mut story, &[(Who::IdentityOfficer, bind_company(Who::Eve, OTHER_COMPANY), "CompanyBound")]);
}

/// Whoever acts for another one is known: when he is not any more, he does not.
#[test]
fn whoever_is_bound_no_longer_acts_for_nobody_else() {
    let mut story = bound_city();
    let capacity_of = |story: &Story| {
        let at = story.time();
        story.ask(|state| {
            let capacity = representation::capacity(state, &Who::Li.account(), &Who::Zhang.account(), None, at)?;
            Ok(capacity)
        })
    };
    let guardian = AnyCall::Representation(representation::Call::AppointGuardian {
        department: code(CIVIL),
        ward: Who::Zhang.account(),
        guardian: Who::Li.account(),
        until: None,
        papers: PAPERS,
    });
    tell(&mut story, &[(Who::CivilOfficer, guardian, "GuardianAppointed")]);
    assert_eq!(capacity_of(&story), Ok(Some(Capacity::Guardian)));
    let unbind = correct(Who::Li, Correction::Unbind {});
    carry_through(&mut story, Who::IdentityOfficer, Who::Li, unbind, "BindingCorrected");
    assert_eq!(capacity_of(&story), Ok(None));
    let mandate = Mandate { items: None, acts: None, from: None, until: time("2027-01-01T00:00:00Z") };
    let (principal, agent) = (Who::Zhang.account(), Who::Zhang.account());
    let agent = AnyCall::Representation(representation::Call::NameAgent { principal, agent, mandate: mandate.clone() });
    tell(
        &mut story,
        &[(Who::Li, agent, "representation.own_agent"), (Who::IdentityOfficer, bind(Who::Mayor), "PersonBound")],
    );
    let agent = representation::Call::NameAgent { principal, agent: Who::Mayor.account(), mandate };
    tell(&mut story, &[(Who::Li, AnyCall::Representation(agent), "representation.not_bound")]);
}

#[test]
fn only_departments_that_exist_are_authorised() {
    let mut story = city();
    tell(
        &mut story,
        &[
            (Who::Admin, authorise(department_code(1)), "identity.department_unknown"), // I11
            (Who::Mayor, change(MARKET, suspend_department()), "DepartmentChanged"),
            (Who::Admin, authorise(MARKET), "identity.department_unknown"), // I11
        ],
    );
}

/// Refused before it comes into a block: there it would stay.
#[test]
fn no_reason_and_no_name_holds_the_number_of_a_citizen() {
    const NUMBER: &str = "11010519491231002X";
    let mut story = bound_city();
    let number = opened(&mut story, Who::Zhang, &secret(70));
    let mut named = open_person(&story, Who::Stranger);
    if let AnyCall::Identity(Call::OpenAccount { kind, name, .. }) = &mut named {
        (*kind, *name) = (AccountKind::Organisation, Some(text("个体户 11010519491231002X")));
    }
    let calls = [
        (Who::Registrar, named),
        (Who::RecoveryApprover, reject(number, NUMBER)),
        (Who::IdentityOfficer, stop(number, NUMBER)),
        (Who::RecoveryApprover, reject_proposal(Who::Zhang, number, NUMBER)),
    ];
    for (who, call) in calls {
        assert!(call.validate().is_err(), "it comes into no block: {call:?}"); // I17
        tell(&mut story, &[(who, call, "identity.citizen_number")]); // I17
    }
}
