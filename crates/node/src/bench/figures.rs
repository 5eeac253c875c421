//! Arithmetic over what was measured.

use serde::Serialize;
use std::time::Duration;

/// How long submissions took to become final, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Latency {
    /// Half of them took no longer.
    pub p50_millis: f64,
    /// All but one in a hundred took no longer.
    pub p99_millis: f64,
    /// The longest.
    pub max_millis: f64,
}

impl Latency {
    /// Of all these; none of none.
    pub fn of(mut times: Vec<Duration>) -> Option<Self> {
        times.sort_unstable();
        let at = |percent: usize| Some(times.get(rank(times.len(), percent)?)?.as_secs_f64() * 1_000.0);
        Some(Self { p50_millis: at(50)?, p99_millis: at(99)?, max_millis: at(100)? })
    }
}

/// The place of a percentile among so many sorted values, by the nearest rank.
fn rank(length: usize, percent: usize) -> Option<usize> {
    (length * percent).div_ceil(100).max(1).checked_sub(1).filter(|place| *place < length)
}

/// The value in the middle, the smaller of two in the middle; none of none.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(values.len().checked_sub(1)? / 2).copied()
}

/// A part of a whole; none where there is no whole.
pub fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        for (length, p50, p99, max) in
            [(1, 1.0, 1.0, 1.0), (2, 1.0, 2.0, 2.0), (100, 50.0, 99.0, 100.0), (1_000, 500.0, 990.0, 1_000.0)]
        {
            let times = (1..=length).rev().map(Duration::from_millis).collect();
            assert_eq!(Latency::of(times), Some(Latency { p50_millis: p50, p99_millis: p99, max_millis: max }));
        }
        assert_eq!(Latency::of(Vec::new()), None);
    }

    #[test]
    fn the_middle_is_a_value_that_occurred() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0]), Some(1.0));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn nothing_has_no_part() {
        assert_eq!(ratio(1.0, 4.0), Some(0.25));
        assert_eq!(ratio(1.0, 0.0), None);
    }
}
