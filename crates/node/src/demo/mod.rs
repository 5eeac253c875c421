//! `tongban demo`: the network at work in one process, each node complete with sockets, folder and keys of its own.
//!
//! What is shown and checked, in this order: the main job (`matter`), one form through five departments to a licence that anybody can check,
//! with a lost key on the way (`holdings`); meanwhile four nodes agree on real records; what is not allowed is refused and leaves no trace but its
//! receipt; a court attests; each record's proof holds for a verifier that trusts nothing but the genesis; a forged one does not; all nodes
//! have one state.

mod city;
mod cluster;
mod holdings;
mod matter;
mod older_licences;
mod outcome;
mod own_files;
mod people;
mod progress;
mod records;
mod story;
mod vaults;

use crate::cli::block_on;
use crate::node::wait_for_signal;
use crate::observe;
use crate::output;
use clap::Args;
use cluster::Cluster;
use own_files::{Own, OwnFiles};
use progress::{Language, Progress};
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
    #[command(flatten)]
    own: OwnFiles,
    /// In which language the story is told
    #[arg(long, value_enum, default_value_t)]
    lang: Language,
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
            own: OwnFiles::default(),
            lang: Language::default(),
            once: false,
            json: false,
            log: "error".to_owned(),
        }
    }
}

/// Shows the network at work; fails where anything that was to hold did not, or was not reached.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let _telemetry = observe::init(&arguments.log, false, None, "demo")?;
    let own = arguments.own.check()?;
    block_on(async {
        let begin = Instant::now();
        let progress = Progress::new(arguments.lang, arguments.json);
        introduce(&progress);
        let cluster =
            Cluster::start(&arguments.dir, arguments.suite, arguments.base_port.zip(arguments.base_api_port)).await?;
        let shown = tokio::select! {
            shown = show(&cluster, own, arguments, &progress, begin) => shown,
            () = wait_for_signal() => interrupted(arguments),
        };
        let stopped = cluster.stop().await;
        shown.and(stopped)
    })?
}

fn introduce(progress: &Progress) {
    progress.print(&progress.language.sentences(
        "通办演示：虚构的云港市里，一位市民为自己的公司开一家餐饮店。政务部门各运行一个节点，共记一本账：\
         每一笔都要多数节点核对一致才算数，谁也不能单独改动。\n\
         以下都在本机真实运行，人物和公司是虚构的；全程一到两分钟。\n",
        "Tongban at work: in Yungang, an invented city, a citizen opens a restaurant for his company. Departments run a node each and keep one \
         ledger together: nothing counts before a quorum of them has checked it, and none can change it alone.\nAll of it runs here and now, \
         with invented people, and takes one to two minutes.\n",
        "",
    ));
    progress.chapter(
        "启动四个节点：数据局、市场监管局、生态环境局、民政局，各有自己的端口、目录和密钥。没有节点的部门由它们托管，密钥仍在自己手里。",
        "Four nodes start, each with sockets, folder and keys of its own. They host departments that run none, which keep their own keys.",
    );
}

/// Being told to stop is how a demonstration for people ends; one that was to check everything has not done so.
fn interrupted(arguments: &Arguments) -> anyhow::Result<()> {
    if arguments.once {
        anyhow::bail!("stopped before everything was shown");
    }
    let stopped = arguments
        .lang
        .words("已停止。再次运行会从同一目录继续。", "Stopped. Run it again to go on from the same folder.");
    output::error(format_args!("\n{stopped}"));
    Ok(())
}

async fn show(
    cluster: &Cluster,
    own: Own,
    arguments: &Arguments,
    progress: &Progress,
    begin: Instant,
) -> anyhow::Result<()> {
    cluster.wait_until_ready(Duration::from_secs(60)).await?;
    let ready_seconds = begin.elapsed().as_secs_f64();
    progress.say(
        &format!("网络就绪，用时 {ready_seconds:.1} 秒"),
        &format!("The network is ready after {ready_seconds:.1} s"),
    );
    cluster.tell_addresses(progress);
    let mut outcome = story::play(cluster, own, progress).await?;
    outcome.ready_seconds = ready_seconds;
    outcome.seconds = begin.elapsed().as_secs_f64();
    if arguments.json {
        output::line(format_args!("{}", serde_json::to_string(&outcome)?));
    } else {
        output::text(format_args!("{}", outcome.in_words(arguments.lang)));
    }
    let failures = outcome.failures();
    if !failures.is_empty() {
        anyhow::bail!("did not hold: {}", failures.join(", "));
    }
    if !arguments.once {
        if !arguments.json {
            output::text(format_args!("{}", cluster.what_to_try(&outcome, arguments.lang)));
        }
        watch(cluster, progress).await;
    }
    Ok(())
}

/// Shows the network's head until the program is stopped or a node fails.
async fn watch(cluster: &Cluster, progress: &Progress) {
    loop {
        progress.show(&cluster.head_in_words(progress.language));
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(2)) => {}
            failure = cluster.failed() => {
                progress.say(&format!("节点故障：{failure}"), &format!("A node has failed: {failure}"));
                return;
            }
        }
    }
}
