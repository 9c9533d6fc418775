//! Rate limit of everything that searches: a search is the most expensive request that anybody can make.

use std::collections::HashMap;
use std::future::{Ready, ready};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};

use crate::clock::Clock;
use crate::web::eviction::make_room;
use crate::web::{PageError, client_address, household_of, network_of};

/// Above so many groups, those that have waited longest since their last search are forgotten.
const MANY: usize = 20_000;

/// Who shares a limit. A household of IPv6 is a /64, of which anybody can have 65,536 in a /48, and a provider as many /48 in
/// a /32: so these have limits too, which are reached before the finer ones multiply. An address of IPv4 stands alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Group {
    Household(IpAddr),
    Network([u16; 3]),
    Provider([u16; 2]),
}

impl Group {
    fn all_of(address: IpAddr) -> Vec<Self> {
        let household = household_of(address);
        let mut groups = vec![Self::Household(household)];
        if let IpAddr::V6(v6) = household {
            let [a, b, c, ..] = v6.segments();
            groups.extend([Self::Network([a, b, c]), Self::Provider([a, b])]);
        }
        groups
    }

    /// Searches at once, and the milliseconds after which there is one more.
    fn quota(self) -> (i64, i64) {
        match self {
            Self::Household(_) => (30, 1000),
            Self::Network(_) => (120, 250),
            Self::Provider(_) => (480, 62),
        }
    }
}

/// Searches counted since the site started: for each group the instant at which it has its whole quota again, in
/// milliseconds of the clock (the "theoretical arrival time" of the generic cell rate algorithm).
pub struct SearchLimit {
    full_at: Mutex<HashMap<Group, i64>>,
    clock: Clock,
}

impl SearchLimit {
    /// Nothing counted yet.
    pub fn new(clock: Clock) -> Self {
        Self { full_at: Mutex::default(), clock }
    }

    /// Counts a search; an error is how many seconds to wait first. What is refused is not counted.
    fn count_from(&self, address: IpAddr) -> Result<(), i64> {
        let now = i64::try_from(self.clock.has_run().unsigned_abs().as_millis()).unwrap_or(i64::MAX);
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let groups = Group::all_of(address);
        let next = |group: &Group| {
            let (at_once, every) = group.quota();
            let next = full_at.get(group).copied().unwrap_or(now).max(now) + every;
            (next, next - now - at_once * every)
        };
        let wait = groups.iter().map(|group| next(group).1).max().unwrap_or(0);
        if wait > 0 {
            return Err(u64::try_from(wait).unwrap_or(0).div_ceil(1000).try_into().unwrap_or(i64::MAX));
        }
        let counted: Vec<_> = groups.into_iter().map(|group| (group, next(&group).0)).collect();
        for (group, next) in counted {
            make_room(&mut full_at, MANY, |full_at| *full_at);
            full_at.insert(group, next);
        }
        Ok(())
    }
}

/// The sender of a request, as the limit of searches counts them.
#[derive(Clone)]
pub struct Searcher {
    limit: Data<SearchLimit>,
    /// `None` for this machine and its own network: behind a proxy that is not trusted, everybody seems to come from there.
    address: Option<IpAddr>,
}

impl std::fmt::Debug for Searcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Searcher").finish_non_exhaustive()
    }
}

impl Searcher {
    /// Reads what the request carries.
    pub fn of(request: &HttpRequest) -> Option<Self> {
        let address = client_address(request);
        let limit = request.app_data::<Data<SearchLimit>>()?.clone();
        Some(Self { limit, address: network_of(address).map(|_| address) })
    }

    /// Counts a search; an error is how many seconds to wait first.
    pub fn count(&self) -> Result<(), i64> {
        self.address.map_or(Ok(()), |address| self.limit.count_from(address))
    }
}

impl FromRequest for Searcher {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request).ok_or_else(|| PageError::Internal(anyhow::anyhow!("there is no limit of searches"))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use std::net::{Ipv4Addr, Ipv6Addr};

    fn limit() -> (SearchLimit, Clock) {
        let clock = Clock::standing_at("2026-11-22T09:00:00Z".parse().unwrap());
        (SearchLimit::new(clock.clone()), clock)
    }

    #[test]
    fn thirty_at_once_and_then_one_a_second() {
        let (limit, clock) = limit();
        let address = "203.0.113.9".parse().unwrap();
        for _ in 0..30 {
            assert_eq!(limit.count_from(address), Ok(()));
        }
        assert_eq!(limit.count_from(address), Err(1));
        assert_eq!(limit.count_from("203.0.113.10".parse().unwrap()), Ok(()), "a neighbour");
        clock.advance(SignedDuration::from_secs(2));
        assert_eq!([(); 3].map(|()| limit.count_from(address)), [Ok(()), Ok(()), Err(1)]);
    }

    #[test]
    fn one_customer_with_many_addresses_is_one() {
        let (limit, _) = limit();
        for n in 0..30 {
            assert_eq!(limit.count_from(format!("2001:db8:1:2::{n}").parse().unwrap()), Ok(()));
        }
        assert_eq!(limit.count_from("2001:db8:1:2:ffff::1".parse().unwrap()), Err(1));
        assert_eq!(limit.count_from("2001:db8:1:3::1".parse().unwrap()), Ok(()));
    }

    #[test]
    fn somebody_with_many_networks_of_ipv6_reaches_their_own_limit_and_nobody_elses() {
        let (limit, _) = limit();
        let mut taken = [0; 2];
        for n in 0..100_000_u32 {
            let [_, _, b, c] = n.to_be_bytes().map(u16::from);
            let in_one_48 = Ipv6Addr::new(0x2001, 0xdb8, 1, (b << 8) | c, 0, 0, 0, 1);
            let in_one_32 = Ipv6Addr::new(0x2a02, 0x1234, (b << 8) | c, 7, 0, 0, 0, 1);
            for (taken, address) in taken.iter_mut().zip([in_one_48, in_one_32]) {
                *taken += i32::from(limit.count_from(address.into()).is_ok());
            }
        }
        assert_eq!(taken, [120, 480]);
        for other in ["2001:db9::1", "203.0.113.9", "2a02:1235::1"] {
            for _ in 0..30 {
                assert_eq!(limit.count_from(other.parse().unwrap()), Ok(()), "{other}");
            }
        }
    }

    #[test]
    fn however_many_addresses_search_the_memory_is_bounded_and_a_visitor_is_not_affected() {
        let (limit, _) = limit();
        let busy = "203.0.113.9".parse().unwrap();
        for _ in 0..30 {
            assert_eq!(limit.count_from(busy), Ok(()));
        }
        for n in 0..200_000_u32 {
            assert_eq!(limit.count_from(Ipv4Addr::from(0x0800_0000 + n * 256).into()), Ok(()), "{n}");
            assert!(limit.full_at.lock().unwrap().len() <= MANY);
        }
        assert_eq!(limit.count_from(busy), Err(1), "who used up the quota is still known");
        assert_eq!(limit.count_from("198.51.100.7".parse().unwrap()), Ok(()));
    }
}
