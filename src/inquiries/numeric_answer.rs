//! Numbers as people write them, such as "about 3.5 years", in any script.

use std::ops::RangeInclusive;

use crate::web::{ascii_digit, visible_only};

/// Answer to a question for a number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NumericAnswer {
    /// Whole part of the number. `None` if the answer is not a single number in the range.
    pub number: Option<i64>,
    /// The answer as entered. Empty if the number says all of it.
    pub typed: String,
}

/// Words beside a number that add nothing to it.
const UNIT_WORDS: [&str; 25] = [
    "year",
    "years",
    "yr",
    "yrs",
    "y",
    "o",
    "yo",
    "old",
    "age",
    "aged",
    "point",
    "points",
    "pt",
    "pts",
    "crs",
    "score",
    "ans",
    "سال",
    "برس",
    "عمر",
    "پوائنٹ",
    "پوائنٹس",
    "साल",
    "वर्ष",
    "अंक",
];

/// Words of a sentence about the number. The number is read, and the text is kept, too.
const FILLER_WORDS: [&str; 33] = [
    "i",
    "am",
    "i'm",
    "im",
    "my",
    "is",
    "have",
    "has",
    "got",
    "now",
    "about",
    "approx",
    "approximately",
    "around",
    "almost",
    "nearly",
    "over",
    "more",
    "than",
    "above",
    "at",
    "least",
    "plus",
    "in",
    "of",
    "experience",
    "exp",
    "work",
    "working",
    "full",
    "time",
    "total",
    "the",
];

/// Punctuation allowed beside a number. A minus is not.
const PUNCTUATION: [char; 12] = ['+', '.', ',', ':', '=', '(', ')', '~', '≈', '؟', '،', '۔'];

impl NumericAnswer {
    /// Parses an answer. A number outside `range` is ignored.
    pub fn parse(typed: &str, range: RangeInclusive<i64>) -> Self {
        let typed = typed.trim();
        let kept = || Self { number: None, typed: typed.to_owned() };
        let Some(read) = ParsedNumber::parse(typed) else { return kept() };
        if !range.contains(&read.whole) {
            return kept();
        }
        Self { number: Some(read.whole), typed: if read.is_complete { String::new() } else { typed.to_owned() } }
    }

    /// Whether an answer says nothing that a person could use: text without a number, or one number outside `range`.
    ///
    /// Answers with several numbers, such as "2 years 6 months", are for a person to read, and so is "I do not know".
    pub fn is_mistake(typed: &str, range: RangeInclusive<i64>) -> bool {
        let typed = typed.trim();
        if typed.is_empty() {
            return false;
        }
        if let Some(read) = ParsedNumber::parse(typed) {
            return !range.contains(&read.whole);
        }
        let plain = visible_only(typed).chars().map(to_ascii_char).collect::<String>().to_lowercase().replace('’', "'");
        let numbers = plain.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty()).count();
        match numbers {
            0 => !is_unknown(&plain),
            // A number with a sign, or one that is too long.
            1 => !plain.contains(char::is_alphabetic) && !plain.contains(['½', '¼', '¾', '/']),
            _ => false,
        }
    }

    /// The answer as entered, or the number.
    pub fn display(number: Option<i64>, typed: &str) -> String {
        match number {
            Some(number) if typed.is_empty() => number.to_string(),
            _ => typed.to_owned(),
        }
    }
}

/// Words of answers such as "not yet" or "I don't know".
const UNKNOWN_WORDS: [&str; 23] = [
    "no",
    "none",
    "nil",
    "not",
    "never",
    "nothing",
    "zero",
    "unknown",
    "unsure",
    "n/a",
    "na",
    "don't",
    "dont",
    "idk",
    "fresh",
    "fresher",
    "student",
    "نہیں",
    "معلوم",
    "کوئی",
    "نہ",
    "नहीं",
    "पता",
];

/// Whether an answer says that there is no number, or that the visitor does not know it.
fn is_unknown(plain: &str) -> bool {
    plain.chars().all(|c| !c.is_alphanumeric()) || split_words(plain).any(|word| UNKNOWN_WORDS.contains(&word))
}

/// The only number of a text.
struct ParsedNumber {
    whole: i64,
    /// The number says everything that the text says.
    is_complete: bool,
}

impl ParsedNumber {
    fn parse(typed: &str) -> Option<Self> {
        let plain = visible_only(typed).chars().map(to_ascii_char).collect::<String>().to_lowercase().replace('’', "'");
        let start = plain.find(|c: char| c.is_ascii_digit())?;
        let is_of_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',');
        let length = plain[start..].find(|c: char| !is_of_number(c)).unwrap_or(plain.len() - start);
        let number = plain[start..start + length].trim_end_matches(['.', ',']);
        let (before, after) = (&plain[..start], &plain[start + number.len()..]);
        let has_more = after.contains(|c: char| c.is_ascii_digit());
        // Accept "29-year-old", but not "-29".
        let joined = after.strip_prefix('-').is_some_and(|rest| rest.starts_with(char::is_alphabetic));
        if has_more || before.ends_with(['-', '−', '–', '.', ',']) || (after.starts_with('-') && !joined) {
            return None;
        }
        let (whole, is_whole) = whole_part(number)?;
        let after = if joined { after.replace('-', " ") } else { after.to_owned() };
        let words = || [before, &after].into_iter().flat_map(split_words).collect::<Vec<_>>();
        let is_unit = |word: &&str| UNIT_WORDS.contains(word);
        let is_known = words().iter().all(|word| is_unit(word) || FILLER_WORDS.contains(word));
        is_known.then(|| Self { whole, is_complete: is_whole && words().iter().all(is_unit) })
    }
}

/// ASCII equivalent of digits and number signs of any script.
fn to_ascii_char(c: char) -> char {
    match c {
        '٫' | '．' => '.',
        '٬' | '，' => ',',
        '＋' => '+',
        '－' => '-',
        other => ascii_digit(other).unwrap_or(other),
    }
}

fn split_words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || PUNCTUATION.contains(&c)).filter(|word| !word.is_empty())
}

/// Whole part of `3.5`, `3,5` or `1,100`, and whether the fraction is zero.
fn whole_part(number: &str) -> Option<(i64, bool)> {
    let parts: Vec<&str> = number.split(['.', ',']).collect();
    let (whole, fraction) = match parts.as_slice() {
        [whole] => (*whole, ""),
        // A comma before three digits separates thousands.
        [thousands, rest] if number.contains(',') && rest.len() == 3 && (1..4).contains(&thousands.len()) => {
            return format!("{thousands}{rest}").parse().ok().map(|number| (number, true));
        }
        [whole, fraction] => (*whole, *fraction),
        _ => return None,
    };
    let is_short = !whole.is_empty() && whole.len() <= 9;
    let whole = whole.parse().ok().filter(|_| is_short)?;
    Some((whole, fraction.bytes().all(|digit| digit == b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str) -> (Option<i64>, String) {
        let figure = NumericAnswer::parse(typed, 0..=1200);
        (figure.number, figure.typed)
    }

    #[test]
    fn number_is_parsed_in_every_common_spelling() {
        for (typed, number) in [
            ("470", 470),
            (" 470+ ", 470),
            ("470 points", 470),
            ("CRS: 470.", 470),
            ("29 years", 29),
            ("29-year-old", 29),
            ("29 y.o.", 29),
            ("3 yrs", 3),
            ("3.0", 3),
            ("1,100", 1100),
            ("۴۷۰", 470),
            ("٤٧٠", 470),
            ("४७०", 470),
            ("৪৭০", 470),
            ("４７０", 470),
            ("۲۹ سال", 29),
            ("२९ साल", 29),
            ("0", 0),
        ] {
            assert_eq!(read(typed), (Some(number), String::new()), "{typed}");
        }
    }

    #[test]
    fn text_is_kept_when_the_number_is_not_the_whole_answer() {
        for (typed, number) in [
            ("3.5", 3),
            ("3,5 years", 3),
            ("۳٫۵", 3),
            ("about 470", 470),
            ("I am 29 years old", 29),
            ("over 5 years of experience", 5),
        ] {
            assert_eq!(read(typed), (Some(number), typed.to_owned()), "{typed}");
        }
    }

    #[test]
    fn only_answers_without_meaning_are_mistakes() {
        for typed in ["abc", "young", "13", "111", "-29", "–29", "twenty", "99999999999999999999", "1.2"] {
            assert!(NumericAnswer::is_mistake(typed, 14..=110), "{typed}");
        }
        for typed in [
            "",
            " ",
            "-",
            "34",
            "34 years",
            "34.5",
            "۳۴",
            "born 1995",
            "33-34",
            "almost 34",
            "n/a",
            "I don’t know",
            "none",
            "18 months",
            "3½",
            "نہیں معلوم",
        ] {
            assert!(!NumericAnswer::is_mistake(typed, 14..=110), "{typed}");
        }
    }

    #[test]
    fn unparsable_answer_is_kept_as_typed() {
        for typed in [
            "-29",
            "–5",
            "470-480",
            "3 to 4",
            "470/1200",
            "18 months",
            "not 470",
            "1e3",
            "young",
            "2 years 6 months",
            "1201",
            "99999999999999999999",
            "3½",
            "4²",
            "0x1F",
            "1.2.3",
            "IELTS 7",
            ".5",
            "470-",
        ] {
            assert_eq!(read(typed), (None, typed.to_owned()), "{typed}");
        }
        assert_eq!(read(" "), (None, String::new()));
    }
}
