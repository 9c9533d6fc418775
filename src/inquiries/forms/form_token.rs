//! Form token: signed time at which a form was displayed.

use jiff::Timestamp;

use crate::http::{SiteSecret, random_token};

/// Eight hexadecimal digits of the time in seconds, twelve random ones, and twelve of the MAC.
pub const TOKEN_LEN: usize = 32;

/// A unique token for a form that is displayed at `now`. It never expires.
pub fn issue(key: &SiteSecret, now: Timestamp) -> String {
    let seconds = u32::try_from(now.as_second()).unwrap_or(0);
    let payload = format!("{seconds:08x}{}", random_token::<6>());
    let mac = valid_macs(key, &payload).next().unwrap_or_default();
    payload + &mac
}

/// When the form was displayed. `None` if the token is invalid.
pub fn issued_at(key: &SiteSecret, token: &str) -> Option<Timestamp> {
    if token.len() != TOKEN_LEN || !token.is_ascii() || !valid_macs(key, &token[..20]).any(|mac| token[20..] == mac) {
        return None;
    }
    Timestamp::from_second(i64::from(u32::from_str_radix(&token[..8], 16).ok()?)).ok()
}

/// Valid MACs: with the current secret first, then with the previous ones.
fn valid_macs(key: &SiteSecret, payload: &str) -> impl Iterator<Item = String> {
    key.macs_for_all_keys(format!("a form shown: {payload}")).map(|mac| mac[..12].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_genuine_token_has_an_issue_time() {
        let dir = tempfile::tempdir().unwrap();
        let key = SiteSecret::load_or_create(dir.path()).unwrap();
        let now: Timestamp = "2026-11-22T09:00:00Z".parse().unwrap();
        let made = issue(&key, now);
        assert_eq!((made.len(), issued_at(&key, &made)), (TOKEN_LEN, Some(now)));
        assert_ne!(made, issue(&key, now), "each display has its own token");
        let forged = format!("{}{}", "0".repeat(8), &made[8..]);
        for other in [forged.as_str(), "", "0123456789abcdef0123456789abcdef", &"é".repeat(16), &made[1..]] {
            assert_eq!(issued_at(&key, other), None, "{other}");
        }
    }

    #[test]
    fn token_stays_valid_after_secret_rotation() {
        let dir = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-11-22T09:00:00Z".parse().unwrap();
        let made = issue(&SiteSecret::load_or_create(dir.path()).unwrap(), now);
        SiteSecret::rotate(dir.path()).unwrap();
        assert_eq!(issued_at(&SiteSecret::load_or_create(dir.path()).unwrap(), &made), Some(now));
    }
}
