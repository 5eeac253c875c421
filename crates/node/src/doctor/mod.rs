//! `tongban doctor`: names each thing that would keep a node from running well, why it matters and what to do.
//!
//! Facts about the node's surroundings are gathered once, in [`Subject`]; each check looks at them and measures what it
//! needs on this machine. Nothing is changed: what is written for a measurement is removed again. Where the node runs
//! already, the checks that would collide with it ask it instead.
//!
//! The names of checks are stable, so that a supervisor may select by them.

mod answers;
mod clock;
mod configuration;
mod disk_space;
mod disk_speed;
mod filesystem;
mod folder;
mod genesis;
mod index;
mod key;
mod machine;
mod peers;
mod ports;
mod process;
mod proxy;
mod report;
mod store;
mod subject;
mod tls;

pub use answers::{Answer, ask_own, own_address};
pub use disk_space::bytes_in_words;
pub use subject::{Holder, Subject, holder_of};

use crate::config::NodeConfig;
use anyhow::{anyhow, bail};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Arguments of `tongban doctor`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// The node's configuration
    #[arg(long)]
    pub config: PathBuf,
    /// Look at this machine alone and ask no other node, as before a start
    #[arg(long)]
    pub local: bool,
    /// Ask only whether the node runs and is ready, as a container's health check does; it needs no token
    #[arg(long, conflicts_with_all = ["local", "strict", "json"])]
    pub ready: bool,
    /// Let warnings fail too
    #[arg(long)]
    pub strict: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// One thing that is looked at.
pub struct Check {
    /// Its stable name.
    pub name: &'static str,
    /// Why it matters, in a sentence.
    pub why: &'static str,
    /// Looks.
    pub look: fn(&Subject) -> Look,
}

/// What a check saw, and what to do where it is not well.
pub enum Look {
    /// As it should be.
    Well(String),
    /// Well as far as it can be seen from here; what else it may mean is for the operator to know.
    Note(String, String),
    /// The node runs, but not as well as it could, or not for long.
    Warning(String, String),
    /// The node does not start, or does not take part.
    Failure(String, String),
    /// It could not be looked at, and why.
    Skipped(String),
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it should be.
    Well,
    /// Well as far as it can be seen from here; what else it may mean is for the operator to know.
    Note,
    /// The node runs, but not as well as it could, or not for long.
    Warning,
    /// The node does not start, or does not take part.
    Failure,
    /// It could not be looked at.
    Skipped,
}

/// What one check found.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// The check's stable name.
    pub name: &'static str,
    /// How it ended.
    pub verdict: Verdict,
    /// What was seen.
    pub what: String,
    /// Why it matters.
    pub why: &'static str,
    /// What to do; absent where all is well.
    pub advice: Option<String>,
}

/// All checks, in the order in which one would mend things.
const CHECKS: [Check; 32] = [
    configuration::READABLE,
    genesis::SOUND,
    key::PERMISSIONS,
    key::OPENS,
    key::VALIDATOR,
    key::ENCRYPTED,
    folder::USABLE,
    folder::NETWORK,
    folder::IN_USE,
    store::OPENS,
    index::USABLE,
    filesystem::KIND,
    disk_space::ROOM,
    disk_speed::SYNC,
    ports::LISTEN,
    ports::API,
    ports::REACHABLE,
    tls::CERTIFICATE,
    tls::KEY,
    tls::PAIR,
    tls::VALIDITY,
    proxy::CALLERS,
    peers::COMPLETE,
    peers::STRANGERS,
    peers::REACHABLE,
    peers::NETWORK,
    peers::VERSION,
    clock::SYNCHRONISED,
    clock::PEERS,
    machine::FILES,
    machine::MEMORY,
    machine::CORES,
];

/// Looks at everything.
pub fn examine(subject: &Subject) -> Vec<Finding> {
    CHECKS.iter().map(|check| find(check, subject)).collect()
}

fn find(check: &Check, subject: &Subject) -> Finding {
    let (verdict, what, advice) = match (check.look)(subject) {
        Look::Well(what) => (Verdict::Well, what, None),
        Look::Note(what, advice) => (Verdict::Note, what, Some(advice)),
        Look::Warning(what, advice) => (Verdict::Warning, what, Some(advice)),
        Look::Failure(what, advice) => (Verdict::Failure, what, Some(advice)),
        Look::Skipped(what) => (Verdict::Skipped, what, None),
    };
    Finding { name: check.name, verdict, what, why: check.why, advice }
}

/// Examines a node and prints the report. Whether nothing failed; a warning fails only with `--strict`.
pub fn run(arguments: &Arguments) -> anyhow::Result<bool> {
    if arguments.ready {
        return crate::cli::block_on(ready(&arguments.config))?.map(|()| true);
    }
    let subject = crate::cli::block_on(Subject::gather(&arguments.config, arguments.local))?;
    let findings = examine(&subject);
    if arguments.json {
        crate::output::line(format_args!("{}", report::json(&subject, &findings)?));
    } else {
        crate::output::text(format_args!("{}", report::words(&subject, &findings)));
    }
    let fails = |finding: &Finding| match finding.verdict {
        Verdict::Failure => true,
        Verdict::Warning => arguments.strict,
        Verdict::Well | Verdict::Note | Verdict::Skipped => false,
    };
    Ok(!findings.iter().any(fails))
}

/// Asks the node of a configuration whether it is ready, and looks at nothing else.
async fn ready(config: &Path) -> anyhow::Result<()> {
    let config = NodeConfig::load(config)?;
    let base = own_address(config.api, config.tls_certificate.is_some());
    let answer = ask_own(&base).await.map_err(|reason| anyhow!("no node answers at {base}: {reason}"))?;
    match answer.reason {
        None => crate::output::line(format_args!("ready, at height {}", answer.height)),
        Some(reason) => bail!("the node at {base} is not ready: {reason}"),
    }
    Ok(())
}
