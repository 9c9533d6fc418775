//! Formatted text of other programs as Markdown: HTML, also from the clipboard, and Word files.

mod addresses;
mod css;
mod document;
mod docx;
mod editor_text;
mod html_footnotes;
mod html_reader;
mod html_table;
mod inline_writer;
#[cfg(test)]
mod proptests;
mod runs;
#[cfg(test)]
mod tests;
mod word;
mod writer;

pub use editor_text::{ConversionError, article_to_markdown, file_to_markdown, pasted_to_markdown};

use html_reader::read_html;
use writer::write_markdown;

use crate::web::plain_text;

/// Converts a document or a part of one. Drops scripts, styles, navigation, side bars, footers and form fields.
///
/// Takes time proportional to the length of the document. Elements that are nested too deeply are read as text.
pub fn html_to_markdown(html: &str) -> String {
    write_markdown(&read_html(html))
}

/// Plain text of the element `<title>`, or an empty text.
pub fn html_title(html: &str) -> String {
    let lower_case = html.to_ascii_lowercase();
    let range = lower_case.find("<title").and_then(|tag| {
        let start = tag + lower_case[tag..].find('>')? + 1;
        Some(start..start + lower_case[start..].find("</title")?)
    });
    let title = range.map(|range| plain_text(&html_to_markdown(&html[range]))).unwrap_or_default();
    title.split_whitespace().collect::<Vec<_>>().join(" ")
}
