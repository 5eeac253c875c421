//! Stories of where the answers of a form come from: what may be said of it, what may not, and what officers see of it.

use crate::case_sources::{AnswerSource, AnswerSources, SOURCES_BYTES_MAX, SOURCES_MAX, SourceNow};
use crate::case_test_cast::{application, ask_correction, event, file, filing_of, list, of, receive};
use crate::cases::{self, Application, Call, Event};
use crate::licence_history::{Period, Status};
use crate::licences;
use crate::sharing::tests::{
    COMPANY, DAY_MILLIS, HEALTH, access_id, by_consent, by_law, company, consent, consent_with, content, correction_id,
    licence_of, named, open, reading, record, request, story, withdraw,
};
use crate::sharing::{CorrectionRequest, Fields, Handout, Reading, Uses};
use crate::test_cast::{FIRE, Who, code, tell, text};
use crate::{Call as AnyCall, Query, View};
use tongban_kernel::testing::Story;
use tongban_types::codes::{CaseNumber, LicenceIdentifier};
use tongban_types::{Digest, List, Time, codec};

const OTHER_FORM: Digest = Digest([0x4F; 32]);

fn source(licence: LicenceIdentifier, field: &str, access: u8) -> AnswerSource {
    AnswerSource { path: text("name"), licence, field: text(field), access: access_id(access) }
}

/// The name, as Zhang's business licence has it, read under an access.
fn name(access: u8) -> AnswerSource {
    source(company(1), "name", access)
}

fn said(sources: &[AnswerSource]) -> AnswerSources {
    AnswerSources::new(sources.to_vec()).expect("few of them")
}

fn applying_with(sources: &[AnswerSource]) -> Application {
    Application {
        item: text("A-1"),
        facts: crate::case_facts::Facts::default(),
        materials: List::default(),
        sources: said(sources),
        ..application()
    }
}

fn filing(sources: &[AnswerSource]) -> AnyCall {
    file(applying_with(sources))
}

fn filed_with(story: &mut Story, sources: &[AnswerSource]) -> CaseNumber {
    match event(&story.act(&Who::Zhang.key(), vec![filing(sources).to_bytes()])) {
        Event::Filed { case, .. } => case,
        other => panic!("expected an application, found {other:?}"),
    }
}

/// The city on the next day, when the licences are valid; Zhang has consented, and what he is shown of his licence is recorded.
fn beginning() -> Story {
    let mut story = story();
    assert_eq!(story.pass_millis(DAY_MILLIS), []);
    let to_himself = Handout { reader: Who::Zhang.account(), ..by_consent(1) };
    tell(
        &mut story,
        &[
            (Who::Zhang, consent(1, Uses::Repeatedly), "ConsentGiven"),
            (Who::MarketDataOfficer, record(1, to_himself), "AccessRecorded"),
        ],
    );
    story
}

fn sources_now(story: &Story, case: &CaseNumber, at: Time) -> Vec<SourceNow> {
    let query = Query::Cases(cases::Query::Sources { case: case.clone(), at });
    match story.ask(|state| query.answer(state)).expect("a question about records never stops") {
        View::Cases(cases::View::Sources { sources }) => sources.to_vec(),
        other => panic!("expected sources, found {other:?}"),
    }
}

fn suspend(licence: LicenceIdentifier) -> AnyCall {
    let ground = crate::licence_test_cast::ground();
    AnyCall::Licences(licences::Call::Suspend { identifier: licence, until: None, ground })
}

/// The business licence is issued in its second version, and the first one is replaced.
fn reissue(story: &mut Story) {
    let from = story.time();
    let call = AnyCall::Licences(licences::Call::Supersede {
        identifier: company(1),
        cause: licences::SupersessionCause::Correction,
        case: None,
        content: licences::Content {
            period: Period { from: Some(from), until: None },
            ..content(2, "2026-01-01T12:00:00Z")
        },
        ground: Some(crate::licence_test_cast::ground()),
    });
    tell(story, &[(Who::MarketIssuer, call, "Superseded")]);
}

#[test]
fn an_application_says_whence_its_answers_come() {
    let mut story = beginning();
    let case = filed_with(&mut story, &[name(1)]);
    assert_eq!(filing_of(&story, &case).sources.to_vec(), [name(1)]);
    let typed_in = filed_with(&mut story, &[]);
    assert_eq!(filing_of(&story, &typed_in).sources.to_vec(), []);
}

/// Neither a licence that the item does not ask for nor a field beside the one that it takes (I23).
#[test]
fn an_answer_comes_from_where_the_item_takes_it() {
    let mut story = beginning();
    let at = |path: &str, source: AnswerSource| AnswerSource { path: text(path), ..source };
    tell(
        &mut story,
        &[
            (Who::Zhang, filing(&[name(1), name(1)]), "cases.source_order"),
            (Who::Zhang, filing(&[name(1), at("area", name(1))]), "cases.source_order"),
            (Who::Zhang, filing(&[at("area", name(1))]), "cases.source_unasked"),
            (Who::Zhang, filing(&[at("", name(1))]), "cases.source_unasked"),
            (Who::Zhang, filing(&[at("营业执照", source(company(1), "credit_code", 1))]), "cases.source_unasked"),
            (Who::Zhang, filing(&[source(company(1), "credit_code", 1)]), "cases.source_unasked"),
            (Who::Zhang, filing(&[source(licence_of(HEALTH, "ZHANG", 1), "name", 1)]), "cases.source_unasked"),
            (Who::Zhang, filing(&[name(1)]), "Filed"),
        ],
    );
}

/// Nor from somebody else's licence, or one that is not in force when the form is handed in (I23).
#[test]
fn an_answer_comes_from_a_licence_of_the_applicant_that_is_in_force() {
    let mut story = beginning();
    let refused = "cases.source_not_held";
    tell(
        &mut story,
        &[
            (Who::Zhang, filing(&[source(licence_of(COMPANY, "LI", 1), "name", 1)]), refused),
            (Who::Zhang, filing(&[source(company(2), "name", 1)]), refused),
            (Who::Li, file(Application { applicant: Who::Li.account(), ..applying_with(&[name(1)]) }), refused),
            (Who::Li, filing(&[name(1)]), "cases.no_capacity"),
        ],
    );
    let mut suspended = story.clone();
    tell(
        &mut suspended,
        &[(Who::MarketIssuer, suspend(company(1)), "Suspended"), (Who::Zhang, filing(&[name(1)]), refused)],
    );
    reissue(&mut story);
    tell(
        &mut story,
        &[
            (Who::Zhang, filing(&[name(1)]), refused),
            (Who::Zhang, filing(&[source(company(2), "name", 1)]), "cases.source_not_read"), // of the version before
        ],
    );
}

/// Nor where nobody was allowed to read it for this application (I23).
#[test]
fn an_answer_comes_from_what_was_read_for_this_application() {
    let mut story = beginning();
    let code_alone = consent_with(
        2,
        Reading { receiver: code(FIRE), ..reading() },
        &[(COMPANY, named(&["credit_code"]))],
        Uses::Repeatedly,
        "2026-02-01T08:00:00Z",
    );
    let of_code = Handout {
        reading: Reading { receiver: code(FIRE), ..reading() },
        fields: named(&["credit_code"]),
        reader: Who::FireInspector.account(),
        ..by_consent(2)
    };
    let of_health = Handout { licence: licence_of(HEALTH, "ZHANG", 1), fields: Fields::Whole, ..by_consent(1) };
    let refused = "cases.source_not_read";
    tell(
        &mut story,
        &[
            (Who::Zhang, code_alone, "ConsentGiven"),
            (Who::MarketDataOfficer, record(2, of_code), "AccessRecorded"),
            (Who::MarketDataOfficer, record(3, by_law()), "AccessRecorded"),
            (Who::MarketDataOfficer, record(4, of_health), "AccessRecorded"),
            (Who::Zhang, filing(&[name(9)]), refused), // no access
            (Who::Zhang, filing(&[name(2)]), refused), // another field
            (Who::Zhang, filing(&[name(3)]), refused), // for supervision
            (Who::Zhang, filing(&[name(4)]), refused), // of another licence
            (Who::Zhang, filing(&[name(1)]), "Filed"),
        ],
    );
    let case = filed_with(&mut story, &[name(1)]);
    let of_case = Handout { case: Some(case), ..by_consent(1) };
    tell(
        &mut story,
        &[
            (Who::MarketDataOfficer, record(5, of_case), "AccessRecorded"),
            (Who::Zhang, filing(&[name(5)]), refused), // for another case
            (Who::Zhang, withdraw(1), "ConsentWithdrawn"),
            (Who::Zhang, filing(&[name(1)]), refused), // the consent does not stand
            (Who::Zhang, filing(&[]), "Filed"),        // he types it in
        ],
    );
}

#[test]
fn another_form_has_sources_of_its_own() {
    let mut story = beginning();
    let case = filed_with(&mut story, &[name(1)]);
    let supplement = |form: Option<Digest>, sources: &[AnswerSource]| {
        let materials = list(&[crate::case_test_cast::paper(0)]);
        of(Call::Supplement {
            case: case.clone(),
            facts: None,
            form,
            materials,
            sources: said(sources),
            gap_promise: None,
        })
    };
    let of_case = Handout { case: Some(case.clone()), ..by_consent(1) };
    tell(
        &mut story,
        &[
            (Who::Receiver, receive(&case), "Received"),
            (Who::Acceptor, ask_correction(&case, &[]), "CorrectionAsked"),
            (Who::MarketDataOfficer, record(2, of_case), "AccessRecorded"),
            (Who::Zhang, supplement(None, &[name(2)]), "cases.source_without_form"),
            (Who::Zhang, supplement(Some(OTHER_FORM), &[name(2), name(2)]), "cases.source_order"),
            (Who::Zhang, supplement(Some(OTHER_FORM), &[source(company(1), "credit_code", 2)]), "cases.source_unasked"),
            (Who::Zhang, supplement(Some(OTHER_FORM), &[source(company(7), "name", 2)]), "cases.source_not_held"),
            (Who::Zhang, supplement(Some(OTHER_FORM), &[name(7)]), "cases.source_not_read"),
        ],
    );
    let after = |call: AnyCall| {
        let mut story = story.clone();
        tell(&mut story, &[(Who::Zhang, call, "Supplemented")]);
        let filing = filing_of(&story, &case);
        (filing.form == OTHER_FORM, filing.sources.to_vec())
    };
    assert_eq!(after(supplement(None, &[])), (false, vec![name(1)]), "the form stands, and so do its sources");
    assert_eq!(after(supplement(Some(OTHER_FORM), &[name(2)])), (true, vec![name(2)]));
    assert_eq!(
        after(supplement(Some(OTHER_FORM), &[])),
        (true, vec![]),
        "what was said of the former form is not said of it"
    );
}

#[test]
fn officers_see_what_has_become_of_the_sources() {
    let mut story = beginning();
    let case = filed_with(&mut story, &[name(1)]);
    let filed_at = story.time();
    let now = |status: Status, correction: Option<u8>| SourceNow {
        source: name(1),
        status,
        correction: correction.map(correction_id),
    };
    assert_eq!(sources_now(&story, &case, filed_at), [now(Status::Valid, None)]);
    tell(
        &mut story,
        &[(Who::Zhang, open(1, CorrectionRequest { licence: company(1), ..request() }), "CorrectionOpened")],
    );
    assert_eq!(sources_now(&story, &case, story.time()), [now(Status::Valid, Some(1))]);
    reissue(&mut story);
    assert_eq!(sources_now(&story, &case, story.time()), [now(Status::Superseded { by: company(2) }, Some(1))]);
    assert_eq!(sources_now(&story, &case, filed_at)[0].status, Status::Valid, "it was valid when it was handed in");
    let unknown: CaseNumber = "20220623000068".parse().expect("a number");
    assert_eq!(sources_now(&story, &unknown, filed_at), []);
}

/// However many they are: no more are said than fit a call with all else.
#[test]
fn sources_are_bounded_in_number_and_bytes() {
    let of = |number: usize| AnswerSource { path: text(&format!("operator.address.field_{number:03}")), ..name(1) };
    let many = |count: usize| (0..count).map(of).collect::<Vec<_>>();
    let whole = AnswerSources::new(many(SOURCES_MAX)).expect("as many as there may be");
    tell(
        &mut beginning(),
        &[(Who::Zhang, file(Application { sources: whole.clone(), ..applying_with(&[]) }), "cases.source_unasked")],
    );
    assert!(AnswerSources::new(many(SOURCES_MAX + 1)).is_err());
    assert_eq!(AnswerSources::first_of(many(SOURCES_MAX + 1)), whole, "the others count as typed in");
    let wide = |number: usize| AnswerSource { path: text(&format!("{number:02}{}", "甲".repeat(190))), ..name(1) };
    let wide: Vec<_> = (0..SOURCES_MAX).map(wide).collect();
    assert!(AnswerSources::new(wide.clone()).is_err(), "more than {SOURCES_BYTES_MAX} bytes");
    let first = AnswerSources::first_of(wide.clone());
    assert!(!first.is_empty() && codec::encode(&first).len() <= SOURCES_BYTES_MAX);
    assert_eq!(*first, wide[..first.len()]);
    let json = serde_json::to_value(&wide).expect("JSON");
    assert!(serde_json::from_value::<AnswerSources>(json).is_err(), "nor from outside");
}
