//! The genesis can be read and describes a network.

use super::{Check, Look, Subject};

pub const SOUND: Check =
    Check { name: "genesis", why: "it says which network this is and who may vote in it", look: sound };

fn sound(subject: &Subject) -> Look {
    let Ok(config) = &subject.config else { return Look::Skipped("no configuration".to_owned()) };
    match &subject.genesis {
        Ok(genesis) => Look::Well(format!(
            "{}, {} validators, suite {}",
            genesis.name,
            genesis.validators.validators().len(),
            genesis.suite
        )),
        Err(reason) => Look::Failure(
            reason.clone(),
            format!(
                "copy the network's genesis.json to {}, unchanged and the same on every node",
                config.genesis.display()
            ),
        ),
    }
}
