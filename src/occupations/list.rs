//! A category list: which occupations a category of Express Entry covered, from which day to which.

use jiff::civil::Date;

use crate::occupations::Occupation;
use crate::web::DisplayDate;

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
    pub verified_on: Option<String>,
    /// What else is to be said.
    pub notes: String,
}

/// Where a list stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListStatus {
    /// Its first day lies ahead.
    Upcoming,
    /// It holds.
    Active,
    /// Its last day is past.
    Expired,
}

impl CategoryList {
    /// First day it held.
    pub fn from(&self) -> DisplayDate {
        self.effective_from.into()
    }

    /// Last day it held; `None` while in force.
    pub fn to(&self) -> Option<DisplayDate> {
        self.last_day().map(DisplayDate::from)
    }

    /// Whether it held on `day`.
    pub fn is_active_on(&self, day: Date) -> bool {
        self.effective_from <= day && self.last_day().is_none_or(|last| day <= last)
    }

    /// Where it stands on `day`.
    pub fn status(&self, day: Date) -> ListStatus {
        match (self.is_active_on(day), day < self.effective_from) {
            (true, _) => ListStatus::Active,
            (false, true) => ListStatus::Upcoming,
            (false, false) => ListStatus::Expired,
        }
    }

    /// The day it was last held against its source.
    pub fn verified(&self) -> Option<DisplayDate> {
        self.verification_date().map(DisplayDate::from)
    }

    /// How many days ago that was, on `today`; `None` where nobody noted it.
    pub fn days_since_verification(&self, today: Date) -> Option<i64> {
        self.verification_date().map(|day| i64::from((today - day).get_days()))
    }

    fn verification_date(&self) -> Option<Date> {
        self.verified_on.as_deref().and_then(|date| date.parse().ok())
    }

    /// Its name and version, as staff speak of it.
    pub fn title(&self) -> String {
        format!("{}, {}", self.name_en, self.version)
    }

    /// Where readers find this version, whatever is in force.
    pub fn href(&self) -> String {
        let version: String = form_urlencoded::byte_serialize(self.version.as_bytes()).collect();
        format!("/categories/{}?version={version}", self.category_key)
    }

    /// Last day it held; `None` while in force.
    pub fn last_day(&self) -> Option<Date> {
        self.effective_to.as_deref().and_then(|date| date.parse().ok())
    }

    /// The work experience that was asked for, in a sentence; empty where another rule applies.
    pub fn experience_rule(&self) -> String {
        let Some(months) = self.min_experience_months else {
            return String::new();
        };
        let place = match self.experience_where.as_str() {
            "canada_only" => "in Canada",
            "foreign_military" => "in a foreign military",
            _ => "in Canada or abroad",
        };
        let unbroken = if self.must_be_continuous == "yes" { ", without a break" } else { "" };
        format!(
            "At least {months} months of full-time work (or as much part-time) in one listed occupation within the last three years, {place}{unbroken}."
        )
    }
}

/// The version that somebody looks for on `day`, of all versions of a category, newest first: the one in force, else
/// the one that ended last, else the first to come.
pub fn current_version(versions: &[CategoryList], day: Date) -> Option<&CategoryList> {
    versions.iter().find(|list| list.effective_from <= day).or(versions.last())
}

/// What changed from one list of occupations to another.
#[derive(Clone, Debug, PartialEq)]
pub struct ListDiff {
    /// On the later list alone, in its order.
    pub added: Vec<Occupation>,
    /// On the earlier list alone, in its order.
    pub removed: Vec<Occupation>,
}

impl ListDiff {
    /// What changed from `before` to `after`.
    pub fn between(before: &[Occupation], after: &[Occupation]) -> Self {
        let missing = |from: &[Occupation], of: &[Occupation]| -> Vec<Occupation> {
            of.iter().filter(|one| !from.iter().any(|other| other.noc == one.noc)).cloned().collect()
        };
        Self { added: missing(before, after), removed: missing(after, before) }
    }

    /// Both sides, each with its word as an anchor and as readers see it.
    pub fn sides(&self) -> [(&'static str, &'static str, &[Occupation]); 2] {
        [("added", "came in", &self.added), ("removed", "left", &self.removed)]
    }

    /// Whether both are the same, whatever their order.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(id: i64, from: &str, to: Option<&str>) -> CategoryList {
        CategoryList {
            id,
            category_key: "stem".into(),
            version: format!("Version {id}"),
            name_en: "STEM".into(),
            name_fr: String::new(),
            effective_from: from.parse().unwrap(),
            effective_to: to.map(str::to_owned),
            min_experience_months: Some(6),
            experience_where: "canada_or_abroad".into(),
            must_be_continuous: "yes".into(),
            source: String::new(),
            verified_on: Some("2026-08-26".into()),
            notes: String::new(),
        }
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_list_is_active_from_its_first_to_its_last_day() {
        let list = list(1, "2025-02-27", Some("2026-02-17"));
        for (on, status) in [
            ("2025-02-26", ListStatus::Upcoming),
            ("2025-02-27", ListStatus::Active),
            ("2026-02-17", ListStatus::Active),
            ("2026-02-18", ListStatus::Expired),
        ] {
            assert_eq!(list.status(day(on)), status, "{on}");
        }
        assert_eq!(list.days_since_verification(day("2026-11-24")), Some(90));
        assert_eq!(list.href(), "/categories/stem?version=Version+1");
    }

    #[test]
    fn current_version_prefers_active_then_last_expired_then_upcoming() {
        let versions = [
            list(3, "2027-01-01", None),
            list(2, "2025-02-27", Some("2026-02-17")),
            list(1, "2023-05-31", Some("2024-12-31")),
        ];
        for (on, expected) in
            [("2023-05-30", 1), ("2024-12-31", 1), ("2025-01-15", 1), ("2026-05-01", 2), ("2027-01-01", 3)]
        {
            assert_eq!(current_version(&versions, day(on)).map(|list| list.id), Some(expected), "{on}");
        }
        assert!(current_version(&[], day("2026-01-01")).is_none());
    }
}
