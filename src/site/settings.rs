//! Company settings: name, logo, contact details, licence, front page, e-mail addresses, retention periods.

use std::ops::RangeInclusive;

use lettre::Address;
use lettre::message::Mailbox;
use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use crate::site::weekly_hours::WeeklyHours;
use crate::web::{EmailAddress, Firm, Phone, RetentionPeriods, SocialLink, ascii_digits, multi_line, one_line};

/// Keeps the footer short.
const MAX_SOCIAL_LINKS: usize = 8;

/// Settings as stored and as entered in the admin area.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, sqlx::FromRow)]
#[serde(default)]
pub struct SiteSettings {
    #[serde(deserialize_with = "one_line")]
    #[validate(length(min = 1, max = 100, message = "Enter the company name in 100 characters or fewer."))]
    pub name: String,
    /// Shown below the name.
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 200, message = "The tagline must be 200 characters or fewer."))]
    pub tagline: String,
    /// “Talk to expert” numbers, one per line.
    #[serde(deserialize_with = "multi_line")]
    #[validate(
        length(max = 200, message = "The “Talk to expert” numbers must be 200 characters or fewer together."),
        custom(function = "numbers", message = "Enter at least one phone number, one per line.")
    )]
    pub expert_phones: String,
    /// “Business Phone” numbers, one per line.
    #[serde(deserialize_with = "multi_line")]
    #[validate(
        length(max = 200, message = "The business phone numbers must be 200 characters or fewer together."),
        custom(function = "numbers", message = "Enter at least one business phone number, one per line.")
    )]
    pub business_phone: String,
    /// Opening hours.
    #[serde(deserialize_with = "one_line")]
    #[validate(length(min = 1, max = 100, message = "Enter the days and hours, such as Mon–Sat 10.00–18.00."))]
    pub contact_time: String,
    /// Public address; may be empty.
    #[serde(deserialize_with = "one_line")]
    #[validate(custom(function = "EmailAddress::check_optional"))]
    pub email: String,
    /// Hours per weekday and closed dates; may be empty.
    #[serde(flatten)]
    #[sqlx(flatten)]
    pub hours: WeeklyHours,
    /// Who reads the messages; may be empty.
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 100, message = "“Who reads the messages” must be 100 characters or fewer."))]
    pub message_reader: String,
    /// Usual time until an answer; may be empty.
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 100, message = "The response time must be 100 characters or fewer."))]
    pub response_time: String,
    /// Postal address; may be empty.
    #[serde(deserialize_with = "multi_line")]
    #[validate(length(max = 500, message = "The address must be 500 characters or fewer."))]
    pub address: String,
    /// URL of the offices on a map; may be empty.
    #[serde(deserialize_with = "one_line")]
    #[validate(custom(function = "https_url"))]
    pub map_link: String,
    /// Name in the register of companies; may be empty.
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 100, message = "The registered name must be 100 characters or fewer."))]
    pub registered_name: String,
    /// Licence holder; may be empty.
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 100, message = "The name of the licence holder must be 100 characters or fewer."))]
    pub licence_name: String,
    /// May be empty.
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 40, message = "The licence number must be 40 characters or fewer."))]
    pub licence_number: String,
    /// Recipients of inquiry notices, separated by commas; may be empty.
    #[serde(deserialize_with = "one_line")]
    #[validate(custom(function = "addresses_or_empty"))]
    pub staff_inbox: String,
    /// Sender of all e-mails; may be empty.
    #[serde(deserialize_with = "one_line")]
    #[validate(custom(function = "EmailAddress::check_optional"))]
    pub mail_from: String,
    /// Retention period of messages in months, 1 to 120, as entered.
    #[serde(deserialize_with = "one_line")]
    #[validate(custom(function = "months"))]
    pub keep_contact_months: String,
    /// Retention period of applications in months, 1 to 120, as entered.
    #[serde(deserialize_with = "one_line")]
    #[validate(custom(function = "months"))]
    pub keep_apply_months: String,
    /// Retention period of quarantined inquiries in days, 7 to 366, as entered.
    #[serde(deserialize_with = "one_line")]
    #[validate(custom(function = "days"))]
    pub keep_quarantined_days: String,
    /// WhatsApp numbers, one per line; may be empty.
    #[serde(deserialize_with = "multi_line")]
    #[validate(
        length(max = 200, message = "The WhatsApp numbers must be 200 characters or fewer together."),
        custom(function = "whatsapp_numbers")
    )]
    pub whatsapp: String,
    /// URLs of social media accounts, one per line; may be empty.
    #[serde(deserialize_with = "multi_line")]
    #[validate(custom(function = "social_links"))]
    pub social_links: String,
    /// Address of the logo in Media; may be empty.
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 1000, message = "Copy the Markdown of the picture from Media."))]
    pub logo: String,
    /// `yes` if the name is not shown beside the logo; else empty.
    #[serde(deserialize_with = "one_line")]
    pub logo_has_name: String,
    /// Heading of the front page; empty for "Welcome to" and the name.
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 100, message = "The heading of the front page must be 100 characters or fewer."))]
    pub front_heading: String,
    /// Paragraphs of the front page, separated by empty lines; may be empty.
    #[serde(deserialize_with = "multi_line")]
    #[validate(length(max = 1000, message = "The text of the front page must be 1,000 characters or fewer."))]
    pub front_text: String,
    /// Random hexadecimal ID of the site, from which the IDs in its feeds derive.
    #[serde(skip)]
    pub uuid: String,
    /// Increases with every change, to detect conflicting edits.
    #[serde(skip_deserializing)]
    pub version: i64,
}

impl Default for SiteSettings {
    fn default() -> Self {
        let empty = String::new;
        Self {
            name: empty(),
            tagline: empty(),
            expert_phones: empty(),
            business_phone: empty(),
            contact_time: empty(),
            hours: WeeklyHours::default(),
            message_reader: empty(),
            response_time: empty(),
            email: empty(),
            address: empty(),
            map_link: empty(),
            registered_name: empty(),
            licence_name: empty(),
            licence_number: empty(),
            staff_inbox: empty(),
            mail_from: empty(),
            keep_contact_months: "24".into(),
            keep_apply_months: "24".into(),
            keep_quarantined_days: "30".into(),
            whatsapp: empty(),
            social_links: empty(),
            logo: empty(),
            logo_has_name: empty(),
            front_heading: empty(),
            front_text: empty(),
            uuid: empty(),
            version: 0,
        }
    }
}

/// Server settings for e-mail, which override the stored settings.
#[derive(Clone, Debug, Default)]
pub struct MailSettings {
    /// `MAIL_FROM`
    pub mail_from: Option<Mailbox>,
    /// `STAFF_INBOX`
    pub staff_inbox: Vec<Address>,
    /// `REPLY_ADDRESS`
    pub reply_address: Option<Address>,
}

impl SiteSettings {
    /// Fields in the order of the form.
    pub const FIELDS: [&'static str; 31] = [
        "name",
        "tagline",
        "logo",
        "expert_phones",
        "business_phone",
        "whatsapp",
        "contact_time",
        "hours_monday",
        "hours_tuesday",
        "hours_wednesday",
        "hours_thursday",
        "hours_friday",
        "hours_saturday",
        "hours_sunday",
        "closed_dates",
        "message_reader",
        "response_time",
        "email",
        "address",
        "map_link",
        "social_links",
        "front_heading",
        "front_text",
        "registered_name",
        "licence_name",
        "licence_number",
        "staff_inbox",
        "mail_from",
        "keep_contact_months",
        "keep_apply_months",
        "keep_quarantined_days",
    ];

    /// Settings ready to display. The logo and the menu are added when they are loaded.
    pub fn to_firm(&self, mail: &MailSettings) -> Firm {
        let non_empty = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        // Stored values were validated on input.
        let number = |text: &str, otherwise| parse_in_range(text, 1..=366).unwrap_or(otherwise);
        Firm {
            name: self.name.clone(),
            tagline: self.tagline.clone(),
            expert_phones: parse_phones(&self.expert_phones),
            business_phones: parse_phones(&self.business_phone),
            contact_time: self.contact_time.clone(),
            opening_hours: self.hours.opening_hours(),
            message_reader: non_empty(&self.message_reader),
            response_time: non_empty(&self.response_time),
            email: non_empty(&self.email),
            address: non_empty(&self.address),
            map_link: non_empty(&self.map_link),
            registered_name: non_empty(&self.registered_name),
            licence_name: non_empty(&self.licence_name),
            licence_number: non_empty(&self.licence_number),
            staff_inbox: if mail.staff_inbox.is_empty() {
                addresses(&self.staff_inbox).map(str::to_owned).collect()
            } else {
                mail.staff_inbox.iter().map(ToString::to_string).collect()
            },
            reply_address: mail.reply_address.as_ref().map(ToString::to_string),
            uuid: self.uuid.clone(),
            retention: RetentionPeriods {
                contact_months: number(&self.keep_contact_months, 24),
                apply_months: number(&self.keep_apply_months, 24),
                quarantined_days: number(&self.keep_quarantined_days, 30),
            },
            whatsapp: parse_phones(&self.whatsapp),
            social_links: self.social_links.lines().filter_map(SocialLink::new).collect(),
            logo: None,
            logo_has_name: !self.logo_has_name.is_empty(),
            front_heading: match self.front_heading.as_str() {
                "" => format!("Welcome to {}", self.name),
                heading => heading.to_owned(),
            },
            front_text: self.front_text.clone(),
            linked_pages: vec![],
        }
    }

    /// Sender of e-mails: `MAIL_FROM`, else the stored setting, else `no-reply` at the host of the site.
    pub fn sender(&self, mail: &MailSettings, host: &str) -> Option<Mailbox> {
        if let Some(Mailbox { name, email }) = &mail.mail_from {
            return Some(Mailbox::new(name.clone().or_else(|| Some(self.name.clone())), email.clone()));
        }
        let is_name = host.contains('.') && host.parse::<std::net::IpAddr>().is_err();
        let fallback = || format!("no-reply@{}", if is_name { host } else { "localhost" });
        let address = if self.mail_from.is_empty() { fallback() } else { self.mail_from.clone() };
        Some(Mailbox::new(Some(self.name.clone()), address.parse().ok()?))
    }
}

fn addresses(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|address| !address.is_empty())
}

/// Phone numbers, one per line.
fn parse_phones(text: &str) -> Vec<Phone> {
    text.lines().filter(|line| !line.trim().is_empty()).map(Phone::new).collect()
}

/// Validates that there is at least one line, and that every line contains a digit.
fn numbers(text: &str) -> Result<(), ValidationError> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty()).peekable();
    let is_valid = lines.peek().is_some() && lines.all(|line| line.contains(|c: char| c.is_ascii_digit()));
    if is_valid { Ok(()) } else { Err(ValidationError::new("number")) }
}

/// Validates that every number can be called from abroad, as WhatsApp requires.
fn whatsapp_numbers(text: &str) -> Result<(), ValidationError> {
    if parse_phones(text).iter().all(|phone| phone.whatsapp_href().is_some()) {
        return Ok(());
    }
    let message = "Enter each WhatsApp number with its country code, such as +92 300 1234567, one per line.";
    Err(ValidationError::new("whatsapp").with_message(message.into()))
}

/// Validates the URLs of social media accounts.
fn social_links(text: &str) -> Result<(), ValidationError> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let problem = |message: String| Err(ValidationError::new("social").with_message(message.into()));
    if lines.len() > MAX_SOCIAL_LINKS {
        return problem(format!("Enter at most {MAX_SOCIAL_LINKS} social media accounts."));
    }
    match lines.iter().find(|line| SocialLink::new(line).is_none()) {
        Some(_) => {
            problem("Enter each account as its full URL, such as https://www.facebook.com/name, one per line.".into())
        }
        None => Ok(()),
    }
}

/// Validates a complete HTTPS URL, or an empty text.
fn https_url(text: &str) -> Result<(), ValidationError> {
    let is_url = SocialLink::new(text).is_some();
    let message = "Enter the full URL of the map, such as https://maps.app.goo.gl/abc, in 200 characters or fewer.";
    if text.is_empty() || is_url { Ok(()) } else { Err(ValidationError::new("url").with_message(message.into())) }
}

/// Whole number in the range, in ASCII, Arabic or Urdu digits.
fn parse_in_range(text: &str, range: RangeInclusive<i32>) -> Option<i32> {
    ascii_digits(text.trim()).parse().ok().filter(|number| range.contains(number))
}

fn months(text: &str) -> Result<(), ValidationError> {
    let message = "Enter a number of months from 1 to 120.";
    parse_in_range(text, 1..=120).map(|_| ()).ok_or_else(|| ValidationError::new("range").with_message(message.into()))
}

fn days(text: &str) -> Result<(), ValidationError> {
    let message = "Enter a number of days from 7 to 366.";
    parse_in_range(text, 7..=366).map(|_| ()).ok_or_else(|| ValidationError::new("range").with_message(message.into()))
}

fn addresses_or_empty(text: &str) -> Result<(), ValidationError> {
    addresses(text).try_for_each(EmailAddress::check).map_err(|error| {
        error.with_message("Enter e-mail addresses in the form name@example.com, separated by commas.".into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_settings_override_site_settings() {
        let settings = SiteSettings {
            name: "Firm".into(),
            staff_inbox: "a@example.com, b@example.com".into(),
            mail_from: "staff@example.com".into(),
            ..SiteSettings::default()
        };
        let none = MailSettings::default();
        assert_eq!(settings.to_firm(&none).staff_inbox, ["a@example.com", "b@example.com"]);
        assert_eq!(settings.sender(&none, "x").unwrap().to_string(), "Firm <staff@example.com>");
        let set = MailSettings {
            mail_from: "Op <op@example.com>".parse().ok(),
            staff_inbox: vec!["c@example.com".parse().unwrap()],
            reply_address: None,
        };
        assert_eq!(settings.to_firm(&set).staff_inbox, ["c@example.com"]);
        assert_eq!(settings.sender(&set, "x").unwrap().to_string(), "Op <op@example.com>");
        let bare = MailSettings { mail_from: "op@example.com".parse().ok(), ..MailSettings::default() };
        assert_eq!(settings.sender(&bare, "x").unwrap().to_string(), "Firm <op@example.com>");
    }

    #[test]
    fn the_default_sender_is_no_reply_at_the_host() {
        let settings = SiteSettings { name: "Firm".into(), ..SiteSettings::default() };
        let sender = |host| settings.sender(&MailSettings::default(), host).unwrap().email.to_string();
        assert_eq!(sender("example.com"), "no-reply@example.com");
        assert_eq!(sender("127.0.0.1"), "no-reply@localhost");
    }
}
