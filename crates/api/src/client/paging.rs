//! Lists that come in pages: addresses with their parameters, and one page after the other as a stream.

use super::{ClientError, escape};
use futures::stream::{iter, try_unfold};
use futures::{Stream, TryStreamExt as _};
use serde::Serialize;

/// An address with those of the parameters that are there.
pub(super) fn address<const COUNT: usize>(path: &str, parameters: [(&str, Option<String>); COUNT]) -> String {
    let present = parameters.into_iter().filter_map(|(name, value)| value.map(|value| (name, value)));
    let parts: Vec<String> = present.map(|(name, value)| format!("{name}={}", escape(&value))).collect();
    if parts.is_empty() { path.to_owned() } else { format!("{path}?{}", parts.join("&")) }
}

/// A variant of the interface as it stands in an address.
pub(super) fn word(variant: impl Serialize) -> String {
    match serde_json::to_value(variant) {
        Ok(serde_json::Value::String(word)) => word,
        other => unreachable!("variants without content are written as words, not as {other:?}"),
    }
}

/// The rows of a page, and the address of the next one, where there is one.
pub(super) type Page<T> = (Vec<T>, Option<String>);

/// All rows from the page at an address on. The next page is asked for when the rows before it were taken; ends with the first error.
pub(super) fn rows<T: Send, F: Future<Output = Result<Page<T>, ClientError>> + Send>(
    first: String,
    ask: impl Fn(String) -> F + Send,
) -> impl Stream<Item = Result<T, ClientError>> + Unpin + Send {
    let pages = try_unfold(Some(first), move |place| {
        let asked = place.map(&ask);
        async move {
            let Some(asked) = asked else { return Ok(None) };
            let (rows, next) = asked.await?;
            Ok(Some((iter(rows.into_iter().map(Ok::<T, ClientError>)), next)))
        }
    });
    Box::pin(pages.try_flatten())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists::{Ending, ListOrder};
    use futures::StreamExt as _;

    #[test]
    fn an_address_has_the_parameters_that_are_there() {
        assert_eq!(address("/v1/events", [("module", None)]), "/v1/events");
        let parameters = [("q", Some("不 &".to_owned())), ("cursor", None), ("order", Some(word(ListOrder::Oldest)))];
        assert_eq!(address("/v1/search", parameters), "/v1/search?q=%E4%B8%8D%20%26&order=oldest");
        assert_eq!(word(Ending::Applied), "applied");
    }

    /// Pages of numbers, by their addresses; `broken` fails.
    fn listed(first: &str) -> impl Stream<Item = Result<u32, ClientError>> + Unpin + Send {
        rows(first.to_owned(), |path| async move {
            match path.as_str() {
                "full" => Ok((vec![1, 2], Some("empty".to_owned()))),
                "empty" => Ok((Vec::new(), Some("last".to_owned()))),
                "last" => Ok((vec![3], None)),
                "leading" => Ok((vec![4], Some("broken".to_owned()))),
                _ => Err(ClientError::NotFinal),
            }
        })
    }

    #[tokio::test]
    async fn pages_are_followed_past_empty_ones_to_the_end_or_the_first_error() {
        let all: Vec<_> = listed("full").collect().await;
        assert_eq!(all.into_iter().collect::<Result<Vec<_>, _>>().expect("no error"), [1, 2, 3]);
        let mut broken = listed("leading");
        assert_eq!(broken.next().await.expect("a row").expect("no error"), 4);
        assert!(broken.next().await.expect("an end that is told").is_err());
        assert!(broken.next().await.is_none(), "nothing comes behind an error");
    }
}
