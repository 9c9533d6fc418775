//! Answers of a visitor in the past-draw checker, as in the address, and the candidate that they describe.

use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::SqlitePool;

use crate::crs::past_draw::{Candidate, PROGRAMS, SubmittedAt};
use crate::noc::NocCode;
use crate::occupations;
use crate::web::{FieldErrors, ascii_digits, parse_entered_date, single_line};

const FIELDS: [&str; 6] = ["crs", "noc", "french", "program", "profile_date", "all"];

/// More codes than anybody has occupations.
const MAX_CODES: usize = 10;
const MAX_ANSWER_LEN: usize = 100;

/// Answers as entered.
#[derive(Clone, Debug, Default)]
pub struct PastDrawAnswers {
    pub crs: String,
    /// Codes of all `noc` parameters, separated by spaces.
    pub noc: String,
    pub french: bool,
    /// Values of all `program` parameters.
    pub programs: Vec<String>,
    pub profile_date: String,
    pub all: bool,
}

impl PastDrawAnswers {
    pub fn parse(query: &str) -> Self {
        let mut answers = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()).take(100) {
            let value: String = single_line(&value).chars().take(MAX_ANSWER_LEN).collect();
            match name.as_ref() {
                "crs" => answers.crs = value,
                "noc" => {
                    let codes = [answers.noc.as_str(), &value].join(" ");
                    answers.noc = codes.trim().chars().take(MAX_ANSWER_LEN).collect();
                }
                "french" => answers.french = value == "yes",
                "program" if !value.is_empty() && !answers.programs.contains(&value) => answers.programs.push(value),
                "profile_date" => answers.profile_date = value,
                "all" => answers.all = value == "yes",
                _ => {}
            }
        }
        answers
    }

    /// Whether nothing is entered.
    pub fn is_empty(&self) -> bool {
        let texts = [&self.crs, &self.noc, &self.profile_date];
        texts.iter().all(|text| text.is_empty()) && !self.french && self.programs.is_empty()
    }

    /// Value of the field `french`.
    pub fn french_value(&self) -> &'static str {
        if self.french { "yes" } else { "" }
    }

    pub fn has_program(&self, key: &str) -> bool {
        self.programs.iter().any(|program| program == key)
    }

    /// Address with these answers and this value of `all`.
    pub fn path(&self, all: bool) -> String {
        let mut query =
            form_urlencoded::Serializer::for_suffix(String::from("/tools/past-draws?"), "/tools/past-draws?".len());
        query.append_pair("crs", &self.crs);
        query.extend_pairs(self.codes().map(|code| ("noc", code)));
        query.extend_pairs(self.programs.iter().map(|program| ("program", program)));
        let optional = [
            ("french", self.french_value()),
            ("profile_date", &self.profile_date),
            ("all", if all { "yes" } else { "" }),
        ];
        query.extend_pairs(optional.iter().filter(|(_, value)| !value.is_empty()));
        query.finish()
    }

    fn codes(&self) -> impl Iterator<Item = &str> {
        self.noc.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '،')).filter(|code| !code.is_empty())
    }

    /// The candidate, or messages by field.
    pub async fn candidate(&self, db: &SqlitePool) -> sqlx::Result<Result<Candidate, FieldErrors>> {
        let mut errors = FieldErrors::in_order(&FIELDS);
        let crs = self.score(&mut errors);
        let nocs = self.known_codes(db, &mut errors).await?;
        let mut programs = vec![];
        for entered in &self.programs {
            match PROGRAMS.iter().find(|(key, _)| key == entered) {
                Some((key, _)) => programs.push(*key),
                None => errors.add("program", "Choose programs from the list."),
            }
        }
        let submitted_at = self.submitted_at(&mut errors);
        Ok(match crs {
            Some(crs) if errors.is_empty() => {
                Ok(Candidate { crs, nocs, has_french: self.french, programs, submitted_at })
            }
            _ => Err(errors),
        })
    }

    fn score(&self, errors: &mut FieldErrors) -> Option<u16> {
        if self.crs.is_empty() {
            errors.add("crs", "Enter your CRS score.");
            return None;
        }
        let digits = ascii_digits(&self.crs);
        let is_whole = digits.bytes().all(|byte| byte.is_ascii_digit());
        let score = digits.parse().ok().filter(|score| is_whole && *score <= 1200);
        if score.is_none() {
            errors.add("crs", "The CRS score must be a whole number from 0 to 1200, such as 470.");
        }
        score
    }

    async fn known_codes(&self, db: &SqlitePool, errors: &mut FieldErrors) -> sqlx::Result<Vec<String>> {
        let mut known: Vec<String> = vec![];
        let entered: Vec<String> = self.codes().map(ascii_digits).collect();
        if entered.len() > MAX_CODES {
            errors.add("noc", format!("Enter at most {MAX_CODES} codes."));
        }
        for code in entered.into_iter().take(MAX_CODES) {
            let found = match code.parse::<NocCode>() {
                Ok(noc) => occupations::find(db, noc.as_str()).await?,
                Err(_) => None,
            };
            match found {
                Some(occupation) if !known.contains(&occupation.noc) => known.push(occupation.noc),
                Some(_) => {}
                None => errors.add("noc", format!("{code} is not a NOC 2021 code. Enter five digits, such as 31301.")),
            }
        }
        Ok(known)
    }

    /// A day, or a moment in UTC such as `2022-11-12T12:47:27Z`.
    fn submitted_at(&self, errors: &mut FieldErrors) -> Option<SubmittedAt> {
        let entered = ascii_digits(&self.profile_date);
        if entered.is_empty() {
            return None;
        }
        // Browsers leave out the seconds or the time zone.
        let moment = || -> Option<Timestamp> {
            let text = entered.replace(' ', "T");
            let text = text.trim_end_matches("TUTC").trim_end_matches('Z');
            let civil: jiff::civil::DateTime = text.contains('T').then(|| text.parse().ok()).flatten()?;
            civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
        };
        let day = || parse_entered_date(&entered).filter(|day| *day >= Date::constant(2015, 1, 1));
        let read = moment().map(SubmittedAt::Moment).or_else(|| day().map(SubmittedAt::Day));
        if read.is_none() {
            errors
                .add("profile_date", "Enter a date such as 2026-06-30, or with the time in UTC, 2026-06-30 14:05:00.");
        }
        read
    }
}
