//! Company details that the layout prints on every page.
//!
//! `site` loads them. They are defined here because `web` imports no feature.

use crate::http::sha256_hex;
use crate::web::ascii_digits;

/// Company details, ready to print. Details that are `None` are not shown.
#[derive(Clone, Debug)]
pub struct Firm {
    /// `Immigration Experts`
    pub name: String,
    /// Line under the name.
    pub tagline: String,
    /// Label "Talk to expert".
    pub expert_phones: Vec<Phone>,
    /// Label "Business Phone".
    pub business_phones: Vec<Phone>,
    /// `Mon–Sat 10.00–18.00`
    pub contact_time: String,
    pub email: Option<String>,
    /// Postal address.
    pub address: Option<String>,
    /// Holder of the licence to give immigration advice.
    pub licence_name: Option<String>,
    pub licence_number: Option<String>,
    /// Recipients of new inquiries; empty if not configured.
    pub staff_inbox: Vec<String>,
    /// Random hexadecimal digits that identify the site permanently.
    pub uuid: String,
    pub retention: RetentionPeriods,
}

/// Licence to advise and represent, as in the register of the College.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Licence<'a> {
    pub name: &'a str,
    pub number: &'a str,
}

impl Licence<'_> {
    /// URL of the register of the College of Immigration and Citizenship Consultants.
    pub fn register(&self) -> &'static str {
        "https://college-ic.ca/protecting-the-public/find-an-immigration-consultant"
    }
}

impl Firm {
    /// Licence, if both name and number are set. Without it, the site offers no advice or representation.
    pub fn licence(&self) -> Option<Licence<'_>> {
        Some(Licence { name: self.licence_name.as_deref()?, number: self.licence_number.as_deref()? })
    }

    /// Permanent ID of a feed or an entry, independent of host and path.
    ///
    /// The ID is a UUID of version 8 (RFC 9562), a hash of the site's UUID, the kind and the key.
    pub fn permanent_id(&self, kind: &str, key: &str) -> String {
        let hex = sha256_hex(format!("{}/{kind}/{key}", self.uuid));
        format!("urn:uuid:{}-{}-8{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
    }

    /// Business numbers in one line: `051 8439995 or 042 35911332`.
    pub fn business_phones_text(&self) -> String {
        self.business_phones.iter().map(|phone| phone.text.as_str()).collect::<Vec<_>>().join(" or ")
    }
}

/// Retention periods of inquiries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetentionPeriods {
    pub contact_months: i32,
    pub apply_months: i32,
    /// For suspected spam.
    pub quarantined_days: i32,
}

/// Phone number as printed and as dialled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone {
    /// `042 35911332`
    pub text: String,
    /// `tel:+924235911332`, with the country code for callers from abroad.
    pub href: String,
}

impl Phone {
    /// A visitor's number, in digits of any script. `None` without a digit. A missing country code is not added.
    pub fn from_input(text: &str) -> Option<Self> {
        let digits: String = ascii_digits(text).chars().filter(char::is_ascii_digit).collect();
        let abroad = digits.strip_prefix("00");
        let dialled = match abroad {
            Some(abroad) => format!("+{abroad}"),
            None if text.trim_start().starts_with('+') => format!("+{digits}"),
            None => digits.clone(),
        };
        (!digits.is_empty()).then(|| Self { text: text.trim().to_owned(), href: format!("tel:{dialled}") })
    }

    /// The company's own number. A leading 0 stands for Pakistan (+92), where the offices are.
    pub fn new(text: &str) -> Self {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let dialled = if text.trim_start().starts_with('+') {
            format!("+{digits}")
        } else if let Some(abroad) = digits.strip_prefix("00") {
            format!("+{abroad}")
        } else if let Some(national) = digits.strip_prefix('0') {
            format!("+92{national}")
        } else {
            digits
        };
        Self { text: text.trim().to_owned(), href: format!("tel:{dialled}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitors_number_becomes_a_tel_link() {
        for (text, href) in [
            ("07911 123456", "tel:07911123456"),
            ("+44 7911", "tel:+447911"),
            ("۰۳۰۰ ۱۲۳", "tel:0300123"),
            ("0092-300", "tel:+92300"),
        ] {
            assert_eq!(Phone::from_input(text).unwrap().href, href);
        }
        assert_eq!(Phone::from_input("please ask my brother"), None);
    }

    #[test]
    fn pakistani_numbers_get_the_country_code() {
        for (text, href) in [
            ("042 35911332", "tel:+924235911332"),
            ("051-8439995", "tel:+92518439995"),
            ("+92 42 35911332", "tel:+924235911332"),
            ("0092 42 35911332", "tel:+924235911332"),
            ("111 222 333", "tel:111222333"),
        ] {
            assert_eq!(Phone::new(text).href, href);
        }
    }
}
