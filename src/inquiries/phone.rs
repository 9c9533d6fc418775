//! Parser of phone numbers as people write them. No number is rejected for its format.

mod scan;
#[cfg(test)]
mod tests;

use phonenumber::country::Id;
use phonenumber::metadata::DATABASE;
use phonenumber::{Mode, PhoneNumber, Type};

use crate::inquiries::residence;
pub use scan::digits;
use scan::{DigitGroup, digit_runs};

/// Longer texts are not parsed: no form accepts them, and parsing takes time.
const MAX_INPUT_LEN: usize = 200;
/// Fewer digits are not an international phone number.
const MIN_DIGITS: usize = 6;
/// 15 digits of E.164 and an international prefix.
const MAX_DIGITS: usize = 18;
/// Shorter numbers without a plus do not start with a country code.
const MIN_LEN_WITH_COUNTRY_CODE: usize = 11;
/// Per field.
const MAX_NUMBERS: usize = 4;
/// The country of the company's offices, where most numbers without a country code are from.
const DEFAULT_COUNTRY: Id = Id::PK;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedPhoneNumber {
    /// Such as `+923001234567`.
    pub e164: String,
    /// Whether the number is valid in its country. If not, a digit may be missing or wrong.
    pub is_plausible: bool,
    /// Other readings, if there is no country code and the digits are valid in several countries.
    pub alternatives: Vec<String>,
    /// Whether the country comes from the entered number, and not from the residence.
    has_country_code: bool,
}

/// One reading of digits.
struct Interpretation {
    e164: String,
    /// Not a toll-free, shared-cost or premium number.
    is_personal: bool,
}

impl ParsedPhoneNumber {
    /// Parses the first number in a field. A number without a country code belongs to the country of residence, or else to
    /// Pakistan. `None` if the text contains no number.
    pub fn parse(text: &str, residence: &str) -> Option<Self> {
        Self::parse_all(text, residence).into_iter().next()
    }

    /// Parses all numbers in a field. People enter two of them, or add hours to call.
    pub fn parse_all(text: &str, residence: &str) -> Vec<Self> {
        if text.chars().nth(MAX_INPUT_LEN).is_some() {
            return vec![];
        }
        let countries = residence::countries(residence);
        let mut found = vec![];
        let mut implausible = None;
        for run in digit_runs(text) {
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
                        implausible = implausible.or_else(|| parse_implausible(&rest[..end], &countries));
                        end
                    }
                };
                rest = &rest[end..];
            }
        }
        if found.is_empty() { implausible.into_iter().collect() } else { found }
    }

    /// The first number in E.164. Empty if the text contains no number.
    pub fn e164(text: &str, residence: &str) -> String {
        Self::parse(text, residence).map_or_else(String::new, |number| number.e164)
    }

    /// Link that opens a WhatsApp chat.
    pub fn whatsapp_url(e164: &str) -> String {
        format!("https://wa.me/{}", e164.trim_start_matches('+'))
    }

    pub fn has_country_code(&self) -> bool {
        self.has_country_code
    }

    /// Whether it has other readings.
    pub fn is_ambiguous(&self) -> bool {
        !self.alternatives.is_empty()
    }

    /// Sentence for staff about the other readings. Empty if there are none.
    pub fn ambiguity(&self) -> String {
        if !self.is_ambiguous() {
            return String::new();
        }
        let others = self.alternatives.join(" or ");
        format!("The number has no country code. It was read as {} but could also be {others}.", self.e164)
    }

    /// With spaces, such as `+92 300 1234567`.
    pub fn international(&self) -> String {
        let number = phonenumber::parse(None, &self.e164);
        number.map_or_else(|_| self.e164.clone(), |number| number.format().mode(Mode::International).to_string())
    }

    /// Whether any reading of both is the same number.
    pub fn may_equal(&self, other: &Self) -> bool {
        self.interpretations().any(|one| other.interpretations().any(|another| one == another))
    }

    /// Whether the digits are this number without its country code, with or without a 0 before them.
    pub fn has_national_digits(&self, typed: &str) -> bool {
        let typed = digits(typed);
        let national = typed.trim_start_matches('0');
        national.len() >= MIN_DIGITS && self.interpretations().any(|e164| national_digits(e164) == national)
    }

    /// Search keys of an inquiry with this number.
    ///
    /// Each reading, and its digits without the country code. If the country is known, those have the prefix `n`, so
    /// that only a number of unknown country matches them.
    fn index_keys(&self) -> Vec<String> {
        let mut keys = vec![];
        let prefix = if self.has_country_code { "n" } else { "" };
        for e164 in self.interpretations() {
            keys.push(e164.clone());
            keys.push(format!("{prefix}{}", national_digits(e164)));
        }
        keys
    }

    /// Search keys of all inquiries that may have this number.
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

/// Search keys of both phone fields of an inquiry, as a JSON list.
pub fn index_keys(phone: &str, whatsapp: &str, residence: &str) -> String {
    let mut keys: Vec<String> = vec![];
    for text in [phone, whatsapp] {
        for key in ParsedPhoneNumber::parse_all(text, residence).iter().flat_map(ParsedPhoneNumber::index_keys) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
    }
    serde_json::Value::from(keys).to_string()
}

/// The longest plausible number at the start of a run, and its number of groups. A slash or a comma ends it.
fn parse_plausible(run: &[DigitGroup], countries: &[Id]) -> Option<(usize, ParsedPhoneNumber)> {
    let mut digits = String::new();
    let mut best = None;
    for (index, group) in run.iter().enumerate() {
        let starts_another = index > 0 && (group.has_plus || (group.follows_separator && best.is_some()));
        digits.push_str(&group.digits);
        if starts_another || digits.len() > MAX_DIGITS {
            break;
        }
        if digits.len() >= MIN_DIGITS
            && let Some(number) = parse_digits(&digits, run[0].has_plus, countries)
        {
            best = Some((index + 1, number));
        }
    }
    best
}

/// End of an implausible number: a plus, or a slash or comma after enough digits.
fn end_of_first(run: &[DigitGroup]) -> usize {
    let mut digits = 0;
    for (index, group) in run.iter().enumerate() {
        if index > 0 && (group.has_plus || (group.follows_separator && digits > MIN_DIGITS)) {
            return index;
        }
        digits += group.digits.len();
    }
    run.len()
}

/// A number that is not valid anywhere. Staff still see it and can search for it.
fn parse_implausible(run: &[DigitGroup], countries: &[Id]) -> Option<ParsedPhoneNumber> {
    let digits: String = run.iter().map(|group| group.digits.as_str()).collect();
    if !(MIN_DIGITS..=MAX_DIGITS).contains(&digits.len()) {
        return None;
    }
    let international = international_digits(&digits, run[0].has_plus, countries);
    let number = match &international {
        Some(digits) => phonenumber::parse(None, format!("+{digits}")).ok()?,
        None => phonenumber::parse(Some(countries.first().copied().unwrap_or(DEFAULT_COUNTRY)), &digits).ok()?,
    };
    Some(ParsedPhoneNumber {
        e164: number.format().mode(Mode::E164).to_string(),
        is_plausible: false,
        alternatives: vec![],
        has_country_code: international.is_some(),
    })
}

/// Parses digits as one plausible number.
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
    // People rarely have a toll-free or premium number.
    readings.sort_by_key(|reading| !reading.is_personal);
    let is_long = digits.len() >= MIN_LEN_WITH_COUNTRY_CODE && !digits.starts_with('0');
    let mut has_country_code = false;
    if (is_long || readings.is_empty())
        && let Some(reading) = parse_international(digits)
    {
        // The code of an expected country is more likely a country code than the start of a national number.
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

/// Digits from the country code on, if there is a plus or an international prefix.
fn international_digits(digits: &str, has_plus: bool, countries: &[Id]) -> Option<String> {
    if let Some(international) = digits.strip_prefix("00") {
        return Some(international.to_owned());
    }
    if has_plus {
        // "+0300 1234567" has a plus, but no country code.
        return (!digits.starts_with('0')).then(|| digits.to_owned());
    }
    let is_american = countries.iter().any(|country| matches!(country, Id::US | Id::CA));
    digits.strip_prefix("011").filter(|rest| is_american && rest.len() >= MIN_DIGITS).map(str::to_owned)
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

/// Digits after the country code.
fn national_digits(e164: &str) -> String {
    phonenumber::parse(None, e164).map_or_else(|_| digits(e164), |number| number.national().to_string())
}

/// Loads the numbering plans and place names in the background, so that the first request need not wait.
pub fn warm_up() {
    tokio::task::spawn_blocking(|| ParsedPhoneNumber::parse("042 35911332", "Lahore"));
}
