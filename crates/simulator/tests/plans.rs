//! What plans hold: every kind of fault over a hundred seeds, never more than one node that misbehaves, and words for it.

use std::collections::BTreeMap;
use tongban_simulator::plan::{Fault, Misconduct, Plan, Point};
use tongban_types::Suite;

/// The affairs of cities, in their order.
const AFFAIRS: [&str; 13] = [
    "absence",
    "freeze",
    "merger of departments",
    "agency",
    "companies",
    "transfer",
    "death",
    "forwarding",
    "wardship",
    "a hearing",
    "an entry at a counter",
    "four eyes",
    "two trees",
];

fn plans() -> Vec<Plan> {
    (0..100).map(|seed| Plan::of_seed(seed, None)).collect()
}

fn kind_of(fault: &Fault) -> &'static str {
    match fault {
        Fault::Crash { point: Point::Anywhere, .. } => "crash",
        Fault::Crash { point: Point::AtDiskOperation(_), .. } => "crash at a disk operation",
        Fault::Crash { point: Point::InRecovery(_), .. } => "crash in recovery",
        Fault::Blackout { .. } => "blackout",
        Fault::DiskFailure { .. } => "disk failure",
        Fault::Partition { is_mutual: true, .. } => "partition",
        Fault::Partition { is_mutual: false, .. } => "one-way partition",
        Fault::Delay { .. } => "delay",
    }
}

fn kind_of_misconduct(misconduct: Misconduct) -> &'static str {
    match misconduct {
        Misconduct::Silent { .. } => "silent",
        Misconduct::Liar => "liar",
        Misconduct::Garbage => "garbage",
        Misconduct::Twins => "twins",
        Misconduct::Equivocator => "equivocator",
    }
}

#[test]
fn a_hundred_seeds_hold_every_kind_of_fault() {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    let mut count = |what| *counts.entry(what).or_default() += 1;
    for plan in plans() {
        plan.faults.iter().for_each(|timed| count(kind_of(&timed.fault)));
        count(plan.misconduct.map_or("all correct", |(_, misconduct)| kind_of_misconduct(misconduct)));
        count(if plan.suite == Suite::Sm { "sm" } else { "intl" });
        count(if plan.nodes == 7 { "seven nodes" } else { "four nodes" });
        count(if plan.loss_per_mille > 0 { "loss" } else { "no loss" });
        if let Some(civic) = plan.civic {
            count(if civic.applications >= 15 { "large city" } else { "small city" });
            count(plan.misconduct.map_or("city of correct nodes", |_| "city beside misconduct"));
            count(if plan.suite == Suite::Sm { "city of sm" } else { "city of intl" });
            assert!(civic.applications >= 2 && civic.first_course < 15 && civic.rest_days >= 33, "{plan}");
            assert!(plan.to_string().contains("a city with"), "{plan}");
            assert!(civic.affairs >= 1 && civic.first_affair < 13, "{plan}");
            (0..civic.affairs).for_each(|number| count(AFFAIRS[((civic.first_affair + number) % 13) as usize]));
        }
        count(if plan.clock_offsets_millis.iter().any(|offset| *offset != 0) { "clocks differ" } else { "one time" });
    }
    let expected = [
        ("all correct", 10),
        ("blackout", 10),
        ("city beside misconduct", 40),
        ("city of correct nodes", 8),
        ("city of sm", 5),
        ("clocks differ", 10),
        ("crash", 20),
        ("crash at a disk operation", 20),
        ("crash in recovery", 10),
        ("delay", 10),
        ("disk failure", 20),
        ("equivocator", 10),
        ("garbage", 10),
        ("large city", 14),
        ("liar", 10),
        ("loss", 20),
        ("one-way partition", 5),
        ("partition", 20),
        ("seven nodes", 10),
        ("silent", 10),
        ("small city", 40),
        ("sm", 10),
        ("twins", 10),
    ];
    for (what, least) in expected.into_iter().chain(AFFAIRS.map(|affair| (affair, 15))) {
        assert!(counts.get(what).is_some_and(|count| *count >= least), "{what}: at least {least} in {counts:?}");
    }
}

#[test]
fn faults_concern_correct_nodes_and_end_before_everything_heals() {
    for plan in plans() {
        assert_eq!(plan.correct().count(), plan.nodes - usize::from(plan.misconduct.is_some()));
        for timed in &plan.faults {
            assert!(timed.at_millis < plan.heal_at_millis, "{plan}");
            if let Fault::Crash { node, .. } | Fault::DiskFailure { node, .. } = timed.fault {
                assert!(plan.is_correct(node), "{plan}");
            }
            if let Fault::Partition { side, .. } = &timed.fault {
                assert!(!side.is_empty() && side.len() < plan.nodes, "{plan}");
            }
        }
    }
}

#[test]
fn a_plan_is_told_in_words_with_the_command_that_repeats_it() {
    for plan in plans() {
        let words = plan.to_string();
        assert!(words.starts_with(&format!("seed {}: {}, {} nodes", plan.seed, plan.suite, plan.nodes)), "{words}");
        assert!(words.matches("; ").count() > plan.faults.len(), "{words}");
        assert!(plan.command().ends_with(&format!("--seed {} --suite {}", plan.seed, plan.suite)));
        assert_eq!(plan, Plan::of_seed(plan.seed, None), "a seed has one plan");
    }
}
