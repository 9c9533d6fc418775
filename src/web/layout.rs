//! The head and foot of every page: what the firm is called and how to reach it.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::http::{HttpContext, PageError, Sha256Hex, canonical_path, routed_path};
use crate::web::{ascii_digits, asset_url};

/// What the firm says of itself, ready to print. Empty facts are `None` and are not shown.
#[derive(Clone, Debug)]
pub struct Firm {
    /// `Immigration Experts`
    pub name: String,
    /// One line under the name.
    pub tagline: String,
    /// Printed after "Talk to expert".
    pub expert_phones: Vec<Phone>,
    /// Printed after "Business Phone", in this order.
    pub business_phones: Vec<Phone>,
    /// `Mon–Sat 10.00–18.00`
    pub contact_time: String,
    /// Public e-mail address.
    pub email: Option<String>,
    /// Postal address.
    pub address: Option<String>,
    /// Who holds the licence to advise.
    pub licence_name: Option<String>,
    /// The licence's number.
    pub licence_number: Option<String>,
    /// Where inquiries go; empty where neither the operator nor staff said so.
    pub staff_inbox: Vec<String>,
    /// Random hexadecimal digits that stand for this site for ever.
    pub uuid: String,
    /// How long it keeps what visitors send.
    pub retention: RetentionPeriods,
}

/// Who may advise and represent, as the College's register shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Licence<'a> {
    /// The licence holder.
    pub name: &'a str,
    /// The licence number.
    pub number: &'a str,
}

impl Licence<'_> {
    /// The public register of the College of Immigration and Citizenship Consultants.
    pub fn register(&self) -> &'static str {
        "https://college-ic.ca/protecting-the-public/find-an-immigration-consultant"
    }
}

impl Firm {
    /// The licence; `None` until both name and number are filled in. Without one the site offers neither advice nor
    /// representation.
    pub fn licence(&self) -> Option<Licence<'_>> {
        Some(Licence { name: self.licence_name.as_deref()?, number: self.licence_number.as_deref()? })
    }

    /// The permanent id of a feed or an entry, such as the post 17. It stays the same when the address or the host changes.
    ///
    /// The id is a UUID of version 8 (RFC 9562), made from a digest of the site's own digits, the kind and the key.
    pub fn permanent_id(&self, kind: &str, key: &str) -> String {
        let hex = Sha256Hex::of(&format!("{}/{kind}/{key}", self.uuid));
        let hex = hex.as_str();
        format!("urn:uuid:{}-{}-8{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
    }

    /// The business numbers in one line: `051 8439995 or 042 35911332`.
    pub fn business_phones_text(&self) -> String {
        self.business_phones.iter().map(|phone| phone.text.as_str()).collect::<Vec<_>>().join(" or ")
    }
}

/// How long what visitors send is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetentionPeriods {
    /// Messages, in months.
    pub contact_months: i32,
    /// Applications, in months.
    pub apply_months: i32,
    /// What was set aside as spam, in days.
    pub quarantined_days: i32,
}

/// A telephone number as printed and as dialled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone {
    /// `042 35911332`
    pub text: String,
    /// `tel:+924235911332`, so that it works from abroad too.
    pub href: String,
}

impl Phone {
    /// A number as a visitor typed it, in any digits; `None` without a digit. What lacks the country is dialled as it is.
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

    /// Reads a number as the firm prints it. A leading 0 stands for Pakistan, where its offices are.
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

/// What every page of the admin area must say, since it may not wait until somebody looks for it. A request carries it.
#[derive(Clone, Debug)]
pub struct AlertBanner(pub String);

/// What the layout template needs on every page.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The firm, as its record stands now.
    pub firm: Arc<Firm>,
    /// This page's own absolute address, without its query.
    pub canonical: String,
    /// This page's path, to mark it in the navigation.
    pub path: String,
    /// The present year, for the foot.
    pub year: i16,
}

impl Layout {
    /// Reads what the request carries.
    pub fn of(request: &HttpRequest) -> Option<Self> {
        let firm = request.extensions().get::<Arc<Firm>>().cloned()?;
        let context = HttpContext::of(request);
        let (path, canonical) =
            (routed_path(request).to_owned(), context.base_url.absolute_url(&canonical_path(request)));
        let year = context.clock.now().to_zoned(super::office_time_zone()).year();
        Some(Self { firm, canonical, path, year })
    }

    /// Whether the navigation entry at `path` is where the visitor is.
    pub fn is_in(&self, path: &str) -> bool {
        self.path == path || self.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))
    }

    /// The address of a static file that changes when the file does.
    pub fn asset(&self, name: &str) -> String {
        asset_url(name)
    }
}

impl FromRequest for Layout {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request).ok_or_else(|| PageError::Internal(anyhow::anyhow!("the firm's record was not loaded"))))
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
