//! What the inbox is narrowed by: read from an address, and written into one again. What cannot be read narrows nothing.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::inquiries::forms::choices::PROGRAMS;
use crate::inquiries::forms::phone::ParsedPhoneNumber;
use crate::inquiries::{InquiryKind, InquiryState};
use crate::web::{ascii_digits, one_line};

/// The query of the inbox as it stands in an address.
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
    /// The page of the list.
    pub page: String,
    /// `spreadsheet`, where the list is taken away for one.
    #[serde(rename = "for")]
    pub purpose: String,
}

/// An inquiry that nobody has answered for so long stands out.
pub const REPLY_SLA: SignedDuration = SignedDuration::from_hours(24);

/// How old an inquiry may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgeFilter {
    /// It has waited for an answer longer than it should.
    Overdue,
    /// It came within a day.
    Day,
    /// It came within a week.
    Week,
    /// It came within thirty days.
    Month,
    /// It came before that.
    Older,
}

impl AgeFilter {
    /// Every age, as it stands in addresses and for staff.
    pub const ALL: [(Self, &'static str, &'static str); 5] = [
        (Self::Overdue, "24h", "unanswered over 24 hours"),
        (Self::Day, "day", "came within a day"),
        (Self::Week, "week", "came within a week"),
        (Self::Month, "month", "came within 30 days"),
        (Self::Older, "older", "older than 30 days"),
    ];

    fn key(self) -> &'static str {
        Self::ALL.iter().find(|(age, ..)| *age == self).map_or("", |(_, key, _)| key)
    }
}

/// Whose an inquiry is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OwnerFilter {
    /// Anybody's or nobody's.
    #[default]
    Any,
    /// Nobody's.
    Unassigned,
    /// That of the member of staff who asks.
    Me(i64),
    /// That of another one.
    Member(i64),
}

/// What the inbox is narrowed by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// How far staff are with it.
    pub state: Option<InquiryState>,
    /// Which form it came by.
    pub kind: Option<InquiryKind>,
    /// Whose it is.
    pub owner: OwnerFilter,
    /// How old it is.
    pub age: Option<AgeFilter>,
    /// What they want to apply for: the value of an option, or an answer in another spelling.
    pub program: String,
    /// Key of the category that covers their occupation.
    pub category: String,
    /// Words to be found in it.
    pub q: String,
}

/// The same as the index of the inbox wants it.
#[derive(Clone, Debug)]
pub struct SqlFilter {
    /// Received at this instant or later.
    pub from: Timestamp,
    /// Received at this instant or earlier.
    pub to: Timestamp,
    /// `contact`, `apply`, or nothing.
    pub kind: &'static str,
    /// Number of the owner, 0 for nobody, -1 for anybody or nobody.
    pub owner: i64,
    /// The spellings of the program as JSON; `[]` where any program fits.
    pub programs: String,
    /// The codes of the category as JSON; `[]` where any will do.
    pub codes: String,
    /// The states, as JSON.
    pub states: String,
}

fn parse_kind(text: &str) -> Option<InquiryKind> {
    [InquiryKind::Contact, InquiryKind::Apply].into_iter().find(|kind| kind_key(*kind) == text)
}

/// As stored, and as it stands in addresses.
pub fn kind_key(kind: InquiryKind) -> &'static str {
    match kind {
        InquiryKind::Contact => "contact",
        InquiryKind::Apply => "apply",
    }
}

impl Filter {
    /// Reads what was asked by the member of staff with the number `me`.
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
            program: PROGRAMS.meant(&asked.program).map_or_else(|| short(&asked.program), |it| it.value.to_owned()),
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
            ("kind", self.kind.map_or("", kind_key).into()),
            ("owner", owner),
            ("age", self.age.map_or("", AgeFilter::key).into()),
            ("program", self.program.clone()),
            ("category", self.category.clone()),
            ("q", self.q.clone()),
        ]
    }

    /// How a field stands in the form.
    pub fn field(&self, name: &str) -> String {
        self.fields().into_iter().find(|(field, _)| *field == name).map_or_else(String::new, |(_, value)| value)
    }

    /// The query of an address that narrows so; empty where nothing is narrowed.
    pub fn query_string(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.fields().iter().filter(|(_, value)| !value.is_empty()));
        query.finish()
    }

    /// The address of the list that is narrowed so.
    pub fn list_path(&self) -> String {
        let query = self.query_string();
        if query.is_empty() { "/admin/inquiries".into() } else { format!("/admin/inquiries?{query}") }
    }

    /// The same with another state.
    pub fn with_state(&self, state: Option<InquiryState>) -> Self {
        let age = self.age.filter(|age| *age != AgeFilter::Overdue);
        Self { state, age, ..self.clone() }
    }

    /// The same for what has waited too long.
    pub fn overdue(&self) -> Self {
        Self { state: None, age: Some(AgeFilter::Overdue), ..self.clone() }
    }

    /// Whether only states are told apart, so that counting them is counting everything.
    pub fn is_default(&self) -> bool {
        *self == Self { state: self.state, ..Self::default() }
    }

    /// The states it lets through. What was set aside shows only where it is asked for, or searched.
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

    /// For the index, at `now`; `codes` are those of the category, where one is chosen.
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
            // A category that covers nothing lets nothing through.
            Some([]) => "[\"none\"]".into(),
            Some(codes) => serde_json::json!(codes).to_string(),
        };
        SqlFilter {
            from,
            to,
            kind: self.kind.map_or("", kind_key),
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

    /// Older inquiries hold the label of an option, newer ones its value.
    fn programs_json(&self) -> String {
        match PROGRAMS.meant(&self.program) {
            Some(choice) => serde_json::json!([choice.value, choice.label]).to_string(),
            None if self.program.is_empty() => "[]".into(),
            None => serde_json::json!([self.program]).to_string(),
        }
    }

    /// What is looked for in the index of words; nothing where no word was typed.
    pub fn fts_query(&self) -> Option<String> {
        build_fts_query(&self.q)
    }
}

/// More words than this are a text and not a question.
const MAX_SEARCH_WORDS: usize = 12;

/// A query of the index for what was typed: every word must begin a word of the inquiry. Whatever is typed is a question,
/// never a query in the index's own language.
fn build_fts_query(typed: &str) -> Option<String> {
    let plain = ascii_digits(typed).to_lowercase();
    if let Some(number) = phone_query(&plain) {
        return Some(number);
    }
    let all: Vec<String> = plain
        .split(|c: char| !c.is_alphanumeric() && !matches!(c, '\u{0300}'..='\u{036F}'))
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().take(40).collect())
        .take(MAX_SEARCH_WORDS)
        .collect();
    // Every reference begins with it.
    let tells = |word: &&String| word.as_str() != "ie" || all.len() == 1;
    let words: Vec<String> = all.iter().filter(tells).map(|word| fts_term(word)).collect();
    (!words.is_empty()).then(|| words.join(" AND "))
}

/// A single letter begins too many words; of a reference, the number alone is often said.
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

/// A telephone number, as it was typed and in every way it can be read.
fn phone_query(typed: &str) -> Option<String> {
    let is_one = typed.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')' | '.' | '/'));
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    if !is_one || digits.len() < 7 {
        return None;
    }
    let groups: Vec<&str> = typed.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    let mut ways = vec![format!("\"{digits}\"*"), format!("\"{}\"", groups.join(" "))];
    if let Some(number) = ParsedPhoneNumber::parse(typed, "").filter(|number| number.is_plausible) {
        ways.extend(number.search_keys().iter().map(|key| format!("\"{}\"", key.trim_start_matches('+'))));
    }
    Some(format!("phone : ({})", ways.join(" OR ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &[(&str, &str)]) -> Filter {
        let map: serde_json::Map<String, serde_json::Value> =
            query.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
        Filter::from_params(&serde_json::from_value(map.into()).unwrap(), 7)
    }

    #[test]
    fn filter_round_trips_through_the_query_string() {
        let filter = read(&[
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
        let filter = read(&[("state", "gone"), ("kind", "x"), ("owner", "-3"), ("age", "25h"), ("page", "x")]);
        assert_eq!(filter, Filter::default());
        assert_eq!(filter.list_path(), "/admin/inquiries");
        assert!(filter.is_default() && read(&[("state", "new")]).is_default() && !read(&[("q", "a")]).is_default());
    }

    #[test]
    fn quarantined_inquiries_are_listed_only_when_selected_or_searched() {
        let shows = |query: &[(&str, &str)]| read(query).states().contains(&InquiryState::Quarantined);
        assert!(!shows(&[]) && shows(&[("state", "quarantined")]) && shows(&[("q", "x")]));
        assert_eq!(read(&[("age", "24h")]).states(), [InquiryState::New, InquiryState::Reading]);
        assert_eq!(read(&[("age", "24h"), ("state", "closed")]).states(), []);
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
