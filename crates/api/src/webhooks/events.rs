//! What a webhook is told: receipts as events, and which of them pass its filters.
//!
//! An event's body follows from its receipt alone, so it is made anew for each attempt and never stored. This file knows no module: an
//! event is `{"module": {"happened": {"field": …}}}`, and what it is about is its first field that is a text, such as a record's
//! number or an account. A refused transaction is told as `transaction.refused` to those who ask for it by name.

use crate::backend::Described;
use crate::store::webhooks::{FILTER_TEXT_MAX, Filters, NewDelivery, WebhookId};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tongban_types::{Outcome, Receipt, Time};

/// The module that refusals are told under.
const TRANSACTION: &str = "transaction";
/// The kind of refusals.
const REFUSED: &str = "transaction.refused";
/// The kind of deliveries that only show that a webhook works.
pub(crate) const TEST: &str = "webhook.test";

/// One thing that happened.
pub(crate) struct Occurrence {
    /// Its place in its receipt.
    pub(crate) event: u32,
    module: String,
    pub(crate) kind: String,
    pub(crate) subject: String,
    detail: Value,
}

/// What happened with a receipt, in order.
pub(crate) fn occurrences(described: &Described) -> Vec<Occurrence> {
    let account = described.receipt.account.to_string();
    match &described.receipt.outcome {
        Outcome::Refused(refusal) => vec![Occurrence {
            event: 0,
            module: TRANSACTION.to_owned(),
            kind: REFUSED.to_owned(),
            subject: account,
            detail: json!({ "code": refusal.code, "call": refusal.call }),
        }],
        Outcome::Applied { .. } => (0..)
            .zip(&described.events)
            .map(|(event, value)| {
                let (module, happened) = named(value);
                let (name, fields) = named(happened);
                Occurrence {
                    event,
                    module: module.to_owned(),
                    kind: format!("{module}.{name}"),
                    subject: subject(fields).unwrap_or_else(|| account.clone()),
                    detail: fields.clone(),
                }
            })
            .collect(),
    }
}

/// The name and the content of an externally tagged value.
fn named(value: &Value) -> (&str, &Value) {
    match value {
        Value::Object(fields) if fields.len() == 1 => {
            fields.iter().next().map_or(("unknown", value), |(name, content)| (name.as_str(), content))
        }
        Value::String(name) => (name, &Value::Null),
        _ => ("unknown", value),
    }
}

fn subject(fields: &Value) -> Option<String> {
    let first = fields.as_object()?.values().find_map(Value::as_str)?;
    Some(first.chars().take(FILTER_TEXT_MAX).collect())
}

impl Occurrence {
    /// Whether a webhook with these filters is told.
    pub(crate) fn passes(&self, filters: &Filters) -> bool {
        let named =
            |names: &[tongban_types::Text<FILTER_TEXT_MAX>], name: &str| names.iter().any(|entry| **entry == *name);
        let passes =
            |names: &[tongban_types::Text<FILTER_TEXT_MAX>], name: &str| names.is_empty() || named(names, name);
        let is_asked_for =
            self.module != TRANSACTION || named(&filters.modules, TRANSACTION) || named(&filters.kinds, REFUSED);
        is_asked_for
            && passes(&filters.modules, &self.module)
            && passes(&filters.kinds, &self.kind)
            && passes(&filters.subjects, &self.subject)
    }

    /// The delivery to a webhook. Its message is the same whenever it is made.
    pub(crate) fn delivery(&self, webhook: WebhookId, receipt: u64) -> NewDelivery {
        let digest: [u8; 32] = Sha256::digest(format!("tongban webhook 1 {webhook} {receipt} {}", self.event)).into();
        NewDelivery {
            message: format!("msg_{}", hex::encode(&digest[..16])),
            receipt: Some(receipt),
            event: self.event,
            kind: self.kind.clone(),
            subject: self.subject.clone(),
        }
    }

    /// The body that is sent.
    pub(crate) fn body(&self, receipt: &Receipt) -> Vec<u8> {
        let body = json!({
            "type": self.kind,
            "timestamp": receipt.time,
            "data": {
                "receipt": receipt.number,
                "event": self.event,
                "height": receipt.height,
                "transaction": receipt.transaction,
                "account": receipt.account,
                "request_id": receipt.request_id,
                "subject": self.subject,
                "detail": self.detail,
            },
        });
        serde_json::to_vec(&body).expect("JSON can be written")
    }
}

/// The body of a test.
pub(crate) fn test_body(webhook: WebhookId, made_at: Time) -> Vec<u8> {
    let body = json!({ "type": TEST, "timestamp": made_at, "data": { "webhook": webhook.to_string() } });
    serde_json::to_vec(&body).expect("JSON can be written")
}

#[cfg(test)]
mod tests {
    use super::*;
    use tongban_types::{AccountId, Digest, List, RequestId, Text};

    fn described(outcome: Outcome, events: Vec<Value>) -> Described {
        let receipt = Receipt {
            number: 7,
            transaction: Digest([1; 32]),
            account: AccountId([2; AccountId::BYTES]),
            request_id: RequestId([3; RequestId::BYTES]),
            not_after: Time::MAX,
            height: 5,
            time: Time::from_millis(1_000).expect("a time"),
            outcome,
        };
        Described { receipt, events, refusal: None }
    }

    fn applied(events: Vec<Value>) -> Described {
        described(Outcome::Applied { events: List::default() }, events)
    }

    fn filters(modules: &[&str], kinds: &[&str], subjects: &[&str]) -> Filters {
        let list = |names: &[&str]| names.iter().map(|name| Text::new(*name).expect("a name")).collect();
        Filters { modules: list(modules), kinds: list(kinds), subjects: list(subjects) }
    }

    #[test]
    fn events_are_named_and_have_a_subject() {
        let account = AccountId([2; AccountId::BYTES]).to_string();
        let found = occurrences(&applied(vec![
            json!({ "evidence": { "registered": { "count": 3, "id": "ab", "content": "cd" } } }),
            json!({ "network": { "changed": { "count": 3 } } }),
            json!({ "network": "stopped" }),
            json!(["no", "event"]),
        ]));
        let seen: Vec<(u32, &str, &str)> =
            found.iter().map(|found| (found.event, found.kind.as_str(), found.subject.as_str())).collect();
        assert_eq!(
            seen,
            [
                (0, "evidence.registered", "ab"),
                (1, "network.changed", account.as_str()),
                (2, "network.stopped", account.as_str()),
                (3, "unknown.unknown", account.as_str()),
            ]
        );
    }

    #[test]
    fn what_passes_fits_every_list() {
        let event = json!({ "evidence": { "registered": { "id": "ab" } } });
        let refused = Outcome::Refused(tongban_types::receipt::Refusal {
            code: Text::new("evidence.exists").expect("a code"),
            call: Some(0),
        });
        for (filters, event_passes, refusal_passes) in [
            (filters(&[], &[], &[]), true, false),
            (filters(&["evidence"], &[], &[]), true, false),
            (filters(&["identity"], &[], &[]), false, false),
            (filters(&[], &["evidence.registered"], &["ab"]), true, false),
            (filters(&[], &["evidence.registered"], &["xy"]), false, false),
            (filters(&["identity"], &["evidence.registered"], &[]), false, false),
            (filters(&["transaction"], &[], &[]), false, true),
            (filters(&[], &["transaction.refused", "evidence.registered"], &[]), true, true),
        ] {
            assert_eq!(occurrences(&applied(vec![event.clone()]))[0].passes(&filters), event_passes, "{filters:?}");
            let described = described(refused.clone(), Vec::new());
            assert_eq!(occurrences(&described)[0].passes(&filters), refusal_passes, "{filters:?}");
        }
    }

    #[test]
    fn a_delivery_is_the_same_whenever_it_is_made() {
        let described = applied(vec![json!({ "evidence": { "registered": { "id": "ab" } } })]);
        let [webhook, other] = ["wh_0000000000000001", "wh_0000000000000002"].map(|id| id.parse().expect("an id"));
        let make = |webhook| occurrences(&described)[0].delivery(webhook, 7);
        assert_eq!(make(webhook), make(webhook));
        assert_ne!(make(webhook).message, make(other).message);
        let body: Value = serde_json::from_slice(&occurrences(&described)[0].body(&described.receipt)).expect("JSON");
        assert_eq!(body["type"], "evidence.registered");
        assert_eq!(body["timestamp"], "1970-01-01T00:00:01.000Z");
        assert_eq!((&body["data"]["receipt"], &body["data"]["height"]), (&json!(7), &json!(5)));
        assert_eq!(body["data"]["detail"], json!({ "id": "ab" }));
    }
}
