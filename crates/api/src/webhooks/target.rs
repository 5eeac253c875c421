//! Where webhooks may go, and sending there.
//!
//! Whoever can make a webhook can make the node send requests, so the node must not be a way into the network that it stands in. A
//! name is resolved once, its addresses are checked, and the connection goes to those that passed: a name that changes its meaning in
//! between gains nothing. Redirections are not followed, a proxy from the environment is not used, answers are read to a few bytes.

use crate::addresses::is_public;
use crate::client::innermost_cause;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Url, redirect};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// How long one attempt may take, the answer included.
pub(crate) const ATTEMPT_TIME_MAX: Duration = Duration::from_secs(15);
const CONNECT_TIME_MAX: Duration = Duration::from_secs(5);
/// Bytes of an answer that are read and shown.
const ANSWER_BYTES_MAX: usize = 512;
/// The longest wait that a receiver can ask for.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// Where webhooks may go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Also to private networks and this machine.
    pub private_addresses: bool,
    /// Also without TLS.
    pub plain_http: bool,
}

/// Why an address is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// It is no address.
    #[error("not a URL such as https://example.org/hook")]
    Malformed,
    /// It is not encrypted.
    #[error("the URL must begin with https://")]
    Plain,
    /// It holds a name and password, which would be stored and shown.
    #[error("the URL must not hold a user name or password")]
    Credentials,
    /// It leads into a private network.
    #[error("the address is not on the public internet, and this node sends nowhere else")]
    Private,
}

impl Reach {
    /// Checks a URL as far as that is possible without resolving its name.
    pub fn check(self, url: &str) -> Result<Url, TargetError> {
        let url: Url = url.parse().map_err(|_| TargetError::Malformed)?;
        match url.scheme() {
            "https" => {}
            "http" if self.plain_http => {}
            "http" => return Err(TargetError::Plain),
            _ => return Err(TargetError::Malformed),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(TargetError::Credentials);
        }
        let host = url.host_str().ok_or(TargetError::Malformed)?;
        // The parser turns every spelling of an IPv4 address (decimal, octal, shortened) into the usual one.
        if let Ok(address) = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>()
            && !self.allows(address)
        {
            return Err(TargetError::Private);
        }
        Ok(url)
    }

    fn allows(self, address: IpAddr) -> bool {
        self.private_addresses || is_public(address)
    }
}

/// The addresses of a name that webhooks may go to.
struct CheckedNames {
    reach: Reach,
}

impl Resolve for CheckedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.reach;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|address| reach.allows(address.ip())).collect();
            if allowed.is_empty() {
                return Err(TargetError::Private.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The status, where there was an answer.
    pub(crate) status: Option<u16>,
    /// Its beginning, or why there was none.
    pub(crate) text: String,
    /// How long the receiver asks to be left alone.
    pub(crate) retry_after: Option<Duration>,
}

/// Sends to receivers.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    http: reqwest::Client,
    reach: Reach,
}

impl Sender {
    pub(crate) fn new(reach: Reach, attempt_time_max: Duration) -> Self {
        let builder = || {
            reqwest::Client::builder()
                .no_proxy()
                .redirect(redirect::Policy::none())
                .referer(false)
                .timeout(attempt_time_max)
                .connect_timeout(CONNECT_TIME_MAX.min(attempt_time_max))
                .https_only(!reach.plain_http)
                .user_agent(concat!("tongban/", env!("CARGO_PKG_VERSION")))
                .pool_max_idle_per_host(4)
                .dns_resolver(Arc::new(CheckedNames { reach }))
        };
        Self { http: crate::client::built(builder), reach }
    }

    /// Sends one message.
    pub(crate) async fn send(&self, url: &str, headers: [(&'static str, String); 3], body: Vec<u8>) -> Answer {
        let failed = |text: String| Answer { status: None, text: shortened(&text), retry_after: None };
        let url = match self.reach.check(url) {
            Ok(url) => url,
            Err(error) => return failed(error.to_string()),
        };
        let mut request = self.http.post(url).header("content-type", "application/json").body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let mut response = match request.send().await {
            Ok(response) => response,
            Err(error) => return failed(reason(&error)),
        };
        let retry_after = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
        let mut beginning = Vec::new();
        while beginning.len() < ANSWER_BYTES_MAX {
            match response.chunk().await {
                Ok(Some(chunk)) => beginning.extend_from_slice(&chunk[..chunk.len().min(ANSWER_BYTES_MAX)]),
                Ok(None) | Err(_) => break, // the status has been given; what follows it decides nothing
            }
        }
        Answer {
            status: Some(response.status().as_u16()),
            text: shortened(&String::from_utf8_lossy(&beginning)),
            retry_after: retry_after.map(|seconds| Duration::from_secs(seconds).min(RETRY_AFTER_MAX)),
        }
    }
}

/// What went wrong, without the URL.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() { "the receiver did not answer in time".to_owned() } else { innermost_cause(error) }
}

/// The beginning of a text, without characters that could confuse whoever looks at it.
fn shortened(text: &str) -> String {
    let clean: String = text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    let mut end = clean.len().min(ANSWER_BYTES_MAX);
    while !clean.is_char_boundary(end) {
        end -= 1;
    }
    clean[..end].trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_lead_inside_are_refused() {
        let outside = Reach::default();
        for (url, outcome) in [
            ("https://example.org/hook?a=b", None),
            ("https://93.184.215.14/hook", None),
            ("http://example.org/hook", Some(TargetError::Plain)),
            ("ftp://example.org/hook", Some(TargetError::Malformed)),
            ("example.org", Some(TargetError::Malformed)),
            ("https://", Some(TargetError::Malformed)),
            ("https://user@example.org/", Some(TargetError::Credentials)),
            ("https://:secret@example.org/", Some(TargetError::Credentials)),
            ("https://127.0.0.1/", Some(TargetError::Private)),
            ("https://2130706433/", Some(TargetError::Private)),
            ("https://0x7f.1/", Some(TargetError::Private)),
            ("https://017700000001/", Some(TargetError::Private)),
            ("https://10.1.2.3:8443/", Some(TargetError::Private)),
            ("https://169.254.169.254/latest/meta-data", Some(TargetError::Private)),
            ("https://[::1]/", Some(TargetError::Private)),
            ("https://[::ffff:10.0.0.1]/", Some(TargetError::Private)),
            ("https://[fd00::1]/", Some(TargetError::Private)),
        ] {
            assert_eq!(outside.check(url).err(), outcome, "{url}");
        }
        let inside = Reach { private_addresses: true, plain_http: true };
        assert!(inside.check("http://127.0.0.1:1/").is_ok() && inside.check("https://[fd00::1]/").is_ok());
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_refused_after_it_is_resolved() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://localhost:{}/", listener.local_addr().expect("an address").port());
        let sender = Sender::new(Reach { private_addresses: false, plain_http: true }, ATTEMPT_TIME_MAX);
        let headers = ["webhook-id", "webhook-timestamp", "webhook-signature"].map(|name| (name, "1".to_owned()));
        let answer = sender.send(&url, headers, Vec::new()).await;
        assert_eq!((answer.status, answer.text), (None, TargetError::Private.to_string()));
        let nobody = tokio::time::timeout(Duration::from_millis(1), listener.accept()).await;
        assert!(nobody.is_err(), "no connection was made");
    }

    #[test]
    fn answers_are_cut_and_cleaned() {
        assert_eq!(shortened("a\u{1b}[31m\r\nb"), "a [31m  b");
        assert_eq!(shortened(&"好".repeat(400)).chars().count(), ANSWER_BYTES_MAX / 3);
    }
}
