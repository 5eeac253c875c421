//! Stories of officers who go to a department of another tree.

use crate::office_stories::{appointment_of, ask, past_of, standing_of};
use crate::orgs::{AppointmentPlace, EndCause, Offer, Query, View};
use crate::recovery_stories::{resume, suspend as suspend_account};
use crate::test_cast::*;
use crate::{Call as AnyCall, orgs};
use tongban_kernel::Role;
use tongban_kernel::testing::Story;

const DAY_MILLIS: u64 = 86_400_000;
const UNTIL: &str = "2026-01-20T00:00:00Z";
const COUNTER: &str = "综合窗口受理岗";

/// The root of the other tree, which Zhang administers, and a department below it.
fn other() -> (&'static str, &'static str) {
    (department_code(1), department_code(2))
}

/// The city, and beside it another tree.
fn two_trees() -> Story {
    let (root, below) = other();
    let mut story = city();
    tell(
        &mut story,
        &[
            (Who::Admin, register(root), "DepartmentRegistered"),
            (Who::Admin, name_administrator(root, Who::Zhang, TERM_END), "AdministratorNamed"),
            (Who::Zhang, register_below(root, below), "DepartmentRegistered"),
        ],
    );
    story
}

fn offer_of(story: &Story, department: &'static str, who: Who) -> Offer {
    match ask(story, Query::Offer { department: code(department), account: who.account() }) {
        View::Offer { offer: Some(offer) } => *offer,
        other => panic!("expected an offer, found {other:?}"),
    }
}

#[test]
fn an_officer_goes_to_another_tree_by_an_offer_and_its_acceptance() {
    let (_, below) = other();
    let mut story = two_trees();
    let deputyship = name_deputy(APPROVAL, Who::Receiver, Who::Acceptor, "2026-02-01T00:00:00Z");
    tell(
        &mut story,
        &[
            (Who::Clerk, deputyship, "DeputyNamed"),
            (Who::Clerk, offer_transfer(Who::Receiver, APPROVAL, below, UNTIL), "TransferOffered"),
        ],
    );
    let offer = offer_of(&story, APPROVAL, Who::Receiver);
    assert_eq!((offer.number, offer.to, offer.offered_by), (1, code(below), Who::Clerk.account()));
    assert!(offer.is_open(story.time()) && !offer.is_open(time(UNTIL)));
    assert!(standing_of(&story, Who::Receiver, Role::Receiver, APPROVAL, None).is_some(), "an offer takes nothing");
    tell(&mut story, &[(Who::Zhang, accept_transfer(Who::Receiver, APPROVAL, below, &[COUNTER]), "Transferred")]);
    for (role, department) in [(Role::Receiver, APPROVAL), (Role::Acceptor, APPROVAL), (Role::Receiver, below)] {
        assert_eq!(standing_of(&story, Who::Receiver, role, department, None), None, "no right follows: {role}");
    }
    // Each appointment leads to the other.
    let (old, new) = (appointment_of(&story, APPROVAL, Who::Receiver), appointment_of(&story, below, Who::Receiver));
    let end = old.end.expect("it has ended");
    assert_eq!(end.cause, EndCause::Transferred { to: code(below), number: new.number });
    assert_eq!(new.previous, Some(AppointmentPlace { department: code(APPROVAL), number: old.number }));
    assert_eq!((end.at, end.by, new.by), (new.since, Who::Zhang.account(), Who::Zhang.account()));
    let settled = offer_of(&story, APPROVAL, Who::Receiver).settlement.expect("it was accepted");
    assert_eq!((settled.approved, settled.by), (true, Who::Zhang.account()));
    // And back again: what was before stays.
    tell(
        &mut story,
        &[
            (Who::Zhang, accept_transfer(Who::Receiver, APPROVAL, below, &[]), "orgs.offer_settled"),
            (Who::Zhang, offer_transfer(Who::Receiver, below, APPROVAL, UNTIL), "TransferOffered"),
            (Who::Clerk, accept_transfer(Who::Receiver, below, APPROVAL, &[]), "Transferred"),
        ],
    );
    let back = appointment_of(&story, APPROVAL, Who::Receiver);
    assert_eq!((back.number, back.previous), (2, Some(AppointmentPlace { department: code(below), number: 1 })));
    let cause = appointment_of(&story, below, Who::Receiver).end.map(|end| end.cause);
    assert_eq!(cause, Some(EndCause::Transferred { to: code(APPROVAL), number: 2 }));
    let first = past_of(&story, APPROVAL, Who::Receiver, 1).expect("history stays"); // I10
    assert_eq!((first.grants.len(), first.deputyships.len()), (1, 1));
}

#[test]
fn what_cannot_be_accepted_is_not_offered() {
    let (root, below) = other();
    let mut story = two_trees();
    let offer = |who, from, to| offer_transfer(who, from, to, UNTIL);
    tell(
        &mut story,
        &[
            (Who::Clerk, transfer(Who::Receiver, APPROVAL, below, &[]), "tx.denied"),
            (Who::Zhang, transfer(Who::Receiver, APPROVAL, below, &[]), "orgs.other_tree"), // I18
            (Who::Mayor, offer(Who::Receiver, department_code(3), below), "tx.denied"),
            (Who::Clerk, offer(Who::Receiver, APPROVAL, department_code(3)), "orgs.not_found"),
            (Who::Clerk, offer(Who::Receiver, APPROVAL, FIRE), "orgs.same_tree"),
            (Who::Zhang, offer(Who::Receiver, APPROVAL, below), "tx.denied"), // I18: the other side does not
            (Who::Clerk, offer(Who::FireInspector, FIRE, below), "tx.denied"), // I4
            (Who::Clerk, offer(Who::Clerk, APPROVAL, below), "orgs.oneself"), // I5
            (Who::Zhang, appoint(below, Who::Head, &[]), "Appointed"),
            (Who::Clerk, offer(Who::Head, APPROVAL, below), "orgs.in_office"), // I10
            (Who::Clerk, offer(Who::Li, APPROVAL, below), "orgs.not_in_office"),
            (Who::Admin, suspend_account(Who::Receiver), "Suspended"),
            (Who::Clerk, offer(Who::Receiver, APPROVAL, below), "orgs.account_not_active"), // I11
            (Who::Admin, resume(Who::Receiver), "Resumed"),
            (Who::Clerk, offer_transfer(Who::Receiver, APPROVAL, below, "2026-01-01T00:00:00Z"), "orgs.term_empty"),
            (Who::Clerk, offer_transfer(Who::Receiver, APPROVAL, below, "2026-03-01T00:00:00Z"), "orgs.offer_too_long"), // I18
            (Who::Zhang, change(below, suspend()), "DepartmentChanged"),
            (Who::Clerk, offer(Who::Receiver, APPROVAL, below), "orgs.suspended"), // I3
            (Who::Zhang, change(below, close(None)), "DepartmentChanged"),
            (Who::Clerk, offer(Who::Receiver, APPROVAL, below), "orgs.closed"), // I3
            (Who::Clerk, offer(Who::Receiver, APPROVAL, root), "TransferOffered"),
            (Who::Clerk, offer(Who::Receiver, APPROVAL, root), "orgs.offer_open"),
        ],
    );
}

#[test]
fn what_was_offered_is_accepted_by_the_other_side_alone() {
    let (root, below) = other();
    let mut story = two_trees();
    let accept = |who, to| accept_transfer(who, APPROVAL, to, &[]);
    tell(
        &mut story,
        &[
            (Who::Zhang, accept(Who::Receiver, below), "orgs.offer_unknown"),
            (Who::Clerk, offer_transfer(Who::Receiver, APPROVAL, below, UNTIL), "TransferOffered"),
            (Who::Clerk, accept(Who::Receiver, below), "tx.denied"), // I18
            (Who::Mayor, accept(Who::Receiver, below), "tx.denied"), // I18
            (Who::Receiver, accept(Who::Receiver, below), "tx.denied"),
            (Who::Zhang, accept(Who::Receiver, root), "orgs.offer_unknown"), // to another department
            (Who::Zhang, accept_transfer(Who::Receiver, department_code(3), below, &[]), "orgs.not_found"),
            (Who::Zhang, accept_transfer(Who::Receiver, APPROVAL, below, &["岗", "岗"]), "orgs.post_twice"),
            (Who::Zhang, accept_transfer(Who::Receiver, APPROVAL, below, &[""]), "orgs.text_missing"),
        ],
    );
    // Who administers on both sides is one, and it takes two.
    let mut after = story.clone();
    tell(
        &mut after,
        &[
            (Who::Zhang, appoint(below, Who::Mayor, &[]), "Appointed"),
            (Who::Zhang, grant(below, Who::Mayor, Role::DepartmentAdministrator, None, TERM_END), "Granted"),
            (Who::Mayor, offer_transfer(Who::Acceptor, APPROVAL, below, UNTIL), "TransferOffered"),
            (Who::Mayor, accept(Who::Acceptor, below), "orgs.prepared_by_oneself"), // I18
            (Who::Mayor, transfer(Who::Acceptor, APPROVAL, below, &[]), "orgs.other_tree"), // I18
            (Who::Zhang, accept(Who::Acceptor, below), "Transferred"),
        ],
    );
    // Nobody takes, leaves or lets himself go.
    let mut after = story.clone();
    tell(
        &mut after,
        &[
            (Who::Mayor, appoint(APPROVAL, Who::Zhang, &[]), "Appointed"),
            (Who::Clerk, offer_transfer(Who::Zhang, APPROVAL, below, UNTIL), "TransferOffered"),
            (Who::Zhang, accept(Who::Zhang, below), "orgs.oneself"), // I5
            (Who::Zhang, decline_transfer(Who::Zhang, APPROVAL, below), "orgs.oneself"), // I5
            (Who::Mayor, offer_transfer(Who::Clerk, APPROVAL, below, UNTIL), "TransferOffered"),
            (Who::Clerk, withdraw_offer(Who::Clerk, APPROVAL), "orgs.oneself"), // I5
            (Who::Zhang, accept(Who::Clerk, below), "Transferred"),
        ],
    );
    // What has changed since the offer.
    let cases = [
        (vec![(Who::Zhang, appoint(below, Who::Receiver, &[]), "Appointed")], "orgs.in_office"), // I10
        (vec![(Who::Mayor, dismiss(APPROVAL, Who::Receiver), "Dismissed")], "orgs.not_in_office"),
        (
            vec![
                (Who::Mayor, dismiss(APPROVAL, Who::Receiver), "Dismissed"),
                (Who::Mayor, appoint(APPROVAL, Who::Receiver, &[]), "Appointed"),
            ],
            "orgs.offer_lapsed", // I18: it was about another appointment
        ),
        (vec![(Who::Mayor, dismiss(APPROVAL, Who::Clerk), "Dismissed")], "orgs.preparer_lapsed"), // I18
        (vec![(Who::Admin, suspend_account(Who::Clerk), "Suspended")], "orgs.preparer_lapsed"),   // I18
        (vec![(Who::Admin, suspend_account(Who::Receiver), "Suspended")], "orgs.account_not_active"), // I11
        (vec![(Who::Zhang, change(below, suspend()), "DepartmentChanged")], "orgs.suspended"),    // I3
    ];
    for (meanwhile, outcome) in cases {
        let mut after = story.clone();
        tell(&mut after, &meanwhile);
        tell(&mut after, &[(Who::Zhang, accept(Who::Receiver, below), outcome)]);
        assert!(offer_of(&after, APPROVAL, Who::Receiver).settlement.is_none(), "a refusal settles nothing");
    }
}

#[test]
fn an_offer_is_declined_withdrawn_or_lapses_and_can_be_made_anew() {
    let (root, below) = other();
    let mut story = two_trees();
    let offer = || offer_transfer(Who::Receiver, APPROVAL, below, UNTIL);
    let accept = || accept_transfer(Who::Receiver, APPROVAL, below, &[]);
    let decline = |to| decline_transfer(Who::Receiver, APPROVAL, to);
    let withdraw = || withdraw_offer(Who::Receiver, APPROVAL);
    let nameless = AnyCall::Orgs(orgs::Call::DeclineTransfer {
        account: Who::Receiver.account(),
        from: code(APPROVAL),
        to: code(below),
        reason: text(""),
    });
    tell(
        &mut story,
        &[
            (Who::Clerk, withdraw(), "orgs.offer_unknown"),
            (Who::Zhang, decline(below), "orgs.offer_unknown"),
            (Who::Clerk, offer(), "TransferOffered"),
            (Who::Zhang, nameless, "orgs.text_missing"),
            (Who::Zhang, withdraw(), "tx.denied"),
            (Who::Clerk, decline(below), "tx.denied"),
            (Who::Zhang, decline(root), "orgs.offer_unknown"),
            (Who::Zhang, decline(below), "TransferDeclined"),
            (Who::Zhang, decline(below), "orgs.offer_settled"),
            (Who::Zhang, accept(), "orgs.offer_settled"),
            (Who::Clerk, withdraw(), "orgs.offer_settled"),
            (Who::Clerk, offer(), "TransferOffered"),
            (Who::Mayor, withdraw(), "OfferWithdrawn"), // from above, too
            (Who::Zhang, accept(), "orgs.offer_settled"),
            (Who::Clerk, offer(), "TransferOffered"),
        ],
    );
    assert!(standing_of(&story, Who::Receiver, Role::Receiver, APPROVAL, None).is_some(), "he stays where he is");
    story.pass_millis(20 * DAY_MILLIS);
    tell(
        &mut story,
        &[
            (Who::Zhang, accept(), "orgs.offer_lapsed"),       // I18
            (Who::Zhang, decline(below), "orgs.offer_lapsed"), // I18
            (Who::Clerk, withdraw(), "orgs.offer_lapsed"),     // I18
            (
                Who::Clerk,
                offer_transfer(Who::Receiver, APPROVAL, root, "2026-02-10T00:00:00Z"),
                "TransferOffered", // what has lapsed holds nobody up
            ),
            (Who::Zhang, accept_transfer(Who::Receiver, APPROVAL, root, &[]), "Transferred"),
        ],
    );
}

#[test]
fn safeguards_of_the_department_that_he_comes_to_hold() {
    let (root, below) = other();
    let mut story = two_trees();
    let approver = |who| grant(below, who, Role::Approver, None, UNTIL);
    tell(
        &mut story,
        &[
            (Who::Zhang, change(below, four_eyes(true)), "DepartmentChanged"),
            (Who::Zhang, change(below, bound_officers(true)), "DepartmentChanged"),
            (Who::Mayor, offer_transfer(Who::Approver, APPROVAL, below, UNTIL), "TransferOffered"),
            (Who::Zhang, accept_transfer(Who::Approver, APPROVAL, below, &[]), "Transferred"),
            (Who::Zhang, approver(Who::Approver), "orgs.four_eyes"), // I8
            (Who::Zhang, propose(below, Who::Approver, Role::Approver, UNTIL), "orgs.not_bound"), // I11
            (Who::IdentityOfficer, bind(Who::Approver), "PersonBound"),
            (Who::Zhang, propose(below, Who::Approver, Role::Approver, UNTIL), "Prepared"),
            (Who::Zhang, approve(below, 1), "orgs.prepared_by_oneself"), // I8
        ],
    );
    assert_eq!(standing_of(&story, Who::Approver, Role::Approver, below, None), None);
    // A department that is closed lets its officers go still, by whoever administers above it.
    tell(
        &mut story,
        &[
            (Who::Mayor, change(FIRE, close(None)), "DepartmentChanged"),
            (Who::Mayor, offer_transfer(Who::FireInspector, FIRE, root, UNTIL), "TransferOffered"),
            (Who::Zhang, accept_transfer(Who::FireInspector, FIRE, root, &[]), "Transferred"),
        ],
    );
}
