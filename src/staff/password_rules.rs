//! Rules for new passwords: length, and a list of common passwords.

use std::collections::HashSet;
use std::sync::LazyLock;

use validator::{ValidateLength, ValidationError};

/// Words of the most common passwords, without the digits and symbols around them.
static COMMON_WORDS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("../../data/common_passwords.txt").lines().collect());
/// Length of the longest word in the list, in bytes.
const MAX_WORD_LEN: usize = 32;
/// A password of so many common words, and nothing else but digits and symbols, is easy to guess.
const MAX_COMMON_WORDS: usize = 2;
const MIN_DISTINCT_CHARS: usize = 5;

/// Validation of a new password, for `validator`. Lengths are in characters; the upper limit bounds the time to hash.
pub fn check_password(password: &str) -> Result<(), ValidationError> {
    let sentence = if !password.validate_length(Some(12), None, None) {
        "Choose a password of at least 12 characters. A short sentence is easy to remember."
    } else if !password.validate_length(None, Some(200), None) {
        "The password must be 200 characters or fewer."
    } else if is_common(password) {
        "This password is easy to guess. Choose another one, such as a short sentence."
    } else {
        return Ok(());
    };
    Err(ValidationError::new("password").with_message(sentence.into()))
}

/// Whether the password consists of one or two common words, digits and symbols, or repeats a few characters.
///
/// Replacing letters as in `p@ssw0rd` makes no difference.
fn is_common(password: &str) -> bool {
    let lower = password.to_lowercase();
    if lower.chars().collect::<HashSet<_>>().len() < MIN_DISTINCT_CHARS {
        return true;
    }
    common_words(&lower).is_some_and(|words| words <= MAX_COMMON_WORDS)
}

fn without_substitution(c: char) -> char {
    match c {
        '@' | '4' => 'a',
        '3' => 'e',
        '1' | '!' => 'i',
        '0' => 'o',
        '$' | '5' => 's',
        '7' => 't',
        other => other,
    }
}

/// Smallest number of common words that the text consists of, apart from digits and symbols. `None` if it contains
/// anything else.
fn common_words(text: &str) -> Option<usize> {
    // As long as the text, in bytes.
    let letters: String = text.chars().map(without_substitution).collect();
    // Words needed up to each byte.
    let mut needed: Vec<Option<usize>> = vec![None; text.len() + 1];
    needed[0] = Some(0);
    for (start, c) in text.char_indices() {
        let Some(words) = needed[start] else { continue };
        let mut reach = |end: usize, words: usize| {
            needed[end] = Some(needed[end].map_or(words, |fewest: usize| fewest.min(words)));
        };
        if !c.is_alphabetic() {
            reach(start + c.len_utf8(), words);
        }
        let ends = (start + 1..=text.len().min(start + MAX_WORD_LEN)).filter(|end| text.is_char_boundary(*end));
        let is_word =
            |end: &usize| [text, letters.as_str()].iter().any(|text| COMMON_WORDS.contains(&text[start..*end]));
        for end in ends.filter(is_word) {
            reach(end, words + 1);
        }
    }
    needed[text.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_passwords_are_refused_however_they_are_decorated() {
        for common in [
            "password1234",
            "Password!2026",
            "P@ssw0rd1234",
            "passwordpassword",
            "qwertyuiop123",
            "iloveyou2026!!",
            "123456789012",
            "2026-11-29-2026",
            "aaaaaaaaaaaaaaaa",
            "abababababab",
            "football monkey",
            "SUNSHINE_sunshine",
        ] {
            assert!(is_common(common), "{common}");
        }
        for good in [
            "a short sentence",
            "quite another sentence",
            "kX9-vTq2-mmRw",
            "میرا پاس ورڈ یہ ہے",
            "tall green lamp post",
        ] {
            assert!(!is_common(good), "{good}");
        }
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert!(check_password("پاکستانلاہور").is_ok(), "12 characters, 24 bytes");
        assert!(check_password("پاکستانلاہو").is_err());
        assert!(check_password(&"xy zab ".repeat(28)).is_ok());
        assert!(check_password(&"xy zab ".repeat(29)).is_err());
    }

    #[test]
    fn every_word_of_the_list_can_be_found() {
        assert!(COMMON_WORDS.len() == 3000 && COMMON_WORDS.iter().all(|word| (4..=MAX_WORD_LEN).contains(&word.len())));
    }
}
