//! When a form was shown: a mark that only this site can make, hidden in the form and sent back with it.

use jiff::Timestamp;

use crate::http::{SiteSecret, random_token};

/// The length of a mark: eight digits for the second, twelve by chance, twelve that prove it is ours.
pub const TOKEN_LEN: usize = 32;

/// A mark for a form that is shown at `now`; no two showings have the same. It holds for as long as the form is open.
pub fn issue(key: &SiteSecret, now: Timestamp) -> String {
    let seconds = u32::try_from(now.as_second()).unwrap_or(0);
    let open = format!("{seconds:08x}{}", random_token::<6>());
    let proof = valid_macs(key, &open).next().unwrap_or_default();
    open + &proof
}

/// When the form with this mark was shown; `None` where the mark is not of our making.
pub fn issued_at(key: &SiteSecret, mark: &str) -> Option<Timestamp> {
    if mark.len() != TOKEN_LEN || !mark.is_ascii() || !valid_macs(key, &mark[..20]).any(|proof| mark[20..] == proof) {
        return None;
    }
    Timestamp::from_second(i64::from(u32::from_str_radix(&mark[..8], 16).ok()?)).ok()
}

/// What proves that a form is ours: by the present secret, then by those before it.
fn valid_macs(key: &SiteSecret, open: &str) -> impl Iterator<Item = String> {
    key.macs_for_all_keys(format!("a form shown: {open}")).map(|token| token[..12].to_owned())
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
        assert_ne!(made, issue(&key, now), "two showings are told apart");
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
