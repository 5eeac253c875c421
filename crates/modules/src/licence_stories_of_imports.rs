//! Stories of what is taken over from older systems: what is odd about it, who confirms it, whose it is, and who keeps it after a merger.

use crate::licence_test_cast::*;
use crate::licences::*;
use crate::sharing;
use crate::test_cast::{
    APPROVAL, GOVERNMENT, MARKET, TERM_END, Who, appoint, change, city, close, code, grant, tell, text, time,
};
use crate::{Call as AnyCall, items::LegalBasis};
use strum::IntoEnumIterator;
use tongban_kernel::Role;
use tongban_kernel::testing::Story;
use tongban_types::codes::{LicenceIdentifier, LicenceIssuer};
use tongban_types::licence_face::FaceRoot;
use tongban_types::{AccessId, CorrectionId, Digest, List};

/// A credit code of nobody here.
const ELSEWHERE: &str = "91110000802100433B";
const ZHANG: fn() -> Holder = || Holder::Account { account: Who::Zhang.account() };

fn import_by(by: &'static str, identifier: LicenceIdentifier, holder: Holder) -> AnyCall {
    AnyCall::Licences(Call::ImportLicence { identifier, by: code(by), holder, content: content(), source: source() })
}

/// The type, known holders, and a second officer who makes out licences.
fn prepared() -> Story {
    let mut story = with_type();
    with_second_issuer(&mut story);
    story
}

#[test]
fn importing_flags_what_is_odd_and_refuses_what_would_be_untrue() {
    let mut story = city();
    let bad = |change: &dyn Fn(&mut LicenceSource)| {
        let mut source = source();
        change(&mut source);
        import_with(id("A"), SOMEBODY, content(), source)
    };
    let twice = List::new(vec![Anomaly::DateForm, Anomaly::DateForm]).expect("two");
    let stranger = Holder::Account { account: Who::Stranger.account() };
    tell(
        &mut story,
        &[
            (Who::Importer, bad(&|source| source.system = text("")), "licences.source_missing"),
            (Who::Importer, bad(&|source| source.confidence = 101), "licences.source_malformed"),
            (Who::Importer, bad(&|source| source.anomalies = twice.clone()), "licences.source_malformed"),
            (Who::Importer, bad(&|source| source.as_of = time("2026-01-02T00:00:00Z")), "licences.source_later"), // I8
            (Who::Importer, import_with(id("A"), stranger, content(), source()), "licences.holder_unknown"),
            (Who::Importer, import("A"), "Imported"),
            (Who::Importer, import("A"), "licences.exists"), // I1: safe to repeat
        ],
    );
    let answer = verify(&story, &id("A"), story.time());
    assert_eq!(&*answer.anomalies, [Anomaly::TypeUnknown]);
    assert_eq!((answer.confidence, answer.issuer), (Some(90), IssuerStanding::TypeUnknown));
    let before = verify(&story, &id("A"), time("2025-06-01T00:00:00Z"));
    assert_eq!((before.status, before.is_sources_word), (Status::Valid, true));
    assert!(!answer.is_sources_word);
    assert_eq!(verify(&story, &id("A"), time("2023-06-01T00:00:00Z")).status, Status::NotYetValid);
    assert_eq!(verify(&story, &id("A"), time("2027-06-01T00:00:00Z")).status, Status::Expired);
}

#[test]
fn every_anomaly_that_the_ledger_sees() {
    let mut story = with_type();
    let odd_row = List::new(vec![Anomaly::HolderCodeCheck, Anomaly::DateForm]).expect("two");
    let source = LicenceSource { anomalies: odd_row, ..source() };
    let bare = Content {
        certificate_number: None,
        face: FaceRoot { root: Digest([6; 32]), fields: 9 },
        period: Period { from: None, until: None },
        metadata: Metadata::default(),
    };
    let division = LicenceIdentifier::new(catering(), LicenceIssuer::Division(code("519900")), "B", 1);
    let unknown = identifier_of("91110000802100433B", "C", 1);
    let backwards = Content { period: period("2026-06-01T00:00:00Z", "2026-05-01T00:00:00Z"), ..content() };
    let mut found = std::collections::BTreeSet::new();
    for (identifier, content, expected) in [
        (
            id("A"),
            bare,
            vec![
                Anomaly::HolderCodeCheck,
                Anomaly::DateForm,
                Anomaly::FaceFields,
                Anomaly::NumberMissing,
                Anomaly::BeginningMissing,
                Anomaly::EndMissing,
            ],
        ),
        (
            division.expect("an identifier"),
            content(),
            vec![Anomaly::HolderCodeCheck, Anomaly::DateForm, Anomaly::IssuerDivision, Anomaly::ImporterOther],
        ),
        (
            unknown.clone(),
            content(),
            vec![Anomaly::HolderCodeCheck, Anomaly::DateForm, Anomaly::IssuerUnknown, Anomaly::ImporterOther],
        ),
        (
            identifier_of(MARKET, "D", 1),
            backwards,
            vec![
                Anomaly::HolderCodeCheck,
                Anomaly::DateForm,
                Anomaly::IssuerNotAuthorised,
                Anomaly::ImporterOther,
                Anomaly::ValidityRule,
                Anomaly::BeginsLater,
            ],
        ),
        (
            identifier_of(APPROVAL, "A", 7),
            content(),
            vec![Anomaly::HolderCodeCheck, Anomaly::DateForm, Anomaly::SerialKnown],
        ),
    ] {
        tell(
            &mut story,
            &[(Who::Importer, import_with(identifier.clone(), SOMEBODY, content, source.clone()), "Imported")],
        );
        let anomalies = record(&story, &identifier).import.expect("it was imported").anomalies;
        assert_eq!(*anomalies, expected, "{identifier}");
        found.extend(anomalies.into_vec());
    }
    found.insert(Anomaly::TypeUnknown); // the story above
    let of_ledger: Vec<Anomaly> = Anomaly::iter().filter(|anomaly| *anomaly >= Anomaly::TypeUnknown).collect();
    assert!(of_ledger.iter().all(|anomaly| found.contains(anomaly)), "{found:?}");
    assert!(Anomaly::iter().count() <= ANOMALIES_MAX);
    assert_eq!(record(&story, &unknown).keeper, code(APPROVAL), "who took it over keeps it");
    assert_eq!(record(&story, &identifier_of(MARKET, "D", 1)).keeper, code(MARKET));
}

#[test]
fn states_of_older_systems() {
    let mut story = with_type();
    with_second_issuer(&mut story);
    let since = time("2025-03-01T00:00:00Z");
    let (before, after) = (time("2025-02-01T00:00:00Z"), time("2025-04-01T00:00:00Z"));
    for (serial, state_code, expected) in [
        ("A", "01", Status::Valid),
        ("B", "02", Status::Suspended),
        ("C", "03", Status::Revoked),
        ("D", "04", Status::Cancelled),
        ("E", "05", Status::Expired),
        ("F", "07", Status::Withdrawn),
        ("G", "06", Status::MovedOut { to: None }),
        ("H", "99", Status::Other),
    ] {
        let state = SourceState::from_code(state_code).expect("a state that can be taken over");
        let content = Content { period: period("2024-01-01T00:00:00+08:00", "2027-01-01T00:00:00+08:00"), ..content() };
        let source = LicenceSource { state, state_since: Some(since), ..source() };
        tell(&mut story, &[(Who::Importer, import_with(id(serial), SOMEBODY, content, source), "Imported")]);
        assert_eq!(verify(&story, &id(serial), before).status, Status::Valid);
        assert_eq!(verify(&story, &id(serial), after).status, expected, "{state_code}");
        assert_eq!(status_now(&story, serial), expected);
    }
    tell(
        &mut story,
        &[
            (Who::Issuer, resume("B"), "Resumed"),
            (Who::Issuer, suspend("C"), "licences.ended"),
            (Who::Issuer, suspend("G"), "licences.ended"),
            (Who::Issuer, claim("C", Who::Li), "HolderNamed"),
            (Who::Trainee, confirm_holder("C", Who::Li), "HolderClaimed"),
        ],
    );
    assert_eq!(status_now(&story, "B"), Status::Valid);
    assert_eq!(status_now(&story, "C"), Status::Revoked);
}

#[test]
fn a_holder_is_claimed_once_and_then_holds_it() {
    let mut story = with_type();
    with_second_issuer(&mut story);
    tell(
        &mut story,
        &[
            (Who::Importer, import("A"), "Imported"),
            (Who::Issuer, claim("A", Who::Stranger), "licences.holder_unknown"),
            (Who::Issuer, claim("A", Who::Li), "HolderNamed"),
            (Who::Trainee, confirm_holder("A", Who::Li), "HolderClaimed"),
            (Who::Issuer, claim("A", Who::Zhang), "licences.holder_known"), // I8
            (Who::Trainee, confirm_holder("A", Who::Li), "licences.holder_known"), // I8
            (Who::Issuer, issue("B"), "Issued"),
            (Who::Issuer, claim("B", Who::Li), "licences.holder_known"), // I8
        ],
    );
    assert_eq!(held_by(&story, Who::Li), Some(id("A")));
    assert_eq!(status_now(&story, "A"), Status::Valid);
}

#[test]
fn who_keeps_an_imported_licence_issues_its_next_version() {
    let mut story = with_type();
    let foreign = identifier_of("91110000802100433B", "A", 3);
    let taken = identifier_of("91110000802100433B", "B", 1);
    tell(
        &mut story,
        &[
            (Who::Importer, import_with(foreign.clone(), SOMEBODY, content(), source()), "Imported"),
            (Who::Importer, import_with(taken.clone(), SOMEBODY, content(), source()), "Imported"),
            (Who::Issuer, confirm_imported(foreign.clone(), APPROVAL), "ImportConfirmed"),
            (Who::Issuer, confirm_imported(taken.clone(), APPROVAL), "ImportConfirmed"),
            (Who::Issuer, issue("B"), "Issued"),
            (Who::Issuer, supersede_with(taken, SupersessionCause::Change, content()), "licences.serial_taken"), // I1
            (Who::Issuer, supersede_with(foreign.clone(), SupersessionCause::Change, content()), "Superseded"),
        ],
    );
    let next = identifier_of(APPROVAL, "A", 4);
    assert_eq!(record(&story, &foreign).superseded_by(), Some(&next)); // I5
    assert_eq!(record(&story, &next).supersedes, Some(foreign)); // I5
    let of_market = identifier_of(MARKET, "C", 1);
    tell(
        &mut story,
        &[
            (Who::Importer, import_with(of_market.clone(), SOMEBODY, content(), source()), "Imported"),
            (
                Who::MarketIssuer,
                supersede_with(of_market, SupersessionCause::Change, content()),
                "licences.issuer_not_authorised", // I4
            ),
        ],
    );
}

#[test]
fn what_another_department_takes_over_counts_for_nothing_before_its_issuer_confirms_it() {
    let mut story = prepared();
    let false_one = id("F");
    tell(
        &mut story,
        &[
            (Who::MarketImporter, import_by(MARKET, id("A"), ZHANG()), "Imported"), // the keeper is the issuer
            (Who::MarketImporter, import_by(MARKET, false_one.clone(), ZHANG()), "Imported"),
        ],
    );
    let imported_at = story.time();
    assert_eq!(record(&story, &id("A")).keeper, code(APPROVAL));
    for identifier in [id("A"), false_one.clone()] {
        let answer = verify(&story, &identifier, imported_at);
        assert_eq!(answer.status, Status::Unconfirmed); // I8
        assert_eq!(verify(&story, &identifier, time("2026-01-01T00:00:00+08:00")).status, Status::Unconfirmed);
    }
    assert_eq!(held_by(&story, Who::Zhang), None);
    let query = Query::Held { holder: Who::Zhang.account(), licence_type: catering(), at: imported_at };
    assert_eq!(ask(&story, query), View::Held { licences: List::default() }, "it takes nobody's place");
    tell(
        &mut story,
        &[
            (Who::Issuer, supersede("A"), "licences.unconfirmed"), // I8: no new version is a way around it
            (Who::MarketIssuer, confirm_imported(id("A"), MARKET), "licences.not_superior"), // I8
            (Who::MarketIssuer, confirm_imported(id("A"), APPROVAL), "tx.denied"),
            (Who::Issuer, confirm_imported(id("X"), APPROVAL), "licences.not_found"),
            (Who::Issuer, confirm_imported(id("A"), APPROVAL), "ImportConfirmed"),
            (Who::Issuer, confirm_imported(id("A"), APPROVAL), "licences.confirmed"),
            (Who::Issuer, cancel("F"), "Cancelled"), // its issuer knows of no such licence
            (Who::Issuer, confirm_imported(false_one, APPROVAL), "licences.ended"), // I3
        ],
    );
    assert_eq!((status_now(&story, "A"), held_by(&story, Who::Zhang)), (Status::Valid, Some(id("A"))));
    assert_eq!(verify(&story, &id("A"), imported_at).status, Status::Unconfirmed, "what it was stays true (I3)");
    tell(&mut story, &[(Who::Issuer, supersede("A"), "Superseded")]);
}

#[test]
fn what_its_issuer_or_a_department_above_takes_over_counts_at_once() {
    let mut story = prepared();
    tell(
        &mut story,
        &[
            (Who::Mayor, appoint(GOVERNMENT, Who::Importer, &[]), "Appointed"),
            (Who::Mayor, grant(GOVERNMENT, Who::Importer, Role::Importer, None, TERM_END), "Granted"),
            (Who::Importer, import_by(APPROVAL, id("A"), ZHANG()), "Imported"),
            (Who::Importer, import_by(GOVERNMENT, id("B"), ZHANG()), "Imported"),
            (Who::Issuer, confirm_imported(id("B"), APPROVAL), "licences.confirmed"),
        ],
    );
    for serial in ["A", "B"] {
        assert_eq!(status_now(&story, serial), Status::Valid);
    }
    assert_eq!(record(&story, &id("B")).keeper, code(APPROVAL));
    assert_eq!(held_by(&story, Who::Zhang), Some(id("B")));
}

#[test]
fn where_the_issuer_is_no_department_here_another_officer_of_the_keeper_confirms() {
    let mut story = prepared();
    let division = LicenceIdentifier::new(catering(), LicenceIssuer::Division(code("519900")), "D", 1);
    let (division, foreign) = (division.expect("an identifier"), identifier_of(ELSEWHERE, "A", 1));
    tell(
        &mut story,
        &[
            (Who::Mayor, grant(APPROVAL, Who::Importer, Role::Issuer, None, TERM_END), "Granted"),
            (Who::Importer, import_with(division.clone(), SOMEBODY, content(), source()), "Imported"),
            (Who::Importer, import_with(foreign.clone(), ZHANG(), content(), source()), "Imported"),
            (Who::Importer, confirm_imported(foreign.clone(), APPROVAL), "licences.same_officer"), // I8
            (Who::MarketIssuer, confirm_imported(foreign.clone(), MARKET), "licences.not_superior"), // I8
        ],
    );
    for identifier in [&division, &foreign] {
        assert_eq!(verify(&story, identifier, story.time()).status, Status::Unconfirmed, "{identifier}");
        let confirm = confirm_imported(identifier.clone(), APPROVAL);
        tell(&mut story, &[(Who::Issuer, confirm, "ImportConfirmed")]);
        assert_eq!(verify(&story, identifier, story.time()).status, Status::Valid, "{identifier}");
    }
    assert_eq!(verify(&story, &foreign, story.time()).issuer, IssuerStanding::NotInOffice, "which stays in sight");
    assert_eq!(held_by(&story, Who::Zhang), Some(foreign));
}

#[test]
fn an_account_of_nobody_known_holds_no_imported_licence() {
    let mut story = with_type();
    tell(
        &mut story,
        &[
            (Who::Importer, import_by(APPROVAL, id("A"), ZHANG()), "licences.holder_not_established"), // I8
            (Who::Importer, import("A"), "Imported"),
            (Who::Issuer, claim("A", Who::Zhang), "licences.holder_not_established"), // I8
        ],
    );
}

#[test]
fn two_officers_give_an_imported_licence_to_its_holder() {
    let mut story = prepared();
    let bare = Ground { reason: text(""), ..ground() };
    let bare = Call::ClaimHolder { identifier: id("A"), holder: Who::Li.account(), ground: bare };
    tell(
        &mut story,
        &[
            (Who::Importer, import("A"), "Imported"),
            (Who::Issuer, AnyCall::Licences(bare), "licences.ground_missing"),
            (Who::Trainee, confirm_holder("A", Who::Li), "licences.holder_not_named"), // I8
            (Who::Issuer, claim("A", Who::Zhang), "HolderNamed"),
            (Who::Issuer, confirm_holder("A", Who::Zhang), "licences.same_officer"), // I8
            (Who::Trainee, confirm_holder("A", Who::Li), "licences.holder_not_named"), // I8: for somebody else
            (Who::Issuer, claim("A", Who::Li), "HolderNamed"),
            (Who::Trainee, confirm_holder("A", Who::Zhang), "licences.holder_not_named"), // what was said last counts
        ],
    );
    assert_eq!((record(&story, &id("A")).holder, held_by(&story, Who::Li)), (SOMEBODY, None));
    tell(&mut story, &[(Who::Trainee, confirm_holder("A", Who::Li), "HolderClaimed")]);
    let licence = record(&story, &id("A"));
    assert_eq!((licence.claim, held_by(&story, Who::Li)), (None, Some(id("A"))));
    assert_eq!(licence.history.last().and_then(|change| change.ground.clone()), Some(ground()));
}

#[test]
fn an_unconfirmed_licence_is_claimed_and_held_once_it_is_confirmed() {
    let mut story = prepared();
    tell(
        &mut story,
        &[
            (Who::MarketImporter, import_by(MARKET, id("A"), SOMEBODY), "Imported"),
            (Who::Issuer, claim("A", Who::Li), "HolderNamed"),
            (Who::Trainee, confirm_holder("A", Who::Li), "HolderClaimed"),
        ],
    );
    assert_eq!((status_now(&story, "A"), held_by(&story, Who::Li)), (Status::Unconfirmed, None));
    tell(&mut story, &[(Who::Issuer, confirm_imported(id("A"), APPROVAL), "ImportConfirmed")]);
    assert_eq!((status_now(&story, "A"), held_by(&story, Who::Li)), (Status::Valid, Some(id("A"))));
}

#[test]
fn what_had_expired_at_its_source_is_never_valid() {
    let mut story = with_type();
    let as_stated = TypeDefinition { validity: Validity::AsStated, ..definition() };
    tell(&mut story, &[(Who::MarketDataOfficer, register_as(2, None, as_stated), "TypeRegistered")]);
    let from = Some(time("2024-01-01T00:00:00+08:00"));
    let expired = LicenceSource { state: SourceState::Expired, ..source() };
    let without_end = Content { period: Period { from, until: None }, ..content() };
    let until = Some(time("2025-01-01T00:00:00+08:00"));
    let with_end = Content { period: Period { from, until }, ..content() };
    tell(
        &mut story,
        &[
            (Who::Importer, import_with(id("A"), SOMEBODY, without_end, expired.clone()), "Imported"),
            (Who::Importer, import_with(id("B"), SOMEBODY, with_end, expired), "Imported"),
            (Who::Issuer, supersede("A"), "licences.expired"), // I6
            (Who::Issuer, suspend("A"), "licences.expired"),
        ],
    );
    let once = time("2024-06-01T00:00:00+08:00");
    assert_eq!((status_now(&story, "A"), status_now(&story, "B")), (Status::Expired, Status::Expired));
    assert_eq!(verify(&story, &id("A"), once).status, Status::Expired, "nobody says until when it was valid");
    assert_eq!(verify(&story, &id("B"), once).status, Status::Valid, "it was, until its end");
    let renew = supersede_with(id("A"), SupersessionCause::Renewal, content());
    tell(&mut story, &[(Who::Issuer, renew, "Superseded")]);
}

#[test]
fn an_unknown_end_is_not_the_same_as_none() {
    let open = Content { period: Period { from: Some(time("2024-01-01T00:00:00+08:00")), until: None }, ..content() };
    let of = |is_end_unknown| LicenceSource { is_end_unknown, ..source() };
    for (validity, is_end_unknown, expected) in [
        (Some(Validity::LongTerm), true, Status::Valid), // a type without an end leaves nothing unknown
        (Some(Validity::LongTerm), false, Status::Valid),
        (Some(Validity::AsStated), true, Status::EndUnknown),
        (Some(Validity::AsStated), false, Status::Valid),
        (Some(Validity::UpTo { months: 36 }), true, Status::EndUnknown),
        (Some(Validity::UpTo { months: 36 }), false, Status::EndUnknown), // the type has an end, whatever the source says
        (None, true, Status::EndUnknown),
        (None, false, Status::Valid),
    ] {
        let mut story = city();
        if let Some(validity) = validity {
            let definition = TypeDefinition { validity, ..definition() };
            tell(&mut story, &[(Who::MarketDataOfficer, register_as(1, None, definition), "TypeRegistered")]);
        }
        let call = import_with(id("A"), SOMEBODY, open.clone(), of(is_end_unknown));
        tell(&mut story, &[(Who::Importer, call, "Imported")]);
        let answer = verify(&story, &id("A"), story.time());
        assert_eq!(answer.status, expected, "{validity:?} {is_end_unknown}");
        assert_eq!(answer.anomalies.contains(&Anomaly::EndMissing), expected == Status::EndUnknown);
    }
    let mut story = with_type();
    tell(
        &mut story,
        &[
            (Who::Importer, import_with(id("B"), SOMEBODY, content(), of(true)), "licences.source_malformed"), // it names one
            (Who::Importer, import_with(id("A"), SOMEBODY, open, of(true)), "Imported"),
            (Who::Issuer, supersede("A"), "Superseded"), // once the end is found out
        ],
    );
    assert_eq!(verify(&story, &identifier_of(APPROVAL, "A", 2), story.time()).status, Status::Valid);
}

fn handout(provider: &'static str) -> AnyCall {
    let basis = LegalBasis { law: text("食品安全法"), article: text("第一百一十条") };
    let reading = sharing::Reading {
        person: Who::Zhang.account(),
        receiver: code(GOVERNMENT),
        purpose: sharing::Purpose::Supervision,
        item: text("A-1"),
    };
    let handout = sharing::Handout {
        reading,
        provider: code(provider),
        licence: id("A"),
        fields: sharing::Fields::Whole,
        reader: Who::Mayor.account(),
        case: None,
        ground: sharing::Ground::Law { ground: sharing::LegalGround::StatutoryDuty, basis },
    };
    AnyCall::Sharing(sharing::Call::RecordAccess { id: AccessId([1; 16]), handout })
}

#[test]
fn the_licences_of_a_merged_department_are_kept_by_the_one_that_took_its_place() {
    let mut story = with(&["A", "B"]);
    with_second_issuer(&mut story);
    let both = Issuers::Listed { departments: List::new(vec![code(APPROVAL), code(MARKET)]).expect("two") };
    let revoke = Call::Revoke { identifier: id("B"), by: code(GOVERNMENT), ground: ground() };
    tell(
        &mut story,
        &[
            (Who::MarketIssuer, suspend("A"), "tx.denied"),
            (Who::MarketDataOfficer, handout(MARKET), "sharing.not_provider"),
            (Who::Mayor, change(APPROVAL, close(Some(MARKET))), "DepartmentChanged"),
            (Who::Issuer, suspend("A"), "tx.denied"),
            (Who::MarketDataOfficer, handout(MARKET), "AccessRecorded"),
            (Who::MarketIssuer, suspend("A"), "Suspended"),
            (Who::MarketIssuer, resume("A"), "Resumed"),
            (
                Who::MarketDataOfficer,
                register_as(2, None, TypeDefinition { issuers: both, ..definition() }),
                "TypeRegistered",
            ),
            (Who::MarketIssuer, supersede("A"), "Superseded"),
            (Who::MarketImporter, import_by(MARKET, id("C"), ZHANG()), "Imported"),
            (Who::Mayor, appoint(GOVERNMENT, Who::SecondApprover, &[]), "Appointed"),
            (Who::Mayor, grant(GOVERNMENT, Who::SecondApprover, Role::Approver, None, TERM_END), "Granted"),
            (Who::SecondApprover, AnyCall::Licences(revoke), "Revoked"),
        ],
    );
    assert_eq!(verify(&story, &id("A"), story.time()).replaced_by, Some(identifier_of(MARKET, "A", 2)));
    assert_eq!(record(&story, &id("A")).history[1].by, code(MARKET), "who acts is named");
    let answer = verify(&story, &id("C"), story.time());
    assert_eq!(
        (answer.status, answer.keeper),
        (Status::Valid, code(MARKET)),
        "the heir's import needs no confirmation"
    );
    assert_eq!(verify(&story, &id("B"), story.time()).keeper, code(MARKET));
}

#[test]
fn a_type_passes_to_whoever_takes_its_definers_place() {
    let mut story = with_type();
    tell(
        &mut story,
        &[
            (Who::DataOfficer, register(2), "tx.denied"),
            (Who::Mayor, change(MARKET, close(Some(APPROVAL))), "DepartmentChanged"),
            (Who::MarketDataOfficer, register(2), "tx.denied"),
            (Who::DataOfficer, register(2), "TypeRegistered"), // I2
        ],
    );
}

#[test]
fn a_wrong_field_of_a_foreign_licence_is_answered_with_its_next_version() {
    let mut story = prepared();
    let foreign = identifier_of(ELSEWHERE, "A", 3);
    let (next, third) = (identifier_of(APPROVAL, "A", 4), identifier_of(APPROVAL, "A", 5));
    let open = |number: u8, licence: &LicenceIdentifier| {
        let request = sharing::CorrectionRequest {
            holder: Who::Zhang.account(),
            licence: licence.clone(),
            field: text("name"),
            reason: sharing::CorrectionReason::Mistaken,
            statement: None,
            case: None,
        };
        AnyCall::Sharing(sharing::Call::OpenCorrection { id: CorrectionId([number; 16]), request })
    };
    let corrected = |number: u8, licence: &LicenceIdentifier| {
        let answer = sharing::Answer::Corrected { licence: licence.clone() };
        AnyCall::Sharing(sharing::Call::AnswerCorrection { id: CorrectionId([number; 16]), answer })
    };
    let correct =
        |licence: &LicenceIdentifier| supersede_with(licence.clone(), SupersessionCause::Correction, content());
    tell(
        &mut story,
        &[
            (Who::Importer, import_with(foreign.clone(), ZHANG(), content(), source()), "Imported"),
            (Who::Issuer, confirm_imported(foreign.clone(), APPROVAL), "ImportConfirmed"),
            (Who::Zhang, open(1, &foreign), "CorrectionOpened"),
            (Who::Issuer, issue("B"), "Issued"),
            (Who::DataOfficer, corrected(1, &id("B")), "sharing.not_later_version"),
            (Who::Issuer, correct(&foreign), "Superseded"),
            (Who::DataOfficer, corrected(1, &next), "CorrectionAnswered"),
            (Who::Zhang, open(2, &foreign), "CorrectionOpened"),
            (Who::DataOfficer, corrected(2, &next), "sharing.not_later_version"), // it was there before anybody asked
            (Who::Issuer, correct(&next), "Superseded"),
            (Who::DataOfficer, corrected(2, &third), "CorrectionAnswered"), // through two versions
        ],
    );
}
