//! Placeholders in texts (`{{key}}`), which features replace when a page is rendered.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::web::{Picture, Pictures};

/// Content that replaces a placeholder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// Text within a sentence.
    Text(String),
    /// Trusted HTML block, such as a table of figures.
    Html(String),
    /// Stored picture. Its key is its address, and it replaces an image in Markdown.
    Picture(Picture),
}

impl Replacement {
    /// Replacement for the address of a picture.
    pub fn picture(pictures: &Pictures, address: &str) -> Option<Self> {
        pictures.find(address).cloned().map(Self::Picture)
    }
}

/// Returns the replacement for a key. `None` leaves the placeholder unchanged.
pub type Resolver<'a> = dyn Fn(&str) -> Option<Replacement> + 'a;

/// Replaces placeholders in titles, for features that must not import the feature that knows the values.
#[derive(Clone)]
pub struct TitleRenderer(pub Arc<RenderTitles>);

pub type RenderTitles = dyn Fn(Vec<String>) -> Pin<Box<dyn Future<Output = anyhow::Result<Vec<String>>>>> + Send + Sync;

impl TitleRenderer {
    pub async fn render(&self, lines: Vec<String>) -> anyhow::Result<Vec<String>> {
        (self.0)(lines).await
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholder {
    /// Text between the braces, trimmed.
    pub key: String,
    /// Line number, from 1.
    pub line: usize,
    /// Whether it is the only content of its paragraph, so that HTML may replace it.
    pub is_paragraph: bool,
    pub is_closed: bool,
}

pub(super) enum Part<'a> {
    Text(&'a str),
    Placeholder(&'a str),
    /// `{{` without `}}`.
    Unclosed(&'a str),
}

pub(super) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = vec![];
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        if start > 0 {
            parts.push(Part::Text(&rest[..start]));
        }
        match rest[start..].find("}}") {
            Some(end) => {
                parts.push(Part::Placeholder(&rest[start..start + end + 2]));
                rest = &rest[start + end + 2..];
            }
            None => {
                parts.push(Part::Unclosed(&rest[start..]));
                return parts;
            }
        }
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
    parts
}

/// Text between the braces of a placeholder.
pub(super) fn inner(placeholder: &str) -> &str {
    placeholder.trim_start_matches("{{").trim_end_matches("}}").trim()
}

/// Replaces the placeholders in a single-line text. Leaves those that stand for HTML unchanged.
pub fn expand_line(line: &str, resolve: &Resolver) -> String {
    let mut expanded = String::with_capacity(line.len());
    for part in parts(line) {
        match part {
            Part::Text(text) | Part::Unclosed(text) => expanded.push_str(text),
            Part::Placeholder(place) => match resolve(inner(place)) {
                Some(Replacement::Text(words)) => expanded.push_str(&words),
                Some(Replacement::Html(_) | Replacement::Picture(_)) | None => expanded.push_str(place),
            },
        }
    }
    expanded
}

pub fn find_placeholders_in_line(line: &str) -> Vec<Placeholder> {
    find_all(line, 1, false)
}

/// Finds the placeholders in a part of a text that begins at `line`.
pub(super) fn find_all(text: &str, line: usize, alone: bool) -> Vec<Placeholder> {
    let mut found = vec![];
    let mut line = line;
    for part in parts(text) {
        let (typed, is_closed) = match part {
            Part::Text(plain) => {
                line += plain.matches('\n').count();
                continue;
            }
            Part::Placeholder(place) => (place, true),
            Part::Unclosed(rest) => (rest, false),
        };
        let key = inner(typed).chars().take(200).collect();
        found.push(Placeholder {
            key,
            line,
            is_paragraph: alone && is_closed && typed.len() == text.trim().len(),
            is_closed,
        });
        line += typed.matches('\n').count();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_in_a_line_are_expanded_and_unknown_ones_stay() {
        let fill = |what: &str| match what {
            "a" => Some(Replacement::Text("1".into())),
            "block" => Some(Replacement::Html("<p>".into())),
            _ => None,
        };
        for (typed, filled) in [
            ("x {{a}} y {{ a }}", "x 1 y 1"),
            ("{{b}} {{block}}", "{{b}} {{block}}"),
            ("{{a", "{{a"),
            ("}} {{a}}{{a}} {", "}} 11 {"),
            ("", ""),
        ] {
            assert_eq!(expand_line(typed, &fill), filled, "{typed}");
        }
    }

    #[test]
    fn every_placeholder_is_found_with_its_line() {
        let found = find_all("a\n{{b}} {{c\nd}}\n{{e", 3, true);
        let lines: Vec<(usize, &str, bool)> =
            found.iter().map(|place| (place.line, place.key.as_str(), place.is_closed)).collect();
        assert_eq!(lines, [(4, "b", true), (4, "c\nd", true), (6, "e", false)]);
    }
}
