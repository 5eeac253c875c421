//! What this process spends its processor time on, by stage. Read by metrics and by the benchmark; nothing here decides
//! anything.
//!
//! Only what this crate does itself is counted. The engine's own work (votes, connections, storage) is the rest of the process's
//! time.

use rustix::time::{ClockId, clock_gettime};
use std::cell::Cell;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use strum::{EnumCount, IntoEnumIterator};

/// What the time goes into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumIter, strum::EnumCount, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Stage {
    /// Checking transactions' signatures.
    Signature,
    /// Admitting users' transactions, but for their signatures.
    Admission,
    /// Telling peers of transactions and hearing from them, but for the signatures.
    Gossip,
    /// Reading blocks and putting them together.
    Block,
    /// Judging and executing blocks, but for the signatures.
    Execution,
    /// Hashing the changed state and the receipts.
    Merkle,
    /// Taking final blocks in and answering who waits.
    Settlement,
    /// Encrypting what goes to other nodes and decrypting what comes from them.
    Network,
}

static NANOS: [AtomicU64; Stage::COUNT] = [const { AtomicU64::new(0) }; Stage::COUNT];

/// Processor time of this process by stage, since it began. Names are stable.
pub fn stage_cpu() -> Vec<(&'static str, Duration)> {
    let nanos = |stage: Stage| Duration::from_nanos(NANOS[stage as usize].load(Ordering::Relaxed));
    Stage::iter().map(|stage| (stage.into(), nanos(stage))).collect()
}

impl Stage {
    /// Does the work and counts the processor time that this thread takes for it, without what a stage inside it counts.
    pub fn time<T>(self, work: impl FnOnce() -> T) -> T {
        thread_local! {
            /// What stages inside the present one have counted.
            static INSIDE: Cell<u64> = const { Cell::new(0) };
        }
        let outside = INSIDE.replace(0);
        let began = thread_nanos();
        let result = work();
        let taken = thread_nanos().saturating_sub(began);
        let inside = INSIDE.replace(outside + taken);
        NANOS[self as usize].fetch_add(taken.saturating_sub(inside), Ordering::Relaxed);
        result
    }

    /// Counts the processor time of a future, each time it is polled.
    pub async fn time_future<T>(self, work: impl Future<Output = T>) -> T {
        let work = pin!(work);
        Timed { stage: self, work }.await
    }
}

struct Timed<'a, F> {
    stage: Stage,
    work: Pin<&'a mut F>,
}

impl<F: Future> Future for Timed<'_, F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.get_mut();
        this.stage.time(|| this.work.as_mut().poll(context))
    }
}

fn thread_nanos() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    u64::try_from(time.tv_sec).unwrap_or(0) * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nanos(stage: Stage) -> u64 {
        NANOS[stage as usize].load(Ordering::Relaxed)
    }

    fn work() -> u64 {
        (0..1_000_000_u64).map(std::hint::black_box).sum()
    }

    #[test]
    fn work_is_counted_for_the_innermost_stage() {
        let before = (nanos(Stage::Merkle), nanos(Stage::Settlement), thread_nanos());
        let sum = Stage::Merkle.time(|| Stage::Settlement.time(work));
        assert_eq!(sum, 499_999_500_000);
        let taken = (nanos(Stage::Merkle) - before.0, nanos(Stage::Settlement) - before.1, thread_nanos() - before.2);
        assert!(taken.1 > 0);
        assert!(taken.0 + taken.1 <= taken.2, "nothing is counted twice");
    }

    #[test]
    fn a_future_is_counted_while_it_is_polled() {
        let before = nanos(Stage::Gossip);
        let mut polls = 0;
        let twice = std::future::poll_fn(|context| {
            polls += 1;
            context.waker().wake_by_ref();
            if polls < 2 { Poll::Pending } else { Poll::Ready(work()) }
        });
        assert_eq!(futures::executor::block_on(Stage::Gossip.time_future(twice)), 499_999_500_000);
        assert!(nanos(Stage::Gossip) > before);
    }
}
