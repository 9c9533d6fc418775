//! A telephone number as people type it, read as one that can be dialled from anywhere; never a reason to refuse a form.

use phonenumber::{Mode, country};

use crate::web::plain_digits;

/// Where people live who leave the country out of their number: as they write it, and what it stands for.
const COUNTRIES: [(&str, country::Id); 18] = [
    ("canada", country::Id::CA),
    ("united arab emirates", country::Id::AE),
    ("uae", country::Id::AE),
    ("dubai", country::Id::AE),
    ("saudi arabia", country::Id::SA),
    ("ksa", country::Id::SA),
    ("qatar", country::Id::QA),
    ("oman", country::Id::OM),
    ("kuwait", country::Id::KW),
    ("bahrain", country::Id::BH),
    ("united kingdom", country::Id::GB),
    ("uk", country::Id::GB),
    ("india", country::Id::IN),
    ("united states", country::Id::US),
    ("usa", country::Id::US),
    ("us", country::Id::US),
    ("england", country::Id::GB),
    ("great britain", country::Id::GB),
];

/// No form takes a longer one, and to look for a number in a text of any length would take longer than a visitor waits.
const LONGEST: usize = 100;

/// What became of a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// `+923001234567`
    pub e164: String,
    /// Whether the country has such numbers; where not, a digit may be wrong.
    pub is_plausible: bool,
}

impl Number {
    /// Reads a number typed in any of the digits used in Pakistan. Without a country it is one of Pakistan, or else
    /// one of the country its owner lives in. `None` where it is no number at all.
    pub fn read(typed: &str, residence: &str) -> Option<Self> {
        let plain: String = plain_digits(typed)
            .chars()
            .filter(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')' | '.' | '/'))
            .collect();
        if plain.len() > LONGEST {
            return None;
        }
        let in_country = |country| {
            let number = phonenumber::parse(Some(country), &plain).ok()?;
            Some(Self { e164: number.format().mode(Mode::E164).to_string(), is_plausible: number.is_valid() })
        };
        let here = in_country(country::Id::PK);
        if here.as_ref().is_some_and(|number| number.is_plausible) {
            return here;
        }
        let lives_in = residence.trim().to_lowercase();
        let there = COUNTRIES.iter().find(|(name, _)| *name == lives_in).and_then(|(_, country)| in_country(*country));
        there.filter(|number| number.is_plausible).or(here)
    }

    /// The number alone, or nothing.
    pub fn e164(typed: &str, residence: &str) -> String {
        Self::read(typed, residence).map_or_else(String::new, |number| number.e164)
    }

    /// The address that opens a conversation in WhatsApp.
    pub fn whatsapp(e164: &str) -> String {
        format!("https://wa.me/{}", e164.trim_start_matches('+'))
    }
}

/// Reads a number beside everything else, so that the first visitor or search need not wait until all the world's ways to
/// number telephones are unpacked.
pub fn prepare() {
    tokio::task::spawn_blocking(|| Number::read("042 35911332", ""));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_pakistan_is_read_however_it_is_typed() {
        for typed in [
            "0300 1234567",
            "0300-1234567",
            "+92 300 1234567",
            "+92 (0)300 1234567",
            "0092 300 1234567",
            "923001234567",
            "3001234567",
            "۰۳۰۰ ۱۲۳۴۵۶۷",
            "٠٣٠٠١٢٣٤٥٦٧",
            "\u{200e}0300 1234567",
            "0300 1234567 (WhatsApp)",
        ] {
            let number = Number::read(typed, "").unwrap_or_else(|| panic!("{typed}"));
            assert_eq!((number.e164.as_str(), number.is_plausible), ("+923001234567", true), "{typed}");
        }
        assert_eq!(Number::e164("042 35911332", ""), "+924235911332");
    }

    #[test]
    fn a_number_of_elsewhere_is_read_with_its_country_or_where_its_owner_lives() {
        for (typed, residence, e164) in [
            ("+1 604 555 1234", "", "+16045551234"),
            ("00971 50 123 4567", "", "+971501234567"),
            ("050 123 4567", "UAE", "+971501234567"),
            ("07911 123456", " United Kingdom ", "+447911123456"),
            ("0300 1234567", "Canada", "+923001234567"),
        ] {
            assert_eq!(Number::e164(typed, residence), e164, "{typed} in {residence}");
        }
    }

    #[test]
    fn what_is_longer_than_any_number_is_none() {
        assert_eq!(Number::read(&format!("+92{}", "+".repeat(1_000_000)), ""), None);
        assert_eq!(Number::read(&format!("0300 1234567{}", "/".repeat(100)), ""), None);
    }

    #[test]
    fn what_looks_wrong_is_marked_and_what_is_none_is_none() {
        assert!(!Number::read("0300 12345", "").unwrap().is_plausible);
        for none in ["please ask my brother", "", "12", "0300 1234567 0301 7654321 0302"] {
            assert_eq!(Number::read(none, "").filter(|number| number.is_plausible), None, "{none}");
        }
        assert_eq!(Number::whatsapp("+923001234567"), "https://wa.me/923001234567");
    }
}
