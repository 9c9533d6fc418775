//! Places in a text that are filled when the page is made: `{{what}}`. What each stands for, a feature says.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// What is put into a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filling {
    /// Words within a sentence.
    Words(String),
    /// HTML of our own that stands by itself, such as a table of figures.
    Block(String),
}

/// Says what a place holds; `None` leaves it as it was typed.
pub type Fill<'a> = dyn Fn(&str) -> Option<Filling> + 'a;

/// Fills the places in lines, for features that may not know whose facts stand in them.
#[derive(Clone)]
pub struct LineFiller(pub Arc<FillLines>);

/// Lines in, the same lines with their places filled out.
pub type FillLines = dyn Fn(Vec<String>) -> Pin<Box<dyn Future<Output = anyhow::Result<Vec<String>>>>> + Send + Sync;

impl LineFiller {
    /// The lines with their places filled.
    pub async fn fill(&self, lines: Vec<String>) -> anyhow::Result<Vec<String>> {
        (self.0)(lines).await
    }
}

/// A place as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholder {
    /// What stands between the braces, trimmed.
    pub what: String,
    /// Its line, from 1.
    pub line: usize,
    /// Whether it is a paragraph of its own, where a block may stand.
    pub alone: bool,
    /// Whether its braces were closed.
    pub closed: bool,
}

/// A part of a text: plain, or a place.
pub(super) enum Part<'a> {
    Plain(&'a str),
    Place(&'a str),
    /// `{{` without an end.
    Open(&'a str),
}

/// The text in its parts, in order.
pub(super) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = vec![];
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        if start > 0 {
            parts.push(Part::Plain(&rest[..start]));
        }
        match rest[start..].find("}}") {
            Some(end) => {
                parts.push(Part::Place(&rest[start..start + end + 2]));
                rest = &rest[start + end + 2..];
            }
            None => {
                parts.push(Part::Open(&rest[start..]));
                return parts;
            }
        }
    }
    if !rest.is_empty() {
        parts.push(Part::Plain(rest));
    }
    parts
}

/// What stands between the braces of a place.
pub(super) fn inside(place: &str) -> &str {
    place.trim_start_matches("{{").trim_end_matches("}}").trim()
}

/// A text of one line with its places filled. A block has no place in it and is left as it was typed.
pub fn fill_line(line: &str, fill: &Fill) -> String {
    let mut filled = String::with_capacity(line.len());
    for part in parts(line) {
        match part {
            Part::Plain(text) | Part::Open(text) => filled.push_str(text),
            Part::Place(place) => match fill(inside(place)) {
                Some(Filling::Words(words)) => filled.push_str(&words),
                Some(Filling::Block(_)) | None => filled.push_str(place),
            },
        }
    }
    filled
}

/// The places in a text of one line.
pub fn placeholders_in_line(line: &str) -> Vec<Placeholder> {
    found_in(line, 1, false)
}

/// The places in a part of a text that begins at `line`.
pub(super) fn found_in(text: &str, line: usize, alone: bool) -> Vec<Placeholder> {
    let mut found = vec![];
    let mut line = line;
    for part in parts(text) {
        let (typed, closed) = match part {
            Part::Plain(plain) => {
                line += plain.matches('\n').count();
                continue;
            }
            Part::Place(place) => (place, true),
            Part::Open(rest) => (rest, false),
        };
        let what = inside(typed).chars().take(200).collect();
        found.push(Placeholder { what, line, alone: alone && closed && typed.len() == text.trim().len(), closed });
        line += typed.matches('\n').count();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_a_line_are_filled_and_what_is_unknown_stays() {
        let fill = |what: &str| match what {
            "a" => Some(Filling::Words("1".into())),
            "block" => Some(Filling::Block("<p>".into())),
            _ => None,
        };
        for (typed, filled) in [
            ("x {{a}} y {{ a }}", "x 1 y 1"),
            ("{{b}} {{block}}", "{{b}} {{block}}"),
            ("{{a", "{{a"),
            ("}} {{a}}{{a}} {", "}} 11 {"),
            ("", ""),
        ] {
            assert_eq!(fill_line(typed, &fill), filled, "{typed}");
        }
    }

    #[test]
    fn every_place_is_found_with_its_line() {
        let found = found_in("a\n{{b}} {{c\nd}}\n{{e", 3, true);
        let lines: Vec<(usize, &str, bool)> =
            found.iter().map(|place| (place.line, place.what.as_str(), place.closed)).collect();
        assert_eq!(lines, [(4, "b", true), (4, "c\nd", true), (6, "e", false)]);
    }
}
