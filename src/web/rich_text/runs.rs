//! Normal form of formatted text: single spaces, none of them at the edge of a format, and no empty parts.

use crate::web::rich_text::document::{Content, Run, Script, Style};

/// Normalizes runs, and splits them at empty lines. Returns the lines of each paragraph in one list of runs.
pub fn paragraphs(runs: Vec<Run>) -> Vec<Vec<Run>> {
    let mut normal = Normalizer::default();
    for Run { content, style } in runs {
        match content {
            Content::Text(text) => text.chars().for_each(|c| normal.push_char(c, &style)),
            Content::LineBreak => normal.break_line(),
            other => normal.push(Run { content: other, style }),
        }
    }
    normal.end_paragraph();
    normal.paragraphs
}

/// Normalizes runs into one paragraph. Empty lines are removed.
pub fn one_paragraph(runs: Vec<Run>) -> Vec<Run> {
    paragraphs(runs).join(&Run::line_break())
}

/// Normalizes runs into one line. Line breaks become spaces.
pub fn one_line(mut runs: Vec<Run>) -> Vec<Run> {
    for run in &mut runs {
        if run.content == Content::LineBreak {
            run.content = Content::Text(" ".into());
        }
    }
    paragraphs(runs).pop().unwrap_or_default()
}

/// Removes bold formatting if it covers the whole text, as in headings of word processors.
pub fn without_full_bold(mut runs: Vec<Run>) -> Vec<Run> {
    let is_visible = |run: &&Run| !matches!(&run.content, Content::Text(text) if text.trim().is_empty());
    if runs.iter().filter(is_visible).all(|run| run.style.is_bold) {
        runs.iter_mut().for_each(|run| run.style.is_bold = false);
        return paragraphs(runs).pop().unwrap_or_default();
    }
    runs
}

#[derive(Default)]
struct Normalizer {
    paragraphs: Vec<Vec<Run>>,
    current: Vec<Run>,
    /// White space that is added only if text follows.
    space: Option<char>,
    /// Line breaks that are added only if text follows.
    breaks: usize,
}

impl Normalizer {
    fn push_char(&mut self, c: char, style: &Style) {
        match c {
            '\u{a0}' | '\u{202f}' => self.space = Some(if self.space.is_some() { ' ' } else { c }),
            c if c.is_whitespace() => self.space = Some(' '),
            // Invisible characters of editors: zero-width space, byte order mark, soft hyphen.
            '\u{200b}' | '\u{feff}' | '\u{ad}' | '\u{fffc}' => {}
            c if c.is_control() => {}
            c => {
                self.add_space(Some(c), style);
                self.add(Run::text(c, style));
            }
        }
    }

    fn push(&mut self, run: Run) {
        self.add_space(None, &run.style);
        self.add(run);
    }

    fn break_line(&mut self) {
        self.space = None;
        self.breaks += 1;
        if self.breaks > 1 {
            self.end_paragraph();
        }
    }

    fn end_paragraph(&mut self) {
        self.space = None;
        self.breaks = 0;
        if !self.current.is_empty() {
            self.paragraphs.push(std::mem::take(&mut self.current));
        }
    }

    /// Adds the waiting white space, with the formatting that the text before and after it share.
    fn add_space(&mut self, next: Option<char>, style: &Style) {
        let breaks = std::mem::take(&mut self.breaks);
        let space = self.space.take();
        let Some(last) = self.current.last() else { return };
        if breaks > 0 {
            self.current.push(Run::line_break());
            return;
        }
        let Some(space) = space else { return };
        let before = match &last.content {
            Content::Text(text) => text.chars().last(),
            _ => None,
        };
        let space = if is_typographic(before, space, next) { space } else { ' ' };
        let shared = shared_style(&last.style, style);
        self.add(Run::text(space, &shared));
    }

    fn add(&mut self, run: Run) {
        if let (Some(Run { content: Content::Text(text), style }), Content::Text(more)) =
            (self.current.last_mut(), &run.content)
            && *style == run.style
        {
            text.push_str(more);
            return;
        }
        self.current.push(run);
    }
}

/// Whether a no-break space separates a number, a unit or French punctuation. Editors put many others into HTML.
fn is_typographic(before: Option<char>, space: char, after: Option<char>) -> bool {
    space == '\u{202f}'
        || before.is_some_and(|c| c.is_ascii_digit() || matches!(c, '«' | '№' | '§'))
        || after.is_some_and(|c| matches!(c, '»' | ':' | ';' | '!' | '?' | '%'))
}

fn shared_style(one: &Style, other: &Style) -> Style {
    Style {
        link: one.link.clone().filter(|link| other.link.as_ref() == Some(link)),
        is_bold: one.is_bold && other.is_bold,
        is_italic: one.is_italic && other.is_italic,
        is_struck: one.is_struck && other.is_struck,
        is_code: one.is_code && other.is_code,
        script: if one.script == other.script { one.script } else { Script::Normal },
    }
}
