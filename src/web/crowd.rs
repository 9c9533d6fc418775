//! How many connections each visitor and each network holds, so that one cannot take the places of all.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::web::{Patience, TrustedProxies, household_of, network_of};

/// How many connections each group holds.
type Held = Arc<Mutex<HashMap<Group, usize>>>;

/// A /48 of IPv6, with its 65,536 households, can be had for nothing: together they may hold as many connections as so
/// many households.
const HOUSEHOLDS_IN_A_NETWORK: usize = 8;

/// Who shares a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Group {
    /// An address, or a /64 of IPv6.
    Household(IpAddr),
    /// A /48 of IPv6. A network of IPv4 is no group: there, an address is dear, and many share it already.
    Network([u16; 3]),
}

/// Everybody who is connected.
#[derive(Clone)]
pub(super) struct Crowd {
    held: Held,
    per_household: usize,
    counts_own_house: bool,
    proxies: TrustedProxies,
}

/// A place in the crowd; it is free again when it goes out of sight.
pub(super) struct Place(Vec<Group>, Held);

impl Crowd {
    pub fn new(patience: &Patience, proxies: TrustedProxies) -> Self {
        let Patience { per_household, counts_own_house, .. } = *patience;
        Self { held: Arc::default(), per_household, counts_own_house, proxies }
    }

    /// A place for one more connection from `peer`; none where its household or network holds too many. Trusted proxies
    /// bring many.
    pub fn enter(&self, peer: IpAddr) -> Option<Place> {
        let peer = peer.to_canonical();
        let is_own_house = network_of(peer).is_none() && !self.counts_own_house;
        if is_own_house || self.proxies.contain(peer) {
            return Some(Place(vec![], self.held.clone()));
        }
        let groups = groups_of(peer);
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let is_room = groups.iter().all(|group| held.get(group).copied().unwrap_or(0) < self.bound(group));
        is_room.then(|| {
            groups.iter().for_each(|group| *held.entry(*group).or_default() += 1);
            Place(groups, self.held.clone())
        })
    }

    fn bound(&self, group: &Group) -> usize {
        match group {
            Group::Household(_) => self.per_household,
            Group::Network(_) => self.per_household * HOUSEHOLDS_IN_A_NETWORK,
        }
    }
}

fn groups_of(peer: IpAddr) -> Vec<Group> {
    let household = household_of(peer);
    let mut groups = vec![Group::Household(household)];
    if let IpAddr::V6(v6) = household {
        let [a, b, c, ..] = v6.segments();
        groups.push(Group::Network([a, b, c]));
    }
    groups
}

impl Drop for Place {
    fn drop(&mut self) {
        let Self(groups, held) = self;
        let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
        for group in groups {
            match held.get_mut(group) {
                Some(count) if *count > 1 => *count -= 1,
                _ => {
                    held.remove(group);
                }
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
        let crowd = Crowd::new(&patience, TrustedProxies(vec![ip("203.0.113.1").into()]));
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
        let places: Vec<_> = (0..99).map(|house| crowd.enter(ip(&format!("2001:db8:1:{house}::1")))).collect();
        assert_eq!(places.iter().flatten().count(), 16, "of one /48, as many as eight households may");
        assert!(crowd.enter(ip("2001:db8:2::1")).is_some(), "another one");
        drop(places);
        for unbounded in ["203.0.113.1", "::ffff:203.0.113.1", "127.0.0.1", "10.0.0.1"] {
            let places: Vec<_> = (0..9).map(|_| crowd.enter(ip(unbounded))).collect();
            assert!(places.iter().all(Option::is_some), "{unbounded}");
        }
    }
}
