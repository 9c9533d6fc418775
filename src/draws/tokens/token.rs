//! How a text refers to the record instead of repeating it: `{{draw 252 crs}}`, `{{occupations healthcare on 2023-06-28}}`.

use std::collections::BTreeSet;
use std::str::FromStr;

use jiff::civil::Date;

use crate::draws::DrawNumber;

/// A reference to the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// Something of one round.
    Draw(DrawNumber, DrawField),
    /// The list of a category as it stood on a day, or how long it was.
    Occupations {
        /// `healthcare`, `stem`, …
        category: String,
        /// The day.
        day: Date,
        /// Whether only their number is meant.
        count_only: bool,
    },
}

/// What of a round is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrawField {
    /// The CRS cut-off: `476`.
    Crs,
    /// The CRS cut-off in words; that of nominees says that it includes the nomination's points.
    CutOff,
    /// Invitations to apply: `1,500`.
    Invitations,
    /// The tie-break to the second, UTC.
    TieBreak,
    /// The day as published.
    Date,
    /// The instant to the second, UTC.
    Time,
    /// The kind as published.
    Name,
    /// The scoreboard.
    Figures,
    /// How it compares with the round of its category before it.
    Comparison,
    /// Rounds of its year, up to and with it.
    YearRounds,
    /// Invitations of its year, up to and with it.
    YearInvitations,
}

impl DrawField {
    /// Every part with its word and what it stands for, for the help beside the editor.
    pub const ALL: [(Self, &'static str, &'static str); 11] = [
        (Self::Figures, "figures", "the scoreboard, on a line of its own"),
        (Self::Invitations, "invitations", "invitations to apply"),
        (Self::Crs, "crs", "the CRS cut-off"),
        (
            Self::CutOff,
            "cut-off",
            "the CRS cut-off in words, with the points of a nomination where they are part of it",
        ),
        (Self::TieBreak, "tie-break", "the tie-break, to the second"),
        (Self::Date, "date", "the day of the round"),
        (Self::Time, "time", "its instant, to the second"),
        (Self::Name, "name", "what it was held for, as published"),
        (Self::Comparison, "comparison", "how it compares with the one before it in its category"),
        (Self::YearInvitations, "year-invitations", "invitations of its year so far"),
        (Self::YearRounds, "year-rounds", "rounds of its year so far"),
    ];

    /// The word that stands for it in a token.
    pub fn keyword(self) -> &'static str {
        Self::ALL.iter().find(|(part, ..)| *part == self).map_or("", |(_, word, _)| word)
    }

    /// Whether it takes a line of its own.
    pub fn is_block(self) -> bool {
        self == Self::Figures
    }
}

impl Token {
    /// The round it refers to, if it does to one.
    pub fn round(&self) -> Option<&DrawNumber> {
        match self {
            Self::Draw(round, _) => Some(round),
            Self::Occupations { .. } => None,
        }
    }

    /// Whether it takes a line of its own.
    pub fn is_block(&self) -> bool {
        match self {
            Self::Draw(_, part) => part.is_block(),
            Self::Occupations { count_only: counted, .. } => !counted,
        }
    }
}

/// Why a text between braces is no token.
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
                let round =
                    round.parse().map_err(|_| InvalidToken(format!("“{round}” is not the number of a round.")))?;
                let known = DrawField::ALL.iter().find(|(_, word, _)| word == part);
                known.map(|(part, ..)| Self::Draw(round, *part)).ok_or_else(|| {
                    let all: Vec<&str> = DrawField::ALL.iter().map(|(_, word, _)| *word).collect();
                    InvalidToken(format!("“{part}” is nothing a round has; write one of: {}.", all.join(", ")))
                })
            }
            ["occupations", category, "on", day, rest @ ..] if matches!(rest, [] | ["count"]) => {
                let day = day
                    .parse()
                    .map_err(|_| InvalidToken(format!("“{day}” is not a day; write it as in 2023-06-28.")))?;
                Ok(Self::Occupations { category: (*category).to_owned(), day, count_only: !rest.is_empty() })
            }
            _ => Err(InvalidToken(
                "it is neither a round’s (as {{draw 252 crs}}) nor a list’s (as {{occupations healthcare on 2023-06-28}})."
                    .into(),
            )),
        }
    }
}

/// Every round that a text speaks of: by token, by link, or as “round 252”.
pub fn draws_mentioned(text: &str) -> BTreeSet<DrawNumber> {
    let is_one_of = |word: &str, names: &[&str]| names.iter().any(|name| word.eq_ignore_ascii_case(name));
    let mut named = BTreeSet::new();
    let mut before = "";
    // “rounds 254, 255 and 256” names three.
    let mut goes_on = false;
    for piece in text.split_inclusive(|c: char| !c.is_alphanumeric()) {
        let word = piece.trim_end_matches(|c: char| !c.is_alphanumeric());
        let joins = piece[word.len()..].chars().all(|c| matches!(c, ' ' | ',' | '\n'));
        if word.is_empty() {
            goes_on &= joins;
            continue;
        }
        let begins = is_one_of(before, &["round", "rounds", "draw", "draws"]);
        let round = word.parse::<DrawNumber>().ok().filter(|_| begins || goes_on);
        let is_joint = is_one_of(word, &["and", "or", "to"]);
        let several = round.is_some() && (goes_on || is_one_of(before, &["rounds", "draws"]));
        goes_on = joins && (several || (goes_on && is_joint));
        named.extend(round);
        before = word;
    }
    named
}

/// Every category list that a text prints, with the day as of which.
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
            ("draw 0 crs", "“0” is not the number"),
            ("draw 252 score", "write one of: figures, invitations, crs"),
            ("draw 252", "neither"),
            ("occupations healthcare on June", "as in 2023-06-28"),
            ("occupations healthcare", "neither"),
            ("", "neither"),
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
