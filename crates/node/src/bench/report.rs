//! The report: everything that was measured, as JSON for machines and as a table for people.

use super::cases::Case;
use super::cpu::Spent;
use super::figures::{Latency, ratio};
use super::journeys::Journeys;
use super::limit::Limit;
use super::machine::Machine;
use super::stages::Stages;
use serde::Serialize;
use std::fmt::Write;
use tongban_types::Digest;

/// Everything that was measured in one run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The program's version.
    pub version: String,
    /// The machine.
    pub machine: Machine,
    /// Whether the nodes kept an index for lists and search too.
    pub with_index: bool,
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
    /// Accounts that made the calls, each with its own key.
    pub accounts: usize,
    /// Submissions, or whole journeys, in flight.
    pub concurrency: usize,
    /// The measured time, in seconds.
    pub seconds: f64,
    /// Transactions that became final in it.
    pub transactions: usize,
    /// Their calls.
    pub calls: usize,
    /// Whole journeys; none where the load is something else.
    pub journeys: Option<Journeys>,
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
    /// CPU seconds of everything on the machine in it.
    pub machine_cpu_seconds: f64,
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
    /// Journeys that came to their end, a second.
    pub journeys_per_second: Option<f64>,
    /// Calls in each transaction, on average.
    pub calls_per_transaction: Option<f64>,
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
    /// The part that others used: what is measured beside them is less than the machine can do.
    pub machine_share_others: Option<f64>,
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
        let calls = self.calls as f64;
        let core_seconds = self.seconds * self.cores as f64;
        let cpu = self.nodes_spent.cpu_seconds();
        let load = self.load_spent.cpu_seconds();
        let transactions_per_second = ratio(transactions, self.seconds).unwrap_or_default();
        let calls_per_second = ratio(calls, self.seconds).unwrap_or_default();
        self.derived = Derived {
            transactions_per_second,
            calls_per_second,
            journeys_per_second: self.journeys.as_ref().and_then(|journeys| ratio(journeys.count as f64, self.seconds)),
            calls_per_transaction: ratio(calls, transactions),
            ratio_transactions: ratio(transactions_per_second, self.limit_transactions_per_second),
            ratio_calls: ratio(calls_per_second, self.limit_transactions_per_second),
            cpu_seconds_per_thousand_calls: ratio(cpu * 1_000.0, calls),
            machine_share_nodes: ratio(cpu, core_seconds),
            machine_share_load: ratio(load, core_seconds),
            machine_share_others: ratio((self.machine_cpu_seconds - cpu - load).max(0.0), core_seconds),
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
                "tongban {}; {} cores {}; Linux {}; {}; load average before {}; nodes {} index",
                self.version,
                machine.cores,
                machine.cpu_model,
                machine.kernel,
                machine.filesystem,
                machine.load_before,
                if self.with_index { "with" } else { "without" }
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
            if let Some(journeys) = &case.journeys {
                text.push_str(&journeys.in_words(case.seconds));
            }
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
        let rows: [(&str, Cell); 19] = [
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
            ("share of the machine, others", |case| optional(case.derived.machine_share_others, 2)),
            ("share of the kernel in nodes' CPU", |case| {
                optional(ratio(case.nodes_spent.system_seconds, case.nodes_spent.cpu_seconds()), 2)
            }),
            ("written to disk per call (bytes)", |case| optional(case.derived.written_bytes_per_call, 0)),
            ("voluntary switches per transaction", |case| {
                optional(ratio(case.nodes_spent.voluntary_switches as f64, case.transactions as f64), 1)
            }),
            ("accounts", |case| case.accounts.to_string()),
            ("in flight", |case| case.concurrency.to_string()),
            ("answers 'busy'", |case| case.busy.to_string()),
            ("measured (s)", |case| format!("{:.1}", case.seconds)),
            ("receipts checked", |case| case.receipts_checked.to_string()),
        ];
        let names =
            self.cases.iter().fold(String::new(), |names, case| names + &format!("{:>13}", case.case.to_string()));
        line(text, &format!("{:<36}{names}", ""));
        for (name, cell) in rows {
            let cells = self.cases.iter().fold(String::new(), |cells, case| cells + &format!("{:>13}", cell(case)));
            line(text, &format!("{name:<36}{cells}"));
        }
    }
}

/// The stages that every report has a place for, whether nodes count them or not.
const STAGES: [&str; 5] = ["signature", "execution", "merkle", "disk", "network"];

/// Where a case's CPU went, by stages and by threads.
fn split(text: &mut String, case: &CaseReport) {
    let cpu = case.nodes_spent.cpu_seconds();
    line(text, &format!("\n{}: {cpu:.1} s of the nodes' CPU", case.case));
    let stages = case.stage_seconds.clone().unwrap_or_default();
    let rest = case.derived.rest_seconds.map(|seconds| ("rest".to_owned(), seconds));
    let uncounted: String =
        STAGES.iter().filter(|stage| !stages.contains_key(**stage)).map(|stage| format!(", {stage} unknown")).collect();
    let counted = shares(stages.into_iter().chain(rest), cpu);
    line(text, &format!("  by stage: {}", format!("{counted}{uncounted}").trim_start_matches(", ")));
    line(text, &format!("  by thread: {}", shares(case.nodes_spent.thread_seconds.clone().into_iter(), cpu)));
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use tongban_types::Suite;

    fn case(case: Case) -> CaseReport {
        let spent = |user_seconds: f64, threads: &[(&str, f64)]| Spent {
            user_seconds,
            system_seconds: user_seconds / 4.0,
            written_bytes: Some(6_000_000),
            voluntary_switches: 30_000,
            involuntary_switches: 5,
            thread_seconds: threads.iter().map(|(name, seconds)| ((*name).to_owned(), *seconds)).collect(),
            thread_system_seconds: BTreeMap::new(),
        };
        CaseReport {
            case,
            nodes: 4,
            accounts: 256,
            concurrency: 2_000,
            seconds: 10.0,
            transactions: 20_000,
            calls: if case == Case::IntlHundred { 2_000_000 } else { 20_000 },
            journeys: None,
            receipts_checked: 31_000,
            busy: 7,
            faults: 0,
            first_faults: Vec::new(),
            latency: Some(Latency { p50_millis: 812.4, p99_millis: 1_403.6, max_millis: 2_000.0 }),
            limit_transactions_per_second: 16_000.0,
            nodes_spent: spent(12.0, &[("tokio-rt-worker", 10.0), ("ledger", 5.0)]),
            load_spent: spent(1.6, &[]),
            machine_cpu_seconds: 18.0,
            stage_seconds: None,
            cores: 2,
            agreed: Some(Agreed { height: 40, receipts: 31_002, state_root: Some(Digest([7; 32])) }),
            derived: Derived::default(),
        }
    }

    fn report() -> Report {
        let stages = BTreeMap::from([("signature".to_owned(), 6.0), ("execution".to_owned(), 3.0)]);
        let limit = Limit { suite: Suite::Intl, checks_per_second: 64_000.0, checks_per_second_of_nodes: 64_000.0 };
        let machine = Machine {
            cores: 2,
            cpu_model: "a model".to_owned(),
            kernel: "6.1".to_owned(),
            filesystem: "ext4".to_owned(),
            load_before: "0.10".to_owned(),
        };
        let one = case(Case::IntlOne).derive();
        let hundred = CaseReport { stage_seconds: Some(stages), ..case(Case::IntlHundred) }.derive();
        Report {
            version: "0.1.0".to_owned(),
            machine,
            with_index: false,
            limits: vec![limit],
            cases: vec![one, hundred],
        }
    }

    #[test]
    fn what_follows_is_computed_from_the_figures() {
        let derived = case(Case::IntlOne).derive().derived;
        assert_eq!((derived.transactions_per_second, derived.calls_per_second), (2_000.0, 2_000.0));
        assert_eq!((derived.ratio_transactions, derived.ratio_calls), (Some(0.125), Some(0.125)));
        assert_eq!((derived.cpu_seconds_per_thousand_calls, derived.machine_share_nodes), (Some(0.75), Some(0.75)));
        assert_eq!((derived.machine_share_load, derived.machine_share_others), (Some(0.1), Some(0.05)));
        assert_eq!((derived.written_bytes_per_call, derived.rest_seconds), (Some(300.0), None));

        let derived = report().cases.remove(1).derived;
        assert_eq!((derived.transactions_per_second, derived.calls_per_second), (2_000.0, 200_000.0));
        assert_eq!((derived.ratio_transactions, derived.ratio_calls), (Some(0.125), Some(12.5)));
        assert_eq!(derived.rest_seconds, Some(6.0));
    }

    #[test]
    fn nothing_measured_has_no_figures() {
        let nothing =
            CaseReport { transactions: 0, calls: 0, seconds: 0.0, latency: None, ..case(Case::SmOne) }.derive();
        assert_eq!(nothing.derived.cpu_seconds_per_thousand_calls, None);
        assert_eq!((nothing.derived.calls_per_second, nothing.derived.machine_share_nodes), (0.0, None));
    }

    #[test]
    fn a_report_is_good_where_every_receipt_is_right_and_all_agree() {
        assert!(report().is_good());
        let with = |change: fn(&mut CaseReport)| {
            let mut report = report();
            change(&mut report.cases[1]);
            report
        };
        assert!(!with(|case| case.faults = 1).is_good());
        assert!(!with(|case| case.agreed = None).is_good());
        assert!(with(|case| case.transactions = 1).is_good(), "being slow is no fault");
        let told = with(|case| {
            case.faults = 9;
            case.first_faults = vec!["refused (tx.denied)".to_owned()];
        });
        assert!(told.in_words().ends_with("intl-100: 9 receipts missing or wrong\n  refused (tx.denied)\n"));
    }

    #[test]
    fn the_report_for_people_is_a_table() {
        assert_eq!(report().in_words(), IN_WORDS);
    }

    const IN_WORDS: &str =
        "tongban 0.1.0; 2 cores a model; Linux 6.1; ext4; load average before 0.10; nodes without index
limit intl: 64000 signature checks/s on all cores (the nodes' own library: 64000/s)

                                           intl-1     intl-100
ratio to the limit, transactions            0.125        0.125
ratio to the limit, calls                   0.125       12.500
limit (transactions/s)                      16000        16000
final calls/s                                2000       200000
final transactions/s                         2000         2000
submit to final, p50 (ms)                     812          812
submit to final, p99 (ms)                    1404         1404
CPU of nodes per 1,000 calls (s)            0.750        0.007
share of the machine, nodes                  0.75         0.75
share of the machine, load                   0.10         0.10
share of the machine, others                 0.05         0.05
share of the kernel in nodes' CPU            0.20         0.20
written to disk per call (bytes)              300            3
voluntary switches per transaction            1.5          1.5
accounts                                      256          256
in flight                                    2000         2000
answers 'busy'                                  7            7
measured (s)                                 10.0         10.0
receipts checked                            31000        31000

intl-1: 15.0 s of the nodes' CPU
  by stage: signature unknown, execution unknown, merkle unknown, disk unknown, network unknown
  by thread: tokio-rt-worker 66.7 %, ledger 33.3 %

intl-100: 15.0 s of the nodes' CPU
  by stage: signature 40.0 %, rest 40.0 %, execution 20.0 %, merkle unknown, disk unknown, network unknown
  by thread: tokio-rt-worker 66.7 %, ledger 33.3 %
";
}
