//! Stories of papers: their numbers, what a higher body has of its own, what stays on record of revocations, and where ratings come from.

use crate::case_papers::{FORMER_REVOCATIONS_MAX, PAPERS_MAX, PaperKind};
use crate::case_ratings::{RatingChannel, RatingSource};
use crate::case_records::{BROKEN_PROMISES_MAX, BrokenPromise, BrokenPromises, RatingLevel};
use crate::case_sources::AnswerSources;
use crate::case_states::Stage;
use crate::case_stories_of_steps::higher_body;
use crate::case_test_cast::*;
use crate::cases::{self, Application, Call, Event, Ruling};
use crate::offices::DepartmentCode;
use crate::test_cast::{APPROVAL, GOVERNMENT, MARKET, Who, code, tell, text};
use crate::{Query as AnyQuery, View as AnyView};
use tongban_kernel::testing::Story;
use tongban_types::{List, Text, Time};

/// The papers of a case: of which department, what, and the place in the year.
fn papers(story: &Story, case: &tongban_types::codes::CaseNumber) -> Vec<(DepartmentCode, PaperKind, u64)> {
    record(story, case).papers.iter().map(|paper| (paper.department, paper.kind, paper.sequence)).collect()
}

#[test]
fn each_paper_has_a_number_of_its_own() {
    let mut story = town();
    let until = story.time().plus_millis(3 * DAY_MILLIS);
    let first = filed(&mut story, Application { materials: list(&[electronic(0)]), ..application() });
    let second = received(&mut story, application());
    let third = received(&mut story, application());
    tell(
        &mut story,
        &[
            (Who::Receiver, receive(&first), "Received"),
            (Who::Acceptor, ask_correction(&first, &[1, 3]), "CorrectionAsked"),
            (Who::Zhang, supplement(&first, &[paper(1), paper(3)]), "Supplemented"),
            (Who::Acceptor, accept(&first), "Accepted"),
            (Who::FoodReviewer, stop(&first, "食品审查", until), "ClockStopped"),
            (Who::FoodReviewer, resume(&first, "食品审查"), "ClockResumed"),
            (Who::Head, extend(&first, 5), "Extended"),
            (Who::Acceptor, accept(&second), "Accepted"),
            (Who::Acceptor, refuse_acceptance(&third), "AcceptanceRefused"),
        ],
    );
    finish_reviews(&mut story, &first);
    finish_reviews(&mut story, &second);
    tell(
        &mut story,
        &[
            (Who::Approver, decide(&first), "Decided"),
            (Who::Approver, refuse(&second), "Decided"),
            (Who::Checker, propose_revocation(&first), "RevocationProposed"),
            (Who::SecondApprover, decide_revocation(&first, true), "RevocationDecided"),
            (Who::Zhang, appeal(&first), "Appealed"),
            (Who::Approver, decide_appeal(&first, false), "AppealDecided"),
        ],
    );
    let (approval, market) = (code(APPROVAL), code(MARKET));
    assert_eq!(
        papers(&story, &first),
        [
            (approval, PaperKind::Correction, 1),
            (approval, PaperKind::Acceptance, 1),
            (market, PaperKind::Procedure, 1), // by the department whose step it is
            (approval, PaperKind::Extension, 1),
            (approval, PaperKind::Grant, 1),
            (approval, PaperKind::Revocation, 1),
            (approval, PaperKind::AppealDecision, 1),
        ]
    );
    assert_eq!(papers(&story, &second), [(approval, PaperKind::Acceptance, 2), (approval, PaperKind::Refusal, 1)]);
    assert_eq!(papers(&story, &third), [(approval, PaperKind::AcceptanceRefusal, 1)]);
    let number = paper_number(&story, &second, PaperKind::Acceptance).expect("it was accepted");
    assert_eq!((number.year, number.sequence), (2026, 2)); // I22
    let found = paper_of(&story, number).expect("it was given");
    assert_eq!(
        (found.case, found.at),
        (second.clone(), record(&story, &second).acceptance.expect("accepted").counts_from)
    );
    let nobody = crate::case_papers::PaperNumber { sequence: 3, ..number };
    assert_eq!(paper_of(&story, nobody), None);
}

#[test]
fn the_event_names_the_number_and_a_new_year_begins_at_one() {
    let mut story = town();
    let accepted_as = |story: &mut Story| {
        let case = received(story, notice_application());
        let Event::Accepted { paper, gap_paper, .. } =
            event_of(story, Who::Acceptor, Call::Accept { case: case.clone() })
        else {
            panic!("expected an acceptance")
        };
        assert_eq!((paper, gap_paper), (paper_number(story, &case, PaperKind::Acceptance), None));
        paper.map(|paper| (paper.year, paper.sequence))
    };
    assert_eq!(accepted_as(&mut story), Some((2026, 1)));
    assert_eq!(accepted_as(&mut story), Some((2026, 2)));
    story.wait_millis(365 * DAY_MILLIS);
    assert_eq!(accepted_as(&mut story), Some((2027, 1)));
}

#[test]
fn silence_gives_no_paper_and_every_other_end_does() {
    let mut story = town();
    let silent = received(&mut story, notice_application());
    let withdrawn = received(&mut story, notice_application());
    let terminated = accepted(&mut story, notice_application());
    tell(
        &mut story,
        &[
            (Who::Zhang, withdraw(&withdrawn), "Ended"),
            (Who::Acceptor, propose_termination(&terminated), "TerminationProposed"),
            (Who::Approver, terminate(&terminated), "Ended"),
        ],
    );
    let returned = received(&mut story, Application { materials: list(&[]), ..notice_application() });
    tell(&mut story, &[(Who::Acceptor, ask_correction(&returned, &[0]), "CorrectionAsked")]);
    assert_eq!(count(&pass_days(&mut story, 30), "Accepted"), 1);
    tell(&mut story, &[(Who::Acceptor, give_back(&returned), "Ended")]);
    let kinds = |case| papers(&story, case).into_iter().map(|(_, kind, _)| kind).collect::<Vec<_>>();
    assert!(kinds(&silent).is_empty() && kinds(&withdrawn).is_empty());
    assert_eq!(kinds(&terminated), [PaperKind::Acceptance, PaperKind::Termination]);
    assert_eq!(kinds(&returned), [PaperKind::Correction, PaperKind::Return]);
}

#[test]
fn what_a_case_has_no_room_for_is_found_by_its_number() {
    let mut story = town();
    let case = accepted(&mut story, notice_application());
    let first = paper_number(&story, &case, PaperKind::Acceptance).expect("it was accepted");
    let mut given = 1;
    for round in 0..8 {
        tell(&mut story, &[(Who::Checker, finish(&case, "审查"), "StepFinished")]);
        if round < 7 {
            tell(&mut story, &[(Who::Approver, rule(&case, Ruling::SendBack), "Decided")]);
        }
        let until = story.time().plus_millis(DAY_MILLIS);
        for _ in 0..2 {
            let step = if round < 7 { "审查" } else { "决定" };
            if round < 7 {
                tell(
                    &mut story,
                    &[
                        (Who::Checker, stop(&case, step, until), "ClockStopped"),
                        (Who::Checker, resume(&case, step), "ClockResumed"),
                    ],
                );
                given += 1;
            }
        }
    }
    assert_eq!(record(&story, &case).papers.len(), given.min(PAPERS_MAX));
    tell(&mut story, &[(Who::Approver, decide(&case), "Decided")]);
    assert!(paper_of(&story, first).is_some_and(|paper| paper.case == case));
}

#[test]
fn the_promise_of_what_follows_may_come_with_the_correction() {
    let mut story = town();
    let case = received(&mut story, Application { materials: list(&[electronic(0)]), ..application() });
    let with_promise = |promise| {
        of(Call::Supplement {
            case: case.clone(),
            facts: None,
            form: None,
            materials: list(&[electronic(1), gap(3)]),
            sources: AnswerSources::default(),
            gap_promise: promise,
        })
    };
    tell(
        &mut story,
        &[
            (Who::Acceptor, ask_correction(&case, &[1, 3]), "CorrectionAsked"),
            (Who::Zhang, with_promise(Some(PAPER)), "Supplemented"),
            (Who::Acceptor, accept(&case), "cases.material_missing"),
            (Who::Acceptor, accept_with_gap(&case, 5), "Accepted"),
        ],
    );
    assert_eq!(filing_of(&story, &case).gap_promise, Some(PAPER));
    let kinds: Vec<_> = record(&story, &case).papers.iter().map(|paper| paper.kind).collect();
    assert_eq!(kinds, [PaperKind::Correction, PaperKind::Acceptance, PaperKind::Gap]);
    // Without it nothing may follow, and who has broken a promise gives no other.
    let bare = received(&mut story, Application { materials: list(&[electronic(0)]), ..application() });
    let of_bare = |promise| {
        of(Call::Supplement {
            case: bare.clone(),
            facts: None,
            form: None,
            materials: list(&[electronic(1), gap(3)]),
            sources: AnswerSources::default(),
            gap_promise: promise,
        })
    };
    tell(&mut story, &[(Who::Acceptor, ask_correction(&bare, &[1, 3]), "CorrectionAsked")]);
    let mut other = story.clone();
    tell(
        &mut other,
        &[
            (Who::Zhang, of_bare(None), "Supplemented"),
            (Who::Acceptor, accept_with_gap(&bare, 5), "cases.gap_promise_missing"),
        ],
    );
    pass_days(&mut story, 16);
    tell(
        &mut story,
        &[
            (Who::Approver, terminate(&case), "Ended"),
            (Who::Zhang, of_bare(Some(PAPER)), "cases.promise_broken"), // I11
        ],
    );
}

#[test]
fn a_higher_body_has_procedures_rounds_extension_and_days_of_its_own() {
    let mut story = town();
    let with_gap = Application {
        materials: list(&[electronic(0), electronic(1), gap(3)]),
        gap_promise: Some(PAPER),
        ..application()
    };
    let case = received(&mut story, with_gap);
    tell(
        &mut story,
        &[(Who::Acceptor, accept_with_gap(&case, 15), "Accepted"), (Who::Head, extend(&case, 5), "Extended")],
    );
    let use_up = |story: &mut Story| {
        for _ in 0..16 {
            let until = story.time().plus_millis(DAY_MILLIS);
            tell(
                story,
                &[
                    (Who::FoodReviewer, stop(&case, "食品审查", until), "ClockStopped"),
                    (Who::FoodReviewer, resume(&case, "食品审查"), "ClockResumed"),
                ],
            );
        }
        let until = story.time().plus_millis(DAY_MILLIS);
        tell(story, &[(Who::FoodReviewer, stop(&case, "食品审查", until), "cases.too_many_procedures")]);
    };
    use_up(&mut story);
    higher_body(&mut story);
    pass_days(&mut story, 10);
    let before = record(&story, &case);
    tell(
        &mut story,
        &[(Who::Approver, forward(&case, GOVERNMENT), "Forwarded"), (Who::Li, accept_with_gap(&case, 15), "Accepted")],
    );
    let now = record(&story, &case);
    assert!(now.procedures.is_empty() && now.extension.is_none());
    let (gap, former) = (now.gap.expect("it is missing still"), before.gap.clone().expect("it was missing"));
    assert!(gap.since > former.since && gap.clock.began() > former.clock.began(), "its own days for what follows");
    let led = led_of(&story, &case, 0).expect("it stays on record");
    assert_eq!((led.procedures, led.extension), (before.procedures, before.extension));
    assert_eq!((led.gap, led.steps), (before.gap, before.steps));
    assert_eq!(led_of(&story, &case, 1), None);
    use_up(&mut story);
    tell(&mut story, &[(Who::Zhang, fill_gap(&case, &[electronic(3)]), "GapFilled")]);
    assert_eq!(paper_number(&story, &case, PaperKind::Forwarding).map(|paper| paper.department), Some(code(APPROVAL)));
    assert_eq!(paper_number(&story, &case, PaperKind::Gap).map(|paper| paper.department), Some(code(GOVERNMENT)));
}

#[test]
fn a_higher_body_may_send_back_as_often_as_the_former() {
    let mut story = town();
    let case = accepted(&mut story, notice_application());
    let go_round = |story: &mut Story, checker: Who, decider: Who, times: usize| {
        for _ in 0..times {
            tell(
                story,
                &[
                    (checker, finish(&case, "审查"), "StepFinished"),
                    (decider, rule(&case, Ruling::SendBack), "Decided"),
                ],
            );
        }
        tell(
            story,
            &[
                (checker, finish(&case, "审查"), "StepFinished"),
                (decider, rule(&case, Ruling::SendBack), "cases.too_many_rounds"),
            ],
        );
    };
    go_round(&mut story, Who::Checker, Who::Approver, 8);
    higher_body(&mut story);
    tell(&mut story, &[(Who::Approver, forward(&case, GOVERNMENT), "Forwarded"), (Who::Li, accept(&case), "Accepted")]);
    go_round(&mut story, Who::Li, Who::Head, 8);
    tell(&mut story, &[(Who::Head, decide(&case), "Decided")]);
}

#[test]
fn whose_days_were_over_has_none_left_at_the_higher_body() {
    let mut story = town();
    let case = accepted_with_gap(&mut story, 5);
    higher_body(&mut story);
    pass_days(&mut story, 8);
    let since = record(&story, &case).gap.expect("it is missing").since;
    tell(
        &mut story,
        &[
            (Who::Approver, forward(&case, GOVERNMENT), "Forwarded"),
            (Who::Li, accept_with_gap(&case, 15), "cases.gap_days"),
        ],
    );
    assert_eq!(record(&story, &case).gap.map(|gap| gap.since), Some(since));
}

#[test]
fn a_second_revocation_leaves_the_first_on_record() {
    let mut story = town();
    let case = closed(&mut story, notice_application(), true);
    let set_aside = |story: &mut Story, decider: Who, judge: Who| {
        tell(
            story,
            &[
                (Who::Checker, propose_revocation(&case), "RevocationProposed"),
                (decider, decide_revocation(&case, true), "RevocationDecided"),
                (Who::Zhang, appeal(&case), "Appealed"),
                (judge, decide_appeal(&case, true), "AppealDecided"),
                (judge, reconsider(&case), "Reconsidered"),
            ],
        );
    };
    set_aside(&mut story, Who::Approver, Who::SecondApprover);
    let first = record(&story, &case).revocation.expect("it was revoked");
    let restored_at = restored_at(&story, &case);
    assert!(first.decision.as_ref().is_some_and(|decision| decision.set_aside.is_some()) && restored_at.is_some());
    tell(&mut story, &[(Who::Checker, propose_revocation(&case), "RevocationProposed")]);
    let now = record(&story, &case);
    assert_eq!(now.former_revocations.first(), Some(&first));
    assert!(now.revocation.is_some_and(|second| second.decision.is_none()));
    assert_eq!(self::restored_at(&story, &case), restored_at, "what was set aside stays so");
    tell(
        &mut story,
        &[
            (Who::Approver, decide_revocation(&case, true), "cases.same_officer"), // I16
            (Who::SecondApprover, decide_revocation(&case, false), "RevocationDecided"),
        ],
    );
    for _ in 0..FORMER_REVOCATIONS_MAX {
        tell(
            &mut story,
            &[
                (Who::Checker, propose_revocation(&case), "RevocationProposed"),
                (Who::SecondApprover, decide_revocation(&case, false), "RevocationDecided"),
            ],
        );
    }
    let former = record(&story, &case).former_revocations;
    assert_eq!(
        (former.len(), former.first()),
        (FORMER_REVOCATIONS_MAX, Some(&first)),
        "what revoked nothing makes room"
    );
}

/// When what was granted in a case was restored.
fn restored_at(story: &Story, case: &tongban_types::codes::CaseNumber) -> Option<Time> {
    let grant = story.ask(|state| Ok(cases::grant(state, case)?));
    grant.expect("a grant is read").expect("it was granted").restored_at
}

#[test]
fn broken_promises_are_never_lost_for_want_of_room() {
    let broken = |number: usize, department: &'static str, is_repaired: bool| BrokenPromise {
        department: code(department),
        case: number.to_string().parse().expect("a number"),
        since: Time::default(),
        repaired: is_repaired.then(hand),
        and_more: 0,
    };
    let full = |repaired: Option<usize>| BrokenPromises {
        version: 1,
        broken: List::new(
            (0..BROKEN_PROMISES_MAX)
                .map(|place| broken(place, if place == 5 { MARKET } else { APPROVAL }, repaired == Some(place)))
                .collect(),
        )
        .expect("64"),
    };
    let more = full(Some(7)).with(broken(100, MARKET, false));
    assert!(more.broken.len() == BROKEN_PROMISES_MAX && more.broken.iter().all(|one| one.repaired.is_none()));
    assert_eq!(more.broken.last().map(|one| one.case.to_string()), Some("100".to_owned()));
    for (department, place) in [(MARKET, 5), (APPROVAL, 63), (GOVERNMENT, 63)] {
        let counted = full(None).with(broken(100, department, false)).with(broken(101, department, false));
        assert_eq!(counted.broken.len(), BROKEN_PROMISES_MAX);
        assert_eq!(counted.broken.iter().map(|one| one.and_more).sum::<u32>(), 2);
        assert_eq!(counted.broken[place].and_more, 2, "{department}");
        assert!(counted.is_open(), "I11");
    }
}

/// The hand of some officer.
fn hand() -> crate::case_records::Hand {
    crate::case_records::Hand {
        account: Who::Supervisor.account(),
        standing: crate::orgs::Standing::Own,
        at: Time::default(),
        receipt: 1,
    }
}

#[test]
fn nobody_asks_in_vain_why_a_number_waits_that_no_case_has() {
    let story = town();
    let case: tongban_types::codes::CaseNumber = "1".parse().expect("a number");
    let query = AnyQuery::Cases(cases::Query::Why { case, at: story.time() });
    let answer: Result<AnyView, _> = story.ask(|state| query.answer(state));
    let refused = answer.expect_err("no case has this number");
    assert!(format!("{refused:?}").contains("cases.not_found"), "{refused:?}");
}

#[test]
fn a_rating_says_where_it_comes_from() {
    let mut story = town();
    let before = story.time();
    story.wait_millis(1_000);
    let case = closed(&mut story, notice_application(), true);
    let (now, later) = (story.time(), story.time().plus_millis(DAY_MILLIS));
    let source = |clerk: Option<Who>, served_at: Option<Time>| RatingSource {
        channel: RatingChannel::HallTablet,
        window: Some(text::<20>("A-07")),
        clerk: clerk.map(|clerk| clerk.account()),
        served_at,
    };
    let rated = |source: RatingSource| {
        of(Call::Rate { case: case.clone(), level: RatingLevel::VerySatisfied, words: None, source })
    };
    tell(
        &mut story,
        &[
            (Who::Zhang, rated(source(Some(Who::FoodReviewer), None)), "cases.rating_source"), // has not acted on it
            (Who::Zhang, rated(source(None, Some(before))), "cases.rating_source"),
            (Who::Zhang, rated(source(None, Some(later))), "cases.rating_source"),
            (Who::Li, rated(source(None, None)), "cases.no_capacity"),
            (Who::Zhang, rated(source(Some(Who::Issuer), Some(now))), "Rated"),
            (Who::Zhang, rated(source(Some(Who::Issuer), Some(now))), "cases.rated_before"), // one matter, one rating
        ],
    );
    let rating = record(&story, &case).rating.expect("it was rated");
    assert_eq!((rating.source, rating.level.code()), (source(Some(Who::Issuer), Some(now)), 1));
    let levels = [
        RatingLevel::VerySatisfied,
        RatingLevel::Satisfied,
        RatingLevel::BasicallySatisfied,
        RatingLevel::Dissatisfied,
        RatingLevel::VeryDissatisfied,
    ];
    assert_eq!(levels.map(RatingLevel::code), [1, 2, 3, 4, 5], "GB/T 39046-2020, A.8");
    let open = accepted(&mut story, notice_application());
    assert_eq!(stage(&story, &open), Stage::Accepted);
    tell(&mut story, &[(Who::Zhang, rate(&open, RatingLevel::Satisfied), "cases.wrong_stage")]); // I9
    let _: Text<20> = text("A-07");
}
