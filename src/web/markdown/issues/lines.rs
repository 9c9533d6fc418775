//! Issues of whole lines: markers with special spaces, bullets and numbers of other programs, tables made of tabs.

use std::ops::Range;

use crate::web::markdown::issues::issue::RawIssue;

const SPACE: &str = "The mark has a non-standard space next to it, so it appears as typed.";
const HEADING: &str = "A heading needs a space after the #. Without it, the line appears as typed.";
const BULLET: &str = "This bullet is not a Markdown list item (-), so the lines run together.";
const NUMBER: &str = "This number is not a Markdown list item (1.), so the lines run together.";
const TABS: &str = "Tabs do not create a table, so the cells run together.";
const PIPES: &str = "A table needs the line |---|---| below its first row. Without it, the table appears as typed.";

/// Bullets of Word, Google Docs and other programs. U+F0B7 is from a symbol font of Word.
const BULLETS: &[char] = &[
    '•', '·', '◦', '▪', '▫', '■', '□', '●', '○', '‣', '⁃', '∙', '➢', '➤', '✓', '✔', '❖', '–', '—', '\u{f0b7}',
    '\u{f0a7}',
];
/// Characters that Word uses as bullets in its symbol fonts. They count only before a tab.
const SYMBOL_FONT_BULLETS: &[char] = &['o', '§', 'Ø', 'v', 'ü', 'q'];

struct SourceLine<'a> {
    start: usize,
    text: &'a str,
    is_skipped: bool,
}

impl SourceLine<'_> {
    fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// The line without its indent, and the length of the indent.
    fn content(&self) -> (usize, &str) {
        let content = self.text.trim_start_matches(is_any_space);
        (self.text.len() - content.len(), content)
    }
}

/// Spaces and zero-width characters.
fn is_any_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}')
}

fn is_special_space(c: char) -> bool {
    is_any_space(c) && !matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// Finds the issues of lines outside `skipped`, the ranges of fenced code and tables.
pub fn issues(text: &str, skipped: &[Range<usize>]) -> Vec<RawIssue> {
    let mut lines = vec![];
    let (mut start, mut next) = (0, 0);
    for line in text.split_inclusive('\n') {
        while skipped.get(next).is_some_and(|range| range.end <= start) {
            next += 1;
        }
        let is_skipped = skipped.get(next).is_some_and(|range| range.start < start + line.len());
        lines.push(SourceLine { start, text: line.trim_end_matches(['\n', '\r']), is_skipped });
        start += line.len();
    }
    let mut found = vec![];
    let mut at = 0;
    while at < lines.len() {
        let line = &lines[at];
        if line.is_skipped || line.is_blank() {
            at += 1;
            continue;
        }
        if let Some((taken, issue)) = table(&lines[at..]) {
            found.push(issue);
            at += taken;
            continue;
        }
        let before = at.checked_sub(1).map(|before| &lines[before]).filter(|line| !line.is_blank() && !line.is_skipped);
        let after = lines.get(at + 1).filter(|line| !line.is_blank() && !line.is_skipped);
        found.extend(marker(line).or_else(|| bullet(line, before)).or_else(|| numbered(line, before, after)));
        at += 1;
    }
    found
}

/// `##` or `-` or `1.` with a special space before or after it, and `##Heading`.
fn marker(line: &SourceLine) -> Option<RawIssue> {
    let (indent, content) = line.content();
    let mark = mark_length(content)?;
    let rest = &content[mark..];
    let has_special_indent = line.text[..indent].contains(is_special_space);
    let spaces = rest.len() - rest.trim_start_matches(is_any_space).len();
    let has_special_space = rest[..spaces].contains(is_special_space);
    let is_tight = content.starts_with("##") && rest.starts_with(char::is_alphanumeric);
    if !(has_special_space || is_tight || (has_special_indent && spaces > 0)) || rest[spaces..].is_empty() {
        return None;
    }
    // Several special spaces at the start are an indent.
    let kept = if has_special_indent {
        " ".repeat(line.text[..indent].chars().count() / 2 * 2)
    } else {
        line.text[..indent].into()
    };
    let kept = if content.starts_with('#') { String::new() } else { kept };
    let end = line.start + indent + mark + spaces;
    let edit = (line.start..end, format!("{kept}{} ", &content[..mark]));
    Some((line.start, if is_tight { HEADING } else { SPACE }, vec![edit]))
}

/// Length of a Markdown marker at the start of a line.
fn mark_length(content: &str) -> Option<usize> {
    let hashes = content.bytes().take_while(|b| *b == b'#').count();
    if (1..=6).contains(&hashes) {
        return Some(hashes);
    }
    if content.starts_with(['-', '*', '+']) {
        return Some(1);
    }
    let digits = content.bytes().take_while(u8::is_ascii_digit).count();
    ((1..=3).contains(&digits) && content[digits..].starts_with(['.', ')'])).then_some(digits + 1)
}

fn bullet(line: &SourceLine, before: Option<&SourceLine>) -> Option<RawIssue> {
    let (indent, content) = line.content();
    let mark = content.chars().next()?;
    let rest = &content[mark.len_utf8()..];
    let spaces = rest.len() - rest.trim_start_matches(is_any_space).len();
    let is_wide = rest[..spaces].contains(|c| c != ' ') || spaces > 1;
    let is_bullet = (BULLETS.contains(&mark) && (spaces > 0 || !matches!(mark, '–' | '—' | '·')))
        || (SYMBOL_FONT_BULLETS.contains(&mark) && spaces > 0 && is_wide);
    if !is_bullet || rest[spaces..].is_empty() {
        return None;
    }
    let is_inner = matches!(mark, 'o' | '◦' | '○' | '▪' | '§') && before.is_some_and(|line| is_item(line.content().1));
    let edit =
        (line.start..line.start + indent + mark.len_utf8() + spaces, if is_inner { "  - " } else { "- " }.to_owned());
    Some((line.start, BULLET, vec![edit]))
}

fn is_item(content: &str) -> bool {
    content.starts_with(BULLETS) || content.starts_with("- ") || content.starts_with("o\t") || content.starts_with("* ")
}

/// Finds `(1) one`, `1.one` and `a) one` if an adjacent line continues the numbering.
fn numbered(line: &SourceLine, before: Option<&SourceLine>, after: Option<&SourceLine>) -> Option<RawIssue> {
    let (indent, content) = line.content();
    let (label, length) = label_of(content)?;
    let goes_on = |other: Option<&SourceLine>, step: i64| {
        let other = other.and_then(|line| label_of(line.content().1));
        other.is_some_and(|(other, _)| other.kind == label.kind && other.number == label.number + step)
    };
    if !goes_on(before, -1) && !goes_on(after, 1) {
        return None;
    }
    let start = line.start + indent;
    let rest = &content[length..];
    let spaces = rest.len() - rest.trim_start_matches(is_any_space).len();
    let edit = match label.kind {
        LabelKind::Letter => (start..start, "- ".to_owned()),
        _ => (start..start + length + spaces, format!("{}. ", label.number)),
    };
    Some((line.start, NUMBER, vec![edit]))
}

#[derive(Clone, Copy, PartialEq)]
enum LabelKind {
    /// `(1)`
    Bracketed,
    /// `1.one`
    Tight,
    /// `a)` or `a.`
    Letter,
}

struct Label {
    kind: LabelKind,
    number: i64,
}

/// Number or letter of an item that is not a Markdown list item, and its length.
fn label_of(content: &str) -> Option<(Label, usize)> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    if let Some(rest) = content.strip_prefix('(') {
        let length = digits(rest);
        let number = rest[..length].parse().ok().filter(|_| length <= 3)?;
        let is_label = rest[length..].starts_with(')') && rest.len() > length + 1;
        return is_label.then_some((Label { kind: LabelKind::Bracketed, number }, length + 2));
    }
    let length = digits(content);
    if (1..=3).contains(&length) {
        let rest = content[length..].strip_prefix(['.', ')'])?;
        let number = content[..length].parse().ok()?;
        return rest.starts_with(char::is_alphabetic).then_some((Label { kind: LabelKind::Tight, number }, length + 1));
    }
    let mut chars = content.chars();
    let letter = chars.next().filter(char::is_ascii_lowercase)?;
    let is_label = matches!(chars.next(), Some(')' | '.')) && chars.next().is_some_and(is_any_space);
    is_label.then_some((Label { kind: LabelKind::Letter, number: i64::from(u32::from(letter)) }, 2))
}

/// Number of lines of a table made of tabs, or of bars without a delimiter row.
fn table(lines: &[SourceLine]) -> Option<(usize, RawIssue)> {
    let first = lines.first()?;
    let cells = |line: &SourceLine| line.text.trim_matches(' ').split('\t').count();
    let is_of_tabs = |line: &&SourceLine| {
        !line.is_skipped
            && !line.text.starts_with('\t')
            && !line.text.contains('|')
            && !is_item(line.content().1)
            && mark_length(line.content().1).is_none()
            && cells(line) == cells(first)
    };
    if cells(first) > 1 {
        let count = lines.iter().take_while(is_of_tabs).count();
        if count < 2 || lines.get(count).is_some_and(|line| !line.is_skipped && cells(line) > 1 && !line.is_blank()) {
            return None;
        }
        let last = &lines[count - 1];
        let row = |line: &SourceLine| {
            let cells: Vec<&str> = line.text.trim_matches(' ').split('\t').map(str::trim).collect();
            format!("| {} |", cells.join(" | "))
        };
        let mut rows: Vec<String> = lines[..count].iter().map(row).collect();
        rows.insert(1, format!("|{}", "---|".repeat(cells(first))));
        let after = if lines.get(count).is_some_and(|line| !line.is_blank()) { "\n" } else { "" };
        let edit = (first.start..last.start + last.text.len(), rows.join("\n") + after);
        return Some((count, (first.start, TABS, vec![edit])));
    }
    let is_of_bars =
        |line: &&SourceLine| !line.is_skipped && line.text.trim().starts_with('|') && line.text.trim().ends_with('|');
    let count = lines.iter().take_while(is_of_bars).count();
    if count < 2 {
        return None;
    }
    let columns = first.text.trim().matches('|').count() - 1;
    let end = first.start + first.text.len();
    Some((count, (first.start, PIPES, vec![(end..end, format!("\n|{}", "---|".repeat(columns.max(1))))])))
}
