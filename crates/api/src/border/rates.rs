//! How often: a bucket of requests for each caller, which fills up again with time.
//!
//! The table is bounded: of callers it keeps those that were there last. One that was forgotten begins with a full bucket, so whoever
//! makes the node forget must come with more addresses than the table has places.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Callers that are remembered at least; at most twice as many.
const CALLERS_MIN: usize = 16_384;
/// The time in which a bucket fills up.
pub(super) const WINDOW: Duration = Duration::from_secs(60);

/// Thousandths of a request, so that slow rates fill up evenly.
const UNIT: u64 = 1_000;

/// What is left to a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Allowance {
    /// Whether this request is let in.
    pub(super) is_granted: bool,
    /// Requests per window.
    pub(super) quota: u32,
    /// Requests that are left now.
    pub(super) remaining: u32,
    /// When there is another one, or when the bucket is full; in seconds, rounded up.
    pub(super) seconds: u32,
}

/// The buckets.
pub(super) struct Rates {
    tables: Mutex<Tables>,
}

/// Two generations: what is used moves into the young one; when that is full, what was not used since goes.
struct Tables {
    young: HashMap<Key, Bucket>,
    old: HashMap<Key, Bucket>,
    callers_min: usize,
}

/// A caller's name.
pub(super) type Key = String;

#[derive(Clone, Copy)]
struct Bucket {
    level: u64,
    at: Instant,
}

impl Rates {
    pub(super) fn new() -> Self {
        Self::with_room(CALLERS_MIN)
    }

    fn with_room(callers_min: usize) -> Self {
        Self { tables: Mutex::new(Tables { young: HashMap::new(), old: HashMap::new(), callers_min }) }
    }

    /// Takes one request out of a caller's bucket of this quota, which must not be zero.
    pub(super) fn take(&self, caller: Key, quota: u32, now: Instant) -> Allowance {
        let full = u64::from(quota) * UNIT;
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = tables.bucket(caller, full, now);
        let elapsed_millis = u64::try_from(now.saturating_duration_since(bucket.at).as_millis()).unwrap_or(u64::MAX);
        let gained = elapsed_millis.saturating_mul(full) / WINDOW.as_millis() as u64;
        if gained > 0 {
            // Time that was too short to gain anything is not lost.
            (bucket.level, bucket.at) = (bucket.level.saturating_add(gained).min(full), now);
        }
        let is_granted = bucket.level >= UNIT;
        if is_granted {
            bucket.level -= UNIT;
        }
        let missing = if is_granted { full - bucket.level } else { UNIT - bucket.level };
        let millis = missing.saturating_mul(WINDOW.as_millis() as u64).div_ceil(full);
        Allowance {
            is_granted,
            quota,
            remaining: u32::try_from(bucket.level / UNIT).unwrap_or(u32::MAX),
            seconds: u32::try_from(millis.div_ceil(1_000)).unwrap_or(u32::MAX).max(1),
        }
    }
}

impl Tables {
    fn bucket(&mut self, caller: Key, full: u64, now: Instant) -> &mut Bucket {
        if !self.young.contains_key(&caller) && self.young.len() >= self.callers_min {
            self.old = std::mem::take(&mut self.young);
        }
        let older = self.old.remove(&caller);
        let bucket = self.young.entry(caller).or_insert_with(|| older.unwrap_or(Bucket { level: full, at: now }));
        bucket.level = bucket.level.min(full); // the quota may have been lowered
        bucket
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_bucket_empties_and_fills_up() {
        let rates = Rates::new();
        let began = Instant::now();
        let take = |seconds| rates.take("a".to_owned(), 6, began + Duration::from_secs(seconds));
        for left in (0..6).rev() {
            let allowance = take(0);
            assert!(allowance.is_granted && allowance.remaining == left && allowance.quota == 6);
        }
        let refused = take(0);
        assert_eq!((refused.is_granted, refused.remaining, refused.seconds), (false, 0, 10));
        assert!(!take(9).is_granted);
        assert!(take(10).is_granted && !take(10).is_granted);
        assert!(rates.take("b".to_owned(), 6, began).is_granted, "another caller has a bucket of its own");
        for _ in 0..6 {
            assert!(take(1_000).is_granted);
        }
        assert!(!take(1_000).is_granted, "a bucket is never more than full");
    }

    #[test]
    fn memory_is_bounded_and_those_who_come_again_are_remembered() {
        let rates = Rates::with_room(10);
        let now = Instant::now();
        assert!(rates.take("again".to_owned(), 1, now).is_granted);
        for stranger in 0..1_000 {
            rates.take(format!("stranger {stranger}"), 1, now);
            assert!(!rates.take("again".to_owned(), 1, now).is_granted);
            let tables = rates.tables.lock().expect("not poisoned");
            assert!(tables.young.len() + tables.old.len() <= 20);
        }
    }

    proptest! {
        #[test]
        fn no_more_than_the_quota_and_what_time_adds(quota in 1_u32..200, steps in proptest::collection::vec(0_u64..2_000, 1..400)) {
            let rates = Rates::new();
            let (began, mut elapsed, mut granted) = (Instant::now(), 0, 0_u64);
            for step in steps {
                elapsed += step;
                granted += u64::from(rates.take("a".to_owned(), quota, began + Duration::from_millis(elapsed)).is_granted);
            }
            prop_assert!(granted * 60_000 <= u64::from(quota) * (60_000 + elapsed));
        }
    }
}
