//! Stories of the module: happy path, every error, every role; and one property.

use super::*;
use crate::catalogue::{Definition, LegalBasis};
use crate::recovery_stories::bound_city;
use crate::representation::Capacity;
use crate::test_cast::{APPROVAL, CIVIL, FIRE, MARKET, POLICE, Who, code, outcome_name, tell, text, time};
use crate::{Call as AnyCall, Event as AnyEvent, Query as AnyQuery, View as AnyView, licences};
use proptest::prelude::*;
use serde_json::json;
use std::sync::LazyLock;
use strum::IntoEnumIterator;
use tongban_kernel::testing::Story;
use tongban_types::codes::{CaseNumber, LicenceIdentifier, LicenceIssuer};
use tongban_types::licence_face::FaceRoot;
use tongban_types::transaction::CALL_BYTES_MAX;
use tongban_types::{AccessId, ConsentId, CorrectionId, Digest, List, Outcome, Receipt, Text, Time, codec};

pub const DAY_MILLIS: u64 = 86_400_000;

/// Licence types of market regulation: of the first the item needs fields, of the second all.
pub const COMPANY: &str = "11519900MB90100105901";
pub const HEALTH: &str = "11519900MB90100105902";

const FORM: &str = r#"{"type":"object","properties":{"name":{"type":"string","x-held-as":{"licence_type":"11519900MB90100105901","field":"name"}},"area":{"type":"integer"}},"required":["area"]}"#;

pub fn consent_id(number: u8) -> ConsentId {
    ConsentId([number; 16])
}

pub fn access_id(number: u8) -> AccessId {
    AccessId([number; 16])
}

pub fn correction_id(number: u8) -> CorrectionId {
    CorrectionId([number; 16])
}

/// An item that the approval bureau leads and fire and rescue takes part in.
fn item() -> AnyCall {
    let step = |name: &str, kind: &str, waits_for: &[&str]| {
        json!({
            "name": name, "department": APPROVAL, "role": "综合窗口受理岗", "kind": kind, "waits_for": waits_for, "condition": null,
            "days": 1, "human_only": null, "on_rejection": "stop_all", "silence": "none", "stake": "general",
            "written_opinion_required": false,
        })
    };
    let material = |name: &str, licence_type: &str, field: Option<&str>| {
        json!({
            "name": name, "need": "needed", "condition": null, "original": "copy", "format": "electronic", "copies": 1,
            "source": "government", "held_as": { "licence_type": licence_type, "field": field }, "note": null,
        })
    };
    let term = json!({ "days": 10, "unit": "working_day" });
    let item = json!({
        "name": "小餐饮经营许可", "item_type": "licence", "department": { "code": APPROVAL, "name": "云港市行政审批局" },
        "joint_departments": [{ "code": FIRE, "name": "云港市消防救援支队" }], "body_nature": "statutory_organ",
        "use_level": "city", "power_source": "法定本级行使", "legal_basis": [{ "law": "食品安全法", "article": "第三十五条" }],
        "local_code": null, "served": ["natural_person"], "case_kind": "promised", "assurance": "none",
        "clocks": {
            "statutory": term, "statutory_basis": null, "promised": term, "acceptance_days": 2, "delivery_days": 3,
        },
        "service": {
            "handle_types": ["online"], "visits": 0, "visits_reason": null, "online_depth": "handle",
            "handle_area": "across_counties", "address": "政务服务中心", "hours": "工作日", "contact": "12345",
            "supervision": "12345",
        },
        "accept_condition": "有固定经营场所", "eligibility": null, "quantity_limit": null,
        "outcome": { "kind": "certificate", "name": "小餐饮经营许可证" },
        "materials": [
            material("营业执照", COMPANY, Some("credit_code")),
            material("健康证明", HEALTH, None),
        ],
        "form": FORM,
        "flow": [step("受理", "acceptance", &[]), step("决定", "decision", &["受理"])],
    });
    let item: Definition = serde_json::from_value(item).expect("a well-formed item");
    AnyCall::Catalogue(crate::catalogue::Call::Publish { code: text("A-1"), version: 1, effective_from: None, item })
}

fn register_type(code_of_type: &'static str, fields: &[&str]) -> AnyCall {
    let face = fields.iter().map(|name| json!({ "name": name, "label": name, "kind": "text", "personal": true }));
    let definition = json!({
        "name": "证照", "legal_basis": [{ "law": "食品安全法", "article": "第三十五条" }],
        "face": face.collect::<Vec<_>>(), "validity": "as_stated", "issuers": "definer_and_below",
        "issued_without_case": true,
    });
    let definition = serde_json::from_value(definition).expect("a type");
    AnyCall::Licences(licences::Call::RegisterType {
        code: code(code_of_type),
        version: 1,
        effective_from: None,
        definition,
    })
}

pub fn licence_of(licence_type: &'static str, serial: &str, version: u16) -> LicenceIdentifier {
    let issuer = LicenceIssuer::Body(code(MARKET));
    LicenceIdentifier::new(code(licence_type), issuer, serial, version).expect("an identifier")
}

/// The business licence of Zhang; the third version does not exist at the beginning.
pub fn company(version: u16) -> LicenceIdentifier {
    licence_of(COMPANY, "ZHANG", version)
}

pub fn content(fields: u16, from: &str) -> licences::Content {
    let period = crate::licence_history::Period { from: Some(time(from)), until: None };
    let (face, metadata) = (FaceRoot { root: Digest([7; 32]), fields }, licences::Metadata::default());
    licences::Content { certificate_number: None, face, period, metadata }
}

fn issue(licence: LicenceIdentifier, holder: Who, fields: u16) -> AnyCall {
    AnyCall::Licences(licences::Call::Issue {
        identifier: licence,
        case: None,
        holder: holder.account(),
        content: content(fields, "2026-01-01T12:00:00Z"),
        ground: Some(crate::licence_test_cast::ground()),
    })
}

fn supersede(version: u16) -> AnyCall {
    AnyCall::Licences(licences::Call::Supersede {
        identifier: company(version),
        cause: licences::SupersessionCause::Correction,
        case: None,
        content: content(2, "2026-01-01T12:00:00Z"),
        ground: Some(crate::licence_test_cast::ground()),
    })
}

/// The city with an item and licences of Zhang and Li. It is early on Thursday, 2026-01-01, no calendar is published.
pub fn story() -> Story {
    static STORY: LazyLock<Story> = LazyLock::new(|| {
        let mut story = bound_city();
        tell(
            &mut story,
            &[
                (Who::Editor, item(), "Published"),
                (Who::MarketDataOfficer, register_type(COMPANY, &["name", "credit_code"]), "TypeRegistered"),
                (Who::MarketDataOfficer, register_type(HEALTH, &["holder", "result"]), "TypeRegistered"),
                (Who::MarketIssuer, issue(company(1), Who::Zhang, 2), "Issued"),
                (Who::MarketIssuer, issue(licence_of(HEALTH, "ZHANG", 1), Who::Zhang, 2), "Issued"),
                (Who::MarketIssuer, issue(licence_of(COMPANY, "LI", 1), Who::Li, 2), "Issued"),
            ],
        );
        story
    });
    STORY.clone()
}

pub fn named(names: &[&str]) -> Fields {
    Fields::Named(List::new(names.iter().map(|name| text(name)).collect()).expect("few fields"))
}

pub fn reading() -> Reading {
    Reading { person: Who::Zhang.account(), receiver: code(APPROVAL), purpose: Purpose::Application, item: text("A-1") }
}

fn sources(sources: &[(&'static str, Fields)]) -> SourceList {
    let sources = sources
        .iter()
        .map(|(licence_type, fields)| Source { licence_type: code(licence_type), fields: fields.clone() });
    List::new(sources.collect()).expect("few licence types")
}

pub fn consent_with(
    number: u8,
    reading: Reading,
    given: &[(&'static str, Fields)],
    uses: Uses,
    until: &str,
) -> AnyCall {
    AnyCall::Sharing(Call::GiveConsent {
        id: consent_id(number),
        reading,
        sources: sources(given),
        uses,
        until: time(until),
    })
}

pub fn consent(number: u8, uses: Uses) -> AnyCall {
    let given = [(COMPANY, named(&["name", "credit_code"])), (HEALTH, Fields::Whole)];
    consent_with(number, reading(), &given, uses, "2026-02-01T08:00:00Z")
}

pub fn withdraw(number: u8) -> AnyCall {
    AnyCall::Sharing(Call::WithdrawConsent { id: consent_id(number) })
}

fn handout(ground: Ground) -> Handout {
    Handout {
        reading: reading(),
        provider: code(MARKET),
        licence: company(1),
        fields: named(&["name"]),
        reader: Who::Receiver.account(),
        case: None,
        ground,
    }
}

pub fn by_consent(number: u8) -> Handout {
    handout(Ground::Consent { consent: consent_id(number) })
}

/// By law, for supervision, which needs no case.
pub fn by_law() -> Handout {
    let basis = LegalBasis { law: text("食品安全法"), article: text("第一百一十条") };
    let reading = Reading { purpose: Purpose::Supervision, ..reading() };
    Handout { reading, ..handout(Ground::Law { ground: LegalGround::StatutoryDuty, basis }) }
}

/// Files an application of Zhang's for the item, as whoever it is; gives its number.
pub fn filed_by(story: &mut Story, who: Who, applicant: Who) -> CaseNumber {
    let application = crate::cases::Application {
        item: text("A-1"),
        applicant: applicant.account(),
        facts: crate::case_facts::Facts::default(),
        materials: List::default(),
        ..crate::case_test_cast::application()
    };
    let receipt = story.act(&who.key(), vec![crate::case_test_cast::file(application).to_bytes()]);
    match crate::case_test_cast::event(&receipt) {
        crate::cases::Event::Filed { case, .. } => case,
        other => panic!("expected an application, found {other:?}"),
    }
}

pub fn record(number: u8, handout: Handout) -> AnyCall {
    AnyCall::Sharing(Call::RecordAccess { id: access_id(number), handout })
}

pub fn request() -> CorrectionRequest {
    CorrectionRequest {
        holder: Who::Zhang.account(),
        licence: company(1),
        field: text("name"),
        reason: CorrectionReason::Mistaken,
        statement: Some(Digest([3; 32])),
        case: None,
    }
}

pub fn open(number: u8, request: CorrectionRequest) -> AnyCall {
    AnyCall::Sharing(Call::OpenCorrection { id: correction_id(number), request })
}

pub fn kept(number: u8, reason: &str) -> AnyCall {
    let answer = Answer::Kept { reason: text(reason) };
    AnyCall::Sharing(Call::AnswerCorrection { id: correction_id(number), answer })
}

pub fn corrected(number: u8, licence: LicenceIdentifier) -> AnyCall {
    AnyCall::Sharing(Call::AnswerCorrection { id: correction_id(number), answer: Answer::Corrected { licence } })
}

pub fn change_terms(days: u16) -> AnyCall {
    AnyCall::Sharing(Call::ChangeTerms { correction_working_days: days })
}

pub fn ask(story: &Story, query: Query) -> View {
    let query = AnyQuery::Sharing(query);
    match story.ask(|state| query.answer(state)).expect("a question about records never stops") {
        AnyView::Sharing(view) => view,
        other => panic!("expected a view of this module, found {other:?}"),
    }
}

pub fn stored_consent(story: &Story, number: u8) -> Option<Consent> {
    match ask(story, Query::Consent { id: consent_id(number) }) {
        View::Consent { consent } => consent.map(|consent| *consent),
        other => panic!("expected a consent, found {other:?}"),
    }
}

pub fn stored_correction(story: &Story, number: u8) -> Option<Correction> {
    match ask(story, Query::Correction { id: correction_id(number) }) {
        View::Correction { correction, deadline } => {
            assert_eq!(correction.is_some(), deadline.is_some());
            correction.map(|correction| *correction)
        }
        other => panic!("expected a correction, found {other:?}"),
    }
}

/// The consent that covers reading one field of Zhang's business licence.
pub fn covered(story: &Story, field: &str) -> Option<ConsentId> {
    let (giver, to, at) = (Who::Zhang.account(), code(APPROVAL), story.time());
    let licence_type = code(COMPANY);
    let found = story.ask(|state| Ok(covers(state, &giver, &to, &licence_type, &text(field), &text("A-1"), at)?));
    found.expect("a question about records never stops")
}

fn events_of(receipts: &[Receipt]) -> Vec<AnyEvent> {
    let events = receipts.iter().flat_map(|receipt| match &receipt.outcome {
        Outcome::Applied { events } => events.iter(),
        Outcome::Refused(refusal) => panic!("an act was refused: {}", refusal.code),
    });
    events.map(|event| codec::decode(event.as_ref()).expect("an event of ours")).collect()
}

#[test]
fn consenting_reading_and_withdrawing() {
    let mut story = story();
    let health = Handout {
        licence: licence_of(HEALTH, "ZHANG", 1),
        fields: Fields::Whole,
        reader: Who::Zhang.account(),
        ..by_consent(1)
    };
    tell(
        &mut story,
        &[
            (Who::Zhang, consent(1, Uses::Repeatedly), "ConsentGiven"),
            (Who::MarketDataOfficer, record(1, by_consent(1)), "AccessRecorded"),
            (Who::MarketDataOfficer, record(2, by_consent(1)), "AccessRecorded"),
            (Who::MarketDataOfficer, record(3, health), "AccessRecorded"),
        ],
    );
    assert_eq!(covered(&story, "name"), Some(consent_id(1)));
    tell(
        &mut story,
        &[
            (Who::Zhang, withdraw(1), "ConsentWithdrawn"),
            (Who::MarketDataOfficer, record(4, by_consent(1)), "sharing.withdrawn"), // I2
        ],
    );
    assert_eq!(covered(&story, "name"), None);
    let consent = stored_consent(&story, 1).expect("a consent stays (I1)");
    assert_eq!((consent.given_by, consent.capacity), (Who::Zhang.account(), Capacity::Oneself));
    assert_eq!(consent.sources[1].last_access, Some(access_id(3)));
    let withdrawal = consent.withdrawal.expect("it was withdrawn");
    assert_eq!((withdrawal.by, withdrawal.at < story.time()), (Who::Zhang.account(), true));
    let View::Access { access: Some(access) } = ask(&story, Query::Access { id: access_id(2) }) else {
        panic!("the trail stays")
    };
    assert_eq!((access.handout, access.officer), (by_consent(1), Who::MarketDataOfficer.account()));
    assert_eq!(ask(&story, Query::Access { id: access_id(4) }), View::Access { access: None });
}

#[test]
fn a_single_use_is_used_up_for_each_licence_type() {
    let mut story = story();
    let health = || Handout { licence: licence_of(HEALTH, "ZHANG", 1), fields: Fields::Whole, ..by_consent(1) };
    tell(
        &mut story,
        &[
            (Who::Zhang, consent(1, Uses::Once), "ConsentGiven"),
            (Who::MarketDataOfficer, record(1, by_consent(1)), "AccessRecorded"),
            (Who::MarketDataOfficer, record(2, by_consent(1)), "sharing.used_up"), // I3
            (Who::MarketDataOfficer, record(2, health()), "AccessRecorded"),
            (Who::MarketDataOfficer, record(3, health()), "sharing.used_up"), // I3
        ],
    );
    assert_eq!(covered(&story, "name"), None);
    let receipt = story.act(&Who::Zhang.key(), vec![consent(2, Uses::Once).to_bytes()]);
    assert_eq!(outcome_name(&receipt.outcome), "ConsentGiven");
    let twice = [record(3, by_consent(2)), record(4, by_consent(2))];
    let receipt = story.act(&Who::MarketDataOfficer.key(), twice.iter().map(AnyCall::to_bytes).collect());
    assert_eq!(outcome_name(&receipt.outcome), "sharing.used_up", "not twice in one transaction either");
    assert_eq!(covered(&story, "name"), Some(consent_id(2)));
}

#[test]
fn a_consent_ends_by_itself() {
    let mut story = story();
    tell(&mut story, &[(Who::Zhang, consent(1, Uses::Repeatedly), "ConsentGiven")]);
    story.pass_millis(time("2026-02-01T08:00:00Z").millis_since(story.time()) - 3);
    tell(
        &mut story,
        &[
            (Who::MarketDataOfficer, record(1, by_consent(1)), "AccessRecorded"),
            (Who::MarketDataOfficer, record(2, by_consent(1)), "sharing.expired"), // I3
        ],
    );
    assert_eq!(covered(&story, "name"), None);
    tell(&mut story, &[(Who::Zhang, withdraw(1), "ConsentWithdrawn"), (Who::Zhang, withdraw(1), "sharing.withdrawn")]);
}

/// A consent for one purpose is none for another (I3).
#[test]
fn a_consent_covers_what_it_names_alone() {
    let mut story = story();
    let reading = |change: fn(&mut Reading)| {
        let mut handout = by_consent(1);
        change(&mut handout.reading);
        record(9, handout)
    };
    let fire = Handout {
        reading: Reading { receiver: code(FIRE), ..by_consent(1).reading },
        reader: Who::FireInspector.account(),
        ..by_consent(1)
    };
    let li = Handout {
        reading: Reading { person: Who::Li.account(), ..by_consent(1).reading },
        licence: licence_of(COMPANY, "LI", 1),
        ..by_consent(1)
    };
    let refused = "sharing.not_covered";
    tell(
        &mut story,
        &[
            (
                Who::Zhang,
                consent_with(
                    1,
                    super::tests::reading(),
                    &[(COMPANY, named(&["name"]))],
                    Uses::Repeatedly,
                    "2026-02-01T08:00:00Z",
                ),
                "ConsentGiven",
            ),
            (Who::MarketDataOfficer, reading(|reading| reading.purpose = Purpose::Supervision), refused),
            (Who::MarketDataOfficer, reading(|reading| reading.purpose = Purpose::ProactiveService), refused),
            (Who::MarketDataOfficer, reading(|reading| reading.item = text("A-2")), refused),
            (Who::MarketDataOfficer, record(9, fire), refused),
            (Who::MarketDataOfficer, record(9, Handout { fields: named(&["credit_code"]), ..by_consent(1) }), refused),
            (
                Who::MarketDataOfficer,
                record(9, Handout { fields: named(&["name", "credit_code"]), ..by_consent(1) }),
                refused,
            ),
            (Who::MarketDataOfficer, record(9, Handout { fields: Fields::Whole, ..by_consent(1) }), refused),
            (
                Who::MarketDataOfficer,
                record(9, Handout { licence: licence_of(HEALTH, "ZHANG", 1), ..by_consent(1) }),
                refused,
            ),
            (Who::MarketDataOfficer, record(9, li), refused),
            (Who::MarketDataOfficer, record(9, by_consent(1)), "AccessRecorded"),
        ],
    );
    assert_eq!(covered(&story, "credit_code"), None);
    let (giver, at) = (Who::Zhang.account(), story.time());
    let by = |to: &'static str, item: &str| {
        let (to, licence_type) = (code(to), code(COMPANY));
        story.ask(|state| Ok(covers(state, &giver, &to, &licence_type, &text("name"), &text(item), at)?))
    };
    assert_eq!(by(APPROVAL, "A-1"), Ok(Some(consent_id(1))));
    assert_eq!((by(FIRE, "A-1"), by(APPROVAL, "A-2")), (Ok(None), Ok(None)));
    let supervision = Reading { purpose: Purpose::Supervision, ..super::tests::reading() };
    let query = Query::Covers { reading: supervision, licence_type: code(COMPANY), fields: named(&["name"]), at };
    assert_eq!(ask(&story, query), View::Covers { consent: None });
}

#[test]
fn what_a_consent_needs() {
    let given = [(COMPANY, named(&["name"]))];
    let with = |given: &[(&'static str, Fields)]| consent_with(1, reading(), given, Uses::Once, "2026-02-01T08:00:00Z");
    let of = |reading| consent_with(1, reading, &given, Uses::Once, "2026-02-01T08:00:00Z");
    let until = |until| consent_with(1, reading(), &given, Uses::Once, until);
    tell(
        &mut story(),
        &[
            (Who::Zhang, with(&[]), "sharing.nothing_covered"),
            (Who::Zhang, with(&[(COMPANY, named(&["name"])), (COMPANY, Fields::Whole)]), "sharing.source_twice"),
            (Who::Zhang, with(&[(COMPANY, named(&[]))]), "sharing.field_names"),
            (Who::Zhang, with(&[(COMPANY, named(&["name", "name"]))]), "sharing.field_names"),
            (Who::Zhang, with(&[(COMPANY, named(&[""]))]), "sharing.field_names"),
            (Who::Zhang, of(Reading { item: text("A-2"), ..reading() }), "sharing.item_not_in_force"),
            (Who::Zhang, of(Reading { receiver: code(CIVIL), ..reading() }), "sharing.receiver_not_in_item"),
            (Who::Zhang, of(Reading { receiver: code(FIRE), ..reading() }), "ConsentGiven"),
            (Who::Zhang, with(&[(COMPANY, named(&["premises"]))]), "sharing.exists"), // I1
        ],
    );
    tell(
        &mut story(),
        &[
            (Who::Zhang, with(&[(COMPANY, named(&["premises"]))]), "sharing.not_needed"), // I6
            (Who::Zhang, with(&[(COMPANY, Fields::Whole)]), "sharing.not_needed"),        // I6
            (Who::Zhang, until("2025-12-31T00:00:00Z"), "sharing.until_out_of_bounds"),
            (Who::Zhang, until("2027-01-03T00:00:00Z"), "sharing.until_out_of_bounds"),
            (Who::Zhang, until("2027-01-01T00:00:00Z"), "ConsentGiven"),
            (Who::Li, until("2027-01-01T00:00:00Z"), "sharing.not_for_person"), // I2
        ],
    );
}

#[test]
fn every_role_is_needed() {
    let mut story = story();
    tell(
        &mut story,
        &[
            (Who::Stranger, consent(1, Uses::Once), "tx.unknown_account"),
            (Who::Li, consent(1, Uses::Once), "sharing.not_for_person"), // I2
            (Who::DataOfficer, consent(1, Uses::Once), "sharing.not_for_person"),
            (Who::Zhang, consent(1, Uses::Repeatedly), "ConsentGiven"),
            (Who::Li, withdraw(1), "sharing.not_for_person"), // I2
            (Who::Zhang, withdraw(2), "sharing.not_found"),
            (Who::Zhang, record(1, by_consent(1)), "tx.denied"),
            (Who::Receiver, record(1, by_consent(1)), "tx.denied"),
            (Who::MarketIssuer, record(1, by_consent(1)), "tx.denied"),
            (Who::DataOfficer, record(1, by_consent(1)), "tx.denied"),
            (Who::Mayor, record(1, by_consent(1)), "tx.denied"),
            (Who::Admin, record(1, by_consent(1)), "tx.denied"),
            (Who::MarketDataOfficer, record(1, by_consent(1)), "AccessRecorded"),
            (Who::Li, open(1, request()), "sharing.not_for_person"),
            (Who::Zhang, open(1, request()), "CorrectionOpened"),
            (Who::Zhang, kept(1, "与登记一致"), "tx.denied"),
            (Who::PoliceDataOfficer, kept(1, "与登记一致"), "tx.denied"),
            (Who::MarketIssuer, kept(1, "与登记一致"), "tx.denied"),
            (Who::MarketDataOfficer, kept(2, "与登记一致"), "tx.denied"),
            (Who::MarketDataOfficer, kept(1, "与登记一致"), "CorrectionAnswered"),
            (Who::MarketDataOfficer, change_terms(3), "tx.denied"),
            (Who::Mayor, change_terms(3), "tx.denied"),
            (Who::Admin, change_terms(3), "TermsChanged"),
        ],
    );
    story.pass_millis(time("2030-01-01T00:00:00Z").millis_since(story.time()));
    tell(&mut story, &[(Who::MarketDataOfficer, record(2, by_law()), "tx.denied")]);
}

#[test]
fn nothing_is_handed_out_without_a_ground() {
    let basis = |law: &str, article: &str| {
        let basis = LegalBasis { law: text(law), article: text(article) };
        Handout { ground: Ground::Law { ground: LegalGround::StatutoryDuty, basis }, ..by_law() }
    };
    let supervision = Handout {
        reading: Reading { purpose: Purpose::Supervision, item: text("不在目录"), ..reading() },
        ..by_law()
    };
    let without_case = || Handout { reading: reading(), ..by_law() };
    let mut story = story();
    let case = filed_by(&mut story, Who::Zhang, Who::Zhang);
    let with_case = || Handout { case: Some(case.clone()), ..without_case() };
    tell(
        &mut story,
        &[
            (Who::MarketDataOfficer, record(1, by_consent(1)), "sharing.not_found"), // I4
            (Who::MarketDataOfficer, record(1, basis("", "第一条")), "sharing.basis_missing"), // I4
            (Who::MarketDataOfficer, record(1, basis("食品安全法", "")), "sharing.basis_missing"), // I4
            (Who::MarketDataOfficer, record(1, without_case()), "sharing.case_missing"), // I4
            (Who::MarketDataOfficer, record(1, with_case()), "AccessRecorded"),
            (Who::MarketDataOfficer, record(1, with_case()), "sharing.exists"), // I1
            (Who::MarketDataOfficer, record(2, supervision), "AccessRecorded"),
        ],
    );
}

#[test]
fn what_is_handed_out_is_the_persons_and_the_departments() {
    let unknown = "11330105002500287C";
    tell(
        &mut story(),
        &[
            (Who::MarketDataOfficer, record(1, Handout { fields: named(&[]), ..by_law() }), "sharing.field_names"),
            (
                Who::MarketDataOfficer,
                record(1, Handout { reading: Reading { receiver: code(unknown), ..by_law().reading }, ..by_law() }),
                "sharing.department_unknown",
            ),
            (
                Who::MarketDataOfficer,
                record(1, Handout { reader: Who::Stranger.account(), ..by_law() }),
                "sharing.reader_unknown",
            ),
            (Who::MarketDataOfficer, record(1, Handout { licence: company(2), ..by_law() }), "sharing.licence_unknown"),
            (
                Who::MarketDataOfficer,
                record(1, Handout { licence: licence_of(COMPANY, "LI", 1), ..by_law() }),
                "sharing.not_holder", // I5
            ),
            (Who::PoliceDataOfficer, record(1, Handout { provider: code(POLICE), ..by_law() }), "sharing.not_provider"), // I5
            (Who::MarketDataOfficer, record(1, by_law()), "AccessRecorded"),
        ],
    );
}

#[test]
fn a_wrong_field_is_corrected_at_its_source() {
    let mut story = story();
    let other = CorrectionRequest { field: text("credit_code"), ..request() };
    tell(
        &mut story,
        &[
            (Who::Zhang, open(1, CorrectionRequest { field: text(""), ..request() }), "sharing.field_names"),
            (Who::Zhang, open(1, CorrectionRequest { field: text("premises"), ..request() }), "sharing.field_unknown"),
            (Who::Zhang, open(1, CorrectionRequest { licence: company(2), ..request() }), "sharing.licence_unknown"),
            (
                Who::Zhang,
                open(1, CorrectionRequest { licence: licence_of(COMPANY, "LI", 1), ..request() }),
                "sharing.not_holder",
            ),
            (Who::Zhang, open(1, request()), "CorrectionOpened"),
            (Who::Zhang, open(2, request()), "sharing.correction_open"), // I7
            (Who::Zhang, open(1, other.clone()), "sharing.exists"),      // I1
            (Who::Zhang, open(2, other), "CorrectionOpened"),
        ],
    );
    let open_one = |story: &Story| ask(story, Query::OpenCorrection { licence: company(1), field: text("name") });
    assert_eq!(open_one(&story), View::OpenCorrection { correction: Some(correction_id(1)) });
    tell(
        &mut story,
        &[
            (Who::MarketDataOfficer, corrected(1, company(2)), "sharing.licence_unknown"),
            (Who::MarketIssuer, supersede(1), "Superseded"),
            (Who::MarketDataOfficer, corrected(1, company(1)), "sharing.not_later_version"), // I7
            (Who::MarketDataOfficer, corrected(1, licence_of(COMPANY, "LI", 1)), "sharing.not_later_version"), // I7
            (Who::MarketDataOfficer, corrected(1, company(2)), "CorrectionAnswered"),
            (Who::MarketDataOfficer, kept(1, "与登记一致"), "sharing.answered"), // I7
            (Who::MarketDataOfficer, kept(2, ""), "sharing.reason_missing"),
            (Who::MarketDataOfficer, kept(2, "与登记一致"), "CorrectionAnswered"),
        ],
    );
    assert_eq!(open_one(&story), View::OpenCorrection { correction: None });
    let answer = stored_correction(&story, 1).and_then(|correction| correction.answer).expect("it was answered");
    assert_eq!((answer.answer, answer.is_late), (Answer::Corrected { licence: company(2) }, false));
    tell(&mut story, &[(Who::Zhang, open(3, request()), "CorrectionOpened")]);
    let acts = events_of(&story.pass_millis(30 * DAY_MILLIS));
    assert_eq!(acts.len(), 1, "what was answered does not become overdue: {acts:?}");
}

/// The request is opened on Thursday, 2026-01-01; without a calendar the seventh working day is Monday, the 12th.
#[test]
fn an_answer_that_does_not_come_is_overdue_once() {
    let mut story = story();
    tell(&mut story, &[(Who::Zhang, open(1, request()), "CorrectionOpened")]);
    let end = time("2026-01-12T16:00:00Z"); // 24:00 in Beijing
    let View::Correction { deadline: Some(deadline), .. } = ask(&story, Query::Correction { id: correction_id(1) })
    else {
        panic!("an open request has a deadline")
    };
    assert_eq!((deadline.at, deadline.is_provisional), (end, true));
    assert_eq!(story.pass_millis(end.millis_since(story.time()) - 2), []);
    let acts = events_of(&story.pass_millis(0));
    let expected = Event::CorrectionOverdue {
        id: correction_id(1),
        holder: Who::Zhang.account(),
        department: code(MARKET),
        deadline,
    };
    assert_eq!(acts, [AnyEvent::Sharing(expected)]);
    assert_eq!(story.pass_millis(30 * DAY_MILLIS), [], "it is told once (I8)");
    let correction = stored_correction(&story, 1).expect("it stays open");
    assert!(correction.overdue_at.is_some() && correction.answer.is_none());
    tell(&mut story, &[(Who::MarketDataOfficer, kept(1, "与登记一致"), "CorrectionAnswered")]);
    let answer = stored_correction(&story, 1).and_then(|correction| correction.answer).expect("it was answered");
    assert!(answer.is_late);
}

/// 2026-01-02, a Friday, and the week from the 5th are taken off after the request was opened.
#[test]
fn a_calendar_that_comes_later_moves_the_deadline() {
    let mut story = story();
    tell(&mut story, &[(Who::Zhang, open(1, request()), "CorrectionOpened")]);
    let days_off = [2, 5, 6, 7, 8, 9].map(|day| crate::network::MonthDay { month: 1, day });
    let calendar = AnyCall::Network(crate::network::Call::PublishCalendar {
        year: 2026,
        edition: 1,
        days_off: List::new(days_off.to_vec()).expect("few days"),
        make_up_days: List::default(),
    });
    tell(&mut story, &[(Who::Admin, calendar, "CalendarPublished")]);
    let old = time("2026-01-12T16:00:00Z");
    assert_eq!(story.pass_millis(old.millis_since(story.time())), [], "it is not late yet");
    let new = time("2026-01-20T16:00:00Z");
    assert_eq!(story.pass_millis(new.millis_since(story.time()) - 60_000), []);
    assert_eq!(events_of(&story.pass_millis(60_000)).len(), 1);
}

#[test]
fn the_largest_calls_fit() {
    let name = |number: usize| text::<40>(&format!("{}{number:02}", "名".repeat(38)));
    let fields = || Fields::Named(List::new((0..FIELDS_MAX).map(name).collect()).expect("as many as fit"));
    let source = |_| Source { licence_type: code(COMPANY), fields: fields() };
    let item: Text<64> = text(&"项".repeat(64));
    let largest = [
        AnyCall::Sharing(Call::GiveConsent {
            id: consent_id(1),
            reading: Reading { item: item.clone(), ..reading() },
            sources: List::new((0..SOURCES_MAX).map(source).collect()).expect("as many as fit"),
            uses: Uses::Once,
            until: Time::MAX,
        }),
        record(1, Handout { reading: Reading { item, ..reading() }, fields: fields(), ..by_law() }),
        kept(1, &"由".repeat(500)),
    ];
    for call in largest {
        assert!(call.to_bytes().as_ref().len() <= CALL_BYTES_MAX);
    }
}

#[test]
fn every_error_has_its_story() {
    let source = [include_str!("tests.rs"), include_str!("../sharing_stories.rs")].concat();
    for error in Error::iter() {
        let code = tongban_kernel::ModuleError::code(&error);
        assert!(source.contains(&format!("\"{}\"", &*code)), "no story ends in {}", &*code);
    }
}

/// What happens in the property: who does what with which of three consents.
#[derive(Clone, Debug)]
enum Deed {
    Give { consent: u8, uses: Uses, days: u64, names: bool },
    Withdraw { consent: u8, by: Who },
    Read { consent: u8, whole: bool, purpose: Purpose, by: Who },
    ReadByLaw { cites: bool },
    Wait { days: u64 },
}

fn any_deed() -> impl Strategy<Value = Deed> {
    let consent = 0..3u8;
    let person = prop_oneof![4 => Just(Who::Zhang), 1 => Just(Who::Li)];
    let officer = prop_oneof![6 => Just(Who::MarketDataOfficer), 1 => Just(Who::DataOfficer), 1 => Just(Who::Zhang)];
    let uses = prop_oneof![Just(Uses::Once), Just(Uses::Repeatedly)];
    let purpose = prop_oneof![4 => Just(Purpose::Application), 1 => Just(Purpose::Supervision)];
    prop_oneof![
        3 => (consent.clone(), uses, 0..6u64, any::<bool>())
            .prop_map(|(consent, uses, days, names)| Deed::Give { consent, uses, days, names }),
        1 => (consent.clone(), person).prop_map(|(consent, by)| Deed::Withdraw { consent, by }),
        5 => (consent, any::<bool>(), purpose, officer)
            .prop_map(|(consent, whole, purpose, by)| Deed::Read { consent, whole, purpose, by }),
        1 => any::<bool>().prop_map(|cites| Deed::ReadByLaw { cites }),
        2 => (0..4u64).prop_map(|days| Deed::Wait { days }),
    ]
}

/// What the model knows of a consent.
#[derive(Clone, Debug)]
struct Known {
    names: bool,
    uses: Uses,
    until: Time,
    is_withdrawn: bool,
    reads: u32,
}

impl Known {
    /// Whether it lets somebody read the name on the business licence, at a time.
    fn lets_read(&self, at: Time) -> bool {
        self.names && !self.is_withdrawn && at < self.until && (self.uses == Uses::Repeatedly || self.reads == 0)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is given, withdrawn, read and waited for: what was withdrawn, has ended or is used up never covers again, nothing is
    /// recorded without a consent that covers it or a law that is cited, and `covers` says what an access then meets (I2, I3, I4).
    #[test]
    fn no_access_without_cover(deeds in proptest::collection::vec(any_deed(), 1..30)) {
        let mut story = story();
        let mut known: [Option<Known>; 3] = [None, None, None];
        for (number, deed) in (0u8..).zip(deeds) {
            match deed {
                Deed::Give { consent, uses, days, names } => {
                    let until = story.time().plus_millis(days * DAY_MILLIS);
                    let given = if names { [(COMPANY, named(&["name"]))] } else { [(HEALTH, Fields::Whole)] };
                    let call = consent_with(consent, reading(), &given, uses, &until.to_string());
                    let outcome = story.act(&Who::Zhang.key(), vec![call.to_bytes()]).outcome;
                    let is_new = known[usize::from(consent)].is_none();
                    prop_assert_eq!(outcome_name(&outcome) == "ConsentGiven", is_new && days > 0);
                    if is_new && days > 0 {
                        known[usize::from(consent)] = Some(Known { names, uses, until, is_withdrawn: false, reads: 0 });
                    }
                }
                Deed::Withdraw { consent, by } => {
                    let outcome = story.act(&by.key(), vec![withdraw(consent).to_bytes()]).outcome;
                    let known = known[usize::from(consent)].as_mut().filter(|known| !known.is_withdrawn);
                    prop_assert_eq!(outcome_name(&outcome) == "ConsentWithdrawn", known.is_some() && by == Who::Zhang);
                    if let Some(known) = known.filter(|_| by == Who::Zhang) {
                        known.is_withdrawn = true;
                    }
                }
                Deed::Read { consent, whole, purpose, by } => {
                    let mut handout = by_consent(consent);
                    handout.reading.purpose = purpose;
                    if whole {
                        handout.fields = Fields::Whole;
                    }
                    let outcome = story.act(&by.key(), vec![record(number, handout).to_bytes()]).outcome;
                    let lets_read = known[usize::from(consent)].as_ref().is_some_and(|known| known.lets_read(story.time()));
                    let is_right = !whole && purpose == Purpose::Application && by == Who::MarketDataOfficer;
                    prop_assert_eq!(outcome_name(&outcome) == "AccessRecorded", lets_read && is_right);
                    if let Some(known) = known[usize::from(consent)].as_mut().filter(|_| lets_read && is_right) {
                        known.reads += 1;
                    }
                }
                Deed::ReadByLaw { cites } => {
                    let mut handout = by_law();
                    if !cites {
                        handout.ground = Ground::Consent { consent: consent_id(200) };
                    }
                    let outcome = story.act(&Who::MarketDataOfficer.key(), vec![record(number, handout).to_bytes()]).outcome;
                    prop_assert_eq!(outcome_name(&outcome) == "AccessRecorded", cites);
                }
                Deed::Wait { days } => prop_assert!(story.pass_millis(days * DAY_MILLIS).is_empty()),
            }
            let at = story.time();
            let expected = known.iter().flatten().any(|known| known.lets_read(at));
            prop_assert_eq!(covered(&story, "name").is_some(), expected);
        }
    }
}
