//! Form with the contact details of a receipt.

use serde::Deserialize;
use validator::Validate;

use crate::inquiries::Inquiry;
use crate::inquiries::forms::field_warnings::require_email_or_phone;
use crate::web::{EmailAddress, FieldErrors, email_line, not_blank, one_line};

#[derive(Clone, Default, Deserialize, Validate)]
#[serde(default)]
pub struct ContactDetails {
    #[serde(deserialize_with = "one_line")]
    #[validate(
        custom(function = "not_blank", message = "Enter your name."),
        length(max = 200, message = "Your name must be 200 characters or fewer.")
    )]
    pub name: String,
    #[serde(deserialize_with = "email_line")]
    #[validate(
        custom(function = "EmailAddress::check_optional"),
        length(max = 254, message = "The e-mail address must be 254 characters or fewer.")
    )]
    pub email: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 100, message = "The phone number must be 100 characters or fewer."))]
    pub phone: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 100, message = "The WhatsApp number must be 100 characters or fewer."))]
    pub whatsapp: String,
    pub access_token: String,
}

impl ContactDetails {
    pub fn of(inquiry: &Inquiry) -> Self {
        let details = inquiry.details.clone();
        Self {
            name: details.name,
            email: details.email,
            phone: details.phone,
            whatsapp: details.whatsapp,
            access_token: String::new(),
        }
    }

    /// Changed fields, one line each, for the history.
    pub fn changes_from(&self, before: &Inquiry) -> Vec<String> {
        let old = Self::of(before);
        [
            ("name", &old.name, &self.name),
            ("e-mail", &old.email, &self.email),
            ("phone", &old.phone, &self.phone),
            ("WhatsApp", &old.whatsapp, &self.whatsapp),
        ]
        .into_iter()
        .filter(|(_, old, new)| old != new)
        .map(|(what, old, new)| format!("{what}: {} → {}", or_none(old), or_none(new)))
        .collect()
    }

    pub fn errors(&self) -> FieldErrors {
        let mut errors = FieldErrors::of(self, &["name", "email", "phone", "whatsapp"]);
        require_email_or_phone(&mut errors, &self.email, &self.phone);
        errors
    }
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}
