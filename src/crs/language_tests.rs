//! Conversion of language test scores to levels (CLB and NCLC), from `data/language_clb.csv`.

use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use serde::Deserialize;

use crate::crs::profile::Language;
use crate::web::{DisplayDate, ascii_digits};

/// First day on which PTE Core results are accepted.
const PTE_ACCEPTED_FROM: Date = date(2024, 1, 30);
/// Years for which a test result is valid.
const VALID_YEARS: i64 = 2;

/// Test of an official language, or levels entered directly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LanguageTest {
    Clb,
    Ielts,
    Celpip,
    Pte,
    Tef,
    Tcf,
}

impl LanguageTest {
    pub const ALL: [Self; 6] = [Self::Clb, Self::Ielts, Self::Celpip, Self::Pte, Self::Tef, Self::Tcf];

    /// Value in addresses.
    pub fn key(self) -> &'static str {
        match self {
            Self::Clb => "clb",
            Self::Ielts => "ielts",
            Self::Celpip => "celpip",
            Self::Pte => "pte",
            Self::Tef => "tef",
            Self::Tcf => "tcf",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Clb => "CLB or NCLC levels",
            Self::Ielts => "IELTS General Training",
            Self::Celpip => "CELPIP-General",
            Self::Pte => "PTE Core",
            Self::Tef => "TEF Canada",
            Self::Tcf => "TCF Canada",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|test| test.key() == key)
    }

    /// Language of the test; `None` for levels, which exist in both languages.
    pub fn language(self) -> Option<Language> {
        match self {
            Self::Clb => None,
            Self::Ielts | Self::Celpip | Self::Pte => Some(Language::English),
            Self::Tef | Self::Tcf => Some(Language::French),
        }
    }

    /// Why results of this test do not count on `day`.
    pub fn not_accepted_on(self, day: Date) -> Option<String> {
        (self == Self::Pte && day < PTE_ACCEPTED_FROM).then(|| {
            let from = DisplayDate::from(PTE_ACCEPTED_FROM).text;
            format!("PTE Core has been accepted since {from}. Choose another test or a later date.")
        })
    }

    /// Level 0 to 10 of a score in one ability. `ability` is an index of `ABILITIES`, `day` the day of the profile.
    ///
    /// The error says which scores exist.
    pub fn level(self, ability: usize, typed: &str, day: Date) -> Result<u8, String> {
        let steps = self.steps(ability, day);
        let Some(score) = parse_tenths(typed).filter(|score| steps.contains(*score)) else {
            return Err(format!("{} {}", self.refusal(typed), steps.description(self)));
        };
        if self == Self::Clb {
            return Ok(u8::try_from(score / 10).unwrap_or(10));
        }
        let found = bands(self, day).find(|band| band.ability == ability && band.min <= score && score <= band.max);
        Ok(found.map_or(0, |band| band.clb))
    }

    /// Sentence about the scale, if results on another scale are still valid on `day`.
    pub fn scale_note(self, day: Date) -> Option<String> {
        let from = bands(self, day).find_map(|band| band.from)?;
        let oldest_valid = day.checked_sub(VALID_YEARS.years()).unwrap_or(day);
        (oldest_valid < from).then(|| {
            let from = DisplayDate::from(from).text;
            format!(
                "These {} scores were read on the scale of tests taken since {from}. For an earlier test, choose “{}”.",
                self.name(),
                Self::Clb.name()
            )
        })
    }

    fn refusal(self, typed: &str) -> String {
        let typed: String = typed.chars().take(20).collect();
        match self {
            Self::Clb => format!("{typed} is not a level."),
            _ => format!("{typed} is not a score of {}.", self.name()),
        }
    }

    fn steps(self, ability: usize, day: Date) -> Steps {
        let highest = bands(self, day).filter(|band| band.ability == ability).map(|band| band.max).max();
        let (min, step) = match self {
            Self::Ielts => (0, 5),
            Self::Pte => (100, 10),
            _ => (0, 10),
        };
        Steps { min, max: highest.unwrap_or(120), step }
    }
}

/// Scores that exist, in tenths.
struct Steps {
    min: u32,
    max: u32,
    step: u32,
}

impl Steps {
    fn contains(&self, tenths: u32) -> bool {
        (self.min..=self.max).contains(&tenths) && tenths.is_multiple_of(self.step)
    }

    fn description(&self, test: LanguageTest) -> String {
        let (min, max) = (self.min / 10, self.max / 10);
        match test {
            LanguageTest::Ielts => format!("Enter a whole or half number from {min} to {max}, such as 6.5."),
            _ => format!("Enter a whole number from {min} to {max}."),
        }
    }
}

/// Number with at most one decimal, in tenths, with the digits of any script and a point or comma.
fn parse_tenths(typed: &str) -> Option<u32> {
    let plain = ascii_digits(typed.trim()).replace([',', '٫'], ".");
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, "0"));
    let fraction = fraction.trim_end_matches('0');
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 4 || fraction.len() > 1 || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let tenths: u32 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
    Some(whole.parse::<u32>().ok()? * 10 + tenths)
}

/// Scores of one level in one ability.
struct Band {
    test: LanguageTest,
    /// First day of tests on this scale.
    from: Option<Date>,
    /// Last day of tests on this scale.
    until: Option<Date>,
    ability: usize,
    clb: u8,
    /// In tenths.
    min: u32,
    /// In tenths.
    max: u32,
}

/// Bands of the scale for tests taken on `day`.
fn bands(test: LanguageTest, day: Date) -> impl Iterator<Item = &'static Band> {
    BANDS.iter().filter(move |band| {
        band.test == test && band.from.is_none_or(|from| from <= day) && band.until.is_none_or(|until| day <= until)
    })
}

static BANDS: LazyLock<Vec<Band>> = LazyLock::new(|| {
    parse_bands(include_str!("../../data/language_clb.csv")).unwrap_or_else(|error| {
        unreachable!("a test reads data/language_clb.csv: {error}");
    })
});

fn parse_bands(table: &str) -> Result<Vec<Band>, csv::Error> {
    #[derive(Deserialize)]
    struct Row {
        test: LanguageTest,
        tests_from: Option<Date>,
        tests_until: Option<Date>,
        ability: Ability,
        clb: u8,
        min_score: f64,
        max_score: f64,
    }
    #[derive(Clone, Copy, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Ability {
        Listening,
        Reading,
        Writing,
        Speaking,
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "scores are 0 to 999")]
    let tenths = |score: f64| (score * 10.0).round() as u32;
    let band = |row: Row| Band {
        test: row.test,
        from: row.tests_from,
        until: row.tests_until,
        ability: row.ability as usize,
        clb: row.clb,
        min: tenths(row.min_score),
        max: tenths(row.max_score),
    };
    csv::Reader::from_reader(table.as_bytes()).deserialize().map(|row| row.map(band)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crs::profile::ABILITIES;

    const TODAY: Date = date(2026, 11, 29);

    /// One row of the table: test, first and last day, index of the ability, level, lowest and highest score as text.
    fn rows() -> Vec<(LanguageTest, Date, usize, u8, String, String)> {
        let table = include_str!("../../data/language_clb.csv");
        let mut reader = csv::Reader::from_reader(table.as_bytes());
        let rows = reader.records().map(|record| {
            let record = record.unwrap();
            let day = match (&record[2], &record[3]) {
                ("", "") => TODAY,
                (from, "") => from.parse().unwrap(),
                (_, until) => until.parse().unwrap(),
            };
            let ability = ABILITIES.iter().position(|name| *name == &record[4]).unwrap();
            let test = LanguageTest::from_key(&record[0]).unwrap();
            (test, day, ability, record[5].parse().unwrap(), record[6].to_owned(), record[7].to_owned())
        });
        rows.collect()
    }

    #[test]
    fn both_edges_of_every_band_give_its_level_and_the_scores_beside_them_do_not() {
        let rows = rows();
        assert_eq!(rows.len(), 196);
        for (test, day, ability, clb, min, max) in rows {
            let level = |score: &str| test.level(ability, score, day);
            let step = if test == LanguageTest::Ielts { 0.5 } else { 1.0 };
            let beside = |edge: &str, by: f64| level(&format!("{}", edge.parse::<f64>().unwrap() + by));
            let name = format!("{} {} {clb} on {day}", test.name(), ABILITIES[ability]);
            assert_eq!(level(&min), Ok(clb), "{name}: {min}");
            assert_eq!(level(&max), Ok(clb), "{name}: {max}");
            let below = if clb == 4 { 0 } else { clb - 1 };
            assert_eq!(beside(&min, -step), Ok(below), "{name}: below {min}");
            match clb {
                10 => assert!(beside(&max, step).is_err(), "{name}: above {max}"),
                _ => assert_eq!(beside(&max, step), Ok(clb + 1), "{name}: above {max}"),
            }
        }
    }

    #[test]
    fn scores_that_do_not_exist_are_refused_with_those_that_do() {
        for (test, ability, typed, message) in [
            (LanguageTest::Ielts, 0, "6.25", "Enter a whole or half number from 0 to 9, such as 6.5."),
            (LanguageTest::Ielts, 0, "6.7", "Enter a whole or half number from 0 to 9, such as 6.5."),
            (LanguageTest::Ielts, 0, "9.5", "Enter a whole or half number from 0 to 9, such as 6.5."),
            (LanguageTest::Ielts, 0, "-1", "Enter a whole or half number from 0 to 9, such as 6.5."),
            (LanguageTest::Ielts, 0, "good", "Enter a whole or half number from 0 to 9, such as 6.5."),
            (LanguageTest::Celpip, 1, "13", "Enter a whole number from 0 to 12."),
            (LanguageTest::Celpip, 1, "7.5", "Enter a whole number from 0 to 12."),
            (LanguageTest::Pte, 2, "91", "Enter a whole number from 10 to 90."),
            (LanguageTest::Pte, 2, "9", "Enter a whole number from 10 to 90."),
            (LanguageTest::Tef, 3, "700", "Enter a whole number from 0 to 699."),
            (LanguageTest::Tcf, 3, "21", "Enter a whole number from 0 to 20."),
            (LanguageTest::Tcf, 0, "700", "Enter a whole number from 0 to 699."),
            (LanguageTest::Clb, 0, "13", "Enter a whole number from 0 to 12."),
            (LanguageTest::Clb, 0, "7.5", "Enter a whole number from 0 to 12."),
        ] {
            let refusal = test.level(ability, typed, TODAY).unwrap_err();
            assert!(refusal.starts_with(typed) && refusal.ends_with(message), "{refusal}");
        }
    }

    #[test]
    fn scores_are_read_in_every_common_spelling() {
        for typed in ["6.5", "6,5", "6.50", " 6.5 ", "۶٫۵", "٦.٥"] {
            assert_eq!(LanguageTest::Ielts.level(0, typed, TODAY), Ok(7), "{typed}");
        }
        for typed in ["7", "7.0", "7,0"] {
            assert_eq!(LanguageTest::Clb.level(0, typed, TODAY), Ok(7), "{typed}");
        }
    }

    #[test]
    fn the_day_selects_the_scale_of_tef_canada() {
        let reading = |score: &str, day: Date| LanguageTest::Tef.level(1, score, day);
        for (day, level_of_450, level_of_248) in
            [(date(2023, 12, 11), 7, Ok(0)), (date(2023, 12, 10), 7, Ok(0)), (date(2019, 10, 1), 7, Ok(0))]
        {
            assert_eq!(reading("450", day), Ok(level_of_450), "{day}");
            assert_eq!(reading("248", day), level_of_248, "{day}");
        }
        assert_eq!(reading("434", date(2023, 12, 11)), Ok(7));
        assert_eq!(reading("434", date(2023, 12, 10)), Ok(6));
        assert_eq!(reading("248", date(2019, 9, 30)), Ok(9));
        assert!(reading("450", date(2019, 9, 30)).is_err(), "the scale of reading ended at 300");
    }

    #[test]
    fn a_note_names_the_scale_while_results_on_an_earlier_one_are_valid() {
        let note = |day| LanguageTest::Tef.scale_note(day);
        assert!(note(date(2023, 12, 11)).unwrap().contains("tests taken since December 11, 2023"));
        assert!(note(date(2025, 12, 10)).is_some());
        assert_eq!(note(date(2025, 12, 11)), None);
        assert_eq!(note(date(2019, 9, 30)), None);
        assert_eq!(LanguageTest::Ielts.scale_note(TODAY), None);
    }

    #[test]
    fn pte_core_counts_from_its_first_day() {
        assert!(LanguageTest::Pte.not_accepted_on(date(2024, 1, 29)).unwrap().contains("January 30, 2024"));
        assert_eq!(LanguageTest::Pte.not_accepted_on(date(2024, 1, 30)), None);
        assert_eq!(LanguageTest::Ielts.not_accepted_on(date(2015, 1, 1)), None);
    }
}
