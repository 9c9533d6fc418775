//! A round of invitations: its number, its figures, and how they are put into words.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::web::{Day, Instant, grouped};

/// The number of a round as published: `252`, or `91a` and `91b`, which share a day and have no plain 91.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Round {
    number: u32,
    part: Option<char>,
}

impl Round {
    /// Rounds in the order they were held: ten times the number, plus one for `a` and two for `b`.
    pub fn sort_key(&self) -> i64 {
        i64::from(self.number) * 10 + self.part.map_or(0, |part| i64::from(u32::from(part) - u32::from('a')) + 1)
    }
}

/// A text that is no round number.
#[derive(Debug, thiserror::Error)]
#[error("a round is a number from 1, with a or b after it where one number was given twice")]
pub struct NotARound;

impl FromStr for Round {
    type Err = NotARound;

    fn from_str(text: &str) -> Result<Self, NotARound> {
        let part = text.chars().last().filter(|c| matches!(c, 'a' | 'b'));
        let digits = text.strip_suffix(['a', 'b']).unwrap_or(text);
        let is_plain =
            (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
        if !is_plain {
            return Err(NotARound);
        }
        Ok(Self { number: digits.parse().map_err(|_| NotARound)?, part })
    }
}

impl fmt::Display for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.number)?;
        self.part.map_or(Ok(()), |part| write!(f, "{part}"))
    }
}

/// A round as recorded.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Draw {
    /// Its number.
    pub round: String,
    /// The day as published, in Canada.
    #[sqlx(try_from = "jiff_sqlx::Date")]
    pub date: Date,
    /// The instant, UTC, as text; `None` where the published one cannot be.
    pub held_at: Option<String>,
    /// Its kind as published, such as `Healthcare occupations (Version 1)`.
    pub name: String,
    /// `general`, `pnp`, `healthcare`, …
    pub category_key: String,
    /// Programs covered, as published; empty where unknown.
    pub programs: String,
    /// Invitations to apply, as published.
    pub invitations_published: i64,
    /// Invitations to apply, where the published figure is known to be wrong.
    pub invitations_true: Option<i64>,
    /// Lowest Comprehensive Ranking System score invited.
    pub crs: i64,
    /// Among the lowest score, profiles submitted before this instant (UTC, as text) were invited.
    pub tie_break: Option<String>,
    /// What is to be said about the record.
    pub notes: String,
}

impl Draw {
    /// The day as published.
    pub fn day(&self) -> Day {
        self.date.into()
    }

    /// The instant, to the second.
    pub fn instant(&self) -> Option<Instant> {
        instant(self.held_at.as_deref())
    }

    /// The tie-break, to the second.
    pub fn tie_break_instant(&self) -> Option<Instant> {
        instant(self.tie_break.as_deref())
    }

    /// Invitations as far as we know the truth.
    pub fn invitations(&self) -> i64 {
        self.invitations_true.unwrap_or(self.invitations_published)
    }

    /// Invitations, to print.
    pub fn invitations_text(&self) -> String {
        grouped(self.invitations())
    }

    /// The published figure, to print, where it is known to be wrong.
    pub fn published_in_error(&self) -> Option<String> {
        self.invitations_true.map(|_| grouped(self.invitations_published))
    }

    /// Whether the round was held for a category of occupations or for French, which has a page of its own.
    pub fn has_category_page(&self) -> bool {
        !matches!(self.category_key.as_str(), "general" | "pnp" | "cec" | "fst" | "fsw")
    }
}

/// That a published figure is known to be wrong.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Correction {
    /// Which figure: `invitations`, …
    pub field: String,
    /// As published.
    pub before: String,
    /// As it is.
    pub after: String,
    /// When it was noted.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub corrected_at: Timestamp,
    /// How we know.
    pub source: String,
}

impl Correction {
    /// The day it was noted.
    pub fn day(&self) -> Day {
        Day::in_office(self.corrected_at)
    }
}

fn instant(text: Option<&str>) -> Option<Instant> {
    text.and_then(|text| text.parse::<Timestamp>().ok()).map(Instant::utc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_is_a_number_with_at_most_a_or_b() {
        for good in ["1", "252", "91a", "91b", "447"] {
            assert_eq!(good.parse::<Round>().unwrap().to_string(), good);
        }
        for bad in ["", "0", "a", "91c", "91A", "-1", "1.5", "٢٥٢", "0252", "9999999"] {
            assert!(bad.parse::<Round>().is_err(), "{bad}");
        }
    }

    #[test]
    fn rounds_sort_as_they_were_held() {
        let key = |text: &str| text.parse::<Round>().unwrap().sort_key();
        assert!(key("90") < key("91a") && key("91a") < key("91b") && key("91b") < key("92"));
    }
}
