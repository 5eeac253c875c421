//! The two addresses that the node listens on.

use super::subject::Holder;
use super::{Check, Look, Subject};
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};

pub const LISTEN: Check =
    Check { name: "port.listen", why: "without it the node does not start", look: |subject| free(subject, "listen") };

pub const API: Check =
    Check { name: "port.api", why: "without it the node does not start", look: |subject| free(subject, "api") };

pub const REACHABLE: Check =
    Check { name: "listen.reachable", why: "the other nodes connect to this address", look: reachable };

fn free(subject: &Subject, key: &str) -> Look {
    let Ok(config) = &subject.config else { return Look::Skipped("no configuration".to_owned()) };
    let address = if key == "api" { config.api } else { config.listen };
    match TcpListener::bind(address) {
        Ok(_) if subject.holder == Holder::Process => Look::Warning(
            format!("{address} is free, although a node runs in the data folder"),
            format!("the running node was started with another `{key}`: restart it"),
        ),
        Ok(_) => Look::Well(format!("{address} is free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse && subject.holder == Holder::Process => {
            Look::Well(format!("{address} is held by the running node"))
        }
        Err(error) => Look::Failure(format!("{address}: {error}"), advice(error.kind(), address, key)),
    }
}

fn advice(kind: ErrorKind, address: SocketAddr, key: &str) -> String {
    match kind {
        ErrorKind::AddrInUse => {
            let port = address.port();
            format!("see who has it with `ss -ltnp 'sport = :{port}'` and stop it, or choose another `{key}`")
        }
        ErrorKind::PermissionDenied => {
            format!("ports below 1024 need CAP_NET_BIND_SERVICE: choose a higher one in `{key}`")
        }
        ErrorKind::AddrNotAvailable => {
            format!("the address is not one of this machine's (`ip address` lists them): correct `{key}`")
        }
        _ => format!("correct `{key}`"),
    }
}

fn reachable(subject: &Subject) -> Look {
    let Ok(config) = &subject.config else { return Look::Skipped("no configuration".to_owned()) };
    let elsewhere = config.peers.iter().find(|peer| !peer.address.ip().is_loopback());
    match elsewhere {
        Some(peer) if config.listen.ip().is_loopback() => Look::Failure(
            format!("listen is {}, which only this machine reaches, but a peer is at {}", config.listen, peer.address),
            "set `listen` to this machine's address in the nodes' network, or to 0.0.0.0".to_owned(),
        ),
        _ if config.listen.port() == 0 => Look::Failure(
            "listen has the port 0, which is another one at each start".to_owned(),
            "choose a port and name it in the peers' configurations".to_owned(),
        ),
        _ => Look::Well(format!("{} is within the peers' reach, as far as addresses tell", config.listen)),
    }
}
