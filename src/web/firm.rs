//! Company details that the layout prints on every page.
//!
//! `site` loads them. They are defined here because `web` imports no feature.

use crate::http::sha256_hex;
use crate::web::{OpeningHours, Picture, PictureMarkup, ascii_digits};

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
    pub opening_hours: OpeningHours,
    /// Who reads the messages, such as `Amina Raza, client services`.
    pub message_reader: Option<String>,
    /// Such as `within two working days`.
    pub response_time: Option<String>,
    /// Postal address.
    pub address: Option<String>,
    /// URL of the offices on a map.
    pub map_link: Option<String>,
    /// Name in the register of companies.
    pub registered_name: Option<String>,
    /// Holder of the licence to give immigration advice.
    pub licence_name: Option<String>,
    pub licence_number: Option<String>,
    /// Recipients of new inquiries; empty if not configured.
    pub staff_inbox: Vec<String>,
    /// Address below which each inquiry has its own address for replies (`REPLY_ADDRESS`).
    pub reply_address: Option<String>,
    /// Random hexadecimal digits that identify the site permanently.
    pub uuid: String,
    pub retention: RetentionPeriods,
    pub whatsapp: Vec<Phone>,
    pub social_links: Vec<SocialLink>,
    pub logo: Option<Picture>,
    /// Whether the logo contains the name, which is then not shown beside it.
    pub logo_has_name: bool,
    /// Heading of the front page.
    pub front_heading: String,
    /// Paragraphs of the front page, separated by empty lines.
    pub front_text: String,
    /// Pages in the menu or the footer, in their order.
    pub linked_pages: Vec<LinkedPage>,
}

/// Page with a link in the menu or the footer.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct LinkedPage {
    pub path: String,
    pub title: String,
    pub menu_label: String,
    /// One or two sentences.
    pub summary: String,
    pub is_in_menu: bool,
    pub is_in_footer: bool,
}

/// Account on a social network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocialLink {
    /// Name of the network, or the host if it is not a known one.
    pub label: String,
    pub href: String,
}

impl SocialLink {
    /// Hosts of networks with the names that people know.
    const NETWORKS: [(&'static str, &'static str); 13] = [
        ("facebook.com", "Facebook"),
        ("fb.com", "Facebook"),
        ("instagram.com", "Instagram"),
        ("linkedin.com", "LinkedIn"),
        ("pinterest.com", "Pinterest"),
        ("t.me", "Telegram"),
        ("threads.net", "Threads"),
        ("tiktok.com", "TikTok"),
        ("twitter.com", "X"),
        ("whatsapp.com", "WhatsApp channel"),
        ("x.com", "X"),
        ("youtu.be", "YouTube"),
        ("youtube.com", "YouTube"),
    ];

    /// The account with this URL; `None` unless it is a complete HTTPS URL of up to 200 characters.
    pub fn new(url: &str) -> Option<Self> {
        let parsed = url::Url::parse(url.trim()).ok().filter(|url| url.as_str().len() <= 200)?;
        let host = parsed.host_str()?.trim_start_matches("www.");
        let is_complete = parsed.scheme() == "https" && host.contains('.') && parsed.username().is_empty();
        let is_part = |known: &str| host == known || host.strip_suffix(known).is_some_and(|rest| rest.ends_with('.'));
        let network = Self::NETWORKS.iter().find(|(known, _)| is_part(known));
        let label = network.map_or(host, |(_, name)| name).to_owned();
        is_complete.then(|| Self { label, href: parsed.to_string() })
    }
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

    /// Pages that staff added to the menu or the footer: neither About nor the privacy notice.
    pub fn service_pages(&self) -> impl Iterator<Item = &LinkedPage> {
        self.linked_pages.iter().filter(|page| !["/about", "/privacy"].contains(&page.path.as_str()))
    }

    /// Permanent ID of a feed or an entry, independent of host and path.
    ///
    /// The ID is a UUID of version 8 (RFC 9562), a hash of the site's UUID, the kind and the key.
    pub fn permanent_id(&self, kind: &str, key: &str) -> String {
        let hex = sha256_hex(format!("{}/{kind}/{key}", self.uuid));
        format!("urn:uuid:{}-{}-8{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
    }

    /// Paragraphs of the front page, below the tagline.
    pub fn front_paragraphs(&self) -> impl Iterator<Item = &str> {
        self.front_text.split("\n\n").map(str::trim).filter(|text| !text.is_empty())
    }

    /// Markup of the logo. Beside the name, it is decoration.
    pub fn logo_markup(&self) -> Option<PictureMarkup<'_>> {
        Some(self.logo.as_ref()?.logo(if self.logo_has_name { &self.name } else { "" }))
    }

    /// Business numbers in one line: `051 8439995 or 042 35911332`.
    pub fn all_phones(&self) -> Vec<&Phone> {
        let mut phones: Vec<&Phone> = vec![];
        for phone in self.business_phones.iter().chain(&self.expert_phones) {
            if !phones.iter().any(|other| other.href == phone.href) {
                phones.push(phone);
            }
        }
        phones
    }

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

    /// Link that opens a WhatsApp chat; `None` without a country code.
    pub fn whatsapp_href(&self) -> Option<String> {
        Some(format!("https://wa.me/{}", self.href.strip_prefix("tel:+").filter(|digits| digits.len() >= 7)?))
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
    fn accounts_on_known_networks_are_named() {
        for (url, label) in [
            ("https://www.facebook.com/firm", "Facebook"),
            ("https://pk.linkedin.com/company/firm", "LinkedIn"),
            (" https://x.com/firm ", "X"),
            ("https://netflix.com/firm", "netflix.com"),
            ("https://mastodon.social/@firm", "mastodon.social"),
        ] {
            assert_eq!(SocialLink::new(url).unwrap().label, label, "{url}");
        }
        for url in [
            "",
            "facebook.com/firm",
            "http://facebook.com/firm",
            "javascript:alert(1)",
            "https://me@x.com/",
            "https://a",
        ] {
            assert_eq!(SocialLink::new(url), None, "{url}");
        }
    }

    #[test]
    fn whatsapp_needs_a_country_code() {
        assert_eq!(Phone::new("0300 1234567").whatsapp_href().unwrap(), "https://wa.me/923001234567");
        assert_eq!(Phone::new("+44 7911 123456").whatsapp_href().unwrap(), "https://wa.me/447911123456");
        assert_eq!(Phone::new("111 222 333").whatsapp_href(), None);
        assert_eq!(Phone::new("call us").whatsapp_href(), None);
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
