//! Places for streams: so many in all, so many for one caller.

use super::Limits;
use crate::backend::Rejection;
use crate::codes;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The places of a node.
pub(crate) struct StreamPlaces {
    limits: Limits,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    by_caller: HashMap<String, usize>,
}

/// One place; dropping it gives it back.
pub(super) struct StreamPlace {
    places: Arc<StreamPlaces>,
    caller: String,
}

impl StreamPlaces {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, taken: Mutex::default() }
    }

    /// A place for a caller of this name.
    pub(super) fn take(self: &Arc<Self>, caller: String) -> Result<StreamPlace, Rejection> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let refusal = |rejection: Rejection| Rejection {
            retry_after_seconds: u32::try_from(self.limits.heartbeat.as_secs()).ok(),
            ..rejection
        };
        if taken.by_caller.get(&caller).is_some_and(|count| *count >= self.limits.streams_per_caller_max) {
            return Err(refusal(codes::TOO_MANY_STREAMS.because("you have as many streams as one caller may")));
        }
        if taken.all >= self.limits.streams_max {
            return Err(refusal(codes::TOO_MANY_STREAMS.rejection()));
        }
        taken.all += 1;
        *taken.by_caller.entry(caller.clone()).or_default() += 1;
        drop(taken);
        Ok(StreamPlace { places: self.clone(), caller })
    }
}

impl Drop for StreamPlace {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all = taken.all.saturating_sub(1);
        if let Some(count) = taken.by_caller.get_mut(&self.caller) {
            *count -= 1;
            if *count == 0 {
                taken.by_caller.remove(&self.caller); // so that the table is never larger than the number of streams
            }
        }
    }
}
