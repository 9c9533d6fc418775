//! What a form says beside a field that looks wrong and may yet be right: it is taken as it is.

use crate::inquiries::phone::Number;
use crate::inquiries::slip;

/// A hint for each field that has one; empty where there is nothing to say.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    /// The e-mail address that was probably meant.
    pub email: Option<String>,
    /// The telephone number looks wrong.
    pub phone: bool,
    /// The WhatsApp number looks wrong.
    pub whatsapp: bool,
}

impl Hints {
    /// Looks at what was typed.
    pub fn of(email: &str, phone: &str, whatsapp: &str, residence: &str) -> Self {
        let looks_wrong = |typed: &str| {
            !typed.is_empty() && !Number::read(typed, residence).is_some_and(|number| number.is_plausible)
        };
        Self { email: slip::probably_meant(email), phone: looks_wrong(phone), whatsapp: looks_wrong(whatsapp) }
    }

    /// Beside the e-mail address.
    pub fn email_sentence(&self) -> String {
        self.email.as_ref().map_or_else(String::new, |meant| format!("Did you mean {meant}?"))
    }

    /// Beside a number that looks wrong.
    pub fn number_sentence(looks_wrong: &bool) -> &'static str {
        if *looks_wrong {
            "This does not look like a whole telephone number. Please look again; we take it as it is."
        } else {
            ""
        }
    }
}
