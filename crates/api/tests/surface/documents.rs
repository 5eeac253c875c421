//! The document and the page.

use crate::node::{Served, limits};
use tongban_api::surface::{Scope, operations, scope_of};

#[tokio::test]
async fn the_document_has_every_operation_and_no_other() {
    let served = Served::begin(limits()).await;
    let document = served.client().openapi().await.expect("a document");
    assert_eq!(document["openapi"], "3.1.0");
    let mut described = 0;
    for operation in operations() {
        let found = &document["paths"][operation.path][operation.method.as_str().to_lowercase()];
        assert_eq!(found["operationId"], operation.id);
        assert!(found["responses"].as_object().is_some_and(|replies| replies.len() > 1), "{}", operation.id);
        let said = |status: &str| found["responses"][status]["description"].as_str().unwrap_or_default().to_owned();
        let reads_json = operation.body.is_some();
        assert!(!reads_json || said("400").contains("`api.not_json`"), "{}: {}", operation.id, said("400"));
        assert!(!reads_json || said("422").contains(".malformed`"), "{}: {}", operation.id, said("422"));
        described += 1;
    }
    let paths = document["paths"].as_object().expect("paths");
    let in_document: usize = paths.values().map(|path| path.as_object().expect("operations").len()).sum();
    assert_eq!(in_document, described);
    served.stop().await;
}

#[tokio::test]
async fn the_document_says_the_bounds_that_the_node_keeps() {
    let served = Served::begin(limits()).await;
    let document = served.client().openapi().await.expect("a document");
    let schema = |pointer: &str| document.pointer(&format!("/components/schemas/{pointer}")).cloned();
    for (pointer, bound) in [
        ("TokenRequest/properties/label/minLength", 1),
        ("TokenRequest/properties/scopes/minItems", 1),
        ("TokenRequest/properties/scopes/maxItems", 16),
        ("TokenRequest/properties/requests_per_minute/maximum", 10_000_000),
        ("TokenRequest/properties/addresses/maxItems", 32),
        ("WebhookRequest/properties/modules/maxItems", 50),
        ("WebhookRequest/properties/kinds/items/minLength", 1),
        ("WebhookChange/properties/subjects/maxItems", 50),
        ("WebhookChange/properties/subjects/items/minLength", 1),
        ("SecretRequest/properties/overlap_seconds/maximum", 30 * 24 * 60 * 60),
    ] {
        assert_eq!(schema(pointer), Some(serde_json::json!(bound)), "{pointer}");
    }
    served.stop().await;
}

#[tokio::test]
async fn the_page_is_served_from_here_alone_under_a_strict_policy() {
    let served = Served::begin(limits()).await;
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    for (path, content_type) in [
        ("/docs", "text/html; charset=utf-8"),
        ("/docs/start.js", "text/javascript; charset=utf-8"),
        ("/docs/swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
        ("/docs/swagger-ui.css", "text/css; charset=utf-8"),
    ] {
        let response = http.get(format!("{}{path}", served.base)).send().await.expect("an answer");
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(response.headers()["content-type"], content_type, "{path}");
        let policy = response.headers()["content-security-policy"].to_str().expect("text").to_owned();
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{path}: {policy}");
        assert!(!policy.contains("http") && !policy.contains("unsafe") && !policy.contains('*'), "{path}: {policy}");
        assert_eq!(scope_of(&axum::http::Method::GET, path), Scope::Open, "{path}");
    }
    served.stop().await;
}
