//! The report: everything that was measured, as JSON for machines and as a table for people.

use super::cases::Case;
use super::cpu::Spent;
use super::figures::{Latency, ratio};
use super::limit::Limit;
use super::machine::Machine;
use super::stages::Stages;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use tongban_types::Digest;

/// Everything that was measured in one run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The program's version.
    pub version: String,
    /// How the load learns that a transaction is final.
    pub mode: String,
    /// The machine.
    pub machine: Machine,
    /// The limits, one for each suite.
    pub limits: Vec<Limit>,
    /// The cases.
    pub cases: Vec<CaseReport>,
}

/// What was measured of one case.
#[derive(Clone, Debug, Serialize)]
pub struct CaseReport {
    /// The case.
    pub case: Case,
    /// Nodes, each a process.
    pub nodes: usize,
    /// Calls in each transaction.
    pub calls_per_transaction: usize,
    /// Submissions in flight.
    pub concurrency: usize,
    /// The measured time, in seconds.
    pub seconds: f64,
    /// Transactions that became final in it.
    pub transactions: usize,
    /// Transactions that became final altogether, and whose receipts were checked.
    pub receipts_checked: usize,
    /// Answers that asked to come back later.
    pub busy: u64,
    /// Receipts that were missing or wrong.
    pub faults: u64,
    /// What the first of them were.
    pub first_faults: Vec<String>,
    /// From sending to the final receipt.
    pub latency: Option<Latency>,
    /// What the limit would allow, in transactions a second.
    pub limit_transactions_per_second: f64,
    /// What all nodes spent in the measured time.
    pub nodes_spent: Spent,
    /// What the load spent in it.
    pub load_spent: Spent,
    /// CPU of the nodes by stages; none where they do not count it.
    pub stage_seconds: Stages,
    /// Cores of the machine.
    pub cores: usize,
    /// Where all nodes agreed in the end.
    pub agreed: Option<Agreed>,
    /// What follows from the figures above.
    pub derived: Derived,
}

/// Where all nodes agreed.
#[derive(Clone, Debug, Serialize)]
pub struct Agreed {
    /// The height.
    pub height: u64,
    /// Receipts up to there.
    pub receipts: u64,
    /// The state there.
    pub state_root: Option<Digest>,
}

/// What follows from other figures.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Derived {
    /// Final transactions a second.
    pub transactions_per_second: f64,
    /// Final calls a second.
    pub calls_per_second: f64,
    /// Final transactions a second ÷ the limit.
    pub ratio_transactions: Option<f64>,
    /// Final calls a second ÷ the limit of transactions: above 1 where many calls share a signature.
    pub ratio_calls: Option<f64>,
    /// CPU seconds of all nodes for 1,000 calls.
    pub cpu_seconds_per_thousand_calls: Option<f64>,
    /// The part of all cores' time that the nodes used.
    pub machine_share_nodes: Option<f64>,
    /// The part that the load used.
    pub machine_share_load: Option<f64>,
    /// Bytes that the nodes together wrote to disk for each call.
    pub written_bytes_per_call: Option<f64>,
    /// CPU seconds of the nodes that belong to no stage.
    pub rest_seconds: Option<f64>,
}

impl CaseReport {
    /// Computes what follows from the other figures.
    #[must_use]
    pub fn derive(mut self) -> Self {
        let transactions = self.transactions as f64;
        let calls = transactions * self.calls_per_transaction as f64;
        let core_seconds = self.seconds * self.cores as f64;
        let cpu = self.nodes_spent.cpu_seconds();
        let transactions_per_second = ratio(transactions, self.seconds).unwrap_or_default();
        let calls_per_second = ratio(calls, self.seconds).unwrap_or_default();
        self.derived = Derived {
            transactions_per_second,
            calls_per_second,
            ratio_transactions: ratio(transactions_per_second, self.limit_transactions_per_second),
            ratio_calls: ratio(calls_per_second, self.limit_transactions_per_second),
            cpu_seconds_per_thousand_calls: ratio(cpu * 1_000.0, calls),
            machine_share_nodes: ratio(cpu, core_seconds),
            machine_share_load: ratio(self.load_spent.cpu_seconds(), core_seconds),
            written_bytes_per_call: self.nodes_spent.written_bytes.and_then(|bytes| ratio(bytes as f64, calls)),
            rest_seconds: self.stage_seconds.as_ref().map(|stages| (cpu - stages.values().sum::<f64>()).max(0.0)),
        };
        self
    }
}

impl Report {
    /// Whether every receipt arrived and was right.
    pub fn is_good(&self) -> bool {
        self.cases.iter().all(|case| case.faults == 0 && case.agreed.is_some())
    }

    /// The report as people read it.
    pub fn in_words(&self) -> String {
        let mut text = String::new();
        let machine = &self.machine;
        line(
            &mut text,
            &format!(
                "tongban {}; {} cores {}; Linux {}; {}; load average before {}; receipts by {}",
                self.version,
                machine.cores,
                machine.cpu_model,
                machine.kernel,
                machine.filesystem,
                machine.load_before,
                self.mode
            ),
        );
        for limit in &self.limits {
            line(
                &mut text,
                &format!(
                    "limit {}: {:.0} signature checks/s on all cores (the nodes' own library: {:.0}/s)",
                    limit.suite, limit.checks_per_second, limit.checks_per_second_of_nodes
                ),
            );
        }
        text.push('\n');
        self.table(&mut text);
        for case in &self.cases {
            split(&mut text, case);
        }
        for case in self.cases.iter().filter(|case| case.faults > 0) {
            line(&mut text, &format!("{}: {} receipts missing or wrong", case.case, case.faults));
            for fault in &case.first_faults {
                line(&mut text, &format!("  {fault}"));
            }
        }
        text
    }

    fn table(&self, text: &mut String) {
        type Cell = fn(&CaseReport) -> String;
        let rows: [(&str, Cell); 17] = [
            ("ratio to the limit, transactions", |case| optional(case.derived.ratio_transactions, 3)),
            ("ratio to the limit, calls", |case| optional(case.derived.ratio_calls, 3)),
            ("limit (transactions/s)", |case| format!("{:.0}", case.limit_transactions_per_second)),
            ("final calls/s", |case| format!("{:.0}", case.derived.calls_per_second)),
            ("final transactions/s", |case| format!("{:.0}", case.derived.transactions_per_second)),
            ("submit to final, p50 (ms)", |case| optional(case.latency.map(|latency| latency.p50_millis), 0)),
            ("submit to final, p99 (ms)", |case| optional(case.latency.map(|latency| latency.p99_millis), 0)),
            ("CPU of nodes per 1,000 calls (s)", |case| optional(case.derived.cpu_seconds_per_thousand_calls, 3)),
            ("share of the machine, nodes", |case| optional(case.derived.machine_share_nodes, 2)),
            ("share of the machine, load", |case| optional(case.derived.machine_share_load, 2)),
            ("share of the kernel in nodes' CPU", |case| {
                optional(ratio(case.nodes_spent.system_seconds, case.nodes_spent.cpu_seconds()), 2)
            }),
            ("written to disk per call (bytes)", |case| optional(case.derived.written_bytes_per_call, 0)),
            ("voluntary switches per transaction", |case| {
                optional(ratio(case.nodes_spent.voluntary_switches as f64, case.transactions as f64), 1)
            }),
            ("in flight", |case| case.concurrency.to_string()),
            ("answers 'busy'", |case| case.busy.to_string()),
            ("measured (s)", |case| format!("{:.1}", case.seconds)),
            ("receipts checked", |case| case.receipts_checked.to_string()),
        ];
        let names =
            self.cases.iter().fold(String::new(), |names, case| names + &format!("{:>12}", case.case.to_string()));
        line(text, &format!("{:<36}{names}", ""));
        for (name, cell) in rows {
            let cells = self.cases.iter().fold(String::new(), |cells, case| cells + &format!("{:>12}", cell(case)));
            line(text, &format!("{name:<36}{cells}"));
        }
    }
}

/// Where a case's CPU went, by stages and by threads.
fn split(text: &mut String, case: &CaseReport) {
    let cpu = case.nodes_spent.cpu_seconds();
    line(text, &format!("\n{}: {cpu:.1} s of the nodes' CPU", case.case));
    match &case.stage_seconds {
        None => line(text, "  by stage: unknown (the nodes count none)"),
        Some(stages) => {
            let rest = case.derived.rest_seconds.map(|seconds| ("rest".to_owned(), seconds));
            line(text, &format!("  by stage: {}", shares(stages.clone().into_iter().chain(rest), cpu)));
        }
    }
    let threads: BTreeMap<String, f64> = case.nodes_spent.thread_seconds.clone();
    line(text, &format!("  by thread: {}", shares(threads.into_iter(), cpu)));
}

/// Parts of a whole in percent, the greatest first.
fn shares(parts: impl Iterator<Item = (String, f64)>, whole: f64) -> String {
    let mut parts: Vec<(String, f64)> = parts.collect();
    parts.sort_by(|one, other| other.1.total_cmp(&one.1));
    let in_percent = |(name, part): &(String, f64)| {
        ratio(*part, whole).map_or_else(|| name.clone(), |share| format!("{name} {:.1} %", share * 100.0))
    };
    parts.iter().map(in_percent).collect::<Vec<_>>().join(", ")
}

fn optional(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.decimals$}"))
}

fn line(text: &mut String, line: &str) {
    let _ = writeln!(text, "{line}"); // writing to a text never fails
}
