//! TEER levels in a search: `TEER 1`, `teer1`, `TEER 0-3`, `teer 1 engineer`, and FEER in French.

use std::collections::BTreeSet;

use crate::web::ascii_digits;

/// A search with its TEER levels taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeerQuery {
    /// The levels, 0 to 5. All of them where none is named; none where only others are, such as TEER 7.
    pub levels: BTreeSet<i64>,
    /// The search without them.
    pub rest: String,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Symbol(char),
}

/// The levels that a search names; `None` where it does not speak of TEER.
pub fn parse_teer_levels(text: &str) -> Option<TeerQuery> {
    let pieces = tokenize(&ascii_digits(text));
    let (mut levels, mut rest) = (BTreeSet::new(), vec![]);
    let (mut is_named, mut names_others) = (false, false);
    let mut at = 0;
    while let Some(piece) = pieces.get(at) {
        at += 1;
        let Some(digits) = digits_after_label(piece) else {
            rest.push(piece.clone());
            continue;
        };
        is_named = true;
        let mut found: Vec<i64> = digits.chars().filter_map(|digit| digit.to_digit(10).map(i64::from)).collect();
        while matches!(pieces.get(at), Some(Token::Symbol(':' | '#' | '.' | '=' | '-')))
            && number(pieces.get(at + 1)).is_some()
            && found.is_empty()
        {
            at += 1;
        }
        loop {
            if let Some(next) = number(pieces.get(at)) {
                found.push(next);
                at += 1;
                continue;
            }
            let (Some(joint), Some(next), Some(last)) =
                (pieces.get(at), number(pieces.get(at + 1)), found.last().copied())
            else {
                break;
            };
            if is_range(joint) {
                found.extend(last.min(next)..=last.max(next));
            } else if is_list(joint) {
                found.push(next);
            } else {
                break;
            }
            at += 2;
        }
        names_others |= found.iter().any(|level| *level > 5);
        levels.extend(found.into_iter().filter(|level| *level <= 5));
    }
    if !is_named {
        return None;
    }
    if levels.is_empty() && !names_others {
        levels = (0..=5).collect();
    }
    let rest = rest.into_iter().map(|piece| match piece {
        Token::Word(word) => format!(" {word}"),
        Token::Symbol(mark) => mark.to_string(),
    });
    Some(TeerQuery { levels, rest: rest.collect::<String>().trim().to_owned() })
}

/// The digits behind the name of the levels in one word: `1` of `teer1`, nothing of `teer`.
fn digits_after_label(piece: &Token) -> Option<&str> {
    let Token::Word(word) = piece else { return None };
    let digits = ["teers", "teer", "feer"].iter().find_map(|name| word.strip_prefix(name))?;
    digits.bytes().all(|b| b.is_ascii_digit()).then_some(digits)
}

fn number(piece: Option<&Token>) -> Option<i64> {
    match piece? {
        Token::Word(word) if word.len() == 1 => word.parse().ok(),
        _ => None,
    }
}

fn is_range(piece: &Token) -> bool {
    match piece {
        Token::Symbol(mark) => matches!(mark, '-' | '‐' | '‑' | '–' | '—' | '~'),
        Token::Word(word) => matches!(word.as_str(), "to" | "à" | "a" | "through"),
    }
}

fn is_list(piece: &Token) -> bool {
    match piece {
        Token::Symbol(mark) => matches!(mark, ',' | '/' | '&' | '+' | ';'),
        Token::Word(word) => matches!(word.as_str(), "and" | "or" | "et" | "ou"),
    }
}

/// Words and marks of a text in small letters, without the spaces.
fn tokenize(text: &str) -> Vec<Token> {
    let mut pieces: Vec<Token> = vec![];
    let mut is_open = false;
    for c in text.chars() {
        let is_part = c.is_alphanumeric() || matches!(c, '\u{0300}'..='\u{036F}');
        match pieces.last_mut() {
            Some(Token::Word(word)) if is_part && is_open => word.extend(c.to_lowercase()),
            _ if is_part => pieces.push(Token::Word(c.to_lowercase().collect())),
            _ if c.is_whitespace() => {}
            _ => pieces.push(Token::Symbol(c)),
        }
        is_open = is_part;
    }
    pieces
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
