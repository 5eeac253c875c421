//! Who asks, and from where.

use crate::addresses::{AddressRange, network_of};
use crate::server::Peer;
use crate::store::tokens::TokenRecord;
use crate::surface::Scope;
use axum::extract::Request;
use axum::http::HeaderMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

/// Entries of `X-Forwarded-For` that are looked at.
const FORWARDED_MAX: usize = 32;
/// Headers by which proxies say that a request is another's.
const FORWARDING: [&str; 4] = ["forwarded", "via", "x-forwarded-for", "x-real-ip"];

/// Who asks; an extension of every request that the guard has let in.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The token that was shown.
    pub(crate) token: Option<Arc<TokenRecord>>,
    /// Where the request comes from.
    pub(crate) address: IpAddr,
    /// What those without a token may do, and so everyone.
    pub(crate) anonymous: Arc<[Scope]>,
}

impl Caller {
    /// Whether the caller may do this.
    pub(crate) fn may(&self, scope: Scope) -> bool {
        scope == Scope::Open
            || self.anonymous.contains(&scope)
            || self.token.as_ref().is_some_and(|token| token.allows(scope))
    }

    /// The caller's name for what belongs to it: its token, or where it is.
    pub(crate) fn name(&self) -> String {
        match &self.token {
            Some(token) => token.id.to_string(),
            None => format!("anonymous:{}", network_of(self.address)),
        }
    }
}

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    /// The other end of the connection, or, behind trusted proxies, the last address that none of them has.
    pub(super) address: IpAddr,
    /// Whether a proxy says that the request is another's, believed or not.
    pub(super) is_forwarded: bool,
}

impl Origin {
    /// Where this request comes from.
    pub(super) fn of(request: &Request, trusted_proxies: &[AddressRange]) -> Self {
        // Requests without a connection exist in tests alone. They come from nowhere in particular.
        let peer = request.extensions().get::<Peer>();
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.address.ip());
        let headers = request.headers();
        Self {
            address: behind_proxies(peer.to_canonical(), headers, trusted_proxies),
            is_forwarded: FORWARDING.iter().any(|name| headers.contains_key(*name)),
        }
    }

    /// Whether a program of this machine asks. Through a proxy on it anybody may.
    pub(super) fn is_this_machine(&self) -> bool {
        self.address.is_loopback() && !self.is_forwarded
    }
}

fn behind_proxies(peer: IpAddr, headers: &HeaderMap, trusted_proxies: &[AddressRange]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted_proxies.iter().any(|range| range.contains(address));
    if !is_trusted(peer) {
        return peer;
    }
    // Each proxy appends what it has seen. What stands before the first untrusted address is that one's own claim: any bytes.
    let values = headers.get_all("x-forwarded-for").iter().rev();
    let entries = values.flat_map(|value| value.as_bytes().rsplit(|byte| *byte == b','));
    let mut nearest = peer;
    for entry in entries.take(FORWARDED_MAX) {
        let Some(address) = address_in(entry) else { return nearest };
        nearest = address;
        if !is_trusted(nearest) {
            return nearest;
        }
    }
    nearest
}

/// The address in an entry; some proxies write a port behind it, or brackets around it.
fn address_in(entry: &[u8]) -> Option<IpAddr> {
    let entry = std::str::from_utf8(entry.trim_ascii()).ok()?;
    let with_port = || entry.parse::<SocketAddr>().ok().map(|address| address.ip());
    let in_brackets = || entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok().map(IpAddr::V6);
    let address = entry.parse::<IpAddr>().ok().or_else(with_port).or_else(in_brackets)?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let trusted: Vec<AddressRange> =
            ["10.0.0.0/8", "127.0.0.1"].iter().map(|range| range.parse().expect("a range")).collect();
        for (peer, forwarded, expected) in [
            ("203.0.113.9", vec![], "203.0.113.9"),
            ("203.0.113.9", vec!["1.2.3.4"], "203.0.113.9"),
            ("10.0.0.1", vec![], "10.0.0.1"),
            ("10.0.0.1", vec!["1.2.3.4"], "1.2.3.4"),
            ("127.0.0.1", vec!["6.6.6.6, 1.2.3.4, 10.0.0.2"], "1.2.3.4"),
            ("127.0.0.1", vec!["6.6.6.6", "1.2.3.4", "10.0.0.2"], "1.2.3.4"),
            ("127.0.0.1", vec!["10.0.0.3"], "10.0.0.3"),
            ("127.0.0.1", vec!["1.2.3.4, nonsense"], "127.0.0.1"),
            ("127.0.0.1", vec!["1.2.3.4, nonsense, 10.0.0.2"], "10.0.0.2"),
            ("127.0.0.1", vec!["::ffff:1.2.3.4"], "1.2.3.4"),
            ("127.0.0.1", vec!["\u{e9}, 1.2.3.4"], "1.2.3.4"),
            ("127.0.0.1", vec!["\u{e9}", "1.2.3.4, 10.0.0.2"], "1.2.3.4"),
            ("127.0.0.1", vec!["1.2.3.4, \u{e9}"], "127.0.0.1"),
            ("127.0.0.1", vec!["1.2.3.4, "], "127.0.0.1"),
            ("127.0.0.1", vec!["6.6.6.6, 1.2.3.4:5678"], "1.2.3.4"),
            ("127.0.0.1", vec!["6.6.6.6, 1.2.3.4:5678,10.0.0.2:80"], "1.2.3.4"),
            ("127.0.0.1", vec!["6.6.6.6, [2001:db8::7]:80"], "2001:db8::7"),
            ("127.0.0.1", vec!["6.6.6.6, [2001:db8::7]"], "2001:db8::7"),
            ("127.0.0.1", vec!["6.6.6.6, 2001:db8::7"], "2001:db8::7"),
            ("127.0.0.1", vec!["6.6.6.6, [1.2.3.4]"], "127.0.0.1"),
            ("127.0.0.1", vec!["6.6.6.6, 1.2.3.4:99999"], "127.0.0.1"),
        ] {
            let mut headers = HeaderMap::new();
            for value in &forwarded {
                let value = HeaderValue::from_bytes(value.as_bytes()).expect("a value");
                headers.append("x-forwarded-for", value);
            }
            let found = behind_proxies(peer.parse().expect("an address"), &headers, &trusted);
            assert_eq!(found, expected.parse::<IpAddr>().expect("an address"), "{peer} {forwarded:?}");
        }
    }

    #[test]
    fn who_asks_through_a_proxy_is_not_this_machine() {
        for (peer, header, is_this_machine) in [
            ("127.0.0.1", None, true),
            ("[::1]", None, true),
            ("192.0.2.1", None, false),
            ("127.0.0.1", Some(("x-request-id", "a")), true),
            ("127.0.0.1", Some(("x-forwarded-for", "unknown")), false),
            ("127.0.0.1", Some(("x-forwarded-for", "127.0.0.1")), false),
            ("127.0.0.1", Some(("forwarded", "for=192.0.2.1")), false),
            ("127.0.0.1", Some(("x-real-ip", "192.0.2.1")), false),
            ("127.0.0.1", Some(("via", "1.1 proxy")), false),
        ] {
            let peer = Peer { address: format!("{peer}:9").parse().expect("an address"), is_encrypted: false };
            let request = axum::http::Request::builder().extension(peer);
            let request = header.iter().fold(request, |request, (name, value)| request.header(*name, *value));
            let request = request.body(axum::body::Body::empty()).expect("a request");
            assert_eq!(Origin::of(&request, &[]).is_this_machine(), is_this_machine, "{header:?}");
        }
    }
}
