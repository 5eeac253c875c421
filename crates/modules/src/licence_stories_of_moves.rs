//! Stories of licences that move out (迁出), and of those of which an older system says neither what they are.

use crate::licence_test_cast::*;
use crate::licences::*;
use crate::test_cast::{APPROVAL, Who, bind, tell, text, time};

#[test]
fn a_licence_that_has_moved_out_is_kept_elsewhere_and_valid_here_no_more() {
    let mut story = with(&["A", "B", "C", "D"]);
    let nowhere = Destination { name: text(""), authority: None };
    let (identifier, no_law) = (id("A"), Ground { reason: text(""), ..ground() });
    let to_nowhere = Call::MoveOut { identifier: identifier.clone(), to: nowhere, ground: ground() };
    let for_nothing = Call::MoveOut { identifier, to: elsewhere(), ground: no_law };
    let later = Content { period: period("2029-01-02T00:00:00+08:00", "2032-01-02T00:00:00+08:00"), ..content() };
    let valid_at = story.time();
    story.wait_millis(1_000);
    tell(
        &mut story,
        &[
            (Who::Zhang, move_out("A"), "tx.denied"),
            (Who::Head, move_out("A"), "tx.denied"),
            (Who::MarketIssuer, move_out("A"), "tx.denied"),
            (Who::Issuer, crate::Call::Licences(to_nowhere), "licences.destination_missing"),
            (Who::Issuer, crate::Call::Licences(for_nothing), "licences.ground_missing"),
            (Who::Issuer, move_out("Z"), "licences.not_found"),
            (Who::Issuer, suspend("B"), "Suspended"),
            (Who::Issuer, move_out("B"), "licences.suspended"), // I6: no move is a way out of a state
            (Who::Issuer, cancel("C"), "Cancelled"),
            (Who::Issuer, move_out("C"), "licences.ended"), // I3
            (Who::Issuer, supersede_with(id("D"), SupersessionCause::Renewal, later), "Superseded"),
            (Who::Issuer, move_out("D"), "licences.replacement_pending"), // I6
            (Who::Issuer, move_out("A"), "MovedOut"),
            (Who::Issuer, move_out("A"), "licences.ended"),  // I3
            (Who::Issuer, suspend("A"), "licences.ended"),   // I3
            (Who::Issuer, supersede("A"), "licences.ended"), // I3
            (Who::Approver, revoke("A"), "licences.ended"),  // I3
        ],
    );
    let answer = verify(&story, &id("A"), story.time());
    assert_eq!((answer.status, &*answer.state_code), (Status::MovedOut { to: Some(elsewhere()) }, "06"));
    assert_eq!(verify(&story, &id("A"), valid_at).status, Status::Valid, "what was true then stays true (I3)");
    let last = record(&story, &id("A")).history.last().cloned().expect("a change");
    assert_eq!((last.what, last.ground), (ChangeKind::MovedOut { to: elsewhere() }, Some(ground())));
    story.pass_millis(time("2029-06-01T00:00:00Z").millis_since(story.time()));
    tell(&mut story, &[(Who::Issuer, issue_with(id("E"), Who::Zhang, this_year()), "Issued")]);
    story.pass_millis(100 * DAY_MILLIS);
    tell(&mut story, &[(Who::Issuer, move_out("E"), "licences.expired")]); // I6
}

fn this_year() -> Content {
    Content { period: period("2029-06-02T00:00:00+08:00", "2029-07-01T00:00:00+08:00"), ..content() }
}

#[test]
fn what_another_department_took_over_moves_out_once_it_is_confirmed() {
    let mut story = with_type();
    let foreign = identifier_of(crate::test_cast::MARKET, "F", 1);
    let import = import_with(foreign.clone(), SOMEBODY, content(), source());
    let moving = || Call::MoveOut { identifier: foreign.clone(), to: elsewhere(), ground: ground() };
    tell(
        &mut story,
        &[
            (Who::Importer, import, "Imported"),
            (Who::Issuer, crate::Call::Licences(moving()), "tx.denied"),
            (Who::MarketIssuer, crate::Call::Licences(moving()), "licences.unconfirmed"), // I8
            (Who::MarketIssuer, confirm_imported(foreign.clone(), crate::test_cast::MARKET), "ImportConfirmed"),
            (Who::MarketIssuer, crate::Call::Licences(moving()), "MovedOut"),
        ],
    );
    assert!(matches!(verify(&story, &foreign, story.time()).status, Status::MovedOut { .. }));
}

#[test]
fn of_what_nobody_knows_what_it_is_nothing_is_made() {
    let mut story = with_type();
    let holder = Holder::Account { account: Who::Zhang.account() };
    let other = |serial: &str| {
        let source = LicenceSource { state: SourceState::Other, ..source() };
        import_with(id(serial), holder, content(), source)
    };
    let until = story.time().plus_millis(DAY_MILLIS);
    tell(
        &mut story,
        &[
            (Who::IdentityOfficer, bind(Who::Zhang), "PersonBound"),
            (Who::Importer, other("A"), "Imported"),
            (Who::Importer, other("B"), "Imported"),
            (Who::Issuer, suspend("A"), "licences.state_unknown"),
            (Who::Issuer, resume("A"), "licences.not_suspended"),
            (Who::Issuer, supersede("A"), "licences.state_unknown"), // I6
            (Who::Issuer, move_out("A"), "licences.state_unknown"),
            (Who::Zhang, copy("A", 1, until), "licences.not_valid"), // I12
            (Who::Head, withdraw("A"), "Withdrawn"),
            (Who::Issuer, cancel("B"), "Cancelled"),
        ],
    );
    assert_eq!(held_by(&story, Who::Zhang), None);
    let imported_at = record(&story, &id("A")).history[0].at;
    let answer = verify(&story, &id("A"), imported_at);
    assert_eq!(answer.keeper.as_str(), APPROVAL);
}
