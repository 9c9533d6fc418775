//! What a form says beside a field that looks wrong and may yet be right: it is taken as it is.

use crate::inquiries::email_typo;
use crate::inquiries::phone::ParsedPhoneNumber;

/// A hint for each field that has one; empty where there is nothing to say.
#[derive(Clone, Debug, Default)]
pub struct FieldWarnings {
    /// The e-mail address that was probably meant.
    pub email: Option<String>,
    /// About the telephone number.
    pub phone: PhoneWarning,
    /// About the WhatsApp number.
    pub whatsapp: PhoneWarning,
}

/// What can be wrong with a number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PhoneWarning {
    /// Nothing.
    #[default]
    None,
    /// A digit may be missing or wrong.
    Implausible,
    /// It has no country code and is valid in several countries. Holds the number it is read as.
    Ambiguous(String),
}

impl FieldWarnings {
    /// Looks at what was typed.
    pub fn of(email: &str, phone: &str, whatsapp: &str, residence: &str) -> Self {
        let hint = |typed| PhoneWarning::of(typed, residence);
        Self { email: email_typo::suggest(email), phone: hint(phone), whatsapp: hint(whatsapp) }
    }

    /// Beside the e-mail address.
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

    /// Beside the field; empty where there is nothing to say.
    pub fn message(&self) -> String {
        match self {
            Self::None => String::new(),
            Self::Implausible => {
                "This does not look like a whole telephone number. Please look again; we take it as it is.".into()
            }
            Self::Ambiguous(number) => {
                format!("We read this number as {number}. If that is wrong, add the country code, such as +92.")
            }
        }
    }
}
