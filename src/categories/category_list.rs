//! Category list: the occupations that an Express Entry category covers between two dates.

use jiff::civil::Date;

use crate::noc::Occupation;
use crate::web::DisplayDate;

/// One version of the list of a category.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct CategoryList {
    pub id: i64,
    /// `healthcare`, `stem`, …
    pub category_key: String,
    /// `Version 1`, `2026-Version 3`, …
    pub version: String,
    /// Name of the category in this version.
    pub name_en: String,
    /// Empty if unknown.
    pub name_fr: String,
    /// First day in effect.
    #[sqlx(try_from = "jiff_sqlx::Date")]
    pub effective_from: Date,
    /// Last day in effect, as text; `None` if open-ended.
    pub effective_to: Option<String>,
    /// Required months of work experience within three years; `None` if another rule applies.
    pub min_experience_months: Option<i64>,
    /// `canada_or_abroad`, `canada_only` or `foreign_military`.
    pub experience_where: String,
    /// Whether the months must be continuous: `yes`, `no` or empty.
    pub must_be_continuous: String,
    /// Publication that the list was copied from.
    pub source: String,
    /// Date of the last check against the source, as text; `None` if never checked.
    pub verified_on: Option<String>,
    pub notes: String,
}

/// Status of a list on a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListStatus {
    Upcoming,
    Active,
    Expired,
}

impl CategoryList {
    pub fn from(&self) -> DisplayDate {
        self.effective_from.into()
    }

    pub fn to(&self) -> Option<DisplayDate> {
        self.last_day().map(DisplayDate::from)
    }

    pub fn is_active_on(&self, day: Date) -> bool {
        self.effective_from <= day && self.last_day().is_none_or(|last| day <= last)
    }

    pub fn status(&self, day: Date) -> ListStatus {
        match (self.is_active_on(day), day < self.effective_from) {
            (true, _) => ListStatus::Active,
            (false, true) => ListStatus::Upcoming,
            (false, false) => ListStatus::Expired,
        }
    }

    pub fn verified(&self) -> Option<DisplayDate> {
        self.verification_date().map(DisplayDate::from)
    }

    /// Days from the last check to `today`; `None` if never checked.
    pub fn days_since_verification(&self, today: Date) -> Option<i64> {
        self.verification_date().map(|day| i64::from((today - day).get_days()))
    }

    /// Day of the last check against the source.
    pub fn verification_date(&self) -> Option<Date> {
        self.verified_on.as_deref().and_then(|date| date.parse().ok())
    }

    /// Name without the word “occupations”, for sentences about “the … list”.
    pub fn topic(&self) -> &str {
        self.name_en.strip_suffix(" occupations").unwrap_or(&self.name_en)
    }

    /// The required experience in one sentence, or else the notes.
    pub fn rule(&self) -> String {
        let rule = self.experience_rule();
        if rule.is_empty() { self.notes.clone() } else { rule }
    }

    /// Name and version, for admin pages.
    pub fn title(&self) -> String {
        format!("{}, {}", self.name_en, self.version)
    }

    /// Version without a remark in brackets: `2025 list` for `2025 list (no round held)`.
    pub fn version_label(&self) -> &str {
        self.version.split(" (").next().unwrap_or_default()
    }

    /// Public URL of this version.
    pub fn href(&self) -> String {
        let version: String = form_urlencoded::byte_serialize(self.version.as_bytes()).collect();
        format!("/categories/{}?version={version}", self.category_key)
    }

    pub fn last_day(&self) -> Option<Date> {
        self.effective_to.as_deref().and_then(|date| date.parse().ok())
    }

    /// Required work experience as a sentence; empty if another rule applies.
    pub fn experience_rule(&self) -> String {
        let Some(months) = self.min_experience_months else {
            return String::new();
        };
        let place = match self.experience_where.as_str() {
            "canada_only" => "in Canada",
            "foreign_military" => "in a foreign military",
            _ => "in Canada or abroad",
        };
        let continuous = if self.must_be_continuous == "yes" { "continuous " } else { "" };
        format!(
            "At least {months} months of {continuous}full-time work, or an equal amount of part-time work, in one listed occupation within the last three years, {place}."
        )
    }
}

/// The version of a category to show on `day`. `versions` are newest first.
///
/// This is the one in effect, else the one that ended last, else the first upcoming one.
pub fn current_version(versions: &[CategoryList], day: Date) -> Option<&CategoryList> {
    versions.iter().find(|list| list.effective_from <= day).or(versions.last())
}

/// Differences between two versions of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct ListDiff {
    pub added: Vec<Occupation>,
    pub removed: Vec<Occupation>,
}

impl ListDiff {
    pub fn between(before: &[Occupation], after: &[Occupation]) -> Self {
        let missing = |from: &[Occupation], of: &[Occupation]| -> Vec<Occupation> {
            of.iter().filter(|one| !from.iter().any(|other| other.noc == one.noc)).cloned().collect()
        };
        Self { added: missing(before, after), removed: missing(after, before) }
    }

    /// Both sides with their labels, which also serve as anchors.
    pub fn sides(&self) -> [(&'static str, &[Occupation]); 2] {
        [("added", &self.added), ("removed", &self.removed)]
    }

    /// Whether both lists name the same occupations, in any order.
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
