//! Syntax of tokens: `{{draw 252 crs}}`, `{{occupations healthcare on 2023-06-28}}`.

use std::collections::BTreeSet;
use std::str::FromStr;

use jiff::civil::Date;

use crate::draws::DrawNumber;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    Draw(DrawNumber, DrawField),
    Occupations { category: String, day: Date, count_only: bool },
}

/// Field of a draw in a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrawField {
    Crs,
    /// Cut-off in words, with a note on nomination points.
    CutOff,
    Invitations,
    TieBreak,
    Date,
    Time,
    Name,
    Figures,
    Comparison,
    YearDraws,
    YearInvitations,
}

impl DrawField {
    /// All fields with their keyword and the description shown in the post editor.
    pub const ALL: [(Self, &'static str, &'static str); 11] = [
        (Self::Figures, "figures", "table of figures, in a paragraph of its own"),
        (Self::Invitations, "invitations", "number of invitations"),
        (Self::Crs, "crs", "CRS cut-off"),
        (Self::CutOff, "cut-off", "CRS cut-off in words, with a note on nomination points if they are included"),
        (Self::TieBreak, "tie-break", "tie-break, to the minute"),
        (Self::Date, "date", "date of the draw"),
        (Self::Time, "time", "time of the draw, to the minute"),
        (Self::Name, "name", "draw type, as published"),
        (Self::Comparison, "comparison", "comparison with the previous draw in its category"),
        (Self::YearInvitations, "year-invitations", "invitations in that year up to this draw"),
        (Self::YearDraws, "year-draws", "draws in that year up to this draw"),
    ];

    pub fn keyword(self) -> &'static str {
        Self::ALL.iter().find(|(part, ..)| *part == self).map_or("", |(_, word, _)| word)
    }

    /// Whether the token needs a paragraph of its own.
    pub fn is_block(self) -> bool {
        self == Self::Figures
    }
}

impl Token {
    pub fn draw_number(&self) -> Option<&DrawNumber> {
        match self {
            Self::Draw(round, _) => Some(round),
            Self::Occupations { .. } => None,
        }
    }

    /// Whether the token needs a paragraph of its own.
    pub fn is_block(&self) -> bool {
        match self {
            Self::Draw(_, part) => part.is_block(),
            Self::Occupations { count_only: counted, .. } => !counted,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidToken(String);

impl FromStr for Token {
    type Err = InvalidToken;

    fn from_str(text: &str) -> Result<Self, InvalidToken> {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["draw", round, part] => {
                let round = round.parse().map_err(|_| InvalidToken(format!("“{round}” is not a draw number.")))?;
                let known = DrawField::ALL.iter().find(|(_, word, _)| word == part);
                known.map(|(part, ..)| Self::Draw(round, *part)).ok_or_else(|| {
                    let all: Vec<&str> = DrawField::ALL.iter().map(|(_, word, _)| *word).collect();
                    InvalidToken(format!("“{part}” is not a field of a draw; use one of: {}.", all.join(", ")))
                })
            }
            ["occupations", category, "on", day, rest @ ..] if matches!(rest, [] | ["count"]) => {
                let day = day
                    .parse()
                    .map_err(|_| InvalidToken(format!("“{day}” is not a date; write it like 2023-06-28.")))?;
                Ok(Self::Occupations { category: (*category).to_owned(), day, count_only: !rest.is_empty() })
            }
            _ => Err(InvalidToken(
                "a token looks like {{draw 252 crs}} or {{occupations healthcare on 2023-06-28}}.".into(),
            )),
        }
    }
}

/// Draws that a text mentions by token, by link, or as “draw 252” or “round 252”.
pub fn draws_mentioned(text: &str) -> BTreeSet<DrawNumber> {
    let is_one_of = |word: &str, names: &[&str]| names.iter().any(|name| word.eq_ignore_ascii_case(name));
    let mut named = BTreeSet::new();
    let mut before = "";
    // “draws 254, 255 and 256” mentions three.
    let mut in_list = false;
    for piece in text.split_inclusive(|c: char| !c.is_alphanumeric()) {
        let word = piece.trim_end_matches(|c: char| !c.is_alphanumeric());
        let joins = piece[word.len()..].chars().all(|c| matches!(c, ' ' | ',' | '\n'));
        if word.is_empty() {
            in_list &= joins;
            continue;
        }
        let begins = is_one_of(before, &["round", "rounds", "draw", "draws"]);
        let round = word.parse::<DrawNumber>().ok().filter(|_| begins || in_list);
        let is_joint = is_one_of(word, &["and", "or", "to"]);
        let several = round.is_some() && (in_list || is_one_of(before, &["rounds", "draws"]));
        in_list = joins && (several || (in_list && is_joint));
        named.extend(round);
        before = word;
    }
    named
}

/// Category lists that a text prints, each with its date.
pub fn category_lists_mentioned(text: &str) -> BTreeSet<(String, Date)> {
    let tokens = text.split("{{").skip(1).filter_map(|rest| rest.split("}}").next()?.parse::<Token>().ok());
    let list = |token| match token {
        Token::Occupations { category, day, count_only: false } => Some((category, day)),
        _ => None,
    };
    tokens.filter_map(list).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_draw_field_has_a_keyword() {
        for (part, word, _) in DrawField::ALL {
            let token: Token = format!("draw 91a {word}").parse().unwrap();
            assert_eq!(token, Token::Draw("91a".parse().unwrap(), part));
            assert_eq!(part.keyword(), word);
        }
    }

    #[test]
    fn case_and_spaces_do_not_matter() {
        let token: Token = "  Draw   252 CRS ".parse().unwrap();
        assert_eq!(token, Token::Draw("252".parse().unwrap(), DrawField::Crs));
        let list: Token = "occupations healthcare on 2023-06-28".parse().unwrap();
        assert!(list.is_block());
        assert!(!"occupations healthcare on 2023-06-28 count".parse::<Token>().unwrap().is_block());
    }

    #[test]
    fn invalid_token_gives_the_reason() {
        for (text, why) in [
            ("draw 0 crs", "“0” is not a draw number"),
            ("draw 252 score", "use one of: figures, invitations, crs"),
            ("draw 252", "a token looks like"),
            ("occupations healthcare on June", "like 2023-06-28"),
            ("occupations healthcare", "a token looks like"),
            ("", "a token looks like"),
        ] {
            let said = text.parse::<Token>().unwrap_err().to_string();
            assert!(said.contains(why), "{text}: {said}");
        }
    }

    #[test]
    fn draws_are_found_by_token_link_and_number() {
        let named = draws_mentioned(
            "{{draw 252 crs}} and [it](/draws/91a), Round #255, the draws 9, 10; 500 people; a round of 700; draw0",
        );
        let named: Vec<String> = named.iter().map(DrawNumber::to_string).collect();
        assert_eq!(named, ["9", "10", "91a", "252", "255"]);
        let several =
            draws_mentioned("In rounds 254, 255 and 256 there were 700 invitations and 3 round 12 things 13.");
        assert_eq!(several.iter().map(DrawNumber::to_string).collect::<Vec<_>>(), ["12", "254", "255", "256"]);
    }

    #[test]
    fn lists_are_found_by_token() {
        let text = "{{occupations stem on 2023-07-05}} {{occupations stem on 2023-07-05 count}} {{draw 252 crs}} {{occupations x";
        let named: Vec<String> =
            category_lists_mentioned(text).into_iter().map(|(key, day)| format!("{key} {day}")).collect();
        assert_eq!(named, ["stem 2023-07-05"]);
    }
}
