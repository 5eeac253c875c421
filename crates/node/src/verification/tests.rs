//! What proofs show of licences: status and standing from events and records, the reader's clock, fields that are shown, and how it ends.

use super::bundle::describe;
use super::command::{NOT_VALID_EXIT_CODE, exit_code};
use super::disclosed::{Carried, DisclosureFile, SaltedNote};
use super::examination::{Examined, Refusal, add_case, examine, grant_of, put_grant};
use super::licence::{
    GrantState, GrantVerdict, LicenceStanding, LicenceVerdict, Warning, first_not_valid, of_events, of_record,
};
use super::licence_words::in_words;
use super::paper::{algorithms, anchor, bundle, header, receipt, slip};
use crate::licences::show::{carrying, disclose};
use serde_json::json;
use tongban_modules::Event;
use tongban_modules::cases::{CASES, Case};
use tongban_modules::evidence::{self, WithdrawalReason};
use tongban_modules::items::LegalBasis;
use tongban_modules::licence_history::{Change, ChangeKind, Destination, Ground, Period, SourceState, Status};
use tongban_modules::licences::{
    Anomaly, Content, CopyNote, CopyRight, Event as LicencesEvent, Holder, IssuerStanding, LICENCES, Licence, Metadata,
    SupersessionCause,
};
use tongban_types::codes::{CaseNumber, LicenceIdentifier, LicenceIssuer};
use tongban_types::licence_face::{Face, FaceField, Salt};
use tongban_types::proof::Claim;
use tongban_types::{AccountId, Blob, Digest, EvidenceId, List, Text, Time, codec};
use tongban_verify::Verified;

const ISSUED: &str = "2026-03-01T00:00:00Z";
const END: &str = "2031-03-01T00:00:00Z";

fn time(text: &str) -> Time {
    text.parse().expect("a time")
}

fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).expect("a valid text")
}

fn licence(version: u16) -> LicenceIdentifier {
    let issuer = LicenceIssuer::Body("11519900MB9012235G".parse().expect("a code"));
    let licence_type = "11519900MB9012235G001".parse().expect("a code");
    LicenceIdentifier::new(licence_type, issuer, "A1", version).expect("an identifier")
}

fn face() -> Face {
    let fields = [("operator", "云港小馆餐饮有限公司"), ("shop_name", "云港小馆"), ("premises", "海棠路 8 号")];
    let field = |(index, (name, value)): (u8, (&str, &str))| FaceField {
        name: text(name),
        value: text(value),
        salt: Salt([index + 1; 32]),
    };
    Face::new((0..).zip(fields).map(field).collect()).expect("a face")
}

fn content(from: &str, until: Option<&str>) -> Content {
    let period = Period { from: Some(time(from)), until: until.map(time) };
    Content { certificate_number: None, face: face().root(algorithms()), period, metadata: Metadata::default() }
}

fn ground() -> Ground {
    let basis = LegalBasis { law: text("行政许可法"), article: text("第六十九条") };
    Ground { basis, reason: text("以欺骗手段取得"), document: None }
}

fn holder() -> AccountId {
    AccountId([7; 16])
}

fn issued_as(content: Content) -> LicencesEvent {
    let (identifier, holder) = (licence(1), holder());
    LicencesEvent::Issued { identifier, holder, case: None, type_version: 1, content, ground: None }
}

fn issued() -> LicencesEvent {
    issued_as(content(ISSUED, Some(END)))
}

fn prepared() -> LicencesEvent {
    let (identifier, holder, content) = (licence(1), holder(), content(ISSUED, Some(END)));
    LicencesEvent::Prepared { identifier, holder, case: None, type_version: 1, content, ground: Some(ground()) }
}

fn prepared_issued() -> LicencesEvent {
    let (identifier, holder, content) = (licence(1), holder(), content(ISSUED, Some(END)));
    LicencesEvent::PreparedIssued { identifier, holder, case: None, type_version: 1, content }
}

fn superseded(from: &str) -> LicencesEvent {
    LicencesEvent::Superseded {
        identifier: licence(1),
        by: licence(2),
        cause: SupersessionCause::Renewal,
        case: None,
        type_version: 1,
        content: content(from, Some(END)),
        ground: None,
        from: time(from),
    }
}

fn imported(state: SourceState, anomalies: Vec<Anomaly>, is_confirmed: bool) -> LicencesEvent {
    let (content, anomalies) = (content(ISSUED, None), List::new(anomalies).expect("few"));
    LicencesEvent::Imported { identifier: licence(1), state, confidence: 90, anomalies, content, is_confirmed }
}

fn revoked() -> LicencesEvent {
    LicencesEvent::Revoked { identifier: licence(1), by: licence(1).licence_type().definer(), ground: ground() }
}

/// What a receipt of these events at the time of issue shows, by this clock.
fn shown_at(events: &[LicencesEvent], clock: &str) -> Vec<LicenceVerdict> {
    let events: Vec<Event> = events.iter().cloned().map(Event::Licences).collect();
    of_events(&events, &receipt(&events, time(ISSUED)), time(clock))
}

fn shown(events: &[LicencesEvent]) -> Vec<LicenceVerdict> {
    shown_at(events, "2026-03-02T00:00:00Z")
}

#[test]
fn a_proof_of_what_is_not_valid_says_so() {
    let identifier = licence(1);
    let suspended = |until: Option<&str>| LicencesEvent::Suspended {
        identifier: identifier.clone(),
        until: until.map(time),
        ground: ground(),
    };
    let cancelled = LicencesEvent::Cancelled { identifier: identifier.clone(), ground: ground() };
    let by = identifier.licence_type().definer();
    let withdrawn = LicencesEvent::Withdrawn { identifier: identifier.clone(), by, ground: ground() };
    let valid = LicenceStanding::ValidAsOfUnconfirmedNow;
    let not_valid = LicenceStanding::NotValid;
    let to = Destination { name: text("江北省政务服务网"), authority: None };
    let moved = LicencesEvent::MovedOut { identifier: identifier.clone(), to: to.clone(), ground: ground() };
    let prepared = prepared();
    for (events, standing, status) in [
        (vec![prepared.clone()], not_valid, Status::Draft),
        (vec![prepared, prepared_issued()], valid, Status::Valid),
        (vec![prepared_issued()], valid, Status::Valid),
        (vec![moved.clone()], not_valid, Status::MovedOut { to: Some(to.clone()) }),
        (vec![issued(), moved], not_valid, Status::MovedOut { to: Some(to) }),
        (vec![imported(SourceState::MovedOut, Vec::new(), true)], not_valid, Status::MovedOut { to: None }),
        (vec![imported(SourceState::Other, Vec::new(), true)], not_valid, Status::Other),
        (vec![issued()], valid, Status::Valid),
        (vec![issued_as(content(ISSUED, None))], valid, Status::Valid),
        (vec![issued_as(content("2026-05-01T00:00:00Z", Some(END)))], not_valid, Status::NotYetValid),
        (vec![suspended(None)], not_valid, Status::Suspended),
        (vec![suspended(Some("2026-03-01T12:00:00Z"))], not_valid, Status::Suspended),
        (vec![cancelled], not_valid, Status::Cancelled),
        (vec![revoked()], not_valid, Status::Revoked),
        (vec![withdrawn], not_valid, Status::Withdrawn),
        (vec![issued(), revoked()], not_valid, Status::Revoked),
        (vec![imported(SourceState::Valid, Vec::new(), true)], valid, Status::Valid),
        (vec![imported(SourceState::Valid, Vec::new(), false)], not_valid, Status::Unconfirmed),
        (vec![imported(SourceState::Valid, vec![Anomaly::EndMissing], true)], not_valid, Status::EndUnknown),
        (vec![imported(SourceState::Suspended, Vec::new(), true)], not_valid, Status::Suspended),
        (vec![imported(SourceState::Revoked, Vec::new(), true)], not_valid, Status::Revoked),
    ] {
        let licences = shown(&events);
        let [licence] = &licences[..] else { panic!("one licence: {licences:?}") };
        assert_eq!((licence.standing, licence.status.as_ref()), (standing, Some(&status)), "{events:?}");
        assert_eq!(first_not_valid(&licences).is_none(), standing == valid, "{events:?}");
        assert_eq!(licence.state_code, Some(status.source_state().code()), "{events:?}");
        let words = in_words(licence);
        assert_eq!(words.contains("unconfirmed now") && words.contains("现在未确认"), standing == valid, "{words}");
        assert_eq!(words.contains("not valid") && words.contains("无效"), standing == not_valid, "{words}");
    }
}

#[test]
fn by_the_readers_clock_a_term_ends_and_begins() {
    let later = || issued_as(content("2026-05-01T00:00:00Z", Some(END)));
    let (valid, ended) = (LicenceStanding::ValidAsOfUnconfirmedNow, LicenceStanding::ValidAsOfEndedByClock);
    for (event, clock, standing, warnings) in [
        (issued(), "2031-02-28T23:59:59Z", valid, vec![]),
        (issued(), END, ended, vec![Warning::TermEnded]),
        (issued(), "2040-01-01T00:00:00Z", ended, vec![Warning::TermEnded]),
        // A clock that is behind the proof is not believed.
        (issued(), "2020-01-01T00:00:00Z", valid, vec![]),
        (later(), "2026-04-30T00:00:00Z", LicenceStanding::NotValid, vec![]),
        (later(), "2026-05-01T00:00:00Z", valid, vec![Warning::TermBegun]),
        (later(), END, LicenceStanding::NotValid, vec![Warning::TermEnded]),
    ] {
        let licences = shown_at(std::slice::from_ref(&event), clock);
        assert_eq!((licences[0].standing, &licences[0].warnings), (standing, &warnings), "{clock}: {event:?}");
        assert_eq!(first_not_valid(&licences).is_none(), standing == valid, "{clock}: {event:?}");
    }
    let words = in_words(&shown_at(&[issued()], END)[0]);
    assert!(words.contains("按本机时钟有效期已届满") && words.contains("its term has ended"), "{words}");
    assert!(!words.contains("unconfirmed now"), "{words}");
}

#[test]
fn what_a_receipt_does_not_show_is_not_claimed() {
    let identifier = licence(1);
    let resumed = LicencesEvent::Resumed { identifier: identifier.clone(), ground: ground() };
    let claimed = LicencesEvent::HolderClaimed { identifier: identifier.clone(), holder: holder() };
    let named = LicencesEvent::HolderNamed { identifier: identifier.clone(), holder: holder(), ground: ground() };
    let by = identifier.licence_type().definer();
    let confirmed = LicencesEvent::ImportConfirmed { identifier, by, ground: ground() };
    for event in [resumed, claimed, named, confirmed] {
        let licences = shown(std::slice::from_ref(&event));
        let licence = &licences[0];
        assert_eq!((licence.standing, licence.status.as_ref()), (LicenceStanding::NotShown, None), "{event:?}");
        assert_eq!(licence.warnings, [Warning::StatusNotShown, Warning::TermNotShown], "{event:?}");
        assert_eq!(first_not_valid(&licences), Some(licence), "{event:?}");
        assert!(in_words(licence).contains("此证明未显示其是否有效"), "{event:?}");
    }
    let type_retired =
        LicencesEvent::TypeRetired {
            code: licence(1).licence_type(), from: time(ISSUED), reason: text("不再颁发")
        };
    assert_eq!(shown(&[type_retired]), []);
}

#[test]
fn a_new_version_is_judged_in_the_place_of_the_old_one() {
    let licences = shown(&[superseded(ISSUED)]);
    let [old, new] = &licences[..] else { panic!("two versions: {licences:?}") };
    assert_eq!((&old.identifier, old.status.as_ref()), (&licence(1), Some(&Status::Superseded { by: licence(2) })));
    assert_eq!((&new.identifier, new.standing), (&licence(2), LicenceStanding::ValidAsOfUnconfirmedNow));
    assert_eq!(first_not_valid(&licences), None);
    assert!(in_words(old).contains(&format!("已变更为 {}", licence(2))), "{}", in_words(old));

    // Until it begins nobody knows from this receipt whether the old one is valid; when it has begun, it is.
    let early = |clock| shown_at(&[superseded("2026-06-01T00:00:00Z")], clock);
    let licences = early("2026-05-31T00:00:00Z");
    assert_eq!((licences[0].status.as_ref(), licences[1].standing), (None, LicenceStanding::NotValid));
    assert_eq!(first_not_valid(&licences), Some(&licences[1]));
    let licences = early("2026-06-01T00:00:00Z");
    assert_eq!(
        (licences[1].standing, &licences[1].warnings[..]),
        (LicenceStanding::ValidAsOfUnconfirmedNow, &[Warning::TermBegun][..])
    );
    assert_eq!(first_not_valid(&licences), None);
}

#[test]
fn the_issuers_standing_is_shown() {
    assert_eq!(shown(&[issued()])[0].issuer, Some(IssuerStanding::Authorised));
    for (anomalies, issuer, words) in [
        (vec![], IssuerStanding::Authorised, "有权颁发"),
        (vec![Anomaly::NumberMissing], IssuerStanding::Authorised, "有权颁发"),
        (vec![Anomaly::TypeUnknown], IssuerStanding::TypeUnknown, "类型未登记"),
        (vec![Anomaly::TypeUnknown, Anomaly::IssuerDivision], IssuerStanding::Division, "区划代码"),
        (vec![Anomaly::TypeUnknown, Anomaly::IssuerUnknown], IssuerStanding::NotInOffice, "机构未登记"),
        (vec![Anomaly::IssuerNotAuthorised], IssuerStanding::NotAuthorised, "无权颁发"),
    ] {
        let licence = &shown(&[imported(SourceState::Valid, anomalies.clone(), true)])[0];
        assert_eq!(licence.issuer, Some(issuer), "{anomalies:?}");
        let is_warned = licence.warnings.contains(&Warning::IssuerInQuestion);
        assert_eq!(is_warned, issuer != IssuerStanding::Authorised, "{anomalies:?}");
        assert!(in_words(licence).contains(words), "{}", in_words(licence));
    }
}

/// The record of a licence to which this has happened since, each a day after the other.
fn record(changes: Vec<ChangeKind>) -> Licence {
    let by = licence(1).licence_type().definer();
    let change = |(day, what): (u64, ChangeKind)| {
        let (at, receipt) = (time(ISSUED).plus_millis(day * 86_400_000), 17 + day);
        Change { what, ground: None, by, officer: holder(), at, receipt }
    };
    let history = (0..).zip(std::iter::once(ChangeKind::Issued).chain(changes)).map(change);
    Licence {
        version: 2,
        identifier: licence(1),
        type_version: Some(1),
        type_receipt: Some(3),
        issuer: IssuerStanding::Authorised,
        issuer_receipt: Some(2),
        keeper: by,
        holder: Holder::Account { account: holder() },
        content: content(ISSUED, Some(END)),
        case: None,
        supersedes: None,
        history: List::new(history.collect()).expect("few"),
        import: None,
        rests_on: None,
        claim: None,
        related_item: None,
    }
}

#[test]
fn a_record_shows_its_whole_history() {
    let as_of = "2026-03-10T00:00:00Z";
    let until = Some(time("2026-03-20T00:00:00Z"));
    let replaced = ChangeKind::Superseded { by: licence(2), from: time("2026-06-01T00:00:00Z") };
    let valid = LicenceStanding::ValidAsOfUnconfirmedNow;
    for (changes, clock, standing, status, warnings) in [
        (vec![], as_of, valid, Status::Valid, vec![]),
        (
            vec![],
            "2035-01-01T00:00:00Z",
            LicenceStanding::ValidAsOfEndedByClock,
            Status::Valid,
            vec![Warning::TermEnded],
        ),
        (vec![ChangeKind::Revoked], as_of, LicenceStanding::NotValid, Status::Revoked, vec![]),
        (vec![ChangeKind::Suspended { until }], as_of, LicenceStanding::NotValid, Status::Suspended, vec![]),
        (
            vec![ChangeKind::Suspended { until }],
            "2026-03-20T00:00:00Z",
            LicenceStanding::NotValid,
            Status::Suspended,
            vec![Warning::SuspensionEnded],
        ),
        (vec![ChangeKind::Suspended { until }, ChangeKind::Resumed], as_of, valid, Status::Valid, vec![]),
        (vec![replaced.clone()], as_of, valid, Status::Valid, vec![]),
        (
            vec![replaced],
            "2026-06-01T00:00:00Z",
            LicenceStanding::ValidAsOfEndedByClock,
            Status::Valid,
            vec![Warning::ReplacementBegun],
        ),
    ] {
        let found = of_record(&record(changes.clone()), time(as_of), time(clock));
        assert_eq!((found.standing, found.status), (standing, Some(status)), "{changes:?} at {clock}");
        assert_eq!(found.warnings, warnings, "{changes:?} at {clock}");
        assert_eq!(found.holder, Some(Holder::Account { account: holder() }));
    }
}

fn slip_of(events: &[Event]) -> Vec<u8> {
    slip(&receipt(events, time(ISSUED))).to_text().into_bytes()
}

fn examined(proof: &[u8], shown: Option<&DisclosureFile>, clock: &str) -> Result<Examined, Refusal> {
    examine(proof, &anchor(), shown, time(clock))
}

fn json(examined: &Examined) -> serde_json::Value {
    serde_json::from_str(&examined.json().expect("JSON")).expect("JSON")
}

#[test]
fn a_slip_of_a_licence_is_valid_as_of_and_unconfirmed_now() {
    let proof = slip_of(&[Event::Licences(issued())]);
    let found = examined(&proof, None, "2026-03-02T00:00:00Z").expect("it is proven");
    assert_eq!(found.objection(), None);
    let said = json(&found);
    assert_eq!((&said["proven"], &said["standing"]), (&true.into(), &"proven_as_of_unconfirmed_now".into()));
    assert_eq!(said["licences"][0]["standing"], "valid_as_of_unconfirmed_now");
    assert_eq!(said["licences"][0]["status"], "valid");
    assert_eq!(said["licences"][0]["issuer"], "authorised");
    assert!(said.get("valid").is_none(), "{said}");
    let words = found.in_words();
    assert!(words.contains("截至 2026-03-01T00:00:00.000Z 有效，现在未确认"), "{words}");
    assert!(words.contains("valid as of 2026-03-01T00:00:00.000Z, unconfirmed now"), "{words}");

    let found = examined(&proof, None, "2032-01-01T00:00:00Z").expect("it is proven");
    let objection = found.objection().expect("its term has ended");
    assert!(objection.0.contains("expired now"), "{objection}");
}

#[test]
fn a_revoked_licence_is_proven_and_not_valid() {
    let found = examined(&slip_of(&[Event::Licences(revoked())]), None, ISSUED).expect("it is proven");
    let said = json(&found);
    assert_eq!((&said["proven"], &said["licences"][0]["standing"]), (&true.into(), &"not_valid".into()));
    let words = found.in_words();
    assert!(words.contains("已撤销：无效") && words.contains("revoked as of"), "{words}");
    assert!(!words.contains(" valid as of"), "{words}");
    let objection = found.objection().expect("it was revoked");
    assert_eq!(exit_code(&objection.into()), NOT_VALID_EXIT_CODE);
    assert_eq!(exit_code(&anyhow::anyhow!("anything else")), 1);
}

#[test]
fn a_slip_of_anything_else_is_proven_and_says_nothing_of_licences() {
    let event =
        Event::Evidence(evidence::Event::Withdrawn { id: EvidenceId([1; 16]), reason: WithdrawalReason::Mistake });
    let found = examined(&slip_of(&[event]), None, ISSUED).expect("it is proven");
    assert_eq!((found.licences(), found.objection()), (&[][..], None));
    let words = found.in_words();
    assert!(words.starts_with("proven as of") && !words.contains("valid as of"), "{words}");
}

#[test]
fn fields_that_are_shown_are_those_of_the_licence_or_refused() {
    let slip = slip(&receipt(&[Event::Licences(issued())], time(ISSUED)));
    let shown = disclose(&face(), &["operator".to_owned(), "shop_name".to_owned()], algorithms()).expect("fields");
    let file = DisclosureFile { licence: licence(1), disclosure: shown.clone(), noted: None };
    let beside = examined(slip.to_text().as_bytes(), Some(&file), ISSUED).expect("they are its fields");
    let inside = carrying(&slip, &shown).expect("two fields fit");
    let inside = examined(inside.to_text().as_bytes(), None, ISSUED).expect("they are its fields");
    for found in [beside, inside] {
        assert_eq!(json(&found)["disclosed"][1]["name"], "shop_name");
        let words = found.in_words();
        assert!(words.contains("shown: operator = 云港小馆餐饮有限公司"), "{words}");
        assert!(words.contains("shown: shop_name = 云港小馆") && !words.contains("海棠路"), "{words}");
    }

    let mut forged = shown.clone();
    let mut fields = forged.shown.to_vec();
    fields[1].field.value = text("别的店");
    forged.shown = List::new(fields).expect("two");
    let of_other = DisclosureFile { licence: licence(2), disclosure: shown, noted: None };
    for file in [DisclosureFile { licence: licence(1), disclosure: forged.clone(), noted: None }, of_other] {
        let refusal = examined(slip.to_text().as_bytes(), Some(&file), ISSUED).expect_err("it is refused");
        assert_eq!(refusal.code, "disclosure_not_bound");
        assert!(!refusal.to_string().contains("别的店"), "{refusal}");
    }
    let carried = carrying(&slip, &forged).expect("it fits");
    let refusal = examined(carried.to_text().as_bytes(), None, ISSUED).expect_err("it is refused");
    assert_eq!((refusal.what, &*refusal.code), ("slip", "disclosure_not_bound"));
    let unknown = disclose(&face(), &["owner".to_owned()], algorithms()).expect_err("there is none");
    assert!(unknown.to_string().contains("operator, shop_name, premises"), "{unknown}");
}

#[test]
fn fields_of_one_version_are_not_those_of_another_licence() {
    // The old version names the new one; what is shown belongs to the version whose face was proven.
    let proof = slip_of(&[Event::Licences(superseded(ISSUED))]);
    let shown = disclose(&face(), &["operator".to_owned()], algorithms()).expect("a field");
    for (version, is_bound) in [(1, false), (2, true)] {
        let file = DisclosureFile { licence: licence(version), disclosure: shown.clone(), noted: None };
        assert_eq!(examined(&proof, Some(&file), ISSUED).is_ok(), is_bound, "version {version}");
    }
}

fn verified(claim: Claim) -> Verified {
    Verified {
        network_name: text("云港市通办网"),
        claim,
        header: header(&receipt(&[], time("2026-03-10T00:00:00Z"))),
        certified_height: 7,
        departments: vec![text("云港市数据局")],
    }
}

fn described(claim: Claim) -> Examined {
    Examined::Bundle(Box::new(describe(&verified(claim), time("2026-03-11T00:00:00Z"))))
}

#[test]
fn a_bundle_of_a_licences_record_says_what_it_was() {
    let of = |changes| {
        let value = Blob::new(codec::encode(&record(changes))).expect("short");
        let key = Blob::new(codec::encode(&licence(1))).expect("short");
        described(Claim::Record { table: text(LICENCES.name()), key, value })
    };
    let valid = of(Vec::new());
    assert_eq!((valid.licences()[0].standing, valid.objection()), (LicenceStanding::ValidAsOfUnconfirmedNow, None));
    let revoked = of(vec![ChangeKind::Revoked]);
    let said = json(&revoked);
    assert_eq!((&said["proven"], &said["licences"][0]["status"]), (&true.into(), &"revoked".into()));
    assert!(said.get("valid").is_none() && revoked.objection().is_some(), "{said}");
    let words = revoked.in_words();
    assert!(words.contains("截至 2026-03-10T00:00:00.000Z 已撤销：无效"), "{words}");
    assert!(words.contains("proven as of block 7") && !words.contains(" valid as of"), "{words}");
}

#[test]
fn a_licence_that_is_proven_to_be_absent_is_not_valid() {
    let of = |table: &str| {
        let key = Blob::new(codec::encode(&licence(1))).expect("short");
        described(Claim::Absence { table: text(table), key, state_key: Digest::ZERO })
    };
    let absent = of(LICENCES.name());
    let objection = absent.objection().expect("there is none");
    assert!(objection.to_string().contains("不存在 does not exist"), "{objection}");
    assert!(absent.in_words().contains(licence(1).as_str()));
    assert_eq!(of("evidence/records").objection(), None, "the absence of anything else is a proof like any other");
}

fn noted(purpose: &str) -> SaltedNote {
    let note = CopyNote { purpose: text(purpose), creator: text("云港小馆餐饮有限公司") };
    SaltedNote { note, salt: Salt([8; 32]) }
}

/// A slip of a copy that was made when the licence was issued, until then, carrying this.
fn copy_slip(until: &str, carried: Option<&Carried>) -> Vec<u8> {
    copy_slip_of_bytes(until, carried.map(codec::encode).unwrap_or_default())
}

fn copy_slip_of_bytes(until: &str, carried: Vec<u8>) -> Vec<u8> {
    let commitment = noted("办理门店贷款").commitment(algorithms());
    let made = LicencesEvent::CopyMade {
        identifier: licence(1),
        commitment,
        until: time(until),
        right: CopyRight::Holder { capacity: tongban_modules::representation::Capacity::Oneself },
        issuer: IssuerStanding::Authorised,
        content: content(ISSUED, Some(END)),
    };
    let slip = slip(&receipt(&[Event::Licences(made)], time(ISSUED)));
    slip.disclosing(Blob::new(carried).expect("short")).expect("there is room").to_text().into_bytes()
}

const COPY_END: &str = "2026-04-01T00:00:00Z";

#[test]
fn a_copy_says_for_what_and_until_when_and_counts_for_nothing_without_that() {
    let fields = disclose(&face(), &["shop_name".to_owned()], algorithms()).expect("a field");
    let (right, wrong) = (noted("办理门店贷款"), noted("另作他用"));
    let with = |noted: &SaltedNote, disclosure| Carried { noted: noted.clone(), disclosure };
    let whole = with(&right, Some(fields.clone()));
    for (carried, clock, is_proven, is_good) in [
        (Some(&whole), "2026-03-02T00:00:00Z", true, true),
        (Some(&with(&right, None)), "2026-03-02T00:00:00Z", true, true),
        (Some(&whole), COPY_END, true, false),       // its end has come
        (None, "2026-03-02T00:00:00Z", true, false), // for what, nobody says
        (Some(&with(&wrong, None)), "2026-03-02T00:00:00Z", false, false), // another purpose than it was made for
        (Some(&with(&wrong, Some(fields))), "2026-03-02T00:00:00Z", false, false),
    ] {
        let found = examined(&copy_slip(COPY_END, carried), None, clock);
        assert_eq!(found.is_ok(), is_proven, "{carried:?} at {clock}");
        let Ok(found) = found else { continue };
        assert_eq!(found.objection().is_none(), is_good, "{carried:?} at {clock}: {:?}", found.objection());
        assert_eq!(found.licences()[0].status, Some(Status::Valid), "its licence was valid when it was made");
        let words = found.in_words();
        assert_eq!(words.contains("仅用于 for 办理门店贷款 only"), carried.is_some(), "{words}");
        assert!(words.contains("2026-04-01"), "{words}");
    }
}

#[test]
fn whatever_is_changed_in_what_a_copy_carries_is_refused() {
    let fields = disclose(&face(), &["shop_name".to_owned()], algorithms()).expect("a field");
    let bytes = codec::encode(&Carried { noted: noted("办理门店贷款"), disclosure: Some(fields) });
    let is_proven = |bytes: Vec<u8>| examined(&copy_slip_of_bytes(COPY_END, bytes), None, ISSUED).is_ok();
    assert!(is_proven(bytes.clone()));
    for index in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[index] ^= 1 << (index % 8);
        assert!(!is_proven(changed), "byte {index}");
        assert!(index == 0 || !is_proven(bytes[..index].to_vec()), "cut off at {index}");
    }
}

#[test]
fn the_note_on_a_copy_may_come_beside_it() {
    let disclosure = disclose(&face(), &["shop_name".to_owned()], algorithms()).expect("a field");
    let proof = copy_slip(COPY_END, None);
    for (note, is_proven) in [(Some("办理门店贷款"), true), (Some("另作他用"), false), (None, true)] {
        let noted = note.map(noted);
        let has_note = noted.is_some();
        let file = DisclosureFile { licence: licence(1), disclosure: disclosure.clone(), noted };
        let found = examined(&proof, Some(&file), "2026-03-02T00:00:00Z");
        assert_eq!(found.is_ok(), is_proven, "{note:?}");
        if let Ok(found) = found {
            assert_eq!(found.objection().is_none(), has_note, "{note:?}");
        }
    }
    let issued = slip_of(&[Event::Licences(issued())]);
    let file = DisclosureFile { licence: licence(1), disclosure, noted: Some(noted("办理门店贷款")) };
    assert!(examined(&issued, Some(&file), ISSUED).is_err(), "a licence that is no copy has no note");
}

/// The record of a case that was granted, and revoked where that is said.
fn case_record(is_revoked: bool) -> Case {
    let hand = json!({ "account": holder(), "standing": "own", "at": "2026-03-04T00:00:00Z", "receipt": 40 });
    let revoked = json!({ "revoked": true, "reasons": "以欺骗手段取得", "by": hand, "set_aside": null });
    let revocation = json!({ "reasons": "以欺骗手段取得", "by": hand, "decision": revoked });
    let decision =
        json!({ "granted": true, "reasons": "符合条件", "remedies": "", "by": hand, "at": "2026-02-20T00:00:00Z" });
    let record = json!({
        "version": 1,
        "item": { "code": "11519900MB9012235G3510131001000", "version": 1 },
        "department": "11519900MB9012235G",
        "applicant": holder(),
        "stage": "granted",
        "intake": {},
        "decision": decision,
        "revocation": is_revoked.then_some(revocation),
        "filed_at": "2026-02-01T00:00:00Z",
        "reconsidered": 0,
        "steps": [], "procedures": [], "results": [], "cards": [], "former_officers": [], "forwardings": [], "papers": [],
        "former_revocations": [],
    });
    serde_json::from_value(record).expect("the record of a case")
}

#[test]
fn a_real_bundle_of_the_case_is_put_beside_its_licence_and_no_other() {
    let number = |text: &str| -> CaseNumber { text.parse().expect("a number") };
    let case = number("20220623000068");
    let licence = Licence { case: Some(case.clone()), rests_on: Some(case.clone()), ..record(vec![]) };
    let proof_of = |table: &str, key: Vec<u8>, value: Vec<u8>, at: &str| bundle(table, &key, &value, time(at));
    let of_licence = proof_of(LICENCES.name(), codec::encode(&licence.identifier), codec::encode(&licence), ISSUED);
    let of_case = |number: &CaseNumber, is_revoked, at: &str| {
        proof_of(CASES.name(), codec::encode(number), codec::encode(&case_record(is_revoked)), at)
    };
    let fresh = || examined(&of_licence, None, "2026-03-06T00:00:00Z").expect("it is proven");
    assert!(fresh().in_words().contains("--case"), "what is not shown is said to be so");
    for (is_revoked, at, state, is_good) in [
        (false, "2026-03-05T00:00:00Z", GrantState::Granted, true),
        (true, "2026-03-05T00:00:00Z", GrantState::Revoked, false),
    ] {
        let mut found = fresh();
        add_case(&mut found, &of_case(&case, is_revoked, at), &anchor()).expect("it is the case");
        let [shown] = found.licences() else { panic!("one licence") };
        let grant = shown.grant.as_ref().expect("it was put there");
        assert_eq!((grant.state, grant.as_of, &grant.case), (state, time(at), &case));
        assert_eq!(found.objection().is_none(), is_good, "{state:?}");
    }
    let mut forged = of_case(&case, true, "2026-03-05T00:00:00Z");
    let place = forged.windows(6).position(|part| part == b"\"bits\"").expect("a bundle has bits");
    forged[place + 10] ^= 1;
    let network_of_another = serde_json::to_vec(&json!({})).expect("JSON");
    for (what, proof, anchor) in [
        ("another case", of_case(&number("20220623000069"), false, ISSUED), anchor()),
        ("the licence itself", of_licence.clone(), anchor()),
        ("a bundle that was changed", forged, anchor()),
        ("no genesis", of_case(&case, false, ISSUED), network_of_another),
    ] {
        let mut found = fresh();
        let error = add_case(&mut found, &proof, &anchor).expect_err(what);
        assert_eq!(error.what, "case", "{what}: {error}");
        assert!(found.licences().iter().all(|licence| licence.grant.is_none()), "{what} leaves nothing behind");
    }
}

#[test]
fn a_proof_of_its_case_says_whether_the_grant_of_a_licence_stood() {
    let case: CaseNumber = "20220623000068".parse().expect("a number");
    let event = match issued() {
        LicencesEvent::Issued { identifier, holder, type_version, content, ground, .. } => {
            LicencesEvent::Issued { identifier, holder, case: Some(case.clone()), type_version, content, ground }
        }
        other => other,
    };
    let proof = slip_of(&[Event::Licences(event)]);
    let as_of = time("2026-03-05T00:00:00Z");
    for (state, since, is_good) in [
        (GrantState::Granted, None, true),
        (GrantState::Revoked, Some(time("2026-03-04T00:00:00Z")), false),
        (GrantState::NotGranted, None, false),
    ] {
        let mut found = examined(&proof, None, "2026-03-06T00:00:00Z").expect("it is proven");
        assert!(found.in_words().contains("--case"), "what is not shown is said to be so");
        let grant = GrantVerdict { case: case.clone(), as_of, state, since };
        let other = GrantVerdict { case: "20220623000069".parse().expect("a number"), ..grant.clone() };
        assert!(!put_grant(&mut found, &other), "the case of another licence");
        assert!(put_grant(&mut found, &grant));
        assert_eq!(found.objection().is_none(), is_good, "{state:?}");
        let said = json(&found);
        assert_eq!(said["licences"][0]["grant"]["as_of"], serde_json::json!(as_of), "{said}");
        assert!(found.in_words().contains(case.as_str()));
    }
    for proof in [proof.as_slice(), b"{}"] {
        let mut found = examined(&slip_of(&[Event::Licences(issued())]), None, ISSUED).expect("it is proven");
        assert!(add_case(&mut found, proof, &anchor()).is_err(), "what is no bundle of a case is refused");
    }
    let absent = Claim::Absence { table: text("cases/cases"), key: Blob::default(), state_key: Digest::ZERO };
    assert_eq!(grant_of(&verified(absent)), None);
}
