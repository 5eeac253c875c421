//! Which requests took effect lately: a request id has one effect inside the window.
//!
//! A transaction may be executed up to its `not_after`, which lies at most one window after the time of the block. So a
//! receipt older than one window needs no watch: its transaction is expired. Entries carry the height at which they
//! became final, and only *lower* heights count against a block: when blocks are executed again after a crash, a block
//! does not meet itself here. Requests in ancestors that are not final yet are not here; whoever checks a block walks
//! them.

use crate::transaction::RequestKey;
use std::collections::{HashMap, VecDeque};
use tongban_types::{Receipt, Time};

/// Where a request's receipt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settled {
    /// The height of the block.
    pub height: u64,
    /// The receipt's number.
    pub number: u64,
}

/// That a request took effect.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Use {
    /// The request.
    pub key: RequestKey,
    /// Where its receipt is.
    pub settled: Settled,
    /// The time of its block.
    pub time: Time,
}

impl From<&Receipt> for Use {
    fn from(receipt: &Receipt) -> Self {
        Self {
            key: RequestKey { account: receipt.account, request_id: receipt.request_id },
            settled: Settled { height: receipt.height, number: receipt.number },
            time: receipt.time,
        }
    }
}

/// The requests of the last window of block time.
pub(crate) struct Window {
    span_millis: u64,
    height: u64,
    settled: HashMap<RequestKey, (Settled, Time)>,
    order: VecDeque<(Time, RequestKey, u64)>,
}

impl Window {
    /// Remembers requests for so many milliseconds of block time.
    pub fn new(span_millis: u64) -> Self {
        Self { span_millis, height: 0, settled: HashMap::new(), order: VecDeque::new() }
    }

    /// The height of the latest final block that was recorded here.
    pub fn height(&self) -> u64 {
        self.height
    }

    /// Records what took effect in a final block; a block that was recorded before changes nothing.
    pub fn record(&mut self, height: u64, time: Time, uses: impl IntoIterator<Item = Use>) {
        for Use { key, settled, time } in uses {
            if self.settled.insert(key, (settled, time)) != Some((settled, time)) {
                self.order.push_back((time, key, settled.height));
            }
        }
        self.height = self.height.max(height);
        self.forget_before(time);
    }

    fn forget_before(&mut self, time: Time) {
        while let Some((settled_at, key, height)) = self.order.front() {
            if settled_at.plus_millis(self.span_millis) >= time {
                break;
            }
            if self.settled.get(key).is_some_and(|(settled, _)| settled.height == *height) {
                self.settled.remove(key);
            }
            self.order.pop_front();
        }
    }

    /// Where the request's receipt is, if it took effect inside the window.
    pub fn find(&self, key: &RequestKey) -> Option<Settled> {
        self.settled.get(key).map(|(settled, _)| *settled)
    }

    /// Whether the request took effect below the height, so lately that a block of this time may not repeat it.
    ///
    /// It depends on the block alone. This node forgets by the time of its own head, which is earlier than any block that
    /// is still to be judged, so what it has forgotten counts for none.
    pub fn is_used_below(&self, key: &RequestKey, height: u64, time: Time) -> bool {
        self.settled
            .get(key)
            .is_some_and(|(settled, used_at)| settled.height < height && used_at.plus_millis(self.span_millis) >= time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tongban_types::{AccountId, RequestId};

    fn used(request: u8, height: u64, millis: u64) -> Use {
        Use { key: key(request), settled: Settled { height, number: height * 10 }, time: time(millis) }
    }

    fn time(millis: u64) -> Time {
        Time::from_millis(millis).expect("a small number")
    }

    fn key(request: u8) -> RequestKey {
        RequestKey { account: AccountId([1; 16]), request_id: RequestId([request; 16]) }
    }

    #[test]
    fn only_lower_heights_count_against_a_block() {
        let mut window = Window::new(1000);
        window.record(5, time(100), [used(1, 5, 100)]);
        assert!(window.is_used_below(&key(1), 6, time(100)));
        assert!(!window.is_used_below(&key(1), 5, time(100)), "block 5 executed again does not meet itself");
        assert!(!window.is_used_below(&key(2), 6, time(100)));
    }

    #[test]
    fn an_entry_outlives_the_last_block_that_could_repeat_it() {
        let mut window = Window::new(1000);
        window.record(1, time(100), [used(1, 1, 100)]);
        window.record(2, time(1100), []);
        assert!(window.find(&key(1)).is_some(), "not_after may be 1100, and a block of that time may still hold it");
        window.record(3, time(1101), []);
        assert!(window.find(&key(1)).is_none());
    }

    #[test]
    fn the_verdict_depends_on_the_blocks_time_and_not_on_what_this_node_has_forgotten() {
        let mut behind = Window::new(1000);
        behind.record(1, time(100), [used(1, 1, 100)]);
        let mut ahead = Window::new(1000);
        ahead.record(1, time(100), [used(1, 1, 100)]);
        ahead.record(9, time(1105), []);
        for (millis, is_used) in [(1106, false), (5000, false)] {
            assert_eq!(behind.is_used_below(&key(1), 10, time(millis)), is_used);
            assert_eq!(ahead.is_used_below(&key(1), 10, time(millis)), is_used);
        }
        assert!(behind.is_used_below(&key(1), 2, time(1100)));
        assert!(!behind.is_used_below(&key(1), 2, time(1101)));
    }

    #[test]
    fn recording_a_block_again_changes_nothing() {
        let mut window = Window::new(1000);
        for _ in 0..2 {
            window.record(1, time(100), [used(1, 1, 100)]);
        }
        assert_eq!(window.order.len(), 1);
        assert_eq!(window.height(), 1);
    }

    #[test]
    fn a_request_used_again_after_the_window_is_watched_anew() {
        let mut window = Window::new(1000);
        window.record(1, time(100), [used(1, 1, 100)]);
        window.record(2, time(1100), [used(1, 2, 1100)]); // refused elsewhere, but must not confuse the order here
        window.record(3, time(1500), []);
        assert_eq!(window.find(&key(1)), Some(Settled { height: 2, number: 20 }));
    }
}
