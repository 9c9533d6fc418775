//! Rate limits of sign-in: after a few wrong passwords each further one costs a longer wait. Receipts use them too.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::http::{Sha256Hex, evict_if_full, ip_or_prefix64, network_prefix};

/// Wrong passwords that cost nothing, of one account from one network: people mistype.
const FREE_ATTEMPTS_PER_NETWORK: u32 = 4;
/// The same in a browser that has signed in before. Nobody else can use them up.
const FREE_ATTEMPTS_PER_DEVICE: u32 = 10;
/// The same from one address, whatever the account. A whole office may have one address.
const FREE_ATTEMPTS_PER_IP: u32 = 20;
/// After so many wrong passwords of one account from anywhere, tries on it are slowed down for every network.
const FREE_ATTEMPTS_PER_ACCOUNT: u32 = 20;
/// By so many seconds. Not more: a distributed attack must not keep the owner out.
const ATTACK_DELAY_SECONDS: i64 = 3;
/// The longest wait, in seconds.
const MAX_BACKOFF_SECONDS: i64 = 15 * 60;
/// After so many hours without a wrong password all is forgotten.
const RESET_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// Above this many entries, those that matter for the shortest time are forgotten.
const MAX_TRACKED_KEYS: usize = 10_000;

/// Wrong passwords counted since the site started.
#[derive(Default)]
pub struct AttemptLimiter(Mutex<HashMap<String, Attempts>>);

struct Attempts {
    count: u32,
    last: Timestamp,
}

/// What one try is counted under.
struct LimitKeys {
    /// What makes it wait, with the wrong passwords that are free. The first one is forgotten when the right one comes.
    limits: Vec<(String, u32)>,
    /// The whole account, from anywhere; `None` in a browser that is exempt from it.
    account: Option<String>,
}

impl AttemptLimiter {
    /// Begins a try: an error tells how many seconds to wait first. Each try counts as a wrong password until it
    /// [succeeded](Self::reset), so that many at once are no way round the wait. An address that has no account
    /// waits like one that has.
    pub fn check_and_count(&self, email: &str, address: IpAddr, now: Timestamp) -> Result<(), i64> {
        self.check_and_count_for_device(None, email, address, now)
    }

    /// The same in a browser that has signed in to this account before: it has a limit of its own, so that nobody
    /// elsewhere can make it wait.
    pub fn check_and_count_for_device(
        &self,
        browser: Option<&str>,
        email: &str,
        address: IpAddr,
        now: Timestamp,
    ) -> Result<(), i64> {
        let keys = LimitKeys::of(browser, email, address);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for key in keys.limits.iter().map(|(key, _)| key).chain(&keys.account) {
            // A clock that was set back would make them wait for the day it came from.
            if let Some(failures) = known.get_mut(key).filter(|failures| failures.last > now) {
                failures.last = now;
            }
        }
        let waits = keys
            .limits
            .iter()
            .map(|(key, free)| known.get(key).map_or(0, |failures| failures.remaining_wait(*free, now)));
        let mut wait = waits.max().unwrap_or(0);
        let is_attacked = |key: &String| {
            known
                .get(key)
                .is_some_and(|failures| failures.count >= FREE_ATTEMPTS_PER_ACCOUNT && !failures.is_expired(now))
        };
        if keys.account.as_ref().is_some_and(is_attacked)
            && let Some((network, _)) = keys.limits.first()
        {
            // Each network waits by itself: with one wait for all, the attacker who asks most often would always be the first.
            match known.get(network).filter(|failures| !failures.is_expired(now)) {
                Some(failures) => wait = wait.max(failures.last.as_second() + ATTACK_DELAY_SECONDS - now.as_second()),
                None => {
                    evict_if_full(&mut known, MAX_TRACKED_KEYS, Attempts::relevant_until);
                    known.insert(network.clone(), Attempts { count: 0, last: now });
                    wait = wait.max(ATTACK_DELAY_SECONDS);
                }
            }
        }
        if wait > 0 {
            return Err(wait);
        }
        for key in keys.all() {
            evict_if_full(&mut known, MAX_TRACKED_KEYS, Attempts::relevant_until);
            let failures = known.entry(key).or_insert(Attempts { count: 0, last: now });
            failures.count = if failures.is_expired(now) { 1 } else { failures.count.saturating_add(1) };
            failures.last = now;
        }
        Ok(())
    }

    /// Forgets the wrong passwords of an account whose owner got in. Of those of the address, only this try.
    pub fn reset(&self, email: &str, address: IpAddr) {
        self.reset_for_device(None, email, address);
    }

    /// The same in a browser that has signed in before.
    pub fn reset_for_device(&self, browser: Option<&str>, email: &str, address: IpAddr) {
        let keys = LimitKeys::of(browser, email, address);
        self.decrement(keys.limits.iter().skip(1).map(|(key, _)| key));
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for key in keys.limits.iter().take(1).map(|(key, _)| key).chain(&keys.account) {
            known.remove(key);
        }
    }

    /// Takes back a try whose password was not looked at.
    pub fn cancel_attempt(&self, browser: Option<&str>, email: &str, address: IpAddr) {
        let keys: Vec<String> = LimitKeys::of(browser, email, address).all().collect();
        self.decrement(keys.iter());
    }

    fn decrement<'a>(&self, keys: impl Iterator<Item = &'a String>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for key in keys {
            if let Some(failures) = known.get_mut(key) {
                failures.count = failures.count.saturating_sub(1);
            }
        }
    }
}

impl Attempts {
    fn remaining_wait(&self, free: u32, now: Timestamp) -> i64 {
        if self.count < free || self.is_expired(now) {
            return 0;
        }
        (self.last.as_second() + self.backoff(free) - now.as_second()).max(0)
    }

    fn backoff(&self, free: u32) -> i64 {
        1_i64.checked_shl(self.count.saturating_sub(free)).unwrap_or(MAX_BACKOFF_SECONDS).clamp(1, MAX_BACKOFF_SECONDS)
    }

    fn relevant_until(&self) -> i64 {
        self.last.as_second() + self.backoff(FREE_ATTEMPTS_PER_NETWORK)
    }

    fn is_expired(&self, now: Timestamp) -> bool {
        now.duration_since(self.last) > RESET_AFTER
    }
}

impl LimitKeys {
    /// As digests, so that a long text takes no room.
    fn of(browser: Option<&str>, email: &str, address: IpAddr) -> Self {
        if let Some(browser) = browser {
            let browser = Sha256Hex::of(&format!("browser {browser}"));
            return Self { limits: vec![(browser, FREE_ATTEMPTS_PER_DEVICE)], account: None };
        }
        let (email, household) = (email.to_lowercase(), ip_or_prefix64(address));
        let network = network_prefix(address).unwrap_or_else(|| household.to_string());
        let waits = vec![
            (Sha256Hex::of(&format!("account {email} from {network}")), FREE_ATTEMPTS_PER_NETWORK),
            (Sha256Hex::of(&format!("address {household}")), FREE_ATTEMPTS_PER_IP),
        ];
        Self { limits: waits, account: Some(Sha256Hex::of(&format!("account {email}"))) }
    }

    fn all(self) -> impl Iterator<Item = String> {
        self.limits.into_iter().map(|(key, _)| key).chain(self.account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: &str = "owner@example.com";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn backoff_doubles_after_the_fourth_wrong_password() {
        let throttle = AttemptLimiter::default();
        let address = ip("203.0.113.5");
        let mut waits = vec![];
        let mut now = 0;
        for _ in 0..16 {
            if let Err(seconds) = throttle.check_and_count("A@example.com", address, at(now)) {
                waits.push(seconds);
                now += seconds;
                assert_eq!(throttle.check_and_count("a@example.com", address, at(now - 1)), Err(1));
                assert_eq!(throttle.check_and_count("a@example.com", address, at(now)), Ok(()));
            }
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
        throttle.reset("a@example.com", address);
        assert_eq!(throttle.check_and_count("a@example.com", address, at(now)), Ok(()));
    }

    #[test]
    fn wrong_passwords_from_elsewhere_do_not_lock_the_owner_out() {
        let throttle = AttemptLimiter::default();
        for second in 0..30 {
            let _ = throttle.check_and_count(OWNER, ip("203.0.113.5"), at(second));
        }
        assert!(throttle.check_and_count(OWNER, ip("203.0.113.77"), at(30)).is_err(), "the same network");
        assert_eq!(throttle.check_and_count(OWNER, ip("198.51.100.7"), at(30)), Ok(()));
    }

    #[test]
    fn a_distributed_attack_delays_the_owner_once_by_a_few_seconds() {
        let throttle = AttemptLimiter::default();
        let attack =
            |network: u8, second| throttle.check_and_count(OWNER, IpAddr::from([198, 51, network, 1]), at(second));
        for network in 0..20 {
            assert_eq!(attack(network, 0), Ok(()));
        }
        let home = ip("203.0.113.5");
        assert_eq!(throttle.check_and_count(OWNER, home, at(10)), Err(3));
        for network in 20..100 {
            assert_eq!(attack(network, 12), Err(3), "so does every network");
        }
        assert_eq!(throttle.check_and_count(OWNER, home, at(12)), Err(1), "asking early costs nothing");
        assert_eq!(
            throttle.check_and_count(OWNER, home, at(13)),
            Ok(()),
            "tries from elsewhere meanwhile change nothing"
        );
        throttle.reset(OWNER, home);
        assert_eq!(throttle.check_and_count(OWNER, ip("192.0.2.1"), at(13)), Ok(()), "and then it is over");
    }

    #[test]
    fn a_known_device_has_its_own_limit() {
        let throttle = AttemptLimiter::default();
        let home = ip("203.0.113.5");
        for second in 0..30 {
            let _ = throttle.check_and_count(OWNER, home, at(second));
        }
        assert!(throttle.check_and_count(OWNER, home, at(30)).is_err());
        for n in 0..10 {
            assert_eq!(throttle.check_and_count_for_device(Some("b1"), OWNER, home, at(30)), Ok(()), "{n}");
        }
        assert_eq!(throttle.check_and_count_for_device(Some("b1"), OWNER, home, at(30)), Err(1));
        assert_eq!(throttle.check_and_count_for_device(Some("b2"), OWNER, home, at(30)), Ok(()));
        throttle.reset_for_device(Some("b1"), OWNER, home);
        assert_eq!(throttle.check_and_count_for_device(Some("b1"), OWNER, home, at(30)), Ok(()));
        assert!(throttle.check_and_count(OWNER, home, at(30)).is_err(), "the others still wait");
    }

    #[test]
    fn a_cancelled_attempt_is_not_counted() {
        let throttle = AttemptLimiter::default();
        let home = ip("203.0.113.5");
        for _ in 0..50 {
            assert_eq!(throttle.check_and_count(OWNER, home, at(0)), Ok(()));
            throttle.cancel_attempt(None, OWNER, home);
        }
    }

    #[test]
    fn a_clock_set_back_does_not_extend_the_backoff() {
        let throttle = AttemptLimiter::default();
        let address = ip("203.0.113.5");
        for _ in 0..4 {
            assert_eq!(throttle.check_and_count("a@example.com", address, at(1_000_000)), Ok(()));
        }
        assert_eq!(throttle.check_and_count("a@example.com", address, at(0)), Err(1));
        assert_eq!(throttle.check_and_count("a@example.com", address, at(1)), Ok(()));
    }

    #[test]
    fn one_address_trying_many_accounts_is_limited() {
        let throttle = AttemptLimiter::default();
        let address = ip("2001:db8::1");
        for n in 0..20 {
            assert_eq!(throttle.check_and_count(&format!("{n}@example.com"), address, at(0)), Ok(()));
        }
        let neighbour = ip("2001:db8::2");
        assert_eq!(throttle.check_and_count("new@example.com", neighbour, at(0)), Err(1));
        assert_eq!(throttle.check_and_count("new@example.com", ip("2001:db9::1"), at(0)), Ok(()));
    }

    #[test]
    fn the_number_of_tracked_keys_is_bounded() {
        let throttle = AttemptLimiter::default();
        let guessed = ip("203.0.113.5");
        for second in 0..8 {
            let _ = throttle.check_and_count(OWNER, guessed, at(second * 4));
        }
        for n in 0..30_000_u32 {
            let address = IpAddr::from(std::net::Ipv4Addr::from(0x0800_0000 + n * 256));
            assert_eq!(throttle.check_and_count(&format!("{n}@example.com"), address, at(28)), Ok(()));
            assert!(throttle.0.lock().unwrap().len() <= MAX_TRACKED_KEYS);
        }
        assert!(throttle.check_and_count(OWNER, guessed, at(28)).is_err(), "who must wait still waits");
    }
}
