//! The server under the routes: connections, their bounds, TLS, and an end in order.
//!
//! HTTP/1.1 and HTTP/2, over TLS where the configuration names a certificate, plain otherwise (on loopback, or behind a proxy).
//! What a client may hold on to is bounded: connections in all and for each address, the time it takes to begin a request, the time
//! it may sit idle, the time it may refuse to take an answer, the size of heads, and the streams of one connection.
//!
//! What is absent on purpose: HTTP/1 upgrades (nothing uses them), and a waiting room for connections beyond the bound, which would
//! only hold the memory that the bound is to save.

mod connection;
mod leftovers;
mod places;
mod stalling;
mod tls;

pub use connection::Peer;
pub use tls::{Tls, TlsError};

use crate::addresses::AddressRange;
use axum::Router;
use connection::Connections;
use places::Places;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Bounds of connections.
#[derive(Clone, Debug)]
pub struct ServerLimits {
    /// Connections at once.
    pub connections_max: usize,
    /// Connections at once from one address (for IPv6 from one /64 network). Trusted proxies are exempt, since all come through them.
    pub connections_per_address_max: usize,
    /// From the connection to the first request's head, each head, and the TLS handshake.
    pub head_time_max: Duration,
    /// How long a connection may stay open without a request.
    pub idle_time_max: Duration,
    /// How long a client may refuse to take what is being sent to it.
    pub stall_time_max: Duration,
    /// How long requests that are being served may go on when the server ends.
    pub ending_time_max: Duration,
    /// Proxies whose connections are not counted by address.
    pub trusted_proxies: Vec<AddressRange>,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            connections_max: 2_048,
            connections_per_address_max: 512,
            head_time_max: Duration::from_secs(10),
            idle_time_max: Duration::from_secs(75),
            stall_time_max: Duration::from_secs(30),
            ending_time_max: Duration::from_secs(4),
            trusted_proxies: Vec::new(),
        }
    }
}

/// Bytes of a request's head, all of its header fields together.
pub const HEAD_BYTES_MAX: usize = 16 * 1024;
/// Header fields of a request.
pub const HEADER_FIELDS_MAX: usize = 64;
/// Requests at once on one HTTP/2 connection.
pub const STREAMS_MAX: u32 = 128;
/// Streams that a client has reset and that are not cleared away yet; beyond, the connection is closed ("rapid reset").
pub const RESET_STREAMS_MAX: usize = 16;

/// After the system had no room for a connection (no file descriptors), so long until the next attempt.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(100);

/// Serves until `stop` becomes true or its sender is gone; then lets requests end for a while.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    limits: ServerLimits,
    tls: Option<Arc<Tls>>,
    mut stop: watch::Receiver<bool>,
) -> io::Result<()> {
    let places = Arc::new(Places::new(&limits));
    let connections = Arc::new(Connections::new(app, limits.clone(), tls, stop.clone()));
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, address)) => {
                    let Some(place) = places.take(address.ip()) else { continue }; // dropping the stream closes it
                    let connections = connections.clone();
                    open.spawn(async move {
                        let _place = place;
                        connections.serve(stream, address).await;
                    });
                }
                Err(error) => pause_after(&error).await,
            },
            Some(_) = open.join_next(), if !open.is_empty() => {}
            () = stopped(&mut stop) => break,
        }
    }
    drop(listener);
    let all_ended = async { while open.join_next().await.is_some() {} };
    if tokio::time::timeout(limits.ending_time_max, all_ended).await.is_err() {
        open.abort_all(); // a client that holds its connection does not hold the node
    }
    Ok(())
}

/// A connection that broke while it was accepted concerns nobody; a lack of file descriptors passes when some are closed.
async fn pause_after(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::warn!(%error, "connections to the API cannot be accepted");
        tokio::time::sleep(EXHAUSTED_PAUSE).await;
    }
}

/// Returns when `stop` becomes true or its sender is gone.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
