//! A news post: what it holds, and what must be there before it is saved or published.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Deserialize;
use validator::{Validate, ValidationError};

use crate::draws::{TokenValues, category_lists_mentioned, draws_mentioned};
use crate::noc::mentioned_codes;
use crate::web::{
    DisplayDate, DisplayTime, FieldErrors, Issue, Placeholder, find_placeholders, find_placeholders_in_line,
    fix_markdown, markdown_issues, multi_line, one_line, plain_line_issue, plain_text, slug,
};

/// A post as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Post {
    /// Number of the post.
    pub id: i64,
    /// Its address under `/news/`.
    pub slug: String,
    /// Its heading.
    pub title: String,
    /// One or two sentences for lists, feeds and search engines.
    pub summary: String,
    /// Who wrote it, as printed.
    pub author: String,
    /// Whether visitors may read it.
    pub state: PostState,
    /// Whether it lies in the bin.
    pub trashed: bool,
    /// First publication (UTC, as text), kept through a withdrawal.
    pub published_at: Option<String>,
    /// Last change.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub updated_at: Timestamp,
    /// Rises with every change.
    pub version: i64,
    /// Topics, by comma.
    pub topics: String,
    /// Markdown.
    pub body: String,
    /// Markdown: what an earlier version had wrong.
    pub correction: String,
}

/// Whether visitors may read a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum PostState {
    /// Only staff see it.
    Draft,
    /// Everybody sees it.
    Published,
}

/// A post in a list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PostSummary {
    /// Number of the post.
    pub id: i64,
    /// Its address under `/news/`.
    pub slug: String,
    /// Its heading.
    pub title: String,
    /// One or two sentences.
    pub summary: String,
    /// Who wrote it.
    pub author: String,
    /// First publication (UTC, as text).
    pub published_at: Option<String>,
    /// Last change.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub updated_at: Timestamp,
}

impl PostSummary {
    /// The line of a whole post.
    pub fn of(post: Post) -> Self {
        let Post { id, slug, title, summary, author, published_at, updated_at, .. } = post;
        Self { id, slug, title, summary, author, published_at, updated_at }
    }

    /// The day it was first published.
    pub fn published(&self) -> Option<DisplayDate> {
        day(self.published_at.as_deref())
    }

    /// When it was last changed, for the admin area.
    pub fn updated(&self) -> DisplayTime {
        DisplayTime::in_office(self.updated_at)
    }
}

impl Post {
    /// The day it was first published.
    pub fn published(&self) -> Option<DisplayDate> {
        day(self.published_at.as_deref())
    }

    /// Topics, each.
    pub fn topic_list(&self) -> Vec<&str> {
        self.topics.split(',').map(str::trim).filter(|topic| !topic.is_empty()).collect()
    }

    /// Whether visitors may read it.
    pub fn is_public(&self) -> bool {
        self.state == PostState::Published && !self.trashed
    }
}

fn day(instant: Option<&str>) -> Option<DisplayDate> {
    instant.and_then(|text| text.parse::<Timestamp>().ok()).map(DisplayDate::in_office)
}

/// A text of a post as it once was, in a list of them.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct RevisionSummary {
    /// Which.
    pub version: i64,
    /// When it was saved.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub saved_at: Timestamp,
    /// Who saved it.
    pub saved_by: String,
    /// Its heading.
    pub title: String,
}

impl RevisionSummary {
    /// When it was saved, for the admin area.
    pub fn saved(&self) -> DisplayTime {
        DisplayTime::in_office(self.saved_at)
    }
}

/// A text of a post as it once was.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Revision {
    /// How it stands in the list.
    #[sqlx(flatten)]
    pub meta: RevisionSummary,
    /// Its summary.
    pub summary: String,
    /// Its author.
    pub author: String,
    /// Its topics, by comma.
    pub topics: String,
    /// Markdown.
    pub body: String,
    /// Markdown.
    pub correction: String,
}

/// A post as typed in the admin area.
#[derive(Clone, Debug, Default, Deserialize, Validate)]
#[serde(default)]
pub struct PostForm {
    /// See [`Post`]; so for the others.
    #[serde(deserialize_with = "one_line")]
    #[validate(length(min = 1, max = 200, message = "Give the post a title, at most 200 letters."))]
    pub title: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(custom(function = "check_slug"))]
    pub slug: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(
        max = 400,
        message = "Keep the summary under 400 letters: it stands in lists and search results."
    ))]
    pub summary: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(min = 1, max = 100, message = "Say who wrote the post."))]
    pub author: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 200, message = "Keep the topics under 200 letters together."))]
    pub topics: String,
    #[serde(deserialize_with = "multi_line")]
    #[validate(length(max = 150_000, message = "The text is longer than 150,000 letters: make two posts of it."))]
    pub body: String,
    #[serde(deserialize_with = "multi_line")]
    #[validate(length(max = 20_000, message = "Keep the correction note under 20,000 letters."))]
    pub correction: String,
    /// Of the text that was edited.
    pub version: String,
    /// Which button was pressed: `save`, `preview` or `publish`.
    pub action: String,
    /// `all` where the places that will not come out as intended are to be fixed; empty where another button was pressed.
    pub fix: String,
    /// Which finding is to be mended in the text; empty where another button was pressed.
    pub apply_fix: String,
    /// Why it goes out although the checks found something.
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 500, message = "Keep the reason under 500 letters."))]
    pub reason: String,
}

impl PostForm {
    const FIELDS: [&'static str; 8] = ["reason", "title", "summary", "body", "correction", "author", "topics", "slug"];

    /// The form that edits `post`.
    pub fn of(post: &Post) -> Self {
        Self {
            title: post.title.clone(),
            slug: post.slug.clone(),
            summary: post.summary.clone(),
            author: post.author.clone(),
            topics: post.topics.clone(),
            body: post.body.clone(),
            correction: post.correction.clone(),
            version: post.version.to_string(),
            ..Self::default()
        }
    }

    /// Whether a field holds more than a post may. Such a text is given back as it is, and read no further.
    pub fn is_too_long(&self) -> bool {
        let Self { title, summary, body, correction, .. } = self;
        let max_lengths = [(title, 200), (summary, 400), (body, 150_000), (correction, 20_000)];
        max_lengths.iter().any(|(text, max)| text.len() > *max && text.chars().count() > *max)
    }

    /// What is wrong with the fields as such, whatever their text refers to.
    pub fn length_errors(&self) -> FieldErrors {
        FieldErrors::of(self, &Self::FIELDS)
    }

    /// What keeps it from being saved; or, where visitors are to read it, from being published.
    pub fn errors(&self, token_values: &TokenValues, for_publication: bool) -> FieldErrors {
        let mut errors = self.length_errors();
        self.check_tokens(token_values, &mut errors);
        if for_publication {
            self.check_complete(&mut errors);
        }
        errors
    }

    /// A token that names nothing would be printed as it is.
    fn check_tokens(&self, token_values: &TokenValues, errors: &mut FieldErrors) {
        let unknown = [
            ("title", token_values.unresolved_in_line(&self.title, &is_open_placeholder)),
            ("summary", token_values.unresolved_in_line(&self.summary, &is_open_placeholder)),
            ("body", token_values.unresolved_in_markdown(&self.body, &is_open_placeholder)),
            ("correction", token_values.unresolved_in_markdown(&self.correction, &is_open_placeholder)),
        ];
        for (field, unknown) in unknown {
            let sentences: Vec<String> =
                unknown.iter().take(5).map(|token| format!("Line {}: {}", token.line, token.sentence)).collect();
            if !sentences.is_empty() {
                errors.add(field, sentences.join(" "));
            }
        }
    }

    fn check_complete(&self, errors: &mut FieldErrors) {
        let first_open = |places: Vec<Placeholder>| places.into_iter().find(|place| is_open_placeholder(&place.key));
        let places = [
            ("title", first_open(find_placeholders_in_line(&self.title))),
            ("summary", first_open(find_placeholders_in_line(&self.summary))),
            ("body", first_open(find_placeholders(&self.body))),
            ("correction", first_open(find_placeholders(&self.correction))),
        ];
        for (field, place) in places {
            if let Some(place) = place {
                let (line, what) = (place.line, place.key);
                errors.add(
                    field,
                    format!("Line {line}: before readers see it, put your words in place of {{{{{what}}}}}."),
                );
            }
        }
        if self.summary.is_empty() {
            errors.add("summary", "Before readers see it, say in one or two sentences what the post tells them.");
        }
        if self.body.trim().is_empty() {
            errors.add("body", "Before readers see it, write the post's text.");
        }
    }

    /// Its texts by the names of their fields.
    pub fn texts(&self) -> [(&'static str, &str); 4] {
        [("title", &self.title), ("summary", &self.summary), ("body", &self.body), ("correction", &self.correction)]
    }

    /// The places that will not come out as intended, each with the name of its field.
    pub fn issues(&self) -> Vec<(&'static str, Issue)> {
        let of = |field, text: &str| markdown_issues(text).into_iter().map(move |issue| (field, issue));
        of("Text", &self.body).chain(of("Correction note", &self.correction)).collect()
    }

    /// Fixes the places that will not come out as intended, as far as that needs no author.
    pub fn fix(&mut self) {
        self.body = fix_markdown(&self.body);
        self.correction = fix_markdown(&self.correction);
        for line in [&mut self.title, &mut self.summary] {
            if plain_line_issue(line).is_some() {
                *line = plain_text(line).trim().to_owned();
            }
        }
    }

    /// The rounds it speaks of.
    pub fn draw_numbers(&self) -> Vec<String> {
        draws_mentioned(&self.full_text()).iter().map(ToString::to_string).collect()
    }

    /// The codes of the occupations it speaks of.
    pub fn noc_codes(&self) -> BTreeSet<String> {
        mentioned_codes(&self.full_text())
    }

    /// The category lists it prints: the category, and the day as of which.
    pub fn category_lists(&self) -> BTreeSet<(String, String)> {
        category_lists_mentioned(&self.full_text())
            .into_iter()
            .map(|(category, day)| (category, day.to_string()))
            .collect()
    }

    fn full_text(&self) -> String {
        self.texts().map(|(_, text)| text).join("\n")
    }

    /// The address: as typed, else made from the title as readers see it.
    pub fn slug_candidate(&self, token_values: &TokenValues) -> String {
        if self.slug.is_empty() { slug(&token_values.expand_line(&self.title)) } else { self.slug.clone() }
    }

    /// Topics in small letters, each once.
    pub fn topic_list(&self) -> Vec<String> {
        let mut topics: Vec<String> = vec![];
        for topic in self.topics.split(',').map(|topic| topic.trim().to_lowercase()).filter(|topic| !topic.is_empty()) {
            if !topics.contains(&topic) {
                topics.push(topic);
            }
        }
        topics
    }
}

/// A place that is left for staff to fill with words of their own: `{{write: what this means}}`.
pub fn is_open_placeholder(what: &str) -> bool {
    what.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("write:"))
}

fn check_slug(slug: &str) -> Result<(), ValidationError> {
    let is_valid = slug.len() <= 100
        && !slug.starts_with('-')
        && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if is_valid {
        Ok(())
    } else {
        Err(ValidationError::new("slug").with_message(
            "Use small letters, digits and hyphens, at most 100; or leave it empty and it is made from the title."
                .into(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draft_needs_title_and_published_post_needs_summary_and_text() {
        let form = PostForm { title: "T".into(), author: "A".into(), ..PostForm::default() };
        assert!(form.errors(&TokenValues::default(), false).is_empty());
        let errors = form.errors(&TokenValues::default(), true);
        assert!(!errors.for_field("summary").is_empty() && !errors.for_field("body").is_empty());
        assert!(!PostForm::default().errors(&TokenValues::default(), false).for_field("title").is_empty());
    }

    #[test]
    fn slug_accepts_only_lowercase_letters_digits_and_hyphens() {
        for (slug, fine) in [("", true), ("a-1", true), ("A", false), ("a/b", false), ("-a", false), ("é", false)] {
            let form = PostForm { title: "T".into(), author: "A".into(), slug: slug.into(), ..PostForm::default() };
            assert_eq!(form.errors(&TokenValues::default(), false).is_empty(), fine, "{slug}");
        }
    }

    #[test]
    fn topics_are_lowercased_and_deduplicated() {
        let form = PostForm { topics: "Express Entry, healthcare,, express entry ".into(), ..PostForm::default() };
        assert_eq!(form.topic_list(), ["express entry", "healthcare"]);
    }

    #[test]
    fn open_placeholder_can_be_saved_but_not_published() {
        let form = PostForm {
            title: "T".into(),
            author: "A".into(),
            summary: "S".into(),
            body: "Text.\n\n{{write: what it means}}".into(),
            ..PostForm::default()
        };
        assert!(form.errors(&TokenValues::default(), false).is_empty());
        let errors = form.errors(&TokenValues::default(), true);
        assert!(
            errors.for_field("body").contains("Line 3")
                && errors.for_field("body").contains("{{write: what it means}}")
        );
    }

    #[test]
    fn unknown_token_is_reported_with_its_line() {
        let form = PostForm {
            title: "T {{draw".into(),
            author: "A".into(),
            body: "a\n\n`{{draw x}}` {{draw 1 score}}\n{{occupations x}}".into(),
            ..PostForm::default()
        };
        let errors = form.errors(&TokenValues::default(), false);
        assert!(errors.for_field("title").contains("not closed"), "{}", errors.for_field("title"));
        assert!(
            errors.for_field("body").starts_with("Line 3: “{{draw 1 score}}” is not valid"),
            "{}",
            errors.for_field("body")
        );
        assert!(errors.for_field("body").contains("Line 4: “{{occupations x}}”"), "{}", errors.for_field("body"));
    }
}
