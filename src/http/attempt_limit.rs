//! Limits guessing of passwords and other secrets: after a few failures, each further attempt must wait longer.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::http::eviction::evict_if_full;
use crate::http::networks::{ip_or_prefix64, network_prefix};
use crate::http::secret::sha256_hex;

/// Failures without a wait, per account and network.
const FREE_ATTEMPTS_PER_NETWORK: u32 = 4;
/// Failures without a wait on a device that has signed in before. Nobody else can use them up.
const FREE_ATTEMPTS_PER_DEVICE: u32 = 10;
/// Failures without a wait per IP address, for all accounts. An office may share one address.
const FREE_ATTEMPTS_PER_IP: u32 = 20;
/// Failures per account from anywhere after which every network must wait [`ATTACK_DELAY_SECONDS`].
const FREE_ATTEMPTS_PER_ACCOUNT: u32 = 20;
/// Short, because a distributed attack must not lock the owner out.
const ATTACK_DELAY_SECONDS: i64 = 3;
const MAX_BACKOFF_SECONDS: i64 = 15 * 60;
/// Failures are forgotten after this time without another one.
const RESET_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// Above this number of entries, those that expire first are dropped.
const MAX_TRACKED_KEYS: usize = 10_000;

/// Failed attempts since the start of the process.
#[derive(Default)]
pub struct AttemptLimiter(Mutex<HashMap<String, Attempts>>);

struct Attempts {
    count: u32,
    last: Timestamp,
}

/// Keys under which an attempt is counted.
struct LimitKeys {
    /// Keys that cause a wait, with their failures without a wait. Success clears the first one.
    limits: Vec<(String, u32)>,
    /// The account from anywhere; `None` on a device with a limit of its own.
    account: Option<String>,
}

impl AttemptLimiter {
    /// Counts an attempt, or returns the seconds to wait before the next one.
    ///
    /// Each attempt counts as a failure until [`reset`](Self::reset), so that parallel attempts cannot avoid the wait.
    /// Unknown accounts wait like existing ones.
    pub fn check_and_count(&self, email: &str, address: IpAddr, now: Timestamp) -> Result<(), i64> {
        self.check_and_count_for_device(None, email, address, now)
    }

    /// Like [`check_and_count`](Self::check_and_count), for a device that has signed in to this account before. It has
    /// a limit of its own, so that attackers elsewhere cannot make it wait.
    pub fn check_and_count_for_device(
        &self,
        device: Option<&str>,
        email: &str,
        address: IpAddr,
        now: Timestamp,
    ) -> Result<(), i64> {
        let keys = LimitKeys::of(device, email, address);
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for key in keys.limits.iter().map(|(key, _)| key).chain(&keys.account) {
            // The clock was set back.
            if let Some(failures) = entries.get_mut(key).filter(|failures| failures.last > now) {
                failures.last = now;
            }
        }
        let waits = keys
            .limits
            .iter()
            .map(|(key, free)| entries.get(key).map_or(0, |failures| failures.remaining_wait(*free, now)));
        let mut wait = waits.max().unwrap_or(0);
        let is_attacked = |key: &String| {
            entries
                .get(key)
                .is_some_and(|failures| failures.count >= FREE_ATTEMPTS_PER_ACCOUNT && !failures.is_expired(now))
        };
        if keys.account.as_ref().is_some_and(is_attacked)
            && let Some((network, _)) = keys.limits.first()
        {
            // Each network has its own wait. With a shared one, the busiest attacker would always go first.
            match entries.get(network).filter(|failures| !failures.is_expired(now)) {
                Some(failures) => wait = wait.max(failures.last.as_second() + ATTACK_DELAY_SECONDS - now.as_second()),
                None => {
                    evict_if_full(&mut entries, MAX_TRACKED_KEYS, Attempts::relevant_until);
                    entries.insert(network.clone(), Attempts { count: 0, last: now });
                    wait = wait.max(ATTACK_DELAY_SECONDS);
                }
            }
        }
        if wait > 0 {
            return Err(wait);
        }
        for key in keys.all() {
            evict_if_full(&mut entries, MAX_TRACKED_KEYS, Attempts::relevant_until);
            let failures = entries.entry(key).or_insert(Attempts { count: 0, last: now });
            failures.count = if failures.is_expired(now) { 1 } else { failures.count.saturating_add(1) };
            failures.last = now;
        }
        Ok(())
    }

    /// Clears the failures of an account after a success. For the IP address, only this attempt is taken back.
    pub fn reset(&self, email: &str, address: IpAddr) {
        self.reset_for_device(None, email, address);
    }

    /// Like [`reset`](Self::reset), for a device that has signed in before.
    pub fn reset_for_device(&self, device: Option<&str>, email: &str, address: IpAddr) {
        let keys = LimitKeys::of(device, email, address);
        self.decrement(keys.limits.iter().skip(1).map(|(key, _)| key));
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for key in keys.limits.iter().take(1).map(|(key, _)| key).chain(&keys.account) {
            entries.remove(key);
        }
    }

    /// Takes back an attempt that was not checked.
    pub fn cancel_attempt(&self, device: Option<&str>, email: &str, address: IpAddr) {
        let keys: Vec<String> = LimitKeys::of(device, email, address).all().collect();
        self.decrement(keys.iter());
    }

    fn decrement<'a>(&self, keys: impl Iterator<Item = &'a String>) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for key in keys {
            if let Some(failures) = entries.get_mut(key) {
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
    /// Keys are hashes, so that long input takes no memory.
    fn of(device: Option<&str>, email: &str, address: IpAddr) -> Self {
        if let Some(device) = device {
            let device = sha256_hex(format!("device {device}"));
            return Self { limits: vec![(device, FREE_ATTEMPTS_PER_DEVICE)], account: None };
        }
        let (email, ip) = (email.to_lowercase(), ip_or_prefix64(address));
        let network = network_prefix(address).unwrap_or_else(|| ip.to_string());
        let waits = vec![
            (sha256_hex(format!("account {email} from {network}")), FREE_ATTEMPTS_PER_NETWORK),
            (sha256_hex(format!("address {ip}")), FREE_ATTEMPTS_PER_IP),
        ];
        Self { limits: waits, account: Some(sha256_hex(format!("account {email}"))) }
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
        let limiter = AttemptLimiter::default();
        let address = ip("203.0.113.5");
        let mut waits = vec![];
        let mut now = 0;
        for _ in 0..16 {
            if let Err(seconds) = limiter.check_and_count("A@example.com", address, at(now)) {
                waits.push(seconds);
                now += seconds;
                assert_eq!(limiter.check_and_count("a@example.com", address, at(now - 1)), Err(1));
                assert_eq!(limiter.check_and_count("a@example.com", address, at(now)), Ok(()));
            }
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
        limiter.reset("a@example.com", address);
        assert_eq!(limiter.check_and_count("a@example.com", address, at(now)), Ok(()));
    }

    #[test]
    fn wrong_passwords_from_elsewhere_do_not_lock_the_owner_out() {
        let limiter = AttemptLimiter::default();
        for second in 0..30 {
            let _ = limiter.check_and_count(OWNER, ip("203.0.113.5"), at(second));
        }
        assert!(limiter.check_and_count(OWNER, ip("203.0.113.77"), at(30)).is_err(), "the same network");
        assert_eq!(limiter.check_and_count(OWNER, ip("198.51.100.7"), at(30)), Ok(()));
    }

    #[test]
    fn a_distributed_attack_delays_the_owner_once_by_a_few_seconds() {
        let limiter = AttemptLimiter::default();
        let attack =
            |network: u8, second| limiter.check_and_count(OWNER, IpAddr::from([198, 51, network, 1]), at(second));
        for network in 0..20 {
            assert_eq!(attack(network, 0), Ok(()));
        }
        let home = ip("203.0.113.5");
        assert_eq!(limiter.check_and_count(OWNER, home, at(10)), Err(3));
        for network in 20..100 {
            assert_eq!(attack(network, 12), Err(3), "every network waits");
        }
        assert_eq!(limiter.check_and_count(OWNER, home, at(12)), Err(1), "an early attempt does not extend the wait");
        assert_eq!(
            limiter.check_and_count(OWNER, home, at(13)),
            Ok(()),
            "attempts from elsewhere do not extend the wait"
        );
        limiter.reset(OWNER, home);
        assert_eq!(limiter.check_and_count(OWNER, ip("192.0.2.1"), at(13)), Ok(()), "the attack is over");
    }

    #[test]
    fn a_known_device_has_its_own_limit() {
        let limiter = AttemptLimiter::default();
        let home = ip("203.0.113.5");
        for second in 0..30 {
            let _ = limiter.check_and_count(OWNER, home, at(second));
        }
        assert!(limiter.check_and_count(OWNER, home, at(30)).is_err());
        for n in 0..10 {
            assert_eq!(limiter.check_and_count_for_device(Some("b1"), OWNER, home, at(30)), Ok(()), "{n}");
        }
        assert_eq!(limiter.check_and_count_for_device(Some("b1"), OWNER, home, at(30)), Err(1));
        assert_eq!(limiter.check_and_count_for_device(Some("b2"), OWNER, home, at(30)), Ok(()));
        limiter.reset_for_device(Some("b1"), OWNER, home);
        assert_eq!(limiter.check_and_count_for_device(Some("b1"), OWNER, home, at(30)), Ok(()));
        assert!(limiter.check_and_count(OWNER, home, at(30)).is_err(), "other devices still wait");
    }

    #[test]
    fn a_cancelled_attempt_is_not_counted() {
        let limiter = AttemptLimiter::default();
        let home = ip("203.0.113.5");
        for _ in 0..50 {
            assert_eq!(limiter.check_and_count(OWNER, home, at(0)), Ok(()));
            limiter.cancel_attempt(None, OWNER, home);
        }
    }

    #[test]
    fn a_clock_set_back_does_not_extend_the_backoff() {
        let limiter = AttemptLimiter::default();
        let address = ip("203.0.113.5");
        for _ in 0..4 {
            assert_eq!(limiter.check_and_count("a@example.com", address, at(1_000_000)), Ok(()));
        }
        assert_eq!(limiter.check_and_count("a@example.com", address, at(0)), Err(1));
        assert_eq!(limiter.check_and_count("a@example.com", address, at(1)), Ok(()));
    }

    #[test]
    fn one_address_trying_many_accounts_is_limited() {
        let limiter = AttemptLimiter::default();
        let address = ip("2001:db8::1");
        for n in 0..20 {
            assert_eq!(limiter.check_and_count(&format!("{n}@example.com"), address, at(0)), Ok(()));
        }
        let neighbour = ip("2001:db8::2");
        assert_eq!(limiter.check_and_count("new@example.com", neighbour, at(0)), Err(1));
        assert_eq!(limiter.check_and_count("new@example.com", ip("2001:db9::1"), at(0)), Ok(()));
    }

    #[test]
    fn the_number_of_tracked_keys_is_bounded() {
        let limiter = AttemptLimiter::default();
        let guessed = ip("203.0.113.5");
        for second in 0..8 {
            let _ = limiter.check_and_count(OWNER, guessed, at(second * 4));
        }
        for n in 0..30_000_u32 {
            let address = IpAddr::from(std::net::Ipv4Addr::from(0x0800_0000 + n * 256));
            assert_eq!(limiter.check_and_count(&format!("{n}@example.com"), address, at(28)), Ok(()));
            assert!(limiter.0.lock().unwrap().len() <= MAX_TRACKED_KEYS);
        }
        assert!(limiter.check_and_count(OWNER, guessed, at(28)).is_err(), "a pending wait is kept");
    }
}
