//! `tongban demo`: the network at work in one process, each node complete with sockets, folder and keys of its own.
//!
//! What is shown and checked, in this order: the main job (`matter`), one form through five departments to a licence that anybody can check,
//! with a lost key on the way; then four nodes agree on real records; what is not allowed is refused and leaves no trace but its
//! receipt; a court attests; each record's proof holds for a verifier that trusts nothing but the genesis; a forged one does not; all nodes
//! have one state.

mod city;
mod cluster;
mod matter;
mod older_licences;
mod outcome;
mod people;
mod records;
mod story;
mod vaults;

use crate::cli::{block_on, has_terminal};
use crate::node::wait_for_signal;
use crate::observe;
use crate::output;
use clap::Args;
use cluster::Cluster;
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tongban_types::Suite;

/// Options of `tongban demo`.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// The folder of the network; made where it is absent, used again where it is there
    #[arg(long, default_value = "tongban-demo")]
    dir: PathBuf,
    /// The algorithms of a new network: sm (SM2, SM3, SM4) or intl (Ed25519, SHA-256, AES)
    #[arg(long, default_value_t = Suite::Sm)]
    suite: Suite,
    /// The first port of a new network, for what nodes say to each other; free ones from 7101 on where it is absent
    #[arg(long, requires = "base_api_port")]
    base_port: Option<u16>,
    /// The first port of a new network's API
    #[arg(long, requires = "base_port")]
    base_api_port: Option<u16>,
    /// End when the whole job is done
    #[arg(long)]
    once: bool,
    /// Print one JSON object with the results
    #[arg(long)]
    json: bool,
    /// The level of logs
    #[arg(long, default_value = "error")]
    log: String,
}

impl Default for Arguments {
    fn default() -> Self {
        Self {
            dir: "tongban-demo".into(),
            suite: Suite::Sm,
            base_port: None,
            base_api_port: None,
            once: false,
            json: false,
            log: "error".to_owned(),
        }
    }
}

/// Shows the network at work; fails where anything that was to hold did not, or was not reached.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let _telemetry = observe::init(&arguments.log, false, None, "demo")?;
    block_on(async {
        let begin = Instant::now();
        let progress = Progress::new(arguments.json);
        progress.say("启动四个节点 Starting four nodes");
        let cluster =
            Cluster::start(&arguments.dir, arguments.suite, arguments.base_port.zip(arguments.base_api_port)).await?;
        let shown = tokio::select! {
            shown = show(&cluster, arguments, &progress, begin) => shown,
            () = wait_for_signal() => interrupted(arguments),
        };
        let stopped = cluster.stop().await;
        shown.and(stopped)
    })?
}

/// Being told to stop is how a demonstration for people ends; one that was to check everything has not done so.
fn interrupted(arguments: &Arguments) -> anyhow::Result<()> {
    if arguments.once {
        anyhow::bail!("stopped before everything was shown");
    }
    eprintln!("\n已停止。再次运行会从同一目录继续。 Stopped. Run it again to go on from the same folder.");
    Ok(())
}

async fn show(cluster: &Cluster, arguments: &Arguments, progress: &Progress, begin: Instant) -> anyhow::Result<()> {
    cluster.wait_until_ready(Duration::from_secs(60)).await?;
    let ready_seconds = begin.elapsed().as_secs_f64();
    progress.say(&format!("网络已就绪 The network is ready after {ready_seconds:.1} s"));
    if !arguments.json {
        cluster.print_addresses();
    }
    let mut outcome = story::play(cluster, progress).await?;
    outcome.ready_seconds = ready_seconds;
    outcome.seconds = begin.elapsed().as_secs_f64();
    if arguments.json {
        output::line(format_args!("{}", serde_json::to_string(&outcome)?));
    } else {
        output::text(format_args!("{}", outcome.in_words()));
    }
    let failures = outcome.failures();
    if !failures.is_empty() {
        anyhow::bail!("did not hold: {}", failures.join(", "));
    }
    if !arguments.once {
        if !arguments.json {
            output::text(format_args!("{}", cluster.what_to_try(&outcome)));
        }
        watch(cluster, progress).await;
    }
    Ok(())
}

/// Shows the network's head until the program is stopped or a node fails.
async fn watch(cluster: &Cluster, progress: &Progress) {
    loop {
        progress.show(&cluster.head_in_words());
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(2)) => {}
            failure = cluster.failed() => {
                progress.say(&format!("节点故障 A node has failed: {failure}"));
                return;
            }
        }
    }
}

/// What the person at the terminal sees of long work.
pub struct Progress {
    bar: ProgressBar,
    quiet: bool,
}

impl Progress {
    fn new(quiet: bool) -> Self {
        let bar = if has_terminal() && !quiet { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        Self { bar, quiet }
    }

    /// A line that stays.
    pub fn say(&self, line: &str) {
        if self.quiet {
            return;
        }
        if self.bar.is_hidden() {
            output::line(format_args!("{line}"));
        } else {
            self.bar.println(line);
        }
    }

    /// A line that the next one replaces.
    pub fn show(&self, line: &str) {
        self.bar.set_message(line.to_owned());
        self.bar.tick();
    }

    /// A bar over so many steps.
    pub fn steps(&self, total: u64, what: &str) -> ProgressBar {
        if self.bar.is_hidden() {
            self.say(what);
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}");
        let bar = ProgressBar::new(total).with_message(what.to_owned());
        match style {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        }
    }
}
