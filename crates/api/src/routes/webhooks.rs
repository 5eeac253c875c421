//! Webhooks: who is told, what was sent, and sending it again.

use super::tokens::{border, key_parameter, with_secret};
use super::{Given, count_schema};
use crate::backend::Rejection;
use crate::border::{Border, Caller};
use crate::codes;
use crate::extract::{Asked, Body, Path, json, malformed};
use crate::store::tokens::{TokenId, TokenRecord};
use crate::store::webhooks::{
    Delivery, DeliveryState, FILTER_MAX, FILTER_TEXT_MAX, Filters, NewDelivery, NewWebhook, URL_MAX, Webhook,
    WebhookId, WebhookState,
};
use crate::store::{now, random};
use crate::surface::{Content, Endpoint, Operation, Parameter, Reply, Scope};
use crate::webhooks::events::TEST;
use crate::webhooks::secret::Secret;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::{Extension, Json};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;
use tongban_types::{Text, Time};

/// Deliveries on one page.
const PAGE_MAX: u32 = 100;
/// How long a former secret goes on signing where nothing else is said, in seconds.
const OVERLAP_SECONDS: u32 = 24 * 60 * 60;
/// The longest that it can be asked to, in seconds.
const OVERLAP_SECONDS_MAX: u32 = 30 * 24 * 60 * 60;

/// What a webhook is to be.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookRequest {
    /// Where events are sent, by POST.
    pub url: Text<URL_MAX>,
    /// What it is for.
    #[serde(default)]
    pub label: Text<100>,
    /// Modules whose events are sent, such as `evidence`; none: all.
    #[serde(default)]
    #[schemars(length(max = FILTER_MAX), inner(length(min = 1)))]
    pub modules: Vec<Text<FILTER_TEXT_MAX>>,
    /// Kinds of events, such as `evidence.registered`; none: all. `transaction.refused` is sent where it is named alone.
    #[serde(default)]
    #[schemars(length(max = FILTER_MAX), inner(length(min = 1)))]
    pub kinds: Vec<Text<FILTER_TEXT_MAX>>,
    /// What the events are about, such as a record's number or an account; none: all.
    #[serde(default)]
    #[schemars(length(max = FILTER_MAX), inner(length(min = 1)))]
    pub subjects: Vec<Text<FILTER_TEXT_MAX>>,
    /// The first receipt to tell; absent: the next one.
    #[serde(default)]
    pub from: Option<u64>,
}

/// What is to change about a webhook; what is absent stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookChange {
    /// Where events are sent.
    #[serde(default)]
    pub url: Option<Text<URL_MAX>>,
    /// What it is for.
    #[serde(default)]
    pub label: Option<Text<100>>,
    /// Modules whose events are sent.
    #[serde(default)]
    #[schemars(length(max = FILTER_MAX), inner(length(min = 1)))]
    pub modules: Option<Vec<Text<FILTER_TEXT_MAX>>>,
    /// Kinds of events.
    #[serde(default)]
    #[schemars(length(max = FILTER_MAX), inner(length(min = 1)))]
    pub kinds: Option<Vec<Text<FILTER_TEXT_MAX>>>,
    /// What the events are about.
    #[serde(default)]
    #[schemars(length(max = FILTER_MAX), inner(length(min = 1)))]
    pub subjects: Option<Vec<Text<FILTER_TEXT_MAX>>>,
    /// `true` sends, also after the node has stopped it; `false` stops.
    #[serde(default)]
    pub active: Option<bool>,
    /// The next receipt to tell: an earlier one to have events sent again, a later one to leave some out.
    #[serde(default)]
    pub from: Option<u64>,
    /// The token that is to answer for it from now on, in place of one that is to end. Needs the scope `admin`.
    #[serde(default)]
    #[schemars(schema_with = "token_id_schema")]
    pub owner: Option<String>,
}

fn token_id_schema(_: &mut SchemaGenerator) -> Schema {
    schemars::json_schema!({ "type": ["string", "null"], "pattern": "^[0-9a-f]{16}$" })
}

/// How a webhook is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StateView {
    /// Events are sent.
    Active,
    /// Its owner has stopped it.
    Paused,
    /// The node has stopped it.
    Disabled,
}

/// A webhook, all but its secret.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct WebhookView {
    /// What names it.
    pub id: String,
    /// The token that answers for it; with that one's end it stops.
    pub owner: Option<String>,
    /// What it is for.
    pub label: String,
    /// Where events are sent.
    pub url: String,
    /// Modules whose events are sent.
    pub modules: Vec<Text<FILTER_TEXT_MAX>>,
    /// Kinds of events.
    pub kinds: Vec<Text<FILTER_TEXT_MAX>>,
    /// What the events are about.
    pub subjects: Vec<Text<FILTER_TEXT_MAX>>,
    /// How it is.
    pub state: StateView,
    /// Why the node has stopped it.
    pub reason: Option<String>,
    /// The next receipt to look at.
    pub next: u64,
    /// How many deliveries wait.
    pub waiting: u64,
    /// How many are dead.
    #[serde(default)]
    pub dead: u64,
    /// Since when nothing has arrived.
    pub failing_since: Option<Time>,
    /// Until when a former secret signs too.
    pub former_secret_until: Option<Time>,
    /// When it was made.
    pub created_at: Time,
}

/// A webhook and its secret.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct NewWebhookView {
    /// The secret, `whsec_` and base64. It is shown this once; in the answer to a repeat with the same `Idempotency-Key` it is null.
    pub secret: Option<String>,
    /// All else about it.
    pub webhook: WebhookView,
}

/// All webhooks of the caller.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct WebhookList {
    /// The webhooks.
    pub webhooks: Vec<WebhookView>,
}

/// How a new secret takes the place of the present one.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretRequest {
    /// How long the present one goes on signing beside the new one, in seconds; a day where absent, at most 30 days.
    #[serde(default)]
    #[schemars(range(max = OVERLAP_SECONDS_MAX))]
    pub overlap_seconds: Option<u32>,
}

/// How a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStateView {
    /// It will be sent, perhaps again.
    Waiting,
    /// The receiver has taken it.
    Delivered,
    /// It is not sent any more, unless it is asked for.
    Dead,
}

/// One event for one webhook.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DeliveryView {
    /// What the receiver tells repeats by: the header `webhook-id`.
    pub id: String,
    /// The event's kind.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// The receipt; null for a test.
    pub receipt: Option<u64>,
    /// How it is.
    pub state: DeliveryStateView,
    /// When the event was noted.
    pub created_at: Time,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next, where it waits.
    pub next_attempt_at: Option<Time>,
    /// When it was tried last.
    pub last_attempt_at: Option<Time>,
    /// The status of the last answer; null where there was none.
    pub last_status: Option<u16>,
    /// The beginning of the last answer, or why there was none.
    pub last_answer: Option<String>,
}

/// Deliveries, the latest first.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DeliveryPage {
    /// The deliveries.
    pub deliveries: Vec<DeliveryView>,
    /// What to go on before; null where these are the earliest.
    pub next: Option<u64>,
}

/// What is sent again.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Replayed {
    /// How many deliveries.
    pub deliveries: u64,
}

fn view(webhook: &Webhook, now: Time) -> WebhookView {
    let until = webhook.former_secret.as_ref().map(|(_, until)| *until);
    WebhookView {
        id: webhook.id.to_string(),
        owner: webhook.owner.clone(),
        label: webhook.label.to_string(),
        url: webhook.url.to_string(),
        modules: webhook.filters.modules.clone(),
        kinds: webhook.filters.kinds.clone(),
        subjects: webhook.filters.subjects.clone(),
        state: match webhook.state {
            WebhookState::Active => StateView::Active,
            WebhookState::Paused => StateView::Paused,
            WebhookState::Disabled => StateView::Disabled,
        },
        reason: webhook.reason.clone(),
        next: webhook.position,
        waiting: webhook.waiting,
        dead: webhook.dead,
        failing_since: webhook.failing_since,
        former_secret_until: until.filter(|until| *until > now),
        created_at: webhook.created_at,
    }
}

impl From<Delivery> for DeliveryView {
    fn from(delivery: Delivery) -> Self {
        let state = match delivery.state {
            DeliveryState::Waiting => DeliveryStateView::Waiting,
            DeliveryState::Delivered => DeliveryStateView::Delivered,
            DeliveryState::Dead => DeliveryStateView::Dead,
        };
        Self {
            id: delivery.message,
            kind: delivery.kind,
            subject: delivery.subject,
            receipt: delivery.receipt,
            state,
            created_at: delivery.created_at,
            attempts: delivery.attempts,
            next_attempt_at: (delivery.state == DeliveryState::Waiting).then_some(delivery.next_attempt_at),
            last_attempt_at: delivery.last_attempt_at,
            last_status: delivery.last_status,
            last_answer: delivery.last_answer,
        }
    }
}

/// Whose webhooks a caller sees: its own, and with the scope `admin` all.
fn owns(caller: &Caller, webhook: &Webhook) -> bool {
    caller.may(Scope::Admin)
        || caller.token.as_ref().is_some_and(|token| webhook.owner.as_deref() == Some(&token.id.to_string()))
}

/// The webhook with this name, where it is the caller's.
async fn own_webhook(border: &Border, caller: &Caller, id: &str) -> Result<Webhook, Rejection> {
    let not_found = || codes::WEBHOOK_NOT_FOUND.rejection();
    let id: WebhookId = id.parse().map_err(|error| malformed("identifier", error))?;
    let webhook = border.store.webhook(id).await?.ok_or_else(not_found)?;
    if owns(caller, &webhook) { Ok(webhook) } else { Err(not_found()) }
}

fn check_filters(filters: &Filters) -> Result<(), Rejection> {
    for (what, entries) in [("modules", &filters.modules), ("kinds", &filters.kinds), ("subjects", &filters.subjects)] {
        if entries.len() > FILTER_MAX || entries.iter().any(|entry| entry.is_empty()) {
            return Err(malformed(what, format!("at most {FILTER_MAX} names, none of them empty")));
        }
    }
    Ok(())
}

fn check_url(border: &Border, url: &str) -> Result<(), Rejection> {
    let checked = border.webhooks.settings.reach.check(url);
    checked.map(drop).map_err(|error| codes::WEBHOOK_URL.because(error.to_string()))
}

/// The area's operations.
pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(create_operation(), create),
        Endpoint::new(list_operation(), list),
        Endpoint::new(get_operation(), get),
        Endpoint::new(change_operation(), change),
        Endpoint::new(remove_operation(), remove),
        Endpoint::new(secret_operation(), renew_secret),
        Endpoint::new(test_operation(), test),
        Endpoint::new(deliveries_operation(), deliveries),
        Endpoint::new(replay_operation(), replay),
        Endpoint::new(replay_dead_operation(), replay_dead),
    ]
}

fn operation(operation: Operation, summary: &'static str, description: &'static str) -> Operation {
    let operation = operation.about("webhooks", summary, description);
    let operation = if operation.path.contains("{id}") {
        let pattern = json!({ "type": "string", "pattern": "^wh_[0-9a-f]{16}$" });
        operation
            .parameter(Parameter::path("id", "What names the webhook.", pattern))
            .problems(&[codes::WEBHOOK_NOT_FOUND])
    } else {
        operation
    };
    operation.problems(&[codes::MALFORMED, codes::STORE_FAILED, codes::NODE_NO_BORDER])
}

fn create_operation() -> Operation {
    let description = "Events of the ledger are sent to the URL as they become final, signed as Standard Webhooks has it, at least once \
        each and in order for each subject. The secret is shown in this answer and never again. The token needs the scope `read` too.";
    operation(Operation::post("createWebhook", "/v1/webhooks", Scope::Webhooks), "Have events sent", description)
        .parameter(key_parameter())
        .body("What the webhook is to be.", vec![Content::json_read::<WebhookRequest>()])
        .reply(Reply::json::<NewWebhookView>(201, "The webhook and its secret."))
        .problems(&[codes::WEBHOOK_URL, codes::WEBHOOK_TOO_MANY])
}

async fn create(
    State(context): Given,
    Extension(caller): Extension<Caller>,
    body: Body,
) -> Result<Response, Rejection> {
    let border = border(&context)?;
    let request: WebhookRequest = json("webhook", &body)?;
    if !caller.may(Scope::Read) {
        return Err(codes::SCOPE.because("to be told of events a token needs the scope 'read' too"));
    }
    check_url(border, &request.url)?;
    let filters = Filters { modules: request.modules, kinds: request.kinds, subjects: request.subjects };
    check_filters(&filters)?;
    let count = *context.services.backend.watch_receipts().borrow();
    let new = NewWebhook {
        owner: caller.token.as_ref().map(|token| token.id.to_string()),
        label: request.label,
        url: request.url,
        filters,
        position: request.from.unwrap_or(count).min(count),
    };
    let webhook = border.store.create_webhook(new, now()).await?.ok_or_else(|| codes::WEBHOOK_TOO_MANY.rejection())?;
    border.webhooks.wake();
    let repeat = NewWebhookView { secret: None, webhook: view(&webhook, now()) };
    let answer = NewWebhookView { secret: Some(webhook.secret.reveal()), ..repeat.clone() };
    Ok(with_secret(StatusCode::CREATED, &answer, &repeat))
}

fn list_operation() -> Operation {
    let description = "Those that the token made; with the scope `admin`, all of the node.";
    operation(Operation::get("webhooks", "/v1/webhooks", Scope::Webhooks), "All webhooks", description)
        .reply(Reply::json::<WebhookList>(200, "The webhooks."))
}

async fn list(State(context): Given, Extension(caller): Extension<Caller>) -> Result<Json<WebhookList>, Rejection> {
    let border = border(&context)?;
    let webhooks = border.store.webhooks().await?;
    let own = webhooks.iter().filter(|webhook| owns(&caller, webhook));
    Ok(Json(WebhookList { webhooks: own.map(|webhook| view(webhook, now())).collect() }))
}

fn get_operation() -> Operation {
    operation(Operation::get("webhook", "/v1/webhooks/{id}", Scope::Webhooks), "One webhook", "").reply(Reply::json::<
        WebhookView,
    >(
        200,
        "The webhook.",
    ))
}

async fn get(
    State(context): Given,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Json<WebhookView>, Rejection> {
    let border = border(&context)?;
    let webhook = own_webhook(border, &caller, &id).await?;
    Ok(Json(view(&webhook, now())))
}

fn change_operation() -> Operation {
    let description = "Resuming goes on where it stopped: the ledger keeps what came meanwhile. A webhook whose token has ended is resumed by an \
        administrator, who names another as `owner`, or answers for it with the token at hand.";
    operation(Operation::patch("changeWebhook", "/v1/webhooks/{id}", Scope::Webhooks), "Change a webhook", description)
        .body("What is to change.", vec![Content::json_read::<WebhookChange>()])
        .reply(Reply::json::<WebhookView>(200, "The webhook, changed."))
        .problems(&[codes::WEBHOOK_URL, codes::SCOPE, codes::TOKEN_NOT_FOUND])
}

async fn change(
    State(context): Given,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    body: Body,
) -> Result<Json<WebhookView>, Rejection> {
    let border = border(&context)?;
    let webhook = own_webhook(border, &caller, &id).await?;
    let change: WebhookChange = json("change", &body)?;
    if let Some(url) = &change.url {
        check_url(border, url)?;
    }
    let named = Filters {
        modules: change.modules.clone().unwrap_or_default(),
        kinds: change.kinds.clone().unwrap_or_default(),
        subjects: change.subjects.clone().unwrap_or_default(),
    };
    check_filters(&named)?;
    let owner = new_owner(border, &caller, &webhook, &change).await?;
    let change = WebhookChange { owner, ..change };
    let count = *context.services.backend.watch_receipts().borrow();
    let changed = border.store.change_webhook(webhook.id, move |webhook| change.apply(webhook, count)).await?;
    border.webhooks.wake();
    Ok(Json(view(&changed.ok_or_else(|| codes::WEBHOOK_NOT_FOUND.rejection())?, now())))
}

/// Who is to answer for the webhook from now on, where that changes: whom an administrator names, or the administrator who resumes one whose
/// token has ended. Both must be allowed what the one who makes a webhook must.
async fn new_owner(
    border: &Border,
    caller: &Caller,
    webhook: &Webhook,
    change: &WebhookChange,
) -> Result<Option<String>, Rejection> {
    let new = match &change.owner {
        Some(_) if !caller.may(Scope::Admin) => {
            return Err(codes::SCOPE.because("to name another owner a token needs the scope 'admin'"));
        }
        Some(id) => {
            let id: TokenId = id.parse().map_err(|error| malformed("owner", error))?;
            let valid = border.store.token(id).await?.filter(|token| !has_ended(token));
            valid.ok_or_else(|| codes::TOKEN_NOT_FOUND.because("there is no such token, or it has ended"))?
        }
        None if change.active == Some(true) && caller.may(Scope::Admin) && has_lost_owner(border, webhook).await? => {
            let own = caller.token.as_deref().ok_or_else(|| codes::TOKEN_MISSING.rejection())?;
            own.clone()
        }
        None => return Ok(None),
    };
    let may = |scope| new.allows(scope) || caller.anonymous.contains(&scope);
    if may(Scope::Webhooks) && may(Scope::Read) {
        Ok(Some(new.id.to_string()))
    } else {
        Err(codes::SCOPE.because("the token that answers for a webhook needs the scopes 'webhooks' and 'read'"))
    }
}

/// Whether the token that answers for it has ended.
async fn has_lost_owner(border: &Border, webhook: &Webhook) -> Result<bool, Rejection> {
    let Some(owner) = &webhook.owner else { return Ok(false) };
    let Ok(id) = owner.parse() else { return Ok(true) };
    Ok(border.store.token(id).await?.is_none_or(|token| has_ended(&token)))
}

fn has_ended(token: &TokenRecord) -> bool {
    token.revoked_at.is_some() || token.token.expires_at.is_some_and(|expires_at| expires_at <= now())
}

impl WebhookChange {
    fn apply(self, webhook: &mut Webhook, count: u64) {
        if let Some(url) = self.url {
            webhook.url = url;
        }
        if let Some(label) = self.label {
            webhook.label = label;
        }
        if let Some(owner) = self.owner {
            webhook.owner = Some(owner);
        }
        let filters = &mut webhook.filters;
        for (new, present) in [
            (self.modules, &mut filters.modules),
            (self.kinds, &mut filters.kinds),
            (self.subjects, &mut filters.subjects),
        ] {
            *present = new.unwrap_or_else(|| std::mem::take(present));
        }
        if let Some(from) = self.from {
            webhook.position = from.min(count);
        }
        match self.active {
            Some(true) => (webhook.state, webhook.reason, webhook.failing_since) = (WebhookState::Active, None, None),
            Some(false) if webhook.state == WebhookState::Active => webhook.state = WebhookState::Paused,
            Some(false) | None => {}
        }
    }
}

fn remove_operation() -> Operation {
    let description = "With all its deliveries, also those that wait.";
    operation(Operation::delete("removeWebhook", "/v1/webhooks/{id}", Scope::Webhooks), "Remove a webhook", description)
        .reply(Reply::of(204, "It is removed.", Vec::new()))
}

async fn remove(
    State(context): Given,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<StatusCode, Rejection> {
    let border = border(&context)?;
    let webhook = own_webhook(border, &caller, &id).await?;
    border.store.remove_webhook(webhook.id).await?;
    border.webhooks.wake();
    Ok(StatusCode::NO_CONTENT)
}

fn secret_operation() -> Operation {
    let description = "For a while both secrets sign, so that the receiver can change over without missing anything.";
    operation(
        Operation::post("renewWebhookSecret", "/v1/webhooks/{id}/secret", Scope::Webhooks),
        "Renew the secret",
        description,
    )
    .parameter(key_parameter())
    .body("How the new secret takes over.", vec![Content::json_read::<SecretRequest>()])
    .reply(Reply::json::<NewWebhookView>(200, "The webhook and its new secret."))
}

async fn renew_secret(
    State(context): Given,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    body: Body,
) -> Result<Response, Rejection> {
    let border = border(&context)?;
    let webhook = own_webhook(border, &caller, &id).await?;
    let request: SecretRequest = json("request", &body)?;
    let overlap_seconds = request.overlap_seconds.unwrap_or(OVERLAP_SECONDS);
    if overlap_seconds > OVERLAP_SECONDS_MAX {
        return Err(malformed("overlap", format!("at most {OVERLAP_SECONDS_MAX} seconds")));
    }
    let until = now().plus_millis(u64::from(overlap_seconds) * 1_000);
    let changed = border
        .store
        .change_webhook(webhook.id, move |webhook| {
            let former = std::mem::replace(&mut webhook.secret, Secret::generate());
            webhook.former_secret = (overlap_seconds > 0).then_some((former, until));
        })
        .await?
        .ok_or_else(|| codes::WEBHOOK_NOT_FOUND.rejection())?;
    let repeat = NewWebhookView { secret: None, webhook: view(&changed, now()) };
    let answer = NewWebhookView { secret: Some(changed.secret.reveal()), ..repeat.clone() };
    Ok(with_secret(StatusCode::OK, &answer, &repeat))
}

fn test_operation() -> Operation {
    let description =
        "An event of the kind `webhook.test`, whatever the filters are. Where the webhook is stopped, it waits.";
    operation(Operation::post("testWebhook", "/v1/webhooks/{id}/test", Scope::Webhooks), "Send a test", description)
        .parameter(key_parameter())
        .reply(Reply::json::<DeliveryView>(202, "The delivery, which will be sent."))
}

async fn test(
    State(context): Given,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<DeliveryView>), Rejection> {
    let border = border(&context)?;
    let webhook = own_webhook(border, &caller, &id).await?;
    let message = format!("msg_{}", hex::encode(random::<16>()));
    // Each test is a subject of its own, so that it does not wait behind others.
    let subject = message.clone();
    let new = NewDelivery { message, receipt: None, event: 0, kind: TEST.to_owned(), subject };
    let delivery = border.store.enqueue_one(webhook.id, &new, now()).await?;
    border.webhooks.wake();
    Ok((StatusCode::ACCEPTED, Json(delivery.into())))
}

fn deliveries_operation() -> Operation {
    let description = "The latest first. Those that arrived are shown for a week, dead ones for three months.";
    operation(
        Operation::get("webhookDeliveries", "/v1/webhooks/{id}/deliveries", Scope::Webhooks),
        "What was sent",
        description,
    )
    .parameter(Parameter::query(
        "state",
        "Only those of one state.",
        json!({ "type": "string", "enum": ["waiting", "delivered", "dead"] }),
    ))
    .parameter(Parameter::query("before", "What to go on before.", count_schema()))
    .parameter(Parameter::query(
        "limit",
        "How many at most.",
        json!({ "type": "integer", "minimum": 1, "maximum": PAGE_MAX, "default": PAGE_MAX }),
    ))
    .reply(Reply::json::<DeliveryPage>(200, "The deliveries, and what to go on before."))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeliveryQuery {
    state: Option<DeliveryStateView>,
    before: Option<u64>,
    limit: Option<u32>,
}

async fn deliveries(
    State(context): Given,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Asked(query): Asked<DeliveryQuery>,
) -> Result<Json<DeliveryPage>, Rejection> {
    let border = border(&context)?;
    let limit = query.limit.unwrap_or(PAGE_MAX);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(malformed("limit", format!("expected 1 to {PAGE_MAX}")));
    }
    let webhook = own_webhook(border, &caller, &id).await?;
    let state = query.state.map(|state| match state {
        DeliveryStateView::Waiting => DeliveryState::Waiting,
        DeliveryStateView::Delivered => DeliveryState::Delivered,
        DeliveryStateView::Dead => DeliveryState::Dead,
    });
    let before = query.before.map(|before| i64::try_from(before).unwrap_or(i64::MAX));
    let found = border.store.deliveries(webhook.id, state, before, limit).await?;
    let last = found.last().and_then(|delivery| u64::try_from(delivery.sequence).ok());
    let next = last.filter(|_| found.len() == limit as usize);
    Ok(Json(DeliveryPage { deliveries: found.into_iter().map(DeliveryView::from).collect(), next }))
}

fn replay_operation() -> Operation {
    let path = "/v1/webhooks/{id}/deliveries/{delivery}/replay";
    let description =
        "Whatever its state is, with the same `webhook-id`. It goes before later ones of its subject that wait.";
    operation(Operation::post("replayDelivery", path, Scope::Webhooks), "Send one again", description)
        .parameter(key_parameter())
        .parameter(Parameter::path(
            "delivery",
            "The delivery.",
            json!({ "type": "string", "pattern": "^msg_[0-9a-f]{32}$" }),
        ))
        .reply(Reply::json::<DeliveryView>(202, "The delivery, which will be sent."))
        .problems(&[codes::WEBHOOK_DELIVERY_NOT_FOUND])
}

async fn replay(
    State(context): Given,
    Extension(caller): Extension<Caller>,
    Path((id, delivery)): Path<(String, String)>,
) -> Result<(StatusCode, Json<DeliveryView>), Rejection> {
    let border = border(&context)?;
    let webhook = own_webhook(border, &caller, &id).await?;
    border.store.replay(webhook.id, Some(&delivery), now()).await?;
    let delivery = border.store.delivery(webhook.id, &delivery).await?;
    border.webhooks.wake();
    Ok((StatusCode::ACCEPTED, Json(delivery.ok_or_else(|| codes::WEBHOOK_DELIVERY_NOT_FOUND.rejection())?.into())))
}

fn replay_dead_operation() -> Operation {
    let description = "All dead deliveries, those of one subject in their order.";
    operation(
        Operation::post("replayDeadDeliveries", "/v1/webhooks/{id}/replay", Scope::Webhooks),
        "Send the dead again",
        description,
    )
    .parameter(key_parameter())
    .reply(Reply::json::<Replayed>(202, "How many will be sent."))
}

async fn replay_dead(
    State(context): Given,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<Replayed>), Rejection> {
    let border: &Arc<Border> = border(&context)?;
    let webhook = own_webhook(border, &caller, &id).await?;
    let deliveries = border.store.replay(webhook.id, None, now()).await?;
    border.webhooks.wake();
    Ok((StatusCode::ACCEPTED, Json(Replayed { deliveries })))
}
