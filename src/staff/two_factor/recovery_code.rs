//! Recovery codes: used once instead of a code from the app, for example after losing the phone.

use crate::http::sha256_hex;
use crate::staff::two_factor::totp::base32;

pub const RECOVERY_CODES: usize = 10;
/// 80 bits, so that a fast hash is safe.
const CODE_BYTES: usize = 10;

/// New codes, such as `ABCD-EFGH-2345-6789`.
pub fn new_codes() -> Vec<String> {
    let code = || {
        let mut bytes = [0; CODE_BYTES];
        rand::fill(&mut bytes[..]);
        base32(&bytes).as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join("-")
    };
    (0..RECOVERY_CODES).map(|_| code()).collect()
}

/// Hash under which a code is stored. Case, spaces and dashes do not matter.
pub fn hash(code: &str) -> String {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    sha256_hex(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_differ_and_are_read_in_any_spelling() {
        let mut codes = new_codes();
        assert!(codes.iter().all(|code| code.len() == 19), "{codes:?}");
        assert_eq!(hash(&codes[0]), hash(&format!(" {} ", codes[0].to_lowercase().replace('-', " "))));
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), RECOVERY_CODES);
    }
}
