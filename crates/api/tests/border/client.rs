//! Tokens and webhooks as a program of ours uses them: typed, and with the same rights as over any other client.

use super::support::{Running, Setting, wait_for};
use futures::{StreamExt as _, TryStreamExt as _};
use serde_json::json;
use tokio::net::TcpListener;
use tongban_api::surface::Scope;
use tongban_api::{
    Client, ClientError, DeliveryStateView, DeliveryView, Reach, SecretRequest, StateView, TokenRequest, TokenView,
    WebhookChange, WebhookRequest, WebhookSettings,
};
use tongban_types::Text;

fn client(running: &Running, token: &str) -> Client {
    Client::builder(running.url("")).token(token).build().expect("a client")
}

/// The code of a refusal.
fn refused<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> String {
    match answer {
        Err(ClientError::Refused(problem)) => problem.code.to_string(),
        other => panic!("not a refusal: {other:?}"),
    }
}

fn token(label: &str, scopes: &[Scope]) -> TokenRequest {
    let label = Text::new(label).expect("a label");
    TokenRequest { label, scopes: scopes.to_vec(), expires_at: None, requests_per_minute: None, addresses: Vec::new() }
}

#[tokio::test]
async fn a_client_makes_lists_and_revokes_tokens() {
    let mut setting = Setting::new();
    setting.border.anonymous = Vec::new();
    let running = setting.start().await;
    let (operator, operator_id) = running.token(&[Scope::Admin, Scope::Read]).await;
    let operator = client(&running, &operator);

    let made = operator.create_token(&token("终端", &[Scope::Read])).await.expect("a token");
    let id = made.token.id.clone();
    assert_eq!((made.token.created_by, &made.token.scopes), (Some(operator_id.to_string()), &vec![Scope::Read]));
    let holder = client(&running, &made.secret.expect("its secret"));
    assert!(holder.status().await.is_ok());
    assert_eq!(refused(holder.token_page(None).await), "api.scope");
    assert_eq!(refused(operator.create_token(&token("更多", &[Scope::Submit])).await), "token.beyond_own");
    let found = operator.token(&id).await.expect("the token");
    assert_eq!((&*found.label, found.revoked_at), ("终端", None));

    let revoked = operator.revoke_token(&id, false).await.expect("it is revoked");
    assert!(revoked.id == id && revoked.revoked_at.is_some());
    assert_eq!(refused(holder.status().await), "api.token_revoked");
    assert_eq!(refused(operator.token("0000000000000000").await), "token.not_found");
    assert_eq!(refused(operator.revoke_token("no token", false).await), "api.malformed");
}

#[tokio::test]
async fn a_client_revokes_a_token_with_those_it_made() {
    let running = Setting::new().start().await;
    let operator = client(&running, &running.token(&[Scope::Admin]).await.0);
    let child = operator.create_token(&token("child", &[Scope::Admin])).await.expect("a token");
    let child_client = client(&running, &child.secret.expect("its secret"));
    let grandchild = child_client.create_token(&token("grandchild", &[Scope::Admin])).await.expect("a token");
    operator.revoke_token(&child.token.id, false).await.expect("it is revoked");
    assert_eq!(operator.token(&grandchild.token.id).await.expect("the token").revoked_at, None);
    operator.revoke_token(&child.token.id, true).await.expect("it is revoked");
    assert!(operator.token(&grandchild.token.id).await.expect("the token").revoked_at.is_some());
}

#[tokio::test]
async fn a_client_lists_all_tokens_however_many_pages_they_have() {
    let running = Setting::new().start().await;
    let operator = client(&running, &running.token(&[Scope::Admin]).await.0);
    for _ in 0..204 {
        running.token(&[Scope::Read]).await;
    }
    let first = operator.token_page(None).await.expect("a page");
    assert_eq!(first.tokens.len(), 100);
    let second = operator.token_page(first.next.as_deref()).await.expect("a page");
    assert!(second.tokens[0].id > first.tokens[99].id);
    let all: Vec<TokenView> = operator.tokens().try_collect().await.expect("all tokens");
    let mut ids: Vec<&str> = all.iter().map(|token| &*token.id).collect();
    assert!(ids.is_sorted());
    ids.dedup();
    assert_eq!(ids.len(), 205);
    let stranger = Client::new(running.url(""));
    assert_eq!(refused(stranger.tokens().next().await.expect("an end that is told")), "api.token_missing");
}

/// A node that sends to this machine and tries each delivery once, and the address of a receiver that is not there.
async fn with_nobody_listening() -> (Running, String) {
    let mut setting = Setting::new();
    setting.border.webhooks = WebhookSettings {
        reach: Reach { private_addresses: true, plain_http: true },
        pauses: Vec::new(),
        ..WebhookSettings::default()
    };
    let nobody = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
    (setting.start().await, format!("http://{nobody}/hook"))
}

fn webhook(url: &str) -> WebhookRequest {
    let kinds = vec![Text::new("evidence.registered").expect("a kind")];
    let (url, label) = (Text::new(url).expect("a URL"), Text::new("测试").expect("a label"));
    WebhookRequest { url, label, modules: Vec::new(), kinds, subjects: Vec::new(), from: None }
}

#[tokio::test]
async fn a_client_makes_changes_and_removes_webhooks() {
    let (running, url) = with_nobody_listening().await;
    let owner = client(&running, &running.token(&[Scope::Webhooks, Scope::Read]).await.0);
    let other = client(&running, &running.token(&[Scope::Webhooks, Scope::Read]).await.0);
    assert!(owner.webhooks().await.expect("a list").is_empty());
    let made = owner.create_webhook(&webhook(&url)).await.expect("a webhook");
    assert!(made.secret.is_some_and(|secret| secret.starts_with("whsec_")));
    let id = made.webhook.id;
    let listed = owner.webhooks().await.expect("a list");
    assert_eq!((listed.len(), &listed[0].id, &*listed[0].label), (1, &id, "测试"));
    assert!(other.webhooks().await.expect("a list").is_empty(), "it is another's");
    assert_eq!(refused(other.remove_webhook(&id).await), "webhook.not_found");

    let pause = WebhookChange { active: Some(false), ..WebhookChange::default() };
    assert_eq!(owner.change_webhook(&id, &pause).await.expect("the webhook").state, StateView::Paused);
    let asked = SecretRequest { overlap_seconds: Some(60) };
    let renewed = owner.renew_webhook_secret(&id, &asked).await.expect("the webhook");
    assert!(renewed.secret.is_some() && renewed.webhook.former_secret_until.is_some());
    let test = owner.test_webhook(&id).await.expect("a delivery");
    assert_eq!((&*test.kind, test.receipt, test.state), ("webhook.test", None, DeliveryStateView::Waiting));
    assert_eq!(owner.webhook(&id).await.expect("the webhook").waiting, 1);

    owner.remove_webhook(&id).await.expect("it is removed");
    assert!(owner.webhooks().await.expect("a list").is_empty());
    assert_eq!(refused(owner.webhook(&id).await), "webhook.not_found");
    assert_eq!(refused(owner.create_webhook(&webhook("ftp://a/")).await), "webhook.url");
}

#[tokio::test]
async fn a_client_finds_all_dead_letters_and_has_them_sent_again() {
    const LETTERS: usize = 130;
    let (mut running, url) = with_nobody_listening().await;
    let owner = client(&running, &running.token(&[Scope::Webhooks, Scope::Read]).await.0);
    let id = owner.create_webhook(&webhook(&url)).await.expect("a webhook").webhook.id;
    for number in 0..LETTERS {
        running.node.happen(vec![json!({ "evidence": { "registered": { "id": number.to_string() } } })]);
    }
    running.send_webhooks();
    let dead = async || owner.dead_letters(&id).try_collect::<Vec<DeliveryView>>().await.expect("all of them");
    wait_for("all are dead", async || dead().await.len() == LETTERS).await;
    let page = owner.delivery_page(&id, Some(DeliveryStateView::Dead), None).await.expect("a page");
    assert!(page.deliveries.len() == 100 && page.next.is_some(), "there is more than one page");
    let first = dead().await;
    let mut ids: Vec<&str> = first.iter().map(|delivery| &*delivery.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), LETTERS, "each once");
    let waiting = owner.deliveries(&id, Some(DeliveryStateView::Waiting)).count().await;
    assert_eq!((waiting, owner.deliveries(&id, None).count().await), (0, LETTERS));

    let letter = &first[0];
    let again = owner.replay_delivery(&id, &letter.id).await.expect("the delivery");
    assert_eq!((&again.id, again.receipt), (&letter.id, letter.receipt));
    let is_later = |one: &DeliveryView| one.id == letter.id && one.last_attempt_at > letter.last_attempt_at;
    wait_for("it was tried again", async || dead().await.iter().any(is_later)).await;
    running.stop_sending();
    assert_eq!(owner.replay_dead_letters(&id).await.expect("how many"), LETTERS as u64);
    assert!(dead().await.is_empty(), "all of them wait");
    assert_eq!(
        refused(owner.replay_delivery(&id, &format!("msg_{}", "0".repeat(32))).await),
        "webhook.delivery_not_found"
    );
}
