//! Nodes as processes of their own, for measurements and tests: started, watched, stopped, and never left behind.

use crate::config::{NodeConfig, PREFIX};
use anyhow::Context;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

/// Lines at the end of a log that tell why a node has ended.
const LOG_LINES: usize = 20;

/// A node that runs in a process of its own. Dropping it ends the process without warning.
pub struct NodeProcess {
    child: Child,
    api: SocketAddr,
    engine_workers: usize,
    log: PathBuf,
}

impl NodeProcess {
    /// Starts `tongban node` with a configuration, and settings that go before it; its log goes to a file beside it, behind what is
    /// there.
    pub fn start(program: &Path, configuration: &Path, settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        let NodeConfig { api, worker_threads, .. } = NodeConfig::load(configuration)?;
        let log = log_of(configuration);
        let mut command = Command::new(program);
        // What is set for another node must not change this one.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with(PREFIX)) {
            command.env_remove(name);
        }
        command.envs(settings.iter().map(|(key, value)| (format!("{PREFIX}{}", key.to_uppercase()), value)));
        let child = command
            .args(["node", "--config"])
            .arg(configuration)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::options().create(true).append(true).open(&log)?)
            .spawn()
            .with_context(|| format!("cannot start {} as a node", program.display()))?;
        Ok(Self { child, api, engine_workers: worker_threads.get(), log })
    }

    /// The process's number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Where its API answers once it is up.
    pub fn api(&self) -> SocketAddr {
        self.api
    }

    /// Threads of its engine that run tasks.
    pub fn engine_workers(&self) -> usize {
        self.engine_workers
    }

    /// How the process has ended; none while it runs.
    pub fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Asks the node to stop in order (SIGTERM).
    pub fn ask_to_stop(&self) -> anyhow::Result<()> {
        let id = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw);
        rustix::process::kill_process(id.context("the process has a number")?, rustix::process::Signal::TERM)?;
        Ok(())
    }

    /// The end of the node's log.
    pub fn log_tail(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
    }
}

/// Where the log of the node with this configuration goes.
pub fn log_of(configuration: &Path) -> PathBuf {
    configuration.with_extension("log")
}

impl Drop for NodeProcess {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended by itself
        let _ = self.child.wait();
    }
}
