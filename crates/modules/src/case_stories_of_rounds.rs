//! Stories of cases: what is sent back, corrected or extended begins anew, and earns cards of its own.

use crate::cards::Card;
use crate::case_records::Subject;
use crate::case_test_cast::*;
use crate::cases::Application;
use crate::test_cast::{Who, tell};
use tongban_kernel::testing::Story;
use tongban_types::codes::CaseNumber;

/// The cards that a case keeps of a subject, one for each round.
fn cards(story: &Story, case: &CaseNumber, subject: Subject) -> Vec<Card> {
    record(story, case).cards.iter().filter(|card| card.subject == subject).map(|card| card.card).collect()
}

#[test]
fn a_step_that_is_sent_back_earns_its_own_card_in_each_round() {
    let mut story = town();
    let case = accepted(&mut story, Application { facts: facts(200, true, true), ..application() });
    pass_days(&mut story, 9);
    assert_eq!(cards(&story, &case, Subject::Step(2)), [Card::Yellow], "five working days are over");
    tell(
        &mut story,
        &[
            (Who::FoodReviewer, finish(&case, "食品审查"), "StepFinished"),
            (Who::FoodInspector, reject(&case, "现场核查"), "StepFinished"), // back to the review
        ],
    );
    assert_eq!(cards(&story, &case, Subject::Step(2)), [Card::Yellow], "the second round has only begun");
    pass_days(&mut story, 9);
    assert_eq!(cards(&story, &case, Subject::Step(2)), [Card::Yellow, Card::Yellow]);
    let rounds: Vec<_> = record(&story, &case).cards.iter().map(|card| (card.subject, card.round_since)).collect();
    let of_step: Vec<_> = rounds.iter().filter(|(subject, _)| *subject == Subject::Step(2)).collect();
    assert!(of_step[0].1 < of_step[1].1, "{of_step:?}");
}

#[test]
fn what_was_corrected_is_accepted_in_days_of_its_own() {
    let mut story = town();
    let case = received(&mut story, application());
    pass_days(&mut story, 4);
    assert_eq!(cards(&story, &case, Subject::Acceptance), [Card::Yellow], "the last of two working days");
    tell(
        &mut story,
        &[
            (Who::Acceptor, ask_correction(&case, &[1]), "CorrectionAsked"),
            (Who::Zhang, supplement(&case, &[paper(1)]), "Supplemented"),
        ],
    );
    pass_days(&mut story, 2);
    assert_eq!(cards(&story, &case, Subject::Acceptance), [Card::Yellow, Card::Yellow]);
}

#[test]
fn an_extension_begins_a_round_and_mends_no_broken_promise() {
    let mut story = town();
    let case = accepted(&mut story, application());
    pass_days(&mut story, 21);
    assert_eq!(cards(&story, &case, Subject::Decision), [Card::Yellow], "the last day of the promise");
    let mut late = story.clone();
    tell(&mut story, &[(Who::Head, extend(&case, 5), "Extended")]);
    pass_days(&mut story, 5);
    assert_eq!(cards(&story, &case, Subject::Decision), [Card::Yellow], "five more days, and none of them near");
    pass_days(&mut story, 3);
    assert_eq!(cards(&story, &case, Subject::Decision), [Card::Yellow, Card::Yellow]);
    pass_days(&mut late, 2);
    tell(&mut late, &[(Who::Head, extend(&case, 5), "Extended")]);
    pass_days(&mut late, 5);
    assert_eq!(cards(&late, &case, Subject::Decision), [Card::Yellow], "a promise is broken once");
    pass_days(&mut late, 10);
    assert_eq!(cards(&late, &case, Subject::Decision), [Card::Yellow, Card::Red], "the law's days were extended");
}

#[test]
fn a_stop_of_the_clock_begins_no_round() {
    let mut story = town();
    let case = accepted(&mut story, application());
    pass_days(&mut story, 9);
    let before = cards(&story, &case, Subject::Step(2));
    let until = story.time().plus_millis(2 * DAY_MILLIS);
    tell(&mut story, &[(Who::FoodReviewer, stop(&case, "食品审查", until), "ClockStopped")]);
    pass_days(&mut story, 9);
    assert_eq!((before, cards(&story, &case, Subject::Step(2))), (vec![Card::Yellow], vec![Card::Yellow]));
}
