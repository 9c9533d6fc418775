//! TEER levels in a search text: `TEER 1`, `teer1`, `TEER 0-3`, `teer 1 engineer`; FEER in French.

use std::collections::BTreeSet;

use crate::web::{ascii_digits, is_word_char};

/// Search text split into TEER levels and the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeerQuery {
    /// Levels 0 to 5: all if none is named, none if all named ones are invalid, such as TEER 7.
    pub levels: BTreeSet<i64>,
    pub rest: String,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Symbol(char),
}

/// Parses TEER levels; `None` if the text does not mention TEER.
pub fn parse_teer_levels(text: &str) -> Option<TeerQuery> {
    let tokens = tokenize(&ascii_digits(text));
    let (mut levels, mut rest) = (BTreeSet::new(), vec![]);
    let (mut is_named, mut has_invalid) = (false, false);
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        let Some(digits) = digits_after_label(token) else {
            rest.push(token.clone());
            continue;
        };
        is_named = true;
        let mut found: Vec<i64> = digits.chars().filter_map(|digit| digit.to_digit(10).map(i64::from)).collect();
        while matches!(tokens.get(at), Some(Token::Symbol(':' | '#' | '.' | '=' | '-')))
            && number(tokens.get(at + 1)).is_some()
            && found.is_empty()
        {
            at += 1;
        }
        loop {
            if let Some(next) = number(tokens.get(at)) {
                found.push(next);
                at += 1;
                continue;
            }
            let (Some(separator), Some(next), Some(last)) =
                (tokens.get(at), number(tokens.get(at + 1)), found.last().copied())
            else {
                break;
            };
            if is_range(separator) {
                found.extend(last.min(next)..=last.max(next));
            } else if is_list(separator) {
                found.push(next);
            } else {
                break;
            }
            at += 2;
        }
        has_invalid |= found.iter().any(|level| *level > 5);
        levels.extend(found.into_iter().filter(|level| *level <= 5));
    }
    if !is_named {
        return None;
    }
    if levels.is_empty() && !has_invalid {
        levels = (0..=5).collect();
    }
    let rest = rest.into_iter().map(|token| match token {
        Token::Word(word) => format!(" {word}"),
        Token::Symbol(symbol) => symbol.to_string(),
    });
    Some(TeerQuery { levels, rest: rest.collect::<String>().trim().to_owned() })
}

/// Digits that follow the label in one word: `1` for `teer1`, empty for `teer`.
fn digits_after_label(token: &Token) -> Option<&str> {
    let Token::Word(word) = token else { return None };
    let digits = ["teers", "teer", "feer"].iter().find_map(|name| word.strip_prefix(name))?;
    digits.bytes().all(|b| b.is_ascii_digit()).then_some(digits)
}

fn number(token: Option<&Token>) -> Option<i64> {
    match token? {
        Token::Word(word) if word.len() == 1 => word.parse().ok(),
        _ => None,
    }
}

fn is_range(token: &Token) -> bool {
    match token {
        Token::Symbol(symbol) => matches!(symbol, '-' | '‐' | '‑' | '–' | '—' | '~'),
        Token::Word(word) => matches!(word.as_str(), "to" | "à" | "a" | "through"),
    }
}

fn is_list(token: &Token) -> bool {
    match token {
        Token::Symbol(symbol) => matches!(symbol, ',' | '/' | '&' | '+' | ';'),
        Token::Word(word) => matches!(word.as_str(), "and" | "or" | "et" | "ou"),
    }
}

/// Lower-case words and symbols, without spaces.
fn tokenize(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = vec![];
    let mut in_word = false;
    for c in text.chars() {
        let is_word_char = is_word_char(c);
        match tokens.last_mut() {
            Some(Token::Word(word)) if is_word_char && in_word => word.extend(c.to_lowercase()),
            _ if is_word_char => tokens.push(Token::Word(c.to_lowercase().collect())),
            _ if c.is_whitespace() => {}
            _ => tokens.push(Token::Symbol(c)),
        }
        in_word = is_word_char;
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn teer_levels_are_parsed_in_common_spellings() {
        for (text, levels, rest) in [
            ("TEER 1", "1", ""),
            ("teer1", "1", ""),
            ("Teer: 1", "1", ""),
            ("TEER-1", "1", ""),
            ("FEER 2", "2", ""),
            ("TEER 0-5", "012345", ""),
            ("TEER 0 – 3", "0123", ""),
            ("teer 0 to 3 jobs", "0123", "jobs"),
            ("TEER 0, 1, 2 or 3", "0123", ""),
            ("teer 1 engineer", "1", "engineer"),
            ("engineer TEER1", "1", "engineer"),
            ("TEER 0 and TEER 1", "01", "and"),
            ("TEER ١", "1", ""),
            ("TEER", "012345", ""),
            ("TEER 7", "", ""),
        ] {
            let found = parse_teer_levels(text).unwrap();
            let named: String = found.levels.iter().map(ToString::to_string).collect();
            assert_eq!((named.as_str(), found.rest.as_str()), (levels, rest), "{text}");
        }
        for text in ["career 1", "teerz", "class 1 driver", "deer", ""] {
            assert_eq!(parse_teer_levels(text), None, "{text}");
        }
    }
}
