//! What a form says beside a field that looks wrong and may yet be right: it is taken as it is.

use crate::inquiries::phone::Number;
use crate::inquiries::slip;

/// A hint for each field that has one; empty where there is nothing to say.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    /// The e-mail address that was probably meant.
    pub email: Option<String>,
    /// About the telephone number.
    pub phone: NumberHint,
    /// About the WhatsApp number.
    pub whatsapp: NumberHint,
}

/// What can be wrong with a number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum NumberHint {
    /// Nothing.
    #[default]
    None,
    /// A digit may be missing or wrong.
    LooksWrong,
    /// It has no country code and is valid in several countries. Holds the number it is read as.
    Uncertain(String),
}

impl Hints {
    /// Looks at what was typed.
    pub fn of(email: &str, phone: &str, whatsapp: &str, residence: &str) -> Self {
        let hint = |typed| NumberHint::of(typed, residence);
        Self { email: slip::probably_meant(email), phone: hint(phone), whatsapp: hint(whatsapp) }
    }

    /// Beside the e-mail address.
    pub fn email_sentence(&self) -> String {
        self.email.as_ref().map_or_else(String::new, |meant| format!("Did you mean {meant}?"))
    }
}

impl NumberHint {
    fn of(typed: &str, residence: &str) -> Self {
        if typed.is_empty() {
            return Self::None;
        }
        match Number::read(typed, residence) {
            Some(number) if number.is_uncertain() => Self::Uncertain(number.international()),
            Some(number) if number.is_plausible => Self::None,
            _ => Self::LooksWrong,
        }
    }

    /// Beside the field; empty where there is nothing to say.
    pub fn sentence(&self) -> String {
        match self {
            Self::None => String::new(),
            Self::LooksWrong => {
                "This does not look like a whole telephone number. Please look again; we take it as it is.".into()
            }
            Self::Uncertain(number) => {
                format!("We read this number as {number}. If that is wrong, add the country code, such as +92.")
            }
        }
    }
}
