//! Stories of the module: happy path, every error, every role; and one property.

use super::*;
use crate::items::LegalBasis;
use crate::licence_test_cast::*;
use crate::test_cast::{
    APPROVAL, GOVERNMENT, MARKET, POLICE, TERM_END, Who, appoint, bind, city, code, grant, tell, text, time,
};
use proptest::prelude::*;
use strum::IntoEnumIterator;
use tongban_kernel::Role;
use tongban_kernel::testing::Story;
use tongban_types::codes::{LicenceIdentifier, LicenceIssuer, LicenceTypeCode};
use tongban_types::transaction::CALL_BYTES_MAX;
use tongban_types::{Digest, List, Time};

#[test]
fn issuing_suspending_resuming_correcting_and_revoking() {
    let mut story = with(&["A"]);
    let issued = story.time();
    let answer = verify(&story, &id("A"), issued);
    assert_eq!((&answer.status, answer.issuer), (&Status::Valid, IssuerStanding::Authorised));
    assert_eq!((answer.type_name, answer.type_version), (Some(definition().name), Some(1)));
    assert_eq!(held_by(&story, Who::Zhang), Some(id("A")));
    assert_eq!(held_by(&story, Who::Li), None);
    tell(
        &mut story,
        &[
            (Who::Issuer, suspend("A"), "Suspended"),
            (Who::Issuer, resume("A"), "Resumed"),
            (Who::Issuer, supersede("A"), "Superseded"),
        ],
    );
    let second = identifier_of(APPROVAL, "A", 2);
    let replaced = verify(&story, &id("A"), story.time());
    assert_eq!(replaced.status, Status::Superseded { by: second.clone() });
    assert_eq!(replaced.replaced_by.as_ref(), Some(&second)); // I5
    assert_eq!(replaced.receipts.replacement, replaced.receipts.status);
    assert_eq!(verify(&story, &second, story.time()).replaces, Some(id("A"))); // I5
    assert_eq!(record(&story, &second).holder, record(&story, &id("A")).holder); // I5
    assert_eq!(held_by(&story, Who::Zhang), Some(second.clone()));
    let revoke = Call::Revoke { identifier: second.clone(), by: code(APPROVAL), ground: ground() };
    tell(&mut story, &[(Who::Approver, crate::Call::Licences(revoke), "Revoked")]);
    assert_eq!(verify(&story, &second, story.time()).status, Status::Revoked);
    assert_eq!(held_by(&story, Who::Zhang), None);
    assert_eq!(verify(&story, &id("A"), issued).status, Status::Valid, "what was true then stays true (I3)");
    let history = record(&story, &id("A")).history;
    let kinds: Vec<&ChangeKind> = history.iter().map(|change| &change.what).collect();
    let suspended = ChangeKind::Suspended { until: None };
    let superseded = ChangeKind::Superseded { by: second, from: history[3].at };
    assert_eq!(kinds, [&ChangeKind::Issued, &suspended, &ChangeKind::Resumed, &superseded]);
    assert_eq!(history[1].ground, Some(ground()));
    assert_eq!((history[1].officer, history[1].by), (Who::Issuer.account(), code(APPROVAL)));
}

#[test]
fn the_receipts_of_an_answer_are_those_of_the_acts() {
    let mut story = city();
    let receipts: Vec<u64> =
        [(Who::MarketDataOfficer, register(1)), (Who::Issuer, issue("A")), (Who::Issuer, suspend("A"))]
            .into_iter()
            .map(|(who, call)| story.act(&who.key(), vec![call.to_bytes()]).number)
            .collect();
    let answer = verify(&story, &id("A"), story.time()).receipts;
    let department = story
        .ask(|state| Ok(crate::orgs::department(state, &code(APPROVAL))?))
        .expect("a question never stops")
        .expect("the approval bureau");
    assert_eq!(answer.issue, receipts[1]);
    assert_eq!(answer.status, Some(receipts[2]));
    assert_eq!(answer.licence_type, Some(receipts[0]));
    assert_eq!(answer.issuer, Some(department.receipt));
    assert_eq!(answer.replacement, None);
}

#[test]
fn every_role_is_needed() {
    let mut story = city();
    tell(
        &mut story,
        &[
            (Who::Stranger, register(1), "tx.unknown_account"),
            (Who::Zhang, register(1), "tx.denied"),
            (Who::Admin, register(1), "tx.denied"),
            (Who::DataOfficer, register(1), "tx.denied"), // the right role in another department (I2)
            (Who::MarketIssuer, register(1), "tx.denied"),
            (Who::MarketDataOfficer, register(1), "TypeRegistered"),
            (Who::DataOfficer, retire("2027-01-01T00:00:00Z", "废止"), "tx.denied"), // I2
            (Who::Zhang, issue("A"), "tx.denied"),
            (Who::Approver, issue("A"), "tx.denied"),
            (Who::MarketIssuer, issue("A"), "tx.denied"), // I4: another department's issuer
            (Who::Issuer, issue("A"), "Issued"),
            (Who::MarketIssuer, suspend("A"), "tx.denied"),
            (Who::Head, suspend("A"), "tx.denied"),
            (Who::MarketIssuer, resume("A"), "tx.denied"),
            (Who::MarketIssuer, supersede("A"), "tx.denied"),
            (Who::MarketIssuer, cancel("A"), "tx.denied"),
            (Who::Issuer, revoke("A"), "tx.denied"),
            (Who::Head, revoke("A"), "tx.denied"),
            (Who::Zhang, revoke("A"), "tx.denied"),
            (Who::Approver, withdraw("A"), "tx.denied"),
            (Who::Issuer, withdraw("A"), "tx.denied"),
            (Who::Issuer, import("B"), "tx.denied"),
            (Who::MarketImporter, import("B"), "tx.denied"),
            (Who::Importer, import("B"), "Imported"),
            (Who::Importer, claim("B", Who::Li), "tx.denied"),
            (Who::MarketIssuer, claim("B", Who::Li), "tx.denied"),
            (Who::Issuer, claim("B", Who::Li), "licences.holder_not_established"),
            (Who::IdentityOfficer, bind(Who::Li), "PersonBound"),
            (Who::Issuer, claim("B", Who::Li), "HolderNamed"),
            (Who::Importer, confirm_holder("B", Who::Li), "tx.denied"),
            (Who::MarketIssuer, confirm_holder("B", Who::Li), "tx.denied"),
            (Who::Issuer, confirm_holder("B", Who::Li), "licences.same_officer"),
            (Who::Mayor, grant(APPROVAL, Who::Trainee, Role::Issuer, None, TERM_END), "Granted"),
            (Who::Trainee, confirm_holder("B", Who::Li), "HolderClaimed"),
            (Who::MarketIssuer, confirm_imported(id("B"), APPROVAL), "tx.denied"),
            (Who::Importer, confirm_imported(id("B"), APPROVAL), "tx.denied"),
        ],
    );
}

#[test]
fn rights_end_with_their_term() {
    let mut story = with(&["A"]);
    story.pass_millis(time(TERM_END).millis_since(story.time()));
    tell(
        &mut story,
        &[
            (Who::Issuer, issue("B"), "tx.denied"),
            (Who::Issuer, cancel("A"), "tx.denied"),
            (Who::Approver, revoke("A"), "tx.denied"),
            (Who::Head, withdraw("A"), "tx.denied"),
        ],
    );
    assert_eq!(status_now(&story, "A"), Status::Expired);
}

#[test]
fn a_department_above_may_revoke_and_withdraw_and_no_other() {
    let mut story = with(&["A", "B"]);
    let until = TERM_END;
    tell(
        &mut story,
        &[
            (Who::Mayor, appoint(GOVERNMENT, Who::SecondApprover, &[]), "Appointed"),
            (Who::Mayor, grant(GOVERNMENT, Who::SecondApprover, Role::Approver, None, until), "Granted"),
            (Who::Mayor, grant(GOVERNMENT, Who::SecondApprover, Role::Head, None, until), "Granted"),
            (Who::Mayor, appoint(POLICE, Who::Approver, &[]), "Appointed"),
            (Who::Mayor, grant(POLICE, Who::Approver, Role::Approver, None, until), "Granted"),
            (Who::Mayor, grant(POLICE, Who::Approver, Role::Head, None, until), "Granted"),
            (Who::Approver, revoke_by("A", POLICE), "licences.not_superior"),
            (Who::Approver, withdraw_by("A", POLICE), "licences.not_superior"),
            (Who::SecondApprover, revoke_by("A", GOVERNMENT), "Revoked"),
            (Who::SecondApprover, withdraw_by("B", GOVERNMENT), "Withdrawn"),
        ],
    );
    assert_eq!(record(&story, &id("A")).history[1].by, code(GOVERNMENT));
}

#[test]
fn publishing_changing_and_retiring_a_type() {
    let mut story = city();
    let officer = Who::MarketDataOfficer;
    tell(
        &mut story,
        &[
            (officer, register_as(1, Some("2026-02-01T00:00:00Z"), definition()), "TypeRegistered"),
            (Who::Issuer, issue("A"), "licences.type_unknown"), // I4: not in force yet
        ],
    );
    story.pass_millis(40 * DAY_MILLIS);
    let later = Content { period: period("2026-03-01T00:00:00Z", "2027-01-01T00:00:00Z"), ..content() };
    tell(
        &mut story,
        &[
            (officer, register(1), "licences.version_not_next"), // I2
            (officer, register(3), "licences.version_not_next"), // I2
            (officer, register_as(2, Some("2026-02-02T00:00:00Z"), definition()), "licences.effective_earlier"), // I2
            (officer, register_as(2, Some("2026-06-01T00:00:00Z"), definition()), "TypeRegistered"),
            (officer, register_as(3, Some("2026-05-01T00:00:00Z"), definition()), "licences.effective_earlier"), // I2
            (Who::Issuer, issue_with(id("A"), Who::Zhang, later.clone()), "Issued"),
            (officer, retire("2026-02-01T00:00:00Z", "废止"), "licences.retired_earlier"),
            (officer, retire("2026-07-01T00:00:00Z", ""), "licences.text_missing"),
            (officer, retire("2026-07-01T00:00:00Z", "废止"), "TypeRetired"),
            (officer, retire("2026-08-01T00:00:00Z", "废止"), "licences.type_retired"),
            (officer, register_as(3, Some("2026-07-01T00:00:00Z"), definition()), "licences.type_retired"), // I2
        ],
    );
    assert_eq!(record(&story, &id("A")).type_version, Some(1));
    story.pass_millis(150 * DAY_MILLIS);
    tell(
        &mut story,
        &[
            (Who::Issuer, issue_with(id("B"), Who::Zhang, later.clone()), "licences.type_retired"), // I4
            (Who::Issuer, supersede_with(id("A"), SupersessionCause::Change, later), "licences.type_retired"),
        ],
    );
    assert_eq!(status_now(&story, "A"), Status::Valid, "retiring a type takes nobody's licence");
    let View::LicenceType { entry: Some(entry) } = ask(&story, Query::LicenceType { code: catering() }) else {
        panic!("expected the type")
    };
    assert_eq!((entry.last_version(), entry.is_retired(story.time())), (2, true));
    for (version, number) in [(None, Some(2)), (Some(1), Some(1)), (Some(3), None)] {
        let View::TypeVersion { version } = ask(&story, Query::TypeVersion { code: catering(), version }) else {
            panic!("expected a version")
        };
        assert_eq!(version.map(|version| version.number), number);
    }
    let unknown =
        Call::RetireType {
            code: format!("{MARKET}002").parse().expect("a type"), from: Time::MAX, reason: text("无")
        };
    tell(&mut story, &[(officer, crate::Call::Licences(unknown), "licences.type_unknown")]);
}

#[test]
fn what_a_type_needs() {
    let twice = Issuers::Listed { departments: List::new(vec![code(APPROVAL), code(APPROVAL)]).expect("two") };
    let nobody = Issuers::Listed { departments: List::default() };
    let cases = [
        (TypeDefinition { name: text(""), ..definition() }, "licences.text_missing"),
        (TypeDefinition { legal_basis: List::default(), ..definition() }, "licences.text_missing"),
        (TypeDefinition { face: List::default(), ..definition() }, "licences.fields_missing"),
        (
            TypeDefinition { face: List::new(vec![field("a"), field("a")]).expect("two"), ..definition() },
            "licences.field_names",
        ),
        (TypeDefinition { face: List::new(vec![field("")]).expect("one"), ..definition() }, "licences.field_names"),
        (TypeDefinition { issuers: nobody, ..definition() }, "licences.issuers_missing"),
        (TypeDefinition { issuers: twice, ..definition() }, "licences.issuers_missing"),
        (TypeDefinition { validity: Validity::UpTo { months: 0 }, ..definition() }, "licences.months_zero"),
    ];
    let mut story = city();
    for (definition, expected) in cases {
        tell(&mut story, &[(Who::MarketDataOfficer, register_as(1, None, definition), expected)]);
    }
    tell(&mut story, &[(Who::MarketDataOfficer, register(0), "licences.version_zero")]);
}

#[test]
fn a_type_has_room_for_two_hundred_versions() {
    let mut story = city();
    for number in 1..=201 {
        let expected = if number <= 200 { "TypeRegistered" } else { "licences.too_many_versions" };
        tell(&mut story, &[(Who::MarketDataOfficer, register(number), expected)]);
    }
}

#[test]
fn what_a_new_licence_needs() {
    let of = |change: &dyn Fn(&mut Content)| {
        let mut content = content();
        change(&mut content);
        issue_with(id("A"), Who::Zhang, content)
    };
    let unknown = LicenceIdentifier::new(
        format!("{MARKET}009").parse().expect("a type"),
        LicenceIssuer::Body(code(APPROVAL)),
        "A",
        1,
    );
    let division = LicenceIdentifier::new(catering(), LicenceIssuer::Division(code("519900")), "A", 1);
    let stranger = crate::Call::Licences(Call::Issue {
        identifier: id("A"),
        case: None,
        holder: Who::Stranger.account(),
        content: content(),
        ground: Some(ground()),
    });
    tell(
        &mut with_type(),
        &[
            (
                Who::Issuer,
                issue_with(identifier_of(APPROVAL, "A", 2), Who::Zhang, content()),
                "licences.not_first_version",
            ),
            (Who::Issuer, of(&|content| content.face.fields = 0), "licences.face_size"),
            (Who::Issuer, of(&|content| content.face.fields = 65), "licences.face_size"),
            (Who::Issuer, issue_with(unknown.expect("an identifier"), Who::Zhang, content()), "licences.type_unknown"),
            (Who::Issuer, issue_with(division.expect("an identifier"), Who::Zhang, content()), "tx.denied"),
            (
                Who::MarketIssuer,
                issue_with(identifier_of(MARKET, "A", 1), Who::Zhang, content()),
                "licences.issuer_not_authorised", // I4
            ),
            (Who::Issuer, stranger, "licences.holder_unknown"),
            (Who::Issuer, of(&|content| content.face.fields = 2), "licences.face_fields"), // I4
            (Who::Issuer, of(&|content| content.period.from = None), "licences.beginning_earlier"),
            (
                Who::Issuer,
                of(&|content| content.period.from = Some(time("2025-12-31T00:00:00+08:00"))),
                "licences.beginning_earlier", // I4
            ),
            (Who::Issuer, of(&|content| content.period.until = None), "licences.validity_rule"), // I4
            (
                Who::Issuer,
                of(&|content| content.period.until = Some(time("2029-01-02T00:00:00.001+08:00"))),
                "licences.validity_rule",
            ),
            (Who::Issuer, of(&|content| content.period.until = content.period.from), "licences.validity_rule"),
            (Who::Issuer, issue("A"), "Issued"),
            (Who::Issuer, issue("A"), "licences.exists"), // I1
            (Who::Issuer, supersede("A"), "Superseded"),
            (Who::Issuer, issue("A"), "licences.exists"), // I1
        ],
    );
}

#[test]
fn the_three_rules_of_validity() {
    let from = time("2026-01-31T00:00:00+08:00");
    let month = |text: &str| Some(time(text));
    for (validity, until, expected) in [
        (Validity::LongTerm, None, true),
        (Validity::LongTerm, month("2027-01-01T00:00:00Z"), false),
        (Validity::UpTo { months: 1 }, None, false),
        (Validity::UpTo { months: 1 }, month("2026-03-01T00:00:00+08:00"), true),
        (Validity::UpTo { months: 1 }, month("2026-03-01T00:00:00.001+08:00"), false),
        (Validity::UpTo { months: 1 }, Some(from), false),
        (Validity::AsStated, None, true),
        (Validity::AsStated, month("2046-02-28T00:00:00+08:00"), true),
        (Validity::AsStated, Some(from), false),
    ] {
        assert_eq!(validity.allows(from, until), expected, "{validity:?} until {until:?}");
    }
}

#[test]
fn departments_below_the_definer_may_issue_where_the_type_says_so() {
    let government_type: LicenceTypeCode = format!("{GOVERNMENT}001").parse().expect("a type code");
    let register = Call::RegisterType {
        code: government_type,
        version: 1,
        effective_from: None,
        definition: TypeDefinition { issuers: Issuers::DefinerAndBelow, ..definition() },
    };
    let of = |issuer: &'static str| {
        LicenceIdentifier::new(government_type, LicenceIssuer::Body(code(issuer)), "A", 1).expect("an identifier")
    };
    tell(
        &mut city(),
        &[
            (Who::Mayor, appoint(GOVERNMENT, Who::Clerk, &[]), "Appointed"),
            (Who::Mayor, grant(GOVERNMENT, Who::Clerk, Role::DataOfficer, None, TERM_END), "Granted"),
            (Who::Clerk, crate::Call::Licences(register), "TypeRegistered"),
            (Who::Issuer, issue_with(of(APPROVAL), Who::Zhang, content()), "Issued"),
            (Who::MarketIssuer, issue_with(of(MARKET), Who::Zhang, content()), "Issued"),
        ],
    );
}

#[test]
fn a_case_that_grants_nothing_leads_to_no_licence() {
    let case = Some("1A".parse().expect("a case number"));
    let (holder, ground) = (Who::Zhang.account(), None);
    let call = Call::Issue { identifier: id("A"), case: case.clone(), holder, content: content(), ground };
    let (cause, ground) = (SupersessionCause::Change, None);
    let change = Call::Supersede { identifier: id("B"), cause, case, content: content(), ground };
    tell(
        &mut with(&["B"]),
        &[
            (Who::Issuer, crate::Call::Licences(call), "licences.case_not_granted"), // I7
            (Who::Issuer, crate::Call::Licences(change), "licences.case_not_granted"), // I7
        ],
    );
}

#[test]
fn a_suspension_may_have_an_end_that_comes_by_itself() {
    let mut story = with(&["A"]);
    let (now, until) = (story.time(), story.time().plus_millis(10 * DAY_MILLIS));
    tell(
        &mut story,
        &[
            (Who::Issuer, suspend_until("A", Some(now)), "licences.until_earlier"),
            (Who::Issuer, resume("A"), "licences.not_suspended"),
            (Who::Issuer, suspend_until("A", Some(until)), "Suspended"),
            (Who::Issuer, suspend("A"), "licences.suspended"),
            (Who::Issuer, supersede("A"), "licences.suspended"), // I6
        ],
    );
    assert_eq!(held_by(&story, Who::Zhang), None);
    assert_eq!(status_now(&story, "A"), Status::Suspended);
    story.pass_millis(until.millis_since(story.time()));
    assert_eq!(status_now(&story, "A"), Status::Valid);
    assert_eq!(held_by(&story, Who::Zhang), Some(id("A")));
    tell(&mut story, &[(Who::Issuer, resume("A"), "licences.not_suspended"), (Who::Issuer, suspend("A"), "Suspended")]);
}

#[test]
fn an_expired_licence_is_renewed_or_cancelled_and_nothing_else() {
    let mut story = with(&["A", "B"]);
    let until = content().period.until.expect("an end");
    story.pass_millis(until.millis_since(story.time()));
    assert_eq!(
        verify(&story, &id("A"), Time::from_millis(until.as_millis() - 1).expect("a time")).status,
        Status::Valid
    );
    assert_eq!(verify(&story, &id("A"), until).status, Status::Expired);
    assert_eq!(status_now(&story, "A"), Status::Expired, "by the time alone");
    assert_eq!(held_by(&story, Who::Zhang), None);
    let next = Content { period: period("2029-01-02T00:00:00+08:00", "2032-01-02T00:00:00+08:00"), ..content() };
    let earlier = Content { period: period("2029-01-01T00:00:00+08:00", "2031-01-02T00:00:00+08:00"), ..content() };
    story.pass_millis(5 * DAY_MILLIS);
    let today = Content { period: Period { from: Some(story.time()), ..next.period }, ..content() };
    let renewal = SupersessionCause::Renewal;
    tell(
        &mut story,
        &[
            (Who::Issuer, suspend("A"), "licences.expired"),
            (Who::Issuer, resume("A"), "licences.expired"),
            (Who::Issuer, supersede_with(id("A"), SupersessionCause::Correction, today), "licences.expired"), // I6
            (Who::Issuer, supersede_with(id("A"), renewal, earlier), "licences.beginning_earlier"),
            (Who::Issuer, supersede_with(id("A"), renewal, next), "Superseded"),
            (Who::Issuer, cancel("B"), "Cancelled"),
        ],
    );
    assert_eq!(held_by(&story, Who::Zhang), Some(identifier_of(APPROVAL, "A", 2)));
    let at_the_gap = until.plus_millis(DAY_MILLIS);
    assert_eq!(verify(&story, &id("A"), at_the_gap).status, Status::Expired, "it was, until it was renewed");
    assert_eq!(verify(&story, &identifier_of(APPROVAL, "A", 2), at_the_gap).status, Status::NotYetValid);
    assert_eq!(status_now(&story, "B"), Status::Cancelled);
}

#[test]
fn nothing_follows_an_end() {
    let ends = [
        (Who::Issuer, supersede("A"), "Superseded"),
        (Who::Issuer, cancel("A"), "Cancelled"),
        (Who::Approver, revoke("A"), "Revoked"),
        (Who::Head, withdraw("A"), "Withdrawn"),
    ];
    for end in ends {
        let mut story = with(&["A"]);
        tell(&mut story, &[end]);
        for (who, call, _) in [
            (Who::Issuer, suspend("A"), ""),
            (Who::Issuer, resume("A"), ""),
            (Who::Issuer, supersede("A"), ""),
            (Who::Issuer, cancel("A"), ""),
            (Who::Approver, revoke("A"), ""),
            (Who::Head, withdraw("A"), ""),
        ] {
            tell(&mut story, &[(who, call, "licences.ended")]); // I3
        }
    }
}

#[test]
fn unknown_licences_and_grounds_without_law() {
    let no_law = Ground { basis: LegalBasis { law: text(""), article: text("第一条") }, ..ground() };
    let no_reason = Ground { reason: text(""), ..ground() };
    let groundless = |ground: Ground| crate::Call::Licences(Call::Cancel { identifier: id("A"), ground });
    tell(
        &mut with(&["A"]),
        &[
            (Who::Issuer, suspend("X"), "licences.not_found"),
            (Who::Issuer, supersede("X"), "licences.not_found"),
            (Who::Approver, revoke("X"), "licences.not_found"),
            (Who::Head, withdraw("X"), "licences.not_found"),
            (Who::Issuer, claim("X", Who::Li), "licences.not_found"),
            (Who::Issuer, groundless(no_law), "licences.ground_missing"),
            (Who::Issuer, groundless(no_reason), "licences.ground_missing"),
        ],
    );
    let story = with_type();
    let none = ask(&story, Query::Verify { identifier: id("A"), at: story.time() });
    assert_eq!(none, View::Verified { verification: None });
    assert_eq!(ask(&story, Query::Licence { identifier: id("A") }), View::Licence { licence: None });
}

#[test]
fn serials_belong_to_one_licence() {
    let mut story = with_type();
    let last = identifier_of(APPROVAL, "Z", 999);
    tell(
        &mut story,
        &[
            (Who::Importer, import_with(identifier_of(APPROVAL, "A", 5), SOMEBODY, content(), source()), "Imported"),
            (Who::Issuer, issue("A"), "licences.serial_taken"), // I1
            (
                Who::Issuer,
                supersede_with(identifier_of(APPROVAL, "A", 5), SupersessionCause::Change, content()),
                "Superseded",
            ),
            (Who::Importer, import_with(last.clone(), SOMEBODY, content(), source()), "Imported"),
            (Who::Issuer, supersede_with(last, SupersessionCause::Change, content()), "licences.versions_exhausted"),
        ],
    );
    assert_eq!(
        record(&story, &identifier_of(APPROVAL, "A", 6)).holder,
        SOMEBODY,
        "a holder without an account stays it"
    );
}

#[test]
fn a_history_is_bounded_and_an_end_stays_possible() {
    let mut story = with(&["A"]);
    let mut suspensions = 0;
    loop {
        let receipt = story.act(&Who::Issuer.key(), vec![suspend("A").to_bytes()]);
        match crate::test_cast::outcome_name(&receipt.outcome).as_str() {
            "Suspended" => suspensions += 1,
            other => {
                assert_eq!(other, "licences.too_many_changes");
                break;
            }
        }
        tell(&mut story, &[(Who::Issuer, resume("A"), "Resumed")]);
        assert!(suspensions < 40, "a history is bounded");
    }
    assert_eq!(suspensions, 18);
    tell(&mut story, &[(Who::Approver, revoke("A"), "Revoked")]);
}

#[test]
fn an_account_has_room_for_sixty_four_licences_of_a_type() {
    let mut story = with_type();
    for number in 0..64 {
        tell(&mut story, &[(Who::Issuer, issue(&format!("S{number}")), "Issued")]);
    }
    tell(
        &mut story,
        &[
            (Who::Issuer, issue("X"), "licences.too_many_held"),
            (Who::Issuer, supersede("S7"), "Superseded"), // takes the place of the old one
            (Who::Issuer, cancel("S9"), "Cancelled"),
            (Who::Issuer, issue("X"), "Issued"), // in its place
            (Who::Issuer, issue("Y"), "licences.too_many_held"),
        ],
    );
    let query = Query::Held { holder: Who::Zhang.account(), licence_type: catering(), at: story.time() };
    let View::Held { licences } = ask(&story, query) else { panic!("expected licences") };
    assert_eq!(licences.len(), 64);
    assert!(licences.iter().all(|held| held.status == Status::Valid && held.identifier != id("S9")));
}

#[test]
fn a_renewed_licence_that_had_made_room_comes_back() {
    let mut story = with_type();
    for number in 0..64 {
        tell(&mut story, &[(Who::Issuer, issue(&format!("S{number}")), "Issued")]);
    }
    story.pass_millis(content().period.until.expect("an end").millis_since(story.time()));
    let next = Content { period: period("2029-01-02T00:00:00+08:00", "2032-01-02T00:00:00+08:00"), ..content() };
    for number in 0..64 {
        let call = issue_with(id(&format!("T{number}")), Who::Zhang, next.clone());
        tell(&mut story, &[(Who::Issuer, call, "Issued")]);
    }
    let renew = supersede_with(id("S0"), SupersessionCause::Renewal, next);
    tell(
        &mut story,
        &[
            (Who::Issuer, renew.clone(), "licences.too_many_held"),
            (Who::Issuer, cancel("T0"), "Cancelled"),
            (Who::Issuer, renew, "Superseded"),
        ],
    );
}

#[test]
fn which_identifiers_are_known() {
    let mut story = with(&["A"]);
    tell(&mut story, &[(Who::Importer, import("B"), "Imported")]);
    let identifiers = List::new(vec![id("C"), id("B"), id("A")]).expect("three");
    let known = List::new(vec![id("B"), id("A")]).expect("two");
    assert_eq!(ask(&story, Query::Which { identifiers: identifiers.clone() }), View::Which { known });
    let View::TakenOver { licences } = ask(&story, Query::TakenOver { identifiers }) else { panic!("another answer") };
    let found: Vec<_> = licences.iter().map(|known| (known.identifier.clone(), known.source.is_some())).collect();
    assert_eq!(found, [(id("B"), true), (id("A"), false)], "one was taken over, one was issued here");
}

#[test]
fn the_largest_messages_and_records_fit() {
    let wide = |chars: usize| "𠀀".repeat(chars);
    let law = LegalBasis { law: text(&wide(200)), article: text(&wide(100)) };
    let fields = (0..64).map(|index| FaceFieldDefinition {
        name: text(&format!("{index:02}{}", wide(38))),
        label: text(&wide(40)),
        kind: FieldKind::Code,
        personal: true,
        standard: Some(CodeStandard::ItemImplementationCode),
    });
    let holder_types = (0..16).map(|code| HolderTypeName { code: text(&format!("{code:03}")), name: text(&wide(20)) });
    // Any codes do for the size, so long as none stands twice; the check digit of each is made to fit.
    let departments: Vec<_> = (0..100_000_000u32)
        .filter_map(|number| format!("11519900{:09}0", 100_000_000 + number).parse().ok())
        .take(200)
        .collect();
    let definition = TypeDefinition {
        name: text(&wide(100)),
        legal_basis: List::new(vec![law.clone(); 4]).expect("four"),
        face: List::new(fields.collect()).expect("64 fields"),
        validity: Validity::UpTo { months: u16::MAX },
        issuers: Issuers::Listed { departments: List::new(departments).expect("200 departments") },
        issued_without_case: true,
        holder_types: List::new(holder_types.collect()).expect("16 kinds"),
    };
    assert_eq!(definition.fault(), None);
    let call = register_as(u32::MAX, Some("9999-12-31T00:00:00Z"), definition);
    let bytes = call.to_bytes().as_ref().len();
    assert!(bytes > CALL_BYTES_MAX * 4 / 5, "{bytes}");
    let story = with(&["A"]);
    let mut licence = record(&story, &id("A"));
    let ground = Ground { basis: law, reason: text(&wide(200)), document: Some(text(&wide(60))) };
    let change = Change {
        what: ChangeKind::Superseded { by: identifier_of(APPROVAL, &"Z".repeat(32), 1), from: Time::MAX },
        ground: Some(ground.clone()),
        ..licence.history[0].clone()
    };
    licence.claim =
        Some(Claim { holder: Who::Zhang.account(), ground, officer: Who::Issuer.account(), at: Time::MAX, receipt: 1 });
    licence.related_item = Some(crate::case_records::ItemVersion { code: text(&wide(64)), version: u32::MAX });
    licence.content.metadata = Metadata { area_code: Some(code("519900")), holder_type: Some(text("111")) };
    licence.rests_on = Some(format!("1{}", "A".repeat(49)).parse().expect("a long number"));
    let to = Destination { name: text(&wide(100)), authority: Some(code(APPROVAL)) };
    let last = Change { what: ChangeKind::MovedOut { to }, ..change.clone() };
    let mut changes = vec![change; crate::licence_history::CHANGES_MAX - 1];
    changes.push(last);
    licence.history = List::new(changes).expect("full");
    licence.import =
        Some(Import { source: LicenceSource { system: text(&wide(100)), ..source() }, anomalies: List::default() });
    let bytes = tongban_types::codec::encode(&licence).len();
    assert!(bytes <= tongban_types::proof::state::RECORD_BYTES_MAX, "{bytes}");
}

#[test]
fn every_error_has_its_story() {
    let source = [
        include_str!("tests.rs"),
        include_str!("../licence_stories_of_copies.rs"),
        include_str!("../licence_stories_of_drafts.rs"),
        include_str!("../licence_stories_of_grants.rs"),
        include_str!("../licence_stories_of_holders.rs"),
        include_str!("../licence_stories_of_imports.rs"),
        include_str!("../licence_stories_of_moves.rs"),
        include_str!("../licence_stories_of_recusal.rs"),
        include_str!("../licence_stories_of_surrenders.rs"),
        include_str!("../licence_stories_of_time.rs"),
    ]
    .concat();
    for error in Error::iter() {
        let code = tongban_kernel::ModuleError::code(&error);
        assert!(source.contains(&format!("\"{}\"", &*code)), "no story ends in {}", &*code);
    }
}

fn any_call() -> impl Strategy<Value = (Who, crate::Call)> {
    let serial = prop_oneof![Just("A"), Just("B")];
    let days = proptest::option::of(1u64..40);
    (serial, 1u16..4, 0..17u8, days, 0..1_200u64).prop_map(|(serial, version, kind, days, begins)| {
        let identifier = identifier_of(APPROVAL, serial, version);
        let from = time("2026-01-01T00:00:00+08:00").plus_millis(begins * DAY_MILLIS);
        let until = Some(from.plus_millis((1 + begins % 400) * DAY_MILLIS));
        let content = Content { period: Period { from: Some(from), until }, ..content() };
        let until = days.map(|days| from.plus_millis(days * DAY_MILLIS));
        let (by, ground) = (code(APPROVAL), ground());
        let causes = [SupersessionCause::Correction, SupersessionCause::Renewal];
        let cause = causes[usize::from(kind % 2)];
        let holder = Who::Zhang.account();
        let (who, call) = match kind {
            0 | 1 => (Who::Issuer, Call::Issue { identifier, case: None, holder, content, ground: Some(ground) }),
            2 | 3 => {
                let ground = Some(ground);
                (Who::Issuer, Call::Supersede { identifier, cause, case: None, content, ground })
            }
            4 => (Who::Issuer, Call::Suspend { identifier, until, ground }),
            5 => (Who::Issuer, Call::Resume { identifier, ground }),
            6 => (Who::Issuer, Call::Cancel { identifier, ground }),
            7 => (Who::Approver, Call::Revoke { identifier, by, ground }),
            8 => (Who::Issuer, Call::Prepare { identifier, case: None, holder, content, ground: Some(ground) }),
            9 => (Who::Trainee, Call::IssuePrepared { identifier }),
            10 => (Who::Issuer, Call::MoveOut { identifier, to: elsewhere(), ground }),
            11 => {
                let (commitment, until) = (Digest([kind; 32]), from.plus_millis(DAY_MILLIS));
                (Who::Zhang, Call::MakeCopy { identifier, commitment, until })
            }
            12 => (Who::Zhang, Call::TakeBackCopy { identifier, commitment: Digest([11; 32]) }),
            13 => (Who::Zhang, Call::RequestCancellation { identifier }),
            14 => (Who::Zhang, Call::TakeBackRequest { identifier }),
            15 => (Who::Issuer, Call::RefuseCancellation { identifier, ground }),
            _ => (Who::Importer, Call::ImportLicence { identifier, by, holder: SOMEBODY, content, source: source() }),
        };
        (who, crate::Call::Licences(call))
    })
}

/// What every licence was after each act, as whoever verified it then would have noted it.
type Notes = Vec<(Time, Vec<(LicenceIdentifier, Status)>)>;

fn note(story: &Story, identifiers: &[LicenceIdentifier], at: Time) -> Vec<(LicenceIdentifier, Status)> {
    let known = identifiers.iter().filter(|identifier| {
        ask(story, Query::Licence { identifier: (*identifier).clone() }) != View::Licence { licence: None }
    });
    known.map(|identifier| (identifier.clone(), verify(story, identifier, at).status)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is called in whatever order and however much time passes: asking later about an earlier moment gives what was noted then
    /// (I3), versions point at each other both ways (I5), and what the holder holds is valid. The story checks that refusals change nothing, and the invariants of every changed record.
    #[test]
    fn what_was_true_stays_true(acts in proptest::collection::vec((any_call(), 0..90u64), 1..30)) {
        let mut story = with_type();
        with_second_issuer(&mut story);
        let serials = ["A", "B"];
        let identifiers: Vec<LicenceIdentifier> =
            serials.iter().flat_map(|serial| (1..8).map(|version| identifier_of(APPROVAL, serial, version))).collect();
        let mut notes: Notes = Vec::new();
        for ((who, call), days) in acts {
            story.pass_millis(days * DAY_MILLIS);
            story.act(&who.key(), vec![call.to_bytes()]);
            notes.push((story.time(), note(&story, &identifiers, story.time())));
        }
        for (at, noted) in &notes {
            for (identifier, status) in noted {
                prop_assert_eq!(&verify(&story, identifier, *at).status, status, "{} at {}", identifier, at);
            }
        }
        for (identifier, status) in &notes.last().expect("an act at least").1 {
            let licence = record(&story, identifier);
            if let Some(next) = licence.superseded_by() {
                prop_assert_eq!(record(&story, next).supersedes, Some(identifier.clone()));
                let begins = record(&story, next).content.period.from.is_some_and(|from| from <= story.time());
                let is_replaced = *status == Status::Superseded { by: next.clone() };
                let ended_before = status.is_final() && !is_replaced;
                prop_assert!(is_replaced == (begins && !ended_before), "{} with {}: {:?}", identifier, next, status);
            }
            if let Some(previous) = &licence.supersedes {
                let pointer = record(&story, previous).superseded_by().cloned();
                prop_assert_eq!(pointer.as_ref(), Some(identifier));
            }
        }
        if let Some(held) = held_by(&story, Who::Zhang) {
            prop_assert_eq!(verify(&story, &held, story.time()).status, Status::Valid);
        }
    }
}
