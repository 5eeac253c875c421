//! `tongban network init`: genesis, keys and one configuration for each node of a new network.

use crate::config::{NodeConfig, Peer};
use crate::indexing::IndexSetting;
use crate::random::rng;
use crate::signer::now;
use anyhow::{Context, bail};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use tongban_api::BorderSettings;
use tongban_api::server::ServerLimits;
use tongban_crypto::key_file::Protection;
use tongban_crypto::{KeyFile, SecretKey};
use tongban_ledger::MempoolLimits;
use tongban_types::genesis::{GENESIS_VERSION, GenesisAccount, Parameters};
use tongban_types::validators::VALIDATORS_MAX;
use tongban_types::{Genesis, List, Suite, Text, Validator, ValidatorSet};

/// Departments of an invented city that run the first nodes; further nodes are numbered.
const DEPARTMENTS: [&str; 7] = [
    "云港市数据局",
    "云港市市场监督管理局",
    "云港市生态环境局",
    "云港市民政局",
    "云港市卫生健康委员会",
    "云港市公安局",
    "云港市自然资源和规划局",
];

/// Accounts of a new network, with their roles; each gets a key file.
const ACCOUNTS: [(&str, &str, &[&str]); 5] = [
    ("administrator", "云港市数据局运维", &["administrator"]),
    ("registrar", "云港市公安局户籍窗口", &["registrar"]),
    ("depositor", "云港市政务服务存证系统", &["depositor"]),
    ("witness", "云港市中级人民法院", &["witness"]),
    ("publisher", "云港市政务服务管理局", &["publisher"]),
];

/// What an operator will want to change, at the beginning of each configuration.
const HINTS: &str = "\
# The API speaks plain HTTP, for this machine or a proxy before it. For TLS of its own:
# tls_certificate = \"certificate.pem\"
# tls_key = \"key.pem\"
# Without a token anyone may read and submit. Make tokens with: tongban token create --config THIS_FILE --label … --scope …

";

/// What a new network is made of.
pub struct NewNetwork<'a> {
    /// Where its files go; the folder must be empty or absent.
    pub out: &'a Path,
    /// How many nodes.
    pub nodes: usize,
    /// Its algorithms.
    pub suite: Suite,
    /// The address that nodes listen on.
    pub host: IpAddr,
    /// The first node's port for other nodes; each further node has the next one.
    pub base_port: u16,
    /// The first node's port for the API.
    pub base_api_port: u16,
    /// Encrypts the key files; none leaves them as they are.
    pub passphrase: Option<&'a str>,
}

/// The files of a new network.
pub struct Files {
    /// The genesis.
    pub genesis: PathBuf,
    /// One configuration for each node.
    pub configurations: Vec<PathBuf>,
}

/// Writes the files of a new network.
pub fn init(new: &NewNetwork) -> anyhow::Result<Files> {
    if !(1..=VALIDATORS_MAX).contains(&new.nodes) {
        bail!("a network has 1 to {VALIDATORS_MAX} nodes, not {}", new.nodes);
    }
    let ports_end = new.nodes as u64 + u64::from(new.base_port.max(new.base_api_port));
    if ports_end > u64::from(u16::MAX) || new.base_port.abs_diff(new.base_api_port) < new.nodes as u16 {
        bail!("the ports of {} nodes from {} and {} do not fit", new.nodes, new.base_port, new.base_api_port);
    }
    if new.out.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        bail!("{} is not empty: choose another folder, or remove it", new.out.display());
    }
    std::fs::create_dir_all(new.out.join("accounts"))
        .with_context(|| format!("cannot create {}", new.out.display()))?;
    let protection = new.passphrase.map_or(Protection::None, Protection::Passphrase);
    let keys: Vec<SecretKey> = (0..new.nodes).map(|_| SecretKey::generate(new.suite, &mut rng())).collect();
    let genesis = genesis_of(new, &keys, protection)?;
    let genesis_path = new.out.join("genesis.json");
    std::fs::write(&genesis_path, format!("{}\n", serde_json::to_string_pretty(&genesis)?))?;
    let mut configurations = Vec::new();
    for (index, key) in keys.iter().enumerate() {
        configurations.push(write_node(new, index, key, &keys, protection)?);
    }
    Ok(Files { genesis: genesis_path, configurations })
}

fn genesis_of(new: &NewNetwork, keys: &[SecretKey], protection: Protection) -> anyhow::Result<Genesis> {
    let mut validators = Vec::new();
    for (index, key) in keys.iter().enumerate() {
        let name =
            DEPARTMENTS.get(index).map_or_else(|| format!("云港市第{}节点单位", index + 1), |name| (*name).into());
        validators.push(Validator { department: Text::new(name)?, key: key.public_key() });
    }
    let mut accounts = Vec::new();
    for (file, name, roles) in ACCOUNTS {
        let key = SecretKey::generate(new.suite, &mut rng());
        KeyFile::for_signing(&key, protection, &mut rng())
            .write(&new.out.join("accounts").join(format!("{file}.key.json")))?;
        let roles = roles.iter().map(|role| Text::new(*role)).collect::<Result<_, _>>()?;
        accounts.push(GenesisAccount { name: Text::new(name)?, key: key.public_key(), roles: List::new(roles)? });
    }
    let genesis = Genesis {
        version: GENESIS_VERSION,
        name: Text::new("云港市政务服务网络")?,
        suite: new.suite,
        time: now(),
        validators: ValidatorSet::new(validators)?,
        accounts: List::new(accounts)?,
        parameters: Parameters::default(),
    };
    genesis.check()?;
    Ok(genesis)
}

fn write_node(
    new: &NewNetwork,
    index: usize,
    key: &SecretKey,
    keys: &[SecretKey],
    protection: Protection,
) -> anyhow::Result<PathBuf> {
    let folder = new.out.join(format!("node-{}", index + 1));
    std::fs::create_dir_all(&folder)?;
    KeyFile::for_signing(key, protection, &mut rng()).write(&folder.join("node.key.json"))?;
    let address = |base: u16, index: usize| SocketAddr::new(new.host, base + index as u16);
    let peers = keys.iter().enumerate().filter(|(other, _)| *other != index);
    let config = NodeConfig {
        genesis: "../genesis.json".into(),
        key: "node.key.json".into(),
        data: "data".into(),
        listen: address(new.base_port, index),
        api: address(new.base_api_port, index),
        worker_threads: NonZeroUsize::new(2).expect("two is not zero"),
        disk_reserve_bytes: 512 * 1024 * 1024,
        waiting_max: MempoolLimits::default().transactions_max,
        waiting_per_account_max: MempoolLimits::default().transactions_per_account_max,
        log: "info,commonware=warn".to_owned(),
        log_json: false,
        otlp: None,
        index: IndexSetting::default(),
        tls_certificate: None,
        tls_key: None,
        trusted_proxies: Vec::new(),
        anonymous: BorderSettings::default().anonymous,
        requests_per_minute: BorderSettings::default().requests_per_minute,
        limit_loopback: false,
        connections_max: ServerLimits::default().connections_max,
        connections_per_address_max: ServerLimits::default().connections_per_address_max,
        requests_max: BorderSettings::default().requests_max,
        webhook_private_addresses: false,
        webhook_plain_http: false,
        peers: peers
            .map(|(other, key)| Peer {
                key: key.public_key(),
                address: address(new.base_port, other),
                api: Some(format!("http://{}", address(new.base_api_port, other))),
            })
            .collect(),
    };
    let path = folder.join("node.toml");
    std::fs::write(&path, format!("{HINTS}{}", toml::to_string_pretty(&config)?))?;
    Ok(path)
}

/// The first ports at which so many nodes, at most 20, find room on the loopback address: from `first` on for other nodes, a
/// thousand above for the API.
pub fn free_ports(nodes: u16, first: u16) -> anyhow::Result<(u16, u16)> {
    let free = |base: u16| (base..base + nodes).all(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok());
    let bases = (0..40u16).map(|step| (first + step * 20, first + 1_000 + step * 20));
    bases.into_iter().find(|(port, api_port)| free(*port) && free(*api_port)).with_context(|| {
        format!("no free ports between {first} and {} on the loopback address (node.port_taken)", first + 1_800)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_in(out: &Path, nodes: usize) -> NewNetwork<'_> {
        NewNetwork {
            out,
            nodes,
            suite: Suite::Sm,
            host: [127, 0, 0, 1].into(),
            base_port: 7101,
            base_api_port: 8101,
            passphrase: None,
        }
    }

    #[test]
    fn what_is_written_can_be_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = init(&new_in(folder.path(), 4)).expect("a network");
        assert_eq!(files.configurations.len(), 4);
        let genesis: Genesis =
            serde_json::from_slice(&std::fs::read(&files.genesis).expect("a file")).expect("a genesis");
        genesis.check().expect("a good genesis");
        for path in &files.configurations {
            let config = NodeConfig::load(path).expect("a configuration");
            let key = crate::signer::read_key(&config.key).expect("a key");
            assert!(genesis.validators.validators().iter().any(|validator| validator.key == key.public_key()));
            assert_eq!(config.peers.len(), 3);
        }
    }

    #[test]
    fn nothing_is_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        init(&new_in(folder.path(), 1)).expect("a network");
        assert!(init(&new_in(folder.path(), 1)).is_err());
    }

    #[test]
    fn impossible_networks_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(init(&new_in(folder.path(), 0)).is_err());
        assert!(init(&new_in(folder.path(), 101)).is_err());
        assert!(init(&NewNetwork { base_port: 65_535, ..new_in(folder.path(), 4) }).is_err());
        assert!(init(&NewNetwork { base_api_port: 7102, ..new_in(folder.path(), 4) }).is_err());
        assert!(folder.path().read_dir().expect("a folder").next().is_none(), "a refusal writes nothing");
    }
}
