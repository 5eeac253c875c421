//! Who is let in: the token, the rate, the scope. Deny by default.

use super::Border;
use super::caller::{Caller, address_of};
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

/// Of the node's own limit on requests at once.
const BUSY_RETRY_SECONDS: u32 = 1;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Lets a request in, or says why not.
pub(super) async fn apply(State(border): State<Arc<Border>>, mut request: Request, next: Next) -> Response {
    let address = address_of(&request, &border.settings.trusted_proxies);
    let Ok(_place) = border.places.try_acquire() else {
        return Rejection { retry_after_seconds: Some(BUSY_RETRY_SECONDS), ..codes::BUSY.rejection() }.into_response();
    };
    let identified = identify(&border, request.headers(), address).await;
    // A token that lets nobody in counts against the address it comes from, so guessing is limited.
    let allowance = border.allowance(identified.as_ref().ok().and_then(Option::as_ref), address);
    let mut response = if allowance.is_some_and(|allowance| !allowance.is_granted) {
        let seconds = allowance.map(|allowance| allowance.seconds);
        Rejection { retry_after_seconds: seconds, ..codes::RATE.rejection() }.into_response()
    } else {
        match identified.and_then(|token| permit(&border, &request, token, address)) {
            Ok(caller) => {
                if let (Some(token), Some(who)) = (&caller.token, request.extensions().get::<Who>()) {
                    who.is(&token.id.to_string());
                }
                request.extensions_mut().insert(caller);
                next.run(request).await
            }
            Err(rejection) => rejection.into_response(),
        }
    };
    describe(response.headers_mut(), allowance);
    if response.status() == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"tongban\""));
    }
    response
}

/// The record of the token that is shown, if one is.
async fn identify(border: &Border, headers: &HeaderMap, address: IpAddr) -> Result<Option<TokenRecord>, Rejection> {
    let Some(token) = bearer(headers)? else { return Ok(None) };
    let record = border.store.find_token(&token).await?;
    let now = now();
    let record = record.ok_or(TokenRefusal::Unknown).and_then(|record| record.check(now, address).map(|()| record));
    match record {
        Ok(record) => {
            border.store.note_use(&record, now).await?;
            Ok(Some(record))
        }
        Err(TokenRefusal::Unknown) => Err(codes::TOKEN_UNKNOWN.rejection()),
        Err(TokenRefusal::Expired) => Err(codes::TOKEN_EXPIRED.rejection()),
        Err(TokenRefusal::Revoked) => Err(codes::TOKEN_REVOKED.rejection()),
        Err(TokenRefusal::Address) => Err(codes::TOKEN_ADDRESS.rejection()),
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
    token: Option<TokenRecord>,
    address: IpAddr,
) -> Result<Caller, Rejection> {
    let path = request.extensions().get::<MatchedPath>();
    let scope = path.map_or(Scope::Open, |path| scope_of(request.method(), path.as_str()));
    let anonymous = border.settings.anonymous.as_slice().into();
    let caller = Caller { token: token.map(Arc::new), address, anonymous };
    if caller.may(scope) {
        Ok(caller)
    } else if caller.token.is_none() {
        Err(codes::TOKEN_MISSING.because(format!("this needs a token with the scope '{}'", scope_name(scope))))
    } else {
        Err(codes::SCOPE.because(format!("the token does not have the scope '{}'", scope_name(scope))))
    }
}

impl Border {
    /// What is left to a token or an address; none where nothing is counted.
    fn allowance(&self, token: Option<&TokenRecord>, address: IpAddr) -> Option<Allowance> {
        let own = token.and_then(|token| token.token.requests_per_minute);
        if own.is_none() && address.is_loopback() && !self.settings.limit_loopback {
            return None;
        }
        let quota = own.unwrap_or(self.settings.requests_per_minute);
        let caller = token.map_or_else(|| network_of(address).to_string(), |token| token.id.to_string());
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
