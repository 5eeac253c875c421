//! Webhooks against receivers that take, refuse, dawdle, vanish and lie.

use super::support::{Running, Setting, answer, code, http, wait_for};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use proptest::prelude::*;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tongban_api::surface::Scope;
use tongban_api::{Reach, WebhookSettings};
use tongban_types::Time;

/// A message as it arrived.
#[derive(Clone, Debug)]
struct Arrived {
    id: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Arrived {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// Whether one of its signatures was made with this secret.
    fn is_signed_with(&self, secret: &str) -> bool {
        let header = |name: &str| self.headers[name].to_str().expect("text");
        let key = STANDARD.decode(secret.strip_prefix("whsec_").expect("the prefix")).expect("base64");
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key");
        mac.update(format!("{}.{}.", header("webhook-id"), header("webhook-timestamp")).as_bytes());
        mac.update(&self.body);
        let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        header("webhook-signature").split(' ').any(|signature| signature == expected)
    }
}

type Behaviour = Box<dyn Fn(&Arrived, usize) -> Reaction + Send + Sync>;

enum Reaction {
    Answer(StatusCode),
    Redirect(String),
    Never,
}

/// A program that is told of events. What it does with the nth attempt at a message is up to the test.
struct Receiver {
    address: SocketAddr,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

struct Shared {
    arrived: Mutex<Vec<Arrived>>,
    behaviour: Behaviour,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Receiver {
    async fn start(behaviour: impl Fn(&Arrived, usize) -> Reaction + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared { arrived: Mutex::default(), behaviour: Box::new(behaviour) });
        let app = axum::Router::new().fallback(receive).with_state(shared.clone());
        let serving = tokio::spawn(async move { axum::serve(listener, app).await.expect("it serves") });
        Self { address, shared, serving }
    }

    async fn that_answers(status: StatusCode) -> Self {
        Self::start(move |_, _| Reaction::Answer(status)).await
    }

    fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    fn arrived(&self) -> Vec<Arrived> {
        self.shared.arrived.lock().expect("not poisoned").clone()
    }

    async fn wait_for_messages(&self, count: usize) -> Vec<Arrived> {
        wait_for(&format!("{count} messages"), || async { self.arrived().len() >= count }).await;
        self.arrived()
    }
}

async fn receive(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let id = headers["webhook-id"].to_str().expect("text").to_owned();
    let arrived = Arrived { id: id.clone(), headers, body: body.to_vec() };
    let earlier = {
        let mut all = shared.arrived.lock().expect("not poisoned");
        let earlier = all.iter().filter(|earlier| earlier.id == id).count();
        all.push(arrived.clone());
        earlier
    };
    match (shared.behaviour)(&arrived, earlier) {
        Reaction::Answer(status) => (status, "what the receiver says").into_response(),
        Reaction::Redirect(to) => (StatusCode::TEMPORARY_REDIRECT, [("location", to)]).into_response(),
        Reaction::Never => std::future::pending().await,
    }
}

/// A node that sends to this machine, with short pauses.
fn setting(pauses: usize) -> Setting {
    let mut setting = Setting::new();
    setting.border.webhooks = WebhookSettings {
        reach: Reach { private_addresses: true, plain_http: true },
        pauses: vec![Duration::from_millis(10); pauses],
        attempt_time_max: Duration::from_secs(10),
        ..WebhookSettings::default()
    };
    setting
}

struct Hook {
    token: String,
    id: String,
    secret: String,
}

async fn hook(running: &Running, body: Value) -> Hook {
    let (token, _) = running.token(&[Scope::Webhooks, Scope::Read]).await;
    let request = http().post(running.url("/v1/webhooks")).bearer_auth(&token).json(&body);
    let (status, made) = answer(request).await;
    assert_eq!(status, 201, "{made}");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    Hook { token, id: text(&made["webhook"]["id"]), secret: text(&made["secret"]) }
}

impl Hook {
    fn ask(&self, running: &Running, method: Method, path: &str) -> reqwest::RequestBuilder {
        http().request(method, running.url(&format!("/v1/webhooks/{}{path}", self.id))).bearer_auth(&self.token)
    }

    async fn deliveries(&self, running: &Running, state: &str) -> Vec<Value> {
        let (status, page) = answer(self.ask(running, Method::GET, &format!("/deliveries?state={state}"))).await;
        assert_eq!(status, 200, "{page}");
        page["deliveries"].as_array().expect("a list").clone()
    }

    async fn wait_for(&self, running: &Running, state: &str, count: usize) {
        let there = || async { self.deliveries(running, state).await.len() == count };
        wait_for(&format!("{count} deliveries are {state}"), there).await;
    }

    async fn state(&self, running: &Running) -> Value {
        answer(self.ask(running, Method::GET, "")).await.1
    }
}

fn registered(subject: &str) -> Vec<Value> {
    vec![json!({ "evidence": { "registered": { "id": subject } } })]
}

#[tokio::test]
async fn events_arrive_signed_once_each_and_only_those_that_pass() {
    let mut running = setting(3).start().await;
    let receiver = Receiver::that_answers(StatusCode::NO_CONTENT).await;
    running.node.happen(registered("before"));
    let hook =
        hook(&running, json!({ "url": receiver.url(), "kinds": ["evidence.registered"], "subjects": ["a", "b"] }))
            .await;
    running.send_webhooks();
    running.node.happen(registered("a"));
    running.node.happen(registered("other"));
    running.node.happen(vec![json!({ "evidence": { "withdrawn": { "id": "a" } } })]);
    running.node.happen(Vec::new());
    running.node.happen([registered("b"), registered("a")].concat());
    hook.wait_for(&running, "delivered", 3).await;
    let arrived = receiver.arrived();
    assert_eq!(arrived.len(), 3);
    for message in &arrived {
        assert!(message.is_signed_with(&hook.secret), "{message:?}");
        assert!(!message.is_signed_with("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
        assert_eq!(message.headers["content-type"], "application/json");
        assert!(!message.headers.contains_key("authorization"));
        assert_eq!(message.json()["type"], "evidence.registered");
    }
    let mut told: Vec<(u64, u64)> = arrived
        .iter()
        .map(|message| message.json())
        .map(|body| {
            (body["data"]["receipt"].as_u64().expect("a number"), body["data"]["event"].as_u64().expect("a number"))
        })
        .collect();
    told.sort_unstable();
    assert_eq!(told, [(1, 0), (5, 0), (5, 1)]);
    let state = hook.state(&running).await;
    assert_eq!((&state["next"], &state["waiting"], &state["state"]), (&json!(6), &json!(0), &json!("active")));
    assert!(!state.to_string().contains("whsec"));
}

#[tokio::test]
async fn a_failure_is_repeated_under_the_same_name_and_shown_when_it_is_dead() {
    let mut running = setting(2).start().await;
    let receiver = Receiver::that_answers(StatusCode::INTERNAL_SERVER_ERROR).await;
    let hook = hook(&running, json!({ "url": receiver.url() })).await;
    running.send_webhooks();
    running.node.happen(registered("a"));
    hook.wait_for(&running, "dead", 1).await;
    let arrived = receiver.arrived();
    assert_eq!(arrived.len(), 3, "the first attempt and two more");
    assert!(arrived.iter().all(|message| message.id == arrived[0].id && message.body == arrived[0].body));
    let dead = hook.deliveries(&running, "dead").await.remove(0);
    assert_eq!((&dead["attempts"], &dead["last_status"]), (&json!(3), &json!(500)));
    assert_eq!((&dead["last_answer"], &dead["next_attempt_at"]), (&json!("what the receiver says"), &Value::Null));
    assert!(hook.state(&running).await["failing_since"].is_string());
}

#[tokio::test]
async fn the_dead_are_sent_again_in_their_order() {
    let mut running = setting(0).start().await;
    let is_well = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let receiver = Receiver::start({
        let is_well = is_well.clone();
        move |_, _| match is_well.load(std::sync::atomic::Ordering::SeqCst) {
            true => Reaction::Answer(StatusCode::OK),
            false => Reaction::Answer(StatusCode::BAD_GATEWAY),
        }
    })
    .await;
    let hook = hook(&running, json!({ "url": receiver.url() })).await;
    running.send_webhooks();
    for _ in 0..5 {
        running.node.happen(registered("a"));
    }
    hook.wait_for(&running, "dead", 5).await;
    let first = receiver.arrived();
    is_well.store(true, std::sync::atomic::Ordering::SeqCst);
    let one = hook.ask(&running, Method::POST, &format!("/deliveries/{}/replay", first[2].id));
    let (status, view) = answer(one).await;
    assert_eq!((status, &view["id"]), (202, &json!(first[2].id)));
    hook.wait_for(&running, "delivered", 1).await;
    let (status, replayed) = answer(hook.ask(&running, Method::POST, "/replay")).await;
    assert_eq!((status, &replayed["deliveries"]), (202, &json!(4)));
    hook.wait_for(&running, "delivered", 5).await;
    let again: Vec<String> = receiver.arrived()[5..].iter().map(|message| message.id.clone()).collect();
    let expected = [2, 0, 1, 3, 4].map(|index: usize| first[index].id.clone());
    assert_eq!(again, expected);
    assert_eq!(hook.state(&running).await["failing_since"], Value::Null);
    let unknown = hook.ask(&running, Method::POST, "/deliveries/msg_0/replay");
    assert_eq!(code(unknown).await, (404, "webhook.delivery_not_found".to_owned()));
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_left_alone() {
    let mut running = setting(5).start().await;
    let receiver = Receiver::that_answers(StatusCode::GONE).await;
    let hook = hook(&running, json!({ "url": receiver.url() })).await;
    running.send_webhooks();
    running.node.happen(registered("a"));
    wait_for("it is disabled", || async { hook.state(&running).await["state"] == "disabled" }).await;
    assert_eq!(hook.state(&running).await["reason"], "the receiver has answered 410 Gone");
    running.node.happen(registered("b"));
    let resumed = hook.ask(&running, Method::PATCH, "").json(&json!({ "active": true }));
    assert_eq!(answer(resumed).await.1["state"], "active");
    // What came meanwhile was not lost: the position had stayed.
    hook.wait_for(&running, "dead", 2).await;
    assert_eq!(receiver.arrived().len(), 2);
}

#[tokio::test]
async fn a_webhook_that_fails_for_too_long_is_disabled_and_says_why() {
    let mut setting = setting(1_000);
    setting.border.webhooks.failing_time_max = Duration::from_millis(300);
    let mut running = setting.start().await;
    let nobody = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
    let hook = hook(&running, json!({ "url": format!("http://{nobody}/") })).await;
    running.send_webhooks();
    running.node.happen(registered("a"));
    wait_for("it is disabled", || async { hook.state(&running).await["state"] == "disabled" }).await;
    let state = hook.state(&running).await;
    assert!(state["reason"].as_str().is_some_and(|reason| reason.starts_with("nothing has arrived since")), "{state}");
    let waiting = hook.deliveries(&running, "waiting").await;
    assert_eq!((waiting.len(), &waiting[0]["last_status"]), (1, &Value::Null));
}

#[tokio::test]
async fn redirections_are_not_followed_and_dawdlers_are_not_waited_for() {
    let mut setting = setting(0);
    setting.border.webhooks.attempt_time_max = Duration::from_millis(300);
    let mut running = setting.start().await;
    let inside = Receiver::that_answers(StatusCode::OK).await;
    let target = inside.url();
    let receiver = Receiver::start(move |message, _| match message.json()["data"]["subject"].as_str() {
        Some("redirected") => Reaction::Redirect(target.clone()),
        _ => Reaction::Never,
    })
    .await;
    let hook = hook(&running, json!({ "url": receiver.url() })).await;
    running.send_webhooks();
    running.node.happen(registered("redirected"));
    running.node.happen(registered("dawdled"));
    hook.wait_for(&running, "dead", 2).await;
    let dead = hook.deliveries(&running, "dead").await;
    assert_eq!(dead[1]["last_status"], 307);
    assert_eq!(
        (&dead[0]["last_status"], &dead[0]["last_answer"]),
        (&Value::Null, &json!("the receiver did not answer in time"))
    );
    assert!(inside.arrived().is_empty());
}

#[tokio::test]
async fn a_crash_in_the_middle_of_a_delivery_loses_and_renames_nothing() {
    let mut running = setting(3).start().await;
    let receiver = Receiver::start(|_, earlier| match earlier {
        0 => Reaction::Never,
        _ => Reaction::Answer(StatusCode::OK),
    })
    .await;
    let hook = hook(&running, json!({ "url": receiver.url() })).await;
    running.send_webhooks();
    running.node.happen(registered("a"));
    running.node.happen(registered("a"));
    receiver.wait_for_messages(1).await;
    running.stop_sending(); // as when the process ends: the attempt is under way and nothing is noted
    running.node.happen(registered("a"));
    running.send_webhooks();
    receiver.wait_for_messages(2).await;
    assert_eq!(receiver.arrived()[0].id, receiver.arrived()[1].id);
    // The first attempt at each of the others hangs too: every further crash gets one more through.
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    while hook.deliveries(&running, "delivered").await.len() < 3 {
        assert!(std::time::Instant::now() < deadline, "not within half a minute");
        tokio::time::sleep(Duration::from_millis(300)).await;
        running.stop_sending();
        running.send_webhooks();
    }
    hook.wait_for(&running, "delivered", 3).await;
    let ids: std::collections::BTreeSet<String> = receiver.arrived().into_iter().map(|message| message.id).collect();
    assert_eq!(ids.len(), 3, "one name for each event, however often it was sent");
}

#[tokio::test]
async fn a_receiver_that_was_away_gets_everything_in_order() {
    let mut running = setting(1_000).start().await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let hook = hook(&running, json!({ "url": format!("http://{address}/hook") })).await;
    running.send_webhooks();
    for _ in 0..3 {
        running.node.happen(registered("a"));
    }
    let tried = || async {
        let waiting = hook.deliveries(&running, "waiting").await;
        waiting.last().is_some_and(|first| first["attempts"].as_u64() > Some(2))
    };
    wait_for("the first was tried", tried).await;
    let waiting = hook.deliveries(&running, "waiting").await;
    assert!(waiting[..2].iter().all(|later| later["attempts"] == 0), "later ones are held back: {waiting:?}");
    let listener = TcpListener::bind(address).await.expect("the port is still free");
    let shared =
        Arc::new(Shared { arrived: Mutex::default(), behaviour: Box::new(|_, _| Reaction::Answer(StatusCode::OK)) });
    let app = axum::Router::new().fallback(receive).with_state(shared.clone());
    let serving = tokio::spawn(async move { axum::serve(listener, app).await.expect("it serves") });
    hook.wait_for(&running, "delivered", 3).await;
    let receipts: Vec<Value> = shared
        .arrived
        .lock()
        .expect("not poisoned")
        .iter()
        .map(|message| message.json()["data"]["receipt"].clone())
        .collect();
    assert_eq!(receipts, [0, 1, 2]);
    serving.abort();
}

#[tokio::test]
async fn both_secrets_sign_while_one_takes_over_from_the_other() {
    let mut running = setting(3).start().await;
    let receiver = Receiver::that_answers(StatusCode::OK).await;
    let hook = hook(&running, json!({ "url": receiver.url() })).await;
    running.send_webhooks();
    let renew = |seconds: u32| hook.ask(&running, Method::POST, "/secret").json(&json!({ "overlap_seconds": seconds }));
    let (status, renewed) = answer(renew(3_600)).await;
    assert_eq!(status, 200);
    let second = renewed["secret"].as_str().expect("a secret").to_owned();
    assert!(renewed["webhook"]["former_secret_until"].is_string());
    running.node.happen(registered("a"));
    let message = receiver.wait_for_messages(1).await.remove(0);
    assert!(message.is_signed_with(&hook.secret) && message.is_signed_with(&second));
    hook.wait_for(&running, "delivered", 1).await;
    let (_, renewed) = answer(renew(0)).await;
    let third = renewed["secret"].as_str().expect("a secret").to_owned();
    running.node.happen(registered("a"));
    let message = receiver.wait_for_messages(2).await.remove(1);
    assert!(
        message.is_signed_with(&third) && !message.is_signed_with(&second) && !message.is_signed_with(&hook.secret)
    );
    assert_eq!(code(renew(u32::MAX)).await, (422, "api.malformed".to_owned()));
}

#[tokio::test]
async fn a_test_is_sent_whatever_the_filters_are() {
    let mut running = setting(3).start().await;
    let receiver = Receiver::that_answers(StatusCode::OK).await;
    let hook = hook(&running, json!({ "url": receiver.url(), "modules": ["network"] })).await;
    running.send_webhooks();
    let (status, delivery) = answer(hook.ask(&running, Method::POST, "/test")).await;
    assert_eq!((status, &delivery["kind"], &delivery["receipt"]), (202, &json!("webhook.test"), &Value::Null));
    let message = receiver.wait_for_messages(1).await.remove(0);
    assert!(message.is_signed_with(&hook.secret));
    assert_eq!(
        (&message.json()["type"], &message.json()["data"]["webhook"]),
        (&json!("webhook.test"), &json!(hook.id))
    );
}

#[tokio::test]
async fn webhooks_are_their_makers_and_end_with_the_token() {
    let mut running = setting(3).start().await;
    let receiver = Receiver::that_answers(StatusCode::OK).await;
    let hook = hook(&running, json!({ "url": receiver.url() })).await;
    let (other, _) = running.token(&[Scope::Webhooks, Scope::Read]).await;
    let (admin, _) = running.token(&[Scope::Webhooks, Scope::Admin]).await;
    let other = Hook { token: other, id: hook.id.clone(), secret: String::new() };
    for (method, path) in [
        (Method::GET, ""),
        (Method::PATCH, ""),
        (Method::DELETE, ""),
        (Method::POST, "/secret"),
        (Method::POST, "/test"),
        (Method::GET, "/deliveries"),
        (Method::POST, "/deliveries/msg_0/replay"),
        (Method::POST, "/replay"),
    ] {
        let has_body = method == Method::PATCH || path == "/secret";
        let request = other.ask(&running, method, path);
        let request = if has_body { request.json(&json!({})) } else { request };
        assert_eq!(code(request).await, (404, "webhook.not_found".to_owned()), "{path}");
    }
    let list = |token: &str| http().get(running.url("/v1/webhooks")).bearer_auth(token);
    assert_eq!(answer(list(&other.token)).await.1["webhooks"], json!([]));
    assert_eq!(answer(list(&admin)).await.1["webhooks"].as_array().map(Vec::len), Some(1));
    assert_eq!(answer(list(&hook.token)).await.1["webhooks"].as_array().map(Vec::len), Some(1));
    running.send_webhooks();
    running.node.happen(registered("a"));
    hook.wait_for(&running, "delivered", 1).await;
    let owner = hook.token[3..19].parse().expect("an id");
    running.store.revoke_token(owner, Time::MAX).await.expect("a store");
    running.node.happen(registered("a"));
    let admin = Hook { token: admin, id: hook.id.clone(), secret: String::new() };
    wait_for("it is disabled", || async { admin.state(&running).await["state"] == "disabled" }).await;
    assert_eq!(admin.state(&running).await["reason"], "the token that made it is no longer valid");
    assert_eq!(receiver.arrived().len(), 1);
    assert_eq!(admin.ask(&running, Method::DELETE, "").send().await.expect("an answer").status(), 204);
    assert_eq!(code(admin.ask(&running, Method::GET, "")).await.0, 404);
}

#[tokio::test]
async fn an_administrator_who_resumes_a_webhook_without_owner_answers_for_it_and_nothing_of_it_is_lost() {
    let mut running = setting(1_000).start().await;
    let takes = Arc::new(AtomicBool::new(false));
    let receiver = Receiver::start({
        let takes = takes.clone();
        move |_, _| match takes.load(Ordering::SeqCst) {
            true => Reaction::Answer(StatusCode::OK),
            false => Reaction::Answer(StatusCode::SERVICE_UNAVAILABLE),
        }
    })
    .await;
    let hook = hook(&running, json!({ "url": receiver.url() })).await;
    let (admin, admin_id) = running.token(&[Scope::Admin, Scope::Webhooks, Scope::Read]).await;
    let admin = Hook { token: admin, id: hook.id.clone(), secret: hook.secret.clone() };
    let resume = |running: &Running| admin.ask(running, Method::PATCH, "").json(&json!({ "active": true }));
    assert_eq!(answer(resume(&running)).await.1["owner"], hook.token[3..19], "one whose owner is there keeps it");
    running.send_webhooks();
    running.node.happen(registered("a"));
    receiver.wait_for_messages(2).await;
    let owner = hook.token[3..19].parse().expect("an id");
    running.store.revoke_token(owner, Time::MAX).await.expect("a store");
    running.node.happen(registered("a"));
    wait_for("it is disabled", || async { admin.state(&running).await["state"] == "disabled" }).await;
    let stopped = admin.state(&running).await;
    assert_eq!(stopped["waiting"], 1);
    takes.store(true, Ordering::SeqCst);
    let (status, resumed) = answer(resume(&running)).await;
    assert_eq!((status, &resumed["owner"], &resumed["state"]), (200, &json!(admin_id.to_string()), &json!("active")));
    assert_eq!((&resumed["next"], &resumed["waiting"]), (&stopped["next"], &stopped["waiting"]));
    admin.wait_for(&running, "delivered", 2).await;
    running.node.happen(registered("a"));
    admin.wait_for(&running, "delivered", 3).await;
    assert_eq!(admin.state(&running).await["state"], "active", "it is not stopped again");
    assert!(receiver.arrived().iter().all(|message| message.is_signed_with(&hook.secret)));
}

#[tokio::test]
async fn a_webhook_is_handed_over_by_an_administrator_to_a_token_that_may_have_it() {
    let mut closed = setting(3);
    closed.border.anonymous = Vec::new();
    let running = closed.start().await;
    let hook = hook(&running, json!({ "url": "http://127.0.0.1:1/" })).await;
    let (admin, _) = running.token(&[Scope::Admin, Scope::Webhooks]).await;
    let (heir, heir_id) = running.token(&[Scope::Webhooks, Scope::Read]).await;
    let (_, deaf) = running.token(&[Scope::Webhooks]).await;
    let (_, reader) = running.token(&[Scope::Read]).await;
    let (_, ended) = running.token(&[Scope::Webhooks, Scope::Read]).await;
    running.store.revoke_token(ended, Time::MAX).await.expect("a store");
    let hand = |token: &str, owner: &str| {
        let request = http().patch(running.url(&format!("/v1/webhooks/{}", hook.id))).bearer_auth(token);
        request.json(&json!({ "owner": owner }))
    };
    for (token, owner, expected) in [
        (&hook.token, heir_id.to_string(), (403, "api.scope")),
        (&heir, heir_id.to_string(), (404, "webhook.not_found")),
        (&admin, "nobody".to_owned(), (422, "api.malformed")),
        (&admin, "0000000000000000".to_owned(), (404, "token.not_found")),
        (&admin, ended.to_string(), (404, "token.not_found")),
        (&admin, deaf.to_string(), (403, "api.scope")),
        (&admin, reader.to_string(), (403, "api.scope")),
        (&admin, heir_id.to_string(), (200, "")),
    ] {
        assert_eq!(code(hand(token, &owner)).await, (expected.0, expected.1.to_owned()), "to {owner}");
    }
    let heir = Hook { token: heir, id: hook.id.clone(), secret: hook.secret.clone() };
    assert_eq!(heir.state(&running).await["owner"], heir_id.to_string());
    assert_eq!(code(hook.ask(&running, Method::GET, "")).await.0, 404, "the former owner has it no longer");
    // An administrator who may not read is not told of events either, and so cannot answer for it.
    running.store.revoke_token(heir_id, Time::MAX).await.expect("a store");
    let admin = Hook { token: admin, id: hook.id.clone(), secret: hook.secret.clone() };
    let resume = admin.ask(&running, Method::PATCH, "").json(&json!({ "active": true }));
    assert_eq!(code(resume).await, (403, "api.scope".to_owned()));
}

#[tokio::test]
async fn deliveries_that_wait_or_are_dead_stand_among_the_nodes_figures() {
    let mut running = setting(0).start().await;
    let receiver = Receiver::start(|message, _| match message.json()["data"]["subject"].as_str() {
        Some("slow") => Reaction::Never,
        _ => Reaction::Answer(StatusCode::SERVICE_UNAVAILABLE),
    })
    .await;
    let hook = hook(&running, json!({ "url": receiver.url() })).await;
    let (reader, _) = running.token(&[Scope::Metrics]).await;
    running.send_webhooks();
    for subject in ["a", "slow", "b"] {
        running.node.happen(registered(subject));
    }
    let figures = async |waiting: u32, dead: u32| {
        let there = || async {
            let response = http().get(running.url("/metrics")).bearer_auth(&reader).send().await.expect("an answer");
            let text = response.text().await.expect("text");
            text.contains(&format!("tongban_webhook_deliveries_waiting {waiting}\n"))
                && text.contains(&format!("tongban_webhook_deliveries_dead {dead}\n"))
        };
        wait_for(&format!("{waiting} wait and {dead} are dead"), there).await;
    };
    figures(1, 2).await;
    let state = hook.state(&running).await;
    assert_eq!((&state["waiting"], &state["dead"]), (&json!(1), &json!(2)));
    assert_eq!(hook.ask(&running, Method::DELETE, "").send().await.expect("an answer").status(), 204);
    figures(0, 0).await;
    // Without any the node does not look for them, and still hears of a new one.
    running.node.happen(registered("a"));
    let hook = self::hook(&running, json!({ "url": receiver.url(), "from": 3 })).await;
    hook.wait_for(&running, "dead", 1).await;
    figures(0, 1).await;
}

#[tokio::test]
async fn what_makes_no_webhook_is_refused() {
    let running = Setting::new().start().await;
    let (token, _) = running.token(&[Scope::Webhooks]).await;
    let create = |body: &Value| http().post(running.url("/v1/webhooks")).bearer_auth(&token).json(body);
    let many: Vec<String> = (0..51).map(|number| format!("k{number}")).collect();
    for (body, expected) in [
        (json!({ "url": "http://example.org/" }), "webhook.url"),
        (json!({ "url": "https://127.0.0.1/" }), "webhook.url"),
        (json!({ "url": "https://[::1]/" }), "webhook.url"),
        (json!({ "url": "https://a:b@example.org/" }), "webhook.url"),
        (json!({ "url": "nonsense" }), "webhook.url"),
        (json!({ "url": format!("https://example.org/{}", "a".repeat(2_000)) }), "api.malformed"),
        (json!({ "url": "https://example.org/", "kinds": many }), "api.malformed"),
        (json!({ "url": "https://example.org/", "kinds": [""] }), "api.malformed"),
        (json!({ "url": "https://example.org/", "other": 1 }), "api.malformed"),
        (json!({}), "api.malformed"),
    ] {
        assert_eq!(code(create(&body)).await, (422, expected.to_owned()), "{body}");
    }
    let (status, made) = answer(create(&json!({ "url": "https://example.org/hook" }))).await;
    assert_eq!(status, 201);
    let id = made["webhook"]["id"].as_str().expect("an id");
    let change = http().patch(running.url(&format!("/v1/webhooks/{id}"))).bearer_auth(&token);
    assert_eq!(code(change.json(&json!({ "url": "https://10.0.0.1/" }))).await, (422, "webhook.url".to_owned()));
    let mut closed = Setting::new();
    closed.border.anonymous = Vec::new();
    let closed = closed.start().await;
    let (token, _) = closed.token(&[Scope::Webhooks]).await;
    let create =
        http().post(closed.url("/v1/webhooks")).bearer_auth(&token).json(&json!({ "url": "https://example.org/" }));
    assert_eq!(code(create).await, (403, "api.scope".to_owned()), "who may not read is not told either");
}

/// Subjects and, for each event, how often its receiver fails before it takes it.
fn histories() -> impl Strategy<Value = Vec<(u8, usize)>> {
    proptest::collection::vec((0_u8..4, 0_usize..3), 1..25)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn events_of_one_subject_arrive_in_order_whatever_fails(history in histories()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(in_order(history));
    }
}

async fn in_order(history: Vec<(u8, usize)>) {
    let mut running = setting(5).start().await;
    let failures: Vec<usize> = history.iter().map(|(_, failures)| *failures).collect();
    let receiver = Receiver::start(move |message, earlier| {
        let receipt = message.json()["data"]["receipt"].as_u64().expect("a number") as usize;
        Reaction::Answer(if earlier < failures[receipt] { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK })
    })
    .await;
    let hook = hook(&running, json!({ "url": receiver.url() })).await;
    running.send_webhooks();
    for (subject, _) in &history {
        running.node.happen(registered(&format!("subject {subject}")));
    }
    hook.wait_for(&running, "delivered", history.len()).await;
    let mut by_subject: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for message in receiver.arrived() {
        let data = message.json()["data"].clone();
        let subject = data["subject"].as_str().expect("text").to_owned();
        by_subject.entry(subject).or_default().push(data["receipt"].as_u64().expect("a number"));
    }
    for (subject, receipts) in by_subject {
        assert!(receipts.is_sorted(), "{subject}: {receipts:?} of {history:?}");
    }
    for (receipt, (_, failures)) in (0..).zip(&history) {
        let attempts = receiver.arrived().iter().filter(|message| message.json()["data"]["receipt"] == receipt).count();
        assert_eq!(attempts, failures + 1, "the event of receipt {receipt} of {history:?}");
    }
}
