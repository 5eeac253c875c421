//! One connection: TLS, HTTP, and when it is given up.

use super::leftovers::Leftovers;
use super::stalling::Stalling;
use super::{HEAD_BYTES_MAX, HEADER_FIELDS_MAX, RESET_STREAMS_MAX, STREAMS_MAX, ServerLimits, Tls, stopped};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, Response, Version, header};
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use hyper::service::Service as _;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

/// The other end of the connection on which a request came; an extension of every request.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// Its address; that of the proxy, where there is one.
    pub address: SocketAddr,
    /// Whether the connection is encrypted.
    pub is_encrypted: bool,
}

/// How often HTTP/2 asks whether the other side is still there.
const PING_INTERVAL: Duration = Duration::from_secs(20);
/// The smallest buffer that the HTTP/1 parser accepts is 8 KiB; a head may fill it.
const BUFFER_BYTES_MAX: usize = HEAD_BYTES_MAX;

/// What all connections share.
pub(super) struct Connections {
    app: Router,
    limits: ServerLimits,
    tls: Option<Arc<Tls>>,
    stop: watch::Receiver<bool>,
    http: Builder<TokioExecutor>,
}

impl Connections {
    pub(super) fn new(app: Router, limits: ServerLimits, tls: Option<Arc<Tls>>, stop: watch::Receiver<bool>) -> Self {
        let mut http = Builder::new(TokioExecutor::new());
        http.http1()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.head_time_max)
            .max_buf_size(BUFFER_BYTES_MAX)
            .max_headers(HEADER_FIELDS_MAX);
        http.http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS_MAX)
            .max_header_list_size(HEAD_BYTES_MAX as u32)
            .max_pending_accept_reset_streams(RESET_STREAMS_MAX)
            .max_local_error_reset_streams(RESET_STREAMS_MAX)
            .keep_alive_interval(PING_INTERVAL)
            .keep_alive_timeout(limits.head_time_max);
        Self { app, limits, tls, stop, http }
    }

    /// Serves one connection to its end.
    pub(super) async fn serve(&self, stream: TcpStream, address: SocketAddr) {
        let _ = stream.set_nodelay(true); // a matter of speed alone
        match &self.tls {
            None => self.speak(stream, Peer { address, is_encrypted: false }).await,
            Some(tls) => {
                let handshake = tokio_rustls::TlsAcceptor::from(tls.current()).accept(stream);
                match tokio::time::timeout(self.limits.head_time_max, handshake).await {
                    Ok(Ok(stream)) => self.speak(stream, Peer { address, is_encrypted: true }).await,
                    Ok(Err(error)) => tracing::debug!(%address, %error, "a TLS handshake failed"),
                    Err(_) => tracing::debug!(%address, "a TLS handshake took too long"),
                }
            }
        }
    }

    async fn speak<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(&self, stream: S, peer: Peer) {
        let activity = Arc::new(Activity::new());
        let service = hyper::service::service_fn({
            let (app, activity) = (self.app.clone(), activity.clone());
            move |request: Request<Incoming>| {
                let busy = Activity::begin(&activity);
                let leftovers = Leftovers::default();
                let is_held_back = holds_its_body_back(&request);
                let mut request = request.map(|body| Body::new(leftovers.lend(body)));
                request.extensions_mut().insert(peer);
                let answer = TowerToHyperService::new(app.clone()).call(request);
                async move {
                    let response: Response<Body> = answer.await?;
                    if !is_held_back {
                        leftovers.take().await;
                    }
                    Ok::<_, std::convert::Infallible>(response.map(|body| Answer { body, _busy: busy }))
                }
            }
        });
        let stream = TokioIo::new(Stalling::new(stream, self.limits.stall_time_max));
        let mut connection = pin!(self.http.serve_connection(stream, service));
        let mut stop = self.stop.clone();
        let ended = tokio::select! {
            result = connection.as_mut() => Some(result),
            () = activity.idle_for(self.limits.head_time_max, self.limits.idle_time_max) => None,
            () = stopped(&mut stop) => {
                connection.as_mut().graceful_shutdown();
                Some(connection.as_mut().await)
            }
        };
        if let Some(Err(error)) = ended {
            tracing::debug!(address = %peer.address, %error, "a connection to the API broke off");
        }
    }
}

/// Whether the client sends no body that nobody asks for: in HTTP/2, and where it waits for "100 Continue".
fn holds_its_body_back(request: &Request<Incoming>) -> bool {
    request.version() >= Version::HTTP_2 || request.headers().contains_key(header::EXPECT)
}

/// Whether anything is asked on a connection.
struct Activity {
    state: Mutex<ActivityState>,
    changed: Notify,
}

struct ActivityState {
    /// Requests whose answers are not sent to their end.
    busy: usize,
    /// Whether there was any request.
    has_begun: bool,
    /// Since when `busy` is zero.
    since: Instant,
}

impl Activity {
    fn new() -> Self {
        let state = ActivityState { busy: 0, has_begun: false, since: Instant::now() };
        Self { state: Mutex::new(state), changed: Notify::new() }
    }

    fn begin(activity: &Arc<Self>) -> Busy {
        let mut state = activity.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.busy += 1;
        state.has_begun = true;
        Busy { activity: activity.clone() }
    }

    /// Returns when nothing has been asked for so long: `first` before the first request, `later` after one.
    async fn idle_for(&self, first: Duration, later: Duration) {
        loop {
            let deadline = {
                let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
                (state.busy == 0).then(|| state.since + if state.has_begun { later } else { first })
            };
            match deadline {
                None => self.changed.notified().await,
                Some(deadline) if Instant::now() >= deadline => return,
                Some(deadline) => tokio::time::sleep_until(deadline).await,
            }
        }
    }
}

/// A request that is being served.
struct Busy {
    activity: Arc<Activity>,
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut state = self.activity.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.busy = state.busy.saturating_sub(1);
        state.since = Instant::now();
        drop(state);
        self.activity.changed.notify_one();
    }
}

/// An answer's body, which keeps its connection busy until it is sent.
struct Answer {
    body: Body,
    _busy: Busy,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        ctx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(ctx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
