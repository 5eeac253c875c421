//! What was measured of journeys: how long whole ones took, and each of their legs.

use super::figures::{Latency, ratio};
use super::journey::{calls_per_journey, transactions_per_journey};
use super::load::Done;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

/// Journeys that came to their end in the measured time.
#[derive(Clone, Debug, Serialize)]
pub struct Journeys {
    /// How many.
    pub count: usize,
    /// Transactions of one.
    pub transactions_each: usize,
    /// Calls of one.
    pub calls_each: usize,
    /// From the application to the closed case.
    pub latency: Option<Latency>,
    /// The transactions of the measured time by their place in a journey; the departments that check are one leg.
    pub legs: BTreeMap<&'static str, LegFigures>,
}

/// What was measured of one leg.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LegFigures {
    /// Transactions.
    pub transactions: usize,
    /// Calls.
    pub calls: usize,
    /// From sending to the final receipt.
    pub latency: Option<Latency>,
}

impl Journeys {
    /// Of whole journeys that took so long, and of the transactions of the same time.
    pub fn of(journeys: Vec<Duration>, done: &[&Done]) -> Self {
        let mut by_leg: BTreeMap<&'static str, Vec<&Done>> = BTreeMap::new();
        for done in done {
            if let Some(leg) = done.leg {
                by_leg.entry(leg.name()).or_default().push(done);
            }
        }
        let figures = |done: Vec<&Done>| LegFigures {
            transactions: done.len(),
            calls: done.iter().map(|done| done.calls).sum(),
            latency: Latency::of(done.iter().map(|done| done.after).collect()),
        };
        Self {
            count: journeys.len(),
            transactions_each: transactions_per_journey(),
            calls_each: calls_per_journey(),
            latency: Latency::of(journeys),
            legs: by_leg.into_iter().map(|(name, done)| (name, figures(done))).collect(),
        }
    }

    /// As people read it, measured in so many seconds.
    pub fn in_words(&self, seconds: f64) -> String {
        let per_second = |count: usize| ratio(count as f64, seconds).unwrap_or_default();
        let millis = |latency: Option<Latency>| match latency {
            Some(latency) => format!("p50 {:.0} ms, p99 {:.0} ms", latency.p50_millis, latency.p99_millis),
            None => "not measured".to_owned(),
        };
        let mut text = format!(
            "  journeys: {:.1}/s, each {} transactions with {} calls; from application to closed case {}\n",
            per_second(self.count),
            self.transactions_each,
            self.calls_each,
            millis(self.latency),
        );
        for (name, leg) in &self.legs {
            let rate = per_second(leg.calls);
            let _ = writeln!(text, "    {name}: {rate:.1} calls/s, {}", millis(leg.latency)); // writing to a text never fails
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::journey::Leg;
    use std::time::Instant;

    #[test]
    fn the_legs_of_all_departments_are_counted_together() {
        let at = Instant::now();
        let done = |leg: Leg, millis: u64| Done {
            at,
            after: Duration::from_millis(millis),
            calls: leg.calls(),
            leg: Some(leg),
        };
        let all = [done(Leg::Review(0), 10), done(Leg::Review(4), 30), done(Leg::Issue, 20)];
        let outside = Done { leg: None, ..done(Leg::File, 5) };
        let mut references: Vec<&Done> = all.iter().collect();
        references.push(&outside);
        let journeys = Journeys::of(vec![Duration::from_millis(90)], &references);
        assert_eq!((journeys.count, journeys.transactions_each, journeys.calls_each), (1, 10, 13));
        assert_eq!(journeys.legs.keys().copied().collect::<Vec<_>>(), ["issue", "review"]);
        let review = &journeys.legs["review"];
        assert_eq!((review.transactions, review.calls), (2, 2));
        assert_eq!(review.latency.map(|latency| latency.p99_millis), Some(30.0));
        assert_eq!(journeys.legs["issue"].calls, 2);
        assert_eq!(
            journeys.in_words(2.0),
            "  journeys: 0.5/s, each 10 transactions with 13 calls; from application to closed case p50 90 ms, p99 90 ms
    issue: 1.0 calls/s, p50 20 ms, p99 20 ms
    review: 1.0 calls/s, p50 10 ms, p99 30 ms\n"
        );
    }

    #[test]
    fn no_journeys_have_no_latency() {
        let nothing = Journeys::of(Vec::new(), &[]);
        assert_eq!((nothing.count, nothing.latency), (0, None));
        assert!(nothing.in_words(0.0).contains("0.0/s") && nothing.in_words(0.0).contains("not measured"));
    }
}
