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

/// The requests of the last window of block time.
pub(crate) struct Window {
    span_millis: u64,
    height: u64,
    settled: HashMap<RequestKey, Settled>,
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

    /// Records a final block's receipts; a block that was recorded before changes nothing.
    pub fn record<'a>(&mut self, height: u64, time: Time, receipts: impl IntoIterator<Item = &'a Receipt>) {
        for receipt in receipts {
            let key = RequestKey { account: receipt.account, request_id: receipt.request_id };
            let settled = Settled { height: receipt.height, number: receipt.number };
            if self.settled.insert(key, settled) != Some(settled) {
                self.order.push_back((receipt.time, key, receipt.height));
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
            if self.settled.get(key).is_some_and(|settled| settled.height == *height) {
                self.settled.remove(key);
            }
            self.order.pop_front();
        }
    }

    /// Where the request's receipt is, if it took effect inside the window.
    pub fn find(&self, key: &RequestKey) -> Option<Settled> {
        self.settled.get(key).copied()
    }

    /// Whether the request took effect below the height.
    pub fn is_used_below(&self, key: &RequestKey, height: u64) -> bool {
        self.settled.get(key).is_some_and(|settled| settled.height < height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tongban_types::{AccountId, Digest, List, Outcome, RequestId};

    fn receipt(request: u8, height: u64, millis: u64) -> Receipt {
        Receipt {
            number: height * 10,
            transaction: Digest::ZERO,
            account: AccountId([1; 16]),
            request_id: RequestId([request; 16]),
            not_after: Time::default(),
            height,
            time: time(millis),
            outcome: Outcome::Applied { events: List::default() },
        }
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
        window.record(5, time(100), &[receipt(1, 5, 100)]);
        assert!(window.is_used_below(&key(1), 6));
        assert!(!window.is_used_below(&key(1), 5), "block 5 executed again does not meet itself");
        assert!(!window.is_used_below(&key(2), 6));
    }

    #[test]
    fn an_entry_outlives_the_last_block_that_could_repeat_it() {
        let mut window = Window::new(1000);
        window.record(1, time(100), &[receipt(1, 1, 100)]);
        window.record(2, time(1100), &[]);
        assert!(window.find(&key(1)).is_some(), "not_after may be 1100, and a block of that time may still hold it");
        window.record(3, time(1101), &[]);
        assert!(window.find(&key(1)).is_none());
    }

    #[test]
    fn recording_a_block_again_changes_nothing() {
        let mut window = Window::new(1000);
        for _ in 0..2 {
            window.record(1, time(100), &[receipt(1, 1, 100)]);
        }
        assert_eq!(window.order.len(), 1);
        assert_eq!(window.height(), 1);
    }

    #[test]
    fn a_request_used_again_after_the_window_is_watched_anew() {
        let mut window = Window::new(1000);
        window.record(1, time(100), &[receipt(1, 1, 100)]);
        window.record(2, time(1100), &[receipt(1, 2, 1100)]); // refused elsewhere, but must not confuse the order here
        window.record(3, time(1500), &[]);
        assert_eq!(window.find(&key(1)), Some(Settled { height: 2, number: 20 }));
    }
}
