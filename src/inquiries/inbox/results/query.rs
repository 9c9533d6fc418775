//! Search text of the inbox and its FTS5 queries.

use crate::inquiries::phone::ParsedPhoneNumber;
use crate::web::{ascii_digits, split_words};

const MAX_SEARCH_WORDS: usize = 12;

/// Shorter parts of a phone number match too many numbers.
const MIN_DIGITS: usize = 4;

/// FTS5 query without a word, which matches nothing.
pub const NOTHING: &str = "\"\"";

/// FTS5 queries of a search text. All words are quoted, so FTS5 operators in the text have no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchText {
    /// Query of `inquiries_fts`.
    pub words: String,
    /// Query of `inquiry_numbers_fts`; [`NOTHING`] if the text is not a part of a phone number.
    pub digits: String,
    /// Single words of the text; empty for a phone number.
    pub terms: Vec<String>,
}

impl SearchText {
    /// Every word matches as a prefix. `None` if there is no word.
    pub fn parse(typed: &str) -> Option<Self> {
        let plain = ascii_digits(typed).to_lowercase();
        let digits = part_of_number(&plain);
        if let Some(words) = phone_query(&plain) {
            return Some(Self { words, digits, terms: vec![] });
        }
        let all: Vec<String> =
            split_words(&plain).map(|word| word.chars().take(40).collect()).take(MAX_SEARCH_WORDS).collect();
        // Every reference begins with "IE".
        let is_selective = |word: &String| word != "ie" || all.len() == 1;
        let terms: Vec<String> = all.iter().filter(|word| is_selective(word)).cloned().collect();
        let words: Vec<String> = terms.iter().map(|word| fts_term(word)).collect();
        (!words.is_empty()).then(|| Self { words: words.join(" AND "), digits, terms })
    }
}

/// Whether the text contains only characters of phone numbers.
fn is_number(typed: &str) -> bool {
    typed.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')' | '.' | '/'))
}

/// FTS5 query for any part of a phone number: "0321-765" finds +92 321 7654321.
///
/// Zeros at the start are the prefix for calls within a country or to another one, and numbers are indexed without them.
/// Five digits without separators are more likely a NOC code.
fn part_of_number(typed: &str) -> String {
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let is_code = typed.len() == 5 && digits.len() == 5;
    let part = digits.trim_start_matches('0');
    if is_number(typed) && !is_code && part.len() >= MIN_DIGITS { format!("\"{part}\"") } else { NOTHING.into() }
}

/// A single letter is no prefix: it would match too much. A short number also matches a padded reference number.
pub fn fts_term(word: &str) -> String {
    let is_numeric = word.bytes().all(|b| b.is_ascii_digit());
    if word.chars().count() == 1 && !is_numeric {
        format!("\"{word}\"")
    } else if is_numeric && word.len() < 6 {
        format!("(\"{word}\"* OR \"{word:0>6}\")")
    } else {
        format!("\"{word}\"*")
    }
}

/// FTS5 query for a phone number: as typed, and in every reading.
fn phone_query(typed: &str) -> Option<String> {
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    if !is_number(typed) || digits.len() < 7 {
        return None;
    }
    let groups: Vec<&str> = typed.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    let mut readings = vec![format!("\"{digits}\"*"), format!("\"{}\"", groups.join(" "))];
    if let Some(number) = ParsedPhoneNumber::parse(typed, "").filter(|number| number.is_plausible) {
        readings.extend(number.search_keys().iter().map(|key| format!("\"{}\"", key.trim_start_matches('+'))));
    }
    Some(format!("phone : ({})", readings.join(" OR ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_text_is_quoted_for_fts5() {
        for (typed, query) in [
            ("Zaynab O'Neil", Some("\"zaynab\"* AND \"o\" AND \"neil\"*")),
            ("IE-2026-000123", Some("(\"2026\"* OR \"002026\") AND \"000123\"*")),
            ("123", Some("(\"123\"* OR \"000123\")")),
            ("ali@example.com", Some("\"ali\"* AND \"example\"* AND \"com\"*")),
            ("NEAR( \" *", Some("\"near\"*")),
            ("\"*()^-", None),
            ("  ", None),
            ("محمد", Some("\"محمد\"*")),
            (
                "0300 1234567",
                Some(
                    "phone : (\"03001234567\"* OR \"0300 1234567\" OR \"923001234567\" OR \"3001234567\" OR \"n3001234567\")",
                ),
            ),
            (
                "+971 55 234 5678",
                Some("phone : (\"971552345678\"* OR \"971 55 234 5678\" OR \"971552345678\" OR \"552345678\")"),
            ),
        ] {
            assert_eq!(SearchText::parse(typed).map(|text| text.words).as_deref(), query, "{typed}");
        }
        assert_eq!(SearchText::parse(&"word ".repeat(50)).unwrap().words.matches("word").count(), MAX_SEARCH_WORDS);
    }

    #[test]
    fn part_of_a_phone_number_is_searched_without_leading_zeros() {
        for (typed, digits) in [
            ("0321-765", "\"321765\""),
            ("0092 321 765", "\"92321765\""),
            ("+92 (321) 765", "\"92321765\""),
            ("4321", "\"4321\""),
            ("31301", NOTHING),
            ("000123", NOTHING),
            ("0321 Lahore", NOTHING),
        ] {
            assert_eq!(SearchText::parse(typed).unwrap().digits, digits, "{typed}");
        }
    }
}
