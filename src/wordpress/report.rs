//! Report of an import, before anything is changed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::fact_check::{Finding, Severity};
use crate::posts::ImportedState;
use crate::web::{plural, plural_len};
use crate::wordpress::converted_text::ConvertedText;
use crate::wordpress::planned_item::PlannedItem;

/// Findings that are listed. The others are counted.
const MAX_LISTED_FINDINGS: usize = 20_000;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    pub site: String,
    /// New posts and pages by state.
    pub posts: StateCounts,
    pub pages: StateCounts,
    pub authors: usize,
    pub topics: usize,
    pub pictures: usize,
    pub comments: usize,
    /// Items that were imported before.
    pub known: usize,
    /// Items in the trash of the old site, and automatic drafts.
    pub in_trash: usize,
    /// Items of types that have no place here, by type.
    pub other_kinds: BTreeMap<String, usize>,
    pub shortcodes: BTreeMap<String, usize>,
    /// Shortcodes of page builders that only arranged their content.
    pub layout: BTreeMap<String, usize>,
    pub embedded: usize,
    /// Names of files on the old site to which texts still link.
    pub linked_files: BTreeSet<String>,
    /// Names of files of the old site that no text uses.
    pub unused_files: Vec<String>,
    pub missing_pictures: usize,
    /// Sentences about pictures that cannot be used.
    pub refused_pictures: Vec<String>,
    /// Texts with what would be lost or changed.
    pub losses: Vec<Loss>,
    pub findings: Vec<ReportedFinding>,
    pub errors: usize,
    pub hints: usize,
    /// Texts with errors that would be public.
    pub public_with_errors: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateCounts {
    pub published: usize,
    pub scheduled: usize,
    pub in_review: usize,
    pub drafts: usize,
}

/// What a text would lose.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Loss {
    pub title: String,
    pub what: Vec<String>,
}

/// Finding of the fact check with the title of its text.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReportedFinding {
    pub title: String,
    pub is_error: bool,
    pub label: String,
    pub sentence: String,
    pub reason: String,
}

impl StateCounts {
    pub fn total(&self) -> usize {
        self.published + self.scheduled + self.in_review + self.drafts
    }

    fn add(&mut self, state: ImportedState) {
        match state {
            ImportedState::Published(_) => self.published += 1,
            ImportedState::Scheduled(_) => self.scheduled += 1,
            ImportedState::InReview => self.in_review += 1,
            ImportedState::Draft => self.drafts += 1,
        }
    }

    /// `2 posts: 1 published, 1 draft`
    fn text(&self, one: &str, many: &str) -> String {
        let states = [
            (self.published, "published", "published"),
            (self.scheduled, "scheduled", "scheduled"),
            (self.in_review, "in review", "in review"),
            (self.drafts, "draft", "drafts"),
        ];
        let states: Vec<String> = states
            .iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, one, many)| plural_len(*count, one, many))
            .collect();
        let total = plural_len(self.total(), one, many);
        if states.is_empty() { total } else { format!("{total}: {}", states.join(", ")) }
    }
}

impl Report {
    /// Adds a planned item with what it would lose.
    pub fn add(&mut self, item: &PlannedItem, text: &ConvertedText, mut lost: Vec<String>, findings: &[Finding]) {
        let counts = if item.is_page { &mut self.pages } else { &mut self.posts };
        counts.add(item.state);
        for (name, count) in &text.shortcodes {
            *self.shortcodes.entry(name.clone()).or_default() += count;
            lost.push(format!("{name}: stays as text ({count})"));
        }
        if text.embedded > 0 {
            lost.push(format!("embedded content: becomes a link ({})", text.embedded));
        }
        for (name, count) in &text.layout {
            *self.layout.entry(name.clone()).or_default() += count;
        }
        if !text.files.is_empty() {
            lost.push(format!("links to files that stay on the old site: {}", text.files.join(", ")));
        }
        self.linked_files.extend(text.files.iter().cloned());
        if !text.missing.is_empty() {
            lost.push(format!("pictures not found: {}", text.missing.join(", ")));
        }
        self.embedded += text.embedded;
        self.missing_pictures += text.missing.len();
        let title = &item.form.title;
        if !lost.is_empty() {
            self.losses.push(Loss { title: title.clone(), what: lost });
        }
        // A summary that was made from the text has the same findings.
        let mut listed = BTreeSet::new();
        for finding in findings {
            if !listed.insert((&finding.sentence, &finding.reason)) {
                continue;
            }
            let is_error = finding.severity == Severity::Error;
            self.errors += usize::from(is_error);
            self.hints += usize::from(!is_error);
            if self.findings.len() < MAX_LISTED_FINDINGS {
                self.findings.push(ReportedFinding {
                    title: title.clone(),
                    is_error,
                    label: finding.rule.label().to_owned(),
                    sentence: finding.sentence.clone(),
                    reason: finding.reason.clone(),
                });
            }
        }
        self.public_with_errors += usize::from(!item.errors.is_empty() && item.will_be_public());
    }

    /// Whether there is nothing to import.
    pub fn is_empty(&self) -> bool {
        self.posts.total() + self.pages.total() == 0
    }

    /// `2 posts: 2 published; 1 page: 1 draft; 3 pictures`
    pub fn summary(&self) -> String {
        let (posts, pages) = (self.posts.text("post", "posts"), self.pages.text("page", "pages"));
        format!("{posts}; {pages}; {}", plural_len(self.pictures, "picture", "pictures"))
    }

    /// Lines about the whole file, without the single texts.
    pub fn overview(&self) -> Vec<String> {
        let mut lines = vec![
            format!("{} with {}", self.summary(), plural_len(self.topics, "topic", "topics")),
            format!(
                "{}: their names are shown, no accounts are created",
                plural_len(self.authors, "author", "authors")
            ),
        ];
        let mut add = |count: usize, text: String| {
            if count > 0 {
                lines.push(text);
            }
        };
        add(
            self.known,
            format!("{} imported before: not imported again", plural_len(self.known, "item was", "items were")),
        );
        add(self.comments, format!("{}: counted, not imported", plural_len(self.comments, "comment", "comments")));
        add(
            self.in_trash,
            format!("{} in the trash or automatic drafts: not imported", plural_len(self.in_trash, "item", "items")),
        );
        for (kind, count) in &self.other_kinds {
            add(*count, format!("{} of the type {kind}: not imported", plural_len(*count, "item", "items")));
        }
        for (name, count) in &self.shortcodes {
            add(
                *count,
                format!("{name}: stays as text {}", plural(i64::try_from(*count).unwrap_or(i64::MAX), "time", "times")),
            );
        }
        let layout: usize = self.layout.values().sum();
        let names = self.layout.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        add(
            layout,
            format!(
                "{} of a page builder: removed, their text stays ({names})",
                plural_len(layout, "layout element", "layout elements")
            ),
        );
        add(
            self.embedded,
            format!(
                "{}: shown as links",
                plural_len(self.embedded, "embedded video or map", "embedded videos or maps")
            ),
        );
        let files: Vec<&str> = self.linked_files.iter().map(String::as_str).collect();
        let linked = plural_len(files.len(), "file that is not imported", "files that are not imported");
        add(files.len(), format!("links to {linked}: they still point to the old site ({})", listed(&files)));
        let unused: Vec<&str> = self.unused_files.iter().map(String::as_str).collect();
        let count = plural_len(
            unused.len(),
            "file of the old site that no text uses",
            "files of the old site that no text uses",
        );
        add(unused.len(), format!("{count}: not imported ({})", listed(&unused)));
        let missing = plural_len(self.missing_pictures, "picture was", "pictures were");
        add(self.missing_pictures, format!("{missing} not found: the file names stay in the text"));
        lines.extend(self.refused_pictures.iter().map(|sentence| format!("picture: {sentence}")));
        lines
    }

    /// Lines for the terminal.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("site     {}", self.site)];
        lines.extend(self.overview().into_iter().map(|line| format!("count    {line}")));
        lines.extend(self.losses.iter().map(|loss| format!("changed  {}: {}", loss.title, loss.what.join("; "))));
        for finding in &self.findings {
            let ReportedFinding { title, label, sentence, reason, .. } = finding;
            let severity = if finding.is_error { "error" } else { "hint" };
            lines.push(format!("{severity:8} {title}: {label}: {reason} “{sentence}”"));
        }
        let unlisted = (self.errors + self.hints).saturating_sub(self.findings.len());
        if unlisted > 0 {
            lines.push(format!("         and {unlisted} more"));
        }
        let (errors, hints) =
            (plural_len(self.errors, "possible error", "possible errors"), plural_len(self.hints, "hint", "hints"));
        lines.push(format!("check    {errors}, {hints}"));
        lines
    }
}

/// The first names, and how many more there are.
fn listed(names: &[&str]) -> String {
    const MAX_NAMES: usize = 30;
    let shown = names.iter().take(MAX_NAMES).copied().collect::<Vec<_>>().join(", ");
    match names.len().checked_sub(MAX_NAMES) {
        None | Some(0) => shown,
        Some(more) => format!("{shown} and {more} more"),
    }
}
