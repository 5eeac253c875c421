//! The node's key: its file is its owner's alone, it opens, and it is a validator's of this genesis.

use super::{Check, Look, Subject};
use crate::signer::PASSPHRASE_VARIABLE;
use std::os::unix::fs::MetadataExt as _;
use tongban_crypto::key_file::KeyFileError;

pub const PERMISSIONS: Check = Check {
    name: "key.permissions",
    why: "whoever reads the key can vote as this department, so a file that others can read is refused",
    look: permissions,
};

pub const OPENS: Check = Check { name: "key.opens", why: "without its key the node cannot vote", look: opens };

pub const VALIDATOR: Check = Check {
    name: "key.validator",
    why: "only the keys that stand in the genesis may vote; with another the node does not start",
    look: validator,
};

pub const ENCRYPTED: Check = Check {
    name: "key.encrypted",
    why: "a copy of an unencrypted file, as in a backup, is a copy of the key",
    look: encrypted,
};

fn permissions(subject: &Subject) -> Look {
    let Ok(config) = &subject.config else { return Look::Skipped("no configuration".to_owned()) };
    let path = config.key.display();
    let metadata = match std::fs::metadata(&config.key) {
        Ok(metadata) => metadata,
        Err(error) => return Look::Failure(format!("{path}: {error}"), format!("put the node's key file at {path}")),
    };
    let mode = metadata.mode() & 0o777;
    if mode & 0o077 != 0 {
        let advice =
            format!("chmod 600 '{path}'; if others may have read it, treat the key as known to them and replace it");
        return Look::Failure(format!("{path} is accessible for others than its owner (mode {mode:03o})"), advice);
    }
    let (owner, me) = (metadata.uid(), rustix::process::geteuid().as_raw());
    if owner != me {
        return Look::Warning(
            format!("{path} belongs to user {owner}, the doctor runs as user {me}"),
            "run the doctor as the user of the node, or give the file to that user".to_owned(),
        );
    }
    Look::Well(format!("mode {mode:03o}, owner {owner}"))
}

fn opens(subject: &Subject) -> Look {
    let (Ok(config), Some(file)) = (&subject.config, &subject.key_file) else {
        return Look::Skipped("no configuration".to_owned());
    };
    let path = config.key.display();
    let opened = match (file, &subject.key) {
        (Ok(_), Some(Ok(_))) => return Look::Well("it opens".to_owned()),
        (Err(error), _) => error,
        (Ok(_), Some(Err(error))) => error,
        (Ok(_), None) => return Look::Skipped("the key file was not read".to_owned()),
    };
    let advice = match opened {
        KeyFileError::PassphraseNeeded => format!("give its passphrase in {PASSPHRASE_VARIABLE}"),
        KeyFileError::NotUnlocked => format!("correct {PASSPHRASE_VARIABLE}, or restore {path} from its backup"),
        KeyFileError::Exposed { .. } => return Look::Skipped("its permissions come first".to_owned()),
        KeyFileError::Access { .. } => {
            "make the file readable for the user of the node, and for nobody else".to_owned()
        }
        KeyFileError::Exists { .. } | KeyFileError::Malformed { .. } | KeyFileError::Purpose { .. } => {
            format!("name this node's own signing key in `key`, or restore {path} from its backup")
        }
    };
    Look::Failure(format!("{path}: {opened}"), advice)
}

fn validator(subject: &Subject) -> Look {
    let Some(Ok(key)) = &subject.key else { return Look::Skipped("the key is not open".to_owned()) };
    let Ok(genesis) = &subject.genesis else { return Look::Skipped("there is no genesis".to_owned()) };
    match subject.department() {
        Some(department) => Look::Well(format!("it is the key of {department}")),
        None if key.suite() != genesis.suite => Look::Failure(
            format!("the key is of the suite {}, the genesis of {}", key.suite(), genesis.suite),
            "name the key file and the genesis of one network".to_owned(),
        ),
        None => Look::Failure(
            "the key is none of the validators' in the genesis".to_owned(),
            "name this node's own key file, or the genesis of its own network".to_owned(),
        ),
    }
}

fn encrypted(subject: &Subject) -> Look {
    match &subject.key_file {
        Some(Ok(file)) if file.is_encrypted() => Look::Well("the file is encrypted".to_owned()),
        Some(Ok(_)) => Look::Warning(
            "the key lies in its file as it is".to_owned(),
            format!("for more than a trial, make the network's keys with {PASSPHRASE_VARIABLE} set"),
        ),
        _ => Look::Skipped("the key file was not read".to_owned()),
    }
}
