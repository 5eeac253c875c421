//! `tongban status`: how one node is, or how several stand to each other.

use crate::cli::{TOKEN_VARIABLE, client};
use crate::doctor::bytes_in_words;
use crate::output;
use anyhow::bail;
use futures::future::join_all;
use serde_json::json;
use tongban_api::{Client, NodeStatus};

/// Arguments of `tongban status`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// The API of a node; give it several times, or several divided by commas, to compare nodes
    #[arg(long = "node", env = "TONGBAN_URL", default_value = "http://127.0.0.1:8101", value_delimiter = ',')]
    pub nodes: Vec<String>,
    /// A token for them, where they ask for one
    #[arg(long, env = TOKEN_VARIABLE, hide_env_values = true)]
    pub token: Option<String>,
    /// Print JSON: one node's status, or a list for several
    #[arg(long)]
    pub json: bool,
}

/// A node's address and what it said.
type Told = (String, Result<NodeStatus, String>);

/// Asks all nodes and prints what they say. Fails where one is not ready or not there.
pub async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let clients = arguments.nodes.iter().map(|url| client(url, arguments.token.as_deref()));
    let clients: Vec<Client> = clients.collect::<anyhow::Result<_>>()?;
    let ask = |client: Client| async move {
        let status = client.status().await;
        (client.base().to_owned(), status.map_err(|error| error.to_string()))
    };
    let told: Vec<Told> = join_all(clients.into_iter().map(ask)).await;
    match (&told[..], arguments.json) {
        ([(_, Err(reason))], _) => bail!("{reason}"),
        ([(_, Ok(status))], true) => output::line(format_args!("{}", serde_json::to_string_pretty(status)?)),
        ([(_, Ok(status))], false) => output::text(format_args!("{}", of_one(status))),
        (_, true) => output::line(format_args!("{}", serde_json::to_string_pretty(&list(&told))?)),
        (_, false) => output::text(format_args!("{}", table(&told))),
    }
    let troubles: Vec<String> = told.iter().filter_map(trouble).collect();
    if troubles.is_empty() {
        return Ok(());
    }
    bail!("not ready: {}", troubles.join("; "))
}

fn trouble((url, status): &Told) -> Option<String> {
    match status {
        Ok(status) if status.ready => None,
        Ok(status) => Some(format!("{}: {}", status.department, status.reason.clone().unwrap_or_default())),
        Err(reason) => Some(format!("{url}: {reason}")),
    }
}

fn list(told: &[Told]) -> serde_json::Value {
    told.iter()
        .map(|(url, status)| match status {
            Ok(status) => json!({ "node": url, "status": status }),
            Err(reason) => json!({ "node": url, "error": reason }),
        })
        .collect()
}

fn of_one(status: &NodeStatus) -> String {
    let time = status.time.map_or_else(|| "none yet".to_owned(), |time| time.to_string());
    let age = status.head_age_millis.map(|millis| format!(", {} ago", duration_in_words(millis))).unwrap_or_default();
    let ready = match &status.reason {
        None => "yes".to_owned(),
        Some(reason) => format!("no: {reason}"),
    };
    let lines = [
        ("ready", ready),
        ("department", status.department.clone()),
        ("network", format!("{} ({})", status.network_name, status.network)),
        ("suite", status.suite.to_string()),
        ("validators", status.validators.to_string()),
        ("height", status.height.to_string()),
        ("last block", format!("{time}{age}")),
        ("receipts", status.receipts.to_string()),
        ("waiting", format!("{} transactions", status.waiting)),
        ("disk free", status.disk_free_bytes.map_or_else(|| "unknown".to_owned(), bytes_in_words)),
        ("index", status.index_lag_blocks.map_or_else(|| "none".to_owned(), |lag| format!("{lag} blocks behind"))),
        ("uptime", duration_in_words(status.uptime_seconds.saturating_mul(1000))),
        ("version", status.version.clone()),
    ];
    lines.iter().map(|(name, value)| format!("{name:<12}{value}\n")).collect()
}

/// One line for each node. Names of departments stand last: their letters are wider than one column.
fn table(told: &[Told]) -> String {
    let highest = told.iter().filter_map(|(_, status)| Some(status.as_ref().ok()?.height)).max().unwrap_or_default();
    let networks: Vec<_> = told.iter().filter_map(|(_, status)| Some(status.as_ref().ok()?.network)).collect();
    let heading = ["node", "height", "behind", "head age", "receipts", "waiting", "disk free", "uptime", "version"];
    let mut rows = vec![(heading.map(str::to_owned).to_vec(), "department".to_owned())];
    for (url, status) in told {
        rows.push(match status {
            Err(reason) => (
                std::iter::once(url.clone()).chain((1..heading.len()).map(|_| "-".to_owned())).collect(),
                reason.clone(),
            ),
            Ok(status) => {
                let cells = vec![
                    url.clone(),
                    status.height.to_string(),
                    (highest - status.height).to_string(),
                    status.head_age_millis.map_or_else(|| "-".to_owned(), duration_in_words),
                    status.receipts.to_string(),
                    status.waiting.to_string(),
                    status.disk_free_bytes.map_or_else(|| "-".to_owned(), bytes_in_words),
                    duration_in_words(status.uptime_seconds.saturating_mul(1000)),
                    status.version.clone(),
                ];
                let reason = status.reason.as_ref().map(|reason| format!(" (not ready: {reason})")).unwrap_or_default();
                let stranger = if networks.first() == Some(&status.network) { "" } else { " (of another network)" };
                (cells, format!("{}{stranger}{reason}", status.department))
            }
        });
    }
    let widths: Vec<usize> = (0..heading.len())
        .map(|column| rows.iter().map(|(cells, _)| cells[column].len()).max().unwrap_or_default())
        .collect();
    let line = |(cells, last): &(Vec<String>, String)| {
        let aligned: Vec<String> = cells
            .iter()
            .zip(&widths)
            .enumerate()
            .map(
                |(column, (cell, width))| {
                    if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
                },
            )
            .collect();
        format!("{}  {last}\n", aligned.join("  "))
    };
    rows.iter().map(line).collect()
}

/// Such as `340 ms`, `1.5 s`, `12 min`, `3 h 05 min`, `2 d 4 h`.
fn duration_in_words(millis: u64) -> String {
    let seconds = millis / 1000;
    match seconds {
        0 => format!("{millis} ms"),
        1..60 => format!("{:.1} s", millis as f64 / 1000.0),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => format!("{} h {:02} min", seconds / 3_600, seconds % 3_600 / 60),
        86_400.. => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tongban_types::{Digest, Suite, Time};

    fn status(height: u64, network: u8) -> NodeStatus {
        NodeStatus {
            version: "1.2.3".to_owned(),
            network_name: "云港市".to_owned(),
            network: Digest([network; 32]),
            suite: Suite::Sm,
            department: "云港市数据局".to_owned(),
            height,
            time: Some(Time::from_millis(0).expect("a time")),
            state_root: None,
            receipts: 12,
            waiting: 0,
            validators: 4,
            ready: height > 5,
            reason: (height <= 5).then(|| "catching up".to_owned()),
            head_age_millis: Some(340),
            uptime_seconds: 3_900,
            disk_free_bytes: Some(3 << 30),
            index_lag_blocks: Some(2),
        }
    }

    #[test]
    fn one_node_is_a_list_of_names_and_values() {
        let text = of_one(&status(7, 1));
        for line in ["ready       yes\n", "height      7\n", "disk free   3.0 GiB\n", "uptime      1 h 05 min\n"] {
            assert!(text.contains(line), "{line}{text}");
        }
        assert!(text.contains(", 340 ms ago\n"), "{text}");
        assert!(of_one(&status(5, 1)).contains("ready       no: catching up\n"));
    }

    #[test]
    fn several_nodes_are_a_table_that_shows_who_is_behind() {
        let told = vec![
            ("http://a".to_owned(), Ok(status(1200, 1))),
            ("http://bb".to_owned(), Ok(status(5, 2))),
            ("http://c".to_owned(), Err("refused".to_owned())),
        ];
        let text = table(&told);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[1],
            "http://a     1200       0    340 ms        12        0    3.0 GiB  1 h 05 min    1.2.3  云港市数据局"
        );
        assert!(lines[2].starts_with("http://bb       5    1195    340 ms"), "{text}");
        assert!(lines[2].ends_with("(of another network) (not ready: catching up)"), "{text}");
        assert!(lines[3].starts_with("http://c        -       -") && lines[3].ends_with("refused"), "{text}");
        let troubles: Vec<String> = told.iter().filter_map(trouble).collect();
        assert_eq!(troubles, ["云港市数据局: catching up", "http://c: refused"]);
        assert_eq!(list(&told)[2]["error"], "refused");
    }

    #[test]
    fn durations_read_well() {
        let expect = [
            (0, "0 ms"),
            (999, "999 ms"),
            (1_500, "1.5 s"),
            (60_000, "1 min"),
            (11_100_000, "3 h 05 min"),
            (187_200_000, "2 d 4 h"),
        ];
        for (millis, words) in expect {
            assert_eq!(duration_in_words(millis), words);
        }
    }
}
