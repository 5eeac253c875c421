//! Who asks, and from where.

use crate::addresses::{AddressRange, network_of};
use crate::server::Peer;
use crate::store::tokens::TokenRecord;
use crate::surface::Scope;
use axum::extract::Request;
use axum::http::HeaderMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// Entries of `X-Forwarded-For` that are looked at.
const FORWARDED_MAX: usize = 32;

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

/// Where a request comes from: the other end of the connection, or, behind trusted proxies, the last address that none of them has.
pub(super) fn address_of(request: &Request, trusted_proxies: &[AddressRange]) -> IpAddr {
    // Requests without a connection exist in tests alone. They come from nowhere in particular.
    let peer = request.extensions().get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.address.ip());
    behind_proxies(peer.to_canonical(), request.headers(), trusted_proxies)
}

fn behind_proxies(peer: IpAddr, headers: &HeaderMap, trusted_proxies: &[AddressRange]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted_proxies.iter().any(|range| range.contains(address));
    if !is_trusted(peer) {
        return peer;
    }
    // Each proxy appends what it has seen. What stands before the first untrusted address is that one's own claim.
    let values = headers.get_all("x-forwarded-for").iter().rev();
    let entries = values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.rsplit(','));
    let mut nearest = peer;
    for entry in entries.take(FORWARDED_MAX) {
        let Ok(address) = entry.trim().parse::<IpAddr>() else { return nearest };
        nearest = address.to_canonical();
        if !is_trusted(nearest) {
            return nearest;
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;

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
        ] {
            let mut headers = HeaderMap::new();
            for value in &forwarded {
                headers.append("x-forwarded-for", value.parse().expect("a value"));
            }
            let found = behind_proxies(peer.parse().expect("an address"), &headers, &trusted);
            assert_eq!(found, expected.parse::<IpAddr>().expect("an address"), "{peer} {forwarded:?}");
        }
    }
}
