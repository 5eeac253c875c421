//! The API's own store: tokens, webhooks, keys of idempotency.

use super::{Check, Look, Subject};
use tongban_api::store::{FILE, StoreError};

pub const OPENS: Check = Check {
    name: "store.opens",
    why: "tokens and webhooks stand in it and nowhere else; without it the node does not start",
    look: opens,
};

fn opens(subject: &Subject) -> Look {
    let (Ok(config), Some(store)) = (&subject.config, &subject.store) else {
        return Look::Skipped("no configuration".to_owned());
    };
    let path = config.data.join(FILE);
    let path = path.display();
    let error = match store {
        Ok(None) => return Look::Well(format!("{path} is made at the first start")),
        Ok(Some(form)) => return Look::Well(format!("it opens, in the form {form}")),
        Err(error) => error,
    };
    let advice = match error {
        StoreError::Newer { .. } => {
            "put the newer program in place again, or restore the file as it was before it".to_owned()
        }
        StoreError::Access { .. } => format!("give {path} to the user of the node"),
        StoreError::Damaged { .. } | StoreError::Failed(_) => format!(
            "restore {path} from its backup; moved away, it is made anew without the tokens and webhooks that it has"
        ),
    };
    Look::Failure(format!("{path}: {error}"), advice)
}
