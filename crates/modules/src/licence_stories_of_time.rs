//! Stories of licences over time: renewals in time, suspensions that outlast an expiry, times that are still to come.

use crate::licence_test_cast::*;
use crate::licences::*;
use crate::test_cast::{APPROVAL, Who, code, tell, time};
use crate::{Call as AnyCall, licence_rules::Beginning};
use tongban_kernel::testing::Story;
use tongban_types::Time;
use tongban_types::codes::LicenceIdentifier;

const UNTIL: &str = "2029-01-02T00:00:00+08:00";

fn second() -> LicenceIdentifier {
    identifier_of(APPROVAL, "A", 2)
}

fn next_from(from: &str) -> Content {
    Content { period: period(from, "2031-01-02T00:00:00+08:00"), ..content() }
}

fn renew_from(from: &str) -> AnyCall {
    supersede_with(id("A"), SupersessionCause::Renewal, next_from(from))
}

fn suspend_version(identifier: LicenceIdentifier) -> AnyCall {
    AnyCall::Licences(Call::Suspend { identifier, until: None, ground: ground() })
}

fn revoke_version(identifier: LicenceIdentifier) -> AnyCall {
    AnyCall::Licences(Call::Revoke { identifier, by: code(APPROVAL), ground: ground() })
}

/// Zhang's licence a month before it expires.
fn in_its_last_month() -> Story {
    let mut story = with(&["A"]);
    story.pass_millis(time("2028-12-01T00:00:00+08:00").millis_since(story.time()));
    story
}

fn held_now(story: &Story) -> Vec<(LicenceIdentifier, Status)> {
    let query = Query::Held { holder: Who::Zhang.account(), licence_type: catering(), at: story.time() };
    let View::Held { licences } = ask(story, query) else { panic!("expected licences") };
    licences.iter().map(|held| (held.identifier.clone(), held.status.clone())).collect()
}

#[test]
fn who_renews_in_time_is_never_without_a_licence() {
    let mut story = in_its_last_month();
    tell(
        &mut story,
        &[
            (Who::Issuer, renew_from("2029-01-02T00:00:00.001+08:00"), "licences.beginning_later"), // I5
            (Who::Issuer, renew_from(UNTIL), "Superseded"),
            (Who::Issuer, renew_from(UNTIL), "licences.replacement_pending"), // I5
        ],
    );
    let renewed_at = story.time();
    assert_eq!(status_now(&story, "A"), Status::Valid);
    assert_eq!(verify(&story, &id("A"), renewed_at).replaced_by, None);
    assert_eq!(verify(&story, &second(), renewed_at).status, Status::NotYetValid);
    assert_eq!(held_by(&story, Who::Zhang), Some(id("A")));
    assert_eq!(held_now(&story), [(id("A"), Status::Valid), (second(), Status::NotYetValid)]);
    let last = Time::from_millis(time(UNTIL).as_millis() - 1).expect("a time");
    assert_eq!(verify(&story, &id("A"), last).status, Status::Valid);
    assert_eq!(verify(&story, &id("A"), time(UNTIL)).status, Status::Superseded { by: second() });
    story.pass_millis(time(UNTIL).millis_since(story.time()));
    assert_eq!(held_by(&story, Who::Zhang), Some(second()));
    assert_eq!(verify(&story, &id("A"), renewed_at).status, Status::Valid, "what it was stays true (I3)");
    tell(
        &mut story,
        &[(Who::Issuer, suspend("A"), "licences.ended"), (Who::Issuer, suspend_version(second()), "Suspended")],
    );
}

#[test]
fn a_correction_or_change_is_in_force_at_once() {
    let mut story = with(&["A"]);
    let tomorrow = Content { period: period("2026-01-02T00:00:00+08:00", UNTIL), ..content() };
    for cause in [SupersessionCause::Correction, SupersessionCause::Change] {
        let later = supersede_with(id("A"), cause, tomorrow.clone());
        tell(&mut story, &[(Who::Issuer, later, "licences.beginning_later")]); // I5
    }
    let replace = supersede_with(id("A"), SupersessionCause::Replacement, tomorrow);
    tell(&mut story, &[(Who::Issuer, replace, "Superseded")]);
    assert_eq!(status_now(&story, "A"), Status::Valid, "until the replacement begins");
}

#[test]
fn a_version_that_has_not_begun_is_corrected_for_its_own_beginning() {
    let mut story = in_its_last_month();
    let correct = |from| supersede_with(second(), SupersessionCause::Correction, next_from(from));
    tell(
        &mut story,
        &[
            (Who::Issuer, renew_from(UNTIL), "Superseded"),
            (Who::Issuer, correct("2028-12-01T00:00:00+08:00"), "licences.beginning_earlier"),
            (Who::Issuer, correct("2029-01-03T00:00:00+08:00"), "licences.beginning_later"),
            (Who::Issuer, correct(UNTIL), "Superseded"),
        ],
    );
    let third = identifier_of(APPROVAL, "A", 3);
    assert_eq!((status_now(&story, "A"), held_by(&story, Who::Zhang)), (Status::Valid, Some(id("A"))));
    story.pass_millis(time(UNTIL).millis_since(story.time()));
    assert_eq!(status_now(&story, "A"), Status::Superseded { by: second() });
    assert_eq!(verify(&story, &second(), story.time()).status, Status::Superseded { by: third.clone() });
    assert_eq!(held_by(&story, Who::Zhang), Some(third));
}

#[test]
fn what_is_done_to_a_licence_does_not_stop_at_its_renewal() {
    let mut story = in_its_last_month();
    let cancel_second = AnyCall::Licences(Call::Cancel { identifier: second(), ground: ground() });
    tell(
        &mut story,
        &[
            (Who::Issuer, renew_from(UNTIL), "Superseded"),
            (Who::Issuer, suspend("A"), "licences.replacement_pending"), // I6
            (Who::Approver, revoke("A"), "licences.replacement_pending"), // I6
            (Who::Head, withdraw("A"), "licences.replacement_pending"),  // I6
            (Who::Issuer, cancel("A"), "licences.replacement_pending"),  // I6
            (Who::Issuer, suspend_version(second()), "Suspended"),
            (Who::Issuer, suspend("A"), "Suspended"),
            (Who::Issuer, resume("A"), "Resumed"),
            (Who::Issuer, cancel("A"), "licences.replacement_pending"), // I6
            (Who::Issuer, cancel_second, "Cancelled"),
            (Who::Issuer, suspend("A"), "Suspended"),
            (Who::Approver, revoke("A"), "Revoked"),
        ],
    );
    story.pass_millis(time(UNTIL).millis_since(story.time()));
    assert_eq!(status_now(&story, "A"), Status::Revoked, "it had ended before its replacement began");
    assert_eq!(held_by(&story, Who::Zhang), None);
}

#[test]
fn a_full_list_hinders_no_renewal() {
    let mut story = with_type();
    for number in 0..64 {
        tell(&mut story, &[(Who::Issuer, issue(&format!("S{number}")), "Issued")]);
    }
    story.pass_millis(time("2028-12-01T00:00:00+08:00").millis_since(story.time()));
    let renew = supersede_with(id("S7"), SupersessionCause::Renewal, next_from(UNTIL));
    tell(&mut story, &[(Who::Issuer, renew, "Superseded")]);
    let held = held_now(&story);
    assert_eq!(held.len(), 64);
    assert_eq!(held.last(), Some(&(identifier_of(APPROVAL, "S7", 2), Status::NotYetValid)));
}

#[test]
fn an_open_suspension_outlasts_the_expiry_and_hinders_the_renewal() {
    let mut story = with(&["A", "B"]);
    let for_long = suspend_until("B", Some(time("2029-03-01T00:00:00+08:00")));
    tell(&mut story, &[(Who::Issuer, suspend("A"), "Suspended"), (Who::Issuer, for_long, "Suspended")]);
    story.pass_millis(time(UNTIL).millis_since(story.time()));
    let answer = verify(&story, &id("A"), story.time());
    assert_eq!((answer.status, answer.is_suspended), (Status::Expired, true));
    let correct = supersede_with(id("A"), SupersessionCause::Correction, next_from(UNTIL));
    let renew_other = |from| supersede_with(id("B"), SupersessionCause::Renewal, next_from(from));
    tell(
        &mut story,
        &[
            (Who::Issuer, correct, "licences.expired"),
            (Who::Issuer, renew_from(UNTIL), "licences.suspended"), // I6
            (Who::Issuer, renew_other(UNTIL), "licences.suspended"), // I6
            (Who::Issuer, resume("A"), "Resumed"),
            (Who::Issuer, resume("A"), "licences.expired"),
            (Who::Issuer, renew_from(UNTIL), "Superseded"),
        ],
    );
    assert!(!verify(&story, &second(), story.time()).is_suspended);
    story.pass_millis(time("2029-03-01T00:00:00+08:00").millis_since(story.time()));
    tell(&mut story, &[(Who::Issuer, renew_other("2029-03-01T00:00:00+08:00"), "Superseded")]);
}

#[test]
fn a_suspended_licence_that_has_not_begun_is_not_replaced_either() {
    let mut story = with_type();
    let later = Content { period: period("2026-02-01T00:00:00+08:00", UNTIL), ..content() };
    tell(
        &mut story,
        &[
            (Who::Issuer, issue_with(id("A"), Who::Zhang, later.clone()), "Issued"),
            (Who::Issuer, suspend("A"), "Suspended"),
            (Who::Issuer, suspend("A"), "licences.suspended"),
            (Who::Issuer, supersede_with(id("A"), SupersessionCause::Correction, later), "licences.suspended"), // I6
        ],
    );
    assert_eq!(status_now(&story, "A"), Status::NotYetValid);
}

#[test]
fn the_answer_for_a_time_to_come_is_a_forecast() {
    let mut story = with(&["A"]);
    let now = story.time();
    let answer = verify(&story, &id("A"), now.plus_millis(DAY_MILLIS));
    assert_eq!((answer.status, answer.is_forecast), (Status::Valid, true));
    assert!(!verify(&story, &id("A"), now).is_forecast);
    tell(&mut story, &[(Who::Approver, revoke_version(id("A")), "Revoked")]);
    story.pass_millis(DAY_MILLIS);
    let answer = verify(&story, &id("A"), now.plus_millis(DAY_MILLIS));
    assert_eq!((answer.status, answer.is_forecast), (Status::Revoked, false), "what was foreseen did not come");
    let query = crate::Query::Licences(Query::Verify { identifier: id("A"), at: story.time().plus_millis(1) });
    let view = story.ask(|state| query.answer(state)).expect("a question never stops");
    let crate::View::Licences(View::Verified { verification: Some(read) }) = view else { panic!("expected an answer") };
    assert!(read.is_forecast, "who does not know the block's time takes nothing for certain behind the last change");
}

#[test]
fn when_a_new_version_may_begin() {
    let now = time("2026-06-01T10:00:00+08:00");
    let today = time("2026-06-01T00:00:00+08:00");
    let (past, soon, later) =
        (time("2026-01-01T00:00:00Z"), time("2026-07-01T00:00:00Z"), time("2028-01-01T00:00:00Z"));
    let old = |from: Time, until: Option<Time>| Period { from: Some(from), until };
    let cases = [
        (SupersessionCause::Correction, old(past, Some(later)), today, Some(now)),
        (SupersessionCause::Change, old(past, None), today, Some(now)),
        (SupersessionCause::Change, old(soon, Some(later)), soon, Some(soon)),
        (SupersessionCause::Renewal, old(past, Some(soon)), today, Some(soon)),
        (SupersessionCause::Renewal, old(past, Some(past)), past, None),
        (SupersessionCause::Renewal, old(past, None), today, None),
        (SupersessionCause::Renewal, old(soon, Some(later)), soon, Some(later)),
        (SupersessionCause::Replacement, old(past, Some(later)), today, Some(later)),
    ];
    for (cause, old, earliest, latest) in cases {
        assert_eq!(Beginning::of_version(old, cause, now), Beginning { earliest, latest }, "{cause:?} of {old:?}");
    }
}
