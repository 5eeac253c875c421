//! CPU by stages of the work, as the nodes count it: lines of their metrics such as
//! `tongban_stage_cpu_seconds_total{stage="signature"} 1.25`.

use super::http::Connection;
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
    fn a_missing_reading_stays_unknown() {
        let reading = |seconds: f64| Some(BTreeMap::from([("disk".to_owned(), seconds)]));
        assert_eq!(since(&reading(3.0), &reading(1.0)), reading(2.0));
        assert_eq!(since(&reading(1.0), &reading(3.0)), reading(0.0), "a node that started again counts from nothing");
        assert_eq!(since(&reading(3.0), &None), None);
        assert_eq!(since(&None, &reading(3.0)), None);
    }
}
