//! What a node measures of itself, at each reading: its ledger, its process, its disk.

use crate::backend::not_ready;
use crate::signer::now;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};
use tongban_api::lists::Lists;
use tongban_ledger::Handle;
use tongban_types::Genesis;

/// Reads a node's figures when they are asked for.
pub struct NodeCollector {
    ledger: Handle,
    genesis: Genesis,
    data: PathBuf,
    lists: Option<Arc<dyn Lists>>,
    started_seconds: u64,
}

impl fmt::Debug for NodeCollector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("NodeCollector")
    }
}

impl NodeCollector {
    /// Measures this node, which starts now.
    pub fn new(ledger: Handle, genesis: Genesis, data: PathBuf, lists: Option<Arc<dyn Lists>>) -> Self {
        Self { ledger, genesis, data, lists, started_seconds: now().as_millis() / 1000 }
    }

    /// Adds it to a node's figures.
    pub fn register(self, registry: &mut Registry, department: &str) {
        let labels = vec![
            ("version", env!("CARGO_PKG_VERSION").to_owned()),
            ("suite", self.genesis.suite.to_string()),
            ("department", department.to_owned()),
        ];
        registry.register("build", "The program and whose node it is", Info::new(labels));
        registry.register_collector(Box::new(self));
    }
}

impl Collector for NodeCollector {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        encode_stages(&mut encoder)?;
        let status = self.ledger.status();
        let head = &status.head;
        let age_seconds = if head.height == 0 { 0.0 } else { now().millis_since(head.time) as f64 / 1000.0 };
        let ready = not_ready(&self.ledger, &self.genesis).is_none();
        let mut put = |name: &str, help: &str, unit: Option<&Unit>, metric: &dyn EncodeAny| {
            metric.encode_as(&mut encoder, name, help, unit)
        };
        put("height", "The last final block", None, &gauge(head.height as f64))?;
        put("head_age", "Age of the last final block by this node's clock", Some(&Unit::Seconds), &gauge(age_seconds))?;
        put("receipts", "Receipts since genesis", None, &counter(head.receipts as f64))?;
        put("waiting_transactions", "Transactions that wait for a block", None, &gauge(status.waiting as f64))?;
        put("validators", "Members of the network", None, &gauge(self.genesis.validators.validators().len() as f64))?;
        put("ready", "Whether the node takes part and can answer", None, &gauge(f64::from(u8::from(ready))))?;
        put(
            "start_time",
            "When the node started, since 1970",
            Some(&Unit::Seconds),
            &gauge(self.started_seconds as f64),
        )?;
        if let Some(lists) = &self.lists {
            let help = "Blocks that the index is behind the ledger";
            put("index_lag_blocks", help, None, &gauge(lists.lag_blocks() as f64))?;
        }
        if let Some(free_bytes) = disk_free_bytes(&self.data) {
            let help = "Free room on the disk of the data folder";
            put("disk_free", help, Some(&Unit::Bytes), &gauge(free_bytes as f64))?;
        }
        if let Some(process) = Process::read() {
            put("process_cpu", "Processor time of the process", Some(&Unit::Seconds), &counter(process.cpu_seconds))?;
            let help = "Memory of the process that is in use";
            put("process_resident_memory", help, Some(&Unit::Bytes), &gauge(process.memory_bytes as f64))?;
            if let Some(files) = process.open_files {
                put("process_open_files", "Files and connections that are open", None, &gauge(files as f64))?;
            }
        }
        Ok(())
    }
}

fn encode_stages(encoder: &mut DescriptorEncoder) -> fmt::Result {
    let help = "Processor time of the ledger's own work by stage, of all nodes in this process";
    let mut family = encoder.encode_descriptor("stage_cpu", help, Some(&Unit::Seconds), MetricType::Counter)?;
    for (stage, time) in tongban_ledger::stage_cpu() {
        counter(time.as_secs_f64()).encode(family.encode_family(&[("stage", stage)])?)?;
    }
    Ok(())
}

/// What of a metric does not depend on its kind.
trait EncodeAny {
    fn encode_as(&self, to: &mut DescriptorEncoder, name: &str, help: &str, unit: Option<&Unit>) -> fmt::Result;
}

impl<T: EncodeMetric> EncodeAny for T {
    fn encode_as(&self, to: &mut DescriptorEncoder, name: &str, help: &str, unit: Option<&Unit>) -> fmt::Result {
        self.encode(to.encode_descriptor(name, help, unit, self.metric_type())?)
    }
}

fn gauge(value: f64) -> ConstGauge<f64> {
    ConstGauge::new(value)
}

fn counter(value: f64) -> ConstCounter<f64> {
    ConstCounter::new(value)
}

/// Free bytes for the program on the disk of a folder, where the system tells.
pub fn disk_free_bytes(folder: &Path) -> Option<u64> {
    let room = rustix::fs::statvfs(folder).ok()?;
    Some(room.f_bavail.saturating_mul(room.f_frsize))
}

/// What the system says of this process.
struct Process {
    cpu_seconds: f64,
    memory_bytes: u64,
    open_files: Option<usize>,
}

impl Process {
    fn read() -> Option<Self> {
        let own = Pid::from_u32(std::process::id());
        let mut system = System::new();
        let what = ProcessRefreshKind::nothing().with_cpu().with_memory().without_tasks();
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[own]), false, what);
        let process = system.process(own)?;
        Some(Self {
            cpu_seconds: process.accumulated_cpu_time() as f64 / 1000.0,
            memory_bytes: process.memory(),
            open_files: process.open_files(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_process_knows_its_figures() {
        let process = Process::read().expect("this system tells");
        assert!(process.memory_bytes > 1 << 20, "{} bytes", process.memory_bytes);
        assert!(process.open_files.is_some_and(|files| files >= 3), "at least the three standard ones");
        let folder = tempfile::tempdir().expect("a folder");
        assert!(disk_free_bytes(folder.path()).is_some_and(|bytes| bytes > 0));
        assert_eq!(disk_free_bytes(&folder.path().join("nowhere")), None);
    }
}
