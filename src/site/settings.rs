//! The firm's record: what it is called, how to reach it, who holds its licence, where its mail goes.

use std::ops::RangeInclusive;

use lettre::Address;
use lettre::message::Mailbox;
use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use crate::web::{EmailAddress, Firm, Phone, RetentionPeriods, ascii_digits, multi_line, one_line};

/// The record as stored and as typed in the admin area.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, sqlx::FromRow)]
#[serde(default)]
pub struct SiteSettings {
    /// Name of the firm.
    #[serde(deserialize_with = "one_line")]
    #[validate(length(min = 1, max = 100, message = "Enter the firm's name, at most 100 letters."))]
    pub name: String,
    /// One line under the name.
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 200, message = "Keep the tagline under 200 letters."))]
    pub tagline: String,
    /// Numbers after "Talk to expert", one a line.
    #[serde(deserialize_with = "multi_line")]
    #[validate(
        length(max = 200, message = "Keep the numbers under 200 letters together."),
        custom(function = "numbers", message = "Enter at least one telephone number, one a line.")
    )]
    pub expert_phones: String,
    /// Numbers after "Business Phone", one a line.
    #[serde(deserialize_with = "multi_line")]
    #[validate(
        length(max = 200, message = "The business phone numbers must be 200 characters or fewer together."),
        custom(function = "numbers", message = "Enter at least one business phone number, one per line.")
    )]
    pub business_phone: String,
    /// When the firm can be reached.
    #[serde(deserialize_with = "one_line")]
    #[validate(length(min = 1, max = 100, message = "Enter the days and hours, for example Mon–Sat 10.00–18.00."))]
    pub contact_time: String,
    /// Public e-mail address; may be empty.
    #[serde(deserialize_with = "one_line")]
    #[validate(custom(function = "EmailAddress::check_optional"))]
    pub email: String,
    /// Postal address; may be empty.
    #[serde(deserialize_with = "multi_line")]
    #[validate(length(max = 500, message = "Keep the address under 500 letters."))]
    pub address: String,
    /// Who holds the licence; may be empty.
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 100, message = "Keep the name under 100 letters."))]
    pub licence_name: String,
    /// Number of the licence; may be empty.
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 40, message = "Keep the number under 40 letters."))]
    pub licence_number: String,
    /// Addresses that inquiries go to, by comma; may be empty.
    #[serde(deserialize_with = "one_line")]
    #[validate(custom(function = "addresses_or_empty"))]
    pub staff_inbox: String,
    /// Sender of every letter; may be empty.
    #[serde(deserialize_with = "one_line")]
    #[validate(custom(function = "EmailAddress::check_optional"))]
    pub mail_from: String,
    /// How many months messages are kept, as typed: 1–120.
    #[serde(deserialize_with = "one_line")]
    #[validate(custom(function = "months"))]
    pub keep_contact_months: String,
    /// How many months applications are kept, as typed: 1–120.
    #[serde(deserialize_with = "one_line")]
    #[validate(custom(function = "months"))]
    pub keep_apply_months: String,
    /// How many days what was set aside as spam is kept, as typed: 7–366.
    #[serde(deserialize_with = "one_line")]
    #[validate(custom(function = "days"))]
    pub keep_quarantined_days: String,
    /// Random hexadecimal digits that the site got when it was made. The ids in its feeds come from them.
    #[serde(skip)]
    pub uuid: String,
    /// Rises with every change, so that two people cannot overwrite each other unseen.
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
            email: empty(),
            address: empty(),
            licence_name: empty(),
            licence_number: empty(),
            staff_inbox: empty(),
            mail_from: empty(),
            keep_contact_months: "24".into(),
            keep_apply_months: "24".into(),
            keep_quarantined_days: "30".into(),
            uuid: empty(),
            version: 0,
        }
    }
}

/// What the operator has set about mail, which goes before the record.
#[derive(Clone, Debug, Default)]
pub struct MailSettings {
    /// `MAIL_FROM`
    pub mail_from: Option<Mailbox>,
    /// `STAFF_INBOX`
    pub staff_inbox: Vec<Address>,
}

impl SiteSettings {
    /// The fields in the order of the admin area's form.
    pub const FIELDS: [&'static str; 14] = [
        "name",
        "tagline",
        "expert_phones",
        "business_phone",
        "contact_time",
        "email",
        "address",
        "licence_name",
        "licence_number",
        "staff_inbox",
        "mail_from",
        "keep_contact_months",
        "keep_apply_months",
        "keep_quarantined_days",
    ];

    /// The record ready to print.
    pub fn to_firm(&self, mail: &MailSettings) -> Firm {
        let shown = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        // What is stored was checked when it was typed.
        let number = |text: &str, otherwise| parse_in_range(text, 1..=366).unwrap_or(otherwise);
        Firm {
            name: self.name.clone(),
            tagline: self.tagline.clone(),
            expert_phones: parse_phones(&self.expert_phones),
            business_phones: parse_phones(&self.business_phone),
            contact_time: self.contact_time.clone(),
            email: shown(&self.email),
            address: shown(&self.address),
            licence_name: shown(&self.licence_name),
            licence_number: shown(&self.licence_number),
            staff_inbox: if mail.staff_inbox.is_empty() {
                addresses(&self.staff_inbox).map(str::to_owned).collect()
            } else {
                mail.staff_inbox.iter().map(ToString::to_string).collect()
            },
            uuid: self.uuid.clone(),
            retention: RetentionPeriods {
                contact_months: number(&self.keep_contact_months, 24),
                apply_months: number(&self.keep_apply_months, 24),
                quarantined_days: number(&self.keep_quarantined_days, 30),
            },
        }
    }

    /// Who letters come from: the operator's setting, else the record, else `no-reply` at the site's host.
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

/// The numbers of a text with one on each line.
fn parse_phones(text: &str) -> Vec<Phone> {
    text.lines().filter(|line| !line.trim().is_empty()).map(Phone::new).collect()
}

/// Every line that is not empty holds a number that can be dialled, and there is one.
fn numbers(text: &str) -> Result<(), ValidationError> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty()).peekable();
    let is_fine = lines.peek().is_some() && lines.all(|line| line.contains(|c: char| c.is_ascii_digit()));
    if is_fine { Ok(()) } else { Err(ValidationError::new("number")) }
}

/// A whole number in the range, in any of the digits used in Pakistan.
fn parse_in_range(typed: &str, range: RangeInclusive<i32>) -> Option<i32> {
    ascii_digits(typed.trim()).parse().ok().filter(|number| range.contains(number))
}

fn months(typed: &str) -> Result<(), ValidationError> {
    let sentence = "Enter how many months, from 1 to 120.";
    parse_in_range(typed, 1..=120)
        .map(|_| ())
        .ok_or_else(|| ValidationError::new("range").with_message(sentence.into()))
}

fn days(typed: &str) -> Result<(), ValidationError> {
    let sentence = "Enter how many days, from 7 to 366.";
    parse_in_range(typed, 7..=366)
        .map(|_| ())
        .ok_or_else(|| ValidationError::new("range").with_message(sentence.into()))
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
        let record = SiteSettings {
            name: "Firm".into(),
            staff_inbox: "a@example.com, b@example.com".into(),
            mail_from: "desk@example.com".into(),
            ..SiteSettings::default()
        };
        let none = MailSettings::default();
        assert_eq!(record.to_firm(&none).staff_inbox, ["a@example.com", "b@example.com"]);
        assert_eq!(record.sender(&none, "x").unwrap().to_string(), "Firm <desk@example.com>");
        let set = MailSettings {
            mail_from: "Op <op@example.com>".parse().ok(),
            staff_inbox: vec!["c@example.com".parse().unwrap()],
        };
        assert_eq!(record.to_firm(&set).staff_inbox, ["c@example.com"]);
        assert_eq!(record.sender(&set, "x").unwrap().to_string(), "Op <op@example.com>");
        let bare = MailSettings { mail_from: "op@example.com".parse().ok(), ..MailSettings::default() };
        assert_eq!(record.sender(&bare, "x").unwrap().to_string(), "Firm <op@example.com>");
    }

    #[test]
    fn the_default_sender_is_no_reply_at_the_host() {
        let record = SiteSettings { name: "Firm".into(), ..SiteSettings::default() };
        let sender = |host| record.sender(&MailSettings::default(), host).unwrap().email.to_string();
        assert_eq!(sender("example.com"), "no-reply@example.com");
        assert_eq!(sender("127.0.0.1"), "no-reply@localhost");
    }
}
