//! A category list: which occupations a category of Express Entry covered, from which day to which.

use jiff::civil::Date;

use crate::web::Day;

/// One version of a category's list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct CategoryList {
    /// Number of the list.
    pub id: i64,
    /// `healthcare`, `stem`, …
    pub category_key: String,
    /// `Version 1`, `2026-Version 3`, …
    pub version: String,
    /// What the category was called while the list held.
    pub name_en: String,
    /// The same in French; empty where unknown.
    pub name_fr: String,
    /// First day it held.
    #[sqlx(try_from = "jiff_sqlx::Date")]
    pub effective_from: Date,
    /// Last day it held, as text; `None` while in force.
    pub effective_to: Option<String>,
    /// Months of work experience asked for, within three years; `None` where another rule applies.
    pub min_experience_months: Option<i64>,
    /// `canada_or_abroad`, `canada_only` or `foreign_military`.
    pub experience_where: String,
    /// Whether the months had to be unbroken.
    pub must_be_continuous: String,
    /// Where it was taken from.
    pub source: String,
    /// The day it was last held against its source, as text; `None` where nobody noted it.
    pub checked_on: Option<String>,
    /// What else is to be said.
    pub notes: String,
}

impl CategoryList {
    /// First day it held.
    pub fn from(&self) -> Day {
        self.effective_from.into()
    }

    /// Last day it held; `None` while in force.
    pub fn to(&self) -> Option<Day> {
        self.last_day().map(Day::from)
    }

    /// Whether it held on `day`.
    pub fn holds_on(&self, day: Date) -> bool {
        self.effective_from <= day && self.last_day().is_none_or(|last| day <= last)
    }

    fn last_day(&self) -> Option<Date> {
        self.effective_to.as_deref().and_then(|date| date.parse().ok())
    }

    /// The work experience that was asked for, in a sentence; empty where another rule applies.
    pub fn experience_rule(&self) -> String {
        let Some(months) = self.min_experience_months else {
            return String::new();
        };
        let place = if self.experience_where == "canada_only" { "in Canada" } else { "in Canada or abroad" };
        let unbroken = if self.must_be_continuous == "yes" { ", without a break" } else { "" };
        format!(
            "At least {months} months of full-time work (or as much part-time) in one listed occupation within the last three years, {place}{unbroken}."
        )
    }
}
