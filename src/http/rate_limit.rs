//! Rate limit of searches, the most expensive public requests.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use crate::clock::Clock;
use crate::http::eviction::evict_if_full;
use crate::http::ip_or_prefix64;

/// Maximum number of clients that are counted. Those whose quota is full again first are evicted.
const MAX_TRACKED_KEYS: usize = 20_000;

/// Address or network that shares a limit.
///
/// One IPv6 customer has a /64 network, but a /48 contains 65,536 of them and a /32 as many /48 networks. These larger
/// networks have limits too, so that one customer cannot multiply the quota. IPv4 addresses have a limit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum ClientKey {
    IpOrPrefix64(IpAddr),
    Prefix48([u16; 3]),
    Prefix32([u16; 2]),
}

impl ClientKey {
    fn keys_of(address: IpAddr) -> Vec<Self> {
        let ip = ip_or_prefix64(address);
        let mut keys = vec![Self::IpOrPrefix64(ip)];
        if let IpAddr::V6(v6) = ip {
            let [a, b, c, ..] = v6.segments();
            keys.extend([Self::Prefix48([a, b, c]), Self::Prefix32([a, b])]);
        }
        keys
    }

    /// Burst size, and the interval in milliseconds after which one more search is permitted.
    fn quota(self) -> (i64, i64) {
        match self {
            Self::IpOrPrefix64(_) => (30, 1000),
            Self::Prefix48(_) => (120, 250),
            Self::Prefix32(_) => (480, 62),
        }
    }
}

/// Rate limit by client address, with the generic cell rate algorithm.
///
/// Stores for each client when its quota is full again (the GCRA time), in milliseconds of the monotonic
/// clock.
pub struct SearchRateLimit {
    full_at: Mutex<HashMap<ClientKey, i64>>,
    clock: Clock,
}

impl SearchRateLimit {
    pub fn new(clock: Clock) -> Self {
        Self { full_at: Mutex::default(), clock }
    }

    /// Counts a search. The error is the number of seconds to wait; rejected searches are not counted.
    pub fn check_ip(&self, address: IpAddr) -> Result<(), i64> {
        let now = i64::try_from(self.clock.monotonic().unsigned_abs().as_millis()).unwrap_or(i64::MAX);
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = ClientKey::keys_of(address);
        let next = |key: &ClientKey| {
            let (burst, interval_ms) = key.quota();
            let next = full_at.get(key).copied().unwrap_or(now).max(now) + interval_ms;
            (next, next - now - burst * interval_ms)
        };
        let wait = keys.iter().map(|key| next(key).1).max().unwrap_or(0);
        if wait > 0 {
            return Err(u64::try_from(wait).unwrap_or(0).div_ceil(1000).try_into().unwrap_or(i64::MAX));
        }
        let counted: Vec<_> = keys.into_iter().map(|key| (key, next(&key).0)).collect();
        for (key, next) in counted {
            evict_if_full(&mut full_at, MAX_TRACKED_KEYS, |full_at| *full_at);
            full_at.insert(key, next);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use std::net::{Ipv4Addr, Ipv6Addr};

    fn limit() -> (SearchRateLimit, Clock) {
        let clock = Clock::fixed("2026-11-22T09:00:00Z".parse().unwrap());
        (SearchRateLimit::new(clock.clone()), clock)
    }

    #[test]
    fn burst_of_30_then_one_search_per_second() {
        let (limit, clock) = limit();
        let address = "203.0.113.9".parse().unwrap();
        for _ in 0..30 {
            assert_eq!(limit.check_ip(address), Ok(()));
        }
        assert_eq!(limit.check_ip(address), Err(1));
        assert_eq!(limit.check_ip("203.0.113.10".parse().unwrap()), Ok(()), "another address");
        clock.advance(SignedDuration::from_secs(2));
        assert_eq!([(); 3].map(|()| limit.check_ip(address)), [Ok(()), Ok(()), Err(1)]);
    }

    #[test]
    fn addresses_of_one_prefix_64_share_a_limit() {
        let (limit, _) = limit();
        for n in 0..30 {
            assert_eq!(limit.check_ip(format!("2001:db8:1:2::{n}").parse().unwrap()), Ok(()));
        }
        assert_eq!(limit.check_ip("2001:db8:1:2:ffff::1".parse().unwrap()), Err(1));
        assert_eq!(limit.check_ip("2001:db8:1:3::1".parse().unwrap()), Ok(()));
    }

    #[test]
    fn ipv6_prefixes_48_and_32_have_limits_of_their_own() {
        let (limit, _) = limit();
        let mut taken = [0; 2];
        for n in 0..100_000_u32 {
            let [_, _, b, c] = n.to_be_bytes().map(u16::from);
            let in_one_48 = Ipv6Addr::new(0x2001, 0xdb8, 1, (b << 8) | c, 0, 0, 0, 1);
            let in_one_32 = Ipv6Addr::new(0x2a02, 0x1234, (b << 8) | c, 7, 0, 0, 0, 1);
            for (taken, address) in taken.iter_mut().zip([in_one_48, in_one_32]) {
                *taken += i32::from(limit.check_ip(address.into()).is_ok());
            }
        }
        assert_eq!(taken, [120, 480]);
        for other in ["2001:db9::1", "203.0.113.9", "2a02:1235::1"] {
            for _ in 0..30 {
                assert_eq!(limit.check_ip(other.parse().unwrap()), Ok(()), "{other}");
            }
        }
    }

    #[test]
    fn tracked_keys_are_bounded() {
        let (limit, _) = limit();
        let busy = "203.0.113.9".parse().unwrap();
        for _ in 0..30 {
            assert_eq!(limit.check_ip(busy), Ok(()));
        }
        for n in 0..200_000_u32 {
            assert_eq!(limit.check_ip(Ipv4Addr::from(0x0800_0000 + n * 256).into()), Ok(()), "{n}");
            assert!(limit.full_at.lock().unwrap().len() <= MAX_TRACKED_KEYS);
        }
        assert_eq!(limit.check_ip(busy), Err(1), "the client without quota is still counted");
        assert_eq!(limit.check_ip("198.51.100.7".parse().unwrap()), Ok(()));
    }
}
