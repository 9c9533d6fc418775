//! Addresses for replies: one per inquiry, such as `replies+ie-2026-000123-k3j9x2m4p5q6r7s8@example.com`.

use sha2::{Digest, Sha256};

use crate::inquiries::Inquiry;
use crate::web::Firm;

/// Digits of the code: base 32 without letters that look like others, and in one case, because mail servers may change it.
const CODE_DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// 80 bits.
const CODE_LEN: usize = 16;

/// Address for replies to e-mails about an inquiry. `None` if neither `REPLY_ADDRESS` nor an address of the company is set.
pub fn reply_to(firm: &Firm, inquiry: &Inquiry) -> Option<String> {
    // Never the address of an admin, because admins sign in with it.
    let office = || firm.email.clone().or_else(|| firm.staff_inbox.first().cloned());
    firm.reply_address.as_deref().and_then(|base| inquiry_address(base, inquiry)).or_else(office)
}

/// Where replies to an e-mail go, in sentences for the visitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyNotice(String);

impl ReplyNotice {
    /// `reply_to` is the address in the e-mail, see [`reply_to`].
    pub fn new(firm: &Firm, inquiry: &Inquiry, reply_to: Option<&str>) -> Self {
        let reference = &inquiry.reference;
        Self(match (firm.reply_address.is_some(), reply_to) {
            (true, _) => format!("You can answer this e-mail. Your answer is added to your inquiry {reference}."),
            (false, Some(address)) => {
                format!("If you answer this e-mail, it goes to {address}. Please quote your reference {reference}.")
            }
            (false, None) => "Please do not answer this e-mail: nobody reads the answers.".to_owned(),
        })
    }
}

impl std::fmt::Display for ReplyNotice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The address of an inquiry below `base`, which is the value of `REPLY_ADDRESS`.
fn inquiry_address(base: &str, inquiry: &Inquiry) -> Option<String> {
    let (local, domain) = base.rsplit_once('@')?;
    let reference = inquiry.reference.to_ascii_lowercase();
    Some(format!("{local}+{reference}-{}@{domain}", code(&inquiry.receipt_token)))
}

/// Code that only somebody who received an e-mail about the inquiry knows.
///
/// A hash of the random receipt token: it needs no column, is the same after a restore and after a rotation of the site's
/// secret, and does not open the receipt.
fn code(receipt_token: &str) -> String {
    let hash = Sha256::digest(format!("reply address of {receipt_token}"));
    hash.iter().take(CODE_LEN).map(|byte| char::from(CODE_DIGITS[usize::from(byte % 32)])).collect()
}

/// Reference and code in an address below `base`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressedInquiry {
    pub reference: String,
    code: String,
}

impl AddressedInquiry {
    /// `None` for other addresses. Ignores case.
    pub fn parse(base: &str, address: &str) -> Option<Self> {
        let address = address.trim().to_ascii_lowercase();
        let (local, domain) = address.rsplit_once('@')?;
        let (base_local, base_domain) = base.rsplit_once('@')?;
        let rest = local.trim_matches('"').strip_prefix(&base_local.to_ascii_lowercase())?.strip_prefix('+')?;
        let (reference, code) = rest.rsplit_once('-')?;
        (domain.trim_end_matches('.') == base_domain.to_ascii_lowercase())
            .then(|| Self { reference: reference.to_ascii_uppercase(), code: code.to_owned() })
    }

    pub fn is_of(&self, inquiry: &Inquiry) -> bool {
        self.reference == inquiry.reference && self.code == code(&inquiry.receipt_token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "Replies@example.com";

    #[test]
    fn code_is_stable_and_differs_per_inquiry() {
        assert_eq!(code("00112233445566778899aabbccddeeff"), code("00112233445566778899aabbccddeeff"));
        assert_ne!(code("00112233445566778899aabbccddeeff"), code("00112233445566778899aabbccddeefe"));
        assert_eq!(code("a").len(), CODE_LEN);
    }

    #[test]
    fn address_is_read_in_any_case_and_only_below_the_base() {
        let expected = AddressedInquiry { reference: "IE-2026-000123".into(), code: "k3j9x2m4p5q6r7s8".into() };
        for address in [
            "replies+ie-2026-000123-k3j9x2m4p5q6r7s8@example.com",
            " REPLIES+IE-2026-000123-K3J9X2M4P5Q6R7S8@EXAMPLE.COM ",
            "\"Replies+IE-2026-000123-k3j9x2m4p5q6r7s8\"@Example.com.",
        ] {
            assert_eq!(AddressedInquiry::parse(BASE, address), Some(expected.clone()), "{address}");
        }
        for address in [
            "",
            "replies@example.com",
            "replies+@example.com",
            "replies+x@example.com",
            "xreplies+ie-2026-000123-k3j9x2m4p5q6r7s8@example.com",
            "replies+ie-2026-000123-k3j9x2m4p5q6r7s8@example.com.evil.example",
            "replies+ie-2026-000123-k3j9x2m4p5q6r7s8",
        ] {
            assert_eq!(AddressedInquiry::parse(BASE, address), None, "{address}");
        }
    }
}
