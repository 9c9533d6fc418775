//! Draw: its number, its figures and their display texts.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;

use crate::draws::Pool;
use crate::web::{CardFigure, DisplayDate, DisplayTime, ShareCard, with_thousands};

/// Published number of a draw: `252`, or `91a` and `91b`, which share a date. There is no plain 91.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DrawNumber {
    number: u32,
    part: Option<char>,
}

impl DrawNumber {
    /// Number without `a` or `b`.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Whether two draws cannot have both numbers. `448` and `448a` conflict, `91a` and `91b` do not.
    pub fn conflicts_with(&self, other: &Self) -> bool {
        self.number == other.number && (self.part == other.part || self.part.is_none() || other.part.is_none())
    }

    /// Sort key: ten times the number, plus one for `a` or two for `b`.
    pub fn sort_key(&self) -> i64 {
        i64::from(self.number) * 10 + self.part.map_or(0, |part| i64::from(u32::from(part) - u32::from('a')) + 1)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a draw number is a whole number from 1, optionally followed by a or b")]
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

/// Maximum length of a name, in characters. The longest published name has 94.
pub const MAX_NAME_LEN: usize = 200;
/// Maximum length of the programs covered, in characters. The longest published text has 120.
pub const MAX_PROGRAMS_LEN: usize = 500;
/// Maximum length of a published date and time, in characters.
pub const MAX_TIMESTAMP_LEN: usize = 100;

/// No tie-breaks were published up to draw 76 (November 1, 2017).
const LAST_DRAW_WITHOUT_TIE_BREAK: u32 = 76;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrawKind {
    General,
    Program,
    Category,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Draw {
    pub round: DrawNumber,
    /// Date of the draw in Canada.
    pub date: Date,
    /// Published date, if it is known to be wrong.
    pub date_published: Option<Date>,
    /// `None` if no time was published, or an impossible one.
    pub held_at: Option<Timestamp>,
    /// Time as the publisher typed it; empty if missing.
    pub held_at_published: String,
    /// Published name, such as `Healthcare occupations (Version 1)`.
    pub name: String,
    pub name_fr: String,
    /// `general`, `pnp`, `healthcare`, …; `None` if not assigned yet.
    pub category: Option<String>,
    pub programs: String,
    pub invitations_published: i64,
    /// Set if the published number is known to be wrong.
    pub invitations_corrected: Option<i64>,
    /// CRS cut-off, 1 to 1200: the score of the lowest-ranked candidate invited.
    pub crs: i64,
    /// Of the candidates at the cut-off, those with a profile submitted before this time were invited.
    pub tie_break: Option<Timestamp>,
    /// Tie-break as the publisher typed it; empty if missing.
    pub tie_break_published: String,
    pub pool: Option<Pool>,
    pub source: String,
    pub notes: String,
}

impl Draw {
    pub fn day(&self) -> DisplayDate {
        self.date.into()
    }

    pub fn instant(&self) -> Option<DisplayTime> {
        self.held_at.map(DisplayTime::utc)
    }

    pub fn tie_break_instant(&self) -> Option<DisplayTime> {
        self.tie_break.map(DisplayTime::utc)
    }

    /// Whether a tie-break applied: since draw 77.
    pub fn has_tie_break(&self) -> bool {
        self.round.number > LAST_DRAW_WITHOUT_TIE_BREAK
    }

    /// Text shown instead of a missing tie-break.
    pub fn missing_tie_break_text(&self) -> String {
        if !self.tie_break_published.is_empty() {
            format!("Published as “{}”", self.tie_break_published)
        } else if self.has_tie_break() {
            "Not yet available".into()
        } else {
            "Not published".into()
        }
    }

    /// Card for shared links to the draw.
    pub fn share_card(&self) -> ShareCard {
        ShareCard {
            key: format!("draw-{}", self.round),
            label: format!("Express Entry draw {} · {}", self.round, self.day().text),
            title: self.name.clone(),
            figures: self.card_figures(),
        }
    }

    /// Figures for share cards of this draw and of posts about it.
    pub fn card_figures(&self) -> Vec<CardFigure> {
        let figure = |value: String, label: &str| CardFigure { value, label: label.into() };
        vec![figure(self.crs.to_string(), "CRS cut-off"), figure(self.invitations_text(), "invitations")]
    }

    /// Corrected number of invitations, or the published one.
    pub fn invitations(&self) -> i64 {
        self.invitations_corrected.unwrap_or(self.invitations_published)
    }

    pub fn invitations_text(&self) -> String {
        with_thousands(self.invitations())
    }

    /// Cut-off in words: `a CRS cut-off of 476`. For provincial nominees, mentions the points of the nomination.
    pub fn cut_off_text(&self) -> String {
        let cut_off = format!("a CRS cut-off of {}", self.crs);
        match self.is_pnp() {
            true => format!("{cut_off}, which includes the 600 points of a provincial nomination"),
            false => cut_off,
        }
    }

    /// Whether only provincial nominees were invited. Their scores include 600 points for the nomination.
    pub fn is_pnp(&self) -> bool {
        self.category.as_deref() == Some("pnp")
    }

    /// Published number of invitations, if it is known to be wrong.
    pub fn invitations_published_in_error(&self) -> Option<String> {
        self.invitations_corrected.map(|_| with_thousands(self.invitations_published))
    }

    /// Published date, if it is known to be wrong.
    pub fn date_published_in_error(&self) -> Option<DisplayDate> {
        self.date_published.map(DisplayDate::from)
    }

    /// Kind of the draw; `None` if it has no category yet.
    pub fn kind(&self) -> Option<DrawKind> {
        Some(match self.category.as_deref()? {
            "general" => DrawKind::General,
            "pnp" | "cec" | "fst" | "fsw" => DrawKind::Program,
            _ => DrawKind::Category,
        })
    }

    /// Category with its own page and lists; `None` for general and program draws.
    pub fn category_page(&self) -> Option<&str> {
        self.category.as_deref().filter(|_| self.kind() == Some(DrawKind::Category))
    }
}

/// Summary of a draw for tables and charts.
#[derive(Clone, Debug, Deserialize)]
pub struct DrawSummary {
    pub round: String,
    pub date: Date,
    pub name: String,
    pub category: Option<String>,
    pub crs: i64,
    /// Corrected number of invitations, or the published one.
    pub invitations: i64,
    pub has_wrong_invitations: bool,
    pub has_wrong_date: bool,
    /// Day on which the figures were last compared with their source.
    pub checked_on: Option<Date>,
}

impl DrawSummary {
    pub fn day(&self) -> DisplayDate {
        self.date.into()
    }

    pub fn invitations_text(&self) -> String {
        with_thousands(self.invitations)
    }

    /// Published name without the version of the list and the word “occupations”.
    pub fn plain_name(&self) -> &str {
        plain_name(&self.name)
    }
}

/// Name of a draw without its usual end: `Trades` for `Trades Occupations, 2026-Version 3`.
fn plain_name(name: &str) -> &str {
    let name = without_version(name);
    let topic = name.strip_suffix(" occupations").or_else(|| name.strip_suffix(" Occupations"));
    topic.unwrap_or(name)
}

fn without_version(name: &str) -> &str {
    let is_version = |word: &str| {
        let word = word.trim_matches(['(', ')']);
        word.eq_ignore_ascii_case("version")
            || word.split_once('-').is_some_and(|(year, rest)| {
                year.len() == 4
                    && year.starts_with("20")
                    && (rest.parse::<u8>().is_ok() || rest.eq_ignore_ascii_case("version"))
            })
    };
    let mut start = 0;
    for word in name.split(' ') {
        if start > 0 && is_version(word) {
            return name[..start].trim_end_matches([',', ' ']);
        }
        start += word.len() + 1;
    }
    name
}

/// Change of one field of a draw, with its source. Values are stored as text; empty means missing.
#[derive(Clone, Debug, serde::Serialize, sqlx::FromRow)]
pub struct Correction {
    pub round: String,
    /// Column name: `invitations`, `tie_break`, …
    pub field: String,
    pub before: String,
    pub after: String,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub corrected_at: Timestamp,
    pub corrected_by: String,
    pub origin: CorrectionOrigin,
    pub source: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum CorrectionOrigin {
    /// Seed data.
    Reference,
    Hand,
    Import,
}

impl Correction {
    /// Whether readers see it. Additions and changes of notes are not shown.
    pub fn is_for_readers(&self) -> bool {
        !self.before.is_empty() && self.field != "notes"
    }

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
    fn plain_name_has_no_usual_end() {
        for (name, plain) in [
            ("Trades Occupations, 2026-Version 3", "Trades"),
            ("French-Language proficiency 2026-Version 2", "French-Language proficiency"),
            ("Healthcare occupations (Version 1)", "Healthcare"),
            ("French language proficiency (2023-1)", "French language proficiency"),
            ("Dog handlers 2026", "Dog handlers 2026"),
            ("Provincial Nominee Program", "Provincial Nominee Program"),
            ("Version 2", "Version 2"),
            ("", ""),
        ] {
            assert_eq!(plain_name(name), plain);
        }
    }

    #[test]
    fn draw_numbers_sort_in_the_order_of_the_draws() {
        let key = |text: &str| text.parse::<DrawNumber>().unwrap().sort_key();
        assert!(key("90") < key("91a") && key("91a") < key("91b") && key("91b") < key("92"));
    }
}
