//! Whole networks by seed: nothing is found in a hundred of them, what the plans promise really happened (faults, and the public services
//! of the cities), and a seed repeats.

use std::collections::BTreeMap;
use std::process::Command;
use tongban_simulator::{Doctored, Happened, Operation, Outcome, Plan, simulate, simulate_all};
use tongban_types::Suite;

/// How many seeds a run of the tests goes through.
const SEEDS: u64 = 100;

/// What must have happened over all seeds, and how often at least. A check that never meets its fault shows nothing.
const AT_LEAST: [(Happened, u64); 117] = [
    (Happened::Crash, 20),
    (Happened::HaltAtDiskOperation, 20),
    (Happened::Blackout, 10),
    (Happened::AcknowledgedBeforeBlackout, 100),
    (Happened::CommonRestart, SEEDS),
    (Happened::UnsyncedLost, 5),
    (Happened::UnsyncedTorn, 20),
    (Happened::Restart, 100),
    (Happened::DiskFailure(Operation::Open), 1),
    (Happened::DiskFailure(Operation::Read), 1),
    (Happened::DiskFailure(Operation::Write), 3),
    (Happened::DiskFailure(Operation::Sync), 3),
    (Happened::DiskFailure(Operation::Resize), 1),
    (Happened::DeathByDisk, 10),
    (Happened::MessageCut, 1_000),
    (Happened::MessageLost, 1_000),
    (Happened::MessageDelayed, 100),
    (Happened::MessageSilenced, 1_000),
    (Happened::GarbageSent("votes"), 80),
    (Happened::GarbageSent("certificates"), 80),
    (Happened::GarbageSent("resolver"), 80),
    (Happened::GarbageSent("blocks"), 80),
    (Happened::GarbageSent("backfill"), 80),
    (Happened::GarbageSent("gossip"), 80),
    (Happened::LieProposed, 50),
    (Happened::BlockRefused, 50),
    (Happened::DoubleVote, 100),
    (Happened::PeerBlocked, 20),
    (Happened::SubmissionRefused, 100),
    (Happened::Resubmission, 200),
    (Happened::AnswerApplied, 1_000),
    (Happened::AnswerRefused, 200),
    (Happened::AnswerExpired, 20),
    (Happened::ProofVerified, SEEDS),
    (Happened::CaseFiled, 250),
    (Happened::CaseAccepted, 100),
    (Happened::CaseAcceptedWithGap, 12),
    (Happened::CaseAcceptedBySilence, 30),
    (Happened::CaseNotAccepted, 8),
    (Happened::CaseHandedOver, 8),
    (Happened::CorrectionAsked, 14),
    (Happened::CorrectionMade, 7),
    (Happened::CaseReturned, 5),
    (Happened::GapFilled, 6),
    (Happened::GapSuspended, 6),
    (Happened::CaseTerminated, 5),
    (Happened::CaseRefused, 8),
    (Happened::CaseAppealed, 12),
    (Happened::AppealDecided, 12),
    (Happened::CaseReconsidered, 5),
    (Happened::CaseWithdrawn, 20),
    (Happened::CaseClosed, 60),
    (Happened::GrantRevoked, 6),
    (Happened::RenewedBySilence, 5),
    (Happened::ItemChanged, 30),
    (Happened::ClockStopped, 14),
    (Happened::ClockResumedByTime, 6),
    (Happened::LicenceIssued, 60),
    (Happened::LicenceSuspended, 12),
    (Happened::LicenceResumed, 6),
    (Happened::LicenceReplaced, 5),
    (Happened::LicenceRevoked, 6),
    (Happened::AccessRecorded, 6),
    (Happened::ErrorReported, 6),
    (Happened::ErrorOverdue, 5),
    (Happened::ErrorAnswered, 5),
    (Happened::AccountRecovered, 25),
    (Happened::ConsentGiven, 24),
    (Happened::ConsentUsed, 24),
    (Happened::ConsentWithdrawn, 12),
    (Happened::LicenceCorrected, 12),
    (Happened::DeputyNamed, 8),
    (Happened::DeputyActed, 16),
    (Happened::OfficerTransferred, 8),
    (Happened::DepartmentMerged, 8),
    (Happened::SuccessorActed, 60),
    (Happened::CaseForwarded, 8),
    (Happened::ToldAgain, 8),
    (Happened::AccountFrozen, 8),
    (Happened::FrozenObjected, 8),
    (Happened::FreezeEnded, 5),
    (Happened::RestingAccountRefused, 100),
    (Happened::PersonDied, 8),
    (Happened::CompanyDissolved, 8),
    (Happened::CompanyMerged, 8),
    (Happened::HeirActed, 2),
    (Happened::RepresentativeActed, 16),
    (Happened::GuardianActed, 8),
    (Happened::GuardianshipEnded, 3),
    (Happened::AgentNamed, 16),
    (Happened::AgentActed, 16),
    (Happened::AgencyEnded, 5),
    (Happened::RecoveryDisputed, 8),
    (Happened::ObjectionDismissed, 2),
    (Happened::ObjectionUpheld, 2),
    (Happened::ObjectionUndecided, 3),
    (Happened::EstateSettled, 4),
    (Happened::CaseDiscontinued, 10),
    (Happened::CaseReferred, 6),
    (Happened::HearingTold, 8),
    (Happened::HearingWaived, 6),
    (Happened::HearingHeld, 2),
    (Happened::HearingLapsed, 2),
    (Happened::EnteredAtCounter, 10),
    (Happened::EntryDisowned, 3),
    (Happened::DeliveryAcknowledged, 8),
    (Happened::LicencePrepared, 12),
    (Happened::LicenceMovedOut, 12),
    (Happened::CopyMade, 12),
    (Happened::SourceNamed, 12),
    (Happened::TransferOffered, 8),
    (Happened::OfferAccepted, 3),
    (Happened::OfferEnded, 4),
    (Happened::ItemApproved, 8),
    (Happened::OfficeDenied, 1_000),
    (Happened::ActOfTime, 100),
    (Happened::CivicRefusal, 200),
];

fn plans(seeds: impl IntoIterator<Item = u64>) -> Vec<Plan> {
    seeds.into_iter().map(|seed| Plan::of_seed(seed, None)).collect()
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn found(outcome: &Outcome) -> Option<String> {
    let finding = outcome.result.as_ref().err()?;
    Some(format!("{}\n  {finding}\n  again: {}", outcome.plan, outcome.plan.command()))
}

#[test]
fn a_hundred_networks_stay_sound_and_live_again() {
    let outcomes = simulate_all(plans(0..SEEDS), threads(), |outcome| {
        if let Some(found) = found(outcome) {
            println!("{found}");
        }
    });
    let found: Vec<String> = outcomes.iter().filter_map(found).collect();
    assert!(found.is_empty(), "{} of {SEEDS} seeds failed:\n{}", found.len(), found.join("\n"));

    let mut counts: BTreeMap<Happened, u64> = BTreeMap::new();
    for outcome in outcomes {
        for (what, count) in outcome.result.expect("nothing was found").counts {
            *counts.entry(what).or_default() += count;
        }
    }
    println!("{counts:#?}");
    for (what, least) in AT_LEAST {
        let count = counts.get(&what).copied().unwrap_or(0);
        assert!(count >= least, "{what:?} happened {count} times, which is less than {least}");
    }
    assert_eq!(counts.get(&Happened::CorrectPeerBlocked), None);
}

#[test]
fn what_is_wrong_is_found_and_told_with_the_seed_that_repeats_it() {
    const SEED: u64 = 3; // a city, in which cases are decided and licences issued
    let doctorings = [
        (Doctored::Acceptance, "rule 4: block "),
        (Doctored::Licence, "rule 14: "),
        (Doctored::Receipt, "rule 3: "),
        (Doctored::Acknowledgement, "rule 6: "),
    ];
    for (doctored, rule) in doctorings {
        let plan = Plan { doctored: Some(doctored), ..Plan::of_seed(SEED, None) };
        let (words, command) = (plan.to_string(), plan.command());
        let found = found(&simulate(plan)).expect("it is found");
        assert!(found.contains(rule) && found.contains(&words) && found.contains(&command), "{doctored:?}: {found}");
    }
    let mut program = Command::new(env!("CARGO_BIN_EXE_tongban-sim"));
    let output = program.args(["--seed", &SEED.to_string(), "--doctored", "licence"]).output().expect("it runs");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success(), "{told}");
    assert!(told.contains("FAILED, seed 3: ") && told.contains("rule 14: "), "{told}");
    assert!(told.contains("again: ") && told.contains("--seed 3 --suite intl --doctored licence"), "{told}");
}

#[test]
fn the_same_seed_gives_the_same_run_in_another_process_too() {
    // A liar, garbage beside a city, twins among seven nodes, an equivocator, and national cryptography.
    for plan in plans([2, 3, 4, 5, 7]) {
        let seed = plan.seed;
        let first = simulate(plan.clone()).result.expect("nothing is found");
        let second = simulate(plan).result.expect("nothing is found");
        assert_eq!(first, second, "seed {seed}");

        let mut program = Command::new(env!("CARGO_BIN_EXE_tongban-sim"));
        let output = program.args(["--json", "--seed", &seed.to_string()]).output().expect("the program runs");
        assert!(output.status.success(), "seed {seed}");
        let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one line of JSON");
        assert_eq!(told["summary"], serde_json::to_value(&first).expect("a summary is JSON"), "seed {seed}");
    }
}

#[test]
fn other_seeds_give_other_runs_and_a_suite_that_is_asked_for_is_used() {
    let [one, other] = [0, 6].map(|seed| simulate(Plan::of_seed(seed, None)).result.expect("nothing is found"));
    assert_ne!(one.trace, other.trace);
    assert_ne!(one.head, other.head);
    let plan = Plan::of_seed(0, Some(Suite::Sm));
    assert_eq!(plan.suite, Suite::Sm);
    let national = simulate(plan).result.expect("nothing is found");
    assert_ne!(national.state_root, one.state_root);
}
