//! Formatted text of one block as Markdown.

use std::fmt::Write as _;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::web::markdown::with_autolinks;
use crate::web::rich_text::document::{Content, Image, Run, Script, Style, text_of};

/// How a text is written. The first one that a parser reads as intended is used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Notation {
    /// `**bold**`, `*italic*`, and only the necessary escapes.
    Stars,
    /// `_italic_`, which can stand next to `**`.
    Underscores,
    /// HTML elements for bold and italic parts within words, and escapes of all special characters.
    Html,
}

/// Writes normalized runs. Line breaks become `line_break`.
pub fn write_runs(runs: &[Run], line_break: &str) -> String {
    let notations = [Notation::Stars, Notation::Underscores];
    notations
        .into_iter()
        .map(|notation| InlineWriter::write(runs, notation))
        .find(|markdown| read_runs(markdown, runs).is_some_and(|read| read == merged(runs)))
        .unwrap_or_else(|| InlineWriter::write(runs, Notation::Html))
        .replace("\\\n", line_break)
}

struct InlineWriter {
    out: String,
    notation: Notation,
    in_link: bool,
}

/// Formats from the outermost to the innermost.
const FORMATS: [fn(&Style) -> Format; 5] = [
    |style| style.link.clone().map_or(Format::None, Format::Link),
    |style| if style.is_bold { Format::Bold } else { Format::None },
    |style| if style.is_italic { Format::Italic } else { Format::None },
    |style| if style.is_struck { Format::Struck } else { Format::None },
    |style| match style.script {
        Script::Normal => Format::None,
        Script::Sub => Format::Element("sub"),
        Script::Super => Format::Element("sup"),
    },
];

#[derive(PartialEq, Eq)]
enum Format {
    None,
    Link(String),
    Bold,
    Italic,
    Struck,
    Element(&'static str),
}

impl InlineWriter {
    fn write(runs: &[Run], notation: Notation) -> String {
        let mut writer = Self { out: String::new(), notation, in_link: false };
        writer.write_formats(runs, 0);
        writer.out
    }

    fn write_formats(&mut self, runs: &[Run], depth: usize) {
        let Some(format_of) = FORMATS.get(depth) else {
            runs.iter().for_each(|run| self.write_content(run));
            return;
        };
        for group in runs.chunk_by(|one, other| format_of(&one.style) == format_of(&other.style)) {
            let format = format_of(&group[0].style);
            if let Format::Link(address) = format {
                self.write_link(group, &address, depth + 1);
                continue;
            }
            let is_html = self.notation == Notation::Html;
            let (open, close) = match format {
                Format::Bold if is_html => ("<strong>", "</strong>"),
                Format::Italic if is_html => ("<em>", "</em>"),
                Format::Struck if is_html => ("<del>", "</del>"),
                Format::Bold => ("**", "**"),
                Format::Italic if self.notation == Notation::Underscores => ("_", "_"),
                Format::Italic => ("*", "*"),
                Format::Struck => ("~~", "~~"),
                Format::Element("sub") => ("<sub>", "</sub>"),
                Format::Element(_) => ("<sup>", "</sup>"),
                Format::None | Format::Link(_) => ("", ""),
            };
            self.out.push_str(open);
            self.write_formats(group, depth + 1);
            self.out.push_str(close);
        }
    }

    fn write_link(&mut self, runs: &[Run], address: &str, depth: usize) {
        let plain = runs.iter().all(|run| run.style == Style { link: run.style.link.clone(), ..Style::default() });
        let text = text_of(runs);
        let is_address = text == address && address.contains("://");
        if plain && (is_address || address.strip_prefix("mailto:") == Some(&*text)) {
            let _ = write!(self.out, "<{text}>");
            return;
        }
        if self.out.ends_with('!') && !self.out.ends_with("\\!") {
            self.out.pop();
            self.out.push_str("\\!");
        }
        self.out.push('[');
        self.in_link = true;
        self.write_formats(runs, depth);
        self.in_link = false;
        let _ = write!(self.out, "]({address})");
    }

    fn write_content(&mut self, run: &Run) {
        match &run.content {
            Content::Text(text) if run.style.is_code => self.write_code(text),
            Content::Text(text) => self.write_text(text),
            Content::LineBreak => self.out.push_str("\\\n"),
            Content::FootnoteReference(label) => {
                let _ = write!(self.out, "[^{label}]");
            }
            Content::Image(Image { address, alt, title }) => {
                self.out.push_str("![");
                let was_in_link = std::mem::replace(&mut self.in_link, true);
                self.write_text(alt);
                self.in_link = was_in_link;
                self.out.push_str("](");
                self.out.push_str(address);
                if !title.is_empty() {
                    let _ = write!(self.out, " \"{}\"", title.replace('\\', "\\\\").replace('"', "\\\""));
                }
                self.out.push(')');
            }
        }
    }

    fn write_code(&mut self, code: &str) {
        let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or_default();
        let fence = "`".repeat(if longest == 0 { 1 } else { longest + 1 });
        let space = if code.starts_with('`') || code.ends_with('`') { " " } else { "" };
        let _ = write!(self.out, "{fence}{space}{code}{space}{fence}");
    }

    fn write_text(&mut self, text: &str) {
        let mut is_line_start = self.out.is_empty() || self.out.ends_with('\n');
        let mut before = self.out.chars().last();
        for (at, c) in text.char_indices() {
            let rest = &text[at + c.len_utf8()..];
            let is_marker = is_line_start && is_block_marker(&self.out, c, rest);
            if is_marker || self.needs_escape(before, c, rest) {
                self.out.push('\\');
            }
            self.out.push(c);
            // `1.` and `1)` start a list, so the digits stay in the line start.
            is_line_start &= c.is_ascii_digit();
            before = Some(c);
        }
    }

    fn needs_escape(&self, before: Option<char>, c: char, rest: &str) -> bool {
        let after = rest.chars().next();
        let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let is_space = |c: Option<char>| c.is_some_and(char::is_whitespace);
        match c {
            // Smart punctuation joins hyphens.
            '-' => after == Some('-'),
            '\\' => after.is_none_or(|c| c.is_ascii_punctuation()) || self.notation == Notation::Html,
            '`' => true,
            '*' => !(is_space(before) && is_space(after)),
            '_' => !(is_word(before) && is_word(after)),
            '~' => after == Some('~') || before == Some('~') || self.notation == Notation::Html,
            ']' => self.in_link || self.notation == Notation::Html,
            '[' => {
                let is_reference = ["](", "][", "]:"].iter().any(|end| rest.contains(end));
                self.in_link || after == Some('^') || is_reference || self.notation == Notation::Html
            }
            '<' => after.is_some_and(|c| c.is_ascii_alphabetic() || "/!?".contains(c)),
            '&' => is_entity(rest) || self.notation == Notation::Html,
            '!' | '#' | '>' | '|' | '+' | '=' | '{' => self.notation == Notation::Html,
            _ => false,
        }
    }
}

/// Whether `c` at the start of a line would begin a heading, quote, list, table or line.
fn is_block_marker(out: &str, c: char, rest: &str) -> bool {
    let is_followed_by_space = rest.is_empty() || rest.starts_with([' ', '\t']);
    match c {
        '>' => true,
        '#' => rest.trim_start_matches('#').is_empty() || rest.trim_start_matches('#').starts_with(' '),
        '-' | '+' | '*' => is_followed_by_space || rest.starts_with(c),
        '=' => rest.trim_start_matches('=').trim().is_empty(),
        '.' | ')' => is_followed_by_space && out.ends_with(|c: char| c.is_ascii_digit()),
        _ => false,
    }
}

/// Whether the text after `&` is a character reference.
fn is_entity(rest: &str) -> bool {
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '#').unwrap_or(rest.len());
    end > 0 && rest[end..].starts_with(';')
}

/// Joins neighbours with the same format. A link to its own text counts as text.
fn merged(runs: &[Run]) -> Vec<Run> {
    let mut merged: Vec<Run> = vec![];
    for run in runs {
        let mut run = run.clone();
        if let Content::Text(text) = &run.content
            && run.style.link.as_ref() == Some(text)
        {
            run.style.link = None;
        }
        match (merged.last_mut(), &run.content) {
            (Some(Run { content: Content::Text(text), style }), Content::Text(more)) if *style == run.style => {
                text.push_str(more);
            }
            _ => merged.push(run),
        }
    }
    merged
}

/// Runs that a parser finds in a paragraph. `None` if it finds another block.
fn read_runs(markdown: &str, expected: &[Run]) -> Option<Vec<Run>> {
    let mut source = markdown.to_owned();
    for run in expected {
        if let Content::FootnoteReference(label) = &run.content {
            let _ = write!(source, "\n\n[^{label}]: x");
        }
    }
    // The site makes links of bare addresses, which changes what stands beside a mark.
    let source = with_autolinks(&source);
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_FOOTNOTES;
    let mut style = Style::default();
    let mut runs: Vec<Run> = vec![];
    let mut image: Option<Image> = None;
    let mut events = Parser::new_ext(&source, options);
    if !matches!(events.next(), Some(Event::Start(Tag::Paragraph))) {
        return markdown.is_empty().then_some(runs);
    }
    for event in events {
        if let (Some(open), Event::Text(text)) = (&mut image, &event) {
            open.alt.push_str(text);
            continue;
        }
        match event {
            Event::Start(Tag::Strong) => style.is_bold = true,
            Event::End(TagEnd::Strong) => style.is_bold = false,
            Event::Start(Tag::Emphasis) => style.is_italic = true,
            Event::End(TagEnd::Emphasis) => style.is_italic = false,
            Event::Start(Tag::Strikethrough) => style.is_struck = true,
            Event::End(TagEnd::Strikethrough) => style.is_struck = false,
            Event::Start(Tag::Link { dest_url, link_type, .. }) => {
                let is_email = link_type == pulldown_cmark::LinkType::Email;
                style.link = Some(if is_email { format!("mailto:{dest_url}") } else { dest_url.to_string() });
            }
            Event::End(TagEnd::Link) => style.link = None,
            Event::Start(Tag::Image { dest_url, title, .. }) => {
                image = Some(Image { address: dest_url.to_string(), alt: String::new(), title: title.to_string() });
            }
            Event::End(TagEnd::Image) => {
                runs.push(Run { content: Content::Image(image.take()?), style: style.clone() });
            }
            Event::Text(text) => runs.push(Run::text(text.to_string(), &style)),
            Event::Code(text) => runs.push(Run::text(text.to_string(), &Style { is_code: true, ..style.clone() })),
            Event::FootnoteReference(label) => {
                runs.push(Run { content: Content::FootnoteReference(label.to_string()), style: style.clone() });
            }
            Event::HardBreak => runs.push(Run::line_break()),
            Event::InlineHtml(html) => {
                style.script = match &*html {
                    "<sub>" => Script::Sub,
                    "<sup>" => Script::Super,
                    "</sub>" | "</sup>" => Script::Normal,
                    _ => return None,
                }
            }
            Event::End(TagEnd::Paragraph) => break,
            _ => return None,
        }
    }
    Some(merged(&runs))
}
