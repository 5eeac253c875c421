//! The memory that bodies may take: so much for all requests together, and a share of it for one caller.
//!
//! Room is taken for bytes that have arrived, so a length that is only claimed takes nothing. Where there is none a request is refused: nobody
//! waits for room while holding some, so nobody waits for ever.

use crate::backend::Rejection;
use crate::codes;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One caller may take one part of so many.
const SHARES: usize = 4;
/// Where there is no room, so long until the next try: bodies come and go.
const RETRY_SECONDS: u32 = 1;

/// The room for bodies.
pub(super) struct Budget {
    bytes_max: usize,
    share_bytes_max: usize,
    taken: Mutex<TakenByAll>,
}

#[derive(Default)]
struct TakenByAll {
    bytes: usize,
    by_caller: HashMap<String, usize>,
}

/// What one body takes. Dropping it gives the room back.
pub(super) struct Taken {
    budget: Arc<Budget>,
    caller: String,
    bytes: usize,
}

impl Budget {
    /// Room for so many bytes; a caller's share is never less than one body needs.
    pub(super) fn new(bytes_max: usize, body_bytes_max: usize) -> Arc<Self> {
        let share_bytes_max = (bytes_max / SHARES).max(body_bytes_max);
        Arc::new(Self { bytes_max: bytes_max.max(share_bytes_max), share_bytes_max, taken: Mutex::default() })
    }

    /// The place of a caller's body, which takes nothing yet.
    pub(super) fn place(self: &Arc<Self>, caller: String) -> Taken {
        Taken { budget: self.clone(), caller, bytes: 0 }
    }

    fn taken(&self) -> MutexGuard<'_, TakenByAll> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    /// Takes room for so many bytes in all, or says why there is none.
    pub(super) fn grow(&mut self, bytes: usize) -> Result<(), Rejection> {
        let more = bytes.saturating_sub(self.bytes);
        let mut taken = self.budget.taken();
        let of_caller = taken.by_caller.get(&self.caller).copied().unwrap_or(0);
        let refused = if of_caller + more > self.budget.share_bytes_max {
            Some(codes::RATE.because("the bodies that you send at once take all of one caller's share of memory"))
        } else if taken.bytes + more > self.budget.bytes_max {
            Some(codes::BUSY.rejection())
        } else {
            None
        };
        if let Some(rejection) = refused {
            return Err(Rejection { retry_after_seconds: Some(RETRY_SECONDS), ..rejection });
        }
        taken.bytes += more;
        *taken.by_caller.entry(self.caller.clone()).or_default() += more;
        self.bytes += more;
        Ok(())
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let mut taken = self.budget.taken();
        taken.bytes -= self.bytes;
        if let Some(of_caller) = taken.by_caller.get_mut(&self.caller) {
            *of_caller -= self.bytes;
            if *of_caller == 0 {
                taken.by_caller.remove(&self.caller); // who holds nothing is forgotten
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn room_is_taken_shared_refused_and_given_back() {
        let budget = Budget::new(400, 50);
        let mut places: Vec<Taken> = ["a", "a", "b", "c", "d", "e"].map(|name| budget.place(name.to_owned())).into();
        for (place, bytes, outcome) in [
            (0, 60, ""),
            (0, 60, ""),
            (1, 41, "api.rate"),
            (1, 40, ""),
            (0, 61, "api.rate"),
            (2, 100, ""),
            (3, 100, ""),
            (4, 99, ""),
            (5, 2, "api.busy"),
            (5, 1, ""),
            (4, 100, "api.busy"),
        ] {
            let refused = places[place].grow(bytes).err();
            let code = refused.as_ref().map_or("", |rejection| &*rejection.code);
            assert_eq!(code, outcome, "place {place} grows to {bytes}");
            assert!(refused.is_none_or(|rejection| rejection.retry_after_seconds == Some(RETRY_SECONDS)));
        }
        places.remove(0);
        assert_eq!(budget.taken().bytes, 340);
        assert!(places[3].grow(100).is_ok() && places[0].grow(41).is_ok());
        places.clear();
        let taken = budget.taken();
        assert!(taken.bytes == 0 && taken.by_caller.is_empty(), "nothing is left of those who have gone");
    }

    #[test]
    fn one_body_always_fits() {
        let budget = Budget::new(0, 50);
        assert!(budget.place("a".to_owned()).grow(50).is_ok());
    }

    proptest! {
        #[test]
        fn no_more_is_taken_than_there_is(steps in proptest::collection::vec((0_usize..8, 0_usize..200), 1..200)) {
            let budget = Budget::new(400, 50);
            let mut places: Vec<Taken> = (0..8).map(|place| budget.place(format!("{}", place % 3))).collect();
            for (place, bytes) in steps {
                if bytes == 0 {
                    let caller = places[place].caller.clone();
                    places[place] = budget.place(caller);
                } else {
                    let _ = places[place].grow(bytes); // a refusal takes nothing, which is what is looked at
                }
                let taken = budget.taken();
                prop_assert_eq!(taken.bytes, places.iter().map(|place| place.bytes).sum::<usize>());
                prop_assert_eq!(taken.bytes, taken.by_caller.values().sum::<usize>());
                prop_assert!(taken.bytes <= 400 && taken.by_caller.values().all(|bytes| *bytes <= 100));
            }
        }
    }
}
