//! From a seed to a plan. Which node misbehaves and how goes round with the seeds, so that a hundred in a row hold every
//! kind; the rest is drawn.

use super::{Civic, Fault, Misconduct, Plan, Point, Timed};
use crate::disk::Operation;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use std::collections::BTreeSet;
use tongban_types::Suite;

/// Every so many seeds use national cryptography.
const SM_EVERY: u64 = 8;
/// Every so many seeds have seven validators.
const SEVEN_EVERY: u64 = 10;
/// Cities go round with so many seeds. It shares no divisor with the others, so that they meet every kind of misconduct.
const CIVIC_EVERY: u64 = 7;
/// How many of those seeds have a city. This one number is the share of the public services in all simulations, and most of what they cost. The first
/// of them has a large city, the others have small ones.
const CIVIC_SEEDS: u64 = 4;
/// Applications in a large city: each course that one can take comes at least once.
const APPLICATIONS: std::ops::Range<u32> = 15..18;
/// Applications in a small city: some courses, others in each seed.
const FEW_APPLICATIONS: std::ops::Range<u32> = 2..5;
/// With which course a small city may begin.
const FIRST_COURSES: std::ops::Range<u32> = 0..15;
/// Affairs in a large city: all of them.
const AFFAIRS: u32 = 13;
/// Affairs in a small city.
const FEW_AFFAIRS: std::ops::Range<u32> = 1..3;
/// Days off: so many that silence accepts meanwhile, that an applicant has had his working days to correct, and that a licence that is to be
/// renewed has expired.
const REST_DAYS: std::ops::Range<u32> = 36..45;
/// Faults begin when the network is under way.
const FAULTS_FROM_MILLIS: u64 = 1_500;
const HEAL_MILLIS: std::ops::Range<u64> = 9_000..13_000;

pub(super) fn plan(seed: u64, suite: Option<Suite>) -> Plan {
    let mut random = StdRng::seed_from_u64(seed);
    let drawn = if seed % SM_EVERY == SM_EVERY - 1 { Suite::Sm } else { Suite::Intl };
    let nodes = if seed % SEVEN_EVERY == 4 { 7 } else { 4 };
    let misconduct = misconduct(seed, &mut random).map(|misconduct| (random.random_range(0..nodes), misconduct));
    let clocks_differ = random.random_range(0..3u8) == 0;
    let mut plan = Plan {
        seed,
        suite: suite.unwrap_or(drawn),
        nodes,
        latency_millis: random.random_range(3..60),
        jitter_millis: random.random_range(0..20),
        loss_per_mille: if random.random_range(0..2u8) == 0 { 0 } else { random.random_range(5..120) },
        clock_offsets_millis: (0..nodes)
            .map(|_| if clocks_differ { random.random_range(-700..=700) } else { 0 })
            .collect(),
        window_millis: random.random_range(10_000..30_000),
        heartbeat_millis: random.random_range(700..3_000),
        misconduct,
        are_blocked_cut_off: random.random_range(0..2u8) == 0,
        faults: Vec::new(),
        heal_at_millis: random.random_range(HEAL_MILLIS),
        civic: None,
        doctored: None,
    };
    for _ in 0..random.random_range(2..6u8) {
        let at_millis = random.random_range(FAULTS_FROM_MILLIS..plan.heal_at_millis - 500);
        let fault = fault(&plan, &mut random);
        plan.faults.push(Timed { at_millis, fault });
    }
    plan.faults.sort_by_key(|timed| timed.at_millis);
    plan.civic = civic(seed, &mut random);
    plan
}

fn civic(seed: u64, random: &mut StdRng) -> Option<Civic> {
    let turn = (seed + 4) % CIVIC_EVERY;
    let (applications, first_courses) =
        if turn == 0 { (APPLICATIONS, 0..1) } else { (FEW_APPLICATIONS, FIRST_COURSES) };
    (turn < CIVIC_SEEDS).then(|| Civic {
        applications: random.random_range(applications),
        first_course: random.random_range(first_courses),
        affairs: if turn == 0 { AFFAIRS } else { random.random_range(FEW_AFFAIRS) },
        first_affair: random.random_range(0..AFFAIRS),
        rest_days: random.random_range(REST_DAYS),
    })
}

fn misconduct(seed: u64, random: &mut StdRng) -> Option<Misconduct> {
    match seed % 6 {
        1 => Some(Misconduct::Silent { from_millis: random.random_range(0..8_000) }),
        2 => Some(Misconduct::Liar),
        3 => Some(Misconduct::Garbage),
        4 => Some(Misconduct::Twins),
        5 => Some(Misconduct::Equivocator),
        _ => None,
    }
}

fn fault(plan: &Plan, random: &mut StdRng) -> Fault {
    let correct: Vec<usize> = plan.correct().collect();
    let node = *correct.choose(random).expect("most nodes are correct");
    let down_millis = random.random_range(50..3_000);
    let is_torn = random.random_range(0..2u8) == 0;
    match random.random_range(0..12u8) {
        0..=1 => Fault::Crash { node, point: Point::Anywhere, down_millis, is_torn },
        2..=4 => {
            let after = random.random_range(0..60);
            let in_recovery = random.random_range(0..3u8) == 0;
            let point = if in_recovery { Point::InRecovery(after / 2) } else { Point::AtDiskOperation(after) };
            Fault::Crash { node, point, down_millis, is_torn }
        }
        5 => Fault::Blackout { down_millis, is_torn },
        6..=7 => {
            let operations = [Operation::Open, Operation::Read, Operation::Write, Operation::Sync, Operation::Resize];
            let operation = *operations.choose(random).expect("there are some");
            // Some are rarer than others.
            let after = match operation {
                Operation::Write => random.random_range(0..60),
                Operation::Open | Operation::Read => random.random_range(0..12),
                Operation::Sync => random.random_range(0..20),
                Operation::Resize => 0,
            };
            Fault::DiskFailure { node, operation, after, down_millis }
        }
        8..=10 => {
            let mut side: BTreeSet<usize> = BTreeSet::from([node]);
            for other in 0..plan.nodes {
                if random.random_range(0..3u8) == 0 && side.len() + 1 < plan.nodes {
                    side.insert(other);
                }
            }
            let is_mutual = random.random_range(0..4u8) > 0;
            Fault::Partition { side, is_mutual, for_millis: random.random_range(500..5_000) }
        }
        _ => {
            let millis_max = random.random_range(100..1_500);
            Fault::Delay { millis_max, for_millis: random.random_range(500..4_000) }
        }
    }
}
