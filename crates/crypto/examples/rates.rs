//! Prints how many signatures of each suite one core signs and checks in a second.

use std::error::Error;
use std::time::{Duration, Instant};
use tongban_crypto::{SecretKey, SignedMessage, primitives, verify_batch};
use tongban_types::Suite;

const ITEMS: usize = 1024;

fn main() -> Result<(), Box<dyn Error>> {
    for suite in [Suite::Sm, Suite::Intl] {
        let mut items = Vec::with_capacity(ITEMS);
        for index in 0..ITEMS {
            let mut seed = [7; 32];
            seed[24..].copy_from_slice(&index.to_be_bytes());
            let key = SecretKey::from_bytes(suite, &seed)?;
            items.push((key.public_key(), seed, key.sign(&seed), key));
        }
        let signed: Vec<_> =
            items.iter().map(|(key, message, signature, _)| SignedMessage { key, message, signature }).collect();
        let primitives = primitives(suite);

        let sign = rate(ITEMS, || items.iter().all(|(_, message, signature, key)| key.sign(message) == *signature));
        let single =
            rate(ITEMS, || signed.iter().all(|item| primitives.verify(item.key, item.message, item.signature)));
        println!("{suite}: signs {sign:.0}/s, checks one by one {single:.0}/s");
        for length in [16, 64, 256, 1024] {
            let batch = rate(length, || verify_batch(suite, &signed[..length]).into_iter().all(|good| good));
            println!("{suite}: checks in batches of {length} {batch:.0}/s");
        }
    }
    Ok(())
}

fn rate(items: usize, mut work: impl FnMut() -> bool) -> f64 {
    assert!(work(), "the signatures are good");
    let start = Instant::now();
    let mut rounds = 0;
    while start.elapsed() < Duration::from_secs(1) {
        assert!(work(), "the signatures are good");
        rounds += 1;
    }
    (rounds * items) as f64 / start.elapsed().as_secs_f64()
}
