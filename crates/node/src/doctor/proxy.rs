//! Who stands before the API: behind a proxy that the configuration does not name, all callers look alike.

use super::{Check, Look};
use std::net::SocketAddr;
use tongban_api::AddressRange;

pub const CALLERS: Check = Check {
    name: "api.callers",
    why: "behind a proxy that the node does not know all callers have one address: they share its rate, its connections and its streams, and \
          a token that is bound to addresses lets nobody in",
    look: |subject| match &subject.config {
        Ok(config) => judge(config.api, config.tls_certificate.is_some(), &config.trusted_proxies),
        Err(_) => Look::Skipped("no configuration".to_owned()),
    },
};

/// Whether a proxy is there cannot be seen from here. An API that only this machine reaches, or that leaves TLS to others, is likely to have
/// one.
fn judge(api: SocketAddr, has_tls: bool, trusted_proxies: &[AddressRange]) -> Look {
    if !trusted_proxies.is_empty() {
        let proxies: Vec<String> = trusted_proxies.iter().map(AddressRange::to_string).collect();
        return Look::Well(format!("`X-Forwarded-For` is believed from {}", proxies.join(", ")));
    }
    let reason = match (api.ip().to_canonical().is_loopback(), has_tls) {
        (true, _) => format!("{api} is reached from this machine alone"),
        (false, false) => format!("{api} speaks plain HTTP"),
        (false, true) => return Look::Well(format!("{api} speaks TLS itself, no proxy is trusted")),
    };
    Look::Note(
        format!("{reason}, no proxy is trusted"),
        "where a proxy stands before the API, name its address in `trusted_proxies`, and have it set `X-Forwarded-For`; \
         where none does, leave it as it is"
            .to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_that_may_stand_behind_an_unknown_proxy_is_noted() {
        for (api, has_tls, trusted, expected) in [
            (
                "127.0.0.1:8101",
                false,
                "",
                "note: 127.0.0.1:8101 is reached from this machine alone, no proxy is trusted",
            ),
            (
                "127.0.0.1:8101",
                true,
                "",
                "note: 127.0.0.1:8101 is reached from this machine alone, no proxy is trusted",
            ),
            ("[::1]:8101", false, "", "note: [::1]:8101 is reached from this machine alone, no proxy is trusted"),
            (
                "[::ffff:127.0.0.1]:1",
                true,
                "",
                "note: [::ffff:127.0.0.1]:1 is reached from this machine alone, no proxy is trusted",
            ),
            ("10.1.0.2:8101", false, "", "note: 10.1.0.2:8101 speaks plain HTTP, no proxy is trusted"),
            ("0.0.0.0:8101", false, "", "note: 0.0.0.0:8101 speaks plain HTTP, no proxy is trusted"),
            ("10.1.0.2:8101", true, "", "well: 10.1.0.2:8101 speaks TLS itself, no proxy is trusted"),
            ("127.0.0.1:8101", false, "127.0.0.1", "well: `X-Forwarded-For` is believed from 127.0.0.1"),
            ("10.1.0.2:8101", false, "10.0.0.0/8 ::1", "well: `X-Forwarded-For` is believed from 10.0.0.0/8, ::1"),
        ] {
            let trusted: Vec<AddressRange> =
                trusted.split_whitespace().map(|range| range.parse().expect("a range")).collect();
            let said = match judge(api.parse().expect("an address"), has_tls, &trusted) {
                Look::Well(what) => format!("well: {what}"),
                Look::Note(what, advice) => {
                    assert!(advice.contains("`trusted_proxies`"), "{advice}");
                    format!("note: {what}")
                }
                Look::Warning(what, _) | Look::Failure(what, _) | Look::Skipped(what) => format!("more: {what}"),
            };
            assert_eq!(said, expected);
        }
    }
}
