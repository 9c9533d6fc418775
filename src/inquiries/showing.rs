//! When a form was shown: a mark that only this site can make, hidden in the form and sent back with it.

use jiff::Timestamp;

use crate::web::{Key, random_token};

/// The length of a mark: eight digits for the second, twelve by chance, twelve that prove it is ours.
pub const LENGTH: usize = 32;

/// A mark for a form that is shown at `now`; no two showings have the same. It holds for as long as the form is open.
pub fn mark(key: &Key, now: Timestamp) -> String {
    let seconds = u32::try_from(now.as_second()).unwrap_or(0);
    let open = format!("{seconds:08x}{}", random_token::<6>());
    let proof = proofs(key, &open).next().unwrap_or_default();
    open + &proof
}

/// When the form with this mark was shown; `None` where the mark is not of our making.
pub fn shown_at(key: &Key, mark: &str) -> Option<Timestamp> {
    if mark.len() != LENGTH || !mark.is_ascii() || !proofs(key, &mark[..20]).any(|proof| mark[20..] == proof) {
        return None;
    }
    Timestamp::from_second(i64::from(u32::from_str_radix(&mark[..8], 16).ok()?)).ok()
}

/// What proves that a form is ours: by the present secret, then by those before it.
fn proofs(key: &Key, open: &str) -> impl Iterator<Item = String> {
    key.tokens_for(format!("a form shown: {open}")).map(|token| token[..12].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_mark_tells_when_a_form_was_shown() {
        let dir = tempfile::tempdir().unwrap();
        let key = Key::kept_in(dir.path()).unwrap();
        let now: Timestamp = "2026-11-22T09:00:00Z".parse().unwrap();
        let made = mark(&key, now);
        assert_eq!((made.len(), shown_at(&key, &made)), (LENGTH, Some(now)));
        assert_ne!(made, mark(&key, now), "two showings are told apart");
        let forged = format!("{}{}", "0".repeat(8), &made[8..]);
        for other in [forged.as_str(), "", "0123456789abcdef0123456789abcdef", &"é".repeat(16), &made[1..]] {
            assert_eq!(shown_at(&key, other), None, "{other}");
        }
    }

    #[test]
    fn a_form_that_was_open_while_the_secret_was_rotated_still_counts() {
        let dir = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-11-22T09:00:00Z".parse().unwrap();
        let made = mark(&Key::kept_in(dir.path()).unwrap(), now);
        Key::rotate(dir.path()).unwrap();
        assert_eq!(shown_at(&Key::kept_in(dir.path()).unwrap(), &made), Some(now));
    }
}
