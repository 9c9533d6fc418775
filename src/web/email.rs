//! An e-mail address that a letter can really be sent to.

use std::fmt;
use std::str::FromStr;

use lettre::Address;
use validator::ValidateEmail;

/// An address that both a browser and the mail server accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The address as typed, trimmed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// For `validator`: as [`check`](Self::check), where the field may be left empty.
    pub fn check_optional(text: &str) -> Result<(), validator::ValidationError> {
        if text.is_empty() { Ok(()) } else { Self::check(text) }
    }

    /// For `validator`: a message where `text` is not an address.
    pub fn check(text: &str) -> Result<(), validator::ValidationError> {
        text.parse::<Self>().map(|_| ()).map_err(|_| {
            validator::ValidationError::new("email")
                .with_message("Enter an e-mail address in the form name@example.com.".into())
        })
    }
}

/// Why a text is not an address: it has no more to say than that.
#[derive(Debug, thiserror::Error)]
#[error("not an e-mail address")]
pub struct NotAnAddress;

impl FromStr for EmailAddress {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        let text = text.trim();
        // The HTML rule lets `name@localhost` pass; a letter to a visitor needs a public domain.
        let has_public_domain = text.rsplit_once('@').is_some_and(|(_, domain)| domain.contains('.'));
        if text.validate_email() && has_public_domain && text.parse::<Address>().is_ok() {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAnAddress)
        }
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An address as it may stand where it is kept for good: `a***@example.com`. Who knows it will know which is meant.
pub fn masked(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) => format!("{}***@{domain}", local.chars().take(1).collect::<String>()),
        None => "***".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_must_be_one_that_mail_can_reach() {
        for good in ["a@example.com", " a.b+c@mail.example.pk ", "o'neil@example.ie"] {
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
        ] {
            assert!(bad.parse::<EmailAddress>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_masked_address_tells_nobody_who_it_is() {
        for (address, shown) in [
            ("ayesha.khan@example.com", "a***@example.com"),
            ("ہمارا@example.pk", "ہ***@example.pk"),
            ("0300 123", "***"),
            ("", "***"),
        ] {
            assert_eq!(masked(address), shown);
        }
    }
}
