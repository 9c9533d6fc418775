//! Validated e-mail addresses.

use std::fmt;
use std::str::FromStr;

use lettre::Address;
use validator::ValidateEmail;

use crate::web::invisible::visible_only;

/// E-mail address that browsers and mail servers accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The address as typed, without invisible characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Rule for `validator`: like [`check`](Self::check), for optional fields.
    pub fn check_optional(text: &str) -> Result<(), validator::ValidationError> {
        if text.is_empty() { Ok(()) } else { Self::check(text) }
    }

    /// Rule for `validator`: `text` is an e-mail address.
    pub fn check(text: &str) -> Result<(), validator::ValidationError> {
        text.parse::<Self>().map(|_| ()).map_err(|_| {
            validator::ValidationError::new("email")
                .with_message("Enter an e-mail address in the form name@example.com.".into())
        })
    }

    /// Rule for `validator`: like [`check`](Self::check), for addresses that every mail server must reach, such as staff.
    pub fn check_for_staff(text: &str) -> Result<(), validator::ValidationError> {
        Self::check(text)?;
        if needs_smtputf8(text) {
            let error = validator::ValidationError::new("email");
            return Err(error.with_message(SMTPUTF8_MESSAGE.into()));
        }
        Ok(())
    }
}

/// Error message for addresses that [need SMTPUTF8](needs_smtputf8).
pub const SMTPUTF8_MESSAGE: &str = "We cannot send e-mail to this address, because the part before the @ contains characters other than English letters, digits and common symbols. Enter another e-mail address.";

/// Whether the address needs a mail server with SMTPUTF8 (RFC 6531): the part before the @ is not ASCII.
pub fn needs_smtputf8(address: &str) -> bool {
    address.rsplit_once('@').is_some_and(|(local, _)| !local.is_ascii())
}

/// Domain as DNS and SMTP require it: `مثال.example` as the A-label `xn--mgbh0fb.example` (RFC 5890). `None` if that
/// domain cannot exist: lengths and hyphens are checked as in DNS.
pub fn ascii_domain(domain: &str) -> Option<String> {
    idna::domain_to_ascii_strict(domain).ok()
}

#[derive(Debug, thiserror::Error)]
#[error("not an e-mail address")]
pub struct InvalidEmailAddress;

impl FromStr for EmailAddress {
    type Err = InvalidEmailAddress;

    fn from_str(text: &str) -> Result<Self, InvalidEmailAddress> {
        let text = visible_only(text);
        if text.contains(' ') {
            return Err(InvalidEmailAddress);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(InvalidEmailAddress)?;
        // The HTML rule permits only ASCII before the @, RFC 6531 permits any letter. Check with a placeholder instead.
        let plain_local: String = local.chars().map(|c| if c.is_ascii() { c } else { 'x' }).collect();
        let plain = format!("{plain_local}@{}", ascii_domain(domain).ok_or(InvalidEmailAddress)?);
        let is_address = plain.validate_email() && has_public_domain(&plain) && local.len() <= MAX_LOCAL_PART_LEN;
        if is_address && text.parse::<Address>().is_ok() { Ok(Self(text)) } else { Err(InvalidEmailAddress) }
    }
}

/// Maximum bytes before the @ (RFC 5321).
const MAX_LOCAL_PART_LEN: usize = 64;

/// Whether the domain can exist in the public DNS: not `localhost`, an IP address or a literal in brackets.
fn has_public_domain(address: &str) -> bool {
    let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
    domain.rsplit_once('.').is_some_and(|(_, top)| top.len() > 1 && !top.bytes().all(|b| b.is_ascii_digit()))
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Masks an address for records that are kept permanently: `a***@example.com`.
pub fn mask_email(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) => format!("{}***@{domain}", local.chars().take(1).collect::<String>()),
        None => "***".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_deliverable_addresses_are_valid() {
        for good in [
            "a@example.com",
            " a.b+c@mail.example.pk ",
            "o'neil@example.ie",
            "info@bücher.example",
            "info@مثال.پاکستان",
            "info@例子.中国",
            "info@xn--bcher-kva.example",
            "josé@example.com",
            "عائشہ@مثال.پاکستان",
            "a@123.example",
        ] {
            assert!(good.parse::<EmailAddress>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "a",
            "a@b",
            "a b@example.com",
            "a@example.com\r\nBcc: x@example.com",
            "@example.com",
            "a@@example.com",
            "a@exam_ple.com",
            "a@[127.0.0.1]",
            "a@[IPv6:::1]",
            "a@127.0.0.1",
            "a@localhost",
            "a@example.c",
            "a@.example.com",
            "a@example..com",
            "a@-example.com",
            "a@xn--.example",
            "a@xn--a.example",
            "jo sé@example.com",
            "a\u{2028}b@example.com",
            "\u{200b}@example.com",
        ] {
            assert!(bad.parse::<EmailAddress>().is_err(), "{bad}");
        }
    }

    #[test]
    fn invisible_characters_are_removed_from_addresses() {
        let kept = |typed: &str| typed.parse::<EmailAddress>().unwrap().to_string();
        for c in
            ['\u{200b}', '\u{fe0f}', '\u{3164}', '\u{2060}', '\u{ad}', '\u{200e}', '\u{200f}', '\u{202c}', '\u{feff}']
        {
            for typed in [format!("{c}ali@example.com"), format!("ali@exam{c}ple.com"), format!("ali@example.com{c}")] {
                assert_eq!(kept(&typed), "ali@example.com", "U+{:04X}", u32::from(c));
            }
        }
        assert_eq!(kept("Info@Bücher.example"), "Info@Bücher.example");
        assert_eq!(ascii_domain("Bücher.example").as_deref(), Some("xn--bcher-kva.example"));
        assert_eq!(ascii_domain("example.com").as_deref(), Some("example.com"));
        assert!(needs_smtputf8("josé@example.com") && !needs_smtputf8("jose@bücher.example"));
    }

    #[test]
    fn a_masked_address_hides_the_local_part() {
        for (address, shown) in [
            ("ayesha.khan@example.com", "a***@example.com"),
            ("ہمارا@example.pk", "ہ***@example.pk"),
            ("0300 123", "***"),
            ("", "***"),
        ] {
            assert_eq!(mask_email(address), shown);
        }
    }
}
