//! Tokens, with one that has the scope `admin`. Nothing here is sent twice: whoever does not know whether a token was made lists them.

use super::paging::{address, rows};
use super::{Client, ClientError, NO_BODY, escape};
use crate::routes::tokens::{NewTokenView, TokenPage, TokenRequest, TokenView};
use futures::Stream;
use reqwest::Method;

fn page_address(after: Option<&str>) -> String {
    address("/v1/tokens", [("after", after.map(str::to_owned))])
}

fn token_address(id: &str) -> String {
    format!("/v1/tokens/{}", escape(id))
}

impl Client {
    /// Makes a token that may do no more than the client's own. Its secret is in this answer and never again.
    pub async fn create_token(&self, asked: &TokenRequest) -> Result<NewTokenView, ClientError> {
        self.ask(Method::POST, "/v1/tokens", Some(asked)).await
    }

    /// One token, without its secret.
    pub async fn token(&self, id: &str) -> Result<TokenView, ClientError> {
        self.get(&token_address(id)).await
    }

    /// A page of tokens in the order of their identifiers: the first, or the one behind an identifier.
    pub async fn token_page(&self, after: Option<&str>) -> Result<TokenPage, ClientError> {
        self.get(&page_address(after)).await
    }

    /// All tokens, revoked and expired ones among them. Ends with the first error.
    pub fn tokens(&self) -> impl Stream<Item = Result<TokenView, ClientError>> + Unpin + Send + use<> {
        let client = self.clone();
        rows(page_address(None), move |path| {
            let client = client.clone();
            async move {
                let TokenPage { tokens, next } = client.get(&path).await?;
                Ok((tokens, next.map(|after| page_address(Some(&after)))))
            }
        })
    }

    /// Revokes a token: it lets nobody in from the next request on. With `descendants` so do those that it has made, those that these have
    /// made, and so on.
    pub async fn revoke_token(&self, id: &str, descendants: bool) -> Result<TokenView, ClientError> {
        let path = address(&token_address(id), [("descendants", descendants.then(|| "true".to_owned()))]);
        self.ask(Method::DELETE, &path, NO_BODY).await
    }
}
