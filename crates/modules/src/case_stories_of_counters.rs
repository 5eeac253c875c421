//! Stories of what is entered at a counter for people without their keys, and of what is delivered to whom.

use crate::Call as AnyCall;
use crate::cards::{Card, Limit};
use crate::case_entries::Entered;
use crate::case_ratings::{RatingChannel, RatingSource};
use crate::case_reasons::{Cause, Owner};
use crate::case_records::{DeliveryWay, RatingLevel, Subject};
use crate::case_states::Stage;
use crate::case_test_cast::*;
use crate::cases::{Application, Call, Event, PaperAct};
use crate::catalogue::HandleType;
use crate::ending_stories::{carry_through, record_death};
use crate::identity::{AgentAct, Capacity};
use crate::representation;
use crate::test_cast::{APPROVAL, TERM_END, Who, bind, code, grant, tell, text};
use tongban_kernel::Role;
use tongban_kernel::testing::Story;
use tongban_types::codes::CaseNumber;

/// The town with Zhang bound to his name, and a second officer at the counter: Trainee.
fn counter() -> Story {
    let mut story = town();
    tell(
        &mut story,
        &[
            (Who::Mayor, grant(APPROVAL, Who::Trainee, Role::Receiver, None, TERM_END), "Granted"),
            (Who::IdentityOfficer, bind(Who::Zhang), "PersonBound"),
        ],
    );
    story
}

fn on_paper(application: Application) -> Application {
    Application { channel: HandleType::Counter, ..application }
}

/// An application that Trainee has entered; its number.
fn entered(story: &mut Story, application: Application) -> CaseNumber {
    match event(&story.act(&Who::Trainee.key(), vec![enter(on_paper(application)).to_bytes()])) {
        Event::ApplicationEntered { case, by, .. } => {
            assert_eq!(by, Who::Trainee.account());
            case
        }
        other => panic!("expected an application, found {other:?}"),
    }
}

#[test]
fn who_enters_an_application_has_nothing_else_to_do_with_it() {
    let mut story = counter();
    let of_li = Application { applicant: Who::Li.account(), ..notice_application() };
    let of_himself = Application { applicant: Who::Trainee.account(), ..notice_application() };
    tell(
        &mut story,
        &[
            (Who::Trainee, enter(notice_application()), "cases.channel"),
            (Who::Trainee, enter(on_paper(of_li)), "cases.not_bound"), // I20
            (Who::Trainee, enter(on_paper(of_himself)), "cases.own_matter"), // I16
            (Who::Acceptor, enter(on_paper(notice_application())), "tx.denied"),
            (Who::Zhang, enter(on_paper(notice_application())), "tx.denied"),
        ],
    );
    let case = entered(&mut story, notice_application());
    let roles = [Role::Acceptor, Role::Reviewer, Role::Approver, Role::Supervisor];
    let lines = roles.map(|role| (Who::Mayor, grant(APPROVAL, Who::Trainee, role, None, TERM_END), "Granted"));
    tell(&mut story, &lines);
    tell(
        &mut story,
        &[
            (Who::Trainee, receive(&case), "cases.own_matter"), // I20
            (Who::Receiver, receive(&case), "Received"),
            (Who::Trainee, accept(&case), "cases.own_matter"), // I20
            (Who::Acceptor, ask_correction(&case, &[0]), "CorrectionAsked"),
            (Who::Receiver, enter_act(&case, PaperAct::Acknowledge {}), "cases.wrong_stage"), // I9
            (Who::Acceptor, enter_act(&case, PaperAct::Withdraw {}), "tx.denied"),
            (Who::Trainee, enter_act(&case, supplement_on_paper(&[])), "cases.correction_incomplete"),
            (Who::Trainee, enter_act(&case, supplement_on_paper(&[0])), "ActEntered"),
            (Who::Acceptor, accept(&case), "Accepted"),
            (Who::Trainee, discontinue(&case), "cases.applicant_there"),
            (Who::Trainee, propose_termination(&case), "cases.own_matter"), // I20
        ],
    );
    let filing = filing_of(&story, &case);
    let entries: Vec<_> = filing.entries.iter().map(|entry| (entry.what, entry.paper, entry.by.account)).collect();
    let by = Who::Trainee.account();
    assert_eq!(entries, [(Entered::Application, PAPER, by), (Entered::Supplement, PAPER, by)]); // I20
    assert_eq!((filing.filed_by, filing.capacity), (by, Capacity::Oneself));
    // With his key the applicant does all the rest himself.
    tell(&mut story, &[(Who::Zhang, withdraw(&case), "Ended")]);
}

fn supplement_on_paper(materials: &[u8]) -> PaperAct {
    let materials: Vec<_> = materials.iter().map(|material| paper(*material)).collect();
    PaperAct::Supplement { facts: None, form: None, materials: list(&materials), gap_promise: None }
}

#[test]
fn gaps_are_filled_and_receipts_and_withdrawals_entered_at_the_counter() {
    let mut story = counter();
    let with_gap = Application {
        materials: list(&[electronic(0), electronic(1), gap(3)]),
        gap_promise: Some(PAPER),
        ..application()
    };
    let case = entered(&mut story, with_gap);
    let withdrawn = entered(&mut story, application());
    tell(
        &mut story,
        &[
            (Who::Receiver, receive(&case), "Received"),
            (Who::Acceptor, accept_with_gap(&case, 5), "Accepted"),
            (Who::Trainee, enter_act(&case, PaperAct::FillGap { materials: list(&[paper(1)]) }), "cases.not_a_gap"),
            (Who::Trainee, enter_act(&case, PaperAct::FillGap { materials: list(&[paper(3)]) }), "ActEntered"),
            (Who::Trainee, enter_act(&withdrawn, PaperAct::Withdraw {}), "ActEntered"),
        ],
    );
    assert_eq!(stage(&story, &withdrawn), Stage::Withdrawn);
    finish_reviews(&mut story, &case);
    tell(
        &mut story,
        &[
            (Who::Approver, decide(&case), "Decided"),
            (Who::Trainee, enter_act(&case, PaperAct::Acknowledge {}), "cases.not_delivered"),
            (Who::Issuer, document(&case, Some("制证")), "CertificateIssued"),
            (Who::Issuer, deliver(&case, Some("送达")), "Delivered"),
            (Who::Trainee, enter_act(&case, PaperAct::Acknowledge {}), "ActEntered"),
            (Who::Zhang, acknowledge(&case), "cases.acknowledged_before"),
        ],
    );
    let whats: Vec<_> = filing_of(&story, &case).entries.iter().map(|entry| entry.what).collect();
    assert_eq!(whats, [Entered::Application, Entered::GapFilled, Entered::Receipt]);
    let acknowledged = record(&story, &case).delivery.and_then(|delivery| delivery.acknowledged);
    assert_eq!(acknowledged.map(|one| one.by), Some(Who::Trainee.account()));
}

#[test]
fn a_counter_enters_so_much_of_one_case_and_nothing_for_the_dead() {
    let mut story = counter();
    let case = entered(&mut story, application());
    tell(
        &mut story,
        &[
            (Who::Receiver, receive(&case), "Received"),
            (Who::Acceptor, accept(&case), "Accepted"),
            (Who::Checker, reject(&case, "核验"), "StepFinished"), // back to its acceptance
        ],
    );
    let entries: Vec<_> =
        (1..32).map(|_| (Who::Trainee, enter_act(&case, supplement_on_paper(&[0])), "ActEntered")).collect();
    tell(&mut story, &entries);
    tell(
        &mut story,
        &[
            (Who::Trainee, enter_act(&case, supplement_on_paper(&[0])), "cases.too_many_entries"),
            (Who::Zhang, supplement(&case, &[electronic(0)]), "Supplemented"),
        ],
    );
    carry_through(&mut story, Who::CivilOfficer, Who::Zhang, record_death(Who::Zhang), "AccountEnded");
    tell(
        &mut story,
        &[
            (Who::Trainee, enter(on_paper(notice_application())), "cases.applicant_lost"), // I18
            (Who::Receiver, enter_act(&case, PaperAct::Withdraw {}), "cases.applicant_lost"), // I18
        ],
    );
}

#[test]
fn what_an_officer_invented_is_disowned_and_looked_into() {
    let mut story = counter();
    let own = filed(&mut story, notice_application());
    let invented = entered(&mut story, notice_application());
    let decided = entered(&mut story, notice_application());
    tell(
        &mut story,
        &[
            (Who::Mayor, grant(APPROVAL, Who::Trainee, Role::Supervisor, None, TERM_END), "Granted"),
            (Who::Receiver, receive(&decided), "Received"),
            (Who::Acceptor, accept(&decided), "Accepted"),
            (Who::Checker, finish(&decided, "审查"), "StepFinished"),
            (Who::Approver, decide(&decided), "Decided"),
            (Who::Zhang, disown(&own), "cases.nothing_entered"),
            (Who::Li, disown(&invented), "cases.no_capacity"),
            (Who::Supervisor, examine_disowned(&invented, true), "cases.nothing_disowned"),
            (Who::Zhang, disown(&invented), "Disowned"),
            (Who::Zhang, disown(&invented), "cases.disowned_before"),
            (Who::Zhang, disown(&decided), "Disowned"),
        ],
    );
    assert_eq!([&invented, &decided].map(|case| stage(&story, case)), [Stage::Withdrawn, Stage::Granted]);
    let waiting = why(&story, &invented).0.expect("it is to be looked into");
    assert_eq!((&waiting.cause, &*waiting.next), (&Cause::Disowned {}, "examine_disowned"));
    assert!(matches!(waiting.owner, Owner::Office { role: Role::Supervisor, .. }), "{:?}", waiting.owner);
    tell(
        &mut story,
        &[
            (Who::Trainee, examine_disowned(&invented, false), "cases.same_officer"), // I20
            (Who::Approver, examine_disowned(&invented, false), "tx.denied"),
            (Who::Supervisor, examine_disowned(&invented, true), "DisownedExamined"),
            (Who::Supervisor, examine_disowned(&invented, true), "cases.nothing_disowned"),
            (Who::Supervisor, examine_disowned(&decided, true), "DisownedExamined"),
            (Who::Checker, propose_revocation(&decided), "RevocationProposed"), // what rests on it is revoked as ever
        ],
    );
    assert_eq!(why(&story, &invented).0, None);
    let found = record(&story, &invented).disowned.and_then(|disowned| disowned.found).expect("it was looked into");
    assert!(found.invented);
}

#[test]
fn the_applicants_own_case_goes_on_of_which_an_entry_is_disowned() {
    let mut story = counter();
    let case = received(&mut story, notice_application());
    tell(
        &mut story,
        &[
            (Who::Acceptor, ask_correction(&case, &[0]), "CorrectionAsked"),
            (Who::Trainee, enter_act(&case, supplement_on_paper(&[0])), "ActEntered"),
            (Who::Zhang, disown(&case), "Disowned"),
            (Who::Acceptor, accept(&case), "Accepted"),
        ],
    );
}

#[test]
fn who_has_handled_a_case_enters_nothing_of_it() {
    let mut story = counter();
    let case = accepted(&mut story, notice_application());
    tell(
        &mut story,
        &[
            (Who::Mayor, grant(APPROVAL, Who::Issuer, Role::Receiver, None, TERM_END), "Granted"),
            (Who::Mayor, grant(APPROVAL, Who::Checker, Role::Receiver, None, TERM_END), "Granted"),
            (Who::Checker, finish(&case, "审查"), "StepFinished"),
            (Who::Checker, enter_act(&case, PaperAct::Withdraw {}), "cases.same_officer"), // I20
            (Who::Receiver, enter_act(&case, PaperAct::Withdraw {}), "cases.same_officer"), // I20: he has received it
            (Who::Approver, refuse(&case), "Decided"),
            (Who::Issuer, deliver(&case, None), "Delivered"),
            (Who::Issuer, enter_act(&case, PaperAct::Acknowledge {}), "cases.same_officer"), // I20: nobody signs for himself
            (Who::Trainee, enter_act(&case, PaperAct::Acknowledge {}), "ActEntered"),
        ],
    );
    assert_eq!(filing_of(&story, &case).entries.len(), 1, "what was refused is on no record");
}

#[test]
fn who_entered_an_application_at_the_counter_may_be_rated() {
    let mut story = counter();
    let case = entered(&mut story, notice_application());
    let at_window = |clerk: Who| {
        let (window, clerk) = (Some(text("A12")), Some(clerk.account()));
        let source = RatingSource { channel: RatingChannel::HallTablet, window, clerk, served_at: None };
        of(Call::Rate { case: case.clone(), level: RatingLevel::Satisfied, words: None, source })
    };
    tell(
        &mut story,
        &[
            (Who::Zhang, withdraw(&case), "Ended"),
            (Who::Zhang, at_window(Who::Receiver), "cases.rating_source"),
            (Who::Zhang, at_window(Who::Trainee), "Rated"),
        ],
    );
}

#[test]
fn an_invented_withdrawal_ends_nothing_and_is_answered_for() {
    let mut story = counter();
    let [accepted, taken] = [accepted, received].map(|to| to(&mut story, notice_application()));
    let correcting = received(&mut story, notice_application());
    tell(&mut story, &[(Who::Acceptor, ask_correction(&correcting, &[0]), "CorrectionAsked")]);
    let all = [&accepted, &taken, &correcting];
    for case in all {
        tell(
            &mut story,
            &[
                (Who::Trainee, enter_act(case, PaperAct::Withdraw {}), "ActEntered"),
                (Who::Zhang, disown(case), "Disowned"),
            ],
        );
        assert_eq!(stage(&story, case), Stage::Withdrawn, "nobody is believed before it is looked into");
        tell(&mut story, &[(Who::Supervisor, examine_disowned(case, true), "DisownedExamined")]);
    }
    let stages = all.map(|case| stage(&story, case));
    assert_eq!(stages, [Stage::Accepted, Stage::Received, Stage::Correcting]);
    assert!(record(&story, &accepted).promised.expect("it was accepted").is_running());
    let card = record(&story, &accepted).cards.last().copied().expect("a card is shown");
    assert_eq!((card.subject, card.card, card.limit), (Subject::Counter, Card::Red, Limit::Conduct));
    assert_eq!((card.department, card.handler), (code(APPROVAL), Some(Who::Trainee.account())));
    let number = card.number.expect("it is to be answered"); // I22
    assert_eq!(supervision_of(&story, number).expect("it is kept").case, accepted);
    let before = record(&story, &accepted).cards.len();
    tell(
        &mut story,
        &[
            (Who::Approver, answer_card(number), "CardAnswered"),
            // What is entered afterwards may be disowned as well.
            (Who::Zhang, disown(&accepted), "cases.disowned_before"),
            (Who::Trainee, enter_act(&accepted, PaperAct::Withdraw {}), "ActEntered"),
            (Who::Zhang, disown(&accepted), "Disowned"),
            (Who::Supervisor, examine_disowned(&accepted, false), "DisownedExamined"),
            (Who::Acceptor, accept(&taken), "Accepted"),
            (Who::Zhang, supplement(&correcting, &[paper(0)]), "Supplemented"),
        ],
    );
    assert_eq!(stage(&story, &accepted), Stage::Withdrawn, "he had signed it"); // I20
    assert_eq!(record(&story, &accepted).cards.len(), before, "and nobody answers for it");
}

#[test]
fn a_hearing_is_asked_for_and_an_appeal_made_at_the_counter() {
    let mut story = counter();
    let case = accepted(&mut story, notice_application());
    tell(
        &mut story,
        &[
            (Who::Checker, finish(&case, "审查"), "StepFinished"),
            (Who::Trainee, enter_act(&case, PaperAct::AnswerHearing { wants: false }), "cases.hearing_untold"),
            (Who::Approver, tell_hearing(&case, &[]), "HearingTold"),
            (Who::Trainee, enter_act(&case, PaperAct::Appeal { grounds: PAPER }), "cases.wrong_stage"), // I9
            (Who::Receiver, enter_act(&case, PaperAct::AnswerHearing { wants: false }), "cases.same_officer"), // I20
            (Who::Trainee, enter_act(&case, PaperAct::AnswerHearing { wants: false }), "ActEntered"),
            (Who::Trainee, enter_act(&case, PaperAct::AnswerHearing { wants: true }), "cases.hearing_answered"),
            (Who::Approver, refuse(&case), "Decided"),
            (Who::Trainee, enter_act(&case, PaperAct::Appeal { grounds: PAPER }), "ActEntered"),
            (Who::Zhang, appeal(&case), "cases.appealed_before"),
            (Who::SecondApprover, decide_appeal(&case, false), "AppealDecided"),
        ],
    );
    let whats: Vec<_> = filing_of(&story, &case).entries.iter().map(|entry| entry.what).collect();
    assert_eq!(whats, [Entered::HearingAnswer, Entered::Appeal]);
    let refused = received(&mut story, notice_application());
    tell(
        &mut story,
        &[
            (Who::Acceptor, refuse_acceptance(&refused), "AcceptanceRefused"),
            (Who::Trainee, enter_act(&refused, PaperAct::Acknowledge {}), "cases.wrong_stage"), // I9
            (Who::Trainee, enter_act(&refused, PaperAct::Appeal { grounds: PAPER }), "ActEntered"),
            (Who::Zhang, disown(&refused), "Disowned"),
            (Who::Supervisor, examine_disowned(&refused, true), "DisownedExamined"),
            (Who::Approver, decide_appeal(&refused, true), "cases.no_appeal"), // he has not made it,
            (Who::Zhang, appeal(&refused), "Appealed"),                        // and makes his own
            (Who::Approver, decide_appeal(&refused, true), "AppealDecided"),
        ],
    );
}

#[test]
fn an_invented_application_stays_ended() {
    let mut story = counter();
    let case = entered(&mut story, notice_application());
    tell(
        &mut story,
        &[
            (Who::Trainee, enter_act(&case, PaperAct::Withdraw {}), "ActEntered"),
            (Who::Zhang, disown(&case), "Disowned"),
            (Who::Supervisor, examine_disowned(&case, true), "DisownedExamined"),
        ],
    );
    assert_eq!(stage(&story, &case), Stage::Withdrawn);
    assert_eq!(record(&story, &case).cards.last().map(|card| card.card), Some(Card::Red));
}

fn agency(acts: &[AgentAct]) -> AnyCall {
    let mandate = representation::Mandate {
        items: None,
        acts: Some(list(acts)),
        from: None,
        until: "2026-06-01T00:00:00Z".parse().expect("a time"),
    };
    let (principal, agent) = (Who::Zhang.account(), Who::Li.account());
    AnyCall::Representation(representation::Call::NameAgent { principal, agent, mandate })
}

#[test]
fn it_stays_on_record_who_received_a_result_and_as_what() {
    let mut story = counter();
    let (case, own) = (granted(&mut story), granted(&mut story));
    let posted = of(Call::Deliver {
        case: case.clone(),
        step: Some(text("送达")),
        way: DeliveryWay::Posted,
        waybill: None,
        receiver: None,
    });
    tell(
        &mut story,
        &[
            (Who::IdentityOfficer, bind(Who::Li), "PersonBound"),
            (Who::Issuer, document(&case, Some("制证")), "CertificateIssued"),
            (Who::Issuer, document(&own, Some("制证")), "CertificateIssued"),
            (Who::Issuer, posted, "cases.waybill_missing"),
            (Who::Issuer, deliver_to(&case, Some("送达"), Some(Who::Li)), "cases.no_capacity"),
            (Who::Zhang, agency(&[AgentAct::File]), "AgentNamed"),
            (Who::Issuer, deliver_to(&case, Some("送达"), Some(Who::Li)), "cases.no_capacity"),
            (Who::Zhang, acknowledge(&case), "cases.not_delivered"),
            (Who::Zhang, agency(&[AgentAct::Receive]), "AgentNamed"),
            (Who::Issuer, deliver_to(&case, Some("送达"), Some(Who::Li)), "Delivered"),
            (Who::Mayor, acknowledge(&case), "cases.no_capacity"),
            (Who::Li, acknowledge(&case), "Acknowledged"),
            (Who::Zhang, acknowledge(&case), "cases.acknowledged_before"),
            (Who::Issuer, deliver(&own, Some("送达")), "Delivered"),
            (Who::Issuer, close(&own), "Closed"),
            (Who::Zhang, acknowledge(&own), "Acknowledged"),
        ],
    );
    let delivery = record(&story, &case).delivery.expect("it was delivered");
    assert_eq!(delivery.to, Who::Li.account());
    assert!(matches!(delivery.capacity, Capacity::Agent { .. }), "{:?}", delivery.capacity);
    let delivery = record(&story, &own).delivery.expect("it was delivered");
    assert_eq!((delivery.to, delivery.capacity), (Who::Zhang.account(), Capacity::Oneself));
}
