//! The post editor's form: its fields and the rules for saving and publishing.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use crate::draws::{TokenValues, category_lists_mentioned, draws_mentioned};
use crate::noc::mentioned_codes;
use crate::posts::post::{Post, Revision};
use crate::web::{
    FieldErrors, Issue, Pictures, Placeholder, find_empty_links, find_placeholders, find_placeholders_in_line,
    fix_markdown, markdown_issues, multi_line, one_line, parse_entered_date, picture_hashes, picture_problems,
    plain_line_issue, plain_text, slug,
};

/// Input of the post editor. Autosaves contain the fields that hold text.
#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate)]
#[serde(default)]
pub struct PostForm {
    #[serde(deserialize_with = "one_line")]
    #[validate(length(min = 1, max = 200, message = "Enter a title of 200 characters or fewer."))]
    pub title: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(custom(function = "check_slug"))]
    pub slug: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 400, message = "The summary must be 400 characters or fewer."))]
    pub summary: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(min = 1, max = 100, message = "Enter the author in 100 characters or fewer."))]
    pub author: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 200, message = "The topics must be 200 characters or fewer in total."))]
    pub topics: String,
    #[serde(deserialize_with = "multi_line")]
    #[validate(length(max = 150_000, message = "The text must be 150,000 characters or fewer. Split it into two."))]
    pub body: String,
    #[serde(deserialize_with = "multi_line")]
    #[validate(length(max = 20_000, message = "The correction note must be 20,000 characters or fewer."))]
    pub correction: String,
    /// Address or Markdown of the cover picture.
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 1000, message = "Copy the Markdown of the picture from Media."))]
    pub cover: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 500, message = "The alternative text must be 500 characters or fewer."))]
    pub cover_alt: String,
    /// Title in search results; empty for the title.
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 100, message = "The search title must be 100 characters or fewer."))]
    pub search_title: String,
    /// Description in search results; empty for the summary.
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 300, message = "The search description must be 300 characters or fewer."))]
    pub search_description: String,
    /// Date in the office time zone, or empty for the day of publication.
    #[serde(deserialize_with = "one_line")]
    #[validate(custom(function = "check_date"))]
    pub publish_date: String,
    /// Note to the publishers, or to the writer when the post is sent back.
    #[serde(deserialize_with = "multi_line")]
    #[validate(length(max = 2000, message = "The note must be 2,000 characters or fewer."))]
    pub review_note: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 40, message = "Enter the date as in 2026-12-31."))]
    pub schedule_date: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 40, message = "Enter the time as in 14:30."))]
    pub schedule_time: String,
    /// Text from another program that is to be converted and added to the text, or HTML source.
    #[serde(deserialize_with = "multi_line", skip_serializing)]
    pub formatted: String,
    /// Version that the editor was opened with; detects concurrent edits.
    #[serde(skip_serializing)]
    pub version: String,
    /// Save number of the staged changes that the editor was opened with, or empty.
    #[serde(skip_serializing)]
    pub staged: String,
    /// Scheduled date and time that the editor was opened with, or empty.
    #[serde(skip_serializing)]
    pub scheduled: String,
    /// ID of the autosave with the text of this editor, or empty.
    #[serde(skip_serializing)]
    pub autosave: String,
    /// Pressed button: `preview`, or the name of a `SaveAction`.
    #[serde(skip_serializing)]
    pub action: String,
    /// `all` if "Fix all" was pressed, otherwise empty.
    #[serde(skip_serializing)]
    pub fix: String,
    /// Key of the finding whose suggested fix is to be applied, or empty.
    #[serde(skip_serializing)]
    pub apply_fix: String,
    /// Reason for publishing despite findings.
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 500, message = "The reason must be 500 characters or fewer."))]
    pub reason: String,
}

impl PostForm {
    const FIELDS: [&'static str; 16] = [
        "reason",
        "title",
        "summary",
        "body",
        "correction",
        "cover",
        "cover_alt",
        "author",
        "topics",
        "slug",
        "publish_date",
        "search_title",
        "search_description",
        "review_note",
        "schedule_date",
        "schedule_time",
    ];

    pub fn of(post: &Post) -> Self {
        let (schedule_date, schedule_time) =
            post.scheduled().map_or_else(Default::default, |scheduled| (scheduled.date, scheduled.time));
        let scheduled = post.scheduled().map(|scheduled| scheduled.entered()).unwrap_or_default();
        Self {
            scheduled,
            schedule_date,
            schedule_time,
            title: post.title.clone(),
            slug: post.slug.clone(),
            summary: post.summary.clone(),
            author: post.author.clone(),
            topics: post.topics.clone(),
            body: post.body.clone(),
            correction: post.correction.clone(),
            cover: post.cover.address.clone(),
            cover_alt: post.cover.alt.clone(),
            search_title: post.search.title.clone(),
            search_description: post.search.description.clone(),
            publish_date: post.publish_date.clone(),
            version: post.version.to_string(),
            ..Self::default()
        }
    }

    /// Whether another date or time of publication was entered than the editor of this scheduled post was opened with.
    pub fn changes_schedule(&self, post: &Post) -> bool {
        let Some(current) = post.scheduled().map(|scheduled| scheduled.entered()) else { return false };
        let seen = if self.scheduled.is_empty() { current } else { self.scheduled.clone() };
        let is_entered = !self.schedule_date.is_empty() || !self.schedule_time.is_empty();
        is_entered && format!("{} {}", self.schedule_date, self.schedule_time) != seen
    }

    /// The text of an earlier version.
    pub fn of_revision(old: Revision) -> Self {
        let Revision { meta, slug, summary, author, topics, body, correction, cover, search, publish_date } = old;
        Self {
            title: meta.title,
            slug,
            summary,
            author,
            topics,
            body,
            correction,
            cover: cover.address,
            cover_alt: cover.alt,
            search_title: search.title,
            search_description: search.description,
            publish_date,
            ..Self::default()
        }
    }

    /// Whether a field exceeds its maximum length. Such text is returned without being parsed or checked.
    pub fn is_too_long(&self) -> bool {
        let Self { title, summary, body, correction, search_title, search_description, .. } = self;
        let max_lengths = [
            (title, 200),
            (summary, 400),
            (body, 150_000),
            (correction, 20_000),
            (search_title, 100),
            (search_description, 300),
        ];
        max_lengths.iter().any(|(text, max)| text.len() > *max && text.chars().count() > *max)
    }

    /// Errors that need no token values: required fields, lengths and the slug.
    pub fn length_errors(&self) -> FieldErrors {
        FieldErrors::of(self, &Self::FIELDS)
    }

    /// Errors that prevent saving, and with `for_publication` those that prevent publishing.
    pub fn errors(&self, token_values: &TokenValues, for_publication: bool) -> FieldErrors {
        let mut errors = self.length_errors();
        self.check_tokens(token_values, &mut errors);
        if !self.cover.is_empty() && token_values.pictures().find(&self.cover).is_none() {
            errors.add("cover", "This picture is not in Media. Copy its Markdown from Media again.");
        }
        if for_publication {
            self.check_complete(&mut errors);
            self.check_pictures(token_values.pictures(), &mut errors);
        }
        errors
    }

    /// Reports unresolved tokens: the site would show them as literal text.
    fn check_tokens(&self, token_values: &TokenValues, errors: &mut FieldErrors) {
        let line = |text: &str| token_values.unresolved_in_line(text, &is_open_placeholder);
        let unknown = [
            ("title", line(&self.title)),
            ("summary", line(&self.summary)),
            ("body", token_values.unresolved_in_markdown(&self.body, &is_open_placeholder)),
            ("correction", token_values.unresolved_in_markdown(&self.correction, &is_open_placeholder)),
            ("search_title", line(&self.search_title)),
            ("search_description", line(&self.search_description)),
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
            ("search_title", first_open(find_placeholders_in_line(&self.search_title))),
            ("search_description", first_open(find_placeholders_in_line(&self.search_description))),
        ];
        for (field, place) in places {
            if let Some(place) = place {
                let (line, what) = (place.line, place.key);
                errors.add(field, format!("Line {line}: replace {{{{{what}}}}} with your own text before publishing."));
            }
        }
        for (field, text) in [("body", &self.body), ("correction", &self.correction)] {
            if let Some(line) = find_empty_links(text).first() {
                errors.add(
                    field,
                    format!("Line {line}: enter the address of the link, as in [text](https://canada.ca)."),
                );
            }
        }
        if self.summary.is_empty() {
            errors.add("summary", "Enter a summary of one or two sentences before publishing.");
        }
        if self.body.trim().is_empty() {
            errors.add("body", "Enter the text before publishing.");
        }
    }

    /// Reports unknown pictures, and pictures without an alternative text.
    fn check_pictures(&self, pictures: &Pictures, errors: &mut FieldErrors) {
        for (field, text) in [("body", &self.body), ("correction", &self.correction)] {
            let problems = picture_problems(text, pictures).into_iter().take(5);
            let sentences: Vec<String> = problems.map(|(line, problem)| format!("Line {line}: {problem}")).collect();
            if !sentences.is_empty() {
                errors.add(field, sentences.join(" "));
            }
        }
        if !self.cover.is_empty() && self.cover_alt.is_empty() {
            errors.add("cover_alt", "Describe what the cover picture shows.");
        }
    }

    /// Replaces the Markdown or URL of a cover picture by its address, and uses its alternative text if there is no other.
    pub fn normalize_cover(&mut self) {
        if let Some((alt, _)) = self.cover.split_once("](")
            && self.cover_alt.is_empty()
        {
            self.cover_alt = plain_text(alt.trim_start_matches("![")).trim().to_owned();
        }
        if let Some(start) = self.cover.find("/media/") {
            self.cover = self.cover[start..].split([')', ' ']).next().unwrap_or_default().to_owned();
        }
    }

    /// Hashes of the pictures in the texts and of the cover picture.
    pub fn picture_hashes(&self) -> BTreeSet<&str> {
        [&self.body, &self.correction, &self.cover].into_iter().flat_map(|text| picture_hashes(text)).collect()
    }

    /// Text fields with their names.
    pub fn texts(&self) -> [(&'static str, &str); 6] {
        [
            ("title", &self.title),
            ("summary", &self.summary),
            ("body", &self.body),
            ("correction", &self.correction),
            ("search_title", &self.search_title),
            ("search_description", &self.search_description),
        ]
    }

    /// The text field with this name.
    pub fn text_mut(&mut self, field: &str) -> &mut String {
        match field {
            "title" => &mut self.title,
            "summary" => &mut self.summary,
            "body" => &mut self.body,
            "search_title" => &mut self.search_title,
            "search_description" => &mut self.search_description,
            _ => &mut self.correction,
        }
    }

    /// Formatting problems of the Markdown fields, each with its field label.
    pub fn issues(&self) -> Vec<(&'static str, Issue)> {
        let of = |field, text: &str| markdown_issues(text).into_iter().map(move |issue| (field, issue));
        of("Text", &self.body).chain(of("Correction note", &self.correction)).collect()
    }

    /// Applies all automatic formatting fixes.
    pub fn fix(&mut self) {
        self.body = fix_markdown(&self.body);
        self.correction = fix_markdown(&self.correction);
        for line in [&mut self.title, &mut self.summary, &mut self.search_title, &mut self.search_description] {
            if plain_line_issue(line).is_some() {
                *line = plain_text(line).trim().to_owned();
            }
        }
    }

    pub fn draw_numbers(&self) -> Vec<String> {
        draws_mentioned(&self.full_text()).iter().map(ToString::to_string).collect()
    }

    pub fn noc_codes(&self) -> BTreeSet<String> {
        mentioned_codes(&self.full_text())
    }

    /// Category lists that the text includes: category key and date.
    pub fn category_lists(&self) -> BTreeSet<(String, String)> {
        category_lists_mentioned(&self.full_text())
            .into_iter()
            .map(|(category, day)| (category, day.to_string()))
            .collect()
    }

    fn full_text(&self) -> String {
        self.texts().map(|(_, text)| text).join("\n")
    }

    /// The entered slug, or one made from the title with token values.
    pub fn slug_candidate(&self, token_values: &TokenValues) -> String {
        if self.slug.is_empty() { slug(&token_values.expand_line(&self.title)) } else { self.slug.clone() }
    }

    /// Topics in lower case, without duplicates.
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

/// Rule for `validator`: empty or a date.
fn check_date(date: &str) -> Result<(), ValidationError> {
    if date.is_empty() || parse_entered_date(date).is_some_and(|day| (1990..=9999).contains(&day.year())) {
        Ok(())
    } else {
        Err(ValidationError::new("date").with_message("Enter a date such as 2023-07-04, or leave this empty.".into()))
    }
}

/// Whether a placeholder marks text that staff still have to write: `{{write: what this means}}`.
fn is_open_placeholder(what: &str) -> bool {
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
            "Use up to 100 lower-case letters, digits and hyphens, or leave this empty to use the title.".into(),
        ))
    }
}

#[cfg(test)]
mod tests;
