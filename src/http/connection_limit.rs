//! How many connections each visitor and each network holds, so that one cannot take the places of all.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::http::{ServerLimits, TrustedProxies, ip_or_prefix64, network_prefix};

/// How many connections each group holds.
type Counts = Arc<Mutex<HashMap<ClientKey, usize>>>;

/// A /48 of IPv6, with its 65,536 households, can be had for nothing: together they may hold as many connections as so
/// many households.
const PREFIX48_FACTOR: usize = 8;

/// Who shares a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum ClientKey {
    /// An address, or a /64 of IPv6.
    IpOrPrefix64(IpAddr),
    /// A /48 of IPv6. A network of IPv4 is no group: there, an address is dear, and many share it already.
    Prefix48([u16; 3]),
}

/// Everybody who is connected.
#[derive(Clone)]
pub(super) struct ConnectionLimiter {
    counts: Counts,
    max_connections_per_ip: usize,
    limit_private_networks: bool,
    proxies: TrustedProxies,
}

/// A place in the crowd; it is free again when it goes out of sight.
pub(super) struct ConnectionPermit(Vec<ClientKey>, Counts);

impl ConnectionLimiter {
    pub fn new(limits: &ServerLimits, proxies: TrustedProxies) -> Self {
        let ServerLimits { max_connections_per_ip, limit_private_networks, .. } = *limits;
        Self { counts: Arc::default(), max_connections_per_ip, limit_private_networks, proxies }
    }

    /// A place for one more connection from `peer`; none where its household or network holds too many. Trusted proxies
    /// bring many.
    pub fn try_acquire(&self, peer: IpAddr) -> Option<ConnectionPermit> {
        let peer = peer.to_canonical();
        let is_exempt_private = network_prefix(peer).is_none() && !self.limit_private_networks;
        if is_exempt_private || self.proxies.contains(peer) {
            return Some(ConnectionPermit(vec![], self.counts.clone()));
        }
        let keys = client_keys(peer);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let has_capacity =
            keys.iter().all(|group| counts.get(group).copied().unwrap_or(0) < self.max_connections(group));
        has_capacity.then(|| {
            keys.iter().for_each(|group| *counts.entry(*group).or_default() += 1);
            ConnectionPermit(keys, self.counts.clone())
        })
    }

    fn max_connections(&self, group: &ClientKey) -> usize {
        match group {
            ClientKey::IpOrPrefix64(_) => self.max_connections_per_ip,
            ClientKey::Prefix48(_) => self.max_connections_per_ip * PREFIX48_FACTOR,
        }
    }
}

fn client_keys(peer: IpAddr) -> Vec<ClientKey> {
    let ip = ip_or_prefix64(peer);
    let mut keys = vec![ClientKey::IpOrPrefix64(ip)];
    if let IpAddr::V6(v6) = ip {
        let [a, b, c, ..] = v6.segments();
        keys.push(ClientKey::Prefix48([a, b, c]));
    }
    keys
}

impl Drop for ConnectionPermit {
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
    fn connections_are_limited_per_ip_and_released_on_drop() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let limits = ServerLimits { max_connections_per_ip: 2, ..ServerLimits::default() };
        let limiter = ConnectionLimiter::new(&limits, TrustedProxies(vec![ip("203.0.113.1").into()]));
        let first = limiter.try_acquire(ip("2001:db8:1:2::1"));
        let second = limiter.try_acquire(ip("2001:db8:1:2:ffff::9"));
        assert!(first.is_some() && second.is_some());
        assert!(limiter.try_acquire(ip("2001:db8:1:2::3")).is_none(), "the same /64");
        assert!(limiter.try_acquire(ip("2001:db8:1:3::1")).is_some(), "another one");
        drop(first);
        let third = limiter.try_acquire(ip("2001:db8:1:2::3"));
        assert!(third.is_some());
        drop((second, third));
        assert!(limiter.counts.lock().unwrap().is_empty(), "nobody is remembered who has gone");
        let permits: Vec<_> = (0..99).map(|house| limiter.try_acquire(ip(&format!("2001:db8:1:{house}::1")))).collect();
        assert_eq!(permits.iter().flatten().count(), 16, "of one /48, as many as eight households may");
        assert!(limiter.try_acquire(ip("2001:db8:2::1")).is_some(), "another one");
        drop(permits);
        for unbounded in ["203.0.113.1", "::ffff:203.0.113.1", "127.0.0.1", "10.0.0.1"] {
            let permits: Vec<_> = (0..9).map(|_| limiter.try_acquire(ip(unbounded))).collect();
            assert!(permits.iter().all(Option::is_some), "{unbounded}");
        }
    }
}
