//! The documents that describe the interface: the OpenAPI document, and a page to read and try it.

use super::{Given, Shared};
use crate::caching::{Keep, Tagged, tag_schema};
use crate::surface::{Content, Endpoint, Operation, Reply, Scope};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use axum::routing::get;
use serde_json::json;
use std::sync::Arc;

/// The files of the page; see the README beside them.
const PAGE: [(&str, &str, &[u8]); 4] = [
    ("/docs", "text/html; charset=utf-8", include_bytes!("../../assets/swagger-ui/index.html")),
    ("/docs/start.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/swagger-ui/start.js")),
    (
        "/docs/swagger-ui-bundle.js",
        "text/javascript; charset=utf-8",
        include_bytes!("../../assets/swagger-ui/swagger-ui-bundle.js"),
    ),
    ("/docs/swagger-ui.css", "text/css; charset=utf-8", include_bytes!("../../assets/swagger-ui/swagger-ui.css")),
];

/// Nothing from elsewhere, no script or style within the page, and nobody may frame it. Swagger UI draws with `data:` images.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                           connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The area's operations.
pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::new(document_operation(), document)]
}

fn document_operation() -> Operation {
    let schema = json!({ "type": "object", "required": ["openapi", "info", "paths"] });
    Operation::get("openapi", "/v1/openapi.json", Scope::Open)
        .about(
            "node",
            "This document",
            "The OpenAPI 3.1 document of this node, made from its program. `/docs` shows it as a page.",
        )
        .reply(Reply::of(200, "The document.", vec![Content::of("application/json", schema)]).header(
            "ETag",
            "Changes with the document.",
            tag_schema(),
        ))
        .not_modified()
}

async fn document(State(context): Given, headers: HeaderMap) -> Response {
    context.document.answer(&headers)
}

/// The routes with the page's files. They are for people, so they are no operations.
pub(crate) fn with_page(routes: Router<Shared>) -> Router<Shared> {
    PAGE.into_iter().fold(routes, |routes, (path, content_type, body)| {
        let file = Arc::new(Tagged::new(Keep::AskAgain, content_type, body));
        let answer = move |headers: HeaderMap| async move {
            let mut response = file.answer(&headers);
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY));
            headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
            headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
            response
        };
        routes.route(path, get(answer))
    })
}

/// Whether an address is one of the page's files.
pub(crate) fn is_of_page(path: &str) -> bool {
    PAGE.iter().any(|(known, _, _)| *known == path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    #[test]
    fn the_files_of_swagger_ui_are_those_that_were_reviewed() {
        let readme = include_str!("../../assets/swagger-ui/README.md");
        for (path, _, body) in PAGE.iter().filter(|(path, _, _)| path.contains("swagger-ui")) {
            let digest: String = Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
            assert!(readme.contains(&digest), "{path} has the digest {digest}");
        }
    }

    #[test]
    fn the_page_names_nothing_from_elsewhere() {
        for (path, _, body) in PAGE.iter().filter(|(path, _, _)| !path.contains("swagger-ui")) {
            let text = std::str::from_utf8(body).expect("text");
            assert!(!text.contains("//") || path.ends_with(".js") && !text.contains("://"), "{path}");
        }
        assert!(is_of_page("/docs") && !is_of_page("/docs/"));
    }
}
