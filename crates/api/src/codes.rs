//! The codes that the rim answers by itself, before or instead of the ledger: each with who must act and what that one can
//! do. Codes of modules stand in the modules; [`how`] has a sentence for each of their kinds.
//!
//! A code is stable: it never changes its meaning and is never used again for another.

use crate::backend::{Rejection, RejectionKind};

/// A code and what stands behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The stable code, such as `api.malformed`.
    pub code: &'static str,
    /// Who must act.
    pub kind: RejectionKind,
    /// The HTTP status, where it says more than the kind's own.
    pub status: Option<u16>,
    /// One sentence: what is the matter.
    pub message: &'static str,
    /// One sentence: what the one who must act can do.
    pub how: &'static str,
}

impl Code {
    /// The rejection in the table's words.
    pub fn rejection(&self) -> Rejection {
        self.because(self.message)
    }

    /// The rejection with a sentence about the case at hand.
    pub fn because(&self, message: impl Into<String>) -> Rejection {
        Rejection::new(self.code, self.kind, message)
    }
}

/// What the one who must act can do about a code of this kind, where nothing more particular is known.
pub fn how(kind: RejectionKind) -> &'static str {
    match kind {
        RejectionKind::Invalid => "change the request; the same one will be refused again",
        RejectionKind::NotFound => "check the identifiers, and whether what they name was final when you asked",
        RejectionKind::Conflict => "read the present state, then decide whether to ask for something else",
        RejectionKind::Denied => {
            "ask an administrator for the role or the right that is missing, or use another account"
        }
        RejectionKind::Unauthenticated => "send the token that the operator of this node gave you",
        RejectionKind::Unavailable => "send the same request again later, or to another node",
        RejectionKind::TooMany => "wait as long as `Retry-After` says, then send the same request again",
        RejectionKind::TooLarge => "divide the request into smaller ones",
    }
}

/// The code in the table, where the rim has it.
pub fn find(code: &str) -> Option<&'static Code> {
    ALL.iter().find(|entry| entry.code == code)
}

/// Declares the codes as constants and lists them, so that none is used without standing in the table.
macro_rules! codes {
    ($($name:ident: $code:literal, $kind:ident $($status:literal)?, $message:literal, $how:literal;)*) => {
        $(
            #[doc = concat!("`", $code, "`: ", $message, ".")]
            pub const $name: Code = Code {
                code: $code,
                kind: RejectionKind::$kind,
                status: codes!(@status $($status)?),
                message: $message,
                how: $how,
            };
        )*

        /// All codes of the rim, in the order of their groups.
        pub const ALL: &[Code] = &[$($name),*];
    };
    (@status) => { None };
    (@status $status:literal) => { Some($status) };
}

codes! {
    // api: the request as HTTP.
    NO_SUCH_ROUTE: "api.no_such_route", NotFound,
        "there is no such address",
        "look the address up in /v1/openapi.json";
    METHOD: "api.method", Invalid 405,
        "this address does not know this method",
        "use a method that the answer's `Allow` names";
    CONTENT_TYPE: "api.content_type", Invalid 415,
        "the body is of a type that this address does not read",
        "send the body as one of the types that /v1/openapi.json names, and say so in `Content-Type`";
    BODY: "api.body", Invalid 400,
        "the body could not be read to its end",
        "send the request again, complete, with the right `Content-Length`";
    BODY_TOO_LARGE: "api.body_too_large", TooLarge,
        "the body is larger than any that this address reads",
        "divide the request into smaller ones";
    NOT_JSON: "api.not_json", Invalid 400,
        "the body is no JSON",
        "send one JSON value (RFC 8259) in UTF-8, nested less than 128 deep";
    MALFORMED: "api.malformed", Invalid,
        "a part of the request cannot be read",
        "correct the part that the message names";
    UNKNOWN_PARAMETER: "api.unknown_parameter", Invalid,
        "the request has a parameter that this address does not know",
        "leave the parameter out, or correct its name";
    TOO_MANY_STREAMS: "api.too_many_streams", TooMany,
        "this node serves as many streams as it can",
        "close streams that you do not need, wait, or use another node";
    NO_SUCH_MODULE: "api.no_such_module", NotFound,
        "there is no module of this name",
        "take the name from /v1/modules";
    TIMEOUT: "api.timeout", Unavailable 408,
        "the request was not answered in time",
        "send the same request again; a transaction's request id makes that safe";
    BODY_TOO_SLOW: "api.body_too_slow", Invalid 408,
        "the body arrived too slowly",
        "send the request again over a better connection, or in smaller parts";
    TOO_DEEP: "api.too_deep", Invalid,
        "the JSON is nested more deeply than any request needs",
        "compare the body with the schema in /v1/openapi.json";
    BUSY: "api.busy", Unavailable,
        "the node serves as many requests as it can",
        "wait as long as `Retry-After` says, then send the same request again";
    RATE: "api.rate", TooMany,
        "too many requests in too short a time",
        "wait as long as `Retry-After` says; the operator of the node can give a token with a higher rate";
    TOKEN_MISSING: "api.token_missing", Unauthenticated,
        "this needs a token",
        "send `Authorization: Bearer` and the token that the operator of this node gave you";
    TOKEN_MALFORMED: "api.token_malformed", Unauthenticated,
        "this is no token, or one with a typing error",
        "copy the token again, whole, with its prefix `tb_`";
    TOKEN_UNKNOWN: "api.token_unknown", Unauthenticated,
        "this node does not know the token",
        "check that the token was made on this node, or ask its operator for one";
    TOKEN_EXPIRED: "api.token_expired", Unauthenticated,
        "the token has expired",
        "ask the operator of this node for a new one";
    TOKEN_REVOKED: "api.token_revoked", Unauthenticated,
        "the token was revoked",
        "ask the operator of this node why, and for a new one";
    TOKEN_ADDRESS: "api.token_address", Denied,
        "the token may not be used from this address",
        "use it from where it was made for, or ask the operator of this node to change that";
    SCOPE: "api.scope", Denied,
        "the caller may not do this",
        "ask the operator of this node for a token with the scope that is missing";
    IDEMPOTENCY_KEY_MALFORMED: "api.idempotency_key_malformed", Invalid 400,
        "the `Idempotency-Key` is no text of 1 to 128 visible ASCII characters",
        "use a random key, such as a UUID";
    IDEMPOTENCY_KEY_REUSED: "api.idempotency_key_reused", Invalid,
        "this `Idempotency-Key` belongs to another request",
        "use a new key for a new request, or repeat the first one unchanged";
    IDEMPOTENCY_KEY_IN_USE: "api.idempotency_key_in_use", Conflict,
        "the first request with this `Idempotency-Key` is still being worked on",
        "wait a moment, then send the same request again to get its answer";

    // token: tokens of this node.
    TOKEN_NOT_FOUND: "token.not_found", NotFound,
        "there is no such token",
        "look for it in the list of tokens";
    TOKEN_BEYOND_OWN: "token.beyond_own", Denied,
        "a token cannot make one that may do more, for longer, faster or from elsewhere than itself",
        "ask for less, or have the operator make the token on the command line";
    TOKEN_TOO_MANY: "token.too_many", Conflict,
        "this node has as many tokens as it can",
        "revoke those that nobody uses";

    // webhook: webhooks of this node.
    WEBHOOK_NOT_FOUND: "webhook.not_found", NotFound,
        "there is no such webhook, or it is another's",
        "look for it in the list of webhooks";
    WEBHOOK_URL: "webhook.url", Invalid,
        "nothing can be sent to this URL",
        "use an https URL on the public internet; the operator can allow others in the node's configuration";
    WEBHOOK_TOO_MANY: "webhook.too_many", Conflict,
        "this node has as many webhooks as it can",
        "remove one that is no longer needed";
    WEBHOOK_DELIVERY_NOT_FOUND: "webhook.delivery_not_found", NotFound,
        "there is no such delivery, or it is forgotten already",
        "look for it in the list of deliveries";

    // tx: a transaction that did not reach the ledger.
    TX_MALFORMED: "tx.malformed", Invalid,
        "the transaction cannot be read",
        "have it encoded by /v1/transactions/prepare, or follow generated/wire.txt";
    TX_TOO_LARGE: "tx.too_large", TooLarge,
        "the transaction has too many bytes",
        "divide its calls over several transactions";
    TX_WRONG_NETWORK: "tx.wrong_network", Invalid,
        "the transaction is meant for another network",
        "take the network's identifier from /v1/status and sign again";
    TX_EXPIRED: "tx.expired", Invalid,
        "the transaction has expired without effect",
        "sign it again with a later `not_after`, and check your clock";
    TX_WINDOW_TOO_LONG: "tx.window_too_long", Invalid,
        "not_after lies further ahead than the network's window",
        "sign again with a `not_after` inside the window, and check your clock";
    TX_BAD_SIGNATURE: "tx.bad_signature", Invalid,
        "the signature is not good",
        "sign the bytes that /v1/transactions/prepare gives, with the key that the transaction names";

    // receipt: looking for what became of a transaction.
    RECEIPT_NOT_FOUND: "receipt.not_found", NotFound,
        "there is no such receipt, or not yet",
        "ask again until `not_after` has passed; then the transaction had no effect and never will";

    // slip: proofs for QR codes.
    SLIP_NO_EVENTS: "slip.no_events", Conflict,
        "the receipt has no events that a slip could show",
        "have the refusal proven by the full bundle";
    SLIP_NEEDS_BUNDLE: "slip.needs_bundle", Conflict,
        "the receipt can only be proven by the full bundle",
        "ask for the bundle; a slip cannot show how validators changed";
    SLIP_TOO_LARGE: "slip.too_large", Conflict,
        "the receipt's events are too long for a slip",
        "ask for the bundle; what is meant for a QR code should be in a transaction of its own";

    // query: questions to modules.
    QUERY_MALFORMED: "query.malformed", Invalid,
        "the question cannot be read",
        "compare it with the schema of Query in /v1/openapi.json";
    QUERY_TOO_MUCH: "query.too_much", Invalid,
        "the question needs too many records",
        "ask for less at once";

    // index: lists and search.
    INDEX_OFF: "index.off", Unavailable,
        "this node keeps no index, so it has no lists and no search",
        "ask another node; this one's operator must set `index` in its configuration";
    INDEX_UNAVAILABLE: "index.unavailable", Unavailable,
        "the database of this node's index does not answer",
        "try again later, or ask another node; this one's operator must look into its log";
    INDEX_OTHER_NETWORK: "index.other_network", Unavailable,
        "the database of this node's index belongs to another network",
        "ask another node; this one's operator must name another database, or run `tongban index rebuild`";
    INDEX_OTHER_VERSION: "index.other_version", Unavailable,
        "the index of this node was written by another version of the program",
        "ask another node; this one's operator must run `tongban index rebuild`";
    INDEX_CORRUPT: "index.corrupt", Unavailable,
        "the database of this node's index holds what does not belong there",
        "ask another node; this one's operator must run `tongban index rebuild`";
    INDEX_CURSOR_INVALID: "index.cursor_invalid", Invalid,
        "the cursor belongs to another list",
        "take `next` from the page before, unchanged, and repeat the other parameters";
    INDEX_QUERY_EMPTY: "index.query_empty", Invalid,
        "there is nothing to look for",
        "give a name, a number or a code";
    INDEX_QUERY_TOO_LONG: "index.query_too_long", Invalid,
        "the text is too long to be looked for",
        "give 100 characters at most";

    // node: the node itself.
    NODE_BUSY: "node.busy", TooMany,
        "too many transactions wait",
        "wait as long as `Retry-After` says, then send the same transaction again";
    NODE_DISK_LOW: "node.disk_low", Unavailable,
        "the node's disk is nearly full",
        "use another node; this one's operator must make room";
    NODE_STOPPED: "node.stopped", Unavailable,
        "the node has stopped",
        "use another node, or try again when this one is back";
    NODE_FAILED: "node.failed", Unavailable,
        "the node has failed",
        "use another node; this one's operator must look into its log";
    NODE_NO_BORDER: "node.no_border", Unavailable,
        "this node has neither tokens nor webhooks",
        "use another node";
    STORE_FAILED: "node.store_failed", Unavailable,
        "the node's own store has failed",
        "try again later; this node's operator must look into its log";
    NODE_NOT_FOUND: "node.not_found", NotFound,
        "nothing has this number or key here",
        "check the number or key, and whether it was final when you asked";
    NODE_NOT_PROVABLE_YET: "node.not_provable_yet", Unavailable,
        "it is final, but cannot be proven yet",
        "ask again after the next block";
    NODE_TOO_MANY: "node.too_many", Invalid,
        "more was asked for at once than one question may",
        "ask for less at once";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_stands_once_and_is_short() {
        let codes: BTreeSet<&str> = ALL.iter().map(|entry| entry.code).collect();
        assert_eq!(codes.len(), ALL.len());
        for entry in ALL {
            assert_eq!(&*entry.rejection().code, entry.code, "a code is a short identifier");
            let (group, name) = entry.code.split_once('.').expect("a group and a name");
            let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'_'));
            assert!(plain(group) && plain(name), "{}", entry.code);
            assert!(!entry.message.ends_with('.') && !entry.how.ends_with('.'), "{}", entry.code);
        }
    }

    #[test]
    fn no_source_makes_a_rejection_with_a_code_outside_the_table() {
        let crates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut waiting = vec![crates.join("api/src"), crates.join("node/src")];
        let mut files = 0;
        while let Some(folder) = waiting.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder of sources") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    waiting.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).expect("a source is text");
                let of_program = text.split("#[cfg(test)]").next().unwrap_or_default();
                for part in of_program.split("Rejection::new(").skip(1) {
                    let literal = part.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
                    assert!(literal.is_none(), "{}: make {literal:?} from a constant of codes.rs", path.display());
                }
                files += 1;
            }
        }
        assert!(files > 10, "sources were looked at");
    }

    #[test]
    fn a_rejection_says_how_from_the_table_or_from_its_kind() {
        assert_eq!(METHOD.because("no").how, METHOD.how);
        let of_a_module = Rejection::new("evidence.exists", RejectionKind::Conflict, "the number is taken");
        assert_eq!(of_a_module.how, how(RejectionKind::Conflict));
    }
}
