//! The same about rights: disputes about keys, estates, hearings, counters, drafts and copies, and what takes two officers or two cities.

use crate::history::{
    Forgery, History, SUITE, by_another, change, find_all, forget, founded, genesis, repeat, rewrite, suite,
};
use tongban_modules::case_records::Filing;
use tongban_modules::case_sources::{AnswerSource, AnswerSources};
use tongban_modules::cases::{self, Event as C};
use tongban_modules::catalogue::Event as K;
use tongban_modules::identity::Event as I;
use tongban_modules::licences::Event as L;
use tongban_modules::orgs::Event as O;
use tongban_modules::recovery::{Ruling, Side};
use tongban_modules::representation::Event as R;
use tongban_modules::sharing::Uses;
use tongban_modules::{Event, catalogue};
use tongban_simulator::Happened;
use tongban_simulator::town::{self, Person, affairs, rights as calls};
use tongban_types::codes::CaseNumber;
use tongban_types::receipt::EventBytes;
use tongban_types::{AccessId, AccountId, ConsentId, Digest, List, Outcome, Time, codec};

const DAY_MILLIS: u64 = 86_400_000;

fn in_days(history: &History, days: u64) -> Time {
    history.time.plus_millis(days * DAY_MILLIS)
}

fn pass(history: &mut History, millis: u64) {
    history.time = history.time.plus_millis(millis);
    history.run(&[]);
    history.run(&[]);
}

fn accepted_at_welfare(history: &mut History, number: u8) -> CaseNumber {
    let case = history.file_with(number, town::file_at_welfare);
    history.act(Person::WelfareClerk, &[town::receive(&case), town::accept(&case)]);
    case
}

fn refuse(history: &mut History, case: &CaseNumber) {
    history.act(Person::WelfareApprover, &[town::decide(case, false)]);
    history.act(Person::WelfareIssuer, &[town::deliver(case, false), town::close(case)]);
}

/// A recovery to which a key of the frozen account objects.
fn disputed(history: &mut History) -> u64 {
    let open = town::open_recovery(Person::Chen, SUITE, &genesis().network(suite()));
    let recovery = history.act(Person::IdentityOfficer, &[open]).number;
    history.act(Person::Chen, &[affairs::object(recovery)]);
    history.refused(
        Person::ThirdOfficer,
        calls::decide_objection(recovery, Ruling::Uphold),
        "identity.hearing_not_over",
    );
    history.act(Person::ThirdOfficer, &[calls::appear(recovery, Side::Claimant)]);
    history.act(Person::ThirdOfficer, &[calls::appear(recovery, Side::Objector)]);
    recovery
}

/// Accounts: an objection is dismissed and the account has another key; who died has an estate; and another objection is upheld.
fn accounts() -> History {
    let mut history = founded();
    history.act(Person::IdentityOfficer, &[affairs::freeze(Person::Chen, SUITE)]);
    let recovery = disputed(&mut history);
    history.act(Person::ThirdOfficer, &[calls::decide_objection(recovery, Ruling::Dismiss)]);
    history.refused(Person::Chen, affairs::object(recovery), "identity.objected_before");
    history.act(Person::IdentityOfficer, &[town::notice(recovery)]);
    history.refused(Person::ThirdOfficer, town::approve_recovery(recovery), "identity.same_officer");
    history.act(Person::RecoveryApprover, &[town::approve_recovery(recovery)]);
    pass(&mut history, 180_000);

    let zhao = Person::Zhao;
    let withdrawn = history.file_for(1, zhao, zhao, town::file_at_welfare);
    let ended = history.file_for(2, zhao, zhao, town::file_at_welfare);
    history.refused(Person::WelfareApprover, calls::discontinue(&ended), "cases.applicant_there");
    let recorded = history.act(Person::IdentityOfficer, &[affairs::record_death(zhao, SUITE)]).number;
    history.act(Person::RecoveryApprover, &[affairs::confirm(zhao, recorded, SUITE)]);
    let appoint = calls::appoint_executor(zhao, in_days(&history, 20), SUITE);
    history.refused(Person::Executor, town::withdraw(&withdrawn), "cases.no_capacity");
    history.act(Person::IdentityOfficer, &[appoint]);
    history.act(Person::Executor, &[town::withdraw(&withdrawn)]);
    history.act(Person::WelfareApprover, &[calls::discontinue(&ended)]);
    history
}

/// The same where the objection is right.
fn upheld() -> History {
    let mut history = founded();
    history.act(Person::IdentityOfficer, &[affairs::freeze(Person::Chen, SUITE)]);
    let recovery = disputed(&mut history);
    history.act(Person::ThirdOfficer, &[calls::decide_objection(recovery, Ruling::Uphold)]);
    history.file_for(1, Person::Chen, Person::Chen, town::file_at_welfare);
    history
}

/// Hearings: one is held, of one all do without, and for one nobody asks.
fn hearings() -> History {
    let mut history = founded();
    let told = |history: &mut History, number| {
        let case = accepted_at_welfare(history, number);
        history.act(Person::WelfareChecker, &[town::finish(&case, town::CHECK)]);
        history.act(Person::FoodReviewer, &[town::finish(&case, town::REVIEW)]);
        history.act(Person::WelfareApprover, &[calls::tell_hearing(&case, Person::Wu, SUITE)]);
        history.refused(Person::WelfareApprover, town::decide(&case, false), "cases.hearing_open");
        case
    };
    let [held, waived, lapsed] = [1, 2, 3].map(|number| told(&mut history, number));
    history.act(Person::Zhang, &[calls::answer_hearing(&held, Person::Zhang, true, SUITE)]);
    let date = in_days(&history, 14);
    history.act(Person::WelfareApprover, &[calls::arrange_hearing(&held, date)]);
    for who in [Person::Zhang, Person::Wu] {
        history.act(who, &[calls::answer_hearing(&waived, who, false, SUITE)]);
    }
    refuse(&mut history, &waived);
    history.act(Person::Zhang, &[calls::acknowledge(&waived)]);
    pass(&mut history, 15 * DAY_MILLIS);
    history.refused(Person::WelfareChecker, calls::record_hearing(&held), "cases.same_officer");
    history.act(Person::HearingOfficer, &[calls::record_hearing(&held)]);
    history.refused(Person::WelfareApprover, calls::refer(&lapsed), "cases.nobody_barred");
    refuse(&mut history, &held);
    refuse(&mut history, &lapsed);
    refer(&mut history, &lapsed);
    history
}

/// The only one who decides in the department passes an appeal against himself on to the government.
fn refer(history: &mut History, case: &CaseNumber) {
    history.act(Person::Zhang, &[town::appeal(case)]);
    history.refused(Person::WelfareApprover, town::decide_appeal(case, false), "cases.same_officer");
    history.refused(Person::CityApprover, town::decide_appeal(case, true), "tx.denied");
    history.act(Person::WelfareApprover, &[calls::refer(case)]);
    history.act(Person::CityApprover, &[town::decide_appeal(case, true), town::reconsider(case)]);
    history.refused(Person::WelfareApprover, town::decide(case, false), "cases.same_officer");
    history.act(Person::CityApprover, &[town::decide(case, false)]);
    history.act(Person::WelfareIssuer, &[town::deliver(case, false), town::close(case)]);
}

/// Offices: what is entered at a counter, an item that takes two, and an officer who comes to another tree.
fn offices() -> History {
    let mut history = founded();
    let sun = Person::Sun.account(SUITE);
    let entered = |history: &mut History, number| {
        let form = Digest([number; 32]);
        let receipt = history.act(Person::CounterClerk, &[calls::enter_application(sun, form)]);
        let case = first(&receipt.outcome, |event| match event {
            Event::Cases(C::ApplicationEntered { case, .. }) => Some(case),
            _ => None,
        });
        history.told.filed.push((form, case.clone()));
        history.refused(Person::CounterClerk, town::receive(&case), "cases.own_matter");
        history.act(Person::WelfareClerk, &[town::receive(&case)]);
        case
    };
    let [disowned, withdrawn] = [1, 2].map(|number| entered(&mut history, number));
    history.act(Person::Sun, &[calls::disown(&disowned)]);
    history.act(Person::HearingOfficer, &[calls::examine_disowned(&disowned)]);
    history.act(Person::WelfareClerk, &[town::accept(&withdrawn)]);
    history.act(Person::CounterClerk, &[calls::enter_withdrawal(&withdrawn)]);

    history.act(Person::Mayor, &[calls::want_four_eyes()]);
    history.refused(Person::Editor, calls::publish_alone(), "catalogue.four_eyes");
    let proposed = history.act(Person::Editor, &[calls::propose_item()]);
    let (number, digest) = first(&proposed.outcome, |event| match event {
        Event::Catalogue(catalogue::Event::Proposed { number, digest, .. }) => Some((number, digest)),
        _ => None,
    });
    history.refused(Person::Editor, calls::approve_item(number, digest), "catalogue.proposed_by_oneself");
    history.act(Person::SecondEditor, &[calls::approve_item(number, digest)]);

    let offer = calls::offer_transfer(in_days(&history, 10), SUITE);
    history.act(Person::Mayor, std::slice::from_ref(&offer));
    history.act(Person::OtherMayor, &[calls::decline_transfer(SUITE)]);
    history.refused(Person::OtherMayor, calls::accept_transfer(SUITE), "orgs.offer_settled");
    history.act(Person::Mayor, &[offer]);
    history.refused(Person::OtherMayor, calls::transfer_away(SUITE), "orgs.other_tree");
    history.act(Person::OtherMayor, &[calls::accept_transfer(SUITE)]);
    history
}

fn first<T>(outcome: &Outcome, pick: impl Fn(Event) -> Option<T>) -> T {
    let Outcome::Applied { events } = outcome else { panic!("it was applied") };
    let mut decoded = events.iter().map(|event| Event::decode(event.as_ref()).expect("an event"));
    decoded.find_map(pick).expect("it is among them")
}

/// Licences: prepared and issued by two, copied, named as the source of an answer, and handed over to another network.
fn licences() -> History {
    let mut history = founded();
    let granted = history.accept(1);
    history.finish(&granted);
    history.act(Person::Approver, &[town::decide(&granted, true)]);
    let (licence, zhang) = (town::licence(1), Person::Zhang.account(SUITE));
    let period = (town::day_of(history.time), town::long_end());
    let copy =
        |history: &History, number| calls::make_copy(&town::licence(1), Digest([number; 32]), in_days(history, 9));
    history.act(Person::Issuer, &[calls::prepare(1, &granted, zhang, period)]);
    history.refused(Person::Issuer, calls::issue_prepared(&licence), "licences.same_officer");
    history.refused(Person::Zhang, copy(&history, 1), "licences.not_valid");
    history.act(Person::SecondIssuer, &[calls::issue_prepared(&licence)]);
    history.act(Person::Issuer, &[town::certify(&granted, &licence), town::deliver(&granted, true)]);
    history.act(Person::Issuer, &[town::close(&granted)]);

    let (id, access) = (ConsentId([1; 16]), AccessId([1; 16]));
    let until = in_days(&history, 3);
    history.act(Person::Zhang, &[affairs::consent(id, zhang, Uses::Repeatedly, until)]);
    history.act(Person::DataOfficer, &[calls::show_to_holder(access, id, 1, zhang)]);
    let file = |person: AccountId, form| calls::file_with_source(person, form, 1, access);
    history.file_with(2, file);
    history.act(Person::Zhang, &[copy(&history, 1)]);
    history.refused(Person::Li, copy(&history, 2), "licences.not_entitled");
    history.act(Person::Issuer, &[calls::move_out(&licence)]);
    history.refused(Person::Issuer, town::suspend(&licence), "licences.ended");
    history
}

#[test]
fn the_rights_of_a_city_are_sound_and_nothing_of_them_is_vacuous() {
    let expected: [(History, &[(Happened, u64)]); 5] = [
        (
            accounts(),
            &[
                (Happened::RecoveryDisputed, 1),
                (Happened::ObjectionDismissed, 1),
                (Happened::AccountRecovered, 1),
                (Happened::EstateSettled, 1),
                (Happened::CaseDiscontinued, 1),
            ],
        ),
        (upheld(), &[(Happened::RecoveryDisputed, 1), (Happened::ObjectionUpheld, 1)]),
        (
            hearings(),
            &[
                (Happened::HearingTold, 3),
                (Happened::HearingWaived, 2),
                (Happened::HearingHeld, 1),
                (Happened::HearingLapsed, 1),
                (Happened::DeliveryAcknowledged, 1),
                (Happened::CaseReferred, 1),
            ],
        ),
        (
            offices(),
            &[
                (Happened::EnteredAtCounter, 3),
                (Happened::EntryDisowned, 1),
                (Happened::ItemApproved, 1),
                (Happened::TransferOffered, 2),
                (Happened::OfferEnded, 1),
                (Happened::OfferAccepted, 1),
            ],
        ),
        (
            licences(),
            &[
                (Happened::LicencePrepared, 1),
                (Happened::LicenceIssued, 1),
                (Happened::CopyMade, 1),
                (Happened::SourceNamed, 1),
                (Happened::LicenceMovedOut, 1),
            ],
        ),
    ];
    for (history, expected) in expected {
        let tally = history.judge().expect("it is sound");
        for (what, times) in expected {
            assert_eq!(tally.get(what), Some(times), "{what:?}");
        }
    }
}

#[test]
fn what_is_forged_about_disputes_and_estates_is_found_under_its_rule() {
    let forgeries: [(&str, u8, Forgery); 9] = [
        ("an objection that nobody made", 33, |h| {
            forget(h, |event| matches!(event, Event::Identity(I::RecoveryDisputed { .. })));
        }),
        ("a side that did not come", 33, |h| {
            forget(h, |event| matches!(event, Event::Identity(I::AppearanceRecorded { .. })));
        }),
        ("an objection that is dismissed by whom the recovery is of", 33, |h| {
            let is_meant = |event: &Event| matches!(event, Event::Identity(I::ObjectionDismissed { .. }));
            change(h, is_meant, |event| match event {
                Event::Identity(I::ObjectionDismissed {
                    account, recovery, reason, completes_at, department, ..
                }) => {
                    let by = Person::IdentityOfficer.account(SUITE);
                    Some(Event::Identity(I::ObjectionDismissed {
                        account,
                        recovery,
                        reason,
                        completes_at,
                        department,
                        by,
                    }))
                }
                _ => None,
            });
        }),
        ("a recovery that cools down while it is disputed", 33, |h| {
            forget(h, |event| matches!(event, Event::Identity(I::ObjectionDismissed { .. })));
        }),
        ("an objection without a freeze", 24, |h| {
            forget(h, |event| matches!(event, Event::Identity(I::Frozen { .. })));
        }),
        ("an estate that nobody administers", 25, |h| {
            forget(h, |event| matches!(event, Event::Representation(R::AdministratorAppointed { .. })));
        }),
        ("an estate of one who is alive", 24, |h| {
            forget(h, |event| matches!(event, Event::Identity(I::AccountEnded { .. })));
        }),
        ("a case that is discontinued twice", 31, |h| {
            repeat(h, |event| matches!(event, Event::Cases(C::Discontinued { .. })));
        }),
        ("a number that another paper has", 28, |h| {
            let is_meant = |event: &Event| matches!(event, Event::Cases(C::Discontinued { .. }));
            change(h, is_meant, |event| match event {
                Event::Cases(C::Discontinued { case, stage, loss, reasons, by, paper }) => {
                    let paper = paper.map(|mut paper| {
                        paper.sequence = 0;
                        paper
                    });
                    Some(Event::Cases(C::Discontinued { case, stage, loss, reasons, by, paper }))
                }
                _ => None,
            });
        }),
    ];
    let mut sound = accounts();
    sound.run(&[]);
    sound.refused(Person::Executor, town::withdraw(&sound.told.filed[0].1.clone()), "cases.wrong_stage");
    find_all(&sound, &forgeries);
}

/// All notices of hearings have the number of the first one.
fn give_one_number(history: &mut History) {
    let mut first = None;
    for receipt in &mut history.receipts {
        let Outcome::Applied { events } = &mut receipt.outcome else { continue };
        let forged = events.iter().map(|event| match Event::decode(event.as_ref()) {
            Ok(Event::Cases(C::HearingTold { case, step, parties, notice, ask_until, by, paper })) => {
                let paper = *first.get_or_insert(paper);
                let told = C::HearingTold { case, step, parties, notice, ask_until, by, paper };
                EventBytes::new(codec::encode(&Event::Cases(told))).expect("short")
            }
            _ => event.clone(),
        });
        *events = List::new(forged.collect()).expect("as many as before");
    }
    assert!(first.is_some());
}

#[test]
fn what_is_forged_about_hearings_is_found_under_its_rule() {
    let forgeries: [(&str, u8, Forgery); 8] = [
        ("a department that decides a case which nobody has referred to it", 23, |h| {
            forget(h, |event| matches!(event, Event::Cases(C::Referred { .. })));
        }),
        ("a case that is decided anew by whom an appeal was right against", 19, |h| {
            let city = |event: &Event| matches!(event, Event::Cases(C::Decided { by: Some(by), .. }) if *by == Person::CityApprover.account(SUITE));
            change(h, city, |event| match event {
                Event::Cases(C::Decided { case, granted, step, department, reasons, due, paper, .. }) => {
                    let by = Some(Person::WelfareApprover.account(SUITE));
                    Some(Event::Cases(C::Decided { case, granted, step, department, reasons, by, due, paper }))
                }
                _ => None,
            });
        }),
        ("a hearing that was not held", 13, |h| {
            forget(h, |event| matches!(event, Event::Cases(C::HearingRecorded { .. })));
        }),
        ("a hearing that somebody asks for who was not told of it", 29, |h| {
            forget(h, |event| matches!(event, Event::Cases(C::HearingTold { .. })));
        }),
        ("a hearing that not all do without", 29, |h| {
            let is_meant = |event: &Event| matches!(event, Event::Cases(C::HearingAnswered { wants: false, .. }));
            forget(h, is_meant);
        }),
        ("a hearing under its reviewer", 29, |h| {
            let is_meant = |event: &Event| matches!(event, Event::Cases(C::HearingRecorded { .. }));
            change(h, is_meant, |event| match event {
                Event::Cases(C::HearingRecorded { case, step, record, .. }) => {
                    let by = Person::WelfareChecker.account(SUITE);
                    Some(Event::Cases(C::HearingRecorded { case, step, record, by }))
                }
                _ => None,
            });
        }),
        ("a hearing without its notice", 29, |h| {
            forget(h, |event| matches!(event, Event::Cases(C::HearingArranged { .. })));
        }),
        ("a number that is given twice", 28, |h| give_one_number(h)),
    ];
    find_all(&hearings(), &forgeries);
}

#[test]
fn what_is_forged_about_counters_items_and_trees_is_found_under_its_rule() {
    let forgeries: [(&str, u8, Forgery); 9] = [
        ("an entry by one who is no receiver", 23, |h| {
            by_another(h, Person::Sun, |event| matches!(event, Event::Cases(C::ApplicationEntered { .. })));
        }),
        ("a case that is disowned and goes on", 30, |h| {
            let is_meant = |event: &Event| matches!(event, Event::Cases(C::Disowned { .. }));
            change(h, is_meant, |event| match event {
                Event::Cases(C::Disowned { case, entered_by, by, capacity, .. }) => {
                    let stage = tongban_modules::case_states::Stage::Received;
                    Some(Event::Cases(C::Disowned { case, stage, entered_by, by, capacity }))
                }
                _ => None,
            });
        }),
        ("a case that was received by who has entered it", 30, |h| {
            by_another(h, Person::CounterClerk, |event| matches!(event, Event::Cases(C::Received { .. })));
        }),
        ("a proposal that nobody made", 34, |h| {
            forget(h, |event| matches!(event, Event::Catalogue(K::Proposed { .. })));
        }),
        ("a proposal that its author approves", 34, |h| {
            let is_meant = |event: &Event| matches!(event, Event::Catalogue(K::Published { proposal: Some(_), .. }));
            by_another(h, Person::Editor, is_meant);
        }),
        ("an item that one has published alone", 34, |h| {
            let is_meant = |event: &Event| matches!(event, Event::Catalogue(K::Published { proposal: Some(_), .. }));
            change(h, is_meant, |event| match event {
                Event::Catalogue(K::Published { code, version, name, effective_from, absent_departments, .. }) => {
                    let proposal = None;
                    Some(Event::Catalogue(K::Published {
                        code,
                        version,
                        name,
                        effective_from,
                        absent_departments,
                        proposal,
                    }))
                }
                _ => None,
            });
        }),
        ("an officer who was not offered", 32, |h| {
            for _ in 0..2 {
                forget(h, |event| matches!(event, Event::Orgs(O::TransferOffered { .. })));
            }
        }),
        ("an officer who is taken by whom he leaves", 23, |h| {
            let is_meant = |event: &Event| matches!(event, Event::Orgs(O::Transferred { .. }));
            by_another(h, Person::Mayor, is_meant);
        }),
        ("an offer that its own officer makes", 23, |h| {
            by_another(h, Person::Leaver, |event| matches!(event, Event::Orgs(O::TransferOffered { .. })));
        }),
    ];
    find_all(&offices(), &forgeries);
}

#[test]
fn what_is_forged_about_drafts_copies_and_sources_is_found_under_its_rule() {
    let forgeries: [(&str, u8, Forgery); 7] = [
        ("what is delivered to one who may not receive it", 25, |h| {
            let is_meant = |event: &Event| matches!(event, Event::Cases(C::Delivered { .. }));
            change(h, is_meant, |event| match event {
                Event::Cases(C::Delivered { case, way, by, step, .. }) => {
                    let to = Person::Li.account(SUITE);
                    Some(Event::Cases(C::Delivered { case, way, by, step, to }))
                }
                _ => None,
            });
        }),
        ("a licence that was never a draft", 14, |h| {
            forget(h, |event| matches!(event, Event::Licences(L::Prepared { .. })));
        }),
        ("a draft that counts as a licence", 14, |h| {
            forget(h, |event| matches!(event, Event::Licences(L::PreparedIssued { .. })));
        }),
        ("a draft that its author issues", 14, |h| {
            by_another(h, Person::Issuer, |event| matches!(event, Event::Licences(L::PreparedIssued { .. })));
        }),
        ("a copy by one who is not its holder", 25, |h| {
            by_another(h, Person::Li, |event| matches!(event, Event::Licences(L::CopyMade { .. })));
        }),
        ("a licence that has gone and is here", 14, |h| {
            forget(h, |event| matches!(event, Event::Licences(L::MovedOut { .. })));
        }),
        ("an answer from what nobody was shown", 35, |h| {
            let is_meant = |filing: &Filing| !filing.sources.is_empty();
            rewrite(h, &cases::FILINGS, is_meant, |mut filing| {
                let other = filing.sources.iter().cloned();
                let other = other.map(|source| AnswerSource { access: AccessId([9; 16]), ..source });
                filing.sources = AnswerSources::new(other.collect()).expect("one");
                Some(filing)
            });
        }),
    ];
    find_all(&licences(), &forgeries);
}
