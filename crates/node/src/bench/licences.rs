//! How fast the licences of an older system are taken over (`tongban bench --licences FILE`), and how much memory that takes: the importer
//! of `tongban import licences`, with reading, faces and anomalies, against a new network of processes.
//!
//! The peak memory of the importer is that of this process, which does nothing else before. Rows that the importer refuses are counted
//! and no fault: real files have them.

use super::cluster::Cluster;
use super::cpu::Memory;
use super::figures::ratio;
use super::journey::{Post, prepare};
use super::machine::Machine;
use super::say;
use crate::import::licences::{LicenceImport, LicenceSummary, Mapping, import};
use crate::import::rows::Limits;
use crate::import::{ImportSecret, progress_bar};
use crate::licence_import_command::{LicenceNode, file_time};
use crate::random::rng;
use anyhow::{Context, ensure};
use rand_core::Rng;
use serde::Serialize;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tongban_api::Client;
use tongban_crypto::primitives;
use tongban_types::Suite;
use tongban_types::transaction::CALLS_MAX;

/// What is measured.
pub struct Plan {
    /// The files.
    pub files: Vec<PathBuf>,
    /// Which column is which field.
    pub mapping: Mapping,
    /// The algorithms.
    pub suite: Suite,
    /// Nodes, each a process.
    pub nodes: u16,
    /// Where the network is made, and the faces are written.
    pub folder: PathBuf,
}

/// What came of it.
#[derive(Clone, Debug, Serialize)]
pub struct LicencesReport {
    /// The program's version.
    pub version: String,
    /// The machine.
    pub machine: Machine,
    /// The algorithms.
    pub suite: Suite,
    /// Nodes, each a process.
    pub nodes: u16,
    /// Files that were read.
    pub files: usize,
    /// Rows in them.
    pub rows: u64,
    /// Licences that were taken over.
    pub imported: u64,
    /// Rows that were refused.
    pub errors: u64,
    /// Transactions.
    pub transactions: u64,
    /// From the first row to the last receipt.
    pub seconds: f64,
    /// Licences a second.
    pub licences_per_second: Option<f64>,
    /// CPU seconds of all nodes for 1,000 licences.
    pub cpu_seconds_per_thousand_licences: Option<f64>,
    /// The importer's memory.
    pub importer_memory: Option<Memory>,
    /// The memory of the node that it was sent to.
    pub node_memory: Option<Memory>,
}

impl Plan {
    /// Takes all files over, one after the other.
    pub async fn measure(self) -> anyhow::Result<LicencesReport> {
        say(&format!("starting {} nodes", self.nodes));
        let mut cluster = Cluster::start(&self.folder, self.nodes, self.suite, false)?;
        match self.measure_on(&mut cluster).await {
            Ok(report) => {
                cluster.stop().await?;
                Ok(report)
            }
            Err(error) => {
                cluster.check()?; // a node that has ended is the better explanation
                Err(error)
            }
        }
    }

    async fn measure_on(&self, cluster: &mut Cluster) -> anyhow::Result<LicencesReport> {
        cluster.wait_until_ready().await?;
        let mut run = prepare(cluster, 1, 1).await?;
        let signer = run.release(Post::Import).pop().context("a post has officers")?;
        let department = run.setting.lead;
        let address = *cluster.addresses().first().context("a network has a node")?;
        let client = Client::new(format!("http://{address}"));
        let now = client.status().await?.time.unwrap_or(cluster.genesis.time);
        let target = LicenceNode::new(client, signer);
        let secret = ImportSecret::generate(|bytes| rng().fill_bytes(bytes));
        let begin = cluster.spent();
        let begun = Instant::now();
        let mut summaries = Vec::new();
        for (number, file) in self.files.iter().enumerate() {
            say(&format!("taking over {}", file.display()));
            let options = LicenceImport {
                file: file.clone(),
                mapping: self.mapping.clone(),
                by: department,
                as_of: file_time(file).min(now),
                calls_per_transaction: CALLS_MAX,
                dry_run: false,
                error_file: None,
                faces: faces(&self.folder, number),
                secret: secret.clone(),
                primitives: primitives(self.suite),
                limits: Limits::default(),
            };
            let summary = import(&target, options, &progress_bar()).await?;
            ensure!(summary.broken_files == 0, "{} cannot be read to its end", file.display());
            summaries.push(summary);
        }
        let taken = begun.elapsed();
        let spent = cluster.spent().since(&begin).cpu_seconds();
        Ok(self.report(&summaries, taken, spent, Memory::of(cluster.process(0))))
    }

    fn report(
        &self,
        summaries: &[LicenceSummary],
        taken: Duration,
        spent: f64,
        node_memory: Option<Memory>,
    ) -> LicencesReport {
        let sum = |figure: fn(&LicenceSummary) -> u64| summaries.iter().map(figure).sum::<u64>();
        let imported = sum(|summary| summary.imported);
        LicencesReport {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            machine: Machine::here(&self.folder),
            suite: self.suite,
            nodes: self.nodes,
            files: summaries.len(),
            rows: sum(|summary| summary.rows),
            imported,
            errors: sum(|summary| summary.errors),
            transactions: sum(|summary| summary.transactions),
            seconds: taken.as_secs_f64(),
            licences_per_second: ratio(imported as f64, taken.as_secs_f64()),
            cpu_seconds_per_thousand_licences: ratio(spent * 1_000.0, imported as f64),
            importer_memory: Memory::of(std::process::id()),
            node_memory,
        }
    }
}

/// Where the faces of a file go.
fn faces(folder: &Path, number: usize) -> PathBuf {
    folder.join(format!("faces-{}", number + 1))
}

impl LicencesReport {
    /// The report as people read it.
    pub fn in_words(&self) -> String {
        let decimals = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
        let megabytes = |memory: Option<Memory>| {
            memory.map_or_else(|| "-".to_owned(), |memory| format!("{:.0} MB", memory.peak_bytes as f64 / 1_000_000.0))
        };
        let mut text = String::new();
        // Writing to a text never fails.
        let _ = writeln!(
            text,
            "tongban {}; {} cores {}; {} nodes, {}; {} files",
            self.version, self.machine.cores, self.machine.cpu_model, self.nodes, self.suite, self.files
        );
        let _ = writeln!(
            text,
            "{} of {} rows taken over in {:.1} s, {} transactions; {} refused",
            self.imported, self.rows, self.seconds, self.transactions, self.errors
        );
        let _ = writeln!(text, "licences/s: {:.0}", self.licences_per_second.unwrap_or_default());
        let cpu = decimals(self.cpu_seconds_per_thousand_licences);
        let _ = writeln!(text, "CPU of all nodes per 1,000 licences (s): {cpu}");
        let (importer, node) = (megabytes(self.importer_memory), megabytes(self.node_memory));
        let _ = writeln!(text, "greatest memory: importer {importer}, first node {node}");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_added_up_and_refused_rows_are_no_fault() {
        let mapping = include_str!("../../../../examples/licences/business_licence.mapping.yaml");
        let plan = Plan {
            files: Vec::new(),
            mapping: Mapping::parse(mapping).expect("the example is good"),
            suite: Suite::Sm,
            nodes: 4,
            folder: PathBuf::from("/"),
        };
        let file = |rows: u64, errors: u64| LicenceSummary {
            rows,
            imported: rows - errors,
            errors,
            transactions: 3,
            ..LicenceSummary::default()
        };
        let memory = Some(Memory { peak_bytes: 50_000_000, present_bytes: 1 });
        let mut report = plan.report(&[file(300, 1), file(101, 0)], Duration::from_secs(2), 0.8, memory);
        assert_eq!((report.rows, report.imported, report.errors, report.transactions), (401, 400, 1, 6));
        assert_eq!((report.licences_per_second, report.cpu_seconds_per_thousand_licences), (Some(200.0), Some(2.0)));
        report.importer_memory = None;
        let words = report.in_words();
        assert!(words.contains("400 of 401 rows taken over in 2.0 s, 6 transactions; 1 refused\nlicences/s: 200\n"));
        assert!(words.ends_with("(s): 2.000\ngreatest memory: importer -, first node 50 MB\n"), "{words}");

        let nothing = plan.report(&[], Duration::ZERO, 0.0, None);
        assert_eq!((nothing.licences_per_second, nothing.cpu_seconds_per_thousand_licences), (None, None));
    }
}
