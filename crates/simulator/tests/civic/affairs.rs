//! The same about the city's affairs: deputies, transfers, mergers, frozen accounts, ends, agents, guardians, consents and forwardings.

use crate::history::{Forgery, History, SUITE, by_another, change, find_all, forget, founded, genesis, rewrite, suite};
use tongban_modules::identity::Capacity;
use tongban_modules::sharing::Uses;
use tongban_modules::{Event, cases, identity, licences, orgs, representation, sharing};
use tongban_simulator::Happened;
use tongban_simulator::town::affairs as calls;
use tongban_simulator::town::{self, Person};
use tongban_types::{AccessId, ConsentId, CorrectionId, Digest, List, Time};

const DAY_MILLIS: u64 = 86_400_000;
/// Freezes, deputies, agencies and consents are over by then.
const REST_MILLIS: u64 = 30 * DAY_MILLIS;

fn later(history: &History) -> Time {
    history.time.plus_millis(10 * DAY_MILLIS)
}

/// Offices: an absence, a transfer, a merger of departments, and a case that is forwarded.
fn offices() -> History {
    let mut history = founded();
    let absent = history.file_with(1, town::file_at_welfare);
    let name = calls::name_deputy(later(&history), SUITE);
    history.refused(Person::WelfareDeputy, town::receive(&absent), "tx.denied");
    history.refused(Person::WelfareClerk, name.clone(), "tx.denied");
    history.act(Person::Mayor, &[name]);
    history.act(Person::WelfareDeputy, &[town::receive(&absent), town::accept(&absent)]);
    history.act(Person::Mayor, &[calls::end_deputy(SUITE)]);
    let back = history.file_with(2, town::file_at_welfare);
    history.refused(Person::WelfareDeputy, town::receive(&back), "tx.denied");
    history.act(Person::WelfareClerk, &[town::receive(&back), town::accept(&back)]);

    let [check, review] = [town::CHECK, town::REVIEW].map(|step| town::finish(&back, step));
    history.refused(Person::Mover, calls::transfer(Person::Mover, SUITE), "tx.denied");
    history.act(Person::Mayor, &[calls::transfer(Person::Mover, SUITE)]);
    history.refused(Person::Mover, check.clone(), "tx.denied");
    history.refused(Person::Mover, review.clone(), "tx.denied");
    history.act(Person::Mayor, &[calls::grant_review(Person::Mover, SUITE)]);
    history.act(Person::Mover, &[review]);
    history.act(Person::WelfareChecker, &[check]);

    let merged = history.file_with(3, town::file_at_health);
    let open = history.file_with(4, town::file_at_health);
    history.act(Person::HealthClerk, &[town::receive(&merged), town::accept(&merged)]);
    history.act(Person::Mayor, &[calls::merge_departments()]);
    history.refused(Person::HealthClerk, town::finish(&merged, town::CHECK), "tx.denied");
    history.refused(Person::HealthClerk, town::receive(&open), "tx.denied");
    history.refused(Person::Mayor, calls::appoint_at_health(Person::Mover, SUITE), "orgs.closed");
    history.act(Person::WelfareClerk, &[town::receive(&open)]);
    history.act(Person::WelfareChecker, &[town::finish(&merged, town::CHECK)]);
    history.act(Person::FoodReviewer, &[town::finish(&merged, town::REVIEW)]);
    history.act(Person::WelfareApprover, &[town::decide(&merged, false)]);
    history.act(Person::WelfareIssuer, &[town::deliver(&merged, false), town::close(&merged)]);

    let case = history.file_with(5, town::file_at_welfare);
    let (ask, answer) = (town::ask_correction(&case), calls::supplement_again(&case));
    history.act(Person::WelfareClerk, &[town::receive(&case), ask.clone()]);
    history.act(Person::Zhang, std::slice::from_ref(&answer));
    history.refused(Person::WelfareClerk, ask.clone(), "cases.correction_asked_before");
    history.refused(Person::WelfareApprover, calls::forward_aside(&case), "cases.not_higher");
    history.act(Person::WelfareApprover, &[calls::forward(&case)]);
    history.refused(Person::WelfareClerk, ask.clone(), "tx.denied");
    history.act(Person::CityClerk, std::slice::from_ref(&ask));
    history.act(Person::Zhang, &[answer]);
    history.refused(Person::CityClerk, ask, "cases.correction_asked_before");
    history.act(Person::CityClerk, &[town::accept(&case), town::finish(&case, town::CHECK)]);
    history.act(Person::FoodReviewer, &[town::finish(&case, town::REVIEW)]);
    history.refused(Person::WelfareApprover, town::decide(&case, false), "tx.denied");
    history.act(Person::CityApprover, &[town::decide(&case, false)]);
    history.act(Person::CityClerk, &[town::deliver(&case, false), town::close(&case)]);

    let name = calls::name_deputy(later(&history), SUITE);
    history.act(Person::Mayor, &[name]);
    history.time = history.time.plus_millis(REST_MILLIS);
    history.run(&[]);
    let after = history.file_with(6, town::file_at_welfare);
    history.refused(Person::WelfareDeputy, town::receive(&after), "tx.denied");
    history.act(Person::WelfareClerk, &[town::receive(&after)]);
    history
}

/// Accounts: one is frozen and thaws, a person dies, companies are merged and dissolved; and agents, guardians and representatives.
fn accounts() -> History {
    let mut history = founded();
    let chen = Person::Chen;
    let filed = |number| town::file_at_welfare(chen.account(SUITE), Digest([number; 32]));
    history.act(Person::IdentityOfficer, &[calls::freeze(chen, SUITE)]);
    history.refused(chen, filed(90), "tx.account_frozen");
    let open = town::open_recovery(chen, SUITE, &genesis().network(suite()));
    let recovery = history.act(Person::IdentityOfficer, &[open]).number;
    history.act(chen, &[calls::object(recovery)]); // nobody decides about it
    history.refused(chen, filed(91), "tx.account_frozen");

    let (until, of_agent) = (later(&history), town::file_at_welfare(Person::Wu.account(SUITE), Digest([92; 32])));
    let name = calls::name_agent_for_some(Person::Wu, Person::Feng, until, SUITE);
    history.refused(Person::Feng, of_agent.clone(), "cases.no_capacity");
    let agency = history.act(Person::Wu, &[name]).number;
    let case = history.file_for(1, Person::Feng, Person::Wu, town::file_at_welfare);
    history.refused(Person::Feng, town::withdraw(&case), "cases.no_capacity");
    history.refused(Person::Feng, town::file(Person::Wu.account(SUITE), Digest([93; 32])), "cases.no_capacity");
    history.act(Person::Wu, &[calls::revoke_agency(agency)]);
    history.refused(Person::Feng, of_agent, "cases.no_capacity");

    let of_child = history.file_for(2, Person::Child, Person::Child, town::file_at_welfare);
    history.refused(Person::Guardian, town::withdraw(&of_child), "cases.no_capacity");
    history.act(Person::IdentityOfficer, &[calls::appoint_guardian(None, SUITE)]);
    history.act(Person::Guardian, &[town::withdraw(&of_child)]);
    history.act(Person::IdentityOfficer, &[calls::end_guardianship(SUITE)]);

    let until = later(&history);
    history.act(Person::Zhao, &[calls::name_agent(Person::Zhao, Person::Qian, until, SUITE)]);
    let of_dead = history.file_for(3, Person::Qian, Person::Zhao, town::file_at_welfare);
    let end = |history: &mut History, who: Person, record| {
        let recorded = history.act(Person::IdentityOfficer, &[record]).number;
        history.refused(Person::IdentityOfficer, calls::confirm(who, recorded, SUITE), "tx.denied");
        history.act(Person::RecoveryApprover, &[calls::confirm(who, recorded, SUITE)]);
        let file = town::file_at_welfare(who.account(SUITE), Digest([94; 32]));
        history.refused(who, file, "tx.account_ended");
    };
    end(&mut history, Person::Zhao, calls::record_death(Person::Zhao, SUITE));
    history.refused(Person::Qian, town::withdraw(&of_dead), "cases.no_capacity");

    history.act(Person::IdentityOfficer, &calls::name_representatives(SUITE));
    let of_shop = history.file_for(4, Person::Sun, Person::Shop, town::file_at_welfare);
    let of_booth = history.file_for(5, Person::Sun, Person::Booth, town::file_at_welfare);
    let other = history.file_for(6, Person::Sun, Person::Shop, town::file_at_welfare);
    end(&mut history, Person::Shop, calls::record_merger(SUITE));
    history.refused(Person::Sun, town::withdraw(&of_shop), "cases.no_capacity");
    history.act(Person::Zhou, &[town::withdraw(&of_shop)]);
    history.act(Person::Chain, &[town::withdraw(&other)]);
    end(&mut history, Person::Booth, calls::record_dissolution(Person::Booth, SUITE));
    history.refused(Person::Sun, town::withdraw(&of_booth), "cases.no_capacity");

    history.time = history.time.plus_millis(REST_MILLIS);
    history.run(&[]);
    history.run(&[]);
    history.file_for(7, chen, chen, town::file_at_welfare);
    history
}

/// Data: a licence is read under consents, found wrong, and made out anew.
fn data() -> History {
    let mut history = founded();
    let granted = history.accept(1);
    history.finish(&granted);
    history.act(Person::Approver, &[town::decide(&granted, true)]);
    let period = (town::day_of(history.time), town::long_end());
    history.complete(&granted, 1, period.1);
    let (zhang, until) = (Person::Zhang.account(SUITE), later(&history));
    let case = history.file_with(2, town::file_at_welfare);
    let [once, often] = [ConsentId([1; 16]), ConsentId([2; 16])];
    let access = |number, consent| calls::record_access_under(AccessId([number; 16]), consent, 1, &case, zhang, SUITE);
    history.refused(Person::DataOfficer, access(1, once), "sharing.not_found");
    history.refused(Person::Wang, calls::consent(once, zhang, Uses::Once, until), "sharing.not_for_person");
    history.act(Person::Zhang, &[calls::consent(once, zhang, Uses::Once, until)]);
    history.act(Person::DataOfficer, &[access(1, once)]);
    history.refused(Person::DataOfficer, access(2, once), "sharing.used_up");
    history.act(Person::Zhang, &[calls::consent(often, zhang, Uses::Repeatedly, until)]);
    history.act(Person::DataOfficer, &[access(3, often)]);
    history.act(Person::DataOfficer, &[access(4, often)]);
    history.act(Person::Zhang, &[calls::withdraw_consent(often)]);
    history.refused(Person::DataOfficer, access(5, often), "sharing.withdrawn");

    let (licence, next, id) = (town::licence(1), town::renewed(1), CorrectionId([1; 16]));
    history.act(Person::Zhang, &[town::report_error(id, &licence, zhang)]);
    history.act(Person::Issuer, &[town::suspend(&licence)]);
    history.refused(Person::Issuer, calls::correct(1, period), "licences.suspended");
    history.act(Person::Issuer, &[town::resume(&licence)]);
    history.refused(Person::DataOfficer, calls::answer_corrected(id, &next), "sharing.licence_unknown");
    history.act(Person::Issuer, &[calls::correct(1, period)]);
    history.refused(Person::Issuer, town::suspend(&licence), "licences.ended");
    history.act(Person::DataOfficer, &[calls::answer_corrected(id, &next)]);
    history
}

#[test]
fn the_affairs_of_a_city_are_sound_and_nothing_of_them_is_vacuous() {
    let expected: [(History, &[(Happened, u64)]); 3] = [
        (
            offices(),
            &[
                (Happened::DeputyNamed, 2),
                (Happened::DeputyActed, 2),
                (Happened::OfficerTransferred, 1),
                (Happened::DepartmentMerged, 1),
                (Happened::SuccessorActed, 6),
                (Happened::CaseForwarded, 1),
                (Happened::ToldAgain, 1),
            ],
        ),
        (
            accounts(),
            &[
                (Happened::AccountFrozen, 1),
                (Happened::FrozenObjected, 1),
                (Happened::FreezeEnded, 1),
                (Happened::RestingAccountRefused, 5),
                (Happened::PersonDied, 1),
                (Happened::CompanyMerged, 1),
                (Happened::CompanyDissolved, 1),
                (Happened::RepresentativeActed, 4),
                (Happened::HeirActed, 1),
                (Happened::AgentNamed, 2),
                (Happened::AgentActed, 2),
                (Happened::AgencyEnded, 1),
                (Happened::GuardianActed, 1),
                (Happened::GuardianshipEnded, 1),
            ],
        ),
        (
            data(),
            &[
                (Happened::ConsentGiven, 2),
                (Happened::ConsentUsed, 3),
                (Happened::ConsentWithdrawn, 1),
                (Happened::LicenceCorrected, 1),
                (Happened::ErrorAnswered, 1),
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
fn what_is_forged_about_offices_is_found_under_its_rule() {
    use cases::Event as C;
    use orgs::Event as O;
    let forgeries: [(&str, u8, Forgery); 10] = [
        ("a deputy whom nobody has named", 23, |h| {
            forget(h, |event| matches!(event, Event::Orgs(O::DeputyNamed { .. })));
        }),
        ("a deputy who acts for one who is back", 23, |h| {
            by_another(h, Person::WelfareDeputy, |event| matches!(event, Event::Cases(C::StepFinished { .. })));
        }),
        ("an absence that ends on its record alone", 23, |h| {
            forget(h, |event| matches!(event, Event::Orgs(O::DeputyEnded { .. })));
        }),
        ("an officer who takes his right with him", 23, |h| {
            let mover = |event: &Event| {
                matches!(event, Event::Orgs(O::Granted { account, office, .. })
                    if *account == Person::Mover.account(SUITE) && &**office == "主任科员")
            };
            forget(h, mover);
        }),
        ("an officer who is transferred and stays", 23, |h| {
            rewrite(
                h,
                &orgs::OFFICERS,
                |appointment| appointment.end.is_some(),
                |mut appointment| {
                    appointment.end = None;
                    Some(appointment)
                },
            );
        }),
        ("an officer who transfers himself", 23, |h| {
            by_another(h, Person::Mover, |event| matches!(event, Event::Orgs(O::Transferred { .. })));
        }),
        ("a closed department whose officer acts", 23, |h| {
            let is_after = |event: &Event| {
                matches!(event, Event::Cases(C::StepFinished { case, step, .. })
                    if case.as_str().starts_with(town::HEALTH_ITEM) && &**step == town::CHECK)
            };
            by_another(h, Person::HealthClerk, is_after);
        }),
        ("a department that is closed on its record alone", 23, |h| {
            let is_close = |event: &Event| {
                matches!(event, Event::Orgs(O::DepartmentChanged { change: orgs::Change::Close { .. }, .. }))
            };
            forget(h, is_close);
        }),
        ("a case that is forwarded to a body that is not above", 27, |h| {
            change(
                h,
                |event| matches!(event, Event::Cases(C::Forwarded { .. })),
                |event| match event {
                    Event::Cases(C::Forwarded { case, from, reasons, by, paper, .. }) => {
                        Some(Event::Cases(C::Forwarded { case, from, to: calls::market(), reasons, by, paper }))
                    }
                    _ => None,
                },
            );
        }),
        ("a case that another body leads, as no receipt tells", 27, |h| {
            forget(h, |event| matches!(event, Event::Cases(C::Forwarded { .. })));
        }),
    ];
    find_all(&offices(), &forgeries);
}

#[test]
fn what_is_forged_about_accounts_is_found_under_its_rule() {
    use cases::Event as C;
    use identity::Event as I;
    use representation::Event as R;
    let forgeries: [(&str, u8, Forgery); 13] = [
        ("a frozen account that does more than object", 24, |h| {
            by_another(h, Person::Chen, |event| matches!(event, Event::Representation(R::AgentNamed { .. })));
        }),
        ("a freeze that does not end", 24, |h| {
            forget(h, |event| matches!(event, Event::Identity(I::FreezeEnded { .. })));
        }),
        ("a freeze that no receipt tells", 24, |h| {
            forget(h, |event| matches!(event, Event::Identity(I::Frozen { .. })));
        }),
        ("an end that one officer alone has made", 24, |h| {
            change(
                h,
                |event| matches!(event, Event::Identity(I::AccountEnded { .. })),
                |event| match event {
                    Event::Identity(I::AccountEnded { account, status, department, by, .. }) => {
                        Some(Event::Identity(I::AccountEnded { account, status, department, by, recorded_by: by }))
                    }
                    _ => None,
                },
            );
        }),
        ("a dead person who acts", 24, |h| {
            by_another(h, Person::Zhao, |event| matches!(event, Event::Representation(R::RepresentativesNamed { .. })));
        }),
        ("an end that no receipt tells", 24, |h| {
            forget(h, |event| matches!(event, Event::Identity(I::AccountEnded { .. })));
        }),
        ("an agent whom nobody has named", 25, |h| {
            forget(h, |event| matches!(event, Event::Representation(R::AgentNamed { .. })));
        }),
        ("an agency that ends on its record alone", 25, |h| {
            forget(h, |event| matches!(event, Event::Representation(R::AgencyEnded { .. })));
        }),
        ("an agent under an agency that is not his", 25, |h| {
            let is_agents =
                |event: &Event| matches!(event, Event::Cases(C::Filed { capacity: Capacity::Agent { .. }, .. }));
            change(h, is_agents, |event| match event {
                Event::Cases(C::Filed {
                    case,
                    item,
                    item_version,
                    applicant,
                    by,
                    department,
                    place,
                    crossing,
                    channel,
                    ..
                }) => {
                    let capacity = Capacity::Agent { agency: 0 };
                    Some(Event::Cases(C::Filed {
                        case,
                        item,
                        item_version,
                        applicant,
                        by,
                        capacity,
                        department,
                        place,
                        crossing,
                        channel,
                    }))
                }
                _ => None,
            });
        }),
        ("an agent who does more than he may", 25, |h| {
            rewrite(
                h,
                &representation::AGENCIES,
                |agency| agency.mandate.acts.is_some(),
                |mut agency| {
                    agency.mandate.acts = Some(List::new(vec![identity::AgentAct::Rate]).expect("one"));
                    Some(agency)
                },
            );
        }),
        ("a guardian whom nobody has appointed", 25, |h| {
            forget(h, |event| matches!(event, Event::Representation(R::GuardianAppointed { .. })));
        }),
        ("a representative of a company that was merged", 25, |h| {
            let is_of_heir = |event: &Event| {
                matches!(event, Event::Cases(C::Ended { capacity: Some(Capacity::LegalRepresentative), .. }))
            };
            by_another(h, Person::Sun, is_of_heir);
        }),
        ("a company that stands for itself after its merger", 25, |h| {
            let is_of_heir =
                |event: &Event| matches!(event, Event::Cases(C::Ended { capacity: Some(Capacity::Successor), .. }));
            change(h, is_of_heir, |event| match event {
                Event::Cases(C::Ended { case, stage, reasons, to, by, paper, .. }) => {
                    let capacity = Some(Capacity::Oneself);
                    Some(Event::Cases(C::Ended { case, stage, reasons, to, by, capacity, paper }))
                }
                _ => None,
            });
        }),
    ];
    find_all(&accounts(), &forgeries);
}

/// Another consent in the place of the one that is used again and again.
fn change_consent(history: &mut History, forge: fn(Event) -> Option<Event>) {
    let is_meant =
        |event: &Event| matches!(event, Event::Sharing(sharing::Event::ConsentGiven { uses: Uses::Repeatedly, .. }));
    change(history, is_meant, forge);
}

#[test]
fn what_is_forged_about_data_is_found_under_its_rule() {
    use sharing::Event as S;
    let forgeries: [(&str, u8, Forgery); 9] = [
        ("an access under a consent that nobody gave", 26, |h| {
            forget(h, |event| matches!(event, Event::Sharing(S::ConsentGiven { .. })));
        }),
        ("a withdrawal that no receipt tells", 26, |h| {
            forget(h, |event| matches!(event, Event::Sharing(S::ConsentWithdrawn { .. })));
        }),
        ("a consent that is used twice", 26, |h| {
            change_consent(h, |event| match event {
                Event::Sharing(S::ConsentGiven { id, reading, sources, until, by, .. }) => {
                    Some(Event::Sharing(S::ConsentGiven { id, reading, sources, uses: Uses::Once, until, by }))
                }
                _ => None,
            });
        }),
        ("a consent that is used when it is over", 26, |h| {
            change_consent(h, |event| match event {
                Event::Sharing(S::ConsentGiven { id, reading, sources, uses, until, by }) => {
                    let until = Time::from_millis(until.as_millis() - 10 * DAY_MILLIS + 10_000).expect("a time");
                    Some(Event::Sharing(S::ConsentGiven { id, reading, sources, uses, until, by }))
                }
                _ => None,
            });
        }),
        ("a consent for something else", 26, |h| {
            change(
                h,
                |event| matches!(event, Event::Sharing(S::ConsentGiven { .. })),
                |event| match event {
                    Event::Sharing(S::ConsentGiven { id, mut reading, sources, uses, until, by }) => {
                        reading.purpose = sharing::Purpose::Supervision;
                        Some(Event::Sharing(S::ConsentGiven { id, reading, sources, uses, until, by }))
                    }
                    _ => None,
                },
            );
        }),
        ("a use that no record shows", 26, |h| {
            rewrite(
                h,
                &sharing::CONSENTS,
                |consent| consent.sources.iter().any(|granted| granted.last_access.is_some()),
                |mut consent| {
                    let unused = consent.sources.iter().cloned();
                    let unused = unused.map(|granted| sharing::Granted { last_access: None, ..granted });
                    consent.sources = List::new(unused.collect()).expect("as many as before");
                    Some(consent)
                },
            );
        }),
        ("a licence that was made out anew as no receipt tells", 14, |h| {
            forget(h, |event| matches!(event, Event::Licences(licences::Event::Superseded { .. })));
        }),
        ("a licence that was replaced and stays valid", 14, |h| {
            rewrite(h, &licences::LICENCES, |licence| licence.superseded_by().is_some(), |_| None);
        }),
        ("a correction that corrects nothing", 21, |h| {
            let is_answer = |event: &Event| matches!(event, Event::Sharing(S::CorrectionAnswered { .. }));
            change(h, is_answer, |event| match event {
                Event::Sharing(S::CorrectionAnswered { id, holder, is_late, .. }) => {
                    let answer = sharing::Answer::Corrected { licence: town::licence(1) };
                    Some(Event::Sharing(S::CorrectionAnswered { id, holder, answer, is_late }))
                }
                _ => None,
            });
        }),
    ];
    find_all(&data(), &forgeries);
}
