//! Telephone numbers as people type them, read as numbers that can be dialled from anywhere; never a reason to refuse a
//! form.

mod scan;
#[cfg(test)]
mod tests;

use phonenumber::country::Id;
use phonenumber::metadata::DATABASE;
use phonenumber::{Mode, PhoneNumber, Type};

use crate::inquiries::residence;
pub use scan::digits;
use scan::{DigitGroup, digit_runs};

/// Longer texts hold no number: no form takes them, and looking for one takes time.
const MAX_INPUT_LEN: usize = 200;
/// Fewer digits are no telephone number that can be dialled from anywhere.
const MIN_DIGITS: usize = 6;
/// More digits are more than one number: 15 of E.164 and a prefix for calls abroad.
const MAX_DIGITS: usize = 18;
/// A number typed without a plus can begin with its country code from this length on.
const MIN_LEN_WITH_COUNTRY_CODE: usize = 11;
/// Numbers read from one field.
const MAX_NUMBERS: usize = 4;
/// The country of the firm's offices, where most numbers without a country code are from.
const DEFAULT_COUNTRY: Id = Id::PK;

/// A number that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedPhoneNumber {
    /// `+923001234567`
    pub e164: String,
    /// Whether the country has such numbers. If not, a digit may be missing or wrong.
    pub is_plausible: bool,
    /// What else the digits can mean. Not empty only where they were typed without a country code and are valid in
    /// several countries: then the number is uncertain.
    pub alternatives: Vec<String>,
    /// Whether the country is known from what was typed, and not from where the person lives.
    has_country_code: bool,
}

/// One way to read digits.
struct Interpretation {
    e164: String,
    /// A line of a person, not of a company or a premium service.
    is_personal: bool,
}

impl ParsedPhoneNumber {
    /// Reads the first number in a field. A number without a country code is one of the country its owner lives in, or
    /// else one of Pakistan. `None` where the text holds no number.
    pub fn parse(typed: &str, residence: &str) -> Option<Self> {
        Self::parse_all(typed, residence).into_iter().next()
    }

    /// Every number in a field, in the order typed: people write two of them, and hours to call.
    pub fn parse_all(typed: &str, residence: &str) -> Vec<Self> {
        if typed.chars().nth(MAX_INPUT_LEN).is_some() {
            return vec![];
        }
        let countries = residence::countries(residence);
        let mut found = vec![];
        let mut doubtful = None;
        for run in digit_runs(typed) {
            let mut rest = run.as_slice();
            while !rest.is_empty() && found.len() < MAX_NUMBERS {
                let end = match parse_plausible(rest, &countries) {
                    Some((end, number)) => {
                        if !found.iter().any(|known: &Self| known.e164 == number.e164) {
                            found.push(number);
                        }
                        end
                    }
                    None => {
                        let end = end_of_first(rest);
                        doubtful = doubtful.or_else(|| parse_implausible(&rest[..end], &countries));
                        end
                    }
                };
                rest = &rest[end..];
            }
        }
        if found.is_empty() { doubtful.into_iter().collect() } else { found }
    }

    /// The first number alone, or nothing.
    pub fn e164(typed: &str, residence: &str) -> String {
        Self::parse(typed, residence).map_or_else(String::new, |number| number.e164)
    }

    /// The address that opens a conversation in WhatsApp.
    pub fn whatsapp_url(e164: &str) -> String {
        format!("https://wa.me/{}", e164.trim_start_matches('+'))
    }

    /// Whether the country is known from what was typed.
    pub fn has_country_code(&self) -> bool {
        self.has_country_code
    }

    /// Whether staff must be told that it may be another number.
    pub fn is_ambiguous(&self) -> bool {
        !self.alternatives.is_empty()
    }

    /// For staff: what is not certain about the number, as a sentence; else nothing.
    pub fn ambiguity(&self) -> String {
        if !self.is_ambiguous() {
            return String::new();
        }
        let others = self.alternatives.join(" or ");
        format!("The number has no country code. It is read as {} and can also be {others}.", self.e164)
    }

    /// As people read it: `+92 300 1234567`.
    pub fn international(&self) -> String {
        let number = phonenumber::parse(None, &self.e164);
        number.map_or_else(|_| self.e164.clone(), |number| number.format().mode(Mode::International).to_string())
    }

    /// Whether both can be the same number.
    pub fn may_equal(&self, other: &Self) -> bool {
        self.interpretations().any(|one| other.interpretations().any(|another| one == another))
    }

    /// Everything that an inquiry with this number is found by: each way to read it, and its digits without a country
    /// code. Where the country is known, these have an `n` before them, so that only a number of unknown country
    /// matches them.
    fn index_keys(&self) -> Vec<String> {
        let mut keys = vec![];
        let mark = if self.has_country_code { "n" } else { "" };
        for e164 in self.interpretations() {
            keys.push(e164.clone());
            keys.push(format!("{mark}{}", national_digits(e164)));
        }
        keys
    }

    /// The keys of inquiries that can have this number, whatever the country was read from.
    pub fn search_keys(&self) -> Vec<String> {
        let mut keys = vec![];
        for e164 in self.interpretations() {
            keys.extend([e164.clone(), national_digits(e164)]);
            if !self.has_country_code {
                keys.push(format!("n{}", national_digits(e164)));
            }
        }
        keys
    }

    fn interpretations(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.e164).chain(&self.alternatives)
    }
}

/// The keys of both number fields of an inquiry, as a JSON list.
pub fn index_keys(phone: &str, whatsapp: &str, residence: &str) -> String {
    let mut keys: Vec<String> = vec![];
    for typed in [phone, whatsapp] {
        for key in ParsedPhoneNumber::parse_all(typed, residence).iter().flat_map(ParsedPhoneNumber::index_keys) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
    }
    serde_json::Value::from(keys).to_string()
}

/// The plausible number at the start of a run, and how many groups it has. As many groups as possible belong to it; what
/// stands behind a slash or a comma does not, once there is a number before it.
fn parse_plausible(run: &[DigitGroup], countries: &[Id]) -> Option<(usize, ParsedPhoneNumber)> {
    let mut digits = String::new();
    let mut best = None;
    for (place, group) in run.iter().enumerate() {
        let begins_another = place > 0 && (group.has_plus || (group.follows_separator && best.is_some()));
        digits.push_str(&group.digits);
        if begins_another || digits.len() > MAX_DIGITS {
            break;
        }
        if digits.len() >= MIN_DIGITS
            && let Some(number) = parse_digits(&digits, run[0].has_plus, countries)
        {
            best = Some((place + 1, number));
        }
    }
    best
}

/// Where a number ends that is not plausible: at a plus, or at a slash or a comma behind enough digits.
fn end_of_first(run: &[DigitGroup]) -> usize {
    let mut digits = 0;
    for (place, group) in run.iter().enumerate() {
        if place > 0 && (group.has_plus || (group.follows_separator && digits > MIN_DIGITS)) {
            return place;
        }
        digits += group.digits.len();
    }
    run.len()
}

/// A number that no country has, kept so that staff see it and can search for it.
fn parse_implausible(run: &[DigitGroup], countries: &[Id]) -> Option<ParsedPhoneNumber> {
    let digits: String = run.iter().map(|group| group.digits.as_str()).collect();
    if !(MIN_DIGITS..=MAX_DIGITS).contains(&digits.len()) {
        return None;
    }
    let abroad = international_digits(&digits, run[0].has_plus, countries);
    let number = match &abroad {
        Some(digits) => phonenumber::parse(None, format!("+{digits}")).ok()?,
        None => phonenumber::parse(Some(countries.first().copied().unwrap_or(DEFAULT_COUNTRY)), &digits).ok()?,
    };
    Some(ParsedPhoneNumber {
        e164: number.format().mode(Mode::E164).to_string(),
        is_plausible: false,
        alternatives: vec![],
        has_country_code: abroad.is_some(),
    })
}

/// Reads digits as one plausible number.
fn parse_digits(digits: &str, has_plus: bool, countries: &[Id]) -> Option<ParsedPhoneNumber> {
    if let Some(digits) = international_digits(digits, has_plus, countries)
        && let Some(reading) = parse_international(&digits)
    {
        return Some(ParsedPhoneNumber {
            e164: reading.e164,
            is_plausible: true,
            alternatives: vec![],
            has_country_code: true,
        });
    }
    let candidates: Vec<Id> = countries.iter().copied().chain([DEFAULT_COUNTRY]).collect();
    let mut readings: Vec<Interpretation> = candidates
        .iter()
        .filter_map(|country| interpret_if_valid(phonenumber::parse(Some(*country), digits).ok()?))
        .collect();
    // A company's or a premium number is what people have least often.
    readings.sort_by_key(|reading| !reading.is_personal);
    let is_long = digits.len() >= MIN_LEN_WITH_COUNTRY_CODE && !digits.starts_with('0');
    let mut has_country_code = false;
    if (is_long || readings.is_empty())
        && let Some(reading) = parse_international(digits)
    {
        // With the code of a country that was expected, it is that code and not the start of a national number.
        let is_expected = candidates.iter().any(|country| {
            DATABASE.by_id(country.as_ref()).is_some_and(|meta| digits.starts_with(&meta.country_code().to_string()))
        });
        has_country_code = readings.iter().all(|other| other.e164 == reading.e164);
        if is_expected { readings.insert(0, reading) } else { readings.push(reading) }
    }
    let mut all: Vec<String> = vec![];
    for reading in readings {
        if !all.contains(&reading.e164) {
            all.push(reading.e164);
        }
    }
    let e164 = if all.is_empty() { return None } else { all.remove(0) };
    Some(ParsedPhoneNumber { e164, is_plausible: true, alternatives: all, has_country_code })
}

/// The digits from the country code on, where a plus or a prefix for calls abroad says that they begin with one.
fn international_digits(digits: &str, has_plus: bool, countries: &[Id]) -> Option<String> {
    if let Some(abroad) = digits.strip_prefix("00") {
        return Some(abroad.to_owned());
    }
    if has_plus {
        // "+0300 1234567" has a plus and no country code.
        return (!digits.starts_with('0')).then(|| digits.to_owned());
    }
    let is_american = countries.iter().any(|country| matches!(country, Id::US | Id::CA));
    digits.strip_prefix("011").filter(|abroad| is_american && abroad.len() >= MIN_DIGITS).map(str::to_owned)
}

fn parse_international(digits: &str) -> Option<Interpretation> {
    interpret_if_valid(phonenumber::parse(None, format!("+{digits}")).ok()?)
}

fn interpret_if_valid(number: PhoneNumber) -> Option<Interpretation> {
    let kind = if number.is_valid() { number.number_type(&DATABASE) } else { return None };
    let is_personal = matches!(
        kind,
        Type::Mobile | Type::FixedLine | Type::FixedLineOrMobile | Type::PersonalNumber | Type::Voip | Type::Pager
    );
    Some(Interpretation { e164: number.format().mode(Mode::E164).to_string(), is_personal })
}

/// The digits behind the country code.
fn national_digits(e164: &str) -> String {
    phonenumber::parse(None, e164).map_or_else(|_| digits(e164), |number| number.national().to_string())
}

/// Reads a number beside everything else, so that the first visitor or search need not wait until the numbering plans of
/// the world and the names of its places are unpacked.
pub fn warm_up() {
    tokio::task::spawn_blocking(|| ParsedPhoneNumber::parse("042 35911332", "Lahore"));
}
