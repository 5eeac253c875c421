//! Webhooks, with a token that has the scope `webhooks`: who is told, what was sent, and sending it again. Nothing here is sent twice but
//! reads: whoever does not know whether a webhook was made lists them.

use super::paging::{address, rows, word};
use super::{Client, ClientError, NO_BODY, escape};
use crate::routes::webhooks::{
    DeliveryPage, DeliveryStateView, DeliveryView, NewWebhookView, Replayed, SecretRequest, WebhookChange, WebhookList,
    WebhookRequest, WebhookView,
};
use futures::Stream;
use reqwest::Method;

const WEBHOOKS: &str = "/v1/webhooks";

/// The address of a webhook, and of something that belongs to it.
fn webhook_address(id: &str, part: &str) -> String {
    format!("{WEBHOOKS}/{}{part}", escape(id))
}

fn deliveries_address(id: &str, state: Option<DeliveryStateView>, before: Option<u64>) -> String {
    let parameters = [("state", state.map(word)), ("before", before.map(|before| before.to_string()))];
    address(&webhook_address(id, "/deliveries"), parameters)
}

impl Client {
    /// Has events sent to a URL as they become final. The secret that signs them is in this answer and never again.
    pub async fn create_webhook(&self, asked: &WebhookRequest) -> Result<NewWebhookView, ClientError> {
        self.ask(Method::POST, WEBHOOKS, Some(asked)).await
    }

    /// The webhooks of the client's token; with the scope `admin` all of the node.
    pub async fn webhooks(&self) -> Result<Vec<WebhookView>, ClientError> {
        Ok(self.get::<WebhookList>(WEBHOOKS).await?.webhooks)
    }

    /// One webhook and how it is.
    pub async fn webhook(&self, id: &str) -> Result<WebhookView, ClientError> {
        self.get(&webhook_address(id, "")).await
    }

    /// Changes what is named in the change: filters, URL, whether it sends, where it goes on, who answers for it.
    pub async fn change_webhook(&self, id: &str, change: &WebhookChange) -> Result<WebhookView, ClientError> {
        self.ask(Method::PATCH, &webhook_address(id, ""), Some(change)).await
    }

    /// Removes a webhook with all its deliveries, also those that wait.
    pub async fn remove_webhook(&self, id: &str) -> Result<(), ClientError> {
        self.remove(&webhook_address(id, "")).await
    }

    /// Renews the secret; for a while the former one signs too.
    pub async fn renew_webhook_secret(&self, id: &str, asked: &SecretRequest) -> Result<NewWebhookView, ClientError> {
        self.ask(Method::POST, &webhook_address(id, "/secret"), Some(asked)).await
    }

    /// Has a test sent, whatever the filters are.
    pub async fn test_webhook(&self, id: &str) -> Result<DeliveryView, ClientError> {
        self.ask(Method::POST, &webhook_address(id, "/test"), NO_BODY).await
    }

    /// A page of what was sent, the latest first: the first page, or the one before a place that [`DeliveryPage::next`] has named.
    pub async fn delivery_page(
        &self,
        id: &str,
        state: Option<DeliveryStateView>,
        before: Option<u64>,
    ) -> Result<DeliveryPage, ClientError> {
        self.get(&deliveries_address(id, state, before)).await
    }

    /// All that was sent, or all of one state, the latest first. Ends with the first error.
    pub fn deliveries(
        &self,
        id: &str,
        state: Option<DeliveryStateView>,
    ) -> impl Stream<Item = Result<DeliveryView, ClientError>> + Unpin + Send + use<> {
        let (client, id) = (self.clone(), id.to_owned());
        rows(deliveries_address(&id, state, None), move |path| {
            let (client, id) = (client.clone(), id.clone());
            async move {
                let DeliveryPage { deliveries, next } = client.get(&path).await?;
                Ok((deliveries, next.map(|before| deliveries_address(&id, state, Some(before)))))
            }
        })
    }

    /// All that is not sent any more, the latest first: what the receiver has not taken in any of the attempts.
    pub fn dead_letters(
        &self,
        id: &str,
    ) -> impl Stream<Item = Result<DeliveryView, ClientError>> + Unpin + Send + use<> {
        self.deliveries(id, Some(DeliveryStateView::Dead))
    }

    /// Has one delivery sent again, whatever its state is, under the same identifier.
    pub async fn replay_delivery(&self, id: &str, delivery: &str) -> Result<DeliveryView, ClientError> {
        let part = format!("/deliveries/{}/replay", escape(delivery));
        self.ask(Method::POST, &webhook_address(id, &part), NO_BODY).await
    }

    /// Has all dead letters sent again, those of one subject in their order; how many they are.
    pub async fn replay_dead_letters(&self, id: &str) -> Result<u64, ClientError> {
        let replayed: Replayed = self.ask(Method::POST, &webhook_address(id, "/replay"), NO_BODY).await?;
        Ok(replayed.deliveries)
    }
}
