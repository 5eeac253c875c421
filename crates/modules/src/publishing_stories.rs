//! Stories of the catalogue: what takes two where a department wants four eyes, and who would rather do it alone.

use crate::catalogue::tests::{definition, good, publish_as, resume, retire, suspend, with};
use crate::catalogue::{Call, Change, Proposal, Query, Version, View};
use crate::recovery_stories::suspend as suspend_account;
use crate::test_cast::{
    APPROVAL, CIVIL, GOVERNMENT, MARKET, Who, appoint, change as change_department, city, close, dismiss, four_eyes,
    tell, text, time,
};
use crate::{Call as AnyCall, Query as AnyQuery, View as AnyView, identity};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use tongban_kernel::Role;
use tongban_kernel::testing::Story;
use tongban_types::Digest;

const FOUR_EYES: &str = "catalogue.four_eyes";
const LAPSED: &str = "catalogue.proposer_lapsed";
const LATER: &str = "2030-01-01T00:00:00Z";

fn role(who: Who, is_given: bool) -> AnyCall {
    let (account, role) = (who.account(), Role::Publisher);
    AnyCall::Identity(if is_given {
        identity::Call::GrantRole { account, role }
    } else {
        identity::Call::WithdrawRole { account, role }
    })
}

/// The city, where market regulation wants four eyes and two of its officers are publishers. One of the environment is a publisher, too.
fn careful_city() -> Story {
    let mut story = city();
    tell(
        &mut story,
        &[
            (Who::Admin, role(Who::FoodReviewer, true), "RoleGranted"),
            (Who::Admin, role(Who::FoodInspector, true), "RoleGranted"),
            (Who::Admin, role(Who::AirReviewer, true), "RoleGranted"),
            (Who::Mayor, change_department(MARKET, four_eyes(true)), "DepartmentChanged"),
        ],
    );
    story
}

fn version(number: u32) -> Change {
    version_of(number, &good())
}

fn version_of(number: u32, item: &Json) -> Change {
    Change::Publish { version: number, effective_from: None, item: definition(item) }
}

fn propose(change: Change) -> AnyCall {
    AnyCall::Catalogue(Call::Propose { code: text("A-1"), change })
}

fn ask(story: &Story, query: Query) -> View {
    let query = AnyQuery::Catalogue(query);
    match story.ask(|state| query.answer(state)).expect("a query of records never stops") {
        AnyView::Catalogue(view) => view,
        other => panic!("expected a view of the catalogue, found {other:?}"),
    }
}

fn proposal(story: &Story, number: u32) -> Option<Proposal> {
    match ask(story, Query::Proposal { code: text("A-1"), number }) {
        View::Proposal { proposal } => proposal.map(|proposal| *proposal),
        other => panic!("expected a proposal, found {other:?}"),
    }
}

fn open(story: &Story) -> Vec<u32> {
    match ask(story, Query::OpenProposals { code: text("A-1") }) {
        View::OpenProposals { numbers } => numbers.into_vec(),
        other => panic!("expected numbers, found {other:?}"),
    }
}

fn published(story: &Story, number: u32) -> Option<Version> {
    match ask(story, Query::Version { code: text("A-1"), version: Some(number) }) {
        View::Version { version } => version.map(|version| *version),
        other => panic!("expected a version, found {other:?}"),
    }
}

/// Approves a proposal as it stands there.
fn approve(story: &Story, number: u32) -> AnyCall {
    let digest = proposal(story, number).expect("it was proposed").digest;
    approve_as(number, digest)
}

fn approve_as(number: u32, digest: Digest) -> AnyCall {
    AnyCall::Catalogue(Call::Approve { code: text("A-1"), number, digest })
}

fn reject(number: u32) -> AnyCall {
    AnyCall::Catalogue(Call::Reject { code: text("A-1"), number, reason: text("与法律不符") })
}

#[test]
fn where_four_eyes_are_wanted_one_proposes_and_another_approves() {
    let mut story = careful_city();
    let (one, other) = (Who::FoodReviewer, Who::FoodInspector);
    tell(
        &mut story,
        &[
            (one, publish_as("A-1", 1, &good()), FOUR_EYES),                     // I8
            (Who::Editor, publish_as("A-1", 1, &good()), FOUR_EYES), // I8: not for the office that keeps the catalogue, either
            (Who::Editor, propose(version(1)), "catalogue.not_person"), // I8
            (Who::AirReviewer, propose(version(1)), "catalogue.outside_office"), // I7
            (one, propose(version(2)), "catalogue.version_not_next"), // I2
            (one, propose(Change::Resume {}), "catalogue.not_found"),
            (one, propose(version(1)), "Proposed"),
        ],
    );
    assert_eq!(published(&story, 1), None, "proposed is not published");
    let approval = approve(&story, 1);
    tell(
        &mut story,
        &[
            (one, approval.clone(), "catalogue.proposed_by_oneself"), // I8
            (Who::Editor, approval.clone(), "catalogue.not_person"),  // I8
            (Who::AirReviewer, approval.clone(), "catalogue.outside_office"), // I7
            (other, approve_as(1, Digest([1; 32])), "catalogue.digest_other"), // I8
            (other, approve_as(2, Digest([1; 32])), "catalogue.proposal_unknown"),
            (other, reject(2), "catalogue.proposal_unknown"),
            (other, approval.clone(), "Published"),
            (other, approval, "catalogue.proposal_settled"), // I9
            (one, reject(1), "catalogue.proposal_settled"),  // I9
        ],
    );
    let made = published(&story, 1).expect("it was approved");
    assert_eq!((made.publisher, made.proposal), (other.account(), Some(1)));
    let settled = proposal(&story, 1).expect("it stays (I9)");
    assert_eq!(settled.change, version(1), "what was approved is what was proposed");
    let settlement = settled.settlement.expect("it was approved");
    assert_eq!((settled.proposed_by, settlement.approved, settlement.by), (one.account(), true, other.account()));
    assert_eq!(open(&story), [0; 0]);
}

#[test]
fn suspension_resumption_and_retirement_take_two_as_well() {
    let mut story = careful_city();
    let (one, other) = (Who::FoodReviewer, Who::FoodInspector);
    tell(&mut story, &[(one, propose(version(1)), "Proposed")]);
    let mut line = approve(&story, 1);
    tell(&mut story, &[(other, line, "Published")]);
    for (number, direct, change, kind) in [
        (2, suspend("A-1"), Change::Suspend { reason: text("系统升级") }, "Suspended"),
        (3, resume("A-1"), Change::Resume {}, "Resumed"),
        (4, retire("A-1", LATER), Change::Retire { from: time(LATER), reason: text("法律修改") }, "Retired"),
    ] {
        tell(&mut story, &[(one, direct.clone(), FOUR_EYES), (Who::Editor, direct, FOUR_EYES)]); // I8
        tell(&mut story, &[(other, propose(change), "Proposed")]);
        line = approve(&story, number);
        tell(&mut story, &[(other, line.clone(), "catalogue.proposed_by_oneself"), (one, line, kind)]);
    }
    let silent = Change::Suspend { reason: text("") };
    let unexplained = AnyCall::Catalogue(Call::Reject { code: text("A-1"), number: 4, reason: text("") });
    tell(
        &mut story,
        &[
            (one, propose(silent), "catalogue.text_missing"),
            (one, unexplained, "catalogue.text_missing"),
            (one, propose(version(0)), "catalogue.version_zero"),
            (one, propose(version_of(2, &with(&[("/served", json!([]))]))), "catalogue.served_missing"), // I4
        ],
    );
}

#[test]
fn an_item_has_eight_open_proposals_and_each_is_settled_once() {
    let mut story = careful_city();
    let (one, other) = (Who::FoodReviewer, Who::FoodInspector);
    let lines: Vec<_> = (0..8).map(|_| (one, propose(version(1)), "Proposed")).collect();
    tell(&mut story, &lines);
    tell(
        &mut story,
        &[
            (other, propose(version(1)), "catalogue.too_many_proposals"), // I9
            (Who::AirReviewer, reject(3), "catalogue.outside_office"),    // I7
            (other, reject(3), "Rejected"),
            (other, propose(version(1)), "Proposed"),
            (one, reject(1), "Rejected"), // takes his own back
            (Who::Mayor, dismiss(MARKET, one), "Dismissed"),
            (one, reject(2), "Rejected"), // also when he is no officer any more
            (one, reject(9), "catalogue.outside_office"), // another's
        ],
    );
    assert_eq!(open(&story), [4, 5, 6, 7, 8, 9]);
    let settlement = proposal(&story, 3).expect("it stays (I9)").settlement.expect("it was rejected");
    assert_eq!((settlement.approved, settlement.by), (false, other.account()));
    let rejected = approve(&story, 3);
    tell(&mut story, &[(other, rejected, "catalogue.proposal_settled")]); // I9
}

#[test]
fn what_is_approved_could_still_be_proposed_and_done() {
    let mut story = careful_city();
    let (one, other) = (Who::FoodReviewer, Who::FoodInspector);
    tell(&mut story, &[(one, propose(version(1)), "Proposed"), (one, propose(version(1)), "Proposed")]);
    let (first, second) = (approve(&story, 1), approve(&story, 2));
    tell(
        &mut story,
        &[
            (Who::Admin, role(one, false), "RoleWithdrawn"),
            (other, first.clone(), LAPSED), // I8
            (Who::Admin, role(one, true), "RoleGranted"),
            (Who::Admin, suspend_account(one), "Suspended"),
            (other, first.clone(), LAPSED), // I8
            (Who::Admin, crate::recovery_stories::resume(one), "Resumed"),
            (Who::Mayor, dismiss(MARKET, one), "Dismissed"),
            (other, first.clone(), LAPSED), // I8
            (Who::Mayor, appoint(MARKET, one, &[]), "Appointed"),
            (other, first, "Published"),
            (other, second, "catalogue.version_not_next"), // I2: another one was approved meanwhile
        ],
    );
    let earlier = Change::Publish {
        version: 2,
        effective_from: Some(story.time().plus_millis(60_000)),
        item: definition(&good()),
    };
    tell(&mut story, &[(one, propose(earlier), "Proposed")]);
    story.wait_millis(120_000);
    let third = approve(&story, 3);
    tell(&mut story, &[(other, third, "catalogue.effective_earlier")]); // I3: nobody read it in time
}

/// An item is not led away from four eyes, nor to where they are wanted past them.
#[test]
fn the_department_that_leads_and_the_one_that_is_to_lead_are_both_asked() {
    let mut story = careful_city();
    let of_approval = {
        let mut item = with(&[("/department/code", json!(APPROVAL))]);
        for place in [0, 1, 3, 4] {
            item["flow"][place]["department"] = json!(APPROVAL);
        }
        item
    };
    tell(
        &mut story,
        &[
            (Who::Editor, publish_as("A-1", 1, &of_approval), "Published"),
            (Who::Editor, publish_as("A-1", 2, &good()), FOUR_EYES), // I8
            (Who::Mayor, appoint(GOVERNMENT, Who::FoodReviewer, &[]), "Appointed"),
            (Who::FoodReviewer, propose(version(2)), "Proposed"),
            (Who::Mayor, appoint(APPROVAL, Who::FoodInspector, &[]), "Appointed"),
        ],
    );
    let line = approve(&story, 1);
    tell(
        &mut story,
        &[
            (Who::FoodInspector, line, "Published"),
            (Who::Editor, publish_as("A-1", 3, &of_approval), FOUR_EYES), // I8
            // Whoever answers for a merged department decides how many eyes it takes.
            (Who::Mayor, change_department(MARKET, close(Some(CIVIL))), "DepartmentChanged"),
            (Who::Editor, suspend("A-1"), "Suspended"),
        ],
    );
}

#[test]
fn where_four_eyes_are_not_wanted_nothing_takes_two() {
    let mut story = city();
    tell(
        &mut story,
        &[
            (Who::Admin, role(Who::FoodReviewer, true), "RoleGranted"),
            (Who::Admin, role(Who::FoodInspector, true), "RoleGranted"),
            (Who::FoodReviewer, publish_as("A-1", 1, &good()), "Published"),
            (Who::FoodReviewer, suspend("A-1"), "Suspended"),
            (Who::FoodReviewer, propose(Change::Resume {}), "Proposed"), // and yet may
            (Who::FoodReviewer, resume("A-1"), "Resumed"),
        ],
    );
    assert_eq!(published(&story, 1).map(|version| version.proposal), Some(None));
    let line = approve(&story, 1);
    tell(&mut story, &[(Who::FoodInspector, line, "catalogue.not_suspended")]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever three publishers do, one of them in no office of the department: each version that comes to be was proposed by one of the two and
    /// approved by the other, and is what was proposed.
    #[test]
    fn nothing_is_published_by_one_alone(acts in proptest::collection::vec((0..3usize, 0..8u8, 1..5u32), 10..40)) {
        let mut story = careful_city();
        let band = [Who::FoodReviewer, Who::FoodInspector, Who::AirReviewer];
        for (who, act, number) in acts {
            let digest = proposal(&story, number).map_or(Digest([1; 32]), |proposal| proposal.digest);
            let mut item = good();
            item["name"] = json!(format!("小餐饮经营许可之{act}"));
            let call = match act {
                0 => publish_as("A-1", number, &item),
                1 | 2 => propose(version_of(number, &item)),
                3..=5 => approve_as(number, digest),
                6 => reject(number),
                _ => suspend("A-1"),
            };
            story.act(&band[who].key(), vec![call.to_bytes()]);
        }
        for number in 1.. {
            let Some(made) = published(&story, number) else { break };
            let source = made.proposal.and_then(|number| proposal(&story, number));
            let source = source.expect("each version has a proposal (I8)");
            let by = source.settlement.expect("it was approved").by;
            prop_assert!(by == made.publisher && by != source.proposed_by);
            prop_assert!(![by, source.proposed_by].contains(&Who::AirReviewer.account()));
            match source.change {
                Change::Publish { item, version, .. } => prop_assert!(*item == made.item && version == made.number),
                other => prop_assert!(false, "{:?}", other),
            }
        }
        let is_suspended = match ask(&story, Query::Item { code: text("A-1") }) {
            View::Item { entry } => entry.is_some_and(|entry| entry.suspension.is_some()),
            other => panic!("expected an item, found {other:?}"),
        };
        prop_assert!(!is_suspended, "nobody has proposed that");
    }
}
