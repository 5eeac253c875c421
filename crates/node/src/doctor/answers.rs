//! What a node's API says of itself and of its clock. It says that to everybody, also where `anonymous = []` closes all else.

use reqwest::StatusCode;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant, SystemTime};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;
use tongban_api::innermost_cause;

/// How long an answer may take.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(3);
/// Bytes of a status, at most; a longer answer is none.
const STATUS_BYTES_MAX: usize = 64 * 1024;

/// What a node's API answered. Only what every version has is read, so that another version can be named.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The program's version.
    pub version: String,
    /// The network's identifier.
    pub network: String,
    /// The department that runs the node.
    pub department: String,
    /// The last final block.
    pub height: u64,
    /// How many receipts there are.
    pub receipts: u64,
    /// Why the node is not ready, where it is not.
    pub reason: Option<String>,
    /// How far the node's clock is ahead of ours, where the answer was dated.
    pub clock: Option<ClockDifference>,
}

/// How far another clock is ahead of ours; behind where negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockDifference {
    /// The estimate, in milliseconds.
    pub millis: i64,
    /// By how much it may be wrong: HTTP dates have whole seconds, and answers take their time.
    pub uncertainty_millis: i64,
}

/// Where this machine reaches an address that is listened on.
pub fn own_address(address: SocketAddr, speaks_tls: bool) -> String {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    let scheme = if speaks_tls { "https" } else { "http" };
    format!("{scheme}://{}", SocketAddr::new(ip, address.port()))
}

/// Asks the node of this machine how it is. Its certificate is for the name that others call it by, so it is not looked at; no token
/// goes there.
pub async fn ask_own(base: &str) -> Result<Answer, String> {
    ask_with(builder().tls_danger_accept_invalid_certs(true), base).await
}

/// Asks the node at an address such as `http://127.0.0.1:8101` how it is.
pub async fn ask(base: &str) -> Result<Answer, String> {
    ask_with(builder(), base).await
}

/// A proxy from the environment must not stand between a node and its own peers.
fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder().no_proxy().timeout(ANSWER_TIME_MAX)
}

async fn ask_with(builder: reqwest::ClientBuilder, base: &str) -> Result<Answer, String> {
    let client = builder.build().map_err(|error| error.to_string())?;
    let (sent, sent_at) = (Instant::now(), SystemTime::now());
    let url = format!("{}/ready", base.trim_end_matches('/'));
    let mut response = client.get(url).send().await.map_err(|error| innermost_cause(&error))?;
    let took = sent.elapsed();
    let status = response.status();
    let refused = || format!("the answer is {status}");
    // With 503 a node says that it is not ready, and why.
    if !status.is_success() && status != StatusCode::SERVICE_UNAVAILABLE {
        return Err(refused());
    }
    let date = response.headers().get("date").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| innermost_cause(&error))? {
        body.extend_from_slice(&chunk);
        if body.len() > STATUS_BYTES_MAX {
            return Err("the answer is too long for a status".to_owned());
        }
    }
    let mut answer = read(&body).map_err(|reason| if status.is_success() { reason } else { refused() })?;
    answer.clock = date.and_then(|date| difference(&date, sent_at, took));
    Ok(answer)
}

fn read(body: &[u8]) -> Result<Answer, String> {
    let status: serde_json::Value =
        serde_json::from_slice(body).map_err(|_| "the answer is no status of a node".to_owned())?;
    let text = |name: &str| status.get(name).and_then(|value| value.as_str()).map(str::to_owned);
    let (Some(version), Some(network)) = (text("version"), text("network")) else {
        return Err("the answer is no status of a node".to_owned());
    };
    let number = |name: &str| status.get(name).and_then(serde_json::Value::as_u64).unwrap_or_default();
    Ok(Answer {
        version,
        network,
        department: text("department").unwrap_or_default(),
        height: number("height"),
        receipts: number("receipts"),
        reason: text("reason"),
        clock: None,
    })
}

/// The other's clock stood, when it answered, somewhere inside the dated second; ours somewhere inside the request.
fn difference(date: &str, sent_at: SystemTime, took: Duration) -> Option<ClockDifference> {
    let theirs = OffsetDateTime::parse(date, &Rfc2822).ok()?.unix_timestamp().checked_mul(1000)?.checked_add(500)?;
    let ours = sent_at.duration_since(SystemTime::UNIX_EPOCH).ok()?.saturating_add(took / 2);
    let half = i64::try_from(took.as_millis() / 2).ok()?;
    Some(ClockDifference {
        millis: theirs.checked_sub(i64::try_from(ours.as_millis()).ok()?)?,
        uncertainty_millis: 500i64.saturating_add(half),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dated_answer_tells_the_difference_of_clocks() {
        // 1994-11-06 08:49:37 UTC is second 784111777.
        let sent_at = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_770);
        let found = difference("Sun, 06 Nov 1994 08:49:37 GMT", sent_at, Duration::from_millis(200));
        assert_eq!(found, Some(ClockDifference { millis: 7_400, uncertainty_millis: 600 }));
        assert_eq!(difference("yesterday", sent_at, Duration::ZERO), None);
    }

    #[test]
    fn only_a_status_is_a_status() {
        for body in ["", "{}", "[1]", "ok\n", r#"{"version":1,"network":"a"}"#] {
            assert!(read(body.as_bytes()).is_err(), "{body}");
        }
        let answer = read(br#"{"version":"9.9.9","network":"ab","height":7,"more":[]}"#).expect("a status");
        assert_eq!((answer.version.as_str(), answer.height), ("9.9.9", 7));
    }

    #[test]
    fn an_address_for_everybody_is_asked_on_loopback() {
        assert_eq!(own_address("0.0.0.0:80".parse().expect("an address"), false), "http://127.0.0.1:80");
        assert_eq!(own_address("[::]:80".parse().expect("an address"), false), "http://[::1]:80");
        assert_eq!(own_address("10.1.2.3:80".parse().expect("an address"), true), "https://10.1.2.3:80");
    }
}
