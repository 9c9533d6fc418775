//! Checks of contact fields. Warnings do not block the form; a missing e-mail address and phone number do.

use crate::inquiries::forms::email_typo;
use crate::inquiries::phone::ParsedPhoneNumber;
use crate::web::FieldErrors;

/// Adds an error if a visitor gave neither an e-mail address nor a phone number.
pub fn require_email_or_phone(errors: &mut FieldErrors, email: &str, phone: &str) {
    if email.is_empty() && phone.is_empty() {
        errors.add("email", "Enter an e-mail address or a phone number so that we can answer you.");
    }
}

/// Warnings beside the contact fields.
#[derive(Clone, Debug, Default)]
pub struct FieldWarnings {
    /// Suggested e-mail address.
    pub email: Option<String>,
    pub phone: PhoneWarning,
    pub whatsapp: PhoneWarning,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PhoneWarning {
    #[default]
    None,
    /// A digit may be missing or wrong.
    Implausible,
    /// Without a country code, the number is valid in several countries. Contains the number it was read as.
    Ambiguous(String),
}

impl FieldWarnings {
    pub fn of(email: &str, phone: &str, whatsapp: &str, residence: &str) -> Self {
        let warning = |number| PhoneWarning::of(number, residence);
        Self { email: email_typo::suggest(email), phone: warning(phone), whatsapp: warning(whatsapp) }
    }

    pub fn email_message(&self) -> String {
        self.email.as_ref().map_or_else(String::new, |meant| format!("Did you mean {meant}?"))
    }
}

impl PhoneWarning {
    fn of(typed: &str, residence: &str) -> Self {
        if typed.is_empty() {
            return Self::None;
        }
        match ParsedPhoneNumber::parse(typed, residence) {
            Some(number) if number.is_ambiguous() => Self::Ambiguous(number.international()),
            Some(number) if number.is_plausible => Self::None,
            _ => Self::Implausible,
        }
    }

    /// Empty if there is no warning.
    pub fn message(&self) -> String {
        match self {
            Self::None => String::new(),
            Self::Implausible => {
                "This does not look like a complete phone number. Please check it. You can send the form either way."
                    .into()
            }
            Self::Ambiguous(number) => {
                format!("We read this number as {number}. If that is wrong, add the country code, such as +92.")
            }
        }
    }
}
