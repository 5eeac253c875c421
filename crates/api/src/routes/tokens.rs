//! Tokens: making, listing and revoking them. The operator makes the first one on the command line.

use super::{Context, Given};
use crate::addresses::AddressRange;
use crate::backend::Rejection;
use crate::border::{Border, Caller, Unrepeatable};
use crate::codes;
use crate::extract::{Asked, Body, Path, json, malformed};
use crate::store::now;
use crate::store::tokens::{
    ADDRESSES_MAX, LABEL_MAX, NewToken, REQUESTS_PER_MINUTE_MAX, TokenId, TokenRecord, scope_name,
};
use crate::surface::{Content, Endpoint, Operation, Parameter, Reply, Scope};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;
use tongban_types::{Text, Time};

/// Tokens on one page.
const PAGE_MAX: usize = 100;
/// Scopes of one token.
const SCOPES_MAX: usize = 16;

/// What a token is to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenRequest {
    /// What it is for.
    #[schemars(length(min = 1))]
    pub label: Text<LABEL_MAX>,
    /// What its holder may do.
    #[schemars(length(min = 1, max = SCOPES_MAX))]
    pub scopes: Vec<Scope>,
    /// Until when it is valid; absent: until it is revoked.
    #[serde(default)]
    pub expires_at: Option<Time>,
    /// How many requests it may make in a minute; absent: as many as the node grants; 0: no limit.
    #[serde(default)]
    #[schemars(range(max = REQUESTS_PER_MINUTE_MAX))]
    pub requests_per_minute: Option<u32>,
    /// Addresses and networks (`10.0.0.0/8`) that it may be used from; none: from anywhere.
    #[serde(default)]
    #[schemars(length(max = ADDRESSES_MAX))]
    pub addresses: Vec<String>,
}

/// A token, all but its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenView {
    /// What names it.
    pub id: String,
    /// What it is for.
    pub label: String,
    /// What its holder may do.
    pub scopes: Vec<Scope>,
    /// Until when it is valid.
    pub expires_at: Option<Time>,
    /// How many requests it may make in a minute.
    pub requests_per_minute: Option<u32>,
    /// Where it may be used from; none: from anywhere.
    pub addresses: Vec<String>,
    /// When it was made.
    pub created_at: Time,
    /// The token that made it; absent where the operator did.
    pub created_by: Option<String>,
    /// When it was used last, to ten minutes.
    pub last_used_at: Option<Time>,
    /// When it was revoked.
    pub revoked_at: Option<Time>,
}

/// A new token.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct NewTokenView {
    /// The token itself. It is shown this once; in the answer to a repeat with the same `Idempotency-Key` it is null.
    pub secret: Option<String>,
    /// All else about it.
    pub token: TokenView,
}

/// A page of tokens.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct TokenPage {
    /// The tokens, in the order of their identifiers.
    pub tokens: Vec<TokenView>,
    /// What to go on behind; null where these are the last.
    pub next: Option<String>,
}

impl From<TokenRecord> for TokenView {
    fn from(record: TokenRecord) -> Self {
        Self {
            id: record.id.to_string(),
            label: record.token.label.to_string(),
            scopes: record.token.scopes,
            expires_at: record.token.expires_at,
            requests_per_minute: record.token.requests_per_minute,
            addresses: record.token.addresses.iter().map(AddressRange::to_string).collect(),
            created_at: record.created_at,
            created_by: record.created_by.map(|id| id.to_string()),
            last_used_at: record.last_used_at,
            revoked_at: record.revoked_at,
        }
    }
}

impl TokenRequest {
    /// The token that is asked for, checked.
    pub fn checked(self, now: Time) -> Result<NewToken, Rejection> {
        let mut scopes = self.scopes;
        if scopes.is_empty() || scopes.len() > SCOPES_MAX {
            return Err(malformed("list of scopes", format!("expected 1 to {SCOPES_MAX}")));
        }
        scopes.sort_unstable();
        scopes.dedup();
        if self.label.is_empty() {
            return Err(malformed("label", "a token must say what it is for"));
        }
        if self.expires_at.is_some_and(|expires_at| expires_at <= now) {
            return Err(malformed("expiry", "it has passed already"));
        }
        if self.requests_per_minute.is_some_and(|rate| rate > REQUESTS_PER_MINUTE_MAX) {
            return Err(malformed("rate", format!("at most {REQUESTS_PER_MINUTE_MAX} requests per minute")));
        }
        if self.addresses.len() > ADDRESSES_MAX {
            return Err(malformed("list of addresses", format!("at most {ADDRESSES_MAX}")));
        }
        let addresses: Result<Vec<AddressRange>, _> = self.addresses.iter().map(|text| text.parse()).collect();
        Ok(NewToken {
            label: self.label,
            scopes,
            requests_per_minute: self.requests_per_minute,
            addresses: addresses.map_err(|error| malformed("list of addresses", error))?,
            expires_at: self.expires_at,
        })
    }
}

/// Refuses what would give a new token more than the one that makes it has.
fn within_own(new: &NewToken, own: &NewToken) -> Result<(), Rejection> {
    if let Some(scope) = new.scopes.iter().find(|scope| !own.scopes.contains(scope)) {
        let message = format!("your token does not have the scope '{}' itself", scope_name(*scope));
        return Err(codes::TOKEN_BEYOND_OWN.because(message));
    }
    if own.expires_at.is_some_and(|own| new.expires_at.is_none_or(|new| new > own)) {
        return Err(codes::TOKEN_BEYOND_OWN.because("the token would outlive your own; ask for an earlier expiry"));
    }
    // No rate of its own is the node's rate, and 0 is none at all: only a token that has the same may give it.
    let is_slower = match (own.requests_per_minute, new.requests_per_minute) {
        (Some(0), _) => true,
        (Some(own), Some(new)) => new != 0 && new <= own,
        (own, new) => own == new,
    };
    if !is_slower {
        return Err(codes::TOKEN_BEYOND_OWN.because("the token would be faster than your own; ask for a lower rate"));
    }
    let is_elsewhere = new.addresses.iter().any(|range| !own.addresses.contains(range));
    if !own.addresses.is_empty() && (new.addresses.is_empty() || is_elsewhere) {
        let message = "your token has addresses that it may be used from; name some of the same";
        return Err(codes::TOKEN_BEYOND_OWN.because(message));
    }
    Ok(())
}

/// The border of this node, where it has one.
pub(super) fn border(context: &Context) -> Result<&Arc<Border>, Rejection> {
    context.services.border.as_ref().ok_or_else(|| codes::NODE_NO_BORDER.rejection())
}

/// An answer with a secret, and the same without it for repeats.
pub(super) fn with_secret(status: StatusCode, body: &impl Serialize, repeat: &impl Serialize) -> Response {
    let repeat = serde_json::to_vec(repeat).expect("views can be written");
    let mut response = (status, Json(body)).into_response();
    response.extensions_mut().insert(Unrepeatable(repeat.into()));
    response
}

/// The area's operations.
pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(create_operation(), create),
        Endpoint::new(list_operation(), list),
        Endpoint::new(get_operation(), get),
        Endpoint::new(revoke_operation(), revoke),
    ]
}

pub(super) fn key_parameter() -> Parameter {
    Parameter::header(
        "Idempotency-Key",
        "A random text; a repeat with the same key has no second effect and gets the first answer, without its secret.",
        json!({ "type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$" }),
    )
}

fn id_parameter() -> Parameter {
    Parameter::path("id", "What names the token.", json!({ "type": "string", "pattern": "^[0-9a-f]{16}$" }))
}

fn create_operation() -> Operation {
    Operation::post("createToken", "/v1/tokens", Scope::Admin)
        .about(
            "tokens",
            "Make a token",
            "The secret is shown in this answer and never again. A token cannot make one that may do more, for longer, faster or from \
             elsewhere than itself; the operator can, with `tongban token create`.",
        )
        .parameter(key_parameter())
        .body("What the token is to be.", vec![Content::json_read::<TokenRequest>()])
        .reply(Reply::json::<NewTokenView>(201, "The token and its secret."))
        .problems(&[
            codes::MALFORMED,
            codes::TOKEN_REVOKED,
            codes::TOKEN_BEYOND_OWN,
            codes::TOKEN_TOO_MANY,
            codes::STORE_FAILED,
            codes::NODE_NO_BORDER,
        ])
}

async fn create(State(context): Given, caller: Option<Extension<Caller>>, body: Body) -> Result<Response, Rejection> {
    let border = border(&context)?;
    let request: TokenRequest = json("token", &body)?;
    let now = now();
    let new = request.checked(now)?;
    // Only a token has the scope for this; where there is none, nothing may be made.
    let own = caller.and_then(|Extension(caller)| caller.token).ok_or_else(|| codes::TOKEN_MISSING.rejection())?;
    within_own(&new, &own.token)?;
    let created = border.store.create_token(new, Some(own.id), now).await?;
    let Some((token, record)) = created else {
        // The maker may have been revoked after it was let in, perhaps with all that it had made.
        let own = border.store.token(own.id).await?;
        let is_revoked = own.is_none_or(|own| own.revoked_at.is_some());
        return Err(if is_revoked { codes::TOKEN_REVOKED } else { codes::TOKEN_TOO_MANY }.rejection());
    };
    let repeat = NewTokenView { secret: None, token: record.into() };
    let answer = NewTokenView { secret: Some(token.reveal()), ..repeat.clone() };
    Ok(with_secret(StatusCode::CREATED, &answer, &repeat))
}

fn list_operation() -> Operation {
    Operation::get("tokens", "/v1/tokens", Scope::Admin)
        .about("tokens", "Tokens in order", "Revoked and expired ones among them; never their secrets.")
        .parameter(Parameter::query(
            "after",
            "The identifier to go on behind.",
            json!({ "type": "string", "pattern": "^[0-9a-f]{16}$" }),
        ))
        .parameter(Parameter::query(
            "limit",
            "How many at most.",
            json!({ "type": "integer", "minimum": 1, "maximum": PAGE_MAX, "default": PAGE_MAX }),
        ))
        .reply(Reply::json::<TokenPage>(200, "The tokens, and what to go on behind."))
        .problems(&[codes::MALFORMED, codes::STORE_FAILED, codes::NODE_NO_BORDER])
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PageQuery {
    after: Option<String>,
    limit: Option<usize>,
}

async fn list(State(context): Given, Asked(page): Asked<PageQuery>) -> Result<Json<TokenPage>, Rejection> {
    let limit = page.limit.unwrap_or(PAGE_MAX);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(malformed("limit", format!("expected 1 to {PAGE_MAX}")));
    }
    let after: Option<TokenId> =
        page.after.map(|id| id.parse()).transpose().map_err(|error| malformed("place", error))?;
    let records = border(&context)?.store.tokens(after, limit).await?;
    let next = (records.len() == limit).then(|| records.last().map(|record| record.id.to_string())).flatten();
    Ok(Json(TokenPage { tokens: records.into_iter().map(TokenView::from).collect(), next }))
}

fn get_operation() -> Operation {
    Operation::get("token", "/v1/tokens/{id}", Scope::Admin)
        .about("tokens", "One token", "")
        .parameter(id_parameter())
        .reply(Reply::json::<TokenView>(200, "The token."))
        .problems(&[codes::MALFORMED, codes::TOKEN_NOT_FOUND, codes::STORE_FAILED, codes::NODE_NO_BORDER])
}

async fn get(State(context): Given, Path(id): Path<String>) -> Result<Json<TokenView>, Rejection> {
    let id: TokenId = id.parse().map_err(|error| malformed("identifier", error))?;
    let record = border(&context)?.store.token(id).await?;
    Ok(Json(record.ok_or_else(|| codes::TOKEN_NOT_FOUND.rejection())?.into()))
}

fn revoke_operation() -> Operation {
    Operation::delete("revokeToken", "/v1/tokens/{id}", Scope::Admin)
        .about(
            "tokens",
            "Revoke a token",
            "It lets nobody in from the next request on, and streams that it opened end with their next sign of life. Tokens that it \
             made stay, unless `descendants` is true. Revoking it again changes nothing. Its record stays.",
        )
        .parameter(id_parameter())
        .parameter(Parameter::query(
            "descendants",
            "Also revoke all tokens that it made, those that they made, and so on. `created_by` says which.",
            json!({ "type": "boolean", "default": false }),
        ))
        .reply(Reply::json::<TokenView>(200, "The token, revoked."))
        .problems(&[codes::MALFORMED, codes::TOKEN_NOT_FOUND, codes::STORE_FAILED, codes::NODE_NO_BORDER])
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RevokeQuery {
    #[serde(default)]
    descendants: bool,
}

async fn revoke(
    State(context): Given,
    Path(id): Path<String>,
    Asked(asked): Asked<RevokeQuery>,
) -> Result<Json<TokenView>, Rejection> {
    let id: TokenId = id.parse().map_err(|error| malformed("identifier", error))?;
    let store = &border(&context)?.store;
    let record = if asked.descendants {
        store.revoke_with_descendants(id, now()).await?.into_iter().next()
    } else {
        store.revoke_token(id, now()).await?
    };
    Ok(Json(record.ok_or_else(|| codes::TOKEN_NOT_FOUND.rejection())?.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(scopes: &[Scope], expires_at: Option<u64>, rate: Option<u32>, addresses: &[&str]) -> NewToken {
        NewToken {
            label: Text::new("t").expect("a label"),
            scopes: scopes.to_vec(),
            requests_per_minute: rate,
            addresses: addresses.iter().map(|range| range.parse().expect("a range")).collect(),
            expires_at: expires_at.map(|millis| Time::from_millis(millis).expect("a time")),
        }
    }

    #[test]
    fn a_token_makes_none_that_is_more_than_itself() {
        let bounded = token(&[Scope::Admin, Scope::Read], Some(100), Some(60), &["10.0.0.0/8", "127.0.0.1"]);
        let free = token(&[Scope::Admin, Scope::Read], None, None, &[]);
        let unlimited = token(&[Scope::Admin, Scope::Read], None, Some(0), &[]);
        for (own, new, is_allowed) in [
            (&bounded, bounded.clone(), true),
            (&bounded, token(&[Scope::Read], Some(99), Some(59), &["127.0.0.1"]), true),
            (&bounded, token(&[Scope::Submit], Some(99), Some(60), &["127.0.0.1"]), false),
            (&bounded, token(&[Scope::Read], Some(101), Some(60), &["127.0.0.1"]), false),
            (&bounded, token(&[Scope::Read], None, Some(60), &["127.0.0.1"]), false),
            (&bounded, token(&[Scope::Read], Some(99), Some(61), &["127.0.0.1"]), false),
            (&bounded, token(&[Scope::Read], Some(99), Some(0), &["127.0.0.1"]), false),
            (&bounded, token(&[Scope::Read], Some(99), None, &["127.0.0.1"]), false),
            (&bounded, token(&[Scope::Read], Some(99), Some(60), &[]), false),
            (&bounded, token(&[Scope::Read], Some(99), Some(60), &["127.0.0.2"]), false),
            (&free, token(&[Scope::Read], Some(99), None, &["127.0.0.2"]), true),
            (&free, token(&[Scope::Read], None, Some(1), &[]), false),
            (&unlimited, token(&[Scope::Read], None, None, &[]), true),
        ] {
            assert_eq!(within_own(&new, own).is_ok(), is_allowed, "{new:?}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let now = Time::from_millis(1_000).expect("a time");
        let good = TokenRequest {
            label: Text::new("t").expect("a label"),
            scopes: vec![Scope::Submit, Scope::Read, Scope::Read],
            expires_at: None,
            requests_per_minute: None,
            addresses: Vec::new(),
        };
        assert_eq!(good.clone().checked(now).expect("a good one").scopes, [Scope::Read, Scope::Submit]);
        for bad in [
            TokenRequest { label: Text::default(), ..good.clone() },
            TokenRequest { scopes: Vec::new(), ..good.clone() },
            TokenRequest { scopes: vec![Scope::Read; SCOPES_MAX + 1], ..good.clone() },
            TokenRequest { expires_at: Some(now), ..good.clone() },
            TokenRequest { requests_per_minute: Some(REQUESTS_PER_MINUTE_MAX + 1), ..good.clone() },
            TokenRequest { addresses: vec!["host".to_owned()], ..good.clone() },
            TokenRequest { addresses: vec!["10.0.0.1".to_owned(); ADDRESSES_MAX + 1], ..good.clone() },
        ] {
            assert_eq!(&*bad.checked(now).expect_err("a bad one").code, codes::MALFORMED.code);
        }
    }
}
