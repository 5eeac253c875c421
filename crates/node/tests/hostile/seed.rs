//! The seed of a run: printed, and taken again from the environment.

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// Where a seed is given, in hexadecimal.
const SEED: &str = "TONGBAN_SEED";

/// A runner of properties with so many cases, from a seed that a failing test shows.
pub fn runner(name: &str, cases: u32) -> TestRunner {
    let mut seed = [0; 32];
    match std::env::var(SEED) {
        Ok(digits) => hex::decode_to_slice(&digits, &mut seed).expect("a seed has 64 hexadecimal digits"),
        Err(_) => getrandom::fill(&mut seed).expect("the system gives random bytes"),
    }
    println!("{name}: {SEED}={}", hex::encode(seed));
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed))
}
