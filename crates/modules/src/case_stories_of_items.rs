//! Stories of cases: what an item says of those who apply, of commitments, and of limits that a law of its own sets.

use crate::cards::Card;
use crate::case_records::Subject;
use crate::case_states::Stage;
use crate::case_test_cast::*;
use crate::cases::Application;
use crate::identity::{self, AgentAct, AssuranceLevel};
use crate::items::SensitiveMatter;
use crate::licence_test_cast::{content, issue_with, period};
use crate::licences::Content;
use crate::test_cast::{POLICE, Who, code, pseudonym_of, tell, text, time};
use crate::{Call as AnyCall, representation};
use serde_json::{Value as Json, json};
use strum::IntoEnumIterator as _;
use tongban_kernel::testing::Story;
use tongban_types::Digest;
use tongban_types::codes::DocumentKind;

const LOW: &str = "cases.assurance_too_low";

fn bind_at(who: Who, level: AssuranceLevel) -> AnyCall {
    AnyCall::Identity(identity::Call::BindPerson {
        department: code(POLICE),
        account: who.account(),
        kind: DocumentKind::RESIDENT_IDENTITY_CARD,
        pseudonym: pseudonym_of(who),
        level,
        issued_by: None,
        papers: Digest([7; 32]),
    })
}

/// The restaurant's item with another value at a place.
fn restaurant_with(place: &str, value: Json) -> Json {
    let mut item = restaurant();
    let (front, field) = place.rsplit_once('/').expect("a place begins with /");
    item.pointer_mut(front).expect("a place of the item")[field] = value;
    item
}

#[test]
fn who_applies_is_known_as_surely_as_the_item_asks() {
    use AssuranceLevel::{L1, L2, L3};
    let mut unsaid = restaurant();
    unsaid.as_object_mut().expect("an object").remove("assurance");
    let with = |assurance: &str| restaurant_with("/assurance", json!(assurance));
    for (item, level, outcome) in [
        (with("none"), None, "Filed"),
        (unsaid.clone(), None, LOW), // bound at any level, where the item does not say
        (unsaid, Some(L1), "Filed"),
        (with("l1"), None, LOW),
        (with("l1"), Some(L1), "Filed"),
        (with("l2"), Some(L1), LOW),
        (with("l2"), Some(L2), "Filed"),
        (with("l3"), Some(L2), LOW),
        (with("l3"), Some(L3), "Filed"),
    ] {
        let mut story = town();
        tell(&mut story, &[(Who::Editor, publish(RESTAURANT, 2, &item), "Published")]);
        if let Some(level) = level {
            tell(&mut story, &[(Who::IdentityOfficer, bind_at(Who::Zhang, level), "PersonBound")]);
        }
        tell(&mut story, &[(Who::Zhang, file(application()), outcome)]);
    }
}

/// A newer version that asks for more takes no case over of one who is not known so surely: he has applied under another.
#[test]
fn a_newer_version_that_asks_for_more_takes_no_case_of_the_unknown_over() {
    for (assurance, runs_by) in [("l2", 1), ("l1", 2)] {
        let mut story = town();
        tell(&mut story, &[(Who::IdentityOfficer, bind_at(Who::Zhang, AssuranceLevel::L1), "PersonBound")]);
        let case = received(&mut story, application());
        let item = restaurant_with("/assurance", json!(assurance));
        tell(
            &mut story,
            &[(Who::Editor, publish(RESTAURANT, 2, &item), "Published"), (Who::Acceptor, accept(&case), "Accepted")],
        );
        assert_eq!(record(&story, &case).item.version, runs_by, "{assurance}");
    }
}

#[test]
fn an_agent_and_his_principal_are_both_known() {
    use AssuranceLevel::{L1, L2, L3};
    for (principal, agent, outcome) in [(L1, L3, LOW), (L3, L1, LOW), (L2, L2, "Filed")] {
        let mut story = town();
        let mandate = representation::Mandate {
            items: Some(list(&[text(RESTAURANT)])),
            acts: Some(list(&[AgentAct::File])),
            from: None,
            until: time("2026-06-01T00:00:00Z"),
        };
        let name = AnyCall::Representation(representation::Call::NameAgent {
            principal: Who::Zhang.account(),
            agent: Who::Li.account(),
            mandate,
        });
        tell(
            &mut story,
            &[
                (Who::Editor, publish(RESTAURANT, 2, &restaurant_with("/assurance", json!("l2"))), "Published"),
                (Who::IdentityOfficer, bind_at(Who::Zhang, principal), "PersonBound"),
                (Who::IdentityOfficer, bind_at(Who::Li, agent), "PersonBound"),
                (Who::Zhang, name, "AgentNamed"),
                (Who::Li, file(application()), outcome),
            ],
        );
    }
}

#[test]
fn no_commitment_stands_where_the_matter_or_the_item_excludes_it() {
    let promised = Application { materials: list(&[promise(0)]), ..notice_application() };
    let outcome = |item: &Json, outcome: &str| {
        let mut story = town();
        tell(
            &mut story,
            &[(Who::Editor, publish(NOTICE_CODE, 2, item), "Published"), (Who::Zhang, file(promised.clone()), outcome)],
        );
    };
    outcome(&notice(), "Filed");
    for (by_commitment, expected) in [(Some(true), "Filed"), (Some(false), "cases.may_not_be_promised")] {
        let mut item = notice();
        item["materials"][0]["by_commitment"] = json!(by_commitment);
        outcome(&item, expected);
    }
    for matter in SensitiveMatter::iter() {
        let mut item = notice();
        item["sensitive"] = json!([matter]);
        outcome(&item, "cases.may_not_be_promised");
    }
}

/// An item that one department handles, as a registration of real estate.
fn registration() -> Json {
    let mut item = notice();
    item["item_type"] = json!("confirmation");
    item["clocks"]["acceptance_days"] = json!(0);
    item["clocks"]["statutory"]["days"] = json!(30);
    item["clocks"]["statutory_clock"] = json!("real_estate_registration");
    item
}

/// 不动产登记暂行条例 第十七条: who is not refused on the spot is accepted; other items have five days for that.
#[test]
fn a_registration_of_real_estate_is_accepted_by_the_end_of_the_day_and_never_extended() {
    let mut story = town();
    tell(&mut story, &[(Who::Editor, publish(NOTICE_CODE, 2, &registration()), "Published")]);
    let case = received(&mut story, notice_application());
    let (waiting, _) = why(&story, &case);
    let until = waiting.expect("it waits for its acceptance").deadline;
    assert_eq!(until.at, time("2026-01-02T00:00:00+08:00"), "the end of Thursday, 1 January");
    let names = pass_days(&mut story, 1);
    assert_eq!(count(&names, "Accepted"), 1, "{names:?}");
    assert_eq!(stage(&story, &case), Stage::Accepted);
    let clock = record(&story, &case).statutory.expect("a clock");
    let deadline = story.ask(|state| Ok(clock.deadline(state)?)).expect("a clock is reckoned").expect("it runs");
    assert_eq!(deadline.at, time("2026-02-13T00:00:00+08:00"), "30 working days behind Thursday, 1 January");
    tell(&mut story, &[(Who::Head, extend(&case, 1), "cases.extension_days")]);
    let mut story = town();
    let general = received(&mut story, notice_application());
    pass_days(&mut story, 1);
    assert_eq!(stage(&story, &general), Stage::Received);
    pass_days(&mut story, 8);
    assert_eq!(stage(&story, &general), Stage::Accepted, "five working days later");
    tell(&mut story, &[(Who::Head, extend(&general, 10), "Extended")]);
}

/// 行政许可法 第四十三条: the step of a lower body has a limit by law besides its own days, and shows red behind it.
#[test]
fn a_first_review_shows_a_red_card_behind_its_own_limit_of_law() {
    let mut item = restaurant();
    item["flow"][2]["first_review"] = json!({ "statutory_days": 6 });
    for (item, is_first_review) in [(restaurant(), false), (item, true)] {
        let mut story = town();
        tell(&mut story, &[(Who::Editor, publish(RESTAURANT, 2, &item), "Published")]);
        let case = accepted(&mut story, application());
        let shown = |story: &Story| {
            let cards = record(story, &case).cards;
            cards.iter().filter(|card| card.subject == Subject::Step(2)).map(|card| card.card).max()
        };
        pass_days(&mut story, 8); // Friday, 9 January: its five days are over, the sixth is not
        assert_eq!(shown(&story), Some(Card::Yellow));
        pass_days(&mut story, 3); // Monday
        assert_eq!(shown(&story), Some(if is_first_review { Card::Red } else { Card::Yellow }));
    }
}

/// 行政许可法 第五十条: thirty days before the end, where no other rule says otherwise. Who comes later is served, and silence renews nothing.
#[test]
fn how_long_before_the_end_a_renewal_counts_is_a_matter_of_the_item() {
    let basis = json!({ "law": "取水许可和水资源费征收管理条例", "article": "第二十五条" });
    // The licence ends 39 days and 16 hours after it is applied for.
    for (days, is_in_time) in [(None, true), (Some(39), true), (Some(40), false), (Some(45), false)] {
        let mut story = town();
        let short = period("2026-01-01T00:00:00+08:00", "2026-02-10T00:00:00+08:00");
        let licensed = issue_with(licence("MINE"), Who::Zhang, Content { period: short, ..content() });
        let rule = days.map(|days| json!({ "days": days, "basis": basis }));
        let item = restaurant_with("/clocks/renewal", json!(rule));
        tell(
            &mut story,
            &[(Who::Issuer, licensed, "Issued"), (Who::Editor, publish(RESTAURANT, 2, &item), "Published")],
        );
        let case = filed(&mut story, Application { renews: Some(licence("MINE")), ..application() });
        assert_eq!(record(&story, &case).renewal.is_some(), is_in_time, "{days:?}");
    }
}
