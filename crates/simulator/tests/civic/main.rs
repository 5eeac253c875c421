//! The auditor of the public services finds what is wrong: the history of a small city, sound at first and then forged in one place each.

mod affairs;
mod history;
mod rights;

use history::{Forgery, History, SUITE, change, find_all, forget, founded, genesis, repeat, rewrite, suite};
use std::collections::BTreeSet;
use tongban_modules::case_records::Mark;
use tongban_modules::case_states::Stage;
use tongban_modules::{Event, cases, catalogue, identity, licences, sharing};
use tongban_simulator::Happened;
use tongban_simulator::civic_audit::{TEN, Tally, Watched, silence_accepts_at};
use tongban_simulator::town::{self, Person};
use tongban_types::{AccessId, CorrectionId, Digest, List, Outcome, Text, Time};

/// The day of the deemed acceptance and more.
const REST_MILLIS: u64 = 9 * 86_400_000;
/// The end of a licence that is to be renewed, and more.
const WEEKS_MILLIS: u64 = 40 * 86_400_000;

/// A city in which everything was in order: cases granted, refused, withdrawn, not accepted, accepted by silence, and one that waits.
fn sound() -> History {
    let mut history = founded();
    let network = genesis().network(suite());
    let granted = history.accept(1);
    history.finish(&granted);
    let (licence, holder) = (town::licence(1), Person::Zhang.account(SUITE));
    history.act(Person::Approver, &[town::decide(&granted, true)]);
    let issue = town::issue(&licence, &granted, holder, (town::day_of(history.time), town::long_end()));
    history.act(Person::Issuer, &[issue]);
    history.act(Person::Issuer, &[town::certify(&granted, &licence)]);
    history.act(Person::Issuer, &[town::deliver(&granted, true)]);
    history.act(Person::Issuer, &[town::close(&granted)]);
    let access = town::record_access(AccessId([1; 16]), &licence, &granted, holder, SUITE);
    history.act(Person::DataOfficer, &[access]);
    history.act(Person::Issuer, &[town::suspend(&licence)]);
    history.act(Person::Issuer, &[town::resume(&licence)]);
    history.act(Person::Approver, &[town::revoke(&licence)]);

    let refused = history.accept(2);
    history.finish(&refused);
    history.act(Person::Approver, &[town::decide(&refused, false)]);
    history.act(Person::Issuer, &[town::deliver(&refused, false)]);
    history.act(Person::Issuer, &[town::close(&refused)]);
    let withdrawn = history.accept(3);
    history.act(Person::Zhang, &[town::withdraw(&withdrawn)]);
    let not_accepted = history.file(4);
    history.act(Person::Receiver, &[town::receive(&not_accepted)]);
    history.act(Person::Acceptor, &[town::refuse_acceptance(&not_accepted)]);
    let tested = history.accept(5);
    let until = history.time.plus_millis(86_400_000);
    history.act(Person::FoodReviewer, &[town::stop_clock(&tested, town::REVIEW, until)]);
    history.file(6);

    let recovery = history.act(Person::IdentityOfficer, &[town::open_recovery(Person::Wang, SUITE, &network)]).number;
    history.act(Person::IdentityOfficer, &[town::notice(recovery)]);
    history.act(Person::RecoveryApprover, &[town::approve_recovery(recovery)]);
    history.time = history.time.plus_millis(REST_MILLIS);
    history.run(&[]);
    history.run(&[]);
    history
}

/// The same after weeks: gaps and corrections, a case from the suburb, an appeal, a renewal by silence, and something wrong at its source.
fn sound_after_weeks() -> History {
    let mut history = founded();
    let filled = history.file_with(1, town::file_with_gap);
    let filled = history.accept_as(filled, town::accept_with_gap);
    history.finish(&filled);
    history.act(Person::Zhang, &[town::fill_gap(&filled)]);
    history.act(Person::Approver, &[town::decide(&filled, true)]);
    let end = town::short_end(town::day_of(history.time));
    history.complete(&filled, 1, end);
    let overdue = history.file_with(2, town::file_with_gap);
    let overdue = history.accept_as(overdue, town::accept_with_gap);
    let corrected = history.file(3);
    let corrected = history.accept_as(corrected, town::ask_correction);
    history.act(Person::Zhang, &[town::supplement(&corrected)]);
    history.act(Person::Acceptor, &[town::accept(&corrected)]);
    let uncorrected = history.file(4);
    let uncorrected = history.accept_as(uncorrected, town::ask_correction);
    let elsewhere = history.file_with(5, town::file_elsewhere);
    history.act(Person::SuburbReceiver, &[town::receive(&elsewhere), town::hand_over(&elsewhere)]);
    history.act(Person::Acceptor, &[town::accept(&elsewhere)]);

    let appealed = history.accept(6);
    history.finish(&appealed);
    history.act(Person::Approver, &[town::decide(&appealed, false)]);
    history.act(Person::Zhang, &[town::appeal(&appealed)]);
    history.act(Person::SecondApprover, &[town::decide_appeal(&appealed, true)]);
    history.act(Person::SecondApprover, &[town::reconsider(&appealed)]);
    history.act(Person::SecondApprover, &[town::decide(&appealed, true)]);
    history.complete(&appealed, 2, town::long_end());
    let report = town::report_error(CorrectionId([1; 16]), &town::licence(2), Person::Zhang.account(SUITE));
    history.act(Person::Zhang, &[report]);
    history.act(Person::Checker, &[town::propose_revocation(&appealed)]);
    history.act(Person::SecondApprover, &[town::decide_revocation(&appealed)]);

    let renewal = history.file_with(7, |who, form| town::file_renewal(who, form, &town::licence(1)));
    history.act(Person::Editor, &[town::publish(2)]);
    let renewal = history.accept_as(renewal, town::accept);
    history.time = history.time.plus_millis(WEEKS_MILLIS);
    history.run(&[]);
    history.act(Person::Acceptor, &[town::return_case(&uncorrected), town::propose_termination(&overdue)]);
    history.act(Person::Approver, &[town::terminate(&overdue)]);
    history.act(Person::Issuer, &[town::renew(1, &renewal, end), town::certify(&renewal, &town::renewed(1))]);
    history.act(Person::DataOfficer, &[town::answer_error(CorrectionId([1; 16]))]);
    history
}

#[test]
fn a_city_is_sound_after_weeks_too() {
    let tally = sound_after_weeks().judge().expect("it is sound");
    let expected = [
        (Happened::CaseAcceptedWithGap, 2),
        (Happened::GapFilled, 1),
        (Happened::GapSuspended, 1),
        (Happened::CaseTerminated, 1),
        (Happened::CorrectionAsked, 2),
        (Happened::CorrectionMade, 1),
        (Happened::CaseReturned, 1),
        (Happened::CaseHandedOver, 1),
        (Happened::CaseAppealed, 1),
        (Happened::AppealDecided, 1),
        (Happened::CaseReconsidered, 1),
        (Happened::GrantRevoked, 1),
        (Happened::ItemChanged, 1),
        (Happened::RenewedBySilence, 1),
        (Happened::LicenceReplaced, 1),
        (Happened::ErrorReported, 1),
        (Happened::ErrorOverdue, 1),
        (Happened::ErrorAnswered, 1),
    ];
    for (what, times) in expected {
        assert_eq!(tally.get(&what), Some(&times), "{what:?}");
    }
}

#[test]
fn a_sound_city_passes_and_nothing_of_it_is_vacuous() {
    let mut history = sound();
    let tally = history.judge().expect("it is sound");
    let acts = tally[&Happened::ActOfTime];
    let expected = Tally::from([
        (Happened::CaseFiled, 6),
        (Happened::CaseAccepted, 4),
        (Happened::CaseAcceptedBySilence, 1),
        (Happened::CaseNotAccepted, 1),
        (Happened::CaseRefused, 1),
        (Happened::CaseWithdrawn, 1),
        (Happened::CaseClosed, 2),
        (Happened::ClockStopped, 1),
        (Happened::ClockResumedByTime, 1),
        (Happened::LicenceIssued, 1),
        (Happened::LicenceSuspended, 1),
        (Happened::LicenceResumed, 1),
        (Happened::LicenceRevoked, 1),
        (Happened::AccessRecorded, 1),
        (Happened::AccountRecovered, 1),
        (Happened::ActOfTime, acts),
    ]);
    assert_eq!(tally, expected);
    assert!(acts >= 3, "silence, the end of the procedure, and the recovery are acts: {acts}");
    let wang = Person::Wang.account(SUITE);
    let old = history.act_with(wang, &Person::Wang.secret(SUITE), &[town::file(wang, Digest([7; 32]))]);
    assert!(matches!(old.outcome, Outcome::Refused(_)), "the old key acts no more: {:?}", old.outcome);
    let filed = history.act_with(wang, &town::new_key(SUITE), &[town::file(wang, Digest([7; 32]))]);
    assert!(matches!(filed.outcome, Outcome::Applied { .. }), "the new one does: {:?}", filed.outcome);
}

#[test]
fn silence_accepts_at_the_end_of_the_fifth_working_day_in_beijing() {
    for (arrived, at) in [
        ("2026-01-01T00:00:00Z", "2026-01-08T16:00:00Z"), // Thursday: 2, 5, 6, 7, 8 January
        ("2026-01-01T15:59:59Z", "2026-01-08T16:00:00Z"),
        ("2026-01-01T16:00:00Z", "2026-01-09T16:00:00Z"), // already Friday there
        ("2026-01-03T00:00:00Z", "2026-01-09T16:00:00Z"), // Saturday
    ] {
        let [arrived, at]: [Time; 2] = [arrived, at].map(|time| time.parse().expect("a time"));
        assert_eq!(silence_accepts_at(arrived), at);
    }
}

#[test]
fn every_forgery_of_the_city_is_found_under_its_rule() {
    use cases::Event as C;
    use licences::Event as L;
    let forgeries: [(&str, u8, Forgery); 30] = [
        ("an act too many in a header", 9, |history| history.blocks[3].header.acts += 1),
        ("a receipt that is gone", 9, |history| drop(history.receipts.remove(9))),
        ("a number that is given twice", 10, |h| repeat(h, |event| matches!(event, Event::Cases(C::Filed { .. })))),
        ("a case that nobody has filed", 10, |h| forget(h, |event| matches!(event, Event::Cases(C::Filed { .. })))),
        ("an application that is lost", 10, |history| history.told.filed[0].0 = Digest([99; 32])),
        ("an application that is there twice", 10, |history| {
            let [first, second] = [0, 1].map(|index| history.told.filed[index].0);
            rewrite(
                history,
                &cases::FILINGS,
                |filing| filing.form == second,
                |mut filing| {
                    filing.form = first;
                    Some(filing)
                },
            );
        }),
        ("a case that is gone", 10, |h| rewrite(h, &cases::CASES, |_| true, |_| None)),
        ("a step before acceptance", 11, |h| forget(h, |event| matches!(event, Event::Cases(C::Accepted { .. })))),
        ("a decision without a step", 11, |h| forget(h, |event| matches!(event, Event::Cases(C::StepFinished { .. })))),
        ("a step that is done twice", 11, |h| repeat(h, |event| matches!(event, Event::Cases(C::StepFinished { .. })))),
        ("a decision that is made twice", 11, |h| repeat(h, |event| matches!(event, Event::Cases(C::Decided { .. })))),
        ("a case that is closed before it is delivered", 11, |h| {
            forget(h, |event| matches!(event, Event::Cases(C::Delivered { .. })));
        }),
        ("a step that is lost", 11, |history| {
            let case = history.told.filed[5].1.clone();
            history.told.finished.push((case, Text::new(town::CHECK).expect("short")));
        }),
        ("a withdrawal that no receipt tells", 11, |h| {
            forget(h, |event| matches!(event, Event::Cases(C::Ended { .. })))
        }),
        ("a step that its case has forgotten", 11, |h| {
            let is_meant = |case: &cases::Case| case.steps.iter().filter(|mark| mark.outcome.is_some()).count() == 2;
            rewrite(h, &cases::CASES, is_meant, |mut case| {
                let unfinished = case.steps.iter().map(|mark| Mark { outcome: None, ..*mark });
                case.steps = List::new(unfinished.collect()).expect("as many as before");
                Some(case)
            });
        }),
        ("silence that does not accept", 12, |h| {
            forget(h, |event| matches!(event, Event::Cases(C::Accepted { by: None, .. })));
        }),
        ("silence that counts from another day", 12, |h| {
            let is_silence = |event: &Event| matches!(event, Event::Cases(C::Accepted { by: None, .. }));
            change(h, is_silence, |event| match event {
                Event::Cases(C::Accepted { case, item_version, by, missing, due, paper, gap_paper, .. }) => {
                    let counts_from = Time::from_millis(1_767_225_600_000).expect("a time");
                    let changed = C::Accepted { case, item_version, counts_from, by, missing, due, paper, gap_paper };
                    Some(Event::Cases(changed))
                }
                _ => None,
            });
        }),
        ("a clock that goes on and did not stand still", 13, |h| {
            forget(h, |event| matches!(event, Event::Cases(C::ClockStopped { .. })));
        }),
        ("a procedure that does not end", 13, |h| {
            forget(h, |event| matches!(event, Event::Cases(C::ClockResumed { .. })));
        }),
        ("a licence that was not issued", 14, |h| {
            forget(h, |event| matches!(event, Event::Licences(L::Issued { .. })))
        }),
        ("a licence that its case does not record", 14, |h| rewrite(h, &licences::CASES, |_| true, |_| None)),
        ("a licence that its holder does not hold", 14, |h| rewrite(h, &licences::HELD, |_| true, |_| None)),
        ("a licence that stays valid for the chain", 14, |h| {
            let is_suspended = |licence: &licences::Licence| licence.history.len() == 2;
            rewrite(h, &licences::LICENCES, is_suspended, |_| None);
        }),
        ("a suspension that no receipt tells", 14, |h| {
            forget(h, |event| matches!(event, Event::Licences(L::Suspended { .. })));
        }),
        ("a revocation that no receipt tells", 14, |h| {
            forget(h, |event| matches!(event, Event::Licences(L::Revoked { .. })));
        }),
        ("an access for no case", 15, |h| {
            let is_access = |event: &Event| matches!(event, Event::Sharing(sharing::Event::AccessRecorded { .. }));
            change(h, is_access, |event| match event {
                Event::Sharing(sharing::Event::AccessRecorded { id, mut handout }) => {
                    handout.case = None;
                    Some(Event::Sharing(sharing::Event::AccessRecorded { id, handout }))
                }
                _ => None,
            });
        }),
        ("an access to what is another's", 15, |h| {
            rewrite(
                h,
                &sharing::ACCESSES,
                |_| true,
                |mut access| {
                    access.handout.reading.person = Person::Li.account(SUITE);
                    Some(access)
                },
            );
        }),
        ("a key that leads to another account", 22, |h| {
            rewrite(h, &identity::KEYS, |_| true, |_| Some(Person::Li.account(SUITE)));
        }),
        ("a recovery that was not approved", 16, |h| {
            forget(h, |event| matches!(event, Event::Identity(identity::Event::RecoveryApproved { .. })));
        }),
        ("a recovery that is not completed", 16, |h| {
            forget(h, |event| matches!(event, Event::Identity(identity::Event::RecoveryCompleted { .. })));
        }),
    ];
    let sound = sound();
    let mut found = BTreeSet::new();
    for (forgery, rule, forge) in forgeries {
        let mut history = sound.clone();
        forge(&mut history);
        let (_, finding) = history.judge().expect_err(forgery);
        assert_eq!(finding.rule, rule, "{forgery}: {finding}");
        found.insert(rule);
    }
    for (invariant, watched) in TEN {
        let Watched::By(rules) = watched else { continue };
        let is_tried = |rule: &u8| *rule == 4 || found.contains(rule); // rule 4 has its forgery in tests/auditor.rs
        assert!(rules.iter().all(is_tried) && rules.iter().any(|rule| found.contains(rule)), "{invariant}");
    }
}

#[test]
fn what_is_forged_about_weeks_is_found_under_its_rule() {
    use cases::Event as C;
    use sharing::Event as S;
    let forgeries: [(&str, u8, Forgery); 14] = [
        ("a case that was never handed over", 12, |h| {
            forget(h, |event| matches!(event, Event::Cases(C::HandedOver { .. })));
        }),
        ("a decision before the gap is filled", 17, |h| {
            forget(h, |event| matches!(event, Event::Cases(C::GapFilled { .. })));
        }),
        ("a gap that suspends nothing", 17, |h| {
            forget(h, |event| matches!(event, Event::Cases(C::GapSuspended { .. })));
        }),
        ("a correction that nobody asked for", 17, |h| {
            forget(h, |event| matches!(event, Event::Cases(C::CorrectionAsked { .. })));
        }),
        ("a promise that was broken in another's case", 17, |h| {
            rewrite(
                h,
                &cases::CASES,
                |case| case.stage == Stage::Terminated,
                |case| Some(cases::Case { applicant: Person::Li.account(SUITE), ..case }),
            );
        }),
        ("a renewal that nobody grants", 18, |h| {
            forget(h, |event| matches!(event, Event::Cases(C::Decided { by: None, .. })));
        }),
        ("a renewal of what was not applied for", 18, |h| {
            rewrite(
                h,
                &cases::FILINGS,
                |filing| filing.renews.is_some(),
                |mut filing| {
                    filing.renews = None;
                    Some(filing)
                },
            );
        }),
        ("a version that does not know the one before", 14, |h| {
            rewrite(
                h,
                &licences::LICENCES,
                |licence| licence.supersedes.is_some(),
                |mut licence| {
                    licence.supersedes = None;
                    Some(licence)
                },
            );
        }),
        ("an appeal that nobody made", 19, |h| {
            forget(h, |event| matches!(event, Event::Cases(C::Appealed { .. })));
        }),
        ("a case that is taken up again without an appeal that was right", 19, |h| {
            forget(h, |event| matches!(event, Event::Cases(C::AppealDecided { .. })));
        }),
        ("a grant that is revoked by its record alone", 14, |h| {
            forget(h, |event| matches!(event, Event::Cases(C::RevocationDecided { .. })));
        }),
        ("a case that is accepted by an old version", 20, |h| {
            let is_second =
                |event: &Event| matches!(event, Event::Catalogue(catalogue::Event::Published { version: 2, .. }));
            forget(h, is_second);
        }),
        ("a request that is open twice", 21, |h| rewrite(h, &sharing::OPEN_CORRECTIONS, |_| true, |_| None)),
        ("a request that is never overdue", 21, |h| {
            forget(h, |event| matches!(event, Event::Sharing(S::CorrectionOverdue { .. })));
        }),
    ];
    find_all(&sound_after_weeks(), &forgeries);
}

#[test]
fn a_broken_record_is_found_in_its_block_and_not_only_in_the_end() {
    let mut history = sound();
    let index = history.writes.iter().position(|writes| writes.iter().any(|write| write.table == "licences/cases"));
    rewrite(&mut history, &licences::CASES, |_| true, |_| None);
    let (height, finding) = history.judge().expect_err("it is found");
    assert_eq!(finding.rule, 14);
    assert_eq!(height, index.map(|index| index as u64 + 1), "{finding}");
}
