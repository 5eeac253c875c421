//! Naughty addresses, headers and content types on every operation that the API describes.

use crate::backend::Api;
use crate::nasties::NASTIES;
use crate::suite::naughty_strings;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Request};
use tongban_api::surface::{Operation, Place, operations};

/// Every byte that is not a letter or digit becomes its code.
fn encoded(bytes: &[u8]) -> String {
    let encode = |byte: &u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(*byte).to_string(),
        other => format!("%{other:02X}"),
    };
    bytes.iter().map(encode).collect()
}

fn all_bytes() -> Vec<Vec<u8>> {
    let own = NASTIES.iter().map(|(_, text, _)| text.as_bytes().to_vec());
    let public = naughty_strings().unwrap_or_default().into_iter().map(String::into_bytes);
    let no_text =
        [&b"\xff"[..], b"\xc0\xaf", b"\xed\xa0\x80", b"%", b"%zz", b"..", b".", b"//", b"-1", b"18446744073709551616"];
    own.chain(public).chain(no_text.iter().map(|bytes| bytes.to_vec())).collect()
}

/// The address of an operation with this in the place of each part of its path.
fn address(operation: &Operation, part: &str) -> String {
    let parts = operation.path.split('/').map(|piece| if piece.starts_with('{') { part } else { piece });
    parts.collect::<Vec<_>>().join("/")
}

/// Asks an operation, unless the address is none that HTTP can carry. Operations that go on for ever are not waited for.
fn ask(api: &Api, operation: &Operation, address: &str) -> bool {
    let request = Request::builder().method(operation.method.clone()).uri(address).body(Body::empty());
    let Ok(request) = request else { return false };
    api.ask(request).assert_coded(&format!("{} {address}", operation.method));
    true
}

/// Whether the answer to an operation ends by itself.
fn ends(operation: &Operation) -> bool {
    let is_stream = |content: &tongban_api::surface::Content| content.content_type == "text/event-stream";
    !operation.replies.iter().any(|reply| reply.contents.iter().any(is_stream))
}

#[test]
fn naughty_addresses_get_a_coded_answer() {
    let api = Api::new();
    let all_bytes = all_bytes();
    let mut asked = 0;
    for operation in operations().iter().filter(|operation| ends(operation)) {
        for bytes in &all_bytes {
            let part = encoded(bytes);
            asked += u32::from(ask(&api, operation, &address(operation, &part)));
            for parameter in operation.parameters.iter().filter(|parameter| parameter.place == Place::Query) {
                let plain = address(operation, "1");
                asked += u32::from(ask(&api, operation, &format!("{plain}?{}={part}", parameter.name)));
                asked += u32::from(ask(&api, operation, &format!("{plain}?{part}={part}&{}=", parameter.name)));
            }
            let raw = String::from_utf8_lossy(bytes).into_owned();
            asked += u32::from(ask(&api, operation, &address(operation, &raw)));
            asked += u32::from(ask(&api, operation, &format!("{}/{part}", address(operation, "1"))));
        }
    }
    assert!(asked > 10_000, "addresses were asked: {asked}");
}

#[test]
fn naughty_headers_get_a_coded_answer() {
    let api = Api::new();
    let all_bytes = all_bytes();
    for operation in operations().iter().filter(|operation| ends(operation)) {
        let described = operation.parameters.iter().filter(|parameter| parameter.place == Place::Header);
        let common = ["content-type", "accept", "authorization", "prefer", "host", "if-none-match", "range", "cookie"];
        let names = described.map(|parameter| parameter.name.to_ascii_lowercase()).chain(common.map(str::to_owned));
        for name in names {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("a name of a header");
            for bytes in &all_bytes {
                let Ok(value) = HeaderValue::from_bytes(bytes) else { continue };
                let request = Request::builder().method(operation.method.clone()).uri(address(operation, "1"));
                let request = request.header(&name, value).body(Body::from("{}")).expect("a sound request");
                api.ask(request).assert_coded(&format!("{} {name}: {bytes:?}", operation.id));
            }
        }
    }
}

#[test]
fn every_method_on_every_address_gets_a_coded_answer() {
    let api = Api::new();
    for operation in operations().iter().filter(|operation| ends(operation)) {
        for method in ["GET", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "OPTIONS", "PRI", "get", "X-Y"] {
            let request = Request::builder().method(method).uri(address(operation, "1")).body(Body::empty());
            api.ask(request.expect("a sound request")).assert_coded(&format!("{method} {}", operation.path));
        }
    }
}
