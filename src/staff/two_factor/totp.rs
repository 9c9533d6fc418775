//! Time-based one-time passwords (RFC 6238): HMAC-SHA-1, 6 digits, 30 seconds, as all authenticator apps support.

use std::ops::RangeInclusive;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha1::Sha1;

const STEP_SECONDS: i64 = 30;
/// Steps that the clock of a phone may be early or late.
const MAX_DRIFT: i64 = 1;
/// Length recommended by RFC 4226, section 4.
const SECRET_BYTES: usize = 20;
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Secret shared with an authenticator app.
#[derive(Clone)]
pub struct TotpSecret(Vec<u8>);

impl TotpSecret {
    /// New secret from the random numbers of the operating system.
    pub fn random() -> Self {
        let mut bytes = [0; SECRET_BYTES];
        rand::fill(&mut bytes[..]);
        Self(bytes.to_vec())
    }

    /// Reads [`base32`](Self::base32). `None` if it is not valid.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = vec![];
        let (mut buffer, mut bits) = (0_u32, 0);
        for letter in text.bytes() {
            let value = BASE32.iter().position(|known| *known == letter)?;
            buffer = (buffer << 5 | u32::try_from(value).ok()?) & 0xfff;
            bits += 5;
            if bits >= 8 {
                bits -= 8;
                bytes.push((buffer >> bits & 0xff) as u8);
            }
        }
        (bytes.len() == SECRET_BYTES).then_some(Self(bytes))
    }

    /// The secret in base32 (RFC 4648) without padding.
    pub fn base32(&self) -> String {
        base32(&self.0)
    }

    /// The secret in groups of four characters, to type it.
    pub fn grouped(&self) -> String {
        self.base32().as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ")
    }

    /// Address in the QR code, with the names that the app shows.
    pub fn uri(&self, issuer: &str, account: &str) -> String {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let (issuer, account) = (encode(issuer), encode(account));
        format!("otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}", self.base32())
    }

    /// Step of this code, if it is right at `now` and later than `last_step`, which was used before.
    pub fn matching_step(&self, code: &str, now: Timestamp, last_step: i64) -> Option<i64> {
        let current = now.as_second().div_euclid(STEP_SECONDS);
        let steps: RangeInclusive<i64> = current - MAX_DRIFT..=current + MAX_DRIFT;
        steps.filter(|step| *step > last_step).find(|step| self.code_of_step(*step).as_deref() == Some(code))
    }

    /// Code of a step (RFC 4226, section 5.3).
    fn code_of_step(&self, step: i64) -> Option<String> {
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.0).ok()?;
        mac.update(&step.to_be_bytes());
        let digest = mac.finalize().into_bytes();
        let offset = usize::from(digest.last()? & 0xf);
        let bytes: [u8; 4] = digest.get(offset..offset + 4)?.try_into().ok()?;
        Some(format!("{:06}", (u32::from_be_bytes(bytes) & 0x7fff_ffff) % 1_000_000))
    }
}

/// Base32 (RFC 4648) without padding.
pub fn base32(bytes: &[u8]) -> String {
    let mut text = String::new();
    let (mut buffer, mut bits) = (0_u32, 0);
    for byte in bytes {
        buffer = (buffer << 8 | u32::from(*byte)) & 0xffff;
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(BASE32[(buffer >> bits & 0x1f) as usize]));
        }
    }
    if bits > 0 {
        text.push(char::from(BASE32[(buffer << (5 - bits) & 0x1f) as usize]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn codes_match_rfc_6238() {
        // Appendix B, SHA-1, last six digits.
        let secret = TotpSecret(b"12345678901234567890".to_vec());
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret.matching_step(code, at(second), 0), Some(second / 30), "{second}");
        }
    }

    #[test]
    fn one_step_of_drift_is_accepted_and_no_code_twice() {
        let secret = TotpSecret(b"12345678901234567890".to_vec());
        let step = 1_111_111_109 / 30;
        for (drift, is_right) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let now = at((step + drift) * 30);
            assert_eq!(secret.matching_step("081804", now, 0).is_some(), is_right, "{drift}");
        }
        assert_eq!(secret.matching_step("081804", at(step * 30), step), None, "used before");
        assert_eq!(secret.matching_step("081804", at(step * 30), step - 1), Some(step));
    }

    #[test]
    fn secrets_are_base32_and_read_again() {
        assert_eq!(base32(b"foobar"), "MZXW6YTBOI", "RFC 4648, section 10");
        let secret = TotpSecret::random();
        let text = secret.base32();
        assert_eq!(text.len(), 32);
        assert_eq!(TotpSecret::parse(&text).unwrap().0, secret.0);
        assert!(TotpSecret::parse("MZXW6YTBOI").is_none() && TotpSecret::parse("1").is_none());
        let uri = TotpSecret(b"12345678901234567890".to_vec()).uri("A & B", "a@example.com");
        assert_eq!(
            uri,
            "otpauth://totp/A%20%26%20B:a%40example%2Ecom?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=A%20%26%20B"
        );
    }
}
