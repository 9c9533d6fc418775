//! Parsed search text: codes, code prefixes and words.

use crate::web::{ascii_digits, folded_words, is_stop_word};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct SearchQuery {
    /// Codes or prefixes, up to five digits.
    pub codes: Vec<String>,
    /// Folded words without duplicates. Stop words are left out unless there are no others.
    pub words: Vec<String>,
}

/// Further words are ignored.
const MAX_TERMS: usize = 12;
const MAX_WORD_LEN: usize = 40;

impl SearchQuery {
    /// Parses text of any length and script.
    pub fn parse(text: &str) -> Self {
        let mut query = Self::default();
        for word in folded_words(&ascii_digits(text)) {
            let word: String = word.chars().take(MAX_WORD_LEN).collect();
            let code = parse_code(&word);
            let list = if code.is_some() { &mut query.codes } else { &mut query.words };
            let word = code.map(str::to_owned).unwrap_or(word);
            if !list.contains(&word) {
                list.push(word);
            }
            if query.codes.len() + query.words.len() == MAX_TERMS {
                break;
            }
        }
        if !query.codes.is_empty() {
            query.words.retain(|word| !is_code_label(word));
        }
        if query.words.iter().any(|word| !is_stop_word(word)) {
            query.words.retain(|word| !is_stop_word(word));
        }
        // One or two digits next to words are not a prefix: "class 1 driver".
        if query.codes.len() + query.words.len() > 1 {
            let (codes, short) = query.codes.into_iter().partition(|code| code.len() > 2);
            query.codes = codes;
            query.words.extend::<Vec<String>>(short);
        }
        query
    }
}

/// `31301`, `313`, `noc31301`
fn parse_code(word: &str) -> Option<&str> {
    let digits = word.strip_prefix("noc").or_else(|| word.strip_prefix("cnp")).unwrap_or(word);
    ((1..=5).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
}

/// CNP is the French name of NOC.
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
            let query = SearchQuery::parse(text);
            assert_eq!((query.codes.join(" ").as_str(), query.words.join(" ").as_str()), (codes, words), "{text}");
        }
        assert_eq!(SearchQuery::parse(&"word ".repeat(5000)).words, ["word"]);
        assert_eq!(SearchQuery::parse(&"x".repeat(10_000)).words[0].len(), MAX_WORD_LEN);
        let many: String = (0..5000).map(|n| format!("w{n} ")).collect();
        assert_eq!(SearchQuery::parse(&many).words.len(), MAX_TERMS);
    }
}
