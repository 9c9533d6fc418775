//! Subject of a privacy search: an e-mail address, a phone number, or an inquiry reference.

use crate::http::SiteSecret;
use crate::inquiries::phone::ParsedPhoneNumber;
use crate::web::visible_only;

/// Normalized for comparing and hashing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Lower case.
    Email(String),
    /// Phone or WhatsApp number.
    Number {
        /// `+923001234567`; empty if the text is not a number.
        e164: String,
        /// Keys to find inquiries by, for any country the number may be read for.
        keys: Vec<String>,
        /// Entered without a country code.
        is_national: bool,
        /// As entered; may not be a number at all.
        typed: String,
    },
    /// `IE-2026-000123`
    Reference(String),
}

impl Subject {
    /// Returns `None` for empty text.
    pub fn parse(typed: &str) -> Option<Self> {
        let typed = typed.trim();
        if typed.is_empty() {
            None
        } else if typed.contains('@') {
            Some(Self::Email(visible_only(typed).to_ascii_lowercase()))
        } else if typed.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("IE-")) {
            Some(Self::Reference(typed.to_ascii_uppercase()))
        } else {
            let number = ParsedPhoneNumber::parse(typed, "");
            Some(Self::Number {
                keys: number.as_ref().map(ParsedPhoneNumber::search_keys).unwrap_or_default(),
                is_national: number.as_ref().is_some_and(|number| !number.has_country_code()),
                e164: number.map_or_else(String::new, |number| number.e164),
                typed: typed.to_owned(),
            })
        }
    }

    /// Like [`Self::parse`], but not for a reference.
    pub fn parse_person(typed: &str) -> Option<Self> {
        Self::parse(typed).filter(|subject| !matches!(subject, Self::Reference(_)))
    }

    /// Empty unless this is an address.
    pub fn email(&self) -> &str {
        if let Self::Email(email) = self { email } else { "" }
    }

    /// Empty unless this is a number.
    pub fn e164(&self) -> &str {
        if let Self::Number { e164, .. } = self { e164 } else { "" }
    }

    pub fn lookup_keys(&self) -> &[String] {
        if let Self::Number { keys, .. } = self { keys } else { &[] }
    }

    /// Whether `e164` ends with the digits of this number, entered without a country code.
    pub fn has_digits_of(&self, e164: &str) -> bool {
        let is_end = |key: &String| !key.starts_with('+') && e164.ends_with(key.trim_start_matches('n'));
        matches!(self, Self::Number { is_national: true, keys, .. } if keys.iter().any(is_end))
    }

    /// The number as entered; empty unless this is a number.
    pub fn raw_number(&self) -> &str {
        if let Self::Number { typed, .. } = self { typed } else { "" }
    }

    pub fn is_same_as(&self, other: &Self) -> bool {
        self.canonical() == other.canonical()
    }

    /// Keyed hash for the erasure log. Cannot be computed or guessed without the site secret.
    pub fn hash(&self, key: &SiteSecret) -> String {
        key.mac(&self.mac_message())
    }

    /// The hash with the current secret and with each earlier one.
    pub fn hashes(&self, key: &SiteSecret) -> impl Iterator<Item = String> {
        key.macs_for_all_keys(self.mac_message())
    }

    fn mac_message(&self) -> String {
        format!("erasure:{}", self.canonical())
    }

    fn canonical(&self) -> &str {
        match self {
            Self::Number { e164, typed, .. } if e164.is_empty() => typed,
            Self::Email(text) | Self::Number { e164: text, .. } | Self::Reference(text) => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_is_parsed_as_email_number_or_reference() {
        assert_eq!(Subject::parse(" Ali@Example.com "), Some(Subject::Email("ali@example.com".into())));
        assert_eq!(Subject::parse("ie-2026-000001"), Some(Subject::Reference("IE-2026-000001".into())));
        assert_eq!(Subject::parse_person("IE-2026-000001"), None);
        assert_eq!(Subject::parse("  "), None);
        assert_eq!(Subject::parse("اے").unwrap().e164(), "");
    }

    #[test]
    fn equivalent_spellings_have_the_same_hash() {
        let dir = tempfile::tempdir().unwrap();
        let key = SiteSecret::load_or_create(dir.path()).unwrap();
        let of = |typed: &str| Subject::parse(typed).unwrap();
        for (one, other) in [
            ("0300 1234567", "+92 (0)300-1234567"),
            ("۰۳۰۰ ۱۲۳۴۵۶۷", "00923001234567"),
            ("A@example.com", "a@EXAMPLE.com"),
        ] {
            assert!(of(one).is_same_as(&of(other)), "{one}, {other}");
            assert_eq!(of(one).hash(&key), of(other).hash(&key));
        }
        assert!(!of("0300 1234567").is_same_as(&of("0300 1234568")));
        assert!(!of("a@example.com").hash(&key).contains("example"));
    }
}
