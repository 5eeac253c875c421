//! Stories of licences in preparation (制作中), of the kinds of holders, and of what a directory lists.

use crate::case_test_cast::{accepted, application, certify, granted, pass_days, town};
use crate::cases::Application;
use crate::licence_test_cast::*;
use crate::licences::*;
use crate::test_cast::{APPROVAL, TERM_END, Who, bind, grant, tell, text, time};
use tongban_kernel::Role;
use tongban_kernel::testing::Story;
use tongban_types::codes::CaseNumber;
use tongban_types::{List, Text};

fn trainee_issues(story: &mut Story) {
    tell(story, &[(Who::Mayor, grant(APPROVAL, Who::Trainee, Role::Issuer, None, TERM_END), "Granted")]);
}

fn prepare_for(case: &CaseNumber, serial: &str) -> crate::Call {
    let (identifier, case, holder) = (id(serial), Some(case.clone()), Who::Zhang.account());
    crate::Call::Licences(Call::Prepare { identifier, case, holder, content: content(), ground: None })
}

#[test]
fn one_officer_prepares_a_licence_and_another_issues_it() {
    let mut story = with_type();
    trainee_issues(&mut story);
    let before = story.time();
    story.wait_millis(1_000);
    tell(
        &mut story,
        &[
            (Who::Zhang, prepare("A"), "tx.denied"),
            (Who::Approver, prepare("A"), "tx.denied"),
            (Who::MarketIssuer, prepare("A"), "tx.denied"), // I4
            (Who::Issuer, issue_prepared("A"), "licences.not_found"),
            (Who::Issuer, prepare("A"), "Prepared"),
            (Who::Issuer, prepare("A"), "licences.exists"), // I1
            (Who::Issuer, issue("A"), "licences.exists"),   // I1
        ],
    );
    let prepared = story.time();
    let answer = verify(&story, &id("A"), prepared);
    assert_eq!((answer.status, &*answer.state_code, answer.directory.issued_at), (Status::Draft, "99", None)); // I11
    assert_eq!(held_by(&story, Who::Zhang), None, "it is nobody's (I11)");
    let until = story.time().plus_millis(DAY_MILLIS);
    tell(
        &mut story,
        &[
            (Who::Issuer, suspend("A"), "licences.not_issued"), // I11
            (Who::Issuer, resume("A"), "licences.not_suspended"),
            (Who::Issuer, supersede("A"), "licences.not_issued"), // I11
            (Who::Issuer, move_out("A"), "licences.not_issued"),  // I11
            (Who::Approver, revoke("A"), "licences.not_issued"),  // I11
            (Who::Head, withdraw("A"), "licences.not_issued"),    // I11
            (Who::Zhang, copy("A", 1, until), "licences.not_valid"), // I12
            (Who::Zhang, issue_prepared("A"), "tx.denied"),
            (Who::MarketIssuer, issue_prepared("A"), "tx.denied"),
            (Who::Issuer, issue_prepared("A"), "licences.same_officer"), // I11
            (Who::Trainee, issue_prepared("A"), "PreparedIssued"),
            (Who::Trainee, issue_prepared("A"), "licences.not_prepared"), // I11
        ],
    );
    let answer = verify(&story, &id("A"), story.time());
    assert_eq!((answer.status, &*answer.state_code), (Status::Valid, "01"));
    assert_eq!(answer.directory.issued_at, record(&story, &id("A")).history.last().map(|change| change.at));
    assert_eq!(Some(answer.receipts.issue), answer.receipts.status, "issued is what it was when it was issued");
    assert_eq!(held_by(&story, Who::Zhang), Some(id("A")));
    for (at, expected) in [(before, Status::NotYetValid), (prepared, Status::Draft)] {
        assert_eq!(verify(&story, &id("A"), at).status, expected, "what was true then stays true (I3)");
    }
    let kinds: Vec<ChangeKind> = record(&story, &id("A")).history.iter().map(|change| change.what.clone()).collect();
    assert_eq!(kinds, [ChangeKind::Prepared, ChangeKind::Issued]);
    tell(&mut story, &[(Who::Issuer, suspend("A"), "Suspended"), (Who::Approver, revoke("A"), "Revoked")]);
}

#[test]
fn what_is_asked_of_a_licence_is_asked_again_when_it_is_issued() {
    let mut story = with_type();
    trainee_issues(&mut story);
    let ends_soon = Content { period: period("2026-01-01T00:00:00+08:00", "2026-01-20T00:00:00+08:00"), ..content() };
    tell(
        &mut story,
        &[
            (Who::Issuer, prepare_with("A", ends_soon), "Prepared"),
            (Who::Issuer, prepare("B"), "Prepared"),
            (Who::Issuer, prepare("C"), "Prepared"),
            (Who::Issuer, cancel("C"), "Cancelled"),
            (Who::Issuer, cancel("C"), "licences.ended"),
            (Who::Trainee, issue_prepared("C"), "licences.not_prepared"), // I11
            (Who::Issuer, prepare("C"), "licences.exists"),               // I1
            (Who::Importer, import("D"), "Imported"),
            (Who::Trainee, issue_prepared("D"), "licences.not_prepared"), // I11
        ],
    );
    assert_eq!(status_now(&story, "C"), Status::Cancelled);
    story.pass_millis(30 * DAY_MILLIS);
    let fewer = TypeDefinition { face: List::new(vec![field("name")]).expect("one field"), ..definition() };
    tell(
        &mut story,
        &[
            (Who::Trainee, issue_prepared("A"), "licences.expired"), // I11
            (Who::MarketDataOfficer, register_as(2, None, fewer), "TypeRegistered"),
            (Who::Trainee, issue_prepared("B"), "licences.face_fields"), // I4
            (Who::MarketDataOfficer, register_as(3, None, definition()), "TypeRegistered"),
            (Who::Trainee, issue_prepared("B"), "PreparedIssued"),
        ],
    );
    assert_eq!(record(&story, &id("B")).type_version, Some(3), "the version under which it was issued");
    let at = time("2026-01-15T00:00:00+08:00");
    assert_eq!(verify(&story, &id("B"), at).status, Status::Draft, "a term that has begun is none before the issue");
}

#[test]
fn a_case_leads_to_the_first_of_its_drafts_that_is_issued() {
    let mut story = town();
    trainee_issues(&mut story);
    tell(&mut story, &[(Who::MarketDataOfficer, register_as(2, None, strict()), "TypeRegistered")]);
    let case = granted(&mut story);
    tell(
        &mut story,
        &[
            (Who::Issuer, prepare("A"), "licences.case_missing"), // I7
            (Who::Issuer, prepare_for(&case, "A"), "Prepared"),
            (Who::Issuer, prepare_for(&case, "B"), "Prepared"),
            (Who::Issuer, certify(&case, "A"), "cases.result_of_another"), // I11
            (Who::Trainee, issue_prepared("B"), "PreparedIssued"),
            (Who::Trainee, issue_prepared("A"), "licences.case_issued"), // I7
            (Who::Issuer, certify(&case, "A"), "cases.result_of_another"),
            (Who::Issuer, certify(&case, "B"), "CertificateIssued"),
        ],
    );
    let directory = verify(&story, &id("B"), story.time()).directory;
    assert_eq!(directory.related_item.expect("the item of its case").version, 1);
    assert!(directory.related_item_name.is_some_and(|name| !name.is_empty()));
}

#[test]
fn what_the_law_has_renewed_was_pending_as_long_as_its_certificate_was_in_preparation() {
    let mut story = town();
    trainee_issues(&mut story);
    let until = "2026-02-10T00:00:00+08:00";
    let short = Content { period: period("2026-01-01T00:00:00+08:00", until), ..content() };
    tell(
        &mut story,
        &[
            (Who::Issuer, issue_with(id("MINE"), Who::Zhang, short), "Issued"),
            (Who::MarketDataOfficer, register_as(2, None, strict()), "TypeRegistered"),
        ],
    );
    let case = accepted(&mut story, Application { renews: Some(id("MINE")), ..application() });
    pass_days(&mut story, 45);
    let pending = |story: &Story, at| verify(story, &id("MINE"), at).deemed_renewed.map(|remark| remark.case);
    let (identifier, holder) = (id("NEXT"), Who::Zhang.account());
    let begins = story.time();
    let next =
        Content { period: Period { from: Some(begins), until: Some(time("2028-12-31T00:00:00+08:00")) }, ..content() };
    let prepare = Call::Prepare { identifier, case: Some(case.clone()), holder, content: next, ground: None };
    tell(&mut story, &[(Who::Issuer, crate::Call::Licences(prepare), "Prepared")]);
    let prepared_at = story.time();
    assert_eq!(pending(&story, prepared_at), Some(case.clone()), "a draft is no certificate (I11)");
    story.wait_millis(1_000);
    tell(&mut story, &[(Who::Trainee, issue_prepared("NEXT"), "PreparedIssued")]);
    assert_eq!(pending(&story, story.time()), None, "the certificate is there");
    assert_eq!(pending(&story, prepared_at), Some(case), "it was pending then (I3)");
}

fn kinds(listed: &[(&str, &str)]) -> TypeDefinition {
    let kinds = listed.iter().map(|(code, name)| HolderTypeName { code: text(code), name: text(name) });
    TypeDefinition { holder_types: List::new(kinds.collect()).expect("few"), ..definition() }
}

fn of_kind(kind: &str) -> Content {
    let metadata = Metadata { area_code: Some("519901".parse().expect("a division")), holder_type: Some(text(kind)) };
    Content { metadata, ..content() }
}

#[test]
fn a_licence_names_a_kind_of_holder_that_its_type_knows() {
    let mut story = with_type();
    tell(&mut story, &[(Who::IdentityOfficer, bind(Who::Zhang), "PersonBound")]);
    let registered = |version, definition| register_as(version, None, definition);
    let bad_field = FaceFieldDefinition { standard: Some(CodeStandard::CreditCode), ..field("name") };
    let bad_standard = TypeDefinition { face: List::new(vec![bad_field]).expect("one"), ..definition() };
    let issue_to = |serial: &str, kind: &str| issue_with(id(serial), Who::Zhang, of_kind(kind));
    tell(
        &mut story,
        &[
            (Who::MarketDataOfficer, registered(2, bad_standard), "licences.field_standard"),
            (Who::MarketDataOfficer, registered(2, kinds(&[("11", "居民身份证")])), "licences.holder_types"),
            (Who::MarketDataOfficer, registered(2, kinds(&[("111", "")])), "licences.holder_types"),
            (Who::MarketDataOfficer, registered(2, kinds(&[("111", "甲"), ("111", "乙")])), "licences.holder_types"),
            (Who::Issuer, issue_to("A", "11A"), "licences.holder_type_form"),
            (Who::Issuer, issue_to("A", "999"), "Issued"), // a type that names none takes any
            (Who::MarketDataOfficer, registered(2, kinds(&[("111", "居民身份证")])), "TypeRegistered"),
            (Who::Issuer, issue_to("B", "999"), "licences.holder_type_unknown"), // I4
            (Who::Issuer, prepare_with("B", of_kind("999")), "licences.holder_type_unknown"), // I4
            (Who::Issuer, issue_to("B", "111"), "Issued"),
            (Who::Issuer, issue("C"), "Issued"),
        ],
    );
    let directory = |serial: &str| verify(&story, &id(serial), story.time()).directory;
    let of_b = directory("B");
    assert_eq!(of_b.area_code, Some("519901".parse().expect("a division")));
    assert_eq!((of_b.holder_type, of_b.holder_type_name), (Some(text("111")), Some(text("居民身份证"))));
    assert_eq!(of_b.define_authority, catering().definer());
    let names = [&of_b.define_authority_name, &of_b.keeper_name];
    assert!(names.into_iter().all(|name: &Option<Text<200>>| name.as_ref().is_some_and(|name| !name.is_empty())));
    assert_eq!((of_b.issued_at.is_some(), of_b.related_item), (true, None));
    let of_c = directory("C");
    assert_eq!((of_c.area_code, of_c.holder_type), (Some("510100".parse().expect("a division")), None), "its keeper's");
    assert_eq!(directory("A").holder_type_name, None);
}
