//! Markdown extensions in use.

use pulldown_cmark::Options;

pub fn text_options() -> Options {
    note_options() | Options::ENABLE_FOOTNOTES
}

/// Without footnotes, whose numbers could clash with those of the text on the same page.
pub fn note_options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_SMART_PUNCTUATION
}
