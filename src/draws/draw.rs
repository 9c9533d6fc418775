//! A round of invitations: its number, its figures, and how they are put into words.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;

use crate::draws::Pool;
use crate::web::{DisplayDate, DisplayTime, with_thousands};

/// The number of a round as published: `252`, or `91a` and `91b`, which share a day and have no plain 91.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DrawNumber {
    number: u32,
    part: Option<char>,
}

impl DrawNumber {
    /// The number without `a` or `b`.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Whether both have one number that cannot be that of two draws: `448` beside `448` or `448a`, but not `91a` beside `91b`.
    pub fn conflicts_with(&self, other: &Self) -> bool {
        self.number == other.number && (self.part == other.part || self.part.is_none() || other.part.is_none())
    }

    /// Rounds in the order they were held: ten times the number, plus one for `a` and two for `b`.
    pub fn sort_key(&self) -> i64 {
        i64::from(self.number) * 10 + self.part.map_or(0, |part| i64::from(u32::from(part) - u32::from('a')) + 1)
    }
}

/// A text that is no round number.
#[derive(Debug, thiserror::Error)]
#[error("a round is a number from 1, with a or b after it where one number was given twice")]
pub struct InvalidDrawNumber;

impl FromStr for DrawNumber {
    type Err = InvalidDrawNumber;

    fn from_str(text: &str) -> Result<Self, InvalidDrawNumber> {
        let part = text.chars().last().filter(|c| matches!(c, 'a' | 'b'));
        let digits = text.strip_suffix(['a', 'b']).unwrap_or(text);
        let is_plain =
            (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
        if !is_plain {
            return Err(InvalidDrawNumber);
        }
        Ok(Self { number: digits.parse().map_err(|_| InvalidDrawNumber)?, part })
    }
}

impl fmt::Display for DrawNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.number)?;
        self.part.map_or(Ok(()), |part| write!(f, "{part}"))
    }
}

/// The longest name of a draw that is recorded, in characters; the longest published one has 94.
pub const MAX_NAME_LEN: usize = 200;
/// The longest text on the programs covered, in characters; the longest published one has 120.
pub const MAX_PROGRAMS_LEN: usize = 500;
/// The longest date and time that is kept as the publisher typed it, in characters.
pub const MAX_TIMESTAMP_LEN: usize = 100;

/// Up to round 76, of November 1, 2017, no tie-breaks were published.
const LAST_DRAW_WITHOUT_TIE_BREAK: u32 = 76;

/// What was held: a round for everybody, for one program, or for a category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrawKind {
    /// All programs.
    General,
    /// One program of Express Entry, such as provincial nominees.
    Program,
    /// A category of occupations, or of people who know French.
    Category,
}

/// A round as recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Draw {
    /// Its number.
    pub round: DrawNumber,
    /// The day it was held, in Canada.
    pub date: Date,
    /// The published day, where it is known to be wrong.
    pub date_published: Option<Date>,
    /// The instant; `None` where none was published, or the published one cannot be.
    pub held_at: Option<Timestamp>,
    /// The instant as the publisher typed it; empty where none was.
    pub held_at_published: String,
    /// Its name as published, such as `Healthcare occupations (Version 1)`.
    pub name: String,
    /// The same in French; empty where unknown.
    pub name_fr: String,
    /// `general`, `pnp`, `healthcare`, …; `None` while nobody has said which.
    pub category: Option<String>,
    /// Programs covered, as published; empty where unknown.
    pub programs: String,
    /// Invitations to apply, as published.
    pub invitations_published: i64,
    /// Invitations to apply, where the published figure is known to be wrong.
    pub invitations_corrected: Option<i64>,
    /// CRS cut-off, 1 to 1200: the score of the lowest-ranked candidate invited.
    pub crs: i64,
    /// Among the lowest score, profiles submitted before this instant were invited; `None` where unknown.
    pub tie_break: Option<Timestamp>,
    /// The tie-break as the publisher typed it; empty where none was.
    pub tie_break_published: String,
    /// Profiles by score, where they were published.
    pub pool: Option<Pool>,
    /// Where the record comes from.
    pub source: String,
    /// What is to be said about the record.
    pub notes: String,
}

impl Draw {
    /// The day it was held.
    pub fn day(&self) -> DisplayDate {
        self.date.into()
    }

    /// The instant, to the second.
    pub fn instant(&self) -> Option<DisplayTime> {
        self.held_at.map(DisplayTime::utc)
    }

    /// The tie-break, to the second.
    pub fn tie_break_instant(&self) -> Option<DisplayTime> {
        self.tie_break.map(DisplayTime::utc)
    }

    /// What to say of a tie-break that the record does not hold.
    pub fn missing_tie_break_text(&self) -> String {
        if !self.tie_break_published.is_empty() {
            format!("published as “{}”", self.tie_break_published)
        } else if self.round.number <= LAST_DRAW_WITHOUT_TIE_BREAK {
            "none was published".into()
        } else {
            "not in our record yet".into()
        }
    }

    /// Invitations as far as we know the truth.
    pub fn invitations(&self) -> i64 {
        self.invitations_corrected.unwrap_or(self.invitations_published)
    }

    /// Invitations, to print.
    pub fn invitations_text(&self) -> String {
        with_thousands(self.invitations())
    }

    /// The cut-off in words: `a CRS cut-off of 476`. That of nominees says that it includes the nomination's points.
    pub fn cut_off_text(&self) -> String {
        let cut_off = format!("a CRS cut-off of {}", self.crs);
        match self.is_pnp() {
            true => format!("{cut_off}, which includes the 600 points of a provincial nomination"),
            false => cut_off,
        }
    }

    /// Whether only provincial nominees were invited, whose scores include the nomination's 600 points.
    pub fn is_pnp(&self) -> bool {
        self.category.as_deref() == Some("pnp")
    }

    /// The published figure, to print, where it is known to be wrong.
    pub fn invitations_published_in_error(&self) -> Option<String> {
        self.invitations_corrected.map(|_| with_thousands(self.invitations_published))
    }

    /// The published day, to print, where it is known to be wrong.
    pub fn date_published_in_error(&self) -> Option<DisplayDate> {
        self.date_published.map(DisplayDate::from)
    }

    /// What was held; `None` while nobody has said which category it is.
    pub fn kind(&self) -> Option<DrawKind> {
        Some(match self.category.as_deref()? {
            "general" => DrawKind::General,
            "pnp" | "cec" | "fst" | "fsw" => DrawKind::Program,
            _ => DrawKind::Category,
        })
    }

    /// The category that has a page and lists of its own, where the round was held for one.
    pub fn category_page(&self) -> Option<&str> {
        self.category.as_deref().filter(|_| self.kind() == Some(DrawKind::Category))
    }
}

/// A round in one line, as tables and charts need it.
#[derive(Clone, Debug, Deserialize)]
pub struct DrawSummary {
    /// Its number.
    pub round: String,
    /// The day as published, in Canada.
    pub date: Date,
    /// Its name as published.
    pub name: String,
    /// `general`, `pnp`, `healthcare`, …; `None` while nobody has said which.
    pub category: Option<String>,
    /// CRS cut-off.
    pub crs: i64,
    /// Invitations as far as we know the truth.
    pub invitations: i64,
    /// Whether the published number of invitations is known to be wrong.
    pub has_wrong_invitations: bool,
    /// Whether the published date is known to be wrong.
    pub has_wrong_date: bool,
}

impl DrawSummary {
    /// Invitations, to print.
    pub fn invitations_text(&self) -> String {
        with_thousands(self.invitations)
    }
}

/// A change of the record: what stood there, what stands there now, and how we know.
#[derive(Clone, Debug, serde::Serialize, sqlx::FromRow)]
pub struct Correction {
    /// Of which round.
    pub round: String,
    /// Which figure: `invitations`, `tie_break`, …
    pub field: String,
    /// What stood there, as it is stored; empty where nothing did.
    pub before: String,
    /// What stands there since.
    pub after: String,
    /// When it was noted.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub corrected_at: Timestamp,
    /// Who noted it.
    pub corrected_by: String,
    /// Where the change came from.
    pub origin: CorrectionOrigin,
    /// How we know.
    pub source: String,
}

/// Where a change of the record came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum CorrectionOrigin {
    /// The facts that the program carries.
    Reference,
    /// Somebody in the admin area.
    Hand,
    /// A file of the government's.
    Import,
}

impl Correction {
    /// The day it was noted.
    pub fn day(&self) -> DisplayDate {
        DisplayDate::in_office(self.corrected_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draw_number_is_digits_with_optional_a_or_b() {
        for good in ["1", "252", "91a", "91b", "447"] {
            assert_eq!(good.parse::<DrawNumber>().unwrap().to_string(), good);
        }
        for bad in ["", "0", "a", "91c", "91A", "-1", "1.5", "٢٥٢", "0252", "9999999"] {
            assert!(bad.parse::<DrawNumber>().is_err(), "{bad}");
        }
    }

    #[test]
    fn draw_numbers_sort_in_the_order_of_the_draws() {
        let key = |text: &str| text.parse::<DrawNumber>().unwrap().sort_key();
        assert!(key("90") < key("91a") && key("91a") < key("91b") && key("91b") < key("92"));
    }
}
