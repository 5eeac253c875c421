//! Who is let in: the token, the rate, the scope. Deny by default.

use super::Border;
use super::caller::{Caller, Origin};
use super::rates::{Allowance, WINDOW};
use crate::addresses::network_of;
use crate::backend::Rejection;
use crate::codes;
use crate::requests::Who;
use crate::store::now;
use crate::store::tokens::{Token, TokenRecord, TokenRefusal, scope_name};
use crate::surface::{Scope, scope_of};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;
use tongban_types::Time;

/// Of the node's own limit on requests at once.
const BUSY_RETRY_SECONDS: u32 = 1;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// What came of counting and looking, and what is left to whoever it was counted against.
type Counted<T> = (Result<T, Rejection>, Option<Allowance>);

/// Lets a request in, or says why not.
pub(super) async fn apply(State(border): State<Arc<Border>>, mut request: Request, next: Next) -> Response {
    let origin = Origin::of(&request, &border.settings.trusted_proxies);
    let Ok(_place) = border.places.try_acquire() else {
        return Rejection { retry_after_seconds: Some(BUSY_RETRY_SECONDS), ..codes::BUSY.rejection() }.into_response();
    };
    let (identified, allowance) = identify(&border, request.headers(), origin).await;
    let mut response = match identified.and_then(|token| permit(&border, &request, token, origin.address)) {
        Ok(caller) => {
            if let (Some(token), Some(who)) = (&caller.token, request.extensions().get::<Who>()) {
                who.is(&token.id.to_string());
            }
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(rejection) => rejection.into_response(),
    };
    describe(response.headers_mut(), allowance);
    if response.status() == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"tongban\""));
    }
    response
}

/// The record of the token that is shown, if one is. A token that lets nobody in counts against the address it comes from, so
/// guessing is limited.
async fn identify(border: &Border, headers: &HeaderMap, origin: Origin) -> Counted<Option<Arc<TokenRecord>>> {
    match bearer(headers) {
        Ok(Some(token)) => {
            let (record, allowance) = look_up(border, &token, origin).await;
            (record.map(Some), allowance)
        }
        Ok(None) => counted(Ok(None), border.allowance(None, origin)),
        Err(rejection) => counted(Err(rejection), border.allowance(None, origin)),
    }
}

/// The record of a token. The store is read only where a rate admits it: that of a token that is known here, or else how often the
/// address may have an unknown one looked up.
async fn look_up(border: &Border, token: &Token, origin: Origin) -> Counted<Arc<TokenRecord>> {
    let now = now();
    let known = border.known.find(token, now, origin.address);
    let first = match &known {
        Some(record) => border.allowance(Some(record), origin),
        None => border.allowance_of_lookups(origin),
    };
    if let Err(rejection) = granted(first) {
        return (Err(rejection), first);
    }
    match valid(border, token, now, origin.address).await {
        Ok(record) if known.is_some() => (Ok(record), first),
        Ok(record) => {
            border.known.remember(token, record.clone());
            let allowance = border.allowance(Some(&record), origin);
            counted(Ok(record), allowance)
        }
        Err(rejection) => {
            border.known.forget(token);
            counted(Err(rejection), border.allowance(None, origin))
        }
    }
}

/// The record of a token that lets its holder in now, as the store has it.
async fn valid(border: &Border, token: &Token, now: Time, address: IpAddr) -> Result<Arc<TokenRecord>, Rejection> {
    let record = border.store.find_token(token).await?;
    let record = record.ok_or(TokenRefusal::Unknown).and_then(|record| record.check(now, address).map(|()| record));
    match record {
        Ok(record) => {
            border.store.note_use(&record, now).await?;
            Ok(Arc::new(record))
        }
        Err(TokenRefusal::Unknown) => Err(codes::TOKEN_UNKNOWN.rejection()),
        Err(TokenRefusal::Expired) => Err(codes::TOKEN_EXPIRED.rejection()),
        Err(TokenRefusal::Revoked) => Err(codes::TOKEN_REVOKED.rejection()),
        Err(TokenRefusal::Address) => Err(codes::TOKEN_ADDRESS.rejection()),
    }
}

/// An outcome, unless there were too many requests: that goes before any other reason.
fn counted<T>(outcome: Result<T, Rejection>, allowance: Option<Allowance>) -> Counted<T> {
    (granted(allowance).and(outcome), allowance)
}

fn granted(allowance: Option<Allowance>) -> Result<(), Rejection> {
    match allowance {
        Some(Allowance { is_granted: false, seconds, .. }) => {
            Err(Rejection { retry_after_seconds: Some(seconds), ..codes::RATE.rejection() })
        }
        Some(_) | None => Ok(()),
    }
}

/// The token of `Authorization: Bearer`. Anything else in that header is refused rather than overlooked.
fn bearer(headers: &HeaderMap) -> Result<Option<Token>, Rejection> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let malformed = || codes::TOKEN_MALFORMED.rejection();
    if values.next().is_some() {
        return Err(malformed());
    }
    let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(malformed)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(malformed());
    }
    token.trim().parse().map(Some).map_err(|_| malformed())
}

/// The caller, where it may do what it asks for. What no route knows is open: it is answered with 404.
fn permit(
    border: &Border,
    request: &Request,
    token: Option<Arc<TokenRecord>>,
    address: IpAddr,
) -> Result<Caller, Rejection> {
    let path = request.extensions().get::<MatchedPath>();
    let scope = path.map_or(Scope::Open, |path| scope_of(request.method(), path.as_str()));
    let anonymous = border.settings.anonymous.as_slice().into();
    let caller = Caller { token, address, anonymous };
    if caller.may(scope) {
        Ok(caller)
    } else if caller.token.is_none() {
        Err(codes::TOKEN_MISSING.because(format!("this needs a token with the scope '{}'", scope_name(scope))))
    } else {
        Err(codes::SCOPE.because(format!("the token does not have the scope '{}'", scope_name(scope))))
    }
}

impl Border {
    /// Whether a caller that was let in still would be. What goes on after its request asks again.
    pub(crate) async fn still_admits(&self, caller: &Caller) -> bool {
        let Some(token) = &caller.token else { return true };
        match self.store.token(token.id).await {
            Ok(record) => record.is_some_and(|record| record.check(now(), caller.address).is_ok()),
            Err(error) => {
                tracing::error!(%error, "a token cannot be looked up again");
                false
            }
        }
    }

    /// What is left to a token or an address; none where nothing is counted.
    fn allowance(&self, token: Option<&TokenRecord>, origin: Origin) -> Option<Allowance> {
        let own = token.and_then(|token| token.token.requests_per_minute);
        let caller = || token.map_or_else(|| network_of(origin.address).to_string(), |token| token.id.to_string());
        match own {
            Some(quota) => self.take(caller(), quota),
            None => self.is_counted(origin).then(|| self.take(caller(), self.settings.requests_per_minute)).flatten(),
        }
    }

    /// How many more tokens that are not known here an address may have looked up. It has a bucket of its own, so that an address
    /// from which too much was asked without a token does not keep tokens out.
    fn allowance_of_lookups(&self, origin: Origin) -> Option<Allowance> {
        let caller = format!("lookups:{}", network_of(origin.address));
        self.is_counted(origin).then(|| self.take(caller, self.settings.requests_per_minute)).flatten()
    }

    fn is_counted(&self, origin: Origin) -> bool {
        self.settings.limit_loopback || !origin.is_this_machine()
    }

    fn take(&self, caller: String, quota: u32) -> Option<Allowance> {
        (quota > 0).then(|| self.rates.take(caller, quota, Instant::now()))
    }
}

/// Says what is left, as the draft "RateLimit header fields for HTTP" has it.
fn describe(headers: &mut HeaderMap, allowance: Option<Allowance>) {
    let Some(Allowance { quota, remaining, seconds, .. }) = allowance else { return };
    let policy = format!("\"requests\";q={quota};w={}", WINDOW.as_secs());
    let state = format!("\"requests\";r={remaining};t={seconds}");
    for (name, text) in [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, state)] {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::border::BorderSettings;
    use crate::store::Store;
    use crate::store::tests::new_store;
    use crate::store::tokens::NewToken;
    use tongban_types::Text;

    async fn token(store: &Store, requests_per_minute: Option<u32>) -> Token {
        let new = NewToken {
            label: Text::new("t").expect("a label"),
            scopes: vec![Scope::Read],
            requests_per_minute,
            addresses: Vec::new(),
            expires_at: None,
        };
        store.create_token(new, None, now()).await.expect("a store").expect("room").0
    }

    /// The code of a refusal; `in` where there is none.
    async fn outcome(border: &Border, token: &Token, address: &str) -> String {
        let mut headers = HeaderMap::new();
        let value = format!("Bearer {}", token.reveal());
        headers.insert(header::AUTHORIZATION, value.parse().expect("a value"));
        let origin = Origin { address: address.parse().expect("an address"), is_forwarded: false };
        identify(border, &headers, origin).await.0.map_or_else(|error| error.code.to_string(), |_| "in".to_owned())
    }

    #[tokio::test]
    async fn the_store_is_read_for_nobody_who_asks_too_often() {
        let (store, _folder) = new_store().await;
        let (elsewhere, _other_folder) = new_store().await;
        let unknown = token(&elsewhere, None).await;
        let (slow, fast) = (token(&store, Some(1)).await, token(&store, Some(100)).await);
        let border = Border::new(store.clone(), BorderSettings { requests_per_minute: 2, ..BorderSettings::default() });
        for _ in 0..2 {
            assert_eq!(outcome(&border, &unknown, "192.0.2.1").await, "api.token_unknown");
        }
        for token in [&slow, &fast] {
            assert_eq!(outcome(&border, token, "192.0.2.2").await, "in");
        }
        store.close().await; // whoever reads it from now on fails
        for (token, address, expected) in [
            (&unknown, "192.0.2.1", "api.rate"),
            (&unknown, "192.0.2.3", "node.store_failed"),
            (&slow, "192.0.2.2", "api.rate"),
            (&fast, "192.0.2.2", "node.store_failed"),
        ] {
            assert_eq!(outcome(&border, token, address).await, expected, "{token:?} from {address}");
        }
    }

    #[tokio::test]
    async fn who_was_let_in_is_not_still_when_the_token_has_ended() {
        let (store, _folder) = new_store().await;
        let border = Border::new(store.clone(), BorderSettings::default());
        let made_at = Time::from_millis(1_000).expect("a time");
        let made = async |expires_at: Option<Time>| {
            let new = NewToken {
                label: Text::new("t").expect("a label"),
                scopes: vec![Scope::Read],
                requests_per_minute: None,
                addresses: vec!["192.0.2.0/24".parse().expect("a range")],
                expires_at,
            };
            Arc::new(store.create_token(new, None, made_at).await.expect("a store").expect("room").1)
        };
        let (good, revoked) = (made(None).await, made(None).await);
        let expired = made(Some(made_at.plus_millis(1))).await;
        store.revoke_token(revoked.id, made_at).await.expect("a store");
        for (token, address, expected) in [
            (None, "192.0.2.1", true),
            (Some(&good), "192.0.2.1", true),
            (Some(&good), "203.0.113.1", false),
            (Some(&expired), "192.0.2.1", false),
            (Some(&revoked), "192.0.2.1", false),
        ] {
            let address = address.parse().expect("an address");
            let caller = Caller { token: token.cloned(), address, anonymous: Arc::new([]) };
            assert_eq!(border.still_admits(&caller).await, expected, "{caller:?}");
        }
        store.close().await;
        let caller =
            Caller { token: Some(good), address: "192.0.2.1".parse().expect("an address"), anonymous: Arc::new([]) };
        assert!(!border.still_admits(&caller).await, "who cannot be looked up is not let in");
    }
}
