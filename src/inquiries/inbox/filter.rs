//! Inbox filter, parsed from and written to the query string. Invalid parameters are ignored.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::inquiries::choices::PROGRAMS;
use crate::inquiries::inquiry::REPLY_SLA;
use crate::inquiries::{InquiryKind, InquiryState};
use crate::web::{FieldErrors, ascii_digits, office_time_zone, one_line, parse_query};

/// Query parameters of the inbox.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct FilterParams {
    state: String,
    kind: String,
    owner: String,
    age: String,
    /// First day, such as `2026-11-22`.
    #[serde(deserialize_with = "one_line")]
    pub from: String,
    /// Last day.
    #[serde(deserialize_with = "one_line")]
    pub to: String,
    sort: String,
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
    /// ID of a bulk action that the page offers to undo.
    pub undo: String,
}

impl FilterParams {
    /// Errors of the date range. An invalid day is not filtered by.
    pub fn errors(&self) -> FieldErrors {
        let mut errors = FieldErrors::in_order(&["from", "to"]);
        for (field, typed) in [("from", &self.from), ("to", &self.to)] {
            if !typed.is_empty() && parse_day(typed).is_none() {
                errors.add(field, "Enter a date, such as 2026-11-22.");
            }
        }
        if parse_day(&self.from).zip(parse_day(&self.to)).is_some_and(|(from, to)| from > to) {
            errors.add("to", "The last day must not be before the first day.");
        }
        errors
    }
}

fn parse_day(typed: &str) -> Option<Date> {
    ascii_digits(typed).parse().ok()
}

/// Order of the inbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// By time received. Unanswered inquiries: longest waiting first.
    #[default]
    Newest,
    Oldest,
    Name,
    /// Highest claimed CRS score first.
    Score,
}

impl Sort {
    /// Every option with its query value and label.
    pub const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Newest, "", "Newest first"),
        (Self::Oldest, "oldest", "Oldest first"),
        (Self::Name, "name", "Name"),
        (Self::Score, "score", "Highest CRS score"),
    ];

    fn key(self) -> &'static str {
        Self::ALL.iter().find(|(sort, ..)| *sort == self).map_or("", |(_, key, _)| key)
    }
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
    /// First day received, in the office time zone.
    pub from: Option<Date>,
    /// Last day received.
    pub to: Option<Date>,
    pub sort: Sort,
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
    /// Whether only unanswered inquiries are listed.
    pub is_unanswered: bool,
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
        let from = parse_day(&asked.from);
        Self {
            state: InquiryState::parse(&asked.state),
            kind: parse_kind(&asked.kind),
            owner,
            age: AgeFilter::ALL.iter().find(|(_, key, _)| *key == asked.age).map(|(age, ..)| *age),
            from,
            to: parse_day(&asked.to).filter(|to| from.is_none_or(|from| from <= *to)),
            sort: Sort::ALL.iter().find(|(_, key, _)| *key == asked.sort).map_or(Sort::Newest, |(sort, ..)| *sort),
            program: PROGRAMS
                .meant(&asked.program)
                .map_or_else(|| short(&asked.program), |choice| choice.value.to_owned()),
            category: short(&asked.category),
            q: short(&asked.q),
        }
    }

    fn fields(&self) -> [(&'static str, String); 10] {
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
            ("from", self.from.map_or_else(String::new, |day| day.to_string())),
            ("to", self.to.map_or_else(String::new, |day| day.to_string())),
            ("program", self.program.clone()),
            ("category", self.category.clone()),
            ("q", self.q.clone()),
            ("sort", self.sort.key().into()),
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

    /// This filter in another order.
    pub fn sorted(&self, sort: Sort) -> Self {
        Self { sort, ..self.clone() }
    }

    /// Filter of a query string, for the signed-in member with the ID `me`.
    pub fn from_query(query: &str, me: i64) -> Self {
        parse_query::<FilterParams>(query).map_or_else(|_| Self::default(), |asked| Self::from_params(&asked, me))
    }

    /// Whether at most the state is filtered, so that counts need no other condition.
    pub fn is_default(&self) -> bool {
        *self == Self { state: self.state, sort: self.sort, ..Self::default() }
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
        let first = self.from.and_then(|day| day.to_zoned(office_time_zone()).ok()).map(|at| at.timestamp());
        let (from, to) = (first.map_or(from, |first| first.max(from)), self.end().map_or(to, |end| end.min(to)));
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
            is_unanswered: self.age == Some(AgeFilter::Overdue),
        }
    }

    /// `sql_filter` of this filter without the end that the filter for overdue inquiries sets.
    pub fn including_recent(&self, sql_filter: &SqlFilter) -> SqlFilter {
        match self.age {
            Some(AgeFilter::Overdue) => SqlFilter { to: self.end().unwrap_or(Timestamp::MAX), ..sql_filter.clone() },
            _ => sql_filter.clone(),
        }
    }

    /// `sql_filter` of this filter for the overdue inquiries only.
    pub fn overdue_only(&self, sql_filter: &SqlFilter, now: Timestamp) -> SqlFilter {
        SqlFilter { codes: sql_filter.codes.clone(), ..self.overdue().to_sql(None, now) }
    }

    /// Last second of the date range.
    fn end(&self) -> Option<Timestamp> {
        let next = self.to?.tomorrow().ok()?.to_zoned(office_time_zone()).ok()?.timestamp();
        Some(next - SignedDuration::from_secs(1))
    }

    /// Older inquiries store the label of an option, newer ones its value.
    fn programs_json(&self) -> String {
        match PROGRAMS.meant(&self.program) {
            Some(choice) => serde_json::json!([choice.value, choice.label]).to_string(),
            None if self.program.is_empty() => "[]".into(),
            None => serde_json::json!([self.program]).to_string(),
        }
    }
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
            ("from", "2026-11-01"),
            ("to", "2026-11-30"),
            ("program", "Work & study"),
            ("category", "healthcare"),
            ("q", "nurse & co"),
            ("sort", "score"),
        ]);
        assert_eq!(
            filter.list_path(),
            "/admin/inquiries?state=reading&kind=apply&owner=me&age=week&from=2026-11-01&to=2026-11-30&program=Work+%26+study&category=healthcare&q=nurse+%26+co&sort=score"
        );
        assert_eq!((filter.owner, filter.field("age")), (OwnerFilter::Me(7), "week".into()));
        assert_eq!(Filter::from_query(&filter.query_string(), 7), filter);
    }

    #[test]
    fn invalid_parameters_are_ignored() {
        let invalid = filter(&[
            ("state", "gone"),
            ("kind", "x"),
            ("owner", "-3"),
            ("age", "25h"),
            ("page", "x"),
            ("sort", "x"),
            ("from", "2026-02-30"),
        ]);
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
}
