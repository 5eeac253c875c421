//! The other validators: the configuration names all of them and nobody else, they can be reached, and they fit.

use super::answers::Answer;
use super::subject::SeenPeer;
use super::{Check, Look, Subject};
use crate::config::Peer;
use tongban_types::{Genesis, PublicKey};

pub const COMPLETE: Check = Check {
    name: "peers.complete",
    why: "a validator that is not listed is not let in, and its vote is missed",
    look: complete,
};

pub const STRANGERS: Check = Check {
    name: "peers.strangers",
    why: "who is listed is let into the nodes' network; only validators belong there",
    look: strangers,
};

pub const REACHABLE: Check = Check {
    name: "peers.reachable",
    why: "blocks need the votes of more than two thirds of the validators",
    look: reachable,
};

pub const NETWORK: Check =
    Check { name: "peers.network", why: "nodes with different geneses cannot agree on anything", look: network };

pub const VERSION: Check =
    Check { name: "peers.version", why: "nodes whose rules differ compute different results", look: version };

/// This node's own key: the open one, or none where it does not open.
fn own_key(subject: &Subject) -> Option<PublicKey> {
    subject.key.as_ref()?.as_ref().ok().map(|key| key.public_key())
}

fn listed(subject: &Subject) -> Result<(&[Peer], &Genesis, PublicKey), Look> {
    let Ok(config) = &subject.config else { return Err(Look::Skipped("no configuration".to_owned())) };
    let Ok(genesis) = &subject.genesis else { return Err(Look::Skipped("there is no genesis".to_owned())) };
    let Some(key) = own_key(subject) else { return Err(Look::Skipped("the key is not open".to_owned())) };
    Ok((&config.peers, genesis, key))
}

fn complete(subject: &Subject) -> Look {
    let (peers, genesis, own) = match listed(subject) {
        Ok(listed) => listed,
        Err(skipped) => return skipped,
    };
    let others = genesis.validators.validators().iter().filter(|validator| validator.key != own);
    let missing: Vec<String> = others
        .filter(|validator| !peers.iter().any(|peer| peer.key == validator.key))
        .map(|validator| format!("{} ({})", validator.department, validator.key))
        .collect();
    if missing.is_empty() {
        return Look::Well("every other validator is listed".to_owned());
    }
    Look::Failure(
        format!("not listed: {}", missing.join(", ")),
        "add a [[peers]] entry with key and address for each".to_owned(),
    )
}

fn strangers(subject: &Subject) -> Look {
    let (peers, genesis, own) = match listed(subject) {
        Ok(listed) => listed,
        Err(skipped) => return skipped,
    };
    let is_validator = |key: &PublicKey| genesis.validators.validators().iter().any(|validator| validator.key == *key);
    let strangers: Vec<String> = peers
        .iter()
        .filter(|peer| !is_validator(&peer.key))
        .map(|peer| format!("{} at {}", peer.key, peer.address))
        .collect();
    if !strangers.is_empty() {
        return Look::Failure(
            format!("no validators of this genesis: {}", strangers.join(", ")),
            "remove these [[peers]] entries, or take the genesis they belong to".to_owned(),
        );
    }
    if peers.iter().any(|peer| peer.key == own) {
        let advice = "remove the entry; it is a sign that the configuration was made for another node".to_owned();
        return Look::Warning("the node lists itself".to_owned(), advice);
    }
    Look::Well("nobody but validators is listed".to_owned())
}

/// Votes that the network can miss: fewer than a third of the validators.
fn missable(validators: usize) -> usize {
    validators.saturating_sub(1) / 3
}

fn reachable(subject: &Subject) -> Look {
    let peers = match asked(subject) {
        Ok(peers) => peers,
        Err(skipped) => return skipped,
    };
    let unreachable: Vec<String> = peers
        .iter()
        .filter_map(|seen| seen.port.as_ref().err().map(|reason| format!("{} ({reason})", seen.name())))
        .collect();
    if unreachable.is_empty() {
        return Look::Well(format!("all {} accept a connection", peers.len()));
    }
    let what = format!("{} of {} do not: {}", unreachable.len(), peers.len(), unreachable.join(", "));
    let advice =
        "ask these departments whether their nodes run; else look at addresses, routes and firewalls".to_owned();
    let validators = subject.genesis.as_ref().map_or(peers.len() + 1, |genesis| genesis.validators.validators().len());
    if unreachable.len() > missable(validators) {
        Look::Failure(format!("{what}; too few are left for a quorum"), advice)
    } else {
        Look::Warning(what, advice)
    }
}

/// The peers, where they were asked.
fn asked(subject: &Subject) -> Result<&[SeenPeer], Look> {
    match &subject.peers {
        _ if subject.config.is_err() => Err(Look::Skipped("no configuration".to_owned())),
        None => Err(Look::Skipped("other nodes are not asked (--local)".to_owned())),
        Some(peers) if peers.is_empty() => Err(Look::Skipped("there are no peers".to_owned())),
        Some(peers) => Ok(peers),
    }
}

/// Peers whose API has answered.
type Answered<'a> = Vec<(&'a SeenPeer, &'a Answer)>;

/// What the peers' APIs answered, and how many of the peers are unknown in this respect.
pub fn answers(subject: &Subject) -> Result<(Answered<'_>, usize), Look> {
    let peers = asked(subject)?;
    let known: Answered<'_> = peers.iter().filter_map(|seen| Some((seen, seen.api.as_ref()?.as_ref().ok()?))).collect();
    if known.is_empty() {
        return Err(Look::Skipped("unknown: no peer's API answers (`api` in its [[peers]] entry)".to_owned()));
    }
    let unknown = peers.len() - known.len();
    Ok((known, unknown))
}

/// "of 3" and how many are unknown.
pub fn of_how_many(known: usize, unknown: usize) -> String {
    if unknown == 0 { format!("of all {known}") } else { format!("of {known}, {unknown} unknown") }
}

fn network(subject: &Subject) -> Look {
    let Some(network) = subject.network().map(|network| network.to_string()) else {
        return Look::Skipped("there is no genesis".to_owned());
    };
    let (known, unknown) = match answers(subject) {
        Ok(answers) => answers,
        Err(skipped) => return skipped,
    };
    let others: Vec<String> = known
        .iter()
        .filter(|(_, answer)| answer.network != network)
        .map(|(seen, answer)| format!("{} is of {}", seen.name(), answer.network))
        .collect();
    if others.is_empty() {
        return Look::Well(format!("the same {}", of_how_many(known.len(), unknown)));
    }
    Look::Failure(
        format!("this node is of {network}; {}", others.join(", ")),
        "compare the genesis files byte for byte, or correct the peers' addresses".to_owned(),
    )
}

fn version(subject: &Subject) -> Look {
    let (known, unknown) = match answers(subject) {
        Ok(answers) => answers,
        Err(skipped) => return skipped,
    };
    let own = env!("CARGO_PKG_VERSION");
    let others: Vec<String> = known
        .iter()
        .filter(|(_, answer)| answer.version != own)
        .map(|(seen, answer)| format!("{} has {}", seen.name(), answer.version))
        .collect();
    if others.is_empty() {
        return Look::Well(format!("{own}, the same {}", of_how_many(known.len(), unknown)));
    }
    Look::Warning(
        format!("this program is {own}; {}", others.join(", ")),
        "finish the upgrade, one node after the other, in the order of the release notes".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_than_a_third_can_be_missed() {
        let expect = [(1, 0), (3, 0), (4, 1), (6, 1), (7, 2), (10, 3), (100, 33)];
        for (validators, missed) in expect {
            assert_eq!(missable(validators), missed, "{validators} validators");
        }
    }
}
