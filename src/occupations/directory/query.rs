//! What was typed into the search box: codes, their beginnings, and words.

use crate::occupations::directory::text_normalize::{is_stop_word, split_words};
use crate::web::ascii_digits;

/// A search as understood.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SearchQuery {
    /// Codes or their beginnings: digits, at most five.
    pub codes: Vec<String>,
    /// Words without accents, each once. Those that only join others are left out where others are there.
    pub words: Vec<String>,
}

/// No more of what was typed is looked at.
const MAX_TERMS: usize = 12;
const MAX_WORD_LEN: usize = 40;

impl SearchQuery {
    /// Reads a text, which may be of any length and in any script.
    pub fn parse(text: &str) -> Self {
        let mut typed = Self::default();
        for word in split_words(&ascii_digits(text)) {
            let word: String = word.chars().take(MAX_WORD_LEN).collect();
            let code = parse_code(&word);
            let place = if code.is_some() { &mut typed.codes } else { &mut typed.words };
            let word = code.map(str::to_owned).unwrap_or(word);
            if !place.contains(&word) {
                place.push(word);
            }
            if typed.codes.len() + typed.words.len() == MAX_TERMS {
                break;
            }
        }
        if !typed.codes.is_empty() {
            typed.words.retain(|word| !is_code_label(word));
        }
        if typed.words.iter().any(|word| !is_stop_word(word)) {
            typed.words.retain(|word| !is_stop_word(word));
        }
        // "Class 1 driver": beside words, a digit or two is no beginning of a code.
        if typed.codes.len() + typed.words.len() > 1 {
            let (codes, short) = typed.codes.into_iter().partition(|code| code.len() > 2);
            typed.codes = codes;
            typed.words.extend::<Vec<String>>(short);
        }
        typed
    }
}

/// `31301`, `313`, `noc31301`
fn parse_code(word: &str) -> Option<&str> {
    let digits = word.strip_prefix("noc").or_else(|| word.strip_prefix("cnp")).unwrap_or(word);
    ((1..=5).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
}

/// CNP is what the classification is called in French.
fn is_code_label(word: &str) -> bool {
    matches!(word, "noc" | "cnp" | "code")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_text_is_parsed_into_codes_and_words() {
        for (text, codes, words) in [
            ("", "", ""),
            ("313", "313", ""),
            ("3", "3", ""),
            ("NOC 31301", "31301", ""),
            ("cnp31301", "31301", ""),
            ("٣١٣٠١", "31301", ""),
            ("31301 nurse", "31301", "nurse"),
            ("31301, 31302", "31301 31302", ""),
            ("class 1 driver", "", "class driver 1"),
            ("313011", "", "313011"),
            ("nurse NEAR( \"x\" *", "", "nurse near x"),
            ("soins de la santé", "", "soins sante"),
            ("et", "", "et"),
            ("nurse Nurse NURSE", "", "nurse"),
            ("\"*()", "", ""),
            ("🍁", "", ""),
        ] {
            let typed = SearchQuery::parse(text);
            assert_eq!((typed.codes.join(" ").as_str(), typed.words.join(" ").as_str()), (codes, words), "{text}");
        }
        assert_eq!(SearchQuery::parse(&"word ".repeat(5000)).words, ["word"]);
        assert_eq!(SearchQuery::parse(&"x".repeat(10_000)).words[0].len(), MAX_WORD_LEN);
        let many: String = (0..5000).map(|n| format!("w{n} ")).collect();
        assert_eq!(SearchQuery::parse(&many).words.len(), MAX_TERMS);
    }
}
