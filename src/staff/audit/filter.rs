//! Filter of the audit log: words, user and days.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;

use crate::web::{FieldErrors, office_time_zone, one_line};

const INVALID_DATE: &str = "Enter a date, such as 2026-11-30.";

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AuditQuery {
    #[serde(deserialize_with = "one_line")]
    pub q: String,
    pub user: String,
    #[serde(deserialize_with = "one_line")]
    pub from: String,
    #[serde(deserialize_with = "one_line")]
    pub to: String,
    pub page: String,
}

/// Conditions for entries. Times are half-open.
#[derive(Clone, Debug)]
pub struct AuditFilter {
    /// Full-text query; `None` for all entries.
    pub search: Option<String>,
    /// Name of the user; empty for all.
    pub user: String,
    pub since: Timestamp,
    pub until: Timestamp,
}

impl AuditQuery {
    /// Filter for the store. Days are those of the office.
    pub fn filter(&self) -> Result<AuditFilter, FieldErrors> {
        let mut errors = FieldErrors::in_order(&["from", "to"]);
        let mut day = |name: &'static str, text: &str, default: Timestamp, is_end: bool| {
            if text.is_empty() {
                return default;
            }
            let day = text.parse::<Date>().and_then(|day| if is_end { day.tomorrow() } else { Ok(day) });
            day.and_then(|day| day.to_zoned(office_time_zone())).map_or_else(
                |_| {
                    errors.add(name, INVALID_DATE);
                    default
                },
                |start| start.timestamp(),
            )
        };
        let (first, last) = (Timestamp::UNIX_EPOCH, Timestamp::MAX);
        let since = day("from", &self.from, first, false);
        let until = day("to", &self.to, last, true);
        if !errors.is_empty() {
            return Err(errors);
        }
        // Each word, or the beginning of one, must occur.
        let words = self.q.split_whitespace().map(|word| format!("\"{}\"*", word.replace('"', "\"\"")));
        let search = (!self.q.is_empty()).then(|| words.collect::<Vec<_>>().join(" "));
        Ok(AuditFilter { search, user: self.user.clone(), since, until })
    }

    /// Path with the filter, for links to other pages and the export.
    pub fn path(&self, page: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("q", &self.q), ("user", &self.user), ("from", &self.from), ("to", &self.to)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        let query = query.finish();
        if query.is_empty() { page.to_owned() } else { format!("{page}?{query}") }
    }

    pub fn is_empty(&self) -> bool {
        [&self.q, &self.user, &self.from, &self.to].into_iter().all(String::is_empty)
    }
}
