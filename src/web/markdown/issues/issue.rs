//! Issue of a Markdown text.

use std::ops::Range;

/// Part of a text that will not be rendered as intended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Line number, from 1.
    pub line: usize,
    /// Sentence that describes the effect on the page.
    pub sentence: &'static str,
    /// Beginning of the text concerned.
    pub excerpt: String,
    /// Edits that fix the issue; empty if only the author can fix it.
    pub(super) edits: Vec<Edit>,
}

/// Byte range of the text and its replacement.
pub type Edit = (Range<usize>, String);

/// Issue as found by a rule: offset, sentence and fix.
pub type RawIssue = (usize, &'static str, Vec<Edit>);

impl Issue {
    pub fn is_fixable(&self) -> bool {
        !self.edits.is_empty()
    }
}
