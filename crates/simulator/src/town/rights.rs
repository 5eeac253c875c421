//! What the city's people call about their rights: disputes about keys, hearings, what is entered at a counter, estates, drafts and copies of licences,
//! and what takes two officers or two cities.

use super::{
    DECISION, NAME, NEIGHBOUR, PAPER, POLICE, Person, SUBURB, SUBURB_ITEM, WELFARE, WELFARE_ITEM, application_for,
    content, department, file_this, ground, licence, position, text,
};
use crate::town::founding::suburb_item;
use tongban_modules::case_sources::{AnswerSource, AnswerSources};
use tongban_modules::cases::{self, Application, PaperAct};
use tongban_modules::catalogue::{self, HandleType};
use tongban_modules::licences::{self, Destination};
use tongban_modules::orgs::{self, Change};
use tongban_modules::recovery::{Ruling, Side};
use tongban_modules::{Call, identity, representation, sharing};
use tongban_types::codes::{CaseNumber, LicenceIdentifier};
use tongban_types::{AccessId, AccountId, ConsentId, Digest, List, Suite, Time};

/// Records that one side of a dispute has come.
pub fn appear(recovery: u64, side: Side) -> Call {
    Call::Identity(identity::Call::RecordAppearance { department: department(POLICE), recovery, side, papers: PAPER })
}

/// Decides about an objection.
pub fn decide_objection(recovery: u64, ruling: Ruling) -> Call {
    let (department, reason) = (department(POLICE), text("双方到场核实"));
    Call::Identity(identity::Call::DecideObjection { department, recovery, ruling, reason, papers: PAPER })
}

/// Records who administers the estate of somebody who died.
pub fn appoint_executor(deceased: Person, until: Time, suite: Suite) -> Call {
    let (department, administrator) = (department(POLICE), Person::Executor.account(suite));
    let deceased = deceased.account(suite);
    let call = representation::Call::AppointAdministrator { department, deceased, administrator, until, papers: PAPER };
    Call::Representation(call)
}

/// Ends a case whose applicant is no more.
pub fn discontinue(case: &CaseNumber) -> Call {
    Call::Cases(cases::Call::Discontinue { case: case.clone(), reasons: text("申请人死亡") })
}

/// Tells the applicant and somebody else of their right to a hearing.
pub fn tell_hearing(case: &CaseNumber, party: Person, suite: Suite) -> Call {
    let parties = List::new(vec![party.account(suite)]).expect("one");
    Call::Cases(cases::Call::TellHearing { case: case.clone(), step: text(DECISION), parties, notice: PAPER })
}

/// Asks for a hearing, or does without it.
pub fn answer_hearing(case: &CaseNumber, party: Person, wants: bool, suite: Suite) -> Call {
    Call::Cases(cases::Call::AnswerHearing { case: case.clone(), party: party.account(suite), wants })
}

/// Gives notice of a hearing.
pub fn arrange_hearing(case: &CaseNumber, at: Time) -> Call {
    Call::Cases(cases::Call::ArrangeHearing { case: case.clone(), step: text(DECISION), at, notice: PAPER })
}

/// Records that it was held.
pub fn record_hearing(case: &CaseNumber) -> Call {
    Call::Cases(cases::Call::RecordHearing { case: case.clone(), step: text(DECISION), record: PAPER })
}

/// Passes on what is to be decided, as one who may not decide it himself.
pub fn refer(case: &CaseNumber) -> Call {
    Call::Cases(cases::Call::Refer { case: case.clone(), reasons: text("须回避") })
}

/// Acknowledges what was delivered.
pub fn acknowledge(case: &CaseNumber) -> Call {
    Call::Cases(cases::Call::Acknowledge { case: case.clone() })
}

/// Enters an application on paper at the counter of the welfare bureau.
pub fn enter_application(applicant: AccountId, form: Digest) -> Call {
    let application = application_for(WELFARE_ITEM, applicant, form);
    let application = Box::new(Application { channel: HandleType::Counter, ..application });
    Call::Cases(cases::Call::EnterApplication { application, paper: PAPER })
}

/// Enters there that somebody withdraws.
pub fn enter_withdrawal(case: &CaseNumber) -> Call {
    let act = Box::new(PaperAct::Withdraw {});
    Call::Cases(cases::Call::EnterAct { case: case.clone(), act, paper: PAPER })
}

/// Says that what was entered is not one's own.
pub fn disown(case: &CaseNumber) -> Call {
    Call::Cases(cases::Call::Disown { case: case.clone() })
}

/// Says what came of an inquiry into that.
pub fn examine_disowned(case: &CaseNumber) -> Call {
    Call::Cases(cases::Call::ExamineDisowned { case: case.clone(), invented: true, opinion: PAPER })
}

/// Prepares a licence for a case.
pub fn prepare(serial: u32, case: &CaseNumber, holder: AccountId, (from, until): (Time, Time)) -> Call {
    let (identifier, case, content) = (licence(serial), Some(case.clone()), content(from, until));
    Call::Licences(licences::Call::Prepare { identifier, case, holder, content, ground: None })
}

/// Issues it.
pub fn issue_prepared(identifier: &LicenceIdentifier) -> Call {
    Call::Licences(licences::Call::IssuePrepared { identifier: identifier.clone() })
}

/// Makes an annotated copy of a licence.
pub fn make_copy(identifier: &LicenceIdentifier, commitment: Digest, until: Time) -> Call {
    Call::Licences(licences::Call::MakeCopy { identifier: identifier.clone(), commitment, until })
}

/// Hands a licence over to the neighbouring city's network.
pub fn move_out(identifier: &LicenceIdentifier) -> Call {
    let to = Destination { name: text("临江市行政审批局"), authority: Some(department(NEIGHBOUR)) };
    Call::Licences(licences::Call::MoveOut { identifier: identifier.clone(), to, ground: ground() })
}

/// Lets sensitive acts of the suburb take two.
pub fn want_four_eyes() -> Call {
    let change = Change::FourEyes { required: true };
    Call::Orgs(orgs::Call::ChangeDepartment { department: department(SUBURB), change })
}

/// Publishes the item of the suburb alone.
pub fn publish_alone() -> Call {
    let (code, item) = (text(SUBURB_ITEM), suburb_item());
    Call::Catalogue(catalogue::Call::Publish { code, version: 1, effective_from: None, item })
}

/// Proposes it for another officer's approval.
pub fn propose_item() -> Call {
    let change = catalogue::Change::Publish { version: 1, effective_from: None, item: suburb_item() };
    Call::Catalogue(catalogue::Call::Propose { code: text(SUBURB_ITEM), change })
}

/// Approves that.
pub fn approve_item(number: u32, digest: Digest) -> Call {
    Call::Catalogue(catalogue::Call::Approve { code: text(SUBURB_ITEM), number, digest })
}

/// Offers an officer of the welfare bureau to the neighbouring city.
pub fn offer_transfer(until: Time, suite: Suite) -> Call {
    let (account, from, to) = (Person::Leaver.account(suite), department(WELFARE), department(NEIGHBOUR));
    Call::Orgs(orgs::Call::OfferTransfer { account, from, to, until })
}

/// Takes him there without an offer's ways.
pub fn transfer_away(suite: Suite) -> Call {
    let (account, from, to) = (Person::Leaver.account(suite), department(WELFARE), department(NEIGHBOUR));
    Call::Orgs(orgs::Call::Transfer { account, from, to, position: position("科员", &[]) })
}

/// Accepts him.
pub fn accept_transfer(suite: Suite) -> Call {
    let (account, from, to) = (Person::Leaver.account(suite), department(WELFARE), department(NEIGHBOUR));
    Call::Orgs(orgs::Call::AcceptTransfer { account, from, to, position: position("科员", &[]) })
}

/// Does not accept him.
pub fn decline_transfer(suite: Suite) -> Call {
    let (account, from, to) = (Person::Leaver.account(suite), department(WELFARE), department(NEIGHBOUR));
    Call::Orgs(orgs::Call::DeclineTransfer { account, from, to, reason: text("编制已满") })
}

/// Takes the offer back.
pub fn withdraw_offer(suite: Suite) -> Call {
    let (account, from) = (Person::Leaver.account(suite), department(WELFARE));
    Call::Orgs(orgs::Call::WithdrawOffer { account, from })
}

/// Records that a person is shown his own licence under a consent, so that his form can be filled in with it.
pub fn show_to_holder(id: AccessId, consent: ConsentId, serial: u32, person: AccountId) -> Call {
    let handout = sharing::Handout {
        reading: super::affairs::reading(person),
        provider: department(super::APPROVAL),
        licence: licence(serial),
        fields: sharing::Fields::Whole,
        reader: person,
        case: None,
        ground: sharing::Ground::Consent { consent },
    };
    Call::Sharing(sharing::Call::RecordAccess { id, handout })
}

/// Applies for the item of the welfare bureau with a name that a licence has.
pub fn file_with_source(applicant: AccountId, form: Digest, serial: u32, access: AccessId) -> Call {
    let source = AnswerSource { path: text(NAME), licence: licence(serial), field: text(NAME), access };
    let sources = AnswerSources::new(vec![source]).expect("one");
    file_this(Application { sources, ..application_for(WELFARE_ITEM, applicant, form) })
}
