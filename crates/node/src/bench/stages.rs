//! CPU by stages of the work, as the nodes count it: lines of their metrics such as
//! `tongban_stage_cpu_seconds_total{stage="signature"} 1.25`. What the engine does by itself is told by its threads.

use super::cpu::{ENGINE_FILES, ENGINE_WORKERS, Spent};
use super::http::Connection;
use crate::cli::RIM_THREADS;
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// The counter.
const COUNTER: &str = "tongban_stage_cpu_seconds_total";

/// Seconds of CPU by stage; none where a node does not count them.
pub type Stages = Option<BTreeMap<String, f64>>;

/// What all nodes have counted together; none where one of them counts nothing.
pub async fn of_nodes(addresses: &[SocketAddr]) -> Stages {
    let mut sum = BTreeMap::new();
    for address in addresses {
        let mut connection = Connection::open(*address).await.ok()?;
        let (status, body) = connection.get("/metrics").await.ok()?;
        let counted = parse(&String::from_utf8_lossy(&body));
        if !status.is_success() || counted.is_empty() {
            return None;
        }
        for (stage, seconds) in counted {
            *sum.entry(stage).or_default() += seconds;
        }
    }
    Some(sum)
}

/// What was counted since an earlier reading.
pub fn since(later: &Stages, earlier: &Stages) -> Stages {
    let (later, earlier) = (later.as_ref()?, earlier.as_ref()?);
    let difference = |stage: &String, seconds: &f64| (seconds - earlier.get(stage).unwrap_or(&0.0)).max(0.0);
    Some(later.iter().map(|(stage, seconds)| (stage.clone(), difference(stage, seconds))).collect())
}

/// Adds what the threads tell, where one kind of thread does one kind of work.
pub fn with_threads(mut stages: BTreeMap<String, f64>, spent: &Spent) -> BTreeMap<String, f64> {
    let of = |seconds: &BTreeMap<String, f64>, group: &str| seconds.get(group).copied().unwrap_or_default();
    let mut add = |stage: &str, seconds: f64| *stages.entry(stage.to_owned()).or_default() += seconds.max(0.0);
    // Files have threads of their own.
    add("disk", of(&spent.thread_seconds, ENGINE_FILES));
    // What workers have the kernel do is to send, to receive and to wait for sockets; the nodes count the cipher.
    add("network", of(&spent.thread_system_seconds, ENGINE_WORKERS));
    add("http", of(&spent.thread_seconds, RIM_THREADS) + of(&spent.thread_seconds, PROGRAM));
    // The pool checks signatures, which the nodes count, and hashes trees.
    let signatures = stages.get("signature").copied().unwrap_or_default();
    *stages.entry("merkle".to_owned()).or_default() += (of(&spent.thread_seconds, POOL) - signatures).max(0.0);
    stages
}

/// Where the program's main thread waits.
const PROGRAM: &str = "tongban";
/// The threads of the ledger that compute in parallel.
const POOL: &str = "ledger";

fn parse(metrics: &str) -> BTreeMap<String, f64> {
    let lines = metrics.lines().filter_map(|line| {
        let (labels, value) = line.strip_prefix(COUNTER)?.strip_prefix('{')?.split_once('}')?;
        let stage = labels.split(',').find_map(|label| label.trim().strip_prefix("stage=\"")?.strip_suffix('"'))?;
        let value: f64 = value.split_whitespace().next()?.parse().ok()?;
        (value.is_finite() && value >= 0.0).then(|| (stage.to_owned(), value))
    });
    lines.fold(BTreeMap::new(), |mut stages, (stage, seconds)| {
        *stages.entry(stage).or_default() += seconds;
        stages
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_counter_of_stages_is_read() {
        let metrics = "# TYPE tongban_stage_cpu_seconds_total counter\n\
                       tongban_stage_cpu_seconds_total{stage=\"signature\"} 1.5\n\
                       tongban_stage_cpu_seconds_total{suite=\"sm\",stage=\"disk\"} 0.25 1700000000\n\
                       tongban_stage_cpu_seconds_total{stage=\"merkle\"} NaN\n\
                       tongban_stage_cpu_seconds_total{stage=\"network\"} -1\n\
                       tongban_other{stage=\"signature\"} 9\n";
        assert_eq!(parse(metrics), [("disk".to_owned(), 0.25), ("signature".to_owned(), 1.5)].into());
        assert!(parse("tongban_stage_cpu_seconds_total 3\nstage\n\u{0}").is_empty());
    }

    #[test]
    fn threads_tell_what_the_nodes_do_not_count() {
        let of = |parts: &[(&str, f64)]| -> BTreeMap<String, f64> {
            parts.iter().map(|(name, seconds)| ((*name).to_owned(), *seconds)).collect()
        };
        let spent = Spent {
            thread_seconds: of(&[
                ("rim", 2.0),
                ("tongban", 0.5),
                ("ledger", 5.0),
                (ENGINE_FILES, 1.5),
                (ENGINE_WORKERS, 9.0),
            ]),
            thread_system_seconds: of(&[("rim", 1.0), (ENGINE_WORKERS, 0.75)]),
            ..Spent::default()
        };
        let counted = of(&[("signature", 4.0), ("merkle", 2.0), ("network", 0.25)]);
        let expected = of(&[("signature", 4.0), ("merkle", 3.0), ("network", 1.0), ("disk", 1.5), ("http", 2.5)]);
        assert_eq!(with_threads(counted, &spent), expected);
    }

    #[test]
    fn a_missing_reading_stays_unknown() {
        let reading = |seconds: f64| Some(BTreeMap::from([("disk".to_owned(), seconds)]));
        assert_eq!(since(&reading(3.0), &reading(1.0)), reading(2.0));
        assert_eq!(since(&reading(1.0), &reading(3.0)), reading(0.0), "a node that started again counts from nothing");
        assert_eq!(since(&reading(3.0), &None), None);
        assert_eq!(since(&None, &reading(3.0)), None);
    }
}
