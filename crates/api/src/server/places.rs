//! Who may be connected: so many in all, so many from one address.

use super::ServerLimits;
use crate::addresses::{AddressRange, network_of};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often a refusal is logged at most.
const WARNING_INTERVAL: Duration = Duration::from_secs(60);

/// The places of a server.
pub(super) struct Places {
    connections_max: usize,
    connections_per_address_max: usize,
    trusted_proxies: Vec<AddressRange>,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    by_network: HashMap<IpAddr, usize>,
    refused: u64,
    warned: Option<Instant>,
}

/// One place; dropping it gives it back.
pub(super) struct Place {
    places: Arc<Places>,
    network: Option<IpAddr>,
}

impl Places {
    pub(super) fn new(limits: &ServerLimits) -> Self {
        Self {
            connections_max: limits.connections_max,
            connections_per_address_max: limits.connections_per_address_max,
            trusted_proxies: limits.trusted_proxies.clone(),
            taken: Mutex::default(),
        }
    }

    /// A place for a connection from this address, where there is one.
    pub(super) fn take(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let trusted = self.trusted_proxies.iter().any(|range| range.contains(address));
        let network = (!trusted).then(|| network_of(address));
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let of_network = network.map_or(0, |network| taken.by_network.get(&network).copied().unwrap_or(0));
        if taken.all >= self.connections_max || of_network >= self.connections_per_address_max {
            taken.refused = taken.refused.saturating_add(1);
            if taken.warned.is_none_or(|warned| warned.elapsed() >= WARNING_INTERVAL) {
                taken.warned = Some(Instant::now());
                tracing::warn!(
                    open = taken.all,
                    refused = taken.refused,
                    "connections to the API are refused: too many"
                );
            }
            return None;
        }
        taken.all += 1;
        if let Some(network) = network {
            *taken.by_network.entry(network).or_default() += 1;
        }
        drop(taken);
        Some(Place { places: self.clone(), network })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all = taken.all.saturating_sub(1);
        if let Some(network) = self.network
            && let Some(count) = taken.by_network.get_mut(&network)
        {
            *count -= 1;
            if *count == 0 {
                taken.by_network.remove(&network); // so that the table is never larger than the number of connections
            }
        }
    }
}
