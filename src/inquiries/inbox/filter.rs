//! Inbox filter, parsed from and written to the query string. Invalid parameters are ignored.

use jiff::Timestamp;
use serde::Deserialize;

use crate::inquiries::choices::PROGRAMS;
use crate::inquiries::inquiry::REPLY_SLA;
use crate::inquiries::phone::ParsedPhoneNumber;
use crate::inquiries::{InquiryKind, InquiryState};
use crate::web::{ascii_digits, one_line, split_words};

/// Query parameters of the inbox.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct FilterParams {
    state: String,
    kind: String,
    owner: String,
    age: String,
    #[serde(deserialize_with = "one_line")]
    program: String,
    #[serde(deserialize_with = "one_line")]
    category: String,
    #[serde(deserialize_with = "one_line")]
    q: String,
    pub page: String,
    /// `spreadsheet` for a CSV export that is opened in a spreadsheet program.
    #[serde(rename = "for")]
    pub purpose: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgeFilter {
    /// Unanswered for longer than [`REPLY_SLA`].
    Overdue,
    Day,
    Week,
    Month,
    Older,
}

impl AgeFilter {
    /// Every option with its query value and label.
    pub const ALL: [(Self, &'static str, &'static str); 5] = [
        (Self::Overdue, "24h", "Unanswered over 24 hours"),
        (Self::Day, "day", "Last 24 hours"),
        (Self::Week, "week", "Last 7 days"),
        (Self::Month, "month", "Last 30 days"),
        (Self::Older, "older", "Older than 30 days"),
    ];

    fn key(self) -> &'static str {
        Self::ALL.iter().find(|(age, ..)| *age == self).map_or("", |(_, key, _)| key)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OwnerFilter {
    #[default]
    Any,
    Unassigned,
    /// The signed-in member.
    Me(i64),
    Member(i64),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    pub state: Option<InquiryState>,
    pub kind: Option<InquiryKind>,
    pub owner: OwnerFilter,
    pub age: Option<AgeFilter>,
    /// Value of an option, or another text as submitted.
    pub program: String,
    /// Key of a category that includes the occupation.
    pub category: String,
    /// Search text.
    pub q: String,
}

/// Filter as bound to the SQL queries.
#[derive(Clone, Debug)]
pub struct SqlFilter {
    /// Inclusive.
    pub from: Timestamp,
    /// Inclusive.
    pub to: Timestamp,
    /// Empty for any.
    pub kind: &'static str,
    /// ID of the owner; 0 for unassigned, -1 for any.
    pub owner: i64,
    /// JSON array of spellings; `[]` for any.
    pub programs: String,
    /// JSON array of NOC codes; `[]` for any.
    pub codes: String,
    /// JSON array.
    pub states: String,
}

fn parse_kind(text: &str) -> Option<InquiryKind> {
    [InquiryKind::Contact, InquiryKind::Apply].into_iter().find(|kind| kind.as_str() == text)
}

impl Filter {
    /// Parses the parameters for the signed-in member with the ID `me`.
    pub fn from_params(asked: &FilterParams, me: i64) -> Self {
        let owner = match asked.owner.as_str() {
            "me" => OwnerFilter::Me(me),
            "none" => OwnerFilter::Unassigned,
            id => id.parse().ok().filter(|id| *id > 0).map_or(OwnerFilter::Any, OwnerFilter::Member),
        };
        let short = |text: &str| text.chars().take(200).collect::<String>();
        Self {
            state: InquiryState::parse(&asked.state),
            kind: parse_kind(&asked.kind),
            owner,
            age: AgeFilter::ALL.iter().find(|(_, key, _)| *key == asked.age).map(|(age, ..)| *age),
            program: PROGRAMS
                .meant(&asked.program)
                .map_or_else(|| short(&asked.program), |choice| choice.value.to_owned()),
            category: short(&asked.category),
            q: short(&asked.q),
        }
    }

    fn fields(&self) -> [(&'static str, String); 7] {
        let owner = match self.owner {
            OwnerFilter::Any => String::new(),
            OwnerFilter::Unassigned => "none".into(),
            OwnerFilter::Me(_) => "me".into(),
            OwnerFilter::Member(id) => id.to_string(),
        };
        [
            ("state", self.state.map_or("", InquiryState::as_str).into()),
            ("kind", self.kind.map_or("", InquiryKind::as_str).into()),
            ("owner", owner),
            ("age", self.age.map_or("", AgeFilter::key).into()),
            ("program", self.program.clone()),
            ("category", self.category.clone()),
            ("q", self.q.clone()),
        ]
    }

    /// Value of a form field.
    pub fn field(&self, name: &str) -> String {
        self.fields().into_iter().find(|(field, _)| *field == name).map_or_else(String::new, |(_, value)| value)
    }

    pub fn query_string(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.fields().iter().filter(|(_, value)| !value.is_empty()));
        query.finish()
    }

    /// URL of the filtered list.
    pub fn list_path(&self) -> String {
        let query = self.query_string();
        if query.is_empty() { "/admin/inquiries".into() } else { format!("/admin/inquiries?{query}") }
    }

    /// This filter with another state.
    pub fn with_state(&self, state: Option<InquiryState>) -> Self {
        let age = self.age.filter(|age| *age != AgeFilter::Overdue);
        Self { state, age, ..self.clone() }
    }

    /// This filter for overdue inquiries.
    pub fn overdue(&self) -> Self {
        Self { state: None, age: Some(AgeFilter::Overdue), ..self.clone() }
    }

    /// Whether at most the state is filtered, so that counts need no other condition.
    pub fn is_default(&self) -> bool {
        *self == Self { state: self.state, ..Self::default() }
    }

    /// States to list. Quarantined inquiries are included only if selected, or in a search.
    pub fn states(&self) -> Vec<InquiryState> {
        let by_age = |state: &InquiryState| {
            self.age != Some(AgeFilter::Overdue) || matches!(state, InquiryState::New | InquiryState::Reading)
        };
        let by_state = |state: &InquiryState| match self.state {
            Some(chosen) => chosen == *state,
            None => *state != InquiryState::Quarantined || !self.q.is_empty(),
        };
        InquiryState::ALL.into_iter().filter(by_age).filter(by_state).collect()
    }

    /// `codes` are the NOC codes of the selected category.
    pub fn to_sql(&self, codes: Option<&[String]>, now: Timestamp) -> SqlFilter {
        let (day, always) = (REPLY_SLA, (Timestamp::UNIX_EPOCH, Timestamp::MAX));
        let (from, to) = match self.age {
            None => always,
            Some(AgeFilter::Overdue) => (always.0, now - day),
            Some(AgeFilter::Day) => (now - day, always.1),
            Some(AgeFilter::Week) => (now - day * 7, always.1),
            Some(AgeFilter::Month) => (now - day * 30, always.1),
            Some(AgeFilter::Older) => (always.0, now - day * 30),
        };
        let states: Vec<&str> = self.states().into_iter().map(InquiryState::as_str).collect();
        let codes = match codes {
            None => "[]".into(),
            // A category without codes matches nothing.
            Some([]) => "[\"none\"]".into(),
            Some(codes) => serde_json::json!(codes).to_string(),
        };
        SqlFilter {
            from,
            to,
            kind: self.kind.map_or("", InquiryKind::as_str),
            owner: match self.owner {
                OwnerFilter::Any => -1,
                OwnerFilter::Unassigned => 0,
                OwnerFilter::Me(id) | OwnerFilter::Member(id) => id,
            },
            programs: self.programs_json(),
            codes,
            states: serde_json::json!(states).to_string(),
        }
    }

    /// Older inquiries store the label of an option, newer ones its value.
    fn programs_json(&self) -> String {
        match PROGRAMS.meant(&self.program) {
            Some(choice) => serde_json::json!([choice.value, choice.label]).to_string(),
            None if self.program.is_empty() => "[]".into(),
            None => serde_json::json!([self.program]).to_string(),
        }
    }

    /// FTS5 query for the search text; `None` if it contains no word.
    pub fn fts_query(&self) -> Option<String> {
        build_fts_query(&self.q)
    }
}

const MAX_SEARCH_WORDS: usize = 12;

/// Builds an FTS5 query that matches every word as a prefix. All words are quoted, so FTS5 operators have no effect.
fn build_fts_query(typed: &str) -> Option<String> {
    let plain = ascii_digits(typed).to_lowercase();
    if let Some(number) = phone_query(&plain) {
        return Some(number);
    }
    let all: Vec<String> =
        split_words(&plain).map(|word| word.chars().take(40).collect()).take(MAX_SEARCH_WORDS).collect();
    // Every reference begins with "IE".
    let is_selective = |word: &&String| word.as_str() != "ie" || all.len() == 1;
    let words: Vec<String> = all.iter().filter(is_selective).map(|word| fts_term(word)).collect();
    (!words.is_empty()).then(|| words.join(" AND "))
}

/// A single letter is no prefix: it would match too much. A short number also matches a padded reference number.
fn fts_term(word: &str) -> String {
    let is_number = word.bytes().all(|b| b.is_ascii_digit());
    if word.chars().count() == 1 && !is_number {
        format!("\"{word}\"")
    } else if is_number && word.len() < 6 {
        format!("(\"{word}\"* OR \"{word:0>6}\")")
    } else {
        format!("\"{word}\"*")
    }
}

/// FTS5 query for a phone number: as typed, and in every reading.
fn phone_query(typed: &str) -> Option<String> {
    let is_phone = typed.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')' | '.' | '/'));
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    if !is_phone || digits.len() < 7 {
        return None;
    }
    let groups: Vec<&str> = typed.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    let mut readings = vec![format!("\"{digits}\"*"), format!("\"{}\"", groups.join(" "))];
    if let Some(number) = ParsedPhoneNumber::parse(typed, "").filter(|number| number.is_plausible) {
        readings.extend(number.search_keys().iter().map(|key| format!("\"{}\"", key.trim_start_matches('+'))));
    }
    Some(format!("phone : ({})", readings.join(" OR ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(query: &[(&str, &str)]) -> Filter {
        let map: serde_json::Map<String, serde_json::Value> =
            query.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
        Filter::from_params(&serde_json::from_value(map.into()).unwrap(), 7)
    }

    #[test]
    fn filter_round_trips_through_the_query_string() {
        let filter = filter(&[
            ("state", "reading"),
            ("kind", "apply"),
            ("owner", "me"),
            ("age", "week"),
            ("program", "Work & study"),
            ("category", "healthcare"),
            ("q", "nurse & co"),
        ]);
        assert_eq!(
            filter.list_path(),
            "/admin/inquiries?state=reading&kind=apply&owner=me&age=week&program=Work+%26+study&category=healthcare&q=nurse+%26+co"
        );
        assert_eq!((filter.owner, filter.field("age")), (OwnerFilter::Me(7), "week".into()));
    }

    #[test]
    fn invalid_parameters_are_ignored() {
        let invalid = filter(&[("state", "gone"), ("kind", "x"), ("owner", "-3"), ("age", "25h"), ("page", "x")]);
        assert_eq!(invalid, Filter::default());
        assert_eq!(invalid.list_path(), "/admin/inquiries");
        assert!(
            invalid.is_default() && filter(&[("state", "new")]).is_default() && !filter(&[("q", "a")]).is_default()
        );
    }

    #[test]
    fn quarantined_inquiries_are_listed_only_when_selected_or_searched() {
        let shows = |query: &[(&str, &str)]| filter(query).states().contains(&InquiryState::Quarantined);
        assert!(!shows(&[]) && shows(&[("state", "quarantined")]) && shows(&[("q", "x")]));
        assert_eq!(filter(&[("age", "24h")]).states(), [InquiryState::New, InquiryState::Reading]);
        assert_eq!(filter(&[("age", "24h"), ("state", "closed")]).states(), []);
    }

    #[test]
    fn search_text_is_quoted_for_fts5() {
        for (typed, query) in [
            ("Zaynab O'Neil", Some("\"zaynab\"* AND \"o\" AND \"neil\"*")),
            ("IE-2026-000123", Some("(\"2026\"* OR \"002026\") AND \"000123\"*")),
            ("123", Some("(\"123\"* OR \"000123\")")),
            ("ali@example.com", Some("\"ali\"* AND \"example\"* AND \"com\"*")),
            ("NEAR( \" *", Some("\"near\"*")),
            ("\"*()^-", None),
            ("  ", None),
            ("محمد", Some("\"محمد\"*")),
            (
                "0300 1234567",
                Some(
                    "phone : (\"03001234567\"* OR \"0300 1234567\" OR \"923001234567\" OR \"3001234567\" OR \"n3001234567\")",
                ),
            ),
            (
                "+971 55 234 5678",
                Some("phone : (\"971552345678\"* OR \"971 55 234 5678\" OR \"971552345678\" OR \"552345678\")"),
            ),
        ] {
            assert_eq!(build_fts_query(typed).as_deref(), query, "{typed}");
        }
        assert_eq!(build_fts_query(&"word ".repeat(50)).unwrap().matches("word").count(), MAX_SEARCH_WORDS);
    }
}
