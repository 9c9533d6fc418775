//! Guessing is made slow: after a few wrong passwords, each costs a longer wait, by account and by address. Receipts are
//! guarded by it in the same way.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::web::{Digest, household_of};

/// Wrong passwords that cost nothing, for people who mistype.
const FREE_BY_ACCOUNT: u32 = 4;
/// Many of our readers, and all of one office, come from one address.
const FREE_BY_ADDRESS: u32 = 20;
/// The longest wait, in seconds.
const LONGEST: i64 = 15 * 60;
/// After so many hours without a wrong password all is forgotten.
const FORGET_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// Above this many entries, forgotten ones are cleared away, and if that is not enough, those that need not wait.
const MANY: usize = 10_000;

/// Wrong passwords counted since the site started.
#[derive(Default)]
pub struct SignInThrottle(Mutex<HashMap<String, Failures>>);

struct Failures {
    count: u32,
    last: Timestamp,
}

impl SignInThrottle {
    /// Begins a try: an error tells how many seconds this account and this address must wait first. Each try counts
    /// as a wrong password until it [succeeded](Self::succeeded), so that many at once are no way round the wait.
    /// An address that has no account waits like one that has.
    pub fn begin(&self, email: &str, address: IpAddr, now: Timestamp) -> Result<(), i64> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() > MANY {
            known.retain(|_, failures| !failures.is_forgotten(now));
        }
        if known.len() > MANY {
            known.retain(|_, failures| failures.wait(FREE_BY_ACCOUNT, now) > 0);
        }
        let keys = keys(email, address);
        for (key, _) in &keys {
            // A clock that was set back would make them wait for the day it came from.
            if let Some(failures) = known.get_mut(key).filter(|failures| failures.last > now) {
                failures.last = now;
            }
        }
        let wait = keys.iter().map(|(key, free)| known.get(key).map_or(0, |failures| failures.wait(*free, now))).max();
        match wait.unwrap_or(0) {
            0 => {
                for (key, _) in keys {
                    let failures = known.entry(key).or_insert(Failures { count: 0, last: now });
                    failures.count = if failures.is_forgotten(now) { 1 } else { failures.count.saturating_add(1) };
                    failures.last = now;
                }
                Ok(())
            }
            seconds => Err(seconds),
        }
    }

    /// Forgets the wrong passwords of an account whose owner got in. Of those of the address, only this try.
    pub fn succeeded(&self, email: &str, address: IpAddr) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let [(account, _), (address, _)] = keys(email, address);
        known.remove(&account);
        if let Some(failures) = known.get_mut(&address) {
            failures.count = failures.count.saturating_sub(1);
        }
    }
}

impl Failures {
    fn wait(&self, free: u32, now: Timestamp) -> i64 {
        if self.count < free || self.is_forgotten(now) {
            return 0;
        }
        let pause = 1_i64.checked_shl(self.count - free).unwrap_or(LONGEST).clamp(1, LONGEST);
        (self.last.as_second() + pause - now.as_second()).max(0)
    }

    fn is_forgotten(&self, now: Timestamp) -> bool {
        now.duration_since(self.last) > FORGET_AFTER
    }
}

/// The account and the address as they are counted: as digests, so that a long text takes no room.
fn keys(email: &str, address: IpAddr) -> [(String, u32); 2] {
    let household = household_of(address);
    [
        (Digest::of(&format!("account {}", email.to_lowercase())), FREE_BY_ACCOUNT),
        (Digest::of(&format!("address {household}")), FREE_BY_ADDRESS),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn each_wrong_password_after_the_fourth_costs_a_longer_wait() {
        let throttle = SignInThrottle::default();
        let address = "203.0.113.5".parse().unwrap();
        let mut waits = vec![];
        let mut now = 0;
        for _ in 0..16 {
            if let Err(seconds) = throttle.begin("A@example.com", address, at(now)) {
                waits.push(seconds);
                now += seconds;
                assert_eq!(throttle.begin("a@example.com", address, at(now - 1)), Err(1));
                assert_eq!(throttle.begin("a@example.com", address, at(now)), Ok(()));
            }
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
        throttle.succeeded("a@example.com", address);
        assert_eq!(throttle.begin("a@example.com", address, at(now)), Ok(()));
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let throttle = SignInThrottle::default();
        let address = "203.0.113.5".parse().unwrap();
        for _ in 0..4 {
            assert_eq!(throttle.begin("a@example.com", address, at(1_000_000)), Ok(()));
        }
        assert_eq!(throttle.begin("a@example.com", address, at(0)), Err(1));
        assert_eq!(throttle.begin("a@example.com", address, at(1)), Ok(()));
    }

    #[test]
    fn one_address_trying_many_accounts_waits_too() {
        let throttle = SignInThrottle::default();
        let address = "2001:db8::1".parse().unwrap();
        for n in 0..20 {
            assert_eq!(throttle.begin(&format!("{n}@example.com"), address, at(0)), Ok(()));
        }
        let neighbour = "2001:db8::2".parse().unwrap();
        assert_eq!(throttle.begin("new@example.com", neighbour, at(0)), Err(1));
        assert_eq!(throttle.begin("new@example.com", "2001:db9::1".parse().unwrap(), at(0)), Ok(()));
    }

    #[test]
    fn a_clock_that_is_set_back_makes_nobody_wait_longer() {
        let throttle = SignInThrottle::default();
        let address = "203.0.113.5".parse().unwrap();
        for _ in 0..4 {
            assert_eq!(throttle.begin("a@example.com", address, at(100_000)), Ok(()));
        }
        assert_eq!(throttle.begin("a@example.com", address, at(0)), Err(1));
        assert_eq!(throttle.begin("a@example.com", address, at(1)), Ok(()));
    }

    #[test]
    fn however_many_addresses_try_no_more_than_so_many_are_remembered() {
        let throttle = SignInThrottle::default();
        let guessed = "203.0.113.5".parse().unwrap();
        for _ in 0..8 {
            let _ = throttle.begin("owner@example.com", guessed, at(0));
        }
        for n in 0..30_000_u32 {
            let address = IpAddr::from(std::net::Ipv4Addr::from(n));
            assert_eq!(throttle.begin(&format!("{n}@example.com"), address, at(0)), Ok(()));
            assert!(throttle.0.lock().unwrap().len() <= MANY + 2);
        }
        assert!(throttle.begin("owner@example.com", guessed, at(0)).is_err(), "who must wait still waits");
    }
}
