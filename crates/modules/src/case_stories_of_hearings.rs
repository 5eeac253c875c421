//! Stories of hearings before a decision.

use crate::case_hearings::ASK_DAYS;
use crate::case_papers::PaperKind;
use crate::case_reasons::{Cause, Owner, StepCause};
use crate::case_states::Stage;
use crate::case_test_cast::*;
use crate::cases::Call;
use crate::clocks::Phase;
use crate::test_cast::{APPROVAL, GOVERNMENT, TERM_END, Who, grant, tell, text};
use crate::working_days::after_working_days;
use serde_json::json;
use tongban_kernel::Role;
use tongban_kernel::testing::Story;
use tongban_types::Time;
use tongban_types::codes::CaseNumber;

/// A case that is to be decided, and somebody who can preside over a hearing about it.
fn to_decide(story: &mut Story) -> CaseNumber {
    tell(story, &[(Who::Mayor, grant(APPROVAL, Who::Trainee, Role::Reviewer, None, TERM_END), "Granted")]);
    let case = accepted(story, application());
    finish_reviews(story, &case);
    case
}

fn in_days(story: &Story, days: u64) -> Time {
    story.time().plus_millis(days * DAY_MILLIS)
}

fn stands_still(story: &Story, case: &CaseNumber) -> bool {
    let clock = record(story, case).statutory.expect("it was accepted");
    matches!(clock.phase(), Phase::Stopped { .. })
}

/// Why a case waits, by whom, and what he has to do.
fn waits(story: &Story, case: &CaseNumber) -> (Cause, Owner, String) {
    let waiting = why(story, case).0.expect("it waits");
    (waiting.cause, waiting.owner, waiting.next.to_string())
}

fn hearing(is_to_be_held: bool, at: Option<Time>) -> Cause {
    Cause::Hearing { is_to_be_held, at }
}

#[test]
fn a_hearing_that_is_asked_for_is_held_before_the_decision() {
    let mut story = town();
    let case = to_decide(&mut story);
    let (soon, date, late) = (in_days(&story, 5), in_days(&story, 16), in_days(&story, 60));
    let twice = of(Call::TellHearing {
        case: case.clone(),
        step: text("决定"),
        parties: list(&[Who::Li.account(), Who::Li.account()]),
        notice: PAPER,
    });
    let elsewhere =
        of(Call::TellHearing { case: case.clone(), step: text("受理"), parties: list(&[]), notice: PAPER });
    tell(
        &mut story,
        &[
            (Who::Mayor, grant(APPROVAL, Who::Trainee, Role::Approver, None, TERM_END), "Granted"),
            (Who::Trainee, elsewhere, "cases.other_call"),
            (Who::Zhang, answer_hearing(&case, Who::Zhang, true), "cases.hearing_untold"),
            (Who::Approver, arrange_hearing(&case, date), "cases.hearing_untold"),
            (Who::Trainee, record_hearing(&case), "cases.hearing_untold"),
            (Who::Checker, tell_hearing(&case, &[Who::Li]), "tx.denied"),
            (Who::Zhang, tell_hearing(&case, &[Who::Li]), "tx.denied"),
            (Who::Approver, tell_hearing(&case, &[Who::Zhang]), "cases.hearing_parties"),
            (Who::Approver, tell_hearing(&case, &[Who::Stranger]), "cases.hearing_parties"),
            (Who::Approver, twice, "cases.hearing_parties"),
            (Who::Approver, tell_hearing(&case, &[Who::Li]), "HearingTold"),
            (Who::Approver, tell_hearing(&case, &[Who::Li]), "cases.hearing_told"),
            (Who::Approver, decide(&case), "cases.hearing_open"), // I19
            (Who::Approver, refuse(&case), "cases.hearing_open"), // I19
        ],
    );
    let of_zhang = Owner::Applicant { account: Who::Zhang.account() };
    assert_eq!(waits(&story, &case), (hearing(false, None), of_zhang, "answer_hearing".into()));
    let steps = why(&story, &case).1;
    assert_eq!(steps[0].cause, StepCause::Hearing { is_to_be_held: false, at: None });
    assert!(!stands_still(&story, &case));
    tell(
        &mut story,
        &[
            (Who::Zhang, answer_hearing(&case, Who::Li, true), "cases.no_capacity"),
            (Who::Mayor, answer_hearing(&case, Who::Mayor, true), "cases.not_heard"),
            (Who::Zhang, answer_hearing(&case, Who::Zhang, false), "HearingAnswered"),
            (Who::Zhang, answer_hearing(&case, Who::Zhang, true), "cases.hearing_answered"),
        ],
    );
    let of_li = Owner::Party { account: Who::Li.account() };
    assert_eq!(waits(&story, &case), (hearing(false, None), of_li, "answer_hearing".into()));
    tell(&mut story, &[(Who::Li, answer_hearing(&case, Who::Li, true), "HearingAnswered")]);
    assert!(stands_still(&story, &case), "the days of the hearing are not counted");
    let (cause, owner, next) = waits(&story, &case);
    assert_eq!((cause, next.as_str()), (hearing(true, None), "arrange_hearing"));
    assert!(matches!(owner, Owner::Office { role: Role::Approver, .. }), "{owner:?}");
    tell(
        &mut story,
        &[
            (Who::Approver, decide(&case), "cases.hearing_open"), // I19
            (Who::Checker, arrange_hearing(&case, date), "tx.denied"),
            (Who::Approver, arrange_hearing(&case, soon), "cases.hearing_date"),
            (Who::Approver, arrange_hearing(&case, late), "cases.hearing_date"),
            (Who::Trainee, record_hearing(&case), "cases.hearing_ahead"),
            (Who::Approver, arrange_hearing(&case, date), "HearingArranged"),
            (Who::Trainee, record_hearing(&case), "cases.hearing_ahead"),
        ],
    );
    let (cause, owner, next) = waits(&story, &case);
    assert_eq!((cause, next.as_str()), (hearing(true, Some(date)), "record_hearing"));
    assert!(matches!(owner, Owner::Office { role: Role::Reviewer, post: None, .. }), "{owner:?}");
    let not_before = |story: &Story| {
        let (whole, steps) = why(story, &case);
        [whole.expect("it waits").not_before, steps[0].not_before]
    };
    assert_eq!(not_before(&story), [Some(date); 2], "until then one waits");
    pass_days(&mut story, 17);
    assert_eq!(not_before(&story), [None; 2]);
    assert_eq!(
        by_robot(&mut story, Call::RecordHearing { case: case.clone(), step: text("决定"), record: PAPER }),
        "cases.person_needed"
    ); // I8
    tell(
        &mut story,
        &[
            (Who::Checker, record_hearing(&case), "cases.same_officer"), // I19: he has reviewed it
            (Who::Approver, record_hearing(&case), "tx.denied"),
            (Who::Trainee, record_hearing(&case), "HearingRecorded"),
            (Who::Trainee, record_hearing(&case), "cases.hearing_held"),
            (Who::Approver, arrange_hearing(&case, late), "cases.hearing_held"),
        ],
    );
    let kinds: Vec<_> = record(&story, &case).papers.iter().map(|paper| paper.kind).collect();
    assert_eq!(kinds, [PaperKind::Acceptance, PaperKind::HearingRight, PaperKind::HearingNotice]); // I22
    assert!(!stands_still(&story, &case));
    tell(&mut story, &[(Who::Approver, decide(&case), "Decided")]);
    let held = record(&story, &case).hearing.and_then(|hearing| hearing.held).expect("it stays on record");
    assert_eq!((held.record, held.by.account), (PAPER, Who::Trainee.account()));
    assert_eq!(stage(&story, &case), Stage::Granted);
}

#[test]
fn a_hearing_for_which_nobody_asks_keeps_no_decision_waiting() {
    let mut story = town();
    let case = to_decide(&mut story);
    let (silent, waived) = (case.clone(), accepted(&mut story, application()));
    finish_reviews(&mut story, &waived);
    tell(
        &mut story,
        &[
            (Who::Approver, tell_hearing(&silent, &[Who::Li]), "HearingTold"),
            (Who::Approver, tell_hearing(&waived, &[]), "HearingTold"),
            (Who::Zhang, answer_hearing(&waived, Who::Zhang, false), "HearingAnswered"),
            (Who::Approver, decide(&waived), "Decided"), // all do without it
            (Who::Approver, decide(&silent), "cases.hearing_open"), // I19
        ],
    );
    let told_at = record(&story, &silent).hearing.expect("it was told").told.at;
    let until = story.ask(|state| Ok(after_working_days(state, told_at, ASK_DAYS)?.at)).expect("a calendar");
    assert_eq!(why(&story, &silent).0.expect("it waits").deadline.at, until);
    pass_days(&mut story, 9);
    assert_eq!(waits(&story, &silent).2, "decide");
    tell(
        &mut story,
        &[
            (Who::Li, answer_hearing(&silent, Who::Li, true), "cases.hearing_late"),
            (Who::Approver, decide(&silent), "Decided"),
        ],
    );
}

#[test]
fn a_body_holds_a_hearing_by_itself_and_one_that_is_late_holds_up_no_clock() {
    let mut story = town();
    let case = to_decide(&mut story);
    let date = in_days(&story, 16);
    tell(
        &mut story,
        &[
            (Who::Approver, tell_hearing(&case, &[]), "HearingTold"),
            (Who::Approver, arrange_hearing(&case, date), "HearingArranged"),
            (Who::Approver, decide(&case), "cases.hearing_open"), // I19
        ],
    );
    assert!(stands_still(&story, &case));
    let brought = pass_days(&mut story, 40);
    assert_eq!(count(&brought, "ClockResumed"), 1, "{brought:?}");
    assert!(!stands_still(&story, &case), "after the law's 20 working days it goes on"); // I5
    assert!(why(&story, &case).0.expect("it waits").is_late);
    let much_later = in_days(&story, 43);
    tell(
        &mut story,
        &[
            (Who::Approver, decide(&case), "cases.hearing_open"), // I19: late, and held all the same
            (Who::Approver, arrange_hearing(&case, much_later), "cases.hearing_date"),
        ],
    );
    tell(&mut story, &[(Who::Trainee, record_hearing(&case), "HearingRecorded")]);
    tell(&mut story, &[(Who::Approver, decide(&case), "Decided")]);
}

#[test]
fn an_item_may_want_everybody_to_be_told_of_a_hearing() {
    let mut story = town();
    let mut item = restaurant();
    item["flow"][7]["hearing_right"] = json!(true);
    tell(&mut story, &[(Who::Editor, publish(RESTAURANT, 2, &item), "Published")]);
    let case = to_decide(&mut story);
    let (_, owner, next) = waits(&story, &case);
    assert_eq!(next, "tell_hearing");
    assert!(matches!(owner, Owner::Office { role: Role::Approver, .. }), "{owner:?}");
    tell(
        &mut story,
        &[
            (Who::Approver, decide(&case), "cases.hearing_untold"), // I19
            (Who::Approver, refuse(&case), "cases.hearing_untold"), // I19
            (Who::Approver, tell_hearing(&case, &[]), "HearingTold"),
            (Who::Zhang, answer_hearing(&case, Who::Zhang, false), "HearingAnswered"),
            (Who::Approver, refuse(&case), "Decided"),
            (Who::Issuer, deliver(&case, None), "Delivered"),
            (Who::Issuer, close(&case), "Closed"),
            (Who::Zhang, appeal(&case), "Appealed"),
            (Who::SecondApprover, decide_appeal(&case, true), "AppealDecided"),
            (Who::SecondApprover, reconsider(&case), "Reconsidered"),
            (Who::SecondApprover, decide(&case), "cases.hearing_untold"), // I19: a decision taken anew has its own
        ],
    );
}

#[test]
fn who_reviewed_in_an_earlier_round_does_not_preside() {
    let mut story = town();
    let case = accepted(&mut story, application());
    tell(
        &mut story,
        &[
            (Who::Checker, reject(&case, "核验"), "StepFinished"), // back to its acceptance
            (Who::Acceptor, accept(&case), "Accepted"),
        ],
    );
    let passes = Call::FinishStep { case: case.clone(), step: text("核验"), passed: true, opinion: None };
    assert_eq!(by_robot(&mut story, passes), "StepFinished");
    let rest: Vec<_> = REVIEWS[1..].iter().map(|(who, step)| (*who, finish(&case, step), "StepFinished")).collect();
    tell(&mut story, &rest);
    let date = in_days(&story, 16);
    tell(
        &mut story,
        &[
            (Who::Approver, tell_hearing(&case, &[]), "HearingTold"),
            (Who::Approver, arrange_hearing(&case, date), "HearingArranged"),
        ],
    );
    pass_days(&mut story, 17);
    tell(&mut story, &[(Who::Checker, record_hearing(&case), "cases.same_officer")]); // I19
}

#[test]
fn a_hearing_ends_no_other_procedure_of_its_step() {
    let mut story = town();
    let case = to_decide(&mut story);
    let (date, until) = (in_days(&story, 16), in_days(&story, 60));
    tell(
        &mut story,
        &[
            (Who::Mayor, grant(APPROVAL, Who::SecondApprover, Role::Reviewer, None, TERM_END), "Granted"),
            (Who::SecondApprover, stop(&case, "决定", until), "ClockStopped"),
            (Who::Approver, tell_hearing(&case, &[]), "HearingTold"),
            (Who::Approver, arrange_hearing(&case, date), "HearingArranged"),
        ],
    );
    pass_days(&mut story, 17);
    tell(
        &mut story,
        &[
            (Who::SecondApprover, record_hearing(&case), "HearingRecorded"),
            (Who::SecondApprover, decide(&case), "cases.four_eyes"), // I19: who presided
        ],
    );
    assert!(stands_still(&story, &case), "the test goes on"); // I5
    tell(&mut story, &[(Who::Approver, decide(&case), "Decided")]);
}

#[test]
fn a_higher_body_tells_of_a_hearing_of_its_own() {
    let mut story = town();
    let case = accepted(&mut story, application());
    tell(
        &mut story,
        &[
            (Who::Checker, finish(&case, "核验"), "StepFinished"),
            (Who::FoodReviewer, finish(&case, "食品审查"), "StepFinished"),
            (Who::SignReviewer, finish(&case, "招牌审查"), "StepFinished"),
            (Who::AirReviewer, reject(&case, "油烟审查"), "StepFinished"), // the decision can only be a refusal
            (Who::Approver, tell_hearing(&case, &[]), "HearingTold"),
            (Who::Zhang, answer_hearing(&case, Who::Zhang, true), "HearingAnswered"),
            (Who::Approver, forward(&case, GOVERNMENT), "Forwarded"),
        ],
    );
    assert_eq!(record(&story, &case).hearing, None); // I19: it has told nobody, and its clock runs for no hearing
}

#[test]
fn withdrawn_with_its_hearing_a_case_waits_for_nothing() {
    let mut story = town();
    let case = to_decide(&mut story);
    tell(
        &mut story,
        &[
            (Who::Approver, tell_hearing(&case, &[Who::Li]), "HearingTold"),
            (Who::Li, answer_hearing(&case, Who::Li, true), "HearingAnswered"),
            (Who::Zhang, withdraw(&case), "Ended"),
            (Who::Li, answer_hearing(&case, Who::Li, true), "cases.wrong_stage"), // I9
        ],
    );
    assert!(record(&story, &case).procedures.iter().all(|procedure| procedure.ended_at.is_some()));
    assert_eq!(why(&story, &case).0, None);
}
