//! The data folder: it can be used, it is this network's, and nobody else works in it.

use super::answers::Answer;
use super::subject::Holder;
use super::{Check, Look, Subject};
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

pub const USABLE: Check =
    Check { name: "data.folder", why: "everything that the node keeps is written there", look: usable };

pub const NETWORK: Check = Check {
    name: "data.network",
    why: "a folder belongs to one network for ever; with another it is refused",
    look: network,
};

pub const IN_USE: Check = Check {
    name: "data.in_use",
    why: "two processes in one folder would destroy it, so the second is refused",
    look: in_use,
};

fn usable(subject: &Subject) -> Look {
    let Ok(config) = &subject.config else { return Look::Skipped("no configuration".to_owned()) };
    let data = config.data.display();
    match std::fs::metadata(&config.data) {
        Ok(metadata) if !metadata.is_dir() => Look::Failure(
            format!("{data} is not a folder"),
            "name another folder in `data`, or move the file away".to_owned(),
        ),
        Ok(metadata) => writable(&config.data, &metadata),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => creatable(&config.data),
        Err(error) => Look::Failure(format!("{data}: {error}"), "let the user of the node reach the folder".to_owned()),
    }
}

fn writable(data: &Path, metadata: &Metadata) -> Look {
    let me = rustix::process::geteuid().as_raw();
    if let Err(error) = Probe::new(data) {
        let what = format!("{} cannot be written to by user {me}: {error}", data.display());
        return Look::Failure(what, "give the folder and all in it to the user of the node".to_owned());
    }
    if let Some((path, owner)) = of_another_user(data, metadata.uid()) {
        return Look::Failure(
            format!("{} belongs to user {owner}, the folder to user {}", path.display(), metadata.uid()),
            "give all of the folder to the user of the node; it happens when the node was once run as root".to_owned(),
        );
    }
    if metadata.uid() != me {
        return Look::Warning(
            format!("{} belongs to user {}, the doctor runs as user {me}", data.display(), metadata.uid()),
            "run the doctor as the user of the node".to_owned(),
        );
    }
    if metadata.mode() & 0o022 != 0 {
        let advice = format!("chmod go-w '{}'", data.display());
        return Look::Warning("users other than the owner may write to it".to_owned(), advice);
    }
    Look::Well(format!("{}, writable", data.display()))
}

fn creatable(data: &Path) -> Look {
    let parent = existing_ancestor(data);
    match Probe::new(&parent) {
        Ok(_) => Look::Well(format!("{} is made at the first start", data.display())),
        Err(error) => Look::Failure(
            format!("{} is not there and cannot be made: {}: {error}", data.display(), parent.display()),
            "make the folder and give it to the user of the node".to_owned(),
        ),
    }
}

/// The folder itself or the first one above it that exists.
pub fn existing_ancestor(path: &Path) -> PathBuf {
    let existing = path.ancestors().find(|folder| folder.is_dir());
    existing.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

/// Two levels suffice: whatever a start as another user leaves behind begins there.
fn of_another_user(data: &Path, owner: u32) -> Option<(PathBuf, u32)> {
    let entries = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let below: Vec<PathBuf> = entries(data).collect();
    let deeper = below.iter().filter(|path| path.is_dir()).flat_map(|folder| entries(folder));
    below.iter().cloned().chain(deeper).find_map(|path| {
        let found = std::fs::symlink_metadata(&path).ok()?.uid();
        (found != owner).then_some((path, found))
    })
}

fn network(subject: &Subject) -> Look {
    let Ok(config) = &subject.config else { return Look::Skipped("no configuration".to_owned()) };
    let Some(network) = subject.network() else { return Look::Skipped("there is no genesis".to_owned()) };
    match std::fs::read_to_string(config.data.join("network")) {
        Ok(found) if found.trim() == network.to_string() => Look::Well("the folder is this network's".to_owned()),
        Ok(found) => Look::Failure(
            format!("the folder belongs to the network {}, the genesis is of {network}", found.trim()),
            "name the folder or the genesis that belong together; never delete a folder before its node runs elsewhere"
                .to_owned(),
        ),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Look::Well("the folder is not in use by any network yet".to_owned())
        }
        Err(error) => Look::Failure(
            format!("the folder does not say which network it belongs to: {error}"),
            "let the user of the node read the file `network` in the data folder".to_owned(),
        ),
    }
}

fn in_use(subject: &Subject) -> Look {
    match (&subject.holder, &subject.own_api) {
        (Holder::Nobody, _) => Look::Well("no process works in it".to_owned()),
        (Holder::Unknown(reason), _) => Look::Skipped(reason.clone()),
        (Holder::Process, Some(Ok(answer))) if !is_this_node(subject, answer) => Look::Failure(
            format!(
                "a process works in it, but `api` is answered by another node: {}, network {}",
                answer.department, answer.network
            ),
            "correct `api` or `data`: they belong to different nodes".to_owned(),
        ),
        (Holder::Process, Some(Ok(answer))) => match &answer.reason {
            None => Look::Well(format!("this node runs, at height {}", answer.height)),
            Some(reason) => Look::Warning(
                format!("this node runs but is not ready: {reason}"),
                "see peers.* and clock.* below; a node that was away needs time to catch up".to_owned(),
            ),
        },
        (Holder::Process, Some(Err(reason))) => Look::Failure(
            format!("a process works in it, and no node answers at `api`: {reason}"),
            "it may be starting or stopping: try again in a minute; else find the process that holds the file `lock`"
                .to_owned(),
        ),
        (Holder::Process, None) => Look::Skipped("the node that runs was not asked".to_owned()),
    }
}

/// Whether network and department are those of the configuration; what it does not tell counts as the same.
fn is_this_node(subject: &Subject, answer: &Answer) -> bool {
    subject.network().is_none_or(|network| network.to_string() == answer.network)
        && subject.department().is_none_or(|department| department == answer.department)
}

/// A new file in a folder, which is removed again.
pub struct Probe {
    path: PathBuf,
    /// The file.
    pub file: std::fs::File,
}

impl Probe {
    /// Makes the file.
    pub fn new(folder: &Path) -> std::io::Result<Self> {
        let path = folder.join(format!(".tongban-doctor-{}", std::process::id()));
        let file = std::fs::File::options().create_new(true).write(true).open(&path)?;
        Ok(Self { path, file })
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path); // nothing depends on it
    }
}
