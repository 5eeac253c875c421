//! Requests in every shape that has confused a server: heads without end, lengths that contradict each other, one request
//! inside another.

use super::{exchange, ready_node};
use std::time::Duration;

/// After so much silence an answer is taken to be complete.
const SILENCE: Duration = Duration::from_millis(700);

/// What the node may do.
#[derive(Clone, Copy, Debug)]
enum Expected {
    /// One answer with one of these statuses, or none, and the connection is closed.
    Refused(&'static [u16]),
    /// No answer yet, or a refusal: the request is not complete, and is given up after a while.
    Unfinished,
    /// So many answers of 200, and then one with one of these statuses, or none.
    Answered(usize, &'static [u16]),
}

/// The statuses of all answers in what came back.
fn statuses(answer: &[u8]) -> Vec<u16> {
    let text = String::from_utf8_lossy(answer).into_owned();
    let lines = text.split("HTTP/1.").skip(1).filter_map(|rest| rest.get(2..5)?.parse().ok());
    lines.filter(|status| *status != 100).collect()
}

fn shapes() -> Vec<(&'static str, Vec<u8>, Expected)> {
    use Expected::{Answered, Refused, Unfinished};

    let request = |text: &str| text.replace('\n', "\r\n").into_bytes();
    let head = |more: &str| request(&format!("GET /health HTTP/1.1\nhost: a\n{more}\n"));
    let post = |headers: &str, body: &str| {
        [request(&format!("POST /v1/queries HTTP/1.1\nhost: a\n{headers}\n")), body.as_bytes().to_vec()].concat()
    };
    let smuggled = "GET /v1/status HTTP/1.1\r\nhost: a\r\n\r\n";
    const BAD: &[u16] = &[400, 408, 413, 414, 415, 422, 431, 501, 505];
    vec![
        ("an honest request", head(""), Answered(1, &[])),
        ("a hundred requests at once", head("").repeat(100), Answered(100, &[])),
        ("a header of a megabyte", head(&format!("x: {}\n", "a".repeat(1 << 20))), Refused(BAD)),
        ("ten thousand headers", head(&"x: a\n".repeat(10_000)), Refused(BAD)),
        ("a header's name of 100 KB", head(&format!("{}: a\n", "x".repeat(100_000))), Refused(BAD)),
        ("an address of 200 KB", request(&format!("GET /{} HTTP/1.1\nhost: a\n\n", "a".repeat(200_000))), Refused(BAD)),
        ("a chunk of 2^64 bytes", post("transfer-encoding: chunked\n", "FFFFFFFFFFFFFFFF\r\na"), Unfinished),
        (
            "a chunk of more than 2^64 bytes",
            post("transfer-encoding: chunked\n", "1FFFFFFFFFFFFFFFFF\r\na"),
            Refused(BAD),
        ),
        ("a chunk's size that is none", post("transfer-encoding: chunked\n", "xyz\r\na"), Refused(BAD)),
        (
            "an extension of a chunk without end",
            post("transfer-encoding: chunked\n", &format!("1;{}", "a".repeat(1 << 20))),
            Refused(BAD),
        ),
        (
            "chunks without end",
            post("transfer-encoding: chunked\n", &"1000\r\n".to_owned().add_body(0x1000).repeat(400)),
            Refused(BAD),
        ),
        (
            "trailers without end",
            post("transfer-encoding: chunked\n", &format!("0\r\n{}", "x: a\r\n".repeat(50_000))),
            Refused(BAD),
        ),
        ("a length of 2^63", post("content-length: 9223372036854775808\n", "{}"), Unfinished),
        ("a length beyond 64 bits", post("content-length: 99999999999999999999\n", "{}"), Refused(BAD)),
        ("a negative length", post("content-length: -1\n", "{}"), Refused(BAD)),
        ("a length with a sign", post("content-length: +2\n", "{}"), Refused(BAD)),
        ("a length that is none", post("content-length: two\n", "{}"), Refused(BAD)),
        ("two lengths", post("content-length: 2\ncontent-length: 44\n", &format!("{{}}{smuggled}")), Refused(BAD)),
        ("two lengths in one", post("content-length: 2, 44\n", &format!("{{}}{smuggled}")), Refused(BAD)),
        (
            "a length and chunks",
            post("content-length: 4\ntransfer-encoding: chunked\n", &format!("0\r\n\r\n{smuggled}")),
            Refused(BAD),
        ),
        (
            "chunks and a length",
            post("transfer-encoding: chunked\ncontent-length: 6\n", &format!("0\r\n\r\n{smuggled}")),
            Refused(BAD),
        ),
        (
            "an encoding that nobody knows",
            post("transfer-encoding: xchunked\n", &format!("0\r\n\r\n{smuggled}")),
            Refused(BAD),
        ),
        (
            "chunks that are not last",
            post("transfer-encoding: chunked, identity\n", &format!("0\r\n\r\n{smuggled}")),
            Refused(BAD),
        ),
        ("white space before a colon", head("transfer-encoding : chunked\n"), Refused(BAD)),
        ("a line that goes on", head("x: a\n b\n"), Refused(BAD)),
        ("a zero byte in a header", head("x: a\0b\n"), Refused(BAD)),
        ("a lone carriage return", b"GET /health HTTP/1.1\r\nx: a\rb\r\n\r\n".to_vec(), Refused(BAD)),
        ("a method that is none", request("G@T /health HTTP/1.1\nhost: a\n\n"), Refused(&[400, 405])),
        ("a version that is none", request("GET /health HTTP/3.0\nhost: a\n\n"), Refused(BAD)),
        ("no version", request("GET /health\n\n"), Refused(BAD)),
        ("an address that is none", request("GET health HTTP/1.1\nhost: a\n\n"), Refused(&[400, 404])),
        ("an address with a zero byte", request("GET /he\0alth HTTP/1.1\nhost: a\n\n"), Refused(BAD)),
        ("no HTTP", b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03".repeat(50), Refused(BAD)),
        (
            "a body that is too large and waits to be asked for",
            post("content-length: 99999999\nexpect: 100-continue\n", ""),
            Unfinished,
        ),
    ]
}

trait AddBody {
    fn add_body(self, bytes: usize) -> String;
}

impl AddBody for String {
    fn add_body(self, bytes: usize) -> String {
        self + &"a".repeat(bytes) + "\r\n"
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_of_hostile_shape_are_refused_and_nothing_is_smuggled() {
    let network = ready_node().await;
    let node = network.api_address(0);
    let mut wrong = Vec::new();
    for (name, bytes, expected) in shapes() {
        let (answer, is_closed) = exchange(node, &bytes, SILENCE).await;
        let found = statuses(&answer);
        let said = String::from_utf8_lossy(&answer[..answer.len().min(300)]).into_owned();
        let fits = match expected {
            Expected::Refused(allowed) => {
                let is_refused = found.iter().all(|status| allowed.contains(status));
                found.len() <= 1 && is_refused && (is_closed || !found.is_empty())
            }
            Expected::Unfinished => found.len() <= 1 && found.iter().all(|status| *status >= 400),
            Expected::Answered(count, then) => {
                let answered = found.iter().take_while(|status| **status == 200).count();
                answered == count && found.iter().skip(count).all(|status| then.contains(status))
            }
        };
        if !fits {
            wrong.push(format!("{name}: {found:?}, closed: {is_closed}, expected {expected:?}: {said}"));
        }
        assert!(network.client(0).status().await.expect("the node goes on").ready, "{name}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The preface of HTTP/2 and then nothing, or noise, or a head that promises to go on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn noise_in_http_2_is_survived() {
    let network = ready_node().await;
    let node = network.api_address(0);
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    let settings = b"\0\0\0\x04\0\0\0\0\0".to_vec();
    // A frame of headers without its end, and continuations for ever.
    let headers = b"\0\0\x01\x01\0\0\0\0\x01\x82".to_vec();
    let continuations = [&b"\0\x40\0\x09\0\0\0\0\x01"[..], &[0x40; 0x4000]].concat().repeat(64);
    // Streams that are opened and reset at once.
    let resets: Vec<u8> = (0..2_000_u32)
        .flat_map(|number| {
            let stream = (2 * number + 1).to_be_bytes();
            [&b"\0\0\x03\x01\x05"[..], &stream, b"\x82\x84\x86", b"\0\0\x04\x03\0", &stream, b"\0\0\0\x08"].concat()
        })
        .collect();
    let noise: Vec<u8> = (0..40_000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for (name, bytes) in [
        ("the preface alone", preface.clone()),
        ("noise", [preface.clone(), noise].concat()),
        ("a head without end", [preface.clone(), settings.clone(), headers, continuations].concat()),
        ("rapid reset", [preface.clone(), settings.clone(), resets].concat()),
        ("a frame of 16 MB", [preface, settings, b"\xff\xff\xff\0\0\0\0\0\x01".to_vec()].concat()),
    ] {
        let (answer, _) = exchange(node, &bytes, SILENCE).await;
        assert!(answer.len() < 200_000, "{name}: a small answer, {} bytes", answer.len());
        assert!(network.client(0).status().await.expect("the node goes on").ready, "{name}");
    }
}
