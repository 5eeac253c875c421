//! The configuration can be read, and each fault of it is named.

use super::{Check, Look, Subject};

pub const READABLE: Check = Check { name: "configuration", why: "without it the node does not start", look: readable };

fn readable(subject: &Subject) -> Look {
    match &subject.config {
        Ok(config) => Look::Well(format!("{} peers, worker_threads {}", config.peers.len(), config.worker_threads)),
        Err(faults) => Look::Failure(
            faults.join("; "),
            format!("mend {} and run the doctor again: what depends on it was not looked at", subject.path.display()),
        ),
    }
}
