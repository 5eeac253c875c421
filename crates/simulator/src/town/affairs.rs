//! What the city's people call beside ordinary cases: about offices and departments, about accounts and companies, for others, and about what
//! departments are shown.

use super::{
    APPROVAL, GOVERNMENT, HEALTH, MARKET, PAPER, POLICE, Person, WELFARE, WELFARE_ITEM, content, department, given,
    ground, licence, licence_type, position, right, text,
};
use tongban_kernel::Role;
use tongban_modules::case_sources::AnswerSources;
use tongban_modules::identity::FreezeReason;
use tongban_modules::licences::{self, SupersessionCause};
use tongban_modules::orgs::Change;
use tongban_modules::representation::{AgentAct, Mandate};
use tongban_modules::{Call, cases, identity, orgs, representation, sharing};
use tongban_types::codes::{CaseNumber, LicenceIdentifier};
use tongban_types::{AccessId, AccountId, ConsentId, CorrectionId, List, Suite, Time};

/// Lets the deputy stand in for the clerk of the welfare bureau.
pub fn name_deputy(until: Time, suite: Suite) -> Call {
    let (account, of) = (Person::WelfareDeputy.account(suite), Person::WelfareClerk.account(suite));
    let deputy = orgs::Deputy { account, of, from: None, until };
    Call::Orgs(orgs::Call::NameDeputy { department: department(WELFARE), deputy })
}

/// The clerk is back.
pub fn end_deputy(suite: Suite) -> Call {
    let (account, of) = (Person::WelfareDeputy.account(suite), Person::WelfareClerk.account(suite));
    Call::Orgs(orgs::Call::EndDeputy { department: department(WELFARE), account, of })
}

/// Transfers an officer from the welfare bureau to market regulation.
pub fn transfer(who: Person, suite: Suite) -> Call {
    let (account, from, to) = (who.account(suite), department(WELFARE), department(MARKET));
    Call::Orgs(orgs::Call::Transfer {
        account, from, to, position: position("主任科员", &["食品经营审查岗"])
    })
}

/// Lets him review there.
pub fn grant_review(who: Person, suite: Suite) -> Call {
    let (department, account) = (department(MARKET), who.account(suite));
    Call::Orgs(orgs::Call::Grant { department, account, right: right(Role::Reviewer) })
}

/// Merges the health office into the welfare bureau.
pub fn merge_departments() -> Call {
    let change = Change::Close { merged_into: Some(department(WELFARE)), reason: text("机构改革") };
    Call::Orgs(orgs::Call::ChangeDepartment { department: department(HEALTH), change })
}

/// Appoints somebody in the health office.
pub fn appoint_at_health(who: Person, suite: Suite) -> Call {
    let (department, account) = (department(HEALTH), who.account(suite));
    Call::Orgs(orgs::Call::Appoint { department, account, position: position("科员", &[]) })
}

/// Forwards a case to the government.
pub fn forward(case: &CaseNumber) -> Call {
    forward_to(GOVERNMENT, case)
}

/// Forwards a case to a department that is not above the one that leads it.
pub fn forward_aside(case: &CaseNumber) -> Call {
    forward_to(MARKET, case)
}

fn forward_to(to: &str, case: &CaseNumber) -> Call {
    Call::Cases(cases::Call::Forward { case: case.clone(), to: department(to), reasons: text("情况复杂") })
}

/// Freezes an account.
pub fn freeze(who: Person, suite: Suite) -> Call {
    let (department, account, reason) = (department(POLICE), who.account(suite), FreezeReason::KeyStolen);
    Call::Identity(identity::Call::Freeze { department, account, reason })
}

/// Objects to a recovery of one's own account.
pub fn object(recovery: u64) -> Call {
    Call::Identity(identity::Call::ObjectToRecovery { recovery })
}

/// Records that somebody has died.
pub fn record_death(who: Person, suite: Suite) -> Call {
    let (department, account) = (department(POLICE), who.account(suite));
    Call::Identity(identity::Call::RecordDeath { department, account, papers: PAPER })
}

/// Records that a company was dissolved.
pub fn record_dissolution(who: Person, suite: Suite) -> Call {
    let (department, account) = (department(POLICE), who.account(suite));
    Call::Identity(identity::Call::RecordDissolution { department, account, papers: PAPER })
}

/// Records that the shop was merged into the chain.
pub fn record_merger(suite: Suite) -> Call {
    let (department, account) = (department(POLICE), Person::Shop.account(suite));
    let into = Person::Chain.account(suite);
    Call::Identity(identity::Call::RecordMerger { department, account, into, papers: PAPER })
}

/// Confirms what another officer has recorded.
pub fn confirm(who: Person, proposal: u64, suite: Suite) -> Call {
    let (department, account) = (department(POLICE), who.account(suite));
    Call::Identity(identity::Call::ConfirmProposal { department, account, proposal })
}

/// Records who represents the companies.
pub fn name_representatives(suite: Suite) -> Vec<Call> {
    let pairs = [(Person::Shop, Person::Sun), (Person::Chain, Person::Zhou), (Person::Booth, Person::Sun)];
    let name = |(company, person): (Person, Person)| {
        let persons = List::new(vec![person.account(suite)]).expect("one");
        let (department, organisation) = (department(POLICE), company.account(suite));
        let call = representation::Call::NameRepresentatives { department, organisation, persons, papers: PAPER };
        Call::Representation(call)
    };
    pairs.into_iter().map(name).collect()
}

/// Lets an agent do everything.
pub fn name_agent(principal: Person, agent: Person, until: Time, suite: Suite) -> Call {
    name(principal, agent, Mandate { items: None, acts: None, from: None, until }, suite)
}

/// Lets an agent apply for the item of the welfare bureau, and correct what he has applied for.
pub fn name_agent_for_some(principal: Person, agent: Person, until: Time, suite: Suite) -> Call {
    let items = Some(List::new(vec![text(WELFARE_ITEM)]).expect("one"));
    let acts = Some(List::new(vec![AgentAct::File, AgentAct::Supplement]).expect("two"));
    name(principal, agent, Mandate { items, acts, from: None, until }, suite)
}

fn name(principal: Person, agent: Person, mandate: Mandate, suite: Suite) -> Call {
    let (principal, agent) = (principal.account(suite), agent.account(suite));
    Call::Representation(representation::Call::NameAgent { principal, agent, mandate })
}

/// Ends an agency on the principal's side.
pub fn revoke_agency(agency: u64) -> Call {
    Call::Representation(representation::Call::RevokeAgency { agency })
}

/// Appoints the child's guardian.
pub fn appoint_guardian(until: Option<Time>, suite: Suite) -> Call {
    let (ward, guardian) = (Person::Child.account(suite), Person::Guardian.account(suite));
    let department = department(POLICE);
    Call::Representation(representation::Call::AppointGuardian { department, ward, guardian, until, papers: PAPER })
}

/// Ends his guardianship.
pub fn end_guardianship(suite: Suite) -> Call {
    let (ward, guardian) = (Person::Child.account(suite), Person::Guardian.account(suite));
    let department = department(POLICE);
    Call::Representation(representation::Call::EndGuardianship { department, ward, guardian, papers: PAPER })
}

/// Corrects whatever was asked for, of a case of any item.
pub fn supplement_again(case: &CaseNumber) -> Call {
    let materials = List::new(vec![given(0), given(1)]).expect("two");
    Call::Cases(cases::Call::Supplement {
        case: case.clone(),
        facts: None,
        form: None,
        materials,
        sources: AnswerSources::default(),
        gap_promise: None,
    })
}

pub(super) fn reading(person: AccountId) -> sharing::Reading {
    let purpose = sharing::Purpose::Application;
    sharing::Reading { person, receiver: department(WELFARE), purpose, item: text(WELFARE_ITEM) }
}

/// Consents that the welfare bureau reads one's licences for its item.
pub fn consent(id: ConsentId, person: AccountId, uses: sharing::Uses, until: Time) -> Call {
    let source = sharing::Source { licence_type: licence_type(), fields: sharing::Fields::Whole };
    let sources = List::new(vec![source]).expect("one");
    Call::Sharing(sharing::Call::GiveConsent { id, reading: reading(person), sources, uses, until })
}

/// Withdraws it.
pub fn withdraw_consent(id: ConsentId) -> Call {
    Call::Sharing(sharing::Call::WithdrawConsent { id })
}

/// Records that the welfare bureau is shown a licence, for a case and under a consent.
pub fn record_access_under(
    id: AccessId,
    consent: ConsentId,
    serial: u32,
    case: &CaseNumber,
    person: AccountId,
    suite: Suite,
) -> Call {
    let handout = sharing::Handout {
        reading: reading(person),
        provider: department(APPROVAL),
        licence: licence(serial),
        fields: sharing::Fields::Whole,
        reader: Person::WelfareChecker.account(suite),
        case: Some(case.clone()),
        ground: sharing::Ground::Consent { consent },
    };
    Call::Sharing(sharing::Call::RecordAccess { id, handout })
}

/// Makes a licence out anew, because something on it was wrong.
pub fn correct(serial: u32, period: (Time, Time)) -> Call {
    let (identifier, cause, case) = (licence(serial), SupersessionCause::Correction, None);
    let (content, ground) = (content(period.0, period.1), Some(ground()));
    Call::Licences(licences::Call::Supersede { identifier, cause, case, content, ground })
}

/// Answers that something was wrong, and that the licence was made out anew.
pub fn answer_corrected(id: CorrectionId, licence: &LicenceIdentifier) -> Call {
    let answer = sharing::Answer::Corrected { licence: licence.clone() };
    Call::Sharing(sharing::Call::AnswerCorrection { id, answer })
}

/// Where a step is done that another department than the leading one does.
pub fn is_of_market(step: &str) -> bool {
    step == super::REVIEW
}

/// The department that reviews.
pub fn market() -> orgs::DepartmentCode {
    department(MARKET)
}
