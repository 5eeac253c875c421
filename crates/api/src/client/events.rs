//! The stream of events, read and, after every break, gone on with where it stood.

use super::paging::address;
use super::{Client, ClientError, POLL_INTERVAL, patience};
use crate::routes::stream::{Bookmark, Happened, Position};
use futures::stream::unfold;
use futures::{Stream, StreamExt};
use reqwest::StatusCode;
use std::collections::VecDeque;
use std::pin::Pin;
use std::time::Duration;
use tongban_types::AccountId;
use tongban_types::receipt::EVENT_BYTES_MAX;

/// Bytes of JSON that one byte of an encoded event becomes at most: the name of a field and that of a variant, which is its value.
const JSON_BYTES_PER_BYTE_MAX: usize = 128;
/// Bytes of a message beside its event.
const ENVELOPE_BYTES_MAX: usize = 64 * 1024;
/// Bytes of one message: the largest event in JSON stays below.
const MESSAGE_BYTES_MAX: usize = EVENT_BYTES_MAX * JSON_BYTES_PER_BYTE_MAX + ENVELOPE_BYTES_MAX;
/// The longest wait before the stream is asked for again.
const RECONNECT_AFTER_MAX: Duration = Duration::from_secs(5);

/// Which events a reader wants, and from where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interest {
    /// Go on behind this message.
    pub after: Option<Position>,
    /// Begin with this receipt; `after` goes before it. With neither, the stream begins with what becomes final from now on.
    pub from: Option<u64>,
    /// Only these modules; all where empty.
    pub modules: Vec<String>,
    /// Only this kind of event.
    pub kind: Option<String>,
    /// Only what this account did.
    pub account: Option<AccountId>,
    /// Only events in which this value occurs.
    pub subject: Option<String>,
    /// Also refused transactions.
    pub refusals: bool,
}

/// A message and where it stands.
#[derive(Clone, Debug)]
pub struct Seen {
    /// What to give as [`Interest::after`] to go on behind it.
    pub position: Position,
    /// What happened.
    pub happened: Happened,
}

impl Interest {
    fn path(&self) -> String {
        address(
            "/v1/stream",
            [
                ("after", self.after.map(|after| after.to_string())),
                ("from", self.from.map(|from| from.to_string())),
                ("modules", (!self.modules.is_empty()).then(|| self.modules.join(","))),
                ("kind", self.kind.clone()),
                ("account", self.account.map(|account| account.to_string())),
                ("subject", self.subject.clone()),
                ("refusals", self.refusals.then(|| "true".to_owned())),
            ],
        )
    }
}

impl Client {
    /// Events as they become final. Where the connection breaks, or the node ends it, it is asked for again and goes on behind the
    /// last message: nothing is lost, nothing comes twice. It ends only with an error that a repetition would not mend.
    pub fn events(&self, interest: Interest) -> impl Stream<Item = Result<Seen, ClientError>> + Unpin + Send + use<> {
        let reader = Reader::new(self.clone(), interest);
        Box::pin(unfold(reader, |mut reader| async move { reader.next().await.map(|next| (next, reader)) }))
    }
}

type Pieces = Pin<Box<dyn Stream<Item = Result<Vec<u8>, reqwest::Error>> + Send>>;

struct Reader {
    client: Client,
    interest: Interest,
    connection: Option<Pieces>,
    parser: Parser,
    ready: VecDeque<Seen>,
    wait: Duration,
    has_ended: bool,
}

impl Reader {
    fn new(client: Client, interest: Interest) -> Self {
        Self {
            client,
            interest,
            connection: None,
            parser: Parser::default(),
            ready: VecDeque::new(),
            wait: POLL_INTERVAL,
            has_ended: false,
        }
    }

    async fn next(&mut self) -> Option<Result<Seen, ClientError>> {
        while !self.has_ended {
            if let Some(seen) = self.ready.pop_front() {
                return Some(Ok(seen));
            }
            let step = match &mut self.connection {
                None => self.connect().await,
                Some(pieces) => match pieces.next().await {
                    Some(Ok(piece)) => self.take(&piece),
                    Some(Err(_)) | None => {
                        self.connection = None;
                        Ok(())
                    }
                },
            };
            if let Err(error) = step {
                self.has_ended = true;
                return Some(Err(error));
            }
        }
        None
    }

    async fn connect(&mut self) -> Result<(), ClientError> {
        self.parser = Parser::default();
        let request = self.client.http_of_streams.get(format!("{}{}", self.client.base, self.interest.path()));
        let response = match self.client.send(request).await {
            Ok(response) => response,
            Err(_) => {
                self.pause(self.wait).await;
                return Ok(());
            }
        };
        if matches!(response.status(), StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            self.pause(patience(&response)).await;
            return Ok(());
        }
        let response = self.client.succeeded(response).await?;
        self.connection = Some(Box::pin(response.bytes_stream().map(|piece| piece.map(|bytes| bytes.to_vec()))));
        Ok(())
    }

    async fn pause(&mut self, wait: Duration) {
        tokio::time::sleep(wait).await;
        self.wait = (self.wait * 2).min(RECONNECT_AFTER_MAX);
    }

    fn take(&mut self, piece: &[u8]) -> Result<(), ClientError> {
        self.wait = POLL_INTERVAL; // the node is there
        for message in self.parser.take(piece).map_err(|reason| self.unreadable(reason))? {
            let bookmark: Option<Bookmark> = message.id.and_then(|id| id.parse().ok());
            match bookmark {
                Some(Bookmark::Behind(position)) => self.interest.after = Some(position),
                Some(Bookmark::Before(receipt)) => (self.interest.after, self.interest.from) = (None, Some(receipt)),
                None => {}
            }
            if message.data.is_empty() {
                continue;
            }
            let happened = serde_json::from_str(&message.data).map_err(|error| self.unreadable(error))?;
            let Some(Bookmark::Behind(position)) = bookmark else {
                return Err(self.unreadable("it has no place"));
            };
            self.ready.push_back(Seen { position, happened });
        }
        Ok(())
    }

    /// The next message makes no sense. Who wants to go on without it needs to know where that is.
    fn unreadable(&self, reason: impl std::fmt::Display) -> ClientError {
        let place = match (self.interest.after, self.interest.from) {
            (Some(position), _) => format!(" behind {position}"),
            (None, Some(receipt)) => format!(" from receipt {receipt} on"),
            (None, None) => String::new(),
        };
        ClientError::Answer { reason: format!("the next message of the stream{place}: {reason}") }
    }
}

/// A message as it stands in the stream.
#[derive(Debug, Default, PartialEq, Eq)]
struct Message {
    id: Option<String>,
    data: String,
}

/// Puts messages together from pieces (the HTML standard, 9.2.6), as far as nodes use the form.
#[derive(Default)]
struct Parser {
    line: Vec<u8>,
    message: Message,
}

/// Why no message can be made of what comes.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum ParserError {
    #[error("it has more than {MESSAGE_BYTES_MAX} bytes, which no event has")]
    TooLong,
    #[error("it is no text")]
    NoText,
}

impl Parser {
    fn take(&mut self, piece: &[u8]) -> Result<Vec<Message>, ParserError> {
        let mut messages = Vec::new();
        for byte in piece {
            if *byte != b'\n' {
                self.line.push(*byte);
                if self.line.len() + self.message.data.len() > MESSAGE_BYTES_MAX {
                    return Err(ParserError::TooLong);
                }
                continue;
            }
            let line = String::from_utf8(std::mem::take(&mut self.line)).map_err(|_| ParserError::NoText)?;
            let line = line.strip_suffix('\r').unwrap_or(&line);
            if line.is_empty() {
                messages.push(std::mem::take(&mut self.message));
                continue;
            }
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "id" => self.message.id = Some(value.to_owned()),
                "data" => {
                    if !self.message.data.is_empty() {
                        self.message.data.push('\n');
                    }
                    self.message.data.push_str(value);
                }
                _ => {} // comments, kinds, and what a later version may add
            }
        }
        Ok(messages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_put_together_from_any_pieces() {
        let text = ": connected\n\nid: 1.0\r\nevent: applied\ndata: {\"a\":\ndata: 1}\n\nid: 2.0\n:\n\n";
        for size in 1..text.len() {
            let mut parser = Parser::default();
            let messages: Vec<Message> =
                text.as_bytes().chunks(size).flat_map(|piece| parser.take(piece).expect("text")).collect();
            let message = |id: Option<&str>, data: &str| Message { id: id.map(str::to_owned), data: data.to_owned() };
            assert_eq!(messages, [message(None, ""), message(Some("1.0"), "{\"a\":\n1}"), message(Some("2.0"), "")]);
        }
    }

    #[test]
    fn a_message_without_end_is_refused() {
        let mut parser = Parser::default();
        let piece = vec![b'a'; MESSAGE_BYTES_MAX];
        assert!(parser.take(&piece).expect("as long as may be").is_empty());
        assert!(parser.take(b"a").is_err());
    }

    #[test]
    fn the_largest_event_is_read() {
        let largest = "x".repeat(EVENT_BYTES_MAX * JSON_BYTES_PER_BYTE_MAX);
        let mut parser = Parser::default();
        let messages = parser.take(format!("id: 1.0\ndata: {largest}\n\n").as_bytes()).expect("it fits");
        assert_eq!(messages.iter().map(|message| message.data.len()).collect::<Vec<_>>(), [largest.len()]);
    }

    #[test]
    fn a_message_that_cannot_be_read_is_named_by_what_stands_before_it() {
        let long = vec![b'a'; MESSAGE_BYTES_MAX + 1];
        for (interest, piece, expected) in [
            (Interest::default(), &b"data: {}\n\n"[..], "the next message of the stream: missing field"),
            (Interest { from: Some(4), ..Interest::default() }, b"\xff\n", " from receipt 4 on: it is no text"),
            (
                Interest { after: Some(Position { receipt: 3, position: 1 }), ..Interest::default() },
                &long,
                &format!(" behind 3.1: it has more than {MESSAGE_BYTES_MAX} bytes, which no event has"),
            ),
        ] {
            let mut reader = Reader::new(Client::new("http://127.0.0.1:1"), interest);
            let error = reader.take(piece).expect_err("it makes no sense").to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn an_interest_becomes_an_address() {
        assert_eq!(Interest::default().path(), "/v1/stream");
        let interest = Interest {
            after: Some(Position { receipt: 3, position: 1 }),
            modules: vec!["evidence".to_owned(), "identity".to_owned()],
            subject: Some("存证 &".to_owned()),
            refusals: true,
            ..Interest::default()
        };
        let expected =
            "/v1/stream?after=3.1&modules=evidence%2Cidentity&subject=%E5%AD%98%E8%AF%81%20%26&refusals=true";
        assert_eq!(interest.path(), expected);
    }
}
