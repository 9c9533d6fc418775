//! How often one visitor may search: it is the dearest thing that anybody can ask of the site for nothing.

use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::HttpRequest;
use governor::clock::Clock as Timepiece;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::clock::Clock;
use crate::web::{PageError, client_address, household_of, network_of};

/// Searches at once, for whoever looks through much; after them one a second.
const AT_ONCE: NonZeroU32 = NonZeroU32::new(30).unwrap();
/// Above so many visitors within half a minute, those of one network are counted as one, and above twice as many all are.
const MANY: usize = 10_000;

/// Searches counted since the site started, by address; of IPv6, by what one customer has to himself.
pub struct SearchLimit {
    counted: RateLimiter<IpAddr, DashMapStateStore<IpAddr>, Pendulum, NoOpMiddleware<Nanos>>,
    clock: Clock,
    cleared_at: AtomicU64,
}

/// The site's clock as the limiter reads it.
#[derive(Clone)]
struct Pendulum(Clock);

impl Timepiece for Pendulum {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.0.has_run().unsigned_abs().into()
    }
}

impl SearchLimit {
    /// Nothing counted yet.
    pub fn new(clock: Clock) -> Self {
        let quota = Quota::per_second(NonZeroU32::MIN).allow_burst(AT_ONCE);
        let counted = RateLimiter::dashmap_with_clock(quota, Pendulum(clock.clone()));
        Self { counted, clock, cleared_at: AtomicU64::new(0) }
    }

    /// Counts a search; an error says how long this visitor must wait first. This machine and its own network are not
    /// counted: behind a proxy that is not trusted, everybody seems to come from there.
    pub fn count(&self, request: &HttpRequest) -> Result<(), PageError> {
        let address = client_address(request);
        if network_of(address).is_none() { Ok(()) } else { self.count_from(address).map_err(PageError::TooMany) }
    }

    fn count_from(&self, address: IpAddr) -> Result<(), i64> {
        let key = match self.known() / MANY {
            0 => household_of(address),
            1 => first_of_network(address),
            _ => Ipv4Addr::UNSPECIFIED.into(),
        };
        self.counted.check_key(&key).map_err(|early| {
            let wait = early.wait_time_from(Pendulum(self.clock.clone()).now());
            i64::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(i64::MAX).max(1)
        })
    }

    /// How many visitors are remembered, after those are forgotten who have not searched for a while: looked through
    /// once a second at most, since there are many.
    fn known(&self) -> usize {
        let now = self.clock.has_run().unsigned_abs().as_secs();
        if self.counted.len() >= MANY && self.cleared_at.swap(now, Ordering::Relaxed) != now {
            self.counted.retain_recent();
        }
        self.counted.len()
    }
}

/// The first address of its network, which stands for all of them.
fn first_of_network(address: IpAddr) -> IpAddr {
    let first = network_of(address).and_then(|network| network.split('/').next()?.parse().ok());
    first.unwrap_or(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

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
    fn however_many_come_no_more_than_so_many_are_remembered() {
        let (limit, clock) = limit();
        for n in 0..200_000_u32 {
            let _ = limit.count_from(Ipv4Addr::from(0x0800_0000 + n * 256).into());
        }
        assert!(limit.counted.len() <= 2 * MANY + 1, "{}", limit.counted.len());
        clock.advance(SignedDuration::from_secs(60));
        assert_eq!(limit.count_from("203.0.113.9".parse().unwrap()), Ok(()));
        assert_eq!(limit.counted.len(), 1, "a minute later they are forgotten");
    }
}
