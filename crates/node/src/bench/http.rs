//! A kept-open HTTP connection, as thin as it can be: what the load spends is taken from the nodes it measures.

use anyhow::Context;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

/// A connection to one node's API; one request at a time.
pub struct Connection {
    address: SocketAddr,
    requests: SendRequest<Full<Bytes>>,
    driver: JoinHandle<()>,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("cannot connect to {address}"))?;
        stream.set_nodelay(true)?;
        let (requests, connection) = handshake(TokioIo::new(stream)).await?;
        let driver = tokio::spawn(async move {
            let _ = connection.await; // a broken connection fails the request that is on it
        });
        Ok(Self { address, requests, driver })
    }

    /// Where it leads.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether the other side has not closed it.
    pub fn is_open(&self) -> bool {
        !self.requests.is_closed()
    }

    /// Submits an encoded transaction.
    pub async fn submit(&mut self, body: Bytes) -> anyhow::Result<(StatusCode, Bytes)> {
        let request = Request::post("/v1/transactions").header(header::CONTENT_TYPE, "application/octet-stream");
        self.send(request, body).await
    }

    /// Reads an address of the interface.
    pub async fn get(&mut self, path: &str) -> anyhow::Result<(StatusCode, Bytes)> {
        self.send(Request::get(path), Bytes::new()).await
    }

    async fn send(
        &mut self,
        request: hyper::http::request::Builder,
        body: Bytes,
    ) -> anyhow::Result<(StatusCode, Bytes)> {
        let request = request.header(header::HOST, self.address.to_string()).body(Full::new(body))?;
        self.requests.ready().await?;
        let response = self.requests.send_request(request).await?;
        let status = response.status();
        Ok((status, response.into_body().collect().await?.to_bytes()))
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}
