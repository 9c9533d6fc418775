//! How many connections each visitor holds, so that one cannot take the places of all.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::web::{Patience, TrustedProxies, household_of, network_of};

/// How many connections each household holds.
type Held = Arc<Mutex<HashMap<IpAddr, usize>>>;

/// Everybody who is connected.
#[derive(Clone)]
pub(super) struct Crowd {
    held: Held,
    per_household: usize,
    counts_own_house: bool,
    proxies: TrustedProxies,
}

/// A place in the crowd; it is free again when it goes out of sight.
pub(super) struct Place(Option<(IpAddr, Held)>);

impl Crowd {
    pub fn new(patience: &Patience, proxies: TrustedProxies) -> Self {
        let Patience { per_household, counts_own_house, .. } = *patience;
        Self { held: Arc::default(), per_household, counts_own_house, proxies }
    }

    /// A place for one more connection from `peer`; none where its household holds too many. Trusted proxies bring many.
    pub fn enter(&self, peer: IpAddr) -> Option<Place> {
        let peer = peer.to_canonical();
        let is_own_house = network_of(peer).is_none() && !self.counts_own_house;
        if is_own_house || self.proxies.0.contains(&peer) {
            return Some(Place(None));
        }
        let household = household_of(peer);
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.get(&household).copied().unwrap_or(0);
        (count < self.per_household).then(|| {
            held.insert(household, count + 1);
            Place(Some((household, self.held.clone())))
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((household, held)) = self.0.take() else { return };
        let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
        match held.get_mut(&household) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                held.remove(&household);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_household_has_its_places_and_gives_them_back() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let patience = Patience { per_household: 2, ..Patience::default() };
        let crowd = Crowd::new(&patience, TrustedProxies(vec![ip("203.0.113.1")]));
        let first = crowd.enter(ip("2001:db8:1:2::1"));
        let second = crowd.enter(ip("2001:db8:1:2:ffff::9"));
        assert!(first.is_some() && second.is_some());
        assert!(crowd.enter(ip("2001:db8:1:2::3")).is_none(), "the same /64");
        assert!(crowd.enter(ip("2001:db8:1:3::1")).is_some(), "another one");
        drop(first);
        let third = crowd.enter(ip("2001:db8:1:2::3"));
        assert!(third.is_some());
        drop((second, third));
        assert!(crowd.held.lock().unwrap().is_empty(), "nobody is remembered who has gone");
        for unbounded in ["203.0.113.1", "::ffff:203.0.113.1", "127.0.0.1", "10.0.0.1"] {
            let places: Vec<_> = (0..9).map(|_| crowd.enter(ip(unbounded))).collect();
            assert!(places.iter().all(Option::is_some), "{unbounded}");
        }
    }
}
