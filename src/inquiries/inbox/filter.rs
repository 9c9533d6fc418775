//! What the inbox is narrowed by: read from an address, and written into one again. What cannot be read narrows nothing.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::inquiries::choices::PROGRAMS;
use crate::inquiries::phone::Number;
use crate::inquiries::{Kind, State};
use crate::web::{one_line, plain_digits};

/// The query of the inbox as it stands in an address.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
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
pub const PATIENCE: SignedDuration = SignedDuration::from_hours(24);

/// How old an inquiry may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// It has waited for an answer longer than it should.
    Late,
    /// It came within a day.
    Day,
    /// It came within a week.
    Week,
    /// It came within thirty days.
    Month,
    /// It came before that.
    Older,
}

impl Age {
    /// Every age, as it stands in addresses and for staff.
    pub const ALL: [(Self, &'static str, &'static str); 5] = [
        (Self::Late, "24h", "unanswered over 24 hours"),
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
pub enum Owner {
    /// Anybody's or nobody's.
    #[default]
    Any,
    /// Nobody's.
    Nobody,
    /// That of the member of staff who asks.
    Me(i64),
    /// That of another one.
    Member(i64),
}

/// What the inbox is narrowed by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// How far staff are with it.
    pub state: Option<State>,
    /// Which form it came by.
    pub kind: Option<Kind>,
    /// Whose it is.
    pub owner: Owner,
    /// How old it is.
    pub age: Option<Age>,
    /// What they want to apply for: the value of an option, or an answer in another spelling.
    pub program: String,
    /// Key of the category that covers their occupation.
    pub category: String,
    /// Words to be found in it.
    pub q: String,
}

/// The same as the index of the inbox wants it.
#[derive(Clone, Debug)]
pub struct Narrow {
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

fn kind_named(text: &str) -> Option<Kind> {
    [Kind::Contact, Kind::Apply].into_iter().find(|kind| kind_key(*kind) == text)
}

/// As stored, and as it stands in addresses.
pub fn kind_key(kind: Kind) -> &'static str {
    match kind {
        Kind::Contact => "contact",
        Kind::Apply => "apply",
    }
}

impl Filter {
    /// Reads what was asked by the member of staff with the number `me`.
    pub fn read(asked: &Asked, me: i64) -> Self {
        let owner = match asked.owner.as_str() {
            "me" => Owner::Me(me),
            "none" => Owner::Nobody,
            id => id.parse().ok().filter(|id| *id > 0).map_or(Owner::Any, Owner::Member),
        };
        let short = |text: &str| text.chars().take(200).collect::<String>();
        Self {
            state: State::named(&asked.state),
            kind: kind_named(&asked.kind),
            owner,
            age: Age::ALL.iter().find(|(_, key, _)| *key == asked.age).map(|(age, ..)| *age),
            program: PROGRAMS.meant(&asked.program).map_or_else(|| short(&asked.program), |it| it.value.to_owned()),
            category: short(&asked.category),
            q: short(&asked.q),
        }
    }

    fn fields(&self) -> [(&'static str, String); 7] {
        let owner = match self.owner {
            Owner::Any => String::new(),
            Owner::Nobody => "none".into(),
            Owner::Me(_) => "me".into(),
            Owner::Member(id) => id.to_string(),
        };
        [
            ("state", self.state.map_or("", State::as_str).into()),
            ("kind", self.kind.map_or("", kind_key).into()),
            ("owner", owner),
            ("age", self.age.map_or("", Age::key).into()),
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
    pub fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.fields().iter().filter(|(_, value)| !value.is_empty()));
        query.finish()
    }

    /// The address of the list that is narrowed so.
    pub fn address(&self) -> String {
        let query = self.query();
        if query.is_empty() { "/admin/inquiries".into() } else { format!("/admin/inquiries?{query}") }
    }

    /// The same with another state.
    pub fn in_state(&self, state: Option<State>) -> Self {
        let age = self.age.filter(|age| *age != Age::Late);
        Self { state, age, ..self.clone() }
    }

    /// The same for what has waited too long.
    pub fn late(&self) -> Self {
        Self { state: None, age: Some(Age::Late), ..self.clone() }
    }

    /// Whether only states are told apart, so that counting them is counting everything.
    pub fn is_plain(&self) -> bool {
        *self == Self { state: self.state, ..Self::default() }
    }

    /// The states it lets through. What was set aside shows only where it is asked for, or searched.
    pub fn states(&self) -> Vec<State> {
        let by_age = |state: &State| self.age != Some(Age::Late) || matches!(state, State::New | State::Reading);
        let by_state = |state: &State| match self.state {
            Some(chosen) => chosen == *state,
            None => *state != State::Quarantined || !self.q.is_empty(),
        };
        State::ALL.into_iter().filter(by_age).filter(by_state).collect()
    }

    /// For the index, at `now`; `codes` are those of the category, where one is chosen.
    pub fn narrow(&self, codes: Option<&[String]>, now: Timestamp) -> Narrow {
        let (day, always) = (PATIENCE, (Timestamp::UNIX_EPOCH, Timestamp::MAX));
        let (from, to) = match self.age {
            None => always,
            Some(Age::Late) => (always.0, now - day),
            Some(Age::Day) => (now - day, always.1),
            Some(Age::Week) => (now - day * 7, always.1),
            Some(Age::Month) => (now - day * 30, always.1),
            Some(Age::Older) => (always.0, now - day * 30),
        };
        let states: Vec<&str> = self.states().into_iter().map(State::as_str).collect();
        let codes = match codes {
            None => "[]".into(),
            // A category that covers nothing lets nothing through.
            Some([]) => "[\"none\"]".into(),
            Some(codes) => serde_json::json!(codes).to_string(),
        };
        Narrow {
            from,
            to,
            kind: self.kind.map_or("", kind_key),
            owner: match self.owner {
                Owner::Any => -1,
                Owner::Nobody => 0,
                Owner::Me(id) | Owner::Member(id) => id,
            },
            programs: self.programs(),
            codes,
            states: serde_json::json!(states).to_string(),
        }
    }

    /// Older inquiries hold the label of an option, newer ones its value.
    fn programs(&self) -> String {
        match PROGRAMS.meant(&self.program) {
            Some(choice) => serde_json::json!([choice.value, choice.label]).to_string(),
            None if self.program.is_empty() => "[]".into(),
            None => serde_json::json!([self.program]).to_string(),
        }
    }

    /// What is looked for in the index of words; nothing where no word was typed.
    pub fn words(&self) -> Option<String> {
        search(&self.q)
    }
}

/// More words than this are a text and not a question.
const MOST_WORDS: usize = 12;

/// A query of the index for what was typed: every word must begin a word of the inquiry. Whatever is typed is a question,
/// never a query in the index's own language.
fn search(typed: &str) -> Option<String> {
    let plain = plain_digits(typed).to_lowercase();
    if let Some(number) = telephone(&plain) {
        return Some(number);
    }
    let all: Vec<String> = plain
        .split(|c: char| !c.is_alphanumeric() && !matches!(c, '\u{0300}'..='\u{036F}'))
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().take(40).collect())
        .take(MOST_WORDS)
        .collect();
    // Every reference begins with it.
    let tells = |word: &&String| word.as_str() != "ie" || all.len() == 1;
    let words: Vec<String> = all.iter().filter(tells).map(|word| term(word)).collect();
    (!words.is_empty()).then(|| words.join(" AND "))
}

/// A single letter begins too many words; of a reference, the number alone is often said.
fn term(word: &str) -> String {
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
fn telephone(typed: &str) -> Option<String> {
    let is_one = typed.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')' | '.' | '/'));
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    if !is_one || digits.len() < 7 {
        return None;
    }
    let groups: Vec<&str> = typed.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    let mut ways = vec![format!("\"{digits}\"*"), format!("\"{}\"", groups.join(" "))];
    if let Some(number) = Number::read(typed, "").filter(|number| number.is_plausible) {
        ways.extend(number.sought().iter().map(|key| format!("\"{}\"", key.trim_start_matches('+'))));
    }
    Some(format!("phone : ({})", ways.join(" OR ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &[(&str, &str)]) -> Filter {
        let map: serde_json::Map<String, serde_json::Value> =
            query.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
        Filter::read(&serde_json::from_value(map.into()).unwrap(), 7)
    }

    #[test]
    fn what_narrows_the_list_goes_into_an_address_and_comes_back() {
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
            filter.address(),
            "/admin/inquiries?state=reading&kind=apply&owner=me&age=week&program=Work+%26+study&category=healthcare&q=nurse+%26+co"
        );
        assert_eq!((filter.owner, filter.field("age")), (Owner::Me(7), "week".into()));
    }

    #[test]
    fn what_cannot_be_read_narrows_nothing() {
        let filter = read(&[("state", "gone"), ("kind", "x"), ("owner", "-3"), ("age", "25h"), ("page", "x")]);
        assert_eq!(filter, Filter::default());
        assert_eq!(filter.address(), "/admin/inquiries");
        assert!(filter.is_plain() && read(&[("state", "new")]).is_plain() && !read(&[("q", "a")]).is_plain());
    }

    #[test]
    fn what_was_set_aside_shows_only_where_it_is_asked_for_or_searched() {
        let shows = |query: &[(&str, &str)]| read(query).states().contains(&State::Quarantined);
        assert!(!shows(&[]) && shows(&[("state", "quarantined")]) && shows(&[("q", "x")]));
        assert_eq!(read(&[("age", "24h")]).states(), [State::New, State::Reading]);
        assert_eq!(read(&[("age", "24h"), ("state", "closed")]).states(), []);
    }

    #[test]
    fn whatever_is_typed_is_a_question_and_never_a_query() {
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
            assert_eq!(search(typed).as_deref(), query, "{typed}");
        }
        assert_eq!(search(&"word ".repeat(50)).unwrap().matches("word").count(), MOST_WORDS);
    }
}
